/*
 * compare: two copies of one log, side by side. Same, one ahead of the other, or a split view: then both signed heads are the evidence, because a log never signs two
 * histories. Looks at what the copies hold; whether either is sound is the verification's question.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/history/history.h"
#include "audit/verify/verify.h"

typedef struct copy {
    const char *path;
    zd_hash *leaves;  /* owned; leaf hashes in order */
    size_t count, capacity;
    zd_checkpoint newest;
    zd_buf note;      /* of the newest checkpoint */
} copy;

static zd_status keep_leaf(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    (void)seq;
    (void)err;
    copy *c = context;
    if (c->count == c->capacity) {
        c->capacity = c->capacity == 0 ? 4096 : c->capacity * 2;
        c->leaves = zd_realloc(c->leaves, c->capacity * sizeof *c->leaves);
    }
    c->leaves[c->count++] = zd_tree_leaf_hash(bytes);
    return ZD_OK;
}

static zd_status keep_head(void *context, const zd_checkpoint *checkpoint, const zd_trail_commit *commit, zd_error *err)
{
    (void)err;
    copy *c = context;
    c->newest = *checkpoint;
    zd_buf_clear(&c->note);
    zd_buf_add_span(&c->note, commit->checkpoint);
    return ZD_OK;
}

static zd_status read_copy(copy *out, const char *path, zd_error *err)
{
    zd_history_visit visit = {.entry = keep_leaf, .checkpoint = keep_head, .context = out};
    out->path = path;
    zd_status status = zd_history_read(path, &visit, err);
    if (status == ZD_OK && out->note.size == 0) {
        status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "%s", "no commit on main / main 分支没有提交");
    }
    if (status != ZD_OK) { /* the other copy may be the one at fault */
        zd_error_subject(err, zd_span_text(path));
    }
    return status;
}

static void free_copy(copy *c)
{
    free(c->leaves);
    zd_buf_free(&c->note);
}

static void print_head(zd_buf *out, const copy *c)
{
    zd_buf_addf(out, "--- %s\n", c->path);
    zd_buf_add_span(out, zd_buf_span(&c->note));
}

static void answer_text(zd_buf *out, const copy *a, const copy *b, size_t same, bool split, bool chinese)
{
    if (split) {
        zd_buf_addf(out, chinese ? "分叉：自第 %zu 条账目起两份历史不同。以下两个已签名的检查点即为证据：\n" : "SPLIT VIEW: the two histories differ from entry %zu on. The evidence is these two signed heads:\n", same);
        print_head(out, a);
        print_head(out, b);
    } else if (a->count == b->count) {
        zd_buf_addf(out, chinese ? "一致：均为 %zu 条账目，根相同\n" : "the same: %zu entries each, one root\n", same);
    } else {
        const copy *ahead = a->count > b->count ? a : b;
        zd_buf_addf(out, chinese ? "一致：%s 领先 %zu 条账目，前 %zu 条相同\n" : "consistent: %s is ahead by %zu entries, the first %zu are the same\n", ahead->path,
                    ahead->count - same, same);
    }
}

static void answer_json(zd_buf *out, const copy *a, const copy *b, size_t same, bool split)
{
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", 1);
    zd_jw_cstr(&w, "answer", split ? "split-view" : a->count == b->count ? "same" : "consistent");
    zd_jw_int(&w, "common_entries", (int64_t)same);
    zd_jw_array(&w, "copies");
    const copy *const both[] = {a, b};
    for (size_t i = 0; i < 2; i++) {
        zd_jw_object(&w, NULL);
        zd_jw_cstr(&w, "repository", both[i]->path);
        zd_jw_int(&w, "entries", (int64_t)both[i]->count);
        zd_jw_text(&w, "checkpoint", zd_buf_span(&both[i]->note));
        zd_jw_close(&w);
    }
    zd_jw_close(&w);
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
}

int zd_compare_answer(zd_buf *out, const char *one, const char *two, bool json, bool chinese, zd_error *err)
{
    copy a = {.count = 0};
    copy b = {.count = 0};
    int result = ZD_AUDIT_VERIFIED;
    zd_status status = read_copy(&a, one, err);
    status = status == ZD_OK ? read_copy(&b, two, err) : status;
    if (status == ZD_OK && strcmp(a.newest.origin, b.newest.origin) != 0) {
        status = zd_fail(err, ZD_E_CHECKPOINT_MALFORMED, "two logs: %.60s and %.60s", a.newest.origin, b.newest.origin);
    }
    if (status == ZD_OK) {
        size_t same = 0;
        size_t shorter = a.count < b.count ? a.count : b.count;
        while (same < shorter && zd_hash_equal(&a.leaves[same], &b.leaves[same])) {
            same++;
        }
        bool split = same < shorter;
        if (json) {
            answer_json(out, &a, &b, same, split);
        } else {
            answer_text(out, &a, &b, same, split, chinese);
        }
        result = split ? ZD_AUDIT_FINDING : ZD_AUDIT_VERIFIED;
    } else {
        result = status == ZD_FAULT ? ZD_AUDIT_FAULT : ZD_AUDIT_MALFORMED;
    }
    free_copy(&a);
    free_copy(&b);
    return result;
}
