/* One pass over plain JSON; see view.h. Members of a node stand right behind it, so that an array of nodes is a tree. */
#include "audit/verify/view.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_COMPARED 48 /* members of one object whose names are compared pairwise; a wider one is not plain */
#define DIGITS_MAX 15     /* below the largest number for certain */
#define NODE_BYTES 16     /* of text for a node, about: most texts then need one piece of memory */

typedef struct reading {
    const uint8_t *at;
    const uint8_t *end;
    zd_view_node *nodes;
    size_t count;
    size_t capacity;
    size_t open[ZD_JSON_DEPTH]; /* the nodes around this place */
    size_t depth;
    bool wide; /* bytes beyond ASCII */
} reading;

static zd_view_node *add_node(reading *r, zd_span name)
{
    if (r->count == r->capacity) {
        r->capacity = r->nodes == NULL ? (size_t)(r->end - r->at) / NODE_BYTES + 8 : r->capacity * 2;
        r->nodes = zd_realloc(r->nodes, r->capacity * sizeof *r->nodes);
    }
    zd_view_node *node = &r->nodes[r->count++];
    *node = (zd_view_node){.name = name, .skip = 1};
    return node;
}

/* What ends a plain string: the quote that closes it, or what is not plain. */
static const bool ends[256] = {
    [0x00] = true, [0x01] = true, [0x02] = true, [0x03] = true, [0x04] = true, [0x05] = true, [0x06] = true, [0x07] = true, [0x08] = true, [0x09] = true, [0x0a] = true, [0x0b] = true,
    [0x0c] = true, [0x0d] = true, [0x0e] = true, [0x0f] = true, [0x10] = true, [0x11] = true, [0x12] = true, [0x13] = true, [0x14] = true, [0x15] = true, [0x16] = true, [0x17] = true,
    [0x18] = true, [0x19] = true, [0x1a] = true, [0x1b] = true, [0x1c] = true, [0x1d] = true, [0x1e] = true, [0x1f] = true, ['"'] = true,  ['\\'] = true, [0x7f] = true,
};

/* at stands behind the opening quote. */
static bool read_string(reading *r, zd_span *out)
{
    const uint8_t *start = r->at;
    const uint8_t *at = start;
    uint8_t seen = 0;
    while (at < r->end && !ends[*at]) {
        seen |= *at++;
    }
    r->wide = r->wide || seen >= 0x80;
    *out = zd_span_of(start, (size_t)(at - start));
    r->at = at + 1;
    return at < r->end && *at == '"';
}

static bool read_number(reading *r, zd_view_node *node)
{
    const uint8_t *start = r->at;
    bool minus = *r->at == '-';
    r->at += minus ? 1 : 0;
    const uint8_t *digits = r->at;
    while (r->at < r->end && *r->at >= '0' && *r->at <= '9' && r->at - digits <= DIGITS_MAX) {
        node->number = node->number * 10 + (*r->at++ - '0');
    }
    ptrdiff_t length = r->at - digits;
    node->kind = ZD_J_INT;
    node->number = minus ? -node->number : node->number;
    return length > 0 && length <= DIGITS_MAX && (*digits != '0' || r->at - start == 1);
}

static bool read_word(reading *r, zd_view_node *node)
{
    static const struct {
        const char *word;
        zd_jkind kind;
        int64_t number;
    } words[] = {{"true", ZD_J_BOOL, 1}, {"false", ZD_J_BOOL, 0}, {"null", ZD_J_NULL, 0}};
    zd_span rest = zd_span_of(r->at, (size_t)(r->end - r->at));
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (zd_span_starts(rest, words[i].word)) {
            node->kind = words[i].kind;
            node->number = words[i].number;
            r->at += strlen(words[i].word);
            return true;
        }
    }
    return false;
}

static bool read_value(reading *r, zd_span name)
{
    zd_view_node *node = add_node(r, name);
    if (r->at == r->end) {
        return false;
    }
    switch (*r->at) {
    case '"':
        r->at++;
        node->kind = ZD_J_STRING;
        return read_string(r, &node->text);
    case '{':
    case '[':
        node->kind = *r->at++ == '{' ? ZD_J_OBJECT : ZD_J_ARRAY;
        if (r->depth == ZD_JSON_DEPTH) {
            return false;
        }
        r->open[r->depth++] = r->count - 1;
        return true;
    case '-':
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return read_number(r, node);
    default:
        return read_word(r, node);
    }
}

