/*
 * camt.052, .053 and .054: reports, statements and notifications of an account share their entries. Each becomes a STATEMENT fact, its entries BOOKINGs, and the
 * transactions inside an entry DETAILs. A booking is money; everything that is missing around it is an oddity and no reason to lose it.
 */
#include "ledger/settle/answers/xml_int.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

static const char *attribute(zd_answers *answers, const xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
    const char *kept = zd_answer_keep(answers, zd_span_text((const char *)value));
    xmlFree(value);
    return kept;
}

/* An amount element with its currency. False: absent or unreadable. */
static bool read_amount(zd_answers *answers, int64_t *out, const char **currency, const xmlNode *node)
{
    bool exact = true;
    if (node == NULL) {
        return false;
    }
    zd_span text = zd_span_text(zd_xml_text(answers, node));
    if (!zd_answer_decimal(out, &exact, text) || *out < 0) {
        zd_answer_odd(answers, "amount-unreadable", zd_xml_line(node), "%.40s", (const char *)node->name);
        return false;
    }
    if (!exact) {
        zd_answer_odd(answers, "amount-decimals", zd_xml_line(node), "%.40s: %.*s", (const char *)node->name, (int)(text.size < 40 ? text.size : 40), (const char *)text.data);
    }
    *currency = attribute(answers, node, "Ccy");
    return true;
}

static zd_bank_side side_of(zd_answers *answers, const xmlNode *node, zd_bank_side otherwise)
{
    const char *word = zd_xml_text_at(answers, node, "CdtDbtInd");
    return strcmp(word, "DBIT") == 0 ? ZD_SIDE_DEBIT : strcmp(word, "CRDT") == 0 ? ZD_SIDE_CREDIT : otherwise;
}

/* A date or date-time in its choice; some banks put the wrong kind into it. */
static int64_t day_at(zd_answers *answers, const xmlNode *node, const char *name)
{
    const xmlNode *holder = zd_xml_child(node, name);
    const xmlNode *date = zd_xml_child(holder, "Dt");
    const xmlNode *time = zd_xml_child(holder, "DtTm");
    const char *text = zd_xml_text(answers, date != NULL ? date : time);
    int64_t day = ZD_DAY_NONE;
    if (holder == NULL) {
        return ZD_DAY_NONE;
    }
    if (!zd_answer_day(&day, zd_span_text(text))) {
        zd_answer_odd(answers, "date-unreadable", zd_xml_line(holder), "%s: %.40s", name, text);
        return ZD_DAY_NONE;
    }
    if (date != NULL && strlen(text) > 10) {
        zd_answer_odd(answers, "date-with-time", zd_xml_line(date), "%s: %.40s", name, text);
    }
    return day;
}

static const char *account_at(zd_answers *answers, const xmlNode *node)
{
    const char *iban = zd_xml_text_at(answers, node, "Id/IBAN");
    return iban[0] != '\0' ? iban : zd_xml_text_at(answers, node, "Id/Othr/Id");
}

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* What the bank transaction code says about the direction of the business: a return of ours, or a charge. Codes: ISO 20022 external bank transaction codes. */
static void read_code(zd_answers *answers, zd_bank_fact *fact, const xmlNode *node)
{
    static const char *const returns[] = {"RRTN", "RPCR", "ARET", "PRCT"};
    static const char *const fees[] = {"CHRG", "FEES", "COMM"};
    const char *sub = zd_xml_text_at(answers, node, "BkTxCd/Domn/Fmly/SubFmlyCd");
    fact->is_return = fact->is_return || is_one_of(sub, returns, ZD_COUNT(returns));
    fact->is_fee = fact->is_fee || is_one_of(sub, fees, ZD_COUNT(fees));
}

static void read_return(zd_answers *answers, zd_bank_fact *fact, const xmlNode *detail)
{
    const xmlNode *info = zd_xml_child(detail, "RtrInf");
    if (info == NULL) {
        return;
    }
    fact->is_return = true;
    const char *code = zd_xml_text_at(answers, info, "Rsn/Cd");
    fact->reason = code[0] != '\0' ? code : zd_xml_text_at(answers, info, "Rsn/Prtry");
}

