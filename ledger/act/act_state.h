/*
 * The state behind zd_acts, known to the frame only (act.c, act_run.c, act_frame.c). Handlers use act_int.h.
 */
#ifndef ZD_ACT_ACT_STATE_H
#define ZD_ACT_ACT_STATE_H

#include "ledger/act/act_int.h"

#define ZD_ACCOUNT_SLOTS 8

typedef struct zd_text_block { /* texts that live until the submission ends, one behind the other; the newest block first */
    struct zd_text_block *next;
    size_t size;
    size_t used;
    char bytes[];
} zd_text_block;

struct zd_acts {
    zd_book *book;
    zd_policy **policies; /* parsed, by number - 1 where known, NULL = not yet */
    size_t policy_count;
    zd_place accounts[ZD_ACCOUNT_SLOTS];
    unsigned account_slot;
    zd_text_block *texts;
    zd_request *items; /* of the batch at hand: kept, because 170 of them are half a megabyte */
    size_t item_capacity;
};

void zd_acts_forget_texts(zd_acts *acts); /* keeps one block for the next */
void zd_acts_free_texts(zd_acts *acts);
void zd_acts_forget_policies(zd_acts *acts);

/* act_run.c: decides one request, its batch items, proposals and seconds; group has its first decision already. */
zd_status zd_act_run_request(zd_acts *acts, zd_group *group, const zd_request *request, const zd_incoming *in, zd_error *err);
/* Appends a decision with the next seq; returns its index. */
size_t zd_group_add(zd_group *group, uint64_t seq, int64_t at_unix_ms);
void zd_group_reserve(zd_group *group, size_t count); /* room for so many decisions in all */

#endif
