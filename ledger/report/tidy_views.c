/*
 * What the views of sql/views.sql say, for the dictionary of an export: a view that is not described here, or described otherwise than it is, fails the test that compares
 * them (tests/cli/plain_text_accounting.sh).
 */
#include "ledger/report/tidy_files.h"

#define FEN(name, english, chinese) {name, true, "fen", english, chinese}
#define NUMBER(name, english, chinese) {name, true, "", english, chinese}
#define TEXT(name, english, chinese) {name, false, "", english, chinese}
#define DATE(name, english, chinese) {name, false, "date", english, chinese}

static const zd_tidy_column pool_money[] = {
    TEXT("pool", "pool", "资金池"),
    TEXT("jurisdiction", "paying jurisdiction", "付款行政区划"),
    NUMBER("year", "budget year", "预算年度"),
    TEXT("class", "enterprise or entrepreneur", "类别：企业或创业者"),
    FEN("drawable_fen", "at the treasury (1000)", "国库可用（1000）"),
    FEN("free_fen", "neither reserved nor owed (2000)", "可用余额（2000）"),
    FEN("reserved_fen", "reserved for vouchers and orders (2100, 2200)", "券与预约占用（2100、2200）"),
    FEN("payable_fen", "owed to providers, held or not (3000, 3050)", "应付服务机构，含暂缓（3000、3050）"),
    FEN("in_settlement_fen", "in batches, not yet debited (3100)", "批次在途（3100）"),
    FEN("returned_fen", "returned by the bank (3200)", "银行退汇（3200）"),
    FEN("receivable_fen", "owed by providers and holders (1100, 1200)", "应收服务机构与持券人（1100、1200）"),
};
static const zd_tidy_column provider_month[] = {
    TEXT("provider", "provider", "服务机构"),
    TEXT("month", "month of service, YYYY-MM", "服务完成月份"),
    NUMBER("redemptions", "captures", "核销笔数"),
    FEN("subsidy_fen", "subsidy captured", "核销补贴"),
    FEN("paid_fen", "paid of it", "其中已支付"),
    FEN("unpaid_fen", "open or in a batch", "未付或在批次中"),
};
static const zd_tidy_column pairs[] = {
    TEXT("holder", "holder", "持券人"),
    TEXT("provider", "provider", "服务机构"),
    NUMBER("redemptions", "captures", "核销笔数"),
    FEN("subsidy_fen", "subsidy captured", "核销补贴"),
};
static const zd_tidy_column refusals[] = {
    TEXT("code", "rule that refused", "拒绝规则"),
    TEXT("month", "month, YYYY-MM", "月份"),
    NUMBER("refusals", "how often", "次数"),
};
static const zd_tidy_column waiting[] = {
    TEXT("redemption", "capture", "核销编号"),
    TEXT("holder", "holder", "持券人"),
    TEXT("provider", "provider", "服务机构"),
    FEN("open_fen", "amount that waits", "等待金额"),
    TEXT("gates", "gates that are not cleared", "未清除的闸口"),
    TEXT("holds", "checks that hold it", "暂缓原因"),
    DATE("hold_deadline", "review by", "复核期限"),
    DATE("notice_until", "on public notice until", "公示截止日"),
};
static const zd_tidy_column payments[] = {
    DATE("execution", "day of execution", "支付日期"),
    TEXT("batch", "batch", "批次"),
    TEXT("provider", "provider", "服务机构"),
    FEN("net_fen", "amount of the line", "明细金额"),
    TEXT("state", "debited, paid or returned", "状态：已扣款、已支付或已退汇"),
    TEXT("end_to_end", "EndToEndId of the payment", "支付端到端标识"),
};
static const zd_tidy_column quota[] = {
    TEXT("holder", "holder", "持券人"),
    TEXT("class", "enterprise or entrepreneur", "类别：企业或创业者"),
    NUMBER("quota_year", "year of the quota", "额度年度"),
    FEN("allotted_fen", "allotted by vouchers", "已发券额度"),
    FEN("redeemed_fen", "captured and not refunded", "已核销且未退款"),
};

#define VIEW(name, english, chinese, columns) {name, english, chinese, columns, ZD_COUNT(columns)}
static const zd_tidy_table views[] = {
    VIEW("v_pool_money", "view: where each pool's money is", "视图：各资金池资金去向", pool_money),
    VIEW("v_provider_month", "view: what each provider did in each month of service", "视图：服务机构逐月核销", provider_month),
    VIEW("v_pairs", "view: who works with whom, largest first", "视图：持券人与服务机构配对，按金额降序", pairs),
    VIEW("v_refusals", "view: refusals by rule and month", "视图：按规则与月份的拒绝", refusals),
    VIEW("v_waiting", "view: what waits, for what, and until when", "视图：等待中的核销、原因与期限", waiting),
    VIEW("v_payments", "view: money that left the treasury, and what came back", "视图：已支出与退回的款项", payments),
    VIEW("v_quota", "view: use of each holder's quota", "视图：各持券人额度使用", quota),
};

const zd_tidy_table *zd_tidy_view_tables(size_t *count)
{
    *count = ZD_COUNT(views);
    return views;
}
