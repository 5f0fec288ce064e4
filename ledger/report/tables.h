/*
 * What an analyst's table looks like and how a record becomes a row; the list of tables is tables.def. Pure: no file, no SQL.
 */
#ifndef ZD_REPORT_TABLES_H
#define ZD_REPORT_TABLES_H

#include "ledger/record/records.h"

#define ZD_TIDY_COLUMNS_MAX 40

typedef struct zd_tidy_column {
    const char *name;
    bool number;      /* INTEGER, else TEXT */
    const char *unit; /* "fen", "date", "instant", "" */
    const char *english, *chinese;
} zd_tidy_column;

typedef struct zd_tidy_table {
    const char *name;
    const char *english, *chinese;
    const zd_tidy_column *columns;
    size_t column_count;
} zd_tidy_table;

typedef struct zd_tidy_cell {
    bool is_null;
    bool is_number;
    int64_t number;
    zd_span text; /* borrowed from the record or from zd_tidy_row.texts */
} zd_tidy_cell;

typedef struct zd_tidy_row {
    zd_tidy_cell cells[ZD_TIDY_COLUMNS_MAX];
    size_t count;
    zd_buf texts; /* owned: what had to be written out */
} zd_tidy_row;

/* Cells in order; texts are copied into the row. */
void zd_tidy_row_clear(zd_tidy_row *row);
void zd_tidy_row_free(zd_tidy_row *row);
void zd_tidy_number(zd_tidy_row *row, int64_t number);
void zd_tidy_text(zd_tidy_row *row, zd_span text); /* empty becomes NULL */
void zd_tidy_null(zd_tidy_row *row);

/* The tables that have a row a record. */
size_t zd_tidy_record_tables(void);
const zd_tidy_table *zd_tidy_record_table(size_t index, zd_record_kind *kind);
void zd_tidy_record_row(zd_tidy_row *row, size_t index, const void *record);

#endif
