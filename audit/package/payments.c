/* Payments as the treasury's application and banks' forms state them; see pack.h. Columns are found by the template or profile that lies in the package. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/package/pack.h"
#include "ledger/base/money.h"

#define COLUMNS_MAX 40

void zd_pack_payments_free(zd_pack_payments *payments)
{
    free(payments->list);
    zd_buf_free(&payments->batch_values);
    zd_buf_free(&payments->trouble);
    *payments = (zd_pack_payments){0};
}

zd_pack_payment *zd_pack_payments_add(zd_pack_payments *payments)
{
    if (payments->count == payments->capacity) {
        payments->capacity = payments->capacity == 0 ? 64 : payments->capacity * 2;
        payments->list = zd_realloc(payments->list, payments->capacity * sizeof *payments->list);
    }
    payments->list[payments->count] = (zd_pack_payment){.amount_fen = 0};
    return &payments->list[payments->count++];
}

void zd_pack_trouble(zd_pack_payments *payments, const char *format, ...)
{
    char sentence[300];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(sentence, sizeof sentence, format, args);
    va_end(args);
    payments->troubles++;
    zd_buf_addf(&payments->trouble, "%s\n", sentence);
}

/* --- columns --- */

typedef struct columns {
    size_t count;
    struct {
        char value[64]; /* "line.account"; "" for texts of the form */
        char header[128];
    } list[COLUMNS_MAX];
    bool header_row, fen, workbook, quoted;
    char delimiter;
    size_t head_rows, foot_rows;
    zd_jval head, foot; /* templates; borrowed from the profile */
} columns;

static zd_status malformed(zd_error *err, const char *what)
{
    return zd_fail(err, ZD_E_PACKAGE_MALFORMED, "%s", what);
}

static zd_status read_columns(columns *out, zd_jval root, zd_error *err)
{
    zd_jval list = zd_jval_get(root, "columns");
    out->count = zd_jval_count(list);
    if (out->count == 0 || out->count > COLUMNS_MAX) {
        return malformed(err, "a form without columns");
    }
    for (size_t i = 0; i < out->count; i++) {
        zd_jval one = zd_jval_at(list, i);
        if (!zd_span_copy(out->list[i].value, sizeof out->list[i].value, zd_jval_text(zd_jval_get(one, "value"))) ||
            !zd_span_copy(out->list[i].header, sizeof out->list[i].header, zd_jval_text(zd_jval_get(one, "header")))) {
            return malformed(err, "a column that is too long");
        }
    }
    return ZD_OK;
}

static bool exact_yuan(int64_t *out_fen, const char *text)
{
    char again[ZD_FEN_TEXT];
    zd_error ignored = {0};
    if (zd_fen_parse(out_fen, zd_span_text(text), &ignored) != ZD_OK) {
        return false;
    }
    zd_fen_yuan(again, *out_fen);
    return strcmp(again, text) == 0;
}

static bool exact_fen(int64_t *out_fen, const char *text)
{
    char again[24];
    *out_fen = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || *out_fen > ZD_JSON_INT_MAX / 100) {
            return false;
        }
        *out_fen = *out_fen * 10 + (*c - '0');
    }
    zd_format(again, sizeof again, "%lld", (long long)*out_fen);
    return strcmp(again, text) == 0;
}

static bool keep(char *out, size_t size, const char *text)
{
    return zd_span_copy(out, size, zd_span_text(text));
}

/* The value into its place; false when it does not fit there. */
static bool take_value(zd_pack_payments *out, zd_pack_payment *payment, const columns *c, const char *value, const char *text)
{
    if (strcmp(value, "line.end_to_end") == 0) {
        out->stated |= ZD_PACK_SERIAL;
        return keep(payment->serial, sizeof payment->serial, text);
    }
    if (strcmp(value, "line.account") == 0) {
        out->stated |= ZD_PACK_ACCOUNT;
        return keep(payment->account, sizeof payment->account, text);
    }
    if (strcmp(value, "line.account_name") == 0) {
        out->stated |= ZD_PACK_NAME;
        return keep(payment->name, sizeof payment->name, text);
    }
    if (strcmp(value, "line.bank_name") == 0) {
        out->stated |= ZD_PACK_BANK_NAME;
        return keep(payment->bank_name, sizeof payment->bank_name, text);
    }
    if (strcmp(value, "line.bank_code") == 0) {
        out->stated |= ZD_PACK_BANK_CODE;
        return keep(payment->bank_code, sizeof payment->bank_code, text);
    }
    if (strcmp(value, "line.amount") == 0 || strcmp(value, "line.net_yuan") == 0) {
        out->stated |= ZD_PACK_AMOUNT;
        return c->fen ? exact_fen(&payment->amount_fen, text) : exact_yuan(&payment->amount_fen, text);
    }
    return true;
}

