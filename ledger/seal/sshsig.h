/*
 * SSHSIG (OpenSSH PROTOCOL.sshsig) with Ed25519, and OpenSSH public-key text. Checks only; making signatures is in
 * sign/signer.h. Strict: version 1, ssh-ed25519, sha512, empty reserved field, no trailing bytes.
 */
#ifndef ZD_SEAL_SSHSIG_H
#define ZD_SEAL_SSHSIG_H

#include "ledger/seal/note.h"

/* The bytes that an SSHSIG signs: "SSHSIG" namespace reserved "sha512" SHA-512(message). */
void zd_sshsig_signed_bytes(zd_buf *out, const char *name_space, zd_span message);
/* Armour with the 64-byte signature; ends in a newline after the END line, wrapped at 70 columns as ssh-keygen does. */
void zd_sshsig_armour(zd_buf *out, const char *name_space, const zd_public_key *key, const uint8_t signature[64]);
/* Parses the armour, checks form and namespace, gives the key that it names and whether the signature is good.
 * SSHSIG_MALFORMED for any other form, SIGNATURE_BAD when it does not fit. */
zd_status zd_sshsig_verify(zd_public_key *signed_by, zd_span armour, const char *name_space, zd_span message, zd_error *err);

/* "ssh-ed25519 AAAA…" (no comment). */
void zd_ssh_public_add(zd_buf *out, const zd_public_key *key);
zd_status zd_ssh_public_parse(zd_public_key *out, zd_span text, zd_error *err); /* a comment may follow */
/* "SHA256:…" as ssh-keygen -l prints it. */
void zd_ssh_fingerprint_add(zd_buf *out, const zd_public_key *key);

#endif
