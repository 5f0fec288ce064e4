/*
 * ./run bench: how fast the ledger is, on this machine, in this minute, next to SQLite that only stores and libsodium that only verifies. Prints a table and
 * writes a JSON file. Every figure is durable (synchronous=FULL) and every run is checked: an order that is not accepted ends the program. What is
 * measured and what the peers leave out stands in bench/README.md. Must not assert times: machines differ, and so do their neighbours.
 */
#include <stdlib.h>
#include <string.h>

#include "bench/peers.h"
#include "bench/storage.h"
#include "bench/world.h"
#include "ledger/base/durable.h"

typedef enum row_id { ROW_1, ROW_100, ROW_1000, ROW_BATCH, ROW_START, ROW_PUBLISH, ROW_AUDIT, ROW__COUNT } row_id;

typedef struct row {
    const char *name;   /* stable, for the JSON file */
    const char *shown;
    const char *unit;
    const char *option; /* --option N: how many in a run; NULL = none */
    size_t size;        /* orders, calls, ... of one run */
    size_t quick_size;
    size_t per_call;    /* notes of one call */
    bench_series rate;
    bench_series cpu_us;
    bench_series peer;  /* bare SQLite, same unit */
    bench_series verify; /* Ed25519, signatures a second on all cores */
    bench_series others;
    const char *left_out; /* why this row has no figures */
} row;

typedef struct bench {
    row rows[ROW__COUNT];
    size_t runs;
    size_t vouchers;
    size_t providers;
    bool quick;
    const char *only;
    const char *dir;
    const char *json_path;
    const char *audit;
    double load_before;
    size_t batch_items;
    size_t note_bytes;
    bench_storage storage;
} bench;

static const row first_rows[ROW__COUNT] = {
    [ROW_1] = {.name = "orders_one_by_one", .shown = "orders, one call and one commit each", .unit = "orders/s", .option = "--single", .size = 300, .quick_size = 40, .per_call = 1},
    [ROW_100] = {.name = "orders_calls_of_100", .shown = "orders, calls of 100 notes", .unit = "orders/s", .option = "--hundreds", .size = 2000, .quick_size = 200, .per_call = 100},
    [ROW_1000] = {.name = "orders_calls_of_1000", .shown = "orders, calls of 1,000 notes", .unit = "orders/s", .option = "--thousands", .size = 3000, .quick_size = 1000, .per_call = 1000},
    [ROW_BATCH] = {.name = "batch_items", .shown = "orders in batch requests of 60,000 bytes", .unit = "items/s", .option = "--batches", .size = 17, .quick_size = 2, .per_call = 1},
    [ROW_START] = {.name = "open_submit_close", .shown = "open, submit one order, close", .unit = "times/s", .option = "--starts", .size = 30, .quick_size = 3, .per_call = 1},
    [ROW_PUBLISH] = {.name = "publish", .shown = "publish: checkpoint, tiles, signed commit", .unit = "entries/s", .per_call = 1},
    [ROW_AUDIT] = {.name = "audit_clone", .shown = "zhidui-audit verify of a fresh git clone", .unit = "entries/s", .per_call = 1},
};

static char *path_in(const bench *b, const char *name)
{
    zd_buf path = {0};
    char *copy = zd_strdup(zd_path_join(&path, b->dir, name));
    zd_buf_free(&path);
    return copy;
}

static bool wanted(const bench *b, row_id id)
{
    return b->only == NULL || strcmp(b->only, b->rows[id].name) == 0;
}

static void add_sample(row *r, const bench_sample *sample, size_t done)
{
    bench_series_add(&r->rate, (double)done / sample->seconds);
    bench_series_add(&r->cpu_us, sample->cpu_seconds * 1e6 / (double)done);
    bench_series_add(&r->others, sample->others);
}

static zd_status take_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    bench_leaves_add(context, bytes);
    return ZD_OK;
}

/* The same bytes in the same groups, stored and nothing else. done: what the row counts in. */
static void run_peers(bench *b, row *r, bench_world *world, uint64_t from, size_t calls, size_t done)
{
    zd_error err = {0};
    bench_leaves leaves = {0};
    bench_need(zd_ledger_leaves(world->ledger, from, zd_ledger_size(world->ledger), take_leaf, &leaves, &err), &err, "leaves");
    char *path = path_in(b, "peer.db");
    bench_remove_database(path);
    bench_sample sample = bench_peer_sqlite(path, &leaves, (leaves.count + calls - 1) / calls);
    bench_remove_database(path);
    bench_series_add(&r->peer, (double)done / sample.seconds);
    bench_series_add(&r->verify, bench_peer_ed25519(b->note_bytes, b->quick ? 0.05 : 0.4));
    bench_leaves_free(&leaves);
    free(path);
}

