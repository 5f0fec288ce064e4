/*
 * A released batch as plain values: what every settlement file is written from. Filled by the engine from the sealed batch; the writers in this folder never
 * compute an amount, never read a clock, and give the same bytes for the same values. Texts are UTF-8 and owned by the caller.
 */
#ifndef ZD_SETTLE_SETTLEMENT_H
#define ZD_SETTLE_SETTLEMENT_H

#include "ledger/json/json.h"
#include "ledger/seal/hash.h"

typedef struct zd_pay_line {
    int64_t number;          /* 1.. within the batch, by provider id */
    const char *provider;    /* credit code */
    const char *provider_name;
    const char *account_name; /* bank-registered name, never normalised */
    const char *account;      /* digits */
    const char *bank_name;
    const char *bank_code;    /* CNAPS, 12 digits */
    int64_t account_version;
    bool first_payment;       /* first payment to this account */
    int64_t gross_fen;
    int64_t offset_fen;
    int64_t net_fen;          /* what is paid; > 0, and 0 among offset_lines */
    const char *end_to_end;   /* 业务流水号, EndToEndId */
    int64_t item_count;
    size_t notice_from, notice_to; /* this provider's rows among the notices, [from, to); both 0: they stand anywhere */
    size_t wait_from, wait_to; /* the same for the waiting rows, by waiting_order */
} zd_pay_line;

typedef struct zd_wait_row { /* held or gated, with why; also lines held by objection */
    const char *item;
    const char *provider;
    int64_t amount_fen;
    const char *reasons; /* "R06,R25", "notice", "minimum", "objection" */
} zd_wait_row;

typedef struct zd_notice_row { /* one redemption on the public list */
    const char *item;
    const char *provider;     /* credit code; not published, it picks the rows of that provider's statement */
    const char *holder;       /* enterprise: registered name; entrepreneur: masked holder id */
    const char *provider_name;
    const char *category;
    int64_t amount_fen;
    const char *done_date;    /* 2026-03-05 */
} zd_notice_row;

/* What an officer should look at before the account of a line is paid. */
typedef enum zd_payee_kind { ZD_PAYEE_SHARED, ZD_PAYEE_HOLDER, ZD_PAYEE_BACK, ZD_PAYEE_FIRST } zd_payee_kind;
typedef struct zd_payee_finding {
    zd_payee_kind kind;
    int64_t number;    /* of the line */
    char provider[41];
    char other[41];    /* SHARED: the other provider; HOLDER: the holder; BACK: the day, 2026-03-05; FIRST: "" */
} zd_payee_finding;

#define ZD_PAYEE_MISSING 20 /* accounts that could not be compared: a sheet names the providers of that many */

typedef struct zd_settlement {
    const char *ledger;       /* origin */
    const char *batch;        /* MsgId */
    int64_t seal_seq;         /* leaf of the seal */
    const char *seal_sha256;  /* hex */
    uint64_t log_size;
    const char *log_root;     /* hex */
    int64_t sealed_unix_ms;   /* CreDtTm, never "now" */
    const char *execution_date; /* 2026-03-16, a banking day */
    const char *maker, *checker, *releaser; /* person ids */
    /* the pool = indicator */
    const char *pool, *jurisdiction, *document, *fund_nature, *budget_unit, *project, *function_code, *gov_economic, *dept_economic, *settle_mode;
    int64_t year;
    /* the paying side, from config.json */
    const char *payer_name, *payer_code, *payer_account, *payer_bank_code, *payer_bank_name;
    const char *purpose;      /* 用途 */
    const char *contact;      /* for objections, on the public list */
    const zd_pay_line *lines;
    size_t line_count;
    const zd_pay_line *offset_lines; /* wholly eaten by credit notes: a statement, never a payment; no account is looked up, its texts are NULL */
    size_t offset_count;
    int64_t offset_total_fen; /* sum of their offset_fen */
    const zd_wait_row *waiting;
    size_t waiting_count;
    const size_t *waiting_order; /* places of waiting by provider, else as they stand; NULL: no line has a range, each provider's rows are looked for */
    const zd_notice_row *notices;
    size_t notice_count;
    const zd_payee_finding *findings; /* by line and kind */
    size_t finding_count;
    size_t accounts_known, accounts_opened; /* all providers' accounts and those of the lines; how many of them could be compared */
    const char (*missing)[41]; /* providers of accounts that could not be compared, at most ZD_PAYEE_MISSING */
    size_t missing_count;
    int64_t total_fen;        /* sum of net_fen */
} zd_settlement;

