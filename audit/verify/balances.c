/* Balances from recorded postings; see balances.h. */
#include "audit/verify/balances.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/names.h"

/* The chart as the design notes publish it, written down again: code, normal side, dimensions. The last dimension is the pool, or the quota year. */
typedef struct chart_row {
    int code;
    bool debit;
    bool quota;
    size_t dimensions;
} chart_row;

static const chart_row chart[] = {
    {1000, true, false, 1},  {1100, true, false, 2},  {1200, true, false, 2},  {2000, false, false, 1}, {2100, false, false, 2}, {2160, false, false, 2},
    {2170, false, false, 2}, {2200, false, false, 2}, {3000, false, false, 2}, {3050, false, false, 2}, {3100, false, false, 3}, {3200, false, false, 2},
    {6000, true, true, 1},   {6100, false, true, 2},  {6200, false, true, 2},  {6300, false, true, 2},
};

typedef struct account {
    int64_t signed_fen; /* debits minus credits */
    int64_t noted_fen;
    size_t sum;         /* of its pool or year */
    bool debit;
} account;

struct zd_balances {
    zd_report *report;
    zd_names names;
    account *accounts; /* in account_pages */
    zd_paged account_pages;
    zd_names sums; /* "pool" and "6/year" */
    int64_t *sum_fen;
    size_t sum_capacity;
};

zd_balances *zd_balances_new(zd_report *report)
{
    zd_balances *balances = zd_alloc_zero(1, sizeof *balances);
    balances->report = report;
    return balances;
}

void zd_balances_free(zd_balances *balances)
{
    if (balances != NULL) {
        zd_names_free(&balances->names);
        zd_names_free(&balances->sums);
        zd_paged_free(&balances->account_pages);
        free(balances->sum_fen);
        free(balances);
    }
}

void zd_balances_relax(zd_balances *balances)
{
    zd_names_relax(&balances->names);
    zd_paged_relax(&balances->account_pages);
}

zd_account_parts zd_account_parse(zd_span name)
{
    zd_account_parts parts = {0};
    zd_span code;
    zd_span rest = zd_span_cut(&code, name, '/');
    bool digits = code.size == 4;
    for (size_t i = 0; i < code.size && digits; i++) {
        digits = code.data[i] >= '0' && code.data[i] <= '9';
        parts.code = parts.code * 10 + (code.data[i] - '0');
    }
    while (rest.size > 0 && parts.count < ZD_COUNT(parts.part)) {
        rest = zd_span_cut(&parts.part[parts.count], rest, '/');
        digits = digits && parts.part[parts.count].size > 0;
        parts.count++;
    }
    bool trailing = name.size > 0 && name.data[name.size - 1] == '/';
    if (!digits || rest.size > 0 || trailing) {
        parts.code = 0;
    }
    return parts;
}

zd_span zd_account_owner(const zd_account_parts *parts)
{
    static const int owned_first[] = {1100, 1200, 3000, 3050, 3200, 6100, 2100, 6200, 6300};
    if (parts->code == 3100 && parts->count == 3) {
        return parts->part[1];
    }
    for (size_t i = 0; i < ZD_COUNT(owned_first); i++) {
        if (parts->code == owned_first[i] && parts->count == 2) {
            return parts->part[0];
        }
    }
    return zd_span_of(NULL, 0);
}

static const chart_row *row_of(const zd_account_parts *parts)
{
    for (size_t i = 0; i < ZD_COUNT(chart); i++) {
        if (chart[i].code == parts->code && chart[i].dimensions == parts->count) {
            return &chart[i];
        }
    }
    return NULL;
}

static size_t account_number(zd_balances *balances, zd_span name, const zd_account_parts *parts, const chart_row *row)
{
    size_t before = balances->names.count;
    size_t number = zd_names_add(&balances->names, name);
    if (number < before) {
        return number;
    }
    balances->accounts = zd_paged_at(&balances->account_pages, number, sizeof *balances->accounts);
    zd_buf key = {0};
    zd_buf_add_text(&key, row->quota ? "6/" : "");
    zd_buf_add_span(&key, parts->part[parts->count - 1]);
    size_t sum = zd_names_add(&balances->sums, zd_buf_span(&key));
    balances->sum_fen = zd_grow(balances->sum_fen, &balances->sum_capacity, sum, sizeof *balances->sum_fen);
    balances->accounts[number] = (account){.sum = sum, .debit = row->debit};
    zd_buf_free(&key);
    return number;
}

static void show_posting(zd_buf *out, const zd_line_posting *posting)
{
    zd_buf_addf(out, "[%.*s, %.*s, %lld]", (int)posting->debit.size, (const char *)posting->debit.data, (int)posting->credit.size,
                (const char *)posting->credit.data, (long long)posting->amount_fen);
}

static void find_posting(zd_balances *balances, zd_verify_check check, const zd_line *line, const zd_line_posting *posting, const char *recomputed)
{
    zd_found *found = zd_report_add(balances->report, check, line->seq);
    zd_account_parts credit = zd_account_parse(posting->credit);
    zd_account_parts debit = zd_account_parse(posting->debit);
    zd_span owner = zd_account_owner(&credit);
    show_posting(&found->recorded, posting);
    zd_buf_add_text(&found->recomputed, recomputed);
    zd_buf_add_span(&found->gains, owner.size > 0 ? owner : zd_account_owner(&debit));
}

