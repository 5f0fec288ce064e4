/*
 * Rebuilding changed directories; see tree_build.h. Changes are taken in byte order of their paths, which is git's order, so all
 * of a directory's changes follow one another: a stack of open directories is enough, each closed once when the next path leaves
 * it. A closed directory is a merge of its old entries with its edits and becomes one edit of the directory above.
 */
#include "audit/trail/write/tree_build.h"

#include <stdlib.h>
#include <string.h>

#include "audit/trail/tree.h"

typedef struct edit {
    zd_tree_entry entry; /* its name borrows from the change's path */
    bool remove;
} edit;

typedef struct open_directory {
    zd_tree base; /* the parent commit's; empty when it had none */
    zd_span name; /* borrowed from a change's path; empty for the root */
    edit *edits;  /* in git's order */
    size_t count;
    size_t capacity;
} open_directory;

typedef struct builder {
    zd_pack *pack;
    zd_objects *objects;
    open_directory stack[ZD_TRAIL_DEPTH];
    size_t depth;
} builder;

static zd_status path_failure(zd_error *err, const char *path, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_FIELD_INVALID, "%s", why);
    zd_error_field(err, "path", zd_span_text(path));
    return status;
}

static zd_status change_check(const zd_trail_change *change, zd_error *err)
{
    zd_span rest = zd_span_text(change->path);
    size_t parts = 0;
    if (rest.size == 0 || rest.size >= ZD_TRAIL_PATH || change->path[rest.size - 1] == '/') {
        return path_failure(err, change->path, "not the path of a file");
    }
    while (rest.size > 0) {
        zd_span name;
        rest = zd_span_cut(&name, rest, '/');
        parts++;
        if (!zd_tree_name_ok(name) || parts > ZD_TRAIL_DEPTH) {
            return path_failure(err, change->path, "a part of the path is empty, '..', not printable, or too deep");
        }
    }
    if (!change->remove && change->content.size > ZD_OBJECT_SIZE_MAX) {
        return path_failure(err, change->path, "larger than a file of this history may be");
    }
    return ZD_OK;
}

static int change_order(const void *a, const void *b)
{
    const zd_trail_change *const *first = a;
    const zd_trail_change *const *second = b;
    return strcmp((*first)->path, (*second)->path);
}

/* The changes in byte order of their paths, each checked; *out is freed by the caller. */
static zd_status changes_sort(const zd_trail_change ***out, const zd_trail_commit_in *in, zd_error *err)
{
    const zd_trail_change **sorted = zd_alloc_zero(in->change_count, sizeof *sorted);
    zd_status status = ZD_OK;
    for (size_t i = 0; i < in->change_count && status == ZD_OK; i++) {
        sorted[i] = &in->changes[i];
        status = change_check(sorted[i], err);
    }
    if (status == ZD_OK) {
        qsort(sorted, in->change_count, sizeof *sorted, change_order);
    }
    for (size_t i = 1; i < in->change_count && status == ZD_OK; i++) {
        if (strcmp(sorted[i - 1]->path, sorted[i]->path) == 0) {
            status = path_failure(err, sorted[i]->path, "the path stands twice");
        }
    }
    *out = sorted;
    return status;
}

static void edit_add(open_directory *directory, const zd_tree_entry *entry, bool remove)
{
    if (directory->count == directory->capacity) {
        directory->capacity = directory->capacity == 0 ? 8 : directory->capacity * 2;
        directory->edits = zd_realloc(directory->edits, directory->capacity * sizeof *directory->edits);
    }
    directory->edits[directory->count++] = (edit){.entry = *entry, .remove = remove};
}

static zd_status directory_open(builder *state, zd_span name, const zd_oid *base, zd_error *err)
{
    ZD_ASSERT(state->depth < ZD_TRAIL_DEPTH);
    open_directory *directory = &state->stack[state->depth++];
    *directory = (open_directory){.name = name};
    return base != NULL ? zd_tree_read(&directory->base, state->objects, base, err) : ZD_OK;
}

/* Old entries and edits in one order; an edit replaces or removes the old entry of the same name and kind. */
static void directory_merge(zd_buf *out, const open_directory *directory)
{
    size_t old_at = 0;
    size_t edit_at = 0;
    while (old_at < directory->base.count || edit_at < directory->count) {
        int order = old_at == directory->base.count ? 1
                    : edit_at == directory->count
                        ? -1
                        : zd_tree_order(&directory->base.entries[old_at], &directory->edits[edit_at].entry);
        if (order < 0) {
            zd_tree_entry_add(out, &directory->base.entries[old_at++]);
            continue;
        }
        if (!directory->edits[edit_at].remove) {
            zd_tree_entry_add(out, &directory->edits[edit_at].entry);
        }
        edit_at++;
        old_at += order == 0 ? 1 : 0;
    }
}

