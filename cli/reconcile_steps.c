/*
 * The steps of one file. Each looks at the ledger as it stands and sends only what is missing, so that a run that was cut off is finished by the next one, and a file that
 * was read before changes nothing. Order matters: entries are judged before their lines are answered, debits before returns, and what turned up clears last.
 */
#include <string.h>

#include "cli/reconcile.h"
#include "ledger/base/money.h"

static const char *key_hex(char out[ZD_HASH_HEX], const zd_recon *r, size_t claim)
{
    zd_hash_hex(out, &r->keys[claim]);
    return out;
}

static const char *side_word(const zd_recon *r, size_t claim)
{
    const zd_bank_fact *booking = zd_answers_at(r->answers, r->match.claims[claim].booking);
    const zd_bank_fact *fact = zd_answers_at(r->answers, r->match.claims[claim].fact);
    bool ours = r->match.claims[claim].line != ZD_ANSWER_NONE && r->match.claims[claim].how != ZD_BY_LOOKS;
    if (booking->side == ZD_SIDE_DEBIT) {
        return (booking->is_fee || fact->is_fee) && !ours ? "fee" : "debit";
    }
    /* A credit that gives back our own id is a return, whatever the bank calls it. */
    return booking->is_return || fact->is_return || ours ? "return" : "credit";
}

/* --- bank.file, bank.statement, bank.entry --- */

static const char *tail_of_file(const zd_recon *r)
{
    for (size_t i = 0; i < zd_answers_count(r->answers); i++) {
        const char *account = zd_answers_at(r->answers, i)->account;
        size_t size = strlen(account);
        zd_value checked;
        if (size >= 4 && zd_field_check_text(&checked, ZD_F_ACCOUNT_TAIL, zd_span_text(account + size - 4), NULL) == ZD_OK) {
            return account + size - 4;
        }
    }
    return "";
}

static zd_status send_file(zd_recon *r)
{
    char id[ZD_ID_SIZE];
    zd_buf object = {0};
    int64_t count = 0;
    int64_t sums[2] = {0, 0};
    bool fits = true;
    for (size_t i = 0; i < r->match.claim_count; i++) {
        if (zd_recon_is_entry(r, i) && !r->twice[i]) {
            bool out = zd_answers_at(r->answers, r->match.claims[i].booking)->side == ZD_SIDE_DEBIT;
            fits = fits && zd_fen_add(&sums[out ? 0 : 1], sums[out ? 0 : 1], r->match.claims[i].amount);
            count++;
        }
    }
    if (!fits) {
        return zd_fail(&r->cli->error, ZD_E_ANSWER_CELL, "the entries add up to more than money can be / 金额合计超出范围");
    }
    zd_jw w = zd_jw_begin(&object);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "evidence_sha256", r->hex);
    zd_jw_cstr(&w, "form", zd_bank_form_name(zd_answers_form(r->answers)));
    zd_jw_int(&w, "count", count);
    zd_jw_int(&w, "debit_fen", sums[0]);
    zd_jw_int(&w, "credit_fen", sums[1]);
    if (tail_of_file(r)[0] != '\0') {
        zd_jw_cstr(&w, "account_tail", tail_of_file(r));
    }
    zd_jw_close(&w);
    zd_recon_id(id, "BF", r, "", "", "");
    zd_status status = zd_recon_send(r, "bank.file", id, zd_span_of(object.data + 1, object.size - 2));
    zd_buf_free(&object);
    return status;
}

/* Sums of the booked entries of one statement. */
static void statement_sums(int64_t out[2], const zd_recon *r, size_t statement)
{
    out[0] = out[1] = 0;
    for (size_t i = 0; i < zd_answers_count(r->answers); i++) {
        const zd_bank_fact *fact = zd_answers_at(r->answers, i);
        if (fact->kind == ZD_BANK_BOOKING && fact->parent == statement && fact->booked == ZD_BOOKED && fact->has_amount) {
            int64_t *sum = &out[fact->side == ZD_SIDE_DEBIT ? 0 : 1];
            *sum = zd_fen_add(sum, *sum, fact->amount) ? *sum : ZD_FEN_MAX;
        }
    }
}

