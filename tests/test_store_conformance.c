/*
 * What every store must do with head, leaves, publications, blobs, writers and copies, run on each implementation (see
 * store_box.h). Records have a file of their own, test_store_records.c.
 */
#include "tests/support/support.h"

#include "tests/support/store_box.h"

static void head__new_store_is_empty(void **state)
{
    zd_box *self = *state;
    zd_store_head head;
    zd_rows_assert(self->store, 0);
    assert_ok(zd_store_head_get(self->store, &head, err));
    assert_int_equal(head.epoch, 1);
    zd_publication publication;
    bool found = true;
    assert_ok(zd_store_publication_last(self->store, &publication, &found, err));
    assert_false(found);
}

static void append__leaves_records_and_head_survive_reopening(void **state)
{
    zd_box *self = *state;
    zd_error err = {0};
    assert_int_equal(zd_rows_append(self->store, 1, &err), ZD_APPEND_OK);
    assert_int_equal(zd_rows_append(self->store, 200, &err), ZD_APPEND_OK);
    zd_rows_assert(self->store, 201);
    zd_box_reopen(self, ZD_STORE_READ);
    zd_rows_assert(self->store, 201);
    zd_box_reopen(self, ZD_STORE_WRITE);
    assert_int_equal(zd_rows_append(self->store, 3, &err), ZD_APPEND_OK);
    zd_rows_assert(self->store, 204);
}

static void append__stale_head_is_a_conflict_and_changes_nothing(void **state)
{
    zd_box *self = *state;
    zd_store_head head;
    zd_error err = {0};
    assert_int_equal(zd_rows_append(self->store, 4, &err), ZD_APPEND_OK);
    assert_int_equal(zd_store_head_get(self->store, &head, &err), ZD_OK);
    for (int stale = 0; stale < 3; stale++) {
        zd_store_head expected = head;
        expected.size -= stale == 0;
        expected.root[31] ^= stale == 1;
        expected.epoch -= stale == 2;
        zd_store_head next;
        zd_rows_head(&next, expected.size + 1, expected.epoch);
        zd_store_leaf leaf = {.bytes = S("x")};
        zd_store_record record = R("K", "v");
        zd_error_clear(&err);
        assert_int_equal(zd_store_append(self->store, &expected, &next, &leaf, 1, &record, 1, &err), ZD_APPEND_CONFLICT);
        assert_int_equal(err.code, ZD_E_STORE_CONFLICT);
        zd_rows_assert(self->store, 4);
        zd_assert_range(self->store, S("K"), S(""), 0, "");
    }
    /* A conflict of heads does not end the writer: with the right head it goes on. */
    zd_error_clear(&err);
    assert_int_equal(zd_rows_append(self->store, 1, &err), ZD_APPEND_OK);
    zd_rows_assert(self->store, 5);
}

static zd_append append_one(zd_store *store, zd_span bytes, zd_store_record record, zd_error *err)
{
    zd_store_head head;
    zd_store_head next;
    assert_int_equal(zd_store_head_get(store, &head, err), ZD_OK);
    zd_rows_head(&next, head.size + 2, head.epoch);
    zd_store_leaf leaves[2] = {{.bytes = S("first of the batch")}, {.bytes = bytes}};
    return zd_store_append(store, &head, &next, leaves, 2, &record, 1, err);
}

