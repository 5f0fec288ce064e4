/* A seal written in parts: other requests come between them, nothing is left out or taken twice, and only the maker goes on. */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/settling.h"

#define P3 "12330600470000003W"
#define IN_PARTS ",\"chunk\":1"
#define NEXT(part) "\"batch\":\"B-1\",\"part\":%d", (part)

static const zd_settling_part by_p2 = {"V-1", H1, P2, H1};
static const zd_settling_part by_p3 = {"V-1", H1, P3, H1};

/* Three providers with a service each; in the order of the open list: P3, P1, P2. */
static void services_of_three(zd_scene *scene)
{
    scene_two(scene, "issuer-1", "issuer-2", "exception.list", "\"code\":\"" P3 "\",\"decision\":\"样例决〔2026〕1号\"");
    scene_accepted(scene, "issuer-1", "provider.admit",
                   "\"provider\":\"" P3 "\",\"label\":\"样例第三所\",\"categories\":\"testing\",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"");
    char hex[ZD_HASH_HEX];
    zd_signer *signer = zd_scene_signer("provider/" P3);
    zd_hash hash;
    memcpy(hash.bytes, zd_signer_public(signer)->bytes, sizeof hash.bytes);
    zd_signer_close(signer);
    zd_hash_hex(hex, &hash);
    scene_accepted(scene, "issuer-1", "key.grant", "\"key_name\":\"provider/" P3 "\",\"public\":\"%s\",\"person\":\"p-p3\",\"unit\":\"p3\",\"role\":\"provider\",\"party\":\"" P3
                   "\",\"jurisdictions\":\"all\"", hex);
    scene_two(scene, "provider/" P3, "issuer-1", "provider.account", "\"provider\":\"" P3 "\",\"commitment\":\"%064d\"", 3);
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, by_p2, "R-2", 200000);
    zd_settling_capture_for(scene, by_p3, "R-3", 300000);
    zd_settling_wait(scene);
}

static void parts__let_requests_between_them_and_come_to_the_whole(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    services_of_three(scene);
    zd_settling_seal(scene, "B-1", POOL_E, IN_PARTS);
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_DRAFT);
    assert_int_equal(zd_settling_line(scene, "B-1", P3)->net_fen, 300000);
    /* Behind the cut-off: not in this batch, whoever's turn it is. */
    zd_settling_capture_for(scene, by_p2, "R-4", 50000);
    /* Below the cut-off, and not looked at yet: what is refunded now is not paid. */
    scene_accepted(scene, "provider/" P2, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-R-2\",\"amount_fen\":20000");
    /* Looked at already: in the batch. */
    scene_refused(scene, "provider/" P3, "redemption.refund", "A11", "\"note\":\"N-2\",\"item\":\"c-R-3\",\"amount_fen\":20000");
    scene_accepted(scene, "maker", "batch.continue", NEXT(2));
    assert_int_equal(zd_settling_line(scene, "B-1", P1)->net_fen, 100000);
    zd_settling_check(scene);
    scene_accepted(scene, "maker", "batch.continue", NEXT(3));
    assert_int_equal(zd_settling_line(scene, "B-1", P2)->net_fen, 180000);
    zd_settling_check(scene);
    const zd_rec_batch *batch = zd_settling_batch(scene, "B-1");
    assert_int_equal(batch->state, ZD_B_SEALED);
    assert_int_equal(batch->count, 3);
    assert_int_equal(batch->total_fen, 580000);
    assert_int_equal(batch->waiting, 0); /* what came behind the cut-off is no part of it at all */
    assert_int_equal(zd_settling_line(scene, "B-1", P2)->number, 3);
    assert_int_equal(batch->last_seq, (int64_t)scene->seq - 1);
    zd_settling_approve(scene, "B-1");
    zd_settling_release(scene, "B-1");
    assert_int_equal(batch->released_total_fen, 580000);
    zd_settling_answer(scene, "B-1", P1, "debited");
    zd_settling_answer(scene, "B-1", P2, "debited");
    zd_settling_answer(scene, "B-1", P3, "failed");
    zd_scene_free(scene);
}

