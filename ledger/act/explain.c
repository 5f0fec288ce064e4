/*
 * The dry run behind `redeem explain`: gathers the facts of an order, capture or direct redemption as the act would, runs every check, and writes what each
 * saw. Opens no entry, writes no record; whether the key could be admitted is not asked, so that an unsigned draft can be explained.
 */
#include <string.h>

#include "ledger/act/act_state.h"
#include "ledger/act/redeem_int.h"
#include "ledger/base/clock.h"

const char *zd_acts_check_name(unsigned check)
{
    return zd_check_code_name(check);
}

static void write_refusal(zd_jw *w, zd_code code, const char *why)
{
    zd_jw_cstr(w, "outcome", "refused");
    zd_jw_cstr(w, "code", zd_code_name(code));
    if (why != NULL) {
        zd_jw_cstr(w, "why", why);
    }
}

static bool gather(zd_redemption *out, zd_act *act)
{
    if (act->request->type == ZD_REQ_CAPTURE) {
        const zd_rec_order *order = zd_place_find(&out->at[ZD_AT_ORDER]);
        return order != NULL && zd_redeem_gather_capture(out, act, order);
    }
    return zd_redeem_gather_order(out, act, act->request->type == ZD_REQ_DIRECT ? ZD_ON_DIRECT : ZD_ON_ORDER);
}

/* What the act would do before any rule, then every rule; an obstacle does not keep the rules from being shown. */
static void explain(zd_jw *w, zd_act *act)
{
    const char *why = NULL;
    zd_redemption redemption;
    zd_redeem_start(&redemption, act);
    zd_code obstacle = zd_redeem_obstacle(&why, act, &redemption);
    bool gathered = gather(&redemption, act);
    zd_jw_int(w, "schema", 1);
    zd_jw_cstr(w, "request", zd_request_name(act->request->type));
    if (!gathered) {
        write_refusal(w, obstacle != ZD_CODE_NONE ? obstacle : ZD_E_A_NO_POLICY, why);
        return;
    }
    zd_ruling ruling;
    zd_rules_run(&ruling, &redemption.facts);
    if (obstacle != ZD_CODE_NONE || ruling.code != ZD_CODE_NONE) {
        write_refusal(w, obstacle != ZD_CODE_NONE ? obstacle : ruling.code, why);
    } else {
        zd_jw_cstr(w, "outcome", zd_rules_outcome(&ruling) == ZD_HELD ? "held" : "accepted");
    }
    zd_jw_int(w, "policy", redemption.facts.policy->number);
    zd_rules_explain(w, &ruling, &redemption.facts);
}

zd_status zd_acts_explain(zd_buf *out_json, zd_acts *acts, const zd_incoming *in, zd_error *err)
{
    zd_request request;
    zd_status status = zd_request_parse(&request, in->text, err);
    if (status != ZD_OK) {
        return status;
    }
    bool redeems = request.type == ZD_REQ_ORDER || request.type == ZD_REQ_CAPTURE || request.type == ZD_REQ_DIRECT;
    if (redeems) {
        zd_act act = {.acts = acts, .book = acts->book, .request = &request, .signer = in->signer, .seq = in->seq,
                      .at_unix_ms = in->at_unix_ms, .today_day = zd_day_of(in->at_unix_ms, ZD_ZONE_SHANGHAI_MS)};
        zd_jw w = zd_jw_begin(out_json);
        zd_jw_object(&w, NULL);
        explain(&w, &act);
        zd_jw_close(&w);
        status = zd_book_trouble(acts->book, err);
        zd_acts_forget_texts(acts);
    } else {
        status = zd_fail(err, ZD_E_REQUEST_TYPE, "only orders, captures and direct redemptions can be explained");
        zd_error_field(err, "type", zd_span_text(zd_request_name(request.type)));
    }
    zd_request_free(&request);
    return status;
}
