/* doctor: the database's own check, the root recomputed from stored bytes, and all records rebuilt from the leaves and compared with the stored ones. Reads only. */
#include <string.h>

#include "ledger/engine/ledger_int.h"
#include "ledger/engine/replay.h"

typedef struct rehash {
    zd_tree tree;
    zd_error *err;
} rehash;

static zd_status rehash_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    rehash *state = context;
    zd_hash leaf = zd_tree_leaf_hash(bytes);
    if (memcmp(leaf.bytes, hash, sizeof leaf.bytes) != 0) {
        return zd_fail(state->err, ZD_E_LEDGER_CORRUPT, "entry %llu does not have its hash", (unsigned long long)index);
    }
    zd_tree_append(&state->tree, &leaf);
    return ZD_OK;
}

static zd_status check_root(zd_ledger *ledger, zd_error *err)
{
    rehash state = {.err = err};
    zd_status status = zd_store_leaves(ledger->store, 0, ledger->head.size, rehash_leaf, &state, err);
    zd_hash root = zd_tree_root(&state.tree);
    if (status == ZD_OK && memcmp(root.bytes, ledger->head.root, sizeof root.bytes) != 0) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "the leaves do not give the head's root");
    }
    return status;
}

typedef struct compare {
    zd_ledger *ledger;
    zd_span expected;
    zd_span key;
    uint64_t same;
    bool equal;
    zd_error *err;
} compare;

static zd_status compare_value(void *context, zd_span key, zd_span value)
{
    (void)key;
    compare *state = context;
    state->equal = zd_span_equal(value, state->expected);
    return ZD_OK;
}

static zd_status compare_record(void *context, zd_span key, zd_span value)
{
    compare *state = context;
    state->expected = value;
    state->equal = false;
    zd_status status = zd_store_load(state->ledger->store, &key, 1, compare_value, state, state->err);
    if (status == ZD_OK && !state->equal) {
        status = zd_fail(state->err, ZD_E_LEDGER_CORRUPT, "a record is not what the leaves lead to");
        zd_error_subject(state->err, key);
    }
    state->same++;
    return status;
}

static zd_status count_record(void *context, zd_span key, zd_span value)
{
    (void)key;
    (void)value;
    ++*(uint64_t *)context;
    return ZD_OK;
}

static zd_status check_records(zd_ledger *ledger, uint64_t *compared, zd_error *err)
{
    zd_book *book = zd_book_new(NULL);
    zd_acts *acts = zd_acts_new(book);
    compare state = {.ledger = ledger, .err = err};
    uint64_t stored = 0;
    zd_status status = zd_replay(acts, ledger, 0, ledger->head.mark, err); /* what the stored records claim to be current to */
    if (status == ZD_OK) {
        status = zd_book_each(book, compare_record, &state);
    }
    if (status == ZD_OK) {
        status = zd_store_range(ledger->store, zd_span_of(NULL, 0), zd_span_of(NULL, 0), 0, count_record, &stored, err);
    }
    if (status == ZD_OK && stored != state.same) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "%llu records are stored, the leaves lead to %llu", (unsigned long long)stored, (unsigned long long)state.same);
    }
    *compared = state.same;
    zd_acts_free(acts);
    zd_book_free(book);
    return status;
}

zd_status zd_ledger_doctor(zd_ledger *ledger, zd_buf *report, zd_error *err)
{
    uint64_t records = 0;
    zd_status status = zd_store_check(ledger->store, err);
    zd_buf_addf(report, "database   %s\n", status == ZD_OK ? "ok" : "FAILED");
    if (status == ZD_OK) {
        status = check_root(ledger, err);
        zd_buf_addf(report, "root       %s, %llu entries\n", status == ZD_OK ? "ok" : "FAILED", (unsigned long long)ledger->head.size);
    }
    if (status == ZD_OK) {
        status = check_records(ledger, &records, err);
        zd_buf_addf(report, "records    %s, %llu compared\n", status == ZD_OK ? "ok" : "FAILED", (unsigned long long)records);
    }
    return status;
}
