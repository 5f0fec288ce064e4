/*
 * The frame of the model: who may ask what, two-officer proposals, arithmetic, and the list of balances. See model.h. Must not look into the engine.
 */
#include "tests/model/model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const mo_key mo_keys[] = {
    {"issuer-1", MO_ISSUER, -1, false, 0},
    {"issuer-2", MO_ISSUER, -1, false, 0},
    {"reviewer-1", MO_REVIEWER, -1, false, 0},
    {"reviewer-2", MO_REVIEWER, -1, false, 0},
    {"maker", MO_MAKER, -1, false, 0},
    {"maker-2", MO_MAKER, -1, false, 0},
    {"checker", MO_CHECKER, -1, false, 0},
    {"releaser", MO_RELEASER, -1, false, 0},
    {"maker-81", MO_MAKER, -1, true, 0},
    {"checker-81", MO_CHECKER, -1, true, 0},
    {"attester", MO_ATTESTER, -1, false, 0},
    {"gateway", MO_ATTESTER, -1, false, 0},
    {"service", MO_SERVICE, -1, false, 0},
    {"provider/12330600X00000086C", MO_PROVIDER, 0, false, 0},
    {"provider/52330600X000000943", MO_PROVIDER, 1, false, 0},
    {"provider/12330600X00000086C/lab-3", MO_LAB, 0, false, 1000000},
    {"holder/91330602X000000271", MO_HOLDER, 0, false, 0},
    {"holder/E-0001", MO_HOLDER, 2, false, 0},
};
const int mo_key_count = sizeof mo_keys / sizeof mo_keys[0];

#define BY(role) (1u << MO_##role)
static const struct { unsigned roles; bool two; } kinds[MO_KINDS] = {
    [MO_ALLOT] = {BY(ISSUER), false}, [MO_SUSPEND] = {BY(ISSUER), false}, [MO_RESUME] = {BY(ISSUER), false}, [MO_REVOKE] = {BY(ISSUER), false},
    [MO_MANDATE] = {BY(HOLDER), false}, [MO_MANDATE_END] = {BY(HOLDER), false},
    [MO_ORDER] = {BY(PROVIDER) | BY(LAB) | BY(HOLDER), false}, [MO_EXTEND] = {BY(PROVIDER) | BY(LAB) | BY(HOLDER), false}, [MO_CONFIRM] = {BY(HOLDER), false},
    [MO_CAPTURE] = {BY(PROVIDER) | BY(LAB), false}, [MO_DIRECT] = {BY(PROVIDER) | BY(LAB), false}, [MO_VOID_ORDER] = {BY(PROVIDER) | BY(LAB), false},
    [MO_VOID_ITEM] = {BY(PROVIDER) | BY(LAB), false}, [MO_REFUND] = {BY(PROVIDER) | BY(LAB), false},
    [MO_OWN_SHARE] = {BY(ATTESTER) | BY(ISSUER), false}, [MO_CONSENT] = {BY(ATTESTER) | BY(ISSUER), false}, [MO_INVOICE_WORD] = {BY(ATTESTER) | BY(ISSUER), false},
    [MO_OTHER_PLAN] = {BY(ATTESTER) | BY(ISSUER), false}, [MO_RED_LETTER] = {BY(ATTESTER) | BY(ISSUER), false},
    [MO_RELEASE_HOLD] = {BY(REVIEWER), false}, [MO_REJECT] = {BY(REVIEWER), false}, [MO_CLAWBACK] = {BY(REVIEWER), true},
    [MO_RECOVER] = {BY(MAKER), false}, [MO_WRITE_OFF] = {BY(REVIEWER), true}, [MO_SEAL] = {BY(MAKER), false}, [MO_CONTINUE] = {BY(MAKER), false}, [MO_OBJECT] = {BY(REVIEWER), false},
    [MO_APPROVE] = {BY(CHECKER), false}, [MO_RELEASE] = {BY(RELEASER) | BY(CHECKER), false}, [MO_WITHDRAW] = {BY(MAKER) | BY(CHECKER), false},
    [MO_SUBMIT] = {BY(MAKER) | BY(RELEASER), false}, [MO_ACK] = {BY(MAKER) | BY(ATTESTER), false}, [MO_BANK_REJECT] = {BY(MAKER) | BY(ATTESTER), false},
    [MO_BATCH_VOID] = {BY(CHECKER) | BY(RELEASER), true}, [MO_ANSWER] = {BY(MAKER) | BY(ATTESTER), false}, [MO_SWEEP] = {BY(SERVICE), false}, [MO_APPROPRIATE] = {BY(MAKER), false}, [MO_CUT] = {BY(MAKER), false},
    [MO_MOVE] = {BY(MAKER), false}, [MO_CARRY] = {BY(MAKER), true}, [MO_CLOSE] = {BY(MAKER), true}, [MO_POOL_OPEN] = {BY(MAKER), false},
    [MO_PROVIDER_SUSPEND] = {BY(ISSUER), false}, [MO_HOLDER_BAN] = {BY(ISSUER), false},
    [MO_SECOND] = {BY(ISSUER) | BY(REVIEWER) | BY(MAKER) | BY(CHECKER) | BY(RELEASER), false},
};

