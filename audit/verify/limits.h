/*
 * The limits of the programme, recomputed from signed requests and recorded decision lines alone: annual caps, pool totals, ratios, invoices, refunds, separation
 * of duties, releases, completeness of seals. Uses neither rules nor book nor acts, so that a wrong predicate compiled into those is still
 * found. It judges only what was accepted; whether a refusal was right is for re-deciding.
 */
#ifndef ZD_VERIFY_LIMITS_H
#define ZD_VERIFY_LIMITS_H

#include "audit/verify/line.h"
#include "audit/verify/report.h"
#include "audit/verify/roster.h"

typedef struct zd_limits zd_limits;

zd_limits *zd_limits_new(zd_report *report); /* borrows the report */
void zd_limits_free(zd_limits *limits);      /* NULL is fine */
/* One complete group: the request's line, its effect lines, and its note. */
void zd_limits_add(zd_limits *limits, const zd_note *note, const zd_line *lines, size_t count);
/* The same with what is known already: the request as parsed (from the note's text) and the SHA-256 of the text. */
void zd_limits_add_read(zd_limits *limits, const zd_note *note, zd_view request, const zd_hash *text_sha256, const zd_line *lines, size_t count);
/* What need not stay in memory may go (paged.h). */
void zd_limits_relax(zd_limits *limits);
/* The roster as of the groups so far; borrowed. */
const zd_roster *zd_limits_roster(const zd_limits *limits);
zd_roster *zd_limits_roster_shared(zd_limits *limits); /* for look-ups on other threads: zd_roster_share */
/* Who attested how many facts: number i, false past the end. */
bool zd_limits_attester(zd_span *unit, uint64_t *count, const zd_limits *limits, size_t i);
/* What was released of a batch, by the limits' own sum of its lines; false when it was not. */
bool zd_limits_released(int64_t *count, int64_t *total_fen, const zd_limits *limits, zd_span batch);

#endif
