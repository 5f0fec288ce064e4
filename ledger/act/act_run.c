/*
 * Running one admitted request: handler inside a book entry, rollback on refusal, then the request record. Batches run their items one by one; acts
 * of two persons are rehearsed and proposed first and run when the second note arrives; root acts wait for the threshold.
 * Must not: judge a business rule (handlers and rules do), or leave a half-done entry behind.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/act/act_state.h"
#include "ledger/base/clock.h"

static zd_act_handler run_second;
static zd_act_handler run_batch;

static zd_act_handler *const handlers[ZD_REQ__COUNT] = {
    [ZD_REQ_GENESIS] = zd_act_genesis,
    [ZD_REQ_BATCH_OF] = run_batch,
    [ZD_REQ_SECOND] = run_second,
    [ZD_REQ_KEY_GRANT] = zd_act_key_grant,
    [ZD_REQ_KEY_REVOKE] = zd_act_key_revoke,
    [ZD_REQ_KEY_ROTATE] = zd_act_key_rotate,
    [ZD_REQ_ROOT_ROTATE] = zd_act_root_rotate,
    [ZD_REQ_POLICY_PUBLISH] = zd_act_policy_publish,
    [ZD_REQ_EXCEPTION] = zd_act_exception,
    [ZD_REQ_ERRATUM] = zd_act_erratum,
    [ZD_REQ_POOL_OPEN] = zd_act_pool_open,
    [ZD_REQ_POOL_APPROPRIATE] = zd_act_pool_appropriate,
    [ZD_REQ_POOL_CUT] = zd_act_pool_cut,
    [ZD_REQ_POOL_MOVE] = zd_act_pool_move,
    [ZD_REQ_POOL_CARRY] = zd_act_pool_carry,
    [ZD_REQ_POOL_CLOSE] = zd_act_pool_close,
    [ZD_REQ_HOLDER_REGISTER] = zd_act_holder_register,
    [ZD_REQ_HOLDER_BAN] = zd_act_holder_ban,
    [ZD_REQ_PROVIDER_ADMIT] = zd_act_provider_admit,
    [ZD_REQ_PROVIDER_SUSPEND] = zd_act_provider_suspend,
    [ZD_REQ_PROVIDER_REMOVE] = zd_act_provider_remove,
    [ZD_REQ_PROVIDER_ACCOUNT] = zd_act_provider_account,
    [ZD_REQ_INSTRUMENT_REGISTER] = zd_act_instrument_register,
    [ZD_REQ_VOUCHER_CLAIM] = zd_act_voucher_claim,
    [ZD_REQ_VOUCHER_ISSUE] = zd_act_voucher_issue,
    [ZD_REQ_VOUCHER_ALLOT] = zd_act_voucher_allot,
    [ZD_REQ_VOUCHER_SUSPEND] = zd_act_voucher_suspend,
    [ZD_REQ_VOUCHER_RESUME] = zd_act_voucher_resume,
    [ZD_REQ_VOUCHER_REVOKE] = zd_act_voucher_revoke,
    [ZD_REQ_MANDATE_GRANT] = zd_act_mandate_grant,
    [ZD_REQ_MANDATE_WITHDRAW] = zd_act_mandate_withdraw,
    [ZD_REQ_ORDER] = zd_act_order,
    [ZD_REQ_EXTEND] = zd_act_extend,
    [ZD_REQ_CONFIRM] = zd_act_confirm,
    [ZD_REQ_CAPTURE] = zd_act_capture,
    [ZD_REQ_DIRECT] = zd_act_direct,
    [ZD_REQ_VOID] = zd_act_void,
    [ZD_REQ_REFUND] = zd_act_refund,
    [ZD_REQ_FACT_ATTEST] = zd_act_fact,
    [ZD_REQ_SWEEP] = zd_act_sweep,
    [ZD_REQ_REVIEW_RELEASE] = zd_act_review_release,
    [ZD_REQ_REVIEW_REJECT] = zd_act_review_reject,
    [ZD_REQ_REVIEW_CLAWBACK] = zd_act_clawback,
    [ZD_REQ_RECOVER] = zd_act_recover,
    [ZD_REQ_WRITE_OFF] = zd_act_write_off,
    [ZD_REQ_BATCH_SEAL] = zd_act_batch_seal,
    [ZD_REQ_BATCH_CONTINUE] = zd_act_batch_continue,
    [ZD_REQ_BATCH_OBJECT] = zd_act_batch_object,
    [ZD_REQ_BATCH_APPROVE] = zd_act_batch_approve,
    [ZD_REQ_BATCH_RELEASE] = zd_act_batch_release,
    [ZD_REQ_BATCH_WITHDRAW] = zd_act_batch_withdraw,
    [ZD_REQ_BATCH_SAMPLE] = zd_act_batch_sample,
    [ZD_REQ_BATCH_SUBMIT] = zd_act_batch_submit,
    [ZD_REQ_BATCH_ACK] = zd_act_batch_ack,
    [ZD_REQ_BATCH_REJECT] = zd_act_batch_reject,
    [ZD_REQ_BATCH_VOID] = zd_act_batch_void,
    [ZD_REQ_LINE_ANSWER] = zd_act_line_answer,
    [ZD_REQ_BANK_FILE] = zd_act_bank_file,
    [ZD_REQ_BANK_STATEMENT] = zd_act_bank_statement,
    [ZD_REQ_BANK_ENTRY] = zd_act_bank_entry,
    [ZD_REQ_BANK_NOTE] = zd_act_bank_exception,
    [ZD_REQ_BANK_CLEAR] = zd_act_bank_clear,
    [ZD_REQ_BANK_RESOLVE] = zd_act_bank_resolve,
    [ZD_REQ_OPENING_QUOTA] = zd_act_opening_quota,
    [ZD_REQ_OPENING_INVOICE] = zd_act_opening_invoice,
    [ZD_REQ_OPENING_BALANCE] = zd_act_opening_balance,
};

const char *zd_request_party(const zd_rec_key *signer)
{
    if (signer == NULL) {
        return "genesis";
    }
    return signer->party[0] != '\0' ? signer->party : signer->unit;
}

/* Forgets what a refused or rehearsed act wrote into its decisions; the code and what it saw stay. */
static void strip(zd_act *act)
{
    zd_group *group = act->group;
    while (group->count > act->decision_index + 1) {
        zd_decision_free(&group->decisions[--group->count]);
    }
    zd_decision *decision = zd_act_decision(act);
    zd_decision_unpost(decision);
    decision->subsidy_fen = 0;
    decision->flags = 0;
    zd_buf_clear(&decision->extra);
}

