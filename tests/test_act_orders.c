/*
 * Orders through the one door: what an order reserves, its deadlines, consent in all its forms, the pool's end, and the dry run. Scenarios 1, 3, 9 and 19 of the
 * acceptance list are here; the captures are in test_act_captures.c.
 */
#include "tests/support/scene.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/rules/decide.h"

#define PROVIDER "provider/" P1
#define LAB "provider/" P1 "/lab-3"
#define HOLDER "holder/" H1

/* The members of an order of P1 for H1; tail adds or overrides nothing, it only appends. */
#define ORDER_FORM                                                                                                     \
    "\"order\":\"%s\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":%d,"                 \
    "\"own_share_fen\":%d,\"contract\":\"HT-%s\",\"contract_fen\":%d,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"                        \
    "\"other_funding_fen\":0%s"
#define ORDER(id, amount, tail) ORDER_FORM, id, amount, amount, id, 2 * (amount), tail

static const zd_rec_order *order_of(zd_scene *scene, const char *id)
{
    const zd_rec_order *order = zd_book_find(scene->book, ZD_R_ORDER, "%s", id);
    assert_non_null(order);
    return order;
}

static zd_check_set gates_of(zd_scene *scene)
{
    return scene->last.decisions[0].gates;
}

static void order__of_a_holder_reserves_quota_and_pool(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, HOLDER, "redemption.order", ORDER("O-1", 190000, ""));
    assert_int_equal(zd_scene_balance(scene, "6200/V-1/2026"), 20000000 - 190000);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 190000);
    assert_int_equal(zd_scene_balance(scene, "2000/330602-2026-E"), 100000000 - 190000);
    assert_int_equal(zd_scene_balance(scene, "2200/O-1/330602-2026-E"), 190000);
    const zd_rec_order *order = order_of(scene, "O-1");
    assert_int_equal(order->state, ZD_O_RESERVED);
    assert_int_equal(order->consent, ZD_CONSENT(KEY));
    assert_int_equal(order->gates, 0);
    assert_int_equal(order->deadline_day, order->order_day + 90);
    assert_non_null(zd_book_find(scene->book, ZD_R_DUE, "%06lld/O/O-1", (long long)order->deadline_day));
    assert_int_equal(scene->last.decisions[0].policy, 1);
    assert_string_equal(zd_buf_text(&scene->last.decisions[0].extra), "\"deadline\":\"2026-05-31\"");
    assert_string_equal(order->consent_ref, scene->last_text);
    assert_int_equal(order->own_share_fen, 190000);
    assert_int_equal(order->year, 2026);
    assert_int_equal(order->seq, scene->last.decisions[0].seq);
    assert_int_equal(order->at_ms, scene->now_unix_ms);
    scene_refused(scene, HOLDER, "redemption.order", "A02", ORDER("O-1", 190000, ""));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 1, at the order: half of 380,001 is 190,000. */
static void order__one_fen_above_the_ratio_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, HOLDER, "redemption.order", "R23", ORDER_FORM, "O-1", 190001, 190000, "O-1", 380001, "");
    assert_non_null(strstr(zd_buf_text(&scene->last.decisions[0].saw), "\"allowed_fen\":190000"));
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 0);
    scene_accepted(scene, HOLDER, "redemption.order", ORDER_FORM, "O-1", 190000, 190001, "O-1", 380001, "");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

#define ENTREPRENEUR(id, amount) PERSON(id, "V-E", "E-0001", amount)
#define PERSON(id, voucher, holder, amount)                                                                                       \
    "\"order\":\"%s\",\"voucher\":\"%s\",\"holder\":\"%s\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":%d,"                \
    "\"own_share_fen\":%d,\"contract\":\"HT-%s\",\"contract_fen\":%d,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"                     \
    "\"other_funding_fen\":0",                                                                                         \
        id, voucher, holder, amount, amount, id, 2 * (amount)

