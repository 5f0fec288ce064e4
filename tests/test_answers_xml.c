/* The readers of pain.002 and camt: what becomes which fact, what is odd, and what is refused before a tree is built. */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "tests/support/answer_files.h"

static zd_answers *read_text(const char *text)
{
    zd_answers *answers = NULL;
    assert_ok(zd_answers_read(&answers, zd_span_text(text), NULL, NULL, err));
    return answers;
}

static zd_answers *read_message(const char *message, const char *body)
{
    zd_buf text = {0};
    zd_answer_message(&text, message, body);
    zd_answers *answers = read_text(zd_buf_text(&text));
    zd_buf_free(&text);
    return answers;
}

static void refused(const char *text, zd_code code)
{
    zd_answers *answers = NULL;
    assert_code(zd_answers_read(&answers, zd_span_text(text), NULL, NULL, err), code);
    assert_null(answers);
}

static bool is_odd(const zd_answers *answers, const char *word)
{
    for (size_t i = 0; i < zd_answers_oddities(answers); i++) {
        if (strcmp(zd_answers_oddity(answers, i)->word, word) == 0) {
            return true;
        }
    }
    return false;
}

static void pain002__three_levels_become_three_kinds_of_fact(void **state)
{
    (void)state;
    static const char *const versions[] = {"pain.002.001.03", "pain.002.001.10", "pain.002.001.14"};
    for (size_t v = 0; v < ZD_COUNT(versions); v++) {
        zd_answers *a = read_message(versions[v],
            "<OrgnlGrpInfAndSts><OrgnlMsgId>SB-1</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId><OrgnlCtrlSum>300.10</OrgnlCtrlSum><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>"
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>SB-1-1</OrgnlPmtInfId><PmtInfSts>ACSP</PmtInfSts>"
            "<TxInfAndSts><OrgnlInstrId>I-1</OrgnlInstrId><OrgnlEndToEndId>SB-1-P0001</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
            "<StsRsnInf><Rsn><Cd>AC01</Cd></Rsn></StsRsnInf><OrgnlTxRef><Amt><InstdAmt Ccy=\"CNY\">100.05</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>"
            "<TxInfAndSts><OrgnlEndToEndId>NOTPROVIDED</OrgnlEndToEndId><TxSts>XXXX</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>");
        assert_int_equal(zd_answers_form(a), ZD_FORM_STATUS);
        assert_string_equal(zd_answers_id(a), "BANK-1");
        assert_int_equal(zd_answers_count(a), 4);
        const zd_bank_fact *group = zd_answers_at(a, 0);
        assert_int_equal(group->level, ZD_LEVEL_GROUP);
        assert_int_equal(group->word, ZD_STS_PARTIAL);
        assert_int_equal(group->amount, 30010);
        assert_int_equal(zd_answers_at(a, 1)->level, ZD_LEVEL_PAYMENT);
        assert_int_equal(zd_answers_at(a, 1)->parent, 0);
        const zd_bank_fact *tx = zd_answers_at(a, 2);
        assert_int_equal(tx->parent, 1);
        assert_int_equal(tx->word, ZD_STS_REJECTED);
        assert_string_equal(tx->message, "SB-1");
        assert_string_equal(tx->payment, "SB-1-1");
        assert_string_equal(tx->end_to_end, "SB-1-P0001");
        assert_string_equal(tx->reason, "AC01");
        assert_int_equal(tx->amount, 10005);
        /* An unknown code is kept and never believed; an id that says nothing is no id. */
        assert_int_equal(zd_answers_at(a, 3)->word, ZD_STS_UNKNOWN);
        assert_string_equal(zd_answers_at(a, 3)->end_to_end, "");
        assert_true(is_odd(a, "status-unknown") && is_odd(a, "transaction-without-id"));
        zd_answers_free(a);
    }
}

#define ENTRY(amount, side, status, rest) "<Ntry><Amt Ccy=\"CNY\">" amount "</Amt><CdtDbtInd>" side "</CdtDbtInd><Sts>" status "</Sts>" \
    "<BookgDt><Dt>2026-03-31</Dt></BookgDt><AcctSvcrRef>R-1</AcctSvcrRef>" rest "</Ntry>"
#define STATEMENT(rest) "<Stmt><Id>S-9</Id><ElctrncSeqNb>17</ElctrncSeqNb><CreDtTm>2026-04-01T00:00:00</CreDtTm><Acct><Id><Othr><Id>7100000000000000019</Id></Othr></Id></Acct>" rest "</Stmt>"
#define BALANCES "<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">500.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>" \
    "<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">400.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal>"