static void append__what_does_not_fit_fails_and_changes_nothing(void **state)
{
    zd_box *self = *state;
    static uint8_t long_bytes[65536];
    zd_span longest = zd_span_of(long_bytes, 65535);
    zd_span too_long = zd_span_of(long_bytes, 65536);
    zd_store_record keyless = R("", "v");
    zd_store_record long_key = {zd_span_of(long_bytes, 256), S("v")};
    zd_store_record longest_key = {zd_span_of(long_bytes, 255), S("v")};
    zd_error err = {0};
    assert_int_equal(append_one(self->store, too_long, R("K", "v"), &err), ZD_APPEND_FAILED);
    assert_int_equal(append_one(self->store, S(""), R("K", "v"), &err), ZD_APPEND_FAILED);
    assert_int_equal(append_one(self->store, S("x"), keyless, &err), ZD_APPEND_FAILED);
    assert_int_equal(append_one(self->store, S("x"), long_key, &err), ZD_APPEND_FAILED);
    assert_int_equal(err.code, ZD_E_STORE_FAILED);
    zd_rows_assert(self->store, 0);
    zd_assert_range(self->store, S(""), S(""), 0, "");
    zd_error_clear(&err);
    assert_int_equal(append_one(self->store, longest, longest_key, &err), ZD_APPEND_OK);
    zd_store_head head;
    assert_int_equal(zd_store_head_get(self->store, &head, &err), ZD_OK);
    assert_int_equal(head.size, 2);
}

static void append__records_without_leaves_move_only_the_mark(void **state)
{
    zd_box *self = *state;
    zd_error err = {0};
    zd_store_head head;
    zd_store_head next;
    assert_int_equal(zd_rows_append(self->store, 3, &err), ZD_APPEND_OK);
    assert_int_equal(zd_store_head_get(self->store, &head, &err), ZD_OK);
    next = head;
    next.mark = 1;
    zd_store_record record = R("K", "v");
    assert_int_equal(zd_store_append(self->store, &head, &next, NULL, 0, &record, 1, &err), ZD_APPEND_OK);
    assert_int_equal(zd_store_head_get(self->store, &head, &err), ZD_OK);
    assert_int_equal(head.size, 3);
    assert_int_equal(head.mark, 1);
    zd_assert_range(self->store, S("K"), S(""), 0, "K=v;");
}

static void flush__mark_moves_but_never_beyond_the_leaves(void **state)
{
    zd_box *self = *state;
    zd_store_head head;
    zd_store_record record = R("K", "v");
    zd_error failed = {0};
    assert_int_equal(zd_rows_append(self->store, 3, &failed), ZD_APPEND_OK);
    assert_ok(zd_store_flush(self->store, NULL, 0, 2, err));
    assert_ok(zd_store_head_get(self->store, &head, err));
    assert_int_equal(head.mark, 2);
    assert_code(zd_store_flush(self->store, &record, 1, 4, err), ZD_E_STORE_FAILED);
    assert_ok(zd_store_head_get(self->store, &head, err));
    assert_int_equal(head.mark, 2);
    zd_assert_range(self->store, S("K"), S(""), 0, "");
}

static zd_status see_index(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    zd_buf *text = context;
    (void)bytes;
    (void)hash;
    zd_buf_addf(text, "%llu,", (unsigned long long)index);
    return index == 7 ? ZD_MALFORMED : ZD_OK;
}

static void leaves__ranges_are_half_open_and_never_silently_short(void **state)
{
    zd_box *self = *state;
    zd_buf text = {0};
    zd_error failed = {0};
    assert_int_equal(zd_rows_append(self->store, 9, &failed), ZD_APPEND_OK);
    assert_ok(zd_store_leaves(self->store, 2, 5, see_index, &text, err));
    assert_ok(zd_store_leaves(self->store, 9, 9, see_index, &text, err));
    assert_string_equal(zd_buf_text(&text), "2,3,4,");
    assert_code(zd_store_leaves(self->store, 8, 10, see_index, &text, err), ZD_E_STORE_FAILED);
    assert_string_equal(zd_buf_text(&text), "2,3,4,8,");
    assert_int_equal(zd_store_leaves(self->store, 6, 9, see_index, &text, &failed), ZD_MALFORMED);
    assert_string_equal(zd_buf_text(&text), "2,3,4,8,6,7,");
    zd_buf_free(&text);
}

#define HEX_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B "0123456789abcdef0123456789abcdef01234567"

static zd_publication publication_of(uint64_t size, int64_t time_unix_s)
{
    return (zd_publication){.size = size, .time_unix_s = time_unix_s, .note = S("note\0bytes\n"), .extra = S("extra")};
}

