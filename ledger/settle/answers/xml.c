/*
 * The door for XML: hardening, the list of messages and namespaces, and the walk by local names. A first pass reads the text as a stream and stops at a DOCTYPE or
 * beyond the depth, so that no tree is ever built of such a file and no entity exists that could unfold; nothing is loaded from anywhere.
 */
#include "ledger/settle/answers/xml_int.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/xmlreader.h>

#define PARSE_OPTIONS (XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT | XML_PARSE_BIG_LINES)
#define ID_MAX 35

/* --- walking --- */

static bool is_named(const xmlNode *node, const xmlNode *parent, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns == parent->ns && strcmp((const char *)node->name, name) == 0;
}

const xmlNode *zd_xml_child(const xmlNode *node, const char *name)
{
    for (const xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next) {
        if (is_named(child, node, name)) {
            return child;
        }
    }
    return NULL;
}

const xmlNode *zd_xml_next(const xmlNode *node)
{
    for (const xmlNode *sibling = node->next; sibling != NULL; sibling = sibling->next) {
        if (is_named(sibling, node, (const char *)node->name)) {
            return sibling;
        }
    }
    return NULL;
}

const xmlNode *zd_xml_at(const xmlNode *node, const char *path)
{
    zd_span rest = zd_span_text(path);
    while (node != NULL && rest.size > 0) {
        zd_span head;
        char name[40];
        rest = zd_span_cut(&head, rest, '/');
        bool fits = zd_span_copy(name, sizeof name, head);
        ZD_ASSERT(fits);
        node = zd_xml_child(node, name);
    }
    return node;
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static zd_span trim(zd_span text)
{
    while (text.size > 0 && is_blank(text.data[0])) {
        text = zd_span_of(text.data + 1, text.size - 1);
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

const char *zd_xml_text(zd_answers *answers, const xmlNode *node)
{
    zd_buf text = {0};
    for (const xmlNode *child = node != NULL ? node->children : NULL; child != NULL; child = child->next) {
        if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
            zd_buf_add_text(&text, (const char *)child->content);
        }
    }
    const char *kept = zd_answer_keep(answers, trim(zd_buf_span(&text)));
    zd_buf_free(&text);
    return kept;
}

const char *zd_xml_text_at(zd_answers *answers, const xmlNode *node, const char *path)
{
    return zd_xml_text(answers, zd_xml_at(node, path));
}

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++) {
        count += ((uint8_t)*text & 0xc0U) != 0x80 ? 1 : 0;
    }
    return count;
}

const char *zd_xml_id_at(zd_answers *answers, const xmlNode *node, const char *path)
{
    const xmlNode *found = zd_xml_at(node, path);
    const char *text = zd_xml_text(answers, found);
    if (characters(text) > ID_MAX) {
        zd_answer_odd(answers, "id-too-long", zd_xml_line(found), "%s: %zu characters", path, characters(text));
    }
    bool absent = strcmp(text, "NOTPROVIDED") == 0 || strcmp(text, "NOT PROVIDED") == 0 || strcmp(text, "NOT-PROVIDED") == 0;
    return absent ? "" : text;
}

int64_t zd_xml_line(const xmlNode *node)
{
    return node != NULL ? (int64_t)xmlGetLineNo(node) : 0;
}

/* --- the door --- */

static zd_status not_well_formed(zd_error *err, const xmlError *why)
{
    zd_status status = zd_fail(err, ZD_E_ANSWER_XML, "%.150s", why != NULL && why->message != NULL ? why->message : "not XML");
    if (err != NULL && why != NULL) {
        size_t size = strlen(err->detail);
        if (size > 0 && err->detail[size - 1] == '\n') {
            err->detail[size - 1] = '\0';
        }
        zd_error_at(err, why->line, 0);
    }
    return status;
}

/* The whole text as a stream, before any tree. */
static zd_status check_shape(zd_span bytes, zd_error *err)
{
    xmlTextReader *reader = xmlReaderForMemory((const char *)bytes.data, (int)bytes.size, NULL, NULL, PARSE_OPTIONS);
    ZD_ASSERT(reader != NULL);
    zd_status status = ZD_OK;
    int more = 1;
    while (status == ZD_OK && (more = xmlTextReaderRead(reader)) == 1) {
        int type = xmlTextReaderNodeType(reader);
        if (type == XML_READER_TYPE_DOCUMENT_TYPE || type == XML_READER_TYPE_ENTITY_REFERENCE) {
            status = zd_fail(err, ZD_E_ANSWER_DOCTYPE, "a DOCTYPE stands before the message / 文件含有 DOCTYPE");
        } else if (xmlTextReaderDepth(reader) > ZD_ANSWER_DEPTH_MAX) {
            status = zd_fail(err, ZD_E_ANSWER_DEPTH, "deeper than %d elements", ZD_ANSWER_DEPTH_MAX);
        }
        if (status != ZD_OK) {
            zd_error_at(err, xmlTextReaderGetParserLineNumber(reader), 0);
        }
    }
    if (status == ZD_OK && more != 0) { /* the parser may stumble over what a DOCTYPE declares before it shows it */
        bool declares = memmem(bytes.data, bytes.size, "<!DOCTYPE", 9) != NULL;
        status = declares ? zd_fail(err, ZD_E_ANSWER_DOCTYPE, "a DOCTYPE stands before the message / 文件含有 DOCTYPE") : not_well_formed(err, xmlGetLastError());
    }
    xmlFreeTextReader(reader);
    return status;
}

typedef struct message_kind {
    const char *name;      /* of the message, without version */
    const char *root;      /* local name below Document */
    const char *container; /* of camt messages */
    zd_bank_form form;
} message_kind;

