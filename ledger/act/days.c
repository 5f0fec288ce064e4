/*
 * Days as a policy counts them: calendar days, or working days of the calendars that the published policies brought. A calendar is a fact: the newest policy that holds the
 * year says how it is, whichever policy's rule is applied, and from its publication on. Must not guess: a year that nobody published refuses the act.
 */
#include "ledger/act/act_int.h"

#include "ledger/base/clock.h"

static const zd_policy_year *year_of(zd_act *act, int64_t year)
{
    const zd_rec_ledger *ledger = zd_book_find(act->book, ZD_R_LEDGER, "%s", "");
    for (int64_t number = ledger != NULL ? ledger->policy_last : 0; number > 0; number--) {
        const zd_policy *policy = zd_act_policy(act, number);
        const zd_policy_year *found = policy != NULL ? zd_policy_year_of(policy, year) : NULL;
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

bool zd_act_knows_year(zd_act *act, int64_t year)
{
    return year_of(act, year) != NULL;
}

/* The count-th working day after from_day, or `stop` when it lies behind that. 0 = ok, else the year without a calendar. */
static int64_t working_day_after(zd_act *act, int64_t *out_day, int64_t from_day, int64_t count, int64_t stop)
{
    const zd_policy_year *year = NULL;
    int64_t day = from_day;
    while (count > 0 && day < stop) {
        day++;
        if (year == NULL || year->year != zd_day_year(day)) {
            year = year_of(act, zd_day_year(day));
        }
        if (year == NULL) {
            return zd_day_year(day);
        }
        count -= zd_year_is_working(year, day) ? 1 : 0;
    }
    *out_day = day;
    return 0;
}

static int64_t day_after(zd_act *act, int64_t *out_day, int64_t from_day, int64_t stop, const zd_policy *policy, zd_param param)
{
    int64_t count = zd_policy_int(policy, param);
    ZD_ASSERT(zd_param_is_days(param) && count >= 0);
    if (policy->unit[param] == ZD_DAYS_WORKING) {
        return working_day_after(act, out_day, from_day, count, stop);
    }
    *out_day = from_day + count;
    return 0;
}

bool zd_act_day_after(zd_act *act, int64_t *out_day, int64_t from_day, const zd_policy *policy, zd_param param)
{
    int64_t missing = day_after(act, out_day, from_day, INT64_MAX, policy, param);
    if (missing != 0) {
        zd_act_saw_int(act, "year", missing);
        (void)zd_act_refuse(act, ZD_E_A_CALENDAR, zd_param_name(param));
    }
    return missing == 0;
}

bool zd_act_days_over(zd_act *act, bool *out_over, int64_t from_day, const zd_policy *policy, zd_param param, int64_t before_day)
{
    int64_t day = 0;
    int64_t missing = day_after(act, &day, from_day, before_day, policy, param);
    if (missing != 0) {
        zd_act_saw_int(act, "year", missing);
        (void)zd_act_refuse(act, ZD_E_A_CALENDAR, zd_param_name(param));
    }
    *out_over = missing == 0 && day < before_day;
    return missing == 0;
}

bool zd_acts_knows_days(zd_acts *acts, int64_t policy, zd_param param)
{
    zd_act probe = {.acts = acts, .book = zd_acts_book(acts)};
    const zd_policy *rules = zd_act_policy(&probe, policy);
    return rules != NULL && zd_policy_int(rules, param) >= 0;
}

bool zd_acts_days_over(zd_acts *acts, int64_t policy, int64_t from_day, zd_param param, int64_t today_day, int64_t *missing_year)
{
    zd_act probe = {.acts = acts, .book = zd_acts_book(acts), .today_day = today_day};
    const zd_policy *rules = zd_act_policy(&probe, policy);
    int64_t day = 0;
    *missing_year = 0;
    if (rules == NULL || zd_policy_int(rules, param) < 0) {
        return false;
    }
    *missing_year = day_after(&probe, &day, from_day, today_day, rules, param);
    return *missing_year == 0 && day < today_day;
}
