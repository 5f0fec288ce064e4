/*
 * The form of one text: encoding, characters that a person cannot see or a bank cannot take over, length, and beginnings
 * that a spreadsheet would run as a formula. Finds, never repairs: a changed name no longer equals the registered one.
 */
#include "ledger/settle/settle_int.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void zd_problem_add(zd_problems *problems, zd_code code, int64_t line, const char *field, zd_span value, const char *format, ...)
{
    char detail[240];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    zd_error problem = {0};
    (void)zd_fail(&problem, code, "%s", detail);
    zd_error_field(&problem, field, value);
    zd_error_at(&problem, line, 0);
    if (problems->count == 0) {
        problems->first = problem;
    }
    problems->count++;
    if (problems->report != NULL) {
        problems->report(problems->context, &problem);
    }
}

typedef struct code_range {
    uint32_t from, to;
    zd_code code;
    const char *what;
} code_range;

/* Unicode 15: general categories Cc, Cf, Zl, Zp, Zs other than the two spaces of ordinary text, variation selectors, Co, Cn by
 * definition (noncharacters), and the replacement character that stands for text already lost. Ascending. */
static const code_range refused[] = {
    {0x0000, 0x001f, ZD_E_TEXT_CONTROL, "control character / 控制字符"},
    {0x007f, 0x009f, ZD_E_TEXT_CONTROL, "control character / 控制字符"},
    {0x00a0, 0x00a0, ZD_E_TEXT_CONTROL, "space that looks like another / 易混淆空格"},
    {0x00ad, 0x00ad, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x034f, 0x034f, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x0600, 0x0605, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x061c, 0x061c, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x115f, 0x1160, ZD_E_TEXT_CONTROL, "invisible filler / 不可见填充字符"},
    {0x1680, 0x1680, ZD_E_TEXT_CONTROL, "space that looks like another / 易混淆空格"},
    {0x17b4, 0x17b5, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x180b, 0x180f, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x2000, 0x200f, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x2028, 0x202f, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x205f, 0x206f, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x3164, 0x3164, ZD_E_TEXT_CONTROL, "invisible filler / 不可见填充字符"},
    {0xe000, 0xf8ff, ZD_E_EXPORT_CHARSET, "private-use character; type the registered one / 造字区字符，请改用正式编码"},
    {0xfdd0, 0xfdef, ZD_E_EXPORT_CHARSET, "not a character / 非字符"},
    {0xfe00, 0xfe0f, ZD_E_TEXT_CONTROL, "variation selector / 异体字选择符"},
    {0xfeff, 0xfeff, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0xffa0, 0xffa0, ZD_E_TEXT_CONTROL, "invisible filler / 不可见填充字符"},
    {0xfff0, 0xfffb, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0xfffd, 0xfffd, ZD_E_EXPORT_CHARSET, "replacement character: the text was damaged before / 替换字符，文本此前已损坏"},
    {0xfffe, 0xffff, ZD_E_EXPORT_CHARSET, "not a character / 非字符"},
    {0x1bca0, 0x1bca3, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0x1d173, 0x1d17a, ZD_E_TEXT_CONTROL, "invisible format character / 不可见格式字符"},
    {0xe0000, 0xe0fff, ZD_E_TEXT_CONTROL, "tag or variation selector / 标签或异体字选择符"},
    {0xf0000, 0x10ffff, ZD_E_EXPORT_CHARSET, "private-use character; type the registered one / 造字区字符，请改用正式编码"},
};

/* The next character of valid UTF-8 at *at; moves *at past it. */
static uint32_t next_character(zd_span text, size_t *at)
{
    uint8_t first = text.data[(*at)++];
    if (first < 0x80) {
        return first;
    }
    uint32_t value = first < 0xe0 ? first & 0x1fU : first < 0xf0 ? first & 0x0fU : first & 0x07U;
    while (*at < text.size && (text.data[*at] & 0xc0) == 0x80) {
        value = value << 6 | (text.data[(*at)++] & 0x3fU);
    }
    return value;
}

