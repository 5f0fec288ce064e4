/* Which fact is about which line: the order of matching, batch bookings, suggestions, and status levels weighed against each other, case by case from the header of match.h. */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/settle/answers/match/match.h"
#include "tests/support/answer_files.h"

#define A1 "6200000000000000012"
#define DAY "<BookgDt><Dt>2026-03-31</Dt></BookgDt>"
#define REFS(text) "<NtryDtls><TxDtls><Refs>" text "</Refs></TxDtls></NtryDtls>"
#define DEBIT(amount, rest) "<Ntry><Amt Ccy=\"CNY\">" amount "</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>" DAY "<AcctSvcrRef>R</AcctSvcrRef>" rest "</Ntry>"
#define CREDIT(amount, rest) "<Ntry><Amt Ccy=\"CNY\">" amount "</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>" DAY "<AcctSvcrRef>R</AcctSvcrRef>" rest "</Ntry>"

static zd_answers *answers;
static zd_match match;
static zd_expect lines[3];
static bool twins; /* the third line is as large as the first, to the same account */

static void run(const char *message, const char *body)
{
    zd_buf text = {0};
    int64_t day = zd_day_from(2026, 3, 30);
    lines[0] = (zd_expect){.batch = "SB-1", .provider = "P-A", .end_to_end = "SB-1-P0001", .account = A1, .name = "样例大学", .net_fen = 10000, .execution_day = day};
    lines[1] = (zd_expect){.batch = "SB-1", .provider = "P-B", .end_to_end = "SB-1-P0002", .account = "", .name = "样例研究院", .net_fen = 20000, .execution_day = day};
    lines[2] = (zd_expect){.batch = "SB-2", .provider = "P-A", .end_to_end = "SB-2-P0001", .account = A1, .name = "样例大学", .net_fen = 40000, .execution_day = day};
    lines[2].net_fen = twins ? lines[0].net_fen : lines[2].net_fen;
    zd_answer_message(&text, message, body);
    zd_match_free(&match);
    zd_answers_free(answers);
    answers = NULL;
    assert_ok(zd_answers_read(&answers, zd_buf_span(&text), NULL, NULL, err));
    zd_match_run(&match, answers, lines, 3);
    zd_buf_free(&text);
}

static void booked(const char *entries)
{
    zd_buf body = {0};
    zd_buf_add_text(&body, "<Ntfctn><Id>N</Id><CreDtTm>2026-04-01T00:00:00</CreDtTm>");
    zd_buf_add_text(&body, entries);
    zd_buf_add_text(&body, "</Ntfctn>");
    run("camt.054.001.08", zd_buf_text(&body));
    zd_buf_free(&body);
}

static void claim(size_t index, size_t line, zd_how how, int64_t amount)
{
    assert_true(index < match.claim_count);
    assert_int_equal(match.claims[index].line, line);
    assert_int_equal(match.claims[index].how, how);
    assert_int_equal(match.claims[index].amount, amount);
}

static void bookings__the_end_to_end_id_decides_whatever_the_amount(void **state)
{
    (void)state;
    booked(DEBIT("100.00", REFS("<EndToEndId>SB-1-P0001</EndToEndId>")) DEBIT("399.99", REFS("<EndToEndId>SB-2-P0001</EndToEndId>")));
    claim(0, 0, ZD_BY_END_TO_END, 10000);
    claim(1, 2, ZD_BY_END_TO_END, 39999);
    /* A foreign EndToEndId is an answer: the InstrId is not asked any more. */
    booked(DEBIT("100.00", REFS("<InstrId>SB-1-P0001</InstrId><EndToEndId>OTHER</EndToEndId>")));
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 10000);
    booked(DEBIT("100.00", REFS("<InstrId>SB-1-P0001</InstrId><EndToEndId>NOTPROVIDED</EndToEndId>")));
    claim(0, 0, ZD_BY_INSTRUCTION, 10000);
}

static void bookings__another_account_is_noted_and_a_missing_one_is_not(void **state)
{
    (void)state;
#define TO(id, account) "<NtryDtls><TxDtls><Refs><EndToEndId>" id "</EndToEndId></Refs><RltdPties><CdtrAcct><Id><Othr><Id>" account "</Id></Othr></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls>"
    booked(DEBIT("100.00", TO("SB-1-P0001", "6200000000000000099")) DEBIT("200.00", TO("SB-1-P0002", "6200000000000000099")) DEBIT("400.00", TO("SB-2-P0001", "6200 0000-0000 0000 012")));
    assert_true(match.claims[0].other_account);
    assert_false(match.claims[1].other_account); /* erased: the id alone decides */
    assert_false(match.claims[2].other_account); /* blanks and dashes are how it is printed */
}

