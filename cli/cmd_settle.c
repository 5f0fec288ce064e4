/* settle approve, export and publish: the files of a batch, tried before the approval and written after the release. What leads to it is in cmd_settle_seal.c, what waits in cmd_settle_open.c. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/base/money.h"
#include "ledger/engine/settlement_view.h"

/* config.json beside the ledger: who pays. Every field is required; a missing one names itself. */
static zd_status read_payer_field(char *out, size_t out_size, zd_jval payer, const char *name, zd_error *err)
{
    zd_span text;
    zd_status status = zd_jval_need_text(&text, payer, name, err);
    if (status == ZD_OK && !zd_span_copy(out, out_size, text)) {
        status = zd_fail(err, ZD_E_TEXT_TOO_LONG, "%s", name);
    }
    return status;
}

static zd_status read_payer(zd_payer *out, zd_jval payer, zd_error *err)
{
    zd_status status = read_payer_field(out->name, sizeof out->name, payer, "name", err);
    status = status == ZD_OK ? read_payer_field(out->code, sizeof out->code, payer, "code", err) : status;
    status = status == ZD_OK ? read_payer_field(out->account, sizeof out->account, payer, "account", err) : status;
    status = status == ZD_OK ? read_payer_field(out->bank_name, sizeof out->bank_name, payer, "bank_name", err) : status;
    status = status == ZD_OK ? read_payer_field(out->bank_code, sizeof out->bank_code, payer, "bank_code", err) : status;
    status = status == ZD_OK ? read_payer_field(out->purpose, sizeof out->purpose, payer, "purpose", err) : status;
    return status == ZD_OK ? read_payer_field(out->contact, sizeof out->contact, payer, "contact", err) : status;
}

static zd_status unknown_form(zd_error *err, const char *field, zd_span value, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_FIELD_INVALID, "%s", why);
    zd_error_field(err, field, value);
    return status;
}

/* "statements":["csv"]: optional, all three when it is not there. CSV is what the auditor's program compares with the seal, so it is always among them. */
static zd_status read_statements(zd_packing *out, zd_jval forms, zd_error *err)
{
    static const char *const names[] = {"csv", "xlsx", "html"};
    for (size_t i = 0; i < zd_jval_count(forms); i++) {
        zd_span name = zd_jval_text(zd_jval_at(forms, i));
        size_t k = 0;
        while (k < ZD_COUNT(names) && !zd_span_is(name, names[k])) {
            k++;
        }
        if (k == ZD_COUNT(names)) {
            return unknown_form(err, "statements", name, "csv, xlsx and html are written / 只生成 csv、xlsx 与 html");
        }
        out->statements |= 1U << k;
    }
    bool good = zd_jval_kind(forms) == ZD_J_ABSENT || (out->statements & ZD_STATEMENT_CSV) != 0;
    return good ? ZD_OK : unknown_form(err, "statements", zd_span_of(NULL, 0), "csv is always among them / 须包含 csv");
}

/* "packages":{"pain001":["09","03"],"bank":["icbc-like"],"statements":["csv","xlsx","html"]}: optional; version 09 is always there. */
static zd_status read_packing(zd_packing *out, zd_jval packages, zd_error *err)
{
    zd_jval versions = zd_jval_get(packages, "pain001");
    zd_jval banks = zd_jval_get(packages, "bank");
    *out = (zd_packing){0};
    for (size_t i = 0; i < zd_jval_count(versions); i++) {
        zd_span version = zd_jval_text(zd_jval_at(versions, i));
        out->pain_03 = out->pain_03 || zd_span_is(version, "03");
        if (!zd_span_is(version, "03") && !zd_span_is(version, "09")) {
            return unknown_form(err, "pain001", version, "09 and 03 are written / 只生成 09 与 03");
        }
    }
    if (zd_jval_count(banks) > ZD_PACKING_PROFILES) {
        return unknown_form(err, "bank", zd_span_of(NULL, 0), "at most 16 profiles / 不超过 16 个模板");
    }
    for (size_t i = 0; i < zd_jval_count(banks); i++) {
        zd_span id = zd_jval_text(zd_jval_at(banks, i));
        bool plain = id.size > 0 && zd_span_copy(out->profiles[i], sizeof out->profiles[i], id);
        for (size_t k = 0; k < id.size; k++) {
            uint8_t c = id.data[k];
            plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c == '-' && k > 0));
        }
        for (size_t k = 0; k < i; k++) {
            plain = plain && strcmp(out->profiles[k], out->profiles[i]) != 0;
        }
        if (!plain) {
            return unknown_form(err, "bank", id, "a profile's id, once each / 模板编号，不得重复");
        }
        out->profile_count = i + 1;
    }
    return read_statements(out, zd_jval_get(packages, "statements"), err);
}

