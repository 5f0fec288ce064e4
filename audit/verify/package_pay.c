/*
 * Everything in a package that pays: each file's payments against the sealed lines (which, how much, in which order), and the accounts against their openings where the
 * auditor has them, else against one another.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/package_int.h"
#include "ledger/base/clock.h"
#include "ledger/base/money.h"

#define FILES_MAX 1024

static void find_line(zd_package_work *work, const char *path, const zd_truth_line *line, const char *recorded, const char *recomputed)
{
    char text[400];
    zd_format(text, sizeof text, "%.180s: %s %.120s", path, line->end_to_end, recorded);
    zd_package_find(work, ZD_V_PACKAGE_LINE, line->provider, text, recomputed);
}

static void check_amount(zd_package_work *work, const char *path, const zd_truth_line *line, const zd_pack_payment *payment)
{
    if (payment->amount_fen != line->net_fen) {
        char recorded[ZD_FEN_TEXT];
        char recomputed[ZD_FEN_TEXT];
        zd_fen_yuan_grouped(recorded, payment->amount_fen);
        zd_fen_yuan_grouped(recomputed, line->net_fen);
        find_line(work, path, line, recorded, recomputed);
    }
}

static bool differs(unsigned stated, unsigned field, const char *one, const char *other)
{
    return (stated & field) != 0 && strcmp(one, other) != 0;
}

/* What a payment says of its payee against what it should say. */
static void check_payee(zd_package_work *work, const char *path, const zd_truth_line *line, const zd_pack_payment *payment, const zd_pack_payment *should, unsigned stated,
                        const char *source)
{
    if (differs(stated, ZD_PACK_ACCOUNT, payment->account, should->account) || differs(stated, ZD_PACK_NAME, payment->name, should->name) ||
        differs(stated, ZD_PACK_BANK_NAME, payment->bank_name, should->bank_name) || differs(stated, ZD_PACK_BANK_CODE, payment->bank_code, should->bank_code)) {
        char recorded[1000];
        char recomputed[1000];
        zd_format(recorded, sizeof recorded, "%.180s: %s %s %s %s", path, line->end_to_end, payment->account, payment->name, payment->bank_code);
        zd_format(recomputed, sizeof recomputed, "%s %s %s (%s)", should->account, should->name, should->bank_code, source);
        zd_package_find(work, ZD_V_PACKAGE_ACCOUNT, payment->name, recorded, recomputed);
    }
}

/* --- serials --- */

static zd_serials serials_of(const zd_pack_payments *payments)
{
    zd_serials out = {.places = zd_alloc((payments->count + 1) * sizeof *out.places)};
    for (size_t i = 0; i < payments->count; i++) {
        size_t known = out.names.count;
        size_t number = zd_names_add(&out.names, zd_span_text(payments->list[i].serial));
        if (number == known) {
            out.places[number] = i;
        }
    }
    return out;
}

static size_t place_of(const zd_serials *serials, const char *serial)
{
    size_t number = zd_names_find(&serials->names, zd_span_text(serial));
    return number != ZD_NAME_NONE ? serials->places[number] : ZD_NAME_NONE;
}

const zd_pack_payment *zd_package_reference(const zd_package_work *work, const char *serial)
{
    size_t place = work->has_reference ? place_of(&work->reference_places, serial) : ZD_NAME_NONE;
    return place != ZD_NAME_NONE ? &work->reference.list[place] : NULL;
}

void zd_serials_free(zd_serials *serials)
{
    zd_names_free(&serials->names);
    free(serials->places);
    *serials = (zd_serials){.places = NULL};
}

/* --- lines --- */

static void check_account(zd_package_work *work, const char *path, const zd_pack_payments *payments, size_t place, const zd_truth_line *line, bool is_reference)
{
    const zd_pack_payment *payment = &payments->list[place];
    const zd_opened_account *opening = zd_opened_accounts_find(&work->openings, &line->account);
    if (opening != NULL) {
        zd_pack_payment should = {.amount_fen = 0};
        zd_format(should.account, sizeof should.account, "%s", opening->account);
        zd_format(should.name, sizeof should.name, "%s", opening->name);
        zd_format(should.bank_name, sizeof should.bank_name, "%s", opening->bank_name);
        zd_format(should.bank_code, sizeof should.bank_code, "%s", opening->bank_code);
        work->opened += is_reference ? 1U : 0U;
        check_payee(work, path, line, payment, &should, payments->stated, "opens the sealed commitment");
    } else if (!is_reference && work->has_reference) {
        size_t reference = place_of(&work->reference_places, line->end_to_end);
        if (reference != ZD_NAME_NONE) {
            check_payee(work, path, line, payment, &work->reference.list[reference], payments->stated, "pain.001.001.09.xml");
        }
    }
}