static zd_status send_statements(zd_recon *r)
{
    for (size_t i = 0; i < zd_answers_count(r->answers) && zd_answers_form(r->answers) == ZD_FORM_STATEMENT; i++) {
        const zd_bank_fact *s = zd_answers_at(r->answers, i);
        size_t size = strlen(s->account);
        if (s->kind != ZD_BANK_STATEMENT || s->number < 0 || !s->has_opening || !s->has_closing || size < 4 || s->day == ZD_DAY_NONE) {
            continue;
        }
        int year = zd_day_year(s->day);
        const zd_rec_bstmt *known = zd_book_find(r->book, ZD_R_BSTMT, "%s/%d/%08lld", s->account + size - 4, year, (long long)s->number);
        char id[ZD_ID_SIZE];
        char place[32];
        zd_format(place, sizeof place, "%zu", i);
        zd_recon_id(id, "BS", r, place, "", "");
        bool same = known != NULL && known->opening_fen == s->opening && known->closing_fen == s->closing; /* downloaded again, or sent before: nothing new */
        if (same || zd_recon_was_sent(r, id)) {
            continue;
        }
        int64_t sums[2];
        statement_sums(sums, r, i);
        zd_jw w = zd_recon_item(r, id);
        zd_jw_cstr(&w, "evidence_sha256", r->hex);
        zd_jw_cstr(&w, "account_tail", s->account + size - 4);
        zd_jw_int(&w, "year", year);
        zd_jw_int(&w, "statement", s->number);
        zd_jw_int(&w, "opening_fen", s->opening);
        zd_jw_int(&w, "closing_fen", s->closing);
        zd_jw_int(&w, "debit_fen", sums[0]);
        zd_jw_int(&w, "credit_fen", sums[1]);
        zd_recon_item_end(r, &w);
    }
    return zd_recon_flush(r, "bank.statement");
}

static void add_entry(zd_recon *r, size_t i, const char *id, const char *key)
{
    const zd_claim *c = &r->match.claims[i];
    const zd_bank_fact *booking = zd_answers_at(r->answers, c->booking);
    const zd_bank_fact *fact = zd_answers_at(r->answers, c->fact);
    zd_value checked;
    bool currency = zd_field_check_text(&checked, ZD_F_CURRENCY, zd_span_text(booking->currency), NULL) == ZD_OK;
    zd_jw w = zd_recon_item(r, id);
    zd_jw_cstr(&w, "evidence_sha256", r->hex);
    zd_jw_cstr(&w, "entry_sha256", key);
    zd_jw_cstr(&w, "side", side_word(r, i));
    zd_jw_int(&w, "amount_fen", c->amount);
    zd_jw_cstr(&w, "currency", currency ? booking->currency : "ZZZ"); /* whatever it is, not yuan */
    if (c->line != ZD_ANSWER_NONE && c->how != ZD_BY_LOOKS) {
        zd_jw_cstr(&w, "batch", r->expected[c->line].batch);
        zd_jw_cstr(&w, "provider", r->expected[c->line].provider);
        zd_jw_bool(&w, "same_account", !c->other_account);
    }
    if (booking->day != ZD_DAY_NONE) {
        char date[ZD_DATE_TEXT];
        zd_date_text(date, booking->day);
        zd_jw_cstr(&w, "booked", date);
    }
    zd_recon_bank_code(&w, fact->reason);
    zd_recon_item_end(r, &w);
}

static zd_status send_entries(zd_recon *r)
{
    for (size_t i = 0; i < r->match.claim_count; i++) {
        char hex[ZD_HASH_HEX];
        char id[ZD_ID_SIZE];
        if (!zd_recon_is_entry(r, i) || r->twice[i]) {
            continue;
        }
        zd_recon_id(id, "BE", r, key_hex(hex, r, i), "", "");
        const zd_rec_bentry *known = zd_book_find(r->book, ZD_R_BENTRY, "%s", hex);
        if (!zd_recon_was_sent(r, id) && (known == NULL || strcmp(known->file, r->hex) != 0)) {
            add_entry(r, i, id, hex);
        }
    }
    return zd_recon_flush(r, "bank.entry");
}

