/*
 * The approval sheet, which three officers sign: every cell made again from the log and the manifest, row by row, and compared. What only config.json knows (the payer's
 * name and bank, the purpose) is not judged; accounts are held against the canonical payment file. A sheet has no cell that nobody looked at: nothing may stand between or behind.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/package_int.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"

#define SHEET "review/汇总审批表.html"
#define CELL_MAX 1200

typedef struct sheet {
    zd_package_work *work;
    const zd_pack_cells *cells;
    const zd_rec_batch *batch;
    const zd_rec_pool *pool;
    size_t row, end; /* the next one, and the end of the section */
    int64_t paid;    /* lines */
} sheet;

static const char *cell(const sheet *s, size_t column)
{
    return s->row < s->end ? zd_pack_cell_at(s->cells, s->row, column) : "";
}

/* field says what the cell is about, and of what: "net of B-1-P0001". */
static void expect(const sheet *s, size_t column, const char *field, const char *of, const char *should)
{
    const char *found = cell(s, column);
    if (strcmp(found, should) != 0) {
        char what[160];
        zd_format(what, sizeof what, "row %zu, %.60s%s%.60s:", s->row + 1, field, of[0] != '\0' ? " of " : "", of);
        zd_paper_find(s->work, SHEET, what, found[0] != '\0' ? found : "(nothing)", should[0] != '\0' ? should : "(nothing)");
    }
}

static void expect_int(const sheet *s, size_t column, const char *field, const char *of, int64_t value)
{
    char text[24];
    zd_format(text, sizeof text, "%lld", (long long)value);
    expect(s, column, field, of, text);
}

static void expect_yuan(const sheet *s, size_t column, const char *field, const char *of, int64_t amount_fen)
{
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan_grouped(yuan, amount_fen);
    expect(s, column, field, of, yuan);
}

/* The next section under its heading; its rows are [row, end). False (a finding) when another heading stands there. */
static bool enter(sheet *s, const char *heading)
{
    s->row = s->end;
    s->end = s->cells->rows;
    bool there = strncmp(cell(s, ZD_PACK_HEADING), heading, strlen(heading)) == 0;
    if (!there) {
        expect(s, ZD_PACK_HEADING, "section", "", heading);
    }
    s->row++;
    s->end = s->row;
    while (s->end < s->cells->rows && zd_pack_cell_at(s->cells, s->end, ZD_PACK_HEADING)[0] == '\0') {
        s->end++;
    }
    return there;
}

/* One finding instead of one for every row behind the one that is missing. */
static bool has_rows(const sheet *s, const char *section, size_t rows)
{
    if (s->end - s->row != rows) {
        char found[40];
        char should[40];
        char what[80];
        zd_format(found, sizeof found, "%zu", s->end - s->row);
        zd_format(should, sizeof should, "%zu", rows);
        zd_format(what, sizeof what, "rows of %.40s:", section);
        zd_paper_find(s->work, SHEET, what, found, should);
    }
    return s->end - s->row == rows;
}

/* The names of columns, Chinese first: an amount under another name would be another amount. */
static void expect_columns(sheet *s, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(cell(s, i), names[i], strlen(names[i])) != 0) {
            expect(s, i, "column", "", names[i]);
        }
    }
    s->row++;
}

/* --- head, total, sub-totals --- */

