/*
 * Inside audit/trail only: git tree objects, strictly. Two kinds of entries exist in this history, plain files (100644) and
 * directories (40000); names are printable UTF-8; order is git's own, a directory compared as if its name ended in a slash.
 * A tree that git itself would write differently is refused, so that equal files mean equal ids.
 */
#ifndef ZD_TRAIL_TREE_H
#define ZD_TRAIL_TREE_H

#include "audit/trail/object.h"

#define ZD_TRAIL_DEPTH 16 /* parts of a path; bounds every stack here */
#define ZD_TRAIL_PATH 1024 /* bytes of a path with its NUL */

typedef struct zd_tree_entry {
    zd_span name; /* borrowed from the tree's bytes */
    bool directory;
    zd_oid oid;
} zd_tree_entry;

typedef struct zd_tree {
    zd_buf bytes;
    zd_tree_entry *entries; /* owned, in git's order */
    size_t count;
} zd_tree;

/* Not empty, at most 255 bytes, valid UTF-8, no control characters, no '/', not ".", ".." or any spelling of ".git". */
bool zd_tree_name_ok(zd_span name);
/* Git's order: <0, 0, >0. A file and a directory of one name differ. */
int zd_tree_order(const zd_tree_entry *a, const zd_tree_entry *b);
void zd_tree_entry_add(zd_buf *out, const zd_tree_entry *entry);
/* Fills entries from tree->bytes. TRAIL_GRAMMAR. */
zd_status zd_tree_parse(zd_tree *tree, zd_error *err);
/* Reads and parses; *tree must be empty or freed. */
zd_status zd_tree_read(zd_tree *tree, zd_objects *objects, const zd_oid *oid, zd_error *err);
/* NULL when there is none of that name and kind. */
const zd_tree_entry *zd_tree_find(const zd_tree *tree, zd_span name, bool directory);
void zd_tree_free(zd_tree *tree);

#endif
