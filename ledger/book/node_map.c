/* The ordered map below the book: a skip list with deterministic levels. Knows keys and nodes, not what records mean. */
#include <stdlib.h>
#include <string.h>

#include "ledger/book/book_int.h"

/* xorshift64; the levels only shape the list, never a result. */
static unsigned random_levels(zd_book *book)
{
    uint64_t x = book->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    book->random = x;
    unsigned levels = 1;
    while (levels < ZD_NODE_LEVELS && (x & 3) == 0) {
        levels++;
        x >>= 2;
    }
    return levels;
}

/* Fills before[] with the last node of each level whose key is < key. */
static void find_before(const zd_book *book, const char *key, zd_node **before)
{
    zd_node *at = book->head;
    for (unsigned level = ZD_NODE_LEVELS; level-- > 0;) {
        while (at->next[level] != NULL && strcmp(at->next[level]->key, key) < 0) {
            at = at->next[level];
        }
        before[level] = at;
    }
}

zd_node *zd_node_after(const zd_book *book, const char *after, bool inclusive)
{
    zd_node *before[ZD_NODE_LEVELS];
    find_before(book, after, before);
    zd_node *node = before[0]->next[0];
    if (node != NULL && !inclusive && strcmp(node->key, after) == 0) {
        node = node->next[0];
    }
    return node;
}

zd_node *zd_node_find(const zd_book *book, const char *key)
{
    zd_node *node = zd_node_after(book, key, true);
    return node != NULL && strcmp(node->key, key) == 0 ? node : NULL;
}

zd_node *zd_node_insert(zd_book *book, zd_record_kind kind, const char *key)
{
    zd_node *before[ZD_NODE_LEVELS];
    find_before(book, key, before);
    ZD_ASSERT(before[0]->next[0] == NULL || strcmp(before[0]->next[0]->key, key) != 0);
    size_t length = strlen(key);
    ZD_ASSERT(length > 0 && length <= ZD_KEY_MAX);
    unsigned levels = random_levels(book);
    zd_node *node = zd_alloc_zero(1, sizeof *node + levels * sizeof(zd_node *));
    node->record = zd_alloc_zero(1, zd_record_size(kind));
    node->kind = kind;
    node->levels = levels;
    node->key = zd_strdup(key);
    node->key_size = (uint8_t)length;
    for (unsigned level = 0; level < levels; level++) {
        node->next[level] = before[level]->next[level];
        before[level]->next[level] = node;
    }
    book->count++;
    return node;
}

static void node_free(zd_node *node)
{
    free(node->record);
    free(node->key);
    free(node);
}

void zd_node_drop_clean(zd_book *book)
{
    zd_node *last[ZD_NODE_LEVELS];
    for (unsigned level = 0; level < ZD_NODE_LEVELS; level++) {
        last[level] = book->head;
    }
    zd_node *node = book->head->next[0];
    for (unsigned level = 0; level < ZD_NODE_LEVELS; level++) {
        book->head->next[level] = NULL;
    }
    while (node != NULL) {
        zd_node *next = node->next[0];
        if (node->dirty) {
            for (unsigned level = 0; level < node->levels; level++) {
                node->next[level] = NULL;
                last[level]->next[level] = node;
                last[level] = node;
            }
        } else {
            node_free(node);
            book->count--;
        }
        node = next;
    }
}

void zd_nodes_free(zd_book *book)
{
    zd_node *node = book->head->next[0];
    while (node != NULL) {
        zd_node *next = node->next[0];
        node_free(node);
        node = next;
    }
    free(book->head);
}
