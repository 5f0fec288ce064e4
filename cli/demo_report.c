/*
 * What the demo's year came to, on one screen: what came in, what was redeemed, gated, held and refused, pools, months, how much was paid without a person's touch, and
 * whether every planned fault was caught. Everything is read back from the ledger's records and from the decisions that the rows got.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/demo.h"
#include "ledger/base/durable.h"
#include "ledger/base/money.h"
#include "ledger/rules/decide.h"

typedef struct figures {
    size_t redemptions, gated, held, refused, eligible, untouched;
    int64_t redeemed_fen, paid_fen, refunded_fen;
    size_t expected, caught;
} figures;

static zd_book *book_of(zd_demo *demo)
{
    return zd_acts_book(zd_ledger_acts(demo->ledger));
}

static const zd_import *file_named(const zd_demo *demo, const char *kind, size_t *rows)
{
    for (size_t i = 0; i < ZD_DEMO_FILES; i++) {
        if (strcmp(zd_demo_files[i].kind, kind) == 0) {
            *rows = demo->files[i]->row_count;
            return demo->files[i];
        }
    }
    *rows = 0;
    return NULL;
}

static size_t rows_of(const zd_demo *demo, const char *kind)
{
    size_t rows;
    (void)file_named(demo, kind, &rows);
    return rows;
}

/* --- figures --- */

static void count_decisions(const zd_demo *demo, figures *f)
{
    static const char *const kinds[] = {"capture", "direct"};
    for (size_t k = 0; k < ZD_COUNT(kinds); k++) {
        size_t rows;
        const zd_import *file = file_named(demo, kinds[k], &rows);
        for (size_t i = 0; i < rows; i++) {
            bool redeemed = file->rows[i].outcome == ZD_ACCEPTED || file->rows[i].outcome == ZD_HELD;
            f->redemptions += redeemed ? 1 : 0;
            f->gated += redeemed && file->rows[i].gates != 0 ? 1 : 0;
        }
    }
    for (size_t k = 0; k < ZD_DEMO_FILES; k++) {
        for (size_t i = 0; i < demo->files[k]->row_count; i++) {
            f->refused += demo->files[k]->rows[i].outcome == ZD_REFUSED_BY_RULE ? 1 : 0;
        }
    }
}

/* Items about which a person decided (only what is on hold can be reviewed), ascending. */
typedef struct reviewed {
    char (*items)[ZD_ID_SIZE];
    size_t count;
} reviewed;

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static reviewed list_reviewed(const zd_demo *demo)
{
    static const char *const kinds[] = {"review-release", "review-reject"};
    reviewed list = {zd_alloc_zero(rows_of(demo, kinds[0]) + rows_of(demo, kinds[1]) + 1, ZD_ID_SIZE), 0};
    for (size_t k = 0; k < ZD_COUNT(kinds); k++) {
        size_t rows;
        const zd_import *file = file_named(demo, kinds[k], &rows);
        for (size_t i = 0; i < rows; i++) {
            if (file->rows[i].outcome == ZD_ACCEPTED) {
                zd_import_text(list.items[list.count++], ZD_ID_SIZE, file, i, ZD_F_ITEM);
            }
        }
    }
    qsort(list.items, list.count, sizeof *list.items, by_text);
    return list;
}

static bool was_reviewed(const reviewed *list, const char *item)
{
    return bsearch(item, list->items, list->count, sizeof *list->items, by_text) != NULL;
}

/* Eligible: captured, not taken back by the parties themselves, and its notice was over at the last seal. Untouched: paid, and no person ever looked at it. */
static void count_items(zd_demo *demo, figures *f, const reviewed *list, int64_t last_seal_day)
{
    zd_book_cursor cursor = zd_book_scan(book_of(demo), ZD_R_ITEM, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_item *item = cursor.record;
        int64_t out_fen = 0;
        int64_t open_fen = 0;
        int64_t refunded_fen = 0;
        for (size_t leg = 0; leg < ZD_LEGS; leg++) {
            out_fen += item->paid_fen[leg] + item->in_batch_fen[leg] + item->offset_fen[leg];
            open_fen += item->open_fen[leg] + item->returned_fen[leg];
            f->paid_fen += item->paid_fen[leg];
            refunded_fen += item->refunded_open_fen[leg] + item->refunded_settled_fen[leg];
        }
        f->redeemed_fen += item->state == ZD_I_CAPTURED ? item->amount_fen : 0;
        f->refunded_fen += item->state == ZD_I_CAPTURED ? refunded_fen : 0;
        bool touched = item->holds != 0 || item->held != 0 || was_reviewed(list, item->id);
        bool stays = item->state == ZD_I_REJECTED || (item->state == ZD_I_CAPTURED && out_fen + open_fen > 0);
        f->held += touched ? 1 : 0;
        if (stays && item->notice_until_day <= last_seal_day) {
            f->eligible++;
            f->untouched += !touched && out_fen > 0 && open_fen == 0 ? 1 : 0;
        }
    }
}

