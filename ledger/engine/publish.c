/*
 * Publishing: sign → publication record → witnesses → public files and git objects → record of the commit → ref → mirrors → `checkpoint` file last. Each step is idempotent and a
 * function of the store, so that the next call finishes whatever a crash left. Only the records are written under the ledger's lock: what takes long (the network, hashing,
 * compressing, syncing files) goes through a handle that reads, while others write. One publisher at a time, by a lock of its own.
 */
#include "ledger/engine/publish.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/engine/cosign.h"
#include "ledger/engine/mirrors.h"
#include "ledger/log/checkpoint.h"

#define LOCK_NAME "publishing"

/* The signer must be the key that the roster names for this role at that size. */
static zd_status check_publisher(zd_ledger *ledger, const zd_signer *signer, int64_t role, uint64_t size, zd_error *err)
{
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        bool in_force = key->from_size <= (int64_t)size && (key->to_size == 0 || (int64_t)size < key->to_size);
        if (key->role == role && in_force && memcmp(key->public_key.bytes, zd_signer_public(signer)->bytes, ZD_HASH_SIZE) == 0) {
            return ZD_OK;
        }
    }
    zd_status status = zd_book_trouble(ledger->book, err);
    return status != ZD_OK ? status : zd_fail(err, ZD_E_KEY_UNKNOWN, "not the roster's %s key", zd_word_text(ZD_F_ROLE, role));
}

/* Signs the present head and records it: from here on it must be published. */
static zd_status put_publication(zd_ledger *ledger, const zd_publisher *publisher, int64_t after_unix_s, zd_error *err)
{
    zd_buf text = {0};
    zd_buf note = {0};
    zd_checkpoint checkpoint = {.size = ledger->head.size, .root = zd_tree_root(&ledger->tree)};
    zd_format(checkpoint.origin, sizeof checkpoint.origin, "%s", zd_ledger_origin(ledger));
    int64_t now_unix_s = zd_ledger_now(ledger) / 1000;
    zd_publication publication = {.size = checkpoint.size, .time_unix_s = now_unix_s > after_unix_s ? now_unix_s : after_unix_s + 1};
    zd_status status = zd_checkpoint_encode(&text, &checkpoint, err);
    if (status == ZD_OK) {
        status = zd_signer_note(&note, publisher->log_key, checkpoint.origin, zd_buf_span(&text), err);
    }
    if (status == ZD_OK) {
        publication.note = zd_buf_span(&note);
        status = zd_store_publication_put(ledger->store, &publication, err);
    }
    zd_buf_free(&text);
    zd_buf_free(&note);
    return status;
}

/* One publication on its way. */
typedef struct job {
    const zd_publish_doors *doors;
    const zd_publisher *publisher;
    zd_lock *lock;
    zd_owned_publication newest; /* what is published, or was last when nothing is to be done */
    zd_owned_publication before;
    bool work;                   /* newest is not where it belongs yet */
    bool left;                   /* an earlier run left it */
    bool asks;                   /* its witnesses are to be asked */
    bool changed;                /* nothing to publish, but there are other cosignatures than before */
    zd_cosign_answers answers;   /* of the witnesses, not kept yet */
    zd_buf note;                 /* with the cosignatures that the commit carries */
    zd_buf signature;            /* of the commit */
    char commit_hex[ZD_OID_HEX];
} job;

static void clear_job(job *j)
{
    zd_publication_disown(&j->newest);
    zd_publication_disown(&j->before);
    zd_buf_free(&j->answers.lines);
    zd_buf_free(&j->answers.sizes);
    zd_buf_free(&j->note);
    zd_buf_free(&j->signature);
    *j = (job){.doors = j->doors, .publisher = j->publisher, .lock = j->lock};
}

typedef zd_status job_step(job *j, zd_ledger *ledger, zd_error *err);

