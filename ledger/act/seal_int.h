/*
 * What the files of a seal share. A seal looks at every unpaid item of one pool below a cut-off entry and puts each either into a line or on the
 * waiting list with its reasons; nothing is left out, so that anybody can check the list for completeness.
 */
#ifndef ZD_ACT_SEAL_INT_H
#define ZD_ACT_SEAL_INT_H

#include "ledger/act/settle_int.h"

/* Reasons besides an item's own gates and holds. */
enum { ZD_WAIT_GATED = 1, ZD_WAIT_HELD = 2, ZD_WAIT_NOTICE = 4, ZD_WAIT_ACCOUNT = 8, ZD_WAIT_MINIMUM = 16 };

typedef struct zd_seal_member {
    const zd_rec_item *item; /* borrowed from the book */
    int64_t open_fen;        /* of this pool */
    int64_t returned_fen;
    unsigned waits;          /* 0 = goes into the provider's line */
    zd_check_set gates;      /* its own, and what the sweep found now */
    zd_check_set flags;      /* what the sweep found: sampling only */
} zd_seal_member;

typedef struct zd_seal_line {
    const char *provider; /* borrowed from its first member */
    size_t first;         /* members [first, first + count) */
    size_t count;
    int64_t open_fen;
    int64_t returned_fen;
    int64_t offset_fen;
    int64_t net_fen;      /* open + returned - offset */
    int64_t number;       /* 1.. in the batch; 0 = no line */
} zd_seal_line;

typedef struct zd_seal {
    zd_act *act;
    const char *batch;
    const char *pool;
    const zd_policy *policy;
    int64_t cutoff;
    bool forced;
    zd_seal_member *members; /* owned; by provider and entry, then what is on hold */
    size_t member_count;
    size_t member_capacity;
    zd_seal_line *lines; /* owned; one per provider, number 0 where it has no line */
    size_t line_count;
    int64_t numbered;    /* lines of the batch */
    int64_t payable;     /* of these, those with net > 0 */
    int64_t gross_fen;
    int64_t offset_fen;
    int64_t total_fen;
    int64_t waiting;
} zd_seal;

/* seal_facts.c: the checks that need a window of history (flags, and R33 again) over the members that nothing else holds back. */
void zd_seal_look_back(zd_seal *seal);
/* seal_lines.c: postings, records and effect leaves of one line. False = refused by balance. */
bool zd_seal_write_line(zd_seal *seal, const zd_seal_line *line);
/* seal_waiting.c: effect leaves with every member that waits, and why. */
void zd_seal_write_waiting(zd_seal *seal);

#endif
