/*
 * settle reconcile FILE...: reads answers of bank or treasury, keeps the file as evidence, records what it says and answers the lines that it justifies. settle exceptions: what
 * does not fit, with owner, age and amount at risk.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/reconcile.h"
#include "ledger/base/durable.h"
#include "ledger/engine/evidence.h"

#define EXPIRES_DAYS 7

static zd_status days_option(int64_t *out, zd_cli *cli, const char *name)
{
    const char *text = zd_cli_option(cli, name);
    int64_t number = 0;
    for (const char *c = text; c != NULL && *c != '\0'; c++) {
        number = *c >= '0' && *c <= '9' && number < 1000 ? number * 10 + (*c - '0') : 1000;
    }
    if (text != NULL && (text[0] == '\0' || number >= 1000)) {
        zd_error_field(&cli->error, name, zd_span_text(text));
        return zd_cli_usage(cli, "a number of days, 0 to 999 / 天数，0 至 999");
    }
    *out = text != NULL ? number : *out;
    return ZD_OK;
}

/* The raw file under its hash: it holds account numbers, so that nobody else may read it. Kept before anything is said about it. One that was changed is not silently replaced. */
static zd_status keep_evidence(zd_recon *r, zd_span bytes)
{
    zd_buf dir = {0};
    zd_buf path = {0};
    zd_buf there = {0};
    zd_error *err = &r->cli->error;
    zd_evidence_state state = ZD_EVIDENCE_MISSING;
    zd_status status = zd_dir_make(zd_path_join(&dir, zd_ledger_dir(r->ledger), "evidence"), 0700, err);
    status = status == ZD_OK ? zd_evidence_read(&state, &there, zd_buf_text(&dir), r->hex, err) : status;
    if (status == ZD_OK && state == ZD_EVIDENCE_MISSING) {
        status = zd_file_write(zd_path_join(&path, zd_buf_text(&dir), r->hex), bytes, 0600, err);
    } else if (status == ZD_OK) {
        status = zd_evidence_fail(err, state, zd_buf_text(&dir), r->hex);
    }
    zd_buf_free(&dir);
    zd_buf_free(&path);
    zd_buf_free(&there);
    return status;
}

static bool opened_something(zd_recon *r)
{
    zd_book_cursor cursor = zd_book_scan(r->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *found = cursor.record;
        if ((uint64_t)found->opened_seq >= r->first_seq && found->state == 1 && found->kind != ZD_BANK_EXCEPTION(SCHEMA_NOTE)) {
            return true;
        }
    }
    return false;
}

static void file_free(zd_recon *r)
{
    zd_answers_free(r->answers);
    zd_match_free(&r->match);
    free(r->keys);
    free(r->twice);
    zd_recon_lines_free(r);
    r->answers = NULL;
    r->keys = NULL;
    r->twice = NULL;
    r->expected = NULL;
    r->lines = NULL;
    r->expected_count = 0;
}

static zd_status run_file(zd_recon *r, const zd_answer_profiles *profiles, bool *findings)
{
    zd_buf bytes = {0};
    bool known = false;
    zd_error *err = &r->cli->error;
    memset(r->answered, 0, sizeof r->answered);
    r->refused = 0;
    r->first_seq = r->dry ? r->seq : zd_ledger_size(r->ledger);
    zd_status status = zd_file_read(&bytes, r->path, ZD_ANSWER_FILE_MAX, err);
    if (status == ZD_OK) {
        zd_hash hash = zd_sha256(zd_buf_span(&bytes));
        zd_hash_hex(r->hex, &hash);
        status = zd_answers_read(&r->answers, zd_buf_span(&bytes), profiles, zd_cli_option(r->cli, "profile"), err);
    }
    status = status == ZD_OK ? zd_recon_check_account(r, err) : status;
    status = status == ZD_OK ? zd_recon_lines_load(r, err) : status;
    if (status == ZD_OK) {
        zd_match_run(&r->match, r->answers, r->expected, r->expected_count);
        zd_recon_keys(r);
        status = r->dry ? ZD_OK : keep_evidence(r, zd_buf_span(&bytes));
    }
    status = status == ZD_OK ? zd_recon_file(r, &known) : status;
    status = status == ZD_OK ? zd_recon_answers(r) : status;
    status = status == ZD_OK ? zd_recon_exceptions(r) : status;
    status = status == ZD_OK ? zd_recon_clears(r) : status;
    status = status == ZD_OK ? zd_book_trouble(r->book, err) : status;
    if (status == ZD_OK) {
        zd_recon_print(r, known);
        *findings = *findings || r->refused > 0 || opened_something(r);
    } else {
        zd_error_subject(err, zd_span_text(r->path));
    }
    file_free(r);
    zd_buf_free(&bytes);
    return status;
}

