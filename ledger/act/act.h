/*
 * Acts: what each kind of request does. For one admitted request an act gathers facts from the book, lets the rules decide, and posts. The
 * engine and the verifier run the very same functions over their own books; nothing here does I/O, reads a clock, or knows a store.
 *
 * One submission gives a *group*: the request's own decision and, for batches, seals and sweeps, one effect decision per item, line or
 * expiry. Each becomes a leaf. A refusal is a decision too: its book changes are rolled back, its leaf is written.
 */
#ifndef ZD_ACT_ACT_H
#define ZD_ACT_ACT_H

#include "ledger/book/book.h"
#include "ledger/rules/policy.h"
#include "ledger/seal/note.h"

typedef struct zd_acts zd_acts; /* a book with parsed policies and scratch memory */

zd_acts *zd_acts_new(zd_book *book); /* borrows the book */
void zd_acts_free(zd_acts *acts);
zd_book *zd_acts_book(zd_acts *acts);

/* The key that a note's signature line names: "<origin>/<key name>" and key id. Looks at the roster only, not at intervals: those are
 * judged at the leaf's place. KEY_UNKNOWN. The result is borrowed from the book. */
zd_status zd_acts_signer(const zd_rec_key **out, zd_acts *acts, zd_span signature_name, const uint8_t key_id[4], zd_error *err);

/* The genesis is signed by a root key that it lists itself: finds the key which the signature line names among its ROOT items. The only text that is
 * parsed before its signature is checked; its fingerprint anchors it. */
zd_status zd_acts_genesis_key(zd_public_key *out, zd_span text, zd_span signature_name, const uint8_t key_id[4], zd_error *err);

typedef struct zd_incoming {
    zd_span text;             /* verified bytes of the signed text */
    const zd_request *request; /* as zd_request_parse read it from exactly these bytes, borrowed; NULL: it is parsed here */
    const zd_request *items;  /* of a batch: all of them as zd_request_item reads them from `request`, borrowed; NULL: they are read here */
    const zd_rec_key *signer; /* whose signature was verified; NULL for the genesis */
    uint64_t seq;             /* the place that its leaf will have */
    int64_t at_unix_ms;       /* max(clock, last at) */
} zd_incoming;

typedef struct zd_group {
    zd_decision *decisions; /* [0] is the request's; owned */
    size_t count;
    size_t capacity;
    bool replay;            /* the same text was decided before: nothing new; first_* tell the outcome */
    uint64_t first_seq;
    zd_outcome first_outcome;
    char first_code[24];
    bool roster_changed;    /* keys were granted, rotated or revoked: earlier look-ups are stale */
    zd_request_type type;
} zd_group;

/*
 * Admits, decides and posts one request. ZD_OK: group holds the decisions (or the replay). An admission error (NOTE_ORIGIN, NOTE_EXPIRED,
 * KEY_INTERVAL, KEY_ROLE, REQUEST_CONFLICT, PARTY_REFUSALS, JSON_*, FIELD_INVALID...) makes no leaf and changes nothing. A fault or integrity error
 * changes nothing either. Book changes are committed in memory; the caller makes them durable or throws the book away.
 */
zd_status zd_acts_submit(zd_group *group, zd_acts *acts, const zd_incoming *in, zd_error *err);
void zd_group_free(zd_group *group);
/* The party that a request's id belongs to (identity is party and id): the key's holder or provider, else its unit; NULL: the genesis. */
const char *zd_request_party(const zd_rec_key *signer);
/* Dry run of an order, capture or direct (signed or not): a JSON object with every check, its verdict, parameter and what it saw. Changes nothing. */
zd_status zd_acts_explain(zd_buf *out_json, zd_acts *acts, const zd_incoming *in, zd_error *err);
const char *zd_acts_check_name(unsigned check); /* a zd_check_namer */

/* Who writes all parts of a long seal in a row rests after each of them this many times as long as it took: who comes meanwhile finds the ledger busy once in four times,
 * and with those who queued behind a part still less than half of the time, so that the median request waits for nothing. */
#define ZD_SEAL_REST_TIMES 3

/* Does that policy have such days at all? */
bool zd_acts_knows_days(zd_acts *acts, int64_t policy, zd_param param);
/* Have the days that a policy grants (a parameter of kind DAYS) after from_day gone by before today? false when not, when the policy is unknown, or when it has no such
 * step. *missing_year: 0, or the year of which no calendar was published. Changes nothing. */
bool zd_acts_days_over(zd_acts *acts, int64_t policy, int64_t from_day, zd_param param, int64_t today_day, int64_t *missing_year);

#endif
