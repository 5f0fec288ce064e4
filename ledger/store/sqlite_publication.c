/*
 * Publications (what was signed and shown to the world) and named blobs. A publication never changes: a second put may only
 * fill in what was still empty. Must not parse the checkpoint.
 */
#include "ledger/store/sqlite_int.h"

/* Column order of the three publication_* selects. */
enum { P_SIZE, P_TIME, P_NOTE, P_COMMIT, P_PARENT, P_SIGNATURE, P_EXTRA };

static void row_read(zd_sqlite *self, zd_sql id, zd_publication *out)
{
    *out = (zd_publication){
        .size = (uint64_t)zd_sqlite_int(self, id, P_SIZE),
        .time_unix_s = zd_sqlite_int(self, id, P_TIME),
        .note = zd_sqlite_bytes(self, id, P_NOTE),
        .commit_hex = zd_sqlite_bytes(self, id, P_COMMIT),
        .parent_hex = zd_sqlite_bytes(self, id, P_PARENT),
        .commit_signature = zd_sqlite_bytes(self, id, P_SIGNATURE),
        .extra = zd_sqlite_bytes(self, id, P_EXTRA),
    };
}

static zd_status conflict(const zd_publication *publication, const char *why, zd_error *err)
{
    return zd_fail(err, ZD_E_STORE_CONFLICT, "publication of size %llu: %s", (unsigned long long)publication->size, why);
}

static bool fillable(zd_span stored, zd_span given)
{
    return stored.size == 0 || given.size == 0 || zd_span_equal(stored, given);
}

static zd_status fill(zd_sqlite *self, const zd_publication *stored, const zd_publication *given, zd_error *err)
{
    bool same = stored->time_unix_s == given->time_unix_s && zd_span_equal(stored->note, given->note) &&
                zd_span_equal(stored->extra, given->extra) && fillable(stored->commit_hex, given->commit_hex) &&
                fillable(stored->parent_hex, given->parent_hex) && fillable(stored->commit_signature, given->commit_signature);
    zd_sqlite_reset(self, ZD_SQL_PUBLICATION_GET); /* the stored spans end here */
    if (!same) {
        return conflict(given, "another one of this size is there", err);
    }
    zd_sqlite_bind_int(self, ZD_SQL_PUBLICATION_FILL, 1, (int64_t)given->size);
    zd_sqlite_bind_text(self, ZD_SQL_PUBLICATION_FILL, 2, given->commit_hex);
    zd_sqlite_bind_text(self, ZD_SQL_PUBLICATION_FILL, 3, given->parent_hex);
    zd_sqlite_bind_blob(self, ZD_SQL_PUBLICATION_FILL, 4, given->commit_signature);
    return zd_sqlite_run(self, ZD_SQL_PUBLICATION_FILL, err);
}

static zd_status insert(zd_sqlite *self, const zd_store_head *head, const zd_publication *given, zd_error *err)
{
    bool row = false;
    zd_status status = zd_sqlite_step(self, ZD_SQL_PUBLICATION_LAST, &row, err);
    if (status != ZD_OK) {
        return status;
    }
    if (row) {
        bool later = (uint64_t)zd_sqlite_int(self, ZD_SQL_PUBLICATION_LAST, P_SIZE) < given->size &&
                     zd_sqlite_int(self, ZD_SQL_PUBLICATION_LAST, P_TIME) < given->time_unix_s;
        zd_sqlite_reset(self, ZD_SQL_PUBLICATION_LAST);
        if (!later) {
            return conflict(given, "not later than the last one in size and time", err);
        }
    }
    if (given->size > head->size) {
        return conflict(given, "it names leaves that are not committed", err);
    }
    zd_sqlite_bind_int(self, ZD_SQL_PUBLICATION_INSERT, 1, (int64_t)given->size);
    zd_sqlite_bind_int(self, ZD_SQL_PUBLICATION_INSERT, 2, given->time_unix_s);
    zd_sqlite_bind_blob(self, ZD_SQL_PUBLICATION_INSERT, 3, given->note);
    zd_sqlite_bind_text(self, ZD_SQL_PUBLICATION_INSERT, 4, given->commit_hex);
    zd_sqlite_bind_text(self, ZD_SQL_PUBLICATION_INSERT, 5, given->parent_hex);
    zd_sqlite_bind_blob(self, ZD_SQL_PUBLICATION_INSERT, 6, given->commit_signature);
    zd_sqlite_bind_blob(self, ZD_SQL_PUBLICATION_INSERT, 7, given->extra);
    return zd_sqlite_run(self, ZD_SQL_PUBLICATION_INSERT, err);
}

