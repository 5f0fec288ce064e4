/*
 * The first sheet of an .xlsx workbook as comma-separated text: the only file that includes libzip. A workbook from outside is hostile until read: how many members, how
 * far each unfolds and the ratio are bounded before a byte is inflated; encrypted members, DOCTYPEs and deep nesting are refused. Formulas are never run: the
 * value that the writer stored is taken, as it stands. Styles are not looked at; what a number means, its column's profile says.
 */
#include "ledger/settle/answers/answers_int.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/xmlreader.h>
#include <zip.h>

#define MEMBERS_MAX 1000
#define RATIO_MAX 200 /* real sheets unfold about tenfold; a bomb a thousandfold */
#define RATIO_FREE ((zip_uint64_t)1 << 20) /* small members may unfold as they like */
#define STRINGS_MAX ((size_t)2000000)
#define SHEET_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)

static zd_status bad_zip(zd_error *err, const char *member, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_ANSWER_ZIP, "%s", why);
    zd_error_field(err, "member", zd_span_text(member));
    return status;
}

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Spreadsheets compare the names of parts without regard to case, and of two of one name they may show the other one. */
static bool named_before(zip_t *archive, zip_int64_t member, const char *name)
{
    for (zip_int64_t i = 0; i < member; i++) {
        const char *other = zip_get_name(archive, (zip_uint64_t)i, 0);
        size_t at = 0;
        while (other != NULL && name[at] != '\0' && folded(name[at]) == folded(other[at])) {
            at++;
        }
        if (other == NULL || folded(name[at]) == folded(other[at])) {
            return true;
        }
    }
    return false;
}

