/*
 * A bank profile read from its data file: every field is known, every value exists, and the form can carry what a payment needs. What a profile may say is told in
 * docs/settlement-packages.md. Writes nothing; bank_file.c does.
 */
#include "ledger/settle/bank_int.h"

#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 100000
#define WIDTH_DEFAULT 16
#define WIDTH_MAX 120

static zd_status invalid(zd_error *err, const char *field, zd_span value, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_BANK_PROFILE_INVALID, "%s", why);
    zd_error_field(err, field, value);
    return status;
}

static bool plain(char *out, size_t size, zd_span text)
{
    static const zd_text_rule rule = {"profile", 0, 0, false, false};
    zd_problems problems = {0};
    return zd_problem_text(&problems, 0, &rule, text) && zd_span_copy(out, size, text);
}

typedef struct known_call {
    const char *const *names;
    size_t count;
    zd_error *err;
} known_call;

static zd_status known_field(void *context, zd_span name, zd_jval value)
{
    (void)value;
    known_call *call = context;
    for (size_t i = 0; i < call->count; i++) {
        if (zd_span_is(name, call->names[i])) {
            return ZD_OK;
        }
    }
    return invalid(call->err, "field", name, "a profile has no such field / 模板没有该字段");
}

bool zd_bank_find_value(zd_bank_kind *kind, const zd_settle_value **value, zd_span name)
{
    static const struct {
        const char *name;
        zd_bank_kind kind;
    } computed[] = {{"batch.date8", ZD_BANK_DATE8}, {"line.number", ZD_BANK_NUMBER}, {"line.row", ZD_BANK_ROW},   {"line.amount", ZD_BANK_AMOUNT},
                    {"file.count", ZD_BANK_COUNT},  {"file.total", ZD_BANK_TOTAL},   {"file.part", ZD_BANK_PART}, {"file.parts", ZD_BANK_PARTS}};
    for (size_t i = 0; i < ZD_COUNT(computed); i++) {
        if (zd_span_is(name, computed[i].name)) {
            *kind = computed[i].kind;
            return true;
        }
    }
    zd_span scope;
    zd_span rest = zd_span_cut(&scope, name, '.');
    size_t count = 0;
    const zd_settle_value *values = zd_settle_values(&count);
    for (size_t i = 0; i < count; i++) {
        if (zd_span_is(rest, values[i].name) && zd_span_is(scope, values[i].of_line ? "line" : "batch")) {
            *kind = ZD_BANK_VALUE;
            *value = &values[i];
            return true;
        }
    }
    return false;
}

static bool of_file(zd_bank_kind kind)
{
    return kind == ZD_BANK_COUNT || kind == ZD_BANK_TOTAL || kind == ZD_BANK_PART || kind == ZD_BANK_PARTS;
}

/* Three forms: value; text (the same in every row); own and other (whose account it is). */
static zd_status read_source(zd_bank_column *out, zd_jval json, zd_error *err)
{
    zd_jval value = zd_jval_get(json, "value");
    zd_jval text = zd_jval_get(json, "text");
    zd_jval own = zd_jval_get(json, "own");
    zd_jval other = zd_jval_get(json, "other");
    bool has_value = zd_jval_kind(value) == ZD_J_STRING;
    bool has_text = zd_jval_kind(text) == ZD_J_STRING;
    bool has_own = zd_jval_kind(own) == ZD_J_STRING && zd_jval_kind(other) == ZD_J_STRING;
    if ((int)has_value + (int)has_text + (int)has_own != 1) {
        return invalid(err, "header", zd_jval_text(zd_jval_get(json, "header")), "a column needs value, or text, or own and other / 每列须有 value、text 或 own 与 other 之一");
    }
    if (has_value) {
        bool found = zd_bank_find_value(&out->kind, &out->value, zd_jval_text(value));
        return found && !of_file(out->kind) ? ZD_OK : invalid(err, "value", zd_jval_text(value), "there is no such value for a column / 没有该取值");
    }
    out->kind = has_text ? ZD_BANK_CONSTANT : ZD_BANK_OWN;
    zd_span first = zd_jval_text(has_text ? text : own);
    if (!plain(out->own, sizeof out->own, first) || !plain(out->other, sizeof out->other, zd_jval_text(other))) {
        return invalid(err, "text", first, "short plain text / 应为简短的普通文本");
    }
    return ZD_OK;
}

