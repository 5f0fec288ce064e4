/*
 * Identifiers that carry their own proof of form: credit codes, bank codes, cards, invoices, resident ids, region codes. Pure functions over
 * spans. They say whether a number *can* be right, never whether it exists: existence is a fact that somebody attests.
 *
 * Nothing here folds case or trims: "91330600x..." is not a credit code. Resident ids are only recognised here so that they can be kept out of the log;
 * no module stores one in clear outside the private database.
 */
#ifndef ZD_RECORD_IDENTIFIERS_H
#define ZD_RECORD_IDENTIFIERS_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger/base/span.h"

/* --- unified social credit code, GB 32100-2015, with the inner organisation code of GB 11714-1997 --- */
typedef enum zd_uscc_verdict {
    ZD_USCC_OK,
    ZD_USCC_LENGTH,   /* not 18 characters */
    ZD_USCC_ALPHABET, /* a character outside 0-9 A-Z without I O S V Z, or letters where the registrar's region stands */
    ZD_USCC_INNER,    /* character 17 does not check characters 9-16 */
    ZD_USCC_OUTER     /* character 18 does not check the whole */
} zd_uscc_verdict;
zd_uscc_verdict zd_uscc_check(zd_span code);
bool zd_uscc_is_valid(zd_span code);
/* By the first two characters: 91 and 93 are enterprises and co-operatives, 92 is a self-employed person. True of malformed codes too. */
bool zd_uscc_is_enterprise(zd_span code);
/* Eighteen characters of the alphabet, whatever the check characters say: what a signed exception may name. */
bool zd_uscc_is_shaped(zd_span code);

/* --- banks --- */
/* CNAPS code: 12 digits, the last by ISO 7064 MOD 11,10. About 2 % of swapped neighbours pass: a warning, never the only control. */
bool zd_cnaps_is_valid(zd_span code);
/* Bank card: 16 to 19 digits with a Luhn check digit (ISO/IEC 7812). */
bool zd_card_is_valid(zd_span number);
/* Any account: 8 to 32 digits. Corporate accounts have no check digit. */
bool zd_account_number_is_shaped(zd_span number);

/* --- persons --- */
/* Resident id of GB 11643-1999: 18 characters, a real birth date not after today, check character. */
bool zd_resident_id_is_valid(zd_span id, int64_t today_day);

/* --- invoices --- */
typedef enum zd_invoice_form {
    ZD_INVOICE_DIGITAL = 1, /* 20 digits: year 2, region 2, channel 1, sequence 15 */
    ZD_INVOICE_CODE_12,     /* code of 12 digits (0 or 1, region 4, year 2, batch 3, kind 2), ':', number of 8 */
    ZD_INVOICE_CODE_10      /* code of 10 digits (region 4, year 2, batch 1, kind 1, copies 1, version 1), ':', number of 8 */
} zd_invoice_form;
typedef struct zd_invoice_number {
    zd_invoice_form form;
    int year;          /* of issue, e.g. 2026; codes of the older forms carry the year of printing */
    int region;        /* first two digits: 11..65 provinces, 91..95 cities with budgets of their own */
    bool region_known; /* false is worth a flag, not a refusal: the list of regions is not published in one place */
} zd_invoice_number;
/* False when the text has none of the three forms. */
ZD_MUST_USE bool zd_invoice_number_parse(zd_invoice_number *out, zd_span text);
/* "a,b": every number well formed. */
bool zd_invoice_numbers_are_valid(zd_span tags);

/* --- regions, GB/T 2260 --- */
/* Six digits whose first two name a province-level region. */
bool zd_region_is_shaped(zd_span code);
/* A code that may pay on that day: shaped, and within Shaoxing (3306xx) one that was in force in that year. Codes of other cities are taken by shape. */
bool zd_region_is_usable(zd_span code, int64_t day);
/* Chinese name of a Shaoxing code, withdrawn ones included; NULL for others. */
const char *zd_region_name(zd_span code);

#endif
