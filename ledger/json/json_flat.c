/*
 * One strict pass over plain JSON; see flat.h. The text is copied first and ends with a NUL, so that a scan always stops in time: NUL is plain nowhere.
 * Must not accept anything that zd_json_parse refuses, nor read a value otherwise. Must not name errors.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/json/flat.h"

#define INT_DIGITS_MAX 16   /* 2^53 - 1 has 16 */
#define OBJECT_MEMBERS_MAX 64 /* names are compared in pairs */

typedef struct cursor {
    zd_flat *flat;
    size_t at;
} cursor;

static uint8_t skip_blanks(cursor *c)
{
    while (c->flat->text[c->at] == ' ') {
        c->at++;
    }
    return c->flat->text[c->at];
}

static bool take(cursor *c, uint8_t wanted)
{
    bool there = skip_blanks(c) == wanted;
    c->at += there ? 1 : 0;
    return there;
}

/* U+0080 to U+009F */
static bool has_c1_control(zd_span text)
{
    for (size_t i = 0; i + 1 < text.size; i++) {
        if (text.data[i] == 0xc2 && text.data[i + 1] < 0xa0) {
            return true;
        }
    }
    return false;
}

/* at stands behind the opening quote, and ends behind the closing one. */
static bool take_string(cursor *c, uint32_t *start, uint16_t *size)
{
    const uint8_t *text = c->flat->text;
    size_t at = c->at;
    bool ascii = true;
    while (text[at] >= 0x20 && text[at] != '"' && text[at] != '\\' && text[at] != 0x7f) {
        ascii = ascii && text[at] < 0x80;
        at++;
    }
    if (text[at] != '"') {
        return false;
    }
    zd_span found = zd_span_of(text + c->at, at - c->at);
    *start = (uint32_t)c->at;
    *size = (uint16_t)found.size;
    c->at = at + 1;
    return ascii || (zd_span_is_utf8(found) && !has_c1_control(found));
}

static bool take_int(cursor *c, int64_t *out)
{
    const uint8_t *digits = c->flat->text + c->at;
    size_t count = 0;
    *out = 0;
    while (digits[count] >= '0' && digits[count] <= '9') {
        if (count == INT_DIGITS_MAX) {
            return false;
        }
        *out = *out * 10 + (digits[count++] - '0');
    }
    c->at += count;
    bool leading_zero = count > 1 && digits[0] == '0';
    return count > 0 && !leading_zero && digits[count] != '.' && digits[count] != 'e' && digits[count] != 'E' && *out <= ZD_JSON_INT_MAX;
}

static bool take_word(cursor *c, const char *word)
{
    size_t size = strlen(word);
    bool there = memcmp(c->flat->text + c->at, word, size < c->flat->size - c->at ? size : c->flat->size - c->at) == 0 && size <= c->flat->size - c->at;
    c->at += there ? size : 0;
    return there;
}

static zd_flat_member *add_member(zd_flat *flat)
{
    if (flat->member_count == flat->member_capacity) {
        flat->member_capacity *= 2;
        flat->members = zd_realloc(flat->members, flat->member_capacity * sizeof *flat->members);
    }
    return &flat->members[flat->member_count++];
}

static zd_flat_object *add_object(zd_flat *flat)
{
    if (flat->object_count == flat->object_capacity) {
        flat->object_capacity *= 2;
        flat->objects = zd_realloc(flat->objects, flat->object_capacity * sizeof *flat->objects);
    }
    zd_flat_object *object = &flat->objects[flat->object_count++];
    *object = (zd_flat_object){.first = (uint32_t)flat->member_count};
    return object;
}

static bool take_scalar(cursor *c, zd_flat_member *member)
{
    switch (c->flat->text[c->at]) {
    case '"':
        c->at++;
        member->kind = ZD_J_STRING;
        return take_string(c, &member->text_at, &member->text_size);
    case 't':
        member->kind = ZD_J_BOOL;
        member->number = 1;
        return take_word(c, "true");
    case 'f':
        member->kind = ZD_J_BOOL;
        return take_word(c, "false");
    default:
        member->kind = ZD_J_INT;
        return take_int(c, &member->number);
    }
}

