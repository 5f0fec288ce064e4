/*
 * Deciding again: each recorded request runs through the same acts over a book of the verifier's own, and every decision must come out, byte for byte, as it is recorded. On a
 * thread of its own, behind the second opinion (balances.h, limits.h), with which it shares nothing. The end of each checkpoint is marked in the queue, and what was found up to
 * it is a list of its own, taken when it is there, so that findings are told in the same order on any number of threads, however far this one is behind.
 *
 * After the first decision that comes out differently nothing more is decided again, because the book is no longer the ledger's.
 */
#ifndef ZD_VERIFY_DECIDER_H
#define ZD_VERIFY_DECIDER_H

#include "audit/verify/line.h"
#include "audit/verify/report.h"
#include "ledger/act/act.h"
#include "ledger/seal/note.h"

/* One request and what was recorded of it. All owned. */
typedef struct zd_case {
    struct zd_case *next;
    zd_buf note_bytes;
    zd_span text;                /* in note_bytes; so is the signature's name */
    zd_note_signature signature; /* the only one */
    zd_request *request;         /* as parsed beforehand; NULL when it was not */
    zd_line *lines;              /* the decision and its effects; at least one */
    size_t count;
    size_t capacity;
    zd_report *mark;             /* of a mark, which is no request: takes what was found up to it */
} zd_case;

zd_case *zd_case_new(void);
void zd_case_free(zd_case *one); /* NULL is fine */

typedef struct zd_decider zd_decider;

/* records_most: of the book in memory; what is beyond goes to a temporary file. threads as for zd_ahead_new: with one, everything is decided by whoever hands it over. */
zd_decider *zd_decider_new(size_t records_most, unsigned threads);
void zd_decider_free(zd_decider *decider); /* at any time; NULL is fine */
/* The next request; taken over. Decided in this order. */
void zd_decider_add(zd_decider *decider, zd_case *one);
/* What was added ends the checkpoint of this commit. */
void zd_decider_mark(zd_decider *decider, const char *commit_hex);
/* Lets what was added be begun with; waits while much is ahead. */
void zd_decider_flush(zd_decider *decider);
/* What was found before the oldest mark that was not taken yet, owned by the caller; wait: until it is decided, else NULL when it is not. NULL also when there is no mark. */
zd_report *zd_decider_take(zd_decider *decider, bool wait);

/* These two as of the mark that was taken last, or a later one. */
zd_status zd_decider_status(const zd_decider *decider, zd_error *err); /* other than ZD_OK only when the book's memory failed; err may be NULL */
bool zd_decider_good(const zd_decider *decider);     /* every decision so far came out as recorded */
/* The rest only when zd_decider_take gave the last mark, and before the next zd_decider_flush. */
bool zd_decider_roster_changed(zd_decider *decider); /* since the last call */
zd_book *zd_decider_book(zd_decider *decider);
/* Every account record of the book, in key order, with what is on the shelf. */
zd_status zd_decider_accounts(zd_decider *decider, zd_book_dirty_visit *visit, void *context);
void zd_decider_relax(zd_decider *decider); /* paged.h */

#endif
