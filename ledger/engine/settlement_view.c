/* Filling a settlement from the ledger; see settlement_view.h. */
#include "ledger/engine/settlement_view.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/engine/ledger_int.h"
#include "ledger/engine/replay.h"

#define TEXTS_A_NODE ((size_t)65536)
#define LINES_A_STEP 256     /* between two looks at how many records are in memory */
#define RECORDS_KEPT 20000   /* what the next lines are likely to need again: pools, holders */

/* Texts one after the other: a batch of 100,000 lines has two million of them. */
struct zd_text_node {
    zd_text_node *next;
    size_t used, size;
    char text[];
};

static const char *keep(zd_settlement_view *view, zd_span text)
{
    zd_text_node *node = view->texts;
    if (node == NULL || node->size - node->used <= text.size) {
        size_t size = text.size < TEXTS_A_NODE ? TEXTS_A_NODE : text.size + 1;
        node = zd_alloc(sizeof *node + size);
        *node = (zd_text_node){.next = view->texts, .size = size};
        view->texts = node;
    }
    char *kept = node->text + node->used;
    if (text.size > 0) {
        memcpy(kept, text.data, text.size);
    }
    kept[text.size] = '\0';
    node->used += text.size + 1;
    return kept;
}

static const char *keep_text(zd_settlement_view *view, const char *text)
{
    return keep(view, zd_span_text(text));
}

static const char *keep_hash(zd_settlement_view *view, const zd_hash *hash)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, hash);
    return keep_text(view, hex);
}

static const char *keep_date(zd_settlement_view *view, int64_t day)
{
    char date[ZD_DATE_TEXT];
    zd_date_text(date, day);
    return keep_text(view, date);
}

static void *grow(void *list, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity) {
        return list;
    }
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    return zd_realloc(list, *capacity * size);
}

void zd_settlement_view_free(zd_settlement_view *view)
{
    while (view->texts != NULL) {
        zd_text_node *next = view->texts->next;
        explicit_bzero(view->texts->text, view->texts->used); /* payees' accounts among it */
        free(view->texts);
        view->texts = next;
    }
    free(view->lines);
    free(view->offset_lines);
    free(view->waiting);
    free(view->notices);
    free(view->waiting_order);
    free(view->payees);
    zd_payee_findings_free(&view->findings);
    zd_acts_free(view->past_acts);
    zd_book_free(view->past_book);
    *view = (zd_settlement_view){0};
}

static zd_status refused(zd_error *err, const char *batch, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_EXPORT_REFUSED, "%s", why);
    zd_error_subject(err, zd_span_text(batch));
    return status;
}

static void fill_pool(zd_settlement_view *view, const zd_rec_pool *pool, const zd_payer *payer)
{
    zd_settlement *s = &view->settlement;
    s->pool = keep_text(view, pool->id);
    s->jurisdiction = keep_text(view, pool->jurisdiction);
    s->document = keep_text(view, pool->document);
    s->fund_nature = keep_text(view, pool->fund_nature);
    s->budget_unit = keep_text(view, pool->budget_unit);
    s->project = keep_text(view, pool->project);
    s->function_code = keep_text(view, pool->function_code);
    s->gov_economic = keep_text(view, pool->gov_economic);
    s->dept_economic = keep_text(view, pool->dept_economic);
    s->settle_mode = keep_text(view, pool->settle_mode);
    s->year = pool->year;
    s->payer_name = keep_text(view, payer->name);
    s->payer_code = keep_text(view, payer->code);
    s->payer_account = keep_text(view, payer->account);
    s->payer_bank_code = keep_text(view, payer->bank_code);
    s->payer_bank_name = keep_text(view, payer->bank_name);
    s->purpose = keep_text(view, payer->purpose);
    s->contact = keep_text(view, payer->contact);
}