/* Every member is judged, also those that nobody will read: the whole file is trusted or none of it. */
static zd_status check_members(zip_t *archive, zd_error *err)
{
    zip_int64_t count = zip_get_num_entries(archive, 0);
    zip_uint64_t total = 0;
    if (count < 1 || count > MEMBERS_MAX) {
        return bad_zip(err, "", "a workbook has 1 to 1000 members / 工作簿成员数应为 1 至 1000");
    }
    for (zip_int64_t i = 0; i < count; i++) {
        zip_stat_t about;
        if (zip_stat_index(archive, (zip_uint64_t)i, 0, &about) != 0 || (about.valid & ZIP_STAT_SIZE) == 0 || (about.valid & ZIP_STAT_COMP_SIZE) == 0) {
            return bad_zip(err, "", "a member without sizes / 成员缺少大小信息");
        }
        if ((about.valid & ZIP_STAT_NAME) == 0 || named_before(archive, i, about.name)) {
            return bad_zip(err, (about.valid & ZIP_STAT_NAME) != 0 ? about.name : "", "a member of that name stands there twice / 成员名称重复");
        }
        if ((about.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && about.encryption_method != ZIP_EM_NONE) {
            return bad_zip(err, about.name, "encrypted; save it without a password / 文件已加密，请取消密码后保存");
        }
        total += about.size < ZD_ANSWER_FILE_MAX ? about.size : ZD_ANSWER_FILE_MAX;
        bool bomb = about.size > RATIO_FREE && about.size / RATIO_MAX > about.comp_size;
        if (about.size > ZD_ANSWER_FILE_MAX || total > ZD_ANSWER_FILE_MAX || bomb) {
            return bad_zip(err, about.name, "unfolds beyond what a workbook of answers needs / 解压后体积异常");
        }
    }
    return ZD_OK;
}

/* Appends a member's bytes. found: false when there is none of that name. */
static zd_status read_member(zd_buf *out, bool *found, zip_t *archive, const char *name, zd_error *err)
{
    zip_stat_t about;
    *found = zip_stat(archive, name, 0, &about) == 0;
    if (!*found) {
        return ZD_OK;
    }
    zip_file_t *member = zip_fopen(archive, name, 0);
    if (member == NULL) {
        return bad_zip(err, name, "cannot be unfolded / 无法解压");
    }
    uint8_t *to = zd_buf_reserve(out, (size_t)about.size + 1);
    zip_int64_t got = zip_fread(member, to, about.size + 1); /* one byte more than declared: a lie shows */
    zip_int64_t rest = got;
    while (got >= 0 && rest > 0 && (zip_uint64_t)got < about.size) {
        rest = zip_fread(member, to + got, about.size + 1 - (zip_uint64_t)got);
        got = rest < 0 ? rest : got + rest;
    }
    int closed = zip_fclose(member); /* checks the CRC */
    if (got < 0 || (zip_uint64_t)got != about.size || closed != 0) {
        return bad_zip(err, name, "damaged / 数据损坏");
    }
    out->size += (size_t)got;
    zd_buf_add(out, "", 0);
    return ZD_OK;
}

/* --- XML members as streams --- */

typedef struct stream {
    xmlTextReader *reader;
    const char *member;
    zd_error *err;
    zd_status status;
} stream;

static stream open_stream(zd_span xml, const char *member, zd_error *err)
{
    stream s = {.member = member, .err = err, .status = ZD_OK};
    s.reader = xmlReaderForMemory((const char *)xml.data, (int)xml.size, NULL, NULL, SHEET_OPTIONS);
    ZD_ASSERT(s.reader != NULL);
    return s;
}

/* The next node; false at the end or on an error, which s->status tells. */
static bool next(stream *s)
{
    int more = s->status == ZD_OK ? xmlTextReaderRead(s->reader) : 0;
    if (more == 1 && xmlTextReaderNodeType(s->reader) == XML_READER_TYPE_DOCUMENT_TYPE) {
        s->status = zd_fail(s->err, ZD_E_ANSWER_DOCTYPE, "a DOCTYPE stands in the workbook / 工作簿含有 DOCTYPE");
    } else if (more == 1 && xmlTextReaderDepth(s->reader) > ZD_ANSWER_DEPTH_MAX) {
        s->status = zd_fail(s->err, ZD_E_ANSWER_DEPTH, "deeper than %d elements", ZD_ANSWER_DEPTH_MAX);
    } else if (more < 0) {
        s->status = zd_fail(s->err, ZD_E_ANSWER_XML, "not well formed");
        zd_error_at(s->err, xmlTextReaderGetParserLineNumber(s->reader), 0);
    }
    if (s->status != ZD_OK) {
        zd_error_field(s->err, "member", zd_span_text(s->member));
    }
    return more == 1 && s->status == ZD_OK;
}

static zd_status close_stream(stream *s)
{
    xmlFreeTextReader(s->reader);
    return s->status;
}

static bool at(const stream *s, int type, const char *name)
{
    return xmlTextReaderNodeType(s->reader) == type && strcmp((const char *)xmlTextReaderConstLocalName(s->reader), name) == 0;
}

static bool starts(const stream *s, const char *name) { return at(s, XML_READER_TYPE_ELEMENT, name); }
static bool ends(const stream *s, const char *name) { return at(s, XML_READER_TYPE_END_ELEMENT, name); }
static bool is_empty(const stream *s) { return xmlTextReaderIsEmptyElement(s->reader) == 1; }

static void add_text(zd_buf *out, const stream *s)
{
    int type = xmlTextReaderNodeType(s->reader);
    if (type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE || type == XML_READER_TYPE_WHITESPACE) {
        zd_buf_add_text(out, (const char *)xmlTextReaderConstValue(s->reader));
    }
}

static void copy_attribute(zd_buf *out, const stream *s, const char *name)
{
    xmlChar *value = xmlTextReaderGetAttribute(s->reader, (const xmlChar *)name);
    zd_buf_clear(out);
    zd_buf_add_text(out, value != NULL ? (const char *)value : "");
    xmlFree(value);
}

/* --- shared strings --- */

typedef struct strings {
    zd_buf text;
    size_t *starts;
    size_t count, capacity;
} strings;

static zd_status read_strings(strings *out, zd_span xml, zd_error *err)
{
    stream s = open_stream(xml, "sharedStrings", err);
    bool inside = false;
    bool phonetic = false;
    while (next(&s)) {
        if (starts(&s, "si")) {
            if (out->count == STRINGS_MAX) {
                s.status = zd_fail(err, ZD_E_TABLE_LIMIT, "shared strings");
                break;
            }
            if (out->count == out->capacity) {
                out->capacity = out->capacity == 0 ? 256 : out->capacity * 2;
                out->starts = zd_realloc(out->starts, out->capacity * sizeof *out->starts);
            }
            out->starts[out->count++] = out->text.size;
            if (is_empty(&s)) {
                zd_buf_add_byte(&out->text, 0);
            }
        } else if (ends(&s, "si")) {
            zd_buf_add_byte(&out->text, 0);
        } else if (starts(&s, "rPh") || ends(&s, "rPh")) {
            phonetic = starts(&s, "rPh") && !is_empty(&s); /* how to pronounce it: not content */
        } else if (starts(&s, "t") || ends(&s, "t")) {
            inside = starts(&s, "t") && !is_empty(&s);
        } else if (inside && !phonetic) {
            add_text(&out->text, &s);
        }
    }
    return close_stream(&s);
}

static const char *string_at(const strings *all, zd_span index)
{
    size_t number = 0;
    for (size_t i = 0; i < index.size; i++) {
        if (index.data[i] < '0' || index.data[i] > '9' || number > STRINGS_MAX) {
            return NULL;
        }
        number = number * 10 + (size_t)(index.data[i] - '0');
    }
    return index.size > 0 && number < all->count ? (const char *)all->text.data + all->starts[number] : NULL;
}

/* --- the sheet --- */

/* Column of a cell reference ("AB12" is 28); 0 when it has none or is beyond what a table may have. */
static size_t column_of(zd_span reference)
{
    size_t column = 0;
    for (size_t i = 0; i < reference.size && reference.data[i] >= 'A' && reference.data[i] <= 'Z' && column <= ZD_SHEET_COLUMNS_MAX; i++) {
        column = column * 26 + (size_t)(reference.data[i] - 'A') + 1;
    }
    return column <= ZD_SHEET_COLUMNS_MAX ? column : 0;
}

static void add_cell(zd_buf *out, size_t *column, size_t wanted, const char *text)
{
    while (*column < wanted) {
        if (*column > 0) {
            zd_buf_add_byte(out, ',');
        }
        (*column)++;
    }
    zd_buf_add_byte(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            zd_buf_add_byte(out, '"');
        }
        zd_buf_add_byte(out, (uint8_t)*text < 0x20 ? ' ' : (uint8_t)*text); /* a line break inside a cell is a blank between words */
    }
    zd_buf_add_byte(out, '"');
}

