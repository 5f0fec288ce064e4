/* Captures, direct redemptions and voids of captures in the model, with the invoice, contract and tier sums that they move. See model.h. */
#include "tests/model/model.h"

#include <stdlib.h>

static int64_t sum(const mo_item *item, size_t field)
{
    int64_t fen = 0;
    for (int i = 0; i < MO_LEGS; i++) {
        fen += *(const int64_t *)(const void *)((const char *)&item->leg[i] + field);
    }
    return fen;
}

int64_t mo_open(const mo_item *item) { return sum(item, offsetof(mo_leg, open)); }
int64_t mo_in_batch(const mo_item *item) { return sum(item, offsetof(mo_leg, in_batch)); }
int64_t mo_settled(const mo_item *item) { return sum(item, offsetof(mo_leg, offset)) + sum(item, offsetof(mo_leg, paid)); }
int64_t mo_returned(const mo_item *item) { return sum(item, offsetof(mo_leg, returned)); }
int64_t mo_refunded(const mo_item *item) { return sum(item, offsetof(mo_leg, back_open)) + sum(item, offsetof(mo_leg, back_settled)); }

/* The invoice's record, made by its first capture; all claimed numbers lead to it from now on. */
static int claim_invoice(mo_model *m, const mo_event *e, const mo_order *order)
{
    bool tangled;
    int record = mo_invoice_of(m, e, &tangled);
    int word = mo_word_of(m, e, record);
    if (record < 0) {
        record = m->invoices++;
        m->invoice[record] = (mo_invoice){.holder = order->holder, .provider = order->provider, .gross = e->invoice_fen};
    }
    mo_invoice *invoice = &m->invoice[record];
    for (int i = 0; i < 2; i++) {
        if (e->number[i] >= 0 && m->number[e->number[i]].record < 0) {
            invoice->red += m->number[e->number[i]].red;
            m->number[e->number[i]].record = record;
        }
    }
    invoice->word = word != 0 ? word : invoice->word;
    invoice->used += e->part;
    return record;
}

static void capture_now(mo_model *m, const mo_event *e, const mo_ruling *ruling)
{
    mo_order *order = &m->order[e->order];
    int index = m->items++;
    mo_item *item = &m->item[index];
    int64_t parts[MO_LEGS];
    *item = (mo_item){.state = MO_I_CAPTURED, .order = e->order, .holder = order->holder, .provider = order->provider, .voucher = order->voucher, .purpose = order->purpose,
                      .gates = ruling->gates, .held = ruling->held, .listed = true, .seq = e->seq, .amount = e->amount, .base = ruling->base, .own = e->own, .part = e->part,
                      .done = e->done, .notice_until = mo_days_after(e->today, m->policy[order->policy].notice)};
    mo_split(parts, order->leg_rest, e->amount);
    for (int i = 0; i < MO_LEGS; i++) {
        item->leg[i] = (mo_leg){.pool = parts[i] > 0 ? order->pool[i] : -1, .batch = -1, .amount = parts[i], .open = parts[i]};
        order->leg_rest[i] -= parts[i];
    }
    order->rest -= e->amount;
    order->own_used += e->own;
    item->invoice = claim_invoice(m, e, order);
    mo_contract *contract = &m->contract[order->contract];
    contract->fen = contract->used == 0 ? order->contract_fen : contract->fen;
    contract->used += ruling->base;
    m->tier[order->holder][order->provider][order->purpose][mo_year_of(e->done) - MO_FIRST_YEAR] += ruling->base;
    order->state = MO_O_PARTIAL;
    if (e->final || order->rest == 0) {
        mo_end_order(m, e->order, MO_O_CAPTURED);
    }
    for (int i = 0; ruling->contested && i < index; i++) {
        mo_item *earlier = &m->item[i];
        bool same = earlier->invoice == item->invoice && earlier->listed;
        if (same && (earlier->holder != item->holder || earlier->provider != item->provider) && mo_open(earlier) > 0) {
            earlier->held = true;
        }
    }
}

