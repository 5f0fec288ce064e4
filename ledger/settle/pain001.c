/*
 * The customer credit transfer initiation of ISO 20022, pain.001.001.09 or (for banks that have not moved on) .03, for one batch in CNY: one group, one payment information
 * block (one debit account, one execution date), one transaction a line. The order of elements is the schema's. Banks of
 * the mainland are named by their CNAPS code. CreDtTm is the time of the seal, so that every export gives the same bytes.
 * Sums and counts stand at both levels: a bank checks only what is there.
 */
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/settle/settle_int.h"

#include <stdlib.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#define PAIN_NAMESPACE "urn:iso:std:iso:20022:tech:xsd:pain.001.001."

static const xmlChar *xml(const char *text)
{
    return (const xmlChar *)text;
}

/* The writer writes to memory, so its only failure is memory, which aborts here as everywhere. */
static void open_element(xmlTextWriter *writer, const char *name)
{
    ZD_ASSERT(xmlTextWriterStartElement(writer, xml(name)) >= 0);
}

static void close_element(xmlTextWriter *writer)
{
    ZD_ASSERT(xmlTextWriterEndElement(writer) >= 0);
}

static void text_element(xmlTextWriter *writer, const char *name, const char *text)
{
    ZD_ASSERT(xmlTextWriterWriteElement(writer, xml(name), xml(text)) >= 0);
}

/* outer/inner with one text, as the schema's many one-element wrappers. */
static void wrapped_element(xmlTextWriter *writer, const char *outer, const char *inner, const char *text)
{
    open_element(writer, outer);
    text_element(writer, inner, text);
    close_element(writer);
}

static void write_sums(xmlTextWriter *writer, const zd_settlement *settlement)
{
    char count[24];
    char sum[ZD_FEN_TEXT];
    zd_format(count, sizeof count, "%zu", settlement->line_count);
    zd_fen_yuan(sum, settlement->total_fen);
    text_element(writer, "NbOfTxs", count);
    text_element(writer, "CtrlSum", sum);
}

static void write_account(xmlTextWriter *writer, const char *name, const char *account)
{
    open_element(writer, name);
    open_element(writer, "Id");
    open_element(writer, "Othr");
    text_element(writer, "Id", account);
    wrapped_element(writer, "SchmeNm", "Cd", "BBAN");
    close_element(writer);
    close_element(writer);
    text_element(writer, "Ccy", "CNY");
    close_element(writer);
}

static void write_bank(xmlTextWriter *writer, const char *name, const char *code, const char *bank_name)
{
    open_element(writer, name);
    open_element(writer, "FinInstnId");
    open_element(writer, "ClrSysMmbId");
    wrapped_element(writer, "ClrSysId", "Cd", "CNAPS");
    text_element(writer, "MmbId", code);
    close_element(writer);
    text_element(writer, "Nm", bank_name);
    close_element(writer);
    close_element(writer);
}

/* A party by its name and unified social credit code (registered by the state: COID). */
static void write_party(xmlTextWriter *writer, const char *name, const char *party_name, const char *code)
{
    open_element(writer, name);
    text_element(writer, "Nm", party_name);
    open_element(writer, "Id");
    open_element(writer, "OrgId");
    open_element(writer, "Othr");
    text_element(writer, "Id", code);
    wrapped_element(writer, "SchmeNm", "Cd", "COID");
    close_element(writer);
    close_element(writer);
    close_element(writer);
    close_element(writer);
}

/* The seal's second in the zone of the programme: 2026-03-05T10:11:12+08:00. */
static void sealed_text(char out[32], int64_t sealed_unix_ms)
{
    char utc[ZD_TIME_TEXT];
    zd_time_text(utc, sealed_unix_ms + ZD_ZONE_SHANGHAI_MS);
    zd_format(out, 32, "%.19s+08:00", utc);
}

static void write_group(xmlTextWriter *writer, const zd_settlement *settlement)
{
    char sealed[32];
    sealed_text(sealed, settlement->sealed_unix_ms);
    open_element(writer, "GrpHdr");
    text_element(writer, "MsgId", settlement->batch);
    text_element(writer, "CreDtTm", sealed);
    write_sums(writer, settlement);
    write_party(writer, "InitgPty", settlement->payer_name, settlement->payer_code);
    close_element(writer);
}

