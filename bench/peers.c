/* SQLite that only stores, PostgreSQL that runs its own benchmark; see peers.h. */
#include "bench/peers.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "bench/process.h"
#include "bench/world.h"

void bench_leaves_add(bench_leaves *leaves, zd_span leaf)
{
    if (leaves->count == leaves->capacity) {
        leaves->capacity = leaves->capacity == 0 ? 1024 : leaves->capacity * 2;
        leaves->ends = zd_realloc(leaves->ends, leaves->capacity * sizeof *leaves->ends);
    }
    zd_buf_add_span(&leaves->bytes, leaf);
    leaves->ends[leaves->count++] = leaves->bytes.size;
}

void bench_leaves_free(bench_leaves *leaves)
{
    zd_buf_free(&leaves->bytes);
    free(leaves->ends);
}

static void must(sqlite3 *db, int rc, int expected)
{
    if (rc != expected) {
        (void)fprintf(stderr, "bench: sqlite: %s\n", sqlite3_errmsg(db));
        bench_stop("the bare SQLite peer failed");
    }
}

static void run(sqlite3 *db, const char *sql)
{
    must(db, sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static sqlite3 *open_peer(const char *path)
{
    sqlite3 *db = NULL;
    must(db, sqlite3_open(path, &db), SQLITE_OK);
    run(db, "PRAGMA page_size=8192");
    run(db, "PRAGMA journal_mode=WAL");
    run(db, "PRAGMA synchronous=FULL");
    run(db, "PRAGMA wal_autocheckpoint=8000");
    run(db, "CREATE TABLE IF NOT EXISTS leaves (idx INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
    return db;
}

static void insert(sqlite3 *db, sqlite3_stmt *statement, zd_span leaf)
{
    must(db, sqlite3_bind_blob64(statement, 1, leaf.data, leaf.size, SQLITE_STATIC), SQLITE_OK);
    must(db, sqlite3_step(statement), SQLITE_DONE);
    must(db, sqlite3_reset(statement), SQLITE_OK);
}

bench_sample bench_peer_sqlite(const char *path, const bench_leaves *leaves, size_t group)
{
    sqlite3 *db = open_peer(path);
    sqlite3_stmt *statement = NULL;
    must(db, sqlite3_prepare_v2(db, "INSERT INTO leaves (bytes) VALUES (?1)", -1, &statement, NULL), SQLITE_OK);
    bench_watch watch = bench_watch_start();
    for (size_t i = 0; i < leaves->count; i++) {
        size_t from = i > 0 ? leaves->ends[i - 1] : 0;
        if (i % group == 0) {
            run(db, "BEGIN IMMEDIATE");
        }
        insert(db, statement, zd_span_of(leaves->bytes.data + from, leaves->ends[i] - from));
        if ((i + 1) % group == 0 || i + 1 == leaves->count) {
            run(db, "COMMIT");
        }
    }
    bench_sample sample = bench_watch_stop(&watch);
    (void)sqlite3_finalize(statement);
    (void)sqlite3_close(db);
    return sample;
}

/* --- PostgreSQL --- */

double bench_peer_postgres(const bench_postgres *postgres, unsigned clients, const char **why)
{
    char output[4096];
    char count[16];
    char threads[16];
    char seconds[24];
    unsigned workers = (unsigned)bench_cores() < clients ? (unsigned)bench_cores() : clients;
    zd_format(count, sizeof count, "%u", clients);
    zd_format(threads, sizeof threads, "%u", workers);
    zd_format(seconds, sizeof seconds, "%zu", postgres->seconds);
    const char *const words[] = {postgres->pgbench, "-h", postgres->socket_dir, "-U", "bench", "-n", "-M", "prepared", "-c", count, "-j", threads, "-T", seconds, "bench"};
    char *argv[ZD_COUNT(words) + 1] = {NULL};
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        argv[i] = zd_strdup(words[i]);
    }
    bench_process done = bench_process_read(output, sizeof output, argv);
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        free(argv[i]);
    }
    const char *line = strstr(output, "\ntps = ");
    double tps = line != NULL ? strtod(line + strlen("\ntps = "), NULL) : 0;
    if (done.status != 0 || tps <= 0) {
        *why = "pgbench failed";
        return 0;
    }
    return tps;
}
