/*
 * One commit: its checkpoint, its entries, its signatures, its files; see commits.h. The entries come before the signatures because they say whose signature it must
 * be: a key is on the roster by a root's signed act, and its interval is counted in entries.
 */
#include "audit/verify/commits.h"

#include <string.h>

#include "audit/verify/projections.h"

zd_status zd_walk_trouble(zd_walk *walk, zd_status status, const zd_error *err)
{
    bool object = err->code == ZD_E_TRAIL_OBJECT;
    if (status == ZD_OK || (!object && err->code != ZD_E_TRAIL_GRAMMAR)) {
        return status;
    }
    zd_found *found = zd_report_add(walk->report, object ? ZD_V_GIT_OBJECT : ZD_V_GIT_HISTORY, ZD_ENTRY_NONE);
    zd_error_print(&found->recorded, err, false);
    zd_buf_add_text(&found->recomputed, object ? "whole objects that hash to their names" : "one line of commits, plain files");
    walk->stop = true;
    return ZD_OK;
}

static void find_text(zd_walk *walk, zd_verify_check check, zd_span recorded, const char *recomputed)
{
    zd_found *found = zd_report_add(walk->report, check, ZD_ENTRY_NONE);
    zd_report_excerpt(&found->recorded, recorded, recorded);
    zd_buf_add_text(&found->recomputed, recomputed);
}

/* The text of the checkpoint; whose it is comes later. False when it cannot be gone on with. */
static bool read_checkpoint(zd_walk *walk, const zd_trail_commit *commit)
{
    zd_error err = {0};
    const char *origin = zd_limits_roster(zd_leaves_limits(walk->leaves))->origin;
    zd_buf_clear(&walk->note_bytes);
    zd_buf_add_span(&walk->note_bytes, commit->checkpoint);
    bool good = zd_note_split(&walk->note, zd_buf_span(&walk->note_bytes), &err) == ZD_OK && zd_checkpoint_parse(&walk->checkpoint, walk->note.text, &err) == ZD_OK;
    if (!good || (origin[0] != '\0' && strcmp(origin, walk->checkpoint.origin) != 0)) {
        find_text(walk, ZD_V_CHECKPOINT_FORM, commit->checkpoint, good ? origin : "origin, size, root and signatures");
        return false;
    }
    if (walk->checkpoint.size <= walk->old_size) {
        zd_found *found = zd_report_add(walk->report, ZD_V_CHECKPOINT_SIZE, ZD_ENTRY_NONE);
        zd_buf_addf(&found->recorded, "%llu", (unsigned long long)walk->checkpoint.size);
        zd_buf_addf(&found->recomputed, "more than %llu", (unsigned long long)walk->old_size);
        return false;
    }
    return true;
}

static void check_commit_form(zd_walk *walk, const zd_trail_commit *commit)
{
    char summary[96];
    zd_format(summary, sizeof summary, "checkpoint %llu (+%llu entries)", (unsigned long long)walk->checkpoint.size,
              (unsigned long long)(walk->checkpoint.size - walk->old_size));
    if (!zd_span_is(commit->summary, summary)) {
        find_text(walk, ZD_V_COMMIT_SUMMARY, commit->summary, summary);
    }
    int64_t newest_unix_s = zd_leaves_last_at(walk->leaves) / 1000;
    bool grows = commit->parent_hex[0] == '\0' || commit->time_unix_s > walk->old_time_unix_s;
    if (!grows || (zd_leaves_size(walk->leaves) > 0 && commit->time_unix_s < newest_unix_s)) {
        zd_found *found = zd_report_add(walk->report, ZD_V_COMMIT_TIME, ZD_ENTRY_NONE);
        zd_buf_addf(&found->recorded, "%lld", (long long)commit->time_unix_s);
        zd_buf_addf(&found->recomputed, "after %lld, not before %lld", (long long)walk->old_time_unix_s, (long long)newest_unix_s);
    }
}

/* What the publication before this one knew; the first one has only the genesis behind it. */
static uint64_t known_size(const zd_walk *walk)
{
    return walk->old_size > 0 ? walk->old_size : 1;
}

/* Does this line of the note verify under a key of the roster whose role is, or is not, log? The log's own are few; the others are only asked when none of them fits. */
static bool line_is_signed(const zd_walk *walk, size_t line, bool by_log, bool *in_force)
{
    const zd_roster *roster = zd_limits_roster(zd_leaves_limits(walk->leaves));
    zd_span origin = zd_span_text(walk->checkpoint.origin);
    for (size_t i = 0; i < roster->count; i++) {
        const zd_roster_key *key = roster->keys[i];
        uint8_t id[4];
        if ((strcmp(key->role, "log") == 0) != by_log) {
            continue;
        }
        zd_note_key_id(id, origin, ZD_NOTE_TYPE_ED25519, &key->key);
        if (memcmp(id, walk->note.signatures[line].key_id, sizeof id) == 0 && zd_note_verify(&walk->note, line, &key->key)) {
            *in_force = zd_roster_may_publish(roster, "log", &key->key, walk->checkpoint.size, known_size(walk));
            return true;
        }
    }
    return false;
}

