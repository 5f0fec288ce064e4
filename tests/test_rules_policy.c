/*
 * Reading policies: the shipped profiles are complete, each fault names its parameter, contradictions are refused. Cases are made by changing one
 * spot of the Shaoxing file, so that nothing else can be the reason.
 */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/base/clock.h"
#include "ledger/rules/policy.h"
#include "ledger/settle/settlement.h"

static zd_buf shaoxing;

static zd_status parse_text(zd_policy *out, zd_span text, zd_error *err)
{
    zd_json *json = NULL;
    zd_status status = zd_json_parse(&json, text, true, err);
    if (status == ZD_OK) {
        status = zd_policy_parse(out, zd_json_root(json), err);
    }
    zd_json_free(json);
    return status;
}

/* The file with the first `from` replaced; `from` must be there. */
static zd_status parse_changed(zd_policy *out, const char *from, const char *to, zd_error *err)
{
    const char *text = zd_buf_text(&shaoxing);
    const char *found = strstr(text, from);
    assert_non_null(found);
    zd_buf changed = {0};
    zd_buf_add(&changed, text, (size_t)(found - text));
    zd_buf_add_text(&changed, to);
    zd_buf_add_text(&changed, found + strlen(from));
    zd_status status = parse_text(out, zd_buf_span(&changed), err);
    zd_buf_free(&changed);
    return status;
}

/* The whole entry of one parameter, as it stands in the file. */
static void entry_of(char *out, size_t size, const char *name)
{
    char key[80];
    zd_format(key, sizeof key, "\"%s\":{", name);
    const char *start = strstr(zd_buf_text(&shaoxing), key);
    assert_non_null(start);
    const char *end = strchr(start, '}');
    assert_non_null(end);
    assert_true(zd_span_copy(out, size, zd_span_of(start, (size_t)(end - start) + 1)));
}

static void shaoxing__as_shipped_has_the_values_of_the_notice(void **state)
{
    (void)state;
    zd_policy policy;
    assert_ok(parse_text(&policy, zd_buf_span(&shaoxing), err));
    assert_int_equal(policy.edition, 2);
    assert_int_equal(zd_policy_int(&policy, ZD_P_CAP_ENTERPRISE), 20000000);
    assert_int_equal(zd_policy_int(&policy, ZD_P_CAP_ENTREPRENEUR), 10000000);
    assert_int_equal(zd_policy_int(&policy, ZD_P_RATIO), 5000);
    assert_int_equal(zd_policy_int(&policy, ZD_P_REDEEM_BY), 1215);
    assert_int_equal(zd_policy_int(&policy, ZD_P_LAPSE_RESTORES), 1);
    assert_true(zd_policy_is(&policy, ZD_P_FUNDING_POINT, "order"));
    assert_false(zd_policy_is(&policy, ZD_P_FUNDING_POINT, "issue"));
    assert_true(zd_span_is(zd_policy_text(&policy, ZD_P_INSTRUMENT_CATEGORIES), "instrument"));
}

static void yuhuan__profile_of_the_tests_has_its_tier(void **state)
{
    (void)state;
    zd_buf file = {0};
    zd_policy policy;
    assert_ok(zd_file_read(&file, "tests/data/policy-yuhuan.json", 65536, err));
    assert_ok(parse_text(&policy, zd_buf_span(&file), err));
    assert_int_equal(zd_policy_int(&policy, ZD_P_TIER_UP_TO), 1000000);
    assert_int_equal(zd_policy_int(&policy, ZD_P_TIER_RATIO), 10000);
    zd_buf_free(&file);
}

static void every_parameter__left_out_is_named(void **state)
{
    (void)state;
    for (unsigned p = 0; p < ZD_P__COUNT; p++) {
        char entry[512];
        char without[520];
        zd_policy policy;
        zd_error err = {0};
        const char *name = zd_param_name((zd_param)p);
        entry_of(entry, sizeof entry, name);
        zd_format(without, sizeof without, "%s", entry);
        /* The entry and the comma on one of its sides. */
        const char *at = strstr(zd_buf_text(&shaoxing), entry);
        bool last = at[strlen(entry)] != ',';
        zd_format(without, sizeof without, last ? ",\n%s" : "%s,", entry);
        assert_int_equal(parse_changed(&policy, without, "", &err), ZD_MALFORMED);
        assert_string_equal(zd_code_name(err.code), "policy-invalid");
        assert_string_equal(err.field, name);
    }
}

