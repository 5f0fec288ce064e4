/* Cells of comma-separated files (RFC 4180, CRLF); see settle_int.h. Whether a text may stand there is checked before. */
#include "ledger/settle/settle_int.h"

#include <string.h>

#include "ledger/base/money.h"

void zd_csv_cell(zd_buf *out, bool first, zd_span text)
{
    if (!first) {
        zd_buf_add_byte(out, ',');
    }
    bool quoted = false;
    for (size_t i = 0; i < text.size; i++) {
        quoted = quoted || text.data[i] == ',' || text.data[i] == '"' || text.data[i] == '\n' || text.data[i] == '\r';
    }
    if (!quoted) {
        zd_buf_add_span(out, text);
        return;
    }
    zd_buf_add_byte(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') {
            zd_buf_add_byte(out, '"');
        }
        zd_buf_add_byte(out, text.data[i]);
    }
    zd_buf_add_byte(out, '"');
}

void zd_csv_cell_for_people(zd_buf *out, bool first, const char *text)
{
    zd_buf safe = {0};
    zd_span plain = zd_span_text(text);
    if (zd_text_starts_formula(plain)) {
        zd_buf_add_byte(&safe, '\'');
    }
    zd_buf_add_span(&safe, plain);
    zd_csv_cell(out, first, zd_buf_span(&safe));
    zd_buf_free(&safe);
}

void zd_csv_int(zd_buf *out, bool first, int64_t value)
{
    zd_buf_addf(out, "%s%lld", first ? "" : ",", (long long)value);
}

void zd_csv_yuan(zd_buf *out, bool first, int64_t amount_fen)
{
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan(yuan, amount_fen);
    zd_buf_addf(out, "%s%s", first ? "" : ",", yuan);
}

void zd_csv_end(zd_buf *out)
{
    zd_buf_add_text(out, "\r\n");
}

void zd_account_masked(zd_buf *out, const char *account)
{
    size_t size = strlen(account);
    size_t shown = size > 8 ? 4 : 0;
    for (size_t i = 0; i < size - shown; i++) {
        zd_buf_add_byte(out, '*');
    }
    zd_buf_add_text(out, account + (size - shown));
}
