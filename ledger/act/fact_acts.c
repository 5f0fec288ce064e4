/*
 * Facts from outside: each a signed word of somebody whose role allows it, stored under its kind and subject, and applied at once to what it is about: gates
 * open, items are held, a red letter takes its part of the subsidy back. The ledger believes the word and says whose it was; it never asks anybody itself.
 * Invariant: the newest word of a kind and subject stands, except that an attested total never falls and a consent is given once.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/act/links.h"
#include "ledger/act/settle_int.h"
#include "ledger/base/money.h"
#include "ledger/record/identifiers.h"
#include "ledger/rules/decide.h"

typedef struct word {
    int64_t kind;
    const char *subject;
    const char *value;
    int64_t amount_fen;
    bool has_amount;
    int64_t from_day;
} word;

typedef bool word_step(zd_act *act, const word *said);

static bool refuse(zd_act *act, zd_code code, const char *detail)
{
    (void)zd_act_refuse(act, code, detail);
    return false;
}

static zd_rec_fact *store(zd_act *act, const word *said)
{
    zd_rec_fact *fact = zd_book_ensure(act->book, ZD_R_FACT, "%s/%s", zd_word_text(ZD_F_FACT, said->kind), said->subject);
    *fact = (zd_rec_fact){.fact = said->kind, .amount_fen = said->amount_fen, .valid_from_day = said->from_day, .seq = (int64_t)act->seq};
    zd_format(fact->subject, sizeof fact->subject, "%s", said->subject);
    zd_format(fact->value, sizeof fact->value, "%s", said->value);
    zd_format(fact->attested_by, sizeof fact->attested_by, "%s", act->signer->name);
    return fact;
}

static const zd_rec_fact *earlier_word(zd_act *act, const word *said)
{
    return zd_book_find(act->book, ZD_R_FACT, "%s/%s", zd_word_text(ZD_F_FACT, said->kind), said->subject);
}

static bool is_one_of(const char *value, const char *a, const char *b)
{
    return strcmp(value, a) == 0 || strcmp(value, b) == 0;
}

/* "first/second" with nothing more; false otherwise. */
static bool split_subject(char first[ZD_ID_SIZE], char second[ZD_ID_SIZE], const char *subject)
{
    zd_span head;
    zd_span rest = zd_span_cut(&head, zd_span_text(subject), '/');
    return rest.size > 0 && memchr(rest.data, '/', rest.size) == NULL && zd_span_copy(first, ZD_ID_SIZE, head) && zd_span_copy(second, ZD_ID_SIZE, rest);
}

/* --- orders: own share, consent --- */

static void regate_order(zd_act *act, const char *id)
{
    zd_rec_order *order = zd_book_edit(act->book, ZD_R_ORDER, "%s", id);
    if (order == NULL) {
        return; /* the word came first; the order will find it */
    }
    zd_order_regate(act, order); /* and its captures */
}

static bool is_order_id(zd_act *act, const word *said)
{
    return (strchr(said->subject, '/') == NULL && strlen(said->subject) < ZD_ID_SIZE) || refuse(act, ZD_E_A_MISMATCH, "subject");
}

static bool check_own_share(zd_act *act, const word *said)
{
    const zd_rec_fact *before = earlier_word(act, said);
    if (!is_order_id(act, said)) {
        return false;
    }
    bool falls = before != NULL && said->amount_fen < before->amount_fen;
    return (said->has_amount && !falls) || refuse(act, ZD_E_A_MISMATCH, "amount_fen");
}

static bool check_consent(zd_act *act, const word *said)
{
    if (!is_order_id(act, said)) {
        return false;
    }
    if (!is_one_of(said->value, "gateway", "clerk")) {
        return refuse(act, ZD_E_A_MISMATCH, "value");
    }
    return earlier_word(act, said) == NULL || refuse(act, ZD_E_A_EXISTS, "consent");
}

static bool apply_to_order(zd_act *act, const word *said)
{
    (void)store(act, said);
    regate_order(act, said->subject);
    return true;
}

/* --- invoices --- */

static zd_rec_invoice *edit_invoice(zd_act *act, const char *number)
{
    const zd_rec_invoice *found = zd_invoice_of(act, number);
    return found == NULL ? NULL : zd_book_edit(act->book, ZD_R_INVOICE, "%s", found->id);
}

static bool is_invoice_number(zd_act *act, const word *said)
{
    zd_invoice_number number;
    return zd_invoice_number_parse(&number, zd_span_text(said->subject)) || refuse(act, ZD_E_R29, "subject");
}

