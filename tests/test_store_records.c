/*
 * What every store must do with records: writes, loads, ranges and their edges, and random changes against a plain array;
 * on each implementation (see store_box.h).
 */
#include "tests/support/support.h"

#include "tests/support/store_box.h"

static void flush__writes_overwrites_and_deletes(void **state)
{
    zd_box *self = *state;
    const zd_store_record first[] = {R("b", "1"), R("a", "1"), R("c", "\0\xff"), R("d", "")};
    const zd_store_record second[] = {R("c", "2"), R("b", "2"), GONE("a"), R("b", "3"), GONE("nothing")};
    zd_flush_ok(self->store, first, ZD_COUNT(first));
    zd_assert_range(self->store, S(""), S(""), 0, "a=1;b=1;c=%00%ff;d=;");
    zd_flush_ok(self->store, second, ZD_COUNT(second));
    /* Of two values for one key in a call the later one stands; an empty value is not a deletion. */
    zd_assert_range(self->store, S(""), S(""), 0, "b=3;c=2;d=;");
    zd_box_reopen(self, ZD_STORE_READ);
    zd_assert_range(self->store, S(""), S(""), 0, "b=3;c=2;d=;");
}

static void load__visits_what_is_there_in_key_order_once(void **state)
{
    zd_box *self = *state;
    const zd_store_record records[] = {R("a", "1"), R("b", "2"), R("b\0", "3"), R("b\xff", "4"), R("c", "5")};
    zd_flush_ok(self->store, records, ZD_COUNT(records));
    const zd_span keys[] = {S("c"), S("b\xff"), S("missing"), S("b\0"), S("b"), S("c"), S(""), S("b")};
    zd_seen seen = {0};
    assert_ok(zd_store_load(self->store, keys, ZD_COUNT(keys), zd_see_record, &seen, err));
    assert_string_equal(zd_buf_text(&seen.text), "b=2;b%00=3;b%ff=4;c=5;");
    zd_buf_free(&seen.text);
    assert_ok(zd_store_load(self->store, NULL, 0, zd_see_record, &seen, err));
    assert_int_equal(seen.visits, 4);
}

static void visit__refusal_stops_and_is_answered(void **state)
{
    zd_box *self = *state;
    const zd_store_record records[] = {R("a", "1"), R("b", "2"), R("c", "3")};
    const zd_span keys[] = {S("a"), S("b"), S("c")};
    zd_flush_ok(self->store, records, ZD_COUNT(records));
    zd_error err = {0};
    zd_seen range = {.stop_after = 2};
    assert_int_equal(zd_store_range(self->store, S(""), S(""), 0, zd_see_record, &range, &err), ZD_MALFORMED);
    assert_int_equal(range.visits, 2);
    zd_seen load = {.stop_after = 2};
    assert_int_equal(zd_store_load(self->store, keys, 3, zd_see_record, &load, &err), ZD_MALFORMED);
    assert_int_equal(load.visits, 2);
    zd_buf_free(&range.text);
    zd_buf_free(&load.text);
    /* The stopped reads left nothing open: writing goes on. */
    zd_flush_ok(self->store, records, ZD_COUNT(records));
}

static void range__prefix_edges_and_order(void **state)
{
    zd_box *self = *state;
    const zd_store_record records[] = {
        R("\xff\xff\xff", "8"), R("\xff\xff", "7"), R("\xff", "6"),   R("p\xff\xff", "4"), R("p\xff", "3"),
        R("p", "1"),            R("p\0", "2"),      R("q", "5"),      R("o\xff", "0"),
    };
    zd_flush_ok(self->store, records, ZD_COUNT(records));
    const char *all = "o%ff=0;p=1;p%00=2;p%ff=3;p%ff%ff=4;q=5;%ff=6;%ff%ff=7;%ff%ff%ff=8;";
    zd_assert_range(self->store, S(""), S(""), 0, all);
    zd_assert_range(self->store, S("p"), S(""), 0, "p=1;p%00=2;p%ff=3;p%ff%ff=4;");
    zd_assert_range(self->store, S("p\xff"), S(""), 0, "p%ff=3;p%ff%ff=4;");
    zd_assert_range(self->store, S("\xff"), S(""), 0, "%ff=6;%ff%ff=7;%ff%ff%ff=8;");
    zd_assert_range(self->store, S("\xff\xff"), S(""), 1, "%ff%ff=7;");
    zd_assert_range(self->store, S("p"), S("p\0"), 2, "p%00=2;p%ff=3;");
    zd_assert_range(self->store, S("p"), S("a"), 1, "p=1;");
    zd_assert_range(self->store, S("p"), S("q"), 0, "");
    zd_assert_range(self->store, S("p"), S("p\xff\xff\xff"), 0, "");
    zd_assert_range(self->store, S(""), S("q"), 2, "q=5;%ff=6;");
    zd_assert_range(self->store, S("x"), S(""), 0, "");
}