static void bookings__a_batch_total_claims_every_line_of_the_batch(void **state)
{
    (void)state;
#define BATCH(count) "<NtryDtls><Btch><PmtInfId>SB-1-1</PmtInfId><NbOfTxs>" count "</NbOfTxs></Btch></NtryDtls>"
    booked(DEBIT("300.00", BATCH("2")));
    assert_int_equal(match.claim_count, 2);
    claim(0, 0, ZD_BY_BATCH, 10000);
    claim(1, 1, ZD_BY_BATCH, 20000);
    booked(DEBIT("300.00", BATCH("3")));
    assert_int_equal(match.claim_count, 1);
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 30000);
    booked(DEBIT("300.01", BATCH("2")));
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 30001);
    booked(CREDIT("300.00", BATCH("2"))); /* money that came in is no payment of a batch */
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 30000);
    /* "SB-10-1" is not a payment block of SB-1. */
    booked(DEBIT("300.00", "<NtryDtls><Btch><PmtInfId>SB-10-1</PmtInfId></Btch></NtryDtls>"));
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 30000);
}

static void bookings__details_are_parts_only_when_they_add_up(void **state)
{
    (void)state;
#define PART(id, amount) "<TxDtls><Refs><EndToEndId>" id "</EndToEndId></Refs><Amt Ccy=\"CNY\">" amount "</Amt></TxDtls>"
    booked(DEBIT("500.00", "<NtryDtls>" PART("SB-1-P0001", "100.00") PART("SB-2-P0001", "400.00") "</NtryDtls>"));
    claim(0, 0, ZD_BY_END_TO_END, 10000);
    claim(1, 2, ZD_BY_END_TO_END, 40000);
    /* Without amounts of their own the lines' amounts must give the booking. */
    booked(DEBIT("500.00", "<NtryDtls><TxDtls><Refs><EndToEndId>SB-1-P0001</EndToEndId></Refs></TxDtls><TxDtls><Refs><EndToEndId>SB-2-P0001</EndToEndId></Refs></TxDtls></NtryDtls>"));
    assert_int_equal(match.claim_count, 2);
    claim(1, 2, ZD_BY_END_TO_END, 40000);
    booked(DEBIT("500.01", "<NtryDtls>" PART("SB-1-P0001", "100.00") PART("SB-2-P0001", "400.00") "</NtryDtls>"));
    assert_int_equal(match.claim_count, 1); /* right ids, but money that is another sum: one event, and nobody's */
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 50001);
}

static void bookings__looks_alone_only_suggest_and_only_when_one_line_fits(void **state)
{
    (void)state;
#define NAMED(name) "<NtryDtls><TxDtls><RltdPties><Cdtr><Pty><Nm>" name "</Nm></Pty></Cdtr></RltdPties></TxDtls></NtryDtls>"
    booked(DEBIT("200.00", NAMED("样例研究院")));
    claim(0, 1, ZD_BY_LOOKS, 20000);
    booked(DEBIT("200.00", NAMED("样例研究所")));
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 20000);
    booked(DEBIT("200.01", NAMED("样例研究院")));
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 20001);
#define TO_A1 "<NtryDtls><TxDtls><RltdPties><CdtrAcct><Id><Othr><Id>" A1 "</Id></Othr></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls>"
    booked(DEBIT("100.00", TO_A1));
    claim(0, 0, ZD_BY_LOOKS, 10000);
    twins = true; /* two lines look like it: a choice would be a guess */
    booked(DEBIT("100.00", TO_A1));
    twins = false;
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 10000);
    booked(CREDIT("200.00", "")); /* interest is nobody's return */
    claim(0, ZD_ANSWER_NONE, ZD_BY_NOTHING, 20000);
}

/* --- status words --- */

static void said(const char *group, const char *payment, const char *tx)
{
    zd_buf body = {0};
    zd_buf_add_text(&body, "<OrgnlGrpInfAndSts><OrgnlMsgId>SB-1</OrgnlMsgId>");
    zd_buf_addf(&body, group[0] != '\0' ? "<GrpSts>%s</GrpSts>" : "%s", group);
    zd_buf_add_text(&body, "</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>SB-1-1</OrgnlPmtInfId>");
    zd_buf_addf(&body, payment[0] != '\0' ? "<PmtInfSts>%s</PmtInfSts>" : "%s", payment);
    if (tx[0] != '\0') {
        zd_buf_addf(&body, "<TxInfAndSts><OrgnlEndToEndId>SB-1-P0001</OrgnlEndToEndId><TxSts>%s</TxSts></TxInfAndSts>", tx);
    }
    zd_buf_add_text(&body, "</OrgnlPmtInfAndSts>");
    run("pain.002.001.10", zd_buf_text(&body));
    zd_buf_free(&body);
}

/* What the first and the second line of the batch come to. */
static void verdicts(zd_word_verdict first, zd_word_verdict second)
{
    zd_word_verdict found[3] = {ZD_SAYS_NOTHING, ZD_SAYS_NOTHING, ZD_SAYS_NOTHING};
    for (size_t i = 0; i < match.say_count; i++) {
        assert_true(match.says[i].line < 3);
        found[match.says[i].line] = match.says[i].verdict;
    }
    assert_int_equal(found[0], first);
    assert_int_equal(found[1], second);
    assert_int_equal(found[2], ZD_SAYS_NOTHING); /* another batch */
}

