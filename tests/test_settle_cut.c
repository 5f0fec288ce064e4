/*
 * A package of more files than are synced one by one, cut at every place where its fate is decided: each sync, rename, folder and mode, and at files on both sides of where a
 * group goes to the disk. The process is killed before or after the call; the call fails; the call works and says that it failed. Afterwards there is no package or a whole
 * one, and the next export makes or keeps it. What a loss of power would leave is counted beside it: at the rename nothing is unsynced. The linker sends this program's calls
 * through the functions below (cmake/tests.cmake).
 */
#include "tests/support/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/base/durable.h"
#include "tests/support/settlement_case.h"

#define FILES 620       /* more than SYNC_EACH_MAX, and than one group of SYNC_EVERY */
#define GROUP 512
#define CALLS_MAX 8192
#define FILE_STEP 151   /* of the calls that only make files, one in so many */
#define ITEMS_MAX 1024
#define PATH_SIZE 256

typedef enum fault { FAULT_NONE, KILL_BEFORE, KILL_AFTER, FAILS, WORKS_AND_FAILS } fault;

/* What the calls go through: counted while armed, one of them cut. */
static struct {
    bool armed;
    size_t calls;
    size_t at;
    fault how;
    const char *names[CALLS_MAX];
} gate;

/* What is on no disk yet: contents of files, entries of folders. */
static struct {
    bool watching;
    size_t count;
    struct {
        char path[PATH_SIZE];
        bool unsynced;
    } items[ITEMS_MAX];
    size_t unsynced_at_rename;
    size_t renames;
} disk;

static void mark(const char *path, bool unsynced)
{
    size_t i = 0;
    while (i < disk.count && strcmp(disk.items[i].path, path) != 0) {
        i++;
    }
    if (i == disk.count) {
        assert_true(disk.count < ITEMS_MAX);
        zd_format(disk.items[disk.count++].path, PATH_SIZE, "%s", path);
    }
    disk.items[i].unsynced = unsynced;
}

static void mark_parent(const char *path)
{
    char parent[PATH_SIZE];
    zd_format(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash != NULL) {
        *slash = '\0';
        mark(parent, true);
    }
}

static void path_of_fd(char out[PATH_SIZE], int fd)
{
    char link[40];
    zd_format(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, out, PATH_SIZE - 1);
    out[size > 0 ? size : 0] = '\0';
}

static size_t unsynced(const char *below)
{
    size_t count = 0;
    for (size_t i = 0; i < disk.count; i++) {
        bool inside = strncmp(disk.items[i].path, below, strlen(below)) == 0;
        count += inside && disk.items[i].unsynced ? 1U : 0U;
    }
    return count;
}

/* Whether the call is made at all. */
static bool goes_on(const char *name)
{
    if (!gate.armed) {
        return true;
    }
    bool hit = gate.calls == gate.at && gate.how != FAULT_NONE;
    if (gate.calls < CALLS_MAX) {
        gate.names[gate.calls] = name;
    }
    gate.calls++;
    if (hit && gate.how == KILL_BEFORE) {
        (void)raise(SIGKILL);
    }
    return !hit || gate.how != FAILS;
}

/* What the caller is told. */
static long told(long result)
{
    bool hit = gate.armed && gate.calls == gate.at + 1 && gate.how != FAULT_NONE;
    if (hit && gate.how == KILL_AFTER) {
        (void)raise(SIGKILL);
    }
    if (hit) {
        errno = EIO;
        return -1;
    }
    return result;
}

int __real_open(const char *path, int flags, ...);
ssize_t __real_write(int fd, const void *bytes, size_t size);
int __real_close(int fd);
int __real_rename(const char *from, const char *to);
int __real_mkdir(const char *path, mode_t mode);
int __real_chmod(const char *path, mode_t mode);
int __wrap_open(const char *path, int flags, ...);
ssize_t __wrap_write(int fd, const void *bytes, size_t size);
int __wrap_close(int fd);
int __wrap_fsync(int fd);
int __wrap_syncfs(int fd);
int __wrap_rename(const char *from, const char *to);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_chmod(const char *path, mode_t mode);

int __wrap_open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    if ((flags & O_CREAT) != 0) {
        va_list args;
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        va_end(args);
    }
    long made = goes_on("open") ? __real_open(path, flags, mode) : -1;
    if (made >= 0 && disk.watching && (flags & O_CREAT) != 0) {
        mark(path, true);
        mark_parent(path);
    }
    long result = told(made);
    if (result < 0 && made >= 0) {
        (void)__real_close((int)made); /* nobody knows of it */
        errno = EIO;
    }
    return (int)result;
}

ssize_t __wrap_write(int fd, const void *bytes, size_t size)
{
    long done = goes_on("write") ? __real_write(fd, bytes, size) : -1;
    if (disk.watching) {
        char path[PATH_SIZE];
        path_of_fd(path, fd);
        mark(path, true);
    }
    return told(done);
}

