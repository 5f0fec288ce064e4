/*
 * Seals: every unpaid item of the pool below the cut-off is in a line or on the waiting list, each line is the sum of its items, no amount is in two
 * batches. What an item has unpaid is the limits' own reckoning, not the seal's. See limits_int.h.
 */
#include <string.h>

#include "audit/verify/limits_int.h"
#include "ledger/base/clock.h"

static zd_view at(zd_view array, size_t i)
{
    return zd_view_at(array, i);
}

static int64_t unpaid_in(const zd_limits *limits, const zd_limit_item *item, size_t pool)
{
    int64_t sum_fen = 0;
    const zd_limit_leg *legs = zd_limit_item_legs(limits, item);
    for (size_t i = 0; i < item->leg_count; i++) {
        sum_fen += legs[i].pool == pool ? legs[i].open_fen + legs[i].returned_fen : 0;
    }
    return sum_fen;
}

static void mark(zd_limit_act *act, zd_span id)
{
    zd_limit_item *item = zd_table_find(&act->limits->items, id, NULL);
    if (item != NULL) {
        item->seen = act->limits->seals;
    }
}

/* Marks what the lines and the waiting list name. The list's amounts must be what is unpaid. */
static void mark_all(zd_limit_act *act, size_t pool)
{
    for (size_t l = 1; l < act->count; l++) {
        zd_view items = zd_view_get(act->lines[l].root, "items");
        zd_view waiting = zd_view_get(act->lines[l].root, "waiting");
        for (size_t i = 0; i < zd_view_count(items); i++) {
            mark(act, zd_view_text(at(at(items, i), 0)));
        }
        for (size_t i = 0; zd_view_kind(waiting) == ZD_J_ARRAY && i < zd_view_count(waiting); i++) {
            zd_span id = zd_view_text(at(at(waiting, i), 0));
            const zd_limit_item *item = zd_table_find(&act->limits->items, id, NULL);
            int64_t unpaid_fen = item != NULL ? unpaid_in(act->limits, item, pool) : 0;
            if (zd_view_int(at(at(waiting, i), 2)) != unpaid_fen) {
                zd_limit_find_fen(act, ZD_V_SEAL_COMPLETE, id, "waiting amount", zd_view_int(at(at(waiting, i), 2)), unpaid_fen);
            }
            mark(act, id);
        }
    }
}

/* Providers in the order of the open list, where each name is followed by a '/'. */
static int order_of(zd_span a, zd_span b)
{
    for (size_t i = 0; i < a.size || i < b.size; i++) {
        int left = i < a.size ? a.data[i] : i == a.size ? '/' : 0;
        int right = i < b.size ? b.data[i] : i == b.size ? '/' : 0;
        if (left != right) {
            return left < right ? -1 : 1;
        }
    }
    return 0;
}

/* A part of a seal answers for the providers behind `after` up to and with `upto`; an empty end is open. */
typedef struct part_range {
    zd_span after;
    zd_span upto;
} part_range;

static bool in_part(const part_range *part, zd_span provider)
{
    return (part->after.size == 0 || order_of(provider, part->after) > 0) && (part->upto.size == 0 || order_of(provider, part->upto) <= 0);
}

/* Goes through everything unpaid in the pool that this part answers for; tidies the list on the way. */
static void check_complete(zd_limit_act *act, size_t pool_number, uint64_t cutoff, const part_range *part)
{
    zd_limits *limits = act->limits;
    zd_limit_pool *pool = zd_table_at(&limits->pools, pool_number);
    size_t kept = 0;
    for (size_t i = 0; i < pool->open_count; i++) {
        zd_limit_item *item = zd_table_at(&limits->items, pool->open[i]);
        int64_t unpaid_fen = unpaid_in(limits, item, pool_number);
        if (unpaid_fen == 0) {
            continue;
        }
        bool mine = item->seq < cutoff && in_part(part, zd_names_text(&limits->names, item->provider_name));
        if (mine && item->seen != limits->seals) {
            zd_found *found = zd_limit_find(act, ZD_V_SEAL_COMPLETE, zd_span_of(NULL, 0));
            zd_buf_add_span(&found->recorded, zd_names_text(&limits->items.names, pool->open[i]));
            zd_buf_add_text(&found->recorded, " neither in a line nor on the waiting list");
            zd_buf_addf(&found->recomputed, "%lld open", (long long)unpaid_fen);
            item->seen = limits->seals; /* said once, when the list names it twice */
        }
        pool->open[kept++] = pool->open[i];
    }
    pool->open_count = kept;
}

