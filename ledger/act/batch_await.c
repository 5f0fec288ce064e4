/*
 * What time does to a line that was sent: nobody answered within the policy's days and it is UNKNOWN, which only the bank or two officers end; the bank did not return it
 * within the grace and it counts as PAID. Days are the batch's policy's. Invariants: no money moves here; UNKNOWN is never payable again; a return after PAID is still taken.
 */
#include "ledger/act/bank_int.h"

#include <string.h>

static const char *const letters[] = {[ZD_AWAIT_WORD] = "S", [ZD_AWAIT_RETURN] = "G"};
static const zd_param params[] = {[ZD_AWAIT_WORD] = ZD_P_ANSWER_SILENCE, [ZD_AWAIT_RETURN] = ZD_P_PAID_GRACE};

void zd_batch_await(zd_act *act, const char *batch, zd_await what, int64_t from_day)
{
    zd_rec_await *entry = zd_book_ensure(act->book, ZD_R_AWAIT, "%s/%06lld/%s", letters[what], (long long)from_day, batch);
    zd_format(entry->target, sizeof entry->target, "%s", batch);
}

static bool is_final(zd_line_state state)
{
    return state == ZD_L_PAID || state == ZD_L_RETURNED || state == ZD_L_FAILED;
}

void zd_batch_follow(zd_rec_batch *batch, zd_line_state before, zd_line_state after)
{
    if (!is_final(before) && is_final(after)) {
        ZD_ASSERT(batch->open_lines > 0);
        batch->open_lines--;
    }
    if (batch->open_lines == 0) {
        batch->state = ZD_B_CLOSED;
    }
}

/* The line waits for just that since just that day: a later word started its days anew. */
static bool waits(const zd_rec_batch *batch, const zd_rec_line *line, zd_await what, int64_t from_day)
{
    if (what == ZD_AWAIT_RETURN) {
        return line->state == ZD_L_DEBITED && line->answered_day == from_day;
    }
    return (line->state == ZD_L_PENDING && batch->execution_day == from_day) || (line->state == ZD_L_ACCEPTED && line->answered_day == from_day);
}

static void end_wait(zd_act *act, zd_rec_batch *batch, const char *provider, zd_await what)
{
    zd_rec_line *line = zd_book_edit(act->book, ZD_R_LINE, "%s/%s", batch->id, provider);
    size_t d = zd_act_effect(act, provider);
    zd_line_state before = (zd_line_state)line->state;
    line->state = what == ZD_AWAIT_RETURN ? ZD_L_PAID : ZD_L_UNKNOWN;
    zd_batch_follow(batch, before, (zd_line_state)line->state);
    zd_decision *decision = zd_act_effect_at(act, d);
    zd_decision_extra_text(decision, "due", what == ZD_AWAIT_RETURN ? "paid" : "unknown");
    zd_decision_extra_text(decision, "batch", batch->id);
    zd_decision_extra_int(decision, "net_fen", line->net_fen);
    if (what == ZD_AWAIT_WORD) {
        zd_bexc_silence(act, d, batch, line);
    }
}

/* All lines of one batch whose days began on that day. */
static int64_t sweep_batch(zd_act *act, const char *id, zd_await what, int64_t from_day)
{
    int64_t lines = 0;
    zd_rec_batch *batch = zd_book_edit(act->book, ZD_R_BATCH, "%s", id);
    ZD_ASSERT(batch != NULL);
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_LINE, "%s/", id);
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        if (waits(batch, line, what, from_day)) {
            end_wait(act, batch, line->provider, what);
            lines++;
        }
    }
    return lines;
}

/* "S/<6 digits>/<batch>" behind the kind's prefix. */
static int64_t day_of_key(const char *key)
{
    int64_t day = 0;
    for (const char *digit = key + strlen("AWAIT/S/"); *digit >= '0' && *digit <= '9'; digit++) {
        day = day * 10 + (*digit - '0');
    }
    return day;
}

static bool sweep_kind(zd_act *act, zd_await what, int64_t before_day, int64_t *lines)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_AWAIT, "%s/", letters[what]);
    while (zd_book_next(&cursor)) {
        char id[ZD_ID_SIZE];
        bool over = false;
        int64_t from_day = day_of_key(cursor.key);
        if (from_day >= before_day) {
            break;
        }
        zd_format(id, sizeof id, "%s", ((const zd_rec_await *)cursor.record)->target);
        const zd_rec_batch *batch = zd_book_find(act->book, ZD_R_BATCH, "%s", id);
        const zd_policy *policy = batch != NULL ? zd_act_policy(act, batch->policy) : NULL;
        bool known = policy != NULL && zd_policy_int(policy, params[what]) >= 0;
        if (known && !zd_act_days_over(act, &over, from_day, policy, params[what], before_day)) {
            return false;
        }
        if (over) {
            *lines += sweep_batch(act, id, what, from_day);
        }
        if (over || !known) {
            zd_book_remove(act->book, ZD_R_AWAIT, "%s/%06lld/%s", letters[what], (long long)from_day, id);
        }
    }
    return true;
}

bool zd_batch_sweep_awaits(zd_act *act, int64_t before_day, int64_t *paid, int64_t *unknown)
{
    return sweep_kind(act, ZD_AWAIT_WORD, before_day, unknown) && sweep_kind(act, ZD_AWAIT_RETURN, before_day, paid);
}
