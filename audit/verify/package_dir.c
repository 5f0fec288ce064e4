/* The folder against its manifest: every file there, of the size and hash that were signed, and nothing besides. Reads only; follows no link. */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/package_int.h"
#include "ledger/base/durable.h"

/* The whole text, since its beginning names the file; what could move a terminal's cursor is a blank. */
static void add_shown(zd_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        uint8_t c = (uint8_t)*text;
        zd_buf_add_byte(out, c < 0x20 || c == 0x7F ? (uint8_t)' ' : c);
    }
}

void zd_package_find(zd_package_work *work, zd_verify_check check, const char *gains, const char *recorded, const char *recomputed)
{
    zd_found *found = zd_report_add(work->report, check, ZD_ENTRY_NONE);
    add_shown(&found->recorded, recorded);
    add_shown(&found->recomputed, recomputed);
    zd_buf_add_text(&found->gains, gains);
}

zd_status zd_package_file(zd_buf *out, bool *found, zd_package_work *work, const char *path, zd_error *err)
{
    zd_buf full = {0};
    zd_error why = {0};
    zd_status status = zd_file_read(out, zd_path_join(&full, work->dir, path), ZD_PACK_FILE_MAX, &why);
    *found = status == ZD_OK;
    if (status != ZD_OK && why.code == ZD_E_FILE_MISSING) {
        status = ZD_OK;
    } else if (status != ZD_OK) {
        *err = why;
    }
    zd_buf_free(&full);
    return status;
}

static zd_status check_entry(zd_package_work *work, const zd_pack_entry *entry, zd_error *err)
{
    char path[512];
    zd_buf bytes = {0};
    bool found = false;
    if (!zd_span_copy(path, sizeof path, entry->path)) {
        return zd_fail(err, ZD_E_PACKAGE_MALFORMED, "a path that is too long");
    }
    zd_status status = zd_package_file(&bytes, &found, work, path, err);
    if (status == ZD_OK) {
        char recorded[ZD_HASH_HEX + 560];
        char recomputed[ZD_HASH_HEX + 40] = "the file is not there";
        char hex[ZD_HASH_HEX];
        zd_hash hash = zd_sha256(zd_buf_span(&bytes));
        zd_hash_hex(hex, &entry->sha256);
        zd_format(recorded, sizeof recorded, "%s: %lld bytes, sha256 %s", path, (long long)entry->size, hex);
        zd_hash_hex(hex, &hash);
        if (found) {
            zd_format(recomputed, sizeof recomputed, "%zu bytes, sha256 %s", bytes.size, hex);
        }
        if (!found || (int64_t)bytes.size != entry->size || !zd_hash_equal(&hash, &entry->sha256)) {
            zd_package_find(work, ZD_V_PACKAGE_FILE, "", recorded, recomputed);
        } else {
            work->files++;
        }
    }
    zd_buf_free(&bytes);
    return status;
}

static bool belongs(const zd_package_work *work, const char *relative)
{
    static const char *const own[] = {"MANIFEST", "MANIFEST.maker.sig", "MANIFEST.checker.sig", "MANIFEST.releaser.sig"};
    for (size_t i = 0; i < ZD_COUNT(own); i++) {
        if (strcmp(relative, own[i]) == 0) {
            return true;
        }
    }
    return zd_pack_manifest_find(&work->manifest, relative) != NULL;
}

static zd_status check_strangers(zd_package_work *work, zd_error *err)
{
    char *root = zd_strdup(work->dir);
    char *roots[] = {root, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    zd_status status = tree != NULL ? ZD_OK : zd_fail_errno(err, ZD_E_FILE_IO, work->dir);
    size_t skip = strlen(root);
    for (FTSENT *entry = NULL; status == ZD_OK && (entry = fts_read(tree)) != NULL;) {
        const char *relative = entry->fts_path + skip;
        relative += strspn(relative, "/");
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP) {
            continue;
        }
        if (entry->fts_info != FTS_F || !belongs(work, relative)) {
            zd_package_find(work, ZD_V_PACKAGE_EXTRA, "", relative, entry->fts_info == FTS_F ? "not in the manifest" : "not a plain file");
        }
    }
    if (tree != NULL) {
        (void)fts_close(tree);
    }
    free(root);
    return status;
}

zd_status zd_package_check_files(zd_package_work *work, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < work->manifest.entry_count && status == ZD_OK; i++) {
        status = check_entry(work, &work->manifest.entries[i], err);
    }
    return status == ZD_OK ? check_strangers(work, err) : status;
}
