/* The checks of orders, captures and direct redemptions in the model, in the order of the rule book; the first refusal is the answer. See model.h. */
#include "tests/model/model.h"

#include <string.h>

/* What is claimed: of the request itself, or of the order that a capture names. */
typedef struct claim {
    const mo_policy *policy;
    int voucher, holder, provider, contract, purpose, instrument;
    int64_t contract_fen, contract_day, other, ordered;
    bool affiliated;
    const mo_order *order;
} claim;

static claim claim_of(const mo_model *m, const mo_event *e)
{
    if (e->kind != MO_CAPTURE) {
        return (claim){&m->policy[mo_policy_now(m, e->today)], e->voucher, e->holder, e->provider, e->contract, e->purpose, e->instrument, e->contract_fen, e->contract_day, e->other,
                       e->amount, e->affiliated, NULL};
    }
    const mo_order *o = &m->order[e->order];
    return (claim){&m->policy[o->policy], o->voucher, o->holder, o->provider, o->contract, o->purpose, e->instrument != 0 ? e->instrument : o->instrument, o->contract_fen,
                   o->contract_day, o->other, o->amount, o->affiliated, o};
}

static bool mandate_fails(const mo_model *m, const mo_event *e)
{
    const mo_mandate *mandate = &m->mandate[e->mandate];
    return !mandate->used_id || mandate->holder != e->holder || mandate->ended || e->today > mandate->until || (!mandate->all && e->provider != 0);
}

mo_consent mo_consent_for(const mo_model *m, const mo_event *e)
{
    const mo_key *key = &mo_keys[e->key];
    const mo_order_words *words = &m->words[e->order];
    const mo_policy *policy = &m->policy[mo_policy_now(m, e->today)];
    if (key->role == MO_HOLDER && key->party == e->holder) {
        return MO_C_KEY;
    }
    if (e->mandate >= 0 && !mandate_fails(m, e) && e->amount <= m->mandate[e->mandate].amount - m->mandate[e->mandate].used) {
        return MO_C_MANDATE;
    }
    return words->consent_said && !words->consent_used && e->amount <= policy->consent_cap ? MO_C_ATTESTED : MO_C_MISSING;
}

int64_t mo_draw(const mo_model *m, const mo_event *e, int pool[MO_LEGS], int64_t fen[MO_LEGS])
{
    const mo_voucher *voucher = &m->voucher[e->voucher];
    int64_t rest = e->amount;
    int64_t sum = 0;
    int legs = 0;
    int64_t budget = e->today <= mo_day_of(voucher->year, 12, 15) ? voucher->year : voucher->year + 1;
    for (int i = 0; i < MO_LEGS; i++) {
        pool[i] = -1;
        fen[i] = 0;
    }
    for (int i = 0; voucher->funded && i < MO_LEGS; i++) {
        if (voucher->earmark[i] > 0) {
            pool[legs] = voucher->pool[i];
            fen[legs] = mo_min(rest, voucher->earmark[i]);
            rest -= fen[legs++];
            sum += voucher->earmark[i];
        }
    }
    if (voucher->funded) {
        return sum;
    }
    const mo_holder *holder = &m->holder[voucher->holder];
    for (int rank = 1; rank < 10 && legs < MO_LEGS; rank++) {
        for (int p = 0; p < m->pools; p++) {
            const mo_pool *candidate = &m->pool[p];
            bool fits = candidate->rank == rank && candidate->year == budget && candidate->jurisdiction == holder->jurisdiction && candidate->holder_class == holder->holder_class;
            if (fits && !candidate->closed && candidate->free > 0 && legs < MO_LEGS) {
                pool[legs] = p;
                fen[legs] = mo_min(rest, candidate->free);
                rest -= fen[legs++];
                sum += candidate->free;
            }
        }
    }
    return sum;
}

