/*
 * forge FROM TO LOG-KEY GIT-KEY COMMAND…: rewrites an audit repository with the operator's own keys, for the tamper matrix (tests/cli/tampering.sh). Commands, in order:
 * edit TEXT OLD NEW (the first entry that holds TEXT) · drop TEXT · copy TEXT (once more at the end, renumbered) · append FILE (an entry) · file PATH FILE (other content of a published file) · log-key FILE,
 * git-key FILE, stop-clock (the newest commit's). What it writes has fitting tiles, roots and signatures: only what the entries say can betray it. Not shipped.
 */
#include <stdio.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "tests/support/forgery.h"

static zd_signer *key_of(const char *path)
{
    zd_signer *signer = NULL;
    assert_ok(zd_signer_open(&signer, path, err));
    return signer;
}

static void renumber(zd_forgery *forgery, size_t leaf, uint64_t seq)
{
    char number[40];
    const char *start = strstr(zd_buf_text(&forgery->leaves[leaf]), "\"seq\":");
    assert_non_null(start);
    char old[40];
    zd_format(old, sizeof old, "%.*s", (int)(strchr(start, ',') - start), start);
    zd_format(number, sizeof number, "\"seq\":%llu", (unsigned long long)seq);
    zd_forgery_edit(forgery, leaf, old, number);
}

static void append_file(zd_forgery *forgery, const char *path)
{
    zd_buf bytes = {0};
    assert_ok(zd_file_read(&bytes, path, 65536, err));
    zd_forgery_append(forgery, zd_buf_span(&bytes));
    zd_buf_free(&bytes);
}

static void put_file(zd_forgery *forgery, const char *path, const char *from)
{
    zd_buf bytes = {0};
    assert_ok(zd_file_read(&bytes, from, 1 << 20, err));
    zd_forged_file *file = zd_forgery_file(forgery, path);
    zd_buf_clear(&file->content);
    zd_buf_add_span(&file->content, zd_buf_span(&bytes));
    zd_buf_free(&bytes);
}

static size_t take(zd_forgery *forgery, const char *command, char **arguments, zd_signer **other)
{
    zd_forged_commit *newest = &forgery->commits[forgery->commit_count - 1];
    if (strcmp(command, "edit") == 0) {
        zd_forgery_edit(forgery, zd_forgery_find(forgery, 0, arguments[0], arguments[1]), arguments[1], arguments[2]);
        return 3;
    }
    if (strcmp(command, "drop") == 0) {
        size_t leaf = zd_forgery_find(forgery, 0, arguments[0], "");
        zd_forgery_drop(forgery, leaf);
        for (size_t i = leaf; i < forgery->leaf_count; i++) {
            renumber(forgery, i, i);
        }
        return 1;
    }
    if (strcmp(command, "copy") == 0) {
        zd_forgery_append(forgery, zd_buf_span(&forgery->leaves[zd_forgery_find(forgery, 0, arguments[0], "")]));
        renumber(forgery, forgery->leaf_count - 1, forgery->leaf_count - 1);
        return 1;
    }
    if (strcmp(command, "append") == 0) {
        append_file(forgery, arguments[0]);
        return 1;
    }
    if (strcmp(command, "file") == 0) {
        put_file(forgery, arguments[0], arguments[1]);
        return 2;
    }
    if (strcmp(command, "stop-clock") == 0) {
        newest->time_unix_s = forgery->commits[forgery->commit_count - 2].time_unix_s;
        return 0;
    }
    bool log = strcmp(command, "log-key") == 0;
    assert_true(log || strcmp(command, "git-key") == 0);
    *other = key_of(arguments[0]);
    *(log ? &newest->log_key : &newest->git_key) = *other;
    return 1;
}

int main(int argc, char **argv)
{
    zd_forgery forgery;
    zd_signer *other = NULL;
    if (argc < 5) {
        (void)fprintf(stderr, "forge FROM TO LOG-KEY GIT-KEY COMMAND...\n");
        return 2;
    }
    assert_ok(zd_seal_start(err));
    assert_ok(zd_trail_start(err));
    zd_forgery_read(&forgery, argv[1], "log", "git");
    zd_signer_close(forgery.log_key);
    zd_signer_close(forgery.git_key);
    forgery.log_key = key_of(argv[3]);
    forgery.git_key = key_of(argv[4]);
    for (int i = 5; i < argc;) {
        i += 1 + (int)take(&forgery, argv[i], argv + i + 1, &other);
    }
    zd_forgery_write(&forgery, argv[2]);
    zd_forgery_free(&forgery);
    zd_signer_close(other);
    zd_trail_stop();
    return 0;
}
