/* The auditor's own file; see kept.h. Must not judge: whether the history still has this head is verify.c's to say. */
#include "audit/verify/kept.h"

#include <string.h>

#include "ledger/base/durable.h"

#define FIRST_LINE "zhidui-audit/head/1"
#define HEADER_BYTES_MAX 512

static zd_status bad_line(zd_error *err, const char *field, zd_span value, const char *rule)
{
    zd_status status = zd_fail(err, ZD_E_KEPT_HEAD, "%s", rule);
    zd_error_field(err, field, value);
    return status;
}

/* "name value": the value; nothing when the line has another name. */
static zd_span take(zd_span *rest, const char *name)
{
    zd_span line = zd_span_of(NULL, 0);
    *rest = zd_span_cut(&line, *rest, '\n');
    size_t size = strlen(name);
    bool named = zd_span_starts(line, name) && line.size > size && line.data[size] == ' ';
    return named ? zd_span_of(line.data + size + 1, line.size - size - 1) : zd_span_of(NULL, 0);
}

static bool read_edition(int64_t *out, zd_span text)
{
    *out = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || i >= 9) {
            return false;
        }
        *out = *out * 10 + (text.data[i] - '0');
    }
    return *out > 0 && text.data[0] != '0';
}

/* The five lines and the empty one; rest is what follows. */
static zd_status read_header(zd_kept *out, zd_span *rest, zd_error *err)
{
    int64_t at_unix_ms = 0;
    zd_span line = zd_span_of(NULL, 0);
    *rest = zd_span_cut(&line, *rest, '\n');
    zd_span edition = take(rest, "edition");
    zd_span genesis = take(rest, "genesis");
    zd_span state = take(rest, "state");
    zd_span at = take(rest, "at");
    if (!zd_span_is(line, FIRST_LINE)) {
        return bad_line(err, "format", line, "the first line must be " FIRST_LINE);
    }
    if (!read_edition(&out->edition, edition)) {
        return bad_line(err, "edition", edition, "the second line must be: edition, and a number");
    }
    if (!zd_hash_from_hex(&out->genesis, genesis)) {
        return bad_line(err, "genesis", genesis, "the third line must be: genesis, and 64 lower-case hexadecimal digits");
    }
    if (!zd_span_is(state, "verified") && !zd_span_is(state, "unfinished")) {
        return bad_line(err, "state", state, "the fourth line must be: state verified, or: state unfinished");
    }
    if (!zd_time_parse(&at_unix_ms, at) || !zd_span_copy(out->at, sizeof out->at, at)) {
        return bad_line(err, "at", at, "the fifth line must be: at, and an instant such as 2026-11-28T03:10:00.000Z");
    }
    *rest = zd_span_cut(&line, *rest, '\n');
    if (line.size > 0) {
        return bad_line(err, "line", line, "an empty line must stand before the checkpoint");
    }
    out->finished = zd_span_is(state, "verified");
    return ZD_OK;
}

zd_status zd_kept_parse(zd_kept *out, zd_span file, zd_error *err)
{
    zd_note note;
    zd_status status = ZD_OK;
    *out = (zd_kept){.own = zd_span_starts(file, "zhidui-audit/")};
    if (out->own) {
        status = read_header(out, &file, err);
    }
    if (status == ZD_OK) {
        status = zd_note_split(&note, file, err);
    }
    if (status == ZD_OK) {
        status = zd_checkpoint_parse(&out->checkpoint, note.text, err);
    }
    if (status == ZD_OK && out->checkpoint.size == 0) {
        status = zd_fail(err, ZD_E_CHECKPOINT_MALFORMED, "a checkpoint of an empty log anchors nothing");
    }
    return status;
}

zd_status zd_kept_read(zd_kept *out, const char *path, zd_error *err)
{
    zd_buf text = {0};
    zd_status status = zd_file_read(&text, path, ZD_CHECKPOINT_BYTES_MAX + HEADER_BYTES_MAX, err);
    if (status == ZD_OK) {
        status = zd_kept_parse(out, zd_buf_span(&text), err);
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(path));
    }
    zd_buf_free(&text);
    return status;
}

zd_status zd_kept_write(const char *path, bool finished, const zd_hash *genesis, int64_t now_unix_ms, zd_span note, zd_error *err)
{
    zd_buf file = {0};
    char hex[ZD_HASH_HEX];
    char at[ZD_TIME_TEXT];
    zd_hash_hex(hex, genesis);
    zd_time_text(at, now_unix_ms);
    zd_buf_addf(&file, FIRST_LINE "\nedition %d\ngenesis %s\nstate %s\nat %s\n\n", ZD_VERIFY_EDITION, hex, finished ? "verified" : "unfinished", at);
    zd_buf_add_span(&file, note);
    zd_status status = zd_file_write(path, zd_buf_span(&file), 0644, err);
    zd_buf_free(&file);
    return status;
}

bool zd_kept_saves_work(const zd_kept *kept)
{
    return kept != NULL && kept->own && kept->edition == ZD_VERIFY_EDITION;
}
