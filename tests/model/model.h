/*
 * A second opinion on the rule book: what each request must answer and what every account must hold afterwards, written from the design notes alone. It
 * shares no code with the rules, the acts or the book: integers for names, arrays for records, arithmetic of its own. Most balances are not posted at
 * all but summed up from what orders, items, notes and cases still hold, so that a posting to the wrong account cannot go wrong here in the same way.
 * Units: fen, civil days, entry numbers. Indices are -1 for "none". Everything is in memory of one struct that the caller frees.
 */
#ifndef ZD_TESTS_MODEL_H
#define ZD_TESTS_MODEL_H

#include "tests/model/seen.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MO_LEGS = 4, MO_HOLDERS = 6, MO_PROVIDERS = 2, MO_POOLS = 40, MO_VOUCHERS = 4000, MO_ORDERS = 12000, MO_ITEMS = 12000, MO_NUMBERS = 24000, MO_NOTES = 12000,
    MO_CASES = 4000, MO_BATCHES = 4000, MO_SHARES = 60000, MO_MANDATES = 2000, MO_PROPOSALS = 4000, MO_PURPOSES = 3, MO_YEARS = 12, MO_FIRST_YEAR = 2024,
    MO_POLICIES = 3, MO_NAME = 41, MO_PARTIES = 32
};

/* The events; the order is that of the table of kinds in model.c. */
typedef enum mo_kind {
    MO_ALLOT, MO_SUSPEND, MO_RESUME, MO_REVOKE, MO_MANDATE, MO_MANDATE_END, MO_ORDER, MO_EXTEND, MO_CONFIRM, MO_CAPTURE, MO_DIRECT, MO_VOID_ORDER, MO_VOID_ITEM,
    MO_REFUND, MO_OWN_SHARE, MO_CONSENT, MO_INVOICE_WORD, MO_OTHER_PLAN, MO_RED_LETTER, MO_RELEASE_HOLD, MO_REJECT, MO_CLAWBACK, MO_RECOVER, MO_WRITE_OFF, MO_SEAL,
    MO_CONTINUE, MO_OBJECT, MO_APPROVE, MO_RELEASE, MO_WITHDRAW, MO_SUBMIT, MO_ACK, MO_BANK_REJECT, MO_BATCH_VOID, MO_ANSWER, MO_SWEEP, MO_APPROPRIATE, MO_CUT, MO_MOVE, MO_CARRY, MO_CLOSE, MO_POOL_OPEN, MO_PROVIDER_SUSPEND,
    MO_HOLDER_BAN, MO_SECOND, MO_KINDS
} mo_kind;

typedef enum mo_role { MO_ISSUER, MO_REVIEWER, MO_MAKER, MO_CHECKER, MO_RELEASER, MO_ATTESTER, MO_SERVICE, MO_PROVIDER, MO_LAB, MO_HOLDER, MO_ROLES } mo_role;

typedef struct mo_key {
    const char *name;
    mo_role role;
    int party;       /* provider or holder */
    bool only_681;   /* authority for 330681 alone */
    int64_t limit;   /* 0 = none */
} mo_key;

typedef enum mo_outcome { MO_ERROR, MO_ACCEPTED, MO_HELD, MO_REFUSED, MO_PROPOSED } mo_outcome;
typedef struct mo_answer {
    mo_outcome outcome;
    const char *code; /* "" when there is none */
} mo_answer;

enum { MO_ANS_ACCEPTED, MO_ANS_DEBITED, MO_ANS_FAILED, MO_ANS_RETURNED, MO_ANS_PAID, MO_ANS_UNKNOWN };

/* One request in the model's terms; which fields count depends on the kind. */
typedef struct mo_event {
    mo_kind kind;
    int key, second;              /* second: the officer that completes it */
    int voucher, holder, provider, order, item, note_row, note, kase, pool, to_pool, batch, mandate, proposal;
    int number[2];                /* invoice numbers, -1 = none */
    int contract, purpose, instrument, quantity, year, rank;
    int64_t amount, own, other, contract_fen, contract_day, done, invoice_day, invoice_fen, part, until;
    int64_t cutoff, execution, count, total, up_to;
    int answer, serial, chunk, seal_part;
    bool final, forced, affiliated, good, with_amount, with_pool, all_providers, lab_unit;
    /* set when it is submitted */
    int64_t seq, now, today;
} mo_event;

