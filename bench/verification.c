/* W8: zhidui-audit verify of a fresh clone, process start included: once where each redemption is signed by itself, once where batches hold them. */
#include "bench/workload.h"

#include <stdlib.h>
#include <string.h>

#define NOTES_A_CALL 1000
#define BATCHES_A_CALL 20
#define PUBLISH_EVERY 1000 /* entries: what a service does */
#define USES_A_HOLDER 30
#define HASH_SECONDS 0.5

/* Entries in rounds of PUBLISH_EVERY, each published. Returns how many signed requests the filling added. */
static size_t fill(bench_world *world, size_t items, bool batches)
{
    size_t requests = 0;
    for (size_t done = 0; done < items;) {
        bench_notes notes = {0};
        size_t want = items - done < PUBLISH_EVERY ? items - done : PUBLISH_EVERY;
        while (notes.items < want) {
            if (batches) {
                bench_add_full_batch(&notes, world, false);
            } else {
                bench_use use = bench_use_plan(world, BENCH_ANY, BENCH_ANY);
                bench_add_direct(&notes, world, &use);
            }
        }
        bench_notes_ready(&notes);
        bench_submit(world, &notes, 0, notes.count, 0);
        bench_world_publish(world);
        done += notes.items;
        requests += notes.count;
        bench_notes_free(&notes);
    }
    return requests;
}

static void add_run(bench_row *row, const bench_process *done, const bench_watch *watch, size_t items, uint64_t entries)
{
    bench_sample sample = bench_watch_stop(watch);
    sample.seconds = done->seconds;
    sample.cpu_seconds = done->cpu_seconds;
    bench_row_add(row, &sample, items, entries);
    bench_series_add(bench_row_figure(row, "memory", "MiB"), done->peak_mib);
}

static bench_peer *add_hashing(bench *b, bench_row *row, const char *name)
{
    if (!b->peers) {
        return NULL;
    }
    bench_peer *limit = bench_row_peer(row, name, row->unit, "a limit and no verifier: hashes leaves and tree, reads nothing, decides nothing");
    zd_format(limit->settings, sizeof limit->settings, "the same leaves in memory, each hashed with one tree node, on all %ld cores", bench_cores());
    return limit;
}

typedef struct limits {
    bench_peer *ed25519;
    bench_peer *sodium;
    bench_peer *libcrypto;
    bench_leaves leaves; /* that are hashed; of signed requests only the last, for its length */
} limits;

static void run_limits(bench *b, limits *l)
{
    double seconds = b->quick ? HASH_SECONDS / 10 : HASH_SECONDS;
    bench_run_ed25519(b, l->ed25519, l->leaves.bytes.size / l->leaves.count);
    if (l->sodium != NULL) {
        bench_series_add(&l->sodium->rate, bench_peer_hash(&l->leaves, false, seconds));
        bench_series_add(&l->libcrypto->rate, bench_peer_hash(&l->leaves, true, seconds));
    }
}

/* Fills a ledger, then clones and verifies it in every run. */
static void verify(bench *b, bench_row *row, limits *l, bool batches)
{
    bench_world world;
    char *dir = bench_path(b, batches ? "w8b" : "w8");
    char *clone = bench_path(b, "w8-clone.git");
    size_t items = b->sizes[batches ? BENCH_VERIFY_ITEMS : BENCH_VERIFY];
    bench_world_create(&world, dir, items / USES_A_HOLDER + 50, BENCH_PROVIDERS, false);
    bench_world_publish(&world);
    size_t requests = fill(&world, items, batches);
    uint64_t entries = zd_ledger_size(world.ledger);
    bench_read_leaves(&l->leaves, &world, batches ? 0 : entries - 1);
    for (size_t i = 0; i < b->runs; i++) {
        bench_say("W8 %s, run %zu of %zu", batches ? "batches" : "signed", i + 1, b->runs);
        bench_clone(&world, clone);
        bench_watch watch = bench_watch_start();
        bench_process done = bench_verify(b, &world, clone);
        add_run(row, &done, &watch, batches ? (size_t)entries : requests, entries);
        run_limits(b, l);
    }
    bench_leaves_free(&l->leaves);
    bench_world_free(&world);
    bench_remove_tree(clone);
    bench_remove_tree(dir);
    free(clone);
    free(dir);
}

void bench_w8_verify(bench *b)
{
    bench_row *signed_row = bench_report_row(&b->report, "W8", "verify_signed", "full verification, each redemption signed", "signed requests/s",
                                             "zhidui-audit verify of a fresh clone (git clone itself is not timed), process start included: every commit and request signature, "
                                             "every hash, every decision made again, every balance recomputed; counted in redemptions, the programme's own entries come on top");
    limits l = {.ed25519 = bench_add_ed25519(b, signed_row)};
    verify(b, signed_row, &l, false);
    bench_row_goal(signed_row, "of the Ed25519 limit", true, 0.8, bench_ratio(signed_row, l.ed25519));
    bench_row *row = bench_report_row(&b->report, "W8", "verify_batches", "full verification, batch requests", "entries/s",
                                      "the same over a ledger of batch requests: one signature for some 170 orders, every item decided again; counted in entries");
    l = (limits){.sodium = add_hashing(b, row, "libsodium SHA-256"), .libcrypto = add_hashing(b, row, "libcrypto SHA-256")};
    verify(b, row, &l, true);
    /* The goal was set when the program hashed by libsodium; the nearer wall is the one with the processor's instructions, which the program uses now. */
    bench_row_goal(row, "of the hashing limit (libcrypto)", true, 0.3, bench_ratio(row, l.libcrypto));
    bench_row_goal(row, "of the hashing limit (libsodium)", true, 0.3, bench_ratio(row, l.sodium));
}