zd_status zd_recon_file(zd_recon *r, bool *known)
{
    const zd_rec_bfile *file = zd_book_find(r->book, ZD_R_BFILE, "%s", r->hex);
    *known = file != NULL && file->seen == file->count;
    zd_status status = file == NULL ? send_file(r) : ZD_OK;
    if (status == ZD_OK && zd_book_find(r->book, ZD_R_BFILE, "%s", r->hex) == NULL) {
        return zd_fail(&r->cli->error, ZD_E_ANSWER_KIND, "the ledger did not take the file in; see above / 账本未接受该文件，详见上文");
    }
    status = status == ZD_OK ? send_statements(r) : status; /* a file without entries is complete before its statements are */
    return status == ZD_OK && !*known ? send_entries(r) : status;
}

/* --- line.answer, batch.ack, batch.reject --- */

static void add_answer(zd_recon *r, size_t line, int64_t answer, const char *reason, const zd_hash *evidence)
{
    static const zd_hash none = {{0}};
    char id[ZD_ID_SIZE];
    char hex[ZD_HASH_HEX];
    const zd_expect *e = &r->expected[line];
    const char *word = zd_word_text(ZD_F_ANSWER, answer);
    zd_recon_id(id, "BA", r, e->batch, e->provider, word);
    if (zd_recon_was_sent(r, id)) {
        return;
    }
    bool paper = evidence != NULL && !zd_hash_equal(evidence, &none);
    if (paper) {
        zd_hash_hex(hex, evidence);
    }
    zd_jw w = zd_recon_item(r, id);
    zd_jw_cstr(&w, "batch", e->batch);
    zd_jw_cstr(&w, "provider", e->provider);
    zd_jw_cstr(&w, "answer", word);
    zd_jw_cstr(&w, "evidence_sha256", paper ? hex : r->hex);
    zd_jw_int(&w, "amount_fen", e->net_fen);
    zd_recon_bank_code(&w, reason);
    zd_recon_item_end(r, &w);
    r->answered[answer]++;
}

/* The entry is the line's own: judged, and not found wanting. */
static bool is_justified(zd_recon *r, size_t claim)
{
    char hex[ZD_HASH_HEX];
    const zd_claim *c = &r->match.claims[claim];
    if (!zd_recon_is_entry(r, claim) || c->line == ZD_ANSWER_NONE || c->how == ZD_BY_LOOKS) {
        return false;
    }
    const zd_rec_bline *booked = zd_book_find(r->book, ZD_R_BLINE, "%s/%s", r->expected[c->line].batch, r->expected[c->line].provider);
    const char *key = key_hex(hex, r, claim);
    return booked != NULL && (strcmp(booked->debit_entry, key) == 0 || strcmp(booked->return_entry, key) == 0);
}

static zd_status answer_bookings(zd_recon *r)
{
    for (int pass = 0; pass < 2; pass++) {
        zd_bank_side side = pass == 0 ? ZD_SIDE_DEBIT : ZD_SIDE_CREDIT;
        for (size_t i = 0; i < r->match.claim_count; i++) {
            const zd_claim *c = &r->match.claims[i];
            const zd_bank_fact *booking = zd_answers_at(r->answers, c->booking);
            if (booking->side != side || !is_justified(r, i)) {
                continue;
            }
            const zd_rec_line *line = zd_recon_line_now(r, c->line);
            const char *reason = zd_answers_at(r->answers, c->fact)->reason;
            if (pass == 0 && zd_recon_unanswered(line)) {
                add_answer(r, c->line, ZD_ANSWER(DEBITED), reason, NULL);
            } else if (pass == 1 && (line->state == ZD_L_DEBITED || line->state == ZD_L_PAID)) {
                add_answer(r, c->line, ZD_ANSWER(RETURNED), reason, &booking->evidence);
            }
        }
        zd_status status = zd_recon_flush(r, "line.answer");
        if (status != ZD_OK) {
            return status;
        }
    }
    return ZD_OK;
}

