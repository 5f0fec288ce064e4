/*
 * Writing one commit; see trail_write.h. Everything is decided before the first byte is written: input checked, trees and commit
 * made in memory, signature proved good. Then one pack. The commit's bytes are ours, not a library's, because its id must be
 * reproducible for ever.
 */
#include <string.h>

#include "audit/trail/commit_object.h"
#include "audit/trail/write/leftovers.h"
#include "audit/trail/write/tree_build.h"

static zd_status input_failure(zd_error *err, const char *field, const char *value, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_FIELD_INVALID, "%s", why);
    zd_error_field(err, field, zd_span_text(value));
    return status;
}

/* The tree's file `checkpoint` is a change of this commit, as each commit publishes a new one. */
static zd_status checkpoint_check(const zd_trail_commit_in *in, zd_error *err)
{
    for (size_t i = 0; i < in->change_count; i++) {
        if (strcmp(in->changes[i].path, "checkpoint") == 0 && !in->changes[i].remove &&
            zd_span_equal(in->changes[i].content, in->checkpoint)) {
            return ZD_OK;
        }
    }
    return input_failure(err, "path", "checkpoint", "the changes must hold the same checkpoint as the message");
}

/* Fills what comes from the input and the parent; author borrows from author_text. */
static zd_status parts_fill(zd_commit_parts *parts, zd_oid *parent_tree, zd_buf *author_text, zd_trail *trail,
                            const zd_trail_commit_in *in, zd_error *err)
{
    zd_buf_addf(author_text, "%s <%s>", in->author_name, in->author_mail);
    *parts = (zd_commit_parts){.author = zd_buf_span(author_text),
                               .time_unix_s = in->time_unix_s,
                               .summary = zd_span_text(in->summary),
                               .checkpoint = in->checkpoint,
                               .has_parent = in->parent_hex[0] != '\0'};
    const char *fault = zd_commit_parts_fault(parts);
    if (fault != NULL) {
        return input_failure(err, "commit", in->summary, fault);
    }
    zd_status status = checkpoint_check(in, err);
    if (status != ZD_OK || !parts->has_parent) {
        return status;
    }
    zd_trail_commit parent;
    status = zd_trail_commit_read(&parent, trail, in->parent_hex, err);
    if (status != ZD_OK) {
        return status;
    }
    bool known = zd_oid_from_hex(&parts->parent, zd_span_text(parent.oid_hex)) &&
                 zd_oid_from_hex(parent_tree, zd_span_text(parent.tree_hex));
    ZD_ASSERT(known);
    if (in->time_unix_s <= parent.time_unix_s) {
        status = input_failure(err, "parent", in->parent_hex, "the time is not after the parent's");
    }
    zd_trail_commit_free(&parent);
    return status;
}

/* The stored signature or a fresh one, proved good before anything is written. in->signature may lie in *out itself. */
static zd_status signature_obtain(zd_buf *out, const zd_trail_commit_in *in, zd_span payload, zd_error *err)
{
    zd_public_key signed_by;
    zd_buf armour = {0};
    zd_status status = ZD_OK;
    if (in->signature.size > 0) {
        zd_buf_add_span(&armour, in->signature);
    } else if (in->sign != NULL) {
        status = in->sign(&armour, in->sign_context, payload, err);
    } else {
        status = input_failure(err, "signature", "", "neither a stored signature nor a key to make one");
    }
    if (status == ZD_OK) {
        const char *fault = zd_commit_armour_fault(zd_buf_span(&armour));
        status = fault == NULL ? zd_sshsig_verify(&signed_by, zd_buf_span(&armour), "git", payload, err)
                               : zd_fail(err, ZD_E_SSHSIG_MALFORMED, "%s", fault);
    }
    if (status != ZD_OK) {
        zd_buf_free(&armour);
        return status;
    }
    zd_buf_free(out);
    *out = armour;
    return ZD_OK;
}

static zd_status commit_build(zd_oid *out, zd_buf *out_signature, zd_pack *pack, zd_trail *trail, const zd_trail_commit_in *in,
                              zd_error *err)
{
    zd_commit_parts parts = {0};
    zd_oid parent_tree;
    zd_buf author = {0};
    zd_buf payload = {0};
    zd_buf object = {0};
    zd_status status = parts_fill(&parts, &parent_tree, &author, trail, in, err);
    if (status == ZD_OK) {
        status = zd_tree_build(&parts.tree, pack, zd_trail_objects(trail), parts.has_parent ? &parent_tree : NULL, in, err);
    }
    if (status == ZD_OK) {
        zd_commit_payload_add(&payload, &parts);
        status = signature_obtain(out_signature, in, zd_buf_span(&payload), err);
    }
    if (status == ZD_OK) {
        zd_commit_object_add(&object, &parts, zd_buf_span(out_signature));
        status = zd_pack_add_owned(out, pack, ZD_OBJECT_COMMIT, &object, err);
    }
    zd_buf_free(&author);
    zd_buf_free(&payload);
    zd_buf_free(&object);
    return status;
}

zd_status zd_trail_commit_write(char out_hex[ZD_OID_HEX], zd_buf *out_signature, zd_trail *trail, const zd_trail_commit_in *in,
                                zd_error *err)
{
    zd_objects *objects = zd_trail_objects(trail);
    zd_lock *lock = NULL;
    zd_pack pack = {0};
    zd_oid oid;
    zd_status status = commit_build(&oid, out_signature, &pack, trail, in, err);
    if (status == ZD_OK) {
        status = zd_trail_lock(&lock, objects, err);
    }
    if (status == ZD_OK) {
        status = zd_trail_clear_packs(objects, err);
    }
    if (status == ZD_OK) {
        status = zd_pack_write(&pack, objects, err);
    }
    if (status == ZD_OK) {
        zd_oid_hex(out_hex, &oid);
    } else {
        zd_error_subject(err, zd_span_text(in->summary));
    }
    zd_lock_release(lock);
    zd_pack_free(&pack);
    return status;
}
