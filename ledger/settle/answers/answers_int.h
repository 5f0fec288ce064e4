/*
 * Shared by the readers of this folder only: the growing list of facts, and what each reader offers. No third-party type stands here.
 */
#ifndef ZD_SETTLE_ANSWERS_ANSWERS_INT_H
#define ZD_SETTLE_ANSWERS_ANSWERS_INT_H

#include "ledger/json/json.h"
#include "ledger/settle/answers/answers.h"
#include "ledger/table/table.h"

typedef struct zd_answer_text zd_answer_text;
struct zd_answers {
    zd_bank_form form;
    const char *message;
    const char *id;
    zd_bank_fact *facts;
    size_t count, capacity;
    zd_oddity *oddities;
    size_t oddity_count, oddity_capacity;
    zd_answer_text *texts;
};

/* A new fact with every text "" and no day; NULL (ANSWER_XML) beyond ZD_ANSWER_FACTS_MAX. Pointers to facts move: keep the index. */
zd_bank_fact *zd_answer_add(zd_answers *answers, zd_bank_kind kind, int64_t line, size_t parent, zd_error *err);
/* A copy that lives as long as the answers. */
const char *zd_answer_keep(zd_answers *answers, zd_span text);
/* At most 1,000 are kept of a file; the count goes on. */
void zd_answer_odd(zd_answers *answers, const char *word, int64_t line, const char *format, ...) ZD_PRINTF(4, 5);

/* "1234.5", "-12", "+0.00500": hundredths. False: not a decimal number, or outside the range of money. *exact is false when non-zero digits beyond the second were cut. */
ZD_MUST_USE bool zd_answer_decimal(int64_t *out_hundredths, bool *exact, zd_span text);
/* The day of an ISO date or date-time (offset ignored: a bank's day is the day in its own text). */
ZD_MUST_USE bool zd_answer_day(int64_t *out_day, zd_span text);

/* xml.c, with pain002.c and camt.c for the messages */
zd_status zd_answer_read_xml(zd_answers *answers, zd_span bytes, zd_error *err);
/* notice.c: the typed return notice as JSON */
zd_status zd_answer_read_notice(zd_answers *answers, zd_span bytes, zd_error *err);
/* workbook_read.c: the first sheet of a workbook as comma-separated text. */
zd_status zd_answer_workbook_csv(zd_buf *out, zd_span bytes, zd_error *err);

/* profile.c */
#define ZD_PROFILE_COLUMNS 40
#define ZD_PROFILE_WORDS 32
#define ZD_PROFILE_TEXT 64
typedef enum zd_profile_value {
    ZD_COL_IGNORED, ZD_COL_END_TO_END, ZD_COL_MESSAGE, ZD_COL_STATUS, ZD_COL_REASON, ZD_COL_AMOUNT, ZD_COL_DEBIT, ZD_COL_CREDIT, ZD_COL_SIDE, ZD_COL_DATE,
    ZD_COL_BANK_REF, ZD_COL_OTHER_ACCOUNT, ZD_COL_OTHER_NAME, ZD_COL_SUMMARY, ZD_COL_CURRENCY, ZD_COL_EVIDENCE, ZD_COL_ACCOUNT
} zd_profile_value;
typedef struct zd_profile_column {
    char header[ZD_PROFILE_TEXT];
    zd_profile_value value;
    bool required; /* the header must have it */
} zd_profile_column;
typedef struct zd_profile_word {
    char text[ZD_PROFILE_TEXT];
    char means[8];
} zd_profile_word;
typedef struct zd_profile {
    char name[ZD_PROFILE_TEXT];
    zd_bank_form form;
    bool fen; /* amounts are fen, not yuan */
    size_t column_count;
    zd_profile_column columns[ZD_PROFILE_COLUMNS];
    size_t status_count, side_count, return_count, fee_count, footer_count;
    zd_profile_word statuses[ZD_PROFILE_WORDS]; /* the table's word -> ISO code */
    zd_profile_word sides[ZD_PROFILE_WORDS];    /* -> D or C */
    zd_profile_word returns[ZD_PROFILE_WORDS];  /* a summary that holds this text is a return */
    zd_profile_word fees[ZD_PROFILE_WORDS];
    zd_profile_word footers[ZD_PROFILE_WORDS];  /* a row whose first cell begins so is a total */
} zd_profile;
struct zd_answer_profiles {
    zd_profile *profiles;
    size_t count;
};
zd_status zd_profile_read(zd_profile *out, zd_span json, zd_error *err);

/* table_read.c */
zd_status zd_answer_read_table(zd_answers *answers, zd_span csv, const zd_answer_profiles *profiles, const char *profile, zd_error *err);

#endif