mo_answer mo_capture(mo_model *m, const mo_event *e)
{
    const mo_order *order = &m->order[e->order];
    if (order->state == MO_O_NONE) {
        return mo_no("R09");
    }
    if (!mo_speaks_for(e, -2, order->provider, order->lab)) {
        return mo_no("A05");
    }
    if (order->state == MO_O_CAPTURED || order->state == MO_O_VOIDED) {
        return mo_no("A04");
    }
    if (e->item < m->items) {
        return mo_no("A02");
    }
    mo_ruling ruling = mo_judge(m, e);
    if (ruling.code[0] != '\0') {
        return mo_no(ruling.code);
    }
    capture_now(m, e, &ruling);
    return ruling.held ? (mo_answer){MO_HELD, ""} : mo_ok();
}

mo_answer mo_direct(mo_model *m, const mo_event *e)
{
    if (!mo_speaks_for(e, -2, e->provider, mo_keys[e->key].role == MO_LAB)) {
        return mo_no("A05");
    }
    if (m->order[e->order].state != MO_O_NONE || e->item < m->items) {
        return mo_no("A02");
    }
    mo_ruling ruling = mo_judge(m, e);
    if (ruling.code[0] != '\0') {
        return mo_no(ruling.code);
    }
    mo_event last = *e;
    last.final = true;
    mo_reserve(m, e, ruling.gates & MO_G_CONSENT, e->instrument == 2);
    capture_now(m, &last, &ruling);
    return ruling.held ? (mo_answer){MO_HELD, ""} : mo_ok();
}

/* The share of base and own share that belongs to an amount which was given back leaves every sum that it stood in. */
void mo_unclaim(mo_model *m, int i, int64_t give, int64_t live)
{
    mo_item *item = &m->item[i];
    mo_order *order = &m->order[item->order];
    int64_t base = mo_half_up(item->base, give, live);
    int64_t own = mo_half_up(item->own, give, live);
    int64_t *tier = &m->tier[item->holder][item->provider][item->purpose][mo_year_of(item->done) - MO_FIRST_YEAR];
    item->base -= base;
    item->own -= own;
    *tier -= base;
    order->own_used -= own;
    m->contract[order->contract].used -= base;
    mo_regate_order(m, item->order);
}

void mo_unhold_empty(mo_item *item)
{
    item->held = item->held && mo_open(item) > 0;
}

void mo_unwind(mo_model *m, int i, mo_item_state state)
{
    mo_item *item = &m->item[i];
    mo_order *order = &m->order[item->order];
    int64_t live = mo_open(item);
    for (int l = 0; l < MO_LEGS; l++) {
        mo_leg *leg = &item->leg[l];
        if (leg->open > 0) {
            mo_give_back(m, item->voucher, leg->pool, leg->open);
            leg->back_open += leg->open;
            leg->open = 0;
        }
    }
    m->invoice[item->invoice].used -= item->part;
    item->part = 0;
    item->listed = false;
    if (live > 0) {
        mo_unclaim(m, i, live, live);
        if (order->consent == MO_C_MANDATE) {
            int64_t used = m->mandate[order->mandate].used - live;
            m->mandate[order->mandate].used = used > 0 ? used : 0;
        }
    }
    mo_unhold_empty(item);
    item->state = state;
}

mo_answer mo_void_item(mo_model *m, const mo_event *e)
{
    const mo_order *order = &m->order[e->order];
    if (order->state == MO_O_NONE) {
        return mo_no("R09");
    }
    if (!mo_speaks_for(e, -2, order->provider, order->lab)) {
        return mo_no("A05");
    }
    if (e->item >= m->items) {
        return mo_no("A03");
    }
    const mo_item *item = &m->item[e->item];
    if (item->order != e->order) {
        return mo_no("A07");
    }
    int64_t sealed = mo_in_batch(item) + mo_settled(item) + mo_returned(item) + sum(item, offsetof(mo_leg, back_settled));
    if (item->state != MO_I_CAPTURED || sealed > 0) {
        return mo_no("A04");
    }
    mo_unwind(m, e->item, MO_I_VOIDED);
    return mo_ok();
}
