/*
 * What a log and a witness say to each other (c2sp.org/tlog-witness), as bytes: the body of add-checkpoint, the answer of status 409, and the answer file of a
 * file drop, which carries the same words where there is no network. Reads strictly, sends nothing, decides nothing.
 *
 *     old <size>\n  (base64 of one hash\n){0,63}  \n  the signed checkpoint
 */
#ifndef ZD_LOG_WITNESS_REQUEST_H
#define ZD_LOG_WITNESS_REQUEST_H

#include "ledger/log/checkpoint.h"

#define ZD_WITNESS_PROOF_MAX 63 /* lines; the specification's bound */
#define ZD_WITNESS_REQUEST_MAX 24576 /* bytes: the old size, 63 lines of 45 bytes, and the largest checkpoint */
#define ZD_WITNESS_ANSWER_MAX 16384
#define ZD_DROP_REQUEST_SUFFIX ".add-checkpoint"
#define ZD_DROP_ANSWER_SUFFIX ".answer"

typedef struct zd_witness_request {
    uint64_t old_size;
    zd_tree_proof proof;
    zd_span checkpoint; /* borrowed: the signed note, as it came */
} zd_witness_request;

/* Appends the body. LOG_RANGE when the proof has more than 63 hashes, which only a log beyond 2^62 entries has. */
zd_status zd_witness_request_encode(zd_buf *out, const zd_witness_request *request, zd_error *err);
/* Spans borrow from text. WITNESS_REQUEST with the line that is wrong. */
zd_status zd_witness_request_parse(zd_witness_request *out, zd_span text, zd_error *err);

/* The body of 409: the size of the witness's latest checkpoint. False for anything else. */
ZD_MUST_USE bool zd_witness_size_parse(uint64_t *out, zd_span body);

/* "<hex sha256(origin)>": how the monitoring address and the files of a drop name a log. */
void zd_witness_log_name(char out[ZD_HASH_HEX], zd_span origin);

/* The answer file of a drop: names the request that it answers by its SHA-256, so that an old answer is not taken for a new one. */
typedef struct zd_drop_answer {
    zd_hash request_sha256;
    int status;
    zd_span body; /* borrowed */
} zd_drop_answer;
void zd_drop_answer_encode(zd_buf *out, const zd_drop_answer *answer);
/* WITNESS_REQUEST when it is none. */
zd_status zd_drop_answer_parse(zd_drop_answer *out, zd_span text, zd_error *err);

#endif
