/* Commits and their bundles, read and hashed; see reader.h. */
#include "audit/verify/reader.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/edge.h"

#define KEPT_BYTES_MAX (UINT32_C(16) << 20) /* bundles of one commit that are kept from hashing to reading; what is beyond is read again */

struct zd_reader {
    zd_trail *trail;
    const char *ids;
    size_t count;
    size_t next;             /* commit */
    zd_marks marks;
    zd_edge *edge;
    uint64_t old_size;       /* of the commit before */
    uint64_t size;           /* of the present one */
    zd_reading *present;     /* being hashed */
    /* windows of the present commit that are still to be given out */
    bool windows;
    zd_tile_list list;
    zd_files *files;         /* for those that are read again */
    zd_report *ignored;
    zd_buf *kept;
    size_t kept_count, kept_capacity, kept_next;
    size_t kept_bytes;
    char commit_hex[ZD_OID_HEX];
    char parent_hex[ZD_OID_HEX];
};

zd_status zd_reader_open(zd_reader **out, const char *repository, const char *ids, size_t count, const zd_marks *marks, zd_error *err)
{
    zd_reader *reader = zd_alloc_zero(1, sizeof *reader);
    reader->ids = ids;
    reader->count = count;
    reader->marks = *marks;
    reader->edge = zd_edge_new();
    reader->ignored = zd_report_new();
    zd_status status = zd_trail_open(&reader->trail, repository, err);
    if (status != ZD_OK) {
        zd_reader_close(reader);
        return status;
    }
    *out = reader;
    return ZD_OK;
}

static void drop_kept(zd_reader *reader)
{
    for (size_t i = 0; i < reader->kept_count; i++) {
        zd_buf_free(&reader->kept[i]);
    }
    reader->kept_count = 0;
    reader->kept_next = 0;
    reader->kept_bytes = 0;
    zd_files_close(reader->files);
    reader->files = NULL;
}

void zd_reader_close(zd_reader *reader)
{
    if (reader != NULL) {
        drop_kept(reader);
        free(reader->kept);
        free(reader->edge);
        zd_report_free(reader->ignored);
        zd_trail_close(reader->trail);
        free(reader);
    }
}

/* --- a commit: every bundle is hashed and the root compared with the signed one, every hash tile compared with what the entries give --- */

static void find_bundle(zd_reader *reader, const char *path, const char *recorded, const char *recomputed)
{
    zd_found *found = zd_report_add(reader->present->report, ZD_V_BUNDLE, ZD_ENTRY_NONE);
    zd_buf_addf(&found->recorded, "%s: %s", path, recorded);
    zd_buf_add_text(&found->recomputed, recomputed);
    reader->present->bad = true;
}

/* Says which hash of a tile differs: that is the entry, or the subtree, that was changed. */
static void find_tile(zd_reader *reader, const zd_tile *tile, const char *path, zd_span there, zd_span wanted)
{
    size_t at = 0;
    while (at < there.size && at < wanted.size && there.data[at] == wanted.data[at]) {
        at++;
    }
    uint64_t entry = tile->level == 0 ? tile->index * ZD_TILE_WIDTH + at / ZD_HASH_SIZE : ZD_ENTRY_NONE;
    zd_found *found = zd_report_add(reader->present->report, ZD_V_TILE, entry);
    zd_buf_addf(&found->recorded, "%s: %zu bytes, hash %zu differs", path, there.size, at / ZD_HASH_SIZE);
    zd_buf_addf(&found->recomputed, "%zu bytes, as the entries give", wanted.size);
}

static zd_status check_tile(void *context, const zd_tile *tile, zd_span content)
{
    zd_reader *reader = context;
    char path[ZD_TILE_PATH];
    zd_buf there = {0};
    bool found = false;
    zd_tile_path(path, tile);
    zd_status status = zd_files_take(&there, &found, reader->present->files, path, &reader->present->fault);
    if (status == ZD_OK && !zd_span_equal(zd_buf_span(&there), content)) {
        find_tile(reader, tile, path, zd_buf_span(&there), content);
    }
    zd_buf_free(&there);
    return status;
}

/* Marks are of the tree, not of commits: a root is found wherever its size is passed. */
static void look_for_marks(zd_reader *reader)
{
    const zd_tree *tree = &reader->edge->tree;
    for (size_t i = 0; i < ZD_MARKS; i++) {
        const zd_checkpoint *mark = reader->marks.at[i];
        if (mark != NULL && mark->size == tree->size) {
            zd_hash root = zd_tree_root(tree);
            reader->present->seen[i] = zd_hash_equal(&root, &mark->root);
        }
    }
}