typedef struct line_reader {
    zd_limit_act *act;
    size_t pool;
    uint64_t cutoff;
    size_t line;        /* number in the table of lines */
    bool open;
    zd_span provider;
    int64_t gross_fen;  /* as the line says */
    int64_t offset_fen;
    int64_t net_fen;
    int64_t cash_sum_fen;
    int64_t offset_sum_fen;
    int64_t settling_fen; /* as posted to 3100 */
    int64_t owed_fen;     /* as posted to 1100 */
    int64_t lines;
    int64_t payable;
    int64_t total_fen;
} line_reader;

static void line_name(zd_buf *out, zd_span batch, zd_span provider)
{
    zd_buf_add_span(out, batch);
    zd_buf_add_byte(out, '/');
    zd_buf_add_span(out, provider);
}

static bool signs_of(const zd_limit_share *row)
{
    bool returned = row->returned_fen >= 0 && row->returned_fen <= row->cash_fen;
    return returned && row->offset_fen >= 0 && zd_limit_sum(row->cash_fen, row->offset_fen) > 0;
}

/* Moves one share into the batch. The whole unpaid amount of a leg is taken, or the line is wrong. A share that is wrong is found here and then believed: its line adds up as
 * it says, and when the bank pays it, that is found as well (PAID_OVER), because then the money is gone. */
static void take_share(line_reader *r, zd_view share)
{
    zd_limits *limits = r->act->limits;
    size_t number = 0;
    zd_limit_item *item = zd_table_find(&limits->items, zd_view_text(at(share, 0)), &number);
    zd_limit_share row = {.item = number, .leg = (size_t)zd_view_int(at(share, 1)), .cash_fen = zd_view_int(at(share, 2)), .offset_fen = zd_view_int(at(share, 3)),
                          .returned_fen = zd_view_int(at(share, 4))};
    if (item == NULL || item->ended || row.leg >= item->leg_count || !zd_span_equal(zd_names_text(&limits->names, item->provider_name), r->provider)) {
        zd_limit_unknown(r->act, "share of", zd_view_text(at(share, 0)));
        return;
    }
    zd_limit_leg *leg = &zd_limit_item_legs(limits, item)[row.leg];
    bool whole = signs_of(&row) && row.offset_fen <= leg->open_fen && row.cash_fen == leg->open_fen - row.offset_fen + leg->returned_fen && row.returned_fen == leg->returned_fen;
    if (!whole || leg->pool != r->pool || item->seq >= r->cutoff || leg->in_batch_fen > 0) {
        zd_found *found = zd_limit_find(r->act, ZD_V_LEG_TWICE, r->provider);
        zd_buf_add_span(&found->recorded, zd_view_text(at(share, 0)));
        zd_buf_addf(&found->recorded, ": cash %lld, offset %lld", (long long)row.cash_fen, (long long)row.offset_fen);
        zd_buf_addf(&found->recomputed, "open %lld, returned %lld, in another batch %lld", (long long)leg->open_fen, (long long)leg->returned_fen,
                    (long long)leg->in_batch_fen);
        if (!signs_of(&row)) {
            return;
        }
    }
    leg->open_fen = 0;
    leg->returned_fen = 0;
    leg->offset_fen = zd_limit_sum(leg->offset_fen, row.offset_fen);
    leg->in_batch_fen = zd_limit_sum(leg->in_batch_fen, row.cash_fen);
    limits->shares = zd_paged_at(&limits->share_pages, limits->share_count, sizeof *limits->shares);
    limits->shares[limits->share_count++] = row;
    ((zd_limit_line *)zd_table_at(&limits->lines, r->line))->share_count++;
    r->cash_sum_fen = zd_limit_sum(r->cash_sum_fen, row.cash_fen);
    r->offset_sum_fen = zd_limit_sum(r->offset_sum_fen, row.offset_fen);
}

/* The line is complete: what it says, what its items give, and what was posted must be one. */
static void close_line(line_reader *r)
{
    if (!r->open) {
        return;
    }
    r->open = false;
    bool sums = r->cash_sum_fen == r->net_fen && r->offset_sum_fen == r->offset_fen && zd_limit_sum(r->net_fen, r->offset_fen) == r->gross_fen;
    bool posted = r->settling_fen == r->net_fen && r->owed_fen == r->offset_fen;
    if (!sums || !posted) {
        zd_found *found = zd_limit_find(r->act, ZD_V_LINE_SUM, r->provider);
        zd_buf_addf(&found->recorded, "gross %lld, offset %lld, net %lld; posted %lld and %lld", (long long)r->gross_fen, (long long)r->offset_fen,
                    (long long)r->net_fen, (long long)r->settling_fen, (long long)r->owed_fen);
        zd_buf_addf(&found->recomputed, "offset %lld, net %lld", (long long)r->offset_sum_fen, (long long)r->cash_sum_fen);
    }
    r->total_fen = zd_limit_sum(r->total_fen, r->net_fen);
    r->payable += r->net_fen > 0 ? 1 : 0;
    r->lines++;
}