static zd_status start(zd_recon *r, zd_cli *cli, zd_signer **signer)
{
    zd_status status = days_option(&r->silence_days, cli, "silence");
    status = status == ZD_OK ? days_option(&r->grace_days, cli, "grace") : status;
    status = status == ZD_OK ? zd_cli_signer(signer, cli) : status;
    status = status == ZD_OK ? zd_cli_open(&r->ledger, cli, !r->dry) : status;
    status = status == ZD_OK ? zd_cli_key_name(r->key_name, r->ledger, *signer, &cli->error) : status;
    if (status == ZD_OK) {
        r->signer = *signer;
        r->book = zd_acts_book(zd_ledger_acts(r->ledger));
        r->seq = zd_ledger_size(r->ledger);
        r->expires_unix_ms = zd_ledger_now(r->ledger) + EXPIRES_DAYS * ZD_DAY_MS;
        zd_format(r->party, sizeof r->party, "%s", zd_request_party(zd_cli_key_record(r->ledger, *signer)));
    }
    return status;
}

zd_status zd_cmd_settle_reconcile(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_signer *signer = NULL;
    zd_answer_profiles *profiles = NULL;
    zd_buf folder = {0};
    zd_recon r = {.cli = cli, .dry = zd_cli_switch(cli, "dry-run"), .silence_days = -1, .grace_days = -1};
    bool findings = false;
    (void)zd_cli_option(cli, "profile");
    if (cli->word_count == 0) {
        return zd_cli_usage(cli, "name the files that bank or treasury sent; silence and grace are done by zhidui sweep / 请给出银行或国库发来的文件；静默期与宽限期由 zhidui sweep 处理");
    }
    zd_status status = zd_answer_profiles_load(&profiles, zd_path_join(&folder, zd_cli_settle_data(cli), "answers"), &cli->error);
    status = status == ZD_OK ? start(&r, cli, &signer) : status;
    for (size_t i = 0; i < cli->word_count && status == ZD_OK; i++) {
        r.path = cli->words[i];
        status = run_file(&r, profiles, &findings);
    }
    zd_answer_profiles_free(profiles);
    zd_buf_free(&folder);
    zd_buf_free(&r.items);
    free(r.item_ends);
    zd_signer_close(signer);
    (void)zd_ledger_close(r.ledger, NULL);
    return status == ZD_OK && findings ? ZD_REFUSED : status;
}

/* Open ones, or all with --all; sums by kind go to the talk. */
zd_status zd_cmd_settle_exceptions(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    bool all = zd_cli_switch(cli, "all");
    size_t open = 0;
    size_t unfinished = 0;
    zd_status status = zd_cli_open(&ledger, cli, false);
    if (status != ZD_OK) {
        return status;
    }
    zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
    int64_t today = zd_day_of(zd_ledger_now(ledger), ZD_ZONE_SHANGHAI_MS);
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *found = cursor.record;
        open += found->state == 1 ? 1 : 0;
        if (all || found->state == 1) {
            zd_recon_print_case(cli, found, today);
        }
    }
    /* A file of which less was recorded than it said: cut off, or somebody left entries out. */
    zd_book_cursor files = zd_book_scan(book, ZD_R_BFILE, "%s", "");
    while (zd_book_next(&files)) {
        const zd_rec_bfile *file = files.record;
        if (file->seen < file->count || file->seen_debit_fen < file->debit_fen || file->seen_credit_fen < file->credit_fen) {
            unfinished++;
            (void)fprintf(cli->talk, cli->chinese ? "文件 %s 未读完（%lld/%lld 笔），请重新执行 settle reconcile\n" : "file %s is not finished (%lld of %lld entries); run settle reconcile on it again\n",
                          files.key + strlen("BFILE/"), (long long)file->seen, (long long)file->count);
        }
    }
    status = zd_book_trouble(book, &cli->error);
    (void)fprintf(cli->talk, cli->chinese ? "未了结 %zu 项，未读完文件 %zu 个\n" : "%zu open, %zu files not finished\n", open, unfinished);
    (void)zd_ledger_close(ledger, NULL);
    return status == ZD_OK && (open > 0 || unfinished > 0) ? ZD_REFUSED : status;
}
