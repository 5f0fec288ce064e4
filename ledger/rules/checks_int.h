/*
 * What the files of checks share: the shape of a predicate and the verbs by which it says what it saw. A predicate starts at PASS, reads facts only,
 * and must cope with every pointer of the facts being NULL.
 */
#ifndef ZD_RULES_CHECKS_INT_H
#define ZD_RULES_CHECKS_INT_H

#include "ledger/rules/decide.h"

typedef void zd_check_predicate(zd_finding *finding, const zd_facts *facts);

#define ZD_CHECK(id, name, acts, consequence, parameter, clause) zd_check_predicate zd_check_##id;
#include "ledger/rules/checks.def"
#undef ZD_CHECK

void zd_see_int(zd_finding *finding, const char *name, int64_t value);
void zd_see_text(zd_finding *finding, const char *name, zd_span value);
/* Notes the short ASCII reason "why" and the verdict; the first one of a check stays. */
void zd_find_that(zd_finding *finding, zd_verdict verdict, const char *why);

#endif
