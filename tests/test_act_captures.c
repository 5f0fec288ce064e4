/*
 * Captures and direct redemptions through the one door: partial and final captures, the invoice as a record, holds of two claims on one invoice, gates and
 * what clears them, cumulative tiers. Scenarios 1, 2 (before the seal), 8, 14 and 15 of the acceptance list.
 */
#include "tests/support/scene.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/rules/decide.h"

#define PROVIDER "provider/" P1
#define LAB "provider/" P1 "/lab-3"
#define HOLDER "holder/" H1
#define POOL "330602-2026-E"
#define OTHER_INVOICE "26330000000000099999"

/* One service in numbers; what is 0 or NULL takes the usual value. */
typedef struct service {
    const char *item;
    const char *order;
    int64_t amount_fen;
    int64_t own_fen;      /* = amount */
    int64_t part_fen;     /* = own + amount */
    int64_t gross_fen;    /* = part */
    int64_t contract_fen; /* direct: = part */
    const char *invoice;  /* one made up from the item */
    const char *done;     /* = 2026-03-02 */
    const char *purpose;  /* direct: alloy */
    const char *more;     /* further members, with a leading comma */
    bool final;
} service;

static const char *invoice_of(const char *item)
{
    static char number[32];
    unsigned hash = 7;
    for (const char *c = item; *c != '\0'; c++) {
        hash = hash * 31 + (unsigned char)*c;
    }
    zd_format(number, sizeof number, "2633%016u", hash);
    return number;
}

static void fill(service *s)
{
    s->own_fen = s->own_fen != 0 ? s->own_fen : s->amount_fen;
    s->part_fen = s->part_fen != 0 ? s->part_fen : s->own_fen + s->amount_fen;
    s->gross_fen = s->gross_fen != 0 ? s->gross_fen : s->part_fen;
    s->contract_fen = s->contract_fen != 0 ? s->contract_fen : s->part_fen;
    s->invoice = s->invoice != NULL ? s->invoice : invoice_of(s->item);
    s->done = s->done != NULL ? s->done : "2026-03-02";
    s->purpose = s->purpose != NULL ? s->purpose : "alloy";
    s->more = s->more != NULL ? s->more : "";
}

/* "code" of the outcome: "" when accepted or held. */
static const char *capture_by(zd_scene *scene, const char *key, service s)
{
    fill(&s);
    assert_ok(zd_scene_submit(scene, key, "redemption.capture", err,
                              "\"item\":\"%s\",\"order\":\"%s\",\"amount_fen\":%lld,\"own_share_fen\":%lld,\"final\":%s,\"done\":\"%s\",\"result_sha256\":\"%064d\",\"invoice\":\"%s\","
                              "\"invoice_fen\":%lld,\"invoice_part_fen\":%lld,\"invoice_date\":\"2026-03-02\",\"seller\":\"" P1 "\",\"buyer\":\"" H1 "\"%s",
                              s.item, s.order, (long long)s.amount_fen, (long long)s.own_fen, s.final ? "true" : "false", s.done, 5, s.invoice, (long long)s.gross_fen,
                              (long long)s.part_fen, s.more));
    return zd_scene_code(scene);
}

static const char *direct_for(zd_scene *scene, const char *key, const char *voucher, const char *holder, const char *provider, const char *buyer, service s)
{
    fill(&s);
    assert_ok(zd_scene_submit(scene, key, "redemption.direct", err,
                              "\"item\":\"%s\",\"order\":\"o-%s\",\"voucher\":\"%s\",\"holder\":\"%s\",\"provider\":\"%s\",\"category\":\"testing\",\"purpose\":\"%s\",\"amount_fen\":%lld,"
                              "\"own_share_fen\":%lld,\"contract\":\"HT-%s\",\"contract_fen\":%lld,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"
                              "\"other_funding_fen\":0,\"done\":\"%s\",\"result_sha256\":\"%064d\",\"invoice\":\"%s\",\"invoice_fen\":%lld,\"invoice_part_fen\":%lld,"
                              "\"invoice_date\":\"2026-03-02\",\"seller\":\"%s\",\"buyer\":\"%s\"%s",
                              s.item, s.item, voucher, holder, provider, s.purpose, (long long)s.amount_fen, (long long)s.own_fen, s.item, (long long)s.contract_fen, s.done, 5,
                              s.invoice, (long long)s.gross_fen, (long long)s.part_fen, provider, buyer, s.more));
    return zd_scene_code(scene);
}