static zd_status through_door(job *j, bool write, job_step *step, zd_error *err)
{
    zd_ledger *ledger = NULL;
    zd_status status = j->doors->open(&ledger, j->doors->context, write, err);
    if (status == ZD_OK) {
        status = step(j, ledger, err);
        j->doors->close(j->doors->context, ledger);
    }
    return status;
}

typedef struct mirror_call {
    const zd_publisher *publisher;
} mirror_call;

static void see_mirror(void *context, const char *url, zd_mirror_state state, const char *tip_hex, const char *detail)
{
    const zd_publisher *publisher = ((const mirror_call *)context)->publisher;
    if (publisher->mirror_seen != NULL) {
        publisher->mirror_seen(publisher->mirror_context, url, (int)state, tip_hex, detail);
    }
}

/* What is announced is already in other hands: mirrors first, the checkpoint file last. */
static zd_status push_mirrors(zd_ledger *ledger, const zd_publisher *publisher, zd_error *err)
{
    mirror_call call = {publisher};
    return zd_mirrors_push(ledger, see_mirror, &call, err);
}

/* Is everything of this publication where it belongs? What cannot be read is not. */
static bool is_complete(zd_ledger *ledger, const zd_owned_publication *publication)
{
    zd_buf path = {0};
    zd_buf file = {0};
    zd_buf note = {0};
    zd_trail *trail = NULL;
    zd_error ignored = {0};
    char tip[ZD_OID_HEX] = "";
    bool found = false;
    bool file_there = zd_file_read(&file, zd_path_join(&path, ledger->dir, "public/checkpoint"), ZD_CHECKPOINT_BYTES_MAX, &ignored) == ZD_OK &&
                      zd_cosign_latest_note(&note, ledger, &publication->p, &ignored) == ZD_OK && zd_span_equal(zd_buf_span(&file), zd_buf_span(&note));
    bool branch_there = file_there && zd_trail_open(&trail, zd_path_join(&path, ledger->dir, "audit.git"), &ignored) == ZD_OK &&
                        zd_trail_tip(trail, tip, &found, &ignored) == ZD_OK && found && zd_span_is(publication->p.commit_hex, tip);
    zd_trail_close(trail);
    zd_buf_free(&path);
    zd_buf_free(&file);
    zd_buf_free(&note);
    return branch_there;
}

/* --- the steps, in their order --- */

/* Reading. One publisher at a time; and before anything is signed, no mirror may know more than we do. */
static zd_status look(job *j, zd_ledger *ledger, zd_error *err)
{
    zd_owned_publication last = {0};
    zd_status status = zd_lock_take(&j->lock, ledger->dir, LOCK_NAME, err);
    status = status == ZD_OK ? zd_publication_newest(&last, ledger, err) : status;
    if (status == ZD_OK && ledger->head.size > last.p.size) {
        status = zd_mirrors_check(ledger, NULL, NULL, err);
    }
    zd_publication_disown(&last);
    return status;
}

static zd_status sign_head(job *j, zd_ledger *ledger, zd_error *err)
{
    zd_status status = check_publisher(ledger, j->publisher->log_key, ZD_ROLE(LOG), ledger->head.size, err);
    if (status == ZD_OK) {
        status = check_publisher(ledger, j->publisher->git_key, ZD_ROLE(GIT), ledger->head.size, err);
    }
    if (status == ZD_OK) {
        status = put_publication(ledger, j->publisher, j->newest.p.time_unix_s, err);
    }
    return status == ZD_OK ? zd_publication_newest(&j->newest, ledger, err) : status;
}

