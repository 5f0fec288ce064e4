/*
 * The command line's own vocabulary: one sorted table of commands (commands.c), parsed options, and output. stdout is data, stderr is talk. A command's status
 * is the exit status: 0 done, 1 refused, 2 usage, 3 malformed, 4 fault, 5 integrity.
 */
#ifndef ZD_CLI_COMMAND_H
#define ZD_CLI_COMMAND_H

#include <stdio.h>

#include "ledger/engine/ledger.h"

#define ZD_CLI_SCHEMA 1 /* of everything that --json prints */
#define ZD_OPTIONS_MAX 64
/* Templates and calendars: --data, else a checkout's own, else where the build installs them (ZD_INSTALLED_DATA). */
#define ZD_CHECKOUT_DATA "ledger/settle/data"

typedef struct zd_option {
    const char *name;  /* without the dashes */
    const char *value; /* "" for a switch */
    bool used;
} zd_option;

typedef struct zd_cli {
    zd_option options[ZD_OPTIONS_MAX];
    size_t option_count;
    const char *words[16]; /* what is not an option, after noun and verb */
    size_t word_count;
    const char *dir;  /* --ledger or ZHIDUI_LEDGER; NULL when neither */
    const char *key;  /* --key FILE|agent:FINGERPRINT */
    bool json;
    bool chinese;
    FILE *out;
    FILE *talk;
    zd_ledger_options ledger_options;
    zd_error error; /* what the run failed with */
} zd_cli;

typedef struct zd_command zd_command;
typedef zd_status zd_command_run(zd_cli *cli, const zd_command *command);

struct zd_command {
    const char *noun;
    const char *verb; /* "" when there is none */
    zd_command_run *run;
    int request;      /* a zd_request_type for the general request command, else -1 */
    const char *usage; /* options, as --help shows them; NULL for requests: made from the schema */
    const char *english;
    const char *chinese;
};

/* commands.c */
const zd_command *zd_commands(size_t *count); /* sorted by noun, verb */
const zd_command *zd_command_find(const char *noun, const char *verb);
/* options.c: the whole program: parses, runs, prints the error; returns the exit status. Testable in process. */
int zd_cli_main(int argc, char **argv);
const char *zd_cli_option(zd_cli *cli, const char *name);          /* NULL when absent; marks it used */
bool zd_cli_switch(zd_cli *cli, const char *name);
zd_status zd_cli_need(const char **out, zd_cli *cli, const char *name);
zd_status zd_cli_usage(zd_cli *cli, const char *why);              /* sets USAGE */

/* session.c: opening what a command works on. */
zd_status zd_cli_open(zd_ledger **out, zd_cli *cli, bool write);
/* For writing; while another process writes, waits its turn, some ten seconds. */
zd_status zd_cli_open_in_turn(zd_ledger **out, zd_cli *cli);
zd_status zd_cli_signer(zd_signer **out, zd_cli *cli);             /* of --key */
/* The signer's newest key on the roster, borrowed from the book; NULL when it was never granted, or on trouble of the book. */
const zd_rec_key *zd_cli_key_record(zd_ledger *ledger, const zd_signer *signer);
/* The roster name of the signer's key in force ("issuer-1"), needed for the signature line. KEY_UNKNOWN. */
zd_status zd_cli_key_name(char out[101], zd_ledger *ledger, const zd_signer *signer, zd_error *err);
/* Wraps body members into a request text with header (id, expires) and signs it. */
zd_status zd_cli_sign(zd_buf *note, zd_ledger *ledger, const zd_signer *signer, const char *type, const char *id, int64_t expires_unix_ms, zd_span members,
                      zd_error *err);
/* The same for a text that is complete, with its line end, under a key name that is known. */
zd_status zd_cli_sign_text(zd_buf *note, const char *origin, const char *key_name, const zd_signer *signer, zd_span text, zd_error *err);
zd_status zd_cli_random_id(char out[ZD_ID_SIZE], const char *prefix);
/* Signs, submits and prints one request; *out (may be NULL) is what it came to. */
zd_status zd_cli_submit(zd_cli *cli, zd_ledger *ledger, const zd_signer *signer, const char *type, const char *id, zd_span members, zd_result *out);
/* earlier.c: a note that was refused as a conflict of ids. Has the earlier request under its id the same content, *result becomes its answer, and the talk says so; otherwise the error
 * names each field that differs, then -> now. */
