/*
 * Strict JSON reader; see json.h.
 *
 * Two passes over the bytes. The first is a lexical scan of our own, without memory, for all that jansson either allows
 * (reals, control characters by escape, any depth) or does not tell apart. It bounds the depth before
 * jansson, whose parser is recursive, sees a byte. The second is jansson, the judge of syntax, UTF-8 and duplicates.
 * Must not: repair anything, keep a pointer into the caller's bytes, or show bytes of the input unfiltered.
 */
#include "ledger/json/json.h"

#include <jansson.h>
#include <stdlib.h>

struct zd_json {
    json_t *root; /* owned */
};

/* One pass over the text; at stands at the offence when a code other than ZD_CODE_NONE comes back. */
typedef struct scan {
    const uint8_t *data;
    size_t size;
    size_t at;
    unsigned depth;
} scan;

static bool is_control(unsigned code_point)
{
    return code_point < 0x20 || (code_point >= 0x7f && code_point <= 0x9f);
}

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    uint8_t lower = digit | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* at stands on the backslash. Malformed escapes are passed over: jansson stops at them. */
static zd_code scan_escape(scan *s)
{
    if (s->size - s->at < 2) {
        s->at = s->size;
        return ZD_CODE_NONE;
    }
    const uint8_t *escape = s->data + s->at + 1;
    switch (*escape) {
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        return ZD_E_TEXT_CONTROL;
    case 'u':
        break;
    default:
        s->at += 2;
        return ZD_CODE_NONE;
    }
    if (s->size - s->at >= 6 && escape[1] == '0' && escape[2] == '0') {
        int high = hex_value(escape[3]);
        int low = hex_value(escape[4]);
        if (high >= 0 && low >= 0 && is_control((unsigned)(high * 16 + low))) {
            return ZD_E_TEXT_CONTROL;
        }
    }
    s->at += 2; /* the digits are plain bytes of the string to this scan */
    return ZD_CODE_NONE;
}

/* at stands behind the opening quote; ends behind the closing one, or at the end of the text. */
static zd_code scan_string(scan *s)
{
    while (s->at < s->size) {
        uint8_t byte = s->data[s->at];
        if (byte == '"') {
            s->at++;
            return ZD_CODE_NONE;
        }
        if (byte == '\\') {
            zd_code code = scan_escape(s);
            if (code != ZD_CODE_NONE) {
                return code;
            }
        } else if (byte < 0x20 || byte == 0x7f) {
            return ZD_E_TEXT_CONTROL;
        } else if (byte == 0xc2 && s->size - s->at >= 2 && s->data[s->at + 1] >= 0x80 && s->data[s->at + 1] <= 0x9f) {
            return ZD_E_TEXT_CONTROL; /* U+0080 to U+009F in UTF-8 */
        } else {
            s->at++;
        }
    }
    return ZD_CODE_NONE;
}

/* at stands on '-' or a digit. Leading zeros and lone signs are jansson's to refuse. */
static zd_code scan_number(scan *s)
{
    size_t i = s->at;
    int64_t magnitude = 0;
    for (; i < s->size; i++) {
        uint8_t byte = s->data[i];
        if (byte >= '0' && byte <= '9') {
            /* Stays above the limit once it is there, and so cannot overflow. */
            magnitude = magnitude > ZD_JSON_INT_MAX ? magnitude : magnitude * 10 + (byte - '0');
        } else if (byte == '.' || byte == 'e' || byte == 'E') {
            return ZD_E_JSON_REAL;
        } else if (byte != '-' || i != s->at) {
            break;
        }
    }
    if (magnitude > ZD_JSON_INT_MAX) {
        return ZD_E_JSON_RANGE;
    }
    s->at = i;
    return ZD_CODE_NONE;
}

static zd_code scan_text(scan *s)
{
    while (s->at < s->size) {
        uint8_t byte = s->data[s->at];
        zd_code code = ZD_CODE_NONE;
        if (byte == '"') {
            s->at++;
            code = scan_string(s);
        } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
            code = scan_number(s);
        } else if (byte == '{' || byte == '[') {
            s->depth++;
            code = s->depth > ZD_JSON_DEPTH ? ZD_E_JSON_SYNTAX : ZD_CODE_NONE;
            s->at += code == ZD_CODE_NONE ? 1 : 0;
        } else if (byte < 0x20 && byte != '\n' && byte != '\t' && byte != '\r') {
            code = ZD_E_TEXT_CONTROL; /* above all NUL, which jansson 2.14 passes over when it follows a number */
        } else {
            s->depth -= (byte == '}' || byte == ']') && s->depth > 0 ? 1 : 0;
            s->at++;
        }
        if (code != ZD_CODE_NONE) {
            return code;
        }
    }
    return ZD_CODE_NONE;
}

