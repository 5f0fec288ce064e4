/*
 * Private data: bank accounts behind the commitments that the log holds. A second database of its own beside the ledger, so that it can be kept, backed up and
 * erased by other rules. What is erased here leaves the history untouched: the commitment stays, nobody can open it any more.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/ledger_int.h"

static void add_part(zd_sha256_stream *stream, const char *text)
{
    char length[24];
    zd_format(length, sizeof length, "%zu:", strlen(text));
    zd_sha256_add(stream, zd_span_text(length));
    zd_sha256_add(stream, zd_span_text(text));
}

zd_hash zd_account_commitment(const zd_account_data *data)
{
    zd_sha256_stream stream;
    zd_sha256_init(&stream);
    zd_sha256_add(&stream, zd_span_text("zhidui-account-v1\n"));
    zd_sha256_add(&stream, zd_span_of(data->salt.bytes, sizeof data->salt.bytes));
    add_part(&stream, data->name);
    add_part(&stream, data->account);
    add_part(&stream, data->bank_name);
    add_part(&stream, data->bank_code);
    return zd_sha256_final(&stream);
}

static zd_status open_private(zd_ledger *ledger, zd_error *err)
{
    if (ledger->private_store != NULL) {
        return ZD_OK;
    }
    zd_buf path = {0};
    const char *name = zd_path_join(&path, ledger->dir, "private.db");
    zd_store_mode mode = !ledger->write ? ZD_STORE_READ : zd_path_exists(name) ? ZD_STORE_WRITE : ZD_STORE_CREATE;
    zd_status status = zd_store_open_sqlite(&ledger->private_store, name, mode, err);
    zd_buf_free(&path);
    return status;
}

#define RECORD_KEY 80
static void record_key(char out[RECORD_KEY], const zd_hash *commitment)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, commitment);
    zd_format(out, RECORD_KEY, "ACCOUNT/%s", hex);
}

static void encode_account(zd_buf *out, const zd_private_account *entry)
{
    char salt[ZD_HASH_HEX];
    zd_hash_hex(salt, &entry->data.salt);
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "provider", entry->provider);
    zd_jw_cstr(&w, "name", entry->data.name);
    zd_jw_cstr(&w, "account", entry->data.account);
    zd_jw_cstr(&w, "bank_name", entry->data.bank_name);
    zd_jw_cstr(&w, "bank_code", entry->data.bank_code);
    zd_jw_cstr(&w, "salt", salt);
    zd_jw_close(&w);
}

zd_status zd_private_accounts_put(zd_ledger *ledger, const zd_private_account *entries, size_t count, zd_error *err)
{
    if (count == 0) {
        return ZD_OK;
    }
    char(*keys)[RECORD_KEY] = zd_alloc(count * sizeof *keys);
    size_t *ends = zd_alloc(count * sizeof *ends);
    zd_store_record *records = zd_alloc(count * sizeof *records);
    zd_buf values = {0};
    for (size_t i = 0; i < count; i++) {
        zd_hash commitment = zd_account_commitment(&entries[i].data);
        record_key(keys[i], &commitment);
        encode_account(&values, &entries[i]);
        ends[i] = values.size;
    }
    for (size_t i = 0; i < count; i++) {
        size_t start = i > 0 ? ends[i - 1] : 0;
        records[i] = (zd_store_record){.key = zd_span_text(keys[i]), .value = zd_span_of(values.data + start, ends[i] - start)};
    }
    zd_status status = open_private(ledger, err);
    if (status == ZD_OK) {
        status = zd_store_flush(ledger->private_store, records, count, 0, err);
    }
    free(keys);
    free(ends);
    free(records);
    zd_buf_free(&values);
    return status;
}

static zd_status read_text(char *out, size_t out_size, zd_jval object, const char *name, zd_error *err)
{
    zd_span text;
    zd_status status = zd_jval_need_text(&text, object, name, err);
    if (status == ZD_OK && !zd_span_copy(out, out_size, text)) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "private.db: %s", name);
    }
    return status;
}

typedef struct account_call {
    zd_account_data *out;
    bool found;
    zd_error *err;
} account_call;

static zd_status take_account(void *context, zd_span key, zd_span value)
{
    (void)key;
    account_call *call = context;
    zd_json *json = NULL;
    char salt[ZD_HASH_HEX];
    zd_status status = zd_json_parse(&json, value, true, call->err);
    zd_jval root = json != NULL ? zd_json_root(json) : (zd_jval){NULL};
    zd_account_data *out = call->out;
    if (status == ZD_OK && (read_text(out->name, sizeof out->name, root, "name", call->err) != ZD_OK ||
                            read_text(out->account, sizeof out->account, root, "account", call->err) != ZD_OK ||
                            read_text(out->bank_name, sizeof out->bank_name, root, "bank_name", call->err) != ZD_OK ||
                            read_text(out->bank_code, sizeof out->bank_code, root, "bank_code", call->err) != ZD_OK ||
                            read_text(salt, sizeof salt, root, "salt", call->err) != ZD_OK || !zd_hash_from_hex(&out->salt, zd_span_text(salt)))) {
        status = zd_fail(call->err, ZD_E_LEDGER_CORRUPT, "private.db: account record");
    }
    call->found = status == ZD_OK;
    zd_json_free(json);
    return status;
}

zd_status zd_private_account_get(zd_account_data *out, bool *found, zd_ledger *ledger, const zd_hash *commitment, zd_error *err)
{
    char key[RECORD_KEY];
    account_call call = {.out = out, .err = err};
    record_key(key, commitment);
    zd_span span = zd_span_text(key);
    zd_status status = open_private(ledger, err);
    if (status == ZD_OK) {
        status = zd_store_load(ledger->private_store, &span, 1, take_account, &call, err);
    }
    *found = call.found;
    if (status == ZD_OK && call.found) {
        zd_hash again = zd_account_commitment(out);
        if (!zd_hash_equal(&again, commitment)) {
            status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "private.db: the account does not open its commitment");
        }
    }
    return status;
}

/* One line of an openings file; docs/openings.md says the form. */
void zd_engine_opening_add(zd_buf *out, zd_span provider, zd_span salt_hex, const zd_span parts[ZD_ACCOUNT_PARTS])
{
    char subject[64];
    zd_format(subject, sizeof subject, "provider/%.*s", (int)provider.size, (const char *)provider.data);
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "subject", subject);
    zd_jw_cstr(&w, "domain", "zhidui-account-v1");
    zd_jw_text(&w, "salt", salt_hex);
    zd_jw_array(&w, "parts");
    for (size_t i = 0; i < ZD_ACCOUNT_PARTS; i++) {
        zd_jw_text(&w, NULL, parts[i]);
    }
    zd_jw_close(&w);
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
}

