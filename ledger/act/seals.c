/*
 * The seal of a settlement batch: one pool, everything below the cut-off entry. Collects the unpaid items, sees what waits, groups the rest by provider,
 * nets credit notes of the same provider and pool, and writes lines, waiting list and batch. Invariants: no netting across pools; every eligible
 * item is in a line or on the waiting list; a batch never asks for a negative amount. Pays nothing: that needs approval, release and an answer.
 */
#include "ledger/act/seal_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/rules/seal_sweep.h"

static void add_member(zd_seal *seal, const zd_rec_item *item, bool held)
{
    zd_seal_member member = {.item = item, .gates = (zd_check_set)item->gates};
    for (size_t leg = 0; leg < ZD_LEGS; leg++) {
        if (strcmp(item->leg_pool[leg], seal->pool) == 0) {
            member.open_fen += item->open_fen[leg];
            member.returned_fen += item->returned_fen[leg];
        }
    }
    if (item->seq >= seal->cutoff || member.open_fen + member.returned_fen == 0) {
        return;
    }
    member.waits |= held ? ZD_WAIT_HELD : 0U;
    member.waits |= item->gates != 0 ? ZD_WAIT_GATED : 0U;
    member.waits |= item->notice_until_day > seal->act->today_day ? ZD_WAIT_NOTICE : 0U;
    if (seal->member_count == seal->member_capacity) {
        seal->member_capacity = seal->member_capacity == 0 ? 64 : seal->member_capacity * 2;
        seal->members = zd_realloc(seal->members, seal->member_capacity * sizeof *seal->members);
    }
    seal->members[seal->member_count++] = member;
}

/* The open list first (by provider, then entry), then what is on hold; a held item with a returned amount is in both indexes and counted as held. */
static zd_status collect(zd_seal *seal, zd_error *err)
{
    zd_book *book = seal->act->book;
    zd_book_cursor open = zd_book_scan(book, ZD_R_OPEN, "%s/", seal->pool);
    while (zd_book_next(&open)) {
        const zd_rec_open *entry = open.record;
        const zd_rec_item *item = zd_book_find(book, ZD_R_ITEM, "%s", entry->target);
        if (item == NULL) {
            return zd_fail(err, ZD_E_LEDGER_CORRUPT, "the open list names an item that is not there");
        }
        if (item->held == 0) {
            add_member(seal, item, false);
        }
    }
    zd_book_cursor held = zd_book_scan(book, ZD_R_HOLDQ, "%s", "");
    while (zd_book_next(&held)) {
        const zd_rec_holdq *entry = held.record;
        const zd_rec_item *item = zd_book_find(book, ZD_R_ITEM, "%s", entry->target);
        if (item == NULL) {
            return zd_fail(err, ZD_E_LEDGER_CORRUPT, "the hold queue names an item that is not there");
        }
        add_member(seal, item, true);
    }
    return ZD_OK;
}

/* R40: a provider without a settled account is not paid yet, whoever the item belongs to. */
static void look_at_accounts(zd_seal *seal)
{
    for (size_t i = 0; i < seal->member_count; i++) {
        zd_seal_member *member = &seal->members[i];
        const zd_rec_provider *provider = zd_book_find(seal->act->book, ZD_R_PROVIDER, "%s", member->item->provider);
        bool waits = provider == NULL || provider->account_pending != 0 ||
                     zd_rules_account_cools(provider->account_version, provider->account_cooling_day, seal->act->today_day);
        member->waits |= waits ? ZD_WAIT_ACCOUNT : 0U;
    }
}

static int64_t notes_fen(zd_seal *seal, const char *provider)
{
    int64_t sum_fen = 0;
    zd_book_cursor cursor = zd_book_scan(seal->act->book, ZD_R_NOTES, "%s/%s/", seal->pool, provider);
    while (zd_book_next(&cursor)) {
        const zd_rec_notes *entry = cursor.record;
        const zd_rec_note *note = zd_book_find(seal->act->book, ZD_R_NOTE, "%s/%s", entry->target, seal->pool);
        sum_fen += note != NULL ? note->remaining_fen : 0;
    }
    return sum_fen;
}

/* One provider's line; below the minimum payout its items stay open and wait. */
static void size_line(zd_seal *seal, zd_seal_line *line)
{
    for (size_t i = line->first; i < line->first + line->count; i++) {
        if (seal->members[i].waits == 0) {
            line->open_fen += seal->members[i].open_fen;
            line->returned_fen += seal->members[i].returned_fen;
        }
    }
    if (line->open_fen + line->returned_fen == 0) {
        return;
    }
    line->offset_fen = zd_fen_min(line->open_fen, notes_fen(seal, line->provider));
    line->net_fen = line->open_fen + line->returned_fen - line->offset_fen;
    if (!seal->forced && line->net_fen > 0 && line->net_fen < zd_policy_int(seal->policy, ZD_P_MINIMUM_PAYOUT)) {
        for (size_t i = line->first; i < line->first + line->count; i++) {
            seal->members[i].waits |= seal->members[i].waits == 0 ? ZD_WAIT_MINIMUM : 0U;
        }
        return;
    }
    line->number = ++seal->numbered;
    seal->payable += line->net_fen > 0 ? 1 : 0;
    seal->gross_fen += line->open_fen + line->returned_fen;
    seal->offset_fen += line->offset_fen;
    seal->total_fen += line->net_fen;
}