static bool is_double(const zd_flat *flat, const zd_flat_member *members, size_t count, const zd_flat_member *added)
{
    for (size_t i = 0; i < count; i++) {
        if (members[i].name_size == added->name_size && memcmp(flat->text + members[i].name_at, flat->text + added->name_at, added->name_size) == 0) {
            return true;
        }
    }
    return false;
}

/* "name": and what follows, if that is a scalar; *nested when an array begins instead. */
static bool take_member(cursor *c, zd_flat_member *member, bool *nested)
{
    *member = (zd_flat_member){.kind = ZD_J_ABSENT};
    if (!take(c, '"') || !take_string(c, &member->name_at, &member->name_size) || !take(c, ':')) {
        return false;
    }
    *nested = skip_blanks(c) == '[';
    return *nested || take_scalar(c, member);
}

/* Members of a flat object up to its closing brace; at stands behind the opening one. */
static bool take_item(cursor *c)
{
    zd_flat *flat = c->flat;
    zd_flat_member found[OBJECT_MEMBERS_MAX];
    size_t count = 0;
    bool more = !take(c, '}');
    while (more) {
        bool nested = false;
        if (count == OBJECT_MEMBERS_MAX || !take_member(c, &found[count], &nested) || nested || is_double(flat, found, count, &found[count])) {
            return false;
        }
        count++;
        more = take(c, ',');
        if (!more && !take(c, '}')) {
            return false;
        }
    }
    zd_flat_object *object = add_object(flat);
    object->count = (uint32_t)count;
    for (size_t i = 0; i < count; i++) {
        *add_member(flat) = found[i];
    }
    return true;
}

/* An array of flat objects; at stands on its bracket. */
static bool take_items(cursor *c, zd_flat_member *member)
{
    member->kind = ZD_J_ARRAY;
    member->first = (uint32_t)c->flat->object_count;
    c->at++;
    bool more = !take(c, ']');
    while (more) {
        if (!take(c, '{') || !take_item(c)) {
            return false;
        }
        member->number++;
        more = take(c, ',');
        if (!more && !take(c, ']')) {
            return false;
        }
    }
    return true;
}

static bool take_root(cursor *c)
{
    zd_flat *flat = c->flat;
    zd_flat_member found[OBJECT_MEMBERS_MAX];
    size_t count = 0;
    (void)add_object(flat);
    bool more = take(c, '{') && !take(c, '}');
    if (!more) {
        return false; /* nothing to gain from an empty object */
    }
    while (more) {
        bool nested = false;
        if (count == OBJECT_MEMBERS_MAX || !take_member(c, &found[count], &nested) || is_double(flat, found, count, &found[count]) ||
            (nested && !take_items(c, &found[count]))) {
            return false;
        }
        count++;
        more = take(c, ',');
        if (!more && !take(c, '}')) {
            return false;
        }
    }
    flat->objects[0] = (zd_flat_object){.first = (uint32_t)flat->member_count, .count = (uint32_t)count};
    for (size_t i = 0; i < count; i++) {
        *add_member(flat) = found[i];
    }
    (void)skip_blanks(c);
    return c->at == flat->size;
}

zd_flat *zd_flat_parse(zd_span text)
{
    if (text.size == 0 || text.size > ZD_FLAT_TEXT_MAX) {
        return NULL;
    }
    zd_flat *flat = zd_alloc(sizeof *flat + text.size + 1);
    size_t expected = text.size / 24 + 8; /* members, about */
    *flat = (zd_flat){.size = text.size, .member_capacity = expected, .object_capacity = 1};
    flat->members = zd_alloc(flat->member_capacity * sizeof *flat->members);
    flat->objects = zd_alloc(flat->object_capacity * sizeof *flat->objects);
    memcpy(flat->text, text.data, text.size);
    flat->text[text.size] = 0;
    cursor c = {.flat = flat};
    if (take_root(&c)) {
        return flat;
    }
    zd_flat_free(flat);
    return NULL;
}

zd_status zd_flat_document(const zd_json **out, zd_flat *flat, zd_error *err)
{
    zd_status status = flat->document == NULL ? zd_json_parse(&flat->document, zd_span_of(flat->text, flat->size), true, err) : ZD_OK;
    *out = flat->document;
    return status;
}

void zd_flat_free(zd_flat *flat)
{
    if (flat != NULL) {
        zd_json_free(flat->document);
        free(flat->members);
        free(flat->objects);
        free(flat);
    }
}
