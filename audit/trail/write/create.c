/*
 * A new audit repository; see trail_write.h. It is made by hand and not by a library's template, so that its bytes are known: no
 * hooks, no remotes, settings that refuse rewinds and deletions. It appears under its name complete or not at all.
 */
#include "audit/trail/write/trail_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/durable.h"

static const char config_text[] =
    "[core]\n"
    "\trepositoryformatversion = 0\n"
    "\tfilemode = true\n"
    "\tbare = true\n"
    "\tlogAllRefUpdates = always\n"
    "[receive]\n"
    "\tdenyNonFastForwards = true\n"
    "\tdenyDeletes = true\n"
    "\tfsckObjects = true\n"
    "\tautogc = false\n"
    "[transfer]\n"
    "\tfsckObjects = true\n"
    /* Packs are folded by a nightly `git repack`; refs stay loose, so that main.lock is only ever the writer's. */
    "[gc]\n"
    "\tauto = 0\n"
    "\tpackRefs = false\n"
    /* libgit2 1.5.1 cannot open git's newer commit-graph files. */
    "[commitGraph]\n"
    "\tgenerationVersion = 1\n"
    /* An auditor may check all signatures and checkpoints before fetching the entries. */
    "[uploadpack]\n"
    "\tallowFilter = true\n";

static zd_status stage(const char *directory, zd_error *err)
{
    static const char *const directories[] = {"objects/info", "objects/pack", "refs/heads", "refs/tags", "info"};
    static const struct {
        const char *name;
        const char *text;
    } files[] = {
        {"config", config_text},
        {"HEAD", "ref: refs/heads/main\n"},
        {"description", "Audit trail of an innovation-voucher ledger; README says how to check it.\n"},
    };
    static const char *const synced[] = {"objects", "refs", "."};
    zd_buf path = {0};
    zd_status status = ZD_OK;
    for (size_t i = 0; i < ZD_COUNT(directories) && status == ZD_OK; i++) {
        status = zd_dir_make(zd_path_join(&path, directory, directories[i]), 0755, err);
    }
    for (size_t i = 0; i < ZD_COUNT(files) && status == ZD_OK; i++) {
        status = zd_file_write(zd_path_join(&path, directory, files[i].name), zd_span_text(files[i].text), 0644, err);
    }
    for (size_t i = 0; i < ZD_COUNT(synced) && status == ZD_OK; i++) {
        status = zd_dir_sync(zd_path_join(&path, directory, synced[i]), err);
    }
    zd_buf_free(&path);
    return status;
}

zd_status zd_trail_create(const char *path, zd_error *err)
{
    zd_buf staged = {0};
    zd_buf parent = {0};
    zd_status status = ZD_OK;
    if (zd_path_exists(path)) {
        status = zd_fail(err, ZD_E_FILE_EXISTS, "an audit repository is made once");
        zd_error_subject(err, zd_span_text(path));
        return status;
    }
    zd_buf_addf(&staged, "%s.new", path);
    status = stage(zd_buf_text(&staged), err);
    if (status == ZD_OK && rename(zd_buf_text(&staged), path) != 0) {
        status = zd_fail_errno(err, errno == ENOTEMPTY || errno == EEXIST ? ZD_E_FILE_EXISTS : ZD_E_FILE_IO, path);
    }
    if (status == ZD_OK) {
        zd_path_join(&parent, path, "..");
        status = zd_dir_sync(zd_buf_text(&parent), err);
    }
    zd_buf_free(&staged);
    zd_buf_free(&parent);
    return status;
}
