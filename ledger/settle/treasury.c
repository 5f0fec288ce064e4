/*
 * The payment application of the centralised treasury payment (国库集中支付): one row per payee of this indicator, in the columns
 * and the order of the template. The template is data, because every finance office has a form of its own; this file knows
 * only which values exist. Text cells must not begin like a formula and must fit GB18030: checked before the first byte.
 */
#include "ledger/base/money.h"
#include "ledger/settle/settle_int.h"

#include <string.h>

#define TREASURY_PARTS (ZD_PART_BATCH | ZD_PART_POOL | ZD_PART_PAYER | ZD_PART_LINES)
#define WIDTH_DEFAULT 16
#define WIDTH_MAX 120

static zd_status invalid(zd_error *err, const char *field, zd_span value, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_TEMPLATE_INVALID, "%s", why);
    zd_error_field(err, field, value);
    return status;
}

static bool short_text(char *out, size_t size, zd_span text)
{
    static const zd_text_rule rule = {"template", 0, 0, true, true};
    zd_problems problems = {0};
    return zd_problem_text(&problems, 0, &rule, text) && zd_span_copy(out, size, text);
}

/* "line.account" or "batch.document": a name of the table of values, or one of the two numbers. */
static bool find_value(zd_treasury_column *column, zd_span name)
{
    if (zd_span_is(name, "line.number") || zd_span_is(name, "line.net_yuan")) {
        column->kind = zd_span_is(name, "line.number") ? ZD_COLUMN_NUMBER : ZD_COLUMN_NET_YUAN;
        return true;
    }
    zd_span scope;
    zd_span rest = zd_span_cut(&scope, name, '.');
    size_t count = 0;
    const zd_settle_value *values = zd_settle_values(&count);
    for (size_t i = 0; i < count; i++) {
        bool in_parts = (values[i].part & (TREASURY_PARTS | ZD_PART_DATE)) != 0;
        if (in_parts && zd_span_is(rest, values[i].name) && zd_span_is(scope, values[i].of_line ? "line" : "batch")) {
            column->kind = ZD_COLUMN_VALUE;
            column->value = &values[i];
            return true;
        }
    }
    return false;
}

static zd_status known_field(void *context, zd_span name, zd_jval value)
{
    (void)value;
    static const char *const known[] = {"header", "value", "text", "width"};
    for (size_t i = 0; i < ZD_COUNT(known); i++) {
        if (zd_span_is(name, known[i])) {
            return ZD_OK;
        }
    }
    zd_status status = zd_fail(context, ZD_E_JSON_UNKNOWN, "a column has header, width and either value or text");
    zd_error_field(context, "column", name);
    return status;
}

static zd_status read_column(zd_treasury_column *out, zd_jval json, zd_error *err)
{
    zd_span header = {0};
    zd_error own = {0};
    zd_status status = zd_jval_each(json, known_field, &own);
    if (status != ZD_OK) {
        if (err != NULL && err->code == ZD_CODE_NONE) {
            *err = own;
        }
        return status;
    }
    status = zd_jval_need_text(&header, json, "header", err);
    if (status != ZD_OK) {
        return status;
    }
    if (!short_text(out->header, sizeof out->header, header)) {
        return invalid(err, "header", header, "a header is short plain text / 表头应为简短的普通文本");
    }
    zd_jval value = zd_jval_get(json, "value");
    zd_jval text = zd_jval_get(json, "text");
    if ((zd_jval_kind(value) == ZD_J_STRING) == (zd_jval_kind(text) == ZD_J_STRING)) {
        return invalid(err, "header", header, "a column needs either value or text / 每列须且只须有 value 或 text");
    }
    if (zd_jval_kind(text) == ZD_J_STRING) {
        out->kind = ZD_COLUMN_TEXT;
        if (!short_text(out->text, sizeof out->text, zd_jval_text(text))) {
            return invalid(err, "text", zd_jval_text(text), "short plain text / 应为简短的普通文本");
        }
    } else if (!find_value(out, zd_jval_text(value))) {
        return invalid(err, "value", zd_jval_text(value), "there is no such value / 没有该取值");
    }
    out->width = WIDTH_DEFAULT;
    if (zd_jval_kind(zd_jval_get(json, "width")) != ZD_J_ABSENT) {
        int64_t width = 0;
        status = zd_jval_need_int(&width, json, "width", 1, WIDTH_MAX, err);
        out->width = (int)width;
    }
    return status;
}

static bool has_kind(const zd_treasury_template *template, zd_treasury_kind kind, const char *name)
{
    for (size_t i = 0; i < template->count; i++) {
        const zd_treasury_column *column = &template->columns[i];
        if (column->kind == kind && (kind != ZD_COLUMN_VALUE || (column->value->of_line && strcmp(column->value->name, name) == 0))) {
            return true;
        }
    }
    return false;
}

/* Without these a payment could not be made, or its answer not be matched. */
static zd_status needs_payee(const zd_treasury_template *template, zd_error *err)
{
    static const char *const needed[] = {"account_name", "account", "bank_name", "bank_code", "end_to_end"};
    for (size_t i = 0; i < ZD_COUNT(needed); i++) {
        if (!has_kind(template, ZD_COLUMN_VALUE, needed[i])) {
            return invalid(err, "columns", zd_span_text(needed[i]), "the template lacks this value of the line / 模板缺少该明细内容");
        }
    }
    if (!has_kind(template, ZD_COLUMN_NET_YUAN, NULL)) {
        return invalid(err, "columns", zd_span_text("net_yuan"), "the template lacks the amount / 模板缺少金额列");
    }
    return ZD_OK;
}

