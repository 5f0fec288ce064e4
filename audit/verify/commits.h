/* Inside audit/verify: the state of one walk over the history, and the steps that each commit goes through. */
#ifndef ZD_VERIFY_COMMITS_H
#define ZD_VERIFY_COMMITS_H

#include "audit/trail/trail.h"
#include "audit/verify/ahead.h"
#include "audit/verify/files.h"
#include "audit/verify/leaves.h"
#include "audit/verify/names.h"
#include "audit/verify/verify.h"

/* What a terminal is shown while it takes long. */
typedef struct zd_progress {
    FILE *out; /* NULL: nothing */
    bool chinese;
    size_t commit;  /* of the history, 1.. */
    size_t commits;
    int64_t started_ms;
    int64_t shown_ms;
    bool shown;
} zd_progress;

enum { ZD_MARK_SINCE, ZD_MARK_RESUME };

typedef struct zd_walk {
    zd_trail *trail;
    zd_report *report;
    zd_leaves *leaves;
    zd_ahead *ahead;
    const zd_verify_options *options;
    zd_buf note_bytes;        /* of the present commit's checkpoint */
    zd_note note;
    zd_checkpoint checkpoint; /* of the present commit */
    uint64_t old_size;        /* of the commit before */
    int64_t old_time_unix_s;
    zd_names key_files;       /* paths of keys/ and what they held last */
    zd_hash key_file_sha256[4];
    zd_marks marks;           /* MARK_SINCE, MARK_RESUME */
    bool seen[ZD_MARKS];      /* the log had that root at its size */
    const zd_kept *rest;      /* on whose run signatures rest in this walk; NULL: on none */
    size_t rest_mark;
    bool notes_progress;      /* into options->state */
    uint64_t noted_requests;  /* verified when it was noted last */
    zd_progress progress;
    bool stop;                /* nothing after this commit can be believed */
    bool unproven;            /* the root on which signatures rest is not there: this walk counts for nothing */
} zd_walk;

/* One commit from beginning to end, with its windows from walk->ahead. Findings are in the report; a status other than ZD_OK is a fault of the machine. */
zd_status zd_walk_commit(zd_walk *walk, zd_reading *reading, zd_error *err);
/* verify.c: notes in the auditor's file how far it is, now and then, while nothing was found. Errors: those of zd_file_write. */
zd_status zd_walk_note(zd_walk *walk, zd_error *err);
/* verify.c: shows how far it is, now and then. */
void zd_walk_progress(zd_walk *walk);
/* A finding out of an error of the trail; ZD_OK when it is one, else the fault itself. */
zd_status zd_walk_trouble(zd_walk *walk, zd_status status, const zd_error *err);

#endif