static void draft__is_neither_approved_nor_objected_to_nor_doubled(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    char hex[ZD_HASH_HEX];
    services_of_three(scene);
    zd_settling_seal(scene, "B-1", POOL_E, IN_PARTS);
    zd_hash_hex(hex, &zd_settling_batch(scene, "B-1")->seal_sha256);
    scene_refused(scene, "checker", "batch.approve", "A04", "\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", hex);
    scene_refused(scene, "reviewer-1", "batch.object", "A04", "\"batch\":\"B-1\",\"provider\":\"" P3 "\",\"reason\":\"dispute\"");
    scene_refused(scene, "maker", "line.answer", "A04", "\"batch\":\"B-1\",\"provider\":\"" P3 "\",\"answer\":\"debited\",\"evidence_sha256\":\"%064d\"", 9);
    zd_settling_seal_refused(scene, "maker", "B-2", POOL_E, "A04");
    assert_ok(zd_scene_submit(scene, "maker", "pool.close-year", err, "\"pool\":\"" POOL_E "\",\"document\":\"d\""));
    assert_string_equal(zd_scene_code(scene), "A04");
    scene_refused(scene, "maker", "batch.continue", "A07", NEXT(3)); /* a part left out */
    scene_refused(scene, "maker-2", "batch.continue", "R46", NEXT(2)); /* another person */
    assert_code(zd_scene_submit(scene, "checker", "batch.continue", err, NEXT(2)), ZD_E_KEY_ROLE);
    scene_accepted(scene, "maker", "batch.continue", NEXT(2));
    scene_refused(scene, "maker", "batch.continue", "A07", NEXT(2)); /* a part twice */
    scene_accepted(scene, "maker", "batch.continue", NEXT(3));
    scene_refused(scene, "maker", "batch.continue", "A04", NEXT(4));
    scene_accepted(scene, "checker", "batch.approve", "\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", hex);
    zd_scene_free(scene);
}

static void draft__withdrawn_opens_everything_again(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    services_of_three(scene);
    zd_settling_seal(scene, "B-1", POOL_E, IN_PARTS);
    scene_accepted(scene, "maker", "batch.continue", NEXT(2));
    scene_accepted(scene, "maker-2", "batch.withdraw", "\"batch\":\"B-1\",\"reason\":\"mistake\"");
    zd_settling_check(scene);
    scene_refused(scene, "maker", "batch.continue", "A04", NEXT(3));
    zd_settling_pay(scene, "B-2", POOL_E);
    assert_int_equal(zd_settling_batch(scene, "B-2")->total_fen, 600000);
    zd_scene_free(scene);
}

/* Nothing to pay in any part: closed, not left as a draft for ever. */
static void parts__in_which_everything_waits_close_the_batch(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_capture_for(scene, by_p2, "R-2", 200000);
    zd_settling_seal(scene, "B-1", POOL_E, IN_PARTS);
    zd_settling_waits(scene, 0, "c-R-1", "notice");
    scene_accepted(scene, "maker", "batch.continue", NEXT(2));
    zd_settling_waits(scene, 0, "c-R-2", "notice");
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_CLOSED);
    assert_int_equal(zd_settling_batch(scene, "B-1")->count, 0);
    assert_int_equal(zd_settling_batch(scene, "B-1")->waiting, 2);
    zd_scene_free(scene);
}

/* The walk over what the store holds, not over memory: a process of its own for each part. */
static void parts__go_on_in_another_process_after_a_crash(void **state)
{
    (void)state;
    const char *box = zd_test_dir("parts");
    char path[240];
    (void)snprintf(path, sizeof path, "%s/ledger", box);
    zd_scene *scene = zd_scene_ready_on(path);
    services_of_three(scene);
    zd_settling_seal(scene, "B-1", POOL_E, IN_PARTS);
    for (int part = 2; part <= 3; part++) {
        zd_ledger *ledger = NULL;
        assert_ok(zd_ledger_close(scene->ledger, err));
        zd_ledger_options options = zd_ledger_defaults();
        options.clock = zd_clock_fixed(&scene->now_unix_ms);
        assert_ok(zd_ledger_open(&ledger, path, true, &options, err));
        zd_scene_attach(scene, ledger);
        scene_accepted(scene, "maker", "batch.continue", NEXT(part));
    }
    assert_int_equal(zd_settling_batch(scene, "B-1")->state, ZD_B_SEALED);
    assert_int_equal(zd_settling_batch(scene, "B-1")->total_fen, 600000);
    zd_settling_check(scene);
    zd_scene_free(scene);
    zd_test_dir_remove(box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts__let_requests_between_them_and_come_to_the_whole),
        cmocka_unit_test(draft__is_neither_approved_nor_objected_to_nor_doubled),
        cmocka_unit_test(draft__withdrawn_opens_everything_again),
        cmocka_unit_test(parts__in_which_everything_waits_close_the_batch),
        cmocka_unit_test(parts__go_on_in_another_process_after_a_crash),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
