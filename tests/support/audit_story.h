/*
 * A small programme that was run through the engine with real keys, published five times and cloned with stock git: what tests of the verifier read and forge. Made once per
 * program, never changed: a case that tampers makes a copy of its own below dir.
 */
#ifndef ZD_TESTS_AUDIT_STORY_H
#define ZD_TESTS_AUDIT_STORY_H

#include "tests/support/support.h"

#include "audit/verify/verify.h"

#define ZD_STORY_PATH 640
#define ZD_STORY_COMMITS 5 /* the first three signed with the key git, then with git-2 */

typedef struct zd_audit_story {
    const char *dir;
    char audit[ZD_STORY_PATH]; /* the engine's repository */
    char clone[ZD_STORY_PATH]; /* what stock git made of it */
    zd_hash genesis;
    zd_buf middle;             /* the checkpoint that an auditor kept half-way: of the third commit */
} zd_audit_story;

/* cmocka group setup and teardown: *state is the story. */
int zd_audit_story_setup(void **state);
int zd_audit_story_teardown(void **state);

/* Verifies and gives the exit status; the verdict is the caller's to free. */
int zd_story_verify(zd_verdict *verdict, const char *repository, zd_verify_options options);
void zd_story_show(const zd_verdict *verdict);

/* The head that this verifier would have kept when the story had its first so many commits. */
zd_kept zd_story_kept(const zd_audit_story *s, size_t commits);
/* Appends the findings with their evidence, one to a line, without those that only speak of a kept head. */
void zd_story_findings(zd_buf *out, const zd_verdict *verdict);

#endif
