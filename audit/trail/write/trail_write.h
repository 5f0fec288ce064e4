/*
 * The audit repository, writing half: one deterministic signed commit per published checkpoint. Pack bytes are built here and handed
 * to git_indexer; the ref moves by compare-and-swap. Equal input gives equal commit ids, so that a rebuild reproduces the history.
 *
 * One writer: each call holds a flock on the file `zhidui.lock` of the repository (LEDGER_LOCKED when another process has it) and,
 * holding it, clears what a killed predecessor left (temporary packs, refs/heads/main.lock). Killed at any moment, the same calls
 * again finish the work. `git repack` beside it is fine; `git gc --prune=now` and `git pack-refs` are not.
 */
#ifndef ZD_TRAIL_WRITE_H
#define ZD_TRAIL_WRITE_H

#include "audit/trail/trail.h"

/* Creates a bare repository with deny settings (receive.denyNonFastForwards, denyDeletes, fsckObjects; gc.auto=0;
 * commitGraph.generationVersion=1) and HEAD -> refs/heads/main: complete under path.new first, then renamed; what a killed run
 * left under that name is used again. FILE_EXISTS when path is there; FILE_IO, DISK_FULL. */
zd_status zd_trail_create(const char *path, zd_error *err);

typedef struct zd_trail_change {
    const char *path; /* '/'-separated, no '..', at most 16 parts; each path once */
    zd_span content;
    bool remove; /* true: the file goes away if it is there; content ignored */
} zd_trail_change;

typedef struct zd_trail_commit_in {
    const char *parent_hex; /* "" for the first commit */
    const zd_trail_change *changes; /* any order; unchanged files stay */
    size_t change_count;
    const char *author_name;
    const char *author_mail;
    int64_t time_unix_s;  /* greater than the parent's */
    const char *summary;  /* one line, no newline */
    zd_span checkpoint;   /* appended to the message verbatim; the tree's file `checkpoint` must be the same */
    zd_span signature;    /* SSHSIG armour from an earlier run; empty = call sign */
    zd_status (*sign)(zd_buf *out_armour, void *context, zd_span payload, zd_error *err);
    void *sign_context;
} zd_trail_commit_in;

/* Writes the objects (fsynced pack) and gives the commit id and the signature used (replacing what out_signature held); moves no
 * ref. Idempotent: objects that are there already are not written again. A signature, stored or fresh, must be good over the
 * commit under the key that it names, in namespace git; whose key that is, is not asked here.
 * Errors: FIELD_INVALID (the input cannot make a commit of this history), SSHSIG_MALFORMED, SIGNATURE_BAD, TRAIL_FAILED,
 * TRAIL_OBJECT or TRAIL_GRAMMAR (the parent), LEDGER_LOCKED, those of sign. */
zd_status zd_trail_commit_write(char out_hex[ZD_OID_HEX], zd_buf *out_signature, zd_trail *trail, const zd_trail_commit_in *in,
                                zd_error *err);
/* Moves refs/heads/main from expected ("" = must not exist) to next, a commit whose parent is expected; already there is fine.
 * TRAIL_MOVED when it is neither; TRAIL_GRAMMAR when next does not continue expected; LEDGER_LOCKED. */
zd_status zd_trail_advance(zd_trail *trail, const char *expected_hex, const char *next_hex, zd_error *err);

/* The file README of every audit repository: how to check it with git and ssh-keygen alone, in English and Chinese. */
zd_span zd_trail_readme(void);

#endif
