/*
 * The verifier's shelf: a book that lays its records aside and gets them back says the same as one that keeps everything in memory; and names in memory that moved into a
 * file are the names that were put in.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/names.h"
#include "audit/verify/shelf.h"

#define KEYS 900
#define STEPS 40000

typedef struct pair {
    zd_shelf *shelf;
    zd_book *aside; /* over the shelf */
    zd_book *whole;
    uint64_t random;
} pair;

static uint64_t draw(pair *p, uint64_t below)
{
    p->random = p->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (p->random >> 33) % below;
}

static void change(zd_book *book, uint64_t group, uint64_t key, int64_t value)
{
    zd_book_begin(book);
    if (value == 0) {
        zd_book_remove(book, ZD_R_COUNTER, "%llu/%llu", (unsigned long long)group, (unsigned long long)key);
    } else {
        zd_rec_counter *counter = zd_book_ensure(book, ZD_R_COUNTER, "%llu/%llu", (unsigned long long)group, (unsigned long long)key);
        counter->value += value;
    }
    if (value == 13) {
        zd_book_rollback(book);
    } else {
        zd_book_commit(book);
    }
}

static void assert_same_record(pair *p, uint64_t group, uint64_t key)
{
    const zd_rec_counter *one = zd_book_find(p->aside, ZD_R_COUNTER, "%llu/%llu", (unsigned long long)group, (unsigned long long)key);
    const zd_rec_counter *two = zd_book_find(p->whole, ZD_R_COUNTER, "%llu/%llu", (unsigned long long)group, (unsigned long long)key);
    assert_int_equal(one != NULL, two != NULL);
    assert_true(one == NULL || one->value == two->value);
}

static void assert_same_walk(pair *p, uint64_t group)
{
    zd_book_cursor one = zd_book_scan(p->aside, ZD_R_COUNTER, "%llu/", (unsigned long long)group);
    zd_book_cursor two = zd_book_scan(p->whole, ZD_R_COUNTER, "%llu/", (unsigned long long)group);
    bool more = true;
    while (more) {
        more = zd_book_next(&two);
        assert_int_equal(zd_book_next(&one), more);
        if (more) {
            assert_string_equal(one.key, two.key);
            assert_true(((const zd_rec_counter *)one.record)->value == ((const zd_rec_counter *)two.record)->value);
        }
    }
}

static zd_status compare_next(void *context, zd_span key, zd_span value)
{
    zd_book_cursor *whole = context;
    zd_rec_counter counter;
    assert_true(zd_book_next(whole));
    assert_true(zd_span_is(key, whole->key));
    assert_ok(zd_record_decode(&counter, ZD_R_COUNTER, value, err));
    assert_true(counter.value == ((const zd_rec_counter *)whole->record)->value);
    return ZD_OK;
}

static void book__laid_aside_again_and_again__says_the_same(void **state)
{
    (void)state;
    pair p = {.shelf = zd_shelf_new(), .whole = zd_book_new(NULL), .random = 7};
    zd_book_source source = zd_shelf_source(p.shelf);
    p.aside = zd_book_new(&source);
    for (size_t step = 0; step < STEPS; step++) {
        uint64_t group = draw(&p, 9);
        uint64_t key = draw(&p, KEYS);
        int64_t value = (int64_t)draw(&p, 20); /* 0: removed, 13: undone */
        change(p.aside, group, key, value);
        change(p.whole, group, key, value);
        assert_same_record(&p, draw(&p, 9), draw(&p, KEYS));
        if (step % 97 == 0) { /* some four hundred runs: merged over three levels */
            assert_int_equal(zd_shelf_store(p.shelf, p.aside), ZD_OK);
            zd_book_trim(p.aside, 0);
            assert_int_equal(zd_book_count(p.aside), 0);
            assert_same_walk(&p, draw(&p, 9));
        }
    }
    assert_int_equal(zd_shelf_store(p.shelf, p.aside), ZD_OK);
    zd_book_cursor whole = zd_book_scan(p.whole, ZD_R_COUNTER, "%s", "");
    assert_int_equal(zd_shelf_each(p.shelf, zd_span_text("COUNTER/"), compare_next, &whole), ZD_OK);
    assert_false(zd_book_next(&whole));
    assert_ok(zd_book_trouble(p.aside, err));
    zd_book_free(p.aside);
    zd_book_free(p.whole);
    zd_shelf_free(p.shelf);
}

