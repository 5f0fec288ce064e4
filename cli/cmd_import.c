/*
 * import: a file of an office becomes signed requests. Everything is checked before anything is sent: a fault anywhere stops the whole file, unless --partial loads
 * the good lines and leaves the others in FILE.rejected.csv. What was loaded before is not loaded again. Refusals by a rule are decisions, shown line by line.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/import.h"
#include "ledger/base/durable.h"

typedef struct tally {
    size_t accepted, held, gated, proposed, refused, known, faulty, fresh;
} tally;

typedef struct progress {
    zd_cli *cli;
    size_t done;
    size_t all;
    time_t started;
    bool shown;
} progress;

static void show_progress(void *context, zd_import *import, size_t row)
{
    progress *p = context;
    (void)import;
    (void)row;
    p->done++;
    if (zd_cli_is_terminal(p->cli->talk) && p->done % 200 == 0 && time(NULL) - p->started > 1) {
        p->shown = true;
        (void)fprintf(p->cli->talk, "\r%zu / %zu", p->done, p->all);
        (void)fflush(p->cli->talk);
    }
}

/* --- what kind of file --- */

static zd_status list_kinds(zd_cli *cli)
{
    size_t count = 0;
    zd_buf line = {0};
    const zd_import_kind *kinds = zd_import_kinds(&count);
    for (size_t i = 0; i < count; i++) {
        zd_buf_addf(&line, "%s%s", i > 0 ? " " : "", kinds[i].name);
    }
    (void)fprintf(cli->talk, "%s\n", zd_buf_text(&line));
    zd_buf_free(&line);
    return zd_cli_usage(cli, "zhidui import KIND FILE; the kinds are above / 类别见上");
}

static zd_status choose(const zd_import_kind **kind, const char **path, zd_cli *cli, const zd_command *command)
{
    char name[64];
    bool general = strcmp(command->noun, "import") == 0;
    bool facts = strcmp(command->noun, "fact") == 0;
    bool named = general || facts || strcmp(command->noun, "redeem") == 0;
    size_t needed = named ? 2 : 1;
    if (cli->word_count != needed) {
        return list_kinds(cli);
    }
    *path = cli->words[needed - 1];
    zd_format(name, sizeof name, "%s%.40s", facts ? "fact-" : "", named ? cli->words[0] : command->noun);
    *kind = zd_import_kind_find(name);
    if (*kind == NULL) {
        zd_error_field(&cli->error, "kind", zd_span_text(name));
        return list_kinds(cli);
    }
    return ZD_OK;
}

/* --- reporting --- */

static void print_problems(zd_cli *cli, const zd_import *import)
{
    for (size_t i = 0; i < import->problem_count; i++) {
        zd_cli_print_error(cli, &import->problems[i].error);
    }
}

static void print_refusal(zd_cli *cli, const zd_import *import, size_t row)
{
    const zd_import_row *at = &import->rows[row];
    zd_error error = {.code = zd_code_find(zd_span_text(at->code)), .line = zd_sheet_line(import->sheet, row)};
    zd_error_subject(&error, zd_span_text(import->path));
    zd_error_field(&error, "id", zd_span_text(at->id));
    zd_cli_print_error(cli, &error);
}

static tally count_rows(zd_cli *cli, const zd_import *import)
{
    tally t = {0};
    for (size_t i = 0; i < import->row_count; i++) {
        const zd_import_row *row = &import->rows[i];
        t.known += row->state == ZD_ROW_KNOWN ? 1 : 0;
        t.faulty += row->state == ZD_ROW_FAULTY ? 1 : 0;
        t.fresh += row->state == ZD_ROW_NEW ? 1 : 0;
        if (row->state != ZD_ROW_DECIDED) {
            continue;
        }
        t.accepted += row->outcome == ZD_ACCEPTED ? 1 : 0;
        t.gated += row->outcome == ZD_ACCEPTED && row->gates != 0 ? 1 : 0;
        t.held += row->outcome == ZD_HELD ? 1 : 0;
        t.proposed += row->outcome == ZD_PROPOSED ? 1 : 0;
        if (row->outcome == ZD_REFUSED_BY_RULE) {
            t.refused++;
            print_refusal(cli, import, i);
        }
    }
    return t;
}

