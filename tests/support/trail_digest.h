/*
 * Everything that an audit repository says, in one digest: commits with all their parts, every file of every commit, each read by
 * path and by id. Two repositories with one digest tell the same story.
 */
#ifndef ZD_TESTS_TRAIL_DIGEST_H
#define ZD_TESTS_TRAIL_DIGEST_H

#include "ledger/seal/hash.h"

/* The digest of the repository at path, or why there is none. */
zd_status zd_trail_digest(zd_hash *out, zd_error *err, const char *path);
/* The same for dir/name, asserting that it can be read, or that it fails with this code. */
zd_hash zd_trail_digest_ok(const char *dir, const char *name);
void zd_trail_digest_code(const char *dir, const char *name, zd_code code);

#endif