int __wrap_close(int fd)
{
    bool calls = goes_on("close");
    long done = __real_close(fd); /* a descriptor whose close failed is closed: the kernel's rule */
    return (int)told(calls ? done : -1);
}

int __wrap_fsync(int fd)
{
    long done = goes_on("fsync") ? 0 : -1; /* as below */
    if (disk.watching && done == 0) {
        char path[PATH_SIZE];
        path_of_fd(path, fd);
        mark(path, false);
    }
    return (int)told(done);
}

int __wrap_syncfs(int fd)
{
    long done = goes_on("syncfs") ? 0 : -1; /* the whole system's disks are no matter of a test: what counts is that it was asked for */
    for (size_t i = 0; i < disk.count && disk.watching && done == 0; i++) {
        disk.items[i].unsynced = false;
    }
    (void)fd;
    return (int)told(done);
}

int __wrap_rename(const char *from, const char *to)
{
    if (disk.watching && strstr(from, ".partial") != NULL) {
        disk.renames++;
        disk.unsynced_at_rename += unsynced(from);
    }
    long done = goes_on("rename") ? __real_rename(from, to) : -1;
    if (disk.watching && done == 0) {
        mark_parent(to);
    }
    return (int)told(done);
}

int __wrap_mkdir(const char *path, mode_t mode)
{
    long done = goes_on("mkdir") ? __real_mkdir(path, mode) : -1;
    if (disk.watching && done == 0) {
        mark(path, true);
        mark_parent(path);
    }
    return (int)told(done);
}

int __wrap_chmod(const char *path, mode_t mode)
{
    return (int)told(goes_on("chmod") ? __real_chmod(path, mode) : -1);
}

/* --- the package --- */

static zd_status write_package(const char *dir, const zd_settlement *settlement, zd_error *err)
{
    zd_package_writer *writer = NULL;
    zd_buf manifest = {0};
    zd_package_signature signature = {"maker", zd_span_text("-----BEGIN SSH SIGNATURE-----\n")};
    zd_status status = zd_settle_package_begin(&writer, dir, FILES, err);
    for (size_t i = 0; i < FILES && status == ZD_OK; i++) {
        char path[64];
        zd_format(path, sizeof path, "%s/%05zu.csv", i < FILES / 2 ? "bank" : "statements", i);
        status = zd_settle_package_add(writer, path, "statement", zd_span_text(path), err);
    }
    status = status == ZD_OK ? zd_settle_package_manifest(&manifest, writer, settlement, err) : status;
    status = status == ZD_OK ? zd_settle_package_finish(writer, zd_buf_span(&manifest), &signature, err) : status;
    zd_settle_package_end(writer);
    zd_buf_free(&manifest);
    return status;
}

typedef struct scene {
    zd_settlement_case batch;
    const char *root;
    zd_buf dir;
} scene;

static void scene_make(scene *s)
{
    *s = (scene){.root = zd_test_dir("cut")};
    zd_case_three_lines(&s->batch);
    zd_buf_addf(&s->dir, "%s/2026/B-1", s->root);
}

static void scene_free(scene *s)
{
    gate.armed = disk.watching = false;
    zd_buf_free(&s->dir);
    zd_test_dir_remove(s->root);
}

static zd_status write_gated(scene *s, size_t at, fault how)
{
    gate.calls = 0;
    gate.at = at;
    gate.how = how;
    gate.armed = true;
    zd_status status = write_package(zd_buf_text(&s->dir), &s->batch.settlement, NULL);
    gate.armed = false;
    return status;
}

