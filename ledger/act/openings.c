/*
 * Opening balances of an old platform: quota used, invoices paid, open payables, returned payments, receivables. Two officers, before the first order, so that
 * no redemption is ever decided on half of a history. What was paid there is not money here: it only uses quota and blocks its invoice.
 */
#include "ledger/act/act_int.h"
#include "ledger/act/links.h"
#include "ledger/record/identifiers.h"

static bool refuse(zd_act *act, zd_code code, const char *detail)
{
    (void)zd_act_refuse(act, code, detail);
    return false;
}

static bool is_open(zd_act *act)
{
    const zd_rec_ledger *ledger = zd_book_find(act->book, ZD_R_LEDGER, "%s", "");
    ZD_ASSERT(ledger != NULL);
    return ledger->order_count == 0 || refuse(act, ZD_E_A_OPENING, "orders");
}

/* --- quota used --- */

zd_status zd_act_opening_quota(zd_act *act, zd_error *err)
{
    (void)err;
    int64_t year = zd_req_int(act->request, ZD_F_YEAR);
    int64_t amount_fen = zd_req_int(act->request, ZD_F_AMOUNT);
    const zd_rec_holder *holder = zd_book_find(act->book, ZD_R_HOLDER, "%s", zd_act_text(act, ZD_F_HOLDER));
    if (!is_open(act)) {
        return ZD_OK;
    }
    if (holder == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "holder");
    }
    if (!zd_act_has_authority(act, holder->jurisdiction, amount_fen)) {
        return ZD_OK;
    }
    const zd_policy *policy = zd_act_policy_now(act);
    if (policy == NULL) {
        return zd_act_refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    zd_act_decision(act)->policy = policy->number;
    if (amount_fen == 0) {
        return zd_act_refuse(act, ZD_E_R14, "amount");
    }
    /* Booked as the use of a voucher of that name; vouchers cannot be called so. */
    char used[ZD_ID_SIZE + sizeof "opening-"];
    char year_text[24];
    zd_format(used, sizeof used, "opening-%s", holder->id);
    zd_format(year_text, sizeof year_text, "%lld", (long long)year);
    if (zd_book_balance(act->book, "6300/%s/%s", used, year_text) > 0) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "holder");
    }
    const char *subject = zd_quota_subject(act, holder, policy);
    int64_t cap_fen = zd_quota_cap(policy, holder->holder_class);
    int64_t left_fen = zd_quota_left(act, subject, cap_fen, year);
    if (amount_fen > left_fen) {
        (void)zd_act_refuse(act, ZD_E_R15, "cap");
        zd_act_saw_int(act, "quota_left_fen", left_fen);
        return ZD_OK;
    }
    if (zd_quota_open(act, subject, cap_fen, year)) {
        (void)zd_act_post(act, amount_fen, zd_account(act, 6100, subject, year_text, NULL), zd_account(act, 6300, used, year_text, NULL));
    }
    return ZD_OK;
}

/* --- invoices paid --- */

zd_status zd_act_opening_invoice(zd_act *act, zd_error *err)
{
    (void)err;
    zd_span numbers = zd_req_text(act->request, ZD_F_INVOICE);
    if (!is_open(act)) {
        return ZD_OK;
    }
    if (!zd_invoice_numbers_are_valid(numbers)) {
        return zd_act_refuse(act, ZD_E_R29, "invoice");
    }
    zd_span rest = numbers;
    char first[ZD_ID_SIZE] = "";
    while (rest.size > 0) {
        zd_span number;
        char text[ZD_ID_SIZE];
        rest = zd_span_cut(&number, rest, ',');
        zd_act_set_text(text, sizeof text, number);
        if (zd_invoice_of(act, text) != NULL) {
            return zd_act_refuse(act, ZD_E_A_EXISTS, "invoice");
        }
        if (first[0] == '\0') {
            zd_format(first, sizeof first, "%s", text);
        }
    }
    /* Gross 0: nothing of it remains to be allocated, so that any capture is refused (R32), whatever it was worth. */
    zd_rec_invoice *invoice = zd_book_add(act->book, ZD_R_INVOICE, "%s", first);
    zd_format(invoice->id, sizeof invoice->id, "%s", first);
    ZD_SET_TEXT(invoice->numbers, numbers);
    ZD_SET_TEXT(invoice->seller, zd_req_text(act->request, ZD_F_PROVIDER));
    ZD_SET_TEXT(invoice->buyer, zd_req_text(act->request, ZD_F_HOLDER));
    ZD_SET_TEXT(invoice->holder, zd_req_text(act->request, ZD_F_HOLDER));
    ZD_SET_TEXT(invoice->provider, zd_req_text(act->request, ZD_F_PROVIDER));
    zd_invoice_numbers(act, invoice);
    return ZD_OK;
}

/* --- money --- */

typedef struct opening {
    const zd_rec_pool *pool;
    const char *provider;
    const char *item;
    const char *note;
    int64_t amount_fen;
} opening;

