/* The sealed lines that answers are matched with, and the keys by which an entry is known again. Account numbers stay in memory here; no key is made of more than the
 * last four digits of one. */
#include <stdlib.h>
#include <string.h>

#include "cli/reconcile.h"
#include "ledger/base/durable.h"

static bool was_sent(int64_t state)
{
    return state != ZD_B_SEALED && state != ZD_B_APPROVED && state != ZD_B_WITHDRAWN && state != ZD_B_VOIDED && state != ZD_B_EXPIRED;
}

static bool is_part(int64_t state)
{
    return state != ZD_L_HELD && state != ZD_L_ZERO && state != ZD_L_WITHDRAWN;
}

static zd_status load_account(zd_recon *r, size_t at, const zd_rec_line *line, bool private_there, zd_error *err)
{
    zd_recon_line *mine = &r->lines[at];
    zd_status status = private_there ? zd_private_account_get(&mine->account, &mine->has_account, r->ledger, &line->account, err) : ZD_OK;
    r->expected[at].account = mine->has_account ? mine->account.account : "";
    r->expected[at].name = mine->has_account ? mine->account.name : "";
    return status;
}

static size_t count_lines(zd_book *book)
{
    size_t count = 0;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_LINE, "%s", "");
    while (zd_book_next(&cursor)) {
        count++;
    }
    return count;
}

zd_status zd_recon_lines_load(zd_recon *r, zd_error *err)
{
    zd_buf path = {0};
    bool private_there = zd_path_exists(zd_path_join(&path, zd_ledger_dir(r->ledger), "private.db"));
    size_t most = count_lines(r->book);
    zd_status status = ZD_OK;
    zd_buf_free(&path);
    r->expected = zd_alloc_zero(most + 1, sizeof *r->expected);
    r->lines = zd_alloc_zero(most + 1, sizeof *r->lines);
    zd_book_cursor cursor = zd_book_scan(r->book, ZD_R_LINE, "%s", "");
    while (status == ZD_OK && r->expected_count < most && zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        const zd_rec_batch *batch = zd_book_find(r->book, ZD_R_BATCH, "%s", line->batch);
        if (batch == NULL || !was_sent(batch->state) || !is_part(line->state)) {
            continue;
        }
        const zd_rec_bline *booked = zd_book_find(r->book, ZD_R_BLINE, "%s/%s", line->batch, line->provider);
        r->expected[r->expected_count] = (zd_expect){.batch = line->batch, .provider = line->provider, .end_to_end = line->end_to_end, .net_fen = line->net_fen,
            .execution_day = batch->execution_day, .debit_booked = booked != NULL && booked->debits > 0, .return_booked = booked != NULL && booked->returns > 0};
        status = load_account(r, r->expected_count, line, private_there, err);
        r->expected_count++;
    }
    return status == ZD_OK ? zd_book_trouble(r->book, err) : status;
}

void zd_recon_lines_free(zd_recon *r)
{
    free(r->expected);
    free(r->lines);
}

const zd_rec_line *zd_recon_line_now(zd_recon *r, size_t expected)
{
    return zd_book_find(r->book, ZD_R_LINE, "%s/%s", r->expected[expected].batch, r->expected[expected].provider);
}

bool zd_recon_unanswered(const zd_rec_line *line)
{
    return line->state == ZD_L_PENDING || line->state == ZD_L_ACCEPTED || line->state == ZD_L_UNKNOWN;
}

/* The payer's account; "" when config.json does not exist or names none. */
static zd_status payer_account(char out[41], const zd_recon *r, zd_error *err)
{
    zd_buf path = {0};
    zd_buf file = {0};
    zd_json *json = NULL;
    zd_status status = ZD_OK;
    out[0] = '\0';
    if (zd_path_exists(zd_path_join(&path, zd_ledger_dir(r->ledger), "config.json"))) {
        status = zd_file_read(&file, zd_buf_text(&path), 65536, err);
        status = status == ZD_OK ? zd_json_parse(&json, zd_buf_span(&file), true, err) : status;
        zd_span account = status == ZD_OK ? zd_jval_text(zd_jval_get(zd_jval_get(zd_json_root(json), "payer"), "account")) : zd_span_of(NULL, 0);
        if (status == ZD_OK && !zd_span_copy(out, 41, account)) {
            status = zd_fail(err, ZD_E_TEXT_TOO_LONG, "payer.account");
        }
    }
    zd_json_free(json);
    zd_buf_free(&file);
    zd_buf_free(&path);
    return status;
}

