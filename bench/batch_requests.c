/* W3: batch requests, hundreds of items under one signature, many of them in one file. */
#include "bench/workload.h"

#include <stdlib.h>

#define GROUP 1000
#define ITEMS_A_BATCH 140 /* about: what fits into 60,000 bytes; only for sizing the world */
#define USES_A_HOLDER 30

static void run(bench *b, bench_row *row, bench_peer *sqlite, bench_world *world)
{
    bench_notes notes = {0};
    for (size_t i = 0; i < b->sizes[BENCH_BATCHES]; i++) {
        bench_add_full_batch(&notes, world, false);
    }
    uint64_t from = bench_run_notes(row, world, &notes, 0, 0);
    bench_series_add(bench_row_figure(row, "items under one signature", "items"), (double)notes.items / (double)notes.count);
    bench_run_sqlite(b, sqlite, world, from, GROUP, notes.items);
    bench_notes_free(&notes);
}

void bench_w3_batches(bench *b)
{
    bench_world world;
    char *dir = bench_path(b, "w3");
    bench_row *row = bench_report_row(&b->report, "W3", "batch_items", "items of batch requests", "items/s",
                                      "orders in batch requests of 60,000 bytes, one signature for each request and one leaf for each item; a file of requests in one call, "
                                      "commits of 250 leaves and more, as they come; the ledger was just opened");
    bench_peer *sqlite = bench_add_sqlite(b, row);
    bench_world_create(&world, dir, b->sizes[BENCH_BATCHES] * ITEMS_A_BATCH * (b->runs + 1) / USES_A_HOLDER + 50, BENCH_PROVIDERS, false);
    for (size_t i = 0; i < b->runs; i++) {
        bench_say("W3, run %zu of %zu", i + 1, b->runs);
        run(b, row, sqlite, &world);
    }
    bench_row_goal(row, "of a bare SQLite insert of the same bytes", true, 0.5, bench_ratio(row, sqlite));
    bench_row_goal(row, "items a second on two cores (orientation)", true, 100000, bench_median(&row->rate));
    bench_world_free(&world);
    bench_remove_tree(dir);
    free(dir);
}
