/* Rows and cells of text files and of pages; see pack.h. Workbooks are read in workbook.c. */
#include <stdlib.h>
#include <string.h>

#include "audit/package/pack.h"
#include "ledger/table/table_int.h"

void zd_pack_cells_free(zd_pack_cells *cells)
{
    zd_buf_free(&cells->text);
    free(cells->list);
    *cells = (zd_pack_cells){0};
}

void zd_pack_cells_add(zd_pack_cells *cells, size_t row, size_t column, zd_span text)
{
    if (cells->count == cells->capacity) {
        cells->capacity = cells->capacity == 0 ? 256 : cells->capacity * 2;
        cells->list = zd_realloc(cells->list, cells->capacity * sizeof *cells->list);
    }
    cells->list[cells->count++] = (zd_pack_cell){.offset = cells->text.size, .row = row, .column = column};
    zd_buf_add_span(&cells->text, text);
    zd_buf_add_byte(&cells->text, 0);
    cells->rows = row + 1 > cells->rows ? row + 1 : cells->rows;
}

static int by_place(const void *a, const void *b)
{
    const zd_pack_cell *left = a;
    const zd_pack_cell *right = b;
    if (left->row != right->row) {
        return left->row < right->row ? -1 : 1;
    }
    return left->column < right->column ? -1 : left->column > right->column;
}

const char *zd_pack_cell_at(const zd_pack_cells *cells, size_t row, size_t column)
{
    zd_pack_cell wanted = {.row = row, .column = column};
    const zd_pack_cell *found = cells->count == 0 ? NULL : bsearch(&wanted, cells->list, cells->count, sizeof wanted, by_place);
    return found != NULL ? (const char *)cells->text.data + found->offset : "";
}

static zd_status malformed(zd_error *err, size_t row, const char *what)
{
    zd_status status = zd_fail(err, ZD_E_PACKAGE_MALFORMED, "%s", what);
    zd_error_at(err, (int64_t)row + 1, 0);
    return status;
}

/* One quoted cell from *at, which stands behind the opening mark; false when it never closes. */
static bool quoted_cell(zd_buf *out, zd_span text, size_t *at)
{
    while (*at < text.size) {
        uint8_t c = text.data[(*at)++];
        if (c != '"') {
            zd_buf_add_byte(out, c);
        } else if (*at < text.size && text.data[*at] == '"') {
            zd_buf_add_byte(out, '"');
            (*at)++;
        } else {
            return true;
        }
    }
    return false;
}

static bool ends_cell(zd_span text, size_t at, char delimiter)
{
    return at == text.size || text.data[at] == (uint8_t)delimiter || text.data[at] == '\n' || (text.data[at] == '\r' && at + 1 < text.size && text.data[at + 1] == '\n');
}

static zd_status split(zd_pack_cells *out, zd_span text, char delimiter, bool quoted, zd_error *err)
{
    zd_buf cell = {0};
    zd_status status = ZD_OK;
    size_t row = 0;
    size_t column = 0;
    for (size_t at = 0; at < text.size && status == ZD_OK;) {
        zd_buf_clear(&cell);
        bool marked = quoted && text.data[at] == '"';
        if (marked) {
            at++;
        }
        if (marked && !quoted_cell(&cell, text, &at)) {
            status = malformed(err, row, "a quotation mark that never closes");
        }
        while (!marked && !ends_cell(text, at, delimiter)) {
            zd_buf_add_byte(&cell, text.data[at++]);
        }
        if (status == ZD_OK && !ends_cell(text, at, delimiter)) {
            status = malformed(err, row, "text after a quotation mark");
        }
        zd_pack_cells_add(out, row, column++, zd_buf_span(&cell));
        if (at < text.size && text.data[at] == (uint8_t)delimiter) {
            at++;
            if (at == text.size || text.data[at] == '\n' || text.data[at] == '\r') {
                zd_pack_cells_add(out, row, column++, zd_span_of(NULL, 0)); /* the empty cell after a last delimiter */
            } else {
                continue;
            }
        }
        at += at < text.size && text.data[at] == '\r' ? 1U : 0U;
        at += at < text.size ? 1U : 0U;
        row++;
        column = 0;
    }
    zd_buf_free(&cell);
    return status;
}

zd_status zd_pack_cells_text(zd_pack_cells *out, zd_span bytes, char delimiter, bool quoted, zd_error *err)
{
    zd_buf text = {0};
    zd_sheet_encoding encoding;
    *out = (zd_pack_cells){0};
    zd_status status = zd_sheet_to_utf8(&text, &encoding, bytes, err);
    status = status == ZD_OK ? split(out, zd_buf_span(&text), delimiter, quoted, err) : status;
    zd_buf_free(&text);
    return status;
}