/* Closes the innermost directory; *oid is its new id, *empty says that no file is left in it. */
static zd_status directory_close(zd_oid *oid, bool *empty, builder *state, zd_error *err)
{
    open_directory *directory = &state->stack[state->depth - 1];
    zd_tree merged = {0};
    zd_status status = ZD_OK;
    directory_merge(&merged.bytes, directory);
    *empty = merged.bytes.size == 0;
    if (!*empty) {
        /* The strict parser is the judge of a file and a directory of one name, or a tree grown too large. */
        zd_error parsed = {0};
        if (zd_tree_parse(&merged, &parsed) != ZD_OK || merged.bytes.size > ZD_OBJECT_SIZE_MAX) {
            status = zd_fail(err, ZD_E_FIELD_INVALID, "a directory cannot be written: %.160s", parsed.detail);
            zd_error_field(err, parsed.field[0] != '\0' ? parsed.field : "directory", zd_span_text(parsed.value));
        } else {
            status = zd_pack_add_owned(oid, state->pack, ZD_OBJECT_TREE, &merged.bytes, err);
        }
    }
    zd_tree_free(&merged);
    zd_tree_free(&directory->base);
    free(directory->edits);
    state->depth--;
    return status;
}

/* Closes directories down to that depth, telling each one above. */
static zd_status close_to(builder *state, size_t depth, zd_error *err)
{
    zd_status status = ZD_OK;
    while (state->depth > depth && status == ZD_OK) {
        zd_tree_entry entry = {.name = state->stack[state->depth - 1].name, .directory = true};
        bool empty = false;
        status = directory_close(&entry.oid, &empty, state, err);
        if (status == ZD_OK) {
            edit_add(&state->stack[state->depth - 1], &entry, empty);
        }
    }
    return status;
}

/* Closes and opens directories until the stack stands at the file's own, and gives the file's name. */
static zd_status move_to(zd_span *file_name, builder *state, const char *path, zd_error *err)
{
    zd_span rest = zd_span_text(path);
    zd_status status = ZD_OK;
    size_t level = 1;
    while (status == ZD_OK && memchr(rest.data, '/', rest.size) != NULL) {
        zd_span name;
        rest = zd_span_cut(&name, rest, '/');
        if (state->depth <= level || !zd_span_equal(state->stack[level].name, name)) {
            status = close_to(state, level, err);
            if (status != ZD_OK) {
                return status;
            }
            const zd_tree_entry *base = zd_tree_find(&state->stack[level - 1].base, name, true);
            status = directory_open(state, name, base != NULL ? &base->oid : NULL, err);
        }
        level++;
    }
    *file_name = rest;
    return status == ZD_OK ? close_to(state, level, err) : status;
}

static zd_status apply(builder *state, const zd_trail_change *change, zd_error *err)
{
    zd_tree_entry entry = {0};
    zd_status status = move_to(&entry.name, state, change->path, err);
    if (status == ZD_OK && !change->remove) {
        status = zd_pack_add(&entry.oid, state->pack, ZD_OBJECT_BLOB, change->content, err);
    }
    if (status == ZD_OK) {
        edit_add(&state->stack[state->depth - 1], &entry, change->remove);
    }
    return status;
}

zd_status zd_tree_build(zd_oid *out_root, zd_pack *pack, zd_objects *objects, const zd_oid *parent_tree,
                        const zd_trail_commit_in *in, zd_error *err)
{
    builder *state = zd_alloc_zero(1, sizeof *state);
    const zd_trail_change **sorted = NULL;
    bool empty = false;
    state->pack = pack;
    state->objects = objects;
    zd_status status = changes_sort(&sorted, in, err);
    if (status == ZD_OK) {
        status = directory_open(state, zd_span_of(NULL, 0), parent_tree, err);
    }
    for (size_t i = 0; i < in->change_count && status == ZD_OK; i++) {
        status = apply(state, sorted[i], err);
    }
    if (status == ZD_OK) {
        status = close_to(state, 1, err);
    }
    if (status == ZD_OK) {
        status = directory_close(out_root, &empty, state, err);
    }
    if (status == ZD_OK && empty) {
        status = zd_fail(err, ZD_E_FIELD_INVALID, "the commit would hold no file at all");
    }
    while (state->depth > 0) {
        state->depth--;
        zd_tree_free(&state->stack[state->depth].base);
        free(state->stack[state->depth].edits);
    }
    free(sorted);
    free(state);
    return status;
}
