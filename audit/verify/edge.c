/* The right edge of the hash tree; see edge.h. */
#include "audit/verify/edge.h"

zd_edge *zd_edge_new(void)
{
    return zd_alloc_zero(1, sizeof(zd_edge));
}

/* The root over a full tile: pairs, then pairs of pairs. */
static zd_hash fold(const zd_hash hashes[ZD_TILE_WIDTH])
{
    zd_hash row[ZD_TILE_WIDTH / 2];
    for (size_t i = 0; i < ZD_TILE_WIDTH / 2; i++) {
        row[i] = zd_tree_node_hash(&hashes[2 * i], &hashes[2 * i + 1]);
    }
    for (size_t width = ZD_TILE_WIDTH / 4; width > 0; width /= 2) {
        for (size_t i = 0; i < width; i++) {
            row[i] = zd_tree_node_hash(&row[2 * i], &row[2 * i + 1]);
        }
    }
    return row[0];
}

static zd_status show(const zd_edge *edge, unsigned level, uint64_t index, zd_edge_visit *visit, void *context)
{
    size_t width = edge->level[level].count;
    zd_tile tile = {.kind = ZD_TILE_HASHES, .level = level, .index = index, .width = (unsigned)width};
    return visit(context, &tile, zd_span_of(edge->level[level].hashes, width * ZD_HASH_SIZE));
}

zd_status zd_edge_add(zd_edge *edge, const zd_hash *leaf, zd_edge_visit *visit, void *context)
{
    zd_hash hash = *leaf;
    zd_status status = ZD_OK;
    zd_tree_append(&edge->tree, leaf);
    uint64_t count = edge->tree.size; /* hashes of this level so far */
    for (unsigned level = 0; level < ZD_TILE_LEVELS && status == ZD_OK; level++) {
        edge->level[level].hashes[edge->level[level].count++] = hash;
        if (edge->level[level].count < ZD_TILE_WIDTH) {
            break;
        }
        count /= ZD_TILE_WIDTH;
        status = show(edge, level, count - 1, visit, context);
        hash = fold(edge->level[level].hashes);
        edge->level[level].count = 0;
    }
    return status;
}

zd_status zd_edge_partials(const zd_edge *edge, uint64_t old_size, zd_edge_visit *visit, void *context)
{
    zd_status status = ZD_OK;
    for (unsigned level = 0; level < ZD_TILE_LEVELS && status == ZD_OK; level++) {
        uint64_t count = edge->tree.size >> (8 * level);
        if (edge->level[level].count > 0 && count != old_size >> (8 * level)) {
            status = show(edge, level, count / ZD_TILE_WIDTH, visit, context);
        }
    }
    return status;
}
