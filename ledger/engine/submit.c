/*
 * The life of a request, top to bottom: check signatures → decide one after the other → encode leaves → append → acknowledge.
 *
 * Notes of one call share transactions. While one is written by a thread of its own (commit.c), the next notes are decided on top of it; a result is final when its own
 * transaction is. When one fails, everything decided on top of it fails with it, and the working set is read again. What is left at the end, and so a short call as a
 * whole, is written by the deciding thread itself: nothing is left that could go on meanwhile.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/cosign.h"
#include "ledger/engine/ledger_int.h"

#define CLOCK_BACK_MS 5000
#define CLOCK_AHEAD_MS (INT64_C(400) * ZD_DAY_MS)

typedef struct submission {
    zd_ledger *ledger;
    zd_result *results;
    zd_decision_visit *visit; /* may be NULL */
    void *context;
    zd_decided turns[2];      /* one is filled while the other is written */
    unsigned filling;
    bool in_flight;           /* the other one is the committer's */
    zd_committer *committer;  /* NULL until there is something to overlap */
    uint64_t next_seq;
    int64_t last_at_unix_ms;
    size_t final;             /* notes whose results are */
} submission;

static zd_status entry_time(int64_t *out, const zd_ledger *ledger, int64_t last_at, zd_error *err)
{
    int64_t now = ledger->options.clock.now_unix_ms(ledger->options.clock.context);
    if (now < last_at - CLOCK_BACK_MS) {
        return zd_fail(err, ZD_E_CLOCK_BACK, "%lld ms behind", (long long)(last_at - now));
    }
    if (last_at > 0 && now > last_at + CLOCK_AHEAD_MS && !ledger->options.clock_checked) {
        return zd_fail(err, ZD_E_CLOCK_AHEAD, "%lld days ahead", (long long)((now - last_at) / ZD_DAY_MS));
    }
    *out = now > last_at ? now : last_at;
    return ZD_OK;
}

int64_t zd_ledger_now(const zd_ledger *ledger)
{
    int64_t now = ledger->options.clock.now_unix_ms(ledger->options.clock.context);
    return now > ledger->head.last_at_unix_ms ? now : ledger->head.last_at_unix_ms;
}

static void fill_result(zd_result *result, const zd_group *group)
{
    result->status = ZD_OK;
    result->type = group->type;
    result->replay = group->replay;
    if (group->replay) {
        result->seq = group->first_seq;
        result->outcome = group->first_outcome;
        zd_format(result->code, sizeof result->code, "%s", group->first_code);
        return;
    }
    const zd_decision *first = &group->decisions[0];
    result->seq = first->seq;
    result->outcome = first->outcome;
    result->effects = first->effects;
    zd_format(result->code, sizeof result->code, "%s", first->code != ZD_CODE_NONE ? zd_code_name(first->code) : "");
}

/* Notes before `end` that are not final become a failure. A note that was at fault itself, or is a replay of a durable entry, stays what it is. */
static void fail_results(submission *s, size_t end, zd_status status, const zd_error *error)
{
    for (; s->final < end; s->final++) {
        zd_result *result = &s->results[s->final];
        bool durable = result->replay && result->seq < s->ledger->head.size;
        if (result->status == ZD_OK && !durable) {
            *result = (zd_result){.status = status, .error = *error};
        }
    }
}

/* Whether a written group is durable, and if so, shows it. */
static zd_status settle(submission *s, zd_decided *decided, zd_error *err)
{
    zd_status status = zd_pending_settle(&decided->pending, s->ledger, err);
    if (status == ZD_OK) {
        s->final = decided->end_note;
    }
    if (decided->checkpoint) {
        zd_engine_seen_from_now(s->ledger);
    }
    for (size_t i = 0; i < decided->count && status == ZD_OK; i++) {
        s->results[decided->notes[i]].leaf = decided->hashes[i];
        for (size_t d = 0; d < decided->groups[i].count && status == ZD_OK && s->visit != NULL; d++) {
            status = s->visit(s->context, decided->notes[i], &decided->groups[i].decisions[d]);
        }
    }
    zd_decided_clear(decided);
    return status;
}

