/*
 * Commits of the audit repository; see trail.h. History is followed by parents from the tip, one commit after the other; a
 * merge cannot be parsed at all, and a loop cannot exist among objects that hash to their ids.
 */
#include "audit/trail/trail.h"

#include <stdlib.h>
#include <string.h>

#include "audit/trail/commit_object.h"
#include "audit/trail/tree.h"

struct zd_trail {
    zd_objects *objects;
};

zd_status zd_trail_open(zd_trail **out, const char *path, zd_error *err)
{
    zd_objects *objects = NULL;
    zd_status status = zd_objects_open(&objects, path, err);
    if (status == ZD_OK) {
        *out = zd_alloc_zero(1, sizeof **out);
        (*out)->objects = objects;
    }
    return status;
}

void zd_trail_close(zd_trail *trail)
{
    if (trail != NULL) {
        zd_objects_close(trail->objects);
        free(trail);
    }
}

zd_objects *zd_trail_objects(zd_trail *trail)
{
    return trail->objects;
}

zd_status zd_trail_tip(zd_trail *trail, char out_hex[ZD_OID_HEX], bool *found, zd_error *err)
{
    zd_oid oid;
    zd_status status = zd_objects_tip(&oid, found, trail->objects, err);
    out_hex[0] = '\0';
    if (status == ZD_OK && *found) {
        zd_oid_hex(out_hex, &oid);
    }
    return status;
}

/* The message and the tree carry the same checkpoint; the message's copy is the one that is signed with SHA-512. */
static zd_status checkpoint_check(zd_objects *objects, const zd_commit_parts *parts, zd_error *err)
{
    zd_tree root = {0};
    zd_oid wanted;
    zd_status status = zd_tree_read(&root, objects, &parts->tree, err);
    if (status == ZD_OK) {
        status = zd_object_id(&wanted, ZD_OBJECT_BLOB, parts->checkpoint, err);
    }
    if (status == ZD_OK) {
        const zd_tree_entry *entry = zd_tree_find(&root, zd_span_text("checkpoint"), false);
        if (entry == NULL || !zd_oid_equal(&entry->oid, &wanted)) {
            status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "the file checkpoint is not the one that the message carries");
        }
    }
    zd_tree_free(&root);
    return status;
}

static void commit_fill(zd_trail_commit *out, const zd_oid *oid, const zd_commit_parts *parts)
{
    zd_oid_hex(out->oid_hex, oid);
    zd_oid_hex(out->tree_hex, &parts->tree);
    out->parent_hex[0] = '\0';
    if (parts->has_parent) {
        zd_oid_hex(out->parent_hex, &parts->parent);
    }
    out->author = parts->author;
    out->time_unix_s = parts->time_unix_s;
    out->summary = parts->summary;
    out->checkpoint = parts->checkpoint;
}

zd_status zd_trail_commit_read(zd_trail_commit *out, zd_trail *trail, const char *oid_hex, zd_error *err)
{
    zd_oid oid;
    zd_buf raw = {0};
    zd_commit_parts parts = {0};
    zd_status status = ZD_OK;
    *out = (zd_trail_commit){0};
    if (!zd_oid_from_hex(&oid, zd_span_text(oid_hex))) {
        status = zd_fail(err, ZD_E_FIELD_INVALID, "a commit id is 40 lower-case hexadecimal digits");
        zd_error_field(err, "commit", zd_span_text(oid_hex));
        return status;
    }
    status = zd_objects_read(&raw, trail->objects, &oid, ZD_OBJECT_COMMIT, err);
    if (status == ZD_OK) {
        status = zd_commit_object_parse(&parts, &out->payload, &out->signature, &out->owned, zd_buf_span(&raw), err);
    }
    if (status == ZD_OK) {
        status = checkpoint_check(trail->objects, &parts, err);
    }
    if (status == ZD_OK) {
        commit_fill(out, &oid, &parts);
    } else {
        zd_error_subject(err, zd_span_text(oid_hex));
        zd_trail_commit_free(out);
    }
    zd_buf_free(&raw);
    return status;
}

void zd_trail_commit_free(zd_trail_commit *commit)
{
    zd_buf_free(&commit->owned);
    *commit = (zd_trail_commit){0};
}

zd_status zd_trail_history(char **out_hex, size_t *out_count, zd_trail *trail, zd_error *err)
{
    char at[ZD_OID_HEX];
    bool more = false;
    zd_buf ids = {0};
    size_t count = 0;
    zd_status status = zd_trail_tip(trail, at, &more, err);
    *out_hex = NULL;
    *out_count = 0;
    while (status == ZD_OK && more) {
        zd_trail_commit commit;
        status = zd_trail_commit_read(&commit, trail, at, err);
        if (status == ZD_OK) {
            zd_buf_add(&ids, at, ZD_OID_HEX);
            count++;
            memcpy(at, commit.parent_hex, ZD_OID_HEX);
            more = at[0] != '\0';
            zd_trail_commit_free(&commit);
        }
    }
    if (status != ZD_OK || count == 0) {
        zd_buf_free(&ids);
        return status;
    }
    char *ordered = zd_alloc(count * ZD_OID_HEX);
    for (size_t i = 0; i < count; i++) {
        memcpy(ordered + i * ZD_OID_HEX, ids.data + (count - 1 - i) * ZD_OID_HEX, ZD_OID_HEX);
    }
    zd_buf_free(&ids);
    *out_hex = ordered;
    *out_count = count;
    return ZD_OK;
}
