/*
 * Tables of answers by profile: payment results, account statements, return notices, from CSV, TSV or the text of a workbook. Titles above the header and totals below
 * the rows are skipped by what the profile says. A cell that cannot be read is an error with its line and column: a table is typed or exported by people, and half
 * of it would be worse than none.
 */
#include "ledger/settle/answers/answers_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"

#define TITLE_ROWS 20 /* how far down the header may stand */
#define NO_COLUMN SIZE_MAX

typedef struct table {
    zd_answers *answers;
    const zd_sheet *sheet;
    const zd_profile *profile;
    size_t first_row;                       /* after the header */
    size_t column[ZD_PROFILE_COLUMNS];      /* of the sheet, by column of the profile */
    size_t row;
    size_t statement;
    zd_error *err;
} table;

static zd_span trim(zd_span cell)
{
    for (;;) {
        if (cell.size > 0 && (cell.data[0] == ' ' || cell.data[0] == '\t')) {
            cell = zd_span_of(cell.data + 1, cell.size - 1);
        } else if (cell.size >= 3 && memcmp(cell.data, "\xe3\x80\x80", 3) == 0) {
            cell = zd_span_of(cell.data + 3, cell.size - 3);
        } else if (cell.size > 0 && (cell.data[cell.size - 1] == ' ' || cell.data[cell.size - 1] == '\t')) {
            cell.size--;
        } else if (cell.size >= 3 && memcmp(cell.data + cell.size - 3, "\xe3\x80\x80", 3) == 0) {
            cell.size -= 3;
        } else {
            return cell;
        }
    }
}

/* Row 0 is the sheet's own header; a title above makes a later row the real one. */
static zd_span cell_of(const zd_sheet *sheet, size_t row, size_t column)
{
    return trim(row == 0 ? zd_sheet_header(sheet, column) : zd_sheet_cell(sheet, row - 1, column));
}

static size_t cells_of(const zd_sheet *sheet, size_t row)
{
    return row == 0 ? zd_sheet_columns(sheet) : zd_sheet_cells(sheet, row - 1);
}

static int64_t line_of(const zd_sheet *sheet, size_t row)
{
    return row == 0 ? 1 : zd_sheet_line(sheet, row - 1);
}

/* Columns of the profile in that row; false when a required one is missing. */
static bool header_fits(size_t column[ZD_PROFILE_COLUMNS], const zd_sheet *sheet, size_t row, const zd_profile *profile)
{
    for (size_t i = 0; i < profile->column_count; i++) {
        column[i] = NO_COLUMN;
        for (size_t c = 0; c < cells_of(sheet, row) && column[i] == NO_COLUMN; c++) {
            if (zd_span_is(cell_of(sheet, row, c), profile->columns[i].header)) {
                column[i] = c;
            }
        }
        if (column[i] == NO_COLUMN && profile->columns[i].required) {
            return false;
        }
    }
    return true;
}

static bool find_header(table *t, const zd_profile *profile)
{
    size_t rows = zd_sheet_rows(t->sheet) + 1;
    for (size_t row = 0; row < rows && row < TITLE_ROWS; row++) {
        if (header_fits(t->column, t->sheet, row, profile)) {
            t->profile = profile;
            t->first_row = row + 1;
            return true;
        }
    }
    return false;
}

/* The named profile, or the one that fits with the most columns; two that fit equally well are an error, not a choice. */
static zd_status choose(table *t, const zd_answer_profiles *profiles, const char *name)
{
    const zd_profile *best = NULL;
    size_t most = 0;
    bool tied = false;
    for (size_t i = 0; profiles != NULL && i < profiles->count; i++) {
        const zd_profile *p = &profiles->profiles[i];
        if ((name != NULL && strcmp(name, p->name) != 0) || !find_header(t, p)) {
            continue;
        }
        size_t present = 0;
        for (size_t c = 0; c < p->column_count; c++) {
            present += t->column[c] != NO_COLUMN ? 1 : 0;
        }
        tied = present > most ? false : tied || present == most;
        best = present > most ? p : best;
        most = present > most ? present : most;
    }
    if (best == NULL || tied) {
        zd_status status = zd_fail(t->err, ZD_E_ANSWER_PROFILE, "%s", tied ? "several profiles fit; say --profile NAME / 有多个模板相符，请用 --profile 指定"
                                                                           : "no profile has these columns; add one to data/answers / 没有与表头相符的模板");
        zd_error_field(t->err, "profile", zd_span_text(name != NULL ? name : ""));
        return status;
    }
    bool fits = find_header(t, best);
    ZD_ASSERT(fits);
    return ZD_OK;
}