/* Waits for the group that is being written, if one is. */
static zd_status land(submission *s, zd_error *err)
{
    if (!s->in_flight) {
        return ZD_OK;
    }
    zd_committer_wait(s->committer);
    s->in_flight = false;
    return settle(s, &s->turns[1 - s->filling], err);
}

/* Writes what was decided on this thread. with_records: a command that submits once leaves nothing to be written later. */
static zd_status write_here(submission *s, size_t end_note, bool with_records, zd_error *err)
{
    zd_decided *decided = &s->turns[s->filling];
    decided->end_note = end_note;
    if (decided->count == 0) {
        s->final = end_note;
        return ZD_OK;
    }
    zd_engine_unfollow(s->ledger);
    zd_pending_freeze(&decided->pending, s->ledger, with_records || zd_pending_records_due(s->ledger, decided->leaves, false));
    zd_decided_write(decided, s->ledger->store);
    return settle(s, decided, err);
}

/* Whether another thread can write: there is one, and the working set can be loaded meanwhile. Without it everything is done here, one after the other. */
static bool can_overlap(submission *s)
{
    zd_error ignored = {0};
    if (s->committer == NULL) {
        s->committer = zd_committer_start();
    }
    return s->committer != NULL && (s->ledger->following || zd_engine_follow(s->ledger, &ignored) == ZD_OK);
}

/* Gives what was decided away and goes on with the other turn. Nothing is in flight. */
static zd_status launch(submission *s, size_t end_note, zd_error *err)
{
    zd_ledger *ledger = s->ledger;
    zd_decided *decided = &s->turns[s->filling];
    if (!can_overlap(s)) {
        return write_here(s, end_note, false, err);
    }
    decided->end_note = end_note;
    decided->checkpoint = zd_store_checkpoint_due(ledger->store);
    if (decided->checkpoint) {
        zd_store_moment(ledger->follower, false);
    }
    zd_pending_freeze(&decided->pending, ledger, zd_pending_records_due(ledger, decided->leaves, true));
    zd_committer_give(s->committer, decided, ledger->store);
    s->in_flight = true;
    s->filling = 1 - s->filling;
    return ZD_OK;
}

/* After each note: a group that is large enough sets out as soon as the one before it has landed; one that is too large waits for that. */
static zd_status keep_moving(submission *s, size_t end_note, zd_error *err)
{
    const zd_decided *decided = &s->turns[s->filling];
    bool full = decided->leaves >= ZD_GROUP_LEAVES_MAX || decided->bytes >= ZD_GROUP_BYTES_MAX;
    if (decided->leaves < s->ledger->options.group_leaves || (s->in_flight && !full && zd_committer_busy(s->committer))) {
        return ZD_OK;
    }
    zd_status status = land(s, err);
    if (status == ZD_OK) {
        status = launch(s, end_note, err);
    }
    if (status == ZD_OK) {
        zd_book_trim(s->ledger->book, s->ledger->options.working_set); /* notes that were identified ahead borrow keys, which stay */
    }
    return status;
}

/* Money leaves only under a checkpoint that the witnesses know: an accepted release without their quorum is a fault, and nothing of it is kept. The gate asks the store, which
 * must not be another thread's just then. */
static zd_status check_release(submission *s, const zd_group *group, zd_error *err)
{
    zd_ledger *ledger = s->ledger;
    if (group->type != ZD_REQ_BATCH_RELEASE || group->replay || group->decisions[0].outcome != ZD_ACCEPTED) {
        return ZD_OK;
    }
    uint64_t sealed = 0;
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_BATCH, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_batch *batch = cursor.record;
        if (batch->released_seq == (int64_t)group->decisions[0].seq) {
            sealed = (uint64_t)(batch->last_seq + 1);
        }
    }
    zd_status status = zd_book_trouble(ledger->book, err);
    if (status == ZD_OK) {
        status = land(s, err);
    }
    return status == ZD_OK ? zd_cosign_gate(ledger, sealed, err) : status;
}

