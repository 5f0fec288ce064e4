/*
 * The fault wrapper, swept: a fixed story of twelve writing calls is run with the fault at every call, in both flavours, and
 * each time by a caller that does what the store's contract tells it to do. The end must be the same as without a fault.
 */
#include "tests/support/support.h"

#include <string.h>

#include "tests/support/store_rows.h"

#define CALLS 12

typedef struct telling {
    zd_store *store;
    unsigned failed;  /* answers "nothing was changed" */
    unsigned unknown; /* answers "outcome unknown" */
} telling;

static void tell_append(telling *self, uint64_t size, size_t count)
{
    zd_error answer = {0};
    zd_append result = zd_rows_append(self->store, count, &answer);
    if (result == ZD_APPEND_OK) {
        return;
    }
    zd_store_head head;
    assert_ok(zd_store_head_get(self->store, &head, err));
    if (result == ZD_APPEND_UNKNOWN) {
        self->unknown++;
        assert_int_equal(answer.code, ZD_E_STORE_UNKNOWN);
        assert_int_equal(head.size, size + count); /* done, only the answer was lost */
        return;
    }
    assert_int_equal(result, ZD_APPEND_FAILED);
    assert_int_equal(answer.code, ZD_E_STORE_FAILED);
    self->failed++;
    zd_rows_assert(self->store, size);
    zd_error_clear(&answer);
    assert_int_equal(zd_rows_append(self->store, count, &answer), ZD_APPEND_OK);
}

typedef zd_status one_write(zd_store *store, unsigned step, zd_error *answer);

/* The other writes may simply be repeated, whether they were done or not. */
static void tell(telling *self, one_write *write, unsigned step)
{
    zd_error answer = {0};
    zd_status status = write(self->store, step, &answer);
    if (status != ZD_OK) {
        self->failed += answer.code == ZD_E_STORE_FAILED;
        self->unknown += answer.code == ZD_E_STORE_UNKNOWN;
        zd_error_clear(&answer);
        assert_int_equal(write(self->store, step, &answer), ZD_OK);
    }
}

static zd_status write_flush(zd_store *store, unsigned step, zd_error *err)
{
    uint8_t value = (uint8_t)step;
    zd_store_record record = {zd_span_text("F"), zd_span_of(&value, 1)};
    return zd_store_flush(store, &record, 1, 5, err);
}

static zd_status write_publication(zd_store *store, unsigned step, zd_error *err)
{
    zd_publication publication = {.size = step, .time_unix_s = 1000 + step, .note = zd_span_text("note")};
    return zd_store_publication_put(store, &publication, err);
}

static zd_status write_blob(zd_store *store, unsigned step, zd_error *err)
{
    uint8_t value = (uint8_t)step;
    return zd_store_blob_put(store, zd_span_text("B"), zd_span_of(&value, 1), err);
}

static zd_status count_publication(void *context, const zd_publication *publication)
{
    unsigned *count = context;
    assert_int_equal(publication->time_unix_s, 1000 + (int64_t)publication->size);
    (*count)++;
    return ZD_OK;
}

static zd_status see_value(void *context, zd_span key, zd_span value)
{
    uint8_t *seen = context;
    (void)key;
    *seen = value.data[0];
    return ZD_OK;
}

static void tell_all(telling *self)
{
    uint64_t size = 0;
    for (unsigned round = 1; round <= 3; round++) {
        tell_append(self, size, 5);
        size += 5;
        tell(self, write_publication, round * 5);
        tell(self, write_blob, round);
        if (round == 1) {
            tell(self, write_flush, round);
        }
    }
    tell(self, write_blob, 77);
    tell(self, write_flush, 99);
}

static void assert_told(zd_store *store)
{
    zd_store_head head;
    zd_buf blob = {0};
    bool found = false;
    unsigned publications = 0;
    uint8_t value = 0;
    zd_span key = zd_span_text("F");
    assert_ok(zd_store_head_get(store, &head, err));
    assert_int_equal(head.size, 15);
    assert_int_equal(head.mark, 5);
    assert_ok(zd_store_publications(store, 0, count_publication, &publications, err));
    assert_int_equal(publications, 3);
    assert_ok(zd_store_blob_get(store, zd_span_text("B"), &blob, &found, err));
    assert_true(found && blob.size == 1 && blob.data[0] == 77);
    assert_ok(zd_store_load(store, &key, 1, see_value, &value, err));
    assert_int_equal(value, 99);
    assert_ok(zd_store_check(store, err));
    zd_buf_free(&blob);
}

static void sweep(zd_fault_kind kind)
{
    const char *dir = zd_test_dir("fault");
    for (unsigned k = 0; k <= CALLS + 1; k++) {
        char path[600];
        zd_store *inner = NULL;
        zd_format(path, sizeof path, "%s/%u.db", dir, k);
        assert_ok(zd_store_open_sqlite(&inner, path, ZD_STORE_CREATE, err));
        telling story = {.store = zd_store_fault(inner, kind, k)};
        bool hit = k >= 1 && k <= CALLS;
        tell_all(&story);
        assert_int_equal(story.failed, hit && kind == ZD_FAULT_BEFORE);
        assert_int_equal(story.unknown, hit && kind == ZD_FAULT_AFTER);
        assert_told(story.store);
        /* A write that the caller had to repeat was one call more; an append reported unknown was not repeated. */
        unsigned calls = zd_store_fault_calls(story.store);
        assert_true(calls == CALLS || (hit && calls == CALLS + 1));
        zd_store_close(story.store);
    }
    zd_test_dir_remove(dir);
}

static void fault_before__every_call_repeats_to_the_same_end(void **state)
{
    (void)state;
    sweep(ZD_FAULT_BEFORE);
}

static void fault_after__every_call_resolves_to_the_same_end(void **state)
{
    (void)state;
    sweep(ZD_FAULT_AFTER);
}

static void fault_after__what_the_inner_store_refuses_stays_refused(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("fault");
    char path[600];
    zd_store *inner = NULL;
    zd_format(path, sizeof path, "%s/ledger.db", dir);
    assert_ok(zd_store_open_sqlite(&inner, path, ZD_STORE_CREATE, err));
    zd_store *store = zd_store_fault(inner, ZD_FAULT_AFTER, 1);
    assert_code(write_publication(store, 3, err), ZD_E_STORE_CONFLICT); /* three leaves are not there */
    zd_store_close(store);
    zd_test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_before__every_call_repeats_to_the_same_end),
        cmocka_unit_test(fault_after__every_call_resolves_to_the_same_end),
        cmocka_unit_test(fault_after__what_the_inner_store_refuses_stays_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