/* Holds every capture of the invoice that still has something to pay; what is in a batch or paid can only be pursued by hand, so it is counted. */
static bool hold_captures(zd_act *act, const zd_rec_invoice *invoice, zd_check_set why)
{
    int64_t held = 0;
    int64_t too_late = 0;
    zd_captures captures = zd_captures_of_invoice(act, invoice);
    for (const char *id = zd_captures_next(&captures); id != NULL; id = zd_captures_next(&captures)) {
        zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", id);
        ZD_ASSERT(item != NULL);
        bool live = item->state == ZD_I_CAPTURED;
        if (live && zd_item_open_fen(item) > 0) {
            held++;
            if (!zd_item_hold(act, act->decision_index, item, why)) {
                return false;
            }
        }
        too_late += live && zd_item_in_batch_fen(item) + zd_item_settled_fen(item) > 0 ? 1 : 0;
    }
    zd_decision_extra_int(zd_act_decision(act), "held_items", held);
    zd_decision_extra_int(zd_act_decision(act), "settled_items", too_late);
    return true;
}

static void regate_captures(zd_act *act, const zd_rec_invoice *invoice)
{
    zd_captures captures = zd_captures_of_invoice(act, invoice);
    for (const char *id = zd_captures_next(&captures); id != NULL; id = zd_captures_next(&captures)) {
        zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", id);
        ZD_ASSERT(item != NULL);
        zd_item_regate(act, item);
    }
}

static bool check_invoice_word(zd_act *act, const word *said)
{
    return is_invoice_number(act, said) && (is_one_of(said->value, "ok", "void") || refuse(act, ZD_E_A_MISMATCH, "value"));
}

static bool apply_invoice_word(zd_act *act, const word *said)
{
    (void)store(act, said);
    zd_rec_invoice *invoice = edit_invoice(act, said->subject);
    if (invoice == NULL) {
        return true;
    }
    bool ok = strcmp(said->value, "ok") == 0;
    invoice->checked = ok ? ZD_INV_OK : ZD_INV_VOID;
    invoice->checked_day = said->from_day;
    if (ok) {
        regate_captures(act, invoice);
        return true;
    }
    return hold_captures(act, invoice, ZD_CHECK_BIT(R33));
}

/* The subject is an invoice, or the order whose service another plan paid for. */
static bool check_other_plan(zd_act *act, const word *said)
{
    zd_invoice_number number;
    return zd_invoice_number_parse(&number, zd_span_text(said->subject)) || is_order_id(act, said);
}

static bool hold_order(zd_act *act, const char *id)
{
    const zd_rec_order *order = zd_book_find(act->book, ZD_R_ORDER, "%s", id);
    if (order == NULL) {
        return true;
    }
    zd_captures captures = zd_captures_of_order(act, order);
    for (const char *capture = zd_captures_next(&captures); capture != NULL; capture = zd_captures_next(&captures)) {
        zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", capture);
        ZD_ASSERT(item != NULL);
        if (item->state == ZD_I_CAPTURED && zd_item_open_fen(item) > 0 && !zd_item_hold(act, act->decision_index, item, ZD_CHECK_BIT(R36))) {
            return false;
        }
    }
    return true;
}

static bool apply_other_plan(zd_act *act, const word *said)
{
    (void)store(act, said);
    zd_rec_invoice *invoice = edit_invoice(act, said->subject);
    if (invoice == NULL) {
        return hold_order(act, said->subject);
    }
    invoice->other_plan = 1;
    return hold_captures(act, invoice, ZD_CHECK_BIT(R36));
}

/* --- red letters --- */

#define RED_VALUE_MAX 32 /* "red-<value>-<n>" is the id of a credit note */
#define RED_KEY "%s/no/%s" /* the record of one red letter; "no" is no invoice number, so that no sum can have this key */

static bool note_is_used(zd_act *act, const char *note)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_NOTE, "%s/", note);
    return zd_book_next(&cursor);
}

static bool check_red_letter(zd_act *act, const word *said)
{
    char note[ZD_ID_SIZE];
    if (!is_invoice_number(act, said)) {
        return false;
    }
    if (!said->has_amount || said->amount_fen == 0) {
        return refuse(act, ZD_E_A_MISMATCH, "amount_fen");
    }
    if (strlen(said->value) > RED_VALUE_MAX) {
        return refuse(act, ZD_E_A_MISMATCH, "value");
    }
    zd_format(note, sizeof note, "red-%s", said->value);
    /* An invoice may have two numbers: under the other one it is still the same red letter. */
    bool known = zd_book_find(act->book, ZD_R_FACT, RED_KEY, zd_word_text(ZD_F_FACT, said->kind), said->value) != NULL;
    return !(known || note_is_used(act, note)) || refuse(act, ZD_E_A_EXISTS, "value");
}

