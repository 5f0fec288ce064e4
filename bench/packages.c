/*
 * W10: a settlement package of many payees, as an office and its auditor meet it: `zhidui settle export` writes it, two more officers sign (each writes every file again, to
 * compare), stock git clones the history, `zhidui-audit package` checks all of it. Each is a process of its own; what counts beside the time is its memory.
 */
#include "bench/workload.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/settle/settlement.h"

#define BATCH "JS-package"
#define PAYEES_MAX 100000
#define USES_A_HOLDER 30
#define CALL 1000
#define FACTS_CALL 20
#define DAYS_OF_NOTICE 8
#define SETTLE_DATA "ledger/settle/data"
#define CONFIG \
    "{\"payer\":{\"name\":\"样例财政局\",\"code\":\"%s\",\"account\":\"9999000100000001\",\"bank_name\":\"样例银行绍兴分行\",\"bank_code\":\"313337009004\"," \
    "\"purpose\":\"科技创新券\",\"contact\":\"样例\"}}\n"

static void submit_all(bench_world *world, bench_notes *notes, size_t per_call)
{
    bench_notes_ready(notes);
    for (size_t i = 0; i < notes->count; i += per_call) {
        bench_submit(world, notes, i, i + per_call < notes->count ? i + per_call : notes->count, 0);
    }
    bench_notes_free(notes);
}

/* One redemption of each provider, with what makes it payable. */
static void redeem(bench_world *world, size_t payees)
{
    bench_notes notes = {0};
    bench_use *uses = zd_alloc(payees * sizeof *uses);
    for (size_t i = 0; i < payees; i++) {
        uses[i] = bench_use_plan(world, 0, BENCH_ANY);
    }
    bench_add_facts(&notes, world, uses, payees);
    submit_all(world, &notes, FACTS_CALL);
    for (size_t i = 0; i < payees; i++) {
        bench_add_direct(&notes, world, &uses[i]);
        if (notes.count == CALL || i + 1 == payees) {
            submit_all(world, &notes, CALL);
        }
    }
    free(uses);
    bench_world_pass_days(world, DAYS_OF_NOTICE);
}

static void act(bench_world *world, const char *key, const char *type, const char *fields)
{
    zd_buf text = {0};
    bench_header(&text, world, type);
    zd_buf_addf(&text, ",\"batch\":\"" BATCH "\",%s", fields);
    bench_act(world, key, &text);
    zd_buf_free(&text);
}

static const zd_rec_batch *sealed_batch(bench_world *world)
{
    return zd_book_find(zd_acts_book(zd_ledger_acts(world->ledger)), ZD_R_BATCH, "%s", BATCH);
}

static void seal_and_release(bench_world *world)
{
    zd_error err = {0};
    char fields[256];
    char pool[24];
    char day[ZD_DATE_TEXT];
    char hash[ZD_HASH_HEX];
    int64_t execution = 0;
    bench_need(zd_calendar_next_banking_day(&execution, SETTLE_DATA "/calendar", zd_day_of(world->now_unix_ms, ZD_ZONE_SHANGHAI_MS) + 2, &err), &err, "calendar");
    zd_date_text(day, execution);
    bench_pool(pool, world, 0);
    zd_format(fields, sizeof fields, "\"pool\":\"%s\",\"cutoff\":%llu,\"execution\":\"%s\"", pool, (unsigned long long)zd_ledger_size(world->ledger), day);
    act(world, "maker", "batch.seal", fields);
    for (size_t part = 2; sealed_batch(world)->state != ZD_B_SEALED; part++) {
        zd_format(fields, sizeof fields, "\"part\":%zu", part);
        act(world, "maker", "batch.continue", fields);
    }
    const zd_rec_batch *batch = sealed_batch(world);
    zd_hash_hex(hash, &batch->seal_sha256);
    zd_format(fields, sizeof fields, "\"seal_sha256\":\"%s\"", hash);
    act(world, "checker", "batch.approve", fields);
    batch = sealed_batch(world);
    zd_format(fields, sizeof fields, "\"count\":%lld,\"total_fen\":%lld", (long long)batch->count, (long long)batch->total_fen);
    act(world, "releaser", "batch.release", fields);
    bench_world_publish(world);
}

/* What an officer's computer has beside the ledger: the payer in config.json, the keys of three officers. */
static void write_office(const bench_world *world)
{
    static const char *const officers[] = {"maker", "checker", "releaser"};
    zd_error err = {0};
    zd_buf path = {0};
    zd_buf config = {0};
    char code[19];
    fx_code(code, "11", "330600", 999999);
    zd_buf_addf(&config, CONFIG, code);
    bench_need(zd_file_write(zd_path_join(&path, world->dir, "config.json"), zd_buf_span(&config), 0600, &err), &err, "config.json");
    for (size_t i = 0; i < ZD_COUNT(officers); i++) {
        bench_key_file(world, officers[i], zd_path_join(&path, world->dir, officers[i]));
    }
    zd_buf_free(&config);
    zd_buf_free(&path);
}