static void add_wait(zd_settlement_view *view, zd_span item, const char *provider, int64_t amount_fen, zd_span reasons)
{
    zd_settlement *s = &view->settlement;
    view->waiting = grow(view->waiting, s->waiting_count, &view->waiting_capacity, sizeof *view->waiting);
    view->waiting[s->waiting_count++] =
        (zd_wait_row){.item = keep(view, item), .provider = keep_text(view, provider), .amount_fen = amount_fen, .reasons = keep(view, reasons)};
}

static void add_notice(zd_settlement_view *view, const zd_rec_litem *share, const char *provider, const char *provider_name)
{
    zd_settlement *s = &view->settlement;
    const zd_rec_item *item = zd_book_find(view->book, ZD_R_ITEM, "%s", share->item);
    const zd_rec_holder *holder = item != NULL ? zd_book_find(view->book, ZD_R_HOLDER, "%s", item->holder) : NULL;
    if (item == NULL || holder == NULL) {
        return;
    }
    bool person = holder->holder_class == ZD_CLASS(ENTREPRENEUR);
    char masked[48];
    zd_format(masked, sizeof masked, "%.2s***", holder->id);
    view->notices = grow(view->notices, s->notice_count, &view->notice_capacity, sizeof *view->notices);
    view->notices[s->notice_count++] = (zd_notice_row){.item = keep_text(view, item->id),
                                                       .holder = keep_text(view, person ? masked : holder->label),
                                                       .provider = provider,
                                                       .provider_name = provider_name,
                                                       .category = keep_text(view, item->category),
                                                       .amount_fen = share->cash_fen + share->offset_fen,
                                                       .done_date = keep_date(view, item->done_day)};
}

static zd_status fill_account(zd_settlement_view *view, zd_pay_line *line, zd_ledger *ledger, const zd_rec_line *record, zd_view_use use, zd_error *err)
{
    zd_account_data data = {0};
    bool found = false;
    bool look = use == ZD_VIEW_LOOK;
    zd_status status = look && !view->has_private ? ZD_OK : zd_private_account_get(&data, &found, ledger, &record->account, err);
    if (status == ZD_OK && !found && !look) {
        status = refused(err, record->provider, "the account behind the sealed commitment was erased or never entered");
    }
    line->account_name = keep_text(view, data.name); /* "" where nothing was found */
    line->account = keep_text(view, data.account);
    line->bank_name = keep_text(view, data.bank_name);
    line->bank_code = keep_text(view, data.bank_code);
    view->payees = grow(view->payees, view->payee_count, &view->payee_capacity, sizeof *view->payees);
    view->payees[view->payee_count++] = (zd_payee){.provider = line->provider, .account = line->account, .account_name = line->account_name,
                                                   .commitment = record->account, .number = line->number, .first_payment = line->first_payment};
    explicit_bzero(&data, sizeof data);
    return status;
}

static zd_status add_line(zd_settlement_view *view, zd_ledger *ledger, const zd_rec_line *record, zd_view_use use, zd_error *err)
{
    zd_settlement *s = &view->settlement;
    const zd_rec_provider *provider = zd_book_find(view->book, ZD_R_PROVIDER, "%s", record->provider);
    zd_status status = ZD_OK;
    if (record->held != 0) {
        add_wait(view, zd_span_text(record->end_to_end), record->provider, record->net_fen, zd_span_text("objection"));
        return ZD_OK;
    }
    zd_pay_line line = {.number = record->number, .provider = keep_text(view, record->provider), .account_version = record->account_version,
                        .first_payment = record->first_payment != 0, .gross_fen = record->gross_fen, .offset_fen = record->offset_fen,
                        .net_fen = record->net_fen, .end_to_end = keep_text(view, record->end_to_end)};
    line.provider_name = keep_text(view, provider != NULL ? provider->label : "");
    line.notice_from = s->notice_count;
    zd_book_cursor shares = zd_book_scan(view->book, ZD_R_LITEM, "%s/%s/", record->batch, record->provider);
    while (zd_book_next(&shares)) {
        line.item_count++;
        if (use != ZD_VIEW_LOOK) {
            add_notice(view, shares.record, line.provider, line.provider_name);
        }
    }
    line.notice_to = s->notice_count;
    if (record->net_fen == 0) {
        view->offset_lines = grow(view->offset_lines, s->offset_count, &view->offset_capacity, sizeof *view->offset_lines);
        view->offset_lines[s->offset_count++] = line; /* closed by offset: on the public list and in a statement, in no payment file */
        s->offset_total_fen += record->offset_fen;
        return ZD_OK;
    }
    if (use != ZD_VIEW_PUBLIC) {
        status = fill_account(view, &line, ledger, record, use, err);
    }
    view->lines = grow(view->lines, s->line_count, &view->line_capacity, sizeof *view->lines);
    view->lines[s->line_count++] = line;
    s->total_fen += record->net_fen;
    return status;
}

