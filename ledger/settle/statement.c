/*
 * A provider's statement of one batch: one list of rows, written as CSV (UTF-8 with a byte order mark), as workbook and as a page to print, so that no two of them can
 * disagree. For people: a text that begins like a formula gets an apostrophe; the account is masked; a natural person stands as the engine has masked it.
 */
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/settle/settle_int.h"

static void cell(zd_grid *grid, bool bold, const char *text)
{
    zd_buf safe = {0};
    if (zd_text_starts_formula(zd_span_text(text))) {
        zd_buf_add_byte(&safe, '\'');
    }
    zd_buf_add_text(&safe, text);
    zd_grid_add(grid, bold, zd_buf_span(&safe));
    zd_buf_free(&safe);
}

static void yuan_cell(zd_grid *grid, int64_t amount_fen)
{
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan(yuan, amount_fen);
    zd_grid_add(grid, false, zd_span_text(yuan));
}

static void labelled(zd_grid *grid, const char *label, const char *value)
{
    cell(grid, true, label);
    cell(grid, false, value);
    zd_grid_end_row(grid);
}

static void amount_row(zd_grid *grid, const char *label, int64_t amount_fen)
{
    cell(grid, true, label);
    yuan_cell(grid, amount_fen);
    zd_grid_end_row(grid);
}

/* An empty row, then the column names: a page starts a new table here. */
static void header_row(zd_grid *grid, const char *const *names, size_t count)
{
    cell(grid, false, "");
    zd_grid_end_row(grid);
    for (size_t i = 0; i < count; i++) {
        cell(grid, true, names[i]);
    }
    zd_grid_end_row(grid);
}

static void head_rows(zd_grid *grid, const zd_settlement *settlement, const zd_pay_line *line)
{
    zd_buf masked = {0};
    labelled(grid, "服务机构", line->provider_name);
    labelled(grid, "统一社会信用代码", line->provider);
    labelled(grid, "批次", settlement->batch);
    labelled(grid, "资金池", settlement->pool);
    labelled(grid, "指标文号", settlement->document);
    labelled(grid, "付款人", settlement->payer_name);
    labelled(grid, "执行日期", settlement->execution_date);
    labelled(grid, "业务流水号", line->end_to_end);
    if (line->net_fen > 0) {
        zd_account_masked(&masked, line->account);
        labelled(grid, "收款账号", zd_buf_text(&masked));
    } else {
        labelled(grid, "收款账号", "无需付款");
    }
    amount_row(grid, "应付金额(元)", line->gross_fen);
    amount_row(grid, "抵扣金额(元)", line->offset_fen);
    amount_row(grid, "实付金额(元)", line->net_fen);
    if (line->net_fen == 0) {
        labelled(grid, "说明", "应付金额已全额抵扣应退款项，本批无需付款。");
    }
    zd_buf_free(&masked);
}

static size_t first_notice(const zd_pay_line *line)
{
    return line->notice_to > 0 ? line->notice_from : 0;
}

static size_t end_of_notices(const zd_settlement *settlement, const zd_pay_line *line)
{
    ZD_ASSERT(line->notice_to <= settlement->notice_count);
    return line->notice_to > 0 ? line->notice_to : settlement->notice_count;
}

/* The redemptions of the public list that are this provider's; how many are listed of how many in the line is said. */
static void item_rows(zd_grid *grid, const zd_settlement *settlement, const zd_pay_line *line)
{
    static const char *const header[] = {"核销编号", "持券人", "服务类别", "金额(元)", "服务完成日期"};
    char listed_of[64];
    int64_t listed = 0;
    header_row(grid, header, ZD_COUNT(header));
    for (size_t i = first_notice(line); i < end_of_notices(settlement, line); i++) {
        const zd_notice_row *row = &settlement->notices[i];
        if (row->provider == NULL || strcmp(row->provider, line->provider) != 0) {
            continue;
        }
        listed++;
        cell(grid, false, row->item);
        cell(grid, false, row->holder);
        cell(grid, false, row->category);
        yuan_cell(grid, row->amount_fen);
        cell(grid, false, row->done_date);
        zd_grid_end_row(grid);
    }
    zd_format(listed_of, sizeof listed_of, "%lld of %lld", (long long)listed, (long long)line->item_count);
    labelled(grid, "列示笔数/本批核销笔数", listed_of);
}

