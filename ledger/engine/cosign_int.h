/* Between the files that ask witnesses: one question to one witness, and the proof that it needs. */
#ifndef ZD_ENGINE_COSIGN_INT_H
#define ZD_ENGINE_COSIGN_INT_H

#include "ledger/engine/cosign.h"

/* What all questions about one publication share. */
typedef struct zd_cosign_call {
    zd_ledger *ledger;
    const zd_publication *publication;
    uint64_t tiled;          /* size up to which public/ holds tiles */
    zd_note note;            /* of the publication, as signed by the log */
    zd_checkpoint checkpoint;
    zd_buf *sizes;           /* gets what witnesses said that they know */
    long timeout_ms;
} zd_cosign_call;

/* Asks one witness and appends its verified line to *line; row says how it went. ZD_OK also when it is silent or refuses; LEDGER_FORK as in cosign.h. */
zd_status zd_cosign_ask(zd_buf *line, zd_cosign_row *row, zd_cosign_call *call, const zd_policy_node *node, const zd_witness *witness, zd_error *err);

/* consistency.c: the proof from old_size to the publication, held against both roots before it is given out. Empty when old_size is 0 or the whole. */
zd_status zd_cosign_proof(zd_tree_proof *out, zd_cosign_call *call, uint64_t old_size, zd_error *err);

#endif
