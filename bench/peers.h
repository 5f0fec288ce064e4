/*
 * What the ledger is compared with in the same run on the same disk: SQLite that only stores the same bytes, libsodium that only verifies or only hashes, PostgreSQL that
 * runs its own benchmark. All leave out most of what makes a ledger; they say how far it is from the machine's limits and how it stands beside what people use.
 */
#ifndef ZD_BENCH_PEERS_H
#define ZD_BENCH_PEERS_H

#include "bench/measure.h"
#include "ledger/base/span.h"

/* Leaves of a run. */
typedef struct bench_leaves {
    zd_buf bytes;
    size_t *ends;
    size_t count;
    size_t capacity;
} bench_leaves;
void bench_leaves_add(bench_leaves *leaves, zd_span leaf);
void bench_leaves_free(bench_leaves *leaves);

/* Inserts the leaves into a new database at path, `group` in each transaction (WAL, synchronous=FULL, one table, one prepared statement). */
bench_sample bench_peer_sqlite(const char *path, const bench_leaves *leaves, size_t group);
/* Signatures verified per second on all cores, messages of size bytes, for about the given time. */
double bench_peer_ed25519(size_t message_size, double seconds);
/* Leaves hashed per second on all cores: SHA-256 of each and one tree node for each (RFC 6962), for about the given time. instructions: by libcrypto, which uses the
 * processor's SHA instructions; else by libsodium's portable code. */
double bench_peer_hash(const bench_leaves *leaves, bool instructions, double seconds);

/* A running cluster, started and stopped by bench/run.sh. */
typedef struct bench_postgres {
    const char *socket_dir; /* NULL = there is none */
    const char *pgbench;    /* the program */
    const char *settings;   /* version, scale, fsync, ... as the server says */
    const char *why_not;    /* without one: why */
    size_t seconds;         /* of a run */
} bench_postgres;
/* Transactions a second of pgbench's TPC-B-like script, prepared statements; 0 and *why when it failed. */
double bench_peer_postgres(const bench_postgres *postgres, unsigned clients, const char **why);

#endif
