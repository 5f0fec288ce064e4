/*
 * The package on disk: written beside its final place one file after the other, synced, renamed, MANIFEST last; after that never changed, only compared. What was
 * written is kept as path, size and hash, never as bytes: a batch of 100,000 payees has 300,000 statements.
 * A crash leaves either no package or a whole one; what a crash left half-written is removed by the next export, which is safe
 * because the folder that holds the packages is locked meanwhile. The package holds account numbers: 0700 and 0600.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/durable.h"
#include "ledger/settle/settlement.h"

#define MANIFEST_NAME "MANIFEST"
/* Up to here each file is synced by itself; thousands of statements are written first and synced together, which takes a tenth of the time. */
#define SYNC_EACH_MAX 256
/* Of those, so many go to the disk at a time: a gigabyte at once would keep everybody's fsync waiting for seconds, a redemption's among them. */
#define SYNC_EVERY 512

struct zd_package_writer {
    zd_buf place;      /* of the package, without a slash at its end */
    zd_buf temporary;
    zd_buf folder;     /* that the last file went to: it is there */
    int lock;          /* descriptor of the folder that holds the packages; -1 = none */
    bool compares;     /* the package is there: nothing is written, each file is held against it */
    bool begun;        /* the temporary folder is ours, and not yet renamed */
    bool syncs_each;
    zd_package_entry *entries; /* paths owned */
    size_t count, capacity;
};

static zd_status io_failure(zd_error *err, const char *path)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    return zd_fail_errno(err, full ? ZD_E_DISK_FULL : ZD_E_FILE_IO, path);
}

/* Names come from ids and form their own lines of the manifest: relative, no empty or dotted part, no control byte. */
static bool path_is_sound(const char *path)
{
    zd_span rest = zd_span_text(path);
    if (rest.size == 0 || rest.data[rest.size - 1] == '/' || !zd_span_is_utf8(rest) || strcmp(path, MANIFEST_NAME) == 0) {
        return false;
    }
    for (size_t i = 0; i < rest.size; i++) {
        if (rest.data[i] < 0x20 || rest.data[i] == 0x7f || rest.data[i] == '\\') {
            return false;
        }
    }
    while (rest.size > 0) {
        zd_span part;
        rest = zd_span_cut(&part, rest, '/');
        if (part.size == 0 || part.data[0] == '.' || part.data[0] == '-') {
            return false;
        }
    }
    return true;
}

static int by_path(const void *a, const void *b)
{
    const zd_package_entry *left = a;
    const zd_package_entry *right = b;
    return strcmp(left->path, right->path);
}

static int by_name(const void *name, const void *entry)
{
    return strcmp(name, ((const zd_package_entry *)entry)->path);
}

static zd_status refused_path(zd_error *err, const char *path)
{
    zd_status status = zd_fail(err, ZD_E_EXPORT_REFUSED, "not a path for a package, or there twice / 路径不合规或重复");
    zd_error_field(err, "path", zd_span_text(path));
    return status;
}

static zd_status differs(zd_error *err, const char *path, const char *how)
{
    zd_status status = zd_fail(err, ZD_E_EXPORT_DIFFERS, "%s", how);
    zd_error_subject(err, zd_span_text(path));
    return status;
}

/* The folder's tree, depth last or first as fts gives it; NULL on failure with errno. */
static FTS *walk(char *dir)
{
    char *roots[] = {dir, NULL};
    return fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
}

static zd_status remove_tree(const char *dir, zd_error *err)
{
    char *root = zd_strdup(dir);
    FTS *tree = walk(root);
    zd_status status = tree != NULL ? ZD_OK : io_failure(err, dir);
    for (FTSENT *entry = NULL; status == ZD_OK && (entry = fts_read(tree)) != NULL;) {
        bool folder = entry->fts_info == FTS_DP;
        if (entry->fts_info != FTS_D && (folder ? rmdir(entry->fts_path) : unlink(entry->fts_path)) != 0 && errno != ENOENT) {
            status = io_failure(err, entry->fts_path);
        }
    }
    if (tree != NULL) {
        (void)fts_close(tree);
    }
    free(root);
    return status;
}

