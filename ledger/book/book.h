/*
 * The book: an in-memory working set of records by key, and double entry on top of it. Pure: what is not in memory is asked of a source
 * that the owner hands in (the engine's store, or nothing at all in the verifier). No rules, no clock, no I/O of its own.
 *
 * Between zd_book_begin and zd_book_commit all edits and postings belong to one entry; zd_book_rollback undoes them all. Postings assert
 * the invariants of the chart of accounts (ledger/book/accounts.def): two sides of one ledger, amount > 0, no account leaves its normal
 * side: zd_book_post answers false for that, and the caller must have made sure by a check first.
 */
#ifndef ZD_BOOK_BOOK_H
#define ZD_BOOK_BOOK_H

#include "ledger/record/decision.h"
#include "ledger/record/records.h"

typedef struct zd_book zd_book;

typedef zd_status zd_book_take(void *context, zd_span key, zd_span value);
/* The source's records change only by what the book's owner writes of the book. */
typedef struct zd_book_source {
    /* Gives the value of key by calling take once, or not at all when there is none. */
    zd_status (*load)(void *context, zd_span key, zd_book_take *take, void *take_context, zd_error *err);
    /* May be NULL. Gives the record of key or, when there is none, the next one in key order, if any: one question then answers for all keys between. */
    zd_status (*next)(void *context, zd_span key, zd_book_take *take, void *take_context, zd_error *err);
    /* Gives every record whose key starts with prefix. */
    zd_status (*range)(void *context, zd_span prefix, zd_book_take *take, void *take_context, zd_error *err);
    /* The first `limit` of them from key `from` on, ascending. NULL: windows ask for whole ranges. */
    zd_status (*slice)(void *context, zd_span prefix, zd_span from, size_t limit, zd_book_take *take, void *take_context, zd_error *err);
    void *context;
} zd_book_source;

zd_book *zd_book_new(const zd_book_source *source); /* NULL: everything is in memory */
void zd_book_free(zd_book *book);
/* A failed load (disk, corruption) is remembered; every later lookup answers "absent". The owner must ask before it believes a result. */
zd_status zd_book_trouble(const zd_book *book, zd_error *err);

/* Keys: printf-style below the kind's prefix: zd_book_find(book, ZD_R_ORDER, "%s", id). The result is borrowed and stays valid until the
 * record is removed or the book freed; contents may change by edits. NULL when absent. */
const void *zd_book_find(zd_book *book, zd_record_kind kind, const char *format, ...) ZD_PRINTF(3, 4);
/* For change: remembers the old value for rollback. NULL when absent. Needs an open entry. */
void *zd_book_edit(zd_book *book, zd_record_kind kind, const char *format, ...) ZD_PRINTF(3, 4);
/* Makes a zeroed record; the key must be absent (assertion). Needs an open entry. */
void *zd_book_add(zd_book *book, zd_record_kind kind, const char *format, ...) ZD_PRINTF(3, 4);
/* Edit or add. */
void *zd_book_ensure(zd_book *book, zd_record_kind kind, const char *format, ...) ZD_PRINTF(3, 4);
/* Removes when there. Needs an open entry. */
void zd_book_remove(zd_book *book, zd_record_kind kind, const char *format, ...) ZD_PRINTF(3, 4);

/*
 * A place: a key that is used more than once, written and hashed when it is set, and looked up once. It stays good until the book is trimmed. Setting it is also a hint that its
 * record will be asked for soon: zd_places_fetch lets the memory of all that were set come near at once, where look-ups would wait for one after the other. Hints change no result,
 * and nothing is asked of the source for them. A place that was only zeroed names no key: it has no record.
 */
typedef struct zd_key { /* the book's own: a key with its kind's prefix, its length and the hash by which the table finds it */
    uint64_t hash;
    size_t size;
    char text[ZD_KEY_MAX + sizeof(uint64_t)]; /* a word of zeros behind it: hashed in words */
} zd_key;
typedef struct zd_place {
    zd_book *book;
    struct zd_node *node; /* NULL: not found yet, or not there */
    zd_record_kind kind;
    bool asked; /* the source has nothing */
    zd_key key;
} zd_place;
void zd_place_set(zd_place *out, zd_book *book, zd_record_kind kind, const char *format, ...) ZD_PRINTF(4, 5);
static inline void zd_place_clear(zd_place *place) { place->key.size = 0; } /* names no key */
/* The source cannot have it, because its key holds the number of the entry that is being made: it is not asked. */
static inline void zd_place_is_new(zd_place *place) { place->asked = true; }
void zd_places_fetch(const zd_place *places, size_t count);
const void *zd_place_find(zd_place *place); /* as zd_book_find */
void *zd_place_edit(zd_place *place);       /* as the functions above; the place must name a key */
void *zd_place_add(zd_place *place);
void *zd_place_ensure(zd_place *place);
void zd_place_remove(zd_place *place);

