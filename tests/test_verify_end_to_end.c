/*
 * The verifier against a real repository that stock git cloned: an honest one is verified when it is anchored, and only then; a damaged or shallow copy never is.
 * Forgeries are in test_verify_forgeries.c.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "audit/trail/trail.h"
#include "tests/support/audit_story.h"
#include "tests/support/scene.h"

static void honest_clone__with_the_genesis_is_verified(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    int result = zd_story_verify(&verdict, s->clone, (zd_verify_options){.has_genesis = true, .genesis = s->genesis});
    if (result != ZD_AUDIT_VERIFIED) {
        zd_story_show(&verdict);
    }
    assert_int_equal(result, ZD_AUDIT_VERIFIED);
    const zd_verify_counts *counts = &verdict.report->counts;
    assert_int_equal(counts->commits, 5);
    assert_int_equal(counts->signatures, 10);
    assert_int_equal(counts->entries, verdict.newest.size);
    assert_int_equal(counts->decisions, counts->entries);
    assert_int_equal(counts->redemptions, 4);
    assert_int_equal(counts->seals, 2);
    assert_true(counts->requests > 50 && counts->accounts > 20 && counts->attested > 5);
    zd_verdict_free(&verdict);
}

static void honest_bare_repository__is_verified_as_well(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    assert_int_equal(zd_story_verify(&verdict, s->audit, (zd_verify_options){.has_genesis = true, .genesis = s->genesis, .threads = 1}), ZD_AUDIT_VERIFIED);
    zd_verdict_free(&verdict);
}

static void honest_clone__without_an_anchor_is_unanchored(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    assert_int_equal(zd_story_verify(&verdict, s->clone, (zd_verify_options){0}), ZD_AUDIT_UNANCHORED);
    assert_int_equal(verdict.report->total, 0);
    zd_verdict_free(&verdict);
}

static zd_checkpoint kept_checkpoint(const zd_audit_story *s)
{
    zd_note note;
    zd_checkpoint checkpoint;
    assert_ok(zd_note_split(&note, zd_buf_span(&s->middle), err));
    assert_ok(zd_checkpoint_parse(&checkpoint, note.text, err));
    return checkpoint;
}

static void honest_clone__since_a_kept_checkpoint_is_verified(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    assert_int_equal(zd_story_verify(&verdict, s->clone, (zd_verify_options){.has_since = true, .since = kept_checkpoint(s)}), ZD_AUDIT_VERIFIED);
    zd_verdict_free(&verdict);
}

static void kept_checkpoint__of_another_history_or_ahead_is_found(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    zd_checkpoint other = kept_checkpoint(s);
    other.root.bytes[3] ^= 1U;
    assert_int_equal(zd_story_verify(&verdict, s->clone, (zd_verify_options){.has_since = true, .since = other}), ZD_AUDIT_FINDING);
    assert_int_equal(verdict.report->by_check[ZD_V_ANCHOR_SINCE], 1);
    zd_verdict_free(&verdict);
    other = kept_checkpoint(s);
    other.size += 100000; /* the log was rolled back since */
    assert_int_equal(zd_story_verify(&verdict, s->clone, (zd_verify_options){.has_since = true, .since = other}), ZD_AUDIT_FINDING);
    assert_int_equal(verdict.report->by_check[ZD_V_ANCHOR_SINCE], 1);
    zd_verdict_free(&verdict);
}

static void other_genesis__is_found_at_once(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    zd_hash other = s->genesis;
    other.bytes[0] ^= 1U;
    assert_int_equal(zd_story_verify(&verdict, s->clone, (zd_verify_options){.has_genesis = true, .genesis = other}), ZD_AUDIT_FINDING);
    assert_int_equal(verdict.report->by_check[ZD_V_ANCHOR_GENESIS], 1);
    assert_false(verdict.anchored);
    zd_verdict_free(&verdict);
}

/* --- damaged --- */

/* Nobody has cosigned yet: an auditor who asks for a witness is told so, one who only names the log key is not. */
static void witness_policy__of_the_auditor_is_asked(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    zd_witness_policy *policy = zd_alloc(sizeof *policy);
    zd_verify_options options = {.has_genesis = true, .genesis = s->genesis, .policy = policy};
    zd_buf text = {0};
    zd_buf file = {0};
    bool found = false;
    zd_trail *trail = NULL;
    char tip[ZD_OID_HEX];
    assert_ok(zd_trail_open(&trail, s->clone, err));
    assert_ok(zd_trail_tip(trail, tip, &found, err));
    assert_ok(zd_trail_file(&file, &found, trail, tip, "keys/policy", err));
    zd_trail_close(trail);
    assert_ok(zd_witness_policy_parse(policy, zd_buf_span(&file), err));
    assert_int_equal(zd_story_verify(&verdict, s->clone, options), ZD_AUDIT_VERIFIED);
    zd_verdict_free(&verdict);
    zd_signer *witness = zd_scene_signer("a witness");
    zd_buf_add_text(&text, "witness w ");
    zd_vkey_add(&text, zd_span_text("w.example"), ZD_NOTE_TYPE_COSIGNATURE, zd_signer_public(witness));
    zd_buf_add_text(&text, "\nquorum w\n");
    zd_signer_close(witness);
    assert_ok(zd_witness_policy_parse(policy, zd_buf_span(&text), err));
    assert_int_equal(zd_story_verify(&verdict, s->clone, options), ZD_AUDIT_FINDING);
    assert_int_equal(verdict.report->by_check[ZD_V_ANCHOR_WITNESS], 1);
    assert_int_equal(verdict.report->total, 1);
    zd_verdict_free(&verdict);
    zd_buf_free(&text);
    zd_buf_free(&file);
    free(policy);
}

