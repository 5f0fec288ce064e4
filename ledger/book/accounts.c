/* Double entry over the chart of accounts (accounts.def); see book.h. Balances are records like all others, so entries undo and flush with them. */
#include <stdarg.h>
#include <string.h>

#include "ledger/base/money.h"
#include "ledger/book/book_int.h"

typedef struct account_row {
    int code;
    char side;
} account_row;

static const account_row chart[] = {
#define ZD_ACCOUNT(code, side, dimensions, english, chinese) {code, #side[0]},
#include "ledger/book/accounts.def"
#undef ZD_ACCOUNT
};

static int code_of(const char *name)
{
    int code = 0;
    for (int i = 0; i < 4; i++) {
        if (name[i] < '0' || name[i] > '9') {
            return -1;
        }
        code = code * 10 + (name[i] - '0');
    }
    return name[4] == '/' ? code : -1;
}

bool zd_account_is_debit(const char *name, bool *known)
{
    int code = code_of(name);
    for (size_t i = 0; i < ZD_COUNT(chart); i++) {
        if (chart[i].code == code) {
            *known = true;
            return chart[i].side == 'D';
        }
    }
    *known = false;
    return false;
}

bool zd_account_is_quota(const char *name)
{
    return name[0] == '6';
}

int64_t zd_book_balance(zd_book *book, const char *format, ...)
{
    char name[ZD_ACCOUNT_NAME_MAX];
    va_list args;
    va_start(args, format);
    size_t length = zd_vformat(name, sizeof name, format, args);
    va_end(args);
    ZD_ASSERT(length > 0 && length < sizeof name);
    const zd_rec_acct *account = zd_book_find(book, ZD_R_ACCT, "%s", name);
    return account != NULL ? account->balance_fen : 0;
}

/* An account's key and node, looked up once for reading and writing. */
typedef struct account {
    zd_key key;
    zd_node *node;
    int64_t balance_fen;
} account;

static void look_up(account *out, zd_book *book, const char *name)
{
    size_t start = zd_record_key_start(out->key.text, ZD_R_ACCT);
    size_t size = strlen(name);
    ZD_ASSERT(size < ZD_ACCOUNT_NAME_MAX);
    memcpy(out->key.text + start, name, size);
    zd_key_finish(&out->key, start + size);
    out->node = zd_book_look(book, ZD_R_ACCT, &out->key);
    out->balance_fen = out->node != NULL && !out->node->removed ? ((const zd_rec_acct *)out->node->record)->balance_fen : 0;
}

static void set_balance(zd_book *book, const account *at, int64_t balance_fen)
{
    zd_rec_acct *record = zd_book_change(book, at->node, ZD_R_ACCT, &at->key);
    record->balance_fen = balance_fen;
}

bool zd_book_post(zd_book *book, zd_decision *decision, const char *debit, const char *credit, int64_t amount_fen)
{
    bool debit_known = false;
    bool credit_known = false;
    bool debit_grows = zd_account_is_debit(debit, &debit_known);
    bool credit_grows = !zd_account_is_debit(credit, &credit_known);
    if (amount_fen <= 0 || !debit_known || !credit_known || strcmp(debit, credit) == 0 || zd_account_is_quota(debit) != zd_account_is_quota(credit)) {
        return false;
    }
    account from;
    account to;
    int64_t debit_after = 0;
    int64_t credit_after = 0;
    look_up(&from, book, debit);
    look_up(&to, book, credit);
    if (!zd_fen_add(&debit_after, from.balance_fen, debit_grows ? amount_fen : -amount_fen) || debit_after < 0 ||
        !zd_fen_add(&credit_after, to.balance_fen, credit_grows ? amount_fen : -amount_fen) || credit_after < 0) {
        return false;
    }
    set_balance(book, &from, debit_after);
    set_balance(book, &to, credit_after);
    zd_decision_post(decision, debit, credit, amount_fen);
    return true;
}
