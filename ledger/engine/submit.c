/*
 * The life of a request, top to bottom: check signatures → decide one after the other → encode leaves → append → acknowledge. Groups form by themselves: notes of
 * one call share a transaction until it holds ZD_GROUP_LEAVES leaves.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/cosign.h"
#include "ledger/engine/ledger_int.h"

#define CLOCK_BACK_MS 5000
#define CLOCK_AHEAD_MS (INT64_C(400) * ZD_DAY_MS)

/* The groups that wait for the next append, so that their decisions can be shown once they are durable. */
typedef struct waiting {
    zd_group *groups;
    size_t *notes;
    size_t count;
    size_t capacity;
} waiting;

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

static void keep_group(waiting *list, zd_group *group, size_t note)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->groups = zd_realloc(list->groups, list->capacity * sizeof *list->groups);
        list->notes = zd_realloc(list->notes, list->capacity * sizeof *list->notes);
    }
    list->groups[list->count] = *group;
    list->notes[list->count++] = note;
    *group = (zd_group){0};
}

static void drop_groups(waiting *list)
{
    for (size_t i = 0; i < list->count; i++) {
        zd_group_free(&list->groups[i]);
    }
    list->count = 0;
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

/* Appends what is pending and shows it; a failure marks every waiting note. with_records: a command that submits once leaves nothing to be written later. */
static zd_status settle_pending(zd_ledger *ledger, zd_pending *pending, waiting *list, bool with_records, zd_result *results, zd_decision_visit *visit,
                                void *context, zd_error *err)
{
    zd_status status = zd_pending_append(pending, ledger, with_records, err);
    for (size_t i = 0; i < list->count && status != ZD_OK; i++) {
        results[list->notes[i]] = (zd_result){.status = status, .error = *err};
    }
    for (size_t i = 0; i < list->count && status == ZD_OK && visit != NULL; i++) {
        for (size_t d = 0; d < list->groups[i].count && status == ZD_OK; d++) {
            status = visit(context, list->notes[i], &list->groups[i].decisions[d]);
        }
    }
    drop_groups(list);
    zd_pending_start(pending, ledger);
    zd_book_trim(ledger->book, ZD_WORKING_SET); /* notes that were identified ahead borrow keys, which stay */
    return status;
}

/* Money leaves only under a checkpoint that the witnesses know: an accepted release without their quorum is a fault, and nothing of it is kept. */
static zd_status check_release(zd_ledger *ledger, const zd_group *group, zd_error *err)
{
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
    return status == ZD_OK ? zd_cosign_gate(ledger, sealed, err) : status;
}

static zd_status submit_one(zd_ledger *ledger, zd_pending *pending, waiting *list, zd_checked_note *checked, zd_result *result, size_t note, zd_error *err)
{
    zd_incoming in = {.text = checked->text, .request = checked->request, .signer = checked->signer, .seq = pending->tree.size};
    zd_group group;
    *result = (zd_result){.status = ZD_OK};
    zd_status status = entry_time(&in.at_unix_ms, ledger, pending->last_at_unix_ms, err);
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
    status = check_release(ledger, &group, err);
    if (status != ZD_OK) {
        zd_group_free(&group);
        return status;
    }
    fill_result(result, &group);
    if (!group.replay) {
        size_t first = pending->count;
        size_t start = pending->bytes.size;
        zd_pending_add(pending, &group, checked->whole);
        result->leaf = zd_sha256(zd_span_of(pending->bytes.data + start, pending->ends[first] - start));
        ledger->roster += group.roster_changed ? 1 : 0;
        keep_group(list, &group, note);
    }
    zd_group_free(&group);
    return ZD_OK;
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
    zd_checking *checking = zd_checking_start(ledger, notes, count);
    zd_pending pending = {0};
    waiting list = {0};
    zd_status status = ZD_OK;
    zd_pending_start(&pending, ledger);
    size_t done = 0;
    for (; done < count && status == ZD_OK; done++) {
        status = submit_one(ledger, &pending, &list, zd_checking_next(checking, done), &results[done], done, err);
        if (status != ZD_OK) {
            results[done] = (zd_result){.status = status, .error = *err};
        }
        if (status == ZD_OK && pending.count >= ZD_GROUP_LEAVES) {
            status = settle_pending(ledger, &pending, &list, false, results, visit, context, err);
        }
    }
    if (status == ZD_OK) {
        status = settle_pending(ledger, &pending, &list, !ledger->resident, results, visit, context, err);
    } else if (list.count > 0 || pending.count > 0 || done > 0) {
        /* A fault in the middle: the working set may hold half of a batch. Nothing of this group is kept; every note of it can be submitted again. */
        zd_error ignored = {0};
        for (size_t i = 0; i < list.count; i++) {
            results[list.notes[i]] = (zd_result){.status = status, .error = *err};
        }
        (void)zd_engine_reload(ledger, &ignored);
    }
    for (size_t i = done; i < count && status != ZD_OK; i++) {
        results[i] = (zd_result){.status = status, .error = *err};
    }
    drop_groups(&list);
    free(list.groups);
    free(list.notes);
    zd_pending_free(&pending);
    zd_checking_end(checking);
    ledger->resident = true;
    return status;
}
