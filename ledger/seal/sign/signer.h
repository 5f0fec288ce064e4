/*
 * Making signatures: OpenSSH Ed25519 key files and ssh-agent. A link target of its own, so that the verifier can
 * be shown to hold no signing code. Private keys live in guarded memory and are wiped.
 */
#ifndef ZD_SEAL_SIGN_SIGNER_H
#define ZD_SEAL_SIGN_SIGNER_H

#include "ledger/seal/sshsig.h"

typedef struct zd_signer zd_signer;

/*
 * "path/to/key" (openssh-key-v1, unencrypted, mode 0600 or stricter) or "agent:SHA256:…" (SSH_AUTH_SOCK).
 * Errors: KEY_FILE, KEY_FILE_MODE, AGENT, FILE_MISSING.
 */
zd_status zd_signer_open(zd_signer **out, const char *where, zd_error *err);
/* From a 32-byte seed: fixtures and tests only. */
zd_status zd_signer_from_seed(zd_signer **out, const uint8_t seed[32], zd_error *err);
void zd_signer_close(zd_signer *signer); /* NULL is fine; wipes */

const zd_public_key *zd_signer_public(const zd_signer *signer);
/* Raw Ed25519 over message. AGENT when the agent refuses. */
zd_status zd_signer_sign(uint8_t out[64], const zd_signer *signer, zd_span message, zd_error *err);
/* text (ends in \n) -> whole note with one type-0x01 line of that name. */
zd_status zd_signer_note(zd_buf *out, const zd_signer *signer, const char *name, zd_span text, zd_error *err);
zd_status zd_signer_sshsig(zd_buf *out, const zd_signer *signer, const char *name_space, zd_span message, zd_error *err);

/*
 * Makes a new key: path (openssh-key-v1, mode 0600, never overwritten) and path.pub. seed NULL draws at random.
 * FILE_EXISTS when either is there.
 */
zd_status zd_key_file_make(const char *path, const char *comment, const uint8_t *seed, zd_error *err);

#endif
