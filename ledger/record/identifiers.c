/*
 * Check characters and forms of identifiers; see identifiers.h. Each check is the arithmetic of its standard and nothing else: no list of
 * known-good numbers, no repair of what was typed.
 */
#include "ledger/record/identifiers.h"

#include <string.h>

#include "ledger/base/clock.h"

static bool all_digits(zd_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return text.size > 0;
}

/* Callers have made sure that these are digits. */
static int number_at(zd_span text, size_t from, size_t count)
{
    int number = 0;
    for (size_t i = 0; i < count; i++) {
        number = number * 10 + (text.data[from + i] - '0');
    }
    return number;
}

/* --- GB 32100, GB 11714 --- */

#define USCC_SIZE 18
/* Values 0..30 of the outer check; I, O, S, V and Z are left out because they look like digits or each other. */
static const char uscc_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int outer_value(uint8_t c)
{
    const char *at = c != 0 ? strchr(uscc_alphabet, c) : NULL;
    return at != NULL ? (int)(at - uscc_alphabet) : -1;
}

/* The inner check counts letters from A = 10 without gaps, unlike the outer one. */
static int inner_value(uint8_t c)
{
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

bool zd_uscc_is_shaped(zd_span code)
{
    if (code.size != USCC_SIZE || !all_digits(zd_span_of(code.data + 2, 6))) {
        return false;
    }
    for (size_t i = 0; i < USCC_SIZE; i++) {
        if (outer_value(code.data[i]) < 0) {
            return false;
        }
    }
    return true;
}

static char inner_check(zd_span code)
{
    static const int weights[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    int sum = 0;
    for (size_t i = 0; i < 8; i++) {
        sum += weights[i] * inner_value(code.data[8 + i]);
    }
    int rest = 11 - sum % 11;
    return rest == 10 ? 'X' : rest == 11 ? '0' : (char)('0' + rest);
}

static char outer_check(zd_span code)
{
    int weight = 1; /* 3^i mod 31 */
    int sum = 0;
    for (size_t i = 0; i + 1 < USCC_SIZE; i++) {
        sum += weight * outer_value(code.data[i]);
        weight = weight * 3 % 31;
    }
    return uscc_alphabet[(31 - sum % 31) % 31];
}

zd_uscc_verdict zd_uscc_check(zd_span code)
{
    if (code.size != USCC_SIZE) {
        return ZD_USCC_LENGTH;
    }
    if (!zd_uscc_is_shaped(code)) {
        return ZD_USCC_ALPHABET;
    }
    if ((char)code.data[16] != inner_check(code)) {
        return ZD_USCC_INNER;
    }
    return (char)code.data[17] == outer_check(code) ? ZD_USCC_OK : ZD_USCC_OUTER;
}

bool zd_uscc_is_valid(zd_span code)
{
    return zd_uscc_check(code) == ZD_USCC_OK;
}

bool zd_uscc_is_enterprise(zd_span code)
{
    return zd_span_starts(code, "91") || zd_span_starts(code, "93");
}

/* --- banks --- */

bool zd_cnaps_is_valid(zd_span code)
{
    if (code.size != 12 || !all_digits(code)) {
        return false;
    }
    int product = 10;
    for (size_t i = 0; i < 11; i++) {
        int sum = (product + (code.data[i] - '0')) % 10;
        product = 2 * (sum == 0 ? 10 : sum) % 11;
    }
    return code.data[11] - '0' == (11 - product) % 10;
}

bool zd_card_is_valid(zd_span number)
{
    if (number.size < 16 || number.size > 19 || !all_digits(number)) {
        return false;
    }
    int sum = 0;
    for (size_t i = 0; i < number.size; i++) {
        int digit = number.data[number.size - 1 - i] - '0';
        int doubled = i % 2 == 1 ? 2 * digit : digit;
        sum += doubled > 9 ? doubled - 9 : doubled;
    }
    return sum % 10 == 0;
}

bool zd_account_number_is_shaped(zd_span number)
{
    return number.size >= 8 && number.size <= 32 && all_digits(number);
}

/* --- persons --- */

bool zd_resident_id_is_valid(zd_span id, int64_t today_day)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    if (id.size != 18 || !all_digits(zd_span_of(id.data, 17)) || !zd_region_is_shaped(zd_span_of(id.data, 6))) {
        return false;
    }
    int year = number_at(id, 6, 4);
    int month = number_at(id, 10, 2);
    int day_of_month = number_at(id, 12, 2);
    if (year < 1800 || month < 1 || month > 12 || day_of_month < 1 || day_of_month > 31) {
        return false;
    }
    int64_t born = zd_day_from(year, month, day_of_month);
    int back_year = 0;
    int back_month = 0;
    int back_day = 0;
    zd_day_split(born, &back_year, &back_month, &back_day);
    if (back_month != month || back_day != day_of_month || born > today_day) {
        return false;
    }
    int sum = 0;
    for (size_t i = 0; i < 17; i++) {
        sum += weights[i] * (id.data[i] - '0');
    }
    return id.data[17] == (uint8_t)"10X98765432"[sum % 11];
}

/* --- invoices --- */

static void set_invoice(zd_invoice_number *out, zd_invoice_form form, int year, int region)
{
    bool known = (region >= 11 && region <= 65) || (region >= 91 && region <= 95);
    *out = (zd_invoice_number){.form = form, .year = 2000 + year, .region = region, .region_known = known};
}

bool zd_invoice_number_parse(zd_invoice_number *out, zd_span text)
{
    *out = (zd_invoice_number){0};
    if (text.size == 20 && all_digits(text)) {
        set_invoice(out, ZD_INVOICE_DIGITAL, number_at(text, 0, 2), number_at(text, 2, 2));
        return true;
    }
    zd_span code;
    zd_span number = zd_span_cut(&code, text, ':');
    if (number.size != 8 || !all_digits(number) || !all_digits(code)) {
        return false;
    }
    if (code.size == 12 && (code.data[0] == '0' || code.data[0] == '1')) {
        set_invoice(out, ZD_INVOICE_CODE_12, number_at(code, 5, 2), number_at(code, 1, 2));
        return true;
    }
    if (code.size == 10) {
        set_invoice(out, ZD_INVOICE_CODE_10, number_at(code, 4, 2), number_at(code, 0, 2));
        return true;
    }
    return false;
}

bool zd_invoice_numbers_are_valid(zd_span tags)
{
    zd_span rest = tags;
    do {
        zd_span head;
        zd_invoice_number number;
        rest = zd_span_cut(&head, rest, ',');
        if (!zd_invoice_number_parse(&number, head)) {
            return false;
        }
    } while (rest.size > 0);
    return true;
}

/* --- regions --- */

/* GB/T 2260 of Shaoxing with the years in which a code was in force; to_year 0 = still is. */
typedef struct region {
    const char *code;
    const char *name;
    int from_year;
    int to_year;
} region;
static const region shaoxing[] = {
    {"330600", "绍兴市", 1983, 0},    {"330602", "越城区", 1983, 0},    {"330603", "柯桥区", 2013, 0},    {"330604", "上虞区", 2013, 0},
    {"330621", "绍兴县", 1983, 2013}, {"330622", "上虞县", 1983, 1992}, {"330623", "嵊县", 1983, 1995},   {"330624", "新昌县", 1983, 0},
    {"330625", "诸暨县", 1983, 1989}, {"330681", "诸暨市", 1990, 0},    {"330682", "上虞市", 1992, 2013}, {"330683", "嵊州市", 1995, 0},
};

static const region *find_region(zd_span code)
{
    for (size_t i = 0; i < ZD_COUNT(shaoxing); i++) {
        if (zd_span_is(code, shaoxing[i].code)) {
            return &shaoxing[i];
        }
    }
    return NULL;
}

bool zd_region_is_shaped(zd_span code)
{
    if (code.size != 6 || !all_digits(code)) {
        return false;
    }
    int province = number_at(code, 0, 2);
    return (province >= 11 && province <= 65) || province == 71 || province == 81 || province == 82;
}

bool zd_region_is_usable(zd_span code, int64_t day)
{
    if (!zd_region_is_shaped(code)) {
        return false;
    }
    if (!zd_span_starts(code, "3306")) {
        return true;
    }
    const region *found = find_region(code);
    int year = zd_day_year(day);
    return found != NULL && found->from_year <= year && (found->to_year == 0 || year <= found->to_year);
}

const char *zd_region_name(zd_span code)
{
    const region *found = find_region(code);
    return found != NULL ? found->name : NULL;
}
