/*
 * The table itself: one pass over the UTF-8 text, RFC 4180 to the letter. A quotation mark opens a cell only at its very beginning and doubles inside; whatever else is
 * done with one is an error, because a guess would move every later cell of the line. The separator is the tab when the header has one, else the comma, and the bar where it has no comma.
 * Invariant: cells point into the text, or into `plain` where doubled quotation marks had to go.
 */
#include "ledger/table/table.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/table/table_int.h"

typedef struct cell {
    size_t start; /* in text, or in plain */
    size_t size;
    bool is_plain;
} cell;

typedef struct row {
    size_t first; /* of its cells */
    size_t count;
    size_t start; /* its bytes in text, with the line end when it has one */
    size_t end;
    int64_t line;
} row;

struct zd_sheet {
    zd_buf text;
    zd_buf plain;
    zd_sheet_encoding encoding;
    char separator;
    cell *cells;
    size_t cell_count;
    size_t cell_capacity;
    row *rows; /* [0] is the header */
    size_t row_count;
    size_t row_capacity;
};

typedef struct scanner {
    zd_sheet *table;
    size_t at;
    int64_t line;
    int64_t column; /* cell being read, 1-based */
} scanner;

static zd_status fail_at(const scanner *s, zd_error *err, zd_code code, const char *detail)
{
    zd_status status = zd_fail(err, code, "%s", detail);
    zd_error_at(err, s->line, s->column);
    return status;
}

static uint8_t byte_at(const scanner *s, size_t at)
{
    return at < s->table->text.size ? s->table->text.data[at] : 0;
}

static bool at_end(const scanner *s)
{
    return s->at >= s->table->text.size;
}

/* CRLF or LF here? Its length, else 0. */
static size_t line_end(const scanner *s)
{
    if (byte_at(s, s->at) == '\n') {
        return 1;
    }
    return byte_at(s, s->at) == '\r' && byte_at(s, s->at + 1) == '\n' ? 2 : 0;
}

static bool is_control(uint8_t c)
{
    return c < 0x20 || c == 0x7f;
}

static zd_status add_cell(scanner *s, cell value, zd_error *err)
{
    zd_sheet *t = s->table;
    if (value.size > ZD_SHEET_CELL_MAX) {
        return fail_at(s, err, ZD_E_TABLE_LIMIT, "a cell holds at most 32,768 bytes / 单元格最多 32768 字节");
    }
    row *last = &t->rows[t->row_count - 1];
    if (last->count == ZD_SHEET_COLUMNS_MAX) {
        return fail_at(s, err, ZD_E_TABLE_LIMIT, "a line has at most 200 cells / 每行最多 200 列");
    }
    if (t->cell_count == t->cell_capacity) {
        t->cell_capacity = t->cell_capacity == 0 ? 1024 : t->cell_capacity * 2;
        t->cells = zd_realloc(t->cells, t->cell_capacity * sizeof *t->cells);
    }
    t->cells[t->cell_count++] = value;
    last->count++;
    return ZD_OK;
}

static zd_status read_bare(scanner *s, zd_error *err)
{
    cell value = {.start = s->at};
    while (!at_end(s) && byte_at(s, s->at) != (uint8_t)s->table->separator && line_end(s) == 0) {
        uint8_t c = byte_at(s, s->at);
        if (c == '"') {
            return fail_at(s, err, ZD_E_TABLE_QUOTE, "a cell with quotation marks stands in quotation marks, inner ones doubled / 含引号的单元格须整体加引号，内部引号写两次");
        }
        if (c == '\r') {
            return fail_at(s, err, ZD_E_TABLE_QUOTE, "a carriage return without line feed / 回车后缺少换行");
        }
        if (is_control(c)) {
            return fail_at(s, err, ZD_E_TEXT_CONTROL, "in this cell / 位于该单元格");
        }
        s->at++;
    }
    value.size = s->at - value.start;
    return add_cell(s, value, err);
}

