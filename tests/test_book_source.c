/*
 * The book over a source: a record is asked for once, a prefix is ranged over once whatever lies below it, and what was looked for in vain can be added, undone, forgotten.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/book/book.h"

typedef struct counted {
    int loads;
    int ranges;
} counted;

/* Holds one COUNTER record, "COUNTER/held/a/1", with the value 7. */
static zd_status give(zd_book_take *take, void *take_context)
{
    zd_buf bytes = {0};
    zd_rec_counter counter = {.value = 7};
    zd_record_encode(&bytes, ZD_R_COUNTER, &counter);
    zd_status status = take(take_context, zd_span_text("COUNTER/held/a/1"), zd_buf_span(&bytes));
    zd_buf_free(&bytes);
    return status;
}

static zd_status load(void *context, zd_span key, zd_book_take *take, void *take_context, zd_error *err)
{
    (void)err;
    ((counted *)context)->loads++;
    return zd_span_is(key, "COUNTER/held/a/1") ? give(take, take_context) : ZD_OK;
}

static zd_status range(void *context, zd_span prefix, zd_book_take *take, void *take_context, zd_error *err)
{
    (void)err;
    ((counted *)context)->ranges++;
    bool begins = prefix.size <= strlen("COUNTER/held/a/1") && memcmp("COUNTER/held/a/1", prefix.data, prefix.size) == 0;
    return begins ? give(take, take_context) : ZD_OK;
}

static zd_book *counted_book(counted *counts)
{
    zd_book_source source = {.load = load, .range = range, .context = counts};
    return zd_book_new(&source);
}

static int walk(zd_book *book, const char *prefix)
{
    int found = 0;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_COUNTER, "%s", prefix);
    while (zd_book_next(&cursor)) {
        found++;
    }
    return found;
}

static void book__prefixes_below_a_ranged_one__are_not_asked_again(void **state)
{
    (void)state;
    counted counts = {0};
    zd_book *book = counted_book(&counts);
    assert_int_equal(walk(book, "held/a/"), 1);
    assert_int_equal(walk(book, "held/b/"), 0);
    assert_int_equal(walk(book, "hele/"), 0);
    assert_int_equal(walk(book, "hel"), 1); /* swallows all three */
    assert_int_equal(counts.ranges, 4);
    assert_int_equal(walk(book, "held/a/"), 1);
    assert_int_equal(walk(book, "held/a/1"), 1);
    assert_int_equal(walk(book, "held/zz"), 0);
    assert_int_equal(walk(book, "hele/"), 0);
    assert_int_equal(counts.ranges, 4);
    assert_int_equal(walk(book, "hem"), 0); /* beside it, not below */
    assert_int_equal(walk(book, "he"), 1);
    assert_int_equal(counts.ranges, 6);
    zd_book_free(book);
}

static void book__absent_record__is_asked_for_once_added_and_undone(void **state)
{
    (void)state;
    counted counts = {0};
    zd_book *book = counted_book(&counts);
    assert_null(zd_book_find(book, ZD_R_COUNTER, "%s", "none"));
    assert_null(zd_book_find(book, ZD_R_COUNTER, "%s", "none"));
    assert_int_equal(counts.loads, 1);
    zd_book_begin(book);
    zd_rec_counter *counter = zd_book_add(book, ZD_R_COUNTER, "%s", "none");
    assert_int_equal(counter->value, 0);
    counter->value = 3;
    zd_rec_counter *held = zd_book_edit(book, ZD_R_COUNTER, "%s", "held/a/1");
    held->value = 8;
    zd_book_remove(book, ZD_R_COUNTER, "%s", "held/a/1");
    zd_book_rollback(book);
    assert_null(zd_book_find(book, ZD_R_COUNTER, "%s", "none"));
    const zd_rec_counter *back = zd_book_find(book, ZD_R_COUNTER, "%s", "held/a/1");
    assert_non_null(back);
    assert_int_equal(back->value, 7);
    zd_book_begin(book);
    counter = zd_book_add(book, ZD_R_COUNTER, "%s", "none");
    assert_int_equal(counter->value, 0); /* not the 3 of the undone entry */
    zd_book_commit(book);
    assert_int_equal(counts.loads, 2);
    zd_book_free(book);
}