static void statuses__levels_are_weighed(void **state)
{
    (void)state;
    static const struct {
        const char *group, *payment, *tx;
        zd_word_verdict first, second;
    } cases[] = {
        {"ACSC", "", "", ZD_SAYS_NOTHING, ZD_SAYS_NOTHING},      /* a good group proves nothing */
        {"ACSC", "ACSC", "", ZD_SAYS_NOTHING, ZD_SAYS_NOTHING},
        {"", "", "ACSP", ZD_SAYS_ACCEPTED, ZD_SAYS_NOTHING},
        {"", "", "PDNG", ZD_SAYS_ACCEPTED, ZD_SAYS_NOTHING},
        {"", "", "RCVD", ZD_SAYS_NOTHING, ZD_SAYS_NOTHING},
        {"", "", "ACSC", ZD_SAYS_DEBITED, ZD_SAYS_NOTHING},
        {"", "", "ACCC", ZD_SAYS_DEBITED, ZD_SAYS_NOTHING},
        {"PART", "", "RJCT", ZD_SAYS_FAILED, ZD_SAYS_NOTHING},
        {"ACSP", "ACSP", "RJCT", ZD_SAYS_FAILED, ZD_SAYS_NOTHING},
        {"", "", "CANC", ZD_SAYS_FAILED, ZD_SAYS_NOTHING},
        {"RJCT", "", "", ZD_SAYS_FAILED, ZD_SAYS_FAILED},        /* a missing lower level inherits the bad one */
        {"", "RJCT", "", ZD_SAYS_FAILED, ZD_SAYS_FAILED},
        {"RJCT", "", "ACSP", ZD_SAYS_FAILED, ZD_SAYS_FAILED},    /* a bad one wins over acceptance */
        {"RJCT", "ACSP", "ACTC", ZD_SAYS_FAILED, ZD_SAYS_FAILED},
        {"RJCT", "", "ACSC", ZD_SAYS_CONFLICT, ZD_SAYS_FAILED},  /* but money that moved is not paid again */
        {"", "", "BLCK", ZD_SAYS_CONFLICT, ZD_SAYS_NOTHING},
        {"", "", "GOOD", ZD_SAYS_CONFLICT, ZD_SAYS_NOTHING},     /* a word that nobody knows */
    };
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        said(cases[i].group, cases[i].payment, cases[i].tx);
        verdicts(cases[i].first, cases[i].second);
    }
}

static void statuses__the_batch_is_refused_only_when_no_line_speaks_against_it(void **state)
{
    (void)state;
    said("RJCT", "", "");
    assert_int_equal(match.batch_count, 1);
    assert_true(match.batches[0].rejected);
    said("RJCT", "", "ACSC");
    assert_false(match.batches[0].rejected);
    said("ACTC", "", "");
    assert_true(match.batches[0].acknowledged && !match.batches[0].rejected);
}

static void statuses__two_words_about_one_line_must_agree(void **state)
{
    (void)state;
#define TX(status) "<TxInfAndSts><OrgnlEndToEndId>SB-1-P0001</OrgnlEndToEndId><TxSts>" status "</TxSts></TxInfAndSts>"
#define TWO(a, b) "<OrgnlGrpInfAndSts><OrgnlMsgId>SB-1</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>SB-1-1</OrgnlPmtInfId>" TX(a) TX(b) "</OrgnlPmtInfAndSts>"
    run("pain.002.001.10", TWO("RJCT", "ACSC"));
    verdicts(ZD_SAYS_CONFLICT, ZD_SAYS_NOTHING);
    run("pain.002.001.10", TWO("ACSC", "RJCT"));
    verdicts(ZD_SAYS_CONFLICT, ZD_SAYS_NOTHING);
    run("pain.002.001.10", TWO("ACTC", "ACSC"));
    verdicts(ZD_SAYS_DEBITED, ZD_SAYS_NOTHING);
    /* An id that was never sent concludes nothing about any line. */
    run("pain.002.001.10", "<OrgnlGrpInfAndSts><OrgnlMsgId>SB-1</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>SB-1-1</OrgnlPmtInfId>"
                           "<TxInfAndSts><OrgnlEndToEndId>SB-9-P0001</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>");
    assert_int_equal(match.say_count, 1);
    assert_int_equal(match.says[0].line, ZD_ANSWER_NONE);
    assert_int_equal(match.says[0].verdict, ZD_SAYS_CONFLICT);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bookings__the_end_to_end_id_decides_whatever_the_amount),
        cmocka_unit_test(bookings__another_account_is_noted_and_a_missing_one_is_not),
        cmocka_unit_test(bookings__a_batch_total_claims_every_line_of_the_batch),
        cmocka_unit_test(bookings__details_are_parts_only_when_they_add_up),
        cmocka_unit_test(bookings__looks_alone_only_suggest_and_only_when_one_line_fits),
        cmocka_unit_test(statuses__levels_are_weighed),
        cmocka_unit_test(statuses__the_batch_is_refused_only_when_no_line_speaks_against_it),
        cmocka_unit_test(statuses__two_words_about_one_line_must_agree),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    zd_match_free(&match);
    zd_answers_free(answers);
    return zd_test_run(failed);
}
