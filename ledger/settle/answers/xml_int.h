/*
 * Walking an ISO 20022 document by local names: shared by xml.c, pain002.c and camt.c, which are the files that know libxml2's tree. No recursion anywhere.
 */
#ifndef ZD_SETTLE_ANSWERS_XML_INT_H
#define ZD_SETTLE_ANSWERS_XML_INT_H

#include <libxml/tree.h>

#include "ledger/settle/answers/answers_int.h"

/* First child element of that local name in its parent's namespace; NULL. */
const xmlNode *zd_xml_child(const xmlNode *node, const char *name);
/* The next sibling of the same name. */
const xmlNode *zd_xml_next(const xmlNode *node);
/* "A/B/C": first child of first child; NULL. */
const xmlNode *zd_xml_at(const xmlNode *node, const char *path);
/* Text content without blanks at its ends, kept by answers; "" when the node is NULL or empty. */
const char *zd_xml_text(zd_answers *answers, const xmlNode *node);
/* The same of a path below node. */
const char *zd_xml_text_at(zd_answers *answers, const xmlNode *node, const char *path);
/* An identifier: as text, "NOTPROVIDED" in any form reads as "", longer than 35 characters is an oddity. */
const char *zd_xml_id_at(zd_answers *answers, const xmlNode *node, const char *path);
int64_t zd_xml_line(const xmlNode *node);

zd_status zd_answer_read_pain002(zd_answers *answers, const xmlNode *report, zd_error *err);
/* container: Stmt, Rpt or Ntfctn */
zd_status zd_answer_read_camt(zd_answers *answers, const xmlNode *message, const char *container, zd_error *err);

#endif
