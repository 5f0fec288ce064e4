/*
 * Everything that a growing log adds to its tiles, as (path, bytes), so that one function feeds the static directory, the git
 * tree and a rebuild. Deterministic: the same leaves give the same files, in whatever steps the log grew.
 *
 * Reads the new leaves, at most 255 leaves of the partial bundle before them, and at most 255 subtree hashes of each upper
 * level. Every leaf is hashed again, and the root of what was written is compared with the root that is about to be, or was,
 * signed: a bit that flipped between storing and publishing is found here (research/audit.md, section 2, CT's lesson of 2022).
 * Holds one bundle and one tile per level in memory, never the log.
 */
#ifndef ZD_LOG_TILE_WRITER_H
#define ZD_LOG_TILE_WRITER_H

#include "ledger/log/tiles.h"

/* The same function type as the store's, so that a store's leaves can be passed on without a copy. */
typedef zd_status zd_tile_leaf_visit(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_HASH_SIZE]);

typedef struct zd_tile_input {
    /* Visits the leaves [from, to) in order; stops with the visitor's status when that is not ZD_OK. */
    zd_status (*leaves)(void *context, uint64_t from, uint64_t to, zd_tile_leaf_visit *visit, void *visit_context,
                        zd_error *err);
    void *context;
    /* Nodes of levels 8, 16, ... inside the old log; not called while old_size is below 256. */
    zd_hash_reader nodes;
} zd_tile_input;

/* Takes one finished file; path as zd_tile_path gives it, content borrowed until put returns. */
typedef struct zd_tile_sink {
    zd_status (*put)(void *context, const char *path, zd_span content, zd_error *err);
    void *context;
} zd_tile_sink;

/*
 * Puts every tile and bundle that a log of new_size has and one of old_size had not; full ones as they fill, then the
 * partials. The set is that of zd_tile_list_changed, the order is not. Equal sizes: nothing is read or put.
 * Errors: LEDGER_CORRUPT when a leaf does not have its hash, leaves are missing or out of order, or the root is not *root: then
 * files may have been put already, and the caller must not publish the checkpoint; ENTRY_TOO_LARGE; LOG_RANGE for sizes the
 * wrong way round; those of the input and the sink.
 */
zd_status zd_tiles_write(const zd_tile_input *input, uint64_t old_size, uint64_t new_size, const zd_hash *root,
                         const zd_tile_sink *sink, zd_error *err);

#endif