int mo_invoice_of(const mo_model *m, const mo_event *e, bool *tangled)
{
    int found = -1;
    *tangled = false;
    for (int i = 0; i < 2; i++) {
        int record = e->number[i] >= 0 ? m->number[e->number[i]].record : -1;
        if (record >= 0) {
            *tangled = *tangled || (found >= 0 && found != record);
            found = record;
        }
    }
    return found;
}

int mo_word_of(const mo_model *m, const mo_event *e, int record)
{
    int word = 0;
    for (int i = 0; i < 2; i++) {
        int said = e->number[i] >= 0 ? m->number[e->number[i]].word : 0;
        word = said > word ? said : word; /* void wins over ok */
    }
    if (record >= 0 && (m->invoice[record].word == 2 || word == 0)) {
        word = m->invoice[record].word;
    }
    return word;
}

/* R04 to R14: parties, voucher, deadlines. */
static const char *judge_parties(const mo_model *m, const mo_event *e, const claim *c, mo_ruling *r)
{
    bool capture = e->kind == MO_CAPTURE;
    const mo_provider *provider = &m->provider[c->provider];
    int64_t day = e->kind == MO_ORDER ? e->today : e->done;
    if (day < provider->from || day > provider->to || e->today <= provider->suspended) {
        return "R04";
    }
    for (int i = 0; e->kind != MO_ORDER && i < provider->offs; i++) {
        if (e->done >= provider->off_from[i] && e->done <= provider->off_to[i]) {
            return "R04";
        }
    }
    if (!capture) {
        const mo_holder *holder = &m->holder[c->holder];
        if (e->today < holder->from || e->today > holder->to || e->today <= holder->banned) {
            return "R05";
        }
        if (mo_consent_for(m, e) == MO_C_MISSING) {
            if (e->mandate >= 0 && mandate_fails(m, e)) {
                return "R06";
            }
            r->gates |= MO_G_CONSENT;
        }
    }
    if (c->voucher >= m->vouchers) {
        return "R09";
    }
    const mo_voucher *voucher = &m->voucher[c->voucher];
    if (voucher->holder != c->holder) {
        return "R10";
    }
    bool honoured = capture && (voucher->state == MO_V_LAPSED || (voucher->state == MO_V_SUSPENDED && c->policy->suspended_captures));
    if (voucher->state != MO_V_ACTIVE && !honoured) {
        return "R11";
    }
    bool late = capture ? e->today > c->order->deadline : e->today > voucher->use_by;
    if (late || (e->kind == MO_DIRECT && e->today > e->done + c->policy->order_days)) {
        return "R12";
    }
    if (e->kind != MO_ORDER && mo_year_of(e->done) != voucher->year) {
        return "R13";
    }
    if (e->amount == 0 || e->amount > (capture ? c->order->rest : voucher->left)) {
        return "R14";
    }
    return "";
}

/* R18, R20, R21: what a person must decide. */
static void judge_service(const mo_event *e, const claim *c, mo_ruling *r)
{
    if (c->instrument == 2) {
        r->held = true; /* under customs supervision */
    }
    if (e->kind == MO_ORDER) {
        return;
    }
    if (e->done < c->contract_day || e->invoice_day < c->contract_day || e->done > e->today || (c->order != NULL && e->done < c->order->day)) {
        r->held = true;
    }
    int64_t units = e->quantity > 0 ? e->quantity : 1;
    if (c->instrument == 1 && e->part > mo_share_bp(50000 * units, c->policy->price_bp)) {
        r->held = true;
    }
}

static int64_t graded(const mo_policy *policy, int64_t total)
{
    int64_t low = mo_min(total, policy->tier_up_to);
    return mo_share_bp(low, policy->tier_bp) + mo_share_bp(total - low, policy->ratio_bp);
}