/* Scenario 3: an entrepreneur without a credit code uses the whole voucher, then not one fen more. */
static void order__of_an_entrepreneur_ends_with_the_voucher(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "holder/E-0001", "redemption.order", ENTREPRENEUR("O-1", 10000000));
    scene_refused(scene, "holder/E-0001", "redemption.order", "R14", ENTREPRENEUR("O-2", 1));
    assert_int_equal(zd_scene_balance(scene, "2200/O-1/330602-2026-P"), 10000000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 9: a mandate of 1,000,000 covers 600,000 and 400,000; one fen more waits for consent. Withdrawal does not reach back. */
static void order__beyond_the_mandate_is_gated_and_withdrawal_reaches_forward_only(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *by = ",\"mandate\":\"M-1\"";
    scene_accepted(scene, HOLDER, "mandate.grant", "\"mandate\":\"M-1\",\"holder\":\"" H1 "\",\"providers\":\"%s\",\"amount_fen\":1000000,\"until\":\"2026-12-31\"", P1);
    scene_accepted(scene, PROVIDER, "redemption.order", ORDER("O-1", 600000, by));
    assert_int_equal(gates_of(scene), 0);
    scene_accepted(scene, PROVIDER, "redemption.order", ORDER("O-2", 400000, by));
    assert_int_equal(gates_of(scene), 0);
    scene_accepted(scene, PROVIDER, "redemption.order", ORDER("O-3", 1, by));
    assert_int_equal(gates_of(scene), ZD_CHECK_BIT(R06));
    assert_int_equal(order_of(scene, "O-3")->consent, ZD_CONSENT(MISSING));
    scene_accepted(scene, HOLDER, "mandate.withdraw", "\"mandate\":\"M-1\",\"holder\":\"" H1 "\"");
    scene_refused(scene, PROVIDER, "redemption.order", "R06", ORDER("O-4", 1, by));
    zd_scene_capture(scene, "C-1", "O-1", 600000, true);
    assert_string_equal(zd_scene_code(scene), "");
    assert_int_equal(gates_of(scene) & ZD_CHECK_BIT(R06), 0);
    zd_scene_capture(scene, "C-3", "O-3", 1, true);
    assert_string_equal(zd_scene_code(scene), "");
    assert_int_equal(gates_of(scene) & ZD_CHECK_BIT(R06), ZD_CHECK_BIT(R06));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* Scenario 19 in small: what is allotted may exceed the pool; orders stop at the pool and go on after a void. */
static void order__beyond_the_pool_is_refused_until_a_void(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "maker", "pool.cut", "\"pool\":\"330602-2026-E\",\"amount_fen\":90000000,\"document\":\"样例财教〔2026〕9号\"");
    scene_accepted(scene, HOLDER, "redemption.order", ORDER("O-1", 9000000, ""));
    scene_refused(scene, HOLDER, "redemption.order", "R27", ORDER("O-2", 1000001, ""));
    scene_accepted(scene, HOLDER, "redemption.order", ORDER("O-3", 1000000, ""));
    scene_refused(scene, HOLDER, "redemption.order", "R27", ORDER("O-4", 1, ""));
    scene_accepted(scene, PROVIDER, "redemption.void", "\"order\":\"O-3\"");
    scene_accepted(scene, HOLDER, "redemption.order", ORDER("O-5", 1000000, ""));
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void open_pool(zd_scene *scene, const char *pool, int rank, int year, int64_t amount_fen)
{
    scene_accepted(scene, "maker", "pool.open",
                   "\"pool\":\"%s\",\"jurisdiction\":\"330602\",\"year\":%d,\"class\":\"enterprise\",\"rank\":%d,\"document\":\"样例财教〔2026〕3号\",\"fund_nature\":\"一般公共预算\","
                   "\"budget_unit\":\"样例市科学技术局\",\"project\":\"创新券兑付\",\"function_code\":\"2060404\",\"gov_economic\":\"50799\",\"dept_economic\":\"31299\","
                   "\"settle_mode\":\"转账\",\"amount_fen\":%lld",
                   pool, year, rank, (long long)amount_fen);
}

/* Several pools of a jurisdiction are drawn in their order, at most four for one order. */
static void order__draws_pools_by_rank_and_at_most_four(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "maker", "pool.cut", "\"pool\":\"330602-2026-E\",\"amount_fen\":99999900,\"document\":\"样例财教〔2026〕9号\"");
    open_pool(scene, "pool-5", 5, 2026, 1000);
    open_pool(scene, "pool-2", 2, 2026, 200);
    open_pool(scene, "pool-4", 4, 2026, 400);
    open_pool(scene, "pool-3", 3, 2026, 300);
    scene_refused(scene, HOLDER, "redemption.order", "R27", ORDER("O-1", 1001, "")); /* 100 + 200 + 300 + 400, and the fifth does not count */
    scene_accepted(scene, HOLDER, "redemption.order", ORDER("O-2", 601, ""));
    assert_int_equal(zd_scene_balance(scene, "2200/O-2/330602-2026-E"), 100);
    assert_int_equal(zd_scene_balance(scene, "2200/O-2/pool-2"), 200);
    assert_int_equal(zd_scene_balance(scene, "2200/O-2/pool-3"), 300);
    assert_int_equal(zd_scene_balance(scene, "2200/O-2/pool-4"), 1);
    assert_int_equal(zd_scene_balance(scene, "2000/pool-5"), 1000);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void days_to(zd_scene *scene, int year, int month, int day)
{
    int64_t now = zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS);
    zd_scene_days(scene, (int)(zd_day_from(year, month, day) - now));
}

/* Until 15 December this year's budget pays, from the 16th on the next one's. */
static void order__after_redeem_by_draws_next_years_pool(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    open_pool(scene, "next-year", 1, 2027, 500000);
    days_to(scene, 2026, 12, 15);
    scene_accepted(scene, HOLDER, "redemption.order", ORDER("O-1", 100, ""));
    assert_int_equal(zd_scene_balance(scene, "2200/O-1/330602-2026-E"), 100);
    days_to(scene, 2026, 12, 16);
    scene_accepted(scene, HOLDER, "redemption.order", ORDER("O-2", 100, ""));
    assert_int_equal(zd_scene_balance(scene, "2200/O-2/next-year"), 100);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 200);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* The use-by day itself is good; the day after is not, although no sweep has run. */
static void order__after_the_use_by_day_is_refused_without_a_sweep(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-2", "holder.register",
                   "\"holder\":\"E-0002\",\"class\":\"entrepreneur\",\"jurisdiction\":\"330602\",\"commitment\":\"%064d\",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"", 8);
    scene_accepted(scene, "issuer-1", "voucher.allot",
                   "\"voucher\":\"V-U\",\"holder\":\"E-0002\",\"year\":2026,\"amount_fen\":1000000,\"categories\":\"testing\",\"until\":\"2026-03-10\"");
    days_to(scene, 2026, 3, 10);
    scene_accepted(scene, PROVIDER, "redemption.order", PERSON("O-1", "V-U", "E-0002", 100));
    days_to(scene, 2026, 3, 11);
    scene_refused(scene, PROVIDER, "redemption.order", "R12", PERSON("O-2", "V-U", "E-0002", 100));
    assert_int_equal(((const zd_rec_voucher *)zd_book_find(scene->book, ZD_R_VOUCHER, "V-U"))->state, ZD_V_ACTIVE);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void extension__once_before_the_deadline_moves_it(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 190000);
    zd_scene_order(scene, "O-2", 190000);
    zd_scene_order(scene, "O-3", 190000);
    int64_t deadline = order_of(scene, "O-1")->deadline_day;
    zd_scene_days(scene, 90);
    scene_accepted(scene, PROVIDER, "redemption.extend", "\"order\":\"O-1\"");
    assert_int_equal(order_of(scene, "O-1")->deadline_day, deadline + 60);
    assert_null(zd_book_find(scene->book, ZD_R_DUE, "%06lld/O/O-1", (long long)deadline));
    assert_non_null(zd_book_find(scene->book, ZD_R_DUE, "%06lld/O/O-1", (long long)deadline + 60));
    scene_refused(scene, PROVIDER, "redemption.extend", "A04", "\"order\":\"O-1\"");
    scene_refused(scene, "provider/" P2, "redemption.extend", "A05", "\"order\":\"O-2\"");
    scene_refused(scene, PROVIDER, "redemption.extend", "R09", "\"order\":\"O-9\"");
    scene_refused(scene, "holder/E-0001", "redemption.extend", "A05", "\"order\":\"O-3\"");
    scene_accepted(scene, HOLDER, "redemption.extend", "\"order\":\"O-3\"");
    zd_scene_days(scene, 1);
    scene_refused(scene, PROVIDER, "redemption.extend", "R12", "\"order\":\"O-2\"");
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void order__of_somebody_else_or_another_unit_is_refused(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "provider/" P2, "redemption.order", "A05", ORDER("O-1", 100, ""));
    scene_refused(scene, "holder/E-0001", "redemption.order", "A05", ORDER("O-1", 100, ""));
    scene_refused(scene, LAB, "redemption.order", "A05", ORDER("O-1", 100, ",\"unit\":\"lab-4\""));
    scene_accepted(scene, LAB, "redemption.order", ORDER("O-1", 1000000, ""));
    assert_string_equal(order_of(scene, "O-1")->unit, "lab-3");
    scene_refused(scene, LAB, "redemption.order", "R47", ORDER("O-2", 1000001, ""));
    scene_accepted(scene, PROVIDER, "redemption.order", ORDER("O-3", 100, ",\"unit\":\"lab-4\""));
    scene_refused(scene, LAB, "redemption.extend", "A05", "\"order\":\"O-3\"");
    zd_scene_free(scene);
}

/* What has ended can be neither extended nor confirmed; an expired order answers with its deadline, as before the sweep. */
static void order__that_has_ended_takes_no_extension_and_no_confirmation(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    char hash[ZD_HASH_HEX];
    char late[ZD_HASH_HEX];
    zd_scene_order(scene, "O-1", 100);
    memcpy(hash, scene->last_text, sizeof hash);
    zd_scene_order(scene, "O-2", 100);
    memcpy(late, scene->last_text, sizeof late);
    scene_accepted(scene, PROVIDER, "redemption.void", "\"order\":\"O-1\"");
    scene_refused(scene, PROVIDER, "redemption.extend", "A04", "\"order\":\"O-1\"");
    scene_refused(scene, HOLDER, "redemption.confirm", "A04", "\"order\":\"O-1\",\"of_sha256\":\"%s\"", hash);
    zd_scene_days(scene, 91);
    scene_refused(scene, PROVIDER, "redemption.extend", "R12", "\"order\":\"O-2\"");
    scene_accepted(scene, "service", "sweep", "\"up_to\":\"2026-06-01T00:00:00Z\"");
    scene_refused(scene, PROVIDER, "redemption.extend", "R12", "\"order\":\"O-2\"");
    scene_refused(scene, HOLDER, "redemption.confirm", "A04", "\"order\":\"O-2\",\"of_sha256\":\"%s\"", late);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

/* The holder confirms the very text; consent that came already, or another text, is refused. */
static void confirmation__of_the_orders_text_opens_the_gate(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    char hash[ZD_HASH_HEX];
    zd_scene_order(scene, "O-1", 190000);
    memcpy(hash, scene->last_text, sizeof hash);
    assert_int_equal(gates_of(scene), ZD_CHECK_BIT(R06));
    zd_scene_capture(scene, "C-1", "O-1", 100000, false);
    const zd_rec_item *item = zd_book_find(scene->book, ZD_R_ITEM, "C-1");
    assert_int_equal((zd_check_set)item->gates & ZD_CHECK_BIT(R06), ZD_CHECK_BIT(R06));
    scene_refused(scene, HOLDER, "redemption.confirm", "R06", "\"order\":\"O-1\",\"of_sha256\":\"%064d\"", 1);
    scene_refused(scene, "holder/E-0001", "redemption.confirm", "A05", "\"order\":\"O-1\",\"of_sha256\":\"%s\"", hash);
    scene_accepted(scene, HOLDER, "redemption.confirm", "\"order\":\"O-1\",\"of_sha256\":\"%s\"", hash);
    assert_int_equal(order_of(scene, "O-1")->gates, 0);
    assert_string_equal(order_of(scene, "O-1")->consent_ref, scene->last_text);
    assert_int_equal((zd_check_set)item->gates & ZD_CHECK_BIT(R06), 0);
    assert_int_equal((zd_check_set)item->gates & ZD_CHECK_BIT(R33), ZD_CHECK_BIT(R33));
    scene_refused(scene, HOLDER, "redemption.confirm", "R06", "\"order\":\"O-1\",\"of_sha256\":\"%s\"", hash);
    zd_scene_check(scene);
    zd_scene_free(scene);
}

static void attestation__of_consent_opens_the_gate_up_to_the_cap(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_scene_order(scene, "O-1", 5000000);
    zd_scene_order(scene, "O-2", 5000001);
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"consent\",\"subject\":\"O-1\",\"value\":\"gateway\"");
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"consent\",\"subject\":\"O-2\",\"value\":\"gateway\"");
    assert_int_equal(order_of(scene, "O-1")->gates, 0);
    assert_int_equal(order_of(scene, "O-1")->consent, ZD_CONSENT(ATTESTED));
    assert_int_equal(order_of(scene, "O-2")->gates, ZD_CHECK_BIT(R06));
    /* A word that came before its order serves it too, once. */
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"consent\",\"subject\":\"O-3\",\"value\":\"clerk\"");
    zd_scene_order(scene, "O-3", 100);
    assert_int_equal(gates_of(scene), 0);
    zd_scene_free(scene);
}

