/* Names, lists and bundles; see tiles.h. */
#include "ledger/log/tiles.h"

#include <inttypes.h>

#include "ledger/log/size_text.h"

void zd_tile_path(char out[ZD_TILE_PATH], const zd_tile *tile)
{
    ZD_ASSERT(tile->width >= 1 && tile->width <= ZD_TILE_WIDTH && tile->level <= ZD_TILE_LEVEL_MAX);
    ZD_ASSERT(tile->index <= ZD_TREE_SIZE_MAX && (tile->kind == ZD_TILE_HASHES || tile->level == 0));
    /* Groups of three digits; all but the last one carry an x, so that a folder never has the name of a file. */
    char groups[40] = "";
    char tail[40];
    uint64_t rest = tile->index;
    zd_format(groups, sizeof groups, "%03u", (unsigned)(rest % 1000));
    for (rest /= 1000; rest > 0; rest /= 1000) {
        zd_format(tail, sizeof tail, "%s", groups);
        zd_format(groups, sizeof groups, "x%03u/%s", (unsigned)(rest % 1000), tail);
    }
    char partial[8] = "";
    if (tile->width < ZD_TILE_WIDTH) {
        zd_format(partial, sizeof partial, ".p/%u", tile->width);
    }
    if (tile->kind == ZD_TILE_ENTRIES) {
        zd_format(out, ZD_TILE_PATH, "tile/entries/%s%s", groups, partial);
    } else {
        zd_format(out, ZD_TILE_PATH, "tile/%u/%s%s", tile->level, groups, partial);
    }
}

/* Reads the digits of the groups, whatever their form; the caller compares with the one right spelling. */
static bool read_index(uint64_t *out, zd_span text)
{
    uint64_t value = 0;
    bool any = false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t byte = text.data[i];
        if (byte == 'x' || byte == '/') {
            continue;
        }
        if (byte < '0' || byte > '9' || value > ZD_TREE_SIZE_MAX / 10) {
            return false;
        }
        value = value * 10 + (uint64_t)(byte - '0');
        any = true;
    }
    *out = value;
    return any && value <= ZD_TREE_SIZE_MAX;
}

/* Splits ".p/WIDTH" off the end of rest. */
static bool read_width(unsigned *out, zd_span *rest)
{
    for (size_t i = 0; i + 3 <= rest->size; i++) {
        if (rest->data[i] == '.') {
            uint64_t width = 0;
            zd_span tail = zd_span_of(rest->data + i, rest->size - i);
            if (!zd_span_starts(tail, ".p/") || !zd_size_parse(&width, zd_span_of(tail.data + 3, tail.size - 3)) || width < 1 ||
                width >= ZD_TILE_WIDTH) {
                return false;
            }
            *out = (unsigned)width;
            *rest = zd_span_of(rest->data, i);
            return true;
        }
    }
    *out = ZD_TILE_WIDTH;
    return true;
}

/* Reads what can be read leniently; only a path that is spelled the one right way passes the comparison at the end. */
static bool read_path(zd_tile *out, zd_span path)
{
    zd_tile tile = {.kind = ZD_TILE_HASHES};
    zd_span first;
    zd_span level;
    zd_span rest = zd_span_cut(&first, path, '/');
    rest = zd_span_cut(&level, rest, '/');
    uint64_t number = 0;
    if (zd_span_is(level, "entries")) {
        tile.kind = ZD_TILE_ENTRIES;
    } else if (!zd_size_parse(&number, level) || number > ZD_TILE_LEVEL_MAX) {
        return false;
    }
    tile.level = (unsigned)number;
    if (path.size >= ZD_TILE_PATH || !read_width(&tile.width, &rest) || !read_index(&tile.index, rest)) {
        return false;
    }
    char spelled[ZD_TILE_PATH];
    zd_tile_path(spelled, &tile);
    *out = tile;
    return zd_span_is(path, spelled);
}

zd_status zd_tile_parse(zd_tile *out, zd_span path, zd_error *err)
{
    zd_tile found;
    if (!read_path(&found, path)) {
        zd_status status = zd_fail(err, ZD_E_TILE_MALFORMED, "this is not the path of a tile or an entry bundle");
        zd_error_field(err, "path", path);
        return status;
    }
    *out = found;
    return ZD_OK;
}