/* Takes a quoted cell without its marks; only doubled marks need a copy. */
static zd_status read_quoted(scanner *s, zd_error *err)
{
    zd_sheet *t = s->table;
    cell value = {.start = s->at + 1};
    size_t plain_start = t->plain.size;
    size_t copied = s->at + 1;
    int64_t opened = s->line;
    s->at++;
    for (;;) {
        uint8_t c = byte_at(s, s->at);
        if (at_end(s)) {
            s->line = opened;
            return fail_at(s, err, ZD_E_TABLE_QUOTE, "the quotation mark is never closed / 引号没有闭合");
        }
        if (c == '"' && byte_at(s, s->at + 1) == '"') {
            zd_buf_add(&t->plain, t->text.data + copied, s->at + 1 - copied);
            s->at += 2;
            copied = s->at;
            value.is_plain = true;
            continue;
        }
        if (c == '"') {
            break;
        }
        if (is_control(c) && c != '\t' && c != '\n' && !(c == '\r' && byte_at(s, s->at + 1) == '\n')) {
            return fail_at(s, err, ZD_E_TEXT_CONTROL, "in this cell / 位于该单元格");
        }
        s->line += c == '\n' ? 1 : 0;
        s->at++;
    }
    value.size = s->at - value.start;
    if (value.is_plain) {
        zd_buf_add(&t->plain, t->text.data + copied, s->at - copied);
        value.start = plain_start;
        value.size = t->plain.size - plain_start;
    }
    s->at++;
    if (!at_end(s) && byte_at(s, s->at) != (uint8_t)t->separator && line_end(s) == 0) {
        return fail_at(s, err, ZD_E_TABLE_QUOTE, "after the closing quotation mark comes the next cell / 引号闭合后应为下一列");
    }
    return add_cell(s, value, err);
}

static void begin_row(scanner *s)
{
    zd_sheet *t = s->table;
    if (t->row_count == t->row_capacity) {
        t->row_capacity = t->row_capacity == 0 ? 256 : t->row_capacity * 2;
        t->rows = zd_realloc(t->rows, t->row_capacity * sizeof *t->rows);
    }
    t->rows[t->row_count++] = (row){.first = t->cell_count, .start = s->at, .line = s->line};
    s->column = 1;
}

/* A row without any content is no row: spreadsheets leave lines of bare separators at the end. */
static void end_row(scanner *s)
{
    zd_sheet *t = s->table;
    row *last = &t->rows[t->row_count - 1];
    bool any = false;
    for (size_t i = 0; i < last->count && !any; i++) {
        any = t->cells[last->first + i].size > 0;
    }
    last->end = s->at;
    if (!any) {
        t->cell_count = last->first;
        t->row_count--;
    }
}

static zd_status read_row(scanner *s, zd_error *err)
{
    begin_row(s);
    for (;;) {
        zd_status status = byte_at(s, s->at) == '"' ? read_quoted(s, err) : read_bare(s, err);
        if (status != ZD_OK) {
            return status;
        }
        size_t feed = at_end(s) ? 0 : line_end(s);
        if (at_end(s) || feed > 0) {
            s->at += feed;
            s->line += feed > 0 ? 1 : 0;
            end_row(s);
            return ZD_OK;
        }
        s->at++; /* the separator */
        s->column++;
    }
}

/* The tab, when the first line with content has one outside of quotation marks; the bar of banks' files, when that line has one and no comma. */
static char find_separator(zd_span text)
{
    bool quoted = false;
    bool content = false;
    bool bar = false;
    bool comma = false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        quoted = c == '"' ? !quoted : quoted;
        if (c == '\t' && !quoted) {
            return '\t';
        }
        if (c == '\n' && !quoted && content) {
            break;
        }
        bar = bar || (c == '|' && !quoted);
        comma = comma || (c == ',' && !quoted);
        content = content || (c != '\n' && c != '\r');
    }
    return bar && !comma ? '|' : ',';
}

static zd_status scan(zd_sheet *table, zd_error *err)
{
    scanner s = {.table = table, .line = 1};
    table->separator = find_separator(zd_buf_span(&table->text));
    zd_status status = ZD_OK;
    while (!at_end(&s) && status == ZD_OK) {
        status = read_row(&s, err);
        if (status == ZD_OK && table->row_count > ZD_SHEET_ROWS_MAX + 1) {
            status = fail_at(&s, err, ZD_E_TABLE_LIMIT, "a file has at most 1,000,000 lines / 文件最多 1000000 行");
        }
    }
    if (status == ZD_OK && table->row_count == 0) {
        status = zd_fail(err, ZD_E_TABLE_SHAPE, "the file is empty: a header line is needed / 文件为空，缺少表头");
        zd_error_at(err, 1, 1);
    }
    return status;
}

