/* What opens the account commitments of a batch, for an auditor who may see accounts; see ledger.h. The file is private data: whoever writes it keeps it 0600. */
#include "ledger/engine/ledger_int.h"

static void add_opening(zd_buf *out, const zd_rec_line *line, const zd_account_data *data)
{
    char salt[ZD_HASH_HEX];
    const zd_span parts[ZD_ACCOUNT_PARTS] = {zd_span_text(data->name), zd_span_text(data->account), zd_span_text(data->bank_name), zd_span_text(data->bank_code)};
    zd_hash_hex(salt, &data->salt);
    zd_engine_opening_add(out, zd_span_text(line->provider), zd_span_text(salt), parts);
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