static void open_line(line_reader *r, const zd_line *line, zd_span batch, zd_limit_batch *batch_row)
{
    zd_limits *limits = r->act->limits;
    zd_buf name = {0};
    close_line(r);
    *r = (line_reader){.act = r->act, .pool = r->pool, .cutoff = r->cutoff, .lines = r->lines, .payable = r->payable, .total_fen = r->total_fen};
    r->open = true;
    r->provider = zd_line_text(line, "provider");
    r->gross_fen = zd_line_int(line, "gross_fen");
    r->offset_fen = zd_line_int(line, "offset_fen");
    r->net_fen = zd_line_int(line, "net_fen");
    line_name(&name, batch, r->provider);
    bool twice = zd_names_find(&limits->lines.names, zd_buf_span(&name)) != ZD_NAME_NONE;
    zd_limit_line *row = zd_table_add(&limits->lines, zd_buf_span(&name), &r->line);
    if (twice) {
        zd_limit_unknown(r->act, "second line of", r->provider);
    } else {
        *row = (zd_limit_line){.state = r->net_fen > 0 ? ZD_LL_PENDING : ZD_LL_ZERO,
                               .net_fen = r->net_fen,
                               .before = batch_row->last_line,
                               .first_share = limits->share_count};
        batch_row->last_line = r->line + 1;
    }
    zd_buf_free(&name);
}

static void read_line(line_reader *r, const zd_line *line)
{
    zd_limit_query settling = {.credit = 3100, .debit_about = r->provider};
    zd_limit_query owed = {.debit = 3000, .credit = 1100, .debit_about = r->provider, .credit_about = r->provider};
    zd_view items = zd_view_get(line->root, "items");
    r->settling_fen = zd_limit_sum(r->settling_fen, zd_limit_posted(line, 1, &settling));
    r->owed_fen = zd_limit_sum(r->owed_fen, zd_limit_posted(line, 1, &owed));
    for (size_t i = 0; i < zd_view_count(items); i++) {
        take_share(r, at(items, i));
    }
}

static void find_totals(const zd_limit_act *act, const int64_t recorded[3], const int64_t recomputed[3])
{
    if (recorded[0] == recomputed[0] && recorded[1] == recomputed[1] && recorded[2] == recomputed[2]) {
        return;
    }
    zd_found *found = zd_limit_find(act, ZD_V_LINE_SUM, zd_span_of(NULL, 0));
    zd_buf_addf(&found->recorded, "%lld lines, %lld payable, total %lld", (long long)recorded[0], (long long)recorded[1], (long long)recorded[2]);
    zd_buf_addf(&found->recomputed, "%lld lines, %lld payable, total %lld", (long long)recomputed[0], (long long)recomputed[1], (long long)recomputed[2]);
}

/* The figures of this part, and with the last of several those of the whole. */
static void check_totals(const line_reader *r, zd_limit_batch *batch, bool last_of_several)
{
    const zd_line *line = &r->act->lines[0];
    find_totals(r->act, (int64_t[]){zd_line_int(line, "lines"), zd_line_int(line, "count"), zd_line_int(line, "total_fen")},
                (int64_t[]){r->lines, r->payable, r->total_fen});
    batch->lines += r->lines;
    batch->payable += r->payable;
    batch->total_fen = zd_limit_sum(batch->total_fen, r->total_fen);
    if (last_of_several) {
        find_totals(r->act, (int64_t[]){zd_line_int(line, "sealed_lines"), zd_line_int(line, "sealed_count"), zd_line_int(line, "sealed_fen")},
                    (int64_t[]){batch->lines, batch->payable, batch->total_fen});
    }
}

static zd_limit_batch *new_batch(zd_limit_act *act, zd_span id, size_t pool)
{
    zd_limits *limits = act->limits;
    if (zd_table_find(&limits->batches, id, NULL) != NULL) {
        zd_found *found = zd_limit_find(act, ZD_V_NAME_TWICE, zd_span_of(NULL, 0));
        zd_buf_add_text(&found->recorded, "batch ");
        zd_buf_add_span(&found->recorded, id);
        zd_buf_add_text(&found->recomputed, "refused");
        return NULL;
    }
    zd_limit_batch *batch = zd_table_add(&limits->batches, id, NULL);
    const zd_limit_policy *policy = zd_limit_policy_at(limits, act->today_day);
    *batch = (zd_limit_batch){.state = ZD_LB_SEALED, .pool = pool, .policy = policy != NULL ? policy->number : 0, .seal_sha256 = act->text_sha256};
    zd_format(batch->maker, sizeof batch->maker, "%s", act->signer != NULL ? act->signer->person : "");
    if (act->signer == NULL || strcmp(act->signer->role, "maker") != 0) {
        zd_found *found = zd_limit_find(act, ZD_V_DUTIES_BATCH, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "sealed by %s, %s", batch->maker, act->signer != NULL ? act->signer->role : "?");
        zd_buf_add_text(&found->recomputed, "a maker");
    }
    return batch;
}