static void check_head(sheet *s)
{
    char year[24];
    char date[ZD_DATE_TEXT];
    const zd_rec_pool *pool = s->pool;
    zd_format(year, sizeof year, "%lld", (long long)pool->year);
    zd_date_text(date, s->batch->execution_day);
    const struct {
        const char *label, *value; /* NULL: config.json alone knows it */
    } rows[6][3] = {{{"批次号", s->batch->id}, {"资金池", pool->id}, {"预算年度", year}},
                    {{"指标文号", pool->document}, {"预算单位", pool->budget_unit}, {"项目", pool->project}},
                    {{"功能分类", pool->function_code}, {"政府经济分类", pool->gov_economic}, {"部门经济分类", pool->dept_economic}},
                    {{"资金性质", pool->fund_nature}, {"结算方式", pool->settle_mode}, {"用途", NULL}},
                    {{"付款人", NULL}, {"付款账号", s->work->has_reference ? s->work->reference.payer_account : NULL}, {"付款行", NULL}},
                    {{"执行日期", date}, {"支付辖区", pool->jurisdiction}, {"付款行行号", NULL}}};
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < 3; k++) {
            if (strncmp(cell(s, 2 * k), rows[i][k].label, strlen(rows[i][k].label)) != 0) {
                expect(s, 2 * k, "label", "", rows[i][k].label);
            }
            if (rows[i][k].value != NULL) {
                expect(s, 2 * k + 1, rows[i][k].label, "", rows[i][k].value);
            }
        }
        s->row++;
    }
}

static zd_status check_totals(sheet *s, zd_error *err)
{
    zd_buf treasury = {0};
    zd_buf capitals = {0};
    bool found = false;
    char yuan[ZD_FEN_TEXT];
    char text[ZD_FEN_TEXT + 4];
    char hex[ZD_HASH_HEX];
    zd_status status = zd_package_file(&treasury, &found, s->work, "treasury/支付申请明细.csv", err);
    zd_hash hash = zd_sha256(zd_buf_span(&treasury));
    zd_hash_hex(hex, &hash);
    zd_fen_yuan_grouped(yuan, s->work->manifest.sum_fen);
    zd_format(text, sizeof text, "¥%s", yuan);
    expect_int(s, 1, "payments", "the batch", s->paid);
    expect(s, 3, "total", "the batch", text);
    zd_buf_add_text(&capitals, "人民币");
    zd_fen_capitals(&capitals, s->work->manifest.sum_fen);
    expect(s, 5, "capitals", "the batch", zd_buf_text(&capitals));
    s->row++;
    zd_format(text, sizeof text, "%.4s-%.4s", hex, hex + 4);
    expect(s, 1, "check code", "the treasury CSV", text);
    const char *advice = cell(s, 2);
    if (strlen(advice) < ZD_HASH_HEX - 1 || strcmp(advice + strlen(advice) - (ZD_HASH_HEX - 1), hex) != 0) {
        expect(s, 2, "SHA-256", "the treasury CSV", hex);
    }
    zd_buf_free(&capitals);
    zd_buf_free(&treasury);
    return status;
}

static void check_classes(sheet *s)
{
    static const char *const columns[] = {"指标文号", "项目", "功能分类", "政府经济分类", "部门经济分类", "资金性质", "笔数", "实付（元）"};
    const char *const values[] = {s->pool->document, s->pool->project, s->pool->function_code, s->pool->gov_economic, s->pool->dept_economic, s->pool->fund_nature};
    int64_t sum_fen = 0;
    bool in_range = true;
    for (size_t i = 0; i < s->work->truth.count; i++) {
        const zd_truth_line *line = &s->work->truth.lines[i];
        in_range = in_range && (!zd_truth_is_paid(line) || zd_fen_add(&sum_fen, sum_fen, line->net_fen));
    }
    expect_columns(s, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < ZD_COUNT(values); i++) {
        expect(s, i, columns[i], "the sub-total", values[i]);
    }
    expect_int(s, 6, "payments", "the sub-total", s->paid);
    expect_yuan(s, 7, "net", "the sub-total", in_range ? sum_fen : 0);
}

/* --- lines --- */

static int64_t items_of(const sheet *s, const char *provider)
{
    int64_t count = 0;
    zd_book_cursor shares = zd_book_scan(s->work->truth.book, ZD_R_LITEM, "%s/%s/", s->work->manifest.batch, provider);
    while (zd_book_next(&shares)) {
        count++;
    }
    return count;
}

static void expect_provider(const sheet *s, const zd_truth_line *line)
{
    const zd_rec_provider *provider = zd_book_find(s->work->truth.book, ZD_R_PROVIDER, "%s", line->provider);
    char text[CELL_MAX];
    zd_format(text, sizeof text, "%s%s", provider != NULL ? provider->label : "", line->provider);
    expect(s, 1, "provider", line->end_to_end, text);
}