/* 0: it said that the package is written; 1: that it failed; -1: it was killed, a process of its own. */
static int write_cut(scene *s, size_t at, fault how)
{
    if (how == FAILS || how == WORKS_AND_FAILS) {
        return write_gated(s, at, how) == ZD_OK ? 0 : 1;
    }
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(write_gated(s, at, how) == ZD_OK ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return -1;
}

/* Names in the folder of packages, one a line. */
static void listing(zd_buf *out, const scene *s)
{
    char path[PATH_SIZE];
    zd_format(path, sizeof path, "%s/2026", s->root);
    DIR *folder = opendir(path);
    zd_buf_clear(out);
    for (const struct dirent *entry = NULL; folder != NULL && (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.') {
            zd_buf_addf(out, "%s\n", entry->d_name);
        }
    }
    if (folder != NULL) {
        (void)closedir(folder);
    }
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    return remove(path);
}

static void clear(const scene *s)
{
    char path[PATH_SIZE];
    zd_format(path, sizeof path, "%s/2026", s->root);
    assert_int_equal(nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void cut_at(scene *s, size_t at, fault how, zd_buf *text)
{
    static const char *const words[] = {"not cut", "killed before it", "killed after it", "fails", "works and says that it failed"};
    int said = write_cut(s, at, how);
    bool there = zd_path_exists(zd_buf_text(&s->dir));
    zd_error why = {0};
    if (said >= 0 && !there) { /* it had its time to tidy up */
        listing(text, s);
        assert_string_equal(zd_buf_text(text), "");
    }
    zd_status status = write_package(zd_buf_text(&s->dir), &s->batch.settlement, &why); /* where it is there, each byte is compared, and nothing may be left over */
    if (status != ZD_OK || (said == 0 && !there)) {
        print_error("call %zu, %s, %s: said %d, %s afterwards; the next export: %s %s %s\n", at, gate.names[at], words[how], said, there ? "a package" : "no package",
                    zd_code_name(why.code), why.subject, why.detail);
    }
    assert_int_equal(status, ZD_OK);
    assert_true(said != 0 || there);
    listing(text, s);
    assert_string_equal(zd_buf_text(text), "B-1\n");
    clear(s);
}

/* Every call but those that only make one of many like files; of these one in FILE_STEP, and those around the end of the first group. */
static bool is_chosen(size_t call, size_t calls, size_t group_end)
{
    const char *name = gate.names[call];
    bool plain = strcmp(name, "open") == 0 || strcmp(name, "write") == 0 || strcmp(name, "close") == 0;
    bool near = call + 4 >= group_end && call <= group_end + 4;
    return !plain || near || call % FILE_STEP == 0 || call + 16 >= calls;
}

static void package__cut_at_each_sync_rename_and_folder__is_whole_or_not_there(void **state)
{
    (void)state;
    scene s;
    zd_buf text = {0};
    size_t syncs = 0;
    size_t group_end = 0;
    size_t chosen = 0;
    scene_make(&s);
    assert_int_equal(write_gated(&s, 0, FAULT_NONE), ZD_OK);
    assert_true(gate.calls < CALLS_MAX);
    clear(&s);
    for (size_t call = 0; call < gate.calls; call++) {
        bool sync = strcmp(gate.names[call], "syncfs") == 0;
        group_end = sync && syncs == 0 ? call : group_end;
        syncs += sync ? 1U : 0U;
    }
    assert_int_equal(syncs, 2); /* behind GROUP files, and behind the last */
    assert_true(group_end > (size_t)GROUP * 3);
    size_t calls = gate.calls;
    for (size_t call = 0; call < calls; call++) {
        for (fault how = KILL_BEFORE; how <= WORKS_AND_FAILS && is_chosen(call, calls, group_end); how++) {
            cut_at(&s, call, how, &text);
            chosen++;
        }
    }
    assert_true(chosen > 200);
    zd_buf_free(&text);
    scene_free(&s);
}

/* As a loss of power sees it: what was made visible is on the disk, and so is the name, before anybody is told. */
static void package__at_the_rename__nothing_is_unsynced(void **state)
{
    (void)state;
    scene s;
    scene_make(&s);
    disk.count = disk.renames = disk.unsynced_at_rename = 0;
    disk.watching = true;
    assert_ok(write_package(zd_buf_text(&s.dir), &s.batch.settlement, err));
    assert_int_equal(disk.renames, 1);
    assert_true(disk.count > FILES);
    assert_int_equal(disk.unsynced_at_rename, 0);
    disk.watching = false;
    zd_buf parent = {0};
    zd_buf_addf(&parent, "%s/2026", s.root);
    for (size_t i = 0; i < disk.count; i++) {
        assert_false(disk.items[i].unsynced && strcmp(disk.items[i].path, zd_buf_text(&parent)) == 0);
    }
    zd_buf_free(&parent);
    scene_free(&s);
}

/* The rename worked and the sync behind it did not: whoever exports again and is told that all is well may rely on it. */
static void package__found_whole_after_a_failed_sync__is_synced_before_it_is_confirmed(void **state)
{
    (void)state;
    scene s;
    char parent[PATH_SIZE];
    scene_make(&s);
    zd_format(parent, sizeof parent, "%s/2026", s.root);
    assert_ok(write_package(zd_buf_text(&s.dir), &s.batch.settlement, err));
    disk.count = 0;
    mark(parent, true);               /* as the failed sync left it */
    mark(zd_buf_text(&s.dir), true);  /* and that of a signature that joined */
    disk.watching = true;
    assert_ok(write_package(zd_buf_text(&s.dir), &s.batch.settlement, err));
    disk.watching = false;
    assert_int_equal(unsynced(s.root), 0);
    scene_free(&s);
}

int main(void)
{
    /* Some hundred thousand files come and go; what a disk would keep of them is counted here and not asked of one. */
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0) {
        (void)setenv("TMPDIR", "/dev/shm", 1);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(package__at_the_rename__nothing_is_unsynced),
        cmocka_unit_test(package__found_whole_after_a_failed_sync__is_synced_before_it_is_confirmed),
        cmocka_unit_test(package__cut_at_each_sync_rename_and_folder__is_whole_or_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
