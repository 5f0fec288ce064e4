/*
 * The public notice before payment (拟兑付公示): comma-separated UTF-8 with a byte order mark, because people open it in a
 * spreadsheet; a text that begins like a formula gets an apostrophe. It never shows an account, a telephone other than the
 * office's, or a natural person's name: the rows carry what the engine has masked.
 */
#include "ledger/base/money.h"
#include "ledger/settle/settle_int.h"

static void header_row(zd_buf *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        zd_csv_cell(out, i == 0, zd_span_text(names[i]));
    }
    zd_csv_end(out);
}

static void labelled(zd_buf *out, const char *label, const char *value)
{
    zd_csv_cell(out, true, zd_span_text(label));
    zd_csv_cell_for_people(out, false, value);
    zd_csv_end(out);
}

zd_status zd_settle_notice(zd_buf *out, const zd_settlement *settlement, zd_error *err)
{
    static const char *const header[] = {"序号", "核销编号", "持券人", "服务机构", "服务类别", "拟兑付金额(元)", "服务完成日期"};
    zd_status status = zd_settle_require(settlement, ZD_PART_NOTICES, err);
    if (status != ZD_OK) {
        return status;
    }
    int64_t sum = 0;
    zd_buf_add_text(out, ZD_BYTE_ORDER_MARK);
    header_row(out, header, ZD_COUNT(header));
    for (size_t i = 0; i < settlement->notice_count; i++) {
        const zd_notice_row *row = &settlement->notices[i];
        zd_csv_int(out, true, (int64_t)i + 1);
        zd_csv_cell_for_people(out, false, row->item);
        zd_csv_cell_for_people(out, false, row->holder);
        zd_csv_cell_for_people(out, false, row->provider_name);
        zd_csv_cell_for_people(out, false, row->category);
        zd_csv_yuan(out, false, row->amount_fen);
        zd_csv_cell_for_people(out, false, row->done_date);
        zd_csv_end(out);
        bool in_range = zd_fen_add(&sum, sum, row->amount_fen);
        ZD_ASSERT(in_range); /* the check has added them up already */
    }
    zd_buf_add_text(out, "合计,,,,");
    zd_csv_yuan(out, false, sum);
    zd_buf_add_byte(out, ',');
    zd_csv_end(out);
    labelled(out, "批次", settlement->batch);
    labelled(out, "异议联系方式", settlement->contact);
    return ZD_OK;
}
