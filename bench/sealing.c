/*
 * W6: a pool's redemptions are sealed, approved, released and exported while providers go on redeeming. Redemptions arrive at a fixed rate whatever the ledger does, and
 * each one's time runs from when it was due, so that a pause counts for every one that waits through it. Clients and officer take turns, one call each, as a service
 * would let them; publication and export run in threads of their own, and only the publisher asks for a turn.
 */
#include "bench/sealing_figures.h"
#include "bench/workload.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "ledger/base/clock.h"
#include "ledger/settle/settlement.h"

#define PAYEES_MAX 100000 /* what the world is made of is held in memory */
#define USES_A_HOLDER 30
#define EXPORT_NICE 10 /* docs/settlement-packages.md advises it */
#define RATE 100       /* redemptions a second that arrive */
#define BEFORE_SECONDS 3.0
#define CLIENT_SECONDS(b) ((b)->quick ? 10U : 180U) /* signed redemptions for so long are ready */
#define CALL 1000
#define FACTS_CALL 20
#define SETTLE_DATA "ledger/settle/data"
#define DAYS_OF_NOTICE 8

typedef struct clients {
    bench_notes notes;
    size_t next;
    double begun;
    bench_phase phase;
    bench_act_times acts;
    bench_act_kind behind; /* what went on before this call */
} clients;

typedef struct export_job {
    bench_world *world;
    const char *batch;
    _Atomic bool done;
    double seconds;
} export_job;

/* The one handle that writes: clients and officer have it in turns, and the publisher's thread asks for it. */
typedef struct desk {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    enum { DESK_FREE, DESK_WANTED, DESK_GIVEN } state;
    bench_world *world;
    bool published;
    double seconds;
} desk;

typedef struct officer {
    char batch[32];
    char pool[24];
    char execution[ZD_DATE_TEXT];
    double sealed_seconds;
    size_t parts;
} officer;

/* --- what is to be sealed --- */

static void submit_all(bench_world *world, bench_notes *notes, size_t per_call)
{
    bench_notes_ready(notes);
    for (size_t i = 0; i < notes->count; i += per_call) {
        bench_submit(world, notes, i, i + per_call < notes->count ? i + per_call : notes->count, 0);
    }
    bench_notes_free(notes);
}

static void prepare(bench *b, bench_world *world, int place)
{
    size_t count = b->sizes[BENCH_LINES];
    bench_notes notes = {0};
    bench_use *uses = zd_alloc(count * sizeof *uses);
    for (size_t i = 0; i < count; i++) {
        uses[i] = bench_use_plan(world, place, BENCH_ANY);
    }
    bench_add_facts(&notes, world, uses, count);
    submit_all(world, &notes, FACTS_CALL);
    for (size_t i = 0; i < count; i++) {
        bench_add_direct(&notes, world, &uses[i]);
        if (notes.count == CALL || i + 1 == count) {
            submit_all(world, &notes, CALL);
        }
    }
    free(uses);
    bench_world_pass_days(world, DAYS_OF_NOTICE);
}

/* --- the officer --- */

static const zd_rec_batch *batch_of(bench_world *world, const char *id)
{
    return zd_book_find(zd_acts_book(zd_ledger_acts(world->ledger)), ZD_R_BATCH, "%s", id);
}

/* The next act of the batch; BENCH_NO_ACT when it is released. A seal that is written in parts goes on until the batch is sealed. */
static bench_act_kind officer_acts(officer *o, bench_world *world, double begun)
{
    bench_act_kind kind = BENCH_FIRST_PART;
    zd_buf text = {0};
    char hash[ZD_HASH_HEX];
    const zd_rec_batch *batch = batch_of(world, o->batch);
    const char *key = "maker";
    if (batch == NULL) {
        bench_header(&text, world, "batch.seal");
        zd_buf_addf(&text, ",\"batch\":\"%s\",\"pool\":\"%s\",\"cutoff\":%llu,\"execution\":\"%s\"", o->batch, o->pool, (unsigned long long)zd_ledger_size(world->ledger),
                    o->execution);
        o->parts = 1;
    } else if (batch->state == ZD_B_SEALED) {
        o->sealed_seconds = bench_now() - begun;
        zd_hash_hex(hash, &batch->seal_sha256);
        bench_header(&text, world, "batch.approve");
        zd_buf_addf(&text, ",\"batch\":\"%s\",\"seal_sha256\":\"%s\"", o->batch, hash);
        key = "checker";
        kind = BENCH_APPROVE;
    } else if (batch->state == ZD_B_APPROVED) {
        bench_header(&text, world, "batch.release");
        zd_buf_addf(&text, ",\"batch\":\"%s\",\"count\":%lld,\"total_fen\":%lld", o->batch, (long long)batch->count, (long long)batch->total_fen);
        key = "releaser";
        kind = BENCH_RELEASE;
    } else if (batch->state == ZD_B_RELEASED) {
        return BENCH_NO_ACT;
    } else {
        kind = BENCH_PART;
        bench_header(&text, world, "batch.continue");
        zd_buf_addf(&text, ",\"batch\":\"%s\",\"part\":%zu", o->batch, ++o->parts);
    }
    bench_act(world, key, &text);
    zd_buf_free(&text);
    return kind == BENCH_PART && batch_of(world, o->batch)->state != ZD_B_DRAFT ? BENCH_LAST_PART : kind;
}