/* One run of one of the four submission rows, on a working set that was just opened. keep: false for the warm-up. */
static void run_orders(bench *b, bench_world *world, row_id id, bool keep)
{
    row *r = &b->rows[id];
    bench_notes notes = {0};
    bool batches = id == ROW_BATCH;
    size_t size = keep ? r->size : r->quick_size;
    for (size_t i = 0; i < size; i++) {
        if (batches) {
            bench_add_batch(&notes, world);
        } else {
            bench_add_order(&notes, world);
        }
    }
    bench_notes_ready(&notes);
    if (batches) {
        b->batch_items = notes.orders / notes.count;
    } else {
        b->note_bytes = notes.bytes.size / notes.count;
    }
    bench_world_close(world);
    bench_world_open(world);
    uint64_t from = zd_ledger_size(world->ledger);
    size_t calls = 0;
    bench_watch watch = bench_watch_start();
    for (size_t i = 0; i < notes.count; i += r->per_call, calls++) {
        bench_submit(world, &notes, i, i + r->per_call < notes.count ? i + r->per_call : notes.count);
    }
    bench_sample sample = bench_watch_stop(&watch);
    if (keep) {
        add_sample(r, &sample, notes.orders);
        run_peers(b, r, world, from, calls, notes.orders);
    }
    bench_notes_free(&notes);
}

/* What a one-shot command costs without the process start: open, submit, close. */
static void run_start(bench *b, bench_world *world)
{
    row *r = &b->rows[ROW_START];
    bench_notes notes = {0};
    for (size_t i = 0; i < r->size; i++) {
        bench_add_order(&notes, world);
    }
    bench_notes_ready(&notes);
    bench_world_close(world);
    bench_watch watch = bench_watch_start();
    for (size_t i = 0; i < notes.count; i++) {
        bench_world_open(world);
        bench_submit(world, &notes, i, i + 1);
        bench_world_close(world);
    }
    bench_sample sample = bench_watch_stop(&watch);
    add_sample(r, &sample, notes.count);
    char *path = path_in(b, "peer.db");
    double peer_seconds = 0;
    for (size_t i = 0; i < notes.count; i++) {
        peer_seconds += bench_peer_sqlite_once(path, notes.spans[i]).seconds;
    }
    bench_series_add(&r->peer, (double)notes.count / peer_seconds);
    bench_remove_database(path);
    free(path);
    bench_world_open(world);
    bench_notes_free(&notes);
}

static void run_publish(bench *b, bench_world *world, uint64_t *published, bool keep)
{
    uint64_t size = zd_ledger_size(world->ledger);
    bench_watch watch = bench_watch_start();
    bench_world_publish(world);
    bench_sample sample = bench_watch_stop(&watch);
    if (keep && size > *published) {
        add_sample(&b->rows[ROW_PUBLISH], &sample, (size_t)(size - *published));
    }
    *published = size;
}

/* A clone as an auditor gets it, then the verifier over all of it; the clone itself is not timed. */
static void run_audit(bench *b, const bench_world *world, uint64_t entries)
{
    row *r = &b->rows[ROW_AUDIT];
    char *repository = path_in(b, "ledger/audit.git");
    char *clone = path_in(b, "clone.git");
    char fingerprint[ZD_HASH_HEX];
    zd_hash_hex(fingerprint, &world->genesis);
    const char *const verify[] = {b->audit, "verify", clone, "--genesis", fingerprint, NULL};
    if (!zd_path_exists(b->audit)) {
        r->left_out = "build/zhidui-audit is not there";
    }
    for (size_t i = 0; i < b->runs && r->left_out == NULL; i++) {
        const char *const copy[] = {"git", "clone", "--quiet", "--bare", "--no-local", repository, clone, NULL};
        bench_remove_tree(clone);
        if (bench_command(copy) != 0) {
            bench_stop("git clone failed");
        }
        bench_watch watch = bench_watch_start();
        int code = bench_command(verify);
        bench_sample sample = bench_watch_stop(&watch);
        if (code != 0) {
            (void)fprintf(stderr, "bench: zhidui-audit ended with %d\n", code);
            r->left_out = "zhidui-audit did not verify the clone";
        } else {
            add_sample(r, &sample, (size_t)entries);
            bench_series_add(&r->verify, bench_peer_ed25519(b->note_bytes, b->quick ? 0.05 : 0.4));
        }
    }
    bench_remove_tree(clone);
    free(repository);
    free(clone);
}