bool zd_pack_xml_is_plain(zd_span xml)
{
    static const char mark[] = "<!DOCTYPE";
    bool plain = xml.size > 0;
    for (size_t i = 0; plain && i < xml.size; i++) {
        bool declares = xml.data[i] == '<' && xml.size - i >= sizeof mark - 1 && memcmp(xml.data + i, mark, sizeof mark - 1) == 0;
        plain = xml.data[i] != 0 && !declares;
    }
    return plain;
}

/* --- pages --- */

/* The tag that begins at *at ('<'); *at moves behind it. False when it does not end. */
static bool take_tag(zd_span *out, zd_span page, size_t *at)
{
    size_t from = ++*at;
    while (*at < page.size && page.data[*at] != '>') {
        (*at)++;
    }
    *out = zd_span_of(page.data + from, *at - from);
    return *at < page.size && (*at)++ > 0;
}

static zd_status take_entity(zd_buf *out, zd_span page, size_t *at, zd_error *err)
{
    static const struct {
        const char *name, *text;
    } entities[] = {{"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}};
    for (size_t i = 0; i < ZD_COUNT(entities); i++) {
        if (zd_span_starts(zd_span_of(page.data + *at, page.size - *at), entities[i].name)) {
            zd_buf_add_text(out, entities[i].text);
            *at += strlen(entities[i].name);
            return ZD_OK;
        }
    }
    return malformed(err, 0, "an entity that no page of ours has");
}

static bool tag_is(zd_span tag, const char *name)
{
    zd_span word;
    (void)zd_span_cut(&word, tag, ' ');
    return zd_span_is(word, name);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* ZD_PACK_HEADING or ZD_PACK_PARAGRAPH for what a sheet has besides tables; 0 for other tags. */
static size_t prose_of(zd_span tag)
{
    return tag_is(tag, "h1") || tag_is(tag, "h2") || tag_is(tag, "/h1") || tag_is(tag, "/h2") ? ZD_PACK_HEADING : tag_is(tag, "p") || tag_is(tag, "/p") ? ZD_PACK_PARAGRAPH : 0;
}

static zd_status read_page(zd_pack_cells *out, zd_span bytes, bool sheet, zd_error *err)
{
    zd_buf cell = {0};
    zd_status status = ZD_OK;
    size_t row = 0;
    size_t column = 0;
    bool inside = false;
    bool body = false;
    *out = (zd_pack_cells){0};
    for (size_t at = 0; at < bytes.size && status == ZD_OK;) {
        zd_span tag = {0};
        if (bytes.data[at] == '&' && inside) {
            status = take_entity(&cell, bytes, &at, err);
        } else if (bytes.data[at] != '<') {
            if (inside) {
                zd_buf_add_byte(&cell, bytes.data[at]);
            } else if (sheet && body && !is_blank(bytes.data[at])) {
                status = malformed(err, row, "text that stands in no table, heading or paragraph");
            }
            at++;
        } else if (!take_tag(&tag, bytes, &at) || tag_is(tag, "script")) {
            status = malformed(err, 0, "a tag that does not end, or a script");
        } else if (tag_is(tag, "th") || tag_is(tag, "td")) {
            zd_buf_clear(&cell);
            inside = true;
        } else if (tag_is(tag, "/th") || tag_is(tag, "/td")) {
            zd_pack_cells_add(out, row, column++, zd_buf_span(&cell));
            inside = false;
        } else if (tag_is(tag, "/tr") && column > 0) {
            row++;
            column = 0;
        } else if (sheet && prose_of(tag) != 0) {
            if (tag.data[0] == '/') {
                zd_pack_cells_add(out, row++, prose_of(tag), zd_buf_span(&cell));
                column = 0;
            }
            zd_buf_clear(&cell);
            inside = tag.data[0] != '/';
        }
        body = body || (bytes.data[at - 1] == '>' && tag_is(tag, "body"));
    }
    zd_buf_free(&cell);
    return status;
}

zd_status zd_pack_cells_page(zd_pack_cells *out, zd_span bytes, zd_error *err)
{
    return read_page(out, bytes, false, err);
}

zd_status zd_pack_cells_sheet(zd_pack_cells *out, zd_span bytes, zd_error *err)
{
    return read_page(out, bytes, true, err);
}
