/* Plain-text accounting; see journal.h. One transaction an entry, two lines a posting, so that a reader of the journal sees what the ledger saw. */
#include "ledger/report/journal.h"

#include <string.h>

#include "audit/history/history.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/report/postings.h"

typedef struct journal {
    FILE *out;
    zd_journal_format format;
    zd_told_accounts accounts;
    zd_journal_counts counts;
    int64_t day;          /* of the newest entry */
    bool due;             /* beancount: a checkpoint since the balances of a day were last asserted */
    uint64_t size;        /* of the last checkpoint */
} journal;

bool zd_journal_format_find(zd_journal_format *out, const char *name)
{
    static const char *const names[] = {"hledger", "ledger", "beancount"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (zd_journal_format)(ZD_JOURNAL_HLEDGER + (int)i);
            return true;
        }
    }
    return false;
}

/* --- names --- */

static const char *root_of(zd_span code)
{
    switch (code.size > 0 ? code.data[0] : '\0') {
    case '1':
        return "Assets";
    case '2':
    case '3':
        return "Liabilities";
    default:
        return "Equity";
    }
}

/* ':' parts account names and no identifier holds '%'. */
static void add_byte(zd_buf *out, uint8_t byte)
{
    if (byte == ':') {
        zd_buf_add_text(out, "%3A");
    } else {
        zd_buf_add_byte(out, byte);
    }
}

static bool plain_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') || byte == '-';
}

/* beancount takes letters, digits and '-' after a capital or a digit; everything else becomes "X-" and the bytes in hex, and so does what looks like that. */
static void add_component(zd_buf *out, zd_span part, bool beancount)
{
    bool plain = part.size > 0 && !(part.data[0] >= 'a' && part.data[0] <= 'z') && part.data[0] != '-' && !zd_span_starts(part, "X-");
    for (size_t i = 0; i < part.size; i++) {
        plain = plain && plain_byte(part.data[i]);
    }
    if (!beancount || plain) {
        for (size_t i = 0; i < part.size; i++) {
            add_byte(out, part.data[i]);
        }
        return;
    }
    zd_buf_add_text(out, "X-");
    for (size_t i = 0; i < part.size; i++) {
        zd_buf_addf(out, "%02X", part.data[i]);
    }
}

/* "3000/P/POOL" becomes "Liabilities:3000:P:POOL". */
static void add_account(zd_buf *out, const journal *j, const char *name)
{
    zd_span rest = zd_span_text(name);
    zd_span part;
    bool first = true;
    while (rest.size > 0) {
        rest = zd_span_cut(&part, rest, '/');
        if (first) {
            zd_buf_add_text(out, root_of(part));
        }
        zd_buf_add_byte(out, ':');
        add_component(out, part, j->format == ZD_JOURNAL_BEANCOUNT);
        first = false;
    }
}

static const char *unit_of(const char *account)
{
    return account[0] == '6' ? "QUOTA" : "CNY";
}

/* --- what is asserted --- */

static void write_balance(journal *j, zd_buf *text, const zd_told_account *account, const char *date)
{
    char amount[ZD_FEN_TEXT];
    zd_fen_yuan(amount, account->debit_fen);
    if (j->format == ZD_JOURNAL_BEANCOUNT) {
        zd_buf_addf(text, "%s balance ", date);
        add_account(text, j, account->name);
        zd_buf_addf(text, "  %s %s\n", amount, unit_of(account->name));
    } else {
        zd_buf_add_text(text, "    ");
        add_account(text, j, account->name);
        zd_buf_addf(text, "  0.00 %s = %s %s\n", unit_of(account->name), amount, unit_of(account->name));
    }
    j->counts.assertions++;
}

static zd_status flush(journal *j, zd_buf *text, zd_error *err)
{
    bool good = fwrite(text->data, 1, text->size, j->out) == text->size;
    zd_buf_free(text);
    return good ? ZD_OK : zd_fail_errno(err, ZD_E_FILE_IO, "journal");
}

