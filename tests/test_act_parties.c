/*
 * Parties: who can be registered under which code, what stops a provider's account from being changed quietly, and that no person's number enters the log.
 */
#include "tests/support/scene.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

#define YEAR "\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\""
#define HOLDER(id, class) "\"holder\":\"" id "\",\"class\":\"" class "\",\"jurisdiction\":\"330602\"," YEAR
#define CODE(code) ",\"code\":\"" code "\""
#define LABEL ",\"label\":\"样例丙公司\""
#define COMMITMENT ",\"commitment\":\"0000000000000000000000000000000000000000000000000000000000000009\""

static const zd_rec_provider *provider(zd_scene *scene, const char *id)
{
    return zd_book_find(scene->book, ZD_R_PROVIDER, "%s", id);
}

static void holder__enterprise_needs_code_and_name(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "issuer-1", "holder.register", "A07", HOLDER("h", "enterprise") LABEL);
    scene_refused(scene, "issuer-1", "holder.register", "R01", HOLDER("h", "enterprise") LABEL CODE("91330600X000000198"));
    scene_refused(scene, "issuer-1", "holder.register", "R01", HOLDER("h", "enterprise") LABEL CODE("92330602X00000107H")); /* self-employed */
    scene_refused(scene, "issuer-1", "holder.register", "A07", HOLDER("h", "enterprise") CODE("91330600X000000199"));
    scene_accepted(scene, "issuer-1", "holder.register", HOLDER("h", "enterprise") LABEL CODE("91330600X000000199"));
    scene_refused(scene, "issuer-1", "holder.register", "A02", HOLDER("h", "enterprise") LABEL CODE("91330600X000000199"));
    scene_refused(scene, "issuer-1", "holder.register", "A02", HOLDER("h2", "enterprise") LABEL CODE("91330600X000000199"));
    zd_scene_free(scene);
}

static void holder__entrepreneur_is_a_commitment_without_a_name(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "issuer-1", "holder.register", "A07", HOLDER("e", "entrepreneur"));
    scene_refused(scene, "issuer-1", "holder.register", "A07", HOLDER("e", "entrepreneur") COMMITMENT LABEL);
    scene_accepted(scene, "issuer-1", "holder.register", HOLDER("e", "entrepreneur") COMMITMENT);
    scene_accepted(scene, "issuer-1", "holder.register", HOLDER("e2", "entrepreneur") COMMITMENT CODE("92330602X00000107H"));
    zd_scene_free(scene);
}

static void holder__resident_id_never_becomes_a_leaf(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    uint64_t before = scene->seq;
    assert_code(zd_scene_submit(scene, "issuer-1", "holder.register", err, "%s", HOLDER("330602188001010016", "entrepreneur") COMMITMENT), ZD_E_FIELD_INVALID);
    assert_code(zd_scene_submit(scene, "issuer-1", "holder.register", err, "%s", HOLDER("330602188001010016", "enterprise") LABEL), ZD_E_FIELD_INVALID);
    assert_int_equal(scene->seq, before);
    assert_null(zd_book_find(scene->book, ZD_R_HOLDER, "330602188001010016"));
    zd_scene_free(scene);
}

/* A batch that holds one is turned away whole: the number would stand in the batch's own text. */
static void holder__resident_id_in_a_batch_turns_the_batch_away(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    uint64_t seq = scene->seq;
    assert_code(zd_scene_submit(scene, "issuer-1", "batch", err, "\"of\":\"holder.register\",\"items\":[{\"id\":\"b1\",%s},{\"id\":\"b2\",%s}]",
                                HOLDER("e1", "entrepreneur") COMMITMENT, HOLDER("330602188001010016", "entrepreneur") COMMITMENT),
                ZD_E_FIELD_INVALID);
    assert_int_equal(scene->seq, seq);
    assert_null(zd_book_find(scene->book, ZD_R_HOLDER, "e1"));
    zd_scene_free(scene);
}

