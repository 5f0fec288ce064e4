/*
 * What only the SQLite store promises about its file: it defends itself against other programs, refuses what it does not
 * know or what is damaged, and keeps readers, an older writer and the checkpoints apart.
 */
#include "tests/support/support.h"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/store_box.h"

static void assert_open_code(const char *path, zd_store_mode mode, zd_code code)
{
    zd_store *store = NULL;
    assert_code(zd_store_open_sqlite(&store, path, mode, err), code);
    assert_null(store);
}

/* Another program's connection, with no settings of ours. */
static sqlite3 *raw_open(const char *path)
{
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    return db;
}

static void raw_run(const char *path, const char *sql)
{
    sqlite3 *db = raw_open(path);
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK) {
        fail_msg("%s: %s", sql, message);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void schema__another_program_cannot_rewrite_history(void **state)
{
    zd_box *self = *state;
    static const char *const attempts[] = {
        "UPDATE leaves SET bytes = x'00' WHERE idx = 1",
        "UPDATE OR REPLACE leaves SET idx = 2 WHERE idx = 1",
        "DELETE FROM leaves WHERE idx = 4",
        "DELETE FROM leaves",
        "INSERT OR REPLACE INTO leaves VALUES (1, x'00', zeroblob(32))",
        "REPLACE INTO leaves VALUES (4, x'00', zeroblob(32))",
        "INSERT INTO leaves VALUES (6, x'00', zeroblob(32))",
        "INSERT INTO leaves VALUES (-1, x'00', zeroblob(32))",
        "INSERT INTO leaves VALUES (5, 'text', zeroblob(32))",
        "INSERT INTO leaves VALUES (5, x'00', zeroblob(31))",
        "INSERT INTO leaves VALUES (5, x'', zeroblob(32))",
        "INSERT INTO leaves VALUES (5, zeroblob(65536), zeroblob(32))",
        "UPDATE head SET size = 4, mark = 4",
        "UPDATE head SET size = 6",
        "UPDATE head SET epoch = epoch - 1",
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE head SET mark = 6",
        "UPDATE head SET last_at_unix_ms = 0",
        "DELETE FROM head",
        "INSERT OR REPLACE INTO head SELECT one, size, epoch, mark, last_at_unix_ms, root, frontier FROM head",
        "DELETE FROM publications",
        "UPDATE publications SET note = x'00'",
        "UPDATE publications SET time_unix_s = 1",
        "UPDATE publications SET commit_hex = ''",
        "INSERT OR REPLACE INTO publications SELECT size, time_unix_s + 1, x'00', '', '', x'', x'' FROM publications",
        "INSERT INTO publications VALUES (6, 2000000000, x'00', '', '', x'', x'')",
    };
    zd_ledger_make(self->path, 5);
    zd_store *store = zd_store_box_open(self->path, ZD_STORE_WRITE);
    zd_publication publication = {.size = 5,
                                  .time_unix_s = 1000,
                                  .note = zd_span_text("note"),
                                  .commit_hex = zd_span_text("0123456789012345678901234567890123456789")};
    assert_ok(zd_store_publication_put(store, &publication, err));
    zd_store_close(store);
    sqlite3 *db = raw_open(self->path);
    for (size_t i = 0; i < ZD_COUNT(attempts); i++) {
        int rc = sqlite3_exec(db, attempts[i], NULL, NULL, NULL);
        if (rc != SQLITE_CONSTRAINT) {
            fail_msg("not refused (%d): %s", rc, attempts[i]);
        }
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    store = zd_store_box_open(self->path, ZD_STORE_READ);
    zd_rows_assert(store, 5);
    zd_store_close(store);
}

static void open__changed_schema_or_head_is_corrupt(void **state)
{
    zd_box *self = *state;
    static const char *const changes[] = {
        "DROP TRIGGER leaves_no_update",
        "DROP TRIGGER head_forward; UPDATE head SET size = 4, mark = 4",
        "CREATE TRIGGER extra AFTER INSERT ON records BEGIN DELETE FROM blobs; END",
        "CREATE TABLE extra (x)",
        "INSERT INTO leaves VALUES (5, x'00', zeroblob(32))",
        "UPDATE head SET frontier = zeroblob(32)",
        "PRAGMA application_id = 7",
        "PRAGMA user_version = 0",
    };
    for (size_t i = 0; i < ZD_COUNT(changes); i++) {
        char path[620];
        zd_format(path, sizeof path, "%s/%zu.db", self->dir, i);
        zd_ledger_make(path, 5);
        raw_run(path, changes[i]);
        assert_open_code(path, ZD_STORE_READ, ZD_E_LEDGER_CORRUPT);
        assert_open_code(path, ZD_STORE_WRITE, ZD_E_LEDGER_CORRUPT);
    }
}

static void open__missing_existing_newer_and_foreign_files(void **state)
{
    zd_box *self = *state;
    char other[620];
    assert_open_code(self->path, ZD_STORE_READ, ZD_E_LEDGER_MISSING);
    assert_open_code(self->path, ZD_STORE_WRITE, ZD_E_LEDGER_MISSING);
    assert_int_equal(zd_ledger_file_size(self->path, ""), -1); /* looking for it has not made it */
    zd_ledger_make(self->path, 1);
    assert_open_code(self->path, ZD_STORE_CREATE, ZD_E_LEDGER_EXISTS);
    raw_run(self->path, "PRAGMA user_version = 3");
    assert_open_code(self->path, ZD_STORE_READ, ZD_E_LEDGER_NEWER);
    assert_open_code(self->path, ZD_STORE_WRITE, ZD_E_LEDGER_NEWER);
    zd_format(other, sizeof other, "%s/other.db", self->dir);
    assert_int_equal(zd_test_shell(NULL, "seq 5000 > '%s'", other), 0);
    assert_open_code(other, ZD_STORE_READ, ZD_E_LEDGER_CORRUPT);
    assert_open_code(other, ZD_STORE_WRITE, ZD_E_LEDGER_CORRUPT);
    assert_int_equal(zd_test_shell(NULL, ": > '%s'", other), 0);
    assert_open_code(other, ZD_STORE_WRITE, ZD_E_LEDGER_CORRUPT);
    zd_format(other, sizeof other, "%s/no/such/folder/ledger.db", self->dir);
    assert_open_code(other, ZD_STORE_CREATE, ZD_E_FILE_IO);
}

static zd_status take_value(void *context, zd_span key, zd_span value)
{
    (void)key;
    *(bool *)context = zd_span_is(value, "kept");
    return ZD_OK;
}

/* A store of private data has no leaves that its records could be made of. */
static void open__older_schema_without_leaves__keeps_its_records(void **state)
{
    zd_box *self = *state;
    static const zd_store_mode modes[] = {ZD_STORE_READ, ZD_STORE_WRITE, ZD_STORE_READ};
    zd_store *store = NULL;
    zd_store_record record = {.key = zd_span_text("P/1"), .value = zd_span_text("kept")};
    assert_ok(zd_store_open_sqlite(&store, self->path, ZD_STORE_CREATE, err));
    assert_ok(zd_store_flush(store, &record, 1, 0, err));
    zd_store_close(store);
    raw_run(self->path, "PRAGMA user_version = 1");
    for (size_t i = 0; i < ZD_COUNT(modes); i++) {
        bool kept = false;
        assert_ok(zd_store_open_sqlite(&store, self->path, modes[i], err));
        assert_ok(zd_store_load(store, &record.key, 1, take_value, &kept, err));
        assert_true(kept);
        zd_store_close(store);
    }
}

static zd_status pass_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)context;
    (void)index;
    (void)bytes;
    (void)hash;
    return ZD_OK;
}

