/*
 * What people read: each provider's statement in its three forms, the public list, the published figures (the approval sheet: package_sheet.c). Compared with the sealed lines and with
 * records decided again; a text for people may have an apostrophe before it.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/package_int.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"

void zd_paper_find(zd_package_work *work, const char *path, const char *what, const char *recorded, const char *recomputed)
{
    char text[600];
    zd_format(text, sizeof text, "%.180s: %.120s %.240s", path, what, recorded);
    zd_package_find(work, ZD_V_PACKAGE_PAPER, "", text, recomputed);
}

static bool says(const char *cell, const char *text)
{
    return strcmp(cell, text) == 0 || (cell[0] == '\'' && strcmp(cell + 1, text) == 0);
}

static void expect(zd_package_work *work, const char *path, const char *what, const char *cell, const char *text)
{
    if (!says(cell, text)) {
        zd_paper_find(work, path, what, cell, text);
    }
}

static zd_status as_csv(zd_pack_cells *out, zd_span bytes, zd_error *err)
{
    return zd_pack_cells_text(out, bytes, ',', true, err);
}

bool zd_paper_open(zd_pack_cells *out, zd_package_work *work, const char *path, zd_paper_read *read, zd_status *status, zd_error *err)
{
    zd_buf bytes = {0};
    zd_error why = {0};
    bool found = zd_pack_manifest_find(&work->manifest, path) != NULL;
    *out = (zd_pack_cells){0};
    if (*status == ZD_OK && found) {
        *status = zd_package_file(&bytes, &found, work, path, err);
    }
    if (*status == ZD_OK && !found) {
        zd_paper_find(work, path, "is not in the package", "", "one for each line that is paid or wholly offset");
    } else if (*status == ZD_OK && read(out, zd_buf_span(&bytes), &why) != ZD_OK) {
        zd_paper_find(work, path, "cannot be read:", why.detail, zd_code_english(why.code));
        found = false;
    }
    zd_buf_free(&bytes);
    return *status == ZD_OK && found;
}

/* --- statements --- */

static const char *labelled(const zd_pack_cells *cells, const char *label)
{
    for (size_t row = 0; row < cells->rows; row++) {
        if (strcmp(zd_pack_cell_at(cells, row, 0), label) == 0) {
            return zd_pack_cell_at(cells, row, 1);
        }
    }
    return "";
}

static void expect_yuan(zd_package_work *work, const char *path, const char *what, const char *cell, int64_t amount_fen)
{
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan(yuan, amount_fen);
    expect(work, path, what, cell, yuan);
}

static size_t row_of(const zd_pack_cells *cells, const char *label)
{
    size_t row = 0;
    while (row < cells->rows && strcmp(zd_pack_cell_at(cells, row, 0), label) != 0) {
        row++;
    }
    return row;
}

/* The captures behind the line, in the order of their names. */
static void check_items(zd_package_work *work, const char *path, const zd_pack_cells *cells, const zd_truth_line *line)
{
    size_t row = row_of(cells, "核销编号") + 1;
    zd_book_cursor shares = zd_book_scan(work->truth.book, ZD_R_LITEM, "%s/%s/", work->manifest.batch, line->provider);
    while (zd_book_next(&shares)) {
        const zd_rec_litem *share = shares.record;
        expect(work, path, "capture", zd_pack_cell_at(cells, row, 0), share->item);
        expect_yuan(work, path, share->item, zd_pack_cell_at(cells, row, 3), share->cash_fen + share->offset_fen);
        row++;
    }
    if (strcmp(zd_pack_cell_at(cells, row, 0), "列示笔数/本批核销笔数") != 0) {
        zd_paper_find(work, path, "more captures than the line has:", zd_pack_cell_at(cells, row, 0), "the captures of the sealed line");
    }
}

/* The same words in the same order; a form has `more` cells of its own at the end. */
static void check_same(zd_package_work *work, const char *path, const zd_pack_cells *one, const zd_pack_cells *other, size_t more)
{
    size_t i = 0;
    size_t k = 0;
    size_t end = other->count >= more ? other->count - more : 0;
    for (;;) {
        while (i < one->count && one->text.data[one->list[i].offset] == 0) {
            i++;
        }
        while (k < end && other->text.data[other->list[k].offset] == 0) {
            k++;
        }
        const char *left = i < one->count ? (const char *)one->text.data + one->list[i].offset : "";
        const char *right = k < end ? (const char *)other->text.data + other->list[k].offset : "";
        if (strcmp(left, right) != 0) {
            zd_paper_find(work, path, "says", right, left);
            return;
        }
        if (i >= one->count || k >= end) {
            return;
        }
        i++;
        k++;
    }
}

