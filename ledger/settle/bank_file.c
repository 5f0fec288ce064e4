/*
 * The batch in a bank's upload form, as the profile describes it. Every cell is refused that the form cannot carry as it is: a forbidden character, a byte too many, a
 * character outside the encoding, a beginning that a spreadsheet would run. Nothing is cut, replaced or quoted away: a changed name comes back as a returned payment.
 */
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/settle/bank_int.h"

#define BANK_PARTS (ZD_PART_BATCH | ZD_PART_POOL | ZD_PART_PAYER | ZD_PART_LINES | ZD_PART_DATE)

/* The rows of one file. */
typedef struct bank_part {
    const zd_bank_profile *profile;
    const zd_settlement *settlement;
    size_t number, parts; /* 0-based, how many */
    size_t first, count;  /* lines */
    int64_t total_fen;
} bank_part;

size_t zd_settle_bank_parts(const zd_settlement *settlement, const zd_bank_profile *profile)
{
    bool several = profile->split && settlement->line_count > profile->max_rows;
    return several ? (settlement->line_count + profile->max_rows - 1) / profile->max_rows : 1;
}

static bank_part part_of(const zd_settlement *settlement, const zd_bank_profile *profile, size_t number)
{
    bank_part part = {.profile = profile, .settlement = settlement, .number = number, .parts = zd_settle_bank_parts(settlement, profile)};
    part.first = part.parts > 1 ? number * profile->max_rows : 0;
    part.count = settlement->line_count - part.first;
    part.count = part.parts > 1 && part.count > profile->max_rows ? profile->max_rows : part.count;
    for (size_t i = 0; i < part.count; i++) {
        bool in_range = zd_fen_add(&part.total_fen, part.total_fen, settlement->lines[part.first + i].net_fen);
        ZD_ASSERT(in_range); /* the check has added them up already */
    }
    return part;
}

static void add_amount(zd_buf *out, const zd_bank_profile *profile, int64_t amount_fen)
{
    if (profile->fen) {
        zd_buf_addf(out, "%lld", (long long)amount_fen);
    } else {
        char yuan[ZD_FEN_TEXT];
        zd_fen_yuan(yuan, amount_fen);
        zd_buf_add_text(out, yuan);
    }
}

/* A value of the batch, of the file, or of a line (NULL outside rows). */
static void add_value(zd_buf *out, const bank_part *part, zd_bank_kind kind, const zd_settle_value *value, size_t line)
{
    const zd_settlement *settlement = part->settlement;
    const zd_pay_line *pay = line < settlement->line_count ? &settlement->lines[line] : NULL;
    switch (kind) {
    case ZD_BANK_VALUE:
        zd_buf_add_span(out, zd_settle_value_text(value, settlement, pay));
        break;
    case ZD_BANK_DATE8:
        zd_buf_addf(out, "%.4s%.2s%.2s", settlement->execution_date, settlement->execution_date + 5, settlement->execution_date + 8);
        break;
    case ZD_BANK_NUMBER:
        zd_buf_addf(out, "%lld", (long long)pay->number);
        break;
    case ZD_BANK_ROW:
        zd_buf_addf(out, "%zu", line - part->first + 1);
        break;
    case ZD_BANK_AMOUNT:
        add_amount(out, part->profile, pay->net_fen);
        break;
    case ZD_BANK_COUNT:
        zd_buf_addf(out, "%zu", part->count);
        break;
    case ZD_BANK_TOTAL:
        add_amount(out, part->profile, part->total_fen);
        break;
    case ZD_BANK_PART:
        zd_buf_addf(out, "%zu", part->number + 1);
        break;
    case ZD_BANK_PARTS:
        zd_buf_addf(out, "%zu", part->parts);
        break;
    case ZD_BANK_OWN:
    case ZD_BANK_CONSTANT:
        ZD_ASSERT(false); /* columns only: add_cell */
    }
}