static bool belongs(const char *relative, const zd_package_writer *writer)
{
    size_t size = strlen(relative);
    bool signature = strncmp(relative, MANIFEST_NAME ".", sizeof MANIFEST_NAME) == 0 && size > sizeof MANIFEST_NAME + 4 &&
                     strcmp(relative + size - 4, ".sig") == 0 && strchr(relative, '/') == NULL;
    bool known = signature || strcmp(relative, MANIFEST_NAME) == 0;
    return known || (writer->count > 0 && bsearch(relative, writer->entries, writer->count, sizeof *writer->entries, by_name) != NULL);
}

/* What a crash left of a signature that was joining: "MANIFEST.checker.sig.tmp-1234". It was never there, and goes. */
static bool is_rest(const char *relative)
{
    const char *temporary = strstr(relative, ".sig.tmp-");
    return strncmp(relative, MANIFEST_NAME ".", sizeof MANIFEST_NAME) == 0 && strchr(relative, '/') == NULL && temporary != NULL &&
           temporary[sizeof ".sig.tmp-" - 1] != '\0' && strspn(temporary + sizeof ".sig.tmp-" - 1, "0123456789") == strlen(temporary + sizeof ".sig.tmp-" - 1);
}

/* Nothing but regular files of the list (sorted), and the signatures that joined. */
static zd_status check_strangers(const zd_package_writer *writer, zd_error *err)
{
    const char *dir = zd_buf_text(&writer->place);
    char *root = zd_strdup(dir);
    FTS *tree = walk(root);
    zd_status status = tree != NULL ? ZD_OK : io_failure(err, dir);
    for (FTSENT *entry = NULL; status == ZD_OK && (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP) {
            continue;
        }
        if (entry->fts_info == FTS_F && is_rest(entry->fts_path + strlen(root) + 1)) {
            status = unlink(entry->fts_path) == 0 ? ZD_OK : io_failure(err, entry->fts_path);
        } else if (entry->fts_info != FTS_F || !belongs(entry->fts_path + strlen(root) + 1, writer)) {
            status = differs(err, entry->fts_path, "this file does not belong to the package / 该文件不属于结算包");
        }
    }
    if (tree != NULL) {
        (void)fts_close(tree);
    }
    free(root);
    return status;
}

static zd_status compare_file(const char *dir, const char *name, zd_span content, zd_error *err)
{
    zd_buf path = {0};
    zd_buf found = {0};
    zd_error why = {0};
    zd_status status = zd_file_read(&found, zd_path_join(&path, dir, name), content.size, &why);
    if (status == ZD_OK && !zd_span_equal(zd_buf_span(&found), content)) {
        status = differs(err, zd_buf_text(&path), "other bytes than the sealed batch gives / 内容与封存批次不同");
    } else if (why.code == ZD_E_FILE_MISSING || why.code == ZD_E_FILE_TOO_LARGE) {
        status = differs(err, zd_buf_text(&path), why.code == ZD_E_FILE_MISSING ? "missing / 缺失" : "longer than the sealed batch gives / 长度不同");
    } else if (status != ZD_OK && err != NULL && err->code == ZD_CODE_NONE) {
        *err = why;
    }
    zd_buf_free(&found);
    zd_buf_free(&path);
    return status;
}

/* A signature joins once: the same key gives the same bytes, another key of that role does not take its place. */
static zd_status join_signature(const char *dir, const zd_package_signature *signature, zd_error *err)
{
    zd_buf name = {0};
    zd_buf path = {0};
    zd_buf_addf(&name, MANIFEST_NAME ".%s.sig", signature->role);
    bool there = zd_path_exists(zd_path_join(&path, dir, zd_buf_text(&name)));
    zd_status status = there ? compare_file(dir, zd_buf_text(&name), signature->armour, err) : zd_file_write(zd_buf_text(&path), signature->armour, 0600, err);
    zd_buf_free(&path);
    zd_buf_free(&name);
    return status;
}

/* Written, not synced. */
static zd_status create_unsynced(const char *path, zd_span content, zd_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    zd_status status = fd >= 0 ? ZD_OK : io_failure(err, path);
    for (size_t done = 0; status == ZD_OK && done < content.size;) {
        ssize_t wrote = write(fd, content.data + done, content.size - done);
        if (wrote >= 0) {
            done += (size_t)wrote;
        } else if (errno != EINTR) {
            status = io_failure(err, path);
        }
    }
    if (fd >= 0 && close(fd) != 0 && status == ZD_OK) {
        status = io_failure(err, path);
    }
    return status;
}

