/* Encoding, decoding and JSON of the working set's records, driven by tables made from records.def; see records.h. */
#include "ledger/record/records.h"

#include <string.h>

#define FORMAT_VERSION 1

typedef enum column_kind { COLUMN_TEXT, COLUMN_INT, COLUMN_HASH } column_kind;

typedef struct column {
    const char *name;
    column_kind kind;
    size_t offset;
    size_t size;  /* of one value */
    size_t count; /* values */
    bool array;
} column;

/* One table of columns per kind; offsets come from the structs that the same file generates. */
#define T(field, bytes) {#field, COLUMN_TEXT, offsetof(THIS, field), bytes, 1, false},
#define I(field) {#field, COLUMN_INT, offsetof(THIS, field), sizeof(int64_t), 1, false},
#define H(field) {#field, COLUMN_HASH, offsetof(THIS, field), ZD_HASH_SIZE, 1, false},
#define TA(field, bytes, n) {#field, COLUMN_TEXT, offsetof(THIS, field), bytes, n, true},
#define IA(field, n) {#field, COLUMN_INT, offsetof(THIS, field), sizeof(int64_t), n, true},
#define ZD_RECORD(ID, record_name, prefix, fields)                                                                     \
    static const column *columns_of_##record_name(size_t *count)                                                      \
    {                                                                                                                  \
        typedef zd_rec_##record_name THIS;                                                                             \
        static const column table[] = {fields};                                                                        \
        *count = ZD_COUNT(table);                                                                                      \
        return table;                                                                                                  \
    }
#include "ledger/record/records.def"
#undef ZD_RECORD
#undef T
#undef I
#undef H
#undef TA
#undef IA

typedef struct kind_row {
    const char *prefix;
    size_t prefix_size;
    size_t size;
    const column *(*columns)(size_t *count);
} kind_row;

static const kind_row kinds[ZD_R__COUNT] = {
#define ZD_RECORD(ID, record_name, prefix, fields) [ZD_R_##ID] = {prefix, sizeof(prefix) - 1, sizeof(zd_rec_##record_name), columns_of_##record_name},
#include "ledger/record/records.def"
#undef ZD_RECORD
};

size_t zd_record_size(zd_record_kind kind)
{
    ZD_ASSERT(kind < ZD_R__COUNT);
    return kinds[kind].size;
}

const char *zd_record_prefix(zd_record_kind kind)
{
    ZD_ASSERT(kind < ZD_R__COUNT);
    return kinds[kind].prefix;
}

size_t zd_record_key_start(char *out, zd_record_kind kind)
{
    ZD_ASSERT(kind < ZD_R__COUNT);
    size_t size = kinds[kind].prefix_size;
    memcpy(out, kinds[kind].prefix, size);
    out[size] = '/';
    return size + 1;
}

bool zd_record_kind_of_key(zd_record_kind *out, zd_span key)
{
    zd_span head;
    (void)zd_span_cut(&head, key, '/');
    for (int i = 0; i < ZD_R__COUNT; i++) {
        if (zd_span_is(head, kinds[i].prefix)) {
            *out = (zd_record_kind)i;
            return true;
        }
    }
    return false;
}

#define VARINT_MAX 10 /* bytes */

/* LEB128 of the zigzag form, so that small negative numbers stay short too. */
static uint8_t *put_varint(uint8_t *to, uint64_t value)
{
    while (value >= 0x80) {
        *to++ = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    *to++ = (uint8_t)value;
    return to;
}

static uint64_t zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (uint64_t)(value >> 63);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static bool take_varint(uint64_t *out, zd_span *from)
{
    *out = 0;
    for (unsigned shift = 0; shift < 64 && from->size > 0; shift += 7) {
        uint8_t byte = from->data[0];
        *from = zd_span_of(from->data + 1, from->size - 1);
        *out |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0) {
            return shift == 0 || byte != 0;
        }
    }
    return false;
}

/* size: of the field. Mostly it is empty or short. */
static uint8_t *put_text(uint8_t *to, const char *text, size_t size)
{
    if (text[0] == '\0') {
        *to++ = 0;
        return to;
    }
    size_t length = strlen(text);
    ZD_ASSERT(length < size);
    to = put_varint(to, length);
    memcpy(to, text, length);
    return to + length;
}

static uint8_t *put_texts(uint8_t *to, const char *texts, size_t size, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to = put_text(to, texts + i * size, size);
    }
    return to;
}

static uint8_t *put_ints(uint8_t *to, const int64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        to = put_varint(to, zigzag(values[i]));
    }
    return to;
}

static uint8_t *put_hash(uint8_t *to, const zd_hash *hash)
{
    memcpy(to, hash->bytes, ZD_HASH_SIZE);
    return to + ZD_HASH_SIZE;
}

