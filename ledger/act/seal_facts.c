/*
 * Facts for the rules' sweep at the seal: every member that nothing else holds back, and as witnesses the items of earlier seals whose service lies
 * within the policy's window. Reads the book, changes only the members' flags and gates.
 */
#include "ledger/act/seal_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/rules/seal_sweep.h"

/* Services older than this many days are no longer looked for, whatever an opening balance says. */
#define WITNESS_DAYS_MAX 800

static zd_seal_item fact_of(zd_act *act, const zd_rec_item *item)
{
    const zd_rec_holder *holder = zd_book_find(act->book, ZD_R_HOLDER, "%s", item->holder);
    const zd_rec_fact *contact = zd_book_find(act->book, ZD_R_FACT, "%s/%s", zd_word_text(ZD_F_FACT, ZD_FACT(CONTACT)), item->holder);
    const zd_rec_invoice *invoice = item->invoice[0] == '\0' ? NULL : zd_book_find(act->book, ZD_R_INVOICE, "%s", item->invoice);
    return (zd_seal_item){
        .seq = item->seq,
        .item = item->id,
        .holder = item->holder,
        .holder_code = holder != NULL ? holder->code : "",
        .provider = item->provider,
        .group = holder != NULL ? holder->group : "",
        .contact = contact != NULL ? contact->value : "",
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
    zd_seal_item *items;
    size_t count;
    size_t capacity;
} facts;

static void facts_add(facts *out, zd_seal_item item)
{
    if (out->count == out->capacity) {
        out->capacity = out->capacity == 0 ? 64 : out->capacity * 2;
        out->items = zd_realloc(out->items, out->capacity * sizeof *out->items);
    }
    out->items[out->count++] = item;
}

static int by_id(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

/* Items of earlier seals, day by day; one that is a candidate again (a failed or returned payment) is not its own witness. */
static void add_witnesses(facts *out, zd_act *act, int64_t from_day, int64_t to_day)
{
    size_t own = out->count;
    const char **ids = zd_alloc((own + 1) * sizeof *ids);
    for (size_t i = 0; i < own; i++) {
        ids[i] = out->items[i].item;
    }
    qsort(ids, own, sizeof *ids, by_id);
    for (int64_t day = from_day; day <= to_day; day++) {
        zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_DONE, "%06lld/", (long long)day);
        while (zd_book_next(&cursor)) {
            const zd_rec_done *entry = cursor.record;
            const char *id = entry->target;
            const zd_rec_item *item = zd_book_find(act->book, ZD_R_ITEM, "%s", id);
            if (item != NULL && bsearch(&id, ids, own, sizeof *ids, by_id) == NULL) {
                facts_add(out, fact_of(act, item));
            }
        }
    }
    free(ids);
}

void zd_seal_look_back(zd_seal *seal)
{
    facts list = {0};
    int64_t from_day = seal->act->today_day;
    for (size_t i = 0; i < seal->member_count; i++) {
        const zd_seal_member *member = &seal->members[i];
        if (member->waits == 0) {
            facts_add(&list, fact_of(seal->act, member->item));
            from_day = zd_fen_min(from_day, member->item->done_day);
        }
    }
    size_t own = list.count;
    if (own == 0) {
        return;
    }
    from_day = zd_fen_max(from_day - zd_rules_seal_window(seal->policy), seal->act->today_day - WITNESS_DAYS_MAX);
    add_witnesses(&list, seal->act, from_day, seal->act->today_day);
    zd_rules_seal_sweep(list.items, list.count, seal->policy);
    size_t next = 0;
    for (size_t i = 0; i < seal->member_count; i++) {
        zd_seal_member *member = &seal->members[i];
        if (member->waits == 0) {
            ZD_ASSERT(strcmp(list.items[next].item, member->item->id) == 0);
            member->flags = list.items[next].flags;
            member->gates |= list.items[next].gates;
            member->waits |= list.items[next].gates != 0 ? ZD_WAIT_GATED : 0U;
            next++;
        }
    }
    ZD_ASSERT(next == own);
    free(list.items);
}
