/*
 * Tiles of a growing log; see tile_writer.h. `pending` is the right edge of the tile tree: per level the hashes of the tile
 * that is not full yet. A tile that fills is put, and its root joins the edge of the level above.
 */
#include "ledger/log/tile_writer.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ledger/log/tile_reader.h"

typedef struct zd_writer {
    const zd_tile_sink *sink;
    zd_error *err;
    uint64_t next; /* index of the next leaf */
    zd_buf bundle; /* entries of the bundle that is not full yet */
    struct {
        size_t count;
        zd_hash hashes[ZD_TILE_WIDTH];
    } pending[ZD_TILE_LEVELS];
} zd_writer;

static zd_status put(zd_writer *writer, const zd_tile *tile, zd_span content)
{
    char path[ZD_TILE_PATH];
    zd_tile_path(path, tile);
    return writer->sink->put(writer->sink->context, path, content, writer->err);
}

static zd_status put_bundle(zd_writer *writer, uint64_t index, size_t width)
{
    zd_tile tile = {.kind = ZD_TILE_ENTRIES, .index = index, .width = (unsigned)width};
    return put(writer, &tile, zd_buf_span(&writer->bundle));
}

static zd_status put_hashes(zd_writer *writer, unsigned level, uint64_t index)
{
    size_t width = writer->pending[level].count;
    zd_tile tile = {.kind = ZD_TILE_HASHES, .level = level, .index = index, .width = (unsigned)width};
    return put(writer, &tile, zd_span_of(writer->pending[level].hashes, width * ZD_HASH_SIZE));
}

/* The tiles of every level that the leaf before writer->next has filled. */
static zd_status put_full(zd_writer *writer)
{
    uint64_t filled = writer->next; /* hashes of the level, counted from the start of the log */
    zd_status status = put_bundle(writer, filled / ZD_TILE_WIDTH - 1, ZD_TILE_WIDTH);
    zd_buf_clear(&writer->bundle);
    for (unsigned level = 0; status == ZD_OK && writer->pending[level].count == ZD_TILE_WIDTH; level++) {
        ZD_ASSERT(level + 1 < ZD_TILE_LEVELS); /* the top level never fills below 2^63 entries */
        filled /= ZD_TILE_WIDTH;
        status = put_hashes(writer, level, filled - 1);
        size_t above = writer->pending[level + 1].count;
        writer->pending[level + 1].hashes[above] = zd_tile_root(writer->pending[level].hashes, ZD_TILE_WIDTH);
        writer->pending[level + 1].count++;
        writer->pending[level].count = 0;
    }
    return status;
}

static zd_status take_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_HASH_SIZE])
{
    zd_writer *writer = context;
    if (index != writer->next) {
        return zd_fail(writer->err, ZD_E_LEDGER_CORRUPT, "leaf %" PRIu64 " came where leaf %" PRIu64 " belongs", index,
                       writer->next);
    }
    zd_hash leaf = zd_tree_leaf_hash(bytes);
    if (!zd_span_equal(zd_span_of(leaf.bytes, ZD_HASH_SIZE), zd_span_of(hash, ZD_HASH_SIZE))) {
        return zd_fail(writer->err, ZD_E_LEDGER_CORRUPT, "the bytes of leaf %" PRIu64 " do not have the hash kept with it", index);
    }
    zd_status status = zd_bundle_add(&writer->bundle, bytes, writer->err);
    if (status != ZD_OK) {
        return status;
    }
    writer->pending[0].hashes[writer->pending[0].count] = leaf;
    writer->pending[0].count++;
    writer->next++;
    return writer->pending[0].count == ZD_TILE_WIDTH ? put_full(writer) : ZD_OK;
}

/* The edge of the old log above the leaves. */
static zd_status load_edge(zd_writer *writer, uint64_t old_size, const zd_hash_reader *nodes)
{
    for (unsigned level = 1; level < ZD_TILE_LEVELS; level++) {
        uint64_t count = old_size >> (8 * level);
        uint64_t first = count - count % ZD_TILE_WIDTH;
        for (uint64_t index = first; index < count; index++) {
            zd_hash *to = &writer->pending[level].hashes[index - first];
            zd_status status = nodes->read(nodes->context, 8 * level, index, to, writer->err);
            if (status != ZD_OK) {
                return status;
            }
        }
        writer->pending[level].count = (size_t)(count - first);
    }
    return ZD_OK;
}

/* The root follows from the edge alone: a width's bits are the complete subtrees that the edge of a level holds. */
static zd_hash edge_root(const zd_writer *writer)
{
    zd_tree tree = {.size = writer->next};
    for (unsigned level = ZD_TILE_LEVELS; level-- > 0;) {
        size_t done = 0;
        for (size_t part = ZD_TILE_WIDTH / 2; part > 0; part /= 2) {
            if ((writer->pending[level].count & part) != 0) {
                tree.frontier[tree.count] = zd_tile_root(&writer->pending[level].hashes[done], part);
                tree.count++;
                done += part;
            }
        }
    }
    return zd_tree_root(&tree);
}

static zd_status put_partials(zd_writer *writer, uint64_t old_size)
{
    zd_status status = ZD_OK;
    if (writer->pending[0].count > 0) {
        status = put_bundle(writer, writer->next / ZD_TILE_WIDTH, writer->pending[0].count);
    }
    for (unsigned level = 0; status == ZD_OK && level < ZD_TILE_LEVELS; level++) {
        uint64_t count = writer->next >> (8 * level);
        if (writer->pending[level].count > 0 && count != old_size >> (8 * level)) {
            status = put_hashes(writer, level, count / ZD_TILE_WIDTH);
        }
    }
    return status;
}

zd_status zd_tiles_write(const zd_tile_input *input, uint64_t old_size, uint64_t new_size, const zd_hash *root,
                         const zd_tile_sink *sink, zd_error *err)
{
    if (old_size > new_size || new_size > ZD_TREE_SIZE_MAX) {
        return zd_fail(err, ZD_E_LOG_RANGE, "a log does not grow from %" PRIu64 " to %" PRIu64, old_size, new_size);
    }
    if (old_size == new_size) {
        return ZD_OK;
    }
    zd_writer *writer = zd_alloc_zero(1, sizeof *writer);
    writer->sink = sink;
    writer->err = err;
    writer->next = old_size - old_size % ZD_TILE_WIDTH;
    zd_status status = load_edge(writer, old_size, &input->nodes);
    if (status == ZD_OK) {
        status = input->leaves(input->context, writer->next, new_size, take_leaf, writer, err);
    }
    if (status == ZD_OK && writer->next != new_size) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "the leaves end at %" PRIu64 " instead of %" PRIu64, writer->next, new_size);
    }
    if (status == ZD_OK) {
        zd_hash found = edge_root(writer);
        status = zd_hash_equal(&found, root)
                     ? put_partials(writer, old_size)
                     : zd_fail(err, ZD_E_LEDGER_CORRUPT, "the tiles up to %" PRIu64 " have another root than the log", new_size);
    }
    zd_buf_free(&writer->bundle);
    free(writer);
    return status;
}
