/*
 * sample: which captures of a batch are looked at again, drawn so that a stranger draws the same with sha256sum and sort (ledger/rules/draw.h), and the captures that the
 * checks themselves point at, each with its reasons. Delays no payment.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/sample.h"
#include "audit/verify/verify.h"
#include "ledger/base/money.h"

/* An item stands in a line once for each of its legs; it is drawn once. Keys come sorted, so that repetitions are neighbours. */
static void collect(zd_sample *s, zd_book *book)
{
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_LITEM, "%s/", s->batch->id);
    while (zd_book_next(&cursor)) {
        const zd_rec_litem *share = cursor.record;
        if (s->count > 0 && strcmp(s->items[s->count - 1].item, share->item) == 0) {
            continue;
        }
        if (s->count == s->capacity) {
            s->capacity = s->capacity == 0 ? 64 : s->capacity * 2;
            s->items = zd_realloc(s->items, s->capacity * sizeof *s->items);
        }
        s->items[s->count++] = (zd_draw_item){.item = share->item};
    }
}

static zd_status find_batch(zd_sample *s, zd_story *story, const char *batch, zd_error *err)
{
    s->batch = zd_book_find(story->book, ZD_R_BATCH, "%.40s", batch);
    if (s->batch == NULL) {
        return zd_fail(err, ZD_E_A_ABSENT, "batch %s", batch);
    }
    s->head = zd_story_head_after(story, (uint64_t)s->batch->last_seq);
    if (s->head == NULL) {
        return zd_fail(err, ZD_E_LOG_RANGE, "the seal of %s is not published yet", batch);
    }
    const zd_rec_policy *record = zd_book_find(story->book, ZD_R_POLICY, "%06lld", (long long)s->batch->policy);
    zd_json *json = NULL;
    zd_policy *policy = zd_alloc_zero(1, sizeof *policy);
    zd_status status = record != NULL ? zd_json_parse(&json, zd_span_text(record->text), true, err) : zd_fail(err, ZD_E_LEDGER_CORRUPT, "%s", "the seal names no policy");
    status = status == ZD_OK ? zd_policy_parse(policy, zd_json_root(json), err) : status;
    if (status == ZD_OK) {
        s->sampling_bp = zd_policy_int(policy, ZD_P_SAMPLING);
    }
    zd_json_free(json);
    free(policy);
    return status;
}

void zd_sample_reasons(zd_buf *out, const zd_rec_item *item)
{
    for (unsigned check = 0; check < ZD_CHECKS_MAX; check++) {
        if (((zd_check_set)item->flags >> check & 1) != 0) {
            zd_buf_addf(out, "%s%s", out->size > 0 ? "," : "", zd_acts_check_name(check));
        }
    }
}

static void text_row(zd_buf *out, const zd_rec_item *item, const char *why)
{
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan_grouped(yuan, item->amount_fen);
    zd_buf_addf(out, "%-24s %-20s %-20s %14s  %s\n", item->id, item->provider, item->holder, yuan, why);
}

/* One line a check that points at something in the batch: what it says. */
static void explain(zd_buf *out, const zd_sample *s, zd_story *story, bool chinese)
{
    zd_check_set flags = 0;
    for (size_t i = 0; i < s->count; i++) {
        const zd_rec_item *item = zd_book_find(story->book, ZD_R_ITEM, "%s", s->items[i].item);
        flags |= (zd_check_set)item->flags;
    }
    for (unsigned check = 0; check < ZD_CHECKS_MAX; check++) {
        zd_code code = (flags >> check & 1) != 0 ? zd_code_find(zd_span_text(zd_acts_check_name(check))) : ZD_CODE_NONE;
        if (code != ZD_CODE_NONE) {
            zd_buf_addf(out, "%s: %s\n", zd_acts_check_name(check), chinese ? zd_code_chinese(code) : zd_code_english(code));
        }
    }
}