typedef struct mo_days { int64_t count; bool working; } mo_days;
typedef struct mo_policy {
    mo_days notice, grace, silence;
    int64_t cap[2], ratio_bp, tier_up_to, tier_bp, order_days, extension_days, minimum, public_bp, consent_cap, price_bp, use_by_days;
    int extensions;
    bool at_issue, lapse_restores, suspended_captures;
} mo_policy;

typedef struct mo_holder { char name[MO_NAME]; int jurisdiction, holder_class; int64_t from, to, banned; } mo_holder;
enum { MO_SUSPENSIONS = 400 };
typedef struct mo_provider { char name[MO_NAME]; int64_t from, to, suspended, off_from[MO_SUSPENSIONS], off_to[MO_SUSPENSIONS]; int offs; } mo_provider;
typedef struct mo_pool { char name[MO_NAME]; int jurisdiction, year, holder_class, rank; bool closed; int64_t cash, free; int sealing; } mo_pool; /* sealing: its draft + 1 */

typedef enum mo_voucher_state { MO_V_ACTIVE, MO_V_SUSPENDED, MO_V_REVOKED, MO_V_LAPSED } mo_voucher_state;
typedef struct mo_voucher {
    char name[MO_NAME];
    int holder, year, policy, pool[MO_LEGS];
    mo_voucher_state state;
    int64_t use_by, left, used, earmark[MO_LEGS];
    bool funded;
} mo_voucher;

typedef enum mo_order_state { MO_O_NONE, MO_O_RESERVED, MO_O_PARTIAL, MO_O_CAPTURED, MO_O_VOIDED, MO_O_EXPIRED } mo_order_state;
typedef enum mo_consent { MO_C_MISSING, MO_C_KEY, MO_C_MANDATE, MO_C_ATTESTED } mo_consent;
typedef struct mo_order {
    mo_order_state state;
    int voucher, holder, provider, policy, contract, purpose, instrument, mandate, extended, pool[MO_LEGS];
    mo_consent consent;
    bool gated, held, lab, affiliated;
    int64_t amount, rest, other, contract_fen, contract_day, day, deadline, own_used, leg_rest[MO_LEGS];
    char sha256[65]; /* of the text that made it, kept by the driver */
} mo_order;
/* What was said about an order's id, whether or not there is such an order yet. */
typedef struct mo_order_words { int64_t own_attested; bool own_said, consent_said, consent_used, other_plan; } mo_order_words;

enum { MO_G_CONSENT = 1, MO_G_OWN = 2, MO_G_INVOICE = 4 };
typedef enum mo_item_state { MO_I_NONE, MO_I_CAPTURED, MO_I_VOIDED, MO_I_REJECTED } mo_item_state;
typedef struct mo_leg { int pool, batch; int64_t amount, open, in_batch, offset, paid, returned, back_open, back_settled; } mo_leg;
typedef struct mo_item {
    mo_item_state state;
    int order, holder, provider, voucher, invoice, purpose;
    unsigned gates;
    bool held, listed; /* listed: the order and the invoice still count it */
    int64_t seq, amount, base, own, part, done, notice_until;
    mo_leg leg[MO_LEGS];
} mo_item;

typedef struct mo_number { int record, year; int word; bool other_plan; int64_t red; } mo_number; /* word: 0 none, 1 ok, 2 void */
typedef struct mo_invoice { int holder, provider; int64_t gross, used, red; int word; bool other_plan; } mo_invoice;
typedef struct mo_contract { int holder, provider; int64_t fen, used; } mo_contract;
typedef struct mo_mandate { int holder; bool used_id, ended, all; int64_t amount, used, until; } mo_mandate;
typedef struct mo_note { char name[MO_NAME]; int pool, item, provider; int64_t seq, rest; } mo_note;
typedef struct mo_case { int id, pool, item, holder; int64_t amount, rest; } mo_case;

typedef enum mo_line_state { MO_L_NONE, MO_L_PENDING, MO_L_ACCEPTED, MO_L_DEBITED, MO_L_PAID, MO_L_RETURNED, MO_L_FAILED, MO_L_UNKNOWN, MO_L_HELD, MO_L_ZERO, MO_L_WITHDRAWN } mo_line_state;
typedef struct mo_line { mo_line_state state; int64_t net, returned, word_day; } mo_line; /* word_day: of the last answer */
typedef enum mo_batch_state { MO_B_NONE, MO_B_SEALED, MO_B_APPROVED, MO_B_RELEASED, MO_B_WITHDRAWN, MO_B_CLOSED, MO_B_REJECTED, MO_B_VOIDED, MO_B_DRAFT } mo_batch_state;
typedef struct mo_batch { mo_batch_state state; bool sent, acked, answered; int pool, maker, checker, open_lines, policy, chunk, parts, next; bool forced; int64_t cutoff, execution, released_count, released_total; size_t first_share; mo_line line[MO_PROVIDERS]; char sha256[65]; } mo_batch;
typedef struct mo_share { int batch, item, leg, provider; int64_t cash, from_returned; } mo_share;
typedef struct mo_proposal { mo_event event; bool done; int64_t expires; char sha256[65]; } mo_proposal;

