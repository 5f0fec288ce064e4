/*
 * A forger with every key: reads an audit repository, lets the test change entries, files, times or keys, and writes it anew with tiles, checkpoints and signatures that fit.
 * What a verifier finds then, it finds by what the entries say and not by a broken hash. With nothing changed the result is the original, commit for commit.
 */
#ifndef ZD_TESTS_FORGERY_H
#define ZD_TESTS_FORGERY_H

#include "tests/support/support.h"

#include "audit/trail/trail.h"
#include "ledger/base/span.h"
#include "ledger/seal/sign/signer.h"

typedef struct zd_forged_file {
    char path[128];
    zd_buf content;
    bool removed;
} zd_forged_file;

typedef struct zd_forged_commit {
    uint64_t size;
    int64_t time_unix_s;
    zd_forged_file *files; /* that this commit adds, changes or removes, without tiles and checkpoint */
    size_t file_count;
    const zd_signer *log_key; /* NULL: the forgery's */
    const zd_signer *git_key;
    const char *summary;      /* NULL: as it should be */
    const char *origin;       /* NULL: the forgery's */
    bool keeps_obsolete;      /* partial tiles that wider ones replaced stay */
    bool wrong_root;          /* one bit of the root that is signed is turned */
} zd_forged_commit;

typedef struct zd_forgery {
    zd_buf *leaves;
    size_t leaf_count;
    zd_forged_commit *commits;
    size_t commit_count;
    char origin[64];
    zd_signer *log_key; /* owned */
    zd_signer *git_key;
    char wrong_tile[80];   /* written with one bit turned; "" = none */
    char missing_tile[80]; /* not written */
} zd_forgery;

/* Reads repository; keys are those whose seed is SHA-256 of these names. */
void zd_forgery_read(zd_forgery *out, const char *repository, const char *log_key_name, const char *git_key_name);
void zd_forgery_write(zd_forgery *forgery, const char *repository);
void zd_forgery_free(zd_forgery *forgery);

/* Replaces the first `from` in a leaf by `to` (any length). The text must be there. */
void zd_forgery_edit(zd_forgery *forgery, size_t leaf, const char *from, const char *to);
/* The first leaf at or after `start` that holds both texts; asserts that there is one. */
size_t zd_forgery_find(const zd_forgery *forgery, size_t start, const char *first, const char *second);
/* Takes a leaf out; every later commit has one entry less. */
void zd_forgery_drop(zd_forgery *forgery, size_t leaf);
/* Adds a leaf at the end of the last commit. */
void zd_forgery_append(zd_forgery *forgery, zd_span leaf);
/* The same for a request of the given text, signed `signatures` times by the key of that name, under a refusal. */
void zd_forgery_append_request(zd_forgery *forgery, const char *text, const char *key_name, int signatures);
/* The file in the newest commit that carries it; asserts that there is one. */
zd_forged_file *zd_forgery_file(zd_forgery *forgery, const char *path);
/* Adds a file to the last commit. */
void zd_forgery_add_file(zd_forgery *forgery, const char *path, const char *content);

#endif
