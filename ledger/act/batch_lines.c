/*
 * How a sealed line's money moves: its posting, and the same amount share by share through the items behind it. Invariant: each amount of an item's leg is in exactly
 * one bucket before and after. Decides nothing: who may, and when, is in batches.c and batch_bank.c.
 */
#include "ledger/act/settle_int.h"

#include <string.h>

static void move_share(zd_rec_item *item, const zd_rec_litem *share, zd_line_way way)
{
    size_t leg = (size_t)share->leg;
    int64_t cash_fen = share->cash_fen;
    int64_t returned_fen = way == ZD_LINE_TO_ORIGIN ? share->from_returned : 0;
    if (way == ZD_LINE_TO_RETURNED) {
        item->paid_fen[leg] -= cash_fen;
        item->returned_fen[leg] += cash_fen;
        return;
    }
    item->in_batch_fen[leg] -= cash_fen;
    if (item->in_batch_fen[leg] == 0) {
        item->leg_batch[leg][0] = '\0';
    }
    if (way == ZD_LINE_TO_PAID) {
        item->paid_fen[leg] += cash_fen;
    } else {
        item->open_fen[leg] += cash_fen - returned_fen;
        item->returned_fen[leg] += returned_fen;
    }
}

/* Open money of an item that another line's objection holds belongs on 3050. */
static bool keep_held(zd_act *act, size_t d, const zd_rec_item *item, const char *pool, int64_t amount_fen)
{
    return item->held == 0 || zd_act_post_to(act, d, amount_fen, zd_account(act, 3000, item->provider, pool, NULL), zd_account(act, 3050, item->provider, pool, NULL));
}

bool zd_line_move(zd_act *act, size_t *d, const zd_rec_line *line, zd_line_way way)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_LITEM, "%s/%s/", line->batch, line->provider);
    while (zd_book_next(&cursor)) {
        const zd_rec_litem *share = cursor.record;
        if (share->cash_fen == 0) {
            continue; /* offset as a whole: it stands */
        }
        zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", share->item);
        ZD_ASSERT(item != NULL && strcmp(item->leg_pool[share->leg], line->pool) == 0);
        zd_settle_spill(act, d, line->provider);
        if (way == ZD_LINE_TO_HELD && !zd_item_hold(act, *d, item, 0)) {
            return false;
        }
        int64_t open_before_fen = item->open_fen[share->leg];
        move_share(item, share, way);
        int64_t reopened_fen = item->open_fen[share->leg] - open_before_fen;
        if (way != ZD_LINE_TO_HELD && !keep_held(act, *d, item, line->pool, reopened_fen)) {
            return false;
        }
        zd_item_reindex(act, item);
        zd_item_check(item);
    }
    return true;
}

bool zd_line_post(zd_act *act, size_t d, const zd_rec_line *line, int to_account, int64_t amount_fen)
{
    zd_place *to = to_account == 1000 ? zd_account(act, 1000, line->pool, NULL, NULL) : zd_account(act, to_account, line->provider, line->pool, NULL);
    return zd_act_post_to(act, d, amount_fen, zd_account(act, 3100, line->batch, line->provider, line->pool), to);
}

/* One line goes back where its money came from; an effect leaf of its own. */
static bool take_line_back(zd_act *act, const char *batch, const char *provider)
{
    zd_rec_line *line = zd_book_edit(act->book, ZD_R_LINE, "%s/%s", batch, provider);
    size_t d = zd_act_effect(act, provider);
    line->state = ZD_L_WITHDRAWN;
    zd_decision_extra_int(zd_act_effect_at(act, d), "net_fen", line->net_fen);
    return zd_line_post(act, d, line, 3000, line->net_fen - line->returned_fen) && zd_line_post(act, d, line, 3200, line->returned_fen) &&
           zd_line_move(act, &d, line, ZD_LINE_TO_ORIGIN);
}

int64_t zd_batch_take_back(zd_act *act, zd_rec_batch *batch)
{
    int64_t lines = 0;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_LINE, "%s/", batch->id);
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        if (line->state == ZD_L_PENDING) {
            lines++;
            if (!take_line_back(act, batch->id, line->provider)) {
                return -1;
            }
        }
    }
    batch->open_lines = 0;
    return lines;
}
