/*
 * Publishing: re-hash stored leaves → sign → publication record → witnesses → public files → git commit and ref → mirrors → `checkpoint` file last. Each step is idempotent and
 * a function of the store, so that the next call finishes whatever a crash left.
 */
#include "ledger/engine/publish.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/engine/cosign.h"
#include "ledger/engine/mirrors.h"
#include "ledger/log/checkpoint.h"
#include "ledger/log/proof.h"
#include "ledger/log/tile_dir.h"

/* A publication with owned bytes: what the store lends lives only until its next call. */
typedef struct owned_publication {
    zd_publication p;
    zd_buf note;
    zd_buf commit;
    zd_buf parent;
    zd_buf signature;
    bool found;
} owned_publication;

static void own(owned_publication *out, const zd_publication *lent)
{
    zd_buf_clear(&out->note);
    zd_buf_clear(&out->commit);
    zd_buf_clear(&out->parent);
    zd_buf_clear(&out->signature);
    zd_buf_add_span(&out->note, lent->note);
    zd_buf_add_span(&out->commit, lent->commit_hex);
    zd_buf_add_span(&out->parent, lent->parent_hex);
    zd_buf_add_span(&out->signature, lent->commit_signature);
    out->p = (zd_publication){.size = lent->size, .time_unix_s = lent->time_unix_s, .note = zd_buf_span(&out->note), .commit_hex = zd_buf_span(&out->commit),
                              .parent_hex = zd_buf_span(&out->parent), .commit_signature = zd_buf_span(&out->signature)};
    out->found = true;
}

static void disown(owned_publication *publication)
{
    zd_buf_free(&publication->note);
    zd_buf_free(&publication->commit);
    zd_buf_free(&publication->parent);
    zd_buf_free(&publication->signature);
}

/* The last publication below `size` (or the very last one for UINT64_MAX). */
typedef struct last_below {
    owned_publication *out;
    uint64_t below;
} last_below;

static zd_status keep_last(void *context, const zd_publication *publication)
{
    last_below *call = context;
    if (publication->size < call->below) {
        own(call->out, publication);
    }
    return ZD_OK;
}

static zd_status publication_before(owned_publication *out, zd_ledger *ledger, uint64_t below, zd_error *err)
{
    last_below call = {out, below};
    return zd_store_publications(ledger->store, 0, keep_last, &call, err);
}

static zd_status last_publication(owned_publication *out, zd_ledger *ledger, zd_error *err)
{
    zd_publication lent;
    bool found = false;
    zd_status status = zd_store_publication_last(ledger->store, &lent, &found, err);
    if (status == ZD_OK && found) {
        own(out, &lent);
    }
    return status;
}

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

static zd_status open_repository(zd_trail **out, const char *path, zd_error *err)
{
    zd_status status = zd_path_exists(path) ? ZD_OK : zd_trail_create(path, err);
    return status == ZD_OK ? zd_trail_open(out, path, err) : status;
}

/* Commits one publication and moves the branch; the parent is the commit of the publication before it. */
static zd_status commit_publication(zd_trail *trail, zd_ledger *ledger, const zd_publication *publication, const owned_publication *before,
                                    const zd_signer *git_key, bool also_static, zd_error *err)
{
    zd_changes changes = {0};
    zd_buf signature = {0};
    zd_buf note = {0};
    char hex[ZD_OID_HEX];
    const char *parent = before->found ? zd_buf_text(&before->commit) : "";
    zd_status status = zd_cosign_committed_note(&note, ledger, publication, err);
    zd_publication shown = *publication; /* as the world sees it: with cosignatures */
    shown.note = zd_buf_span(&note);
    if (status == ZD_OK) {
        status = zd_publication_changes(&changes, ledger, before->p.size, &shown, also_static, err);
    }
    if (status == ZD_OK) {
        status = zd_publication_commit(hex, &signature, trail, ledger, before->p.size, parent, &shown, &changes, git_key, err);
    }
    if (status == ZD_OK && publication->commit_hex.size == 0) {
        zd_publication done = *publication;
        done.commit_hex = zd_span_text(hex);
        done.parent_hex = zd_span_text(parent);
        done.commit_signature = zd_buf_span(&signature);
        status = zd_store_publication_put(ledger->store, &done, err);
    } else if (status == ZD_OK && !zd_span_is(publication->commit_hex, hex)) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "commit %s was published, the store gives %s", (const char *)publication->commit_hex.data, hex);
    }
    if (status == ZD_OK) {
        status = zd_trail_advance(trail, parent, hex, err);
    }
    zd_changes_free(&changes);
    zd_buf_free(&signature);
    zd_buf_free(&note);
    return status;
}