typedef struct cell {
    zd_buf reference, type, value;
} cell;

static zd_status end_cell(zd_buf *out, size_t *column, const cell *c, const strings *all, zd_error *err)
{
    size_t wanted = c->reference.size > 0 ? column_of(zd_buf_span(&c->reference)) : *column + 1;
    const char *text = zd_buf_text(&c->value);
    if (wanted <= *column) {
        return bad_zip(err, zd_buf_text(&c->reference), "cells out of order / 单元格顺序错误");
    }
    if (zd_span_is(zd_buf_span(&c->type), "s") && c->value.size > 0) {
        text = string_at(all, zd_buf_span(&c->value));
        if (text == NULL) {
            return bad_zip(err, zd_buf_text(&c->reference), "names no shared string / 共享字符串缺失");
        }
    }
    if (zd_span_is(zd_buf_span(&c->type), "e")) {
        text = ""; /* #N/A and the like hold nothing */
    }
    if (text[0] != '\0') {
        add_cell(out, column, wanted, text);
    }
    return ZD_OK;
}

static zd_status read_sheet(zd_buf *out, zd_span xml, const strings *all, zd_error *err)
{
    stream s = open_stream(xml, "sheet", err);
    cell c = {0};
    size_t column = 0;
    bool inside = false;
    while (next(&s)) {
        if (starts(&s, "c")) {
            copy_attribute(&c.reference, &s, "r");
            copy_attribute(&c.type, &s, "t");
            zd_buf_clear(&c.value);
        } else if (starts(&s, "v") || starts(&s, "t")) {
            inside = !is_empty(&s);
        } else if (ends(&s, "v") || ends(&s, "t")) {
            inside = false;
        } else if (ends(&s, "c")) {
            s.status = end_cell(out, &column, &c, all, err);
        } else if (ends(&s, "row") || (starts(&s, "row") && is_empty(&s))) {
            zd_buf_add_byte(out, '\n');
            column = 0;
        } else if (inside) {
            add_text(&c.value, &s);
        }
    }
    zd_buf_free(&c.reference);
    zd_buf_free(&c.type);
    zd_buf_free(&c.value);
    return close_stream(&s);
}

