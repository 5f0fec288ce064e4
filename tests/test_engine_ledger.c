/*
 * The engine on a real directory: create, submit, publish, reopen, rebuild; refusals at the door (second writer, newer version, restored database). The judge of
 * the repository is stock git.
 */
#include "tests/support/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

static char *ledger_dir(const char *box)
{
    zd_buf path = {0};
    char *copy = zd_strdup(zd_path_join(&path, box, "ledger"));
    zd_buf_free(&path);
    return copy;
}

static void ledger__published_and_rebuilt__gives_the_same_commits_and_git_says_good(void **state)
{
    (void)state;
    const char *box = zd_test_dir("engine");
    char *dir = ledger_dir(box);
    zd_scene *scene = zd_scene_ready_on(dir);
    zd_scene_publish(scene);
    zd_scene_order(scene, "O-1", 190000);
    zd_scene_capture(scene, "C-1", "O-1", 190000, true);
    zd_scene_publish(scene);
    zd_scene_clear_gates(scene, "C-1");
    zd_scene_publish(scene);
    zd_scene_publish(scene); /* nothing new: no commit */
    zd_buf path = {0};
    assert_ok(zd_ledger_rebuild_trail(scene->ledger, zd_path_join(&path, box, "again.git"), err));
    zd_buf one = {0};
    zd_buf two = {0};
    assert_int_equal(zd_test_shell(&one, "git -C %s/audit.git rev-list main", dir), 0);
    assert_int_equal(zd_test_shell(&two, "git -C %s/again.git rev-list main", box), 0);
    assert_string_equal(zd_buf_text(&one), zd_buf_text(&two));
    assert_int_equal(one.size, 3 * 41);
    assert_int_equal(zd_test_shell(NULL, "git clone -q %s/audit.git %s/clone && cd %s/clone && git fsck --strict >/dev/null 2>&1", dir, box, box), 0);
    assert_int_equal(zd_test_shell(&path,
                                   "cd %s/clone && for c in $(git rev-list main); do git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=keys/allowed_signers "
                                   "verify-commit $c || exit 1; done",
                                   box),
                     0);
    zd_scene_free(scene);
    zd_buf_free(&path);
    zd_buf_free(&one);
    zd_buf_free(&two);
    free(dir);
    zd_test_dir_remove(box);
}

static void ledger__reopened__holds_the_same_balances_and_doctor_agrees(void **state)
{
    (void)state;
    const char *box = zd_test_dir("engine");
    char *dir = ledger_dir(box);
    zd_scene *scene = zd_scene_ready_on(dir);
    zd_scene_order(scene, "O-1", 190000);
    zd_scene_capture(scene, "C-1", "O-1", 190000, true);
    uint64_t size = zd_ledger_size(scene->ledger);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/330602-2026-E"), 190000);
    (void)zd_ledger_close(scene->ledger, NULL);
    zd_ledger *ledger = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&scene->now_unix_ms);
    assert_ok(zd_ledger_open(&ledger, dir, true, &options, err));
    zd_scene_attach(scene, ledger);
    assert_int_equal(zd_ledger_size(ledger), size);
    assert_int_equal(zd_scene_balance(scene, "3000/" P1 "/330602-2026-E"), 190000);
    zd_scene_check(scene);
    zd_buf report = {0};
    assert_ok(zd_ledger_doctor(ledger, &report, err));
    zd_buf_free(&report);
    zd_scene_free(scene);
    free(dir);
    zd_test_dir_remove(box);
}

static void ledger__second_writer__is_told_to_wait(void **state)
{
    (void)state;
    const char *box = zd_test_dir("engine");
    char *dir = ledger_dir(box);
    zd_scene *scene = zd_scene_ready_on(dir);
    zd_ledger *other = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    assert_code(zd_ledger_open(&other, dir, true, &options, err), ZD_E_LEDGER_LOCKED);
    assert_ok(zd_ledger_open(&other, dir, false, &options, err)); /* readers are welcome */
    (void)zd_ledger_close(other, NULL);
    zd_scene_free(scene);
    free(dir);
    zd_test_dir_remove(box);
}

