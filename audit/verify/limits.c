/*
 * The limits' frame: which act a group executes, who proposed it, that no request id is decided twice, that two persons are two persons, and that each act
 * makes only postings of its kind. The acts themselves are in limits_*.c. See limits.h.
 */
#include "audit/verify/limits_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

enum { PERSONS_ROOTS = 0, PERSONS_ONE = 1, PERSONS_TWO = 2 };

typedef struct act_row {
    const char *name;
    int persons;
    zd_limit_handler *run;
} act_row;

static const act_row acts[ZD_L_ACT__COUNT] = {
#define ZD_LIMIT_ACT(id, name, persons, handler) [ZD_L_ACT_##id] = {name, persons, zd_limit_do_##handler},
#include "audit/verify/limits_acts.def"
#undef ZD_LIMIT_ACT
};

typedef struct pair_row {
    zd_limit_kind kind;
    int debit;
    int credit;
} pair_row;

static const pair_row pairs[] = {
#define ZD_LIMIT_PAIR(act, debit, credit) {ZD_L_ACT_##act, debit, credit},
#include "audit/verify/limits_pairs.def"
#undef ZD_LIMIT_PAIR
};

zd_limits *zd_limits_new(zd_report *report)
{
    zd_limits *limits = zd_alloc_zero(1, sizeof *limits);
    limits->report = report;
    zd_roster_init(&limits->roster);
    limits->holders = zd_table_of(sizeof(zd_limit_holder));
    limits->quotas = zd_table_of(sizeof(zd_limit_quota));
    limits->vouchers = zd_table_of(sizeof(zd_limit_voucher));
    limits->orders = zd_table_of(sizeof(zd_limit_order));
    limits->items = zd_table_of(sizeof(zd_limit_item));
    limits->tiers = zd_table_of(sizeof(int64_t));
    limits->numbers = zd_table_of(sizeof(size_t));
    limits->reds = zd_table_of(sizeof(int64_t));
    limits->pools = zd_table_of(sizeof(zd_limit_pool));
    limits->batches = zd_table_of(sizeof(zd_limit_batch));
    limits->lines = zd_table_of(sizeof(zd_limit_line));
    limits->words = zd_table_of(sizeof(zd_limit_word));
    limits->accounts = zd_table_of(sizeof(zd_limit_account));
    limits->proposals = zd_table_of(sizeof(zd_limit_proposal));
    limits->attesters = zd_table_of(sizeof(uint64_t));
    return limits;
}

static void each_table(zd_limits *limits, void (*visit)(zd_table *table))
{
    zd_table *const tables[] = {&limits->holders, &limits->quotas, &limits->vouchers, &limits->orders, &limits->items,     &limits->tiers,     &limits->numbers, &limits->reds,
                                &limits->pools,   &limits->batches, &limits->lines,   &limits->words,  &limits->accounts, &limits->proposals, &limits->attesters};
    for (size_t i = 0; i < ZD_COUNT(tables); i++) {
        visit(tables[i]);
    }
}

void zd_limits_relax(zd_limits *limits)
{
    each_table(limits, zd_table_relax);
    zd_names_relax(&limits->request_ids);
    zd_names_relax(&limits->names);
    for (size_t i = 0; i < limits->pools.names.count; i++) {
        zd_paged_relax(&((zd_limit_pool *)zd_table_at(&limits->pools, i))->open_pages);
    }
    zd_paged_relax(&limits->invoice_pages);
    zd_paged_relax(&limits->leg_pages);
    zd_paged_relax(&limits->share_pages);
}

static void free_owned(zd_limits *limits)
{
    for (size_t i = 0; i < limits->pools.names.count; i++) {
        zd_paged_free(&((zd_limit_pool *)zd_table_at(&limits->pools, i))->open_pages);
    }
    for (size_t i = 0; i < limits->proposals.names.count; i++) {
        zd_buf_free(&((zd_limit_proposal *)zd_table_at(&limits->proposals, i))->text);
    }
}