static void remember_request(zd_act *act, const zd_rec_key *signer, const zd_request *request)
{
    const zd_decision *decision = zd_act_decision(act);
    const char *party = zd_request_party(signer);
    char id[ZD_ID_SIZE];
    zd_act_set_text(id, sizeof id, request->id);
    zd_rec_req *record = zd_book_add(act->book, ZD_R_REQ, "%s/%s", party, id);
    record->content = request->text_sha256;
    record->seq = (int64_t)decision->seq;
    record->outcome = decision->outcome;
    zd_format(record->code, sizeof record->code, "%s", decision->code != ZD_CODE_NONE ? zd_code_name(decision->code) : "");
    if (decision->outcome == ZD_REFUSED_BY_RULE) {
        zd_rec_counter *counter = zd_book_ensure(act->book, ZD_R_COUNTER, "refused/%s/%lld", party, (long long)act->today_day);
        counter->value++;
    }
}

static void remember_proposal(zd_act *act, zd_span text)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &act->request->text_sha256);
    const zd_rec_ledger *ledger = zd_book_find(act->book, ZD_R_LEDGER, "%s", "");
    bool roots = (zd_request_flags(act->request->type) & ZD_REQUEST_ROOTS) != 0;
    zd_rec_prop *prop = zd_book_add(act->book, ZD_R_PROP, "%s", hex);
    prop->seq = (int64_t)act->seq;
    prop->type = act->request->type;
    prop->needed = roots && ledger != NULL ? ledger->threshold : 2;
    prop->have = 1;
    prop->signer_public = act->signer->public_key;
    ZD_SET_TEXT(prop->person, zd_span_text(act->signer->person));
    ZD_SET_TEXT(prop->signer, zd_span_text(act->signer->name));
    ZD_SET_TEXT(prop->text, text);
}

