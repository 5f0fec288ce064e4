/*
 * The inside of the book, shared by its files: a hash table of nodes for single keys; per kind a list of the same nodes, which becomes an ordered one (a skip list,
 * so that walks are in key order and neighbours stay where they are) when the kind is first walked; the undo list of the open entry, and the list of dirty nodes.
 */
#ifndef ZD_BOOK_BOOK_INT_H
#define ZD_BOOK_BOOK_INT_H

#include "ledger/book/book.h"
#include "ledger/book/slab.h"

#define ZD_NODE_LEVELS 16

/* One piece of memory: this, levels pointers, the key, and mostly the record: who finds a node has its record close by. */
typedef struct zd_node {
    void *record;        /* struct of its kind; kept when removed, so that borrowed pointers do not dangle within an entry; NULL when it never was there */
    char *key;           /* NUL-terminated */
    uint64_t hash;       /* of the key */
    uint64_t entry;      /* the last entry that touched it: first touch pushes the undo copy */
    uint32_t used;       /* the round in which it was last asked for */
    uint8_t kind;        /* zd_record_kind */
    uint8_t levels;
    uint8_t key_size;
    bool removed : 1;    /* known to be absent */
    bool dirty : 1;
    bool given : 1;      /* somebody is writing it: the source may still have an older one */
    bool apart : 1;      /* the record is a piece of memory of its own: the node was absent at first */
    struct zd_node *next[]; /* levels pointers */
} zd_node;

/* The nodes of one kind. Most kinds are only ever asked for single keys: theirs is a plain list through next[0], newest first, until somebody walks them. */
typedef struct zd_node_list {
    bool ordered;
    zd_node *first[ZD_NODE_LEVELS];
} zd_node_list;

typedef struct zd_node_slot { /* of the hash table */
    uint64_t hash; /* of the key */
    zd_node *node; /* NULL = free */
} zd_node_slot;

/* Keys >= low and < high (NULL: all from low on) that the source has none of. Owned texts; low NULL = none. */
typedef struct zd_gap {
    char *low;
    char *high;
} zd_gap;
#define ZD_GAPS 1024

typedef struct zd_undo {
    zd_node *node;
    size_t before; /* where undo_bytes has the record's copy; nothing when removed: there is nothing to bring back */
    bool removed;
    bool dirty;
} zd_undo;

struct zd_book {
    zd_book_source source;
    bool has_source;
    zd_node_list lists[ZD_R__COUNT];
    zd_slab slab; /* of nodes and their records */
    zd_node_slot *slots; /* slot_count is 0 or a power of two; at most half are taken */
    size_t slot_count;
    uint64_t random;
    size_t count;
    size_t pinned; /* that the last trim could not drop: keys and what was dirty then */
    bool open;
    uint64_t entry;
    uint32_t round; /* of trimming; see zd_book_trim */
    bool halfway;
    zd_undo *undo;
    size_t undo_count;
    size_t undo_capacity;
    zd_buf undo_bytes; /* copies of records */
    zd_node **dirty;
    size_t dirty_count;
    size_t dirty_capacity;
    zd_node **given; /* as the dirty list was when they were given */
    size_t given_count;
    size_t given_capacity;
    char **ranges; /* prefixes that are loaded completely, owned: an open hash table of range_slots places, 0 or a power of two; NULL = free */
    size_t range_slots;
    size_t range_count;
    uint32_t range_lengths[ZD_KEY_MAX + 1]; /* how many of them have that length */
    zd_gap gaps[ZD_GAPS];
    zd_error trouble; /* the first failed load */
};

/* book.c */
/* A record from the source (context: the book); what is in memory already is newer and stays. */
zd_book_take zd_book_take_record;

/* ranges.c: which prefixes were loaded as a whole. */
bool zd_ranges_hold(const zd_book *book, const char *prefix); /* everything whose key begins with prefix is in memory */
void zd_ranges_add(zd_book *book, const char *prefix);        /* must not be held yet */
void zd_ranges_forget(zd_book *book);

/* node_map.c */
void zd_key_finish(zd_key *key, size_t size); /* the text is set and has that size */
zd_node *zd_node_find(const zd_book *book, const zd_key *key);
/* First node of the kind with a key >= from; NULL at the end. Orders the kind from now on. */
zd_node *zd_node_from(zd_book *book, zd_record_kind kind, const char *from);
/* Hints: the slot of a key, and then what the slot names, come near. */
void zd_node_expect(const zd_book *book, const zd_key *key);
void zd_node_fetch(const zd_book *book, const zd_key *key);
/* Must not be in memory; removed, with a record whose bytes are anything, or without one. */
zd_node *zd_node_insert(zd_book *book, zd_record_kind kind, const zd_key *key, bool with_record);
void zd_node_fill(zd_book *book, zd_node *node); /* gives it a zeroed record */
/* Frees the clean nodes that were last used before that round; keys excepted. */
void zd_node_drop_clean(zd_book *book, uint32_t before_round);
void zd_nodes_free(zd_book *book);

/* gaps.c: what the source is known not to have, as long as all that was changed since is in memory. */
bool zd_gaps_cover(const zd_book *book, const char *key);
void zd_gaps_note(zd_book *book, const char *key, const char *next); /* asked for key, the source's next one is this (NULL: none) */
void zd_gaps_forget(zd_book *book);

#endif