static void *export_batch(void *context)
{
    export_job *job = context;
    zd_error err = {0};
    (void)setpriority(PRIO_PROCESS, 0, EXPORT_NICE); /* of this thread, as `nice zhidui settle export` has it */
    zd_ledger *reader = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&job->world->now_unix_ms);
    zd_payer payer = {.name = "样例财政局", .code = "", .account = "9999000100000001", .bank_name = "样例银行绍兴分行", .bank_code = "313337009004", .purpose = "科技创新券",
                      .contact = "样例"};
    fx_code(payer.code, "11", "330600", 999999);
    zd_signer *checker = bench_signer("checker");
    double begun = bench_now();
    bench_need(zd_ledger_open(&reader, job->world->dir, false, &options, &err), &err, "open for the export");
    zd_export_order order = {.batch = job->batch, .payer = &payer, .signer = checker, .role = "checker", .data_dir = SETTLE_DATA};
    bench_need(zd_ledger_export(reader, &order, NULL, &err), &err, "export");
    (void)zd_ledger_close(reader, NULL);
    job->seconds = bench_now() - begun;
    zd_signer_close(checker);
    job->done = true;
    return NULL;
}

/* --- the clients --- */

/* Serves what is due in one call; returns when something was or could be served, waiting at most until the next is due. */
static void serve(clients *c, bench_world *world, bool may_wait)
{
    double now = bench_now();
    size_t due = (size_t)((now - c->begun) * RATE);
    due = due < c->notes.count ? due : c->notes.count;
    if (due > c->next) {
        size_t from = c->next;
        c->next = due - from > CALL ? from + CALL : due;
        double cpu = bench_cpu_now();
        bench_submit(world, &c->notes, from, c->next, 0);
        double answered = bench_now();
        c->phase.own_cpu_seconds += bench_cpu_now() - cpu;
        c->phase.own_seconds += answered - now;
        c->phase.served += c->next - from;
        for (size_t i = from; i < c->next; i++) {
            double waited = answered - (c->begun + (double)(i + 1) / RATE);
            bench_times_add(&c->phase.latency, waited);
            bench_times_add(&c->acts.waited[c->behind], waited);
        }
        c->behind = BENCH_NO_ACT;
    } else if (may_wait) {
        double wait = c->begun + (double)(c->next + 1) / RATE - now;
        wait = wait > 0 && wait < 0.05 ? wait : 0.001;
        (void)nanosleep(&(struct timespec){.tv_nsec = (long)(wait * 1e9)}, NULL);
    }
}

static void add_clients(clients *c, bench_world *world, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bench_use use = bench_use_plan(world, BENCH_ANY, BENCH_ANY);
        bench_add_direct(&c->notes, world, &use);
    }
    bench_notes_ready(&c->notes);
}

/* After an act whoever is due is served; between the parts of a seal the officer's command rests, so that others find the ledger free more often than not. */
static void rest(clients *c, const officer *o, bench_world *world, double acted)
{
    const zd_rec_batch *batch = batch_of(world, o->batch);
    bool between = batch != NULL && batch->state != ZD_B_SEALED && batch->state != ZD_B_APPROVED && batch->state != ZD_B_RELEASED;
    double until = bench_now() + (between ? (bench_now() - acted) * ZD_SEAL_REST_TIMES : 0);
    do {
        serve(c, world, between);
    } while (bench_now() < until);
}

/* --- the publisher --- */

