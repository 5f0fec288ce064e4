/*
 * Opening balances of an old platform (scenario 13): two officers, before the first order; what was used there counts here, and loading it twice changes nothing.
 */
#include "tests/support/scene.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

#define POOL "330602-2026-E"
#define OLD_HOLDER "91330600X000000199"

static zd_scene *with_old_holder(void)
{
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-2", "holder.register",
                   "\"holder\":\"" OLD_HOLDER "\",\"class\":\"enterprise\",\"jurisdiction\":\"330602\",\"code\":\"" OLD_HOLDER
                   "\",\"label\":\"样例丙公司\",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"");
    return scene;
}

#define QUOTA(fen) "\"holder\":\"" OLD_HOLDER "\",\"year\":2026,\"amount_fen\":" fen
#define ALLOT(voucher, fen) "\"voucher\":\"" voucher "\",\"holder\":\"" OLD_HOLDER "\",\"year\":2026,\"amount_fen\":" fen ",\"categories\":\"testing\""

/* Scenario 13: quota used 15,000,000: 5,000,000 more is accepted, 1 more refused. */
static void quota__used_elsewhere_counts_here(void **state)
{
    (void)state;
    zd_scene *scene = with_old_holder();
    scene_refused(scene, "issuer-1", "opening.quota", "R15", QUOTA("20000001"));
    scene_refused(scene, "issuer-1", "opening.quota", "A03", "\"holder\":\"nobody\",\"year\":2026,\"amount_fen\":1");
    scene_two(scene, "issuer-1", "issuer-2", "opening.quota", QUOTA("15000000"));
    assert_int_equal(zd_scene_balance(scene, "6300/opening-" OLD_HOLDER "/2026"), 15000000);
    scene_refused(scene, "issuer-1", "opening.quota", "A02", QUOTA("1"));
    scene_accepted(scene, "issuer-1", "voucher.allot", ALLOT("O-1", "5000000"));
    scene_refused(scene, "issuer-1", "voucher.allot", "R15", ALLOT("O-2", "1"));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void quota__one_officer_alone_changes_nothing(void **state)
{
    (void)state;
    zd_scene *scene = with_old_holder();
    assert_ok(zd_scene_submit(scene, "issuer-1", "opening.quota", err, "%s", QUOTA("15000000")));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_int_equal(zd_scene_balance(scene, "6300/opening-" OLD_HOLDER "/2026"), 0);
    assert_ok(zd_scene_second(scene, "issuer-1", err));
    assert_string_equal(zd_scene_code(scene), "R46");
    assert_int_equal(zd_scene_balance(scene, "6300/opening-" OLD_HOLDER "/2026"), 0);
    zd_scene_free(scene);
}

/* Scenario 13: a capture on an invoice that was paid before is R32, under any of its numbers. */
static void invoice__paid_before_can_never_be_captured(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
#define OPENING_INVOICE "\"provider\":\"" P1 "\",\"holder\":\"" H1 "\",\"invoice\":"
    scene_refused(scene, "issuer-1", "opening.invoice", "R29", OPENING_INVOICE "\"2633200000012345678\"");
    scene_two(scene, "issuer-1", "issuer-2", "opening.invoice", OPENING_INVOICE "\"033001800604:12345678,26332000000123456789\"");
    scene_refused(scene, "issuer-1", "opening.invoice", "A02", OPENING_INVOICE "\"26332000000123456789\"");
    zd_scene_order(scene, "R-1", 100000);
    static const char *const numbers[] = {"26332000000123456789", "033001800604:12345678"};
    for (size_t i = 0; i < ZD_COUNT(numbers); i++) {
        scene_refused(scene, "provider/" P1, "redemption.capture", "R32",
                      "\"item\":\"C-%zu\",\"order\":\"R-1\",\"amount_fen\":100000,\"own_share_fen\":100000,\"final\":true,\"done\":\"2026-03-02\",\"result_sha256\":\"%064d\","
                      "\"invoice\":\"%s\",\"invoice_fen\":200000,\"invoice_part_fen\":200000,\"invoice_date\":\"2026-03-02\",\"seller\":\"" P1 "\",\"buyer\":\"" H1 "\"",
                      i, 5, numbers[i]);
    }
    zd_scene_free(scene);
}

#define BALANCE(account, fen) "\"account\":\"" account "\",\"pool\":\"" POOL "\",\"amount_fen\":" fen

static void balance__open_payables_become_items_that_a_seal_can_pay(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "issuer-1", "opening.balance", "A07", BALANCE("3000", "70000") ",\"provider\":\"" P1 "\"");
    scene_refused(scene, "issuer-1", "opening.balance", "A07", BALANCE("3000", "70000") ",\"item\":\"old-1\"");
    scene_refused(scene, "issuer-1", "opening.balance", "A03", BALANCE("3000", "70000") ",\"provider\":\"" H1 "\",\"item\":\"old-1\"");
    scene_refused(scene, "issuer-1", "opening.balance", "A07", BALANCE("3050", "70000") ",\"provider\":\"" P1 "\",\"item\":\"old-1\"");
    scene_two(scene, "issuer-1", "issuer-2", "opening.balance", BALANCE("3000", "70000") ",\"provider\":\"" P1 "\",\"item\":\"old-1\"");
    scene_two(scene, "issuer-1", "issuer-2", "opening.balance", BALANCE("3200", "30000") ",\"provider\":\"" P1 "\",\"item\":\"old-2\"");
    scene_two(scene, "issuer-1", "issuer-2", "opening.balance", BALANCE("1100", "20000") ",\"provider\":\"" P1 "\",\"note\":\"old-note\"");
    scene_two(scene, "issuer-1", "issuer-2", "opening.balance", BALANCE("2000", "500"));
    scene_refused(scene, "issuer-1", "opening.balance", "A02", BALANCE("3200", "1") ",\"provider\":\"" P1 "\",\"item\":\"old-1\"");
    scene_refused(scene, "issuer-1", "opening.balance", "A02", BALANCE("1100", "1") ",\"provider\":\"" P1 "\",\"note\":\"old-note\"");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 70000);
    assert_int_equal(zd_scene_balance(scene, "3200/" P1 "/" POOL), 30000);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL), 20000);
    assert_int_equal(zd_scene_balance(scene, "2160/old-note/" POOL), 20000);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL), 100100500);
    zd_scene_check(scene);
    scene_accepted(scene, "service", "sweep", "\"up_to\":\"2026-03-02T00:00:00Z\"");
    scene_accepted(scene, "maker", "batch.seal", "\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"cutoff\":%llu,\"execution\":\"2026-03-10\"", (unsigned long long)scene->seq);
    const zd_rec_line *line = zd_book_find(scene->book, ZD_R_LINE, "B-1/%s", P1);
    assert_non_null(line);
    assert_int_equal(line->gross_fen, 100000);
    assert_int_equal(line->offset_fen, 20000);
    assert_int_equal(line->net_fen, 80000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void openings__end_with_the_first_order(void **state)
{
    (void)state;
    zd_scene *scene = with_old_holder();
    assert_ok(zd_scene_submit(scene, "issuer-1", "opening.balance", err, "%s", BALANCE("2000", "500")));
    char proposal[ZD_HASH_HEX];
    memcpy(proposal, scene->last_text, sizeof proposal);
    zd_scene_order(scene, "R-1", 100000);
    scene_refused(scene, "issuer-1", "opening.quota", "A15", QUOTA("1"));
    scene_refused(scene, "issuer-1", "opening.invoice", "A15", OPENING_INVOICE "\"26332000000123456789\"");
    scene_refused(scene, "issuer-1", "opening.balance", "A15", BALANCE("2000", "500"));
    scene_refused(scene, "issuer-2", "second", "A15", "\"of_sha256\":\"%s\"", proposal); /* proposed in time, completed too late */
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL), 100000000);
    zd_scene_free(scene);
}

