/* The bytes of a commit; see commit_object.h. */
#include "audit/trail/commit_object.h"

#include <string.h>

#include "ledger/seal/hash.h"

static const char armour_begin[] = "-----BEGIN SSH SIGNATURE-----\n";
static const char armour_end[] = "-----END SSH SIGNATURE-----\n";
#define ARMOUR_COLUMNS 70 /* what ssh-keygen writes */
#define ARMOUR_SIZE_MAX 4096
#define TIME_MAX_UNIX_S INT64_C(253402300799) /* the end of the year 9999 */

static bool is_printable(zd_span text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < 0x20 || text.data[i] == 0x7f) {
            return false;
        }
    }
    return zd_span_is_utf8(text);
}

/* "Name <mail>": name and mail not empty, no further angle brackets, no space inside the mail or around the name. */
static bool author_ok(zd_span author)
{
    zd_span name;
    zd_span mail = zd_span_cut(&name, author, '<');
    if (!is_printable(author) || name.size < 2 || name.data[0] == ' ' || name.data[name.size - 1] != ' ' ||
        name.data[name.size - 2] == ' ' || memchr(name.data, '>', name.size) != NULL) {
        return false;
    }
    if (mail.size < 2 || mail.data[mail.size - 1] != '>') {
        return false;
    }
    for (size_t i = 0; i + 1 < mail.size; i++) {
        if (mail.data[i] == '<' || mail.data[i] == '>' || mail.data[i] == ' ') {
            return false;
        }
    }
    return true;
}

const char *zd_commit_parts_fault(const zd_commit_parts *parts)
{
    if (!author_ok(parts->author)) {
        return "the author is not of the form Name <mail>";
    }
    if (parts->time_unix_s < 1 || parts->time_unix_s > TIME_MAX_UNIX_S) {
        return "the time is not between 1970 and 9999";
    }
    if (parts->summary.size == 0 || parts->summary.size > 500 || !is_printable(parts->summary)) {
        return "the summary is not one printable line";
    }
    zd_span checkpoint = parts->checkpoint;
    if (checkpoint.size < 2 || checkpoint.data[checkpoint.size - 1] != '\n' || checkpoint.data[0] == '\n') {
        return "the checkpoint does not end in a newline, or is empty";
    }
    if (memchr(checkpoint.data, 0, checkpoint.size) != NULL) {
        return "the checkpoint holds a NUL byte";
    }
    return NULL;
}

const char *zd_commit_armour_fault(zd_span armour)
{
    size_t begin = strlen(armour_begin);
    size_t end = strlen(armour_end);
    if (armour.size > ARMOUR_SIZE_MAX || armour.size <= begin + end || !zd_span_starts(armour, armour_begin) ||
        memcmp(armour.data + armour.size - end, armour_end, end) != 0) {
        return "the signature is not one SSH SIGNATURE armour";
    }
    zd_span rest = zd_span_of(armour.data + begin, armour.size - begin - end);
    zd_buf text = {0};
    zd_buf blob = {0};
    bool whole = rest.data[rest.size - 1] == '\n';
    while (whole && rest.size > 0) {
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        whole = rest.size > 0 ? line.size == ARMOUR_COLUMNS : line.size >= 1 && line.size <= ARMOUR_COLUMNS;
        zd_buf_add_span(&text, line);
    }
    whole = whole && zd_base64_decode(&blob, zd_buf_span(&text));
    zd_buf_free(&text);
    zd_buf_free(&blob);
    return whole ? NULL : "the signature's base64 is not in its one canonical spelling";
}

static void headers_add(zd_buf *out, const zd_commit_parts *parts)
{
    char hex[ZD_OID_HEX];
    zd_oid_hex(hex, &parts->tree);
    zd_buf_addf(out, "tree %s\n", hex);
    if (parts->has_parent) {
        zd_oid_hex(hex, &parts->parent);
        zd_buf_addf(out, "parent %s\n", hex);
    }
    static const char *const names[] = {"author ", "committer "};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_buf_add_text(out, names[i]);
        zd_buf_add_span(out, parts->author);
        zd_buf_addf(out, " %lld +0000\n", (long long)parts->time_unix_s);
    }
}

static void message_add(zd_buf *out, const zd_commit_parts *parts)
{
    zd_buf_add_byte(out, '\n');
    zd_buf_add_span(out, parts->summary);
    zd_buf_add_text(out, "\n\n");
    zd_buf_add_span(out, parts->checkpoint);
}

void zd_commit_payload_add(zd_buf *out, const zd_commit_parts *parts)
{
    headers_add(out, parts);
    message_add(out, parts);
}

void zd_commit_object_add(zd_buf *out, const zd_commit_parts *parts, zd_span armour)
{
    headers_add(out, parts);
    const char *before = "gpgsig ";
    for (zd_span rest = armour; rest.size > 0;) {
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        zd_buf_add_text(out, before);
        zd_buf_add_span(out, line);
        zd_buf_add_byte(out, '\n');
        before = " ";
    }
    message_add(out, parts);
}

