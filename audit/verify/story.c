/* The story of a repository; see story.h. */
#include "audit/verify/story.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/line.h"
#include "ledger/act/redecide.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/seal/note.h"

typedef struct telling {
    zd_story *story;
    zd_redecide *redecide;
} telling;

void zd_tally_add(zd_tallies *tallies, zd_span first, zd_span second, int64_t sum_fen)
{
    zd_tally wanted = {.count = 1, .sum_fen = sum_fen};
    memcpy(wanted.first, first.data, first.size < sizeof wanted.first ? first.size : sizeof wanted.first - 1);
    if (second.size > 0) {
        memcpy(wanted.second, second.data, second.size < sizeof wanted.second ? second.size : sizeof wanted.second - 1);
    }
    for (size_t i = tallies->count; i > 0; i--) { /* the newest first: entries of a time are alike */
        zd_tally *one = &tallies->list[i - 1];
        if (strcmp(one->first, wanted.first) == 0 && strcmp(one->second, wanted.second) == 0) {
            one->count++;
            one->sum_fen += sum_fen; /* of balances within the range of money: verified before */
            return;
        }
    }
    if (tallies->count == tallies->capacity) {
        tallies->capacity = tallies->capacity == 0 ? 64 : tallies->capacity * 2;
        tallies->list = zd_realloc(tallies->list, tallies->capacity * sizeof *tallies->list);
    }
    tallies->list[tallies->count++] = wanted;
}

static int by_words(const void *a, const void *b)
{
    const zd_tally *one = a;
    const zd_tally *two = b;
    int order = strcmp(one->first, two->first);
    return order != 0 ? order : strcmp(one->second, two->second);
}

static int by_size(const void *a, const void *b)
{
    const zd_tally *one = a;
    const zd_tally *two = b;
    return one->sum_fen != two->sum_fen ? (one->sum_fen < two->sum_fen ? 1 : -1) : by_words(a, b);
}

void zd_tally_sort(zd_tallies *tallies, bool by_sum)
{
    if (tallies->count > 0) {
        qsort(tallies->list, tallies->count, sizeof *tallies->list, by_sum ? by_size : by_words);
    }
}

static zd_span last_part(zd_span account)
{
    size_t at = account.size;
    while (at > 0 && account.data[at - 1] != '/') {
        at--;
    }
    return zd_span_of(account.data + at, account.size - at);
}

/* Debits increase 1xxx, credits the others. */
static void add_account(zd_story *story, zd_span account, int64_t debit_fen)
{
    if (account.size > 4 && account.data[0] != '6') {
        zd_tally_add(&story->accounts, last_part(account), zd_span_of(account.data, 4), account.data[0] == '1' ? debit_fen : -debit_fen);
    }
}

static bool between(const zd_line_posting *posting, const char *debit, const char *credit)
{
    return zd_span_starts(posting->debit, debit) && zd_span_starts(posting->credit, credit);
}

static void add_postings(zd_story *story, const zd_line *line)
{
    char month[ZD_DATE_TEXT];
    zd_date_text(month, zd_day_of(line->at_unix_ms, ZD_ZONE_SHANGHAI_MS));
    month[7] = '\0';
    for (size_t i = 0; zd_line_executed(line) && i < zd_line_postings(line); i++) {
        zd_line_posting posting;
        if (!zd_line_posting_at(&posting, line, i)) {
            continue; /* the verification has found it */
        }
        add_account(story, posting.debit, posting.amount_fen);
        add_account(story, posting.credit, -posting.amount_fen);
        const char *what = between(&posting, "2200", "3000") ? "redeemed" : between(&posting, "3100", "1000") ? "paid" : between(&posting, "1000", "3200") ? "returned" : NULL;
        if (what != NULL) {
            zd_tally_add(&story->months, zd_span_text(month), zd_span_text(what), posting.amount_fen);
        }
    }
}

static zd_span outcome_word(const zd_line *line)
{
    return zd_view_text(zd_view_get(line->root, "outcome"));
}