/* --- planned faults --- */

static int check_number(const char *code)
{
    for (unsigned i = 0; i < ZD_CHECK__COUNT; i++) {
        if (strcmp(zd_acts_check_name(i), code) == 0) {
            return (int)i;
        }
    }
    return -1;
}

static bool has_bit(int64_t set, int number)
{
    return number >= 0 && ((zd_check_set)set >> number & 1U) != 0;
}

static bool waited(const zd_demo *demo, const char *item, const char *code)
{
    zd_buf wanted = {0};
    bool found = false;
    zd_buf_addf(&wanted, "[\"%s\",\"", item);
    const char *at = zd_buf_text(&demo->waiting);
    while (!found && (at = strstr(at, zd_buf_text(&wanted))) != NULL) {
        at += wanted.size;
        const char *end = strchr(at, '"');
        const char *reason = strstr(at, code);
        found = end != NULL && reason != NULL && reason < end;
    }
    zd_buf_free(&wanted);
    return found;
}

static bool is_caught(zd_demo *demo, const reviewed *list, const char *code, const char *number, const zd_import *file, const char *how)
{
    const zd_rec_item *item = zd_book_find(book_of(demo), ZD_R_ITEM, "%s", number);
    const zd_import_row *row = NULL;
    char id[120];
    int check = check_number(code);
    zd_format(id, sizeof id, "%s-%.60s", file->kind->prefix, number);
    for (size_t i = 0; i < file->row_count && row == NULL; i++) {
        row = strcmp(file->rows[i].id, id) == 0 ? &file->rows[i] : NULL;
    }
    if (row == NULL) {
        return false;
    }
    if (strcmp(how, "refused") == 0) {
        return row->outcome == ZD_REFUSED_BY_RULE && strcmp(row->code, code) == 0;
    }
    if (strcmp(how, "gated") == 0) {
        return has_bit((int64_t)row->gates, check);
    }
    if (strcmp(how, "held") == 0) {
        bool now = has_bit((int64_t)row->holds, check) || (item != NULL && has_bit(item->holds, check));
        return now || was_reviewed(list, number); /* the record forgets the reason when a reviewer has decided */
    }
    if (strcmp(how, "flagged") == 0) {
        return item != NULL && has_bit(item->flags, check);
    }
    return strcmp(how, "waits") == 0 && waited(demo, number, code);
}

typedef struct catch_count {
    char code[24];
    size_t expected, caught;
} catch_count;

static void note_catch(catch_count *counts, size_t *count, const char *code, bool caught)
{
    size_t at = 0;
    while (at < *count && strcmp(counts[at].code, code) != 0) {
        at++;
    }
    if (at == *count) {
        ZD_ASSERT(*count < ZD_CHECKS_MAX);
        zd_format(counts[at].code, sizeof counts[at].code, "%.20s", code);
        ++*count;
    }
    counts[at].expected++;
    counts[at].caught += caught ? 1 : 0;
}

static int by_code(const void *a, const void *b)
{
    return strcmp(((const catch_count *)a)->code, ((const catch_count *)b)->code);
}

static const zd_import *file_called(const zd_demo *demo, zd_span name)
{
    for (size_t i = 0; i < ZD_DEMO_FILES; i++) {
        if (zd_span_is(name, zd_demo_files[i].name)) {
            return demo->files[i];
        }
    }
    return NULL;
}

static zd_status judge_line(zd_demo *demo, const reviewed *list, const zd_sheet *sheet, size_t row, catch_count *counts, size_t *count)
{
    char code[24];
    char number[64];
    char how[16];
    const zd_import *file = file_called(demo, zd_sheet_cell(sheet, row, 2));
    bool good = file != NULL && zd_span_copy(code, sizeof code, zd_sheet_cell(sheet, row, 0)) && zd_span_copy(number, sizeof number, zd_sheet_cell(sheet, row, 1)) &&
                zd_span_copy(how, sizeof how, zd_sheet_cell(sheet, row, 3));
    if (!good) {
        zd_status status = zd_fail(&demo->cli->error, ZD_E_CELL_INVALID, "check, number, file, how");
        zd_error_at(&demo->cli->error, zd_sheet_line(sheet, row), 1);
        return status;
    }
    bool caught = is_caught(demo, list, code, number, file, how);
    note_catch(counts, count, code, caught);
    if (!caught) {
        (void)fprintf(demo->cli->talk, "NOT CAUGHT: %s %s %s %s\n", code, number, file->kind->name, how);
    }
    return ZD_OK;
}

