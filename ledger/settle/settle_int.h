/*
 * Shared by the writers of this folder only: the table of printable values, the check of a settlement by parts, text
 * conversion and table cells. No third-party type stands here, so that each library stays inside its own file.
 */
#ifndef ZD_SETTLE_SETTLE_INT_H
#define ZD_SETTLE_SETTLE_INT_H

#include "ledger/settle/grid.h"
#include "ledger/settle/settlement.h"

/* What a file prints decides what must be right before it is written. */
typedef enum zd_settle_part {
    ZD_PART_BATCH = 1,   /* ids, seal, sums */
    ZD_PART_POOL = 2,    /* the indicator's classifications */
    ZD_PART_PAYER = 4,   /* the paying side and the purpose */
    ZD_PART_LINES = 8,   /* payees, accounts, amounts */
    ZD_PART_PERSONS = 16,
    ZD_PART_WAITING = 32,
    ZD_PART_NOTICES = 64,
    ZD_PART_DATE = 128   /* the execution date as text; the calendar is asked by zd_settle_check only */
} zd_settle_part;

/* Collects problems: counts them, reports each, keeps the first. */
typedef struct zd_problems {
    zd_settle_report *report; /* may be NULL */
    void *context;
    size_t count;
    zd_error first;
} zd_problems;

/* line 0: a value of the whole batch. value is shown, shortened. */
void zd_problem_add(zd_problems *problems, zd_code code, int64_t line, const char *field, zd_span value, const char *format, ...)
    ZD_PRINTF(6, 7);

/* How a text must look; lengths are checked in the unit that the reader of the file counts in. */
typedef struct zd_text_rule {
    const char *field;
    size_t max_characters; /* Unicode characters, as the XML schema counts */
    size_t max_bytes;      /* bytes of GB18030, as banks count; 0 = not limited */
    bool required;
    bool cell; /* stands in a bank or treasury cell: must not begin like a formula */
} zd_text_rule;

/* Adds every problem of the text (encoding, invisible characters, length, formula). True when there was none. */
bool zd_problem_text(zd_problems *problems, int64_t line, const zd_text_rule *rule, zd_span text);
/* The same for an identifier of 1 to max bytes of A-Z a-z 0-9 and '-'. */
void zd_problem_id(zd_problems *problems, int64_t line, const char *field, zd_span text, size_t max);

/* Adds the problems of the chosen parts (an or of zd_settle_part). */
void zd_settle_problems(zd_problems *problems, const zd_settlement *settlement, unsigned parts);
/* The same for one line or row, for files that print only those. */
void zd_settle_line_problems(zd_problems *problems, const zd_settlement *settlement, const zd_pay_line *line);
void zd_settle_offset_problems(zd_problems *problems, const zd_pay_line *line); /* of offset_lines: nothing is paid, so that no account is needed */
void zd_settle_waiting_problems(zd_problems *problems, const zd_wait_row *row);
void zd_settle_notice_problems(zd_problems *problems, const zd_notice_row *row);
/* ZD_OK without problems, else the first one as err. */
zd_status zd_problems_status(const zd_problems *problems, zd_error *err);
/* Every writer's first act: fails with the first problem of the parts that it prints. */
zd_status zd_settle_require(const zd_settlement *settlement, unsigned parts, zd_error *err);

/* One text value of the settlement or of a line, by name; one table serves the checks and the treasury template. */
typedef struct zd_settle_value {
    const char *name; /* "document", "account_name" */
    size_t offset;    /* of the const char * in zd_settlement or zd_pay_line */
    unsigned part;
    bool of_line;
    bool free_text; /* checked by the rule below; others have a form of their own */
    zd_text_rule rule;
} zd_settle_value;
const zd_settle_value *zd_settle_values(size_t *count);
/* The value's text; empty when the pointer is NULL. line may be NULL for values of the batch. */
zd_span zd_settle_value_text(const zd_settle_value *value, const zd_settlement *settlement, const zd_pay_line *line);

/* Appends the text in GB18030; EXPORT_CHARSET with the column (character, 1-based) that has no place there. */
zd_status zd_gb18030_add(zd_buf *out, zd_span utf8, zd_error *err);
/* The same in the encoding that the C library knows by this name: "GBK" holds fewer characters than "GB18030". */
zd_status zd_encoded_add(zd_buf *out, const char *encoding, zd_span utf8, zd_error *err);
/* Keeps the encoding's tables loaded until released; for loops over many texts. Never fails: without it conversion is only slower. */
typedef struct zd_encoding_hold zd_encoding_hold;
zd_encoding_hold *zd_encoding_hold_take(const char *encoding);
void zd_encoding_hold_release(zd_encoding_hold *hold);

#define ZD_BYTE_ORDER_MARK "\xef\xbb\xbf" /* so that spreadsheets take a file for UTF-8 */
/* Text inside an HTML element or attribute. */
void zd_html_text(zd_buf *out, const char *text);

/* Comma-separated cells (RFC 4180): the cell with its quotes where needed, a comma before it unless it is the first of its row. */
void zd_csv_cell(zd_buf *out, bool first, zd_span text);
/* For sheets that people open: a text that begins like a formula gets an apostrophe before it. */
void zd_csv_cell_for_people(zd_buf *out, bool first, const char *text);
void zd_csv_int(zd_buf *out, bool first, int64_t value);
void zd_csv_yuan(zd_buf *out, bool first, int64_t amount_fen);
void zd_csv_end(zd_buf *out); /* CRLF */
/* The sentences of one waiting reason ("R06", "notice"); both empty when the word is not known. Borrowed, static. */
void zd_reason_texts(const char **out_chinese, const char **out_english, zd_span reason);
/* "************0019": at most the last four digits stay. */
void zd_account_masked(zd_buf *out, const char *account);

/* The payment application's columns, read from the template's JSON. */
#define ZD_TREASURY_COLUMNS 40
#define ZD_TREASURY_HEADER 64
typedef enum zd_treasury_kind { ZD_COLUMN_VALUE, ZD_COLUMN_NUMBER, ZD_COLUMN_NET_YUAN, ZD_COLUMN_TEXT } zd_treasury_kind;
typedef struct zd_treasury_column {
    char header[ZD_TREASURY_HEADER];
    zd_treasury_kind kind;
    const zd_settle_value *value; /* for ZD_COLUMN_VALUE */
    char text[ZD_TREASURY_HEADER]; /* for ZD_COLUMN_TEXT: the same in every row */
    int width;                     /* characters, for the spreadsheet */
} zd_treasury_column;
typedef struct zd_treasury_template {
    char name[32]; /* of the sheet; Excel allows 31 characters */
    size_t count;
    zd_treasury_column columns[ZD_TREASURY_COLUMNS];
} zd_treasury_template;
/* TEMPLATE_INVALID or JSON_*: the file must name each column once and carry payee, account, amount and serial. */
zd_status zd_treasury_template_read(zd_treasury_template *out, zd_span template_json, zd_error *err);
/* Replaces out by the cell's text. */
void zd_treasury_cell(zd_buf *out, const zd_treasury_column *column, const zd_settlement *settlement, const zd_pay_line *line);

#endif