/* Writing. What an earlier run left of the last publication is finished before anything new is signed. */
static zd_status begin(job *j, zd_ledger *ledger, zd_error *err)
{
    zd_status status = zd_publication_newest(&j->newest, ledger, err);
    j->left = status == ZD_OK && j->newest.found && !is_complete(ledger, &j->newest);
    j->work = j->left || (status == ZD_OK && ledger->head.size > j->newest.p.size);
    if (status != ZD_OK || !j->work) {
        return status;
    }
    if (j->left && j->newest.p.commit_signature.size == 0) {
        status = check_publisher(ledger, j->publisher->git_key, ZD_ROLE(GIT), j->newest.p.size, err); /* a key of later days may not sign it */
    } else if (!j->left) {
        status = sign_head(j, ledger, err);
    }
    if (status == ZD_OK) {
        status = zd_publication_before(&j->before, ledger, j->newest.p.size, err);
    }
    if (status == ZD_OK) {
        status = zd_cosign_wanted(&j->asks, ledger, &j->newest.p, err);
    }
    return status == ZD_OK && !j->asks ? zd_cosign_committed_note(&j->note, ledger, &j->newest.p, err) : status;
}

/* Reading. */
static zd_status ask(job *j, zd_ledger *ledger, zd_error *err)
{
    return zd_cosign_gather(&j->answers, ledger, &j->newest.p, j->before.p.size, j->publisher, err);
}

/* Writing. Kept before the commit is made, so that whoever finishes it makes the same one. */
static zd_status keep(job *j, zd_ledger *ledger, zd_error *err)
{
    zd_status status = zd_cosign_keep(ledger, &j->newest.p, false, &j->answers, err);
    return status == ZD_OK ? zd_cosign_committed_note(&j->note, ledger, &j->newest.p, err) : status;
}

static zd_status open_repository(zd_trail **out, const zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    zd_status status = zd_publication_repository(out, zd_path_join(&path, ledger->dir, "audit.git"), err);
    zd_buf_free(&path);
    return status;
}

/* Reading. Public files and git objects; nothing points to them yet. */
static zd_status build(job *j, zd_ledger *ledger, zd_error *err)
{
    zd_trail *trail = NULL;
    zd_publication shown = j->newest.p; /* as the world sees it: with cosignatures */
    shown.note = zd_buf_span(&j->note);
    zd_status status = open_repository(&trail, ledger, err);
    if (status == ZD_OK) {
        status = zd_publication_build(j->commit_hex, &j->signature, trail, ledger, &shown, &j->before, j->publisher->git_key, true, err);
    }
    zd_trail_close(trail);
    return status;
}

static const char *parent_of(const job *j)
{
    return j->before.found ? zd_buf_text(&j->before.commit) : "";
}

/* Writing. */
static zd_status record(job *j, zd_ledger *ledger, zd_error *err)
{
    return zd_publication_record(ledger, &j->newest.p, j->commit_hex, parent_of(j), zd_buf_span(&j->signature), err);
}

/* Reading. */
static zd_status show(job *j, zd_ledger *ledger, zd_error *err)
{
    zd_trail *trail = NULL;
    zd_status status = open_repository(&trail, ledger, err);
    if (status == ZD_OK) {
        status = zd_trail_advance(trail, parent_of(j), j->commit_hex, err);
    }
    if (status == ZD_OK) {
        status = push_mirrors(ledger, j->publisher, err);
    }
    if (status == ZD_OK) {
        status = zd_publication_announce(ledger, &j->newest.p, err);
    }
    zd_trail_close(trail);
    return status;
}

/* --- when there is nothing new to sign --- */

/* Reading. Whoever has not cosigned the head, or long ago, is asked again. */
static zd_status ask_again(job *j, zd_ledger *ledger, zd_error *err)
{
    return zd_cosign_refresh(&j->answers, &j->changed, ledger, &j->newest.p, j->publisher, err);
}

/* Writing. */
static zd_status keep_latest(job *j, zd_ledger *ledger, zd_error *err)
{
    return zd_cosign_keep(ledger, &j->newest.p, true, &j->answers, err);
}

/* Reading. Mirrors that were away catch up. */
static zd_status show_again(job *j, zd_ledger *ledger, zd_error *err)
{
    zd_status status = j->changed ? zd_publication_announce(ledger, &j->newest.p, err) : ZD_OK;
    return status == ZD_OK ? push_mirrors(ledger, j->publisher, err) : status;
}

