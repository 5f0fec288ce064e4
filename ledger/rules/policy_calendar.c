/*
 * The calendars that a policy brings: per year the holidays and the weekends that are worked, from the State Council's notice. Dates rise, lie in the year, stand in one
 * list only, and a year has holidays: a slip of the pen must not move a deadline. Must not guess: a year that no policy brought is unknown.
 */
#include <limits.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/rules/policy.h"

enum { WEEK = 7, SATURDAY = 5, EPOCH_WEEKDAY = 3 }; /* 1970-01-01 was a Thursday; 0 = Monday */

static bool is_weekend(int64_t day)
{
    int64_t weekday = ((day + EPOCH_WEEKDAY) % WEEK + WEEK) % WEEK;
    return weekday >= SATURDAY;
}

/* A day of the year in a bit map of bytes. */
static bool bit_of(const uint8_t *map, size_t at)
{
    return ((unsigned)map[at / CHAR_BIT] >> (at % CHAR_BIT) & 1U) != 0;
}

static void set_bit(uint8_t *map, size_t at, bool on)
{
    uint8_t bit = (uint8_t)(1U << (at % CHAR_BIT));
    map[at / CHAR_BIT] = (uint8_t)(on ? map[at / CHAR_BIT] | bit : map[at / CHAR_BIT] & ~bit);
}

static void set_working(zd_policy_year *year, int64_t day, bool working)
{
    set_bit(year->working, (size_t)(day - year->first_day), working);
}

bool zd_year_is_working(const zd_policy_year *year, int64_t day)
{
    ZD_ASSERT(zd_day_year(day) == year->year);
    return bit_of(year->working, (size_t)(day - year->first_day));
}

const zd_policy_year *zd_policy_year_of(const zd_policy *policy, int64_t year)
{
    for (size_t i = 0; i < policy->year_count; i++) {
        if (policy->years[i].year == year) {
            return &policy->years[i];
        }
    }
    return NULL;
}

static zd_status invalid(zd_error *err, zd_span value, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_POLICY_INVALID, "%s", why);
    zd_error_field(err, "calendars", value);
    return status;
}

/* A holiday was a working day or a weekend; a worked weekend is a Saturday or Sunday that is no holiday. */
static zd_status read_dates(zd_policy_year *year, const uint8_t holidays[ZD_YEAR_BYTES], uint8_t seen[ZD_YEAR_BYTES], zd_span dates, bool working, zd_error *err)
{
    int64_t before = ZD_DAY_NONE;
    while (dates.size > 0) {
        zd_span text;
        int64_t day = 0;
        zd_span whole = dates;
        dates = zd_span_cut(&text, dates, ',');
        if (!zd_date_parse(&day, text) || zd_day_year(day) != year->year || text.size + 1 == whole.size) {
            return invalid(err, text, "not a date of this year / 不是本年度日期");
        }
        if (before != ZD_DAY_NONE && day <= before) {
            return invalid(err, text, "dates must rise / 日期须递增");
        }
        size_t at = (size_t)(day - year->first_day);
        if (working && (!is_weekend(day) || bit_of(holidays, at))) {
            return invalid(err, text, "a worked weekend is a Saturday or Sunday that is no holiday / 调休上班日应为非节假日的周六或周日");
        }
        before = day;
        set_bit(seen, at, true);
        set_working(year, day, working);
    }
    return ZD_OK;
}

typedef struct reading {
    zd_policy *out;
    zd_error *err;
} reading;

static zd_status read_year(void *context, zd_span name, zd_jval entry)
{
    enum { FIELDS = 3, DECIMAL = 10, DIGITS = 4, FIRST = 1900, LAST = 2199 }; /* source, holidays, workdays */
    reading *r = context;
    int64_t number = 0;
    for (size_t i = 0; i < name.size && i < DIGITS; i++) {
        number = name.data[i] >= '0' && name.data[i] <= '9' ? number * DECIMAL + (name.data[i] - '0') : -1;
    }
    if (name.size != DIGITS || number < FIRST || number > LAST || r->out->year_count == ZD_POLICY_YEARS) {
        return invalid(r->err, name, "a year like 2026, at most sixteen of them / 年度如 2026，至多十六个");
    }
    zd_span source = zd_jval_text(zd_jval_get(entry, "source"));
    zd_jval holidays = zd_jval_get(entry, "holidays");
    zd_jval workdays = zd_jval_get(entry, "workdays");
    bool fits = zd_jval_kind(entry) == ZD_J_OBJECT && zd_jval_count(entry) == FIELDS && source.size > 0 && zd_jval_text(holidays).size > 0 &&
                zd_jval_kind(workdays) == ZD_J_STRING;
    if (!fits) {
        return invalid(r->err, name, "needs exactly source, holidays and workdays, as texts / 须且仅须有 source、holidays、workdays");
    }
    zd_policy_year *year = &r->out->years[r->out->year_count++];
    *year = (zd_policy_year){.year = number, .first_day = zd_day_from((int)number, 1, 1)};
    for (int64_t day = year->first_day; zd_day_year(day) == number; day++) {
        set_working(year, day, !is_weekend(day));
    }
    uint8_t none[ZD_YEAR_BYTES] = {0};
    uint8_t off[ZD_YEAR_BYTES] = {0};
    uint8_t worked[ZD_YEAR_BYTES] = {0};
    zd_status status = read_dates(year, none, off, zd_jval_text(holidays), false, r->err);
    return status == ZD_OK ? read_dates(year, off, worked, zd_jval_text(workdays), true, r->err) : status;
}

zd_status zd_policy_read_calendars(zd_policy *out, zd_jval calendars, zd_error *err)
{
    reading r = {.out = out, .err = err};
    if (zd_jval_kind(calendars) != ZD_J_OBJECT) {
        return invalid(err, zd_span_text(NULL), "must be an object of years; it may be empty / 须为按年度的对象，可为空");
    }
    return zd_jval_each(calendars, read_year, &r);
}
