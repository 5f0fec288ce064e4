/* Random vouchers, orders, captures and what is said about them; see events.h. */
#include "tests/model/events.h"

static int recent(mo_gen *g, int count, int window)
{
    if (count <= 0) {
        return 0;
    }
    return count > window && !mo_chance(g, 5) ? count - 1 - mo_pick(g, window) : mo_pick(g, count);
}

int mo_provider_key(mo_gen *g, int provider, bool lab)
{
    if (mo_chance(g, 40)) {
        return mo_pick(g, mo_key_count);
    }
    if (mo_chance(g, 40)) {
        provider = 1 - provider;
    }
    if ((lab && !mo_chance(g, 4)) || mo_chance(g, 30)) {
        return mo_find_key("provider/12330600X00000086C/lab-3");
    }
    return mo_find_key(provider == 0 ? "provider/12330600X00000086C" : "provider/52330600X000000943");
}

static int holder_key(mo_gen *g, int holder)
{
    if (holder == 2 || mo_chance(g, 20)) {
        return mo_find_key("holder/E-0001");
    }
    return mo_find_key("holder/91330602X000000271");
}

int mo_some_order(mo_gen *g, const mo_model *m, bool running)
{
    int start = recent(g, g->next_order, 40);
    for (int i = 0; running && i < g->next_order; i++) {
        int order = (start + i) % g->next_order;
        if (m->order[order].state == MO_O_RESERVED || m->order[order].state == MO_O_PARTIAL) {
            return order;
        }
    }
    return start;
}

int mo_some_item(mo_gen *g, const mo_model *m)
{
    return mo_chance(g, 60) ? m->items : recent(g, m->items, 80);
}

static int64_t some_amount(mo_gen *g)
{
    if (mo_chance(g, 40)) {
        return mo_between(g, 400000, 6000000);
    }
    return mo_chance(g, 12) ? mo_between(g, 60000, 400000) : mo_between(g, mo_chance(g, 8) ? 0 : 300, 60000);
}

mo_event mo_gen_allot(mo_gen *g, const mo_model *m, int64_t today)
{
    mo_event e = mo_blank(MO_ALLOT, mo_find_key(mo_chance(g, 12) ? "issuer-2" : "issuer-1"));
    e.voucher = mo_chance(g, 20) ? mo_pick(g, m->vouchers) : m->vouchers;
    e.holder = mo_pick(g, MO_HOLDERS);
    e.year = (int)mo_year_of(today) + (mo_chance(g, 8) ? 1 : 0) + (mo_chance(g, 20) ? 1 : 0) - (mo_chance(g, 30) ? 1 : 0);
    int slot = e.year - MO_FIRST_YEAR;
    int64_t left = m->quota_open[e.holder][slot] ? m->quota_left[e.holder][slot] : m->policy[mo_policy_now(m, today)].cap[m->holder[e.holder].holder_class];
    e.amount = mo_chance(g, 5) ? left + (mo_chance(g, 3) ? 1 : 0) : mo_between(g, 0, 3000000);
    e.until = mo_chance(g, 3) ? today + mo_between(g, -2, 120) : 0;
    return e;
}

mo_event mo_gen_voucher(mo_gen *g, const mo_model *m)
{
    int choice = mo_pick(g, 7);
    mo_event e = mo_blank(choice < 3 ? MO_SUSPEND : choice < 6 ? MO_RESUME : MO_REVOKE, mo_find_key("issuer-1"));
    e.voucher = recent(g, m->vouchers, 12);
    for (int i = 0; i < 8 && e.kind == MO_RESUME && m->voucher[e.voucher].state != MO_V_SUSPENDED; i++) {
        e.voucher = recent(g, m->vouchers, 30);
    }
    e.voucher = mo_chance(g, 40) ? m->vouchers : e.voucher;
    return e;
}

mo_event mo_gen_mandate(mo_gen *g, const mo_model *m, int64_t today)
{
    bool grant = !mo_chance(g, 4) || g->next_mandate == 0;
    mo_event e = mo_blank(grant ? MO_MANDATE : MO_MANDATE_END, 0);
    e.holder = mo_chance(g, 2) ? 0 : 2;
    e.key = holder_key(g, e.holder);
    e.mandate = grant && !mo_chance(g, 15) ? g->next_mandate++ : recent(g, g->next_mandate, 5);
    e.holder = m->mandate[e.mandate].used_id ? m->mandate[e.mandate].holder : e.holder; /* an id is one holder's here */
    e.amount = mo_chance(g, 15) ? 0 : mo_between(g, 1000, 800000);
    e.until = today + mo_between(g, -2, 120);
    e.all_providers = mo_chance(g, 2);
    return e;
}

