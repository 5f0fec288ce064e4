/*
 * W6: where the time of a seal goes, act by act, and what the clients waited behind. Tells a wait that an act caused from one that many redemptions cause together. Must not
 * drive the ledger.
 */
#ifndef ZD_BENCH_SEALING_FIGURES_H
#define ZD_BENCH_SEALING_FIGURES_H

#include "bench/report.h"

/* What an officer's call was; the last part also closes the batch. */
typedef enum bench_act_kind { BENCH_FIRST_PART, BENCH_PART, BENCH_LAST_PART, BENCH_APPROVE, BENCH_RELEASE, BENCH_PUBLISH, BENCH_EXPORT, BENCH_NO_ACT, BENCH_ACT__COUNT } bench_act_kind;

typedef struct bench_act_times {
    bench_times wall[BENCH_ACT__COUNT];
    bench_times cpu[BENCH_ACT__COUNT];
    bench_times waited[BENCH_ACT__COUNT]; /* of redemptions: what was the last act before they were served */
} bench_act_times;

typedef struct bench_phase { /* of the clients */
    bench_times latency;     /* of a redemption, from when it was due */
    double own_seconds;      /* inside their own calls, ... */
    double own_cpu_seconds;
    size_t served;           /* ... of so many redemptions */
} bench_phase;

void bench_phase_free(bench_phase *phase);
double bench_cpu_now(void); /* processor time of this process, all threads */

/* The figures of one run, added to the row. Frees what the acts hold. */
void bench_sealing_figures(bench_row *row, bench_phase *before, bench_phase *sealing, bench_phase *exporting, bench_act_times *acts);

#endif