static zd_status judge_catches(zd_demo *demo, const reviewed *list, catch_count *counts, size_t *count)
{
    zd_sheet *sheet = NULL;
    zd_buf path = {0};
    zd_status status = zd_sheet_read(&sheet, zd_path_join(&path, demo->data, "expected-catches.tsv"), &demo->cli->error);
    for (size_t i = 0; status == ZD_OK && i < zd_sheet_rows(sheet); i++) {
        status = judge_line(demo, list, sheet, i, counts, count);
    }
    note_catch(counts, count, "R46", (demo->acts_seen & ZD_DEMO_SAW_R46) != 0);
    note_catch(counts, count, "R48", (demo->acts_seen & ZD_DEMO_SAW_R48) != 0);
    qsort(counts, *count, sizeof *counts, by_code);
    zd_sheet_free(sheet);
    zd_buf_free(&path);
    return status;
}

/* --- printing --- */

static int64_t balance(zd_demo *demo, const char *code, const char *pool)
{
    int64_t sum = 0;
    zd_book_cursor cursor = zd_book_scan(book_of(demo), ZD_R_ACCT, "%s/", code);
    while (zd_book_next(&cursor)) {
        const char *end = strrchr(cursor.key, '/');
        if (end != NULL && strcmp(end + 1, pool) == 0) {
            sum += ((const zd_rec_acct *)cursor.record)->balance_fen;
        }
    }
    return sum;
}

static void print_pools(zd_demo *demo)
{
    FILE *out = demo->cli->out;
    zd_book_cursor cursor = zd_book_scan(book_of(demo), ZD_R_POOL, "%s", "");
    (void)fprintf(out, "%-16s %16s %16s %16s %16s\n", "pool", "drawable", "free", "reserved", "payable");
    while (zd_book_next(&cursor)) {
        const char *pool = ((const zd_rec_pool *)cursor.record)->id;
        static const char *const codes[] = {"1000", "2000", "2200"};
        char yuan[ZD_FEN_TEXT];
        (void)fprintf(out, "%-16s", pool);
        for (size_t i = 0; i < ZD_COUNT(codes); i++) {
            zd_fen_yuan_grouped(yuan, balance(demo, codes[i], pool));
            (void)fprintf(out, " %16s", yuan);
        }
        zd_fen_yuan_grouped(yuan, balance(demo, "3000", pool) + balance(demo, "3050", pool) + balance(demo, "3100", pool) + balance(demo, "3200", pool));
        (void)fprintf(out, " %16s\n", yuan);
    }
}

static void print_months(zd_demo *demo)
{
    FILE *out = demo->cli->out;
    (void)fprintf(out, "%-7s %8s %8s %18s %14s\n", "month", "batches", "lines", "sealed", "netted");
    for (int month = 1; month <= 12; month++) {
        const zd_demo_month *sum = &demo->months[month];
        char total[ZD_FEN_TEXT];
        char offset[ZD_FEN_TEXT];
        zd_fen_yuan_grouped(total, sum->total_fen);
        zd_fen_yuan_grouped(offset, sum->offset_fen);
        if (sum->batches > 0) {
            (void)fprintf(out, "2026-%02d %8zu %8zu %18s %14s\n", month, sum->batches, sum->lines, total, offset);
        }
    }
}

static void print_catches(zd_demo *demo, const catch_count *counts, size_t count, figures *f)
{
    FILE *out = demo->cli->out;
    zd_buf line = {0};
    for (size_t i = 0; i < count; i++) {
        f->expected += counts[i].expected;
        f->caught += counts[i].caught;
        zd_buf_addf(&line, "%s %zu/%zu%s", counts[i].code, counts[i].caught, counts[i].expected, i + 1 == count ? "" : i % 13 == 12 ? "\n  " : "  ");
    }
    (void)fprintf(out, "planned faults caught: %zu of %zu\n  %s\n", f->caught, f->expected, zd_buf_text(&line));
    zd_buf_free(&line);
}

