/* W2: redemptions each signed by its provider, as one file and as the notes of many clients that wait together. */
#include "bench/workload.h"

#include <stdlib.h>

#define FILE_GROUP 1000 /* leaves a transaction, of the peer: no less than the engine's own groups have */
#define CLIENTS 100
#define USES_A_HOLDER 30

typedef struct form {
    bench_row *row;
    bench_peer *sqlite;
    bench_peer *ed25519;
    bench_peer *postgres;
    bench_size size;
    size_t per_call; /* 0 = all in one */
    size_t group;
} form;

static form new_form(bench *b, const char *name, const char *shown, const char *how, bench_size size, size_t per_call)
{
    form f = {.size = size, .per_call = per_call, .group = per_call == 0 ? FILE_GROUP : per_call};
    f.row = bench_report_row(&b->report, "W2", name, shown, "redemptions/s", how);
    f.ed25519 = bench_add_ed25519(b, f.row);
    f.postgres = bench_add_postgres(b, f.row, 16);
    f.sqlite = bench_add_sqlite(b, f.row);
    return f;
}

static void run(bench *b, form *f, bench_world *world)
{
    bench_notes notes = {0};
    for (size_t i = 0; i < b->sizes[f->size]; i++) {
        bench_use use = bench_use_plan(world, BENCH_ANY, BENCH_ANY);
        bench_add_direct(&notes, world, &use);
    }
    uint64_t from = bench_run_notes(f->row, world, &notes, f->per_call, 0);
    bench_run_ed25519(b, f->ed25519, notes.bytes.size / notes.count);
    bench_run_postgres(b, f->postgres, 16);
    bench_run_sqlite(b, f->sqlite, world, from, f->group, notes.items);
    bench_notes_free(&notes);
}

void bench_w2_signed(bench *b)
{
    bench_world world;
    char *dir = bench_path(b, "w2");
    form forms[] = {
        new_form(b, "signed_file", "redemptions each signed, one file",
                 "redemption.direct, one signature and one leaf each, all notes in one call, commits of 250 leaves and more, as they come; the ledger was just opened, so that nothing is in memory",
                 BENCH_FILE, 0),
        new_form(b, "signed_clients", "redemptions each signed, 100 clients", "the same in calls of 100: a hundred clients that all wait for one commit, and then send the next",
                 BENCH_CLIENTS, CLIENTS)};
    size_t uses = (b->sizes[BENCH_FILE] + b->sizes[BENCH_CLIENTS]) * (b->runs + 1);
    bench_world_create(&world, dir, uses / USES_A_HOLDER + 50, BENCH_PROVIDERS, false);
    for (size_t i = 0; i < b->runs; i++) {
        bench_say("W2, run %zu of %zu", i + 1, b->runs);
        run(b, &forms[0], &world);
        run(b, &forms[1], &world);
    }
    for (size_t i = 0; i < ZD_COUNT(forms); i++) {
        bench_row_goal(forms[i].row, "of the Ed25519 limit", true, 0.7, bench_ratio(forms[i].row, forms[i].ed25519));
        bench_row_goal(forms[i].row, "times PostgreSQL with 16 clients", true, 5, bench_ratio(forms[i].row, forms[i].postgres));
    }
    bench_world_free(&world);
    bench_remove_tree(dir);
    free(dir);
}
