/* Sheets for people and for upload forms, written as Excel workbooks whose bytes depend on the cells alone. */
#ifndef ZD_SETTLE_GRID_H
#define ZD_SETTLE_GRID_H

#include "ledger/base/error.h"

/* A sheet of text cells, row after row, for whoever opens it in a spreadsheet: nothing in it is ever a number, a date or a formula to the program. */
typedef struct zd_grid_cell {
    size_t offset; /* into text, ends with NUL */
    bool bold;
    bool ends_row;
} zd_grid_cell;
typedef struct zd_grid {
    const char *name;    /* of the sheet, at most 31 characters */
    const char *title;   /* document properties */
    const char *company;
    int64_t created_unix_s; /* of the seal, never "now" */
    const int *widths;   /* characters a column */
    size_t width_count;
    size_t frozen_rows;  /* stay visible when the sheet is scrolled */
    zd_buf text;         /* owned, as cells */
    zd_grid_cell *cells;
    size_t count, capacity;
} zd_grid;
void zd_grid_add(zd_grid *grid, bool bold, zd_span text);
void zd_grid_end_row(zd_grid *grid); /* after at least one cell of the row */
void zd_grid_free(zd_grid *grid);
/* Appends the workbook (XLSX). FILE_IO when the library or the temporary folder fails. */
zd_status zd_grid_workbook(zd_buf *out, const zd_grid *grid, zd_error *err);
/* Does the text begin as a spreadsheet would run it? Such a text gets an apostrophe in sheets for people and is refused in files for banks. */
bool zd_text_starts_formula(zd_span text);

#endif
