/* See payee_look.h. Each list is sorted once and walked once, so that a batch of 100,000 lines costs no more than opening its accounts. No account leaves this file. */
#include "ledger/engine/payee_look.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/engine/ledger_int.h"

#define RECORDS_A_STEP 256
#define RECORDS_KEPT 20000

typedef struct entry { /* an account, and who has it */
    char account[41];
    char provider[ZD_ID_SIZE];
} entry;

typedef struct look {
    zd_payee_findings *out;
    zd_ledger *ledger;
    zd_book *book;
    const zd_payee *payees;
    size_t payee_count;
    const zd_payee **by_provider; /* owned */
    const zd_payee **by_name;     /* owned */
    entry *entries;               /* owned */
    size_t entry_count, entry_capacity;
    bool has_private;
} look;

void zd_account_bare(char out[41], const char *account)
{
    size_t size = 0;
    for (const char *c = account; *c != '\0' && size < 40; c++) {
        bool counts = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');
        if (counts) {
            out[size++] = *c;
        }
    }
    out[size] = '\0';
}

void zd_payee_findings_free(zd_payee_findings *findings)
{
    free(findings->list);
    *findings = (zd_payee_findings){0};
}

static void add_finding(look *l, const zd_payee *payee, zd_payee_kind kind, const char *other)
{
    zd_payee_findings *out = l->out;
    if (out->count == out->capacity) {
        out->capacity = out->capacity == 0 ? 16 : out->capacity * 2;
        out->list = zd_realloc(out->list, out->capacity * sizeof *out->list);
    }
    zd_payee_finding *one = &out->list[out->count++];
    *one = (zd_payee_finding){.kind = kind, .number = payee->number};
    zd_format(one->provider, sizeof one->provider, "%s", payee->provider);
    zd_format(one->other, sizeof one->other, "%s", other);
}

static void forget_entries(look *l)
{
    if (l->entries != NULL) {
        explicit_bzero(l->entries, l->entry_capacity * sizeof *l->entries);
    }
    free(l->entries);
    l->entries = NULL;
}

/* Accounts move to the larger room by hand: a realloc would leave a copy behind. */
static void grow_entries(look *l)
{
    size_t capacity = l->entry_capacity == 0 ? 64 : l->entry_capacity * 2;
    entry *entries = zd_alloc(capacity * sizeof *entries);
    if (l->entry_count > 0) {
        memcpy(entries, l->entries, l->entry_count * sizeof *entries);
    }
    forget_entries(l);
    l->entries = entries;
    l->entry_capacity = capacity;
}

static void add_entry(look *l, const char *provider, const char *account)
{
    if (l->entry_count == l->entry_capacity) {
        grow_entries(l);
    }
    entry *one = &l->entries[l->entry_count++];
    zd_format(one->provider, sizeof one->provider, "%s", provider);
    zd_account_bare(one->account, account);
    l->out->opened++;
}

/* --- accounts --- */

static zd_status open_account(look *l, const zd_rec_provider *provider, const zd_hash *commitment, const zd_payee *payee, zd_error *err)
{
    static const zd_hash none = {0};
    zd_account_data data = {0};
    bool found = false;
    if (zd_hash_equal(commitment, &none) || (payee != NULL && zd_hash_equal(commitment, &payee->commitment))) {
        return ZD_OK; /* the line has opened it already */
    }
    l->out->accounts++;
    zd_status status = l->has_private ? zd_private_account_get(&data, &found, l->ledger, commitment, err) : ZD_OK;
    if (status == ZD_OK && found) {
        add_entry(l, provider->id, data.account);
    } else if (status == ZD_OK && l->out->missing_count < ZD_PAYEE_MISSING) {
        zd_format(l->out->missing[l->out->missing_count], sizeof l->out->missing[0], "%s", provider->id);
        l->out->missing_count++;
    }
    explicit_bzero(&data, sizeof data);
    return status;
}

static int by_provider(const void *a, const void *b)
{
    return strcmp((*(const zd_payee *const *)a)->provider, (*(const zd_payee *const *)b)->provider);
}

static int provider_key(const void *key, const void *element)
{
    return strcmp(key, (*(const zd_payee *const *)element)->provider);
}

static zd_status see_provider(look *l, const zd_rec_provider *provider, zd_error *err)
{
    char date[ZD_DATE_TEXT];
    const zd_payee *const *place = bsearch(provider->id, l->by_provider, l->payee_count, sizeof *l->by_provider, provider_key);
    const zd_payee *payee = place != NULL ? *place : NULL;
    if (payee != NULL && provider->account_back_day != 0) {
        zd_date_text(date, provider->account_back_day);
        add_finding(l, payee, ZD_PAYEE_BACK, date);
    }
    zd_status status = open_account(l, provider, &provider->account, payee, err);
    bool other = provider->account_pending != 0 && !zd_hash_equal(&provider->account_proposed, &provider->account);
    return status == ZD_OK && other ? open_account(l, provider, &provider->account_proposed, payee, err) : status;
}

static zd_status see_providers(look *l, zd_error *err)
{
    char after[ZD_ID_SIZE] = "";
    zd_status status = ZD_OK;
    size_t taken = RECORDS_A_STEP;
    while (status == ZD_OK && taken == RECORDS_A_STEP) {
        zd_book_window window = zd_book_window_open(l->book, ZD_R_PROVIDER, RECORDS_A_STEP, "", after);
        for (taken = 0; taken < RECORDS_A_STEP && status == ZD_OK && zd_book_window_next(&window); taken++) {
            const zd_rec_provider *provider = window.cursor.record;
            zd_format(after, sizeof after, "%s", provider->id);
            status = see_provider(l, provider, err);
        }
        zd_book_trim(l->book, RECORDS_KEPT);
    }
    return status == ZD_OK ? zd_book_trouble(l->book, err) : status;
}