static zd_status see_publication(void *context, const zd_publication *p)
{
    zd_buf *text = context;
    zd_buf_addf(text, "%llu@%lld ", (unsigned long long)p->size, (long long)p->time_unix_s);
    const zd_span spans[] = {p->note, p->commit_hex, p->parent_hex, p->commit_signature, p->extra};
    for (size_t i = 0; i < ZD_COUNT(spans); i++) {
        zd_show_bytes(text, spans[i]);
        zd_buf_add_text(text, i + 1 < ZD_COUNT(spans) ? "|" : ";");
    }
    return ZD_OK;
}

static void assert_publications(zd_store *store, uint64_t from, const char *expected)
{
    zd_buf text = {0};
    assert_ok(zd_store_publications(store, from, see_publication, &text, err));
    assert_string_equal(zd_buf_text(&text), expected);
    zd_buf_free(&text);
}

static void publication__grows_in_size_and_time_only(void **state)
{
    zd_box *self = *state;
    zd_error failed = {0};
    assert_int_equal(zd_rows_append(self->store, 9, &failed), ZD_APPEND_OK);
    static const struct {
        uint64_t size;
        int64_t time_unix_s;
        bool accepted;
    } puts[] = {
        {5, 100, true},  {4, 101, false},  {6, 100, false}, {6, 99, false},
        {0, 101, false}, {10, 101, false}, {6, 101, true},  {9, 102, true},
    };
    for (size_t i = 0; i < ZD_COUNT(puts); i++) {
        zd_publication publication = publication_of(puts[i].size, puts[i].time_unix_s);
        if (puts[i].accepted) {
            assert_ok(zd_store_publication_put(self->store, &publication, err));
        } else {
            assert_code(zd_store_publication_put(self->store, &publication, err), ZD_E_STORE_CONFLICT);
        }
    }
    assert_publications(self->store, 6, "6@101 note%00bytes%0a||||extra;9@102 note%00bytes%0a||||extra;");
    zd_publication last;
    bool found = false;
    assert_ok(zd_store_publication_last(self->store, &last, &found, err));
    assert_true(found);
    assert_int_equal(last.size, 9);
    assert_true(zd_span_equal(last.note, S("note\0bytes\n")));
    assert_int_equal(last.commit_hex.size, 0);
}

static void publication__same_size_again_only_fills_what_was_empty(void **state)
{
    zd_box *self = *state;
    zd_error failed = {0};
    assert_int_equal(zd_rows_append(self->store, 9, &failed), ZD_APPEND_OK);
    zd_publication first = publication_of(5, 100);
    zd_publication later = publication_of(9, 101);
    assert_ok(zd_store_publication_put(self->store, &first, err));
    assert_ok(zd_store_publication_put(self->store, &later, err));
    zd_publication full = first;
    full.commit_hex = S(HEX_A);
    assert_ok(zd_store_publication_put(self->store, &full, err));
    full.parent_hex = S(HEX_B);
    full.commit_signature = S("sig");
    assert_ok(zd_store_publication_put(self->store, &full, err));
    assert_ok(zd_store_publication_put(self->store, &full, err));  /* the same again */
    assert_ok(zd_store_publication_put(self->store, &first, err)); /* adds nothing, takes nothing away */
    const char *expected = "5@100 note%00bytes%0a|" HEX_A "|" HEX_B "|sig|extra;9@101 note%00bytes%0a||||extra;";
    assert_publications(self->store, 0, expected);
    for (int change = 0; change < 6; change++) {
        zd_publication other = full;
        other.time_unix_s += change == 0;
        other.note = change == 1 ? S("another note") : other.note;
        other.commit_hex = change == 2 ? S(HEX_B) : other.commit_hex;
        other.parent_hex = change == 3 ? S(HEX_A) : other.parent_hex;
        other.commit_signature = change == 4 ? S("gis") : other.commit_signature;
        other.extra = change == 5 ? S("") : other.extra;
        assert_code(zd_store_publication_put(self->store, &other, err), ZD_E_STORE_CONFLICT);
    }
    zd_publication bad = later;
    bad.commit_hex = S("not forty hex digits");
    assert_code(zd_store_publication_put(self->store, &bad, err), ZD_E_STORE_FAILED);
    zd_box_reopen(self, ZD_STORE_READ);
    assert_publications(self->store, 0, expected);
}

