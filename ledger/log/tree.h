/*
 * The Merkle tree of RFC 6962 section 2.1 (the same as RFC 9162 section 2.1 for SHA-256): hashing, the compact range that
 * lets a log of any size grow in O(log n) memory, making and checking inclusion and consistency proofs. Pure: no files, no
 * clock; what lies outside memory comes through a hash reader.
 *
 * Sizes and indexes are entry counts, at most ZD_TREE_SIZE_MAX. A hash is always 32 bytes: that is the type, so a proof with a
 * shorter one cannot reach the checks.
 */
#ifndef ZD_LOG_TREE_H
#define ZD_LOG_TREE_H

#include "ledger/seal/hash.h"

/* 2^63 - 1, the bound that other readers of these formats keep as well (they hold sizes in a signed 64-bit integer). */
#define ZD_TREE_SIZE_MAX ((uint64_t)INT64_MAX)
#define ZD_TREE_FRONTIER_MAX 64
/* A consistency proof below 2^63 has at most 64 hashes, an inclusion proof at most 63. */
#define ZD_TREE_PROOF_MAX 64

/* The compact range of a log of that size: one hash per set bit of size, largest subtree first. {0} is the empty log. */
typedef struct zd_tree {
    uint64_t size;
    size_t count;
    zd_hash frontier[ZD_TREE_FRONTIER_MAX];
} zd_tree;

/* Hashes from the leaf (or the smaller tree) towards the root, in the order of RFC 6962 sections 2.1.1 and 2.1.2. */
typedef struct zd_tree_proof {
    size_t count;
    zd_hash hashes[ZD_TREE_PROOF_MAX];
} zd_tree_proof;

/*
 * Gives hashes of complete subtrees: level 0 are leaf hashes, node (level, index) covers the entries
 * [index << level, (index + 1) << level). Only nodes whose entries all lie inside the log are asked for. What a reader
 * gives is not believed for its own sake: check a proof against the signed root before you hand it on.
 */
typedef struct zd_hash_reader {
    zd_status (*read)(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err);
    void *context;
} zd_hash_reader;

zd_hash zd_tree_leaf_hash(zd_span entry);                                /* SHA-256(0x00 || entry) */
zd_hash zd_tree_node_hash(const zd_hash *left, const zd_hash *right);    /* SHA-256(0x01 || left || right) */
zd_hash zd_tree_empty_root(void);                                        /* SHA-256("") */

/* Adds one leaf. The tree must be valid and smaller than ZD_TREE_SIZE_MAX. */
void zd_tree_append(zd_tree *tree, const zd_hash *leaf);
zd_hash zd_tree_root(const zd_tree *tree);
/* true when count is the number of set bits of size and size is within bounds: for compact ranges that come from disk. */
ZD_MUST_USE bool zd_tree_is_valid(const zd_tree *tree);
/* The compact range of the first size entries. Errors: LOG_RANGE, those of the reader. */
zd_status zd_tree_load(zd_tree *out, uint64_t size, const zd_hash_reader *reader, zd_error *err);

/* RFC 6962 section 2.1.1. Errors: LOG_RANGE when index >= size or size is too large, those of the reader. */
zd_status zd_tree_make_inclusion(zd_tree_proof *out, uint64_t index, uint64_t size, const zd_hash_reader *reader, zd_error *err);
/* RFC 6962 section 2.1.2. Empty for equal sizes. Errors: LOG_RANGE unless 0 < old_size <= new_size, those of the reader. */
zd_status zd_tree_make_consistency(zd_tree_proof *out, uint64_t old_size, uint64_t new_size, const zd_hash_reader *reader,
                                   zd_error *err);

/* RFC 9162 section 2.1.3.2. PROOF_BAD when the proof does not connect the leaf at that index with the root. */
zd_status zd_tree_verify_inclusion(const zd_hash *leaf, uint64_t index, const zd_tree_proof *proof, uint64_t size,
                                   const zd_hash *root, zd_error *err);
/*
 * RFC 9162 section 2.1.4.2. PROOF_BAD when the larger log does not begin with the smaller one. old_size 0 is refused: from
 * nothing to something there is nothing to prove, and a caller that starts from an empty log must say so itself.
 */
zd_status zd_tree_verify_consistency(uint64_t old_size, const zd_hash *old_root, uint64_t new_size, const zd_hash *new_root,
                                     const zd_tree_proof *proof, zd_error *err);

#endif
