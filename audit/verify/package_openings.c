/* The accounts that an auditor's openings file opens, by the commitment that each line gives when it is recomputed; see package_int.h. Lines of other kinds are passed over. */
#include <string.h>

#include "audit/verify/openings.h"
#include "audit/verify/package_int.h"
#include "ledger/base/durable.h"

static bool copy_part(char *out, size_t size, const zd_opening *opening, size_t index)
{
    return zd_span_copy(out, size, zd_jval_text(zd_jval_at(opening->parts, index)));
}

static zd_status add_account(zd_opened_accounts *out, const zd_opening *opening, zd_error *err)
{
    zd_opened_account one;
    char hex[ZD_HASH_HEX];
    if (!zd_span_is(opening->domain, "zhidui-account-v1")) {
        return ZD_OK;
    }
    bool whole = zd_jval_count(opening->parts) == 4 && copy_part(one.name, sizeof one.name, opening, 0) && copy_part(one.account, sizeof one.account, opening, 1) &&
                 copy_part(one.bank_name, sizeof one.bank_name, opening, 2) && copy_part(one.bank_code, sizeof one.bank_code, opening, 3);
    if (!whole) {
        zd_status status = zd_fail(err, ZD_E_FIELD_INVALID, "name, account, bank name and bank code of an account");
        zd_error_field(err, "parts", opening->subject);
        return status;
    }
    zd_hash_hex(hex, &opening->commitment);
    zd_opened_account *place = zd_table_add(&out->table, zd_span_text(hex), NULL);
    *place = one;
    return ZD_OK;
}

zd_status zd_opened_accounts_read(zd_opened_accounts *out, const char *path, zd_error *err)
{
    zd_buf file = {0};
    int64_t number = 0;
    *out = (zd_opened_accounts){.table = zd_table_of(sizeof(zd_opened_account)), .asked = true};
    zd_status status = zd_file_read(&file, path, ZD_OPENINGS_BYTES_MAX, err);
    zd_span rest = zd_buf_span(&file);
    while (status == ZD_OK && rest.size > 0) {
        zd_span line;
        zd_opening opening;
        rest = zd_span_cut(&line, rest, '\n');
        number++;
        status = zd_opening_read(&opening, line, err);
        status = status == ZD_OK ? add_account(out, &opening, err) : status;
        zd_opening_free(&opening);
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(path));
        zd_error_at(err, number, 0);
    }
    zd_buf_free(&file);
    return status;
}

void zd_opened_accounts_free(zd_opened_accounts *accounts)
{
    zd_table_free(&accounts->table);
    *accounts = (zd_opened_accounts){0};
}

const zd_opened_account *zd_opened_accounts_find(const zd_opened_accounts *accounts, const zd_hash *commitment)
{
    char hex[ZD_HASH_HEX];
    if (!accounts->asked) {
        return NULL;
    }
    zd_hash_hex(hex, commitment);
    return zd_table_find(&accounts->table, zd_span_text(hex), NULL);
}
