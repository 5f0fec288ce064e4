/*
 * What is most needed next, so that walks see many payments from one end to the other: gates that a word clears, batches on their way to the bank, banks that keep quiet, and
 * returns that come in a later year. Chooses, like events.c; the model and the engine decide.
 */
#include "tests/model/events.h"

/* A line that left the account out of the budget of a year that is over: the bank may still return it. */
bool mo_paid_last_year(mo_event *e, mo_gen *g, const mo_model *m)
{
    int64_t year = mo_year_of(g->now / INT64_C(86400000));
    int start = mo_pick(g, g->next_batch + 1);
    for (int i = 0; i < g->next_batch; i++) {
        int b = (start + i) % g->next_batch;
        const mo_batch *batch = &m->batch[b];
        for (int p = 0; p < MO_PROVIDERS && (batch->state == MO_B_RELEASED || batch->state == MO_B_CLOSED); p++) {
            if ((batch->line[p].state == MO_L_DEBITED || batch->line[p].state == MO_L_PAID) && m->pool[batch->pool].year < year) {
                e->batch = b;
                e->provider = p;
                return true;
            }
        }
    }
    return false;
}

/* The word that a captured item waits for: of the tax office, or that the own share was paid. */
bool mo_clears_gate(mo_event *e, mo_gen *g, const mo_model *m)
{
    int start = m->items > 0 ? mo_pick(g, m->items) : 0;
    for (int i = 0; i < m->items; i++) {
        const mo_item *item = &m->item[(start + i) % m->items];
        bool gated = item->state == MO_I_CAPTURED && (item->gates & (MO_G_INVOICE | MO_G_OWN)) != 0 && !item->held;
        if (gated && (item->gates & MO_G_OWN) != 0) {
            *e = mo_blank(MO_OWN_SHARE, mo_find_key("attester"));
            e->order = item->order;
            e->amount = m->order[item->order].own_used;
            return true;
        }
        for (int n = 0; gated && n < MO_NUMBERS; n++) {
            if (m->number[n].record == item->invoice) {
                *e = mo_blank(MO_INVOICE_WORD, mo_find_key("attester"));
                e->number[0] = n;
                e->good = true;
                return true;
            }
        }
    }
    return false;
}

/* Banks have habits: one of four never says a word by itself, every other one leaves it to time that a debit was a payment. */
bool mo_keeps_quiet(const mo_model *m, const mo_event *e)
{
    mo_line_state state = m->batch[e->batch].line[e->provider].state;
    bool waits = state == MO_L_PENDING || state == MO_L_ACCEPTED;
    return e->kind == MO_ANSWER && ((e->batch % 4 == 0 && waits) || (e->batch % 2 == 0 && state == MO_L_DEBITED));
}

static bool has_unfinished(const mo_batch *batch)
{
    for (int p = 0; p < MO_PROVIDERS; p++) {
        mo_line_state state = batch->line[p].state;
        if (state == MO_L_PENDING || state == MO_L_ACCEPTED || state == MO_L_UNKNOWN || state == MO_L_DEBITED) {
            return true;
        }
    }
    return false;
}

/* What a batch that is on its way needs next, so that most reach the bank before their execution day. */
bool mo_next_need(mo_gen *g, const mo_model *m, mo_kind *kind)
{
    for (int b = g->next_batch; b >= 0 && b > g->next_batch - 8; b--) {
        const mo_batch *batch = &m->batch[b];
        bool late = batch->execution < (g->now + 8 * INT64_C(3600000)) / INT64_C(86400000);
        bool at_home = !batch->sent && !batch->acked && !batch->answered;
        if (batch->state == MO_B_DRAFT || (!late && (batch->state == MO_B_SEALED || batch->state == MO_B_APPROVED))) {
            *kind = batch->state == MO_B_DRAFT ? MO_CONTINUE : batch->state == MO_B_SEALED ? MO_APPROVE : MO_RELEASE;
            return true;
        }
        if (batch->state == MO_B_RELEASED && (at_home || (has_unfinished(batch) && mo_chance(g, 3)))) {
            *kind = at_home && !late ? MO_SUBMIT : MO_ANSWER;
            return true;
        }
    }
    return false;
}
