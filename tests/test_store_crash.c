/*
 * The SQLite store against the machine, in child processes: folders and files that may not be written, writers that die,
 * kill -9 at any point, and a full disk.
 */
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/store_box.h"

/* --- in a child process: cmocka's assertions belong to the parent, so children answer with an exit status --- */

typedef int child_work(const zd_box *self);

static int child(const zd_box *self, child_work *work)
{
    pid_t pid = fork();
    if (pid == 0) {
        _exit(work(self));
    }
    int status = 0;
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* A user whom file permissions bind; root would pass them all. */
static bool become_nobody(void)
{
    return geteuid() != 0 ||
           (setgroups(0, NULL) == 0 && setresgid(65534, 65534, 65534) == 0 && setresuid(65534, 65534, 65534) == 0);
}

static int code_of_open(const zd_box *self, zd_store_mode mode, uint64_t size)
{
    zd_store *store = NULL;
    zd_store_head head;
    zd_error answer = {0};
    if (!become_nobody()) {
        return 254;
    }
    if (zd_store_open_sqlite(&store, self->path, mode, &answer) != ZD_OK) {
        return (int)answer.code;
    }
    int result = zd_store_head_get(store, &head, &answer) == ZD_OK && head.size == size ? 0 : 253;
    zd_store_close(store);
    return result;
}

static int nobody_reads_five(const zd_box *self)
{
    return code_of_open(self, ZD_STORE_READ, 5);
}

static int nobody_writes(const zd_box *self)
{
    return code_of_open(self, ZD_STORE_WRITE, 5);
}

static int nobody_creates(const zd_box *self)
{
    return code_of_open(self, ZD_STORE_CREATE, 0);
}

static int append_and_die(const zd_box *self)
{
    zd_store *store = NULL;
    if (zd_store_open_sqlite(&store, self->path, ZD_STORE_WRITE, NULL) != ZD_OK ||
        zd_rows_append(store, 3, NULL) != ZD_APPEND_OK) {
        return 1;
    }
    return raise(SIGKILL);
}

static void permissions__readers_read_and_writers_are_told(void **state)
{
    zd_box *self = *state;
    char path[620];
    zd_ledger_make(self->path, 5);
    assert_int_equal(zd_test_shell(NULL, "chmod 0444 '%s'/* && chmod 0555 '%s'", self->dir, self->dir), 0);
    assert_int_equal(child(self, nobody_reads_five), 0);
    assert_int_equal(child(self, nobody_writes), ZD_E_LEDGER_READ_ONLY);
    /* The file itself may be written, but not its folder, and the WAL is gone. */
    assert_int_equal(zd_test_shell(NULL, "chmod 0755 '%s' && rm -f '%s'-* && chmod 0666 '%s' && chmod 0555 '%s'", self->dir,
                                   self->path, self->path, self->dir),
                     0);
    assert_int_equal(child(self, nobody_writes), ZD_E_LEDGER_READ_ONLY);
    assert_int_equal(child(self, nobody_reads_five), ZD_E_LEDGER_READ_ONLY);
    /* A backup needs nothing beside it, wherever it lies. */
    assert_int_equal(chmod(self->dir, 0755), 0);
    zd_store *store = zd_store_box_open(self->path, ZD_STORE_WRITE);
    zd_format(path, sizeof path, "%s/copy.db", self->dir);
    assert_ok(zd_store_backup(store, path, err));
    zd_store_close(store);
    assert_int_equal(zd_test_shell(NULL, "rm '%s'* && mv '%s' '%s' && chmod 0444 '%s' && chmod 0555 '%s'", self->path, path,
                                   self->path, self->path, self->dir),
                     0);
    assert_int_equal(child(self, nobody_reads_five), 0);
    assert_int_equal(chmod(self->dir, 0755), 0);
    assert_int_equal(zd_test_shell(NULL, "rm -f '%s' && chmod 0555 '%s'", self->path, self->dir), 0);
    assert_int_equal(child(self, nobody_creates), ZD_E_LEDGER_READ_ONLY);
    assert_int_equal(chmod(self->dir, 0755), 0);
}

/* How this process has the file open: O_RDONLY or O_RDWR of the first descriptor on it; -1 when it has not. */
static int access_mode_of(const char *path)
{
    struct stat wanted;
    assert_int_equal(stat(path, &wanted), 0);
    for (int fd = 3; fd < 256; fd++) {
        struct stat info;
        if (fstat(fd, &info) == 0 && info.st_dev == wanted.st_dev && info.st_ino == wanted.st_ino) {
            return fcntl(fd, F_GETFL) & O_ACCMODE;
        }
    }
    return -1;
}

static void reader__leaves_a_dead_writers_wal_alone(void **state)
{
    zd_box *self = *state;
    zd_ledger_make(self->path, 2);
    assert_int_equal(zd_ledger_file_size(self->path, "-wal"), 0); /* a writer that closes has emptied it */
    assert_int_equal(child(self, append_and_die), 1000 + SIGKILL);
    off_t wal = zd_ledger_file_size(self->path, "-wal");
    off_t main_file = zd_ledger_file_size(self->path, "");
    assert_true(wal > 0);
    zd_store *reader = zd_store_box_open(self->path, ZD_STORE_READ);
    assert_int_equal(access_mode_of(self->path), O_RDONLY);
    zd_rows_assert(reader, 5);
    zd_store_close(reader);
    assert_int_equal(zd_ledger_file_size(self->path, "-wal"), wal);
    assert_int_equal(zd_ledger_file_size(self->path, ""), main_file);
    zd_store *writer = zd_store_box_open(self->path, ZD_STORE_WRITE);
    zd_rows_append_ok(writer, 1);
    zd_store_close(writer);
    assert_int_equal(zd_ledger_file_size(self->path, "-wal"), 0);
}

/* --- kill -9 --- */

/* Appends for ever, batches of 1 to 17, telling the parent the size after each; killed by it. */
static void append_until_killed(const char *path, int to_parent)
{
    zd_store *store = NULL;
    zd_store_head head;
    if (zd_store_open_sqlite(&store, path, ZD_STORE_WRITE, NULL) != ZD_OK) {
        _exit(1);
    }
    for (size_t count = 1;; count = count % 17 + 1) {
        if (zd_rows_append(store, count, NULL) != ZD_APPEND_OK || zd_store_head_get(store, &head, NULL) != ZD_OK ||
            write(to_parent, &head.size, sizeof head.size) != sizeof head.size) {
            _exit(2);
        }
    }
}

static void kill__acknowledged_leaves_are_there_and_all_is_consistent(void **state)
{
    zd_box *self = *state;
    uint64_t size = 0;
    zd_ledger_make(self->path, 0);
    for (int round = 1; round <= 20; round++) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        if (pid == 0) {
            append_until_killed(self->path, ends[1]);
        }
        assert_int_equal(close(ends[1]), 0);
        uint64_t acknowledged = size;
        for (int i = 0; i < round * 7 % 23; i++) {
            assert_int_equal(read(ends[0], &acknowledged, sizeof acknowledged), sizeof acknowledged);
        }
        assert_int_equal(kill(pid, SIGKILL), 0);
        int status = 0;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        for (uint64_t more; read(ends[0], &more, sizeof more) == sizeof more;) {
            acknowledged = more; /* told between our last look and its death */
        }
        assert_int_equal(close(ends[0]), 0);
        zd_store *store = zd_store_box_open(self->path, ZD_STORE_READ);
        zd_store_head head;
        assert_ok(zd_store_head_get(store, &head, err));
        assert_true(head.size >= acknowledged && head.size <= acknowledged + 17);
        size = head.size;
        zd_rows_assert(store, size);
        assert_ok(zd_store_check(store, err));
        zd_store_close(store);
    }
    assert_true(size > 500);
}

