/* What happened in a period, and month by month, from the published history; see reports.h. */
#include "ledger/report/reports.h"

#include <stdlib.h>
#include <string.h>

#include "audit/history/history.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/report/postings.h"

#define COUNT(columns) (sizeof columns / sizeof *columns)
#define WORD_SIZE 64

/* A counted sum under up to three words: a type and outcome, a rule, a movement of a pool, a movement in a month. */
typedef struct tally {
    char words[3][WORD_SIZE];
    int64_t count;
    int64_t sum_fen;
} tally;

typedef struct tallies {
    tally *list; /* owned */
    size_t count, capacity;
} tallies;

typedef struct period {
    int64_t from_day, to_day;
    tallies requests, refusals, movements, months;
    uint64_t entries;
    bool good;
} period;

static void add(period *p, tallies *t, zd_span one, zd_span two, zd_span three, int64_t sum_fen)
{
    const zd_span words[] = {one, two, three};
    tally wanted = {.count = 0};
    size_t i = 0;
    for (size_t w = 0; w < COUNT(words); w++) {
        zd_span word = words[w].size < WORD_SIZE ? words[w] : zd_span_of(words[w].data, WORD_SIZE - 1);
        if (word.size > 0) {
            memcpy(wanted.words[w], word.data, word.size); /* zeroed behind it */
        }
    }
    while (i < t->count && memcmp(t->list[i].words, wanted.words, sizeof wanted.words) != 0) {
        i++;
    }
    if (i == t->count) {
        if (t->count == t->capacity) {
            t->capacity = t->capacity == 0 ? 64 : t->capacity * 2;
            t->list = zd_realloc(t->list, t->capacity * sizeof *t->list);
        }
        t->list[t->count++] = wanted;
    }
    t->list[i].count++;
    p->good = zd_fen_add(&t->list[i].sum_fen, t->list[i].sum_fen, sum_fen) && p->good;
}

static zd_span last_part(zd_span account)
{
    size_t at = account.size;
    while (at > 0 && account.data[at - 1] != '/') {
        at--;
    }
    return zd_span_of(account.data + at, account.size - at);
}

static const char *movement_of(char own[WORD_SIZE], zd_span debit, zd_span credit)
{
    static const struct {
        const char *debit, *credit, *name;
    } known[] = {
#define MOVEMENT(debit, credit, english, chinese) {#debit, #credit, english " · " chinese},
#include "ledger/report/movements.def"
#undef MOVEMENT
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        if (zd_span_starts(debit, known[i].debit) && zd_span_starts(credit, known[i].credit)) {
            return known[i].name;
        }
    }
    zd_format(own, WORD_SIZE, "%.4s / %.4s", (const char *)debit.data, (const char *)credit.data);
    return own;
}

static zd_status count_postings(period *p, const zd_told *told, int64_t day, zd_error *err)
{
    char month[ZD_DATE_TEXT];
    zd_date_text(month, day);
    month[7] = '\0';
    for (size_t i = 0; i < zd_told_postings(told); i++) {
        zd_told_posting posting;
        char own[WORD_SIZE];
        zd_status status = zd_told_posting_at(&posting, told, i, err);
        if (status != ZD_OK) {
            return status;
        }
        zd_span name = zd_span_text(movement_of(own, posting.debit, posting.credit));
        add(p, &p->movements, name, last_part(posting.debit), zd_span_of(NULL, 0), posting.amount_fen);
        add(p, &p->months, zd_span_text(month), name, zd_span_of(NULL, 0), posting.amount_fen);
    }
    return ZD_OK;
}

static zd_status see_entry(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    period *p = context;
    zd_told told;
    zd_json *request = NULL;
    zd_status status = zd_told_parse(&told, seq, bytes, err);
    int64_t day = status == ZD_OK ? zd_day_of(told.at_unix_ms, ZD_ZONE_SHANGHAI_MS) : 0;
    if (status == ZD_OK && day >= p->from_day && day <= p->to_day) {
        zd_span type = zd_told_type(&request, &told);
        zd_span outcome = zd_jval_text(zd_jval_get(told.line, "outcome"));
        zd_span code = zd_jval_text(zd_jval_get(told.line, "code"));
        p->entries++;
        add(p, &p->requests, type.size > 0 ? type : zd_span_text("item of a request 批内明细"), outcome, zd_span_of(NULL, 0), 0);
        if (code.size > 0) {
            zd_code known = zd_code_find(code);
            add(p, &p->refusals, code, zd_span_text(zd_code_name(known)), zd_span_of(NULL, 0), 0);
        }
        status = count_postings(p, &told, day, err);
        zd_json_free(request);
    }
    zd_told_free(&told);
    return status;
}

static void free_period(period *p)
{
    free(p->requests.list);
    free(p->refusals.list);
    free(p->movements.list);
    free(p->months.list);
}

