/*
 * Checkpoints, cosignatures and receipts: the fixed-seed vectors that tools which none of us wrote have accepted, tables of texts
 * that must be refused, and forged lines of every kind.
 */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/log/proof.h"
#include "ledger/seal/sign/signer.h"

#define LOG_NAME "example.com/vouchers"
#define LOG_VKEY "example.com/vouchers+04f37430+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
#define WITNESS_VKEY "example.com/witness+21457d9f+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU"
#define ROOT_LINE "KkqPkGNO8izu3lmtYN4PYYhilpZA2VkBBbEyA1YnL7U="
#define EMPTY_LINE "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
#define TEXT LOG_NAME "\n3\n" ROOT_LINE "\n"
#define LOG_LINE                                                                                                               \
    "\xe2\x80\x94 example.com/vouchers "                                                                                       \
    "BPN0MBXw9kMhwB0dXPO9l8bWLNXkvkiF6fcC8G/uGjvE6Gy2wb0KRlOzQ0OF0Zn5eZQaVRG2DGSdmJLHb8vp0IBVvQk=\n"
#define WITNESS_LINE                                                                                                           \
    "\xe2\x80\x94 example.com/witness "                                                                                        \
    "IUV9nwAAAABrA0hoCQVtV2vXeuMGcmA0gk3uVxA8A4XDuvoXiwm3oA0+EK747zVgNyePQcmOPD92ST3/aIqOd5dc3WOhxL43AbXaDA==\n"
#define NOTE TEXT "\n" LOG_LINE WITNESS_LINE
#define WITNESS_TIME 1795377256
#define PATH_LINES                                                                                                             \
    "AQ6laIlZUifPXE2F/stk1rxEZQkFWbU8oxQy/VEwOgY=\n"                                                                           \
    "WOA5igxBeePBtStLVn3c8LoB1YA0zPbuXGwV9tp04Bw=\n"
#define PROOF "c2sp.org/tlog-proof@v1\nindex 1\n" PATH_LINES "\n" NOTE

static const zd_span no_span;

static zd_signer *signer_of(uint8_t byte)
{
    uint8_t seed[32];
    zd_signer *signer = NULL;
    memset(seed, byte, sizeof seed);
    assert_ok(zd_signer_from_seed(&signer, seed, err));
    return signer;
}

static zd_witness witness_of(const char *vkey)
{
    zd_witness witness;
    assert_ok(zd_witness_parse(&witness, zd_span_text(vkey), err));
    return witness;
}

/* A witness with the key of that signer. */
static zd_witness witness_named(const char *name, const zd_signer *signer)
{
    zd_witness witness = {.key = *zd_signer_public(signer)};
    zd_format(witness.name, sizeof witness.name, "%s", name);
    return witness;
}

static void cosign(zd_buf *out, const zd_witness *witness, const zd_signer *signer, int64_t time_unix_s, const char *text)
{
    zd_buf message = {0};
    uint8_t signature[64];
    zd_cosignature_message(&message, time_unix_s, zd_span_text(text));
    assert_ok(zd_signer_sign(signature, signer, zd_buf_span(&message), err));
    zd_cosignature_add_line(out, witness, time_unix_s, signature);
    zd_buf_free(&message);
}

static zd_status open_text(const char *whole, zd_error *err)
{
    zd_checkpoint checkpoint;
    zd_note note;
    return zd_checkpoint_open_vkey(&checkpoint, &note, zd_span_text(whole), zd_span_text(LOG_VKEY), err);
}

/* --- text --- */

static void text__is_encoded_and_read_back(void **state)
{
    (void)state;
    zd_checkpoint found;
    zd_buf text = {0};
    assert_ok(zd_checkpoint_parse(&found, zd_span_text(TEXT), err));
    assert_string_equal(found.origin, LOG_NAME);
    assert_int_equal(found.size, 3);
    assert_ok(zd_checkpoint_encode(&text, &found, err));
    assert_string_equal(zd_buf_text(&text), TEXT);
    zd_buf_clear(&text);
    zd_checkpoint empty = {.origin = "a", .root = zd_tree_empty_root()};
    assert_ok(zd_checkpoint_encode(&text, &empty, err));
    assert_string_equal(zd_buf_text(&text), "a\n0\n" EMPTY_LINE "\n");
    found.size = ZD_TREE_SIZE_MAX;
    zd_buf_clear(&text);
    assert_ok(zd_checkpoint_encode(&text, &found, err));
    assert_string_equal(zd_buf_text(&text), LOG_NAME "\n9223372036854775807\n" ROOT_LINE "\n");
    zd_buf_free(&text);
}

