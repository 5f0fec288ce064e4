/*
 * Files of banks as signed acts: which file was read, what its statements and entries say. An entry is one fact however many files tell of it; whether it is justified is
 * judged here against the line that it names, and what does not fit opens an exception in the same act. No money moves: the answer to a line does that.
 * Invariants: a file is read once; an entry belongs to at most one line; what a file's entries add up to never exceeds what the file said.
 */
#include <string.h>

#include "ledger/act/bank_int.h"

#include "ledger/base/money.h"

#define JUSTIFIED (-1)

zd_status zd_act_bank_file(zd_act *act, zd_error *err)
{
    (void)err;
    const char *hash = zd_act_text(act, ZD_F_EVIDENCE);
    if (zd_book_find(act->book, ZD_R_BFILE, "%s", hash) != NULL) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "file");
    }
    zd_rec_bfile *file = zd_book_add(act->book, ZD_R_BFILE, "%s", hash);
    file->form = zd_req_int(act->request, ZD_F_BANK_FORM);
    file->seq = (int64_t)act->seq;
    file->day = act->today_day;
    file->count = zd_req_int(act->request, ZD_F_COUNT);
    file->debit_fen = zd_req_int(act->request, ZD_F_DEBIT_FEN);
    file->credit_fen = zd_req_int(act->request, ZD_F_CREDIT_FEN);
    ZD_SET_TEXT(file->account_tail, zd_req_text(act->request, ZD_F_ACCOUNT_TAIL));
    ZD_SET_TEXT(file->loaded_by, zd_span_text(act->signer->name));
    return ZD_OK;
}

/* --- statements: numbers and balances --- */

static const zd_rec_bstmt *statement_at(zd_act *act, const char *tail, int64_t year, int64_t number)
{
    return zd_book_find(act->book, ZD_R_BSTMT, "%s/%lld/%08lld", tail, (long long)year, (long long)number);
}

static bool any_statement(zd_act *act, const char *tail)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_BSTMT, "%s/", tail);
    return zd_book_next(&cursor);
}

static void case_id(char out[ZD_ID_SIZE], const char *prefix, zd_act *act)
{
    zd_format(out, ZD_ID_SIZE, "%s-%.12s-%llu", prefix, zd_act_text(act, ZD_F_EVIDENCE), (unsigned long long)act->seq);
}

static bool gap(zd_act *act, const char *prefix, int64_t kind, int64_t amount_fen, const char *subject)
{
    char id[ZD_ID_SIZE];
    case_id(id, prefix, act);
    zd_rec_bexc *opened = zd_bexc_open(act, id, kind, amount_fen, NULL, NULL);
    if (opened != NULL) {
        ZD_SET_TEXT(opened->subject, zd_span_text(subject));
    }
    return opened != NULL;
}

static int64_t apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