/* Who is paid where: as in the canonical payment file, which is judged elsewhere; an account that was paid before shows its last four digits. */
static void expect_payee(const sheet *s, const zd_truth_line *line)
{
    const zd_pack_payment *payment = zd_package_reference(s->work, line->end_to_end);
    if (payment == NULL) {
        return;
    }
    char text[CELL_MAX];
    char account[sizeof payment->account];
    zd_format(text, sizeof text, "%s%s", payment->name, line->end_to_end);
    expect(s, 2, "payee", line->end_to_end, text);
    zd_format(account, sizeof account, "%s", payment->account);
    size_t size = strlen(account);
    for (size_t i = 0; !line->first_payment && i < size; i++) {
        account[i] = size <= 8 || i < size - 4 ? '*' : account[i];
    }
    expect(s, 3, "account", line->end_to_end, account);
    zd_format(text, sizeof text, "%s%s", payment->bank_name, payment->bank_code);
    expect(s, 4, "bank", line->end_to_end, text);
}

static void check_lines(sheet *s)
{
    static const char *const columns[] = {"序号", "服务机构", "收款人全称 / 业务流水号", "账号", "开户行 / 行号", "核销笔数", "应付", "抵扣", "实付（元）", "标记"};
    int64_t sum_fen = 0;
    bool in_range = true;
    expect_columns(s, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < s->work->truth.count; i++) {
        const zd_truth_line *line = &s->work->truth.lines[i];
        if (!zd_truth_is_paid(line)) {
            continue;
        }
        const char *changed = line->account_version > 1 ? "账户变更后首次付款changed account, first payment" : "首次付款first payment";
        expect_int(s, 0, "number", line->end_to_end, line->number);
        expect_provider(s, line);
        expect_payee(s, line);
        expect_int(s, 5, "items", line->end_to_end, items_of(s, line->provider));
        expect_yuan(s, 6, "gross", line->end_to_end, line->gross_fen);
        expect_yuan(s, 7, "offset", line->end_to_end, line->offset_fen);
        expect_yuan(s, 8, "net", line->end_to_end, line->net_fen);
        expect(s, 9, "mark", line->end_to_end, line->first_payment ? changed : "");
        in_range = in_range && zd_fen_add(&sum_fen, sum_fen, line->net_fen);
        s->row++;
        zd_truth_rest(&s->work->truth);
    }
    expect(s, 0, "label", "the payments' total", "合计 Total");
    expect_yuan(s, 1, "net", "the payments' total", in_range ? sum_fen : 0);
}

static void check_offsets(sheet *s, int64_t count, int64_t sum_fen)
{
    static const char *const columns[] = {"序号", "服务机构", "业务流水号", "核销笔数", "应付", "抵扣", "实付（元）"};
    char text[64];
    expect_columns(s, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < s->work->truth.count; i++) {
        const zd_truth_line *line = &s->work->truth.lines[i];
        if (!zd_truth_is_offset(line)) {
            continue;
        }
        expect_int(s, 0, "number", line->end_to_end, line->number);
        expect_provider(s, line);
        expect(s, 2, "serial", line->end_to_end, line->end_to_end);
        expect_int(s, 3, "items", line->end_to_end, items_of(s, line->provider));
        expect_yuan(s, 4, "gross", line->end_to_end, line->gross_fen);
        expect_yuan(s, 5, "offset", line->end_to_end, line->offset_fen);
        expect_yuan(s, 6, "net", line->end_to_end, 0);
        s->row++;
        zd_truth_rest(&s->work->truth);
    }
    zd_format(text, sizeof text, "小计 %lld 笔 Sub-total", (long long)count);
    expect(s, 0, "lines", "the sub-total of what is wholly offset", text);
    expect_yuan(s, 1, "gross", "the sub-total of what is wholly offset", sum_fen);
    expect_yuan(s, 2, "offset", "the sub-total of what is wholly offset", sum_fen);
    expect_yuan(s, 3, "net", "the sub-total of what is wholly offset", 0);
}

