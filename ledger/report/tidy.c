/* Streams the tables of the analyst's export; see tidy.h. Two walks: the history (entries, postings, checkpoints), then the records that it leads to. */
#include "ledger/report/tidy.h"

#include <string.h>

#include "audit/history/history.h"
#include "ledger/act/redecide.h"
#include "ledger/base/clock.h"
#include "ledger/report/postings.h"

static const zd_tidy_column entry_columns[] = {
    {"entry", true, "", "place in the log", "账目序号"},
    {"at", false, "instant", "decided at", "裁定时间"},
    {"type", false, "word", "request type; empty for an effect of an earlier request", "请求类型，效果账目为空"},
    {"request_id", false, "", "the party's own id of the request", "请求编号"},
    {"signer", false, "", "key name that signed", "签名密钥名"},
    {"of_entry", true, "", "effect: entry of its request", "效果账目所属请求的序号"},
    {"item", false, "", "effect: what it is about", "效果账目对象"},
    {"outcome", false, "word", "accepted, held, refused or proposed", "结果：accepted 受理，held 暂缓，refused 拒绝，proposed 待第二人"},
    {"code", false, "code", "rule that refused", "拒绝规则代码"},
    {"gates", false, "codes", "gates found", "闸口"},
    {"holds", false, "codes", "holds found", "暂缓"},
    {"flags", false, "codes", "risk flags found", "风险标记"},
    {"policy", true, "", "policy that decided", "适用政策序号"},
    {"subsidy_fen", true, "fen", "subsidy decided", "裁定补助金额"},
    {"leaf_sha256", false, "hex", "Merkle leaf hash of the entry", "账目的默克尔叶哈希"},
};
static const zd_tidy_column posting_columns[] = {
    {"entry", true, "", "entry", "账目序号"},
    {"number", true, "", "place within the entry", "账目内序号"},
    {"debit", false, "", "account debited", "借方科目"},
    {"credit", false, "", "account credited", "贷方科目"},
    {"amount_fen", true, "fen", "amount", "金额"},
};
static const zd_tidy_column checkpoint_columns[] = {
    {"size", true, "", "entries it covers", "覆盖账目数"},
    {"root", false, "hex", "Merkle root", "默克尔根"},
    {"published_at", false, "instant", "time of its commit", "提交时间"},
};
static const zd_tidy_column balance_columns[] = {
    {"account", false, "", "account with its dimensions", "科目及其维度"},
    {"code", false, "", "account code", "科目代码"},
    {"english", false, "", "name", "英文名称"},
    {"chinese", false, "", "name in Chinese", "中文名称"},
    {"debit_normal", true, "0 or 1", "does a debit increase it", "是否借方余额"},
    {"balance_fen", true, "fen", "balance on its normal side", "正常方向余额"},
};
#define TOLD(name, english, chinese, columns) {name, english, chinese, columns, ZD_COUNT(columns)}
enum { ENTRIES, POSTINGS, CHECKPOINTS, BALANCES };
static const zd_tidy_table told_tables[] = {
    TOLD("entries", "every entry of the log with its decision", "日志的每条账目及其裁定", entry_columns),
    TOLD("postings", "every posting of the double entry", "复式记账的每笔分录", posting_columns),
    TOLD("checkpoints", "published heads of the log", "已发布的检查点", checkpoint_columns),
    TOLD("balances", "balance of every account at the end, added up from the postings", "由分录加总的各科目期末余额", balance_columns),
};

typedef struct stream {
    const zd_tidy_sink *sink;
    zd_tidy_row row;
    zd_book *book;
    zd_acts *acts;
    zd_redecide *redecide;
    zd_told_accounts accounts;
    zd_tidy_counts counts;
    int pass; /* which of the told tables this walk of the history fills */
} stream;

static zd_status put(stream *s, zd_error *err)
{
    s->counts.rows++;
    return s->sink->row(s->sink->context, &s->row, err);
}

static zd_status begin(stream *s, const zd_tidy_table *table, zd_error *err)
{
    s->counts.tables++;
    return s->sink->table(s->sink->context, table, err);
}

