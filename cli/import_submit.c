/*
 * Rows on their way: packed into batch requests, signed, submitted, and what was decided written back to each row. The engine names the item of every effect; effects
 * between two items (a red letter's refunds, a hold of an earlier capture) belong to the item before them.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/import_int.h"

typedef struct sent_note {
    zd_buf note;
    zd_import *import;
    size_t *rows; /* in the order of its items; owned */
    size_t count;
    size_t next;  /* the row whose effect comes next */
} sent_note;

struct zd_import_notes {
    sent_note *notes;
    size_t count;
    size_t capacity;
};

zd_import_notes *zd_import_notes_new(void)
{
    return zd_alloc_zero(1, sizeof(zd_import_notes));
}

void zd_import_notes_free(zd_import_notes *notes)
{
    if (notes != NULL) {
        for (size_t i = 0; i < notes->count; i++) {
            zd_buf_free(&notes->notes[i].note);
            free(notes->notes[i].rows);
        }
        free(notes->notes);
        free(notes);
    }
}

size_t zd_import_notes_count(const zd_import_notes *notes)
{
    return notes->count;
}

static sent_note *add_note(zd_import_notes *notes, zd_import *import, const size_t *rows, size_t count)
{
    if (notes->count == notes->capacity) {
        notes->capacity = notes->capacity == 0 ? 16 : notes->capacity * 2;
        notes->notes = zd_realloc(notes->notes, notes->capacity * sizeof *notes->notes);
    }
    sent_note *sent = &notes->notes[notes->count++];
    *sent = (sent_note){.import = import, .rows = zd_alloc(count * sizeof *rows), .count = count};
    memcpy(sent->rows, rows, count * sizeof *rows);
    return sent;
}

zd_status zd_import_sign(zd_import_notes *notes, zd_import *import, const size_t *rows, size_t count, const zd_import_hand *hand, zd_error *err)
{
    zd_buf text = {0};
    zd_status status = ZD_OK;
    for (size_t done = 0; done < count && status == ZD_OK;) {
        zd_buf_clear(&text);
        size_t taken = zd_import_batch_text(&text, import, hand->origin, hand->expires_unix_ms, rows + done, count - done);
        sent_note *sent = add_note(notes, import, rows + done, taken);
        status = zd_cli_sign_text(&sent->note, hand->origin, hand->key_name, hand->signer, zd_buf_span(&text), err);
        for (size_t i = 0; i < taken; i++) {
            import->rows[rows[done + i]].state = ZD_ROW_SENT;
        }
        done += taken;
    }
    zd_buf_free(&text);
    return status;
}

typedef struct submission {
    zd_import_notes *notes;
    zd_import_seen *seen;
    void *context;
} submission;

static void decide_row(submission *s, sent_note *sent, size_t row, const zd_decision *decision)
{
    zd_import_row *at = &sent->import->rows[row];
    at->state = ZD_ROW_DECIDED;
    at->outcome = decision->outcome;
    at->seq = decision->seq;
    at->gates = decision->gates;
    at->holds = decision->holds;
    zd_format(at->code, sizeof at->code, "%s", decision->code != ZD_CODE_NONE ? zd_code_name(decision->code) : "");
    if (s->seen != NULL) {
        s->seen(s->context, sent->import, row);
    }
}

/* A batch that was only proposed, or refused as a whole, has no effects: its decision is that of every row. */
static zd_status take_decision(void *context, size_t note, const zd_decision *decision)
{
    submission *s = context;
    sent_note *sent = &s->notes->notes[note];
    if (!decision->is_effect) {
        bool whole = decision->outcome == ZD_PROPOSED || decision->outcome == ZD_REFUSED_BY_RULE;
        for (size_t i = 0; whole && i < sent->count; i++) {
            decide_row(s, sent, sent->rows[i], decision);
        }
        sent->next = whole ? sent->count : 0;
        return ZD_OK;
    }
    if (sent->next < sent->count && strcmp(sent->import->rows[sent->rows[sent->next]].id, decision->item) == 0) {
        decide_row(s, sent, sent->rows[sent->next++], decision);
    }
    return ZD_OK;
}

zd_status zd_import_submit(zd_ledger *ledger, zd_import_notes *notes, zd_import_seen *seen, void *context, zd_error *err)
{
    submission s = {notes, seen, context};
    zd_span *spans = zd_alloc_zero(notes->count + 1, sizeof *spans);
    zd_result *results = zd_alloc_zero(notes->count + 1, sizeof *results);
    for (size_t i = 0; i < notes->count; i++) {
        spans[i] = zd_buf_span(&notes->notes[i].note);
    }
    zd_status status = zd_ledger_submit(ledger, results, spans, notes->count, take_decision, &s, err);
    for (size_t i = 0; i < notes->count && status == ZD_OK; i++) {
        if (results[i].status != ZD_OK) {
            status = results[i].status;
            *err = results[i].error;
        }
    }
    free(spans);
    free(results);
    return status;
}
