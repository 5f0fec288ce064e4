/* The inside of an open ledger, shared by the files of ledger/engine. */
#ifndef ZD_ENGINE_LEDGER_INT_H
#define ZD_ENGINE_LEDGER_INT_H

#include "ledger/base/durable.h"
#include "ledger/engine/ledger.h"
#include "ledger/log/tree.h"

#define ZD_GROUP_LEAVES 250 /* leaves per transaction, at least, where more are to come; a request's own group is never split */
/* How much may wait while a commit is under way. */
#define ZD_GROUP_LEAVES_MAX 8192
#define ZD_GROUP_BYTES_MAX (8 * 1024 * 1024) /* of notes */
/* Leaves after which the records are written too. What a crash leaves unwritten is decided again at the next start, some 20 us a leaf; a reader that opens the ledger meanwhile
 * does the same. Longer runs are written in fewer pages, but that does not show: 8,000 took as much processor time as 1,000 (50,000 redemptions in a call). */
#define ZD_FLUSH_LEAVES 1000
/* The same for records: one leaf of a seal changes hundreds. Together they must stay a small part of the working set, which cannot drop them; written while nothing else goes on,
 * they must take some 20 ms. */
#define ZD_FLUSH_RECORDS 5000
#define ZD_FLUSH_RECORDS_CALL 25000
/* Records that a session keeps in memory, about; some 50 to 100 MB. What else it needs is read again. */
#define ZD_WORKING_SET 100000

struct zd_ledger {
    char *dir;
    zd_ledger_options options;
    bool write;
    zd_lock *lock;
    zd_store *store;
    zd_store *follower;      /* loads the working set while another thread appends; opened on first use */
    bool following;          /* it does just now */
    zd_store *private_store; /* opened on first use */
    zd_book *book;
    zd_acts *acts;
    bool stale;      /* the working set could not be brought back after a failure: it must be, before anything is decided */
    bool resident;   /* has submitted before: no one-shot command, records are written now and then */
    uint64_t roster; /* counts changes of keys, so that what was looked up before can be told */
    zd_tree tree; /* as durable */
    zd_store_head head;
};

/* ledger.c */
/* A new directory with an empty store and its places, locked for writing; LEDGER_EXISTS. *out is set as soon as there is something to close. */
zd_status zd_engine_begin(zd_ledger **out, const char *dir, const zd_ledger_options *options, zd_error *err);
zd_status zd_engine_write_genesis(const char *dir, const zd_hash *fingerprint, zd_error *err); /* the file GENESIS */

/* book_source.c: the working set's way to the store. */
zd_book_source zd_engine_source(zd_ledger *ledger);
/* Throws the working set away and starts it anew from the store, deciding again what is after the records' mark. When that fails the ledger stays stale. */
zd_status zd_engine_reload(zd_ledger *ledger, zd_error *err);
/* From now on the working set is loaded through a handle of its own, so that another thread may append; and through the store again. */
zd_status zd_engine_follow(zd_ledger *ledger, zd_error *err);
void zd_engine_unfollow(zd_ledger *ledger);
/* Records were written: loads see them from now on. */
void zd_engine_seen_from_now(zd_ledger *ledger);
/* The same without deciding: for opening, where the head is checked first. */
zd_status zd_engine_load_head(zd_ledger *ledger, zd_error *err);
zd_status zd_engine_catch_up(zd_ledger *ledger, zd_error *err);
/* Closes a store handle that is of no more use and opens a fresh one; the working set is left alone. */
zd_status zd_engine_reopen_store(zd_ledger *ledger, zd_error *err);
void zd_engine_tree(zd_tree *out, const zd_store_head *head);
void zd_engine_head(zd_store_head *out, const zd_store_head *before, const zd_tree *tree, int64_t last_at_unix_ms); /* mark as before */

/* recover.c */
/* The compact range of the first `size` leaves, from their stored hashes. */
zd_status zd_engine_tree_at(zd_tree *out, zd_ledger *ledger, uint64_t size, zd_error *err);
zd_status zd_engine_recover(zd_ledger *ledger, zd_error *err);

/* private.c: what opens one account's commitment, as a line of an openings file. */
#define ZD_ACCOUNT_PARTS 4
void zd_engine_opening_add(zd_buf *out, zd_span provider, zd_span salt_hex, const zd_span parts[ZD_ACCOUNT_PARTS]);