static const char *party_name(zd_answers *answers, const xmlNode *parties, const char *role)
{
    const xmlNode *party = zd_xml_child(parties, role);
    const char *name = zd_xml_text_at(answers, party, "Nm");
    return name[0] != '\0' ? name : zd_xml_text_at(answers, party, "Pty/Nm"); /* a choice from .08 on */
}

/* The counterparty: creditor of a debit, debtor of a credit; the other one when a return names the parties of the original payment. */
static void read_parties(zd_answers *answers, zd_bank_fact *fact, const xmlNode *detail, const char *own)
{
    const xmlNode *parties = zd_xml_child(detail, "RltdPties");
    const char *creditor = account_at(answers, zd_xml_child(parties, "CdtrAcct"));
    const char *debtor = account_at(answers, zd_xml_child(parties, "DbtrAcct"));
    bool to_creditor = fact->side == ZD_SIDE_DEBIT;
    if (own[0] != '\0' && strcmp(to_creditor ? creditor : debtor, own) == 0) {
        to_creditor = !to_creditor;
    }
    fact->other_account = to_creditor ? creditor : debtor;
    fact->other_name = party_name(answers, parties, to_creditor ? "Cdtr" : "Dbtr");
}

static bool uetr_is_well_formed(const char *text)
{
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !hex) {
            return false; /* also at the end of a shorter text */
        }
    }
    return text[36] == '\0';
}

static void check_free_parts(zd_answers *answers, const xmlNode *detail)
{
    const xmlNode *uetr = zd_xml_at(detail, "Refs/UETR");
    if (uetr != NULL && !uetr_is_well_formed(zd_xml_text(answers, uetr))) {
        zd_answer_odd(answers, "uetr-malformed", zd_xml_line(uetr), "Refs/UETR");
    }
    for (const xmlNode *text = zd_xml_at(detail, "RmtInf/Ustrd"); text != NULL; text = zd_xml_next(text)) {
        size_t count = 0;
        for (const char *c = zd_xml_text(answers, text); *c != '\0'; c++) {
            count += ((uint8_t)*c & 0xc0U) != 0x80 ? 1 : 0;
        }
        if (count > 140) {
            zd_answer_odd(answers, "text-too-long", zd_xml_line(text), "Ustrd: %zu characters", count);
        }
    }
}

static bool detail_amount(zd_answers *answers, zd_bank_fact *fact, const xmlNode *detail)
{
    static const char *const places[] = {"Amt", "AmtDtls/TxAmt/Amt"};
    for (size_t i = 0; i < ZD_COUNT(places); i++) {
        if (read_amount(answers, &fact->amount, &fact->currency, zd_xml_at(detail, places[i]))) {
            return true;
        }
    }
    /* The instructed amount is the booked one only in the booking's own currency. */
    const char *currency = "";
    int64_t amount = 0;
    if (read_amount(answers, &amount, &currency, zd_xml_at(detail, "AmtDtls/InstdAmt/Amt")) && strcmp(currency, fact->currency) == 0) {
        fact->amount = amount;
        return true;
    }
    return false;
}

