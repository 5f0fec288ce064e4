/*
 * Facts for the rules' sweep at the seal: every member that nothing else holds back, and as witnesses the items of earlier seals (and of earlier parts of this one) whose
 * service lies within the policy's window: those of the same providers, those that a provider bought from them, and holders behind the same contact. They are
 * asked for by provider and by contact, so that a part of a long seal costs what it holds and not what the ledger holds. Changes only flags and gates.
 */
#include "ledger/act/seal_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/rules/seal_sweep.h"

/* Services older than this many days are no longer looked for, whatever an opening balance says. */
#define WITNESS_DAYS_MAX 800
/* Days of one bucket of the index. */
#define BUCKET_DAYS 32

static const char *contact_of(zd_act *act, const char *holder)
{
    const zd_rec_fact *contact = zd_book_find(act->book, ZD_R_FACT, "%s/%s", zd_word_text(ZD_F_FACT, ZD_FACT(CONTACT)), holder);
    return contact != NULL ? contact->value : "";
}

static zd_seal_item fact_of(zd_act *act, const zd_rec_item *item)
{
    const zd_rec_holder *holder = zd_book_find(act->book, ZD_R_HOLDER, "%s", item->holder);
    const zd_rec_invoice *invoice = item->invoice[0] == '\0' ? NULL : zd_book_find(act->book, ZD_R_INVOICE, "%s", item->invoice);
    return (zd_seal_item){
        .seq = item->seq,
        .item = item->id,
        .holder = item->holder,
        .holder_code = holder != NULL ? holder->code : "",
        .provider = item->provider,
        .group = holder != NULL ? holder->group : "",
        .contact = contact_of(act, item->holder),
        .purpose = item->purpose,
        .instrument = item->instrument,
        .amount_fen = item->amount_fen,
        .base_fen = item->base_fen,
        .done_day = item->done_day,
        .slot_from_ms = item->slot_from_ms,
        .slot_to_ms = item->slot_to_ms,
        /* An opening balance has no invoice here: the old platform checked it. */
        .invoice_checked = invoice != NULL ? invoice->checked : ZD_INV_OK,
        .invoice_checked_day = invoice != NULL ? invoice->checked_day : act->today_day,
        .today_day = act->today_day,
    };
}

typedef struct facts {
    zd_act *act;
    zd_seal_item *items;
    size_t count;
    size_t capacity;
    size_t own;        /* the first of them are members */
    const char **ids;  /* of the members, sorted: none is its own witness */
    int64_t from_day;
} facts;

static void facts_add(facts *out, zd_seal_item item)
{
    if (out->count == out->capacity) {
        out->capacity = out->capacity == 0 ? 64 : out->capacity * 2;
        out->items = zd_realloc(out->items, out->capacity * sizeof *out->items);
    }
    out->items[out->count++] = item;
}

