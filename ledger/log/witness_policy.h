/*
 * A policy file (c2sp.org/tlog-policy): log keys, witnesses, groups and one quorum. The ledger asks the witnesses that its own file names, an auditor holds checkpoints
 * against a file of its own. Says whether a checkpoint has the cosignatures that a policy asks for. Never read from the repository under audit: who is judged does not
 * choose the witnesses.
 */
#ifndef ZD_LOG_WITNESS_POLICY_H
#define ZD_LOG_WITNESS_POLICY_H

#include "ledger/log/checkpoint.h"

#define ZD_POLICY_NODES 64   /* witnesses and groups together; the format asks for 32 of each at least */
#define ZD_POLICY_LOGS 32
#define ZD_POLICY_BYTES_MAX 65536
#define ZD_POLICY_URL_MAX 256

typedef struct zd_policy_node {
    char name[101];
    bool is_witness;
    size_t witness;              /* index in witnesses */
    char url[ZD_POLICY_URL_MAX]; /* where it is asked; "" when the file names none */
    size_t needed;               /* group: members that must be satisfied */
    uint64_t members;            /* group: bit per node before it */
    bool used;                   /* already a member of a group */
} zd_policy_node;

typedef struct zd_witness_policy {
    zd_public_key logs[ZD_POLICY_LOGS];
    char log_names[ZD_POLICY_LOGS][ZD_NOTE_NAME_MAX];
    size_t log_count;
    zd_witness witnesses[ZD_POLICY_NODES];
    size_t witness_count;
    zd_policy_node nodes[ZD_POLICY_NODES];
    size_t node_count;
    bool has_quorum;
    size_t quorum; /* node; node_count when "none" */
} zd_witness_policy;

/* KEY_FILE or FIELD_INVALID with the line's number; WITNESS_KEYS when two witnesses share a name or key. */
zd_status zd_witness_policy_parse(zd_witness_policy *out, zd_span text, zd_error *err);

/* What a policy says of a checkpoint. */
typedef struct zd_witness_count {
    size_t good;              /* witnesses that cosigned */
    size_t fresh;             /* of them, within the two times asked for */
    int64_t newest_unix_s;    /* newest cosignature; 0 when there is none */
    bool quorum;              /* reached by the good ones */
    bool quorum_fresh;        /* reached by the fresh ones; a policy without quorum needs one of them */
    const char *why;          /* a few words when the quorum is not reached or the note is not to be believed */
} zd_witness_count;
/* Counts as fresh what lies in [from_unix_s, to_unix_s]: a witness's clock that runs ahead must not keep an old head young. False when a witness's line is bad or no
 * listed log key signed; *out then counts nothing. */
ZD_MUST_USE bool zd_witness_policy_count(zd_witness_count *out, const zd_witness_policy *policy, const zd_note *checkpoint, int64_t from_unix_s, int64_t to_unix_s);
/* The same without times: *good counts the witnesses that cosigned. False when the quorum is not reached, a witness's line is bad, or no listed log key signed. */
ZD_MUST_USE bool zd_witness_policy_holds(size_t *good, const char **why, const zd_witness_policy *policy, const zd_note *checkpoint);

#endif
