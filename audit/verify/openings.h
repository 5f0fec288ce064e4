/*
 * Openings: personal data and accounts stand in the history as salted commitments only; who audits them is handed a file that opens the commitments, outside of the log. One JSON
 * object a line, no other fields:
 *
 *     {"subject":"provider/<id>" or "holder/<id>","domain":"zhidui-account-v1","salt":"<64 hexadecimal digits>","parts":["<text>", …]}
 *
 * commitment = SHA-256( domain, line feed, the 32 bytes of the salt, then each part as its length in bytes (decimal), a colon, and its bytes ). The parts of
 * zhidui-account-v1 are the bank's name of the account, its number, the bank's name, the bank's code. What a part says is never printed.
 */
#ifndef ZD_VERIFY_OPENINGS_H
#define ZD_VERIFY_OPENINGS_H

#include "audit/verify/report.h"
#include "audit/verify/story.h"
#include "ledger/json/json.h"

/* One line of the file. */
typedef struct zd_opening {
    zd_json *json; /* owned; the rest borrows from it */
    zd_span subject;
    zd_span domain;
    zd_jval parts; /* 1 to 16 texts */
    zd_hash commitment; /* recomputed from domain, salt and parts */
} zd_opening;
/* JSON_*, FIELD_INVALID. Free out in any case. */
zd_status zd_opening_read(zd_opening *out, zd_span line, zd_error *err);
void zd_opening_free(zd_opening *opening);

#define ZD_OPENINGS_BYTES_MAX (256U << 20)
#define ZD_OPENING_PARTS_MAX 16

typedef struct zd_openings {
    uint64_t lines;  /* of the file */
    uint64_t fit;    /* that open a commitment which the history holds for their subject */
    uint64_t held;   /* commitments that are in force at the end of the history: accounts of providers, persons of holders */
    uint64_t opened; /* of them, opened by the file */
} zd_openings;

/* Each line that opens nothing is a finding (OPENING) of report. JSON_*, FIELD_INVALID with the line for a malformed file. */
zd_status zd_openings_check(zd_openings *out, zd_report *report, zd_story *story, zd_span file, zd_error *err);

#endif