static zd_status finish(zd_page *page, period *p, zd_status status, zd_error *err)
{
    free_period(p);
    (void)page;
    return status == ZD_OK && !p->good ? zd_fail(err, ZD_E_LEDGER_CORRUPT, "%s", "a sum leaves the range of money") : status;
}

static void fact_day(zd_page *page, const char *name, const char *english, const char *chinese, int64_t day)
{
    char text[ZD_DATE_TEXT];
    zd_date_text(text, day);
    zd_page_fact(page, name, english, chinese, zd_span_text(text));
}

static void rule_rows(zd_page *page, const tallies *t)
{
    for (size_t i = 0; i < t->count; i++) {
        zd_code code = zd_code_find(zd_span_text(t->list[i].words[0]));
        zd_buf text = {0};
        zd_page_text(page, zd_span_text(t->list[i].words[0]));
        zd_buf_addf(&text, "%s %s", code != ZD_CODE_NONE ? zd_code_chinese(code) : "", code != ZD_CODE_NONE ? zd_code_english(code) : "");
        zd_page_text(page, zd_buf_span(&text));
        zd_page_number(page, t->list[i].count);
        zd_buf_free(&text);
    }
}

zd_status zd_report_period(zd_page **out, const char *repository, const char *name, const char *english, const char *chinese, int64_t from_day, int64_t to_day,
                           zd_error *err)
{
    static const zd_page_column request_columns[] = {
        {"type", "request", "请求", ZD_PAGE_TEXT}, {"outcome", "outcome", "结果", ZD_PAGE_TEXT}, {"count", "count", "数量", ZD_PAGE_COUNT}};
    static const zd_page_column rule_columns[] = {
        {"code", "rule", "规则", ZD_PAGE_TEXT}, {"sentence", "what it says", "含义", ZD_PAGE_TEXT}, {"count", "count", "数量", ZD_PAGE_COUNT}};
    static const zd_page_column movement_columns[] = {{"movement", "movement", "事项", ZD_PAGE_TEXT},
                                                      {"pool", "pool (or quota year)", "资金池（或额度）", ZD_PAGE_TEXT},
                                                      {"count", "count", "笔数", ZD_PAGE_COUNT},
                                                      {"sum_fen", "sum", "金额", ZD_PAGE_FEN}};
    period p = {.from_day = from_day, .to_day = to_day, .good = true};
    zd_history_visit visit = {.entry = see_entry, .context = &p};
    zd_page *page = zd_page_new(name, english, chinese);
    *out = page;
    zd_status status = zd_history_read(repository, &visit, err);
    if (status == ZD_OK) {
        fact_day(page, "from", "from", "自", from_day);
        fact_day(page, "to", "to", "至", to_day);
        zd_page_table(page, "movements", "Money and quota, by kind of movement and pool", "按事项与资金池的金额", movement_columns, COUNT(movement_columns));
        for (size_t i = 0; i < p.movements.count; i++) {
            const tally *t = &p.movements.list[i];
            zd_page_text(page, zd_span_text(t->words[0]));
            zd_page_text(page, zd_span_text(t->words[1]));
            zd_page_number(page, t->count);
            zd_page_number(page, t->sum_fen);
        }
        zd_page_sort(page);
        zd_page_table(page, "requests", "Requests by type and outcome", "按类型与结果的请求数", request_columns, COUNT(request_columns));
        for (size_t i = 0; i < p.requests.count; i++) {
            zd_page_text(page, zd_span_text(p.requests.list[i].words[0]));
            zd_page_text(page, zd_span_text(p.requests.list[i].words[1]));
            zd_page_number(page, p.requests.list[i].count);
        }
        zd_page_sort(page);
        zd_page_table(page, "refusals", "Refusals by rule", "按规则的拒绝数", rule_columns, COUNT(rule_columns));
        rule_rows(page, &p.refusals);
        zd_page_sort(page);
    }
    return finish(page, &p, status, err);
}

/* --- progress --- */

static const zd_page_column progress_columns[] = {
    {"month", "month", "月份", ZD_PAGE_TEXT},
    {"issued_fen", "vouchers issued", "发放", ZD_PAGE_FEN},
    {"reserved_fen", "reserved", "预约", ZD_PAGE_FEN},
    {"redeemed_fen", "redeemed", "核销", ZD_PAGE_FEN},
    {"paid_fen", "paid, less returns", "已付（扣退汇）", ZD_PAGE_FEN},
    {"redeemed_so_far_fen", "redeemed so far", "累计核销", ZD_PAGE_FEN},
    {"paid_so_far_fen", "paid so far", "累计已付", ZD_PAGE_FEN},
};

static int64_t month_sum(const tallies *t, const char *month, const char *movement)
{
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->list[i].words[0], month) == 0 && strncmp(t->list[i].words[1], movement, strlen(movement)) == 0) {
            return t->list[i].sum_fen;
        }
    }
    return 0;
}

