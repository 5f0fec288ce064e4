/* Restoring from a repository or a backup; see restore.h. Uses the same acts, the same appending and the same publishing as every day. */
#include "ledger/engine/restore.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/history/history.h"
#include "ledger/act/redecide.h"
#include "ledger/engine/cosign.h"
#include "ledger/engine/ledger_int.h"
#include "ledger/engine/publish.h"

#define KEEP_RECORDS 200000 /* in memory while restoring a large history */

typedef struct restoring {
    zd_ledger *ledger;
    zd_redecide *redecide;
    zd_pending pending;
    zd_buf note; /* of the open group */
    const zd_hash *genesis;
    char parent[ZD_OID_HEX];
    zd_restored *out;
} restoring;

/* --- entries --- */

static zd_status bad_signature(uint64_t seq, zd_error *err)
{
    zd_error_clear(err);
    return zd_fail(err, ZD_E_SIGNATURE_BAD, "entry %llu", (unsigned long long)seq);
}

/* The note's signature must be good under the key that the roster has at this place. */
static zd_status check_signature(restoring *r, uint64_t seq, zd_span whole, zd_error *err)
{
    zd_note note;
    zd_public_key key;
    const zd_rec_key *signer = NULL;
    if (zd_note_split(&note, whole, err) != ZD_OK || note.count != 1) {
        return bad_signature(seq, err);
    }
    const zd_note_signature *line = &note.signatures[0];
    zd_status status = seq == 0 ? zd_acts_genesis_key(&key, note.text, line->name, line->key_id, err)
                                : zd_acts_signer(&signer, r->ledger->acts, line->name, line->key_id, err);
    if (status == ZD_OK && signer != NULL) {
        memcpy(key.bytes, signer->public_key.bytes, sizeof key.bytes);
    }
    return status == ZD_OK && zd_note_verify(&note, 0, &key) ? ZD_OK : bad_signature(seq, err);
}

static zd_status check_genesis(restoring *r, zd_span bytes, zd_error *err)
{
    r->out->genesis = zd_sha256(bytes);
    if (r->genesis == NULL || zd_hash_equal(&r->out->genesis, r->genesis)) {
        return ZD_OK;
    }
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &r->out->genesis);
    return zd_fail(err, ZD_E_LEDGER_FORK, "this repository begins with %s, another ledger", hex);
}

/* What was decided again becomes durable in groups, as when it was new. */
static zd_status append_pending(restoring *r, zd_error *err)
{
    zd_status status = zd_pending_append(&r->pending, r->ledger, false, err);
    zd_pending_clear(&r->pending);
    zd_book_trim(r->ledger->book, KEEP_RECORDS);
    return status;
}

static zd_status see_entry(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    restoring *r = context;
    zd_leaf leaf;
    zd_status status = seq == 0 ? check_genesis(r, bytes, err) : ZD_OK;
    status = status == ZD_OK ? zd_leaf_split(&leaf, bytes, err) : status;
    if (status == ZD_OK && leaf.note.size > 0) {
        zd_buf_clear(&r->note);
        zd_buf_add_span(&r->note, leaf.note);
        status = check_signature(r, seq, leaf.note, err);
    }
    status = status == ZD_OK ? zd_redecide_entry(r->redecide, seq, bytes, err) : status;
    if (status == ZD_OK && zd_redecide_complete(r->redecide)) {
        zd_pending_add(&r->pending, zd_redecide_group(r->redecide), zd_buf_span(&r->note));
        status = r->pending.count >= ZD_GROUP_LEAVES ? append_pending(r, err) : ZD_OK;
    }
    return status;
}

/* --- checkpoints --- */

/* Is there a key of this role, in force at this size, for which the question answers yes? */
typedef bool key_question(const zd_rec_key *key, void *context);
static bool some_key(zd_ledger *ledger, int64_t role, uint64_t size, key_question *question, void *context)
{
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        bool in_force = key->from_size <= (int64_t)size && (key->to_size == 0 || (int64_t)size < key->to_size);
        if (key->role == role && in_force && question(key, context)) {
            return true;
        }
    }
    return false;
}