/* Balances of the accounts that moved, or of all; day: beancount's day, whose beginning they hold at. */
static zd_status write_balances(journal *j, int64_t day, const char *why, bool all, zd_error *err)
{
    zd_buf text = {0};
    char date[ZD_DATE_TEXT];
    size_t said = 0;
    zd_date_text(date, day);
    for (size_t i = 0; i < j->accounts.count; i++) {
        zd_told_account *account = &j->accounts.list[i];
        if (!all && !account->moved) {
            continue;
        }
        if (said++ == 0 && j->format != ZD_JOURNAL_BEANCOUNT) {
            zd_buf_addf(&text, "%s * %s\n", date, why);
        } else if (said == 1) {
            zd_buf_addf(&text, "; %s\n", why);
        }
        write_balance(j, &text, account, date);
        account->moved = false;
    }
    if (said > 0) {
        zd_buf_add_byte(&text, '\n');
    }
    return said > 0 ? flush(j, &text, err) : ZD_OK;
}

static zd_status see_checkpoint(void *context, const zd_checkpoint *checkpoint, const zd_trail_commit *commit, zd_error *err)
{
    journal *j = context;
    char why[64];
    (void)commit;
    j->size = checkpoint->size;
    zd_format(why, sizeof why, "checkpoint %llu", (unsigned long long)checkpoint->size);
    if (j->format == ZD_JOURNAL_BEANCOUNT) {
        j->due = true;
        return ZD_OK;
    }
    return write_balances(j, j->day, why, false, err);
}

/* --- transactions --- */

static void write_open(journal *j, zd_buf *text, zd_span name, const char *date)
{
    zd_buf account = {0};
    char plain[ZD_ACCOUNT_NAME_MAX];
    ZD_ASSERT(zd_span_copy(plain, sizeof plain, name));
    add_account(&account, j, plain);
    if (j->format == ZD_JOURNAL_BEANCOUNT) {
        zd_buf_addf(text, "%s open %s %s\n", date, zd_buf_text(&account), unit_of(plain));
    } else {
        zd_buf_addf(text, "account %s\n", zd_buf_text(&account));
    }
    zd_buf_free(&account);
}

static void write_half(journal *j, zd_buf *text, zd_span name, int64_t debit_fen)
{
    char plain[ZD_ACCOUNT_NAME_MAX];
    char amount[ZD_FEN_TEXT];
    ZD_ASSERT(zd_span_copy(plain, sizeof plain, name));
    zd_fen_yuan(amount, debit_fen);
    zd_buf_add_text(text, "    ");
    add_account(text, j, plain);
    zd_buf_addf(text, "  %s %s\n", amount, unit_of(plain));
}

static void write_title(journal *j, zd_buf *text, const zd_told *told, const char *date)
{
    zd_json *request = NULL;
    zd_span type = zd_told_type(&request, told);
    zd_span item = zd_jval_text(zd_jval_get(told->line, "item"));
    zd_span id = request != NULL ? zd_jval_text(zd_jval_get(zd_json_root(request), "id")) : item;
    bool beancount = j->format == ZD_JOURNAL_BEANCOUNT;
    zd_buf_addf(text, beancount ? "%s * \"%llu " : "%s * (%llu) ", date, (unsigned long long)told->seq);
    zd_buf_add_span(text, type.size > 0 ? type : zd_span_text("effect"));
    zd_buf_add_byte(text, ' ');
    zd_buf_add_span(text, id);
    zd_buf_add_text(text, beancount ? "\"\n" : "\n");
    zd_json_free(request);
}

