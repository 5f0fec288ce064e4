/*
 * A customer credit transfer initiation, read with a pull parser that never loads anything from elsewhere. The rules that the schema does not know are checked on the way;
 * see pack.h. What is not named here is let pass: schema validation is a command of VERIFY.txt.
 */
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlreader.h>

#include "audit/package/pack.h"
#include "ledger/base/money.h"

#define DEPTH_MAX 16
#define PATH_MAX_BYTES 512
#define ROOT "Document/CstmrCdtTrfInitn/"
#define BLOCK ROOT "PmtInf/"
#define TRANSACTION BLOCK "CdtTrfTxInf/"

typedef struct declared { /* what a level says of itself, and what was counted */
    char count_text[32], sum_text[32];
    uint64_t count;
    int64_t sum_fen;
} declared;

typedef struct pain {
    zd_pack_payments *out;
    zd_pack_payment *payment; /* the open one */
    char path[PATH_MAX_BYTES];
    size_t ends[DEPTH_MAX]; /* length of the path at each depth */
    size_t depth;
    zd_buf text;
    declared group, block;
    bool address, lines_only, town, country;
    bool bad;
} pain;

static bool at(const pain *p, const char *path)
{
    return strcmp(p->path, path) == 0;
}

static bool ends_with(const pain *p, const char *tail)
{
    size_t whole = strlen(p->path);
    size_t part = strlen(tail);
    return whole >= part && strcmp(p->path + whole - part, tail) == 0;
}

static void keep(pain *p, char *out, size_t size, const char *what)
{
    if (!zd_span_copy(out, size, zd_buf_span(&p->text))) {
        zd_pack_trouble(p->out, "%s is too long: %.40s", what, zd_buf_text(&p->text));
    }
}

static void keep_id(pain *p, char *out, size_t size, const char *what)
{
    keep(p, out, size, what);
    bool plain = p->text.size > 0 && p->text.size <= 35;
    for (size_t i = 0; i < p->text.size; i++) {
        uint8_t c = p->text.data[i];
        plain = plain && ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }
    if (!plain) {
        zd_pack_trouble(p->out, "%s '%.40s' is not 1 to 35 bytes of A-Z a-z 0-9 and hyphen", what, zd_buf_text(&p->text));
    }
}

static void take_amount(pain *p)
{
    char again[ZD_FEN_TEXT] = "";
    zd_error ignored = {0};
    int64_t amount_fen = 0;
    bool good = zd_fen_parse(&amount_fen, zd_buf_span(&p->text), &ignored) == ZD_OK && amount_fen > 0;
    if (good) {
        zd_fen_yuan(again, amount_fen);
    }
    if (!good || strcmp(again, zd_buf_text(&p->text)) != 0) {
        zd_pack_trouble(p->out, "transaction %zu: amount '%.40s' is not above zero with two decimals", p->out->count, zd_buf_text(&p->text));
    }
    p->payment->amount_fen = amount_fen;
    if (!zd_fen_add(&p->block.sum_fen, p->block.sum_fen, amount_fen) || !zd_fen_add(&p->group.sum_fen, p->group.sum_fen, amount_fen)) {
        zd_pack_trouble(p->out, "the sum leaves the range of money");
    }
}

