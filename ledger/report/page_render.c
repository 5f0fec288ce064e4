/* Pages as text, CSV, JSON and HTML; see page.h. Lays out and computes nothing. */
#include "ledger/report/page_int.h"

#include <string.h>

#include "ledger/base/money.h"
#include "ledger/json/json.h"

#define PAGE_SCHEMA 1

void zd_page_cell_text(zd_buf *out, const zd_page_grid *grid, size_t cell)
{
    const zd_page_value *value = &grid->cells[cell];
    char figure[ZD_FEN_TEXT];
    zd_buf_clear(out);
    switch (grid->columns[cell % grid->column_count].kind) {
    case ZD_PAGE_TEXT:
        zd_buf_add_text(out, value->text);
        break;
    case ZD_PAGE_FEN:
        zd_fen_yuan_grouped(figure, value->number);
        zd_buf_add_text(out, figure);
        break;
    case ZD_PAGE_COUNT:
        zd_buf_addf(out, "%lld", (long long)value->number);
        break;
    }
}

static bool is_total(const zd_page_grid *grid, size_t row)
{
    return grid->has_total && row + 1 == grid->cell_count / grid->column_count;
}

/* --- text --- */

/* Terminal columns of a UTF-8 text: everything from U+1100 that offices write is drawn two wide. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if ((*c & 0xC0) != 0x80) {
            width += *c >= 0xE1 ? 2 : 1;
        }
    }
    return width;
}

static void pad(zd_buf *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zd_buf_add_byte(out, ' ');
    }
}

static void put_cell(zd_buf *out, const char *text, size_t width, bool right)
{
    size_t own = width_of(text);
    size_t space = width > own ? width - own : 0;
    pad(out, right ? space : 0);
    zd_buf_add_text(out, text);
    pad(out, (right ? 0 : space) + 2);
}

static void text_table(zd_buf *out, const zd_page_grid *grid, bool chinese)
{
    size_t widths[32] = {0};
    zd_buf cell = {0};
    ZD_ASSERT(grid->column_count <= ZD_COUNT(widths));
    for (size_t c = 0; c < grid->column_count; c++) {
        widths[c] = width_of(chinese ? grid->columns[c].chinese : grid->columns[c].english);
    }
    for (size_t i = 0; i < grid->cell_count; i++) {
        zd_page_cell_text(&cell, grid, i);
        size_t width = width_of(zd_buf_text(&cell));
        widths[i % grid->column_count] = width > widths[i % grid->column_count] ? width : widths[i % grid->column_count];
    }
    zd_buf_addf(out, "\n%s\n", chinese ? grid->chinese : grid->english);
    for (size_t c = 0; c < grid->column_count; c++) {
        put_cell(out, chinese ? grid->columns[c].chinese : grid->columns[c].english, widths[c], grid->columns[c].kind != ZD_PAGE_TEXT);
    }
    zd_buf_add_byte(out, '\n');
    for (size_t i = 0; i < grid->cell_count; i++) {
        size_t c = i % grid->column_count;
        zd_page_cell_text(&cell, grid, i);
        bool total = c == 0 && is_total(grid, i / grid->column_count) && grid->columns[0].kind == ZD_PAGE_TEXT;
        put_cell(out, total ? (chinese ? "合计" : "total") : zd_buf_text(&cell), widths[c], grid->columns[c].kind != ZD_PAGE_TEXT);
        if (c + 1 == grid->column_count) {
            zd_buf_add_byte(out, '\n');
        }
    }
    zd_buf_free(&cell);
}

static void as_text(zd_buf *out, const zd_page *page, bool chinese)
{
    zd_buf_addf(out, "%s\n", chinese ? page->chinese : page->english);
    for (size_t i = 0; i < page->fact_count; i++) {
        zd_buf_addf(out, "  %s: %s\n", chinese ? page->facts[i].chinese : page->facts[i].english, page->facts[i].value);
    }
    for (size_t t = 0; t < page->table_count; t++) {
        text_table(out, &page->tables[t], chinese);
    }
}

/* --- CSV --- */

static void csv_cell(zd_buf *out, bool first, const char *text)
{
    bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
    bool quote = strpbrk(text, "\",\r\n") != NULL;
    if (!first) {
        zd_buf_add_byte(out, ',');
    }
    zd_buf_add_text(out, quote ? "\"" : "");
    zd_buf_add_text(out, formula ? "'" : "");
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '"') {
            zd_buf_add_byte(out, '"');
        }
        zd_buf_add_byte(out, (uint8_t)*c);
    }
    zd_buf_add_text(out, quote ? "\"" : "");
}

static void csv_number(zd_buf *out, bool first, const zd_page_column *column, int64_t number)
{
    char figure[ZD_FEN_TEXT];
    if (column->kind == ZD_PAGE_FEN) {
        zd_fen_yuan(figure, number);
        zd_buf_addf(out, "%s%s", first ? "" : ",", figure);
    } else {
        zd_buf_addf(out, "%s%lld", first ? "" : ",", (long long)number);
    }
}

