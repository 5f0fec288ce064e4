/*
 * What a bank or treasury says, from its files to one neutral list of *bank facts*: pain.002, camt.052/053/054 (any version from .02 on), tables (CSV, TSV, XLSX)
 * by profile, and the typed return notice. Readers know nothing of batches and decide nothing: a fact is what the file says, in the file's order.
 *
 * Hardened: no DOCTYPE, no network, caps on bytes, depth, facts and on what a zip may unfold to. Tolerant of what real banks get wrong, but each such thing is
 * kept as an *oddity* beside the facts: it goes on record and never costs a money event.
 *
 * Amounts are int64 in hundredths of the currency's unit (fen for CNY), never negative: the side says the direction. Days are civil days. Texts are UTF-8, never
 * NULL ("" = the file does not say), and owned by the zd_answers.
 */
#ifndef ZD_SETTLE_ANSWERS_ANSWERS_H
#define ZD_SETTLE_ANSWERS_ANSWERS_H

#include "ledger/base/error.h"
#include "ledger/seal/hash.h"

#define ZD_ANSWER_FILE_MAX ((size_t)64 << 20) /* bytes of a file, and of what a workbook unfolds to */
#define ZD_ANSWER_DEPTH_MAX 64                /* nested elements; the schemas need about 20 */
#define ZD_ANSWER_FACTS_MAX ((size_t)1000000)
#define ZD_ANSWER_NONE SIZE_MAX

typedef enum zd_bank_form {
    ZD_FORM_STATUS = 1,   /* pain.002 */
    ZD_FORM_INTERIM,      /* camt.052 */
    ZD_FORM_STATEMENT,    /* camt.053, or a table of an account */
    ZD_FORM_NOTIFICATION, /* camt.054 */
    ZD_FORM_RESULT,       /* a table of payment results, e.g. the treasury's 支付结果 */
    ZD_FORM_RETURN        /* return notice, 退回通知书 */
} zd_bank_form;

typedef enum zd_bank_kind {
    ZD_BANK_STATUS = 1, /* a status word about a group, a payment block or one transaction */
    ZD_BANK_STATEMENT,  /* one account over one period; the bookings that follow belong to it */
    ZD_BANK_BOOKING,    /* one entry on the account */
    ZD_BANK_DETAIL      /* one transaction inside a booking */
} zd_bank_kind;

typedef enum zd_bank_level { ZD_LEVEL_GROUP = 1, ZD_LEVEL_PAYMENT, ZD_LEVEL_TRANSACTION } zd_bank_level;
typedef enum zd_bank_side { ZD_SIDE_NONE = 0, ZD_SIDE_DEBIT, ZD_SIDE_CREDIT } zd_bank_side;
typedef enum zd_bank_booked { ZD_BOOKED_NONE = 0, ZD_BOOKED, ZD_BOOKED_PENDING, ZD_BOOKED_INFO } zd_bank_booked;

/* ISO 20022 payment status, plus what could not be read as one. The order of external_payment_*_status codes has no meaning here. */
typedef enum zd_bank_word {
    ZD_STS_NONE = 0,
    ZD_STS_UNKNOWN,  /* a code that is in no list: stored, never believed */
    ZD_STS_RECEIVED, /* RCVD: proves nothing */
    ZD_STS_PENDING,  /* PDNG */
    ZD_STS_ACCEPTED, /* ACTC ACCP ACFC ACSP ACWC ACWP ACPD */
    ZD_STS_PARTIAL,  /* PART: some lines failed, it does not say which; PATC: more signatures are needed */
    ZD_STS_DEBITED,  /* ACSC: the debit side is done, not "the creditor has it" */
    ZD_STS_CREDITED, /* ACCC */
    ZD_STS_BLOCKED,  /* BLCK */
    ZD_STS_REJECTED, /* RJCT */
    ZD_STS_CANCELLED /* CANC */
} zd_bank_word;