static void ledger__restored_from_yesterday__refuses_to_fork_history(void **state)
{
    (void)state;
    const char *box = zd_test_dir("engine");
    char *dir = ledger_dir(box);
    zd_scene *scene = zd_scene_ready_on(dir);
    zd_scene_publish(scene);
    zd_buf backup = {0};
    assert_ok(zd_ledger_backup(scene->ledger, zd_path_join(&backup, box, "yesterday.db"), err));
    zd_scene_order(scene, "O-1", 190000);
    zd_scene_publish(scene);
    (void)zd_ledger_close(scene->ledger, NULL);
    zd_scene_attach(scene, NULL);
    assert_int_equal(zd_test_shell(NULL, "rm -f %s/ledger.db*; cp %s/yesterday.db %s/ledger.db", dir, box, dir), 0);
    zd_ledger *ledger = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&scene->now_unix_ms);
    assert_code(zd_ledger_open(&ledger, dir, true, &options, err), ZD_E_LEDGER_FORK);
    /* The static files alone, and the repository alone, are each enough to notice. */
    assert_int_equal(zd_test_shell(NULL, "mv %s/public %s/public.away", dir, box), 0);
    assert_code(zd_ledger_open(&ledger, dir, true, &options, err), ZD_E_LEDGER_FORK);
    assert_int_equal(zd_test_shell(NULL, "mv %s/public.away %s/public; mv %s/audit.git %s/audit.away", box, dir, dir, box), 0);
    assert_code(zd_ledger_open(&ledger, dir, true, &options, err), ZD_E_LEDGER_FORK);
    zd_group_free(&scene->last);
    free(scene);
    zd_buf_free(&backup);
    free(dir);
    zd_test_dir_remove(box);
}

static void submit__clock_behind_the_last_entry__is_a_fault_and_writes_nothing(void **state)
{
    (void)state;
    const char *box = zd_test_dir("engine");
    char *dir = ledger_dir(box);
    zd_scene *scene = zd_scene_ready_on(dir);
    uint64_t size = zd_ledger_size(scene->ledger);
    scene->now_unix_ms -= 5001;
    assert_code(zd_scene_submit(scene, "issuer-1", "voucher.suspend", err, "\"voucher\":\"V-1\",\"reason\":\"dispute\""), ZD_E_CLOCK_BACK);
    scene->now_unix_ms += 1; /* five seconds are forgiven */
    scene_accepted(scene, "issuer-1", "voucher.suspend", "\"voucher\":\"V-1\",\"reason\":\"dispute\"");
    scene->now_unix_ms += INT64_C(401) * 86400000;
    assert_code(zd_scene_submit(scene, "issuer-1", "voucher.resume", err, "\"voucher\":\"V-1\",\"reason\":\"cleared\""), ZD_E_CLOCK_AHEAD);
    assert_int_equal(zd_ledger_size(scene->ledger), size + 1);
    zd_scene_free(scene);
    free(dir);
    zd_test_dir_remove(box);
}

static void submit__admission_errors__leave_no_entry(void **state)
{
    (void)state;
    const char *box = zd_test_dir("engine");
    char *dir = ledger_dir(box);
    zd_scene *scene = zd_scene_ready_on(dir);
    uint64_t size = zd_ledger_size(scene->ledger);
    const char *head = "{\"type\":\"voucher.suspend\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"a-1\",\"expires\":\"2026-03-03T00:00:00Z\"";
    static const struct {
        const char *rest;
        zd_code code;
    } rows[] = {
        {",\"voucher\":\"V-1\",\"reason\":\"dispute\",\"voucher\":\"V-1\"}\n", ZD_E_JSON_DUPLICATE},
        {",\"voucher\":\"V-1\",\"reason\":\"dispute\",\"remark\":\"x\"}\n", ZD_E_JSON_UNKNOWN},
        {",\"voucher\":\"V-1\"}\n", ZD_E_JSON_MISSING},
        {",\"voucher\":\"V 1\",\"reason\":\"dispute\"}\n", ZD_E_FIELD_INVALID},
        {",\"voucher\":\"V-1\",\"reason\":\"boredom\"}\n", ZD_E_FIELD_INVALID},
        {",\"voucher\":1.5,\"reason\":\"dispute\"}\n", ZD_E_JSON_REAL},
        {",\"voucher\":9007199254740992,\"reason\":\"dispute\"}\n", ZD_E_JSON_RANGE},
        {",\"voucher\":7,\"reason\":\"dispute\"}\n", ZD_E_JSON_TYPE},
    };
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        zd_buf text = {0};
        zd_buf_addf(&text, "%s%s", head, rows[i].rest);
        assert_code(zd_scene_text(scene, "issuer-1", zd_buf_text(&text), err), rows[i].code);
        zd_buf_free(&text);
    }
    assert_code(zd_scene_submit(scene, "maker", "voucher.suspend", err, "\"voucher\":\"V-1\",\"reason\":\"dispute\""), ZD_E_KEY_ROLE);
    assert_int_equal(zd_ledger_size(scene->ledger), size);
    zd_scene_free(scene);
    free(dir);
    zd_test_dir_remove(box);
}