static void check_statement_rows(zd_package_work *work, const char *path, const zd_pack_cells *cells, const zd_truth_line *line)
{
    const zd_rec_batch *batch = zd_truth_batch(&work->truth);
    const zd_rec_pool *pool = zd_truth_pool(&work->truth);
    char date[ZD_DATE_TEXT] = "";
    if (batch != NULL && pool != NULL) {
        zd_date_text(date, batch->execution_day);
        expect(work, path, "pool", labelled(cells, "资金池"), pool->id);
        expect(work, path, "indicator", labelled(cells, "指标文号"), pool->document);
    }
    expect(work, path, "provider", labelled(cells, "统一社会信用代码"), line->provider);
    expect(work, path, "batch", labelled(cells, "批次"), work->manifest.batch);
    expect(work, path, "execution", labelled(cells, "执行日期"), date);
    expect(work, path, "serial", labelled(cells, "业务流水号"), line->end_to_end);
    expect_yuan(work, path, "gross", labelled(cells, "应付金额(元)"), line->gross_fen);
    expect_yuan(work, path, "offset", labelled(cells, "抵扣金额(元)"), line->offset_fen);
    expect_yuan(work, path, "net", labelled(cells, "实付金额(元)"), line->net_fen);
    if (zd_truth_is_offset(line)) {
        expect(work, path, "account", labelled(cells, "收款账号"), "无需付款");
        expect(work, path, "explanation", labelled(cells, "说明"), "应付金额已全额抵扣应退款项，本批无需付款。");
    }
    check_items(work, path, cells, line);
}

/* Is any statement of this form in the package? An office may do without workbooks or pages (config.json), but for all providers or for none. */
static bool has_form(const zd_package_work *work, const char *ending)
{
    for (size_t i = 0; i < work->manifest.entry_count; i++) {
        zd_span path = work->manifest.entries[i].path;
        size_t size = strlen(ending);
        if (zd_span_starts(path, "statements/") && path.size > size && memcmp(path.data + path.size - size, ending, size) == 0) {
            return true;
        }
    }
    return false;
}

typedef struct forms_there {
    bool workbooks, pages;
} forms_there;

static zd_status check_statement(zd_package_work *work, const zd_truth_line *line, const forms_there *forms, zd_error *err)
{
    char csv[96];
    char path[96];
    zd_pack_cells rows;
    zd_pack_cells other;
    zd_status status = ZD_OK;
    zd_format(csv, sizeof csv, "statements/%s.csv", line->provider);
    if (zd_paper_open(&rows, work, csv, as_csv, &status, err)) {
        check_statement_rows(work, csv, &rows, line);
        zd_format(path, sizeof path, "statements/%s.xlsx", line->provider);
        other = (zd_pack_cells){0};
        if (forms->workbooks && zd_paper_open(&other, work, path, zd_pack_cells_workbook, &status, err)) {
            check_same(work, path, &rows, &other, 0);
        }
        zd_pack_cells_free(&other);
        zd_format(path, sizeof path, "statements/%s.html", line->provider);
        other = (zd_pack_cells){0};
        if (forms->pages && zd_paper_open(&other, work, path, zd_pack_cells_page, &status, err)) {
            check_same(work, path, &rows, &other, 2); /* the two boxes for seal and signature */
        }
        zd_pack_cells_free(&other);
    }
    zd_pack_cells_free(&rows);
    return status;
}

/* --- the public list --- */

static void check_public_row(zd_package_work *work, const char *path, const zd_pack_cells *cells, size_t row, const zd_rec_litem *share, const zd_rec_provider *provider)
{
    const zd_rec_item *item = zd_book_find(work->truth.book, ZD_R_ITEM, "%s", share->item);
    const zd_rec_holder *holder = item != NULL ? zd_book_find(work->truth.book, ZD_R_HOLDER, "%s", item->holder) : NULL;
    char masked[48];
    char done[ZD_DATE_TEXT];
    if (item == NULL || holder == NULL) {
        return;
    }
    zd_format(masked, sizeof masked, "%.2s***", holder->id);
    zd_date_text(done, item->done_day);
    expect(work, path, "capture", zd_pack_cell_at(cells, row, 1), item->id);
    expect(work, path, "holder", zd_pack_cell_at(cells, row, 2), holder->holder_class == ZD_CLASS(ENTREPRENEUR) ? masked : holder->label);
    expect(work, path, "provider", zd_pack_cell_at(cells, row, 3), provider != NULL ? provider->label : "");
    expect(work, path, "category", zd_pack_cell_at(cells, row, 4), item->category);
    expect_yuan(work, path, item->id, zd_pack_cell_at(cells, row, 5), share->cash_fen + share->offset_fen);
    expect(work, path, "done", zd_pack_cell_at(cells, row, 6), done);
}

/* Payees whose line no objection holds, in the order of the records: a walk over their lines would keep every line's records in memory. */
static zd_names public_payees(const zd_package_work *work)
{
    zd_names payees = {0};
    zd_book_cursor lines = zd_book_scan(work->truth.book, ZD_R_LINE, "%s/", work->manifest.batch);
    while (zd_book_next(&lines)) {
        const zd_rec_line *line = lines.record;
        if (line->held == 0) {
            (void)zd_names_add(&payees, zd_span_text(line->provider));
        }
    }
    return payees;
}