static void add_cell(zd_buf *out, const bank_part *part, const zd_bank_column *column, size_t line)
{
    const zd_bank_profile *profile = part->profile;
    zd_buf_clear(out);
    if (column->kind == ZD_BANK_CONSTANT) {
        zd_buf_add_text(out, column->own);
    } else if (column->kind == ZD_BANK_OWN) {
        bool own = profile->own_bank[0] != '\0' && zd_span_starts(zd_span_text(part->settlement->lines[line].bank_code), profile->own_bank);
        zd_buf_add_text(out, own ? column->own : column->other);
    } else {
        add_value(out, part, column->kind, column->value, line);
    }
}

static void expand(zd_buf *out, const bank_part *part, const char *template)
{
    zd_span rest = zd_span_text(template);
    while (rest.size > 0) {
        zd_span before;
        size_t whole = rest.size;
        rest = zd_span_cut(&before, rest, '{');
        zd_buf_add_span(out, before);
        if (before.size < whole) {
            zd_span name;
            zd_bank_kind kind = ZD_BANK_VALUE;
            const zd_settle_value *value = NULL;
            rest = zd_span_cut(&name, rest, '}');
            bool found = zd_bank_find_value(&kind, &value, name);
            ZD_ASSERT(found); /* the profile was checked when it was read */
            add_value(out, part, kind, value, SIZE_MAX);
        }
    }
}

/* --- what the form refuses --- */

/* The first character of the text that is among those of set; both are UTF-8. Empty when there is none. */
static zd_span first_of(zd_span text, const char *set)
{
    for (size_t at = 0; at < text.size;) {
        size_t size = 1;
        while (at + size < text.size && (text.data[at + size] & 0xc0) == 0x80) {
            size++;
        }
        zd_span one = zd_span_of(text.data + at, size);
        for (const char *c = set; *c != '\0';) {
            size_t width = 1;
            while (((uint8_t)c[width] & 0xc0) == 0x80) {
                width++;
            }
            if (zd_span_equal(one, zd_span_of(c, width))) {
                return one;
            }
            c += width;
        }
        at += size;
    }
    return zd_span_of(NULL, 0);
}

static void check_cell(zd_problems *problems, const bank_part *part, const zd_bank_column *column, int64_t line, zd_span cell)
{
    const zd_bank_profile *profile = part->profile;
    const char *field = column->header[0] != '\0' ? column->header : "header";
    char breaking[8] = "\r\n\t";
    if (!profile->workbook && !profile->quoted) {
        zd_format(breaking, sizeof breaking, "\r\n\t\"%s", profile->delimiter);
    }
    zd_span bad = first_of(cell, profile->forbid);
    bad = bad.size > 0 ? bad : first_of(cell, breaking);
    if (bad.size > 0) {
        zd_problem_add(problems, ZD_E_EXPORT_FORBIDDEN, line, field, cell, "%s: the form refuses '%.*s' / %s 模板不接受该字符", profile->id, (int)bad.size,
                       (const char *)bad.data, profile->id);
    }
    if (zd_text_starts_formula(cell)) {
        zd_problem_add(problems, ZD_E_EXPORT_FORMULA, line, field, cell, "%s: must not begin with = + - @ or a tab / 不得以 = + - @ 或制表符开头", profile->id);
    }
    zd_buf encoded = {0};
    zd_error why = {0};
    if (zd_encoded_add(&encoded, profile->encoding, cell, &why) != ZD_OK) {
        zd_problem_add(problems, why.code, line, field, cell, "%s: character %lld, %s: %s", profile->id, (long long)why.column, why.value, why.detail);
    } else if (column->max_bytes > 0 && encoded.size > column->max_bytes) {
        zd_problem_add(problems, ZD_E_TEXT_TOO_LONG, line, field, cell, "%s: %zu bytes of %s, at most %zu / %zu 字节，最多 %zu", profile->id, encoded.size, profile->encoding,
                       column->max_bytes, encoded.size, column->max_bytes);
    }
    zd_buf_free(&encoded);
}

