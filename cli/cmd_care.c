/* version, doctor, backup, log rebuild: looking after a ledger. */
#include <string.h>

#include "cli/command.h"

zd_status zd_cmd_version(zd_cli *cli, const zd_command *command)
{
    (void)command;
    (void)fprintf(cli->out, cli->json ? "{\"schema\":1,\"version\":\"0.1.0\",\"format\":1}\n" : "zhidui 0.1.0 (format 1)\n");
    return ZD_OK;
}

zd_status zd_cmd_doctor(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_buf report = {0};
    zd_status status = zd_cli_open(&ledger, cli, true);
    if (status == ZD_OK) {
        status = zd_ledger_doctor(ledger, &report, &cli->error);
        (void)fprintf(cli->out, "%s", zd_buf_text(&report));
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_buf_free(&report);
    return status;
}

zd_status zd_cmd_backup(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    const char *to = NULL;
    zd_status status = zd_cli_need(&to, cli, "to");
    if (status == ZD_OK) {
        status = zd_cli_open(&ledger, cli, true);
    }
    if (status == ZD_OK) {
        status = zd_ledger_backup(ledger, to, &cli->error);
    }
    if (status == ZD_OK) {
        (void)fprintf(cli->talk, cli->chinese ? "已备份到 %s，账目 %llu 条\n" : "backed up to %s, %llu entries\n", to, (unsigned long long)zd_ledger_size(ledger));
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

zd_status zd_cmd_rebuild(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    const char *to = NULL;
    zd_status status = zd_cli_need(&to, cli, "to");
    if (status == ZD_OK) {
        status = zd_cli_open(&ledger, cli, false);
    }
    if (status == ZD_OK) {
        status = zd_ledger_rebuild_trail(ledger, to, &cli->error);
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}
