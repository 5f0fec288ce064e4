/*
 * Money that must not stay where it is: the clearing accounts by age and against the lines behind them, and what a closed pool handed on, line by line. See reports.h.
 * Ages count from the event that put the money there: the seal, the return, the credit note, the claim.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/history/history.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/report/postings.h"
#include "ledger/report/reports.h"

#define COUNT(columns) (sizeof columns / sizeof *columns)

/* --- clearing accounts --- */

static const int clearing_codes[] = {1100, 1200, 2160, 2170, 3100, 3200};
#define CODES COUNT(clearing_codes)

typedef struct clearing_row {
    int code;
    char pool[ZD_ID_SIZE];
    int64_t count, oldest_day;
    int64_t fen[4]; /* up to 30, 60, 90 days, older */
    int64_t account_fen;
} clearing_row;

typedef struct clearing {
    clearing_row *rows; /* owned */
    size_t count, capacity;
    int64_t today_day;
    bool good;
} clearing;

static clearing_row *row_of(clearing *c, int code, const char *pool)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->rows[i].code == code && strcmp(c->rows[i].pool, pool) == 0) {
            return &c->rows[i];
        }
    }
    if (c->count == c->capacity) {
        c->capacity = c->capacity == 0 ? 32 : c->capacity * 2;
        c->rows = zd_realloc(c->rows, c->capacity * sizeof *c->rows);
    }
    clearing_row *row = &c->rows[c->count++];
    *row = (clearing_row){.code = code, .oldest_day = c->today_day};
    zd_format(row->pool, sizeof row->pool, "%.40s", pool);
    return row;
}

static void add(clearing *c, int code, const char *pool, int64_t day, int64_t amount_fen)
{
    if (amount_fen == 0) {
        return;
    }
    clearing_row *row = row_of(c, code, pool);
    int64_t age = c->today_day - day;
    size_t bucket = age <= 30 ? 0 : age <= 60 ? 1 : age <= 90 ? 2 : 3;
    row->count++;
    row->oldest_day = day < row->oldest_day ? day : row->oldest_day;
    c->good = zd_fen_add(&row->fen[bucket], row->fen[bucket], amount_fen) && c->good;
}

/* Lines that the bank has not answered finally are what account 3100 holds. */
static void add_lines(clearing *c, zd_book *book)
{
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_LINE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        const zd_rec_batch *batch = zd_book_find(book, ZD_R_BATCH, "%s", line->batch);
        bool waits = line->state == ZD_L_PENDING || line->state == ZD_L_ACCEPTED || line->state == ZD_L_UNKNOWN;
        if (waits && batch != NULL) {
            add(c, 3100, line->pool, zd_day_of(batch->sealed_ms, ZD_ZONE_SHANGHAI_MS), line->net_fen);
        }
    }
}

/* The newest return of this item's leg; its capture when it was returned before this ledger began. */
static int64_t returned_day(zd_book *book, const zd_rec_item *item, size_t leg)
{
    int64_t day = zd_day_of(item->at_ms, ZD_ZONE_SHANGHAI_MS);
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_LINE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        if (line->state == ZD_L_RETURNED && strcmp(line->provider, item->provider) == 0 && line->answered_day > day &&
            zd_book_find(book, ZD_R_LITEM, "%s/%s/%s/%zu", line->batch, line->provider, item->id, leg) != NULL) {
            day = line->answered_day;
        }
    }
    return day;
}

static void add_returned(clearing *c, zd_book *book)
{
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_item *item = cursor.record;
        for (size_t leg = 0; leg < ZD_LEGS; leg++) {
            if (item->returned_fen[leg] > 0) {
                add(c, 3200, item->leg_pool[leg], returned_day(book, item, leg), item->returned_fen[leg]);
            }
        }
    }
}

/* A claim stands on two accounts at once: who owes, and what is to be restored when it is paid. */
static void add_claims(clearing *c, zd_book *book)
{
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_NOTE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_note *note = cursor.record;
        add(c, 1100, note->pool, note->day, note->remaining_fen);
        add(c, 2160, note->pool, note->day, note->remaining_fen);
    }
    cursor = zd_book_scan(book, ZD_R_CASE, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_holdercase *claim = cursor.record;
        add(c, 1200, claim->pool, claim->day, claim->remaining_fen);
        add(c, 2170, claim->pool, claim->day, claim->remaining_fen);
    }
}

static void add_accounts(clearing *c, zd_book *book)
{
    for (size_t i = 0; i < CODES; i++) {
        zd_book_cursor cursor = zd_book_scan(book, ZD_R_ACCT, "%d/", clearing_codes[i]);
        while (zd_book_next(&cursor)) {
            const zd_rec_acct *account = cursor.record;
            const char *slash = strrchr(cursor.key, '/');
            if (account->balance_fen != 0) {
                clearing_row *row = row_of(c, clearing_codes[i], slash != NULL ? slash + 1 : "");
                c->good = zd_fen_add(&row->account_fen, row->account_fen, account->balance_fen) && c->good;
            }
        }
    }
}