/* Complete subtrees of 256^level entries in a log of that size. */
static uint64_t elements(uint64_t size, unsigned level)
{
    return level < ZD_TILE_LEVELS ? size >> (8 * level) : 0;
}

unsigned zd_tile_partial_width(uint64_t size, unsigned level)
{
    return (unsigned)(elements(size, level) % ZD_TILE_WIDTH);
}

bool zd_tile_at(zd_tile *out, zd_tile_kind kind, unsigned level, uint64_t index, uint64_t size)
{
    uint64_t count = elements(size, level);
    uint64_t full = count / ZD_TILE_WIDTH;
    unsigned width = index < full ? ZD_TILE_WIDTH : index == full ? (unsigned)(count % ZD_TILE_WIDTH) : 0;
    *out = (zd_tile){.kind = kind, .level = level, .index = index, .width = width};
    return width > 0;
}

static zd_tile_list list_of(uint64_t old_size, uint64_t new_size, bool obsolete)
{
    ZD_ASSERT(old_size <= new_size && new_size <= ZD_TREE_SIZE_MAX);
    return (zd_tile_list){.old_size = old_size, .new_size = new_size, .obsolete = obsolete};
}

zd_tile_list zd_tile_list_changed(uint64_t old_size, uint64_t new_size)
{
    return list_of(old_size, new_size, false);
}

zd_tile_list zd_tile_list_obsolete(uint64_t old_size, uint64_t new_size)
{
    return list_of(old_size, new_size, true);
}

bool zd_tile_list_next(zd_tile_list *list, zd_tile *out)
{
    for (; list->row <= ZD_TILE_LEVELS; list->row++, list->started = false) {
        unsigned level = list->row == 0 ? 0 : list->row - 1;
        zd_tile_kind kind = list->row == 0 ? ZD_TILE_ENTRIES : ZD_TILE_HASHES;
        uint64_t before = elements(list->old_size, level);
        if (before == elements(list->new_size, level)) {
            continue; /* nothing was added to this row */
        }
        if (!list->started) {
            list->started = true;
            list->index = before / ZD_TILE_WIDTH;
        }
        uint64_t index = list->index;
        list->index++;
        if (list->obsolete) {
            if (index == before / ZD_TILE_WIDTH && zd_tile_at(out, kind, level, index, list->old_size)) {
                return true;
            }
        } else if (zd_tile_at(out, kind, level, index, list->new_size)) {
            return true;
        }
    }
    return false;
}

zd_status zd_bundle_add(zd_buf *bundle, zd_span entry, zd_error *err)
{
    if (entry.size > ZD_ENTRY_MAX) {
        return zd_fail(err, ZD_E_ENTRY_TOO_LARGE, "%zu bytes", entry.size);
    }
    zd_buf_add_byte(bundle, (uint8_t)(entry.size >> 8));
    zd_buf_add_byte(bundle, (uint8_t)(entry.size & 0xff));
    zd_buf_add_span(bundle, entry);
    return ZD_OK;
}

zd_bundle_reader zd_bundle_open(zd_span bundle, unsigned width)
{
    return (zd_bundle_reader){.rest = bundle, .left = width};
}

zd_status zd_bundle_next(zd_bundle_reader *reader, zd_span *entry, bool *found, zd_error *err)
{
    *found = false;
    *entry = zd_span_of(NULL, 0);
    if (reader->left == 0) {
        return reader->rest.size == 0
                   ? ZD_OK
                   : zd_fail(err, ZD_E_TILE_MALFORMED, "%zu bytes follow the last entry of the bundle", reader->rest.size);
    }
    if (reader->rest.size < 2) {
        return zd_fail(err, ZD_E_TILE_MALFORMED, "the bundle ends with %u entries missing", reader->left);
    }
    size_t size = (size_t)reader->rest.data[0] << 8 | reader->rest.data[1];
    if (reader->rest.size - 2 < size) {
        return zd_fail(err, ZD_E_TILE_MALFORMED, "an entry of the bundle is cut off");
    }
    *entry = zd_span_of(reader->rest.data + 2, size);
    reader->rest = zd_span_of(reader->rest.data + 2 + size, reader->rest.size - 2 - size);
    reader->left--;
    *found = true;
    return ZD_OK;
}
