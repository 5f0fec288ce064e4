/*
 * Openings of account commitments: private data that the auditor was given. The commitment is recomputed here in words of its own: SHA-256 over the line
 * "zhidui-account-v1", the salt, and each text with its length before it.
 */
#include <string.h>

#include "audit/verify/package_int.h"
#include "ledger/base/durable.h"

#define OPENINGS_MAX ((size_t)64 << 20)

static void add_counted(zd_buf *out, zd_span text)
{
    zd_buf_addf(out, "%zu:", text.size);
    zd_buf_add_span(out, text);
}

static zd_hash commitment_of(const zd_hash *salt, zd_jval row)
{
    static const char *const fields[] = {"name", "account", "bank_name", "bank_code"};
    zd_buf bytes = {0};
    zd_buf_add_text(&bytes, "zhidui-account-v1\n");
    zd_buf_add(&bytes, salt->bytes, sizeof salt->bytes);
    for (size_t i = 0; i < ZD_COUNT(fields); i++) {
        add_counted(&bytes, zd_jval_text(zd_jval_get(row, fields[i])));
    }
    zd_hash hash = zd_sha256(zd_buf_span(&bytes));
    zd_buf_free(&bytes);
    return hash;
}

static bool copy(char *out, size_t size, zd_jval row, const char *field)
{
    return zd_span_copy(out, size, zd_jval_text(zd_jval_get(row, field)));
}

static zd_status add_row(zd_openings *out, zd_jval row, zd_error *err)
{
    zd_hash salt;
    zd_hash wanted;
    zd_opening one;
    char hex[ZD_HASH_HEX];
    if (!zd_hash_from_hex(&salt, zd_jval_text(zd_jval_get(row, "salt"))) || !zd_hash_from_hex(&wanted, zd_jval_text(zd_jval_get(row, "commitment"))) ||
        !copy(one.provider, sizeof one.provider, row, "provider") || !copy(one.name, sizeof one.name, row, "name") || !copy(one.account, sizeof one.account, row, "account") ||
        !copy(one.bank_name, sizeof one.bank_name, row, "bank_name") || !copy(one.bank_code, sizeof one.bank_code, row, "bank_code")) {
        return zd_fail(err, ZD_E_PACKAGE_MALFORMED, "an opening has provider, commitment, name, account, bank_name, bank_code, salt / 缺少字段");
    }
    zd_hash hash = commitment_of(&salt, row);
    if (!zd_hash_equal(&hash, &wanted)) {
        return zd_fail(err, ZD_E_PACKAGE_MALFORMED, "this does not open the commitment that it names / 不能打开其所指的承诺");
    }
    zd_hash_hex(hex, &wanted);
    zd_opening *place = zd_table_add(&out->table, zd_span_text(hex), NULL);
    *place = one;
    return ZD_OK;
}

zd_status zd_openings_read(zd_openings *out, const char *path, zd_error *err)
{
    zd_buf file = {0};
    int64_t number = 0;
    *out = (zd_openings){.table = zd_table_of(sizeof(zd_opening)), .asked = true};
    zd_status status = zd_file_read(&file, path, OPENINGS_MAX, err);
    zd_span rest = zd_buf_span(&file);
    while (status == ZD_OK && rest.size > 0) {
        zd_span line;
        zd_json *json = NULL;
        rest = zd_span_cut(&line, rest, '\n');
        number++;
        status = zd_json_parse(&json, line, true, err);
        status = status == ZD_OK ? add_row(out, zd_json_root(json), err) : status;
        zd_json_free(json);
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(path));
        zd_error_at(err, number, 0);
    }
    zd_buf_free(&file);
    return status;
}

void zd_openings_free(zd_openings *openings)
{
    zd_table_free(&openings->table);
    *openings = (zd_openings){0};
}

const zd_opening *zd_openings_find(const zd_openings *openings, const zd_hash *commitment)
{
    char hex[ZD_HASH_HEX];
    if (!openings->asked) {
        return NULL;
    }
    zd_hash_hex(hex, commitment);
    return zd_table_find(&openings->table, zd_span_text(hex), NULL);
}