static void as_csv(zd_buf *out, const zd_page *page, bool chinese)
{
    for (size_t i = 0; i < page->fact_count; i++) {
        csv_cell(out, true, chinese ? page->facts[i].chinese : page->facts[i].english);
        csv_cell(out, false, page->facts[i].value);
        zd_buf_add_text(out, "\r\n");
    }
    for (size_t t = 0; t < page->table_count; t++) {
        const zd_page_grid *grid = &page->tables[t];
        zd_buf_add_text(out, t > 0 || page->fact_count > 0 ? "\r\n" : "");
        for (size_t c = 0; c < grid->column_count; c++) {
            csv_cell(out, c == 0, chinese ? grid->columns[c].chinese : grid->columns[c].english);
        }
        zd_buf_add_text(out, "\r\n");
        for (size_t i = 0; i < grid->cell_count; i++) {
            size_t c = i % grid->column_count;
            bool total = c == 0 && is_total(grid, i / grid->column_count) && grid->columns[0].kind == ZD_PAGE_TEXT;
            if (grid->columns[c].kind == ZD_PAGE_TEXT) {
                csv_cell(out, c == 0, total ? (chinese ? "合计" : "total") : grid->cells[i].text);
            } else {
                csv_number(out, c == 0, &grid->columns[c], grid->cells[i].number);
            }
            zd_buf_add_text(out, c + 1 == grid->column_count ? "\r\n" : "");
        }
    }
}

/* --- JSON --- */

static void json_row(zd_jw *w, const zd_page_grid *grid, const char *name, size_t row)
{
    zd_jw_object(w, name);
    for (size_t c = 0; c < grid->column_count; c++) {
        const zd_page_value *value = &grid->cells[row * grid->column_count + c];
        if (grid->columns[c].kind != ZD_PAGE_TEXT) {
            zd_jw_int(w, grid->columns[c].name, value->number);
        } else if (!is_total(grid, row)) {
            zd_jw_cstr(w, grid->columns[c].name, value->text);
        }
    }
    zd_jw_close(w);
}

static void as_json(zd_buf *out, const zd_page *page)
{
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", PAGE_SCHEMA);
    zd_jw_cstr(&w, "report", page->name);
    for (size_t i = 0; i < page->fact_count; i++) {
        zd_jw_cstr(&w, page->facts[i].name, page->facts[i].value);
    }
    for (size_t t = 0; t < page->table_count; t++) {
        const zd_page_grid *grid = &page->tables[t];
        size_t rows = grid->cell_count / grid->column_count;
        zd_jw_object(&w, grid->name);
        zd_jw_array(&w, "rows");
        for (size_t r = 0; r < rows - (grid->has_total ? 1 : 0); r++) {
            json_row(&w, grid, NULL, r);
        }
        zd_jw_close(&w);
        if (grid->has_total) {
            json_row(&w, grid, "total", rows - 1);
        }
        zd_jw_close(&w);
    }
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
}

/* --- HTML --- */

static void escaped(zd_buf *out, const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        switch (*c) {
        case '&':
            zd_buf_add_text(out, "&amp;");
            break;
        case '<':
            zd_buf_add_text(out, "&lt;");
            break;
        case '>':
            zd_buf_add_text(out, "&gt;");
            break;
        case '"':
            zd_buf_add_text(out, "&quot;");
            break;
        default:
            zd_buf_add_byte(out, (uint8_t)*c);
        }
    }
}