/* Takes one line off the front of *rest that begins with this word; false when it does not. */
static bool take_line(zd_span *value, zd_span *rest, const char *word)
{
    size_t size = strlen(word);
    zd_span line;
    if (!zd_span_starts(*rest, word)) {
        return false;
    }
    *rest = zd_span_cut(&line, *rest, '\n');
    *value = zd_span_of(line.data + size, line.size - size);
    return true;
}

/* "Name <mail> 1234 +0000"; the spelling of the number is settled by encoding it again. */
static bool identity_parse(zd_span *author, int64_t *time_unix_s, zd_span value)
{
    static const char zone[] = " +0000";
    size_t tail = strlen(zone);
    if (value.size <= tail || memcmp(value.data + value.size - tail, zone, tail) != 0) {
        return false;
    }
    size_t at = value.size - tail;
    int64_t time = 0;
    int64_t unit = 1;
    size_t digits = 0;
    for (; at > 0 && value.data[at - 1] >= '0' && value.data[at - 1] <= '9' && digits < 12; at--, digits++) {
        time += (value.data[at - 1] - '0') * unit;
        unit *= 10;
    }
    if (digits == 0 || at < 2 || value.data[at - 1] != ' ') {
        return false;
    }
    *author = zd_span_of(value.data, at - 1);
    *time_unix_s = time;
    return true;
}

static bool payload_parse(zd_commit_parts *parts, zd_span payload)
{
    zd_span rest = payload;
    zd_span value;
    zd_span committer;
    int64_t committed_unix_s = 0;
    if (!take_line(&value, &rest, "tree ") || !zd_oid_from_hex(&parts->tree, value)) {
        return false;
    }
    parts->has_parent = take_line(&value, &rest, "parent ");
    if (parts->has_parent && !zd_oid_from_hex(&parts->parent, value)) {
        return false;
    }
    if (!take_line(&value, &rest, "author ") || !identity_parse(&parts->author, &parts->time_unix_s, value) ||
        !take_line(&value, &rest, "committer ") || !identity_parse(&committer, &committed_unix_s, value)) {
        return false;
    }
    if (!zd_span_equal(parts->author, committer) || parts->time_unix_s != committed_unix_s) {
        return false;
    }
    if (!zd_span_starts(rest, "\n")) {
        return false;
    }
    rest = zd_span_cut(&parts->summary, zd_span_of(rest.data + 1, rest.size - 1), '\n');
    if (!zd_span_starts(rest, "\n")) {
        return false;
    }
    parts->checkpoint = zd_span_of(rest.data + 1, rest.size - 1);
    return true;
}

/* Moves the first gpgsig header to *armour, everything else to *payload; what else is odd shows when encoding again. */
static void signature_split(zd_buf *payload, zd_buf *armour, zd_span raw)
{
    zd_span rest = raw;
    bool in_signature = false;
    bool done = false;
    while (rest.size > 0 && rest.data[0] != '\n') {
        zd_span whole = rest;
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        bool starts = !done && zd_span_starts(line, "gpgsig ");
        in_signature = starts || (in_signature && zd_span_starts(line, " "));
        done = done || starts;
        if (in_signature) {
            size_t skip = starts ? strlen("gpgsig ") : 1;
            zd_buf_add(armour, line.data + skip, line.size - skip);
            zd_buf_add_byte(armour, '\n');
        } else {
            zd_buf_add(payload, line.data, whole.size - rest.size);
        }
    }
    zd_buf_add_span(payload, rest);
}

zd_status zd_commit_object_parse(zd_commit_parts *parts, zd_span *payload, zd_span *armour, zd_buf *owned, zd_span raw,
                                 zd_error *err)
{
    zd_buf signature = {0};
    zd_buf again = {0};
    zd_status status = ZD_OK;
    *parts = (zd_commit_parts){0};
    signature_split(owned, &signature, raw);
    size_t payload_size = owned->size;
    zd_buf_add_span(owned, zd_buf_span(&signature));
    *payload = zd_span_of(owned->data, payload_size);
    *armour = zd_span_of(owned->data + payload_size, signature.size);
    if (signature.size == 0) {
        status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "the commit carries no signature");
        goto cleanup;
    }
    if (!payload_parse(parts, *payload)) {
        status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "not tree, at most one parent, author = committer at +0000, one gpgsig, "
                                                  "summary, empty line, checkpoint");
        goto cleanup;
    }
    const char *fault = zd_commit_parts_fault(parts);
    if (fault == NULL) {
        fault = zd_commit_armour_fault(*armour);
    }
    if (fault == NULL) {
        zd_commit_object_add(&again, parts, *armour);
        fault = zd_span_equal(zd_buf_span(&again), raw) ? NULL : "the commit is not in its one canonical spelling";
    }
    if (fault != NULL) {
        status = zd_fail(err, ZD_E_TRAIL_GRAMMAR, "%s", fault);
    }
cleanup:
    zd_buf_free(&signature);
    zd_buf_free(&again);
    return status;
}
