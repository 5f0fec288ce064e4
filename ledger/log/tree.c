/*
 * Hashing, the compact range and the two checks of proofs; see tree.h. Making proofs is in tree_proof.c. The checks read
 * nothing but their arguments, and every loop is bounded by the length of the proof or the bits of a size.
 */
#include "ledger/log/tree.h"

#include <inttypes.h>

_Static_assert(sizeof(zd_hash) == ZD_HASH_SIZE, "arrays of hashes are written as tiles without copying");

static const uint8_t leaf_prefix[1] = {0x00};
static const uint8_t node_prefix[1] = {0x01};

zd_hash zd_tree_leaf_hash(zd_span entry)
{
    zd_span parts[2] = {zd_span_of(leaf_prefix, 1), entry};
    return zd_sha256_parts(parts, 2);
}

zd_hash zd_tree_node_hash(const zd_hash *left, const zd_hash *right)
{
    zd_span parts[3] = {zd_span_of(node_prefix, 1), zd_span_of(left->bytes, ZD_HASH_SIZE),
                        zd_span_of(right->bytes, ZD_HASH_SIZE)};
    return zd_sha256_parts(parts, 3);
}

zd_hash zd_tree_empty_root(void)
{
    return zd_sha256(zd_span_of(NULL, 0));
}

static size_t count_bits(uint64_t size)
{
    size_t count = 0;
    for (; size != 0; size &= size - 1) {
        count++;
    }
    return count;
}

bool zd_tree_is_valid(const zd_tree *tree)
{
    return tree->size <= ZD_TREE_SIZE_MAX && tree->count == count_bits(tree->size);
}

void zd_tree_append(zd_tree *tree, const zd_hash *leaf)
{
    ZD_ASSERT(zd_tree_is_valid(tree) && tree->size < ZD_TREE_SIZE_MAX);
    zd_hash node = *leaf;
    /* A trailing one bit is a complete subtree as large as the new node: together they are the next larger one. */
    for (uint64_t bits = tree->size; (bits & 1) != 0; bits >>= 1) {
        tree->count--;
        node = zd_tree_node_hash(&tree->frontier[tree->count], &node);
    }
    tree->frontier[tree->count] = node;
    tree->count++;
    tree->size++;
}

zd_hash zd_tree_root(const zd_tree *tree)
{
    ZD_ASSERT(zd_tree_is_valid(tree));
    if (tree->count == 0) {
        return zd_tree_empty_root();
    }
    zd_hash root = tree->frontier[tree->count - 1];
    for (size_t i = tree->count - 1; i > 0; i--) {
        root = zd_tree_node_hash(&tree->frontier[i - 1], &root);
    }
    return root;
}

static zd_status bad_proof(zd_error *err, const char *reason)
{
    return zd_fail(err, ZD_E_PROOF_BAD, "%s", reason);
}

zd_status zd_tree_verify_inclusion(const zd_hash *leaf, uint64_t index, const zd_tree_proof *proof, uint64_t size,
                                   const zd_hash *root, zd_error *err)
{
    if (size > ZD_TREE_SIZE_MAX || index >= size) {
        return zd_fail(err, ZD_E_PROOF_BAD, "entry %" PRIu64 " is not in a log of %" PRIu64, index, size);
    }
    if (proof->count > ZD_TREE_PROOF_MAX) {
        return bad_proof(err, "the proof is longer than any proof can be");
    }
    uint64_t fn = index;
    uint64_t sn = size - 1;
    zd_hash hash = *leaf;
    for (size_t i = 0; i < proof->count; i++) {
        if (sn == 0) {
            return bad_proof(err, "the proof is too long for this size");
        }
        if ((fn & 1) != 0 || fn == sn) {
            hash = zd_tree_node_hash(&proof->hashes[i], &hash);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            hash = zd_tree_node_hash(&hash, &proof->hashes[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0) {
        return bad_proof(err, "the proof is too short for this size");
    }
    return zd_hash_equal(&hash, root) ? ZD_OK : bad_proof(err, "the entry and the proof give another root");
}

/* The main case of RFC 9162 section 2.1.4.2: 0 < old_size < new_size. */
static zd_status verify_growth(uint64_t old_size, const zd_hash *old_root, uint64_t new_size, const zd_hash *new_root,
                               const zd_tree_proof *proof, zd_error *err)
{
    if (proof->count == 0) {
        return bad_proof(err, "the proof is empty although the sizes differ");
    }
    uint64_t fn = old_size - 1;
    uint64_t sn = new_size - 1;
    while ((fn & 1) != 0) {
        fn >>= 1;
        sn >>= 1;
    }
    /* A smaller log that is one complete subtree is its own first hash, which the proof then leaves out. */
    bool whole = (old_size & (old_size - 1)) == 0;
    size_t next = whole ? 0 : 1;
    zd_hash old_hash = whole ? *old_root : proof->hashes[0];
    zd_hash new_hash = old_hash;
    for (; next < proof->count; next++) {
        const zd_hash *sibling = &proof->hashes[next];
        if (sn == 0) {
            return bad_proof(err, "the proof is too long for these sizes");
        }
        if ((fn & 1) != 0 || fn == sn) {
            old_hash = zd_tree_node_hash(sibling, &old_hash);
            new_hash = zd_tree_node_hash(sibling, &new_hash);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            new_hash = zd_tree_node_hash(&new_hash, sibling);
        }
        fn >>= 1;
        sn >>= 1;
    }
    if (sn != 0) {
        return bad_proof(err, "the proof is too short for these sizes");
    }
    if (!zd_hash_equal(&old_hash, old_root)) {
        return bad_proof(err, "the proof does not give the root of the smaller log");
    }
    return zd_hash_equal(&new_hash, new_root) ? ZD_OK : bad_proof(err, "the proof does not give the root of the larger log");
}

zd_status zd_tree_verify_consistency(uint64_t old_size, const zd_hash *old_root, uint64_t new_size, const zd_hash *new_root,
                                     const zd_tree_proof *proof, zd_error *err)
{
    if (old_size == 0 || old_size > new_size || new_size > ZD_TREE_SIZE_MAX) {
        return zd_fail(err, ZD_E_PROOF_BAD, "nothing can be proved from size %" PRIu64 " to size %" PRIu64, old_size, new_size);
    }
    if (proof->count > ZD_TREE_PROOF_MAX) {
        return bad_proof(err, "the proof is longer than any proof can be");
    }
    if (old_size == new_size) {
        if (proof->count != 0) {
            return bad_proof(err, "the proof must be empty when the sizes are equal");
        }
        return zd_hash_equal(old_root, new_root) ? ZD_OK : bad_proof(err, "two roots of one size differ");
    }
    return verify_growth(old_size, old_root, new_size, new_root, proof, err);
}
