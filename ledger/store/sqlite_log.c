/*
 * The head and the leaves. append is one transaction: compare the head with what the caller built upon, write, set the new
 * head, commit; every way out before the commit rolls back. The schema's triggers refuse the same mistakes once more. Must
 * not hash and must not know what a leaf says.
 */
#include "ledger/store/sqlite_int.h"

#include <string.h>

static zd_status bad_head(zd_sqlite *self, zd_error *err)
{
    self->stopped = ZD_E_LEDGER_CORRUPT;
    zd_status status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "the head row is missing or malformed");
    zd_error_subject(err, zd_span_text(self->path));
    return status;
}

zd_status zd_sqlite_head_read(zd_sqlite *self, zd_store_head *out, zd_error *err)
{
    bool row = false;
    zd_status status = zd_sqlite_step(self, ZD_SQL_HEAD_GET, &row, err);
    if (status != ZD_OK) {
        return status;
    }
    if (!row) {
        return bad_head(self, err);
    }
    *out = (zd_store_head){
        .size = (uint64_t)zd_sqlite_int(self, ZD_SQL_HEAD_GET, 0),
        .epoch = (uint64_t)zd_sqlite_int(self, ZD_SQL_HEAD_GET, 1),
        .mark = (uint64_t)zd_sqlite_int(self, ZD_SQL_HEAD_GET, 2),
        .last_at_unix_ms = zd_sqlite_int(self, ZD_SQL_HEAD_GET, 3),
    };
    zd_span root = zd_sqlite_bytes(self, ZD_SQL_HEAD_GET, 4);
    zd_span frontier = zd_sqlite_bytes(self, ZD_SQL_HEAD_GET, 5);
    out->frontier_count = zd_store_frontier_count(out->size);
    bool sound = out->size <= INT64_MAX && out->mark <= out->size && root.size == sizeof out->root &&
                 frontier.size == out->frontier_count * ZD_STORE_HASH;
    if (sound) {
        memcpy(out->root, root.data, root.size);
        memcpy(out->frontier, frontier.data, frontier.size);
    }
    zd_sqlite_reset(self, ZD_SQL_HEAD_GET);
    return sound ? ZD_OK : bad_head(self, err);
}

zd_status zd_sqlite_head_get(zd_store *store, zd_store_head *out, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_sqlite_linger_end(self); /* the head as it is now: another writer may have taken over */
    zd_status status = zd_sqlite_readable(self, err);
    return status == ZD_OK ? zd_sqlite_head_read(self, out, err) : status;
}

static zd_status leaves_write(zd_sqlite *self, uint64_t first, const zd_store_leaf *leaves, size_t count, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        zd_sqlite_bind_int(self, ZD_SQL_LEAF_INSERT, 1, (int64_t)(first + i));
        zd_sqlite_bind_blob(self, ZD_SQL_LEAF_INSERT, 2, leaves[i].bytes);
        zd_sqlite_bind_blob(self, ZD_SQL_LEAF_INSERT, 3, zd_span_of(leaves[i].hash, ZD_STORE_HASH));
        status = zd_sqlite_run(self, ZD_SQL_LEAF_INSERT, err);
    }
    return status;
}

static zd_status head_write(zd_sqlite *self, const zd_store_head *next, zd_error *err)
{
    zd_sqlite_bind_int(self, ZD_SQL_HEAD_SET, 1, (int64_t)next->size);
    zd_sqlite_bind_int(self, ZD_SQL_HEAD_SET, 2, (int64_t)next->mark);
    zd_sqlite_bind_int(self, ZD_SQL_HEAD_SET, 3, next->last_at_unix_ms);
    zd_sqlite_bind_blob(self, ZD_SQL_HEAD_SET, 4, zd_span_of(next->root, sizeof next->root));
    zd_sqlite_bind_blob(self, ZD_SQL_HEAD_SET, 5, zd_span_of(next->frontier, next->frontier_count * ZD_STORE_HASH));
    return zd_sqlite_run(self, ZD_SQL_HEAD_SET, err);
}

