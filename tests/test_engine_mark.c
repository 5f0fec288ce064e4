/*
 * Records that are written now and then: a session keeps them in memory, its leaves are durable all the same, and whoever opens the ledger next, after a crash or
 * while the session goes on, has the same state. Crashes are copies of the directory as the disk has it.
 */
#include "tests/support/scene.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

typedef struct session {
    const char *box;
    char *dir;
    zd_scene *scene;
} session;

static char *path_in(const char *box, const char *name)
{
    zd_buf path = {0};
    char *copy = zd_strdup(zd_path_join(&path, box, name));
    zd_buf_free(&path);
    return copy;
}

/* A ledger that has submitted before, so that nothing but its end makes it write records. */
static session begin(void)
{
    session s = {.box = zd_test_dir("mark")};
    s.dir = path_in(s.box, "ledger");
    s.scene = zd_scene_ready_on(s.dir);
    return s;
}

static void end(session *s)
{
    zd_scene_free(s->scene);
    free(s->dir);
    zd_test_dir_remove(s->box);
}

static zd_store_head head_of(zd_ledger *ledger)
{
    zd_store_head head;
    assert_ok(zd_store_head_get(zd_ledger_store(ledger), &head, err));
    return head;
}

static zd_status open_again(zd_ledger **out, session *s, const char *dir, bool write, zd_error *err)
{
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&s->scene->now_unix_ms);
    return zd_ledger_open(out, dir, write, &options, err);
}

static int64_t payable_of(zd_ledger *ledger)
{
    return zd_book_balance(zd_acts_book(zd_ledger_acts(ledger)), "%s", "3000/" P1 "/330602-2026-E");
}

static void session__killed_before_its_records_are_written__is_decided_again(void **state)
{
    (void)state;
    session s = begin();
    zd_scene_order(s.scene, "O-1", 190000);
    zd_scene_capture(s.scene, "C-1", "O-1", 190000, true);
    zd_store_head now = head_of(s.scene->ledger);
    assert_true(now.mark < now.size);
    char *copy = path_in(s.box, "crashed");
    assert_int_equal(zd_test_shell(NULL, "cp -r %s %s", s.dir, copy), 0);
    zd_ledger *ledger = NULL;
    assert_ok(open_again(&ledger, &s, copy, true, err));
    assert_int_equal(zd_ledger_size(ledger), now.size);
    assert_int_equal(payable_of(ledger), 190000);
    zd_buf report = {0};
    assert_ok(zd_ledger_doctor(ledger, &report, err)); /* the stored records are those of the mark */
    assert_ok(zd_ledger_close(ledger, err));
    ledger = NULL;
    assert_ok(open_again(&ledger, &s, copy, true, err));
    assert_int_equal(head_of(ledger).mark, now.size); /* closing wrote them */
    assert_int_equal(payable_of(ledger), 190000);
    zd_buf_clear(&report);
    assert_ok(zd_ledger_doctor(ledger, &report, err));
    (void)zd_ledger_close(ledger, NULL);
    zd_buf_free(&report);
    free(copy);
    end(&s);
}

static void reader__while_a_session_goes_on__sees_one_moment(void **state)
{
    (void)state;
    session s = begin();
    zd_scene_order(s.scene, "O-1", 190000);
    zd_scene_capture(s.scene, "C-1", "O-1", 190000, true);
    zd_ledger *reader = NULL;
    zd_ledger *later = NULL;
    assert_ok(open_again(&reader, &s, s.dir, false, err));
    uint64_t size = zd_ledger_size(reader);
    zd_scene_order(s.scene, "O-2", 1000);
    zd_scene_capture(s.scene, "C-2", "O-2", 1000, true);
    assert_ok(zd_ledger_close(s.scene->ledger, err)); /* writes all records, O-2 and C-2 among them */
    zd_scene_attach(s.scene, NULL);
    assert_int_equal(zd_ledger_size(reader), size);
    assert_int_equal(payable_of(reader), 190000);
    assert_null(zd_book_find(zd_acts_book(zd_ledger_acts(reader)), ZD_R_ORDER, "%s", "O-2"));
    assert_ok(open_again(&later, &s, s.dir, false, err));
    assert_int_equal(payable_of(later), 191000);
    (void)zd_ledger_close(reader, NULL);
    (void)zd_ledger_close(later, NULL);
    zd_group_free(&s.scene->last);
    free(s.scene);
    free(s.dir);
    zd_test_dir_remove(s.box);
}

