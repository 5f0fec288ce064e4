/*
 * The approval sheet's findings about payees' accounts, made again from what an outsider has: records of the log at the release, and names and accounts as the canonical
 * payment file states them. An account that is shared with a provider outside of the batch, or with a proposed one, is private data: such a row must be possible, no more.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/verify/package_int.h"
#include "ledger/base/clock.h"

#define STEP 256
#define ROW_TEXT 140
#define LISTED_MOST 20 /* accounts that were not compared: a sheet names that many */

static const char *const kinds[] = {"与其他机构共用账户 account shared with provider", "户名为持券人 account in the name of a holder", "账户变更后又改回 account changed and changed back on"};
enum { SHARED, HOLDER, BACK, KINDS };

typedef struct payees {
    zd_package_work *work;
    const char *path;
    const zd_pack_cells *cells;
    zd_names expected; /* "number kind provider other" */
    zd_names shown;
    zd_names accounts;  /* bare accounts of paid lines */
    zd_names holders;   /* names of accounts */
    zd_table lines;     /* paid ones: provider -> size_t */
    size_t *by_account; /* by line: number of its account's name; NONE when the file does not pay it */
    size_t *by_name;
} payees;

static void row_text(char out[ROW_TEXT], int64_t number, size_t kind, const char *provider, const char *other)
{
    zd_format(out, ROW_TEXT, "%lld %zu %s %s", (long long)number, kind, provider, other);
}

static void must_have(payees *p, const zd_truth_line *line, size_t kind, const char *other)
{
    char text[ROW_TEXT];
    row_text(text, line->number, kind, line->provider, other);
    (void)zd_names_add(&p->expected, zd_span_text(text));
}

static void bare(char out[64], const char *account)
{
    size_t size = 0;
    for (; *account != '\0' && size < 40; account++) {
        bool counts = (*account >= '0' && *account <= '9') || (*account >= 'A' && *account <= 'Z') || (*account >= 'a' && *account <= 'z');
        if (counts) {
            out[size++] = *account;
        }
    }
    out[size] = '\0';
}

/* --- what must be there --- */

static void number_payees(payees *p)
{
    const zd_truth *truth = &p->work->truth;
    p->by_account = zd_alloc((truth->count + 1) * sizeof *p->by_account);
    p->by_name = zd_alloc((truth->count + 1) * sizeof *p->by_name);
    for (size_t i = 0; i < truth->count; i++) {
        const zd_truth_line *line = &truth->lines[i];
        const zd_pack_payment *payment = zd_truth_is_paid(line) ? zd_package_reference(p->work, line->end_to_end) : NULL;
        char account[64] = "";
        if (payment != NULL) {
            bare(account, payment->account);
        }
        if (zd_truth_is_paid(line)) {
            *(size_t *)zd_table_add(&p->lines, zd_span_text(line->provider), NULL) = i;
        }
        p->by_account[i] = account[0] != '\0' ? zd_names_add(&p->accounts, zd_span_text(account)) : ZD_NAME_NONE;
        p->by_name[i] = payment != NULL ? zd_names_add(&p->holders, zd_span_text(payment->name)) : ZD_NAME_NONE;
    }
}

/* The lines of each number, one after the other: an account that all lines share makes no pass over all lines for each. */
typedef struct chains {
    size_t *first, *next; /* owned; by number, by line */
} chains;

static chains chains_of(const size_t *numbers, size_t lines, size_t count)
{
    chains out = {.first = zd_alloc((count + 1) * sizeof *out.first), .next = zd_alloc((lines + 1) * sizeof *out.next)};
    for (size_t i = 0; i < count; i++) {
        out.first[i] = ZD_NAME_NONE;
    }
    for (size_t i = lines; i > 0; i--) {
        size_t number = numbers[i - 1];
        if (number != ZD_NAME_NONE) {
            out.next[i - 1] = out.first[number];
            out.first[number] = i - 1;
        }
    }
    return out;
}

static void chains_free(chains *lists)
{
    free(lists->first);
    free(lists->next);
}