/* --- what is printed --- */

static void print_ratio(double ratio)
{
    if (ratio > 0) {
        (void)printf(" %8.3f", ratio);
    } else {
        (void)printf(" %8s", "-");
    }
}

static void print_table(const bench *b)
{
    (void)printf("\n%-42s %11s %-9s %19s %9s %8s %8s %7s\n", "median of runs", "rate", "", "least .. most", "CPU us", "SQLite=1", "verify=1", "others");
    for (int i = 0; i < ROW__COUNT; i++) {
        const row *r = &b->rows[i];
        if (r->left_out != NULL) {
            (void)printf("%-42s NOT MEASURED: %s\n", r->shown, r->left_out);
        } else if (r->rate.count > 0) {
            (void)printf("%-42s %11.1f %-9s %9.0f ..%8.0f %9.1f", r->shown, bench_median(&r->rate), r->unit, bench_least(&r->rate), bench_most(&r->rate),
                         bench_median(&r->cpu_us));
            print_ratio(bench_median_ratio(&r->rate, &r->peer));
            print_ratio(bench_median_ratio(&r->rate, &r->verify));
            (void)printf(" %7.2f\n", bench_median(&r->others));
        }
    }
    const bench_storage *s = &b->storage;
    if (s->entries > 0) {
        double n = (double)s->entries;
        (void)printf("\nbytes per entry over %llu entries: leaf %.0f, ledger.db %.0f (%.2f x), audit.git repacked %.0f (%.2f x), public/ %.0f\n",
                     (unsigned long long)s->entries, (double)s->leaf_bytes / n, (double)s->database_bytes / n, (double)s->database_bytes / (double)s->leaf_bytes,
                     (double)s->repository_bytes / n, (double)s->repository_bytes / (double)s->leaf_bytes, (double)s->public_bytes / n);
    }
    (void)printf("SQLite=1: bare inserts of the same leaves in the same groups. verify=1: libsodium Ed25519 alone, all cores, %zu-byte messages.\n"
                 "CPU us: per order, item or entry, all threads. others: cores used by other processes. Batches hold %zu orders.\n",
                 b->note_bytes, b->batch_items);
}

static void write_json(const bench *b)
{
    FILE *out = fopen(b->json_path, "w");
    if (out == NULL) {
        bench_stop("cannot write the JSON file");
    }
    (void)fprintf(out, "{\"cores\":%ld,\"load_before\":%.2f,\"load_after\":%.2f,\"runs\":%zu,\"quick\":%s,\"vouchers\":%zu,\"providers\":%zu,\"batch_items\":%zu,\"note_bytes\":%zu,",
                  bench_cores(), b->load_before, bench_load(), b->runs, b->quick ? "true" : "false", b->vouchers, b->providers, b->batch_items, b->note_bytes);
    (void)fprintf(out, "\"rows\":[");
    for (int i = 0; i < ROW__COUNT; i++) {
        const row *r = &b->rows[i];
        (void)fprintf(out, "%s{\"name\":\"%s\",\"unit\":\"%s\",\"size\":%zu,\"not_measured\":%s%s%s,", i > 0 ? "," : "", r->name, r->unit, r->size,
                      r->left_out != NULL ? "\"" : "", r->left_out != NULL ? r->left_out : "null", r->left_out != NULL ? "\"" : "");
        bench_series_json(out, "rate", &r->rate);
        (void)fprintf(out, ",");
        bench_series_json(out, "cpu_us", &r->cpu_us);
        (void)fprintf(out, ",");
        bench_series_json(out, "bare_sqlite", &r->peer);
        (void)fprintf(out, ",");
        bench_series_json(out, "bare_ed25519", &r->verify);
        (void)fprintf(out, ",");
        bench_series_json(out, "others_cores", &r->others);
        (void)fprintf(out, ",\"to_sqlite\":%.4f,\"to_ed25519\":%.4f}", bench_median_ratio(&r->rate, &r->peer), bench_median_ratio(&r->rate, &r->verify));
    }
    const bench_storage *s = &b->storage;
    (void)fprintf(out, "],\"storage\":{\"entries\":%llu,\"leaf_bytes\":%llu,\"database_bytes\":%llu,\"repository_bytes\":%llu,\"public_bytes\":%llu}}\n",
                  (unsigned long long)s->entries, (unsigned long long)s->leaf_bytes, (unsigned long long)s->database_bytes,
                  (unsigned long long)s->repository_bytes, (unsigned long long)s->public_bytes);
    if (fclose(out) != 0) {
        bench_stop("cannot write the JSON file");
    }
}