typedef struct waiting_call {
    zd_settlement_view *view;
    zd_error *err;
} waiting_call;

/* "waiting":[["item","R06,R25",fen],…] of the seal's effect leaves. Whose item it is comes later: the store lends its leaves and must not be asked meanwhile. */
static zd_status read_waiting(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    waiting_call *call = context;
    zd_leaf leaf;
    zd_json *json = NULL;
    zd_status status = zd_leaf_split(&leaf, bytes, call->err);
    if (status == ZD_OK) {
        status = zd_json_parse(&json, zd_span_of(leaf.line.data, leaf.line.size - 1), true, call->err);
    }
    zd_jval rows = status == ZD_OK ? zd_jval_get(zd_json_root(json), "waiting") : (zd_jval){NULL};
    for (size_t i = 0; i < zd_jval_count(rows); i++) {
        zd_jval row = zd_jval_at(rows, i);
        add_wait(call->view, zd_jval_text(zd_jval_at(row, 0)), "", zd_jval_int(zd_jval_at(row, 2)), zd_jval_text(zd_jval_at(row, 1)));
    }
    zd_json_free(json);
    return status;
}

static zd_status name_waiting_providers(zd_settlement_view *view, zd_error *err)
{
    for (size_t i = 0; i < view->settlement.waiting_count; i++) {
        zd_wait_row *row = &view->waiting[i];
        const zd_rec_item *item = row->provider[0] == '\0' ? zd_book_find(view->book, ZD_R_ITEM, "%s", row->item) : NULL;
        row->provider = item != NULL ? keep_text(view, item->provider) : row->provider;
        if (i % LINES_A_STEP == 0) {
            zd_book_trim(view->book, RECORDS_KEPT);
        }
    }
    return zd_book_trouble(view->book, err);
}

static int by_waiting_provider(const void *a, const void *b, void *rows)
{
    const size_t *left = a;
    const size_t *right = b;
    const zd_wait_row *waiting = rows;
    int order = strcmp(waiting[*left].provider, waiting[*right].provider);
    return order != 0 ? order : (*left > *right) - (*left < *right);
}

static bool stand_by_provider(const zd_pay_line *lines, size_t count)
{
    bool rising = true;
    for (size_t i = 1; i < count && rising; i++) {
        rising = strcmp(lines[i - 1].provider, lines[i].provider) < 0;
    }
    return rising;
}

static void give_ranges(zd_settlement_view *view, const size_t *order, zd_pay_line *lines, size_t count)
{
    size_t waiting_count = view->settlement.waiting_count;
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        zd_pay_line *line = &lines[i];
        while (at < waiting_count && strcmp(view->waiting[order[at]].provider, line->provider) < 0) {
            at++;
        }
        line->wait_from = at;
        while (at < waiting_count && strcmp(view->waiting[order[at]].provider, line->provider) == 0) {
            at++;
        }
        line->wait_to = at;
    }
}

/* Lines stand by provider, those that are paid and those that are wholly offset, so one walk over each gives each line its rows; where they should not, nothing is lost but
 * the ranges. */
