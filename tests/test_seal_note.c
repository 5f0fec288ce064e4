/*
 * Signed notes: the vector of the specification, a checkpoint with two signature lines, malformed notes, every changed
 * byte, and the Go project's note package as a reader that is not ours.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/seal/sign/signer.h"

#define DASH "\xe2\x80\x94 "
#define SPEC_VKEY "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
#define SPEC_TEXT "This is an example message.\n"
#define SPEC_SIGNATURE "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
#define SPEC_LINE DASH "example.com/foo " SPEC_SIGNATURE "\n"
#define SPEC_NOTE SPEC_TEXT "\n" SPEC_LINE

#define LOG_VKEY "example.com/vouchers+04f37430+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
#define WITNESS_VKEY "example.com/witness+21457d9f+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
#define CHECKPOINT_TEXT "example.com/vouchers\n3\nKkqPkGNO8izu3lmtYN4PYYhilpZA2VkBBbEyA1YnL7U=\n"
#define CHECKPOINT                                                                                                     \
    CHECKPOINT_TEXT "\n" DASH                                                                                          \
                    "example.com/vouchers BPN0MBXw9kMhwB0dXPO9l8bWLNXkvkiF6fcC8G/uGjvE6Gy2wb0KRlOzQ0OF0Zn5eZQaVRG2DGS" \
                    "dmJLHb8vp0IBVvQk=\n" DASH                                                                         \
                    "example.com/witness IUV9nwAAAABrA0hoCQVtV2vXeuMGcmA0gk3uVxA8A4XDuvoXiwm3oA0+EK747zVgNyePQcmOPD92S" \
                    "T3/aIqOd5dc3WOhxL43AbXaDA==\n"

static zd_public_key key_of(const char *vkey)
{
    zd_span name;
    uint8_t type = 0;
    zd_public_key key;
    assert_ok(zd_vkey_parse(&name, &type, &key, zd_span_text(vkey), err));
    return key;
}

/* Splits a copy of exactly the note's size, so that a read behind its end is seen. The copy outlives the note. */
static zd_status split_copy(zd_note *note, uint8_t **copy, zd_span whole, zd_error *err)
{
    *copy = malloc(whole.size > 0 ? whole.size : 1);
    assert_non_null(*copy);
    if (whole.size > 0) {
        memcpy(*copy, whole.data, whole.size);
    }
    return zd_note_split(note, zd_span_of(*copy, whole.size), err);
}

static void split__specification_vector_verifies(void **state)
{
    (void)state;
    zd_note note;
    uint8_t *copy = NULL;
    zd_public_key key = key_of(SPEC_VKEY);
    assert_ok(split_copy(&note, &copy, zd_span_text(SPEC_NOTE), err));
    assert_true(zd_span_is(note.text, SPEC_TEXT));
    assert_int_equal(note.count, 1);
    assert_true(zd_span_is(note.signatures[0].name, "example.com/foo"));
    assert_memory_equal(note.signatures[0].key_id, "\x53\x0d\x90\x3a", 4);
    assert_int_equal(note.signatures[0].blob_size, 64);
    assert_true(zd_note_verify(&note, 0, &key));
    assert_false(zd_note_verify(&note, 1, &key));
    zd_public_key other = key_of(LOG_VKEY);
    assert_false(zd_note_verify(&note, 0, &other));
    free(copy);
}

static void split__checkpoint_has_log_line_and_cosignature(void **state)
{
    (void)state;
    zd_note note;
    assert_ok(zd_note_split(&note, zd_span_text(CHECKPOINT), err));
    assert_int_equal(note.count, 2);
    zd_public_key log = key_of(LOG_VKEY);
    zd_public_key witness = key_of(WITNESS_VKEY);
    assert_true(zd_note_verify(&note, 0, &log));
    assert_false(zd_note_verify(&note, 1, &witness)); /* a cosignature does not sign the bare text */
    const zd_note_signature *line = &note.signatures[1];
    assert_int_equal(line->blob_size, 72);
    uint8_t key_id[4];
    zd_note_key_id(key_id, line->name, ZD_NOTE_TYPE_COSIGNATURE, &witness);
    assert_memory_equal(line->key_id, key_id, 4);
    const char message[] = "cosignature/v1\ntime 1795377256\n" CHECKPOINT_TEXT;
    assert_true(zd_ed25519_verify(line->blob + 8, zd_span_text(message), &witness));
    /* Rebuilding from the parts gives the bytes back. */
    zd_buf again = {0};
    zd_buf_add_span(&again, note.text);
    zd_buf_add_byte(&again, '\n');
    for (size_t i = 0; i < note.count; i++) {
        const zd_note_signature *s = &note.signatures[i];
        zd_note_add_line(&again, s->name, s->key_id, zd_span_of(s->blob, s->blob_size));
    }
    assert_string_equal(zd_buf_text(&again), CHECKPOINT);
    zd_buf_free(&again);
}