static const char *direct(zd_scene *scene, service s)
{
    return direct_for(scene, PROVIDER, "V-1", H1, P1, H1, s);
}

static const zd_rec_item *item_of(zd_scene *scene, const char *id)
{
    const zd_rec_item *item = zd_book_find(scene->book, ZD_R_ITEM, "%s", id);
    assert_non_null(item);
    return item;
}

static const zd_rec_order *order_of(zd_scene *scene, const char *id)
{
    const zd_rec_order *order = zd_book_find(scene->book, ZD_R_ORDER, "%s", id);
    assert_non_null(order);
    return order;
}

#define CAPTURE(...) capture_by(scene, PROVIDER, (service){__VA_ARGS__})
#define DIRECT(...) direct(scene, (service){__VA_ARGS__})

static void capture__of_a_part_and_then_the_last_gives_the_rest_back(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 1000000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 600000), "");
    assert_int_equal(order_of(scene, "O-1")->state, ZD_O_PARTIAL);
    assert_int_equal(order_of(scene, "O-1")->rest_fen, 400000);
    assert_int_equal(scene->last.decisions[0].subsidy_fen, 600000);
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 400001), "R14");
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 100000, .final = true), "");
    const zd_rec_order *order = order_of(scene, "O-1");
    assert_int_equal(order->state, ZD_O_CAPTURED);
    assert_null(zd_book_find(scene->book, ZD_R_DUE, "%06lld/O/O-1", (long long)order->deadline_day));
    assert_int_equal(zd_scene_balance(scene, "2200/O-1/" POOL), 0);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 700000);
    assert_int_equal(zd_scene_balance(scene, "2000/" POOL), 100000000 - 700000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 700000);
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-1", .amount_fen = 1), "A04");
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 1), "A04");
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-9", .amount_fen = 1), "R09");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 1, as one direct redemption each. */
static void direct__of_one_fen_above_half_the_base_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 190001, .own_fen = 190000), "R23");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 0);
    assert_null(zd_book_find(scene->book, ZD_R_ORDER, "o-C-1"));
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 190000, .own_fen = 190001), "");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 190000);
    assert_int_equal(order_of(scene, "o-C-2")->state, ZD_O_CAPTURED);
    assert_int_equal(item_of(scene, "C-2")->base_fen, 380001);
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 1), "A02");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 2, before the seal: a void frees the invoice, so that the same one serves the recapture; without the void it is used up. */
static void invoice__of_a_voided_capture_serves_again(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 190000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 190000, .invoice = OTHER_INVOICE, .final = true), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 190000, .invoice = OTHER_INVOICE), "R32");
    scene_accepted(scene, PROVIDER, "redemption.void", "\"order\":\"O-1\",\"item\":\"C-1\"");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 190000, .invoice = OTHER_INVOICE), "");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 190000);
    const zd_rec_invoice *invoice = zd_book_find(scene->book, ZD_R_INVOICE, OTHER_INVOICE);
    assert_int_equal(invoice->used_fen, 380000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Two parts of one invoice may come to its gross and not one fen further. */
static void invoice__in_parts_serves_up_to_its_gross(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100000, .gross_fen = 380000, .invoice = OTHER_INVOICE), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 90000, .own_fen = 90001, .gross_fen = 380000, .invoice = OTHER_INVOICE), "R32");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 90000, .gross_fen = 380001, .invoice = OTHER_INVOICE), "R34");
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 90000, .gross_fen = 380000, .invoice = OTHER_INVOICE), "");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 14: what is used up under one number is used up under the other. */
static void invoice__with_two_numbers_is_one(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 190000, .invoice = "033062600111:00000001," OTHER_INVOICE), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 190000, .invoice = OTHER_INVOICE), "R32");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 190000, .invoice = "033062600111:00000001"), "R32");
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 190000, .invoice = "033062600111:00000002"), "");
    /* Two records can not turn out to be one invoice. */
    assert_string_equal(DIRECT(.item = "C-5", .amount_fen = 1, .invoice = "033062600111:00000002," OTHER_INVOICE), "R32");
    assert_non_null(strstr(zd_buf_text(&scene->last.decisions[0].saw), "numbers-of-several-invoices"));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* A number that joins later belongs to the record from then on. */