static zd_status count(job *j, zd_ledger *ledger, zd_error *err)
{
    return zd_cosign_count(j->publisher->report, ledger, &j->newest.p, err);
}

/* --- all of it --- */

static zd_status publish_job(job *j, zd_error *err)
{
    zd_status status = ZD_OK;
    if (j->asks) {
        status = through_door(j, false, ask, err);
        status = status == ZD_OK ? through_door(j, true, keep, err) : status;
    }
    if (status == ZD_OK) {
        status = through_door(j, false, build, err);
    }
    if (status == ZD_OK) {
        status = through_door(j, true, record, err);
    }
    return status == ZD_OK ? through_door(j, false, show, err) : status;
}

static zd_status refresh_job(job *j, zd_error *err)
{
    zd_status status = through_door(j, false, ask_again, err);
    if (status == ZD_OK && (j->changed || j->answers.sizes.size > 0)) {
        status = through_door(j, true, keep_latest, err);
    }
    return status == ZD_OK ? through_door(j, false, show_again, err) : status;
}

zd_status zd_publish_through(const zd_publish_doors *doors, const zd_publisher *publisher, zd_error *err)
{
    job j = {.doors = doors, .publisher = publisher};
    zd_status status = through_door(&j, false, look, err);
    for (bool again = true; again && status == ZD_OK;) {
        clear_job(&j);
        status = through_door(&j, true, begin, err);
        again = j.left;
        if (status == ZD_OK && j.work) {
            status = publish_job(&j, err);
        } else if (status == ZD_OK && j.newest.found) {
            status = refresh_job(&j, err);
        }
    }
    if (status == ZD_OK && j.newest.found && publisher->report != NULL) {
        status = through_door(&j, false, count, err);
    }
    clear_job(&j);
    zd_lock_release(j.lock);
    return status;
}

static zd_status same_ledger(zd_ledger **out, void *context, bool write, zd_error *err)
{
    (void)write;
    (void)err;
    *out = context;
    return ZD_OK;
}

static void leave_open(void *context, zd_ledger *ledger)
{
    (void)context;
    (void)ledger;
}

zd_status zd_ledger_publish(zd_ledger *ledger, const zd_publisher *publisher, zd_error *err)
{
    zd_publish_doors doors = {.open = same_ledger, .close = leave_open, .context = ledger};
    return zd_publish_through(&doors, publisher, err);
}

/* Asks again, and shows what came. */
static zd_status refresh_now(zd_ledger *ledger, const zd_owned_publication *last, const zd_publisher *publisher, zd_error *err)
{
    zd_cosign_answers answers = {0};
    bool changed = false;
    zd_status status = zd_cosign_refresh(&answers, &changed, ledger, &last->p, publisher, err);
    if (status == ZD_OK && (changed || answers.sizes.size > 0)) {
        status = zd_cosign_keep(ledger, &last->p, true, &answers, err);
        status = status == ZD_OK && changed ? zd_publication_announce(ledger, &last->p, err) : status;
    }
    zd_buf_free(&answers.lines);
    zd_buf_free(&answers.sizes);
    return status;
}

zd_status zd_ledger_meet(zd_ledger *ledger, const zd_publisher *publisher, zd_error *err)
{
    zd_owned_publication last = {0};
    mirror_call call = {.publisher = publisher};
    zd_publisher now = *publisher;
    now.refresh_after_s = 1;
    zd_status status = zd_mirrors_check(ledger, see_mirror, &call, err);
    status = status == ZD_OK ? zd_publication_newest(&last, ledger, err) : status;
    if (status == ZD_OK && last.found && is_complete(ledger, &last)) {
        status = refresh_now(ledger, &last, &now, err);
    }
    if (status == ZD_OK && last.found && publisher->report != NULL) {
        status = zd_cosign_count(publisher->report, ledger, &last.p, err);
    }
    zd_publication_disown(&last);
    return status;
}
