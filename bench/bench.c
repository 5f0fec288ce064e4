/*
 * ./run bench: how fast the ledger is, on this machine, in this minute, next to what people use and to what the machine can do at most. Measures the workloads W1 to W10,
 * writes one JSON file; bench/table.py prints it. Every figure is durable (synchronous=FULL) and every run is checked: a request that is not accepted ends the
 * program. What each row means stands in bench/README.md. Must not assert times: machines differ, and so do their neighbours.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/trail/trail.h"
#include "bench/workload.h"
#include "ledger/base/durable.h"

static const struct {
    const char *option;
    size_t normal;
    size_t quick;
} sizes[BENCH_SIZE__COUNT] = {
    [BENCH_SINGLE] = {"--single", 500, 20},
    [BENCH_FILE] = {"--file", 6000, 150},
    [BENCH_CLIENTS] = {"--clients", 3000, 200},
    [BENCH_BATCHES] = {"--batches", 60, 2},
    [BENCH_HOT] = {"--hot", 3000, 60},
    [BENCH_PHASES] = {"--phases", 2000, 40},
    [BENCH_LINES] = {"--lines", 100000, 150},
    [BENCH_PAYEES] = {"--payees", 1000, 150},
    [BENCH_REPLAYS] = {"--replays", 4000, 100},
    [BENCH_VERIFY] = {"--verify", 20000, 150},
    [BENCH_VERIFY_ITEMS] = {"--verify-items", 100000, 300},
    [BENCH_GROWTH_FROM] = {"--growth-from", 10000, 1500},
    [BENCH_GROWTH_TO] = {"--growth", 1000000, 3000},
    [BENCH_PUBLISH_EVERY] = {"--publish-every", 1000, 1000},
    [BENCH_PACKAGE] = {"--package", 10000, 80},
};

static const struct {
    const char *name;
    void (*run)(bench *b);
} workloads[] = {{"W1", bench_w1_single}, {"W2", bench_w2_signed}, {"W3", bench_w3_batches}, {"W4", bench_w4_hot}, {"W5", bench_w5_phases},
               {"W6", bench_w6_seal}, {"W7", bench_w7_replays}, {"W8", bench_w8_verify}, {"W9", bench_w9_growth}, {"W10", bench_w10_package}};

static const char usage[] =
    "usage: ./run bench [--quick] [--rows W2,W8] [--runs N] [--without-postgres] [--postgres-scale N] [--postgres-seconds N] [--place DIR]\n"
    "                   [--profile ROW] [--markdown [zh]] and the size of a run: [--single N] [--file N] [--clients N] [--batches N] [--hot N] [--phases N]\n"
    "                   [--lines N] [--payees N] [--replays N] [--verify N] [--verify-items N] [--growth-from N] [--growth N] [--publish-every N] [--package N]\n";

static size_t number(const char *text)
{
    char *end = NULL;
    unsigned long value = text != NULL ? strtoul(text, &end, 10) : 0;
    if (value == 0 || *end != '\0' || value > 100000000) {
        bench_stop("a size is a whole number from 1 to 100,000,000");
    }
    return value;
}

static bool size_option(bench *b, const char *option, const char *value)
{
    for (size_t i = 0; i < BENCH_SIZE__COUNT; i++) {
        if (strcmp(option, sizes[i].option) == 0) {
            b->sizes[i] = number(value);
            return true;
        }
    }
    return false;
}

static bool text_option(bench *b, const char *option, const char *value)
{
    const struct {
        const char *option;
        const char **where;
    } texts[] = {{"--rows", &b->selection}, {"--dir", &b->dir}, {"--json", &b->json_path}, {"--zhidui", &b->zhidui}, {"--audit", &b->audit},
                 {"--postgres-socket", &b->postgres.socket_dir}, {"--pgbench", &b->postgres.pgbench}, {"--postgres-settings", &b->postgres.settings},
                 {"--postgres-missing", &b->postgres.why_not}, {"--profile-control", &b->profile_control}, {"--profile-answer", &b->profile_answer}};
    for (size_t i = 0; i < ZD_COUNT(texts); i++) {
        if (strcmp(option, texts[i].option) == 0 && value != NULL) {
            *texts[i].where = value;
            return true;
        }
    }
    return false;
}

static bool is_switch(bench *b, const char *option)
{
    if (strcmp(option, "--quick") == 0) {
        b->quick = true;
    } else if (strcmp(option, "--without-postgres") == 0) {
        b->postgres_optional = true;
    } else if (strcmp(option, "--no-peers") == 0) {
        b->peers = false;
    } else {
        return false;
    }
    return true;
}

static void read_arguments(bench *b, int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        (void)is_switch(b, arguments[i]);
    }
    b->runs = b->quick ? 2 : b->runs;
    for (size_t i = 0; i < BENCH_SIZE__COUNT; i++) {
        b->sizes[i] = b->quick ? sizes[i].quick : sizes[i].normal;
    }
    for (int i = 1; i < count; i++) {
        const char *option = arguments[i];
        if (is_switch(b, option)) {
            continue;
        }
        const char *value = i + 1 < count ? arguments[++i] : NULL;
        if (strcmp(option, "--runs") == 0) {
            b->runs = number(value);
        } else if (strcmp(option, "--postgres-seconds") == 0) {
            b->postgres.seconds = number(value);
        } else if (!text_option(b, option, value) && !size_option(b, option, value)) {
            (void)fprintf(stderr, "bench: %s?\n%s", option, usage);
            exit(2);
        }
    }
    if (b->runs > BENCH_RUNS_MAX || b->dir == NULL) {
        bench_stop("--dir is needed; at most 25 runs");
    }
}

static bool wanted(const bench *b, const char *name)
{
    zd_span rest = zd_span_text(b->selection);
    bool found = b->selection == NULL;
    while (rest.size > 0) {
        zd_span head;
        rest = zd_span_cut(&head, rest, ',');
        found = found || zd_span_is(head, name);
    }
    return found;
}

int main(int count, char **arguments)
{
    if (count > 2 && strcmp(arguments[1], "--measure") == 0) {
        return bench_process_measure(arguments + 2);
    }
    bench *b = zd_alloc_zero(1, sizeof *b);
    *b = (bench){.runs = 5, .peers = true, .json_path = "build/bench.json", .zhidui = "build/zhidui", .audit = "build/zhidui-audit", .postgres = {.seconds = 10, .why_not = "no server was started"}};
    read_arguments(b, count, arguments);
    if (b->profile_control != NULL && (b->profile_answer == NULL || !bench_profile_open(b->profile_control, b->profile_answer))) {
        bench_stop("the profiler cannot be reached");
    }
    zd_error err = {0};
    bench_need(zd_dir_make(b->dir, 0755, &err), &err, "dir");
    b->report.load_before = bench_load();
    b->report.postgres = b->postgres.socket_dir != NULL ? b->postgres.settings : b->postgres.why_not;
    for (size_t i = 0; i < ZD_COUNT(workloads); i++) {
        if (wanted(b, workloads[i].name)) {
            workloads[i].run(b);
        }
    }
    if (b->report.row_count == 0) {
        bench_stop("no such row: W1 to W10");
    }
    if (!bench_report_write(&b->report, b->json_path, b->quick, b->runs)) {
        bench_stop("cannot write the JSON file");
    }
    bool whole = b->quick || b->postgres_optional || !bench_report_missing_peer(&b->report);
    if (!whole) {
        (void)fprintf(stderr, "bench: A PEER IS MISSING: %s. --without-postgres leaves it out on purpose.\n", b->postgres.why_not);
    }
    free(b);
    zd_trail_stop(); /* not after each ledger: it cannot be started again */
    return whole ? 0 : 1;
}
