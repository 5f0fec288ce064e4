/*
 * Exceptions between ledger and bank: opened by what was read (or missed), cleared only by what turns up, resolved only by two officers. The asymmetry is the rule: a
 * missing debit clears when it appears, an unjustified one never clears by itself. Nothing here moves money.
 */
#include <string.h>

#include "ledger/act/bank_int.h"

zd_rec_bexc *zd_bexc_open(zd_act *act, const char *id, int64_t kind, int64_t amount_fen, const char *batch, const char *provider)
{
    if (zd_book_find(act->book, ZD_R_BEXC, "%s", id) != NULL) {
        (void)zd_act_refuse(act, ZD_E_A_EXISTS, "case");
        return NULL;
    }
    zd_rec_bexc *opened = zd_book_add(act->book, ZD_R_BEXC, "%s", id);
    opened->kind = kind;
    opened->amount_fen = amount_fen;
    opened->opened_day = act->today_day;
    opened->opened_seq = (int64_t)act->seq;
    opened->state = ZD_BEXC_OPEN;
    ZD_SET_TEXT(opened->id, zd_span_text(id));
    ZD_SET_TEXT(opened->owner, zd_span_text(act->signer->name));
    ZD_SET_TEXT(opened->file, zd_req_text(act->request, ZD_F_EVIDENCE));
    ZD_SET_TEXT(opened->batch, zd_span_text(batch));
    ZD_SET_TEXT(opened->provider, zd_span_text(provider));
    ZD_SET_TEXT(opened->bank_code, zd_req_text(act->request, ZD_F_BANK_CODE));
    zd_decision_extra_text(zd_act_decision(act), "exception", zd_word_text(ZD_F_BANK_EXCEPTION, kind));
    zd_decision_extra_text(zd_act_decision(act), "case", id);
    return opened;
}

/* BLINE says whether a case of silence is open, so that a sweep over a whole silent batch need not look through all cases. */
static void mark_silence(zd_act *act, const zd_rec_bexc *found, int64_t silent)
{
    if (found->kind == ZD_BANK_EXCEPTION(NO_ANSWER)) {
        zd_rec_bline *line = zd_book_ensure(act->book, ZD_R_BLINE, "%s/%s", found->batch, found->provider);
        line->silent = silent;
    }
}

void zd_bexc_silence(zd_act *act, size_t d, const zd_rec_batch *batch, const zd_rec_line *line)
{
    char id[ZD_ID_SIZE];
    const zd_rec_bline *known = zd_book_find(act->book, ZD_R_BLINE, "%s/%s", batch->id, line->provider);
    zd_decision *decision = zd_act_effect_at(act, d);
    zd_format(id, sizeof id, "silence-%llu", (unsigned long long)decision->seq);
    if ((known != NULL && known->silent != 0) || zd_book_find(act->book, ZD_R_BEXC, "%s", id) != NULL) {
        return; /* an id of that name can only be another officer's jest; the line is UNKNOWN all the same */
    }
    zd_rec_bexc *opened = zd_book_add(act->book, ZD_R_BEXC, "%s", id);
    opened->kind = ZD_BANK_EXCEPTION(NO_ANSWER);
    opened->amount_fen = line->net_fen;
    opened->opened_day = act->today_day;
    opened->opened_seq = (int64_t)decision->seq;
    opened->state = ZD_BEXC_OPEN;
    zd_format(opened->id, sizeof opened->id, "%s", id);
    zd_format(opened->owner, sizeof opened->owner, "%s", batch->maker);
    zd_format(opened->batch, sizeof opened->batch, "%s", batch->id);
    zd_format(opened->provider, sizeof opened->provider, "%s", line->provider);
    mark_silence(act, opened, 1);
    zd_decision_extra_text(decision, "case", id);
}

static const zd_rec_line *line_named(zd_act *act)
{
    return zd_book_find(act->book, ZD_R_LINE, "%s/%s", zd_act_text(act, ZD_F_BATCH), zd_act_text(act, ZD_F_PROVIDER));
}

/* May be said about a line only while it is true of it. */
static bool is_about_silence(int64_t kind)
{
    return kind == ZD_BANK_EXCEPTION(MISSING_DEBIT) || kind == ZD_BANK_EXCEPTION(NO_ANSWER) || kind == ZD_BANK_EXCEPTION(NOT_BOOKED);
}

static bool may_be_said(int64_t kind)
{
    return is_about_silence(kind) || kind == ZD_BANK_EXCEPTION(STATUS_CONFLICT) || kind == ZD_BANK_EXCEPTION(WRONG_ACCOUNT) || kind == ZD_BANK_EXCEPTION(AMOUNT) ||
           kind == ZD_BANK_EXCEPTION(SCHEMA_NOTE);
}

/* The same silence about the same line is one case, however many files show it. */
static bool is_open_already(zd_act *act, int64_t kind)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *other = cursor.record;
        if (other->state == ZD_BEXC_OPEN && other->kind == kind && zd_span_is(zd_req_text(act->request, ZD_F_BATCH), other->batch) &&
            zd_span_is(zd_req_text(act->request, ZD_F_PROVIDER), other->provider)) {
            return true;
        }
    }
    return false;
}

