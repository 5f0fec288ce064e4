/*
 * Holders, providers, instruments: registering, banning, admitting, suspending, and the account that a provider is paid on. Personal data never comes here: an
 * entrepreneur is a random id and a salted commitment. An account is a commitment too; a change needs two officers and, after the
 * first, days of cooling in which nothing is paid, and a change that is only proposed stops payment at once.
 */
#include <string.h>

#include "ledger/act/act_int.h"
#include "ledger/record/identifiers.h"

/* The code proves itself, or two officers have listed it by name. */
static bool is_good_code(zd_act *act, zd_span code)
{
    char text[ZD_ID_SIZE];
    return zd_uscc_is_valid(code) || (zd_span_copy(text, sizeof text, code) && zd_book_find(act->book, ZD_R_EXC, "%s", text) != NULL);
}

static bool interval_is_good(const zd_request *request)
{
    return zd_req_int(request, ZD_F_ELIGIBLE_FROM) <= zd_req_int(request, ZD_F_ELIGIBLE_TO);
}

/* --- holders --- */

static zd_code holder_obstacle(zd_act *act, const char **detail)
{
    const zd_request *request = act->request;
    zd_span code = zd_req_text(request, ZD_F_CODE);
    bool has_code = zd_req_has(request, ZD_F_CODE);
    bool enterprise = zd_req_int(request, ZD_F_CLASS) == ZD_CLASS(ENTERPRISE);
    *detail = "code";
    if (enterprise && !has_code) {
        return ZD_E_A_MISMATCH;
    }
    if (has_code && (!is_good_code(act, code) || (enterprise && !zd_uscc_is_enterprise(code)))) {
        return ZD_E_R01;
    }
    *detail = "label"; /* an organisation is known by its name, a person must not be */
    if (enterprise != zd_req_has(request, ZD_F_LABEL)) {
        return ZD_E_A_MISMATCH;
    }
    *detail = "commitment";
    if (!enterprise && !zd_req_has(request, ZD_F_COMMITMENT)) {
        return ZD_E_A_MISMATCH;
    }
    *detail = "jurisdiction";
    if (!zd_region_is_usable(zd_req_text(request, ZD_F_JURISDICTION), act->today_day)) {
        return ZD_E_A_MISMATCH;
    }
    *detail = "eligible_to";
    return interval_is_good(request) ? ZD_CODE_NONE : ZD_E_A_MISMATCH;
}

zd_status zd_act_holder_register(zd_act *act, zd_error *err)
{
    const zd_request *request = act->request;
    const char *id = zd_act_text(act, ZD_F_HOLDER);
    const char *code = zd_act_text(act, ZD_F_CODE);
    if (zd_resident_id_is_valid(zd_span_text(id), act->today_day)) {
        if (zd_act_decision(act)->is_effect) {
            return zd_act_refuse(act, ZD_E_A_MISMATCH, "resident-id"); /* items before it stand: no error may undo a part of a batch */
        }
        /* Even a refusal would publish the number: a request of its own leaves no leaf. */
        return zd_fail(err, ZD_E_FIELD_INVALID, "holder: a resident id number is never a holder id; use a random one");
    }
    if (zd_book_find(act->book, ZD_R_HOLDER, "%s", id) != NULL) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "holder");
    }
    if (code[0] != '\0' && zd_book_find(act->book, ZD_R_HCODE, "%s", code) != NULL) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "code");
    }
    if (!zd_act_has_authority(act, zd_act_text(act, ZD_F_JURISDICTION), 0)) {
        return ZD_OK;
    }
    const char *detail = NULL;
    zd_code obstacle = holder_obstacle(act, &detail);
    if (obstacle != ZD_CODE_NONE) {
        return zd_act_refuse(act, obstacle, detail);
    }
    zd_rec_holder *holder = zd_book_add(act->book, ZD_R_HOLDER, "%s", id);
    zd_format(holder->id, sizeof holder->id, "%s", id);
    holder->holder_class = zd_req_int(request, ZD_F_CLASS);
    zd_format(holder->code, sizeof holder->code, "%s", code);
    ZD_SET_TEXT(holder->label, zd_req_text(request, ZD_F_LABEL));
    ZD_SET_TEXT(holder->jurisdiction, zd_req_text(request, ZD_F_JURISDICTION));
    holder->commitment = *zd_req_hash(request, ZD_F_COMMITMENT);
    holder->eligible_from_day = zd_req_int(request, ZD_F_ELIGIBLE_FROM);
    holder->eligible_to_day = zd_req_int(request, ZD_F_ELIGIBLE_TO);
    holder->registered_seq = (int64_t)act->seq;
    zd_format(holder->registered_by, sizeof holder->registered_by, "%s", act->signer->person);
    if (code[0] != '\0') {
        zd_rec_hcode *index = zd_book_add(act->book, ZD_R_HCODE, "%s", code);
        zd_format(index->target, sizeof index->target, "%s", id);
    }
    return ZD_OK;
}

