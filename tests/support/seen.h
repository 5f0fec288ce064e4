/*
 * Which findings tests have produced. When ZD_FINDINGS_SEEN names a file, each report that a test of the verifier ends with appends one line to it: the names of its findings.
 * tests/cli/findings.sh runs those tests with it and holds the lines against findings.def: a check that no fixture makes fail fails the run.
 */
#ifndef ZD_TESTS_SEEN_H
#define ZD_TESTS_SEEN_H

#include "audit/verify/report.h"

void zd_seen(const zd_report *report);

#endif
