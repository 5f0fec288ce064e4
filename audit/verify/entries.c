/*
 * The entries of one commit. First pass: every bundle is hashed and the root compared with the signed one, every hash tile compared with what the entries give.
 * Second pass: entries that the root has vouched for are read. Nothing of an entry is parsed before.
 */
#include <string.h>

#include "audit/verify/commits.h"

typedef struct bundle_pass {
    zd_walk *walk;
    zd_files *files;
    zd_error *err;
    bool bad; /* a finding after which the entries cannot be believed */
} bundle_pass;

static void find_bundle(bundle_pass *pass, const char *path, const char *recorded, const char *recomputed)
{
    zd_found *found = zd_report_add(pass->walk->report, ZD_V_BUNDLE, ZD_ENTRY_NONE);
    zd_buf_addf(&found->recorded, "%s: %s", path, recorded);
    zd_buf_add_text(&found->recomputed, recomputed);
    pass->bad = true;
}

/* Says which hash of a tile differs: that is the entry, or the subtree, that was changed. */
static void find_tile(bundle_pass *pass, const zd_tile *tile, const char *path, zd_span there, zd_span wanted)
{
    size_t at = 0;
    while (at < there.size && at < wanted.size && there.data[at] == wanted.data[at]) {
        at++;
    }
    uint64_t entry = tile->level == 0 ? tile->index * ZD_TILE_WIDTH + at / ZD_HASH_SIZE : ZD_ENTRY_NONE;
    zd_found *found = zd_report_add(pass->walk->report, ZD_V_TILE, entry);
    zd_buf_addf(&found->recorded, "%s: %zu bytes, hash %zu differs", path, there.size, at / ZD_HASH_SIZE);
    zd_buf_addf(&found->recomputed, "%zu bytes, as the entries give", wanted.size);
}

static zd_status check_tile(void *context, const zd_tile *tile, zd_span content)
{
    bundle_pass *pass = context;
    char path[ZD_TILE_PATH];
    zd_buf there = {0};
    bool found = false;
    zd_tile_path(path, tile);
    zd_status status = zd_files_take(&there, &found, pass->files, path, pass->err);
    if (status == ZD_OK && !zd_span_equal(zd_buf_span(&there), content)) {
        find_tile(pass, tile, path, zd_buf_span(&there), content);
    }
    zd_buf_free(&there);
    return status;
}

/* An entry that was published before must be the one that was published; a new one joins the tree. */
static zd_status hash_entry(bundle_pass *pass, uint64_t index, zd_span entry, const char *path)
{
    zd_walk *walk = pass->walk;
    zd_hash leaf = zd_tree_leaf_hash(entry);
    if (index < walk->old_size) {
        size_t place = (size_t)(index % ZD_TILE_WIDTH);
        if (place >= walk->edge->level[0].count || !zd_hash_equal(&leaf, &walk->edge->level[0].hashes[place])) {
            zd_found *found = zd_report_add(walk->report, ZD_V_BUNDLE, index);
            zd_buf_addf(&found->recorded, "%s: an entry that was published before has changed", path);
            zd_buf_add_text(&found->recomputed, "unchanged");
            pass->bad = true;
        }
        return ZD_OK;
    }
    if (index != walk->edge->tree.size) {
        return ZD_OK; /* an earlier entry is missing, and was said to be */
    }
    zd_status status = zd_edge_add(walk->edge, &leaf, check_tile, pass);
    const zd_verify_options *options = walk->options;
    if (options->has_since && walk->edge->tree.size == options->since.size) {
        zd_hash root = zd_tree_root(&walk->edge->tree);
        walk->since_seen = zd_hash_equal(&root, &options->since.root);
    }
    return status;
}

typedef zd_status entry_visit(bundle_pass *pass, uint64_t index, zd_span entry, const char *path);

/* Visits each entry of one bundle. */
static zd_status each_entry(bundle_pass *pass, const zd_tile *tile, entry_visit *visit)
{
    char path[ZD_TILE_PATH];
    zd_buf bytes = {0};
    bool found = false;
    zd_tile_path(path, tile);
    zd_status status = zd_files_take(&bytes, &found, pass->files, path, pass->err);
    if (status == ZD_OK && !found) {
        find_bundle(pass, path, "not new in this commit", "the entries of this commit");
    }
    zd_bundle_reader reader = zd_bundle_open(zd_buf_span(&bytes), tile->width);
    uint64_t index = tile->index * ZD_TILE_WIDTH;
    bool more = found;
    while (status == ZD_OK && more) {
        zd_span entry;
        zd_error why = {0};
        if (zd_bundle_next(&reader, &entry, &more, &why) != ZD_OK) {
            find_bundle(pass, path, "malformed", "entries with their lengths");
            break;
        }
        status = more ? visit(pass, index++, entry, path) : ZD_OK;
    }
    zd_buf_free(&bytes);
    return status;
}

