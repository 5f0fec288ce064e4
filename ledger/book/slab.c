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

/* Small books take little; a book that grows takes blocks as large as a huge page, so that the processor knows where they are and the kernel clears them in one go. */
#define BLOCK_LEAST ((size_t)128 * 1024)
#define BLOCKS_SMALL 16

typedef struct zd_slab_block {
    struct zd_slab_block *next;
    size_t size;
    size_t number; /* how many there were before it */
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
    size_t number = slab->blocks != NULL ? slab->blocks->number + 1 : 0;
    size_t size = number < BLOCKS_SMALL ? BLOCK_LEAST : ZD_HUGE_PAGE;
    zd_slab_block *block = zd_alloc_large(size);
    *block = (zd_slab_block){.next = slab->blocks, .size = size, .number = number};
    slab->blocks = block;
    size_t skip = ZD_SLAB_STEP - (size_t)((uintptr_t)block % ZD_SLAB_STEP); /* the first whole line behind the block's own head, which is shorter than what malloc leaves of one */
    slab->at = (char *)block + skip;
    slab->left = size - skip;
    ASAN_POISON_MEMORY_REGION(slab->at, slab->left);
}

void *zd_slab_take(zd_slab *slab, size_t size)
{
    ZD_ASSERT(size > 0);
    if (size > ZD_SLAB_MOST) {
        slab->large++;
        return zd_alloc(size);
    }
    size_t class = class_of(size);
    zd_slab_piece *piece = slab->free[class];
    size_t whole = (class + 1) * ZD_SLAB_STEP;
    if (piece != NULL) {
        ASAN_UNPOISON_MEMORY_REGION(piece, size);
        slab->free[class] = piece->next;
        __builtin_prefetch(piece->next, 1); /* freed pieces lie all over the memory: the next one comes near before it is asked for */
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
        slab->large--;
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
        ASAN_UNPOISON_MEMORY_REGION(block, block->size);
        free(block);
    }
    *slab = (zd_slab){0};
}
