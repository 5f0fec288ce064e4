/*
 * The payment application as an Excel workbook: the only file that includes libxlsxwriter.
 *
 * Every cell is text. Account numbers of 19 digits would lose their last digits as numbers, and the library takes numbers as
 * binary floating point, which this code base never uses for money: an amount written as text is exactly the amount of the CSV.
 * The bytes depend on the settlement alone: the library dates the members of the zip 1980-01-01, and the one clock that it would
 * read, the creation time of docProps/core.xml, is set to the seal. The file passes through a private directory (0700), because
 * the library writes to a path.
 */
#include "ledger/base/durable.h"
#include "ledger/settle/settle_int.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xlsxwriter.h>

#define WORKBOOK_MAX (64U << 20)

/* Directory of one export; removed again whatever happens. */
static zd_status private_dir(zd_buf *out, zd_error *err)
{
    const char *base = getenv("TMPDIR");
    zd_buf_addf(out, "%s/zhidui-xlsx-XXXXXX", base != NULL && base[0] == '/' ? base : "/tmp");
    return mkdtemp((char *)out->data) != NULL ? ZD_OK : zd_fail_errno(err, ZD_E_FILE_IO, zd_buf_text(out));
}

static zd_status library_status(lxw_error result, const char *path, zd_error *err)
{
    if (result == LXW_NO_ERROR) {
        return ZD_OK;
    }
    zd_status status = zd_fail(err, ZD_E_FILE_IO, "spreadsheet: %s", lxw_strerror(result));
    zd_error_subject(err, zd_span_text(path));
    return status;
}

static lxw_error write_header(lxw_worksheet *sheet, const zd_treasury_template *template, lxw_format *bold, lxw_format *text)
{
    lxw_error result = LXW_NO_ERROR;
    for (size_t c = 0; c < template->count && result == LXW_NO_ERROR; c++) {
        lxw_col_t column = (lxw_col_t)c;
        result = worksheet_set_column(sheet, column, column, template->columns[c].width, text);
        if (result == LXW_NO_ERROR) {
            result = worksheet_write_string(sheet, 0, column, template->columns[c].header, bold);
        }
    }
    return result;
}

static lxw_error write_rows(lxw_worksheet *sheet, const zd_treasury_template *template, const zd_settlement *settlement, lxw_format *text)
{
    zd_buf cell = {0};
    lxw_error result = LXW_NO_ERROR;
    for (size_t i = 0; i < settlement->line_count; i++) {
        for (size_t c = 0; c < template->count && result == LXW_NO_ERROR; c++) {
            zd_treasury_cell(&cell, &template->columns[c], settlement, &settlement->lines[i]);
            result = worksheet_write_string(sheet, (lxw_row_t)(i + 1), (lxw_col_t)c, zd_buf_text(&cell), text);
        }
    }
    zd_buf_free(&cell);
    return result;
}

static void set_properties(lxw_workbook *workbook, const zd_settlement *settlement)
{
    char *title = zd_strdup(settlement->batch);
    char *company = zd_strdup(settlement->payer_name);
    lxw_doc_properties properties = {.title = title, .company = company, .created = (time_t)(settlement->sealed_unix_ms / 1000)};
    (void)workbook_set_properties(workbook, &properties);
    free(company);
    free(title);
}

static zd_status write_workbook(const char *path, char *dir, const zd_treasury_template *template, const zd_settlement *settlement, zd_error *err)
{
    lxw_workbook_options options = {.tmpdir = dir};
    lxw_workbook *workbook = workbook_new_opt(path, &options);
    if (workbook == NULL) {
        return library_status(LXW_ERROR_CREATING_XLSX_FILE, path, err);
    }
    lxw_worksheet *sheet = workbook_add_worksheet(workbook, template->name);
    lxw_error result = sheet != NULL ? LXW_NO_ERROR : LXW_ERROR_SHEETNAME_LENGTH_EXCEEDED;
    if (result == LXW_NO_ERROR) {
        lxw_format *bold = workbook_add_format(workbook);
        lxw_format *text = workbook_add_format(workbook);
        format_set_bold(bold);
        format_set_num_format(bold, "@");
        format_set_num_format(text, "@");
        set_properties(workbook, settlement);
        result = write_header(sheet, template, bold, text);
        worksheet_freeze_panes(sheet, 1, 0);
        if (result == LXW_NO_ERROR) {
            result = write_rows(sheet, template, settlement, text);
        }
        if (result == LXW_NO_ERROR) {
            /* Text that looks like a number is meant; without this each such cell shows a warning triangle. */
            result = worksheet_ignore_errors(sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:AN1048576");
        }
    }
    lxw_error closed = workbook_close(workbook);
    return library_status(result != LXW_NO_ERROR ? result : closed, path, err);
}

zd_status zd_settle_treasury_xlsx(zd_buf *out, const zd_settlement *settlement, zd_span template_json, zd_error *err)
{
    zd_treasury_template template;
    zd_buf dir = {0};
    zd_buf path = {0};
    zd_status status = zd_settle_require(settlement, ZD_PART_BATCH | ZD_PART_POOL | ZD_PART_PAYER | ZD_PART_LINES, err);
    if (status == ZD_OK) {
        status = zd_treasury_template_read(&template, template_json, err);
    }
    if (status == ZD_OK) {
        status = private_dir(&dir, err);
    }
    if (status != ZD_OK) {
        goto cleanup;
    }
    status = write_workbook(zd_path_join(&path, zd_buf_text(&dir), "sheet.xlsx"), (char *)dir.data, &template, settlement, err);
    if (status == ZD_OK) {
        status = zd_file_read(out, zd_buf_text(&path), WORKBOOK_MAX, err);
    }
    (void)unlink(zd_buf_text(&path));
    (void)rmdir(zd_buf_text(&dir));
cleanup:
    zd_buf_free(&path);
    zd_buf_free(&dir);
    return status;
}