static zd_status write_transaction(journal *j, zd_buf *opens, zd_buf *text, const zd_told *told, const char *date, zd_error *err)
{
    write_title(j, text, told, date);
    for (size_t i = 0; i < zd_told_postings(told); i++) {
        zd_told_posting posting;
        zd_status status = zd_told_posting_at(&posting, told, i, err);
        if (status != ZD_OK) {
            return status;
        }
        for (int side = 0; side < 2; side++) {
            zd_span name = side == 0 ? posting.debit : posting.credit;
            int64_t debit_fen = side == 0 ? posting.amount_fen : -posting.amount_fen;
            bool added = false;
            if (!zd_told_add(&added, &j->accounts, name, debit_fen)) {
                return zd_fail(err, ZD_E_LEDGER_CORRUPT, "entry %llu: a balance leaves the range of money", (unsigned long long)told->seq);
            }
            if (added) {
                write_open(j, opens, name, date);
            }
            write_half(j, text, name, debit_fen);
        }
        j->counts.postings++;
    }
    zd_buf_add_byte(text, '\n');
    return ZD_OK;
}

static zd_status see_entry(void *context, uint64_t seq, zd_span bytes, zd_error *err)
{
    journal *j = context;
    zd_told told;
    zd_buf opens = {0};
    zd_buf text = {0};
    char date[ZD_DATE_TEXT];
    zd_status status = zd_told_parse(&told, seq, bytes, err);
    int64_t day = status == ZD_OK ? zd_day_of(told.at_unix_ms, ZD_ZONE_SHANGHAI_MS) : j->day;
    if (status == ZD_OK && j->format == ZD_JOURNAL_BEANCOUNT && j->due && day > j->day) {
        char why[64];
        zd_format(why, sizeof why, "checkpoint %llu", (unsigned long long)j->size);
        status = write_balances(j, j->day + 1, why, false, err);
        j->due = false;
    }
    j->day = day;
    zd_date_text(date, day);
    j->counts.entries++;
    if (status == ZD_OK && zd_told_postings(&told) > 0) {
        status = write_transaction(j, &opens, &text, &told, date, err);
        zd_buf_add_span(&opens, zd_buf_span(&text));
        status = status == ZD_OK ? flush(j, &opens, err) : status;
    }
    zd_buf_free(&opens);
    zd_buf_free(&text);
    zd_told_free(&told);
    return status;
}

static zd_status write_head(journal *j, zd_error *err)
{
    zd_buf text = {0};
    zd_buf_add_text(&text, "; The double entry of an innovation-voucher ledger: every posting of every signed act, and the balances at each checkpoint.\n");
    if (j->format == ZD_JOURNAL_BEANCOUNT) {
        zd_buf_add_text(&text, "option \"operating_currency\" \"CNY\"\noption \"inferred_tolerance_multiplier\" \"0\"\n1970-01-01 commodity CNY\n1970-01-01 commodity QUOTA\n\n");
    } else {
        zd_buf_add_text(&text, "commodity CNY\n    format 1000.00 CNY\ncommodity QUOTA\n    format 1000.00 QUOTA\n\n");
    }
    return flush(j, &text, err);
}

zd_status zd_journal_write(FILE *out, zd_journal_counts *counts, const char *repository, zd_journal_format format, zd_error *err)
{
    zd_error local = {0};
    journal j = {.out = out, .format = format};
    zd_history_visit visit = {.entry = see_entry, .checkpoint = see_checkpoint, .context = &j};
    err = err != NULL ? err : &local;
    zd_status status = write_head(&j, err);
    if (status == ZD_OK) {
        status = zd_history_read(repository, &visit, err);
    }
    if (status == ZD_OK) {
        status = write_balances(&j, format == ZD_JOURNAL_BEANCOUNT ? j.day + 1 : j.day, "all accounts at the end", true, err);
    }
    if (status == ZD_OK && fflush(out) != 0) {
        status = zd_fail_errno(err, ZD_E_FILE_IO, "journal");
    }
    j.counts.accounts = j.accounts.count;
    if (counts != NULL) {
        *counts = j.counts;
    }
    zd_told_accounts_free(&j.accounts);
    return status;
}
