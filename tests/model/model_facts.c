/* The words of attesters in the model: own share, consent, the tax office's word, another plan, red letters. See model.h. */
#include "tests/model/model.h"

#include <stdio.h>

static bool attests(const mo_event *e)
{
    return mo_keys[e->key].role == MO_ATTESTER;
}

mo_answer mo_own_share(mo_model *m, const mo_event *e)
{
    mo_order_words *words = &m->words[e->order];
    if (!attests(e)) {
        return mo_no("A05");
    }
    if (words->own_said && e->amount < words->own_attested) {
        return mo_no("A07");
    }
    words->own_said = true;
    words->own_attested = e->amount;
    mo_regate_order(m, e->order);
    return mo_ok();
}

mo_answer mo_consent_word(mo_model *m, const mo_event *e)
{
    if (!attests(e)) {
        return mo_no("A05");
    }
    if (m->words[e->order].consent_said) {
        return mo_no("A02");
    }
    m->words[e->order].consent_said = true;
    mo_regate_order(m, e->order);
    return mo_ok();
}

static void hold_open(mo_item *item)
{
    if (item->listed && item->state == MO_I_CAPTURED && mo_open(item) > 0) {
        item->held = true;
    }
}

mo_answer mo_invoice_word(mo_model *m, const mo_event *e)
{
    if (!attests(e)) {
        return mo_no("A05");
    }
    mo_number *number = &m->number[e->number[0]];
    number->word = e->good ? 1 : 2;
    if (number->record < 0) {
        return mo_ok();
    }
    m->invoice[number->record].word = number->word;
    for (int i = 0; i < m->items; i++) {
        mo_item *item = &m->item[i];
        if (item->invoice == number->record && item->listed) {
            if (e->good) {
                mo_regate_item(m, i);
            } else {
                hold_open(item);
            }
        }
    }
    return mo_ok();
}

mo_answer mo_other_plan(mo_model *m, const mo_event *e)
{
    if (!attests(e)) {
        return mo_no("A05");
    }
    int record = e->order < 0 ? m->number[e->number[0]].record : -1;
    if (e->order >= 0) {
        m->words[e->order].other_plan = true;
    } else {
        m->number[e->number[0]].other_plan = true;
    }
    if (record >= 0) {
        m->invoice[record].other_plan = true;
    }
    for (int i = 0; i < m->items; i++) {
        if (e->order >= 0 ? m->item[i].order == e->order : record >= 0 && m->item[i].invoice == record) {
            hold_open(&m->item[i]);
        }
    }
    return mo_ok();
}

/* What one red letter takes back, worked out before anything is changed. */
typedef struct recall { int item, place; int64_t fen; } recall;

mo_answer mo_red_letter(mo_model *m, const mo_event *e)
{
    enum { RECALLS = 400 };
    recall list[RECALLS];
    size_t count = 0;
    int place = 0;
    mo_number *number = &m->number[e->number[0]];
    if (!attests(e)) {
        return mo_no("A05");
    }
    if (e->amount == 0) {
        return mo_no("A07");
    }
    if (m->red_used[e->serial]) {
        return mo_no("A02");
    }
    mo_invoice *invoice = number->record >= 0 ? &m->invoice[number->record] : NULL;
    if (invoice != NULL && e->amount > invoice->gross - invoice->red) {
        return mo_no("A07");
    }
    int64_t over = invoice != NULL ? invoice->used - (invoice->gross - invoice->red - e->amount) : 0;
    for (int i = m->items - 1; i >= 0 && over > 0; i--) {
        const mo_item *item = &m->item[i];
        if (item->invoice != number->record || !item->listed) {
            continue;
        }
        place++;
        if (item->state != MO_I_CAPTURED || item->part == 0) {
            continue;
        }
        int64_t part = mo_min(over, item->part);
        int64_t fen = (int64_t)((__int128)part * item->amount / item->part) - mo_refunded(item);
        over -= part;
        if (fen > 0 && mo_in_batch(item) > 0) {
            return mo_no("A11");
        }
        if (fen > 0) {
            list[count++] = (recall){i, place, fen};
        }
    }
    m->red_used[e->serial] = true;
    number->red += e->amount;
    if (invoice != NULL) {
        invoice->red += e->amount;
    }
    for (size_t i = 0; i < count; i++) {
        char note[MO_NAME];
        if (list[i].place == 1) {
            (void)snprintf(note, sizeof note, "red-RL%d", e->serial);
        } else {
            (void)snprintf(note, sizeof note, "red-RL%d-%d", e->serial, list[i].place);
        }
        mo_refund_now(m, list[i].item, list[i].fen, note, e->seq);
    }
    return mo_ok();
}
