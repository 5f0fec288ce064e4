/* version, doctor, backup, log rebuild, private erase: looking after a ledger. */
#include <dirent.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"

zd_status zd_cmd_version(zd_cli *cli, const zd_command *command)
{
    (void)command;
    (void)fprintf(cli->out, cli->json ? "{\"schema\":1,\"version\":\"0.1.0\",\"format\":1}\n" : "zhidui 0.1.0 (format 1)\n");
    return ZD_OK;
}

#define PACKS_MANY 500 /* each publication adds one, and git looks through their names */

/* Housekeeping that only git can do: said when it is due, never a fault. */
static void advise_repack(zd_cli *cli, const zd_ledger *ledger)
{
    zd_buf path = {0};
    size_t packs = 0;
    DIR *folder = opendir(zd_path_join(&path, zd_ledger_dir(ledger), "audit.git/objects/pack"));
    for (const struct dirent *entry = folder != NULL ? readdir(folder) : NULL; entry != NULL; entry = readdir(folder)) {
        size_t length = strlen(entry->d_name);
        packs += length > 5 && strcmp(entry->d_name + length - 5, ".pack") == 0 ? 1 : 0;
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
    if (packs > PACKS_MANY) {
        (void)zd_path_join(&path, zd_ledger_dir(ledger), "audit.git");
        (void)fprintf(cli->talk,
                      cli->chinese ? "审计库有 %zu 个包文件，发布会逐渐变慢；请定期（例如每晚）执行：git -C %s repack --geometric=2 -d -q\n"
                                   : "the audit repository has %zu packs, and publishing slows down; do this regularly, for instance at night: git -C %s repack --geometric=2 -d -q\n",
                      packs, zd_buf_text(&path));
    }
    zd_buf_free(&path);
}

zd_status zd_cmd_doctor(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_buf report = {0};
    zd_error kept = {0};
    zd_status evidence = ZD_OK;
    zd_status status = zd_cli_open(&ledger, cli, true);
    if (status == ZD_OK) {
        status = zd_ledger_doctor(ledger, &report, &cli->error);
        (void)fprintf(cli->out, "%s", zd_buf_text(&report));
    }
    if (status == ZD_OK) { /* what is wrong there does not keep the world from being asked */
        evidence = zd_cli_check_evidence(cli, ledger, &kept);
    }
    if (status == ZD_OK) { /* what is whole in itself may still be yesterday's: the world is asked */
        status = zd_cli_meet(cli, ledger);
        (void)fprintf(cli->out, "outside    %s\n", status == ZD_OK ? "ok" : "FAILED");
    }
    if (ledger != NULL) {
        advise_repack(cli, ledger);
    }
    if (status == ZD_OK && evidence != ZD_OK) {
        cli->error = kept;
        status = evidence;
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_buf_free(&report);
    return status;
}

zd_status zd_cmd_backup(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_buf evidence = {0};
    zd_buf beside = {0};
    const char *to = NULL;
    zd_status status = zd_cli_need(&to, cli, "to");
    if (status == ZD_OK) {
        status = zd_cli_open(&ledger, cli, true);
    }
    if (status == ZD_OK) {
        status = zd_ledger_backup(ledger, to, &cli->error);
    }
    if (status == ZD_OK) {
        status = zd_cli_copy_evidence(cli, ledger, zd_path_join(&evidence, zd_ledger_dir(ledger), "evidence"), zd_cli_evidence_beside(&beside, to));
    }
    zd_buf_free(&evidence);
    zd_buf_free(&beside);
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

/* What an auditor needs to look behind the commitments. Never overwrites a file, and only its owner may read it. */
zd_status zd_cmd_private_openings(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_buf lines = {0};
    const char *to = NULL;
    zd_status status = zd_cli_need(&to, cli, "to");
    if (status == ZD_OK) {
        status = zd_cli_open(&ledger, cli, false);
    }
    if (status == ZD_OK) {
        status = zd_private_openings(&lines, ledger, &cli->error);
    }
    if (status == ZD_OK) {
        status = zd_file_create(to, zd_buf_span(&lines), 0600, &cli->error);
    }
    if (status == ZD_OK) {
        (void)fprintf(cli->talk, cli->chinese ? "已写出 %s：内含账户数据，仅交审计方，用毕即删\n" : "wrote %s: it holds account data; hand it to the auditor alone and delete it afterwards\n", to);
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_buf_free(&lines);
    return status;
}

/* After the retention period: the data behind a commitment goes away for good, the commitment stays in the history and nobody can open it any more. */
zd_status zd_cmd_private_erase(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_hash commitment;
    zd_account_data data;
    bool found = false;
    if (cli->word_count == 0 || !zd_hash_from_hex(&commitment, zd_span_text(cli->words[0]))) {
        return zd_cli_usage(cli, "zhidui private erase COMMITMENT (64 hex digits) / 承诺值为 64 位十六进制");
    }
    zd_status status = zd_cli_open(&ledger, cli, true);
    if (status == ZD_OK) {
        status = zd_private_account_get(&data, &found, ledger, &commitment, &cli->error);
    }
    if (status == ZD_OK && !found) {
        status = zd_fail(&cli->error, ZD_E_A_ABSENT, "private.db holds nothing behind it");
        zd_error_field(&cli->error, "commitment", zd_span_text(cli->words[0]));
    }
    if (status == ZD_OK) {
        status = zd_private_erase(ledger, &commitment, &cli->error);
    }
    if (status == ZD_OK) {
        (void)fprintf(cli->talk, cli->chinese ? "已清除，账本历史不变\n" : "erased; the history is unchanged\n");
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}
