/*
 * The end of a walk: whatever still clears is brought to its end, one request after the other. Batches are answered, holds released, debts recovered, returned payments
 * re-issued (out of a closed year through a signed carry), so that the clearing accounts must come to nothing. Chooses, like events.c; the model and the engine decide.
 */
#include "tests/model/events.h"

#include <stdlib.h>

#define DAY_MS INT64_C(86400000)

static mo_event by(mo_kind kind, const char *key) { return mo_blank(kind, mo_find_key(key)); }

/* A line of the batch that the bank has not finished with; MO_PROVIDERS when there is none. */
static int unfinished_line(const mo_batch *batch)
{
    for (int p = 0; p < MO_PROVIDERS; p++) {
        mo_line_state state = batch->line[p].state;
        if (state == MO_L_PENDING || state == MO_L_ACCEPTED || state == MO_L_UNKNOWN || state == MO_L_DEBITED) {
            return p;
        }
    }
    return MO_PROVIDERS;
}

static mo_event next_step(const mo_gen *g, const mo_model *m, int b)
{
    const mo_batch *batch = &m->batch[b];
    bool late = batch->execution < (g->now + 8 * INT64_C(3600000)) / DAY_MS;
    mo_event e;
    if (batch->state == MO_B_DRAFT) {
        e = mo_blank(MO_CONTINUE, batch->maker);
        e.seal_part = batch->parts + 1;
    } else if (late && (batch->state == MO_B_SEALED || batch->state == MO_B_APPROVED)) {
        e = by(MO_WITHDRAW, "maker");
    } else if (batch->state == MO_B_SEALED) {
        e = by(MO_APPROVE, "checker");
        e.good = true;
    } else if (batch->state == MO_B_APPROVED) {
        e = by(MO_RELEASE, "releaser");
        mo_payable(batch, &e.count, &e.total);
    } else {
        e = by(MO_ANSWER, "attester");
        e.provider = unfinished_line(batch);
        e.answer = batch->line[e.provider].state == MO_L_DEBITED ? MO_ANS_PAID : MO_ANS_DEBITED;
    }
    e.batch = b;
    return e;
}

static bool batch_step(mo_event *e, const mo_gen *g, const mo_model *m)
{
    for (int b = 0; b < MO_BATCHES; b++) {
        mo_batch_state state = m->batch[b].state;
        bool on_its_way = state == MO_B_DRAFT || state == MO_B_SEALED || state == MO_B_APPROVED;
        if (on_its_way || (state == MO_B_RELEASED && unfinished_line(&m->batch[b]) < MO_PROVIDERS)) {
            *e = next_step(g, m, b);
            return true;
        }
    }
    return false;
}

static bool debt_step(mo_event *e, const mo_model *m)
{
    *e = by(MO_RECOVER, "maker");
    e->with_pool = true;
    for (int n = 0; n < m->notes; n++) {
        if (m->note[n].rest > 0) {
            e->note_row = n;
            e->note = n;
            e->pool = m->note[n].pool;
            e->amount = m->note[n].rest;
            return true;
        }
    }
    for (int k = 0; k < m->cases; k++) {
        if (m->kase[k].rest > 0) {
            e->kase = m->kase[k].id;
            e->pool = m->kase[k].pool;
            e->amount = m->kase[k].rest;
            return true;
        }
    }
    return false;
}

/* The invoice's word lets a returned payment go again. */
static bool word_step(mo_event *e, const mo_model *m, const mo_item *item)
{
    if (m->invoice[item->invoice].word == 1) {
        return false;
    }
    for (int n = 0; n < MO_NUMBERS; n++) {
        if (m->number[n].record == item->invoice) {
            *e = by(MO_INVOICE_WORD, "attester");
            e->number[0] = n;
            e->good = true;
            return true;
        }
    }
    abort();
}

/* Next year's pool of the same money; opened where there is none yet. */
static void carry_step(mo_event *e, const mo_model *m, int from)
{
    const mo_pool *pool = &m->pool[from];
    *e = by(MO_CARRY, "maker");
    e->pool = from;
    for (int p = 0; p < m->pools; p++) {
        const mo_pool *to = &m->pool[p];
        if (to->year == pool->year + 1 && to->jurisdiction == pool->jurisdiction && to->holder_class == pool->holder_class && !to->closed) {
            e->to_pool = p;
            return;
        }
    }
    *e = by(MO_POOL_OPEN, "maker");
    e->pool = m->pools;
    e->year = pool->year + 1;
    e->serial = pool->jurisdiction * 2 + pool->holder_class;
    e->rank = 90; /* another one of that year may be closed already */
}

static bool item_step(mo_event *e, const mo_gen *g, const mo_model *m, int64_t seq)
{
    for (int i = 0; i < m->items; i++) {
        const mo_item *item = &m->item[i];
        if (item->state == MO_I_CAPTURED && item->held) {
            *e = by(MO_RELEASE_HOLD, "reviewer-1");
            e->item = i;
            return true;
        }
        for (int l = 0; l < MO_LEGS; l++) {
            const mo_leg *leg = &item->leg[l];
            if (leg->returned == 0 || word_step(e, m, item)) {
                if (leg->returned == 0) {
                    continue;
                }
                return true;
            }
            if (m->pool[leg->pool].closed) {
                carry_step(e, m, leg->pool);
                return true;
            }
            *e = by(MO_SEAL, "maker");
            e->pool = leg->pool;
            e->cutoff = seq;
            e->execution = (g->now + 8 * INT64_C(3600000)) / DAY_MS + 3;
            e->forced = true;
            for (e->batch = 0; m->batch[e->batch].state != MO_B_NONE; e->batch++) {
            }
            return true;
        }
    }
    return false;
}

bool mo_drain(mo_event *e, mo_gen *g, mo_model *m, int64_t seq)
{
    g->now += 60000;
    int64_t today = (g->now + 8 * INT64_C(3600000)) / DAY_MS;
    bool proposed = m->proposals > 0 && !m->proposal[m->proposals - 1].done && m->proposal[m->proposals - 1].event.kind == MO_CARRY &&
                    m->proposal[m->proposals - 1].expires > g->now && m->proposal[m->proposals - 1].event.now == g->now - 60000;
    if (proposed) {
        *e = by(MO_SECOND, "maker-2");
        e->proposal = m->proposals - 1;
    } else if (mo_is_due(m, today)) {
        *e = by(MO_SWEEP, "service");
        e->up_to = g->now / 1000 * 1000;
    } else if (!batch_step(e, g, m) && !debt_step(e, m) && !item_step(e, g, m, seq)) {
        return false;
    }
    e->seq = seq;
    e->now = g->now;
    e->today = today;
    return true;
}
