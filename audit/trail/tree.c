/* Git tree objects; see tree.h. */
#include "audit/trail/tree.h"

#include <stdlib.h>
#include <string.h>

static const char mode_file[] = "100644 ";
static const char mode_directory[] = "40000 ";

/* Git refuses ".git" in any case, because some file systems fold it. */
static bool is_dot_git(zd_span name)
{
    return name.size == 4 && name.data[0] == '.' && (name.data[1] | 32) == 'g' && (name.data[2] | 32) == 'i' &&
           (name.data[3] | 32) == 't';
}

bool zd_tree_name_ok(zd_span name)
{
    if (name.size == 0 || name.size > 255 || zd_span_is(name, ".") || zd_span_is(name, "..") || is_dot_git(name)) {
        return false;
    }
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] < 0x20 || name.data[i] == 0x7f || name.data[i] == '/') {
            return false;
        }
    }
    return zd_span_is_utf8(name);
}

int zd_tree_order(const zd_tree_entry *a, const zd_tree_entry *b)
{
    size_t common = a->name.size < b->name.size ? a->name.size : b->name.size;
    int order = memcmp(a->name.data, b->name.data, common);
    if (order != 0) {
        return order;
    }
    int end_a = a->name.size > common ? a->name.data[common] : a->directory ? '/' : 0;
    int end_b = b->name.size > common ? b->name.data[common] : b->directory ? '/' : 0;
    if (end_a != end_b) {
        return end_a - end_b;
    }
    /* No name holds a slash or a NUL, so equal ends mean that both names end here. */
    return 0;
}

void zd_tree_entry_add(zd_buf *out, const zd_tree_entry *entry)
{
    zd_buf_add_text(out, entry->directory ? mode_directory : mode_file);
    zd_buf_add_span(out, entry->name);
    zd_buf_add_byte(out, 0);
    zd_buf_add(out, entry->oid.bytes, ZD_OID_SIZE);
}

/* One entry off the front of *rest; false when it is not of our form. */
static bool entry_parse(zd_tree_entry *out, zd_span *rest)
{
    out->directory = zd_span_starts(*rest, mode_directory);
    if (!out->directory && !zd_span_starts(*rest, mode_file)) {
        return false;
    }
    size_t mode = strlen(out->directory ? mode_directory : mode_file);
    zd_span tail = zd_span_of(rest->data + mode, rest->size - mode);
    const uint8_t *end = tail.size > 0 ? memchr(tail.data, 0, tail.size) : NULL;
    if (end == NULL) {
        return false;
    }
    size_t name_size = (size_t)(end - tail.data);
    if (tail.size - name_size - 1 < ZD_OID_SIZE) {
        return false;
    }
    out->name = zd_span_of(tail.data, name_size);
    memcpy(out->oid.bytes, end + 1, ZD_OID_SIZE);
    *rest = zd_span_of(end + 1 + ZD_OID_SIZE, tail.size - name_size - 1 - ZD_OID_SIZE);
    return zd_tree_name_ok(out->name);
}

/* A directory "a/" may stand far behind a file "a"; between them only names that begin with "a" can be. */
static bool names_a_file_before(const zd_tree *tree, const zd_tree_entry *entry)
{
    for (size_t i = tree->count; i > 0; i--) {
        zd_span before = tree->entries[i - 1].name;
        if (zd_span_equal(before, entry->name)) {
            return true;
        }
        if (before.size < entry->name.size || memcmp(before.data, entry->name.data, entry->name.size) != 0) {
            return false;
        }
    }
    return false;
}

zd_status zd_tree_parse(zd_tree *tree, zd_error *err)
{
    zd_span rest = zd_buf_span(&tree->bytes);
    size_t capacity = 0;
    tree->count = 0;
    while (rest.size > 0) {
        zd_tree_entry entry = {0};
        if (!entry_parse(&entry, &rest)) {
            return zd_fail(err, ZD_E_TRAIL_GRAMMAR, "a tree entry that is neither a plain file nor a directory");
        }
        bool ordered = tree->count == 0 || zd_tree_order(&tree->entries[tree->count - 1], &entry) < 0;
        if (!ordered || (entry.directory && names_a_file_before(tree, &entry))) {
            zd_status status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "a name stands twice or out of order in a tree");
            zd_error_field(err, "name", entry.name);
            return status;
        }
        if (tree->count == capacity) {
            capacity = capacity == 0 ? 16 : capacity * 2;
            tree->entries = zd_realloc(tree->entries, capacity * sizeof *tree->entries);
        }
        tree->entries[tree->count++] = entry;
    }
    return tree->count > 0 ? ZD_OK : zd_fail(err, ZD_E_TRAIL_GRAMMAR, "an empty tree");
}

zd_status zd_tree_read(zd_tree *tree, zd_objects *objects, const zd_oid *oid, zd_error *err)
{
    ZD_ASSERT(tree->entries == NULL && tree->bytes.size == 0);
    zd_status status = zd_objects_read(&tree->bytes, objects, oid, ZD_OBJECT_TREE, err);
    if (status == ZD_OK) {
        status = zd_tree_parse(tree, err);
    }
    if (status != ZD_OK) {
        zd_tree_free(tree);
    }
    return status;
}

const zd_tree_entry *zd_tree_find(const zd_tree *tree, zd_span name, bool directory)
{
    zd_tree_entry wanted = {.name = name, .directory = directory};
    size_t low = 0;
    size_t high = tree->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = zd_tree_order(&tree->entries[middle], &wanted);
        if (order == 0) {
            return &tree->entries[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

void zd_tree_free(zd_tree *tree)
{
    zd_buf_free(&tree->bytes);
    free(tree->entries);
    *tree = (zd_tree){0};
}
