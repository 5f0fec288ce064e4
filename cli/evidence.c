/*
 * The raw files of bank and treasury answers, kept under their hash in evidence/: they go with a backup and come back with a restore, each held against the hash that the log
 * names. A file that is not what it is named by is never taken along. Must not change the ledger.
 */
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/settle/answers/answers.h"

/* One file, verified, copied unless it is there. *found says whether the source has it. */
static zd_status copy_one(bool *found, const char *from_dir, const char *to_dir, const char *hex, zd_error *err)
{
    zd_buf from = {0};
    zd_buf to = {0};
    zd_buf bytes = {0};
    char is[ZD_HASH_HEX];
    zd_status status = ZD_OK;
    *found = zd_path_exists(zd_path_join(&from, from_dir, hex));
    if (*found) {
        status = zd_file_read(&bytes, zd_buf_text(&from), ZD_ANSWER_FILE_MAX, err);
    }
    if (*found && status == ZD_OK) {
        zd_hash hash = zd_sha256(zd_buf_span(&bytes));
        zd_hash_hex(is, &hash);
        if (strcmp(is, hex) != 0) {
            status = zd_fail(err, ZD_E_EVIDENCE_DIFFERS, "SHA-256 is %s", is);
            zd_error_subject(err, zd_span_text(zd_buf_text(&from)));
        }
    }
    if (*found && status == ZD_OK) {
        status = zd_dir_make(to_dir, 0700, err);
    }
    if (*found && status == ZD_OK && !zd_path_exists(zd_path_join(&to, to_dir, hex))) {
        status = zd_file_write(zd_buf_text(&to), zd_buf_span(&bytes), 0600, err);
    }
    zd_buf_free(&from);
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

/* "<backup>.evidence", beside the database's copy. */
const char *zd_cli_evidence_beside(zd_buf *out, const char *backup)
{
    zd_buf_clear(out);
    zd_buf_addf(out, "%s.evidence", backup);
    return zd_buf_text(out);
}
