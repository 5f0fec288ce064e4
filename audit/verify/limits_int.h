/*
 * What the files limits*.c share: the small model of the programme that is rebuilt from requests and lines, and one act at a time. All tables are the verifier's
 * own. Amounts are fen; positions in tables are "numbers". A row's address is lost when its table grows: look it up again after adding.
 */
#ifndef ZD_VERIFY_LIMITS_INT_H
#define ZD_VERIFY_LIMITS_INT_H

#include "audit/verify/balances.h"
#include "audit/verify/limits.h"
#include "ledger/record/request.h"

#include "audit/verify/limits_rows.h"

#define ZD_LIMIT_LEGS 4
#define ZD_LIMIT_PERSONS 16

typedef enum zd_limit_kind {
#define ZD_LIMIT_ACT(id, name, persons, handler) ZD_L_ACT_##id,
#include "audit/verify/limits_acts.def"
#undef ZD_LIMIT_ACT
    ZD_L_ACT__COUNT
} zd_limit_kind;

typedef struct zd_limit_policy { /* what the limits need of one published policy */
    int64_t number;
    int64_t effective_day;
    int64_t cap_fen[2]; /* enterprise, entrepreneur */
    int64_t ratio_bp;
    int64_t tier_up_to_fen;
    int64_t tier_ratio_bp;
    bool by_group;
    bool covers_full;
    bool checker_releases;
    zd_limit_days notice;
    zd_limit_days cooling;
    zd_limit_days cooling_return;
    zd_limit_days grace;   /* count -1: the policy has no such step */
    zd_limit_days silence;
    int64_t minimum_fen;
    int64_t consent_cap_fen;
} zd_limit_policy;

typedef struct zd_limit_holder {
    bool entrepreneur;
    char group[65];
    char registered_by[41]; /* person */
} zd_limit_holder;

typedef struct zd_limit_quota { /* "subject/year" */
    bool open;
    int64_t cap_fen;
    int64_t allotted_fen;
} zd_limit_quota;

typedef struct zd_limit_voucher {
    bool issued;
    size_t holder;
    size_t quota;
    int64_t year;
    int64_t claimed_fen;
    int64_t amount_fen; /* allotted and not given back */
    int64_t used_fen;   /* reserved, captured, paid */
} zd_limit_voucher;

typedef struct zd_limit_leg {
    size_t pool;
    int64_t amount_fen; /* of an order's leg: reserved; of an item's: captured */
    int64_t rest_fen;   /* order */
    int64_t open_fen;   /* item: payable or held, not in a batch */
    int64_t in_batch_fen;
    int64_t offset_fen;
    int64_t paid_fen;
    int64_t returned_fen;
    int64_t refunded_open_fen;
    int64_t refunded_settled_fen;
} zd_limit_leg;

typedef struct zd_limit_order {
    size_t voucher;
    size_t holder_name;
    size_t provider_name;
    size_t purpose_name;
    int64_t amount_fen;
    int64_t contract_fen;
    int64_t policy;
    bool ended;
    size_t first_leg;
    size_t leg_count;
} zd_limit_order;

typedef struct zd_limit_item {
    size_t order;        /* ZD_NAME_NONE: an opening balance */
    size_t provider_name;
    size_t invoice;      /* ZD_NAME_NONE when there is none */
    size_t tier;
    int64_t part_fen;    /* of the invoice */
    int64_t amount_fen;
    int64_t base_fen;
    uint64_t seq;
    size_t first_leg;
    size_t leg_count;
    uint64_t seen;       /* number of the seal that named it last */
    bool ended;
    bool gate_consent;   /* as recorded at the capture */
    bool gate_own;
    bool gate_word;
    bool held;           /* by its capture or an objection, and not released since */
    int64_t captured_day; /* 0: an opening balance, which has no notice */
    int64_t policy;
} zd_limit_item;

typedef struct zd_limit_invoice {
    size_t holder_name;
    size_t provider_name;
    int64_t gross_fen;
    int64_t red_fen;
    int64_t used_fen;
    bool doubted;   /* voided, claimed by two pairs, or paid by another plan, at any time */
    bool confirmed; /* the tax office's last word */
} zd_limit_invoice;

typedef struct zd_limit_pool {
    int64_t appropriated_fen;
    int64_t committed_fen;
    size_t *open; /* numbers of items that may have something unpaid here; may hold one twice */
    size_t open_count;
    zd_paged open_pages; /* hold them */
} zd_limit_pool;

typedef struct zd_limit_proposal {
    zd_buf text;
    const zd_roster_key *proposer;
    zd_limit_kind kind;
    size_t persons;
    char person[ZD_LIMIT_PERSONS][41];
    bool done;
} zd_limit_proposal;

struct zd_limits {
    zd_report *report;
    zd_roster roster;
    int64_t threshold;
    zd_limit_policy *policies; /* in order of their numbers */
    size_t policy_count;
    size_t policy_capacity;
    zd_limit_year *years; /* of all policies, in the order of publication */
    size_t year_count;
    size_t year_capacity;
    zd_names request_ids; /* id and party, as 16 bytes of their hash */
    zd_names names;       /* holders, providers, purposes */
    zd_table holders;
    zd_table quotas;
    zd_table vouchers;
    zd_table orders;
    zd_table items;
    zd_table tiers;       /* int64_t: base so far */
    zd_table numbers;     /* invoice number -> size_t: invoice + 1 */
    zd_table reds;        /* invoice number -> int64_t: red letters said of it */
    zd_table pools;
    zd_table batches;
    zd_table lines;
    zd_table words;       /* order or invoice number -> zd_limit_word */
    zd_table accounts;    /* provider -> zd_limit_account */
    zd_table proposals;   /* text hash -> zd_limit_proposal */
    zd_table attesters;   /* unit -> uint64_t */
    zd_limit_invoice *invoices;
    size_t invoice_count;
    zd_paged invoice_pages; /* hold the invoices */
    zd_limit_leg *legs;
    size_t leg_count;
    zd_paged leg_pages; /* hold the legs */
    zd_limit_share *shares;
    size_t share_count;
    zd_paged share_pages; /* hold the shares */
    uint64_t seals;
};

