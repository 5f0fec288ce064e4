/*
 * Opening compares what was published with the roots that the store has signed, and reads leaves only for sizes that it never signed: both ways must notice a
 * history that forked at the very same size.
 */
#include "tests/support/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"

/* Two ledgers with the same beginning: box/one and box/two, both closed. */
static zd_scene *twins(const char *box, char **one, char **two)
{
    zd_buf path = {0};
    *one = zd_strdup(zd_path_join(&path, box, "one"));
    *two = zd_strdup(zd_path_join(&path, box, "two"));
    zd_buf_free(&path);
    zd_scene *scene = zd_scene_ready_on(*one);
    assert_ok(zd_ledger_close(scene->ledger, err));
    zd_scene_attach(scene, NULL);
    assert_int_equal(zd_test_shell(NULL, "cp -r %s %s", *one, *two), 0);
    return scene;
}

static zd_status open_twin(zd_scene *scene, const char *dir, zd_error *err)
{
    zd_ledger *ledger = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&scene->now_unix_ms);
    zd_status status = zd_ledger_open(&ledger, dir, true, &options, err);
    zd_scene_attach(scene, ledger);
    return status;
}

/* Opens, adds one order, publishes when asked, closes. */
static void add_order(zd_scene *scene, const char *dir, const char *order, bool publish)
{
    assert_ok(open_twin(scene, dir, err));
    if (order != NULL) {
        zd_scene_order(scene, order, 190000);
    }
    if (publish) {
        zd_scene_publish(scene);
    }
    assert_ok(zd_ledger_close(scene->ledger, err));
    zd_scene_attach(scene, NULL);
}

static void open__another_root_at_a_size_never_signed__is_a_fork(void **state)
{
    (void)state;
    const char *box = zd_test_dir("open");
    char *one = NULL;
    char *two = NULL;
    zd_scene *scene = twins(box, &one, &two);
    add_order(scene, one, "O-1", true);
    add_order(scene, two, "O-2", false);
    assert_int_equal(zd_test_shell(NULL, "cp %s/public/checkpoint %s/public/checkpoint", one, two), 0);
    assert_code(open_twin(scene, two, err), ZD_E_LEDGER_FORK);
    assert_int_equal(zd_test_shell(NULL, "rm %s/public/checkpoint", two), 0);
    assert_ok(open_twin(scene, two, err));
    zd_scene_free(scene);
    free(one);
    free(two);
    zd_test_dir_remove(box);
}

static void open__another_root_at_a_signed_size__is_a_fork(void **state)
{
    (void)state;
    const char *box = zd_test_dir("open");
    char *one = NULL;
    char *two = NULL;
    zd_scene *scene = twins(box, &one, &two);
    add_order(scene, one, "O-1", true);
    add_order(scene, two, "O-2", true);
    add_order(scene, two, "O-3", true); /* the signed size is not the last one */
    assert_int_equal(zd_test_shell(NULL, "cp %s/public/checkpoint %s/own; cp %s/public/checkpoint %s/public/checkpoint", two, box, one, two), 0);
    assert_code(open_twin(scene, two, err), ZD_E_LEDGER_FORK);
    assert_int_equal(zd_test_shell(NULL, "cp %s/own %s/public/checkpoint", box, two), 0);
    assert_ok(open_twin(scene, two, err));
    zd_scene_free(scene);
    free(one);
    free(two);
    zd_test_dir_remove(box);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__another_root_at_a_size_never_signed__is_a_fork),
        cmocka_unit_test(open__another_root_at_a_signed_size__is_a_fork),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
