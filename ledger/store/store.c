/*
 * Dispatch to the implementation, and the checks that all implementations share. Invariants: a callback never re-enters the
 * store it was called from, and the head handed to append describes exactly the leaves handed with it; breaking either is a
 * bug of the caller, hence an assertion. Must not know any implementation.
 */
#include "ledger/store/store_int.h"

#include <string.h>

static const zd_store_ops *enter(zd_store *store)
{
    ZD_ASSERT(!store->inside);
    store->inside = true;
    return store->ops;
}

static zd_status leave(zd_store *store, zd_status status)
{
    store->inside = false;
    return status;
}

size_t zd_store_frontier_count(uint64_t size)
{
    size_t count = 0;
    for (; size != 0; size &= size - 1) {
        count++;
    }
    return count;
}

zd_status zd_store_head_get(zd_store *store, zd_store_head *out, zd_error *err)
{
    return leave(store, enter(store)->head_get(store, out, err));
}

zd_status zd_store_pin(zd_store *store, zd_error *err)
{
    return leave(store, enter(store)->pin(store, err));
}

zd_status zd_store_follow(zd_store *store, zd_store **out, zd_error *err)
{
    *out = NULL;
    return leave(store, enter(store)->follow(store, out, err));
}

void zd_store_moment(zd_store *follower, bool stays)
{
    enter(follower)->moment(follower, stays);
    (void)leave(follower, ZD_OK);
}

void zd_store_hold_checkpoints(zd_store *store, bool held)
{
    enter(store)->hold_checkpoints(store, held);
    (void)leave(store, ZD_OK);
}

bool zd_store_checkpoint_due(zd_store *store)
{
    bool due = enter(store)->checkpoint_due(store);
    (void)leave(store, ZD_OK);
    return due;
}

zd_status zd_store_checkpoint(zd_store *store, zd_error *err)
{
    return leave(store, enter(store)->checkpoint(store, err));
}

zd_status zd_store_load(zd_store *store, const zd_span *keys, size_t count, zd_store_record_visit *visit, void *context,
                        zd_error *err)
{
    return leave(store, enter(store)->load(store, keys, count, visit, context, err));
}

zd_status zd_store_range(zd_store *store, zd_span prefix, zd_span from, size_t limit, zd_store_record_visit *visit,
                         void *context, zd_error *err)
{
    zd_store_slice slice = {.prefix = prefix, .from = from, .limit = limit};
    return leave(store, enter(store)->range(store, &slice, visit, context, err));
}

zd_append zd_store_append(zd_store *store, const zd_store_head *expected, const zd_store_head *next, const zd_store_leaf *leaves,
                          size_t leaf_count, const zd_store_record *records, size_t record_count, zd_error *err)
{
    ZD_ASSERT(next->size <= INT64_MAX && next->size - expected->size == leaf_count && next->size >= expected->size);
    ZD_ASSERT(next->epoch == expected->epoch && next->mark <= next->size);
    ZD_ASSERT(next->frontier_count == zd_store_frontier_count(next->size));
    ZD_ASSERT(leaf_count > 0 || memcmp(next->root, expected->root, sizeof next->root) == 0);
    zd_store_change change = {expected, next, leaves, leaf_count, records, record_count};
    zd_append result = enter(store)->append(store, &change, err);
    (void)leave(store, ZD_OK);
    return result;
}

zd_status zd_store_flush(zd_store *store, const zd_store_record *records, size_t count, uint64_t mark, zd_error *err)
{
    return leave(store, enter(store)->flush(store, records, count, mark, err));
}

zd_status zd_store_leaves(zd_store *store, uint64_t from, uint64_t to, zd_store_leaf_visit *visit, void *context, zd_error *err)
{
    ZD_ASSERT(from <= to && to <= INT64_MAX);
    return leave(store, enter(store)->leaves(store, from, to, visit, context, err));
}

zd_status zd_store_publication_put(zd_store *store, const zd_publication *publication, zd_error *err)
{
    ZD_ASSERT(publication->size <= INT64_MAX);
    return leave(store, enter(store)->publication_put(store, publication, err));
}

zd_status zd_store_publications(zd_store *store, uint64_t from, zd_store_publication_visit *visit, void *context, zd_error *err)
{
    ZD_ASSERT(from <= INT64_MAX);
    return leave(store, enter(store)->publications(store, from, visit, context, err));
}

zd_status zd_store_publication_last(zd_store *store, zd_publication *out, bool *found, zd_error *err)
{
    *found = false;
    return leave(store, enter(store)->publication_last(store, out, found, err));
}

zd_status zd_store_blob_put(zd_store *store, zd_span name, zd_span data, zd_error *err)
{
    return leave(store, enter(store)->blob_put(store, name, data, err));
}

zd_status zd_store_blob_get(zd_store *store, zd_span name, zd_buf *out, bool *found, zd_error *err)
{
    *found = false;
    return leave(store, enter(store)->blob_get(store, name, out, found, err));
}

zd_status zd_store_backup(zd_store *store, const char *path, zd_error *err)
{
    return leave(store, enter(store)->backup(store, path, err));
}

zd_status zd_store_check(zd_store *store, zd_error *err)
{
    return leave(store, enter(store)->check(store, err));
}

zd_status zd_store_stats_get(zd_store *store, zd_store_stats *out, zd_error *err)
{
    return leave(store, enter(store)->stats_get(store, out, err));
}

void zd_store_close(zd_store *store)
{
    if (store != NULL) {
        enter(store)->close(store);
    }
}
