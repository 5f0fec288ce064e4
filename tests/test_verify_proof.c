/* Receipts checked offline, and the auditor's own policy file: who must have cosigned. */
#include "tests/support/support.h"

#include <string.h>

#include "audit/verify/verify.h"
#include "ledger/log/proof.h"
#include "ledger/seal/sign/signer.h"

#define ORIGIN "t.example"

static zd_signer *signer_of(const char *name)
{
    zd_signer *signer = NULL;
    zd_hash seed = zd_sha256(zd_span_text(name));
    assert_ok(zd_signer_from_seed(&signer, seed.bytes, err));
    return signer;
}

static void vkey_of(zd_buf *out, const char *key, const char *name, uint8_t type)
{
    zd_signer *signer = signer_of(key);
    zd_vkey_add(out, zd_span_text(name), type, zd_signer_public(signer));
    zd_signer_close(signer);
}

/* A log of two entries, its checkpoint cosigned by these witnesses (NULL ends), and the receipt of entry 1. */
typedef struct receipt {
    zd_buf proof;
    zd_buf vkey;
} receipt;

static const char entry_0[] = "first";
static const char entry_1[] = "second";

static void cosign(zd_buf *note, zd_span text, const char *witness)
{
    zd_buf message = {0};
    uint8_t signature[64];
    zd_witness as = {0};
    zd_signer *signer = signer_of(witness);
    zd_format(as.name, sizeof as.name, "%s.example", witness);
    as.key = *zd_signer_public(signer);
    zd_cosignature_message(&message, 1772000000, text);
    assert_ok(zd_signer_sign(signature, signer, zd_buf_span(&message), err));
    zd_cosignature_add_line(note, &as, 1772000000, signature);
    zd_signer_close(signer);
    zd_buf_free(&message);
}

static receipt make_receipt(const char *const *witnesses)
{
    receipt made = {0};
    zd_tree tree = {0};
    zd_hash leaves[2] = {zd_tree_leaf_hash(zd_span_text(entry_0)), zd_tree_leaf_hash(zd_span_text(entry_1))};
    zd_tree_append(&tree, &leaves[0]);
    zd_tree_append(&tree, &leaves[1]);
    zd_checkpoint checkpoint = {.origin = ORIGIN, .size = 2, .root = zd_tree_root(&tree)};
    zd_tree_proof path = {.count = 1, .hashes = {leaves[0]}};
    zd_buf text = {0};
    zd_buf note = {0};
    zd_signer *log_key = signer_of("log");
    assert_ok(zd_checkpoint_encode(&text, &checkpoint, err));
    assert_ok(zd_signer_note(&note, log_key, ORIGIN, zd_buf_span(&text), err));
    for (size_t i = 0; witnesses[i] != NULL; i++) {
        cosign(&note, zd_buf_span(&text), witnesses[i]);
    }
    assert_ok(zd_proof_encode(&made.proof, 1, &path, zd_span_of(NULL, 0), zd_buf_span(&note), err));
    vkey_of(&made.vkey, "log", ORIGIN, ZD_NOTE_TYPE_ED25519);
    zd_signer_close(log_key);
    zd_buf_free(&text);
    zd_buf_free(&note);
    return made;
}

static void free_receipt(receipt *made)
{
    zd_buf_free(&made->proof);
    zd_buf_free(&made->vkey);
}

static const char *const nobody[] = {NULL};

static int ask(const receipt *made, const char *entry, zd_span vkey, const zd_witness_policy *policy, zd_buf *out)
{
    zd_error err = {0};
    zd_proof_question question = {.proof = zd_buf_span(&made->proof), .has_leaf = true, .leaf = zd_span_text(entry), .vkey = vkey, .policy = policy};
    int result = zd_proof_answer(out, &question, true, false, &err);
    assert_int_equal(result == 0, err.code == ZD_CODE_NONE);
    return result;
}

static void receipt__of_its_entry_is_proved(void **state)
{
    (void)state;
    receipt made = make_receipt(nobody);
    zd_buf out = {0};
    zd_json *json = NULL;
    assert_int_equal(ask(&made, entry_1, zd_buf_span(&made.vkey), NULL, &out), ZD_AUDIT_VERIFIED);
    assert_ok(zd_json_parse(&json, zd_buf_span(&out), true, err));
    assert_int_equal(zd_jval_int(zd_jval_get(zd_json_root(json), "index")), 1);
    assert_int_equal(zd_jval_int(zd_jval_get(zd_json_root(json), "size")), 2);
    assert_false(zd_jval_bool(zd_jval_get(zd_json_root(json), "witnesses_asked")));
    zd_json_free(json);
    zd_buf_free(&out);
    free_receipt(&made);
}

