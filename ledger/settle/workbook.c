/*
 * Sheets as Excel workbooks (payment application, bank form, statement): the only file that includes libxlsxwriter.
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

void zd_grid_add(zd_grid *grid, bool bold, zd_span text)
{
    if (grid->count == grid->capacity) {
        grid->capacity = grid->capacity == 0 ? 64 : grid->capacity * 2;
        grid->cells = zd_realloc(grid->cells, grid->capacity * sizeof *grid->cells);
    }
    grid->cells[grid->count++] = (zd_grid_cell){.offset = grid->text.size, .bold = bold};
    zd_buf_add_span(&grid->text, text);
    zd_buf_add_byte(&grid->text, 0);
}

void zd_grid_end_row(zd_grid *grid)
{
    ZD_ASSERT(grid->count > 0 && !grid->cells[grid->count - 1].ends_row);
    grid->cells[grid->count - 1].ends_row = true;
}

void zd_grid_free(zd_grid *grid)
{
    zd_buf_free(&grid->text);
    free(grid->cells);
    *grid = (zd_grid){0};
}

static lxw_error write_cells(lxw_worksheet *sheet, const zd_grid *grid, lxw_format *bold, lxw_format *text)
{
    lxw_error result = LXW_NO_ERROR;
    lxw_row_t row = 0;
    lxw_col_t column = 0;
    for (size_t c = 0; c < grid->width_count && result == LXW_NO_ERROR; c++) {
        result = worksheet_set_column(sheet, (lxw_col_t)c, (lxw_col_t)c, grid->widths[c], text);
    }
    for (size_t i = 0; i < grid->count && result == LXW_NO_ERROR; i++) {
        const zd_grid_cell *cell = &grid->cells[i];
        const char *value = (const char *)grid->text.data + cell->offset;
        if (*value != '\0') {
            result = worksheet_write_string(sheet, row, column, value, cell->bold ? bold : text);
        }
        column = cell->ends_row ? 0 : (lxw_col_t)(column + 1);
        row += cell->ends_row ? 1U : 0U;
    }
    return result;
}

static void set_properties(lxw_workbook *workbook, const zd_grid *grid)
{
    char *title = zd_strdup(grid->title);
    char *company = zd_strdup(grid->company);
    lxw_doc_properties properties = {.title = title, .company = company, .created = (time_t)grid->created_unix_s};
    (void)workbook_set_properties(workbook, &properties);
    free(company);
    free(title);
}

static zd_status write_workbook(const char *path, char *dir, const zd_grid *grid, zd_error *err)
{
    lxw_workbook_options options = {.tmpdir = dir};
    lxw_workbook *workbook = workbook_new_opt(path, &options);
    if (workbook == NULL) {
        return library_status(LXW_ERROR_CREATING_XLSX_FILE, path, err);
    }
    lxw_worksheet *sheet = workbook_add_worksheet(workbook, grid->name);
    lxw_error result = sheet != NULL ? LXW_NO_ERROR : LXW_ERROR_SHEETNAME_LENGTH_EXCEEDED;
    if (result == LXW_NO_ERROR) {
        lxw_format *bold = workbook_add_format(workbook);
        lxw_format *text = workbook_add_format(workbook);
        format_set_bold(bold);
        format_set_num_format(bold, "@");
        format_set_num_format(text, "@");
        set_properties(workbook, grid);
        worksheet_freeze_panes(sheet, (lxw_row_t)grid->frozen_rows, 0);
        result = write_cells(sheet, grid, bold, text);
        if (result == LXW_NO_ERROR) {
            /* Text that looks like a number is meant; without this each such cell shows a warning triangle. */
            result = worksheet_ignore_errors(sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:AN1048576");
        }
    }
    lxw_error closed = workbook_close(workbook);
    return library_status(result != LXW_NO_ERROR ? result : closed, path, err);
}

zd_status zd_grid_workbook(zd_buf *out, const zd_grid *grid, zd_error *err)
{
    zd_buf dir = {0};
    zd_buf path = {0};
    zd_status status = private_dir(&dir, err);
    if (status == ZD_OK) {
        status = write_workbook(zd_path_join(&path, zd_buf_text(&dir), "sheet.xlsx"), (char *)dir.data, grid, err);
        if (status == ZD_OK) {
            status = zd_file_read(out, zd_buf_text(&path), WORKBOOK_MAX, err);
        }
        (void)unlink(zd_buf_text(&path));
        (void)rmdir(zd_buf_text(&dir));
    }
    zd_buf_free(&path);
    zd_buf_free(&dir);
    return status;
}
