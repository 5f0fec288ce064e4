/*
 * A settlement package read by somebody who did not write it: the manifest, and every payment as the files of the package state it. Shares no code with ledger/settle,
 * so that what a writer gets wrong is seen here. Hardened: no DOCTYPE, no network, bounded sizes and depth. Judges form only; what should stand there is the verifier's
 * affair (audit/verify/package.c).
 */
#ifndef ZD_PACKAGE_PACK_H
#define ZD_PACKAGE_PACK_H

#include "ledger/json/json.h"
#include "ledger/seal/hash.h"

#define ZD_PACK_FILE_MAX ((size_t)256 << 20)

/* --- the manifest --- */
typedef struct zd_pack_entry {
    zd_span path; /* borrowed from the manifest's bytes */
    zd_span role;
    int64_t size;
    zd_hash sha256;
} zd_pack_entry;

typedef struct zd_pack_manifest {
    uint64_t version; /* 1, or 2: with lines that are wholly offset */
    char ledger[128], batch[41];
    uint64_t seal_seq;
    zd_hash seal_sha256;
    uint64_t log_size;
    zd_hash log_root;
    int64_t count, sum_fen;
    int64_t offset_count, offset_fen; /* of version 2; never 0 there, 0 in version 1 */
    zd_pack_entry *entries; /* owned; in strictly rising order of their paths */
    size_t entry_count, entry_capacity;
} zd_pack_manifest;
/* PACKAGE_MALFORMED with the line that is wrong. Paths are relative, without empty or dotted parts. Free in both cases. */
zd_status zd_pack_manifest_read(zd_pack_manifest *out, zd_span bytes, zd_error *err);
void zd_pack_manifest_free(zd_pack_manifest *manifest);
/* NULL when no entry has this path. */
const zd_pack_entry *zd_pack_manifest_find(const zd_pack_manifest *manifest, const char *path);

/* --- cells --- */
typedef struct zd_pack_cell {
    size_t offset; /* into text, ends with NUL */
    size_t row, column;
} zd_pack_cell;
typedef struct zd_pack_cells {
    zd_buf text;
    zd_pack_cell *list; /* owned; rows rise, columns rise within a row; empty cells of a workbook are not there */
    size_t count, capacity;
    size_t rows;
} zd_pack_cells;
void zd_pack_cells_free(zd_pack_cells *cells);
void zd_pack_cells_add(zd_pack_cells *cells, size_t row, size_t column, zd_span text);
/* "" when there is no such cell. */
const char *zd_pack_cell_at(const zd_pack_cells *cells, size_t row, size_t column);
/* Text with a delimiter, in UTF-8 (with or without mark) or GB18030, lines ended by LF or CRLF. quoted: RFC 4180. TABLE_ENCODING, TABLE_QUOTE, PACKAGE_MALFORMED. */
zd_status zd_pack_cells_text(zd_pack_cells *out, zd_span bytes, char delimiter, bool quoted, zd_error *err);
/* The first sheet of a workbook (XLSX) of text cells. PACKAGE_MALFORMED for anything else, a number, date or formula cell among it. */
zd_status zd_pack_cells_workbook(zd_pack_cells *out, zd_span bytes, zd_error *err);
/* Texts of <th> and <td> of a page without scripts, entities resolved, row by row. PACKAGE_MALFORMED. */
zd_status zd_pack_cells_page(zd_pack_cells *out, zd_span bytes, zd_error *err);
/* The same with headings (<h1>, <h2>) and paragraphs, each a row of one cell in a column of its own. Text that stands outside of all of them is PACKAGE_MALFORMED. */
#define ZD_PACK_HEADING ((size_t)1000)
#define ZD_PACK_PARAGRAPH ((size_t)1001)
zd_status zd_pack_cells_sheet(zd_pack_cells *out, zd_span bytes, zd_error *err);

/* Before any parser sees it: no document type, so that no entity exists that could unfold, in attributes least of all, where the parser unfolds them before anybody is asked. Texts of
 * packages are UTF-8, and are read as that whatever they declare. */
bool zd_pack_xml_is_plain(zd_span xml);

/* --- payments --- */
typedef enum zd_pack_field { /* what a file states of each payment */
    ZD_PACK_SERIAL = 1,
    ZD_PACK_AMOUNT = 2,
    ZD_PACK_ACCOUNT = 4,
    ZD_PACK_NAME = 8,
    ZD_PACK_BANK_NAME = 16,
    ZD_PACK_BANK_CODE = 32
} zd_pack_field;

typedef struct zd_pack_payment {
    char serial[64]; /* EndToEndId, 业务流水号 */
    int64_t amount_fen;
    char account[64], name[300], bank_name[300], bank_code[24];
} zd_pack_payment;

typedef struct zd_pack_payments {
    unsigned stated; /* or of zd_pack_field */
    zd_pack_payment *list; /* owned, in the file's order */
    size_t count, capacity;
    char batch[64];          /* "" when not stated */
    char execution[32];
    char payer_account[64];
    zd_buf batch_values;     /* "document=…" a line: values of the batch that every row repeats */
    zd_buf trouble;          /* what breaks a rule of the form, one sentence a line */
    size_t troubles;
} zd_pack_payments;
void zd_pack_payments_free(zd_pack_payments *payments);
zd_pack_payment *zd_pack_payments_add(zd_pack_payments *payments);
void zd_pack_trouble(zd_pack_payments *payments, const char *format, ...) ZD_PRINTF(2, 3);
/* pain.001.001.03 or .09. Rules that the schema does not know become troubles: sums and counts at each level, one currency, duplicate EndToEndId, amounts of whole fen,
 * addresses made of lines only, control characters, identifiers beyond 35 bytes. PACKAGE_MALFORMED for what is no such document, a DOCTYPE among it. */
zd_status zd_pack_payments_pain(zd_pack_payments *out, zd_span bytes, const char *version, zd_error *err);
/* A bank's form by the profile that lies beside it. Rows of all parts join one list: call it for each part in order. */
zd_status zd_pack_payments_form(zd_pack_payments *out, zd_span bytes, zd_span profile_json, zd_error *err);
/* The payment application by its template, CSV or workbook; batch_values gets the columns of the indicator. */
zd_status zd_pack_payments_application(zd_pack_payments *out, zd_span bytes, bool workbook, zd_span template_json, zd_error *err);

#endif
