/*
 * What the entries do not say themselves: silence, words that contradict each other, odd files; and what turned up since. A case about the same thing is opened once.
 */
#include <string.h>

#include "cli/reconcile.h"

static bool is_open(zd_recon *r, int64_t kind, const char *batch, const char *provider)
{
    zd_book_cursor cursor = zd_book_scan(r->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *found = cursor.record;
        if (found->state == 1 && found->kind == kind && strcmp(found->batch, batch) == 0 && strcmp(found->provider, provider) == 0) {
            return true;
        }
    }
    return false;
}

/* line may be ZD_ANSWER_NONE; `what` tells cases of one kind in one file apart. */
static void doubt(zd_recon *r, int64_t kind, size_t line, int64_t amount, const char *what, const char *code)
{
    char id[ZD_ID_SIZE];
    const char *batch = line != ZD_ANSWER_NONE ? r->expected[line].batch : "";
    const char *provider = line != ZD_ANSWER_NONE ? r->expected[line].provider : what;
    const char *word = zd_word_text(ZD_F_BANK_EXCEPTION, kind);
    zd_recon_id(id, "XN", r, word, batch, provider);
    if (zd_recon_was_sent(r, id) || (line != ZD_ANSWER_NONE && is_open(r, kind, batch, provider))) {
        return;
    }
    zd_jw w = zd_recon_item(r, id);
    zd_jw_cstr(&w, "case", id);
    zd_jw_cstr(&w, "exception", word);
    zd_jw_cstr(&w, "evidence_sha256", r->hex);
    if (line != ZD_ANSWER_NONE) {
        zd_jw_cstr(&w, "batch", batch);
        zd_jw_cstr(&w, "provider", provider);
    } else {
        zd_jw_int(&w, "amount_fen", amount);
    }
    zd_recon_bank_code(&w, code);
    zd_recon_item_end(r, &w);
}

/* The bank knows of the payment, but has not booked it. */
static void doubt_pending(zd_recon *r)
{
    for (size_t i = 0; i < r->match.claim_count; i++) {
        const zd_claim *c = &r->match.claims[i];
        const zd_bank_fact *booking = zd_answers_at(r->answers, c->booking);
        bool waits = booking->side == ZD_SIDE_DEBIT && (booking->booked == ZD_BOOKED_PENDING || booking->booked == ZD_BOOKED_INFO);
        if (waits && c->line != ZD_ANSWER_NONE && c->how != ZD_BY_LOOKS && zd_recon_unanswered(zd_recon_line_now(r, c->line))) {
            doubt(r, ZD_BANK_EXCEPTION(NOT_BOOKED), c->line, 0, "", booking->booked == ZD_BOOKED_PENDING ? "PDNG" : "INFO");
        }
    }
}

/* A status that the ledger cannot believe: against what is known of the line, against itself, or about nothing that was sent. */
static void doubt_statuses(zd_recon *r)
{
    for (size_t i = 0; i < r->match.say_count; i++) {
        const zd_say *say = &r->match.says[i];
        const zd_bank_fact *fact = zd_answers_at(r->answers, say->fact);
        if (say->line == ZD_ANSWER_NONE) {
            char place[32];
            zd_format(place, sizeof place, "%zu", say->fact);
            doubt(r, ZD_BANK_EXCEPTION(STATUS_CONFLICT), say->line, fact->has_amount ? fact->amount : 0, place, fact->status);
            continue;
        }
        const zd_rec_line *line = zd_recon_line_now(r, say->line);
        bool moved = line->state == ZD_L_DEBITED || line->state == ZD_L_PAID;
        bool failed_late = say->verdict == ZD_SAYS_FAILED && moved;
        bool moved_late = say->verdict == ZD_SAYS_DEBITED && line->state == ZD_L_FAILED;
        if (say->verdict == ZD_SAYS_AMOUNT) {
            doubt(r, ZD_BANK_EXCEPTION(AMOUNT), say->line, 0, "", fact->status);
        } else if (say->verdict == ZD_SAYS_ACCOUNT) {
            doubt(r, ZD_BANK_EXCEPTION(WRONG_ACCOUNT), say->line, 0, "", fact->status);
        } else if (say->verdict == ZD_SAYS_CONFLICT || failed_late || moved_late) {
            doubt(r, ZD_BANK_EXCEPTION(STATUS_CONFLICT), say->line, 0, "", say->reason[0] != '\0' ? say->reason : fact->status);
        }
    }
}

/* The statement that should hold the debit does not. */
static void doubt_missing(zd_recon *r)
{
    int64_t covered = ZD_DAY_NONE;
    for (size_t i = 0; i < zd_answers_count(r->answers) && zd_answers_form(r->answers) == ZD_FORM_STATEMENT; i++) {
        const zd_bank_fact *fact = zd_answers_at(r->answers, i);
        covered = fact->kind != ZD_BANK_STATUS && fact->day != ZD_DAY_NONE && fact->day > covered ? fact->day : covered;
    }
    for (size_t i = 0; i < r->expected_count && covered != ZD_DAY_NONE; i++) {
        if (r->expected[i].execution_day < covered && zd_recon_unanswered(zd_recon_line_now(r, i))) {
            doubt(r, ZD_BANK_EXCEPTION(MISSING_DEBIT), i, 0, "", "");
        }
    }
}

