/*
 * What an officer should look at before money goes to the payees of one batch: an account that several providers have, one in the name of a holder, one that was changed and
 * changed back, one that was never paid. Compares what private.db opens, keeps nothing, judges nothing: R40 decides what waits.
 */
#ifndef ZD_ENGINE_PAYEE_LOOK_H
#define ZD_ENGINE_PAYEE_LOOK_H

#include "ledger/engine/ledger.h"
#include "ledger/settle/settlement.h"

typedef struct zd_payee { /* one line of the batch; texts borrowed */
    const char *provider;
    const char *account, *account_name; /* as sealed; "" when the commitment does not open here */
    zd_hash commitment;                 /* as sealed */
    int64_t number;
    bool first_payment;
} zd_payee;

typedef struct zd_payee_findings {
    zd_payee_finding *list; /* owned; by line, kind, the other party */
    size_t count, capacity;
    char missing[ZD_PAYEE_MISSING][41]; /* providers of the first accounts that it does not open, by provider */
    size_t missing_count;
    size_t accounts, opened; /* present and proposed ones of all providers and of the lines; how many of them private.db opens */
} zd_payee_findings;

/* book: the records at the entry that is asked about; holders registered at or after entry `size` do not count. FILE_IO, LEDGER_CORRUPT. Free in both cases. */
zd_status zd_payee_look(zd_payee_findings *out, zd_ledger *ledger, zd_book *book, uint64_t size, const zd_payee *payees, size_t count, zd_error *err);
void zd_payee_findings_free(zd_payee_findings *findings);
/* Digits and letters alone: banks print blanks and hyphens as they like. */
void zd_account_bare(char out[41], const char *account);

#endif
