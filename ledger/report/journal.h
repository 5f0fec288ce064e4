/*
 * The whole double entry as plain text for programs that nobody here wrote: hledger, ledger and beancount re-add every posting and check the balances that stand
 * in the journal. Money is CNY with two decimals, the quota side ledger counts in QUOTA; debits are positive. Dates are days in Shanghai. A balance of
 * every account that moved is asserted at each checkpoint (beancount knows balances of whole days only: at the end of each day that had one), and of every
 * account at the end.
 */
#ifndef ZD_REPORT_JOURNAL_H
#define ZD_REPORT_JOURNAL_H

#include <stdio.h>

#include "ledger/base/error.h"

typedef enum zd_journal_format { ZD_JOURNAL_HLEDGER = 1, ZD_JOURNAL_LEDGER, ZD_JOURNAL_BEANCOUNT } zd_journal_format;

bool zd_journal_format_find(zd_journal_format *out, const char *name); /* "hledger", "ledger", "beancount" */

typedef struct zd_journal_counts {
    uint64_t entries;    /* read */
    uint64_t postings;
    uint64_t accounts;
    uint64_t assertions;
} zd_journal_counts;

/* Writes the journal of a repository's whole history to out. counts may be NULL. Errors: those of zd_history_read, LEDGER_CORRUPT for a line that is not a
 * decision, FILE_IO when out fails. */
zd_status zd_journal_write(FILE *out, zd_journal_counts *counts, const char *repository, zd_journal_format format, zd_error *err);

#endif
