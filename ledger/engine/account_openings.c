/* What opens the account commitments of a batch, for an auditor who may see accounts; see ledger.h. The file is private data: whoever writes it keeps it 0600. */
#include "ledger/engine/ledger_int.h"

static void add_opening(zd_buf *out, const zd_rec_line *line, const zd_account_data *data)
{
    char commitment[ZD_HASH_HEX];
    char salt[ZD_HASH_HEX];
    zd_hash_hex(commitment, &line->account);
    zd_hash_hex(salt, &data->salt);
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "provider", line->provider);
    zd_jw_cstr(&w, "commitment", commitment);
    zd_jw_cstr(&w, "name", data->name);
    zd_jw_cstr(&w, "account", data->account);
    zd_jw_cstr(&w, "bank_name", data->bank_name);
    zd_jw_cstr(&w, "bank_code", data->bank_code);
    zd_jw_cstr(&w, "salt", salt);
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
}

zd_status zd_ledger_openings(zd_buf *out, zd_ledger *ledger, const char *batch, zd_error *err)
{
    zd_status status = ZD_OK;
    zd_book_cursor lines = zd_book_scan(ledger->book, ZD_R_LINE, "%s/", batch);
    while (status == ZD_OK && zd_book_next(&lines)) {
        const zd_rec_line *line = lines.record;
        zd_account_data data = {0};
        bool found = false;
        if (line->net_fen == 0 || line->held != 0) {
            continue;
        }
        status = zd_private_account_get(&data, &found, ledger, &line->account, err);
        if (status == ZD_OK && !found) {
            status = zd_fail(err, ZD_E_EXPORT_REFUSED, "the account behind the sealed commitment was erased or never entered / 账户数据已清除或未录入");
            zd_error_subject(err, zd_span_text(line->provider));
        } else if (status == ZD_OK) {
            add_opening(out, line, &data);
        }
    }
    return status == ZD_OK ? zd_book_trouble(ledger->book, err) : status;
}