static void text__that_no_log_may_sign_is_not_encoded(void **state)
{
    (void)state;
    zd_checkpoint good;
    assert_ok(zd_checkpoint_parse(&good, zd_span_text(TEXT), err));
    zd_buf text = {0};
    zd_checkpoint bad = good;
    bad.size = 0; /* with the root of three entries */
    assert_code(zd_checkpoint_encode(&text, &bad, err), ZD_E_CHECKPOINT_MALFORMED);
    bad.size = ZD_TREE_SIZE_MAX + 1;
    assert_code(zd_checkpoint_encode(&text, &bad, err), ZD_E_CHECKPOINT_MALFORMED);
    bad = good;
    zd_format(bad.origin, sizeof bad.origin, "a\nb");
    assert_code(zd_checkpoint_encode(&text, &bad, err), ZD_E_CHECKPOINT_MALFORMED);
    bad.origin[0] = '\0';
    assert_code(zd_checkpoint_encode(&text, &bad, err), ZD_E_CHECKPOINT_MALFORMED);
    assert_int_equal(text.size, 0);
    zd_buf_free(&text);
}

static void text__other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "\n", LOG_NAME, LOG_NAME "\n3\n" ROOT_LINE, LOG_NAME "\n3\n", "\n3\n" ROOT_LINE "\n", "a b\n3\n" ROOT_LINE "\n",
        "a+b\n3\n" ROOT_LINE "\n", "a\r\n3\n" ROOT_LINE "\n", "\xff\n3\n" ROOT_LINE "\n", "a\n03\n" ROOT_LINE "\n",
        "a\n+3\n" ROOT_LINE "\n", "a\n-3\n" ROOT_LINE "\n", "a\n 3\n" ROOT_LINE "\n", "a\n3 \n" ROOT_LINE "\n", "a\n\n" ROOT_LINE "\n",
        "a\n0x3\n" ROOT_LINE "\n", "a\n3.0\n" ROOT_LINE "\n", "a\n9223372036854775808\n" ROOT_LINE "\n",
        "a\n18446744073709551619\n" ROOT_LINE "\n", "a\n00\n" EMPTY_LINE "\n", "a\n0\n" ROOT_LINE "\n",
        "a\n3\nKkqPkGNO8izu3lmtYN4PYYhilpZA2VkBBbEyA1YnL7U\n",   /* no padding */
        "a\n3\nKkqPkGNO8izu3lmtYN4PYYhilpZA2VkBBbEyA1YnL7V=\n",  /* unused bits set */
        "a\n3\nKkqPkGNO8izu3lmtYN4PYYhilpZA2VkBBbEyA1YnLw==\n",  /* 31 bytes */
        "a\n3\n" ROOT_LINE " \n", "a\n3\n" ROOT_LINE "\nextension\n", "a\n3\n" ROOT_LINE "\n\n",
    };
    for (size_t i = 0; i < ZD_COUNT(wrong); i++) {
        zd_checkpoint found;
        zd_error err = {0};
        if (zd_checkpoint_parse(&found, zd_span_text(wrong[i]), &err) == ZD_OK) {
            fail_msg("accepted: %s", wrong[i]);
        }
        assert_int_equal(err.code, ZD_E_CHECKPOINT_MALFORMED);
    }
}

/* --- signatures --- */

static void open__cosigned_vector_gives_head_and_cosignature(void **state)
{
    (void)state;
    zd_checkpoint checkpoint;
    zd_note note;
    zd_cosignature found[1];
    size_t count = 0;
    char root[ZD_HASH_HEX];
    assert_ok(zd_checkpoint_open_vkey(&checkpoint, &note, zd_span_text(NOTE), zd_span_text(LOG_VKEY), err));
    assert_string_equal(checkpoint.origin, LOG_NAME);
    assert_int_equal(checkpoint.size, 3);
    zd_hash_hex(root, &checkpoint.root);
    assert_string_equal(root, "2a4a8f90634ef22ceede59ad60de0f618862969640d9590105b1320356272fb5");
    zd_witness witness = witness_of(WITNESS_VKEY);
    assert_ok(zd_checkpoint_cosignatures(found, &count, &note, &witness, 1, err));
    assert_int_equal(count, 1);
    assert_int_equal(found[0].line, 1);
    assert_int_equal(found[0].time_unix_s, WITNESS_TIME);
}

