/*
 * The analyst's export: every table of tables.def, and entries, postings, balances and checkpoints, built from an audit repository (the ledger's own or a clone),
 * as one SQLite file and as CSV files with a dictionary in Chinese and English. The repository's entries are decided again to get the records; a repository that
 * does not re-execute gives no export, because numbers that nobody can derive help nobody.
 */
#ifndef ZD_REPORT_TIDY_H
#define ZD_REPORT_TIDY_H

#include "ledger/report/tables.h"

typedef struct zd_tidy_sink {
    zd_status (*table)(void *context, const zd_tidy_table *table, zd_error *err); /* all rows that follow belong to it */
    zd_status (*row)(void *context, const zd_tidy_row *row, zd_error *err);
    void *context;
} zd_tidy_sink;

typedef struct zd_tidy_counts {
    uint64_t entries, rows, tables;
} zd_tidy_counts;

/* Streams all tables into the sink. Errors: those of zd_history_read; LEDGER_CORRUPT for an entry that its request does not lead to. */
zd_status zd_tidy_stream(zd_tidy_counts *counts, const char *repository, const zd_tidy_sink *sink, zd_error *err);

/* Writes dir (must not exist) with zhidui.sqlite, one CSV a table, DICTIONARY.md and VIEWS.sql, under a temporary name first: FILE_EXISTS, FILE_IO, STORE_*. */
zd_status zd_tidy_export(zd_tidy_counts *counts, const char *repository, const char *dir, zd_error *err);

#endif
