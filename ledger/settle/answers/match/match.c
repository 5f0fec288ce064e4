/*
 * Bookings to lines, in the order of the header. Invariant: the claims of one booking never add up to more than it, and each line is claimed at most once by one booking.
 */
#include "ledger/settle/answers/match/match_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

static int by_id(const void *a, const void *b)
{
    return strcmp(((const zd_named_line *)a)->id, ((const zd_named_line *)b)->id);
}

size_t zd_matcher_line(const zd_matcher *m, const char *id)
{
    size_t low = 0;
    size_t high = m->count;
    while (id[0] != '\0' && low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(id, m->by_id[middle].id);
        if (order == 0) {
            return m->by_id[middle].line;
        }
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle : high;
    }
    return ZD_ANSWER_NONE;
}

size_t zd_matcher_named(zd_how *how, const zd_matcher *m, const zd_bank_fact *fact)
{
    size_t line = zd_matcher_line(m, fact->end_to_end);
    *how = ZD_BY_END_TO_END;
    if (line == ZD_ANSWER_NONE && fact->end_to_end[0] == '\0') { /* an id of another system is no reason to look at the next one */
        line = zd_matcher_line(m, fact->instruction);
        line = line == ZD_ANSWER_NONE ? zd_matcher_line(m, fact->message) : line;
        *how = ZD_BY_INSTRUCTION;
    }
    *how = line == ZD_ANSWER_NONE ? ZD_BY_NOTHING : *how;
    return line;
}

/* "SB-1-2" belongs to batch "SB-1": the batch, a dash, digits. */
static bool is_payment_of(const char *payment, const char *batch)
{
    size_t size = strlen(batch);
    const char *rest = payment + size;
    if (strncmp(payment, batch, size) != 0 || rest[0] != '-' || rest[1] == '\0') {
        return false;
    }
    for (rest++; *rest != '\0'; rest++) {
        if (*rest < '0' || *rest > '9') {
            return false;
        }
    }
    return true;
}

size_t zd_matcher_batch(size_t *end, const zd_matcher *m, const char *message, const char *payment)
{
    for (size_t i = 0; i < m->count; i++) {
        const char *batch = m->expected[i].batch;
        if (strcmp(message, batch) == 0 || is_payment_of(payment, batch)) {
            for (*end = i; *end < m->count && strcmp(m->expected[*end].batch, batch) == 0; (*end)++) {
            }
            return i;
        }
        while (i + 1 < m->count && strcmp(m->expected[i + 1].batch, batch) == 0) {
            i++;
        }
    }
    return ZD_ANSWER_NONE;
}

bool zd_account_differs(const zd_expect *line, const char *account)
{
    const char *a = line->account;
    const char *b = account;
    if (*a == '\0' || *b == '\0') {
        return false;
    }
    for (;; a++, b++) {
        while (*a == ' ' || *a == '-') {
            a++;
        }
        while (*b == ' ' || *b == '-') {
            b++;
        }
        if (*a != *b || *a == '\0') {
            return *a != *b;
        }
    }
}

static zd_claim *add_claim(zd_matcher *m, size_t fact, size_t booking)
{
    zd_match *out = m->out;
    if (out->claim_count == out->claim_capacity) {
        out->claim_capacity = out->claim_capacity == 0 ? 64 : out->claim_capacity * 2;
        out->claims = zd_realloc(out->claims, out->claim_capacity * sizeof *out->claims);
    }
    zd_claim *claim = &out->claims[out->claim_count++];
    const zd_bank_fact *f = zd_answers_at(m->answers, fact);
    *claim = (zd_claim){.fact = fact, .booking = booking, .line = ZD_ANSWER_NONE, .amount = f->amount, .has_amount = f->has_amount};
    return claim;
}

static void give_line(zd_matcher *m, zd_claim *claim, size_t line, zd_how how)
{
    const zd_bank_fact *fact = zd_answers_at(m->answers, claim->fact);
    claim->line = line;
    claim->how = how;
    claim->other_account = fact->side == ZD_SIDE_DEBIT && zd_account_differs(&m->expected[line], fact->other_account);
}

/* A booking without details that names a batch and has exactly its total: every line of it. */
static bool claim_batch(zd_matcher *m, size_t booking, const zd_bank_fact *ids)
{
    const zd_bank_fact *whole = zd_answers_at(m->answers, booking);
    size_t end = 0;
    size_t first = zd_matcher_batch(&end, m, ids->message, ids->payment);
    int64_t total = 0;
    if (first == ZD_ANSWER_NONE || whole->is_return || whole->side != ZD_SIDE_DEBIT || !whole->has_amount) {
        return false;
    }
    for (size_t i = first; i < end; i++) {
        total += m->expected[i].net_fen; /* at most 15 digits a line, 100,000 lines: far inside the range */
    }
    bool count_fits = whole->batch_count == 0 || whole->batch_count == (int64_t)(end - first);
    if (total != whole->amount || !count_fits) {
        return false;
    }
    for (size_t i = first; i < end; i++) {
        zd_claim *claim = add_claim(m, booking, booking);
        claim->amount = m->expected[i].net_fen;
        give_line(m, claim, i, ZD_BY_BATCH);
    }
    return true;
}