static zd_status first_pass(bundle_pass *pass)
{
    zd_walk *walk = pass->walk;
    zd_tile_list list = zd_tile_list_changed(walk->old_size, walk->checkpoint.size);
    zd_tile tile;
    zd_status status = ZD_OK;
    while (status == ZD_OK && !pass->bad && zd_tile_list_next(&list, &tile)) {
        if (tile.kind == ZD_TILE_ENTRIES) {
            status = each_entry(pass, &tile, hash_entry);
        }
    }
    if (status != ZD_OK || pass->bad) {
        return status;
    }
    zd_hash root = zd_tree_root(&walk->edge->tree);
    if (walk->edge->tree.size != walk->checkpoint.size || !zd_hash_equal(&root, &walk->checkpoint.root)) {
        char recorded[ZD_HASH_HEX];
        char recomputed[ZD_HASH_HEX];
        zd_hash_hex(recorded, &walk->checkpoint.root);
        zd_hash_hex(recomputed, &root);
        zd_report_say(walk->report, ZD_V_CHECKPOINT_ROOT, ZD_ENTRY_NONE, recorded, recomputed);
        pass->bad = true;
    }
    return zd_edge_partials(walk->edge, walk->old_size, check_tile, pass);
}

/* --- second pass --- */

typedef struct window {
    zd_buf bytes;
    size_t ends[ZD_LEAVES_WINDOW];
    size_t count;
} window;

static zd_status flush(bundle_pass *pass, window *entries)
{
    zd_span spans[ZD_LEAVES_WINDOW];
    size_t start = 0;
    for (size_t i = 0; i < entries->count; i++) {
        spans[i] = zd_span_of(entries->bytes.data + start, entries->ends[i] - start);
        start = entries->ends[i];
    }
    zd_status status = entries->count > 0 ? zd_leaves_add(pass->walk->leaves, spans, entries->count, pass->err) : ZD_OK;
    zd_buf_clear(&entries->bytes);
    entries->count = 0;
    zd_walk_progress(pass->walk);
    return status;
}

static zd_status second_pass(bundle_pass *pass, window *entries)
{
    zd_walk *walk = pass->walk;
    zd_tile_list list = zd_tile_list_changed(walk->old_size, walk->checkpoint.size);
    zd_tile tile;
    zd_status status = ZD_OK;
    while (status == ZD_OK && zd_tile_list_next(&list, &tile)) {
        char path[ZD_TILE_PATH];
        zd_buf bytes = {0};
        bool found = false;
        if (tile.kind != ZD_TILE_ENTRIES) {
            continue;
        }
        zd_tile_path(path, &tile);
        status = zd_files_take(&bytes, &found, pass->files, path, pass->err);
        zd_bundle_reader reader = zd_bundle_open(zd_buf_span(&bytes), tile.width);
        uint64_t index = tile.index * ZD_TILE_WIDTH;
        zd_span entry;
        while (status == ZD_OK && found && zd_bundle_next(&reader, &entry, &found, pass->err) == ZD_OK && found) {
            if (index++ >= walk->old_size) {
                zd_buf_add_span(&entries->bytes, entry);
                entries->ends[entries->count++] = entries->bytes.size;
                status = entries->count == ZD_LEAVES_WINDOW ? flush(pass, entries) : ZD_OK;
            }
        }
        zd_buf_free(&bytes);
    }
    return status == ZD_OK ? flush(pass, entries) : status;
}

static void expect_obsolete_gone(zd_walk *walk, zd_files *files)
{
    zd_tile_list list = zd_tile_list_obsolete(walk->old_size, walk->checkpoint.size);
    zd_tile tile;
    while (zd_tile_list_next(&list, &tile)) {
        char path[ZD_TILE_PATH];
        zd_tile_path(path, &tile);
        zd_files_expect_gone(files, path);
    }
}

zd_status zd_walk_entries(zd_walk *walk, zd_files *files, zd_error *err)
{
    bundle_pass pass = {.walk = walk, .files = files, .err = err};
    zd_status status = first_pass(&pass);
    expect_obsolete_gone(walk, files);
    if (status == ZD_OK && !pass.bad) {
        window entries = {0};
        status = second_pass(&pass, &entries);
        zd_buf_free(&entries.bytes);
    }
    walk->stop = walk->stop || pass.bad;
    return status;
}
