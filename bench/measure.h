/* Clocks, samples and what else the machine was doing. Rates are per second of wall time; CPU time is this process's, all threads. */
#ifndef ZD_BENCH_MEASURE_H
#define ZD_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>
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

/* Values of the runs of one row. */
typedef struct bench_series {
    double values[BENCH_RUNS_MAX];
    size_t count;
} bench_series;

void bench_series_add(bench_series *series, double value);
double bench_median(const bench_series *series);
double bench_least(const bench_series *series);
double bench_most(const bench_series *series);
/* Ratio run by run, then its median: what changed between runs changes both sides. */
double bench_median_ratio(const bench_series *above, const bench_series *below);
void bench_series_json(FILE *out, const char *name, const bench_series *series);

long bench_cores(void);
double bench_load(void); /* one-minute load average */

#endif
