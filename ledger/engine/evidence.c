/* The kept files of banks and treasuries, held against the hashes that the log names; see evidence.h. Must not change a file. */
#include "ledger/engine/evidence.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "ledger/base/durable.h"
#include "ledger/settle/answers/answers.h"

#define OTHERS (S_IRWXG | S_IRWXO)

/* Reads a regular file and says whether its bytes are what its name says. */
static zd_status read_regular(zd_evidence_state *out, zd_buf *bytes, const char *path, const char *hex, zd_error *err)
{
    zd_error why = {0};
    char is[ZD_HASH_HEX];
    size_t start = bytes->size;
    zd_status status = zd_file_read(bytes, path, ZD_ANSWER_FILE_MAX, &why);
    if (status != ZD_OK && why.code != ZD_E_FILE_TOO_LARGE) {
        *err = err->code == ZD_CODE_NONE ? why : *err;
        return status;
    }
    zd_hash hash = zd_sha256(zd_span_of(bytes->data + start, bytes->size - start));
    zd_hash_hex(is, &hash);
    if (status != ZD_OK || strcmp(is, hex) != 0) {
        *out = ZD_EVIDENCE_DIFFERS;
        bytes->size = start;
    }
    return ZD_OK;
}

zd_status zd_evidence_read(zd_evidence_state *out, zd_buf *bytes, const char *dir, const char *hex, zd_error *err)
{
    zd_buf path = {0};
    struct stat info;
    zd_status status = ZD_OK;
    if (lstat(zd_path_join(&path, dir, hex), &info) != 0) {
        *out = ZD_EVIDENCE_MISSING;
        status = errno == ENOENT || errno == ENOTDIR ? ZD_OK : zd_fail_errno(err, ZD_E_FILE_IO, zd_buf_text(&path));
    } else if (!S_ISREG(info.st_mode)) {
        *out = ZD_EVIDENCE_ODD;
    } else {
        *out = (info.st_mode & OTHERS) != 0 ? ZD_EVIDENCE_OPEN : ZD_EVIDENCE_GOOD;
        status = read_regular(out, bytes, zd_buf_text(&path), hex, err);
    }
    zd_buf_free(&path);
    return status;
}

zd_status zd_evidence_fail(zd_error *err, zd_evidence_state state, const char *dir, const char *hex)
{
    static const zd_code codes[ZD_EVIDENCE__COUNT] = {[ZD_EVIDENCE_MISSING] = ZD_E_EVIDENCE_MISSING,
                                                      [ZD_EVIDENCE_ODD] = ZD_E_EVIDENCE_DIFFERS,
                                                      [ZD_EVIDENCE_DIFFERS] = ZD_E_EVIDENCE_DIFFERS,
                                                      [ZD_EVIDENCE_OPEN] = ZD_E_EVIDENCE_OPEN};
    zd_buf path = {0};
    if (codes[state] == ZD_CODE_NONE) {
        return ZD_OK;
    }
    zd_status status = zd_fail(err, codes[state], "%s", state == ZD_EVIDENCE_ODD ? "no regular file / 不是普通文件" : "");
    zd_error_subject(err, zd_span_text(zd_path_join(&path, dir, hex)));
    zd_buf_free(&path);
    return status;
}

/* What lies in the folder and no record names: left by a run that was cut off, or put there by somebody. */
static zd_status strangers(zd_evidence_tally *tally, zd_book *book, const char *dir, zd_evidence_visit *visit, void *context, zd_error *err)
{
    struct stat info;
    DIR *folder = opendir(dir);
    if (folder == NULL) {
        return errno == ENOENT ? ZD_OK : zd_fail_errno(err, ZD_E_FILE_IO, dir);
    }
    tally->open_dir = fstat(dirfd(folder), &info) == 0 && (info.st_mode & OTHERS) != 0;
    errno = 0;
    for (const struct dirent *at = readdir(folder); at != NULL; at = readdir(folder)) {
        bool dots = strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0;
        if (!dots && (strlen(at->d_name) != ZD_HASH_HEX - 1 || zd_book_find(book, ZD_R_BFILE, "%s", at->d_name) == NULL)) {
            tally->count[ZD_EVIDENCE_STRANGER]++;
            visit(context, at->d_name, ZD_EVIDENCE_STRANGER);
        }
        errno = 0;
    }
    zd_status status = errno == 0 ? ZD_OK : zd_fail_errno(err, ZD_E_FILE_IO, dir);
    (void)closedir(folder);
    return status == ZD_OK ? zd_book_trouble(book, err) : status;
}

zd_status zd_evidence_check(zd_evidence_tally *tally, zd_ledger *ledger, zd_evidence_visit *visit, void *context, zd_error *err)
{
    zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
    zd_buf dir = {0};
    zd_buf bytes = {0};
    zd_status status = ZD_OK;
    *tally = (zd_evidence_tally){.open_dir = false};
    (void)zd_path_join(&dir, zd_ledger_dir(ledger), "evidence");
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_BFILE, "%s", "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        const char *hex = cursor.key + strlen("BFILE/");
        zd_evidence_state state = ZD_EVIDENCE_GOOD;
        zd_buf_clear(&bytes);
        status = zd_evidence_read(&state, &bytes, zd_buf_text(&dir), hex, err);
        tally->count[state] += status == ZD_OK ? 1 : 0;
        if (status == ZD_OK && state != ZD_EVIDENCE_GOOD) {
            visit(context, hex, state);
        }
    }
    status = status == ZD_OK ? zd_book_trouble(book, err) : status;
    if (status == ZD_OK) {
        status = strangers(tally, book, zd_buf_text(&dir), visit, context, err);
    }
    zd_buf_free(&dir);
    zd_buf_free(&bytes);
    return status;
}
