/* The figures of the printed report, from the story of a repository; see html_int.h. Every figure is added up here from recorded postings and records. */
#include <inttypes.h>
#include <string.h>

#include "audit/verify/html_int.h"
#include "audit/verify/sample.h"
#include "ledger/base/clock.h"
#include "ledger/base/error.h"


int64_t zd_html_legs(const int64_t fen[ZD_LEGS])
{
    int64_t sum = 0;
    for (size_t i = 0; i < ZD_LEGS; i++) {
        sum += fen[i];
    }
    return sum;
}

static int64_t account_of(const zd_story *story, const char *pool, const char *code)
{
    for (size_t i = 0; i < story->accounts.count; i++) {
        const zd_tally *one = &story->accounts.list[i];
        if (strcmp(one->first, pool) == 0 && strcmp(one->second, code) == 0) {
            return one->sum_fen;
        }
    }
    return 0;
}

static void pools(zd_buf *out, const zd_story *story, const zd_html_parties *p)
{
    static const char *const columns[] = {"资金池|pool", "#国库可用|drawable", "#可用余额|free", "#预约占用|reserved", "#应付|payable", "#暂缓|on hold", "#在途|in settlement", "#退汇|returned", "#应收|receivable"};
    zd_html_section(out, "各资金池资金状态（元）", "Where the money of each pool is (yuan)");
    zd_html_table(out, columns, ZD_COUNT(columns));
    zd_book_cursor cursor = zd_book_scan(story->book, ZD_R_POOL, "%s", "");
    while (zd_book_next(&cursor)) {
        const char *pool = ((const zd_rec_pool *)cursor.record)->id;
        zd_html_row(out);
        zd_html_cell(out, pool);
        zd_html_yuan_cell(out, account_of(story, pool, "1000"));
        zd_html_yuan_cell(out, account_of(story, pool, "2000"));
        zd_html_yuan_cell(out, account_of(story, pool, "2100") + account_of(story, pool, "2200"));
        zd_html_yuan_cell(out, account_of(story, pool, "3000"));
        zd_html_yuan_cell(out, account_of(story, pool, "3050"));
        zd_html_yuan_cell(out, account_of(story, pool, "3100"));
        zd_html_yuan_cell(out, account_of(story, pool, "3200"));
        zd_html_yuan_cell(out, account_of(story, pool, "1100") + account_of(story, pool, "1200"));
    }
    zd_html_table_end(out);
    zd_html_section(out, "按资金池核销（元）", "Redeemed by pool (yuan)");
    zd_html_tally_bars(out, &p->pools, NULL);
}

void zd_html_tally_bars(zd_buf *out, const zd_tallies *tallies, const char *second)
{
    zd_html_bar bars[ZD_HTML_BARS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < tallies->count && count < ZD_HTML_BARS_MAX; i++) {
        if (second == NULL || strcmp(tallies->list[i].second, second) == 0) {
            bars[count++] = (zd_html_bar){.label = tallies->list[i].first, .fen = tallies->list[i].sum_fen};
        }
    }
    zd_html_bars(out, bars, count);
}

static int64_t month_of(const zd_story *story, const char *month, const char *what)
{
    for (size_t i = 0; i < story->months.count; i++) {
        if (strcmp(story->months.list[i].first, month) == 0 && strcmp(story->months.list[i].second, what) == 0) {
            return story->months.list[i].sum_fen;
        }
    }
    return 0;
}

static void months(zd_buf *out, const zd_story *story)
{
    static const char *const columns[] = {"月份|month", "#核销|redeemed", "#支付|paid", "#退汇|returned"};
    const char *last = "";
    zd_html_section(out, "按月核销与支付（元）", "Redeemed and paid by month (yuan)");
    zd_html_tally_bars(out, &story->months, "redeemed");
    zd_html_table(out, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < story->months.count; i++) {
        const char *month = story->months.list[i].first;
        if (strcmp(month, last) != 0) {
            zd_html_row(out);
            zd_html_cell(out, month);
            zd_html_yuan_cell(out, month_of(story, month, "redeemed"));
            zd_html_yuan_cell(out, month_of(story, month, "paid"));
            zd_html_yuan_cell(out, month_of(story, month, "returned"));
            last = month;
        }
    }
    zd_html_table_end(out);
}

