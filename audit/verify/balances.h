/*
 * Balances recomputed from the recorded postings with arithmetic of its own: no book, no rules, no chart shared with the code under audit. Each account is a
 * signed sum, debits positive; so every pool and every quota year must sum to zero after each entry, and an account on its wrong side has the wrong sign.
 */
#ifndef ZD_VERIFY_BALANCES_H
#define ZD_VERIFY_BALANCES_H

#include "audit/verify/line.h"
#include "audit/verify/report.h"

typedef struct zd_balances zd_balances;

zd_balances *zd_balances_new(zd_report *report); /* borrows the report */
void zd_balances_free(zd_balances *balances);    /* NULL is fine */
/* Adds the postings of one decision line: POSTING_FORM, POSTING_SIDE, POOL_IDENTITY, QUOTA_IDENTITY. */
void zd_balances_add(zd_balances *balances, const zd_line *line);

/* What need not stay in memory may go (paged.h). */
void zd_balances_relax(zd_balances *balances);

size_t zd_balances_count(const zd_balances *balances);
/* The balance of an account on its normal side; 0 when it was never used. */
int64_t zd_balances_of(const zd_balances *balances, zd_span account);
/* Account number i, 0..count-1, its balance, and what was noted of it. */
zd_span zd_balances_at(int64_t *balance_fen, int64_t *noted_fen, const zd_balances *balances, size_t i);
/* The balance of an account, as above, with a note of what somebody else says of it; of one that was never used nothing is noted. */
int64_t zd_balances_note(zd_balances *balances, zd_span account, int64_t noted_fen);

/* Parts of an account name "CODE/a/b/c": the code as a number (0 when malformed) and its dimensions. Shared with limits. */
typedef struct zd_account_parts {
    int code;
    size_t count;
    zd_span part[3];
} zd_account_parts;
zd_account_parts zd_account_parse(zd_span name);
/* The party that an account belongs to: provider, holder or voucher; empty for a pool's own accounts. */
zd_span zd_account_owner(const zd_account_parts *parts);

#endif
