/*
 * A sealed batch on its way: approval and release by other persons of other offices, the typed totals, objections and withdrawals, and the answers. Money leaves
 * only for a released line, once. See limits_int.h.
 */
#include <string.h>

#include "audit/verify/limits_int.h"
#include "ledger/base/clock.h"

static zd_limit_batch *batch_named(const zd_limit_act *act)
{
    zd_limit_batch *batch = zd_table_find(&act->limits->batches, zd_limit_text(act, ZD_F_BATCH), NULL);
    if (batch == NULL) {
        zd_limit_unknown(act, "batch", zd_limit_text(act, ZD_F_BATCH));
    }
    return batch;
}

static void find_state(const zd_limit_act *act, const char *recorded, const char *recomputed)
{
    zd_found *found = zd_limit_find(act, ZD_V_RELEASE_STATE, zd_limit_text(act, ZD_F_PROVIDER));
    zd_buf_add_span(&found->recorded, zd_limit_text(act, ZD_F_BATCH));
    zd_buf_addf(&found->recorded, ": %s", recorded);
    zd_buf_add_text(&found->recomputed, recomputed);
}

static void find_duty(const zd_limit_act *act, const zd_limit_batch *batch, const char *what)
{
    zd_found *found = zd_limit_find(act, ZD_V_DUTIES_BATCH, zd_span_of(NULL, 0));
    zd_buf_addf(&found->recorded, "%s by %s, %s; maker %s, checker %s", what, act->signer != NULL ? act->signer->person : "?",
                act->signer != NULL ? act->signer->role : "?", batch->maker, batch->checker);
    zd_buf_add_text(&found->recomputed, "another person of that office");
}

static bool signer_is(const zd_limit_act *act, const char *role)
{
    return act->signer != NULL && strcmp(act->signer->role, role) == 0;
}

static bool same_person(const zd_limit_act *act, const char *person)
{
    return act->signer == NULL || strcmp(act->signer->person, person) == 0;
}

void zd_limit_do_approve(zd_limit_act *act)
{
    zd_limit_batch *batch = batch_named(act);
    zd_hash seal = {0};
    if (batch == NULL) {
        return;
    }
    if (!signer_is(act, "checker") || same_person(act, batch->maker)) {
        find_duty(act, batch, "approved");
    }
    if (batch->state != ZD_LB_SEALED || !zd_hash_from_hex(&seal, zd_limit_text(act, ZD_F_SEAL)) || !zd_hash_equal(&seal, &batch->seal_sha256)) {
        find_state(act, "approved", "the seal's own text, not approved before");
    }
    zd_format(batch->checker, sizeof batch->checker, "%s", act->signer != NULL ? act->signer->person : "");
    batch->state = ZD_LB_APPROVED;
}

static zd_limit_line *line_at(const zd_limits *limits, size_t number_plus_one)
{
    return zd_table_at(&limits->lines, number_plus_one - 1);
}

static void check_release_total(const zd_limit_act *act, zd_limit_batch *batch)
{
    int64_t count = 0;
    int64_t total_fen = 0;
    for (size_t at = batch->last_line; at != 0; at = line_at(act->limits, at)->before) {
        const zd_limit_line *line = line_at(act->limits, at);
        if (line->state == ZD_LL_PENDING) {
            count++;
            total_fen = zd_limit_sum(total_fen, line->net_fen);
        }
    }
    batch->released_count = count;
    batch->released_fen = total_fen;
    if (zd_limit_int(act, ZD_F_COUNT) != count || zd_limit_int(act, ZD_F_TOTAL) != total_fen) {
        zd_found *found = zd_limit_find(act, ZD_V_RELEASE_TOTAL, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "%lld lines, %lld", (long long)zd_limit_int(act, ZD_F_COUNT), (long long)zd_limit_int(act, ZD_F_TOTAL));
        zd_buf_addf(&found->recomputed, "%lld lines, %lld", (long long)count, (long long)total_fen);
    }
}

bool zd_limits_released(int64_t *count, int64_t *total_fen, const zd_limits *limits, zd_span batch)
{
    const zd_limit_batch *row = zd_table_find(&limits->batches, batch, NULL);
    if (row == NULL || (row->state != ZD_LB_RELEASED && row->state != ZD_LB_ENDED)) {
        return false;
    }
    *count = row->released_count;
    *total_fen = row->released_fen;
    return true;
}

