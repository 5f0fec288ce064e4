/*
 * From a table to rows: the header is matched with the kind's columns, every cell is read, every fault of every line is kept with its line and column. A row without
 * fault is one JSON object in `items`, checked again as the engine will check it, with the hash of its content. Reads no ledger.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/import.h"
#include "cli/import_int.h"
#include "ledger/record/identifiers.h"

void zd_import_fault(zd_import *import, size_t row, int64_t column, zd_error *error)
{
    if (import->problem_count == import->problem_capacity) {
        import->problem_capacity = import->problem_capacity == 0 ? 16 : import->problem_capacity * 2;
        import->problems = zd_realloc(import->problems, import->problem_capacity * sizeof *import->problems);
    }
    zd_error_subject(error, zd_span_text(import->path));
    error->line = row == ZD_IMPORT_HEADER ? 1 : zd_sheet_line(import->sheet, row);
    error->column = column;
    import->problems[import->problem_count++] = (zd_import_problem){row, *error};
    if (row != ZD_IMPORT_HEADER) {
        import->rows[row].state = ZD_ROW_FAULTY;
    }
}

/* Faults of one cell: the header's own words and the cell as it stands. */
static void cell_fault(zd_import *import, size_t row, size_t column, zd_error *error)
{
    char header[sizeof error->field];
    zd_span name = zd_sheet_header(import->sheet, column);
    if (!zd_span_copy(header, sizeof header, zd_import_trim(name))) {
        zd_format(header, sizeof header, "%zu", column + 1);
    }
    error->field[0] = '\0';
    error->value[0] = '\0';
    zd_error_field(error, header, zd_sheet_cell(import->sheet, row, column));
    zd_import_fault(import, row, (int64_t)column + 1, error);
}

static void refuse_cell(zd_import *import, size_t row, size_t column, zd_code code, const char *detail)
{
    zd_error error = {0};
    (void)zd_fail(&error, code, "%s", detail);
    cell_fault(import, row, column, &error);
}

/* --- the header --- */

/* "额度(元)" is "额度". */
static zd_span bare_header(zd_span header)
{
    static const char *const units[] = {"(元)", "（元）"};
    header = zd_import_trim(header);
    for (size_t i = 0; i < ZD_COUNT(units); i++) {
        size_t size = strlen(units[i]);
        if (header.size > size && memcmp(header.data + header.size - size, units[i], size) == 0) {
            header.size -= size;
        }
    }
    return header;
}

static const zd_import_column *column_of(const zd_import_kind *kind, zd_span header)
{
    for (size_t i = 0; i < kind->column_count; i++) {
        if (zd_span_is(header, kind->columns[i].chinese) || zd_span_is(header, kind->columns[i].english)) {
            return &kind->columns[i];
        }
    }
    return NULL;
}

static void header_fault(zd_import *import, int64_t column, zd_code code, zd_span name, const char *detail)
{
    zd_error error = {0};
    (void)zd_fail(&error, code, "%s", detail);
    zd_error_field(&error, "header", name);
    zd_import_fault(import, ZD_IMPORT_HEADER, column, &error);
}

/* columns[i] is what column i of the file is. False when the header does not fit; every misfit is a problem. */
static bool match_header(const zd_import_column **columns, zd_import *import)
{
    const zd_import_kind *kind = import->kind;
    size_t count = zd_sheet_columns(import->sheet);
    for (size_t i = 0; i < count; i++) {
        zd_span name = bare_header(zd_sheet_header(import->sheet, i));
        columns[i] = column_of(kind, name);
        bool twice = false;
        for (size_t j = 0; j < i; j++) {
            twice = twice || (columns[i] != NULL && columns[j] == columns[i]);
        }
        if (columns[i] == NULL || twice) {
            header_fault(import, (int64_t)i + 1, ZD_E_TABLE_HEADER, name, twice ? "twice / 重复" : "this kind of file has no such column / 该类文件没有此列");
        }
    }
    for (size_t k = 0; k < kind->column_count; k++) {
        bool found = !kind->columns[k].required;
        for (size_t i = 0; i < count && !found; i++) {
            found = columns[i] == &kind->columns[k];
        }
        if (!found) {
            header_fault(import, 0, ZD_E_TABLE_COLUMN, zd_span_text(kind->columns[k].chinese), kind->columns[k].english);
        }
    }
    return import->problem_count == 0;
}

/* --- rows --- */

/* Where a cell that is only a part of a field was found. */
typedef struct part {
    zd_span text;
    size_t column;
    const zd_import_column *what;
} part;

typedef struct builder {
    zd_import *import;
    size_t row;
    zd_jw w;
    part number; /* the business number; an own request id wins */
    part parts[ZD_CELL_REMARK + 1];
} builder;

static void builder_fault(builder *b, const part *where, zd_error *error)
{
    cell_fault(b->import, b->row, where->column, error);
}

static bool is_own_member(zd_cell_form form)
{
    return form <= ZD_CELL_TIME;
}

