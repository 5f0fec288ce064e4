/*
 * The package as a stream: what was handed over is on the disk and no longer in memory, and a failure at any file leaves no package, no rest, and nothing in the way
 * of the next export.
 */
#include "tests/support/support.h"

#include <malloc.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "ledger/base/durable.h"
#include "tests/support/settlement_case.h"

#if defined(__SANITIZE_ADDRESS__)
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

#define FEW 12
#define LINES 3000
#define FORMS 3
#define STATEMENT_BYTES 20000
#define HELD_A_FILE 256

static size_t bytes_in_use(void)
{
#if defined(__SANITIZE_ADDRESS__)
    return __sanitizer_get_current_allocated_bytes();
#else
    return mallinfo2().uordblks;
#endif
}

static void path_of(char out[64], size_t i)
{
    zd_format(out, 64, "%s/%05zu.csv", i % 2 == 0 ? "statements" : "bank", i);
}

static zd_status add_one(zd_package_writer *writer, size_t i, zd_error *err)
{
    char path[64];
    char content[64];
    path_of(path, i);
    zd_format(content, sizeof content, "the content of file %05zu, longer than the limit\n", i);
    return zd_settle_package_add(writer, path, "statement", zd_span_text(content), err);
}

static zd_status finish(zd_package_writer *writer, const zd_settlement *settlement, zd_error *err)
{
    zd_buf manifest = {0};
    zd_package_signature signature = {"maker", zd_span_text("-----BEGIN SSH SIGNATURE-----\n")};
    zd_status status = zd_settle_package_manifest(&manifest, writer, settlement, err);
    status = status == ZD_OK ? zd_settle_package_finish(writer, zd_buf_span(&manifest), &signature, err) : status;
    zd_buf_free(&manifest);
    return status;
}

static zd_status write_few(const char *dir, const zd_settlement *settlement, zd_error *err)
{
    zd_package_writer *writer = NULL;
    zd_status status = zd_settle_package_begin(&writer, dir, FEW, err);
    for (size_t i = 0; i < FEW && status == ZD_OK; i++) {
        status = add_one(writer, i, err);
    }
    status = status == ZD_OK ? finish(writer, settlement, err) : status;
    zd_settle_package_end(writer);
    return status;
}

/* No file grows beyond ten bytes: the next write fails, also for root. */
static void disk_fails(bool fails)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = fails ? 10 : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void assert_nothing_in(const char *root)
{
    zd_buf found = {0};
    assert_int_equal(zd_test_shell(&found, "ls -A '%s/2026'", root), 0);
    assert_string_equal(zd_buf_text(&found), "");
    zd_buf_free(&found);
}

/* failing: the file whose write fails; FEW: signature or MANIFEST. files: how many are announced, which decides between syncing one by one and together. */
static void fail_at(const zd_settlement *settlement, size_t failing, size_t files)
{
    const char *root = zd_test_dir("stream");
    zd_package_writer *writer = NULL;
    zd_error why = {0};
    zd_buf dir = {0};
    zd_buf found = {0};
    zd_buf_addf(&dir, "%s/2026/B-1", root);
    assert_ok(zd_settle_package_begin(&writer, zd_buf_text(&dir), files, err));
    for (size_t i = 0; i < failing; i++) {
        assert_ok(add_one(writer, i, err));
    }
    disk_fails(true);
    zd_status status = failing < FEW ? add_one(writer, failing, &why) : finish(writer, settlement, &why);
    disk_fails(false);
    assert_int_equal(status, ZD_FAULT);
    assert_int_equal(why.code, ZD_E_FILE_IO);
    assert_false(zd_path_exists(zd_buf_text(&dir)));
    zd_settle_package_end(writer);
    assert_nothing_in(root);
    assert_ok(write_few(zd_buf_text(&dir), settlement, err));
    assert_ok(write_few(zd_buf_text(&dir), settlement, err)); /* equal */
    assert_int_equal(zd_test_shell(&found, "cd '%s' && find . -type f | wc -l", zd_buf_text(&dir)), 0);
    assert_string_equal(zd_buf_text(&found), "14\n");
    zd_buf_free(&found);
    zd_buf_free(&dir);
    zd_test_dir_remove(root);
}

