/* Checkpoint text and the log's own line; see checkpoint.h. */
#include "ledger/log/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/log/size_text.h"

/* Printable and without a '+'; white space beyond ASCII is refused where the note is split, before a line can match. */
static bool is_origin(zd_span origin)
{
    if (origin.size == 0 || origin.size >= ZD_NOTE_NAME_MAX || !zd_span_is_utf8(origin)) {
        return false;
    }
    for (size_t i = 0; i < origin.size; i++) {
        if (origin.data[i] <= 0x20 || origin.data[i] == 0x7f || origin.data[i] == '+') {
            return false;
        }
    }
    return true;
}

static bool read_root(zd_hash *out, zd_span text)
{
    zd_buf root = {0};
    bool good = zd_base64_decode(&root, text) && root.size == ZD_HASH_SIZE;
    if (good) {
        memcpy(out->bytes, root.data, ZD_HASH_SIZE);
    }
    zd_buf_free(&root);
    return good;
}

static zd_status malformed(zd_error *err, int64_t line, const char *reason)
{
    zd_status status = zd_fail(err, ZD_E_CHECKPOINT_MALFORMED, "%s", reason);
    zd_error_at(err, line, 0);
    return status;
}

zd_status zd_checkpoint_parse(zd_checkpoint *out, zd_span text, zd_error *err)
{
    zd_checkpoint found = {.size = 0};
    zd_span origin;
    zd_span size;
    zd_span root;
    if (text.size == 0 || text.data[text.size - 1] != '\n') {
        return malformed(err, 0, "the text does not end in a newline");
    }
    zd_span rest = zd_span_cut(&origin, text, '\n');
    rest = zd_span_cut(&size, rest, '\n');
    rest = zd_span_cut(&root, rest, '\n');
    if (!is_origin(origin) || !zd_span_copy(found.origin, sizeof found.origin, origin)) {
        return malformed(err, 1, "the origin is empty, too long, or holds a space, a '+' or a control character");
    }
    if (!zd_size_parse(&found.size, size)) {
        return malformed(err, 2, "the size is not a decimal number below 2^63 without leading zeros");
    }
    if (!read_root(&found.root, root)) {
        return malformed(err, 3, "the root is not canonical base64 of 32 bytes");
    }
    if (rest.size != 0) {
        return malformed(err, 4, "extension lines are not accepted");
    }
    zd_hash empty = zd_tree_empty_root();
    if (found.size == 0 && !zd_hash_equal(&found.root, &empty)) {
        return malformed(err, 3, "a log of no entries has another root");
    }
    *out = found;
    return ZD_OK;
}

zd_status zd_checkpoint_encode(zd_buf *out, const zd_checkpoint *checkpoint, zd_error *err)
{
    zd_buf text = {0};
    zd_checkpoint read;
    zd_buf_addf(&text, "%s\n%" PRIu64 "\n", checkpoint->origin, checkpoint->size);
    zd_base64_add(&text, zd_span_of(checkpoint->root.bytes, ZD_HASH_SIZE));
    zd_buf_add_byte(&text, '\n');
    /* Reading it back refuses, with the reason, whatever the log must not sign. */
    zd_status status = zd_checkpoint_parse(&read, zd_buf_span(&text), err);
    if (status == ZD_OK) {
        zd_buf_add_span(out, zd_buf_span(&text));
    }
    zd_buf_free(&text);
    return status;
}

/* Every line of the key must verify, not only the first: a note with a forged line of a known key is not to be believed. */
static zd_status verify_log_line(const zd_note *note, zd_span origin, const zd_public_key *key, zd_error *err)
{
    uint8_t key_id[4];
    zd_note_key_id(key_id, origin, ZD_NOTE_TYPE_ED25519, key);
    bool verified = false;
    for (size_t i = 0; i < note->count; i++) {
        const zd_note_signature *line = &note->signatures[i];
        if (!zd_span_equal(line->name, origin) || memcmp(line->key_id, key_id, sizeof key_id) != 0) {
            continue;
        }
        if (!zd_note_verify(note, i, key)) {
            return zd_fail(err, ZD_E_SIGNATURE_BAD, "signature line %zu, by the log's key", i + 1);
        }
        verified = true;
    }
    if (!verified) {
        zd_status status = zd_fail(err, ZD_E_CHECKPOINT_UNSIGNED, "no line of this name and key id");
        zd_error_field(err, "origin", origin);
        return status;
    }
    return ZD_OK;
}

zd_status zd_checkpoint_open(zd_checkpoint *out, zd_note *note, zd_span whole, zd_span origin, const zd_public_key *key,
                             zd_error *err)
{
    zd_checkpoint found;
    if (whole.size > ZD_CHECKPOINT_BYTES_MAX) {
        return malformed(err, 0, "the signed checkpoint is too large");
    }
    zd_status status = zd_note_split(note, whole, err);
    if (status == ZD_OK) {
        status = verify_log_line(note, origin, key, err);
    }
    if (status == ZD_OK) {
        status = zd_checkpoint_parse(&found, note->text, err);
    }
    if (status == ZD_OK && !zd_span_is(origin, found.origin)) {
        status = zd_fail(err, ZD_E_CHECKPOINT_ORIGIN, "its first line is not the name of the key that signed it");
        zd_error_field(err, "origin", zd_span_text(found.origin));
    }
    if (status == ZD_OK) {
        *out = found;
    }
    return status;
}

zd_status zd_checkpoint_open_vkey(zd_checkpoint *out, zd_note *note, zd_span whole, zd_span vkey, zd_error *err)
{
    zd_span name;
    uint8_t type;
    zd_public_key key;
    zd_status status = zd_vkey_parse(&name, &type, &key, vkey, err);
    if (status != ZD_OK) {
        return status;
    }
    if (type != ZD_NOTE_TYPE_ED25519) {
        return zd_fail(err, ZD_E_KEY_FILE, "the log's verifier key is of type %u instead of 1", (unsigned)type);
    }
    return zd_checkpoint_open(out, note, whole, name, &key, err);
}