static void blob__put_get_replace_delete(void **state)
{
    zd_box *self = *state;
    zd_buf out = {0};
    bool found = true;
    assert_ok(zd_store_blob_get(self->store, S("settings"), &out, &found, err));
    assert_false(found);
    assert_ok(zd_store_blob_put(self->store, S("settings"), S("one\0two"), err));
    assert_ok(zd_store_blob_put(self->store, S("empty"), S(""), err));
    zd_box_reopen(self, ZD_STORE_WRITE);
    assert_ok(zd_store_blob_get(self->store, S("settings"), &out, &found, err));
    assert_true(found && zd_span_equal(zd_buf_span(&out), S("one\0two")));
    assert_ok(zd_store_blob_get(self->store, S("empty"), &out, &found, err));
    assert_true(found);
    assert_ok(zd_store_blob_put(self->store, S("settings"), S("three"), err));
    zd_buf_clear(&out);
    assert_ok(zd_store_blob_get(self->store, S("settings"), &out, &found, err));
    assert_string_equal(zd_buf_text(&out), "three");
    assert_ok(zd_store_blob_put(self->store, S("settings"), (zd_span){NULL, 0}, err));
    assert_ok(zd_store_blob_get(self->store, S("settings"), &out, &found, err));
    assert_false(found);
    assert_code(zd_store_blob_put(self->store, S(""), S("x"), err), ZD_E_STORE_FAILED);
    zd_buf_free(&out);
}

static void read_handle__writes_are_refused(void **state)
{
    zd_box *self = *state;
    zd_error failed = {0};
    assert_int_equal(zd_rows_append(self->store, 2, &failed), ZD_APPEND_OK);
    zd_box_reopen(self, ZD_STORE_READ);
    zd_store_record record = R("K", "v");
    zd_publication publication = publication_of(1, 1);
    assert_int_equal(zd_rows_append(self->store, 1, &failed), ZD_APPEND_FAILED);
    assert_int_equal(failed.code, ZD_E_LEDGER_READ_ONLY);
    assert_code(zd_store_flush(self->store, &record, 1, 0, err), ZD_E_LEDGER_READ_ONLY);
    assert_code(zd_store_publication_put(self->store, &publication, err), ZD_E_LEDGER_READ_ONLY);
    assert_code(zd_store_blob_put(self->store, S("a"), S("b"), err), ZD_E_LEDGER_READ_ONLY);
    zd_rows_assert(self->store, 2);
    zd_store_head head;
    assert_ok(zd_store_head_get(self->store, &head, err));
    assert_int_equal(head.epoch, 1); /* reading takes no epoch */
}

static void superseded_writer__every_write_is_a_conflict(void **state)
{
    zd_box *self = *state;
    zd_error failed = {0};
    assert_int_equal(zd_rows_append(self->store, 2, &failed), ZD_APPEND_OK);
    zd_store *newer = zd_box_open(self, self->path, ZD_STORE_WRITE);
    zd_store_record record = R("K", "v");
    zd_publication publication = publication_of(1, 1);
    /* Even with the head read afresh, so with the newer writer's epoch in it. */
    assert_int_equal(zd_rows_append(self->store, 1, &failed), ZD_APPEND_CONFLICT);
    assert_int_equal(failed.code, ZD_E_STORE_CONFLICT);
    assert_code(zd_store_flush(self->store, &record, 1, 0, err), ZD_E_STORE_CONFLICT);
    assert_code(zd_store_publication_put(self->store, &publication, err), ZD_E_STORE_CONFLICT);
    assert_code(zd_store_blob_put(self->store, S("a"), S("b"), err), ZD_E_STORE_CONFLICT);
    zd_error_clear(&failed);
    assert_int_equal(zd_rows_append(newer, 1, &failed), ZD_APPEND_OK);
    zd_rows_assert(newer, 3);
    zd_rows_assert(self->store, 3); /* it may still read */
    zd_store_close(newer);
}

