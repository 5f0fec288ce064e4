/* What one publication adds to the audit repository; see publish.h. A function of the store alone. */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/publish.h"
#include "ledger/log/checkpoint.h"
#include "ledger/log/tile_dir.h"

void zd_changes_add(zd_changes *changes, const char *path, zd_span content, bool remove)
{
    if (changes->count == changes->capacity) {
        changes->capacity = changes->capacity == 0 ? 16 : changes->capacity * 2;
        changes->list = zd_realloc(changes->list, changes->capacity * sizeof *changes->list);
    }
    uint8_t *copy = zd_alloc(content.size);
    if (content.size > 0) {
        memcpy(copy, content.data, content.size);
    }
    changes->list[changes->count++] = (zd_trail_change){.path = zd_strdup(path), .content = zd_span_of(copy, content.size), .remove = remove};
}

void zd_changes_free(zd_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        free((void *)(uintptr_t)changes->list[i].path);
        free((void *)(uintptr_t)changes->list[i].content.data);
    }
    free(changes->list);
    *changes = (zd_changes){0};
}

static zd_status tile_leaves(void *context, uint64_t from, uint64_t to, zd_tile_leaf_visit *visit, void *visit_context, zd_error *err)
{
    zd_ledger *ledger = context;
    return zd_store_leaves(ledger->store, from, to, visit, visit_context, err);
}

typedef struct tile_tee {
    zd_changes *changes;
    bool also_static;
    zd_tile_sink directory;
} tile_tee;

static zd_status put_tile(void *context, const char *path, zd_span content, zd_error *err)
{
    tile_tee *tee = context;
    zd_changes_add(tee->changes, path, content, false);
    return tee->also_static ? tee->directory.put(tee->directory.context, path, content, err) : ZD_OK;
}

static zd_status add_tiles(zd_changes *out, zd_ledger *ledger, uint64_t old_size, const zd_publication *publication, bool also_static, zd_error *err)
{
    zd_buf path = {0};
    zd_tile_dir dir = {.path = zd_path_join(&path, ledger->dir, "public")};
    zd_tile_source source = zd_tile_dir_source(&dir);
    zd_tile_reader *reader = zd_tile_reader_open(old_size, &source);
    tile_tee tee = {.changes = out, .also_static = also_static, .directory = zd_tile_dir_sink(&dir)};
    zd_tile_input input = {.leaves = tile_leaves, .context = ledger, .nodes = zd_tile_reader_hashes(reader)};
    zd_tile_sink sink = {.put = put_tile, .context = &tee};
    zd_note note;
    zd_checkpoint checkpoint;
    zd_status status = zd_note_split(&note, publication->note, err);
    if (status == ZD_OK) {
        status = zd_checkpoint_parse(&checkpoint, note.text, err);
    }
    if (status == ZD_OK) {
        status = zd_tiles_write(&input, old_size, publication->size, &checkpoint.root, &sink, err);
    }
    /* In git only the current partial of each level stays; the static directory keeps the older ones. */
    zd_tile_list obsolete = zd_tile_list_obsolete(old_size, publication->size);
    zd_tile tile;
    while (status == ZD_OK && zd_tile_list_next(&obsolete, &tile)) {
        char name[ZD_TILE_PATH];
        zd_tile_path(name, &tile);
        zd_changes_add(out, name, zd_span_of(NULL, 0), true);
    }
    zd_tile_reader_close(reader);
    zd_buf_free(&path);
    return status;
}

static zd_status add_keys(zd_changes *out, zd_ledger *ledger, uint64_t size, zd_error *err)
{
    zd_buf content = {0};
    zd_status status = zd_project_allowed_signers(&content, ledger, size, err);
    zd_changes_add(out, "keys/allowed_signers", zd_buf_span(&content), false);
    zd_buf_clear(&content);
    if (status == ZD_OK) {
        status = zd_project_log_policy(&content, ledger, size, err);
        zd_changes_add(out, "keys/policy", zd_buf_span(&content), false);
    }
    if (status == ZD_OK) {
        status = zd_project_roster(&content, ledger, size, err);
        zd_changes_add(out, "keys/roster.json", zd_buf_span(&content), false);
    }
    zd_buf_free(&content);
    return status;
}

static zd_status add_policies(zd_changes *out, zd_ledger *ledger, uint64_t old_size, uint64_t size, zd_error *err)
{
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_POLICY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_policy *policy = cursor.record;
        if (policy->published_seq >= (int64_t)old_size && policy->published_seq < (int64_t)size) {
            char path[40];
            zd_format(path, sizeof path, "policy/%03lld.json", (long long)policy->number);
            zd_changes_add(out, path, zd_span_text(policy->text), false);
        }
    }
    return zd_book_trouble(ledger->book, err);
}