static zd_status read_column(zd_bank_column *out, zd_jval json, zd_error *err)
{
    static const char *const names[] = {"header", "value", "text", "own", "other", "max_bytes", "width"};
    known_call call = {names, ZD_COUNT(names), err};
    zd_span header = zd_jval_text(zd_jval_get(json, "header"));
    int64_t number = 0;
    zd_status status = zd_jval_each(json, known_field, &call);
    if (status == ZD_OK && !plain(out->header, sizeof out->header, header)) {
        status = invalid(err, "header", header, "short plain text / 应为简短的普通文本");
    }
    status = status == ZD_OK ? read_source(out, json, err) : status;
    if (status == ZD_OK && zd_jval_kind(zd_jval_get(json, "max_bytes")) != ZD_J_ABSENT) {
        status = zd_jval_need_int(&number, json, "max_bytes", 1, 4096, err);
        out->max_bytes = (size_t)number;
    }
    out->width = WIDTH_DEFAULT;
    if (status == ZD_OK && zd_jval_kind(zd_jval_get(json, "width")) != ZD_J_ABSENT) {
        status = zd_jval_need_int(&number, json, "width", 1, WIDTH_MAX, err);
        out->width = (int)number;
    }
    return status;
}

/* Whose account gets how much under which serial: without these the bank could not pay, or its answer not be matched. */
static zd_status needs_payment(const zd_bank_profile *profile, zd_error *err)
{
    static const char *const needed[] = {"account", "account_name", "end_to_end"};
    bool amount = false;
    for (size_t c = 0; c < profile->column_count; c++) {
        amount = amount || profile->columns[c].kind == ZD_BANK_AMOUNT;
    }
    for (size_t i = 0; i < ZD_COUNT(needed); i++) {
        bool found = false;
        for (size_t c = 0; c < profile->column_count; c++) {
            const zd_bank_column *column = &profile->columns[c];
            found = found || (column->kind == ZD_BANK_VALUE && column->value->of_line && strcmp(column->value->name, needed[i]) == 0);
        }
        if (!found) {
            return invalid(err, "columns", zd_span_text(needed[i]), "no column carries this value of the line / 缺少该明细内容");
        }
    }
    return amount ? ZD_OK : invalid(err, "columns", zd_span_text("line.amount"), "no column carries the amount / 缺少金额列");
}

static zd_status read_columns(zd_bank_profile *out, zd_jval root, zd_error *err)
{
    zd_jval columns;
    zd_status status = zd_jval_need_array(&columns, root, "columns", err);
    size_t count = status == ZD_OK ? zd_jval_count(columns) : 0;
    if (status == ZD_OK && (count == 0 || count > ZD_BANK_COLUMNS)) {
        status = invalid(err, "columns", zd_span_of(NULL, 0), "1 to 40 columns / 列数应为 1 至 40");
    }
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        status = read_column(&out->columns[i], zd_jval_at(columns, i), err);
        if (status != ZD_OK) {
            zd_error_at(err, (int64_t)i + 1, 0);
        }
    }
    out->column_count = count;
    return status == ZD_OK ? needs_payment(out, err) : status;
}

/* "{batch.payer_account}": each brace pair names a value of the batch or of the file. */
static bool template_is_sound(zd_span text)
{
    while (text.size > 0) {
        zd_span before;
        size_t whole = text.size;
        text = zd_span_cut(&before, text, '{');
        for (size_t i = 0; i < before.size; i++) {
            if (before.data[i] == '}') {
                return false;
            }
        }
        if (before.size == whole) {
            return true;
        }
        zd_span name;
        size_t left = text.size;
        text = zd_span_cut(&name, text, '}');
        zd_bank_kind kind;
        const zd_settle_value *value = NULL;
        bool closed = name.size < left;
        if (!closed || !zd_bank_find_value(&kind, &value, name) || (kind == ZD_BANK_VALUE && value->of_line) || kind == ZD_BANK_AMOUNT || kind == ZD_BANK_NUMBER ||
            kind == ZD_BANK_ROW) {
            return false;
        }
    }
    return true;
}

