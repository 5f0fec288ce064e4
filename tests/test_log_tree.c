/*
 * The Merkle tree against three things that are not it: the eight-leaf reference tree that implementations of RFC 6962 share
 * (roots, one inclusion and one consistency proof), a table filled straight from the RFC's definition of MTH for every range,
 * and logs of up to 2^63 - 1 equal leaves, where every complete subtree of a level has one hash.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/log/tree.h"

#define NAIVE_MAX 132

static zd_hash hash_of(const char *hex)
{
    zd_hash hash;
    assert_true(zd_hash_from_hex(&hash, zd_span_text(hex)));
    return hash;
}

static void assert_hash(const zd_hash *found, const char *hex)
{
    char text[ZD_HASH_HEX];
    zd_hash_hex(text, found);
    assert_string_equal(text, hex);
}

/* --- the reference tree --- */

static const struct {
    size_t size;
    uint8_t bytes[16];
} reference_leaves[8] = {
    {0, {0}},
    {1, {0x00}},
    {1, {0x10}},
    {2, {0x20, 0x21}},
    {2, {0x30, 0x31}},
    {4, {0x40, 0x41, 0x42, 0x43}},
    {8, {0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57}},
    {16, {0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f}},
};

static const char *const reference_roots[9] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

static zd_hash reference_leaf(size_t index)
{
    return zd_tree_leaf_hash(zd_span_of(reference_leaves[index].bytes, reference_leaves[index].size));
}

/* --- the definition: mth[from][to] = MTH(D[from:to]) --- */

typedef struct naive_log {
    zd_hash mth[NAIVE_MAX + 1][NAIVE_MAX + 1];
} naive_log;

static size_t split_at(size_t size)
{
    size_t k = 1;
    while (k * 2 < size) {
        k *= 2;
    }
    return k;
}

static naive_log *naive_make(zd_hash (*leaf)(size_t index), size_t size)
{
    naive_log *log = zd_alloc_zero(1, sizeof *log);
    for (size_t from = 0; from < size; from++) {
        log->mth[from][from + 1] = leaf(from);
    }
    for (size_t width = 2; width <= size; width++) {
        for (size_t from = 0; from + width <= size; from++) {
            size_t middle = from + split_at(width);
            zd_buf node = {0};
            zd_buf_add_byte(&node, 1);
            zd_buf_add(&node, log->mth[from][middle].bytes, ZD_HASH_SIZE);
            zd_buf_add(&node, log->mth[middle][from + width].bytes, ZD_HASH_SIZE);
            log->mth[from][from + width] = zd_sha256(zd_buf_span(&node));
            zd_buf_free(&node);
        }
    }
    return log;
}

static zd_hash numbered_leaf(size_t index)
{
    uint8_t bytes[3] = {0, (uint8_t)(index >> 8), (uint8_t)index}; /* the leading zero is RFC 6962's leaf prefix */
    return zd_sha256(zd_span_of(bytes, sizeof bytes));
}

static zd_status naive_read(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err)
{
    const naive_log *log = context;
    (void)err;
    uint64_t from = index << level;
    uint64_t to = (index + 1) << level;
    assert_true(to <= NAIVE_MAX);
    *out = log->mth[from][to];
    return ZD_OK;
}

/* PATH(index, D[0:size]), from the definition: the sibling joins behind the path of the smaller tree. */
static size_t naive_path(zd_hash *out, const naive_log *log, size_t index, size_t size)
{
    size_t from = 0;
    size_t to = size;
    size_t place = 64; /* filled from the back */
    while (to - from > 1) {
        size_t middle = from + split_at(to - from);
        place--;
        if (index < middle) {
            out[place] = log->mth[middle][to];
            to = middle;
        } else {
            out[place] = log->mth[from][middle];
            from = middle;
        }
    }
    memmove(out, out + place, (64 - place) * sizeof *out);
    return 64 - place;
}

/* PROOF(old, D[0:size]) of section 2.1.2 with its flag b. */
static size_t naive_growth(zd_hash *out, const naive_log *log, size_t old, size_t size)
{
    size_t from = 0;
    size_t to = size;
    size_t place = 64;
    bool b = true;
    while (old != to) {
        size_t middle = from + split_at(to - from);
        place--;
        if (old <= middle) {
            out[place] = log->mth[middle][to];
            to = middle;
        } else {
            out[place] = log->mth[from][middle];
            from = middle;
            b = false;
        }
    }
    if (!b) {
        place--;
        out[place] = log->mth[from][to];
    }
    memmove(out, out + place, (64 - place) * sizeof *out);
    return 64 - place;
}

