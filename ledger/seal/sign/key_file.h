/*
 * OpenSSH private-key files (PROTOCOL.key, "openssh-key-v1"), unencrypted Ed25519 only. For signer.c; making a
 * file is in signer.h.
 */
#ifndef ZD_SEAL_SIGN_KEY_FILE_H
#define ZD_SEAL_SIGN_KEY_FILE_H

#include "ledger/seal/sshsig.h"

#define ZD_SECRET_SIZE 64 /* seed and public key, RFC 8032 */

/*
 * Reads the key at path; secret points to guarded memory. The mode is judged on the open file, not on the name.
 * Errors: FILE_MISSING, FILE_IO, KEY_FILE, KEY_FILE_MODE.
 */
zd_status zd_key_file_load(uint8_t secret[ZD_SECRET_SIZE], zd_public_key *public_key, const char *path, zd_error *err);

#endif
