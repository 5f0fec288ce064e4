/*
 * Trees of all sizes from 0 to 1,100 beside the Go project's own tlog package: the same root, the same inclusion proof of every entry, the same consistency proof of every
 * pair of sizes, each of which we also verify. Needs Debian's golang-golang-x-mod-dev; says so when it is missing.
 */
#include "tests/support/support.h"

#include <inttypes.h>

#include "tests/support/outsider.h"

static void add_proof(zd_buf *all, const zd_tree_proof *proof)
{
    zd_buf_add(all, (const uint8_t *)proof->hashes, proof->count * sizeof proof->hashes[0]);
}

static void trees__of_all_sizes_have_the_roots_and_proofs_of_go(void **state)
{
    zd_outsider *o = *state;
    if (zd_outsider_absent(o)) {
        return;
    }
    zd_buf theirs = {0};
    zd_buf all = {0};
    uint64_t proofs = 0;
    zd_hash_reader reader = zd_outsider_reader(o);
    static zd_hash roots[ZD_OUTSIDER_TREE + 1];
    assert_int_equal(zd_test_shell(&theirs, "'%s' trees %d", o->program, ZD_OUTSIDER_TREE), 0);
    zd_span rest = zd_buf_span(&theirs);
    for (uint64_t n = 0; n <= ZD_OUTSIDER_TREE; n++) {
        zd_tree_proof proof;
        zd_span line;
        char mine[200];
        char hex[ZD_HASH_HEX];
        char all_hex[ZD_HASH_HEX];
        zd_buf_clear(&all);
        roots[n] = zd_outsider_root(o, n);
        for (uint64_t i = 0; i < n; i++, proofs++) {
            assert_ok(zd_tree_make_inclusion(&proof, i, n, &reader, err));
            assert_ok(zd_tree_verify_inclusion(&o->node[0][i], i, &proof, n, &roots[n], err));
            add_proof(&all, &proof);
        }
        for (uint64_t m = 1; m <= n; m++, proofs++) {
            assert_ok(zd_tree_make_consistency(&proof, m, n, &reader, err));
            assert_ok(zd_tree_verify_consistency(m, &roots[m], n, &roots[n], &proof, err));
            add_proof(&all, &proof);
        }
        zd_hash hash = zd_sha256(zd_buf_span(&all));
        zd_hash_hex(hex, &roots[n]);
        zd_hash_hex(all_hex, &hash);
        zd_format(mine, sizeof mine, "%" PRIu64 " %s %s", n, hex, all_hex);
        rest = zd_span_cut(&line, rest, '\n');
        if (!zd_span_is(line, mine)) {
            fail_msg("size %" PRIu64 ": we %s, Go %.*s", n, mine, (int)line.size, (const char *)line.data);
        }
    }
    assert_int_equal(rest.size, 0);
    print_message("%d sizes, %" PRIu64 " proofs\n", ZD_OUTSIDER_TREE + 1, proofs);
    zd_buf_free(&theirs);
    zd_buf_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees__of_all_sizes_have_the_roots_and_proofs_of_go),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, zd_outsider_setup, zd_outsider_teardown));
}
