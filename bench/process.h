/* Programs and files around the measured ledger: running them with what they took, sizes on disk, removing what a run left. */
#ifndef ZD_BENCH_PROCESS_H
#define ZD_BENCH_PROCESS_H

#include "bench/measure.h"

typedef struct bench_process {
    int status;        /* exit status, -1 = did not end by itself */
    double seconds;
    double cpu_seconds;
    double peak_mib;   /* resident set at its largest */
} bench_process;

/* Runs a program found on PATH, its output thrown away. Measured from a small process of its own, because a child inherits the peak of whoever starts it. */
bench_process bench_process_run(char *const argv[]);
/* The same, and everything it printed to standard output, at most size - 1 bytes with a NUL. */
bench_process bench_process_read(char *out, size_t size, char *const argv[]);
/* What that small process does: `zd_bench --measure PROGRAM ...`; returns its exit status. */
int bench_process_measure(char *const argv[]);

uint64_t bench_tree_bytes(const char *path); /* all files below, or the file */
void bench_remove_tree(const char *path);
void bench_remove_database(const char *path);

#endif