static int by_account(const void *a, const void *b)
{
    const entry *left = a;
    const entry *right = b;
    int order = strcmp(left->account, right->account);
    return order != 0 ? order : strcmp(left->provider, right->provider);
}

static int account_key(const void *key, const void *element)
{
    return strcmp(key, ((const entry *)element)->account);
}

static void find_shared(look *l, const zd_payee *payee, char bare[41])
{
    zd_account_bare(bare, payee->account);
    const entry *hit = bare[0] != '\0' ? bsearch(bare, l->entries, l->entry_count, sizeof *l->entries, account_key) : NULL;
    if (hit == NULL) {
        return;
    }
    const entry *end = l->entries + l->entry_count;
    while (hit > l->entries && strcmp(hit[-1].account, bare) == 0) {
        hit--;
    }
    for (const char *last = ""; hit < end && strcmp(hit->account, bare) == 0; hit++) {
        if (strcmp(hit->provider, payee->provider) != 0 && strcmp(hit->provider, last) != 0) {
            add_finding(l, payee, ZD_PAYEE_SHARED, hit->provider);
        }
        last = hit->provider;
    }
}

/* --- holders, by the name that the bank has for the account --- */

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const zd_payee *const *)a)->account_name, (*(const zd_payee *const *)b)->account_name);
}

static int name_key(const void *key, const void *element)
{
    return strcmp(key, (*(const zd_payee *const *)element)->account_name);
}

static void see_holder(look *l, const zd_rec_holder *holder)
{
    const zd_payee **hit = holder->label[0] != '\0' ? bsearch(holder->label, l->by_name, l->payee_count, sizeof *l->by_name, name_key) : NULL;
    const zd_payee **end = l->by_name + l->payee_count;
    if (hit == NULL) {
        return;
    }
    while (hit > l->by_name && strcmp(hit[-1]->account_name, holder->label) == 0) {
        hit--;
    }
    for (; hit < end && strcmp((*hit)->account_name, holder->label) == 0; hit++) {
        if (strcmp(holder->code, (*hit)->provider) != 0) { /* the provider itself may be a holder */
            add_finding(l, *hit, ZD_PAYEE_HOLDER, holder->id);
        }
    }
}

static zd_status see_holders(look *l, uint64_t size, zd_error *err)
{
    char after[ZD_ID_SIZE] = "";
    size_t taken = RECORDS_A_STEP;
    while (taken == RECORDS_A_STEP) {
        zd_book_window window = zd_book_window_open(l->book, ZD_R_HOLDER, RECORDS_A_STEP, "", after);
        for (taken = 0; taken < RECORDS_A_STEP && zd_book_window_next(&window); taken++) {
            const zd_rec_holder *holder = window.cursor.record;
            zd_format(after, sizeof after, "%s", holder->id);
            if ((uint64_t)holder->registered_seq < size) {
                see_holder(l, holder);
            }
        }
        zd_book_trim(l->book, RECORDS_KEPT);
    }
    return zd_book_trouble(l->book, err);
}

static int by_line(const void *a, const void *b)
{
    const zd_payee_finding *left = a;
    const zd_payee_finding *right = b;
    if (left->number != right->number) {
        return left->number < right->number ? -1 : 1;
    }
    int order = (left->kind > right->kind) - (left->kind < right->kind);
    order = order != 0 ? order : strcmp(left->other, right->other);
    return order != 0 ? order : strcmp(left->provider, right->provider);
}

static void begin(look *l)
{
    l->by_provider = zd_alloc((l->payee_count + 1) * sizeof *l->by_provider);
    l->by_name = zd_alloc((l->payee_count + 1) * sizeof *l->by_name);
    for (size_t i = 0; i < l->payee_count; i++) {
        const zd_payee *payee = &l->payees[i];
        l->by_provider[i] = payee;
        l->by_name[i] = payee;
        l->out->accounts++;
        if (payee->account[0] != '\0') {
            add_entry(l, payee->provider, payee->account);
        }
        if (payee->first_payment) {
            add_finding(l, payee, ZD_PAYEE_FIRST, "");
        }
    }
    qsort(l->by_provider, l->payee_count, sizeof *l->by_provider, by_provider);
    qsort(l->by_name, l->payee_count, sizeof *l->by_name, by_name);
}

zd_status zd_payee_look(zd_payee_findings *out, zd_ledger *ledger, zd_book *book, uint64_t size, const zd_payee *payees, size_t count, zd_error *err)
{
    zd_buf path = {0};
    *out = (zd_payee_findings){0};
    if (count == 0) {
        return ZD_OK;
    }
    look l = {.out = out, .ledger = ledger, .book = book, .payees = payees, .payee_count = count};
    l.has_private = zd_path_exists(zd_path_join(&path, ledger->dir, "private.db"));
    begin(&l);
    zd_status status = see_providers(&l, err);
    if (status == ZD_OK) {
        qsort(l.entries, l.entry_count, sizeof *l.entries, by_account);
        char bare[41] = "";
        for (size_t i = 0; i < count; i++) {
            find_shared(&l, &payees[i], bare);
        }
        explicit_bzero(bare, sizeof bare);
        status = see_holders(&l, size, err);
    }
    if (out->count > 1) {
        qsort(out->list, out->count, sizeof *out->list, by_line);
    }
    forget_entries(&l);
    free(l.by_name);
    free(l.by_provider);
    zd_buf_free(&path);
    return status;
}
