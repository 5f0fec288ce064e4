/*
 * A small audit repository for tests: four commits with additions, replacements and removals in nested paths, signed by stock
 * ssh-keygen with a key made for the test. What each commit must hold is computed here from the table, by replaying it.
 */
#ifndef ZD_TESTS_TRAIL_FIXTURE_H
#define ZD_TESTS_TRAIL_FIXTURE_H

#include "audit/trail/write/trail_write.h"

#define ZD_FIXTURE_COMMITS 4
#define ZD_FIXTURE_FILES 32

typedef struct zd_trail_fixture {
    const char *dir;        /* of the test; removed by the test */
    char repository[600];   /* dir/audit.git */
    char commits[ZD_FIXTURE_COMMITS][ZD_OID_HEX];
    zd_buf signatures[ZD_FIXTURE_COMMITS];
} zd_trail_fixture;

typedef struct zd_fixture_file {
    const char *path;
    zd_span content; /* borrowed from backing */
} zd_fixture_file;

/* Makes the directory, the key, the empty repository. */
void zd_trail_fixture_make(zd_trail_fixture *fixture, const char *name);
/* Writes commit number index (0-based) on the one before into the repository and moves main; stored: with that signature. */
void zd_trail_fixture_commit(zd_trail_fixture *fixture, const char *repository, size_t index, zd_span stored);
/* Makes and writes all commits. */
void zd_trail_fixture_full(zd_trail_fixture *fixture, const char *name);
void zd_trail_fixture_free(zd_trail_fixture *fixture);

/* What zd_trail_fixture_commit hands to zd_trail_commit_write; changes needs ZD_FIXTURE_FILES places, backing keeps contents. */
void zd_trail_fixture_input(zd_trail_commit_in *in, zd_trail_change *changes, zd_buf *backing, zd_trail_fixture *fixture,
                            size_t index);
/* The files that commit index must hold, sorted by path; returns how many. */
size_t zd_trail_fixture_files(zd_fixture_file *files, zd_buf *backing, const zd_trail_fixture *fixture, size_t index);
/* The sign callback: ssh-keygen -Y sign -n git; context is the fixture. */
zd_status zd_trail_fixture_sign(zd_buf *out_armour, void *context, zd_span payload, zd_error *err);

/* Runs a shell script inside dir and asserts that it succeeds; what it printed is shown when it does not. */
void zd_trail_shell_ok(const char *dir, const char *script);

#endif
