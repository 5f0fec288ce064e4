/*
 * The right edge of the hash tree while entries stream by: per tile level the hashes of the tile that is not full yet, and the compact range for the root.
 * Gives every hash tile that the entries lead to, so that the published ones can be held against them. Memory does not grow with the log.
 */
#ifndef ZD_VERIFY_EDGE_H
#define ZD_VERIFY_EDGE_H

#include "ledger/log/tiles.h"

/* Takes a finished tile; statuses other than ZD_OK stop and are handed on. */
typedef zd_status zd_edge_visit(void *context, const zd_tile *tile, zd_span content);

typedef struct zd_edge {
    zd_tree tree;
    struct {
        size_t count;
        zd_hash hashes[ZD_TILE_WIDTH];
    } level[ZD_TILE_LEVELS];
} zd_edge;

zd_edge *zd_edge_new(void); /* free with free() */
/* Adds a leaf hash; visits the tiles that it fills. */
zd_status zd_edge_add(zd_edge *edge, const zd_hash *leaf, zd_edge_visit *visit, void *context);
/* Visits the partial tiles that a log of the present size has and one of old_size had not. */
zd_status zd_edge_partials(const zd_edge *edge, uint64_t old_size, zd_edge_visit *visit, void *context);

#endif
