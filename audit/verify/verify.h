/*
 * One verification of one repository, from the first commit to the tip. See audit/main/zhidui_audit.c for what the program promises; findings.def for what it
 * can find. "Verified" is only said when something that the auditor brought along anchors the history, for a complete fake is consistent with itself.
 */
#ifndef ZD_VERIFY_VERIFY_H
#define ZD_VERIFY_VERIFY_H

#include <stdio.h>

#include "audit/trail/trail.h"
#include "audit/verify/kept.h"
#include "audit/verify/openings.h"
#include "audit/verify/report.h"
#include "ledger/log/checkpoint.h"
#include "ledger/log/witness_policy.h"

typedef struct zd_verify_options {
    const char *repository;
    bool has_genesis;
    zd_hash genesis;        /* fingerprint of the first entry */
    bool has_since;
    zd_checkpoint since;    /* that the auditor kept from an earlier verification */
    const zd_kept *since_head; /* the file that it stood in; NULL, or a bare checkpoint: it proves that nothing old changed, and saves no work */
    const zd_kept *resume;  /* of a run that did not end: saves work, and anchors nothing; NULL = none */
    const char *state;      /* file in which a run that does not end leaves how far it came; NULL = none */
    const zd_witness_policy *policy; /* the auditor's own; NULL = no witness is asked */
    int64_t max_age_s;      /* the newest commit must have been cosigned no longer ago, by the policy's quorum; 0 = any age */
    int64_t now_unix_s;     /* what the age is counted from */
    zd_span head;           /* the published checkpoint file, whose cosignatures may be younger than the commit's; empty = none */
    unsigned threads;       /* 0 = all cores */
    size_t records_most;    /* of the verifier's book in memory; 0 = the usual */
    FILE *progress;         /* a terminal, or NULL */
    bool chinese;           /* of progress */
} zd_verify_options;

typedef struct zd_verify_attester {
    char unit[41];
    uint64_t count;
} zd_verify_attester;
#define ZD_VERIFY_ATTESTERS 64

typedef struct zd_verdict {
    zd_report *report;      /* owned */
    bool complete;          /* the whole history was gone through; false: see stopped */
    bool empty;             /* there is no commit */
    char stopped[ZD_OID_HEX]; /* commit after which nothing more was believed; "" = none */
    bool anchored;          /* and what anchors it was found */
    bool decided_all;       /* every decision was made again */
    zd_checkpoint newest;   /* of the last commit gone through */
    zd_buf newest_note;     /* its bytes, signed; owned */
    char tip_hex[ZD_OID_HEX];
    zd_hash genesis;
    size_t witnesses;       /* good cosignatures of the auditor's witnesses on the newest checkpoint */
    int64_t cosigned_unix_s; /* the youngest of them; 0 = none */
    bool stale;             /* an age was asked for and the quorum is older, or the head file is of another size */
    zd_verify_attester attesters[ZD_VERIFY_ATTESTERS]; /* who attested facts, and how many */
    size_t attester_count;
    zd_kept rests_on;       /* counts.resting signatures do; all zero when none does */
    bool openings_asked;    /* a file of openings was brought; the counts say what came of it */
    zd_openings openings;
} zd_verdict;

/* ZD_OK: the verdict says what was found. KEPT_HEAD: a kept head has the root of this history and another genesis. Other statuses: the repository or the machine could not be read; err says why. Free the verdict in both cases. */
zd_status zd_verify_run(zd_verdict *out, const zd_verify_options *options, zd_error *err);
void zd_verdict_free(zd_verdict *verdict);
/* After a run: holds a file of openings (openings.h) against what the history leads to; adds to the report. Does nothing when the history did not re-execute. */
zd_status zd_verdict_openings(zd_verdict *verdict, const zd_verify_options *options, zd_span file, zd_error *err);

/* Exit status: 0 verified, 1 finding, 6 unanchored, incomplete or stale. */
enum { ZD_AUDIT_VERIFIED = 0, ZD_AUDIT_FINDING = 1, ZD_AUDIT_USAGE = 2, ZD_AUDIT_MALFORMED = 3, ZD_AUDIT_FAULT = 4, ZD_AUDIT_UNANCHORED = 6 };
int zd_verdict_exit(const zd_verdict *verdict);

/* output.c */
void zd_verdict_print(const zd_verdict *verdict, const zd_verify_options *options, FILE *out, bool chinese);
void zd_verdict_findings(const zd_verdict *verdict, FILE *out, bool chinese);
void zd_verdict_counts(const zd_verdict *verdict, const zd_verify_options *options, FILE *out, bool chinese);
void zd_verdict_json(zd_buf *out, const zd_verdict *verdict, const zd_verify_options *options, bool chinese);

/* proof_check.c: is the entry with this leaf hash in the log of vkey? Exit status as above; text or JSON goes to out, sentences to talk. */
typedef struct zd_proof_question {
    zd_span proof;        /* a .tlog-proof */
    bool has_leaf;
    zd_span leaf;         /* bytes of the entry; or */
    zd_hash leaf_hash;    /* its RFC 6962 leaf hash */
    zd_span vkey;         /* of the log; empty: one of the policy's logs */
    const zd_witness_policy *policy; /* NULL = no witness is asked */
} zd_proof_question;
int zd_proof_answer(zd_buf *out, const zd_proof_question *question, bool json, bool chinese, zd_error *err);

/* compare.c: are two copies one history? Exit status: 0 the same or one ahead, 1 a split view with both signed heads as evidence, 3, 4. */
int zd_compare_answer(zd_buf *out, const char *one, const char *two, bool json, bool chinese, zd_error *err);
/* sample.c: the reproducible sample of a batch. number NULL: the one that two officers recorded. */
int zd_sample_answer(zd_buf *out, const char *repository, const char *batch, const char *number, bool json, bool chinese, zd_error *err);
/* package.c: a settlement package against the clone of options. openings NULL: accounts are compared between the files only. Text goes to stdout, JSON to out_json. Exit
 * status: 0 verified; 1 a finding; 3 no package, or no openings; 4; 6 unanchored, the clone older than the release, not signed by all three roles, or an account that the openings leave closed. */
int zd_package_answer(zd_buf *out_json, const char *dir, const char *openings, const zd_verify_options *options, bool json, zd_error *err);
/* html.c: the verdict as one page to print, with the figures of the repository when it re-executes. */
zd_status zd_verdict_html(zd_buf *out, const zd_verdict *verdict, const zd_verify_options *options, zd_error *err);

/* command.c: the whole program; the exit status of zhidui-audit. */
int zd_audit_main(int argc, char **argv);

#endif
