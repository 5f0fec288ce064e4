/* Quota and earmarks in the model: what a voucher takes, what comes back to it, and what goes past it once it has ended. See model.h. */
#include "tests/model/model.h"

#include <string.h>

#include <stdio.h>

bool mo_voucher_lives(const mo_voucher *voucher)
{
    return voucher->state == MO_V_ACTIVE || voucher->state == MO_V_SUSPENDED;
}

static int64_t *quota_of(mo_model *m, const mo_voucher *voucher)
{
    return &m->quota_left[voucher->holder][voucher->year - MO_FIRST_YEAR];
}

void mo_give_back(mo_model *m, int v, int pool, int64_t fen)
{
    mo_voucher *voucher = &m->voucher[v];
    bool lives = mo_voucher_lives(voucher);
    int leg = 0;
    while (leg < MO_LEGS && voucher->pool[leg] != pool) {
        leg++;
    }
    if (voucher->funded && lives && leg < MO_LEGS) {
        voucher->earmark[leg] += fen;
    } else {
        m->pool[pool].free += fen;
    }
    if (lives) {
        voucher->used -= fen;
        voucher->left += fen;
    } else if (voucher->state == MO_V_REVOKED || m->policy[voucher->policy].lapse_restores) {
        voucher->used -= fen;
        *quota_of(m, voucher) += fen;
    }
}

static void free_earmarks(mo_model *m, mo_voucher *voucher)
{
    for (int i = 0; i < MO_LEGS; i++) {
        if (voucher->earmark[i] > 0) {
            m->pool[voucher->pool[i]].free += voucher->earmark[i];
            voucher->earmark[i] = 0;
        }
    }
}

void mo_lapse(mo_model *m, int v)
{
    mo_voucher *voucher = &m->voucher[v];
    if (m->policy[voucher->policy].lapse_restores) {
        *quota_of(m, voucher) += voucher->left;
    } else {
        voucher->used += voucher->left;
    }
    voucher->left = 0;
    free_earmarks(m, voucher);
    voucher->state = MO_V_LAPSED;
}

static mo_answer may_allot(const mo_model *m, const mo_event *e, int policy, int64_t left, int64_t funds)
{
    const mo_holder *holder = &m->holder[e->holder];
    int64_t year = mo_year_of(e->today);
    if (e->year < year || e->year > year + 1) {
        return mo_no("A12");
    }
    if (e->until != 0 && e->until < e->today) {
        return mo_no("A07");
    }
    if (e->amount == 0) {
        return mo_no("R14");
    }
    if (e->today < holder->from || e->today > holder->to || holder->banned >= e->today) {
        return mo_no("R05");
    }
    if (e->amount > left) {
        return mo_no("R15");
    }
    return m->policy[policy].at_issue && e->amount > funds ? mo_no("R27") : mo_ok();
}

mo_answer mo_allot(mo_model *m, const mo_event *e)
{
    if (e->voucher < m->vouchers) {
        return mo_no("A02");
    }
    int policy = mo_policy_now(m, e->today);
    int class = m->holder[e->holder].holder_class;
    int slot = e->year - MO_FIRST_YEAR;
    int64_t left = m->quota_open[e->holder][slot] ? m->quota_left[e->holder][slot] : m->policy[policy].cap[class];
    mo_voucher fresh = {.holder = e->holder, .year = e->year, .policy = policy, .state = MO_V_ACTIVE, .left = e->amount, .funded = m->policy[policy].at_issue};
    int64_t gives[MO_LEGS];
    mo_event wish = *e; /* drawn as if by an order of a voucher without earmarks */
    m->voucher[m->vouchers] = (mo_voucher){.holder = e->holder, .year = e->year, .policy = policy};
    wish.voucher = m->vouchers;
    int64_t funds = mo_draw(m, &wish, fresh.pool, gives);
    mo_answer answer = strcmp(mo_keys[e->key].name, "issuer-2") == 0 ? mo_no("R46") : may_allot(m, e, policy, left, funds); /* issuer-2 enrolled every holder */
    if (!mo_is(answer)) {
        return answer;
    }
    fresh.use_by = mo_min(e->today + m->policy[policy].use_by_days, mo_day_of(e->year, 12, 31));
    fresh.use_by = e->until != 0 ? mo_min(fresh.use_by, e->until) : fresh.use_by;
    for (int i = 0; i < MO_LEGS; i++) {
        if (!fresh.funded || gives[i] == 0) {
            fresh.pool[i] = -1;
            continue;
        }
        fresh.earmark[i] = gives[i];
        m->pool[fresh.pool[i]].free -= gives[i];
    }
    m->quota_open[e->holder][slot] = true;
    m->quota_left[e->holder][slot] = left - e->amount;
    (void)snprintf(fresh.name, sizeof fresh.name, "W-%d", e->voucher);
    m->voucher[m->vouchers++] = fresh;
    return answer;
}

static mo_answer change(mo_model *m, const mo_event *e, mo_voucher_state from, mo_voucher_state to)
{
    if (e->voucher >= m->vouchers) {
        return mo_no("R09");
    }
    if (m->voucher[e->voucher].state != from) {
        return mo_no("A04");
    }
    m->voucher[e->voucher].state = to;
    return mo_ok();
}

mo_answer mo_suspend(mo_model *m, const mo_event *e) { return change(m, e, MO_V_ACTIVE, MO_V_SUSPENDED); }
mo_answer mo_resume(mo_model *m, const mo_event *e) { return change(m, e, MO_V_SUSPENDED, MO_V_ACTIVE); }

mo_answer mo_revoke(mo_model *m, const mo_event *e)
{
    if (e->voucher >= m->vouchers) {
        return mo_no("R09");
    }
    mo_voucher *voucher = &m->voucher[e->voucher];
    if (!mo_voucher_lives(voucher)) {
        return mo_no("A04");
    }
    *quota_of(m, voucher) += voucher->left;
    voucher->left = 0;
    free_earmarks(m, voucher);
    voucher->state = MO_V_REVOKED;
    return mo_ok();
}