/* Each sealed line once, in order, nothing besides. */
static void check_lines(zd_package_work *work, const char *path, const zd_pack_payments *payments, bool is_reference)
{
    zd_serials serials = serials_of(payments);
    bool *used = zd_alloc_zero(payments->count + 1, sizeof *used);
    size_t place = 0;
    bool ordered = true;
    for (size_t i = 0; i < work->truth.count; i++) {
        const zd_truth_line *line = &work->truth.lines[i];
        if (!zd_truth_is_paid(line)) {
            continue;
        }
        size_t at = place_of(&serials, line->end_to_end);
        if (at == ZD_NAME_NONE) {
            find_line(work, path, line, "is not there", "a payment for this line");
        } else {
            used[at] = true;
            if (ordered && at != place) {
                ordered = false;
                find_line(work, path, line, "stands at another place", "the order of the sealed lines");
            }
            check_amount(work, path, line, &payments->list[at]);
            check_account(work, path, payments, at, line, is_reference);
        }
        place++;
    }
    for (size_t i = 0; i < payments->count; i++) {
        if (!used[i]) {
            char recorded[700];
            char yuan[ZD_FEN_TEXT];
            zd_fen_yuan_grouped(yuan, payments->list[i].amount_fen);
            zd_format(recorded, sizeof recorded, "%.180s: %s %s to %s", path, payments->list[i].serial, yuan, payments->list[i].name);
            zd_package_find(work, ZD_V_PACKAGE_LINE, payments->list[i].name, recorded, "no sealed line");
        }
    }
    free(used);
    zd_serials_free(&serials);
}

static void check_payments(zd_package_work *work, const char *path, const zd_pack_payments *payments, bool is_reference)
{
    zd_span rest = zd_buf_span(&payments->trouble);
    while (rest.size > 0) {
        zd_span sentence;
        char text[512];
        rest = zd_span_cut(&sentence, rest, '\n');
        zd_format(text, sizeof text, "%.180s: %.*s", path, (int)sentence.size, (const char *)sentence.data);
        zd_package_find(work, ZD_V_PACKAGE_FORM, "", text, "the rules of the form");
    }
    check_lines(work, path, payments, is_reference);
    work->payments += payments->count;
}

static void malformed(zd_package_work *work, const char *path, const zd_error *why)
{
    char text[512];
    zd_format(text, sizeof text, "%.180s: %.240s", path, why->detail);
    zd_package_find(work, ZD_V_PACKAGE_FORM, "", text, zd_code_english(why->code));
}

/* A file that the manifest names and that can be read; false when there is nothing to compare. */
static bool open_file(zd_buf *out, zd_package_work *work, const char *path, zd_status *status, zd_error *err)
{
    bool found = false;
    if (*status != ZD_OK || zd_pack_manifest_find(&work->manifest, path) == NULL) {
        return false;
    }
    *status = zd_package_file(out, &found, work, path, err);
    return *status == ZD_OK && found;
}

/* --- pain.001 --- */

static void check_head(zd_package_work *work, const char *path, const zd_pack_payments *payments)
{
    const zd_rec_batch *batch = zd_truth_batch(&work->truth);
    char date[ZD_DATE_TEXT] = "";
    char recorded[400];
    if (batch != NULL) {
        zd_date_text(date, batch->execution_day);
    }
    if (strcmp(payments->batch, work->manifest.batch) != 0 || strcmp(payments->execution, date) != 0) {
        char recomputed[120];
        zd_format(recorded, sizeof recorded, "%.180s: MsgId %s, ReqdExctnDt %s", path, payments->batch, payments->execution);
        zd_format(recomputed, sizeof recomputed, "%s, %s", work->manifest.batch, date);
        zd_package_find(work, ZD_V_PACKAGE_LINE, "", recorded, recomputed);
    }
    if (work->has_reference && strcmp(payments->payer_account, work->reference.payer_account) != 0) {
        zd_format(recorded, sizeof recorded, "%.180s: debits %s", path, payments->payer_account);
        zd_package_find(work, ZD_V_PACKAGE_ACCOUNT, "", recorded, work->reference.payer_account);
    }
}

