/* A forger with every key; see forgery.h. */
#include "tests/support/forgery.h"

#include <stdlib.h>
#include <string.h>

#include "audit/trail/write/trail_write.h"
#include "ledger/log/checkpoint.h"
#include "ledger/log/tile_writer.h"

static zd_signer *signer_of(const char *name)
{
    zd_signer *signer = NULL;
    zd_hash seed = zd_sha256(zd_span_text(name));
    assert_ok(zd_signer_from_seed(&signer, seed.bytes, err));
    return signer;
}

/* --- reading --- */

typedef struct reading {
    zd_forgery *forgery;
    zd_forged_commit *commit;
    zd_trail *trail;
} reading;

static zd_status keep_file(void *context, const char *path, const char *old_hex, const char *new_hex)
{
    (void)old_hex;
    reading *r = context;
    if (strncmp(path, "tile/", 5) == 0 || strcmp(path, "checkpoint") == 0) {
        return ZD_OK;
    }
    r->commit->files = zd_realloc(r->commit->files, (r->commit->file_count + 1) * sizeof *r->commit->files);
    zd_forged_file *file = &r->commit->files[r->commit->file_count++];
    *file = (zd_forged_file){.removed = new_hex[0] == '\0'};
    zd_format(file->path, sizeof file->path, "%s", path);
    return file->removed ? ZD_OK : zd_trail_blob(&file->content, r->trail, new_hex, NULL);
}

static void read_leaves(zd_forgery *forgery, zd_trail *trail, const char *tip, uint64_t size)
{
    zd_tile_list list = zd_tile_list_changed(0, size);
    zd_tile tile;
    while (zd_tile_list_next(&list, &tile)) {
        char path[ZD_TILE_PATH];
        zd_buf bytes = {0};
        bool found = false;
        zd_span entry;
        if (tile.kind != ZD_TILE_ENTRIES) {
            continue;
        }
        zd_tile_path(path, &tile);
        assert_ok(zd_trail_file(&bytes, &found, trail, tip, path, err));
        assert_true(found);
        zd_bundle_reader reader = zd_bundle_open(zd_buf_span(&bytes), tile.width);
        while (zd_bundle_next(&reader, &entry, &found, NULL) == ZD_OK && found) {
            zd_forgery_append(forgery, entry);
        }
        zd_buf_free(&bytes);
    }
    assert_int_equal(forgery->leaf_count, size);
}

void zd_forgery_read(zd_forgery *out, const char *repository, const char *log_key_name, const char *git_key_name)
{
    char *ids = NULL;
    zd_trail *trail = NULL;
    char parent[ZD_OID_HEX] = "";
    *out = (zd_forgery){.log_key = signer_of(log_key_name), .git_key = signer_of(git_key_name)};
    assert_ok(zd_trail_open(&trail, repository, err));
    assert_ok(zd_trail_history(&ids, &out->commit_count, trail, err));
    size_t count = out->commit_count;
    out->commits = zd_alloc_zero(count, sizeof *out->commits);
    out->commit_count = 0; /* so that reading leaves touches none */
    for (size_t i = 0; i < count; i++) {
        zd_trail_commit commit;
        zd_note note;
        zd_checkpoint checkpoint;
        reading r = {out, &out->commits[i], trail};
        assert_ok(zd_trail_commit_read(&commit, trail, ids + i * ZD_OID_HEX, err));
        assert_ok(zd_note_split(&note, commit.checkpoint, err));
        assert_ok(zd_checkpoint_parse(&checkpoint, note.text, err));
        zd_format(out->origin, sizeof out->origin, "%s", checkpoint.origin);
        out->commits[i].size = checkpoint.size;
        out->commits[i].time_unix_s = commit.time_unix_s;
        assert_ok(zd_trail_changes(trail, parent, commit.oid_hex, keep_file, &r, err));
        memcpy(parent, commit.oid_hex, sizeof parent);
        zd_trail_commit_free(&commit);
    }
    assert_true(count > 0);
    read_leaves(out, trail, parent, out->commits[count - 1].size);
    out->commit_count = count;
    zd_trail_close(trail);
    free(ids);
}