static void refusals(zd_buf *out, const zd_story *story)
{
    static const char *const columns[] = {"规则|rule", "含义|what it says", "#次数|times"};
    zd_html_section(out, "按规则的拒绝", "Refusals by rule");
    zd_html_table(out, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < story->refusals.count; i++) {
        zd_code code = zd_code_find(zd_span_text(story->refusals.list[i].first));
        zd_html_row(out);
        zd_html_cell(out, story->refusals.list[i].first);
        zd_buf_add_text(out, "<td>");
        zd_html_text(out, code != ZD_CODE_NONE ? zd_code_chinese(code) : "");
        zd_buf_add_text(out, "<small>");
        zd_html_text(out, code != ZD_CODE_NONE ? zd_code_english(code) : "");
        zd_buf_add_text(out, "</small></td>");
        zd_html_count_cell(out, story->refusals.list[i].count);
    }
    zd_html_table_end(out);
}

static void attested(zd_buf *out, const zd_story *story)
{
    static const char *const columns[] = {"事实|fact", "确认方密钥|by key", "#次数|times"};
    zd_html_section(out, "仅被证明、未被重算的事实", "Attested, not recomputed: by whom");
    zd_html_table(out, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < story->attested.count; i++) {
        zd_html_row(out);
        zd_html_word_cell(out, story->attested.list[i].first);
        zd_html_cell(out, story->attested.list[i].second);
        zd_html_count_cell(out, story->attested.list[i].count);
    }
    zd_html_table_end(out);
}

static void check_names(char *out, size_t size, zd_check_set set)
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned check = 0; check < ZD_CHECKS_MAX; check++) {
        if ((set >> check & 1) != 0 && used + 8 < size) {
            zd_format(out + used, size - used, "%s%s", used > 0 ? "," : "", zd_acts_check_name(check));
            used = strlen(out);
        }
    }
}

static void holds(zd_buf *out, const zd_story *story)
{
    static const char *const columns[] = {"核销|capture", "服务机构|provider", "#金额|amount", "闸口|gates", "暂缓|holds", "复核期限|review by"};
    zd_html_section(out, "待付而有等待原因的核销", "What waits, for what, until when");
    zd_html_table(out, columns, ZD_COUNT(columns));
    zd_book_cursor cursor = zd_book_scan(story->book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_item *item = cursor.record;
        char text[ZD_CHECKS_MAX * 4];
        char date[ZD_DATE_TEXT] = "—";
        if (zd_html_legs(item->open_fen) == 0 || (item->gates == 0 && item->holds == 0 && item->held == 0)) {
            continue;
        }
        if (item->hold_deadline_day > 0) {
            zd_date_text(date, item->hold_deadline_day);
        }
        zd_html_row(out);
        zd_html_cell(out, item->id);
        zd_html_cell(out, item->provider);
        zd_html_yuan_cell(out, zd_html_legs(item->open_fen));
        check_names(text, sizeof text, (zd_check_set)item->gates);
        zd_html_cell(out, text);
        check_names(text, sizeof text, (zd_check_set)item->holds);
        zd_html_cell(out, text);
        zd_html_cell(out, date);
    }
    zd_html_table_end(out);
}

/* Everything that a stranger needs to draw again: the root, the number, and what comes out. */
static void seed_cell(zd_buf *out, const zd_rec_batch *batch, const zd_story_head *head)
{
    char seed[ZD_HASH_HEX];
    char root[ZD_HASH_HEX];
    if (batch->draw[0] == '\0' || head == NULL) {
        zd_html_cell(out, "尚未登记公开数字 no number on record");
        return;
    }
    zd_draw_seed(seed, &head->root, batch->draw);
    zd_hash_hex(root, &head->root);
    zd_buf_addf(out, "<td><small>root %s<br>number ", root);
    zd_html_text(out, batch->draw);
    zd_buf_addf(out, "<br>seed %s</small></td>", seed);
}

