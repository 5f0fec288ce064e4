/* A provider's statement; see reports.h. Sums come from the captures, so that the statement ties to them line by line. */
#include "ledger/report/reports.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"

#define COUNT(columns) (sizeof columns / sizeof *columns)

static const zd_page_column pool_columns[] = {
    {"pool", "pool", "资金池", ZD_PAGE_TEXT},       {"open_fen", "open", "待付", ZD_PAGE_FEN},         {"in_batch_fen", "in a batch", "批次中", ZD_PAGE_FEN},
    {"offset_fen", "set off", "已抵扣", ZD_PAGE_FEN}, {"paid_fen", "paid", "已付", ZD_PAGE_FEN},          {"returned_fen", "returned", "退汇", ZD_PAGE_FEN},
    {"together_fen", "together", "合计", ZD_PAGE_FEN}, {"owed_fen", "you owe", "应退回", ZD_PAGE_FEN},
};
static const zd_page_column item_columns[] = {
    {"redemption", "capture", "核销编号", ZD_PAGE_TEXT}, {"done", "service done", "服务完成日", ZD_PAGE_TEXT}, {"invoice", "invoice", "发票", ZD_PAGE_TEXT},
    {"subsidy_fen", "subsidy", "补助", ZD_PAGE_FEN},    {"unpaid_fen", "unpaid", "未付", ZD_PAGE_FEN},         {"paid_fen", "paid or set off", "已付或抵扣", ZD_PAGE_FEN},
    {"refunded_fen", "refunded", "已退款", ZD_PAGE_FEN}, {"state", "where it is", "状态", ZD_PAGE_TEXT},
};
static const zd_page_column line_columns[] = {
    {"batch", "batch", "批次", ZD_PAGE_TEXT},        {"end_to_end", "EndToEndId", "业务流水号", ZD_PAGE_TEXT}, {"gross_fen", "gross", "应付", ZD_PAGE_FEN},
    {"offset_fen", "set off", "抵扣", ZD_PAGE_FEN},   {"net_fen", "paid", "实付", ZD_PAGE_FEN},                {"state", "state", "状态", ZD_PAGE_TEXT},
};

static int64_t legs(const int64_t fen[ZD_LEGS])
{
    int64_t sum = 0;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        sum += fen[i];
    }
    return sum;
}

static const char *item_state(const zd_rec_item *item)
{
    if (item->state == ZD_I_VOIDED) {
        return "voided 已撤销";
    }
    if (item->state == ZD_I_REJECTED) {
        return "rejected 已驳回";
    }
    if (item->held != 0) {
        return "on hold 暂缓";
    }
    if (legs(item->returned_fen) > 0) {
        return "returned by the bank 退汇";
    }
    if (legs(item->in_batch_fen) > 0) {
        return "in a batch 批次中";
    }
    if (legs(item->open_fen) > 0) {
        return item->gates != 0 ? "waits for data 等待数据" : "payable 待付";
    }
    return legs(item->paid_fen) > 0 ? "paid 已付" : "settled 已结清";
}

static const char *line_state(int64_t state)
{
    switch ((zd_line_state)state) {
    case ZD_L_PENDING:
        return "pending 待发送";
    case ZD_L_ACCEPTED:
        return "accepted 已受理";
    case ZD_L_DEBITED:
        return "debited 已扣款";
    case ZD_L_PAID:
        return "paid 已付";
    case ZD_L_RETURNED:
        return "returned 退汇";
    case ZD_L_FAILED:
        return "failed 失败";
    case ZD_L_UNKNOWN:
        return "unknown 未知";
    case ZD_L_HELD:
        return "held 暂缓";
    case ZD_L_ZERO:
        return "nothing to pay 无应付";
    case ZD_L_WITHDRAWN:
        return "withdrawn 撤回";
    }
    return "";
}

/* What the provider owes this pool: its credit notes. */
static int64_t owed(zd_book *book, const char *provider, const char *pool)
{
    int64_t sum = 0;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_NOTE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_note *note = cursor.record;
        sum += strcmp(note->provider, provider) == 0 && strcmp(note->pool, pool) == 0 ? note->remaining_fen : 0;
    }
    return sum;
}