static void holder__issuer_registers_in_its_own_place(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "root-1", "key.grant",
                   "\"key_name\":\"issuer-81\",\"public\":\"%064d\",\"person\":\"p81\",\"unit\":\"b81\",\"role\":\"issuer\",\"jurisdictions\":\"330681\"", 78);
    scene_refused(scene, "issuer-81", "holder.register", "R46", HOLDER("h", "enterprise") LABEL CODE("91330600X000000199"));
    scene_refused(scene, "issuer-81", "holder.ban", "R46", "\"holder\":\"" H1 "\",\"until\":\"2029-01-01\",\"decision\":\"d\"");
    zd_scene_free(scene);
}

static void ban__shrinks_only_with_a_reason(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const zd_rec_holder *holder = zd_book_find(scene->book, ZD_R_HOLDER, H1);
    scene_refused(scene, "issuer-1", "holder.ban", "A07", "\"holder\":\"" H1 "\",\"until\":\"2026-03-01\",\"decision\":\"d\"");
    scene_accepted(scene, "issuer-1", "holder.ban", "\"holder\":\"" H1 "\",\"until\":\"2029-03-01\",\"decision\":\"d\",\"reason\":\"fraud\"");
    assert_int_equal(holder->banned_until_day, zd_day_from(2029, 3, 1));
    scene_refused(scene, "issuer-1", "holder.ban", "A04", "\"holder\":\"" H1 "\",\"until\":\"2028-03-01\",\"decision\":\"d\"");
    scene_refused(scene, "issuer-1", "voucher.allot", "R05", "\"voucher\":\"V-9\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":1,\"categories\":\"testing\"");
    scene_accepted(scene, "issuer-1", "holder.ban", "\"holder\":\"" H1 "\",\"until\":\"2026-03-01\",\"decision\":\"d2\",\"reason\":\"cleared\"");
    assert_int_equal(holder->banned_until_day, zd_day_from(2026, 3, 1));
    scene_refused(scene, "issuer-1", "holder.ban", "A03", "\"holder\":\"nobody\",\"until\":\"2029-03-01\",\"decision\":\"d\"");
    zd_scene_free(scene);
}

#define ADMIT(id) "\"provider\":\"" id "\",\"label\":\"样例研究院\",\"categories\":\"testing\"," YEAR

static void provider__is_admitted_under_a_valid_code_and_readmitted_after_removal(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "issuer-1", "provider.admit", "R02", ADMIT("12330600X00000086D"));
    scene_refused(scene, "issuer-1", "provider.admit", "R02", ADMIT("lab"));
    scene_accepted(scene, "issuer-1", "provider.suspend", "\"provider\":\"" P2 "\",\"until\":\"2026-06-01\",\"decision\":\"d\"");
    scene_accepted(scene, "issuer-1", "provider.remove", "\"provider\":\"" P2 "\",\"decision\":\"d\"");
    assert_int_equal(provider(scene, P2)->removed_day, zd_day_from(2026, 3, 2));
    scene_refused(scene, "issuer-1", "provider.remove", "A04", "\"provider\":\"" P2 "\",\"decision\":\"d\"");
    scene_refused(scene, "provider/" P2, "instrument.register", "A04",
                  "\"instrument\":\"I-2\",\"provider\":\"" P2 "\",\"categories\":\"testing\",\"price_fen\":1,\"shared\":true,\"customs\":false,\"usable\":true");
    int64_t registered = provider(scene, P2)->registered_seq;
    scene_accepted(scene, "issuer-1", "provider.admit", ADMIT(P2));
    assert_int_equal(provider(scene, P2)->removed_day, 0);
    assert_int_equal(provider(scene, P2)->suspended_until_day, zd_day_from(2026, 6, 1)); /* readmission is no pardon */
    assert_int_equal(provider(scene, P2)->registered_seq, registered);
    assert_int_equal(provider(scene, P2)->account_version, 1);
    zd_scene_free(scene);
}

#define ACCOUNT(n) "\"provider\":\"" P1 "\",\"commitment\":\"%064d\"", n

