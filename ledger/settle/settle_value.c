/*
 * The table of text values that settlement files print, with the form each must have. The limits are the narrowest of the
 * files that carry the value: pain.001.001.09 (Max140Text, Max35Text, counted in characters) and the byte widths usual in
 * bank upload forms (names 120 bytes of GB18030). Nothing here is a rule of the programme.
 */
#include "ledger/settle/settle_int.h"

#include <string.h>

#define BATCH_TEXT(member, part, characters, bytes, required, cell)                                                              \
    {#member, offsetof(zd_settlement, member), part, false, true, {#member, characters, bytes, required, cell}}
#define BATCH_FORM(member, part)                                                                                                 \
    {#member, offsetof(zd_settlement, member), part, false, false, {#member, 0, 0, true, true}}
#define LINE_TEXT(member, characters, bytes)                                                                                     \
    {#member, offsetof(zd_pay_line, member), ZD_PART_LINES, true, true, {#member, characters, bytes, true, true}}
#define LINE_FORM(member) {#member, offsetof(zd_pay_line, member), ZD_PART_LINES, true, false, {#member, 0, 0, true, true}}

static const zd_settle_value values[] = {
    BATCH_TEXT(ledger, ZD_PART_BATCH, 100, 0, true, false),
    BATCH_FORM(batch, ZD_PART_BATCH),
    BATCH_TEXT(pool, ZD_PART_BATCH, 40, 0, true, false),
    BATCH_TEXT(jurisdiction, ZD_PART_BATCH, 40, 0, true, true),
    BATCH_FORM(execution_date, ZD_PART_DATE),
    BATCH_TEXT(document, ZD_PART_POOL, 96, 0, true, true),
    BATCH_TEXT(fund_nature, ZD_PART_POOL, 60, 0, true, true),
    BATCH_TEXT(budget_unit, ZD_PART_POOL, 96, 0, true, true),
    BATCH_TEXT(project, ZD_PART_POOL, 96, 0, true, true),
    BATCH_TEXT(function_code, ZD_PART_POOL, 60, 0, true, true),
    BATCH_TEXT(gov_economic, ZD_PART_POOL, 60, 0, true, true),
    BATCH_TEXT(dept_economic, ZD_PART_POOL, 60, 0, true, true),
    BATCH_TEXT(settle_mode, ZD_PART_POOL, 40, 0, true, true),
    BATCH_TEXT(payer_name, ZD_PART_PAYER, 140, 120, true, true),
    BATCH_TEXT(payer_code, ZD_PART_PAYER, 35, 0, true, true),
    BATCH_FORM(payer_account, ZD_PART_PAYER),
    BATCH_FORM(payer_bank_code, ZD_PART_PAYER),
    BATCH_TEXT(payer_bank_name, ZD_PART_PAYER, 140, 120, true, true),
    BATCH_TEXT(purpose, ZD_PART_PAYER, 140, 120, true, true),
    BATCH_TEXT(maker, ZD_PART_PERSONS, 64, 0, false, false),
    BATCH_TEXT(checker, ZD_PART_PERSONS, 64, 0, false, false),
    BATCH_TEXT(releaser, ZD_PART_PERSONS, 64, 0, false, false),
    BATCH_TEXT(contact, ZD_PART_NOTICES, 140, 0, true, false),
    LINE_TEXT(provider, 35, 0),
    LINE_TEXT(provider_name, 140, 0),
    LINE_TEXT(account_name, 140, 120),
    LINE_FORM(account),
    LINE_TEXT(bank_name, 140, 120),
    LINE_FORM(bank_code),
    LINE_FORM(end_to_end),
};

const zd_settle_value *zd_settle_values(size_t *count)
{
    *count = ZD_COUNT(values);
    return values;
}

zd_span zd_settle_value_text(const zd_settle_value *value, const zd_settlement *settlement, const zd_pay_line *line)
{
    ZD_ASSERT(!value->of_line || line != NULL);
    const char *base = value->of_line ? (const char *)line : (const char *)settlement;
    const char *text = NULL;
    memcpy(&text, base + value->offset, sizeof text);
    return zd_span_text(text);
}