static void fault__in_one_spot_names_its_field(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *field;
    } cases[] = {
        {"\"ratio_bp\":{\"value\":5000", "\"ratio_bp\":{\"value\":10001", "ratio_bp"},
        {"\"ratio_bp\":{\"value\":5000", "\"ratio_bp\":{\"value\":-1", "ratio_bp"},
        {"\"ratio_bp\":{\"value\":5000", "\"ratio_bp\":{\"value\":\"5000\"", "ratio_bp"},
        {"\"ratio_bp\":{\"value\":5000", "\"ratio_bp\":{\"value\":true", "ratio_bp"},
        {"\"ratio_bp\":{\"value\":5000,", "\"ratio_bp\":{", "ratio_bp"},
        {"\"ratio_bp\":{\"value\":5000,\"source\":\"", "\"ratio_bp\":{\"value\":5000,\"source\":\"\",\"x\":\"", "ratio_bp"},
        {"\"date\":\"2022-06-02\"", "\"date\":\"2022-02-29\"", "cap_enterprise_fen"},
        {"\"date\":\"2022-06-02\"", "\"day\":\"2022-06-02\"", "cap_enterprise_fen"},
        {"\"lapse_restores_quota\":{\"value\":true", "\"lapse_restores_quota\":{\"value\":1", "lapse_restores_quota"},
        {"\"quota_scope\":{\"value\":\"person\"", "\"quota_scope\":{\"value\":\"family\"", "quota_scope"},
        {"\"instrument_categories\":{\"value\":\"instrument\"", "\"instrument_categories\":{\"value\":\"telescope\"", "instrument_categories"},
        {"\"value\":\"commissioned-development,design,", "\"value\":\"design,commissioned-development,", "categories"},
        {"\"value\":\"commissioned-development,design,", "\"value\":\"design,design,", "categories"},
        {"\"value\":\"commissioned-development,design,", "\"value\":\"commissioned development,design,", "categories"},
        {"\"value\":\"commissioned-development,design,", "\"value\":\"designs,design,", "categories"},
        {"\"value\":\"commissioned-development,design,", "\"value\":\",", "categories"},
        {"\"ratio_bp\":{\"value\":5000,", "\"ratio_bp\":{\"x\":1,\"value\":5000,", "ratio_bp"},
        {"\"redeem_by_mmdd\":{\"value\":1215", "\"redeem_by_mmdd\":{\"value\":1131", "redeem_by_mmdd"},
        {"\"redeem_by_mmdd\":{\"value\":1215", "\"redeem_by_mmdd\":{\"value\":229", "redeem_by_mmdd"},
        {"\"public_share_max_bp\":{\"value\":9000", "\"public_share_max_bp\":{\"value\":4999", "public_share_max_bp"},
        {"\"tier_ratio_bp\":{\"value\":0", "\"tier_ratio_bp\":{\"value\":1", "tier_ratio_bp"},
        {"\"extension_days\":{\"value\":60", "\"extension_days\":{\"value\":0", "extension_days"},
        {"\"account_cooling_return_days\":{\"value\":3", "\"account_cooling_return_days\":{\"value\":16", "account_cooling_return_days"},
        {"\"zone\":\"Asia/Shanghai\"", "\"zone\":\"UTC\"", "zone"},
        {"\"edition\":2", "\"edition\":3", "edition"},
        {"\"edition\":2", "\"edition\":0", "edition"},
        {"\"profile\":\"shaoxing-2026\"", "\"profile\":\"\"", "profile"},
        {"\"edition\":2,", "\"edition\":2,\"colour\":\"red\",", "policy"},
        {"\"ratio_bp\":{", "\"ratio_pct\":{", "parameters"},
        {"\"edition\":2", "\"edition\":1", "policy"}, /* edition 1 has no calendars */
        {"\"hold_days\":{\"value\":10,\"unit\":\"working\"", "\"hold_days\":{\"value\":10,\"unit\":\"banking\"", "hold_days"},
        {"\"hold_days\":{\"value\":10,\"unit\":\"working\"", "\"hold_days\":{\"value\":10", "hold_days"},
        {"\"use_by_days\":{\"value\":365", "\"use_by_days\":{\"value\":365,\"unit\":\"working\"", "use_by_days"}, /* never working days */
        {"\"calendars\":{\"2026\"", "\"calendars\":{\"26\"", "calendars"},
        {"\"calendars\":{\"2026\"", "\"calendars\":{\"2025\"", "calendars"},
        {"\"holidays\":\"2026-01-01,", "\"holidays\":\"2026-01-02,", "calendars"},
        {"\"holidays\":\"2026-01-01,", "\"holidays\":\"2026-13-01,", "calendars"},
        {"\"workdays\":\"2026-01-04,", "\"workdays\":\"2026-01-05,", "calendars"}, /* a Monday */
        {"\"workdays\":\"2026-01-04,2026-02-14,", "\"workdays\":\"2026-01-03,2026-02-14,", "calendars"}, /* a holiday */
        {"2026-10-07\",\"workdays\"", "2026-10-07,\",\"workdays\"", "calendars"},
        {"\"holidays\":\"", "\"holidays\":\"\",\"x\":\"", "calendars"},
    };
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_policy policy;
        zd_error err = {0};
        zd_status status = parse_changed(&policy, cases[i].from, cases[i].to, &err);
        if (status == ZD_OK || strcmp(err.field, cases[i].field) != 0) {
            print_error("case %zu: %s\n", i, cases[i].to);
            zd_test_show(&err);
        }
        assert_int_equal(status, ZD_MALFORMED);
        assert_string_equal(zd_code_name(err.code), "policy-invalid");
        assert_string_equal(err.field, cases[i].field);
    }
}