/* Each call of the store fails once, in both flavours; afterwards the same note has exactly one outcome and the ledger is sound. */
static zd_store *wrapped;
static zd_fault_kind wrap_kind;
static unsigned wrap_at;

static zd_store *wrap(void *context, zd_store *store)
{
    (void)context;
    wrapped = zd_store_fault(store, wrap_kind, wrap_at);
    return wrapped;
}

static void fail_once(const char *box, zd_fault_kind kind, unsigned at)
{
    zd_buf copy = {0};
    zd_buf_addf(&copy, "%s/run-%d-%u", box, (int)kind, at);
    assert_int_equal(zd_test_shell(NULL, "cp -r %s/ledger %s", box, zd_buf_text(&copy)), 0);
    zd_scene scene = {.now_unix_ms = 0, .next_id = 900};
    scene.now_unix_ms = zd_day_from(2026, 3, 2) * ZD_DAY_MS + 3 * INT64_C(3600000);
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&scene.now_unix_ms);
    options.wrap_store = wrap;
    wrap_kind = kind;
    wrap_at = at;
    zd_ledger *ledger = NULL;
    assert_ok(zd_ledger_open(&ledger, zd_buf_text(&copy), true, &options, err));
    zd_scene_attach(&scene, ledger);
    const char *text = "{\"type\":\"voucher.suspend\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"once\",\"expires\":\"2026-03-09T00:00:00Z\","
                       "\"voucher\":\"V-1\",\"reason\":\"dispute\"}\n";
    uint64_t size = zd_ledger_size(ledger);
    zd_error first = {0};
    zd_status status = zd_scene_text(&scene, "issuer-1", text, &first);
    assert_true(status == ZD_OK || status == ZD_FAULT);
    if (status != ZD_OK) {
        assert_ok(zd_scene_text(&scene, "issuer-1", text, err)); /* the retry that every client makes */
    }
    assert_int_equal(zd_scene_outcome(&scene), ZD_ACCEPTED);
    assert_int_equal(zd_ledger_size(ledger), size + 1);
    zd_signer *log_key = zd_scene_signer("log");
    zd_signer *git_key = zd_scene_signer("git");
    zd_publisher publisher = {.log_key = log_key, .git_key = git_key};
    zd_error ignored = {0};
    for (unsigned tries = 0; tries < 4 && zd_ledger_publish(ledger, &publisher, &ignored) != ZD_OK; tries++) {
        (void)zd_ledger_close(ledger, NULL);
        options.wrap_store = NULL;
        assert_ok(zd_ledger_open(&ledger, zd_buf_text(&copy), true, &options, err));
        zd_error_clear(&ignored);
    }
    assert_int_equal(ignored.code, ZD_CODE_NONE);
    zd_buf report = {0};
    assert_ok(zd_ledger_doctor(ledger, &report, err));
    zd_signer_close(log_key);
    zd_signer_close(git_key);
    zd_scene_attach(&scene, ledger);
    zd_group_free(&scene.last);
    (void)zd_ledger_close(ledger, NULL);
    assert_int_equal(zd_test_shell(NULL, "git -C %s/audit.git fsck --strict >/dev/null 2>&1 && rm -rf %s", zd_buf_text(&copy), zd_buf_text(&copy)), 0);
    zd_buf_free(&report);
    zd_buf_free(&copy);
}

static void store__fails_at_each_call_in_both_flavours__nothing_is_lost_or_done_twice(void **state)
{
    (void)state;
    const char *box = zd_test_dir("engine-fault");
    char *dir = ledger_dir(box);
    zd_scene_free(zd_scene_ready_on(dir));
    for (unsigned at = 1; at <= 4; at++) {
        fail_once(box, ZD_FAULT_BEFORE, at);
        fail_once(box, ZD_FAULT_AFTER, at);
    }
    free(dir);
    zd_test_dir_remove(box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ledger__published_and_rebuilt__gives_the_same_commits_and_git_says_good),
        cmocka_unit_test(ledger__reopened__holds_the_same_balances_and_doctor_agrees),
        cmocka_unit_test(ledger__second_writer__is_told_to_wait),
        cmocka_unit_test(ledger__restored_from_yesterday__refuses_to_fork_history),
        cmocka_unit_test(submit__clock_behind_the_last_entry__is_a_fault_and_writes_nothing),
        cmocka_unit_test(submit__admission_errors__leave_no_entry),
        cmocka_unit_test(store__fails_at_each_call_in_both_flavours__nothing_is_lost_or_done_twice),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
