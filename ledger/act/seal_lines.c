/*
 * One line of a seal: the provider's unpaid items of the pool, less what it owes from credit notes (oldest first), as one payment. Writes the
 * postings, the line and its shares of items, and the effect leaves. Invariants: sum of shares = net; an item's open amount goes wholly into
 * cash or offset; what the bank returned is only paid again, never offset. A line that nets to zero is closed at once.
 */
#include "ledger/act/seal_int.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/money.h"

/* With at most 120 postings (31 kB) beside them, the shares of one leaf stay within 60,000 bytes. */
#define PART_BYTES 20000
#define PART_POSTINGS 120

typedef struct writer {
    zd_seal *seal;
    const zd_seal_line *line;
    size_t d;        /* the effect being written */
    int64_t part;
    zd_buf shares;   /* [[item,leg,cash,offset,returned],...] */
    zd_buf flagged;  /* [[item,"R08,R37"],...] */
    zd_jw shares_w;
    zd_jw flagged_w;
} writer;

static void part_open(writer *w)
{
    w->d = zd_act_effect(w->seal->act, w->line->provider);
    w->part++;
    zd_decision_extra_int(zd_act_effect_at(w->seal->act, w->d), "line", w->line->number);
    zd_decision_extra_int(zd_act_effect_at(w->seal->act, w->d), "part", w->part);
    zd_buf_clear(&w->shares);
    zd_buf_clear(&w->flagged);
    w->shares_w = zd_jw_begin(&w->shares);
    w->flagged_w = zd_jw_begin(&w->flagged);
    zd_jw_array(&w->shares_w, NULL);
    zd_jw_array(&w->flagged_w, NULL);
}

static void part_close(writer *w)
{
    zd_decision *effect = zd_act_effect_at(w->seal->act, w->d);
    zd_jw_close(&w->shares_w);
    zd_jw_close(&w->flagged_w);
    if (w->shares.size > 2) {
        zd_decision_extra_raw(effect, "items", zd_buf_span(&w->shares));
    }
    if (w->flagged.size > 2) {
        zd_decision_extra_raw(effect, "flagged", zd_buf_span(&w->flagged));
    }
}

static void make_room(writer *w)
{
    size_t postings = zd_act_effect_at(w->seal->act, w->d)->posting_count;
    if (postings >= PART_POSTINGS || w->shares.size + w->flagged.size > PART_BYTES) {
        part_close(w);
        part_open(w);
    }
}

static void describe(writer *w, const zd_rec_line *record)
{
    zd_decision *effect = zd_act_effect_at(w->seal->act, w->d);
    char account[ZD_HASH_HEX];
    zd_hash_hex(account, &record->account);
    zd_decision_extra_text(effect, "provider", record->provider);
    zd_decision_extra_int(effect, "gross_fen", record->gross_fen);
    zd_decision_extra_int(effect, "offset_fen", record->offset_fen);
    zd_decision_extra_int(effect, "returned_fen", record->returned_fen);
    zd_decision_extra_int(effect, "net_fen", record->net_fen);
    zd_decision_extra_int(effect, "account_version", record->account_version);
    zd_decision_extra_text(effect, "account", account);
    zd_decision_extra_int(effect, "first_payment", record->first_payment);
    zd_decision_extra_text(effect, "end_to_end", record->end_to_end);
}

static void add_line(writer *w)
{
    zd_seal *seal = w->seal;
    const zd_seal_line *line = w->line;
    const zd_rec_provider *provider = zd_book_find(seal->act->book, ZD_R_PROVIDER, "%s", line->provider);
    ZD_ASSERT(provider != NULL);
    zd_rec_line *record = zd_book_add(seal->act->book, ZD_R_LINE, "%s/%s", seal->batch, line->provider);
    zd_format(record->batch, sizeof record->batch, "%s", seal->batch);
    zd_format(record->provider, sizeof record->provider, "%s", line->provider);
    zd_format(record->pool, sizeof record->pool, "%s", seal->pool);
    record->number = line->number;
    record->gross_fen = line->open_fen + line->returned_fen;
    record->offset_fen = line->offset_fen;
    record->returned_fen = line->returned_fen;
    record->net_fen = line->net_fen;
    record->state = line->net_fen == 0 ? ZD_L_ZERO : ZD_L_PENDING;
    record->account_version = provider->account_version;
    record->account = provider->account;
    record->first_payment = provider->paid_version != provider->account_version ? 1 : 0;
    zd_format(record->end_to_end, sizeof record->end_to_end, "%s-P%04lld", seal->batch, (long long)line->number);
    describe(w, record);
}

/* Notes of this provider and pool, oldest first, until the offset is used up. */
static bool recover_notes(writer *w)
{
    zd_act *act = w->seal->act;
    int64_t left_fen = w->line->offset_fen;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_NOTES, "%s/%s/", w->seal->pool, w->line->provider);
    while (left_fen > 0 && zd_book_next(&cursor)) {
        const zd_rec_notes *entry = cursor.record;
        zd_rec_note *note = zd_book_edit(act->book, ZD_R_NOTE, "%s/%s", entry->target, w->seal->pool);
        ZD_ASSERT(note != NULL && note->remaining_fen > 0);
        int64_t part_fen = zd_fen_min(left_fen, note->remaining_fen);
        make_room(w);
        if (!zd_move_note_recovered(act, w->d, note, part_fen)) {
            return false;
        }
        left_fen -= part_fen;
        note->remaining_fen -= part_fen;
        if (note->remaining_fen == 0) {
            zd_book_remove(act->book, ZD_R_NOTES, "%s/%s/%012lld/%s", w->seal->pool, w->line->provider, (long long)note->seq, note->id);
        }
    }
    ZD_ASSERT(left_fen == 0);
    return true;
}

