/*
 * Checkpoints (c2sp.org/tlog-checkpoint) and their cosignatures (c2sp.org/tlog-cosignature, Ed25519, type 0x04): the signed head
 * of the log as text, and what witnesses say about it. Builds and checks bytes; signs nothing, asks nobody, keeps no state.
 *
 * This ledger writes and accepts exactly three lines. Extension lines, which the format allows, are refused: some witnesses
 * reject them and the later cosignature type does not cover them, so nothing may depend on them.
 */
#ifndef ZD_LOG_CHECKPOINT_H
#define ZD_LOG_CHECKPOINT_H

#include "ledger/log/tree.h"
#include "ledger/seal/note.h"

#define ZD_CHECKPOINT_BYTES_MAX 16384 /* of a whole signed checkpoint: 64 lines of the longest names fit */

typedef struct zd_checkpoint {
    char origin[ZD_NOTE_NAME_MAX]; /* unique name of the log, also the name of its key */
    uint64_t size;                 /* entries */
    zd_hash root;
} zd_checkpoint;

/* Appends origin, size and base64 of the root, each with a newline. CHECKPOINT_MALFORMED when no reader would take it. */
zd_status zd_checkpoint_encode(zd_buf *out, const zd_checkpoint *checkpoint, zd_error *err);
/*
 * Reads such a text. CHECKPOINT_MALFORMED for an odd origin, a size with leading zeros or above 2^63 - 1, a root that is not
 * canonical base64 of 32 bytes, size 0 with another root than the empty one, and any further line.
 */
zd_status zd_checkpoint_parse(zd_checkpoint *out, zd_span text, zd_error *err);

/*
 * Splits a signed checkpoint, verifies the line of the log's key (type 0x01, name = origin), then reads the text. *note is
 * filled for zd_checkpoint_cosignatures and borrows from whole. Errors: NOTE_MALFORMED, CHECKPOINT_UNSIGNED without a line of
 * that key, SIGNATURE_BAD when a line of that key does not verify, CHECKPOINT_ORIGIN when the text is of another log,
 * CHECKPOINT_MALFORMED. *out is touched only on success.
 */
zd_status zd_checkpoint_open(zd_checkpoint *out, zd_note *note, zd_span whole, zd_span origin, const zd_public_key *key,
                             zd_error *err);
/* The same with origin and key from a vkey of type 0x01. Errors: also KEY_FILE. */
zd_status zd_checkpoint_open_vkey(zd_checkpoint *out, zd_note *note, zd_span whole, zd_span vkey, zd_error *err);

typedef struct zd_witness {
    char name[ZD_NOTE_NAME_MAX];
    zd_public_key key;
} zd_witness;

typedef struct zd_cosignature {
    size_t witness; /* index in the list of witnesses */
    size_t line;    /* index in the note's signatures */
    int64_t time_unix_s; /* the witness's own word: when it saw this as its largest head */
} zd_cosignature;

/* From a vkey of type 0x04. KEY_FILE otherwise. */
zd_status zd_witness_parse(zd_witness *out, zd_span vkey, zd_error *err);

/*
 * Verified cosignatures of these witnesses, at most one each (the latest), in the order of the list; out has room for count.
 * Lines of others are ignored. Errors: SIGNATURE_BAD when a line of a listed witness does not verify (signed-note: reject the
 * whole note); WITNESS_KEYS when two witnesses share a name or a key, because a cosignature does not name its cosigner and
 * would count twice.
 */
zd_status zd_checkpoint_cosignatures(zd_cosignature *out, size_t *out_count, const zd_note *note, const zd_witness *witnesses,
                                     size_t count, zd_error *err);

/* Appends what a witness signs: "cosignature/v1\ntime N\n" and the checkpoint text. time_unix_s >= 0. */
void zd_cosignature_message(zd_buf *out, int64_t time_unix_s, zd_span text);
/* Appends the witness's line for its signature over that message. */
void zd_cosignature_add_line(zd_buf *out, const zd_witness *witness, int64_t time_unix_s, const uint8_t signature[64]);
/*
 * For the answer of a witness (signature lines only): appends to lines the one line that verifies for this witness and text, and
 * nothing else of what was answered. Errors: NOTE_MALFORMED, SIGNATURE_BAD when no line or a bad line of this witness is there.
 */
zd_status zd_cosignature_accept(zd_buf *lines, zd_span text, zd_span answer, const zd_witness *witness, zd_error *err);

#endif