static const message_kind kinds[] = {
    {"pain.002.001.", "CstmrPmtStsRpt", NULL, ZD_FORM_STATUS},
    {"camt.052.001.", "BkToCstmrAcctRpt", "Rpt", ZD_FORM_INTERIM},
    {"camt.053.001.", "BkToCstmrStmt", "Stmt", ZD_FORM_STATEMENT},
    {"camt.054.001.", "BkToCstmrDbtCdtNtfctn", "Ntfctn", ZD_FORM_NOTIFICATION},
};

/* The allow-list: ISO's own names, and the national ones that wrap the same elements. */
static const char *const authorities[] = {"urn:iso:std:iso:20022:tech:xsd:", "http://www.six-interbank-clearing.com/de/"};

/* The message kind of a namespace, and where its "camt.053.001.08" stands; NULL when it is on no list. */
static const message_kind *kind_of(zd_span *out_message, zd_span space)
{
    for (size_t a = 0; a < ZD_COUNT(authorities); a++) {
        if (!zd_span_starts(space, authorities[a])) {
            continue;
        }
        zd_span rest = zd_span_of(space.data + strlen(authorities[a]), space.size - strlen(authorities[a]));
        for (size_t k = 0; k < ZD_COUNT(kinds); k++) {
            size_t size = strlen(kinds[k].name);
            bool version = zd_span_starts(rest, kinds[k].name) && rest.size >= size + 2 && rest.data[size] >= '0' && rest.data[size] <= '1' &&
                           rest.data[size + 1] >= '0' && rest.data[size + 1] <= '9';
            bool first = version && rest.data[size] == '0' && rest.data[size + 1] < '2'; /* version .01 has other elements */
            bool ends = version && (a == 0 ? rest.size == size + 2 : rest.size > size + 2 && rest.data[size + 2] == '.');
            if (version && !first && ends) {
                *out_message = zd_span_of(rest.data, size + 2);
                return &kinds[k];
            }
        }
    }
    return NULL;
}

/* Text between the children of an element that may only hold elements: seen in the wild, and no reason to lose the file. */
static void note_stray_text(zd_answers *answers, const xmlNode *root)
{
    const xmlNode *node = root;
    while (node != NULL) {
        bool mixed = false;
        bool text = false;
        for (const xmlNode *child = node->children; child != NULL; child = child->next) {
            mixed = mixed || child->type == XML_ELEMENT_NODE;
            text = text || ((child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) && trim(zd_span_text((const char *)child->content)).size > 0);
        }
        if (mixed && text) {
            zd_answer_odd(answers, "stray-text", zd_xml_line(node), "in %s", (const char *)node->name);
        }
        const xmlNode *next = node->children;
        while (next == NULL && node != NULL) { /* depth first, without recursion */
            next = node == root ? NULL : node->next;
            node = next == NULL && node != root ? node->parent : NULL;
        }
        node = next;
    }
}

static zd_status read_document(zd_answers *answers, const xmlNode *root, zd_error *err)
{
    zd_span space = zd_span_text(root->ns != NULL ? (const char *)root->ns->href : NULL);
    zd_span message = {0};
    const message_kind *kind = strcmp((const char *)root->name, "Document") == 0 ? kind_of(&message, space) : NULL;
    const xmlNode *content = kind != NULL ? zd_xml_child(root, kind->root) : NULL;
    if (content == NULL) {
        zd_status status = zd_fail(err, ZD_E_ANSWER_KIND, "pain.002, camt.052, camt.053 and camt.054 from version 02 on are read / 可读取 pain.002、camt.052、camt.053、camt.054（02 版起）");
        zd_error_field(err, kind != NULL ? "element" : "namespace", kind != NULL ? zd_span_text(kind->root) : space);
        return status;
    }
    answers->form = kind->form;
    answers->message = zd_answer_keep(answers, message);
    answers->id = zd_xml_id_at(answers, content, "GrpHdr/MsgId");
    if (!zd_span_starts(space, authorities[0])) {
        zd_answer_odd(answers, "national-namespace", zd_xml_line(root), "%.100s", (const char *)root->ns->href);
    }
    if (answers->id[0] == '\0' || zd_xml_at(content, "GrpHdr/CreDtTm") == NULL) {
        zd_answer_odd(answers, "group-header", zd_xml_line(content), "MsgId or CreDtTm is missing");
    }
    note_stray_text(answers, root);
    return kind->container == NULL ? zd_answer_read_pain002(answers, content, err) : zd_answer_read_camt(answers, content, kind->container, err);
}

zd_status zd_answer_read_xml(zd_answers *answers, zd_span bytes, zd_error *err)
{
    zd_status status = check_shape(bytes, err);
    if (status != ZD_OK) {
        return status;
    }
    xmlParserCtxt *context = xmlNewParserCtxt();
    ZD_ASSERT(context != NULL);
    xmlDoc *document = xmlCtxtReadMemory(context, (const char *)bytes.data, (int)bytes.size, NULL, NULL, PARSE_OPTIONS);
    if (document == NULL) {
        status = not_well_formed(err, xmlCtxtGetLastError(context));
    } else if (document->intSubset != NULL || document->extSubset != NULL) {
        status = zd_fail(err, ZD_E_ANSWER_DOCTYPE, "a DOCTYPE stands before the message / 文件含有 DOCTYPE");
    } else {
        status = read_document(answers, xmlDocGetRootElement(document), err);
    }
    xmlFreeDoc(document);
    xmlFreeParserCtxt(context);
    return status;
}