static zd_status write_checkpoint_file(zd_ledger *ledger, const zd_publication *publication, zd_error *err)
{
    zd_buf path = {0};
    zd_buf note = {0};
    zd_status status = zd_cosign_latest_note(&note, ledger, publication, err);
    if (status == ZD_OK) {
        status = zd_cosign_show_policy(ledger, err);
    }
    if (status == ZD_OK) {
        status = zd_file_write(zd_path_join(&path, ledger->dir, "public/checkpoint"), zd_buf_span(&note), 0644, err);
    }
    zd_buf_free(&path);
    zd_buf_free(&note);
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

static zd_status finish(zd_ledger *ledger, const zd_publication *publication, const owned_publication *before, const zd_publisher *publisher, zd_error *err)
{
    zd_buf path = {0};
    zd_trail *trail = NULL;
    zd_status status = publication->commit_hex.size == 0 ? zd_cosign_gather(ledger, publication, before->p.size, publisher, err) : ZD_OK;
    if (status == ZD_OK) {
        status = open_repository(&trail, zd_path_join(&path, ledger->dir, "audit.git"), err);
    }
    if (status == ZD_OK) {
        status = commit_publication(trail, ledger, publication, before, publisher->git_key, true, err);
    }
    if (status == ZD_OK) {
        status = push_mirrors(ledger, publisher, err);
    }
    if (status == ZD_OK) {
        status = write_checkpoint_file(ledger, publication, err);
    }
    zd_trail_close(trail);
    zd_buf_free(&path);
    return status;
}

/* Is everything of this publication where it belongs? What cannot be read is not. */
static bool is_complete(zd_ledger *ledger, const owned_publication *publication)
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

/* What a crash left of the last publication is finished before anything new is signed. */
static zd_status finish_last(zd_ledger *ledger, owned_publication *last, const zd_publisher *publisher, zd_error *err)
{
    owned_publication before = {0};
    if (!last->found || is_complete(ledger, last)) {
        return ZD_OK;
    }
    zd_status status = publication_before(&before, ledger, last->p.size, err);
    if (status == ZD_OK && last->p.commit_signature.size == 0) {
        status = check_publisher(ledger, publisher->git_key, ZD_ROLE(GIT), last->p.size, err); /* a key of later days may not sign it */
    }
    if (status == ZD_OK) {
        status = finish(ledger, &last->p, &before, publisher, err);
    }
    if (status == ZD_OK) {
        status = last_publication(last, ledger, err); /* with its commit */
    }
    disown(&before);
    return status;
}

/* Nothing new to sign: whoever has not cosigned the head, or long ago, is asked again. */
static zd_status refresh_last(zd_ledger *ledger, const owned_publication *last, const zd_publisher *publisher, zd_error *err)
{
    bool changed = false;
    zd_status status = zd_cosign_refresh(&changed, ledger, &last->p, publisher, err);
    return status == ZD_OK && changed ? write_checkpoint_file(ledger, &last->p, err) : status;
}

zd_status zd_ledger_publish(zd_ledger *ledger, const zd_publisher *publisher, zd_error *err)
{
    owned_publication last = {0};
    owned_publication next = {0};
    zd_status status = last_publication(&last, ledger, err);
    if (status == ZD_OK) {
        status = finish_last(ledger, &last, publisher, err);
    }
    if (status == ZD_OK && ledger->head.size > last.p.size) {
        status = zd_mirrors_check(ledger, NULL, NULL, err); /* before anything is signed */
        if (status == ZD_OK) {
            status = check_publisher(ledger, publisher->log_key, ZD_ROLE(LOG), ledger->head.size, err);
        }
        if (status == ZD_OK) {
            status = check_publisher(ledger, publisher->git_key, ZD_ROLE(GIT), ledger->head.size, err);
        }
        if (status == ZD_OK) {
            status = put_publication(ledger, publisher, last.p.time_unix_s, err);
        }
        if (status == ZD_OK) {
            status = last_publication(&next, ledger, err);
        }
        if (status == ZD_OK) {
            status = finish(ledger, &next.p, &last, publisher, err);
        }
    } else if (status == ZD_OK && last.found) {
        status = refresh_last(ledger, &last, publisher, err);
        status = status == ZD_OK ? push_mirrors(ledger, publisher, err) : status; /* who was away catches up */
    }
    const owned_publication *newest = next.found ? &next : &last;
    if (status == ZD_OK && newest->found && publisher->report != NULL) {
        status = zd_cosign_count(publisher->report, ledger, &newest->p, err);
    }
    disown(&last);
    disown(&next);
    return status;
}

zd_status zd_ledger_meet(zd_ledger *ledger, const zd_publisher *publisher, zd_error *err)
{
    owned_publication last = {0};
    mirror_call call = {.publisher = publisher};
    zd_publisher now = *publisher;
    now.refresh_after_s = 1;
    zd_status status = zd_mirrors_check(ledger, see_mirror, &call, err);
    status = status == ZD_OK ? last_publication(&last, ledger, err) : status;
    if (status == ZD_OK && last.found && is_complete(ledger, &last)) {
        status = refresh_last(ledger, &last, &now, err);
    }
    if (status == ZD_OK && last.found && publisher->report != NULL) {
        status = zd_cosign_count(publisher->report, ledger, &last.p, err);
    }
    disown(&last);
    return status;
}

typedef struct size_list {
    uint64_t *sizes;
    size_t count;
    size_t capacity;
} size_list;

static zd_status keep_size(void *context, const zd_publication *publication)
{
    size_list *list = context;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->sizes = zd_realloc(list->sizes, list->capacity * sizeof *list->sizes);
    }
    list->sizes[list->count++] = publication->size;
    return ZD_OK;
}

