/*
 * W9: one ledger that grows tenfold from step to step. At each size: signed redemptions, a single redemption by the command itself, a file by the command, full verification
 * of a fresh clone, and what it takes on disk. The clock is the real one, because the command reads it.
 */
#include "bench/workload.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"

#define STEPS_MAX 6
#define SIGNED 500         /* redemptions of a W2 piece: one call */
#define USES_A_HOLDER 40
#define HOLDERS_A_ROUND 500
#define ROUNDS_OPEN 20
#define CLI_RUNS 5         /* commands of a run; their median counts */
#define VERIFY_ONCE_FROM 1000000 /* larger ledgers are verified once, not in every run */
#define FILE_NOTES 200
#define REPACK_EVERY 500   /* publications */

typedef struct step {
    uint64_t size;
    bench_row *row;
    bench_peer *ed25519;
    double git_bytes, database_bytes, leaf_bytes; /* per entry */
} step;

typedef struct growth {
    bench *b;
    bench_world world;
    char *clone;
    char *key; /* file of the first provider's key */
    uint64_t published;
    uint64_t publications;
    uint64_t leaf_bytes;
    uint64_t leaves_counted;
} growth;

static void repack(const char *repository)
{
    char words[][16] = {"git", "-C", "repack", "--geometric=2", "-d", "-q"};
    char *place = zd_strdup(repository);
    char *argv[] = {words[0], words[1], place, words[2], words[3], words[4], words[5], NULL};
    if (bench_process_run(argv).status != 0) {
        bench_stop("git repack failed");
    }
    free(place);
}

/* --- growing --- */

/* Each publication is a pack of its own, and who opens the next one looks through the names of all: operators repack at night. */
static void publish_in_time(growth *g)
{
    if (zd_ledger_size(g->world.ledger) - g->published < g->b->sizes[BENCH_PUBLISH_EVERY]) {
        return;
    }
    bench_world_publish(&g->world);
    g->published = zd_ledger_size(g->world.ledger);
    if (++g->publications % REPACK_EVERY == 0) {
        zd_buf path = {0};
        repack(zd_path_join(&path, g->world.dir, "audit.git"));
        zd_buf_free(&path);
    }
}

/* Batch requests of orders and of direct redemptions in turn, and holders for them, until the ledger has at least size entries. */
static void grow(growth *g, uint64_t size)
{
    size_t room = 0;
    for (size_t round = 1; zd_ledger_size(g->world.ledger) < size; round++) {
        bench_notes notes = {0};
        if (round % ROUNDS_OPEN == 0) { /* so that this process does not hold all of a large ledger in memory */
            bench_world_close(&g->world);
            bench_world_open(&g->world);
        }
        if (room == 0) {
            bench_world_add_holders(&g->world, HOLDERS_A_ROUND);
            room = HOLDERS_A_ROUND * USES_A_HOLDER;
        }
        for (size_t i = 0; notes.items < 1000; i++) {
            bench_add_full_batch(&notes, &g->world, i % 2 == 1);
        }
        bench_notes_ready(&notes);
        bench_submit(&g->world, &notes, 0, notes.count, 0);
        room = room > notes.items ? room - notes.items : 0;
        bench_notes_free(&notes);
        publish_in_time(g);
    }
}

/* --- at one size --- */

static void signed_piece(growth *g, step *s)
{
    bench_world *world = &g->world;
    bench_notes notes = {0};
    for (size_t i = 0; i < (g->b->quick ? SIGNED / 5 : SIGNED); i++) {
        bench_use use = bench_use_plan(world, BENCH_ANY, BENCH_ANY);
        bench_add_direct(&notes, world, &use);
    }
    bench_notes_ready(&notes);
    bench_world_close(world);
    double begun = bench_now();
    bench_world_open(world);
    bench_series_add(bench_row_figure(s->row, "opening the ledger", "ms"), 1e3 * (bench_now() - begun));
    uint64_t from = zd_ledger_size(world->ledger);
    bench_sample sample = bench_timed_submit(world, &notes, notes.count, 0);
    bench_row_add(s->row, &sample, notes.items, zd_ledger_size(world->ledger) - from);
    bench_run_ed25519(g->b, s->ed25519, notes.bytes.size / notes.count);
    bench_notes_free(&notes);
    publish_in_time(g);
}