/* A ban or suspension grows by any decision; it shrinks or ends only by one that says why: cleared (an appeal), or a mistake. */
static bool may_set_until(zd_act *act, int64_t present_day)
{
    int64_t until_day = zd_req_int(act->request, ZD_F_UNTIL);
    int64_t reason = zd_req_int(act->request, ZD_F_REASON);
    bool lifts = zd_req_has(act->request, ZD_F_REASON) && (reason == ZD_REASON(CLEARED) || reason == ZD_REASON(MISTAKE));
    if (lifts) {
        return true;
    }
    if (until_day < act->today_day) {
        (void)zd_act_refuse(act, ZD_E_A_MISMATCH, "until");
    } else if (until_day < present_day) {
        (void)zd_act_refuse(act, ZD_E_A_STATE, "until");
    }
    return !zd_act_refused(act);
}

zd_status zd_act_holder_ban(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_holder *holder = zd_book_edit(act->book, ZD_R_HOLDER, "%s", zd_act_text(act, ZD_F_HOLDER));
    if (holder == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "holder");
    }
    if (zd_act_has_authority(act, holder->jurisdiction, 0) && may_set_until(act, holder->banned_until_day)) {
        holder->banned_until_day = zd_req_int(act->request, ZD_F_UNTIL);
    }
    return ZD_OK;
}

/* --- providers --- */

zd_status zd_act_provider_admit(zd_act *act, zd_error *err)
{
    (void)err;
    const zd_request *request = act->request;
    const char *id = zd_act_text(act, ZD_F_PROVIDER);
    if (!is_good_code(act, zd_req_text(request, ZD_F_PROVIDER))) {
        return zd_act_refuse(act, ZD_E_R02, "provider");
    }
    if (!interval_is_good(request)) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "eligible_to");
    }
    zd_rec_provider *provider = zd_book_ensure(act->book, ZD_R_PROVIDER, "%s", id);
    if (provider->id[0] == '\0') {
        zd_format(provider->id, sizeof provider->id, "%s", id);
        provider->registered_seq = (int64_t)act->seq;
    }
    ZD_SET_TEXT(provider->label, zd_req_text(request, ZD_F_LABEL));
    ZD_SET_TEXT(provider->categories, zd_req_text(request, ZD_F_CATEGORIES));
    provider->admitted_from_day = zd_req_int(request, ZD_F_ELIGIBLE_FROM);
    provider->admitted_to_day = zd_req_int(request, ZD_F_ELIGIBLE_TO);
    provider->removed_day = 0; /* a suspension stands until its own end */
    return ZD_OK;
}

static zd_rec_provider *edit_provider(zd_act *act)
{
    zd_rec_provider *provider = zd_book_edit(act->book, ZD_R_PROVIDER, "%s", zd_act_text(act, ZD_F_PROVIDER));
    if (provider == NULL) {
        (void)zd_act_refuse(act, ZD_E_A_ABSENT, "provider");
    }
    return provider;
}