static int64_t cooling_days(zd_scene *scene)
{
    const zd_rec_policy *record = zd_book_find(scene->book, ZD_R_POLICY, "%06d", 1);
    zd_json *json = NULL;
    zd_policy policy;
    assert_ok(zd_json_parse(&json, zd_span_text(record->text), true, err));
    assert_ok(zd_policy_parse(&policy, zd_json_root(json), err));
    zd_json_free(json);
    return zd_policy_int(&policy, ZD_P_ACCOUNT_COOLING);
}

static void account__proposal_stops_payment_and_second_officer_starts_cooling(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_int_equal(provider(scene, P1)->account_version, 1);
    assert_int_equal(provider(scene, P1)->account_cooling_day, 0); /* the first account does not cool */
    assert_ok(zd_scene_submit(scene, "provider/" P1, "provider.account", err, ACCOUNT(11)));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_int_equal(provider(scene, P1)->account_pending, 1);
    assert_int_equal(provider(scene, P1)->account_version, 1);
    assert_ok(zd_scene_second(scene, "issuer-1", err));
    assert_string_equal(zd_scene_code(scene), "");
    assert_int_equal(provider(scene, P1)->account_pending, 0);
    assert_int_equal(provider(scene, P1)->account_version, 2);
    assert_true(cooling_days(scene) > 0);
    assert_int_equal(provider(scene, P1)->account_cooling_day, zd_day_from(2026, 3, 2) + cooling_days(scene));
    assert_int_equal(provider(scene, P1)->account_since_ms, scene->now_unix_ms);
    zd_scene_free(scene);
}

static void account__provider_cannot_confirm_itself(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "issuer-1", "key.grant",
                   "\"key_name\":\"provider/" P1 "/2\",\"public\":\"%064d\",\"person\":\"p-other\",\"unit\":\"p1\",\"role\":\"provider\",\"party\":\"" P1 "\"", 79);
    assert_ok(zd_scene_submit(scene, "provider/" P1, "provider.account", err, ACCOUNT(11)));
    assert_code(zd_scene_second(scene, "provider/" P1 "/2", err), ZD_E_KEY_ROLE);
    assert_ok(zd_scene_submit(scene, "issuer-1", "provider.account", err, ACCOUNT(12)));
    assert_ok(zd_scene_second(scene, "issuer-1", err));
    assert_string_equal(zd_scene_code(scene), "R46");
    assert_int_equal(provider(scene, P1)->account_version, 1);
    assert_int_equal(provider(scene, P1)->account_pending, 1);
    zd_scene_free(scene);
}

/* Scenario 8, second half: a unit key cannot touch bank accounts. */
static void account__unit_key_is_turned_away_at_the_door(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_code(zd_scene_submit(scene, "provider/" P1 "/lab-3", "provider.account", err, ACCOUNT(11)), ZD_E_KEY_ROLE);
    assert_int_equal(provider(scene, P1)->account_pending, 0);
    scene_refused(scene, "provider/" P2, "provider.account", "A05", ACCOUNT(11));
    assert_int_equal(provider(scene, P1)->account_pending, 0);
    zd_scene_free(scene);
}

static void account__dropped_proposal_is_ended_by_confirming_the_present_one(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "issuer-1", "provider.account", "A13", ACCOUNT(1)); /* it is that one already */
    assert_ok(zd_scene_submit(scene, "provider/" P1, "provider.account", err, ACCOUNT(66)));
    scene_two(scene, "issuer-1", "issuer-2", "provider.account", ACCOUNT(1));
    assert_int_equal(provider(scene, P1)->account_pending, 0);
    assert_int_equal(provider(scene, P1)->account_version, 1);
    assert_int_equal(provider(scene, P1)->account_cooling_day, 0);
    zd_scene_free(scene);
}

static void account__a_later_open_proposal_keeps_payment_stopped(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_ok(zd_scene_submit(scene, "issuer-1", "provider.account", err, ACCOUNT(11)));
    char first[ZD_HASH_HEX];
    memcpy(first, scene->last_text, sizeof first);
    assert_ok(zd_scene_submit(scene, "provider/" P1, "provider.account", err, ACCOUNT(66)));
    scene_accepted(scene, "issuer-2", "second", "\"of_sha256\":\"%s\"", first);
    assert_int_equal(provider(scene, P1)->account_version, 2);
    assert_int_equal(provider(scene, P1)->account_pending, 1);
    zd_scene_free(scene);
}

