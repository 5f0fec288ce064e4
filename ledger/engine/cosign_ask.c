/* One question to one witness (c2sp.org/tlog-witness, the log's side); see cosign_int.h. Nothing that a witness says is kept but a line that verifies and a size. */
#include <inttypes.h>
#include <string.h>

#include "ledger/engine/cosign_int.h"
#include "ledger/log/size_text.h"
#include "ledger/log/witness_request.h"
#include "ledger/net/witness_door.h"

/* The size that this witness said last to have cosigned: where the next proof starts. Only a hint; 409 corrects it. */
static void size_name(zd_buf *out, const zd_witness *witness)
{
    char hex[ZD_HASH_HEX];
    zd_hash key;
    memcpy(key.bytes, witness->key.bytes, sizeof key.bytes);
    zd_hash_hex(hex, &key);
    zd_buf_clear(out);
    zd_buf_addf(out, "witness/%s", hex);
}

static zd_status known_size(uint64_t *out, zd_cosign_call *call, const zd_witness *witness, zd_error *err)
{
    zd_buf name = {0};
    zd_buf text = {0};
    bool found = false;
    size_name(&name, witness);
    zd_status status = zd_store_blob_get(call->ledger->store, zd_buf_span(&name), &text, &found, err);
    if (!found || !zd_size_parse(out, zd_buf_span(&text)) || *out > call->checkpoint.size) {
        *out = 0;
    }
    zd_buf_free(&name);
    zd_buf_free(&text);
    return status;
}

/* Asking writes nothing: zd_cosign_keep does. */
static void learn_size(zd_cosign_call *call, const zd_witness *witness, uint64_t size)
{
    zd_buf name = {0};
    size_name(&name, witness);
    zd_buf_addf(call->sizes, "%s %" PRIu64 "\n", zd_buf_text(&name), size);
    zd_buf_free(&name);
}

static zd_status stop(zd_error *err, const zd_policy_node *node, const char *detail)
{
    zd_status status = zd_fail(err, ZD_E_LEDGER_FORK, "%s", detail);
    zd_error_subject(err, zd_span_text(node->name));
    return status;
}

/* One exchange. What keeps it from being answered is the witness's trouble, not ours. */
static zd_status exchange(zd_net_answer *answer, zd_cosign_row *row, zd_cosign_call *call, const zd_policy_node *node, uint64_t old_size, zd_error *err)
{
    zd_buf body = {0};
    char log[ZD_HASH_HEX];
    char name[ZD_HASH_HEX + 24];
    zd_error why = {0};
    zd_witness_request request = {.old_size = old_size, .checkpoint = call->publication->note};
    zd_status status = zd_cosign_proof(&request.proof, call, old_size, err);
    if (status == ZD_OK) {
        status = zd_witness_request_encode(&body, &request, err);
    }
    if (status == ZD_OK) {
        zd_witness_log_name(log, zd_span_text(call->checkpoint.origin));
        zd_format(name, sizeof name, "%.16s-%" PRIu64, log, call->checkpoint.size);
        zd_net_question question = {.url = node->url, .name = name, .body = zd_buf_span(&body), .timeout_ms = call->timeout_ms};
        row->asked = true;
        if (zd_net_ask_witness(answer, &question, &why) != ZD_OK) {
            zd_format(row->trouble, sizeof row->trouble, "%.150s", why.detail[0] != '\0' ? why.detail : zd_code_english(why.code));
            answer->status = -1;
        }
    }
    zd_buf_free(&body);
    return status;
}

/* 409: the witness's own size. Ahead of us, or different where we are as large, it has seen another history of this log. */
static zd_status judge_conflict(uint64_t *old_size, zd_cosign_row *row, const zd_cosign_call *call, const zd_policy_node *node, zd_span body, zd_error *err)
{
    uint64_t theirs = 0;
    char detail[200];
    if (!zd_witness_size_parse(&theirs, body)) {
        if (*old_size == call->checkpoint.size) {
            return stop(err, node, "it refuses this root at a size that it has cosigned: it knows another history of this log");
        }
        zd_format(row->trouble, sizeof row->trouble, "answered 409 without a size");
        return ZD_OK;
    }
    if (theirs > call->checkpoint.size) {
        zd_format(detail, sizeof detail, "it has cosigned %" PRIu64 " entries of this log, here are %" PRIu64 ": an older ledger.db was restored; do not go on with it", theirs,
                  call->checkpoint.size);
        return stop(err, node, detail);
    }
    if (theirs == *old_size && theirs == call->checkpoint.size) {
        return stop(err, node, "it refuses this root at a size that it has cosigned: it knows another history of this log");
    }
    if (theirs == *old_size) {
        zd_format(row->trouble, sizeof row->trouble, "answered 409 with the size that it was asked from");
    }
    *old_size = theirs;
    return ZD_OK;
}

static void take_line(zd_buf *line, zd_cosign_row *row, zd_cosign_call *call, const zd_witness *witness, zd_span body)
{
    zd_error why = {0};
    if (body.size == 0 || zd_cosignature_accept(line, call->note.text, body, witness, &why) != ZD_OK) {
        zd_format(row->trouble, sizeof row->trouble, "its answer holds no good line of its key: %.120s", why.detail);
        return;
    }
    row->trouble[0] = '\0';
    learn_size(call, witness, call->checkpoint.size);
}

zd_status zd_cosign_ask(zd_buf *line, zd_cosign_row *row, zd_cosign_call *call, const zd_policy_node *node, const zd_witness *witness, zd_error *err)
{
    zd_net_answer answer = {0};
    uint64_t old_size = 0;
    zd_status status = known_size(&old_size, call, witness, err);
    if (status == ZD_OK) {
        status = exchange(&answer, row, call, node, old_size, err);
    }
    if (status == ZD_OK && answer.status == 409) {
        status = judge_conflict(&old_size, row, call, node, zd_buf_span(&answer.body), err);
        if (status == ZD_OK && row->trouble[0] == '\0') {
            learn_size(call, witness, old_size);
            status = exchange(&answer, row, call, node, old_size, err);
        }
    }
    if (status == ZD_OK && row->trouble[0] == '\0') {
        switch (answer.status) {
        case 200:
            take_line(line, row, call, witness, zd_buf_span(&answer.body));
            break;
        case 0:
            zd_format(row->trouble, sizeof row->trouble, "the request waits for its answer in %.120s", node->url);
            break;
        case 403:
            zd_format(row->trouble, sizeof row->trouble, "answered 403: it does not trust this log key");
            break;
        case 404:
            zd_format(row->trouble, sizeof row->trouble, "answered 404: it does not know this log");
            break;
        case 409:
            zd_format(row->trouble, sizeof row->trouble, "answered 409 twice");
            break;
        case 422:
            status = old_size > 0 ? stop(err, node, "it refuses the proof from the size that it has cosigned: it knows another history of this log") : ZD_OK;
            zd_format(row->trouble, sizeof row->trouble, "answered 422");
            break;
        default:
            zd_format(row->trouble, sizeof row->trouble, "answered %d", answer.status);
            break;
        }
    }
    zd_buf_free(&answer.body);
    return status;
}