zd_status zd_recon_check_account(const zd_recon *r, zd_error *err)
{
    char account[41];
    zd_status status = payer_account(account, r, err);
    zd_expect ours = {.account = account};
    for (size_t i = 0; i < zd_answers_count(r->answers) && status == ZD_OK; i++) {
        const zd_bank_fact *fact = zd_answers_at(r->answers, i);
        if (fact->kind != ZD_BANK_DETAIL && zd_account_differs(&ours, fact->account)) {
            size_t size = strlen(fact->account);
            status = zd_fail(err, ZD_E_ANSWER_ACCOUNT, "line %lld", (long long)fact->line);
            zd_error_field(err, "account ends in", zd_span_text(size > 4 ? fact->account + size - 4 : fact->account));
        }
    }
    return status;
}

/* --- entries --- */

static void add_part(zd_buf *out, const char *text)
{
    zd_buf_addf(out, "%zu:%s\n", strlen(text), text);
}

static const char *tail(const char *account)
{
    size_t size = strlen(account);
    return size > 4 ? account + size - 4 : account;
}

bool zd_recon_is_entry(const zd_recon *r, size_t claim)
{
    const zd_claim *c = &r->match.claims[claim];
    const zd_bank_fact *booking = zd_answers_at(r->answers, c->booking);
    return booking->booked == ZD_BOOKED && c->has_amount && booking->side != ZD_SIDE_NONE;
}

/*
 * What identifies an entry: the ledger, the account's tail, the bank's reference, day, amount and side of the booking; then the part of it, when it has several: the line, or the
 * transaction's own ids. Without a reference of the bank the transaction's ids and its place among equals stand in. camt.054 and camt.053 give the same key.
 */
static zd_hash key_of(const zd_recon *r, size_t claim)
{
    const zd_claim *c = &r->match.claims[claim];
    const zd_bank_fact *booking = zd_answers_at(r->answers, c->booking);
    const zd_bank_fact *fact = zd_answers_at(r->answers, c->fact);
    const zd_rec_ledger *ledger = zd_book_find(r->book, ZD_R_LEDGER, "%s", "");
    char number[64];
    char genesis[ZD_HASH_HEX];
    zd_buf text = {0};
    zd_hash_hex(genesis, &ledger->genesis);
    add_part(&text, "zhidui-bank-entry-v1");
    add_part(&text, genesis);
    add_part(&text, booking->is_return && zd_answers_form(r->answers) == ZD_FORM_RETURN ? "notice" : tail(booking->account));
    add_part(&text, booking->bank_ref);
    zd_format(number, sizeof number, "%lld %lld %d", (long long)booking->day, (long long)booking->amount, (int)booking->side);
    add_part(&text, number);
    add_part(&text, booking->currency);
    if (c->line != ZD_ANSWER_NONE && c->how != ZD_BY_LOOKS) {
        add_part(&text, r->expected[c->line].batch);
        add_part(&text, r->expected[c->line].provider);
    } else {
        add_part(&text, fact->end_to_end);
        add_part(&text, fact->instruction);
        bool part = c->fact != c->booking && booking->details > 1;
        zd_format(number, sizeof number, "%lld", part ? (long long)(c->fact - c->booking) : 0LL);
        add_part(&text, number);
    }
    if (booking->bank_ref[0] == '\0') { /* equals of one file are counted: two fees of one day are two entries */
        size_t equal = 0;
        for (size_t i = 0; i < claim; i++) {
            const zd_bank_fact *other = zd_answers_at(r->answers, r->match.claims[i].booking);
            equal += other != booking && other->bank_ref[0] == '\0' && other->day == booking->day && other->amount == booking->amount && other->side == booking->side ? 1 : 0;
        }
        zd_format(number, sizeof number, "%zu", equal);
        add_part(&text, tail(fact->other_account));
        add_part(&text, number);
    }
    zd_hash key = zd_sha256(zd_buf_span(&text));
    zd_buf_free(&text);
    return key;
}

typedef struct keyed {
    zd_hash key;
    size_t claim;
} keyed;

static int by_key(const void *a, const void *b)
{
    const keyed *x = a;
    const keyed *y = b;
    int order = memcmp(x->key.bytes, y->key.bytes, ZD_HASH_SIZE);
    return order != 0 ? order : x->claim < y->claim ? -1 : 1;
}

void zd_recon_keys(zd_recon *r)
{
    size_t count = r->match.claim_count;
    keyed *sorted = zd_alloc((count + 1) * sizeof *sorted);
    r->keys = zd_alloc_zero(count + 1, sizeof *r->keys);
    r->twice = zd_alloc_zero(count + 1, sizeof *r->twice);
    for (size_t i = 0; i < count; i++) {
        r->keys[i] = key_of(r, i);
        sorted[i] = (keyed){r->keys[i], i};
    }
    qsort(sorted, count, sizeof *sorted, by_key);
    for (size_t i = 1; i < count; i++) {
        r->twice[sorted[i].claim] = zd_hash_equal(&sorted[i].key, &sorted[i - 1].key);
    }
    free(sorted);
}