static void order_waiting(zd_settlement_view *view)
{
    const zd_settlement *s = &view->settlement;
    if (!stand_by_provider(view->lines, s->line_count) || !stand_by_provider(view->offset_lines, s->offset_count)) {
        return;
    }
    size_t *order = zd_alloc((s->waiting_count + 1) * sizeof *order);
    for (size_t i = 0; i < s->waiting_count; i++) {
        order[i] = i;
    }
    qsort_r(order, s->waiting_count, sizeof *order, by_waiting_provider, view->waiting);
    give_ranges(view, order, view->lines, s->line_count);
    give_ranges(view, order, view->offset_lines, s->offset_count);
    view->waiting_order = order;
}

static zd_status fill_head(zd_settlement_view *view, zd_ledger *ledger, const zd_rec_batch *batch, zd_error *err)
{
    zd_settlement *s = &view->settlement;
    zd_publication publication;
    bool found = false;
    s->ledger = keep_text(view, zd_ledger_origin(ledger));
    s->batch = keep_text(view, batch->id);
    s->seal_seq = batch->seq;
    s->seal_sha256 = keep_hash(view, &batch->seal_sha256);
    s->sealed_unix_ms = batch->sealed_ms;
    s->execution_date = keep_date(view, batch->execution_day);
    s->maker = keep_text(view, batch->maker);
    s->checker = keep_text(view, batch->checker);
    s->releaser = keep_text(view, batch->releaser);
    /* The log as it stood right after the release: a function of the batch, so that every export gives the same bytes. */
    zd_tree tree = {0};
    zd_status status = zd_store_publication_last(ledger->store, &publication, &found, err);
    if (status == ZD_OK) {
        uint64_t last = batch->released_seq != 0 ? (uint64_t)batch->released_seq : (uint64_t)(batch->seq + batch->effects);
        status = zd_engine_tree_at(&tree, ledger, last + 1, err);
    }
    zd_hash root = zd_tree_root(&tree);
    s->log_size = tree.size;
    s->log_root = keep_hash(view, &root);
    return status;
}

/* All lines, some at a time: between them the records of earlier ones may leave memory. What is kept of a line are its texts. */
static zd_status add_lines(zd_settlement_view *view, zd_ledger *ledger, const char *batch, zd_view_use use, zd_error *err)
{
    char prefix[48];
    char after[48] = "";
    zd_status status = ZD_OK;
    size_t taken = LINES_A_STEP;
    zd_format(prefix, sizeof prefix, "%s/", batch);
    while (status == ZD_OK && taken == LINES_A_STEP) {
        zd_book_window window = zd_book_window_open(view->book, ZD_R_LINE, LINES_A_STEP, prefix, after);
        for (taken = 0; taken < LINES_A_STEP && status == ZD_OK && zd_book_window_next(&window); taken++) {
            const zd_rec_line *record = window.cursor.record;
            zd_format(after, sizeof after, "%s", record->provider);
            status = add_line(view, ledger, record, use, err);
        }
        zd_book_trim(view->book, RECORDS_KEPT);
    }
    return status;
}

/* --- the records at the release --- */

typedef struct later_call {
    bool found;
} later_call;

/* Anything that could have changed a provider's name or account: an admission, an account, or a second officer's word, which names its proposal by hash only. More is no harm. */
static zd_status see_later(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    static const char *const words[] = {"\"provider.admit\"", "\"provider.account\"", "\"second\""};
    later_call *call = context;
    (void)index;
    (void)hash;
    for (size_t i = 0; i < ZD_COUNT(words) && !call->found; i++) {
        call->found = memmem(bytes.data, bytes.size, words[i], strlen(words[i])) != NULL;
    }
    return ZD_OK;
}

/* A package is a function of the batch: what a provider is called, or where it is paid, after the release is none of its business. */
static zd_status go_back(zd_settlement_view *view, zd_ledger *ledger, const zd_rec_batch *batch, zd_error *err)
{
    later_call call = {0};
    uint64_t size = (uint64_t)batch->released_seq + 1;
    zd_status status = zd_store_leaves(ledger->store, size, ledger->head.size, see_later, &call, err);
    if (status == ZD_OK && call.found) {
        view->past_book = zd_book_new(NULL);
        view->past_acts = zd_acts_new(view->past_book);
        status = zd_replay(view->past_acts, ledger, 0, size, err);
        view->book = view->past_book;
    }
    return status;
}

