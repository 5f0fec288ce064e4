/*
 * Facts from outside: who may say what, which gates they open, what a void and a red letter do to money that is open, and to money that was paid.
 */
#include "tests/support/scene.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/rules/decide.h"

#define POOL "330602-2026-E"
#define FACT(kind, subject, value) "\"fact\":\"" kind "\",\"subject\":\"" subject "\",\"value\":\"" value "\""

static const zd_rec_item *item(zd_scene *scene, const char *id)
{
    return zd_book_find(scene->book, ZD_R_ITEM, "%s", id);
}

/* Order and full capture of 200,000 on an invoice of 400,000. */
static void capture_one(zd_scene *scene, const char *order, const char *id)
{
    zd_scene_order(scene, order, 200000);
    zd_scene_capture(scene, id, order, 200000, true);
    assert_string_equal(zd_scene_code(scene), "");
}

/* Seals the pool's ungated items and lets the bank pay P1. */
static void pay(zd_scene *scene, const char *batch)
{
    char seal[ZD_HASH_HEX];
    zd_scene_days(scene, 8);
    char up_to[ZD_TIME_TEXT];
    zd_time_text(up_to, scene->now_unix_ms);
    scene_accepted(scene, "service", "sweep", "\"up_to\":\"%s\"", up_to);
    scene_accepted(scene, "maker", "batch.seal", "\"batch\":\"%s\",\"pool\":\"" POOL "\",\"cutoff\":%llu,\"execution\":\"2026-03-20\"", batch, (unsigned long long)scene->seq);
    memcpy(seal, scene->last_text, sizeof seal);
    const zd_rec_batch *record = zd_book_find(scene->book, ZD_R_BATCH, "%s", batch);
    assert_int_equal(record->count, 1);
    scene_accepted(scene, "checker", "batch.approve", "\"batch\":\"%s\",\"seal_sha256\":\"%s\"", batch, seal);
    scene_accepted(scene, "releaser", "batch.release", "\"batch\":\"%s\",\"count\":1,\"total_fen\":%lld", batch, (long long)record->total_fen);
    scene_accepted(scene, "maker", "line.answer", "\"batch\":\"%s\",\"provider\":\"" P1 "\",\"answer\":\"debited\",\"evidence_sha256\":\"%064d\"", batch, 1);
}

static void fact__only_the_role_that_may_say_it(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "issuer-1", "fact.attest", "A05", FACT("invoice-check", "26332000000123456789", "ok"));
    scene_refused(scene, "issuer-1", "fact.attest", "A05", FACT("consent", "R-1", "clerk"));
    scene_accepted(scene, "issuer-1", "fact.attest", FACT("affiliation", H1 "/" P1, "none"));
    scene_accepted(scene, "attester", "fact.attest", FACT("controller", H1, "G-1"));
    assert_code(zd_scene_submit(scene, "maker", "fact.attest", err, FACT("contact", H1, "x")), ZD_E_KEY_ROLE);
    zd_scene_free(scene);
}

static void fact__subject_and_value_must_fit_the_kind(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "attester", "fact.attest", "R29", FACT("invoice-check", "12345", "ok"));
    scene_refused(scene, "attester", "fact.attest", "A07", FACT("invoice-check", "26332000000123456789", "fine"));
    scene_refused(scene, "attester", "fact.attest", "A07", FACT("invoice-check", "26332000000123456789", "ok") ",\"valid_from\":\"2026-03-03\"");
    scene_refused(scene, "attester", "fact.attest", "A07", FACT("affiliation", H1, "none"));
    scene_refused(scene, "attester", "fact.attest", "A07", FACT("affiliation", H1 "/" P1 "/x", "none"));
    scene_refused(scene, "attester", "fact.attest", "A03", FACT("affiliation", H1 "/" H81, "none"));
    scene_refused(scene, "attester", "fact.attest", "A03", FACT("controller", "nobody", "G-1"));
    scene_refused(scene, "attester", "fact.attest", "A07", FACT("eligible", H1 "/26", "yes"));
    scene_refused(scene, "attester", "fact.attest", "A07", FACT("consent", "R-1", "telephone"));
    scene_refused(scene, "attester", "fact.attest", "A07", FACT("own-share", "R-1", "paid"));
    scene_refused(scene, "attester", "fact.attest", "A07", FACT("red-letter", "26332000000123456789", "r1"));
    zd_scene_free(scene);
}

