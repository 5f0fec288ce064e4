/* The year's files: which kind each is, who hands it in, and the rows of one day as signed batches. A provider signs its own rows, officers the others. */
#include <stdlib.h>
#include <string.h>

#include "cli/demo.h"
#include "ledger/base/durable.h"

/* In the order in which one day's files are handed in. */
const zd_demo_file zd_demo_files[ZD_DEMO_FILES] = {
    {"pools.csv", "pool", ZD_HAND_MAKER, ZD_OWNER_OFFICE},
    {"appropriations.csv", "appropriate", ZD_HAND_MAKER, ZD_OWNER_OFFICE},
    {"holders.csv", "holder", ZD_HAND_SECOND_ISSUER, ZD_OWNER_OFFICE},
    {"providers.csv", "provider", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"instruments.csv", "instrument", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"accounts.csv", "account", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"bans.csv", "ban", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"vouchers.csv", "voucher", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"voucher-suspensions.csv", "voucher-suspend", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"voucher-resumptions.csv", "voucher-resume", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"voucher-revocations.csv", "voucher-revoke", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"provider-suspensions.csv", "suspension", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"provider-removals.csv", "removal", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"facts-controller.csv", "fact-controller", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"facts-affiliation.csv", "fact-affiliation", ZD_HAND_ISSUER, ZD_OWNER_OFFICE},
    {"facts-contact.csv", "fact-contact", ZD_HAND_GATEWAY, ZD_OWNER_OFFICE},
    {"facts-other-plan.csv", "fact-other-plan", ZD_HAND_PLANS, ZD_OWNER_OFFICE},
    {"facts-consent.csv", "fact-consent", ZD_HAND_GATEWAY, ZD_OWNER_OFFICE},
    {"voids.csv", "void", ZD_HAND_PROVIDER, ZD_OWNER_ORDER},
    {"orders.csv", "order", ZD_HAND_PROVIDER, ZD_OWNER_PROVIDER},
    {"extensions.csv", "extend", ZD_HAND_PROVIDER, ZD_OWNER_ORDER},
    {"facts-own-share.csv", "fact-own-share", ZD_HAND_BANK, ZD_OWNER_OFFICE},
    {"facts-invoice.csv", "fact-invoice", ZD_HAND_TAX, ZD_OWNER_OFFICE},
    {"captures.csv", "capture", ZD_HAND_PROVIDER, ZD_OWNER_ORDER},
    {"directs.csv", "direct", ZD_HAND_PROVIDER, ZD_OWNER_PROVIDER},
    {"facts-red-letter.csv", "fact-red-letter", ZD_HAND_TAX, ZD_OWNER_OFFICE},
    {"refunds.csv", "refund", ZD_HAND_PROVIDER, ZD_OWNER_ITEM},
    {"reviews-released.csv", "review-release", ZD_HAND_REVIEWER, ZD_OWNER_OFFICE},
    {"reviews-rejected.csv", "review-reject", ZD_HAND_REVIEWER, ZD_OWNER_OFFICE},
};

/* --- who made what --- */

static int by_id(const void *a, const void *b)
{
    return strcmp(((const zd_demo_name *)a)->id, ((const zd_demo_name *)b)->id);
}

static int by_party(const void *a, const void *b)
{
    return strcmp(((const zd_demo_key *)a)->party, ((const zd_demo_key *)b)->party);
}

static size_t find_name(const zd_demo_name *names, size_t count, const char *id)
{
    zd_demo_name wanted = {.provider = 0};
    zd_format(wanted.id, sizeof wanted.id, "%s", id);
    const zd_demo_name *found = bsearch(&wanted, names, count, sizeof *names, by_id);
    return found != NULL ? found->provider : SIZE_MAX;
}

/* Index of the provider's key, which is made when its line is read. */
static size_t find_provider(const zd_demo *demo, const char *party)
{
    zd_demo_key wanted = {.signer = NULL};
    zd_format(wanted.party, sizeof wanted.party, "%s", party);
    const zd_demo_key *found = bsearch(&wanted, demo->providers, demo->provider_count, sizeof *demo->providers, by_party);
    return found != NULL ? (size_t)(found - demo->providers) : SIZE_MAX;
}

