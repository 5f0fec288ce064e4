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

int64_t zd_account_balance(zd_place *account)
{
    const zd_rec_acct *record = zd_place_find(account);
    return record != NULL ? record->balance_fen : 0;
}

const char *zd_account_name(const zd_place *account)
{
    ZD_ASSERT(account->kind == ZD_R_ACCT);
    return account->key.text + sizeof "ACCT/" - 1;
}

int64_t zd_book_balance(zd_book *book, const char *format, ...)
{
    char name[ZD_ACCOUNT_NAME_MAX];
    va_list args;
    va_start(args, format);
    size_t length = zd_vformat(name, sizeof name, format, args);
    va_end(args);
    ZD_ASSERT(length > 0 && length < sizeof name);
    zd_place account;
    zd_place_set(&account, book, ZD_R_ACCT, "%s", name);
    return zd_account_balance(&account);
}

static zd_span name_of(const zd_place *account)
{
    const char *name = zd_account_name(account);
    return zd_span_of(name, account->key.size - (size_t)(name - account->key.text));
}

/* A balance of zero is no record: an order's and a voucher's accounts end there, most of the first in the entry that opens them. */
static void set_balance(zd_place *account, int64_t balance_fen)
{
    if (balance_fen == 0) {
        zd_place_remove(account);
        return;
    }
    zd_rec_acct *record = zd_place_ensure(account);
    record->balance_fen = balance_fen;
}

bool zd_book_post(zd_decision *decision, zd_place *debit, zd_place *credit, int64_t amount_fen)
{
    const char *from = zd_account_name(debit);
    const char *to = zd_account_name(credit);
    bool debit_known = false;
    bool credit_known = false;
    bool debit_grows = zd_account_is_debit(from, &debit_known);
    bool credit_grows = !zd_account_is_debit(to, &credit_known);
    if (amount_fen <= 0 || !debit_known || !credit_known || strcmp(from, to) == 0 || zd_account_is_quota(from) != zd_account_is_quota(to)) {
        return false;
    }
    int64_t debit_after = 0;
    int64_t credit_after = 0;
    if (!zd_fen_add(&debit_after, zd_account_balance(debit), debit_grows ? amount_fen : -amount_fen) || debit_after < 0 ||
        !zd_fen_add(&credit_after, zd_account_balance(credit), credit_grows ? amount_fen : -amount_fen) || credit_after < 0) {
        return false;
    }
    set_balance(debit, debit_after);
    set_balance(credit, credit_after);
    zd_decision_post(decision, name_of(debit), name_of(credit), amount_fen);
    return true;
}
