/*
 * Entries in their order, as pieces (piece.h): grouped by request, signatures judged, decided again over a book of the verifier's own, and handed to balances and
 * limits. Holds some groups in memory, never the log, and of the book what it is working on. Deciding runs behind on a thread of its own (decider.h), by a few checkpoints.
 *
 * After the first decision that comes out differently nothing more is decided again, because the book is no longer the ledger's; structure, signatures,
 * balances and limits go on.
 */
#ifndef ZD_VERIFY_LEAVES_H
#define ZD_VERIFY_LEAVES_H

#include "audit/verify/balances.h"
#include "audit/verify/limits.h"
#include "audit/verify/piece.h"
#include "ledger/act/act.h"

typedef struct zd_leaves zd_leaves;

/* records_most: of the book in memory; what is beyond goes to a temporary file and comes back when it is asked for. 0 = the usual. threads 0 = all cores. */
zd_leaves *zd_leaves_new(zd_report *report, size_t records_most, unsigned threads);
void zd_leaves_free(zd_leaves *leaves); /* NULL is fine */
/* The next entries. Takes out of the pieces what a group needs for longer than this call. */
void zd_leaves_add(zd_leaves *leaves, zd_piece *pieces, size_t count);
/* At the checkpoint of the report's present commit: GROUP_CUT when a group is open. True when the judging thread may go on while deciding is behind: nothing since the last
 * one can have changed what is published of the book (keys, policies, released batches). Else it settles first. */
bool zd_leaves_boundary(zd_leaves *leaves);
/* Waits until everything up to the last checkpoint is decided; what that found stands where it belongs. Fails only when memory of the book does. */
zd_status zd_leaves_settle(zd_leaves *leaves, zd_error *err);
/* At the end: the recomputed balances against those of the book, when everything was decided again. */
zd_status zd_leaves_end(zd_leaves *leaves);

/* These two, and the book, after zd_leaves_settle and before the next entries only. */
bool zd_leaves_deciding(const zd_leaves *leaves);   /* every decision so far came out as recorded */
bool zd_leaves_roster_changed(zd_leaves *leaves);   /* since the last call */
uint64_t zd_leaves_size(const zd_leaves *leaves);   /* entries seen */
int64_t zd_leaves_last_at(const zd_leaves *leaves); /* unix ms of the newest entry */
const zd_hash *zd_leaves_genesis(const zd_leaves *leaves); /* fingerprint; NULL before the first entry */
const zd_limits *zd_leaves_limits(const zd_leaves *leaves);
zd_roster *zd_leaves_roster_shared(zd_leaves *leaves); /* for look-ups on other threads: zd_roster_share */
const zd_balances *zd_leaves_balances(const zd_leaves *leaves);
zd_book *zd_leaves_book(zd_leaves *leaves);

#endif
