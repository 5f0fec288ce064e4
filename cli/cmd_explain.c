/* redeem explain: a dry run of an order, capture or direct redemption; every check with its verdict and what it saw. Changes nothing. */
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"

zd_status zd_cmd_explain(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_buf file = {0};
    zd_buf out = {0};
    zd_note note;
    zd_incoming in = {0};
    if (cli->word_count == 0) {
        return zd_cli_usage(cli, "zhidui redeem explain NOTE-FILE   (make one with --dry-run)");
    }
    zd_status status = zd_file_read(&file, cli->words[0], 131072, &cli->error);
    status = status == ZD_OK ? zd_note_split(&note, zd_buf_span(&file), &cli->error) : status;
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, false) : status;
    if (status == ZD_OK) {
        in = (zd_incoming){.text = note.text, .seq = zd_ledger_size(ledger), .at_unix_ms = zd_ledger_now(ledger)};
        status = zd_acts_signer(&in.signer, zd_ledger_acts(ledger), note.signatures[0].name, note.signatures[0].key_id, &cli->error);
    }
    if (status == ZD_OK) {
        status = zd_acts_explain(&out, zd_ledger_acts(ledger), &in, &cli->error);
    }
    if (status == ZD_OK) {
        (void)fprintf(cli->out, "%s\n", zd_buf_text(&out));
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_buf_free(&file);
    zd_buf_free(&out);
    return status;
}
