/*
 * Typed requests. A verified signed text becomes a zd_request: type, header and one slot per field of fields.def. The schema of each
 * type (requests.def) decides which fields must and may be there; everything else is an error that names the field.
 * Values borrow from the parsed document that the request owns.
 */
#ifndef ZD_RECORD_REQUEST_H
#define ZD_RECORD_REQUEST_H

#include "ledger/json/flat.h"
#include "ledger/seal/hash.h"

#define ZD_REQUEST_TEXT_MAX 60000
#define ZD_ID_SIZE 41 /* bytes with NUL of an identifier */
#define ZD_REQUEST_VALUES 41 /* most fields that a type has, and one; a test looks at all types */

typedef enum zd_field {
#define ZD_FIELD(id, name, kind, minimum, maximum) ZD_F_##id,
#include "ledger/record/fields.def"
#undef ZD_FIELD
    ZD_F__COUNT
} zd_field;

typedef enum zd_field_kind {
    ZD_KIND_ID, ZD_KIND_SERIAL, ZD_KIND_KEYNAME, ZD_KIND_SUBJECT, ZD_KIND_TAGS, ZD_KIND_LABEL, ZD_KIND_FEN, ZD_KIND_INT, ZD_KIND_BOOL, ZD_KIND_DATE,
    ZD_KIND_TIME, ZD_KIND_HASH, ZD_KIND_WORD, ZD_KIND_POLICY, ZD_KIND_ITEMS
} zd_field_kind;

/* One enum per word set: ZD_ROLE_ROOT, ZD_CLASS_ENTERPRISE, ... numbered within the set from 0. */
enum zd_word_all {
#define ZD_WORD(set, id, word) ZD_WORD_##set##_##id,
#include "ledger/record/words.def"
#undef ZD_WORD
    ZD_WORD__COUNT
};
#define ZD_ROLE(id) (ZD_WORD_ROLE_##id - ZD_WORD_ROLE_ROOT)
#define ZD_REASON(id) (ZD_WORD_REASON_##id - ZD_WORD_REASON_RETIRED)
#define ZD_CLASS(id) (ZD_WORD_CLASS_##id - ZD_WORD_CLASS_ENTERPRISE)
#define ZD_AFFILIATION(id) (ZD_WORD_AFFILIATION_##id - ZD_WORD_AFFILIATION_NONE)
#define ZD_CONSENT(id) (ZD_WORD_CONSENT_##id - ZD_WORD_CONSENT_MISSING)
#define ZD_FACT(id) (ZD_WORD_FACT_##id - ZD_WORD_FACT_INVOICE_CHECK)
#define ZD_ANSWER(id) (ZD_WORD_ANSWER_##id - ZD_WORD_ANSWER_ACCEPTED)

#define ZD_BANK_FORM(id) (ZD_WORD_BANK_FORM_##id - ZD_WORD_BANK_FORM_STATUS)
#define ZD_SIDE_WORD(id) (ZD_WORD_SIDE_##id - ZD_WORD_SIDE_DEBIT)
#define ZD_BANK_EXCEPTION(id) (ZD_WORD_BANK_EXCEPTION_##id - ZD_WORD_BANK_EXCEPTION_UNJUSTIFIED_DEBIT)

typedef enum zd_request_type {
#define ZD_REQUEST(id, name, roles, flags, required, optional) ZD_REQ_##id,
#include "ledger/record/requests.def"
#undef ZD_REQUEST
    ZD_REQ__COUNT
} zd_request_type;

enum { ZD_REQUEST_BATCHABLE = 1, ZD_REQUEST_TWO = 2, ZD_REQUEST_ROOTS = 4 };

typedef struct zd_value {
    bool present;
    int64_t number; /* FEN, INT, BOOL (0/1), DATE (day), TIME (unix ms), WORD (position in its set) */
    zd_span text;   /* as written, for all kinds that are JSON strings; borrowed */
    zd_hash hash;   /* HASH kinds, decoded */
} zd_value;

