/*
 * settle preview and seal: what a seal would hold, and the seal itself, moved to a banking day. A long seal is written in parts: between two of them the ledger is closed,
 * so that others may write, and the same command run again goes on with a draft that was left. Decides nothing: cut-off, parts and order are the ledger's.
 */
#include <string.h>
#include <time.h>

#include "cli/command.h"
#include "cli/payee_findings.h"
#include "ledger/base/durable.h"
#include "ledger/engine/settlement_view.h"

/* Banks are closed on a holiday: the day named becomes the next banking day, and the officer is told. A year without calendar data is an error, not a guess. */
static zd_status move_to_banking_day(char out[ZD_DATE_TEXT], zd_cli *cli, const char *wanted)
{
    zd_buf calendar = {0};
    int64_t day = 0;
    int64_t banking = 0;
    zd_status status = ZD_OK;
    if (!zd_date_parse(&day, zd_span_text(wanted))) {
        status = zd_fail(&cli->error, ZD_E_DATE_MALFORMED, "--execution");
        zd_error_field(&cli->error, "execution", zd_span_text(wanted));
    }
    if (status == ZD_OK) {
        status = zd_calendar_next_banking_day(&banking, zd_path_join(&calendar, zd_cli_settle_data(cli), "calendar"), day, &cli->error);
    }
    if (status == ZD_OK) {
        zd_date_text(out, banking);
        if (banking != day) {
            (void)fprintf(cli->talk, cli->chinese ? "%s 不是银行工作日，执行日期改为 %s\n" : "%s is no banking day; execution on %s\n", wanted, out);
        }
    }
    zd_buf_free(&calendar);
    return status;
}

/* The number of the next part of a draft; 0 = the batch is none. */
static int64_t next_part(zd_ledger *ledger, const char *batch)
{
    const zd_rec_batch *record = zd_book_find(zd_acts_book(zd_ledger_acts(ledger)), ZD_R_BATCH, "%.40s", batch);
    return record != NULL && record->state == ZD_B_DRAFT ? record->part + 1 : 0;
}

