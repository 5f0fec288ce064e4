/*
 * Names, lists and bundles of tiles: the table of paths that the specification and other readers give, every other spelling
 * refused, the tiles of the specification's sizes, and bundles cut anywhere.
 */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/log/tiles.h"

/* --- names --- */

static const struct {
    zd_tile tile;
    const char *path;
} names[] = {
    {{ZD_TILE_HASHES, 0, 0, 256}, "tile/0/000"},
    {{ZD_TILE_HASHES, 0, 0, 1}, "tile/0/000.p/1"},
    {{ZD_TILE_HASHES, 0, 999, 256}, "tile/0/999"},
    {{ZD_TILE_HASHES, 0, 1000, 256}, "tile/0/x001/000"},
    {{ZD_TILE_HASHES, 0, 39062, 128}, "tile/0/x039/062.p/128"},
    {{ZD_TILE_HASHES, 1, 152, 150}, "tile/1/152.p/150"},
    {{ZD_TILE_HASHES, 2, 0, 152}, "tile/2/000.p/152"},
    {{ZD_TILE_HASHES, 63, 7, 255}, "tile/63/007.p/255"},
    {{ZD_TILE_ENTRIES, 0, 0, 3}, "tile/entries/000.p/3"},
    {{ZD_TILE_ENTRIES, 0, 1234067, 256}, "tile/entries/x001/x234/067"},
    {{ZD_TILE_HASHES, 0, 1000000, 256}, "tile/0/x001/x000/000"},
    {{ZD_TILE_HASHES, 0, INT64_MAX, 256}, "tile/0/x009/x223/x372/x036/x854/x775/807"},
};

static void path__table_is_written_and_read_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        char path[ZD_TILE_PATH];
        zd_tile_path(path, &names[i].tile);
        assert_string_equal(path, names[i].path);
        zd_tile tile;
        assert_ok(zd_tile_parse(&tile, zd_span_text(path), err));
        assert_int_equal(tile.kind, names[i].tile.kind);
        assert_int_equal(tile.level, names[i].tile.level);
        assert_int_equal(tile.index, names[i].tile.index);
        assert_int_equal(tile.width, names[i].tile.width);
    }
}

static void path__other_spellings_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "", "tile", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000", "tile/64/000", "tile/-1/000",
        "tile/0/x000/001", "tile/0/001/000", "tile/0/x001", "tile/0/1000", "tile/0/x001/x000", "tile/0/000.p", "tile/0/000.p/",
        "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/1/2", "tile/0/000.q/1", "tile/0/000/", "/tile/0/000",
        "tile/8/0/000", "tile/data/000", "tile/entries/0/000", "tile/0/../000", "tile/0/00a", "tile/0/000 ", "tiles/0/000",
        "tile/0/x009/x223/x372/x036/x854/x775/808", "tile/0/x001/x009/x223/x372/x036/x854/x775/807", "tile//000",
    };
    for (size_t i = 0; i < ZD_COUNT(wrong); i++) {
        zd_tile tile;
        zd_error err = {0};
        if (zd_tile_parse(&tile, zd_span_text(wrong[i]), &err) == ZD_OK) {
            fail_msg("accepted: %s", wrong[i]);
        }
        assert_int_equal(err.code, ZD_E_TILE_MALFORMED);
    }
}

static void width__sizes_of_specification_give_its_tiles(void **state)
{
    (void)state;
    static const struct {
        uint64_t size;
        unsigned level;
        uint64_t full;
        unsigned partial;
    } table[] = {
        {0, 0, 0, 0},        {1, 0, 0, 1},          {256, 0, 1, 0},      {256, 1, 0, 1},           {256, 2, 0, 0},
        {70000, 0, 273, 112}, {70000, 1, 1, 17},    {70000, 2, 0, 1},    {70000, 3, 0, 0},         {10000000, 0, 39062, 128},
        {10000000, 1, 152, 150}, {10000000, 2, 0, 152}, {INT64_MAX, 7, 0, 127}, {INT64_MAX, 8, 0, 0}, {INT64_MAX, 63, 0, 0},
    };
    for (size_t i = 0; i < ZD_COUNT(table); i++) {
        zd_tile tile;
        assert_int_equal(zd_tile_partial_width(table[i].size, table[i].level), table[i].partial);
        bool edge = zd_tile_at(&tile, ZD_TILE_HASHES, table[i].level, table[i].full, table[i].size);
        assert_int_equal(edge, table[i].partial > 0);
        if (table[i].full > 0) {
            assert_true(zd_tile_at(&tile, ZD_TILE_HASHES, table[i].level, table[i].full - 1, table[i].size));
            assert_int_equal(tile.width, 256);
        }
        assert_false(zd_tile_at(&tile, ZD_TILE_HASHES, table[i].level, table[i].full + 1, table[i].size));
    }
}

