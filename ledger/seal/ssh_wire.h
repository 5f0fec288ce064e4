/*
 * The SSH wire types that this module needs (RFC 4251, section 5: uint32 and string), the PEM-like armour of OpenSSH,
 * and the Ed25519 public-key blob (RFC 8709, section 4). For ledger/seal and ledger/seal/sign only.
 *
 * Readers take from the front of a span and never look behind its end. Writers only append: with a buffer whose
 * capacity suffices they work in place, which lets key code use guarded memory.
 */
#ifndef ZD_SEAL_SSH_WIRE_H
#define ZD_SEAL_SSH_WIRE_H

#include "ledger/seal/note.h"

#define ZD_SSH_ED25519 "ssh-ed25519"
#define ZD_SSH_PUBLIC_BLOB_SIZE 51 /* 4 + 11 + 4 + 32 */

void zd_wire_add_u32(zd_buf *out, uint32_t value);
void zd_wire_add_string(zd_buf *out, zd_span string);
/* false when the span is too short; *rest is then untouched. */
ZD_MUST_USE bool zd_wire_take_u32(uint32_t *out, zd_span *rest);
/* *out borrows from *rest. */
ZD_MUST_USE bool zd_wire_take_string(zd_span *out, zd_span *rest);

/* string "ssh-ed25519" string key32. */
void zd_wire_add_public(zd_buf *out, const zd_public_key *key);
/* false when the blob is of another type or has other sizes or trailing bytes. */
ZD_MUST_USE bool zd_wire_read_public(zd_public_key *out, zd_span blob);

/* "-----BEGIN label-----", base64 in lines of 70 columns, "-----END label-----", each with its newline. */
void zd_armour_add(zd_buf *out, const char *label, zd_span blob);
/* Appends the decoded bytes. Lines may have any length, the last newline may be missing; nothing else is forgiven. */
ZD_MUST_USE bool zd_armour_read(zd_buf *out, const char *label, zd_span text);

#endif