zd_status zd_act_bank_statement(zd_act *act, zd_error *err)
{
    (void)err;
    const char *tail = zd_act_text(act, ZD_F_ACCOUNT_TAIL);
    int64_t year = zd_req_int(act->request, ZD_F_YEAR);
    int64_t number = zd_req_int(act->request, ZD_F_STATEMENT);
    int64_t opening = zd_req_int(act->request, ZD_F_OPENING_FEN);
    int64_t closing = zd_req_int(act->request, ZD_F_CLOSING_FEN);
    char before[65];
    if (zd_book_find(act->book, ZD_R_BFILE, "%s", zd_act_text(act, ZD_F_EVIDENCE)) == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "file");
    }
    if (statement_at(act, tail, year, number) != NULL) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "statement");
    }
    bool first = !any_statement(act, tail);
    const zd_rec_bstmt *previous = statement_at(act, tail, year, number - 1);
    const zd_rec_bstmt *following = statement_at(act, tail, year, number + 1);
    zd_format(before, sizeof before, "%s/%lld/%08lld", tail, (long long)year, (long long)(number > 0 ? number - 1 : 0));
    /* Numbers begin anew each year. */
    if (!first && previous == NULL && number > 1 && !gap(act, "XG", ZD_BANK_EXCEPTION(STATEMENT_GAP), 0, before)) {
        return ZD_OK;
    }
    int64_t difference = apart(opening + zd_req_int(act->request, ZD_F_CREDIT_FEN) - zd_req_int(act->request, ZD_F_DEBIT_FEN), closing);
    int64_t from_previous = previous != NULL ? apart(previous->closing_fen, opening) : 0;
    int64_t to_following = following != NULL ? apart(following->opening_fen, closing) : 0;
    int64_t worst = zd_fen_max(difference, zd_fen_max(from_previous, to_following));
    if (worst > 0 && !gap(act, "XB", ZD_BANK_EXCEPTION(BALANCE_GAP), zd_fen_min(worst, ZD_FEN_MAX), before)) {
        return ZD_OK;
    }
    zd_rec_bstmt *statement = zd_book_add(act->book, ZD_R_BSTMT, "%s/%lld/%08lld", tail, (long long)year, (long long)number);
    statement->opening_fen = opening;
    statement->closing_fen = closing;
    statement->seq = (int64_t)act->seq;
    ZD_SET_TEXT(statement->file, zd_req_text(act->request, ZD_F_EVIDENCE));
    return ZD_OK;
}

/* --- entries --- */

typedef struct entry {
    int64_t side;
    int64_t amount_fen;
    bool yuan;
    bool other_account;
    bool is_notice; /* a paper or a table tells of a return: the bank's own booking may follow */
} entry;

bool zd_line_unanswered(const zd_rec_line *line)
{
    return line->state == ZD_L_PENDING || line->state == ZD_L_ACCEPTED || line->state == ZD_L_UNKNOWN;
}

bool zd_batch_was_sent(const zd_rec_batch *batch)
{
    return batch->state == ZD_B_RELEASED || batch->state == ZD_B_SUBMITTED || batch->state == ZD_B_ACKED || batch->state == ZD_B_SETTLING || batch->state == ZD_B_CLOSED ||
           batch->state == ZD_B_REJECTED;
}

/* Money that left: the kind of exception, or JUSTIFIED. A line that was never sent, or is none of ours, justifies nothing. */
static int64_t judge_debit(const entry *e, const zd_rec_batch *batch, const zd_rec_line *line, const zd_rec_bline *booked)
{
    bool ours = line != NULL && zd_batch_was_sent(batch) && line->state != ZD_L_HELD && line->state != ZD_L_ZERO && line->state != ZD_L_WITHDRAWN;
    if (!e->yuan) {
        return ZD_BANK_EXCEPTION(CURRENCY);
    }
    if (!ours) {
        return ZD_BANK_EXCEPTION(UNJUSTIFIED_DEBIT);
    }
    if (booked != NULL && booked->debits > 0) {
        return ZD_BANK_EXCEPTION(DUPLICATE_DEBIT);
    }
    if (e->amount_fen != line->net_fen) {
        return ZD_BANK_EXCEPTION(AMOUNT);
    }
    if (e->other_account) {
        return ZD_BANK_EXCEPTION(WRONG_ACCOUNT);
    }
    return line->state == ZD_L_FAILED ? ZD_BANK_EXCEPTION(STATUS_CONFLICT) : JUSTIFIED;
}