static void account__returning_to_the_one_before_is_shown(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", ACCOUNT(11));
    assert_int_equal(scene->last.decisions[0].saw.size, 0);
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", ACCOUNT(1));
    assert_non_null(strstr(zd_buf_text(&scene->last.decisions[0].saw), "account_flip_flop"));
    zd_scene_free(scene);
}

static void accounts__batch_proposal_stops_payment_of_each(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *items = "{\"id\":\"a1\",\"provider\":\"" P1 "\",\"commitment\":\"0000000000000000000000000000000000000000000000000000000000000021\"},"
                        "{\"id\":\"a2\",\"provider\":\"" P2 "\",\"commitment\":\"0000000000000000000000000000000000000000000000000000000000000022\"}";
    assert_ok(zd_scene_submit(scene, "issuer-1", "batch", err, "\"of\":\"provider.account\",\"items\":[%s]", items));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_int_equal(provider(scene, P1)->account_pending, 1);
    assert_int_equal(provider(scene, P2)->account_pending, 1);
    assert_ok(zd_scene_second(scene, "issuer-2", err));
    assert_int_equal(provider(scene, P1)->account_version, 2);
    assert_int_equal(provider(scene, P2)->account_version, 2);
    assert_int_equal(provider(scene, P2)->account_pending, 0);
    zd_scene_free(scene);
}

#define INSTRUMENT(owner, customs) "\"instrument\":\"I-1\",\"provider\":\"" owner "\",\"categories\":\"testing\",\"price_fen\":1,\"shared\":true,\"customs\":" customs ",\"usable\":true"

static void instrument__belongs_to_its_provider_and_customs_is_lifted_by_an_officer(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "provider/" P2, "instrument.register", "A05", INSTRUMENT(P1, "false"));
    scene_accepted(scene, "provider/" P1, "instrument.register", INSTRUMENT(P1, "true"));
    scene_refused(scene, "provider/" P1, "instrument.register", "A05", INSTRUMENT(P1, "false"));
    const zd_rec_instr *instrument = zd_book_find(scene->book, ZD_R_INSTR, "%s/I-1", P1);
    assert_int_equal(instrument->customs, 1);
    scene_accepted(scene, "issuer-1", "instrument.register", INSTRUMENT(P1, "false"));
    assert_int_equal(instrument->customs, 0);
    scene_accepted(scene, "provider/" P2, "instrument.register", INSTRUMENT(P2, "false")); /* the same id at another provider is another instrument */
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holder__enterprise_needs_code_and_name),
        cmocka_unit_test(holder__entrepreneur_is_a_commitment_without_a_name),
        cmocka_unit_test(holder__resident_id_never_becomes_a_leaf),
        cmocka_unit_test(holder__resident_id_in_a_batch_turns_the_batch_away),
        cmocka_unit_test(holder__issuer_registers_in_its_own_place),
        cmocka_unit_test(ban__shrinks_only_with_a_reason),
        cmocka_unit_test(provider__is_admitted_under_a_valid_code_and_readmitted_after_removal),
        cmocka_unit_test(account__proposal_stops_payment_and_second_officer_starts_cooling),
        cmocka_unit_test(account__provider_cannot_confirm_itself),
        cmocka_unit_test(account__unit_key_is_turned_away_at_the_door),
        cmocka_unit_test(account__dropped_proposal_is_ended_by_confirming_the_present_one),
        cmocka_unit_test(account__a_later_open_proposal_keeps_payment_stopped),
        cmocka_unit_test(account__returning_to_the_one_before_is_shown),
        cmocka_unit_test(accounts__batch_proposal_stops_payment_of_each),
        cmocka_unit_test(instrument__belongs_to_its_provider_and_customs_is_lifted_by_an_officer),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