void zd_limits_free(zd_limits *limits)
{
    if (limits == NULL) {
        return;
    }
    free_owned(limits);
    each_table(limits, zd_table_free);
    zd_names_free(&limits->request_ids);
    zd_names_free(&limits->names);
    zd_roster_free(&limits->roster);
    free(limits->policies);
    zd_limit_days_free(limits);
    zd_paged_free(&limits->invoice_pages);
    zd_paged_free(&limits->leg_pages);
    zd_paged_free(&limits->share_pages);
    free(limits);
}

const zd_roster *zd_limits_roster(const zd_limits *limits)
{
    return &limits->roster;
}

zd_roster *zd_limits_roster_shared(zd_limits *limits)
{
    return &limits->roster;
}

bool zd_limits_attester(zd_span *unit, uint64_t *count, const zd_limits *limits, size_t i)
{
    if (i >= limits->attesters.names.count) {
        return false;
    }
    *unit = zd_names_text(&limits->attesters.names, i);
    *count = *(uint64_t *)zd_table_at(&limits->attesters, i);
    return true;
}

static bool kind_of(zd_limit_kind *out, zd_span type)
{
    for (int i = 0; i < ZD_L_ACT__COUNT; i++) {
        if (zd_span_is(type, acts[i].name)) {
            *out = (zd_limit_kind)i;
            return true;
        }
    }
    return false;
}

/* 128 bits of a hash instead of party and id: ten million requests then take some hundred megabytes. */
static void remember_id(zd_limits *limits, const zd_roster_key *signer, zd_span id, uint64_t seq)
{
    zd_buf text = {0};
    zd_buf_add_span(&text, id);
    zd_buf_add_byte(&text, '\n');
    zd_buf_add_text(&text, zd_roster_party(signer));
    zd_hash hash = zd_sha256(zd_buf_span(&text));
    size_t before = limits->request_ids.count;
    size_t number = zd_names_add_near(&limits->request_ids, zd_span_of(hash.bytes, 16), zd_buf_span(&text));
    zd_buf_free(&text);
    if (number < before) {
        zd_found *found = zd_report_add(limits->report, ZD_V_REQUEST_TWICE, seq);
        zd_buf_add_span(&found->recorded, id);
        zd_buf_add_text(&found->recomputed, "each id of a party once");
        zd_buf_add_text(&found->gains, zd_roster_party(signer));
    }
}

static bool pair_is_known(zd_limit_kind kind, int debit, int credit)
{
    for (size_t i = 0; i < ZD_COUNT(pairs); i++) {
        if (pairs[i].kind == kind && pairs[i].debit == debit && pairs[i].credit == credit) {
            return true;
        }
    }
    return false;
}

static void check_pairs(const zd_limit_act *act)
{
    zd_line_posting posting;
    for (size_t l = 0; l < act->count; l++) {
        for (size_t i = 0; i < zd_line_postings(&act->lines[l]); i++) {
            if (!zd_line_posting_at(&posting, &act->lines[l], i)) {
                continue; /* the balances say so */
            }
            zd_account_parts debit = zd_account_parse(posting.debit);
            zd_account_parts credit = zd_account_parse(posting.credit);
            if (!pair_is_known(act->kind, debit.code, credit.code)) {
                zd_found *found = zd_limit_find(act, ZD_V_POSTING_KIND, zd_account_owner(&credit));
                zd_buf_addf(&found->recorded, "%s: %04d to %04d, %lld", acts[act->kind].name, debit.code, credit.code, (long long)posting.amount_fen);
                zd_buf_add_text(&found->recomputed, "no such posting");
            }
        }
    }
}

static void run(zd_limit_act *act)
{
    check_pairs(act);
    acts[act->kind].run(act);
    zd_limit_quota_postings(act);
    zd_limit_pool_postings(act);
}

void zd_limit_do_nothing(zd_limit_act *act)
{
    (void)act;
}

/* How many lines from `at` on belong to one item: its own, and effects that are not the next item's. */
static size_t lines_of_item(const zd_line *lines, size_t count, size_t at, zd_span next_id)
{
    size_t end = at + 1;
    while (end < count && (next_id.size == 0 || !zd_span_equal(lines[end].item, next_id))) {
        end++;
    }
    return end - at;
}

static zd_span item_id(zd_view item)
{
    return zd_view_text(zd_view_get(item, "id"));
}