/* An array of words, comma-joined. */
static void joined(zd_tidy_row *row, zd_jval array)
{
    zd_buf text = {0};
    for (size_t i = 0; i < zd_jval_count(array); i++) {
        if (i > 0) {
            zd_buf_add_byte(&text, ',');
        }
        zd_buf_add_span(&text, zd_jval_text(zd_jval_at(array, i)));
    }
    zd_tidy_text(row, zd_buf_span(&text));
    zd_buf_free(&text);
}

static void number_or_null(zd_tidy_row *row, zd_jval value)
{
    if (zd_jval_kind(value) == ZD_J_INT) {
        zd_tidy_number(row, zd_jval_int(value));
    } else {
        zd_tidy_null(row);
    }
}

static void request_cells(zd_tidy_row *row, const zd_told *told)
{
    zd_note note;
    zd_error ignored = {0};
    zd_json *request = NULL;
    zd_span type = zd_told_type(&request, told);
    zd_tidy_text(row, type);
    zd_tidy_text(row, request != NULL ? zd_jval_text(zd_jval_get(zd_json_root(request), "id")) : zd_span_of(NULL, 0));
    bool signed_note = told->note.size > 0 && zd_note_split(&note, told->note, &ignored) == ZD_OK && note.count > 0;
    zd_tidy_text(row, signed_note ? note.signatures[0].name : zd_span_of(NULL, 0));
    zd_json_free(request);
}

static void hash_text(zd_tidy_row *row, const zd_hash *hash)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, hash);
    zd_tidy_text(row, zd_span_text(hex));
}

static zd_status entry_row(stream *s, const zd_told *told, zd_span bytes, zd_error *err)
{
    zd_hash leaf = zd_tree_leaf_hash(bytes);
    zd_tidy_row_clear(&s->row);
    zd_tidy_number(&s->row, (int64_t)told->seq);
    zd_tidy_text(&s->row, zd_jval_text(zd_jval_get(told->line, "at")));
    request_cells(&s->row, told);
    number_or_null(&s->row, zd_jval_get(told->line, "of"));
    zd_tidy_text(&s->row, zd_jval_text(zd_jval_get(told->line, "item")));
    zd_tidy_text(&s->row, zd_jval_text(zd_jval_get(told->line, "outcome")));
    zd_tidy_text(&s->row, zd_jval_text(zd_jval_get(told->line, "code")));
    joined(&s->row, zd_jval_get(told->line, "gates"));
    joined(&s->row, zd_jval_get(told->line, "holds"));
    joined(&s->row, zd_jval_get(told->line, "flags"));
    number_or_null(&s->row, zd_jval_get(told->line, "policy"));
    number_or_null(&s->row, zd_jval_get(told->line, "subsidy_fen"));
    hash_text(&s->row, &leaf);
    return put(s, err);
}

static zd_status posting_rows(stream *s, const zd_told *told, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < zd_told_postings(told) && status == ZD_OK; i++) {
        zd_told_posting posting;
        bool added;
        status = zd_told_posting_at(&posting, told, i, err);
        if (status == ZD_OK && (!zd_told_add(&added, &s->accounts, posting.debit, posting.amount_fen) ||
                                !zd_told_add(&added, &s->accounts, posting.credit, -posting.amount_fen))) {
            status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "entry %llu: a balance leaves the range of money", (unsigned long long)told->seq);
        }
        if (status == ZD_OK) {
            zd_tidy_row_clear(&s->row);
            zd_tidy_number(&s->row, (int64_t)told->seq);
            zd_tidy_number(&s->row, (int64_t)i + 1);
            zd_tidy_text(&s->row, posting.debit);
            zd_tidy_text(&s->row, posting.credit);
            zd_tidy_number(&s->row, posting.amount_fen);
            status = put(s, err);
        }
    }
    return status;
}

static zd_status see_entry(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    stream *s = context;
    zd_told told;
    if (s->pass == CHECKPOINTS) {
        return ZD_OK;
    }
    zd_status status = zd_told_parse(&told, seq, bytes, err);
    if (status == ZD_OK && s->pass == ENTRIES) {
        s->counts.entries++;
        status = zd_redecide_entry(s->redecide, seq, bytes, err);
        zd_book_clean(s->book);
        status = status == ZD_OK ? entry_row(s, &told, bytes, err) : status;
    } else if (status == ZD_OK) {
        status = posting_rows(s, &told, err);
    }
    zd_told_free(&told);
    return status;
}