static void book__many_keys_then_trimmed__finds_the_dirty_and_asks_for_the_rest(void **state)
{
    (void)state;
    counted counts = {0};
    zd_book *book = counted_book(&counts);
    assert_int_equal(walk(book, "held/"), 1);
    for (int i = 0; i < 2000; i++) {
        assert_null(zd_book_find(book, ZD_R_COUNTER, "absent/%d", i));
    }
    zd_book_begin(book);
    for (int i = 0; i < 2000; i += 10) {
        zd_rec_counter *counter = zd_book_add(book, ZD_R_COUNTER, "absent/%d", i);
        counter->value = i;
    }
    zd_book_commit(book);
    assert_int_equal(counts.loads, 2000);
    zd_book_trim(book, 100);
    assert_int_equal(zd_book_count(book), 200);
    for (int i = 0; i < 2000; i++) {
        const zd_rec_counter *counter = zd_book_find(book, ZD_R_COUNTER, "absent/%d", i);
        assert_true(i % 10 == 0 ? counter != NULL && counter->value == i : counter == NULL);
    }
    assert_int_equal(counts.loads, 2000 + 1800);
    assert_int_equal(walk(book, "held/"), 1); /* a trimmed prefix is no longer complete */
    assert_int_equal(counts.ranges, 2);
    zd_book_free(book);
}

/* Keys are never dropped. A ledger with more of them than the working set may have must not lose everything else at every trim. */
static void book__more_keys_than_the_bound__leave_room_for_others(void **state)
{
    (void)state;
    counted counts = {0};
    zd_book *book = counted_book(&counts);
    zd_book_begin(book);
    for (int i = 0; i < 300; i++) {
        (void)zd_book_add(book, ZD_R_KEY, "key/%d", i);
    }
    zd_book_commit(book);
    zd_book_clean(book);
    assert_true(zd_book_is_large(book, 100));
    zd_book_trim(book, 100);
    assert_int_equal(zd_book_count(book), 300);
    for (int round = 0; round < 3; round++) {
        zd_book_begin(book);
        for (int i = 0; i < 40; i++) {
            zd_rec_counter *counter = zd_book_ensure(book, ZD_R_COUNTER, "absent/%d", round * 20 + i);
            counter->value = i;
        }
        zd_book_commit(book);
        zd_book_clean(book);
        assert_false(zd_book_is_large(book, 100));
        zd_book_trim(book, 100);
        assert_int_equal(zd_book_count(book), 300 + 40 + (size_t)round * 20);
    }
    zd_book_begin(book);
    for (int i = 0; i < 101; i++) {
        (void)zd_book_ensure(book, ZD_R_COUNTER, "more/%d", i);
    }
    zd_book_commit(book);
    zd_book_clean(book);
    assert_true(zd_book_is_large(book, 100));
    zd_book_trim(book, 100);
    assert_true(zd_book_count(book) <= 300 + 100); /* the others are still bounded */
    zd_book_free(book);
}

/* Hints come and go, of records that are there, absent, changed and trimmed: nothing is asked, made or dropped by them. */
static void book__places_that_are_only_set__ask_nothing_and_change_nothing(void **state)
{
    (void)state;
    counted counts = {0};
    zd_book *book = counted_book(&counts);
    zd_place places[40];
    zd_place_clear(&places[0]);
    zd_places_fetch(places, 1); /* names no key */
    assert_null(zd_place_find(&places[0]));
    for (int round = 0; round < 3; round++) {
        const zd_rec_counter *held = zd_book_find(book, ZD_R_COUNTER, "%s", "held/a/1");
        assert_non_null(held);
        assert_int_equal(held->value, 7 + round);
        int loads = counts.loads;
        size_t count = zd_book_count(book);
        for (int i = 0; i < 40; i++) {
            zd_place_set(&places[i], book, ZD_R_COUNTER, "held/a/%d", i);
        }
        zd_book_trim(book, 0); /* between the two halves of a hint */
        zd_places_fetch(places, 40);
        zd_places_fetch(places, 40);
        assert_int_equal(counts.loads, loads);
        assert_true(zd_book_count(book) <= count);
        assert_null(zd_place_find(&places[2]));
        zd_book_begin(book);
        zd_rec_counter *changed = zd_place_edit(&places[1]);
        changed->value = 8 + round;
        zd_book_commit(book);
    }
    assert_int_equal(counts.ranges, 0);
    zd_book_free(book);
}

