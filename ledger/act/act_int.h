/*
 * What the files of ledger/act share: the state of one running act, its handler table, and the few verbs that every handler uses.
 * A handler reads top to bottom: look up → decide (refuse and return, in the documented order) → point of no return → post and write records.
 * Handlers return ZD_OK whenever a decision was made, refusals included; other statuses are faults.
 */
#ifndef ZD_ACT_ACT_INT_H
#define ZD_ACT_ACT_INT_H

#include "ledger/act/act.h"

typedef struct zd_act {
    zd_acts *acts;
    zd_book *book;
    zd_group *group;
    const zd_request *request;   /* what is done (the proposed request when a second note completes it) */
    const zd_rec_key *signer;    /* who signed `request` */
    const zd_rec_key *second;    /* who completed it; NULL for acts of one person */
    size_t decision_index;       /* which decision of the group this act writes */
    uint64_t seq;                /* of that decision's leaf */
    int64_t at_unix_ms;
    int64_t today_day;           /* civil day of `at` in the policy's zone */
} zd_act;

typedef zd_status zd_act_handler(zd_act *act, zd_error *err);

/* The decision being written. Pointers into the group move when effects are added: ask again. */
zd_decision *zd_act_decision(zd_act *act);
/* Refuses with a code; what was changed so far is rolled back by the frame. Returns ZD_OK, so that handlers can `return zd_act_refuse(...)`. The detail, when not
 * NULL, becomes a field "why" in saw: a short ASCII word or id. */
zd_status zd_act_refuse(zd_act *act, zd_code code, const char *detail);
bool zd_act_refused(zd_act *act);
void zd_act_saw_int(zd_act *act, const char *name, int64_t value);
void zd_act_saw_text(zd_act *act, const char *name, zd_span value);
/* Posts into the decision (or into effect e of the group); an impossible posting refuses the act with E_BALANCE and answers false. amount 0 does nothing, true. */
bool zd_act_post(zd_act *act, int64_t amount_fen, zd_place *debit, zd_place *credit);
bool zd_act_post_to(zd_act *act, size_t decision_index, int64_t amount_fen, zd_place *debit, zd_place *credit);
/* Accounts; the places live in the act frame and rotate: at most 8 may be in use at once. */
zd_place *zd_account(zd_act *act, int code, const char *a, const char *b, const char *c); /* NULL parts are left out */
/* A further decision in this group (an effect leaf); returns its index. item names what it is about. Its seq follows by itself. */
size_t zd_act_effect(zd_act *act, const char *item);
zd_decision *zd_act_effect_at(zd_act *act, size_t decision_index);

/* Policies: by number; or the one in force for an act at this leaf (newest number whose effective day <= today). NULL when there is none. */
const zd_policy *zd_act_policy(zd_act *act, int64_t number);
const zd_policy *zd_act_policy_now(zd_act *act);
/* days.c: the day on which the policy's days (a parameter of kind DAYS, not negative) after from_day are over; false = refused, no calendar of the year that they reach
 * into. days_over: are they over before before_day? Needs no calendar beyond it. */
bool zd_act_day_after(zd_act *act, int64_t *out_day, int64_t from_day, const zd_policy *policy, zd_param param);
bool zd_act_knows_year(zd_act *act, int64_t year);
bool zd_act_days_over(zd_act *act, bool *out_over, int64_t from_day, const zd_policy *policy, zd_param param, int64_t before_day);
/* The signer's key may act there ("all" or listed). jurisdiction "" is fine for everybody. */
bool zd_act_in_jurisdiction(const zd_rec_key *key, const char *jurisdiction);
bool zd_act_within_limit(const zd_rec_key *key, int64_t amount_fen);
/* Text of a request's field as a C string in an act-owned arena ("" when absent). */
const char *zd_act_text(zd_act *act, zd_field field);
/* Copies a request field into a record's text; fits because fields.def and records.def agree (assertion). */
#define ZD_SET_TEXT(record_field, span) zd_act_set_text((record_field), sizeof(record_field), (span))
void zd_act_set_text(char *out, size_t out_size, zd_span text);

/* --- handlers, by file --- */
/* genesis.c */    zd_act_handler zd_act_genesis;
/* keys.c */       zd_act_handler zd_act_key_grant, zd_act_key_revoke, zd_act_key_rotate, zd_act_root_rotate;
/* policies.c */   zd_act_handler zd_act_policy_publish, zd_act_exception, zd_act_erratum;
/* pools.c */      zd_act_handler zd_act_pool_open, zd_act_pool_appropriate, zd_act_pool_cut, zd_act_pool_move;
/* year_end.c */   zd_act_handler zd_act_pool_carry, zd_act_pool_close;
/* parties.c */    zd_act_handler zd_act_holder_register, zd_act_holder_ban, zd_act_provider_admit, zd_act_provider_suspend, zd_act_provider_remove,
                                  zd_act_provider_account, zd_act_instrument_register;
/* While a new account is only proposed, the provider is not paid: called by the frame when the first note of any proposal is recorded; looks at the type itself,
 * and into batches. */
void zd_act_account_proposed(zd_act *act);
/* vouchers.c */   zd_act_handler zd_act_voucher_claim, zd_act_voucher_issue, zd_act_voucher_allot, zd_act_voucher_suspend, zd_act_voucher_resume,
                                  zd_act_voucher_revoke, zd_act_mandate_grant, zd_act_mandate_withdraw;
