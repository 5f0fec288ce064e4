/* Reports as values; see page.h. */
#include "ledger/report/page_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"

zd_page *zd_page_new(const char *name, const char *english, const char *chinese)
{
    zd_page *page = zd_alloc_zero(1, sizeof *page);
    page->name = name;
    page->english = english;
    page->chinese = chinese;
    return page;
}

void zd_page_free(zd_page *page)
{
    if (page == NULL) {
        return;
    }
    for (size_t i = 0; i < page->fact_count; i++) {
        free(page->facts[i].value);
    }
    for (size_t t = 0; t < page->table_count; t++) {
        zd_page_grid *grid = &page->tables[t];
        for (size_t i = 0; i < grid->cell_count; i++) {
            free(grid->cells[i].text);
        }
        free(grid->cells);
    }
    free(page);
}

static char *copy_of(zd_span text)
{
    char *copy = zd_alloc(text.size + 1);
    if (text.size > 0) {
        memcpy(copy, text.data, text.size);
    }
    copy[text.size] = '\0';
    return copy;
}

void zd_page_fact(zd_page *page, const char *name, const char *english, const char *chinese, zd_span value)
{
    ZD_ASSERT(page->fact_count < ZD_PAGE_FACTS);
    page->facts[page->fact_count++] = (zd_page_line){.name = name, .english = english, .chinese = chinese, .value = copy_of(value)};
}

void zd_page_table(zd_page *page, const char *name, const char *english, const char *chinese, const zd_page_column *columns, size_t count)
{
    ZD_ASSERT(page->table_count < ZD_PAGE_TABLES);
    page->tables[page->table_count++] = (zd_page_grid){.name = name, .english = english, .chinese = chinese, .columns = columns, .column_count = count};
}

static zd_page_grid *newest(zd_page *page)
{
    ZD_ASSERT(page->table_count > 0);
    return &page->tables[page->table_count - 1];
}

static zd_page_value *add_cell(zd_page_grid *grid, bool number)
{
    bool wants_number = grid->columns[grid->cell_count % grid->column_count].kind != ZD_PAGE_TEXT;
    ZD_ASSERT(wants_number == number);
    if (grid->cell_count == grid->cell_capacity) {
        grid->cell_capacity = grid->cell_capacity == 0 ? 64 : grid->cell_capacity * 2;
        grid->cells = zd_realloc(grid->cells, grid->cell_capacity * sizeof *grid->cells);
    }
    zd_page_value *cell = &grid->cells[grid->cell_count++];
    *cell = (zd_page_value){.number = 0};
    return cell;
}

void zd_page_text(zd_page *page, zd_span value)
{
    add_cell(newest(page), false)->text = copy_of(value);
}

void zd_page_number(zd_page *page, int64_t value)
{
    add_cell(newest(page), true)->number = value;
}

bool zd_page_total(zd_page *page)
{
    zd_page_grid *grid = newest(page);
    size_t rows = grid->cell_count / grid->column_count;
    bool good = true;
    for (size_t c = 0; c < grid->column_count; c++) {
        int64_t sum = 0;
        for (size_t r = 0; r < rows && grid->columns[c].kind != ZD_PAGE_TEXT; r++) {
            good = zd_fen_add(&sum, sum, grid->cells[r * grid->column_count + c].number) && good;
        }
        if (grid->columns[c].kind == ZD_PAGE_TEXT) {
            add_cell(grid, false)->text = copy_of(zd_span_of(NULL, 0));
        } else {
            add_cell(grid, true)->number = sum;
        }
    }
    grid->has_total = true;
    return good;
}

/* Rows differ by their text cells from the left. */
static int row_order(const void *a, const void *b, void *context)
{
    const zd_page_grid *grid = context;
    const zd_page_value *one = a;
    const zd_page_value *two = b;
    for (size_t c = 0; c < grid->column_count; c++) {
        if (grid->columns[c].kind == ZD_PAGE_TEXT) {
            int order = strcmp(one[c].text, two[c].text);
            if (order != 0) {
                return order;
            }
        }
    }
    return 0;
}

void zd_page_sort(zd_page *page)
{
    zd_page_grid *grid = newest(page);
    ZD_ASSERT(!grid->has_total);
    if (grid->cell_count > 0) {
        qsort_r(grid->cells, grid->cell_count / grid->column_count, grid->column_count * sizeof *grid->cells, row_order, grid);
    }
}

bool zd_page_format_find(zd_page_format *out, const char *name)
{
    static const char *const names[] = {"text", "csv", "html", "json"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (zd_page_format)(ZD_PAGE_AS_TEXT + (int)i);
            return true;
        }
    }
    return false;
}