typedef struct mo_model {
    unsigned seen[MO_SEEN__COUNT];
    mo_policy policy[MO_POLICIES]; /* by number; 0 unused */
    int64_t policy_from[MO_POLICIES];
    int policies;
    mo_holder holder[MO_HOLDERS];
    mo_provider provider[MO_PROVIDERS];
    mo_pool pool[MO_POOLS];
    mo_voucher voucher[MO_VOUCHERS];
    mo_order order[MO_ORDERS];
    mo_order_words words[MO_ORDERS];
    mo_item item[MO_ITEMS];
    mo_number number[MO_NUMBERS];
    mo_invoice invoice[MO_NUMBERS];
    mo_contract contract[MO_ORDERS];
    mo_mandate mandate[MO_MANDATES];
    mo_note note[MO_NOTES];
    mo_case kase[MO_CASES];
    mo_batch batch[MO_BATCHES];
    mo_share share[MO_SHARES];
    mo_proposal proposal[MO_PROPOSALS];
    int64_t quota_left[MO_HOLDERS][MO_YEARS];
    bool quota_open[MO_HOLDERS][MO_YEARS];
    int64_t tier[MO_HOLDERS][MO_PROVIDERS][MO_PURPOSES][MO_YEARS];
    bool note_used[MO_NOTES], red_used[MO_NOTES], case_used[MO_CASES];
    int pools, vouchers, items, invoices, notes, cases, proposals;
    size_t shares;
    int64_t swept_until;
} mo_model;

/* model.c: the world that every seed begins with is told by the driver through these; then events. */
extern const mo_key mo_keys[];
extern const int mo_key_count;
mo_model *mo_new(void);
int mo_find_key(const char *name);
mo_answer mo_apply(mo_model *m, const mo_event *e);
mo_answer mo_ok(void);
mo_answer mo_no(const char *code);
bool mo_is(mo_answer answer); /* nothing stands against it so far */
int64_t mo_year_of(int64_t day); /* proleptic Gregorian, own arithmetic */
int64_t mo_day_of(int64_t year, int month, int day);
int64_t mo_min(int64_t a, int64_t b);
int64_t mo_share_bp(int64_t fen, int64_t bp);
/* Largest remainder, ties to the first. */
void mo_split(int64_t out[MO_LEGS], const int64_t weight[MO_LEGS], int64_t amount);
int64_t mo_half_up(int64_t whole, int64_t part, int64_t of);
int mo_policy_now(const mo_model *m, int64_t today);
/* Key and, where there is one, the second officer may act for that jurisdiction (0 = 330602, 1 = 330681). */
bool mo_may_act(const mo_event *e, int jurisdiction);

/* Every account that is not zero: name and balance on its normal side, ascending by name. */
typedef struct mo_balance { char name[160]; int64_t fen; } mo_balance;
typedef struct mo_balances { mo_balance *row; size_t count, capacity; } mo_balances;
void mo_list_balances(mo_balances *out, const mo_model *m);
void mo_balances_free(mo_balances *balances);

/* model_days.c: the day on which these days after that one are over. */
int64_t mo_days_after(int64_t day, mo_days days);

/* model_quota.c */
bool mo_voucher_lives(const mo_voucher *voucher);
/* An amount that an order or item no longer needs: money to the earmark or the pool, quota to the voucher or its holder. */
void mo_give_back(mo_model *m, int voucher, int pool, int64_t fen);
void mo_lapse(mo_model *m, int voucher);
mo_answer mo_allot(mo_model *m, const mo_event *e);
mo_answer mo_suspend(mo_model *m, const mo_event *e);
mo_answer mo_resume(mo_model *m, const mo_event *e);
mo_answer mo_revoke(mo_model *m, const mo_event *e);

