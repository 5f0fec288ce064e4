/*
 * Base64 of RFC 4648, section 4, in its canonical form; see hash.h.
 *
 * Invariants: decode(encode(x)) == x, and encode(decode(t)) == t for every t that decodes: notes and checkpoints are
 * compared and de-duplicated by their bytes. Writes only into the buffer given, in place when its capacity
 * suffices, so that key code can hand in guarded memory. Must not: skip white space or accept another alphabet.
 */
#include "ledger/seal/hash.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void zd_base64_add(zd_buf *out, zd_span data)
{
    size_t size = (data.size + 2) / 3 * 4;
    uint8_t *to = zd_buf_reserve(out, size);
    for (size_t i = 0; i < data.size; i += 3) {
        size_t left = data.size - i;
        uint32_t group = (uint32_t)data.data[i] << 16;
        group |= left > 1 ? (uint32_t)data.data[i + 1] << 8 : 0;
        group |= left > 2 ? (uint32_t)data.data[i + 2] : 0;
        *to++ = (uint8_t)alphabet[group >> 18];
        *to++ = (uint8_t)alphabet[group >> 12 & 63];
        *to++ = left > 1 ? (uint8_t)alphabet[group >> 6 & 63] : '=';
        *to++ = left > 2 ? (uint8_t)alphabet[group & 63] : '=';
    }
    *to = 0;
    out->size += size;
}

static int digit_value(uint8_t digit)
{
    if (digit >= 'A' && digit <= 'Z') {
        return digit - 'A';
    }
    if (digit >= 'a' && digit <= 'z') {
        return digit - 'a' + 26;
    }
    if (digit >= '0' && digit <= '9') {
        return digit - '0' + 52;
    }
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

bool zd_base64_decode(zd_buf *out, zd_span text)
{
    if (text.size % 4 != 0) {
        return false;
    }
    size_t padding = 0;
    if (text.size > 0 && text.data[text.size - 1] == '=') {
        padding = text.data[text.size - 2] == '=' ? 2 : 1;
    }
    size_t size = text.size / 4 * 3 - padding;
    uint8_t *to = zd_buf_reserve(out, text.size / 4 * 3);
    for (size_t i = 0; i < text.size; i += 4) {
        size_t digits = i + 4 == text.size ? 4 - padding : 4;
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int value = k < digits ? digit_value(text.data[i + k]) : 0;
            if (value < 0) {
                return false;
            }
            group = group << 6 | (uint32_t)value;
        }
        /* The bits that no byte uses must be zero, or another text would decode to the same bytes. */
        if ((digits == 3 && (group & 0xff) != 0) || (digits == 2 && (group & 0xffff) != 0)) {
            return false;
        }
        to[0] = (uint8_t)(group >> 16);
        to[1] = (uint8_t)(group >> 8 & 0xff);
        to[2] = (uint8_t)(group & 0xff);
        to += 3;
    }
    out->size += size;
    out->data[out->size] = 0;
    return true;
}
