/*
 * Hashes of complete subtrees read out of tiles, so that proofs can be made from any place that serves C2SP tiles: a static
 * directory, a git tree, a mirror. Believes nothing beyond the length of a tile: a proof made here is checked against the
 * signed root by whoever hands it on.
 */
#ifndef ZD_LOG_TILE_READER_H
#define ZD_LOG_TILE_READER_H

#include "ledger/log/tiles.h"

/* Appends the bytes of exactly that tile or bundle (its width included) to out. */
typedef struct zd_tile_source {
    zd_status (*read)(void *context, const zd_tile *tile, zd_buf *out, zd_error *err);
    void *context;
} zd_tile_source;

/* Keeps the tile of each level that was read last: a proof needs few, and neighbouring proofs the same ones. */
typedef struct zd_tile_reader zd_tile_reader;

/* A reader of a log of that size; *source is copied, its context stays the caller's. Close with zd_tile_reader_close. */
zd_tile_reader *zd_tile_reader_open(uint64_t size, const zd_tile_source *source);
void zd_tile_reader_close(zd_tile_reader *reader); /* NULL is fine */
/* The hash reader for tree.h; valid while reader is open. Errors: LOG_RANGE, TILE_MALFORMED, those of the source. */
zd_hash_reader zd_tile_reader_hashes(zd_tile_reader *reader);

/* The root of the first count hashes (the node over a tile when count is 256). */
zd_hash zd_tile_root(const zd_hash *hashes, size_t count);

#endif