static void find_shared(payees *p)
{
    const zd_truth *truth = &p->work->truth;
    chains lists = chains_of(p->by_account, truth->count, p->accounts.count);
    for (size_t i = 0; i < truth->count; i++) {
        size_t other = p->by_account[i] != ZD_NAME_NONE ? lists.first[p->by_account[i]] : ZD_NAME_NONE;
        for (; other != ZD_NAME_NONE; other = lists.next[other]) {
            if (other != i) {
                must_have(p, &truth->lines[i], SHARED, truth->lines[other].provider);
            }
        }
    }
    chains_free(&lists);
}

static zd_status find_holders(payees *p, zd_error *err)
{
    zd_truth *truth = &p->work->truth;
    chains lists = chains_of(p->by_name, truth->count, p->holders.count);
    char after[sizeof ((zd_rec_holder *)NULL)->id] = "";
    size_t taken = STEP;
    while (taken == STEP) {
        zd_book_window window = zd_book_window_open(truth->book, ZD_R_HOLDER, STEP, "", after);
        for (taken = 0; taken < STEP && zd_book_window_next(&window); taken++) {
            const zd_rec_holder *holder = window.cursor.record;
            zd_format(after, sizeof after, "%s", holder->id);
            size_t name = holder->label[0] != '\0' ? zd_names_find(&p->holders, zd_span_text(holder->label)) : ZD_NAME_NONE;
            for (size_t i = name != ZD_NAME_NONE ? lists.first[name] : ZD_NAME_NONE; i != ZD_NAME_NONE; i = lists.next[i]) {
                if (strcmp(holder->code, truth->lines[i].provider) != 0) { /* the provider itself may be a holder */
                    must_have(p, &truth->lines[i], HOLDER, holder->id);
                }
            }
        }
        zd_truth_rest(truth);
    }
    chains_free(&lists);
    return zd_book_trouble(truth->book, err);
}

/* An account of any provider is compared, the present and the proposed one; one that the line has already counts once. */
static int64_t accounts_of(const zd_rec_provider *provider, const zd_truth_line *line)
{
    static const zd_hash none = {0};
    bool present = !zd_hash_equal(&provider->account, &none) && (line == NULL || !zd_hash_equal(&provider->account, &line->account));
    bool proposed = provider->account_pending != 0 && !zd_hash_equal(&provider->account_proposed, &provider->account) && !zd_hash_equal(&provider->account_proposed, &none) &&
                    (line == NULL || !zd_hash_equal(&provider->account_proposed, &line->account));
    return (present ? 1 : 0) + (proposed ? 1 : 0);
}

static zd_status see_providers(payees *p, int64_t *known, zd_error *err)
{
    zd_truth *truth = &p->work->truth;
    char after[sizeof ((zd_rec_provider *)NULL)->id] = "";
    size_t taken = STEP;
    for (size_t i = 0; i < truth->count; i++) {
        *known += zd_truth_is_paid(&truth->lines[i]) ? 1 : 0;
    }
    while (taken == STEP) {
        zd_book_window window = zd_book_window_open(truth->book, ZD_R_PROVIDER, STEP, "", after);
        for (taken = 0; taken < STEP && zd_book_window_next(&window); taken++) {
            const zd_rec_provider *provider = window.cursor.record;
            zd_format(after, sizeof after, "%s", provider->id);
            const size_t *place = zd_table_find(&p->lines, zd_span_text(provider->id), NULL);
            const zd_truth_line *line = place != NULL ? &truth->lines[*place] : NULL;
            *known += accounts_of(provider, line);
            if (line != NULL && provider->account_back_day != 0) {
                char date[ZD_DATE_TEXT];
                zd_date_text(date, provider->account_back_day);
                must_have(p, line, BACK, date);
            }
        }
        zd_truth_rest(truth);
    }
    return zd_book_trouble(truth->book, err);
}

/* --- what is there --- */

