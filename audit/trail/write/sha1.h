/*
 * SHA-1 (FIPS 180-4) for one purpose: the trailer of a pack file, which git demands and which libgit2 gives no function for.
 * Object ids come from libgit2, whose SHA-1 detects collision attacks; this one does not and must not name objects.
 */
#ifndef ZD_TRAIL_SHA1_H
#define ZD_TRAIL_SHA1_H

#include "ledger/base/span.h"

typedef struct zd_sha1 {
    uint32_t state[5];
    uint64_t size; /* bytes so far */
    uint8_t block[64];
} zd_sha1;

void zd_sha1_init(zd_sha1 *sha);
void zd_sha1_add(zd_sha1 *sha, zd_span data);
void zd_sha1_final(uint8_t out[20], zd_sha1 *sha);

#endif