static void check__damaged_page_is_corrupt_and_stops_writing(void **state)
{
    zd_box *self = *state;
    zd_error answer = {0};
    zd_ledger_make(self->path, 200);
    off_t size = zd_ledger_file_size(self->path, "");
    assert_true(size > 12 * 8192);
    /* Page 1 with the schema stays; every third page after the tables' roots is overwritten. */
    assert_int_equal(zd_test_shell(NULL,
                                   "for p in 8 11 14; do head -c 8192 /dev/zero | tr '\\0' '\\252' |"
                                   " dd of='%s' bs=8192 seek=$p conv=notrunc status=none; done",
                                   self->path),
                     0);
    zd_store *store = zd_store_box_open(self->path, ZD_STORE_WRITE);
    assert_code(zd_store_check(store, err), ZD_E_LEDGER_CORRUPT);
    assert_int_equal(zd_rows_append(store, 1, &answer), ZD_APPEND_FAILED);
    assert_int_equal(answer.code, ZD_E_LEDGER_CORRUPT);
    assert_code(zd_store_leaves(store, 0, 200, pass_leaf, NULL, err), ZD_E_LEDGER_CORRUPT);
    zd_store_close(store);
}

static void open__truncated_file_is_corrupt(void **state)
{
    zd_box *self = *state;
    zd_ledger_make(self->path, 200);
    assert_int_equal(truncate(self->path, 5 * 8192), 0);
    zd_store *store = NULL;
    zd_error answer = {0};
    zd_status status = zd_store_open_sqlite(&store, self->path, ZD_STORE_READ, &answer);
    if (status == ZD_OK) {
        status = zd_store_check(store, &answer);
        zd_store_close(store);
    }
    assert_int_equal(status, ZD_INTEGRITY);
    assert_int_equal(answer.code, ZD_E_LEDGER_CORRUPT);
}