void zd_cli_earlier(zd_cli *cli, zd_ledger *ledger, zd_span note, zd_result *result);
const char *zd_cli_settle_data(zd_cli *cli);
/* Publishes with --log-key and --git-key, or keys/log and keys/git of the ledger's directory, while others write; *size: entries of the published checkpoint. */
zd_status zd_cli_publish(zd_cli *cli, uint64_t *size);
/* Asks witnesses and mirrors whether they know more than this ledger (zd_ledger_meet) and says what each answered. A service does this before it listens. */
zd_status zd_cli_meet(zd_cli *cli, zd_ledger *ledger);
/* evidence.c: copies what the log names from one folder to the other, each file held against its hash (EVIDENCE_DIFFERS); says how many and which are missing. */
zd_status zd_cli_copy_evidence(zd_cli *cli, zd_ledger *ledger, const char *from_dir, const char *to_dir);
/* doctor's look at evidence/: one line of the result, each file that is not in order to the talk. EVIDENCE_DIFFERS, EVIDENCE_MISSING, EVIDENCE_OPEN, FILE_IO in *err. */
zd_status zd_cli_check_evidence(zd_cli *cli, zd_ledger *ledger, zd_error *err);
const char *zd_cli_evidence_beside(zd_buf *out, const char *backup);

/* help.c */
void zd_cli_help(zd_cli *cli, const zd_command *command); /* one command, or all when NULL */

/* output.c */
/* The option of a request's field: '_' becomes '-'; money has --amount (yuan, or --contract-yuan where --contract is another field) and --amount-fen. */
void zd_cli_field_option(char out[64], zd_field field, bool yuan);
void zd_cli_print_result(zd_cli *cli, const zd_result *result);
/* refusal.c: which field of the request a refusal is about, with its value, and what the rule saw; to the talk, after the result. Nothing with --json: the entry holds it. */
void zd_cli_refusal(zd_cli *cli, zd_ledger *ledger, const zd_result *result);
/* A mirror as it was found (state: a zd_mirror_state of ledger/engine/mirrors.h). */
void zd_cli_print_mirror(zd_cli *cli, const char *url, int state, const char *tip_hex, const char *detail);
void zd_cli_print_error(zd_cli *cli, const zd_error *error);
bool zd_cli_is_terminal(const FILE *stream);

/* One run function per file cmd_<name>.c. */
zd_command_run zd_cmd_backup,
    zd_cmd_demo,
    zd_cmd_doctor,
    zd_cmd_explain,
    zd_cmd_import,
    zd_cmd_init,
    zd_cmd_key_new,
    zd_cmd_key_show,
    zd_cmd_log_checkpoint,
    zd_cmd_log_proof,
    zd_cmd_log_publish,
    zd_cmd_log_show,
    zd_cmd_mirror_add,
    zd_cmd_mirrors,
    zd_cmd_policy_check,
    zd_cmd_pool_show,
    zd_cmd_private_erase,
    zd_cmd_private_openings,
    zd_cmd_provider_accounts,
    zd_cmd_rebuild,
    zd_cmd_record_list,
    zd_cmd_record_show,
    zd_cmd_report_export,
    zd_cmd_report_journal,
    zd_cmd_report_page,
    zd_cmd_request,
    zd_cmd_request_show,
    zd_cmd_request_sign,
    zd_cmd_request_submit,
    zd_cmd_restore,
    zd_cmd_second,
    zd_cmd_settle_approve,
    zd_cmd_settle_exceptions,
    zd_cmd_settle_export,
    zd_cmd_settle_open,
    zd_cmd_settle_preview,
    zd_cmd_settle_publish,
    zd_cmd_settle_reconcile,
    zd_cmd_settle_seal,
    zd_cmd_version;

#endif
