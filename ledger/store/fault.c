/*
 * The fault store: passes everything through to another store and spoils exactly one call, the fail_at-th of those that
 * write, in one of three ways: it is not done, or it is done and reported as unknown, or not done and reported as unknown. A call that the inner store refuses is
 * reported as the inner store says, because then nothing was done that could be in doubt. Must not hold state of its own
 * beyond the count.
 */
#include "ledger/store/store_int.h"

#include <stdlib.h>

typedef struct fault_store {
    zd_store base;
    zd_store *inner; /* owned */
    zd_fault_kind kind;
    unsigned fail_at;
    unsigned calls;
    zd_store_fault_watch *watch; /* may be NULL */
    void *watch_context;
} fault_store;

static fault_store *fault_of(zd_store *store)
{
    return (fault_store *)store;
}

/* Counts one writing call; true when this is the one to spoil. */
static bool spoils(fault_store *self)
{
    self->calls++;
    return self->calls == self->fail_at;
}

static zd_status before(const fault_store *self, zd_error *err)
{
    return zd_fail(err, ZD_E_STORE_FAILED, "fault before call %u", self->calls);
}

static zd_status after(const fault_store *self, zd_error *err)
{
    return zd_fail(err, ZD_E_STORE_UNKNOWN, "fault after call %u", self->calls);
}

/* Whether a spoilt call is answered without being made, and how. */
static bool refuses(const fault_store *self, bool spoil, zd_status *status, zd_error *err)
{
    if (!spoil || self->kind == ZD_FAULT_AFTER) {
        return false;
    }
    *status = self->kind == ZD_FAULT_LOST ? after(self, err) : before(self, err);
    return true;
}

static zd_append spoil_append(fault_store *self, const zd_store_change *change, zd_error *err)
{
    bool spoil = self->calls == self->fail_at;
    zd_status refused = ZD_OK;
    if (refuses(self, spoil, &refused, err)) {
        return self->kind == ZD_FAULT_LOST ? ZD_APPEND_UNKNOWN : ZD_APPEND_FAILED;
    }
    zd_append result = zd_store_append(self->inner, change->expected, change->next, change->leaves, change->leaf_count,
                                       change->records, change->record_count, err);
    if (spoil && result == ZD_APPEND_OK) {
        (void)after(self, err);
        return ZD_APPEND_UNKNOWN;
    }
    return result;
}

static zd_append fault_append(zd_store *store, const zd_store_change *change, zd_error *err)
{
    fault_store *self = fault_of(store);
    (void)spoils(self);
    if (self->watch != NULL) {
        self->watch(self->watch_context, self->calls, false);
    }
    zd_append result = spoil_append(self, change, err);
    if (self->watch != NULL) {
        self->watch(self->watch_context, self->calls, true);
    }
    return result;
}

static zd_status fault_flush(zd_store *store, const zd_store_record *records, size_t count, uint64_t mark, zd_error *err)
{
    fault_store *self = fault_of(store);
    bool spoil = spoils(self);
    zd_status status = ZD_OK;
    if (refuses(self, spoil, &status, err)) {
        return status;
    }
    status = zd_store_flush(self->inner, records, count, mark, err);
    return spoil && status == ZD_OK ? after(self, err) : status;
}

static zd_status fault_publication_put(zd_store *store, const zd_publication *publication, zd_error *err)
{
    fault_store *self = fault_of(store);
    bool spoil = spoils(self);
    zd_status status = ZD_OK;
    if (refuses(self, spoil, &status, err)) {
        return status;
    }
    status = zd_store_publication_put(self->inner, publication, err);
    return spoil && status == ZD_OK ? after(self, err) : status;
}

static zd_status fault_blob_put(zd_store *store, zd_span name, zd_span data, zd_error *err)
{
    fault_store *self = fault_of(store);
    bool spoil = spoils(self);
    zd_status status = ZD_OK;
    if (refuses(self, spoil, &status, err)) {
        return status;
    }
    status = zd_store_blob_put(self->inner, name, data, err);
    return spoil && status == ZD_OK ? after(self, err) : status;
}

static zd_status fault_pin(zd_store *store, zd_error *err)
{
    return zd_store_pin(fault_of(store)->inner, err);
}

static zd_status fault_follow(zd_store *store, zd_store **out, zd_error *err)
{
    return zd_store_follow(fault_of(store)->inner, out, err);
}