zd_status zd_report_clearing(zd_page *page, zd_book *book, int64_t today_day, zd_error *err)
{
    static const zd_page_column columns[] = {
        {"account", "account", "科目", ZD_PAGE_TEXT},          {"pool", "pool", "资金池", ZD_PAGE_TEXT},          {"oldest", "oldest", "最早", ZD_PAGE_TEXT},
        {"count", "count", "笔数", ZD_PAGE_COUNT},             {"to_30_fen", "to 30 days", "30 天以内", ZD_PAGE_FEN}, {"to_60_fen", "31 to 60", "31–60 天", ZD_PAGE_FEN},
        {"to_90_fen", "61 to 90", "61–90 天", ZD_PAGE_FEN},    {"older_fen", "over 90", "90 天以上", ZD_PAGE_FEN},   {"account_fen", "balance of the account", "科目余额", ZD_PAGE_FEN},
        {"ties", "ties", "勾稽", ZD_PAGE_TEXT},
    };
    static const char *const names[CODES] = {"1100 owed by providers 应收服务机构", "1200 owed by holders 应收持券人", "2160 refund clearing 退款待清算",
                                             "2170 clawback clearing 追回待清算",   "3100 in settlement 结算在途",     "3200 returned by the bank 退汇"};
    clearing c = {.today_day = today_day, .good = true};
    add_lines(&c, book);
    add_returned(&c, book);
    add_claims(&c, book);
    add_accounts(&c, book);
    zd_page_table(page, "clearing", "Clearing accounts by age since the seal, the return, the credit note or the claim", "待清算科目账龄（自封存、退汇、退款或追回之日起）", columns, COUNT(columns));
    for (size_t i = 0; i < c.count; i++) {
        const clearing_row *row = &c.rows[i];
        char day[ZD_DATE_TEXT];
        int64_t sum_fen = row->fen[0] + row->fen[1] + row->fen[2] + row->fen[3];
        size_t name = 0;
        while (clearing_codes[name] != row->code) {
            name++;
        }
        zd_date_text(day, row->oldest_day);
        zd_page_text(page, zd_span_text(names[name]));
        zd_page_text(page, zd_span_text(row->pool));
        zd_page_text(page, zd_span_text(day));
        zd_page_number(page, row->count);
        for (size_t b = 0; b < 4; b++) {
            zd_page_number(page, row->fen[b]);
        }
        zd_page_number(page, row->account_fen);
        zd_page_text(page, zd_span_text(sum_fen == row->account_fen ? "yes 是" : "NO 否"));
    }
    zd_page_sort(page);
    free(c.rows);
    return c.good ? ZD_OK : zd_fail(err, ZD_E_LEDGER_CORRUPT, "%s", "a sum leaves the range of money");
}

/* --- what a pool handed on --- */

typedef struct handing {
    zd_page *page;
    const char *pool;
} handing;

static zd_span last_part(zd_span account)
{
    size_t at = account.size;
    while (at > 0 && account.data[at - 1] != '/') {
        at--;
    }
    return zd_span_of(account.data + at, account.size - at);
}

/* The same account of another pool on the other side, or cash given back: "3000/P/OLD" to "3000/P/NEW", "2000/OLD" to "1000/OLD". */
static const char *way_of(const zd_told_posting *posting, const char *pool)
{
    zd_span from = last_part(posting->debit);
    zd_span to = last_part(posting->credit);
    if (!zd_span_is(from, pool) || posting->debit.size < 5 || posting->credit.size < 5) {
        return NULL;
    }
    bool same_account = memcmp(posting->debit.data, posting->credit.data, 4) == 0;
    if (same_account && !zd_span_equal(from, to)) {
        return "carried 结转";
    }
    bool back = zd_span_starts(posting->debit, "2000/") && zd_span_starts(posting->credit, "1000/") && zd_span_equal(from, to);
    return back ? "given back or cut 交回或调减" : NULL;
}

static zd_status see_entry(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    handing *h = context;
    zd_told told;
    zd_status status = zd_told_parse(&told, seq, bytes, err);
    for (size_t i = 0; status == ZD_OK && told.moves && i < zd_told_postings(&told); i++) {
        zd_told_posting posting;
        status = zd_told_posting_at(&posting, &told, i, err);
        const char *way = status == ZD_OK ? way_of(&posting, h->pool) : NULL;
        if (way != NULL) {
            char entry[24];
            char date[ZD_DATE_TEXT];
            zd_format(entry, sizeof entry, "%012llu", (unsigned long long)seq);
            zd_date_text(date, zd_day_of(told.at_unix_ms, ZD_ZONE_SHANGHAI_MS));
            zd_page_text(h->page, zd_span_text(entry));
            zd_page_text(h->page, zd_span_text(date));
            zd_page_text(h->page, zd_span_text(way));
            zd_page_text(h->page, posting.debit);
            zd_page_text(h->page, posting.credit);
            zd_page_number(h->page, posting.amount_fen);
        }
    }
    zd_told_free(&told);
    return status;
}

zd_status zd_report_carried(zd_page *page, const char *repository, const char *pool, zd_error *err)
{
    static const zd_page_column columns[] = {{"entry", "entry", "账目", ZD_PAGE_TEXT},      {"day", "day", "日期", ZD_PAGE_TEXT}, {"way", "way", "方式", ZD_PAGE_TEXT},
                                             {"from", "from", "转出科目", ZD_PAGE_TEXT},    {"to", "to", "转入科目", ZD_PAGE_TEXT}, {"amount_fen", "amount", "金额", ZD_PAGE_FEN}};
    handing h = {.page = page, .pool = pool};
    zd_history_visit visit = {.entry = see_entry, .context = &h};
    zd_page_table(page, "carried", "Carried to another pool or given back, line by line, as published", "已公布的逐笔结转与交回", columns, COUNT(columns));
    zd_status status = zd_history_read(repository, &visit, err);
    if (status == ZD_OK && !zd_page_total(page)) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "%s", "a sum leaves the range of money");
    }
    return status;
}