static void receipt__by_leaf_hash_in_chinese_is_proved(void **state)
{
    (void)state;
    receipt made = make_receipt(nobody);
    zd_buf out = {0};
    zd_error err = {0};
    zd_proof_question question = {.proof = zd_buf_span(&made.proof), .leaf_hash = zd_tree_leaf_hash(zd_span_text(entry_1)), .vkey = zd_buf_span(&made.vkey)};
    assert_int_equal(zd_proof_answer(&out, &question, false, true, &err), ZD_AUDIT_VERIFIED);
    assert_non_null(strstr(zd_buf_text(&out), "日志 " ORIGIN " 的第 1 条"));
    zd_buf_clear(&out);
    assert_int_equal(zd_proof_answer(&out, &question, false, false, &err), ZD_AUDIT_VERIFIED);
    assert_non_null(strstr(zd_buf_text(&out), "entry 1 of log " ORIGIN ", of 2 entries"));
    zd_buf_free(&out);
    free_receipt(&made);
}

static void receipt__of_another_entry_or_log_is_a_finding(void **state)
{
    (void)state;
    receipt made = make_receipt(nobody);
    zd_buf out = {0};
    zd_buf other = {0};
    vkey_of(&other, "another log", ORIGIN, ZD_NOTE_TYPE_ED25519);
    assert_int_equal(ask(&made, entry_0, zd_buf_span(&made.vkey), NULL, &out), ZD_AUDIT_FINDING);
    assert_int_equal(ask(&made, entry_1, zd_buf_span(&other), NULL, &out), ZD_AUDIT_FINDING);
    assert_int_equal(out.size, 0);
    zd_buf_free(&other);
    zd_buf_free(&out);
    free_receipt(&made);
}

static void receipt__that_is_none_is_malformed(void **state)
{
    (void)state;
    receipt made = make_receipt(nobody);
    zd_buf out = {0};
    assert_int_equal(ask(&made, entry_1, zd_span_text("no vkey"), NULL, &out), ZD_AUDIT_MALFORMED);
    made.proof.size /= 2;
    assert_int_equal(ask(&made, entry_1, zd_buf_span(&made.vkey), NULL, &out), ZD_AUDIT_MALFORMED);
    zd_buf_free(&out);
    free_receipt(&made);
}

/* --- policies --- */

/* "%L" is the log's vkey, "%X" another log's, "%A", "%B", "%C" those of three witnesses. */
static void policy_text(zd_buf *out, const char *pattern)
{
    for (const char *at = pattern; *at != '\0'; at++) {
        const char *const names[] = {"a", "b", "c"};
        if (*at != '%') {
            zd_buf_add_byte(out, (uint8_t)*at);
            continue;
        }
        at++;
        char name[16];
        if (*at == 'X') {
            vkey_of(out, "another log", ORIGIN, ZD_NOTE_TYPE_ED25519);
            continue;
        }
        zd_format(name, sizeof name, "%s.example", *at == 'L' ? "t" : names[*at - 'A']);
        vkey_of(out, *at == 'L' ? "log" : names[*at - 'A'], *at == 'L' ? ORIGIN : name, *at == 'L' ? ZD_NOTE_TYPE_ED25519 : ZD_NOTE_TYPE_COSIGNATURE);
    }
}

static zd_status parse_policy(zd_witness_policy *policy, const char *pattern, zd_error *err)
{
    zd_buf text = {0};
    policy_text(&text, pattern);
    zd_status status = zd_witness_policy_parse(policy, zd_buf_span(&text), err);
    zd_buf_free(&text);
    return status;
}

#define THREE "log %L\nwitness a %A https://a.example\nwitness b %B\nwitness\tc\t%C\n"