static void camt__a_statement_holds_bookings_and_their_details(void **state)
{
    (void)state;
    zd_answers *a = read_message("camt.053.001.08", STATEMENT(BALANCES
        ENTRY("900.00", "CRDT", "<Cd>BOOK</Cd>", "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>"
              "<MsgId>SB-1</MsgId><PmtInfId>SB-1-1</PmtInfId><InstrId>I</InstrId><EndToEndId>SB-1-P0002</EndToEndId></Refs>"
              "<RltdPties><Cdtr><Pty><Nm>样例大学</Nm></Pty></Cdtr><CdtrAcct><Id><Othr><Id>6200000000000000012</Id></Othr></Id></CdtrAcct>"
              "<DbtrAcct><Id><Othr><Id>7100000000000000019</Id></Othr></Id></DbtrAcct></RltdPties><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>")));
    assert_int_equal(zd_answers_form(a), ZD_FORM_STATEMENT);
    assert_int_equal(zd_answers_count(a), 3);
    const zd_bank_fact *whole = zd_answers_at(a, 0);
    assert_int_equal(whole->number, 17);
    assert_int_equal(whole->opening, -50000);
    assert_int_equal(whole->closing, 40000);
    assert_true(whole->has_opening && whole->has_closing);
    const zd_bank_fact *entry = zd_answers_at(a, 1);
    assert_int_equal(entry->side, ZD_SIDE_CREDIT);
    assert_int_equal(entry->booked, ZD_BOOKED);
    assert_true(entry->is_return);
    assert_int_equal(entry->day, zd_day_from(2026, 3, 31));
    assert_string_equal(entry->bank_ref, "R-1");
    assert_string_equal(entry->account, "7100000000000000019");
    const zd_bank_fact *detail = zd_answers_at(a, 2);
    assert_int_equal(detail->amount, 90000); /* the only detail has the entry's amount */
    assert_string_equal(detail->end_to_end, "SB-1-P0002");
    assert_string_equal(detail->reason, "AC04");
    /* A return may name the parties of the original payment: the counterparty is never ourselves. */
    assert_string_equal(detail->other_account, "6200000000000000012");
    assert_int_equal(zd_answers_oddities(a), 0);
    zd_answers_free(a);
}

static void camt__a_batch_booking_keeps_its_count_and_ids(void **state)
{
    (void)state;
    zd_answers *a = read_message("camt.054.001.02", "<Ntfctn><Id>N</Id><CreDtTm>2026-04-01T00:00:00</CreDtTm><Acct><Id><IBAN>X1</IBAN></Id></Acct>"
        ENTRY("300.00", "DBIT", "PDNG", "<NtryDtls><Btch><MsgId>SB-1</MsgId><PmtInfId>SB-1-1</PmtInfId><NbOfTxs>3</NbOfTxs></Btch></NtryDtls>") "</Ntfctn>");
    const zd_bank_fact *entry = zd_answers_at(a, 1);
    assert_int_equal(entry->batch_count, 3);
    assert_string_equal(entry->payment, "SB-1-1");
    assert_int_equal(entry->booked, ZD_BOOKED_PENDING);
    assert_int_equal(entry->details, 0);
    zd_answers_free(a);
}

static void camt__what_banks_get_wrong_is_recorded_and_costs_no_entry(void **state)
{
    (void)state;
    zd_answers *a = read_message("camt.053.001.04", STATEMENT("stray"
        "<Ntry><Amt Ccy=\"CNY\">1.234</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><NtryDtls><Btch><NbOfTxs>5</NbOfTxs></Btch>"
        "<TxDtls><Refs><EndToEndId>0123456789012345678901234567890123456</EndToEndId><UETR>no</UETR></Refs><Amt Ccy=\"CNY\">1.00</Amt></TxDtls>"
        "<TxDtls><Amt Ccy=\"CNY\">2.00</Amt></TxDtls></NtryDtls></Ntry>"));
    static const char *const words[] = {"stray-text", "amount-decimals", "entry-without-reference", "entry-without-day", "detail-sum", "detail-count", "id-too-long",
                                        "uetr-malformed", "statement-without-balance"};
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (!is_odd(a, words[i])) {
            fail_msg("%s was not noted", words[i]);
        }
    }
    assert_int_equal(zd_answers_count(a), 4);
    assert_int_equal(zd_answers_at(a, 1)->amount, 123);
    zd_answers_free(a);
}