static void invoice__gaining_a_number_is_found_under_it(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100000, .gross_fen = 380000, .invoice = OTHER_INVOICE), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 90000, .gross_fen = 380000, .invoice = "033062600111:00000001," OTHER_INVOICE), "");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 1, .gross_fen = 380000, .invoice = "033062600111:00000001"), "R32");
    const zd_rec_invoice *invoice = zd_book_find(scene->book, ZD_R_INVOICE, OTHER_INVOICE);
    assert_string_equal(invoice->numbers, "033062600111:00000001," OTHER_INVOICE);
    assert_int_equal(invoice->captures, 2);
    zd_scene_free(scene);
}

/* Scenario 15: the same pair on the same day with different invoices. */
static void captures__of_one_day_with_different_invoices_are_both_accepted(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 190000), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 190000), "");
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 380000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Another pair claims an invoice: the new capture is held, and the earlier one with it. */
static void invoice__claimed_by_another_pair_holds_both(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100000, .gross_fen = 380000, .invoice = OTHER_INVOICE), "");
    assert_string_equal(direct_for(scene, PROVIDER, "V-E", "E-0001", P1, "person", (service){.item = "C-2", .amount_fen = 90000, .gross_fen = 380000, .invoice = OTHER_INVOICE}), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_HELD);
    assert_int_equal(scene->last.decisions[0].holds, ZD_CHECK_BIT(R32));
    assert_int_equal(item_of(scene, "C-1")->held, 1);
    assert_int_equal(item_of(scene, "C-2")->held, 1);
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL), 100000);
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/330602-2026-P"), 90000);
    assert_null(zd_book_find(scene->book, ZD_R_OPEN, POOL "/" P1 "/%012lld/C-1", (long long)item_of(scene, "C-1")->seq));
    scene_accepted(scene, "reviewer-1", "review.release", "\"item\":\"C-1\",\"reason\":\"cleared\"");
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL), 0);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 8: the laboratory's key has a limit, its own unit, and no say over the account. */
static void capture__of_a_laboratory_stays_within_its_limit_and_unit(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, PROVIDER, "redemption.order",
                   "\"order\":\"O-1\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":3000000,\"own_share_fen\":3000000,"
                   "\"contract\":\"HT-1\",\"contract_fen\":6000000,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,\"other_funding_fen\":0,\"unit\":\"lab-3\"");
    zd_scene_order(scene, "O-2", 1000);
    assert_string_equal(capture_by(scene, LAB, (service){.item = "C-1", .order = "O-1", .amount_fen = 1000000}), "");
    assert_string_equal(capture_by(scene, LAB, (service){.item = "C-2", .order = "O-1", .amount_fen = 1000001}), "R47");
    assert_string_equal(capture_by(scene, LAB, (service){.item = "C-3", .order = "O-2", .amount_fen = 1}), "A05");
    assert_code(zd_scene_submit(scene, LAB, "provider.account", err, "\"provider\":\"" P1 "\",\"commitment\":\"%064d\"", 9), ZD_E_KEY_ROLE);
    assert_string_equal(capture_by(scene, "provider/" P2, (service){.item = "C-4", .order = "O-1", .amount_fen = 1}), "A05");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static zd_check_set gates(zd_scene *scene, const char *item)
{
    return (zd_check_set)item_of(scene, item)->gates;
}