/* All problems of the batch at once, one err text per problem through `report` (file field, line number, code, sentence): sums and counts, duplicate EndToEndId,
 * lengths in bytes, characters outside the allowed repertoire, cells that start like a formula, account and bank code forms, execution on a banking day.
 * ZD_OK or EXPORT_REFUSED; FILE_IO when the calendar cannot be read. */
typedef void zd_settle_report(void *context, const zd_error *problem);
zd_status zd_settle_check(const zd_settlement *settlement, const char *calendar_dir, zd_settle_report *report, void *context, zd_error *err);
/* The same before anybody has approved or released: all but the persons. */
zd_status zd_settle_check_sealed(const zd_settlement *settlement, const char *calendar_dir, zd_settle_report *report, void *context, zd_error *err);

/* Each appends one file's bytes and first repeats the check of what it prints, failing with the first problem's own code. template_json: data file of ledger/settle/data/ (columns and order of the payment application). */
zd_status zd_settle_treasury_csv(zd_buf *out, const zd_settlement *settlement, zd_span template_json, zd_error *err);  /* GB18030, CRLF */
zd_status zd_settle_treasury_xlsx(zd_buf *out, const zd_settlement *settlement, zd_span template_json, zd_error *err); /* text cells; deterministic zip */
typedef enum zd_pain_version { ZD_PAIN_03 = 3, ZD_PAIN_09 = 9 } zd_pain_version;
zd_status zd_settle_pain001(zd_buf *out, const zd_settlement *settlement, zd_pain_version version, zd_error *err);
/* 汇总审批表, printable HTML, 大写, boxes, and the check code of the treasury CSV that the same template gives. */
/* Which accounts were compared, as the sheet says it; borrowed from page, empty when it has no such place. Two exports of one batch differ there when an account was erased or entered. */
zd_span zd_settle_approval_compared(zd_span page);
zd_status zd_settle_approval(zd_buf *out, const zd_settlement *settlement, zd_span template_json, zd_error *err);
zd_status zd_settle_notice(zd_buf *out, const zd_settlement *settlement, zd_error *err);                              /* 拟兑付公示 CSV, UTF-8 with BOM */
/* One provider's statement of the batch: the same rows as CSV (UTF-8 with BOM), as workbook, and as a page to print. line: 0.. of lines, then those of offset_lines. */
zd_status zd_settle_statement(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err);
zd_status zd_settle_statement_xlsx(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err);
zd_status zd_settle_statement_html(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err);
void zd_settle_verify_text(zd_buf *out, const zd_settlement *settlement);                                             /* VERIFY.txt: stock tools only */

/*
 * Upload forms of banks as data: ledger/settle/data/bank/<id>.json describes columns, encoding, totals, limits and refusals (docs/settlement-packages.md); no bank is named in
 * C. The forms that ship are made from public notes, hence "-like": finance confirms each against the bank's present template before the first use.
 */