static zd_status open_door(zd_ledger **out, void *context, bool write, zd_error *err)
{
    desk *d = context;
    if (!write) {
        zd_ledger_options options = zd_ledger_defaults();
        options.clock = zd_clock_fixed(&d->world->now_unix_ms);
        return zd_ledger_open(out, d->world->dir, false, &options, err);
    }
    (void)pthread_mutex_lock(&d->lock);
    d->state = DESK_WANTED;
    while (d->state != DESK_GIVEN) {
        (void)pthread_cond_wait(&d->changed, &d->lock);
    }
    (void)pthread_mutex_unlock(&d->lock);
    *out = d->world->ledger;
    return ZD_OK;
}

static void close_door(void *context, zd_ledger *ledger)
{
    desk *d = context;
    if (ledger != d->world->ledger) {
        (void)zd_ledger_close(ledger, NULL);
        return;
    }
    (void)pthread_mutex_lock(&d->lock);
    d->state = DESK_FREE;
    (void)pthread_cond_broadcast(&d->changed);
    (void)pthread_mutex_unlock(&d->lock);
}

static void *publish_all(void *context)
{
    desk *d = context;
    zd_error err = {0};
    zd_signer *log_key = bench_signer("log");
    zd_signer *git_key = bench_signer("git");
    zd_publisher publisher = {.log_key = log_key, .git_key = git_key};
    zd_publish_doors doors = {.open = open_door, .close = close_door, .context = d};
    double begun = bench_now();
    bench_need(zd_publish_through(&doors, &publisher, &err), &err, "publish");
    d->seconds = bench_now() - begun;
    zd_signer_close(log_key);
    zd_signer_close(git_key);
    (void)pthread_mutex_lock(&d->lock);
    d->published = true;
    (void)pthread_mutex_unlock(&d->lock);
    return NULL;
}

static void note_act(clients *c, bench_act_kind kind, double began, double cpu)
{
    bench_times_add(&c->acts.wall[kind], bench_now() - began);
    bench_times_add(&c->acts.cpu[kind], bench_cpu_now() - cpu);
    c->behind = kind;
}

/* The publisher has the ledger for one step, when it asked for it. True when it has finished. */
static bool give_turn(clients *c, desk *d)
{
    double began = bench_now();
    double cpu = bench_cpu_now();
    (void)pthread_mutex_lock(&d->lock);
    bool wanted = d->state == DESK_WANTED;
    if (wanted) {
        d->state = DESK_GIVEN;
        (void)pthread_cond_broadcast(&d->changed);
        while (d->state == DESK_GIVEN) {
            (void)pthread_cond_wait(&d->changed, &d->lock);
        }
    }
    bool published = d->published;
    (void)pthread_mutex_unlock(&d->lock);
    if (wanted) {
        note_act(c, BENCH_PUBLISH, began, cpu);
    }
    return published;
}