static void split__text_may_hold_blank_lines(void **state)
{
    (void)state;
    zd_note note;
    assert_ok(zd_note_split(&note, zd_span_text("a\n\nb\n\n" SPEC_LINE), err));
    assert_true(zd_span_is(note.text, "a\n\nb\n"));
    assert_int_equal(note.count, 1);
}

typedef struct bad_note {
    const char *why;
    const char *note;
    size_t size; /* 0: strlen */
} bad_note;

#define NAME_159 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghhhhhhhhhhiiiiiiiiiijjjjjjjjjj" \
                 "kkkkkkkkkkllllllllllmmmmmmmmmmnnnnnnnnnnoooooooooo123456789"

static const bad_note bad_notes[] = {
    {"empty", "", 0},
    {"only a newline", "\n", 0},
    {"text only", SPEC_TEXT, 0},
    {"no signature", SPEC_TEXT "\n", 0},
    {"no blank line", SPEC_TEXT SPEC_LINE, 0},
    {"no text", "\n" SPEC_LINE, 0},
    {"no final newline", SPEC_TEXT "\n" DASH "example.com/foo " SPEC_SIGNATURE, 0},
    {"carriage return in text", "This\r\n\n" SPEC_LINE, 0},
    {"carriage return at a line's end", SPEC_TEXT "\n" DASH "example.com/foo " SPEC_SIGNATURE "\r\n", 0},
    {"tab in text", "a\tb\n\n" SPEC_LINE, 0},
    {"NUL in text", "a\0b\n\n" SPEC_LINE, 5 + sizeof SPEC_LINE - 1},
    {"invalid UTF-8 in text", "a\xff\n\n" SPEC_LINE, 0},
    {"surrogate in text", "a\xed\xa0\x80\n\n" SPEC_LINE, 0},
    {"hyphen for dash", SPEC_TEXT "\n- example.com/foo " SPEC_SIGNATURE "\n", 0},
    {"en dash", SPEC_TEXT "\n\xe2\x80\x93 example.com/foo " SPEC_SIGNATURE "\n", 0},
    {"no space behind the dash", SPEC_TEXT "\n\xe2\x80\x94" "example.com/foo " SPEC_SIGNATURE "\n", 0},
    {"empty name", SPEC_TEXT "\n" DASH " " SPEC_SIGNATURE "\n", 0},
    {"two spaces behind the name", SPEC_TEXT "\n" DASH "example.com/foo  " SPEC_SIGNATURE "\n", 0},
    {"name with a space", SPEC_TEXT "\n" DASH "example.com foo " SPEC_SIGNATURE "\n", 0},
    {"name with a plus", SPEC_TEXT "\n" DASH "example.com+foo " SPEC_SIGNATURE "\n", 0},
    {"name with a no-break space", SPEC_TEXT "\n" DASH "example.com\xc2\xa0" "foo " SPEC_SIGNATURE "\n", 0},
    {"name with an ideographic space", SPEC_TEXT "\n" DASH "\xe7\x9b\xb4\xe3\x80\x80\xe5\x85\x91 " SPEC_SIGNATURE "\n", 0},
    {"name with a line separator", SPEC_TEXT "\n" DASH "a\xe2\x80\xa8" "b " SPEC_SIGNATURE "\n", 0},
    {"name of 160 bytes", SPEC_TEXT "\n" DASH NAME_159 "0 " SPEC_SIGNATURE "\n", 0},
    {"no base64", SPEC_TEXT "\n" DASH "example.com/foo\n", 0},
    {"empty base64", SPEC_TEXT "\n" DASH "example.com/foo \n", 0},
    {"key id alone", SPEC_TEXT "\n" DASH "example.com/foo Uw2QOg==\n", 0},
    {"something behind the base64", SPEC_TEXT "\n" DASH "example.com/foo " SPEC_SIGNATURE " x\n", 0},
    {"base64 without padding", SPEC_TEXT "\n" DASH "example.com/foo Uw2QOkn8srU\n", 0},
    {"unused bits set", SPEC_TEXT "\n" DASH "example.com/foo Uw2QOkn8srV=\n", 0},
    {"unused bits set in the vector",
     SPEC_TEXT "\n" DASH "example.com/foo "
               "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQN=\n", 0},
    {"base64 for URLs", SPEC_TEXT "\n" DASH "example.com/foo Uw2QOkn8s-_1\n", 0},
    {"a second line that is no signature", SPEC_NOTE "trailing\n", 0},
    {"a blank line at the end", SPEC_NOTE "\n", 0},
};

