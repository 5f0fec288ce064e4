/*
 * provider accounts: what two officers and an approver should look at before money goes to an account. Commitments are salted per provider, so that nobody can tell from the log
 * that two of them hide one account: whoever holds private.db compares what they open to, here and now, and nothing of it is kept, so that an erased account stays erased.
 * Prints the last four characters of an account at most. Changes nothing, judges nothing: R40 decides what waits.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/engine/payee_look.h"

typedef struct opened { /* one account that private.db opens */
    char provider[ZD_ID_SIZE];
    char account[41];
    char name[201];
    bool proposed; /* not confirmed yet */
} opened;

typedef struct accounts {
    zd_cli *cli;
    zd_ledger *ledger;
    zd_book *book;
    int64_t today;
    opened *list;
    size_t count;
    size_t capacity;
    size_t flagged;
} accounts;

static bool is_set(const zd_hash *hash)
{
    const zd_hash none = {0};
    return !zd_hash_equal(hash, &none);
}

static zd_status open_one(accounts *a, const zd_rec_provider *provider, const zd_hash *commitment, bool proposed)
{
    zd_account_data data = {0};
    bool found = false;
    zd_status status = is_set(commitment) ? zd_private_account_get(&data, &found, a->ledger, commitment, &a->cli->error) : ZD_OK;
    if (status != ZD_OK || !found) {
        return status;
    }
    if (a->count == a->capacity) {
        a->capacity = a->capacity == 0 ? 64 : a->capacity * 2;
        a->list = zd_realloc(a->list, a->capacity * sizeof *a->list);
    }
    opened *one = &a->list[a->count++];
    *one = (opened){.proposed = proposed};
    zd_format(one->provider, sizeof one->provider, "%s", provider->id);
    zd_format(one->name, sizeof one->name, "%s", data.name);
    zd_account_bare(one->account, data.account);
    return ZD_OK;
}

static zd_status open_all(accounts *a)
{
    zd_status status = ZD_OK;
    zd_book_cursor cursor = zd_book_scan(a->book, ZD_R_PROVIDER, "%s", "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        const zd_rec_provider *provider = cursor.record;
        status = open_one(a, provider, &provider->account, false);
        bool other = provider->account_pending != 0 && !zd_hash_equal(&provider->account_proposed, &provider->account);
        status = status == ZD_OK && other ? open_one(a, provider, &provider->account_proposed, true) : status;
    }
    return status == ZD_OK ? zd_book_trouble(a->book, &a->cli->error) : status;
}

static const opened *find_opened(const accounts *a, const char *provider, bool proposed)
{
    for (size_t i = 0; i < a->count; i++) {
        if (a->list[i].proposed == proposed && strcmp(a->list[i].provider, provider) == 0) {
            return &a->list[i];
        }
    }
    return NULL;
}

/* Other providers with the same account, present or proposed. */
static size_t add_shared(zd_jw *w, const accounts *a, const opened *mine)
{
    size_t shared = 0;
    zd_jw_array(w, "shared_with");
    for (size_t i = 0; i < a->count; i++) {
        bool same = strcmp(a->list[i].account, mine->account) == 0 && strcmp(a->list[i].provider, mine->provider) != 0;
        if (same) {
            zd_jw_cstr(w, NULL, a->list[i].provider);
            shared++;
        }
    }
    zd_jw_close(w);
    return shared;
}

/* A holder by the name that the bank has for the account; the provider itself may be one. */
static size_t add_holder(zd_jw *w, const accounts *a, const opened *mine)
{
    zd_book_cursor cursor = zd_book_scan(a->book, ZD_R_HOLDER, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_holder *holder = cursor.record;
        if (holder->label[0] != '\0' && strcmp(holder->label, mine->name) == 0 && strcmp(holder->code, mine->provider) != 0) {
            zd_jw_cstr(w, "holder", holder->id);
            return 1;
        }
    }
    return 0;
}

static size_t add_opened(zd_jw *w, const accounts *a, const opened *mine, const char *name)
{
    char tail[8];
    size_t length = mine != NULL ? strlen(mine->account) : 0;
    if (mine == NULL) {
        return 0;
    }
    zd_format(tail, sizeof tail, "…%s", mine->account + (length > 4 ? length - 4 : 0));
    zd_jw_object(w, name);
    zd_jw_cstr(w, "account", tail);
    size_t flags = add_shared(w, a, mine) + add_holder(w, a, mine);
    zd_jw_close(w);
    return flags;
}

static void show_provider(accounts *a, const zd_rec_provider *provider)
{
    zd_buf line = {0};
    char date[ZD_DATE_TEXT];
    const opened *present = find_opened(a, provider->id, false);
    zd_jw w = zd_jw_begin(&line);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_jw_cstr(&w, "provider", provider->id);
    zd_jw_int(&w, "version", provider->account_version);
    zd_jw_bool(&w, "opens", present != NULL); /* false: never entered here, or erased */
    zd_jw_bool(&w, "first_payment", provider->account_version > 0 && provider->paid_version != provider->account_version);
    zd_jw_bool(&w, "pending", provider->account_pending != 0);
    if (provider->account_cooling_day > a->today) {
        zd_date_text(date, provider->account_cooling_day);
        zd_jw_cstr(&w, "cools_until", date);
    }
    size_t flags = provider->account_back_day != 0 ? 1 : 0;
    if (flags != 0) {
        zd_date_text(date, provider->account_back_day);
        zd_jw_cstr(&w, "changed_back", date); /* to the account before: changed, perhaps paid, changed back */
    }
    flags += add_opened(&w, a, present, "present");
    flags += add_opened(&w, a, find_opened(a, provider->id, true), "proposed");
    zd_jw_bool(&w, "look", flags > 0);
    zd_jw_close(&w);
    (void)fprintf(a->cli->out, "%s\n", zd_buf_text(&line));
    a->flagged += flags > 0 ? 1 : 0;
    zd_buf_free(&line);
}

zd_status zd_cmd_provider_accounts(zd_cli *cli, const zd_command *command)
{
    (void)command;
    accounts a = {.cli = cli};
    zd_status status = zd_cli_open(&a.ledger, cli, false);
    if (status == ZD_OK) {
        a.book = zd_acts_book(zd_ledger_acts(a.ledger));
        a.today = zd_day_of(zd_ledger_now(a.ledger), ZD_ZONE_SHANGHAI_MS);
        zd_buf path = {0};
        status = zd_path_exists(zd_path_join(&path, cli->dir, "private.db")) ? open_all(&a) : ZD_OK;
        zd_buf_free(&path);
    }
    if (status == ZD_OK) {
        zd_book_cursor cursor = zd_book_scan(a.book, ZD_R_PROVIDER, "%s", cli->word_count > 0 ? cli->words[0] : "");
        while (zd_book_next(&cursor)) {
            show_provider(&a, cursor.record);
        }
        status = zd_book_trouble(a.book, &cli->error);
        (void)fprintf(cli->talk, cli->chinese ? "%zu 家的账户需要核对\n" : "accounts to look at: %zu\n", a.flagged);
    }
    free(a.list);
    (void)zd_ledger_close(a.ledger, NULL);
    return status;
}
