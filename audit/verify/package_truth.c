/* What the history says of one batch, read from a clone; see package_int.h. Lines come from the seal's own leaves, names and the indicator from records decided again. */
#include <stdlib.h>
#include <string.h>

#include "audit/history/history.h"
#include "audit/verify/line.h"
#include "audit/verify/package_int.h"
#include "audit/verify/paged.h"
#include "ledger/act/redecide.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/seal/note.h"

#define RECORDS_MOST 60000   /* some forty megabytes */
#define LOOK_EVERY 256       /* entries or lines, at how much of the shelf is resident */
#define RESIDENT_MOST (UINT32_C(64) << 20)

typedef struct reading {
    zd_truth *truth;
    zd_redecide *redecide;
    zd_tree tree;
    char tip_hex[ZD_OID_HEX];
} reading;

static void add_line(zd_truth *truth, const zd_line *line)
{
    if (truth->count == truth->capacity) {
        truth->capacity = truth->capacity == 0 ? 64 : truth->capacity * 2;
        truth->lines = zd_realloc(truth->lines, truth->capacity * sizeof *truth->lines);
    }
    zd_truth_line *one = &truth->lines[truth->count];
    *one = (zd_truth_line){.number = zd_line_int(line, "line"),
                           .gross_fen = zd_line_int(line, "gross_fen"),
                           .offset_fen = zd_line_int(line, "offset_fen"),
                           .net_fen = zd_line_int(line, "net_fen"),
                           .account_version = zd_line_int(line, "account_version"),
                           .first_payment = zd_line_int(line, "first_payment") != 0};
    bool good = zd_span_copy(one->provider, sizeof one->provider, zd_line_text(line, "provider")) &&
                zd_span_copy(one->end_to_end, sizeof one->end_to_end, zd_line_text(line, "end_to_end")) && zd_hash_from_hex(&one->account, zd_line_text(line, "account"));
    truth->count += good ? 1U : 0U;
}

/* "waiting":[["item","R06,R25",fen],…] of an effect of the seal. */
static void add_waiting(zd_truth *truth, zd_span bytes)
{
    zd_json *json = NULL;
    zd_error ignored = {0};
    bool read = zd_json_parse(&json, zd_span_of(bytes.data, bytes.size - 1), true, &ignored) == ZD_OK;
    zd_jval rows = read ? zd_jval_get(zd_json_root(json), "waiting") : (zd_jval){NULL};
    for (size_t i = 0; i < zd_jval_count(rows); i++) {
        zd_jval row = zd_jval_at(rows, i);
        if (truth->wait_count == truth->wait_capacity) {
            truth->wait_capacity = truth->wait_capacity == 0 ? 64 : truth->wait_capacity * 2;
            truth->waiting = zd_realloc(truth->waiting, truth->wait_capacity * sizeof *truth->waiting);
        }
        zd_truth_wait *one = &truth->waiting[truth->wait_count];
        *one = (zd_truth_wait){.amount_fen = zd_jval_int(zd_jval_at(row, 2)), .reasons = truth->wait_texts.size};
        if (zd_span_copy(one->item, sizeof one->item, zd_jval_text(zd_jval_at(row, 0)))) {
            zd_buf_add_span(&truth->wait_texts, zd_jval_text(zd_jval_at(row, 1)));
            zd_buf_add_byte(&truth->wait_texts, 0);
            truth->wait_count++;
        }
    }
    zd_json_free(json);
}

static void see_request(reading *r, uint64_t seq, const zd_line *line, zd_span note_bytes, zd_span leaf)
{
    zd_truth *truth = r->truth;
    zd_note note;
    zd_json *json = NULL;
    zd_error ignored = {0};
    if (!zd_line_executed(line) || zd_note_split(&note, note_bytes, &ignored) != ZD_OK || zd_json_parse(&json, note.text, true, &ignored) != ZD_OK) {
        zd_json_free(json);
        return;
    }
    zd_jval root = zd_json_root(json);
    zd_span type = zd_jval_text(zd_jval_get(root, "type"));
    bool ours = zd_span_is(zd_jval_text(zd_jval_get(root, "batch")), truth->batch);
    if (ours && seq == truth->seal_seq && zd_span_is(type, "batch.seal")) {
        truth->sealed = true;
        truth->seal_text_sha256 = zd_sha256(note.text);
        truth->seal_leaf = zd_tree_leaf_hash(leaf);
        truth->part_seq = seq;
        truth->last_effect = seq + line->effects;
    } else if (ours && truth->sealed && zd_span_is(type, "batch.continue")) { /* a long seal is written in parts, other entries between them */
        truth->part_seq = seq;
        truth->last_effect = seq + line->effects;
    } else if (ours && zd_span_is(type, "batch.object")) {
        (void)zd_names_add(&truth->held, zd_jval_text(zd_jval_get(root, "provider")));
    }
    zd_json_free(json);
}

/* Between two requests nothing points into the book. */
static zd_status bound_memory(zd_truth *truth)
{
    zd_status status = zd_book_is_large(truth->book, RECORDS_MOST) ? zd_shelf_store(truth->shelf, truth->book) : ZD_OK;
    zd_truth_rest(truth);
    return status;
}

void zd_truth_rest(zd_truth *truth)
{
    zd_book_trim(truth->book, RECORDS_MOST);
    if (++truth->steps % LOOK_EVERY == 0 && zd_paged_resident() > RESIDENT_MOST) {
        zd_shelf_relax(truth->shelf);
    }
}

