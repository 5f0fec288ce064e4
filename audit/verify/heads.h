/*
 * The heads that a command line names: read before a verification (--since, --keep, --state), written or removed after it. Keeps no other state; what the files say is
 * kept.h's, what follows from them verify.h's.
 */
#ifndef ZD_VERIFY_HEADS_H
#define ZD_VERIFY_HEADS_H

#include "audit/verify/kept.h"
#include "audit/verify/verify.h"

typedef struct zd_heads {
    zd_kept since;
    zd_kept resume;
} zd_heads;

/*
 * Fills since, since_head, resume and state of options, which borrow heads and the paths. NULL paths: none. A state file may be missing. Errors: those of zd_kept_read;
 * KEPT_HEAD for a file of another genesis than options names, an unfinished one as since, a finished or bare one as state.
 */
zd_status zd_heads_read(zd_heads *heads, zd_verify_options *options, const char *since, const char *state, zd_error *err);
/* After a run that came to its end: a verified head goes to keep, and nothing stays at state. NULL paths: none. Errors: FILE_IO, DISK_FULL. */
zd_status zd_heads_end(const zd_verdict *verdict, const char *keep, const char *state, zd_error *err);

#endif
