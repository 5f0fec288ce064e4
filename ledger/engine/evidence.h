/*
 * The raw files of bank and treasury answers: evidence/<SHA-256> of a ledger's directory, mode 0600, in a folder of mode 0700, named by the records BFILE. This looks at them;
 * it never changes, moves or removes one.
 */
#ifndef ZD_ENGINE_EVIDENCE_H
#define ZD_ENGINE_EVIDENCE_H

#include "ledger/engine/ledger.h"

typedef enum zd_evidence_state {
    ZD_EVIDENCE_GOOD,
    ZD_EVIDENCE_MISSING,
    ZD_EVIDENCE_ODD,     /* no regular file: a link, a folder, a pipe */
    ZD_EVIDENCE_DIFFERS, /* its bytes have another SHA-256 than its name says */
    ZD_EVIDENCE_OPEN,    /* right, but others than its owner may read or write it */
    ZD_EVIDENCE_STRANGER, /* no record names it: a note, no fault */
    ZD_EVIDENCE__COUNT
} zd_evidence_state;

/* Looks at the file called hex in dir and appends its bytes where they are the right ones (GOOD, OPEN); links are not followed. Errors: FILE_IO. A file that is longer than any
 * answer DIFFERS. */
zd_status zd_evidence_read(zd_evidence_state *out, zd_buf *bytes, const char *dir, const char *hex, zd_error *err);
/* The error of a file in that state: EVIDENCE_MISSING, EVIDENCE_DIFFERS, EVIDENCE_OPEN; ZD_OK for GOOD and STRANGER. */
zd_status zd_evidence_fail(zd_error *err, zd_evidence_state state, const char *dir, const char *hex);

typedef struct zd_evidence_tally {
    uint64_t count[ZD_EVIDENCE__COUNT]; /* by state */
    bool open_dir;                      /* others than its owner may enter the folder */
} zd_evidence_tally;
/* Each file that is not GOOD. */
typedef void zd_evidence_visit(void *context, const char *name, zd_evidence_state state);
/* Every file that a record names, then every name that no record knows. What was found stands in *tally; the status tells only of not being able to look: FILE_IO, trouble of the book. */
zd_status zd_evidence_check(zd_evidence_tally *tally, zd_ledger *ledger, zd_evidence_visit *visit, void *context, zd_error *err);

#endif
