/*
 * From decisions to durable leaves: encode, hash once, append with the dirty records in one transaction. After a failure nothing in memory is
 * believed any more: the working set is thrown away and read again.
 *
 * In three steps, so that the middle one may run on another thread while decisions go on (commit.c): what is frozen needs neither the ledger nor the book until it is settled.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/ledger_int.h"

void zd_pending_clear(zd_pending *pending)
{
    zd_buf_clear(&pending->bytes);
    pending->count = 0;
}

static void free_list(zd_record_list *list)
{
    free(list->records);
    zd_buf_free(&list->bytes);
}

void zd_pending_free(zd_pending *pending)
{
    zd_buf_free(&pending->bytes);
    free(pending->ends);
    free(pending->hashes);
    free_list(&pending->records);
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
        pending->count++;
        pending->last_at_unix_ms = group->decisions[i].at_unix_ms;
    }
}

static void collect(void *context, size_t key_size, size_t value_size, bool removed)
{
    zd_record_list *list = context;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 64 : list->capacity * 2;
        list->records = zd_realloc(list->records, list->capacity * sizeof *list->records);
    }
    /* Sizes now, pointers when all are there; a removed record keeps a NULL value. */
    list->records[list->count++] = (zd_store_record){.key = zd_span_of(NULL, key_size), .value = zd_span_of(removed ? NULL : "", value_size)};
}

static void resolve(zd_record_list *list)
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

static void collect_dirty(zd_record_list *list, zd_ledger *ledger)
{
    zd_book_dirty_pack(ledger->book, &list->bytes, collect, list); /* the store sorts, on the thread that writes */
    resolve(list);
}

static void clear_list(zd_record_list *list)
{
    list->count = 0;
    zd_buf_clear(&list->bytes);
}

void zd_pending_freeze(zd_pending *pending, zd_ledger *ledger, bool with_records)
{
    pending->expected = ledger->head;
    pending->tree = ledger->tree;
    pending->with_records = with_records;
    clear_list(&pending->records);
    if (with_records) {
        collect_dirty(&pending->records, ledger);
        zd_book_give(ledger->book);
    }
}

void zd_pending_write(zd_pending *pending, zd_store *store)
{
    zd_store_leaf *leaves = zd_alloc(pending->count * sizeof *leaves);
    size_t start = 0;
    for (size_t i = 0; i < pending->count; i++) {
        leaves[i].bytes = zd_span_of(pending->bytes.data + start, pending->ends[i] - start);
        memcpy(leaves[i].hash, pending->hashes[i].bytes, sizeof leaves[i].hash);
        zd_tree_append(&pending->tree, &pending->hashes[i]);
        start = pending->ends[i];
    }
    zd_engine_head(&pending->next, &pending->expected, &pending->tree, pending->last_at_unix_ms);
    if (pending->with_records) {
        pending->next.mark = pending->next.size;
    }
    pending->failure = (zd_error){0};
    pending->outcome = zd_store_append(store, &pending->expected, &pending->next, leaves, pending->count, pending->records.records, pending->records.count, &pending->failure);
    free(leaves);
}

zd_status zd_pending_settle(zd_pending *pending, zd_ledger *ledger, zd_error *err)
{
    zd_error failure = pending->failure;
    zd_status status = outcome_status(pending->outcome, ledger, &pending->next, &failure);
    if (status == ZD_OK) {
        ledger->head = pending->next;
        ledger->tree = pending->tree;
        if (pending->with_records) {
            zd_engine_seen_from_now(ledger);
            zd_book_settle(ledger->book);
        }
        return ZD_OK;
    }
    if (err != NULL && err->code == ZD_CODE_NONE) {
        *err = failure;
    }
    zd_error ignored = {0};
    (void)zd_engine_reload(ledger, &ignored);
    return zd_code_status(failure.code);
}

bool zd_pending_records_due(const zd_ledger *ledger, uint64_t leaves, bool within_call)
{
    size_t records = within_call ? ZD_FLUSH_RECORDS_CALL : ZD_FLUSH_RECORDS;
    uint64_t bound = ledger->options.record_leaves != 0 ? ledger->options.record_leaves : ZD_FLUSH_LEAVES;
    return ledger->head.size + leaves - ledger->head.mark >= bound || zd_book_dirty_count(ledger->book) >= records;
}

zd_status zd_pending_append(zd_pending *pending, zd_ledger *ledger, bool with_records, zd_error *err)
{
    if (pending->count == 0) {
        return ZD_OK;
    }
    zd_pending_freeze(pending, ledger, with_records || zd_pending_records_due(ledger, pending->count, false));
    zd_pending_write(pending, ledger->store);
    return zd_pending_settle(pending, ledger, err);
}

zd_status zd_engine_flush(zd_ledger *ledger, zd_error *err)
{
    if (!ledger->write || ledger->stale || ledger->store == NULL || ledger->book == NULL || ledger->head.mark == ledger->head.size) {
        return ZD_OK;
    }
    return zd_engine_flush_to(ledger, ledger->head.size, err);
}

zd_status zd_engine_flush_to(zd_ledger *ledger, uint64_t mark, zd_error *err)
{
    zd_record_list list = {0};
    collect_dirty(&list, ledger);
    zd_status status = zd_store_flush(ledger->store, list.records, list.count, mark, err);
    if (status == ZD_OK) {
        zd_book_clean(ledger->book);
        ledger->head.mark = mark;
    }
    free_list(&list);
    return status;
}
