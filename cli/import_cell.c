/*
 * One cell of a file as one member of a request. People's ways of writing are understood (12,345.60; 2026年3月5日; 是); what a spreadsheet has spoiled (6.217E+18,
 * full-width digits, a third decimal) is refused, never repaired. Each value passes the check of its field, the same that a signed request passes.
 */
#include <string.h>

#include "cli/import.h"
#include "ledger/base/money.h"
#include "ledger/record/identifiers.h"

#define TAGS_MAX 64

zd_span zd_import_trim(zd_span cell)
{
    while (cell.size > 0 && cell.data[0] == ' ') {
        cell.data++;
        cell.size--;
    }
    while (cell.size > 0 && cell.data[cell.size - 1] == ' ') {
        cell.size--;
    }
    return cell;
}

static zd_status invalid(zd_error *err, const char *expected)
{
    return zd_fail(err, ZD_E_CELL_INVALID, "%s", expected);
}

/* --- dates and times --- */

/* Takes digits and then `after`; false when either is not there. */
static bool take_number(int *out, zd_span *rest, size_t digits_max, const char *after)
{
    size_t digits = 0;
    *out = 0;
    while (digits < rest->size && digits < digits_max && rest->data[digits] >= '0' && rest->data[digits] <= '9') {
        *out = *out * 10 + (rest->data[digits] - '0');
        digits++;
    }
    zd_span tail = zd_span_of(rest->data + digits, rest->size - digits);
    if (digits == 0 || !zd_span_starts(tail, after)) {
        return false;
    }
    size_t skip = strlen(after);
    *rest = zd_span_of(tail.data + skip, tail.size - skip);
    return true;
}

/* Reads a date at the front of *rest. */
static bool take_date(int64_t *out_day, zd_span *rest)
{
    static const char *const after[][3] = {{"-", "-", ""}, {"/", "/", ""}, {"年", "月", "日"}};
    for (size_t i = 0; i < ZD_COUNT(after); i++) {
        zd_span tail = *rest;
        int year;
        int month;
        int day;
        if (take_number(&year, &tail, 4, after[i][0]) && take_number(&month, &tail, 2, after[i][1]) && take_number(&day, &tail, 2, after[i][2])) {
            char text[ZD_DATE_TEXT + 8];
            zd_format(text, sizeof text, "%04d-%02d-%02d", year, month, day);
            *rest = tail;
            return zd_date_parse(out_day, zd_span_text(text));
        }
    }
    return false;
}

zd_status zd_import_date(int64_t *out_day, zd_span cell, zd_error *err)
{
    zd_span rest = cell;
    if (!take_date(out_day, &rest) || rest.size != 0) {
        return zd_fail(err, ZD_E_DATE_MALFORMED, "2026-03-05, 2026/3/5, 2026年3月5日");
    }
    return ZD_OK;
}

static zd_status read_time(int64_t *out_ms, zd_span cell, zd_error *err)
{
    zd_span rest = cell;
    int64_t day;
    int hour;
    int minute;
    if (zd_time_parse(out_ms, cell)) {
        return ZD_OK;
    }
    bool good = take_date(&day, &rest) && rest.size > 1 && rest.data[0] == ' ';
    rest = good ? zd_import_trim(rest) : rest;
    good = good && take_number(&hour, &rest, 2, ":") && take_number(&minute, &rest, 2, "") && rest.size == 0 && hour < 24 && minute < 60;
    if (!good) {
        return zd_fail(err, ZD_E_DATE_MALFORMED, "2026-03-05 09:30");
    }
    *out_ms = zd_day_start(day, ZD_ZONE_SHANGHAI_MS) + (int64_t)(hour * 60 + minute) * 60000;
    return ZD_OK;
}

/* --- words and lists --- */

static zd_span word_value(const zd_cell_word *words, zd_span cell)
{
    for (const zd_cell_word *word = words; word != NULL && word->chinese != NULL; word++) {
        if (zd_span_is(cell, word->chinese)) {
            return zd_span_text(word->value);
        }
    }
    return cell;
}