/* The neighbours of the faults above that must pass. */
static void value__at_the_edge_of_its_range_is_taken(void **state)
{
    (void)state;
    zd_policy policy;
    assert_ok(parse_changed(&policy, "\"public_share_max_bp\":{\"value\":9000", "\"public_share_max_bp\":{\"value\":5000", err));
    assert_ok(parse_changed(&policy, "\"redeem_by_mmdd\":{\"value\":1215", "\"redeem_by_mmdd\":{\"value\":1231", err));
    assert_ok(parse_changed(&policy, "\"redeem_by_mmdd\":{\"value\":1215", "\"redeem_by_mmdd\":{\"value\":228", err));
    assert_ok(parse_changed(&policy, "\"account_cooling_return_days\":{\"value\":3", "\"account_cooling_return_days\":{\"value\":15", err));
    assert_ok(parse_changed(&policy, "\"instrument_categories\":{\"value\":\"instrument\"", "\"instrument_categories\":{\"value\":\"\"", err));
    assert_int_equal(zd_policy_text(&policy, ZD_P_INSTRUMENT_CATEGORIES).size, 0);
}

/* Ids are of A-Z a-z 0-9 . _ : - and nothing next to them in the code table. */
static void tags__take_the_letters_of_ids_only(void **state)
{
    (void)state;
    const char *from = "\"excluded_purposes\":{\"value\":\"advertising,";
    zd_policy policy;
    assert_ok(parse_changed(&policy, from, "\"excluded_purposes\":{\"value\":\"-,.,0,9,:,A,Z,_,a,adv,advert,", err));
    static const char strange[] = "/;@[`{ ^+";
    for (size_t i = 0; strange[i] != '\0'; i++) {
        char to[80];
        zd_error err = {0};
        zd_format(to, sizeof to, "\"excluded_purposes\":{\"value\":\"%c,a,", strange[i]);
        assert_int_equal(parse_changed(&policy, from, to, &err), ZD_MALFORMED);
        assert_string_equal(err.field, "excluded_purposes");
    }
}

static void parameter__twice_is_malformed(void **state)
{
    (void)state;
    char entry[512];
    char twice[1100];
    zd_policy policy;
    entry_of(entry, sizeof entry, "ratio_bp");
    zd_format(twice, sizeof twice, "%s,%s", entry, entry);
    assert_code(parse_changed(&policy, entry, twice, err), ZD_E_JSON_DUPLICATE);
}

/* The policy's calendar and the data that payment dates are judged by say the same of every day. */
static void calendar__of_the_policy_is_the_calendar_of_the_banks(void **state)
{
    (void)state;
    zd_policy policy;
    size_t working = 0;
    assert_ok(parse_text(&policy, zd_buf_span(&shaoxing), err));
    const zd_policy_year *year = zd_policy_year_of(&policy, 2026);
    assert_non_null(year);
    assert_null(zd_policy_year_of(&policy, 2027));
    for (int64_t day = zd_day_from(2026, 1, 1); day <= zd_day_from(2026, 12, 31); day++) {
        bool banking = false;
        assert_ok(zd_calendar_is_banking_day(&banking, "ledger/settle/data/calendar", day, err));
        assert_int_equal(zd_year_is_working(year, day), banking);
        working += banking ? 1 : 0;
    }
    assert_int_equal(working, 248); /* counted by hand from the notice: 365 - 104 weekend days - 19 holidays on weekdays + 6 worked weekends */
}

/* Histories that began under edition 1 go on: calendar days, and nothing that edition 2 brought. */
static void edition_1__counts_calendar_days_and_has_no_grace(void **state)
{
    (void)state;
    zd_policy policy;
    zd_buf file = {0};
    assert_ok(zd_file_read(&file, "tests/data/policy-yuhuan.json", 65536, err));
    assert_ok(parse_text(&policy, zd_buf_span(&file), err));
    assert_int_equal(policy.edition, 1);
    assert_int_equal(policy.unit[ZD_P_HOLD_DAYS], ZD_DAYS_CALENDAR);
    assert_int_equal(zd_policy_int(&policy, ZD_P_PAID_GRACE), -1);
    assert_int_equal(policy.year_count, 0);
    zd_buf_free(&file);
}

static int load(void **state)
{
    (void)state;
    zd_error err = {0};
    return zd_file_read(&shaoxing, "ledger/policy/shaoxing-2026.json", 65536, &err) == ZD_OK ? 0 : -1;
}

static int unload(void **state)
{
    (void)state;
    zd_buf_free(&shaoxing);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shaoxing__as_shipped_has_the_values_of_the_notice),
        cmocka_unit_test(yuhuan__profile_of_the_tests_has_its_tier),
        cmocka_unit_test(every_parameter__left_out_is_named),
        cmocka_unit_test(fault__in_one_spot_names_its_field),
        cmocka_unit_test(value__at_the_edge_of_its_range_is_taken),
        cmocka_unit_test(tags__take_the_letters_of_ids_only),
        cmocka_unit_test(parameter__twice_is_malformed),
        cmocka_unit_test(calendar__of_the_policy_is_the_calendar_of_the_banks),
        cmocka_unit_test(edition_1__counts_calendar_days_and_has_no_grace),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, load, unload));
}
