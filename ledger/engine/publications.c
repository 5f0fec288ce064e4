/*
 * Publications as the store keeps them: copies whose bytes are owned, the newest one, the one before a size; their repository, the file that announces one, and receipts under
 * the newest. Signs nothing.
 */
#include <stdlib.h>

#include "ledger/engine/cosign.h"
#include "ledger/engine/publish.h"
#include "ledger/log/proof.h"
#include "ledger/log/tile_dir.h"

void zd_publication_own(zd_owned_publication *out, const zd_publication *lent)
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

void zd_publication_disown(zd_owned_publication *publication)
{
    zd_buf_free(&publication->note);
    zd_buf_free(&publication->commit);
    zd_buf_free(&publication->parent);
    zd_buf_free(&publication->signature);
}

/* The last publication below `size` (or the very last one for UINT64_MAX). */
typedef struct last_below {
    zd_owned_publication *out;
    uint64_t below;
} last_below;

static zd_status keep_last(void *context, const zd_publication *publication)
{
    last_below *call = context;
    if (publication->size < call->below) {
        zd_publication_own(call->out, publication);
    }
    return ZD_OK;
}

zd_status zd_publication_before(zd_owned_publication *out, zd_ledger *ledger, uint64_t below, zd_error *err)
{
    last_below call = {out, below};
    return zd_store_publications(ledger->store, 0, keep_last, &call, err);
}

zd_status zd_publication_newest(zd_owned_publication *out, zd_ledger *ledger, zd_error *err)
{
    zd_publication lent;
    bool found = false;
    zd_status status = zd_store_publication_last(ledger->store, &lent, &found, err);
    if (status == ZD_OK && found) {
        zd_publication_own(out, &lent);
    }
    return status;
}

zd_status zd_publication_repository(zd_trail **out, const char *path, zd_error *err)
{
    zd_status status = zd_path_exists(path) ? ZD_OK : zd_trail_create(path, err);
    return status == ZD_OK ? zd_trail_open(out, path, err) : status;
}

zd_status zd_publication_record(zd_ledger *ledger, const zd_publication *publication, const char *commit_hex, const char *parent_hex, zd_span signature, zd_error *err)
{
    zd_publication done = *publication;
    if (publication->commit_hex.size > 0) {
        return zd_span_is(publication->commit_hex, commit_hex)
                   ? ZD_OK
                   : zd_fail(err, ZD_E_LEDGER_CORRUPT, "commit %s was published, the store gives %s", (const char *)publication->commit_hex.data, commit_hex);
    }
    done.commit_hex = zd_span_text(commit_hex);
    done.parent_hex = zd_span_text(parent_hex);
    done.commit_signature = signature;
    return zd_store_publication_put(ledger->store, &done, err);
}

zd_status zd_publication_announce(zd_ledger *ledger, const zd_publication *publication, zd_error *err)
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

zd_status zd_ledger_proof(zd_buf *out, zd_ledger *ledger, uint64_t seq, zd_error *err)
{
    zd_owned_publication last = {0};
    zd_buf path = {0};
    zd_buf note = {0};
    zd_tree_proof proof;
    zd_status status = zd_publication_newest(&last, ledger, err);
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
    zd_publication_disown(&last);
    return status;
}
