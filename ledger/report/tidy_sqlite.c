/* The SQLite file of an export; see tidy_files.h. A file for reading, made once: no journal, one transaction, synced at the end by its owner. */
#include <sqlite3.h>
#include <stdlib.h>

#include "ledger/report/tidy_files.h"

struct zd_tidy_sqlite {
    sqlite3 *db;
    sqlite3_stmt *insert;
    const zd_tidy_table *table;
};

static zd_status failed(sqlite3 *db, zd_error *err)
{
    return zd_fail(err, ZD_E_STORE_FAILED, "%s", db != NULL ? sqlite3_errmsg(db) : "no memory");
}

static zd_status run(sqlite3 *db, const char *sql, zd_error *err)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? ZD_OK : failed(db, err);
}

zd_status zd_tidy_sqlite_open(zd_tidy_sqlite **out, const char *path, zd_error *err)
{
    zd_tidy_sqlite *self = zd_alloc_zero(1, sizeof *self);
    zd_status status = sqlite3_open_v2(path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXCLUSIVE, NULL) == SQLITE_OK ? ZD_OK : failed(self->db, err);
    if (status == ZD_OK) {
        status = run(self->db, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN; CREATE TABLE dictionary(\"table\" TEXT NOT NULL, \"column\" TEXT NOT NULL,"
                               " type TEXT NOT NULL, unit TEXT NOT NULL, english TEXT NOT NULL, chinese TEXT NOT NULL) STRICT;", err);
    }
    *out = self;
    return status;
}

static zd_status describe(zd_tidy_sqlite *self, const char *table, const zd_tidy_column *column, zd_error *err)
{
    sqlite3_stmt *insert = NULL;
    const char *values[] = {table, column->name, column->number ? "INTEGER" : "TEXT", column->unit, column->english, column->chinese};
    int code = sqlite3_prepare_v2(self->db, "INSERT INTO dictionary VALUES(?,?,?,?,?,?)", -1, &insert, NULL);
    for (int i = 0; i < (int)ZD_COUNT(values) && code == SQLITE_OK; i++) {
        code = sqlite3_bind_text(insert, i + 1, values[i], -1, SQLITE_STATIC);
    }
    bool good = code == SQLITE_OK && sqlite3_step(insert) == SQLITE_DONE;
    (void)sqlite3_finalize(insert);
    return good ? ZD_OK : failed(self->db, err);
}

static zd_status see_table(void *context, const zd_tidy_table *table, zd_error *err)
{
    zd_tidy_sqlite *self = context;
    zd_buf create = {0};
    zd_buf insert = {0};
    zd_buf_addf(&create, "CREATE TABLE \"%s\"(", table->name);
    zd_buf_addf(&insert, "INSERT INTO \"%s\" VALUES(", table->name);
    zd_status status = ZD_OK;
    for (size_t i = 0; i < table->column_count && status == ZD_OK; i++) {
        zd_buf_addf(&create, "%s\"%s\" %s", i > 0 ? "," : "", table->columns[i].name, table->columns[i].number ? "INTEGER" : "TEXT");
        zd_buf_add_text(&insert, i > 0 ? ",?" : "?");
        status = describe(self, table->name, &table->columns[i], err);
    }
    zd_buf_add_text(&create, ") STRICT");
    zd_buf_add_text(&insert, ")");
    (void)sqlite3_finalize(self->insert);
    self->insert = NULL;
    self->table = table;
    if (status == ZD_OK) {
        status = run(self->db, zd_buf_text(&create), err);
    }
    if (status == ZD_OK && sqlite3_prepare_v2(self->db, zd_buf_text(&insert), -1, &self->insert, NULL) != SQLITE_OK) {
        status = failed(self->db, err);
    }
    zd_buf_free(&create);
    zd_buf_free(&insert);
    return status;
}

static zd_status see_row(void *context, const zd_tidy_row *row, zd_error *err)
{
    zd_tidy_sqlite *self = context;
    int code = SQLITE_OK;
    ZD_ASSERT(row->count == self->table->column_count);
    for (size_t i = 0; i < row->count && code == SQLITE_OK; i++) {
        const zd_tidy_cell *cell = &row->cells[i];
        int place = (int)i + 1;
        if (cell->is_number) {
            code = sqlite3_bind_int64(self->insert, place, cell->number);
        } else if (cell->text.size > 0) {
            code = sqlite3_bind_text(self->insert, place, (const char *)cell->text.data, (int)cell->text.size, SQLITE_STATIC);
        } else {
            code = sqlite3_bind_null(self->insert, place);
        }
    }
    bool good = code == SQLITE_OK && sqlite3_step(self->insert) == SQLITE_DONE;
    return good && sqlite3_reset(self->insert) == SQLITE_OK ? ZD_OK : failed(self->db, err);
}

zd_tidy_sink zd_tidy_sqlite_sink(zd_tidy_sqlite *self)
{
    return (zd_tidy_sink){.table = see_table, .row = see_row, .context = self};
}

zd_status zd_tidy_sqlite_close(zd_tidy_sqlite *self, bool complete, zd_error *err)
{
    zd_status status = ZD_OK;
    size_t count = 0;
    const zd_tidy_table *views = zd_tidy_view_tables(&count);
    (void)sqlite3_finalize(self->insert);
    for (size_t i = 0; i < count && complete && status == ZD_OK; i++) {
        for (size_t c = 0; c < views[i].column_count && status == ZD_OK; c++) {
            status = describe(self, views[i].name, &views[i].columns[c], err);
        }
    }
    if (complete && status == ZD_OK) {
        status = run(self->db, zd_tidy_views, err);
        status = status == ZD_OK ? run(self->db, "COMMIT; PRAGMA optimize;", err) : status;
    }
    if (sqlite3_close(self->db) != SQLITE_OK && status == ZD_OK && complete) {
        status = zd_fail(err, ZD_E_STORE_FAILED, "the export did not close");
    }
    free(self);
    return status;
}
