/*
 * Files of a commit; see trail.h. Two trees are walked at once, in git's order, which is the byte order of whole paths; listing
 * a commit is comparing it with nothing. The stack is bounded by ZD_TRAIL_DEPTH; a deeper tree is none of ours.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/trail/commit_object.h"
#include "audit/trail/tree.h"

typedef struct walk_frame {
    zd_tree old_tree;
    zd_tree new_tree;
    size_t old_at;
    size_t new_at;
    size_t path_size; /* of the directory itself with its slash; 0 for the root */
} walk_frame;

typedef struct walk {
    zd_objects *objects;
    walk_frame frames[ZD_TRAIL_DEPTH];
    size_t depth; /* frames in use */
    char path[ZD_TRAIL_PATH];
    zd_trail_change_visit *visit;
    void *context;
} walk;

static zd_status commit_tree(zd_oid *out, zd_trail *trail, const char *commit_hex, zd_error *err)
{
    zd_trail_commit commit;
    zd_status status = zd_trail_commit_read(&commit, trail, commit_hex, err);
    if (status == ZD_OK) {
        bool parsed = zd_oid_from_hex(out, zd_span_text(commit.tree_hex));
        ZD_ASSERT(parsed);
        zd_trail_commit_free(&commit);
    }
    return status;
}

zd_status zd_trail_file(zd_buf *out, bool *found, zd_trail *trail, const char *commit_hex, const char *path, zd_error *err)
{
    zd_oid oid;
    zd_status status = commit_tree(&oid, trail, commit_hex, err);
    zd_span rest = zd_span_text(path);
    *found = status == ZD_OK;
    while (status == ZD_OK && *found) {
        zd_tree tree = {0};
        zd_span name;
        bool last = memchr(rest.data, '/', rest.size) == NULL;
        rest = zd_span_cut(&name, rest, '/');
        status = zd_tree_read(&tree, zd_trail_objects(trail), &oid, err);
        if (status != ZD_OK) {
            break;
        }
        const zd_tree_entry *entry = name.size > 0 ? zd_tree_find(&tree, name, !last) : NULL;
        *found = entry != NULL;
        if (entry != NULL) {
            oid = entry->oid;
        }
        zd_tree_free(&tree);
        if (last) {
            break;
        }
    }
    if (status == ZD_OK && *found) {
        status = zd_objects_read(out, zd_trail_objects(trail), &oid, ZD_OBJECT_BLOB, err);
    }
    if (status != ZD_OK) {
        *found = false;
        zd_error_subject(err, zd_span_text(path));
    }
    return status;
}

zd_status zd_trail_blob(zd_buf *out, zd_trail *trail, const char *oid_hex, zd_error *err)
{
    zd_oid oid;
    if (!zd_oid_from_hex(&oid, zd_span_text(oid_hex))) {
        return zd_fail(err, ZD_E_FIELD_INVALID, "an object id is 40 lower-case hexadecimal digits");
    }
    return zd_objects_read(out, zd_trail_objects(trail), &oid, ZD_OBJECT_BLOB, err);
}

/* Opens the pair of directories; NULL where one side has none. */
static zd_status walk_push(walk *state, const zd_oid *old_oid, const zd_oid *new_oid, size_t path_size, zd_error *err)
{
    if (state->depth == ZD_TRAIL_DEPTH) {
        return zd_fail(err, ZD_E_TRAIL_GRAMMAR, "directories deeper than %d", ZD_TRAIL_DEPTH);
    }
    walk_frame *frame = &state->frames[state->depth];
    *frame = (walk_frame){.path_size = path_size};
    state->depth++;
    zd_status status = old_oid != NULL ? zd_tree_read(&frame->old_tree, state->objects, old_oid, err) : ZD_OK;
    if (status == ZD_OK && new_oid != NULL) {
        status = zd_tree_read(&frame->new_tree, state->objects, new_oid, err);
    }
    return status;
}

static void walk_pop(walk *state)
{
    state->depth--;
    zd_tree_free(&state->frames[state->depth].old_tree);
    zd_tree_free(&state->frames[state->depth].new_tree);
}

