/* See process.h. */
#include "bench/process.h"

#include <fcntl.h>
#include <fts.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/world.h"
#include "ledger/base/durable.h"

extern char **environ;

#define REPORT_FD 3

int bench_process_measure(char *const argv[])
{
    pid_t child = 0;
    int status = 0;
    struct rusage used = {0};
    double begun = bench_now();
    if (fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) != 0 || posix_spawnp(&child, argv[0], NULL, NULL, argv, environ) != 0 || wait4(child, &status, 0, &used) != child) {
        return 127;
    }
    double seconds = bench_now() - begun;
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    (void)dprintf(REPORT_FD, "%d %.9f %.9f %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1, seconds, cpu, used.ru_maxrss);
    return 0;
}

static void read_all(int from, char *out, size_t size)
{
    char thrown_away[4096];
    size_t used = 0;
    for (;;) {
        bool room = used + 1 < size;
        ssize_t got = read(from, room ? out + used : thrown_away, room ? size - used - 1 : sizeof thrown_away);
        if (got <= 0) {
            break;
        }
        used += room ? (size_t)got : 0;
    }
    out[used] = '\0';
    (void)close(from);
}

/* Starts this very program as the measuring process; its standard output is a pipe, and so is where it reports. */
static pid_t start(char *const argv[], const int output[2], const int report[2])
{
    char self[] = "/proc/self/exe";
    char word[] = "--measure";
    char *full[96] = {self, word};
    pid_t child = 0;
    posix_spawn_file_actions_t actions;
    for (size_t i = 0; argv[i] != NULL && i + 3 < ZD_COUNT(full); i++) {
        full[i + 2] = argv[i];
    }
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, report[1], REPORT_FD);
    if (posix_spawn(&child, self, &actions, NULL, full, environ) != 0) {
        bench_stop("cannot start a program");
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return child;
}

bench_process bench_process_read(char *out, size_t size, char *const argv[])
{
    int output[2];
    int report[2];
    char line[160];
    bench_process result = {.status = -1};
    if (pipe2(output, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0) {
        bench_stop("no pipe");
    }
    int high = fcntl(report[1], F_DUPFD_CLOEXEC, REPORT_FD + 1); /* so that no other end of a pipe is overwritten by the number that the child reports on */
    (void)close(report[1]);
    report[1] = high;
    pid_t child = start(argv, output, report);
    (void)close(output[1]);
    (void)close(report[1]);
    read_all(output[0], out, size);
    read_all(report[0], line, sizeof line);
    int status = 0;
    long peak_kib = 0;
    (void)waitpid(child, &status, 0);
    if (sscanf(line, "%d %lf %lf %ld", &result.status, &result.seconds, &result.cpu_seconds, &peak_kib) != 4) {
        result.status = -1;
    }
    result.peak_mib = (double)peak_kib / 1024;
    return result;
}

bench_process bench_process_run(char *const argv[])
{
    char thrown_away[1];
    return bench_process_read(thrown_away, sizeof thrown_away, argv);
}

/* --- files --- */

typedef void file_visit(void *context, const FTSENT *entry);

static void each_file(const char *path, file_visit *visit, void *context)
{
    char *copy = zd_strdup(path);
    char *roots[] = {copy, NULL};
    FTS *walk = zd_path_exists(path) ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    FTSENT *entry = walk != NULL ? fts_read(walk) : NULL;
    for (; entry != NULL; entry = fts_read(walk)) {
        visit(context, entry);
    }
    if (walk != NULL) {
        (void)fts_close(walk);
    }
    free(copy);
}

static void add_size(void *context, const FTSENT *entry)
{
    uint64_t *sum = context;
    *sum += entry->fts_info == FTS_F ? (uint64_t)entry->fts_statp->st_size : 0;
}

uint64_t bench_tree_bytes(const char *path)
{
    uint64_t sum = 0;
    each_file(path, add_size, &sum);
    return sum;
}

static void remove_entry(void *context, const FTSENT *entry)
{
    (void)context;
    if (entry->fts_info == FTS_DP) {
        (void)rmdir(entry->fts_accpath);
    } else if (entry->fts_info != FTS_D) {
        (void)unlink(entry->fts_accpath);
    }
}

void bench_remove_tree(const char *path)
{
    each_file(path, remove_entry, NULL);
}

void bench_remove_database(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < ZD_COUNT(endings); i++) {
        zd_buf name = {0};
        zd_buf_addf(&name, "%s%s", path, endings[i]);
        (void)unlink(zd_buf_text(&name));
        zd_buf_free(&name);
    }
}