static void own_share__total_never_falls_and_opens_the_gate(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    capture_one(scene, "R-1", "C-1");
    assert_true(((zd_check_set)item(scene, "C-1")->gates & ZD_CHECK_BIT(R25)) != 0);
    scene_accepted(scene, "gateway", "fact.attest", FACT("own-share", "R-1", "paid") ",\"amount_fen\":199999");
    assert_true(((zd_check_set)item(scene, "C-1")->gates & ZD_CHECK_BIT(R25)) != 0);
    scene_refused(scene, "gateway", "fact.attest", "A07", FACT("own-share", "R-1", "paid") ",\"amount_fen\":199998");
    scene_accepted(scene, "gateway", "fact.attest", FACT("own-share", "R-1", "paid") ",\"amount_fen\":200000");
    assert_false(((zd_check_set)item(scene, "C-1")->gates & ZD_CHECK_BIT(R25)) != 0);
    zd_scene_free(scene);
}

static void consent__is_given_once(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    capture_one(scene, "R-1", "C-1");
    assert_true(((zd_check_set)item(scene, "C-1")->gates & ZD_CHECK_BIT(R06)) != 0);
    scene_accepted(scene, "gateway", "fact.attest", FACT("consent", "R-1", "gateway"));
    assert_false(((zd_check_set)item(scene, "C-1")->gates & ZD_CHECK_BIT(R06)) != 0);
    scene_refused(scene, "gateway", "fact.attest", "A02", FACT("consent", "R-1", "gateway"));
    zd_scene_free(scene);
}

static void invoice_void__holds_open_captures_and_an_ok_opens_gates(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    capture_one(scene, "R-1", "C-1");
    capture_one(scene, "R-2", "C-2");
#define CHECK(value) "\"fact\":\"invoice-check\",\"subject\":\"%s\",\"value\":\"" value "\""
    scene_accepted(scene, "attester", "fact.attest", CHECK("ok"), item(scene, "C-1")->invoice);
    assert_false(((zd_check_set)item(scene, "C-1")->gates & ZD_CHECK_BIT(R33)) != 0);
    scene_accepted(scene, "attester", "fact.attest", CHECK("void"), item(scene, "C-1")->invoice);
    assert_int_equal(item(scene, "C-1")->held, 1);
    assert_true(((zd_check_set)item(scene, "C-1")->holds & ZD_CHECK_BIT(R33)) != 0);
    assert_int_equal(item(scene, "C-2")->held, 0);
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL), 200000);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 200000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void other_plan__holds_what_is_open_by_invoice_or_order(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    capture_one(scene, "R-1", "C-1");
    capture_one(scene, "R-2", "C-2");
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"other-plan\",\"subject\":\"%s\",\"value\":\"plan-9\"", item(scene, "C-1")->invoice);
    scene_accepted(scene, "attester", "fact.attest", FACT("other-plan", "R-2", "plan-9"));
    assert_int_equal(item(scene, "C-1")->held, 1);
    assert_int_equal(item(scene, "C-2")->held, 1);
    assert_true(((zd_check_set)item(scene, "C-2")->holds & ZD_CHECK_BIT(R36)) != 0);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

#define RED(value, fen) "\"fact\":\"red-letter\",\"subject\":\"%s\",\"value\":\"" value "\",\"amount_fen\":" fen