static void take_cell(builder *b, const zd_import_column *column, size_t at)
{
    zd_import *import = b->import;
    zd_span cell = zd_import_trim(zd_sheet_cell(import->sheet, b->row, at));
    zd_error error = {0};
    if (cell.size == 0) {
        if (column->required) {
            refuse_cell(import, b->row, at, ZD_E_CELL_INVALID, "may not be empty / 必填");
        }
        return;
    }
    part found = {cell, at, column};
    if (column->key && (b->number.what == NULL || b->number.what->required)) {
        b->number = found;
    }
    if (is_own_member(column->form)) {
        if (zd_import_cell(&b->w, column, cell, &error) != ZD_OK) {
            cell_fault(import, b->row, at, &error);
        }
    } else if (column->form == ZD_CELL_ENTERED) {
        if (zd_import_date(&import->rows[b->row].entered_day, cell, &error) != ZD_OK) {
            cell_fault(import, b->row, at, &error);
        }
    } else {
        b->parts[column->form] = found;
    }
}

static void put_text(builder *b, const part *where, zd_field field, zd_span text)
{
    zd_error error = {0};
    zd_value checked;
    if (zd_field_check_text(&checked, field, text, &error) == ZD_OK) {
        zd_jw_text(&b->w, zd_field_name(field), text);
    } else {
        builder_fault(b, where, &error);
    }
}

/* "code:number" where the file has both, else the number alone. */
static void join_code(zd_buf *out, const part *code, const part *number)
{
    if (code->what != NULL) {
        zd_buf_add_span(out, code->text);
        zd_buf_add_byte(out, ':');
    }
    zd_buf_add_span(out, number->text);
}

static void put_invoice(builder *b)
{
    const part *number = &b->parts[ZD_CELL_INVOICE];
    const part *other = &b->parts[ZD_CELL_INVOICE_OTHER];
    zd_buf first = {0};
    zd_buf both = {0};
    if (number->what == NULL) {
        return; /* its column is optional, or the fault is known */
    }
    join_code(&first, &b->parts[ZD_CELL_INVOICE_CODE], number);
    zd_span a = zd_buf_span(&first);
    zd_span z = other->text;
    size_t shorter = a.size < z.size ? a.size : z.size;
    int order = shorter > 0 ? memcmp(a.data, z.data, shorter) : -1;
    bool after = other->what != NULL && (order > 0 || (order == 0 && a.size > z.size));
    zd_buf_add_span(&both, after ? z : a);
    if (other->what != NULL && !zd_span_equal(a, z)) {
        zd_buf_add_byte(&both, ',');
        zd_buf_add_span(&both, after ? a : z);
    }
    put_text(b, number, ZD_F_INVOICE, zd_buf_span(&both));
    zd_buf_free(&first);
    zd_buf_free(&both);
}

static void put_subject(builder *b)
{
    const part *subject = &b->parts[ZD_CELL_SUBJECT];
    const part *other = &b->parts[ZD_CELL_SUBJECT_OTHER];
    zd_buf text = {0};
    if (subject->what == NULL) {
        return;
    }
    join_code(&text, &b->parts[ZD_CELL_INVOICE_CODE], subject);
    if (other->what != NULL) {
        zd_buf_add_byte(&text, '/');
        zd_buf_add_span(&text, other->text);
    }
    put_text(b, subject, ZD_F_SUBJECT, zd_buf_span(&text));
    zd_buf_free(&text);
}

static void put_account(builder *b, const uint8_t *salt_seed)
{
    const part *name = &b->parts[ZD_CELL_ACCOUNT_NAME];
    const part *number = &b->parts[ZD_CELL_ACCOUNT_NUMBER];
    const part *bank = &b->parts[ZD_CELL_ACCOUNT_BANK];
    const part *code = &b->parts[ZD_CELL_ACCOUNT_CODE];
    zd_import *import = b->import;
    if (name->what == NULL || number->what == NULL || bank->what == NULL || code->what == NULL) {
        return;
    }
    zd_account_data *data = &import->accounts[b->row];
    if (!zd_span_copy(data->name, sizeof data->name, name->text)) {
        refuse_cell(import, b->row, name->column, ZD_E_TEXT_TOO_LONG, "at most 200 bytes / 最多 200 字节");
    }
    if (!zd_span_copy(data->bank_name, sizeof data->bank_name, bank->text)) {
        refuse_cell(import, b->row, bank->column, ZD_E_TEXT_TOO_LONG, "at most 200 bytes / 最多 200 字节");
    }
    if (!zd_account_number_is_shaped(number->text) || !zd_span_copy(data->account, sizeof data->account, number->text)) {
        refuse_cell(import, b->row, number->column, ZD_E_CELL_INVALID, "8 to 32 digits, kept as text in the spreadsheet / 8 至 32 位数字，表格中须设为文本");
    }
    if (!zd_cnaps_is_valid(code->text) || !zd_span_copy(data->bank_code, sizeof data->bank_code, code->text)) {
        refuse_cell(import, b->row, code->column, ZD_E_CELL_INVALID, "12 digits with their check digit / 12 位行号，校验位须正确");
    }
    zd_import_salt(&data->salt, salt_seed, import->rows[b->row].id);
    char hex[ZD_HASH_HEX];
    zd_hash commitment = zd_account_commitment(data);
    zd_hash_hex(hex, &commitment);
    zd_jw_cstr(&b->w, zd_field_name(ZD_F_COMMITMENT), hex);
}