static void open__each_writer_takes_a_new_epoch(void **state)
{
    zd_box *self = *state;
    zd_store_head head;
    for (uint64_t epoch = 2; epoch < 5; epoch++) {
        zd_box_reopen(self, ZD_STORE_WRITE);
        assert_ok(zd_store_head_get(self->store, &head, err));
        assert_int_equal(head.epoch, epoch);
    }
}

static void backup__is_complete_and_independent(void **state)
{
    zd_box *self = *state;
    char path[620];
    zd_error failed = {0};
    zd_format(path, sizeof path, "%s/copy.db", self->dir);
    assert_int_equal(zd_rows_append(self->store, 30, &failed), ZD_APPEND_OK);
    zd_publication publication = publication_of(7, 100);
    assert_ok(zd_store_publication_put(self->store, &publication, err));
    assert_ok(zd_store_blob_put(self->store, S("name"), S("data"), err));
    assert_ok(zd_store_backup(self->store, path, err));
    assert_code(zd_store_backup(self->store, path, err), ZD_E_FILE_EXISTS);
    assert_int_equal(zd_rows_append(self->store, 5, &failed), ZD_APPEND_OK);

    zd_store *copy = zd_box_open(self, path, ZD_STORE_READ);
    zd_rows_assert(copy, 30);
    assert_publications(copy, 0, "7@100 note%00bytes%0a||||extra;");
    assert_ok(zd_store_check(copy, err));
    zd_store_close(copy);
    copy = zd_box_open(self, path, ZD_STORE_WRITE);
    assert_int_equal(zd_rows_append(copy, 1, &failed), ZD_APPEND_OK);
    zd_rows_assert(copy, 31);
    zd_store_close(copy);
    zd_rows_assert(self->store, 35);
    /* Nothing of the making is left behind. */
    assert_int_equal(zd_test_shell(NULL, "ls '%s' | grep -q new-", self->dir), 1);
}

static void check_and_stats__sound_store_is_counted(void **state)
{
    zd_box *self = *state;
    zd_store_stats stats;
    zd_error failed = {0};
    assert_int_equal(zd_rows_append(self->store, 40, &failed), ZD_APPEND_OK);
    zd_store_record record = R("K", "v");
    zd_flush_ok(self->store, &record, 1);
    assert_ok(zd_store_check(self->store, err));
    assert_ok(zd_store_stats_get(self->store, &stats, err));
    assert_int_equal(stats.leaves, 40);
    assert_int_equal(stats.records, 41);
    assert_true(stats.bytes > 40 * 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(head__new_store_is_empty),
        EACH(append__leaves_records_and_head_survive_reopening),
        EACH(append__stale_head_is_a_conflict_and_changes_nothing),
        EACH(append__what_does_not_fit_fails_and_changes_nothing),
        EACH(append__records_without_leaves_move_only_the_mark),
        EACH(flush__mark_moves_but_never_beyond_the_leaves),
        EACH(leaves__ranges_are_half_open_and_never_silently_short),
        EACH(publication__grows_in_size_and_time_only),
        EACH(publication__same_size_again_only_fills_what_was_empty),
        EACH(blob__put_get_replace_delete),
        EACH(read_handle__writes_are_refused),
        EACH(superseded_writer__every_write_is_a_conflict),
        EACH(open__each_writer_takes_a_new_epoch),
        EACH(backup__is_complete_and_independent),
        EACH(check_and_stats__sound_store_is_counted),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