/* `zhidui redeem direct` as a person or a script types it: process, opening, signing, deciding, commit. The ledger is closed meanwhile. */
static void command_piece(growth *g, step *s)
{
    bench_world *world = &g->world;
    bench_times seconds = {0};
    double peak = 0;
    bench_world_close(world);
    for (size_t i = 0; i < (g->b->quick ? 1 : CLI_RUNS); i++) {
        char words[][16] = {"redeem", "direct", "--ledger", "--key"};
        char *program = zd_strdup(g->b->zhidui);
        char *argv[80] = {program, words[0], words[1], words[2], world->dir, words[3], g->key};
        bench_use use = bench_use_plan(world, BENCH_ANY, 0);
        size_t options = bench_direct_options(argv + 7, ZD_COUNT(argv) - 8, world, &use);
        bench_process done = bench_process_run(argv);
        if (done.status != 0) {
            bench_stop("zhidui redeem direct was not accepted");
        }
        bench_times_add(&seconds, done.seconds);
        peak = done.peak_mib > peak ? done.peak_mib : peak;
        for (size_t k = 0; k < options; k++) {
            free(argv[7 + k]);
        }
        free(program);
    }
    bench_world_open(world);
    bench_series_add(bench_row_figure(s->row, "one redemption by the command", "ms"), 1e3 * bench_times_at(&seconds, 0.5));
    bench_series_add(bench_row_figure(s->row, "memory of that command", "MiB"), peak);
    bench_times_free(&seconds);
}

/* `zhidui request submit FILE` with signed redemptions. */
static void file_piece(growth *g, step *s)
{
    bench_world *world = &g->world;
    zd_error err = {0};
    bench_notes notes = {0};
    char *file = bench_path(g->b, "notes");
    for (size_t i = 0; i < FILE_NOTES; i++) {
        bench_use use = bench_use_plan(world, BENCH_ANY, BENCH_ANY);
        bench_add_direct(&notes, world, &use);
    }
    bench_need(zd_file_write(file, zd_buf_span(&notes.bytes), 0644, &err), &err, file);
    bench_world_close(world);
    char words[][16] = {"request", "submit", "--ledger"};
    char *program = zd_strdup(g->b->zhidui);
    char *argv[] = {program, words[0], words[1], file, words[2], world->dir, NULL};
    bench_process done = bench_process_run(argv);
    if (done.status != 0) {
        bench_stop("zhidui request submit did not accept a file");
    }
    bench_world_open(world);
    bench_series_add(bench_row_figure(s->row, "200 redemptions by a command, each", "ms"), 1e3 * done.seconds / FILE_NOTES);
    bench_series_add(bench_row_figure(s->row, "memory of that command with 200", "MiB"), done.peak_mib);
    free(program);
    free(file);
    bench_notes_free(&notes);
}

static void verify_piece(growth *g, step *s)
{
    bench_world_publish(&g->world);
    g->published = zd_ledger_size(g->world.ledger);
    bench_clone(&g->world, g->clone);
    bench_process done = bench_verify(g->b, &g->world, g->clone);
    bench_series_add(bench_row_figure(s->row, "verification", "entries/s"), (double)g->published / done.seconds);
    bench_series_add(bench_row_figure(s->row, "verification, CPU", "us/entry"), done.cpu_seconds * 1e6 / (double)g->published);
    bench_series_add(bench_row_figure(s->row, "memory of the verifier", "MiB"), done.peak_mib);
}

static zd_status add_size(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    growth *g = context;
    g->leaf_bytes += bytes.size;
    g->leaves_counted++;
    return ZD_OK;
}

/* Closed, so that the write-ahead log is empty; the clone as `git repack --geometric=2` leaves it. */
static void disk_piece(growth *g, step *s)
{
    zd_error err = {0};
    zd_buf path = {0};
    uint64_t size = zd_ledger_size(g->world.ledger);
    bench_need(zd_ledger_leaves(g->world.ledger, g->leaves_counted, size, add_size, g, &err), &err, "leaves");
    bench_world_publish(&g->world);
    bench_clone(&g->world, g->clone);
    repack(g->clone);
    bench_world_close(&g->world);
    double n = (double)size;
    s->leaf_bytes = (double)g->leaf_bytes / n;
    s->database_bytes = (double)bench_tree_bytes(zd_path_join(&path, g->world.dir, "ledger.db")) / n;
    zd_buf_clear(&path);
    s->git_bytes = (double)bench_tree_bytes(g->clone) / n;
    bench_world_open(&g->world);
    bench_series_add(bench_row_figure(s->row, "bytes: leaf", "bytes/entry"), s->leaf_bytes);
    bench_series_add(bench_row_figure(s->row, "bytes: database", "bytes/entry"), s->database_bytes);
    bench_series_add(bench_row_figure(s->row, "bytes: git clone", "bytes/entry"), s->git_bytes);
    zd_buf_free(&path);
}

