/*
 * Parsing verified texts into typed requests; see request.h. The schema drives it: each listed field is fetched by name, and an object with
 * more fields than were fetched has an unknown one, which the error names. A plain text goes the short way of request_flat.c; whatever that gives up is read here.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/record/request_int.h"

zd_value *zd_request_slot(zd_request *out, zd_field field)
{
    ZD_ASSERT(out->slot[field] == 0 && out->value_count + 1 < ZD_REQUEST_VALUES);
    out->slot[field] = (uint8_t)++out->value_count;
    zd_value *value = &out->value[out->value_count];
    *value = (zd_value){0};
    return value;
}

/* Without a value. What the values take is not cleared for each: a type uses half of it, and an item is read into 3 kB. */
static void start(zd_request *out)
{
    memset(out, 0, offsetof(zd_request, value) + sizeof out->value[0]);
}

static zd_status missing(zd_error *err, const char *name)
{
    zd_status status = zd_fail(err, ZD_E_JSON_MISSING, "%s", name);
    zd_error_field(err, name, zd_span_text(""));
    return status;
}

static zd_status wrong_type(zd_error *err, const char *name, const char *expected)
{
    zd_status status = zd_fail(err, ZD_E_JSON_TYPE, "%s", expected);
    zd_error_field(err, name, zd_span_text(""));
    return status;
}

