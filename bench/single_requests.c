/* W1: one redemption at a time, one client, each durable before the next is sent. W7: 30 % of the notes were sent before and get their first answer again. */
#include "bench/workload.h"

#include <stdlib.h>

#define USES_A_HOLDER 30
#define REPLAYS_IN_TEN 3
#define CALL 100

static void one_by_one(bench *b, bench_row *row, bench_world *world)
{
    bench_notes notes = {0};
    bench_times latency = {0};
    for (size_t i = 0; i < b->sizes[BENCH_SINGLE]; i++) {
        bench_use use = bench_use_plan(world, BENCH_ANY, BENCH_ANY);
        bench_add_direct(&notes, world, &use);
    }
    bench_notes_ready(&notes);
    bench_world_close(world);
    bench_world_open(world);
    bench_profile_on();
    bench_watch watch = bench_watch_start();
    for (size_t i = 0; i < notes.count; i++) {
        double begun = bench_now();
        bench_submit(world, &notes, i, i + 1, 0);
        bench_times_add(&latency, bench_now() - begun);
    }
    bench_sample sample = bench_watch_stop(&watch);
    bench_profile_off();
    bench_row_add(row, &sample, notes.items, notes.items);
    bench_series_add(bench_row_figure(row, "latency, median", "ms"), 1e3 * bench_times_at(&latency, 0.5));
    bench_series_add(bench_row_figure(row, "latency, 99 of 100", "ms"), 1e3 * bench_times_at(&latency, 0.99));
    bench_times_free(&latency);
    bench_notes_free(&notes);
}

void bench_w1_single(bench *b)
{
    bench_world world;
    char *dir = bench_path(b, "w1");
    size_t count = b->sizes[BENCH_SINGLE];
    bench_row *row = bench_report_row(&b->report, "W1", "single", "redemptions one at a time, one client", "redemptions/s",
                                      "redemption.direct, one call and one commit each, the next is sent when this one is durable; the ledger was just opened");
    bench_peer *postgres = bench_add_postgres(b, row, 1);
    bench_peer *sqlite = bench_add_sqlite(b, row);
    bench_world_create(&world, dir, count * (b->runs + 1) / USES_A_HOLDER + 50, BENCH_PROVIDERS, false);
    for (size_t i = 0; i < b->runs; i++) {
        bench_say("W1, run %zu of %zu", i + 1, b->runs);
        one_by_one(b, row, &world);
        bench_run_postgres(b, postgres, 1);
        bench_run_sqlite(b, sqlite, &world, zd_ledger_size(world.ledger) - count, 1, count);
    }
    bench_row_goal(row, "times PostgreSQL with one client", true, 1.5, bench_ratio(row, postgres));
    bench_world_free(&world);
    bench_remove_tree(dir);
    free(dir);
}

/* Calls of CALL notes; in each, the last REPLAYS_IN_TEN tenths repeat notes of the call before it (the first call repeats its own). */
static size_t add_with_replays(bench_notes *notes, bench_world *world, size_t count)
{
    size_t fresh = CALL - CALL * REPLAYS_IN_TEN / 10;
    size_t calls = count < CALL ? 1 : count / CALL;
    for (size_t call = 0; call < calls; call++) {
        for (size_t i = 0; i < fresh; i++) {
            bench_use use = bench_use_plan(world, BENCH_ANY, BENCH_ANY);
            bench_add_direct(notes, world, &use);
        }
        size_t from = call > 0 ? (call - 1) * CALL : 0;
        for (size_t i = fresh; i < CALL; i++) {
            bench_notes_repeat(notes, from + i - fresh);
        }
    }
    return calls;
}

static void run_replays(bench *b, bench_row *row, bench_peer *ed25519, bench_world *world)
{
    bench_notes notes = {0};
    size_t calls = add_with_replays(&notes, world, b->sizes[BENCH_REPLAYS]);
    uint64_t from = bench_run_notes(row, world, &notes, CALL, CALL * REPLAYS_IN_TEN / 10);
    if (zd_ledger_size(world->ledger) - from != notes.items || notes.count != calls * CALL) {
        bench_stop("replays left entries");
    }
    bench_run_ed25519(b, ed25519, notes.bytes.size / notes.count);
    bench_notes_free(&notes);
}

void bench_w7_replays(bench *b)
{
    bench_world world;
    char *dir = bench_path(b, "w7");
    bench_row *row = bench_report_row(&b->report, "W7", "replays", "three in ten notes are replays", "notes/s",
                                      "redemption.direct in calls of 100 notes, of which 30 were accepted before: each replay's signature is checked, it gets its first answer "
                                      "and leaves no entry; counted in notes; the ledger was just opened");
    bench_peer *ed25519 = bench_add_ed25519(b, row);
    bench_world_create(&world, dir, b->sizes[BENCH_REPLAYS] * (b->runs + 1) / USES_A_HOLDER + 50, BENCH_PROVIDERS, false);
    for (size_t i = 0; i < b->runs; i++) {
        bench_say("W7, run %zu of %zu", i + 1, b->runs);
        run_replays(b, row, ed25519, &world);
    }
    bench_world_free(&world);
    bench_remove_tree(dir);
    free(dir);
}