static int by_text(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

/* The distinct texts of a list, sorted; what is empty is left out. Returns how many. */
static size_t distinct(const char **list, size_t count)
{
    size_t kept = 0;
    if (count > 1) {
        qsort(list, count, sizeof *list, by_text);
    }
    for (size_t i = 0; i < count; i++) {
        if (list[i][0] != '\0' && (kept == 0 || strcmp(list[kept - 1], list[i]) != 0)) {
            list[kept++] = list[i];
        }
    }
    return kept;
}

/* Sealed items of a provider from that day on; only those that `buyers`, sorted, bought, when it is not NULL. */
static void add_sealed(facts *out, const char *provider, const char *const *buyers, size_t buyer_count)
{
    for (int64_t bucket = out->from_day / BUCKET_DAYS; bucket <= out->act->today_day / BUCKET_DAYS; bucket++) {
        zd_book_cursor cursor = zd_book_scan(out->act->book, ZD_R_DONE, "%s/%05lld/", provider, (long long)bucket);
        while (zd_book_next(&cursor)) {
            const char *id = ((const zd_rec_done *)cursor.record)->target;
            const zd_rec_item *item = zd_book_find(out->act->book, ZD_R_ITEM, "%s", id);
            bool counts = item != NULL && item->done_day >= out->from_day && bsearch(&id, out->ids, out->own, sizeof *out->ids, by_text) == NULL;
            if (counts) {
                zd_seal_item fact = fact_of(out->act, item);
                if (buyers == NULL || bsearch(&fact.holder_code, buyers, buyer_count, sizeof *buyers, by_text) != NULL) {
                    facts_add(out, fact);
                }
            }
        }
    }
}

/* R19, R38: what the same providers did. R37: what they bought from a holder that is itself a provider. */
static void add_providers(facts *out)
{
    const char **providers = zd_alloc((out->own + 1) * sizeof *providers);
    const char **codes = zd_alloc((out->own + 1) * sizeof *codes);
    for (size_t i = 0; i < out->own; i++) {
        providers[i] = out->items[i].provider;
        codes[i] = out->items[i].holder_code;
    }
    size_t provider_count = distinct(providers, out->own);
    size_t code_count = distinct(codes, out->own);
    for (size_t i = 0; i < provider_count; i++) {
        add_sealed(out, providers[i], NULL, 0);
    }
    for (size_t i = 0; i < code_count; i++) {
        bool there = bsearch(&codes[i], providers, provider_count, sizeof *providers, by_text) != NULL;
        if (!there && zd_book_find(out->act->book, ZD_R_PROVIDER, "%s", codes[i]) != NULL) {
            add_sealed(out, codes[i], providers, provider_count);
        }
    }
    free(providers);
    free(codes);
}

/* R39: every holder behind a contact of the members that had a service sealed within the window counts once. */
static void add_contacts(facts *out)
{
    const char **contacts = zd_alloc((out->own + 1) * sizeof *contacts);
    for (size_t i = 0; i < out->own; i++) {
        contacts[i] = out->items[i].contact;
    }
    size_t count = distinct(contacts, out->own);
    for (size_t i = 0; i < count; i++) {
        zd_book_cursor cursor = zd_book_scan(out->act->book, ZD_R_CONTACT, "%s/", contacts[i]);
        while (zd_book_next(&cursor)) {
            const zd_rec_holder *holder = zd_book_find(out->act->book, ZD_R_HOLDER, "%s", ((const zd_rec_contact *)cursor.record)->target);
            if (holder != NULL && holder->last_done_day >= out->from_day) {
                facts_add(out, (zd_seal_item){.item = "", .holder = holder->id, .holder_code = "", .provider = "", .group = "", .contact = contacts[i], .purpose = "",
                                              .instrument = "", .done_day = holder->last_done_day, .invoice_checked = ZD_INV_OK, .today_day = out->act->today_day});
            }
        }
    }
    free(contacts);
}

void zd_seal_remember(zd_act *act, const zd_rec_item *item)
{
    zd_rec_done *done = zd_book_ensure(act->book, ZD_R_DONE, "%s/%05lld/%s", item->provider, (long long)(item->done_day / BUCKET_DAYS), item->id);
    zd_format(done->target, sizeof done->target, "%s", item->id);
    const zd_rec_holder *known = zd_book_find(act->book, ZD_R_HOLDER, "%s", item->holder);
    if (known != NULL && known->last_done_day < item->done_day) {
        zd_rec_holder *holder = zd_book_edit(act->book, ZD_R_HOLDER, "%s", item->holder);
        holder->last_done_day = item->done_day;
    }
}

static void judge_members(zd_seal *seal, facts *list)
{
    size_t next = 0;
    zd_rules_seal_sweep(list->items, list->count, seal->policy);
    for (size_t i = 0; i < seal->member_count; i++) {
        zd_seal_member *member = &seal->members[i];
        if (member->waits == 0) {
            const zd_seal_item *judged = &list->items[next++];
            ZD_ASSERT(strcmp(judged->item, member->item->id) == 0);
            member->flags = judged->flags;
            member->gates |= judged->gates;
            member->waits |= judged->gates != 0 ? ZD_WAIT_GATED : 0U;
        }
    }
    ZD_ASSERT(next == list->own);
}

void zd_seal_look_back(zd_seal *seal)
{
    facts list = {.act = seal->act, .from_day = seal->act->today_day};
    for (size_t i = 0; i < seal->member_count; i++) {
        const zd_seal_member *member = &seal->members[i];
        if (member->waits == 0) {
            facts_add(&list, fact_of(seal->act, member->item));
            list.from_day = zd_fen_min(list.from_day, member->item->done_day);
        }
    }
    list.own = list.count;
    if (list.own == 0) {
        return;
    }
    list.from_day = zd_fen_max(list.from_day - zd_rules_seal_window(seal->policy), seal->act->today_day - WITNESS_DAYS_MAX);
    list.ids = zd_alloc(list.own * sizeof *list.ids);
    for (size_t i = 0; i < list.own; i++) {
        list.ids[i] = list.items[i].item;
    }
    qsort(list.ids, list.own, sizeof *list.ids, by_text);
    add_providers(&list);
    add_contacts(&list);
    judge_members(seal, &list);
    free(list.ids);
    free(list.items);
}