/* Ascending walk over the keys of a kind that start with the formatted prefix. Records may be edited, and the current one removed, meanwhile. */
typedef struct zd_book_cursor {
    zd_book *book;
    zd_record_kind kind;
    char prefix[ZD_KEY_MAX + 1];
    char key[ZD_KEY_MAX + 1]; /* of the current record, prefix "KIND/" included */
    const void *record;
    const void *node; /* the book's own: where the walk stands */
} zd_book_cursor;
zd_book_cursor zd_book_scan(zd_book *book, zd_record_kind kind, const char *format, ...) ZD_PRINTF(3, 4);
bool zd_book_next(zd_book_cursor *cursor); /* false at the end */

/*
 * The same walk over a range that may be too long to load at once: it begins behind the key KIND/prefix + after ("" = at the start), and the source is asked for `step`
 * records at a time. The order, and what is seen, are those of zd_book_scan.
 */
typedef struct zd_book_window {
    zd_book_cursor cursor;
    size_t step;
    bool complete;                /* nothing of the range is left in the source */
    char loaded[ZD_KEY_MAX + 1];  /* everything up to this key is in memory */
} zd_book_window;
zd_book_window zd_book_window_open(zd_book *book, zd_record_kind kind, size_t step, const char *prefix, const char *after);
bool zd_book_window_next(zd_book_window *window); /* false at the end; the record is window->cursor.record */

/* Entries. */
void zd_book_begin(zd_book *book);
void zd_book_commit(zd_book *book);
void zd_book_rollback(zd_book *book);

/* Accounts: names are "CODE/dimension/dimension", e.g. "3000/12330600X00000086C/330602-2026-01". An account's place is that of its ACCT record. */
int64_t zd_book_balance(zd_book *book, const char *format, ...) ZD_PRINTF(2, 3); /* on its normal side; 0 when never used */
int64_t zd_account_balance(zd_place *account);
const char *zd_account_name(const zd_place *account);
/* Posts and appends to the decision. False, with nothing changed, when an account is unknown, the ledgers differ, amount <= 0, or an account
 * would leave its normal side. Needs an open entry. */
ZD_MUST_USE bool zd_book_post(zd_decision *decision, zd_place *debit, zd_place *credit, int64_t amount_fen);
/* The normal side of an account code: true = debit. Answers false for known = unknown codes. */
bool zd_account_is_debit(const char *name, bool *known);
bool zd_account_is_quota(const char *name); /* 6xxx: the QUOTA side ledger */

/* Dirty records since the last zd_book_clean, ascending by key; value.data NULL = removed. */
typedef zd_status zd_book_dirty_visit(void *context, zd_span key, zd_span value);
zd_status zd_book_dirty(zd_book *book, zd_book_dirty_visit *visit, void *context);
/* The same in no order, which is the order in which they came to be dirty, for who sorts elsewhere: appends key and value of each to bytes, and tells their sizes. */
typedef void zd_book_dirty_packed(void *context, size_t key_size, size_t value_size, bool removed);
void zd_book_dirty_pack(zd_book *book, zd_buf *bytes, zd_book_dirty_packed *packed, void *context);
void zd_book_clean(zd_book *book); /* they are durable now, and the source has them */
/* In two steps, where somebody else writes what zd_book_dirty told while the book goes on: after zd_book_give those records are no longer dirty, but they stay in memory until
 * zd_book_settle says that the source has them, so that no older state of one can be loaded. One gift at a time; a book whose gift failed is of no more use. */
void zd_book_give(zd_book *book);
void zd_book_settle(zd_book *book);
size_t zd_book_dirty_count(const zd_book *book);
/* When more than keep records are in memory, drops the clean ones that were not asked for lately, or all clean ones if that is not enough. Never the dirty ones, nor
 * those given and not settled, nor keys (KEY): pointers to other records do not survive. What could not be dropped last time does not count: a ledger may have more keys than
 * `keep`, and would be walked through at every call. Call it regularly: it watches the growth. */
void zd_book_trim(zd_book *book, size_t keep);
bool zd_book_is_large(const zd_book *book, size_t keep); /* would a trim drop something? */
size_t zd_book_count(const zd_book *book);

/* Walks every record in memory by key, for doctor and tests. */
zd_status zd_book_each(zd_book *book, zd_book_dirty_visit *visit, void *context);

#endif