static int order_of(zd_span a, zd_span b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter > 0 ? memcmp(a.data, b.data, shorter) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Puts a tag in its place; one that is there already is not put twice. */
static void insert_tag(zd_span *tags, size_t *count, zd_span tag)
{
    size_t at = 0;
    while (at < *count && order_of(tags[at], tag) < 0) {
        at++;
    }
    if (at < *count && order_of(tags[at], tag) == 0) {
        return;
    }
    memmove(&tags[at + 1], &tags[at], (*count - at) * sizeof *tags);
    tags[at] = tag;
    ++*count;
}

/* Cuts at the first of the separators that offices use. */
static zd_span cut_list(zd_span *head, zd_span whole)
{
    static const char *const separators[] = {",", ";", "、", "，", "；"};
    for (size_t i = 0; i < whole.size; i++) {
        for (size_t s = 0; s < ZD_COUNT(separators); s++) {
            size_t size = strlen(separators[s]);
            if (whole.size - i >= size && memcmp(whole.data + i, separators[s], size) == 0) {
                *head = zd_span_of(whole.data, i);
                return zd_span_of(whole.data + i + size, whole.size - i - size);
            }
        }
    }
    *head = whole;
    return zd_span_of(NULL, 0);
}

static zd_status read_tags(zd_buf *out, const zd_import_column *column, zd_span cell, zd_error *err)
{
    zd_span tags[TAGS_MAX + 1];
    size_t count = 0;
    zd_span rest = cell;
    while (rest.size > 0) {
        zd_span head;
        rest = cut_list(&head, rest);
        head = zd_import_trim(head);
        if (head.size == 0) {
            return invalid(err, "an empty place in the list / 列表中有空项");
        }
        if (count == TAGS_MAX) {
            return invalid(err, "at most 64 in a list / 列表最多 64 项");
        }
        insert_tag(tags, &count, word_value(column->words, head));
    }
    for (size_t i = 0; i < count; i++) {
        zd_buf_add_text(out, i > 0 ? "," : "");
        zd_buf_add_span(out, tags[i]);
    }
    return ZD_OK;
}

static zd_span place_code(zd_span cell)
{
    static const char *const codes[] = {"330600", "330602", "330603", "330604", "330624", "330681", "330683"};
    for (size_t i = 0; i < ZD_COUNT(codes); i++) {
        const char *name = zd_region_name(zd_span_text(codes[i]));
        if (name != NULL && zd_span_is(cell, name)) {
            return zd_span_text(codes[i]);
        }
    }
    return cell;
}

/* --- numbers --- */

static zd_status read_int(int64_t *out, zd_span cell, zd_error *err)
{
    *out = 0;
    for (size_t i = 0; i < cell.size; i++) {
        if (cell.data[i] < '0' || cell.data[i] > '9' || i == 15) {
            return invalid(err, "a whole number in half-width digits / 半角整数");
        }
        *out = *out * 10 + (cell.data[i] - '0');
    }
    return ZD_OK;
}

static zd_status read_bool(bool *out, zd_span cell, zd_error *err)
{
    static const char *const yes[] = {"是", "yes", "true", "1"};
    static const char *const no[] = {"否", "no", "false", "0"};
    for (size_t i = 0; i < ZD_COUNT(yes); i++) {
        *out = zd_span_is(cell, yes[i]);
        if (*out || zd_span_is(cell, no[i])) {
            return ZD_OK;
        }
    }
    return invalid(err, "是 / 否");
}

static zd_status write_int(zd_jw *w, zd_field field, int64_t number, zd_error *err)
{
    zd_value checked;
    zd_status status = zd_field_check_int(&checked, field, number, err);
    if (status == ZD_OK) {
        zd_jw_int(w, zd_field_name(field), number);
    }
    return status;
}

static zd_status write_text(zd_jw *w, zd_field field, zd_span text, zd_error *err)
{
    zd_value checked;
    zd_status status = zd_field_check_text(&checked, field, text, err);
    if (status == ZD_OK) {
        zd_jw_text(w, zd_field_name(field), text);
    }
    return status;
}

static zd_status write_number(zd_jw *w, const zd_import_column *column, zd_span cell, zd_error *err)
{
    int64_t number = 0;
    bool truth = false;
    zd_status status = ZD_OK;
    if (column->form == ZD_CELL_YUAN) {
        status = zd_fen_parse(&number, cell, err);
    } else if (column->form == ZD_CELL_INT) {
        status = read_int(&number, cell, err);
    } else {
        status = read_bool(&truth, cell, err);
        if (status == ZD_OK) {
            zd_jw_bool(w, zd_field_name(column->field), truth);
        }
        return status;
    }
    return status == ZD_OK ? write_int(w, column->field, number, err) : status;
}

static zd_status write_date_or_time(zd_jw *w, const zd_import_column *column, zd_span cell, zd_error *err)
{
    char text[ZD_TIME_TEXT];
    int64_t value = 0;
    zd_status status = column->form == ZD_CELL_DATE ? zd_import_date(&value, cell, err) : read_time(&value, cell, err);
    if (status != ZD_OK) {
        return status;
    }
    if (column->form == ZD_CELL_DATE) {
        zd_date_text(text, value);
    } else {
        zd_time_text(text, value);
    }
    return write_text(w, column->field, zd_span_text(text), err);
}

zd_status zd_import_cell(zd_jw *w, const zd_import_column *column, zd_span cell, zd_error *err)
{
    zd_buf tags = {0};
    zd_status status = ZD_OK;
    switch (column->form) {
    case ZD_CELL_TEXT:
        return write_text(w, column->field, cell, err);
    case ZD_CELL_WORD:
        return write_text(w, column->field, word_value(column->words, cell), err);
    case ZD_CELL_PLACE:
        return write_text(w, column->field, place_code(cell), err);
    case ZD_CELL_TAGS:
        status = read_tags(&tags, column, cell, err);
        status = status == ZD_OK ? write_text(w, column->field, zd_buf_span(&tags), err) : status;
        zd_buf_free(&tags);
        return status;
    case ZD_CELL_YUAN:
    case ZD_CELL_INT:
    case ZD_CELL_BOOL:
        return write_number(w, column, cell, err);
    case ZD_CELL_DATE:
    case ZD_CELL_TIME:
        return write_date_or_time(w, column, cell, err);
    case ZD_CELL_NUMBER:
    case ZD_CELL_INVOICE_CODE:
    case ZD_CELL_INVOICE:
    case ZD_CELL_INVOICE_OTHER:
    case ZD_CELL_SUBJECT:
    case ZD_CELL_SUBJECT_OTHER:
    case ZD_CELL_ACCOUNT_NAME:
    case ZD_CELL_ACCOUNT_NUMBER:
    case ZD_CELL_ACCOUNT_BANK:
    case ZD_CELL_ACCOUNT_CODE:
    case ZD_CELL_ENTERED:
    case ZD_CELL_REMARK:
        break;
    }
    ZD_ASSERT(false); /* these are put together from several cells, or not read: import_rows.c */
    return ZD_OK;
}
