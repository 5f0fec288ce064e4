/*
 * SHA-2 and hexadecimal; see hash.h.
 *
 * Invariant: every function is a pure function of its arguments, so that threads may share it once
 * zd_seal_start has run. Must not: hash text that was re-encoded; callers pass the exact bytes.
 */
#include "ledger/seal/hash.h"

/*
 * SHA-256 comes from libcrypto, which uses the processor's SHA instructions where there are any (4 times as fast as the portable code). Its low-level calls are
 * marked as deprecated in favour of EVP, whose one-shot form takes a lock that all threads share; they keep their state in the caller's memory, as we need it.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <assert.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <string.h>

static_assert(sizeof(zd_sha256_stream) >= sizeof(SHA256_CTX), "the stream holds the library's state");
static_assert(_Alignof(zd_sha256_stream) >= _Alignof(SHA256_CTX), "and is aligned for it");
static_assert(ZD_HASH_SIZE == SHA256_DIGEST_LENGTH, "SHA-256 has 32 bytes");

zd_status zd_seal_start(zd_error *err)
{
    if (sodium_init() < 0) {
        return zd_fail(err, ZD_E_CRYPTO_UNAVAILABLE, "sodium_init failed; is /dev/urandom there?");
    }
    return ZD_OK;
}

static SHA256_CTX *state_of(zd_sha256_stream *stream)
{
    return (SHA256_CTX *)(void *)stream->opaque;
}

void zd_sha256_init(zd_sha256_stream *stream)
{
    int good = SHA256_Init(state_of(stream));
    ZD_ASSERT(good == 1);
}

void zd_sha256_add(zd_sha256_stream *stream, zd_span data)
{
    int good = SHA256_Update(state_of(stream), data.data, data.size);
    ZD_ASSERT(good == 1);
}

zd_hash zd_sha256_final(zd_sha256_stream *stream)
{
    zd_hash hash;
    int good = SHA256_Final(hash.bytes, state_of(stream));
    ZD_ASSERT(good == 1);
    return hash;
}

zd_hash zd_sha256_parts(const zd_span *parts, size_t count)
{
    zd_sha256_stream stream;
    zd_sha256_init(&stream);
    for (size_t i = 0; i < count; i++) {
        zd_sha256_add(&stream, parts[i]);
    }
    return zd_sha256_final(&stream);
}

zd_hash zd_sha256(zd_span data)
{
    return zd_sha256_parts(&data, 1);
}

void zd_sha512(uint8_t out[64], zd_span data)
{
    (void)crypto_hash_sha512(out, data.data, data.size);
}

bool zd_hash_equal(const zd_hash *a, const zd_hash *b)
{
    return memcmp(a->bytes, b->bytes, ZD_HASH_SIZE) == 0;
}

static const char hex_digits[] = "0123456789abcdef";

void zd_hash_hex(char out[ZD_HASH_HEX], const zd_hash *hash)
{
    for (size_t i = 0; i < ZD_HASH_SIZE; i++) {
        out[2 * i] = hex_digits[hash->bytes[i] >> 4];
        out[2 * i + 1] = hex_digits[hash->bytes[i] & 15];
    }
    out[ZD_HASH_HEX - 1] = '\0';
}

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

bool zd_hash_from_hex(zd_hash *out, zd_span hex)
{
    zd_hash hash;
    if (hex.size != 2 * sizeof hash.bytes) {
        return false;
    }
    for (size_t i = 0; i < sizeof hash.bytes; i++) {
        int high = hex_value(hex.data[2 * i]);
        int low = hex_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0) {
            return false;
        }
        hash.bytes[i] = (uint8_t)(high * 16 + low);
    }
    *out = hash;
    return true;
}

void zd_hex_add(zd_buf *out, zd_span data)
{
    uint8_t *to = zd_buf_reserve(out, 2 * data.size);
    for (size_t i = 0; i < data.size; i++) {
        to[2 * i] = (uint8_t)hex_digits[data.data[i] >> 4];
        to[2 * i + 1] = (uint8_t)hex_digits[data.data[i] & 15];
    }
    to[2 * data.size] = 0;
    out->size += 2 * data.size;
}