static zd_status read_detail(zd_answers *answers, const xmlNode *detail, size_t booking, zd_error *err)
{
    zd_bank_fact *fact = zd_answer_add(answers, ZD_BANK_DETAIL, zd_xml_line(detail), booking, err);
    if (fact == NULL) {
        return ZD_MALFORMED;
    }
    const zd_bank_fact *whole = &answers->facts[booking];
    fact->message = zd_xml_id_at(answers, detail, "Refs/MsgId");
    fact->payment = zd_xml_id_at(answers, detail, "Refs/PmtInfId");
    fact->instruction = zd_xml_id_at(answers, detail, "Refs/InstrId");
    fact->end_to_end = zd_xml_id_at(answers, detail, "Refs/EndToEndId");
    fact->bank_ref = zd_xml_id_at(answers, detail, "Refs/AcctSvcrRef");
    fact->account = whole->account;
    fact->booked = whole->booked;
    fact->day = whole->day;
    fact->currency = whole->currency;
    fact->is_return = whole->is_return;
    fact->is_fee = whole->is_fee;
    fact->side = side_of(answers, detail, whole->side);
    fact->has_amount = detail_amount(answers, fact, detail);
    read_code(answers, fact, detail);
    read_return(answers, fact, detail);
    read_parties(answers, fact, detail, whole->account);
    check_free_parts(answers, detail);
    return ZD_OK;
}

/* Details against their booking: sums and counts. A single detail without an amount of its own has the booking's. */
static void check_details(zd_answers *answers, size_t booking)
{
    zd_bank_fact *whole = &answers->facts[booking];
    int64_t sum = 0;
    bool known = whole->details > 0;
    for (size_t i = booking + 1; i < answers->count; i++) {
        zd_bank_fact *detail = &answers->facts[i];
        if (whole->details == 1 && !detail->has_amount && whole->has_amount) {
            detail->has_amount = true;
            detail->amount = whole->amount;
        }
        known = known && detail->has_amount && strcmp(detail->currency, whole->currency) == 0;
        sum += detail->side == whole->side ? detail->amount : -detail->amount;
        known = known && sum < INT64_MAX / 4 && sum > -(INT64_MAX / 4);
        whole->is_return = whole->is_return || (whole->details == 1 && detail->is_return);
    }
    if (known && sum != whole->amount) {
        zd_answer_odd(answers, "detail-sum", whole->line, "%lld details give %lld, the entry says %lld", (long long)whole->details, (long long)sum, (long long)whole->amount);
    }
    if (whole->batch_count > 0 && whole->details > 1 && whole->batch_count != whole->details) {
        zd_answer_odd(answers, "detail-count", whole->line, "NbOfTxs %lld, %lld details", (long long)whole->batch_count, (long long)whole->details);
    }
}

static zd_bank_booked booked_of(zd_answers *answers, const xmlNode *entry)
{
    const xmlNode *node = zd_xml_child(entry, "Sts");
    const char *word = zd_xml_text_at(answers, node, "Cd"); /* a choice from .06 on */
    word = word[0] != '\0' ? word : zd_xml_text(answers, node);
    if (strcmp(word, "BOOK") == 0) {
        return ZD_BOOKED;
    }
    if (strcmp(word, "PDNG") == 0) {
        return ZD_BOOKED_PENDING;
    }
    if (strcmp(word, "INFO") != 0 && strcmp(word, "FUTR") != 0) {
        zd_answer_odd(answers, "entry-status", zd_xml_line(entry), "%.40s", word);
    }
    return ZD_BOOKED_INFO;
}

static void read_batch(zd_answers *answers, zd_bank_fact *fact, const xmlNode *details)
{
    const xmlNode *batch = zd_xml_child(details, "Btch");
    int64_t hundredths = 0;
    bool exact = true;
    if (batch == NULL) {
        return;
    }
    if (fact->message[0] == '\0') {
        fact->message = zd_xml_id_at(answers, batch, "MsgId");
        fact->payment = zd_xml_id_at(answers, batch, "PmtInfId");
    }
    if (zd_answer_decimal(&hundredths, &exact, zd_span_text(zd_xml_text_at(answers, batch, "NbOfTxs")))) {
        fact->batch_count += hundredths / 100;
    }
}