/* signatures.c: verifies the notes of a call in parallel, ahead of the decisions. A call may hold thousands, so that only what is needed later is kept of each. */
typedef struct zd_checked_note {
    zd_span whole; /* borrowed, as submitted */
    zd_span text;  /* borrowed; believed only when good */
    const zd_rec_key *signer; /* NULL when unknown; the decider's alone */
    uint64_t roster; /* the state of the roster that it was identified under */
    bool good;
    uint8_t signature[64];
    zd_public_key key;
    zd_request *request; /* owned; NULL when it is not good or cannot be read. Until the next note is asked for. */
    struct zd_item_room *items; /* what a batch holds, read; NULL when it is none, or one of them cannot be read. Until the next note is asked for. */
    zd_error *error; /* owned; NULL when good */
} zd_checked_note;
typedef struct zd_checking zd_checking;
zd_checking *zd_checking_start(zd_ledger *ledger, const zd_span *notes, size_t count); /* borrows all */
/* Note `index`, verified; indexes ascend. Under a roster that has changed since it was identified, the note is looked at again. */
zd_checked_note *zd_checking_next(zd_checking *checking, size_t index);
const zd_request *zd_checked_items(const zd_checked_note *checked); /* all items of a batch, borrowed; NULL: the act reads them, and says what is wrong */
void zd_checking_end(zd_checking *checking);

/* append.c: leaves of one or more groups, made durable together. */
typedef struct zd_record_list {
    zd_store_record *records;
    size_t count;
    size_t capacity;
    zd_buf bytes; /* keys and values */
} zd_record_list;
typedef struct zd_pending {
    zd_buf bytes;      /* all leaves one after the other */
    size_t *ends;      /* end offset of each leaf */
    zd_hash *hashes;   /* Merkle leaf hashes */
    size_t count;
    size_t capacity;
    int64_t last_at_unix_ms;
    /* Frozen: */
    zd_store_head expected;
    zd_tree tree;      /* the head's; once written, these leaves too */
    bool with_records;
    zd_record_list records;
    /* Written: */
    zd_store_head next;
    zd_append outcome;
    zd_error failure;
} zd_pending;
void zd_pending_clear(zd_pending *pending); /* keeps the memory */
void zd_pending_free(zd_pending *pending);
/* Encodes and hashes a group's leaves; note is the request note of the first one. */
void zd_pending_add(zd_pending *pending, const zd_group *group, zd_span note);
/* One transaction: leaves, head and, when asked for or due, the dirty records. On any failure the working set is reloaded. */
zd_status zd_pending_append(zd_pending *pending, zd_ledger *ledger, bool with_records, zd_error *err);
/* The same in steps. Freeze: takes from ledger and book what the transaction needs; with_records: the book gives its dirty records. Write: the transaction, without ledger or book;
 * leaves may be added until then. Settle: the ledger's head is the new one and the book's gift is settled; on any failure the working set is reloaded. */
void zd_pending_freeze(zd_pending *pending, zd_ledger *ledger, bool with_records);
void zd_pending_write(zd_pending *pending, zd_store *store);
zd_status zd_pending_settle(zd_pending *pending, zd_ledger *ledger, zd_error *err);
/* leaves: that join the head now. within_call: another thread writes them, and more decisions follow. */
bool zd_pending_records_due(const zd_ledger *ledger, uint64_t leaves, bool within_call);
/* Writes the dirty records that no append took along. A failure loses nothing. */
zd_status zd_engine_flush(zd_ledger *ledger, zd_error *err);
/* The same where the book is current with the first `mark` leaves only. */
zd_status zd_engine_flush_to(zd_ledger *ledger, uint64_t mark, zd_error *err);

/* commit.c: what was decided, and the thread that makes it durable while decisions go on. */
typedef struct zd_decided { /* notes in a row */
    zd_group *groups; /* owned; the notes' that made leaves; empty where nobody is shown them */
    size_t *notes;    /* their indexes */
    zd_hash *hashes;  /* SHA-256 of each request leaf */
    size_t count;
    size_t capacity;
    size_t leaves;
    size_t bytes;     /* of the notes */
    size_t end_note;  /* the first one behind */
    bool checkpoint;  /* the store's log is to be emptied first */
    zd_pending pending;
} zd_decided;
/* Takes the group over, and encodes its leaves while they are at hand; whole: the note, not needed afterwards. shown: somebody wants to see the decisions when they are durable. */
void zd_decided_add(zd_decided *decided, zd_group *group, zd_span whole, size_t note, bool shown);
void zd_decided_write(zd_decided *decided, zd_store *store); /* on any thread: tree and transaction */
void zd_decided_clear(zd_decided *decided);
void zd_decided_free(zd_decided *decided);

typedef struct zd_committer zd_committer;
zd_committer *zd_committer_start(void); /* NULL when no thread can be had */
/* One at a time; decided and store are the committer's until zd_committer_wait returned. */
void zd_committer_give(zd_committer *committer, zd_decided *decided, zd_store *store);
bool zd_committer_busy(zd_committer *committer);
void zd_committer_wait(zd_committer *committer);
void zd_committer_end(zd_committer *committer); /* NULL is fine; waits */

/* projection.c: the files of the repository that follow from the leaves before `size`: keys/allowed_signers, keys/policy, keys/roster.json. */
zd_status zd_project_allowed_signers(zd_buf *out, zd_ledger *ledger, uint64_t size, zd_error *err);
zd_status zd_project_log_policy(zd_buf *out, zd_ledger *ledger, uint64_t size, zd_error *err);
zd_status zd_project_roster(zd_buf *out, zd_ledger *ledger, uint64_t size, zd_error *err);

#endif
