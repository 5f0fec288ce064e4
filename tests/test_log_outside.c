/*
 * The published log before an outsider: tests/outside/tlogcheck, which uses the Go project's own note and tlog packages. It must
 * accept what our tile writer, checkpoint and receipts give, and must notice one flipped byte in any kind of file. Needs Debian's
 * golang-go and golang-golang-x-mod-dev; says so when they are missing.
 */
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/log/proof.h"
#include "ledger/log/tile_dir.h"
#include "ledger/seal/sign/signer.h"

#define ORIGIN "voucher.sx.example"
#define ENTRIES 700

static const uint64_t published_sizes[] = {1, 255, 256, 300, 512, ENTRIES};

typedef struct published {
    const char *dir;
    char checker[600];
    zd_buf vkey;
    zd_buf note;
    zd_tree tree;
} published;

static zd_span entry_of(char out[64], uint64_t index)
{
    zd_format(out, 64, "{\"seq\":%" PRIu64 ",\"outcome\":\"accepted\"}\n", index);
    return zd_span_text(out);
}

static zd_status leaves_read(void *context, uint64_t from, uint64_t to, zd_tile_leaf_visit *visit, void *visit_context, zd_error *err)
{
    (void)context;
    (void)err;
    zd_status status = ZD_OK;
    for (uint64_t i = from; i < to && status == ZD_OK; i++) {
        char text[64];
        zd_hash leaf = zd_tree_leaf_hash(entry_of(text, i));
        status = visit(visit_context, i, zd_span_text(text), leaf.bytes);
    }
    return status;
}

static void grow(published *log, uint64_t new_size)
{
    uint64_t old_size = log->tree.size;
    zd_tile_dir dir = {log->dir};
    zd_tile_source source = zd_tile_dir_source(&dir);
    zd_tile_reader *tiles = zd_tile_reader_open(old_size, &source);
    zd_tile_input input = {leaves_read, NULL, zd_tile_reader_hashes(tiles)};
    zd_tile_sink sink = zd_tile_dir_sink(&dir);
    while (log->tree.size < new_size) {
        char text[64];
        zd_hash leaf = zd_tree_leaf_hash(entry_of(text, log->tree.size));
        zd_tree_append(&log->tree, &leaf);
    }
    zd_hash root = zd_tree_root(&log->tree);
    assert_ok(zd_tiles_write(&input, old_size, new_size, &root, &sink, err));
    zd_tile_reader_close(tiles);
}

static void write_file(const published *log, const char *name, zd_span content)
{
    zd_buf path = {0};
    assert_ok(zd_file_write(zd_path_join(&path, log->dir, name), content, 0644, err));
    zd_buf_free(&path);
}

/* The checkpoint of that size becomes the published one. */
static void sign(published *log, uint64_t size)
{
    static const uint8_t seed[32] = {7};
    zd_signer *signer = NULL;
    zd_tree tree = {0};
    while (tree.size < size) {
        char entry[64];
        zd_hash leaf = zd_tree_leaf_hash(entry_of(entry, tree.size));
        zd_tree_append(&tree, &leaf);
    }
    zd_checkpoint checkpoint = {.origin = ORIGIN, .size = size, .root = zd_tree_root(&tree)};
    zd_buf text = {0};
    assert_ok(zd_signer_from_seed(&signer, seed, err));
    assert_ok(zd_checkpoint_encode(&text, &checkpoint, err));
    zd_buf_clear(&log->note);
    assert_ok(zd_signer_note(&log->note, signer, ORIGIN, zd_buf_span(&text), err));
    zd_buf_clear(&log->vkey);
    zd_vkey_add(&log->vkey, zd_span_text(ORIGIN), ZD_NOTE_TYPE_ED25519, zd_signer_public(signer));
    write_file(log, "checkpoint", zd_buf_span(&log->note));
    zd_buf_free(&text);
    zd_signer_close(signer);
}

/* Builds the checker; *state stays NULL, and every case says so, when there is nothing to build it with. */
static int start(void **state)
{
    *state = NULL;
    if (zd_test_shell(NULL, "command -v go >/dev/null && test -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog") != 0) {
        return 0;
    }
    published *log = zd_alloc_zero(1, sizeof *log);
    zd_buf said = {0};
    log->dir = zd_test_dir("log-outside");
    zd_format(log->checker, sizeof log->checker, "%s/tlogcheck", log->dir);
    int status = zd_test_shell(&said,
                               "GOPATH=/usr/share/gocode GO111MODULE=off GOFLAGS= GOCACHE='%s/cache' go build -o '%s' "
                               "tests/outside/tlogcheck/main.go",
                               log->dir, log->checker);
    if (status != 0) {
        print_error("%s\n", zd_buf_text(&said));
        return -1;
    }
    zd_buf_free(&said);
    for (size_t i = 0; i < ZD_COUNT(published_sizes); i++) {
        grow(log, published_sizes[i]);
    }
    sign(log, ENTRIES);
    *state = log;
    return 0;
}