static bool opens_checkpoint(const zd_rec_key *key, void *context)
{
    const zd_trail_commit *commit = context;
    zd_note note;
    zd_checkpoint opened;
    zd_public_key public;
    zd_error ignored = {0};
    memcpy(public.bytes, key->public_key.bytes, sizeof public.bytes);
    zd_note split;
    if (zd_note_split(&split, commit->checkpoint, &ignored) != ZD_OK) {
        return false;
    }
    zd_span origin;
    (void)zd_span_cut(&origin, split.text, '\n');
    return zd_checkpoint_open(&opened, &note, commit->checkpoint, origin, &public, &ignored) == ZD_OK;
}

static bool signed_commit(const zd_rec_key *key, void *context)
{
    const zd_trail_commit *commit = context;
    zd_public_key by;
    zd_error ignored = {0};
    return zd_sshsig_verify(&by, commit->signature, "git", commit->payload, &ignored) == ZD_OK && memcmp(by.bytes, key->public_key.bytes, sizeof by.bytes) == 0;
}

static zd_status see_checkpoint(void *context, const zd_checkpoint *checkpoint, const zd_trail_commit *commit, zd_error *err)
{
    restoring *r = context;
    zd_trail_commit *asked = (zd_trail_commit *)(uintptr_t)commit; /* the questions only read it */
    zd_status status = zd_redecide_complete(r->redecide) ? append_pending(r, err) : zd_fail(err, ZD_E_LEDGER_CORRUPT, "%s", "a checkpoint cuts a group");
    if (status == ZD_OK && strcmp(checkpoint->origin, zd_ledger_origin(r->ledger)) != 0) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "checkpoint of another log: %s", checkpoint->origin);
    }
    if (status == ZD_OK && !some_key(r->ledger, ZD_ROLE(LOG), checkpoint->size, opens_checkpoint, asked)) {
        status = zd_fail(err, ZD_E_SIGNATURE_BAD, "checkpoint %llu: not by the log's key of that size", (unsigned long long)checkpoint->size);
    }
    if (status == ZD_OK && !some_key(r->ledger, ZD_ROLE(GIT), checkpoint->size, signed_commit, asked)) {
        status = zd_fail(err, ZD_E_SIGNATURE_BAD, "commit %s: not by the git key of that size", commit->oid_hex);
    }
    zd_buf own = {0};
    if (status == ZD_OK) {
        status = zd_cosign_restore(&own, r->ledger, checkpoint->size, commit->checkpoint, err);
    }
    if (status == ZD_OK) {
        zd_publication publication = {.size = checkpoint->size, .time_unix_s = commit->time_unix_s, .note = zd_buf_span(&own),
                                      .commit_hex = zd_span_text(commit->oid_hex), .parent_hex = zd_span_text(commit->parent_hex),
                                      .commit_signature = commit->signature};
        status = zd_store_publication_put(r->ledger->store, &publication, err);
    }
    zd_buf_free(&own);
    r->out->checkpoints++;
    return status;
}