typedef struct reached {
    const char *month;
    int64_t paid_fen;
} reached;

static zd_status target_rows(zd_page *page, zd_jval targets, const reached *months, size_t count, zd_error *err)
{
    static const zd_page_column columns[] = {{"by", "by", "期限", ZD_PAGE_TEXT},
                                             {"source", "source", "依据", ZD_PAGE_TEXT},
                                             {"target_fen", "target", "目标", ZD_PAGE_FEN},
                                             {"paid_fen", "paid by then", "届时已付", ZD_PAGE_FEN},
                                             {"verdict", "reached", "是否达成", ZD_PAGE_TEXT}};
    zd_page_table(page, "targets", "Payout targets (a month counts when it has ended)", "兑付目标（按月末累计）", columns, COUNT(columns));
    for (size_t i = 0; i < zd_jval_count(targets); i++) {
        zd_jval target = zd_jval_at(targets, i);
        zd_span by;
        zd_span source;
        int64_t day;
        int64_t target_fen;
        int64_t paid_fen = 0;
        zd_status status = zd_jval_need_text(&by, target, "by", err);
        status = status == ZD_OK ? zd_jval_need_text(&source, target, "source", err) : status;
        status = status == ZD_OK ? zd_jval_need_int(&target_fen, target, "paid_fen", 1, ZD_FEN_MAX, err) : status;
        if (status != ZD_OK) {
            return status;
        }
        if (!zd_date_parse(&day, by)) {
            status = zd_fail(err, ZD_E_FIELD_INVALID, "%s", "a date such as 2026-06-30");
            zd_error_field(err, "by", by);
            return status;
        }
        for (size_t m = 0; m < count; m++) {
            paid_fen = memcmp(months[m].month, by.data, 7) <= 0 ? months[m].paid_fen : paid_fen;
        }
        zd_page_text(page, by);
        zd_page_text(page, source);
        zd_page_number(page, target_fen);
        zd_page_number(page, paid_fen);
        zd_page_text(page, zd_span_text(paid_fen >= target_fen ? "yes 是" : "no 否"));
    }
    return ZD_OK;
}

static int by_month(const void *a, const void *b)
{
    return strcmp(((const reached *)a)->month, ((const reached *)b)->month);
}

/* The months that have any movement, in order. */
static size_t months_of(reached *out, const tallies *t)
{
    size_t count = 0;
    for (size_t i = 0; i < t->count; i++) {
        size_t m = 0;
        while (m < count && strcmp(out[m].month, t->list[i].words[0]) != 0) {
            m++;
        }
        if (m == count) {
            out[count++] = (reached){.month = t->list[i].words[0]};
        }
    }
    if (count > 0) {
        qsort(out, count, sizeof *out, by_month);
    }
    return count;
}

static void month_rows(zd_page *page, const tallies *t, reached *months, size_t count)
{
    int64_t redeemed_fen = 0;
    int64_t paid_fen = 0;
    for (size_t m = 0; m < count; m++) {
        const char *month = months[m].month;
        int64_t redeemed = month_sum(t, month, "redeemed");
        int64_t paid = month_sum(t, month, "paid ·") - month_sum(t, month, "returned by the bank");
        redeemed_fen += redeemed;
        paid_fen += paid;
        months[m].paid_fen = paid_fen;
        const int64_t cells[] = {month_sum(t, month, "vouchers issued"), month_sum(t, month, "reserved by orders"), redeemed, paid, redeemed_fen, paid_fen};
        zd_page_text(page, zd_span_text(month));
        for (size_t c = 0; c < COUNT(cells); c++) {
            zd_page_number(page, cells[c]);
        }
    }
}

zd_status zd_report_progress(zd_page **out, const char *repository, zd_span targets_json, zd_error *err)
{
    period p = {.from_day = INT64_MIN, .to_day = INT64_MAX, .good = true};
    zd_history_visit visit = {.entry = see_entry, .context = &p};
    zd_page *page = zd_page_new("progress", "Progress of the programme", "政策兑付进度");
    zd_json *targets = NULL;
    *out = page;
    zd_status status = targets_json.size > 0 ? zd_json_parse(&targets, targets_json, false, err) : ZD_OK;
    status = status == ZD_OK ? zd_history_read(repository, &visit, err) : status;
    if (status == ZD_OK) {
        reached *months = zd_alloc_zero(p.months.count + 1, sizeof *months);
        size_t count = months_of(months, &p.months);
        zd_page_table(page, "months", "By month of the decision", "按裁定月份", progress_columns, COUNT(progress_columns));
        month_rows(page, &p.months, months, count);
        if (targets != NULL) {
            status = target_rows(page, zd_json_root(targets), months, count, err);
        }
        free(months);
    }
    zd_json_free(targets);
    return finish(page, &p, status, err);
}
