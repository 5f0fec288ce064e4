/* Inside ledger/report only: what a page holds, for its renderers. */
#ifndef ZD_REPORT_PAGE_INT_H
#define ZD_REPORT_PAGE_INT_H

#include "ledger/report/page.h"

#define ZD_PAGE_FACTS 16
#define ZD_PAGE_TABLES 12

typedef struct zd_page_line {
    const char *name, *english, *chinese;
    char *value; /* owned */
} zd_page_line;

typedef struct zd_page_value {
    char *text; /* owned; NULL in number columns */
    int64_t number;
} zd_page_value;

typedef struct zd_page_grid {
    const char *name, *english, *chinese;
    const zd_page_column *columns;
    size_t column_count;
    zd_page_value *cells; /* owned, row after row */
    size_t cell_count, cell_capacity;
    bool has_total; /* the last row is one */
} zd_page_grid;

struct zd_page {
    const char *name, *english, *chinese;
    zd_page_line facts[ZD_PAGE_FACTS];
    size_t fact_count;
    zd_page_grid tables[ZD_PAGE_TABLES];
    size_t table_count;
};

/* Fen as yuan with groups, counts as digits, texts as they are. Replaces out. */
void zd_page_cell_text(zd_buf *out, const zd_page_grid *grid, size_t cell);

#endif