static zd_status write_file(zd_package_writer *writer, const char *name, zd_span content, bool synced, zd_error *err)
{
    zd_buf path = {0};
    const char *slash = strrchr(zd_path_join(&path, zd_buf_text(&writer->temporary), name), '/');
    zd_span folder = zd_span_of(path.data, (size_t)((const uint8_t *)slash - path.data));
    zd_status status = ZD_OK;
    if (!zd_span_equal(folder, zd_buf_span(&writer->folder))) {
        status = zd_dir_make_parents(zd_buf_text(&path), err);
        zd_buf_clear(&writer->folder);
        zd_buf_add_span(&writer->folder, folder);
    }
    if (status == ZD_OK && zd_path_exists(zd_buf_text(&path))) {
        status = refused_path(err, name); /* nobody but this writer makes files here */
    } else if (status == ZD_OK) {
        status = synced ? zd_file_create(zd_buf_text(&path), content, 0600, err) : create_unsynced(zd_buf_text(&path), content, err);
    }
    zd_buf_free(&path);
    return status;
}

/* Everything that was written to the file system of this folder. */
static zd_status sync_all(const char *dir, zd_error *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    zd_status status = fd >= 0 && syncfs(fd) == 0 ? ZD_OK : io_failure(err, dir);
    if (fd >= 0) {
        (void)close(fd);
    }
    return status;
}

/* Every folder's entries are on the disk before the rename makes them visible. */
static zd_status sync_folders(const char *dir, zd_error *err)
{
    char *root = zd_strdup(dir);
    FTS *tree = walk(root);
    zd_status status = tree != NULL ? ZD_OK : io_failure(err, dir);
    for (FTSENT *entry = NULL; status == ZD_OK && (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info == FTS_DP) {
            status = chmod(entry->fts_path, 0700) == 0 ? zd_dir_sync(entry->fts_path, err) : io_failure(err, entry->fts_path);
        }
    }
    if (tree != NULL) {
        (void)fts_close(tree);
    }
    free(root);
    return status;
}