void zd_limit_do_release(zd_limit_act *act)
{
    zd_limit_batch *batch = batch_named(act);
    if (batch == NULL) {
        return;
    }
    const zd_limit_policy *policy = zd_limit_policy_of(act->limits, batch->policy);
    bool checker_may = policy != NULL && policy->checker_releases;
    bool office = signer_is(act, "releaser") || (checker_may && signer_is(act, "checker"));
    if (!office || same_person(act, batch->maker) || (same_person(act, batch->checker) && !checker_may)) {
        find_duty(act, batch, "released");
    }
    if (batch->state != ZD_LB_APPROVED) {
        find_state(act, "released", "approved first, released once");
    }
    check_release_total(act, batch);
    batch->state = ZD_LB_RELEASED;
}

/* --- what happens to a line's cash --- */

typedef enum cash_way { TO_OPEN, TO_ORIGIN, TO_PAID, TO_RETURNED } cash_way;

static void move_share(const zd_limit_act *act, const zd_limit_share *share, cash_way way, zd_span provider)
{
    zd_limits *limits = act->limits;
    zd_limit_item *item = zd_table_at(&limits->items, share->item);
    zd_limit_leg *leg = &zd_limit_item_legs(limits, item)[share->leg];
    int64_t *from = way == TO_RETURNED ? &leg->paid_fen : &leg->in_batch_fen;
    if (share->cash_fen > *from) {
        zd_limit_find_fen(act, ZD_V_LEG_TWICE, provider, "moved out of the batch", share->cash_fen, *from);
        return;
    }
    *from -= share->cash_fen;
    switch (way) {
    case TO_PAID:
        leg->paid_fen = zd_limit_sum(leg->paid_fen, share->cash_fen);
        break;
    case TO_RETURNED:
        leg->returned_fen = zd_limit_sum(leg->returned_fen, share->cash_fen);
        break;
    case TO_ORIGIN:
        leg->open_fen = zd_limit_sum(leg->open_fen, share->cash_fen - share->returned_fen);
        leg->returned_fen = zd_limit_sum(leg->returned_fen, share->returned_fen);
        break;
    case TO_OPEN:
        leg->open_fen = zd_limit_sum(leg->open_fen, share->cash_fen);
        break;
    }
    int64_t settled_fen = zd_limit_sum(leg->paid_fen, leg->offset_fen);
    if (settled_fen > leg->amount_fen - leg->refunded_open_fen) {
        zd_limit_find_fen(act, ZD_V_PAID_OVER, provider, "paid and offset", settled_fen, leg->amount_fen - leg->refunded_open_fen);
    }
    if (way != TO_PAID) {
        zd_limit_item_list(limits, share->item);
    }
}

static void move_line(const zd_limit_act *act, const zd_limit_line *line, cash_way way, zd_span provider)
{
    for (size_t i = 0; i < line->share_count; i++) {
        zd_limit_share share = act->limits->shares[line->first_share + i];
        if (share.cash_fen > 0) {
            move_share(act, &share, way, provider);
        }
    }
}

static zd_limit_line *line_named(const zd_limit_act *act, zd_span provider)
{
    zd_buf name = {0};
    zd_buf_add_span(&name, zd_limit_text(act, ZD_F_BATCH));
    zd_buf_add_byte(&name, '/');
    zd_buf_add_span(&name, provider);
    zd_limit_line *line = zd_table_find(&act->limits->lines, zd_buf_span(&name), NULL);
    zd_buf_free(&name);
    if (line == NULL) {
        zd_limit_unknown(act, "line of", provider);
    }
    return line;
}

void zd_limit_do_object(zd_limit_act *act)
{
    zd_limit_batch *batch = batch_named(act);
    zd_span provider = zd_limit_text(act, ZD_F_PROVIDER);
    zd_limit_line *line = batch != NULL ? line_named(act, provider) : NULL;
    if (line == NULL) {
        return;
    }
    if (line->state != ZD_LL_PENDING || (batch->state != ZD_LB_SEALED && batch->state != ZD_LB_APPROVED)) {
        find_state(act, "objection", "a line that is not released");
        return;
    }
    zd_limit_expect(act, (zd_limit_query){.debit = 3100, .credit = 3050, .credit_about = provider}, line->net_fen, "held", zd_span_of(NULL, 0));
    move_line(act, line, TO_OPEN, provider);
    for (size_t i = 0; i < line->share_count; i++) {
        ((zd_limit_item *)zd_table_at(&act->limits->items, act->limits->shares[line->first_share + i].item))->held = true;
    }
    line->state = ZD_LL_HELD;
}

static zd_span provider_of_line(const zd_limits *limits, size_t number_plus_one)
{
    zd_span batch;
    return zd_span_cut(&batch, zd_names_text(&limits->lines.names, number_plus_one - 1), '/');
}

