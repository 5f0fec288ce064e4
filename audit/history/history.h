/*
 * The published history, read from an audit repository (the ledger's own or a clone) entry by entry, for reports and for
 * restoring. The entries are hashed and must give each
 * checkpoint's root, so that a report cannot be made of something else than what was signed; who signed, and whether every decision follows, is
 * zhidui-audit's work and is not repeated here.
 */
#ifndef ZD_HISTORY_HISTORY_H
#define ZD_HISTORY_HISTORY_H

#include "audit/trail/trail.h"
#include "ledger/log/checkpoint.h"

typedef struct zd_history_visit {
    /* bytes are borrowed for the call. */
    zd_status (*entry)(void *context, uint64_t seq, zd_span bytes, zd_error *err);
    /* After the last entry that the checkpoint covers. Neither its signature nor the commit's was looked at. May be NULL. */
    zd_status (*checkpoint)(void *context, const zd_checkpoint *checkpoint, const zd_trail_commit *commit, zd_error *err);
    void *context;
} zd_history_visit;

/* Oldest first. A status other than ZD_OK of a visit ends the reading. Errors: TRAIL_*, TILE_MALFORMED; LEDGER_CORRUPT when the entries do not give a root. */
zd_status zd_history_read(const char *repository, const zd_history_visit *visit, zd_error *err);

#endif
