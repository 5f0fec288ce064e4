/*
 * Inside audit/verify: what every file of the limits does with one act: read its fields, add up its postings, say what is wrong with it. Included by
 * limits_int.h, which declares the act.
 */
#ifndef ZD_VERIFY_LIMITS_READ_H
#define ZD_VERIFY_LIMITS_READ_H

/* --- reading --- */
zd_span zd_limit_text(const zd_limit_act *act, zd_field field);
int64_t zd_limit_int(const zd_limit_act *act, zd_field field); /* 0 when absent */
bool zd_limit_has(const zd_limit_act *act, zd_field field);
bool zd_limit_bool(const zd_limit_act *act, zd_field field);

/* --- findings: the party that gains, what is recorded, what was recomputed --- */
zd_found *zd_limit_find(const zd_limit_act *act, zd_verify_check check, zd_span gains);
void zd_limit_find_fen(const zd_limit_act *act, zd_verify_check check, zd_span gains, const char *what, int64_t recorded_fen, int64_t recomputed_fen);
/* NAME_UNKNOWN about `id`. */
void zd_limit_unknown(const zd_limit_act *act, const char *what, zd_span id);

/* --- postings of an act --- */
typedef struct zd_limit_query { /* 0 and empty match everything */
    int debit;
    int credit;
    zd_span debit_about;  /* first dimension of the debited account */
    zd_span credit_about;
    zd_span pool;         /* last dimension of the debited account */
} zd_limit_query;
int64_t zd_limit_posted(const zd_line *lines, size_t count, const zd_limit_query *query);
/* AMOUNT_SIGNED unless what the query matches in the act's lines sums to expected. */
void zd_limit_expect(const zd_limit_act *act, zd_limit_query query, int64_t expected_fen, const char *what, zd_span gains);
/* Money that came back to pool or earmark out of these accounts of one provider. */
int64_t zd_limit_given_back(const zd_line *lines, size_t count, int from, zd_span about);

#endif
