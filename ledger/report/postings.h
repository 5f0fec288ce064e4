/*
 * Decision lines as reports read them: by name, tolerant of fields that later versions add. Balances per account, kept from the postings alone.
 */
#ifndef ZD_REPORT_POSTINGS_H
#define ZD_REPORT_POSTINGS_H

#include "ledger/json/json.h"
#include "ledger/record/decision.h"

typedef struct zd_told { /* one entry, taken apart */
    zd_json *document; /* owned */
    zd_jval line;      /* its decision */
    zd_span note;      /* of a request entry; empty for an effect */
    uint64_t seq;
    int64_t at_unix_ms;
    bool moves;        /* accepted or held: its postings count */
} zd_told;

/* LEDGER_CORRUPT. Free with zd_told_free in both cases. */
zd_status zd_told_parse(zd_told *out, uint64_t seq, zd_span entry, zd_error *err);
void zd_told_free(zd_told *told);
/* Posting index of the line; LEDGER_CORRUPT when it is not [debit, credit, fen > 0]. */
typedef struct zd_told_posting {
    zd_span debit, credit; /* account names, borrowed */
    int64_t amount_fen;
} zd_told_posting;
size_t zd_told_postings(const zd_told *told);
zd_status zd_told_posting_at(zd_told_posting *out, const zd_told *told, size_t index, zd_error *err);
/* Name of the request's type; "" for an effect. Borrowed from text that out_text keeps. */
zd_span zd_told_type(zd_json **request, const zd_told *told);

/* --- balances --- */
typedef struct zd_told_account {
    char name[ZD_ACCOUNT_NAME_MAX];
    int64_t debit_fen;  /* balance with debits positive */
    bool moved;         /* since the mark was last taken away */
} zd_told_account;
typedef struct zd_told_accounts {
    zd_told_account *list; /* owned, in order of first use */
    size_t count, capacity;
    size_t *slots; /* owned; index + 1 */
    size_t slot_count;
} zd_told_accounts;
/* Adds to an account; *added tells that it is new. False when the sum leaves the range of money or the name is too long. */
ZD_MUST_USE bool zd_told_add(bool *added, zd_told_accounts *accounts, zd_span name, int64_t debit_fen);
void zd_told_accounts_free(zd_told_accounts *accounts);

#endif