static bool needs_second(zd_act *act)
{
    zd_request_type type = act->request->type;
    zd_request_type of = type;
    if (type == ZD_REQ_BATCH_OF && !zd_request_find(&of, zd_req_text(act->request, ZD_F_OF))) {
        return false;
    }
    unsigned flags = zd_request_flags(of);
    const zd_rec_ledger *ledger = zd_book_find(act->book, ZD_R_LEDGER, "%s", "");
    bool more_roots = (flags & ZD_REQUEST_ROOTS) != 0 && ledger != NULL && ledger->threshold > 1;
    return (flags & ZD_REQUEST_TWO) != 0 || more_roots;
}

/* One request in one entry. `text` is its signed text, kept when it only proposes. */
static zd_status run_one(zd_act *act, const zd_rec_key *signer, const zd_request *submitted, zd_span text, zd_error *err)
{
    bool proposes = act->second == NULL && act->request == submitted && text.size > 0 && needs_second(act);
    zd_status status = ZD_OK;
    zd_book_begin(act->book);
    if (!(proposes && act->request->type == ZD_REQ_BATCH_OF)) {
        status = handlers[act->request->type](act, err);
    }
    if (status == ZD_OK) {
        status = zd_book_trouble(act->book, err);
    }
    bool keep = status == ZD_OK && !zd_act_refused(act) && !proposes;
    if (keep) {
        zd_book_commit(act->book);
    } else {
        zd_book_rollback(act->book);
        strip(act);
    }
    if (status != ZD_OK) {
        return status;
    }
    zd_book_begin(act->book);
    if (proposes && !zd_act_refused(act)) {
        zd_act_decision(act)->outcome = ZD_PROPOSED;
        remember_proposal(act, text);
        zd_act_account_proposed(act);
    }
    remember_request(act, signer, submitted);
    zd_book_commit(act->book);
    return ZD_OK;
}

/* Items of a batch: each an entry and an effect of its own. The batch itself only says how many. */
static zd_status run_items(zd_act *act, const zd_request *items, const zd_rec_key *signer, zd_error *err)
{
    zd_status status = ZD_OK;
    zd_group_reserve(act->group, act->group->count + act->request->item_count);
    for (size_t i = 0; i < act->request->item_count && status == ZD_OK; i++) {
        char id[ZD_ID_SIZE];
        zd_act_set_text(id, sizeof id, items[i].id);
        zd_act item = *act;
        item.request = &items[i];
        item.decision_index = zd_act_effect(act, id);
        item.seq = zd_act_effect_at(act, item.decision_index)->seq;
        status = run_one(&item, signer, &items[i], zd_span_of(NULL, 0), err);
        zd_acts_forget_texts(act->acts);
    }
    return status;
}

static zd_status conflict(zd_error *err, const zd_request *item, size_t index)
{
    zd_status status = zd_fail(err, ZD_E_REQUEST_CONFLICT, "item %zu", index + 1);
    zd_error_field(err, "id", item->id);
    return status;
}

/* The ids of a batch, so that a second one of the same name is seen at once. Borrowed; at most half of the slots are taken. */
typedef struct id_set {
    const zd_span **slots;
    size_t count; /* a power of two */
} id_set;

static id_set start_ids(size_t ids)
{
    id_set set = {.count = 2};
    while (set.count < 2 * ids) {
        set.count *= 2;
    }
    set.slots = zd_alloc_zero(set.count, sizeof *set.slots);
    return set;
}

/* False when it is there already. */
static bool add_id(id_set *set, const zd_span *id)
{
    size_t at = 0;
    for (size_t i = 0; i < id->size; i++) {
        at = at * 31 + id->data[i];
    }
    for (at &= set->count - 1; set->slots[at] != NULL; at = (at + 1) & (set->count - 1)) {
        if (zd_span_equal(*set->slots[at], *id)) {
            return false;
        }
    }
    set->slots[at] = id;
    return true;
}

