/*
 * What the benchmark found: rows of figures, each with its peers and goals, and the JSON file that every table is made from (bench/table.py). Says nothing about how a
 * figure came to be; a row that was not measured says why.
 */
#ifndef ZD_BENCH_REPORT_H
#define ZD_BENCH_REPORT_H

#include "bench/measure.h"

#define BENCH_SCHEMA 2
#define BENCH_ROWS_MAX 24
#define BENCH_PEERS_MAX 4
#define BENCH_FIGURES_MAX 40
#define BENCH_GOALS_MAX 8

typedef struct bench_peer {
    const char *name;
    const char *unit;
    const char *leaves_out; /* what it does not do and the ledger does */
    char settings[400];
    const char *not_run;    /* why it has no figures; NULL = it has */
    bench_series rate;
} bench_peer;

typedef struct bench_figure { /* anything else that a row knows: latencies, memory, bytes */
    const char *name;
    const char *unit;
    bench_series series;
} bench_figure;

typedef struct bench_goal {
    char what[120];
    bool at_least; /* else at most */
    double bound;
    double value;
    bool judged;   /* false: a side of it was not measured */
} bench_goal;

typedef struct bench_row {
    const char *workload; /* "W2" */
    const char *name;     /* stable */
    const char *shown;
    const char *unit;     /* of rate */
    const char *how;      /* groups, what is warm, what is counted */
    const char *not_measured;
    uint64_t items;       /* of one run: redemptions, facts, ...; leaves are counted apart */
    uint64_t leaves;
    bench_series rate;
    bench_series leaf_rate;
    bench_series cpu_us;  /* per unit of rate, all threads */
    bench_series others;
    bench_peer peers[BENCH_PEERS_MAX];
    size_t peer_count;
    bench_figure figures[BENCH_FIGURES_MAX];
    size_t figure_count;
    bench_goal goals[BENCH_GOALS_MAX];
    size_t goal_count;
} bench_row;

typedef struct bench_report {
    bench_row rows[BENCH_ROWS_MAX];
    size_t row_count;
    double load_before;
    const char *postgres; /* version and settings, or why there is none; NULL = not asked */
} bench_report;

bench_row *bench_report_row(bench_report *report, const char *workload, const char *name, const char *shown, const char *unit, const char *how);
/* One run: done units, leaves of them. */
void bench_row_add(bench_row *row, const bench_sample *sample, uint64_t items, uint64_t leaves);
bench_peer *bench_row_peer(bench_row *row, const char *name, const char *unit, const char *leaves_out);
bench_series *bench_row_figure(bench_row *row, const char *name, const char *unit);
void bench_row_goal(bench_row *row, const char *what, bool at_least, double bound, double value);

/* false: the file could not be written. quick: figures are of sizes that only show that the table is whole. */
bool bench_report_write(const bench_report *report, const char *path, bool quick, size_t runs);
bool bench_report_missing_peer(const bench_report *report); /* a peer that was wanted has no figures */

#endif