/* A shared account that the log cannot show: the other one is a provider with an account that is not known to be another one. */
static bool is_possible(const payees *p, size_t line, const char *other)
{
    static const zd_hash none = {0};
    const zd_truth *truth = &p->work->truth;
    const zd_rec_provider *provider = zd_book_find(truth->book, ZD_R_PROVIDER, "%.40s", other);
    bool possible = provider != NULL && strcmp(other, truth->lines[line].provider) != 0 && (!zd_hash_equal(&provider->account, &none) || provider->account_pending != 0);
    const size_t *place = possible ? zd_table_find(&p->lines, zd_span_text(other), NULL) : NULL;
    bool shown = place != NULL && p->by_account[*place] != ZD_NAME_NONE;
    return possible && (!shown || accounts_of(provider, &truth->lines[*place]) > 0); /* it has a further account than the one that this package shows */
}

static size_t line_of(const payees *p, const char *number, const char *provider)
{
    char text[24];
    const size_t *place = zd_table_find(&p->lines, zd_span_text(provider), NULL);
    if (place != NULL) {
        zd_format(text, sizeof text, "%lld", (long long)p->work->truth.lines[*place].number);
    }
    return place != NULL && strcmp(text, number) == 0 ? *place : ZD_NAME_NONE;
}

static void check_row(payees *p, size_t row)
{
    const zd_truth *truth = &p->work->truth;
    const char *provider = zd_pack_cell_at(p->cells, row, 1);
    const char *other = zd_pack_cell_at(p->cells, row, 3);
    size_t kind = 0;
    while (kind < KINDS && strcmp(zd_pack_cell_at(p->cells, row, 2), kinds[kind]) != 0) {
        kind++;
    }
    size_t line = kind < KINDS ? line_of(p, zd_pack_cell_at(p->cells, row, 0), provider) : ZD_NAME_NONE;
    char text[ROW_TEXT] = "";
    if (line != ZD_NAME_NONE) {
        row_text(text, truth->lines[line].number, kind, provider, other);
    }
    bool good = line != ZD_NAME_NONE && (zd_names_find(&p->expected, zd_span_text(text)) != ZD_NAME_NONE || (kind == SHARED && is_possible(p, line, other)));
    good = good && zd_names_find(&p->shown, zd_span_text(text)) == ZD_NAME_NONE;
    (void)zd_names_add(&p->shown, zd_span_text(text));
    if (!good) {
        char what[80];
        char found[400];
        zd_format(what, sizeof what, "row %zu, finding about an account:", row + 1);
        zd_format(found, sizeof found, "line %.20s %.60s, %.120s %.60s", zd_pack_cell_at(p->cells, row, 0), provider, zd_pack_cell_at(p->cells, row, 2), other);
        zd_paper_find(p->work, p->path, what, found, "nothing that log and package show, or it stands twice");
    }
}

/* What log and package show and the sheet does not. */
static void check_missing(payees *p)
{
    for (size_t i = 0; i < p->expected.count; i++) {
        zd_span text = zd_names_text(&p->expected, i);
        if (zd_names_find(&p->shown, text) == ZD_NAME_NONE) {
            zd_span number;
            zd_span kind;
            char should[300];
            text = zd_span_cut(&number, text, ' ');
            text = zd_span_cut(&kind, text, ' ');
            zd_format(should, sizeof should, "line %.*s %s: %.*s", (int)number.size, (const char *)number.data, kinds[kind.data[0] - '0'], (int)text.size, (const char *)text.data);
            zd_paper_find(p->work, p->path, "a finding about an account:", "is not there", should);
        }
    }
}

/* --- the sentences below --- */

static void expect_sentence(const payees *p, size_t row, const char *field, const char *should)
{
    const char *found = zd_pack_cell_at(p->cells, row, ZD_PACK_PARAGRAPH);
    if (strcmp(found, should) != 0) {
        char what[80];
        zd_format(what, sizeof what, "row %zu, %.40s:", row + 1, field);
        zd_paper_find(p->work, p->path, what, found[0] != '\0' ? found : "(nothing)", should);
    }
}

static void check_first(const payees *p, size_t row)
{
    const zd_truth *truth = &p->work->truth;
    char text[160];
    size_t first = 0;
    for (size_t i = 0; i < truth->count; i++) {
        first += zd_truth_is_paid(&truth->lines[i]) && truth->lines[i].first_payment ? 1U : 0U;
    }
    zd_format(text, sizeof text, "首次付款：%zu 笔，见上表标记 First payments: %zu, marked above", first, first);
    expect_sentence(p, row, "first payments", first > 0 ? text : "首次付款：无 First payments: none");
}

