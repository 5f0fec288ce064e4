/*
 * Status words to lines: the levels of a status report weighed against each other as the header says. Concludes too little rather than too much: only a plain rejection
 * makes a line fail, because a failed line is paid again.
 */
#include "ledger/settle/answers/match/match_int.h"

#include <stdlib.h>
#include <string.h>

static bool is_negative(zd_bank_word word)
{
    return word == ZD_STS_REJECTED || word == ZD_STS_CANCELLED;
}

static bool says_money_moved(zd_bank_word word)
{
    return word == ZD_STS_DEBITED || word == ZD_STS_CREDITED;
}

/* The negative fact at or above `at`; ZD_ANSWER_NONE. */
static size_t negative_above(const zd_matcher *m, size_t at)
{
    while (at != ZD_ANSWER_NONE) {
        const zd_bank_fact *fact = zd_answers_at(m->answers, at);
        if (is_negative(fact->word)) {
            return at;
        }
        at = fact->parent;
    }
    return ZD_ANSWER_NONE;
}

static zd_word_verdict weigh(zd_bank_word word, bool rejected_above)
{
    if (word == ZD_STS_UNKNOWN || word == ZD_STS_BLOCKED) {
        return ZD_SAYS_CONFLICT;
    }
    if (rejected_above) {
        return says_money_moved(word) ? ZD_SAYS_CONFLICT : ZD_SAYS_FAILED;
    }
    if (is_negative(word)) {
        return ZD_SAYS_FAILED;
    }
    if (says_money_moved(word)) {
        return ZD_SAYS_DEBITED;
    }
    return word == ZD_STS_ACCEPTED || word == ZD_STS_PENDING ? ZD_SAYS_ACCEPTED : ZD_SAYS_NOTHING;
}

static zd_say *add_say(zd_matcher *m, size_t line, size_t fact, zd_word_verdict verdict, const char *reason)
{
    zd_match *out = m->out;
    if (out->say_count == out->say_capacity) {
        out->say_capacity = out->say_capacity == 0 ? 64 : out->say_capacity * 2;
        out->says = zd_realloc(out->says, out->say_capacity * sizeof *out->says);
    }
    out->says[out->say_count] = (zd_say){.line = line, .fact = fact, .verdict = verdict, .reason = reason};
    return &out->says[out->say_count++];
}

/* One transaction's words. Two about one line that do not agree are a contradiction; `earlier` holds 1 + the place of the line's verdict. */
static void say_transaction(zd_matcher *m, size_t at, size_t *earlier)
{
    const zd_bank_fact *fact = zd_answers_at(m->answers, at);
    zd_how how;
    size_t line = zd_matcher_named(&how, m, fact);
    size_t above = negative_above(m, fact->parent);
    zd_word_verdict verdict = weigh(fact->word, above != ZD_ANSWER_NONE);
    const char *reason = fact->reason[0] != '\0' || above == ZD_ANSWER_NONE ? fact->reason : zd_answers_at(m->answers, above)->reason;
    if (line == ZD_ANSWER_NONE) {
        (void)add_say(m, line, at, ZD_SAYS_CONFLICT, reason);
        return;
    }
    if (verdict == ZD_SAYS_DEBITED && fact->has_amount && fact->amount != m->expected[line].net_fen) {
        verdict = ZD_SAYS_AMOUNT;
    } else if (verdict == ZD_SAYS_DEBITED && zd_account_differs(&m->expected[line], fact->other_account)) {
        verdict = ZD_SAYS_ACCOUNT;
    }
    if (earlier[line] == 0) {
        (void)add_say(m, line, at, verdict, reason);
        earlier[line] = m->out->say_count;
        return;
    }
    zd_say *before = &m->out->says[earlier[line] - 1];
    bool contradicts = (before->verdict == ZD_SAYS_FAILED && verdict == ZD_SAYS_DEBITED) || (before->verdict == ZD_SAYS_DEBITED && verdict == ZD_SAYS_FAILED);
    if (contradicts || verdict > before->verdict) {
        before->verdict = contradicts ? ZD_SAYS_CONFLICT : verdict;
        before->fact = at;
        before->reason = reason;
    }
}

/* A negative group or payment block reaches every line of its batch that has no word of its own. */
static void inherit(zd_matcher *m, size_t at, const size_t *earlier)
{
    const zd_bank_fact *fact = zd_answers_at(m->answers, at);
    size_t end = 0;
    size_t first = zd_matcher_batch(&end, m, fact->message, fact->payment);
    bool inherited = fact->parent != ZD_ANSWER_NONE && negative_above(m, fact->parent) != ZD_ANSWER_NONE;
    if (first == ZD_ANSWER_NONE || !is_negative(fact->word) || inherited) {
        return;
    }
    for (size_t i = first; i < end; i++) {
        if (earlier[i] == 0) {
            (void)add_say(m, i, at, ZD_SAYS_FAILED, fact->reason);
        }
    }
}

static void say_batch(zd_matcher *m, size_t at)
{
    const zd_bank_fact *fact = zd_answers_at(m->answers, at);
    size_t end = 0;
    size_t first = zd_matcher_batch(&end, m, fact->message, fact->payment);
    bool acknowledged = fact->word == ZD_STS_ACCEPTED || fact->word == ZD_STS_RECEIVED || fact->word == ZD_STS_PARTIAL || fact->word == ZD_STS_PENDING || says_money_moved(fact->word);
    bool rejected = is_negative(fact->word);
    if (first == ZD_ANSWER_NONE || (!acknowledged && !rejected)) {
        return;
    }
    for (size_t i = 0; i < m->out->say_count && rejected; i++) { /* a batch is refused as a whole only when nothing speaks against it */
        const zd_say *say = &m->out->says[i];
        rejected = say->line < first || say->line >= end || say->verdict == ZD_SAYS_FAILED;
    }
    zd_match *out = m->out;
    if (out->batch_count == out->batch_capacity) {
        out->batch_capacity = out->batch_capacity == 0 ? 8 : out->batch_capacity * 2;
        out->batches = zd_realloc(out->batches, out->batch_capacity * sizeof *out->batches);
    }
    out->batches[out->batch_count++] = (zd_batch_say){.batch = m->expected[first].batch, .fact = at, .acknowledged = acknowledged, .rejected = rejected, .reason = fact->reason};
}

void zd_matcher_statuses(zd_matcher *m)
{
    size_t *earlier = zd_alloc_zero(m->count + 1, sizeof *earlier);
    size_t facts = zd_answers_count(m->answers);
    for (size_t i = 0; i < facts; i++) {
        const zd_bank_fact *fact = zd_answers_at(m->answers, i);
        if (fact->kind == ZD_BANK_STATUS && fact->level == ZD_LEVEL_TRANSACTION) {
            say_transaction(m, i, earlier);
        }
    }
    for (size_t i = 0; i < facts; i++) {
        const zd_bank_fact *fact = zd_answers_at(m->answers, i);
        if (fact->kind == ZD_BANK_STATUS && fact->level != ZD_LEVEL_TRANSACTION) {
            inherit(m, i, earlier);
        }
    }
    for (size_t i = 0; i < facts; i++) {
        const zd_bank_fact *fact = zd_answers_at(m->answers, i);
        if (fact->kind == ZD_BANK_STATUS && fact->level == ZD_LEVEL_GROUP) {
            say_batch(m, i);
        }
    }
    free(earlier);
}