/* The text of an element that ends, into its place. */
static void take_text(pain *p)
{
    zd_pack_payments *out = p->out;
    zd_pack_payment *pay = p->payment;
    if (at(p, ROOT "GrpHdr/MsgId")) {
        keep_id(p, out->batch, sizeof out->batch, "MsgId");
    } else if (at(p, ROOT "GrpHdr/NbOfTxs")) {
        keep(p, p->group.count_text, sizeof p->group.count_text, "NbOfTxs");
    } else if (at(p, ROOT "GrpHdr/CtrlSum")) {
        keep(p, p->group.sum_text, sizeof p->group.sum_text, "CtrlSum");
    } else if (at(p, BLOCK "NbOfTxs")) {
        keep(p, p->block.count_text, sizeof p->block.count_text, "NbOfTxs");
    } else if (at(p, BLOCK "CtrlSum")) {
        keep(p, p->block.sum_text, sizeof p->block.sum_text, "CtrlSum");
    } else if (at(p, BLOCK "ReqdExctnDt/Dt") || (at(p, BLOCK "ReqdExctnDt") && out->execution[0] == '\0')) {
        keep(p, out->execution, sizeof out->execution, "ReqdExctnDt");
    } else if (at(p, BLOCK "DbtrAcct/Id/Othr/Id")) {
        keep(p, out->payer_account, sizeof out->payer_account, "DbtrAcct");
    } else if (ends_with(p, "/PstlAdr/AdrLine")) {
        p->lines_only = true;
    } else if (ends_with(p, "/PstlAdr/TwnNm")) {
        p->town = true;
    } else if (ends_with(p, "/PstlAdr/Ctry")) {
        p->country = true;
    } else if (pay == NULL) {
        return;
    } else if (at(p, TRANSACTION "PmtId/EndToEndId")) {
        keep_id(p, pay->serial, sizeof pay->serial, "EndToEndId");
    } else if (at(p, TRANSACTION "Amt/InstdAmt")) {
        take_amount(p);
    } else if (at(p, TRANSACTION "CdtrAgt/FinInstnId/ClrSysMmbId/MmbId")) {
        keep(p, pay->bank_code, sizeof pay->bank_code, "MmbId");
    } else if (at(p, TRANSACTION "CdtrAgt/FinInstnId/Nm")) {
        keep(p, pay->bank_name, sizeof pay->bank_name, "CdtrAgt/Nm");
    } else if (at(p, TRANSACTION "Cdtr/Nm")) {
        keep(p, pay->name, sizeof pay->name, "Cdtr/Nm");
    } else if (at(p, TRANSACTION "CdtrAcct/Id/Othr/Id")) {
        keep(p, pay->account, sizeof pay->account, "CdtrAcct");
    }
}

/* Absent is weaker: a bank checks only what is there, so both must be there. */
static void compare_level(pain *p, const declared *level, const char *name)
{
    char count[32];
    char sum[ZD_FEN_TEXT];
    zd_format(count, sizeof count, "%llu", (unsigned long long)level->count);
    zd_fen_yuan(sum, level->sum_fen);
    if (strcmp(count, level->count_text) != 0) {
        zd_pack_trouble(p->out, "%s: NbOfTxs says '%s', there are %s", name, level->count_text, count);
    }
    if (strcmp(sum, level->sum_text) != 0) {
        zd_pack_trouble(p->out, "%s: CtrlSum says '%s', the transactions give %s", name, level->sum_text, sum);
    }
}

static void start_element(pain *p, xmlTextReader *reader)
{
    if (at(p, BLOCK "CdtTrfTxInf")) {
        p->payment = zd_pack_payments_add(p->out);
        p->group.count++;
        p->block.count++;
    } else if (at(p, ROOT "PmtInf")) {
        p->block = (declared){.count = 0};
    } else if (ends_with(p, "/PstlAdr")) {
        p->lines_only = p->town = p->country = false;
    } else if (ends_with(p, "/Ccy") || ends_with(p, "Amt/InstdAmt")) {
        xmlChar *currency = xmlTextReaderGetAttribute(reader, (const xmlChar *)"Ccy");
        if (ends_with(p, "Amt/InstdAmt") && (currency == NULL || strcmp((const char *)currency, "CNY") != 0)) {
            zd_pack_trouble(p->out, "transaction %zu: currency '%s', not CNY", p->out->count, currency != NULL ? (const char *)currency : "");
        }
        xmlFree(currency);
    }
    zd_buf_clear(&p->text);
}

static void end_element(pain *p)
{
    take_text(p);
    if (ends_with(p, "Acct/Ccy") && strcmp(zd_buf_text(&p->text), "CNY") != 0) {
        zd_pack_trouble(p->out, "an account in '%.8s', not CNY", zd_buf_text(&p->text));
    } else if (ends_with(p, "/PstlAdr") && (p->lines_only || !p->town || !p->country)) {
        zd_pack_trouble(p->out, "an address made of lines only, or without town and country");
    } else if (at(p, BLOCK "CdtTrfTxInf")) {
        p->payment = NULL;
    } else if (at(p, ROOT "PmtInf")) {
        compare_level(p, &p->block, "PmtInf");
    }
    zd_buf_clear(&p->text);
}

static void push(pain *p, const char *name)
{
    size_t used = strlen(p->path);
    size_t more = strlen(name) + (used > 0 ? 1 : 0);
    if (p->depth == DEPTH_MAX || used + more + 1 > sizeof p->path) {
        p->bad = true;
        return;
    }
    p->ends[p->depth++] = used;
    zd_format(p->path + used, sizeof p->path - used, "%s%s", used > 0 ? "/" : "", name);
}