static zd_status check_pain(zd_package_work *work, const char *version, bool is_reference, zd_error *err)
{
    char path[40];
    zd_buf bytes = {0};
    zd_pack_payments payments = {0};
    zd_error why = {0};
    zd_status status = ZD_OK;
    zd_format(path, sizeof path, "%s.xml", version);
    if (open_file(&bytes, work, path, &status, err)) {
        if (zd_pack_payments_pain(&payments, zd_buf_span(&bytes), version, &why) != ZD_OK) {
            malformed(work, path, &why);
        } else {
            check_head(work, path, &payments);
            check_payments(work, path, &payments, is_reference);
            if (is_reference) {
                work->reference = payments;
                work->reference_places = serials_of(&work->reference);
                work->has_reference = true;
                payments = (zd_pack_payments){0};
            }
        }
    } else if (status == ZD_OK && is_reference) {
        zd_package_find(work, ZD_V_PACKAGE_LINE, "", "no pain.001.001.09.xml", "the canonical payment file");
    }
    zd_pack_payments_free(&payments);
    zd_buf_free(&bytes);
    return status;
}

/* --- treasury --- */

/* Values that the application repeats in every row, against the indicator. */
static void check_indicator(zd_package_work *work, const char *path, const zd_pack_payments *payments)
{
    const zd_rec_pool *pool = zd_truth_pool(&work->truth);
    zd_span rest = zd_buf_span(&payments->batch_values);
    while (pool != NULL && rest.size > 0) {
        zd_span line;
        zd_span name;
        rest = zd_span_cut(&line, rest, '\n');
        zd_span value = zd_span_cut(&name, line, '=');
        const struct {
            const char *name, *value;
        } known[] = {{"document", pool->document},           {"budget_unit", pool->budget_unit},     {"project", pool->project},         {"function_code", pool->function_code},
                     {"gov_economic", pool->gov_economic},   {"dept_economic", pool->dept_economic}, {"fund_nature", pool->fund_nature}, {"settle_mode", pool->settle_mode},
                     {"jurisdiction", pool->jurisdiction},   {"pool", pool->id},                     {"batch", work->manifest.batch}};
        for (size_t i = 0; i < ZD_COUNT(known); i++) {
            if (zd_span_is(name, known[i].name) && !zd_span_is(value, known[i].value)) {
                char recorded[500];
                zd_format(recorded, sizeof recorded, "%.180s: %s %.*s", path, known[i].name, (int)(value.size < 200 ? value.size : 200), (const char *)value.data);
                zd_package_find(work, ZD_V_PACKAGE_LINE, "", recorded, known[i].value);
            }
        }
    }
}

static zd_status check_treasury(zd_package_work *work, const char *path, bool workbook, zd_error *err)
{
    zd_buf bytes = {0};
    zd_buf template = {0};
    zd_pack_payments payments = {0};
    zd_error why = {0};
    zd_status status = ZD_OK;
    bool there = open_file(&template, work, "treasury/template.json", &status, err) && open_file(&bytes, work, path, &status, err);
    if (there && zd_pack_payments_application(&payments, zd_buf_span(&bytes), workbook, zd_buf_span(&template), &why) != ZD_OK) {
        malformed(work, path, &why);
    } else if (there) {
        check_indicator(work, path, &payments);
        check_payments(work, path, &payments, false);
    } else if (status == ZD_OK) {
        zd_package_find(work, ZD_V_PACKAGE_LINE, "", path, "the payment application and its template");
    }
    zd_pack_payments_free(&payments);
    zd_buf_free(&template);
    zd_buf_free(&bytes);
    return status;
}

/* --- banks --- */

/* Parts of a form in the order of their numbers: a shorter name comes first. */
static int by_part(const void *a, const void *b)
{
    const zd_pack_entry *const *left = a;
    const zd_pack_entry *const *right = b;
    if ((*left)->path.size != (*right)->path.size) {
        return (*left)->path.size < (*right)->path.size ? -1 : 1;
    }
    return memcmp((*left)->path.data, (*right)->path.data, (*left)->path.size);
}

/* Entries of one folder bank/<id>/ but the profile. */
static size_t parts_of(const zd_pack_entry **out, const zd_pack_manifest *manifest, const char *folder)
{
    char profile[128];
    size_t count = 0;
    zd_format(profile, sizeof profile, "%sprofile.json", folder);
    for (size_t i = 0; i < manifest->entry_count && count < FILES_MAX; i++) {
        const zd_pack_entry *entry = &manifest->entries[i];
        if (zd_span_starts(entry->path, folder) && !zd_span_is(entry->path, profile)) {
            out[count++] = entry;
        }
    }
    qsort(out, count, sizeof *out, by_part);
    return count;
}

