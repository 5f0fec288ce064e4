/*
 * Witnesses of this ledger: asking those that <ledger>/witness-policy names (c2sp.org/tlog-policy) for cosignatures of a published checkpoint, keeping the lines that
 * verify and nothing else, and the rule that no batch is released while the published checkpoint lacks the quorum.
 *
 * Two sets of lines are kept for a publication. The committed ones stand in its git commit and never change once it is written, so that a rebuild gives the same
 * commit. The latest ones, which later questions at the same size bring, stand in public/checkpoint and in receipts.
 */
#ifndef ZD_ENGINE_COSIGN_H
#define ZD_ENGINE_COSIGN_H

#include "ledger/engine/ledger_int.h"
#include "ledger/log/witness_policy.h"

#define ZD_COSIGN_POLICY "witness-policy"
#define ZD_COSIGN_REFRESH_S INT64_C(43200) /* a cosignature older than this is asked for again */

typedef struct zd_cosign_row {
    char name[101];       /* of the policy file */
    bool cosigned;        /* a verified line is kept */
    int64_t time_unix_s;  /* of that line */
    bool asked;           /* in this run */
    char trouble[200];    /* why the question brought no line; "" when it did or was not asked */
} zd_cosign_row;

typedef struct zd_cosign_report {
    bool configured;      /* there is a policy file */
    uint64_t size;        /* of the published checkpoint */
    zd_witness_count count;
    size_t row_count;
    zd_cosign_row rows[ZD_POLICY_NODES];
} zd_cosign_report;

/* What the witnesses said, to be kept by whoever may write. Zeroed at first; free both. */
typedef struct zd_cosign_answers {
    zd_buf lines; /* verified */
    zd_buf sizes; /* one line a witness: its record's name, a space, the size that it knows */
} zd_cosign_answers;

/* The note of a publication with its cosignatures. */
zd_status zd_cosign_committed_note(zd_buf *out, zd_ledger *ledger, const zd_publication *publication, zd_error *err);
zd_status zd_cosign_latest_note(zd_buf *out, zd_ledger *ledger, const zd_publication *publication, zd_error *err);

/* After a restore: parts a committed note into the log's own (out_own, appended) and the witnesses' lines, and keeps these for the publication of that size. */
zd_status zd_cosign_restore(zd_buf *out_own, zd_ledger *ledger, uint64_t size, zd_span committed, zd_error *err);

/* There is a policy file, and the publication has neither commit nor lines yet: its witnesses are to be asked. */
zd_status zd_cosign_wanted(bool *wanted, zd_ledger *ledger, const zd_publication *publication, zd_error *err);
/* Asks every witness for the lines that the commit will carry. tiled: size up to which public/ holds tiles. Writes nothing: a reader may ask while others write.
 * A witness that is silent or refuses is noted in the report only. LEDGER_FORK when a witness knows more of this log than we, or another history. */
zd_status zd_cosign_gather(zd_cosign_answers *out, zd_ledger *ledger, const zd_publication *publication, uint64_t tiled, const zd_publisher *publisher, zd_error *err);
/* Asks again whoever has not cosigned, or long ago. *changed when the latest lines are others than before. Writes nothing. */
zd_status zd_cosign_refresh(zd_cosign_answers *out, bool *changed, zd_ledger *ledger, const zd_publication *publication, const zd_publisher *publisher, zd_error *err);
/* Keeps what was gathered (latest false) or refreshed; no lines when there are none. */
zd_status zd_cosign_keep(zd_ledger *ledger, const zd_publication *publication, bool latest, const zd_cosign_answers *answers, zd_error *err);
/* Copies the policy file into public/, for whoever wants to know whom to ask; it proves nothing. */
zd_status zd_cosign_show_policy(zd_ledger *ledger, zd_error *err);
/* Counts the latest lines of the publication for the report. */
zd_status zd_cosign_count(zd_cosign_report *report, zd_ledger *ledger, const zd_publication *publication, zd_error *err);

/* NO_QUORUM when a policy with a quorum is there and the entries before `sealed` are not under a published checkpoint that has it. */
zd_status zd_cosign_gate(zd_ledger *ledger, uint64_t sealed, zd_error *err);

#endif