/* Money that came back. */
static int64_t judge_return(const entry *e, const zd_rec_batch *batch, const zd_rec_line *line, const zd_rec_bline *booked)
{
    bool ours = line != NULL && zd_batch_was_sent(batch) && line->state != ZD_L_HELD && line->state != ZD_L_ZERO && line->state != ZD_L_WITHDRAWN;
    int64_t earlier = booked == NULL ? 0 : e->is_notice ? booked->notices : booked->returns;
    if (!e->yuan) {
        return ZD_BANK_EXCEPTION(CURRENCY);
    }
    if (!ours) {
        return ZD_BANK_EXCEPTION(RETURN_UNKNOWN);
    }
    if (booked != NULL && booked->duplicates > 0 && !e->is_notice) {
        return ZD_BANK_EXCEPTION(RETURN_UNKNOWN); /* of which of the two debits? officers must say */
    }
    if (earlier > 0) {
        return ZD_BANK_EXCEPTION(RETURN_TWICE);
    }
    if (e->amount_fen != line->net_fen) {
        return e->amount_fen < line->net_fen ? ZD_BANK_EXCEPTION(RETURN_PARTIAL) : ZD_BANK_EXCEPTION(RETURN_EXCESS);
    }
    if (line->state == ZD_L_FAILED) {
        return ZD_BANK_EXCEPTION(STATUS_CONFLICT);
    }
    return zd_line_unanswered(line) ? ZD_BANK_EXCEPTION(NOT_BOOKED) : JUSTIFIED;
}

static int64_t judge(const entry *e, const zd_rec_batch *batch, const zd_rec_line *line, const zd_rec_bline *booked)
{
    if (e->side == ZD_SIDE_WORD(FEE)) {
        return ZD_BANK_EXCEPTION(BANK_FEE);
    }
    if (e->side == ZD_SIDE_WORD(CREDIT)) {
        return JUSTIFIED; /* money that comes in and returns nothing of ours: recorded */
    }
    return e->side == ZD_SIDE_WORD(DEBIT) ? judge_debit(e, batch, line, booked) : judge_return(e, batch, line, booked);
}

/* Counts an entry towards its file; refuses what the file did not say. */
static bool count_in_file(zd_act *act, const entry *e)
{
    zd_rec_bfile *file = zd_book_edit(act->book, ZD_R_BFILE, "%s", zd_act_text(act, ZD_F_EVIDENCE));
    if (file == NULL) {
        (void)zd_act_refuse(act, ZD_E_A_ABSENT, "file");
        return false;
    }
    bool out = e->side == ZD_SIDE_WORD(DEBIT) || e->side == ZD_SIDE_WORD(FEE);
    int64_t *sum = out ? &file->seen_debit_fen : &file->seen_credit_fen;
    file->seen++;
    if (!zd_fen_add(sum, *sum, e->amount_fen) || file->seen > file->count || *sum > (out ? file->debit_fen : file->credit_fen)) {
        (void)zd_act_refuse(act, ZD_E_A_MISMATCH, "file-sum");
        return false;
    }
    return true;
}

static entry entry_of(zd_act *act)
{
    const zd_rec_bfile *file = zd_book_find(act->book, ZD_R_BFILE, "%s", zd_act_text(act, ZD_F_EVIDENCE));
    bool is_notice = file != NULL && (file->form == ZD_BANK_FORM(RESULT) || file->form == ZD_BANK_FORM(RETURN_NOTICE));
    bool same = !zd_req_has(act->request, ZD_F_SAME_ACCOUNT) || zd_req_int(act->request, ZD_F_SAME_ACCOUNT) != 0;
    return (entry){.side = zd_req_int(act->request, ZD_F_SIDE), .amount_fen = zd_req_int(act->request, ZD_F_AMOUNT),
                   .yuan = zd_span_is(zd_req_text(act->request, ZD_F_CURRENCY), "CNY"), .other_account = !same, .is_notice = is_notice};
}

static zd_rec_bentry *remember_entry(zd_act *act, const entry *e)
{
    zd_rec_bentry *record = zd_book_add(act->book, ZD_R_BENTRY, "%s", zd_act_text(act, ZD_F_ENTRY));
    ZD_SET_TEXT(record->file, zd_req_text(act->request, ZD_F_EVIDENCE));
    record->seq = (int64_t)act->seq;
    record->side = e->side;
    record->amount_fen = e->amount_fen;
    record->day = zd_req_int(act->request, ZD_F_BOOKED);
    record->mentions = 1;
    return record;
}

