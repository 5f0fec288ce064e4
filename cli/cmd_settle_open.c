/*
 * settle open: every unpaid item with what it waits for, who must act, and until when. Gates are cleared by data; a hold needs a person and has a deadline, counted in the
 * days of its policy. The figures are the book's; the next seal decides by the same conditions. Changes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/money.h"
#include "ledger/engine/settlement_view.h"
#include "ledger/rules/decide.h"
#include "ledger/rules/seal_sweep.h"

typedef struct open_list {
    zd_cli *cli;
    zd_book *book;
    zd_policy *policy; /* in force today; NULL when there is none */
    int64_t today;
    size_t shown;
    char group[ZD_KEY_MAX + 1]; /* "pool/provider" of the sum below */
    int64_t ready_fen;          /* what a line of it would pay now */
} open_list;

static int64_t unpaid_in(const zd_rec_item *item, const char *pool)
{
    int64_t sum_fen = 0;
    for (size_t leg = 0; leg < ZD_LEGS; leg++) {
        sum_fen += strcmp(item->leg_pool[leg], pool) == 0 ? item->open_fen[leg] + item->returned_fen[leg] : 0;
    }
    return sum_fen;
}

static bool account_waits(const open_list *l, const zd_rec_provider *provider)
{
    return provider == NULL || provider->account_pending != 0 || zd_rules_account_cools(provider->account_version, provider->account_cooling_day, l->today);
}

static bool is_ready(const open_list *l, const zd_rec_item *item)
{
    return item->held == 0 && item->gates == 0 && item->notice_until_day <= l->today;
}

/* What the provider's line would pay: for the minimum payout. */
static void sum_ready(open_list *l, const char *pool, const char *provider)
{
    char group[ZD_KEY_MAX + 1];
    zd_format(group, sizeof group, "%s/%s", pool, provider);
    if (strcmp(group, l->group) == 0) {
        return;
    }
    memcpy(l->group, group, sizeof group);
    l->ready_fen = 0;
    zd_book_cursor items = zd_book_scan(l->book, ZD_R_OPEN, "%s/", group);
    while (zd_book_next(&items)) {
        const zd_rec_item *item = zd_book_find(l->book, ZD_R_ITEM, "%s", ((const zd_rec_open *)items.record)->target);
        l->ready_fen += item != NULL && is_ready(l, item) ? unpaid_in(item, pool) : 0;
    }
    zd_book_cursor notes = zd_book_scan(l->book, ZD_R_NOTES, "%s/", group);
    while (zd_book_next(&notes)) {
        const zd_rec_note *note = zd_book_find(l->book, ZD_R_NOTE, "%s/%s", ((const zd_rec_notes *)notes.record)->target, pool);
        l->ready_fen -= note != NULL ? note->remaining_fen : 0;
    }
}

static void add_wait(zd_jw *w, const char *reason, const char *who, int64_t until_day)
{
    char until[ZD_DATE_TEXT];
    zd_jw_object(w, NULL);
    zd_jw_cstr(w, "reason", reason);
    zd_jw_cstr(w, "who", who);
    if (until_day != 0) {
        zd_date_text(until, until_day);
        zd_jw_cstr(w, "until", until);
    }
    zd_jw_close(w);
}

/* Whose word clears a gate. */
static const char *clears_gate(unsigned check)
{
    return check == (unsigned)ZD_CHECK_R06 ? "holder" : check == (unsigned)ZD_CHECK_R25 ? "holder-pays-provider" : "tax-office";
}

static void add_names(zd_jw *w, const char *name, int64_t set)
{
    zd_jw_array(w, name);
    for (unsigned i = 0; i < ZD_CHECKS_MAX; i++) {
        if (((zd_check_set)set >> i & 1U) != 0) {
            zd_jw_cstr(w, NULL, zd_acts_check_name(i));
        }
    }
    zd_jw_close(w);
}

