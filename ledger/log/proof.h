/*
 * Receipts: c2sp.org/tlog-proof@v1, one text (extension .tlog-proof) that shows offline and for ever that an entry is in the
 * log. It says nothing about what the entry means, and it does not hold the entry: who verifies brings it along.
 *
 *     c2sp.org/tlog-proof@v1\n  [extra <base64>\n]  index <n>\n  (base64 of one hash\n)*  \n  the signed checkpoint, verbatim
 */
#ifndef ZD_LOG_PROOF_H
#define ZD_LOG_PROOF_H

#include "ledger/log/checkpoint.h"

#define ZD_PROOF_EXTRA_MAX 65536 /* bytes of extra, decoded */
#define ZD_PROOF_BYTES_MAX 131072

typedef struct zd_proof {
    uint64_t index; /* 0-based entry */
    zd_tree_proof path;
    zd_span extra_base64; /* borrowed; empty when there is none. Authenticated by nothing: never act on it alone. */
    zd_span checkpoint;   /* borrowed: the signed note */
} zd_proof;

/*
 * Appends the text. extra: raw bytes, empty = no such line. Verify before handing out: encoding believes its arguments.
 * PROOF_MALFORMED when extra or the checkpoint are too large or the checkpoint is empty.
 */
zd_status zd_proof_encode(zd_buf *out, uint64_t index, const zd_tree_proof *path, zd_span extra, zd_span checkpoint,
                          zd_error *err);
/* Reads it strictly; spans borrow from text. PROOF_MALFORMED with the line that is wrong. */
zd_status zd_proof_parse(zd_proof *out, zd_span text, zd_error *err);

/* The log that a verifier trusts. */
typedef struct zd_proof_trust {
    zd_span origin;
    zd_public_key key;
    const zd_witness *witnesses; /* borrowed; may be NULL when count is 0 */
    size_t witness_count;
    size_t quorum; /* distinct witnesses that must have cosigned; 0 = none was asked for */
} zd_proof_trust;

/*
 * Verifies offline that an entry with this leaf hash stands at proof->index of the log that the checkpoint is of. *out is that
 * checkpoint, touched only on success. Errors: those of zd_checkpoint_open and zd_checkpoint_cosignatures, PROOF_QUORUM with
 * too few cosignatures, PROOF_BAD.
 */
zd_status zd_proof_verify(zd_checkpoint *out, const zd_proof *proof, const zd_hash *leaf, const zd_proof_trust *trust,
                          zd_error *err);

#endif
