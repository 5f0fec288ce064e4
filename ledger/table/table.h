/*
 * Tables as offices keep them: CSV, TSV, or the files of banks with bars between cells (RFC 4180 quoting, CRLF or LF), in UTF-8 with or without a byte order mark, or in GB18030. A table is read whole, checked
 * strictly, and kept as UTF-8. Rows keep their own number of cells, so that a reader can report every ragged line at once.
 * What the cells mean is not known here. The result depends on the bytes alone: not on the locale, nor on the machine.
 */
#ifndef ZD_TABLE_TABLE_H
#define ZD_TABLE_TABLE_H

#include "ledger/base/error.h"

#define ZD_SHEET_FILE_MAX ((size_t)64 << 20) /* bytes of a file */
#define ZD_SHEET_ROWS_MAX ((size_t)1000000)
#define ZD_SHEET_COLUMNS_MAX ((size_t)200)
#define ZD_SHEET_CELL_MAX ((size_t)32768) /* bytes of UTF-8 in one cell */

typedef enum zd_sheet_encoding { ZD_SHEET_UTF8 = 1, ZD_SHEET_UTF8_BOM, ZD_SHEET_GB18030 } zd_sheet_encoding;

typedef struct zd_sheet zd_sheet;

/*
 * Reads a whole file, or bytes. The first row that is not empty is the header; rows without any content are left out. Errors carry line and column (1-based):
 * TABLE_ENCODING (column = byte within the line) for what is neither UTF-8 nor GB18030; TABLE_QUOTE for a quotation mark where none may stand, one that never
 * closes, or a lone carriage return; TEXT_CONTROL for control characters; TABLE_LIMIT beyond the limits above; TABLE_SHAPE when there is no header;
 * FILE_MISSING, FILE_IO, FILE_TOO_LARGE.
 */
zd_status zd_sheet_read(zd_sheet **out, const char *path, zd_error *err);
zd_status zd_sheet_parse(zd_sheet **out, zd_span bytes, zd_error *err);
void zd_sheet_free(zd_sheet *table); /* NULL is fine */

zd_sheet_encoding zd_sheet_encoding_of(const zd_sheet *table);
size_t zd_sheet_columns(const zd_sheet *table); /* of the header */
zd_span zd_sheet_header(const zd_sheet *table, size_t column);
size_t zd_sheet_rows(const zd_sheet *table); /* without the header */
/* Cells of that row: may be more or fewer than the header has. */
size_t zd_sheet_cells(const zd_sheet *table, size_t row);
/* Content without its quotation marks, as UTF-8; borrowed. Empty when the row has no such cell. */
zd_span zd_sheet_cell(const zd_sheet *table, size_t row, size_t column);
/* Physical line (1-based) on which the row begins. */
int64_t zd_sheet_line(const zd_sheet *table, size_t row);

/* Writes header and the given rows in their own words and in the file's own encoding, with its mark: a file to correct and load again. */
zd_status zd_sheet_write_rows(zd_buf *out, const zd_sheet *table, const size_t *rows, size_t count, zd_error *err);

/* UTF-8 to GB18030; TABLE_ENCODING when a character has no place there (there is none in Unicode). For files that are handed out as offices expect them. */
zd_status zd_sheet_to_gb18030(zd_buf *out, zd_span utf8, zd_error *err);

#endif