/* The same for acts that a removed provider is no object of. */
static zd_rec_provider *edit_present_provider(zd_act *act)
{
    zd_rec_provider *provider = edit_provider(act);
    if (provider != NULL && provider->removed_day != 0) {
        (void)zd_act_refuse(act, ZD_E_A_STATE, "removed");
        return NULL;
    }
    return provider;
}

/* Suspensions keep their first day, so that a service done during one is refused after its end, too. Extending or lifting changes the one that runs. */
static void suspend_until(zd_act *act, zd_rec_provider *provider, int64_t until_day)
{
    bool runs = provider->suspended_from_day != 0 && act->today_day <= provider->suspended_until_day;
    provider->suspended_until_day = until_day;
    if (!runs && until_day < act->today_day) {
        return; /* lifting what is over already */
    }
    provider->suspended_from_day = runs ? provider->suspended_from_day : act->today_day;
    zd_rec_psusp *interval = zd_book_edit(act->book, ZD_R_PSUSP, "%s/%06lld", provider->id, (long long)provider->suspended_from_day);
    if (interval == NULL) {
        interval = zd_book_add(act->book, ZD_R_PSUSP, "%s/%06lld", provider->id, (long long)provider->suspended_from_day);
    }
    interval->until_day = until_day;
}

zd_status zd_act_provider_suspend(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_provider *provider = edit_present_provider(act);
    if (provider != NULL && may_set_until(act, provider->suspended_until_day)) {
        suspend_until(act, provider, zd_req_int(act->request, ZD_F_UNTIL));
    }
    return ZD_OK;
}

zd_status zd_act_provider_remove(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_provider *provider = edit_present_provider(act);
    if (provider != NULL) {
        provider->removed_day = act->today_day;
    }
    return ZD_OK;
}

/* --- the account --- */

static void end_pending(zd_rec_provider *provider, const zd_hash *executed)
{
    /* A later proposal that is still open keeps payment stopped. Proposing the present account anew, with two officers, ends one that was dropped. */
    if (zd_hash_equal(&provider->account_proposed, executed)) {
        provider->account_pending = 0;
        provider->account_proposed = (zd_hash){0};
    }
}

static void set_account(zd_act *act, zd_rec_provider *provider, const zd_hash *account, int64_t payable_from_day)
{
    bool back = provider->account_version >= 2 && zd_hash_equal(&provider->account_previous, account);
    if (back) {
        zd_act_saw_int(act, "account_flip_flop", 1); /* back to the one before: worth a look, not a refusal */
    }
    provider->account_back_day = back ? act->today_day : 0;
    provider->account_previous = provider->account;
    provider->account = *account;
    provider->account_version++;
    provider->account_since_ms = act->at_unix_ms;
    provider->account_cooling_day = payable_from_day;
    zd_decision_extra_int(zd_act_decision(act), "account_version", provider->account_version);
}

/* Shorter after the bank returned a payment to the present account and both officers saw the same name on the new one. */
static zd_param cooling_param(const zd_act *act, const zd_rec_provider *provider)
{
    bool after_return = provider->account_version > 0 && provider->returned_version == provider->account_version;
    bool same_name = zd_req_has(act->request, ZD_F_SAME_NAME) && zd_req_int(act->request, ZD_F_SAME_NAME) != 0;
    return after_return && same_name ? ZD_P_ACCOUNT_COOLING_RETURN : ZD_P_ACCOUNT_COOLING;
}