static zd_status read_columns(zd_treasury_template *out, zd_jval columns, zd_error *err)
{
    size_t count = zd_jval_count(columns);
    if (count == 0 || count > ZD_TREASURY_COLUMNS) {
        return invalid(err, "columns", zd_span_of(NULL, 0), "1 to 40 columns / 列数应为 1 至 40");
    }
    for (size_t i = 0; i < count; i++) {
        zd_status status = read_column(&out->columns[i], zd_jval_at(columns, i), err);
        if (status != ZD_OK) {
            zd_error_at(err, (int64_t)i + 1, 0);
            return status;
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(out->columns[k].header, out->columns[i].header) == 0) {
                return invalid(err, "header", zd_span_text(out->columns[i].header), "this header stands twice / 表头重复");
            }
        }
        out->count = i + 1;
    }
    return needs_payee(out, err);
}

zd_status zd_treasury_template_read(zd_treasury_template *out, zd_span template_json, zd_error *err)
{
    *out = (zd_treasury_template){0};
    zd_json *json = NULL;
    zd_jval columns = {0};
    zd_span name = {0};
    zd_status status = zd_json_parse(&json, template_json, true, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_jval root = zd_json_root(json);
    if (!zd_span_is(zd_jval_text(zd_jval_get(root, "format")), "zhidui-treasury-template") || zd_jval_int(zd_jval_get(root, "v")) != 1) {
        status = invalid(err, "format", zd_jval_text(zd_jval_get(root, "format")), "format must be zhidui-treasury-template, v 1 / 格式标识不符");
        goto cleanup;
    }
    status = zd_jval_need_text(&name, root, "name", err);
    if (status == ZD_OK && !short_text(out->name, sizeof out->name, name)) {
        status = invalid(err, "name", name, "at most 31 bytes of plain text / 不超过 31 字节的普通文本");
    }
    if (status == ZD_OK) {
        status = zd_jval_need_array(&columns, root, "columns", err);
    }
    if (status == ZD_OK) {
        status = read_columns(out, columns, err);
    }
cleanup:
    zd_json_free(json);
    return status;
}

void zd_treasury_cell(zd_buf *out, const zd_treasury_column *column, const zd_settlement *settlement, const zd_pay_line *line)
{
    zd_buf_clear(out);
    switch (column->kind) {
    case ZD_COLUMN_VALUE:
        zd_buf_add_span(out, zd_settle_value_text(column->value, settlement, line));
        break;
    case ZD_COLUMN_NUMBER:
        zd_csv_int(out, true, line->number);
        break;
    case ZD_COLUMN_NET_YUAN:
        zd_csv_yuan(out, true, line->net_fen);
        break;
    case ZD_COLUMN_TEXT:
        zd_buf_add_text(out, column->text);
        break;
    }
}

zd_status zd_settle_treasury_csv(zd_buf *out, const zd_settlement *settlement, zd_span template_json, zd_error *err)
{
    zd_treasury_template template;
    zd_buf text = {0};
    zd_buf cell = {0};
    zd_status status = zd_settle_require(settlement, TREASURY_PARTS, err);
    if (status == ZD_OK) {
        status = zd_treasury_template_read(&template, template_json, err);
    }
    if (status != ZD_OK) {
        return status;
    }
    for (size_t c = 0; c < template.count; c++) {
        zd_csv_cell(&text, c == 0, zd_span_text(template.columns[c].header));
    }
    zd_csv_end(&text);
    for (size_t i = 0; i < settlement->line_count; i++) {
        for (size_t c = 0; c < template.count; c++) {
            zd_treasury_cell(&cell, &template.columns[c], settlement, &settlement->lines[i]);
            zd_csv_cell(&text, c == 0, zd_buf_span(&cell));
        }
        zd_csv_end(&text);
    }
    status = zd_gb18030_add(out, zd_buf_span(&text), err);
    zd_buf_free(&cell);
    zd_buf_free(&text);
    return status;
}

zd_status zd_settle_treasury_xlsx(zd_buf *out, const zd_settlement *settlement, zd_span template_json, zd_error *err)
{
    zd_treasury_template template;
    zd_buf cell = {0};
    zd_status status = zd_settle_require(settlement, TREASURY_PARTS, err);
    if (status == ZD_OK) {
        status = zd_treasury_template_read(&template, template_json, err);
    }
    if (status != ZD_OK) {
        return status;
    }
    int widths[ZD_TREASURY_COLUMNS];
    zd_grid grid = {.name = template.name, .title = settlement->batch, .company = settlement->payer_name, .created_unix_s = settlement->sealed_unix_ms / 1000,
                    .widths = widths, .width_count = template.count, .frozen_rows = 1};
    for (size_t c = 0; c < template.count; c++) {
        widths[c] = template.columns[c].width;
        zd_grid_add(&grid, true, zd_span_text(template.columns[c].header));
    }
    zd_grid_end_row(&grid);
    for (size_t i = 0; i < settlement->line_count; i++) {
        for (size_t c = 0; c < template.count; c++) {
            zd_treasury_cell(&cell, &template.columns[c], settlement, &settlement->lines[i]);
            zd_grid_add(&grid, false, zd_buf_span(&cell));
        }
        zd_grid_end_row(&grid);
    }
    status = zd_grid_workbook(out, &grid, err);
    zd_grid_free(&grid);
    zd_buf_free(&cell);
    return status;
}