/* One executed act. */
typedef struct zd_limit_act {
    zd_limits *limits;
    zd_limit_kind kind;
    zd_view body;            /* fields of the request or item */
    zd_hash text_sha256;     /* of the signed text */
    const zd_roster_key *signer; /* who signed `body`; NULL: genesis, or unknown */
    const zd_line *lines;    /* the decision, then its effects */
    size_t count;
    uint64_t seq;
    int64_t today_day;
} zd_limit_act;
typedef void zd_limit_handler(zd_limit_act *act);

#define ZD_LIMIT_ACT(id, name, persons, handler) zd_limit_handler zd_limit_do_##handler;
#include "audit/verify/limits_acts.def"
#undef ZD_LIMIT_ACT

/* Sums stay within int64 whatever a crafted ledger holds: beyond it they stick to its end, which no honest amount equals. */
static inline int64_t zd_limit_sum(int64_t a_fen, int64_t b_fen)
{
    int64_t sum_fen = 0;
    return __builtin_add_overflow(a_fen, b_fen, &sum_fen) ? (b_fen > 0 ? INT64_MAX : INT64_MIN + 1) : sum_fen;
}
static inline int64_t zd_limit_less(int64_t a_fen, int64_t b_fen) { return zd_limit_sum(a_fen, b_fen == INT64_MIN ? INT64_MAX : -b_fen); }

#include "audit/verify/limits_read.h"

/* --- policies --- */
const zd_limit_policy *zd_limit_policy_at(const zd_limits *limits, int64_t day); /* in force; NULL when there is none */
const zd_limit_policy *zd_limit_policy_of(const zd_limits *limits, int64_t number);
/* The policy that must have decided; POLICY_FORCE when the line cites another. NULL when there is none. */
const zd_limit_policy *zd_limit_policy_check(const zd_limit_act *act, int64_t expected_number);
/* limits_days.c: the calendars that a policy brings; and the first day on which these days after from_day are over. false: a year without a calendar was reached. */
void zd_limit_days_publish(zd_limits *limits, zd_view policy);
void zd_limit_days_free(zd_limits *limits);
bool zd_limit_day_after(int64_t *out_day, const zd_limits *limits, int64_t from_day, zd_limit_days days);
int64_t zd_limit_share_of(int64_t base_fen, int64_t bp);           /* floor, exact */
int64_t zd_limit_allowed(const zd_limit_policy *policy, int64_t before_fen, int64_t base_fen);

/* --- quota, pools: what each posting does to them --- */
void zd_limit_quota_postings(const zd_limit_act *act);
void zd_limit_pool_postings(const zd_limit_act *act);
size_t zd_limit_pool_number(zd_limits *limits, zd_span pool);

/* A line that a sweep found silent or past its grace: RELEASE_STATE when it was in no such state, DAYS when its days are not over. */
void zd_limit_sweep_line(const zd_limit_act *act, const zd_line *line);

/* --- items --- */
typedef struct zd_limit_sums {
    int64_t open_fen;
    int64_t in_batch_fen;
    int64_t settled_fen; /* offset and paid */
    int64_t returned_fen;
    int64_t refunded_open_fen;
    int64_t refunded_settled_fen;
} zd_limit_sums;
zd_limit_sums zd_limit_item_sums(const zd_limits *limits, const zd_limit_item *item);
zd_limit_leg *zd_limit_item_legs(const zd_limits *limits, const zd_limit_item *item);
/* Lists the item in every pool where it has something unpaid. */
void zd_limit_item_list(zd_limits *limits, size_t item);
/* The item that a field names, when it lives; NULL after a finding. */
zd_limit_item *zd_limit_item_named(const zd_limit_act *act, zd_span id, size_t *number);
/* Takes the part of give out of live from the item's base and its tier. */
void zd_limit_unclaim(zd_limits *limits, zd_limit_item *item, int64_t give_fen, int64_t live_fen);
/* Allocates the invoice of a capture: INVOICE_PAIR, INVOICE_TOTAL. */
void zd_limit_use_invoice(const zd_limit_act *act, const zd_limit_order *order, zd_limit_item *item);
/* A capture that was never sealed is undone. */
void zd_limit_unwind(const zd_limit_act *act, zd_span id);
/* A credit of amount on an item, posted in these lines. */
void zd_limit_refund_item(const zd_limit_act *act, const zd_line *lines, size_t count, zd_span id, int64_t amount_fen);

/* --- limits_waiting.c: what makes a reason on a waiting list true, as it happens; and the check of a list --- */
void zd_limit_wait_order(const zd_limit_act *act, zd_span order);
void zd_limit_wait_capture(const zd_limit_act *act, zd_limit_item *item); /* its invoice is known already */
void zd_limit_wait_fact(const zd_limit_act *act);
void zd_limit_wait_proposed(const zd_limit_act *act); /* an act of two persons was only proposed */
void zd_limit_wait_owes(zd_limits *limits, zd_span provider);
/* SEAL_REASON for every row of the act's waiting lists with a reason that cannot be true. */
void zd_limit_check_reasons(const zd_limit_act *act, int64_t policy_number, bool forced);

#endif
