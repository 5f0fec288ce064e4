/* Seals, approvals and the bank's answers in the model. A batch is nothing but shares of items; what is in settlement is their sum. See model.h. */
#include "tests/model/model.h"

#include <stdlib.h>
#include <string.h>

static bool waits(const mo_model *m, const mo_item *item, const mo_event *e)
{
    return item->held || item->gates != 0 || item->notice_until > e->today || m->invoice[item->invoice].word != 1;
}

static int64_t here(const mo_item *item, int pool, bool returned)
{
    int64_t fen = 0;
    for (int l = 0; l < MO_LEGS; l++) {
        fen += item->leg[l].pool == pool ? (returned ? item->leg[l].returned : item->leg[l].open) : 0;
    }
    return fen;
}

static int older(const void *a, const void *b)
{
    const mo_note *left = *(mo_note *const *)a;
    const mo_note *right = *(mo_note *const *)b;
    return left->seq != right->seq ? (left->seq > right->seq) - (left->seq < right->seq) : strcmp(left->name, right->name);
}

/* The provider's credit notes of the pool that still owe, oldest first. */
static size_t notes_of(mo_model *m, int provider, int pool, mo_note **list, int64_t *owed)
{
    size_t count = 0;
    *owed = 0;
    for (int i = 0; i < m->notes; i++) {
        if (m->note[i].provider == provider && m->note[i].pool == pool && m->note[i].rest > 0) {
            list[count++] = &m->note[i];
            *owed += m->note[i].rest;
        }
    }
    qsort(list, count, sizeof *list, older);
    return count;
}

typedef struct draft { int64_t open, returned, offset, net; bool taken; } draft;

static void take_items(mo_model *m, const mo_event *e, int provider, int64_t offset)
{
    mo_batch *batch = &m->batch[e->batch];
    for (int i = 0; i < m->items; i++) {
        mo_item *item = &m->item[i];
        if (item->provider != provider || item->seq >= e->cutoff || waits(m, item, e)) {
            continue;
        }
        for (int l = 0; l < MO_LEGS; l++) {
            mo_leg *leg = &item->leg[l];
            if (leg->pool != e->pool || leg->open + leg->returned == 0) {
                continue;
            }
            int64_t eaten = mo_min(offset, leg->open);
            mo_share share = {.item = i, .leg = l, .provider = provider, .cash = leg->open - eaten + leg->returned, .from_returned = leg->returned};
            offset -= eaten;
            leg->offset += eaten;
            leg->in_batch += share.cash;
            leg->batch = share.cash > 0 ? e->batch : leg->batch;
            leg->open = 0;
            leg->returned = 0;
            m->share[m->shares++] = share;
            batch->shares++;
        }
    }
}

mo_answer mo_seal(mo_model *m, const mo_event *e)
{
    draft lines[MO_PROVIDERS] = {{0}};
    mo_note *list[MO_NOTES];
    int taken = 0;
    const mo_pool *pool = &m->pool[e->pool];
    if (!mo_may_act(e, pool->jurisdiction)) {
        return mo_no("R46");
    }
    if (m->batch[e->batch].state != MO_B_NONE) {
        return mo_no("A02");
    }
    if (pool->closed) {
        return mo_no("A12");
    }
    if (e->cutoff > e->seq || e->execution < e->today) {
        return mo_no("A07");
    }
    if (mo_is_due(m, e->today)) {
        return mo_no("A10");
    }
    for (int i = 0; i < m->items; i++) {
        const mo_item *item = &m->item[i];
        if (item->seq < e->cutoff && !waits(m, item, e)) {
            lines[item->provider].open += here(item, e->pool, false);
            lines[item->provider].returned += here(item, e->pool, true);
        }
    }
    for (int p = 0; p < MO_PROVIDERS; p++) {
        int64_t owed;
        (void)notes_of(m, p, e->pool, list, &owed);
        lines[p].offset = mo_min(lines[p].open, owed);
        lines[p].net = lines[p].open + lines[p].returned - lines[p].offset;
        bool small = !e->forced && lines[p].net > 0 && lines[p].net < m->policy[mo_policy_now(m, e->today)].minimum;
        lines[p].taken = lines[p].open + lines[p].returned > 0 && !small;
        taken += lines[p].taken ? 1 : 0;
    }
    if (taken == 0) {
        return mo_no("A13");
    }
    mo_batch *batch = &m->batch[e->batch];
    *batch = (mo_batch){.pool = e->pool, .maker = e->key, .checker = -1, .execution = e->execution, .first_share = m->shares};
    for (int p = 0; p < MO_PROVIDERS; p++) {
        int64_t left = lines[p].offset;
        if (!lines[p].taken) {
            continue;
        }
        int64_t owed;
        size_t count = notes_of(m, p, e->pool, list, &owed);
        take_items(m, e, p, left);
        for (size_t n = 0; n < count && left > 0; n++) {
            int64_t part = mo_min(left, list[n]->rest);
            mo_note_recovered(m, list[n], part);
            left -= part;
        }
        batch->line[p] = (mo_line){.state = lines[p].net > 0 ? MO_L_PENDING : MO_L_ZERO, .net = lines[p].net, .returned = lines[p].returned};
        batch->open_lines += lines[p].net > 0 ? 1 : 0;
    }
    batch->state = batch->open_lines > 0 ? MO_B_SEALED : MO_B_CLOSED;
    return mo_ok();
}