static const code_range *refusal_of(uint32_t character)
{
    for (size_t i = 0; i < ZD_COUNT(refused); i++) {
        if (character >= refused[i].from && character <= refused[i].to) {
            return &refused[i];
        }
    }
    return NULL;
}

/* One problem for the first refused character; returns how many characters the text has. */
static size_t check_characters(zd_problems *problems, int64_t line, const char *field, zd_span text)
{
    size_t characters = 0;
    bool reported = false;
    for (size_t at = 0; at < text.size; characters++) {
        uint32_t character = next_character(text, &at);
        const code_range *refusal = reported ? NULL : refusal_of(character);
        if (refusal != NULL) {
            reported = true;
            zd_problem_add(problems, refusal->code, line, field, text, "character %zu is U+%04X: %s", characters + 1, (unsigned)character, refusal->what);
        }
    }
    return characters;
}

bool zd_text_starts_formula(zd_span text)
{
    static const char *const starts[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    while (zd_span_starts(text, " ") || zd_span_starts(text, "　")) {
        size_t blank = text.data[0] == ' ' ? 1 : strlen("　");
        text = zd_span_of(text.data + blank, text.size - blank);
    }
    for (size_t i = 0; i < ZD_COUNT(starts); i++) {
        if (zd_span_starts(text, starts[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a bank can hold it, and in how many bytes. */
static void check_bank_bytes(zd_problems *problems, int64_t line, const zd_text_rule *rule, zd_span text)
{
    zd_buf encoded = {0};
    zd_error err = {0};
    if (zd_gb18030_add(&encoded, text, &err) != ZD_OK) {
        zd_problem_add(problems, err.code, line, rule->field, text, "%s: %s", err.value, err.detail);
    } else if (rule->max_bytes > 0 && encoded.size > rule->max_bytes) {
        zd_problem_add(problems, ZD_E_TEXT_TOO_LONG, line, rule->field, text, "%zu bytes of GB18030, at most %zu / GB18030 %zu 字节，最多 %zu", encoded.size,
                       rule->max_bytes, encoded.size, rule->max_bytes);
    }
    zd_buf_free(&encoded);
}

bool zd_problem_text(zd_problems *problems, int64_t line, const zd_text_rule *rule, zd_span text)
{
    size_t before = problems->count;
    if (text.size == 0) {
        if (rule->required) {
            zd_problem_add(problems, ZD_E_EXPORT_EMPTY, line, rule->field, text, "needed / 必填");
        }
        return problems->count == before;
    }
    if (!zd_span_is_utf8(text)) {
        zd_problem_add(problems, ZD_E_TEXT_NOT_UTF8, line, rule->field, text, "stored text is damaged / 文本已损坏");
        return false;
    }
    size_t characters = check_characters(problems, line, rule->field, text);
    bool visible = problems->count == before;
    if (rule->max_characters > 0 && characters > rule->max_characters) {
        zd_problem_add(problems, ZD_E_TEXT_TOO_LONG, line, rule->field, text, "%zu characters, at most %zu / %zu 个字符，最多 %zu", characters,
                       rule->max_characters, characters, rule->max_characters);
    }
    if (rule->cell && zd_text_starts_formula(text)) {
        zd_problem_add(problems, ZD_E_EXPORT_FORMULA, line, rule->field, text, "must not begin with = + - @ or a tab / 不得以 = + - @ 或制表符开头");
    }
    if (rule->cell && visible) {
        check_bank_bytes(problems, line, rule, text);
    }
    return problems->count == before;
}

void zd_problem_id(zd_problems *problems, int64_t line, const char *field, zd_span text, size_t max)
{
    if (text.size == 0) {
        zd_problem_add(problems, ZD_E_EXPORT_EMPTY, line, field, text, "needed / 必填");
        return;
    }
    if (text.size > max) {
        zd_problem_add(problems, ZD_E_TEXT_TOO_LONG, line, field, text, "%zu bytes, at most %zu / %zu 字节，最多 %zu", text.size, max, text.size, max);
    }
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.data[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0);
        if (!plain) {
            zd_problem_add(problems, ZD_E_EXPORT_ID, line, field, text, "byte %zu / 第 %zu 字节", i + 1, i + 1);
            return;
        }
    }
}