mo_model *mo_new(void)
{
    mo_model *m = calloc(1, sizeof *m);
    if (m == NULL) {
        abort();
    }
    for (int i = 0; i < MO_NUMBERS; i++) {
        m->number[i].record = -1;
    }
    return m;
}

int mo_find_key(const char *name)
{
    for (int i = 0; i < mo_key_count; i++) {
        if (strcmp(mo_keys[i].name, name) == 0) {
            return i;
        }
    }
    abort();
}

/* --- answers and arithmetic --- */

mo_answer mo_ok(void) { return (mo_answer){MO_ACCEPTED, ""}; }
mo_answer mo_no(const char *code) { return (mo_answer){MO_REFUSED, code}; }
bool mo_is(mo_answer answer) { return answer.code[0] == '\0'; }
int64_t mo_min(int64_t a, int64_t b) { return a < b ? a : b; }
int64_t mo_share_bp(int64_t fen, int64_t bp) { return fen / 10000 * bp + fen % 10000 * bp / 10000; }

/* Days since 1970-01-01, counted year by year and month by month. */
static bool is_leap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

int64_t mo_day_of(int64_t year, int month, int day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t days = day - 1;
    for (int64_t y = 1970; y < year; y++) {
        days += is_leap(y) ? 366 : 365;
    }
    for (int i = 1; i < month; i++) {
        days += lengths[i - 1] + (i == 2 && is_leap(year) ? 1 : 0);
    }
    return days;
}

int64_t mo_year_of(int64_t day)
{
    int64_t year = 1970;
    while (mo_day_of(year + 1, 1, 1) <= day) {
        year++;
    }
    return year;
}

int64_t mo_half_up(int64_t whole, int64_t part, int64_t of)
{
    return (int64_t)(((__int128)2 * whole * part + of) / ((__int128)2 * of));
}

void mo_split(int64_t out[MO_LEGS], const int64_t weight[MO_LEGS], int64_t amount)
{
    __int128 sum = 0;
    int64_t left = amount;
    bool topped[MO_LEGS] = {false};
    for (int i = 0; i < MO_LEGS; i++) {
        sum += weight[i];
        out[i] = 0;
    }
    if (sum == 0) {
        return;
    }
    for (int i = 0; i < MO_LEGS; i++) {
        out[i] = (int64_t)((__int128)amount * weight[i] / sum);
        left -= out[i];
    }
    while (left > 0) {
        int best = -1;
        __int128 most = -1;
        for (int i = 0; i < MO_LEGS; i++) {
            __int128 over = (__int128)amount * weight[i] - ((__int128)amount * weight[i] / sum) * sum;
            if (!topped[i] && over > most) {
                most = over;
                best = i;
            }
        }
        topped[best] = true;
        out[best]++;
        left--;
    }
}

int mo_policy_now(const mo_model *m, int64_t today)
{
    int number = 0;
    for (int i = 1; i <= m->policies; i++) {
        number = m->policy_from[i] <= today ? i : number;
    }
    return number;
}