typedef struct racing_read {
    zd_store *writer;
    size_t visits;
} racing_read;

static zd_status append_meanwhile(void *context, zd_span key, zd_span value)
{
    racing_read *self = context;
    (void)key;
    (void)value;
    self->visits++;
    return zd_rows_append(self->writer, 2, NULL) == ZD_APPEND_OK ? ZD_OK : ZD_FAULT;
}

static void reader__sees_one_snapshot_while_the_writer_goes_on(void **state)
{
    zd_box *self = *state;
    zd_ledger_make(self->path, 10);
    racing_read race = {.writer = zd_store_box_open(self->path, ZD_STORE_WRITE)};
    zd_store *reader = zd_store_box_open(self->path, ZD_STORE_READ);
    assert_ok(zd_store_range(reader, zd_span_text("R/"), zd_span_text(""), 0, append_meanwhile, &race, err));
    assert_int_equal(race.visits, 10);
    zd_rows_assert(reader, 30);
    zd_store_close(race.writer); /* with a reader still there */
    zd_rows_assert(reader, 30);
    zd_store_close(reader);
}

static zd_status see_nothing(void *context, zd_span key, zd_span value)
{
    (void)context;
    (void)key;
    (void)value;
    return ZD_OK;
}

/* What the engine does while it overlaps: every load of the follower begins a moment that stays, but for the one call that checkpoints. */
static void follow_and_checkpoint(zd_store *store, zd_store *follower)
{
    bool due = zd_store_checkpoint_due(store);
    if (follower != NULL) {
        zd_store_moment(follower, !due);
        assert_ok(zd_store_range(follower, zd_span_text("R/"), zd_span_text(""), 1, see_nothing, NULL, err));
        if (due) {
            assert_ok(zd_store_checkpoint(store, err));
        }
    }
}

