/*
 * Which fact of an answer is about which sealed line: pure, without ledger, clock or files. In this order, the first that fits:
 *   1. EndToEndId (业务流水号): the line, whatever the amount; a wrong amount or account is then an exception about that line, never a search for another one;
 *   2. InstrId or the customer serial in the message id;
 *   3. a batch booking: message or payment id of a batch and a total that is the sum of its lines (those named, or all): every line of it;
 *   4. amount, payee and day: a *suggestion*, which two officers must confirm.
 * Status words (pain.002, tables of results) are weighed over their levels: a missing lower level inherits a negative higher one; a positive higher one proves nothing
 * about a line; a negative word at any level wins over acceptance; and where one level says that money moved while another rejects it, nothing is concluded, because
 * a line that is taken for failed is paid again.
 */
#ifndef ZD_SETTLE_ANSWERS_MATCH_H
#define ZD_SETTLE_ANSWERS_MATCH_H

#include "ledger/settle/answers/answers.h"

#define ZD_MATCH_DAYS 10 /* window of a suggestion around the execution day */

typedef struct zd_expect { /* one sealed line that was sent; texts borrowed */
    const char *batch, *provider;
    const char *end_to_end;
    const char *account, *name; /* of the payee; "" when erased: then the id alone decides */
    int64_t net_fen;
    int64_t execution_day;
    bool debit_booked, return_booked; /* an entry is already known for it */
} zd_expect;

typedef enum zd_how { ZD_BY_NOTHING = 0, ZD_BY_END_TO_END, ZD_BY_INSTRUCTION, ZD_BY_BATCH, ZD_BY_LOOKS } zd_how;

typedef struct zd_claim { /* one money event: a booking, or a transaction inside one */
    size_t fact;         /* the BOOKING or DETAIL that tells of it */
    size_t booking;      /* the BOOKING that it is part of (itself, when it has no details) */
    size_t line;         /* of the expected lines; ZD_ANSWER_NONE */
    zd_how how;          /* ZD_BY_LOOKS: `line` is only a suggestion, the event itself is unmatched */
    int64_t amount;      /* hundredths */
    bool other_account;  /* the counterparty is not the sealed account */
    bool has_amount;     /* false: the file gives none that can be trusted */
} zd_claim;

typedef enum zd_word_verdict {
    ZD_SAYS_NOTHING = 0,
    ZD_SAYS_ACCEPTED,
    ZD_SAYS_DEBITED,
    ZD_SAYS_FAILED,
    ZD_SAYS_CONFLICT, /* contradicts itself, or is a word that nobody knows */
    ZD_SAYS_AMOUNT,   /* about this line, with another amount */
    ZD_SAYS_ACCOUNT   /* about this line, with another account */
} zd_word_verdict;

typedef struct zd_say { /* what the status words come to for one line, or for none */
    size_t line; /* ZD_ANSWER_NONE: an id that no sealed line has */
    size_t fact;
    zd_word_verdict verdict;
    const char *reason; /* code of the bank; "" */
} zd_say;

typedef struct zd_batch_say { /* what the top level comes to for a whole batch */
    const char *batch;
    size_t fact;
    bool acknowledged; /* taken in: proves no line */
    bool rejected;     /* and no line of it says otherwise */
    const char *reason;
} zd_batch_say;

typedef struct zd_match {
    zd_claim *claims;
    size_t claim_count, claim_capacity;
    zd_say *says;
    size_t say_count, say_capacity;
    zd_batch_say *batches;
    size_t batch_count, batch_capacity;
} zd_match;

/* expected: sorted by batch (lines of a batch together). Fills *out, which zd_match_free empties. Nothing can fail. */
void zd_match_run(zd_match *out, const zd_answers *answers, const zd_expect *expected, size_t count);
void zd_match_free(zd_match *match);
/* Both say an account and they differ. Blanks and dashes do not count. */
bool zd_account_differs(const zd_expect *line, const char *account);

#endif