static bool name_is_new(const reading *r, size_t object, zd_span name)
{
    const zd_view_node *node = &r->nodes[object];
    if (node->count == NAMES_COMPARED) {
        return false;
    }
    size_t at = object + 1;
    for (uint32_t i = 0; i < node->count; i++) {
        if (zd_span_equal(r->nodes[at].name, name)) {
            return false;
        }
        at += r->nodes[at].skip;
    }
    return true;
}

/* The next member of what is open, with its comma and name. */
static bool read_member(reading *r)
{
    size_t parent = r->open[r->depth - 1];
    zd_span name = {.data = NULL};
    if (r->nodes[parent].count > 0 && *r->at++ != ',') {
        return false;
    }
    if (r->nodes[parent].kind == ZD_J_OBJECT) {
        bool named = r->end - r->at > 2 && *r->at++ == '"' && read_string(r, &name) && r->at < r->end && *r->at++ == ':';
        if (!named || !name_is_new(r, parent, name)) {
            return false;
        }
    }
    r->nodes[parent].count++;
    return read_value(r, name);
}

static bool is_closer(const reading *r)
{
    return *r->at == (r->nodes[r->open[r->depth - 1]].kind == ZD_J_OBJECT ? '}' : ']');
}

static void close_node(reading *r)
{
    size_t node = r->open[--r->depth];
    r->nodes[node].skip = (uint32_t)(r->count - node);
    r->at++;
}

/* Bytes beyond ASCII must be UTF-8, and none of the control characters U+0080 to U+009F. */
static bool wide_is_plain(zd_span text)
{
    for (size_t i = 0; i + 1 < text.size; i++) {
        if (text.data[i] == 0xc2 && text.data[i + 1] <= 0x9f) {
            return false;
        }
    }
    return zd_span_is_utf8(text);
}

static bool read_plain(reading *r, zd_span text)
{
    bool good = text.size > 0 && text.size < UINT32_MAX && *r->at == '{' && read_value(r, zd_span_of(NULL, 0));
    while (good && r->depth > 0) {
        if (r->at == r->end) {
            good = false;
        } else if (is_closer(r)) {
            close_node(r);
        } else {
            good = read_member(r);
        }
    }
    return good && r->at == r->end && (!r->wide || wide_is_plain(text));
}

/* --- what the strict reader gives, in the same form --- */

typedef struct pair {
    zd_span name;
    zd_jval value;
} pair;

typedef struct frame { /* the members of one value, and how far they are copied */
    pair *members;
    size_t count;
    size_t next;
} frame;

typedef struct copying {
    reading r;
    zd_buf *text;
    frame frames[ZD_JSON_DEPTH];
} copying;

static zd_status take_member(void *context, zd_span name, zd_jval value)
{
    frame *f = context;
    f->members[f->count++] = (pair){.name = name, .value = value};
    return ZD_OK;
}

/* There is room for all of them: what was read is never shorter than what it says. */
static zd_span keep_text(zd_buf *to, zd_span text)
{
    ZD_ASSERT(to->capacity - to->size >= text.size);
    size_t at = to->size;
    zd_buf_add_span(to, text);
    return zd_span_of(to->data + at, text.size);
}

static void open_frame(copying *c, zd_jval value)
{
    ZD_ASSERT(c->r.depth < ZD_JSON_DEPTH);
    frame *f = &c->frames[c->r.depth];
    size_t count = zd_jval_count(value);
    *f = (frame){.members = zd_alloc_zero(count, sizeof *f->members)};
    if (zd_jval_kind(value) == ZD_J_OBJECT) {
        (void)zd_jval_each(value, take_member, f);
    }
    for (size_t i = 0; zd_jval_kind(value) == ZD_J_ARRAY && i < count; i++) {
        f->members[f->count++] = (pair){.value = zd_jval_at(value, i)};
    }
    c->r.open[c->r.depth++] = c->r.count - 1;
}