/* What is attested covers the earliest captures first; a gate goes when its data comes. */
static void own_share__attested_in_parts_clears_the_captures_in_their_order(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 1000000);
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 300000), "");
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 200000), "");
    assert_int_equal(gates(scene, "C-2"), ZD_CHECK_BIT(R06) | ZD_CHECK_BIT(R25) | ZD_CHECK_BIT(R33));
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"own-share\",\"subject\":\"O-1\",\"value\":\"paid\",\"amount_fen\":%d", 299999);
    assert_int_equal(gates(scene, "C-2") & ZD_CHECK_BIT(R25), ZD_CHECK_BIT(R25));
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"own-share\",\"subject\":\"O-1\",\"value\":\"paid\",\"amount_fen\":%d", 499999);
    assert_int_equal(gates(scene, "C-2") & ZD_CHECK_BIT(R25), 0);
    assert_int_equal(gates(scene, "C-1") & ZD_CHECK_BIT(R25), ZD_CHECK_BIT(R25));
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"own-share\",\"subject\":\"O-1\",\"value\":\"paid\",\"amount_fen\":%d", 500000);
    assert_int_equal(gates(scene, "C-1") & ZD_CHECK_BIT(R25), 0);
    /* A further capture is beyond what was paid. */
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-1", .amount_fen = 1), "");
    assert_int_equal(gates(scene, "C-3") & ZD_CHECK_BIT(R25), ZD_CHECK_BIT(R25));
    zd_scene_clear_gates(scene, "C-3");
    assert_int_equal(gates(scene, "C-3"), 0);
    assert_int_equal(gates(scene, "C-2"), ZD_CHECK_BIT(R33));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* The tax office's word may come first; it counts for every number of the invoice. */
static void tax_word__before_the_capture_leaves_no_gate_and_a_void_one_does(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"033062600111:00000001\",\"value\":\"ok\"");
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"033062600111:00000002\",\"value\":\"void\"");
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 100, .invoice = "033062600111:00000001," OTHER_INVOICE), "");
    assert_int_equal(gates(scene, "C-1") & ZD_CHECK_BIT(R33), 0);
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 100, .invoice = "033062600111:00000002"), "");
    assert_int_equal(gates(scene, "C-2") & ZD_CHECK_BIT(R33), ZD_CHECK_BIT(R33));
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"other-plan\",\"subject\":\"033062600111:00000003\",\"value\":\"award\"");
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 100, .invoice = "033062600111:00000003"), "R32");
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"other-plan\",\"subject\":\"o-C-4\",\"value\":\"award\"");
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 100), "R36");
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"red-letter\",\"subject\":\"033062600111:00000005\",\"value\":\"r-5\",\"amount_fen\":1");
    assert_string_equal(DIRECT(.item = "C-5", .amount_fen = 100, .invoice = "033062600111:00000005"), "R32");
    assert_string_equal(DIRECT(.item = "C-6", .amount_fen = 100, .gross_fen = 201, .invoice = "033062600111:00000005"), "");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* The order's deadline ends captures by itself; the sweep only gives the money back. */
static void capture__after_the_deadline_is_refused_before_and_after_the_sweep(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 190000);
    zd_scene_days(scene, 90);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 1), "");
    zd_scene_days(scene, 1);
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-1", .amount_fen = 1), "R12");
    zd_scene_order(scene, "O-2", 100);
    zd_scene_days(scene, 91);
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-2", .amount_fen = 1), "R12");
    scene_accepted(scene, "service", "sweep", "\"up_to\":\"2026-08-31T00:00:00Z\"");
    assert_int_equal(order_of(scene, "O-2")->state, ZD_O_EXPIRED);
    assert_string_equal(CAPTURE(.item = "C-4", .order = "O-2", .amount_fen = 1), "R12");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Several captures of one contract never exceed it, whichever order they belong to. */
