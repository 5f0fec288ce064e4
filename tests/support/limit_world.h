/*
 * The programme that the tests of the limits start from, written by hand on a leaf stream: people in the genesis, a policy with a ratio of 5,000 bp and a cap of 1,000,000,
 * the pool POOL with 2,000,000, holders H1 and H2, voucher V-1 of H1 with 600,000. Each step states request and line; nothing checks them here.
 */
#ifndef ZD_TESTS_LIMIT_WORLD_H
#define ZD_TESTS_LIMIT_WORLD_H

#include "tests/support/leaf_stream.h"

#define POOL "330602-E"
#define P1 "P-ONE"
#define H1 "H-ONE"
#define H2 "H-TWO"

/* Hexadecimal SHA-256 of a text, in one of four buffers. */
const char *zd_world_hex(const char *text);

/* The policy's values that tests change. */
typedef struct zd_world_policy {
    long long cap_fen, tier_up_to_fen, tier_ratio_bp;
    const char *scope, *covers, *checker_may;
    bool days; /* notice 3 working days, grace and silence 2 each; 5 March 2026 is a holiday and Sunday the 8th is worked, by this policy's calendar */
} zd_world_policy;
extern const zd_world_policy zd_world_plain;

/* cmocka setups and teardown: *state is the stream. setup_with is for a setup of the test's own. */
int zd_world_setup_with(void **state, const zd_world_policy *policy);
int zd_world_setup(void **state);
/* And captured under orders O-1 and O-2: items I-1 of 100,000 and I-2 of 200,000, invoices 26…01 and 26…02. */
int zd_world_setup_captured(void **state);
void zd_world_captures(zd_leaf_stream *s);
int zd_world_teardown(void **state);

void zd_world_publish(zd_leaf_stream *s, int number, const char *effective, const zd_world_policy *policy);
void zd_world_pool(zd_leaf_stream *s, const char *pool, long long amount_fen);
/* first_cap_fen > 0: the quota of the subject is opened with this cap in the same entry. */
void zd_world_allot(zd_leaf_stream *s, const char *voucher, const char *holder, const char *subject, long long amount_fen, long long first_cap_fen);
typedef struct zd_world_order_values { /* what is NULL or 0 is V-1, H1, material, twice the amount, policy 1 */
    const char *voucher, *holder, *purpose;
    long long contract_fen;
    int policy;
} zd_world_order_values;
void zd_world_order_with(zd_leaf_stream *s, const char *order, long long amount_fen, zd_world_order_values v);
void zd_world_order(zd_leaf_stream *s, const char *order, long long amount_fen);

/* What a capture states; what is 0 or NULL is derived from the amount. rest_fen: final, and this goes back. */
typedef struct zd_world_capture_values {
    const char *invoice;
    long long own_fen, gross_fen, part_fen, base_fen, rest_fen;
    const char *holds; /* "R32": held */
    const char *gates; /* "\"R06\",\"R25\"" */
    const char *notice_until;
} zd_world_capture_values;
void zd_world_capture(zd_leaf_stream *s, const char *item, const char *order, long long amount_fen, zd_world_capture_values v);

#endif
