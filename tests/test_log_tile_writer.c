/*
 * The tile writer is judged by rebuilding: a log grown in steps must leave the same files as one written at once, and the root
 * must follow from bundles and level-0 tiles alone. Directories: proofs from their tiles verify, published bytes never change.
 * The files of three fixed entries are those that tools which none of us wrote have accepted (vectors beside the checkout).
 */
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/base/durable.h"
#include "ledger/log/tile_dir.h"

/* --- a log in memory and the files it gives --- */

typedef struct memory_log {
    uint64_t size;
    zd_hash *hashes; /* of the leaves */
    uint64_t spoiled_bytes; /* leaf whose bytes no longer have its hash; UINT64_MAX = none */
    uint64_t first_asked;   /* smallest leaf that the writer read */
    uint64_t skipped;       /* leaves that its start fails to give */
    uint64_t missing;       /* leaves that the end of the log fails to give */
    size_t node_reads;
} memory_log;

static zd_span entry_of(char out[48], uint64_t index)
{
    zd_format(out, 48, "{\"seq\":%" PRIu64 "}%.*s\n", index, (int)(index % 7), "       ");
    return zd_span_text(out);
}

static memory_log log_make(uint64_t size)
{
    memory_log log = {.size = size, .hashes = zd_alloc((size_t)size * sizeof(zd_hash)), .spoiled_bytes = UINT64_MAX};
    for (uint64_t i = 0; i < size; i++) {
        char text[48];
        log.hashes[i] = zd_tree_leaf_hash(entry_of(text, i));
    }
    return log;
}

static zd_hash log_root(const memory_log *log, uint64_t from, uint64_t to)
{
    zd_tree tree = {0};
    for (uint64_t i = from; i < to; i++) {
        zd_tree_append(&tree, &log->hashes[i]);
    }
    return zd_tree_root(&tree);
}

static zd_status node_read(void *context, unsigned level, uint64_t index, zd_hash *out, zd_error *err)
{
    memory_log *log = context;
    (void)err;
    assert_true(index < log->size >> level);
    log->node_reads++;
    *out = log_root(log, index << level, (index + 1) << level);
    return ZD_OK;
}

static zd_status leaves_read(void *context, uint64_t from, uint64_t to, zd_tile_leaf_visit *visit, void *visit_context, zd_error *err)
{
    memory_log *log = context;
    (void)err;
    log->first_asked = from;
    zd_status status = ZD_OK;
    for (uint64_t i = from + log->skipped; i < to - log->missing && status == ZD_OK; i++) {
        char text[48];
        zd_span entry = entry_of(text, i == log->spoiled_bytes ? i + 7 : i);
        status = visit(visit_context, i, entry, log->hashes[i].bytes);
    }
    return status;
}

typedef struct memory_files {
    size_t count;
    size_t capacity;
    struct memory_file {
        char path[ZD_TILE_PATH];
        zd_buf content;
    } * list;
} memory_files;

static zd_buf *find_file(const memory_files *files, const char *path)
{
    for (size_t i = files->count; i > 0; i--) {
        if (strcmp(files->list[i - 1].path, path) == 0) {
            return &files->list[i - 1].content;
        }
    }
    return NULL;
}

static zd_status file_put(void *context, const char *path, zd_span content, zd_error *err)
{
    memory_files *files = context;
    (void)err;
    if (files->count == files->capacity) {
        files->capacity = files->capacity * 2 + 16;
        files->list = zd_realloc(files->list, files->capacity * sizeof *files->list);
    }
    struct memory_file *file = &files->list[files->count];
    *file = (struct memory_file){.path = ""};
    zd_format(file->path, sizeof file->path, "%s", path);
    zd_buf_add_span(&file->content, content);
    files->count++;
    return ZD_OK;
}

static void files_free(memory_files *files)
{
    for (size_t i = 0; i < files->count; i++) {
        zd_buf_free(&files->list[i].content);
    }
    free(files->list);
}

static zd_status write_step(memory_files *files, memory_log *log, uint64_t old_size, uint64_t new_size, zd_error *err)
{
    zd_tile_input input = {leaves_read, log, {node_read, log}};
    zd_tile_sink sink = {file_put, files};
    zd_hash root = log_root(log, 0, new_size);
    log->first_asked = UINT64_MAX;
    log->node_reads = 0;
    return zd_tiles_write(&input, old_size, new_size, &root, &sink, err);
}