static zd_status answer_batch(zd_recon *r, const zd_batch_say *say)
{
    char id[ZD_ID_SIZE];
    zd_buf object = {0};
    const zd_rec_batch *batch = zd_book_find(r->book, ZD_R_BATCH, "%s", say->batch);
    bool fresh = batch != NULL && (batch->state == ZD_B_RELEASED || batch->state == ZD_B_SUBMITTED);
    bool all_open = true;
    for (size_t i = 0; i < r->expected_count; i++) {
        all_open = all_open && (strcmp(r->expected[i].batch, say->batch) != 0 || zd_recon_unanswered(zd_recon_line_now(r, i)));
    }
    bool reject = say->rejected && all_open && batch != NULL && batch->state != ZD_B_REJECTED;
    const char *type = reject ? "batch.reject" : "batch.ack";
    zd_recon_id(id, "BB", r, type, say->batch, "");
    if ((!reject && (!say->acknowledged || !fresh)) || zd_recon_was_sent(r, id)) {
        return ZD_OK;
    }
    zd_jw w = zd_jw_begin(&object);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "batch", say->batch);
    zd_jw_cstr(&w, "evidence_sha256", r->hex);
    zd_recon_bank_code(&w, say->reason);
    zd_jw_close(&w);
    zd_status status = zd_recon_send(r, type, id, zd_span_of(object.data + 1, object.size - 2));
    zd_buf_free(&object);
    return status;
}

static zd_status answer_statuses(zd_recon *r)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < r->match.batch_count && status == ZD_OK; i++) {
        status = answer_batch(r, &r->match.batches[i]);
    }
    for (size_t i = 0; i < r->match.say_count && status == ZD_OK; i++) {
        const zd_say *say = &r->match.says[i];
        const zd_rec_line *line = say->line != ZD_ANSWER_NONE ? zd_recon_line_now(r, say->line) : NULL;
        if (line == NULL || !zd_recon_unanswered(line)) {
            continue;
        }
        if (say->verdict == ZD_SAYS_ACCEPTED && line->state != ZD_L_ACCEPTED) {
            add_answer(r, say->line, ZD_ANSWER(ACCEPTED), say->reason, NULL);
        } else if (say->verdict == ZD_SAYS_DEBITED) {
            add_answer(r, say->line, ZD_ANSWER(DEBITED), say->reason, NULL);
        } else if (say->verdict == ZD_SAYS_FAILED) {
            add_answer(r, say->line, ZD_ANSWER(FAILED), say->reason, NULL);
        } else if (say->verdict == ZD_SAYS_CONFLICT && line->state != ZD_L_UNKNOWN) {
            add_answer(r, say->line, ZD_ANSWER(UNKNOWN), say->reason, NULL); /* never paid again until two officers know */
        }
    }
    return status == ZD_OK ? zd_recon_flush(r, "line.answer") : status;
}

static size_t expected_of(const zd_recon *r, const char *batch, const char *provider)
{
    for (size_t i = 0; i < r->expected_count; i++) {
        if (strcmp(r->expected[i].batch, batch) == 0 && strcmp(r->expected[i].provider, provider) == 0) {
            return i;
        }
    }
    return ZD_ANSWER_NONE;
}

/* A return that came before its debit is answered once the debit has. */
static zd_status answer_early_returns(zd_recon *r)
{
    zd_book_cursor cursor = zd_book_scan(r->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *found = cursor.record;
        size_t at = found->state == 1 && found->kind == ZD_BANK_EXCEPTION(NOT_BOOKED) && found->entry[0] != '\0' ? expected_of(r, found->batch, found->provider) : ZD_ANSWER_NONE;
        const zd_rec_line *line = at != ZD_ANSWER_NONE ? zd_recon_line_now(r, at) : NULL;
        if (line != NULL && (line->state == ZD_L_DEBITED || line->state == ZD_L_PAID)) {
            add_answer(r, at, ZD_ANSWER(RETURNED), found->bank_code, NULL);
        }
    }
    return zd_recon_flush(r, "line.answer");
}

/* Debited, and the time in which cross-bank returns come is over. */
static zd_status answer_grace(zd_recon *r)
{
    int64_t today = zd_day_of(zd_ledger_now(r->ledger), ZD_ZONE_SHANGHAI_MS);
    for (size_t i = 0; i < r->expected_count && r->grace_days >= 0; i++) {
        const zd_rec_line *line = zd_recon_line_now(r, i);
        if (line->state == ZD_L_DEBITED && line->answered_day + r->grace_days < today) {
            add_answer(r, i, ZD_ANSWER(PAID), "", NULL);
        }
    }
    return zd_recon_flush(r, "line.answer");
}

zd_status zd_recon_answers(zd_recon *r)
{
    zd_status status = answer_statuses(r);
    status = status == ZD_OK ? answer_bookings(r) : status;
    status = status == ZD_OK ? answer_early_returns(r) : status;
    return status == ZD_OK ? answer_grace(r) : status;
}
