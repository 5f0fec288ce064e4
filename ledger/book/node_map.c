/*
 * The map below the book: a hash table for single keys, and per kind a list, which turns into a skip list with deterministic levels when the kind is first walked.
 * Every node is in both. Knows keys and nodes, not what records mean.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/book/book_int.h"

/* A record's fields are 64-bit numbers and bytes. */
#define RECORD_ALIGN sizeof(uint64_t)
static_assert(ZD_KEY_MAX <= UINT8_MAX && ZD_R__COUNT <= UINT8_MAX, "a node keeps them in a byte");

#define AHEAD 16 /* slots, whose nodes come near while the table is gone through */

/* xorshift64; the levels only shape the list, never a result. */
static uint8_t random_levels(zd_book *book)
{
    uint64_t x = book->random;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    book->random = x;
    uint8_t levels = 1;
    while (levels < ZD_NODE_LEVELS && (x & 3) == 0) {
        levels++;
        x >>= 2;
    }
    return levels;
}

/* Fills links[] with the place of each level where the first node with a key >= key is linked in. */
static void find_links(zd_node_list *list, const char *key, zd_node **links[ZD_NODE_LEVELS])
{
    zd_node **row = list->first;
    for (unsigned level = ZD_NODE_LEVELS; level-- > 0;) {
        while (row[level] != NULL && strcmp(row[level]->key, key) < 0) {
            row = row[level]->next;
        }
        links[level] = &row[level];
    }
}

static void link_plain(zd_node_list *list, zd_node *node)
{
    node->next[0] = list->first[0];
    list->first[0] = node;
}

static int by_key(const void *a, const void *b)
{
    const zd_node *const *left = a;
    const zd_node *const *right = b;
    return strcmp((*left)->key, (*right)->key);
}

/* Links the nodes in this order, on all their levels. */
static void link_all(zd_node_list *list, zd_node *const *nodes, size_t count)
{
    zd_node **last[ZD_NODE_LEVELS];
    for (unsigned level = 0; level < ZD_NODE_LEVELS; level++) {
        last[level] = &list->first[level];
    }
    for (size_t i = 0; i < count; i++) {
        for (unsigned level = 0; level < nodes[i]->levels; level++) {
            *last[level] = nodes[i];
            last[level] = &nodes[i]->next[level];
        }
    }
    for (unsigned level = 0; level < ZD_NODE_LEVELS; level++) {
        *last[level] = NULL;
    }
}

/* The plain list becomes a skip list. */
static void order_kind(zd_node_list *list)
{
    size_t count = 0;
    for (const zd_node *node = list->first[0]; node != NULL; node = node->next[0]) {
        count++;
    }
    zd_node **nodes = zd_alloc(count * sizeof(zd_node *));
    size_t at = 0;
    for (zd_node *node = list->first[0]; node != NULL; node = node->next[0]) {
        nodes[at++] = node;
    }
    if (count > 1) {
        qsort(nodes, count, sizeof(zd_node *), by_key);
    }
    link_all(list, nodes, count);
    free(nodes);
    list->ordered = true;
}

zd_node *zd_node_from(zd_book *book, zd_record_kind kind, const char *from)
{
    zd_node_list *list = &book->lists[kind];
    zd_node **links[ZD_NODE_LEVELS];
    if (!list->ordered) {
        order_kind(list);
    }
    find_links(list, from, links);
    return *links[0];
}

/* Eight bytes at a time, zeros behind the last. Keys of an attacker's choice could share slots; they cost a longer walk, never a wrong result. */
static uint64_t hash_of(const char *key, size_t length)
{
    uint64_t hash = length;
    for (size_t at = 0; at < length; at += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, key + at, sizeof word);
        /* A product carries upwards only, and ids differ in the last bytes, which are the uppermost: hence the rotation and the two more rounds at the end. */
        hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
        hash = hash << 31 | hash >> 33;
    }
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

void zd_key_finish(zd_key *key, size_t size)
{
    ZD_ASSERT(size > 0 && size <= ZD_KEY_MAX);
    key->size = size;
    memset(key->text + size, 0, sizeof(uint64_t));
    key->hash = hash_of(key->text, size);
}

/* The hash stands in the slot, so that only the right node is looked at. */
static bool is_slot_of(const zd_node_slot *slot, const zd_key *key)
{
    return slot->hash == key->hash && slot->node->key_size == key->size && memcmp(slot->node->key, key->text, key->size) == 0;
}

zd_node *zd_node_find(const zd_book *book, const zd_key *key)
{
    if (book->slot_count == 0) {
        return NULL;
    }
    for (size_t at = key->hash & (book->slot_count - 1); book->slots[at].node != NULL; at = (at + 1) & (book->slot_count - 1)) {
        if (is_slot_of(&book->slots[at], key)) {
            return book->slots[at].node;
        }
    }
    return NULL;
}

void zd_node_expect(const zd_book *book, const zd_key *key)
{
    if (book->slot_count > 0) {
        __builtin_prefetch(&book->slots[key->hash & (book->slot_count - 1)]);
    }
}