/* --- the directory --- */

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void remove_draft(const char *draft)
{
    (void)nftw(draft, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The name under which the work is done. What a killed run left there goes; a living one holds its lock. */
static zd_status start_draft(zd_buf *draft, const char *dir, zd_error *err)
{
    zd_lock *lock = NULL;
    zd_buf_addf(draft, "%s.restoring", dir);
    if (zd_path_exists(dir)) {
        errno = EEXIST;
        return zd_fail_errno(err, ZD_E_FILE_EXISTS, dir);
    }
    if (!zd_path_exists(zd_buf_text(draft))) {
        return ZD_OK;
    }
    zd_status status = zd_lock_take(&lock, zd_buf_text(draft), "lock", err);
    if (status == ZD_OK) {
        remove_draft(zd_buf_text(draft));
        zd_lock_release(lock);
    }
    return status;
}

/* Which confirmed accounts have no data behind their commitment any more. */
static zd_status count_accounts(zd_restored *out, zd_ledger *ledger, zd_error *err)
{
    zd_hash none = {{0}};
    zd_status status = ZD_OK;
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_PROVIDER, "%s", "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        const zd_rec_provider *provider = cursor.record;
        zd_account_data data;
        bool found = false;
        if (zd_hash_equal(&provider->account, &none)) {
            continue;
        }
        out->accounts++;
        status = zd_private_account_get(&data, &found, ledger, &provider->account, err);
        if (status == ZD_OK && !found) {
            out->accounts_lost++;
            zd_buf_addf(&out->lost, "%s\n", provider->id);
        }
    }
    return status;
}

static zd_status copy_private(const char *from, const char *dir, zd_error *err)
{
    zd_store *store = NULL;
    zd_buf path = {0};
    zd_status status = zd_store_open_sqlite(&store, from, ZD_STORE_READ, err);
    if (status == ZD_OK) {
        status = zd_store_backup(store, zd_path_join(&path, dir, "private.db"), err);
    }
    zd_store_close(store);
    zd_buf_free(&path);
    return status;
}

/* Repository and public files from the restored store, compared commit by commit; then the directory gets its name. */
static zd_status finish(zd_restored *out, zd_ledger *ledger, const char *draft, const char *dir, zd_error *err)
{
    zd_status status = zd_engine_flush(ledger, err);
    if (status == ZD_OK) {
        status = zd_engine_republish(out->tip_hex, ledger, err);
    }
    if (status == ZD_OK) {
        status = count_accounts(out, ledger, err);
    }
    if (status == ZD_OK) {
        status = zd_engine_write_genesis(draft, &out->genesis, err);
    }
    out->size = zd_ledger_size(ledger);
    zd_format(out->origin, sizeof out->origin, "%s", zd_ledger_origin(ledger));
    if (status == ZD_OK) {
        status = zd_dir_sync(draft, err);
    }
    if (status == ZD_OK && rename(draft, dir) != 0) {
        status = zd_fail_errno(err, ZD_E_FILE_IO, dir);
    }
    return status == ZD_OK ? zd_dir_sync_parent(dir, err) : status;
}

zd_status zd_ledger_restore_trail(zd_restored *out, const char *repository, const char *dir, const zd_hash *genesis, const char *private_db,
                                  const zd_ledger_options *options, zd_error *err)
{
    zd_buf draft = {0};
    restoring r = {.genesis = genesis, .out = out};
    zd_history_visit visit = {.entry = see_entry, .checkpoint = see_checkpoint, .context = &r};
    *out = (zd_restored){.size = 0};
    zd_status status = start_draft(&draft, dir, err);
    if (status != ZD_OK) {
        zd_buf_free(&draft);
        return status;
    }
    status = zd_engine_begin(&r.ledger, zd_buf_text(&draft), options, err);
    if (status == ZD_OK) {
        r.redecide = zd_redecide_new(r.ledger->acts);
        status = zd_history_read(repository, &visit, err);
    }
    if (status == ZD_OK && r.ledger->head.size == 0) {
        status = zd_fail(err, ZD_E_LEDGER_FORK, "%s", "the repository is empty: there is nothing to restore");
    }
    if (status == ZD_OK && private_db != NULL) {
        status = copy_private(private_db, zd_buf_text(&draft), err);
    }
    if (status == ZD_OK) {
        status = finish(out, r.ledger, zd_buf_text(&draft), dir, err);
    }
    zd_pending_free(&r.pending);
    zd_redecide_free(r.redecide);
    (void)zd_ledger_close(r.ledger, NULL);
    if (status != ZD_OK) {
        remove_draft(zd_buf_text(&draft));
    }
    zd_buf_free(&r.note);
    zd_buf_free(&draft);
    return status;
}

/* --- from a backup --- */

typedef struct compared {
    zd_ledger *ledger;
    uint64_t size; /* of the repository */
} compared;

static zd_status pass_entry(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    (void)context;
    (void)seq;
    (void)bytes;
    (void)err;
    return ZD_OK;
}

/* Every published head must be one that the backup has. */
static zd_status compare_checkpoint(void *context, const zd_checkpoint *checkpoint, const zd_trail_commit *commit, zd_error *err)
{
    compared *c = context;
    zd_tree tree;
    c->size = checkpoint->size;
    if (checkpoint->size > c->ledger->head.size) {
        return zd_fail(err, ZD_E_LEDGER_FORK, "the repository has %llu entries, the backup only %llu: restore --from-trail gives all of them back",
                       (unsigned long long)checkpoint->size, (unsigned long long)c->ledger->head.size);
    }
    zd_status status = zd_engine_tree_at(&tree, c->ledger, checkpoint->size, err);
    if (status == ZD_OK) {
        zd_hash root = zd_tree_root(&tree);
        status = zd_hash_equal(&root, &checkpoint->root) ? ZD_OK : zd_fail(err, ZD_E_LEDGER_FORK, "commit %s: the backup has another history", commit->oid_hex);
    }
    return status;
}

static zd_status keep_genesis(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    *(zd_hash *)context = zd_sha256(bytes);
    return ZD_OK;
}

static zd_status count_publication(void *context, const zd_publication *publication)
{
    (void)publication;
    ++*(uint64_t *)context;
    return ZD_OK;
}

/* The backup's own marks, read from the copy that is now the ledger's. */
static zd_status take_over(zd_restored *out, zd_ledger *ledger, zd_error *err)
{
    zd_buf report = {0};
    zd_status status = zd_ledger_doctor(ledger, &report, err);
    zd_buf_free(&report);
    if (status == ZD_OK) {
        status = zd_store_leaves(ledger->store, 0, 1, keep_genesis, &out->genesis, err);
    }
    return status == ZD_OK ? zd_store_publications(ledger->store, 0, count_publication, &out->checkpoints, err) : status;
}

static zd_status copy_database(const char *backup, const char *draft, zd_error *err)
{
    zd_store *store = NULL;
    zd_buf path = {0};
    zd_status status = zd_dir_make(draft, 0755, err);
    if (status == ZD_OK) {
        status = zd_store_open_sqlite(&store, backup, ZD_STORE_READ, err);
    }
    if (status == ZD_OK) {
        status = zd_store_backup(store, zd_path_join(&path, draft, "ledger.db"), err);
    }
    zd_store_close(store);
    zd_buf_free(&path);
    return status;
}

zd_status zd_ledger_restore_backup(zd_restored *out, const char *backup, const char *repository, const char *dir, const char *private_db,
                                   const zd_ledger_options *options, zd_error *err)
{
    zd_buf draft = {0};
    zd_ledger *ledger = NULL;
    *out = (zd_restored){.size = 0};
    zd_status status = start_draft(&draft, dir, err);
    if (status != ZD_OK) {
        zd_buf_free(&draft);
        return status;
    }
    status = copy_database(backup, zd_buf_text(&draft), err);
    if (status == ZD_OK) {
        status = zd_ledger_open(&ledger, zd_buf_text(&draft), true, options, err);
    }
    if (status == ZD_OK) {
        compared c = {.ledger = ledger};
        zd_history_visit visit = {.entry = pass_entry, .checkpoint = compare_checkpoint, .context = &c};
        status = zd_history_read(repository, &visit, err);
    }
    if (status == ZD_OK) {
        status = take_over(out, ledger, err);
    }
    if (status == ZD_OK && private_db != NULL) {
        status = copy_private(private_db, zd_buf_text(&draft), err);
    }
    if (status == ZD_OK) {
        status = finish(out, ledger, zd_buf_text(&draft), dir, err);
    }
    (void)zd_ledger_close(ledger, NULL);
    if (status != ZD_OK) {
        remove_draft(zd_buf_text(&draft));
    }
    zd_buf_free(&draft);
    return status;
}

void zd_restored_free(zd_restored *restored)
{
    zd_buf_free(&restored->lost);
}