#define DECLARED(id, affiliation)                                                                                      \
    "\"order\":\"%s\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"alloy\",\"amount_fen\":100,"                \
    "\"own_share_fen\":100,\"contract\":\"HT-1\",\"contract_fen\":200,\"contract_date\":\"2026-03-01\",\"affiliation\":\"%s\",\"statutory\":false,"                     \
    "\"other_funding_fen\":0",                                                                                         \
        id, affiliation

static void affiliation__known_by_a_word_is_refused_and_undeclared_flagged(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, HOLDER, "redemption.order", DECLARED("O-1", "undeclared"));
    assert_int_equal(scene->last.decisions[0].flags, ZD_CHECK_BIT(R35));
    scene_refused(scene, HOLDER, "redemption.order", "R35", DECLARED("O-2", "affiliated"));
    scene_accepted(scene, "issuer-1", "fact.attest", "\"fact\":\"affiliation\",\"subject\":\"" H1 "/" P1 "\",\"value\":\"affiliated\"");
    scene_refused(scene, HOLDER, "redemption.order", "R35", DECLARED("O-3", "none"));
    zd_scene_free(scene);
}

/* The dry run says what the act would say, changes nothing, and works without a signature. */
static void explanation__of_an_order_changes_nothing_and_agrees_with_the_act(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    zd_buf text = {0};
    zd_buf out = {0};
    zd_buf_addf(&text, "{\"type\":\"redemption.order\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"x-1\",\"expires\":\"2026-03-10T00:00:00Z\"," ORDER_FORM "}\n", "O-1", 190001,
                190000, "O-1", 380001, "");
    zd_incoming in = {.text = zd_buf_span(&text), .signer = NULL, .seq = scene->seq, .at_unix_ms = scene->now_unix_ms};
    size_t before = zd_book_count(scene->book);
    assert_ok(zd_acts_explain(&out, scene->acts, &in, err));
    assert_non_null(strstr(zd_buf_text(&out), "\"outcome\":\"refused\",\"code\":\"R23\""));
    assert_non_null(strstr(zd_buf_text(&out), "{\"check\":\"R06\",\"name\":\"consent\",\"verdict\":\"gate\""));
    assert_int_equal(zd_book_count(scene->book), before);
    assert_int_equal(zd_scene_balance(scene, "6300/V-1/2026"), 0);
    assert_ok(zd_scene_text(scene, HOLDER, zd_buf_text(&text), err));
    assert_string_equal(zd_scene_code(scene), "R23");
    /* What stands in the way before any rule is the answer, and the checks are shown all the same. */
    zd_scene_order(scene, "O-1", 100);
    zd_buf_clear(&out);
    assert_ok(zd_acts_explain(&out, scene->acts, &in, err));
    assert_non_null(strstr(zd_buf_text(&out), "\"outcome\":\"refused\",\"code\":\"A02\",\"why\":\"order\""));
    assert_non_null(strstr(zd_buf_text(&out), "\"check\":\"R27\""));
    zd_buf_clear(&text);
    zd_buf_add_text(&text, "{\"type\":\"sweep\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"x-2\",\"expires\":\"2026-03-10T00:00:00Z\",\"up_to\":\"2026-03-01T00:00:00Z\"}\n");
    in.text = zd_buf_span(&text);
    assert_code(zd_acts_explain(&out, scene->acts, &in, err), ZD_E_REQUEST_TYPE);
    zd_buf_free(&text);
    zd_buf_free(&out);
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__of_a_holder_reserves_quota_and_pool),
        cmocka_unit_test(order__one_fen_above_the_ratio_is_refused),
        cmocka_unit_test(order__of_an_entrepreneur_ends_with_the_voucher),
        cmocka_unit_test(order__beyond_the_mandate_is_gated_and_withdrawal_reaches_forward_only),
        cmocka_unit_test(order__beyond_the_pool_is_refused_until_a_void),
        cmocka_unit_test(order__draws_pools_by_rank_and_at_most_four),
        cmocka_unit_test(order__after_redeem_by_draws_next_years_pool),
        cmocka_unit_test(order__after_the_use_by_day_is_refused_without_a_sweep),
        cmocka_unit_test(extension__once_before_the_deadline_moves_it),
        cmocka_unit_test(order__of_somebody_else_or_another_unit_is_refused),
        cmocka_unit_test(order__that_has_ended_takes_no_extension_and_no_confirmation),
        cmocka_unit_test(confirmation__of_the_orders_text_opens_the_gate),
        cmocka_unit_test(attestation__of_consent_opens_the_gate_up_to_the_cap),
        cmocka_unit_test(affiliation__known_by_a_word_is_refused_and_undeclared_flagged),
        cmocka_unit_test(explanation__of_an_order_changes_nothing_and_agrees_with_the_act),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
