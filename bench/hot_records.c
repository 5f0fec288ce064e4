/* W4: every issue from one pool and every redemption for one provider, against the same spread over all pools and providers. */
#include "bench/workload.h"

#include <stdlib.h>

#define USES_A_HOLDER 30
#define HOT_PLACE 0
#define HOT_PROVIDER 0
#define CALL 1000
#define ISSUES_IN_TEN 3 /* vouchers issued for ten notes of the run */

typedef struct issue {
    const bench_world *world;
    size_t from;
    bool hot;
} issue;

/* The n-th voucher of a run, for a holder that has none yet. The hot ones are all of one district, and so of one pool. */
static void issue_item(zd_buf *text, void *context, size_t n)
{
    const issue *what = context;
    size_t holder = what->from + n * (what->hot ? FX_PLACES : 1);
    zd_buf_addf(text, "\"voucher\":\"X-%06zu\",\"holder\":\"E-%06zu\",\"year\":%d,\"amount_fen\":100,\"categories\":\"testing\"}", holder, holder, what->world->year);
}

/* One run: a batch of issues, then signed redemptions in calls of 1,000. first_spare: holders whose vouchers leave room under the yearly cap. */
static void run(bench *b, bench_row *row, bench_world *world, bool hot, size_t first_spare)
{
    bench_notes notes = {0};
    size_t count = b->sizes[BENCH_HOT];
    issue issues = {.world = world, .from = first_spare, .hot = hot};
    bench_notes_batches(&notes, world, "issuer-1", "voucher.allot", count * ISSUES_IN_TEN / 10, issue_item, &issues);
    for (size_t i = 0; i < count; i++) {
        bench_use use = hot ? bench_use_plan(world, HOT_PLACE, HOT_PROVIDER) : bench_use_plan(world, BENCH_ANY, BENCH_ANY);
        bench_add_direct(&notes, world, &use);
    }
    (void)bench_run_notes(row, world, &notes, CALL, 0);
    bench_notes_free(&notes);
}

void bench_w4_hot(bench *b)
{
    bench_world world;
    char *dir = bench_path(b, "w4");
    bench_row *uniform = bench_report_row(&b->report, "W4", "uniform", "issues and redemptions, spread evenly", "items/s",
                                          "vouchers allotted in batch requests, and 3.3 times as many redemption.direct signed one by one, over seven pools and seventy providers; "
                                          "calls of 1,000 notes; the ledger was just opened");
    bench_row *hot = bench_report_row(&b->report, "W4", "hot", "issues and redemptions, one pool and one provider", "items/s",
                                      "the same, with every voucher in one district's pool and every redemption of one provider");
    size_t uses = b->sizes[BENCH_HOT] * (b->runs + 1);
    size_t spare = b->sizes[BENCH_HOT] * ISSUES_IN_TEN / 10;
    bench_world_create(&world, dir, uses * (FX_PLACES + 1) / USES_A_HOLDER + 100, BENCH_PROVIDERS, false);
    size_t at = world.holder_count;
    bench_world_add_bare_holders(&world, (spare * (FX_PLACES + 1) + FX_PLACES) * b->runs + FX_PLACES);
    at += (FX_PLACES - at % FX_PLACES) % FX_PLACES; /* the first one of the hot district */
    for (size_t i = 0; i < b->runs; i++) {
        bench_say("W4, run %zu of %zu", i + 1, b->runs);
        run(b, hot, &world, true, at);
        at += spare * FX_PLACES;
        run(b, uniform, &world, false, at);
        at += spare + (FX_PLACES - spare % FX_PLACES) % FX_PLACES;
    }
    bench_row_goal(hot, "of the uniform rate", true, 0.9, bench_median_ratio(&hot->rate, &uniform->rate));
    bench_world_free(&world);
    bench_remove_tree(dir);
    free(dir);
}
