/* Tiles in a directory; see tile_dir.h. */
#include "ledger/log/tile_dir.h"

#include <string.h>

#include "ledger/base/durable.h"

/* mkdir -p below root, where each new folder's name is synced in its parent before anything is put into it. */
static zd_status make_folders(const char *root, const char *path, zd_error *err)
{
    zd_buf folder = {0};
    zd_buf parent = {0};
    zd_status status = ZD_OK;
    zd_buf_add_text(&parent, root);
    for (const char *slash = strchr(path, '/'); status == ZD_OK && slash != NULL; slash = strchr(slash + 1, '/')) {
        zd_buf_clear(&folder);
        zd_buf_addf(&folder, "%s/", root);
        zd_buf_add(&folder, path, (size_t)(slash - path));
        if (!zd_path_exists(zd_buf_text(&folder))) {
            status = zd_dir_make(zd_buf_text(&folder), 0755, err);
            if (status == ZD_OK) {
                status = zd_dir_sync(zd_buf_text(&parent), err);
            }
        }
        zd_buf_clear(&parent);
        zd_buf_add_span(&parent, zd_buf_span(&folder));
    }
    zd_buf_free(&folder);
    zd_buf_free(&parent);
    return status;
}

/* A crash may have left the file but not the sync of its folder; so the folder is synced again. */
static zd_status sync_folder(const char *path, zd_error *err)
{
    const char *slash = strrchr(path, '/');
    zd_buf folder = {0};
    zd_buf_add(&folder, path, (size_t)(slash - path));
    zd_status status = zd_dir_sync(zd_buf_text(&folder), err);
    zd_buf_free(&folder);
    return status;
}

static zd_status put_file(void *context, const char *path, zd_span content, zd_error *err)
{
    const zd_tile_dir *dir = context;
    zd_buf name = {0};
    zd_buf found = {0};
    zd_error reading = {0};
    zd_status status = ZD_OK;
    zd_path_join(&name, dir->path, path);
    if (!zd_path_exists(zd_buf_text(&name))) {
        status = make_folders(dir->path, path, err);
        if (status == ZD_OK) {
            status = zd_file_write(zd_buf_text(&name), content, 0644, err);
        }
        goto cleanup;
    }
    status = zd_file_read(&found, zd_buf_text(&name), content.size, &reading);
    if (status != ZD_OK && reading.code != ZD_E_FILE_TOO_LARGE) {
        if (err != NULL && err->code == ZD_CODE_NONE) {
            *err = reading;
        }
        goto cleanup;
    }
    if (status != ZD_OK || !zd_span_equal(zd_buf_span(&found), content)) {
        status = zd_fail(err, ZD_E_LEDGER_FORK, "the published file differs from what this log gives");
        zd_error_subject(err, zd_buf_span(&name));
        goto cleanup;
    }
    status = sync_folder(zd_buf_text(&name), err);
cleanup:
    zd_buf_free(&name);
    zd_buf_free(&found);
    return status;
}

/* The first width hashes or entries of a full tile's bytes, in place. */
static zd_status cut(zd_buf *out, size_t start, const zd_tile *tile, zd_error *err)
{
    size_t size = out->size - start;
    if (tile->kind == ZD_TILE_HASHES) {
        if (size != ZD_TILE_BYTES_MAX) {
            return zd_fail(err, ZD_E_TILE_MALFORMED, "%zu bytes instead of %d in a full tile", size, ZD_TILE_BYTES_MAX);
        }
        out->size = start + (size_t)tile->width * ZD_HASH_SIZE;
        return ZD_OK;
    }
    zd_bundle_reader reader = zd_bundle_open(zd_span_of(out->data + start, size), ZD_TILE_WIDTH);
    zd_span entry;
    bool found = true;
    size_t kept = 0;
    for (unsigned i = 0; found; i++) {
        zd_status status = zd_bundle_next(&reader, &entry, &found, err);
        if (status != ZD_OK) {
            return status;
        }
        if (i + 1 == tile->width) {
            kept = size - reader.rest.size;
        }
    }
    out->size = start + kept;
    return ZD_OK;
}

static zd_status read_file(void *context, const zd_tile *tile, zd_buf *out, zd_error *err)
{
    const zd_tile_dir *dir = context;
    const size_t max = tile->kind == ZD_TILE_HASHES ? (size_t)ZD_TILE_BYTES_MAX : (size_t)ZD_BUNDLE_BYTES_MAX;
    size_t start = out->size;
    zd_tile wanted = *tile;
    zd_buf name = {0};
    char path[ZD_TILE_PATH];
    zd_tile_path(path, &wanted);
    if (tile->width < ZD_TILE_WIDTH && !zd_path_exists(zd_path_join(&name, dir->path, path))) {
        wanted.width = ZD_TILE_WIDTH;
        char full[ZD_TILE_PATH];
        zd_tile_path(full, &wanted);
        if (!zd_path_exists(zd_path_join(&name, dir->path, full))) {
            wanted.width = tile->width; /* neither is there: the message names the one that was asked for */
        }
    }
    zd_tile_path(path, &wanted);
    zd_status status = zd_file_read(out, zd_path_join(&name, dir->path, path), max, err);
    if (status == ZD_OK && wanted.width != tile->width) {
        status = cut(out, start, tile, err);
    }
    if (status == ZD_MALFORMED) {
        zd_error_subject(err, zd_buf_span(&name));
    }
    zd_buf_free(&name);
    return status;
}

zd_tile_sink zd_tile_dir_sink(zd_tile_dir *dir)
{
    return (zd_tile_sink){.put = put_file, .context = dir};
}

zd_tile_source zd_tile_dir_source(zd_tile_dir *dir)
{
    return (zd_tile_source){.read = read_file, .context = dir};
}
