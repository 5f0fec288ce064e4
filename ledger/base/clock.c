/* Civil days and RFC 3339 instants; see clock.h. */
#include "ledger/base/clock.h"

#include <time.h>

static int64_t system_now(void *context)
{
    (void)context;
    struct timespec now;
    int failed = clock_gettime(CLOCK_REALTIME, &now);
    ZD_ASSERT(failed == 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t fixed_now(void *context)
{
    return *(const int64_t *)context;
}

zd_clock zd_clock_system(void)
{
    return (zd_clock){.now_unix_ms = system_now, .context = NULL};
}

zd_clock zd_clock_fixed(int64_t *instant_unix_ms)
{
    return (zd_clock){.now_unix_ms = fixed_now, .context = instant_unix_ms};
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

int64_t zd_day_of(int64_t unix_ms, int64_t zone_ms)
{
    return floor_div(unix_ms + zone_ms, ZD_DAY_MS);
}

int64_t zd_day_start(int64_t day, int64_t zone_ms)
{
    return day * ZD_DAY_MS - zone_ms;
}

/* Proleptic Gregorian calendar, with years that begin in March so that the leap day comes last. */
int64_t zd_day_from(int year, int month, int day_of_month)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day_of_month - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void zd_day_split(int64_t day, int *year, int *month, int *day_of_month)
{
    int64_t z = day + 719468;
    int64_t era = floor_div(z, 146097);
    int64_t day_of_era = z - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    *day_of_month = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    *month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    *year = (int)(year_of_era + era * 400 + (*month <= 2 ? 1 : 0));
}

int zd_day_year(int64_t day)
{
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    zd_day_split(day, &year, &month, &day_of_month);
    return year;
}

void zd_date_text(char *out, int64_t day)
{
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    zd_day_split(day, &year, &month, &day_of_month);
    zd_format(out, ZD_DATE_TEXT, "%04d-%02d-%02d", year, month, day_of_month);
}

static bool digits_at(int *out, zd_span text, size_t at, size_t count)
{
    *out = 0;
    for (size_t i = at; i < at + count; i++) {
        if (i >= text.size || text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        *out = *out * 10 + (text.data[i] - '0');
    }
    return true;
}

bool zd_date_parse(int64_t *out_day, zd_span text)
{
    int year = 0;
    int month = 0;
    int day_of_month = 0;
    if (text.size != 10 || text.data[4] != '-' || text.data[7] != '-' || !digits_at(&year, text, 0, 4) ||
        !digits_at(&month, text, 5, 2) || !digits_at(&day_of_month, text, 8, 2)) {
        return false;
    }
    if (year < 1900 || year > 2199 || month < 1 || month > 12 || day_of_month < 1 || day_of_month > 31) {
        return false;
    }
    int64_t day = zd_day_from(year, month, day_of_month);
    char again[ZD_DATE_TEXT];
    zd_date_text(again, day);
    if (!zd_span_is(text, again)) {
        return false;
    }
    *out_day = day;
    return true;
}

void zd_time_text(char *out, int64_t unix_ms)
{
    int64_t day = zd_day_of(unix_ms, 0);
    int64_t left = unix_ms - day * ZD_DAY_MS;
    char date[ZD_DATE_TEXT];
    zd_date_text(date, day);
    zd_format(out, ZD_TIME_TEXT, "%sT%02d:%02d:%02d.%03dZ", date, (int)(left / 3600000), (int)(left / 60000 % 60),
              (int)(left / 1000 % 60), (int)(left % 1000));
}

bool zd_time_parse(int64_t *out_unix_ms, zd_span text)
{
    int64_t day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int milli = 0;
    bool with_milli = text.size == 24;
    if ((!with_milli && text.size != 20) || text.data[text.size - 1] != 'Z' || text.data[10] != 'T' ||
        text.data[13] != ':' || text.data[16] != ':' || (with_milli && text.data[19] != '.')) {
        return false;
    }
    if (!zd_date_parse(&day, zd_span_of(text.data, 10)) || !digits_at(&hour, text, 11, 2) ||
        !digits_at(&minute, text, 14, 2) || !digits_at(&second, text, 17, 2) ||
        (with_milli && !digits_at(&milli, text, 20, 3)) || hour > 23 || minute > 59 || second > 59) {
        return false;
    }
    *out_unix_ms = day * ZD_DAY_MS + ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + milli;
    return true;
}
