/*
 * The seal of a settlement batch: one pool, everything below the cut-off entry. What is unpaid comes into a provider's line, less its credit notes, or on the waiting list.
 * A seal of many items is written in parts: the first note opens the batch as a draft, each further one (batch.continue, signed by the same maker) goes on behind the
 * provider that the part before ended with, the last closes it; other requests come between, because the cut-off is fixed. Invariants: every eligible item is in a
 * line or on the waiting list; a batch never asks for a negative amount; a pool has one draft at a time. Pays nothing: that needs approval, release and an answer.
 */
#include "ledger/act/seal_int.h"

#include <stdlib.h>
#include <string.h>

/* What the decision says of this part; what a seal in one part says is all of it. */
static void say_part(zd_seal *seal, const zd_rec_batch *batch)
{
    zd_decision *decision = zd_act_decision(seal->act);
    bool whole = batch->part == 1 && !seal->more;
    decision->policy = seal->policy->number;
    zd_decision_extra_text(decision, "batch", seal->batch);
    zd_decision_extra_text(decision, "pool", seal->pool);
    if (!whole) {
        zd_decision_extra_int(decision, "part", batch->part);
        zd_decision_extra_text(decision, "after", seal->after);
    }
    if (seal->more) {
        zd_decision_extra_text(decision, "upto", seal->upto);
    }
    zd_decision_extra_int(decision, "lines", seal->written);
    zd_decision_extra_int(decision, "count", seal->payable);
    zd_decision_extra_int(decision, "total_fen", seal->total_fen);
    zd_decision_extra_int(decision, "gross_fen", seal->gross_fen);
    zd_decision_extra_int(decision, "offset_fen", seal->offset_fen);
    zd_decision_extra_int(decision, "waiting", seal->waiting);
    if (!whole && !seal->more) {
        zd_decision_extra_int(decision, "sealed_lines", batch->numbered);
        zd_decision_extra_int(decision, "sealed_count", batch->count);
        zd_decision_extra_int(decision, "sealed_fen", batch->total_fen);
    }
}

/* The batch grows by this part; the last part closes it. Offsets alone are done at once: then there is nothing to pay. */
static void grow_batch(zd_seal *seal, zd_rec_batch *batch)
{
    zd_act *act = seal->act;
    zd_rec_pool *pool = zd_book_edit(act->book, ZD_R_POOL, "%s", seal->pool);
    int64_t effects = (int64_t)(act->group->count - act->decision_index - 1);
    batch->part++;
    batch->count += seal->payable;
    batch->total_fen += seal->total_fen;
    batch->gross_fen += seal->gross_fen;
    batch->offset_fen += seal->offset_fen;
    batch->open_lines += seal->payable;
    batch->open_fen += seal->total_fen;
    batch->waiting += seal->waiting;
    batch->numbered = seal->numbered;
    batch->last_seq = (int64_t)act->seq + effects;
    ZD_SET_TEXT(batch->upto, zd_span_text(seal->more ? seal->upto : ""));
    ZD_SET_TEXT(pool->sealing, zd_span_text(seal->more ? seal->batch : ""));
    batch->state = seal->more ? ZD_B_DRAFT : batch->open_lines > 0 ? ZD_B_SEALED : ZD_B_CLOSED;
    zd_rec_chunk *chunk = zd_book_add(act->book, ZD_R_CHUNK, "%s/%06lld", seal->batch, (long long)batch->part);
    *chunk = (zd_rec_chunk){.seq = (int64_t)act->seq, .effects = effects};
    if (batch->part == 1) {
        batch->effects = effects;
    }
    say_part(seal, batch);
}

static zd_rec_batch *open_batch(zd_seal *seal)
{
    zd_act *act = seal->act;
    zd_rec_batch *batch = zd_book_add(act->book, ZD_R_BATCH, "%s", seal->batch);
    zd_format(batch->id, sizeof batch->id, "%s", seal->batch);
    zd_format(batch->pool, sizeof batch->pool, "%s", seal->pool);
    zd_format(batch->maker, sizeof batch->maker, "%s", act->signer->person);
    batch->cutoff = seal->cutoff;
    batch->forced = seal->forced ? 1 : 0;
    batch->chunk = seal->chunk;
    batch->seq = (int64_t)act->seq;
    batch->seal_sha256 = act->request->text_sha256;
    batch->execution_day = zd_req_int(act->request, ZD_F_EXECUTION);
    batch->policy = seal->policy->number;
    batch->sealed_ms = act->at_unix_ms;
    return batch;
}