typedef struct zd_request {
    zd_request_type type;
    zd_span ledger; /* origin */
    zd_span id;
    int64_t expires_unix_ms;
    zd_hash text_sha256; /* of the signed text; for an item: of its fields in field order (zd_request_content) */
    size_t value_count;
    size_t item_count;  /* of a batch or genesis */
    zd_jval items;      /* borrowed from document */
    zd_jval policy;     /* POLICY field; borrowed */
    zd_json *document;  /* owned; NULL in items, and when flat is there */
    zd_flat *flat;      /* owned; NULL in items, and when the text was not plain */
    size_t flat_items;  /* first object of the items in flat */
    uint8_t slot[ZD_F__COUNT];           /* where a field's value is; 0 = absent */
    zd_value value[ZD_REQUEST_VALUES];   /* [0] is what absent fields read as; nothing behind [value_count] was ever written */
} zd_request;

/* Parses a verified text. Errors: NOTE_TOO_LARGE, JSON_*, TEXT_*, FIELD_INVALID, REQUEST_TYPE, each with the field's name. */
zd_status zd_request_parse(zd_request *out, zd_span text, zd_error *err);
/* The same without the short way for plain texts: the reader that judges. zd_request_parse asks it whenever the short way gives up. For tests that compare. */
zd_status zd_request_parse_tree(zd_request *out, zd_span text, zd_error *err);
void zd_request_free(zd_request *request);
/* Item i of a batch or genesis as a request of its own: header from the batch, id and fields from the item. Borrows from batch. */
zd_status zd_request_item(zd_request *out, const zd_request *batch, size_t index, zd_error *err);
/* SHA-256 over type, id and every present field in field order: the identity of an item's content. */
zd_hash zd_request_content(const zd_request *request);

/* Schema questions. */
const char *zd_request_name(zd_request_type type);
bool zd_request_find(zd_request_type *out, zd_span name);
uint32_t zd_request_roles(zd_request_type type); /* bit (1u << role) */
unsigned zd_request_flags(zd_request_type type);
bool zd_request_has(zd_request_type type, zd_field field, bool *required);
/* Finds one of the type's own fields by name. hint is the caller's, zeroed before the first call: fields mostly come in the order of the schema. */
bool zd_request_field(zd_field *out, bool *required, zd_request_type type, zd_span name, size_t *hint);
size_t zd_request_required(zd_request_type type); /* how many fields must be there */
const char *zd_field_name(zd_field field);
bool zd_field_find(zd_field *out, zd_span name);
zd_field_kind zd_field_kind_of(zd_field field);
int64_t zd_field_minimum(zd_field field); /* INT: least value; text kinds: least length in bytes */
int64_t zd_field_maximum(zd_field field); /* 0 = no bound for INT */
/* Word lists by the field that they belong to; NULL when the number is outside. */
const char *zd_word_text(zd_field field, int64_t number);
ZD_MUST_USE bool zd_word_find(int64_t *out, zd_field field, zd_span word);
/* Checks one textual value as the parser would; sets FIELD_INVALID with what is allowed. For forms and import. */
zd_status zd_field_check_text(zd_value *out, zd_field field, zd_span text, zd_error *err);
zd_status zd_field_check_int(zd_value *out, zd_field field, int64_t number, zd_error *err);

/* Access. Missing optional fields read as 0, empty text, zero hash. */
static inline int64_t zd_req_int(const zd_request *r, zd_field field) { return r->value[r->slot[field]].number; }
static inline zd_span zd_req_text(const zd_request *r, zd_field field) { return r->value[r->slot[field]].text; }
static inline bool zd_req_has(const zd_request *r, zd_field field) { return r->slot[field] != 0; }
static inline const zd_hash *zd_req_hash(const zd_request *r, zd_field field) { return &r->value[r->slot[field]].hash; }

/* "a,b,c" lists: is `tag` one of them? `all` matches everything. */
bool zd_tags_has(zd_span tags, zd_span tag);

#endif
