/*
 * pain.002: the status report of a payment order, at up to three levels. Each level becomes a STATUS fact whose parent is the next higher one; what a level means for
 * the lines below it is judged by the matcher, not here.
 */
#include "ledger/settle/answers/xml_int.h"

#include <string.h>

/* The first reason code; a proprietary one counts when there is no ISO code. */
static const char *reason_of(zd_answers *answers, const xmlNode *node)
{
    const char *code = zd_xml_text_at(answers, node, "StsRsnInf/Rsn/Cd");
    return code[0] != '\0' ? code : zd_xml_text_at(answers, node, "StsRsnInf/Rsn/Prtry");
}

static void set_status(zd_answers *answers, zd_bank_fact *fact, zd_bank_level level, const xmlNode *node, const char *element)
{
    fact->level = level;
    fact->status = zd_xml_text_at(answers, node, element);
    fact->word = zd_bank_word_of(zd_span_text(fact->status));
    fact->reason = reason_of(answers, node);
    if (fact->word == ZD_STS_UNKNOWN) {
        zd_answer_odd(answers, "status-unknown", fact->line, "%.60s", fact->status);
    }
}

static void read_amount(zd_answers *answers, zd_bank_fact *fact, const xmlNode *transaction)
{
    const xmlNode *amount = zd_xml_at(transaction, "OrgnlTxRef/Amt/InstdAmt");
    bool exact = true;
    if (amount == NULL) {
        return;
    }
    fact->has_amount = zd_answer_decimal(&fact->amount, &exact, zd_span_text(zd_xml_text(answers, amount)));
    if (!fact->has_amount || !exact) {
        zd_answer_odd(answers, "amount-decimals", zd_xml_line(amount), "InstdAmt");
    }
    xmlChar *currency = xmlGetNoNsProp(amount, (const xmlChar *)"Ccy");
    fact->currency = zd_answer_keep(answers, zd_span_text((const char *)currency));
    xmlFree(currency);
}

static zd_status read_transaction(zd_answers *answers, const xmlNode *node, size_t parent, zd_error *err)
{
    zd_bank_fact *fact = zd_answer_add(answers, ZD_BANK_STATUS, zd_xml_line(node), parent, err);
    if (fact == NULL) {
        return ZD_MALFORMED;
    }
    const zd_bank_fact *higher = &answers->facts[parent];
    fact->message = higher->message;
    fact->payment = higher->payment;
    fact->instruction = zd_xml_id_at(answers, node, "OrgnlInstrId");
    fact->end_to_end = zd_xml_id_at(answers, node, "OrgnlEndToEndId");
    fact->bank_ref = zd_xml_id_at(answers, node, "AcctSvcrRef");
    fact->other_account = zd_xml_text_at(answers, node, "OrgnlTxRef/CdtrAcct/Id/IBAN");
    if (fact->other_account[0] == '\0') {
        fact->other_account = zd_xml_text_at(answers, node, "OrgnlTxRef/CdtrAcct/Id/Othr/Id");
    }
    fact->other_name = zd_xml_text_at(answers, node, "OrgnlTxRef/Cdtr/Nm");
    if (fact->other_name[0] == '\0') {
        fact->other_name = zd_xml_text_at(answers, node, "OrgnlTxRef/Cdtr/Pty/Nm"); /* a choice from .10 on */
    }
    set_status(answers, fact, ZD_LEVEL_TRANSACTION, node, "TxSts");
    read_amount(answers, fact, node);
    if (fact->end_to_end[0] == '\0' && fact->instruction[0] == '\0') {
        zd_answer_odd(answers, "transaction-without-id", fact->line, "neither OrgnlEndToEndId nor OrgnlInstrId");
    }
    return ZD_OK;
}

static zd_status read_payment(zd_answers *answers, const xmlNode *node, size_t group, zd_error *err)
{
    zd_bank_fact *fact = zd_answer_add(answers, ZD_BANK_STATUS, zd_xml_line(node), group, err);
    if (fact == NULL) {
        return ZD_MALFORMED;
    }
    size_t payment = answers->count - 1;
    fact->message = answers->facts[group].message;
    fact->payment = zd_xml_id_at(answers, node, "OrgnlPmtInfId");
    set_status(answers, fact, ZD_LEVEL_PAYMENT, node, "PmtInfSts");
    zd_status status = ZD_OK;
    for (const xmlNode *tx = zd_xml_child(node, "TxInfAndSts"); tx != NULL && status == ZD_OK; tx = zd_xml_next(tx)) {
        status = read_transaction(answers, tx, payment, err);
    }
    return status;
}

zd_status zd_answer_read_pain002(zd_answers *answers, const xmlNode *report, zd_error *err)
{
    const xmlNode *original = zd_xml_child(report, "OrgnlGrpInfAndSts");
    zd_bank_fact *fact = zd_answer_add(answers, ZD_BANK_STATUS, zd_xml_line(original != NULL ? original : report), ZD_ANSWER_NONE, err);
    ZD_ASSERT(fact != NULL);
    size_t group = answers->count - 1;
    fact->message = zd_xml_id_at(answers, original, "OrgnlMsgId");
    set_status(answers, fact, ZD_LEVEL_GROUP, original, "GrpSts");
    const char *total = zd_xml_text_at(answers, original, "OrgnlCtrlSum");
    bool exact = true;
    fact->has_amount = total[0] != '\0' && zd_answer_decimal(&fact->amount, &exact, zd_span_text(total));
    if (fact->message[0] == '\0') {
        zd_answer_odd(answers, "original-message-missing", fact->line, "OrgnlMsgId");
    }
    zd_status status = ZD_OK;
    for (const xmlNode *node = zd_xml_child(report, "OrgnlPmtInfAndSts"); node != NULL && status == ZD_OK; node = zd_xml_next(node)) {
        status = read_payment(answers, node, group, err);
    }
    /* Older variants put transactions straight below the report. */
    for (const xmlNode *tx = zd_xml_child(report, "TxInfAndSts"); tx != NULL && status == ZD_OK; tx = zd_xml_next(tx)) {
        status = read_transaction(answers, tx, group, err);
    }
    return status;
}