static void append__reference_leaves_give_reference_roots(void **state)
{
    (void)state;
    zd_tree tree = {0};
    for (size_t size = 0; size <= 8; size++) {
        zd_hash root = zd_tree_root(&tree);
        assert_hash(&root, reference_roots[size]);
        if (size < 8) {
            zd_hash leaf = reference_leaf(size);
            zd_tree_append(&tree, &leaf);
        }
    }
}

static void proofs__reference_tree_match_worked_examples(void **state)
{
    (void)state;
    naive_log *log = naive_make(reference_leaf, 8);
    zd_hash_reader reader = {naive_read, log};
    zd_tree_proof proof;
    assert_ok(zd_tree_make_inclusion(&proof, 5, 8, &reader, err));
    assert_int_equal(proof.count, 3);
    assert_hash(&proof.hashes[0], "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
    assert_hash(&proof.hashes[1], "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
    assert_hash(&proof.hashes[2], reference_roots[4]);
    zd_hash leaf = reference_leaf(5);
    zd_hash root = hash_of(reference_roots[8]);
    assert_ok(zd_tree_verify_inclusion(&leaf, 5, &proof, 8, &root, err));

    assert_ok(zd_tree_make_consistency(&proof, 2, 5, &reader, err));
    assert_int_equal(proof.count, 2);
    assert_hash(&proof.hashes[0], "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e");
    assert_hash(&proof.hashes[1], "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
    zd_hash old_root = hash_of(reference_roots[2]);
    zd_hash new_root = hash_of(reference_roots[5]);
    assert_ok(zd_tree_verify_consistency(2, &old_root, 5, &new_root, &proof, err));
    free(log);
}

static void append__every_size_gives_defined_root_and_loads_alike(void **state)
{
    (void)state;
    naive_log *log = naive_make(numbered_leaf, NAIVE_MAX);
    zd_hash_reader reader = {naive_read, log};
    zd_tree tree = {0};
    for (size_t size = 1; size <= NAIVE_MAX; size++) {
        zd_hash leaf = numbered_leaf(size - 1);
        zd_tree_append(&tree, &leaf);
        assert_true(zd_tree_is_valid(&tree));
        zd_hash root = zd_tree_root(&tree);
        assert_true(zd_hash_equal(&root, &log->mth[0][size]));
        zd_tree loaded;
        assert_ok(zd_tree_load(&loaded, size, &reader, err));
        assert_int_equal(loaded.size, tree.size);
        assert_int_equal(loaded.count, tree.count);
        assert_memory_equal(loaded.frontier, tree.frontier, tree.count * sizeof tree.frontier[0]);
    }
    tree.count--;
    assert_false(zd_tree_is_valid(&tree));
    free(log);
}

static void inclusion__every_entry_of_every_size_is_defined_path_and_verifies(void **state)
{
    (void)state;
    naive_log *log = naive_make(numbered_leaf, NAIVE_MAX);
    zd_hash_reader reader = {naive_read, log};
    zd_hash wanted[64];
    for (size_t size = 1; size <= NAIVE_MAX; size++) {
        for (size_t index = 0; index < size; index++) {
            zd_tree_proof proof;
            assert_ok(zd_tree_make_inclusion(&proof, index, size, &reader, err));
            size_t count = naive_path(wanted, log, index, size);
            assert_int_equal(proof.count, count);
            assert_memory_equal(proof.hashes, wanted, count * sizeof wanted[0]);
            assert_ok(zd_tree_verify_inclusion(&log->mth[index][index + 1], index, &proof, size, &log->mth[0][size], err));
        }
    }
    free(log);
}

static void consistency__every_pair_of_sizes_is_defined_proof_and_verifies(void **state)
{
    (void)state;
    naive_log *log = naive_make(numbered_leaf, NAIVE_MAX);
    zd_hash_reader reader = {naive_read, log};
    zd_hash wanted[64];
    for (size_t size = 1; size <= NAIVE_MAX; size++) {
        for (size_t old = 1; old <= size; old++) {
            zd_tree_proof proof;
            assert_ok(zd_tree_make_consistency(&proof, old, size, &reader, err));
            size_t count = naive_growth(wanted, log, old, size);
            assert_int_equal(proof.count, count);
            assert_memory_equal(proof.hashes, wanted, count * sizeof wanted[0]);
            assert_ok(zd_tree_verify_consistency(old, &log->mth[0][old], size, &log->mth[0][size], &proof, err));
        }
    }
    free(log);
}

/* Every way to spoil the hashes of a proof, one after the other; false when there is no further one. */
static bool spoil(zd_tree_proof *out, const zd_tree_proof *good, size_t way)
{
    *out = *good;
    if (way < good->count) {
        out->hashes[way].bytes[way % ZD_HASH_SIZE] ^= 0x10;
        return true;
    }
    way -= good->count;
    if (way == 0 && good->count > 0) {
        out->count--;
        return true;
    }
    if (way <= 1) {
        out->hashes[out->count] = good->hashes[0];
        out->count++;
        return true;
    }
    if (way == 2 && good->count > 1 && !zd_hash_equal(&good->hashes[0], &good->hashes[1])) {
        out->hashes[0] = good->hashes[1];
        out->hashes[1] = good->hashes[0];
        return true;
    }
    if (way <= 3 && good->count > 0) {
        out->count--;
        memmove(out->hashes, out->hashes + 1, out->count * sizeof out->hashes[0]);
        return true;
    }
    return false;
}

static void inclusion__spoiled_proofs_are_refused(void **state)
{
    (void)state;
    naive_log *log = naive_make(numbered_leaf, 40);
    zd_hash_reader reader = {naive_read, log};
    zd_tree_proof good;
    zd_tree_proof bad;
    for (size_t size = 1; size <= 40; size++) {
        zd_hash root = log->mth[0][size];
        zd_hash wrong = root;
        wrong.bytes[31] ^= 1;
        for (size_t index = 0; index < size; index++) {
            zd_hash leaf = log->mth[index][index + 1];
            assert_ok(zd_tree_make_inclusion(&good, index, size, &reader, err));
            for (size_t way = 0; spoil(&bad, &good, way); way++) {
                assert_code(zd_tree_verify_inclusion(&leaf, index, &bad, size, &root, err), ZD_E_PROOF_BAD);
            }
            assert_code(zd_tree_verify_inclusion(&leaf, index, &good, size, &wrong, err), ZD_E_PROOF_BAD);
            assert_code(zd_tree_verify_inclusion(&wrong, index, &good, size, &root, err), ZD_E_PROOF_BAD);
            for (size_t other = 0; other <= size + 1; other++) {
                if (other != index) {
                    assert_code(zd_tree_verify_inclusion(&leaf, other, &good, size, &root, err), ZD_E_PROOF_BAD);
                }
            }
        }
        assert_code(zd_tree_verify_inclusion(&root, 0, &good, 0, &root, err), ZD_E_PROOF_BAD);
    }
    free(log);
}

static void consistency__spoiled_proofs_are_refused(void **state)
{
    (void)state;
    naive_log *log = naive_make(numbered_leaf, 40);
    zd_hash_reader reader = {naive_read, log};
    zd_tree_proof good;
    zd_tree_proof bad;
    for (size_t size = 2; size <= 40; size++) {
        const zd_hash *root = &log->mth[0][size];
        for (size_t old = 1; old < size; old++) {
            const zd_hash *old_root = &log->mth[0][old];
            zd_hash wrong = *old_root;
            wrong.bytes[0] ^= 0x80;
            assert_ok(zd_tree_make_consistency(&good, old, size, &reader, err));
            for (size_t way = 0; spoil(&bad, &good, way); way++) {
                assert_code(zd_tree_verify_consistency(old, old_root, size, root, &bad, err), ZD_E_PROOF_BAD);
            }
            bad.count = 0;
            assert_code(zd_tree_verify_consistency(old, old_root, size, root, &bad, err), ZD_E_PROOF_BAD);
            assert_code(zd_tree_verify_consistency(old, &wrong, size, root, &good, err), ZD_E_PROOF_BAD);
            assert_code(zd_tree_verify_consistency(old, old_root, size, &wrong, &good, err), ZD_E_PROOF_BAD);
            assert_code(zd_tree_verify_consistency(size, root, old, old_root, &good, err), ZD_E_PROOF_BAD);
        }
    }
    free(log);
}

static void consistency__equal_and_zero_sizes_follow_the_stated_policy(void **state)
{
    (void)state;
    zd_hash root = hash_of(reference_roots[3]);
    zd_hash other = hash_of(reference_roots[4]);
    zd_hash empty = zd_tree_empty_root();
    zd_tree_proof none = {0};
    zd_tree_proof one = {.count = 1, .hashes = {root}};
    assert_ok(zd_tree_verify_consistency(3, &root, 3, &root, &none, err));
    assert_code(zd_tree_verify_consistency(3, &root, 3, &root, &one, err), ZD_E_PROOF_BAD);
    assert_code(zd_tree_verify_consistency(3, &root, 3, &other, &none, err), ZD_E_PROOF_BAD);
    assert_code(zd_tree_verify_consistency(0, &empty, 3, &root, &none, err), ZD_E_PROOF_BAD);
    assert_code(zd_tree_verify_consistency(0, &empty, 0, &empty, &none, err), ZD_E_PROOF_BAD);
    /* The proof from 2 to 4 does not show that the root of 4 is the root of 8 entries. */
    zd_hash leaves[2] = {reference_leaf(2), reference_leaf(3)};
    zd_hash two = hash_of(reference_roots[2]);
    zd_tree_proof growth = {.count = 1, .hashes = {zd_tree_node_hash(&leaves[0], &leaves[1])}};
    assert_ok(zd_tree_verify_consistency(2, &two, 4, &other, &growth, err));
    assert_code(zd_tree_verify_consistency(2, &two, 8, &other, &growth, err), ZD_E_PROOF_BAD);
    zd_hash_reader unused = {naive_read, NULL};
    assert_code(zd_tree_make_consistency(&none, 0, 3, &unused, err), ZD_E_LOG_RANGE);
    assert_code(zd_tree_make_consistency(&none, 4, 3, &unused, err), ZD_E_LOG_RANGE);
    assert_code(zd_tree_make_inclusion(&none, 3, 3, &unused, err), ZD_E_LOG_RANGE);
    assert_code(zd_tree_make_inclusion(&none, 0, ZD_TREE_SIZE_MAX + 1, &unused, err), ZD_E_LOG_RANGE);
}

/* --- large logs of equal leaves --- */

typedef struct equal_log {
    zd_hash levels[63];
    size_t reads;
    uint64_t size;
} equal_log;

static zd_status equal_read(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err)
{
    equal_log *log = context;
    (void)err;
    assert_true(level < 63 && index < log->size >> level); /* only complete subtrees are asked for */
    log->reads++;
    *out = log->levels[level];
    return ZD_OK;
}

static void proofs__huge_logs_need_few_reads_and_verify(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {10000000, 9999999, UINT64_C(1) << 40, (UINT64_C(1) << 40) + 1, ZD_TREE_SIZE_MAX - 1,
                                     ZD_TREE_SIZE_MAX};
    equal_log log = {.levels = {zd_tree_leaf_hash(zd_span_text("same"))}};
    for (size_t level = 1; level < 63; level++) {
        log.levels[level] = zd_tree_node_hash(&log.levels[level - 1], &log.levels[level - 1]);
    }
    zd_hash_reader reader = {equal_read, &log};
    for (size_t i = 0; i < ZD_COUNT(sizes); i++) {
        log.size = sizes[i];
        zd_tree tree;
        assert_ok(zd_tree_load(&tree, log.size, &reader, err));
        zd_hash root = zd_tree_root(&tree);
        const uint64_t indexes[] = {0, 1, 255, 256, log.size / 3, log.size / 2, log.size - 2, log.size - 1};
        for (size_t k = 0; k < ZD_COUNT(indexes); k++) {
            zd_tree_proof proof;
            log.reads = 0;
            assert_ok(zd_tree_make_inclusion(&proof, indexes[k], log.size, &reader, err));
            assert_true(log.reads <= 126 && proof.count <= 63 && (i > 1 || (log.reads <= 48 && proof.count <= 24)));
            assert_ok(zd_tree_verify_inclusion(&log.levels[0], indexes[k], &proof, log.size, &root, err));
            zd_tree old;
            uint64_t old_size = indexes[k] + 1;
            assert_ok(zd_tree_load(&old, old_size, &reader, err));
            zd_hash old_root = zd_tree_root(&old);
            assert_ok(zd_tree_make_consistency(&proof, old_size, log.size, &reader, err));
            assert_ok(zd_tree_verify_consistency(old_size, &old_root, log.size, &root, &proof, err));
        }
        zd_tree before;
        assert_ok(zd_tree_load(&before, log.size - 1, &reader, err));
        zd_tree_append(&before, &log.levels[0]);
        zd_hash appended = zd_tree_root(&before);
        assert_true(zd_hash_equal(&appended, &root));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(append__reference_leaves_give_reference_roots),
        cmocka_unit_test(proofs__reference_tree_match_worked_examples),
        cmocka_unit_test(append__every_size_gives_defined_root_and_loads_alike),
        cmocka_unit_test(inclusion__every_entry_of_every_size_is_defined_path_and_verifies),
        cmocka_unit_test(consistency__every_pair_of_sizes_is_defined_proof_and_verifies),
        cmocka_unit_test(inclusion__spoiled_proofs_are_refused),
        cmocka_unit_test(consistency__spoiled_proofs_are_refused),
        cmocka_unit_test(consistency__equal_and_zero_sizes_follow_the_stated_policy),
        cmocka_unit_test(proofs__huge_logs_need_few_reads_and_verify),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