/* Four hundred random flushes and ranges against a plain array. */
static void records__random_changes_agree_with_a_model(void **state)
{
    zd_box *self = *state;
    enum { KEYS = 60 };
    bool present[KEYS] = {false};
    uint8_t values[KEYS] = {0};
    uint8_t keys[KEYS][2];
    uint32_t seed = 20260305;
    for (uint8_t i = 0; i < KEYS; i++) {
        keys[i][0] = (uint8_t)(i / 6 * 25); /* ten first bytes up to 225 */
        keys[i][1] = (uint8_t)(i % 6 * 51); /* 0 to 255 */
    }
    for (int round = 0; round < 400; round++) {
        zd_store_record records[20];
        uint8_t given[20];
        size_t count = 0;
        for (; count < 20; count++) {
            seed = seed * 1664525 + 1013904223;
            size_t key = (seed >> 16) % KEYS;
            given[count] = (uint8_t)(seed >> 8);
            bool keep = (seed >> 30) != 0;
            records[count].key = zd_span_of(keys[key], 2);
            records[count].value = keep ? zd_span_of(&given[count], 1) : (zd_span){NULL, 0};
            present[key] = keep;
            values[key] = given[count];
        }
        zd_flush_ok(self->store, records, count);
        seed = seed * 1664525 + 1013904223;
        uint8_t prefix = (uint8_t)((seed >> 16) % 10 * 25);
        zd_buf expected = {0};
        for (size_t key = 0; key < KEYS; key++) {
            if (present[key] && keys[key][0] == prefix) {
                zd_show_bytes(&expected, zd_span_of(keys[key], 2));
                zd_buf_add_text(&expected, "=");
                zd_show_bytes(&expected, zd_span_of(&values[key], 1));
                zd_buf_add_text(&expected, ";");
            }
        }
        zd_assert_range(self->store, zd_span_of(&prefix, 1), S(""), 0, zd_buf_text(&expected));
        zd_buf_free(&expected);
    }
}

static void follower__sees_one_moment_until_it_is_told(void **state)
{
    zd_box *self = *state;
    zd_store *follower = NULL;
    zd_store_record record = R("K", "1");
    zd_flush_ok(self->store, &record, 1);
    assert_ok(zd_store_follow(self->store, &follower, err));
    zd_assert_range(follower, S("K"), S(""), 0, "K=1;");
    record = R("K", "2");
    zd_flush_ok(self->store, &record, 1);
    zd_assert_range(follower, S("K"), S(""), 0, "K=1;"); /* its moment stays, whatever is written meanwhile */
    zd_assert_range(self->store, S("K"), S(""), 0, "K=2;");
    zd_store_moment(follower, true);
    zd_assert_range(follower, S("K"), S(""), 0, "K=2;");
    zd_store_moment(follower, false);
    zd_assert_range(follower, S("K"), S(""), 0, "K=2;");
    record = R("K", "3");
    zd_flush_ok(self->store, &record, 1);
    zd_assert_range(follower, S("K"), S(""), 0, "K=3;"); /* each load has its own */
    assert_code(zd_store_flush(follower, &record, 1, 0, err), ZD_E_LEDGER_READ_ONLY);
    zd_store_close(follower);
}

static void follower__of_a_superseded_writer_is_refused(void **state)
{
    zd_box *self = *state;
    zd_store *follower = NULL;
    zd_store *newer = zd_box_open(self, self->path, ZD_STORE_WRITE);
    assert_code(zd_store_follow(self->store, &follower, err), ZD_E_STORE_CONFLICT);
    assert_null(follower);
    zd_store_close(newer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(flush__writes_overwrites_and_deletes),
        EACH(load__visits_what_is_there_in_key_order_once),
        EACH(visit__refusal_stops_and_is_answered),
        EACH(range__prefix_edges_and_order),
        EACH(records__random_changes_agree_with_a_model),
        EACH(follower__sees_one_moment_until_it_is_told),
        EACH(follower__of_a_superseded_writer_is_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