static void check_checkpoint_signature(zd_walk *walk)
{
    zd_span origin = zd_span_text(walk->checkpoint.origin);
    bool good = false;
    bool right = false;
    for (size_t line = 0; line < walk->note.count; line++) {
        bool in_force = false;
        if (!zd_span_equal(walk->note.signatures[line].name, origin)) {
            continue; /* a witness's */
        }
        if (line_is_signed(walk, line, true, &in_force) || line_is_signed(walk, line, false, &in_force)) {
            good = true;
            right = right || in_force;
        }
    }
    walk->report->counts.signatures += good ? 1 : 0;
    if (!good) {
        find_text(walk, ZD_V_CHECKPOINT_SIGNATURE, zd_buf_span(&walk->note_bytes), "a line of the log key");
    } else if (!right) {
        find_text(walk, ZD_V_CHECKPOINT_KEY, zd_buf_span(&walk->note_bytes), "the log key in its interval");
    }
}

static void check_commit_signature(zd_walk *walk, const zd_trail_commit *commit)
{
    zd_public_key signed_by;
    zd_error err = {0};
    const zd_roster *roster = zd_limits_roster(zd_leaves_limits(walk->leaves));
    if (zd_sshsig_verify(&signed_by, commit->signature, "git", commit->payload, &err) != ZD_OK) {
        zd_found *found = zd_report_add(walk->report, ZD_V_COMMIT_SIGNATURE, ZD_ENTRY_NONE);
        zd_error_print(&found->recorded, &err, false);
        zd_buf_add_text(&found->recomputed, "an SSHSIG of namespace git over the commit");
        return;
    }
    walk->report->counts.signatures++;
    if (!zd_roster_may_publish(roster, "git", &signed_by, walk->checkpoint.size, known_size(walk))) {
        zd_found *found = zd_report_add(walk->report, ZD_V_COMMIT_KEY, ZD_ENTRY_NONE);
        zd_ssh_fingerprint_add(&found->recorded, &signed_by);
        zd_buf_addf(&found->recomputed, "the git key in its interval, at size %llu", (unsigned long long)walk->checkpoint.size);
    }
}

/* --- files that follow from the entries --- */

typedef struct projection_call {
    zd_walk *walk;
    zd_files *files;
    zd_error *err;
} projection_call;

static zd_status expect_file(void *context, const char *path, zd_span content)
{
    projection_call *call = context;
    return zd_files_expect(call->files, path, content, ZD_V_PROJECTION, call->err);
}

/* A file of keys/ changes in git only when its content does. */
static zd_status expect_key_file(void *context, const char *path, zd_span content)
{
    projection_call *call = context;
    zd_hash hash = zd_sha256(content);
    size_t number = zd_names_add(&call->walk->key_files, zd_span_text(path));
    ZD_ASSERT(number < ZD_COUNT(call->walk->key_file_sha256));
    zd_hash *last = &call->walk->key_file_sha256[number];
    bool changed = call->walk->old_size == 0 || !zd_hash_equal(last, &hash);
    *last = hash;
    return changed ? expect_file(context, path, content) : ZD_OK;
}

/* Where they stand. */
static const char *const projected[] = {"keys/", "policy/", "settlement/"};

static bool has_projections(const zd_files *files)
{
    for (size_t i = 0; i < ZD_COUNT(projected); i++) {
        if (zd_files_any_below(files, projected[i])) {
            return true;
        }
    }
    return false;
}

static zd_status check_projections(zd_walk *walk, zd_files *files, zd_error *err)
{
    projection_call call = {walk, files, err};
    zd_book *book = zd_leaves_book(walk->leaves);
    zd_status status = ZD_OK;
    if (!zd_leaves_deciding(walk->leaves)) {
        /* The book is no longer the ledger's, so these files cannot be judged any more; the decision that differs is the finding. */
        for (size_t i = 0; i < ZD_COUNT(projected); i++) {
            zd_files_allow_below(files, projected[i]);
        }
        return ZD_OK;
    }
    if (zd_leaves_roster_changed(walk->leaves)) {
        status = zd_projections_keys(book, expect_key_file, &call);
    }
    if (status == ZD_OK) {
        status = zd_projections_policies(book, walk->old_size, walk->checkpoint.size, expect_file, &call);
    }
    if (status == ZD_OK) {
        status = zd_projections_batches(book, zd_leaves_limits(walk->leaves), walk->old_size, walk->checkpoint.size, expect_file, &call);
    }
    return status == ZD_OK ? zd_book_trouble(book, err) : status;
}

