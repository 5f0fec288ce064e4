/*
 * Loading files of offices: a table of kinds says which column becomes which field and how its cells read; rows become items of batch requests. The same functions
 * serve `zhidui import` and the demo. A file is checked whole before anything is submitted; a row's identity is its business number, never its place.
 */
#ifndef ZD_CLI_IMPORT_H
#define ZD_CLI_IMPORT_H

#include "cli/command.h"
#include "ledger/table/table.h"

/* How a cell reads. Blanks at the ends of a cell never count. */
typedef enum zd_cell_form {
    ZD_CELL_TEXT,    /* as it is: identifiers, labels, hashes */
    ZD_CELL_WORD,    /* one of the column's words, or the value itself */
    ZD_CELL_TAGS,    /* words or values joined by 、 ， , ； or ; : sorted, each once */
    ZD_CELL_PLACE,   /* a GB/T 2260 code or its name */
    ZD_CELL_YUAN,    /* "12,345.60" */
    ZD_CELL_INT,
    ZD_CELL_BOOL,    /* 是 否 yes no true false 1 0 */
    ZD_CELL_DATE,    /* 2026-03-05, 2026/3/5, 2026年3月5日 */
    ZD_CELL_TIME,    /* a date and 09:30, Asia/Shanghai; or 2026-03-05T01:30:00Z */
    ZD_CELL_NUMBER,  /* only the request's own business number */
    ZD_CELL_INVOICE_CODE,   /* 12 or 10 digits that stand before INVOICE or SUBJECT */
    ZD_CELL_INVOICE,        /* 20 digits, or 8 with a code */
    ZD_CELL_INVOICE_OTHER,  /* a second number of the same invoice, written 20 digits or code:number */
    ZD_CELL_SUBJECT,        /* what a fact is about */
    ZD_CELL_SUBJECT_OTHER,  /* the part after the slash */
    ZD_CELL_ACCOUNT_NAME,   /* private data: only a commitment reaches the log */
    ZD_CELL_ACCOUNT_NUMBER,
    ZD_CELL_ACCOUNT_BANK,
    ZD_CELL_ACCOUNT_CODE,
    ZD_CELL_ENTERED, /* the day on which the office did it: not part of the request */
    ZD_CELL_REMARK   /* for people: not read */
} zd_cell_form;

typedef struct zd_cell_word {
    const char *chinese; /* NULL ends a list */
    const char *value;
} zd_cell_word;

typedef struct zd_import_column {
    const char *chinese;
    const char *english;
    zd_cell_form form;
    zd_field field; /* ZD_F__COUNT when it is no field of its own */
    bool required;
    bool key;       /* the business number: request id = "<prefix>-<number>" */
    const zd_cell_word *words;
} zd_import_column;

typedef struct zd_import_kind {
    const char *name;    /* "order"; facts are "fact-consent", ... */
    const char *chinese;
    zd_request_type type;
    const char *prefix;
    const char *fact;    /* word of FACT for facts, else NULL */
    const zd_import_column *columns;
    size_t column_count;
} zd_import_kind;

/* import_kinds.c */
const zd_import_kind *zd_import_kinds(size_t *count);
const zd_import_kind *zd_import_kind_find(const char *name); /* NULL when there is none */

/* import_cell.c: one cell as a JSON member "name":value, checked by its field; CELL_INVALID, AMOUNT_MALFORMED, DATE_MALFORMED, FIELD_INVALID, JSON_RANGE. */
zd_status zd_import_cell(zd_jw *w, const zd_import_column *column, zd_span cell, zd_error *err);
zd_span zd_import_trim(zd_span cell);
zd_status zd_import_date(int64_t *out_day, zd_span cell, zd_error *err);

typedef enum zd_row_state { ZD_ROW_NEW, ZD_ROW_FAULTY, ZD_ROW_KNOWN, ZD_ROW_SENT, ZD_ROW_DECIDED } zd_row_state;

typedef struct zd_import_row {
    char id[ZD_ID_SIZE];      /* of the request */
    size_t item_start;        /* its JSON object in zd_import.items */
    size_t item_size;
    zd_hash content;          /* zd_request_content */
    int64_t entered_day;      /* 0 = the file does not say */
    zd_row_state state;
    zd_outcome outcome;       /* when decided or known */
    char code[24];
    uint64_t seq;
    zd_check_set gates, holds;
} zd_import_row;

#define ZD_IMPORT_HEADER SIZE_MAX /* a problem of the header: no row was read */
typedef struct zd_import_problem {
    size_t row;
    zd_error error;
} zd_import_problem;

typedef struct zd_import {
    const zd_import_kind *kind;
    const char *path; /* borrowed */
    zd_sheet *sheet;
    zd_import_row *rows;  /* one per row of the table */
    size_t row_count;
    zd_buf items;
    zd_account_data *accounts; /* parallel to rows for kind account, else NULL */
    zd_import_problem *problems;
    size_t problem_count;
    size_t problem_capacity;
} zd_import;

/* import_rows.c: reads and checks a file. Not ZD_OK only when it cannot be read as a table or its header does not fit; faulty lines are `problems`.
 * salt_seed: NULL draws the salts of private data at random; fixtures give 32 bytes. */
zd_status zd_import_read(zd_import **out, const zd_import_kind *kind, const char *path, const uint8_t *salt_seed, zd_error *err);
void zd_import_free(zd_import *import); /* NULL is fine */
/* A fault of one line; takes the place from the row (column 0 = the line as a whole). */
void zd_import_fault(zd_import *import, size_t row, int64_t column, zd_error *error);
zd_span zd_import_item(const zd_import *import, size_t row);
/* The text of a field of a row's item, copied; "" when it has none. */
void zd_import_text(char *out, size_t out_size, const zd_import *import, size_t row, zd_field field);

/* import_known.c: rows that this party had decided before become KNOWN; the same id with other content becomes a fault. */
zd_status zd_import_look_up(zd_import *import, zd_ledger *ledger, const zd_rec_key *signer, zd_error *err);
/* Stores the private data of NEW rows, so that no commitment in the log lacks its opening. */
zd_status zd_import_store_private(zd_import *import, zd_ledger *ledger, zd_error *err);

/* import_submit.c: signed batches and what they come to. */
typedef struct zd_import_hand { /* who signs */
    const zd_signer *signer;
    const char *origin;
    const char *key_name;
    int64_t expires_unix_ms;
} zd_import_hand;
typedef struct zd_import_notes zd_import_notes;
zd_import_notes *zd_import_notes_new(void);
void zd_import_notes_free(zd_import_notes *notes);
size_t zd_import_notes_count(const zd_import_notes *notes);
/* Packs the given rows into as few batch requests as fit and signs them; the rows become SENT. */
zd_status zd_import_sign(zd_import_notes *notes, zd_import *import, const size_t *rows, size_t count, const zd_import_hand *hand, zd_error *err);
/* Submits all notes in order and fills in outcomes. `seen` (may be NULL) is told of every decided row. The status is that of the first note that was not admitted. */
typedef void zd_import_seen(void *context, zd_import *import, size_t row);
zd_status zd_import_submit(zd_ledger *ledger, zd_import_notes *notes, zd_import_seen *seen, void *context, zd_error *err);

#endif