/* Policies of edition 1 name no such days: cross-bank answers take two to five working days. */
#define SILENCE_DAYS 10

static bool is_silent(zd_recon *r, size_t expected, int64_t today)
{
    const zd_rec_line *line = zd_recon_line_now(r, expected);
    const zd_rec_batch *batch = zd_book_find(r->book, ZD_R_BATCH, "%s", r->expected[expected].batch);
    int64_t from = r->expected[expected].execution_day;
    int64_t missing_year = 0;
    if (line->state != ZD_L_PENDING || batch == NULL) {
        return false;
    }
    if (r->silence_days >= 0) {
        return from + r->silence_days < today;
    }
    if (!zd_acts_knows_days(zd_ledger_acts(r->ledger), batch->policy, ZD_P_ANSWER_SILENCE)) {
        return from + SILENCE_DAYS < today;
    }
    bool over = zd_acts_days_over(zd_ledger_acts(r->ledger), batch->policy, from, ZD_P_ANSWER_SILENCE, today, &missing_year);
    r->no_calendar = missing_year != 0 ? missing_year : r->no_calendar;
    return over;
}

/* Nobody ever said a word: the line becomes unknown, which nothing but an answer ends. */
static zd_status doubt_silence(zd_recon *r)
{
    int64_t today = zd_day_of(zd_ledger_now(r->ledger), ZD_ZONE_SHANGHAI_MS);
    size_t silent = 0;
    for (size_t i = 0; i < r->expected_count; i++) {
        if (is_silent(r, i, today)) {
            doubt(r, ZD_BANK_EXCEPTION(NO_ANSWER), i, 0, "", "");
            silent++;
        }
    }
    if (r->no_calendar != 0) {
        (void)zd_fail(&r->cli->error, ZD_E_CALENDAR_MISSING, "no policy brought the calendar of %lld / 没有政策发布 %lld 年日历", (long long)r->no_calendar, (long long)r->no_calendar);
        return ZD_MALFORMED;
    }
    zd_status status = zd_recon_flush(r, "bank.exception");
    for (size_t i = 0; i < r->expected_count && silent > 0 && status == ZD_OK; i++) {
        char id[ZD_ID_SIZE];
        zd_recon_id(id, "BA", r, r->expected[i].batch, r->expected[i].provider, "unknown");
        if (is_silent(r, i, today) && !zd_recon_was_sent(r, id)) {
            zd_jw w = zd_recon_item(r, id);
            zd_jw_cstr(&w, "batch", r->expected[i].batch);
            zd_jw_cstr(&w, "provider", r->expected[i].provider);
            zd_jw_cstr(&w, "answer", "unknown");
            zd_jw_cstr(&w, "evidence_sha256", r->hex);
            zd_recon_item_end(r, &w);
            r->answered[ZD_ANSWER(UNKNOWN)]++;
        }
    }
    return status == ZD_OK ? zd_recon_flush(r, "line.answer") : status;
}

zd_status zd_recon_exceptions(zd_recon *r)
{
    doubt_pending(r);
    doubt_statuses(r);
    doubt_missing(r);
    if (zd_answers_oddities(r->answers) > 0) {
        doubt(r, ZD_BANK_EXCEPTION(SCHEMA_NOTE), ZD_ANSWER_NONE, 0, "", zd_answers_oddity(r->answers, 0)->word);
    }
    zd_status status = zd_recon_flush(r, "bank.exception");
    return status == ZD_OK ? doubt_silence(r) : status;
}

/* What the act would agree to; asked first, so that nothing is sent only to be refused. */
static bool turned_up(zd_recon *r, const zd_rec_bexc *found)
{
    const zd_rec_line *line = zd_book_find(r->book, ZD_R_LINE, "%s/%s", found->batch, found->provider);
    bool silence = found->kind == ZD_BANK_EXCEPTION(MISSING_DEBIT) || found->kind == ZD_BANK_EXCEPTION(NO_ANSWER) || found->kind == ZD_BANK_EXCEPTION(NOT_BOOKED);
    if (found->kind == ZD_BANK_EXCEPTION(STATEMENT_GAP)) {
        return zd_book_find(r->book, ZD_R_BSTMT, "%s", found->subject) != NULL;
    }
    if (!silence || line == NULL) {
        return false;
    }
    bool is_return = found->kind == ZD_BANK_EXCEPTION(NOT_BOOKED) && found->entry[0] != '\0';
    return is_return ? line->state == ZD_L_RETURNED : !zd_recon_unanswered(line);
}

zd_status zd_recon_clears(zd_recon *r)
{
    zd_book_cursor cursor = zd_book_scan(r->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *found = cursor.record;
        char id[ZD_ID_SIZE];
        zd_recon_id(id, "XC", r, found->id, "", "");
        if (found->state == 1 && turned_up(r, found) && !zd_recon_was_sent(r, id)) {
            zd_jw w = zd_recon_item(r, id);
            zd_jw_cstr(&w, "case", found->id);
            zd_jw_cstr(&w, "evidence_sha256", r->hex);
            zd_recon_item_end(r, &w);
        }
    }
    return zd_recon_flush(r, "bank.clear");
}