static void add_attested(zd_story *story, zd_jval request, const zd_line *line, zd_span signer)
{
    zd_jval items = zd_jval_get(request, "items");
    size_t count = zd_jval_count(items);
    if (zd_line_executed(line)) {
        for (size_t i = 0; i < (count > 0 ? count : 1); i++) {
            zd_jval one = count > 0 ? zd_jval_at(items, i) : request;
            zd_tally_add(&story->attested, zd_jval_text(zd_jval_get(one, "fact")), signer, 0);
        }
    }
}

static void add_request(zd_story *story, const zd_line *line, zd_span note_bytes)
{
    zd_note note;
    zd_json *request = NULL;
    zd_error ignored = {0};
    if (zd_note_split(&note, note_bytes, &ignored) != ZD_OK || zd_json_parse(&request, note.text, true, &ignored) != ZD_OK) {
        return;
    }
    zd_jval root = zd_json_root(request);
    zd_span type = zd_jval_text(zd_jval_get(root, "type"));
    zd_tally_add(&story->outcomes, type, outcome_word(line), 0);
    if (zd_span_is(type, "fact.attest") || zd_span_is(zd_jval_text(zd_jval_get(root, "of")), "fact.attest")) {
        add_attested(story, root, line, last_part(note.signatures[0].name));
    }
    zd_json_free(request);
}

static zd_status see_entry(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    telling *t = context;
    zd_leaf leaf;
    zd_line line = {0};
    zd_status status = zd_redecide_entry(t->redecide, seq, bytes, err);
    if (status == ZD_OK) {
        zd_book_clean(t->story->book);
        status = zd_leaf_split(&leaf, bytes, err);
    }
    if (status == ZD_OK && zd_line_parse(&line, leaf.line, NULL)) {
        add_postings(t->story, &line);
        if (line.code.size > 0) {
            zd_tally_add(&t->story->refusals, line.code, zd_span_of(NULL, 0), 0);
        }
        if (leaf.note.size > 0) {
            add_request(t->story, &line, leaf.note);
        } else {
            zd_tally_add(&t->story->outcomes, zd_span_text("(item of a request)"), outcome_word(&line), 0);
        }
    }
    zd_line_free(&line);
    return status;
}

static zd_status see_checkpoint(void *context, const zd_checkpoint *checkpoint, const zd_trail_commit *commit, zd_error *err)
{
    (void)err;
    zd_story *story = ((telling *)context)->story;
    if (story->head_count == story->head_capacity) {
        story->head_capacity = story->head_capacity == 0 ? 64 : story->head_capacity * 2;
        story->heads = zd_realloc(story->heads, story->head_capacity * sizeof *story->heads);
    }
    story->heads[story->head_count++] = (zd_story_head){.size = checkpoint->size, .root = checkpoint->root, .time_unix_s = commit->time_unix_s};
    return ZD_OK;
}

zd_status zd_story_tell(zd_story **out, const char *repository, zd_error *err)
{
    zd_story *story = zd_alloc_zero(1, sizeof *story);
    story->book = zd_book_new(NULL);
    story->acts = zd_acts_new(story->book);
    telling t = {.story = story, .redecide = zd_redecide_new(story->acts)};
    zd_history_visit visit = {.entry = see_entry, .checkpoint = see_checkpoint, .context = &t};
    zd_status status = zd_history_read(repository, &visit, err);
    zd_redecide_free(t.redecide);
    if (status != ZD_OK) {
        zd_story_free(story);
        return status;
    }
    zd_tally_sort(&story->outcomes, false);
    zd_tally_sort(&story->refusals, false);
    zd_tally_sort(&story->attested, false);
    zd_tally_sort(&story->months, false);
    zd_tally_sort(&story->accounts, false);
    *out = story;
    return ZD_OK;
}

void zd_story_free(zd_story *story)
{
    if (story == NULL) {
        return;
    }
    zd_acts_free(story->acts);
    zd_book_free(story->book);
    free(story->heads);
    free(story->outcomes.list);
    free(story->refusals.list);
    free(story->attested.list);
    free(story->months.list);
    free(story->accounts.list);
    free(story);
}

const zd_story_head *zd_story_head_after(const zd_story *story, uint64_t entry)
{
    for (size_t i = 0; i < story->head_count; i++) {
        if (story->heads[i].size > entry) {
            return &story->heads[i];
        }
    }
    return NULL;
}
