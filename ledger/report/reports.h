/*
 * The bureau's and finance's reports, filled from records (a book) or from the published history. Each fills a page; none reads a clock: the day is handed in.
 * Errors: A_ABSENT for a pool, provider or batch that there is none of; LEDGER_CORRUPT when sums leave the range of money; those of zd_history_read.
 */
#ifndef ZD_REPORT_REPORTS_H
#define ZD_REPORT_REPORTS_H

#include "ledger/book/book.h"
#include "ledger/report/page.h"

/* Balances of each pool by account, and whether debits equal credits. pool "" = all. */
zd_status zd_report_pool(zd_page **out, zd_book *book, const char *pool, uint64_t as_of, zd_error *err);
/* What is open, held, in settlement, returned or receivable, by age in days at today_day: up to 30, 60, 90, and older. */
zd_status zd_report_aging(zd_page **out, zd_book *book, int64_t today_day, uint64_t as_of, zd_error *err);
/* A further table of that page: accounts 1100, 1200, 2160, 2170, 3100 and 3200 by age since the event, against the balance of the account. */
zd_status zd_report_clearing(zd_page *page, zd_book *book, int64_t today_day, zd_error *err);
/* Per batch: sealed, released, in the package's files, handed over, and what the bank answered; the control total ties lines, batch, files and account 3100. file tells what
 * the manifest of a batch's package says; false when there is none. */
typedef bool zd_report_file(void *context, const char *batch, int64_t *count, int64_t *sum_fen);
zd_status zd_report_totals(zd_page **out, zd_book *book, const char *batch, uint64_t as_of, zd_report_file *file, void *context, zd_error *err);
/* What a provider is owed and was paid: by pool, by capture, by payment, and what it owes. */
zd_status zd_report_statement(zd_page **out, zd_book *book, const char *provider, uint64_t as_of, zd_error *err);
/* The year-close statement of a pool: every account that is not zero, and where the pool stands. */
zd_status zd_report_close(zd_page **out, zd_book *book, const char *pool, uint64_t as_of, zd_error *err);

/* A further table of that page, from the published history: what the pool handed on to another, or gave back, line by line. */
zd_status zd_report_carried(zd_page *page, const char *repository, const char *pool, zd_error *err);

/* From the published history, entries decided on the days [from_day, to_day] in Shanghai: requests by type and outcome, refusals by rule, money by kind of
 * movement and by pool. */
zd_status zd_report_period(zd_page **out, const char *repository, const char *name, const char *english, const char *chinese, int64_t from_day, int64_t to_day,
                           zd_error *err);
/* The same history month by month with running totals of what was issued, redeemed and paid; targets_json ("" = none) is a list of
 * {"by":"2026-06-30","paid_fen":N,"source":"…"} whose reaching is told. */
zd_status zd_report_progress(zd_page **out, const char *repository, zd_span targets_json, zd_error *err);

#endif