static bool has_fault(const zd_import *import, size_t row, size_t column)
{
    for (size_t i = import->problem_count; i > 0 && import->problems[i - 1].row == row; i--) {
        if (import->problems[i - 1].error.column == (int64_t)column + 1) {
            return true;
        }
    }
    return false;
}

/* The id is the prefix of the kind and the business number. */
static void put_id(builder *b)
{
    zd_import_row *row = &b->import->rows[b->row];
    char number[ZD_ID_SIZE];
    zd_error error = {0};
    zd_value checked;
    size_t prefix = strlen(b->import->kind->prefix) + 1;
    if (b->number.what == NULL || has_fault(b->import, b->row, b->number.column)) {
        return; /* its column is required: the fault is known */
    }
    if (!zd_span_copy(number, sizeof number - prefix, b->number.text) || zd_field_check_text(&checked, ZD_F_ORDER, b->number.text, NULL) != ZD_OK) {
        (void)zd_fail(&error, ZD_E_FIELD_INVALID, "a number of at most %zu of A-Z a-z 0-9 . _ : - / 编号", sizeof number - prefix - 1);
        builder_fault(b, &b->number, &error);
        return;
    }
    zd_format(row->id, sizeof row->id, "%s-%s", b->import->kind->prefix, number);
    zd_jw_cstr(&b->w, "id", row->id);
}

static void build_row(zd_import *import, size_t index, const zd_import_column *const *columns, const uint8_t *salt_seed)
{
    zd_import_row *row = &import->rows[index];
    builder b = {.import = import, .row = index, .w = zd_jw_begin(&import->items)};
    size_t count = zd_sheet_columns(import->sheet);
    row->item_start = import->items.size;
    if (zd_sheet_cells(import->sheet, index) != count) {
        zd_error error = {0};
        (void)zd_fail(&error, ZD_E_TABLE_SHAPE, "%zu cells, the header has %zu / 本行 %zu 列，表头 %zu 列", zd_sheet_cells(import->sheet, index), count,
                      zd_sheet_cells(import->sheet, index), count);
        zd_import_fault(import, index, 0, &error);
        return;
    }
    zd_jw_object(&b.w, NULL);
    for (size_t i = 0; i < count; i++) {
        take_cell(&b, columns[i], i);
    }
    put_id(&b);
    put_invoice(&b);
    put_subject(&b);
    if (import->kind->fact != NULL) {
        zd_jw_cstr(&b.w, zd_field_name(ZD_F_FACT), import->kind->fact);
    }
    if (import->accounts != NULL) {
        put_account(&b, salt_seed);
    }
    zd_jw_close(&b.w);
    if (row->state == ZD_ROW_FAULTY) {
        import->items.size = row->item_start;
    }
    row->item_size = import->items.size - row->item_start;
}

zd_status zd_import_read(zd_import **out, const zd_import_kind *kind, const char *path, const uint8_t *salt_seed, zd_error *err)
{
    zd_import *import = zd_alloc_zero(1, sizeof *import);
    const zd_import_column *columns[ZD_SHEET_COLUMNS_MAX];
    import->kind = kind;
    import->path = path;
    zd_status status = zd_sheet_read(&import->sheet, path, err);
    if (status == ZD_OK && match_header(columns, import)) {
        import->row_count = zd_sheet_rows(import->sheet);
        import->rows = zd_alloc_zero(import->row_count + 1, sizeof *import->rows);
        if (kind->type == ZD_REQ_PROVIDER_ACCOUNT) {
            import->accounts = zd_alloc_zero(import->row_count + 1, sizeof *import->accounts);
        }
        for (size_t i = 0; i < import->row_count; i++) {
            build_row(import, i, columns, salt_seed);
        }
        zd_import_find_twins(import);
        status = zd_import_check_items(import, err);
    }
    if (status != ZD_OK) {
        zd_import_free(import);
        import = NULL;
    }
    *out = import;
    return status;
}

void zd_import_free(zd_import *import)
{
    if (import != NULL) {
        zd_sheet_free(import->sheet);
        free(import->rows);
        free(import->accounts);
        free(import->problems);
        zd_buf_free(&import->items);
        free(import);
    }
}

zd_span zd_import_item(const zd_import *import, size_t row)
{
    const zd_import_row *at = &import->rows[row];
    return at->item_size > 0 ? zd_span_of(import->items.data + at->item_start, at->item_size) : zd_span_of(NULL, 0);
}