static void sign__vectors_are_reproduced_from_their_seeds(void **state)
{
    (void)state;
    zd_signer *log = signer_of(1);
    zd_signer *witness_key = signer_of(2);
    zd_witness witness = witness_of(WITNESS_VKEY);
    zd_buf note = {0};
    assert_ok(zd_signer_note(&note, log, LOG_NAME, zd_span_text(TEXT), err));
    cosign(&note, &witness, witness_key, WITNESS_TIME, TEXT);
    assert_string_equal(zd_buf_text(&note), NOTE);
    zd_buf_free(&note);
    zd_signer_close(log);
    zd_signer_close(witness_key);
}

static void open__forged_foreign_and_missing_lines_are_refused(void **state)
{
    (void)state;
    zd_buf whole = {0};
    assert_ok(open_text(TEXT "\n" LOG_LINE, err));
    assert_code(open_text(TEXT "\n" WITNESS_LINE, err), ZD_E_CHECKPOINT_UNSIGNED);
    assert_code(open_text(TEXT, err), ZD_E_NOTE_MALFORMED);
    assert_code(open_text(LOG_NAME "\n4\n" ROOT_LINE "\n\n" LOG_LINE, err), ZD_E_SIGNATURE_BAD);

    /* A good line does not save a note that has a forged one of the same key as well. */
    zd_buf_add_text(&whole, TEXT "\n" LOG_LINE LOG_LINE);
    whole.data[whole.size - 20] ^= 1;
    assert_code(open_text(zd_buf_text(&whole), err), ZD_E_SIGNATURE_BAD);

    /* The right name with a key id of another key is somebody else's line. */
    zd_signer *other = signer_of(9);
    zd_buf_clear(&whole);
    assert_ok(zd_signer_note(&whole, other, LOG_NAME, zd_span_text(TEXT), err));
    assert_code(open_text(zd_buf_text(&whole), err), ZD_E_CHECKPOINT_UNSIGNED);
    zd_buf_add_text(&whole, LOG_LINE);
    assert_ok(open_text(zd_buf_text(&whole), err));

    /* Signed by the log's key and name, but another log's text; and one with an extension line. */
    zd_signer *log = signer_of(1);
    zd_buf_clear(&whole);
    assert_ok(zd_signer_note(&whole, log, LOG_NAME, zd_span_text("example.com/other\n3\n" ROOT_LINE "\n"), err));
    assert_code(open_text(zd_buf_text(&whole), err), ZD_E_CHECKPOINT_ORIGIN);
    zd_buf_clear(&whole);
    assert_ok(zd_signer_note(&whole, log, LOG_NAME, zd_span_text(TEXT "more\n"), err));
    assert_code(open_text(zd_buf_text(&whole), err), ZD_E_CHECKPOINT_MALFORMED);

    zd_checkpoint checkpoint;
    zd_note note;
    assert_code(zd_checkpoint_open_vkey(&checkpoint, &note, zd_span_text(NOTE), zd_span_text(WITNESS_VKEY), err), ZD_E_KEY_FILE);
    zd_signer_close(log);
    zd_signer_close(other);
    zd_buf_free(&whole);
}

static zd_status count_cosigned(size_t *count, const zd_buf *whole, const zd_witness *witnesses, size_t witness_count, zd_error *err)
{
    zd_note note;
    zd_cosignature found[4];
    zd_status status = zd_note_split(&note, zd_buf_span(whole), err);
    return status != ZD_OK ? status : zd_checkpoint_cosignatures(found, count, &note, witnesses, witness_count, err);
}

