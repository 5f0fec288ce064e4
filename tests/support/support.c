/* Test support; see support.h. */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/trail/trail.h"
#include "ledger/seal/hash.h"

void zd_test_show(const zd_error *err)
{
    zd_buf line = {0};
    zd_error_print(&line, err, false);
    print_error("%s\n", zd_buf_text(&line));
    zd_buf_free(&line);
}

const char *zd_test_dir(const char *name)
{
    const char *base = getenv("TMPDIR");
    char *path = zd_alloc(512);
    zd_format(path, 512, "%s/zhidui-%s-XXXXXX", base != NULL ? base : "/tmp", name);
    char *made = mkdtemp(path);
    assert_non_null(made);
    return made;
}

void zd_test_dir_remove(const char *dir)
{
    int status = zd_test_shell(NULL, "rm -rf '%s'", dir);
    assert_int_equal(status, 0);
    free((void *)(uintptr_t)dir);
}

int zd_test_shell(zd_buf *out, const char *format, ...)
{
    char command[4096];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(command, sizeof command - 8, format, args);
    va_end(args);
    assert_true(length > 0 && (size_t)length < sizeof command - 8);
    if (out == NULL) {
        zd_format(command + length, 8, " ");
        int status = system(command);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    }
    zd_format(command + length, 8, " 2>&1");
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    uint8_t chunk[4096];
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, pipe)) > 0;) {
        zd_buf_add(out, chunk, got);
    }
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

void zd_test_start(void)
{
    assert_ok(zd_seal_start(err));
    assert_ok(zd_trail_start(err));
}

int zd_test_run(int failed)
{
    zd_trail_stop();
    return failed;
}