static void split__malformed_notes_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(bad_notes); i++) {
        const bad_note *bad = &bad_notes[i];
        zd_note note;
        uint8_t *copy = NULL;
        zd_error err = {0};
        zd_span whole = zd_span_of(bad->note, bad->size > 0 ? bad->size : strlen(bad->note));
        (void)split_copy(&note, &copy, whole, &err);
        if (err.code != ZD_E_NOTE_MALFORMED) {
            print_error("%s: %s\n", bad->why, zd_code_name(err.code));
        }
        assert_int_equal(err.code, ZD_E_NOTE_MALFORMED);
        assert_true(err.detail[0] != '\0');
        free(copy);
    }
    zd_note note;
    assert_ok(zd_note_split(&note, zd_span_text(SPEC_TEXT "\n" DASH NAME_159 " " SPEC_SIGNATURE "\n"), err));
    assert_ok(zd_note_split(&note, zd_span_text(SPEC_TEXT "\n" DASH "直兑/甲 " SPEC_SIGNATURE "\n"), err));
}

static void split__64_signatures_are_taken_and_65_refused(void **state)
{
    (void)state;
    zd_buf whole = {0};
    zd_note note;
    zd_public_key key = key_of(SPEC_VKEY);
    zd_buf_add_text(&whole, SPEC_TEXT "\n");
    for (int i = 0; i < ZD_NOTE_SIGNATURES_MAX; i++) {
        zd_buf_add_text(&whole, SPEC_LINE);
    }
    assert_ok(zd_note_split(&note, zd_buf_span(&whole), err));
    assert_int_equal(note.count, 64);
    assert_true(zd_note_verify(&note, 63, &key));
    zd_buf_add_text(&whole, SPEC_LINE);
    assert_code(zd_note_split(&note, zd_buf_span(&whole), err), ZD_E_NOTE_MALFORMED);
    zd_buf_free(&whole);
}

/* A post-quantum cosignature has 2,420 bytes: such a line is there, and never good. */
static void split__longer_signatures_are_kept_out_but_not_refused(void **state)
{
    (void)state;
    uint8_t blob[4 + 8 + 2420] = {0x53, 0x0d, 0x90, 0x3a};
    zd_buf whole = {0};
    zd_buf_add_text(&whole, SPEC_NOTE DASH "example.com/foo ");
    zd_base64_add(&whole, zd_span_of(blob, sizeof blob));
    zd_buf_add_byte(&whole, '\n');
    zd_note note;
    zd_public_key key = key_of(SPEC_VKEY);
    assert_ok(zd_note_split(&note, zd_buf_span(&whole), err));
    assert_int_equal(note.count, 2);
    assert_int_equal(note.signatures[1].blob_size, 0);
    assert_true(zd_note_verify(&note, 0, &key));
    assert_false(zd_note_verify(&note, 1, &key));
    zd_buf_free(&whole);
}

static bool verifies(zd_span whole, const zd_public_key *key)
{
    zd_note note;
    uint8_t *copy = NULL;
    zd_error err = {0};
    zd_status status = split_copy(&note, &copy, whole, &err);
    assert_true(status == ZD_OK || err.code == ZD_E_NOTE_MALFORMED);
    bool good = status == ZD_OK && note.count == 1 && zd_note_verify(&note, 0, key);
    free(copy);
    return good;
}

