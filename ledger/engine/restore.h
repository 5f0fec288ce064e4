/*
 * Getting a ledger back: from its audit repository (any clone or mirror), or from a backup of its database. The result is a directory that goes on with the very
 * same history: same entries, same checkpoints, same commit ids. All of it or nothing: the work is done under another name and renamed at the end.
 */
#ifndef ZD_ENGINE_RESTORE_H
#define ZD_ENGINE_RESTORE_H

#include "ledger/engine/ledger.h"

typedef struct zd_restored {
    uint64_t size;          /* entries that are back */
    uint64_t checkpoints;
    char origin[64];
    zd_hash genesis;        /* fingerprint of the first entry */
    char tip_hex[41];       /* commit that the new repository ends with */
    uint64_t accounts;      /* providers with a confirmed account */
    uint64_t accounts_lost; /* of them without data in private.db: they cannot be paid until the account is proposed and confirmed again */
    zd_buf lost;            /* their credit codes, one a line; owned */
} zd_restored;

/*
 * Rebuilds dir (must not exist) from the entries in repository. Every signature is verified under the roster of its place, every request decided again and compared,
 * every checkpoint held against the entries and the log's key, every commit written again and compared by id. genesis: the fingerprint handed over on
 * paper; NULL accepts whatever the repository begins with, and the caller must say so. private_db: an old private.db to take along, or NULL.
 * Errors: FILE_EXISTS, LEDGER_LOCKED, TRAIL_*, LEDGER_CORRUPT, SIGNATURE_BAD, LEDGER_FORK when genesis differs or there is nothing to restore.
 */
zd_status zd_ledger_restore_trail(zd_restored *out, const char *repository, const char *dir, const zd_hash *genesis, const char *private_db,
                                  const zd_ledger_options *options, zd_error *err);
/*
 * Puts a backup of ledger.db back as dir (must not exist). LEDGER_FORK when repository, which is what the world has seen, is ahead of the backup or differs from
 * it: then the repository is the better source.
 */
zd_status zd_ledger_restore_backup(zd_restored *out, const char *backup, const char *repository, const char *dir, const char *private_db,
                                   const zd_ledger_options *options, zd_error *err);
void zd_restored_free(zd_restored *restored);

#endif
