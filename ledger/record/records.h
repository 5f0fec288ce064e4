/*
 * The records of the working set as C structs, generated from records.def, with their byte encoding (version byte, then fields in
 * order: text as varint length and bytes, integers as zigzag varints, hashes raw). Fixed-size values without pointers.
 */
#ifndef ZD_RECORD_RECORDS_H
#define ZD_RECORD_RECORDS_H

#include "ledger/json/json.h"
#include "ledger/seal/hash.h"

#define ZD_LEGS 4      /* pools that one order may draw on */
#define ZD_KEY_MAX 255 /* bytes of a record key */

typedef enum zd_record_kind {
#define ZD_RECORD(ID, name, prefix, fields) ZD_R_##ID,
#include "ledger/record/records.def"
#undef ZD_RECORD
    ZD_R__COUNT
} zd_record_kind;

#define T(field, bytes) char field[bytes];
#define I(field) int64_t field;
#define H(field) zd_hash field;
#define TA(field, bytes, n) char field[n][bytes];
#define IA(field, n) int64_t field[n];
#define ZD_RECORD(ID, name, prefix, fields)                                                                            \
    typedef struct zd_rec_##name {                                                                                     \
        fields                                                                                                         \
    } zd_rec_##name;
#include "ledger/record/records.def"
#undef ZD_RECORD
#undef T
#undef I
#undef H
#undef TA
#undef IA

/* States; stored, so append only. */
typedef enum zd_voucher_state { ZD_V_CLAIMED = 1, ZD_V_ACTIVE, ZD_V_SUSPENDED, ZD_V_REVOKED, ZD_V_LAPSED } zd_voucher_state;
typedef enum zd_order_state { ZD_O_RESERVED = 1, ZD_O_PARTIAL, ZD_O_CAPTURED, ZD_O_VOIDED, ZD_O_EXPIRED } zd_order_state;
typedef enum zd_item_state { ZD_I_CAPTURED = 1, ZD_I_VOIDED, ZD_I_REJECTED } zd_item_state;
typedef enum zd_batch_state { ZD_B_SEALED = 1, ZD_B_APPROVED, ZD_B_RELEASED, ZD_B_WITHDRAWN, ZD_B_SETTLING, ZD_B_CLOSED, ZD_B_SUBMITTED, ZD_B_ACKED, ZD_B_REJECTED,
                              ZD_B_VOIDED, ZD_B_EXPIRED, ZD_B_DRAFT } zd_batch_state;
typedef enum zd_line_state { ZD_L_PENDING = 1, ZD_L_ACCEPTED, ZD_L_DEBITED, ZD_L_PAID, ZD_L_RETURNED, ZD_L_FAILED, ZD_L_UNKNOWN, ZD_L_HELD, ZD_L_ZERO, ZD_L_WITHDRAWN } zd_line_state;
typedef enum zd_invoice_check { ZD_INV_UNCHECKED = 0, ZD_INV_OK, ZD_INV_VOID } zd_invoice_check;

size_t zd_record_size(zd_record_kind kind); /* of its struct */
const char *zd_record_prefix(zd_record_kind kind);
size_t zd_record_key_start(char *out, zd_record_kind kind); /* writes "PREFIX/", without NUL; how many bytes that was. At most 16 */
bool zd_record_kind_of_key(zd_record_kind *out, zd_span key); /* by the prefix before the first '/' */
void zd_record_encode(zd_buf *out, zd_record_kind kind, const void *record);
/* LEDGER_CORRUPT when the bytes are not exactly one record of this kind. */
zd_status zd_record_decode(void *out, zd_record_kind kind, zd_span bytes, zd_error *err);
/* Every field as JSON, by name; empty texts and zero numbers too. For show, doctor and exports. */
void zd_record_json(zd_jw *w, const char *name, zd_record_kind kind, const void *record);

#endif
