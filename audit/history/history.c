/* Reading the published history; see history.h. Memory holds one bundle of 256 entries and the compact range. */
#include "audit/history/history.h"

#include <stdlib.h>

#include "ledger/log/tiles.h"

typedef struct reading {
    zd_trail *trail;
    const zd_history_visit *visit;
    zd_tree tree;
    zd_error *err;
} reading;

static zd_status corrupt(reading *r, const char *commit_hex, const char *what)
{
    zd_status status = zd_fail(r->err, ZD_E_LEDGER_CORRUPT, "%s", what);
    zd_error_subject(r->err, zd_span_text(commit_hex));
    return status;
}

/* The entries of one bundle that are new. */
static zd_status read_bundle(reading *r, const char *commit_hex, const zd_tile *tile)
{
    char path[ZD_TILE_PATH];
    zd_buf bytes = {0};
    bool found = false;
    zd_tile_path(path, tile);
    zd_status status = zd_trail_file(&bytes, &found, r->trail, commit_hex, path, r->err);
    if (status == ZD_OK && !found) {
        status = corrupt(r, commit_hex, path);
    }
    zd_bundle_reader reader = zd_bundle_open(zd_buf_span(&bytes), tile->width);
    uint64_t seq = tile->index * ZD_TILE_WIDTH;
    bool more = true;
    while (status == ZD_OK) {
        zd_span entry;
        status = zd_bundle_next(&reader, &entry, &more, r->err);
        if (status != ZD_OK || !more) {
            break;
        }
        if (seq == r->tree.size) {
            zd_hash leaf = zd_tree_leaf_hash(entry);
            zd_tree_append(&r->tree, &leaf);
            status = r->visit->entry(r->visit->context, seq, entry, r->err);
        }
        seq++;
    }
    zd_buf_free(&bytes);
    return status;
}

static zd_status read_commit(reading *r, const char *commit_hex)
{
    zd_trail_commit commit;
    zd_note note;
    zd_checkpoint checkpoint = {.size = 0};
    zd_status status = zd_trail_commit_read(&commit, r->trail, commit_hex, r->err);
    if (status != ZD_OK) {
        return status;
    }
    status = zd_note_split(&note, commit.checkpoint, r->err);
    if (status == ZD_OK) {
        status = zd_checkpoint_parse(&checkpoint, note.text, r->err);
    }
    if (status == ZD_OK && checkpoint.size < r->tree.size) {
        status = corrupt(r, commit_hex, "a checkpoint that is smaller than the one before");
    }
    zd_tile_list list = zd_tile_list_changed(r->tree.size, checkpoint.size);
    zd_tile tile;
    while (status == ZD_OK && zd_tile_list_next(&list, &tile)) {
        if (tile.kind == ZD_TILE_ENTRIES) {
            status = read_bundle(r, commit_hex, &tile);
        }
    }
    zd_hash root = zd_tree_root(&r->tree);
    if (status == ZD_OK && (r->tree.size != checkpoint.size || !zd_hash_equal(&root, &checkpoint.root))) {
        status = corrupt(r, commit_hex, "the entries do not give the root of the checkpoint");
    }
    if (status == ZD_OK && r->visit->checkpoint != NULL) {
        status = r->visit->checkpoint(r->visit->context, &checkpoint, &commit, r->err);
    }
    zd_trail_commit_free(&commit);
    return status;
}

zd_status zd_history_read(const char *repository, const zd_history_visit *visit, zd_error *err)
{
    zd_error local = {0};
    reading *r = zd_alloc_zero(1, sizeof *r);
    char *commits = NULL;
    size_t count = 0;
    r->visit = visit;
    r->err = err != NULL ? err : &local;
    zd_status status = zd_trail_open(&r->trail, repository, r->err);
    if (status == ZD_OK) {
        status = zd_trail_history(&commits, &count, r->trail, r->err);
    }
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        status = read_commit(r, commits + i * ZD_OID_HEX);
    }
    free(commits);
    zd_trail_close(r->trail);
    free(r);
    return status;
}
