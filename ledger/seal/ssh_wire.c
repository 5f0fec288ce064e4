/* SSH wire types and armour; see ssh_wire.h. Must not allocate anything but room in the caller's buffer. */
#include "ledger/seal/ssh_wire.h"

#include <sodium.h>
#include <string.h>

#define ARMOUR_COLUMNS 70 /* what ssh-keygen writes */

void zd_wire_add_u32(zd_buf *out, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16 & 0xff), (uint8_t)(value >> 8 & 0xff),
                              (uint8_t)(value & 0xff)};
    zd_buf_add(out, bytes, sizeof bytes);
}

void zd_wire_add_string(zd_buf *out, zd_span string)
{
    ZD_ASSERT(string.size <= UINT32_MAX);
    zd_wire_add_u32(out, (uint32_t)string.size);
    zd_buf_add_span(out, string);
}

bool zd_wire_take_u32(uint32_t *out, zd_span *rest)
{
    if (rest->size < 4) {
        return false;
    }
    const uint8_t *b = rest->data;
    *out = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | (uint32_t)b[3];
    *rest = zd_span_of(b + 4, rest->size - 4);
    return true;
}

bool zd_wire_take_string(zd_span *out, zd_span *rest)
{
    zd_span left = *rest;
    uint32_t size = 0;
    if (!zd_wire_take_u32(&size, &left) || size > left.size) {
        return false;
    }
    *out = zd_span_of(left.data, size);
    *rest = zd_span_of(left.data + size, left.size - size);
    return true;
}

void zd_wire_add_public(zd_buf *out, const zd_public_key *key)
{
    zd_wire_add_string(out, zd_span_text(ZD_SSH_ED25519));
    zd_wire_add_string(out, zd_span_of(key->bytes, sizeof key->bytes));
}

bool zd_wire_read_public(zd_public_key *out, zd_span blob)
{
    zd_span type;
    zd_span key;
    if (!zd_wire_take_string(&type, &blob) || !zd_wire_take_string(&key, &blob) || blob.size != 0 ||
        !zd_span_is(type, ZD_SSH_ED25519) || key.size != sizeof out->bytes) {
        return false;
    }
    memcpy(out->bytes, key.data, sizeof out->bytes);
    return true;
}

void zd_armour_add(zd_buf *out, const char *label, zd_span blob)
{
    zd_buf_addf(out, "-----BEGIN %s-----\n", label);
    uint8_t room[8];
    size_t column = 0;
    for (size_t i = 0; i < blob.size; i += 3) {
        zd_buf quad = {.data = room, .capacity = sizeof room};
        zd_base64_add(&quad, zd_span_of(blob.data + i, blob.size - i < 3 ? blob.size - i : 3));
        for (size_t k = 0; k < quad.size; k++) {
            if (column == ARMOUR_COLUMNS) {
                zd_buf_add_byte(out, '\n');
                column = 0;
            }
            zd_buf_add_byte(out, room[k]);
            column++;
        }
    }
    sodium_memzero(room, sizeof room); /* the blob may be a private key */
    zd_buf_addf(out, "\n-----END %s-----\n", label);
}

/* Cuts "-----word label-----" off the front or the back of the text; false when it is not there. */
static bool cut_frame(zd_span *text, const char *word, const char *label, bool front)
{
    char frame[80];
    zd_format(frame, sizeof frame, "-----%s %s-----", word, label);
    size_t size = strlen(frame);
    if (text->size < size || memcmp(front ? text->data : text->data + text->size - size, frame, size) != 0) {
        return false;
    }
    *text = zd_span_of(front ? text->data + size : text->data, text->size - size);
    return true;
}

bool zd_armour_read(zd_buf *out, const char *label, zd_span text)
{
    if (text.size > 0 && text.data[text.size - 1] == '\n') {
        text.size--;
    }
    if (!cut_frame(&text, "BEGIN", label, true) || !cut_frame(&text, "END", label, false) || text.size < 2 ||
        text.data[0] != '\n' || text.data[text.size - 1] != '\n') {
        return false;
    }
    uint8_t quad[4];
    size_t have = 0;
    bool good = true;
    bool ended = false;
    for (size_t i = 0; i < text.size && good; i++) {
        if (text.data[i] == '\n') {
            continue;
        }
        quad[have++] = text.data[i];
        if (have == sizeof quad) {
            size_t before = out->size;
            good = !ended && zd_base64_decode(out, zd_span_of(quad, sizeof quad));
            ended = good && out->size - before < 3;
            have = 0;
        }
    }
    sodium_memzero(quad, sizeof quad);
    return good && have == 0;
}
