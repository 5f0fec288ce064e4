/*
 * Requests out of plain JSON, member by member in document order, straight into the typed values. The checks of single values are those of every reader
 * (field_check.c). Must not name an error: whatever is not a whole, valid request is left to request.c.
 */
#include "ledger/base/clock.h"
#include "ledger/record/request_int.h"

static bool read_member(zd_request *out, zd_field field, const zd_flat *flat, const zd_flat_member *member)
{
    zd_value *value = zd_request_slot(out, field);
    switch (zd_field_kind_of(field)) {
    case ZD_KIND_FEN:
    case ZD_KIND_INT:
        return member->kind == ZD_J_INT && zd_field_check_int(value, field, member->number, NULL) == ZD_OK;
    case ZD_KIND_BOOL:
        *value = (zd_value){.present = true, .number = member->number};
        return member->kind == ZD_J_BOOL;
    case ZD_KIND_POLICY:
        return false;
    case ZD_KIND_ITEMS:
        value->present = true;
        out->item_count = (size_t)member->number;
        out->flat_items = member->first;
        return member->kind == ZD_J_ARRAY && zd_field_check_int(&(zd_value){0}, field, member->number, NULL) == ZD_OK;
    case ZD_KIND_ID:
    case ZD_KIND_SERIAL:
    case ZD_KIND_KEYNAME:
    case ZD_KIND_SUBJECT:
    case ZD_KIND_TAGS:
    case ZD_KIND_LABEL:
    case ZD_KIND_DATE:
    case ZD_KIND_TIME:
    case ZD_KIND_HASH:
    case ZD_KIND_WORD:
        break;
    }
    return member->kind == ZD_J_STRING && zd_field_check_text(value, field, zd_flat_text(flat, member), NULL) == ZD_OK;
}

static bool read_id(zd_request *out, const zd_flat *flat, const zd_flat_member *member)
{
    zd_value checked;
    out->id = zd_flat_text(flat, member);
    return member->kind == ZD_J_STRING && zd_field_check_text(&checked, ZD_F_ORDER, out->id, NULL) == ZD_OK;
}

typedef enum header_field { HEADER_NONE, HEADER_TYPE, HEADER_VERSION, HEADER_LEDGER, HEADER_ID, HEADER_EXPIRES } header_field;

static header_field header_of(zd_span name)
{
    static const char *const names[] = {[HEADER_TYPE] = "type", [HEADER_VERSION] = "v", [HEADER_LEDGER] = "ledger", [HEADER_ID] = "id", [HEADER_EXPIRES] = "expires"};
    static const header_field by_size[] = {[1] = HEADER_VERSION, [2] = HEADER_ID, [4] = HEADER_TYPE, [6] = HEADER_LEDGER, [7] = HEADER_EXPIRES};
    header_field candidate = name.size < ZD_COUNT(by_size) ? by_size[name.size] : HEADER_NONE;
    return candidate != HEADER_NONE && zd_span_is(name, names[candidate]) ? candidate : HEADER_NONE;
}

static bool read_header(zd_request *out, header_field header, const zd_flat *flat, const zd_flat_member *member)
{
    zd_span text = zd_flat_text(flat, member);
    switch (header) {
    case HEADER_TYPE:
        return true; /* read first of all */
    case HEADER_VERSION:
        return member->kind == ZD_J_INT && member->number == 1;
    case HEADER_LEDGER:
        out->ledger = text;
        return member->kind == ZD_J_STRING;
    case HEADER_ID:
        return read_id(out, flat, member);
    case HEADER_EXPIRES:
        return member->kind == ZD_J_STRING && zd_time_parse(&out->expires_unix_ms, text);
    case HEADER_NONE:
        break;
    }
    return false;
}

static bool find_type(zd_request *out, const zd_flat *flat)
{
    for (size_t i = 0; i < flat->objects[0].count; i++) {
        const zd_flat_member *member = &flat->members[flat->objects[0].first + i];
        if (header_of(zd_flat_name(flat, member)) == HEADER_TYPE) {
            return member->kind == ZD_J_STRING && zd_request_find(&out->type, zd_flat_text(flat, member));
        }
    }
    return false;
}

/* No name stands twice in an object, so that counting tells whether all are there. */
static bool read_members(zd_request *out, const zd_flat *flat, const zd_flat_object *object, bool is_item)
{
    size_t headers = 0;
    size_t needed = 0;
    size_t hint = 0;
    for (size_t i = 0; i < object->count; i++) {
        const zd_flat_member *member = &flat->members[object->first + i];
        zd_span name = zd_flat_name(flat, member);
        header_field header = header_of(name);
        bool is_header = is_item ? header == HEADER_ID : header != HEADER_NONE;
        zd_field field = ZD_F__COUNT;
        bool required = false;
        if (is_header ? !read_header(out, header, flat, member)
                      : !zd_request_field(&field, &required, out->type, name, &hint) || !read_member(out, field, flat, member)) {
            return false;
        }
        headers += is_header ? 1 : 0;
        needed += required ? 1 : 0;
    }
    return headers == (is_item ? 1 : 5) && needed == zd_request_required(out->type);
}

bool zd_request_read_flat(zd_request *out, const zd_flat *flat)
{
    return find_type(out, flat) && read_members(out, flat, &flat->objects[0], false);
}

bool zd_request_read_flat_item(zd_request *out, const zd_flat *flat, const zd_flat_object *item)
{
    return read_members(out, flat, item, true);
}