static zd_span value(const table *t, zd_profile_value wanted)
{
    for (size_t i = 0; i < t->profile->column_count; i++) {
        if (t->profile->columns[i].value == wanted && t->column[i] != NO_COLUMN) {
            return cell_of(t->sheet, t->row, t->column[i]);
        }
    }
    return zd_span_of(NULL, 0);
}

static zd_status bad_cell(const table *t, zd_profile_value wanted, const char *why)
{
    zd_status status = zd_fail(t->err, ZD_E_ANSWER_CELL, "%s", why);
    for (size_t i = 0; i < t->profile->column_count; i++) {
        if (t->profile->columns[i].value == wanted && t->column[i] != NO_COLUMN) {
            zd_error_field(t->err, t->profile->columns[i].header, cell_of(t->sheet, t->row, t->column[i]));
            zd_error_at(t->err, line_of(t->sheet, t->row), (int64_t)t->column[i] + 1);
        }
    }
    return status;
}

/* --- cells --- */

/* Spreadsheets keep numbers in binary: 1234.56 may come as 1234.5599999999999. Such noise begins at the ninth digit after the point or later; anything before it is a
 * third decimal that somebody meant. Rounds the text of digits to hundredths; false for a third decimal. */
static bool round_hundredths(int64_t *out, zd_span digits)
{
    int64_t whole = 0;
    bool exact = true;
    const uint8_t *point = digits.size > 0 ? memchr(digits.data, '.', digits.size) : NULL;
    size_t after = point != NULL ? digits.size - (size_t)(point - digits.data) - 1 : 0;
    if (!zd_answer_decimal(&whole, &exact, digits)) {
        return false;
    }
    *out = whole;
    if (exact) {
        return true;
    }
    const uint8_t *rest = point + 3; /* exact is false only with three decimals or more */
    size_t count = after - 2;
    bool zeros = count > 6;
    bool nines = count > 6;
    for (size_t i = 0; i < 6 && i < count; i++) {
        zeros = zeros && rest[i] == '0';
        nines = nines && rest[i] == '9';
    }
    *out += nines ? 1 : 0;
    return zeros || nines;
}

/* "12,345.60", "¥12345.6", "1.2345E4": hundredths of a yuan, or fen where the profile says so. */
static bool read_amount(int64_t *out, zd_span cell, bool fen)
{
    char plain[64];
    size_t size = 0;
    int exponent = 0;
    bool scientific = false;
    if (zd_span_starts(cell, "¥") || zd_span_starts(cell, "￥")) {
        size_t mark = zd_span_starts(cell, "¥") ? 2 : 3;
        cell = trim(zd_span_of(cell.data + mark, cell.size - mark));
    }
    for (size_t i = 0; i < cell.size; i++) {
        uint8_t c = cell.data[i];
        if (c == 'E' || c == 'e') {
            scientific = true;
        } else if (scientific && c >= '0' && c <= '9' && exponent < 100) {
            exponent = exponent * 10 + (c - '0');
        } else if (scientific ? c != '+' : c != ',' && size + 1 < sizeof plain) {
            plain[size++] = (char)c;
        } else if (c != ',' && c != '+') {
            return false;
        }
    }
    plain[size] = '\0';
    if (scientific) { /* moves the point to the right; a number with few digits stays few digits */
        char *point = strchr(plain, '.');
        size_t at = point != NULL ? (size_t)(point - plain) : size;
        char moved[64];
        size_t to = 0;
        for (size_t i = 0; i < size || to < at + (size_t)exponent; i++) {
            if (plain[i < size ? i : 0] == '.' && i < size) {
                continue;
            }
            if (to == at + (size_t)exponent && to + 1 < sizeof moved) {
                moved[to++] = '.';
            }
            if (to + 2 >= sizeof moved) {
                return false;
            }
            moved[to++] = i < size ? plain[i] : '0';
        }
        moved[to] = '\0';
        zd_format(plain, sizeof plain, "%s", moved);
    }
    int64_t hundredths = 0;
    if (!round_hundredths(&hundredths, zd_span_text(plain)) || (fen && hundredths % 100 != 0)) {
        return false;
    }
    *out = fen ? hundredths / 100 : hundredths;
    return true;
}