/* A contract of that pair: an old one now and then, else a new number. */
static void choose_contract(mo_gen *g, mo_model *m, mo_event *e, int64_t today, int64_t base)
{
    e->contract = -1;
    for (int i = 0; i < 6 && e->contract < 0 && g->next_contract > 0 && mo_chance(g, 2); i++) {
        int old = recent(g, g->next_contract, 60);
        e->contract = m->contract[old].holder == e->holder && m->contract[old].provider == e->provider ? old : -1;
    }
    if (e->contract < 0) {
        e->contract = g->next_contract++;
        m->contract[e->contract] = (mo_contract){.holder = e->holder, .provider = e->provider};
        e->contract_fen = base * mo_between(g, 1, 3) + (mo_chance(g, 4) ? mo_between(g, 0, 999) : 0) - (mo_chance(g, 30) ? 1 : 0);
    } else {
        bool known = m->contract[e->contract].used > 0 && !mo_chance(g, 15);
        e->contract_fen = known ? m->contract[e->contract].fen : base * mo_between(g, 1, 3);
    }
    e->contract_fen = e->contract_fen < 0 ? 0 : e->contract_fen;
    e->contract_day = today - mo_between(g, 0, 5);
}

static int64_t own_for(mo_gen *g, int64_t amount)
{
    int64_t own = (amount * (10000 - g->ratio_bp) + g->ratio_bp - 1) / g->ratio_bp;
    own = g->tiered && mo_chance(g, 2) ? own * mo_between(g, 1, 9) / 8 : own;
    if (mo_chance(g, 20)) {
        own -= own > 0 ? 1 : 0;
    }
    return own + (mo_chance(g, 6) ? mo_between(g, 1, 5000) : 0);
}

/* What orders and direct redemptions have in common. */
static void choose_service(mo_gen *g, mo_model *m, mo_event *e, int64_t today)
{
    e->voucher = recent(g, m->vouchers, 14);
    int64_t year = mo_chance(g, 20) ? m->voucher[e->voucher].year : mo_year_of(today);
    for (int i = 0; i < 24 && (m->voucher[e->voucher].state != MO_V_ACTIVE || m->voucher[e->voucher].year != year || m->voucher[e->voucher].left == 0); i++) {
        e->voucher = recent(g, m->vouchers, 40);
    }
    const mo_voucher *voucher = &m->voucher[e->voucher];
    int pool[MO_LEGS];
    int64_t fen[MO_LEGS];
    e->holder = mo_chance(g, 50) ? mo_pick(g, MO_HOLDERS) : voucher->holder;
    e->provider = mo_pick(g, 3) == 0 ? 1 : 0;
    e->amount = some_amount(g);
    if (mo_chance(g, 25)) {
        e->amount = voucher->left + mo_pick(g, 2);
    } else if (mo_chance(g, 25)) {
        e->amount = mo_draw(m, e, pool, fen) + mo_pick(g, 2);
    }
    e->own = own_for(g, e->amount);
    choose_contract(g, m, e, today, e->own + e->amount);
    e->other = mo_chance(g, 8) ? mo_min(e->amount * 4 / 5, 900000) + mo_pick(g, 3) - 1 : 0;
    e->other = e->other < 0 ? 0 : e->other;
    e->purpose = mo_pick(g, MO_PURPOSES);
    e->instrument = mo_chance(g, 12) ? 1 + mo_pick(g, 2) : 0;
    e->mandate = g->next_mandate > 0 && mo_chance(g, 8) ? recent(g, g->next_mandate, 6) : -1;
    for (int i = 0; i < 10 && e->mandate >= 0 && (m->mandate[e->mandate].holder != e->holder || m->mandate[e->mandate].ended || m->mandate[e->mandate].until < today); i++) {
        e->mandate = recent(g, g->next_mandate, 12);
    }
    e->affiliated = mo_chance(g, 80);
    while (m->order[g->next_order].state != MO_O_NONE) {
        g->next_order++;
    }
    e->order = mo_chance(g, 40) ? mo_some_order(g, m, false) : g->next_order;
    e->voucher = mo_chance(g, 60) ? m->vouchers : e->voucher;
}

mo_event mo_gen_order(mo_gen *g, mo_model *m, int64_t today)
{
    mo_event e = mo_blank(MO_ORDER, 0);
    choose_service(g, m, &e, today);
    bool has_key = e.holder == 0 || e.holder == 2;
    e.key = has_key && mo_chance(g, 4) ? holder_key(g, e.holder) : mo_provider_key(g, e.provider, e.provider == 0 && mo_chance(g, 8));
    return e;
}

static int new_number(mo_gen *g, mo_model *m, int64_t day)
{
    m->number[g->next_number].year = (int)mo_year_of(day) - (mo_chance(g, 60) ? 1 : 0);
    return g->next_number++;
}

