/*
 * Inside audit/trail/write only: the one-writer lock of a repository, and the removal of what a killed writer left. Nothing is
 * removed without the lock, so nothing that is still in use is removed.
 */
#ifndef ZD_TRAIL_LEFTOVERS_H
#define ZD_TRAIL_LEFTOVERS_H

#include "audit/trail/object.h"
#include "ledger/base/durable.h"

/* Takes the lock; LEDGER_LOCKED when another writer is at work. Released with zd_lock_release. */
zd_status zd_trail_lock(zd_lock **out, const zd_objects *objects, zd_error *err);
/* With the lock held: temporary packs of the indexer, and the lock file of refs/heads/main. FILE_IO. */
zd_status zd_trail_clear_packs(const zd_objects *objects, zd_error *err);
zd_status zd_trail_clear_ref_lock(const zd_objects *objects, zd_error *err);

#endif