/* --- writing --- */

typedef struct writing {
    const zd_forgery *forgery;
    zd_trail_change *changes;
    zd_buf *backing;
    size_t count;
    size_t capacity;
    zd_tree tree;
} writing;

static void add_change(writing *w, const char *path, zd_span content, bool removed)
{
    assert_true(w->count < w->capacity);
    zd_buf_add_span(&w->backing[w->count], content);
    w->changes[w->count] = (zd_trail_change){.path = zd_strdup(path), .content = zd_buf_span(&w->backing[w->count]), .remove = removed};
    w->count++;
}

static zd_status give_leaves(void *context, uint64_t from, uint64_t to, zd_tile_leaf_visit *visit, void *visit_context, zd_error *err)
{
    (void)err;
    writing *w = context;
    zd_status status = ZD_OK;
    for (uint64_t i = from; i < to && status == ZD_OK; i++) {
        zd_span bytes = zd_buf_span(&w->forgery->leaves[i]);
        zd_hash hash = zd_tree_leaf_hash(bytes);
        status = visit(visit_context, i, bytes, hash.bytes);
    }
    return status;
}

/* Level 8 and up of a small log: computed, not read. */
static zd_status give_node(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err)
{
    (void)err;
    const writing *w = context;
    zd_tree tree = {0};
    for (uint64_t i = index << level; i < (index + 1) << level; i++) {
        zd_hash hash = zd_tree_leaf_hash(zd_buf_span(&w->forgery->leaves[i]));
        zd_tree_append(&tree, &hash);
    }
    *out = zd_tree_root(&tree);
    return ZD_OK;
}

static zd_status take_tile(void *context, const char *path, zd_span content, zd_error *err)
{
    (void)err;
    writing *w = context;
    if (strcmp(path, w->forgery->missing_tile) == 0) {
        return ZD_OK;
    }
    if (strcmp(path, w->forgery->wrong_tile) == 0) {
        zd_buf wrong = {0};
        zd_buf_add_span(&wrong, content);
        wrong.data[wrong.size / 2] ^= 1U;
        add_change(w, path, zd_buf_span(&wrong), false);
        zd_buf_free(&wrong);
    } else {
        add_change(w, path, content, false);
    }
    return ZD_OK;
}

static void add_tiles(writing *w, uint64_t old_size, uint64_t size, bool keeps_obsolete)
{
    zd_tile tile;
    for (uint64_t i = old_size; i < size; i++) {
        zd_hash hash = zd_tree_leaf_hash(zd_buf_span(&w->forgery->leaves[i]));
        zd_tree_append(&w->tree, &hash);
    }
    zd_hash root = zd_tree_root(&w->tree);
    zd_tile_input input = {.leaves = give_leaves, .context = w, .nodes = {.read = give_node, .context = w}};
    zd_tile_sink sink = {.put = take_tile, .context = w};
    assert_ok(zd_tiles_write(&input, old_size, size, &root, &sink, err));
    zd_tile_list list = zd_tile_list_obsolete(old_size, size);
    while (!keeps_obsolete && zd_tile_list_next(&list, &tile)) {
        char path[ZD_TILE_PATH];
        zd_tile_path(path, &tile);
        add_change(w, path, zd_span_of(NULL, 0), true);
    }
}

static zd_status sign_commit(zd_buf *out_armour, void *context, zd_span payload, zd_error *err)
{
    return zd_signer_sshsig(out_armour, context, "git", payload, err);
}

static void write_note(zd_buf *note, const zd_forgery *forgery, const zd_forged_commit *commit, const zd_tree *tree)
{
    zd_buf text = {0};
    zd_checkpoint checkpoint = {.size = commit->size, .root = zd_tree_root(tree)};
    zd_format(checkpoint.origin, sizeof checkpoint.origin, "%s", commit->origin != NULL ? commit->origin : forgery->origin);
    checkpoint.root.bytes[0] ^= commit->wrong_root ? 1U : 0U;
    assert_ok(zd_checkpoint_encode(&text, &checkpoint, err));
    assert_ok(zd_signer_note(note, commit->log_key != NULL ? commit->log_key : forgery->log_key, checkpoint.origin, zd_buf_span(&text), err));
    zd_buf_free(&text);
}