static void print_head(zd_demo *demo, const figures *f)
{
    FILE *out = demo->cli->out;
    char redeemed[ZD_FEN_TEXT];
    char paid[ZD_FEN_TEXT];
    char refunded[ZD_FEN_TEXT];
    zd_fen_yuan_grouped(redeemed, f->redeemed_fen);
    zd_fen_yuan_grouped(paid, f->paid_fen);
    zd_fen_yuan_grouped(refunded, f->refunded_fen);
    (void)fprintf(out, "Zhidui demo: Shaoxing 2026, January to November (synthetic data)\n");
    (void)fprintf(out, "came in     %zu holders, %zu providers, %zu instruments, %zu vouchers, %zu orders, %zu captures, %zu direct, %zu voids, %zu refunds\n",
                  rows_of(demo, "holder"), rows_of(demo, "provider"), rows_of(demo, "instrument"), rows_of(demo, "voucher"), rows_of(demo, "order"),
                  rows_of(demo, "capture"), rows_of(demo, "direct"), rows_of(demo, "void"), rows_of(demo, "refund"));
    (void)fprintf(out, "redeemed    %zu redemptions, %s yuan; paid %s; refunded %s\n", f->redemptions, redeemed, paid, refunded);
    (void)fprintf(out, "on the way  %zu waited at a gate for data, %zu were held for a person, %zu requests were refused by a rule\n", f->gated, f->held, f->refused);
}

static void print_tail(zd_demo *demo, const figures *f)
{
    FILE *out = demo->cli->out;
    struct rusage usage;
    size_t tenths = f->eligible > 0 ? f->untouched * 1000 / f->eligible : 0;
    char genesis[ZD_HASH_HEX + 1] = "";
    zd_buf path = {0};
    zd_buf file = {0};
    if (zd_file_read(&file, zd_path_join(&path, demo->out, "GENESIS"), 4096, NULL) == ZD_OK) {
        zd_span head;
        (void)zd_span_cut(&head, zd_buf_span(&file), '\n');
        bool fits = zd_span_copy(genesis, sizeof genesis, head);
        genesis[0] = fits ? genesis[0] : '\0';
    }
    (void)fprintf(out, "released for payment without a person's touch: %zu of %zu, %zu.%zu %%\n", f->untouched, f->eligible, tenths / 10, tenths % 10);
    (void)fprintf(out, "ledger      %llu entries from %zu signed requests; genesis %s\n", (unsigned long long)zd_ledger_size(demo->ledger), demo->requests, genesis);
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        (void)fprintf(demo->cli->talk, "peak memory %ld MB\n", usage.ru_maxrss / 1024);
    }
    zd_buf_free(&path);
    zd_buf_free(&file);
}

static void print_json(zd_demo *demo, const figures *f)
{
    zd_buf line = {0};
    zd_jw w = zd_jw_begin(&line);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_jw_int(&w, "entries", (int64_t)zd_ledger_size(demo->ledger));
    zd_jw_int(&w, "redemptions", (int64_t)f->redemptions);
    zd_jw_int(&w, "redeemed_fen", f->redeemed_fen);
    zd_jw_int(&w, "paid_fen", f->paid_fen);
    zd_jw_int(&w, "gated", (int64_t)f->gated);
    zd_jw_int(&w, "held", (int64_t)f->held);
    zd_jw_int(&w, "refused", (int64_t)f->refused);
    zd_jw_int(&w, "eligible", (int64_t)f->eligible);
    zd_jw_int(&w, "untouched", (int64_t)f->untouched);
    zd_jw_int(&w, "planned_faults", (int64_t)f->expected);
    zd_jw_int(&w, "caught", (int64_t)f->caught);
    zd_jw_close(&w);
    (void)fprintf(demo->cli->out, "%s\n", zd_buf_text(&line));
    zd_buf_free(&line);
}

zd_status zd_demo_report(zd_demo *demo)
{
    figures f = {0};
    catch_count counts[ZD_CHECKS_MAX] = {{.expected = 0}};
    size_t count = 0;
    count_decisions(demo, &f);
    reviewed list = list_reviewed(demo);
    count_items(demo, &f, &list, zd_day_from(2026, 11, 30));
    zd_status status = judge_catches(demo, &list, counts, &count);
    free(list.items);
    if (status != ZD_OK) {
        return status;
    }
    if (demo->cli->json) {
        for (size_t i = 0; i < count; i++) {
            f.expected += counts[i].expected;
            f.caught += counts[i].caught;
        }
        print_json(demo, &f);
    } else {
        print_head(demo, &f);
        print_pools(demo);
        print_months(demo);
        print_catches(demo, counts, count, &f);
        print_tail(demo, &f);
    }
    if (f.caught != f.expected || f.untouched * 100 < f.eligible * 95) {
        return zd_fail(&demo->cli->error, ZD_E_LEDGER_CORRUPT, "the demo did not come to what its fixtures promise / 演示结果与样例数据不符");
    }
    return zd_book_trouble(book_of(demo), &demo->cli->error);
}
