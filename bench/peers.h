/*
 * What the ledger is compared with in the same run: SQLite that only stores the same bytes, and libsodium that only verifies. Both leave out all that makes a
 * ledger; they say how far from the machine's own limits it is.
 */
#ifndef ZD_BENCH_PEERS_H
#define ZD_BENCH_PEERS_H

#include "bench/measure.h"
#include "ledger/base/span.h"

/* Leaves of a run, grouped as the ledger committed them. */
typedef struct bench_leaves {
    zd_buf bytes;
    size_t *ends;
    size_t count;
    size_t capacity;
} bench_leaves;
void bench_leaves_add(bench_leaves *leaves, zd_span leaf);
void bench_leaves_clear(bench_leaves *leaves);
void bench_leaves_free(bench_leaves *leaves);

/* Inserts the leaves into a new database at path, `group` in each transaction (WAL, synchronous=FULL, one table, one prepared statement). */
bench_sample bench_peer_sqlite(const char *path, const bench_leaves *leaves, size_t group);
/* One process start's worth: opens the database, inserts one leaf, closes. */
bench_sample bench_peer_sqlite_once(const char *path, zd_span leaf);
/* Signatures verified per second on all cores, messages of size bytes, for about the given time. */
double bench_peer_ed25519(size_t message_size, double seconds);

#endif