/* What was said of the name; data NULL: nothing yet. */
static zd_span said_before(const zd_buf *values, const char *name)
{
    zd_span rest = zd_buf_span(values);
    while (rest.size > 0) {
        zd_span line;
        zd_span head;
        rest = zd_span_cut(&line, rest, '\n');
        zd_span value = zd_span_cut(&head, line, '=');
        if (zd_span_is(head, name)) {
            return value.data != NULL ? value : zd_span_text("");
        }
    }
    return zd_span_of(NULL, 0);
}

/* Values of the batch stand in every row; the first one tells them. */
static void take_batch_value(zd_pack_payments *out, const char *value, const char *text, bool first)
{
    if (strncmp(value, "batch.", 6) != 0) {
        return;
    }
    const char *name = value + 6;
    zd_span before = said_before(&out->batch_values, name);
    if (strchr(text, '\n') != NULL || strchr(name, '=') != NULL) {
        zd_pack_trouble(out, "payment %zu: a line feed in %s", out->count, name);
    } else if (first && before.data == NULL) {
        zd_buf_addf(&out->batch_values, "%s=%s\n", name, text);
    } else if (before.data == NULL || !zd_span_is(before, text)) {
        zd_pack_trouble(out, "payment %zu says %s=%s, another cell says otherwise", out->count, name, text);
    }
}

/* --- totals --- */

/* The row as one line again. */
static void join(zd_buf *out, const zd_pack_cells *cells, size_t row, char delimiter)
{
    size_t last = 0;
    zd_buf_clear(out);
    for (size_t i = 0; i < cells->count; i++) {
        if (cells->list[i].row == row) {
            for (; last < cells->list[i].column; last++) {
                zd_buf_add_byte(out, (uint8_t)delimiter);
            }
            zd_buf_add_text(out, (const char *)cells->text.data + cells->list[i].offset);
        }
    }
}

/* Does the line say what the template says? Count and total are known here; every other value may be anything up to the template's next character. */
static bool fits(zd_span line, zd_span template, const char *count, const char *total)
{
    while (template.size > 0) {
        zd_span name = {0};
        if (template.data[0] != '{') {
            if (line.size == 0 || line.data[0] != template.data[0]) {
                return false;
            }
            line = zd_span_of(line.data + 1, line.size - 1);
            template = zd_span_of(template.data + 1, template.size - 1);
            continue;
        }
        template = zd_span_cut(&name, zd_span_of(template.data + 1, template.size - 1), '}');
        const char *known = zd_span_is(name, "file.count") ? count : zd_span_is(name, "file.total") ? total : NULL;
        if (known != NULL && !zd_span_starts(line, known)) {
            return false;
        }
        size_t skip = known != NULL ? strlen(known) : 0;
        while (known == NULL && skip < line.size && (template.size == 0 || line.data[skip] != template.data[0])) {
            skip++;
        }
        line = zd_span_of(line.data + skip, line.size - skip);
    }
    return line.size == 0;
}

/* Lines above and below the rows: a bank may pay by the total that stands there. */
static void check_totals(zd_pack_payments *out, const zd_pack_cells *cells, const columns *c, size_t first_payment)
{
    char count[24];
    char total[ZD_FEN_TEXT];
    int64_t sum_fen = 0;
    zd_buf line = {0};
    bool good = true;
    for (size_t i = first_payment; i < out->count; i++) {
        good = zd_fen_add(&sum_fen, sum_fen, out->list[i].amount_fen) && good;
    }
    zd_format(count, sizeof count, "%zu", out->count - first_payment);
    if (c->fen) {
        zd_format(total, sizeof total, "%lld", (long long)sum_fen);
    } else {
        zd_fen_yuan(total, sum_fen);
    }
    for (size_t i = 0; i < c->head_rows + c->foot_rows; i++) {
        size_t row = i < c->head_rows ? i : cells->rows - c->foot_rows + (i - c->head_rows);
        zd_span template = zd_jval_text(i < c->head_rows ? zd_jval_at(c->head, i) : zd_jval_at(c->foot, i - c->head_rows));
        join(&line, cells, row, c->delimiter);
        if (!good || !fits(zd_buf_span(&line), template, count, total)) {
            zd_pack_trouble(out, "row %zu says '%.120s'; there are %s payments of %s", row + 1, zd_buf_text(&line), count, total);
        }
    }
    zd_buf_free(&line);
}