/* R23 to R28. */
static const char *judge_money(const mo_model *m, const mo_event *e, const claim *c, mo_ruling *r)
{
    int64_t base = mo_min(c->contract_fen, e->own + e->amount);
    base = e->kind == MO_ORDER ? base : mo_min(base, e->part);
    r->base = base;
    int64_t period = mo_year_of(e->kind == MO_ORDER ? e->today : e->done);
    int64_t before = m->tier[c->holder][c->provider][c->purpose][period - MO_FIRST_YEAR];
    int64_t allowed = c->policy->tier_up_to > 0 ? graded(c->policy, before + base) - graded(c->policy, before) : mo_share_bp(base, c->policy->ratio_bp);
    if (e->amount > (base > 0 ? allowed : 0)) {
        return "R23";
    }
    const mo_contract *contract = &m->contract[c->contract];
    if (base <= 0 || (contract->used > 0 && contract->fen != c->contract_fen)) {
        return "R24";
    }
    int64_t attested = m->words[e->order].own_attested;
    if (e->kind != MO_ORDER && (c->order != NULL ? c->order->own_used : 0) + e->own > attested) {
        r->gates |= MO_G_OWN;
    }
    int64_t other = c->order != NULL && c->ordered > e->amount ? mo_half_up(c->other, e->amount, c->ordered) : c->other;
    if (e->amount + other > mo_share_bp(base, c->policy->public_bp)) {
        return "R26";
    }
    int pool[MO_LEGS];
    int64_t fen[MO_LEGS];
    if (e->kind != MO_CAPTURE && e->amount > mo_draw(m, e, pool, fen)) {
        return "R27";
    }
    return contract->used + base > c->contract_fen ? "R28" : "";
}

/* R31 to R36. */
static const char *judge_invoice(const mo_model *m, const mo_event *e, const claim *c, mo_ruling *r)
{
    bool tangled;
    int record = mo_invoice_of(m, e, &tangled);
    int64_t year = mo_year_of(e->invoice_day);
    int64_t left = record >= 0 ? m->invoice[record].gross - m->invoice[record].used - m->invoice[record].red : e->invoice_fen;
    bool other_plan = record >= 0 && m->invoice[record].other_plan;
    for (int i = 0; i < 2; i++) {
        const mo_number *number = e->number[i] >= 0 ? &m->number[e->number[i]] : NULL;
        if (number != NULL && number->year != year) {
            return "R31";
        }
        left -= number != NULL && number->record < 0 ? number->red : 0;
        other_plan = other_plan || (number != NULL && number->other_plan);
    }
    if (e->invoice_day > e->today || year < m->voucher[c->voucher].year) {
        return "R31";
    }
    if (tangled || other_plan || e->part > left) {
        return "R32";
    }
    r->contested = record >= 0 && (m->invoice[record].holder != c->holder || m->invoice[record].provider != c->provider);
    r->held = r->held || r->contested;
    if (mo_word_of(m, e, record) != 1) {
        r->gates |= MO_G_INVOICE;
    }
    if (e->part < e->own + e->amount || (record >= 0 && m->invoice[record].gross != e->invoice_fen)) {
        return "R34";
    }
    return "";
}

mo_ruling mo_judge(const mo_model *m, const mo_event *e)
{
    claim c = claim_of(m, e);
    mo_ruling r = {.code = ""};
    if (c.order != NULL) {
        r.gates = c.order->gated ? MO_G_CONSENT : 0;
        r.held = c.order->held;
    }
    const mo_key *key = &mo_keys[e->key];
    r.code = judge_parties(m, e, &c, &r);
    judge_service(e, &c, &r);
    r.code = r.code[0] == '\0' ? judge_money(m, e, &c, &r) : r.code;
    r.code = r.code[0] == '\0' && e->kind != MO_ORDER ? judge_invoice(m, e, &c, &r) : r.code;
    if (r.code[0] == '\0' && e->kind != MO_CAPTURE && c.affiliated) {
        r.code = "R35";
    }
    if (r.code[0] == '\0' && e->kind != MO_ORDER && m->words[e->order].other_plan) {
        r.code = "R36";
    }
    if (r.code[0] == '\0' && key->limit > 0 && e->amount > key->limit) {
        r.code = "R47";
    }
    return r;
}
