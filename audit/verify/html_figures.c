/* The figures of the printed report, from the story of a repository; see html_int.h. Every figure is added up here from recorded postings and records. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/html_int.h"
#include "ledger/base/clock.h"
#include "ledger/base/error.h"
#include "ledger/base/money.h"
#include "ledger/record/request.h"
#include "ledger/rules/draw.h"

#define BARS_MAX 40
#define TOP_PAIRS 15

static int64_t legs(const int64_t fen[ZD_LEGS])
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

static void pools(zd_buf *out, const zd_story *story)
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
}

static void draw_bars(zd_buf *out, const zd_tallies *tallies, const char *second)
{
    zd_html_bar bars[BARS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < tallies->count && count < BARS_MAX; i++) {
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
    draw_bars(out, &story->months, "redeemed");
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

/* One pass over the captures gives all that is told of parties. */
typedef struct parties {
    zd_tallies classes, providers, pairs, ages;
    int64_t open_fen, total_fen;
} parties;

static void tally_text(zd_tallies *tallies, const char *first, const char *second, int64_t fen)
{
    zd_tally_add(tallies, zd_span_text(first), zd_span_text(second), fen);
}

static const char *age_word(int64_t days)
{
    return days <= 30 ? "1. ≤ 30" : days <= 60 ? "2. 31–60" : days <= 90 ? "3. 61–90" : "4. > 90";
}

static void collect(parties *p, const zd_story *story)
{
    int64_t today = story->head_count > 0 ? zd_day_of(story->heads[story->head_count - 1].time_unix_s * 1000, ZD_ZONE_SHANGHAI_MS) : 0;
    zd_book_cursor cursor = zd_book_scan(story->book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_item *item = cursor.record;
        const zd_rec_holder *holder = zd_book_find(story->book, ZD_R_HOLDER, "%s", item->holder);
        int64_t kept_fen = item->amount_fen - legs(item->refunded_open_fen) - legs(item->refunded_settled_fen);
        int64_t open_fen = legs(item->open_fen) + legs(item->returned_fen);
        if (item->state != ZD_I_CAPTURED) {
            continue;
        }
        const char *class_word = holder != NULL ? zd_word_text(ZD_F_CLASS, holder->holder_class) : NULL;
        tally_text(&p->classes, class_word != NULL ? class_word : "?", "", kept_fen);
        tally_text(&p->providers, item->provider, "", kept_fen);
        tally_text(&p->pairs, item->holder, item->provider, kept_fen);
        p->total_fen += kept_fen;
        if (open_fen > 0) {
            tally_text(&p->ages, age_word(today - zd_day_of(item->at_ms, ZD_ZONE_SHANGHAI_MS)), item->held != 0 ? "暂缓 on hold" : "待付 open", open_fen);
        }
    }
    zd_tally_sort(&p->classes, true);
    zd_tally_sort(&p->providers, true);
    zd_tally_sort(&p->pairs, true);
    zd_tally_sort(&p->ages, false);
}

static void concentration(zd_buf *out, const parties *p)
{
    static const char *const columns[] = {"持券人|holder", "服务机构|provider", "#核销笔数|captures", "#金额|amount", "#占比 ‰|share, of 1,000"};
    zd_html_section(out, "按持券人类别（元）", "By class of holder (yuan)");
    draw_bars(out, &p->classes, NULL);
    zd_html_section(out, "按服务机构，前 40 家（元）", "By provider, the first 40 (yuan)");
    draw_bars(out, &p->providers, NULL);
    zd_html_section(out, "集中度：金额最大的配对", "Concentration: the largest pairs");
    zd_html_table(out, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < p->pairs.count && i < TOP_PAIRS; i++) {
        const zd_tally *pair = &p->pairs.list[i];
        zd_html_row(out);
        zd_html_cell(out, pair->first);
        zd_html_cell(out, pair->second);
        zd_html_count_cell(out, pair->count);
        zd_html_yuan_cell(out, pair->sum_fen);
        zd_html_count_cell(out, p->total_fen > 0 && pair->sum_fen > 0 ? (uint64_t)((__int128)pair->sum_fen * 1000 / p->total_fen) : 0);
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
        zd_html_cell(out, story->attested.list[i].first);
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
        if (legs(item->open_fen) == 0 || (item->gates == 0 && item->holds == 0 && item->held == 0)) {
            continue;
        }
        if (item->hold_deadline_day > 0) {
            zd_date_text(date, item->hold_deadline_day);
        }
        zd_html_row(out);
        zd_html_cell(out, item->id);
        zd_html_cell(out, item->provider);
        zd_html_yuan_cell(out, legs(item->open_fen));
        check_names(text, sizeof text, (zd_check_set)item->gates);
        zd_html_cell(out, text);
        check_names(text, sizeof text, (zd_check_set)item->holds);
        zd_html_cell(out, text);
        zd_html_cell(out, date);
    }
    zd_html_table_end(out);
}

