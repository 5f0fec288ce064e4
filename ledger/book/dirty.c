/*
 * What the book gives away as bytes: the dirty records in key order, for whoever makes them durable, and all records, for doctor and tests. Must not load anything.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/book/book_int.h"

/* Dirty nodes lie all over the memory; the processor is told which come next, what follows from a node's head once that has come. */
#define AHEAD 8
#define LINE 64

static void fetch_key(const zd_book *book, size_t at)
{
    if (at + AHEAD < book->dirty_count) {
        const uint8_t *node = (const uint8_t *)book->dirty[at + AHEAD];
        __builtin_prefetch(node);
        __builtin_prefetch(node + LINE);
    }
}

static void fetch_record(const zd_book *book, size_t at)
{
    if (at + 2 * AHEAD < book->dirty_count) {
        __builtin_prefetch(book->dirty[at + 2 * AHEAD]);
    }
    if (at + AHEAD < book->dirty_count && book->dirty[at + AHEAD]->record != NULL) {
        const zd_node *node = book->dirty[at + AHEAD];
        size_t size = zd_record_size(node->kind);
        __builtin_prefetch(node->key);
        for (size_t line = 0; line < size; line += LINE) {
            __builtin_prefetch((const uint8_t *)node->record + line);
        }
    }
}

/* The first bytes of a key as numbers that compare like them: most pairs are told apart without a look at the nodes, which lie all over the memory. */
#define HEAD_WORDS 3
typedef struct sort_row {
    uint64_t head[HEAD_WORDS];
    zd_node *node;
} sort_row;

static sort_row row_of(zd_node *node)
{
    sort_row row = {.node = node};
    size_t size = node->key_size < sizeof row.head ? node->key_size : sizeof row.head;
    for (size_t i = 0; i < size; i++) {
        row.head[i / 8] |= (uint64_t)(uint8_t)node->key[i] << (56 - 8 * (i % 8));
    }
    return row;
}

static int by_key(const void *a, const void *b)
{
    const sort_row *left = a;
    const sort_row *right = b;
    for (size_t i = 0; i < HEAD_WORDS; i++) {
        if (left->head[i] != right->head[i]) {
            return left->head[i] < right->head[i] ? -1 : 1;
        }
    }
    return strcmp(left->node->key, right->node->key);
}

static void sort_dirty(zd_book *book)
{
    sort_row *rows = zd_alloc(book->dirty_count * sizeof *rows);
    for (size_t i = 0; i < book->dirty_count; i++) {
        fetch_key(book, i);
        rows[i] = row_of(book->dirty[i]);
    }
    qsort(rows, book->dirty_count, sizeof *rows, by_key);
    for (size_t i = 0; i < book->dirty_count; i++) {
        book->dirty[i] = rows[i].node;
    }
    free(rows);
}

static zd_status visit_node(const zd_node *node, zd_buf *scratch, zd_book_dirty_visit *visit, void *context)
{
    zd_span value = zd_span_of(NULL, 0);
    if (!node->removed) {
        zd_buf_clear(scratch);
        zd_record_encode(scratch, node->kind, node->record);
        value = zd_buf_span(scratch);
    }
    return visit(context, zd_span_of(node->key, node->key_size), value);
}

zd_status zd_book_dirty(zd_book *book, zd_book_dirty_visit *visit, void *context)
{
    if (book->dirty_count > 1) {
        sort_dirty(book);
    }
    ZD_ASSERT(!book->open);
    zd_buf scratch = {0};
    zd_status status = ZD_OK;
    for (size_t i = 0; i < book->dirty_count && status == ZD_OK; i++) {
        fetch_record(book, i);
        status = visit_node(book->dirty[i], &scratch, visit, context);
    }
    zd_buf_free(&scratch);
    return status;
}

void zd_book_dirty_pack(zd_book *book, zd_buf *bytes, zd_book_dirty_packed *packed, void *context)
{
    ZD_ASSERT(!book->open);
    for (size_t i = 0; i < book->dirty_count; i++) {
        const zd_node *node = book->dirty[i];
        fetch_record(book, i);
        zd_buf_add(bytes, node->key, node->key_size);
        size_t start = bytes->size;
        if (!node->removed) {
            zd_record_encode(bytes, node->kind, node->record);
        }
        packed(context, node->key_size, bytes->size - start, node->removed);
    }
}

void zd_book_clean(zd_book *book)
{
    ZD_ASSERT(!book->open);
    for (size_t i = 0; i < book->dirty_count; i++) {
        book->dirty[i]->dirty = false;
    }
    book->dirty_count = 0;
}

void zd_book_give(zd_book *book)
{
    ZD_ASSERT(!book->open && book->given_count == 0);
    zd_node **nodes = book->given;
    size_t capacity = book->given_capacity;
    book->given = book->dirty;
    book->given_count = book->dirty_count;
    book->given_capacity = book->dirty_capacity;
    book->dirty = nodes;
    book->dirty_count = 0;
    book->dirty_capacity = capacity;
    for (size_t i = 0; i < book->given_count; i++) {
        book->given[i]->dirty = false;
        book->given[i]->given = true;
    }
}

void zd_book_settle(zd_book *book)
{
    for (size_t i = 0; i < book->given_count; i++) {
        book->given[i]->given = false;
    }
    book->given_count = 0;
}

size_t zd_book_dirty_count(const zd_book *book)
{
    return book->dirty_count;
}

/* The kind whose keys come next after those of `after` (ZD_R__COUNT: first of all); ZD_R__COUNT at the end. A key's prefix ends with a slash, which is smaller
 * than any letter, so that prefixes compare like the keys. */
static zd_record_kind next_kind(zd_record_kind after)
{
    zd_record_kind best = ZD_R__COUNT;
    for (int i = 0; i < ZD_R__COUNT; i++) {
        zd_record_kind kind = (zd_record_kind)i;
        bool follows = after == ZD_R__COUNT || strcmp(zd_record_prefix(kind), zd_record_prefix(after)) > 0;
        if (follows && (best == ZD_R__COUNT || strcmp(zd_record_prefix(kind), zd_record_prefix(best)) < 0)) {
            best = kind;
        }
    }
    return best;
}

zd_status zd_book_each(zd_book *book, zd_book_dirty_visit *visit, void *context)
{
    zd_buf scratch = {0};
    zd_status status = ZD_OK;
    for (zd_record_kind kind = next_kind(ZD_R__COUNT); kind != ZD_R__COUNT && status == ZD_OK; kind = next_kind(kind)) {
        for (const zd_node *node = zd_node_from(book, kind, ""); node != NULL && status == ZD_OK; node = node->next[0]) {
            if (!node->removed) {
                status = visit_node(node, &scratch, visit, context);
            }
        }
    }
    zd_buf_free(&scratch);
    return status;
}
