/*
 * Tiles and entry bundles of c2sp.org/tlog-tiles: their names, which of them exist or change at a size, and the bytes of a
 * bundle. Pure: text and numbers, no files.
 *
 * A hash tile of level L holds up to 256 hashes of complete subtrees of 256^L entries; a bundle holds the same 256 entries
 * that the level-0 tile of its index hashes. A tile of fewer than 256 is partial and always a prefix of the full one.
 */
#ifndef ZD_LOG_TILES_H
#define ZD_LOG_TILES_H

#include "ledger/log/tree.h"

#define ZD_TILE_WIDTH 256
#define ZD_TILE_LEVELS 8     /* logs below 2^63 entries have tiles of the levels 0 to 7 */
#define ZD_TILE_LEVEL_MAX 63 /* what the format allows in a path */
#define ZD_TILE_PATH 80      /* bytes with NUL that hold every path */
#define ZD_ENTRY_MAX 65535   /* bytes of one entry: its length is written in 16 bits */
#define ZD_TILE_BYTES_MAX (ZD_TILE_WIDTH * ZD_HASH_SIZE)
#define ZD_BUNDLE_BYTES_MAX (ZD_TILE_WIDTH * (2 + ZD_ENTRY_MAX))

typedef enum zd_tile_kind { ZD_TILE_HASHES, ZD_TILE_ENTRIES } zd_tile_kind;

typedef struct zd_tile {
    zd_tile_kind kind;
    unsigned level; /* 0 for bundles */
    uint64_t index;
    unsigned width; /* 1..256 hashes or entries; 256 = full */
} zd_tile;

/* "tile/0/x039/062", "tile/1/152.p/150", "tile/entries/x001/x234/067". The tile's numbers must be in range. */
void zd_tile_path(char out[ZD_TILE_PATH], const zd_tile *tile);
/* Reads a path; only the one spelling that zd_tile_path gives. TILE_MALFORMED otherwise. */
zd_status zd_tile_parse(zd_tile *out, zd_span path, zd_error *err);
/* Hashes in the partial tile at the right edge of that level (0 = none): floor(size / 256^level) mod 256. */
unsigned zd_tile_partial_width(uint64_t size, unsigned level);
/* The widest tile of that kind, level and index in a log of that size; false when it does not exist there. */
ZD_MUST_USE bool zd_tile_at(zd_tile *out, zd_tile_kind kind, unsigned level, uint64_t index, uint64_t size);

/*
 * Lists, one tile after the other in O(1) memory: bundles first, then hash tiles by level. `changed` are the tiles of a log
 * of new_size that a log of old_size did not have (old_size 0: all of them); `obsolete` are the partial tiles of old_size
 * that a wider one replaced. old_size <= new_size <= ZD_TREE_SIZE_MAX.
 */
typedef struct zd_tile_list {
    uint64_t old_size;
    uint64_t new_size;
    bool obsolete;
    unsigned row;   /* 0 = bundles, 1.. = level + 1 */
    uint64_t index; /* next index of the row, when started */
    bool started;
} zd_tile_list;

zd_tile_list zd_tile_list_changed(uint64_t old_size, uint64_t new_size);
zd_tile_list zd_tile_list_obsolete(uint64_t old_size, uint64_t new_size);
ZD_MUST_USE bool zd_tile_list_next(zd_tile_list *list, zd_tile *out); /* false at the end */

/* Appends one entry to a bundle: 16-bit big-endian length, bytes. ENTRY_TOO_LARGE over ZD_ENTRY_MAX. */
zd_status zd_bundle_add(zd_buf *bundle, zd_span entry, zd_error *err);

/* Reads a bundle strictly: exactly width entries and not one byte more. */
typedef struct zd_bundle_reader {
    zd_span rest; /* borrowed from the bundle */
    unsigned left;
} zd_bundle_reader;

zd_bundle_reader zd_bundle_open(zd_span bundle, unsigned width);
/* The next entry (borrowed), *found false after the last one. TILE_MALFORMED when bytes are missing or left over. */
zd_status zd_bundle_next(zd_bundle_reader *reader, zd_span *entry, bool *found, zd_error *err);

#endif