/* --- arguments --- */

static size_t number(const char *text)
{
    char *end = NULL;
    unsigned long value = text != NULL ? strtoul(text, &end, 10) : 0;
    if (value == 0 || *end != '\0' || value > 10000000) {
        bench_stop("a size is a whole number from 1 to 10,000,000");
    }
    return value;
}

static bool row_option(bench *b, const char *option, const char *value)
{
    for (int i = 0; i < ROW__COUNT; i++) {
        if (b->rows[i].option != NULL && strcmp(option, b->rows[i].option) == 0) {
            b->rows[i].size = number(value);
            return true;
        }
    }
    return false;
}

static void read_arguments(bench *b, int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--quick") == 0) {
            b->quick = true;
            b->runs = 2;
            b->vouchers = 100;
            b->providers = 8;
            for (int r = 0; r < ROW__COUNT; r++) {
                b->rows[r].size = b->rows[r].quick_size;
            }
        }
    }
    for (int i = 1; i < count; i++) {
        const char *option = arguments[i];
        const char *value = i + 1 < count ? arguments[i + 1] : NULL;
        if (strcmp(option, "--quick") == 0) {
            continue;
        }
        i++;
        if (strcmp(option, "--runs") == 0) {
            b->runs = number(value);
        } else if (strcmp(option, "--vouchers") == 0) {
            b->vouchers = number(value);
        } else if (strcmp(option, "--providers") == 0) {
            b->providers = number(value);
        } else if (strcmp(option, "--only") == 0 && value != NULL) {
            b->only = value;
        } else if (strcmp(option, "--dir") == 0 && value != NULL) {
            b->dir = value;
        } else if (strcmp(option, "--json") == 0 && value != NULL) {
            b->json_path = value;
        } else if (strcmp(option, "--audit") == 0 && value != NULL) {
            b->audit = value;
        } else if (!row_option(b, option, value)) {
            (void)fprintf(stderr, "usage: bench [--quick] [--runs N] [--vouchers N] [--providers N] [--only ROW] [--single N] [--hundreds N] [--thousands N]\n"
                                  "             [--batches N] [--starts N] [--dir NEW-DIR] [--json FILE] [--audit PROGRAM]\n");
            exit(2);
        }
    }
    if (b->runs > BENCH_RUNS_MAX || b->dir == NULL) {
        bench_stop("--dir is needed; at most 25 runs");
    }
}

/* Every row once a run, so that a slow minute hits all rows and their peers alike. */
static void run_all(bench *b, bench_world *world)
{
    uint64_t published = 0;
    run_publish(b, world, &published, false); /* the programme itself; a warm-up */
    for (size_t i = 0; i <= b->runs; i++) {
        for (row_id id = ROW_1; id <= ROW_BATCH; id++) {
            if (wanted(b, id)) {
                run_orders(b, world, id, i > 0);
            }
        }
        if (i > 0 && wanted(b, ROW_START)) {
            run_start(b, world);
        }
        if (i > 0 && wanted(b, ROW_PUBLISH)) {
            run_publish(b, world, &published, true);
        }
    }
    if (b->only == NULL) {
        bench_storage_measure(&b->storage, world);
    }
    if (wanted(b, ROW_AUDIT)) {
        run_audit(b, world, published);
    }
}

int main(int count, char **arguments)
{
    bench b = {.runs = 5, .vouchers = 3000, .providers = 64, .json_path = "build/bench.json", .audit = "build/zhidui-audit"};
    memcpy(b.rows, first_rows, sizeof first_rows);
    read_arguments(&b, count, arguments);
    b.load_before = bench_load();
    (void)printf("machine: %ld cores, load %.2f before; %zu runs, %zu vouchers, %zu providers; durable: synchronous=FULL\n", bench_cores(), b.load_before,
                 b.runs, b.vouchers, b.providers);
    zd_error err = {0};
    bench_need(zd_dir_make(b.dir, 0755, &err), &err, "dir");
    bench_world world;
    char *dir = path_in(&b, "ledger");
    bench_world_create(&world, dir, b.vouchers, b.providers);
    run_all(&b, &world);
    print_table(&b);
    (void)printf("load %.2f after\n", bench_load());
    write_json(&b);
    bench_world_free(&world);
    free(dir);
    return 0;
}
