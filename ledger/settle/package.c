/*
 * The package on disk: written beside its final place, synced, renamed, MANIFEST last; after that never changed, only compared.
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
    const zd_package_file *const *left = a;
    const zd_package_file *const *right = b;
    return strcmp((*left)->path, (*right)->path);
}

/* The files in order of their paths, owned by the caller: a batch of thousands of payees has thousands of statements. */
static const zd_package_file **sorted(const zd_package_file *files, size_t count)
{
    const zd_package_file **order = zd_alloc((count + 1) * sizeof *order);
    for (size_t i = 0; i < count; i++) {
        order[i] = &files[i];
    }
    qsort(order, count, sizeof *order, by_path);
    return order;
}

static zd_status check_paths(const zd_package_file **order, size_t count, zd_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!path_is_sound(order[i]->path) || (i > 0 && strcmp(order[i - 1]->path, order[i]->path) == 0)) {
            zd_status status = zd_fail(err, ZD_E_EXPORT_REFUSED, "not a path for a package, or there twice / 路径不合规或重复");
            zd_error_field(err, "path", zd_span_text(order[i]->path));
            return status;
        }
    }
    return ZD_OK;
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

static bool belongs(const char *relative, const zd_package_file **order, size_t count)
{
    size_t size = strlen(relative);
    bool signature = strncmp(relative, MANIFEST_NAME ".", sizeof MANIFEST_NAME) == 0 && size > sizeof MANIFEST_NAME + 4 &&
                     strcmp(relative + size - 4, ".sig") == 0 && strchr(relative, '/') == NULL;
    bool known = signature || strcmp(relative, MANIFEST_NAME) == 0;
    zd_package_file wanted = {.path = relative};
    const zd_package_file *key = &wanted;
    return known || bsearch(&key, order, count, sizeof *order, by_path) != NULL;
}

/* What a crash left of a signature that was joining: "MANIFEST.checker.sig.tmp-1234". It was never there, and goes. */
static bool is_rest(const char *relative)
{
    const char *temporary = strstr(relative, ".sig.tmp-");
    return strncmp(relative, MANIFEST_NAME ".", sizeof MANIFEST_NAME) == 0 && strchr(relative, '/') == NULL && temporary != NULL &&
           temporary[sizeof ".sig.tmp-" - 1] != '\0' && strspn(temporary + sizeof ".sig.tmp-" - 1, "0123456789") == strlen(temporary + sizeof ".sig.tmp-" - 1);
}

/* Nothing but regular files of the list, and the signatures that joined. */
static zd_status check_strangers(const char *dir, const zd_package_file **order, size_t count, zd_error *err)
{
    char *root = zd_strdup(dir);
    FTS *tree = walk(root);
    zd_status status = tree != NULL ? ZD_OK : io_failure(err, dir);
    for (FTSENT *entry = NULL; status == ZD_OK && (entry = fts_read(tree)) != NULL;) {
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_DP) {
            continue;
        }
        if (entry->fts_info == FTS_F && is_rest(entry->fts_path + strlen(root) + 1)) {
            status = unlink(entry->fts_path) == 0 ? ZD_OK : io_failure(err, entry->fts_path);
        } else if (entry->fts_info != FTS_F || !belongs(entry->fts_path + strlen(root) + 1, order, count)) {
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

static zd_status compare_package(const char *dir, const zd_package_file **order, size_t count, zd_span manifest, zd_error *err)
{
    zd_status status = compare_file(dir, MANIFEST_NAME, manifest, err);
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        status = compare_file(dir, order[i]->path, order[i]->content, err);
    }
    return status == ZD_OK ? check_strangers(dir, order, count, err) : status;
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

static zd_status write_file(const char *dir, const char *name, zd_span content, bool synced, zd_error *err)
{
    zd_buf path = {0};
    zd_status status = zd_dir_make_parents(zd_path_join(&path, dir, name), err);
    if (status == ZD_OK) {
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

/* Everything that a package is made of. */
typedef struct whole_package {
    const zd_package_file **order;
    size_t count;
    zd_span manifest;
    const zd_package_signature *signature; /* NULL = none yet */
} whole_package;

static zd_status fill(const char *temporary, const whole_package *whole, zd_error *err)
{
    zd_buf name = {0};
    bool each = whole->count <= SYNC_EACH_MAX;
    zd_status status = zd_dir_make(temporary, 0700, err);
    for (size_t i = 0; i < whole->count && status == ZD_OK; i++) {
        status = write_file(temporary, whole->order[i]->path, whole->order[i]->content, each, err);
    }
    status = status == ZD_OK && !each ? sync_all(temporary, err) : status;
    if (status == ZD_OK && whole->signature != NULL) {
        zd_buf_addf(&name, MANIFEST_NAME ".%s.sig", whole->signature->role);
        status = write_file(temporary, zd_buf_text(&name), whole->signature->armour, true, err);
    }
    if (status == ZD_OK) {
        status = write_file(temporary, MANIFEST_NAME, whole->manifest, true, err);
    }
    zd_buf_free(&name);
    return status;
}

static zd_status write_new(const char *dir, const char *temporary, const whole_package *whole, zd_error *err)
{
    zd_status status = zd_path_exists(temporary) ? remove_tree(temporary, err) : ZD_OK;
    if (status == ZD_OK) {
        status = fill(temporary, whole, err);
    }
    if (status == ZD_OK) {
        status = sync_folders(temporary, err);
    }
    if (status == ZD_OK && rename(temporary, dir) != 0) {
        status = io_failure(err, dir);
    }
    if (status == ZD_OK) {
        return zd_dir_sync_parent(dir, err);
    }
    if (zd_path_exists(temporary)) {
        (void)remove_tree(temporary, NULL);
    }
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

zd_status zd_settle_package_write(const char *dir, const zd_package_file *files, size_t count, zd_span manifest, const zd_package_signature *signature, zd_error *err)
{
    int lock = -1;
    zd_buf place = {0};
    zd_buf temporary = {0};
    whole_package whole = {.order = sorted(files, count), .count = count, .manifest = manifest, .signature = signature};
    zd_buf_add_text(&place, dir);
    while (place.size > 1 && place.data[place.size - 1] == '/') {
        place.data[--place.size] = 0;
    }
    const char *final = zd_buf_text(&place);
    zd_buf_addf(&temporary, "%s.partial", final);
    zd_status status = check_paths(whole.order, count, err);
    if (status == ZD_OK) {
        status = lock_parent(&lock, final, err);
    }
    if (status == ZD_OK && !zd_path_exists(final)) {
        status = write_new(final, zd_buf_text(&temporary), &whole, err);
    } else if (status == ZD_OK) {
        status = compare_package(final, whole.order, count, manifest, err);
        status = status == ZD_OK && signature != NULL ? join_signature(final, signature, err) : status;
    }
    if (lock >= 0) {
        (void)close(lock);
    }
    free(whole.order);
    zd_buf_free(&temporary);
    zd_buf_free(&place);
    return status;
}