static void measure(growth *g, step *s)
{
    size_t runs = g->b->runs;
    for (size_t i = 0; i < runs; i++) {
        bench_say("W9 at %llu entries, run %zu of %zu", (unsigned long long)s->size, i + 1, runs);
        signed_piece(g, s);
        command_piece(g, s);
        if (i == 0 || s->size < VERIFY_ONCE_FROM) {
            verify_piece(g, s);
        }
    }
    file_piece(g, s);
    disk_piece(g, s);
    bench_remove_tree(g->clone);
}

/* --- the whole --- */

static step new_step(bench *b, uint64_t size)
{
    static char names[STEPS_MAX][2][80];
    static size_t used = 0;
    step s = {.size = size};
    zd_format(names[used][0], sizeof names[used][0], "growth_%llu", (unsigned long long)size);
    zd_format(names[used][1], sizeof names[used][1], "signed redemptions at %llu entries", (unsigned long long)size);
    s.row = bench_report_row(&b->report, "W9", names[used][0], names[used][1], "redemptions/s",
                             "500 redemption.direct signed by their providers in one call, of a ledger that was just opened; the ledger grew by batch requests of orders and "
                             "redemptions and was published every 1,000 entries; commands are processes of their own, and the median of five a run counts");
    s.ed25519 = bench_add_ed25519(b, s.row);
    used++;
    return s;
}

static double figure(const step *s, const char *name)
{
    return bench_median(bench_row_figure(s->row, name, ""));
}

static void judge(const step *first, const step *last)
{
    char what[120];
    zd_format(what, sizeof what, "cost of a signed redemption, times that at %llu", (unsigned long long)first->size);
    bench_row_goal(last->row, what, false, 1.25, bench_median(&last->row->cpu_us) / bench_median(&first->row->cpu_us));
    zd_format(what, sizeof what, "cost of verifying an entry, times that at %llu", (unsigned long long)first->size);
    bench_row_goal(last->row, what, false, 1.25, figure(last, "verification, CPU") / figure(first, "verification, CPU"));
    zd_format(what, sizeof what, "one redemption by the command, times that at %llu", (unsigned long long)first->size);
    bench_row_goal(last->row, what, false, 1.5, figure(last, "one redemption by the command") / figure(first, "one redemption by the command"));
    bench_row_goal(last->row, "memory of that command, MiB", false, 50, figure(last, "memory of that command"));
    bench_row_goal(last->row, "memory of the verifier, MiB", false, 512, figure(last, "memory of the verifier"));
    bench_row_goal(last->row, "database, times the bytes of the leaves", false, 2.5, last->database_bytes / last->leaf_bytes);
    bench_row_goal(last->row, "git clone, times the bytes of the leaves", false, 1.0, last->git_bytes / last->leaf_bytes);
}

void bench_w9_growth(bench *b)
{
    growth g = {.b = b};
    step steps[STEPS_MAX];
    size_t count = 0;
    char name[64];
    char *dir = bench_path(b, "w9");
    g.clone = bench_path(b, "w9-clone.git");
    g.key = bench_path(b, "w9-key");
    bench_world_create(&g.world, dir, b->sizes[BENCH_GROWTH_FROM] / USES_A_HOLDER / 4 + 50, BENCH_PROVIDERS, true);
    bench_provider_key(name, &g.world, 0);
    bench_key_file(&g.world, name, g.key);
    for (uint64_t size = b->sizes[BENCH_GROWTH_FROM]; size <= b->sizes[BENCH_GROWTH_TO] && count < STEPS_MAX; size *= b->quick ? 2 : 10) {
        grow(&g, size);
        steps[count] = new_step(b, size);
        measure(&g, &steps[count++]);
    }
    if (count > 1) {
        judge(&steps[0], &steps[count - 1]);
    }
    bench_world_free(&g.world);
    bench_remove_tree(dir);
    free(g.clone);
    free(g.key);
    free(dir);
}