static zd_status check_form(zd_package_work *work, const char *folder, zd_error *err)
{
    const zd_pack_entry **parts = zd_alloc(FILES_MAX * sizeof *parts);
    zd_pack_payments payments = {0};
    zd_buf profile = {0};
    zd_error why = {0};
    char path[512];
    zd_status status = ZD_OK;
    size_t count = parts_of(parts, &work->manifest, folder);
    zd_format(path, sizeof path, "%sprofile.json", folder);
    bool good = open_file(&profile, work, path, &status, err) && count > 0;
    for (size_t i = 0; i < count && good; i++) {
        zd_buf bytes = {0};
        good = zd_span_copy(path, sizeof path, parts[i]->path) && open_file(&bytes, work, path, &status, err);
        if (good && zd_pack_payments_form(&payments, zd_buf_span(&bytes), zd_buf_span(&profile), &why) != ZD_OK) {
            malformed(work, path, &why);
            good = false;
        }
        zd_buf_free(&bytes);
    }
    if (good) {
        check_payments(work, folder, &payments, false);
    } else if (status == ZD_OK && why.code == ZD_CODE_NONE) {
        zd_package_find(work, ZD_V_PACKAGE_LINE, "", folder, "a bank's form and its profile");
    }
    zd_pack_payments_free(&payments);
    zd_buf_free(&profile);
    free(parts);
    return status;
}

static zd_status check_forms(zd_package_work *work, zd_error *err)
{
    zd_status status = ZD_OK;
    char previous[128] = "";
    for (size_t i = 0; i < work->manifest.entry_count && status == ZD_OK; i++) {
        zd_span rest = work->manifest.entries[i].path;
        zd_span part;
        char folder[128];
        rest = zd_span_cut(&part, rest, '/');
        if (!zd_span_is(part, "bank") || rest.size == 0) {
            continue;
        }
        (void)zd_span_cut(&part, rest, '/');
        zd_format(folder, sizeof folder, "bank/%.*s/", (int)(part.size < 100 ? part.size : 100), (const char *)part.data);
        if (strcmp(folder, previous) != 0) {
            zd_format(previous, sizeof previous, "%s", folder);
            status = check_form(work, folder, err);
        }
    }
    return status;
}

/* --- sums --- */

static void check_sums(zd_package_work *work)
{
    const zd_rec_batch *batch = zd_truth_batch(&work->truth);
    int64_t count = 0;
    int64_t sum_fen = 0;
    bool good = true;
    char recorded[160];
    char recomputed[200];
    for (size_t i = 0; i < work->truth.count; i++) {
        if (zd_truth_is_paid(&work->truth.lines[i])) {
            count++;
            good = zd_fen_add(&sum_fen, sum_fen, work->truth.lines[i].net_fen) && good;
        }
    }
    good = good && batch != NULL && count == work->manifest.count && sum_fen == work->manifest.sum_fen && batch->released_count == count && batch->released_total_fen == sum_fen;
    if (!good) {
        zd_format(recorded, sizeof recorded, "MANIFEST: %lld payments, %lld fen", (long long)work->manifest.count, (long long)work->manifest.sum_fen);
        zd_format(recomputed, sizeof recomputed, "%lld payments, %lld fen by the seal; released %lld, %lld", (long long)count, (long long)sum_fen,
                  batch != NULL ? (long long)batch->released_count : 0LL, batch != NULL ? (long long)batch->released_total_fen : 0LL);
        zd_package_find(work, ZD_V_PACKAGE_SUM, "", recorded, recomputed);
    }
}

/* A manifest of version 1 knows no such lines: an older edition wrote it, and nothing of them is asked for. Version 2 must name all. */
static void check_offsets(zd_package_work *work)
{
    int64_t sum_fen = 0;
    int64_t count = zd_truth_offsets(&sum_fen, &work->truth);
    if (work->manifest.version == 2 && (count != work->manifest.offset_count || sum_fen != work->manifest.offset_fen)) {
        char recorded[160];
        char recomputed[160];
        zd_format(recorded, sizeof recorded, "MANIFEST: %lld lines wholly offset, %lld fen", (long long)work->manifest.offset_count, (long long)work->manifest.offset_fen);
        zd_format(recomputed, sizeof recomputed, "%lld lines, %lld fen by the seal", (long long)count, (long long)sum_fen);
        zd_package_find(work, ZD_V_PACKAGE_SUM, "", recorded, recomputed);
    }
}

zd_status zd_package_check_payments(zd_package_work *work, zd_error *err)
{
    check_sums(work);
    check_offsets(work);
    zd_status status = check_pain(work, "pain.001.001.09", true, err);
    status = status == ZD_OK ? check_pain(work, "pain.001.001.03", false, err) : status;
    status = status == ZD_OK ? check_treasury(work, "treasury/支付申请明细.csv", false, err) : status;
    status = status == ZD_OK ? check_treasury(work, "treasury/支付申请明细.xlsx", true, err) : status;
    return status == ZD_OK ? check_forms(work, err) : status;
}
