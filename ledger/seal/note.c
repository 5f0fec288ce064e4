/*
 * Signed notes; see note.h and c2sp.org/signed-note.
 *
 * Invariants: a note that splits is rebuilt byte for byte by text, blank line and lines, because base64 and names
 * have one form only; nothing is allocated for notes of the usual kinds. Verification shares no state, so every core may
 * verify at once. Must not: judge which keys are to be believed, or read the text.
 */
#include "ledger/seal/note.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define LINE_START "\xe2\x80\x94 " /* U+2014 EM DASH and a space */
#define KEY_ID_SIZE 4
#define KEY_BLOB_SIZE 33 /* type and key */

static_assert(sizeof(zd_public_key) == crypto_sign_ed25519_PUBLICKEYBYTES, "a key is 32 bytes");

static zd_status malformed(zd_error *err, size_t line, const char *what)
{
    if (line == 0) {
        return zd_fail(err, ZD_E_NOTE_MALFORMED, "%s", what);
    }
    return zd_fail(err, ZD_E_NOTE_MALFORMED, "signature line %zu: %s", line, what);
}

/* White space by Unicode outside ASCII (White_Space=yes): two sequences of two bytes, the others of three. */
static bool starts_with_space(zd_span text)
{
    static const char *const spaces[] = {
        "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
        "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
        "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80",
    };
    for (size_t i = 0; i < ZD_COUNT(spaces); i++) {
        if (zd_span_starts(text, spaces[i])) {
            return true;
        }
    }
    return false;
}

static bool is_name(zd_span name)
{
    if (name.size == 0 || name.size >= ZD_NOTE_NAME_MAX) {
        return false;
    }
    bool ascii = true;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t byte = name.data[i];
        if (byte <= 0x20 || byte == '+') {
            return false;
        }
        ascii = ascii && byte < 0x80;
    }
    if (ascii) {
        return true;
    }
    for (size_t i = 0; i < name.size; i++) {
        if (starts_with_space(zd_span_of(name.data + i, name.size - i))) {
            return false;
        }
    }
    return zd_span_is_utf8(name);
}

/* Decodes key id and signature. A longer blob is of a kind that we do not know: its form is checked, it is not kept. */
static bool read_blob(zd_note_signature *out, zd_span text)
{
    uint8_t room[KEY_ID_SIZE + sizeof out->blob + 8];
    zd_buf decoded = {.data = room, .capacity = sizeof room};
    bool fits = text.size / 4 * 3 < sizeof room;
    if (!fits) {
        decoded = (zd_buf){0};
    }
    bool good = zd_base64_decode(&decoded, text) && decoded.size > KEY_ID_SIZE;
    if (good) {
        size_t size = decoded.size - KEY_ID_SIZE;
        memcpy(out->key_id, decoded.data, KEY_ID_SIZE);
        out->blob_size = size <= sizeof out->blob ? size : 0;
        memcpy(out->blob, decoded.data + KEY_ID_SIZE, out->blob_size);
    }
    if (!fits) {
        zd_buf_free(&decoded);
    }
    return good;
}

static zd_status read_line(zd_note_signature *out, zd_span line, size_t number, zd_error *err)
{
    if (!zd_span_starts(line, LINE_START)) {
        return malformed(err, number, "it does not begin with a dash (U+2014) and a space");
    }
    size_t start = sizeof LINE_START - 1;
    zd_span rest = zd_span_of(line.data + start, line.size - start);
    zd_span name;
    zd_span blob = zd_span_cut(&name, rest, ' ');
    if (!is_name(name)) {
        return malformed(err, number, "its name is empty, too long, or holds a space, a '+' or a control character");
    }
    out->name = name;
    if (!read_blob(out, blob)) {
        return malformed(err, number, "its signature is not canonical base64 of a key id and a signature");
    }
    return ZD_OK;
}

/* Offset of the last blank line's newline pair; SIZE_MAX when there is none. */
static size_t last_blank_line(zd_span whole)
{
    for (size_t i = whole.size; i >= 2; i--) {
        if (whole.data[i - 1] == '\n' && whole.data[i - 2] == '\n') {
            return i - 2;
        }
    }
    return SIZE_MAX;
}

