/*
 * Mirrors of audit.git: repositories elsewhere that get every commit by a plain `git push`, never forced, before a checkpoint is announced. The file <ledger>/mirrors
 * names them, one URL or path a line ('#' begins a comment). A mirror that holds a commit which this ledger never made stops publishing: then somebody
 * restored an old database, or somebody else writes. One that cannot be reached is told and does not stop anything.
 *
 * git runs as a child process with a clean environment, without prompts, without a shell, and for at most ZD_MIRROR_SECONDS.
 */
#ifndef ZD_ENGINE_MIRRORS_H
#define ZD_ENGINE_MIRRORS_H

#include "ledger/engine/ledger.h"

#define ZD_MIRRORS_FILE "mirrors"
#define ZD_MIRRORS_MAX 32
#define ZD_MIRROR_SECONDS 60
#define ZD_MIRROR_URL 1000 /* bytes */

typedef enum zd_mirror_state {
    ZD_MIRROR_SAME = 1,    /* holds our newest commit */
    ZD_MIRROR_BEHIND,      /* holds an older one, or nothing yet */
    ZD_MIRROR_UNREACHABLE,
    ZD_MIRROR_FOREIGN      /* holds a commit that we never made */
} zd_mirror_state;

/* One mirror as it was found; detail is what git said, "" when nothing. */
typedef void zd_mirror_visit(void *context, const char *url, zd_mirror_state state, const char *tip_hex, const char *detail);

/* Asks every mirror for its tip. LEDGER_FORK when one is foreign (after all were visited); FILE_IO, FIELD_INVALID for the file. visit may be NULL. */
zd_status zd_mirrors_check(zd_ledger *ledger, zd_mirror_visit *visit, void *context, zd_error *err);
/* The same, and pushes to those that are behind; visits them as they are afterwards. */
zd_status zd_mirrors_push(zd_ledger *ledger, zd_mirror_visit *visit, void *context, zd_error *err);
/* Adds a line to the file. A local path where nothing is yet becomes a bare repository with deny settings; then it is pushed to. FIELD_INVALID for a URL that git would take
 * for an option or a helper command. */
zd_status zd_mirrors_add(zd_ledger *ledger, const char *url, zd_mirror_visit *visit, void *context, zd_error *err);

#endif
