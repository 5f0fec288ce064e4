/* Files and programs around the measured ledger: what it takes on disk, removing what a run left, running git and the verifier. */
#ifndef ZD_BENCH_STORAGE_H
#define ZD_BENCH_STORAGE_H

#include "bench/world.h"

typedef struct bench_storage {
    uint64_t entries;
    uint64_t leaf_bytes;
    uint64_t database_bytes;   /* ledger.db, write-ahead log emptied */
    uint64_t repository_bytes; /* all files of audit.git after git repack -ad */
    uint64_t public_bytes;
} bench_storage;

/* Publishes, closes, repacks, counts, and opens again. */
void bench_storage_measure(bench_storage *out, bench_world *world);
/* Runs a program found on PATH, its output thrown away; its exit status, or -1. */
int bench_command(const char *const arguments[]);
void bench_remove_tree(const char *path);
void bench_remove_database(const char *path);

#endif