/* The line is the entry's own from now on. */
static void book_line(zd_act *act, const entry *e, const zd_rec_line *line)
{
    zd_rec_bline *booked = zd_book_ensure(act->book, ZD_R_BLINE, "%s/%s", line->batch, line->provider);
    if (e->side == ZD_SIDE_WORD(DEBIT)) {
        booked->debits++;
        ZD_SET_TEXT(booked->debit_entry, zd_req_text(act->request, ZD_F_ENTRY));
    } else {
        booked->returns += e->is_notice ? 0 : 1;
        booked->notices += e->is_notice ? 1 : 0;
        ZD_SET_TEXT(booked->return_entry, zd_req_text(act->request, ZD_F_ENTRY));
    }
}

static bool raise(zd_act *act, const entry *e, int64_t kind, const zd_rec_line *line)
{
    char id[ZD_ID_SIZE];
    zd_format(id, sizeof id, "XE-%.24s", zd_act_text(act, ZD_F_ENTRY));
    zd_rec_bexc *opened = zd_bexc_open(act, id, kind, e->amount_fen, line != NULL ? line->batch : NULL, line != NULL ? line->provider : NULL);
    if (opened == NULL) {
        return false;
    }
    ZD_SET_TEXT(opened->entry, zd_req_text(act->request, ZD_F_ENTRY));
    return true;
}

zd_status zd_act_bank_entry(zd_act *act, zd_error *err)
{
    (void)err;
    entry e = entry_of(act);
    zd_rec_batch *batch = NULL;
    const zd_rec_line *line = NULL;
    if (!count_in_file(act, &e)) {
        return ZD_OK;
    }
    zd_rec_bentry *known = zd_book_edit(act->book, ZD_R_BENTRY, "%s", zd_act_text(act, ZD_F_ENTRY));
    if (known != NULL) { /* another file told of it first */
        known->mentions++;
        zd_decision_extra_text(zd_act_decision(act), "known", "yes");
        return ZD_OK;
    }
    if (zd_req_has(act->request, ZD_F_BATCH)) {
        batch = zd_batch_named(act);
        line = batch != NULL ? zd_book_find(act->book, ZD_R_LINE, "%s/%s", batch->id, zd_act_text(act, ZD_F_PROVIDER)) : NULL;
        if (line == NULL) {
            return batch == NULL ? ZD_OK : zd_act_refuse(act, ZD_E_A_ABSENT, "line");
        }
    }
    zd_rec_bentry *record = remember_entry(act, &e);
    const zd_rec_bline *booked = line != NULL ? zd_book_find(act->book, ZD_R_BLINE, "%s/%s", line->batch, line->provider) : NULL;
    int64_t kind = judge(&e, batch, line, booked);
    if (line != NULL) {
        ZD_SET_TEXT(record->batch, zd_span_text(line->batch));
        ZD_SET_TEXT(record->provider, zd_span_text(line->provider));
    }
    if (kind != JUSTIFIED && !raise(act, &e, kind, line)) {
        return ZD_OK;
    }
    if (line != NULL && (kind == ZD_BANK_EXCEPTION(DUPLICATE_DEBIT) || (kind == ZD_BANK_EXCEPTION(RETURN_UNKNOWN) && booked != NULL && booked->duplicates > 0))) {
        zd_rec_bline *counted = zd_book_edit(act->book, ZD_R_BLINE, "%s/%s", line->batch, line->provider);
        counted->duplicates += kind == ZD_BANK_EXCEPTION(DUPLICATE_DEBIT) ? 1 : -1; /* one that came back is one less to come back */
    }
    if (line != NULL && (kind == JUSTIFIED || kind == ZD_BANK_EXCEPTION(NOT_BOOKED))) {
        book_line(act, &e, line);
    }
    return ZD_OK;
}