static void stream__failure_at_each_file_leaves_nothing(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    for (size_t failing = 0; failing <= FEW; failing++) {
        fail_at(&batch.settlement, failing, FEW);
        fail_at(&batch.settlement, failing, 1000);
    }
}

/* Neither the bytes of the statements nor a copy of them: what stays for each file is its line of the manifest. */
static void stream__holds_a_line_for_each_file_and_no_bytes(void **state)
{
    (void)state;
    const char *root = zd_test_dir("stream");
    zd_settlement_case batch;
    zd_package_writer *writer = NULL;
    zd_buf dir = {0};
    zd_buf found = {0};
    char *content = zd_alloc(STATEMENT_BYTES + 1);
    memset(content, 'x', STATEMENT_BYTES);
    content[STATEMENT_BYTES] = '\0';
    zd_case_three_lines(&batch);
    zd_buf_addf(&dir, "%s/B-1", root);
    size_t before = bytes_in_use();
    assert_ok(zd_settle_package_begin(&writer, zd_buf_text(&dir), LINES * FORMS, err));
    for (size_t i = 0; i < LINES * FORMS; i++) {
        char path[64];
        path_of(path, i);
        assert_ok(zd_settle_package_add(writer, path, "statement", zd_span_text(content), err));
    }
    size_t held = bytes_in_use() - before;
    if (held > (size_t)LINES * FORMS * HELD_A_FILE) {
        print_error("%zu bytes are held for %d files\n", held, LINES * FORMS);
    }
    assert_true(held <= (size_t)LINES * FORMS * HELD_A_FILE);
    assert_ok(finish(writer, &batch.settlement, err));
    zd_settle_package_end(writer);
    assert_int_equal(zd_test_shell(&found, "cd '%s' && grep -c '^sha256 ' MANIFEST && find . -type f | wc -l && sed -n "
                                           "'s/^sha256 \\([0-9a-f]*\\) [0-9]* [a-z]* \\(.*\\)$/\\1  \\2/p' MANIFEST | sha256sum --check --strict --quiet", zd_buf_text(&dir)), 0);
    assert_string_equal(zd_buf_text(&found), "9000\n9002\n");
    zd_buf_free(&found);
    zd_buf_free(&dir);
    free(content);
    zd_test_dir_remove(root);
}

/* The engine gives waiting rows an order and each line its part of it; the statement is the same as when they are looked for. */
static void statement__waiting_by_order_and_by_search_are_equal(void **state)
{
    (void)state;
    zd_settlement_case batch;
    zd_case_three_lines(&batch);
    zd_settlement ordered = batch.settlement;
    size_t order[16];
    assert_true(ordered.waiting_count >= 2 && ordered.waiting_count <= ZD_COUNT(order));
    size_t listed = 0;
    for (size_t line = 0; line < ordered.line_count; line++) {
        zd_pay_line *pay = &batch.lines[line];
        zd_buf searched = {0};
        zd_buf ranged = {0};
        assert_ok(zd_settle_statement(&searched, &batch.settlement, line, err));
        pay->wait_from = listed;
        for (size_t i = 0; i < ordered.waiting_count; i++) {
            if (strcmp(ordered.waiting[i].provider, pay->provider) == 0) {
                order[listed++] = i;
            }
        }
        pay->wait_to = listed;
        ordered.waiting_order = order;
        assert_ok(zd_settle_statement(&ranged, &ordered, line, err));
        assert_true(zd_span_equal(zd_buf_span(&searched), zd_buf_span(&ranged)));
        zd_buf_free(&searched);
        zd_buf_free(&ranged);
    }
    assert_true(listed > 0);
}

int main(void)
{
    (void)signal(SIGXFSZ, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream__failure_at_each_file_leaves_nothing),
        cmocka_unit_test(stream__holds_a_line_for_each_file_and_no_bytes),
        cmocka_unit_test(statement__waiting_by_order_and_by_search_are_equal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
