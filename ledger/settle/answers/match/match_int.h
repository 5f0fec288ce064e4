/* Shared by the two files of the matcher: looking up lines by id. */
#ifndef ZD_SETTLE_ANSWERS_MATCH_INT_H
#define ZD_SETTLE_ANSWERS_MATCH_INT_H

#include "ledger/settle/answers/match/match.h"

typedef struct zd_named_line {
    const char *id;
    size_t line;
} zd_named_line;

typedef struct zd_matcher {
    zd_match *out;
    const zd_answers *answers;
    const zd_expect *expected;
    size_t count;
    zd_named_line *by_id; /* expected lines in order of their EndToEndId */
} zd_matcher;

/* The line of that EndToEndId; ZD_ANSWER_NONE. */
size_t zd_matcher_line(const zd_matcher *m, const char *id);
/* The line that a fact's own ids name, and by which. */
size_t zd_matcher_named(zd_how *how, const zd_matcher *m, const zd_bank_fact *fact);
/* The first line of the batch that these ids name (MsgId is the batch, PmtInfId the batch and a dash with a number); *end is past its last. ZD_ANSWER_NONE. */
size_t zd_matcher_batch(size_t *end, const zd_matcher *m, const char *message, const char *payment);

void zd_matcher_statuses(zd_matcher *m);

#endif