static bool key_may(int key, int jurisdiction)
{
    return key < 0 || !mo_keys[key].only_681 || jurisdiction == 1;
}

bool mo_may_act(const mo_event *e, int jurisdiction)
{
    return key_may(e->key, jurisdiction) && key_may(e->second, jurisdiction);
}

/* --- one event --- */

static void off_until(mo_provider *provider, const mo_event *e)
{
    bool runs = provider->offs > 0 && provider->suspended >= e->today;
    provider->suspended = e->until;
    if (runs) {
        provider->off_to[provider->offs - 1] = e->until;
    } else if (e->until >= e->today) {
        if (provider->offs == MO_SUSPENSIONS) {
            abort();
        }
        provider->off_from[provider->offs] = e->today;
        provider->off_to[provider->offs++] = e->until;
    }
}

static mo_answer suspend_provider(mo_model *m, const mo_event *e)
{
    mo_provider *provider = &m->provider[e->provider];
    if (e->good) { /* "cleared": may end it */
        off_until(provider, e);
        return mo_ok();
    }
    if (e->until < e->today) {
        return mo_no("A07");
    }
    if (e->until < provider->suspended) {
        return mo_no("A04");
    }
    off_until(provider, e);
    return mo_ok();
}

static mo_answer ban_holder(mo_model *m, const mo_event *e)
{
    mo_holder *holder = &m->holder[e->holder];
    if (!e->good && e->until < e->today) {
        return mo_no("A07");
    }
    if (!e->good && e->until < holder->banned) {
        return mo_no("A04");
    }
    holder->banned = e->until;
    return mo_ok();
}

static mo_answer handle(mo_model *m, const mo_event *e, bool rehearse)
{
    switch (e->kind) {
    case MO_ALLOT: return mo_allot(m, e);
    case MO_SUSPEND: return mo_suspend(m, e);
    case MO_RESUME: return mo_resume(m, e);
    case MO_REVOKE: return mo_revoke(m, e);
    case MO_MANDATE: return mo_mandate_event(m, e);
    case MO_MANDATE_END: return mo_mandate_end(m, e);
    case MO_ORDER: return mo_order_event(m, e);
    case MO_EXTEND: return mo_extend(m, e);
    case MO_CONFIRM: return mo_confirm(m, e);
    case MO_CAPTURE: return mo_capture(m, e);
    case MO_DIRECT: return mo_direct(m, e);
    case MO_VOID_ORDER: return mo_void_order(m, e);
    case MO_VOID_ITEM: return mo_void_item(m, e);
    case MO_REFUND: return mo_refund(m, e);
    case MO_OWN_SHARE: return mo_own_share(m, e);
    case MO_CONSENT: return mo_consent_word(m, e);
    case MO_INVOICE_WORD: return mo_invoice_word(m, e);
    case MO_OTHER_PLAN: return mo_other_plan(m, e);
    case MO_RED_LETTER: return mo_red_letter(m, e);
    case MO_RELEASE_HOLD: return mo_release_hold(m, e);
    case MO_REJECT: return mo_reject(m, e);
    case MO_CLAWBACK: return mo_clawback(m, e, rehearse);
    case MO_RECOVER: return mo_recover(m, e);
    case MO_WRITE_OFF: return mo_write_off(m, e, rehearse);
    case MO_SEAL: return mo_seal(m, e);
    case MO_CONTINUE: return mo_continue(m, e);
    case MO_OBJECT: return mo_object(m, e);
    case MO_APPROVE: return mo_approve(m, e);
    case MO_RELEASE: return mo_release(m, e);
    case MO_WITHDRAW: return mo_withdraw(m, e);
    case MO_SUBMIT: return mo_submit(m, e);
    case MO_ACK: return mo_ack(m, e);
    case MO_BANK_REJECT: return mo_bank_reject(m, e);
    case MO_BATCH_VOID: return mo_batch_void(m, e, rehearse);
    case MO_ANSWER: return mo_answer_line(m, e);
    case MO_SWEEP: return mo_sweep(m, e);
    case MO_APPROPRIATE:
    case MO_CUT:
    case MO_MOVE: return mo_pool_money(m, e);
    case MO_CARRY: return mo_carry(m, e, rehearse);
    case MO_CLOSE: return mo_close(m, e, rehearse);
    case MO_POOL_OPEN: return mo_pool_open(m, e);
    case MO_PROVIDER_SUSPEND: return suspend_provider(m, e);
    case MO_HOLDER_BAN: return ban_holder(m, e);
    case MO_SECOND:
    case MO_KINDS: break;
    }
    abort();
}