/* One record for this red letter, and the sum of all of them under the invoice's number. */
static bool store_red_letter(zd_act *act, const word *said)
{
    const zd_rec_fact *before = earlier_word(act, said);
    word sum = *said;
    if (before != NULL && !zd_fen_add(&sum.amount_fen, before->amount_fen, said->amount_fen)) {
        return refuse(act, ZD_E_A_MISMATCH, "amount_fen");
    }
    (void)store(act, &sum);
    zd_rec_fact *one = zd_book_add(act->book, ZD_R_FACT, RED_KEY, zd_word_text(ZD_F_FACT, said->kind), said->value);
    *one = (zd_rec_fact){.fact = said->kind, .amount_fen = said->amount_fen, .valid_from_day = said->from_day, .seq = (int64_t)act->seq};
    zd_format(one->subject, sizeof one->subject, "%s", said->subject);
    zd_format(one->value, sizeof one->value, "%s", said->value);
    zd_format(one->attested_by, sizeof one->attested_by, "%s", act->signer->name);
    return true;
}

/* What the red part of an item's invoice part takes from its subsidy, less what credit notes took before: a refund by the provider and its red letter are one event. */
static int64_t red_refund(const zd_rec_item *item, int64_t red_part_fen)
{
    int64_t due_fen = (int64_t)((__int128)red_part_fen * item->amount_fen / item->invoice_part_fen);
    return zd_fen_max(due_fen - zd_item_refunded_fen(item), 0);
}

static bool refund_red_part(zd_act *act, const word *said, const char *item_id, size_t number, int64_t *over_fen)
{
    zd_rec_item *item = zd_book_edit(act->book, ZD_R_ITEM, "%s", item_id);
    ZD_ASSERT(item != NULL);
    if (item->state != ZD_I_CAPTURED || item->invoice_part_fen == 0 || *over_fen == 0) {
        return true;
    }
    int64_t part_fen = zd_fen_min(*over_fen, item->invoice_part_fen);
    int64_t refund_fen = red_refund(item, part_fen);
    *over_fen -= part_fen;
    if (refund_fen == 0) {
        return true;
    }
    char note[ZD_ID_SIZE];
    if (number == 1) {
        zd_format(note, sizeof note, "red-%s", said->value);
    } else {
        zd_format(note, sizeof note, "red-%s-%zu", said->value, number);
    }
    return zd_refund_item(act, zd_act_effect(act, item_id), item, note, refund_fen);
}

/* Newest allocation first; all red letters so far are spread anew each time, so that their order does not matter. */
static bool refund_over(zd_act *act, const word *said, const zd_rec_invoice *invoice, int64_t over_fen)
{
    char(*ids)[ZD_ID_SIZE] = zd_alloc_zero((size_t)invoice->captures + 1, sizeof *ids);
    size_t count = 0;
    zd_captures captures = zd_captures_of_invoice(act, invoice);
    for (const char *id = zd_captures_next(&captures); id != NULL; id = zd_captures_next(&captures)) {
        ZD_ASSERT(count < (size_t)invoice->captures);
        zd_format(ids[count++], sizeof ids[0], "%s", id);
    }
    bool good = true;
    for (size_t i = 1; i <= count && good; i++) {
        good = refund_red_part(act, said, ids[count - i], i, &over_fen);
    }
    free(ids);
    return good;
}

static bool apply_red_letter(zd_act *act, const word *said)
{
    zd_rec_invoice *invoice = edit_invoice(act, said->subject);
    if (!store_red_letter(act, said)) {
        return false;
    }
    if (invoice == NULL || invoice->gross_fen == 0) {
        return true; /* not seen yet; or of an old platform, where nothing was captured here */
    }
    if (said->amount_fen > invoice->gross_fen - invoice->red_fen) {
        return refuse(act, ZD_E_A_MISMATCH, "amount_fen");
    }
    invoice->red_fen += said->amount_fen;
    int64_t over_fen = invoice->used_fen - (invoice->gross_fen - invoice->red_fen);
    zd_decision_extra_int(zd_act_decision(act), "red_fen", invoice->red_fen);
    return over_fen <= 0 || refund_over(act, said, invoice, over_fen);
}

/* --- parties --- */

static const zd_rec_holder *subject_holder(zd_act *act, const char *id)
{
    const zd_rec_holder *holder = zd_book_find(act->book, ZD_R_HOLDER, "%s", id);
    if (holder == NULL) {
        (void)refuse(act, ZD_E_A_ABSENT, "holder");
        return NULL;
    }
    return zd_act_has_authority(act, holder->jurisdiction, 0) ? holder : NULL;
}

static bool check_about_holder(zd_act *act, const word *said)
{
    return subject_holder(act, said->subject) != NULL;
}

/* The group shares one quota from now on, where the policy says so; vouchers that exist keep the subject that they were taken from. */
static bool apply_controller(zd_act *act, const word *said)
{
    zd_rec_holder *holder = zd_book_edit(act->book, ZD_R_HOLDER, "%s", said->subject);
    zd_format(holder->group, sizeof holder->group, "%s", strcmp(said->value, "none") == 0 ? "" : said->value);
    (void)store(act, said);
    return true;
}