/* Header and footer lines carry their own delimiters; their values must not bring more of them. */
static void check_template(zd_problems *problems, const bank_part *part, const char *template)
{
    static const zd_bank_column whole = {.header = ""};
    zd_span rest = zd_span_text(template);
    zd_buf value = {0};
    while (rest.size > 0) {
        zd_span before;
        zd_span name;
        zd_bank_kind kind = ZD_BANK_CONSTANT;
        const zd_settle_value *found = NULL;
        rest = zd_span_cut(&before, rest, '{');
        rest = zd_span_cut(&name, rest, '}');
        zd_buf_clear(&value);
        if (name.size > 0 && zd_bank_find_value(&kind, &found, name)) {
            add_value(&value, part, kind, found, SIZE_MAX);
            check_cell(problems, part, &whole, 0, zd_buf_span(&value));
        }
    }
    zd_buf_free(&value);
}

static void check_lines(zd_problems *problems, const bank_part *part)
{
    const zd_bank_profile *profile = part->profile;
    zd_buf cell = {0};
    for (size_t i = 0; i < part->settlement->line_count; i++) {
        const zd_pay_line *line = &part->settlement->lines[i];
        for (size_t c = 0; c < profile->column_count; c++) {
            add_cell(&cell, part, &profile->columns[c], i);
            if (profile->columns[c].kind != ZD_BANK_CONSTANT && profile->columns[c].kind != ZD_BANK_OWN) {
                check_cell(problems, part, &profile->columns[c], line->number, zd_buf_span(&cell));
            }
        }
        if (profile->max_amount_fen > 0 && line->net_fen > profile->max_amount_fen) {
            zd_problem_add(problems, ZD_E_EXPORT_AMOUNT, line->number, "net", zd_buf_span(&cell), "%s: more than %lld fen in one payment / 单笔超过 %lld 分", profile->id,
                           (long long)profile->max_amount_fen, (long long)profile->max_amount_fen);
        }
    }
    zd_buf_free(&cell);
}

static void bank_problems(zd_problems *problems, const zd_settlement *settlement, const zd_bank_profile *profile)
{
    zd_encoding_hold *hold = zd_encoding_hold_take(profile->encoding);
    bank_part whole = {.profile = profile, .settlement = settlement, .parts = 1, .count = settlement->line_count, .total_fen = settlement->total_fen};
    if (settlement->line_count > profile->max_rows && !profile->split) {
        zd_problem_add(problems, ZD_E_EXPORT_ROWS, 0, "lines", zd_span_text(profile->id), "%zu rows, at most %zu / %zu 行，最多 %zu 行", settlement->line_count,
                       profile->max_rows, settlement->line_count, profile->max_rows);
    }
    for (size_t i = 0; i < profile->head_count; i++) {
        check_template(problems, &whole, profile->head[i]);
    }
    for (size_t i = 0; i < profile->foot_count; i++) {
        check_template(problems, &whole, profile->foot[i]);
    }
    check_lines(problems, &whole);
    zd_encoding_hold_release(hold);
}

zd_status zd_settle_bank_check(const zd_settlement *settlement, const zd_bank_profile *profile, zd_settle_report *report, void *context, zd_error *err)
{
    zd_problems problems = {.report = report, .context = context};
    zd_status status = zd_settle_require(settlement, BANK_PARTS, err);
    if (status != ZD_OK) {
        return status; /* zd_settle_check tells them all */
    }
    bank_problems(&problems, settlement, profile);
    if (problems.count > 0) {
        status = zd_fail(err, ZD_E_EXPORT_REFUSED, "%zu problems for %s, the first: %s %s / 共 %zu 处问题", problems.count, profile->id,
                         zd_code_name(problems.first.code), problems.first.field, problems.count);
        zd_error_subject(err, zd_span_text(settlement->batch));
    }
    return status;
}

/* --- writing --- */

static void end_line(zd_buf *out, const zd_bank_profile *profile)
{
    zd_buf_add_text(out, profile->line_end);
}

static void put_cell(zd_buf *out, const zd_bank_profile *profile, size_t column, zd_span cell)
{
    bool quote = profile->quoted && (first_of(cell, "\"\r\n").size > 0 || first_of(cell, profile->delimiter).size > 0);
    if (column > 0) {
        zd_buf_add_text(out, profile->delimiter);
    }
    zd_buf_add_text(out, quote ? "\"" : "");
    for (size_t i = 0; i < cell.size; i++) {
        if (quote && cell.data[i] == '"') {
            zd_buf_add_byte(out, '"');
        }
        zd_buf_add_byte(out, cell.data[i]);
    }
    zd_buf_add_text(out, quote ? "\"" : "");
}

