/* Who got the money, in the printed report: by pool, class, provider and pair, what waits how long, what is owed back. See html_int.h. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/html_int.h"
#include "ledger/base/clock.h"
#include "ledger/record/request.h"

#define TOP_PAIRS 15

static void tally_text(zd_tallies *tallies, const char *first, const char *second, int64_t fen)
{
    zd_tally_add(tallies, zd_span_text(first), zd_span_text(second), fen);
}

static const char *age_word(int64_t days)
{
    return days <= 30 ? "1. ≤ 30" : days <= 60 ? "2. 31–60" : days <= 90 ? "3. 61–90" : "4. > 90";
}

void zd_html_parties_collect(zd_html_parties *p, const zd_story *story)
{
    int64_t today = story->head_count > 0 ? zd_day_of(story->heads[story->head_count - 1].time_unix_s * 1000, ZD_ZONE_SHANGHAI_MS) : 0;
    zd_book_cursor cursor = zd_book_scan(story->book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_item *item = cursor.record;
        const zd_rec_holder *holder = zd_book_find(story->book, ZD_R_HOLDER, "%s", item->holder);
        int64_t kept_fen = item->amount_fen - zd_html_legs(item->refunded_open_fen) - zd_html_legs(item->refunded_settled_fen);
        int64_t open_fen = zd_html_legs(item->open_fen) + zd_html_legs(item->returned_fen);
        if (item->state != ZD_I_CAPTURED) {
            continue;
        }
        const char *class_word = holder != NULL ? zd_word_text(ZD_F_CLASS, holder->holder_class) : NULL;
        tally_text(&p->classes, class_word != NULL ? class_word : "?", "", kept_fen);
        tally_text(&p->providers, item->provider, "", kept_fen);
        tally_text(&p->pairs, item->holder, item->provider, kept_fen);
        for (size_t leg = 0; leg < ZD_LEGS; leg++) {
            if (item->leg_fen[leg] > 0) {
                tally_text(&p->pools, item->leg_pool[leg], "", item->leg_fen[leg] - item->refunded_open_fen[leg] - item->refunded_settled_fen[leg]);
            }
        }
        p->total_fen += kept_fen;
        if (open_fen > 0) {
            tally_text(&p->ages, age_word(today - zd_day_of(item->at_ms, ZD_ZONE_SHANGHAI_MS)), item->held != 0 ? "暂缓 on hold" : "待付 open", open_fen);
        }
    }
    zd_tally_sort(&p->pools, false);
    zd_tally_sort(&p->classes, true);
    zd_tally_sort(&p->providers, true);
    zd_tally_sort(&p->pairs, true);
    zd_tally_sort(&p->ages, false);
}

/* Count, amount, and the share of the whole in hundredths of a percent. */
static void amounts(zd_buf *out, const zd_tally *tally, int64_t total_fen)
{
    int64_t share_bp = total_fen > 0 && tally->sum_fen > 0 ? (int64_t)((__int128)tally->sum_fen * 10000 / total_fen) : 0;
    zd_html_count_cell(out, tally->count);
    zd_html_yuan_cell(out, tally->sum_fen);
    zd_buf_addf(out, "<td class=\"n\">%" PRId64 ".%02" PRId64 "</td>", share_bp / 100, share_bp % 100);
}

void zd_html_concentration(zd_buf *out, const zd_html_parties *p, const zd_story *story)
{
    static const char *const columns[] = {"持券人|holder", "服务机构|provider", "#核销笔数|captures", "#金额|amount", "#占比 %|share, %"};
    static const char *const classes[] = {"类别|class", "#核销笔数|captures", "#金额|amount", "#占比 %|share, %"};
    static const char *const providers[] = {"统一社会信用代码|credit code", "名称|name", "#核销笔数|captures", "#金额|amount", "#占比 %|share, %"};
    zd_html_section(out, "按持券人类别（元）", "By class of holder (yuan)");
    zd_html_tally_bars(out, &p->classes, NULL);
    zd_html_table(out, classes, ZD_COUNT(classes));
    for (size_t i = 0; i < p->classes.count; i++) {
        zd_html_row(out);
        zd_html_word_cell(out, p->classes.list[i].first);
        amounts(out, &p->classes.list[i], p->total_fen);
    }
    zd_html_table_end(out);
    zd_html_section(out, "按服务机构，金额最大的 40 家（元）", "By provider, the 40 largest (yuan)");
    zd_html_tally_bars(out, &p->providers, NULL);
    zd_html_table(out, providers, ZD_COUNT(providers));
    for (size_t i = 0; i < p->providers.count && i < ZD_HTML_BARS_MAX; i++) {
        const zd_rec_provider *provider = zd_book_find(story->book, ZD_R_PROVIDER, "%s", p->providers.list[i].first);
        zd_html_row(out);
        zd_html_cell(out, p->providers.list[i].first);
        zd_html_cell(out, provider != NULL ? provider->label : "");
        amounts(out, &p->providers.list[i], p->total_fen);
    }
    zd_html_table_end(out);
    zd_html_section(out, "集中度：金额最大的配对", "Concentration: the largest pairs");
    zd_html_table(out, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < p->pairs.count && i < TOP_PAIRS; i++) {
        const zd_tally *pair = &p->pairs.list[i];
        zd_html_row(out);
        zd_html_cell(out, pair->first);
        zd_html_cell(out, pair->second);
        amounts(out, pair, p->total_fen);
    }
    zd_html_table_end(out);
}

static void owed_row(zd_buf *out, const char *who, const char *pool, int64_t fen, int64_t day)
{
    char date[ZD_DATE_TEXT];
    if (fen > 0) {
        zd_date_text(date, day);
        zd_html_row(out);
        zd_html_cell(out, who);
        zd_html_cell(out, pool);
        zd_html_yuan_cell(out, fen);
        zd_html_cell(out, date);
    }
}

void zd_html_ages(zd_buf *out, const zd_html_parties *p, const zd_story *story)
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
    zd_book_cursor notes = zd_book_scan(story->book, ZD_R_NOTE, "%s", "");
    while (zd_book_next(&notes)) {
        const zd_rec_note *note = notes.record;
        owed_row(out, note->provider, note->pool, note->remaining_fen, note->day);
    }
    zd_book_cursor cases = zd_book_scan(story->book, ZD_R_CASE, "%s", "");
    while (zd_book_next(&cases)) {
        const zd_rec_holdercase *one = cases.record;
        owed_row(out, one->holder, one->pool, one->remaining_fen, one->day);
    }
    zd_html_table_end(out);
}

void zd_html_parties_free(zd_html_parties *p)
{
    free(p->pools.list);
    free(p->classes.list);
    free(p->providers.list);
    free(p->pairs.list);
    free(p->ages.list);
}

/* Words of the formats as a reader of the page knows them. */
void zd_html_word_cell(zd_buf *out, const char *word)
{
    static const char *const words[][2] = {
        {"enterprise", "企业"},       {"entrepreneur", "创业者"}, {"invoice-check", "发票查验"}, {"red-letter", "红字发票"}, {"own-share", "自付款"},  {"controller", "实际控制人"},
        {"affiliation", "关联关系"}, {"consent", "持券人同意"},  {"eligible", "资格名单"},     {"other-plan", "其他计划支付"}, {"contact", "联系方式相同"},
    };
    zd_buf_add_text(out, "<td>");
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (strcmp(words[i][0], word) == 0) {
            zd_buf_addf(out, "%s ", words[i][1]);
        }
    }
    zd_html_text(out, word);
    zd_buf_add_text(out, "</td>");
}