static void ages(zd_buf *out, const parties *p, const zd_story *story)
{
    static const char *const columns[] = {"账龄（天）|age in days", "类别|kind", "#笔数|captures", "#金额|amount"};
    static const char *const owed[] = {"债务人|who owes", "资金池|pool", "#尚未收回|not yet recovered", "发生日|since"};
    zd_html_section(out, "账龄：未付与退汇", "Ageing: unpaid and returned");
    zd_html_table(out, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < p->ages.count; i++) {
        zd_html_row(out);
        zd_html_cell(out, p->ages.list[i].first);
        zd_html_cell(out, p->ages.list[i].second);
        zd_html_count_cell(out, p->ages.list[i].count);
        zd_html_yuan_cell(out, p->ages.list[i].sum_fen);
    }
    zd_html_table_end(out);
    zd_html_section(out, "应收款", "Receivables");
    zd_html_table(out, owed, ZD_COUNT(owed));
    zd_book_cursor cursor = zd_book_scan(story->book, ZD_R_NOTE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_note *note = cursor.record;
        char date[ZD_DATE_TEXT];
        if (note->remaining_fen > 0) {
            zd_date_text(date, note->day);
            zd_html_row(out);
            zd_html_cell(out, note->provider);
            zd_html_cell(out, note->pool);
            zd_html_yuan_cell(out, note->remaining_fen);
            zd_html_cell(out, date);
        }
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
    zd_html_section(out, "结算批次", "Settlement batches");
    zd_html_table(out, columns, ZD_COUNT(columns));
    zd_book_cursor cursor = zd_book_scan(story->book, ZD_R_BATCH, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_batch *batch = cursor.record;
        const zd_story_head *head = zd_story_head_after(story, (uint64_t)(batch->seq + batch->effects));
        char date[ZD_DATE_TEXT];
        zd_date_text(date, batch->execution_day);
        zd_html_row(out);
        zd_html_cell(out, batch->id);
        zd_html_cell(out, date);
        zd_html_count_cell(out, (uint64_t)batch->count);
        zd_html_yuan_cell(out, batch->total_fen);
        zd_html_yuan_cell(out, batch->released_total_fen);
        seed_cell(out, batch, head);
    }
    zd_html_table_end(out);
    zd_buf_add_text(out, "<p><small>抽样：种子 = SHA-256(检查点根 换行 公开数字 换行)，每笔核销的名次 = SHA-256(种子 换行 编号 换行)，取最小者；<code>zhidui-audit sample REPO BATCH</code> 列出结果。 "
                         "Sample: seed = SHA-256(root LF number LF), rank of a capture = SHA-256(seed LF id LF), the lowest are drawn; <code>zhidui-audit sample REPO BATCH</code> lists them.</small></p>\n");
}

void zd_html_figures(zd_buf *out, const zd_story *story)
{
    parties p = {.open_fen = 0};
    collect(&p, story);
    pools(out, story);
    months(out, story);
    concentration(out, &p);
    refusals(out, story);
    attested(out, story);
    holds(out, story);
    ages(out, &p, story);
    batches(out, story);
    free(p.classes.list);
    free(p.providers.list);
    free(p.pairs.list);
    free(p.ages.list);
}
