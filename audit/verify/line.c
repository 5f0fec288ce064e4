/* Reading decision lines; see line.h. */
#include "audit/verify/line.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"

/* Known fields in the order in which they stand; effect fields only in effects. */
typedef struct field_rule {
    const char *name;
    size_t size; /* of the name */
    zd_jkind kind;
    bool effect_only;
    bool required;
} field_rule;

enum { SEQ, AT, OF, NOTE_SHA256, ITEM, OUTCOME, CODE, POLICY, GATES, HOLDS, FLAGS, SUBSIDY_FEN, RANK_EXTRA, RANK_POSTINGS, RANK_COUNT };

#define NAMED(name) name, sizeof(name) - 1

static const field_rule rules[RANK_EXTRA] = {
    [SEQ] = {NAMED("seq"), ZD_J_INT, false, true},
    [AT] = {NAMED("at"), ZD_J_STRING, false, true},
    [OF] = {NAMED("of"), ZD_J_INT, true, true},
    [NOTE_SHA256] = {NAMED("note_sha256"), ZD_J_STRING, true, true},
    [ITEM] = {NAMED("item"), ZD_J_STRING, true, true},
    [OUTCOME] = {NAMED("outcome"), ZD_J_STRING, false, true},
    [CODE] = {NAMED("code"), ZD_J_STRING, false, false},
    [POLICY] = {NAMED("policy"), ZD_J_INT, false, false},
    [GATES] = {NAMED("gates"), ZD_J_ARRAY, false, false},
    [HOLDS] = {NAMED("holds"), ZD_J_ARRAY, false, false},
    [FLAGS] = {NAMED("flags"), ZD_J_ARRAY, false, false},
    [SUBSIDY_FEN] = {NAMED("subsidy_fen"), ZD_J_INT, false, false},
};

/* The fields of a line as they go by: a name stands once. */
typedef struct order_check {
    size_t rank; /* of the last field seen */
    bool good;
    zd_view at[RANK_COUNT]; /* RANK_EXTRA: "effects" */
} order_check;

static size_t rank_of(zd_span name, size_t last)
{
    for (size_t i = 0; i < ZD_COUNT(rules); i++) {
        size_t rank = (last + i) % ZD_COUNT(rules); /* they come in order */
        if (name.size == rules[rank].size && memcmp(name.data, rules[rank].name, name.size) == 0) {
            return rank;
        }
    }
    /* "effects" and "saw" stand before what an act adds; their order among one another is that of the list. */
    return zd_span_is(name, "postings") ? RANK_POSTINGS : RANK_EXTRA;
}

static void see_field(order_check *check, zd_view field)
{
    size_t rank = rank_of(zd_view_name(field), check->rank);
    if (rank != RANK_EXTRA || zd_span_is(zd_view_name(field), "effects")) {
        check->at[rank] = field;
    }
    bool ordered = rank > check->rank || (rank == RANK_EXTRA && check->rank == RANK_EXTRA) || (rank == 0 && check->rank == 0);
    bool typed = rank >= ZD_COUNT(rules) || zd_view_kind(field) == rules[rank].kind;
    check->good = check->good && ordered && typed;
    check->rank = rank;
}

static bool fields_are_complete(const zd_line *line, const order_check *seen)
{
    for (size_t i = 0; i < ZD_COUNT(rules); i++) {
        bool there = zd_view_kind(seen->at[i]) != ZD_J_ABSENT;
        bool wanted = rules[i].required && (line->is_effect || !rules[i].effect_only);
        bool allowed = line->is_effect || !rules[i].effect_only;
        if ((wanted && !there) || (there && !allowed)) {
            return false;
        }
    }
    return true;
}

static bool read_outcome(zd_line_outcome *out, zd_span word)
{
    static const char *const words[] = {"accepted", "held", "refused", "proposed"};
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (zd_span_is(word, words[i])) {
            *out = (zd_line_outcome)(ZD_LINE_ACCEPTED + (int)i);
            return true;
        }
    }
    return false;
}