typedef enum way { TO_OPEN, TO_ORIGIN, TO_HELD, TO_PAID, TO_RETURNED } way;

static void move_shares(mo_model *m, int b, int provider, way where)
{
    const mo_batch *batch = &m->batch[b];
    for (size_t s = batch->first_share; s < batch->first_share + batch->shares; s++) {
        const mo_share *share = &m->share[s];
        mo_leg *leg = &m->item[share->item].leg[share->leg];
        if (share->provider != provider || share->cash == 0) {
            continue;
        }
        *(where == TO_RETURNED ? &leg->paid : &leg->in_batch) -= share->cash;
        leg->batch = where == TO_RETURNED ? leg->batch : -1;
        switch (where) {
        case TO_PAID: leg->paid += share->cash; break;
        case TO_RETURNED: leg->returned += share->cash; break;
        case TO_ORIGIN:
            leg->open += share->cash - share->from_returned;
            leg->returned += share->from_returned;
            break;
        case TO_OPEN: leg->open += share->cash; break;
        case TO_HELD:
            leg->open += share->cash;
            m->item[share->item].held = true;
            break;
        }
    }
}

static mo_answer batch_for(const mo_model *m, const mo_event *e)
{
    const mo_batch *batch = &m->batch[e->batch];
    if (batch->state == MO_B_NONE) {
        return mo_no("A03");
    }
    return mo_may_act(e, m->pool[batch->pool].jurisdiction) ? mo_ok() : mo_no("R46");
}

static bool before_release(const mo_batch *batch)
{
    return batch->state == MO_B_SEALED || batch->state == MO_B_APPROVED;
}

mo_answer mo_object(mo_model *m, const mo_event *e)
{
    mo_answer answer = batch_for(m, e);
    mo_batch *batch = &m->batch[e->batch];
    mo_line *line = &batch->line[e->provider];
    if (!mo_is(answer)) {
        return answer;
    }
    if (line->state == MO_L_NONE) {
        return mo_no("A03");
    }
    if (!before_release(batch) || line->state != MO_L_PENDING) {
        return mo_no("A04");
    }
    move_shares(m, e->batch, e->provider, TO_HELD);
    line->state = MO_L_HELD;
    batch->open_lines--;
    return answer;
}

mo_answer mo_approve(mo_model *m, const mo_event *e)
{
    mo_answer answer = batch_for(m, e);
    mo_batch *batch = &m->batch[e->batch];
    if (!mo_is(answer)) {
        return answer;
    }
    if (batch->state != MO_B_SEALED) {
        return mo_no("A04");
    }
    if (!e->good) {
        return mo_no("A07");
    }
    batch->state = MO_B_APPROVED;
    batch->checker = e->key;
    return answer;
}

void mo_payable(const mo_batch *batch, int64_t *count, int64_t *total)
{
    *count = 0;
    *total = 0;
    for (int p = 0; p < MO_PROVIDERS; p++) {
        bool pays = batch->line[p].state == MO_L_PENDING;
        *count += pays ? 1 : 0;
        *total += pays ? batch->line[p].net : 0;
    }
}

mo_answer mo_release(mo_model *m, const mo_event *e)
{
    int64_t count;
    int64_t total;
    mo_answer answer = batch_for(m, e);
    mo_batch *batch = &m->batch[e->batch];
    if (!mo_is(answer)) {
        return answer;
    }
    if (mo_keys[e->key].role == MO_CHECKER) {
        return mo_no("R46"); /* this policy keeps checker and releaser apart */
    }
    if (batch->state != MO_B_APPROVED || batch->execution < e->today) {
        return mo_no("A04");
    }
    mo_payable(batch, &count, &total);
    if (e->count != count || e->total != total) {
        return mo_no("R48");
    }
    batch->state = batch->open_lines > 0 ? MO_B_RELEASED : MO_B_CLOSED;
    batch->released_count = count;
    batch->released_total = total;
    return answer;
}

/* Everything that is still pending goes back where it was before the seal. */
static void take_back(mo_model *m, int b, mo_batch_state state)
{
    mo_batch *batch = &m->batch[b];
    for (int p = 0; p < MO_PROVIDERS; p++) {
        if (batch->line[p].state == MO_L_PENDING) {
            move_shares(m, b, p, TO_ORIGIN);
            batch->line[p].state = MO_L_WITHDRAWN;
        }
    }
    batch->open_lines = 0;
    batch->state = state;
}

mo_answer mo_withdraw(mo_model *m, const mo_event *e)
{
    mo_answer answer = batch_for(m, e);
    if (!mo_is(answer)) {
        return answer;
    }
    if (!before_release(&m->batch[e->batch])) {
        return mo_no("A04");
    }
    take_back(m, e->batch, MO_B_WITHDRAWN);
    return answer;
}