static void batches(zd_buf *out, const zd_story *story)
{
    static const char *const columns[] = {"批次|batch", "支付日期|execution", "#笔数|lines", "#封存|sealed", "#放行|released", "抽样种子|seed of the sample"};
    int64_t sealed_fen = 0;
    int64_t released_fen = 0;
    uint64_t lines = 0;
    zd_html_section(out, "结算批次", "Settlement batches");
    zd_html_table(out, columns, ZD_COUNT(columns));
    zd_book_cursor cursor = zd_book_scan(story->book, ZD_R_BATCH, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_batch *batch = cursor.record;
        const zd_story_head *head = zd_story_head_after(story, (uint64_t)batch->last_seq);
        char date[ZD_DATE_TEXT];
        zd_date_text(date, batch->execution_day);
        zd_html_row(out);
        zd_html_cell(out, batch->id);
        zd_html_cell(out, date);
        zd_html_count_cell(out, (uint64_t)batch->count);
        zd_html_yuan_cell(out, batch->total_fen);
        zd_html_yuan_cell(out, batch->released_total_fen);
        seed_cell(out, batch, head);
        lines += (uint64_t)batch->count;
        sealed_fen += batch->total_fen;
        released_fen += batch->released_total_fen;
    }
    zd_html_row(out);
    zd_html_cell(out, "合计 total");
    zd_html_cell(out, "");
    zd_html_count_cell(out, lines);
    zd_html_yuan_cell(out, sealed_fen);
    zd_html_yuan_cell(out, released_fen);
    zd_html_cell(out, "");
    zd_html_table_end(out);
    zd_buf_add_text(out, "<p><small>抽样：种子 = SHA-256(检查点根 换行 公开数字 换行)，每笔核销的名次 = SHA-256(种子 换行 编号 换行)，取最小者；<code>zhidui-audit sample REPO BATCH</code> 列出结果。 "
                         "Sample: seed = SHA-256(root LF number LF), rank of a capture = SHA-256(seed LF id LF), the lowest are drawn; <code>zhidui-audit sample REPO BATCH</code> lists them.</small></p>\n");
}

static void sample_row(zd_buf *out, const zd_rec_item *item, const char *why)
{
    zd_html_row(out);
    zd_html_cell(out, item->id);
    zd_html_cell(out, item->provider);
    zd_html_cell(out, item->holder);
    zd_html_yuan_cell(out, item->amount_fen);
    zd_html_cell(out, why);
}

/* The sample of one batch: what chance drew, then what the checks point at; what their codes say stands under "Refusals by rule" and in the note below. */
static void sample_of(zd_buf *out, zd_story *story, const char *batch, zd_check_set *flags)
{
    static const char *const columns[] = {"核销|capture", "服务机构|provider", "持券人|holder", "#金额|amount", "原因|why"};
    zd_sample s = {0};
    zd_error err = {0};
    if (zd_sample_make(&s, story, batch, NULL, &err) != ZD_OK) {
        zd_sample_free(&s);
        return;
    }
    zd_buf_add_text(out, "<h3>");
    zd_html_text(out, batch);
    zd_buf_addf(out, "：%zu / %zu</h3>\n", s.drawn, s.count);
    zd_html_table(out, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < s.drawn; i++) {
        sample_row(out, zd_book_find(story->book, ZD_R_ITEM, "%s", s.items[i].item), "随机 random");
    }
    for (size_t i = 0; i < s.count; i++) {
        const zd_rec_item *item = zd_book_find(story->book, ZD_R_ITEM, "%s", s.items[i].item);
        zd_buf why = {0};
        zd_sample_reasons(&why, item);
        if (why.size > 0) {
            sample_row(out, item, zd_buf_text(&why));
            *flags |= (zd_check_set)item->flags;
        }
        zd_buf_free(&why);
    }
    zd_html_table_end(out);
    zd_sample_free(&s);
}

static void samples(zd_buf *out, zd_story *story)
{
    zd_check_set flags = 0;
    zd_html_section(out, "抽样结果（已登记公开数字的批次）", "The samples of batches whose number is on record");
    size_t before = out->size;
    zd_book_cursor cursor = zd_book_scan(story->book, ZD_R_BATCH, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_batch *batch = cursor.record;
        if (batch->draw[0] != '\0') {
            sample_of(out, story, batch->id, &flags);
        }
    }
    if (out->size == before) {
        zd_buf_add_text(out, "<p>无 none</p>\n");
    }
    for (unsigned check = 0; check < ZD_CHECKS_MAX; check++) {
        zd_code code = (flags >> check & 1) != 0 ? zd_code_find(zd_span_text(zd_acts_check_name(check))) : ZD_CODE_NONE;
        if (code != ZD_CODE_NONE) {
            zd_buf_addf(out, "<p>%s：%s<small>%s</small></p>\n", zd_acts_check_name(check), zd_code_chinese(code), zd_code_english(code));
        }
    }
}

void zd_html_figures(zd_buf *out, zd_story *story)
{
    zd_html_parties p = {0};
    zd_html_parties_collect(&p, story);
    pools(out, story, &p);
    months(out, story);
    zd_html_concentration(out, &p, story);
    refusals(out, story);
    attested(out, story);
    holds(out, story);
    zd_html_ages(out, &p, story);
    batches(out, story);
    samples(out, story);
    zd_html_parties_free(&p);
}