/* One encoder per kind, field after field: a record is written each time that it changed. */
#define T(field, bytes) to = put_text(to, record->field, bytes);
#define I(field) to = put_varint(to, zigzag(record->field));
#define H(field) to = put_hash(to, &record->field);
#define TA(field, bytes, n) to = put_texts(to, record->field[0], bytes, n);
#define IA(field, n) to = put_ints(to, record->field, n);
#define ZD_RECORD(ID, record_name, prefix, fields)                                                                     \
    static uint8_t *encode_##record_name(uint8_t *to, const void *of)                                                  \
    {                                                                                                                  \
        const zd_rec_##record_name *record = of;                                                                       \
        fields return to;                                                                                              \
    }
#include "ledger/record/records.def"
#undef ZD_RECORD
#undef T
#undef I
#undef H
#undef TA
#undef IA

static uint8_t *(*const encoders[ZD_R__COUNT])(uint8_t *to, const void *of) = {
#define ZD_RECORD(ID, record_name, prefix, fields) [ZD_R_##ID] = encode_##record_name,
#include "ledger/record/records.def"
#undef ZD_RECORD
};

/* What the fields can take at most: a number, and a length, has no more than ten bytes. */
#define T(field, bytes) +(bytes) + VARINT_MAX
#define I(field) +VARINT_MAX
#define H(field) +ZD_HASH_SIZE
#define TA(field, bytes, n) +(n) * ((bytes) + VARINT_MAX)
#define IA(field, n) +(n) * VARINT_MAX
static const size_t most_bytes[ZD_R__COUNT] = {
#define ZD_RECORD(ID, record_name, prefix, fields) [ZD_R_##ID] = 1 fields,
#include "ledger/record/records.def"
#undef ZD_RECORD
};
#undef T
#undef I
#undef H
#undef TA
#undef IA

void zd_record_encode(zd_buf *out, zd_record_kind kind, const void *record)
{
    uint8_t *start = zd_buf_reserve(out, most_bytes[kind]);
    start[0] = FORMAT_VERSION;
    uint8_t *to = encoders[kind](start + 1, record);
    *to = 0;
    out->size += (size_t)(to - start);
}

static bool decode_value(uint8_t *to, const column *c, zd_span *from)
{
    uint64_t number = 0;
    switch (c->kind) {
    case COLUMN_INT: {
        if (!take_varint(&number, from)) {
            return false;
        }
        int64_t value = unzigzag(number);
        memcpy(to, &value, sizeof value);
        return true;
    }
    case COLUMN_HASH:
        number = ZD_HASH_SIZE;
        break;
    case COLUMN_TEXT:
        if (!take_varint(&number, from) || number >= c->size) {
            return false;
        }
        break;
    }
    if (number > from->size) {
        return false;
    }
    memcpy(to, from->data, (size_t)number);
    *from = zd_span_of(from->data + number, from->size - (size_t)number);
    return true;
}

zd_status zd_record_decode(void *out, zd_record_kind kind, zd_span bytes, zd_error *err)
{
    size_t count = 0;
    const column *columns = kinds[kind].columns(&count);
    memset(out, 0, kinds[kind].size);
    bool good = bytes.size > 0 && bytes.data[0] == FORMAT_VERSION;
    zd_span rest = good ? zd_span_of(bytes.data + 1, bytes.size - 1) : bytes;
    for (size_t i = 0; good && i < count; i++) {
        uint8_t *at = (uint8_t *)out + columns[i].offset;
        for (size_t n = 0; good && n < columns[i].count; n++, at += columns[i].size) {
            good = decode_value(at, &columns[i], &rest);
        }
    }
    if (!good || rest.size != 0) {
        return zd_fail(err, ZD_E_LEDGER_CORRUPT, "a %s record cannot be read", kinds[kind].prefix);
    }
    return ZD_OK;
}

static void json_value(zd_jw *w, const char *name, const column *c, const uint8_t *at)
{
    if (c->kind == COLUMN_INT) {
        int64_t value = 0;
        memcpy(&value, at, sizeof value);
        zd_jw_int(w, name, value);
    } else if (c->kind == COLUMN_TEXT) {
        zd_jw_cstr(w, name, (const char *)at);
    } else {
        char hex[ZD_HASH_HEX];
        zd_hash hash;
        memcpy(hash.bytes, at, sizeof hash.bytes);
        zd_hash_hex(hex, &hash);
        zd_jw_cstr(w, name, hex);
    }
}

void zd_record_json(zd_jw *w, const char *name, zd_record_kind kind, const void *record)
{
    size_t count = 0;
    const column *columns = kinds[kind].columns(&count);
    zd_jw_object(w, name);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *at = (const uint8_t *)record + columns[i].offset;
        if (!columns[i].array) {
            json_value(w, columns[i].name, &columns[i], at);
            continue;
        }
        zd_jw_array(w, columns[i].name);
        for (size_t n = 0; n < columns[i].count; n++, at += columns[i].size) {
            json_value(w, NULL, &columns[i], at);
        }
        zd_jw_close(w);
    }
    zd_jw_close(w);
}
