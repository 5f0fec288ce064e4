/*
 * Making proofs and compact ranges from the hashes of complete subtrees; see tree.h. Walks from the root towards the entry
 * without recursion, so at most O(log n) hashes are read for any proof.
 */
#include "ledger/log/tree.h"

#include <inttypes.h>

/* The largest power of two below size; size >= 2 (the split of RFC 6962 section 2.1). */
static uint64_t split_of(uint64_t size)
{
    uint64_t split = 1;
    while (split < size - split) {
        split <<= 1;
    }
    return split;
}

/* The largest power of two that is at most size; size >= 1. */
static unsigned level_of(uint64_t size)
{
    unsigned level = 0;
    while ((size >> level) > 1) {
        level++;
    }
    return level;
}

/* Reads the complete subtrees of [from, to), largest first; from is a multiple of the largest of them. */
static zd_status read_range(zd_tree *out, uint64_t from, uint64_t to, const zd_hash_reader *reader, zd_error *err)
{
    out->size = to - from;
    out->count = 0;
    while (from < to) {
        unsigned level = level_of(to - from);
        zd_status status = reader->read(reader->context, level, from >> level, &out->frontier[out->count], err);
        if (status != ZD_OK) {
            return status;
        }
        out->count++;
        from += UINT64_C(1) << level;
    }
    return ZD_OK;
}

zd_status zd_tree_load(zd_tree *out, uint64_t size, const zd_hash_reader *reader, zd_error *err)
{
    if (size > ZD_TREE_SIZE_MAX) {
        return zd_fail(err, ZD_E_LOG_RANGE, "%" PRIu64 " is more than any log can hold", size);
    }
    return read_range(out, 0, size, reader, err);
}

static zd_status push_range(zd_tree_proof *out, uint64_t from, uint64_t to, const zd_hash_reader *reader, zd_error *err)
{
    zd_tree part;
    zd_status status = read_range(&part, from, to, reader, err);
    if (status == ZD_OK) {
        ZD_ASSERT(out->count < ZD_TREE_PROOF_MAX);
        out->hashes[out->count] = zd_tree_root(&part);
        out->count++;
    }
    return status;
}

/* The walk goes from the root down, a proof is read from the leaf up. */
static void reverse(zd_tree_proof *proof)
{
    for (size_t i = 0; i < proof->count / 2; i++) {
        zd_hash kept = proof->hashes[i];
        proof->hashes[i] = proof->hashes[proof->count - 1 - i];
        proof->hashes[proof->count - 1 - i] = kept;
    }
}

zd_status zd_tree_make_inclusion(zd_tree_proof *out, uint64_t index, uint64_t size, const zd_hash_reader *reader, zd_error *err)
{
    out->count = 0;
    if (size > ZD_TREE_SIZE_MAX || index >= size) {
        return zd_fail(err, ZD_E_LOG_RANGE, "entry %" PRIu64 " is not in a log of %" PRIu64, index, size);
    }
    zd_status status = ZD_OK;
    uint64_t from = 0;
    uint64_t to = size;
    while (status == ZD_OK && to - from > 1) {
        uint64_t middle = from + split_of(to - from);
        if (index < middle) {
            status = push_range(out, middle, to, reader, err);
            to = middle;
        } else {
            status = push_range(out, from, middle, reader, err);
            from = middle;
        }
    }
    reverse(out);
    return status;
}

zd_status zd_tree_make_consistency(zd_tree_proof *out, uint64_t old_size, uint64_t new_size, const zd_hash_reader *reader,
                                   zd_error *err)
{
    out->count = 0;
    if (old_size == 0 || old_size > new_size || new_size > ZD_TREE_SIZE_MAX) {
        return zd_fail(err, ZD_E_LOG_RANGE, "nothing can be proved from size %" PRIu64 " to size %" PRIu64, old_size, new_size);
    }
    zd_status status = ZD_OK;
    uint64_t from = 0;
    uint64_t to = new_size;
    while (status == ZD_OK && old_size < to) {
        uint64_t middle = from + split_of(to - from);
        if (old_size <= middle) {
            status = push_range(out, middle, to, reader, err);
            to = middle;
        } else {
            status = push_range(out, from, middle, reader, err);
            from = middle;
        }
    }
    /* What remains is the last complete subtree of the smaller log; when it is all of it, its root is known already. */
    if (status == ZD_OK && from > 0) {
        status = push_range(out, from, to, reader, err);
    }
    reverse(out);
    return status;
}