/* The waiting rows among which this provider's are: [first, end) of the order where there is one, else all. */
static size_t first_waiting(const zd_settlement *settlement, const zd_pay_line *line)
{
    return settlement->waiting_order != NULL ? line->wait_from : 0;
}

static size_t end_of_waiting(const zd_settlement *settlement, const zd_pay_line *line)
{
    ZD_ASSERT(line->wait_to <= settlement->waiting_count);
    return settlement->waiting_order != NULL ? line->wait_to : settlement->waiting_count;
}

static const zd_wait_row *waiting_at(const zd_settlement *settlement, size_t i)
{
    return &settlement->waiting[settlement->waiting_order != NULL ? settlement->waiting_order[i] : i];
}

/* "R06 the sentence；notice the sentence" in one cell. */
static void reasons_cell(zd_grid *grid, const char *reasons)
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
    cell(grid, false, zd_buf_text(&text));
    zd_buf_free(&text);
}

static void waiting_rows(zd_grid *grid, const zd_settlement *settlement, const zd_pay_line *line)
{
    static const char *const header[] = {"暂缓核销编号", "金额(元)", "原因"};
    header_row(grid, header, ZD_COUNT(header));
    for (size_t i = first_waiting(settlement, line); i < end_of_waiting(settlement, line); i++) {
        const zd_wait_row *row = waiting_at(settlement, i);
        if (strcmp(row->provider, line->provider) == 0) {
            cell(grid, false, row->item);
            yuan_cell(grid, row->amount_fen);
            reasons_cell(grid, row->reasons);
            zd_grid_end_row(grid);
        }
    }
}

/* Only what this statement prints is judged: a batch has as many statements as lines. */
static zd_status statement_require(const zd_settlement *settlement, const zd_pay_line *line, bool is_paid, zd_error *err)
{
    zd_problems problems = {0};
    zd_settle_problems(&problems, settlement, ZD_PART_BATCH | ZD_PART_POOL | ZD_PART_PAYER | ZD_PART_DATE);
    if (is_paid) {
        zd_settle_line_problems(&problems, settlement, line);
    } else {
        zd_settle_offset_problems(&problems, line);
    }
    for (size_t i = first_waiting(settlement, line); i < end_of_waiting(settlement, line) && problems.count == 0; i++) {
        const zd_wait_row *row = waiting_at(settlement, i);
        if (row->provider == NULL || strcmp(row->provider, line->provider) == 0) {
            zd_settle_waiting_problems(&problems, row);
        }
    }
    for (size_t i = first_notice(line); i < end_of_notices(settlement, line) && problems.count == 0; i++) {
        const char *provider = settlement->notices[i].provider;
        if (provider != NULL && strcmp(provider, line->provider) == 0) {
            zd_settle_notice_problems(&problems, &settlement->notices[i]);
        }
    }
    return zd_problems_status(&problems, err);
}

static zd_status statement_rows(zd_grid *grid, const zd_settlement *settlement, size_t line, zd_error *err)
{
    static const int widths[] = {28, 36, 20, 16, 16};
    bool is_paid = line < settlement->line_count;
    ZD_ASSERT(is_paid || line - settlement->line_count < settlement->offset_count);
    const zd_pay_line *pay = is_paid ? &settlement->lines[line] : &settlement->offset_lines[line - settlement->line_count];
    zd_status status = statement_require(settlement, pay, is_paid, err);
    *grid = (zd_grid){.name = "对账单", .title = settlement->batch, .company = settlement->payer_name, .created_unix_s = settlement->sealed_unix_ms / 1000,
                      .widths = widths, .width_count = ZD_COUNT(widths)};
    if (status == ZD_OK) {
        head_rows(grid, settlement, pay);
        item_rows(grid, settlement, pay);
        waiting_rows(grid, settlement, pay);
    }
    return status;
}