/* Relationship id of the first sheet, then its target. */
static zd_status find_in(zd_buf *out, zd_span xml, const char *member, const char *element, const char *wanted, const char *attribute, zd_error *err)
{
    stream s = open_stream(xml, member, err);
    zd_buf id = {0};
    zd_buf_clear(out);
    while (out->size == 0 && next(&s)) {
        if (starts(&s, element)) {
            copy_attribute(&id, &s, "Id");
            if (wanted == NULL || strcmp(zd_buf_text(&id), wanted) == 0) {
                copy_attribute(out, &s, attribute);
            }
        }
    }
    zd_buf_free(&id);
    return close_stream(&s);
}

static zd_status first_sheet(zd_buf *out_name, zip_t *archive, zd_error *err)
{
    zd_buf xml = {0};
    zd_buf id = {0};
    zd_buf target = {0};
    bool found = false;
    zd_status status = read_member(&xml, &found, archive, "xl/workbook.xml", err);
    status = status == ZD_OK && !found ? zd_fail(err, ZD_E_ANSWER_KIND, "a zip, but no workbook / 不是 Excel 工作簿") : status;
    status = status == ZD_OK ? find_in(&id, zd_buf_span(&xml), "xl/workbook.xml", "sheet", NULL, "r:id", err) : status;
    zd_buf_clear(&xml);
    status = status == ZD_OK ? read_member(&xml, &found, archive, "xl/_rels/workbook.xml.rels", err) : status;
    if (status == ZD_OK && found && id.size > 0) {
        status = find_in(&target, zd_buf_span(&xml), "xl/_rels/workbook.xml.rels", "Relationship", zd_buf_text(&id), "Target", err);
    }
    if (status == ZD_OK) {
        const char *name = target.size > 0 ? zd_buf_text(&target) : "worksheets/sheet1.xml";
        zd_buf_addf(out_name, "%s%s", name[0] == '/' ? "" : "xl/", name[0] == '/' ? name + 1 : name);
    }
    zd_buf_free(&xml);
    zd_buf_free(&id);
    zd_buf_free(&target);
    return status;
}

static zd_status read_archive(zd_buf *out, zip_t *archive, zd_error *err)
{
    zd_buf name = {0};
    zd_buf xml = {0};
    strings all = {0};
    bool found = false;
    zd_status status = check_members(archive, err);
    status = status == ZD_OK ? first_sheet(&name, archive, err) : status;
    status = status == ZD_OK ? read_member(&xml, &found, archive, "xl/sharedStrings.xml", err) : status;
    status = status == ZD_OK && found ? read_strings(&all, zd_buf_span(&xml), err) : status;
    zd_buf_clear(&xml);
    status = status == ZD_OK ? read_member(&xml, &found, archive, zd_buf_text(&name), err) : status;
    status = status == ZD_OK && !found ? bad_zip(err, zd_buf_text(&name), "the first sheet is missing / 缺少第一张工作表") : status;
    status = status == ZD_OK ? read_sheet(out, zd_buf_span(&xml), &all, err) : status;
    free(all.starts);
    zd_buf_free(&all.text);
    zd_buf_free(&xml);
    zd_buf_free(&name);
    return status;
}

zd_status zd_answer_workbook_csv(zd_buf *out, zd_span bytes, zd_error *err)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(bytes.data, bytes.size, 0, &why);
    zip_t *archive = source != NULL ? zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &why) : NULL;
    zd_status status = ZD_OK;
    if (archive == NULL) {
        status = bad_zip(err, "", "not a whole zip file / 压缩包不完整");
        zip_source_free(source);
    } else {
        status = read_archive(out, archive, err);
        zip_discard(archive);
    }
    zip_error_fini(&why);
    return status;
}