/* Scenario 10: invoice 400,000, subsidy 200,000 paid; red letter 100,000: receivable 50,000. */
static void red_letter__takes_its_part_of_paid_subsidy_back(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    capture_one(scene, "R-1", "C-1");
    zd_scene_clear_gates(scene, "C-1");
    pay(scene, "B-1");
    assert_int_equal(item(scene, "C-1")->paid_fen[0], 200000);
    const char *invoice = item(scene, "C-1")->invoice;
    scene_refused(scene, "attester", "fact.attest", "A07", RED("r-0", "400001"), invoice);
    scene_accepted(scene, "attester", "fact.attest", RED("r-1", "100000"), invoice);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL), 50000);
    assert_int_equal(zd_scene_balance(scene, "2160/red-r-1/" POOL), 50000);
    assert_int_equal(item(scene, "C-1")->refunded_settled_fen[0], 50000);
    scene_refused(scene, "attester", "fact.attest", "A02", RED("r-1", "100000"), invoice);
    scene_accepted(scene, "attester", "fact.attest", RED("r-2", "300000"), invoice);
    assert_int_equal(zd_scene_balance(scene, "1100/" P1 "/" POOL), 200000);
    scene_refused(scene, "attester", "fact.attest", "A07", RED("r-3", "1"), invoice);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void red_letter__and_the_providers_own_refund_are_one_event(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    capture_one(scene, "R-1", "C-1");
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"C-1\",\"amount_fen\":30000");
    scene_accepted(scene, "attester", "fact.attest", RED("r-1", "100000"), item(scene, "C-1")->invoice);
    assert_int_equal(item(scene, "C-1")->refunded_open_fen[0], 50000); /* 30,000 by the provider, 20,000 by the fact */
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Three captures of one invoice: the red part meets the newest first. */
static void red_letter__over_several_captures_takes_the_newest_first(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 300000);
    const char *invoice = zd_scene_invoice(77);
    for (int i = 1; i <= 3; i++) {
        scene_accepted(scene, "provider/" P1, "redemption.capture",
                       "\"item\":\"C-%d\",\"order\":\"R-1\",\"amount_fen\":100000,\"own_share_fen\":100000,\"final\":%s,\"done\":\"2026-03-02\",\"result_sha256\":\"%064d\","
                       "\"invoice\":\"%s\",\"invoice_fen\":700000,\"invoice_part_fen\":200000,\"invoice_date\":\"2026-03-02\",\"seller\":\"" P1 "\",\"buyer\":\"" H1 "\"",
                       i, i == 3 ? "true" : "false", 5, invoice);
    }
    /* 100,000 of the invoice is not allocated and goes first; then all of C-3 and half of C-2. */
    scene_accepted(scene, "attester", "fact.attest", RED("r-1", "400000"), invoice);
    assert_int_equal(item(scene, "C-3")->refunded_open_fen[0], 100000);
    assert_int_equal(item(scene, "C-2")->refunded_open_fen[0], 50000);
    assert_int_equal(item(scene, "C-1")->refunded_open_fen[0], 0);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void red_letter__waits_while_a_batch_is_unanswered(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    capture_one(scene, "R-1", "C-1");
    zd_scene_clear_gates(scene, "C-1");
    zd_scene_days(scene, 8);
    char up_to[ZD_TIME_TEXT];
    zd_time_text(up_to, scene->now_unix_ms);
    scene_accepted(scene, "service", "sweep", "\"up_to\":\"%s\"", up_to);
    scene_accepted(scene, "maker", "batch.seal", "\"batch\":\"B-1\",\"pool\":\"" POOL "\",\"cutoff\":%llu,\"execution\":\"2026-03-20\"", (unsigned long long)scene->seq);
    const char *invoice = item(scene, "C-1")->invoice;
    scene_refused(scene, "attester", "fact.attest", "A11", RED("r-1", "100000"), invoice);
    const zd_rec_invoice *record = zd_book_find(scene->book, ZD_R_INVOICE, "%s", invoice);
    assert_int_equal(record->red_fen, 0); /* nothing is done by halves */
    assert_null(zd_book_find(scene->book, ZD_R_FACT, "red-letter/%s", invoice));
    zd_scene_free(scene);
}

/* A red letter that is known before the capture leaves only the rest to be allocated. */
static void red_letter__known_before_the_capture_reduces_the_invoice(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "R-1", 200000);
    const char *invoice = zd_scene_invoice(scene->next_id + 1); /* the one that the capture will use */
    scene_accepted(scene, "attester", "fact.attest", RED("r-1", "1"), invoice);
    zd_scene_capture(scene, "C-1", "R-1", 200000, true);
    assert_string_equal(zd_scene_code(scene), "R32");
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fact__only_the_role_that_may_say_it),
        cmocka_unit_test(fact__subject_and_value_must_fit_the_kind),
        cmocka_unit_test(own_share__total_never_falls_and_opens_the_gate),
        cmocka_unit_test(consent__is_given_once),
        cmocka_unit_test(invoice_void__holds_open_captures_and_an_ok_opens_gates),
        cmocka_unit_test(other_plan__holds_what_is_open_by_invoice_or_order),
        cmocka_unit_test(red_letter__takes_its_part_of_paid_subsidy_back),
        cmocka_unit_test(red_letter__and_the_providers_own_refund_are_one_event),
        cmocka_unit_test(red_letter__over_several_captures_takes_the_newest_first),
        cmocka_unit_test(red_letter__waits_while_a_batch_is_unanswered),
        cmocka_unit_test(red_letter__known_before_the_capture_reduces_the_invoice),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
