/* Cosignatures of witnesses; see checkpoint.h. */
#include <inttypes.h>
#include <string.h>

#include "ledger/log/checkpoint.h"

#define TIME_SIZE 8
#define SIGNATURE_SIZE 64

zd_status zd_witness_parse(zd_witness *out, zd_span vkey, zd_error *err)
{
    zd_span name;
    uint8_t type;
    zd_witness found;
    zd_status status = zd_vkey_parse(&name, &type, &found.key, vkey, err);
    if (status != ZD_OK) {
        return status;
    }
    if (type != ZD_NOTE_TYPE_COSIGNATURE) {
        return zd_fail(err, ZD_E_KEY_FILE, "a witness's verifier key is of type 4, this one of type %u", (unsigned)type);
    }
    if (!zd_span_copy(found.name, sizeof found.name, name)) {
        return zd_fail(err, ZD_E_KEY_FILE, "the witness's name is too long");
    }
    *out = found;
    return ZD_OK;
}

void zd_cosignature_message(zd_buf *out, int64_t time_unix_s, zd_span text)
{
    ZD_ASSERT(time_unix_s >= 0);
    zd_buf_addf(out, "cosignature/v1\ntime %" PRId64 "\n", time_unix_s);
    zd_buf_add_span(out, text);
}

void zd_cosignature_add_line(zd_buf *out, const zd_witness *witness, int64_t time_unix_s, const uint8_t signature[64])
{
    ZD_ASSERT(time_unix_s >= 0);
    uint8_t key_id[4];
    uint8_t blob[TIME_SIZE + SIGNATURE_SIZE];
    zd_note_key_id(key_id, zd_span_text(witness->name), ZD_NOTE_TYPE_COSIGNATURE, &witness->key);
    for (unsigned i = 0; i < TIME_SIZE; i++) {
        blob[i] = (uint8_t)((uint64_t)time_unix_s >> (8 * (TIME_SIZE - 1 - i)));
    }
    memcpy(blob + TIME_SIZE, signature, SIGNATURE_SIZE);
    zd_note_add_line(out, zd_span_text(witness->name), key_id, zd_span_of(blob, sizeof blob));
}

/* Name and key id are the witness's: this line claims to be its. */
static bool is_line_of(const zd_note_signature *line, const zd_witness *witness)
{
    uint8_t key_id[4];
    if (!zd_span_is(line->name, witness->name)) {
        return false;
    }
    zd_note_key_id(key_id, line->name, ZD_NOTE_TYPE_COSIGNATURE, &witness->key);
    return memcmp(line->key_id, key_id, sizeof key_id) == 0;
}

static bool verify_line(int64_t *out_time_unix_s, const zd_note_signature *line, zd_span text, const zd_witness *witness)
{
    if (line->blob_size != TIME_SIZE + SIGNATURE_SIZE || (line->blob[0] & 0x80) != 0) {
        return false; /* another length, or a time above 2^63 - 1 */
    }
    uint64_t time = 0;
    for (unsigned i = 0; i < TIME_SIZE; i++) {
        time = time << 8 | line->blob[i];
    }
    zd_buf message = {0};
    zd_cosignature_message(&message, (int64_t)time, text);
    bool good = zd_ed25519_verify(line->blob + TIME_SIZE, zd_buf_span(&message), &witness->key);
    zd_buf_free(&message);
    *out_time_unix_s = (int64_t)time;
    return good;
}

static zd_status check_distinct(const zd_witness *witnesses, size_t count, zd_error *err)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(witnesses[i].name, witnesses[k].name) == 0 ||
                memcmp(witnesses[i].key.bytes, witnesses[k].key.bytes, sizeof witnesses[i].key.bytes) == 0) {
                zd_status status = zd_fail(err, ZD_E_WITNESS_KEYS, "see also %s", witnesses[k].name);
                zd_error_field(err, "witness", zd_span_text(witnesses[i].name));
                return status;
            }
        }
    }
    return ZD_OK;
}

/* The latest verified line of one witness; *found false when it has none. */
static zd_status find_line(zd_cosignature *out, bool *found, const zd_note *note, const zd_witness *witness, zd_error *err)
{
    *found = false;
    for (size_t i = 0; i < note->count; i++) {
        int64_t time_unix_s = 0;
        if (!is_line_of(&note->signatures[i], witness)) {
            continue;
        }
        if (!verify_line(&time_unix_s, &note->signatures[i], note->text, witness)) {
            zd_status status = zd_fail(err, ZD_E_SIGNATURE_BAD, "signature line %zu, by a witness", i + 1);
            zd_error_field(err, "witness", zd_span_text(witness->name));
            return status;
        }
        if (!*found || time_unix_s > out->time_unix_s) {
            out->line = i;
            out->time_unix_s = time_unix_s;
            *found = true;
        }
    }
    return ZD_OK;
}

zd_status zd_checkpoint_cosignatures(zd_cosignature *out, size_t *out_count, const zd_note *note, const zd_witness *witnesses,
                                     size_t count, zd_error *err)
{
    *out_count = 0;
    size_t verified = 0;
    zd_status status = check_distinct(witnesses, count, err);
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        bool found = false;
        zd_cosignature cosignature = {.witness = i};
        status = find_line(&cosignature, &found, note, &witnesses[i], err);
        if (status == ZD_OK && found) {
            out[verified] = cosignature;
            verified++;
        }
    }
    if (status == ZD_OK) {
        *out_count = verified;
    }
    return status;
}

zd_status zd_cosignature_accept(zd_buf *lines, zd_span text, zd_span answer, const zd_witness *witness, zd_error *err)
{
    zd_buf whole = {0};
    zd_note note;
    zd_cosignature cosignature = {.witness = 0};
    bool found = false;
    zd_status status = ZD_OK;
    zd_buf_add_span(&whole, text);
    zd_buf_add_byte(&whole, '\n');
    zd_buf_add_span(&whole, answer);
    status = zd_note_split(&note, zd_buf_span(&whole), err);
    if (status == ZD_OK && note.text.size != text.size) {
        /* A blank line inside the answer would move where the text ends. */
        status = zd_fail(err, ZD_E_NOTE_MALFORMED, "the witness's answer is not made of signature lines");
    }
    if (status == ZD_OK) {
        status = find_line(&cosignature, &found, &note, witness, err);
    }
    if (status == ZD_OK && !found) {
        status = zd_fail(err, ZD_E_SIGNATURE_BAD, "the answer has no line of this witness");
        zd_error_field(err, "witness", zd_span_text(witness->name));
    }
    if (status == ZD_OK) {
        const zd_note_signature *line = &note.signatures[cosignature.line];
        zd_note_add_line(lines, line->name, line->key_id, zd_span_of(line->blob, line->blob_size));
    }
    zd_buf_free(&whole);
    return status;
}
