/*
 * The approval sheet (汇总审批表): one self-contained HTML page without scripts, printed and signed by maker, checker and releaser.
 * Chinese leads, English follows in small print. It shows what a person must compare: the total in figures and capitals, the
 * check code of the treasury file, the sub-total of the classification, every account that has not been paid before (in full; of
 * the others the last four digits), what the comparison of accounts found, and what waits and why. All texts are escaped; nothing is computed here but sums that the check has already compared.
 */
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/settle/settle_int.h"

#include <string.h>

#define APPROVAL_PARTS                                                                                                           \
    (ZD_PART_BATCH | ZD_PART_POOL | ZD_PART_PAYER | ZD_PART_LINES | ZD_PART_PERSONS | ZD_PART_WAITING | ZD_PART_DATE)

#define COMPARED_BEGIN "<p><small>已比对账户"

static const char page_start[] =
    "<!DOCTYPE html>\n"
    "<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
    "<style>\n"
    "@page { size: A4 landscape; margin: 12mm; }\n"
    "body { font: 10.5pt/1.45 \"Noto Serif CJK SC\", \"Source Han Serif SC\", SimSun, serif; color: #000; max-width: 273mm; margin: 0 auto; }\n"
    "h1 { font-size: 18pt; text-align: center; margin: 2mm 0 3mm; }\n"
    "h2 { font-size: 12pt; margin: 5mm 0 1.5mm; }\n"
    "small { font-size: 7.5pt; color: #444; font-weight: normal; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "th, td { border: 0.3mm solid #333; padding: 0.8mm 1.5mm; text-align: left; vertical-align: top; }\n"
    "th { background: #eee; font-weight: bold; }\n"
    "thead { display: table-header-group; }\n"
    "tr { break-inside: avoid; }\n"
    ".money { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }\n"
    ".code { font-family: \"DejaVu Sans Mono\", monospace; word-break: break-all; }\n"
    ".check { font: bold 20pt \"DejaVu Sans Mono\", monospace; letter-spacing: 1mm; }\n"
    ".total { font-size: 13pt; font-weight: bold; }\n"
    ".marked td { background: #fff3cd; }\n"
    ".mark { font-weight: bold; }\n"
    ".box td { height: 22mm; width: 33%; }\n"
    "</style>\n";

void zd_html_text(zd_buf *out, const char *text)
{
    for (const char *at = text != NULL ? text : ""; *at != '\0'; at++) {
        switch (*at) {
        case '&':
            zd_buf_add_text(out, "&amp;");
            break;
        case '<':
            zd_buf_add_text(out, "&lt;");
            break;
        case '>':
            zd_buf_add_text(out, "&gt;");
            break;
        case '"':
            zd_buf_add_text(out, "&quot;");
            break;
        case '\'':
            zd_buf_add_text(out, "&#39;");
            break;
        default:
            zd_buf_add_byte(out, (uint8_t)*at);
        }
    }
}

static void money_cell(zd_buf *out, int64_t amount_fen)
{
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan_grouped(yuan, amount_fen);
    zd_buf_addf(out, "<td class=\"money\">%s</td>", yuan);
}

static void text_cell(zd_buf *out, const char *css, const char *text)
{
    zd_buf_addf(out, "<td%s%s%s>", css[0] != '\0' ? " class=\"" : "", css, css[0] != '\0' ? "\"" : "");
    zd_html_text(out, text);
    zd_buf_add_text(out, "</td>");
}

/* A label in both languages and its value, two cells. */
static void pair(zd_buf *out, const char *chinese, const char *english, const char *value)
{
    zd_buf_addf(out, "<th>%s<br><small>%s</small></th>", chinese, english);
    text_cell(out, "", value);
}

static void write_head(zd_buf *out, const zd_settlement *settlement)
{
    char text[128];
    zd_buf_add_text(out, page_start);
    zd_buf_add_text(out, "<title>汇总审批表 ");
    zd_html_text(out, settlement->batch);
    zd_buf_add_text(out, "</title>\n</head>\n<body>\n<h1>科技创新券兑付汇总审批表<br><small>Innovation vouchers: approval sheet of a settlement batch</small></h1>\n<table>\n<tr>");
    pair(out, "批次号", "Batch", settlement->batch);
    pair(out, "资金池", "Pool", settlement->pool);
    zd_format(text, sizeof text, "%lld", (long long)settlement->year);
    pair(out, "预算年度", "Budget year", text);
    zd_buf_add_text(out, "</tr>\n<tr>");
    pair(out, "指标文号", "Indicator document", settlement->document);
    pair(out, "预算单位", "Budget unit", settlement->budget_unit);
    pair(out, "项目", "Project", settlement->project);
    zd_buf_add_text(out, "</tr>\n<tr>");
    pair(out, "功能分类", "Functional class", settlement->function_code);
    pair(out, "政府经济分类", "Government economic class", settlement->gov_economic);
    pair(out, "部门经济分类", "Department economic class", settlement->dept_economic);
    zd_buf_add_text(out, "</tr>\n<tr>");
    pair(out, "资金性质", "Nature of funds", settlement->fund_nature);
    pair(out, "结算方式", "Settlement mode", settlement->settle_mode);
    pair(out, "用途", "Purpose", settlement->purpose);
    zd_buf_add_text(out, "</tr>\n<tr>");
    pair(out, "付款人", "Payer", settlement->payer_name);
    pair(out, "付款账号", "Payer's account", settlement->payer_account);
    pair(out, "付款行", "Payer's bank", settlement->payer_bank_name);
    zd_buf_add_text(out, "</tr>\n<tr>");
    pair(out, "执行日期", "Execution date", settlement->execution_date);
    pair(out, "支付辖区", "Jurisdiction", settlement->jurisdiction);
    pair(out, "付款行行号", "Payer's bank code", settlement->payer_bank_code);
    zd_buf_add_text(out, "</tr>\n</table>\n");
}

static void write_totals(zd_buf *out, const zd_settlement *settlement, const zd_hash *treasury)
{
    char yuan[ZD_FEN_TEXT];
    char hex[ZD_HASH_HEX];
    zd_fen_yuan_grouped(yuan, settlement->total_fen);
    zd_hash_hex(hex, treasury);
    zd_buf_addf(out,
                "<h2>合计 <small>Total</small></h2>\n<table>\n<tr><th>笔数<br><small>Payments</small></th><td class=\"total\">%zu</td>"
                "<th>金额（元）<br><small>Amount, CNY</small></th><td class=\"total money\">¥%s</td>"
                "<th>大写<br><small>In capitals</small></th><td class=\"total\">人民币",
                settlement->line_count, yuan);
    zd_fen_capitals(out, settlement->total_fen);
    zd_buf_addf(out,
                "</td></tr>\n<tr><th>校验码<br><small>Check code</small></th><td class=\"check\" colspan=\"2\">%.4s-%.4s</td>"
                "<td colspan=\"3\">放行前请双方电话核对笔数、金额与校验码。<br><small>Read count, amount and check code over the telephone before release. "
                "The check code is the beginning of the SHA-256 of the treasury CSV file:</small><br><small class=\"code\">%s</small></td></tr>\n</table>\n",
                hex, hex + 4, hex);
}

/* A batch never crosses pools: one class of each kind, and all of the batch is in it. */
static void write_classes(zd_buf *out, const zd_settlement *settlement)
{
    const char *const classes[] = {settlement->document, settlement->project, settlement->function_code, settlement->gov_economic, settlement->dept_economic,
                                   settlement->fund_nature};
    zd_buf_add_text(out, "<h2>按指标与科目小计 <small>Sub-totals by indicator and classification</small></h2>\n<table>\n<thead><tr>"
                         "<th>指标文号<br><small>Indicator</small></th><th>项目<br><small>Project</small></th>"
                         "<th>功能分类<br><small>Functional class</small></th><th>政府经济分类<br><small>Government economic class</small></th>"
                         "<th>部门经济分类<br><small>Department economic class</small></th><th>资金性质<br><small>Nature of funds</small></th>"
                         "<th>笔数<br><small>Payments</small></th><th>实付（元）<br><small>Net, CNY</small></th></tr></thead>\n<tbody>\n<tr>");
    for (size_t i = 0; i < ZD_COUNT(classes); i++) {
        text_cell(out, "", classes[i]);
    }
    zd_buf_addf(out, "<td class=\"money\">%zu</td>", settlement->line_count);
    money_cell(out, settlement->total_fen);
    zd_buf_add_text(out, "</tr>\n</tbody>\n</table>\n");
}

static void write_finding(zd_buf *out, const zd_payee_finding *finding)
{
    static const char *const texts[] = {[ZD_PAYEE_SHARED] = "与其他机构共用账户 <small>account shared with provider</small>",
                                        [ZD_PAYEE_HOLDER] = "户名为持券人 <small>account in the name of a holder</small>",
                                        [ZD_PAYEE_BACK] = "账户变更后又改回 <small>account changed and changed back on</small>"};
    zd_buf_addf(out, "<tr class=\"marked\"><td>%lld</td>", (long long)finding->number);
    text_cell(out, "code", finding->provider);
    zd_buf_addf(out, "<td>%s</td>", texts[finding->kind]);
    text_cell(out, "code", finding->other);
    zd_buf_add_text(out, "</tr>\n");
}

/* First payments are marked line by line above, here they are counted. Everything else is a row. */
static void write_findings(zd_buf *out, const zd_settlement *settlement)
{
    size_t first = 0;
    size_t rows = 0;
    for (size_t i = 0; i < settlement->line_count; i++) {
        first += settlement->lines[i].first_payment ? 1 : 0;
    }
    zd_buf_add_text(out, "<h2>收款账户核对 <small>Payees' accounts: what to look at</small></h2>\n");
    for (size_t i = 0; i < settlement->finding_count; i++) {
        if (settlement->findings[i].kind == ZD_PAYEE_FIRST) {
            continue;
        }
        if (rows++ == 0) {
            zd_buf_add_text(out, "<table>\n<thead><tr><th>序号<br><small>No.</small></th><th>服务机构<br><small>Provider</small></th>"
                                 "<th>发现<br><small>Finding</small></th><th>对方或日期<br><small>Other party or day</small></th></tr></thead>\n<tbody>\n");
        }
        write_finding(out, &settlement->findings[i]);
    }
    zd_buf_add_text(out, rows > 0 ? "</tbody>\n</table>\n" : "<p>共用账户、持券人账户、改回账户：无 <small>Shared, in a holder's name, changed back: none</small></p>\n");
    if (first > 0) {
        zd_buf_addf(out, "<p>首次付款：%zu 笔，见上表标记 <small>First payments: %zu, marked above</small></p>\n", first, first);
    } else {
        zd_buf_add_text(out, "<p>首次付款：无 <small>First payments: none</small></p>\n");
    }
    bool all = settlement->accounts_opened == settlement->accounts_known;
    zd_buf_addf(out, COMPARED_BEGIN " %zu 个，共 %zu 个%s Accounts compared: %zu of %zu%s</small></p>\n", settlement->accounts_opened, settlement->accounts_known,
                all ? "" : "（其余未录入或已删除）", settlement->accounts_opened, settlement->accounts_known, all ? "" : "; the others were never entered here, or erased");
    for (size_t i = 0; i < settlement->missing_count; i++) {
        zd_buf_add_text(out, i == 0 ? "<p><small>未比对 Not compared: " : ",");
        zd_html_text(out, settlement->missing[i]);
    }
    if (settlement->missing_count > 0) {
        bool more = settlement->accounts_known - settlement->accounts_opened > settlement->missing_count;
        zd_buf_add_text(out, more ? " 等 and more</small></p>\n" : "</small></p>\n");
    }
}

zd_span zd_settle_approval_compared(zd_span page)
{
    static const char heading[] = "<h2>";
    const uint8_t *from = page.size > 0 ? memmem(page.data, page.size, COMPARED_BEGIN, sizeof COMPARED_BEGIN - 1) : NULL;
    size_t left = from != NULL ? page.size - (size_t)(from - page.data) : 0;
    const uint8_t *to = left > 0 ? memmem(from, left, heading, sizeof heading - 1) : NULL;
    return zd_span_of(from, to != NULL ? (size_t)(to - from) : left);
}

/* What a checker must look at: the account was never paid, and whether it replaced another. */
static const char *mark_of(const zd_pay_line *line)
{
    if (!line->first_payment) {
        return "";
    }
    return line->account_version > 1 ? "账户变更后首次付款<br><small>changed account, first payment</small>" : "首次付款<br><small>first payment</small>";
}

static void write_line(zd_buf *out, const zd_pay_line *line)
{
    zd_buf shown = {0};
    if (line->first_payment) {
        zd_buf_add_text(&shown, line->account);
    } else {
        zd_account_masked(&shown, line->account);
    }
    zd_buf_addf(out, "<tr%s><td>%lld</td><td>", line->first_payment ? " class=\"marked\"" : "", (long long)line->number);
    zd_html_text(out, line->provider_name);
    zd_buf_add_text(out, "<br><small class=\"code\">");
    zd_html_text(out, line->provider);
    zd_buf_add_text(out, "</small></td><td>");
    zd_html_text(out, line->account_name);
    zd_buf_add_text(out, "<br><small class=\"code\">");
    zd_html_text(out, line->end_to_end);
    zd_buf_add_text(out, "</small></td>");
    text_cell(out, "code", zd_buf_text(&shown));
    zd_buf_add_text(out, "<td>");
    zd_html_text(out, line->bank_name);
    zd_buf_add_text(out, "<br><small class=\"code\">");
    zd_html_text(out, line->bank_code);
    zd_buf_addf(out, "</small></td><td class=\"money\">%lld</td>", (long long)line->item_count);
    money_cell(out, line->gross_fen);
    money_cell(out, line->offset_fen);
    money_cell(out, line->net_fen);
    zd_buf_addf(out, "<td class=\"mark\">%s</td></tr>\n", mark_of(line));
    zd_buf_free(&shown);
}

static void write_lines(zd_buf *out, const zd_settlement *settlement)
{
    zd_buf_add_text(out, "<h2>付款明细 <small>Payments; marked rows: compare the account with the provider's registration</small></h2>\n<table>\n<thead><tr>"
                         "<th>序号<br><small>No.</small></th><th>服务机构<br><small>Provider</small></th>"
                         "<th>收款人全称 / 业务流水号<br><small>Payee / serial</small></th><th>账号<br><small>Account</small></th>"
                         "<th>开户行 / 行号<br><small>Bank / code</small></th><th>核销笔数<br><small>Items</small></th>"
                         "<th>应付<br><small>Gross</small></th><th>抵扣<br><small>Offset</small></th><th>实付（元）<br><small>Net, CNY</small></th>"
                         "<th>标记<br><small>Mark</small></th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < settlement->line_count; i++) {
        write_line(out, &settlement->lines[i]);
    }
    zd_buf_add_text(out, "<tr><th colspan=\"8\">合计 <small>Total</small></th>");
    money_cell(out, settlement->total_fen);
    zd_buf_add_text(out, "<td></td></tr>\n</tbody>\n</table>\n");
}

/* What was settled without a payment: the providers' claims of this batch, eaten by what they owed. Not part of the total. */
static void write_offsets(zd_buf *out, const zd_settlement *settlement)
{
    if (settlement->offset_count == 0) {
        return;
    }
    zd_buf_add_text(out, "<h2>全额抵扣（无需付款，不计入合计） <small>Wholly offset, nothing to pay; not part of the total</small></h2>\n<table>\n<thead><tr>"
                         "<th>序号<br><small>No.</small></th><th>服务机构<br><small>Provider</small></th><th>业务流水号<br><small>Serial</small></th>"
                         "<th>核销笔数<br><small>Items</small></th><th>应付<br><small>Gross</small></th><th>抵扣<br><small>Offset</small></th>"
                         "<th>实付（元）<br><small>Net, CNY</small></th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < settlement->offset_count; i++) {
        const zd_pay_line *line = &settlement->offset_lines[i];
        zd_buf_addf(out, "<tr><td>%lld</td><td>", (long long)line->number);
        zd_html_text(out, line->provider_name);
        zd_buf_add_text(out, "<br><small class=\"code\">");
        zd_html_text(out, line->provider);
        zd_buf_add_text(out, "</small></td>");
        text_cell(out, "code", line->end_to_end);
        zd_buf_addf(out, "<td class=\"money\">%lld</td>", (long long)line->item_count);
        money_cell(out, line->gross_fen);
        money_cell(out, line->offset_fen);
        money_cell(out, line->net_fen);
        zd_buf_add_text(out, "</tr>\n");
    }
    zd_buf_addf(out, "<tr><th colspan=\"4\">小计 %zu 笔 <small>Sub-total</small></th>", settlement->offset_count);
    money_cell(out, settlement->offset_total_fen);
    money_cell(out, settlement->offset_total_fen);
    money_cell(out, 0);
    zd_buf_add_text(out, "</tr>\n</tbody>\n</table>\n");
}

static void write_reason(zd_buf *out, zd_span reason)
{
    char word[64];
    const char *chinese = "";
    const char *english = "";
    if (!zd_span_copy(word, sizeof word, reason)) {
        return;
    }
    zd_reason_texts(&chinese, &english, reason);
    zd_html_text(out, word);
    zd_buf_addf(out, " %s <small>%s</small>", chinese, english);
}

static void write_waiting_row(zd_buf *out, const zd_wait_row *row)
{
    zd_buf_add_text(out, "<tr>");
    text_cell(out, "code", row->item);
    text_cell(out, "code", row->provider);
    money_cell(out, row->amount_fen);
    zd_buf_add_text(out, "<td>");
    zd_span rest = zd_span_text(row->reasons);
    for (bool first = true; rest.size > 0; first = false) {
        zd_span reason;
        rest = zd_span_cut(&reason, rest, ',');
        zd_buf_add_text(out, first ? "" : "<br>");
        write_reason(out, reason);
    }
    zd_buf_add_text(out, "</td></tr>\n");
}

static void write_waiting(zd_buf *out, const zd_settlement *settlement)
{
    zd_buf_add_text(out, "<h2>暂缓与待核事项（不在本批支付） <small>Held and gated, not paid in this batch</small></h2>\n");
    if (settlement->waiting_count == 0) {
        zd_buf_add_text(out, "<p>无 <small>None</small></p>\n");
        return;
    }
    zd_buf_add_text(out, "<table>\n<thead><tr><th>核销编号<br><small>Item</small></th><th>服务机构<br><small>Provider</small></th>"
                         "<th>金额（元）<br><small>CNY</small></th><th>原因<br><small>Reason</small></th></tr></thead>\n<tbody>\n");
    int64_t sum = 0;
    for (size_t i = 0; i < settlement->waiting_count; i++) {
        write_waiting_row(out, &settlement->waiting[i]);
        bool in_range = zd_fen_add(&sum, sum, settlement->waiting[i].amount_fen);
        ZD_ASSERT(in_range); /* the check has added them up already */
    }
    zd_buf_addf(out, "<tr><th colspan=\"2\">合计 %zu 项 <small>Total</small></th>", settlement->waiting_count);
    money_cell(out, sum);
    zd_buf_add_text(out, "<td></td></tr>\n</tbody>\n</table>\n");
}

static void signature_box(zd_buf *out, const char *chinese, const char *english, const char *person)
{
    zd_buf_addf(out, "<td><b>%s</b> <small>%s</small><br><small>人员编号 Person: <span class=\"code\">", chinese, english);
    zd_html_text(out, person);
    zd_buf_add_text(out, "</span></small><br><br>签字 <small>Signature</small>：<br><br>日期 <small>Date</small>：</td>");
}

static void write_foot(zd_buf *out, const zd_settlement *settlement)
{
    char utc[ZD_TIME_TEXT];
    zd_time_text(utc, settlement->sealed_unix_ms + ZD_ZONE_SHANGHAI_MS);
    zd_buf_add_text(out, "<h2>签批（制单人不得复核、放行） <small>Signatures; the maker neither checks nor releases</small></h2>\n<table class=\"box\">\n<tr>");
    signature_box(out, "制单", "Maker", settlement->maker);
    signature_box(out, "复核", "Checker", settlement->checker);
    signature_box(out, "放行", "Releaser", settlement->releaser);
    zd_buf_addf(out,
                "</tr>\n</table>\n<p>附件 <small>Attachments</small>：______ 张</p>\n<p><small>封存时间 Sealed: %.10s %.8s +08:00 · 账本 Ledger: ", utc, utc + 11);
    zd_html_text(out, settlement->ledger);
    zd_buf_addf(out, " · 封存条目 Seal leaf: %lld <span class=\"code\">", (long long)settlement->seal_seq);
    zd_html_text(out, settlement->seal_sha256);
    zd_buf_addf(out, "</span> · 日志 Log: %llu <span class=\"code\">", (unsigned long long)settlement->log_size);
    zd_html_text(out, settlement->log_root);
    zd_buf_add_text(out, "</span> · 核验方法见 VERIFY.txt How to verify: VERIFY.txt</small></p>\n</body>\n</html>\n");
}

zd_status zd_settle_approval(zd_buf *out, const zd_settlement *settlement, zd_span template_json, zd_error *err)
{
    zd_buf treasury = {0};
    zd_buf page = {0};
    zd_status status = zd_settle_require(settlement, APPROVAL_PARTS, err);
    if (status == ZD_OK) {
        status = zd_settle_treasury_csv(&treasury, settlement, template_json, err);
    }
    if (status != ZD_OK) {
        goto cleanup;
    }
    zd_hash hash = zd_sha256(zd_buf_span(&treasury));
    write_head(&page, settlement);
    write_totals(&page, settlement, &hash);
    write_classes(&page, settlement);
    write_lines(&page, settlement);
    write_offsets(&page, settlement);
    write_findings(&page, settlement);
    write_waiting(&page, settlement);
    write_foot(&page, settlement);
    zd_buf_add_span(out, zd_buf_span(&page));
cleanup:
    zd_buf_free(&page);
    zd_buf_free(&treasury);
    return status;
}