static void damaged_pack__is_a_finding_or_a_fault_never_verified(void **state)
{
    const zd_audit_story *s = *state;
    char copy[ZD_STORY_PATH];
    zd_buf path = {0};
    zd_format(copy, sizeof copy, "%s/damaged", s->dir);
    /* One byte in the middle of each pack in turn, which is packed data of entries or trees. */
    assert_int_equal(zd_test_shell(NULL, "cp -r '%s' '%s' && chmod -R u+w '%s' && cd '%s' && for p in objects/pack/*.pack; do "
                                         "n=$(($(stat -c %%s $p) / 2)); printf '\\377\\377\\377' | dd of=$p bs=1 seek=$n conv=notrunc 2>/dev/null; done",
                                   s->audit, copy, copy, copy), 0);
    zd_verdict verdict;
    zd_error err = {0};
    zd_verify_options options = {.repository = copy, .has_genesis = true, .genesis = s->genesis};
    zd_status status = zd_verify_run(&verdict, &options, &err);
    assert_true(status != ZD_OK || zd_verdict_exit(&verdict) == ZD_AUDIT_FINDING);
    if (status == ZD_OK) {
        assert_true(verdict.report->by_check[ZD_V_GIT_OBJECT] + verdict.report->by_check[ZD_V_GIT_HISTORY] > 0);
    }
    zd_verdict_free(&verdict);
    zd_buf_free(&path);
}

static void shallow_clone__is_no_evidence(void **state)
{
    const zd_audit_story *s = *state;
    char copy[ZD_STORY_PATH];
    char *argv[] = {(char[]){"zhidui-audit"}, (char[]){"verify"}, copy, NULL};
    zd_format(copy, sizeof copy, "%s/shallow", s->dir);
    assert_int_equal(zd_test_shell(NULL, "git clone -q --depth 1 'file://%s' '%s'", s->audit, copy), 0);
    assert_int_equal(zd_audit_main(3, argv), ZD_AUDIT_UNANCHORED);
}

static void command_line__wrong_usage_says_so(void **state)
{
    (void)state;
    char *none[] = {(char[]){"zhidui-audit"}, NULL};
    char *no_repository[] = {(char[]){"zhidui-audit"}, (char[]){"verify"}, NULL};
    char *bad_option[] = {(char[]){"zhidui-audit"}, (char[]){"verify"}, (char[]){"x"}, (char[]){"--genesi"}, (char[]){"y"}, NULL};
    char *bad_hash[] = {(char[]){"zhidui-audit"}, (char[]){"verify"}, (char[]){"x"}, (char[]){"--genesis"}, (char[]){"y"}, NULL};
    char *no_such[] = {(char[]){"zhidui-audit"}, (char[]){"verify"}, (char[]){"no/such/repository"}, NULL};
    assert_int_equal(zd_audit_main(1, none), ZD_AUDIT_USAGE);
    assert_int_equal(zd_audit_main(2, no_repository), ZD_AUDIT_USAGE);
    assert_int_equal(zd_audit_main(5, bad_option), ZD_AUDIT_USAGE);
    assert_int_equal(zd_audit_main(5, bad_hash), ZD_AUDIT_USAGE);
    assert_int_equal(zd_audit_main(3, no_such), ZD_AUDIT_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_clone__with_the_genesis_is_verified),
        cmocka_unit_test(honest_bare_repository__is_verified_as_well),
        cmocka_unit_test(honest_clone__without_an_anchor_is_unanchored),
        cmocka_unit_test(honest_clone__since_a_kept_checkpoint_is_verified),
        cmocka_unit_test(kept_checkpoint__of_another_history_or_ahead_is_found),
        cmocka_unit_test(other_genesis__is_found_at_once),
        cmocka_unit_test(witness_policy__of_the_auditor_is_asked),
        cmocka_unit_test(damaged_pack__is_a_finding_or_a_fault_never_verified),
        cmocka_unit_test(shallow_clone__is_no_evidence),
        cmocka_unit_test(command_line__wrong_usage_says_so),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, zd_audit_story_setup, zd_audit_story_teardown));
}