static size_t check_public_rows(zd_package_work *work, const char *path, const zd_pack_cells *cells, size_t row, zd_span payee)
{
    char provider[41];
    ZD_ASSERT(zd_span_copy(provider, sizeof provider, payee));
    const zd_rec_provider *record = zd_book_find(work->truth.book, ZD_R_PROVIDER, "%s", provider);
    zd_book_cursor shares = zd_book_scan(work->truth.book, ZD_R_LITEM, "%s/%s/", work->manifest.batch, provider);
    while (zd_book_next(&shares)) {
        check_public_row(work, path, cells, row++, shares.record, record);
    }
    return row;
}

static zd_status check_public(zd_package_work *work, zd_error *err)
{
    static const char path[] = "public/拟兑付公示.csv";
    zd_pack_cells cells;
    zd_status status = ZD_OK;
    if (zd_paper_open(&cells, work, path, as_csv, &status, err)) {
        size_t row = 1;
        zd_names payees = public_payees(work);
        for (size_t i = 0; i < payees.count; i++) {
            row = check_public_rows(work, path, &cells, row, zd_names_text(&payees, i));
            zd_truth_rest(&work->truth);
        }
        zd_names_free(&payees);
        if (strcmp(zd_pack_cell_at(&cells, row, 0), "合计") != 0) {
            zd_paper_find(work, path, "another number of rows:", zd_pack_cell_at(&cells, row, 1), "the captures of the sealed lines");
        }
    }
    zd_pack_cells_free(&cells);
    return status;
}

/* --- what was published --- */

static void check_published(zd_package_work *work)
{
    zd_json *json = NULL;
    zd_error ignored = {0};
    char seal[ZD_HASH_HEX];
    char recorded[200] = "no such file";
    char recomputed[200];
    bool good = false;
    zd_hash_hex(seal, &work->manifest.seal_sha256);
    zd_format(recomputed, sizeof recomputed, "settlement/YYYY/MM/%s.json: %lld, %lld fen", work->manifest.batch, (long long)work->manifest.count, (long long)work->manifest.sum_fen);
    if (work->truth.published && zd_json_parse(&json, zd_buf_span(&work->truth.tip_published), true, &ignored) == ZD_OK) {
        zd_jval root = zd_json_root(json);
        int64_t count = zd_jval_int(zd_jval_get(root, "count"));
        int64_t total_fen = zd_jval_int(zd_jval_get(root, "total_fen"));
        zd_format(recorded, sizeof recorded, "%lld, %lld fen", (long long)count, (long long)total_fen);
        good = zd_span_is(zd_jval_text(zd_jval_get(root, "batch")), work->manifest.batch) && count == work->manifest.count && total_fen == work->manifest.sum_fen &&
               zd_jval_int(zd_jval_get(root, "seal_seq")) == (int64_t)work->manifest.seal_seq && zd_span_is(zd_jval_text(zd_jval_get(root, "seal_sha256")), seal) &&
               zd_jval_int(zd_jval_get(root, "released_seq")) + 1 == (int64_t)work->manifest.log_size;
    }
    if (!good) {
        zd_package_find(work, ZD_V_PACKAGE_PUBLISHED, "", recorded, recomputed);
    }
    zd_json_free(json);
}

static bool has_statement(const zd_package_work *work, const zd_truth_line *line)
{
    return zd_truth_is_paid(line) || (work->manifest.version == 2 && zd_truth_is_offset(line));
}

/* Nobody else has a statement: a provider that is not in the batch, or whose line is held, must not be told that it was settled. */
static void check_strangers(zd_package_work *work)
{
    zd_names known = {0};
    for (size_t i = 0; i < work->truth.count; i++) {
        if (has_statement(work, &work->truth.lines[i])) {
            (void)zd_names_add(&known, zd_span_text(work->truth.lines[i].provider));
        }
    }
    for (size_t i = 0; i < work->manifest.entry_count; i++) {
        zd_span path = work->manifest.entries[i].path;
        if (!zd_span_starts(path, "statements/")) {
            continue;
        }
        zd_span provider;
        zd_span ending = zd_span_cut(&provider, zd_span_of(path.data + strlen("statements/"), path.size - strlen("statements/")), '.');
        bool form = zd_span_is(ending, "csv") || zd_span_is(ending, "xlsx") || zd_span_is(ending, "html");
        if (!form || zd_names_find(&known, provider) == ZD_NAME_NONE) {
            char name[200];
            zd_format(name, sizeof name, "%.*s", (int)(path.size < 180 ? path.size : 180), (const char *)path.data);
            zd_paper_find(work, name, "is a statement for nobody", "", "statements of the lines that are paid or wholly offset, and no others");
        }
    }
    zd_names_free(&known);
}

zd_status zd_package_check_papers(zd_package_work *work, zd_error *err)
{
    zd_status status = ZD_OK;
    const forms_there forms = {.workbooks = has_form(work, ".xlsx"), .pages = has_form(work, ".html")};
    for (size_t i = 0; i < work->truth.count && status == ZD_OK; i++) {
        if (has_statement(work, &work->truth.lines[i])) {
            status = check_statement(work, &work->truth.lines[i], &forms, err);
            zd_truth_rest(&work->truth);
        }
    }
    check_strangers(work);
    status = status == ZD_OK ? check_public(work, err) : status;
    status = status == ZD_OK ? zd_package_check_sheet(work, err) : status;
    check_published(work);
    return status;
}
