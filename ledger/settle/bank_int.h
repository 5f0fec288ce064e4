/* Inside ledger/settle only: what a bank profile holds once it is read and checked. */
#ifndef ZD_SETTLE_BANK_INT_H
#define ZD_SETTLE_BANK_INT_H

#include "ledger/settle/settle_int.h"

#define ZD_BANK_COLUMNS 40
#define ZD_BANK_LINES 8
#define ZD_BANK_TEXT 96
#define ZD_BANK_LINE 300

typedef enum zd_bank_kind {
    ZD_BANK_VALUE,  /* a value of the table of settle_value.c */
    ZD_BANK_DATE8,  /* the execution date as yyyymmdd */
    ZD_BANK_NUMBER, /* of the line within the batch */
    ZD_BANK_ROW,    /* of the row within the file */
    ZD_BANK_AMOUNT, /* of the line, in the profile's unit */
    ZD_BANK_OWN,    /* one word for payees at the payer's bank, another for all others */
    ZD_BANK_CONSTANT,
    ZD_BANK_COUNT,  /* of the file: rows, total, part, parts. Not in columns */
    ZD_BANK_TOTAL,
    ZD_BANK_PART,
    ZD_BANK_PARTS
} zd_bank_kind;

typedef struct zd_bank_column {
    char header[ZD_BANK_TEXT];
    zd_bank_kind kind;
    const zd_settle_value *value;
    char own[ZD_BANK_TEXT]; /* also the constant */
    char other[ZD_BANK_TEXT];
    size_t max_bytes; /* in the profile's encoding; 0 = not limited */
    int width;
} zd_bank_column;

struct zd_bank_profile {
    char id[41];
    char name[32]; /* of the sheet */
    bool workbook;
    bool quoted;   /* RFC 4180; otherwise nothing quotes and the delimiter is refused in data */
    bool trailing; /* a delimiter after the last cell too */
    bool fen;      /* amounts in fen, else yuan with two decimals */
    bool header_row;
    bool split;    /* more rows than max_rows: further files, else refused */
    char encoding[12];
    char line_end[3];
    char delimiter[2];
    char forbid[ZD_BANK_TEXT];
    char own_bank[9]; /* what bank codes of the payer's bank begin with */
    char file[ZD_BANK_TEXT];
    size_t max_rows;
    int64_t max_amount_fen; /* of one line; 0 = not limited */
    size_t head_count, foot_count, column_count;
    char head[ZD_BANK_LINES][ZD_BANK_LINE]; /* templates with {names} */
    char foot[ZD_BANK_LINES][ZD_BANK_LINE];
    zd_bank_column columns[ZD_BANK_COLUMNS];
};

/* "line.account", "batch.date8", "file.total"; false when there is no such value. */
bool zd_bank_find_value(zd_bank_kind *kind, const zd_settle_value **value, zd_span name);

#endif
