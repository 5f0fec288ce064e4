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
            mo_share share = {.batch = e->batch, .item = i, .leg = l, .provider = provider, .cash = leg->open - eaten + leg->returned, .from_returned = leg->returned};
            offset -= eaten;
            leg->offset += eaten;
            leg->in_batch += share.cash;
            leg->batch = share.cash > 0 ? e->batch : leg->batch;
            leg->open = 0;
            leg->returned = 0;
            m->seen[MO_SEEN_REISSUED] += share.from_returned > 0 ? 1 : 0;
            m->seen[MO_SEEN_REISSUED_LATER_YEAR] += share.from_returned > 0 && m->pool[leg->pool].year > mo_year_of(item->done) ? 1 : 0;
            m->seen[MO_SEEN_OFFSET] += eaten > 0 ? 1 : 0;
            m->share[m->shares++] = share;
        }
    }
}

/* What the provider has in the pool's open list, whatever it waits for and whenever it came. */
static int64_t entries_of(const mo_model *m, int provider, int pool)
{
    int64_t count = 0;
    for (int i = 0; i < m->items; i++) {
        count += m->item[i].provider == provider && here(&m->item[i], pool, false) + here(&m->item[i], pool, true) > 0 ? 1 : 0;
    }
    return count;
}

enum { USUAL_CHUNK = 250 };

/* Whom a part looks at: providers from `next` on until enough entries were seen. Answers who comes next; MO_PROVIDERS when nobody is left. */
static int next_after_part(const mo_model *m, const mo_batch *batch, bool looked_at[MO_PROVIDERS])
{
    int64_t seen = 0;
    for (int p = batch->next; p < MO_PROVIDERS; p++) {
        int64_t entries = entries_of(m, p, batch->pool);
        if (entries > 0 && seen >= batch->chunk) {
            return p;
        }
        looked_at[p] = entries > 0;
        seen += entries;
    }
    return MO_PROVIDERS;
}

static draft draft_line(mo_model *m, const mo_event *e, const mo_batch *batch, int provider)
{
    mo_note *list[MO_NOTES];
    int64_t owed;
    draft line = {0};
    for (int i = 0; i < m->items; i++) {
        const mo_item *item = &m->item[i];
        if (item->provider == provider && item->seq < batch->cutoff && !waits(m, item, e)) {
            line.open += here(item, batch->pool, false);
            line.returned += here(item, batch->pool, true);
        }
    }
    (void)notes_of(m, provider, batch->pool, list, &owed);
    line.offset = mo_min(line.open, owed);
    line.net = line.open + line.returned - line.offset;
    bool small = !batch->forced && line.net > 0 && line.net < m->policy[batch->policy].minimum;
    line.taken = line.open + line.returned > 0 && !small;
    return line;
}

static void write_line(mo_model *m, const mo_event *e, mo_batch *batch, int provider, const draft *line)
{
    mo_note *list[MO_NOTES];
    int64_t owed;
    int64_t left = line->offset;
    mo_event take = *e;
    take.pool = batch->pool;
    take.cutoff = batch->cutoff;
    size_t count = notes_of(m, provider, batch->pool, list, &owed);
    take_items(m, &take, provider, left);
    for (size_t n = 0; n < count && left > 0; n++) {
        int64_t part = mo_min(left, list[n]->rest);
        mo_note_recovered(m, list[n], part);
        left -= part;
    }
    batch->line[provider] = (mo_line){.state = line->net > 0 ? MO_L_PENDING : MO_L_ZERO, .net = line->net, .returned = line->returned};
    batch->open_lines += line->net > 0 ? 1 : 0;
}

