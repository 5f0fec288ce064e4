/* Banking days: the notices of three years, the edges between years, and files that must not be believed. */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "tests/support/settlement_case.h"

static int64_t day_of(const char *text)
{
    int64_t day = 0;
    assert_true(zd_date_parse(&day, zd_span_text(text)));
    return day;
}

typedef struct day_case {
    const char *day;
    const char *next; /* the first banking day not before it */
} day_case;

/* Read from the yearly notices: holidays, the working weekends beside them, ordinary weekends. */
static const day_case days[] = {
    {"2026-10-01", "2026-10-08"}, /* scenario 17 */
    {"2026-09-30", "2026-09-30"}, {"2026-10-10", "2026-10-10"}, {"2026-10-11", "2026-10-12"}, {"2026-09-20", "2026-09-20"}, {"2026-09-19", "2026-09-20"},
    {"2026-09-25", "2026-09-28"}, {"2026-01-01", "2026-01-04"}, {"2026-01-04", "2026-01-04"}, {"2026-02-14", "2026-02-14"}, {"2026-02-15", "2026-02-24"},
    {"2026-02-28", "2026-02-28"}, {"2026-03-01", "2026-03-02"}, {"2026-05-01", "2026-05-06"}, {"2026-05-09", "2026-05-09"}, {"2026-06-19", "2026-06-22"},
    {"2026-12-31", "2026-12-31"}, {"2025-12-31", "2025-12-31"}, {"2025-01-28", "2025-02-05"}, {"2025-10-01", "2025-10-09"}, {"2025-01-26", "2025-01-26"},
    {"2024-02-04", "2024-02-04"}, {"2024-02-10", "2024-02-18"}, {"2024-12-28", "2024-12-30"}, {"2024-10-01", "2024-10-08"},
};

static void banking_day__days_of_the_notices_are_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(days); i++) {
        int64_t day = day_of(days[i].day);
        int64_t next = 0;
        bool banking = false;
        char text[ZD_DATE_TEXT];
        assert_ok(zd_calendar_next_banking_day(&next, ZD_CASE_CALENDAR, day, err));
        zd_date_text(text, next);
        if (strcmp(text, days[i].next) != 0) {
            print_error("%s\n", days[i].day);
        }
        assert_string_equal(text, days[i].next);
        assert_ok(zd_calendar_is_banking_day(&banking, ZD_CASE_CALENDAR, day, err));
        assert_int_equal(banking, next == day);
    }
}

/* How many days the banks work in a year: a list that lost a date gives another number. */
static void banking_day__each_year_counts_as_the_notice_gives(void **state)
{
    (void)state;
    static const struct {
        int year, banking_days;
    } years[] = {{2024, 251}, {2025, 248}, {2026, 248}};
    for (size_t i = 0; i < ZD_COUNT(years); i++) {
        int count = 0;
        for (int64_t day = zd_day_from(years[i].year, 1, 1); day < zd_day_from(years[i].year + 1, 1, 1); day++) {
            bool banking = false;
            assert_ok(zd_calendar_is_banking_day(&banking, ZD_CASE_CALENDAR, day, err));
            count += banking;
        }
        assert_int_equal(count, years[i].banking_days);
    }
}

static void banking_day__year_without_data_is_an_error(void **state)
{
    (void)state;
    bool banking = true;
    int64_t next = 7;
    assert_code(zd_calendar_is_banking_day(&banking, ZD_CASE_CALENDAR, day_of("2027-03-01"), err), ZD_E_CALENDAR_MISSING);
    assert_code(zd_calendar_next_banking_day(&next, ZD_CASE_CALENDAR, day_of("2027-03-01"), err), ZD_E_CALENDAR_MISSING);
    assert_code(zd_calendar_is_banking_day(&banking, "tests/no-such-folder", day_of("2026-03-02"), err), ZD_E_CALENDAR_MISSING);
    assert_true(banking);
    assert_int_equal(next, 7);
}