/* The items of a batch, one effect each, in their order. */
static void run_items(zd_limit_act *batch, zd_limit_kind of, zd_view items)
{
    size_t at = 1;
    zd_view next = zd_view_first(items);
    zd_span next_id = item_id(next);
    for (size_t i = 0; next.node != NULL; i++) {
        zd_view item = next;
        zd_span id = next_id;
        next = zd_view_next(items, item);
        next_id = item_id(next);
        if (at >= batch->count || !zd_span_equal(batch->lines[at].item, id)) {
            zd_found *found = zd_report_add(batch->limits->report, ZD_V_LEAF_FORM, batch->lines[0].seq);
            zd_buf_addf(&found->recorded, "no effect for item %zu", i + 1);
            zd_buf_add_span(&found->recomputed, id);
            return;
        }
        zd_limit_act act = *batch;
        act.kind = of;
        act.body = item;
        act.lines = &batch->lines[at];
        act.count = lines_of_item(batch->lines, batch->count, at, next_id);
        act.seq = act.lines[0].seq;
        remember_id(batch->limits, batch->signer, id, act.seq);
        if (zd_line_executed(act.lines)) {
            run(&act);
        }
        at += act.count;
    }
}

static void propose(const zd_limit_act *act, zd_span text)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &act->text_sha256);
    zd_limit_proposal *proposal = zd_table_add(&act->limits->proposals, zd_span_text(hex), NULL);
    zd_buf_clear(&proposal->text);
    zd_buf_add_span(&proposal->text, text);
    proposal->proposer = act->signer;
    proposal->kind = act->kind;
    proposal->done = false;
    proposal->persons = 1;
    zd_format(proposal->person[0], sizeof proposal->person[0], "%s", act->signer != NULL ? act->signer->person : "");
}

/* An account of a provider is confirmed by the bureau; that a batch was never sent is said by those who could have sent it; else both hold the same office. */
static bool office_fits(zd_limit_kind kind, const char *first, const char *second)
{
    if (kind == ZD_L_ACT_PROVIDER_ACCOUNT) {
        return strcmp(second, "issuer") == 0;
    }
    if (kind == ZD_L_ACT_BATCH_VOID) {
        return strcmp(second, "checker") == 0 || strcmp(second, "releaser") == 0;
    }
    if (kind == ZD_L_ACT_BANK_RESOLVE) { /* whoever settles differences with the bank */
        return strcmp(second, "maker") == 0 || strcmp(second, "checker") == 0 || strcmp(second, "releaser") == 0 || strcmp(second, "reviewer") == 0;
    }
    return strcmp(second, first) == 0;
}

/* The second officer is another person of the fitting office. */
static void check_second(const zd_limit_act *act, const zd_limit_proposal *proposal)
{
    bool apart = act->signer != NULL && proposal->proposer != NULL;
    for (size_t i = 0; i < proposal->persons && apart; i++) {
        apart = strcmp(proposal->person[i], act->signer->person) != 0;
    }
    bool office = apart && office_fits(proposal->kind, proposal->proposer->role, act->signer->role);
    if (!office) {
        zd_found *found = zd_limit_find(act, ZD_V_DUTIES_SECOND, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "%s: %s then %s", acts[proposal->kind].name, proposal->person[0], act->signer != NULL ? act->signer->person : "?");
        zd_buf_add_text(&found->recomputed, "a second person of the same office");
    }
}

static void run_proposed(zd_limit_act *act, zd_limit_proposal *proposal)
{
    zd_view_document document;
    zd_error err = {0};
    zd_span text = zd_buf_span(&proposal->text);
    if (text.size == 0 || zd_view_parse(&document, zd_span_of(text.data, text.size - 1), &err) != ZD_OK) {
        return; /* it was a finding when it was proposed */
    }
    zd_view root = zd_view_root(&document);
    zd_view items = zd_view_get(root, zd_field_name(ZD_F_ITEMS));
    zd_limit_act proposed = *act;
    proposed.kind = proposal->kind;
    proposed.body = root;
    proposed.signer = proposal->proposer;
    proposed.text_sha256 = zd_sha256(text);
    if (zd_span_is(zd_view_text(zd_view_get(root, "type")), "batch")) {
        run_items(&proposed, proposal->kind, items);
    } else {
        run(&proposed);
    }
    zd_view_free(&document);
}

