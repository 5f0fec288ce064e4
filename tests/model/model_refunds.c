/* Credit notes, recoveries, write-offs, clawbacks and what a reviewer decides, in the model. See model.h. */
#include "tests/model/model.h"

#include <stdio.h>
#include <string.h>

static void note_over(mo_model *m, const mo_item *item, int pool, const char *name, int64_t seq, int64_t fen)
{
    for (int i = 0; i < m->notes; i++) {
        if (m->note[i].pool == pool && strcmp(m->note[i].name, name) == 0) {
            m->note[i].rest += fen;
            return;
        }
    }
    mo_note *note = &m->note[m->notes++];
    *note = (mo_note){.pool = pool, .item = (int)(item - m->item), .provider = item->provider, .seq = seq, .rest = fen};
    (void)snprintf(note->name, sizeof note->name, "%s", name);
}

void mo_refund_now(mo_model *m, int i, int64_t fen, const char *note, int64_t seq)
{
    mo_item *item = &m->item[i];
    int64_t weights[MO_LEGS];
    int64_t parts[MO_LEGS];
    int64_t live = item->amount;
    int64_t back = 0;
    for (int l = 0; l < MO_LEGS; l++) {
        weights[l] = item->leg[l].amount - item->leg[l].back_open - item->leg[l].back_settled;
        live -= item->leg[l].back_open;
    }
    mo_split(parts, weights, fen);
    for (int l = 0; l < MO_LEGS; l++) {
        mo_leg *leg = &item->leg[l];
        if (parts[l] == 0) {
            continue;
        }
        int64_t open = mo_min(parts[l], leg->open);
        int64_t returned = mo_min(parts[l] - open, leg->returned);
        int64_t settled = parts[l] - open - returned;
        leg->open -= open;
        leg->returned -= returned;
        leg->back_open += open + returned;
        leg->back_settled += settled;
        back += open + returned;
        mo_give_back(m, item->voucher, leg->pool, open + returned);
        note_over(m, item, leg->pool, note, seq, settled);
    }
    if (back > 0) {
        mo_unclaim(m, i, back, live);
    }
    mo_unhold_empty(item);
    mo_regate_item(m, i);
}

mo_answer mo_refund(mo_model *m, const mo_event *e)
{
    char name[MO_NAME];
    const mo_key *key = &mo_keys[e->key];
    if (e->item >= m->items) {
        return mo_no("A03");
    }
    const mo_item *item = &m->item[e->item];
    if (!mo_speaks_for(e, -2, item->provider, m->order[item->order].lab)) {
        return mo_no("A05");
    }
    if (key->limit > 0 && e->amount > key->limit) {
        return mo_no("R47");
    }
    if (m->note_used[e->note]) {
        return mo_no("A02");
    }
    if (item->state != MO_I_CAPTURED) {
        return mo_no("A04");
    }
    if (e->amount == 0 || e->amount > item->amount - mo_refunded(item)) {
        return mo_no("R14");
    }
    if (mo_in_batch(item) > 0) {
        return mo_no("A11");
    }
    m->note_used[e->note] = true;
    (void)snprintf(name, sizeof name, "N-%d", e->note);
    mo_refund_now(m, e->item, e->amount, name, e->seq);
    return mo_ok();
}

/* --- review --- */

mo_answer mo_release_hold(mo_model *m, const mo_event *e)
{
    if (e->item >= m->items) {
        return mo_no("A03");
    }
    mo_item *item = &m->item[e->item];
    if (item->state != MO_I_CAPTURED || !item->held) {
        return mo_no("A04");
    }
    item->held = false;
    return mo_ok();
}

/* What is unpaid and not refunded: a refund of paid money stands even when the bank returns the payment afterwards. */
static int64_t rejectable(const mo_leg *leg)
{
    return mo_min(leg->open + leg->returned, leg->amount - leg->back_open - leg->back_settled);
}

/* What was settled stays; the rest goes back, open money first. */
static void reject_rest(mo_model *m, int i)
{
    mo_item *item = &m->item[i];
    int64_t live = item->amount;
    int64_t back = 0;
    for (int l = 0; l < MO_LEGS; l++) {
        mo_leg *leg = &item->leg[l];
        int64_t fen = rejectable(leg);
        int64_t open = mo_min(fen, leg->open);
        live -= leg->back_open;
        if (fen > 0) {
            mo_give_back(m, item->voucher, leg->pool, fen);
        }
        leg->back_open += fen;
        leg->open -= open;
        leg->returned -= fen - open;
        back += fen;
    }
    mo_unclaim(m, i, back, live);
    mo_unhold_empty(item);
}

mo_answer mo_reject(mo_model *m, const mo_event *e)
{
    if (e->item >= m->items) {
        return mo_no("A03");
    }
    const mo_item *item = &m->item[e->item];
    if (item->state != MO_I_CAPTURED || (!item->held && item->gates == 0)) {
        return mo_no("A04");
    }
    if (mo_in_batch(item) > 0) {
        return mo_no("A11");
    }
    int64_t sum = 0;
    bool settled = mo_settled(item) > 0 || mo_returned(item) > 0;
    for (int l = 0; l < MO_LEGS; l++) {
        sum += rejectable(&item->leg[l]);
        settled = settled || item->leg[l].back_settled > 0;
    }
    if (sum == 0) {
        return mo_no("A13");
    }
    if (settled) {
        reject_rest(m, e->item);
    } else {
        mo_unwind(m, e->item, MO_I_REJECTED);
    }
    return mo_ok();
}