static zd_status peek(int64_t *part, zd_cli *cli, const char *batch)
{
    zd_ledger *ledger = NULL;
    zd_status status = zd_cli_open(&ledger, cli, false);
    if (status == ZD_OK) {
        *part = next_part(ledger, batch);
        status = zd_book_trouble(zd_acts_book(zd_ledger_acts(ledger)), &cli->error);
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

static int64_t monotonic_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Leaves the ledger to others for a while. */
static void rest_after(int64_t started_ns)
{
    int64_t ns = (monotonic_ns() - started_ns) * ZD_SEAL_REST_TIMES;
    const struct timespec pause = {.tv_sec = (time_t)(ns / 1000000000), .tv_nsec = (long)(ns % 1000000000)};
    (void)nanosleep(&pause, NULL);
}

/* One more part; *part becomes the number of the next one, 0 when the seal is closed. */
static zd_status write_part(int64_t *part, zd_cli *cli, const char *batch)
{
    zd_ledger *ledger = NULL;
    zd_signer *signer = NULL;
    char id[ZD_ID_SIZE];
    char members[120];
    zd_format(members, sizeof members, "\"batch\":\"%.40s\",\"part\":%lld", batch, (long long)*part);
    zd_status status = zd_cli_random_id(id, "p");
    status = status == ZD_OK ? zd_cli_signer(&signer, cli) : status;
    status = status == ZD_OK ? zd_cli_open_in_turn(&ledger, cli) : status;
    if (status == ZD_OK) {
        status = zd_cli_submit(cli, ledger, signer, zd_request_name(ZD_REQ_BATCH_CONTINUE), id, zd_span_text(members), NULL);
    }
    if (status == ZD_OK) {
        *part = next_part(ledger, batch);
        status = zd_book_trouble(zd_acts_book(zd_ledger_acts(ledger)), &cli->error);
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_signer_close(signer);
    return status;
}

zd_status zd_cmd_settle_seal(zd_cli *cli, const zd_command *command)
{
    char execution[ZD_DATE_TEXT];
    zd_command request = *command;
    const char *wanted = NULL;
    const char *batch = NULL;
    int64_t part = 0;
    int64_t started_ns = monotonic_ns();
    zd_status status = zd_cli_need(&wanted, cli, "execution");
    status = status == ZD_OK ? zd_cli_need(&batch, cli, "batch") : status;
    if (status == ZD_OK) {
        status = move_to_banking_day(execution, cli, wanted);
    }
    for (size_t i = 0; i < cli->option_count && status == ZD_OK; i++) {
        if (strcmp(cli->options[i].name, "execution") == 0) {
            cli->options[i].value = execution;
        }
    }
    status = status == ZD_OK ? peek(&part, cli, batch) : status;
    if (status == ZD_OK && part != 0) {
        (void)fprintf(cli->talk, cli->chinese ? "批次 %s 已封存至第 %lld 部分，继续\n" : "%s was sealed up to part %lld; going on\n", batch, (long long)part - 1);
    } else if (status == ZD_OK) {
        request.request = ZD_REQ_BATCH_SEAL;
        status = zd_cmd_request(cli, &request);
        status = status == ZD_OK ? peek(&part, cli, batch) : status;
    }
    while (status == ZD_OK && part != 0) {
        rest_after(started_ns);
        started_ns = monotonic_ns();
        status = write_part(&part, cli, batch);
    }
    return status;
}

/* --- preview --- */

typedef struct preview {
    zd_cli *cli;
    zd_ledger *ledger;
    zd_signer *signer;
    char key[101];
    uint64_t seq;
} preview;

/* One request, signed and decided like a real one; its decisions are printed. */
static zd_status try_request(preview *p, const char *type, const char *id, const char *members)
{
    zd_error *err = &p->cli->error;
    zd_buf note = {0};
    zd_group group = {0};
    zd_note parsed;
    zd_incoming in = {.seq = p->seq, .at_unix_ms = zd_ledger_now(p->ledger)};
    zd_status status = zd_cli_sign(&note, p->ledger, p->signer, type, id, zd_ledger_now(p->ledger) + ZD_DAY_MS, zd_span_text(members), err);
    status = status == ZD_OK ? zd_note_split(&parsed, zd_buf_span(&note), err) : status;
    status = status == ZD_OK ? zd_acts_signer(&in.signer, zd_ledger_acts(p->ledger), parsed.signatures[0].name, parsed.signatures[0].key_id, err) : status;
    if (status == ZD_OK) {
        in.text = parsed.text;
        status = zd_acts_submit(&group, zd_ledger_acts(p->ledger), &in, err);
    }
    for (size_t i = 0; i < group.count && status == ZD_OK; i++) {
        zd_buf line = {0};
        zd_decision_encode(&line, &group.decisions[i], zd_acts_check_name);
        (void)fwrite(line.data, 1, line.size, p->cli->out);
        zd_buf_free(&line);
    }
    if (status == ZD_OK && group.decisions[0].outcome == ZD_REFUSED_BY_RULE) {
        status = ZD_REFUSED;
    }
    p->seq += group.count;
    zd_group_free(&group);
    zd_buf_free(&note);
    return status;
}

static zd_status show_payees(preview *p)
{
    zd_buf line = {0};
    zd_jw w = zd_jw_begin(&line);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_status status = zd_cli_payee_findings(&w, p->cli, p->ledger, "PREVIEW");
    if (status == ZD_OK) {
        zd_jw_close(&w);
        (void)fprintf(p->cli->out, "%s\n", zd_buf_text(&line));
    }
    zd_buf_free(&line);
    return status;
}

/* Dry run of a seal, all its parts; thrown away with the working set, because the ledger is opened for reading. */
zd_status zd_cmd_settle_preview(zd_cli *cli, const zd_command *command)
{
    (void)command;
    preview p = {.cli = cli};
    const char *pool = NULL;
    const char *execution = NULL;
    char members[256];
    zd_status status = zd_cli_need(&pool, cli, "pool");
    status = status == ZD_OK ? zd_cli_need(&execution, cli, "execution") : status;
    status = status == ZD_OK ? zd_cli_signer(&p.signer, cli) : status;
    status = status == ZD_OK ? zd_cli_open(&p.ledger, cli, false) : status;
    status = status == ZD_OK ? zd_cli_key_name(p.key, p.ledger, p.signer, &cli->error) : status;
    if (status == ZD_OK) {
        p.seq = zd_ledger_size(p.ledger);
        zd_format(members, sizeof members, "\"batch\":\"PREVIEW\",\"pool\":\"%.40s\",\"cutoff\":%llu,\"execution\":\"%.10s\"", pool, (unsigned long long)p.seq, execution);
        status = try_request(&p, zd_request_name(ZD_REQ_BATCH_SEAL), "preview", members);
    }
    for (int64_t part = status == ZD_OK ? next_part(p.ledger, "PREVIEW") : 0; part != 0 && status == ZD_OK; part = next_part(p.ledger, "PREVIEW")) {
        char id[ZD_ID_SIZE];
        zd_format(id, sizeof id, "preview-%lld", (long long)part);
        zd_format(members, sizeof members, "\"batch\":\"PREVIEW\",\"part\":%lld", (long long)part);
        status = try_request(&p, zd_request_name(ZD_REQ_BATCH_CONTINUE), id, members);
    }
    status = status == ZD_OK ? show_payees(&p) : status;
    zd_signer_close(p.signer);
    (void)zd_ledger_close(p.ledger, NULL);
    return status;
}