/* settlement/YYYY/MM/<batch>.json: what everybody may know of a released batch. */
static zd_status add_batches(zd_changes *out, zd_ledger *ledger, uint64_t old_size, uint64_t size, zd_error *err)
{
    zd_buf content = {0};
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_BATCH, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_batch *batch = cursor.record;
        if (batch->released_seq == 0 || batch->released_seq < (int64_t)old_size || batch->released_seq >= (int64_t)size) {
            continue;
        }
        char date[ZD_DATE_TEXT];
        char path[96];
        char seal[ZD_HASH_HEX];
        zd_date_text(date, batch->execution_day);
        zd_format(path, sizeof path, "settlement/%.4s/%.2s/%s.json", date, date + 5, batch->id);
        zd_hash_hex(seal, &batch->seal_sha256);
        zd_buf_clear(&content);
        zd_jw w = zd_jw_begin(&content);
        zd_jw_object(&w, NULL);
        zd_jw_cstr(&w, "batch", batch->id);
        zd_jw_cstr(&w, "pool", batch->pool);
        zd_jw_int(&w, "seal_seq", batch->seq);
        zd_jw_cstr(&w, "seal_sha256", seal);
        zd_jw_int(&w, "seal_effects", batch->effects);
        if (batch->part > 1) {
            zd_jw_int(&w, "seal_parts", batch->part);
            zd_jw_int(&w, "seal_last", batch->last_seq);
        }
        zd_jw_int(&w, "released_seq", batch->released_seq);
        zd_jw_int(&w, "cutoff", batch->cutoff);
        zd_jw_cstr(&w, "execution", date);
        zd_jw_int(&w, "count", batch->released_count);
        zd_jw_int(&w, "total_fen", batch->released_total_fen);
        zd_jw_close(&w);
        zd_buf_add_byte(&content, '\n');
        zd_changes_add(out, path, zd_buf_span(&content), false);
    }
    zd_buf_free(&content);
    return zd_book_trouble(ledger->book, err);
}

zd_status zd_publication_changes(zd_changes *out, zd_ledger *ledger, uint64_t old_size, const zd_publication *publication, bool also_static, zd_error *err)
{
    zd_status status = add_tiles(out, ledger, old_size, publication, also_static, err);
    if (status == ZD_OK) {
        zd_changes_add(out, "checkpoint", publication->note, false);
        zd_changes_add(out, "README", zd_trail_readme(), false);
        status = add_keys(out, ledger, publication->size, err);
    }
    if (status == ZD_OK) {
        status = add_policies(out, ledger, old_size, publication->size, err);
    }
    return status == ZD_OK ? add_batches(out, ledger, old_size, publication->size, err) : status;
}

typedef struct sign_call {
    const zd_signer *signer;
} sign_call;

static zd_status sign_commit(zd_buf *out_armour, void *context, zd_span payload, zd_error *err)
{
    const sign_call *call = context;
    if (call->signer == NULL) {
        return zd_fail(err, ZD_E_KEY_UNKNOWN, "the commit needs the git key");
    }
    return zd_signer_sshsig(out_armour, call->signer, "git", payload, err);
}

zd_status zd_publication_build(char out_hex[ZD_OID_HEX], zd_buf *out_signature, zd_trail *trail, zd_ledger *ledger, const zd_publication *publication,
                               const zd_owned_publication *before, const zd_signer *git_key, bool also_static, zd_error *err)
{
    sign_call call = {git_key};
    zd_changes changes = {0};
    uint64_t old_size = before->p.size;
    char summary[96];
    char mail[96];
    zd_format(summary, sizeof summary, "checkpoint %llu (+%llu entries)", (unsigned long long)publication->size,
              (unsigned long long)(publication->size - old_size));
    zd_format(mail, sizeof mail, "ledger@%s", zd_ledger_origin(ledger));
    zd_trail_commit_in in = {.parent_hex = before->found ? zd_buf_text(&before->commit) : "", .author_name = "Zhidui ledger",
                             .author_mail = mail, .time_unix_s = publication->time_unix_s, .summary = summary, .checkpoint = publication->note,
                             .signature = publication->commit_signature, .sign = sign_commit, .sign_context = &call};
    zd_status status = zd_publication_changes(&changes, ledger, old_size, publication, also_static, err);
    if (status == ZD_OK) {
        in.changes = changes.list;
        in.change_count = changes.count;
        status = zd_trail_commit_write(out_hex, out_signature, trail, &in, err);
    }
    zd_changes_free(&changes);
    return status;
}