static void verify__every_changed_cut_or_doubled_byte_is_noticed(void **state)
{
    (void)state;
    zd_public_key key = key_of(SPEC_VKEY);
    const size_t size = sizeof SPEC_NOTE - 1;
    uint8_t text[sizeof SPEC_NOTE];
    for (size_t i = 0; i < size; i++) {
        for (unsigned change = 1; change < 256; change++) {
            memcpy(text, SPEC_NOTE, size);
            text[i] ^= (uint8_t)change;
            if (verifies(zd_span_of(text, size), &key)) {
                print_error("byte %zu changed by %u is accepted\n", i, change);
                fail();
            }
        }
        assert_false(verifies(zd_span_of(SPEC_NOTE, i), &key));
        memcpy(text, SPEC_NOTE, i + 1);
        memcpy(text + i + 1, &SPEC_NOTE[i], size - i);
        assert_false(verifies(zd_span_of(text, size + 1), &key));
    }
    assert_true(verifies(zd_span_of(SPEC_NOTE, size), &key));
}

static void verify__malleable_and_small_order_signatures_are_refused(void **state)
{
    (void)state;
    /* S and S + L satisfy the same equation; only the smaller is a signature (RFC 8032, section 5.1.7). */
    static const uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                      0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10};
    zd_note note;
    zd_public_key key = key_of(SPEC_VKEY);
    assert_ok(zd_note_split(&note, zd_span_text(SPEC_NOTE), err));
    uint8_t signature[64];
    memcpy(signature, note.signatures[0].blob, sizeof signature);
    assert_true(zd_ed25519_verify(signature, note.text, &key));
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        signature[32 + i] = (uint8_t)(carry & 0xff);
        carry >>= 8;
    }
    assert_int_equal(carry, 0);
    assert_false(zd_ed25519_verify(signature, note.text, &key));
    /* Under the neutral point as key this "signature" would fit every text. */
    const zd_public_key neutral = {.bytes = {1}};
    const uint8_t for_all[64] = {1};
    assert_false(zd_ed25519_verify(for_all, zd_span_text("any"), &neutral));
    assert_false(zd_ed25519_verify(for_all, zd_span_of(NULL, 0), &neutral));
}

static void vkey__vectors_go_both_ways(void **state)
{
    (void)state;
    static const char *const vkeys[] = {SPEC_VKEY, LOG_VKEY, WITNESS_VKEY};
    static const uint8_t types[] = {ZD_NOTE_TYPE_ED25519, ZD_NOTE_TYPE_ED25519, ZD_NOTE_TYPE_COSIGNATURE};
    for (size_t i = 0; i < ZD_COUNT(vkeys); i++) {
        zd_span name;
        uint8_t type = 0;
        zd_public_key key;
        assert_ok(zd_vkey_parse(&name, &type, &key, zd_span_text(vkeys[i]), err));
        assert_int_equal(type, types[i]);
        zd_buf again = {0};
        zd_vkey_add(&again, name, type, &key);
        assert_string_equal(zd_buf_text(&again), vkeys[i]);
        zd_buf_free(&again);
    }
}

static void vkey__malformed_ones_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n",
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
        "example.com/foo+530d903a+BekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    };
    for (size_t i = 0; i < ZD_COUNT(bad); i++) {
        zd_span name;
        uint8_t type;
        zd_public_key key;
        assert_code(zd_vkey_parse(&name, &type, &key, zd_span_text(bad[i]), err), ZD_E_KEY_FILE);
    }
}

static const uint8_t seed_1[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                   1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static void sign__fixed_seed_gives_the_checkpoint_of_the_vectors(void **state)
{
    (void)state;
    zd_signer *signer = NULL;
    zd_buf note = {0};
    assert_ok(zd_signer_from_seed(&signer, seed_1, err));
    assert_ok(zd_signer_note(&note, signer, "example.com/vouchers", zd_span_text(CHECKPOINT_TEXT), err));
    assert_int_equal(note.size, strstr(CHECKPOINT, DASH "example.com/witness") - CHECKPOINT);
    assert_memory_equal(note.data, CHECKPOINT, note.size);
    zd_buf_free(&note);
    zd_signer_close(signer);
}

static void sign__text_that_no_reader_takes_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "no newline", "a\tb\n", "a\xff\n", "a\r\n"};
    zd_signer *signer = NULL;
    zd_buf note = {0};
    assert_ok(zd_signer_from_seed(&signer, seed_1, err));
    zd_buf_add_text(&note, "kept");
    for (size_t i = 0; i < ZD_COUNT(texts); i++) {
        assert_code(zd_signer_note(&note, signer, "example.com", zd_span_text(texts[i]), err), ZD_E_NOTE_MALFORMED);
        assert_string_equal(zd_buf_text(&note), "kept");
    }
    static const char *const names[] = {"", "a b", "a+b", "a\n", NAME_159 "0"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        assert_code(zd_signer_note(&note, signer, names[i], zd_span_text("a\n"), err), ZD_E_NOTE_MALFORMED);
        assert_string_equal(zd_buf_text(&note), "kept");
    }
    zd_buf_free(&note);
    zd_signer_close(signer);
}