static void add_waits(open_list *l, zd_jw *w, const zd_rec_item *item)
{
    const zd_rec_provider *provider = zd_book_find(l->book, ZD_R_PROVIDER, "%s", item->provider);
    zd_jw_array(w, "waits");
    for (unsigned i = 0; i < ZD_CHECKS_MAX; i++) {
        if (((zd_check_set)item->gates >> i & 1U) != 0) {
            add_wait(w, zd_acts_check_name(i), clears_gate(i), 0);
        }
    }
    if (item->held != 0) {
        add_wait(w, item->holds != 0 ? "hold" : "objection", "reviewer", item->hold_deadline_day);
    }
    if (item->notice_until_day > l->today) {
        add_wait(w, "notice", "time", item->notice_until_day);
    }
    if (provider != NULL && provider->account_pending != 0) {
        add_wait(w, "R40", "second-officer", 0);
    } else if (provider == NULL || provider->account_version == 0) {
        add_wait(w, "R40", "provider", 0);
    } else if (account_waits(l, provider)) {
        add_wait(w, "R40", "time", provider->account_cooling_day);
    }
    bool small = l->policy != NULL && l->ready_fen > 0 && l->ready_fen < zd_policy_int(l->policy, ZD_P_MINIMUM_PAYOUT);
    if (is_ready(l, item) && !account_waits(l, provider)) {
        add_wait(w, small ? "minimum" : "seal", small ? "next-service-or-forced-seal" : "maker", 0);
    }
    zd_jw_close(w);
}

static void show_item(open_list *l, const zd_rec_item *item, const char *pool)
{
    zd_buf line = {0};
    char date[ZD_DATE_TEXT];
    zd_jw w = zd_jw_begin(&line);
    sum_ready(l, pool, item->provider);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_jw_cstr(&w, "item", item->id);
    zd_jw_cstr(&w, "pool", pool);
    zd_jw_cstr(&w, "provider", item->provider);
    zd_jw_int(&w, "open_fen", unpaid_in(item, pool));
    add_names(&w, "gates", item->gates);
    add_names(&w, "holds", item->held != 0 ? item->holds : 0);
    if (item->held != 0) {
        zd_date_text(date, item->hold_day);
        zd_jw_cstr(&w, "held_since", date);
        zd_date_text(date, item->hold_deadline_day);
        zd_jw_cstr(&w, "deadline", date);
        zd_jw_bool(&w, "overdue", item->hold_deadline_day < l->today);
    }
    zd_date_text(date, item->notice_until_day);
    zd_jw_cstr(&w, "notice_until", date);
    add_waits(l, &w, item);
    zd_jw_close(&w);
    (void)fprintf(l->cli->out, "%s\n", zd_buf_text(&line));
    zd_buf_free(&line);
    l->shown++;
}

/* The newest policy that is in force today. */
static zd_status read_policy(open_list *l)
{
    const zd_rec_policy *newest = NULL;
    zd_json *json = NULL;
    zd_book_cursor cursor = zd_book_scan(l->book, ZD_R_POLICY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_policy *policy = cursor.record;
        newest = policy->effective_day <= l->today ? policy : newest;
    }
    if (newest == NULL) {
        return ZD_OK;
    }
    l->policy = zd_alloc_zero(1, sizeof *l->policy);
    zd_status status = zd_json_parse(&json, zd_span_text(newest->text), true, &l->cli->error);
    status = status == ZD_OK ? zd_policy_parse(l->policy, zd_json_root(json), &l->cli->error) : status;
    zd_json_free(json);
    return status;
}

zd_status zd_cmd_settle_open(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_status status = zd_cli_open(&ledger, cli, false);
    if (status != ZD_OK) {
        return status;
    }
    open_list list = {.cli = cli, .book = zd_acts_book(zd_ledger_acts(ledger)), .today = zd_day_of(zd_ledger_now(ledger), ZD_ZONE_SHANGHAI_MS)};
    status = read_policy(&list);
    zd_book_cursor cursor = zd_book_scan(list.book, ZD_R_OPEN, "%s", cli->word_count > 0 ? cli->words[0] : "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        char pool[ZD_ID_SIZE];
        zd_span head;
        const zd_rec_item *item = zd_book_find(list.book, ZD_R_ITEM, "%s", ((const zd_rec_open *)cursor.record)->target);
        (void)zd_span_cut(&head, zd_span_text(cursor.key + strlen("OPEN/")), '/');
        if (item != NULL && zd_span_copy(pool, sizeof pool, head)) {
            show_item(&list, item, pool);
        }
    }
    status = status == ZD_OK ? zd_book_trouble(list.book, &cli->error) : status;
    (void)fprintf(cli->talk, cli->chinese ? "共 %zu 笔未付\n" : "%zu unpaid\n", list.shown);
    free(list.policy);
    (void)zd_ledger_close(ledger, NULL);
    return status;
}
