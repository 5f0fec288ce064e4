/*
 * What voids, refunds, sweeps, reviews, seals and batches share beyond act_int.h: who may act for a provider, how an item or an order gives
 * back what it claimed, and how a long decision spreads over effect leaves. Nothing here decides a rule of the programme.
 */
#ifndef ZD_ACT_SETTLE_INT_H
#define ZD_ACT_SETTLE_INT_H

#include "ledger/act/act_int.h"

/* Sums over the legs of an item. */
int64_t zd_item_open_fen(const zd_rec_item *item);     /* open or held */
int64_t zd_item_returned_fen(const zd_rec_item *item);
int64_t zd_item_in_batch_fen(const zd_rec_item *item);
int64_t zd_item_settled_fen(const zd_rec_item *item);  /* offset or paid */
int64_t zd_item_refunded_fen(const zd_rec_item *item); /* both kinds */
bool zd_item_was_settled(const zd_rec_item *item);     /* something is, or was when it was refunded: the bank may have returned it since */

/* NULL when the signer speaks for this provider (a LAB key: for this unit of it), else the word that A_GRANT says. */
const char *zd_settle_party(const zd_act *act, const char *provider, const char *unit);
/* The signer, and the second officer when there is one, may act in the jurisdiction of this pool; of every pool that an item draws on. */
bool zd_settle_in_pool(zd_act *act, const char *pool);
bool zd_settle_in_item(zd_act *act, const zd_rec_item *item);
/* The limit of the signer, and of the second officer, covers the amount. */
bool zd_settle_within_limit(const zd_act *act, int64_t amount_fen);

/* Something in the DUE index should have been swept before today. */
bool zd_settle_is_due(zd_act *act);

/* Ends an order: its unused rest goes back, the deadline leaves the index, the mandate regains the rest. An order with captures becomes CAPTURED, one
 * without becomes `untouched`. False = refused by balance. */
bool zd_order_end(zd_act *act, size_t d, zd_rec_order *order, zd_order_state untouched);
/* Gives back everything of an item that was never sealed, frees its invoice part and sums, and leaves it in `state`. False = refused by balance. */
bool zd_item_unwind(zd_act *act, size_t d, zd_rec_item *item, zd_item_state state);
/* Takes the share give_fen of live_fen out of the item's base and own share, of its order, contract and tier. Both > 0, give <= live. */
void zd_item_unclaim(zd_act *act, zd_rec_item *item, int64_t give_fen, int64_t live_fen);
/* Ends a hold that has nothing left to decide: the item holds no open amount any more. */
void zd_item_unhold_empty(zd_act *act, zd_rec_item *item);

/* When decision *d carries many postings already, opens a further effect about `item` and makes *d that one. */
void zd_settle_spill(zd_act *act, size_t *d, const char *item);

/* The named batch, when the signer may act for its pool; NULL = refused. */
zd_rec_batch *zd_batch_named(zd_act *act);

/* batch_lines.c: where a line's cash goes, item by item. */
typedef enum zd_line_way {
    ZD_LINE_TO_OPEN,    /* failed for certain: all of it is payable again */
    ZD_LINE_TO_ORIGIN,  /* never left: what the bank had returned is again "returned" */
    ZD_LINE_TO_HELD,    /* objection: a reviewer decides */
    ZD_LINE_TO_PAID,
    ZD_LINE_TO_RETURNED
} zd_line_way;
/* The line's own posting out of 3100. False = refused by balance. */
bool zd_line_post(zd_act *act, size_t d, const zd_rec_line *line, int to_account, int64_t amount_fen);
/* Moves every share of a line; the line's own posting is done by the caller, before. */
bool zd_line_move(zd_act *act, size_t *d, const zd_rec_line *line, zd_line_way way);
/* Gives each pending line's money back where it came from, an effect leaf per line. Returns how many lines; -1 = refused by balance. */
int64_t zd_batch_take_back(zd_act *act, zd_rec_batch *batch);

/* batch_await.c: lines of this batch wait for a word, or for a return, from that day on; the sweep looks again when the policy's days have passed. */
typedef enum zd_await { ZD_AWAIT_WORD, ZD_AWAIT_RETURN } zd_await;
void zd_batch_await(zd_act *act, const char *batch, zd_await what, int64_t from_day);
/* Silence and grace that were over before before_day: lines become UNKNOWN, with a case of NO_ANSWER, or PAID; an effect leaf each. False = refused. */
bool zd_batch_sweep_awaits(zd_act *act, int64_t before_day, int64_t *paid, int64_t *unknown);
/* The line went from one state to another: a final one is not open any more, and the last one closes the batch. */
void zd_batch_follow(zd_rec_batch *batch, zd_line_state before, zd_line_state after);

/* duties.c: R46 and R47 for the officer who approves or releases this batch; R48, what was typed at the release. False = refused. */
bool zd_duty_apart(zd_act *act, const zd_rec_batch *batch, int64_t amount_fen, bool releasing);
bool zd_duty_typed(zd_act *act, const zd_rec_batch *batch, int64_t count, int64_t total_fen);

#endif