static zd_status submit_one(submission *s, zd_checked_note *checked, size_t note, zd_error *err)
{
    zd_ledger *ledger = s->ledger;
    zd_result *result = &s->results[note];
    zd_incoming in = {.text = checked->text, .request = checked->request, .items = zd_checked_items(checked), .signer = checked->signer, .seq = s->next_seq};
    zd_group group;
    *result = (zd_result){.status = ZD_OK};
    zd_status status = entry_time(&in.at_unix_ms, ledger, s->last_at_unix_ms, err);
    if (status != ZD_OK) {
        return status;
    }
    if (!checked->good) {
        result->status = zd_code_status(checked->error->code);
        result->error = *checked->error;
        return ZD_OK;
    }
    status = zd_acts_submit(&group, ledger->acts, &in, &result->error);
    if (status != ZD_OK) {
        result->status = status;
        if (status != ZD_MALFORMED && status != ZD_USAGE) {
            *err = result->error;
            return status;
        }
        return ZD_OK;
    }
    status = check_release(s, &group, err);
    if (status != ZD_OK) {
        zd_group_free(&group);
        return status;
    }
    fill_result(result, &group);
    if (!group.replay) {
        s->next_seq += group.count;
        s->last_at_unix_ms = group.decisions[group.count - 1].at_unix_ms;
        ledger->roster += group.roster_changed ? 1 : 0;
        zd_decided_add(&s->turns[s->filling], &group, checked->whole, note, s->visit != NULL);
    }
    zd_group_free(&group);
    return ZD_OK;
}

/* A fault in the middle: what is being written may still land. The working set may hold half of a batch: nothing else is kept; every note of it can be submitted again. */
static zd_status give_up(submission *s, size_t count, zd_status status, zd_error *err)
{
    zd_error first = *err;
    zd_error ignored = {0};
    (void)land(s, &ignored);
    zd_engine_unfollow(s->ledger);
    (void)zd_engine_reload(s->ledger, &ignored);
    fail_results(s, count, status, &first);
    return status;
}

static zd_status decide_all(submission *s, zd_checking *checking, size_t count, zd_error *err)
{
    zd_status status = ZD_OK;
    size_t done = 0;
    for (; done < count && status == ZD_OK; done++) {
        status = submit_one(s, zd_checking_next(checking, done), done, err);
        if (status == ZD_OK && done + 1 < count) {
            status = keep_moving(s, done + 1, err);
        }
    }
    if (status == ZD_OK) {
        status = land(s, err);
    }
    if (status == ZD_OK) {
        status = write_here(s, count, !s->ledger->resident, err);
    }
    for (size_t i = done; i < count; i++) {
        s->results[i] = (zd_result){.status = ZD_OK}; /* never looked at */
    }
    return status == ZD_OK ? ZD_OK : give_up(s, count, status, err);
}

zd_status zd_ledger_submit(zd_ledger *ledger, zd_result *results, const zd_span *notes, size_t count, zd_decision_visit *visit, void *context,
                           zd_error *err)
{
    zd_error local = {0};
    err = err != NULL ? err : &local;
    if (!ledger->write) {
        return zd_fail(err, ZD_E_LEDGER_READ_ONLY, "opened for reading");
    }
    if (ledger->stale) {
        zd_status again = zd_engine_reload(ledger, err);
        for (size_t i = 0; i < count && again != ZD_OK; i++) {
            results[i] = (zd_result){.status = again, .error = *err};
        }
        if (again != ZD_OK) {
            return again;
        }
    }
    submission s = {.ledger = ledger, .results = results, .visit = visit, .context = context, .next_seq = ledger->head.size, .last_at_unix_ms = ledger->head.last_at_unix_ms};
    zd_checking *checking = zd_checking_start(ledger, notes, count);
    zd_status status = decide_all(&s, checking, count, err);
    zd_committer_end(s.committer);
    zd_engine_unfollow(ledger);
    zd_decided_free(&s.turns[0]);
    zd_decided_free(&s.turns[1]);
    zd_checking_end(checking);
    zd_book_trim(ledger->book, ledger->options.working_set);
    ledger->resident = true;
    return status;
}