static zd_status read_value(zd_request *out, zd_field field, zd_jval value, zd_error *err)
{
    zd_value *slot = zd_request_slot(out, field);
    zd_field_kind kind = zd_field_kind_of(field);
    zd_jkind found = zd_jval_kind(value);
    switch (kind) {
    case ZD_KIND_FEN:
    case ZD_KIND_INT:
        return found == ZD_J_INT ? zd_field_check_int(slot, field, zd_jval_int(value), err) : wrong_type(err, zd_field_name(field), "a whole number");
    case ZD_KIND_BOOL:
        *slot = (zd_value){.present = true, .number = zd_jval_bool(value) ? 1 : 0};
        return found == ZD_J_BOOL ? ZD_OK : wrong_type(err, zd_field_name(field), "true or false");
    case ZD_KIND_POLICY:
        slot->present = true;
        out->policy = value;
        return found == ZD_J_OBJECT ? ZD_OK : wrong_type(err, zd_field_name(field), "an object");
    case ZD_KIND_ITEMS:
        slot->present = true;
        out->items = value;
        out->item_count = zd_jval_count(value);
        if (found != ZD_J_ARRAY) {
            return wrong_type(err, zd_field_name(field), "an array");
        }
        return zd_field_check_int(&(zd_value){0}, field, (int64_t)out->item_count, err);
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
    return found == ZD_J_STRING ? zd_field_check_text(slot, field, zd_jval_text(value), err) : wrong_type(err, zd_field_name(field), "a text");
}

static zd_status name_unknown(void *context, zd_span name, zd_jval value)
{
    (void)value;
    zd_request *out = context;
    zd_field field = ZD_F__COUNT;
    bool required = false;
    static const char *const header[] = {"type", "v", "ledger", "id", "expires"};
    for (size_t i = 0; i < ZD_COUNT(header); i++) {
        if (zd_span_is(name, header[i])) {
            return ZD_OK;
        }
    }
    if (zd_field_find(&field, name) && zd_request_has(out->type, field, &required)) {
        return ZD_OK;
    }
    out->id = name; /* only on the way to the error: tells the caller which one */
    return ZD_MALFORMED;
}

/* Reads every field of the type's schema out of object; header_count fields were read already. */
static zd_status read_fields(zd_request *out, zd_jval object, size_t header_count, zd_error *err)
{
    size_t found = header_count;
    for (int i = 0; i < ZD_F__COUNT; i++) {
        zd_field field = (zd_field)i;
        bool required = false;
        if (!zd_request_has(out->type, field, &required)) {
            continue;
        }
        zd_jval value = zd_jval_get(object, zd_field_name(field));
        if (zd_jval_kind(value) == ZD_J_ABSENT) {
            if (required) {
                return missing(err, zd_field_name(field));
            }
            continue;
        }
        found++;
        zd_status status = read_value(out, field, value, err);
        if (status != ZD_OK) {
            return status;
        }
    }
    if (found != zd_jval_count(object)) {
        zd_request probe;
        start(&probe);
        probe.type = out->type;
        (void)zd_jval_each(object, name_unknown, &probe);
        zd_status status = zd_fail(err, ZD_E_JSON_UNKNOWN, "%s has no such field", zd_request_name(out->type));
        zd_error_field(err, "field", probe.id);
        return status;
    }
    return ZD_OK;
}

static zd_status read_id(zd_span *out, zd_jval object, zd_error *err)
{
    zd_value checked;
    zd_status status = zd_jval_need_text(out, object, "id", err);
    /* A request id has the form of every other identifier; ORDER stands for that form. */
    if (status == ZD_OK && zd_field_check_text(&checked, ZD_F_ORDER, *out, NULL) != ZD_OK) {
        status = zd_fail(err, ZD_E_FIELD_INVALID, "an identifier of 1 to 40 of A-Z a-z 0-9 . _ : -");
        zd_error_field(err, "id", *out);
    }
    return status;
}

static zd_status read_header(zd_request *out, zd_jval root, zd_error *err)
{
    zd_span type;
    zd_span expires;
    int64_t version = 0;
    zd_status status = zd_jval_need_text(&type, root, "type", err);
    if (status != ZD_OK) {
        return status;
    }
    status = zd_jval_need_int(&version, root, "v", 1, 1, err);
    if (status != ZD_OK || !zd_request_find(&out->type, type)) {
        zd_status unknown = zd_fail(err, ZD_E_REQUEST_TYPE, "version 1 is known");
        zd_error_field(err, "type", type);
        return status != ZD_OK ? status : unknown;
    }
    status = zd_jval_need_text(&out->ledger, root, "ledger", err);
    if (status == ZD_OK) {
        status = read_id(&out->id, root, err);
    }
    if (status == ZD_OK) {
        status = zd_jval_need_text(&expires, root, "expires", err);
    }
    if (status == ZD_OK && !zd_time_parse(&out->expires_unix_ms, expires)) {
        status = zd_fail(err, ZD_E_FIELD_INVALID, "a time like 2026-03-05T02:11:12Z");
        zd_error_field(err, "expires", expires);
    }
    return status;
}

static zd_status check_line(zd_span text, zd_error *err)
{
    if (text.size > ZD_REQUEST_TEXT_MAX) {
        return zd_fail(err, ZD_E_NOTE_TOO_LARGE, "%zu bytes", text.size);
    }
    if (text.size == 0 || text.data[text.size - 1] != '\n' || memchr(text.data, '\n', text.size - 1) != NULL) {
        return zd_fail(err, ZD_E_NOTE_MALFORMED, "the text is one JSON object on one line");
    }
    return ZD_OK;
}

zd_status zd_request_parse_tree(zd_request *out, zd_span text, zd_error *err)
{
    start(out);
    zd_status status = check_line(text, err);
    if (status == ZD_OK) {
        status = zd_json_parse(&out->document, zd_span_of(text.data, text.size - 1), true, err);
    }
    if (status != ZD_OK) {
        return status;
    }
    out->text_sha256 = zd_sha256(text);
    zd_jval root = zd_json_root(out->document);
    status = read_header(out, root, err);
    if (status == ZD_OK) {
        status = read_fields(out, root, 5, err);
    }
    if (status != ZD_OK) {
        zd_request_free(out);
    }
    return status;
}

zd_status zd_request_parse(zd_request *out, zd_span text, zd_error *err)
{
    start(out);
    zd_status status = check_line(text, err);
    if (status != ZD_OK) {
        return status;
    }
    out->flat = zd_flat_parse(zd_span_of(text.data, text.size - 1));
    if (out->flat != NULL && zd_request_read_flat(out, out->flat)) {
        out->text_sha256 = zd_sha256(text);
        return ZD_OK;
    }
    zd_request_free(out);
    return zd_request_parse_tree(out, text, err);
}

void zd_request_free(zd_request *request)
{
    zd_json_free(request->document);
    zd_flat_free(request->flat);
    request->document = NULL;
    request->flat = NULL;
}

/* The item as the tree has it. */
static zd_status read_item(zd_request *out, const zd_request *batch, size_t index, zd_error *err)
{
    zd_jval items = batch->items;
    zd_status status = ZD_OK;
    if (batch->flat != NULL) {
        const zd_json *tree = NULL;
        status = zd_flat_document(&tree, batch->flat, err);
        items = status == ZD_OK ? zd_jval_get(zd_json_root(tree), zd_field_name(ZD_F_ITEMS)) : items;
    }
    zd_jval object = zd_jval_at(items, index);
    if (status == ZD_OK && zd_jval_kind(object) != ZD_J_OBJECT) {
        status = wrong_type(err, "items", "an object");
    }
    if (status == ZD_OK) {
        status = read_id(&out->id, object, err);
    }
    return status == ZD_OK ? read_fields(out, object, 1, err) : status;
}

static void start_item(zd_request *out, zd_request_type type, const zd_request *batch)
{
    start(out);
    out->type = type;
    out->ledger = batch->ledger;
    out->expires_unix_ms = batch->expires_unix_ms;
}

zd_status zd_request_item(zd_request *out, const zd_request *batch, size_t index, zd_error *err)
{
    ZD_ASSERT(index < batch->item_count);
    zd_span of = zd_req_text(batch, ZD_F_OF);
    zd_request_type type = ZD_REQ_KEY_GRANT;
    if (batch->type != ZD_REQ_GENESIS && (!zd_request_find(&type, of) || (zd_request_flags(type) & ZD_REQUEST_BATCHABLE) == 0)) {
        zd_status status = zd_fail(err, ZD_E_REQUEST_TYPE, "this type cannot be an item of a batch");
        zd_error_field(err, "of", of);
        return status;
    }
    start_item(out, type, batch);
    if (batch->flat == NULL || !zd_request_read_flat_item(out, batch->flat, &batch->flat->objects[batch->flat_items + index])) {
        start_item(out, type, batch);
        zd_status status = read_item(out, batch, index, err);
        if (status != ZD_OK) {
            zd_error_at(err, (int64_t)index + 1, 0);
            return status;
        }
    }
    out->text_sha256 = zd_request_content(out);
    return ZD_OK;
}

/* One text for one hash: a hash that is fed in a hundred pieces takes longer for the pieces than for the bytes. */
zd_hash zd_request_content(const zd_request *request)
{
    zd_buf text = {0};
    zd_buf_add_text(&text, zd_request_name(request->type));
    zd_buf_add_byte(&text, '\0');
    zd_buf_add_span(&text, request->id);
    for (int i = 0; i < ZD_F__COUNT; i++) {
        const zd_value *value = &request->value[request->slot[i]];
        if (request->slot[i] == 0) {
            continue;
        }
        char number[40];
        zd_span shown = value->text;
        if (shown.data == NULL) {
            zd_format(number, sizeof number, "%lld", (long long)value->number);
            shown = zd_span_text(number);
        }
        zd_buf_add_byte(&text, '\0');
        zd_buf_add_text(&text, zd_field_name((zd_field)i));
        zd_buf_add_byte(&text, '=');
        zd_buf_add_span(&text, shown);
    }
    zd_hash hash = zd_sha256(zd_buf_span(&text));
    zd_buf_free(&text);
    return hash;
}