static size_t take_number(int *out, zd_span text, size_t at, size_t most)
{
    size_t start = at;
    *out = 0;
    while (at < text.size && at - start < most && text.data[at] >= '0' && text.data[at] <= '9') {
        *out = *out * 10 + (text.data[at++] - '0');
    }
    return at;
}

/* 2026-03-05, 2026/3/5, 20260305, 2026年3月5日, each with a time behind it or not; a spreadsheet's day number. */
static bool read_day(int64_t *out, zd_span cell)
{
    static const char *const between[2][4] = {{"-", "/", ".", "年"}, {"-", "/", ".", "月"}};
    int part[3];
    size_t digits = 0;
    while (digits < cell.size && cell.data[digits] >= '0' && cell.data[digits] <= '9') {
        digits++;
    }
    if (digits == 5 && (digits == cell.size || cell.data[5] == '.')) {
        (void)take_number(&part[0], cell, 0, 5);
        *out = part[0] - 25569; /* days from 1899-12-30 */
        return part[0] > 36525;
    }
    bool compact = digits >= 8;
    size_t at = take_number(&part[0], cell, 0, 4);
    for (size_t i = 0; i < 2; i++) {
        size_t before = at;
        for (size_t k = 0; !compact && k < 4 && at == before; k++) {
            size_t size = strlen(between[i][k]);
            at += at + size <= cell.size && memcmp(cell.data + at, between[i][k], size) == 0 ? size : 0;
        }
        if (!compact && at == before) {
            return false;
        }
        at = take_number(&part[i + 1], cell, at, 2);
    }
    char text[16];
    if (part[0] > 9999 || part[1] > 99 || part[2] > 99) {
        return false;
    }
    zd_format(text, sizeof text, "%04d-%02d-%02d", part[0], part[1], part[2]);
    return zd_date_parse(out, zd_span_text(text));
}

static const char *word_of(const zd_profile_word *words, size_t count, zd_span text)
{
    for (size_t i = 0; i < count; i++) {
        if (zd_span_is(text, words[i].text)) {
            return words[i].means;
        }
    }
    return NULL;
}

static bool holds_one_of(const zd_profile_word *words, size_t count, zd_span text)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(words[i].text);
        for (size_t at = 0; at + size <= text.size; at++) {
            if (memcmp(text.data + at, words[i].text, size) == 0) {
                return true;
            }
        }
    }
    return false;
}

/* --- rows --- */

static zd_status read_common(table *t, zd_bank_fact *fact)
{
    fact->end_to_end = zd_answer_keep(t->answers, value(t, ZD_COL_END_TO_END));
    fact->message = zd_answer_keep(t->answers, value(t, ZD_COL_MESSAGE));
    fact->reason = zd_answer_keep(t->answers, value(t, ZD_COL_REASON));
    fact->bank_ref = zd_answer_keep(t->answers, value(t, ZD_COL_BANK_REF));
    fact->other_account = zd_answer_keep(t->answers, value(t, ZD_COL_OTHER_ACCOUNT));
    fact->other_name = zd_answer_keep(t->answers, value(t, ZD_COL_OTHER_NAME));
    fact->account = zd_answer_keep(t->answers, value(t, ZD_COL_ACCOUNT));
    zd_span currency = value(t, ZD_COL_CURRENCY);
    bool yuan = currency.size == 0 || zd_span_is(currency, "RMB") || zd_span_is(currency, "人民币");
    fact->currency = yuan ? "CNY" : zd_answer_keep(t->answers, currency);
    if (value(t, ZD_COL_AMOUNT).size > 0) {
        fact->has_amount = read_amount(&fact->amount, value(t, ZD_COL_AMOUNT), t->profile->fen) && fact->amount >= 0;
        if (!fact->has_amount) {
            return bad_cell(t, ZD_COL_AMOUNT, "not an amount with at most two decimals / 金额格式不正确或超过两位小数");
        }
    }
    if (value(t, ZD_COL_DATE).size > 0 && !read_day(&fact->day, value(t, ZD_COL_DATE))) {
        return bad_cell(t, ZD_COL_DATE, "not a date / 日期格式不正确");
    }
    zd_span evidence = value(t, ZD_COL_EVIDENCE);
    if (evidence.size > 0 && !zd_hash_from_hex(&fact->evidence, evidence)) {
        return bad_cell(t, ZD_COL_EVIDENCE, "64 lower-case hexadecimal digits / 64 位小写十六进制");
    }
    return ZD_OK;
}

