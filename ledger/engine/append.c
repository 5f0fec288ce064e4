/*
 * From decisions to durable leaves: encode, hash once, append with the dirty records in one transaction. After a failure nothing in memory is
 * believed any more: the working set is thrown away and read again.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/ledger_int.h"

void zd_pending_start(zd_pending *pending, const zd_ledger *ledger)
{
    zd_buf_clear(&pending->bytes);
    pending->count = 0;
    pending->tree = ledger->tree;
    pending->last_at_unix_ms = ledger->head.last_at_unix_ms;
}

void zd_pending_free(zd_pending *pending)
{
    zd_buf_free(&pending->bytes);
    free(pending->ends);
    free(pending->hashes);
}

void zd_pending_add(zd_pending *pending, const zd_group *group, zd_span note)
{
    for (size_t i = 0; i < group->count; i++) {
        size_t start = pending->bytes.size;
        zd_decision_encode(&pending->bytes, &group->decisions[i], zd_acts_check_name);
        if (i == 0) {
            zd_buf_add_span(&pending->bytes, note);
        }
        size_t size = pending->bytes.size - start;
        ZD_ASSERT(size <= ZD_LEAF_MAX);
        if (pending->count == pending->capacity) {
            pending->capacity = pending->capacity == 0 ? 64 : pending->capacity * 2;
            pending->ends = zd_realloc(pending->ends, pending->capacity * sizeof *pending->ends);
            pending->hashes = zd_realloc(pending->hashes, pending->capacity * sizeof *pending->hashes);
        }
        pending->ends[pending->count] = pending->bytes.size;
        pending->hashes[pending->count] = zd_tree_leaf_hash(zd_span_of(pending->bytes.data + start, size));
        zd_tree_append(&pending->tree, &pending->hashes[pending->count]);
        pending->count++;
        pending->last_at_unix_ms = group->decisions[i].at_unix_ms;
    }
}

typedef struct record_list {
    zd_store_record *records;
    size_t count;
    size_t capacity;
    zd_buf bytes; /* keys and values; offsets first, since the buffer moves */
} record_list;

static zd_status collect(void *context, zd_span key, zd_span value)
{
    record_list *list = context;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->records = zd_realloc(list->records, list->capacity * sizeof *list->records);
    }
    /* Sizes now, pointers when all are there; a removed record keeps a NULL value. */
    list->records[list->count++] = (zd_store_record){.key = zd_span_of(NULL, key.size), .value = zd_span_of(value.data != NULL ? "" : NULL, value.size)};
    zd_buf_add_span(&list->bytes, key);
    zd_buf_add_span(&list->bytes, value);
    return ZD_OK;
}

static void resolve(record_list *list)
{
    const uint8_t *at = list->bytes.data;
    for (size_t i = 0; i < list->count; i++) {
        list->records[i].key.data = at;
        at += list->records[i].key.size;
        if (list->records[i].value.data != NULL) {
            list->records[i].value.data = at;
            at += list->records[i].value.size;
        }
    }
}

/* After UNKNOWN the handle is finished, and only a fresh one can say: the head is either the new one or still the old one. */
static zd_status resolve_unknown(zd_ledger *ledger, zd_store_head *next, zd_error *err)
{
    zd_store_head now = {0};
    zd_error failure = {0};
    zd_status status = zd_engine_reopen_store(ledger, &failure);
    if (status == ZD_OK) {
        status = zd_store_head_get(ledger->store, &now, &failure);
    }
    if (status != ZD_OK || now.size != next->size || memcmp(now.root, next->root, sizeof now.root) != 0) {
        zd_error_clear(err);
        return status == ZD_OK && now.size + 1 <= next->size ? zd_fail(err, ZD_E_STORE_FAILED, "not written; repeat")
                                                             : zd_fail(err, ZD_E_STORE_UNKNOWN, "expected %llu entries", (unsigned long long)next->size);
    }
    *next = now;
    zd_error_clear(err);
    return ZD_OK;
}

static zd_status outcome_status(zd_append outcome, zd_ledger *ledger, zd_store_head *next, zd_error *err)
{
    switch (outcome) {
    case ZD_APPEND_OK:
        return ZD_OK;
    case ZD_APPEND_CONFLICT:
        return zd_fail(err, ZD_E_STORE_CONFLICT, "the head moved");
    case ZD_APPEND_UNKNOWN:
        return resolve_unknown(ledger, next, err);
    case ZD_APPEND_FAILED:
        break;
    }
    return zd_fail(err, ZD_E_STORE_FAILED, "append");
}

static void collect_dirty(record_list *list, zd_ledger *ledger)
{
    zd_status status = zd_book_dirty(ledger->book, collect, list);
    ZD_ASSERT(status == ZD_OK);
    resolve(list);
}

static void drop_list(record_list *list)
{
    free(list->records);
    zd_buf_free(&list->bytes);
}

zd_status zd_pending_append(zd_pending *pending, zd_ledger *ledger, bool with_records, zd_error *err)
{
    if (pending->count == 0) {
        return ZD_OK;
    }
    zd_store_leaf *leaves = zd_alloc(pending->count * sizeof *leaves);
    size_t start = 0;
    for (size_t i = 0; i < pending->count; i++) {
        leaves[i].bytes = zd_span_of(pending->bytes.data + start, pending->ends[i] - start);
        memcpy(leaves[i].hash, pending->hashes[i].bytes, sizeof leaves[i].hash);
        start = pending->ends[i];
    }
    record_list list = {0};
    zd_store_head next;
    zd_engine_head(&next, &ledger->head, &pending->tree, pending->last_at_unix_ms);
    with_records = with_records || next.size - next.mark >= ZD_FLUSH_LEAVES;
    if (with_records) {
        collect_dirty(&list, ledger);
        next.mark = next.size;
    }
    zd_error failure = {0};
    zd_append outcome = zd_store_append(ledger->store, &ledger->head, &next, leaves, pending->count, list.records, list.count, &failure);
    zd_status status = outcome_status(outcome, ledger, &next, &failure);
    if (status == ZD_OK) {
        if (with_records) {
            zd_book_clean(ledger->book);
        }
        ledger->head = next;
        ledger->tree = pending->tree;
    } else {
        if (err != NULL && err->code == ZD_CODE_NONE) {
            *err = failure;
        }
        zd_error ignored = {0};
        (void)zd_engine_reload(ledger, &ignored);
        status = zd_code_status(failure.code);
    }
    free(leaves);
    drop_list(&list);
    return status;
}

zd_status zd_engine_flush(zd_ledger *ledger, zd_error *err)
{
    if (!ledger->write || ledger->stale || ledger->store == NULL || ledger->book == NULL || ledger->head.mark == ledger->head.size) {
        return ZD_OK;
    }
    record_list list = {0};
    collect_dirty(&list, ledger);
    zd_status status = zd_store_flush(ledger->store, list.records, list.count, ledger->head.size, err);
    if (status == ZD_OK) {
        zd_book_clean(ledger->book);
        ledger->head.mark = ledger->head.size;
    }
    drop_list(&list);
    return status;
}
