/*
 * Time. Instants are milliseconds since 1970-01-01T00:00:00Z (int64_t, *_unix_ms); days are civil days since
 * 1970-01-01 (int64_t, *_day). The clock is a value handed in, so that nothing below the engine reads it.
 */
#ifndef ZD_BASE_CLOCK_H
#define ZD_BASE_CLOCK_H

#include <stdint.h>

#include "ledger/base/error.h"

/* A clock: returns the present instant. context is the caller's. */
typedef struct zd_clock {
    int64_t (*now_unix_ms)(void *context);
    void *context;
} zd_clock;

zd_clock zd_clock_system(void);
/* A clock that stands still at *instant, which the caller owns and may move. For tests and fixtures. */
zd_clock zd_clock_fixed(int64_t *instant_unix_ms);

#define ZD_DAY_MS INT64_C(86400000)
#define ZD_DAY_NONE INT64_MIN
/* Policy zone: Asia/Shanghai, +08:00 without daylight saving since 1992 (IANA tzdata). */
#define ZD_ZONE_SHANGHAI_MS (8 * INT64_C(3600000))

int64_t zd_day_of(int64_t unix_ms, int64_t zone_ms); /* the civil day in that zone */
int64_t zd_day_start(int64_t day, int64_t zone_ms);  /* its first instant */
int64_t zd_day_from(int year, int month, int day_of_month);
void zd_day_split(int64_t day, int *year, int *month, int *day_of_month);
int zd_day_year(int64_t day);

/* "2026-03-05"; strict, a real day of 1900..2199. out holds ZD_DATE_TEXT bytes. */
#define ZD_DATE_TEXT 11
void zd_date_text(char *out, int64_t day);
ZD_MUST_USE bool zd_date_parse(int64_t *out_day, zd_span text);
/* "2026-03-05T02:11:12.123Z", milliseconds optional when reading; strict. out holds ZD_TIME_TEXT bytes. */
#define ZD_TIME_TEXT 25
void zd_time_text(char *out, int64_t unix_ms);
ZD_MUST_USE bool zd_time_parse(int64_t *out_unix_ms, zd_span text);

#endif