static bench_process must(const char *what, char *const argv[])
{
    static char output[65536];
    bench_process done = bench_process_read(output, sizeof output, argv);
    if (done.status != 0) {
        (void)fprintf(stderr, "%s\nbench: %s ended with %d\n", output, what, done.status);
        bench_stop("a program failed");
    }
    return done;
}

static bench_process export_as(const bench *b, const bench_world *world, const char *role)
{
    zd_buf key = {0};
    char words[][12] = {"settle", "export", "--batch", BATCH, "--key", "--role", "--ledger"};
    char *program = zd_strdup(b->zhidui);
    char *whose = zd_strdup(role);
    char *file = zd_strdup(zd_path_join(&key, world->dir, role));
    char *dir = zd_strdup(world->dir);
    char *argv[] = {program, words[0], words[1], words[2], words[3], words[4], file, words[5], whose, words[6], dir, NULL};
    bench_process done = must("settle export", argv);
    free(program);
    free(whose);
    free(file);
    free(dir);
    zd_buf_free(&key);
    return done;
}

static bench_process check(const bench *b, const bench_world *world, const char *package, const char *clone)
{
    char fingerprint[ZD_HASH_HEX];
    char words[][12] = {"package", "--repo", "--genesis"};
    char *program = zd_strdup(b->audit);
    char *dir = zd_strdup(package);
    char *repository = zd_strdup(clone);
    char *argv[] = {program, words[0], dir, words[1], repository, words[2], fingerprint, NULL};
    zd_hash_hex(fingerprint, &world->genesis);
    bench_process done = must("zhidui-audit package", argv);
    free(program);
    free(dir);
    free(repository);
    return done;
}

static void measure(bench *b, bench_row *row, const bench_world *world)
{
    char *package = NULL;
    char *clone = bench_path(b, "w10-clone.git");
    zd_buf path = {0};
    zd_buf_addf(&path, "%s/settlement/" BATCH, world->dir);
    package = zd_strdup(zd_buf_text(&path));
    bench_remove_tree(package);
    bench_clone(world, clone);
    bench_profile_on();
    bench_watch watch = bench_watch_start();
    bench_process written = export_as(b, world, "maker");
    bench_sample sample = bench_watch_stop(&watch);
    sample.seconds = written.seconds;
    sample.cpu_seconds = written.cpu_seconds;
    bench_process second = export_as(b, world, "checker");
    bench_process third = export_as(b, world, "releaser");
    bench_process checked = check(b, world, package, clone);
    bench_profile_off();
    bench_row_add(row, &sample, b->sizes[BENCH_PACKAGE], 0);
    bench_series_add(bench_row_figure(row, "export, memory", "MiB"), written.peak_mib);
    bench_series_add(bench_row_figure(row, "a further signature", "s"), (second.seconds + third.seconds) / 2);
    bench_series_add(bench_row_figure(row, "a further signature, memory", "MiB"), second.peak_mib > third.peak_mib ? second.peak_mib : third.peak_mib);
    bench_series_add(bench_row_figure(row, "zhidui-audit package", "s"), checked.seconds);
    bench_series_add(bench_row_figure(row, "zhidui-audit package, CPU", "s"), checked.cpu_seconds);
    bench_series_add(bench_row_figure(row, "zhidui-audit package, memory", "MiB"), checked.peak_mib);
    bench_series_add(bench_row_figure(row, "package", "MiB"), (double)bench_tree_bytes(package) / (1024 * 1024));
    bench_remove_tree(clone);
    zd_buf_free(&path);
    free(package);
    free(clone);
}

void bench_w10_package(bench *b)
{
    bench_world world;
    size_t payees = b->sizes[BENCH_PACKAGE];
    char *dir = bench_path(b, "w10");
    if (payees > PAYEES_MAX || payees < BENCH_PROVIDERS) {
        bench_stop("--package takes 70 to 100,000 payees");
    }
    bench_row *row = bench_report_row(&b->report, "W10", "package", "a settlement package written", "payees/s",
                                      "one redemption of each payee, sealed, released and published; zhidui settle export in all forms of statements, two further signatures, zhidui-audit package "
                                      "against a fresh clone; each a process of its own");
    bench_world_create(&world, dir, payees * FX_PLACES / USES_A_HOLDER + 200, payees, false);
    bench_world_add_accounts(&world);
    redeem(&world, payees);
    seal_and_release(&world);
    write_office(&world);
    bench_world_close(&world);
    for (size_t i = 0; i < b->runs; i++) {
        bench_say("W10, run %zu of %zu", i + 1, b->runs);
        measure(b, row, &world);
    }
    bench_row_goal(row, "memory of the export, MiB", false, 512, bench_most(bench_row_figure(row, "export, memory", "MiB")));
    bench_row_goal(row, "memory of zhidui-audit package, MiB", false, 512, bench_most(bench_row_figure(row, "zhidui-audit package, memory", "MiB")));
    bench_world_free(&world);
    bench_remove_tree(dir);
    free(dir);
}
