/*
 * add-checkpoint, check by check in the order of the specification; see witness.h. Status codes: 400 malformed or old size above the new one, 404 unknown log, 403 no
 * signature of a known key (or a bad one of it), 409 another old size than remembered, 422 the proof or the root does not fit, 500 could not be kept or signed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/witness/witness.h"

#define TEXT "text/plain; charset=utf-8"
#define SIZE_TYPE "text/x.tlog.size"

static void reply_text(zd_witness_reply *out, int status, const char *sentence)
{
    out->status = status;
    out->content_type = TEXT;
    zd_buf_addf(&out->body, "%s\n", sentence);
}

static void reply_error(zd_witness_reply *out, int status, const zd_error *why)
{
    zd_buf line = {0};
    zd_error_print(&line, why, false);
    reply_text(out, status, zd_buf_text(&line));
    zd_buf_free(&line);
}

zd_status zd_witness_know(zd_witness_office *office, zd_span vkey, zd_error *err)
{
    zd_span name;
    uint8_t type = 0;
    zd_witness_log log;
    zd_status status = zd_vkey_parse(&name, &type, &log.key, vkey, err);
    if (status == ZD_OK && (type != ZD_NOTE_TYPE_ED25519 || !zd_span_copy(log.origin, sizeof log.origin, name))) {
        status = zd_fail(err, ZD_E_KEY_FILE, "a log key is of type 0x01");
    }
    if (status == ZD_OK && office->log_count == ZD_WITNESS_LOGS) {
        status = zd_fail(err, ZD_E_USAGE, "at most %d log keys", ZD_WITNESS_LOGS);
    }
    if (status == ZD_OK) {
        office->logs[office->log_count++] = log;
    }
    return status;
}

/* A request on its way through the checks. */
typedef struct asked {
    zd_witness_request request;
    zd_note note;
    zd_span origin;
    zd_checkpoint checkpoint;
    char log[ZD_HASH_HEX];
    zd_checkpoint known; /* size 0 when there is none */
} asked;

static bool is_known_log(const zd_witness_office *office, zd_span origin)
{
    for (size_t i = 0; i < office->log_count; i++) {
        if (zd_span_is(origin, office->logs[i].origin)) {
            return true;
        }
    }
    return false;
}

/* One good line of a known key, and no bad one: a note with a forged line of a known key is not to be believed. */
static bool is_signed(const zd_witness_office *office, const asked *in)
{
    bool good = false;
    for (size_t i = 0; i < office->log_count; i++) {
        const zd_witness_log *log = &office->logs[i];
        uint8_t id[4];
        zd_note_key_id(id, in->origin, ZD_NOTE_TYPE_ED25519, &log->key);
        for (size_t line = 0; line < in->note.count && zd_span_is(in->origin, log->origin); line++) {
            const zd_note_signature *claim = &in->note.signatures[line];
            if (!zd_span_equal(claim->name, in->origin) || memcmp(claim->key_id, id, sizeof id) != 0) {
                continue;
            }
            if (!zd_note_verify(&in->note, line, &log->key)) {
                return false;
            }
            good = true;
        }
    }
    return good;
}

/* An empty log has one root only: the specification answers another one as a proof that does not fit. */
static bool claims_no_entries(zd_span text)
{
    zd_span line;
    zd_span rest = zd_span_cut(&line, text, '\n');
    (void)zd_span_cut(&line, rest, '\n');
    return zd_span_is(line, "0");
}

static bool read_and_trust(zd_witness_reply *out, asked *in, const zd_witness_office *office, zd_span body)
{
    zd_error why = {0};
    if (zd_witness_request_parse(&in->request, body, &why) != ZD_OK || zd_note_split(&in->note, in->request.checkpoint, &why) != ZD_OK) {
        reply_error(out, 400, &why);
        return false;
    }
    (void)zd_span_cut(&in->origin, in->note.text, '\n');
    if (!is_known_log(office, in->origin)) {
        reply_text(out, 404, "this log is not known here");
        return false;
    }
    if (!is_signed(office, in)) {
        reply_text(out, 403, "no good signature of a known key of this log");
        return false;
    }
    if (in->request.checkpoint.size > ZD_CHECKPOINT_BYTES_MAX || zd_checkpoint_parse(&in->checkpoint, in->note.text, &why) != ZD_OK) {
        reply_error(out, claims_no_entries(in->note.text) ? 422 : 400, &why);
        return false;
    }
    return true;
}