/* --- the whole --- */

static zd_status add_waiting(zd_settlement_view *view, zd_ledger *ledger, const char *batch, zd_error *err)
{
    waiting_call call = {view, err};
    zd_status status = ZD_OK;
    zd_book_cursor chunks = zd_book_scan(view->book, ZD_R_CHUNK, "%s/", batch);
    while (status == ZD_OK && zd_book_next(&chunks)) {
        const zd_rec_chunk *chunk = chunks.record;
        uint64_t seal = (uint64_t)chunk->seq;
        status = zd_store_leaves(ledger->store, seal + 1, seal + 1 + (uint64_t)chunk->effects, read_waiting, &call, err);
    }
    return status == ZD_OK ? name_waiting_providers(view, err) : status;
}

static zd_status add_findings(zd_settlement_view *view, zd_ledger *ledger, zd_error *err)
{
    zd_settlement *s = &view->settlement;
    uint64_t size = s->log_size != 0 ? s->log_size : UINT64_MAX; /* no head: as it is now */
    zd_status status = zd_payee_look(&view->findings, ledger, view->book, size, view->payees, view->payee_count, err);
    s->findings = view->findings.list;
    s->finding_count = view->findings.count;
    s->accounts_known = view->findings.accounts;
    s->accounts_opened = view->findings.opened;
    s->missing = view->findings.missing;
    s->missing_count = view->findings.missing_count;
    return status;
}

static zd_status fill(zd_settlement_view *view, zd_ledger *ledger, const char *batch_id, const zd_payer *payer, zd_view_use use, zd_error *err)
{
    const zd_rec_batch *batch = zd_book_find(view->book, ZD_R_BATCH, "%s", batch_id);
    zd_status status = batch != NULL ? ZD_OK : refused(err, batch_id, "there is no such batch");
    if (status == ZD_OK && use == ZD_VIEW_FILES) {
        status = batch->released_seq == 0 ? refused(err, batch_id, "it is not released yet") : go_back(view, ledger, batch, err);
        batch = status == ZD_OK ? zd_book_find(view->book, ZD_R_BATCH, "%s", batch_id) : NULL;
    }
    const zd_rec_pool *pool = batch != NULL ? zd_book_find(view->book, ZD_R_POOL, "%s", batch->pool) : NULL;
    if (status == ZD_OK && pool == NULL) {
        status = refused(err, batch_id, "there is no such batch");
    }
    if (status == ZD_OK && pool != NULL && use != ZD_VIEW_LOOK) {
        fill_pool(view, pool, payer);
        status = fill_head(view, ledger, batch, err);
    }
    status = status == ZD_OK ? add_lines(view, ledger, batch_id, use, err) : status;
    if (status == ZD_OK && use != ZD_VIEW_LOOK) {
        status = add_waiting(view, ledger, batch_id, err);
    }
    bool wants_findings = use == ZD_VIEW_LOOK || use == ZD_VIEW_FILES;
    return status == ZD_OK && wants_findings ? add_findings(view, ledger, err) : status;
}

zd_status zd_settlement_view_fill(zd_settlement_view *out, zd_ledger *ledger, const char *batch_id, const zd_payer *payer, zd_view_use use, zd_error *err)
{
    zd_buf path = {0};
    *out = (zd_settlement_view){.book = ledger->book};
    out->has_private = zd_path_exists(zd_path_join(&path, ledger->dir, "private.db"));
    zd_buf_free(&path);
    zd_status status = fill(out, ledger, batch_id, payer, use, err);
    if (status == ZD_OK) {
        order_waiting(out);
    }
    out->settlement.waiting_order = out->waiting_order;
    out->settlement.lines = out->lines;
    out->settlement.offset_lines = out->offset_lines;
    out->settlement.waiting = out->waiting;
    out->settlement.notices = out->notices;
    if (status != ZD_OK) {
        zd_settlement_view_free(out);
    }
    return status;
}
