/*
 * Banking days of the large-value payment system: Monday to Friday without the public holidays, and the weekends that the
 * State Council's yearly notice declares to be working days. A year without its data file is an error, never "Monday to
 * Friday": a payment dated on a holiday would be sent to a closed bank. Files: <calendar_dir>/<year>.json.
 */
#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/settle/settlement.h"

#define CALENDAR_MAX 65536
#define DAYS_OF_YEAR 366
/* No notice closes the banks for a month; more means a broken file. */
#define SEARCH_DAYS 31

typedef enum day_kind { DAY_ORDINARY, DAY_HOLIDAY, DAY_WORKING_WEEKEND } day_kind;

typedef struct calendar_year {
    int year;
    int64_t first_day;
    uint8_t kind[DAYS_OF_YEAR]; /* day_kind by day of the year */
} calendar_year;

static bool is_weekend(int64_t day)
{
    int64_t weekday = ((day + 3) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; 0 = Monday */
    return weekday >= 5;
}

static zd_status invalid(zd_error *err, const char *path, zd_span value, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_CALENDAR_INVALID, "%s", why);
    zd_error_subject(err, zd_span_text(path));
    zd_error_field(err, "date", value);
    return status;
}

/* Dates must rise, lie in the year and stand in one list only: a slip of the pen in the file must not move a payment. */
static zd_status read_days(calendar_year *out, zd_jval list, day_kind kind, const char *path, zd_error *err)
{
    int64_t previous = ZD_DAY_NONE;
    size_t count = zd_jval_count(list);
    if (zd_jval_kind(list) != ZD_J_ARRAY || count == 0) {
        return invalid(err, path, zd_span_of(NULL, 0), "holidays and workdays must be lists with at least one date / 缺少日期列表");
    }
    for (size_t i = 0; i < count; i++) {
        zd_span text = zd_jval_text(zd_jval_at(list, i));
        int64_t day = 0;
        if (!zd_date_parse(&day, text) || zd_day_year(day) != out->year) {
            return invalid(err, path, text, "not a date of this year / 不是本年度日期");
        }
        if (previous != ZD_DAY_NONE && day <= previous) {
            return invalid(err, path, text, "dates must rise / 日期须递增");
        }
        previous = day;
        if (kind == DAY_WORKING_WEEKEND && !is_weekend(day)) {
            return invalid(err, path, text, "a working weekend is a Saturday or Sunday / 调休上班日应为周六或周日");
        }
        uint8_t *place = &out->kind[day - out->first_day];
        if (*place != DAY_ORDINARY) {
            return invalid(err, path, text, "both holiday and working day / 同一天既放假又上班");
        }
        *place = (uint8_t)kind;
    }
    return ZD_OK;
}

static zd_status read_fields(calendar_year *out, zd_jval root, const char *path, zd_error *err)
{
    int64_t year = 0;
    zd_span source = {0};
    zd_status status = zd_jval_need_int(&year, root, "year", 1900, 2199, err);
    if (status == ZD_OK) {
        status = zd_jval_need_text(&source, root, "source", err);
    }
    if (status != ZD_OK) {
        return status;
    }
    if (!zd_span_is(zd_jval_text(zd_jval_get(root, "format")), "zhidui-calendar") || zd_jval_int(zd_jval_get(root, "v")) != 1) {
        return invalid(err, path, zd_span_of(NULL, 0), "format must be zhidui-calendar, v 1 / 格式标识不符");
    }
    if (year != out->year || source.size == 0) {
        return invalid(err, path, source, "the year is not the file's, or the source is not named / 年度不符或未注明来源");
    }
    status = read_days(out, zd_jval_get(root, "holidays"), DAY_HOLIDAY, path, err);
    return status == ZD_OK ? read_days(out, zd_jval_get(root, "workdays"), DAY_WORKING_WEEKEND, path, err) : status;
}

static zd_status calendar_read(calendar_year *out, const char *calendar_dir, int year, zd_error *err)
{
    zd_buf path = {0};
    zd_buf content = {0};
    zd_json *json = NULL;
    *out = (calendar_year){.year = year, .first_day = zd_day_from(year, 1, 1)};
    zd_buf_addf(&path, "%s/%d.json", calendar_dir, year);
    zd_error why = {0};
    zd_status status = zd_file_read(&content, zd_buf_text(&path), CALENDAR_MAX, &why);
    if (status != ZD_OK) {
        if (why.code == ZD_E_FILE_MISSING) {
            status = zd_fail(err, ZD_E_CALENDAR_MISSING, "no data for %d / 缺少 %d 年数据", year, year);
            zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
        } else if (err != NULL && err->code == ZD_CODE_NONE) {
            *err = why;
        }
        goto cleanup;
    }
    status = zd_json_parse(&json, zd_buf_span(&content), true, err);
    if (status == ZD_OK) {
        status = read_fields(out, zd_json_root(json), zd_buf_text(&path), err);
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
    }
cleanup:
    zd_json_free(json);
    zd_buf_free(&content);
    zd_buf_free(&path);
    return status;
}

static bool banking_day_of(const calendar_year *calendar, int64_t day)
{
    uint8_t kind = calendar->kind[day - calendar->first_day];
    return kind == DAY_WORKING_WEEKEND || (kind == DAY_ORDINARY && !is_weekend(day));
}

zd_status zd_calendar_is_banking_day(bool *out, const char *calendar_dir, int64_t day, zd_error *err)
{
    calendar_year calendar;
    zd_status status = calendar_read(&calendar, calendar_dir, zd_day_year(day), err);
    if (status == ZD_OK) {
        *out = banking_day_of(&calendar, day);
    }
    return status;
}

zd_status zd_calendar_next_banking_day(int64_t *out_day, const char *calendar_dir, int64_t day, zd_error *err)
{
    calendar_year calendar = {0};
    for (int64_t candidate = day; candidate < day + SEARCH_DAYS; candidate++) {
        if (calendar.year != zd_day_year(candidate)) {
            zd_status status = calendar_read(&calendar, calendar_dir, zd_day_year(candidate), err);
            if (status != ZD_OK) {
                return status;
            }
        }
        if (banking_day_of(&calendar, candidate)) {
            *out_day = candidate;
            return ZD_OK;
        }
    }
    return zd_fail(err, ZD_E_CALENDAR_INVALID, "no banking day within %d days / %d 天内没有银行工作日", SEARCH_DAYS, SEARCH_DAYS);
}