static int64_t normal_fen(const account *of)
{
    return of->debit ? of->signed_fen : -of->signed_fen;
}

static void check_side(zd_balances *balances, const zd_line *line, const zd_line_posting *posting, size_t number)
{
    const account *of = &balances->accounts[number];
    if (normal_fen(of) < 0) {
        char text[256];
        zd_span name = zd_names_text(&balances->names, number);
        zd_format(text, sizeof text, "balance of %.*s: %lld", (int)(name.size < 180 ? name.size : 180), (const char *)name.data, (long long)normal_fen(of));
        find_posting(balances, ZD_V_POSTING_SIDE, line, posting, text);
    }
}

/* The sum of a pool or year; checked, so that no crafted amount can wrap it round. */
static bool add_fen(int64_t *to, int64_t amount_fen)
{
    int64_t sum_fen = 0;
    if (__builtin_add_overflow(*to, amount_fen, &sum_fen)) {
        return false;
    }
    *to = sum_fen;
    return true;
}

static void add_posting(zd_balances *balances, const zd_line *line, const zd_line_posting *posting)
{
    zd_account_parts debit = zd_account_parse(posting->debit);
    zd_account_parts credit = zd_account_parse(posting->credit);
    const chart_row *debit_row = row_of(&debit);
    const chart_row *credit_row = row_of(&credit);
    if (debit_row == NULL || credit_row == NULL || debit_row->quota != credit_row->quota || zd_span_equal(posting->debit, posting->credit)) {
        find_posting(balances, ZD_V_POSTING_FORM, line, posting, "two accounts of the chart, of one ledger");
        return;
    }
    size_t from = account_number(balances, posting->debit, &debit, debit_row);
    size_t to = account_number(balances, posting->credit, &credit, credit_row);
    int64_t amount_fen = posting->amount_fen;
    bool fits = add_fen(&balances->accounts[from].signed_fen, amount_fen) && add_fen(&balances->accounts[to].signed_fen, -amount_fen) &&
                add_fen(&balances->sum_fen[balances->accounts[from].sum], amount_fen) && add_fen(&balances->sum_fen[balances->accounts[to].sum], -amount_fen);
    if (!fits) {
        find_posting(balances, ZD_V_POSTING_FORM, line, posting, "an amount within range");
    }
    check_side(balances, line, posting, from);
    check_side(balances, line, posting, to);
    balances->report->counts.postings++;
}

/* Pool and year of an account that the line touched: they must sum to zero now that the line is done. */
static void check_identity(zd_balances *balances, const zd_line *line, zd_span name, const zd_line_posting *posting)
{
    size_t number = zd_names_find(&balances->names, name);
    if (number == ZD_NAME_NONE) {
        return; /* the posting was malformed and is a finding of its own */
    }
    size_t sum = balances->accounts[number].sum;
    if (balances->sum_fen[sum] != 0) {
        char text[256];
        zd_span of = zd_names_text(&balances->sums, sum);
        bool quota = zd_span_starts(of, "6/");
        zd_format(text, sizeof text, "%.*s is out of balance by %lld", (int)(of.size < 180 ? of.size : 180), (const char *)of.data, (long long)balances->sum_fen[sum]);
        find_posting(balances, quota ? ZD_V_QUOTA_IDENTITY : ZD_V_POOL_IDENTITY, line, posting, text);
        balances->sum_fen[sum] = 0; /* said once; later entries are judged by what they add */
    }
}

void zd_balances_add(zd_balances *balances, const zd_line *line)
{
    zd_line_posting posting;
    size_t count = zd_line_postings(line);
    for (size_t i = 0; i < count; i++) {
        if (zd_line_posting_at(&posting, line, i)) {
            add_posting(balances, line, &posting);
        } else {
            zd_report_say(balances->report, ZD_V_POSTING_FORM, line->seq, "malformed", "[debit, credit, fen]");
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (zd_line_posting_at(&posting, line, i)) {
            check_identity(balances, line, posting.debit, &posting);
            check_identity(balances, line, posting.credit, &posting);
        }
    }
    if (count > 0 && !zd_line_executed(line)) {
        zd_report_say(balances->report, ZD_V_POSTING_FORM, line->seq, "postings of a refused or proposed act", "none");
    }
}

size_t zd_balances_count(const zd_balances *balances)
{
    return balances->names.count;
}

int64_t zd_balances_of(const zd_balances *balances, zd_span name)
{
    size_t number = zd_names_find(&balances->names, name);
    return number == ZD_NAME_NONE ? 0 : normal_fen(&balances->accounts[number]);
}

zd_span zd_balances_at(int64_t *balance_fen, int64_t *noted_fen, const zd_balances *balances, size_t i)
{
    *balance_fen = normal_fen(&balances->accounts[i]);
    *noted_fen = balances->accounts[i].noted_fen;
    return zd_names_text(&balances->names, i);
}

int64_t zd_balances_note(zd_balances *balances, zd_span name, int64_t noted_fen)
{
    size_t number = zd_names_find(&balances->names, name);
    if (number == ZD_NAME_NONE) {
        return 0;
    }
    balances->accounts[number].noted_fen = noted_fen;
    return normal_fen(&balances->accounts[number]);
}
