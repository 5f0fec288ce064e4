/*
 * A report as values: titles, facts, tables of typed cells. Whoever fills it computes; whoever renders it (text for a terminal, CSV, JSON, HTML to print) only
 * lays out. One page serves all formats, so that no two of them can disagree.
 */
#ifndef ZD_REPORT_PAGE_H
#define ZD_REPORT_PAGE_H

#include "ledger/base/error.h"

typedef struct zd_page zd_page;

typedef enum zd_page_kind { ZD_PAGE_TEXT, ZD_PAGE_FEN, ZD_PAGE_COUNT } zd_page_kind;

typedef struct zd_page_column { /* static; name is the field of JSON and CSV */
    const char *name;
    const char *english, *chinese;
    zd_page_kind kind;
} zd_page_column;

zd_page *zd_page_new(const char *name, const char *english, const char *chinese);
void zd_page_free(zd_page *page); /* NULL is fine */
/* A line above the tables: "as of entry: 1042". Texts are copied, titles and names are static. */
void zd_page_fact(zd_page *page, const char *name, const char *english, const char *chinese, zd_span value);
void zd_page_table(zd_page *page, const char *name, const char *english, const char *chinese, const zd_page_column *columns, size_t count);
/* Cells of the newest table, row by row; a row is complete when every column has its cell. */
void zd_page_text(zd_page *page, zd_span value);
void zd_page_number(zd_page *page, int64_t value); /* fen or count, as the column says */
/* A last row with the sums of the table's fen and count columns. False when a sum leaves the range of money. */
ZD_MUST_USE bool zd_page_total(zd_page *page);
/* Sorts the newest table's rows by their text cells from the left. Before the total. */
void zd_page_sort(zd_page *page);

/* Every cell as it is shown, row by row: titles, facts, column names, values. bold: a heading. For sheets of other programs. */
typedef void zd_page_cell_visit(void *context, bool bold, const char *text, bool ends_row);
void zd_page_each_cell(const zd_page *page, bool chinese, zd_page_cell_visit *visit, void *context);

typedef enum zd_page_format { ZD_PAGE_AS_TEXT = 1, ZD_PAGE_AS_CSV, ZD_PAGE_AS_HTML, ZD_PAGE_AS_JSON } zd_page_format;
bool zd_page_format_find(zd_page_format *out, const char *name); /* "text", "csv", "html", "json" */
/* CSV: UTF-8, all tables one after the other, an empty line between; a text that begins like a formula gets an apostrophe. HTML: one file without script or
 * anything from elsewhere, both languages in its headings. */
void zd_page_render(zd_buf *out, const zd_page *page, zd_page_format format, bool chinese);

#endif
