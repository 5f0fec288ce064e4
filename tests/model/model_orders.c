/* Orders in the model: reserving, extending, consent in its four forms, and what ends an order. See model.h. */
#include "tests/model/model.h"

#include <stdio.h>

bool mo_speaks_for(const mo_event *e, int holder, int provider, bool lab)
{
    const mo_key *key = &mo_keys[e->key];
    if (key->role == MO_HOLDER) {
        return key->party == holder;
    }
    return key->party == provider && (key->role != MO_LAB || lab);
}

void mo_reserve(mo_model *m, const mo_event *e, unsigned gates, bool held)
{
    mo_order *order = &m->order[e->order];
    mo_voucher *voucher = &m->voucher[e->voucher];
    int64_t fen[MO_LEGS];
    int policy = mo_policy_now(m, e->today);
    *order = (mo_order){.state = MO_O_RESERVED, .voucher = e->voucher, .holder = e->holder, .provider = e->provider, .policy = policy, .contract = e->contract, .purpose = e->purpose,
                        .instrument = e->instrument, .mandate = -1, .gated = (gates & MO_G_CONSENT) != 0, .held = held, .amount = e->amount, .rest = e->amount, .other = e->other,
                        .affiliated = e->affiliated, .contract_fen = e->contract_fen, .contract_day = e->contract_day, .day = e->today,
                        .deadline = e->today + m->policy[policy].order_days, .lab = mo_keys[e->key].role == MO_LAB};
    order->consent = mo_consent_for(m, e);
    if (order->consent == MO_C_MANDATE) {
        order->mandate = e->mandate;
        m->mandate[e->mandate].used += e->amount;
    } else if (order->consent == MO_C_ATTESTED) {
        m->words[e->order].consent_used = true;
    }
    (void)mo_draw(m, e, order->pool, fen);
    for (int i = 0; i < MO_LEGS; i++) {
        order->leg_rest[i] = fen[i];
        if (fen[i] == 0) {
            order->pool[i] = -1;
            continue;
        }
        for (int leg = 0; voucher->funded && leg < MO_LEGS; leg++) {
            voucher->earmark[leg] -= voucher->pool[leg] == order->pool[i] ? fen[i] : 0;
        }
        m->pool[order->pool[i]].free -= voucher->funded ? 0 : fen[i];
    }
    voucher->left -= e->amount;
    voucher->used += e->amount;
}

mo_answer mo_order_event(mo_model *m, const mo_event *e)
{
    bool lab = mo_keys[e->key].role == MO_LAB;
    if (!mo_speaks_for(e, e->holder, e->provider, lab)) {
        return mo_no("A05");
    }
    if (m->order[e->order].state != MO_O_NONE) {
        return mo_no("A02");
    }
    mo_ruling ruling = mo_judge(m, e);
    if (ruling.code[0] != '\0') {
        return mo_no(ruling.code);
    }
    mo_reserve(m, e, ruling.gates, ruling.held);
    return ruling.held ? (mo_answer){MO_HELD, ""} : mo_ok();
}

mo_answer mo_extend(mo_model *m, const mo_event *e)
{
    mo_order *order = &m->order[e->order];
    if (order->state == MO_O_NONE) {
        return mo_no("R09");
    }
    if (!mo_speaks_for(e, order->holder, order->provider, order->lab)) {
        return mo_no("A05");
    }
    if (order->state == MO_O_CAPTURED || order->state == MO_O_VOIDED) {
        return mo_no("A04");
    }
    if (e->today > order->deadline) {
        return mo_no("R12");
    }
    if (order->extended >= m->policy[order->policy].extensions) {
        return mo_no("A04");
    }
    order->extended++;
    order->deadline += m->policy[order->policy].extension_days;
    return mo_ok();
}

mo_answer mo_confirm(mo_model *m, const mo_event *e)
{
    mo_order *order = &m->order[e->order];
    if (order->state == MO_O_NONE) {
        return mo_no("R09");
    }
    if (mo_keys[e->key].party != order->holder) {
        return mo_no("A05");
    }
    if (!e->good || order->consent != MO_C_MISSING) {
        return mo_no("R06");
    }
    if (order->state == MO_O_VOIDED || order->state == MO_O_EXPIRED) {
        return mo_no("A04");
    }
    order->consent = MO_C_KEY;
    mo_regate_order(m, e->order);
    return mo_ok();
}