static zd_status read_entry(zd_answers *answers, const xmlNode *entry, size_t statement, zd_error *err)
{
    zd_bank_fact *fact = zd_answer_add(answers, ZD_BANK_BOOKING, zd_xml_line(entry), statement, err);
    if (fact == NULL) {
        return ZD_MALFORMED;
    }
    size_t booking = answers->count - 1;
    fact->account = answers->facts[statement].account;
    fact->side = side_of(answers, entry, ZD_SIDE_NONE);
    fact->booked = booked_of(answers, entry);
    fact->has_amount = read_amount(answers, &fact->amount, &fact->currency, zd_xml_child(entry, "Amt"));
    fact->day = day_at(answers, entry, "BookgDt");
    fact->bank_ref = zd_xml_id_at(answers, entry, "AcctSvcrRef");
    if (fact->bank_ref[0] == '\0') {
        fact->bank_ref = zd_xml_id_at(answers, entry, "NtryRef");
    }
    if (fact->bank_ref[0] == '\0') {
        zd_answer_odd(answers, "entry-without-reference", fact->line, "neither AcctSvcrRef nor NtryRef");
    }
    if (fact->day == ZD_DAY_NONE && fact->booked == ZD_BOOKED) {
        zd_answer_odd(answers, "entry-without-day", fact->line, "BookgDt");
    }
    read_code(answers, fact, entry);
    const char *reversal = zd_xml_text_at(answers, entry, "RvslInd");
    fact->is_return = fact->is_return || (fact->side == ZD_SIDE_CREDIT && (strcmp(reversal, "true") == 0 || strcmp(reversal, "1") == 0));
    zd_status status = ZD_OK;
    for (const xmlNode *details = zd_xml_child(entry, "NtryDtls"); details != NULL && status == ZD_OK; details = zd_xml_next(details)) {
        read_batch(answers, &answers->facts[booking], details);
        for (const xmlNode *detail = zd_xml_child(details, "TxDtls"); detail != NULL && status == ZD_OK; detail = zd_xml_next(detail)) {
            status = read_detail(answers, detail, booking, err);
            answers->facts[booking].details += status == ZD_OK ? 1 : 0;
        }
    }
    if (status == ZD_OK) {
        check_details(answers, booking);
    }
    return status;
}

static void read_balances(zd_answers *answers, zd_bank_fact *fact, const xmlNode *statement)
{
    for (const xmlNode *balance = zd_xml_child(statement, "Bal"); balance != NULL; balance = zd_xml_next(balance)) {
        const char *type = zd_xml_text_at(answers, balance, "Tp/CdOrPrtry/Cd");
        const char *currency = "";
        int64_t amount = 0;
        bool opening = strcmp(type, "OPBD") == 0 || (strcmp(type, "PRCD") == 0 && !fact->has_opening);
        bool closing = strcmp(type, "CLBD") == 0;
        (void)day_at(answers, balance, "Dt");
        if ((!opening && !closing) || !read_amount(answers, &amount, &currency, zd_xml_child(balance, "Amt"))) {
            continue;
        }
        amount = side_of(answers, balance, ZD_SIDE_CREDIT) == ZD_SIDE_DEBIT ? -amount : amount;
        fact->has_opening = fact->has_opening || opening;
        fact->has_closing = fact->has_closing || closing;
        *(opening ? &fact->opening : &fact->closing) = amount;
        fact->currency = currency;
    }
}

static int64_t sequence_of(zd_answers *answers, const xmlNode *statement)
{
    const char *text = zd_xml_text_at(answers, statement, "ElctrncSeqNb");
    text = text[0] != '\0' ? text : zd_xml_text_at(answers, statement, "LglSeqNb");
    int64_t hundredths = 0;
    bool exact = true;
    return zd_answer_decimal(&hundredths, &exact, zd_span_text(text)) && hundredths >= 0 ? hundredths / 100 : -1;
}