/* How many bytes from the start on, in eights, are all from 0x20 to 0x7f. A borrow only spreads from a byte below 0x20, so that none is missed. */
static size_t plain_words(const uint8_t *data, size_t size)
{
    size_t at = 0;
    for (; size - at >= sizeof(uint64_t); at += sizeof(uint64_t)) {
        uint64_t word = 0;
        memcpy(&word, data + at, sizeof word);
        if ((((word - UINT64_C(0x2020202020202020)) | word) & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    return at;
}

static zd_status check_bytes(zd_span whole, zd_error *err)
{
    if (whole.size == 0 || whole.data[whole.size - 1] != '\n') {
        return malformed(err, 0, "it does not end in a newline");
    }
    bool ascii = true;
    for (size_t i = 0; i < whole.size; i++) {
        i += plain_words(whole.data + i, whole.size - i);
        if (i == whole.size) {
            break;
        }
        uint8_t byte = whole.data[i];
        if (byte < 0x20 && byte != '\n') {
            return malformed(err, 0, byte == '\r' ? "it holds a carriage return" : "it holds a control character");
        }
        ascii = ascii && byte < 0x80;
    }
    return ascii || zd_span_is_utf8(whole) ? ZD_OK : malformed(err, 0, "it is not valid UTF-8");
}

zd_status zd_note_split(zd_note *out, zd_span whole, zd_error *err)
{
    zd_status status = check_bytes(whole, err);
    if (status != ZD_OK) {
        return status;
    }
    size_t blank = last_blank_line(whole);
    if (blank == SIZE_MAX) {
        return malformed(err, 0, "no blank line stands between text and signatures");
    }
    zd_span rest = zd_span_of(whole.data + blank + 2, whole.size - blank - 2);
    if (rest.size == 0) {
        return malformed(err, 0, "no signature follows the text");
    }
    out->whole = whole;
    out->text = zd_span_of(whole.data, blank + 1);
    out->count = 0;
    while (rest.size > 0 && status == ZD_OK) {
        if (out->count == ZD_NOTE_SIGNATURES_MAX) {
            return malformed(err, 0, "it has more than 64 signatures");
        }
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        status = read_line(&out->signatures[out->count], line, out->count + 1, err);
        out->count++;
    }
    return status;
}

void zd_note_key_id(uint8_t out[4], zd_span name, uint8_t type, const zd_public_key *key)
{
    const uint8_t middle[2] = {'\n', type};
    const zd_span parts[] = {name, zd_span_of(middle, sizeof middle), zd_span_of(key->bytes, sizeof key->bytes)};
    zd_hash hash = zd_sha256_parts(parts, ZD_COUNT(parts));
    memcpy(out, hash.bytes, KEY_ID_SIZE);
}

bool zd_ed25519_verify(const uint8_t signature[64], zd_span message, const zd_public_key *key)
{
    return crypto_sign_ed25519_verify_detached(signature, message.data, message.size, key->bytes) == 0;
}

bool zd_note_verify(const zd_note *note, size_t index, const zd_public_key *key)
{
    if (index >= note->count || note->signatures[index].blob_size != crypto_sign_ed25519_BYTES) {
        return false;
    }
    const zd_note_signature *line = &note->signatures[index];
    uint8_t wanted[KEY_ID_SIZE];
    zd_note_key_id(wanted, line->name, ZD_NOTE_TYPE_ED25519, key);
    return memcmp(wanted, line->key_id, sizeof wanted) == 0 && zd_ed25519_verify(line->blob, note->text, key);
}

void zd_vkey_add(zd_buf *out, zd_span name, uint8_t type, const zd_public_key *key)
{
    uint8_t key_id[KEY_ID_SIZE];
    zd_note_key_id(key_id, name, type, key);
    uint8_t blob[KEY_BLOB_SIZE] = {type};
    memcpy(blob + 1, key->bytes, sizeof key->bytes);
    zd_buf_add_span(out, name);
    zd_buf_add_byte(out, '+');
    zd_hex_add(out, zd_span_of(key_id, sizeof key_id));
    zd_buf_add_byte(out, '+');
    zd_base64_add(out, zd_span_of(blob, sizeof blob));
}

zd_status zd_vkey_parse(zd_span *name, uint8_t *type, zd_public_key *key, zd_span text, zd_error *err)
{
    zd_span found_name;
    zd_span id_text;
    zd_span rest = zd_span_cut(&found_name, text, '+');
    zd_span key_text = zd_span_cut(&id_text, rest, '+'); /* base64 may hold a '+' itself, the first two fields not */
    uint8_t room[KEY_BLOB_SIZE + 8];
    zd_buf blob = {.data = room, .capacity = sizeof room};
    if (!is_name(found_name) || key_text.size != (KEY_BLOB_SIZE + 2) / 3 * 4 || !zd_base64_decode(&blob, key_text) ||
        blob.size != KEY_BLOB_SIZE) {
        return zd_fail(err, ZD_E_KEY_FILE, "a verifier key looks like name+0a1b2c3d+base64 of type and 32 bytes");
    }
    if (room[0] != ZD_NOTE_TYPE_ED25519 && room[0] != ZD_NOTE_TYPE_COSIGNATURE) {
        return zd_fail(err, ZD_E_KEY_FILE, "verifier key of type %u; 1 and 4 are understood", (unsigned)room[0]);
    }
    zd_public_key found;
    memcpy(found.bytes, room + 1, sizeof found.bytes);
    uint8_t key_id[KEY_ID_SIZE];
    zd_note_key_id(key_id, found_name, room[0], &found);
    char hex[2 * KEY_ID_SIZE + 2];
    zd_buf hex_buf = {.data = (uint8_t *)hex, .capacity = sizeof hex};
    zd_hex_add(&hex_buf, zd_span_of(key_id, sizeof key_id));
    if (!zd_span_is(id_text, hex)) {
        return zd_fail(err, ZD_E_KEY_FILE, "the verifier key's id is not %s, the id of its name and key", hex);
    }
    *name = found_name;
    *type = room[0];
    *key = found;
    return ZD_OK;
}

void zd_note_add_line(zd_buf *out, zd_span name, const uint8_t key_id[4], zd_span blob)
{
    uint8_t joined[KEY_ID_SIZE + sizeof((zd_note_signature *)0)->blob];
    ZD_ASSERT(blob.size > 0 && blob.size <= sizeof joined - KEY_ID_SIZE);
    memcpy(joined, key_id, KEY_ID_SIZE);
    memcpy(joined + KEY_ID_SIZE, blob.data, blob.size);
    zd_buf_add_text(out, LINE_START);
    zd_buf_add_span(out, name);
    zd_buf_add_byte(out, ' ');
    zd_base64_add(out, zd_span_of(joined, KEY_ID_SIZE + blob.size));
    zd_buf_add_byte(out, '\n');
}
