/* Pools, ageing, control totals and the year-close statement, from records; see reports.h. */
#include "ledger/report/reports.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"

#define COUNT(columns) (sizeof columns / sizeof *columns)

static void fact_entry(zd_page *page, uint64_t as_of)
{
    char text[32];
    zd_format(text, sizeof text, "%llu", (unsigned long long)as_of);
    zd_page_fact(page, "as_of_entry", "as of entry", "截至账目", zd_span_text(text));
}

static zd_status out_of_range(zd_error *err)
{
    return zd_fail(err, ZD_E_LEDGER_CORRUPT, "%s", "a sum leaves the range of money");
}

/* --- pools --- */

static const int pool_accounts[] = {1000, 1100, 1200, 2000, 2100, 2160, 2170, 2200, 3000, 3050, 3100, 3200};
#define POOL_ACCOUNTS COUNT(pool_accounts)

/* The pool is the last dimension of every money account's name. */
static zd_span pool_of(const char *account)
{
    const char *slash = strrchr(account, '/');
    return zd_span_text(slash != NULL ? slash + 1 : "");
}

static int code_of(const char *account)
{
    int code = 0;
    for (size_t i = 0; i < 4 && account[i] >= '0' && account[i] <= '9'; i++) {
        code = code * 10 + (account[i] - '0');
    }
    return code;
}

/* Sums of the pool's accounts in the order of pool_accounts. */
static bool pool_sums(int64_t sums_fen[POOL_ACCOUNTS], zd_book *book, const char *pool)
{
    bool good = true;
    memset(sums_fen, 0, POOL_ACCOUNTS * sizeof *sums_fen);
    for (size_t i = 0; i < POOL_ACCOUNTS; i++) {
        zd_book_cursor cursor = zd_book_scan(book, ZD_R_ACCT, "%d/", pool_accounts[i]);
        while (zd_book_next(&cursor)) {
            const zd_rec_acct *account = cursor.record;
            if (zd_span_is(pool_of(cursor.key), pool)) {
                good = zd_fen_add(&sums_fen[i], sums_fen[i], account->balance_fen) && good;
            }
        }
    }
    return good;
}

static bool balances(const int64_t sums_fen[POOL_ACCOUNTS])
{
    int64_t debits_less_credits = 0;
    for (size_t i = 0; i < POOL_ACCOUNTS; i++) {
        debits_less_credits += pool_accounts[i] < 2000 ? sums_fen[i] : -sums_fen[i];
    }
    return debits_less_credits == 0;
}

zd_status zd_report_pool(zd_page **out, zd_book *book, const char *pool, uint64_t as_of, zd_error *err)
{
    static const zd_page_column columns[] = {
        {"pool", "pool", "资金池", ZD_PAGE_TEXT},
        {"drawable_fen", "drawable (1000)", "国库可用", ZD_PAGE_FEN},
        {"receivable_fen", "receivable (1100, 1200)", "应收", ZD_PAGE_FEN},
        {"free_fen", "free (2000)", "可用余额", ZD_PAGE_FEN},
        {"earmarked_fen", "earmarked (2100)", "已安排", ZD_PAGE_FEN},
        {"clearing_fen", "clearing (2160, 2170)", "待清算", ZD_PAGE_FEN},
        {"reserved_fen", "reserved (2200)", "预约占用", ZD_PAGE_FEN},
        {"payable_fen", "payable (3000)", "应付", ZD_PAGE_FEN},
        {"held_fen", "on hold (3050)", "暂缓", ZD_PAGE_FEN},
        {"in_settlement_fen", "in settlement (3100)", "结算在途", ZD_PAGE_FEN},
        {"returned_fen", "returned (3200)", "退汇", ZD_PAGE_FEN},
        {"balanced", "debits = credits", "借贷平衡", ZD_PAGE_TEXT},
    };
    zd_page *page = zd_page_new("pool", "Pools", "资金池");
    bool found = false;
    bool good = true;
    fact_entry(page, as_of);
    zd_page_table(page, "pools", "Where the money of each pool is", "各资金池资金状态", columns, COUNT(columns));
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_POOL, "%.40s", pool);
    while (zd_book_next(&cursor)) {
        const zd_rec_pool *one = cursor.record;
        int64_t s[POOL_ACCOUNTS];
        if (pool[0] != '\0' && strcmp(one->id, pool) != 0) {
            continue;
        }
        found = true;
        good = pool_sums(s, book, one->id) && good;
        zd_page_text(page, zd_span_text(one->id));
        const int64_t cells[] = {s[0], s[1] + s[2], s[3], s[4], s[5] + s[6], s[7], s[8], s[9], s[10], s[11]};
        for (size_t i = 0; i < COUNT(cells); i++) {
            zd_page_number(page, cells[i]);
        }
        zd_page_text(page, zd_span_text(balances(s) ? "yes 是" : "NO 否"));
    }
    good = zd_page_total(page) && good;
    *out = page;
    if (pool[0] != '\0' && !found) {
        return zd_fail(err, ZD_E_A_ABSENT, "pool %s", pool);
    }
    return good ? ZD_OK : out_of_range(err);
}