static void run_second(zd_limit_act *act)
{
    zd_limit_proposal *proposal = zd_table_find(&act->limits->proposals, zd_limit_text(act, ZD_F_SHA256), NULL);
    if (!zd_line_executed(act->lines)) {
        return;
    }
    if (proposal == NULL || proposal->done || proposal->persons == ZD_LIMIT_PERSONS) {
        zd_limit_unknown(act, "proposal", zd_limit_text(act, ZD_F_SHA256));
        return;
    }
    check_second(act, proposal);
    zd_format(proposal->person[proposal->persons], sizeof proposal->person[0], "%s", act->signer != NULL ? act->signer->person : "");
    proposal->persons++;
    int64_t needed = acts[proposal->kind].persons == PERSONS_ROOTS ? act->limits->threshold : PERSONS_TWO;
    if ((int64_t)proposal->persons >= needed) {
        proposal->done = true;
        run_proposed(act, proposal);
    }
}

/* A request that is not a second note: executed at once, or proposed. */
static void run_first(zd_limit_act *act, zd_span text, bool is_batch)
{
    bool alone = acts[act->kind].persons == PERSONS_ONE;
    if (!alone && act->lines[0].outcome == ZD_LINE_PROPOSED) {
        propose(act, text);
        zd_limit_wait_proposed(act);
        return;
    }
    if (!zd_line_executed(act->lines)) {
        return;
    }
    if (!alone) {
        zd_found *found = zd_limit_find(act, ZD_V_DUTIES_SECOND, zd_span_of(NULL, 0));
        zd_buf_addf(&found->recorded, "%s by %s alone", acts[act->kind].name, act->signer != NULL ? act->signer->person : "?");
        zd_buf_add_text(&found->recomputed, "proposed, then a second person");
    }
    if (is_batch) {
        run_items(act, act->kind, zd_view_get(act->body, zd_field_name(ZD_F_ITEMS)));
    } else {
        run(act);
    }
}

static void run_group(zd_limit_act *act, zd_span text)
{
    zd_span type = zd_view_text(zd_view_get(act->body, "type"));
    bool second = zd_span_is(type, "second");
    bool is_batch = zd_span_is(type, "batch");
    bool known = second || kind_of(&act->kind, is_batch ? zd_limit_text(act, ZD_F_OF) : type);
    remember_id(act->limits, act->signer, zd_view_text(zd_view_get(act->body, "id")), act->seq);
    if (!known) {
        zd_found *found = zd_report_add(act->limits->report, ZD_V_LEAF_FORM, act->seq);
        zd_buf_add_span(&found->recorded, type);
        zd_buf_add_text(&found->recomputed, "a request type of this ledger");
    } else if (second) {
        run_second(act);
    } else {
        run_first(act, text, is_batch);
    }
}

void zd_limits_add_read(zd_limits *limits, const zd_note *note, zd_view request, const zd_hash *text_sha256, const zd_line *lines, size_t count)
{
    ZD_ASSERT(count > 0);
    zd_limit_act act = {.limits = limits,
                        .body = request,
                        .text_sha256 = *text_sha256,
                        .signer = zd_roster_find(&limits->roster, note->signatures[0].name, note->signatures[0].key_id),
                        .lines = lines,
                        .count = count,
                        .seq = lines[0].seq,
                        .today_day = zd_day_of(lines[0].at_unix_ms, ZD_ZONE_SHANGHAI_MS)};
    run_group(&act, note->text);
}

void zd_limits_add(zd_limits *limits, const zd_note *note, const zd_line *lines, size_t count)
{
    zd_view_document document;
    zd_error err = {0};
    zd_span text = note->text;
    ZD_ASSERT(count > 0);
    if (text.size == 0 || zd_view_parse(&document, zd_span_of(text.data, text.size - 1), &err) != ZD_OK) {
        zd_report_say(limits->report, ZD_V_LEAF_FORM, lines[0].seq, "a request that is not one JSON object", "a request");
        return;
    }
    zd_hash text_sha256 = zd_sha256(text);
    zd_limits_add_read(limits, note, zd_view_root(&document), &text_sha256, lines, count);
    zd_view_free(&document);
}