/* What an officer reads in a file and the entries do not say: silence, contradictions, odd files. */
zd_status zd_act_bank_exception(zd_act *act, zd_error *err)
{
    (void)err;
    int64_t kind = zd_req_int(act->request, ZD_F_BANK_EXCEPTION);
    const zd_rec_batch *batch = NULL;
    const zd_rec_line *line = NULL;
    if (!may_be_said(kind)) {
        return zd_act_refuse(act, ZD_E_A_STATE, "kind");
    }
    if (zd_req_has(act->request, ZD_F_BATCH)) {
        batch = zd_batch_named(act);
        if (batch == NULL) {
            return ZD_OK;
        }
        line = line_named(act);
    }
    if (is_about_silence(kind)) {
        bool due = kind == ZD_BANK_EXCEPTION(NOT_BOOKED) || (batch != NULL && batch->execution_day < act->today_day);
        if (line == NULL || !zd_batch_was_sent(batch) || !zd_line_unanswered(line) || !due) {
            return zd_act_refuse(act, line == NULL ? ZD_E_A_ABSENT : ZD_E_A_STATE, "line");
        }
        if (is_open_already(act, kind)) {
            return zd_act_refuse(act, ZD_E_A_EXISTS, "open");
        }
    }
    int64_t amount_fen = line != NULL ? line->net_fen : zd_req_int(act->request, ZD_F_AMOUNT);
    const zd_rec_bexc *opened = zd_bexc_open(act, zd_act_text(act, ZD_F_CASE), kind, amount_fen, batch != NULL ? batch->id : NULL, line != NULL ? line->provider : NULL);
    if (opened != NULL) {
        mark_silence(act, opened, 1);
    }
    return ZD_OK;
}

/* What was missing has turned up. */
static bool turned_up(zd_act *act, const zd_rec_bexc *open)
{
    const zd_rec_line *line = zd_book_find(act->book, ZD_R_LINE, "%s/%s", open->batch, open->provider);
    if (open->kind == ZD_BANK_EXCEPTION(SCHEMA_NOTE)) {
        return true; /* no money hangs on it: somebody has looked */
    }
    if (open->kind == ZD_BANK_EXCEPTION(STATEMENT_GAP)) {
        return zd_book_find(act->book, ZD_R_BSTMT, "%s", open->subject) != NULL;
    }
    if (!is_about_silence(open->kind) || line == NULL) {
        return false;
    }
    bool is_return = open->kind == ZD_BANK_EXCEPTION(NOT_BOOKED) && open->entry[0] != '\0';
    return is_return ? line->state == ZD_L_RETURNED : !zd_line_unanswered(line);
}

static void close_case(zd_act *act, zd_rec_bexc *open, int64_t state)
{
    open->state = state;
    open->closed_day = act->today_day;
    open->closed_seq = (int64_t)act->seq;
    ZD_SET_TEXT(open->closed_by, zd_span_text(act->signer->name));
    mark_silence(act, open, 0);
    zd_decision_extra_text(zd_act_decision(act), "exception", zd_word_text(ZD_F_BANK_EXCEPTION, open->kind));
}

static zd_rec_bexc *open_case(zd_act *act)
{
    zd_rec_bexc *found = zd_book_edit(act->book, ZD_R_BEXC, "%s", zd_act_text(act, ZD_F_CASE));
    if (found == NULL || found->state != ZD_BEXC_OPEN) {
        (void)zd_act_refuse(act, found == NULL ? ZD_E_A_ABSENT : ZD_E_A_STATE, "case");
        return NULL;
    }
    return found;
}

zd_status zd_act_bank_clear(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_bexc *found = open_case(act);
    if (found == NULL) {
        return ZD_OK;
    }
    if (!turned_up(act, found)) {
        return zd_act_refuse(act, ZD_E_A_STATE, "two-officers");
    }
    close_case(act, found, ZD_BEXC_CLEARED);
    return ZD_OK;
}

/* Two officers find that an entry without a name is the payment of this line: amount, payee and day speak for it. */
static bool assign_entry(zd_act *act, zd_rec_bexc *found)
{
    zd_rec_batch *batch = zd_batch_named(act);
    const zd_rec_line *line = batch != NULL ? line_named(act) : NULL;
    zd_rec_bentry *entry = found->entry[0] != '\0' ? zd_book_edit(act->book, ZD_R_BENTRY, "%s", found->entry) : NULL;
    if (batch == NULL) {
        return false;
    }
    bool debit = entry != NULL && entry->side == ZD_SIDE_WORD(DEBIT);
    bool back = entry != NULL && entry->side == ZD_SIDE_WORD(RETURN);
    if (line == NULL || (!debit && !back) || entry->batch[0] != '\0' || entry->amount_fen != line->net_fen || !zd_batch_was_sent(batch)) {
        (void)zd_act_refuse(act, line == NULL ? ZD_E_A_ABSENT : ZD_E_A_MISMATCH, "entry");
        return false;
    }
    zd_rec_bline *booked = zd_book_ensure(act->book, ZD_R_BLINE, "%s/%s", line->batch, line->provider);
    if ((debit ? booked->debits : booked->returns) > 0) {
        (void)zd_act_refuse(act, ZD_E_A_EXISTS, "entry");
        return false;
    }
    booked->debits += debit ? 1 : 0;
    booked->returns += back ? 1 : 0;
    ZD_SET_TEXT(entry->batch, zd_span_text(line->batch));
    ZD_SET_TEXT(entry->provider, zd_span_text(line->provider));
    if (debit) {
        ZD_SET_TEXT(booked->debit_entry, zd_span_text(found->entry));
    } else {
        ZD_SET_TEXT(booked->return_entry, zd_span_text(found->entry));
    }
    return true;
}

zd_status zd_act_bank_resolve(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_bexc *found = open_case(act);
    if (found == NULL) {
        return ZD_OK;
    }
    if (!zd_act_has_authority(act, "", found->amount_fen)) {
        return ZD_OK;
    }
    if (zd_req_has(act->request, ZD_F_BATCH) && !assign_entry(act, found)) {
        return ZD_OK;
    }
    close_case(act, found, ZD_BEXC_RESOLVED);
    ZD_SET_TEXT(found->decision, zd_req_text(act->request, ZD_F_DECISION));
    return ZD_OK;
}
