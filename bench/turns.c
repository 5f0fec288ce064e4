/* What several workloads share: timed submission, one turn of each peer, clone and verification. See workload.h. */
#include "bench/workload.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"

#define ED25519_SECONDS 0.5
#define QUICK_SECONDS 0.05

char *bench_path(const bench *b, const char *name)
{
    zd_buf path = {0};
    char *copy = zd_strdup(zd_path_join(&path, b->dir, name));
    zd_buf_free(&path);
    return copy;
}

void bench_say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)fprintf(stderr, "bench: ");
    (void)vfprintf(stderr, format, arguments);
    (void)fprintf(stderr, "\n");
    va_end(arguments);
}

bench_sample bench_timed_submit(bench_world *world, const bench_notes *notes, size_t per_call, size_t replays)
{
    per_call = per_call == 0 ? notes->count : per_call;
    bench_profile_on();
    bench_watch watch = bench_watch_start();
    for (size_t i = 0; i < notes->count; i += per_call) {
        bench_submit(world, notes, i, i + per_call < notes->count ? i + per_call : notes->count, replays);
    }
    bench_sample sample = bench_watch_stop(&watch);
    bench_profile_off();
    return sample;
}

uint64_t bench_run_notes(bench_row *row, bench_world *world, bench_notes *notes, size_t per_call, size_t replays)
{
    bench_notes_ready(notes);
    bench_world_close(world);
    bench_world_open(world);
    uint64_t from = zd_ledger_size(world->ledger);
    bench_sample sample = bench_timed_submit(world, notes, per_call, replays);
    bench_row_add(row, &sample, replays > 0 ? notes->count : notes->items, zd_ledger_size(world->ledger) - from);
    return from;
}

/* --- peers --- */

bench_peer *bench_add_sqlite(bench *b, bench_row *row)
{
    if (!b->peers) {
        return NULL;
    }
    bench_peer *peer = bench_row_peer(row, "bare SQLite", row->unit,
                                      "checks no signature, parses nothing, decides nothing, keeps no balance, builds no tree, writes no record, can be verified by nobody");
    zd_format(peer->settings, sizeof peer->settings, "the very same leaf bytes in the same groups; one table, one prepared statement, WAL, synchronous=FULL");
    return peer;
}

bench_peer *bench_add_ed25519(bench *b, bench_row *row)
{
    if (!b->peers) {
        return NULL;
    }
    bench_peer *peer = bench_row_peer(row, "libsodium Ed25519", row->unit, "a limit and no ledger: verifies one signature for each and does nothing else");
    zd_format(peer->settings, sizeof peer->settings, "crypto_sign_verify_detached on all %ld cores, messages as long as the notes, keys in memory", bench_cores());
    return peer;
}

bench_peer *bench_add_postgres(bench *b, bench_row *row, unsigned clients)
{
    if (!b->peers) {
        return NULL;
    }
    bench_peer *peer = bench_row_peer(row, clients == 1 ? "PostgreSQL, 1 client" : "PostgreSQL, 16 clients", "transactions/s",
                                      "checks no signature, applies no rule, keeps no history that an outsider could verify, forgets what was asked and refused");
    zd_format(peer->settings, sizeof peer->settings, "pgbench TPC-B-like, %u client(s), prepared, %zu s a run; %s", clients, b->postgres.seconds,
              b->postgres.settings != NULL ? b->postgres.settings : "none");
    peer->not_run = b->postgres.socket_dir == NULL ? b->postgres.why_not : NULL;
    return peer;
}

static zd_status take_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    bench_leaves_add(context, bytes);
    return ZD_OK;
}

void bench_read_leaves(bench_leaves *leaves, bench_world *world, uint64_t from)
{
    zd_error err = {0};
    bench_need(zd_ledger_leaves(world->ledger, from, zd_ledger_size(world->ledger), take_leaf, leaves, &err), &err, "leaves");
}

void bench_run_sqlite(bench *b, bench_peer *peer, bench_world *world, uint64_t from, size_t group, size_t items)
{
    if (peer == NULL) {
        return;
    }
    bench_leaves leaves = {0};
    char *path = bench_path(b, "peer.db");
    bench_read_leaves(&leaves, world, from);
    bench_remove_database(path);
    bench_sample sample = bench_peer_sqlite(path, &leaves, group);
    bench_remove_database(path);
    bench_series_add(&peer->rate, (double)items / sample.seconds);
    bench_leaves_free(&leaves);
    free(path);
}

void bench_run_ed25519(bench *b, bench_peer *peer, size_t message_bytes)
{
    if (peer != NULL) {
        bench_series_add(&peer->rate, bench_peer_ed25519(message_bytes, b->quick ? QUICK_SECONDS : ED25519_SECONDS));
    }
}

void bench_run_postgres(bench *b, bench_peer *peer, unsigned clients)
{
    if (peer == NULL || peer->not_run != NULL) {
        return;
    }
    double rate = bench_peer_postgres(&b->postgres, clients, &peer->not_run);
    if (peer->not_run == NULL) {
        bench_series_add(&peer->rate, rate);
    }
}

double bench_ratio(const bench_row *row, const bench_peer *peer)
{
    return peer != NULL ? bench_median_ratio(&row->rate, &peer->rate) : 0;
}

/* --- clones --- */

void bench_clone(const bench_world *world, const char *clone)
{
    zd_buf repository = {0};
    char words[][16] = {"git", "clone", "--quiet", "--bare", "--no-local"};
    char *from = zd_strdup(zd_path_join(&repository, world->dir, "audit.git"));
    char *to = zd_strdup(clone);
    char *argv[] = {words[0], words[1], words[2], words[3], words[4], from, to, NULL};
    bench_remove_tree(clone);
    if (bench_process_run(argv).status != 0) {
        bench_stop("git clone failed");
    }
    free(from);
    free(to);
    zd_buf_free(&repository);
}

bench_process bench_verify(const bench *b, const bench_world *world, const char *clone)
{
    char fingerprint[ZD_HASH_HEX];
    char words[][16] = {"verify", "--genesis"};
    char *program = zd_strdup(b->audit);
    char *repository = zd_strdup(clone);
    char *argv[] = {program, words[0], repository, words[1], fingerprint, NULL};
    zd_hash_hex(fingerprint, &world->genesis);
    bench_profile_on();
    bench_process done = bench_process_run(argv);
    bench_profile_off();
    if (done.status != 0) {
        (void)fprintf(stderr, "bench: %s ended with %d\n", b->audit, done.status);
        bench_stop("zhidui-audit did not verify a fresh clone");
    }
    free(program);
    free(repository);
    return done;
}
