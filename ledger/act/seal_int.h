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

/*
 * After so many entries of the open list a part of a seal ends with the provider at hand, unless the seal names another number. Measured with one item a line, the most
 * expensive case: 250 lines take some 20 ms of processor time and one commit, so that on a busy machine, too, others wait for less than a quarter of a second.
 */
#define ZD_SEAL_CHUNK 250

/* One part of a seal: all of a small one. Providers are taken in their order and never cut in two, because a line and its netting are one decision. */
typedef struct zd_seal {
    zd_act *act;
    const char *batch;
    const char *pool;
    const zd_policy *policy;
    int64_t cutoff;
    bool forced;
    int64_t chunk;
    const char *after;       /* the provider that the part before ended with; "" = this is the first */
    char upto[ZD_ID_SIZE];   /* the provider that this part ends with; "" = nothing was open */
    bool more;               /* open entries of further providers follow */
    zd_seal_member *members; /* owned; by provider and entry */
    size_t member_count;
    size_t member_capacity;
    zd_seal_line *lines; /* owned; one per provider, number 0 where it has no line */
    size_t line_count;
    int64_t numbered;    /* lines of the batch, this part's included */
    int64_t written;     /* lines of this part */
    int64_t payable;     /* of these, those with net > 0 */
    int64_t gross_fen;
    int64_t offset_fen;
    int64_t total_fen;
    int64_t waiting;
} zd_seal;

/* seal_members.c: what of the open list belongs to this part, why it waits, and which lines it makes. LEDGER_CORRUPT when the open list is wrong. Members and lines
 * are freed by the caller, also after an error. */
zd_status zd_seal_collect(zd_seal *seal, zd_error *err);
/* seal_facts.c: the checks that need a window of history (flags, and R33 again) over the members that nothing else holds back. */
void zd_seal_look_back(zd_seal *seal);
/* The item of a line becomes a witness of later sweeps. */
void zd_seal_remember(zd_act *act, const zd_rec_item *item);
/* seal_lines.c: postings, records and effect leaves of one line. False = refused by balance. */
bool zd_seal_write_line(zd_seal *seal, const zd_seal_line *line);
/* seal_waiting.c: effect leaves with every member that waits, and why. */
void zd_seal_write_waiting(zd_seal *seal);

#endif