static void restore_mandate(mo_model *m, const mo_order *order, int64_t fen)
{
    if (order->consent == MO_C_MANDATE) {
        int64_t used = m->mandate[order->mandate].used - fen;
        m->mandate[order->mandate].used = used > 0 ? used : 0;
    }
}

void mo_end_order(mo_model *m, int o, mo_order_state untouched)
{
    mo_order *order = &m->order[o];
    for (int i = 0; i < MO_LEGS; i++) {
        if (order->leg_rest[i] > 0) {
            mo_give_back(m, order->voucher, order->pool[i], order->leg_rest[i]);
            order->leg_rest[i] = 0;
        }
    }
    restore_mandate(m, order, order->rest);
    order->rest = 0;
    order->state = order->state == MO_O_PARTIAL ? MO_O_CAPTURED : untouched;
}

mo_answer mo_void_order(mo_model *m, const mo_event *e)
{
    mo_order *order = &m->order[e->order];
    if (order->state == MO_O_NONE) {
        return mo_no("R09");
    }
    if (!mo_speaks_for(e, -2, order->provider, order->lab)) {
        return mo_no("A05");
    }
    if (order->state != MO_O_RESERVED && order->state != MO_O_PARTIAL) {
        return mo_no("A04");
    }
    mo_end_order(m, e->order, MO_O_VOIDED);
    return mo_ok();
}

mo_answer mo_mandate_event(mo_model *m, const mo_event *e)
{
    if (mo_keys[e->key].party != e->holder) {
        return mo_no("A05");
    }
    if (m->mandate[e->mandate].used_id && m->mandate[e->mandate].holder == e->holder) {
        return mo_no("A02");
    }
    if (e->until < e->today) {
        return mo_no("A07");
    }
    if (e->amount == 0) {
        return mo_no("A13");
    }
    m->mandate[e->mandate] = (mo_mandate){.holder = e->holder, .used_id = true, .all = e->all_providers, .amount = e->amount, .until = e->until};
    return mo_ok();
}

mo_answer mo_mandate_end(mo_model *m, const mo_event *e)
{
    mo_mandate *mandate = &m->mandate[e->mandate];
    if (mo_keys[e->key].party != e->holder) {
        return mo_no("A05");
    }
    if (!mandate->used_id || mandate->holder != e->holder) {
        return mo_no("A03");
    }
    if (mandate->ended) {
        return mo_no("A04");
    }
    mandate->ended = true;
    return mo_ok();
}

/* --- gates --- */

void mo_regate_item(mo_model *m, int i)
{
    mo_item *item = &m->item[i];
    const mo_order *order = &m->order[item->order];
    int64_t own = 0;
    for (int k = 0; k <= i; k++) { /* what is attested covers the earliest captures first */
        own += m->item[k].order == item->order && m->item[k].listed && m->item[k].state == MO_I_CAPTURED ? m->item[k].own : 0;
    }
    if (order->consent != MO_C_MISSING) {
        item->gates &= ~(unsigned)MO_G_CONSENT;
    }
    if (own <= m->words[item->order].own_attested) {
        item->gates &= ~(unsigned)MO_G_OWN;
    }
    if (m->invoice[item->invoice].word == 1) {
        item->gates &= ~(unsigned)MO_G_INVOICE;
    }
}

void mo_regate_order(mo_model *m, int o)
{
    mo_order *order = &m->order[o];
    mo_order_words *words = &m->words[o];
    if (order->state == MO_O_NONE) {
        return;
    }
    if (order->gated && order->consent == MO_C_MISSING && words->consent_said && !words->consent_used && order->amount <= m->policy[order->policy].consent_cap) {
        words->consent_used = true;
        order->consent = MO_C_ATTESTED;
    }
    order->gated = order->gated && order->consent == MO_C_MISSING;
    for (int i = 0; i < m->items; i++) {
        if (m->item[i].order == o && m->item[i].listed && m->item[i].gates != 0) {
            mo_regate_item(m, i);
        }
    }
}
