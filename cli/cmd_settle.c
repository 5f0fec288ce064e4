/* settle export and publish: the files of a released batch. What leads to it is in cmd_settle_seal.c, what waits in cmd_settle_open.c. */
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

static zd_status read_payer(zd_payer *out, zd_cli *cli)
{
    zd_buf path = {0};
    zd_buf file = {0};
    zd_json *json = NULL;
    zd_error *err = &cli->error;
    zd_status status = zd_file_read(&file, zd_path_join(&path, cli->dir, "config.json"), 65536, err);
    status = status == ZD_OK ? zd_json_parse(&json, zd_buf_span(&file), true, err) : status;
    if (status == ZD_OK) {
        zd_jval payer = zd_jval_get(zd_json_root(json), "payer");
        status = read_payer_field(out->name, sizeof out->name, payer, "name", err);
        status = status == ZD_OK ? read_payer_field(out->code, sizeof out->code, payer, "code", err) : status;
        status = status == ZD_OK ? read_payer_field(out->account, sizeof out->account, payer, "account", err) : status;
        status = status == ZD_OK ? read_payer_field(out->bank_name, sizeof out->bank_name, payer, "bank_name", err) : status;
        status = status == ZD_OK ? read_payer_field(out->bank_code, sizeof out->bank_code, payer, "bank_code", err) : status;
        status = status == ZD_OK ? read_payer_field(out->purpose, sizeof out->purpose, payer, "purpose", err) : status;
        status = status == ZD_OK ? read_payer_field(out->contact, sizeof out->contact, payer, "contact", err) : status;
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
    }
    zd_json_free(json);
    zd_buf_free(&file);
    zd_buf_free(&path);
    return status;
}

zd_status zd_cmd_settle_export(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_signer *signer = NULL;
    zd_payer payer;
    const char *batch = NULL;
    const char *role = zd_cli_option(cli, "role");
    zd_status status = zd_cli_need(&batch, cli, "batch");
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, true) : status;
    status = status == ZD_OK ? read_payer(&payer, cli) : status;
    status = status == ZD_OK ? zd_cli_signer(&signer, cli) : status;
    if (status == ZD_OK) {
        zd_buf problems = {0};
        status = zd_ledger_export(ledger, batch, &payer, signer, role != NULL ? role : "maker", zd_cli_settle_data(cli), &problems, &cli->error);
        (void)fputs(zd_buf_text(&problems), cli->talk);
        zd_buf_free(&problems);
    }
    if (status == ZD_OK) {
        (void)fprintf(cli->out, "%s/settlement/%s\n", cli->dir, batch);
    }
    zd_signer_close(signer);
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

/* The public list alone, before the release: who is going to be paid for what. */
zd_status zd_cmd_settle_publish(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_payer payer;
    const char *batch = NULL;
    zd_settlement_view view = {0};
    zd_buf list = {0};
    zd_status status = zd_cli_need(&batch, cli, "batch");
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, false) : status;
    status = status == ZD_OK ? read_payer(&payer, cli) : status;
    status = status == ZD_OK ? zd_settlement_view_fill(&view, ledger, batch, &payer, false, &cli->error) : status;
    if (status == ZD_OK) {
        status = zd_settle_notice(&list, &view.settlement, &cli->error);
        (void)fwrite(list.data, 1, status == ZD_OK ? list.size : 0, cli->out);
        zd_settlement_view_free(&view);
    }
    zd_buf_free(&list);
    (void)zd_ledger_close(ledger, NULL);
    return status;
}
