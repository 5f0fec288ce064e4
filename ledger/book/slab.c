/* Pieces of equal sizes cut from blocks; see slab.h. Must not know what lies in them. */
#include "ledger/book/slab.h"

#include <stdlib.h>

#include "ledger/base/span.h"

/* Freed pieces stay forbidden ground for the address sanitizer, as with the general allocator. */
#if defined(__SANITIZE_ADDRESS__)
#define ZD_SLAB_POISON 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ZD_SLAB_POISON 1
#endif
#endif
#ifdef ZD_SLAB_POISON
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

#define BLOCK_BYTES ((size_t)128 * 1024)

typedef struct zd_slab_block {
    struct zd_slab_block *next;
} zd_slab_block;

typedef struct zd_slab_piece {
    struct zd_slab_piece *next;
} zd_slab_piece;

static size_t class_of(size_t size)
{
    return (size + ZD_SLAB_STEP - 1) / ZD_SLAB_STEP - 1;
}

static void add_block(zd_slab *slab)
{
    zd_slab_block *block = zd_alloc(BLOCK_BYTES);
    block->next = slab->blocks;
    slab->blocks = block;
    size_t skip = ZD_SLAB_STEP - (size_t)((uintptr_t)block % ZD_SLAB_STEP); /* the first whole line behind the block's own pointer */
    slab->at = (char *)block + skip;
    slab->left = BLOCK_BYTES - skip;
    ASAN_POISON_MEMORY_REGION(slab->at, slab->left);
}

void *zd_slab_take(zd_slab *slab, size_t size)
{
    ZD_ASSERT(size > 0);
    if (size > ZD_SLAB_MOST) {
        return zd_alloc(size);
    }
    size_t class = class_of(size);
    zd_slab_piece *piece = slab->free[class];
    size_t whole = (class + 1) * ZD_SLAB_STEP;
    if (piece != NULL) {
        ASAN_UNPOISON_MEMORY_REGION(piece, size);
        slab->free[class] = piece->next;
        return piece;
    }
    if (slab->left < whole) {
        add_block(slab);
    }
    void *fresh = slab->at;
    slab->at += whole;
    slab->left -= whole;
    ASAN_UNPOISON_MEMORY_REGION(fresh, size);
    return fresh;
}

void zd_slab_give(zd_slab *slab, void *piece, size_t size)
{
    if (size > ZD_SLAB_MOST) {
        free(piece);
        return;
    }
    size_t class = class_of(size);
    zd_slab_piece *freed = piece;
    freed->next = slab->free[class];
    slab->free[class] = freed;
    ASAN_POISON_MEMORY_REGION(piece, size);
}

void zd_slab_free(zd_slab *slab)
{
    zd_slab_block *next = NULL;
    for (zd_slab_block *block = slab->blocks; block != NULL; block = next) {
        next = block->next;
        ASAN_UNPOISON_MEMORY_REGION(block, BLOCK_BYTES);
        free(block);
    }
    *slab = (zd_slab){0};
}
