/*
 * The auditor's own policy file (c2sp.org/tlog-policy): log keys, witnesses, groups and one quorum. Says whether a checkpoint has the cosignatures that the
 * auditor asks for. Never read from the repository under audit: who is judged does not choose the witnesses.
 */
#ifndef ZD_VERIFY_WITNESSES_H
#define ZD_VERIFY_WITNESSES_H

#include "ledger/log/checkpoint.h"

#define ZD_POLICY_NODES 64   /* witnesses and groups together; the format asks for 32 of each at least */
#define ZD_POLICY_LOGS 32
#define ZD_POLICY_BYTES_MAX 65536

typedef struct zd_policy_node {
    char name[101];
    bool is_witness;
    size_t witness;              /* index in witnesses */
    size_t needed;               /* group: members that must be satisfied */
    uint64_t members;            /* group: bit per node before it */
    bool used;                   /* already a member of a group */
} zd_policy_node;

typedef struct zd_witness_policy {
    zd_public_key logs[ZD_POLICY_LOGS];
    size_t log_count;
    zd_witness witnesses[ZD_POLICY_NODES];
    size_t witness_count;
    zd_policy_node nodes[ZD_POLICY_NODES];
    size_t node_count;
    bool has_quorum;
    size_t quorum; /* node; node_count when "none" */
} zd_witness_policy;

/* KEY_FILE or FIELD_INVALID with the line's number. */
zd_status zd_witness_policy_parse(zd_witness_policy *out, zd_span text, zd_error *err);
/* *good counts the witnesses that cosigned. False when the quorum is not reached, a witness's line is bad, or no listed log key signed. why is then a few words. */
ZD_MUST_USE bool zd_witness_policy_holds(size_t *good, const char **why, const zd_witness_policy *policy, const zd_note *checkpoint);

#endif