static bool at_home(const mo_batch *batch)
{
    return batch->state == MO_B_RELEASED && !batch->sent && !batch->acked && !batch->answered;
}

mo_answer mo_submit(mo_model *m, const mo_event *e)
{
    mo_answer answer = batch_for(m, e);
    mo_batch *batch = &m->batch[e->batch];
    if (!mo_is(answer)) {
        return answer;
    }
    if (!at_home(batch) || batch->execution < e->today) {
        return mo_no("A04");
    }
    if (e->count != batch->released_count || e->total != batch->released_total) {
        return mo_no("R48");
    }
    batch->sent = true;
    return answer;
}

mo_answer mo_ack(mo_model *m, const mo_event *e)
{
    mo_answer answer = batch_for(m, e);
    mo_batch *batch = &m->batch[e->batch];
    if (!mo_is(answer)) {
        return answer;
    }
    if (batch->state != MO_B_RELEASED || batch->acked || batch->answered) {
        return mo_no("A04");
    }
    batch->acked = true;
    return answer;
}

mo_answer mo_bank_reject(mo_model *m, const mo_event *e)
{
    mo_answer answer = batch_for(m, e);
    mo_batch *batch = &m->batch[e->batch];
    if (!mo_is(answer)) {
        return answer;
    }
    if (batch->state != MO_B_RELEASED) {
        return mo_no("A04");
    }
    for (int p = 0; p < MO_PROVIDERS; p++) {
        mo_line_state state = batch->line[p].state;
        if (state == MO_L_DEBITED || state == MO_L_PAID || state == MO_L_RETURNED) {
            return mo_no("A04");
        }
    }
    for (int p = 0; p < MO_PROVIDERS; p++) {
        mo_line_state state = batch->line[p].state;
        if (state == MO_L_PENDING || state == MO_L_ACCEPTED || state == MO_L_UNKNOWN) {
            move_shares(m, e->batch, p, TO_OPEN);
            batch->line[p].state = MO_L_FAILED;
        }
    }
    batch->open_lines = 0;
    batch->state = MO_B_REJECTED;
    return answer;
}

mo_answer mo_batch_void(mo_model *m, const mo_event *e, bool rehearse)
{
    mo_answer answer = batch_for(m, e);
    if (!mo_is(answer)) {
        return answer;
    }
    if (!at_home(&m->batch[e->batch])) {
        return mo_no("A04");
    }
    if (!rehearse) {
        take_back(m, e->batch, MO_B_VOIDED);
    }
    return answer;
}

/* Where an answer leads from a state; NONE = nowhere. */
static mo_line_state leads_to(mo_line_state from, int answer)
{
    bool unanswered = from == MO_L_PENDING || from == MO_L_ACCEPTED || from == MO_L_UNKNOWN;
    switch (answer) {
    case MO_ANS_ACCEPTED: return unanswered && from != MO_L_ACCEPTED ? MO_L_ACCEPTED : MO_L_NONE;
    case MO_ANS_UNKNOWN: return unanswered && from != MO_L_UNKNOWN ? MO_L_UNKNOWN : MO_L_NONE;
    case MO_ANS_DEBITED: return unanswered ? MO_L_DEBITED : MO_L_NONE;
    case MO_ANS_FAILED: return unanswered ? MO_L_FAILED : MO_L_NONE;
    case MO_ANS_PAID: return from == MO_L_DEBITED ? MO_L_PAID : MO_L_NONE;
    case MO_ANS_RETURNED: return from == MO_L_DEBITED || from == MO_L_PAID ? MO_L_RETURNED : MO_L_NONE;
    default: abort();
    }
}

mo_answer mo_answer_line(mo_model *m, const mo_event *e)
{
    mo_answer answer = batch_for(m, e);
    mo_batch *batch = &m->batch[e->batch];
    mo_line *line = &batch->line[e->provider];
    if (!mo_is(answer)) {
        return answer;
    }
    if (line->state == MO_L_NONE) {
        return mo_no("A03");
    }
    if (line->state == MO_L_HELD) {
        return mo_no("A16");
    }
    mo_line_state next = leads_to(line->state, e->answer);
    if ((batch->state != MO_B_RELEASED && batch->state != MO_B_CLOSED) || next == MO_L_NONE) {
        return mo_no("A04");
    }
    if (e->with_amount && e->amount != line->net) {
        return mo_no("A07");
    }
    batch->answered = true;
    bool was_final = line->state == MO_L_PAID;
    if (next == MO_L_DEBITED) {
        m->pool[batch->pool].cash -= line->net;
        move_shares(m, e->batch, e->provider, TO_PAID);
    } else if (next == MO_L_FAILED) {
        move_shares(m, e->batch, e->provider, TO_OPEN);
    } else if (next == MO_L_RETURNED) {
        m->pool[batch->pool].cash += line->net;
        move_shares(m, e->batch, e->provider, TO_RETURNED);
    }
    line->state = next;
    bool final = next == MO_L_PAID || next == MO_L_RETURNED || next == MO_L_FAILED;
    batch->open_lines -= final && !was_final ? 1 : 0;
    batch->state = batch->open_lines == 0 ? MO_B_CLOSED : batch->state;
    return answer;
}