static size_t file_of_kind(const char *kind)
{
    size_t i = 0;
    while (strcmp(zd_demo_files[i].kind, kind) != 0) {
        i++;
    }
    return i;
}

static void list_providers(zd_demo *demo)
{
    const zd_import *file = demo->files[file_of_kind("provider")];
    demo->providers = zd_alloc_zero(file->row_count + 1, sizeof *demo->providers);
    for (size_t i = 0; i < file->row_count; i++) {
        zd_demo_key *key = &demo->providers[demo->provider_count++];
        zd_import_text(key->party, sizeof key->party, file, i, ZD_F_PROVIDER);
        zd_format(key->name, sizeof key->name, "provider/%s", key->party);
    }
    qsort(demo->providers, demo->provider_count, sizeof *demo->providers, by_party);
}

/* Orders come from two files, items from two others that may name the orders of either. */
static void list_names(zd_demo *demo)
{
    const zd_import *orders = demo->files[file_of_kind("order")];
    const zd_import *directs = demo->files[file_of_kind("direct")];
    const zd_import *captures = demo->files[file_of_kind("capture")];
    const zd_import *with_order[2] = {orders, directs};
    const zd_import *with_item[2] = {directs, captures};
    char text[ZD_ID_SIZE];
    demo->orders = zd_alloc_zero(orders->row_count + directs->row_count + 1, sizeof *demo->orders);
    demo->items = zd_alloc_zero(captures->row_count + directs->row_count + 1, sizeof *demo->items);
    for (size_t f = 0; f < 2; f++) {
        for (size_t i = 0; i < with_order[f]->row_count; i++) {
            zd_demo_name *name = &demo->orders[demo->order_count++];
            zd_import_text(name->id, sizeof name->id, with_order[f], i, ZD_F_ORDER);
            zd_import_text(text, sizeof text, with_order[f], i, ZD_F_PROVIDER);
            name->provider = find_provider(demo, text);
        }
    }
    qsort(demo->orders, demo->order_count, sizeof *demo->orders, by_id);
    for (size_t f = 0; f < 2; f++) {
        for (size_t i = 0; i < with_item[f]->row_count; i++) {
            zd_demo_name *name = &demo->items[demo->item_count++];
            zd_import_text(name->id, sizeof name->id, with_item[f], i, ZD_F_ITEM);
            zd_import_text(text, sizeof text, with_item[f], i, ZD_F_ORDER);
            name->provider = find_name(demo->orders, demo->order_count, text);
        }
    }
    qsort(demo->items, demo->item_count, sizeof *demo->items, by_id);
}

static size_t owner_of(const zd_demo *demo, size_t file, size_t row)
{
    char text[ZD_ID_SIZE];
    switch (zd_demo_files[file].owner) {
    case ZD_OWNER_PROVIDER:
        zd_import_text(text, sizeof text, demo->files[file], row, ZD_F_PROVIDER);
        return find_provider(demo, text);
    case ZD_OWNER_ORDER:
        zd_import_text(text, sizeof text, demo->files[file], row, ZD_F_ORDER);
        return find_name(demo->orders, demo->order_count, text);
    case ZD_OWNER_ITEM:
        zd_import_text(text, sizeof text, demo->files[file], row, ZD_F_ITEM);
        return find_name(demo->items, demo->item_count, text);
    case ZD_OWNER_OFFICE:
        break;
    }
    return SIZE_MAX;
}

zd_status zd_demo_read(zd_demo *demo)
{
    static const uint8_t salts[ZD_HASH_SIZE] = "zhidui demo: synthetic accounts";
    zd_status status = ZD_OK;
    for (size_t i = 0; i < ZD_DEMO_FILES && status == ZD_OK; i++) {
        const zd_import_kind *kind = zd_import_kind_find(zd_demo_files[i].kind);
        ZD_ASSERT(kind != NULL);
        zd_buf path = {0};
        status = zd_import_read(&demo->files[i], kind, zd_path_join(&path, demo->data, zd_demo_files[i].name), salts, &demo->cli->error);
        if (status == ZD_OK && demo->files[i]->problem_count > 0) {
            demo->cli->error = demo->files[i]->problems[0].error;
            zd_format(demo->cli->error.subject, sizeof demo->cli->error.subject, "%s", zd_demo_files[i].name);
            status = ZD_MALFORMED;
        }
        zd_buf_free(&path);
    }
    if (status == ZD_OK) {
        list_providers(demo);
        list_names(demo);
    }
    return status;
}

