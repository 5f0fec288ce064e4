/* SHA-1 for pack trailers; see sha1.h. */
#include "audit/trail/write/sha1.h"

#include <string.h>

static uint32_t rotate(uint32_t word, unsigned by)
{
    return (word << by) | (word >> (32 - by));
}

static void block_add(uint32_t state[5], const uint8_t block[64])
{
    uint32_t w[80];
    for (size_t i = 0; i < 16; i++) {
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    }
    for (size_t i = 16; i < 80; i++) {
        w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    }
    uint32_t a = state[0];
    uint32_t b = state[1];
    uint32_t c = state[2];
    uint32_t d = state[3];
    uint32_t e = state[4];
    for (size_t i = 0; i < 80; i++) {
        uint32_t mix = i < 20 ? (b & c) | (~b & d) : i < 40 || i >= 60 ? b ^ c ^ d : (b & c) | (b & d) | (c & d);
        uint32_t constant = i < 20 ? 0x5a827999U : i < 40 ? 0x6ed9eba1U : i < 60 ? 0x8f1bbcdcU : 0xca62c1d6U;
        uint32_t next = rotate(a, 5) + mix + e + constant + w[i];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
}

void zd_sha1_init(zd_sha1 *sha)
{
    *sha = (zd_sha1){.state = {0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U, 0xc3d2e1f0U}};
}

void zd_sha1_add(zd_sha1 *sha, zd_span data)
{
    while (data.size > 0) {
        size_t at = sha->size % sizeof sha->block;
        size_t take = sizeof sha->block - at < data.size ? sizeof sha->block - at : data.size;
        memcpy(sha->block + at, data.data, take);
        sha->size += take;
        data = zd_span_of(data.data + take, data.size - take);
        if (at + take == sizeof sha->block) {
            block_add(sha->state, sha->block);
        }
    }
}

void zd_sha1_final(uint8_t out[20], zd_sha1 *sha)
{
    uint64_t bits = sha->size * 8;
    uint8_t length[8];
    for (size_t i = 0; i < sizeof length; i++) {
        length[i] = (uint8_t)(bits >> (56 - 8 * i));
    }
    zd_sha1_add(sha, zd_span_of("\x80", 1));
    while (sha->size % sizeof sha->block != sizeof sha->block - sizeof length) {
        zd_sha1_add(sha, zd_span_of("", 1));
    }
    zd_sha1_add(sha, zd_span_of(length, sizeof length));
    for (size_t i = 0; i < 20; i++) {
        out[i] = (uint8_t)(sha->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}
