/* See measure.h. */
#include "bench/measure.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "ledger/base/span.h"

long bench_cores(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores > 0 ? cores : 1;
}

double bench_load(void)
{
    double load = 0;
    return getloadavg(&load, 1) == 1 ? load : -1;
}

/* Busy time of all cores: user, nice, system, irq, softirq of /proc/stat; 0 where there is no such file. */
static double machine_busy(void)
{
    FILE *file = fopen("/proc/stat", "r");
    if (file == NULL) {
        return 0;
    }
    unsigned long long t[7] = {0};
    int found = fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6]);
    (void)fclose(file);
    return found == 7 ? (double)(t[0] + t[1] + t[2] + t[5] + t[6]) / (double)sysconf(_SC_CLK_TCK) : 0;
}

static double now(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* This process and the children it waited for. */
static double own_cpu(void)
{
    struct rusage children;
    (void)getrusage(RUSAGE_CHILDREN, &children);
    double waited = (double)(children.ru_utime.tv_sec + children.ru_stime.tv_sec) + (double)(children.ru_utime.tv_usec + children.ru_stime.tv_usec) / 1e6;
    return now(CLOCK_PROCESS_CPUTIME_ID) + waited;
}

double bench_now(void)
{
    return now(CLOCK_MONOTONIC);
}

bench_watch bench_watch_start(void)
{
    return (bench_watch){.wall = now(CLOCK_MONOTONIC), .cpu = own_cpu(), .machine = machine_busy()};
}

bench_sample bench_watch_stop(const bench_watch *watch)
{
    bench_sample sample = {.seconds = now(CLOCK_MONOTONIC) - watch->wall, .cpu_seconds = own_cpu() - watch->cpu};
    double others = machine_busy() - watch->machine - sample.cpu_seconds;
    sample.others = others > 0 && sample.seconds > 0 ? others / sample.seconds : 0;
    return sample;
}

void bench_series_add(bench_series *series, double value)
{
    if (series->count < BENCH_RUNS_MAX) {
        series->values[series->count++] = value;
    }
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void sorted(bench_series *out, const bench_series *series)
{
    *out = *series;
    qsort(out->values, out->count, sizeof out->values[0], by_value);
}

double bench_median(const bench_series *series)
{
    bench_series s;
    sorted(&s, series);
    if (s.count == 0) {
        return 0;
    }
    return s.count % 2 == 1 ? s.values[s.count / 2] : (s.values[s.count / 2 - 1] + s.values[s.count / 2]) / 2;
}

double bench_least(const bench_series *series)
{
    bench_series s;
    sorted(&s, series);
    return s.count > 0 ? s.values[0] : 0;
}

double bench_most(const bench_series *series)
{
    bench_series s;
    sorted(&s, series);
    return s.count > 0 ? s.values[s.count - 1] : 0;
}

double bench_median_ratio(const bench_series *above, const bench_series *below)
{
    bench_series ratios = {.count = 0};
    for (size_t i = 0; i < above->count && i < below->count; i++) {
        if (below->values[i] > 0) {
            bench_series_add(&ratios, above->values[i] / below->values[i]);
        }
    }
    return bench_median(&ratios);
}

/* --- latencies --- */

void bench_times_add(bench_times *times, double seconds)
{
    if (times->count == times->capacity) {
        times->capacity = times->capacity == 0 ? 1024 : times->capacity * 2;
        times->seconds = zd_realloc(times->seconds, times->capacity * sizeof *times->seconds);
    }
    times->seconds[times->count++] = seconds;
}

double bench_times_at(bench_times *times, double share)
{
    if (times->count == 0) {
        return 0;
    }
    qsort(times->seconds, times->count, sizeof times->seconds[0], by_value);
    size_t at = (size_t)(share * (double)times->count);
    return times->seconds[at < times->count ? at : times->count - 1];
}

void bench_times_free(bench_times *times)
{
    free(times->seconds);
    *times = (bench_times){0};
}

/* --- profiling --- */

static int profile_control = -1;
static int profile_answer = -1;

bool bench_profile_open(const char *control, const char *answer)
{
    profile_control = open(control, O_WRONLY | O_CLOEXEC);
    profile_answer = open(answer, O_RDONLY | O_CLOEXEC);
    return profile_control >= 0 && profile_answer >= 0;
}

/* Outside of every measured time: returns when the profiler has done it. */
static void tell_profiler(const char *word, size_t size)
{
    char answer[16];
    if (profile_control >= 0 && (write(profile_control, word, size) != (ssize_t)size || read(profile_answer, answer, sizeof answer) <= 0)) {
        (void)fprintf(stderr, "bench: the profiler does not answer\n");
        profile_control = -1;
    }
}

void bench_profile_on(void)
{
    tell_profiler("enable\n", 7);
}

void bench_profile_off(void)
{
    tell_profiler("disable\n", 8);
}
