/* Random settlement, review and pool events, and the mixture of them all; see events.h. */
#include "tests/model/events.h"

#include <stdlib.h>

/* splitmix64 */
uint64_t mo_random(mo_gen *g)
{
    g->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = g->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

int mo_pick(mo_gen *g, int below) { return below <= 1 ? 0 : (int)(mo_random(g) % (uint64_t)below); }
bool mo_chance(mo_gen *g, int of) { return mo_pick(g, of) == 0; }
int64_t mo_between(mo_gen *g, int64_t low, int64_t high) { return high <= low ? low : low + (int64_t)(mo_random(g) % (uint64_t)(high - low + 1)); }

mo_event mo_blank(mo_kind kind, int key)
{
    return (mo_event){.kind = kind, .key = key, .second = -1, .voucher = -1, .holder = -1, .provider = -1, .order = -1, .item = -1, .note_row = -1, .note = -1, .kase = -1, .pool = -1, .to_pool = -1,
                      .batch = -1, .mandate = -1, .proposal = -1, .number = {-1, -1}, .contract = -1};
}

static int officer(mo_gen *g, const char *usual, const char *other)
{
    if (mo_chance(g, 60)) {
        return mo_pick(g, mo_key_count);
    }
    return mo_find_key(mo_chance(g, 25) ? other : usual);
}

static mo_event refund(mo_gen *g, const mo_model *m)
{
    mo_event e = mo_blank(MO_REFUND, 0);
    e.item = m->shares > 0 && mo_chance(g, 3) ? m->share[(size_t)mo_pick(g, (int)m->shares)].item : mo_some_item(g, m);
    const mo_item *item = &m->item[e.item];
    bool known = e.item < m->items;
    int64_t most = known ? item->amount - mo_refunded(item) : 100;
    e.key = mo_provider_key(g, known ? item->provider : 0, known && m->order[item->order].lab);
    e.note = mo_chance(g, 30) && g->next_note > 0 ? mo_pick(g, g->next_note) : g->next_note++;
    e.amount = mo_chance(g, 4) ? most + mo_pick(g, 2) : mo_between(g, 0, most);
    return e;
}

static mo_event void_item(mo_gen *g, const mo_model *m)
{
    mo_event e = mo_blank(MO_VOID_ITEM, 0);
    e.item = mo_some_item(g, m);
    e.order = e.item < m->items && !mo_chance(g, 30) ? m->item[e.item].order : mo_some_order(g, m, false);
    e.key = mo_provider_key(g, m->order[e.order].provider, m->order[e.order].lab);
    return e;
}

/* The word of the tax office, a red letter or another plan, mostly about an invoice of a recent item. */
static mo_event on_invoice(mo_gen *g, mo_model *m, mo_kind kind)
{
    mo_event e = mo_blank(kind, mo_find_key(mo_chance(g, 40) ? "issuer-1" : "attester"));
    e.number[0] = g->next_number - 1 - mo_pick(g, g->next_number < 60 ? g->next_number : 60);
    for (int i = 0; kind == MO_INVOICE_WORD && i < 6 && e.number[0] >= 0 && m->number[e.number[0]].word != 0; i++) {
        e.number[0] = g->next_number - 1 - mo_pick(g, g->next_number < 60 ? g->next_number : 60);
    }
    if (e.number[0] < 0 || mo_chance(g, 50)) {
        m->number[g->next_number].year = 2026;
        e.number[0] = g->next_number++;
    }
    e.good = !mo_chance(g, 12);
    e.serial = mo_chance(g, 20) && g->next_red > 0 ? mo_pick(g, g->next_red) : g->next_red++;
    const mo_invoice *record = m->number[e.number[0]].record >= 0 ? &m->invoice[m->number[e.number[0]].record] : NULL;
    e.amount = mo_between(g, mo_chance(g, 10) ? 0 : 1, record != NULL ? record->gross - record->red + (mo_chance(g, 10) ? 1 : 0) : 9000);
    if (kind == MO_OTHER_PLAN && mo_chance(g, 2)) {
        e.order = mo_some_order(g, m, false);
    }
    return e;
}

static int held_item(mo_gen *g, const mo_model *m)
{
    int item = mo_some_item(g, m);
    for (int i = 0; i < 20 && (item >= m->items || !m->item[item].held); i++) {
        item = mo_some_item(g, m);
    }
    return item;
}

static mo_event review(mo_gen *g, const mo_model *m, mo_kind kind)
{
    mo_event e = mo_blank(kind, officer(g, "reviewer-1", "reviewer-2"));
    e.item = held_item(g, m);
    return e;
}

static mo_event clawback(mo_gen *g, const mo_model *m)
{
    mo_event e = mo_blank(MO_CLAWBACK, officer(g, "reviewer-1", "reviewer-2"));
    e.item = mo_some_item(g, m);
    for (int i = 0; i < 20 && (e.item >= m->items || mo_settled(&m->item[e.item]) == 0); i++) {
        e.item = mo_some_item(g, m);
    }
    bool known;
    e.item = e.item < m->items && mo_settled(&m->item[e.item]) == 0 && m->shares > 0 && !mo_chance(g, 8) ? m->share[(size_t)mo_pick(g, (int)m->shares)].item : e.item;
    known = e.item < m->items;
    e.holder = known && !mo_chance(g, 25) ? m->item[e.item].holder : 1;
    e.kase = mo_chance(g, 15) && g->next_case > 0 ? mo_pick(g, g->next_case) : g->next_case++;
    e.amount = mo_between(g, mo_chance(g, 10) ? 0 : 1, known ? mo_settled(&m->item[e.item]) + (mo_chance(g, 10) ? 1 : 0) : 5);
    return e;
}

/* Money for a note or a case comes back, or is written off. */
static mo_event debt(mo_gen *g, const mo_model *m, mo_kind kind)
{
    mo_event e = mo_blank(kind, kind == MO_RECOVER ? officer(g, "maker", "maker-81") : officer(g, "reviewer-2", "reviewer-1"));
    int64_t rest = 10;
    e.note = g->next_note > 0 ? mo_pick(g, g->next_note) : 0;
    for (int i = 0; i < 20 && m->notes > 0; i++) {
        const mo_note *note = &m->note[mo_pick(g, m->notes)];
        if (note->rest > 0 && note->name[0] == 'N') {
            e.note = (int)strtol(note->name + 2, NULL, 10);
            e.pool = note->pool;
            rest = note->rest;
            break;
        }
    }
    if (m->cases > 0 && mo_chance(g, 2)) {
        const mo_case *kase = &m->kase[mo_pick(g, m->cases)];
        e.note = -1;
        e.kase = kase->id;
        e.pool = kase->pool;
        rest = kase->rest;
    }
    e.with_pool = e.pool >= 0 && !mo_chance(g, 3);
    e.pool = mo_chance(g, 25) || e.pool < 0 ? mo_pick(g, m->pools) : e.pool;
    e.amount = mo_chance(g, 3) ? rest + mo_pick(g, 2) : mo_between(g, 0, rest);
    return e;
}

/* --- settlement --- */

static mo_event seal(mo_gen *g, const mo_model *m, int64_t today, int64_t seq)
{
    mo_event e = mo_blank(MO_SEAL, officer(g, "maker", mo_chance(g, 2) ? "maker-81" : "maker-2"));
    e.pool = mo_pick(g, m->pools);
    int start = m->items > 0 ? mo_pick(g, m->items) : 0;
    for (int i = 0; i < m->items && !mo_chance(g, 2000); i++) { /* a pool that owes something */
        const mo_item *item = &m->item[(start + i) % m->items];
        const mo_leg *leg = &item->leg[mo_pick(g, 2)];
        bool ready = !item->held && item->gates == 0 && item->notice_until <= today && m->invoice[item->invoice].word == 1;
        if (leg->pool >= 0 && leg->open + leg->returned > 0 && ready && !m->pool[leg->pool].closed) {
            e.pool = leg->pool;
            break;
        }
    }
    while (m->batch[g->next_batch].state != MO_B_NONE) {
        g->next_batch++;
    }
    e.batch = mo_chance(g, 30) && g->next_batch > 0 ? mo_pick(g, g->next_batch) : g->next_batch;
    e.cutoff = seq - (mo_chance(g, 6) ? mo_between(g, 0, 300) : 0) + (mo_chance(g, 40) ? 1 : 0);
    e.cutoff = e.cutoff < 0 ? 0 : e.cutoff;
    e.execution = today + mo_between(g, mo_chance(g, 20) ? -1 : 1, 12);
    e.forced = mo_chance(g, 2);
    e.chunk = mo_chance(g, 5) ? (int)mo_between(g, 1, 4) : 0;
    return e;
}

static int some_batch(mo_gen *g, const mo_model *m, mo_batch_state state)
{
    int start = mo_pick(g, g->next_batch + 1);
    for (int i = 0; !mo_chance(g, 30) && i < g->next_batch; i++) {
        int batch = (start + i) % g->next_batch;
        bool late = m->batch[batch].execution * INT64_C(86400000) < g->now && (state == MO_B_SEALED || state == MO_B_APPROVED);
        if (m->batch[batch].state == state && !late) {
            return batch;
        }
    }
    return start;
}

/* One that finance still has in its hands, or any. */
static int batch_at_home(mo_gen *g, const mo_model *m)
{
    for (int b = g->next_batch - 1; b >= 0 && !mo_chance(g, 60); b--) {
        const mo_batch *batch = &m->batch[b];
        if (batch->state == MO_B_RELEASED && !batch->sent && !batch->acked && !batch->answered) {
            return b;
        }
    }
    return some_batch(g, m, MO_B_RELEASED);
}

/* What a bank would say next, mostly. */
static int some_answer(mo_gen *g, mo_line_state state)
{
    static const int first[] = {MO_ANS_ACCEPTED, MO_ANS_DEBITED, MO_ANS_DEBITED, MO_ANS_DEBITED, MO_ANS_FAILED, MO_ANS_FAILED, MO_ANS_UNKNOWN, MO_ANS_UNKNOWN};
    static const int later[] = {MO_ANS_PAID, MO_ANS_PAID, MO_ANS_PAID, MO_ANS_RETURNED};
    if (mo_chance(g, 12)) {
        return mo_pick(g, 6);
    }
    return state == MO_L_DEBITED || state == MO_L_PAID ? later[mo_pick(g, 4)] : first[mo_pick(g, 8)];
}

/* The state in which an officer has something to do of this kind. */
static mo_batch_state wants(mo_kind kind)
{
    bool with_the_bank = kind == MO_ANSWER || kind == MO_SUBMIT || kind == MO_ACK || kind == MO_BANK_REJECT || kind == MO_BATCH_VOID;
    return kind == MO_CONTINUE ? MO_B_DRAFT : kind == MO_RELEASE ? MO_B_APPROVED : with_the_bank ? MO_B_RELEASED : MO_B_SEALED;
}

static mo_event on_batch(mo_gen *g, const mo_model *m, mo_kind kind)
{
    mo_event e = mo_blank(kind, 0);
    e.batch = some_batch(g, m, wants(kind) == MO_B_RELEASED && mo_chance(g, 12) ? MO_B_CLOSED : wants(kind));
    if (kind == MO_SUBMIT || kind == MO_ACK || kind == MO_BATCH_VOID) {
        e.batch = batch_at_home(g, m);
    }
    const mo_batch *batch = &m->batch[e.batch];
    e.provider = mo_pick(g, 2);
    e.provider = batch->line[e.provider].state == MO_L_NONE && !mo_chance(g, 20) ? 1 - e.provider : e.provider;
    mo_payable(batch, &e.count, &e.total);
    switch ((int)kind) { /* the other kinds are made elsewhere */
    case MO_CONTINUE:
        e.key = batch->state == MO_B_DRAFT && !mo_chance(g, 12) ? batch->maker : officer(g, "maker", "maker-2");
        e.seal_part = batch->parts + 1 + (mo_chance(g, 12) ? 1 : 0);
        e.seal_part = e.seal_part < 2 ? 2 : e.seal_part;
        break;
    case MO_OBJECT: e.key = officer(g, "reviewer-1", "reviewer-2"); break;
    case MO_APPROVE: e.key = officer(g, "checker", "checker-81"); break;
    case MO_WITHDRAW: e.key = officer(g, "maker", "checker-81"); break;
    case MO_ACK:
    case MO_BANK_REJECT:
    case MO_ANSWER: e.key = officer(g, "maker-2", "attester"); break;
    case MO_SUBMIT:
        e.key = officer(g, "maker", "releaser");
        e.count = batch->released_count;
        e.total = batch->released_total;
        break;
    case MO_BATCH_VOID: e.key = officer(g, "checker", "releaser"); break;
    default: e.key = officer(g, "releaser", "checker"); break;
    }
    e.good = batch->state != MO_B_NONE && !mo_chance(g, 20);
    if (mo_chance(g, 12)) {
        e.count += mo_pick(g, 2);
        e.total += mo_chance(g, 2) ? 1 : batch->line[1].net;
    }
    e.answer = some_answer(g, batch->line[e.provider].state);
    if (kind == MO_ANSWER && mo_chance(g, 4) && mo_paid_last_year(&e, g, m)) {
        batch = &m->batch[e.batch];
        e.answer = MO_ANS_RETURNED;
    }
    e.with_amount = mo_chance(g, 3);
    e.amount = batch->line[e.provider].net + (mo_chance(g, 8) ? 1 : 0);
    return e;
}

static mo_event second(mo_gen *g, const mo_model *m)
{
    mo_event e = mo_blank(MO_SECOND, 0);
    e.proposal = m->proposals - 1 - mo_pick(g, m->proposals < 3 ? m->proposals : 3);
    for (int i = m->proposals - 1; i >= 0 && i > m->proposals - 12 && !mo_chance(g, 8); i--) {
        if (!m->proposal[i].done && m->proposal[i].expires > g->now) {
            e.proposal = i;
            break;
        }
    }
    e.proposal = e.proposal < 0 || mo_chance(g, 40) ? m->proposals : e.proposal;
    bool finance = e.proposal < m->proposals && (m->proposal[e.proposal].event.kind == MO_CARRY || m->proposal[e.proposal].event.kind == MO_CLOSE);
    if (e.proposal < m->proposals && m->proposal[e.proposal].event.kind == MO_BATCH_VOID) {
        e.key = officer(g, mo_chance(g, 2) ? "checker" : "releaser", "maker");
        return e;
    }
    e.key = finance ? officer(g, "maker-2", mo_chance(g, 2) ? "maker" : "maker-81") : officer(g, "reviewer-2", "issuer-2");
    e.key = !finance && mo_chance(g, 2) ? mo_find_key("reviewer-1") : e.key;
    return e;
}

/* --- pools --- */

static mo_event sweep(mo_gen *g)
{
    mo_event e = mo_blank(MO_SWEEP, officer(g, "service", "maker"));
    e.up_to = (g->now - (mo_chance(g, 6) ? mo_between(g, 0, 4) * 86400000 : 0)) / 1000 * 1000 + (mo_chance(g, 40) ? 90000000 : 0);
    return e;
}

static mo_event pool_money(mo_gen *g, const mo_model *m)
{
    int choice = mo_pick(g, 8);
    mo_event e = mo_blank(choice < 5 ? MO_APPROPRIATE : choice < 6 ? MO_CUT : MO_MOVE, officer(g, "maker", "maker-81"));
    e.pool = mo_chance(g, 40) ? m->pools : m->pools - 1 - mo_pick(g, m->pools < 12 ? m->pools : 12);
    e.to_pool = mo_pick(g, m->pools);
    int64_t free = e.pool < m->pools ? m->pool[e.pool].free : 5;
    e.amount = e.kind == MO_APPROPRIATE ? mo_between(g, 0, 3000000) : mo_chance(g, 4) ? free + mo_pick(g, 2) : mo_between(g, 0, free / 3);
    return e;
}

/* In the new year what is left of the old pools goes on, and they are closed. */
static mo_event year_end(mo_gen *g, const mo_model *m, int64_t today)
{
    mo_event e = mo_blank(mo_chance(g, 3) ? MO_CLOSE : MO_CARRY, officer(g, "maker", mo_chance(g, 2) ? "maker-2" : "maker-81"));
    int64_t year = mo_year_of(today);
    e.pool = mo_pick(g, m->pools);
    for (int i = 0; i < 30 && (m->pool[e.pool].year >= year || m->pool[e.pool].closed); i++) {
        e.pool = mo_pick(g, m->pools);
    }
    int start = m->items > 0 ? mo_pick(g, m->items) : 0;
    for (int i = 0; i < m->items && e.kind == MO_CARRY && !mo_chance(g, 1000); i++) { /* a pool with money that came back too late */
        const mo_leg *leg = &m->item[(start + i) % m->items].leg[0];
        if (leg->pool >= 0 && leg->returned > 0 && m->pool[leg->pool].year < year) {
            e.pool = leg->pool;
            break;
        }
    }
    e.to_pool = mo_pick(g, m->pools);
    for (int i = 0; i < 60 && !mo_chance(g, 40); i++) {
        const mo_pool *a = &m->pool[e.pool];
        const mo_pool *b = &m->pool[e.to_pool];
        if (b->year == a->year + 1 && a->jurisdiction == b->jurisdiction && a->holder_class == b->holder_class) {
            break;
        }
        e.to_pool = mo_pick(g, m->pools);
    }
    return e;
}

/* Each year has the same pools: two for enterprises of 330602, one for its entrepreneurs, one for 330681. */
static bool opens_pool(mo_gen *g, const mo_model *m, int64_t today, mo_event *e)
{
    static const struct { int serial, rank; int64_t amount; } plan[] = {{0, 1, 900000}, {0, 2, 30000000}, {1, 1, 20000000}, {2, 1, 30000000}};
    int year = (int)mo_year_of(today) + (mo_chance(g, 30) ? 2 : mo_chance(g, 3) ? 1 : 0);
    int wish = mo_pick(g, 4);
    for (int p = 0; p < m->pools && !mo_chance(g, 200); p++) {
        const mo_pool *pool = &m->pool[p];
        if (pool->year == year && pool->rank == plan[wish].rank && pool->jurisdiction == plan[wish].serial / 2 && pool->holder_class == plan[wish].serial % 2) {
            return false;
        }
    }
    *e = mo_blank(MO_POOL_OPEN, officer(g, "maker", "maker-81"));
    e->pool = mo_chance(g, 40) ? mo_pick(g, m->pools) : m->pools;
    e->year = year;
    e->serial = plan[wish].serial;
    e->rank = plan[wish].rank;
    e->amount = plan[wish].amount;
    return m->pools < MO_POOLS - 1;
}

static mo_event bar(mo_gen *g, int64_t today)
{
    mo_event e = mo_blank(mo_chance(g, 2) ? MO_PROVIDER_SUSPEND : MO_HOLDER_BAN, mo_find_key("issuer-2"));
    e.provider = mo_pick(g, MO_PROVIDERS);
    e.holder = mo_pick(g, MO_HOLDERS);
    e.good = mo_chance(g, 2);
    e.until = today + mo_between(g, -2, 3);
    return e;
}

static void pass_time(mo_gen *g)
{
    g->now += mo_between(g, 1, 20) * 60000;
    if (mo_chance(g, 30)) {
        g->now += mo_between(g, 1, 4) * INT64_C(86400000);
    }
}

/* Officers mostly act on what is there. */
static bool nothing_to_do(mo_gen *g, const mo_model *m, mo_kind kind)
{
    mo_batch_state wanted = wants(kind);
    for (int b = 0; b < g->next_batch; b++) {
        bool late = m->batch[b].execution * INT64_C(86400000) < g->now && wanted != MO_B_RELEASED;
        if (m->batch[b].state == wanted && !late) {
            return false;
        }
    }
    return !mo_chance(g, 12);
}

static mo_event any_event(mo_gen *g, mo_model *m, int64_t today, int64_t seq)
{
    static const struct { mo_kind kind; int weight; } mix[] = {
        {MO_ALLOT, 30}, {MO_SUSPEND, 10}, {MO_MANDATE, 8}, {MO_ORDER, 130}, {MO_EXTEND, 12}, {MO_CONFIRM, 18}, {MO_CAPTURE, 170}, {MO_DIRECT, 45}, {MO_VOID_ORDER, 20},
        {MO_VOID_ITEM, 22}, {MO_REFUND, 90}, {MO_OWN_SHARE, 90}, {MO_CONSENT, 60}, {MO_INVOICE_WORD, 110}, {MO_OTHER_PLAN, 3}, {MO_RED_LETTER, 14}, {MO_RELEASE_HOLD, 34},
        {MO_REJECT, 12}, {MO_CLAWBACK, 12}, {MO_RECOVER, 16}, {MO_WRITE_OFF, 8}, {MO_SEAL, 80}, {MO_CONTINUE, 60}, {MO_OBJECT, 8}, {MO_APPROVE, 60}, {MO_RELEASE, 80}, {MO_WITHDRAW, 5}, {MO_SUBMIT, 34}, {MO_ACK, 10},
        {MO_BANK_REJECT, 5}, {MO_BATCH_VOID, 8}, {MO_ANSWER, 200},
        {MO_SWEEP, 30}, {MO_SECOND, 32}, {MO_CUT, 20}, {MO_CARRY, 40}, {MO_POOL_OPEN, 16}, {MO_HOLDER_BAN, 4}};
    int sum = 0;
    for (size_t i = 0; i < sizeof mix / sizeof mix[0]; i++) {
        sum += mix[i].weight;
    }
    int ticket = mo_pick(g, sum);
    size_t chosen = 0;
    while (ticket >= mix[chosen].weight) {
        ticket -= mix[chosen++].weight;
    }
    mo_event e;
    mo_kind kind = mix[chosen].kind;
    if (mo_chance(g, 5) && mo_clears_gate(&e, g, m)) {
        return e;
    }
    if (mo_chance(g, 4) && mo_next_need(g, m, &kind)) {
        e = on_batch(g, m, kind);
        return mo_keeps_quiet(m, &e) ? sweep(g) : e;
    }
    switch ((int)kind) { /* the other kinds are made elsewhere */
    case MO_ALLOT: return mo_gen_allot(g, m, today);
    case MO_SUSPEND: return mo_gen_voucher(g, m);
    case MO_MANDATE: return mo_gen_mandate(g, m, today);
    case MO_ORDER: return mo_gen_order(g, m, today);
    case MO_CAPTURE: return mo_gen_capture(g, m, today);
    case MO_DIRECT: return mo_gen_direct(g, m, today);
    case MO_EXTEND:
    case MO_CONFIRM:
    case MO_VOID_ORDER:
    case MO_OWN_SHARE:
    case MO_CONSENT: return mo_gen_on_order(g, m, kind);
    case MO_VOID_ITEM: return void_item(g, m);
    case MO_REFUND: return refund(g, m);
    case MO_INVOICE_WORD:
    case MO_OTHER_PLAN:
    case MO_RED_LETTER: return on_invoice(g, m, kind);
    case MO_RELEASE_HOLD:
    case MO_REJECT: return review(g, m, kind);
    case MO_CLAWBACK: return clawback(g, m);
    case MO_RECOVER:
    case MO_WRITE_OFF: return debt(g, m, kind);
    case MO_SEAL: return mo_is_due(m, today) && !mo_chance(g, 4) ? sweep(g) : seal(g, m, today, seq);
    case MO_CONTINUE:
    case MO_OBJECT:
    case MO_APPROVE:
    case MO_RELEASE:
    case MO_WITHDRAW:
    case MO_SUBMIT:
    case MO_ACK:
    case MO_BANK_REJECT:
    case MO_BATCH_VOID:
    case MO_ANSWER:
        if (!nothing_to_do(g, m, kind)) {
            e = on_batch(g, m, kind);
            return mo_keeps_quiet(m, &e) ? mo_gen_capture(g, m, today) : e;
        }
        return mo_is_due(m, today) ? sweep(g) : mo_chance(g, 3) ? mo_gen_capture(g, m, today) : mo_chance(g, 2) ? seal(g, m, today, seq) : on_invoice(g, m, MO_INVOICE_WORD);
    case MO_SECOND: return second(g, m);
    case MO_CARRY: return mo_is_due(m, today) && !mo_chance(g, 4) ? sweep(g) : year_end(g, m, today);
    case MO_CUT: return pool_money(g, m);
    case MO_POOL_OPEN: return opens_pool(g, m, today, &e) ? e : pool_money(g, m);
    case MO_HOLDER_BAN: return bar(g, today);
    default: return sweep(g);
    }
}

mo_event mo_next(mo_gen *g, mo_model *m, int64_t seq)
{
    pass_time(g);
    int64_t today = (g->now + 8 * INT64_C(3600000)) / INT64_C(86400000);
    mo_event e = any_event(g, m, today, seq);
    e.seq = seq;
    e.now = g->now;
    e.today = today;
    return e;
}
