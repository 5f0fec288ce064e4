/* See peers.h. */
#include "bench/peers.h"

#include <pthread.h>
#include <sodium.h>
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

/* --- libsodium --- */

#define KEYS 64
#define MESSAGES 512

typedef struct signed_messages {
    unsigned char keys[KEYS][crypto_sign_PUBLICKEYBYTES];
    unsigned char signatures[MESSAGES][crypto_sign_BYTES];
    unsigned char *text; /* MESSAGES * size */
    size_t size;
} signed_messages;

typedef struct verifier {
    const signed_messages *messages;
    double seconds;
    size_t verified;
    bool bad;
} verifier;

static void *verify(void *context)
{
    verifier *mine = context;
    const signed_messages *m = mine->messages;
    bench_watch watch = bench_watch_start();
    do {
        for (size_t i = 0; i < MESSAGES; i += 1) {
            mine->bad = mine->bad || crypto_sign_verify_detached(m->signatures[i], m->text + i * m->size, m->size, m->keys[i % KEYS]) != 0;
        }
        mine->verified += MESSAGES;
    } while (bench_watch_stop(&watch).seconds < mine->seconds);
    return NULL;
}

static void sign_all(signed_messages *m)
{
    unsigned char secret[KEYS][crypto_sign_SECRETKEYBYTES];
    for (size_t i = 0; i < KEYS; i++) {
        (void)crypto_sign_keypair(m->keys[i], secret[i]);
    }
    randombytes_buf(m->text, MESSAGES * m->size);
    for (size_t i = 0; i < MESSAGES; i++) {
        (void)crypto_sign_detached(m->signatures[i], NULL, m->text + i * m->size, m->size, secret[i % KEYS]);
    }
}

double bench_peer_ed25519(size_t message_size, double seconds)
{
    signed_messages *m = zd_alloc_zero(1, sizeof *m);
    m->size = message_size;
    m->text = zd_alloc(MESSAGES * message_size);
    sign_all(m);
    size_t threads = (size_t)bench_cores();
    verifier *workers = zd_alloc_zero(threads, sizeof *workers);
    pthread_t *ids = zd_alloc_zero(threads, sizeof *ids);
    bench_watch watch = bench_watch_start();
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (verifier){.messages = m, .seconds = seconds};
        if (pthread_create(&ids[i], NULL, verify, &workers[i]) != 0) {
            bench_stop("no thread");
        }
    }
    size_t verified = 0;
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(ids[i], NULL);
        verified += workers[i].verified;
        if (workers[i].bad) {
            bench_stop("a good signature did not verify");
        }
    }
    bench_sample sample = bench_watch_stop(&watch);
    free(ids);
    free(workers);
    free(m->text);
    free(m);
    return (double)verified / sample.seconds;
}

/* --- hashing --- */

typedef struct hasher {
    const bench_leaves *leaves;
    size_t from; /* this thread's share */
    size_t to;
    double seconds;
    size_t hashed;
    unsigned char last[crypto_hash_sha256_BYTES];
} hasher;

static void hash_entry(unsigned char node[crypto_hash_sha256_BYTES], const uint8_t *bytes, size_t size)
{
    static const unsigned char leaf_prefix = 0;
    static const unsigned char node_prefix = 1;
    unsigned char leaf[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, &leaf_prefix, 1);
    (void)crypto_hash_sha256_update(&state, bytes, size);
    (void)crypto_hash_sha256_final(&state, leaf);
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, &node_prefix, 1);
    (void)crypto_hash_sha256_update(&state, node, sizeof leaf);
    (void)crypto_hash_sha256_update(&state, leaf, sizeof leaf);
    (void)crypto_hash_sha256_final(&state, node);
}

static void *hash(void *context)
{
    hasher *mine = context;
    const bench_leaves *leaves = mine->leaves;
    bench_watch watch = bench_watch_start();
    do {
        for (size_t i = mine->from; i < mine->to; i++) {
            size_t start = i > 0 ? leaves->ends[i - 1] : 0;
            hash_entry(mine->last, leaves->bytes.data + start, leaves->ends[i] - start);
        }
        mine->hashed += mine->to - mine->from;
    } while (bench_watch_stop(&watch).seconds < mine->seconds);
    return NULL;
}

double bench_peer_hash(const bench_leaves *leaves, double seconds)
{
    size_t threads = (size_t)bench_cores();
    hasher *workers = zd_alloc_zero(threads, sizeof *workers);
    pthread_t *ids = zd_alloc_zero(threads, sizeof *ids);
    bench_watch watch = bench_watch_start();
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (hasher){.leaves = leaves, .from = leaves->count * i / threads, .to = leaves->count * (i + 1) / threads, .seconds = seconds};
        if (pthread_create(&ids[i], NULL, hash, &workers[i]) != 0) {
            bench_stop("no thread");
        }
    }
    size_t hashed = 0;
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(ids[i], NULL);
        hashed += workers[i].hashed;
    }
    bench_sample sample = bench_watch_stop(&watch);
    free(ids);
    free(workers);
    return (double)hashed / sample.seconds;
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
