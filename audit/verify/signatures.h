/* Ed25519 signatures of many notes at once, on all cores. Pure arithmetic: who may sign what is judged elsewhere, in order. */
#ifndef ZD_VERIFY_SIGNATURES_H
#define ZD_VERIFY_SIGNATURES_H

#include "ledger/seal/note.h"

typedef struct zd_signature_job {
    const zd_note *note;      /* borrowed; line 0 is verified */
    const zd_public_key *key; /* NULL: nothing to do */
    bool good;
} zd_signature_job;

/* threads 0 = all cores. Falls back to this thread when none can be made. */
void zd_signatures_check(zd_signature_job *jobs, size_t count, unsigned threads);

#endif