static zd_status read_lines(char out[ZD_BANK_LINES][ZD_BANK_LINE], size_t *out_count, zd_jval root, const char *field, zd_error *err)
{
    zd_jval lines = zd_jval_get(root, field);
    size_t count = zd_jval_count(lines);
    if (zd_jval_kind(lines) == ZD_J_ABSENT) {
        return ZD_OK;
    }
    if (zd_jval_kind(lines) != ZD_J_ARRAY || count > ZD_BANK_LINES) {
        return invalid(err, field, zd_span_of(NULL, 0), "a list of at most 8 lines / 不超过 8 行的列表");
    }
    for (size_t i = 0; i < count; i++) {
        zd_span text = zd_jval_text(zd_jval_at(lines, i));
        if (!plain(out[i], ZD_BANK_LINE, text) || !template_is_sound(text)) {
            return invalid(err, field, text, "plain text with {values} of batch and file / 应为普通文本及 {取值}");
        }
    }
    *out_count = count;
    return ZD_OK;
}

static zd_status read_word(size_t *out, zd_jval root, const char *field, const char *const *words, size_t count, zd_error *err)
{
    zd_span text;
    zd_status status = zd_jval_need_text(&text, root, field, err);
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        if (zd_span_is(text, words[i])) {
            *out = i;
            return ZD_OK;
        }
    }
    return status == ZD_OK ? invalid(err, field, text, "not one of the words that a profile knows / 取值不在允许范围") : status;
}

static zd_status read_text(char *out, size_t size, zd_jval root, const char *field, bool needed, zd_error *err)
{
    zd_span text = zd_jval_text(zd_jval_get(root, field));
    zd_status status = needed ? zd_jval_need_text(&text, root, field, err) : ZD_OK;
    return status != ZD_OK || (plain(out, size, text) && (!needed || text.size > 0)) ? status : invalid(err, field, text, "short plain text / 应为简短的普通文本");
}

static zd_status read_number(int64_t *out, zd_jval root, const char *field, int64_t max, zd_error *err)
{
    return zd_jval_kind(zd_jval_get(root, field)) == ZD_J_ABSENT ? ZD_OK : zd_jval_need_int(out, root, field, 1, max, err);
}

static bool flag(zd_jval root, const char *field)
{
    return zd_jval_bool(zd_jval_get(root, field));
}

/* How a text file is put together; a workbook has none of it. */
static zd_status read_text_form(zd_bank_profile *out, zd_jval root, zd_error *err)
{
    static const char *const encodings[] = {"GBK", "GB18030", "UTF-8"};
    static const char *const ends[] = {"CRLF", "LF"};
    static const char *const quotings[] = {"none", "rfc4180"};
    size_t encoding = 0;
    size_t end = 0;
    size_t quoting = 0;
    zd_status status = read_word(&encoding, root, "encoding", encodings, ZD_COUNT(encodings), err);
    status = status == ZD_OK ? read_word(&end, root, "line_end", ends, ZD_COUNT(ends), err) : status;
    status = status == ZD_OK ? read_word(&quoting, root, "quoting", quotings, ZD_COUNT(quotings), err) : status;
    if (status == ZD_OK) {
        zd_span delimiter = zd_jval_text(zd_jval_get(root, "delimiter"));
        bool tab = zd_span_is(delimiter, "TAB");
        if (!tab && (delimiter.size != 1 || delimiter.data[0] <= ' ' || delimiter.data[0] > '~' || delimiter.data[0] == '"')) {
            return invalid(err, "delimiter", delimiter, "one ASCII character, or TAB / 单个 ASCII 字符或 TAB");
        }
        out->delimiter[0] = tab ? '\t' : (char)delimiter.data[0];
    }
    zd_format(out->encoding, sizeof out->encoding, "%s", encodings[encoding]);
    zd_format(out->line_end, sizeof out->line_end, "%s", end == 0 ? "\r\n" : "\n");
    out->quoted = quoting == 1;
    out->trailing = flag(root, "trailing_delimiter");
    return status;
}

static zd_status read_limits(zd_bank_profile *out, zd_jval root, zd_error *err)
{
    static const char *const overs[] = {"split", "refuse"};
    static const char *const amounts[] = {"yuan", "fen"};
    size_t amount = 0;
    size_t over = 1;
    int64_t rows = ROWS_MAX;
    zd_status status = read_word(&amount, root, "amount", amounts, ZD_COUNT(amounts), err);
    status = status == ZD_OK ? read_number(&rows, root, "max_rows", ROWS_MAX, err) : status;
    status = status == ZD_OK && zd_jval_kind(zd_jval_get(root, "over")) != ZD_J_ABSENT ? read_word(&over, root, "over", overs, ZD_COUNT(overs), err) : status;
    status = status == ZD_OK ? read_number(&out->max_amount_fen, root, "max_amount_fen", ZD_JSON_INT_MAX, err) : status;
    out->fen = amount == 1;
    out->max_rows = (size_t)rows;
    out->split = over == 0;
    return status;
}