static void write_line(xmlTextWriter *writer, const zd_settlement *settlement, const zd_pay_line *line)
{
    char amount[ZD_FEN_TEXT];
    zd_fen_yuan(amount, line->net_fen);
    open_element(writer, "CdtTrfTxInf");
    open_element(writer, "PmtId");
    /* Some banks return one of the two ids, some the other: they are the same. */
    text_element(writer, "InstrId", line->end_to_end);
    text_element(writer, "EndToEndId", line->end_to_end);
    close_element(writer);
    open_element(writer, "Amt");
    open_element(writer, "InstdAmt");
    ZD_ASSERT(xmlTextWriterWriteAttribute(writer, xml("Ccy"), xml("CNY")) >= 0);
    ZD_ASSERT(xmlTextWriterWriteString(writer, xml(amount)) >= 0);
    close_element(writer);
    close_element(writer);
    write_bank(writer, "CdtrAgt", line->bank_code, line->bank_name);
    write_party(writer, "Cdtr", line->account_name, line->provider);
    write_account(writer, "CdtrAcct", line->account);
    wrapped_element(writer, "Purp", "Cd", "SCVE");
    wrapped_element(writer, "RmtInf", "Ustrd", settlement->purpose);
    close_element(writer);
}

/* The one element whose form differs: version 09 knows a date or a time, version 03 a bare date. */
static void write_execution(xmlTextWriter *writer, const zd_settlement *settlement, zd_pain_version version)
{
    if (version == ZD_PAIN_03) {
        text_element(writer, "ReqdExctnDt", settlement->execution_date);
    } else {
        wrapped_element(writer, "ReqdExctnDt", "Dt", settlement->execution_date);
    }
}

static void write_payment(xmlTextWriter *writer, const zd_settlement *settlement, zd_pain_version version)
{
    char payment_id[40];
    zd_format(payment_id, sizeof payment_id, "%s-1", settlement->batch);
    open_element(writer, "PmtInf");
    text_element(writer, "PmtInfId", payment_id);
    text_element(writer, "PmtMtd", "TRF");
    /* Single debits: each line can then be matched on the statement. */
    text_element(writer, "BtchBookg", "false");
    write_sums(writer, settlement);
    open_element(writer, "PmtTpInf");
    wrapped_element(writer, "SvcLvl", "Cd", "NURG");
    wrapped_element(writer, "CtgyPurp", "Cd", "GOVT");
    close_element(writer);
    write_execution(writer, settlement, version);
    write_party(writer, "Dbtr", settlement->payer_name, settlement->payer_code);
    write_account(writer, "DbtrAcct", settlement->payer_account);
    write_bank(writer, "DbtrAgt", settlement->payer_bank_code, settlement->payer_bank_name);
    if (strcmp(settlement->budget_unit, settlement->payer_name) != 0) {
        /* A zero-balance account of the treasury is debited for the budget unit. */
        wrapped_element(writer, "UltmtDbtr", "Nm", settlement->budget_unit);
    }
    /* The subsidy arrives whole: charges are the payer's. */
    text_element(writer, "ChrgBr", "DEBT");
    for (size_t i = 0; i < settlement->line_count; i++) {
        write_line(writer, settlement, &settlement->lines[i]);
    }
    close_element(writer);
}

/* A document of 100,000 lines has 135 MB: it grows in one place only. */
static int take_piece(void *context, const char *bytes, int size)
{
    zd_buf_add(context, bytes, (size_t)size);
    return size;
}

zd_status zd_settle_pain001(zd_buf *out, const zd_settlement *settlement, zd_pain_version version, zd_error *err)
{
    zd_status status = zd_settle_require(settlement, ZD_PART_BATCH | ZD_PART_POOL | ZD_PART_PAYER | ZD_PART_LINES | ZD_PART_DATE, err);
    if (status != ZD_OK) {
        return status;
    }
    xmlOutputBuffer *pieces = xmlOutputBufferCreateIO(take_piece, NULL, out, NULL);
    ZD_ASSERT(pieces != NULL);
    xmlTextWriter *writer = xmlNewTextWriter(pieces);
    ZD_ASSERT(writer != NULL);
    ZD_ASSERT(xmlTextWriterSetIndent(writer, 1) >= 0 && xmlTextWriterSetIndentString(writer, xml("  ")) >= 0);
    ZD_ASSERT(xmlTextWriterStartDocument(writer, "1.0", "UTF-8", NULL) >= 0);
    open_element(writer, "Document");
    ZD_ASSERT(xmlTextWriterWriteAttribute(writer, xml("xmlns"), xml(version == ZD_PAIN_03 ? PAIN_NAMESPACE "03" : PAIN_NAMESPACE "09")) >= 0);
    open_element(writer, "CstmrCdtTrfInitn");
    write_group(writer, settlement);
    write_payment(writer, settlement, version);
    ZD_ASSERT(xmlTextWriterEndDocument(writer) >= 0);
    xmlFreeTextWriter(writer); /* flushes, and closes the buffer */
    return ZD_OK;
}