/* One part: what it names, what it should have named, and its lines. The lines of a part come after its completeness is judged, because they empty the open amounts. */
static void read_part(zd_limit_act *act, zd_limit_batch *batch, zd_span id)
{
    zd_limits *limits = act->limits;
    line_reader reader = {.act = act, .pool = batch->pool, .cutoff = batch->cutoff};
    char after[sizeof batch->upto];
    zd_format(after, sizeof after, "%s", batch->upto);
    part_range part = {.after = zd_span_text(after), .upto = zd_line_text(&act->lines[0], "upto")};
    limits->seals++;
    batch->parts++;
    batch->state = part.upto.size > 0 ? ZD_LB_DRAFT : ZD_LB_SEALED;
    zd_format(batch->upto, sizeof batch->upto, "%.*s", (int)(part.upto.size < sizeof batch->upto ? part.upto.size : 0), (const char *)part.upto.data);
    mark_all(act, batch->pool);
    check_complete(act, batch->pool, batch->cutoff, &part);
    zd_limit_check_reasons(act, batch->policy, batch->forced);
    for (size_t l = 1; l < act->count; l++) {
        const zd_line *line = &act->lines[l];
        zd_span provider = zd_line_text(line, "provider");
        if (provider.size > 0) {
            open_line(&reader, line, id, batch);
        }
        if (provider.size > 0 && !in_part(&part, provider)) {
            zd_limit_unknown(act, "line outside of its part: ", provider);
        }
        if (reader.open && zd_span_equal(line->item, reader.provider)) {
            read_line(&reader, line);
        }
    }
    close_line(&reader);
    check_totals(&reader, batch, part.upto.size == 0 && batch->parts > 1);
}

void zd_limit_do_seal(zd_limit_act *act)
{
    zd_span id = zd_limit_text(act, ZD_F_BATCH);
    int64_t cutoff = zd_limit_int(act, ZD_F_CUTOFF);
    zd_limit_batch *batch = new_batch(act, id, zd_limit_pool_number(act->limits, zd_limit_text(act, ZD_F_POOL)));
    if (batch == NULL) {
        return;
    }
    batch->cutoff = cutoff > 0 ? (uint64_t)cutoff : 0;
    batch->forced = zd_limit_bool(act, ZD_F_FORCED);
    if (!zd_date_parse(&batch->execution_day, zd_limit_text(act, ZD_F_EXECUTION))) {
        batch->execution_day = INT64_MAX / 2; /* no day: nothing of it can be silent */
    }
    act->limits->report->counts.seals++;
    (void)zd_limit_policy_check(act, batch->policy);
    read_part(act, batch, id);
}

/* The next part begins where the last one ended, by the same person; nothing may lie between them. */
void zd_limit_do_seal_continue(zd_limit_act *act)
{
    zd_span id = zd_limit_text(act, ZD_F_BATCH);
    zd_limit_batch *batch = zd_table_find(&act->limits->batches, id, NULL);
    if (batch == NULL || batch->state != ZD_LB_DRAFT) {
        zd_limit_unknown(act, "draft", id);
        return;
    }
    if (act->signer == NULL || strcmp(act->signer->person, batch->maker) != 0 || strcmp(act->signer->role, "maker") != 0) {
        zd_found *found = zd_limit_find(act, ZD_V_DUTIES_BATCH, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "continued by %s", act->signer != NULL ? act->signer->person : "?");
        zd_buf_addf(&found->recomputed, "the maker, %s", batch->maker);
    }
    int64_t part = zd_line_int(&act->lines[0], "part");
    zd_span after = zd_line_text(&act->lines[0], "after");
    if (part != batch->parts + 1 || part != zd_limit_int(act, ZD_F_PART) || !zd_span_is(after, batch->upto)) {
        zd_found *found = zd_limit_find(act, ZD_V_SEAL_COMPLETE, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "part %lld behind ", (long long)part);
        zd_buf_add_span(&found->recorded, after);
        zd_buf_addf(&found->recomputed, "part %lld behind %s", (long long)batch->parts + 1, batch->upto);
    }
    (void)zd_limit_policy_check(act, batch->policy);
    read_part(act, batch, id);
}