/* --- a full disk --- */

/* Appends until it is refused. 0: refused as DISK_FULL, the store unharmed, and going on once there is room again. */
static int fill_up(const char *path, void (*make_room)(const char *path), uint64_t *size)
{
    zd_store *store = NULL;
    zd_store_head head = {0};
    zd_error answer = {0};
    zd_append result = ZD_APPEND_OK;
    if (zd_store_open_sqlite(&store, path, ZD_STORE_WRITE, NULL) != ZD_OK) {
        return 1;
    }
    for (int round = 0; round < 5000 && result == ZD_APPEND_OK; round++) {
        if (zd_store_head_get(store, &head, NULL) != ZD_OK) {
            return 2;
        }
        result = zd_rows_append(store, 40, &answer);
    }
    if (result != ZD_APPEND_FAILED || answer.code != ZD_E_DISK_FULL) {
        return result == ZD_APPEND_OK ? 3 : 10 + (int)answer.code;
    }
    zd_store_head after;
    if (zd_store_head_get(store, &after, NULL) != ZD_OK || after.size != head.size) {
        return 4;
    }
    make_room(path);
    if (zd_rows_append(store, 40, NULL) != ZD_APPEND_OK) {
        return 5;
    }
    *size = head.size + 40;
    zd_store_close(store);
    return 0;
}