static void copy_value(copying *c, const pair *member)
{
    zd_jval value = member->value;
    zd_view_node *node = add_node(&c->r, keep_text(c->text, member->name));
    node->kind = zd_jval_kind(value);
    node->text = keep_text(c->text, zd_jval_text(value));
    node->number = node->kind == ZD_J_BOOL ? (zd_jval_bool(value) ? 1 : 0) : zd_jval_int(value);
    node->count = (uint32_t)zd_jval_count(value);
    if (node->kind == ZD_J_OBJECT || node->kind == ZD_J_ARRAY) {
        open_frame(c, value);
    }
}

static void copy_tree(copying *c, zd_jval root)
{
    copy_value(c, &(pair){.value = root});
    while (c->r.depth > 0) {
        frame *f = &c->frames[c->r.depth - 1];
        if (f->next < f->count) {
            copy_value(c, &f->members[f->next++]);
        } else {
            size_t node = c->r.open[--c->r.depth];
            c->r.nodes[node].skip = (uint32_t)(c->r.count - node);
            free(f->members);
        }
    }
}

static zd_status read_strictly(zd_view_document *out, zd_span text, zd_error *err)
{
    zd_json *document = NULL;
    zd_status status = zd_json_parse(&document, text, true, err);
    if (status == ZD_OK) {
        copying c = {.text = &out->text};
        zd_buf_add_span(&out->text, text); /* for its room */
        zd_buf_clear(&out->text);
        copy_tree(&c, zd_json_root(document));
        out->nodes = c.r.nodes;
    }
    zd_json_free(document);
    return status;
}

zd_status zd_view_parse(zd_view_document *out, zd_span text, zd_error *err)
{
    reading r = {.at = text.data, .end = text.data + text.size};
    *out = (zd_view_document){.nodes = NULL};
    if (read_plain(&r, text)) {
        out->nodes = r.nodes;
        return ZD_OK;
    }
    free(r.nodes);
    return read_strictly(out, text, err);
}

void zd_view_free(zd_view_document *document)
{
    free(document->nodes);
    zd_buf_free(&document->text);
    document->nodes = NULL;
}

zd_view zd_view_root(const zd_view_document *document)
{
    return (zd_view){.node = document->nodes};
}

/* --- looking --- */

zd_jkind zd_view_kind(zd_view value)
{
    return value.node != NULL ? value.node->kind : ZD_J_ABSENT;
}

size_t zd_view_count(zd_view value)
{
    return value.node != NULL ? value.node->count : 0;
}

zd_view zd_view_first(zd_view value)
{
    return (zd_view){.node = zd_view_count(value) > 0 ? value.node + 1 : NULL};
}

zd_view zd_view_next(zd_view value, zd_view member)
{
    const zd_view_node *next = member.node + member.node->skip;
    return (zd_view){.node = next < value.node + value.node->skip ? next : NULL};
}

zd_view zd_view_get(zd_view object, const char *name)
{
    zd_view member = zd_view_kind(object) == ZD_J_OBJECT ? zd_view_first(object) : (zd_view){.node = NULL};
    size_t size = strlen(name);
    while (member.node != NULL && (member.node->name.size != size || memcmp(member.node->name.data, name, size) != 0)) {
        member = zd_view_next(object, member);
    }
    return member;
}

zd_view zd_view_at(zd_view array, size_t index)
{
    zd_view member = zd_view_kind(array) == ZD_J_ARRAY ? zd_view_first(array) : (zd_view){.node = NULL};
    for (size_t i = 0; i < index && member.node != NULL; i++) {
        member = zd_view_next(array, member);
    }
    return member;
}

zd_span zd_view_text(zd_view string)
{
    return zd_view_kind(string) == ZD_J_STRING ? string.node->text : zd_span_of(NULL, 0);
}

int64_t zd_view_int(zd_view integer)
{
    return zd_view_kind(integer) == ZD_J_INT ? integer.node->number : 0;
}

bool zd_view_bool(zd_view boolean)
{
    return zd_view_kind(boolean) == ZD_J_BOOL && boolean.node->number != 0;
}

zd_span zd_view_name(zd_view member)
{
    return member.node->name;
}