/* A test brings its own 2027, and the search crosses the turn of the year into it. */
static void banking_day__search_goes_on_in_the_next_years_file(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("calendar");
    zd_buf path = {0};
    zd_buf year = {0};
    static const char next_year[] = "{\"format\":\"zhidui-calendar\",\"v\":1,\"year\":2027,\"source\":\"test\",\"holidays\":[\"2027-01-01\"],\"workdays\":[\"2027-01-03\"]}";
    static const char this_year[] = "{\"format\":\"zhidui-calendar\",\"v\":1,\"year\":2026,\"source\":\"test\",\"holidays\":[\"2026-12-31\"],\"workdays\":[\"2026-01-04\"]}";
    assert_ok(zd_file_write(zd_path_join(&path, dir, "2026.json"), zd_span_text(this_year), 0600, err));
    int64_t next = 0;
    assert_code(zd_calendar_next_banking_day(&next, dir, day_of("2026-12-31"), err), ZD_E_CALENDAR_MISSING);
    assert_ok(zd_file_write(zd_path_join(&path, dir, "2027.json"), zd_span_text(next_year), 0600, err));
    assert_ok(zd_calendar_next_banking_day(&next, dir, day_of("2026-12-31"), err));
    assert_int_equal(next, day_of("2027-01-03"));
    zd_buf_free(&year);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

#define HEAD "{\"format\":\"zhidui-calendar\",\"v\":1,\"year\":2026,\"source\":\"s\","
static const struct {
    const char *text;
    zd_code code;
} unsound[] = {
    {HEAD "\"holidays\":[\"2026-10-01\"],\"workdays\":[\"2026-10-10\"]}", ZD_CODE_NONE},
    {HEAD "\"holidays\":[\"2025-10-01\"],\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},                 /* another year */
    {HEAD "\"holidays\":[\"2026-10-02\",\"2026-10-01\"],\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},  /* not rising */
    {HEAD "\"holidays\":[\"2026-10-01\",\"2026-10-01\"],\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},  /* twice */
    {HEAD "\"holidays\":[\"2026-10-10\"],\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},                 /* both */
    {HEAD "\"holidays\":[\"2026-10-01\"],\"workdays\":[\"2026-10-12\"]}", ZD_E_CALENDAR_INVALID},                 /* a Monday */
    {HEAD "\"holidays\":[\"2026-02-30\"],\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},                 /* no such day */
    {HEAD "\"holidays\":[],\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},
    {HEAD "\"holidays\":[\"2026-10-01\"]}", ZD_E_CALENDAR_INVALID},
    {HEAD "\"holidays\":\"2026-10-01\",\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},
    {"{\"format\":\"zhidui-calendar\",\"v\":1,\"year\":2025,\"source\":\"s\",\"holidays\":[\"2025-10-01\"],\"workdays\":[\"2025-10-11\"]}", ZD_E_CALENDAR_INVALID},
    {"{\"format\":\"zhidui-calendar\",\"v\":1,\"year\":2026,\"source\":\"\",\"holidays\":[\"2026-10-01\"],\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},
    {"{\"format\":\"zhidui-calendar\",\"v\":2,\"year\":2026,\"source\":\"s\",\"holidays\":[\"2026-10-01\"],\"workdays\":[\"2026-10-10\"]}", ZD_E_CALENDAR_INVALID},
    {"{\"format\":\"zhidui-calendar\",\"v\":1,\"year\":2026,\"holidays\":[\"2026-10-01\"],\"workdays\":[\"2026-10-10\"]}", ZD_E_JSON_MISSING},
    {"", ZD_E_JSON_SYNTAX},
};

static void calendar_file__unsound_content_is_refused(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("calendar");
    zd_buf path = {0};
    (void)zd_path_join(&path, dir, "2026.json");
    for (size_t i = 0; i < ZD_COUNT(unsound); i++) {
        bool banking = false;
        zd_error err = {0};
        zd_error none = {0};
        assert_int_equal(zd_file_write(zd_buf_text(&path), zd_span_text(unsound[i].text), 0600, &none), ZD_OK);
        (void)zd_calendar_is_banking_day(&banking, dir, day_of("2026-03-02"), &err);
        if (err.code != unsound[i].code) {
            print_error("row %zu: %s\n", i, zd_code_name(err.code));
        }
        assert_int_equal(err.code, unsound[i].code);
    }
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(banking_day__days_of_the_notices_are_answered),
        cmocka_unit_test(banking_day__each_year_counts_as_the_notice_gives),
        cmocka_unit_test(banking_day__year_without_data_is_an_error),
        cmocka_unit_test(banking_day__search_goes_on_in_the_next_years_file),
        cmocka_unit_test(calendar_file__unsound_content_is_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
