/*
 * Which unpaid items a part of a seal looks at, what each waits for, and the lines that the rest makes. Invariants: providers in the order of the open list, each of them
 * whole; everything below the cut-off is a member; no netting across pools. Writes nothing.
 */
#include "ledger/act/seal_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/rules/seal_sweep.h"

static void add_member(zd_seal *seal, const zd_rec_item *item)
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
    member.waits |= item->held != 0 ? ZD_WAIT_HELD : 0U;
    member.waits |= item->gates != 0 ? ZD_WAIT_GATED : 0U;
    member.waits |= item->notice_until_day > seal->act->today_day ? ZD_WAIT_NOTICE : 0U;
    if (seal->member_count == seal->member_capacity) {
        seal->member_capacity = seal->member_capacity == 0 ? 64 : seal->member_capacity * 2;
        seal->members = zd_realloc(seal->members, seal->member_capacity * sizeof *seal->members);
    }
    seal->members[seal->member_count++] = member;
}

/* The open list from where the part before ended, until enough entries were seen and the provider changes. Entries count whether they are members or not: what came
 * in after the cut-off must not make a part longer. */
static zd_status walk_open_list(zd_seal *seal, zd_error *err)
{
    char pool[ZD_ID_SIZE + 1];
    char after[ZD_ID_SIZE + 1];
    int64_t seen = 0;
    zd_format(pool, sizeof pool, "%s/", seal->pool);
    zd_format(after, sizeof after, "%s%s", seal->after, seal->after[0] != '\0' ? "0" : ""); /* '0' follows '/': behind all entries of that provider */
    zd_book_window open = zd_book_window_open(seal->act->book, ZD_R_OPEN, (size_t)seal->chunk + 1, pool, after);
    while (zd_book_window_next(&open)) {
        const zd_rec_open *entry = open.cursor.record;
        const zd_rec_item *item = zd_book_find(seal->act->book, ZD_R_ITEM, "%s", entry->target);
        if (item == NULL) {
            return zd_fail(err, ZD_E_LEDGER_CORRUPT, "the open list names an item that is not there");
        }
        if (seen >= seal->chunk && strcmp(seal->upto, item->provider) != 0) {
            seal->more = true;
            return ZD_OK;
        }
        zd_format(seal->upto, sizeof seal->upto, "%s", item->provider);
        add_member(seal, item);
        seen++;
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
    seal->written++;
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
        if (last != NULL && strcmp(last->provider, provider) == 0) {
            last->count++;
        } else {
            seal->lines[seal->line_count++] = (zd_seal_line){.provider = provider, .first = i, .count = 1};
        }
    }
    for (size_t i = 0; i < seal->line_count; i++) {
        size_line(seal, &seal->lines[i]);
    }
}

zd_status zd_seal_collect(zd_seal *seal, zd_error *err)
{
    zd_status status = walk_open_list(seal, err);
    if (status != ZD_OK) {
        return status;
    }
    look_at_accounts(seal);
    zd_seal_look_back(seal);
    group_lines(seal);
    return ZD_OK;
}