/* Locks the folder that dir lies in; the descriptor holds the lock. */
static zd_status lock_parent(int *out_fd, const char *dir, zd_error *err)
{
    zd_buf parent = {0};
    const char *slash = strrchr(dir, '/');
    if (slash == NULL) {
        zd_buf_add_byte(&parent, '.');
    } else {
        zd_buf_add(&parent, dir, slash == dir ? 1 : (size_t)(slash - dir));
    }
    zd_status status = zd_dir_make(zd_buf_text(&parent), 0700, err);
    if (status == ZD_OK) {
        *out_fd = open(zd_buf_text(&parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (*out_fd < 0) {
            status = io_failure(err, zd_buf_text(&parent));
        } else if (flock(*out_fd, LOCK_EX | LOCK_NB) != 0) {
            status = zd_fail_errno(err, errno == EWOULDBLOCK ? ZD_E_LEDGER_LOCKED : ZD_E_FILE_IO, zd_buf_text(&parent));
        }
    }
    zd_buf_free(&parent);
    return status;
}

void zd_settle_package_end(zd_package_writer *writer)
{
    if (writer == NULL) {
        return;
    }
    if (writer->begun && zd_path_exists(zd_buf_text(&writer->temporary))) {
        (void)remove_tree(zd_buf_text(&writer->temporary), NULL);
    }
    if (writer->lock >= 0) {
        (void)close(writer->lock);
    }
    for (size_t i = 0; i < writer->count; i++) {
        free(writer->entries[i].path);
    }
    free(writer->entries);
    zd_buf_free(&writer->folder);
    zd_buf_free(&writer->temporary);
    zd_buf_free(&writer->place);
    free(writer);
}

zd_status zd_settle_package_begin(zd_package_writer **out, const char *dir, size_t files, zd_error *err)
{
    zd_package_writer *writer = zd_alloc_zero(1, sizeof *writer);
    writer->lock = -1;
    writer->syncs_each = files <= SYNC_EACH_MAX;
    zd_buf_add_text(&writer->place, dir);
    while (writer->place.size > 1 && writer->place.data[writer->place.size - 1] == '/') {
        writer->place.data[--writer->place.size] = 0;
    }
    zd_buf_addf(&writer->temporary, "%s.partial", zd_buf_text(&writer->place));
    const char *temporary = zd_buf_text(&writer->temporary);
    zd_status status = lock_parent(&writer->lock, zd_buf_text(&writer->place), err);
    writer->compares = status == ZD_OK && zd_path_exists(zd_buf_text(&writer->place));
    if (status == ZD_OK && !writer->compares) {
        writer->begun = true;
        status = zd_path_exists(temporary) ? remove_tree(temporary, err) : ZD_OK;
        status = status == ZD_OK ? zd_dir_make(temporary, 0700, err) : status;
    }
    if (status != ZD_OK) {
        zd_settle_package_end(writer);
        writer = NULL;
    }
    *out = writer;
    return status;
}

zd_status zd_settle_package_add(zd_package_writer *writer, const char *path, const char *role, zd_span content, zd_error *err)
{
    if (!path_is_sound(path)) {
        return refused_path(err, path);
    }
    zd_status status = writer->compares ? compare_file(zd_buf_text(&writer->place), path, content, err) : write_file(writer, path, content, writer->syncs_each, err);
    if (status != ZD_OK) {
        return status;
    }
    if (writer->count == writer->capacity) {
        writer->capacity = writer->capacity == 0 ? 64 : writer->capacity * 2;
        writer->entries = zd_realloc(writer->entries, writer->capacity * sizeof *writer->entries);
    }
    writer->entries[writer->count++] = (zd_package_entry){.path = zd_strdup(path), .role = role, .size = content.size, .sha256 = zd_sha256(content)};
    bool due = !writer->compares && !writer->syncs_each && writer->count % SYNC_EVERY == 0;
    return due ? sync_all(zd_buf_text(&writer->temporary), err) : ZD_OK;
}

zd_status zd_settle_package_manifest(zd_buf *out, zd_package_writer *writer, const zd_settlement *settlement, zd_error *err)
{
    if (writer->count > 1) {
        qsort(writer->entries, writer->count, sizeof *writer->entries, by_path);
    }
    for (size_t i = 1; i < writer->count; i++) {
        if (strcmp(writer->entries[i - 1].path, writer->entries[i].path) == 0) {
            return refused_path(err, writer->entries[i].path);
        }
    }
    zd_settle_manifest(out, settlement, writer->entries, writer->count);
    return ZD_OK;
}

static zd_status finish_new(zd_package_writer *writer, zd_span manifest, const zd_package_signature *signature, zd_error *err)
{
    const char *temporary = zd_buf_text(&writer->temporary);
    const char *place = zd_buf_text(&writer->place);
    zd_buf name = {0};
    zd_status status = writer->syncs_each ? ZD_OK : sync_all(temporary, err);
    if (status == ZD_OK && signature != NULL) {
        zd_buf_addf(&name, MANIFEST_NAME ".%s.sig", signature->role);
        status = write_file(writer, zd_buf_text(&name), signature->armour, true, err);
    }
    status = status == ZD_OK ? write_file(writer, MANIFEST_NAME, manifest, true, err) : status;
    status = status == ZD_OK ? sync_folders(temporary, err) : status;
    if (status == ZD_OK && rename(temporary, place) != 0) {
        status = io_failure(err, place);
    }
    writer->begun = writer->begun && status != ZD_OK;
    zd_buf_free(&name);
    return status == ZD_OK ? zd_dir_sync_parent(place, err) : status;
}

zd_status zd_settle_package_finish(zd_package_writer *writer, zd_span manifest, const zd_package_signature *signature, zd_error *err)
{
    if (!writer->compares) {
        return finish_new(writer, manifest, signature, err);
    }
    const char *place = zd_buf_text(&writer->place);
    zd_status status = compare_file(place, MANIFEST_NAME, manifest, err);
    status = status == ZD_OK ? check_strangers(writer, err) : status;
    status = status == ZD_OK && signature != NULL ? join_signature(place, signature, err) : status;
    /* An export before this one may have failed in the sync behind its rename: what is confirmed now must be on the disk. */
    status = status == ZD_OK ? zd_dir_sync(place, err) : status;
    return status == ZD_OK ? zd_dir_sync_parent(place, err) : status;
}