static void make_return(zd_bank_fact *fact)
{
    fact->kind = ZD_BANK_BOOKING;
    fact->side = ZD_SIDE_CREDIT;
    fact->booked = ZD_BOOKED;
    fact->is_return = true;
}

static zd_status read_result(table *t, zd_bank_fact *fact)
{
    zd_span said = value(t, ZD_COL_STATUS);
    const char *code = word_of(t->profile->statuses, t->profile->status_count, said);
    fact->level = ZD_LEVEL_TRANSACTION;
    fact->status = code != NULL ? code : zd_answer_keep(t->answers, said);
    fact->word = code != NULL ? zd_bank_word_of(zd_span_text(code)) : said.size > 0 ? ZD_STS_UNKNOWN : ZD_STS_NONE;
    if (code != NULL && strcmp(code, "RTRN") == 0) {
        make_return(fact);
        return fact->has_amount ? ZD_OK : bad_cell(t, ZD_COL_AMOUNT, "a return needs its amount / 退回须有金额");
    }
    if (fact->word == ZD_STS_UNKNOWN) {
        zd_answer_odd(t->answers, "status-unknown", fact->line, "%.60s", fact->status);
    }
    if (fact->end_to_end[0] == '\0') {
        zd_answer_odd(t->answers, "row-without-serial", fact->line, "line %lld", (long long)fact->line);
    }
    return ZD_OK;
}

static zd_status read_booking(table *t, zd_bank_fact *fact)
{
    zd_span debit = value(t, ZD_COL_DEBIT);
    zd_span credit = value(t, ZD_COL_CREDIT);
    fact->kind = ZD_BANK_BOOKING;
    fact->booked = ZD_BOOKED;
    if (!fact->has_amount) {
        int64_t out_fen = 0;
        int64_t in_fen = 0;
        if (debit.size > 0 && !read_amount(&out_fen, debit, t->profile->fen)) {
            return bad_cell(t, ZD_COL_DEBIT, "not an amount with at most two decimals / 金额格式不正确或超过两位小数");
        }
        if (credit.size > 0 && !read_amount(&in_fen, credit, t->profile->fen)) {
            return bad_cell(t, ZD_COL_CREDIT, "not an amount with at most two decimals / 金额格式不正确或超过两位小数");
        }
        if ((out_fen != 0) == (in_fen != 0)) {
            return bad_cell(t, ZD_COL_DEBIT, "either a debit or a credit / 借方与贷方须且只须有一项");
        }
        fact->side = out_fen != 0 ? ZD_SIDE_DEBIT : ZD_SIDE_CREDIT;
        fact->amount = out_fen != 0 ? out_fen : in_fen;
        if (fact->amount < 0) { /* 红字: some banks print a return as a negative debit */
            fact->side = fact->side == ZD_SIDE_DEBIT ? ZD_SIDE_CREDIT : ZD_SIDE_DEBIT;
            fact->amount = -fact->amount;
            fact->is_return = fact->side == ZD_SIDE_CREDIT;
            zd_answer_odd(t->answers, "negative-amount", fact->line, "line %lld", (long long)fact->line);
        }
        fact->has_amount = true;
    } else {
        const char *side = word_of(t->profile->sides, t->profile->side_count, value(t, ZD_COL_SIDE));
        if (side == NULL) {
            return bad_cell(t, ZD_COL_SIDE, "neither debit nor credit by the profile's words / 借贷标志不在模板词表内");
        }
        fact->side = side[0] == 'D' ? ZD_SIDE_DEBIT : ZD_SIDE_CREDIT;
    }
    zd_span summary = value(t, ZD_COL_SUMMARY);
    fact->is_return = fact->is_return || (fact->side == ZD_SIDE_CREDIT && holds_one_of(t->profile->returns, t->profile->return_count, summary));
    fact->is_fee = fact->side == ZD_SIDE_DEBIT && holds_one_of(t->profile->fees, t->profile->fee_count, summary);
    if (fact->bank_ref[0] == '\0') {
        zd_answer_odd(t->answers, "entry-without-reference", fact->line, "line %lld", (long long)fact->line);
    }
    return fact->day != ZD_DAY_NONE ? ZD_OK : bad_cell(t, ZD_COL_DATE, "a booking needs its day / 缺少记账日期");
}

