/*
 * demo: a whole synthetic programme year, end to end, on a fresh ledger. Reads top to bottom: found the ledger, then go along the days of the year in
 * order, then report. Everything it submits could have been typed; nothing in the engine knows that this is a demo.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cli/demo.h"
#include "ledger/base/durable.h"
#include "ledger/settle/settlement.h"

#define YEAR 2026
#define LAST_MONTH 11
#define HOUR_MS INT64_C(3600000)

typedef enum step_kind { STEP_SEAL, STEP_RELEASE, STEP_DEBITED, STEP_ARRIVED } step_kind;

typedef struct step {
    int64_t at_ms;
    step_kind kind;
    int month;
    int64_t execution_day;
} step;

static int64_t at(int64_t day, int hour)
{
    return zd_day_start(day, ZD_ZONE_SHANGHAI_MS) + hour * HOUR_MS;
}

static int64_t last_day_of(int month)
{
    return zd_day_from(month == 12 ? YEAR + 1 : YEAR, month == 12 ? 1 : month + 1, 1) - 1;
}

static int by_time(const void *a, const void *b)
{
    const step *left = a;
    const step *right = b;
    return (left->at_ms > right->at_ms) - (left->at_ms < right->at_ms);
}

/* Each month: sealed on its last day, approved and released the day after, debited on the execution day, arrived three days later. */
static zd_status plan_steps(step *steps, size_t *count, zd_demo *demo)
{
    zd_buf calendar = {0};
    const char *path = zd_path_join(&calendar, demo->settle_data, "calendar");
    zd_status status = ZD_OK;
    *count = 0;
    for (int month = 1; month <= LAST_MONTH && status == ZD_OK; month++) {
        int64_t end = last_day_of(month);
        int64_t execution = 0;
        status = zd_calendar_next_banking_day(&execution, path, end + 3, &demo->cli->error);
        if (status == ZD_OK) {
            steps[(*count)++] = (step){at(end, 16), STEP_SEAL, month, execution};
            steps[(*count)++] = (step){at(end + 1, 9), STEP_RELEASE, month, execution};
            steps[(*count)++] = (step){at(execution, 18), STEP_DEBITED, month, execution};
            steps[(*count)++] = (step){at(execution + 3, 18), STEP_ARRIVED, month, execution};
        }
    }
    qsort(steps, *count, sizeof *steps, by_time);
    zd_buf_free(&calendar);
    return status;
}

static zd_status run_step(zd_demo *demo, const step *now)
{
    demo->now_ms = now->at_ms;
    switch (now->kind) {
    case STEP_SEAL:
        return zd_demo_seal(demo, now->month, now->execution_day);
    case STEP_RELEASE:
        return zd_demo_release(demo, now->month);
    case STEP_DEBITED:
        return zd_demo_answer(demo, now->month, false);
    case STEP_ARRIVED:
        return zd_demo_answer(demo, now->month, true);
    }
    return ZD_OK;
}

static void progress(zd_demo *demo, int64_t day)
{
    if (zd_cli_is_terminal(demo->cli->talk)) {
        char date[ZD_DATE_TEXT];
        zd_date_text(date, day);
        (void)fprintf(demo->cli->talk, "\r%s  %llu ", date, (unsigned long long)zd_ledger_size(demo->ledger));
        (void)fflush(demo->cli->talk);
    }
}

static zd_status one_day(zd_demo *demo, int64_t day, bool *granted)
{
    demo->now_ms = at(day, 10);
    progress(demo, day);
    zd_status status = zd_demo_hand_in(demo, day);
    if (status == ZD_OK) {
        demo->now_ms += HOUR_MS;
        status = zd_demo_second_all(demo);
    }
    zd_book_cursor admitted = zd_book_scan(zd_acts_book(zd_ledger_acts(demo->ledger)), ZD_R_PROVIDER, "%s", "");
    if (status == ZD_OK && !*granted) {
        *granted = zd_book_next(&admitted);
        status = *granted ? zd_demo_grant_providers(demo) : status;
        status = status == ZD_OK && *granted ? zd_demo_publish(demo) : status; /* everything later is published at month ends */
    }
    return status;
}

static zd_status run_year(zd_demo *demo)
{
    step steps[4 * LAST_MONTH];
    size_t count = 0;
    size_t next = 0;
    bool granted = false;
    zd_status status = plan_steps(steps, &count, demo);
    while (status == ZD_OK) {
        int64_t day = zd_demo_next_day(demo);
        bool files_first = day != INT64_MAX && (next == count || at(day, 12) < steps[next].at_ms);
        if (files_first) {
            status = one_day(demo, day, &granted);
        } else if (next < count) {
            status = run_step(demo, &steps[next++]);
        } else {
            return zd_demo_publish(demo);
        }
    }
    return status;
}

static void free_demo(zd_demo *demo)
{
    (void)zd_ledger_close(demo->ledger, NULL);
    for (size_t i = 0; i < ZD_DEMO_OFFICERS; i++) {
        zd_signer_close(demo->officers[i].signer);
    }
    for (size_t i = 0; i < demo->provider_count; i++) {
        zd_signer_close(demo->providers[i].signer);
    }
    for (size_t i = 0; i < ZD_DEMO_FILES; i++) {
        zd_import_free(demo->files[i]);
    }
    zd_buf_free(&demo->waiting);
    free(demo->providers);
    free(demo->orders);
    free(demo->items);
    free(demo);
}

zd_status zd_cmd_demo(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_demo *demo = zd_alloc_zero(1, sizeof *demo);
    demo->cli = cli;
    demo->now_ms = at(zd_day_from(YEAR, 1, 5), 9);
    cli->ledger_options.clock = zd_clock_fixed(&demo->now_ms);
    zd_status status = zd_cli_need(&demo->data, cli, "data");
    status = status == ZD_OK ? zd_cli_need(&demo->policy, cli, "policy") : status;
    status = status == ZD_OK ? zd_cli_need(&demo->settle_data, cli, "settle-data") : status;
    status = status == ZD_OK ? zd_cli_need(&demo->out, cli, "out") : status;
    if (status == ZD_OK && zd_path_exists(demo->out)) {
        status = zd_fail(&cli->error, ZD_E_FILE_EXISTS, "the demo makes its folder anew / 演示目录须不存在");
        zd_error_subject(&cli->error, zd_span_text(demo->out));
    }
    status = status == ZD_OK ? zd_demo_read(demo) : status;
    status = status == ZD_OK ? zd_demo_found(demo) : status;
    status = status == ZD_OK ? run_year(demo) : status;
    (void)fprintf(cli->talk, "%s", zd_cli_is_terminal(cli->talk) ? "\r                              \r" : "");
    status = status == ZD_OK ? zd_demo_report(demo) : status;
    free_demo(demo);
    return status;
}
