/*
 * The list of facts and its door: looks at the first bytes of a file and hands it to the reader of that form. Holds no knowledge of any message.
 */
#include "ledger/settle/answers/answers_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"

#define ODDITIES_KEPT 1000

struct zd_answer_text {
    zd_answer_text *next;
    char text[];
};

const char *zd_answer_keep(zd_answers *answers, zd_span text)
{
    if (text.size == 0) {
        return "";
    }
    zd_answer_text *node = zd_alloc(sizeof *node + text.size + 1);
    memcpy(node->text, text.data, text.size);
    node->text[text.size] = '\0';
    node->next = answers->texts;
    answers->texts = node;
    return node->text;
}

zd_bank_fact *zd_answer_add(zd_answers *answers, zd_bank_kind kind, int64_t line, size_t parent, zd_error *err)
{
    if (answers->count == ZD_ANSWER_FACTS_MAX) {
        (void)zd_fail(err, ZD_E_ANSWER_XML, "more than %zu facts in one file", ZD_ANSWER_FACTS_MAX);
        return NULL;
    }
    if (answers->count == answers->capacity) {
        answers->capacity = answers->capacity == 0 ? 64 : answers->capacity * 2;
        answers->facts = zd_realloc(answers->facts, answers->capacity * sizeof *answers->facts);
    }
    zd_bank_fact *fact = &answers->facts[answers->count++];
    *fact = (zd_bank_fact){.kind = kind, .line = line, .parent = parent, .message = "", .payment = "", .instruction = "", .end_to_end = "", .reason = "", .status = "",
                           .currency = "", .day = ZD_DAY_NONE, .bank_ref = "", .other_account = "", .other_name = "", .account = "", .statement_id = "", .number = -1};
    return fact;
}

void zd_answer_odd(zd_answers *answers, const char *word, int64_t line, const char *format, ...)
{
    char detail[160];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    if (answers->oddity_count >= ODDITIES_KEPT) {
        return;
    }
    if (answers->oddity_count == answers->oddity_capacity) {
        answers->oddity_capacity = answers->oddity_capacity == 0 ? 16 : answers->oddity_capacity * 2;
        answers->oddities = zd_realloc(answers->oddities, answers->oddity_capacity * sizeof *answers->oddities);
    }
    answers->oddities[answers->oddity_count++] = (zd_oddity){.word = word, .line = line, .detail = zd_answer_keep(answers, zd_span_text(detail))};
}

bool zd_answer_decimal(int64_t *out_hundredths, bool *exact, zd_span text)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    size_t at = negative || (text.size > 0 && text.data[0] == '+') ? 1 : 0;
    int64_t value = 0;
    size_t digits = 0;
    int decimals = -1;
    *exact = true;
    for (; at < text.size; at++) {
        uint8_t c = text.data[at];
        if (c == '.' && decimals < 0) {
            decimals = 0;
            continue;
        }
        if (c < '0' || c > '9') {
            return false;
        }
        digits++;
        if (decimals >= 2) {
            *exact = *exact && c == '0';
            continue;
        }
        value = value * 10 + (c - '0');
        decimals += decimals >= 0 ? 1 : 0;
        if (value > ZD_FEN_MAX) {
            return false;
        }
    }
    for (int i = decimals < 0 ? 0 : decimals; i < 2; i++) {
        value *= 10;
    }
    *out_hundredths = negative ? -value : value;
    return digits > 0 && value <= ZD_FEN_MAX;
}

bool zd_answer_day(int64_t *out_day, zd_span text)
{
    bool longer = text.size > 10 && (text.data[10] == 'T' || text.data[10] == '+' || text.data[10] == '-' || text.data[10] == 'Z');
    return text.size >= 10 && (text.size == 10 || longer) && zd_date_parse(out_day, zd_span_of(text.data, 10));
}

