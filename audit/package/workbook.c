/*
 * The first sheet of a workbook, cell by cell: the zip through libzip from memory, its XML through libxml2. Only what a workbook of text cells needs: shared strings and
 * one sheet; a cell of any other type is malformed, because this project never writes one and a number could not hold an account.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlreader.h>
#include <zip.h>

#include "audit/package/pack.h"

#define PART_MAX ((zip_uint64_t)256 << 20)
#define ROWS_MAX 1048576
#define COLUMNS_MAX 200
#define MEMBERS_MAX 64 /* a workbook of one sheet has ten */

static zd_status malformed(zd_error *err, const char *what)
{
    return zd_fail(err, ZD_E_PACKAGE_MALFORMED, "workbook: %s", what);
}

/* The parts that a workbook of this project has, and no other: with a further one a relation could lead a spreadsheet to a sheet, or to texts, that are not read here. */
static bool is_part(const char *name)
{
    static const char *const parts[] = {"[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels",
                                        "xl/styles.xml", "xl/theme/theme1.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"};
    for (size_t i = 0; i < ZD_COUNT(parts); i++) {
        if (strcmp(name, parts[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Each part once: of two members of a name another program may show the other one. */
static bool members_are_sound(zip_t *archive)
{
    zip_int64_t count = zip_get_num_entries(archive, 0);
    bool sound = count > 0 && count <= MEMBERS_MAX;
    for (zip_int64_t i = 0; sound && i < count; i++) {
        const char *name = zip_get_name(archive, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        sound = name != NULL && is_part(name);
        for (zip_int64_t k = 0; sound && k < i; k++) {
            sound = strcmp(zip_get_name(archive, (zip_uint64_t)k, ZIP_FL_ENC_RAW), name) != 0;
        }
    }
    return sound;
}

/* Appends a member of the archive. */
static zd_status read_member(zd_buf *out, zip_t *archive, const char *name, zd_error *err)
{
    zip_stat_t stat;
    if (zip_stat(archive, name, ZIP_FL_ENC_RAW, &stat) != 0 || (stat.valid & ZIP_STAT_SIZE) == 0 || stat.size > PART_MAX) {
        return malformed(err, name);
    }
    zip_file_t *file = zip_fopen(archive, name, ZIP_FL_ENC_RAW);
    zd_status status = file != NULL ? ZD_OK : malformed(err, name);
    uint64_t left = stat.size;
    while (status == ZD_OK && left > 0) {
        zip_int64_t got = zip_fread(file, zd_buf_reserve(out, (size_t)left), left);
        status = got > 0 ? ZD_OK : malformed(err, name);
        out->size += got > 0 ? (size_t)got : 0;
        left -= got > 0 ? (uint64_t)got : 0;
    }
    if (file != NULL) {
        (void)zip_fclose(file);
    }
    return status;
}

typedef struct strings {
    zd_buf text;
    size_t *offsets; /* owned */
    size_t count, capacity;
} strings;

static xmlTextReader *reader_of(const zd_buf *xml)
{
    bool plain = zd_pack_xml_is_plain(zd_buf_span(xml));
    return plain ? xmlReaderForMemory((const char *)xml->data, (int)xml->size, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING) : NULL;
}

static bool is_element(xmlTextReader *reader, int type, const char *name)
{
    return xmlTextReaderNodeType(reader) == type && strcmp((const char *)xmlTextReaderConstLocalName(reader), name) == 0;
}

static bool is_text(xmlTextReader *reader)
{
    int type = xmlTextReaderNodeType(reader);
    return type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE || type == XML_READER_TYPE_CDATA;
}

static zd_status read_strings(strings *out, const zd_buf *xml, zd_error *err)
{
    xmlTextReader *reader = reader_of(xml);
    int more = reader != NULL ? xmlTextReaderRead(reader) : -1;
    bool inside = false;
    while (more == 1) {
        if (xmlTextReaderNodeType(reader) == XML_READER_TYPE_DOCUMENT_TYPE) {
            more = -1;
            break;
        }
        if (is_element(reader, XML_READER_TYPE_ELEMENT, "si")) {
            if (out->count == out->capacity) {
                out->capacity = out->capacity == 0 ? 256 : out->capacity * 2;
                out->offsets = zd_realloc(out->offsets, out->capacity * sizeof *out->offsets);
            }
            out->offsets[out->count++] = out->text.size;
            if (xmlTextReaderIsEmptyElement(reader) == 1) {
                zd_buf_add_byte(&out->text, 0);
            }
        } else if (is_element(reader, XML_READER_TYPE_END_ELEMENT, "si")) {
            zd_buf_add_byte(&out->text, 0);
        } else if (is_element(reader, XML_READER_TYPE_ELEMENT, "t")) {
            inside = xmlTextReaderIsEmptyElement(reader) == 0;
        } else if (is_element(reader, XML_READER_TYPE_END_ELEMENT, "t")) {
            inside = false;
        } else if (inside && is_text(reader)) {
            zd_buf_add_text(&out->text, (const char *)xmlTextReaderConstValue(reader));
        }
        more = xmlTextReaderRead(reader);
    }
    xmlFreeTextReader(reader);
    return more == 0 ? ZD_OK : malformed(err, "xl/sharedStrings.xml");
}

/* "AB12": column 27, row 11, from 0. */
static bool place_of(size_t *row, size_t *column, const char *reference)
{
    *row = 0;
    *column = 0;
    for (; *reference >= 'A' && *reference <= 'Z' && *column < COLUMNS_MAX; reference++) {
        *column = *column * 26 + (size_t)(*reference - 'A') + 1;
    }
    for (; *reference >= '0' && *reference <= '9' && *row <= ROWS_MAX; reference++) {
        *row = *row * 10 + (size_t)(*reference - '0');
    }
    bool sound = *reference == '\0' && *row > 0 && *row <= ROWS_MAX && *column > 0 && *column <= COLUMNS_MAX;
    *row -= sound ? 1U : 0U;
    *column -= sound ? 1U : 0U;
    return sound;
}

typedef struct sheet_reading {
    zd_pack_cells *out;
    const strings *shared;
    size_t row, column;
    bool in_cell, in_value;
    bool bad;
} sheet_reading;

static void start_cell(sheet_reading *s, xmlTextReader *reader)
{
    xmlChar *reference = xmlTextReaderGetAttribute(reader, (const xmlChar *)"r");
    xmlChar *type = xmlTextReaderGetAttribute(reader, (const xmlChar *)"t");
    bool empty = xmlTextReaderIsEmptyElement(reader) == 1;
    s->bad = s->bad || reference == NULL || !place_of(&s->row, &s->column, (const char *)reference) || (!empty && (type == NULL || strcmp((const char *)type, "s") != 0));
    s->in_cell = !empty;
    xmlFree(reference);
    xmlFree(type);
}

static void take_value(sheet_reading *s, const char *text)
{
    char *end = NULL;
    unsigned long index = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || index >= s->shared->count) {
        s->bad = true;
        return;
    }
    zd_pack_cells_add(s->out, s->row, s->column, zd_span_text((const char *)s->shared->text.data + s->shared->offsets[index]));
}

static zd_status read_sheet(zd_pack_cells *out, const zd_buf *xml, const strings *shared, zd_error *err)
{
    sheet_reading s = {.out = out, .shared = shared};
    xmlTextReader *reader = reader_of(xml);
    int more = reader != NULL ? xmlTextReaderRead(reader) : -1;
    while (more == 1 && !s.bad) {
        if (is_element(reader, XML_READER_TYPE_ELEMENT, "c")) {
            start_cell(&s, reader);
        } else if (is_element(reader, XML_READER_TYPE_END_ELEMENT, "c")) {
            s.in_cell = false;
        } else if (is_element(reader, XML_READER_TYPE_ELEMENT, "v")) {
            s.in_value = true;
        } else if (is_element(reader, XML_READER_TYPE_END_ELEMENT, "v")) {
            s.in_value = false;
        } else if (s.in_cell && s.in_value && is_text(reader)) {
            take_value(&s, (const char *)xmlTextReaderConstValue(reader));
        }
        s.bad = s.bad || is_element(reader, XML_READER_TYPE_ELEMENT, "f") || xmlTextReaderNodeType(reader) == XML_READER_TYPE_DOCUMENT_TYPE;
        more = xmlTextReaderRead(reader);
    }
    xmlFreeTextReader(reader);
    return more == 0 && !s.bad ? ZD_OK : malformed(err, "xl/worksheets/sheet1.xml: something else than text cells");
}

zd_status zd_pack_cells_workbook(zd_pack_cells *out, zd_span bytes, zd_error *err)
{
    zip_error_t why;
    strings shared = {0};
    zd_buf xml = {0};
    *out = (zd_pack_cells){0};
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(bytes.data, bytes.size, 0, &why);
    zip_t *archive = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    zip_error_fini(&why);
    if (archive == NULL) {
        zip_source_free(source);
        return malformed(err, "not a zip");
    }
    zd_status status = members_are_sound(archive) ? ZD_OK : malformed(err, "more than one sheet, or a member twice");
    status = status == ZD_OK ? read_member(&xml, archive, "xl/sharedStrings.xml", err) : status;
    status = status == ZD_OK ? read_strings(&shared, &xml, err) : status;
    zd_buf_clear(&xml);
    status = status == ZD_OK ? read_member(&xml, archive, "xl/worksheets/sheet1.xml", err) : status;
    status = status == ZD_OK ? read_sheet(out, &xml, &shared, err) : status;
    zip_discard(archive);
    zd_buf_free(&xml);
    zd_buf_free(&shared.text);
    free(shared.offsets);
    return status;
}
