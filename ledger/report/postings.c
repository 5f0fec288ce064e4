/* Decision lines and balances for reports; see postings.h. */
#include "ledger/report/postings.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/seal/note.h"

static zd_status corrupt(uint64_t seq, zd_error *err)
{
    return zd_fail(err, ZD_E_LEDGER_CORRUPT, "entry %llu is not a decision", (unsigned long long)seq);
}

zd_status zd_told_parse(zd_told *out, uint64_t seq, zd_span entry, zd_error *err)
{
    zd_leaf leaf;
    *out = (zd_told){.seq = seq};
    zd_status status = zd_leaf_split(&leaf, entry, err);
    if (status != ZD_OK) {
        return status;
    }
    if (zd_json_parse(&out->document, zd_span_of(leaf.line.data, leaf.line.size - 1), true, err) != ZD_OK) {
        return corrupt(seq, err);
    }
    out->line = zd_json_root(out->document);
    out->note = leaf.note;
    zd_span outcome = zd_jval_text(zd_jval_get(out->line, "outcome"));
    out->moves = zd_span_is(outcome, "accepted") || zd_span_is(outcome, "held");
    return zd_time_parse(&out->at_unix_ms, zd_jval_text(zd_jval_get(out->line, "at"))) ? ZD_OK : corrupt(seq, err);
}

void zd_told_free(zd_told *told)
{
    zd_json_free(told->document);
    *told = (zd_told){0};
}

size_t zd_told_postings(const zd_told *told)
{
    return told->moves ? zd_jval_count(zd_jval_get(told->line, "postings")) : 0;
}

zd_status zd_told_posting_at(zd_told_posting *out, const zd_told *told, size_t index, zd_error *err)
{
    zd_jval posting = zd_jval_at(zd_jval_get(told->line, "postings"), index);
    *out = (zd_told_posting){.debit = zd_jval_text(zd_jval_at(posting, 0)), .credit = zd_jval_text(zd_jval_at(posting, 1)),
                             .amount_fen = zd_jval_int(zd_jval_at(posting, 2))};
    bool good = out->debit.size > 0 && out->credit.size > 0 && out->amount_fen > 0 && out->amount_fen <= ZD_FEN_MAX;
    return good ? ZD_OK : corrupt(told->seq, err);
}

zd_span zd_told_type(zd_json **request, const zd_told *told)
{
    zd_note note;
    zd_error ignored = {0};
    *request = NULL;
    if (told->note.size == 0 || zd_note_split(&note, told->note, &ignored) != ZD_OK || zd_json_parse(request, note.text, true, &ignored) != ZD_OK) {
        return zd_span_of(NULL, 0);
    }
    return zd_jval_text(zd_jval_get(zd_json_root(*request), "type"));
}

/* --- balances --- */

/* FNV-1a: names are not chosen by an enemy who could gain from slow reports. */
static size_t slot_of(const zd_told_accounts *accounts, zd_span name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ name.data[i]) * UINT64_C(1099511628211);
    }
    size_t slot = (size_t)hash & (accounts->slot_count - 1);
    while (accounts->slots[slot] != 0 && !zd_span_is(name, accounts->list[accounts->slots[slot] - 1].name)) {
        slot = (slot + 1) & (accounts->slot_count - 1);
    }
    return slot;
}

static void make_room(zd_told_accounts *accounts)
{
    if (accounts->count * 2 < accounts->slot_count) {
        return;
    }
    free(accounts->slots);
    accounts->slot_count = accounts->slot_count == 0 ? 1024 : accounts->slot_count * 2;
    accounts->slots = zd_alloc_zero(accounts->slot_count, sizeof *accounts->slots);
    for (size_t i = 0; i < accounts->count; i++) {
        accounts->slots[slot_of(accounts, zd_span_text(accounts->list[i].name))] = i + 1;
    }
}

bool zd_told_add(bool *added, zd_told_accounts *accounts, zd_span name, int64_t debit_fen)
{
    make_room(accounts);
    size_t slot = slot_of(accounts, name);
    *added = accounts->slots[slot] == 0;
    if (*added) {
        if (accounts->count == accounts->capacity) {
            accounts->capacity = accounts->capacity == 0 ? 512 : accounts->capacity * 2;
            accounts->list = zd_realloc(accounts->list, accounts->capacity * sizeof *accounts->list);
        }
        zd_told_account *fresh = &accounts->list[accounts->count];
        *fresh = (zd_told_account){.debit_fen = 0};
        if (!zd_span_copy(fresh->name, sizeof fresh->name, name)) {
            return false;
        }
        accounts->slots[slot] = ++accounts->count;
    }
    zd_told_account *account = &accounts->list[accounts->slots[slot] - 1];
    account->moved = true;
    return zd_fen_add(&account->debit_fen, account->debit_fen, debit_fen);
}

void zd_told_accounts_free(zd_told_accounts *accounts)
{
    free(accounts->list);
    free(accounts->slots);
    *accounts = (zd_told_accounts){0};
}
