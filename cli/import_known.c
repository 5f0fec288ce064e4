/*
 * Loading a file again: which rows did this party have decided before? A request id that was decided with the same content is known and not sent again; with other
 * content it is a fault of that line. Accounts are compared by what they open to, because a provider's first commitment is salted anew each time a file is read; later
 * ones take the salt of the account before, so that going back to an earlier account shows as the same commitment (flip-flop).
 */
#include <stdlib.h>
#include <string.h>

#include "cli/import.h"
#include "cli/import_int.h"

static void know(zd_import_row *row, int64_t seq, int64_t outcome, const char *code)
{
    row->state = ZD_ROW_KNOWN;
    row->seq = (uint64_t)seq;
    row->outcome = (zd_outcome)outcome;
    zd_format(row->code, sizeof row->code, "%s", code);
}

static void conflict(zd_import *import, size_t row, int64_t seq)
{
    zd_error error = {0};
    (void)zd_fail(&error, ZD_E_REQUEST_CONFLICT, "entry %lld / 账目 %lld", (long long)seq, (long long)seq);
    zd_error_field(&error, "id", zd_span_text(import->rows[row].id));
    zd_import_fault(import, row, 0, &error);
}

/* --- accounts: what was proposed under the same id? --- */

static bool same_account(const zd_account_data *a, const zd_account_data *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->account, b->account) == 0 && strcmp(a->bank_name, b->bank_name) == 0 &&
           strcmp(a->bank_code, b->bank_code) == 0;
}

static zd_status compare_account(zd_import *import, size_t row, zd_ledger *ledger, const zd_request *item, const zd_rec_prop *prop, zd_error *err)
{
    zd_account_data before;
    bool found = false;
    zd_status status = zd_private_account_get(&before, &found, ledger, zd_req_hash(item, ZD_F_COMMITMENT), err);
    if (status != ZD_OK) {
        return status;
    }
    char provider[ZD_ID_SIZE];
    zd_import_text(provider, sizeof provider, import, row, ZD_F_PROVIDER);
    if (found && zd_span_is(zd_req_text(item, ZD_F_PROVIDER), provider) && same_account(&before, &import->accounts[row])) {
        know(&import->rows[row], prop->seq, prop->done != 0 ? ZD_ACCEPTED : ZD_PROPOSED, "");
    } else {
        conflict(import, row, prop->seq);
    }
    return ZD_OK;
}

static zd_status compare_items(zd_import *import, zd_ledger *ledger, const zd_request *batch, const zd_rec_prop *prop, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < batch->item_count && status == ZD_OK; i++) {
        zd_request item;
        if (zd_request_item(&item, batch, i, NULL) != ZD_OK) {
            continue;
        }
        for (size_t row = 0; row < import->row_count && status == ZD_OK; row++) {
            if (import->rows[row].state == ZD_ROW_NEW && zd_span_is(item.id, import->rows[row].id)) {
                status = compare_account(import, row, ledger, &item, prop, err);
            }
        }
    }
    return status;
}

/* Proposals keep their text: waiting ones and done ones. */
static zd_status look_at_proposals(zd_import *import, zd_ledger *ledger, const zd_rec_key *signer, zd_error *err)
{
    zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
    zd_status status = ZD_OK;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_PROP, "%s", "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        const zd_rec_prop *prop = cursor.record;
        zd_request batch;
        if (prop->type != ZD_REQ_BATCH_OF || strcmp(prop->person, signer->person) != 0 || zd_request_parse(&batch, zd_span_text(prop->text), NULL) != ZD_OK) {
            continue;
        }
        if (zd_span_is(zd_req_text(&batch, ZD_F_OF), zd_request_name(ZD_REQ_PROVIDER_ACCOUNT))) {
            status = compare_items(import, ledger, &batch, prop, err);
        }
        zd_request_free(&batch);
    }
    return status == ZD_OK ? zd_book_trouble(book, err) : status;
}

/* The salt of the provider's account of now, or of the one before, as far as they are not erased. */
static zd_status salt_before(zd_hash *out, bool *found, zd_ledger *ledger, const zd_rec_provider *provider, zd_error *err)
{
    const zd_hash *const known[] = {&provider->account, &provider->account_previous};
    zd_status status = ZD_OK;
    *found = false;
    for (size_t i = 0; i < ZD_COUNT(known) && (int64_t)i < provider->account_version && !*found && status == ZD_OK; i++) {
        zd_account_data data;
        status = zd_private_account_get(&data, found, ledger, known[i], err);
        *out = data.salt;
    }
    return status;
}

/* One salt for all accounts of a provider: the commitment in the row's item is written anew. */
static zd_status salt_like_before(zd_import *import, zd_ledger *ledger, zd_error *err)
{
    static const char member[] = "\"commitment\":\"";
    zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
    zd_status status = ZD_OK;
    bool changed = false;
    for (size_t i = 0; i < import->row_count && status == ZD_OK; i++) {
        char id[ZD_ID_SIZE];
        zd_hash salt;
        bool found = false;
        zd_import_text(id, sizeof id, import, i, ZD_F_PROVIDER);
        const zd_rec_provider *provider = import->rows[i].state == ZD_ROW_NEW ? zd_book_find(book, ZD_R_PROVIDER, "%s", id) : NULL;
        status = provider != NULL ? salt_before(&salt, &found, ledger, provider, err) : ZD_OK;
        char *at = found ? memmem(import->items.data + import->rows[i].item_start, import->rows[i].item_size, member, sizeof member - 1) : NULL;
        if (at != NULL) {
            char hex[ZD_HASH_HEX];
            import->accounts[i].salt = salt;
            zd_hash commitment = zd_account_commitment(&import->accounts[i]);
            zd_hash_hex(hex, &commitment);
            memcpy(at + sizeof member - 1, hex, ZD_HASH_HEX - 1);
            changed = true;
        }
    }
    return status == ZD_OK && changed ? zd_import_check_items(import, err) : status;
}

zd_status zd_import_look_up(zd_import *import, zd_ledger *ledger, const zd_rec_key *signer, zd_error *err)
{
    zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
    const char *party = zd_request_party(signer);
    if (import->accounts != NULL) {
        zd_status status = look_at_proposals(import, ledger, signer, err);
        status = status == ZD_OK ? salt_like_before(import, ledger, err) : status;
        if (status != ZD_OK) {
            return status;
        }
    }
    for (size_t i = 0; i < import->row_count; i++) {
        zd_import_row *row = &import->rows[i];
        const zd_rec_req *before = row->state == ZD_ROW_NEW ? zd_book_find(book, ZD_R_REQ, "%s/%s", party, row->id) : NULL;
        if (before == NULL) {
            continue;
        }
        if (zd_hash_equal(&before->content, &row->content)) {
            know(row, before->seq, before->outcome, before->code);
        } else {
            conflict(import, i, before->seq);
        }
    }
    return zd_book_trouble(book, err);
}

zd_status zd_import_store_private(zd_import *import, zd_ledger *ledger, zd_error *err)
{
    zd_private_account *entries = zd_alloc((import->row_count + 1) * sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; import->accounts != NULL && i < import->row_count; i++) {
        if (import->rows[i].state == ZD_ROW_NEW) {
            zd_private_account *entry = &entries[count++];
            zd_import_text(entry->provider, sizeof entry->provider, import, i, ZD_F_PROVIDER);
            entry->data = import->accounts[i];
        }
    }
    zd_status status = zd_private_accounts_put(ledger, entries, count, err);
    free(entries);
    return status;
}
