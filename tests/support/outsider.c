/* Go's reader of logs as a judge; see outsider.h. */
#include "tests/support/outsider.h"

#include <inttypes.h>
#include <stdlib.h>

/* splitmix64 */
uint64_t zd_outsider_random(zd_outsider *o)
{
    o->random += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = o->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

size_t zd_outsider_below(zd_outsider *o, size_t bound) { return (size_t)(zd_outsider_random(o) % bound); }

zd_span zd_outsider_entry(char out[24], uint64_t index)
{
    zd_format(out, 24, "%" PRIu64, index);
    return zd_span_text(out);
}

static zd_status give_node(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err)
{
    (void)err;
    const zd_outsider *o = context;
    assert_true(level < ZD_OUTSIDER_LEVELS && ((index + 1) << level) <= ZD_OUTSIDER_TREE);
    *out = o->node[level][index];
    return ZD_OK;
}

zd_hash_reader zd_outsider_reader(zd_outsider *o) { return (zd_hash_reader){give_node, o}; }

zd_hash zd_outsider_root(zd_outsider *o, uint64_t size)
{
    zd_tree tree;
    zd_hash_reader reader = zd_outsider_reader(o);
    assert_ok(zd_tree_load(&tree, size, &reader, err));
    return zd_tree_root(&tree);
}

/* *state stays NULL, and every case says so, when there is nothing to build the outsider with. */
int zd_outsider_setup(void **state)
{
    static const uint8_t seed[32] = {11};
    *state = NULL;
    if (zd_test_shell(NULL, "command -v go >/dev/null && test -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog") != 0) {
        return 0;
    }
    zd_outsider *o = zd_alloc_zero(1, sizeof *o);
    zd_buf said = {0};
    o->dir = zd_test_dir("differential");
    zd_format(o->program, sizeof o->program, "%s/tlogcheck", o->dir);
    if (zd_test_shell(&said, "GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS= GOCACHE='%s/cache' go build -o '%s' tests/outside/tlogcheck/main.go", o->dir, o->program) != 0) {
        print_error("%s\n", zd_buf_text(&said));
        return -1;
    }
    zd_buf_free(&said);
    assert_ok(zd_signer_from_seed(&o->signer, seed, err));
    zd_vkey_add(&o->vkey, zd_span_text(ZD_OUTSIDER_ORIGIN), ZD_NOTE_TYPE_ED25519, zd_signer_public(o->signer));
    const char *text = getenv("ZD_DIFFERENTIAL_SEED");
    o->random = text != NULL ? strtoull(text, NULL, 10) : 20261128;
    for (uint64_t i = 0; i < ZD_OUTSIDER_TREE; i++) {
        char entry[24];
        o->node[0][i] = zd_tree_leaf_hash(zd_outsider_entry(entry, i));
    }
    for (unsigned level = 1; level < ZD_OUTSIDER_LEVELS; level++) {
        for (uint64_t i = 0; ((i + 1) << level) <= ZD_OUTSIDER_TREE; i++) {
            o->node[level][i] = zd_tree_node_hash(&o->node[level - 1][2 * i], &o->node[level - 1][2 * i + 1]);
        }
    }
    *state = o;
    return 0;
}

int zd_outsider_teardown(void **state)
{
    zd_outsider *o = *state;
    if (o != NULL) {
        zd_test_dir_remove(o->dir);
        zd_signer_close(o->signer);
        zd_buf_free(&o->vkey);
        free(o);
    }
    return 0;
}

bool zd_outsider_absent(const zd_outsider *o)
{
    if (o == NULL) {
        print_message("NOT CHECKED BY THE OUTSIDER: install golang-go and golang-golang-x-mod-dev\n");
    }
    return o == NULL;
}
