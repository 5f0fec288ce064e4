/* The words between log and witness; see witness_request.h. */
#include "ledger/log/witness_request.h"

#include <inttypes.h>
#include <string.h>

#include "ledger/log/size_text.h"

#define OLD "old "
#define DROP_HEADER "zhidui-witness-answer 1"
#define DROP_REQUEST "request "
#define DROP_STATUS "status "

static zd_status malformed(zd_error *err, int64_t line, const char *reason)
{
    zd_status status = zd_fail(err, ZD_E_WITNESS_REQUEST, "%s", reason);
    zd_error_at(err, line, 0);
    return status;
}

zd_status zd_witness_request_encode(zd_buf *out, const zd_witness_request *request, zd_error *err)
{
    if (request->proof.count > ZD_WITNESS_PROOF_MAX) {
        return zd_fail(err, ZD_E_LOG_RANGE, "a witness takes proofs of at most %d lines", ZD_WITNESS_PROOF_MAX);
    }
    zd_buf_addf(out, OLD "%" PRIu64 "\n", request->old_size);
    for (size_t i = 0; i < request->proof.count; i++) {
        zd_base64_add(out, zd_span_of(request->proof.hashes[i].bytes, ZD_HASH_SIZE));
        zd_buf_add_byte(out, '\n');
    }
    zd_buf_add_byte(out, '\n');
    zd_buf_add_span(out, request->checkpoint);
    return ZD_OK;
}

/* What follows the prefix of a line; false when the line begins otherwise. */
static bool after(zd_span *out, zd_span line, const char *prefix)
{
    size_t size = strlen(prefix);
    if (!zd_span_starts(line, prefix)) {
        return false;
    }
    *out = zd_span_of(line.data + size, line.size - size);
    return true;
}

static bool read_hash(zd_hash *out, zd_span text)
{
    zd_buf bytes = {0};
    bool good = zd_base64_decode(&bytes, text) && bytes.size == ZD_HASH_SIZE;
    if (good) {
        memcpy(out->bytes, bytes.data, ZD_HASH_SIZE);
    }
    zd_buf_free(&bytes);
    return good;
}

zd_status zd_witness_request_parse(zd_witness_request *out, zd_span text, zd_error *err)
{
    zd_span line;
    zd_span value;
    int64_t number = 1;
    *out = (zd_witness_request){.old_size = 0};
    if (text.size > ZD_WITNESS_REQUEST_MAX) {
        return malformed(err, 0, "the request is too large");
    }
    zd_span rest = zd_span_cut(&line, text, '\n');
    if (!after(&value, line, OLD) || !zd_size_parse(&out->old_size, value)) {
        return malformed(err, number, "the first line is \"old\" and a size without leading zeros");
    }
    for (;;) {
        bool ended = rest.size == 0;
        rest = zd_span_cut(&line, rest, '\n');
        number++;
        if (ended || rest.size == 0) {
            return malformed(err, number, "the request ends before its checkpoint");
        }
        if (line.size == 0) {
            break;
        }
        if (out->proof.count == ZD_WITNESS_PROOF_MAX || !read_hash(&out->proof.hashes[out->proof.count], line)) {
            return malformed(err, number, "this is not the canonical base64 of a hash, or there are more than 63");
        }
        out->proof.count++;
    }
    out->checkpoint = rest;
    return ZD_OK;
}

bool zd_witness_size_parse(uint64_t *out, zd_span body)
{
    zd_span line;
    bool ends = body.size > 0 && body.data[body.size - 1] == '\n';
    zd_span rest = zd_span_cut(&line, body, '\n');
    return ends && rest.size == 0 && zd_size_parse(out, line);
}

void zd_witness_log_name(char out[ZD_HASH_HEX], zd_span origin)
{
    zd_hash hash = zd_sha256(origin);
    zd_hash_hex(out, &hash);
}

void zd_drop_answer_encode(zd_buf *out, const zd_drop_answer *answer)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &answer->request_sha256);
    zd_buf_addf(out, DROP_HEADER "\n" DROP_REQUEST "%s\n" DROP_STATUS "%d\n\n", hex, answer->status);
    zd_buf_add_span(out, answer->body);
}

zd_status zd_drop_answer_parse(zd_drop_answer *out, zd_span text, zd_error *err)
{
    zd_span line;
    zd_span value;
    uint64_t status = 0;
    zd_span rest = zd_span_cut(&line, text, '\n');
    if (text.size > ZD_WITNESS_ANSWER_MAX + 256 || !zd_span_is(line, DROP_HEADER)) {
        return malformed(err, 1, "the first line is not " DROP_HEADER);
    }
    rest = zd_span_cut(&line, rest, '\n');
    if (!after(&value, line, DROP_REQUEST) || !zd_hash_from_hex(&out->request_sha256, value)) {
        return malformed(err, 2, "this is not the hash of the request");
    }
    rest = zd_span_cut(&line, rest, '\n');
    if (!after(&value, line, DROP_STATUS) || !zd_size_parse(&status, value) || status < 100 || status > 599) {
        return malformed(err, 3, "this is not a status");
    }
    rest = zd_span_cut(&line, rest, '\n');
    if (line.size != 0) {
        return malformed(err, 4, "an empty line stands before the body");
    }
    out->status = (int)status;
    out->body = rest;
    return ZD_OK;
}