static zd_request *room_for_items(zd_acts *acts, size_t count)
{
    if (acts->item_capacity < count) {
        free(acts->items);
        acts->items = zd_alloc(count * sizeof *acts->items);
        acts->item_capacity = count;
    }
    return acts->items;
}

/* Parses every item that was not given already, and makes sure that no id was used before or stands twice, so that admission errors come before any change. The items are
 * borrowed until the next call: no item reads items. */
static zd_status read_items(const zd_request **out, zd_act *act, const zd_request *given, zd_error *err)
{
    const zd_request *batch = act->request;
    zd_request *own = given == NULL ? room_for_items(act->acts, batch->item_count) : NULL;
    const zd_request *items = given != NULL ? given : own;
    id_set ids = start_ids(batch->item_count);
    zd_status status = ZD_OK;
    *out = items;
    for (size_t i = 0; i < batch->item_count && status == ZD_OK; i++) {
        status = own != NULL ? zd_request_item(&own[i], batch, i, err) : ZD_OK;
        char id[ZD_ID_SIZE];
        if (status == ZD_OK) {
            zd_act_set_text(id, sizeof id, items[i].id);
            bool used = zd_book_find(act->book, ZD_R_REQ, "%s/%s", zd_request_party(act->signer), id) != NULL || !add_id(&ids, &items[i].id);
            status = used || zd_span_equal(batch->id, items[i].id) ? conflict(err, &items[i], i) : ZD_OK;
        }
    }
    free(ids.slots);
    return status;
}

static bool item_role_fits(const zd_act *act, zd_request_type of)
{
    return (zd_request_roles(of) >> act->signer->role & 1U) != 0;
}

/* The batch as it is submitted, or as the second officer completes it. Runs outside of any entry: its items have their own. */
static zd_status run_batch_now(zd_act *act, const zd_rec_key *signer, zd_error *err)
{
    const zd_request *items = NULL;
    zd_request_type of = ZD_REQ__COUNT;
    zd_status status = ZD_OK;
    if (!zd_request_find(&of, zd_req_text(act->request, ZD_F_OF)) || !item_role_fits(act, of)) {
        return zd_fail(err, ZD_E_KEY_ROLE, "items of this type need another role");
    }
    status = read_items(&items, act, NULL, err);
    if (status == ZD_OK) {
        status = run_items(act, items, signer, err);
    }
    return status;
}

static zd_status run_batch(zd_act *act, zd_error *err)
{
    (void)act;
    (void)err;
    return ZD_OK; /* the items follow the batch's own entry */
}

/* The proposer's key at the time of the proposal: rotation since then changes nothing. */
static const zd_rec_key *proposer(zd_act *act, const zd_rec_prop *prop)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &prop->signer_public);
    return zd_book_find(act->book, ZD_R_KEY, "%s/%s", prop->signer, hex);
}

static bool second_role_fits(const zd_act *act, const zd_request *proposed)
{
    zd_request_type type = proposed->type;
    if (type == ZD_REQ_BATCH_OF && !zd_request_find(&type, zd_req_text(proposed, ZD_F_OF))) {
        return false;
    }
    if (type == ZD_REQ_PROVIDER_ACCOUNT) {
        return act->signer->role == ZD_ROLE(ISSUER);
    }
    return (zd_request_roles(type) >> act->signer->role & 1U) != 0;
}

static bool person_signed(const zd_rec_prop *prop, const char *person)
{
    if (strcmp(prop->person, person) == 0) {
        return true;
    }
    for (int64_t i = 0; i + 1 < prop->have; i++) {
        if (strcmp(prop->seconds[i], person) == 0) {
            return true;
        }
    }
    return false;
}

/* The items run after this entry is committed, so that whatever could keep them from running must be found now: ids may have been used since the proposal. */
static zd_status check_proposed_items(zd_act *act, const zd_request *proposed, const zd_rec_key *first)
{
    zd_act probe = *act;
    const zd_request *items = NULL;
    zd_error why = {0};
    probe.request = proposed;
    probe.signer = first;
    zd_status status = read_items(&items, &probe, NULL, &why);
    if (status == ZD_MALFORMED) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, zd_code_name(why.code));
    }
    return status;
}