static zd_status see_entry(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    reading *r = context;
    zd_truth *truth = r->truth;
    zd_leaf leaf;
    zd_line line = {0};
    if (seq >= truth->size) {
        return ZD_OK;
    }
    zd_hash hash = zd_tree_leaf_hash(bytes);
    zd_tree_append(&r->tree, &hash);
    if (r->tree.size == truth->size) {
        truth->reached = true;
        truth->root = zd_tree_root(&r->tree);
    }
    zd_status status = zd_redecide_complete(r->redecide) ? bound_memory(truth) : ZD_OK;
    status = status == ZD_OK ? zd_redecide_entry(r->redecide, seq, bytes, err) : status;
    status = status == ZD_OK ? zd_leaf_split(&leaf, bytes, err) : status;
    if (status == ZD_OK && zd_line_parse(&line, leaf.line, NULL)) {
        if (leaf.note.size > 0) {
            see_request(r, seq, &line, leaf.note, bytes);
        } else if (truth->sealed && seq <= truth->last_effect && line.of_seq == truth->part_seq) {
            if (zd_line_text(&line, "end_to_end").size > 0) {
                add_line(truth, &line);
            }
            add_waiting(truth, leaf.line);
        }
    }
    zd_line_free(&line);
    return status;
}

static zd_status see_checkpoint(void *context, const zd_checkpoint *checkpoint, const zd_trail_commit *commit, zd_error *err)
{
    (void)checkpoint;
    (void)err;
    memcpy(((reading *)context)->tip_hex, commit->oid_hex, ZD_OID_HEX);
    return ZD_OK;
}

static zd_status read_published(zd_truth *truth, const char *repository, const char *tip_hex, zd_error *err)
{
    const zd_rec_batch *batch = zd_truth_batch(truth);
    char date[ZD_DATE_TEXT];
    char path[96];
    zd_trail *trail = NULL;
    if (batch == NULL || tip_hex[0] == '\0') {
        return ZD_OK;
    }
    zd_date_text(date, batch->execution_day);
    zd_format(path, sizeof path, "settlement/%.4s/%.2s/%s.json", date, date + 5, batch->id);
    zd_status status = zd_trail_open(&trail, repository, err);
    status = status == ZD_OK ? zd_trail_file(&truth->tip_published, &truth->published, trail, tip_hex, path, err) : status;
    zd_trail_close(trail);
    return status;
}

static int by_number(const void *a, const void *b)
{
    const zd_truth_line *left = a;
    const zd_truth_line *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

zd_status zd_truth_read(zd_truth *out, const char *repository, const zd_pack_manifest *manifest, zd_error *err)
{
    *out = (zd_truth){.seal_seq = manifest->seal_seq, .size = manifest->log_size};
    zd_format(out->batch, sizeof out->batch, "%s", manifest->batch);
    out->shelf = zd_shelf_new();
    zd_book_source source = zd_shelf_source(out->shelf);
    out->book = zd_book_new(&source);
    out->acts = zd_acts_new(out->book);
    reading r = {.truth = out, .redecide = zd_redecide_new(out->acts)};
    zd_history_visit visit = {.entry = see_entry, .checkpoint = see_checkpoint, .context = &r};
    zd_status status = zd_history_read(repository, &visit, err);
    zd_redecide_free(r.redecide);
    status = status == ZD_OK ? zd_shelf_store(out->shelf, out->book) : status;
    status = status == ZD_OK ? read_published(out, repository, r.tip_hex, err) : status;
    if (out->count > 1) {
        qsort(out->lines, out->count, sizeof *out->lines, by_number);
    }
    for (size_t i = 0; i < out->count; i++) {
        out->lines[i].held = zd_names_find(&out->held, zd_span_text(out->lines[i].provider)) != ZD_NAME_NONE;
    }
    return status;
}

void zd_truth_free(zd_truth *truth)
{
    zd_acts_free(truth->acts);
    zd_book_free(truth->book);
    zd_shelf_free(truth->shelf);
    zd_names_free(&truth->held);
    zd_buf_free(&truth->tip_published);
    zd_buf_free(&truth->wait_texts);
    free(truth->waiting);
    free(truth->lines);
    *truth = (zd_truth){0};
}

const zd_rec_batch *zd_truth_batch(const zd_truth *truth)
{
    return zd_book_find(truth->book, ZD_R_BATCH, "%s", truth->batch);
}

const zd_rec_pool *zd_truth_pool(const zd_truth *truth)
{
    const zd_rec_batch *batch = zd_truth_batch(truth);
    return batch != NULL ? zd_book_find(truth->book, ZD_R_POOL, "%s", batch->pool) : NULL;
}

bool zd_truth_is_paid(const zd_truth_line *line)
{
    return line->net_fen > 0 && !line->held;
}

bool zd_truth_is_offset(const zd_truth_line *line)
{
    return line->net_fen == 0 && line->offset_fen > 0 && !line->held;
}

int64_t zd_truth_offsets(int64_t *out_fen, const zd_truth *truth)
{
    int64_t count = 0;
    *out_fen = 0;
    for (size_t i = 0; i < truth->count; i++) {
        bool counts = zd_truth_is_offset(&truth->lines[i]);
        count += counts && zd_fen_add(out_fen, *out_fen, truth->lines[i].offset_fen) ? 1 : 0;
    }
    return count;
}
