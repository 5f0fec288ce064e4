/* SHA-2 (FIPS 180-4 examples), hexadecimal, and base64 (RFC 4648, section 10, and what its canonical form excludes). */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/seal/hash.h"

static const char abc_hex[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char empty_hex[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void assert_hash(zd_hash hash, const char *wanted)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &hash);
    assert_string_equal(hex, wanted);
}

static void sha256__examples_of_the_standard(void **state)
{
    (void)state;
    assert_hash(zd_sha256(zd_span_text("abc")), abc_hex);
    assert_hash(zd_sha256(zd_span_of(NULL, 0)), empty_hex);
    assert_hash(zd_sha256(zd_span_text("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    uint8_t long_hash[64];
    zd_sha512(long_hash, zd_span_text("abc"));
    zd_buf hex = {0};
    zd_hex_add(&hex, zd_span_of(long_hash, sizeof long_hash));
    assert_string_equal(zd_buf_text(&hex), "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                                           "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
    zd_buf_free(&hex);
}

static void sha256__parts_and_stream_equal_the_whole(void **state)
{
    (void)state;
    uint8_t data[300];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7);
    }
    zd_hash whole = zd_sha256(zd_span_of(data, sizeof data));
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        const zd_span parts[] = {zd_span_of(data, cut), zd_span_of(NULL, 0), zd_span_of(data + cut, sizeof data - cut)};
        zd_hash by_parts = zd_sha256_parts(parts, ZD_COUNT(parts));
        assert_true(zd_hash_equal(&whole, &by_parts));
        zd_sha256_stream stream;
        zd_sha256_init(&stream);
        zd_sha256_add(&stream, parts[0]);
        zd_sha256_stream fork = stream; /* a prefix may be hashed once and continued often */
        zd_sha256_add(&stream, zd_span_text("other"));
        zd_hash other = zd_sha256_final(&stream);
        zd_sha256_add(&fork, parts[2]);
        zd_hash by_stream = zd_sha256_final(&fork);
        assert_true(zd_hash_equal(&whole, &by_stream));
        assert_false(zd_hash_equal(&whole, &other));
    }
    assert_hash(zd_sha256_parts(NULL, 0), empty_hex);
}

static void hex__only_64_lower_case_digits_are_read(void **state)
{
    (void)state;
    zd_hash hash;
    assert_true(zd_hash_from_hex(&hash, zd_span_text(abc_hex)));
    assert_hash(hash, abc_hex);
    static const char *const bad[] = {
        "",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad0",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        " a7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    };
    for (size_t i = 0; i < ZD_COUNT(bad); i++) {
        assert_false(zd_hash_from_hex(&hash, zd_span_text(bad[i])));
    }
    assert_hash(hash, abc_hex); /* untouched */
}

static void base64__vectors_go_both_ways(void **state)
{
    (void)state;
    static const char *const plain[] = {"", "f", "fo", "foo", "foob", "fooba", "foobar", "\xfb\xff\xbf\xfe"};
    static const char *const coded[] = {"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy", "+/+//g=="};
    for (size_t i = 0; i < ZD_COUNT(plain); i++) {
        zd_buf out = {0};
        zd_buf_add_text(&out, "x");
        zd_base64_add(&out, zd_span_text(plain[i]));
        assert_string_equal(zd_buf_text(&out) + 1, coded[i]);
        zd_buf_clear(&out);
        zd_buf_add_text(&out, "y");
        assert_true(zd_base64_decode(&out, zd_span_text(coded[i])));
        assert_string_equal(zd_buf_text(&out) + 1, plain[i]);
        zd_buf_free(&out);
    }
}

static void base64__anything_not_canonical_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Z",    "Zg",       "Zg=",      "Zh==",     "Zm9=",     "Zm9v\n", "Zm9v\nYg==", "Zm 9", "Zg==Zg==", "====",
        "A===", "Zm9vYg=A", "Z===",     "=Zg=",     "-_-_",     "Zm9*",   "Zg==\n",     "Z=g=", "Zm9vYmF",  "Zm8=Zm8=",
    };
    for (size_t i = 0; i < ZD_COUNT(bad); i++) {
        zd_buf out = {0};
        zd_buf_add_text(&out, "kept");
        if (zd_base64_decode(&out, zd_span_text(bad[i]))) {
            print_error("accepted: %s\n", bad[i]);
            fail();
        }
        assert_int_equal(out.size, 4);
        zd_buf_free(&out);
    }
}

/* Over all texts of one group: whatever decodes, encodes to itself. */
static void base64__every_quad_that_decodes_is_the_only_one(void **state)
{
    (void)state;
    static const uint8_t pool[] = "AZaz09+/=-_ \n\x80QRBCDEFGgw";
    const size_t n = sizeof pool - 1;
    size_t accepted = 0;
    for (size_t code = 0; code < n * n * n * n; code++) {
        const uint8_t quad[4] = {pool[code % n], pool[code / n % n], pool[code / n / n % n], pool[code / n / n / n]};
        uint8_t room[16];
        uint8_t again_room[16];
        zd_buf out = {.data = room, .capacity = sizeof room};
        if (zd_base64_decode(&out, zd_span_of(quad, sizeof quad))) {
            zd_buf again = {.data = again_room, .capacity = sizeof again_room};
            zd_base64_add(&again, zd_buf_span(&out));
            assert_int_equal(again.size, 4);
            assert_memory_equal(again.data, quad, 4);
            accepted++;
        }
    }
    assert_true(accepted > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256__examples_of_the_standard),
        cmocka_unit_test(sha256__parts_and_stream_equal_the_whole),
        cmocka_unit_test(hex__only_64_lower_case_digits_are_read),
        cmocka_unit_test(base64__vectors_go_both_ways),
        cmocka_unit_test(base64__anything_not_canonical_is_refused),
        cmocka_unit_test(base64__every_quad_that_decodes_is_the_only_one),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