static void cosignatures__each_witness_counts_once_and_forgery_is_refused(void **state)
{
    (void)state;
    zd_signer *keys[2] = {signer_of(3), signer_of(4)};
    zd_witness witnesses[2] = {witness_named("w.example/a", keys[0]), witness_named("w.example/b", keys[1])};
    zd_buf whole = {0};
    size_t count = 9;
    zd_buf_add_text(&whole, NOTE);
    assert_ok(count_cosigned(&count, &whole, witnesses, 2, err));
    assert_int_equal(count, 0);
    cosign(&whole, &witnesses[0], keys[0], 100, TEXT);
    cosign(&whole, &witnesses[0], keys[0], 200, TEXT);
    cosign(&whole, &witnesses[0], keys[0], 150, TEXT);
    assert_ok(count_cosigned(&count, &whole, witnesses, 2, err));
    assert_int_equal(count, 1);
    zd_note note;
    zd_cosignature found[2];
    assert_ok(zd_note_split(&note, zd_buf_span(&whole), err));
    assert_ok(zd_checkpoint_cosignatures(found, &count, &note, witnesses, 2, err));
    assert_int_equal(found[0].time_unix_s, 200);
    assert_int_equal(found[0].line, 3);

    cosign(&whole, &witnesses[1], keys[1], 300, LOG_NAME "\n4\n" ROOT_LINE "\n"); /* of another head */
    assert_code(count_cosigned(&count, &whole, witnesses, 2, err), ZD_E_SIGNATURE_BAD);
    assert_ok(count_cosigned(&count, &whole, witnesses, 1, err)); /* not listed, not looked at */
    assert_int_equal(count, 1);
    zd_signer_close(keys[0]);
    zd_signer_close(keys[1]);
    zd_buf_free(&whole);
}

static void cosignatures__time_is_signed_and_bounded(void **state)
{
    (void)state;
    zd_signer *key = signer_of(3);
    zd_witness witness = witness_named("w.example/a", key);
    uint8_t key_id[4];
    uint8_t blob[73] = {0, 0, 0, 0, 0, 0, 0, 100};
    zd_buf whole = {0};
    zd_buf message = {0};
    size_t count = 0;
    zd_note_key_id(key_id, zd_span_text(witness.name), ZD_NOTE_TYPE_COSIGNATURE, &witness.key);
    zd_cosignature_message(&message, 100, zd_span_text(TEXT));
    assert_string_equal(zd_buf_text(&message), "cosignature/v1\ntime 100\n" TEXT);
    assert_ok(zd_signer_sign(blob + 8, key, zd_buf_span(&message), err));
    static const struct {
        size_t byte;
        uint8_t flip;
        size_t size;
        bool good;
    } table[] = {{0, 0, 72, true}, {7, 1, 72, false}, {0, 0x80, 72, false}, {71, 1, 72, false}, {0, 0, 71, false}, {0, 0, 64, false}, {0, 0, 73, false}};
    for (size_t i = 0; i < ZD_COUNT(table); i++) {
        zd_buf_clear(&whole);
        zd_buf_add_text(&whole, TEXT "\n");
        blob[table[i].byte] ^= table[i].flip;
        zd_note_add_line(&whole, zd_span_text(witness.name), key_id, zd_span_of(blob, table[i].size));
        blob[table[i].byte] ^= table[i].flip;
        if (table[i].good) {
            assert_ok(count_cosigned(&count, &whole, &witness, 1, err));
            assert_int_equal(count, 1);
        } else {
            assert_code(count_cosigned(&count, &whole, &witness, 1, err), ZD_E_SIGNATURE_BAD);
        }
    }
    zd_signer_close(key);
    zd_buf_free(&whole);
    zd_buf_free(&message);
}

static void cosignatures__shared_names_or_keys_are_refused(void **state)
{
    (void)state;
    zd_signer *keys[2] = {signer_of(3), signer_of(4)};
    zd_witness same_key[2] = {witness_named("w.example/a", keys[0]), witness_named("w.example/b", keys[0])};
    zd_witness same_name[2] = {witness_named("w.example/a", keys[0]), witness_named("w.example/a", keys[1])};
    zd_buf whole = {0};
    size_t count = 0;
    zd_buf_add_text(&whole, NOTE);
    assert_code(count_cosigned(&count, &whole, same_key, 2, err), ZD_E_WITNESS_KEYS);
    assert_code(count_cosigned(&count, &whole, same_name, 2, err), ZD_E_WITNESS_KEYS);
    zd_witness witness;
    assert_code(zd_witness_parse(&witness, zd_span_text(LOG_VKEY), err), ZD_E_KEY_FILE);
    zd_signer_close(keys[0]);
    zd_signer_close(keys[1]);
    zd_buf_free(&whole);
}