/* --- bundles --- */

static zd_status read_all(zd_span bundle, unsigned width, size_t *entries, zd_error *err)
{
    zd_bundle_reader reader = zd_bundle_open(bundle, width);
    zd_span entry;
    bool found = true;
    *entries = 0;
    for (;;) {
        zd_status status = zd_bundle_next(&reader, &entry, &found, err);
        if (status != ZD_OK || !found) {
            return status;
        }
        (*entries)++;
    }
}

static void bundle__entries_come_back_and_any_cut_is_refused(void **state)
{
    (void)state;
    zd_buf bundle = {0};
    zd_buf large = {0};
    size_t entries = 0;
    memset(zd_buf_reserve(&large, ZD_ENTRY_MAX + 1), 'x', ZD_ENTRY_MAX + 1);
    assert_ok(zd_bundle_add(&bundle, zd_span_text("ab"), err));
    assert_ok(zd_bundle_add(&bundle, zd_span_text(""), err));
    assert_ok(zd_bundle_add(&bundle, zd_span_of(large.data, ZD_ENTRY_MAX), err));
    assert_code(zd_bundle_add(&bundle, zd_span_of(large.data, ZD_ENTRY_MAX + 1), err), ZD_E_ENTRY_TOO_LARGE);
    assert_int_equal(bundle.size, 2 + 2 + 2 + 2 + ZD_ENTRY_MAX);
    assert_memory_equal(bundle.data, "\0\2ab\0\0\377\377x", 9);

    zd_bundle_reader reader = zd_bundle_open(zd_buf_span(&bundle), 3);
    zd_span entry;
    bool found = false;
    assert_ok(zd_bundle_next(&reader, &entry, &found, err));
    assert_true(found && zd_span_is(entry, "ab"));
    assert_ok(zd_bundle_next(&reader, &entry, &found, err));
    assert_true(found && entry.size == 0);
    assert_ok(zd_bundle_next(&reader, &entry, &found, err));
    assert_true(found && entry.size == ZD_ENTRY_MAX && entry.data[ZD_ENTRY_MAX - 1] == 'x');
    assert_ok(zd_bundle_next(&reader, &entry, &found, err));
    assert_false(found);

    assert_code(read_all(zd_buf_span(&bundle), 2, &entries, err), ZD_E_TILE_MALFORMED);
    assert_code(read_all(zd_buf_span(&bundle), 4, &entries, err), ZD_E_TILE_MALFORMED);
    for (size_t size = 0; size < 9; size++) {
        assert_code(read_all(zd_span_of(bundle.data, size), 3, &entries, err), ZD_E_TILE_MALFORMED);
    }
    reader = zd_bundle_open(zd_span_of(bundle.data, 3), 1); /* "a" of "ab" must not be handed out */
    assert_code(zd_bundle_next(&reader, &entry, &found, err), ZD_E_TILE_MALFORMED);
    assert_code(read_all(zd_span_of(bundle.data, bundle.size - 1), 3, &entries, err), ZD_E_TILE_MALFORMED);
    zd_buf_free(&bundle);
    zd_buf_free(&large);
}

static void list__obsolete_are_the_replaced_partials(void **state)
{
    (void)state;
    static const struct {
        uint64_t old_size;
        uint64_t new_size;
        const char *paths; /* joined by spaces */
    } table[] = {
        {0, 10, ""},
        {10, 10, ""},
        {10, 11, "tile/entries/000.p/10 tile/0/000.p/10 "},
        {256, 300, ""}, /* level 1 still has its one hash */
        {300, 512, "tile/entries/001.p/44 tile/0/001.p/44 tile/1/000.p/1 "},
        {70000, 70001, "tile/entries/273.p/112 tile/0/273.p/112 "},
        {70000, 140000, "tile/entries/273.p/112 tile/0/273.p/112 tile/1/001.p/17 tile/2/000.p/1 "},
    };
    for (size_t i = 0; i < ZD_COUNT(table); i++) {
        zd_buf paths = {0};
        zd_tile tile;
        zd_tile_list list = zd_tile_list_obsolete(table[i].old_size, table[i].new_size);
        while (zd_tile_list_next(&list, &tile)) {
            char path[ZD_TILE_PATH];
            zd_tile_path(path, &tile);
            zd_buf_addf(&paths, "%s ", path);
        }
        assert_string_equal(zd_buf_text(&paths), table[i].paths);
        zd_buf_free(&paths);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path__table_is_written_and_read_back),
        cmocka_unit_test(path__other_spellings_are_refused),
        cmocka_unit_test(width__sizes_of_specification_give_its_tiles),
        cmocka_unit_test(bundle__entries_come_back_and_any_cut_is_refused),
        cmocka_unit_test(list__obsolete_are_the_replaced_partials),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