/* The step wrote exactly the files that the list names, each of the length that its width asks for. */
static void assert_listed(const memory_files *step, uint64_t old_size, uint64_t new_size)
{
    zd_tile_list list = zd_tile_list_changed(old_size, new_size);
    zd_tile tile;
    size_t count = 0;
    while (zd_tile_list_next(&list, &tile)) {
        char path[ZD_TILE_PATH];
        zd_tile_path(path, &tile);
        zd_buf *content = find_file(step, path);
        if (content == NULL) {
            fail_msg("%" PRIu64 " -> %" PRIu64 ": %s was not written", old_size, new_size, path);
        }
        assert_true(tile.kind == ZD_TILE_ENTRIES || content->size == (size_t)tile.width * ZD_HASH_SIZE);
        count++;
    }
    assert_int_equal(count, step->count);
}

/* Every file of one-shot writing at that size is there with the same bytes. */
static void assert_same_as_one_shot(const memory_files *grown, memory_log *log, uint64_t size)
{
    memory_files whole = {0};
    assert_ok(write_step(&whole, log, 0, size, err));
    assert_listed(&whole, 0, size);
    for (size_t i = 0; i < whole.count; i++) {
        zd_buf *content = find_file(grown, whole.list[i].path);
        if (content == NULL) {
            fail_msg("missing after growth to %" PRIu64 ": %s", size, whole.list[i].path);
        }
        assert_true(zd_span_equal(zd_buf_span(content), zd_buf_span(&whole.list[i].content)));
    }
    files_free(&whole);
}

/* Root and upper tiles, from the level-0 tiles and the bundles alone. */
static void assert_tiles_hold_root(const memory_files *files, uint64_t size, const zd_hash *root)
{
    zd_tree tree = {0};
    zd_tile tile;
    for (uint64_t index = 0; zd_tile_at(&tile, ZD_TILE_HASHES, 0, index, size); index++) {
        char path[ZD_TILE_PATH];
        zd_tile_path(path, &tile);
        zd_buf *hashes = find_file(files, path);
        tile.kind = ZD_TILE_ENTRIES;
        zd_tile_path(path, &tile);
        zd_buf *bundle = find_file(files, path);
        assert_true(hashes != NULL && bundle != NULL);
        zd_bundle_reader reader = zd_bundle_open(zd_buf_span(bundle), tile.width);
        zd_span entry;
        bool found;
        for (unsigned i = 0; i < tile.width; i++) {
            assert_ok(zd_bundle_next(&reader, &entry, &found, err));
            zd_hash leaf = zd_tree_leaf_hash(entry);
            assert_memory_equal(leaf.bytes, hashes->data + (size_t)i * ZD_HASH_SIZE, ZD_HASH_SIZE);
            zd_tree_append(&tree, &leaf);
        }
        assert_ok(zd_bundle_next(&reader, &entry, &found, err));
        assert_false(found);
    }
    zd_hash found = zd_tree_root(&tree);
    assert_true(zd_hash_equal(&found, root));
}

static void writer__any_growth_leaves_files_of_one_shot_writing(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 2, 100, 255, 256, 257, 300, 511, 512, 513, 768, 1000};
    memory_log log = log_make(1000);
    for (size_t i = 0; i < ZD_COUNT(sizes); i++) {
        for (size_t k = i; k < ZD_COUNT(sizes); k++) {
            memory_files grown = {0};
            memory_files step = {0};
            assert_ok(write_step(&grown, &log, 0, sizes[i], err));
            assert_ok(write_step(&step, &log, sizes[i], sizes[k], err));
            assert_listed(&step, sizes[i], sizes[k]);
            if (i < k) { /* nothing older than the partial bundle was read */
                assert_int_equal(log.first_asked, sizes[i] - sizes[i] % 256);
                assert_int_equal(log.node_reads, sizes[i] / 256);
            }
            for (size_t f = 0; f < step.count; f++) {
                assert_ok(file_put(&grown, step.list[f].path, zd_buf_span(&step.list[f].content), err));
            }
            assert_same_as_one_shot(&grown, &log, sizes[k]);
            zd_hash root = log_root(&log, 0, sizes[k]);
            assert_tiles_hold_root(&grown, sizes[k], &root);
            files_free(&step);
            files_free(&grown);
        }
    }
    free(log.hashes);
}