/* Providers whose accounts were not compared: each must have one. */
static bool lists_providers(const payees *p, const char *list, size_t count)
{
    static const zd_hash none = {0};
    zd_span rest = zd_span_text(list);
    size_t named = 0;
    bool good = true;
    while (good && rest.size > 0 && rest.data[0] != ' ') {
        zd_span word;
        zd_span name;
        char id[41];
        rest = zd_span_cut(&word, rest, ',');
        zd_span more = zd_span_cut(&name, word, ' ');
        const zd_rec_provider *provider = zd_span_copy(id, sizeof id, name) ? zd_book_find(p->work->truth.book, ZD_R_PROVIDER, "%s", id) : NULL;
        good = provider != NULL && (!zd_hash_equal(&provider->account, &none) || provider->account_pending != 0) && (more.size == 0 || rest.size == 0);
        named++;
    }
    return good && named == (count < LISTED_MOST ? count : LISTED_MOST);
}

/* How many accounts private.db opened is the office's word; how many there were is not, and what a line pays was open. */
static void check_compared(const payees *p, size_t row, size_t end, int64_t known)
{
    static const char begin[] = "已比对账户 ";
    static const char listed[] = "未比对 Not compared: ";
    const char *found = zd_pack_cell_at(p->cells, row, ZD_PACK_PARAGRAPH);
    char text[300];
    int64_t opened = 0;
    for (const char *c = found + (strncmp(found, begin, sizeof begin - 1) == 0 ? sizeof begin - 1 : strlen(found)); *c >= '0' && *c <= '9' && opened <= known; c++) {
        opened = opened * 10 + (*c - '0');
    }
    opened = opened < p->work->manifest.count || opened > known ? known : opened;
    bool all = opened == known;
    zd_format(text, sizeof text, "%s%lld 个，共 %lld 个%s Accounts compared: %lld of %lld%s", begin, (long long)opened, (long long)known, all ? "" : "（其余未录入或已删除）",
              (long long)opened, (long long)known, all ? "" : "; the others were never entered here, or erased");
    expect_sentence(p, row, "accounts compared", text);
    const char *list = row + 1 < end ? zd_pack_cell_at(p->cells, row + 1, ZD_PACK_PARAGRAPH) : "";
    bool good = all ? row + 1 == end : row + 2 == end && strncmp(list, listed, sizeof listed - 1) == 0 && lists_providers(p, list + sizeof listed - 1, (size_t)(known - opened));
    bool older = !all && row + 1 == end && p->work->manifest.version == 1; /* an older edition gave the number only */
    if (!good && !older) {
        zd_paper_find(p->work, p->path, "accounts that were not compared:", list, all ? "nothing" : "the providers whose accounts they are");
    }
}

static void release(payees *p)
{
    zd_names_free(&p->expected);
    zd_names_free(&p->shown);
    zd_names_free(&p->accounts);
    zd_names_free(&p->holders);
    zd_table_free(&p->lines);
    free(p->by_account);
    free(p->by_name);
}

zd_status zd_package_check_payees(zd_package_work *work, const char *path, const zd_pack_cells *cells, size_t row, size_t end, zd_error *err)
{
    payees p = {.work = work, .path = path, .cells = cells, .lines = zd_table_of(sizeof(size_t))};
    int64_t known = 0;
    number_payees(&p);
    find_shared(&p);
    zd_status status = find_holders(&p, err);
    status = status == ZD_OK ? see_providers(&p, &known, err) : status;
    if (status == ZD_OK) {
        if (zd_pack_cell_at(cells, row, ZD_PACK_PARAGRAPH)[0] == '\0') {
            for (row++; row < end && zd_pack_cell_at(cells, row, ZD_PACK_PARAGRAPH)[0] == '\0'; row++) {
                check_row(&p, row);
            }
        } else {
            expect_sentence(&p, row++, "findings", "共用账户、持券人账户、改回账户：无 Shared, in a holder's name, changed back: none");
        }
        check_missing(&p);
        check_first(&p, row);
        check_compared(&p, row + 1, end, known);
    }
    release(&p);
    return status;
}
