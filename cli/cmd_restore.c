/* restore: a ledger directory from its audit repository (--from-trail) or from a backup of its database (--from). Says plainly what did not come back. */
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/engine/restore.h"

static void print_json(zd_cli *cli, const char *to, const zd_restored *restored)
{
    zd_buf line = {0};
    char genesis[ZD_HASH_HEX];
    zd_hash_hex(genesis, &restored->genesis);
    zd_jw w = zd_jw_begin(&line);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_jw_cstr(&w, "ledger", to);
    zd_jw_cstr(&w, "origin", restored->origin);
    zd_jw_cstr(&w, "genesis", genesis);
    zd_jw_int(&w, "entries", (int64_t)restored->size);
    zd_jw_int(&w, "checkpoints", (int64_t)restored->checkpoints);
    zd_jw_cstr(&w, "tip", restored->tip_hex);
    zd_jw_int(&w, "accounts", (int64_t)restored->accounts);
    zd_jw_int(&w, "accounts_lost", (int64_t)restored->accounts_lost);
    zd_jw_close(&w);
    (void)fprintf(cli->out, "%s\n", zd_buf_text(&line));
    zd_buf_free(&line);
}

static void print_talk(zd_cli *cli, const char *to, const zd_restored *restored, bool from_trail, bool anchored)
{
    const bool zh = cli->chinese;
    (void)fprintf(cli->talk, zh ? "已恢复到 %s：账目 %llu 条，检查点 %llu 个，最新提交 %s（与原仓库一致）\n" : "restored to %s: %llu entries, %llu checkpoints, last commit %s, the same as before\n",
                  to, (unsigned long long)restored->size, (unsigned long long)restored->checkpoints, restored->tip_hex);
    if (!anchored) {
        char genesis[ZD_HASH_HEX];
        zd_hash_hex(genesis, &restored->genesis);
        (void)fprintf(cli->talk, zh ? "未给出 --genesis：请将 %s 与纸质指纹核对\n" : "no --genesis was given: compare %s with the fingerprint on paper\n", genesis);
    }
    (void)fprintf(cli->talk, "%s", zh ? "不会恢复：密钥（keys/）、config.json、已导出的结算包\n" : "not restored: keys (keys/), config.json, exported packages\n");
    if (from_trail) {
        (void)fprintf(cli->talk, "%s", zh ? "不会恢复：最后一个检查点之后未发布的账目；持有回执者应重新提交，重复提交无害\n"
                                          : "not restored: entries after the last checkpoint, which nobody published; whoever holds an answer submits the note again, which is harmless\n");
    }
    if (restored->accounts_lost > 0) {
        (void)fprintf(cli->talk,
                      zh ? "%llu 个收款账户中有 %llu 个的数据不在 private.db，相关机构在账户重新提出并确认前无法导出付款；已封存批次中的相应明细请在放行前提出异议（settle object），其余照付：\n%s"
                         : "of %llu accounts %llu have no data in private.db; their providers cannot be paid until the account is proposed and confirmed again; hold their lines in sealed batches by settle object before the release, the others are paid:\n%s",
                      (unsigned long long)restored->accounts, (unsigned long long)restored->accounts_lost, zd_buf_text(&restored->lost));
    }
}

/* From the folder that was named, else from the one beside the backup; without either, what is missing is named. */
static zd_status bring_evidence(zd_cli *cli, const char *to, const char *backup, const char *named)
{
    zd_ledger *ledger = NULL;
    zd_buf from = {0};
    zd_buf into = {0};
    zd_status status = zd_ledger_open(&ledger, to, false, &cli->ledger_options, &cli->error);
    const char *source = named != NULL ? named : backup != NULL ? zd_cli_evidence_beside(&from, backup) : zd_path_join(&from, to, "evidence");
    if (status == ZD_OK) {
        status = zd_cli_copy_evidence(cli, ledger, source, zd_path_join(&into, to, "evidence"));
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_buf_free(&from);
    zd_buf_free(&into);
    return status;
}

zd_status zd_cmd_restore(zd_cli *cli, const zd_command *command)
{
    zd_restored restored = {.size = 0};
    zd_hash genesis;
    const char *to = NULL;
    const char *trail = zd_cli_option(cli, "from-trail");
    const char *backup = zd_cli_option(cli, "from");
    const char *beside = zd_cli_option(cli, "trail");
    const char *private_db = zd_cli_option(cli, "private");
    const char *fingerprint = zd_cli_option(cli, "genesis");
    const char *evidence = zd_cli_option(cli, "evidence");
    zd_status status = zd_cli_need(&to, cli, "to");
    if (status != ZD_OK) {
        return status;
    }
    if ((trail == NULL) == (backup == NULL) || (backup != NULL && beside == NULL) || (fingerprint != NULL && (trail == NULL || !zd_hash_from_hex(&genesis, zd_span_text(fingerprint))))) {
        return zd_cli_usage(cli, command->usage);
    }
    status = trail != NULL
                 ? zd_ledger_restore_trail(&restored, trail, to, fingerprint != NULL ? &genesis : NULL, private_db, &cli->ledger_options, &cli->error)
                 : zd_ledger_restore_backup(&restored, backup, beside, to, private_db, &cli->ledger_options, &cli->error);
    if (status == ZD_OK && cli->json) {
        print_json(cli, to, &restored);
    }
    if (status == ZD_OK) {
        print_talk(cli, to, &restored, trail != NULL, fingerprint != NULL || trail == NULL);
    }
    status = status == ZD_OK ? bring_evidence(cli, to, backup, evidence) : status;
    zd_restored_free(&restored);
    return status;
}