static zd_status read_config(zd_payer *payer, zd_packing *packing, zd_cli *cli)
{
    zd_buf path = {0};
    zd_buf file = {0};
    zd_json *json = NULL;
    zd_error *err = &cli->error;
    zd_status status = zd_file_read(&file, zd_path_join(&path, cli->dir, "config.json"), 65536, err);
    status = status == ZD_OK ? zd_json_parse(&json, zd_buf_span(&file), true, err) : status;
    status = status == ZD_OK ? read_payer(payer, zd_jval_get(zd_json_root(json), "payer"), err) : status;
    status = status == ZD_OK ? read_packing(packing, zd_jval_get(zd_json_root(json), "packages"), err) : status;
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
    }
    zd_json_free(json);
    zd_buf_free(&file);
    zd_buf_free(&path);
    return status;
}

/* Private data for an auditor who may see accounts: a file of its own, never part of the package, 0600. */
static zd_status write_openings(zd_cli *cli, zd_ledger *ledger, const char *batch, const char *path)
{
    zd_buf openings = {0};
    zd_status status = zd_ledger_openings(&openings, ledger, batch, &cli->error);
    status = status == ZD_OK ? zd_file_create(path, zd_buf_span(&openings), 0600, &cli->error) : status;
    zd_buf_free(&openings);
    return status;
}

static zd_status export_once(zd_cli *cli, zd_ledger *ledger, const zd_export_order *order, zd_error *err)
{
    zd_buf problems = {0};
    zd_status status = zd_ledger_export(ledger, order, &problems, err);
    (void)fputs(zd_buf_text(&problems), cli->talk);
    zd_buf_free(&problems);
    return status;
}

/* The ledger is open for reading, so that nobody who redeems waits for an export. A release that no checkpoint covers yet is published first, because the package holds the
 * proof of its seal; only its records take the ledger for writing. */
static zd_status export_published(zd_ledger **ledger, zd_cli *cli, const zd_export_order *order)
{
    zd_error first = {0};
    uint64_t size = 0;
    zd_status status = export_once(cli, *ledger, order, &first);
    if (first.code == ZD_E_LOG_RANGE) {
        (void)zd_ledger_close(*ledger, NULL);
        *ledger = NULL;
        status = zd_cli_publish(cli, &size);
        status = status == ZD_OK ? zd_cli_open(ledger, cli, false) : status;
        status = status == ZD_OK ? export_once(cli, *ledger, order, &cli->error) : status;
    } else if (status != ZD_OK) {
        cli->error = first;
    }
    return status;
}

zd_status zd_cmd_settle_export(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_signer *signer = NULL;
    zd_payer payer;
    zd_packing packing;
    const char *batch = NULL;
    const char *role = zd_cli_option(cli, "role");
    const char *openings = zd_cli_option(cli, "openings");
    zd_status status = zd_cli_need(&batch, cli, "batch");
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, false) : status;
    status = status == ZD_OK ? read_config(&payer, &packing, cli) : status;
    status = status == ZD_OK ? zd_cli_signer(&signer, cli) : status;
    if (status == ZD_OK) {
        zd_export_order order = {.batch = batch, .payer = &payer, .packing = &packing, .signer = signer, .role = role != NULL ? role : "maker",
                                 .data_dir = zd_cli_settle_data(cli)};
        status = export_published(&ledger, cli, &order);
    }
    if (status == ZD_OK && openings != NULL) {
        status = write_openings(cli, ledger, batch, openings);
    }
    if (status == ZD_OK) {
        (void)fprintf(cli->out, "%s/settlement/%s\n", cli->dir, batch);
    }
    zd_signer_close(signer);
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