static void group_lines(zd_seal *seal)
{
    seal->lines = zd_alloc((seal->member_count + 1) * sizeof *seal->lines);
    for (size_t i = 0; i < seal->member_count; i++) {
        const char *provider = seal->members[i].item->provider;
        zd_seal_line *last = seal->line_count > 0 ? &seal->lines[seal->line_count - 1] : NULL;
        /* What is on hold stands behind all others and makes no lines. */
        if (last != NULL && (strcmp(last->provider, provider) == 0 || (seal->members[i].waits & ZD_WAIT_HELD) != 0)) {
            last->count++;
        } else {
            seal->lines[seal->line_count++] = (zd_seal_line){.provider = provider, .first = i, .count = 1};
        }
    }
    for (size_t i = 0; i < seal->line_count; i++) {
        size_line(seal, &seal->lines[i]);
    }
}

static void write_batch(zd_seal *seal)
{
    zd_act *act = seal->act;
    zd_rec_batch *batch = zd_book_add(act->book, ZD_R_BATCH, "%s", seal->batch);
    zd_format(batch->id, sizeof batch->id, "%s", seal->batch);
    zd_format(batch->pool, sizeof batch->pool, "%s", seal->pool);
    zd_format(batch->maker, sizeof batch->maker, "%s", act->signer->person);
    batch->state = seal->payable > 0 ? ZD_B_SEALED : ZD_B_CLOSED; /* nothing to pay: offsets alone are done at once */
    batch->cutoff = seal->cutoff;
    batch->seq = (int64_t)act->seq;
    batch->seal_sha256 = act->request->text_sha256;
    batch->count = seal->payable;
    batch->total_fen = seal->total_fen;
    batch->gross_fen = seal->gross_fen;
    batch->offset_fen = seal->offset_fen;
    batch->open_lines = seal->payable;
    batch->execution_day = zd_req_int(act->request, ZD_F_EXECUTION);
    batch->policy = seal->policy->number;
    batch->sealed_ms = act->at_unix_ms;
    batch->effects = (int64_t)(act->group->count - act->decision_index - 1);
    zd_decision *decision = zd_act_decision(act);
    decision->policy = seal->policy->number;
    zd_decision_extra_text(decision, "batch", seal->batch);
    zd_decision_extra_text(decision, "pool", seal->pool);
    zd_decision_extra_int(decision, "lines", seal->numbered);
    zd_decision_extra_int(decision, "count", seal->payable);
    zd_decision_extra_int(decision, "total_fen", seal->total_fen);
    zd_decision_extra_int(decision, "gross_fen", seal->gross_fen);
    zd_decision_extra_int(decision, "offset_fen", seal->offset_fen);
    zd_decision_extra_int(decision, "waiting", seal->waiting);
}

static zd_status seal_now(zd_seal *seal, zd_error *err)
{
    zd_act *act = seal->act;
    zd_status status = collect(seal, err);
    if (status != ZD_OK) {
        return status;
    }
    look_at_accounts(seal);
    zd_seal_look_back(seal);
    group_lines(seal);
    if (seal->numbered == 0) {
        zd_act_saw_int(act, "waiting", (int64_t)seal->member_count);
        return zd_act_refuse(act, ZD_E_A_EMPTY, "lines");
    }
    if (!zd_settle_within_limit(act, seal->total_fen)) {
        return zd_act_refuse(act, ZD_E_R47, "limit");
    }
    for (size_t i = 0; i < seal->line_count; i++) {
        if (seal->lines[i].number > 0 && !zd_seal_write_line(seal, &seal->lines[i])) {
            return ZD_OK;
        }
    }
    zd_seal_write_waiting(seal);
    write_batch(seal);
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
    zd_seal seal = {.act = act, .batch = zd_act_text(act, ZD_F_BATCH), .pool = zd_act_text(act, ZD_F_POOL), .cutoff = zd_req_int(act->request, ZD_F_CUTOFF),
                    .forced = zd_req_int(act->request, ZD_F_FORCED) != 0, .policy = zd_act_policy_now(act)};
    zd_code code = obstacle(act, seal.batch, seal.pool, &why);
    if (code != ZD_CODE_NONE) {
        return zd_act_refuse(act, code, why);
    }
    if (seal.policy == NULL) {
        return zd_act_refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    zd_status status = seal_now(&seal, err);
    free(seal.members);
    free(seal.lines);
    return status;
}
