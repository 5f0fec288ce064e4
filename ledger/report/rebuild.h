/* Records from entries: each request is decided again over a book in memory, and every decision must be the recorded one. Signatures are not looked at. */
#ifndef ZD_REPORT_REBUILD_H
#define ZD_REPORT_REBUILD_H

#include "ledger/act/act.h"

typedef struct zd_rebuild zd_rebuild;

zd_rebuild *zd_rebuild_new(void);
void zd_rebuild_free(zd_rebuild *rebuild); /* NULL is fine */
/* The next entry. LEDGER_CORRUPT names the one that differs. */
zd_status zd_rebuild_entry(zd_rebuild *rebuild, uint64_t seq, zd_span bytes, zd_error *err);
zd_book *zd_rebuild_book(zd_rebuild *rebuild);

#endif
