/* Inside audit/verify only: what the history says of a batch (package_truth.c), and the checks of its package against that. */
#ifndef ZD_VERIFY_PACKAGE_INT_H
#define ZD_VERIFY_PACKAGE_INT_H

#include "audit/package/pack.h"
#include "audit/verify/names.h"
#include "audit/verify/report.h"
#include "audit/verify/shelf.h"
#include "ledger/act/act.h"

/* A line of the seal, read from its leaf by the published grammar. */
typedef struct zd_truth_line {
    char provider[41], end_to_end[36];
    int64_t number, gross_fen, offset_fen, net_fen, account_version;
    bool first_payment;
    bool held; /* by an objection before the release */
    zd_hash account; /* commitment */
} zd_truth_line;

/* An item that the seal left waiting, and why. */
typedef struct zd_truth_wait {
    char item[41];
    int64_t amount_fen;
    size_t reasons; /* into wait_texts, ends with NUL */
} zd_truth_wait;

/* The batch at the size that the manifest names: everything after that is left out, so that later acts change no verdict. */
typedef struct zd_truth {
    char batch[41];
    uint64_t seal_seq, size; /* as the manifest says */
    zd_shelf *shelf;         /* owned: what the book is not working on */
    zd_book *book;           /* owned: records at that size */
    zd_acts *acts;           /* owned */
    bool reached;            /* the history is that long */
    zd_hash root;            /* at that size */
    bool sealed;             /* the leaf seals this batch */
    zd_hash seal_text_sha256, seal_leaf;
    uint64_t part_seq, last_effect; /* of the part of the seal that was read last */
    zd_truth_line *lines;    /* owned, as sealed */
    size_t count, capacity;
    zd_truth_wait *waiting;  /* owned, in the order of the seal's entries */
    size_t wait_count, wait_capacity;
    zd_buf wait_texts;
    zd_names held;           /* providers objected to */
    zd_buf tip_published;    /* settlement/YYYY/MM/<batch>.json of the tip */
    bool published;
    unsigned steps;          /* entries and lines since the mapped files were looked at */
} zd_truth;
/* TRAIL_*, LEDGER_CORRUPT. Free in both cases. */
zd_status zd_truth_read(zd_truth *out, const char *repository, const zd_pack_manifest *manifest, zd_error *err);
void zd_truth_free(zd_truth *truth);
/* Drops records that were not asked for lately when too many are in memory: for loops over lines, whose number nobody bounds. No pointer into the book survives. */
void zd_truth_rest(zd_truth *truth);
const zd_rec_batch *zd_truth_batch(const zd_truth *truth);
const zd_rec_pool *zd_truth_pool(const zd_truth *truth);
/* Is this line in the payment files? */
bool zd_truth_is_paid(const zd_truth_line *line);
/* Was all of it eaten by credit notes? Then its provider has a statement, and nobody is paid. */
bool zd_truth_is_offset(const zd_truth_line *line);
/* How many there are, and what they come to. */
int64_t zd_truth_offsets(int64_t *out_fen, const zd_truth *truth);

/* The accounts that the auditor's openings file (openings.h) opens. */
typedef struct zd_opened_account {
    char name[201], account[41], bank_name[201], bank_code[13];
} zd_opened_account;
typedef struct zd_opened_accounts {
    zd_table table; /* commitment in hex -> zd_opened_account; what a line claims counts by the commitment that it really gives */
    bool asked;
} zd_opened_accounts;
/* JSON_*, FIELD_INVALID with the line. */
zd_status zd_opened_accounts_read(zd_opened_accounts *out, const char *path, zd_error *err);
void zd_opened_accounts_free(zd_opened_accounts *accounts);
const zd_opened_account *zd_opened_accounts_find(const zd_opened_accounts *accounts, const zd_hash *commitment);

/* Where each serial of a file stands first. */
typedef struct zd_serials {
    zd_names names;
    size_t *places; /* owned; by number of the name */
} zd_serials;

/* One package under examination. */
typedef struct zd_package_work {
    const char *dir;
    zd_report *report;
    zd_pack_manifest manifest;
    zd_buf manifest_bytes;
    zd_truth truth;
    zd_opened_accounts openings;
    zd_pack_payments reference; /* pain.001.001.09.xml: other files' accounts are held against it */
    zd_serials reference_places;
    bool has_reference;
    size_t files, payments; /* compared */
    size_t opened;          /* accounts that open their commitment */
    bool signed_by[3];      /* maker, checker, releaser */
    char signer[3][101];
    char person[3][41];
} zd_package_work;

/* package_dir.c: hashes, sizes, strangers. Faults only. */
zd_status zd_package_check_files(zd_package_work *work, zd_error *err);
/* The bytes of a file of the manifest; *found false (with a finding made elsewhere) when it is not there. */
zd_status zd_package_file(zd_buf *out, bool *found, zd_package_work *work, const char *path, zd_error *err);
/* package_sign.c */
zd_status zd_package_check_signatures(zd_package_work *work, zd_error *err);
void zd_package_check_seal(zd_package_work *work);
zd_status zd_package_check_proof(zd_package_work *work, zd_error *err);
/* package_pay.c: everything that pays. */
void zd_serials_free(zd_serials *serials);
zd_status zd_package_check_payments(zd_package_work *work, zd_error *err);
/* package_read.c: what people read: statements, public list, approval sheet, published figures. */
zd_status zd_package_check_papers(zd_package_work *work, zd_error *err);

/* package_sheet.c: the approval sheet, cell by cell, but for what only config.json and private.db know. */
zd_status zd_package_check_sheet(zd_package_work *work, zd_error *err);
/* package_payees.c: the section of findings about payees' accounts, rows [row, end) of the sheet. Recomputes what log and package tell; the rest must at least be possible. */
zd_status zd_package_check_payees(zd_package_work *work, const char *path, const zd_pack_cells *cells, size_t row, size_t end, zd_error *err);
/* The reference's payment of this serial; NULL when there is none. */
const zd_pack_payment *zd_package_reference(const zd_package_work *work, const char *serial);

/* A file for people as cells; false when it is not there or cannot be read, which is a finding. */
typedef zd_status zd_paper_read(zd_pack_cells *out, zd_span bytes, zd_error *err);
bool zd_paper_open(zd_pack_cells *out, zd_package_work *work, const char *path, zd_paper_read *read, zd_status *status, zd_error *err);
void zd_paper_find(zd_package_work *work, const char *path, const char *what, const char *recorded, const char *recomputed);

/* A finding with both texts. */
void zd_package_find(zd_package_work *work, zd_verify_check check, const char *gains, const char *recorded, const char *recomputed);

#endif
