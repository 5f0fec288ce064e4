/*
 * Inside audit/verify: what the limits keep of days, of batches, of their lines and shares, and of the words that let a payment go. Included by limits_int.h, which has the tables.
 */
#ifndef ZD_VERIFY_LIMITS_ROWS_H
#define ZD_VERIFY_LIMITS_ROWS_H

typedef struct zd_limit_days { /* a policy's days: how many, and of which kind */
    int64_t count;
    bool working;
} zd_limit_days;

typedef struct zd_limit_year { /* a published calendar: dates joined by commas, as they were signed */
    int64_t year;
    char *holidays;
    char *workdays;
} zd_limit_year;

typedef enum zd_limit_batch_state { ZD_LB_SEALED = 1, ZD_LB_APPROVED, ZD_LB_RELEASED, ZD_LB_WITHDRAWN, ZD_LB_ENDED, ZD_LB_DRAFT } zd_limit_batch_state;
typedef struct zd_limit_batch {
    zd_limit_batch_state state;
    size_t pool;
    int64_t policy;
    zd_hash seal_sha256;
    char maker[41];
    char checker[41];
    bool submitted; /* handed to the bank, or answered: never taken back by attestation */
    int64_t released_count;
    int64_t released_fen;
    size_t last_line; /* number + 1 of its last line; 0 = none */
    uint64_t cutoff;
    int64_t parts;    /* of the seal, so far */
    char upto[41];    /* provider that they end with, while it is a draft */
    int64_t lines;    /* of all parts */
    int64_t payable;
    int64_t total_fen;
    bool forced;
    int64_t execution_day;
} zd_limit_batch;

typedef enum zd_limit_line_state { ZD_LL_PENDING = 1, ZD_LL_ZERO, ZD_LL_HELD, ZD_LL_WITHDRAWN, ZD_LL_DEBITED, ZD_LL_RETURNED, ZD_LL_FAILED } zd_limit_line_state;
typedef struct zd_limit_line { /* "batch/provider" */
    zd_limit_line_state state;
    size_t before; /* the batch's line before it, as last_line */
    int64_t answered_day; /* of the last word about it; 0 = none */
    bool accepted;        /* that word was "accepted" */
    bool settled;         /* paid, as an answer or a sweep said */
    int64_t net_fen;
    size_t first_share;
    size_t share_count;
} zd_limit_line;

typedef struct zd_limit_share {
    size_t item;
    size_t leg;
    int64_t cash_fen;
    int64_t offset_fen;
    int64_t returned_fen; /* of cash: what a bank had returned before */
} zd_limit_share;

typedef struct zd_limit_word { /* what was said about an order or an invoice number, whether or not it is there yet */
    bool ordered_without_consent;
    bool confirmed;          /* by the holder's key */
    bool consent;            /* by an attestation */
    bool doubted;            /* another plan, a voided invoice */
    int64_t own_attested_fen;
    int64_t own_claimed_fen; /* own shares of all captures of the order */
} zd_limit_word;

typedef struct zd_limit_account { /* of a provider */
    bool proposed;
    zd_hash proposal;
    int64_t changes;
    int64_t changed_day;
    bool owed;               /* a credit note over settled money, at any time */
} zd_limit_account;

#endif
