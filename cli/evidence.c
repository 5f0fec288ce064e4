/*
 * The raw files of bank and treasury answers, kept under their hash in evidence/: they go with a backup and come back with a restore, each held against the hash that the log
 * names; doctor looks whether they are all there. A file that is not what it is named by is never taken along. Must not change the ledger.
 */
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/engine/evidence.h"

/* One file, verified, copied unless it is there. *found says whether the source has it. Who else may read the source does not matter: the copy is its owner's alone. */
static zd_status copy_one(bool *found, const char *from_dir, const char *to_dir, const char *hex, zd_error *err)
{
    zd_buf to = {0};
    zd_buf bytes = {0};
    zd_evidence_state state = ZD_EVIDENCE_MISSING;
    zd_status status = zd_evidence_read(&state, &bytes, from_dir, hex, err);
    *found = state != ZD_EVIDENCE_MISSING;
    if (status == ZD_OK && *found && state != ZD_EVIDENCE_OPEN) {
        status = zd_evidence_fail(err, state, from_dir, hex);
    }
    if (*found && status == ZD_OK) {
        status = zd_dir_make(to_dir, 0700, err);
    }
    if (*found && status == ZD_OK && !zd_path_exists(zd_path_join(&to, to_dir, hex))) {
        status = zd_file_write(zd_buf_text(&to), zd_buf_span(&bytes), 0600, err);
    }
    zd_buf_free(&to);
    zd_buf_free(&bytes);
    return status;
}

zd_status zd_cli_copy_evidence(zd_cli *cli, zd_ledger *ledger, const char *from_dir, const char *to_dir)
{
    zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
    zd_status status = ZD_OK;
    size_t copied = 0;
    size_t missing = 0;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_BFILE, "%s", "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        const char *hex = cursor.key + strlen("BFILE/");
        bool found = false;
        status = copy_one(&found, from_dir, to_dir, hex, &cli->error);
        copied += status == ZD_OK && found ? 1 : 0;
        missing += status == ZD_OK && !found ? 1 : 0;
        if (status == ZD_OK && !found) {
            (void)fprintf(cli->talk, cli->chinese ? "缺少佐证文件 %s\n" : "evidence is missing: %s\n", hex);
        }
    }
    status = status == ZD_OK ? zd_book_trouble(book, &cli->error) : status;
    if (status == ZD_OK && copied + missing > 0) {
        (void)fprintf(cli->talk, cli->chinese ? "佐证文件：%zu 个已核对并复制，%zu 个缺失\n" : "evidence: %zu files verified and copied, %zu missing\n", copied, missing);
    }
    return status;
}

static void say_one(void *context, const char *name, zd_evidence_state state)
{
    static const char *const english[ZD_EVIDENCE__COUNT] = {"", "is missing", "is no regular file", "has another SHA-256 than its name", "may be read or changed by others",
                                                            "is named by no record (a note only)"};
    static const char *const chinese[ZD_EVIDENCE__COUNT] = {"", "缺失", "不是普通文件", "与文件名所示哈希不符", "可被他人读写", "没有记录引用（仅提示）"};
    zd_cli *cli = context;
    (void)fprintf(cli->talk, cli->chinese ? "佐证文件 %s：%s\n" : "evidence %s %s\n", name, cli->chinese ? chinese[state] : english[state]);
}

/* The error that weighs most: what was changed, then what is gone, then what others may read. */
static zd_status worst(const zd_evidence_tally *tally, const char *dir, zd_error *err)
{
    static const zd_evidence_state order[] = {ZD_EVIDENCE_DIFFERS, ZD_EVIDENCE_ODD, ZD_EVIDENCE_MISSING, ZD_EVIDENCE_OPEN};
    for (size_t i = 0; i < ZD_COUNT(order); i++) {
        if (tally->count[order[i]] > 0) {
            return zd_evidence_fail(err, order[i], dir, "");
        }
    }
    return tally->open_dir ? zd_evidence_fail(err, ZD_EVIDENCE_OPEN, dir, "") : ZD_OK;
}

zd_status zd_cli_check_evidence(zd_cli *cli, zd_ledger *ledger, zd_error *err)
{
    zd_evidence_tally tally;
    zd_buf dir = {0};
    zd_status status = zd_evidence_check(&tally, ledger, say_one, cli, err);
    const uint64_t *n = tally.count;
    if (status == ZD_OK) {
        status = worst(&tally, zd_path_join(&dir, zd_ledger_dir(ledger), "evidence"), err);
    }
    if (status == ZD_OK) {
        (void)fprintf(cli->out, "evidence   ok, %llu files compared\n", (unsigned long long)n[ZD_EVIDENCE_GOOD]);
    } else {
        (void)fprintf(cli->out, "evidence   FAILED, %llu good, %llu missing, %llu changed, %llu open to others%s\n", (unsigned long long)n[ZD_EVIDENCE_GOOD],
                      (unsigned long long)n[ZD_EVIDENCE_MISSING], (unsigned long long)(n[ZD_EVIDENCE_DIFFERS] + n[ZD_EVIDENCE_ODD]),
                      (unsigned long long)n[ZD_EVIDENCE_OPEN], tally.open_dir ? ", the folder too" : "");
    }
    zd_buf_free(&dir);
    return status;
}

/* "<backup>.evidence", beside the database's copy. */
const char *zd_cli_evidence_beside(zd_buf *out, const char *backup)
{
    zd_buf_clear(out);
    zd_buf_addf(out, "%s.evidence", backup);
    return zd_buf_text(out);
}
