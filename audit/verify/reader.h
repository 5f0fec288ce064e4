/*
 * The reading half of a verification: commits in their order, each with the change of its files and with its bundles hashed against the signed root, then the entries that the
 * root has vouched for, window by window. It runs ahead of the judging half (commits.c), often on another thread, so what it finds goes into a list of its own per commit and
 * is told in its turn. Nothing of an entry is parsed before its root was found.
 */
#ifndef ZD_VERIFY_READER_H
#define ZD_VERIFY_READER_H

#include "audit/trail/trail.h"
#include "audit/verify/files.h"
#include "audit/verify/piece.h"
#include "audit/verify/report.h"
#include "ledger/log/checkpoint.h"
#include "ledger/log/tiles.h"

/* Roots to look out for, and how far signatures are left to the run that knew one of them. */
#define ZD_MARKS 2
typedef struct zd_marks {
    const zd_checkpoint *at[ZD_MARKS]; /* NULL = none; borrowed */
    uint64_t rests_below;              /* entries with a smaller index rest; 0 = none */
} zd_marks;

/* A commit, or one window of the entries of the commit before it. */
typedef struct zd_reading {
    bool is_commit;
    /* a commit */
    zd_status read;         /* of the commit object; READ_FAULT says why */
    zd_trail_commit commit; /* owned */
    zd_status status;       /* of its files and bundles */
    zd_error fault;
    zd_files *files;        /* owned; bound to the reader until somebody else binds it; NULL when they were not looked at */
    zd_report *report;      /* owned; what hashing found */
    bool bad;               /* its entries cannot be believed */
    bool seen[ZD_MARKS];    /* the log had the root of that mark at its size, in this commit */
    /* a window; status and fault as above */
    zd_buf bytes;           /* owned; the entries borrow from it */
    zd_span entries[ZD_TILE_WIDTH];
    zd_piece *pieces;       /* owned; NULL until they are made */
    size_t count;
    size_t resting;         /* the first so many rest on an earlier run */
} zd_reading;

typedef struct zd_reader zd_reader;
/* Borrows the list of commit ids. Opens the repository for itself: TRAIL_*. */
zd_status zd_reader_open(zd_reader **out, const char *repository, const char *ids, size_t count, const zd_marks *marks, zd_error *err);
void zd_reader_close(zd_reader *reader); /* NULL is fine */
/* What comes next, owned by the caller; NULL at the end, or after something behind which the judging half goes no further. */
zd_reading *zd_reader_next(zd_reader *reader);
void zd_reading_make(zd_reading *window, zd_roster *roster); /* its pieces; any thread */
void zd_reading_free(zd_reading *reading);                   /* NULL is fine */

#endif