static bool read_values(zd_line *out, const order_check *seen, const char **why)
{
    char at_again[ZD_TIME_TEXT];
    zd_span at = zd_view_text(seen->at[AT]);
    int64_t seq = zd_view_int(seen->at[SEQ]);
    int64_t effects = zd_view_int(seen->at[RANK_EXTRA]);
    *why = "seq";
    if (seq < 0 || effects < 0) {
        return false;
    }
    *why = "at";
    if (!zd_time_parse(&out->at_unix_ms, at)) {
        return false;
    }
    zd_time_text(at_again, out->at_unix_ms);
    if (!zd_span_is(at, at_again)) {
        return false;
    }
    *why = "outcome";
    if (!read_outcome(&out->outcome, zd_view_text(seen->at[OUTCOME]))) {
        return false;
    }
    out->seq = (uint64_t)seq;
    out->effects = (uint64_t)effects;
    out->code = zd_view_text(seen->at[CODE]);
    out->policy = zd_view_int(seen->at[POLICY]);
    out->subsidy_fen = zd_view_int(seen->at[SUBSIDY_FEN]);
    out->holds = seen->at[HOLDS];
    out->postings = seen->at[RANK_POSTINGS];
    *why = "postings";
    return (zd_view_kind(out->postings) == ZD_J_ABSENT || zd_view_count(out->postings) > 0) && (out->code.size > 0) == (out->outcome == ZD_LINE_REFUSED);
}

static bool read_effect(zd_line *out, const order_check *seen, const char **why)
{
    int64_t of = zd_view_int(seen->at[OF]);
    *why = "of";
    if (of < 0 || (uint64_t)of >= out->seq || out->effects != 0) {
        return false;
    }
    out->of_seq = (uint64_t)of;
    out->item = zd_view_text(seen->at[ITEM]);
    *why = "note_sha256";
    return zd_hash_from_hex(&out->note_sha256, zd_view_text(seen->at[NOTE_SHA256]));
}

bool zd_line_parse(zd_line *out, zd_span bytes, const char **why)
{
    const char *ignored = NULL;
    zd_error err = {0};
    why = why != NULL ? why : &ignored;
    *out = (zd_line){0};
    *why = "json";
    if (bytes.size < 2 || bytes.data[bytes.size - 1] != '\n') {
        return false;
    }
    zd_buf_add(&out->text, bytes.data, bytes.size - 1);
    if (zd_view_parse(&out->document, zd_buf_span(&out->text), &err) != ZD_OK) {
        return false;
    }
    out->root = zd_view_root(&out->document);
    order_check check = {.rank = 0, .good = true};
    for (zd_view field = zd_view_first(out->root); field.node != NULL; field = zd_view_next(out->root, field)) {
        see_field(&check, field);
    }
    out->is_effect = zd_view_kind(check.at[OF]) != ZD_J_ABSENT;
    *why = "fields";
    return check.good && fields_are_complete(out, &check) && read_values(out, &check, why) && (!out->is_effect || read_effect(out, &check, why));
}

void zd_line_free(zd_line *line)
{
    zd_view_free(&line->document);
    zd_buf_free(&line->text);
    *line = (zd_line){0};
}

size_t zd_line_postings(const zd_line *line)
{
    return zd_view_count(line->postings);
}

bool zd_line_posting_at(zd_line_posting *out, const zd_line *line, size_t index)
{
    zd_view posting = zd_view_at(line->postings, index);
    zd_view debit = zd_view_at(posting, 0);
    zd_view credit = zd_view_at(posting, 1);
    zd_view amount = zd_view_at(posting, 2);
    if (zd_view_kind(posting) != ZD_J_ARRAY || zd_view_count(posting) != 3 || zd_view_kind(debit) != ZD_J_STRING || zd_view_kind(credit) != ZD_J_STRING ||
        zd_view_kind(amount) != ZD_J_INT) {
        return false;
    }
    *out = (zd_line_posting){.debit = zd_view_text(debit), .credit = zd_view_text(credit), .amount_fen = zd_view_int(amount)};
    return out->amount_fen > 0 && out->amount_fen <= ZD_FEN_MAX;
}

bool zd_line_executed(const zd_line *line)
{
    return line->outcome == ZD_LINE_ACCEPTED || line->outcome == ZD_LINE_HELD;
}

bool zd_line_holds(const zd_line *line, const char *check)
{
    for (size_t i = 0; i < zd_view_count(line->holds); i++) {
        if (zd_span_is(zd_view_text(zd_view_at(line->holds, i)), check)) {
            return true;
        }
    }
    return false;
}

int64_t zd_line_int(const zd_line *line, const char *name)
{
    return zd_view_int(zd_view_get(line->root, name));
}

zd_span zd_line_text(const zd_line *line, const char *name)
{
    return zd_view_text(zd_view_get(line->root, name));
}