typedef struct openings_call {
    zd_buf *out;
    zd_error *err;
} openings_call;

static zd_status add_opening(void *context, zd_span key, zd_span value)
{
    static const char *const names[ZD_ACCOUNT_PARTS] = {"name", "account", "bank_name", "bank_code"};
    (void)key;
    openings_call *call = context;
    zd_json *json = NULL;
    if (value.size == 0) {
        return ZD_OK; /* erased */
    }
    zd_status status = zd_json_parse(&json, value, true, call->err);
    if (status == ZD_OK) {
        zd_span parts[ZD_ACCOUNT_PARTS];
        zd_jval root = zd_json_root(json);
        for (size_t i = 0; i < ZD_ACCOUNT_PARTS; i++) {
            parts[i] = zd_jval_text(zd_jval_get(root, names[i]));
        }
        zd_engine_opening_add(call->out, zd_jval_text(zd_jval_get(root, "provider")), zd_jval_text(zd_jval_get(root, "salt")), parts);
    }
    zd_json_free(json);
    return status;
}

zd_status zd_private_openings(zd_buf *out, zd_ledger *ledger, zd_error *err)
{
    openings_call call = {.out = out, .err = err};
    zd_status status = open_private(ledger, err);
    return status == ZD_OK ? zd_store_range(ledger->private_store, zd_span_text("ACCOUNT/"), zd_span_of(NULL, 0), 0, add_opening, &call, err) : status;
}

zd_status zd_private_erase(zd_ledger *ledger, const zd_hash *commitment, zd_error *err)
{
    char key[RECORD_KEY];
    record_key(key, commitment);
    zd_store_record record = {.key = zd_span_text(key), .value = zd_span_of(NULL, 0)};
    zd_status status = open_private(ledger, err);
    return status == ZD_OK ? zd_store_flush(ledger->private_store, &record, 1, 0, err) : status;
}