static bool is_footer(const table *t)
{
    for (size_t c = 0; c < cells_of(t->sheet, t->row); c++) {
        zd_span cell = cell_of(t->sheet, t->row, c);
        for (size_t i = 0; cell.size > 0 && i < t->profile->footer_count; i++) {
            if (zd_span_starts(cell, t->profile->footers[i].text)) {
                return true;
            }
        }
        if (cell.size > 0) {
            return false; /* only the first filled cell says so */
        }
    }
    return true; /* an empty row */
}

static zd_status read_row(table *t)
{
    zd_bank_fact *fact = zd_answer_add(t->answers, ZD_BANK_STATUS, line_of(t->sheet, t->row), t->statement, t->err);
    zd_status status = fact != NULL ? read_common(t, fact) : ZD_MALFORMED;
    if (status != ZD_OK) {
        return status;
    }
    switch (t->profile->form) {
    case ZD_FORM_STATEMENT:
        return read_booking(t, fact);
    case ZD_FORM_RETURN:
        make_return(fact);
        if (fact->day == ZD_DAY_NONE || !fact->has_amount || fact->bank_ref[0] == '\0') {
            return bad_cell(t, !fact->has_amount ? ZD_COL_AMOUNT : fact->day == ZD_DAY_NONE ? ZD_COL_DATE : ZD_COL_BANK_REF, "a return notice has number, day and amount / 退回通知须有编号、日期和金额");
        }
        return ZD_OK;
    case ZD_FORM_RESULT:
    case ZD_FORM_STATUS:
    case ZD_FORM_INTERIM:
    case ZD_FORM_NOTIFICATION:
        break;
    }
    return read_result(t, fact);
}

zd_status zd_answer_read_table(zd_answers *answers, zd_span csv, const zd_answer_profiles *profiles, const char *profile, zd_error *err)
{
    zd_sheet *sheet = NULL;
    zd_status status = zd_sheet_parse(&sheet, csv, err);
    if (status != ZD_OK) {
        return status;
    }
    table t = {.answers = answers, .sheet = sheet, .err = err, .statement = ZD_ANSWER_NONE};
    status = choose(&t, profiles, profile);
    if (status == ZD_OK) {
        answers->form = t.profile->form;
        answers->message = zd_answer_keep(answers, zd_span_text(t.profile->name));
        if (t.profile->form == ZD_FORM_STATEMENT) {
            zd_bank_fact *whole = zd_answer_add(answers, ZD_BANK_STATEMENT, line_of(sheet, t.first_row - 1), ZD_ANSWER_NONE, err);
            status = whole != NULL ? ZD_OK : ZD_MALFORMED;
            t.statement = answers->count - 1;
        }
    }
    for (t.row = t.first_row; status == ZD_OK && t.row <= zd_sheet_rows(sheet); t.row++) {
        if (!is_footer(&t)) {
            status = read_row(&t);
        }
    }
    zd_sheet_free(sheet);
    return status;
}
