/* pool show: balances of a pool's accounts, in yuan, with the identity that ties them. */
#include <string.h>

#include "cli/command.h"
#include "ledger/base/money.h"

static int64_t sum_of(zd_book *book, int code, const char *pool)
{
    int64_t sum = 0;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_ACCT, "%04d/", code);
    while (zd_book_next(&cursor)) {
        const char *end = strrchr(cursor.key, '/');
        if (end != NULL && strcmp(end + 1, pool) == 0) {
            sum += ((const zd_rec_acct *)cursor.record)->balance_fen;
        }
    }
    return sum;
}

static const struct {
    int code;
    const char *english;
    const char *chinese;
} shown[] = {
#define ZD_ACCOUNT(code, side, dimensions, english, chinese) {code, english, chinese},
#include "ledger/book/accounts.def"
#undef ZD_ACCOUNT
};

static void print_pool(zd_cli *cli, zd_book *book, const zd_rec_pool *pool, uint64_t as_of)
{
    zd_buf line = {0};
    zd_jw w = zd_jw_begin(&line);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_jw_int(&w, "as_of_entry", (int64_t)as_of);
    zd_jw_cstr(&w, "pool", pool->id);
    if (!cli->json) {
        (void)fprintf(cli->out, "%s  %s  %s\n", pool->id, pool->jurisdiction, pool->document);
    }
    for (size_t i = 0; i < ZD_COUNT(shown) && shown[i].code < 6000; i++) {
        char name[16];
        char yuan[ZD_FEN_TEXT];
        int64_t fen = sum_of(book, shown[i].code, pool->id);
        zd_format(name, sizeof name, "%d_fen", shown[i].code);
        zd_jw_int(&w, name, fen);
        zd_fen_yuan_grouped(yuan, fen);
        if (!cli->json && fen != 0) {
            (void)fprintf(cli->out, "  %d %-28s %18s\n", shown[i].code, cli->chinese ? shown[i].chinese : shown[i].english, yuan);
        }
    }
    zd_jw_close(&w);
    if (cli->json) {
        (void)fprintf(cli->out, "%s\n", zd_buf_text(&line));
    }
    zd_buf_free(&line);
}

zd_status zd_cmd_pool_show(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    size_t count = 0;
    zd_status status = zd_cli_open(&ledger, cli, false);
    if (status == ZD_OK) {
        zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
        zd_book_cursor cursor = zd_book_scan(book, ZD_R_POOL, "%.40s", cli->word_count > 0 ? cli->words[0] : "");
        while (zd_book_next(&cursor)) {
            const zd_rec_pool *pool = cursor.record;
            if (cli->word_count == 0 || strcmp(pool->id, cli->words[0]) == 0) {
                print_pool(cli, book, pool, zd_ledger_size(ledger));
                count++;
            }
        }
        status = zd_book_trouble(book, &cli->error);
    }
    if (status == ZD_OK && cli->word_count > 0 && count == 0) {
        status = zd_fail(&cli->error, ZD_E_A_ABSENT, "pool %s", cli->words[0]);
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}
