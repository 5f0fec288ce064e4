/* Everything that a repository says, in one digest; see trail_digest.h. */
#include "tests/support/trail_digest.h"

#include <stdlib.h>
#include <string.h>

#include "audit/trail/trail.h"
#include "tests/support/support.h"

typedef struct collect {
    zd_trail *trail;
    const char *commit_hex;
    zd_sha256_stream stream;
    size_t files;
    zd_error err;
} collect;

static zd_status collect_file(void *context, const char *path, const char *oid_hex)
{
    collect *all = context;
    zd_buf content = {0};
    zd_buf by_id = {0};
    bool found = false;
    zd_status status = zd_trail_file(&content, &found, all->trail, all->commit_hex, path, &all->err);
    if (status == ZD_OK) {
        status = zd_trail_blob(&by_id, all->trail, oid_hex, &all->err);
    }
    if (status == ZD_OK) {
        assert_true(found);
        assert_true(zd_span_equal(zd_buf_span(&content), zd_buf_span(&by_id)));
        zd_sha256_add(&all->stream, zd_span_of(path, strlen(path) + 1));
        zd_sha256_add(&all->stream, zd_buf_span(&content));
        all->files++;
    }
    zd_buf_free(&content);
    zd_buf_free(&by_id);
    return status;
}

static zd_status collect_commit(collect *all, const char *hex)
{
    zd_trail_commit commit;
    all->commit_hex = hex;
    zd_status status = zd_trail_commit_read(&commit, all->trail, hex, &all->err);
    if (status == ZD_OK) {
        zd_sha256_add(&all->stream, zd_span_text(hex));
        zd_sha256_add(&all->stream, zd_buf_span(&commit.owned));
        zd_trail_commit_free(&commit);
        status = zd_trail_files(all->trail, hex, collect_file, all, &all->err);
    }
    return status;
}

zd_status zd_trail_digest(zd_hash *out, zd_error *err, const char *path)
{
    collect all = {0};
    char *history = NULL;
    size_t count = 0;
    zd_sha256_init(&all.stream);
    zd_status status = zd_trail_open(&all.trail, path, &all.err);
    if (status == ZD_OK) {
        status = zd_trail_history(&history, &count, all.trail, &all.err);
    }
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        status = collect_commit(&all, history + i * ZD_OID_HEX);
    }
    *out = zd_sha256_final(&all.stream);
    *err = all.err;
    free(history);
    zd_trail_close(all.trail);
    return status;
}

zd_hash zd_trail_digest_ok(const char *dir, const char *name)
{
    char path[700];
    zd_hash hash;
    zd_format(path, sizeof path, "%s/%s", dir, name);
    assert_ok(zd_trail_digest(&hash, err, path));
    return hash;
}

void zd_trail_digest_code(const char *dir, const char *name, zd_code code)
{
    char path[700];
    zd_hash hash;
    zd_format(path, sizeof path, "%s/%s", dir, name);
    assert_code(zd_trail_digest(&hash, err, path), code);
}