zd_status zd_settle_statement(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err)
{
    zd_grid grid;
    zd_status status = statement_rows(&grid, settlement, line, err);
    if (status == ZD_OK) {
        bool first = true;
        zd_buf_add_text(out, ZD_BYTE_ORDER_MARK);
        for (size_t i = 0; i < grid.count; i++) {
            zd_csv_cell(out, first, zd_span_text((const char *)grid.text.data + grid.cells[i].offset));
            first = grid.cells[i].ends_row;
            if (first) {
                zd_csv_end(out);
            }
        }
    }
    zd_grid_free(&grid);
    return status;
}

zd_status zd_settle_statement_xlsx(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err)
{
    zd_grid grid;
    zd_status status = statement_rows(&grid, settlement, line, err);
    status = status == ZD_OK ? zd_grid_workbook(out, &grid, err) : status;
    zd_grid_free(&grid);
    return status;
}

static const char page_start[] =
    "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n<style>\n"
    "@page { size: A4; margin: 16mm; }\n"
    "body { font: 10.5pt/1.5 \"Noto Serif CJK SC\", \"Source Han Serif SC\", SimSun, serif; color: #000; max-width: 178mm; margin: 0 auto; }\n"
    "h1 { font-size: 16pt; text-align: center; margin: 2mm 0 4mm; }\nsmall { font-size: 8pt; color: #444; font-weight: normal; }\n"
    "table { border-collapse: collapse; width: 100%; margin: 0 0 5mm; }\n"
    "th, td { border: 0.3mm solid #333; padding: 1mm 2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }\n"
    "th { background: #eee; white-space: nowrap; }\ntr { break-inside: avoid; }\n.money { text-align: right; white-space: nowrap; }\n"
    ".box td { height: 20mm; width: 50%; }\n</style>\n";

/* "190000.05": figures stand to the right. */
static bool is_amount(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && text[digits] == '.' && strspn(text + digits + 1, "0123456789") == 2 && text[digits + 3] == '\0';
}

static void page_tables(zd_buf *out, const zd_grid *grid)
{
    bool row_open = false;
    zd_buf_add_text(out, "<table>\n");
    for (size_t i = 0; i < grid->count; i++) {
        const zd_grid_cell *one = &grid->cells[i];
        const char *text = (const char *)grid->text.data + one->offset;
        if (!row_open && one->ends_row && *text == '\0') {
            zd_buf_add_text(out, "</table>\n<table>\n");
            continue;
        }
        zd_buf_add_text(out, row_open ? "" : "<tr>");
        zd_buf_add_text(out, one->bold ? "<th>" : is_amount(text) ? "<td class=\"money\">" : "<td>");
        zd_html_text(out, text);
        zd_buf_add_text(out, one->bold ? "</th>" : "</td>");
        zd_buf_add_text(out, one->ends_row ? "</tr>\n" : "");
        row_open = !one->ends_row;
    }
    zd_buf_add_text(out, "</table>\n");
}

zd_status zd_settle_statement_html(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err)
{
    zd_grid grid;
    zd_status status = statement_rows(&grid, settlement, line, err);
    if (status == ZD_OK) {
        zd_buf_addf(out, "%s<title>对账单 ", page_start);
        zd_html_text(out, settlement->batch);
        zd_buf_add_text(out, "</title>\n</head>\n<body>\n<h1>科技创新券兑付对账单<br><small>Innovation vouchers: statement of a settlement batch</small></h1>\n");
        page_tables(out, &grid);
        zd_buf_add_text(out, "<table class=\"box\">\n<tr><td>服务机构（盖章） <small>Provider, seal</small></td><td>经办人、日期 <small>Signature, date</small></td></tr>\n</table>\n"
                             "<p><small>账本 Ledger: ");
        zd_html_text(out, settlement->ledger);
        zd_buf_addf(out, " · 封存条目 Seal leaf: %lld</small></p>\n</body>\n</html>\n", (long long)settlement->seal_seq);
    }
    zd_grid_free(&grid);
    return status;
}