static bool post_line(writer *w)
{
    zd_act *act = w->seal->act;
    const char *pool = w->seal->pool;
    const char *provider = w->line->provider;
    zd_place *payable = zd_account(act, 3000, provider, pool, NULL);
    zd_place *returned = zd_account(act, 3200, provider, pool, NULL);
    zd_place *owed = zd_account(act, 1100, provider, pool, NULL);
    zd_place *settling = zd_account(act, 3100, w->seal->batch, provider, pool);
    return zd_act_post_to(act, w->d, w->line->open_fen - w->line->offset_fen, payable, settling) &&
           zd_act_post_to(act, w->d, w->line->returned_fen, returned, settling) && zd_act_post_to(act, w->d, w->line->offset_fen, payable, owed) &&
           recover_notes(w);
}

static void add_share(writer *w, const zd_rec_item *item, size_t leg, int64_t cash_fen, int64_t offset_fen, int64_t returned_fen)
{
    zd_rec_litem *share = zd_book_add(w->seal->act->book, ZD_R_LITEM, "%s/%s/%s/%zu", w->seal->batch, item->provider, item->id, leg);
    zd_format(share->item, sizeof share->item, "%s", item->id);
    share->leg = (int64_t)leg;
    share->cash_fen = cash_fen;
    share->offset_fen = offset_fen;
    share->from_returned = returned_fen;
    zd_jw_array(&w->shares_w, NULL);
    zd_jw_cstr(&w->shares_w, NULL, item->id);
    zd_jw_int(&w->shares_w, NULL, (int64_t)leg);
    zd_jw_int(&w->shares_w, NULL, cash_fen);
    zd_jw_int(&w->shares_w, NULL, offset_fen);
    zd_jw_int(&w->shares_w, NULL, returned_fen);
    zd_jw_close(&w->shares_w);
}

static void add_flags(writer *w, zd_rec_item *item, zd_check_set flags)
{
    zd_buf names = {0};
    for (unsigned i = 0; i < ZD_CHECKS_MAX; i++) {
        if ((flags >> i & 1U) != 0) {
            zd_buf_addf(&names, "%s%s", names.size > 0 ? "," : "", zd_acts_check_name(i));
        }
    }
    if (names.size > 0) {
        item->flags = (int64_t)((zd_check_set)item->flags | flags);
        zd_act_effect_at(w->seal->act, w->d)->flags |= flags;
        zd_jw_array(&w->flagged_w, NULL);
        zd_jw_cstr(&w->flagged_w, NULL, item->id);
        zd_jw_text(&w->flagged_w, NULL, zd_buf_span(&names));
        zd_jw_close(&w->flagged_w);
    }
    zd_buf_free(&names);
}

/* Moves an item's amounts of this pool into the batch; the offset is eaten by the oldest items first. */
static void take_item(writer *w, const zd_seal_member *member, int64_t *offset_left_fen)
{
    zd_act *act = w->seal->act;
    zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", member->item->id);
    for (size_t leg = 0; leg < ZD_LEGS; leg++) {
        if (strcmp(item->leg_pool[leg], w->seal->pool) != 0 || item->open_fen[leg] + item->returned_fen[leg] == 0) {
            continue;
        }
        int64_t offset_fen = zd_fen_min(*offset_left_fen, item->open_fen[leg]);
        int64_t returned_fen = item->returned_fen[leg];
        int64_t cash_fen = item->open_fen[leg] - offset_fen + returned_fen;
        *offset_left_fen -= offset_fen;
        item->open_fen[leg] = 0;
        item->returned_fen[leg] = 0;
        item->offset_fen[leg] += offset_fen;
        item->in_batch_fen[leg] += cash_fen;
        if (cash_fen > 0) {
            zd_format(item->leg_batch[leg], sizeof item->leg_batch[leg], "%s", w->seal->batch);
        }
        add_share(w, item, leg, cash_fen, offset_fen, returned_fen);
    }
    add_flags(w, item, member->flags);
    zd_seal_remember(act, item);
    zd_item_reindex(act, item);
    zd_item_check(item);
}

bool zd_seal_write_line(zd_seal *seal, const zd_seal_line *line)
{
    writer w = {.seal = seal, .line = line};
    part_open(&w);
    add_line(&w);
    bool posted = post_line(&w);
    int64_t offset_left_fen = line->offset_fen;
    for (size_t i = line->first; posted && i < line->first + line->count; i++) {
        if (seal->members[i].waits == 0) {
            make_room(&w);
            take_item(&w, &seal->members[i], &offset_left_fen);
        }
    }
    part_close(&w);
    ZD_ASSERT(!posted || offset_left_fen == 0);
    zd_buf_free(&w.shares);
    zd_buf_free(&w.flagged);
    return posted;
}
