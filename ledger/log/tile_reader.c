/* Subtree hashes out of tiles; see tile_reader.h. */
#include "ledger/log/tile_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct zd_tile_reader {
    uint64_t size;
    zd_tile_source source;
    struct {
        zd_tile tile; /* width 0: nothing read yet */
        zd_hash hashes[ZD_TILE_WIDTH];
    } kept[ZD_TILE_LEVELS];
};

zd_tile_reader *zd_tile_reader_open(uint64_t size, const zd_tile_source *source)
{
    zd_tile_reader *reader = zd_alloc_zero(1, sizeof *reader);
    reader->size = size;
    reader->source = *source;
    return reader;
}

void zd_tile_reader_close(zd_tile_reader *reader)
{
    free(reader);
}

zd_hash zd_tile_root(const zd_hash *hashes, size_t count)
{
    zd_tree tree = {0};
    for (size_t i = 0; i < count; i++) {
        zd_tree_append(&tree, &hashes[i]);
    }
    return zd_tree_root(&tree);
}

/* Reads the tile into the place of its level unless it is there already. */
static zd_status keep_tile(zd_tile_reader *reader, const zd_tile *tile, zd_error *err)
{
    zd_tile *kept = &reader->kept[tile->level].tile;
    if (kept->width == tile->width && kept->index == tile->index) {
        return ZD_OK;
    }
    zd_buf bytes = {0};
    zd_status status = reader->source.read(reader->source.context, tile, &bytes, err);
    if (status == ZD_OK && bytes.size != (size_t)tile->width * ZD_HASH_SIZE) {
        char path[ZD_TILE_PATH];
        zd_tile_path(path, tile);
        status = zd_fail(err, ZD_E_TILE_MALFORMED, "%zu bytes instead of %u", bytes.size, tile->width * ZD_HASH_SIZE);
        zd_error_subject(err, zd_span_text(path));
    }
    if (status == ZD_OK) {
        memcpy(reader->kept[tile->level].hashes, bytes.data, bytes.size);
        *kept = *tile;
    } else {
        kept->width = 0;
    }
    zd_buf_free(&bytes);
    return status;
}

static zd_status read_node(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err)
{
    zd_tile_reader *reader = context;
    unsigned row = level / 8;
    unsigned height = level % 8; /* of the node above the hashes that the tile holds */
    if (level >= 63 || index >= reader->size >> level) {
        return zd_fail(err, ZD_E_LOG_RANGE, "no node %" PRIu64 " of level %u in a log of %" PRIu64, index, level, reader->size);
    }
    uint64_t first = index << height; /* counted in hashes of the row; a node never crosses a tile */
    zd_tile tile;
    bool exists = zd_tile_at(&tile, ZD_TILE_HASHES, row, first / ZD_TILE_WIDTH, reader->size);
    ZD_ASSERT(exists);
    zd_status status = keep_tile(reader, &tile, err);
    if (status == ZD_OK) {
        size_t offset = (size_t)(first % ZD_TILE_WIDTH);
        size_t count = (size_t)1 << height;
        ZD_ASSERT(offset + count <= tile.width);
        *out = zd_tile_root(&reader->kept[row].hashes[offset], count);
    }
    return status;
}

zd_hash_reader zd_tile_reader_hashes(zd_tile_reader *reader)
{
    return (zd_hash_reader){.read = read_node, .context = reader};
}