static void print_tally(zd_cli *cli, const zd_import *import, bool dry)
{
    tally t = count_rows(cli, import);
    if (cli->json) {
        zd_buf line = {0};
        zd_jw w = zd_jw_begin(&line);
        zd_jw_object(&w, NULL);
        zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
        zd_jw_cstr(&w, "kind", import->kind->name);
        zd_jw_int(&w, "rows", (int64_t)import->row_count);
        zd_jw_int(&w, "accepted", (int64_t)t.accepted);
        zd_jw_int(&w, "gated", (int64_t)t.gated);
        zd_jw_int(&w, "held", (int64_t)t.held);
        zd_jw_int(&w, "proposed", (int64_t)t.proposed);
        zd_jw_int(&w, "refused", (int64_t)t.refused);
        zd_jw_int(&w, "already_loaded", (int64_t)t.known);
        zd_jw_int(&w, "faulty", (int64_t)t.faulty);
        zd_jw_int(&w, "not_sent", (int64_t)t.fresh);
        zd_jw_close(&w);
        (void)fprintf(cli->out, "%s\n", zd_buf_text(&line));
        zd_buf_free(&line);
        return;
    }
    if (cli->chinese) {
        (void)fprintf(cli->out, "%s：共 %zu 行，受理 %zu（其中待数据 %zu），暂缓 %zu，待第二人 %zu，拒绝 %zu，此前已导入 %zu，有误 %zu%s\n", import->kind->chinese,
                      import->row_count, t.accepted, t.gated, t.held, t.proposed, t.refused, t.known, t.faulty, dry ? "；仅检查，未提交" : "");
    } else {
        (void)fprintf(cli->out, "%s: %zu lines, %zu accepted (%zu wait for data), %zu held, %zu proposed, %zu refused, %zu already loaded, %zu faulty%s\n",
                      import->kind->name, import->row_count, t.accepted, t.gated, t.held, t.proposed, t.refused, t.known, t.faulty,
                      dry ? "; checked only, nothing was sent" : "");
    }
}

/* --- the work --- */

static zd_status write_rejected(zd_cli *cli, const zd_import *import)
{
    zd_buf path = {0};
    zd_buf content = {0};
    size_t *rows = zd_alloc_zero(import->row_count + 1, sizeof *rows);
    size_t count = 0;
    for (size_t i = 0; i < import->row_count; i++) {
        if (import->rows[i].state == ZD_ROW_FAULTY) {
            rows[count++] = i;
        }
    }
    zd_status status = ZD_OK;
    if (count > 0) {
        zd_buf_addf(&path, "%s.rejected.csv", import->path);
        status = zd_sheet_write_rows(&content, import->sheet, rows, count, &cli->error);
        status = status == ZD_OK ? zd_file_write(zd_buf_text(&path), zd_buf_span(&content), 0644, &cli->error) : status;
        if (status == ZD_OK) {
            (void)fprintf(cli->talk, cli->chinese ? "有误的 %zu 行已写入 %s，改正后再次导入\n" : "the %zu faulty lines are in %s: correct them and load that file\n", count,
                          zd_buf_text(&path));
        }
    }
    free(rows);
    zd_buf_free(&path);
    zd_buf_free(&content);
    return status;
}

static zd_status expiry(int64_t *out, zd_cli *cli, zd_ledger *ledger)
{
    const char *days = zd_cli_option(cli, "expires");
    int64_t count = 0;
    for (const char *c = days != NULL ? days : "7"; *c != '\0'; c++) {
        count = *c >= '0' && *c <= '9' && count < 100 ? count * 10 + (*c - '0') : 100;
    }
    if (count < 1 || count > 30) {
        return zd_cli_usage(cli, "--expires takes 1 to 30 days / --expires 取 1 到 30 天");
    }
    *out = zd_ledger_now(ledger) + count * ZD_DAY_MS;
    return ZD_OK;
}