/* A place is asked of the source once, whether its record is there or not, and sees what others do to the record meanwhile. */
static void book__a_place__is_looked_up_once_and_follows_its_record(void **state)
{
    (void)state;
    counted counts = {0};
    zd_book *book = counted_book(&counts);
    zd_place there;
    zd_place absent;
    zd_place_set(&there, book, ZD_R_COUNTER, "%s", "held/a/1");
    zd_place_set(&absent, book, ZD_R_COUNTER, "%s", "held/a/nothing");
    assert_non_null(zd_place_find(&there));
    assert_null(zd_place_find(&absent));
    int loads = counts.loads;
    assert_null(zd_place_find(&absent));
    assert_null(zd_place_edit(&absent));
    zd_book_begin(book);
    zd_rec_counter *made = zd_book_add(book, ZD_R_COUNTER, "%s", "held/a/nothing");
    made->value = 3;
    assert_ptr_equal(zd_place_find(&absent), made);
    assert_ptr_equal(zd_place_ensure(&absent), made);
    zd_book_remove(book, ZD_R_COUNTER, "%s", "held/a/1");
    assert_null(zd_place_find(&there));
    assert_null(zd_place_edit(&there));
    zd_rec_counter *again = zd_place_add(&there);
    assert_int_equal(again->value, 0);
    zd_book_rollback(book);
    assert_null(zd_place_find(&absent));
    const zd_rec_counter *back = zd_place_find(&there);
    assert_non_null(back);
    assert_int_equal(back->value, 7);
    assert_int_equal(counts.loads, loads);
    zd_book_free(book);
}

/* A source with 300 possible keys, in order; 0 = it has none of that key. */
#define KEYS 300
typedef struct shelf {
    int64_t stored[KEYS];
    int asked;
} shelf;

static void shelf_key(char out[40], int n)
{
    zd_format(out, 40, "COUNTER/%s/%03d", n % 3 == 0 ? "a" : n % 3 == 1 ? "b/x" : "c", n);
}

static zd_status shelf_next(void *context, zd_span key, zd_book_take *take, void *take_context, zd_error *err)
{
    (void)err;
    shelf *self = context;
    char best[40] = "";
    int found = -1;
    self->asked++;
    for (int n = 0; n < KEYS; n++) {
        char candidate[40];
        shelf_key(candidate, n);
        bool follows = self->stored[n] != 0 && strcmp(candidate, (const char *)key.data) >= 0;
        if (follows && (found < 0 || strcmp(candidate, best) < 0)) {
            memcpy(best, candidate, sizeof best);
            found = n;
        }
    }
    if (found < 0) {
        return ZD_OK;
    }
    zd_buf bytes = {0};
    zd_rec_counter counter = {.value = self->stored[found]};
    zd_record_encode(&bytes, ZD_R_COUNTER, &counter);
    zd_status status = take(take_context, zd_span_text(best), zd_buf_span(&bytes));
    zd_buf_free(&bytes);
    return status;
}

/* What was given, and is not on the shelf yet. */
typedef struct gift {
    int numbers[KEYS];
    int64_t values[KEYS];
    size_t count;
    bool open;
} gift;

static zd_status gift_put(void *context, zd_span key, zd_span value)
{
    gift *self = context;
    zd_rec_counter counter = {0};
    if (value.data != NULL) {
        assert_ok(zd_record_decode(&counter, ZD_R_COUNTER, value, err));
    }
    self->numbers[self->count] = (int)strtol((const char *)key.data + key.size - 3, NULL, 10);
    self->values[self->count++] = counter.value;
    return ZD_OK;
}