zd_status zd_sheet_parse(zd_sheet **out, zd_span bytes, zd_error *err)
{
    *out = NULL;
    if (bytes.size > ZD_SHEET_FILE_MAX) {
        return zd_fail(err, ZD_E_FILE_TOO_LARGE, "at most 64 MB / 最多 64 MB");
    }
    zd_sheet *table = zd_alloc_zero(1, sizeof *table);
    zd_status status = zd_sheet_to_utf8(&table->text, &table->encoding, bytes, err);
    if (status == ZD_OK) {
        status = scan(table, err);
    }
    if (status != ZD_OK) {
        zd_sheet_free(table);
        return status;
    }
    *out = table;
    return ZD_OK;
}

zd_status zd_sheet_read(zd_sheet **out, const char *path, zd_error *err)
{
    zd_buf bytes = {0};
    *out = NULL;
    zd_status status = zd_file_read(&bytes, path, ZD_SHEET_FILE_MAX, err);
    if (status == ZD_OK) {
        status = zd_sheet_parse(out, zd_buf_span(&bytes), err);
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(path));
    }
    zd_buf_free(&bytes);
    return status;
}

void zd_sheet_free(zd_sheet *table)
{
    if (table != NULL) {
        zd_buf_free(&table->text);
        zd_buf_free(&table->plain);
        free(table->cells);
        free(table->rows);
        free(table);
    }
}

zd_sheet_encoding zd_sheet_encoding_of(const zd_sheet *table)
{
    return table->encoding;
}

size_t zd_sheet_columns(const zd_sheet *table)
{
    return table->rows[0].count;
}

size_t zd_sheet_rows(const zd_sheet *table)
{
    return table->row_count - 1;
}

static zd_span cell_of(const zd_sheet *table, const row *at, size_t column)
{
    if (column >= at->count) {
        return zd_span_of(NULL, 0);
    }
    const cell *found = &table->cells[at->first + column];
    const zd_buf *from = found->is_plain ? &table->plain : &table->text;
    return found->size > 0 ? zd_span_of(from->data + found->start, found->size) : zd_span_of(NULL, 0);
}

zd_span zd_sheet_header(const zd_sheet *table, size_t column)
{
    return cell_of(table, &table->rows[0], column);
}

size_t zd_sheet_cells(const zd_sheet *table, size_t index)
{
    ZD_ASSERT(index < zd_sheet_rows(table));
    return table->rows[index + 1].count;
}

zd_span zd_sheet_cell(const zd_sheet *table, size_t index, size_t column)
{
    ZD_ASSERT(index < zd_sheet_rows(table));
    return cell_of(table, &table->rows[index + 1], column);
}

int64_t zd_sheet_line(const zd_sheet *table, size_t index)
{
    ZD_ASSERT(index < zd_sheet_rows(table));
    return table->rows[index + 1].line;
}

static void add_row_text(zd_buf *text, const zd_sheet *table, const row *from)
{
    zd_buf_add(text, table->text.data + from->start, from->end - from->start);
    if (text->size > 0 && text->data[text->size - 1] != '\n') {
        zd_buf_add_text(text, "\r\n"); /* the last line of a file may lack its end */
    }
}

zd_status zd_sheet_write_rows(zd_buf *out, const zd_sheet *table, const size_t *rows, size_t count, zd_error *err)
{
    zd_buf text = {0};
    zd_status status = ZD_OK;
    add_row_text(&text, table, &table->rows[0]);
    for (size_t i = 0; i < count; i++) {
        ZD_ASSERT(rows[i] < zd_sheet_rows(table));
        add_row_text(&text, table, &table->rows[rows[i] + 1]);
    }
    if (table->encoding == ZD_SHEET_GB18030) {
        status = zd_sheet_to_gb18030(out, zd_buf_span(&text), err);
    } else {
        zd_buf_add_text(out, table->encoding == ZD_SHEET_UTF8_BOM ? "\xef\xbb\xbf" : "");
        zd_buf_add_span(out, zd_buf_span(&text));
    }
    zd_buf_free(&text);
    return status;
}
