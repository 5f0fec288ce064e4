/* Small answers of an invented bank, for tests: XML messages by parts, and workbooks as zips of hand-written members. */
#ifndef ZD_TESTS_ANSWER_FILES_H
#define ZD_TESTS_ANSWER_FILES_H

#include "ledger/settle/answers/answers.h"

/* <Document xmlns="urn:iso:std:iso:20022:tech:xsd:MESSAGE"><ROOT><GrpHdr>…</GrpHdr>BODY</ROOT></Document>; the root follows from the message. */
void zd_answer_message(zd_buf *out, const char *message, const char *body);

typedef struct zd_zip_member {
    const char *name;
    zd_span content;
} zd_zip_member;
void zd_answer_zip(zd_buf *out, const zd_zip_member *members, size_t count);
/* A workbook whose sheet holds these <row> elements and, unless NULL, these <si> strings. */
void zd_answer_workbook(zd_buf *out, const char *rows, const char *strings);

#endif