/* --- one day --- */

int64_t zd_demo_next_day(const zd_demo *demo)
{
    int64_t day = INT64_MAX;
    for (size_t i = 0; i < ZD_DEMO_FILES; i++) {
        const zd_import *file = demo->files[i];
        if (demo->next[i] < file->row_count && file->rows[demo->next[i]].entered_day < day) {
            day = file->rows[demo->next[i]].entered_day;
        }
    }
    return day;
}

static zd_status sign_rows(zd_demo *demo, zd_import_notes *notes, size_t file, const zd_demo_key *key, const size_t *rows, size_t count)
{
    zd_import_hand hand = {.signer = key->signer, .origin = zd_ledger_origin(demo->ledger), .key_name = key->name,
                           .expires_unix_ms = demo->now_ms + 7 * ZD_DAY_MS};
    return zd_import_sign(notes, demo->files[file], rows, count, &hand, &demo->cli->error);
}

/* Rows [first, end) of a file, each provider's together. */
static zd_status sign_by_owner(zd_demo *demo, zd_import_notes *notes, size_t file, size_t first, size_t end)
{
    size_t *owners = zd_alloc_zero(end - first + 1, sizeof *owners);
    size_t *rows = zd_alloc_zero(end - first + 1, sizeof *rows);
    zd_status status = ZD_OK;
    for (size_t i = first; i < end && status == ZD_OK; i++) {
        owners[i - first] = owner_of(demo, file, i);
        if (owners[i - first] == SIZE_MAX) {
            status = zd_fail(&demo->cli->error, ZD_E_A_ABSENT, "%s: nobody can sign %s", zd_demo_files[file].name, demo->files[file]->rows[i].id);
        }
    }
    for (size_t p = 0; p < demo->provider_count && status == ZD_OK; p++) {
        size_t count = 0;
        for (size_t i = first; i < end; i++) {
            if (owners[i - first] == p) {
                rows[count++] = i;
            }
        }
        status = count > 0 ? sign_rows(demo, notes, file, &demo->providers[p], rows, count) : ZD_OK;
    }
    free(owners);
    free(rows);
    return status;
}

static zd_status sign_day(zd_demo *demo, zd_import_notes *notes, size_t file, int64_t day)
{
    const zd_import *import = demo->files[file];
    size_t first = demo->next[file];
    size_t end = first;
    while (end < import->row_count && import->rows[end].entered_day == day) {
        end++;
    }
    demo->next[file] = end;
    if (end == first) {
        return ZD_OK;
    }
    if (zd_demo_files[file].hand == ZD_HAND_PROVIDER) {
        return sign_by_owner(demo, notes, file, first, end);
    }
    size_t *rows = zd_alloc_zero(end - first, sizeof *rows);
    for (size_t i = first; i < end; i++) {
        rows[i - first] = i;
    }
    zd_status status = zd_import_store_private(demo->files[file], demo->ledger, &demo->cli->error);
    status = status != ZD_OK ? status : sign_rows(demo, notes, file, &demo->officers[zd_demo_files[file].hand], rows, end - first);
    free(rows);
    return status;
}

zd_status zd_demo_hand_in(zd_demo *demo, int64_t day)
{
    zd_import_notes *notes = zd_import_notes_new();
    zd_status status = ZD_OK;
    for (size_t i = 0; i < ZD_DEMO_FILES && status == ZD_OK; i++) {
        status = sign_day(demo, notes, i, day);
    }
    if (status == ZD_OK) {
        status = zd_import_submit(demo->ledger, notes, NULL, NULL, &demo->cli->error);
        demo->requests += zd_import_notes_count(notes);
    }
    zd_import_notes_free(notes);
    return status;
}