static void write_commit(writing *w, zd_trail *trail, char parent[ZD_OID_HEX], uint64_t old_size, const zd_forged_commit *commit)
{
    zd_buf note = {0};
    zd_buf signature = {0};
    char summary[96];
    char mail[96];
    char next[ZD_OID_HEX];
    add_tiles(w, old_size, commit->size, commit->keeps_obsolete);
    for (size_t i = 0; i < commit->file_count; i++) {
        add_change(w, commit->files[i].path, zd_buf_span(&commit->files[i].content), commit->files[i].removed);
    }
    write_note(&note, w->forgery, commit, &w->tree);
    add_change(w, "checkpoint", zd_buf_span(&note), false);
    zd_format(summary, sizeof summary, "checkpoint %llu (+%llu entries)", (unsigned long long)commit->size, (unsigned long long)(commit->size - old_size));
    zd_format(mail, sizeof mail, "ledger@%s", w->forgery->origin);
    const zd_signer *git_key = commit->git_key != NULL ? commit->git_key : w->forgery->git_key;
    zd_trail_commit_in in = {.parent_hex = parent, .changes = w->changes, .change_count = w->count, .author_name = "Zhidui ledger", .author_mail = mail,
                             .time_unix_s = commit->time_unix_s, .summary = commit->summary != NULL ? commit->summary : summary, .checkpoint = zd_buf_span(&note),
                             .sign = sign_commit, .sign_context = (void *)(uintptr_t)git_key};
    assert_ok(zd_trail_commit_write(next, &signature, trail, &in, err));
    assert_ok(zd_trail_advance(trail, parent, next, err));
    memcpy(parent, next, sizeof next);
    zd_buf_free(&note);
    zd_buf_free(&signature);
}

void zd_forgery_write(zd_forgery *forgery, const char *repository)
{
    zd_trail *trail = NULL;
    char parent[ZD_OID_HEX] = "";
    uint64_t old_size = 0;
    zd_tree tree = {0};
    assert_ok(zd_trail_create(repository, err));
    assert_ok(zd_trail_open(&trail, repository, err));
    for (size_t i = 0; i < forgery->commit_count; i++) {
        size_t capacity = forgery->leaf_count + forgery->commits[i].file_count + 64;
        writing w = {.forgery = forgery, .capacity = capacity, .changes = zd_alloc_zero(capacity, sizeof *w.changes), .backing = zd_alloc_zero(capacity, sizeof *w.backing),
                     .tree = tree};
        write_commit(&w, trail, parent, old_size, &forgery->commits[i]);
        old_size = forgery->commits[i].size;
        tree = w.tree;
        for (size_t c = 0; c < w.count; c++) {
            zd_buf_free(&w.backing[c]);
            free((void *)(uintptr_t)w.changes[c].path);
        }
        free(w.changes);
        free(w.backing);
    }
    zd_trail_close(trail);
}

void zd_forgery_free(zd_forgery *forgery)
{
    for (size_t i = 0; i < forgery->leaf_count; i++) {
        zd_buf_free(&forgery->leaves[i]);
    }
    for (size_t i = 0; i < forgery->commit_count; i++) {
        for (size_t f = 0; f < forgery->commits[i].file_count; f++) {
            zd_buf_free(&forgery->commits[i].files[f].content);
        }
        free(forgery->commits[i].files);
    }
    free(forgery->leaves);
    free(forgery->commits);
    zd_signer_close(forgery->log_key);
    zd_signer_close(forgery->git_key);
    *forgery = (zd_forgery){0};
}

/* --- changing --- */

