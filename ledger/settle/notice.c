/*
 * What leaves the offices: the public notice before payment (拟兑付公示) and each provider's statement of the batch. Both are
 * comma-separated UTF-8 with a byte order mark, because people open them in a spreadsheet; a text that begins like a formula
 * gets an apostrophe. Neither ever shows an account in full, a telephone other than the office's, or a natural person's name:
 * the rows carry what the engine has masked.
 */
#include "ledger/base/money.h"
#include "ledger/settle/settle_int.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

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
    zd_buf_add_text(out, BYTE_ORDER_MARK);
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

static void statement_head(zd_buf *out, const zd_settlement *settlement, const zd_pay_line *line)
{
    zd_buf masked = {0};
    zd_account_masked(&masked, line->account);
    labelled(out, "服务机构", line->provider_name);
    labelled(out, "统一社会信用代码", line->provider);
    labelled(out, "批次", settlement->batch);
    labelled(out, "资金池", settlement->pool);
    labelled(out, "指标文号", settlement->document);
    labelled(out, "付款人", settlement->payer_name);
    labelled(out, "执行日期", settlement->execution_date);
    labelled(out, "业务流水号", line->end_to_end);
    labelled(out, "收款账号", zd_buf_text(&masked));
    zd_buf_free(&masked);
}

static void amount_row(zd_buf *out, const char *label, int64_t amount_fen)
{
    zd_csv_cell(out, true, zd_span_text(label));
    zd_csv_yuan(out, false, amount_fen);
    zd_csv_end(out);
}

/* The redemptions of the public list that are this provider's; how many are listed of how many in the line is said. */
static void statement_items(zd_buf *out, const zd_settlement *settlement, const zd_pay_line *line)
{
    static const char *const header[] = {"核销编号", "持券人", "服务类别", "金额(元)", "服务完成日期"};
    int64_t listed = 0;
    zd_csv_end(out);
    header_row(out, header, ZD_COUNT(header));
    for (size_t i = 0; i < settlement->notice_count; i++) {
        const zd_notice_row *row = &settlement->notices[i];
        if (row->provider == NULL || strcmp(row->provider, line->provider) != 0) {
            continue;
        }
        listed++;
        zd_csv_cell_for_people(out, true, row->item);
        zd_csv_cell_for_people(out, false, row->holder);
        zd_csv_cell_for_people(out, false, row->category);
        zd_csv_yuan(out, false, row->amount_fen);
        zd_csv_cell_for_people(out, false, row->done_date);
        zd_csv_end(out);
    }
    zd_csv_cell(out, true, zd_span_text("列示笔数/本批核销笔数"));
    zd_buf_addf(out, ",%lld of %lld", (long long)listed, (long long)line->item_count);
    zd_csv_end(out);
}

/* "R06 the sentence；notice the sentence" in one cell. */
static void reasons_cell(zd_buf *out, const char *reasons)
{
    zd_buf text = {0};
    zd_span rest = zd_span_text(reasons);
    while (rest.size > 0) {
        const char *chinese = "";
        const char *english = "";
        zd_span reason;
        rest = zd_span_cut(&reason, rest, ',');
        zd_reason_texts(&chinese, &english, reason);
        zd_buf_add_text(&text, text.size > 0 ? "；" : "");
        zd_buf_add_span(&text, reason);
        zd_buf_addf(&text, " %s", chinese);
    }
    zd_csv_cell_for_people(out, false, zd_buf_text(&text));
    zd_buf_free(&text);
}

static void statement_waiting(zd_buf *out, const zd_settlement *settlement, const zd_pay_line *line)
{
    static const char *const header[] = {"暂缓核销编号", "金额(元)", "原因"};
    zd_csv_end(out);
    header_row(out, header, ZD_COUNT(header));
    for (size_t i = 0; i < settlement->waiting_count; i++) {
        const zd_wait_row *row = &settlement->waiting[i];
        if (strcmp(row->provider, line->provider) == 0) {
            zd_csv_cell_for_people(out, true, row->item);
            zd_csv_yuan(out, false, row->amount_fen);
            reasons_cell(out, row->reasons);
            zd_csv_end(out);
        }
    }
}

/* Only what this statement prints is judged: a batch has as many statements as lines. */
static zd_status statement_require(const zd_settlement *settlement, const zd_pay_line *line, zd_error *err)
{
    zd_problems problems = {0};
    zd_settle_problems(&problems, settlement, ZD_PART_BATCH | ZD_PART_POOL | ZD_PART_PAYER | ZD_PART_DATE);
    zd_settle_line_problems(&problems, settlement, line);
    for (size_t i = 0; i < settlement->waiting_count && problems.count == 0; i++) {
        const char *provider = settlement->waiting[i].provider;
        if (provider == NULL || strcmp(provider, line->provider) == 0) {
            zd_settle_waiting_problems(&problems, &settlement->waiting[i]);
        }
    }
    for (size_t i = 0; i < settlement->notice_count && problems.count == 0; i++) {
        const char *provider = settlement->notices[i].provider;
        if (provider != NULL && strcmp(provider, line->provider) == 0) {
            zd_settle_notice_problems(&problems, &settlement->notices[i]);
        }
    }
    return zd_problems_status(&problems, err);
}

zd_status zd_settle_statement(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err)
{
    ZD_ASSERT(line < settlement->line_count);
    const zd_pay_line *pay = &settlement->lines[line];
    zd_status status = statement_require(settlement, pay, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_buf_add_text(out, BYTE_ORDER_MARK);
    statement_head(out, settlement, pay);
    amount_row(out, "应付金额(元)", pay->gross_fen);
    amount_row(out, "抵扣金额(元)", pay->offset_fen);
    amount_row(out, "实付金额(元)", pay->net_fen);
    statement_items(out, settlement, pay);
    statement_waiting(out, settlement, pay);
    return ZD_OK;
}