/* The column is the offset in the whole text, whatever its lines; the sentence names the line as people count. */
static zd_status fail_at(zd_error *err, zd_code code, zd_span text, size_t offset, const char *what)
{
    size_t line = 1;
    for (size_t i = 0; i < offset && i < text.size; i++) {
        line += text.data[i] == '\n' ? 1 : 0;
    }
    zd_status status = zd_fail(err, code, "%s, at line %zu, byte %zu of the text", what, line, offset + 1);
    if (err != NULL && err->code == code) {
        zd_error_at(err, 0, (int64_t)offset + 1);
    }
    return status;
}

static zd_status fail_scan(zd_error *err, zd_code code, const scan *s)
{
    const char *what = code == ZD_E_JSON_REAL     ? "a number with a fraction or an exponent"
                       : code == ZD_E_JSON_RANGE  ? "an integer beyond 9007199254740991"
                       : code == ZD_E_JSON_SYNTAX ? "nested deeper than 16 levels"
                                                  : "a control character";
    return fail_at(err, code, zd_span_of(s->data, s->size), s->at, what);
}

/* The name that ends right before offset, for display. */
static zd_span name_before(zd_span text, size_t offset)
{
    if (offset < 2 || offset > text.size || text.data[offset - 1] != '"') {
        return zd_span_of(NULL, 0);
    }
    size_t end = offset - 1;
    size_t start = end;
    while (start > 0 && text.data[start - 1] != '"') {
        start--;
    }
    return zd_span_of(text.data + start, end - start);
}

static zd_status fail_jansson(zd_error *err, const json_error_t *error, zd_span text)
{
    size_t consumed = error->position > 0 ? (size_t)error->position : 0;
    size_t offset = consumed > 0 ? consumed - 1 : 0;
    enum json_error_code code = json_error_code(error);
    ZD_ASSERT(code != json_error_out_of_memory);
    if (code == json_error_duplicate_key) {
        zd_status status = fail_at(err, ZD_E_JSON_DUPLICATE, text, offset, "the second field of that name");
        zd_error_field(err, "field", name_before(text, consumed));
        return status;
    }
    if (code == json_error_invalid_utf8) {
        return fail_at(err, ZD_E_TEXT_NOT_UTF8, text, offset, "a byte that is not UTF-8");
    }
    if (code == json_error_end_of_input_expected) {
        return fail_at(err, ZD_E_JSON_SYNTAX, text, offset, "something follows the value");
    }
    if (code == json_error_premature_end_of_input) {
        return fail_at(err, ZD_E_JSON_SYNTAX, text, text.size, "the text ends too early");
    }
    return fail_at(err, ZD_E_JSON_SYNTAX, text, offset, "not JSON");
}

zd_status zd_json_parse(zd_json **out, zd_span text, bool object_only, zd_error *err)
{
    scan s = {.data = text.data, .size = text.size};
    zd_code code = scan_text(&s);
    if (code != ZD_CODE_NONE) {
        return fail_scan(err, code, &s);
    }
    size_t flags = JSON_REJECT_DUPLICATES | (object_only ? (size_t)0 : (size_t)JSON_DECODE_ANY);
    json_error_t error;
    json_t *root = json_loadb(text.size > 0 ? (const char *)text.data : "", text.size, flags, &error);
    if (root == NULL) {
        return fail_jansson(err, &error, text);
    }
    if (object_only && !json_is_object(root)) {
        json_decref(root);
        return fail_at(err, ZD_E_JSON_SYNTAX, text, 0, "an array where an object is wanted");
    }
    *out = zd_alloc(sizeof **out);
    (*out)->root = root;
    return ZD_OK;
}

void zd_json_free(zd_json *json)
{
    if (json != NULL) {
        json_decref(json->root);
        free(json);
    }
}

zd_jval zd_json_root(const zd_json *json)
{
    return (zd_jval){json->root};
}

/* jansson's iterators want a pointer that could write; nothing here does. */
static json_t *node_of(zd_jval value)
{
    return (json_t *)(uintptr_t)value.node;
}