static void writer__three_levels_grow_alike_and_hold_parents(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 65535, 65536, 65537, 70000};
    memory_log log = log_make(70000);
    memory_files grown = {0};
    for (size_t i = 1; i < ZD_COUNT(sizes); i++) {
        assert_ok(write_step(&grown, &log, sizes[i - 1], sizes[i], err));
        assert_true(log.node_reads <= 256);
    }
    assert_same_as_one_shot(&grown, &log, 70000);
    assert_non_null(find_file(&grown, "tile/0/273.p/112"));
    zd_buf *second = find_file(&grown, "tile/1/001.p/17");
    zd_buf *third = find_file(&grown, "tile/2/000.p/1");
    assert_true(second != NULL && third != NULL);
    zd_hash node = log_root(&log, UINT64_C(272) * 256, UINT64_C(273) * 256);
    assert_memory_equal(second->data + (size_t)16 * ZD_HASH_SIZE, node.bytes, ZD_HASH_SIZE);
    node = log_root(&log, 0, 65536);
    assert_memory_equal(third->data, node.bytes, ZD_HASH_SIZE);
    files_free(&grown);
    free(log.hashes);
}

/* Growing from 300 to 600 stops and says what is wrong, not only that the root differs. */
static void assert_corrupt(memory_files *files, memory_log *log, const char *reason)
{
    zd_error err = {0};
    assert_int_equal(write_step(files, log, 300, 600, &err), ZD_INTEGRITY);
    assert_int_equal(err.code, ZD_E_LEDGER_CORRUPT);
    assert_true(zd_span_starts(zd_span_text(err.detail), reason));
}

static void writer__flipped_or_missing_leaf_or_other_root_is_corrupt(void **state)
{
    (void)state;
    memory_log log = log_make(600);
    memory_files files = {0};
    log.spoiled_bytes = 400;
    assert_corrupt(&files, &log, "the bytes of leaf 400 ");
    log.spoiled_bytes = 299; /* an old leaf of the partial bundle is hashed again as well */
    assert_corrupt(&files, &log, "the bytes of leaf 299 ");
    log.spoiled_bytes = UINT64_MAX;
    log.missing = 1;
    assert_corrupt(&files, &log, "the leaves end at 599 ");
    log.missing = 0;
    log.skipped = 1;
    assert_corrupt(&files, &log, "leaf 257 came where leaf 256 ");
    log.skipped = 0;
    zd_tile_input input = {leaves_read, &log, {node_read, &log}};
    zd_tile_sink sink = {file_put, &files};
    zd_hash root = log_root(&log, 0, 599);
    assert_code(zd_tiles_write(&input, 300, 600, &root, &sink, err), ZD_E_LEDGER_CORRUPT);
    assert_null(find_file(&files, "tile/0/002.p/88")); /* no partial of a wrong root */
    log.hashes[3].bytes[0] ^= 1; /* a wrong node below the edge shows in the root */
    root = log_root(&log, 0, 600);
    log.hashes[3].bytes[0] ^= 1;
    assert_code(zd_tiles_write(&input, 300, 600, &root, &sink, err), ZD_E_LEDGER_CORRUPT);
    assert_code(zd_tiles_write(&input, 600, 300, &root, &sink, err), ZD_E_LOG_RANGE);
    files_free(&files);
    free(log.hashes);
}

/* --- a directory --- */

static zd_status write_dir(const char *path, memory_log *log, uint64_t old_size, uint64_t new_size, zd_error *err)
{
    zd_tile_dir dir = {path};
    zd_tile_source source = zd_tile_dir_source(&dir);
    zd_tile_reader *tiles = zd_tile_reader_open(old_size, &source); /* the upper edge comes from what is published */
    zd_tile_input input = {leaves_read, log, zd_tile_reader_hashes(tiles)};
    zd_tile_sink sink = zd_tile_dir_sink(&dir);
    zd_hash root = log_root(log, 0, new_size);
    zd_status status = zd_tiles_write(&input, old_size, new_size, &root, &sink, err);
    zd_tile_reader_close(tiles);
    return status;
}