/* Details that name their lines but give no amounts: the lines' own amounts, when they add up to the booking. */
static bool claim_named_details(zd_matcher *m, size_t booking)
{
    const zd_bank_fact *whole = zd_answers_at(m->answers, booking);
    int64_t total = 0;
    for (size_t i = 1; i <= (size_t)whole->details; i++) {
        zd_how how;
        size_t line = zd_matcher_named(&how, m, zd_answers_at(m->answers, booking + i));
        if (line == ZD_ANSWER_NONE) {
            return false;
        }
        total += m->expected[line].net_fen;
    }
    if (total != whole->amount) {
        return false;
    }
    for (size_t i = 1; i <= (size_t)whole->details; i++) {
        zd_how how;
        size_t line = zd_matcher_named(&how, m, zd_answers_at(m->answers, booking + i));
        zd_claim *claim = add_claim(m, booking + i, booking);
        claim->amount = m->expected[line].net_fen;
        claim->has_amount = true;
        give_line(m, claim, line, how);
    }
    return true;
}

/* Details with amounts of their own that add up to the booking are its parts. */
static bool details_add_up(const zd_matcher *m, size_t booking)
{
    const zd_bank_fact *whole = zd_answers_at(m->answers, booking);
    int64_t total = 0;
    for (size_t i = 1; i <= (size_t)whole->details; i++) {
        const zd_bank_fact *detail = zd_answers_at(m->answers, booking + i);
        if (!detail->has_amount || detail->side != whole->side || strcmp(detail->currency, whole->currency) != 0) {
            return false;
        }
        total += detail->amount;
    }
    return whole->details > 0 && total == whole->amount;
}

static bool name_fits(const zd_expect *line, const zd_bank_fact *fact)
{
    bool account = line->account[0] != '\0' && fact->other_account[0] != '\0';
    if (account) {
        return !zd_account_differs(line, fact->other_account);
    }
    return line->name[0] != '\0' && strcmp(line->name, fact->other_name) == 0;
}

/* Only when exactly one line looks like it: two would be a guess. */
static void suggest(zd_matcher *m, zd_claim *claim)
{
    const zd_bank_fact *fact = zd_answers_at(m->answers, claim->fact);
    size_t found = ZD_ANSWER_NONE;
    bool back = fact->side == ZD_SIDE_CREDIT;
    if (fact->is_fee || (back && !fact->is_return)) {
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        const zd_expect *line = &m->expected[i];
        bool near = fact->day == ZD_DAY_NONE || (fact->day >= line->execution_day - ZD_MATCH_DAYS && fact->day <= line->execution_day + ZD_MATCH_DAYS * (back ? 3 : 1));
        bool taken = back ? line->return_booked : line->debit_booked;
        if (!taken && near && line->net_fen == claim->amount && name_fits(line, fact)) {
            if (found != ZD_ANSWER_NONE) {
                return;
            }
            found = i;
        }
    }
    if (found != ZD_ANSWER_NONE) {
        claim->line = found;
        claim->how = ZD_BY_LOOKS;
    }
}

static void claim_one(zd_matcher *m, size_t fact, size_t booking)
{
    zd_how how;
    size_t line = zd_matcher_named(&how, m, zd_answers_at(m->answers, fact));
    zd_claim *claim = add_claim(m, fact, booking);
    if (line != ZD_ANSWER_NONE) {
        give_line(m, claim, line, how);
    } else {
        suggest(m, claim);
    }
}

static void claim_booking(zd_matcher *m, size_t booking)
{
    const zd_bank_fact *whole = zd_answers_at(m->answers, booking);
    if (whole->details > 1 && details_add_up(m, booking)) {
        for (size_t i = 1; i <= (size_t)whole->details; i++) {
            claim_one(m, booking + i, booking);
        }
        return;
    }
    if (whole->details > 1 && claim_named_details(m, booking)) {
        return;
    }
    size_t ids = whole->details == 1 ? booking + 1 : booking;
    zd_how how;
    bool named = zd_matcher_named(&how, m, zd_answers_at(m->answers, ids)) != ZD_ANSWER_NONE;
    if (named || (!claim_batch(m, booking, zd_answers_at(m->answers, ids)) && !claim_batch(m, booking, whole))) {
        claim_one(m, ids, booking);
        zd_claim *claim = &m->out->claims[m->out->claim_count - 1];
        claim->amount = whole->amount; /* the booking is the money; a single detail only describes it */
        claim->has_amount = whole->has_amount;
    }
}

void zd_match_run(zd_match *out, const zd_answers *answers, const zd_expect *expected, size_t count)
{
    *out = (zd_match){0};
    zd_matcher m = {.out = out, .answers = answers, .expected = expected, .count = count, .by_id = zd_alloc((count + 1) * sizeof *m.by_id)};
    for (size_t i = 0; i < count; i++) {
        m.by_id[i] = (zd_named_line){expected[i].end_to_end, i};
    }
    qsort(m.by_id, count, sizeof *m.by_id, by_id);
    for (size_t i = 0; i < zd_answers_count(answers); i++) {
        if (zd_answers_at(answers, i)->kind == ZD_BANK_BOOKING) {
            claim_booking(&m, i);
        }
    }
    zd_matcher_statuses(&m);
    free(m.by_id);
}

void zd_match_free(zd_match *match)
{
    free(match->claims);
    free(match->says);
    free(match->batches);
    *match = (zd_match){0};
}
