/*
 * Records: ordered bytes to bytes. Keys are sorted before they are read or written, so that the B-tree is walked once from
 * left to right. Must not interpret keys.
 */
#include "ledger/store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

static int compare_spans(zd_span a, zd_span b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int by_key(const void *left, const void *right)
{
    return compare_spans(**(const zd_span *const *)left, **(const zd_span *const *)right);
}

/* The first bytes of a key as numbers that compare like them, zeros behind a shorter one: most pairs are told apart without a look at the keys. */
#define HEAD_WORDS 3
typedef struct sort_row {
    uint64_t head[HEAD_WORDS];
    const zd_store_record *record;
} sort_row;

static sort_row row_of(const zd_store_record *record)
{
    sort_row row = {.record = record};
    size_t size = record->key.size < sizeof row.head ? record->key.size : sizeof row.head;
    for (size_t i = 0; i < size; i++) {
        row.head[i / 8] |= (uint64_t)record->key.data[i] << (56 - 8 * (i % 8));
    }
    return row;
}

/* By key, then by place in the caller's array: the pointers point into that one array. */
static int by_key_and_place(const void *left, const void *right)
{
    const sort_row *a = left;
    const sort_row *b = right;
    for (size_t i = 0; i < HEAD_WORDS; i++) {
        if (a->head[i] != b->head[i]) {
            return a->head[i] < b->head[i] ? -1 : 1;
        }
    }
    int order = compare_spans(a->record->key, b->record->key);
    return order != 0 ? order : (a->record > b->record) - (a->record < b->record);
}

static zd_status record_write(zd_sqlite *self, const zd_store_record *record, zd_error *err)
{
    zd_sql id = record->value.data != NULL ? ZD_SQL_RECORD_PUT : ZD_SQL_RECORD_DELETE;
    zd_sqlite_bind_blob(self, id, 1, record->key);
    if (id == ZD_SQL_RECORD_PUT) {
        zd_sqlite_bind_blob(self, id, 2, record->value);
    }
    return zd_sqlite_run(self, id, err);
}

static bool ascends(const zd_store_record *records, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (compare_spans(records[i - 1].key, records[i].key) >= 0) {
            return false;
        }
    }
    return true;
}

zd_status zd_sqlite_records_write(zd_sqlite *self, const zd_store_record *records, size_t count, zd_error *err)
{
    zd_status status = ZD_OK;
    if (ascends(records, count)) {
        for (size_t i = 0; i < count && status == ZD_OK; i++) {
            status = record_write(self, &records[i], err);
        }
        return status;
    }
    sort_row *sorted = zd_alloc_zero(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = row_of(&records[i]);
    }
    qsort(sorted, count, sizeof *sorted, by_key_and_place);
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        /* Of several values for one key the last one stands. */
        if (i + 1 == count || !zd_span_equal(sorted[i].record->key, sorted[i + 1].record->key)) {
            status = record_write(self, sorted[i].record, err);
        }
    }
    free(sorted);
    return status;
}

static zd_status record_load(zd_sqlite *self, zd_span key, zd_store_record_visit *visit, void *context, zd_error *err)
{
    bool row = false;
    zd_sqlite_bind_blob(self, ZD_SQL_RECORD_GET, 1, key);
    zd_status status = zd_sqlite_step(self, ZD_SQL_RECORD_GET, &row, err);
    if (status == ZD_OK && row) {
        status = visit(context, key, zd_sqlite_bytes(self, ZD_SQL_RECORD_GET, 0));
        zd_sqlite_reset(self, ZD_SQL_RECORD_GET);
    }
    return status;
}

zd_status zd_sqlite_load(zd_store *store, const zd_span *keys, size_t count, zd_store_record_visit *visit, void *context,
                         zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    /* One snapshot for all keys, which also spares a lock per key. */
    bool lingers = zd_sqlite_may_linger(self);
    zd_status status = lingers ? zd_sqlite_linger(self, err) : zd_sqlite_read_begin(self, err);
    if (status != ZD_OK) {
        return status;
    }
    const zd_span **sorted = zd_alloc_zero(count + 1, sizeof *sorted);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = &keys[i];
    }
    qsort(sorted, count, sizeof *sorted, by_key);
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        if (i == 0 || !zd_span_equal(*sorted[i], *sorted[i - 1])) {
            status = record_load(self, *sorted[i], visit, context, err);
        }
    }
    free(sorted);
    if (!lingers || status != ZD_OK) {
        zd_sqlite_read_end(self);
    }
    return status;
}

/* The first key after all that start with prefix; false when there is none (only 0xff bytes, or an empty prefix). */
static bool prefix_end(zd_buf *out, zd_span prefix)
{
    size_t size = prefix.size;
    while (size > 0 && prefix.data[size - 1] == 0xff) {
        size--;
    }
    if (size == 0) {
        return false;
    }
    zd_buf_add(out, prefix.data, size);
    out->data[size - 1]++;
    return true;
}

zd_status zd_sqlite_range(zd_store *store, const zd_store_slice *slice, zd_store_record_visit *visit, void *context,
                          zd_error *err)
{
    zd_sqlite *self = (zd_sqlite *)store;
    zd_status status = zd_sqlite_may_linger(self) ? zd_sqlite_linger(self, err) : zd_sqlite_readable(self, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_buf end = {0};
    bool bounded = prefix_end(&end, slice->prefix);
    zd_sql id = bounded ? ZD_SQL_RECORD_RANGE : ZD_SQL_RECORD_RANGE_OPEN;
    int64_t limit = slice->limit == 0 || slice->limit > INT64_MAX ? -1 : (int64_t)slice->limit;
    zd_sqlite_bind_blob(self, id, 1, compare_spans(slice->from, slice->prefix) > 0 ? slice->from : slice->prefix);
    if (bounded) {
        zd_sqlite_bind_blob(self, id, 2, zd_buf_span(&end));
    }
    zd_sqlite_bind_int(self, id, bounded ? 3 : 2, limit);
    for (bool row = true; status == ZD_OK && row;) {
        status = zd_sqlite_step(self, id, &row, err);
        if (status == ZD_OK && row) {
            status = visit(context, zd_sqlite_bytes(self, id, 0), zd_sqlite_bytes(self, id, 1));
        }
    }
    zd_sqlite_reset(self, id);
    zd_buf_free(&end);
    return status;
}
