/* Puts an export together in a directory of its own: all of it or nothing; see tidy.h. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/base/durable.h"
#include "ledger/report/tidy_files.h"

typedef struct both {
    zd_tidy_sink csv, sqlite;
} both;

static zd_status see_table(void *context, const zd_tidy_table *table, zd_error *err)
{
    both *sinks = context;
    zd_status status = sinks->csv.table(sinks->csv.context, table, err);
    return status == ZD_OK ? sinks->sqlite.table(sinks->sqlite.context, table, err) : status;
}

static zd_status see_row(void *context, const zd_tidy_row *row, zd_error *err)
{
    both *sinks = context;
    zd_status status = sinks->csv.row(sinks->csv.context, row, err);
    return status == ZD_OK ? sinks->sqlite.row(sinks->sqlite.context, row, err) : status;
}

static zd_status write_into(zd_tidy_counts *counts, const char *repository, const char *dir, zd_error *err)
{
    zd_buf path = {0};
    zd_tidy_sqlite *sqlite = NULL;
    zd_tidy_csv *csv = zd_tidy_csv_open(dir);
    zd_status status = zd_tidy_sqlite_open(&sqlite, zd_path_join(&path, dir, "zhidui.sqlite"), err);
    both sinks = {.csv = zd_tidy_csv_sink(csv), .sqlite = zd_tidy_sqlite_sink(sqlite)};
    zd_tidy_sink sink = {.table = see_table, .row = see_row, .context = &sinks};
    if (status == ZD_OK) {
        status = zd_tidy_stream(counts, repository, &sink, err);
    }
    zd_status closed = zd_tidy_sqlite_close(sqlite, status == ZD_OK, err);
    status = status == ZD_OK ? closed : status;
    closed = zd_tidy_csv_close(csv, err);
    status = status == ZD_OK ? closed : status;
    if (status == ZD_OK) {
        status = zd_file_write(zd_path_join(&path, dir, "VIEWS.sql"), zd_span_text(zd_tidy_views), 0644, err);
    }
    zd_buf_free(&path);
    return status;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

zd_status zd_tidy_export(zd_tidy_counts *counts, const char *repository, const char *dir, zd_error *err)
{
    zd_buf draft = {0};
    zd_tidy_counts ignored;
    if (zd_path_exists(dir)) {
        errno = EEXIST;
        return zd_fail_errno(err, ZD_E_FILE_EXISTS, dir);
    }
    zd_buf_addf(&draft, "%s.draft-%ld", dir, (long)getpid());
    zd_status status = zd_dir_make(zd_buf_text(&draft), 0755, err);
    if (status == ZD_OK) {
        status = write_into(counts != NULL ? counts : &ignored, repository, zd_buf_text(&draft), err);
    }
    if (status == ZD_OK) {
        status = zd_dir_sync(zd_buf_text(&draft), err);
    }
    if (status == ZD_OK && rename(zd_buf_text(&draft), dir) != 0) {
        status = zd_fail_errno(err, ZD_E_FILE_IO, dir);
    }
    if (status != ZD_OK) {
        (void)nftw(zd_buf_text(&draft), remove_one, 8, FTW_DEPTH | FTW_PHYS);
    }
    zd_buf_free(&draft);
    return status;
}