void zd_forgery_edit(zd_forgery *forgery, size_t leaf, const char *from, const char *to)
{
    zd_buf edited = {0};
    const zd_buf *old = &forgery->leaves[leaf];
    const uint8_t *at = memmem(old->data, old->size, from, strlen(from));
    assert_non_null(at);
    zd_buf_add(&edited, old->data, (size_t)(at - old->data));
    zd_buf_add_text(&edited, to);
    at += strlen(from);
    zd_buf_add(&edited, at, old->size - (size_t)(at - old->data));
    zd_buf_free(&forgery->leaves[leaf]);
    forgery->leaves[leaf] = edited;
}

size_t zd_forgery_find(const zd_forgery *forgery, size_t start, const char *first, const char *second)
{
    for (size_t i = start; i < forgery->leaf_count; i++) {
        const zd_buf *leaf = &forgery->leaves[i];
        if (memmem(leaf->data, leaf->size, first, strlen(first)) != NULL && memmem(leaf->data, leaf->size, second, strlen(second)) != NULL) {
            return i;
        }
    }
    fail_msg("no leaf holds \"%s\" and \"%s\"", first, second);
    return 0;
}

void zd_forgery_drop(zd_forgery *forgery, size_t leaf)
{
    zd_buf_free(&forgery->leaves[leaf]);
    memmove(&forgery->leaves[leaf], &forgery->leaves[leaf + 1], (forgery->leaf_count - leaf - 1) * sizeof *forgery->leaves);
    forgery->leaf_count--;
    for (size_t i = 0; i < forgery->commit_count; i++) {
        forgery->commits[i].size -= forgery->commits[i].size > leaf ? 1 : 0;
    }
}

void zd_forgery_append(zd_forgery *forgery, zd_span leaf)
{
    forgery->leaves = zd_realloc(forgery->leaves, (forgery->leaf_count + 1) * sizeof *forgery->leaves);
    forgery->leaves[forgery->leaf_count] = (zd_buf){0};
    zd_buf_add_span(&forgery->leaves[forgery->leaf_count++], leaf);
    if (forgery->commit_count > 0) {
        forgery->commits[forgery->commit_count - 1].size++;
    }
}

void zd_forgery_append_request(zd_forgery *forgery, const char *text, const char *key_name, int signatures)
{
    zd_buf leaf = {0};
    zd_buf note = {0};
    char name[160];
    zd_signer *signer = signer_of(key_name);
    zd_format(name, sizeof name, "%s/%s", forgery->origin, key_name);
    assert_ok(zd_signer_note(&note, signer, name, zd_span_text(text), err));
    const uint8_t *line = memmem(note.data, note.size, "\n\n", 2);
    assert_non_null(line);
    size_t head = (size_t)(line - note.data) + 2;
    zd_buf_addf(&leaf, "{\"seq\":%zu,\"at\":\"2026-12-31T00:00:00.000Z\",\"outcome\":\"refused\",\"code\":\"A03\"}\n", forgery->leaf_count);
    zd_buf_add_span(&leaf, zd_buf_span(&note));
    for (int i = 1; i < signatures; i++) {
        zd_buf_add(&leaf, note.data + head, note.size - head);
    }
    zd_forgery_append(forgery, zd_buf_span(&leaf));
    zd_signer_close(signer);
    zd_buf_free(&note);
    zd_buf_free(&leaf);
}

zd_forged_file *zd_forgery_file(zd_forgery *forgery, const char *path)
{
    for (size_t i = forgery->commit_count; i-- > 0;) {
        for (size_t f = 0; f < forgery->commits[i].file_count; f++) {
            if (strcmp(forgery->commits[i].files[f].path, path) == 0) {
                return &forgery->commits[i].files[f];
            }
        }
    }
    fail_msg("no commit carries %s", path);
    return NULL;
}

void zd_forgery_add_file(zd_forgery *forgery, const char *path, const char *content)
{
    zd_forged_commit *last = &forgery->commits[forgery->commit_count - 1];
    last->files = zd_realloc(last->files, (last->file_count + 1) * sizeof *last->files);
    zd_forged_file *file = &last->files[last->file_count++];
    *file = (zd_forged_file){0};
    zd_format(file->path, sizeof file->path, "%s", path);
    zd_buf_add_text(&file->content, content);
}