static void contract__of_two_orders_is_captured_once(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *same = ",\"unit\":\"u-1\"";
    for (int i = 1; i <= 2; i++) {
        scene_accepted(scene, HOLDER, "redemption.order",
                       "\"order\":\"O-%d\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":100000,"
                       "\"own_share_fen\":100000,\"contract\":\"HT-1\",\"contract_fen\":200000,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"
                       "\"other_funding_fen\":0%s", i, same);
    }
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 99999), "");
    assert_string_equal(CAPTURE(.item = "C-2", .order = "O-2", .amount_fen = 2), "R28");
    assert_string_equal(CAPTURE(.item = "C-3", .order = "O-2", .amount_fen = 1), "");
    /* Once money was drawn on it, the contract can not grow. */
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 1, .contract_fen = 2), "");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void publish_tier(zd_scene *scene)
{
    zd_buf file = {0};
    assert_ok(zd_file_read(&file, "tests/data/policy-yuhuan.json", 65536, err));
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] = file.data[i] == '\n' ? ' ' : file.data[i];
    }
    scene_two(scene, "issuer-1", "issuer-2", "policy.publish", "\"number\":2,\"effective\":\"2026-04-15\",\"policy\":%s", zd_buf_text(&file));
    zd_buf_free(&file);
}

/* 100 % up to 10,000 yuan, then 50 %: five services of one purpose earn no more than one of the same size. The order's policy decides, not the day's. */
static void tier__is_cumulative_for_the_pair_purpose_and_year(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    publish_tier(scene);
    zd_scene_order(scene, "O-old", 190000);
    zd_scene_days(scene, 44); /* 2026-04-15 */
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 600000, .own_fen = 1, .done = "2026-04-10"), "");
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 600000, .own_fen = 1, .done = "2026-04-10"), "R23");
    /* 400,000 - 1 of the tier is left, then a half: 399,999 + floor(200,002 / 2). */
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 500001, .own_fen = 100000, .done = "2026-04-10"), "R23");
    assert_string_equal(DIRECT(.item = "C-4", .amount_fen = 500000, .own_fen = 100001, .done = "2026-04-10"), "");
    assert_string_equal(DIRECT(.item = "C-5", .amount_fen = 100, .own_fen = 99, .done = "2026-04-10"), "R23");
    assert_string_equal(DIRECT(.item = "C-6", .amount_fen = 100, .own_fen = 100, .done = "2026-04-10"), "");
    assert_string_equal(DIRECT(.item = "C-7", .amount_fen = 600000, .own_fen = 1, .done = "2026-04-10", .purpose = "paint"), "");
    /* A void takes its base out again. */
    scene_accepted(scene, PROVIDER, "redemption.void", "\"order\":\"o-C-1\",\"item\":\"C-1\"");
    assert_string_equal(DIRECT(.item = "C-8", .amount_fen = 300000, .own_fen = 1, .done = "2026-04-10"), "");
    /* Ordered under the first policy: half, and no more. */
    assert_string_equal(CAPTURE(.item = "C-9", .order = "O-old", .amount_fen = 190000, .own_fen = 189999, .part_fen = 380000), "R23");
    assert_int_equal(scene->last.decisions[0].policy, 1);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Instrument, price and customs: what only a person can settle is held, and a hold found at the order comes with each capture. */