static void dir__proofs_from_its_tiles_verify(void **state)
{
    (void)state;
    static const uint64_t indexes[] = {0, 1, 255, 256, 511, 512, 698, 699};
    static const uint64_t sizes[] = {300, 512, 700}; /* 512: its tiles are those of 700 */
    const char *path = zd_test_dir("log-proofs");
    memory_log log = log_make(700);
    assert_ok(write_dir(path, &log, 0, 300, err));
    assert_ok(write_dir(path, &log, 300, 700, err));
    zd_tile_dir dir = {path};
    zd_tile_source source = zd_tile_dir_source(&dir);
    for (size_t k = 0; k < ZD_COUNT(sizes); k++) {
        const uint64_t size = sizes[k];
        zd_tile_reader *tiles = zd_tile_reader_open(size, &source);
        zd_hash_reader reader = zd_tile_reader_hashes(tiles);
        zd_hash root = log_root(&log, 0, size);
        for (size_t i = 0; i < ZD_COUNT(indexes) && indexes[i] < size; i++) {
            zd_tree_proof proof;
            assert_ok(zd_tree_make_inclusion(&proof, indexes[i], size, &reader, err));
            assert_ok(zd_tree_verify_inclusion(&log.hashes[indexes[i]], indexes[i], &proof, size, &root, err));
            zd_hash old_root = log_root(&log, 0, indexes[i] + 1);
            assert_ok(zd_tree_make_consistency(&proof, indexes[i] + 1, size, &reader, err));
            assert_ok(zd_tree_verify_consistency(indexes[i] + 1, &old_root, size, &root, &proof, err));
        }
        zd_hash node;
        assert_code(reader.read(reader.context, 0, size, &node, err), ZD_E_LOG_RANGE);
        assert_code(reader.read(reader.context, 64, 0, &node, err), ZD_E_LOG_RANGE);
        zd_tile_reader_close(tiles);
    }
    free(log.hashes);
    zd_test_dir_remove(path);
}

static void dir__writing_again_is_harmless_but_other_bytes_are_a_fork(void **state)
{
    (void)state;
    const char *path = zd_test_dir("log-fork");
    memory_log log = log_make(300);
    assert_ok(write_dir(path, &log, 0, 300, err));
    assert_ok(write_dir(path, &log, 0, 300, err));
    zd_buf name = {0};
    zd_buf content = {0};
    assert_ok(zd_file_read(&content, zd_path_join(&name, path, "tile/entries/000"), ZD_BUNDLE_BYTES_MAX, err));
    content.data[5] ^= 1;
    assert_ok(zd_file_write(zd_buf_text(&name), zd_buf_span(&content), 0644, err));
    assert_code(write_dir(path, &log, 0, 300, err), ZD_E_LEDGER_FORK);
    content.data[5] ^= 1;
    zd_buf_add_byte(&content, 'x'); /* longer than it may be */
    assert_ok(zd_file_write(zd_buf_text(&name), zd_buf_span(&content), 0644, err));
    assert_code(write_dir(path, &log, 0, 300, err), ZD_E_LEDGER_FORK);
    content.size -= 2; /* and shorter */
    assert_ok(zd_file_write(zd_buf_text(&name), zd_buf_span(&content), 0644, err));
    assert_code(write_dir(path, &log, 0, 300, err), ZD_E_LEDGER_FORK);
    zd_buf_free(&name);
    zd_buf_free(&content);
    free(log.hashes);
    zd_test_dir_remove(path);
}

static void dir__removed_partial_is_cut_from_the_full_one(void **state)
{
    (void)state;
    const char *path = zd_test_dir("log-cut");
    memory_log log = log_make(600);
    zd_tile_dir dir = {path};
    zd_tile_source source = zd_tile_dir_source(&dir);
    assert_ok(write_dir(path, &log, 0, 300, err));
    assert_ok(write_dir(path, &log, 300, 600, err));
    for (int kind = 0; kind < 2; kind++) {
        zd_tile tile = {kind == 0 ? ZD_TILE_HASHES : ZD_TILE_ENTRIES, 0, 1, 44};
        char file[ZD_TILE_PATH];
        zd_buf name = {0};
        zd_buf before = {0};
        zd_buf after = {0};
        zd_tile_path(file, &tile);
        assert_ok(source.read(source.context, &tile, &before, err));
        assert_int_equal(unlink(zd_path_join(&name, path, file)), 0);
        assert_ok(source.read(source.context, &tile, &after, err));
        assert_true(before.size > 0 && zd_span_equal(zd_buf_span(&before), zd_buf_span(&after)));
        tile.index = 2; /* neither partial nor full */
        assert_code(source.read(source.context, &tile, &after, err), ZD_E_FILE_MISSING);
        zd_buf_free(&name);
        zd_buf_free(&before);
        zd_buf_free(&after);
    }
    free(log.hashes);
    zd_test_dir_remove(path);
}

