/* The schema tables made from fields.def, words.def and requests.def, and questions about them; see request.h. */
#include <string.h>

#include "ledger/record/request.h"

#define REQUEST_FIELDS_MAX 32

typedef struct field_row {
    const char *name;
    size_t length;
    zd_field_kind kind;
    int64_t minimum;
    int64_t maximum;
} field_row;

static const field_row fields[ZD_F__COUNT] = {
#define ZD_FIELD(id, name, kind, minimum, maximum) [ZD_F_##id] = {name, sizeof(name) - 1, ZD_KIND_##kind, minimum, maximum},
#include "ledger/record/fields.def"
#undef ZD_FIELD
};

typedef struct word_row {
    zd_field set;
    const char *word;
} word_row;

static const word_row words[ZD_WORD__COUNT] = {
#define ZD_WORD(set, id, word) [ZD_WORD_##set##_##id] = {ZD_F_##set, word},
#include "ledger/record/words.def"
#undef ZD_WORD
};

typedef struct request_row {
    const char *name;
    uint32_t roles;
    unsigned flags;
    zd_field required[REQUEST_FIELDS_MAX]; /* ends with ZD_F__COUNT */
    zd_field optional[REQUEST_FIELDS_MAX];
} request_row;

#define R(role) (1U << ZD_ROLE(role))
#define R_ALL 0xffffffffU
#define B ZD_REQUEST_BATCHABLE
#define T ZD_REQUEST_TWO
#define K ZD_REQUEST_ROOTS
#define F(id) ZD_F_##id
#define REQUIRED(...) {__VA_ARGS__, ZD_F__COUNT}
#define OPTIONAL(...) {__VA_ARGS__, ZD_F__COUNT}
static const request_row requests[ZD_REQ__COUNT] = {
#define ZD_REQUEST(id, name, roles, flags, required, optional) [ZD_REQ_##id] = {name, roles, flags, required, optional},
#include "ledger/record/requests.def"
#undef ZD_REQUEST
};

const char *zd_request_name(zd_request_type type)
{
    ZD_ASSERT(type < ZD_REQ__COUNT);
    return requests[type].name;
}

bool zd_request_find(zd_request_type *out, zd_span name)
{
    for (int i = 0; i < ZD_REQ__COUNT; i++) {
        if (zd_span_is(name, requests[i].name)) {
            *out = (zd_request_type)i;
            return true;
        }
    }
    return false;
}

uint32_t zd_request_roles(zd_request_type type)
{
    ZD_ASSERT(type < ZD_REQ__COUNT);
    return requests[type].roles;
}

unsigned zd_request_flags(zd_request_type type)
{
    ZD_ASSERT(type < ZD_REQ__COUNT);
    return requests[type].flags;
}

static bool listed(const zd_field *list, zd_field field)
{
    for (size_t i = 0; list[i] != ZD_F__COUNT; i++) {
        if (list[i] == field) {
            return true;
        }
    }
    return false;
}

bool zd_request_has(zd_request_type type, zd_field field, bool *required)
{
    ZD_ASSERT(type < ZD_REQ__COUNT && field < ZD_F__COUNT);
    *required = listed(requests[type].required, field);
    return *required || listed(requests[type].optional, field);
}

static bool named(zd_field field, zd_span name)
{
    return fields[field].length == name.size && memcmp(fields[field].name, name.data, name.size) == 0;
}

static size_t list_length(const zd_field *list)
{
    size_t length = 0;
    while (list[length] != ZD_F__COUNT) {
        length++;
    }
    return length;
}

size_t zd_request_required(zd_request_type type)
{
    ZD_ASSERT(type < ZD_REQ__COUNT);
    return list_length(requests[type].required);
}

/* Both lists as one, from the hint on and round. */
bool zd_request_field(zd_field *out, bool *required, zd_request_type type, zd_span name, size_t *hint)
{
    ZD_ASSERT(type < ZD_REQ__COUNT);
    const request_row *row = &requests[type];
    size_t first = list_length(row->required);
    size_t all = first + list_length(row->optional);
    for (size_t i = 0; i < all; i++) {
        size_t at = *hint + i < all ? *hint + i : *hint + i - all;
        zd_field field = at < first ? row->required[at] : row->optional[at - first];
        if (named(field, name)) {
            *out = field;
            *required = at < first;
            *hint = at + 1 < all ? at + 1 : 0;
            return true;
        }
    }
    return false;
}

const char *zd_field_name(zd_field field)
{
    ZD_ASSERT(field < ZD_F__COUNT);
    return fields[field].name;
}

bool zd_field_find(zd_field *out, zd_span name)
{
    for (int i = 0; i < ZD_F__COUNT; i++) {
        if (named((zd_field)i, name)) {
            *out = (zd_field)i;
            return true;
        }
    }
    return false;
}

zd_field_kind zd_field_kind_of(zd_field field)
{
    ZD_ASSERT(field < ZD_F__COUNT);
    return fields[field].kind;
}

int64_t zd_field_minimum(zd_field field)
{
    ZD_ASSERT(field < ZD_F__COUNT);
    return fields[field].minimum;
}

int64_t zd_field_maximum(zd_field field)
{
    ZD_ASSERT(field < ZD_F__COUNT);
    return fields[field].maximum;
}

const char *zd_word_text(zd_field field, int64_t number)
{
    int64_t position = 0;
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (words[i].set == field && position++ == number) {
            return words[i].word;
        }
    }
    return NULL;
}

bool zd_word_find(int64_t *out, zd_field field, zd_span word)
{
    int64_t position = 0;
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (words[i].set != field) {
            continue;
        }
        if (zd_span_is(word, words[i].word)) {
            *out = position;
            return true;
        }
        position++;
    }
    return false;
}

bool zd_tags_has(zd_span tags, zd_span tag)
{
    while (tags.size > 0) {
        zd_span head;
        tags = zd_span_cut(&head, tags, ',');
        if (zd_span_equal(head, tag) || zd_span_is(head, "all")) {
            return true;
        }
    }
    return false;
}