static void fault_moment(zd_store *store, bool stays)
{
    zd_store_moment(fault_of(store)->inner, stays);
}

static void fault_hold_checkpoints(zd_store *store, bool held)
{
    zd_store_hold_checkpoints(fault_of(store)->inner, held);
}

static bool fault_checkpoint_due(zd_store *store)
{
    return zd_store_checkpoint_due(fault_of(store)->inner);
}

static zd_status fault_checkpoint(zd_store *store, zd_error *err)
{
    return zd_store_checkpoint(fault_of(store)->inner, err);
}

static zd_status fault_head_get(zd_store *store, zd_store_head *out, zd_error *err)
{
    return zd_store_head_get(fault_of(store)->inner, out, err);
}

static zd_status fault_load(zd_store *store, const zd_span *keys, size_t count, zd_store_record_visit *visit, void *context,
                            zd_error *err)
{
    return zd_store_load(fault_of(store)->inner, keys, count, visit, context, err);
}

static zd_status fault_range(zd_store *store, const zd_store_slice *slice, zd_store_record_visit *visit, void *context,
                             zd_error *err)
{
    return zd_store_range(fault_of(store)->inner, slice->prefix, slice->from, slice->limit, visit, context, err);
}

static zd_status fault_leaves(zd_store *store, uint64_t from, uint64_t to, zd_store_leaf_visit *visit, void *context,
                              zd_error *err)
{
    return zd_store_leaves(fault_of(store)->inner, from, to, visit, context, err);
}

static zd_status fault_publications(zd_store *store, uint64_t from, zd_store_publication_visit *visit, void *context,
                                    zd_error *err)
{
    return zd_store_publications(fault_of(store)->inner, from, visit, context, err);
}

static zd_status fault_publication_last(zd_store *store, zd_publication *out, bool *found, zd_error *err)
{
    return zd_store_publication_last(fault_of(store)->inner, out, found, err);
}

static zd_status fault_blob_get(zd_store *store, zd_span name, zd_buf *out, bool *found, zd_error *err)
{
    return zd_store_blob_get(fault_of(store)->inner, name, out, found, err);
}

static zd_status fault_backup(zd_store *store, const char *path, zd_error *err)
{
    return zd_store_backup(fault_of(store)->inner, path, err);
}

static zd_status fault_check(zd_store *store, zd_error *err)
{
    return zd_store_check(fault_of(store)->inner, err);
}

static zd_status fault_stats_get(zd_store *store, zd_store_stats *out, zd_error *err)
{
    return zd_store_stats_get(fault_of(store)->inner, out, err);
}

static void fault_close(zd_store *store)
{
    zd_store_close(fault_of(store)->inner);
    free(store);
}

static const zd_store_ops fault_ops = {
    .head_get = fault_head_get,
    .pin = fault_pin,
    .follow = fault_follow,
    .moment = fault_moment,
    .hold_checkpoints = fault_hold_checkpoints,
    .checkpoint_due = fault_checkpoint_due,
    .checkpoint = fault_checkpoint,
    .load = fault_load,
    .range = fault_range,
    .append = fault_append,
    .flush = fault_flush,
    .leaves = fault_leaves,
    .publication_put = fault_publication_put,
    .publications = fault_publications,
    .publication_last = fault_publication_last,
    .blob_put = fault_blob_put,
    .blob_get = fault_blob_get,
    .backup = fault_backup,
    .check = fault_check,
    .stats_get = fault_stats_get,
    .close = fault_close,
};

zd_store *zd_store_fault(zd_store *inner, zd_fault_kind kind, unsigned fail_at)
{
    fault_store *self = zd_alloc_zero(1, sizeof *self);
    self->base.ops = &fault_ops;
    self->inner = inner;
    self->kind = kind;
    self->fail_at = fail_at;
    return &self->base;
}

unsigned zd_store_fault_calls(const zd_store *fault)
{
    ZD_ASSERT(fault->ops == &fault_ops);
    return ((const fault_store *)fault)->calls;
}

void zd_store_fault_set_watch(zd_store *fault, zd_store_fault_watch *watch, void *context)
{
    ZD_ASSERT(fault->ops == &fault_ops);
    ((fault_store *)fault)->watch = watch;
    ((fault_store *)fault)->watch_context = context;
}