static void reader__tile_of_wrong_length_is_refused(void **state)
{
    (void)state;
    const char *path = zd_test_dir("log-short");
    memory_log log = log_make(10);
    zd_tile_dir dir = {path};
    zd_tile_source source = zd_tile_dir_source(&dir);
    assert_ok(write_dir(path, &log, 0, 10, err));
    zd_buf name = {0};
    assert_int_equal(truncate(zd_path_join(&name, path, "tile/0/000.p/10"), 319), 0);
    zd_tile_reader *tiles = zd_tile_reader_open(10, &source);
    zd_hash_reader reader = zd_tile_reader_hashes(tiles);
    zd_tree_proof proof;
    assert_code(zd_tree_make_inclusion(&proof, 3, 10, &reader, err), ZD_E_TILE_MALFORMED);
    zd_tile_reader_close(tiles);
    zd_buf_free(&name);
    free(log.hashes);
    zd_test_dir_remove(path);
}

/* --- three fixed entries, checked by foreign tools --- */

static const char *const fixed_entries[3] = {"issue v1 100\n", "redeem v1 60\n", "redeem v1 40\n"};
#define FIXED_LEAVES                                                                                                           \
    "010ea56889595227cf5c4d85fecb64d6bc4465090559b53ca31432fd51303a06"                                                         \
    "cb491c0e5806f89eeef8889df7a917a2a23831462c0680506cc6cc0622d450e2"                                                         \
    "58e0398a0c4179e3c1b52b4b567ddcf0ba01d58034ccf6ee5c6c15f6da74e01c"
#define FIXED_ROOT "2a4a8f90634ef22ceede59ad60de0f618862969640d9590105b1320356272fb5"

static zd_status fixed_leaves(void *context, uint64_t from, uint64_t to, zd_tile_leaf_visit *visit, void *visit_context, zd_error *err)
{
    (void)context;
    (void)err;
    zd_status status = ZD_OK;
    for (uint64_t i = from; i < to && status == ZD_OK; i++) {
        zd_hash leaf = zd_tree_leaf_hash(zd_span_text(fixed_entries[i]));
        status = visit(visit_context, i, zd_span_text(fixed_entries[i]), leaf.bytes);
    }
    return status;
}

static void assert_vector(const char *file, const zd_buf *content)
{
    zd_buf found = {0};
    zd_buf path = {0};
    zd_path_join(&path, "../shared/vectors/audit/log", file);
    if (zd_path_exists(zd_buf_text(&path))) {
        assert_ok(zd_file_read(&found, zd_buf_text(&path), ZD_BUNDLE_BYTES_MAX, err));
        assert_true(zd_span_equal(zd_buf_span(&found), zd_buf_span(content)));
    } else {
        print_message("NOT COMPARED with the vector file %s: it is not beside the checkout\n", file);
    }
    zd_buf_free(&found);
    zd_buf_free(&path);
}

static void writer__fixed_entries_give_files_that_foreign_tools_accepted(void **state)
{
    (void)state;
    memory_files files = {0};
    zd_tile_input input = {fixed_leaves, NULL, {node_read, NULL}};
    zd_tile_sink sink = {file_put, &files};
    zd_hash root;
    assert_true(zd_hash_from_hex(&root, zd_span_text(FIXED_ROOT)));
    assert_ok(zd_tiles_write(&input, 0, 3, &root, &sink, err));
    assert_int_equal(files.count, 2);
    zd_buf *tile = find_file(&files, "tile/0/000.p/3");
    zd_buf *bundle = find_file(&files, "tile/entries/000.p/3");
    assert_true(tile != NULL && bundle != NULL);
    zd_buf hex = {0};
    zd_hex_add(&hex, zd_buf_span(tile));
    assert_string_equal(zd_buf_text(&hex), FIXED_LEAVES);
    assert_int_equal(bundle->size, 45);
    assert_memory_equal(bundle->data, "\0\015issue v1 100\n\0\015redeem v1 60\n\0\015redeem v1 40\n", 45);
    assert_vector("tile/0/000.p/3", tile);
    assert_vector("tile/entries/000.p/3", bundle);
    zd_buf_free(&hex);
    files_free(&files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer__any_growth_leaves_files_of_one_shot_writing),
        cmocka_unit_test(writer__three_levels_grow_alike_and_hold_parents),
        cmocka_unit_test(writer__flipped_or_missing_leaf_or_other_root_is_corrupt),
        cmocka_unit_test(dir__proofs_from_its_tiles_verify),
        cmocka_unit_test(dir__writing_again_is_harmless_but_other_bytes_are_a_fork),
        cmocka_unit_test(dir__removed_partial_is_cut_from_the_full_one),
        cmocka_unit_test(reader__tile_of_wrong_length_is_refused),
        cmocka_unit_test(writer__fixed_entries_give_files_that_foreign_tools_accepted),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