/* A new invoice, perhaps with two numbers, or what is left of an earlier one, of the same pair or (rarely) of another. */
static void choose_invoice(mo_gen *g, mo_model *m, mo_event *e, int holder, int provider, int64_t today)
{
    e->part = e->own + e->amount;
    e->part += mo_chance(g, 12) ? mo_between(g, 1, 3000) : mo_chance(g, 40) && e->part > 0 ? -1 : 0;
    e->invoice_day = today - mo_between(g, 0, 6) + (mo_chance(g, 80) ? 8 : 0);
    for (int i = 0; i < 25 && g->next_number > 0 && !mo_chance(g, 12); i++) {
        int number = recent(g, g->next_number, 90);
        int record = m->number[number].record;
        bool pair = record >= 0 && m->invoice[record].holder == holder && m->invoice[record].provider == provider;
        if (record >= 0 && (pair ? m->invoice[record].gross - m->invoice[record].used > e->part || mo_chance(g, 10) : mo_chance(g, 120))) {
            e->number[0] = number;
            e->invoice_fen = m->invoice[record].gross + (mo_chance(g, 30) ? 1 : 0);
            e->invoice_day = mo_day_of(m->number[number].year, 12, 31) < today ? mo_day_of(m->number[number].year, 12, 31) : e->invoice_day;
            break;
        }
    }
    if (e->number[0] < 0) {
        e->number[0] = new_number(g, m, e->invoice_day);
        e->invoice_fen = e->part * mo_between(g, 1, 4) + (mo_chance(g, 4) ? mo_between(g, 0, 999) : 0);
    }
    if (mo_chance(g, 10)) {
        e->number[1] = new_number(g, m, e->invoice_day);
        int other = recent(g, g->next_number, 30);
        e->number[1] = mo_chance(g, 6) && other > e->number[0] ? other : e->number[1];
    }
}

mo_event mo_gen_capture(mo_gen *g, mo_model *m, int64_t today)
{
    mo_event e = mo_blank(MO_CAPTURE, 0);
    e.order = mo_some_order(g, m, !mo_chance(g, 20));
    const mo_order *order = &m->order[e.order];
    e.key = mo_provider_key(g, order->provider, order->lab);
    e.item = mo_chance(g, 60) ? mo_pick(g, m->items + 1) : m->items;
    e.amount = mo_chance(g, 3) ? order->rest : mo_between(g, 0, order->rest);
    e.amount += mo_chance(g, 30) ? 1 : 0;
    e.own = own_for(g, e.amount);
    int64_t attested = m->words[e.order].own_attested - order->own_used;
    e.own = attested >= e.own && mo_chance(g, 3) ? attested + mo_pick(g, 2) : e.own;
    e.final = mo_chance(g, 3);
    e.done = mo_between(g, order->day, today);
    e.done = order->day == 0 || mo_chance(g, 2) ? today : e.done;
    e.done = order->state != MO_O_NONE && !mo_chance(g, 15) ? mo_min(e.done, mo_day_of(m->voucher[order->voucher].year, 12, 31)) : e.done;
    e.done += mo_chance(g, 60) ? 1 : mo_chance(g, 40) ? -9 : 0;
    e.instrument = mo_chance(g, 40) ? 1 + mo_pick(g, 2) : 0;
    e.quantity = mo_chance(g, 3) ? mo_pick(g, 4) : 0;
    choose_invoice(g, m, &e, order->holder, order->provider, today);
    return e;
}

mo_event mo_gen_direct(mo_gen *g, mo_model *m, int64_t today)
{
    mo_event e = mo_blank(MO_DIRECT, 0);
    choose_service(g, m, &e, today);
    e.key = mo_provider_key(g, e.provider, e.provider == 0 && mo_chance(g, 8));
    e.item = mo_chance(g, 60) ? mo_pick(g, m->items + 1) : m->items;
    e.done = today - (mo_chance(g, 3) ? mo_between(g, 0, 100) : 0) + (mo_chance(g, 60) ? 1 : 0);
    e.done = mo_chance(g, 15) ? e.done : mo_min(today, e.done > mo_day_of(mo_year_of(today), 1, 1) ? e.done : mo_day_of(mo_year_of(today), 1, 1));
    e.contract_day = mo_chance(g, 20) ? e.contract_day : mo_min(e.contract_day, e.done - 7);
    e.quantity = mo_chance(g, 3) ? mo_pick(g, 4) : 0;
    choose_invoice(g, m, &e, e.holder, e.provider, today);
    return e;
}

mo_event mo_gen_on_order(mo_gen *g, const mo_model *m, mo_kind kind)
{
    mo_event e = mo_blank(kind, 0);
    e.order = mo_chance(g, 40) ? g->next_order + mo_pick(g, 3) : mo_some_order(g, m, kind == MO_EXTEND || kind == MO_VOID_ORDER);
    const mo_order *order = &m->order[e.order];
    e.key = kind == MO_CONFIRM || (kind == MO_EXTEND && mo_chance(g, 4)) ? holder_key(g, order->holder) : mo_provider_key(g, order->provider, order->lab);
    e.good = !mo_chance(g, 15) && order->state != MO_O_NONE;
    if (kind == MO_OWN_SHARE || kind == MO_CONSENT) {
        e.key = mo_find_key(mo_chance(g, 30) ? "issuer-1" : "gateway");
        e.amount = order->own_used + (mo_chance(g, 3) ? 0 : mo_between(g, 0, 60000)) - (mo_chance(g, 10) ? mo_min(order->own_used, 50) : 0);
    }
    return e;
}
