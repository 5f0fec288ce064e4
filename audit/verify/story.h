/*
 * What a repository tells beyond its verdict: the records that its entries lead to, and counts taken on the way. For the printed report and the sample, after the
 * verification; nothing here judges anything.
 */
#ifndef ZD_VERIFY_STORY_H
#define ZD_VERIFY_STORY_H

#include "audit/history/history.h"
#include "ledger/act/act.h"

typedef struct zd_tally { /* a counted sum under two words */
    char first[64], second[64];
    uint64_t count;
    int64_t sum_fen;
} zd_tally;

typedef struct zd_tallies {
    zd_tally *list; /* owned, sorted by first and second once the story is told */
    size_t count, capacity;
} zd_tallies;

typedef struct zd_story_head {
    uint64_t size;
    zd_hash root;
    int64_t time_unix_s;
} zd_story_head;

typedef struct zd_story {
    zd_book *book;   /* owned: every record at the end */
    zd_acts *acts;   /* owned */
    zd_story_head *heads; /* owned, ascending */
    size_t head_count, head_capacity;
    zd_tallies outcomes;  /* request type, outcome */
    zd_tallies refusals;  /* code */
    zd_tallies attested;  /* kind of fact, attesting unit */
    zd_tallies months;    /* "2026-03", redeemed | paid | returned */
    zd_tallies accounts;  /* pool, account code: balance on its normal side */
} zd_story;

/* TRAIL_*, LEDGER_CORRUPT: a repository that does not re-execute has no story; verify it first. */
zd_status zd_story_tell(zd_story **out, const char *repository, zd_error *err);
void zd_story_free(zd_story *story); /* NULL is fine */
/* The first checkpoint with more than `entry` entries; NULL when there is none. */
const zd_story_head *zd_story_head_after(const zd_story *story, uint64_t entry);
/* Adds to the tally of these words. */
void zd_tally_add(zd_tallies *tallies, zd_span first, zd_span second, int64_t sum_fen);
void zd_tally_sort(zd_tallies *tallies, bool by_sum); /* by words, or largest sum first */

#endif