/* Scenario 13: loading the opening twice changes nothing. */
static void openings__loading_the_same_batch_twice_is_harmless(void **state)
{
    (void)state;
    zd_scene *scene = with_old_holder();
    const char *text = "{\"type\":\"batch\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"opening\",\"expires\":\"2026-03-20T00:00:00Z\",\"of\":\"opening.balance\",\"items\":["
                       "{\"id\":\"o1\"," BALANCE("2000", "500") "},{\"id\":\"o2\"," BALANCE("3000", "70") ",\"provider\":\"" P1 "\",\"item\":\"old-1\"}]}\n";
    assert_ok(zd_scene_text(scene, "issuer-1", text, err));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL), 100000000);
    assert_ok(zd_scene_second(scene, "issuer-2", err));
    assert_string_equal(zd_scene_code(scene), "");
    assert_int_equal(scene->last.count, 3);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL), 100000570);
    assert_ok(zd_scene_text(scene, "issuer-1", text, err));
    assert_true(scene->last.replay);
    assert_int_equal(zd_scene_balance(scene, "1000/" POOL), 100000570);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void openings__place_binds_both_officers(void **state)
{
    (void)state;
    zd_scene *scene = with_old_holder();
    scene_accepted(scene, "root-1", "key.grant",
                   "\"key_name\":\"issuer-81\",\"public\":\"%064d\",\"person\":\"p81\",\"unit\":\"b81\",\"role\":\"issuer\",\"jurisdictions\":\"330681\"", 78);
    scene_refused(scene, "issuer-81", "opening.quota", "R46", QUOTA("1"));
    assert_ok(zd_scene_submit(scene, "issuer-1", "opening.quota", err, "%s", QUOTA("1")));
    assert_ok(zd_scene_second(scene, "issuer-81", err));
    assert_string_equal(zd_scene_code(scene), "R46");
    assert_int_equal(zd_scene_balance(scene, "6300/opening-" OLD_HOLDER "/2026"), 0);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quota__used_elsewhere_counts_here),
        cmocka_unit_test(quota__one_officer_alone_changes_nothing),
        cmocka_unit_test(invoice__paid_before_can_never_be_captured),
        cmocka_unit_test(balance__open_payables_become_items_that_a_seal_can_pay),
        cmocka_unit_test(openings__end_with_the_first_order),
        cmocka_unit_test(openings__loading_the_same_batch_twice_is_harmless),
        cmocka_unit_test(openings__place_binds_both_officers),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
