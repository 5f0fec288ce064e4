/*
 * A policy: one value per parameter of policy.def, as published in the log. A file or request object reads
 *   {"profile":"…","edition":2,"zone":"Asia/Shanghai","calendars":{"2026":{"source":"…","holidays":"2026-01-01,…","workdays":"2026-01-04,…"}},
 *    "parameters":{"ratio_bp":{"value":5000,"source":"…","date":"2022-06-02"},"hold_days":{"value":10,"unit":"working",…},…}}
 * and must name every parameter exactly once, with its source and date. Nothing has a default in C. A policy of edition 1 has neither calendars nor units: its days are
 * calendar days, for ever. A calendar is a fact, not a rule: whichever policy brought the year, all policies count by it.
 */
#ifndef ZD_RULES_POLICY_H
#define ZD_RULES_POLICY_H

#include "ledger/json/json.h"

typedef enum zd_param {
#define ZD_PARAM(id, name, kind, minimum, maximum) ZD_P_##id,
#include "ledger/rules/policy.def"
#undef ZD_PARAM
    ZD_P__COUNT
} zd_param;

#define ZD_PARAM_TEXT 400
typedef enum zd_day_unit { ZD_DAYS_CALENDAR, ZD_DAYS_WORKING } zd_day_unit;

/* One year's working days, by the State Council's notice. */
#define ZD_POLICY_YEARS 16
#define ZD_YEAR_BYTES 46
typedef struct zd_policy_year {
    int64_t year;
    int64_t first_day;
    uint8_t working[ZD_YEAR_BYTES]; /* bit by day of the year */
} zd_policy_year;

typedef struct zd_policy {
    int64_t number; /* as published; 0 while only a file */
    int64_t effective_day;
    int64_t published_seq;
    int64_t edition; /* of the rules in code; this program knows 1..ZD_RULES_EDITION */
    int64_t value[ZD_P__COUNT];
    zd_day_unit unit[ZD_P__COUNT]; /* DAYS */
    char text[ZD_P__COUNT][ZD_PARAM_TEXT]; /* TAGS and WORD */
    zd_policy_year years[ZD_POLICY_YEARS];
    size_t year_count;
} zd_policy;
#define ZD_RULES_EDITION 2
#define ZD_EDITION_OF_UNITS 2 /* the first with units and calendars */

/* POLICY_INVALID naming the parameter: missing, unknown, out of range, without source or date, or a set of values that contradict one another. */
zd_status zd_policy_parse(zd_policy *out, zd_jval object, zd_error *err);
int64_t zd_policy_int(const zd_policy *policy, zd_param param);
bool zd_policy_is(const zd_policy *policy, zd_param param, const char *word);
zd_span zd_policy_text(const zd_policy *policy, zd_param param);
const char *zd_param_name(zd_param param);
bool zd_param_is_days(zd_param param); /* has a unit */
/* The calendar of that year, when this policy brought one; else NULL. */
const zd_policy_year *zd_policy_year_of(const zd_policy *policy, int64_t year);
bool zd_year_is_working(const zd_policy_year *year, int64_t day); /* day lies in the year */
/* policy_calendar.c, for zd_policy_parse. */
zd_status zd_policy_read_calendars(zd_policy *out, zd_jval calendars, zd_error *err);
bool zd_param_is_text(zd_param param); /* TAGS and WORD: zd_policy_text; else zd_policy_int */

#endif
