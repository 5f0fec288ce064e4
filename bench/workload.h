/*
 * The workloads W1 to W10. Each makes ledgers of its own below bench->dir, adds its rows to the report, and takes turns with its peers within a run, so that a slow
 * minute hits both sides.
 */
#ifndef ZD_BENCH_WORKLOAD_H
#define ZD_BENCH_WORKLOAD_H

#include "bench/peers.h"
#include "bench/process.h"
#include "bench/report.h"
#include "bench/uses.h"

typedef enum bench_size {
    BENCH_SINGLE,   /* W1: redemptions of a run */
    BENCH_FILE,     /* W2: notes in the file */
    BENCH_CLIENTS,  /* W2: notes of many clients */
    BENCH_BATCHES,  /* W3: batch requests in the file */
    BENCH_HOT,      /* W4: redemptions of a run */
    BENCH_PHASES,   /* W5: orders of a run */
    BENCH_LINES,    /* W6: redemptions in the seal, ... */
    BENCH_PAYEES,   /* ... of so many providers: a payment line each */
    BENCH_REPLAYS,  /* W7: notes of a run */
    BENCH_VERIFY,   /* W8: signed redemptions in the clone */
    BENCH_VERIFY_ITEMS, /* W8: batch items in the clone */
    BENCH_GROWTH_FROM, /* W9: the smallest ledger, ... */
    BENCH_GROWTH_TO,   /* ... and the largest, ten times as large each step */
    BENCH_PUBLISH_EVERY, /* W9: entries between two publications */
    BENCH_PACKAGE,  /* W10: payees of the package */
    BENCH_SIZE__COUNT
} bench_size;

typedef struct bench {
    bench_report report;
    size_t sizes[BENCH_SIZE__COUNT];
    size_t runs;
    bool quick;
    bool peers;           /* false: only the workload, for profiling */
    const char *selection; /* "W2,W8"; NULL = all */
    const char *dir;
    const char *json_path;
    const char *zhidui;
    const char *audit;
    const char *profile_control; /* pipes of perf; NULL = no profile */
    const char *profile_answer;
    bench_postgres postgres;
    bool postgres_optional; /* left out on request: no failure */
} bench;

/* A path below the benchmark's directory; the caller frees it. */
char *bench_path(const bench *b, const char *name);
/* Talk on stderr: what is being measured now. */
void bench_say(const char *format, ...) ZD_PRINTF(1, 2);

void bench_w1_single(bench *b);
void bench_w2_signed(bench *b);
void bench_w3_batches(bench *b);
void bench_w4_hot(bench *b);
void bench_w5_phases(bench *b);
void bench_w6_seal(bench *b);
void bench_w7_replays(bench *b);
void bench_w8_verify(bench *b);
void bench_w9_growth(bench *b);
void bench_w10_package(bench *b);

/* --- used by several of them --- */

/* Submits notes in calls of per_call (0: all in one) and times it; the profile records only this. replays: how many of each call are. */
bench_sample bench_timed_submit(bench_world *world, const bench_notes *notes, size_t per_call, size_t replays);
/* One run of a row: the ledger is closed and opened, so that nothing is in memory, and the notes are submitted; counted in notes where there are replays, else in items. Returns
 * the size before. */
uint64_t bench_run_notes(bench_row *row, bench_world *world, bench_notes *notes, size_t per_call, size_t replays);
/* Each adds its peer to the row (NULL when peers are not wanted); the run functions measure one run of it, and do nothing for NULL. */
bench_peer *bench_add_sqlite(bench *b, bench_row *row);
bench_peer *bench_add_ed25519(bench *b, bench_row *row);
bench_peer *bench_add_postgres(bench *b, bench_row *row, unsigned clients);
/* The leaves from `from` on, bare, `group` a transaction: the same items in the same bytes. */
void bench_run_sqlite(bench *b, bench_peer *peer, bench_world *world, uint64_t from, size_t group, size_t items);
void bench_run_ed25519(bench *b, bench_peer *peer, size_t message_bytes);
void bench_read_leaves(bench_leaves *leaves, bench_world *world, uint64_t from);
void bench_run_postgres(bench *b, bench_peer *peer, unsigned clients);
/* The median of rate over the peer's, run by run; 0 without a peer. */
double bench_ratio(const bench_row *row, const bench_peer *peer);

/* A fresh clone by stock git, as an auditor gets it. */
void bench_clone(const bench_world *world, const char *clone);
/* zhidui-audit verify of that clone, as a process; stops unless it verifies. */
bench_process bench_verify(const bench *b, const bench_world *world, const char *clone);

#endif