/* model_orders.c */
mo_answer mo_order_event(mo_model *m, const mo_event *e);
mo_answer mo_extend(mo_model *m, const mo_event *e);
mo_answer mo_confirm(mo_model *m, const mo_event *e);
mo_answer mo_void_order(mo_model *m, const mo_event *e);
mo_answer mo_mandate_event(mo_model *m, const mo_event *e);
mo_answer mo_mandate_end(mo_model *m, const mo_event *e);
void mo_end_order(mo_model *m, int order, mo_order_state untouched);
void mo_regate_item(mo_model *m, int item);
void mo_regate_order(mo_model *m, int order);
/* The signer speaks for this order's provider (and unit), or is its holder. */
bool mo_speaks_for(const mo_event *e, int holder, int provider, bool lab);
/* Makes the order; the checks are done. */
void mo_reserve(mo_model *m, const mo_event *e, unsigned gates, bool held);

/* model_rules.c */
typedef struct mo_ruling { const char *code; unsigned gates; bool held, contested; int64_t base; } mo_ruling;
mo_ruling mo_judge(const mo_model *m, const mo_event *e); /* MO_ORDER, MO_CAPTURE, MO_DIRECT */
mo_consent mo_consent_for(const mo_model *m, const mo_event *e);
/* Pools or earmarks in drawing order and how much each gives; answers what they could give in all. */
int64_t mo_draw(const mo_model *m, const mo_event *e, int pool[MO_LEGS], int64_t fen[MO_LEGS]);
int mo_invoice_of(const mo_model *m, const mo_event *e, bool *tangled);
int mo_word_of(const mo_model *m, const mo_event *e, int record);

/* model_captures.c */
mo_answer mo_capture(mo_model *m, const mo_event *e);
mo_answer mo_direct(mo_model *m, const mo_event *e);
mo_answer mo_void_item(mo_model *m, const mo_event *e);
void mo_unclaim(mo_model *m, int item, int64_t give, int64_t live);
void mo_unwind(mo_model *m, int item, mo_item_state state);
void mo_unhold_empty(mo_item *item);
int64_t mo_open(const mo_item *item);
int64_t mo_in_batch(const mo_item *item);
int64_t mo_settled(const mo_item *item);
int64_t mo_returned(const mo_item *item);
int64_t mo_refunded(const mo_item *item);

/* model_facts.c */
mo_answer mo_own_share(mo_model *m, const mo_event *e), mo_consent_word(mo_model *m, const mo_event *e), mo_invoice_word(mo_model *m, const mo_event *e);
mo_answer mo_other_plan(mo_model *m, const mo_event *e), mo_red_letter(mo_model *m, const mo_event *e);

/* model_refunds.c */
mo_answer mo_refund(mo_model *m, const mo_event *e);
void mo_refund_now(mo_model *m, int item, int64_t fen, const char *note, int64_t seq);
mo_answer mo_release_hold(mo_model *m, const mo_event *e);
mo_answer mo_reject(mo_model *m, const mo_event *e);
mo_answer mo_clawback(mo_model *m, const mo_event *e, bool rehearse);
mo_answer mo_recover(mo_model *m, const mo_event *e);
mo_answer mo_write_off(mo_model *m, const mo_event *e, bool rehearse);
void mo_note_recovered(mo_model *m, mo_note *note, int64_t fen);

/* model_settle.c */
mo_answer mo_seal(mo_model *m, const mo_event *e), mo_continue(mo_model *m, const mo_event *e);
mo_answer mo_object(mo_model *m, const mo_event *e), mo_approve(mo_model *m, const mo_event *e), mo_release(mo_model *m, const mo_event *e), mo_withdraw(mo_model *m, const mo_event *e);
mo_answer mo_submit(mo_model *m, const mo_event *e), mo_ack(mo_model *m, const mo_event *e), mo_bank_reject(mo_model *m, const mo_event *e);
mo_answer mo_batch_void(mo_model *m, const mo_event *e, bool rehearse);
mo_answer mo_answer_line(mo_model *m, const mo_event *e);
void mo_sweep_lines(mo_model *m, int64_t before);
void mo_payable(const mo_batch *batch, int64_t *count, int64_t *total);

/* model_pools.c */
bool mo_is_due(const mo_model *m, int64_t today);
mo_answer mo_sweep(mo_model *m, const mo_event *e);
mo_answer mo_pool_open(mo_model *m, const mo_event *e);
mo_answer mo_pool_money(mo_model *m, const mo_event *e); /* appropriate, cut, move */
mo_answer mo_carry(mo_model *m, const mo_event *e, bool rehearse);
mo_answer mo_close(mo_model *m, const mo_event *e, bool rehearse);

#endif
