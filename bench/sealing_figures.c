/* Figures of W6, run by run; see sealing_figures.h. */
#include "bench/sealing_figures.h"

#include <stdlib.h>
#include <time.h>

double bench_cpu_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void bench_phase_free(bench_phase *phase)
{
    bench_times_free(&phase->latency);
    *phase = (bench_phase){0};
}

/* A seal that is over before a client was due disturbed nobody. */
static double times_before(bench_phase *during, double usual)
{
    return during->latency.count > 0 ? bench_times_at(&during->latency, 0.5) / usual : 1;
}

static double longest(bench_phase *phase)
{
    return phase->latency.count > 0 ? bench_times_at(&phase->latency, 1) : 0;
}

static void add(bench_row *row, const char *name, const char *unit, double value)
{
    bench_series_add(bench_row_figure(row, name, unit), value);
}

static double own(double seconds, const bench_phase *phase)
{
    return phase->served > 0 ? 1e3 * seconds / (double)phase->served : 0;
}

static void add_clients(bench_row *row, bench_phase *before, bench_phase *sealing, bench_phase *exporting)
{
    double usual = bench_times_at(&before->latency, 0.5);
    double seal = times_before(sealing, usual);
    double export = times_before(exporting, usual);
    double most = longest(sealing);
    most = longest(exporting) > most ? longest(exporting) : most;
    add(row, "latency before, median", "ms", 1e3 * usual);
    add(row, "median while sealing", "times before", seal);
    add(row, "median while exporting", "times before", export);
    add(row, "the worse of both", "times before", seal > export ? seal : export);
    add(row, "longest wait", "ms", 1e3 * most);
    add(row, "longest wait while exporting", "ms", 1e3 * longest(exporting));
    add(row, "longest wait before", "ms", 1e3 * longest(before));
    add(row, "one redemption's own call before", "ms", own(before->own_seconds, before));
    add(row, "one redemption's own call while sealing", "ms", own(sealing->own_seconds, sealing));
    add(row, "one redemption's processor time before", "ms", own(before->own_cpu_seconds, before));
    add(row, "one redemption's processor time while sealing", "ms", own(sealing->own_cpu_seconds, sealing));
}

typedef struct act_names {
    const char *wall, *longest, *cpu, *waited;
} act_names;

/* Which figures of each act; NULL = none. */
static const act_names names[BENCH_ACT__COUNT] = {
    [BENCH_FIRST_PART] = {"first part", NULL, "first part, processor time", "longest wait behind the first part"},
    [BENCH_PART] = {"part, median", "part, longest", "part, processor time, median", "longest wait behind a part"},
    [BENCH_LAST_PART] = {"last part", NULL, NULL, "longest wait behind the last part"},
    [BENCH_APPROVE] = {"approval", NULL, NULL, "longest wait behind the approval"},
    [BENCH_RELEASE] = {"release", NULL, NULL, "longest wait behind the release"},
    [BENCH_PUBLISH] = {"turn of the publisher, median", "turn of the publisher, longest", NULL, "longest wait behind the publisher"},
    [BENCH_NO_ACT] = {NULL, NULL, NULL, "longest wait behind other redemptions"},
};

static void add_one(bench_row *row, bench_times *times, const char *name, double share)
{
    if (name != NULL && times->count > 0) {
        add(row, name, "ms", 1e3 * bench_times_at(times, share));
    }
}

void bench_sealing_figures(bench_row *row, bench_phase *before, bench_phase *sealing, bench_phase *exporting, bench_act_times *acts)
{
    add_clients(row, before, sealing, exporting);
    for (size_t kind = 0; kind < BENCH_ACT__COUNT; kind++) {
        add_one(row, &acts->wall[kind], names[kind].wall, 0.5);
        add_one(row, &acts->wall[kind], names[kind].longest, 1);
        add_one(row, &acts->cpu[kind], names[kind].cpu, 0.5);
        add_one(row, &acts->waited[kind], names[kind].waited, 1);
        bench_times_free(&acts->wall[kind]);
        bench_times_free(&acts->cpu[kind]);
        bench_times_free(&acts->waited[kind]);
    }
}