static void hold__found_at_the_order_is_inherited(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-1", "instrument.register",
                   "\"instrument\":\"I-2\",\"provider\":\"" P1 "\",\"categories\":\"instrument\",\"price_fen\":0,\"shared\":true,\"customs\":true,\"usable\":true");
    const char *form = "\"order\":\"O-1\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"instrument\",\"purpose\":\"alloy\",\"amount_fen\":100000,"
                       "\"own_share_fen\":100000,\"contract\":\"HT-1\",\"contract_fen\":200000,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"
                       "\"other_funding_fen\":0,\"instrument\":\"I-2\"";
    assert_ok(zd_scene_submit(scene, HOLDER, "redemption.order", err, "%s", form));
    assert_int_equal(zd_scene_outcome(scene), ZD_HELD);
    assert_int_equal(zd_scene_balance(scene, "2200/O-1/" POOL), 100000);
    /* Captured on another instrument of the same provider: the order's doubt stays. */
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 100000, .more = ",\"instrument\":\"I-1\""), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_HELD);
    assert_int_equal(item_of(scene, "C-1")->holds, ZD_CHECK_BIT(R18));
    assert_int_equal(zd_scene_balance(scene, "3050/" P1 "/" POOL), 100000);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/" POOL), 0);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void price__above_120_percent_of_the_list_is_held(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready(); /* I-1 costs 400,000 a unit */
    assert_string_equal(DIRECT(.item = "C-1", .amount_fen = 240000, .more = ",\"instrument\":\"I-1\""), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_ACCEPTED);
    assert_string_equal(DIRECT(.item = "C-2", .amount_fen = 240000, .own_fen = 240001, .more = ",\"instrument\":\"I-1\""), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_HELD);
    assert_int_equal(scene->last.decisions[0].holds, ZD_CHECK_BIT(R21));
    assert_string_equal(DIRECT(.item = "C-3", .amount_fen = 240000, .own_fen = 240001, .more = ",\"instrument\":\"I-1\",\"quantity\":2"), "");
    assert_int_equal(zd_scene_outcome(scene), ZD_ACCEPTED);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* A refused capture leaves nothing behind but its leaf; the same text again answers the same. */
static void refusal__leaves_no_trace_in_the_book(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 190000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 190000, .own_fen = 189999), "R23");
    assert_int_equal(scene->last.decisions[0].posting_count, 0);
    assert_null(zd_book_find(scene->book, ZD_R_ITEM, "C-1"));
    assert_null(zd_book_find(scene->book, ZD_R_INVOICE, "%s", invoice_of("C-1")));
    assert_int_equal(order_of(scene, "O-1")->rest_fen, 190000);
    assert_string_equal(CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 190000), "");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capture__of_a_part_and_then_the_last_gives_the_rest_back),
        cmocka_unit_test(direct__of_one_fen_above_half_the_base_is_refused),
        cmocka_unit_test(invoice__of_a_voided_capture_serves_again),
        cmocka_unit_test(invoice__in_parts_serves_up_to_its_gross),
        cmocka_unit_test(invoice__with_two_numbers_is_one),
        cmocka_unit_test(invoice__gaining_a_number_is_found_under_it),
        cmocka_unit_test(captures__of_one_day_with_different_invoices_are_both_accepted),
        cmocka_unit_test(invoice__claimed_by_another_pair_holds_both),
        cmocka_unit_test(capture__of_a_laboratory_stays_within_its_limit_and_unit),
        cmocka_unit_test(own_share__attested_in_parts_clears_the_captures_in_their_order),
        cmocka_unit_test(tax_word__before_the_capture_leaves_no_gate_and_a_void_one_does),
        cmocka_unit_test(capture__after_the_deadline_is_refused_before_and_after_the_sweep),
        cmocka_unit_test(contract__of_two_orders_is_captured_once),
        cmocka_unit_test(tier__is_cumulative_for_the_pair_purpose_and_year),
        cmocka_unit_test(hold__found_at_the_order_is_inherited),
        cmocka_unit_test(price__above_120_percent_of_the_list_is_held),
        cmocka_unit_test(refusal__leaves_no_trace_in_the_book),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
