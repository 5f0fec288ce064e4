/*
 * Decision lines as the verifier reads them: by their published grammar, without the code that writes them. Strict: known fields stand once, in their
 * order, with their types; what a kind of act adds stands between "saw" and "postings".
 */
#ifndef ZD_VERIFY_LINE_H
#define ZD_VERIFY_LINE_H

#include "audit/verify/view.h"
#include "ledger/seal/hash.h"

typedef enum zd_line_outcome { ZD_LINE_ACCEPTED = 1, ZD_LINE_HELD, ZD_LINE_REFUSED, ZD_LINE_PROPOSED } zd_line_outcome;

typedef struct zd_line {
    zd_buf text;       /* owned copy of the line without its newline */
    zd_view_document document; /* owned; borrows from text */
    zd_view root;
    uint64_t seq;
    int64_t at_unix_ms;
    bool is_effect;
    uint64_t of_seq;      /* effect */
    zd_hash note_sha256;  /* effect */
    zd_span item;         /* effect: what it is about */
    zd_line_outcome outcome;
    zd_span code;         /* of a refusal */
    int64_t policy;       /* 0 = none */
    int64_t subsidy_fen;
    uint64_t effects;
    zd_view holds;
    zd_view postings;     /* array of [debit, credit, fen]; absent when there are none */
} zd_line;

/* False when the bytes (with their newline) are no decision line; why, when not NULL, then says what is wrong. Free in both cases. */
ZD_MUST_USE bool zd_line_parse(zd_line *out, zd_span bytes, const char **why);
void zd_line_free(zd_line *line);

/* One posting; false past the end or when it is not [text, text, positive integer]. */
typedef struct zd_line_posting {
    zd_span debit;
    zd_span credit;
    int64_t amount_fen;
} zd_line_posting;
size_t zd_line_postings(const zd_line *line);
ZD_MUST_USE bool zd_line_posting_at(zd_line_posting *out, const zd_line *line, size_t index);

bool zd_line_executed(const zd_line *line);            /* accepted or held */
bool zd_line_holds(const zd_line *line, const char *check); /* "R32" among its holds */
int64_t zd_line_int(const zd_line *line, const char *name); /* an added field; 0 when absent */
zd_span zd_line_text(const zd_line *line, const char *name);

#endif