static void end_row(zd_buf *out, const zd_bank_profile *profile)
{
    zd_buf_add_text(out, profile->trailing ? profile->delimiter : "");
    end_line(out, profile);
}

static zd_status write_text(zd_buf *out, const bank_part *part, zd_error *err)
{
    const zd_bank_profile *profile = part->profile;
    zd_buf text = {0};
    zd_buf cell = {0};
    for (size_t i = 0; i < profile->head_count; i++) {
        expand(&text, part, profile->head[i]);
        end_line(&text, profile);
    }
    for (size_t c = 0; c < profile->column_count && profile->header_row; c++) {
        put_cell(&text, profile, c, zd_span_text(profile->columns[c].header));
    }
    if (profile->header_row) {
        end_row(&text, profile);
    }
    for (size_t i = part->first; i < part->first + part->count; i++) {
        for (size_t c = 0; c < profile->column_count; c++) {
            add_cell(&cell, part, &profile->columns[c], i);
            put_cell(&text, profile, c, zd_buf_span(&cell));
        }
        end_row(&text, profile);
    }
    for (size_t i = 0; i < profile->foot_count; i++) {
        expand(&text, part, profile->foot[i]);
        end_line(&text, profile);
    }
    zd_status status = zd_encoded_add(out, profile->encoding, zd_buf_span(&text), err);
    zd_buf_free(&cell);
    zd_buf_free(&text);
    return status;
}

static void sheet_lines(zd_grid *grid, const bank_part *part, const char lines[ZD_BANK_LINES][ZD_BANK_LINE], size_t count)
{
    zd_buf text = {0};
    for (size_t i = 0; i < count; i++) {
        zd_buf_clear(&text);
        expand(&text, part, lines[i]);
        zd_grid_add(grid, false, zd_buf_span(&text));
        zd_grid_end_row(grid);
    }
    zd_buf_free(&text);
}

static zd_status write_sheet(zd_buf *out, const bank_part *part, zd_error *err)
{
    const zd_bank_profile *profile = part->profile;
    int widths[ZD_BANK_COLUMNS];
    zd_buf cell = {0};
    zd_grid grid = {.name = profile->name, .title = part->settlement->batch, .company = part->settlement->payer_name, .widths = widths,
                    .created_unix_s = part->settlement->sealed_unix_ms / 1000, .width_count = profile->column_count,
                    .frozen_rows = profile->head_count + (profile->header_row ? 1 : 0)};
    sheet_lines(&grid, part, profile->head, profile->head_count);
    for (size_t c = 0; c < profile->column_count; c++) {
        widths[c] = profile->columns[c].width;
        if (profile->header_row) {
            zd_grid_add(&grid, true, zd_span_text(profile->columns[c].header));
        }
    }
    if (profile->header_row) {
        zd_grid_end_row(&grid);
    }
    for (size_t i = part->first; i < part->first + part->count; i++) {
        for (size_t c = 0; c < profile->column_count; c++) {
            add_cell(&cell, part, &profile->columns[c], i);
            zd_grid_add(&grid, false, zd_buf_span(&cell));
        }
        zd_grid_end_row(&grid);
    }
    sheet_lines(&grid, part, profile->foot, profile->foot_count);
    zd_status status = zd_grid_workbook(out, &grid, err);
    zd_grid_free(&grid);
    zd_buf_free(&cell);
    return status;
}

zd_status zd_settle_bank_file(zd_buf *out, zd_buf *out_name, const zd_settlement *settlement, const zd_bank_profile *profile, size_t part, zd_error *err)
{
    zd_problems problems = {0};
    zd_status status = zd_settle_require(settlement, BANK_PARTS, err);
    if (status == ZD_OK) {
        bank_problems(&problems, settlement, profile);
        status = zd_problems_status(&problems, err);
    }
    if (status != ZD_OK) {
        return status;
    }
    bank_part one = part_of(settlement, profile, part);
    expand(out_name, &one, profile->file);
    return profile->workbook ? write_sheet(out, &one, err) : write_text(out, &one, err);
}