/* orders.c */     zd_act_handler zd_act_order, zd_act_extend, zd_act_confirm;
/* captures.c */   zd_act_handler zd_act_capture, zd_act_direct;
/* voids.c */      zd_act_handler zd_act_void;
/* refunds.c */    zd_act_handler zd_act_refund;
/* fact_acts.c */  zd_act_handler zd_act_fact;
/* sweeps.c */     zd_act_handler zd_act_sweep;
/* reviews.c */    zd_act_handler zd_act_review_release, zd_act_review_reject, zd_act_clawback, zd_act_recover, zd_act_write_off;
/* seals.c */      zd_act_handler zd_act_batch_seal, zd_act_batch_continue;
/* batches.c */    zd_act_handler zd_act_batch_object, zd_act_batch_approve, zd_act_batch_release, zd_act_batch_withdraw, zd_act_batch_sample;
/* batch_bank.c */ zd_act_handler zd_act_batch_submit, zd_act_batch_ack, zd_act_batch_reject, zd_act_batch_void, zd_act_line_answer;
/* bank_files.c */ zd_act_handler zd_act_bank_file, zd_act_bank_statement, zd_act_bank_entry;
/* bank_exceptions.c */ zd_act_handler zd_act_bank_exception, zd_act_bank_clear, zd_act_bank_resolve;
/* openings.c */   zd_act_handler zd_act_opening_quota, zd_act_opening_invoice, zd_act_opening_balance;

/* --- who may: authority.c --- */
/* Signer and second officer, where there is one, may act in that jurisdiction (R46) and for that amount (R47; 0 = no money). Refuses and answers false otherwise. */
bool zd_act_has_authority(zd_act *act, const char *jurisdiction, int64_t amount_fen);
/* The signer speaks for that party: a PROVIDER, LAB or HOLDER key only for its own, officers for everybody. Refuses with A_GRANT "party" and answers false otherwise. */
bool zd_act_speaks_for(zd_act *act, zd_span party);

/* --- keys.c, for genesis --- */
/* Copies what a key.grant request says into a key record; sizes as written (0 = absent). */
void zd_key_wish(zd_rec_key *out, const zd_request *request);
/* Checks that name, public key and interval are free, and puts the key on the roster. Refuses and answers false otherwise. */
bool zd_key_enrol(zd_act *act, const zd_rec_key *key);

/* --- quotas.c --- */
int64_t zd_quota_cap(const zd_policy *policy, int64_t holder_class);
/* What the subject may still be allotted in that year: 6100, or the whole cap when the quota was never opened. */
int64_t zd_quota_left(zd_act *act, const char *subject, int64_t cap_fen, int64_t year);
/* Opens the quota on first use: 6000/6100. false = refused by balance. */
bool zd_quota_open(zd_act *act, const char *subject, int64_t cap_fen, int64_t year);

/* --- shared pieces of money movement: money_moves.c (one place for what several acts do) --- */
/* Gives back a reserved amount of an order's leg: 2200 -> 2100 (voucher funded at issue and alive) or 2000; quota 6300 -> 6200, and on to 6100 when the voucher lapsed
 * or was revoked (lapse: only when the policy restores quota). Posts into decision index d. false = refused by balance. */
bool zd_move_unreserve(zd_act *act, size_t d, const zd_rec_order *order, size_t leg, int64_t amount_fen);
/* Gives back an open or held amount of an item's leg: 3000 or 3050 -> 2100/2000 and quota as above. from: 3000, 3050 or 3200. */
bool zd_move_give_back(zd_act *act, size_t d, const zd_rec_item *item, size_t leg, int from_account, int64_t amount_fen);
/* A note's recovered part: 2160 -> 2100/2000 with quota, as above. */
bool zd_move_note_recovered(zd_act *act, size_t d, const zd_rec_note *note, int64_t amount_fen);
/* The quota subject of a holder in a year: the holder, or its controller group where the policy says so. Text lives in the act arena. */
const char *zd_quota_subject(zd_act *act, const zd_rec_holder *holder, const zd_policy *policy);
/* Asserts that every fen of every leg is in exactly one bucket. Call after every change of an item. */
void zd_item_check(const zd_rec_item *item);
/* refunds.c: notes a credit of amount_fen on an item under the id `note`: open (or held) part, then returned part, then the settled part, which becomes a receivable.
 * Also for red letters. False = refused (A_EXISTS: the note's id was used; A_STATE, R14, A_RETRY), and nothing may be done after it. */
bool zd_refund_item(zd_act *act, size_t d, zd_rec_item *item, const char *note, int64_t amount_fen);
/* Index upkeep: OPEN entries exist exactly for items with an open, held or returned amount in that pool. Call after any change of an item. */
void zd_item_reindex(zd_act *act, const zd_rec_item *item);
/* Hold: 3000 -> 3050 for all open legs, HOLDQ entry, deadline; and the way back. */
bool zd_item_hold(zd_act *act, size_t d, zd_rec_item *item, zd_check_set holds);
bool zd_item_release(zd_act *act, size_t d, zd_rec_item *item);
/* gates.c: recomputes an item's gates from facts (consent, own share, invoice word) after a fact, a confirmation or a refund; never adds a gate that was not there. */
void zd_item_regate(zd_act *act, zd_rec_item *item);
void zd_order_regate(zd_act *act, zd_rec_order *order);

#endif
