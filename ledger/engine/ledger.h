/*
 * A ledger on disk: one directory with ledger.db, private.db, audit.git, public/, settlement/, config.json and GENESIS. This header is what CLI and server
 * use: open, submit signed notes, publish, prove. One writer at a time (flock); readers need no lock.
 *
 * Order of durability: leaves and records in one transaction, then the acknowledgement; publishing follows and may be repeated at any time.
 */
#ifndef ZD_ENGINE_LEDGER_H
#define ZD_ENGINE_LEDGER_H

#include "ledger/act/act.h"
#include "ledger/base/clock.h"
#include "ledger/seal/sign/signer.h"
#include "ledger/store/store.h"

typedef struct zd_ledger zd_ledger;

typedef struct zd_ledger_options {
    zd_clock clock;
    bool clock_checked; /* the operator says that a clock far ahead of the last entry is right */
    unsigned threads;   /* for signatures; 0 = all cores */
    /* Tests make them small; 0 = what is good for disks and memory. */
    size_t group_leaves;  /* a transaction's least leaves where more are to come */
    size_t record_leaves; /* leaves after which the records are written too */
    size_t working_set;   /* records kept in memory */
    /* Tests put a faulty store around the real one. NULL = none. */
    zd_store *(*wrap_store)(void *context, zd_store *store);
    void *wrap_context;
} zd_ledger_options;

zd_ledger_options zd_ledger_defaults(void);

/* Makes dir with its databases and repository and writes the genesis note as entry 0. LEDGER_EXISTS when there is one. out_fingerprint: SHA-256 of
 * the first leaf, which anchors verifiers; also in dir/GENESIS. */
zd_status zd_ledger_create(zd_hash *out_fingerprint, const char *dir, zd_span genesis_note, const zd_ledger_options *options, zd_error *err);
/* write takes the lock (LEDGER_LOCKED), brings records up to date with the leaves and refuses a fork (recover.c). */
zd_status zd_ledger_open(zd_ledger **out, const char *dir, bool write, const zd_ledger_options *options, zd_error *err);
zd_status zd_ledger_close(zd_ledger *ledger, zd_error *err); /* NULL is fine */

const char *zd_ledger_dir(const zd_ledger *ledger);
const char *zd_ledger_origin(zd_ledger *ledger);
uint64_t zd_ledger_size(const zd_ledger *ledger); /* entries */
zd_acts *zd_ledger_acts(zd_ledger *ledger);       /* working set for reading and explaining; borrowed */
zd_store *zd_ledger_store(zd_ledger *ledger);
int64_t zd_ledger_now(const zd_ledger *ledger);   /* max(clock, last entry) */

/* What one note came to. */
typedef struct zd_result {
    zd_status status;   /* ZD_OK: decided (or replayed) and durable; else error says why not */
    zd_error error;
    zd_request_type type;
    bool replay;
    uint64_t seq;       /* of its request leaf */
    zd_hash leaf;       /* SHA-256 of the request leaf's bytes (not the Merkle leaf hash) */
    zd_outcome outcome;
    char code[24];
    size_t effects;
} zd_result;
/* Sees every decision of this submission once it is durable, in order; note is the index of its note. May be NULL. */
typedef zd_status zd_decision_visit(void *context, size_t note, const zd_decision *decision);

/*
 * Submits notes in order. Each is decided on its own; they are made durable in groups. results has count entries. The status is ZD_OK even when single
 * notes were refused or not admitted; a fault (disk, lock, clock) is returned, and results after the last durable group carry it as well.
 */
zd_status zd_ledger_submit(zd_ledger *ledger, zd_result *results, const zd_span *notes, size_t count, zd_decision_visit *visit, void *context,
                           zd_error *err);

/* --- publishing --- */
typedef struct zd_publisher {
    const zd_signer *log_key; /* signs the checkpoint under the ledger's origin */
    const zd_signer *git_key; /* signs the commit */
    long witness_timeout_ms;  /* of one question to one witness; 0 = 10 s */
    int64_t refresh_after_s;  /* a cosignature older than this is asked for again; 0 = 12 hours */
    struct zd_cosign_report *report; /* cosign.h: what the witnesses said; NULL = not wanted */
    void (*mirror_seen)(void *context, const char *url, int state, const char *tip_hex, const char *detail); /* mirrors.h: each mirror after the push; may be NULL */
    void *mirror_context;
} zd_publisher;
/* Publishes the present head when it is ahead of the last publication; finishes what an earlier run left; asks the witnesses of <dir>/witness-policy. KEY_UNKNOWN when
 * a key is not the roster's, LEDGER_FORK when a witness knows more of this log than the store. */
zd_status zd_ledger_publish(zd_ledger *ledger, const zd_publisher *publisher, zd_error *err);
/* The same, while others write: handles are asked for step by step. `write` only for the records, some milliseconds each; what takes long is done with one that reads and was opened after
 * the step before was closed. LEDGER_LOCKED also when somebody else publishes. */
