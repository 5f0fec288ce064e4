/* See storage.h. */
#include "bench/storage.h"

#include <fcntl.h>
#include <fts.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/base/durable.h"

extern char **environ;

int bench_command(const char *const arguments[])
{
    char *argv[16] = {NULL};
    pid_t child = 0;
    int status = -1;
    posix_spawn_file_actions_t actions;
    for (size_t i = 0; arguments[i] != NULL && i + 1 < ZD_COUNT(argv); i++) {
        argv[i] = zd_strdup(arguments[i]);
    }
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&child, argv[0], &actions, NULL, argv, environ) == 0 && waitpid(child, &status, 0) == child) {
        status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    for (size_t i = 0; argv[i] != NULL; i++) {
        free(argv[i]);
    }
    return status;
}

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

static zd_status add_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    uint64_t *sum = context;
    *sum += bytes.size;
    return ZD_OK;
}

static uint64_t size_of(const bench_world *world, const char *name)
{
    zd_buf path = {0};
    uint64_t sum = 0;
    each_file(zd_path_join(&path, world->dir, name), add_size, &sum);
    zd_buf_free(&path);
    return sum;
}

void bench_storage_measure(bench_storage *out, bench_world *world)
{
    zd_error err = {0};
    zd_buf repository = {0};
    bench_world_publish(world);
    out->entries = zd_ledger_size(world->ledger);
    out->leaf_bytes = 0;
    bench_need(zd_ledger_leaves(world->ledger, 0, out->entries, add_leaf, &out->leaf_bytes, &err), &err, "leaves");
    bench_world_close(world);
    const char *const repack[] = {"git", "-C", zd_path_join(&repository, world->dir, "audit.git"), "repack", "-a", "-d", "-q", NULL};
    if (bench_command(repack) != 0) {
        bench_stop("git repack failed");
    }
    out->database_bytes = size_of(world, "ledger.db");
    out->repository_bytes = size_of(world, "audit.git");
    out->public_bytes = size_of(world, "public");
    zd_buf_free(&repository);
    bench_world_open(world);
}
