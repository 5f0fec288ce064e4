/*
 * The files of one commit against its parent, as a list to be explained: whoever knows what a file must hold takes it from the list; what is left at the end
 * should not be there. Because every commit's change is explained completely, every commit's whole tree is.
 */
#ifndef ZD_VERIFY_FILES_H
#define ZD_VERIFY_FILES_H

#include "audit/trail/trail.h"
#include "audit/verify/report.h"

typedef struct zd_files zd_files;

/* Findings go to the report; parent_hex "" for the first commit. TRAIL_* from reading. */
zd_status zd_files_open(zd_files **out, zd_trail *trail, zd_report *report, const char *parent_hex, const char *commit_hex, zd_error *err);
/* From now on what is read comes through this handle, and what is found goes to this report: a list that was begun on one thread is ended on another. */
void zd_files_bind(zd_files *files, zd_trail *trail, zd_report *report);
void zd_files_close(zd_files *files); /* NULL is fine */
/* Appends the content of a file that is new or changed in this commit, and takes it from the list. *found false when it is not among them. */
zd_status zd_files_take(zd_buf *out, bool *found, zd_files *files, const char *path, zd_error *err);
/* The file must be new or changed here and hold exactly this; otherwise `check` is found. */
zd_status zd_files_expect(zd_files *files, const char *path, zd_span content, zd_verify_check check, zd_error *err);
/* The file must be removed here: TREE_PATH. */
void zd_files_expect_gone(zd_files *files, const char *path);
/* May change in any way; the second: everything whose path starts so. */
void zd_files_allow(zd_files *files, const char *path);
void zd_files_allow_below(zd_files *files, const char *prefix);
bool zd_files_any_below(const zd_files *files, const char *prefix); /* does one of those change? */
/* Everything that nobody explained: TREE_PATH. */
void zd_files_leftover(zd_files *files);

#endif
