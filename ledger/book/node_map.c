/*
 * The ordered map below the book: a skip list with deterministic levels for walks, a hash table for single keys. Every node is in both. Knows keys and
 * nodes, not what records mean.
 */
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

/* FNV-1a. Keys of an attacker's choice could share slots; they cost a longer walk, never a wrong result. */
static uint64_t hash_of(const char *key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = key; *at != '\0'; at++) {
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    }
    return hash ^ (hash >> 32);
}

zd_node *zd_node_find(const zd_book *book, const char *key)
{
    uint64_t hash = hash_of(key);
    zd_node *node = book->slot_count > 0 ? book->slots[hash & (book->slot_count - 1)] : NULL;
    while (node != NULL && (node->hash != hash || strcmp(node->key, key) != 0)) {
        node = node->same;
    }
    return node;
}

static void slot_put(zd_book *book, zd_node *node)
{
    zd_node **slot = &book->slots[node->hash & (book->slot_count - 1)];
    node->same = *slot;
    *slot = node;
}

/* A table of that size, filled from the list. */
static void slots_rebuild(zd_book *book, size_t slot_count)
{
    free(book->slots);
    book->slots = zd_alloc_zero(slot_count, sizeof *book->slots);
    book->slot_count = slot_count;
    for (zd_node *node = book->head->next[0]; node != NULL; node = node->next[0]) {
        slot_put(book, node);
    }
}

zd_node *zd_node_insert(zd_book *book, zd_record_kind kind, const char *key)
{
    zd_node *before[ZD_NODE_LEVELS];
    find_before(book, key, before);
    ZD_ASSERT(before[0]->next[0] == NULL || strcmp(before[0]->next[0]->key, key) != 0);
    size_t length = strlen(key);
    ZD_ASSERT(length > 0 && length <= ZD_KEY_MAX);
    unsigned levels = random_levels(book);
    zd_node *node = zd_alloc_zero(1, sizeof *node + levels * sizeof(zd_node *) + length + 1);
    node->kind = kind;
    node->removed = true;
    node->levels = levels;
    node->key = (char *)&node->next[levels];
    memcpy(node->key, key, length + 1);
    node->key_size = (uint8_t)length;
    node->hash = hash_of(key);
    for (unsigned level = 0; level < levels; level++) {
        node->next[level] = before[level]->next[level];
        before[level]->next[level] = node;
    }
    book->count++;
    if (book->count > book->slot_count) {
        slots_rebuild(book, book->slot_count == 0 ? 256 : 2 * book->slot_count);
    } else {
        slot_put(book, node);
    }
    return node;
}

void zd_node_fill(zd_node *node)
{
    size_t size = zd_record_size(node->kind);
    if (node->record == NULL) {
        node->record = zd_alloc_zero(1, size);
    } else {
        memset(node->record, 0, size);
    }
}

static void node_free(zd_node *node)
{
    free(node->record);
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
    if (book->slot_count > 0) {
        slots_rebuild(book, book->slot_count);
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
    free(book->slots);
}
