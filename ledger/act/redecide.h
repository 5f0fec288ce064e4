/*
 * Recorded entries decided again, one after the other: each request runs through the same acts, and every decision must be, byte for byte, the one that the entry
 * holds. Used to bring records up to date, to restore a ledger and to make reports from a clone. Signatures are the caller's affair.
 */
#ifndef ZD_ACT_REDECIDE_H
#define ZD_ACT_REDECIDE_H

#include "ledger/act/act.h"

typedef struct zd_redecide zd_redecide;

zd_redecide *zd_redecide_new(zd_acts *acts); /* borrows; its book must be current up to the first entry, which starts a group */
void zd_redecide_free(zd_redecide *redecide); /* NULL is fine */
/* The next entry. LEDGER_CORRUPT names the one that differs; the book is then of no more use. */
zd_status zd_redecide_entry(zd_redecide *redecide, uint64_t seq, zd_span bytes, zd_error *err);
/* Every entry of the newest request was seen; true before the first. */
bool zd_redecide_complete(const zd_redecide *redecide);
const zd_group *zd_redecide_group(const zd_redecide *redecide); /* of the newest request; borrowed until the next entry */

#endif
