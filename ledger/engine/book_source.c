/* Where the working set loads its records from: the store's record table, through a follower while another thread appends. Also the conversions between heads and trees. */
#include <string.h>

#include "ledger/engine/ledger_int.h"
#include "ledger/engine/replay.h"

typedef struct take_call {
    zd_book_take *take;
    void *context;
} take_call;

static zd_status pass_on(void *context, zd_span key, zd_span value)
{
    const take_call *call = context;
    return call->take(call->context, key, value);
}

static zd_store *source_of(const zd_ledger *ledger)
{
    return ledger->following ? ledger->follower : ledger->store;
}

static zd_status load(void *context, zd_span key, zd_book_take *take, void *take_context, zd_error *err)
{
    zd_ledger *ledger = context;
    take_call call = {take, take_context};
    zd_store *store = source_of(ledger);
    if (store == NULL) {
        return zd_fail(err, ZD_E_STORE_FAILED, "the store is closed");
    }
    return zd_store_load(store, &key, 1, pass_on, &call, err);
}

static zd_status next(void *context, zd_span key, zd_book_take *take, void *take_context, zd_error *err)
{
    zd_ledger *ledger = context;
    take_call call = {take, take_context};
    zd_store *store = source_of(ledger);
    if (store == NULL) {
        return zd_fail(err, ZD_E_STORE_FAILED, "the store is closed");
    }
    return zd_store_range(store, zd_span_of(NULL, 0), key, 1, pass_on, &call, err);
}

static zd_status range(void *context, zd_span prefix, zd_book_take *take, void *take_context, zd_error *err)
{
    zd_ledger *ledger = context;
    take_call call = {take, take_context};
    zd_store *store = source_of(ledger);
    if (store == NULL) {
        return zd_fail(err, ZD_E_STORE_FAILED, "the store is closed");
    }
    return zd_store_range(store, prefix, zd_span_of(NULL, 0), 0, pass_on, &call, err);
}

static zd_status slice(void *context, zd_span prefix, zd_span from, size_t limit, zd_book_take *take, void *take_context, zd_error *err)
{
    zd_ledger *ledger = context;
    take_call call = {take, take_context};
    zd_store *store = source_of(ledger);
    if (store == NULL) {
        return zd_fail(err, ZD_E_STORE_FAILED, "the store is closed");
    }
    return zd_store_range(store, prefix, from, limit, pass_on, &call, err);
}

zd_book_source zd_engine_source(zd_ledger *ledger)
{
    return (zd_book_source){.load = load, .next = next, .range = range, .slice = slice, .context = ledger};
}

zd_status zd_engine_follow(zd_ledger *ledger, zd_error *err)
{
    zd_status status = ledger->follower != NULL ? ZD_OK : zd_store_follow(ledger->store, &ledger->follower, err);
    ledger->following = status == ZD_OK;
    if (ledger->following) {
        zd_store_moment(ledger->follower, true);
        zd_store_hold_checkpoints(ledger->store, true);
    }
    return status;
}

void zd_engine_unfollow(zd_ledger *ledger)
{
    if (ledger->following) {
        zd_store_moment(ledger->follower, false);
        if (ledger->store != NULL) {
            zd_store_hold_checkpoints(ledger->store, false);
        }
    }
    ledger->following = false;
}

void zd_engine_seen_from_now(zd_ledger *ledger)
{
    if (ledger->following) {
        zd_store_moment(ledger->follower, true);
    }
}

zd_status zd_engine_load_head(zd_ledger *ledger, zd_error *err)
{
    zd_acts_free(ledger->acts);
    zd_book_free(ledger->book);
    zd_engine_unfollow(ledger);
    zd_book_source source = zd_engine_source(ledger);
    ledger->book = zd_book_new(&source);
    ledger->acts = zd_acts_new(ledger->book);
    ledger->roster++;
    zd_status status = ledger->store != NULL ? zd_store_head_get(ledger->store, &ledger->head, err) : zd_fail(err, ZD_E_STORE_FAILED, "the store is closed");
    if (status == ZD_OK) {
        zd_engine_tree(&ledger->tree, &ledger->head);
    }
    return status;
}

/* The records of the store are those of the first `mark` leaves. */
zd_status zd_engine_catch_up(zd_ledger *ledger, zd_error *err)
{
    return ledger->head.mark < ledger->head.size ? zd_replay(ledger->acts, ledger, ledger->head.mark, ledger->head.size, err) : ZD_OK;
}

zd_status zd_engine_reload(zd_ledger *ledger, zd_error *err)
{
    zd_status status = zd_engine_load_head(ledger, err);
    if (status == ZD_OK) {
        status = zd_engine_catch_up(ledger, err);
    }
    ledger->stale = status != ZD_OK;
    return status;
}

void zd_engine_tree(zd_tree *out, const zd_store_head *head)
{
    *out = (zd_tree){.size = head->size, .count = head->frontier_count};
    for (size_t i = 0; i < head->frontier_count; i++) {
        memcpy(out->frontier[i].bytes, head->frontier[i], ZD_HASH_SIZE);
    }
}

void zd_engine_head(zd_store_head *out, const zd_store_head *before, const zd_tree *tree, int64_t last_at_unix_ms)
{
    *out = *before;
    zd_hash root = zd_tree_root(tree);
    out->size = tree->size;
    out->last_at_unix_ms = last_at_unix_ms;
    memcpy(out->root, root.bytes, sizeof out->root);
    out->frontier_count = tree->count;
    for (size_t i = 0; i < tree->count; i++) {
        memcpy(out->frontier[i], tree->frontier[i].bytes, ZD_HASH_SIZE);
    }
}
