/*
 * Go's reader of transparency logs as a judge for tests: tests/outside/tlogcheck, built from Debian's golang-go and golang-golang-x-mod-dev, and a log of a fixed size whose
 * entry i is the decimal number i. Chance is seeded: ZD_DIFFERENTIAL_SEED changes it.
 */
#ifndef ZD_TESTS_OUTSIDER_H
#define ZD_TESTS_OUTSIDER_H

#include "tests/support/support.h"

#include "ledger/log/tree.h"
#include "ledger/seal/sign/signer.h"

#define ZD_OUTSIDER_ORIGIN "voucher.sx.example"
enum { ZD_OUTSIDER_TREE = 1100, ZD_OUTSIDER_LEVELS = 12 };

typedef struct zd_outsider {
    const char *dir;
    char program[600];
    zd_signer *signer; /* of the origin */
    zd_buf vkey;
    uint64_t random;
    zd_hash node[ZD_OUTSIDER_LEVELS][ZD_OUTSIDER_TREE]; /* complete subtrees */
} zd_outsider;

/* cmocka group setup and teardown. *state stays NULL when there is no Go to build with; then zd_outsider_absent says so, loudly, and is true. */
int zd_outsider_setup(void **state);
int zd_outsider_teardown(void **state);
bool zd_outsider_absent(const zd_outsider *outsider);

uint64_t zd_outsider_random(zd_outsider *outsider);
size_t zd_outsider_below(zd_outsider *outsider, size_t bound);
zd_span zd_outsider_entry(char out[24], uint64_t index);
zd_hash_reader zd_outsider_reader(zd_outsider *outsider);
zd_hash zd_outsider_root(zd_outsider *outsider, uint64_t size);

#endif