static void copies_back(zd_box *self, bool followed)
{
    static uint8_t bytes[65000];
    zd_store_leaf leaves[40];
    zd_store *store = zd_store_box_open(self->path, ZD_STORE_CREATE);
    for (size_t i = 0; i < ZD_COUNT(leaves); i++) {
        leaves[i] = (zd_store_leaf){.bytes = zd_span_of(bytes, sizeof bytes)};
    }
    off_t largest = 0;
    zd_store *follower = NULL;
    if (followed) {
        assert_ok(zd_store_follow(store, &follower, err));
        zd_store_hold_checkpoints(store, true);
    }
    for (int round = 0; round < 70; round++) { /* 180 MB */
        follow_and_checkpoint(store, follower);
        zd_store_head head;
        zd_store_head next;
        assert_ok(zd_store_head_get(store, &head, err));
        zd_rows_head(&next, head.size + ZD_COUNT(leaves), head.epoch);
        assert_int_equal(zd_store_append(store, &head, &next, leaves, ZD_COUNT(leaves), NULL, 0, NULL), ZD_APPEND_OK);
        off_t wal = zd_ledger_file_size(self->path, "-wal");
        largest = wal > largest ? wal : largest;
    }
    assert_true(largest < 80 * 1024 * 1024);
    assert_true(zd_ledger_file_size(self->path, "") > 100 * 1024 * 1024);
    zd_store_close(follower);
    zd_store_close(store);
    assert_int_equal(zd_ledger_file_size(self->path, "-wal"), 0);
}

static void checkpoint__writer_copies_the_wal_back_while_it_runs(void **state)
{
    copies_back(*state, false);
}

static void checkpoint__held_back_for_a_follower_is_made_when_told(void **state)
{
    copies_back(*state, true);
}

static void lock__held_by_another_program_is_busy(void **state)
{
    zd_box *self = *state;
    zd_error answer = {0};
    zd_ledger_make(self->path, 2);
    zd_store *store = zd_store_box_open(self->path, ZD_STORE_WRITE);
    sqlite3 *db = raw_open(self->path);
    assert_int_equal(sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(zd_rows_append(store, 1, &answer), ZD_APPEND_FAILED);
    assert_int_equal(answer.code, ZD_E_STORE_BUSY);
    assert_int_equal(sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    zd_error_clear(&answer);
    assert_int_equal(zd_rows_append(store, 1, &answer), ZD_APPEND_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    zd_rows_assert(store, 3);
    zd_store_close(store);
}

static void close__superseded_writer_does_not_checkpoint(void **state)
{
    zd_box *self = *state;
    zd_ledger_make(self->path, 2);
    zd_store *older = zd_store_box_open(self->path, ZD_STORE_WRITE);
    zd_store *newer = zd_store_box_open(self->path, ZD_STORE_WRITE);
    zd_rows_append_ok(newer, 5);
    off_t wal = zd_ledger_file_size(self->path, "-wal");
    off_t main_file = zd_ledger_file_size(self->path, "");
    assert_true(wal > 0);
    zd_store_close(older);
    assert_int_equal(zd_ledger_file_size(self->path, "-wal"), wal);
    assert_int_equal(zd_ledger_file_size(self->path, ""), main_file);
    zd_rows_append_ok(newer, 1);
    zd_rows_assert(newer, 8);
    zd_store_close(newer);
}

static void file__replaced_under_the_writer_stops_it(void **state)
{
    zd_box *self = *state;
    zd_error answer = {0};
    zd_ledger_make(self->path, 2);
    zd_store *store = zd_store_box_open(self->path, ZD_STORE_WRITE);
    assert_int_equal(zd_test_shell(NULL, "cd '%s' && mv ledger.db old.db && cp old.db ledger.db", self->dir), 0);
    assert_int_equal(zd_rows_append(store, 1, &answer), ZD_APPEND_FAILED);
    assert_int_equal(answer.code, ZD_E_STORE_FAILED);
    zd_store_close(store);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, zd_box_set_up_empty, zd_box_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(schema__another_program_cannot_rewrite_history),
        CASE(open__changed_schema_or_head_is_corrupt),
        CASE(open__missing_existing_newer_and_foreign_files),
        CASE(open__older_schema_without_leaves__keeps_its_records),
        CASE(check__damaged_page_is_corrupt_and_stops_writing),
        CASE(open__truncated_file_is_corrupt),
        CASE(reader__sees_one_snapshot_while_the_writer_goes_on),
        CASE(checkpoint__writer_copies_the_wal_back_while_it_runs),
        CASE(checkpoint__held_back_for_a_follower_is_made_when_told),
        CASE(lock__held_by_another_program_is_busy),
        CASE(close__superseded_writer_does_not_checkpoint),
        CASE(file__replaced_under_the_writer_stops_it),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
