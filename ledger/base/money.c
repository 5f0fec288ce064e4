/* Fen arithmetic, yuan text and 大写; see money.h. */
#include "ledger/base/money.h"

#include <stdio.h>
#include <string.h>

static bool in_range(int64_t fen)
{
    return fen >= -ZD_FEN_MAX && fen <= ZD_FEN_MAX;
}

bool zd_fen_add(int64_t *out, int64_t a_fen, int64_t b_fen)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(a_fen, b_fen, &sum) || !in_range(sum)) {
        return false;
    }
    *out = sum;
    return true;
}

bool zd_fen_sub(int64_t *out, int64_t a_fen, int64_t b_fen)
{
    int64_t difference = 0;
    if (__builtin_sub_overflow(a_fen, b_fen, &difference) || !in_range(difference)) {
        return false;
    }
    *out = difference;
    return true;
}

int64_t zd_fen_share(int64_t base_fen, int64_t ratio_bp)
{
    ZD_ASSERT(base_fen >= 0 && base_fen <= ZD_FEN_MAX);
    ZD_ASSERT(ratio_bp >= 0 && ratio_bp <= ZD_BP_ONE);
    return (int64_t)((__int128)base_fen * ratio_bp / ZD_BP_ONE);
}

int64_t zd_fen_min(int64_t a_fen, int64_t b_fen)
{
    return a_fen < b_fen ? a_fen : b_fen;
}

int64_t zd_fen_max(int64_t a_fen, int64_t b_fen)
{
    return a_fen > b_fen ? a_fen : b_fen;
}

void zd_fen_split(int64_t *out_fen, const int64_t *weights, size_t count, int64_t amount_fen)
{
    ZD_ASSERT(amount_fen >= 0 && count > 0 && count <= 64);
    __int128 total = 0;
    for (size_t i = 0; i < count; i++) {
        ZD_ASSERT(weights[i] >= 0);
        total += weights[i];
    }
    ZD_ASSERT(total > 0 || amount_fen == 0);
    __int128 remainder[64];
    int64_t given = 0;
    for (size_t i = 0; i < count; i++) {
        __int128 product = (__int128)amount_fen * weights[i];
        out_fen[i] = total > 0 ? (int64_t)(product / total) : 0;
        remainder[i] = total > 0 ? product % total : 0;
        given += out_fen[i];
    }
    for (; given < amount_fen; given++) {
        size_t best = 0;
        for (size_t i = 1; i < count; i++) {
            if (remainder[i] > remainder[best]) {
                best = i;
            }
        }
        out_fen[best]++;
        remainder[best] = -1;
    }
}

void zd_fen_yuan(char *out, int64_t amount_fen)
{
    ZD_ASSERT(in_range(amount_fen));
    int64_t magnitude = amount_fen < 0 ? -amount_fen : amount_fen;
    zd_format(out, ZD_FEN_TEXT, "%s%lld.%02lld", amount_fen < 0 ? "-" : "", (long long)(magnitude / 100),
              (long long)(magnitude % 100));
}

void zd_fen_yuan_grouped(char *out, int64_t amount_fen)
{
    char plain[ZD_FEN_TEXT];
    zd_fen_yuan(plain, amount_fen);
    size_t start = plain[0] == '-' ? 1 : 0;
    size_t digits = strlen(plain) - 3 - start;
    size_t n = 0;
    for (size_t i = 0; plain[i] != '\0'; i++) {
        size_t place = i - start;
        if (i > start && place < digits && (digits - place) % 3 == 0) {
            out[n++] = ',';
        }
        out[n++] = plain[i];
    }
    out[n] = '\0';
}

static zd_status amount_fails(zd_error *err, zd_span text, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_AMOUNT_MALFORMED, "%s", why);
    zd_error_field(err, "amount", text);
    return status;
}

static zd_span trimmed(zd_span text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text = zd_span_of(text.data + 1, text.size - 1);
    }
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t')) {
        text.size--;
    }
    return text;
}

