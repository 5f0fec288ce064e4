/*
 * What was decided about one request, or about one item of it, and how it stands in a leaf.
 *
 * Leaf = decision line + request note; effect leaf = decision line alone. The line is one JSON object written by zd_decision_encode in a
 * fixed field order, so that a second decision of the same request gives the same bytes: the verifier compares bytes.
 *   {"seq":7,"at":"…","outcome":"accepted","policy":3,"gates":["R06"],"holds":["R21"],"subsidy_fen":1,"postings":[["debit","credit",fen]…],…}
 * Effect leaves carry "of" (seq of the request leaf), "note_sha256" and "item" instead of a note.
 */
#ifndef ZD_RECORD_DECISION_H
#define ZD_RECORD_DECISION_H

#include "ledger/record/request.h"

#define ZD_LEAF_MAX 65535
#define ZD_ACCOUNT_NAME_MAX 176 /* bytes with NUL */

typedef enum zd_outcome { ZD_ACCEPTED = 1, ZD_HELD = 2, ZD_REFUSED_BY_RULE = 3, ZD_PROPOSED = 4 } zd_outcome;

#define ZD_CHECKS_MAX 64
/* One bit per check of ledger/rules/checks.def, in its order. */
typedef uint64_t zd_check_set;

typedef struct zd_decision {
    uint64_t seq;
    int64_t at_unix_ms;
    zd_outcome outcome;
    zd_code code;        /* of the refusal, else ZD_CODE_NONE */
    int64_t policy;      /* number of the policy that decided; 0 = none needed */
    zd_check_set gates;  /* accepted, waits for data */
    zd_check_set holds;  /* waits for a person */
    zd_check_set flags;  /* sweep findings: sampling only */
    int64_t subsidy_fen; /* 0 = none */
    size_t effects;      /* of a request leaf: how many effect leaves follow */
    bool is_effect;
    uint64_t of_seq;     /* effect: seq of its request leaf */
    zd_hash note_sha256; /* effect: hash of the request's signed text */
    char item[ZD_ID_SIZE]; /* effect: item id, line or what it is about */
    zd_buf saw;          /* JSON object that shows what the refusing, gating or holding checks saw; empty = none. Owned */
    zd_buf extra;        /* further JSON fields, without braces: "\"line\":…"; empty = none. Owned */
    zd_buf postings;     /* one behind the other, as zd_decision_post packs them. Owned */
    size_t posting_count;
} zd_decision;

void zd_decision_free(zd_decision *decision);
void zd_decision_post(zd_decision *decision, zd_span debit, zd_span credit, int64_t amount_fen); /* account names; amount > 0 */
void zd_decision_unpost(zd_decision *decision); /* forgets all postings */
/* Writes "name":value into extra, comma-separated. */
void zd_decision_extra_int(zd_decision *decision, const char *name, int64_t value);
void zd_decision_extra_text(zd_decision *decision, const char *name, const char *value);
void zd_decision_extra_raw(zd_decision *decision, const char *name, zd_span json);
/* Names of the checks in a set come from the caller (rules own them). */
typedef const char *zd_check_namer(unsigned check);
/* Appends the decision line, with its newline. */
void zd_decision_encode(zd_buf *out, const zd_decision *decision, zd_check_namer *namer);

/* A leaf taken apart: line (with newline) and, for request leaves, the note. */
typedef struct zd_leaf {
    zd_span line;
    zd_span note; /* empty for an effect leaf */
} zd_leaf;
/* LEDGER_CORRUPT for anything else. */
zd_status zd_leaf_split(zd_leaf *out, zd_span bytes, zd_error *err);

#endif