/* --- what waits --- */

/* The sentences of reasons that are no rules; those of rules stand in the registry of codes. */
static void add_reason(zd_buf *out, zd_span reason)
{
    static const struct {
        const char *word, *texts;
    } gates[] = {{"notice", "公示期未满 The public notice is still running."},
                 {"minimum", "低于最低支付额，转入下批 Below the minimum payout; carried to the next batch."},
                 {"objection", "异议暂缓 Held by an objection."}};
    zd_code code = zd_code_find(reason);
    zd_buf_add_span(out, reason);
    zd_buf_add_byte(out, ' ');
    if (code != ZD_CODE_NONE) {
        zd_buf_addf(out, "%s %s", zd_code_chinese(code), zd_code_english(code));
    }
    for (size_t i = 0; i < ZD_COUNT(gates); i++) {
        zd_buf_add_text(out, code == ZD_CODE_NONE && zd_span_is(reason, gates[i].word) ? gates[i].texts : "");
    }
}

static void expect_waiting(sheet *s, const char *item, const char *provider, int64_t amount_fen, const char *reasons)
{
    zd_buf text = {0};
    zd_span rest = zd_span_text(reasons);
    while (rest.size > 0) {
        zd_span reason;
        rest = zd_span_cut(&reason, rest, ',');
        add_reason(&text, reason);
    }
    expect(s, 0, "item", item, item);
    expect(s, 1, "provider", item, provider);
    expect_yuan(s, 2, "amount", item, amount_fen);
    expect(s, 3, "reason", item, zd_buf_text(&text));
    s->row++;
    zd_buf_free(&text);
}

static void check_waiting(sheet *s)
{
    static const char *const columns[] = {"核销编号", "服务机构", "金额（元）", "原因"};
    const zd_truth *truth = &s->work->truth;
    char text[64];
    int64_t sum_fen = 0;
    bool in_range = true;
    size_t count = truth->wait_count;
    for (size_t i = 0; i < truth->count; i++) {
        count += truth->lines[i].held ? 1U : 0U;
    }
    if (!has_rows(s, "暂缓与待核事项", count > 0 ? count + 2 : 1) || count == 0) {
        expect(s, count > 0 ? 0 : ZD_PACK_PARAGRAPH, "what waits", "", count > 0 ? columns[0] : "无 None");
        return;
    }
    expect_columns(s, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < truth->count; i++) {
        const zd_truth_line *line = &truth->lines[i];
        if (line->held) {
            expect_waiting(s, line->end_to_end, line->provider, line->net_fen, "objection");
            in_range = in_range && zd_fen_add(&sum_fen, sum_fen, line->net_fen);
        }
    }
    for (size_t i = 0; i < truth->wait_count; i++) {
        const zd_truth_wait *wait = &truth->waiting[i];
        const zd_rec_item *item = zd_book_find(truth->book, ZD_R_ITEM, "%s", wait->item);
        expect_waiting(s, wait->item, item != NULL ? item->provider : "", wait->amount_fen, zd_buf_text(&truth->wait_texts) + wait->reasons);
        in_range = in_range && zd_fen_add(&sum_fen, sum_fen, wait->amount_fen);
        zd_truth_rest(&s->work->truth);
    }
    zd_format(text, sizeof text, "合计 %zu 项 Total", count);
    expect(s, 0, "items", "what waits", text);
    expect_yuan(s, 1, "total", "what waits", in_range ? sum_fen : 0);
}

/* --- who signs --- */