static void accept__only_the_verified_line_of_an_answer_is_kept(void **state)
{
    (void)state;
    zd_witness witness = witness_of(WITNESS_VKEY);
    zd_buf lines = {0};
    zd_span text = zd_span_text(TEXT);
    assert_ok(zd_cosignature_accept(&lines, text, zd_span_text(LOG_LINE WITNESS_LINE), &witness, err));
    assert_string_equal(zd_buf_text(&lines), WITNESS_LINE);
    zd_buf_clear(&lines);
    assert_code(zd_cosignature_accept(&lines, text, zd_span_text(LOG_LINE), &witness, err), ZD_E_SIGNATURE_BAD);
    assert_code(zd_cosignature_accept(&lines, text, zd_span_text(""), &witness, err), ZD_E_NOTE_MALFORMED);
    assert_code(zd_cosignature_accept(&lines, text, zd_span_text("4711\n"), &witness, err), ZD_E_NOTE_MALFORMED);
    assert_code(zd_cosignature_accept(&lines, zd_span_text(LOG_NAME "\n4\n" ROOT_LINE "\n"), zd_span_text(WITNESS_LINE), &witness, err),
                ZD_E_SIGNATURE_BAD);
    /* An answer with a blank line would be a note of its own. */
    assert_code(zd_cosignature_accept(&lines, text, zd_span_text(LOG_LINE "\n" WITNESS_LINE), &witness, err), ZD_E_NOTE_MALFORMED);
    assert_int_equal(lines.size, 0);
    zd_buf_free(&lines);
}

/* --- receipts --- */

static zd_status verify_text(const char *text, const char *entry, size_t quorum, zd_error *err)
{
    zd_witness witness = witness_of(WITNESS_VKEY);
    uint8_t type = 0;
    zd_proof_trust trust = {.witnesses = &witness, .witness_count = 1, .quorum = quorum};
    assert_int_equal(zd_vkey_parse(&trust.origin, &type, &trust.key, zd_span_text(LOG_VKEY), NULL), ZD_OK);
    zd_proof proof;
    zd_checkpoint checkpoint;
    zd_hash leaf = zd_tree_leaf_hash(zd_span_text(entry));
    zd_status status = zd_proof_parse(&proof, zd_span_text(text), err);
    return status != ZD_OK ? status : zd_proof_verify(&checkpoint, &proof, &leaf, &trust, err);
}

static void receipt__vector_is_reproduced_and_verifies(void **state)
{
    (void)state;
    zd_proof proof;
    zd_buf text = {0};
    assert_ok(zd_proof_parse(&proof, zd_span_text(PROOF), err));
    assert_int_equal(proof.index, 1);
    assert_int_equal(proof.path.count, 2);
    assert_true(zd_span_is(proof.checkpoint, NOTE));
    assert_int_equal(proof.extra_base64.size, 0);
    assert_ok(zd_proof_encode(&text, proof.index, &proof.path, no_span, proof.checkpoint, err));
    assert_string_equal(zd_buf_text(&text), PROOF);
    assert_ok(verify_text(PROOF, "redeem v1 60\n", 1, err));
    zd_buf_clear(&text);
    assert_ok(zd_proof_encode(&text, 1, &proof.path, zd_span_text("hello"), proof.checkpoint, err));
    assert_true(zd_span_starts(zd_buf_span(&text), "c2sp.org/tlog-proof@v1\nextra aGVsbG8=\nindex 1\nAQ6l"));
    assert_ok(zd_proof_parse(&proof, zd_buf_span(&text), err));
    assert_true(zd_span_is(proof.extra_base64, "aGVsbG8="));
    assert_ok(verify_text(zd_buf_text(&text), "redeem v1 60\n", 1, err));
    zd_buf_free(&text);
}

static void receipt__other_entry_index_head_or_quorum_is_refused(void **state)
{
    (void)state;
    assert_code(verify_text(PROOF, "redeem v1 61\n", 1, err), ZD_E_PROOF_BAD);
    assert_code(verify_text("c2sp.org/tlog-proof@v1\nindex 0\n" PATH_LINES "\n" NOTE, "redeem v1 60\n", 1, err), ZD_E_PROOF_BAD);
    assert_code(verify_text("c2sp.org/tlog-proof@v1\nindex 3\n" PATH_LINES "\n" NOTE, "redeem v1 60\n", 1, err), ZD_E_PROOF_BAD);
    assert_code(verify_text("c2sp.org/tlog-proof@v1\nindex 1\n\n" NOTE, "redeem v1 60\n", 1, err), ZD_E_PROOF_BAD);
    assert_code(verify_text("c2sp.org/tlog-proof@v1\nindex 1\n" PATH_LINES "\n" TEXT "\n" LOG_LINE, "redeem v1 60\n", 1, err),
                ZD_E_PROOF_QUORUM);
    assert_ok(verify_text("c2sp.org/tlog-proof@v1\nindex 1\n" PATH_LINES "\n" TEXT "\n" LOG_LINE, "redeem v1 60\n", 0, err));
    assert_code(verify_text("c2sp.org/tlog-proof@v1\nindex 1\n" PATH_LINES "\n" TEXT "\n" WITNESS_LINE, "redeem v1 60\n", 1, err),
                ZD_E_CHECKPOINT_UNSIGNED);
}

