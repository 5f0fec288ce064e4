/*
 * Inside audit/trail only: the bytes of a commit of this history. One encoder serves both halves: the writer makes commits with
 * it, the reader makes each commit again from what it parsed and compares, so that a commit has exactly one spelling. A second
 * signature header or an odd one changes a commit's id and still verifies with stock git; here it is refused.
 */
#ifndef ZD_TRAIL_COMMIT_OBJECT_H
#define ZD_TRAIL_COMMIT_OBJECT_H

#include "audit/trail/object.h"

typedef struct zd_commit_parts {
    zd_oid tree;
    bool has_parent;
    zd_oid parent;
    zd_span author; /* "Name <mail>", also the committer */
    int64_t time_unix_s;
    zd_span summary;
    zd_span checkpoint;
} zd_commit_parts;

/* Why these parts cannot make a commit here, in a few words; NULL when they can. */
const char *zd_commit_parts_fault(const zd_commit_parts *parts);
/* The same for an armour: BEGIN line, canonical base64 in lines of 70, END line, one newline at the end. */
const char *zd_commit_armour_fault(zd_span armour);

/* Appends the commit without its gpgsig header: what the signature covers. */
void zd_commit_payload_add(zd_buf *out, const zd_commit_parts *parts);
/* Appends the whole commit. The header holds the armour without its last newline, as git writes it. */
void zd_commit_object_add(zd_buf *out, const zd_commit_parts *parts, zd_span armour);

/* Parses a whole commit. *owned (empty before) receives payload and armour; parts, *payload and *armour borrow from it. */
zd_status zd_commit_object_parse(zd_commit_parts *parts, zd_span *payload, zd_span *armour, zd_buf *owned, zd_span raw,
                                 zd_error *err);

#endif