typedef struct zd_bank_fact {
    zd_bank_kind kind;
    int64_t line;  /* place in the file, 1-based */
    size_t parent; /* STATUS: the next higher status of the same message; BOOKING: its statement; DETAIL: its booking; else ZD_ANSWER_NONE */
    /* references, as the file gives them back */
    const char *message;     /* MsgId, OrgnlMsgId */
    const char *payment;     /* PmtInfId, OrgnlPmtInfId */
    const char *instruction; /* InstrId */
    const char *end_to_end;  /* EndToEndId, 业务流水号, 客户方流水号 */
    const char *reason;      /* code of a rejection or return */
    /* STATUS */
    zd_bank_level level;
    zd_bank_word word;
    const char *status; /* as written */
    /* BOOKING and DETAIL; a STATUS of a table may carry amount, day and bank_ref too */
    zd_bank_side side;
    zd_bank_booked booked;
    bool has_amount;
    int64_t amount; /* hundredths */
    const char *currency;
    int64_t day; /* booking day; ZD_DAY_NONE */
    const char *bank_ref; /* AcctSvcrRef, else NtryRef; 银行流水号, 回单号, 通知书编号 */
    int64_t batch_count;  /* Btch/NbOfTxs; 0 = not said */
    int64_t details;      /* how many DETAIL facts follow */
    bool is_return;       /* RtrInf, or a transaction code of a return */
    bool is_fee;
    const char *other_account; /* the counterparty's */
    const char *other_name;
    zd_hash evidence; /* of a return notice: SHA-256 of the paper's scan; zero = none */
    /* STATEMENT */
    const char *account; /* ours */
    const char *statement_id;
    int64_t number; /* sequence number; -1 */
    bool has_opening, has_closing;
    int64_t opening, closing; /* hundredths, negative when overdrawn */
} zd_bank_fact;

/* Something that the file should not hold or lacks. word: stable, lower-case, e.g. "amount-decimals". */
typedef struct zd_oddity {
    const char *word;
    int64_t line;
    const char *detail; /* field and value, without account numbers */
} zd_oddity;

typedef struct zd_answers zd_answers;

/* Profiles of tables: every <name>.json of a folder. TEMPLATE_INVALID, JSON_*, FILE_*; the error's subject is the file. */
typedef struct zd_answer_profiles zd_answer_profiles;
zd_status zd_answer_profiles_load(zd_answer_profiles **out, const char *dir, zd_error *err);
void zd_answer_profiles_free(zd_answer_profiles *profiles); /* NULL is fine */

/*
 * Reads one file. profile: name of the profile for a table; NULL = the one whose required columns the header has, and it must be one only. profiles may be NULL
 * when no table is expected. Errors: FILE_TOO_LARGE; ANSWER_DOCTYPE, ANSWER_DEPTH, ANSWER_XML (not well formed, truncated), ANSWER_KIND (no answer of a bank, or of a
 * namespace that is not on the list), ANSWER_ZIP (bomb, damaged, encrypted), ANSWER_PROFILE (no profile or several fit), ANSWER_CELL, TABLE_*, JSON_*.
 */
zd_status zd_answers_read(zd_answers **out, zd_span bytes, const zd_answer_profiles *profiles, const char *profile, zd_error *err);
void zd_answers_free(zd_answers *answers); /* NULL is fine */

zd_bank_form zd_answers_form(const zd_answers *answers);
const char *zd_answers_message(const zd_answers *answers); /* "camt.053.001.08", or the profile's name */
const char *zd_answers_id(const zd_answers *answers);      /* the bank's own MsgId; "" */
size_t zd_answers_count(const zd_answers *answers);
const zd_bank_fact *zd_answers_at(const zd_answers *answers, size_t index);
size_t zd_answers_oddities(const zd_answers *answers);
const zd_oddity *zd_answers_oddity(const zd_answers *answers, size_t index);

/* The meaning of a status code; ZD_STS_UNKNOWN for what is in no list, ZD_STS_NONE for "". */
zd_bank_word zd_bank_word_of(zd_span code);
const char *zd_bank_form_name(zd_bank_form form); /* "statement" */

#endif