/* The second note: another person of the same family completes what was proposed, on the facts of now. */
static mo_answer complete(mo_model *m, const mo_event *e)
{
    if (e->proposal >= m->proposals) {
        return mo_no("A03");
    }
    mo_proposal *proposal = &m->proposal[e->proposal];
    mo_event run = proposal->event;
    if (proposal->done || proposal->expires <= e->now) {
        return mo_no("A04");
    }
    if (run.key == e->key || (kinds[run.kind].roles >> mo_keys[e->key].role & 1u) == 0) {
        return mo_no("R46");
    }
    run.second = e->key;
    run.seq = e->seq;
    run.now = e->now;
    run.today = e->today;
    mo_answer answer = handle(m, &run, false);
    proposal->done = mo_is(answer);
    return answer;
}

mo_answer mo_apply(mo_model *m, const mo_event *e)
{
    if ((kinds[e->kind].roles >> mo_keys[e->key].role & 1u) == 0) {
        return (mo_answer){MO_ERROR, "key-wrong-role"};
    }
    if (e->kind == MO_SECOND) {
        return complete(m, e);
    }
    mo_answer answer = handle(m, e, kinds[e->kind].two);
    if (mo_is(answer) && kinds[e->kind].two) {
        m->proposal[m->proposals++] = (mo_proposal){.event = *e, .expires = e->now + 86400000};
        answer.outcome = MO_PROPOSED;
    }
    return answer;
}

/* --- balances --- */

static void add(mo_balances *out, int64_t fen, const char *format, const char *a, const char *b, const char *c)
{
    if (fen == 0) {
        return;
    }
    if (out->count == out->capacity) {
        out->capacity = out->capacity == 0 ? 1024 : out->capacity * 2;
        out->row = realloc(out->row, out->capacity * sizeof *out->row);
        if (out->row == NULL) {
            abort();
        }
    }
    mo_balance *row = &out->row[out->count++];
    row->fen = fen;
    (void)snprintf(row->name, sizeof row->name, "%s/%s%s%s%s%s", format, a, b[0] != '\0' ? "/" : "", b, c[0] != '\0' ? "/" : "", c);
}

/* Sums by provider or holder and pool, kept in tables while the records are walked. */
typedef struct sums {
    int64_t payable[MO_PROVIDERS][MO_POOLS], held[MO_PROVIDERS][MO_POOLS], returned[MO_PROVIDERS][MO_POOLS], owed[MO_PROVIDERS][MO_POOLS];
    int64_t claimed[MO_HOLDERS][MO_POOLS], control[MO_YEARS];
} sums;

static void list_quota(mo_balances *out, const mo_model *m, sums *s)
{
    char year[8];
    for (int y = 0; y < MO_YEARS; y++) {
        (void)snprintf(year, sizeof year, "%d", MO_FIRST_YEAR + y);
        for (int h = 0; h < MO_HOLDERS; h++) {
            add(out, m->quota_left[h][y], "6100", m->holder[h].name, year, "");
            s->control[y] += m->quota_left[h][y];
        }
    }
    for (int v = 0; v < m->vouchers; v++) {
        const mo_voucher *voucher = &m->voucher[v];
        (void)snprintf(year, sizeof year, "%d", voucher->year);
        add(out, voucher->left, "6200", voucher->name, year, "");
        add(out, voucher->used, "6300", voucher->name, year, "");
        s->control[voucher->year - MO_FIRST_YEAR] += voucher->left + voucher->used;
        for (int i = 0; i < MO_LEGS; i++) {
            add(out, voucher->earmark[i], "2100", voucher->name, m->pool[voucher->pool[i] < 0 ? 0 : voucher->pool[i]].name, "");
        }
    }
    for (int y = 0; y < MO_YEARS; y++) {
        (void)snprintf(year, sizeof year, "%d", MO_FIRST_YEAR + y);
        add(out, s->control[y], "6000", year, "", "");
    }
}