typedef struct zd_bank_profile zd_bank_profile;
/* BANK_PROFILE_INVALID names the field; JSON_*. */
zd_status zd_bank_profile_read(zd_bank_profile **out, zd_span json, zd_error *err);
void zd_bank_profile_free(zd_bank_profile *profile); /* NULL is fine */
const char *zd_bank_profile_id(const zd_bank_profile *profile);
/* Every problem that keeps the batch out of this form, one report each. EXPORT_REFUSED when there is any. */
zd_status zd_settle_bank_check(const zd_settlement *settlement, const zd_bank_profile *profile, zd_settle_report *report, void *context, zd_error *err);
size_t zd_settle_bank_parts(const zd_settlement *settlement, const zd_bank_profile *profile); /* files that it takes, at least 1 */
/* Appends the bytes of part 0.. and the name of its file; the first problem's own code when the form refuses. */
zd_status zd_settle_bank_file(zd_buf *out, zd_buf *out_name, const zd_settlement *settlement, const zd_bank_profile *profile, size_t part, zd_error *err);

/* A file of the package: what the manifest says of it. The bytes are on the disk alone. */
typedef struct zd_package_entry {
    char *path;       /* inside the package; owned by the writer */
    const char *role; /* treasury, bank, review, public, statement, proof, help */
    size_t size;
    zd_hash sha256;
} zd_package_entry;
/* MANIFEST: "zhidui-settlement-manifest 1", then "ledger <origin>", "batch <id>", "seal <leaf> <sha256>", "log <size> <root>", "count <lines>",
 * "sum_fen <fen>", then one line a file in byte order of the paths: "sha256 <hex> <size> <role> <path>"; each line ends with LF. Where lines are wholly offset it is version 2,
 * with "offset_count <lines>" and "offset_fen <fen>" behind sum_fen: a package without such lines has the bytes that it always had. */
void zd_settle_manifest(zd_buf *out, const zd_settlement *settlement, const zd_package_entry *entries, size_t count);
typedef struct zd_package_signature {
    const char *role; /* maker, checker, releaser */
    zd_span armour;   /* SSHSIG of the manifest */
} zd_package_signature;

/*
 * The package as a stream: begin, add each file, manifest, finish; end in every case. Each file goes at once to a temporary folder beside dir, and about 150 bytes of it
 * stay in memory. finish writes signature and MANIFEST, syncs and renames: before that there is no package, after that a whole one (0700, files 0600), and end after
 * a failure leaves nothing. Where dir is there already nothing is written: each file is compared as it comes, and at the end nothing may be left over.
 */
typedef struct zd_package_writer zd_package_writer;
/* files: how many are going to come, about; it decides only whether they are synced one by one or together. *out is NULL on failure. LEDGER_LOCKED while another process
 * exports beside it; FILE_IO, DISK_FULL. */
zd_status zd_settle_package_begin(zd_package_writer **out, const char *dir, size_t files, zd_error *err);
/* path is copied, role is not. EXPORT_REFUSED: no path for a package, or there twice; EXPORT_DIFFERS: dir has other bytes; FILE_IO, DISK_FULL. */
zd_status zd_settle_package_add(zd_package_writer *writer, const char *path, const char *role, zd_span content, zd_error *err);
/* Appends the manifest of all that was added. EXPORT_REFUSED: a path twice. */
zd_status zd_settle_package_manifest(zd_buf *out, zd_package_writer *writer, const zd_settlement *settlement, zd_error *err);
/* After the manifest. dir there and equal: ZD_OK, and the signature (may be NULL) joins; different, or with a file that does not belong there (only MANIFEST.<role>.sig may
 * join): EXPORT_DIFFERS. FILE_IO, DISK_FULL. */
zd_status zd_settle_package_finish(zd_package_writer *writer, zd_span manifest, const zd_package_signature *signature, zd_error *err);
void zd_settle_package_end(zd_package_writer *writer); /* NULL is fine */

/* Is day a banking day by the calendar data (year file with holidays and working weekends)? CALENDAR_MISSING when the year has none,
 * CALENDAR_INVALID or JSON_* when the file is not sound. */
zd_status zd_calendar_is_banking_day(bool *out, const char *calendar_dir, int64_t day, zd_error *err);
/* The first banking day that is not before day: day itself when it is one. */
zd_status zd_calendar_next_banking_day(int64_t *out_day, const char *calendar_dir, int64_t day, zd_error *err);

#endif