static bool pool_row(zd_page *page, zd_book *book, const char *provider, const char *pool)
{
    int64_t sums[5] = {0};
    int64_t together_fen = 0;
    bool any = false;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_item *item = cursor.record;
        for (size_t leg = 0; leg < ZD_LEGS && strcmp(item->provider, provider) == 0; leg++) {
            if (strcmp(item->leg_pool[leg], pool) == 0) {
                const int64_t parts[] = {item->open_fen[leg], item->in_batch_fen[leg], item->offset_fen[leg], item->paid_fen[leg], item->returned_fen[leg]};
                any = true;
                for (size_t i = 0; i < COUNT(parts); i++) {
                    if (!zd_fen_add(&sums[i], sums[i], parts[i])) {
                        return false;
                    }
                }
            }
        }
    }
    if (any) {
        zd_page_text(page, zd_span_text(pool));
        for (size_t i = 0; i < COUNT(sums); i++) {
            zd_page_number(page, sums[i]);
            together_fen += sums[i];
        }
        zd_page_number(page, together_fen);
        zd_page_number(page, owed(book, provider, pool));
    }
    return true;
}

static void item_rows(zd_page *page, zd_book *book, const char *provider)
{
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_item *item = cursor.record;
        char done[ZD_DATE_TEXT];
        if (strcmp(item->provider, provider) != 0) {
            continue;
        }
        zd_date_text(done, item->done_day);
        zd_page_text(page, zd_span_text(item->id));
        zd_page_text(page, zd_span_text(done));
        zd_page_text(page, zd_span_text(item->invoice));
        zd_page_number(page, item->amount_fen);
        zd_page_number(page, legs(item->open_fen) + legs(item->in_batch_fen) + legs(item->returned_fen));
        zd_page_number(page, legs(item->paid_fen) + legs(item->offset_fen));
        zd_page_number(page, legs(item->refunded_open_fen) + legs(item->refunded_settled_fen));
        zd_page_text(page, zd_span_text(item_state(item)));
    }
}

static void line_rows(zd_page *page, zd_book *book, const char *provider)
{
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_LINE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        if (strcmp(line->provider, provider) == 0) {
            zd_page_text(page, zd_span_text(line->batch));
            zd_page_text(page, zd_span_text(line->end_to_end));
            zd_page_number(page, line->gross_fen);
            zd_page_number(page, line->offset_fen);
            zd_page_number(page, line->net_fen);
            zd_page_text(page, zd_span_text(line_state(line->state)));
        }
    }
}

zd_status zd_report_statement(zd_page **out, zd_book *book, const char *provider, uint64_t as_of, zd_error *err)
{
    char text[32];
    const zd_rec_provider *record = zd_book_find(book, ZD_R_PROVIDER, "%.40s", provider);
    zd_page *page = zd_page_new("statement", "Provider statement", "服务机构对账单");
    *out = page;
    if (record == NULL) {
        return zd_fail(err, ZD_E_A_ABSENT, "provider %s", provider);
    }
    bool good = true;
    zd_format(text, sizeof text, "%llu", (unsigned long long)as_of);
    zd_page_fact(page, "as_of_entry", "as of entry", "截至账目", zd_span_text(text));
    zd_page_fact(page, "provider", "credit code", "统一社会信用代码", zd_span_text(record->id));
    zd_page_fact(page, "name", "name", "名称", zd_span_text(record->label));
    zd_page_table(page, "pools", "By pool", "按资金池", pool_columns, COUNT(pool_columns));
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_POOL, "%s", "");
    while (good && zd_book_next(&cursor)) {
        good = pool_row(page, book, record->id, ((const zd_rec_pool *)cursor.record)->id);
    }
    good = zd_page_total(page) && good;
    zd_page_table(page, "redemptions", "Captures", "核销明细", item_columns, COUNT(item_columns));
    item_rows(page, book, record->id);
    good = zd_page_total(page) && good;
    zd_page_table(page, "payments", "Payments", "支付明细", line_columns, COUNT(line_columns));
    line_rows(page, book, record->id);
    good = zd_page_total(page) && good;
    return good ? ZD_OK : zd_fail(err, ZD_E_LEDGER_CORRUPT, "%s", "a sum leaves the range of money");
}
