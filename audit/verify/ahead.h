/*
 * The reading half working ahead of the judging half: one thread reads and hashes, others take windows of entries apart, and the judging thread gets everything in its order,
 * lending a hand while it would have to wait. What is ahead is bounded, so that memory does not grow with the log. With one thread nothing runs ahead, and nothing differs.
 */
#ifndef ZD_VERIFY_AHEAD_H
#define ZD_VERIFY_AHEAD_H

#include "audit/verify/reader.h"

typedef struct zd_ahead zd_ahead;

/* Takes the reader over. threads 0 = all cores; fewer when none can be made. The roster is borrowed; only the caller's thread writes to it. */
zd_ahead *zd_ahead_new(zd_reader *reader, zd_roster *roster, unsigned threads);
/* The next reading, a window with its pieces made; owned by the caller. NULL at the end. */
zd_reading *zd_ahead_next(zd_ahead *ahead);
/* The next reading when it is a window of the present commit; NULL when the commit has no more. */
zd_reading *zd_ahead_window(zd_ahead *ahead);
void zd_ahead_free(zd_ahead *ahead); /* at any time; NULL is fine */

#endif