static int go_check(zd_buf *printed, const char *dir, const char *vkey, zd_span note)
{
    zd_buf path = {0};
    zd_buf_clear(printed);
    assert_ok(zd_file_write(zd_path_join(&path, dir, "note"), note, 0644, err));
    int status = zd_test_shell(printed, "'%s/notecheck' '%s' '%s/note'", dir, vkey, dir);
    zd_buf_free(&path);
    return status;
}

static void sign__go_reader_opens_our_note_and_refuses_a_changed_one(void **state)
{
    (void)state;
    if (zd_test_shell(NULL, "command -v go >/dev/null && test -d /usr/share/gocode/src/golang.org/x/mod") != 0) {
        print_message("SKIPPED: go or golang-golang-x-mod-dev is not installed; no foreign reader looked at our notes\n");
        skip();
    }
    const char *dir = zd_test_dir("seal-note-go");
    zd_buf printed = {0};
    int built = zd_test_shell(&printed,
                              "GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS= GOCACHE='%s/cache' go build -o "
                              "'%s/notecheck' tests/outside/notecheck/main.go", dir, dir);
    if (built != 0) {
        print_error("%s\n", zd_buf_text(&printed));
    }
    assert_int_equal(built, 0);
    zd_signer *signer = NULL;
    zd_buf note = {0};
    zd_buf vkey = {0};
    static const char text[] = "{\"type\":\"redemption.capture\",\"v\":1,\"who\":\"绍兴\"}\n\nsecond paragraph\n";
    assert_ok(zd_signer_from_seed(&signer, seed_1, err));
    assert_ok(zd_signer_note(&note, signer, "voucher.sx.example/lab-3", zd_span_text(text), err));
    zd_vkey_add(&vkey, zd_span_text("voucher.sx.example/lab-3"), ZD_NOTE_TYPE_ED25519, zd_signer_public(signer));
    assert_int_equal(go_check(&printed, dir, zd_buf_text(&vkey), zd_buf_span(&note)), 0);
    assert_string_equal(zd_buf_text(&printed), text);
    note.data[12] ^= 1;
    assert_int_equal(go_check(&printed, dir, zd_buf_text(&vkey), zd_buf_span(&note)), 1);
    note.data[12] ^= 1;
    note.data[note.size - 10] = note.data[note.size - 10] == 'A' ? 'B' : 'A';
    assert_int_equal(go_check(&printed, dir, zd_buf_text(&vkey), zd_buf_span(&note)), 1);
    assert_int_equal(go_check(&printed, dir, SPEC_VKEY, zd_span_text(SPEC_NOTE)), 0);
    zd_signer_close(signer);
    zd_buf_free(&note);
    zd_buf_free(&vkey);
    zd_buf_free(&printed);
    zd_test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split__specification_vector_verifies),
        cmocka_unit_test(split__checkpoint_has_log_line_and_cosignature),
        cmocka_unit_test(split__text_may_hold_blank_lines),
        cmocka_unit_test(split__malformed_notes_are_refused),
        cmocka_unit_test(split__64_signatures_are_taken_and_65_refused),
        cmocka_unit_test(split__longer_signatures_are_kept_out_but_not_refused),
        cmocka_unit_test(verify__every_changed_cut_or_doubled_byte_is_noticed),
        cmocka_unit_test(verify__malleable_and_small_order_signatures_are_refused),
        cmocka_unit_test(vkey__vectors_go_both_ways),
        cmocka_unit_test(vkey__malformed_ones_are_refused),
        cmocka_unit_test(sign__fixed_seed_gives_the_checkpoint_of_the_vectors),
        cmocka_unit_test(sign__text_that_no_reader_takes_is_refused),
        cmocka_unit_test(sign__go_reader_opens_our_note_and_refuses_a_changed_one),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
