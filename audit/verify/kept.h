/*
 * The auditor's own small file: a head of the log, and what a run of this verifier had done when it wrote it. Five lines, an empty line, the signed checkpoint:
 *
 *     zhidui-audit/head/1
 *     edition 1                 of the verifier, see below
 *     genesis HEX               fingerprint of the first entry
 *     state verified            or unfinished
 *     at 2026-11-28T03:10:00.000Z
 *
 * What it says: every request signature at or below that size was found good by a verifier of that edition, over the very bytes that give this root. It holds no verdict,
 * no balance and no record, and it is believed only where the entries give its root again. Whoever can write the auditor's disk can forge it, and nobody else: it is
 * not signed, for this program holds no key. A bare signed checkpoint, as anybody may send, says nothing of this kind: it proves continuity and no more.
 */
#ifndef ZD_VERIFY_KEPT_H
#define ZD_VERIFY_KEPT_H

#include "ledger/base/clock.h"
#include "ledger/log/checkpoint.h"

/* Raised whenever a request's signature, the key that it is checked under, or the form of a note comes to be judged differently: files of another edition save no work. */
#define ZD_VERIFY_EDITION 1

typedef struct zd_kept {
    bool own;        /* written by this program; false: a bare checkpoint, of which only the checkpoint is filled */
    bool finished;   /* by a run that ended verified */
    int64_t edition;
    zd_hash genesis;
    char at[ZD_TIME_TEXT]; /* when, by the auditor's clock */
    zd_checkpoint checkpoint;
} zd_kept;

/* Either kind. Errors: those of zd_file_read; KEPT_HEAD for lines that are not as above; NOTE_MALFORMED, CHECKPOINT_MALFORMED, also for size 0. */
zd_status zd_kept_read(zd_kept *out, const char *path, zd_error *err);
zd_status zd_kept_parse(zd_kept *out, zd_span file, zd_error *err);
/* Replaces path atomically. note: the signed checkpoint. now_unix_ms: at. Errors: those of zd_file_write. */
zd_status zd_kept_write(const char *path, bool finished, const zd_hash *genesis, int64_t now_unix_ms, zd_span note, zd_error *err);
/* May work be left to the run that wrote it, once its root is found again? NULL: no. */
bool zd_kept_saves_work(const zd_kept *kept);

#endif