/* A second note. When it completes the proposal, the proposed handler runs inside this very entry. */
static zd_status run_second(zd_act *act, zd_error *err)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, zd_req_hash(act->request, ZD_F_SHA256));
    zd_rec_prop *prop = zd_book_edit(act->book, ZD_R_PROP, "%s", hex);
    if (prop == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "proposal");
    }
    if (prop->done != 0) {
        return zd_act_refuse(act, ZD_E_A_STATE, "done");
    }
    zd_request proposed;
    zd_status status = zd_request_parse(&proposed, zd_span_text(prop->text), err);
    if (status != ZD_OK) {
        return status;
    }
    const zd_rec_key *first = proposer(act, prop);
    if (proposed.expires_unix_ms <= act->at_unix_ms) {
        (void)zd_act_refuse(act, ZD_E_A_STATE, "expired");
    } else if (first == NULL || person_signed(prop, act->signer->person) || !second_role_fits(act, &proposed)) {
        (void)zd_act_refuse(act, ZD_E_R46, "person-or-role");
    } else {
        ZD_ASSERT(prop->have >= 1 && (size_t)prop->have <= ZD_COUNT(prop->seconds));
        ZD_SET_TEXT(prop->seconds[prop->have - 1], zd_span_text(act->signer->person));
        prop->have++;
        prop->done = prop->have >= prop->needed ? 1 : 0;
        if (prop->done != 0 && proposed.type == ZD_REQ_BATCH_OF) {
            status = check_proposed_items(act, &proposed, first);
        } else if (prop->done != 0) {
            zd_act run = *act;
            run.request = &proposed;
            run.signer = first;
            run.second = act->signer;
            status = handlers[proposed.type](&run, err);
        }
    }
    zd_request_free(&proposed);
    return status;
}

/* After a second note whose entry is done: the items of a completed batch, each its own effect of this note. */
static zd_status run_second_items(zd_act *act, zd_error *err)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, zd_req_hash(act->request, ZD_F_SHA256));
    const zd_rec_prop *prop = zd_book_find(act->book, ZD_R_PROP, "%s", hex);
    if (prop == NULL || prop->done == 0 || prop->type != ZD_REQ_BATCH_OF) {
        return ZD_OK;
    }
    zd_request proposed;
    zd_status status = zd_request_parse(&proposed, zd_span_text(prop->text), err);
    if (status != ZD_OK) {
        return status;
    }
    zd_act run = *act;
    run.request = &proposed;
    run.signer = proposer(act, prop);
    run.second = act->signer;
    ZD_ASSERT(run.signer != NULL);
    status = run_batch_now(&run, run.signer, err);
    zd_request_free(&proposed);
    return status;
}

zd_status zd_act_run_request(zd_acts *acts, zd_group *group, const zd_request *request, const zd_incoming *in, zd_error *err)
{
    zd_act act = {.acts = acts, .book = acts->book, .group = group, .request = request, .signer = in->signer, .seq = in->seq,
                  .at_unix_ms = in->at_unix_ms, .today_day = zd_day_of(in->at_unix_ms, ZD_ZONE_SHANGHAI_MS)};
    const zd_request *items = NULL;
    zd_status status = ZD_OK;
    if (request->type == ZD_REQ_BATCH_OF) {
        zd_request_type of = ZD_REQ__COUNT;
        if (!zd_request_find(&of, zd_req_text(request, ZD_F_OF)) || !item_role_fits(&act, of)) {
            return zd_fail(err, ZD_E_KEY_ROLE, "items of this type need another role");
        }
        status = read_items(&items, &act, in->items, err);
    }
    bool later = needs_second(&act);
    if (status == ZD_OK) {
        status = run_one(&act, in->signer, request, in->text, err);
    }
    if (status == ZD_OK && request->type == ZD_REQ_BATCH_OF && !later) {
        status = run_items(&act, items, in->signer, err);
    }
    if (status == ZD_OK && request->type == ZD_REQ_SECOND && !zd_act_refused(&act)) {
        status = run_second_items(&act, err);
    }
    if (status == ZD_OK) {
        group->decisions[0].effects = group->count - 1;
    }
    return status;
}
