/*
 * Memory for the book's nodes: pieces of a few dozen sizes cut from large blocks, a list of freed ones for each size. A node is made for every key that a request touches and
 * dropped by the ten thousand when the book is trimmed: the general allocator joins and splits its pieces each time. What is freed is given back to the system with the slab only.
 */
#ifndef ZD_BOOK_SLAB_H
#define ZD_BOOK_SLAB_H

#include <stddef.h>

#define ZD_SLAB_STEP 64    /* sizes are rounded up to whole cache lines */
#define ZD_SLAB_MOST 2048  /* larger pieces are the general allocator's */

typedef struct zd_slab {
    struct zd_slab_block *blocks; /* owned */
    char *at;                     /* what is left of the newest block */
    size_t left;
    size_t large;                 /* pieces of the general allocator that were taken and not given back */
    struct zd_slab_piece *free[ZD_SLAB_MOST / ZD_SLAB_STEP];
} zd_slab; /* all zero: empty */

void *zd_slab_take(zd_slab *slab, size_t size); /* not cleared, aligned to a cache line where it fits one of the sizes */
void zd_slab_give(zd_slab *slab, void *piece, size_t size); /* size as it was taken */
void zd_slab_free(zd_slab *slab); /* all pieces up to ZD_SLAB_MOST; larger ones must have been given back */

#endif
