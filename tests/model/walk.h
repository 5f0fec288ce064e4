/*
 * A walk: the same random requests to a scene (acts alone, or a whole ledger) and to the model, one after the other; after each, both must have answered the same, or the
 * test fails with the request and both answers. What a test does between the steps (comparing balances, publishing, rotating keys) is its own.
 */
#ifndef ZD_TESTS_WALK_H
#define ZD_TESTS_WALK_H

#include "tests/model/world.h"

#define MO_TEXT_MAX 4096

/* One request that was decided: enough to send it again. */
typedef struct mo_sent {
    char *text;
    int key;
    uint64_t seq;
    int64_t at;
    zd_outcome outcome;
    char code[24];
} mo_sent;

typedef struct mo_walk {
    zd_scene *scene;
    mo_model *model;
    mo_gen gen;
    mo_sent *history;
    size_t count, capacity;
    unsigned next_id;
    int variant, seed, step;
    unsigned tally[MO_KINDS][MO_PROPOSED + 1];
    unsigned replays, conflicts;
    int drained;         /* requests that it took to clear everything at the end */
    mo_event last;       /* the last step, */
    mo_outcome answered; /* and what both answered */
} mo_walk;

/* Starts at that scene, which is the world of the variant; the walk owns it. */
void mo_walk_begin(mo_walk *walk, zd_scene *scene, int variant, int seed);
void mo_walk_end(mo_walk *walk);
/* The next random event, submitted to both. */
void mo_walk_step(mo_walk *walk);
/* Brings what still clears to its end, each step submitted to both; then no clearing account (in settlement, returned by the bank, refund and clawback) holds anything.
 * Answers how many requests it took. */
int mo_walk_drain(mo_walk *walk);

#endif