static void check_foot(sheet *s)
{
    const struct {
        const char *words, *person;
    } boxes[] = {{"制单 Maker", s->batch->maker}, {"复核 Checker", s->batch->checker}, {"放行 Releaser", s->batch->releaser}};
    const zd_pack_manifest *manifest = &s->work->manifest;
    char text[CELL_MAX];
    char utc[ZD_TIME_TEXT];
    char seal[ZD_HASH_HEX];
    char root[ZD_HASH_HEX];
    for (size_t i = 0; i < ZD_COUNT(boxes); i++) {
        zd_format(text, sizeof text, "%s人员编号 Person: %s签字 Signature：日期 Date：", boxes[i].words, boxes[i].person);
        expect(s, i, "person", boxes[i].words, text);
    }
    s->row += 2; /* how many sheets are attached is written by hand */
    zd_time_text(utc, s->batch->sealed_ms + ZD_ZONE_SHANGHAI_MS);
    zd_hash_hex(seal, &s->work->truth.seal_text_sha256);
    zd_hash_hex(root, &s->work->truth.root);
    zd_format(text, sizeof text, "封存时间 Sealed: %.10s %.8s +08:00 · 账本 Ledger: %s · 封存条目 Seal leaf: %llu %s · 日志 Log: %llu %s · 核验方法见 VERIFY.txt How to verify: VERIFY.txt", utc,
              utc + 11, manifest->ledger, (unsigned long long)s->work->truth.seal_seq, seal, (unsigned long long)s->work->truth.size, root);
    expect(s, ZD_PACK_PARAGRAPH, "seal and log", "", text);
}

/* --- the whole --- */

static zd_status check_sections(sheet *s, zd_error *err)
{
    int64_t offset_fen = 0;
    int64_t offsets = s->work->manifest.version == 2 ? zd_truth_offsets(&offset_fen, &s->work->truth) : 0;
    zd_status status = ZD_OK;
    if (enter(s, "科技创新券兑付汇总审批表") && has_rows(s, "the head", 6)) {
        check_head(s);
    }
    if (enter(s, "合计") && has_rows(s, "合计", 2)) {
        status = check_totals(s, err);
    }
    if (enter(s, "按指标与科目小计") && has_rows(s, "按指标与科目小计", 2)) {
        check_classes(s);
    }
    if (enter(s, "付款明细") && has_rows(s, "付款明细", (size_t)s->paid + 2)) {
        check_lines(s);
    }
    if (offsets > 0 && enter(s, "全额抵扣（无需付款，不计入合计）") && has_rows(s, "全额抵扣", (size_t)offsets + 2)) {
        check_offsets(s, offsets, offset_fen);
    }
    if (status == ZD_OK && enter(s, "收款账户核对")) {
        status = zd_package_check_payees(s->work, SHEET, s->cells, s->row, s->end, err);
    }
    if (enter(s, "暂缓与待核事项（不在本批支付）")) {
        check_waiting(s);
    }
    if (enter(s, "签批") && has_rows(s, "签批", 3)) {
        check_foot(s);
    }
    if (s->end < s->cells->rows) {
        s->row = s->end;
        s->end = s->cells->rows;
        expect(s, ZD_PACK_HEADING, "section", "", "");
    }
    return status;
}

zd_status zd_package_check_sheet(zd_package_work *work, zd_error *err)
{
    zd_pack_cells cells;
    zd_status status = ZD_OK;
    if (zd_paper_open(&cells, work, SHEET, zd_pack_cells_sheet, &status, err)) {
        sheet s = {.work = work, .cells = &cells};
        /* copies: records leave memory while the lines are looked at */
        zd_rec_batch *batch = zd_alloc_zero(1, sizeof *batch);
        zd_rec_pool *pool = zd_alloc_zero(1, sizeof *pool);
        const zd_rec_batch *batch_now = zd_truth_batch(&work->truth);
        bool known = batch_now != NULL;
        *batch = known ? *batch_now : *batch;
        const zd_rec_pool *pool_now = zd_truth_pool(&work->truth);
        known = known && pool_now != NULL;
        *pool = known ? *pool_now : *pool;
        s.batch = batch;
        s.pool = pool;
        for (size_t i = 0; i < work->truth.count; i++) {
            s.paid += zd_truth_is_paid(&work->truth.lines[i]) ? 1 : 0;
        }
        status = known ? check_sections(&s, err) : ZD_OK; /* no such batch: a finding of the seal */
        free(pool);
        free(batch);
    }
    zd_pack_cells_free(&cells);
    return status;
}
