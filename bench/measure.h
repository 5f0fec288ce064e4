/*
 * Clocks, samples, and what else the machine was doing. Rates are per second of wall time; CPU time is this process's and its finished children's, all threads. Must
 * not know what is measured.
 */
#ifndef ZD_BENCH_MEASURE_H
#define ZD_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BENCH_RUNS_MAX 25

typedef struct bench_sample { /* one run of one workload */
    double seconds;
    double cpu_seconds;
    double others; /* cores that other processes used meanwhile */
} bench_sample;

typedef struct bench_watch {
    double wall;
    double cpu;
    double machine; /* busy seconds of all cores since boot */
} bench_watch;

bench_watch bench_watch_start(void);
bench_sample bench_watch_stop(const bench_watch *watch);
double bench_now(void); /* seconds of the monotonic clock */

/* Values of the runs of one row. */
typedef struct bench_series {
    double values[BENCH_RUNS_MAX];
    size_t count;
} bench_series;

void bench_series_add(bench_series *series, double value);
double bench_median(const bench_series *series);
double bench_least(const bench_series *series);
double bench_most(const bench_series *series);
/* Ratio run by run, then its median: what changed between runs changes both sides. 0 when there is nothing to compare. */
double bench_median_ratio(const bench_series *above, const bench_series *below);

/* Latencies of one run. */
typedef struct bench_times {
    double *seconds;
    size_t count;
    size_t capacity;
} bench_times;
void bench_times_add(bench_times *times, double seconds);
double bench_times_at(bench_times *times, double share); /* 0.5 = median, 1 = longest; sorts; 0 when empty */
void bench_times_free(bench_times *times);

long bench_cores(void);
double bench_load(void); /* one-minute load average */

/* Under `perf record --control fifo:CONTROL,ANSWER` only what stands between on and off is recorded. Without these two they do nothing. */
bool bench_profile_open(const char *control, const char *answer);
void bench_profile_on(void);
void bench_profile_off(void);

#endif
