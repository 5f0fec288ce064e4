/* Writes small answers for the readers' tests; see the header. Knows the messages' outer shape only. */
#include "tests/support/answer_files.h"

#include <string.h>

#include <zip.h>

void zd_answer_message(zd_buf *out, const char *message, const char *body)
{
    const char *root = strncmp(message, "pain.002", 8) == 0   ? "CstmrPmtStsRpt"
                       : strncmp(message, "camt.053", 8) == 0 ? "BkToCstmrStmt"
                       : strncmp(message, "camt.054", 8) == 0 ? "BkToCstmrDbtCdtNtfctn"
                                                              : "BkToCstmrAcctRpt";
    zd_buf_addf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:%s\"><%s>"
                     "<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-04-01T09:00:00+08:00</CreDtTm></GrpHdr>", message, root);
    zd_buf_add_text(out, body);
    zd_buf_addf(out, "</%s></Document>\n", root);
}

void zd_answer_zip(zd_buf *out, const zd_zip_member *members, size_t count)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *file = zip_source_buffer_create(NULL, 0, 0, &why);
    ZD_ASSERT(file != NULL);
    zip_source_keep(file);
    zip_t *archive = zip_open_from_source(file, ZIP_TRUNCATE, &why);
    ZD_ASSERT(archive != NULL);
    for (size_t i = 0; i < count; i++) {
        zip_source_t *member = zip_source_buffer(archive, members[i].content.data, members[i].content.size, 0);
        zip_int64_t added = zip_file_add(archive, members[i].name, member, 0);
        ZD_ASSERT(added >= 0);
    }
    int closed = zip_close(archive);
    ZD_ASSERT(closed == 0);
    int opened = zip_source_open(file);
    ZD_ASSERT(opened == 0);
    zip_stat_t about;
    int known = zip_source_stat(file, &about);
    ZD_ASSERT(known == 0);
    zip_int64_t got = zip_source_read(file, zd_buf_reserve(out, (size_t)about.size), about.size);
    ZD_ASSERT(got == (zip_int64_t)about.size);
    out->size += (size_t)got;
    (void)zip_source_close(file);
    zip_source_free(file);
    zip_error_fini(&why);
}

void zd_answer_workbook(zd_buf *out, const char *rows, const char *strings)
{
#define SPREADSHEET "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\""
    static const char workbook[] = "<workbook " SPREADSHEET " xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\">"
                                   "<sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"rId7\"/></sheets></workbook>";
    static const char relations[] = "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">"
                                    "<Relationship Id=\"rId1\" Type=\"t\" Target=\"styles.xml\"/><Relationship Id=\"rId7\" Type=\"t\" Target=\"worksheets/s.xml\"/></Relationships>";
    zd_buf sheet = {0};
    zd_buf shared = {0};
    zd_buf_addf(&sheet, "<worksheet %s><sheetData>", SPREADSHEET);
    zd_buf_add_text(&sheet, rows);
    zd_buf_add_text(&sheet, "</sheetData></worksheet>");
    zd_buf_addf(&shared, "<sst %s>", SPREADSHEET);
    zd_buf_add_text(&shared, strings != NULL ? strings : "");
    zd_buf_add_text(&shared, "</sst>");
    const zd_zip_member members[] = {{"xl/workbook.xml", zd_span_text(workbook)}, {"xl/_rels/workbook.xml.rels", zd_span_text(relations)},
                                     {"xl/worksheets/s.xml", zd_buf_span(&sheet)}, {"xl/sharedStrings.xml", zd_buf_span(&shared)}};
    zd_answer_zip(out, members, strings != NULL ? 4 : 3);
    zd_buf_free(&sheet);
    zd_buf_free(&shared);
}
