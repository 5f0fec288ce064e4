/*
 * report statement: what a provider is owed and was paid, by pool, and every capture behind it. Sums come from the captures; a pool's application shows its own
 * part only, the provider wants all of it on one sheet. Reading only.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/money.h"

#define POOLS_MAX 256

typedef struct pool_sum {
    char pool[ZD_ID_SIZE];
    int64_t open_fen, in_batch_fen, offset_fen, paid_fen, returned_fen;
} pool_sum;

typedef struct statement {
    pool_sum pools[POOLS_MAX];
    size_t count;
    size_t items;
} statement;

static pool_sum *sum_of(statement *s, const char *pool)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcmp(s->pools[i].pool, pool) == 0) {
            return &s->pools[i];
        }
    }
    if (s->count == POOLS_MAX) {
        return NULL;
    }
    pool_sum *added = &s->pools[s->count++];
    zd_format(added->pool, sizeof added->pool, "%s", pool);
    return added;
}

/* False when there are more pools than a statement holds. */
static bool add_item(statement *s, const zd_rec_item *item)
{
    s->items++;
    for (size_t leg = 0; leg < ZD_LEGS; leg++) {
        pool_sum *sum = item->leg_pool[leg][0] != '\0' ? sum_of(s, item->leg_pool[leg]) : NULL;
        if (sum == NULL) {
            if (item->leg_pool[leg][0] != '\0') {
                return false;
            }
            continue;
        }
        sum->open_fen += item->open_fen[leg];
        sum->in_batch_fen += item->in_batch_fen[leg];
        sum->offset_fen += item->offset_fen[leg];
        sum->paid_fen += item->paid_fen[leg];
        sum->returned_fen += item->returned_fen[leg];
    }
    return true;
}

static int64_t subsidy_of(const pool_sum *sum)
{
    return sum->open_fen + sum->in_batch_fen + sum->offset_fen + sum->paid_fen + sum->returned_fen;
}

static void print_json(zd_cli *cli, const char *provider, const statement *s, uint64_t as_of)
{
    zd_buf line = {0};
    int64_t total_fen = 0;
    zd_jw w = zd_jw_begin(&line);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_jw_int(&w, "as_of_entry", (int64_t)as_of);
    zd_jw_cstr(&w, "provider", provider);
    zd_jw_int(&w, "captures", (int64_t)s->items);
    zd_jw_array(&w, "pools");
    for (size_t i = 0; i < s->count; i++) {
        const pool_sum *sum = &s->pools[i];
        zd_jw_object(&w, NULL);
        zd_jw_cstr(&w, "pool", sum->pool);
        zd_jw_int(&w, "open_fen", sum->open_fen);
        zd_jw_int(&w, "in_batch_fen", sum->in_batch_fen);
        zd_jw_int(&w, "offset_fen", sum->offset_fen);
        zd_jw_int(&w, "paid_fen", sum->paid_fen);
        zd_jw_int(&w, "returned_fen", sum->returned_fen);
        zd_jw_close(&w);
        total_fen += subsidy_of(sum);
    }
    zd_jw_close(&w);
    zd_jw_int(&w, "total_fen", total_fen);
    zd_jw_close(&w);
    (void)fprintf(cli->out, "%s\n", zd_buf_text(&line));
    zd_buf_free(&line);
}

static void print_row(zd_cli *cli, const char *name, const pool_sum *sum)
{
    const int64_t amounts_fen[] = {sum->open_fen, sum->in_batch_fen, sum->offset_fen, sum->paid_fen, sum->returned_fen, subsidy_of(sum)};
    (void)fprintf(cli->out, "%-24s", name);
    for (size_t i = 0; i < ZD_COUNT(amounts_fen); i++) {
        char yuan[ZD_FEN_TEXT];
        zd_fen_yuan_grouped(yuan, amounts_fen[i]);
        (void)fprintf(cli->out, " %16s", yuan);
    }
    (void)fputc('\n', cli->out);
}

static void print_text(zd_cli *cli, const zd_rec_provider *provider, const statement *s, uint64_t as_of)
{
    pool_sum total = {.pool = ""};
    (void)fprintf(cli->out, cli->chinese ? "%s %s  截至账目 %llu  核销 %zu 笔\n" : "%s %s  as of entry %llu, %zu captures\n", provider->id, provider->label,
                  (unsigned long long)as_of, s->items);
    (void)fprintf(cli->out, cli->chinese ? "资金池 / 待付 / 在批次 / 已抵扣 / 已付 / 退汇 / 合计（元）\n" : "pool / open / in batch / offset / paid / returned / total (yuan)\n");
    for (size_t i = 0; i < s->count; i++) {
        const pool_sum *sum = &s->pools[i];
        print_row(cli, sum->pool, sum);
        total.open_fen += sum->open_fen;
        total.in_batch_fen += sum->in_batch_fen;
        total.offset_fen += sum->offset_fen;
        total.paid_fen += sum->paid_fen;
        total.returned_fen += sum->returned_fen;
    }
    print_row(cli, cli->chinese ? "合计" : "total", &total);
}

zd_status zd_cmd_report_statement(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    const char *id = cli->word_count > 0 ? cli->words[0] : NULL;
    if (id == NULL) {
        return zd_cli_usage(cli, "zhidui report statement PROVIDER");
    }
    statement *s = zd_alloc_zero(1, sizeof *s);
    zd_status status = zd_cli_open(&ledger, cli, false);
    const zd_rec_provider *provider = NULL;
    if (status == ZD_OK) {
        zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
        zd_book_cursor cursor = zd_book_scan(book, ZD_R_ITEM, "%s", "");
        while (status == ZD_OK && zd_book_next(&cursor)) {
            const zd_rec_item *item = cursor.record;
            if (strcmp(item->provider, id) == 0 && !add_item(s, item)) {
                status = zd_cli_usage(cli, "more pools than a statement holds");
            }
        }
        provider = zd_book_find(book, ZD_R_PROVIDER, "%.40s", id);
        status = status == ZD_OK ? zd_book_trouble(book, &cli->error) : status;
    }
    if (status == ZD_OK && provider == NULL) {
        status = zd_fail(&cli->error, ZD_E_A_ABSENT, "provider %s", id);
    } else if (status == ZD_OK && cli->json) {
        print_json(cli, provider->id, s, zd_ledger_size(ledger));
    } else if (status == ZD_OK) {
        print_text(cli, provider, s, zd_ledger_size(ledger));
    }
    (void)zd_ledger_close(ledger, NULL);
    free(s);
    return status;
}