/* The name joins a path: ASCII letters, digits, '-', '_', '.'; with a part where there may be several files. */
static zd_status read_file_name(zd_bank_profile *out, zd_jval root, zd_error *err)
{
    zd_status status = read_text(out->file, sizeof out->file, root, "file", true, err);
    zd_span text = zd_span_text(out->file);
    bool sound = template_is_sound(text);
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        sound = sound && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("-_.{}", c) != NULL) && (i > 0 || c != '.');
    }
    if (status == ZD_OK && (!sound || (out->split && strstr(out->file, "{file.part}") == NULL))) {
        status = invalid(err, "file", text, "a file name in ASCII, with {file.part} where the form may be split / 文件名须为 ASCII，可拆分时含 {file.part}");
    }
    return status;
}

static zd_status read_profile(zd_bank_profile *out, zd_jval root, zd_error *err)
{
    static const char *const names[] = {"format", "v",     "id",       "name",           "source", "confirm", "kind",     "encoding",   "line_end",       "delimiter", "trailing_delimiter",
                                        "quoting", "forbid", "amount", "file", "max_rows", "over",   "max_amount_fen", "own_bank", "header_row", "header", "footer", "columns"};
    static const char *const kinds[] = {"text", "xlsx"};
    known_call call = {names, ZD_COUNT(names), err};
    char ignored[400];
    size_t kind = 0;
    if (!zd_span_is(zd_jval_text(zd_jval_get(root, "format")), "zhidui-bank-profile") || zd_jval_int(zd_jval_get(root, "v")) != 1) {
        return invalid(err, "format", zd_jval_text(zd_jval_get(root, "format")), "format must be zhidui-bank-profile, v 1 / 格式标识不符");
    }
    zd_status status = zd_jval_each(root, known_field, &call);
    status = status == ZD_OK ? read_text(out->id, sizeof out->id, root, "id", true, err) : status;
    status = status == ZD_OK ? read_text(out->name, sizeof out->name, root, "name", true, err) : status;
    status = status == ZD_OK ? read_text(ignored, sizeof ignored, root, "source", true, err) : status;
    status = status == ZD_OK ? read_text(ignored, sizeof ignored, root, "confirm", true, err) : status;
    status = status == ZD_OK ? read_word(&kind, root, "kind", kinds, ZD_COUNT(kinds), err) : status;
    out->workbook = kind == 1;
    zd_format(out->encoding, sizeof out->encoding, "UTF-8");
    status = status == ZD_OK && !out->workbook ? read_text_form(out, root, err) : status;
    status = status == ZD_OK ? read_limits(out, root, err) : status;
    status = status == ZD_OK ? read_text(out->forbid, sizeof out->forbid, root, "forbid", false, err) : status;
    status = status == ZD_OK ? read_text(out->own_bank, sizeof out->own_bank, root, "own_bank", false, err) : status;
    status = status == ZD_OK ? read_file_name(out, root, err) : status;
    out->header_row = flag(root, "header_row");
    status = status == ZD_OK ? read_lines(out->head, &out->head_count, root, "header", err) : status;
    status = status == ZD_OK ? read_lines(out->foot, &out->foot_count, root, "footer", err) : status;
    return status == ZD_OK ? read_columns(out, root, err) : status;
}

static bool id_is_sound(const char *id)
{
    zd_problems problems = {0};
    zd_problem_id(&problems, 0, "id", zd_span_text(id), 40);
    return problems.count == 0;
}

zd_status zd_bank_profile_read(zd_bank_profile **out, zd_span json, zd_error *err)
{
    zd_json *document = NULL;
    zd_bank_profile *profile = zd_alloc_zero(1, sizeof *profile);
    zd_status status = zd_json_parse(&document, json, true, err);
    status = status == ZD_OK ? read_profile(profile, zd_json_root(document), err) : status;
    if (status == ZD_OK && !id_is_sound(profile->id)) {
        status = invalid(err, "id", zd_span_text(profile->id), "A-Z a-z 0-9 and hyphen / 只能由字母、数字和连字符组成");
    }
    zd_json_free(document);
    if (status != ZD_OK) {
        free(profile);
        return status;
    }
    *out = profile;
    return ZD_OK;
}

void zd_bank_profile_free(zd_bank_profile *profile)
{
    free(profile);
}

const char *zd_bank_profile_id(const zd_bank_profile *profile)
{
    return profile->id;
}
