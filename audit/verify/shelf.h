/*
 * Where the verifier's book puts the records that it is not working on: sorted runs of keys and values in nameless temporary files (paged.h), merged as they grow in number, each
 * with a filter in memory that tells most absent keys at once. So that memory is bounded by what is in hand, not by the length of the history. Knows keys and bytes, not what
 * records mean.
 */
#ifndef ZD_VERIFY_SHELF_H
#define ZD_VERIFY_SHELF_H

#include "ledger/book/book.h"

typedef struct zd_shelf zd_shelf;

zd_shelf *zd_shelf_new(void);
void zd_shelf_free(zd_shelf *shelf); /* NULL is fine; after the book that reads from it */
zd_book_source zd_shelf_source(zd_shelf *shelf); /* for zd_book_new */
/* Takes every dirty record of the book as a new run; they are clean then, and zd_book_trim may drop them. */
zd_status zd_shelf_store(zd_shelf *shelf, zd_book *book);
/* Visits the records whose keys start with prefix, ascending, the newest value of each. */
zd_status zd_shelf_each(zd_shelf *shelf, zd_span prefix, zd_book_dirty_visit *visit, void *context);
void zd_shelf_relax(zd_shelf *shelf); /* zd_paged_relax */

#endif