/* A package holds the proof of the seal's leaf, so that the seal is published first; clients go on, but for the publisher's turns. Returns its seconds. */
static double publish(clients *c, bench_world *world)
{
    desk d = {.world = world, .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    pthread_t thread;
    if (pthread_create(&thread, NULL, publish_all, &d) != 0) {
        bench_stop("no thread");
    }
    while (!give_turn(c, &d)) {
        serve(c, world, true);
    }
    (void)pthread_join(thread, NULL);
    serve(c, world, false);
    return d.seconds;
}

/* --- one run --- */

static officer new_officer(bench_world *world, int place, size_t run)
{
    officer o = {.sealed_seconds = 0};
    zd_error err = {0};
    int64_t day = 0;
    int64_t wanted = zd_day_of(world->now_unix_ms, ZD_ZONE_SHANGHAI_MS) + 2;
    bench_need(zd_calendar_next_banking_day(&day, SETTLE_DATA "/calendar", wanted, &err), &err, "calendar");
    zd_date_text(o.execution, day);
    zd_format(o.batch, sizeof o.batch, "JS%d-%zu", world->year, run + 1);
    bench_pool(o.pool, world, place);
    return o;
}

static bench_phase take_phase(clients *c)
{
    bench_phase taken = c->phase;
    c->phase = (bench_phase){0};
    return taken;
}

/* All acts of the officer, clients between them. */
static void seal(clients *c, officer *o, bench_world *world, double begun)
{
    for (bench_act_kind kind = BENCH_FIRST_PART; kind != BENCH_NO_ACT;) {
        double acted = bench_now();
        double cpu = bench_cpu_now();
        kind = officer_acts(o, world, begun);
        if (kind != BENCH_NO_ACT) {
            note_act(c, kind, acted, cpu);
            rest(c, o, world, acted);
        }
    }
}

static double peak_mib(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static void run(bench *b, bench_row *row, bench_world *world, size_t number)
{
    int place = (int)(number % FX_PLACES);
    clients c = {.behind = BENCH_NO_ACT};
    prepare(b, world, place);
    add_clients(&c, world, RATE * CLIENT_SECONDS(b));
    bench_world_publish(world);
    officer o = new_officer(world, place, number);
    uint64_t from = zd_ledger_size(world->ledger);
    c.begun = bench_now();
    while (bench_now() - c.begun < (b->quick ? BEFORE_SECONDS / 10 : BEFORE_SECONDS)) {
        serve(&c, world, true);
    }
    bench_phase before = take_phase(&c);
    export_job job = {.world = world, .batch = o.batch};
    pthread_t thread;
    bench_profile_on();
    bench_watch watch = bench_watch_start();
    seal(&c, &o, world, watch.wall);
    double publishing = publish(&c, world);
    bench_phase sealing = take_phase(&c);
    double sealed_mib = peak_mib();
    c.behind = BENCH_EXPORT;
    if (pthread_create(&thread, NULL, export_batch, &job) != 0) {
        bench_stop("no thread");
    }
    while (!job.done) {
        serve(&c, world, true);
    }
    (void)pthread_join(thread, NULL);
    serve(&c, world, false); /* whoever still waits has waited through all of it */
    bench_sample sample = bench_watch_stop(&watch);
    bench_profile_off();
    if (c.next == c.notes.count) {
        bench_say("W6: no more redemptions were ready after %u s; the rest of the export went on alone", CLIENT_SECONDS(b));
    }
    bench_row_add(row, &sample, b->sizes[BENCH_LINES], zd_ledger_size(world->ledger) - from);
    bench_phase exporting = take_phase(&c);
    bench_sealing_figures(row, &before, &sealing, &exporting, &c.acts);
    bench_series_add(bench_row_figure(row, "seal", "s"), o.sealed_seconds);
    bench_series_add(bench_row_figure(row, "parts of the seal", "parts"), (double)o.parts);
    bench_series_add(bench_row_figure(row, "publication, all of it", "s"), publishing);
    bench_series_add(bench_row_figure(row, "export", "s"), job.seconds);
    bench_series_add(bench_row_figure(row, "peak memory up to the seal, with the benchmark's own", "MiB"), sealed_mib);
    bench_series_add(bench_row_figure(row, "peak memory up to the export, with the benchmark's own", "MiB"), peak_mib());
    bench_phase_free(&before);
    bench_phase_free(&sealing);
    bench_phase_free(&exporting);
    bench_notes_free(&c.notes);
}

void bench_w6_seal(bench *b)
{
    bench_world world;
    char *dir = bench_path(b, "w6");
    size_t runs = b->runs < FX_PLACES ? b->runs : FX_PLACES;
    if (b->sizes[BENCH_PAYEES] > PAYEES_MAX || b->sizes[BENCH_PAYEES] < BENCH_PROVIDERS) {
        bench_stop("--payees takes 70 to 100,000");
    }
    /* Each run seals another district's pool, so that its holders bear one run's redemptions; those of the clients are spread over all. */
    size_t holders = (b->sizes[BENCH_LINES] * FX_PLACES + RATE * CLIENT_SECONDS(b) * runs) / USES_A_HOLDER + 200;
    bench_row *row = bench_report_row(&b->report, "W6", "seal_export", "seal and export while redemptions go on", "redemptions sealed/s",
                                      "one pool, 1,000 providers or --payees, each redemption with its consent, own share and invoice check, sealed, approved, released, published and exported (a payment "
                                      "line for each provider, a statement line for each redemption); meanwhile 100 signed redemptions a second arrive, and each one's time runs "
                                      "from when it was due");
    bench_world_create(&world, dir, holders, b->sizes[BENCH_PAYEES], false);
    bench_world_add_accounts(&world);
    for (size_t i = 0; i < runs; i++) {
        bench_say("W6, run %zu of %zu", i + 1, runs);
        run(b, row, &world, i);
    }
    bench_row_goal(row, "median latency during, times before", false, 2, bench_median(bench_row_figure(row, "the worse of both", "times before")));
    bench_row_goal(row, "longest pause, ms", false, 250, bench_most(bench_row_figure(row, "longest wait", "ms")));
    bench_world_free(&world);
    bench_remove_tree(dir);
    free(dir);
}