/* The next name on either side, or both when it is the same one; NULL at the end. */
static void walk_next(const zd_tree_entry **old_entry, const zd_tree_entry **new_entry, walk_frame *frame)
{
    *old_entry = frame->old_at < frame->old_tree.count ? &frame->old_tree.entries[frame->old_at] : NULL;
    *new_entry = frame->new_at < frame->new_tree.count ? &frame->new_tree.entries[frame->new_at] : NULL;
    if (*old_entry != NULL && *new_entry != NULL) {
        int order = zd_tree_order(*old_entry, *new_entry);
        if (order < 0) {
            *new_entry = NULL;
        } else if (order > 0) {
            *old_entry = NULL;
        }
    }
    frame->old_at += *old_entry != NULL ? 1 : 0;
    frame->new_at += *new_entry != NULL ? 1 : 0;
}

static zd_status walk_entry(walk *state, const zd_tree_entry *old_entry, const zd_tree_entry *new_entry, zd_error *err)
{
    const zd_tree_entry *entry = new_entry != NULL ? new_entry : old_entry;
    size_t start = state->frames[state->depth - 1].path_size;
    if (old_entry != NULL && new_entry != NULL && zd_oid_equal(&old_entry->oid, &new_entry->oid)) {
        return ZD_OK;
    }
    if (start + entry->name.size + 2 > sizeof state->path) {
        return zd_fail(err, ZD_E_TRAIL_GRAMMAR, "a path longer than %zu bytes", sizeof state->path);
    }
    memcpy(state->path + start, entry->name.data, entry->name.size);
    size_t end = start + entry->name.size;
    if (entry->directory) {
        state->path[end] = '/';
        return walk_push(state, old_entry != NULL ? &old_entry->oid : NULL, new_entry != NULL ? &new_entry->oid : NULL, end + 1,
                         err);
    }
    state->path[end] = '\0';
    char old_hex[ZD_OID_HEX] = "";
    char new_hex[ZD_OID_HEX] = "";
    if (old_entry != NULL) {
        zd_oid_hex(old_hex, &old_entry->oid);
    }
    if (new_entry != NULL) {
        zd_oid_hex(new_hex, &new_entry->oid);
    }
    return state->visit(state->context, state->path, old_hex, new_hex);
}

zd_status zd_trail_changes(zd_trail *trail, const char *old_commit_hex, const char *new_commit_hex, zd_trail_change_visit *visit,
                           void *context, zd_error *err)
{
    zd_oid old_oid;
    zd_oid new_oid;
    bool from_nothing = old_commit_hex[0] == '\0';
    zd_status status = from_nothing ? ZD_OK : commit_tree(&old_oid, trail, old_commit_hex, err);
    if (status == ZD_OK) {
        status = commit_tree(&new_oid, trail, new_commit_hex, err);
    }
    if (status != ZD_OK) {
        return status;
    }
    walk *state = zd_alloc_zero(1, sizeof *state);
    state->objects = zd_trail_objects(trail);
    state->visit = visit;
    state->context = context;
    status = walk_push(state, from_nothing ? NULL : &old_oid, &new_oid, 0, err);
    while (status == ZD_OK && state->depth > 0) {
        const zd_tree_entry *old_entry;
        const zd_tree_entry *new_entry;
        walk_next(&old_entry, &new_entry, &state->frames[state->depth - 1]);
        if (old_entry == NULL && new_entry == NULL) {
            walk_pop(state);
        } else {
            status = walk_entry(state, old_entry, new_entry, err);
        }
    }
    while (state->depth > 0) {
        walk_pop(state);
    }
    free(state);
    return status;
}

typedef struct files_context {
    zd_trail_file_visit *visit;
    void *context;
} files_context;

static zd_status files_visit(void *context, const char *path, const char *old_hex, const char *new_hex)
{
    const files_context *files = context;
    (void)old_hex;
    return files->visit(files->context, path, new_hex);
}

zd_status zd_trail_files(zd_trail *trail, const char *commit_hex, zd_trail_file_visit *visit, void *context, zd_error *err)
{
    files_context files = {.visit = visit, .context = context};
    return zd_trail_changes(trail, "", commit_hex, files_visit, &files, err);
}