static void pop(pain *p)
{
    if (p->depth > 0) {
        p->path[p->ends[--p->depth]] = '\0';
    }
}

static void visit(pain *p, xmlTextReader *reader)
{
    switch (xmlTextReaderNodeType(reader)) {
    case XML_READER_TYPE_DOCUMENT_TYPE:
    case XML_READER_TYPE_ENTITY_REFERENCE:
    case XML_READER_TYPE_PROCESSING_INSTRUCTION:
        p->bad = true;
        break;
    case XML_READER_TYPE_ELEMENT:
        push(p, (const char *)xmlTextReaderConstLocalName(reader));
        start_element(p, reader);
        if (xmlTextReaderIsEmptyElement(reader) == 1) {
            end_element(p);
            pop(p);
        }
        break;
    case XML_READER_TYPE_END_ELEMENT:
        end_element(p);
        pop(p);
        break;
    case XML_READER_TYPE_TEXT:
    case XML_READER_TYPE_CDATA:
        zd_buf_add_text(&p->text, (const char *)xmlTextReaderConstValue(reader));
        break;
    default:
        break;
    }
}

static int by_serial(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

static void check_unique(zd_pack_payments *out)
{
    const char **serials = zd_alloc((out->count + 1) * sizeof *serials);
    for (size_t i = 0; i < out->count; i++) {
        serials[i] = out->list[i].serial;
    }
    qsort(serials, out->count, sizeof *serials, by_serial);
    for (size_t i = 1; i < out->count; i++) {
        if (strcmp(serials[i - 1], serials[i]) == 0) {
            zd_pack_trouble(out, "EndToEndId %s stands twice", serials[i]);
        }
    }
    free(serials);
}

/* Invisible characters would be let pass by the schema: tab and newline inside a name among them. */
static void check_controls(zd_pack_payments *out)
{
    for (size_t i = 0; i < out->count; i++) {
        const char *texts[] = {out->list[i].name, out->list[i].bank_name};
        for (size_t k = 0; k < ZD_COUNT(texts); k++) {
            for (const char *c = texts[k]; *c != '\0'; c++) {
                if ((uint8_t)*c < 0x20 || *c == 0x7f) {
                    zd_pack_trouble(out, "transaction %zu: a control character in a name", i + 1);
                    break;
                }
            }
        }
    }
}

zd_status zd_pack_payments_pain(zd_pack_payments *out, zd_span bytes, const char *version, zd_error *err)
{
    pain *p = zd_alloc_zero(1, sizeof *p);
    zd_buf wanted = {0};
    p->out = out;
    out->stated = ZD_PACK_SERIAL | ZD_PACK_AMOUNT | ZD_PACK_ACCOUNT | ZD_PACK_NAME | ZD_PACK_BANK_NAME | ZD_PACK_BANK_CODE;
    zd_buf_addf(&wanted, "urn:iso:std:iso:20022:tech:xsd:%s", version);
    xmlTextReader *reader = bytes.size < INT32_MAX && zd_pack_xml_is_plain(bytes) ? xmlReaderForMemory((const char *)bytes.data, (int)bytes.size, NULL, "UTF-8", XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NOERROR | XML_PARSE_NOWARNING) : NULL;
    int more = reader != NULL ? xmlTextReaderRead(reader) : -1;
    while (more == 1 && !p->bad) {
        visit(p, reader);
        if (p->depth == 1 && xmlTextReaderNodeType(reader) == XML_READER_TYPE_ELEMENT) {
            const xmlChar *space = xmlTextReaderConstNamespaceUri(reader);
            p->bad = p->bad || space == NULL || strcmp((const char *)space, zd_buf_text(&wanted)) != 0;
        }
        more = xmlTextReaderRead(reader);
    }
    xmlFreeTextReader(reader);
    zd_status status = more == 0 && !p->bad ? ZD_OK : zd_fail(err, ZD_E_PACKAGE_MALFORMED, "not a document of %s, or with a DOCTYPE, an entity or too deep", version);
    if (status == ZD_OK) {
        compare_level(p, &p->group, "GrpHdr");
        check_unique(out);
        check_controls(out);
    }
    zd_buf_free(&wanted);
    zd_buf_free(&p->text);
    free(p);
    return status;
}