static zd_status take_rows(zd_pack_payments *out, const zd_pack_cells *cells, const columns *c, zd_error *err)
{
    size_t first = c->head_rows + (c->header_row ? 1 : 0);
    size_t fixed = first + c->foot_rows;
    size_t before = out->count;
    if (cells->rows < fixed) {
        return malformed(err, "fewer rows than the form has");
    }
    for (size_t i = 0; i < c->count && c->header_row; i++) {
        if (strcmp(zd_pack_cell_at(cells, c->head_rows, i), c->list[i].header) != 0) {
            zd_pack_trouble(out, "column %zu is headed '%s', the form says '%s'", i + 1, zd_pack_cell_at(cells, c->head_rows, i), c->list[i].header);
        }
    }
    for (size_t row = first; row < cells->rows - c->foot_rows; row++) {
        bool first_payment = out->count == 0;
        zd_pack_payment *payment = zd_pack_payments_add(out);
        for (size_t i = 0; i < c->count; i++) {
            const char *text = zd_pack_cell_at(cells, row, i);
            if (!take_value(out, payment, c, c->list[i].value, text)) {
                zd_pack_trouble(out, "row %zu, column %zu: '%.60s' is no %s", row + 1, i + 1, text, c->list[i].value);
            }
            take_batch_value(out, c->list[i].value, text, first_payment);
        }
    }
    check_totals(out, cells, c, before);
    return ZD_OK;
}

static zd_status read_form(columns *out, zd_jval root, zd_error *err)
{
    zd_span delimiter = zd_jval_text(zd_jval_get(root, "delimiter"));
    out->workbook = zd_span_is(zd_jval_text(zd_jval_get(root, "kind")), "xlsx");
    out->fen = zd_span_is(zd_jval_text(zd_jval_get(root, "amount")), "fen");
    out->quoted = zd_span_is(zd_jval_text(zd_jval_get(root, "quoting")), "rfc4180");
    out->header_row = zd_jval_bool(zd_jval_get(root, "header_row"));
    out->head = zd_jval_get(root, "header");
    out->foot = zd_jval_get(root, "footer");
    out->head_rows = zd_jval_count(out->head);
    out->foot_rows = zd_jval_count(out->foot);
    if (!out->workbook && delimiter.size != 1 && !zd_span_is(delimiter, "TAB")) {
        return malformed(err, "a form without delimiter");
    }
    out->delimiter = zd_span_is(delimiter, "TAB") ? '\t' : delimiter.size == 1 ? (char)delimiter.data[0] : ',';
    return read_columns(out, root, err);
}

zd_status zd_pack_payments_form(zd_pack_payments *out, zd_span bytes, zd_span profile_json, zd_error *err)
{
    columns *c = zd_alloc_zero(1, sizeof *c);
    zd_json *json = NULL;
    zd_pack_cells cells = {0};
    zd_status status = zd_json_parse(&json, profile_json, true, err);
    status = status == ZD_OK ? read_form(c, zd_json_root(json), err) : status;
    if (status == ZD_OK) {
        status = c->workbook ? zd_pack_cells_workbook(&cells, bytes, err) : zd_pack_cells_text(&cells, bytes, c->delimiter, c->quoted, err);
    }
    status = status == ZD_OK ? take_rows(out, &cells, c, err) : status;
    zd_pack_cells_free(&cells);
    zd_json_free(json);
    free(c);
    return status;
}

zd_status zd_pack_payments_application(zd_pack_payments *out, zd_span bytes, bool workbook, zd_span template_json, zd_error *err)
{
    columns *c = zd_alloc_zero(1, sizeof *c);
    zd_json *json = NULL;
    zd_pack_cells cells = {0};
    c->header_row = true;
    zd_status status = zd_json_parse(&json, template_json, true, err);
    status = status == ZD_OK ? read_columns(c, zd_json_root(json), err) : status;
    if (status == ZD_OK) {
        status = workbook ? zd_pack_cells_workbook(&cells, bytes, err) : zd_pack_cells_text(&cells, bytes, ',', true, err);
    }
    status = status == ZD_OK ? take_rows(out, &cells, c, err) : status;
    zd_pack_cells_free(&cells);
    zd_json_free(json);
    free(c);
    return status;
}