/* Collects and writes one part. before_fen: what the parts before came to, for the maker's limit. *written false = refused. */
static zd_status write_part(bool *written, zd_seal *seal, int64_t before_fen, zd_error *err)
{
    zd_act *act = seal->act;
    *written = false;
    zd_status status = zd_seal_collect(seal, err);
    if (status != ZD_OK) {
        return status;
    }
    if (seal->numbered == 0 && !seal->more && seal->after[0] == '\0') {
        zd_act_saw_int(act, "waiting", (int64_t)seal->member_count);
        return zd_act_refuse(act, ZD_E_A_EMPTY, "lines");
    }
    if (!zd_settle_within_limit(act, before_fen + seal->total_fen)) {
        return zd_act_refuse(act, ZD_E_R47, "limit");
    }
    for (size_t i = 0; i < seal->line_count; i++) {
        if (seal->lines[i].number > 0 && !zd_seal_write_line(seal, &seal->lines[i])) {
            return ZD_OK;
        }
    }
    zd_seal_write_waiting(seal);
    *written = true;
    return ZD_OK;
}

/* What stands against the seal before anything is looked at; ZD_CODE_NONE = nothing. */
static zd_code obstacle(zd_act *act, const char *batch, const char *pool, const char **why)
{
    const zd_rec_pool *record = zd_book_find(act->book, ZD_R_POOL, "%s", pool);
    *why = "pool";
    if (record == NULL) {
        return ZD_E_A_ABSENT;
    }
    *why = "jurisdiction";
    if (!zd_settle_in_pool(act, pool)) {
        return ZD_E_R46;
    }
    *why = "batch";
    if (zd_book_find(act->book, ZD_R_BATCH, "%s", batch) != NULL) {
        return ZD_E_A_EXISTS;
    }
    *why = "closed";
    if (record->closed != 0) {
        return ZD_E_A_YEAR;
    }
    *why = "sealing";
    if (record->sealing[0] != '\0') {
        return ZD_E_A_STATE;
    }
    *why = "cutoff";
    if (zd_req_int(act->request, ZD_F_CUTOFF) > (int64_t)act->seq) {
        return ZD_E_A_MISMATCH;
    }
    *why = "execution";
    if (zd_req_int(act->request, ZD_F_EXECUTION) < act->today_day) {
        return ZD_E_A_MISMATCH;
    }
    *why = "due";
    return zd_settle_is_due(act) ? ZD_E_A_SWEEP : ZD_CODE_NONE;
}

zd_status zd_act_batch_seal(zd_act *act, zd_error *err)
{
    const char *why = NULL;
    bool written = false;
    zd_seal seal = {.act = act, .batch = zd_act_text(act, ZD_F_BATCH), .pool = zd_act_text(act, ZD_F_POOL), .cutoff = zd_req_int(act->request, ZD_F_CUTOFF), .after = "",
                    .forced = zd_req_int(act->request, ZD_F_FORCED) != 0, .policy = zd_act_policy_now(act), .chunk = ZD_SEAL_CHUNK};
    if (zd_req_has(act->request, ZD_F_CHUNK)) {
        seal.chunk = zd_req_int(act->request, ZD_F_CHUNK);
    }
    zd_code code = obstacle(act, seal.batch, seal.pool, &why);
    if (code != ZD_CODE_NONE) {
        return zd_act_refuse(act, code, why);
    }
    if (seal.policy == NULL) {
        return zd_act_refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    zd_status status = write_part(&written, &seal, 0, err);
    if (status == ZD_OK && written) {
        grow_batch(&seal, open_batch(&seal));
    }
    free(seal.members);
    free(seal.lines);
    return status;
}

zd_status zd_act_batch_continue(zd_act *act, zd_error *err)
{
    bool written = false;
    zd_rec_batch *batch = zd_batch_named(act);
    if (batch == NULL) {
        return ZD_OK;
    }
    if (strcmp(batch->maker, act->signer->person) != 0) {
        return zd_act_refuse(act, ZD_E_R46, "maker"); /* who seals answers for the whole of it, and may not check it */
    }
    if (batch->state != ZD_B_DRAFT) {
        return zd_act_refuse(act, ZD_E_A_STATE, "batch");
    }
    if (zd_req_int(act->request, ZD_F_PART) != batch->part + 1) {
        zd_act_saw_int(act, "part", batch->part + 1);
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "part");
    }
    zd_seal seal = {.act = act, .batch = batch->id, .pool = batch->pool, .cutoff = batch->cutoff, .after = batch->upto, .forced = batch->forced != 0,
                    .policy = zd_act_policy(act, batch->policy), .chunk = batch->chunk, .numbered = batch->numbered};
    char after[ZD_ID_SIZE];
    zd_format(after, sizeof after, "%s", batch->upto);
    seal.after = after; /* the record's own text moves on */
    ZD_ASSERT(seal.policy != NULL);
    zd_status status = write_part(&written, &seal, batch->total_fen, err);
    if (status == ZD_OK && written) {
        grow_batch(&seal, batch);
    }
    free(seal.members);
    free(seal.lines);
    return status;
}