typedef struct zd_publish_doors {
    zd_status (*open)(zd_ledger **out, void *context, bool write, zd_error *err);
    void (*close)(void *context, zd_ledger *ledger);
    void *context;
} zd_publish_doors;
zd_status zd_publish_through(const zd_publish_doors *doors, const zd_publisher *publisher, zd_error *err);
/* Compares with what the world knows, without signing or publishing anything: each mirror shows its tip, each witness is asked to cosign the last publication again unless it
 * did so just now. A service calls this before it takes requests; doctor calls it. LEDGER_FORK when any knows more of this log than the store, or another history; who is silent
 * stands in publisher->report and is shown to mirror_seen. Keys of the publisher are not used. */
zd_status zd_ledger_meet(zd_ledger *ledger, const zd_publisher *publisher, zd_error *err);
/* Writes a second repository at path from the store alone: same commits, same ids. */
zd_status zd_ledger_rebuild_trail(zd_ledger *ledger, const char *path, zd_error *err);
/* The receipt (.tlog-proof) of an entry under the last published checkpoint; A_ABSENT-like LOG_RANGE when it is not published yet. */
zd_status zd_ledger_proof(zd_buf *out, zd_ledger *ledger, uint64_t seq, zd_error *err);
/* Leaves [from, to), as stored. */
zd_status zd_ledger_leaves(zd_ledger *ledger, uint64_t from, uint64_t to, zd_store_leaf_visit *visit, void *context, zd_error *err);

/* --- looking after it --- */
/* Rebuilds all records from the leaves in memory and compares them with the stored ones; checks the store; recomputes the root. LEDGER_CORRUPT. */
zd_status zd_ledger_doctor(zd_ledger *ledger, zd_buf *report, zd_error *err);
zd_status zd_ledger_backup(zd_ledger *ledger, const char *path, zd_error *err);

/* --- private data: names and accounts behind commitments (private.db), erasable --- */
typedef struct zd_account_data {
    char name[201];     /* bank-registered name, UTF-8 */
    char account[41];
    char bank_name[201];
    char bank_code[13]; /* CNAPS */
    zd_hash salt;
} zd_account_data;
/* SHA-256 over a domain line and the fields with their lengths, salted. */
zd_hash zd_account_commitment(const zd_account_data *data);
typedef struct zd_private_account {
    char provider[ZD_ID_SIZE];
    zd_account_data data;
} zd_private_account;
/* All of them durable together, or none: one at a time costs two syncs of the disk each. */
zd_status zd_private_accounts_put(zd_ledger *ledger, const zd_private_account *entries, size_t count, zd_error *err);
zd_status zd_private_account_get(zd_account_data *out, bool *found, zd_ledger *ledger, const zd_hash *commitment, zd_error *err);
/* Appends what opens every commitment of private.db, one JSON object a line (audit/verify/openings.h says the form): personal data, for an auditor's hands alone. */
zd_status zd_private_openings(zd_buf *out, zd_ledger *ledger, zd_error *err);
zd_status zd_private_erase(zd_ledger *ledger, const zd_hash *commitment, zd_error *err);

/* --- settlement package --- */
typedef struct zd_payer { /* from config.json */
    char name[201], code[19], account[41], bank_name[201], bank_code[13], purpose[201], contact[201];
} zd_payer;
/* Which forms a package carries beside treasury files and pain.001.001.09; from config.json. */
#define ZD_PACKING_PROFILES 16
typedef enum zd_statement_form { ZD_STATEMENT_CSV = 1, ZD_STATEMENT_XLSX = 2, ZD_STATEMENT_HTML = 4 } zd_statement_form;
typedef struct zd_packing {
    bool pain_03; /* pain.001.001.03 too */
    unsigned statements; /* or of zd_statement_form, with CSV; 0 = all */
    size_t profile_count;
    char profiles[ZD_PACKING_PROFILES][41]; /* data files bank/<id>.json of data_dir */
} zd_packing;

typedef struct zd_export_order {
    const char *batch;
    const zd_payer *payer;
    const zd_packing *packing; /* NULL = nothing more */
    const zd_signer *signer;
    const char *role;     /* maker, checker, releaser: in which the signer signs */
    const char *data_dir; /* templates, calendars, bank profiles */
} zd_export_order;
/* Writes settlement/<batch>/ with MANIFEST and its signature by signer; again: identical, and the signature of a further role joins. problems (may be NULL) gets every
 * problem that keeps the batch from being written, one a line; err the first one. LOG_RANGE: the release is not published yet, so there is no proof of the seal's leaf.
 * KEY_ROLE: the roster does not give this key that role at the release, or one person would sign as maker and as checker or releaser. */
zd_status zd_ledger_export(zd_ledger *ledger, const zd_export_order *order, zd_buf *problems, zd_error *err);
/* Could the payment files of a batch be written, once it is approved and released? Writes nothing; signer and role are not asked. problems as above, each with the form that refuses,
 * line, field, value and rule. EXPORT_REFUSED; an account that private.db does not open is one, too. */
zd_status zd_ledger_export_test(zd_ledger *ledger, const zd_export_order *order, zd_buf *problems, zd_error *err);
/* What opens the account commitments of a batch's lines, one JSON object a line, for an auditor who may see accounts (zhidui-audit package --openings). EXPORT_REFUSED
 * names an account that was erased. */
zd_status zd_ledger_openings(zd_buf *out, zd_ledger *ledger, const char *batch, zd_error *err);

#endif