static void receipt__other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "c2sp.org/tlog-proof@v1",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v2\nindex 1\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\r\nindex 1\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 01\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex  1\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 9223372036854775808\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 1\nextra aGVsbG8=\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\nextra \nindex 1\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\nextra aGVsbG8\nindex 1\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\nextra aGVsbG9=\nindex 1\n" PATH_LINES "\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 1\nAQ6laIlZUifPXE2F/stk1rxEZQkFWbU8oxQy/VEwOg==\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 1\nAQ6laIlZUifPXE2F/stk1rxEZQkFWbU8oxQy/VEwOgZ=\n\n" NOTE,
        "c2sp.org/tlog-proof@v1\nindex 1\n" PATH_LINES NOTE,
        "c2sp.org/tlog-proof@v1\nindex 1\n" PATH_LINES "\n",
        "c2sp.org/tlog-proof@v1\nindex 1\n" PATH_LINES,
    };
    for (size_t i = 0; i < ZD_COUNT(wrong); i++) {
        zd_proof proof;
        zd_error err = {0};
        if (zd_proof_parse(&proof, zd_span_text(wrong[i]), &err) == ZD_OK) {
            fail_msg("accepted: %s", wrong[i]);
        }
        assert_int_equal(err.code, ZD_E_PROOF_MALFORMED);
    }
    zd_buf many = {0};
    zd_buf_add_text(&many, "c2sp.org/tlog-proof@v1\nindex 1\n");
    for (size_t i = 0; i < 65; i++) {
        zd_buf_add_text(&many, ROOT_LINE "\n");
    }
    zd_buf_add_text(&many, "\n" NOTE);
    zd_proof proof;
    assert_code(zd_proof_parse(&proof, zd_buf_span(&many), err), ZD_E_PROOF_MALFORMED);
    zd_buf_free(&many);
}

static void vectors__files_beside_the_checkout_are_the_embedded_ones(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        const char *text;
    } files[] = {{"../shared/vectors/audit/log/checkpoint", NOTE}, {"../shared/vectors/audit/redeem.tlog-proof", PROOF}};
    for (size_t i = 0; i < ZD_COUNT(files); i++) {
        if (!zd_path_exists(files[i].path)) {
            print_message("NOT COMPARED with the vector file %s: it is not beside the checkout\n", files[i].path);
            continue;
        }
        zd_buf found = {0};
        assert_ok(zd_file_read(&found, files[i].path, 65536, err));
        assert_string_equal(zd_buf_text(&found), files[i].text);
        zd_buf_free(&found);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__is_encoded_and_read_back),
        cmocka_unit_test(text__that_no_log_may_sign_is_not_encoded),
        cmocka_unit_test(text__other_forms_are_refused),
        cmocka_unit_test(open__cosigned_vector_gives_head_and_cosignature),
        cmocka_unit_test(sign__vectors_are_reproduced_from_their_seeds),
        cmocka_unit_test(open__forged_foreign_and_missing_lines_are_refused),
        cmocka_unit_test(cosignatures__each_witness_counts_once_and_forgery_is_refused),
        cmocka_unit_test(cosignatures__time_is_signed_and_bounded),
        cmocka_unit_test(cosignatures__shared_names_or_keys_are_refused),
        cmocka_unit_test(accept__only_the_verified_line_of_an_answer_is_kept),
        cmocka_unit_test(receipt__vector_is_reproduced_and_verifies),
        cmocka_unit_test(receipt__other_entry_index_head_or_quorum_is_refused),
        cmocka_unit_test(receipt__other_forms_are_refused),
        cmocka_unit_test(vectors__files_beside_the_checkout_are_the_embedded_ones),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