/* Gives what is dirty; or puts the last gift on the shelf, as somebody does who took his time. */
static void give_or_settle(zd_book *book, shelf *self, gift *given)
{
    if (!given->open) {
        given->count = 0;
        assert_int_equal(zd_book_dirty(book, gift_put, given), ZD_OK);
        zd_book_give(book);
        assert_int_equal(zd_book_dirty_count(book), 0);
    } else {
        for (size_t i = 0; i < given->count; i++) {
            self->stored[given->numbers[i]] = given->values[i];
        }
        zd_book_settle(book);
    }
    given->open = !given->open;
}

static zd_status shelf_put(void *context, zd_span key, zd_span value)
{
    shelf *self = context;
    int n = (int)strtol((const char *)key.data + key.size - 3, NULL, 10);
    zd_rec_counter counter = {0};
    if (value.data != NULL) {
        assert_ok(zd_record_decode(&counter, ZD_R_COUNTER, value, err));
    }
    self->stored[n] = counter.value;
    return ZD_OK;
}

/* What the book says of any key is what was done to it, whatever was asked, written or dropped between; and it does not ask for every key. */
static void book__random_changes_over_a_source_with_gaps__never_loses_or_invents_a_record(void **state)
{
    (void)state;
    shelf self = {.asked = 0};
    gift given = {.open = false};
    int64_t model[KEYS] = {0};
    zd_book_source source = {.load = shelf_next, .next = shelf_next, .range = range, .context = &self};
    zd_book *book = zd_book_new(&source);
    uint64_t random = 7;
    int looked = 0;
    for (int step = 0; step < 20000; step++) {
        random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int n = (int)((random >> 33) % KEYS);
        char key[40];
        shelf_key(key, n);
        const char *below = key + strlen("COUNTER/");
        const zd_rec_counter *counter = zd_book_find(book, ZD_R_COUNTER, "%s", below);
        looked++;
        assert_int_equal(counter != NULL ? counter->value : 0, model[n]);
        unsigned act = (unsigned)(random >> 20) % 100;
        if (act < 4) {
            zd_book_begin(book);
            zd_rec_counter *changed = zd_book_ensure(book, ZD_R_COUNTER, "%s", below);
            changed->value = step + 1;
            zd_book_commit(book);
            model[n] = step + 1;
        } else if (act < 7) {
            zd_book_begin(book);
            zd_book_remove(book, ZD_R_COUNTER, "%s", below);
            zd_book_commit(book);
            model[n] = 0;
        } else if (act < 8 && step < 10000) {
            assert_int_equal(zd_book_dirty(book, shelf_put, &self), ZD_OK);
            zd_book_clean(book);
        } else if (act < 8) {
            give_or_settle(book, &self, &given);
        } else if (act < 10) {
            zd_book_trim(book, 0);
        }
    }
    assert_true(self.asked < looked);
    zd_book_free(book);
}

/* A session over a working set of 200 that asks for the same 20 records again and again and for 2,000 others once. */
static void book__trimmed_again_and_again__keeps_what_is_asked_for(void **state)
{
    (void)state;
    counted counts = {0};
    zd_book *book = counted_book(&counts);
    for (int i = 0; i < 2000; i++) {
        assert_null(zd_book_find(book, ZD_R_COUNTER, "hot/%d", i % 20));
        assert_null(zd_book_find(book, ZD_R_COUNTER, "once/%d", i));
        zd_book_trim(book, 200);
        assert_true(zd_book_count(book) <= 200);
    }
    assert_int_equal(counts.loads, 2000 + 20);
    zd_book_free(book);
}

static void book__ascending_new_keys__cost_one_question(void **state)
{
    (void)state;
    shelf self = {.stored = {[299] = 1}};
    zd_book_source source = {.load = shelf_next, .next = shelf_next, .range = range, .context = &self};
    zd_book *book = zd_book_new(&source);
    for (int n = 0; n < 297; n += 3) {
        assert_null(zd_book_find(book, ZD_R_COUNTER, "a/%03d", n));
    }
    assert_int_equal(self.asked, 1);
    zd_book_free(book);
}

/* --- windows over a long range --- */

enum { HELD = 20 };

static zd_status give_number(int n, zd_book_take *take, void *take_context)
{
    zd_buf bytes = {0};
    char key[40];
    zd_rec_counter counter = {.value = n};
    zd_record_encode(&bytes, ZD_R_COUNTER, &counter);
    zd_format(key, sizeof key, "COUNTER/long/%03d", n);
    zd_status status = take(take_context, zd_span_text(key), zd_buf_span(&bytes));
    zd_buf_free(&bytes);
    return status;
}