static void answer_text(zd_buf *out, const zd_sample *s, zd_story *story, bool chinese)
{
    char root[ZD_HASH_HEX];
    zd_hash_hex(root, &s->head->root);
    zd_buf_addf(out, chinese ? "批次 %s：核销 %zu 笔，抽取 %zu 笔（不少于 %" PRId64 "‱，至少 1 笔）\n" : "batch %s: %zu captures, %zu drawn (at least %" PRId64 " of 10,000, at least 1)\n",
                s->batch->id, s->count, s->drawn, s->sampling_bp);
    zd_buf_addf(out, chinese ? "封存所在检查点：%" PRIu64 " 条，根 %s\n公开数字：%s\n种子：%s\n" : "checkpoint of the seal: %" PRIu64 " entries, root %s\npublic number: %s\nseed: %s\n",
                s->head->size, root, s->number, s->seed);
    zd_buf_addf(out,
                chinese ? "复算：seed=$(printf '%%s\\n%%s\\n' %s %s | sha256sum | cut -d' ' -f1)；对每个核销编号 I 计算 $(printf '%%s\\n%%s\\n' $seed I | sha256sum)，排序取前 %zu 个\n"
                        : "redraw: seed=$(printf '%%s\\n%%s\\n' %s %s | sha256sum | cut -d' ' -f1); for each capture I $(printf '%%s\\n%%s\\n' $seed I | sha256sum); sort; the first %zu\n",
                root, s->number, s->drawn);
    for (size_t i = 0; i < s->drawn; i++) {
        text_row(out, zd_book_find(story->book, ZD_R_ITEM, "%s", s->items[i].item), chinese ? "随机" : "random");
    }
    for (size_t i = 0; i < s->count; i++) {
        const zd_rec_item *item = zd_book_find(story->book, ZD_R_ITEM, "%s", s->items[i].item);
        zd_buf why = {0};
        zd_sample_reasons(&why, item);
        if (why.size > 0) {
            text_row(out, item, zd_buf_text(&why));
        }
        zd_buf_free(&why);
    }
}

static void answer_json(zd_buf *out, const zd_sample *s, zd_story *story)
{
    char root[ZD_HASH_HEX];
    zd_hash_hex(root, &s->head->root);
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", 1);
    zd_jw_cstr(&w, "batch", s->batch->id);
    zd_jw_int(&w, "captures", (int64_t)s->count);
    zd_jw_int(&w, "sampling_bp", s->sampling_bp);
    zd_jw_int(&w, "checkpoint_size", (int64_t)s->head->size);
    zd_jw_cstr(&w, "checkpoint_root", root);
    zd_jw_cstr(&w, "number", s->number);
    zd_jw_cstr(&w, "seed", s->seed);
    zd_jw_array(&w, "drawn");
    for (size_t i = 0; i < s->drawn; i++) {
        zd_jw_cstr(&w, NULL, s->items[i].item);
    }
    zd_jw_close(&w);
    zd_jw_array(&w, "risk");
    for (size_t i = 0; i < s->count; i++) {
        const zd_rec_item *item = zd_book_find(story->book, ZD_R_ITEM, "%s", s->items[i].item);
        zd_buf why = {0};
        zd_sample_reasons(&why, item);
        if (why.size > 0) {
            zd_jw_object(&w, NULL);
            zd_jw_cstr(&w, "item", item->id);
            zd_jw_cstr(&w, "checks", zd_buf_text(&why));
            zd_jw_close(&w);
        }
        zd_buf_free(&why);
    }
    zd_jw_close(&w);
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
}

zd_status zd_sample_make(zd_sample *out, zd_story *story, const char *batch, const char *number, zd_error *err)
{
    *out = (zd_sample){.number = number};
    zd_status status = find_batch(out, story, batch, err);
    if (status == ZD_OK && out->batch->draw[0] != '\0') {
        if (number != NULL && strcmp(number, out->batch->draw) != 0) {
            status = zd_fail(err, ZD_E_A_MISMATCH, "two officers recorded the number %s", out->batch->draw);
        }
        out->number = out->batch->draw;
    }
    if (status == ZD_OK && out->number == NULL) {
        status = zd_fail(err, ZD_E_USAGE, "%s", "--number N: no number is on record for this batch / 该批次尚未登记公开数字");
    }
    if (status == ZD_OK) {
        collect(out, story->book);
        zd_draw_seed(out->seed, &out->head->root, out->number);
        zd_draw_rank(out->items, out->count, out->seed);
        out->drawn = zd_draw_size(out->count, out->sampling_bp);
    }
    return status;
}

void zd_sample_free(zd_sample *sample)
{
    free(sample->items);
    *sample = (zd_sample){0};
}

int zd_sample_answer(zd_buf *out, const char *repository, const char *batch, const char *number, bool json, bool chinese, zd_error *err)
{
    zd_story *story = NULL;
    zd_sample s = {0};
    zd_status status = zd_story_tell(&story, repository, err);
    status = status == ZD_OK ? zd_sample_make(&s, story, batch, number, err) : status;
    if (status == ZD_OK && json) {
        answer_json(out, &s, story);
    } else if (status == ZD_OK) {
        answer_text(out, &s, story, chinese);
        explain(out, &s, story, chinese);
    }
    zd_sample_free(&s);
    zd_story_free(story);
    return status == ZD_OK ? ZD_AUDIT_VERIFIED : status == ZD_USAGE ? ZD_AUDIT_USAGE : status == ZD_FAULT ? ZD_AUDIT_FAULT : ZD_AUDIT_MALFORMED;
}