/* Every publication of the store that has its commit, written again; last (owned by the caller) becomes the newest of them. */
static zd_status write_again(owned_publication *last, zd_ledger *ledger, const char *path, bool also_static, zd_error *err)
{
    zd_trail *trail = NULL;
    size_list list = {0};
    owned_publication publication = {0};
    zd_status status = open_repository(&trail, path, err);
    if (status == ZD_OK) {
        status = zd_store_publications(ledger->store, 0, keep_size, &list, err);
    }
    for (size_t i = 0; i < list.count && status == ZD_OK; i++) {
        status = publication_before(&publication, ledger, list.sizes[i] + 1, err);
        if (status == ZD_OK && publication.p.commit_hex.size > 0) {
            status = commit_publication(trail, ledger, &publication.p, last, NULL, also_static, err);
            own(last, &publication.p);
        }
    }
    free(list.sizes);
    disown(&publication);
    zd_trail_close(trail);
    return status;
}

zd_status zd_ledger_rebuild_trail(zd_ledger *ledger, const char *path, zd_error *err)
{
    owned_publication last = {0};
    zd_status status = write_again(&last, ledger, path, false, err);
    disown(&last);
    return status;
}

zd_status zd_engine_republish(char tip_hex[ZD_OID_HEX], zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    owned_publication last = {0};
    zd_status status = write_again(&last, ledger, zd_path_join(&path, ledger->dir, "audit.git"), true, err);
    if (status == ZD_OK && last.found) {
        status = write_checkpoint_file(ledger, &last.p, err);
    }
    zd_format(tip_hex, ZD_OID_HEX, "%s", last.found ? zd_buf_text(&last.commit) : "");
    disown(&last);
    zd_buf_free(&path);
    return status;
}

zd_status zd_ledger_proof(zd_buf *out, zd_ledger *ledger, uint64_t seq, zd_error *err)
{
    owned_publication last = {0};
    zd_buf path = {0};
    zd_buf note = {0};
    zd_tree_proof proof;
    zd_status status = last_publication(&last, ledger, err);
    if (status == ZD_OK && (!last.found || seq >= last.p.size)) {
        status = zd_fail(err, ZD_E_LOG_RANGE, "entry %llu is not published yet", (unsigned long long)seq);
    }
    zd_tile_dir dir = {.path = zd_path_join(&path, ledger->dir, "public")};
    zd_tile_source source = zd_tile_dir_source(&dir);
    zd_tile_reader *reader = zd_tile_reader_open(last.p.size, &source);
    zd_hash_reader hashes = zd_tile_reader_hashes(reader);
    if (status == ZD_OK) {
        status = zd_tree_make_inclusion(&proof, seq, last.p.size, &hashes, err);
    }
    if (status == ZD_OK) {
        status = zd_cosign_latest_note(&note, ledger, &last.p, err);
    }
    if (status == ZD_OK) {
        status = zd_proof_encode(out, seq, &proof, zd_span_of(NULL, 0), zd_buf_span(&note), err);
    }
    zd_tile_reader_close(reader);
    zd_buf_free(&path);
    zd_buf_free(&note);
    disown(&last);
    return status;
}
