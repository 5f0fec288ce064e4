/*
 * The audit repository, reading half: walk the linear history of refs/heads/main and fetch committed files. Links no writing
 * and no signing code. The only module (with write/) that includes libgit2.
 *
 * Grammar of a commit here: tree, at most one parent, author = committer (+0000), one gpgsig (SSHSIG, namespace git), empty line,
 * summary line, empty line, the exact bytes of the file `checkpoint`. Canonical re-encoding equals the object; anything else is
 * TRAIL_GRAMMAR. Trees hold plain files and directories only. Replace refs, grafts, shallow clones and alternates are refused.
 *
 * Every object read is hashed again. TRAIL_OBJECT: one is missing or damaged. TRAIL_FAILED: the machine could not read.
 * Not checked here, but by the verifier: whether the signature is good and by whom, that times grow, what the checkpoint and the
 * files say, and SHA-256 over all of it: SHA-1 names objects and proves nothing. A handle serves one thread at a time.
 */
#ifndef ZD_TRAIL_TRAIL_H
#define ZD_TRAIL_TRAIL_H

#include "ledger/seal/sshsig.h"

#define ZD_OID_HEX 41 /* with NUL */

typedef struct zd_trail zd_trail;

/* libgit2's own start, by the first zd_trail_open of a process: most commands open none. TRAIL_FAILED. Who uses libgit2 otherwise (tests) calls it himself; once is enough. */
zd_status zd_trail_start(zd_error *err);
/* At the end of main, when nothing is open any more; it cannot be started again. Does nothing when it was never started. */
void zd_trail_stop(void);

/* Opens a bare or work-tree repository, no parent directory is searched. A plain local `git clone` (hard links) is fine; alternates
 * are refused, because evidence must not depend on a second repository. TRAIL_FAILED, TRAIL_GRAMMAR. */
zd_status zd_trail_open(zd_trail **out, const char *path, zd_error *err);
void zd_trail_close(zd_trail *trail);

/* Tip of refs/heads/main, the local branch: after `git fetch` in a clone also merge. *found false in an empty repository. */
zd_status zd_trail_tip(zd_trail *trail, char out_hex[ZD_OID_HEX], bool *found, zd_error *err);

typedef struct zd_trail_commit {
    char oid_hex[ZD_OID_HEX];
    char tree_hex[ZD_OID_HEX];
    char parent_hex[ZD_OID_HEX]; /* "" for the first */
    zd_span author;   /* "Name <mail>"; spans borrow from the commit's own buffer */
    int64_t time_unix_s;
    zd_span summary;    /* without its newline */
    zd_span checkpoint; /* the note at the end of the message */
    zd_span signature;  /* SSHSIG armour, continuation spaces removed, ends in a newline */
    zd_span payload;    /* what the signature covers: the commit without its gpgsig header */
    zd_buf owned;       /* backing memory */
} zd_trail_commit;

/* Reads and checks the grammar, also that the tree's file `checkpoint` is the message's. Free with zd_trail_commit_free. */
zd_status zd_trail_commit_read(zd_trail_commit *out, zd_trail *trail, const char *oid_hex, zd_error *err);
void zd_trail_commit_free(zd_trail_commit *commit);

/* All commit ids from the first to the tip, oldest first, each checked as by zd_trail_commit_read; *out_hex is count * ZD_OID_HEX
 * bytes, freed by the caller; NULL and 0 for an empty repository. */
zd_status zd_trail_history(char **out_hex, size_t *out_count, zd_trail *trail, zd_error *err);

/* Appends the file at path in the commit's tree; *found false when there is none. Every object read is re-hashed (SHA-1). */
zd_status zd_trail_file(zd_buf *out, bool *found, zd_trail *trail, const char *commit_hex, const char *path, zd_error *err);
/* Appends the content of the object that a visit named. */
zd_status zd_trail_blob(zd_buf *out, zd_trail *trail, const char *oid_hex, zd_error *err);

/* Visits every file of a commit's tree, sorted by path; oid_hex lets the caller see unchanged files without reading them. A visit
 * that answers other than ZD_OK ends the walk with that answer. */
typedef zd_status zd_trail_file_visit(void *context, const char *path, const char *oid_hex);
zd_status zd_trail_files(zd_trail *trail, const char *commit_hex, zd_trail_file_visit *visit, void *context, zd_error *err);
/* The same for the files that differ between two commits; equal directories are not opened, so that a long history can be walked
 * in the time of its changes. old_commit_hex "" means nothing; old_hex is "" for a new file, new_hex for one that went. */
typedef zd_status zd_trail_change_visit(void *context, const char *path, const char *old_hex, const char *new_hex);
zd_status zd_trail_changes(zd_trail *trail, const char *old_commit_hex, const char *new_commit_hex, zd_trail_change_visit *visit,
                           void *context, zd_error *err);

#endif