static int stop(void **state)
{
    published *log = *state;
    if (log != NULL) {
        zd_test_dir_remove(log->dir);
        zd_buf_free(&log->vkey);
        zd_buf_free(&log->note);
        free(log);
    }
    return 0;
}

static bool absent(const published *log)
{
    if (log == NULL) {
        print_message("NOT CHECKED BY THE OUTSIDER: install golang-go and golang-golang-x-mod-dev\n");
    }
    return log == NULL;
}

static int check_log(const published *log)
{
    zd_buf said = {0};
    int status = zd_test_shell(&said, "'%s' log '%s' '%s'", log->checker, log->dir, zd_buf_text(&log->vkey));
    if (status != 0) {
        print_message("  %s", zd_buf_text(&said));
    }
    zd_buf_free(&said);
    return status;
}

static void outsider__accepts_the_log_at_every_published_size(void **state)
{
    published *log = *state;
    if (absent(log)) {
        return;
    }
    sign(log, 0); /* the empty log is a log */
    assert_int_equal(check_log(log), 0);
    for (size_t i = 0; i < ZD_COUNT(published_sizes); i++) { /* the partials of the smaller ones are still served */
        sign(log, published_sizes[i]);
        assert_int_equal(check_log(log), 0);
    }
    assert_int_equal(log->tree.size, ENTRIES);
}

static void outsider__notices_one_flipped_byte_in_any_file(void **state)
{
    static const char *const files[] = {"checkpoint", "tile/entries/000", "tile/entries/002.p/188", "tile/0/001", "tile/0/002.p/188",
                                        "tile/1/000.p/2"};
    published *log = *state;
    if (absent(log)) {
        return;
    }
    for (size_t i = 0; i < ZD_COUNT(files); i++) {
        zd_buf path = {0};
        zd_buf content = {0};
        assert_ok(zd_file_read(&content, zd_path_join(&path, log->dir, files[i]), ZD_BUNDLE_BYTES_MAX, err));
        content.data[content.size / 2] ^= 1;
        write_file(log, files[i], zd_buf_span(&content));
        assert_int_equal(check_log(log), 1);
        content.data[content.size / 2] ^= 1;
        write_file(log, files[i], zd_buf_span(&content));
        zd_buf_free(&path);
        zd_buf_free(&content);
    }
    assert_int_equal(check_log(log), 0);
}

static void outsider__verifies_receipts_and_refuses_another_entry(void **state)
{
    static const uint64_t indexes[] = {0, 255, 256, 511, 512, ENTRIES - 1};
    published *log = *state;
    if (absent(log)) {
        return;
    }
    zd_tile_dir dir = {log->dir};
    zd_tile_source source = zd_tile_dir_source(&dir);
    zd_tile_reader *tiles = zd_tile_reader_open(ENTRIES, &source);
    zd_hash_reader reader = zd_tile_reader_hashes(tiles);
    zd_buf receipt = {0};
    for (size_t i = 0; i < ZD_COUNT(indexes); i++) {
        zd_tree_proof proof;
        char text[64];
        zd_buf_clear(&receipt);
        assert_ok(zd_tree_make_inclusion(&proof, indexes[i], ENTRIES, &reader, err));
        assert_ok(zd_proof_encode(&receipt, indexes[i], &proof, zd_span_of(NULL, 0), zd_buf_span(&log->note), err));
        write_file(log, "receipt", zd_buf_span(&receipt));
        write_file(log, "entry", entry_of(text, indexes[i]));
        write_file(log, "other", entry_of(text, indexes[i] ^ 1));
        const char *vkey = zd_buf_text(&log->vkey);
        assert_int_equal(zd_test_shell(NULL, "'%s' receipt '%s/receipt' '%s/entry' '%s' >/dev/null", log->checker, log->dir, log->dir, vkey),
                         0);
        assert_int_equal(
            zd_test_shell(NULL, "'%s' receipt '%s/receipt' '%s/other' '%s' 2>/dev/null", log->checker, log->dir, log->dir, vkey), 1);
    }
    zd_buf_free(&receipt);
    zd_tile_reader_close(tiles);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outsider__accepts_the_log_at_every_published_size),
        cmocka_unit_test(outsider__notices_one_flipped_byte_in_any_file),
        cmocka_unit_test(outsider__verifies_receipts_and_refuses_another_entry),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, start, stop));
}
