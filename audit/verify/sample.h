/*
 * The reproducible sample of a batch, from the story of a repository: what chance draws (ledger/rules/draw.h) and what the checks point at. For the command `sample` and the
 * printed report.
 */
#ifndef ZD_VERIFY_SAMPLE_H
#define ZD_VERIFY_SAMPLE_H

#include "audit/verify/story.h"
#include "ledger/rules/draw.h"

typedef struct zd_sample {
    zd_draw_item *items; /* owned; the first `drawn` are the sample */
    size_t count, capacity;
    size_t drawn;
    char seed[ZD_HASH_HEX];
    const zd_story_head *head; /* whose root is in the seed */
    const zd_rec_batch *batch;
    const char *number;        /* borrowed: the one on record, else the caller's */
    int64_t sampling_bp;
} zd_sample;

/* number NULL: the one that two officers recorded. A_ABSENT, LOG_RANGE (the seal is not published), A_MISMATCH (another number is on record), USAGE (none is), LEDGER_CORRUPT. */
zd_status zd_sample_make(zd_sample *out, zd_story *story, const char *batch, const char *number, zd_error *err);
void zd_sample_free(zd_sample *sample);
/* The checks that flagged this capture: "R19,R38"; appends nothing when none did. */
void zd_sample_reasons(zd_buf *out, const zd_rec_item *item);

#endif
