/*
 * What a decision is made from: pointers to records and sums that the act has gathered, each said here once. Predicates read nothing else. A pointer
 * is NULL when there is no such record; every predicate copes with that, so that a dry run can show all checks of a hopeless request.
 * Units: *_fen fen, *_day civil days (Asia/Shanghai), *_ms unix milliseconds. Spans are borrowed and may be empty.
 */
#ifndef ZD_RULES_FACTS_H
#define ZD_RULES_FACTS_H

#include "ledger/record/records.h"
#include "ledger/record/request.h"
#include "ledger/rules/policy.h"

typedef enum zd_rule_act { ZD_ON_ORDER, ZD_ON_CAPTURE, ZD_ON_DIRECT, ZD_ON_SEAL, ZD_ON_ISSUE, ZD_ON_DUTY, ZD_ON__COUNT } zd_rule_act;

/* What the request says; at a capture the service fields come from the order that it names. */
typedef struct zd_claim {
    zd_span holder;             /* ids as written */
    zd_span provider;
    int64_t amount_fen;         /* the subsidy asked for */
    int64_t own_share_fen;      /* what the holder pays itself for this part */
    int64_t other_funding_fen;  /* other public money on the whole service */
    zd_span category;
    zd_span purpose;
    bool statutory;
    int64_t affiliation;        /* ZD_AFFILIATION(...) as declared */
    zd_span contract;
    int64_t contract_fen;
    int64_t contract_day;
    zd_span instrument;         /* the capture's own, else the order's; empty = none */
    /* captures and direct redemptions */
    int64_t done_day;
    int64_t quantity;           /* units of the published price; 0 = not stated */
    zd_hash result;
    zd_span invoice;            /* all its numbers, comma-joined */
    int64_t invoice_fen;        /* gross */
    int64_t invoice_part_fen;
    int64_t invoice_day;
    zd_span seller;
    zd_span buyer;
} zd_claim;

typedef struct zd_facts {
    zd_rule_act act;
    const zd_policy *policy;            /* in force at the order's leaf (direct: its own); never NULL */
    int64_t today_day;
    zd_claim claim;

    /* parties */
    const zd_rec_holder *holder;
    const zd_rec_provider *provider;
    bool holder_code_listed;            /* on the signed exception list */
    bool provider_code_listed;
    bool done_suspended;                /* R04: the service was done while its provider was suspended */
    bool signer_is_holder;              /* signed with the holder's own key */
    bool mandate_named;
    const zd_rec_mandate *mandate;      /* of that name among the claimed holder's */
    const zd_rec_fact *consent_word;    /* FACT consent about this order */
    const zd_rec_fact *affiliation_word; /* FACT affiliation about holder/provider */

    /* voucher and order */
    const zd_rec_voucher *voucher;
    int64_t voucher_left_fen;           /* 6200/<voucher>/<year>: allotted and not reserved */
    const zd_rec_order *order;          /* capture only */
    int64_t quota_left_fen;             /* issue and allot: 6100/<subject>/<year>, or the cap when not yet opened */

    /* service and money */
    const zd_rec_instr *instrument;     /* of that id at this provider */
    const zd_rec_contract *contract;    /* what was captured under this contract */
    int64_t tier_base_fen;              /* TIER base of the pair, purpose and calendar year so far */
    int64_t own_used_fen;               /* own shares of this order's earlier captures */
    int64_t own_attested_fen;           /* FACT own-share of this order: total so far */
    int64_t pool_free_fen;              /* what the at most ZD_LEGS pools in drawing order can give */

    /* invoice */
    const zd_rec_invoice *invoice;      /* the record that any of the claimed numbers belongs to */
    bool invoice_tangled;               /* the numbers belong to different records, or do not fit one record together */
    int64_t invoice_word;               /* zd_invoice_check: the record's, or FACT invoice-check about a number; void wins over ok */
    int64_t invoice_red_fen;            /* red letters known by fact for numbers that no record has yet */
    bool invoice_other_plan;            /* FACT other-plan about a number, or the record says so */
    bool service_other_plan;            /* FACT other-plan about the order */

    /* found at the order, inherited by its captures */
    zd_check_set inherited_gates;
    zd_check_set inherited_holds;
    zd_check_set inherited_flags;

    /* one item at the seal; the sweep counts, the predicates judge */
    bool group_declared;                /* R08: FACT controller */
    int64_t overlapping;                /* R19: other uses of the instrument in its slot; 0 or 1 */
    int64_t word_day;                   /* R33: day of the tax office's word */
    int64_t opposite;                   /* R37: services the other way within the window; 0 or 1 */
    int64_t services;                   /* R38: of the pair and purpose within the window around it, itself included */
    int64_t services_near;              /* R38: those just below a threshold, when it is one itself; else 0 */
    int64_t contact_holders;            /* R39: holders behind its holder's contact */
    int64_t account_version;            /* R40: 0 = no confirmed account */
    int64_t account_cooling_day;        /* R40: first day on which it may be paid; 0 = at once */

    /* duties */
    bool key_limited;                   /* R47: the signer's key has a limit */
    int64_t key_limit_fen;
    int64_t act_fen;                    /* the amount that the limit is held against */
    zd_span person;                     /* R46: who acts */
    zd_span maker;                      /* who acted before; empty = nobody yet */
    zd_span checker;
    bool releasing;                     /* the act is a release: the checker may do it where the policy says so */
    bool jurisdiction_fits;             /* the key may act for the pool's jurisdiction */
    int64_t typed_count;                /* R48: as typed */
    int64_t typed_fen;
    int64_t sealed_count;
    int64_t sealed_fen;
} zd_facts;

#endif
