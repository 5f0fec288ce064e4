/*
 * Tables as offices keep them: CSV or TSV (RFC 4180 quoting, CRLF or LF), in UTF-8 with or without a byte order mark, or in GB18030. A table is read whole, checked
 * strictly, and kept as UTF-8. Rows keep their own number of cells, so that a reader can report every ragged line at once.
 * What the cells mean is not known here. The result depends on the bytes alone: not on the locale, nor on the machine.
 */
#ifndef ZD_TABLE_TABLE_H
#define ZD_TABLE_TABLE_H

#include "ledger/base/error.h"

#define ZD_TABLE_FILE_MAX ((size_t)64 << 20) /* bytes of a file */
#define ZD_TABLE_ROWS_MAX ((size_t)1000000)
#define ZD_TABLE_COLUMNS_MAX ((size_t)200)
#define ZD_TABLE_CELL_MAX ((size_t)32768) /* bytes of UTF-8 in one cell */

typedef enum zd_table_encoding { ZD_TABLE_UTF8 = 1, ZD_TABLE_UTF8_BOM, ZD_TABLE_GB18030 } zd_table_encoding;

typedef struct zd_table zd_table;

/*
 * Reads a whole file, or bytes. The first row that is not empty is the header; rows without any content are left out. Errors carry line and column (1-based):
 * TABLE_ENCODING (column = byte within the line) for what is neither UTF-8 nor GB18030; TABLE_QUOTE for a quotation mark where none may stand, one that never
 * closes, or a lone carriage return; TEXT_CONTROL for control characters; TABLE_LIMIT beyond the limits above; TABLE_SHAPE when there is no header;
 * FILE_MISSING, FILE_IO, FILE_TOO_LARGE.
 */
zd_status zd_table_read(zd_table **out, const char *path, zd_error *err);
zd_status zd_table_parse(zd_table **out, zd_span bytes, zd_error *err);
void zd_table_free(zd_table *table); /* NULL is fine */

zd_table_encoding zd_table_encoding_of(const zd_table *table);
size_t zd_table_columns(const zd_table *table); /* of the header */
zd_span zd_table_header(const zd_table *table, size_t column);
size_t zd_table_rows(const zd_table *table); /* without the header */
/* Cells of that row: may be more or fewer than the header has. */
size_t zd_table_cells(const zd_table *table, size_t row);
/* Content without its quotation marks, as UTF-8; borrowed. Empty when the row has no such cell. */
zd_span zd_table_cell(const zd_table *table, size_t row, size_t column);
/* Physical line (1-based) on which the row begins. */
int64_t zd_table_line(const zd_table *table, size_t row);

/* Writes header and the given rows in their own words and in the file's own encoding, with its mark: a file to correct and load again. */
zd_status zd_table_write_rows(zd_buf *out, const zd_table *table, const size_t *rows, size_t count, zd_error *err);

/* UTF-8 to GB18030; TABLE_ENCODING when a character has no place there (there is none in Unicode). For files that are handed out as offices expect them. */
zd_status zd_table_to_gb18030(zd_buf *out, zd_span utf8, zd_error *err);

#endif
