/* What the files of ledger/table share: the encodings. */
#ifndef ZD_TABLE_TABLE_INT_H
#define ZD_TABLE_TABLE_INT_H

#include "ledger/table/table.h"

/* Recognises the encoding and appends the content as UTF-8, without a byte order mark. TABLE_ENCODING with line and byte. */
zd_status zd_sheet_to_utf8(zd_buf *out, zd_sheet_encoding *encoding, zd_span bytes, zd_error *err);

#endif