/* The entries, whose bundles gave the signed root. */
static zd_status read_entries(zd_walk *walk, zd_error *err)
{
    zd_status status = ZD_OK;
    zd_reading *window = NULL;
    while (status == ZD_OK && (window = zd_ahead_window(walk->ahead)) != NULL) {
        status = window->status;
        if (status != ZD_OK) {
            *err = window->fault;
        } else {
            zd_leaves_add(walk->leaves, window->pieces, window->count);
        }
        zd_reading_free(window);
        zd_walk_progress(walk);
    }
    return status;
}

/* The book as it is at this checkpoint is needed only where files follow from it. Of most commits none does, and then nobody waits: these entries are decided while the next
 * ones are judged. */
static zd_status meet_decider(zd_walk *walk, zd_files *files, zd_error *err)
{
    bool calm = zd_leaves_boundary(walk->leaves);
    if (calm && !has_projections(files)) {
        return ZD_OK;
    }
    zd_status status = zd_leaves_settle(walk->leaves, err);
    return status == ZD_OK ? check_projections(walk, files, err) : status;
}

/* Signatures rest only on a root that is there: without it, before anything beyond it is looked at, this walk ends, and another begins that rests on nothing. */
static void look_at_marks(zd_walk *walk, const zd_reading *reading)
{
    for (size_t i = 0; i < ZD_MARKS; i++) {
        walk->seen[i] = walk->seen[i] || reading->seen[i];
    }
    if (walk->rest != NULL && walk->checkpoint.size >= walk->rest->checkpoint.size && !walk->seen[walk->rest_mark]) {
        walk->unproven = true;
        walk->stop = true;
    }
}

static zd_status look_at_files(zd_walk *walk, zd_reading *reading, zd_error *err)
{
    zd_report_absorb(walk->report, reading->report);
    look_at_marks(walk, reading);
    walk->stop = walk->stop || reading->bad;
    if (reading->status != ZD_OK) {
        *err = reading->fault;
        return reading->status;
    }
    zd_files *files = reading->files;
    zd_files_bind(files, walk->trail, walk->report);
    zd_files_allow(files, "README");
    zd_files_allow(files, "checkpoint"); /* the trail has held it against the message */
    zd_status status = walk->stop ? ZD_OK : read_entries(walk, err);
    if (status == ZD_OK && !walk->stop) {
        status = meet_decider(walk, files, err);
    }
    if (status == ZD_OK && !walk->stop) {
        zd_files_leftover(files);
    }
    return status;
}

zd_status zd_walk_commit(zd_walk *walk, zd_reading *reading, zd_error *err)
{
    const zd_trail_commit *commit = &reading->commit;
    zd_error why = reading->fault;
    if (reading->read != ZD_OK) {
        zd_status status = zd_walk_trouble(walk, reading->read, &why);
        *err = status != ZD_OK ? why : *err;
        return status;
    }
    why = (zd_error){0};
    zd_format(walk->report->commit_hex, sizeof walk->report->commit_hex, "%s", commit->oid_hex);
    if (!read_checkpoint(walk, commit)) {
        walk->stop = true;
        return ZD_OK;
    }
    zd_status status = look_at_files(walk, reading, &why);
    status = zd_walk_trouble(walk, status, &why);
    if (status != ZD_OK) {
        *err = why;
        return status;
    }
    const zd_hash *genesis = zd_leaves_genesis(walk->leaves);
    if (walk->old_size == 0 && genesis != NULL && walk->options->has_genesis && !zd_hash_equal(genesis, &walk->options->genesis)) {
        char recorded[ZD_HASH_HEX];
        char wanted[ZD_HASH_HEX];
        zd_hash_hex(recorded, genesis);
        zd_hash_hex(wanted, &walk->options->genesis);
        zd_report_say(walk->report, ZD_V_ANCHOR_GENESIS, 0, recorded, wanted);
        walk->stop = true;
    }
    if (walk->stop) {
        return ZD_OK;
    }
    check_commit_form(walk, commit);
    check_checkpoint_signature(walk);
    check_commit_signature(walk, commit);
    walk->report->counts.commits++;
    walk->old_size = walk->checkpoint.size;
    walk->old_time_unix_s = commit->time_unix_s;
    return zd_walk_note(walk, err);
}
