/* Durable files; see durable.h. */
#include "ledger/base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct zd_lock {
    int fd;
};

static zd_status io_failure(zd_error *err, const char *path)
{
    bool full = errno == ENOSPC || errno == EDQUOT;
    return zd_fail_errno(err, full ? ZD_E_DISK_FULL : ZD_E_FILE_IO, path);
}

zd_status zd_file_read(zd_buf *out, const char *path, size_t max_size, zd_error *err)
{
    zd_status status = ZD_OK;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return zd_fail_errno(err, errno == ENOENT ? ZD_E_FILE_MISSING : ZD_E_FILE_IO, path);
    }
    size_t start = out->size;
    for (;;) {
        uint8_t *to = zd_buf_reserve(out, 65536);
        ssize_t got = read(fd, to, 65536);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            status = zd_fail_errno(err, ZD_E_FILE_IO, path);
            break;
        }
        if (got == 0) {
            break;
        }
        out->size += (size_t)got;
        out->data[out->size] = 0;
        if (out->size - start > max_size) {
            status = zd_fail(err, ZD_E_FILE_TOO_LARGE, "more than %zu bytes", max_size);
            zd_error_subject(err, zd_span_text(path));
            break;
        }
    }
    (void)close(fd);
    return status;
}

static zd_status write_all(int fd, zd_span content, const char *path, zd_error *err)
{
    size_t done = 0;
    while (done < content.size) {
        ssize_t wrote = write(fd, content.data + done, content.size - done);
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote < 0) {
            return io_failure(err, path);
        }
        done += (size_t)wrote;
    }
    return fsync(fd) != 0 ? io_failure(err, path) : ZD_OK;
}

zd_status zd_dir_sync_parent(const char *path, zd_error *err)
{
    char *copy = zd_strdup(path);
    char *slash = strrchr(copy, '/');
    if (slash == copy) {
        slash[1] = '\0';
    } else if (slash != NULL) {
        *slash = '\0';
    }
    zd_status status = zd_dir_sync(slash != NULL ? copy : ".", err);
    free(copy);
    return status;
}

zd_status zd_file_write(const char *path, zd_span content, unsigned mode, zd_error *err)
{
    zd_buf temporary = {0};
    zd_buf_addf(&temporary, "%s.tmp-%ld", path, (long)getpid());
    const char *name = zd_buf_text(&temporary);
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    zd_status status = ZD_OK;
    if (fd < 0) {
        status = io_failure(err, path);
        goto cleanup;
    }
    if (fchmod(fd, (mode_t)mode) != 0) {
        status = io_failure(err, path);
    }
    if (status == ZD_OK) {
        status = write_all(fd, content, path, err);
    }
    if (close(fd) != 0 && status == ZD_OK) {
        status = io_failure(err, path);
    }
    if (status == ZD_OK && rename(name, path) != 0) {
        status = io_failure(err, path);
    }
    if (status == ZD_OK) {
        status = zd_dir_sync_parent(path, err);
    } else {
        (void)unlink(name);
    }
cleanup:
    zd_buf_free(&temporary);
    return status;
}

zd_status zd_file_create(const char *path, zd_span content, unsigned mode, zd_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) {
        return errno == EEXIST ? zd_fail_errno(err, ZD_E_FILE_EXISTS, path) : io_failure(err, path);
    }
    zd_status status = write_all(fd, content, path, err);
    if (close(fd) != 0 && status == ZD_OK) {
        status = io_failure(err, path);
    }
    return status == ZD_OK ? zd_dir_sync_parent(path, err) : status;
}

zd_status zd_dir_make(const char *path, unsigned mode, zd_error *err)
{
    char *copy = zd_strdup(path);
    zd_status status = ZD_OK;
    for (char *at = copy + 1; *at != '\0' && status == ZD_OK; at++) {
        if (*at == '/') {
            *at = '\0';
            if (mkdir(copy, 0755) != 0 && errno != EEXIST) {
                status = io_failure(err, copy);
            }
            *at = '/';
        }
    }
    if (status == ZD_OK && mkdir(copy, (mode_t)mode) != 0 && errno != EEXIST) {
        status = io_failure(err, copy);
    }
    free(copy);
    return status;
}

zd_status zd_dir_make_parents(const char *path, zd_error *err)
{
    char *copy = zd_strdup(path);
    char *slash = strrchr(copy, '/');
    zd_status status = ZD_OK;
    if (slash != NULL && slash != copy) {
        *slash = '\0';
        status = zd_dir_make(copy, 0755, err);
    }
    free(copy);
    return status;
}

zd_status zd_dir_sync(const char *path, zd_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return zd_fail_errno(err, ZD_E_FILE_IO, path);
    }
    zd_status status = fsync(fd) != 0 ? io_failure(err, path) : ZD_OK;
    (void)close(fd);
    return status;
}

bool zd_path_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

const char *zd_path_join(zd_buf *out, const char *dir, const char *name)
{
    zd_buf_clear(out);
    zd_buf_addf(out, "%s/%s", dir, name);
    return zd_buf_text(out);
}

zd_status zd_lock_take(zd_lock **out, const char *dir, const char *name, zd_error *err)
{
    zd_buf path = {0};
    zd_status status = ZD_OK;
    int fd = open(zd_path_join(&path, dir, name), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EACCES || errno == EROFS || errno == EPERM)) {
        status = zd_fail_errno(err, ZD_E_LEDGER_READ_ONLY, zd_buf_text(&path));
    } else if (fd < 0) {
        status = io_failure(err, zd_buf_text(&path));
    } else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        status = zd_fail_errno(err, errno == EWOULDBLOCK ? ZD_E_LEDGER_LOCKED : ZD_E_FILE_IO, zd_buf_text(&path));
        (void)close(fd);
    } else {
        *out = zd_alloc(sizeof **out);
        (*out)->fd = fd;
    }
    zd_buf_free(&path);
    return status;
}

void zd_lock_release(zd_lock *lock)
{
    if (lock != NULL) {
        (void)close(lock->fd);
        free(lock);
    }
}
