/*
 * C2SP signed notes (c2sp.org/signed-note): split, check, build. A note is
 *     text (ends in \n)  "\n"  ("— " name " " base64(keyid[4] || signature) "\n")+
 * Exact bytes are signed, stored and hashed. Key types: 0x01 Ed25519 over the text, 0x04 timestamped cosignature
 * (c2sp.org/tlog-cosignature). Splitting believes nothing; verify before you read the text.
 */
#ifndef ZD_SEAL_NOTE_H
#define ZD_SEAL_NOTE_H

#include "ledger/seal/hash.h"

#define ZD_NOTE_NAME_MAX 160   /* bytes with NUL */
#define ZD_NOTE_SIGNATURES_MAX 64
#define ZD_NOTE_TYPE_ED25519 0x01
#define ZD_NOTE_TYPE_COSIGNATURE 0x04

typedef struct zd_public_key {
    uint8_t bytes[32]; /* Ed25519, RFC 8032 */
} zd_public_key;

typedef struct zd_note_signature {
    zd_span name;   /* borrowed from the note */
    uint8_t key_id[4];
    uint8_t blob[80]; /* what follows the key id: 64 bytes, or 8 + 64 for a cosignature */
    size_t blob_size; /* 0 for a longer blob: a kind that we do not know, to be ignored */
} zd_note_signature;

typedef struct zd_note {
    zd_span whole; /* borrowed */
    zd_span text;  /* with its final newline */
    size_t count;
    zd_note_signature signatures[ZD_NOTE_SIGNATURES_MAX];
} zd_note;

/* Splits at the last blank line. NOTE_MALFORMED for control bytes other than \n, no text, odd names, non-canonical
 * base64, more than ZD_NOTE_SIGNATURES_MAX lines. */
zd_status zd_note_split(zd_note *out, zd_span whole, zd_error *err);

/* First four bytes of SHA-256(name || \n || type || key). */
void zd_note_key_id(uint8_t out[4], zd_span name, uint8_t type, const zd_public_key *key);
/* true when the 64-byte Ed25519 signature over message is good. Thread-safe. */
ZD_MUST_USE bool zd_ed25519_verify(const uint8_t signature[64], zd_span message, const zd_public_key *key);
/* Verifies line index of the note as type 0x01 under this key. */
ZD_MUST_USE bool zd_note_verify(const zd_note *note, size_t index, const zd_public_key *key);

/* vkey text "name+hex8+base64(type || key)". */
void zd_vkey_add(zd_buf *out, zd_span name, uint8_t type, const zd_public_key *key);
/* Reads one, checking its key id; name borrows from text. KEY_FILE when malformed. */
zd_status zd_vkey_parse(zd_span *name, uint8_t *type, zd_public_key *key, zd_span text, zd_error *err);

/* Appends one signature line. */
void zd_note_add_line(zd_buf *out, zd_span name, const uint8_t key_id[4], zd_span blob);

#endif