/* An entry that was published before must be the one that was published; a new one joins the tree. */
static zd_status hash_entry(zd_reader *reader, uint64_t index, zd_span entry, const char *path)
{
    zd_edge *edge = reader->edge;
    zd_hash leaf = zd_tree_leaf_hash(entry);
    if (index < reader->old_size) {
        size_t place = (size_t)(index % ZD_TILE_WIDTH);
        if (place >= edge->level[0].count || !zd_hash_equal(&leaf, &edge->level[0].hashes[place])) {
            zd_found *found = zd_report_add(reader->present->report, ZD_V_BUNDLE, index);
            zd_buf_addf(&found->recorded, "%s: an entry that was published before has changed", path);
            zd_buf_add_text(&found->recomputed, "unchanged");
            reader->present->bad = true;
        }
        return ZD_OK;
    }
    if (index != edge->tree.size) {
        return ZD_OK; /* an earlier entry is missing, and was said to be */
    }
    zd_status status = zd_edge_add(edge, &leaf, check_tile, reader);
    look_for_marks(reader);
    return status;
}

static void keep(zd_reader *reader, zd_buf *bytes)
{
    if (reader->kept_bytes + bytes->size > KEPT_BYTES_MAX) {
        reader->kept_bytes = KEPT_BYTES_MAX; /* only a first part is kept, without gaps */
        zd_buf_free(bytes);
        return;
    }
    if (reader->kept_count == reader->kept_capacity) {
        reader->kept_capacity = reader->kept_capacity == 0 ? 16 : reader->kept_capacity * 2;
        reader->kept = zd_realloc(reader->kept, reader->kept_capacity * sizeof *reader->kept);
    }
    reader->kept_bytes += bytes->size;
    reader->kept[reader->kept_count++] = *bytes;
}

static zd_status hash_bundle(zd_reader *reader, const zd_tile *tile)
{
    char path[ZD_TILE_PATH];
    zd_buf bytes = {0};
    bool found = false;
    zd_tile_path(path, tile);
    zd_status status = zd_files_take(&bytes, &found, reader->present->files, path, &reader->present->fault);
    if (status == ZD_OK && !found) {
        find_bundle(reader, path, "not new in this commit", "the entries of this commit");
    }
    zd_bundle_reader entries = zd_bundle_open(zd_buf_span(&bytes), tile->width);
    uint64_t index = tile->index * ZD_TILE_WIDTH;
    bool more = found;
    while (status == ZD_OK && more) {
        zd_span entry;
        zd_error why = {0};
        if (zd_bundle_next(&entries, &entry, &more, &why) != ZD_OK) {
            find_bundle(reader, path, "malformed", "entries with their lengths");
            break;
        }
        status = more ? hash_entry(reader, index++, entry, path) : ZD_OK;
    }
    keep(reader, &bytes);
    return status;
}

static zd_status hash_bundles(zd_reader *reader, const zd_checkpoint *checkpoint)
{
    zd_reading *commit = reader->present;
    zd_tile_list list = zd_tile_list_changed(reader->old_size, reader->size);
    zd_tile tile;
    zd_status status = ZD_OK;
    while (status == ZD_OK && !commit->bad && zd_tile_list_next(&list, &tile)) {
        if (tile.kind == ZD_TILE_ENTRIES) {
            status = hash_bundle(reader, &tile);
        }
    }
    if (status != ZD_OK || commit->bad) {
        return status;
    }
    zd_hash root = zd_tree_root(&reader->edge->tree);
    if (reader->edge->tree.size != reader->size || !zd_hash_equal(&root, &checkpoint->root)) {
        char recorded[ZD_HASH_HEX];
        char recomputed[ZD_HASH_HEX];
        zd_hash_hex(recorded, &checkpoint->root);
        zd_hash_hex(recomputed, &root);
        zd_report_say(commit->report, ZD_V_CHECKPOINT_ROOT, ZD_ENTRY_NONE, recorded, recomputed);
        commit->bad = true;
    }
    return zd_edge_partials(reader->edge, reader->old_size, check_tile, reader);
}

static void expect_obsolete_gone(zd_reader *reader)
{
    zd_tile_list list = zd_tile_list_obsolete(reader->old_size, reader->size);
    zd_tile tile;
    while (zd_tile_list_next(&list, &tile)) {
        char path[ZD_TILE_PATH];
        zd_tile_path(path, &tile);
        zd_files_expect_gone(reader->present->files, path);
    }
}

/* False when the judging half will say what is wrong with it, and stop there. */
static bool read_size(zd_checkpoint *out, const zd_reader *reader, zd_span bytes)
{
    zd_note note;
    zd_error ignored = {0};
    return zd_note_split(&note, bytes, &ignored) == ZD_OK && zd_checkpoint_parse(out, note.text, &ignored) == ZD_OK && out->size > reader->old_size;
}

static zd_status open_again(zd_reader *reader, zd_error *err)
{
    zd_report_free(reader->ignored);
    reader->ignored = zd_report_new();
    return zd_files_open(&reader->files, reader->trail, reader->ignored, reader->parent_hex, reader->commit_hex, err);
}