zd_bank_word zd_bank_word_of(zd_span code)
{
    static const struct {
        const char *code;
        zd_bank_word word;
    } table[] = {{"RCVD", ZD_STS_RECEIVED}, {"PDNG", ZD_STS_PENDING}, {"ACTC", ZD_STS_ACCEPTED}, {"ACCP", ZD_STS_ACCEPTED}, {"ACFC", ZD_STS_ACCEPTED},
                 {"ACSP", ZD_STS_ACCEPTED}, {"ACWC", ZD_STS_ACCEPTED}, {"ACWP", ZD_STS_ACCEPTED}, {"ACPD", ZD_STS_ACCEPTED}, {"PART", ZD_STS_PARTIAL},
                 {"PATC", ZD_STS_PARTIAL}, {"ACSC", ZD_STS_DEBITED}, {"ACCC", ZD_STS_CREDITED}, {"BLCK", ZD_STS_BLOCKED}, {"RJCT", ZD_STS_REJECTED},
                 {"CANC", ZD_STS_CANCELLED}};
    for (size_t i = 0; i < ZD_COUNT(table); i++) {
        if (zd_span_is(code, table[i].code)) {
            return table[i].word;
        }
    }
    return code.size == 0 ? ZD_STS_NONE : ZD_STS_UNKNOWN;
}

const char *zd_bank_form_name(zd_bank_form form)
{
    switch (form) {
    case ZD_FORM_STATUS: return "status";
    case ZD_FORM_INTERIM: return "interim";
    case ZD_FORM_STATEMENT: return "statement";
    case ZD_FORM_NOTIFICATION: return "notification";
    case ZD_FORM_RESULT: return "result";
    case ZD_FORM_RETURN: return "return-notice";
    }
    return "";
}

/* The first byte that is neither a mark nor a blank; 0 for an empty file. UTF-16 begins with its own mark and can only be XML here. */
static uint8_t first_byte(zd_span bytes)
{
    size_t at = bytes.size >= 3 && memcmp(bytes.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (bytes.size >= 2 && ((bytes.data[0] == 0xff && bytes.data[1] == 0xfe) || (bytes.data[0] == 0xfe && bytes.data[1] == 0xff))) {
        return '<';
    }
    while (at < bytes.size && (bytes.data[at] == ' ' || bytes.data[at] == '\t' || bytes.data[at] == '\r' || bytes.data[at] == '\n')) {
        at++;
    }
    return at < bytes.size ? bytes.data[at] : 0;
}

zd_status zd_answers_read(zd_answers **out, zd_span bytes, const zd_answer_profiles *profiles, const char *profile, zd_error *err)
{
    *out = NULL;
    if (bytes.size > ZD_ANSWER_FILE_MAX) {
        return zd_fail(err, ZD_E_FILE_TOO_LARGE, "%zu bytes; at most %zu", bytes.size, ZD_ANSWER_FILE_MAX);
    }
    zd_answers *answers = zd_alloc_zero(1, sizeof *answers);
    zd_status status = ZD_OK;
    answers->message = "";
    answers->id = "";
    if (bytes.size >= 4 && memcmp(bytes.data, "PK\x03\x04", 4) == 0) {
        zd_buf csv = {0};
        status = zd_answer_workbook_csv(&csv, bytes, err);
        status = status == ZD_OK ? zd_answer_read_table(answers, zd_buf_span(&csv), profiles, profile, err) : status;
        zd_buf_free(&csv);
    } else {
        switch (first_byte(bytes)) {
        case 0: status = zd_fail(err, ZD_E_ANSWER_KIND, "the file is empty / 文件为空"); break;
        case '<': status = zd_answer_read_xml(answers, bytes, err); break;
        case '{': status = zd_answer_read_notice(answers, bytes, err); break;
        default: status = zd_answer_read_table(answers, bytes, profiles, profile, err); break;
        }
    }
    if (status != ZD_OK) {
        zd_answers_free(answers);
        return status;
    }
    *out = answers;
    return ZD_OK;
}

void zd_answers_free(zd_answers *answers)
{
    if (answers == NULL) {
        return;
    }
    while (answers->texts != NULL) {
        zd_answer_text *next = answers->texts->next;
        free(answers->texts);
        answers->texts = next;
    }
    free(answers->facts);
    free(answers->oddities);
    free(answers);
}

zd_bank_form zd_answers_form(const zd_answers *answers) { return answers->form; }
const char *zd_answers_message(const zd_answers *answers) { return answers->message; }
const char *zd_answers_id(const zd_answers *answers) { return answers->id; }
size_t zd_answers_count(const zd_answers *answers) { return answers->count; }
size_t zd_answers_oddities(const zd_answers *answers) { return answers->oddity_count; }

const zd_bank_fact *zd_answers_at(const zd_answers *answers, size_t index)
{
    ZD_ASSERT(index < answers->count);
    return &answers->facts[index];
}

const zd_oddity *zd_answers_oddity(const zd_answers *answers, size_t index)
{
    ZD_ASSERT(index < answers->oddity_count);
    return &answers->oddities[index];
}