static zd_status see_checkpoint(void *context, const zd_checkpoint *checkpoint, const zd_trail_commit *commit, zd_error *err)
{
    stream *s = context;
    char at[ZD_TIME_TEXT];
    if (s->pass != CHECKPOINTS) {
        return ZD_OK;
    }
    zd_time_text(at, commit->time_unix_s * 1000);
    zd_tidy_row_clear(&s->row);
    zd_tidy_number(&s->row, (int64_t)checkpoint->size);
    hash_text(&s->row, &checkpoint->root);
    zd_tidy_text(&s->row, zd_span_text(at));
    return put(s, err);
}

static zd_status balance_row(stream *s, const zd_told_account *account, zd_error *err)
{
    static const struct {
        const char *code, *english, *chinese;
    } chart[] = {
#define ZD_ACCOUNT(code, side, dimensions, english, chinese) {#code, english, chinese},
#include "ledger/book/accounts.def"
#undef ZD_ACCOUNT
    };
    bool known;
    bool debit = zd_account_is_debit(account->name, &known);
    zd_tidy_row_clear(&s->row);
    zd_tidy_text(&s->row, zd_span_text(account->name));
    size_t i = 0;
    while (i < ZD_COUNT(chart) && strncmp(account->name, chart[i].code, strlen(chart[i].code)) != 0) {
        i++;
    }
    zd_tidy_text(&s->row, zd_span_text(i < ZD_COUNT(chart) ? chart[i].code : ""));
    zd_tidy_text(&s->row, zd_span_text(i < ZD_COUNT(chart) ? chart[i].english : ""));
    zd_tidy_text(&s->row, zd_span_text(i < ZD_COUNT(chart) ? chart[i].chinese : ""));
    zd_tidy_number(&s->row, debit ? 1 : 0);
    zd_tidy_number(&s->row, debit ? account->debit_fen : -account->debit_fen);
    return put(s, err);
}

static zd_status record_rows(stream *s, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < zd_tidy_record_tables() && status == ZD_OK; i++) {
        zd_record_kind kind;
        const zd_tidy_table *table = zd_tidy_record_table(i, &kind);
        zd_book_cursor cursor = zd_book_scan(s->book, kind, "%s", "");
        status = begin(s, table, err);
        while (status == ZD_OK && zd_book_next(&cursor)) {
            zd_tidy_record_row(&s->row, i, cursor.record);
            status = put(s, err);
        }
    }
    return status;
}

zd_status zd_tidy_stream(zd_tidy_counts *counts, const char *repository, const zd_tidy_sink *sink, zd_error *err)
{
    zd_error local = {0};
    stream s = {.sink = sink, .book = zd_book_new(NULL)};
    zd_history_visit visit = {.entry = see_entry, .checkpoint = see_checkpoint, .context = &s};
    zd_status status = ZD_OK;
    err = err != NULL ? err : &local;
    s.acts = zd_acts_new(s.book);
    s.redecide = zd_redecide_new(s.acts);
    for (s.pass = ENTRIES; s.pass <= CHECKPOINTS && status == ZD_OK; s.pass++) {
        status = begin(&s, &told_tables[s.pass], err);
        status = status == ZD_OK ? zd_history_read(repository, &visit, err) : status;
    }
    status = status == ZD_OK ? begin(&s, &told_tables[BALANCES], err) : status;
    for (size_t i = 0; i < s.accounts.count && status == ZD_OK; i++) {
        status = balance_row(&s, &s.accounts.list[i], err);
    }
    status = status == ZD_OK ? record_rows(&s, err) : status;
    if (counts != NULL) {
        *counts = s.counts;
    }
    zd_told_accounts_free(&s.accounts);
    zd_redecide_free(s.redecide);
    zd_acts_free(s.acts);
    zd_book_free(s.book);
    zd_tidy_row_free(&s.row);
    return status;
}