/* The sums that the bank itself states about its entries. */
static void check_summary(zd_answers *answers, const xmlNode *statement, size_t index)
{
    static const struct {
        const char *sum, *count;
        zd_bank_side side;
    } parts[] = {{"TxsSummry/TtlCdtNtries/Sum", "TxsSummry/TtlCdtNtries/NbOfNtries", ZD_SIDE_CREDIT},
                 {"TxsSummry/TtlDbtNtries/Sum", "TxsSummry/TtlDbtNtries/NbOfNtries", ZD_SIDE_DEBIT}};
    for (size_t p = 0; p < ZD_COUNT(parts); p++) {
        int64_t sum = 0;
        int64_t count = 0;
        for (size_t i = index + 1; i < answers->count; i++) {
            const zd_bank_fact *fact = &answers->facts[i];
            bool counted = fact->kind == ZD_BANK_BOOKING && fact->side == parts[p].side && fact->amount < INT64_MAX / 4 - sum;
            sum += counted ? fact->amount : 0;
            count += counted ? 1 : 0;
        }
        int64_t said = 0;
        bool exact = true;
        const char *text = zd_xml_text_at(answers, statement, parts[p].sum);
        if (zd_answer_decimal(&said, &exact, zd_span_text(text)) && said != sum) {
            zd_answer_odd(answers, "summary-sum", answers->facts[index].line, "%s is %lld, the entries give %lld", parts[p].sum, (long long)said, (long long)sum);
        }
        text = zd_xml_text_at(answers, statement, parts[p].count);
        if (zd_answer_decimal(&said, &exact, zd_span_text(text)) && said / 100 != count) {
            zd_answer_odd(answers, "summary-count", answers->facts[index].line, "%s is %lld, there are %lld", parts[p].count, (long long)(said / 100), (long long)count);
        }
    }
}

static zd_status read_statement(zd_answers *answers, const xmlNode *statement, zd_error *err)
{
    zd_bank_fact *fact = zd_answer_add(answers, ZD_BANK_STATEMENT, zd_xml_line(statement), ZD_ANSWER_NONE, err);
    if (fact == NULL) {
        return ZD_MALFORMED;
    }
    size_t index = answers->count - 1;
    fact->statement_id = zd_xml_id_at(answers, statement, "Id");
    fact->account = account_at(answers, zd_xml_child(statement, "Acct"));
    fact->number = sequence_of(answers, statement);
    read_balances(answers, fact, statement);
    const char *until = zd_xml_text_at(answers, statement, "FrToDt/ToDtTm");
    until = until[0] != '\0' ? until : zd_xml_text_at(answers, statement, "CreDtTm");
    if (!zd_answer_day(&fact->day, zd_span_text(until))) {
        zd_answer_odd(answers, "statement-without-day", fact->line, "neither FrToDt nor CreDtTm");
    }
    if (fact->account[0] == '\0') {
        zd_answer_odd(answers, "statement-without-account", fact->line, "Acct/Id");
    }
    if (answers->form == ZD_FORM_STATEMENT && (!fact->has_opening || !fact->has_closing)) {
        zd_answer_odd(answers, "statement-without-balance", fact->line, "OPBD or PRCD, and CLBD");
    }
    const char *last = zd_xml_text_at(answers, statement, "StmtPgntn/LastPgInd");
    if (strcmp(last, "false") == 0 || strcmp(last, "0") == 0) {
        zd_answer_odd(answers, "more-pages", fact->line, "StmtPgntn/LastPgInd");
    }
    zd_status status = ZD_OK;
    for (const xmlNode *entry = zd_xml_child(statement, "Ntry"); entry != NULL && status == ZD_OK; entry = zd_xml_next(entry)) {
        status = read_entry(answers, entry, index, err);
    }
    if (status == ZD_OK) {
        check_summary(answers, statement, index);
    }
    return status;
}

zd_status zd_answer_read_camt(zd_answers *answers, const xmlNode *message, const char *container, zd_error *err)
{
    zd_status status = ZD_OK;
    for (const xmlNode *statement = zd_xml_child(message, container); statement != NULL && status == ZD_OK; statement = zd_xml_next(statement)) {
        status = read_statement(answers, statement, err);
    }
    if (status == ZD_OK && answers->count == 0) {
        zd_answer_odd(answers, "no-statement", zd_xml_line(message), "%s", container);
    }
    return status;
}