/* --- ageing --- */

static const zd_page_column age_columns[] = {
    {"kind", "what", "类别", ZD_PAGE_TEXT},
    {"pool", "pool", "资金池", ZD_PAGE_TEXT},
    {"count", "count", "笔数", ZD_PAGE_COUNT},
    {"to_30_fen", "to 30 days", "30 天以内", ZD_PAGE_FEN},
    {"to_60_fen", "31 to 60", "31–60 天", ZD_PAGE_FEN},
    {"to_90_fen", "61 to 90", "61–90 天", ZD_PAGE_FEN},
    {"older_fen", "over 90", "90 天以上", ZD_PAGE_FEN},
    {"total_fen", "together", "合计", ZD_PAGE_FEN},
};
enum { AGE_OPEN, AGE_HELD, AGE_SETTLEMENT, AGE_RETURNED, AGE_PROVIDER, AGE_HOLDER, AGES };
static const char *const age_names[AGES] = {
    "open, not in a batch 待付", "on hold 暂缓", "in settlement 结算在途", "returned by the bank 退汇", "owed by providers 应收服务机构", "owed by holders 应收持券人"};

typedef struct age_row {
    char pool[ZD_ID_SIZE];
    int kind;
    int64_t count;
    int64_t fen[4];
} age_row;

typedef struct ages {
    age_row *rows; /* owned */
    size_t count, capacity;
    int64_t today_day;
    bool good;
} ages;

static void add_age(ages *a, int kind, const char *pool, int64_t day, int64_t amount_fen)
{
    size_t i = 0;
    int64_t age = a->today_day - day;
    size_t bucket = age <= 30 ? 0 : age <= 60 ? 1 : age <= 90 ? 2 : 3;
    if (amount_fen == 0) {
        return;
    }
    while (i < a->count && (a->rows[i].kind != kind || strcmp(a->rows[i].pool, pool) != 0)) {
        i++;
    }
    if (i == a->count) {
        if (a->count == a->capacity) {
            a->capacity = a->capacity == 0 ? 32 : a->capacity * 2;
            a->rows = zd_realloc(a->rows, a->capacity * sizeof *a->rows);
        }
        a->rows[a->count] = (age_row){.kind = kind};
        zd_format(a->rows[a->count++].pool, ZD_ID_SIZE, "%s", pool);
    }
    a->rows[i].count++;
    a->good = zd_fen_add(&a->rows[i].fen[bucket], a->rows[i].fen[bucket], amount_fen) && a->good;
}

static int64_t item_day(const zd_rec_item *item)
{
    return zd_day_of(item->at_ms, ZD_ZONE_SHANGHAI_MS);
}

static void age_items(ages *a, zd_book *book)
{
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_item *item = cursor.record;
        for (size_t leg = 0; leg < ZD_LEGS; leg++) {
            add_age(a, item->held != 0 ? AGE_HELD : AGE_OPEN, item->leg_pool[leg], item_day(item), item->open_fen[leg]);
            add_age(a, AGE_SETTLEMENT, item->leg_pool[leg], item_day(item), item->in_batch_fen[leg]);
            add_age(a, AGE_RETURNED, item->leg_pool[leg], item_day(item), item->returned_fen[leg]);
        }
    }
    cursor = zd_book_scan(book, ZD_R_NOTE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_note *note = cursor.record;
        add_age(a, AGE_PROVIDER, note->pool, note->day, note->remaining_fen);
    }
    cursor = zd_book_scan(book, ZD_R_CASE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_holdercase *claim = cursor.record;
        add_age(a, AGE_HOLDER, claim->pool, claim->day, claim->remaining_fen);
    }
}

