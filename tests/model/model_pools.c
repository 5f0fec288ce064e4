/* Pools, deadlines and the year's end in the model. See model.h. */
#include "tests/model/model.h"

#include <stdio.h>

static bool order_runs(const mo_order *order)
{
    return order->state == MO_O_RESERVED || order->state == MO_O_PARTIAL;
}

bool mo_is_due(const mo_model *m, int64_t today)
{
    for (int o = 0; o < MO_ORDERS; o++) {
        if (order_runs(&m->order[o]) && m->order[o].deadline < today) {
            return true;
        }
    }
    for (int v = 0; v < m->vouchers; v++) {
        if (mo_voucher_lives(&m->voucher[v]) && m->voucher[v].use_by < today) {
            return true;
        }
    }
    return false;
}

mo_answer mo_sweep(mo_model *m, const mo_event *e)
{
    if (e->up_to > e->now || e->up_to <= m->swept_until) {
        return mo_no("A07");
    }
    int64_t before = (e->up_to + 8 * INT64_C(3600000)) / INT64_C(86400000);
    int64_t first = before;
    for (int o = 0; o < MO_ORDERS; o++) {
        first = order_runs(&m->order[o]) ? mo_min(first, m->order[o].deadline) : first;
    }
    for (int v = 0; v < m->vouchers; v++) {
        first = mo_voucher_lives(&m->voucher[v]) ? mo_min(first, m->voucher[v].use_by) : first;
    }
    for (int64_t day = first; day < before; day++) { /* day by day, orders before vouchers */
        for (int o = 0; o < MO_ORDERS; o++) {
            if (order_runs(&m->order[o]) && m->order[o].deadline == day) {
                mo_end_order(m, o, MO_O_EXPIRED);
            }
        }
        for (int v = 0; v < m->vouchers; v++) {
            if (mo_voucher_lives(&m->voucher[v]) && m->voucher[v].use_by == day) {
                mo_lapse(m, v);
            }
        }
    }
    mo_sweep_lines(m, before);
    m->swept_until = e->up_to;
    return mo_ok();
}

mo_answer mo_pool_open(mo_model *m, const mo_event *e)
{
    int64_t year = mo_year_of(e->today);
    if (e->pool < m->pools) {
        return mo_no("A02");
    }
    int jurisdiction = e->serial / 2;
    int holder_class = e->serial % 2;
    if (!mo_may_act(e, jurisdiction)) {
        return mo_no("R46");
    }
    if (e->year < year - 1 || e->year > year + 1) {
        return mo_no("A12");
    }
    for (int p = 0; p < m->pools; p++) {
        const mo_pool *other = &m->pool[p];
        if (other->jurisdiction == jurisdiction && other->holder_class == holder_class && other->year == e->year && other->rank == e->rank) {
            return mo_no("A07");
        }
    }
    mo_pool *pool = &m->pool[m->pools++];
    *pool = (mo_pool){.jurisdiction = jurisdiction, .year = e->year, .holder_class = holder_class, .rank = e->rank, .cash = e->amount, .free = e->amount};
    (void)snprintf(pool->name, sizeof pool->name, "PL-%d", e->pool);
    return mo_ok();
}

static mo_answer usable(const mo_model *m, const mo_event *e, int pool)
{
    if (pool >= m->pools) {
        return mo_no("A03");
    }
    if (!mo_may_act(e, m->pool[pool].jurisdiction)) {
        return mo_no("R46");
    }
    if (m->pool[pool].closed) {
        return mo_no("A12");
    }
    return e->amount == 0 ? mo_no("A13") : mo_ok();
}

mo_answer mo_pool_money(mo_model *m, const mo_event *e)
{
    mo_answer answer = usable(m, e, e->pool);
    if (mo_is(answer) && e->kind == MO_MOVE) {
        answer = usable(m, e, e->to_pool);
    }
    if (!mo_is(answer)) {
        return answer;
    }
    mo_pool *from = &m->pool[e->pool];
    if (e->kind == MO_APPROPRIATE) {
        from->free += e->amount;
        from->cash += e->amount;
        return answer;
    }
    if (e->kind == MO_MOVE && e->pool == e->to_pool) {
        return mo_no("A07");
    }
    if (e->kind == MO_MOVE && from->year != m->pool[e->to_pool].year) {
        return mo_no("A12");
    }
    if (e->amount > from->free) {
        return mo_no("R27");
    }
    from->free -= e->amount;
    from->cash -= e->amount;
    if (e->kind == MO_MOVE) {
        m->pool[e->to_pool].free += e->amount;
        m->pool[e->to_pool].cash += e->amount;
    }
    return answer;
}

/* --- year end --- */

/* All that the pool still owes or has earmarked or free (claims, backed by cash) or is owed (debts, backed by receivables). In settlement is not in it. */
static void standing(const mo_model *m, int pool, int64_t *claims, int64_t *debts)
{
    *claims = 0;
    *debts = 0;
    for (int o = 0; o < MO_ORDERS; o++) {
        for (int l = 0; m->order[o].rest > 0 && l < MO_LEGS; l++) {
            *claims += m->order[o].pool[l] == pool ? m->order[o].leg_rest[l] : 0;
        }
    }
    for (int v = 0; v < m->vouchers; v++) {
        for (int l = 0; l < MO_LEGS; l++) {
            *claims += m->voucher[v].pool[l] == pool ? m->voucher[v].earmark[l] : 0;
        }
    }
    for (int i = 0; i < m->items; i++) {
        for (int l = 0; l < MO_LEGS; l++) {
            *claims += m->item[i].leg[l].pool == pool ? m->item[i].leg[l].open + m->item[i].leg[l].returned : 0;
        }
    }
    for (int n = 0; n < m->notes; n++) {
        *debts += m->note[n].pool == pool ? m->note[n].rest : 0;
    }
    for (int k = 0; k < m->cases; k++) {
        *debts += m->kase[k].pool == pool ? m->kase[k].rest : 0;
    }
}

