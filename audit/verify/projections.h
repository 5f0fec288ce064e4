/*
 * The published files that follow from the entries, computed a second time from the verifier's own book: keys/allowed_signers, keys/policy, keys/roster.json,
 * policy/NNN.json and settlement/YYYY/MM/<batch>.json. Written from the formats as published, without the code that publishes them.
 */
#ifndef ZD_VERIFY_PROJECTIONS_H
#define ZD_VERIFY_PROJECTIONS_H

#include "audit/verify/limits.h"
#include "ledger/book/book.h"

/* Takes one file. */
typedef zd_status zd_projection_visit(void *context, const char *path, zd_span content);

/* The three files of keys/. */
zd_status zd_projections_keys(zd_book *book, zd_projection_visit *visit, void *context);
/* Policies published, and batches released, by entries [from, to). Count and total of a release are the limits' own. */
zd_status zd_projections_policies(zd_book *book, uint64_t from, uint64_t to, zd_projection_visit *visit, void *context);
zd_status zd_projections_batches(zd_book *book, const zd_limits *limits, uint64_t from, uint64_t to, zd_projection_visit *visit, void *context);

#endif
