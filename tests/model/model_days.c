/*
 * Working days in the model: the year 2026 by its notice, typed off by hand, later years by the rule that the tests' own calendars follow (tests/support/scene.c). Counts day by
 * day from numbers of months; no text, no table of the engine. See model.h.
 */
#include "tests/model/model.h"

typedef struct span { int from_month, from_day, to_month, to_day; } span;

static bool within(int64_t year, int64_t day, span s)
{
    return day >= mo_day_of(year, s.from_month, s.from_day) && day <= mo_day_of(year, s.to_month, s.to_day);
}

static int64_t first_saturday(int64_t year, int month, int day)
{
    int64_t at = mo_day_of(year, month, day);
    while ((at + 4) % 7 != 6) { /* 1970-01-01 was a Thursday; 0 = Sunday */
        at++;
    }
    return at;
}

static bool works(int64_t day)
{
    static const span off_2026[] = {{1, 1, 1, 3}, {2, 15, 2, 23}, {4, 4, 4, 6}, {5, 1, 5, 5}, {6, 19, 6, 21}, {9, 25, 9, 27}, {10, 1, 10, 7}};
    static const span on_2026[] = {{1, 4, 1, 4}, {2, 14, 2, 14}, {2, 28, 2, 28}, {5, 9, 5, 9}, {9, 20, 9, 20}, {10, 10, 10, 10}};
    static const span off_later[] = {{1, 1, 1, 2}, {2, 8, 2, 12}, {5, 1, 5, 1}, {10, 1, 10, 3}};
    int64_t year = mo_year_of(day);
    bool off = false;
    bool on = year > 2026 && (day == first_saturday(year, 3, 1) || day == first_saturday(year, 9, 20));
    for (size_t i = 0; year == 2026 && i < sizeof off_2026 / sizeof off_2026[0]; i++) {
        off = off || within(year, day, off_2026[i]);
    }
    for (size_t i = 0; year == 2026 && i < sizeof on_2026 / sizeof on_2026[0]; i++) {
        on = on || within(year, day, on_2026[i]);
    }
    for (size_t i = 0; year > 2026 && i < sizeof off_later / sizeof off_later[0]; i++) {
        off = off || within(year, day, off_later[i]);
    }
    int64_t weekday = (day + 4) % 7;
    return !off && (on || (weekday >= 1 && weekday <= 5));
}

int64_t mo_days_after(int64_t day, mo_days days)
{
    if (!days.working) {
        return day + days.count;
    }
    for (int64_t left = days.count; left > 0; left -= works(day) ? 1 : 0) {
        day++;
    }
    return day;
}

/* A line that was sent: silent for too long, or debited and not returned in time. */
static void time_passes(mo_model *m, mo_batch *batch, mo_line *line, int64_t before)
{
    const mo_policy *policy = &m->policy[batch->policy];
    bool silent = (line->state == MO_L_PENDING && mo_days_after(batch->execution, policy->silence) < before) ||
                  (line->state == MO_L_ACCEPTED && mo_days_after(line->word_day, policy->silence) < before);
    if (silent) {
        line->state = MO_L_UNKNOWN;
        m->seen[MO_SEEN_UNKNOWN_SWEPT]++;
    } else if (line->state == MO_L_DEBITED && mo_days_after(line->word_day, policy->grace) < before) {
        line->state = MO_L_PAID;
        m->seen[MO_SEEN_PAID_SWEPT]++;
        batch->open_lines--;
        batch->state = batch->open_lines == 0 ? MO_B_CLOSED : batch->state;
    }
}

void mo_sweep_lines(mo_model *m, int64_t before)
{
    for (int b = 0; b < MO_BATCHES; b++) {
        mo_batch *batch = &m->batch[b];
        for (int p = 0; p < MO_PROVIDERS && (batch->sent || batch->acked || batch->answered); p++) {
            time_passes(m, batch, &batch->line[p], before);
        }
    }
}
