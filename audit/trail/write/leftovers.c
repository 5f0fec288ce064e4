/* The one-writer lock and leftovers of killed writers; see leftovers.h. */
#include "audit/trail/write/leftovers.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

zd_status zd_trail_lock(zd_lock **out, const zd_objects *objects, zd_error *err)
{
    return zd_lock_take(out, zd_objects_directory(objects), "zhidui.lock", err);
}

static zd_status remove_file(const char *path, zd_error *err)
{
    return unlink(path) == 0 || errno == ENOENT ? ZD_OK : zd_fail_errno(err, ZD_E_FILE_IO, path);
}

zd_status zd_trail_clear_packs(const zd_objects *objects, zd_error *err)
{
    zd_buf directory = {0};
    zd_buf path = {0};
    zd_status status = ZD_OK;
    zd_buf_addf(&directory, "%sobjects/pack", zd_objects_directory(objects));
    DIR *listing = opendir(zd_buf_text(&directory));
    if (listing == NULL) {
        status = zd_fail_errno(err, ZD_E_FILE_IO, zd_buf_text(&directory));
    }
    while (status == ZD_OK) {
        errno = 0;
        const struct dirent *entry = readdir(listing);
        if (entry == NULL) {
            status = errno != 0 ? zd_fail_errno(err, ZD_E_FILE_IO, zd_buf_text(&directory)) : ZD_OK;
            break;
        }
        /* The name that libgit2's indexer gives to its temporary pack and to the lock of its index. */
        if (zd_span_starts(zd_span_text(entry->d_name), "pack_git2_")) {
            status = remove_file(zd_path_join(&path, zd_buf_text(&directory), entry->d_name), err);
        }
    }
    if (listing != NULL) {
        (void)closedir(listing);
    }
    zd_buf_free(&directory);
    zd_buf_free(&path);
    return status;
}

zd_status zd_trail_clear_ref_lock(const zd_objects *objects, zd_error *err)
{
    zd_buf path = {0};
    zd_buf_addf(&path, "%srefs/heads/main.lock", zd_objects_directory(objects));
    zd_status status = remove_file(zd_buf_text(&path), err);
    zd_buf_free(&path);
    return status;
}