zd_append zd_sqlite_append(zd_store *store, const zd_store_change *change, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    const zd_store_head *expected = change->expected;
    zd_store_head stored;
    zd_status status = zd_sqlite_write_begin(self, &stored, err);
    if (status != ZD_OK) {
        return self->stopped == ZD_E_STORE_CONFLICT ? ZD_APPEND_CONFLICT : ZD_APPEND_FAILED;
    }
    if (stored.size != expected->size || stored.epoch != expected->epoch ||
        memcmp(stored.root, expected->root, sizeof stored.root) != 0) {
        zd_sqlite_rollback(self);
        (void)zd_fail(err, ZD_E_STORE_CONFLICT, "expected %llu leaves, there are %llu", (unsigned long long)expected->size,
                      (unsigned long long)stored.size);
        return ZD_APPEND_CONFLICT;
    }
    status = leaves_write(self, expected->size, change->leaves, change->leaf_count, err);
    if (status == ZD_OK) {
        status = zd_sqlite_records_write(self, change->records, change->record_count, err);
    }
    if (status == ZD_OK) {
        status = head_write(self, change->next, err);
    }
    if (status != ZD_OK) {
        zd_sqlite_rollback(self);
        return ZD_APPEND_FAILED;
    }
    status = zd_sqlite_commit(self, err);
    if (status == ZD_OK) {
        return ZD_APPEND_OK;
    }
    return self->stopped == ZD_E_STORE_UNKNOWN ? ZD_APPEND_UNKNOWN : ZD_APPEND_FAILED;
}

zd_status zd_sqlite_flush(zd_store *store, const zd_store_record *records, size_t count, uint64_t mark, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_store_head stored;
    zd_status status = zd_sqlite_write_begin(self, &stored, err);
    if (status != ZD_OK) {
        return status;
    }
    if (mark > stored.size) {
        status = zd_fail(err, ZD_E_STORE_FAILED, "mark %llu is beyond the %llu leaves", (unsigned long long)mark,
                         (unsigned long long)stored.size);
    }
    if (status == ZD_OK) {
        status = zd_sqlite_records_write(self, records, count, err);
    }
    if (status == ZD_OK) {
        zd_sqlite_bind_int(self, ZD_SQL_HEAD_MARK, 1, (int64_t)mark);
        status = zd_sqlite_run(self, ZD_SQL_HEAD_MARK, err);
    }
    if (status != ZD_OK) {
        zd_sqlite_rollback(self);
        return status;
    }
    return zd_sqlite_commit(self, err);
}

/* The rows ended before `to`: beyond the head the caller asked for too much, below it the ledger has a hole. */
static zd_status leaf_missing(zd_sqlite *self, uint64_t index, zd_error *err)
{
    zd_store_head head;
    zd_status status = zd_sqlite_head_read(self, &head, err);
    if (status == ZD_OK) {
        status = zd_fail(err, index < head.size ? ZD_E_LEDGER_CORRUPT : ZD_E_STORE_FAILED, "leaf %llu of %llu is not there",
                         (unsigned long long)index, (unsigned long long)head.size);
        zd_error_subject(err, zd_span_text(self->path));
    }
    return status;
}

zd_status zd_sqlite_leaves(zd_store *store, uint64_t from, uint64_t to, zd_store_leaf_visit *visit, void *context, zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_status status = zd_sqlite_read_begin(self, err);
    if (status != ZD_OK) {
        return status;
    }
    uint64_t next = from;
    bool row = true;
    zd_sqlite_bind_int(self, ZD_SQL_LEAF_RANGE, 1, (int64_t)from);
    zd_sqlite_bind_int(self, ZD_SQL_LEAF_RANGE, 2, (int64_t)to);
    while (status == ZD_OK && next < to) {
        status = zd_sqlite_step(self, ZD_SQL_LEAF_RANGE, &row, err);
        if (status != ZD_OK || !row) {
            break;
        }
        zd_span hash = zd_sqlite_bytes(self, ZD_SQL_LEAF_RANGE, 2);
        if ((uint64_t)zd_sqlite_int(self, ZD_SQL_LEAF_RANGE, 0) != next || hash.size != ZD_STORE_HASH) {
            break;
        }
        status = visit(context, next, zd_sqlite_bytes(self, ZD_SQL_LEAF_RANGE, 1), hash.data);
        next++;
    }
    zd_sqlite_reset(self, ZD_SQL_LEAF_RANGE);
    if (status == ZD_OK && next < to) {
        status = leaf_missing(self, next, err);
    }
    zd_sqlite_read_end(self);
    return status;
}
