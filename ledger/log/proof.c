/* Receipts; see proof.h. */
#include "ledger/log/proof.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/log/size_text.h"

#define HEADER "c2sp.org/tlog-proof@v1"

static zd_status malformed(zd_error *err, int64_t line, const char *reason)
{
    zd_status status = zd_fail(err, ZD_E_PROOF_MALFORMED, "%s", reason);
    zd_error_at(err, line, 0);
    return status;
}

zd_status zd_proof_encode(zd_buf *out, uint64_t index, const zd_tree_proof *path, zd_span extra, zd_span checkpoint,
                          zd_error *err)
{
    ZD_ASSERT(path->count <= ZD_TREE_PROOF_MAX);
    if (extra.size > ZD_PROOF_EXTRA_MAX) {
        return malformed(err, 0, "the extra data is too large");
    }
    if (checkpoint.size == 0 || checkpoint.size > ZD_CHECKPOINT_BYTES_MAX) {
        return malformed(err, 0, "the signed checkpoint is empty or too large");
    }
    zd_buf_add_text(out, HEADER "\n");
    if (extra.size > 0) {
        zd_buf_add_text(out, "extra ");
        zd_base64_add(out, extra);
        zd_buf_add_byte(out, '\n');
    }
    zd_buf_addf(out, "index %" PRIu64 "\n", index);
    for (size_t i = 0; i < path->count; i++) {
        zd_base64_add(out, zd_span_of(path->hashes[i].bytes, ZD_HASH_SIZE));
        zd_buf_add_byte(out, '\n');
    }
    zd_buf_add_byte(out, '\n');
    zd_buf_add_span(out, checkpoint);
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

static bool read_extra(zd_span text)
{
    zd_buf bytes = {0};
    bool good = text.size > 0 && zd_base64_decode(&bytes, text) && bytes.size <= ZD_PROOF_EXTRA_MAX;
    zd_buf_free(&bytes);
    return good;
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

zd_status zd_proof_parse(zd_proof *out, zd_span text, zd_error *err)
{
    zd_span line;
    zd_span value;
    int64_t number = 1;
    if (text.size > ZD_PROOF_BYTES_MAX) {
        return malformed(err, 0, "the proof is too large");
    }
    *out = (zd_proof){.index = 0};
    zd_span rest = zd_span_cut(&line, text, '\n');
    if (!zd_span_is(line, HEADER)) {
        return malformed(err, number, "the first line is not " HEADER);
    }
    rest = zd_span_cut(&line, rest, '\n');
    number++;
    if (after(&value, line, "extra ")) {
        if (!read_extra(value)) {
            return malformed(err, number, "the extra data is not canonical base64");
        }
        out->extra_base64 = value;
        rest = zd_span_cut(&line, rest, '\n');
        number++;
    }
    if (!after(&value, line, "index ") || !zd_size_parse(&out->index, value)) {
        return malformed(err, number, "this is not the index of an entry");
    }
    for (;;) {
        bool ended = rest.size == 0;
        rest = zd_span_cut(&line, rest, '\n');
        number++;
        if (ended || rest.size == 0) {
            return malformed(err, number, "the proof ends before its checkpoint");
        }
        if (line.size == 0) {
            break;
        }
        if (out->path.count == ZD_TREE_PROOF_MAX || !read_hash(&out->path.hashes[out->path.count], line)) {
            return malformed(err, number, "this is not the base64 of a hash, or there are too many");
        }
        out->path.count++;
    }
    out->checkpoint = rest;
    return ZD_OK;
}

static zd_status check_quorum(const zd_note *note, const zd_proof_trust *trust, zd_error *err)
{
    size_t count = 0;
    zd_cosignature *found = zd_alloc_zero(trust->witness_count, sizeof *found);
    zd_status status = zd_checkpoint_cosignatures(found, &count, note, trust->witnesses, trust->witness_count, err);
    if (status == ZD_OK && count < trust->quorum) {
        status = zd_fail(err, ZD_E_PROOF_QUORUM, "%zu trusted witnesses have cosigned, %zu are needed", count, trust->quorum);
    }
    free(found);
    return status;
}

zd_status zd_proof_verify(zd_checkpoint *out, const zd_proof *proof, const zd_hash *leaf, const zd_proof_trust *trust,
                          zd_error *err)
{
    zd_checkpoint checkpoint;
    zd_note note;
    zd_status status = zd_checkpoint_open(&checkpoint, &note, proof->checkpoint, trust->origin, &trust->key, err);
    if (status == ZD_OK) {
        status = check_quorum(&note, trust, err);
    }
    if (status == ZD_OK) {
        status = zd_tree_verify_inclusion(leaf, proof->index, &proof->path, checkpoint.size, &checkpoint.root, err);
    }
    if (status == ZD_OK) {
        *out = checkpoint;
    }
    return status;
}
