/*
 * A ledger written by hand: requests and decision lines as a test states them, with no rule, act or book behind them, given straight to the limits and balances of the
 * verifier. So a test can let a line say anything at all.
 */
#ifndef ZD_TESTS_LEAF_STREAM_H
#define ZD_TESTS_LEAF_STREAM_H

#include "tests/support/support.h"

#include "audit/verify/balances.h"
#include "audit/verify/limits.h"

typedef struct zd_leaf_stream {
    zd_report *report;
    zd_limits *limits;
    zd_balances *balances;
    uint64_t seq;
    unsigned next_id;
    const char *date;            /* of `at`; "2026-03-02" at first */
    char last_text[ZD_HASH_HEX]; /* SHA-256 of the last request's text */
} zd_leaf_stream;

void zd_leaf_stream_open(zd_leaf_stream *stream);
void zd_leaf_stream_close(zd_leaf_stream *stream);

/*
 * One group. request: "type" and fields, without header; the id is made up unless it is given as "\"id\":…" in front. line: what follows the outcome, from its comma on;
 * it may begin with "outcome:" and a word to have another one than accepted. effects: pairs of item and what follows its outcome, ended by NULL; NULL = none.
 */
void zd_leaf_stream_put(zd_leaf_stream *stream, const char *key, const char *request, const char *line, const char *const *effects);
/* The second officer's note for the last request. */
void zd_leaf_stream_second(zd_leaf_stream *stream, const char *key, const char *line, const char *const *effects);

/* Exactly this finding, once, and no other. */
void zd_leaf_stream_found(const zd_leaf_stream *stream, zd_verify_check check);
void zd_leaf_stream_clean(const zd_leaf_stream *stream);

#endif