static bool check_affiliation(zd_act *act, const word *said)
{
    char holder[ZD_ID_SIZE];
    char provider[ZD_ID_SIZE];
    if (!split_subject(holder, provider, said->subject)) {
        return refuse(act, ZD_E_A_MISMATCH, "subject");
    }
    if (!is_one_of(said->value, "none", "affiliated")) {
        return refuse(act, ZD_E_A_MISMATCH, "value");
    }
    if (zd_book_find(act->book, ZD_R_PROVIDER, "%s", provider) == NULL) {
        return refuse(act, ZD_E_A_ABSENT, "provider");
    }
    return subject_holder(act, holder) != NULL;
}

/* A list may come before its holders are registered; the value "no" takes somebody off it. */
static bool check_eligible(zd_act *act, const word *said)
{
    char holder[ZD_ID_SIZE];
    char year[ZD_ID_SIZE];
    zd_value parsed;
    if (!split_subject(holder, year, said->subject) || strlen(year) != 4 || zd_field_check_text(&parsed, ZD_F_HOLDER, zd_span_text(holder), NULL) != ZD_OK) {
        return refuse(act, ZD_E_A_MISMATCH, "subject");
    }
    for (size_t i = 0; i < 4; i++) {
        if (year[i] < '0' || year[i] > '9') {
            return refuse(act, ZD_E_A_MISMATCH, "subject");
        }
    }
    const zd_rec_holder *known = zd_book_find(act->book, ZD_R_HOLDER, "%s", holder);
    return known == NULL || zd_act_has_authority(act, known->jurisdiction, 0);
}

static bool apply_word(zd_act *act, const word *said)
{
    (void)store(act, said);
    return true;
}

/* Holders by contact: the seal's sweep asks who else is reached by the same one. */
static bool apply_contact(zd_act *act, const word *said)
{
    const zd_rec_fact *before = earlier_word(act, said);
    if (before != NULL) {
        zd_book_remove(act->book, ZD_R_CONTACT, "%s/%s", before->value, said->subject);
    }
    zd_rec_contact *entry = zd_book_ensure(act->book, ZD_R_CONTACT, "%s/%s", said->value, said->subject);
    zd_format(entry->target, sizeof entry->target, "%s", said->subject);
    (void)store(act, said);
    return true;
}

/* --- the table --- */

typedef struct fact_kind {
    word_step *check;
    word_step *apply;
    bool issuer_may;     /* else only an attester */
    bool may_lie_ahead;  /* may begin later; the others act at once */
} fact_kind;

static const fact_kind kinds[] = {
    [ZD_FACT(INVOICE_CHECK)] = {check_invoice_word, apply_invoice_word, false, false},
    [ZD_FACT(RED_LETTER)] = {check_red_letter, apply_red_letter, false, false},
    [ZD_FACT(OWN_SHARE)] = {check_own_share, apply_to_order, false, false},
    [ZD_FACT(CONTROLLER)] = {check_about_holder, apply_controller, true, false},
    [ZD_FACT(AFFILIATED)] = {check_affiliation, apply_word, true, true},
    [ZD_FACT(CONSENT)] = {check_consent, apply_to_order, false, false},
    [ZD_FACT(ELIGIBLE)] = {check_eligible, apply_word, true, true},
    [ZD_FACT(OTHER_PLAN)] = {check_other_plan, apply_other_plan, false, false},
    [ZD_FACT(CONTACT)] = {check_about_holder, apply_contact, false, false},
};

zd_status zd_act_fact(zd_act *act, zd_error *err)
{
    (void)err;
    const zd_request *request = act->request;
    word said = {.kind = zd_req_int(request, ZD_F_FACT),
                 .subject = zd_act_text(act, ZD_F_SUBJECT),
                 .value = zd_act_text(act, ZD_F_VALUE),
                 .amount_fen = zd_req_int(request, ZD_F_AMOUNT),
                 .has_amount = zd_req_has(request, ZD_F_AMOUNT),
                 .from_day = zd_req_has(request, ZD_F_VALID_FROM) ? zd_req_int(request, ZD_F_VALID_FROM) : act->today_day};
    ZD_ASSERT(said.kind >= 0 && (size_t)said.kind < ZD_COUNT(kinds));
    const fact_kind *kind = &kinds[said.kind];
    if (!kind->issuer_may && act->signer->role != ZD_ROLE(ATTESTER)) {
        return zd_act_refuse(act, ZD_E_A_GRANT, "fact");
    }
    if (!kind->may_lie_ahead && said.from_day > act->today_day) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "valid_from");
    }
    if (kind->check(act, &said)) {
        (void)kind->apply(act, &said);
    }
    return ZD_OK;
}