zd_status zd_report_aging(zd_page **out, zd_book *book, int64_t today_day, uint64_t as_of, zd_error *err)
{
    ages a = {.today_day = today_day, .good = true};
    char day[ZD_DATE_TEXT];
    zd_page *page = zd_page_new("aging", "Ageing of open money", "账龄分析");
    zd_date_text(day, today_day);
    fact_entry(page, as_of);
    zd_page_fact(page, "day", "on", "基准日", zd_span_text(day));
    zd_page_table(page, "ages", "By age in days since the capture (claims: since they arose)", "按核销日（应收款按发生日）计算的账龄", age_columns, COUNT(age_columns));
    age_items(&a, book);
    for (size_t i = 0; i < a.count; i++) {
        const age_row *row = &a.rows[i];
        int64_t total_fen = 0;
        zd_page_text(page, zd_span_text(age_names[row->kind]));
        zd_page_text(page, zd_span_text(row->pool));
        zd_page_number(page, row->count);
        for (size_t b = 0; b < 4; b++) {
            zd_page_number(page, row->fen[b]);
            a.good = zd_fen_add(&total_fen, total_fen, row->fen[b]) && a.good;
        }
        zd_page_number(page, total_fen);
    }
    zd_page_sort(page);
    free(a.rows);
    *out = page;
    return zd_page_total(page) && a.good ? ZD_OK : out_of_range(err);
}

/* --- control totals --- */

static const zd_page_column total_columns[] = {
    {"batch", "batch", "批次", ZD_PAGE_TEXT},
    {"lines", "lines", "笔数", ZD_PAGE_COUNT},
    {"sealed_fen", "sealed", "封存", ZD_PAGE_FEN},
    {"released_fen", "released", "放行", ZD_PAGE_FEN},
    {"in_files_fen", "in the files", "文件合计", ZD_PAGE_FEN},
    {"sent_fen", "handed over", "已送出", ZD_PAGE_FEN},
    {"waiting_fen", "no answer yet", "未回执", ZD_PAGE_FEN},
    {"debited_fen", "debited or paid", "已扣款", ZD_PAGE_FEN},
    {"returned_fen", "returned", "退汇", ZD_PAGE_FEN},
    {"failed_fen", "failed", "失败", ZD_PAGE_FEN},
    {"unknown_fen", "unknown", "未知", ZD_PAGE_FEN},
    {"stopped_fen", "held or withdrawn", "暂缓或撤回", ZD_PAGE_FEN},
    {"account_fen", "account 3100", "科目 3100", ZD_PAGE_FEN},
    {"ties", "ties", "勾稽", ZD_PAGE_TEXT},
};

typedef struct line_sums {
    int64_t sealed, waiting, debited, returned, failed, unknown, stopped;
} line_sums;

static void add_line(line_sums *s, const zd_rec_line *line)
{
    int64_t fen = line->net_fen;
    s->sealed += fen;
    switch ((zd_line_state)line->state) {
    case ZD_L_PENDING:
    case ZD_L_ACCEPTED:
        s->waiting += fen;
        break;
    case ZD_L_DEBITED:
    case ZD_L_PAID:
        s->debited += fen;
        break;
    case ZD_L_RETURNED:
        s->returned += fen;
        break;
    case ZD_L_FAILED:
        s->failed += fen;
        break;
    case ZD_L_UNKNOWN:
        s->unknown += fen;
        break;
    case ZD_L_HELD:
    case ZD_L_WITHDRAWN:
        s->stopped += fen;
        break;
    case ZD_L_ZERO:
        break;
    }
}

/* Handed over: finance said so, or the bank has answered a line. */
static bool is_sent(const zd_rec_batch *batch, const line_sums *s)
{
    bool said = batch->state == ZD_B_SUBMITTED || batch->state == ZD_B_ACKED || batch->state == ZD_B_SETTLING || batch->state == ZD_B_CLOSED;
    return batch->released_seq != 0 && (said || s->debited + s->returned + s->failed + s->unknown > 0);
}

/* Ties when the lines give the sealed total, what is not yet answered is what account 3100 holds, the files say what was released, and nothing is missing. */
static void total_row(zd_page *page, zd_book *book, const zd_rec_batch *batch, zd_report_file *file, void *context)
{
    line_sums s = {0};
    int64_t file_count = 0;
    int64_t file_fen = 0;
    bool has_file = file != NULL && file(context, batch->id, &file_count, &file_fen);
    int64_t account_fen = 0;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_LINE, "%s/", batch->id);
    while (zd_book_next(&cursor)) {
        add_line(&s, cursor.record);
    }
    cursor = zd_book_scan(book, ZD_R_ACCT, "3100/%s/", batch->id);
    while (zd_book_next(&cursor)) {
        account_fen += ((const zd_rec_acct *)cursor.record)->balance_fen;
    }
    const int64_t cells[] = {s.sealed, batch->released_total_fen, file_fen, is_sent(batch, &s) ? batch->released_total_fen : 0, s.waiting, s.debited, s.returned, s.failed, s.unknown, s.stopped, account_fen};
    bool released = batch->released_seq != 0;
    bool ties = s.sealed == batch->total_fen && account_fen == s.waiting + s.unknown &&
                (!released || batch->released_total_fen == s.sealed - s.stopped) &&
                (!has_file || (file_count == batch->released_count && file_fen == batch->released_total_fen));
    zd_page_text(page, zd_span_text(batch->id));
    zd_page_number(page, batch->count);
    for (size_t i = 0; i < COUNT(cells); i++) {
        zd_page_number(page, cells[i]);
    }
    zd_page_text(page, zd_span_text(ties ? "yes 是" : "NO 否"));
}