static void xml__prefixes_and_national_namespaces_are_read(void **state)
{
    (void)state;
    zd_answers *a = read_text("<p:Document xmlns:p=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.12\"><p:BkToCstmrStmt><p:GrpHdr><p:MsgId>M</p:MsgId><p:CreDtTm>2026-01-01T00:00:00</p:CreDtTm>"
                              "</p:GrpHdr><p:Stmt><p:Id>S</p:Id></p:Stmt></p:BkToCstmrStmt></p:Document>");
    assert_string_equal(zd_answers_message(a), "camt.053.001.12");
    assert_int_equal(zd_answers_count(a), 1);
    zd_answers_free(a);
    a = read_text("<Document xmlns=\"http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd\"><CstmrPmtStsRpt/></Document>");
    assert_true(is_odd(a, "national-namespace"));
    zd_answers_free(a);
}

static void xml__a_chinese_banks_encoding_is_read(void **state)
{
    (void)state;
    zd_answers *a = read_text("<?xml version=\"1.0\" encoding=\"GB18030\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn><GrpHdr/><Ntfctn><Id>N</Id>"
                              ENTRY("1.00", "DBIT", "BOOK", "<NtryDtls><TxDtls><RltdPties><Cdtr><Pty><Nm>\xd1\xf9\xc0\xfd</Nm></Pty></Cdtr></RltdPties></TxDtls></NtryDtls>")
                              "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>");
    assert_string_equal(zd_answers_at(a, 2)->other_name, "样例");
    zd_answers_free(a);
    /* What is not of the declared encoding is no text at all. */
    refused("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>\xd1\xf9</BkToCstmrDbtCdtNtfctn></Document>",
            ZD_E_ANSWER_XML);
}

static void xml__what_is_no_answer_is_refused(void **state)
{
    (void)state;
    refused("", ZD_E_ANSWER_KIND);
    refused("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn/></Document>", ZD_E_ANSWER_KIND);
    refused("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.01\"><BkToCstmrStmt/></Document>", ZD_E_ANSWER_KIND);
    refused("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08.evil\"><BkToCstmrStmt/></Document>", ZD_E_ANSWER_KIND);
    refused("<Document xmlns=\"http://elsewhere.example/camt.053.001.08\"><BkToCstmrStmt/></Document>", ZD_E_ANSWER_KIND);
    refused("<Document><BkToCstmrStmt/></Document>", ZD_E_ANSWER_KIND);
    /* Elements of a foreign namespace are not the message's. */
    refused("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt xmlns=\"urn:x\"/></Document>", ZD_E_ANSWER_KIND);
    refused("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>", ZD_E_ANSWER_XML);
    refused("<Document", ZD_E_ANSWER_XML);
}

static void xml__a_doctype_is_refused_whatever_it_holds(void **state)
{
    (void)state;
    refused("<!DOCTYPE Document><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt/></Document>", ZD_E_ANSWER_DOCTYPE);
    refused("<!DOCTYPE d [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;\">]>"
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>&c;</BkToCstmrStmt></Document>", ZD_E_ANSWER_DOCTYPE);
    refused("<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><Document/>", ZD_E_ANSWER_DOCTYPE);
    refused("<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Document>&x;</Document>", ZD_E_ANSWER_DOCTYPE);
}

static void xml__too_deep_and_too_large_are_refused(void **state)
{
    (void)state;
    zd_buf text = {0};
    for (size_t i = 0; i < 200; i++) {
        zd_buf_add_text(&text, "<a>");
    }
    refused(zd_buf_text(&text), ZD_E_ANSWER_DEPTH);
    zd_buf_free(&text);
    uint8_t *large = zd_alloc_zero(1, ZD_ANSWER_FILE_MAX + 1);
    zd_answers *answers = NULL;
    assert_code(zd_answers_read(&answers, zd_span_of(large, ZD_ANSWER_FILE_MAX + 1), NULL, NULL, err), ZD_E_FILE_TOO_LARGE);
    free(large);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pain002__three_levels_become_three_kinds_of_fact),
        cmocka_unit_test(camt__a_statement_holds_bookings_and_their_details),
        cmocka_unit_test(camt__a_batch_booking_keeps_its_count_and_ids),
        cmocka_unit_test(camt__what_banks_get_wrong_is_recorded_and_costs_no_entry),
        cmocka_unit_test(xml__prefixes_and_national_namespaces_are_read),
        cmocka_unit_test(xml__a_chinese_banks_encoding_is_read),
        cmocka_unit_test(xml__what_is_no_answer_is_refused),
        cmocka_unit_test(xml__a_doctype_is_refused_whatever_it_holds),
        cmocka_unit_test(xml__too_deep_and_too_large_are_refused),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
