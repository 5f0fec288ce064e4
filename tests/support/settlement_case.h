/*
 * A released batch for the tests of the settlement files: three payees with the names that go wrong in practice. All parties,
 * accounts and persons are invented; the bank codes only carry right check digits. The caller may change its copy.
 */
#ifndef ZD_TESTS_SETTLEMENT_CASE_H
#define ZD_TESTS_SETTLEMENT_CASE_H

#include "ledger/settle/settlement.h"

#define ZD_CASE_LINES 3

typedef struct zd_settlement_case {
    zd_pay_line lines[ZD_CASE_LINES];
    zd_pay_line offsets[1]; /* of zd_case_with_offset */
    zd_wait_row waiting[3];
    zd_notice_row notices[4];
    zd_settlement settlement; /* points into the arrays above */
} zd_settlement_case;

/* Three lines of 190,000.00 + 12,345.60 + 100.05 yuan, sealed 2026-03-05 10:11:12 +08:00, paid on 2026-03-16. */
void zd_case_three_lines(zd_settlement_case *out);
/* The same, but the second provider owes as much as it claims: two lines are paid, one is wholly offset. */
void zd_case_with_offset(zd_settlement_case *out);
/* One line of one fen, nothing waiting, nothing published. */
void zd_case_one_fen(zd_settlement_case *out);

#define ZD_CASE_CALENDAR "ledger/settle/data/calendar"
#define ZD_CASE_TEMPLATE "ledger/settle/data/treasury-template.json"

#endif