zd_status zd_act_provider_account(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_provider *provider = edit_present_provider(act);
    const zd_hash *account = zd_req_hash(act->request, ZD_F_COMMITMENT);
    if (provider == NULL || !zd_act_speaks_for(act, zd_req_text(act->request, ZD_F_PROVIDER))) {
        return ZD_OK;
    }
    if (act->second != NULL && (act->second->role != ZD_ROLE(ISSUER) || strcmp(act->second->person, act->signer->person) == 0)) {
        return zd_act_refuse(act, ZD_E_R46, "person-or-role");
    }
    bool same = provider->account_version > 0 && zd_hash_equal(&provider->account, account);
    if (same && provider->account_pending == 0) {
        return zd_act_refuse(act, ZD_E_A_EMPTY, "account");
    }
    const zd_policy *policy = zd_act_policy_now(act);
    if (!same && provider->account_version > 0 && policy == NULL) {
        return zd_act_refuse(act, ZD_E_A_NO_POLICY, NULL);
    }
    if (!same) {
        int64_t payable_from_day = 0; /* the first account: at once */
        bool first = provider->account_version == 0;
        if (!first && !zd_act_day_after(act, &payable_from_day, act->today_day, policy, cooling_param(act, provider))) {
            return ZD_OK;
        }
        zd_act_decision(act)->policy = policy != NULL ? policy->number : 0;
        set_account(act, provider, account, payable_from_day);
    }
    end_pending(provider, account);
    return ZD_OK;
}

static void mark_proposed(zd_act *act, const zd_request *request)
{
    char id[ZD_ID_SIZE];
    zd_act_set_text(id, sizeof id, zd_req_text(request, ZD_F_PROVIDER));
    zd_rec_provider *provider = zd_book_edit(act->book, ZD_R_PROVIDER, "%s", id);
    bool bound = act->signer->role != ZD_ROLE(ISSUER); /* a provider stops only its own payments */
    if (provider != NULL && (!bound || strcmp(act->signer->party, id) == 0)) {
        provider->account_pending = 1;
        provider->account_proposed = *zd_req_hash(request, ZD_F_COMMITMENT);
    }
}

void zd_act_account_proposed(zd_act *act)
{
    zd_request item;
    if (act->request->type == ZD_REQ_PROVIDER_ACCOUNT) {
        mark_proposed(act, act->request);
    }
    if (act->request->type != ZD_REQ_BATCH_OF || !zd_span_is(zd_req_text(act->request, ZD_F_OF), zd_request_name(ZD_REQ_PROVIDER_ACCOUNT))) {
        return;
    }
    for (size_t i = 0; i < act->request->item_count; i++) {
        if (zd_request_item(&item, act->request, i, NULL) == ZD_OK) {
            mark_proposed(act, &item);
        }
    }
}

/* --- instruments --- */

zd_status zd_act_instrument_register(zd_act *act, zd_error *err)
{
    (void)err;
    const zd_request *request = act->request;
    const char *id = zd_act_text(act, ZD_F_INSTRUMENT);
    const char *owner = zd_act_text(act, ZD_F_PROVIDER);
    const zd_rec_provider *provider = zd_book_find(act->book, ZD_R_PROVIDER, "%s", owner);
    if (provider == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "provider");
    }
    if (!zd_act_speaks_for(act, zd_span_text(owner))) {
        return ZD_OK;
    }
    if (provider->removed_day != 0) {
        return zd_act_refuse(act, ZD_E_A_STATE, "removed");
    }
    zd_rec_instr *instrument = zd_book_ensure(act->book, ZD_R_INSTR, "%s/%s", owner, id);
    if (instrument->customs != 0 && zd_req_int(request, ZD_F_CUSTOMS) == 0 && act->signer->role != ZD_ROLE(ISSUER)) {
        return zd_act_refuse(act, ZD_E_A_GRANT, "customs"); /* supervision is ended by an officer, not by who is supervised */
    }
    zd_format(instrument->id, sizeof instrument->id, "%s", id);
    zd_format(instrument->provider, sizeof instrument->provider, "%s", owner);
    if (zd_req_has(request, ZD_F_LABEL)) {
        ZD_SET_TEXT(instrument->label, zd_req_text(request, ZD_F_LABEL));
    }
    ZD_SET_TEXT(instrument->categories, zd_req_text(request, ZD_F_CATEGORIES));
    instrument->price_fen = zd_req_int(request, ZD_F_PRICE_FEN);
    instrument->shared = zd_req_int(request, ZD_F_SHARED);
    instrument->customs = zd_req_int(request, ZD_F_CUSTOMS);
    instrument->usable = zd_req_int(request, ZD_F_USABLE);
    return ZD_OK;
}