static void lift_limit(const char *path)
{
    (void)path;
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    (void)setrlimit(RLIMIT_FSIZE, &limit);
}

static int fill_to_limit(const zd_box *self)
{
    uint64_t size = 0;
    struct rlimit limit = {1500000, RLIM_INFINITY};
    if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        return 200;
    }
    int result = fill_up(self->path, lift_limit, &size);
    return result != 0 ? result : size > 400 ? 0 : 201;
}

static void disk_full__by_file_size_limit_loses_nothing(void **state)
{
    zd_box *self = *state;
    zd_store_head head;
    zd_ledger_make(self->path, 3);
    assert_int_equal(child(self, fill_to_limit), 0);
    zd_store *store = zd_store_box_open(self->path, ZD_STORE_READ);
    assert_ok(zd_store_head_get(store, &head, err));
    assert_true(head.size > 400);
    zd_rows_assert(store, head.size);
    assert_ok(zd_store_check(store, err));
    zd_store_close(store);
}

static void remove_ballast(const char *path)
{
    char name[700];
    zd_format(name, sizeof name, "%s-ballast", path);
    assert_int_equal(unlink(name), 0);
}

static void disk_full__on_a_small_file_system_loses_nothing(void **state)
{
    zd_box *self = *state;
    uint64_t size = 0;
    char path[620];
    if (mount("tmpfs", self->dir, "tmpfs", 0, "size=3m") != 0) {
        print_message("SKIPPED: no right to mount a small file system here\n");
        return;
    }
    zd_format(path, sizeof path, "%s/small.db", self->dir);
    zd_ledger_make(path, 3);
    assert_int_equal(zd_test_shell(NULL, "head -c 1000000 /dev/zero > '%s-ballast'", path), 0);
    int result = fill_up(path, remove_ballast, &size);
    zd_store *store = NULL;
    zd_status status = result == 0 ? zd_store_open_sqlite(&store, path, ZD_STORE_READ, NULL) : ZD_FAULT;
    if (status == ZD_OK) {
        zd_rows_assert(store, size);
        assert_ok(zd_store_check(store, err));
    }
    zd_store_close(store);
    assert_int_equal(umount(self->dir), 0);
    assert_int_equal(result, 0);
    assert_int_equal(status, ZD_OK);
    assert_true(size > 400);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, zd_box_set_up_empty, zd_box_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(permissions__readers_read_and_writers_are_told),
        CASE(reader__leaves_a_dead_writers_wal_alone),
        CASE(kill__acknowledged_leaves_are_there_and_all_is_consistent),
        CASE(disk_full__by_file_size_limit_loses_nothing),
        CASE(disk_full__on_a_small_file_system_loses_nothing),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