/* The files, and what the bundles hash to. True when the entries can be given out. */
static bool read_files(zd_reader *reader)
{
    zd_reading *commit = reader->present;
    zd_checkpoint checkpoint;
    if (!read_size(&checkpoint, reader, commit->commit.checkpoint)) {
        return false;
    }
    reader->size = checkpoint.size;
    memcpy(commit->report->commit_hex, commit->commit.oid_hex, sizeof commit->report->commit_hex);
    memcpy(reader->commit_hex, commit->commit.oid_hex, sizeof reader->commit_hex);
    memcpy(reader->parent_hex, commit->commit.parent_hex, sizeof reader->parent_hex);
    commit->status = zd_files_open(&commit->files, reader->trail, commit->report, reader->parent_hex, reader->commit_hex, &commit->fault);
    if (commit->status != ZD_OK) {
        return false;
    }
    commit->status = hash_bundles(reader, &checkpoint);
    expect_obsolete_gone(reader);
    if (commit->status == ZD_OK && !commit->bad && reader->kept_bytes == KEPT_BYTES_MAX) {
        commit->status = open_again(reader, &commit->fault); /* its own list of the files: the other one goes to another thread */
    }
    return commit->status == ZD_OK && !commit->bad;
}

static zd_reading *read_commit(zd_reader *reader)
{
    zd_reading *commit = zd_alloc_zero(1, sizeof *commit);
    commit->is_commit = true;
    commit->report = zd_report_new();
    reader->present = commit;
    drop_kept(reader);
    commit->read = zd_trail_commit_read(&commit->commit, reader->trail, reader->ids + reader->next * ZD_OID_HEX, &commit->fault);
    reader->windows = commit->read == ZD_OK && read_files(reader);
    reader->next = reader->windows ? reader->next + 1 : reader->count;
    reader->list = zd_tile_list_changed(reader->old_size, reader->size);
    reader->present = NULL;
    return commit;
}

/* --- the entries of a commit whose root was found --- */

static zd_status bundle_bytes(zd_buf *out, zd_reader *reader, const zd_tile *tile, zd_error *err)
{
    char path[ZD_TILE_PATH];
    bool found = false;
    if (reader->kept_next < reader->kept_count) {
        *out = reader->kept[reader->kept_next];
        reader->kept[reader->kept_next++] = (zd_buf){0};
        return ZD_OK;
    }
    zd_tile_path(path, tile);
    return zd_files_take(out, &found, reader->files, path, err);
}

/* The next bundle; NULL when the commit has no more. */
static zd_reading *read_window(zd_reader *reader)
{
    zd_tile tile;
    bool more = false;
    while ((more = zd_tile_list_next(&reader->list, &tile)) && tile.kind != ZD_TILE_ENTRIES) {
    }
    if (!more) {
        reader->windows = false;
        reader->old_size = reader->size;
        return NULL;
    }
    zd_reading *window = zd_alloc_zero(1, sizeof *window);
    window->status = bundle_bytes(&window->bytes, reader, &tile, &window->fault);
    zd_bundle_reader entries = zd_bundle_open(zd_buf_span(&window->bytes), tile.width);
    uint64_t index = tile.index * ZD_TILE_WIDTH;
    zd_span entry;
    zd_error ignored = {0}; /* its form was found good when it was hashed */
    while (window->status == ZD_OK && zd_bundle_next(&entries, &entry, &more, &ignored) == ZD_OK && more) {
        if (index >= reader->old_size) {
            window->entries[window->count++] = entry;
            window->resting += index < reader->marks.rests_below ? 1 : 0;
        }
        index++;
    }
    if (window->status != ZD_OK) {
        reader->windows = false;
        reader->next = reader->count;
    }
    return window;
}

zd_reading *zd_reader_next(zd_reader *reader)
{
    zd_reading *window = reader->windows ? read_window(reader) : NULL;
    if (window != NULL) {
        return window;
    }
    return reader->next < reader->count ? read_commit(reader) : NULL;
}

void zd_reading_make(zd_reading *window, zd_roster *roster)
{
    window->pieces = zd_alloc_zero(window->count > 0 ? window->count : 1, sizeof *window->pieces);
    zd_pieces_make(window->pieces, window->entries, window->count, window->resting, roster);
}

void zd_reading_free(zd_reading *reading)
{
    if (reading == NULL) {
        return;
    }
    for (size_t i = 0; i < reading->count && reading->pieces != NULL; i++) {
        zd_piece_free(&reading->pieces[i]);
    }
    free(reading->pieces);
    zd_buf_free(&reading->bytes);
    zd_files_close(reading->files);
    zd_report_free(reading->report);
    zd_trail_commit_free(&reading->commit);
    free(reading);
}