/* Records of an older form are of no use; the leaves are, and who opens the ledger for writing decides them again. A reader is told so. */
static void open__records_of_an_older_schema__are_made_anew_by_the_next_writer(void **state)
{
    (void)state;
    session s = begin();
    zd_scene_order(s.scene, "O-1", 190000);
    zd_scene_capture(s.scene, "C-1", "O-1", 190000, true);
    uint64_t size = zd_ledger_size(s.scene->ledger);
    assert_ok(zd_ledger_close(s.scene->ledger, err));
    zd_scene_attach(s.scene, NULL);
    assert_int_equal(zd_test_shell(NULL, "sqlite3 %s/ledger.db \"PRAGMA user_version = 1; UPDATE records SET value = x'07'; INSERT INTO records VALUES (cast('INVNO/1' AS BLOB), x'07')\"", s.dir), 0);
    zd_ledger *ledger = NULL;
    zd_error answer = {0};
    assert_int_not_equal(open_again(&ledger, &s, s.dir, false, &answer), ZD_OK);
    assert_int_equal(answer.code, ZD_E_LEDGER_OLDER);
    assert_ok(open_again(&ledger, &s, s.dir, true, err));
    assert_int_equal(zd_ledger_size(ledger), size);
    assert_int_equal(payable_of(ledger), 190000);
    assert_ok(zd_ledger_close(ledger, err));
    ledger = NULL;
    assert_ok(open_again(&ledger, &s, s.dir, false, err));
    assert_int_equal(head_of(ledger).mark, size);
    zd_buf report = {0};
    assert_ok(zd_ledger_doctor(ledger, &report, err));
    zd_buf_free(&report);
    assert_ok(zd_ledger_close(ledger, err));
    zd_group_free(&s.scene->last);
    free(s.scene);
    free(s.dir);
    zd_test_dir_remove(s.box);
}

static zd_store *fail_third(void *context, zd_store *store)
{
    return zd_store_fault(store, *(zd_fault_kind *)context, 3);
}

/* The third append fails, when two entries are durable of which one has unwritten records: the session goes on from the leaves. */
static void session__append_fails__brings_unwritten_records_back(void **state)
{
    (void)state;
    static const zd_fault_kind kinds[] = {ZD_FAULT_BEFORE, ZD_FAULT_AFTER};
    for (size_t i = 0; i < ZD_COUNT(kinds); i++) {
        session s = begin();
        zd_fault_kind kind = kinds[i];
        assert_ok(zd_ledger_close(s.scene->ledger, err));
        zd_ledger_options options = zd_ledger_defaults();
        options.clock = zd_clock_fixed(&s.scene->now_unix_ms);
        options.wrap_store = fail_third;
        options.wrap_context = &kind;
        zd_ledger *ledger = NULL;
        assert_ok(zd_ledger_open(&ledger, s.dir, true, &options, err));
        zd_scene_attach(s.scene, ledger);
        scene_accepted(s.scene, "issuer-1", "voucher.suspend", "\"voucher\":\"V-1\",\"reason\":\"dispute\"");
        scene_accepted(s.scene, "issuer-1", "voucher.resume", "\"voucher\":\"V-1\",\"reason\":\"dispute\"");
        assert_int_equal(head_of(ledger).mark + 1, head_of(ledger).size);
        const char *text = "{\"type\":\"voucher.suspend\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"third\",\"expires\":\"2026-03-09T00:00:00Z\","
                           "\"voucher\":\"V-81\",\"reason\":\"dispute\"}\n";
        zd_error failed = {0};
        zd_status status = zd_scene_text(s.scene, "issuer-1", text, &failed);
        assert_true(status == ZD_FAULT || kind == ZD_FAULT_AFTER);
        zd_scene_attach(s.scene, ledger);
        const zd_rec_voucher *voucher = zd_book_find(s.scene->book, ZD_R_VOUCHER, "%s", "V-1");
        assert_int_equal(voucher->state, ZD_V_ACTIVE); /* what the second entry did, though no record was written */
        assert_ok(zd_scene_text(s.scene, "issuer-1", text, err));
        zd_scene_attach(s.scene, ledger);
        assert_ok(zd_ledger_close(ledger, err));
        assert_ok(open_again(&ledger, &s, s.dir, true, err));
        zd_buf report = {0};
        assert_ok(zd_ledger_doctor(ledger, &report, err));
        zd_scene_attach(s.scene, ledger);
        zd_buf_free(&report);
        end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session__killed_before_its_records_are_written__is_decided_again),
        cmocka_unit_test(reader__while_a_session_goes_on__sees_one_moment),
        cmocka_unit_test(open__records_of_an_older_schema__are_made_anew_by_the_next_writer),
        cmocka_unit_test(session__append_fails__brings_unwritten_records_back),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