/* Every line that nobody objected to gives its cash back where it came from. */
static void take_back(const zd_limit_act *act, const zd_limit_batch *batch)
{
    int64_t open_fen = 0;
    int64_t returned_fen = 0;
    for (size_t at = batch->last_line; at != 0; at = line_at(act->limits, at)->before) {
        zd_limit_line *line = line_at(act->limits, at);
        if (line->state != ZD_LL_PENDING) {
            continue;
        }
        for (size_t i = 0; i < line->share_count; i++) {
            const zd_limit_share *share = &act->limits->shares[line->first_share + i];
            returned_fen = zd_limit_sum(returned_fen, share->returned_fen);
            open_fen = zd_limit_sum(open_fen, share->cash_fen - share->returned_fen);
        }
        move_line(act, line, TO_ORIGIN, provider_of_line(act->limits, at));
        line->state = ZD_LL_WITHDRAWN;
    }
    zd_limit_expect(act, (zd_limit_query){.debit = 3100, .credit = 3000}, open_fen, "reopened", zd_span_of(NULL, 0));
    zd_limit_expect(act, (zd_limit_query){.debit = 3100, .credit = 3200}, returned_fen, "returned again", zd_span_of(NULL, 0));
}

void zd_limit_do_withdraw(zd_limit_act *act)
{
    zd_limit_batch *batch = batch_named(act);
    if (batch == NULL) {
        return;
    }
    if (batch->state != ZD_LB_SEALED && batch->state != ZD_LB_APPROVED && batch->state != ZD_LB_DRAFT) {
        find_state(act, "withdrawn", "before release");
        return;
    }
    take_back(act, batch);
    batch->state = ZD_LB_WITHDRAWN;
}

/* --- between release and answers --- */

void zd_limit_do_submit(zd_limit_act *act)
{
    zd_limit_batch *batch = batch_named(act);
    if (batch == NULL) {
        return;
    }
    if (batch->state != ZD_LB_RELEASED || batch->submitted) {
        find_state(act, "submitted", "a released batch, once");
        return;
    }
    if (zd_limit_int(act, ZD_F_COUNT) != batch->released_count || zd_limit_int(act, ZD_F_TOTAL) != batch->released_fen) {
        zd_found *found = zd_limit_find(act, ZD_V_RELEASE_TOTAL, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "%lld lines, %lld", (long long)zd_limit_int(act, ZD_F_COUNT), (long long)zd_limit_int(act, ZD_F_TOTAL));
        zd_buf_addf(&found->recomputed, "%lld lines, %lld", (long long)batch->released_count, (long long)batch->released_fen);
    }
    batch->submitted = true;
}

void zd_limit_do_ack(zd_limit_act *act)
{
    zd_limit_batch *batch = batch_named(act);
    if (batch != NULL && batch->state != ZD_LB_RELEASED) {
        find_state(act, "acknowledged", "a released batch");
    } else if (batch != NULL) {
        batch->submitted = true;
    }
}

/* Refused as a whole: each line that was not answered fails, and none may have been debited. */
void zd_limit_do_batch_reject(zd_limit_act *act)
{
    int64_t failed_fen = 0;
    zd_limit_batch *batch = batch_named(act);
    if (batch == NULL) {
        return;
    }
    if (batch->state != ZD_LB_RELEASED) {
        find_state(act, "rejected", "a released batch");
        return;
    }
    for (size_t at = batch->last_line; at != 0; at = line_at(act->limits, at)->before) {
        zd_limit_line *line = line_at(act->limits, at);
        if (line->state == ZD_LL_DEBITED || line->state == ZD_LL_RETURNED) {
            find_state(act, "rejected", "a batch of which nothing was debited");
            return;
        }
        if (line->state == ZD_LL_PENDING) {
            failed_fen = zd_limit_sum(failed_fen, line->net_fen);
            move_line(act, line, TO_OPEN, provider_of_line(act->limits, at));
            line->state = ZD_LL_FAILED;
        }
    }
    batch->state = ZD_LB_ENDED;
    zd_limit_expect(act, (zd_limit_query){.debit = 3100, .credit = 3000}, failed_fen, "failed", zd_span_of(NULL, 0));
}

/* Never sent, so two officers say. */
void zd_limit_do_batch_void(zd_limit_act *act)
{
    zd_limit_batch *batch = batch_named(act);
    if (batch == NULL) {
        return;
    }
    if (batch->state != ZD_LB_RELEASED || batch->submitted) {
        find_state(act, "voided", "released and never handed to the bank");
        return;
    }
    take_back(act, batch);
    batch->state = ZD_LB_ENDED;
}