static void quorum__decides_which_cosignatures_are_enough(void **state)
{
    (void)state;
    static const struct {
        const char *policy;
        const char *witnesses[4];
        int result;
    } rows[] = {
        {THREE "quorum none\n", {NULL}, ZD_AUDIT_VERIFIED},
        {THREE "quorum a\n", {"a", NULL}, ZD_AUDIT_VERIFIED},
        {THREE "quorum a\n", {"b", "c", NULL}, ZD_AUDIT_FINDING},
        {THREE "# two of three\ngroup g 2 a b c\nquorum g\n", {"c", "a", NULL}, ZD_AUDIT_VERIFIED},
        {THREE "group g 2 a b c\nquorum g\n", {"b", NULL}, ZD_AUDIT_FINDING},
        {THREE "group g all a b\ngroup h any g c\nquorum h\n", {"c", NULL}, ZD_AUDIT_VERIFIED},
        {THREE "group g all a b\ngroup h all g c\nquorum h\n", {"a", "c", NULL}, ZD_AUDIT_FINDING},
        {THREE "group g all a b\ngroup h all g c\nquorum h\n", {"a", "b", "c", NULL}, ZD_AUDIT_VERIFIED},
        {"log %A\nquorum none\n", {NULL}, -1}, /* a witness's key is no log's */
        {"log %X\nquorum none\n", {NULL}, ZD_AUDIT_FINDING}, /* another log */
    };
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        zd_witness_policy policy;
        zd_buf out = {0};
        receipt made = make_receipt(rows[i].witnesses);
        if (rows[i].result >= 0) {
            assert_ok(parse_policy(&policy, rows[i].policy, err));
            assert_int_equal(ask(&made, entry_1, zd_buf_span(&made.vkey), &policy, &out), rows[i].result);
        } else {
            assert_int_not_equal(parse_policy(&policy, rows[i].policy, NULL), ZD_OK);
        }
        zd_buf_free(&out);
        free_receipt(&made);
    }
}

static void policy__in_another_form_is_refused(void **state)
{
    (void)state;
    static const char *const policies[] = {
        "",
        THREE,
        THREE "quorum none\nquorum none\n",
        THREE "quorum d\n",
        THREE "quorum g\ngroup g all a\n",                 /* forward */
        THREE "group g all a d\nquorum g\n",
        THREE "group g all a a\nquorum g\n",
        THREE "group g all a\ngroup h all a b\nquorum h\n", /* a member twice */
        THREE "group g 0 a\nquorum g\n",
        THREE "group g 3 a b\nquorum g\n",
        THREE "group g all\nquorum g\n",
        THREE "group a all b\nquorum a\n",                 /* a name twice */
        THREE "witness none %A\nquorum none\n",
        THREE "cosigner a\nquorum none\n",
        "witness a %L\nquorum none\n",                     /* a log's key is no witness's */
    };
    for (size_t i = 0; i < ZD_COUNT(policies); i++) {
        zd_witness_policy policy;
        zd_error err = {0};
        if (parse_policy(&policy, policies[i], &err) == ZD_OK) {
            print_error("taken: %s\n", policies[i]);
        }
        assert_int_not_equal(err.code, ZD_CODE_NONE);
    }
}

static void policy__of_too_many_witnesses_is_refused(void **state)
{
    (void)state;
    zd_buf text = {0};
    zd_witness_policy policy;
    for (int i = 0; i < ZD_POLICY_NODES; i++) {
        char name[24];
        zd_format(name, sizeof name, "w%d.example", i);
        zd_buf_addf(&text, "witness w%d ", i);
        vkey_of(&text, name, name, ZD_NOTE_TYPE_COSIGNATURE);
        zd_buf_add_text(&text, "\n");
    }
    zd_buf_add_text(&text, "quorum w63\n");
    assert_ok(zd_witness_policy_parse(&policy, zd_buf_span(&text), err));
    zd_buf_add_text(&text, "group g any w0\n");
    assert_code(zd_witness_policy_parse(&policy, zd_buf_span(&text), err), ZD_E_FIELD_INVALID);
    zd_buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipt__of_its_entry_is_proved),
        cmocka_unit_test(receipt__by_leaf_hash_in_chinese_is_proved),
        cmocka_unit_test(receipt__of_another_entry_or_log_is_a_finding),
        cmocka_unit_test(receipt__that_is_none_is_malformed),
        cmocka_unit_test(quorum__decides_which_cosignatures_are_enough),
        cmocka_unit_test(policy__in_another_form_is_refused),
        cmocka_unit_test(policy__of_too_many_witnesses_is_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
