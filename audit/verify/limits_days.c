/*
 * Working days, counted again: the calendars as they were signed with the policies, searched as text, one day after the other. Shares nothing with ledger/rules and
 * ledger/act/days.c. See limits_int.h.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/limits_int.h"
#include "ledger/base/clock.h"

static char *own_text(zd_view view)
{
    zd_span text = zd_view_text(view);
    char *copy = zd_alloc(text.size + 1);
    memcpy(copy, text.size > 0 ? (const char *)text.data : "", text.size);
    copy[text.size] = '\0';
    return copy;
}

/* Years are asked for by number: whatever else stands there is not a year that anybody counts by. */
void zd_limit_days_publish(zd_limits *limits, zd_view policy)
{
    enum { FIRST = 1900, LAST = 2199, TEXT = 8 };
    zd_view calendars = zd_view_get(policy, "calendars");
    for (int64_t year = FIRST; zd_view_kind(calendars) == ZD_J_OBJECT && year <= LAST; year++) {
        char name[TEXT];
        zd_format(name, sizeof name, "%d", (int)year);
        zd_view entry = zd_view_get(calendars, name);
        if (zd_view_kind(entry) == ZD_J_OBJECT) {
            limits->years = zd_grow(limits->years, &limits->year_capacity, limits->year_count, sizeof *limits->years);
            limits->years[limits->year_count++] = (zd_limit_year){.year = year, .holidays = own_text(zd_view_get(entry, "holidays")),
                                                                  .workdays = own_text(zd_view_get(entry, "workdays"))};
        }
    }
}

void zd_limit_days_free(zd_limits *limits)
{
    for (size_t i = 0; i < limits->year_count; i++) {
        free(limits->years[i].holidays);
        free(limits->years[i].workdays);
    }
    free(limits->years);
    limits->years = NULL;
    limits->year_count = 0;
}

static bool is_working(const zd_limit_year *year, int64_t day)
{
    char date[ZD_DATE_TEXT];
    zd_date_text(date, day);
    if (strstr(year->holidays, date) != NULL) {
        return false;
    }
    int64_t since_monday = (day - zd_day_from(1970, 1, 5)) % 7; /* a Monday */
    since_monday += since_monday < 0 ? 7 : 0;
    return since_monday < 5 || strstr(year->workdays, date) != NULL;
}

bool zd_limit_day_after(int64_t *out_day, const zd_limits *limits, int64_t from_day, zd_limit_days days)
{
    *out_day = from_day + days.count;
    int64_t day = from_day;
    for (int64_t left = days.working ? days.count : 0; left > 0;) {
        day++;
        size_t i = limits->year_count;
        while (i > 0 && limits->years[i - 1].year != zd_day_year(day)) {
            i--; /* the newest word about a year counts */
        }
        if (i == 0) {
            return false;
        }
        left -= is_working(&limits->years[i - 1], day) ? 1 : 0;
        *out_day = day;
    }
    return true;
}