/* --- approve --- */

/* Is it here to be tested: a sealed batch, the payer's data, the accounts? A checker may sign on a computer that has none of that, and is told. */
static bool can_test(zd_cli *cli, zd_ledger *ledger, const char *batch)
{
    zd_buf config = {0};
    zd_buf accounts = {0};
    const zd_rec_batch *record = zd_book_find(zd_acts_book(zd_ledger_acts(ledger)), ZD_R_BATCH, "%.40s", batch);
    bool sealed = record != NULL && record->state == ZD_B_SEALED; /* all else is refused by the act itself */
    bool here = zd_path_exists(zd_path_join(&config, cli->dir, "config.json")) && zd_path_exists(zd_path_join(&accounts, cli->dir, "private.db"));
    if (sealed && !here) {
        (void)fputs(cli->chinese ? "未试制支付文件：本机账本目录中没有 config.json 或 private.db\n"
                                 : "the payment files were not tried: config.json or private.db is not in this ledger's directory\n", cli->talk);
    }
    zd_buf_free(&accounts);
    zd_buf_free(&config);
    return sealed && here;
}

static zd_status try_files(zd_cli *cli, zd_ledger *ledger, const char *batch)
{
    zd_payer payer;
    zd_packing packing;
    zd_buf problems = {0};
    zd_status status = read_config(&payer, &packing, cli);
    if (status == ZD_OK) {
        zd_export_order order = {.batch = batch, .payer = &payer, .packing = &packing, .data_dir = zd_cli_settle_data(cli)};
        status = zd_ledger_export_test(ledger, &order, &problems, &cli->error);
        (void)fputs(zd_buf_text(&problems), cli->talk);
    }
    if (cli->error.code == ZD_E_EXPORT_REFUSED) {
        (void)fputs(cli->chinese ? "未签署任何内容。请更正账户资料（provider account，两名人员）后撤回并重新封存，或以 settle object 暂缓该笔，再行复核；付款人资料在 config.json 中更正。\n"
                                 : "nothing was signed. Correct the account (provider account, two officers), withdraw the batch and seal again; or hold the line (settle object) and approve "
                                   "then. The payer's data stand in config.json.\n", cli->talk);
    }
    zd_buf_free(&problems);
    return status;
}

/* A line that no bank takes is found before the checker signs, not when money is due. */
zd_status zd_cmd_settle_approve(zd_cli *cli, const zd_command *command)
{
    zd_ledger *ledger = NULL;
    const char *batch = zd_cli_option(cli, "batch");
    (void)zd_cli_option(cli, "data");
    zd_status status = batch != NULL ? zd_cli_open(&ledger, cli, false) : ZD_OK; /* the request says what is missing */
    if (status == ZD_OK && batch != NULL && can_test(cli, ledger, batch)) {
        status = try_files(cli, ledger, batch);
    }
    (void)zd_ledger_close(ledger, NULL);
    return status == ZD_OK ? zd_cmd_request(cli, command) : status;
}

/* The public list alone, before the release: who is going to be paid for what. */
zd_status zd_cmd_settle_publish(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_payer payer;
    zd_packing packing;
    const char *batch = NULL;
    zd_settlement_view view = {0};
    zd_buf list = {0};
    zd_status status = zd_cli_need(&batch, cli, "batch");
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, false) : status;
    status = status == ZD_OK ? read_config(&payer, &packing, cli) : status;
    status = status == ZD_OK ? zd_settlement_view_fill(&view, ledger, batch, &payer, ZD_VIEW_PUBLIC, &cli->error) : status;
    if (status == ZD_OK) {
        status = zd_settle_notice(&list, &view.settlement, &cli->error);
        (void)fwrite(list.data, 1, status == ZD_OK ? list.size : 0, cli->out);
        zd_settlement_view_free(&view);
    }
    zd_buf_free(&list);
    (void)zd_ledger_close(ledger, NULL);
    return status;
}