/* Holds COUNTER/long/000, 002, ... 038. */
static zd_status slice(void *context, zd_span prefix, zd_span from, size_t limit, zd_book_take *take, void *take_context, zd_error *err)
{
    (void)err;
    zd_status status = ZD_OK;
    ((counted *)context)->ranges++;
    assert_true(zd_span_is(prefix, "COUNTER/long/"));
    for (int n = 0; n < 2 * HELD && limit > 0 && status == ZD_OK; n += 2) {
        char key[40];
        zd_format(key, sizeof key, "COUNTER/long/%03d", n);
        if (strncmp(key, (const char *)from.data, sizeof key) >= 0) {
            status = give_number(n, take, take_context);
            limit--;
        }
    }
    return status;
}

static zd_status load_number(void *context, zd_span key, zd_book_take *take, void *take_context, zd_error *err)
{
    (void)err;
    ((counted *)context)->loads++;
    for (int n = 0; n < 2 * HELD; n += 2) {
        char text[40];
        zd_format(text, sizeof text, "COUNTER/long/%03d", n);
        if (zd_span_is(key, text)) {
            return give_number(n, take, take_context);
        }
    }
    return ZD_OK;
}

/* What memory added, changed or removed counts, whatever the source says; and no more is asked for than the walk needs. */
static void window__sees_what_a_scan_would_see_and_loads_no_more(void **state)
{
    (void)state;
    counted counts = {0};
    zd_book_source source = {.load = load_number, .range = range, .slice = slice, .context = &counts};
    zd_book *book = zd_book_new(&source);
    zd_book_begin(book);
    ((zd_rec_counter *)zd_book_add(book, ZD_R_COUNTER, "long/%03d", 5))->value = 5; /* between two of the source's */
    ((zd_rec_counter *)zd_book_edit(book, ZD_R_COUNTER, "long/%03d", 8))->value = 88;
    zd_book_remove(book, ZD_R_COUNTER, "long/%03d", 6);
    ((zd_rec_counter *)zd_book_add(book, ZD_R_COUNTER, "long/%03d", 99))->value = 99; /* behind all of them */
    zd_book_commit(book);
    static const int64_t first[] = {0, 2, 4, 5, 88, 10};
    zd_book_window window = zd_book_window_open(book, ZD_R_COUNTER, 4, "long/", "");
    for (size_t i = 0; i < ZD_COUNT(first); i++) {
        assert_true(zd_book_window_next(&window));
        assert_int_equal(((const zd_rec_counter *)window.cursor.record)->value, first[i]);
    }
    assert_int_equal(counts.ranges, 2); /* 000 to 006, 006 to 012 */
    window = zd_book_window_open(book, ZD_R_COUNTER, 4, "long/", "035");
    int64_t last = 0;
    int seen = 0;
    while (zd_book_window_next(&window)) {
        seen++;
        last = ((const zd_rec_counter *)window.cursor.record)->value;
    }
    assert_int_equal(seen, 3); /* 036, 038, 099 */
    assert_int_equal(last, 99);
    zd_book_free(book);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(book__prefixes_below_a_ranged_one__are_not_asked_again),
        cmocka_unit_test(book__absent_record__is_asked_for_once_added_and_undone),
        cmocka_unit_test(book__many_keys_then_trimmed__finds_the_dirty_and_asks_for_the_rest),
        cmocka_unit_test(book__places_that_are_only_set__ask_nothing_and_change_nothing),
        cmocka_unit_test(book__more_keys_than_the_bound__leave_room_for_others),
        cmocka_unit_test(book__a_place__is_looked_up_once_and_follows_its_record),
        cmocka_unit_test(book__random_changes_over_a_source_with_gaps__never_loses_or_invents_a_record),
        cmocka_unit_test(book__ascending_new_keys__cost_one_question),
        cmocka_unit_test(book__trimmed_again_and_again__keeps_what_is_asked_for),
        cmocka_unit_test(window__sees_what_a_scan_would_see_and_loads_no_more),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
