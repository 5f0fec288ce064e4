/*
 * Reading the bank's answers into the ledger: one run over one file. The story is in cmd_reconcile.c; lines, notes and printing have files of their own. Everything that is
 * decided is decided by acts in the log; this layer only says what was read, in an order in which each step can be repeated after a crash.
 */
#ifndef ZD_CLI_RECONCILE_H
#define ZD_CLI_RECONCILE_H

#include "cli/command.h"
#include "ledger/settle/answers/match/match.h"

typedef struct zd_recon_line { /* owns what zd_expect borrows */
    zd_account_data account;
    bool has_account;
} zd_recon_line;

typedef struct zd_recon {
    zd_cli *cli;
    zd_ledger *ledger;
    zd_book *book;
    const zd_signer *signer;
    char key_name[101];
    char party[ZD_ID_SIZE];
    bool dry;               /* decides in the working set and throws it away */
    uint64_t seq;           /* dry: the place of the next leaf */
    int64_t expires_unix_ms;
    int64_t silence_days;   /* calendar days after which a line that nobody answered is unknown; -1 = as the batch's policy says */
    int64_t no_calendar;    /* year of which working days were asked and no policy has the calendar; 0 = none */
    int64_t grace_days;     /* after which a debited line counts as paid; -1 = not asked for */
    /* the lines that were sent, sorted by batch and provider */
    zd_expect *expected;
    zd_recon_line *lines;
    size_t expected_count;
    /* the file at hand */
    const char *path;
    char hex[ZD_HASH_HEX];
    zd_answers *answers;
    zd_match match;
    zd_hash *keys;          /* parallel to match.claims */
    bool *twice;            /* the file tells of that entry twice */
    zd_buf items;           /* of the batch being packed: objects without commas between */
    size_t *item_ends;
    size_t item_count, item_capacity;
    size_t answered[6];     /* by answer word */
    size_t refused;         /* decisions that the ledger refused */
    uint64_t first_seq;     /* exceptions from here on are of this file */
} zd_recon;

/* reconcile_lines.c */
/* Every line of every batch that was sent, with its payee where private.db still has it. */
zd_status zd_recon_lines_load(zd_recon *r, zd_error *err);
void zd_recon_lines_free(zd_recon *r);
const zd_rec_line *zd_recon_line_now(zd_recon *r, size_t expected); /* its present state */
bool zd_recon_unanswered(const zd_rec_line *line); /* sent, and nothing final is known of it */
/* The keys of the entries that the claims tell of, and which of them stand twice in the file. */
void zd_recon_keys(zd_recon *r);
/* The claim is money on the account: a booked entry with an amount, not a pending one or a mere notice. */
bool zd_recon_is_entry(const zd_recon *r, size_t claim);

/* ANSWER_ACCOUNT when the file is of another account than config.json's payer: its debits would all be unjustified. */
zd_status zd_recon_check_account(const zd_recon *r, zd_error *err);

/* reconcile_notes.c: each answers ZD_OK also when the ledger refused (counted in r->refused). */
zd_status zd_recon_send(zd_recon *r, const char *type, const char *id, zd_span members);
/* Collects an item; zd_recon_flush signs and sends what was collected as batch requests of `type`. */
zd_jw zd_recon_item(zd_recon *r, const char *id);
void zd_recon_item_end(zd_recon *r, zd_jw *w);
zd_status zd_recon_flush(zd_recon *r, const char *type);
bool zd_recon_was_sent(zd_recon *r, const char *id); /* this party used that id before */
/* "P-<hash of the parts>": the same step of the same file has the same id. */
void zd_recon_id(char out[ZD_ID_SIZE], const char *prefix, const zd_recon *r, const char *a, const char *b, const char *c);
/* The reason as a bank_code field takes it: the code, NARR for words, nothing for "". */
void zd_recon_bank_code(zd_jw *w, const char *reason);

/* reconcile_steps.c and reconcile_doubts.c: the steps, in this order. */
zd_status zd_recon_file(zd_recon *r, bool *known);  /* bank.file, bank.statement, bank.entry */
zd_status zd_recon_answers(zd_recon *r);            /* batch.ack, batch.reject, line.answer */
zd_status zd_recon_exceptions(zd_recon *r);         /* what the entries do not say themselves */
zd_status zd_recon_clears(zd_recon *r);

/* reconcile_print.c */
void zd_recon_print(zd_recon *r, bool known);
void zd_recon_print_case(zd_cli *cli, const zd_rec_bexc *found, int64_t today_day);

#endif
