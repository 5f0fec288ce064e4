/* Published files, computed again; see projections.h. */
#include "audit/verify/projections.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/record/request.h"
#include "ledger/seal/sshsig.h"

static zd_public_key public_of(const zd_rec_key *key)
{
    zd_public_key public_key;
    memcpy(public_key.bytes, key->public_key.bytes, sizeof public_key.bytes);
    return public_key;
}

/* What a key of this role signs with ssh-keygen; NULL when it signs notes only. */
static const char *name_space_of(int64_t role)
{
    if (role == ZD_ROLE(GIT)) {
        return "git";
    }
    bool packages = role == ZD_ROLE(MAKER) || role == ZD_ROLE(CHECKER) || role == ZD_ROLE(RELEASER) || role == ZD_ROLE(LOG);
    return packages ? "zhidui-settlement-v1" : NULL;
}

static zd_status allowed_signers(zd_book *book, zd_projection_visit *visit, void *context)
{
    zd_buf out = {0};
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        const char *name_space = name_space_of(key->role);
        if (name_space != NULL) {
            zd_public_key public_key = public_of(key);
            zd_buf_add_text(&out, key->name);
            zd_buf_add_text(&out, " namespaces=\"");
            zd_buf_add_text(&out, name_space);
            zd_buf_add_text(&out, "\" ");
            zd_ssh_public_add(&out, &public_key);
            zd_buf_add_text(&out, "\n");
        }
    }
    zd_status status = visit(context, "keys/allowed_signers", zd_buf_span(&out));
    zd_buf_free(&out);
    return status;
}

static zd_status log_policy(zd_book *book, zd_projection_visit *visit, void *context)
{
    zd_buf out = {0};
    const zd_rec_key *newest = NULL;
    const zd_rec_ledger *ledger = zd_book_find(book, ZD_R_LEDGER, "%s", "");
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        if (key->role == ZD_ROLE(LOG) && (newest == NULL || key->granted_seq > newest->granted_seq)) {
            newest = key;
        }
    }
    if (newest != NULL && ledger != NULL) {
        zd_public_key public_key = public_of(newest);
        zd_buf_add_text(&out, "log ");
        zd_vkey_add(&out, zd_span_text(ledger->origin), ZD_NOTE_TYPE_ED25519, &public_key);
        zd_buf_add_text(&out, "\nquorum none\n");
    }
    zd_status status = visit(context, "keys/policy", zd_buf_span(&out));
    zd_buf_free(&out);
    return status;
}

static void roster_row(zd_buf *out, const zd_rec_key *key)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &key->public_key);
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "name", key->name);
    zd_jw_cstr(&w, "public", hex);
    zd_jw_cstr(&w, "role", zd_word_text(ZD_F_ROLE, key->role));
    zd_jw_cstr(&w, "person", key->person);
    zd_jw_cstr(&w, "unit", key->unit);
    zd_jw_cstr(&w, "party", key->party);
    zd_jw_cstr(&w, "jurisdictions", key->jurisdictions);
    if (key->has_limit != 0) {
        zd_jw_int(&w, "limit_fen", key->limit_fen);
    }
    zd_jw_int(&w, "from_size", key->from_size);
    zd_jw_int(&w, "to_size", key->to_size);
    zd_jw_int(&w, "granted_seq", key->granted_seq);
    zd_jw_close(&w);
}

static zd_status roster(zd_book *book, zd_projection_visit *visit, void *context)
{
    zd_buf out = {0};
    bool first = true;
    zd_buf_add_text(&out, "[\n");
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        zd_buf_add_text(&out, first ? "" : ",\n");
        roster_row(&out, cursor.record);
        first = false;
    }
    zd_buf_add_text(&out, "\n]\n");
    zd_status status = visit(context, "keys/roster.json", zd_buf_span(&out));
    zd_buf_free(&out);
    return status;
}

zd_status zd_projections_keys(zd_book *book, zd_projection_visit *visit, void *context)
{
    zd_status status = allowed_signers(book, visit, context);
    if (status == ZD_OK) {
        status = log_policy(book, visit, context);
    }
    return status == ZD_OK ? roster(book, visit, context) : status;
}

static bool within(int64_t seq, uint64_t from, uint64_t to)
{
    return seq >= 0 && (uint64_t)seq >= from && (uint64_t)seq < to;
}

zd_status zd_projections_policies(zd_book *book, uint64_t from, uint64_t to, zd_projection_visit *visit, void *context)
{
    zd_status status = ZD_OK;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_POLICY, "%s", "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        const zd_rec_policy *policy = cursor.record;
        if (within(policy->published_seq, from, to)) {
            char path[40];
            zd_format(path, sizeof path, "policy/%03lld.json", (long long)policy->number);
            status = visit(context, path, zd_span_text(policy->text));
        }
    }
    return status;
}

static void batch_file(zd_buf *out, const zd_rec_batch *batch, const zd_limits *limits, const char *date)
{
    char seal[ZD_HASH_HEX];
    int64_t count = 0;
    int64_t total_fen = 0;
    (void)zd_limits_released(&count, &total_fen, limits, zd_span_text(batch->id));
    zd_hash_hex(seal, &batch->seal_sha256);
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "batch", batch->id);
    zd_jw_cstr(&w, "pool", batch->pool);
    zd_jw_int(&w, "seal_seq", batch->seq);
    zd_jw_cstr(&w, "seal_sha256", seal);
    zd_jw_int(&w, "seal_effects", batch->effects);
    if (batch->part > 1) {
        zd_jw_int(&w, "seal_parts", batch->part);
        zd_jw_int(&w, "seal_last", batch->last_seq);
    }
    zd_jw_int(&w, "released_seq", batch->released_seq);
    zd_jw_int(&w, "cutoff", batch->cutoff);
    zd_jw_cstr(&w, "execution", date);
    zd_jw_int(&w, "count", count);
    zd_jw_int(&w, "total_fen", total_fen);
    zd_jw_close(&w);
    zd_buf_add_text(out, "\n");
}

zd_status zd_projections_batches(zd_book *book, const zd_limits *limits, uint64_t from, uint64_t to, zd_projection_visit *visit, void *context)
{
    zd_status status = ZD_OK;
    zd_buf out = {0};
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_BATCH, "%s", "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        const zd_rec_batch *batch = cursor.record;
        if (batch->released_seq > 0 && within(batch->released_seq, from, to)) {
            char date[ZD_DATE_TEXT];
            char path[96];
            zd_date_text(date, batch->execution_day);
            zd_format(path, sizeof path, "settlement/%.4s/%.2s/%s.json", date, date + 5, batch->id);
            zd_buf_clear(&out);
            batch_file(&out, batch, limits, date);
            status = visit(context, path, zd_buf_span(&out));
        }
    }
    zd_buf_free(&out);
    return status;
}