zd_jkind zd_jval_kind(zd_jval value)
{
    if (value.node == NULL) {
        return ZD_J_ABSENT;
    }
    switch (json_typeof(node_of(value))) {
    case JSON_OBJECT:
        return ZD_J_OBJECT;
    case JSON_ARRAY:
        return ZD_J_ARRAY;
    case JSON_STRING:
        return ZD_J_STRING;
    case JSON_INTEGER:
        return ZD_J_INT;
    case JSON_TRUE:
    case JSON_FALSE:
        return ZD_J_BOOL;
    case JSON_NULL:
        return ZD_J_NULL;
    case JSON_REAL:
        break;
    }
    zd_check_failed(__FILE__, __LINE__, "a real passed the scan");
}

zd_jval zd_jval_get(zd_jval object, const char *name)
{
    return (zd_jval){json_object_get(node_of(object), name)}; /* NULL for other kinds and for NULL */
}

size_t zd_jval_count(zd_jval array_or_object)
{
    json_t *node = node_of(array_or_object);
    return json_is_object(node) ? json_object_size(node) : json_array_size(node);
}

zd_jval zd_jval_at(zd_jval array, size_t index)
{
    return (zd_jval){json_array_get(node_of(array), index)};
}

zd_span zd_jval_text(zd_jval string)
{
    json_t *node = node_of(string);
    return zd_span_of(json_string_value(node), json_string_length(node));
}

int64_t zd_jval_int(zd_jval integer)
{
    return json_integer_value(node_of(integer));
}

bool zd_jval_bool(zd_jval boolean)
{
    return json_is_true(node_of(boolean));
}

zd_status zd_jval_each(zd_jval object, zd_status (*visit)(void *context, zd_span name, zd_jval value), void *context)
{
    json_t *node = node_of(object);
    zd_status status = ZD_OK;
    for (void *at = json_object_iter(node); at != NULL && status == ZD_OK; at = json_object_iter_next(node, at)) {
        zd_span name = zd_span_of(json_object_iter_key(at), json_object_iter_key_len(at));
        status = visit(context, name, (zd_jval){json_object_iter_value(at)});
    }
    return status;
}

/* Fetches the field and checks its kind; the caller's *out stays untouched on failure. */
static zd_status need(zd_jval *out, zd_jval object, const char *name, zd_jkind kind, zd_error *err)
{
    static const char *const kinds[] = {
        [ZD_J_ABSENT] = "nothing", [ZD_J_OBJECT] = "an object", [ZD_J_ARRAY] = "an array", [ZD_J_STRING] = "a string",
        [ZD_J_INT] = "an integer", [ZD_J_BOOL] = "a boolean",   [ZD_J_NULL] = "null",
    };
    zd_jval value = zd_jval_get(object, name);
    zd_jkind found = zd_jval_kind(value);
    if (found == kind) {
        *out = value;
        return ZD_OK;
    }
    zd_code code = found == ZD_J_ABSENT ? ZD_E_JSON_MISSING : ZD_E_JSON_TYPE;
    zd_status status = zd_fail(err, code, "wanted %s, found %s", kinds[kind], kinds[found]);
    zd_error_field(err, name, zd_jval_text(value));
    return status;
}

zd_status zd_jval_need_int(int64_t *out, zd_jval object, const char *name, int64_t min, int64_t max, zd_error *err)
{
    zd_jval value;
    zd_status status = need(&value, object, name, ZD_J_INT, err);
    if (status != ZD_OK) {
        return status;
    }
    int64_t number = zd_jval_int(value);
    if (number < min || number > max) {
        char shown[24];
        zd_format(shown, sizeof shown, "%lld", (long long)number);
        status = zd_fail(err, ZD_E_JSON_RANGE, "from %lld to %lld", (long long)min, (long long)max);
        zd_error_field(err, name, zd_span_text(shown));
        return status;
    }
    *out = number;
    return ZD_OK;
}

zd_status zd_jval_need_text(zd_span *out, zd_jval object, const char *name, zd_error *err)
{
    zd_jval value;
    zd_status status = need(&value, object, name, ZD_J_STRING, err);
    if (status == ZD_OK) {
        *out = zd_jval_text(value);
    }
    return status;
}

zd_status zd_jval_need_array(zd_jval *out, zd_jval object, const char *name, zd_error *err)
{
    return need(out, object, name, ZD_J_ARRAY, err);
}
