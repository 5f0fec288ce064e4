/*
 * SHA-256 (FIPS 180-4), hexadecimal and base64 (RFC 4648, standard alphabet, padded, canonical only).
 * With note.h, sshsig.h and sign/ the only users of libsodium; SHA-256 alone comes from libcrypto, and only in hash.c.
 */
#ifndef ZD_SEAL_HASH_H
#define ZD_SEAL_HASH_H

#include "ledger/base/error.h"

#define ZD_HASH_SIZE 32
#define ZD_HASH_HEX 65 /* with the NUL */

typedef struct zd_hash {
    uint8_t bytes[ZD_HASH_SIZE];
} zd_hash;

/* Call once from main (and the test runner) before anything else here. CRYPTO_UNAVAILABLE when it fails. */
zd_status zd_seal_start(zd_error *err);

zd_hash zd_sha256(zd_span data);
/* SHA-256 over the parts one after the other, without copying them together. */
zd_hash zd_sha256_parts(const zd_span *parts, size_t count);
typedef struct zd_sha256_stream {
    uint64_t opaque[32]; /* large enough for the library's state; a static assertion proves it */
} zd_sha256_stream;
void zd_sha256_init(zd_sha256_stream *stream);
void zd_sha256_add(zd_sha256_stream *stream, zd_span data);
zd_hash zd_sha256_final(zd_sha256_stream *stream);
void zd_sha512(uint8_t out[64], zd_span data);

bool zd_hash_equal(const zd_hash *a, const zd_hash *b);
void zd_hash_hex(char out[ZD_HASH_HEX], const zd_hash *hash);
ZD_MUST_USE bool zd_hash_from_hex(zd_hash *out, zd_span hex); /* 64 lower-case digits */
void zd_hex_add(zd_buf *out, zd_span data);

void zd_base64_add(zd_buf *out, zd_span data);
/* Appends the decoded bytes; false for anything that encoding again would not give back byte for byte. */
ZD_MUST_USE bool zd_base64_decode(zd_buf *out, zd_span text);

#endif