/* What is remembered of this log; false when the memory cannot be read, which state.c has excluded when it was loaded. */
static bool recall(asked *in, const zd_witness_office *office)
{
    zd_note note;
    zd_error why = {0};
    zd_witness_log_name(in->log, in->origin);
    zd_span kept = zd_witness_state_note(office->state, in->log);
    in->known = (zd_checkpoint){.size = 0, .root = zd_tree_empty_root()};
    return kept.size == 0 || (zd_note_split(&note, kept, &why) == ZD_OK && zd_checkpoint_parse(&in->known, note.text, &why) == ZD_OK);
}

static bool continues(zd_witness_reply *out, const asked *in)
{
    const zd_witness_request *request = &in->request;
    zd_error why = {0};
    bool grows = request->old_size > 0 && request->old_size < in->checkpoint.size;
    if (!grows && request->proof.count != 0) {
        reply_text(out, 422, "there is nothing to prove here, so the proof is empty");
        return false;
    }
    if (request->old_size == in->checkpoint.size && !zd_hash_equal(&in->known.root, &in->checkpoint.root)) {
        reply_text(out, 422, "another root was cosigned at this size");
        return false;
    }
    if (grows && zd_tree_verify_consistency(request->old_size, &in->known.root, in->checkpoint.size, &in->checkpoint.root, &request->proof, &why) != ZD_OK) {
        reply_error(out, 422, &why);
        return false;
    }
    return true;
}

/* Signs, remembers, and only then answers. */
static void cosign(zd_witness_reply *out, zd_witness_office *office, const asked *in)
{
    zd_buf message = {0};
    zd_buf line = {0};
    zd_buf kept = {0};
    zd_error why = {0};
    uint8_t signature[64];
    int64_t now_unix_s = office->clock.now_unix_ms(office->clock.context) / 1000;
    zd_status status = now_unix_s >= 0 ? ZD_OK : zd_fail(&why, ZD_E_CLOCK_BACK, "before 1970");
    if (status == ZD_OK) {
        zd_cosignature_message(&message, now_unix_s, in->note.text);
        status = zd_signer_sign(signature, office->signer, zd_buf_span(&message), &why);
    }
    if (status == ZD_OK) {
        zd_cosignature_add_line(&line, &office->self, now_unix_s, signature);
        /* The text and the lines of the log's own keys, then ours: other lines were not looked at. */
        zd_buf_add_span(&kept, in->note.text);
        zd_buf_add_byte(&kept, '\n');
        for (size_t i = 0; i < in->note.count; i++) {
            const zd_note_signature *given = &in->note.signatures[i];
            if (zd_span_equal(given->name, in->origin) && given->blob_size == 64) {
                zd_note_add_line(&kept, given->name, given->key_id, zd_span_of(given->blob, given->blob_size));
            }
        }
        zd_buf_add_span(&kept, zd_buf_span(&line));
        status = zd_witness_state_put(office->state, in->log, zd_buf_span(&kept), &why);
    }
    if (status == ZD_OK) {
        out->status = 200;
        out->content_type = TEXT;
        zd_buf_add_span(&out->body, zd_buf_span(&line));
    } else {
        reply_error(out, 500, &why);
    }
    zd_buf_free(&message);
    zd_buf_free(&line);
    zd_buf_free(&kept);
}

void zd_witness_add_checkpoint(zd_witness_reply *out, zd_witness_office *office, zd_span body)
{
    asked *in = zd_alloc_zero(1, sizeof *in);
    *out = (zd_witness_reply){0};
    if (read_and_trust(out, in, office, body)) {
        if (!recall(in, office)) {
            reply_text(out, 500, "the memory of this log cannot be read");
        } else if (in->request.old_size > in->checkpoint.size) {
            reply_text(out, 400, "the old size is above the new one");
        } else if (in->request.old_size != in->known.size) {
            out->status = 409;
            out->content_type = SIZE_TYPE;
            zd_buf_addf(&out->body, "%" PRIu64 "\n", in->known.size);
        } else if (continues(out, in)) {
            cosign(out, office, in);
        } else {
            zd_witness_state_evidence(office->state, body);
        }
    }
    free(in);
}

void zd_witness_show(zd_witness_reply *out, const zd_witness_office *office, zd_span log)
{
    zd_hash hash;
    char name[ZD_HASH_HEX];
    *out = (zd_witness_reply){0};
    zd_span note = zd_span_of(NULL, 0);
    if (zd_hash_from_hex(&hash, log) && zd_span_copy(name, sizeof name, log)) {
        note = zd_witness_state_note(office->state, name);
    }
    if (note.size == 0) {
        reply_text(out, 404, "nothing was cosigned of this log");
        return;
    }
    out->status = 200;
    out->content_type = TEXT;
    zd_buf_add_span(&out->body, note);
}
