/* Reading fields and postings of one act, and saying what is wrong with it; see limits_int.h. */
#include "audit/verify/limits_int.h"

static zd_view field_of(const zd_limit_act *act, zd_field field)
{
    return zd_view_get(act->body, zd_field_name(field));
}

zd_span zd_limit_text(const zd_limit_act *act, zd_field field)
{
    return zd_view_text(field_of(act, field));
}

int64_t zd_limit_int(const zd_limit_act *act, zd_field field)
{
    return zd_view_int(field_of(act, field));
}

bool zd_limit_has(const zd_limit_act *act, zd_field field)
{
    return zd_view_kind(field_of(act, field)) != ZD_J_ABSENT;
}

bool zd_limit_bool(const zd_limit_act *act, zd_field field)
{
    return zd_view_bool(field_of(act, field));
}

zd_found *zd_limit_find(const zd_limit_act *act, zd_verify_check check, zd_span gains)
{
    zd_found *found = zd_report_add(act->limits->report, check, act->seq);
    zd_buf_add_span(&found->gains, gains);
    return found;
}

void zd_limit_find_fen(const zd_limit_act *act, zd_verify_check check, zd_span gains, const char *what, int64_t recorded_fen, int64_t recomputed_fen)
{
    zd_found *found = zd_limit_find(act, check, gains);
    zd_buf_addf(&found->recorded, "%s: %lld", what, (long long)recorded_fen);
    zd_buf_addf(&found->recomputed, "%lld", (long long)recomputed_fen);
}

void zd_limit_unknown(const zd_limit_act *act, const char *what, zd_span id)
{
    zd_found *found = zd_limit_find(act, ZD_V_NAME_UNKNOWN, zd_span_of(NULL, 0));
    zd_buf_addf(&found->recorded, "accepted about %s ", what);
    zd_buf_add_span(&found->recorded, id);
    zd_buf_add_text(&found->recomputed, "refused");
}

static bool matches(zd_span wanted, const zd_account_parts *account, size_t part)
{
    return wanted.size == 0 || (account->count > part && zd_span_equal(wanted, account->part[part]));
}

int64_t zd_limit_posted(const zd_line *lines, size_t count, const zd_limit_query *query)
{
    int64_t sum_fen = 0;
    zd_line_posting posting;
    for (size_t l = 0; l < count; l++) {
        for (size_t i = 0; i < zd_line_postings(&lines[l]); i++) {
            if (!zd_line_posting_at(&posting, &lines[l], i)) {
                continue;
            }
            zd_account_parts debit = zd_account_parse(posting.debit);
            zd_account_parts credit = zd_account_parse(posting.credit);
            bool codes = (query->debit == 0 || query->debit == debit.code) && (query->credit == 0 || query->credit == credit.code);
            bool pool = debit.count == 0 || matches(query->pool, &debit, debit.count - 1);
            if (codes && pool && matches(query->debit_about, &debit, 0) && matches(query->credit_about, &credit, 0) &&
                __builtin_add_overflow(sum_fen, posting.amount_fen, &sum_fen)) {
                return INT64_MIN; /* no signed amount can be this */
            }
        }
    }
    return sum_fen;
}

void zd_limit_expect(const zd_limit_act *act, zd_limit_query query, int64_t expected_fen, const char *what, zd_span gains)
{
    int64_t posted_fen = zd_limit_posted(act->lines, act->count, &query);
    if (posted_fen != expected_fen) {
        zd_limit_find_fen(act, ZD_V_AMOUNT_SIGNED, gains, what, posted_fen, expected_fen);
    }
}

int64_t zd_limit_given_back(const zd_line *lines, size_t count, int from, zd_span about)
{
    zd_limit_query to_pool = {.debit = from, .credit = 2000, .debit_about = about};
    zd_limit_query to_earmark = {.debit = from, .credit = 2100, .debit_about = about};
    return zd_limit_posted(lines, count, &to_pool) + zd_limit_posted(lines, count, &to_earmark);
}
