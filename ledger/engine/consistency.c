/*
 * Consistency proofs for witnesses; see cosign_int.h. They are asked for before the new tiles are written, so hashes come from the tiles as far as these go and from the
 * store's leaf hashes beyond.
 */
#include <string.h>

#include "ledger/engine/cosign_int.h"
#include "ledger/log/tile_dir.h"

typedef struct hash_source {
    zd_ledger *ledger;
    zd_hash_reader tiles;
    uint64_t tiled;
} hash_source;

static zd_status add_hash(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)bytes;
    zd_hash leaf;
    memcpy(leaf.bytes, hash, sizeof leaf.bytes);
    zd_tree_append(context, &leaf);
    return ZD_OK;
}

/* The complete subtree over [from, to): what the tiles hold of it, largest parts first, then leaves. */
static zd_status read_node(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err)
{
    hash_source *source = context;
    uint64_t from = index << level;
    uint64_t to = from + (UINT64_C(1) << level);
    if (to <= source->tiled) {
        return source->tiles.read(source->tiles.context, level, index, out, err);
    }
    zd_tree part = {0};
    zd_status status = ZD_OK;
    while (status == ZD_OK && from < source->tiled) {
        unsigned below = 0;
        while ((source->tiled - from) >> (below + 1) != 0) {
            below++;
        }
        status = source->tiles.read(source->tiles.context, below, from >> below, &part.frontier[part.count], err);
        part.count++;
        part.size += UINT64_C(1) << below;
        from += UINT64_C(1) << below;
    }
    if (status == ZD_OK) {
        status = zd_store_leaves(source->ledger->store, from, to, add_hash, &part, err);
    }
    *out = zd_tree_root(&part);
    return status;
}

zd_status zd_cosign_proof(zd_tree_proof *out, zd_cosign_call *call, uint64_t old_size, zd_error *err)
{
    out->count = 0;
    if (old_size == 0 || old_size == call->checkpoint.size) {
        return ZD_OK;
    }
    zd_buf path = {0};
    zd_tree old;
    zd_tile_dir dir = {.path = zd_path_join(&path, call->ledger->dir, "public")};
    zd_tile_source tiles = zd_tile_dir_source(&dir);
    zd_tile_reader *reader = zd_tile_reader_open(call->tiled, &tiles);
    hash_source source = {.ledger = call->ledger, .tiles = zd_tile_reader_hashes(reader), .tiled = call->tiled};
    zd_hash_reader hashes = {.read = read_node, .context = &source};
    zd_status status = zd_tree_make_consistency(out, old_size, call->checkpoint.size, &hashes, err);
    if (status == ZD_OK) {
        status = zd_tree_load(&old, old_size, &hashes, err);
    }
    if (status == ZD_OK) {
        zd_hash root = zd_tree_root(&old);
        zd_error why = {0};
        if (zd_tree_verify_consistency(old_size, &root, call->checkpoint.size, &call->checkpoint.root, out, &why) != ZD_OK) {
            status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "the leaves do not lead from %llu entries to the signed root of %llu", (unsigned long long)old_size,
                             (unsigned long long)call->checkpoint.size);
        }
    }
    zd_tile_reader_close(reader);
    zd_buf_free(&path);
    return status;
}