static const char style[] =
    "@page{size:A4;margin:16mm}body{font:10.5pt/1.5 'Source Han Serif SC','Noto Serif CJK SC','Songti SC',SimSun,serif;color:#1c2227;max-width:180mm;margin:12mm auto}"
    "h1{font-size:17pt;margin:0 0 1mm}h1 small,h2 small,th small{display:block;font-weight:400;color:#5d6b74;font-size:.7em}h2{font-size:12pt;margin:8mm 0 2mm}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:0 6mm;margin:4mm 0}dt{color:#5d6b74}dd{margin:0;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;width:100%;font-size:9pt}th{text-align:left;border-bottom:1.2pt solid #1c2227;vertical-align:bottom}"
    "td{border-bottom:.4pt solid #c9d1d6;overflow-wrap:anywhere}th,td{padding:1mm 2mm}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "tr.t td{font-weight:600;border-top:1.2pt solid #1c2227;border-bottom:0}tr{break-inside:avoid}thead{display:table-header-group}";

static void heading(zd_buf *out, const char *tag, const char *chinese, const char *english)
{
    zd_buf_addf(out, "<%s>", tag);
    escaped(out, chinese);
    zd_buf_add_text(out, "<small>");
    escaped(out, english);
    zd_buf_addf(out, "</small></%s>\n", tag);
}

static void html_table(zd_buf *out, const zd_page_grid *grid)
{
    zd_buf cell = {0};
    heading(out, "h2", grid->chinese, grid->english);
    zd_buf_add_text(out, "<table><thead><tr>");
    for (size_t c = 0; c < grid->column_count; c++) {
        zd_buf_add_text(out, grid->columns[c].kind == ZD_PAGE_TEXT ? "<th>" : "<th class=\"n\">");
        escaped(out, grid->columns[c].chinese);
        zd_buf_add_text(out, "<small>");
        escaped(out, grid->columns[c].english);
        zd_buf_add_text(out, "</small></th>");
    }
    zd_buf_add_text(out, "</tr></thead><tbody>\n");
    for (size_t i = 0; i < grid->cell_count; i++) {
        size_t c = i % grid->column_count;
        bool total = is_total(grid, i / grid->column_count);
        zd_page_cell_text(&cell, grid, i);
        zd_buf_add_text(out, c > 0 ? "" : total ? "<tr class=\"t\">" : "<tr>");
        zd_buf_add_text(out, grid->columns[c].kind == ZD_PAGE_TEXT ? "<td>" : "<td class=\"n\">");
        escaped(out, total && c == 0 && grid->columns[0].kind == ZD_PAGE_TEXT ? "合计" : zd_buf_text(&cell));
        zd_buf_add_text(out, c + 1 == grid->column_count ? "</td></tr>\n" : "</td>");
    }
    zd_buf_add_text(out, "</tbody></table>\n");
    zd_buf_free(&cell);
}

static void as_html(zd_buf *out, const zd_page *page)
{
    zd_buf_add_text(out, "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">"
                         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"><title>");
    escaped(out, page->chinese);
    zd_buf_addf(out, "</title><style>%s</style></head><body>\n", style);
    heading(out, "h1", page->chinese, page->english);
    zd_buf_add_text(out, "<dl>");
    for (size_t i = 0; i < page->fact_count; i++) {
        zd_buf_add_text(out, "<dt>");
        escaped(out, page->facts[i].chinese);
        zd_buf_add_text(out, " · ");
        escaped(out, page->facts[i].english);
        zd_buf_add_text(out, "</dt><dd>");
        escaped(out, page->facts[i].value);
        zd_buf_add_text(out, "</dd>");
    }
    zd_buf_add_text(out, "</dl>\n");
    for (size_t t = 0; t < page->table_count; t++) {
        html_table(out, &page->tables[t]);
    }
    zd_buf_add_text(out, "</body></html>\n");
}

/* --- cells for others --- */

/* Figures without groups, so that a sheet can be added up after turning its texts into numbers. */
static void plain_cell(zd_buf *out, const zd_page_grid *grid, size_t cell)
{
    char figure[ZD_FEN_TEXT];
    if (grid->columns[cell % grid->column_count].kind == ZD_PAGE_FEN) {
        zd_buf_clear(out);
        zd_fen_yuan(figure, grid->cells[cell].number);
        zd_buf_add_text(out, figure);
    } else {
        zd_page_cell_text(out, grid, cell);
    }
}

void zd_page_each_cell(const zd_page *page, bool chinese, zd_page_cell_visit *visit, void *context)
{
    zd_buf cell = {0};
    visit(context, true, chinese ? page->chinese : page->english, true);
    for (size_t i = 0; i < page->fact_count; i++) {
        visit(context, true, chinese ? page->facts[i].chinese : page->facts[i].english, false);
        visit(context, false, page->facts[i].value, true);
    }
    for (size_t t = 0; t < page->table_count; t++) {
        const zd_page_grid *grid = &page->tables[t];
        visit(context, false, "", true);
        visit(context, true, chinese ? grid->chinese : grid->english, true);
        for (size_t c = 0; c < grid->column_count; c++) {
            visit(context, true, chinese ? grid->columns[c].chinese : grid->columns[c].english, c + 1 == grid->column_count);
        }
        for (size_t i = 0; i < grid->cell_count; i++) {
            size_t c = i % grid->column_count;
            bool total = is_total(grid, i / grid->column_count);
            plain_cell(&cell, grid, i);
            visit(context, total, total && c == 0 && grid->columns[0].kind == ZD_PAGE_TEXT ? (chinese ? "合计" : "total") : zd_buf_text(&cell), c + 1 == grid->column_count);
        }
    }
    zd_buf_free(&cell);
}

void zd_page_render(zd_buf *out, const zd_page *page, zd_page_format format, bool chinese)
{
    switch (format) {
    case ZD_PAGE_AS_TEXT:
        as_text(out, page, chinese);
        break;
    case ZD_PAGE_AS_CSV:
        as_csv(out, page, chinese);
        break;
    case ZD_PAGE_AS_JSON:
        as_json(out, page);
        break;
    case ZD_PAGE_AS_HTML:
        as_html(out, page);
        break;
    }
}