static void names__beyond_what_stays_in_memory__are_kept(void **state)
{
    (void)state;
    zd_names names = {.count = 0};
    char name[32];
    const size_t count = 500000; /* text, rows and slots are all beyond four megabytes */
    for (size_t i = 0; i < count; i++) {
        zd_format(name, sizeof name, "name-%zu-of-some-length", i);
        assert_int_equal(zd_names_add(&names, zd_span_text(name)), i);
        if (i % 50000 == 0) {
            zd_names_relax(&names);
        }
    }
    assert_true(names.text.file != 0 && names.rows.file != 0 && names.slots.file != 0);
    zd_names_relax(&names);
    for (size_t i = 0; i < count; i++) {
        zd_format(name, sizeof name, "name-%zu-of-some-length", i);
        assert_int_equal(zd_names_find(&names, zd_span_text(name)), i);
        assert_true(zd_span_is(zd_names_text(&names, i), name));
    }
    assert_int_equal(zd_names_find(&names, zd_span_text("name-500000-of-some-length")), ZD_NAME_NONE);
    zd_names_free(&names);
}

/* Of each shape a name follows from its number; the table tells all of them apart, though neighbours stand together. */
static void shape_name(char out[64], size_t shape, size_t i)
{
    static const char *const before[] = {"O26-", "2200/O26-", "i-", "E-000530/91330602X09000082F/", "033002600411:", ""};
    static const char *const behind[] = {"", "/330600-2026-E", "-x", "/2026", "", "x"};
    zd_format(out, 64, "%s%0*zu%s", before[shape], shape < 2 ? 6 : 1, i, behind[shape]);
}

static void names__counted_upwards_in_many_shapes__are_told_apart(void **state)
{
    (void)state;
    zd_names names = {.count = 0};
    char name[64];
    const size_t each = 60000;
    const size_t shapes = 6;
    for (size_t i = 0; i < each * shapes; i++) {
        shape_name(name, i % shapes, i / shapes);
        assert_int_equal(zd_names_find(&names, zd_span_text(name)), ZD_NAME_NONE);
        assert_int_equal(zd_names_add(&names, zd_span_text(name)), i);
    }
    zd_names_relax(&names);
    for (size_t i = 0; i < each * shapes; i++) {
        shape_name(name, i % shapes, i / shapes);
        assert_int_equal(zd_names_find(&names, zd_span_text(name)), i);
        assert_int_equal(zd_names_add(&names, zd_span_text(name)), i);
        shape_name(name, i % shapes, each + i / shapes);
        assert_int_equal(zd_names_find(&names, zd_span_text(name)), ZD_NAME_NONE);
    }
    zd_names_free(&names);
}

/* What an id's hash is kept beside decides where it stands, never whether it is the same. */
static void hashes__kept_beside_their_ids__are_told_apart(void **state)
{
    (void)state;
    zd_names names = {.count = 0};
    char near[64];
    const size_t count = 40000;
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < count; i++) {
            zd_format(near, sizeof near, "i-%06zu\n91330602X09000082F", i / 4); /* four of one neighbourhood and one text */
            uint64_t words[2] = {i * UINT64_C(0x9e3779b97f4a7c15), i};
            assert_int_equal(zd_names_add_near(&names, zd_span_of(words, sizeof words), zd_span_text(near)), i);
        }
        assert_int_equal(names.count, count);
    }
    zd_names_free(&names);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(book__laid_aside_again_and_again__says_the_same),
        cmocka_unit_test(names__beyond_what_stays_in_memory__are_kept),
        cmocka_unit_test(names__counted_upwards_in_many_shapes__are_told_apart),
        cmocka_unit_test(hashes__kept_beside_their_ids__are_told_apart),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