static void merge_notes(mo_model *m, int from, int to)
{
    int notes = m->notes;
    for (int n = 0; n < notes; n++) {
        mo_note moved = m->note[n];
        int other = 0;
        if (moved.pool != from || moved.rest == 0) {
            continue;
        }
        while (other < m->notes && (m->note[other].pool != to || m->note[other].item != moved.item || m->note[other].seq != moved.seq)) {
            other++;
        }
        m->note[n].rest = 0;
        if (other < m->notes) {
            m->note[other].rest += moved.rest;
        } else {
            moved.pool = to;
            m->note[m->notes++] = moved;
        }
    }
}

static void merge_cases(mo_model *m, int from, int to)
{
    int cases = m->cases;
    for (int k = 0; k < cases; k++) {
        mo_case moved = m->kase[k];
        int other = 0;
        if (moved.pool != from || moved.rest == 0) {
            continue;
        }
        while (other < m->cases && (m->kase[other].pool != to || m->kase[other].id != moved.id)) {
            other++;
        }
        m->kase[k].amount -= moved.rest;
        m->kase[k].rest = 0;
        if (other < m->cases) {
            m->kase[other].amount += moved.rest;
            m->kase[other].rest += moved.rest;
        } else {
            moved.pool = to;
            moved.amount = moved.rest;
            m->kase[m->cases++] = moved;
        }
    }
}

/* A voucher that had earmarks in both pools has one in the new pool. */
static void rename_voucher(mo_voucher *voucher, int from, int to)
{
    int there = -1;
    for (int l = 0; l < MO_LEGS; l++) {
        there = voucher->pool[l] == to ? l : there;
    }
    for (int l = 0; l < MO_LEGS; l++) {
        if (voucher->pool[l] == from && there >= 0) {
            voucher->earmark[there] += voucher->earmark[l];
            voucher->earmark[l] = 0;
            voucher->pool[l] = -1;
        } else if (voucher->pool[l] == from) {
            voucher->pool[l] = to;
        }
    }
}

static void rename_all(mo_model *m, int from, int to)
{
    for (int o = 0; o < MO_ORDERS; o++) {
        for (int l = 0; order_runs(&m->order[o]) && l < MO_LEGS; l++) {
            m->order[o].pool[l] = m->order[o].pool[l] == from ? to : m->order[o].pool[l];
        }
    }
    for (int v = 0; v < m->vouchers; v++) {
        if (mo_voucher_lives(&m->voucher[v])) {
            rename_voucher(&m->voucher[v], from, to);
        }
    }
    for (int i = 0; i < m->items; i++) {
        for (int l = 0; l < MO_LEGS; l++) {
            mo_leg *leg = &m->item[i].leg[l];
            leg->pool = leg->pool == from && leg->open + leg->returned > 0 ? to : leg->pool;
        }
    }
    merge_notes(m, from, to);
    merge_cases(m, from, to);
}

mo_answer mo_carry(mo_model *m, const mo_event *e, bool rehearse)
{
    int64_t claims;
    int64_t debts;
    if (e->pool >= m->pools || e->to_pool >= m->pools) {
        return mo_no("A03");
    }
    mo_pool *from = &m->pool[e->pool];
    mo_pool *to = &m->pool[e->to_pool];
    if (!mo_may_act(e, from->jurisdiction) || !mo_may_act(e, to->jurisdiction)) {
        return mo_no("R46");
    }
    if (from->jurisdiction != to->jurisdiction || from->holder_class != to->holder_class) {
        return mo_no("A07");
    }
    if (to->year != from->year + 1 || to->closed) {
        return mo_no("A12");
    }
    if (from->sealing != 0 || to->sealing != 0) {
        return mo_no("A04");
    }
    if (mo_is_due(m, e->today)) {
        return mo_no("A10");
    }
    standing(m, e->pool, &claims, &debts);
    claims += from->free;
    if (claims + debts == 0) {
        return mo_no("A13");
    }
    if (rehearse) {
        return mo_ok();
    }
    from->cash -= claims;
    to->cash += claims;
    to->free += from->free;
    from->free = 0;
    rename_all(m, e->pool, e->to_pool);
    return mo_ok();
}

mo_answer mo_close(mo_model *m, const mo_event *e, bool rehearse)
{
    int64_t claims;
    int64_t debts;
    if (e->pool >= m->pools) {
        return mo_no("A03");
    }
    mo_pool *pool = &m->pool[e->pool];
    if (!mo_may_act(e, pool->jurisdiction)) {
        return mo_no("R46");
    }
    if (pool->closed || pool->sealing != 0) {
        return mo_no("A04");
    }
    if (mo_is_due(m, e->today)) {
        return mo_no("A10");
    }
    standing(m, e->pool, &claims, &debts);
    if (claims + debts > 0) {
        return mo_no("A04");
    }
    if (!rehearse) {
        pool->cash -= pool->free;
        pool->free = 0;
        pool->closed = true;
    }
    return mo_ok();
}