/* --- clawback --- */

mo_answer mo_clawback(mo_model *m, const mo_event *e, bool rehearse)
{
    if (e->item >= m->items) {
        return mo_no("A03");
    }
    if (m->case_used[e->kase]) {
        return mo_no("A02");
    }
    const mo_item *item = &m->item[e->item];
    if (item->holder != e->holder) {
        return mo_no("A07");
    }
    int64_t claimed = 0;
    int64_t most = 0;
    int64_t weights[MO_LEGS];
    int64_t parts[MO_LEGS];
    for (int k = 0; k < m->cases; k++) {
        claimed += m->kase[k].item == e->item ? m->kase[k].amount : 0;
    }
    for (int l = 0; l < MO_LEGS; l++) {
        weights[l] = item->leg[l].offset + item->leg[l].paid - item->leg[l].back_settled;
        weights[l] = weights[l] > 0 ? weights[l] : 0;
        int64_t here = mo_min(claimed, weights[l]);
        weights[l] -= here;
        claimed -= here;
        most += weights[l];
    }
    if (e->amount == 0 || e->amount > most) {
        return mo_no("R14");
    }
    if (rehearse) {
        return mo_ok();
    }
    m->case_used[e->kase] = true;
    mo_split(parts, weights, e->amount);
    for (int l = 0; l < MO_LEGS; l++) {
        int k = m->cases;
        for (int other = 0; other < m->cases; other++) {
            k = m->kase[other].id == e->kase && m->kase[other].pool == item->leg[l].pool ? other : k;
        }
        if (parts[l] == 0) {
            continue;
        }
        if (k == m->cases) {
            m->kase[m->cases++] = (mo_case){.id = e->kase, .pool = item->leg[l].pool, .item = e->item, .holder = item->holder};
        }
        m->kase[k].amount += parts[l];
        m->kase[k].rest += parts[l];
    }
    return mo_ok();
}

/* --- money that comes back --- */

void mo_note_recovered(mo_model *m, mo_note *note, int64_t fen)
{
    note->rest -= fen;
    mo_give_back(m, m->item[note->item].voucher, note->pool, fen);
}

/* The record that is meant: exactly one pool's, named or the only one with a rest. A note that refunded only open money is a record too, with nothing left. */
static int find_note(const mo_model *m, const char *name, const mo_event *e)
{
    int found = -1;
    int many = 0;
    for (int i = 0; i < m->notes; i++) {
        if (strcmp(m->note[i].name, name) == 0 && (e->with_pool ? m->note[i].pool == e->pool : m->note[i].rest > 0)) {
            found = i;
            many++;
        }
    }
    return many == 1 ? found : -1;
}

static int find_case(const mo_model *m, const mo_event *e)
{
    int found = -1;
    int many = 0;
    for (int i = 0; i < m->cases; i++) {
        if (m->kase[i].id == e->kase && (e->with_pool ? m->kase[i].pool == e->pool : m->kase[i].rest > 0)) {
            found = i;
            many++;
        }
    }
    return many == 1 ? found : -1;
}

static mo_answer find_debt(mo_model *m, const mo_event *e, mo_note **note, mo_case **kase)
{
    char name[MO_NAME];
    *note = NULL;
    *kase = NULL;
    if (e->note_row >= 0) {
        (void)snprintf(name, sizeof name, "%s", m->note[e->note_row].name);
    } else {
        (void)snprintf(name, sizeof name, "N-%d", e->note);
    }
    int found = e->note >= 0 ? find_note(m, name, e) : find_case(m, e);
    if (found < 0) {
        return mo_no("A03");
    }
    *note = e->note >= 0 ? &m->note[found] : NULL;
    *kase = e->note >= 0 ? NULL : &m->kase[found];
    int pool = *note != NULL ? (*note)->pool : (*kase)->pool;
    if (!mo_may_act(e, m->pool[pool].jurisdiction)) {
        return mo_no("R46");
    }
    int64_t rest = *note != NULL ? (*note)->rest : (*kase)->rest;
    return e->amount == 0 || e->amount > rest ? mo_no("R14") : mo_ok();
}

mo_answer mo_recover(mo_model *m, const mo_event *e)
{
    mo_note *note;
    mo_case *kase;
    mo_answer answer = find_debt(m, e, &note, &kase);
    if (!mo_is(answer)) {
        return answer;
    }
    if (note != NULL) {
        m->pool[note->pool].cash += e->amount;
        mo_note_recovered(m, note, e->amount);
    } else {
        m->pool[kase->pool].cash += e->amount;
        m->pool[kase->pool].free += e->amount;
        kase->rest -= e->amount;
    }
    return answer;
}

mo_answer mo_write_off(mo_model *m, const mo_event *e, bool rehearse)
{
    mo_note *note;
    mo_case *kase;
    mo_answer answer = find_debt(m, e, &note, &kase);
    if (mo_is(answer) && !rehearse) {
        *(note != NULL ? &note->rest : &kase->rest) -= e->amount;
    }
    return answer;
}