/* The slot is near by now, mostly; of the node the head, the key and the beginning of the record. */
void zd_node_fetch(const zd_book *book, const zd_key *key)
{
    if (book->slot_count == 0) {
        return;
    }
    size_t at = key->hash & (book->slot_count - 1);
    while (book->slots[at].node != NULL && book->slots[at].hash != key->hash) {
        at = (at + 1) & (book->slot_count - 1);
    }
    const uint8_t *node = (const uint8_t *)book->slots[at].node;
    for (size_t line = 0; node != NULL && line < 3; line++) {
        __builtin_prefetch(node + line * 64);
    }
}

/* There is always a free slot: at most half are taken. */
static void slot_put(zd_book *book, uint64_t hash, zd_node *node)
{
    size_t at = hash & (book->slot_count - 1);
    while (book->slots[at].node != NULL) {
        at = (at + 1) & (book->slot_count - 1);
    }
    book->slots[at] = (zd_node_slot){.hash = hash, .node = node};
}

static void grow_slots(zd_book *book)
{
    zd_node_slot *old = book->slots;
    size_t old_count = book->slot_count;
    book->slot_count = old_count == 0 ? 4096 : 4 * old_count;
    book->slots = zd_alloc_large(book->slot_count * sizeof *book->slots);
    memset(book->slots, 0, book->slot_count * sizeof *book->slots); /* written before it is read: else the kernel gives each page twice */
    for (size_t i = 0; i < old_count; i++) {
        if (old[i].node != NULL) {
            slot_put(book, old[i].hash, old[i].node);
        }
    }
    free(old);
}

static void link_ordered(zd_node_list *list, zd_node *node)
{
    zd_node **links[ZD_NODE_LEVELS];
    find_links(list, node->key, links);
    for (unsigned level = 0; level < node->levels; level++) {
        node->next[level] = *links[level];
        *links[level] = node;
    }
}

static size_t record_offset(const zd_node *node)
{
    size_t end = sizeof *node + node->levels * sizeof(zd_node *) + node->key_size + 1;
    return (end + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN;
}

static size_t node_size(const zd_node *node)
{
    bool inside = node->record != NULL && !node->apart;
    return record_offset(node) + (inside ? zd_record_size(node->kind) : 0);
}

zd_node *zd_node_insert(zd_book *book, zd_record_kind kind, const zd_key *key, bool with_record)
{
    zd_node head = {.hash = key->hash, .kind = (uint8_t)kind, .removed = true, .levels = random_levels(book), .used = book->round, .key_size = (uint8_t)key->size};
    size_t record_at = record_offset(&head);
    uint8_t *memory = zd_slab_take(&book->slab, record_at + (with_record ? zd_record_size(kind) : 0));
    zd_node *node = (zd_node *)memory;
    *node = head;
    node->key = (char *)memory + sizeof *node + node->levels * sizeof(zd_node *);
    memcpy(node->key, key->text, key->size + 1);
    node->record = with_record ? memory + record_at : NULL;
    zd_node_list *list = &book->lists[kind];
    if (list->ordered) {
        link_ordered(list, node);
    } else {
        link_plain(list, node);
    }
    book->count++;
    if (2 * book->count > book->slot_count) {
        grow_slots(book);
    }
    slot_put(book, key->hash, node);
    return node;
}

void zd_node_fill(zd_book *book, zd_node *node)
{
    size_t size = zd_record_size(node->kind);
    if (node->record == NULL) {
        node->record = zd_slab_take(&book->slab, size);
        node->apart = true;
    }
    memset(node->record, 0, size);
}

static void node_free(zd_book *book, zd_node *node)
{
    size_t size = node_size(node);
    if (node->apart) {
        zd_slab_give(&book->slab, node->record, zd_record_size(node->kind));
    }
    zd_slab_give(&book->slab, node, size);
}

static bool stays(const zd_node *node, uint32_t before_round)
{
    return node->dirty || node->given || node->used >= before_round || node->kind == ZD_R_KEY;
}

/* Goes through the table, whose slots lie in a row and name what comes next, and not along the lists, where each node must be waited for. It starts at a free slot: then those
 * behind it that stay move up to where a walk finds them, into slots that were gone through. */
void zd_node_drop_clean(zd_book *book, uint32_t before_round)
{
    size_t mask = book->slot_count - 1;
    size_t start = 0;
    memset(book->lists, 0, sizeof book->lists);
    while (book->slot_count > 0 && book->slots[start].node != NULL) {
        start++;
    }
    for (size_t i = 1; i < book->slot_count; i++) {
        zd_node_slot *slot = &book->slots[(start + i) & mask];
        __builtin_prefetch(book->slots[(start + i + AHEAD) & mask].node);
        zd_node_slot old = *slot;
        if (old.node == NULL) {
            continue;
        }
        *slot = (zd_node_slot){0};
        if (stays(old.node, before_round)) {
            link_plain(&book->lists[old.node->kind], old.node);
            slot_put(book, old.hash, old.node);
        } else {
            node_free(book, old.node);
            book->count--;
        }
    }
}

void zd_nodes_free(zd_book *book)
{
    for (int kind = 0; kind < ZD_R__COUNT && book->slab.large > 0; kind++) { /* all others go with their blocks */
        zd_node *next = NULL;
        for (zd_node *node = book->lists[kind].first[0]; node != NULL; node = next) {
            next = node->next[0];
            node_free(book, node);
        }
    }
    zd_slab_free(&book->slab);
    free(book->slots);
}