static bool has_provider(zd_act *act, const opening *it)
{
    if (it->provider[0] == '\0') {
        return refuse(act, ZD_E_A_MISMATCH, "provider");
    }
    return zd_book_find(act->book, ZD_R_PROVIDER, "%s", it->provider) != NULL || refuse(act, ZD_E_A_ABSENT, "provider");
}

/* An item that a seal can pay like any other. It has no voucher and no order here, so nothing of it touches quota. */
static bool add_item(zd_act *act, const opening *it, bool returned)
{
    if (!has_provider(act, it)) {
        return false;
    }
    if (it->item[0] == '\0') {
        return refuse(act, ZD_E_A_MISMATCH, "item");
    }
    if (zd_book_find(act->book, ZD_R_ITEM, "%s", it->item) != NULL) {
        return refuse(act, ZD_E_A_EXISTS, "item");
    }
    const zd_policy *policy = zd_act_policy_now(act);
    zd_rec_item *item = zd_book_add(act->book, ZD_R_ITEM, "%s", it->item);
    zd_format(item->id, sizeof item->id, "%s", it->item);
    zd_format(item->provider, sizeof item->provider, "%s", it->provider);
    item->amount_fen = it->amount_fen;
    item->done_day = act->today_day;
    item->day = act->today_day;
    item->at_ms = act->at_unix_ms;
    item->seq = (int64_t)act->seq;
    item->policy = policy != NULL ? policy->number : 0;
    item->state = ZD_I_CAPTURED;
    zd_format(item->leg_pool[0], sizeof item->leg_pool[0], "%s", it->pool->id);
    item->leg_fen[0] = it->amount_fen;
    item->open_fen[0] = returned ? 0 : it->amount_fen;
    item->returned_fen[0] = returned ? it->amount_fen : 0;
    zd_item_reindex(act, item);
    zd_item_check(item);
    return zd_act_post(act, it->amount_fen, zd_account(act, 1000, it->pool->id, NULL, NULL), zd_account(act, returned ? 3200 : 3000, it->provider, it->pool->id, NULL));
}

/* What a provider owes from before: the next seals of this pool offset it. */
static bool add_note(zd_act *act, const opening *it)
{
    if (!has_provider(act, it)) {
        return false;
    }
    if (it->note[0] == '\0') {
        return refuse(act, ZD_E_A_MISMATCH, "note");
    }
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_NOTE, "%s/", it->note);
    if (zd_book_next(&cursor)) {
        return refuse(act, ZD_E_A_EXISTS, "note");
    }
    zd_rec_note *note = zd_book_add(act->book, ZD_R_NOTE, "%s/%s", it->note, it->pool->id);
    zd_format(note->id, sizeof note->id, "%s", it->note);
    zd_format(note->pool, sizeof note->pool, "%s", it->pool->id);
    zd_format(note->provider, sizeof note->provider, "%s", it->provider);
    note->amount_fen = it->amount_fen;
    note->remaining_fen = it->amount_fen;
    note->seq = (int64_t)act->seq;
    note->day = act->today_day;
    zd_rec_notes *entry = zd_book_add(act->book, ZD_R_NOTES, "%s/%s/%012lld/%s", it->pool->id, it->provider, (long long)note->seq, it->note);
    zd_format(entry->target, sizeof entry->target, "%s", it->note);
    return zd_act_post(act, it->amount_fen, zd_account(act, 1100, it->provider, it->pool->id, NULL), zd_account(act, 2160, it->note, it->pool->id, NULL));
}

static bool open_balance(zd_act *act, const opening *it)
{
    zd_span account = zd_req_text(act->request, ZD_F_ACCOUNT);
    if (zd_span_is(account, "2000")) {
        return zd_act_post(act, it->amount_fen, zd_account(act, 1000, it->pool->id, NULL, NULL), zd_account(act, 2000, it->pool->id, NULL, NULL));
    }
    if (zd_span_is(account, "3000") || zd_span_is(account, "3200")) {
        return add_item(act, it, zd_span_is(account, "3200"));
    }
    return zd_span_is(account, "1100") ? add_note(act, it) : refuse(act, ZD_E_A_MISMATCH, "account");
}

zd_status zd_act_opening_balance(zd_act *act, zd_error *err)
{
    (void)err;
    opening it = {.pool = zd_book_find(act->book, ZD_R_POOL, "%s", zd_act_text(act, ZD_F_POOL)),
                  .provider = zd_act_text(act, ZD_F_PROVIDER),
                  .item = zd_act_text(act, ZD_F_ITEM),
                  .note = zd_act_text(act, ZD_F_NOTE),
                  .amount_fen = zd_req_int(act->request, ZD_F_AMOUNT)};
    if (!is_open(act)) {
        return ZD_OK;
    }
    if (it.pool == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "pool");
    }
    if (!zd_act_has_authority(act, it.pool->jurisdiction, it.amount_fen)) {
        return ZD_OK;
    }
    if (it.pool->closed != 0) {
        return zd_act_refuse(act, ZD_E_A_YEAR, "closed");
    }
    if (it.amount_fen == 0) {
        return zd_act_refuse(act, ZD_E_R14, "amount");
    }
    (void)open_balance(act, &it);
    return ZD_OK;
}
