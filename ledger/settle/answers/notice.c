/*
 * The typed return notice (退回通知书): what an officer types from the paper that the agent bank sent, with the hash of its scan. One JSON object; every field but
 * the reason is required, because the paper has them all. It becomes one booked credit that is a return, keyed by the notice's own number.
 */
#include "ledger/settle/answers/answers_int.h"

#include "ledger/base/clock.h"
#include "ledger/base/money.h"

static zd_status known_field(void *context, zd_span name, zd_jval value)
{
    (void)value;
    static const char *const known[] = {"format", "v", "notice", "date", "end_to_end", "amount_fen", "account", "name", "reason", "evidence_sha256"};
    for (size_t i = 0; i < ZD_COUNT(known); i++) {
        if (zd_span_is(name, known[i])) {
            return ZD_OK;
        }
    }
    zd_status status = zd_fail(context, ZD_E_JSON_UNKNOWN, "a return notice has no such field");
    zd_error_field(context, "field", name);
    return status;
}

static zd_status invalid(zd_error *err, const char *field, zd_span value, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_ANSWER_CELL, "%s", why);
    zd_error_field(err, field, value);
    return status;
}

static zd_status read_fields(zd_answers *answers, zd_bank_fact *fact, zd_jval root, zd_error *err)
{
    zd_span notice, date, end_to_end, account, name, evidence;
    zd_status status = zd_jval_need_text(&notice, root, "notice", err);
    status = status == ZD_OK ? zd_jval_need_text(&date, root, "date", err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&end_to_end, root, "end_to_end", err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&account, root, "account", err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&name, root, "name", err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&evidence, root, "evidence_sha256", err) : status;
    status = status == ZD_OK ? zd_jval_need_int(&fact->amount, root, "amount_fen", 1, ZD_FEN_MAX, err) : status;
    if (status != ZD_OK) {
        return status;
    }
    if (notice.size == 0 || end_to_end.size == 0) {
        return invalid(err, notice.size == 0 ? "notice" : "end_to_end", zd_span_of(NULL, 0), "must not be empty / 不能为空");
    }
    if (!zd_date_parse(&fact->day, date)) {
        return invalid(err, "date", date, "write 2026-03-05 / 请写成 2026-03-05");
    }
    if (!zd_hash_from_hex(&fact->evidence, evidence)) {
        return invalid(err, "evidence_sha256", evidence, "SHA-256 of the scan, 64 lower-case hexadecimal digits / 扫描件的 SHA-256，64 位小写十六进制");
    }
    fact->side = ZD_SIDE_CREDIT;
    fact->booked = ZD_BOOKED;
    fact->is_return = true;
    fact->has_amount = true;
    fact->currency = "CNY";
    fact->bank_ref = zd_answer_keep(answers, notice);
    fact->end_to_end = zd_answer_keep(answers, end_to_end);
    fact->other_account = zd_answer_keep(answers, account);
    fact->other_name = zd_answer_keep(answers, name);
    fact->reason = zd_answer_keep(answers, zd_jval_text(zd_jval_get(root, "reason")));
    return ZD_OK;
}

zd_status zd_answer_read_notice(zd_answers *answers, zd_span bytes, zd_error *err)
{
    zd_json *json = NULL;
    zd_status status = zd_json_parse(&json, bytes, true, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_jval root = zd_json_root(json);
    zd_error own = {0};
    if (!zd_span_is(zd_jval_text(zd_jval_get(root, "format")), "zhidui-return-notice") || zd_jval_int(zd_jval_get(root, "v")) != 1) {
        status = invalid(err, "format", zd_jval_text(zd_jval_get(root, "format")), "format must be zhidui-return-notice, v 1 / 格式标识不符");
    } else if (zd_jval_each(root, known_field, &own) != ZD_OK) {
        status = zd_fail(err, own.code, "%s", own.detail);
        zd_error_field(err, own.field, zd_span_text(own.value));
    } else {
        answers->form = ZD_FORM_RETURN;
        answers->message = "zhidui-return-notice";
        zd_bank_fact *fact = zd_answer_add(answers, ZD_BANK_BOOKING, 1, ZD_ANSWER_NONE, err);
        status = fact != NULL ? read_fields(answers, fact, root, err) : ZD_MALFORMED;
        answers->id = fact != NULL ? fact->bank_ref : "";
    }
    zd_json_free(json);
    return status;
}