static void list_orders(mo_balances *out, const mo_model *m)
{
    char name[MO_NAME];
    for (int o = 0; o < MO_ORDERS; o++) {
        const mo_order *order = &m->order[o];
        int64_t by_pool[MO_POOLS] = {0};
        if (order->state == MO_O_NONE || order->rest == 0) {
            continue;
        }
        (void)snprintf(name, sizeof name, "O-%d", o);
        for (int i = 0; i < MO_LEGS; i++) {
            if (order->pool[i] >= 0) {
                by_pool[order->pool[i]] += order->leg_rest[i];
            }
        }
        for (int p = 0; p < m->pools; p++) {
            add(out, by_pool[p], "2200", name, m->pool[p].name, "");
        }
    }
}

static void list_items(const mo_model *m, sums *s)
{
    for (int i = 0; i < m->items; i++) {
        const mo_item *item = &m->item[i];
        for (int l = 0; l < MO_LEGS; l++) {
            const mo_leg *leg = &item->leg[l];
            if (leg->pool >= 0) {
                (item->held ? s->held : s->payable)[item->provider][leg->pool] += leg->open;
                s->returned[item->provider][leg->pool] += leg->returned;
            }
        }
    }
}

static void list_settling(mo_balances *out, const mo_model *m)
{
    char name[MO_NAME];
    for (int b = 0; b < MO_BATCHES; b++) {
        const mo_batch *batch = &m->batch[b];
        (void)snprintf(name, sizeof name, "B-%d", b);
        for (int p = 0; batch->state != MO_B_NONE && p < MO_PROVIDERS; p++) {
            mo_line_state state = batch->line[p].state;
            bool live = state == MO_L_PENDING || state == MO_L_ACCEPTED || state == MO_L_UNKNOWN;
            add(out, live ? batch->line[p].net : 0, "3100", name, m->provider[p].name, m->pool[batch->pool].name);
        }
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const mo_balance *)a)->name, ((const mo_balance *)b)->name);
}

void mo_list_balances(mo_balances *out, const mo_model *m)
{
    char name[MO_NAME];
    sums *s = calloc(1, sizeof *s);
    if (s == NULL) {
        abort();
    }
    *out = (mo_balances){0};
    list_quota(out, m, s);
    list_orders(out, m);
    list_items(m, s);
    list_settling(out, m);
    for (int n = 0; n < m->notes; n++) {
        add(out, m->note[n].rest, "2160", m->note[n].name, m->pool[m->note[n].pool].name, "");
        s->owed[m->note[n].provider][m->note[n].pool] += m->note[n].rest;
    }
    for (int k = 0; k < m->cases; k++) {
        (void)snprintf(name, sizeof name, "K-%d", m->kase[k].id);
        add(out, m->kase[k].rest, "2170", name, m->pool[m->kase[k].pool].name, "");
        s->claimed[m->kase[k].holder][m->kase[k].pool] += m->kase[k].rest;
    }
    for (int p = 0; p < m->pools; p++) {
        const char *pool = m->pool[p].name;
        add(out, m->pool[p].cash, "1000", pool, "", "");
        add(out, m->pool[p].free, "2000", pool, "", "");
        for (int i = 0; i < MO_PROVIDERS; i++) {
            add(out, s->owed[i][p], "1100", m->provider[i].name, pool, "");
            add(out, s->payable[i][p], "3000", m->provider[i].name, pool, "");
            add(out, s->held[i][p], "3050", m->provider[i].name, pool, "");
            add(out, s->returned[i][p], "3200", m->provider[i].name, pool, "");
        }
        for (int h = 0; h < MO_HOLDERS; h++) {
            add(out, s->claimed[h][p], "1200", m->holder[h].name, pool, "");
        }
    }
    free(s);
    qsort(out->row, out->count, sizeof *out->row, by_name);
}

void mo_balances_free(mo_balances *balances)
{
    free(balances->row);
    *balances = (mo_balances){0};
}