zd_status zd_sqlite_publication_put(zd_store *store, const zd_publication *publication, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_store_head head;
    bool row = false;
    zd_status status = zd_sqlite_write_begin(self, &head, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_sqlite_bind_int(self, ZD_SQL_PUBLICATION_GET, 1, (int64_t)publication->size);
    status = zd_sqlite_step(self, ZD_SQL_PUBLICATION_GET, &row, err);
    if (status == ZD_OK && row) {
        zd_publication stored;
        row_read(self, ZD_SQL_PUBLICATION_GET, &stored);
        status = fill(self, &stored, publication, err);
    } else if (status == ZD_OK) {
        status = insert(self, &head, publication, err);
    }
    if (status != ZD_OK) {
        zd_sqlite_rollback(self);
        return status;
    }
    return zd_sqlite_commit(self, err);
}

zd_status zd_sqlite_publications(zd_store *store, uint64_t from, zd_store_publication_visit *visit, void *context,
                                 zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_status status = zd_sqlite_readable(self, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_sqlite_bind_int(self, ZD_SQL_PUBLICATION_LIST, 1, (int64_t)from);
    for (bool row = true; status == ZD_OK && row;) {
        status = zd_sqlite_step(self, ZD_SQL_PUBLICATION_LIST, &row, err);
        if (status == ZD_OK && row) {
            zd_publication publication;
            row_read(self, ZD_SQL_PUBLICATION_LIST, &publication);
            status = visit(context, &publication);
        }
    }
    zd_sqlite_reset(self, ZD_SQL_PUBLICATION_LIST);
    return status;
}

zd_status zd_sqlite_publication_last(zd_store *store, zd_publication *out, bool *found, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_status status = zd_sqlite_readable(self, err);
    bool row = false;
    if (status == ZD_OK) {
        status = zd_sqlite_step(self, ZD_SQL_PUBLICATION_LAST, &row, err);
    }
    if (status != ZD_OK || !row) {
        return status;
    }
    /* Copied, because an open row would hold its snapshot and with it the WAL. */
    row_read(self, ZD_SQL_PUBLICATION_LAST, out);
    zd_span *const spans[] = {&out->note, &out->commit_hex, &out->parent_hex, &out->commit_signature, &out->extra};
    zd_buf_clear(&self->held);
    for (size_t i = 0; i < ZD_COUNT(spans); i++) {
        zd_buf_add_span(&self->held, *spans[i]);
    }
    size_t offset = 0;
    for (size_t i = 0; i < ZD_COUNT(spans); i++) {
        spans[i]->data = self->held.data + offset;
        offset += spans[i]->size;
    }
    zd_sqlite_reset(self, ZD_SQL_PUBLICATION_LAST);
    *found = true;
    return ZD_OK;
}

zd_status zd_sqlite_blob_put(zd_store *store, zd_span name, zd_span data, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_store_head head;
    zd_status status = zd_sqlite_write_begin(self, &head, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_sql id = data.data != NULL ? ZD_SQL_BLOB_PUT : ZD_SQL_BLOB_DELETE;
    zd_sqlite_bind_blob(self, id, 1, name);
    if (id == ZD_SQL_BLOB_PUT) {
        zd_sqlite_bind_blob(self, id, 2, data);
    }
    status = zd_sqlite_run(self, id, err);
    if (status != ZD_OK) {
        zd_sqlite_rollback(self);
        return status;
    }
    return zd_sqlite_commit(self, err);
}

zd_status zd_sqlite_blob_get(zd_store *store, zd_span name, zd_buf *out, bool *found, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_status status = zd_sqlite_readable(self, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_sqlite_bind_blob(self, ZD_SQL_BLOB_GET, 1, name);
    status = zd_sqlite_step(self, ZD_SQL_BLOB_GET, found, err);
    if (status == ZD_OK && *found) {
        zd_buf_add_span(out, zd_sqlite_bytes(self, ZD_SQL_BLOB_GET, 0));
        zd_sqlite_reset(self, ZD_SQL_BLOB_GET);
    }
    return status;
}