/* An answer moves money in one way only, by the line's whole net. */
static void settle_line(const zd_limit_act *act, zd_limit_line *line, zd_span provider, cash_way way, zd_limit_line_state after)
{
    static const int accounts[][2] = {[TO_OPEN] = {3100, 3000}, [TO_ORIGIN] = {3100, 3000}, [TO_PAID] = {3100, 1000}, [TO_RETURNED] = {1000, 3200}};
    zd_limit_query query = {.debit = accounts[way][0], .credit = accounts[way][1]};
    zd_limit_expect(act, query, line->net_fen, "answered", provider);
    move_line(act, line, way, provider);
    line->state = after;
}

void zd_limit_do_answer(zd_limit_act *act)
{
    zd_span provider = zd_limit_text(act, ZD_F_PROVIDER);
    zd_span answer = zd_limit_text(act, ZD_F_ANSWER);
    zd_limit_batch *batch = batch_named(act);
    zd_limit_line *line = batch != NULL ? line_named(act, provider) : NULL;
    if (line == NULL) {
        return;
    }
    bool moves = zd_span_is(answer, "debited") || zd_span_is(answer, "failed");
    bool returns = zd_span_is(answer, "returned");
    if (batch->state != ZD_LB_RELEASED || (moves && line->state != ZD_LL_PENDING) || (returns && line->state != ZD_LL_DEBITED)) {
        find_state(act, "answered", "a released line, each step once");
        return;
    }
    batch->submitted = true;
    line->answered_day = act->today_day;
    line->accepted = zd_span_is(answer, "accepted");
    line->settled = zd_span_is(answer, "paid");
    if (returns) {
        settle_line(act, line, provider, TO_RETURNED, ZD_LL_RETURNED);
    } else if (moves) {
        bool paid = zd_span_is(answer, "debited");
        settle_line(act, line, provider, paid ? TO_PAID : TO_OPEN, paid ? ZD_LL_DEBITED : ZD_LL_FAILED);
    } else {
        zd_limit_expect(act, (zd_limit_query){0}, 0, "moved by a mere report", provider);
    }
}

/* --- what time does --- */

static void find_days(const zd_limit_act *act, const zd_line *line, const char *what, bool known, int64_t due_day)
{
    char date[ZD_DATE_TEXT];
    zd_found *found = zd_limit_find(act, ZD_V_DAYS, line->item);
    zd_buf_addf(&found->recorded, "line counted as %s", what);
    zd_date_text(date, due_day);
    zd_buf_addf(&found->recomputed, "%s%s", known ? "not before the end of " : "no calendar of the year was published", known ? date : "");
}

void zd_limit_sweep_line(const zd_limit_act *act, const zd_line *swept)
{
    int64_t up_to_ms = 0;
    int64_t due_day = 0;
    bool pays = zd_span_is(zd_line_text(swept, "due"), "paid");
    zd_span id = zd_line_text(swept, "batch");
    zd_limit_batch *batch = zd_table_find(&act->limits->batches, id, NULL);
    zd_buf key = {0};
    zd_buf_add_span(&key, id);
    zd_buf_add_text(&key, "/");
    zd_buf_add_span(&key, swept->item);
    zd_limit_line *line = batch != NULL ? zd_table_find(&act->limits->lines, zd_buf_span(&key), NULL) : NULL;
    zd_buf_free(&key);
    const zd_limit_policy *policy = batch != NULL ? zd_limit_policy_of(act->limits, batch->policy) : NULL;
    if (line == NULL || policy == NULL || !batch->submitted || line->state != (pays ? ZD_LL_DEBITED : ZD_LL_PENDING) || (pays && line->settled)) {
        zd_found *found = zd_limit_find(act, ZD_V_RELEASE_STATE, swept->item);
        zd_buf_add_span(&found->recorded, id);
        zd_buf_addf(&found->recorded, ": a line swept as %s", pays ? "paid" : "unknown");
        zd_buf_add_text(&found->recomputed, pays ? "debited, and not paid before" : "sent, and not answered for good");
        return;
    }
    int64_t from_day = pays || line->accepted ? line->answered_day : batch->execution_day;
    zd_limit_days days = pays ? policy->grace : policy->silence;
    bool known = days.count >= 0 && zd_limit_day_after(&due_day, act->limits, from_day, days);
    bool dated = zd_time_parse(&up_to_ms, zd_limit_text(act, ZD_F_UP_TO));
    if (!known || !dated || due_day >= zd_day_of(up_to_ms, ZD_ZONE_SHANGHAI_MS)) {
        find_days(act, swept, pays ? "paid" : "unknown", known, due_day);
    }
    line->settled = line->settled || pays;
    line->accepted = false;
}
