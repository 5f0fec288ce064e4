/*
 * What a verification found and how much it checked. Findings are kept up to a bound, counted beyond it; nothing here decides anything. Fixed
 * memory per finding: evidence is cut where it is long, with its length said.
 */
#ifndef ZD_VERIFY_REPORT_H
#define ZD_VERIFY_REPORT_H

#include "ledger/json/json.h"
#include "ledger/seal/hash.h"

typedef enum zd_verify_check {
#define ZD_FINDING(id, name, english, chinese) ZD_V_##id,
#include "audit/verify/findings.def"
#undef ZD_FINDING
    ZD_V__COUNT
} zd_verify_check;

const char *zd_verify_name(zd_verify_check check);
const char *zd_verify_sentence(zd_verify_check check, bool chinese);

#define ZD_ENTRY_NONE UINT64_MAX
#define ZD_FOUND_KEPT 200

typedef struct zd_found {
    zd_verify_check check;
    uint64_t entry;      /* ZD_ENTRY_NONE when it is not about one */
    char commit_hex[41]; /* "" when it is not about one */
    zd_buf recorded;     /* what stands there */
    zd_buf recomputed;   /* what should */
    zd_buf gains;        /* party that gains, "" when it cannot be told */
} zd_found;

typedef struct zd_verify_counts {
    uint64_t commits;
    uint64_t entries;
    uint64_t requests;   /* request notes whose signature was verified */
    uint64_t resting;    /* those that an earlier run verified over the same bytes (kept.h) */
    uint64_t signatures; /* of checkpoints and commits */
    uint64_t decisions;  /* decision lines made again */
    uint64_t postings;
    uint64_t accounts;
    uint64_t files;      /* of the tree, compared byte for byte */
    uint64_t redemptions;
    uint64_t seals;
    uint64_t attested;   /* facts that were believed, not recomputed */
} zd_verify_counts;

typedef struct zd_report {
    zd_found *found;
    size_t kept;
    uint64_t total; /* findings, kept or not */
    uint64_t by_check[ZD_V__COUNT];
    zd_found spare; /* takes what is beyond the bound */
    char commit_hex[41]; /* present commit; findings carry it */
    zd_verify_counts counts;
} zd_report;

zd_report *zd_report_new(void);
void zd_report_free(zd_report *report); /* NULL is fine */
/* A new finding about the present commit; never NULL. Valid until the next call. Fill recorded, recomputed and gains. */
zd_found *zd_report_add(zd_report *report, zd_verify_check check, uint64_t entry);
/* The same with both texts at once. */
void zd_report_say(zd_report *report, zd_verify_check check, uint64_t entry, const char *recorded, const char *recomputed);
/* Moves what another report found and counted into this one, behind what is there. */
void zd_report_absorb(zd_report *report, zd_report *other);
/* The same, each finding placed among those from number `from` to the one before `to`, behind those that are about an earlier entry, or about the same one and stand before it in
 * findings.def. All of them are about the other report's commit. Returns the number behind the last of them: `to`, moved up by what was placed before it. */
size_t zd_report_merge(zd_report *report, zd_report *other, size_t from, size_t to);
/* Appends at most some hundred bytes, printable, around the first byte where the two differ. */
void zd_report_excerpt(zd_buf *out, zd_span text, zd_span other);

#endif