/* One part of the batch's seal. Only a seal that is whole in its first part can find nothing. */
static mo_answer write_part(mo_model *m, const mo_event *e, mo_batch *batch)
{
    bool looked_at[MO_PROVIDERS] = {false};
    draft lines[MO_PROVIDERS] = {{0}};
    int taken = 0;
    int next = next_after_part(m, batch, looked_at);
    for (int p = 0; p < MO_PROVIDERS; p++) {
        if (looked_at[p]) {
            lines[p] = draft_line(m, e, batch, p);
            taken += lines[p].taken ? 1 : 0;
        }
    }
    if (taken == 0 && next == MO_PROVIDERS && batch->parts == 0) {
        return mo_no("A13");
    }
    m->batch[e->batch] = *batch;
    batch = &m->batch[e->batch];
    for (int p = 0; p < MO_PROVIDERS; p++) {
        if (lines[p].taken) {
            write_line(m, e, batch, p, &lines[p]);
        }
    }
    batch->parts++;
    batch->next = next;
    batch->state = next < MO_PROVIDERS ? MO_B_DRAFT : batch->open_lines > 0 ? MO_B_SEALED : MO_B_CLOSED;
    m->pool[batch->pool].sealing = next < MO_PROVIDERS ? e->batch + 1 : 0;
    return mo_ok();
}

mo_answer mo_seal(mo_model *m, const mo_event *e)
{
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
    if (pool->sealing != 0) {
        return mo_no("A04");
    }
    if (e->cutoff > e->seq || e->execution < e->today) {
        return mo_no("A07");
    }
    if (mo_is_due(m, e->today)) {
        return mo_no("A10");
    }
    mo_batch batch = {.pool = e->pool, .maker = e->key, .checker = -1, .execution = e->execution, .first_share = m->shares, .policy = mo_policy_now(m, e->today),
                      .chunk = e->chunk != 0 ? e->chunk : USUAL_CHUNK, .forced = e->forced, .cutoff = e->cutoff};
    return write_part(m, e, &batch);
}

typedef enum way { TO_OPEN, TO_ORIGIN, TO_HELD, TO_PAID, TO_RETURNED } way;

static void move_shares(mo_model *m, int b, int provider, way where)
{
    for (size_t s = m->batch[b].first_share; s < m->shares; s++) { /* other batches come between the parts of one */
        const mo_share *share = &m->share[s];
        mo_leg *leg = &m->item[share->item].leg[share->leg];
        if (share->batch != b || share->provider != provider || share->cash == 0) {
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

mo_answer mo_continue(mo_model *m, const mo_event *e)
{
    mo_answer answer = batch_for(m, e);
    if (!mo_is(answer)) {
        return answer;
    }
    mo_batch batch = m->batch[e->batch];
    if (e->key != batch.maker) {
        return mo_no("R46");
    }
    if (batch.state != MO_B_DRAFT) {
        return mo_no("A04");
    }
    return e->seal_part == batch.parts + 1 ? write_part(m, e, &batch) : mo_no("A07");
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
    const mo_batch *batch = &m->batch[e->batch];
    if (!before_release(batch) && batch->state != MO_B_DRAFT) {
        return mo_no("A04");
    }
    if (batch->state == MO_B_DRAFT) {
        m->pool[batch->pool].sealing = 0;
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
    bool was_unknown = line->state == MO_L_UNKNOWN;
    line->word_day = e->today;
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
    m->seen[MO_SEEN_UNKNOWN_SAID] += next == MO_L_UNKNOWN ? 1 : 0;
    m->seen[MO_SEEN_UNKNOWN_ENDED] += was_unknown ? 1 : 0;
    m->seen[MO_SEEN_PAID_SAID] += next == MO_L_PAID ? 1 : 0;
    m->seen[MO_SEEN_FAILED] += next == MO_L_FAILED ? 1 : 0;
    m->seen[MO_SEEN_RETURNED] += next == MO_L_RETURNED ? 1 : 0;
    m->seen[MO_SEEN_RETURNED_NEXT_YEAR] += next == MO_L_RETURNED && mo_year_of(e->today) > m->pool[batch->pool].year ? 1 : 0;
    bool final = next == MO_L_PAID || next == MO_L_RETURNED || next == MO_L_FAILED;
    batch->open_lines -= final && !was_final ? 1 : 0;
    batch->state = batch->open_lines == 0 ? MO_B_CLOSED : batch->state;
    return answer;
}