zd_status zd_fen_parse(int64_t *out_fen, zd_span text, zd_error *err)
{
    zd_span rest = trimmed(text);
    if (zd_span_starts(rest, "¥") || zd_span_starts(rest, "￥")) {
        size_t sign = zd_span_starts(rest, "¥") ? strlen("¥") : strlen("￥");
        rest = trimmed(zd_span_of(rest.data + sign, rest.size - sign));
    }
    if (rest.size == 0) {
        return amount_fails(err, text, "no amount; write yuan, e.g. 12,345.60 / 没有金额，请写成 12,345.60");
    }
    zd_span whole;
    zd_span cents = zd_span_cut(&whole, rest, '.');
    bool has_point = whole.size != rest.size;
    int64_t fen = 0;
    size_t group = 0;
    bool grouped = false;
    if (whole.size == 0) {
        return amount_fails(err, text, "no digit before the point / 小数点前没有数字");
    }
    for (size_t i = 0; i < whole.size; i++) {
        if (whole.data[i] == ',') {
            if (group == 0 || group > 3 || (grouped && group != 3)) {
                return amount_fails(err, text, "commas must separate groups of three / 千分位逗号位置不对");
            }
            grouped = true;
            group = 0;
            continue;
        }
        if (whole.data[i] < '0' || whole.data[i] > '9') {
            return amount_fails(err, text, "only half-width digits, comma and point / 只能用半角数字、逗号和小数点");
        }
        group++;
        fen = fen * 10 + (whole.data[i] - '0');
        if (fen > ZD_FEN_MAX / 100) {
            return amount_fails(err, text, "more than 15 digits of fen / 金额超出范围");
        }
    }
    if (grouped && group != 3) {
        return amount_fails(err, text, "commas must separate groups of three / 千分位逗号位置不对");
    }
    fen *= 100;
    if (has_point && (cents.size == 0 || cents.size > 2)) {
        return amount_fails(err, text, "one or two decimals / 小数最多两位");
    }
    for (size_t i = 0; i < cents.size; i++) {
        if (cents.data[i] < '0' || cents.data[i] > '9') {
            return amount_fails(err, text, "only half-width digits, comma and point / 只能用半角数字、逗号和小数点");
        }
        fen += (cents.data[i] - '0') * (i == 0 ? 10 : 1);
    }
    *out_fen = fen;
    return ZD_OK;
}

static const char *const capital_digits[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

/*
 * Writes a whole number of yuan (> 0) in sections of four digits. One 零 stands for a run of inner zeros; none is written where a
 * section merely ends in zeros (壹拾万柒仟元), which the rules leave open. 亿 is said once: 壹万贰仟亿, not 壹万亿贰仟亿.
 */
static void capitals_whole(zd_buf *out, int64_t yuan)
{
    static const char *const places[] = {"", "拾", "佰", "仟"};
    static const char *const sections[] = {"", "万", "亿", "万"};
    char digits[24];
    zd_format(digits, sizeof digits, "%lld", (long long)yuan);
    size_t count = strlen(digits);
    bool zero_pending = false;
    bool section_written = false;
    for (size_t i = 0; i < count; i++) {
        size_t place = count - 1 - i;
        int digit = digits[i] - '0';
        if (digit == 0) {
            zero_pending = true;
        } else {
            zd_buf_add_text(out, zero_pending ? "零" : "");
            zd_buf_addf(out, "%s%s", capital_digits[digit], places[place % 4]);
            zero_pending = false;
            section_written = true;
        }
        if (place % 4 == 0 && place > 0) {
            zd_buf_add_text(out, section_written || place == 8 ? sections[place / 4] : "");
            zero_pending = zero_pending && !section_written;
            section_written = false;
        }
    }
}

void zd_fen_capitals(zd_buf *out, int64_t amount_fen)
{
    ZD_ASSERT(amount_fen >= 0 && amount_fen <= ZD_FEN_MAX);
    int64_t yuan = amount_fen / 100;
    int64_t jiao = amount_fen / 10 % 10;
    int64_t fen = amount_fen % 10;
    if (yuan > 0) {
        capitals_whole(out, yuan);
        zd_buf_add_text(out, "元");
    }
    if (jiao == 0 && fen == 0) {
        zd_buf_add_text(out, yuan > 0 ? "整" : "零元整");
        return;
    }
    if (jiao > 0) {
        zd_buf_addf(out, "%s角", capital_digits[jiao]);
    } else if (yuan > 0) {
        zd_buf_add_text(out, "零");
    }
    if (fen > 0) {
        zd_buf_addf(out, "%s分", capital_digits[fen]);
    }
}