zd_status zd_report_totals(zd_page **out, zd_book *book, const char *batch, uint64_t as_of, zd_report_file *file, void *context, zd_error *err)
{
    zd_page *page = zd_page_new("totals", "Control totals of the settlement batches", "结算批次控制总额");
    bool found = false;
    fact_entry(page, as_of);
    zd_page_table(page, "batches", "What was sealed, released, put into files, handed over, and what the bank answered", "封存、放行、文件、送出与银行回执", total_columns, COUNT(total_columns));
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_BATCH, "%.40s", batch);
    while (zd_book_next(&cursor)) {
        const zd_rec_batch *one = cursor.record;
        if (batch[0] == '\0' || strcmp(one->id, batch) == 0) {
            found = true;
            total_row(page, book, one, file, context);
        }
    }
    bool good = zd_page_total(page);
    *out = page;
    if (batch[0] != '\0' && !found) {
        return zd_fail(err, ZD_E_A_ABSENT, "batch %s", batch);
    }
    return good ? ZD_OK : out_of_range(err);
}

/* --- year close --- */

static const zd_page_column close_columns[] = {
    {"account", "account", "科目", ZD_PAGE_TEXT},
    {"name", "name", "名称", ZD_PAGE_TEXT},
    {"balance_fen", "balance", "余额", ZD_PAGE_FEN},
};

static const char *account_name(const char *account)
{
    static const struct {
        int code;
        const char *name;
    } chart[] = {
#define ZD_ACCOUNT(code, side, dimensions, english, chinese) {code, chinese " · " english},
#include "ledger/book/accounts.def"
#undef ZD_ACCOUNT
    };
    for (size_t i = 0; i < COUNT(chart); i++) {
        if (chart[i].code == code_of(account)) {
            return chart[i].name;
        }
    }
    return "";
}

zd_status zd_report_close(zd_page **out, zd_book *book, const char *pool, uint64_t as_of, zd_error *err)
{
    zd_page *page = zd_page_new("close", "Year-close statement of a pool", "资金池年度决算表");
    const zd_rec_pool *record = zd_book_find(book, ZD_R_POOL, "%.40s", pool);
    *out = page;
    if (record == NULL) {
        return zd_fail(err, ZD_E_A_ABSENT, "pool %s", pool);
    }
    int64_t open_fen = 0;
    bool good = true;
    char year[32];
    zd_format(year, sizeof year, "%lld", (long long)record->year);
    fact_entry(page, as_of);
    zd_page_fact(page, "pool", "pool", "资金池", zd_span_text(record->id));
    zd_page_fact(page, "budget_year", "budget year", "预算年度", zd_span_text(year));
    zd_page_fact(page, "document", "indicator document", "指标文号", zd_span_text(record->document));
    zd_page_fact(page, "budget_unit", "budget unit", "预算单位", zd_span_text(record->budget_unit));
    zd_page_fact(page, "state", "state", "状态", zd_span_text(record->closed != 0 ? "closed 已关闭" : "open 未关闭"));
    zd_page_table(page, "accounts", "Accounts that are not zero", "余额不为零的科目", close_columns, COUNT(close_columns));
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_ACCT, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_acct *account = cursor.record;
        const char *name = cursor.key + strlen("ACCT/");
        if (code_of(name) < 6000 && account->balance_fen != 0 && zd_span_is(pool_of(name), pool)) {
            zd_page_text(page, zd_span_text(name));
            zd_page_text(page, zd_span_text(account_name(name)));
            zd_page_number(page, account->balance_fen);
            good = zd_fen_add(&open_fen, open_fen, account->balance_fen) && good;
        }
    }
    zd_page_fact(page, "verdict", "verdict", "结论", zd_span_text(open_fen == 0 ? "every account is zero 各科目余额均为零" : "balances remain, listed below 尚有余额，见下表"));
    return good ? ZD_OK : out_of_range(err);
}
