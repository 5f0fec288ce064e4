/* W5: orders first and captures later; one order in ten is never captured and expires, one capture in ten is refunded. */
#include "bench/workload.h"

#include <stdlib.h>

#define USES_A_HOLDER 30
#define CALL 1000
#define DAYS_TO_CAPTURE 6
#define DAYS_TO_EXPIRY 92 /* past the order deadline of 90 days */

typedef struct phase_sum {
    bench_sample sample;
    size_t items;
    size_t leaves;
} phase_sum;

static void add_phase(phase_sum *sum, bench_world *world, bench_notes *notes)
{
    bench_notes_ready(notes);
    uint64_t from = zd_ledger_size(world->ledger);
    bench_sample sample = bench_timed_submit(world, notes, CALL, 0);
    double all = sum->sample.seconds + sample.seconds;
    sum->sample.others = (sum->sample.others * sum->sample.seconds + sample.others * sample.seconds) / all;
    sum->sample.seconds = all;
    sum->sample.cpu_seconds += sample.cpu_seconds;
    sum->items += notes->items;
    sum->leaves += (size_t)(zd_ledger_size(world->ledger) - from);
    bench_notes_free(notes);
}

static void sweep(bench_notes *notes, bench_world *world)
{
    zd_buf text = {0};
    char until[ZD_TIME_TEXT];
    zd_signer *service = bench_signer("service");
    zd_time_text(until, world->now_unix_ms);
    bench_header(&text, world, "sweep");
    zd_buf_addf(&text, ",\"up_to\":\"%s\"}\n", until);
    bench_notes_sign(notes, service, "service", &text, 0);
    zd_signer_close(service);
    zd_buf_free(&text);
}

static void run(bench *b, bench_row *row, bench_peer *sqlite, bench_world *world)
{
    size_t count = b->sizes[BENCH_PHASES];
    bench_use *uses = zd_alloc(count * sizeof *uses);
    bench_notes notes = {0};
    phase_sum sum = {0};
    uint64_t from = zd_ledger_size(world->ledger);
    for (size_t i = 0; i < count; i++) {
        uses[i] = bench_use_plan(world, BENCH_ANY, BENCH_ANY);
        bench_add_order(&notes, world, &uses[i]);
    }
    add_phase(&sum, world, &notes);
    bench_world_pass_days(world, DAYS_TO_CAPTURE);
    for (size_t i = 0; i < count; i++) {
        if (i % 10 != 0) {
            bench_add_capture(&notes, world, &uses[i]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (i % 10 == 1) {
            bench_add_refund(&notes, world, &uses[i]);
        }
    }
    add_phase(&sum, world, &notes);
    bench_world_pass_days(world, DAYS_TO_EXPIRY);
    uint64_t before = zd_ledger_size(world->ledger);
    sweep(&notes, world);
    add_phase(&sum, world, &notes);
    size_t expired = (size_t)(zd_ledger_size(world->ledger) - before) - 1;
    if (expired != (count + 9) / 10) {
        bench_stop("not one order in ten expired");
    }
    bench_row_add(row, &sum.sample, sum.items + expired, sum.leaves);
    bench_run_sqlite(b, sqlite, world, from, CALL, sum.items + expired);
    free(uses);
}

void bench_w5_phases(bench *b)
{
    char *dir = bench_path(b, "w5");
    bench_row *row = bench_report_row(&b->report, "W5", "phases", "orders, captures, refunds and expiries", "acts/s",
                                      "redemption.order, after six days nine captures for ten orders, one refund for nine captures, after the deadline a sweep that lets one order "
                                      "in ten expire; each act signed but the expiries, which are leaves of the sweep; calls of 1,000 notes; a ledger for each run, just made");
    bench_peer *sqlite = bench_add_sqlite(b, row);
    for (size_t i = 0; i < b->runs; i++) {
        bench_world world;
        bench_say("W5, run %zu of %zu", i + 1, b->runs);
        bench_world_create(&world, dir, b->sizes[BENCH_PHASES] / USES_A_HOLDER + 50, BENCH_PROVIDERS, false);
        bench_world_close(&world);
        bench_world_open(&world);
        run(b, row, sqlite, &world);
        bench_world_free(&world);
        bench_remove_tree(dir);
    }
    free(dir);
}