static zd_status send_rows(zd_cli *cli, zd_import *import, zd_ledger *ledger, const zd_signer *signer, const zd_rec_key *key)
{
    char name[sizeof key->name];
    zd_import_hand hand = {.signer = signer, .origin = zd_ledger_origin(ledger), .key_name = name};
    size_t *rows = zd_alloc_zero(import->row_count + 1, sizeof *rows);
    size_t count = 0;
    zd_import_notes *notes = zd_import_notes_new();
    zd_format(name, sizeof name, "%s", key->name);
    for (size_t i = 0; i < import->row_count; i++) {
        if (import->rows[i].state == ZD_ROW_NEW) {
            rows[count++] = i;
        }
    }
    progress p = {.cli = cli, .all = count, .started = time(NULL)};
    zd_status status = zd_import_store_private(import, ledger, &cli->error);
    status = status == ZD_OK ? expiry(&hand.expires_unix_ms, cli, ledger) : status;
    status = status == ZD_OK ? zd_import_sign(notes, import, rows, count, &hand, &cli->error) : status;
    status = status == ZD_OK ? zd_import_submit(ledger, notes, show_progress, &p, &cli->error) : status;
    (void)fprintf(cli->talk, "%s", p.shown ? "\r                    \r" : "");
    zd_import_notes_free(notes);
    free(rows);
    return status;
}

static bool any_refused(const zd_import *import)
{
    for (size_t i = 0; i < import->row_count; i++) {
        if (import->rows[i].state == ZD_ROW_DECIDED && import->rows[i].outcome == ZD_REFUSED_BY_RULE) {
            return true;
        }
    }
    return false;
}

/* The file is read and looked up; what now? */
static zd_status load(zd_cli *cli, zd_import *import, zd_ledger *ledger, const zd_signer *signer, const zd_rec_key *key)
{
    bool dry = zd_cli_switch(cli, "dry-run");
    bool partial = zd_cli_switch(cli, "partial");
    bool header_bad = import->problem_count > 0 && import->problems[0].row == ZD_IMPORT_HEADER;
    zd_status status = ZD_OK;
    print_problems(cli, import);
    bool stop = header_bad || (import->problem_count > 0 && !partial);
    if (!dry && !stop) {
        status = send_rows(cli, import, ledger, signer, key);
    }
    if (status == ZD_OK && partial && !header_bad && !dry) {
        status = write_rejected(cli, import);
    }
    print_tally(cli, import, dry);
    if (stop && !dry) {
        (void)fprintf(cli->talk, cli->chinese ? "未导入任何一行\n" : "nothing was loaded\n");
    }
    if (status == ZD_OK && import->problem_count > 0) {
        return ZD_MALFORMED;
    }
    return status == ZD_OK && any_refused(import) ? ZD_REFUSED : status;
}

zd_status zd_cmd_import(zd_cli *cli, const zd_command *command)
{
    const zd_import_kind *kind = NULL;
    const char *path = NULL;
    zd_ledger *ledger = NULL;
    zd_signer *signer = NULL;
    zd_import *import = NULL;
    const zd_rec_key *key = NULL;
    zd_status status = choose(&kind, &path, cli, command);
    status = status == ZD_OK ? zd_cli_signer(&signer, cli) : status;
    status = status == ZD_OK ? zd_import_read(&import, kind, path, NULL, &cli->error) : status;
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, true) : status;
    if (status == ZD_OK) {
        key = zd_cli_key_record(ledger, signer);
        status = zd_book_trouble(zd_acts_book(zd_ledger_acts(ledger)), &cli->error);
        status = status == ZD_OK && key == NULL ? zd_fail(&cli->error, ZD_E_KEY_UNKNOWN, "this key was never granted") : status;
    }
    status = status == ZD_OK ? zd_import_look_up(import, ledger, key, &cli->error) : status;
    status = status == ZD_OK ? load(cli, import, ledger, signer, key) : status;
    zd_import_free(import);
    zd_signer_close(signer);
    (void)zd_ledger_close(ledger, NULL);
    return status;
}
