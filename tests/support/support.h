/*
 * What every test includes: cmocka in the order it wants, and a temporary directory per test that is named by the case
 * and removed when the case passes. No sleeps, no dependence on order.
 */
#ifndef ZD_TESTS_SUPPORT_H
#define ZD_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/base/error.h"

/* Asserts ZD_OK and prints the error otherwise. */
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        zd_error err_ = {0};                                                                                           \
        zd_error *const err = &err_;                                                                                   \
        zd_status status_ = (call);                                                                                    \
        if (status_ != ZD_OK) {                                                                                        \
            zd_test_show(&err_);                                                                                       \
        }                                                                                                              \
        assert_int_equal(status_, ZD_OK);                                                                              \
    } while (0)
/* Asserts that the call fails with exactly this code; the call uses `err`. */
#define assert_code(call, expected)                                                                                    \
    do {                                                                                                               \
        zd_error err_ = {0};                                                                                           \
        zd_error *const err = &err_;                                                                                   \
        zd_status status_ = (call);                                                                                    \
        assert_string_equal(zd_code_name(err_.code), zd_code_name(expected));                                          \
        assert_int_equal(status_, zd_code_status(expected));                                                           \
    } while (0)

void zd_test_show(const zd_error *err);
/* A fresh empty directory; the text lives until the process ends. */
const char *zd_test_dir(const char *name);
void zd_test_dir_remove(const char *dir);
/* Runs a shell command and returns its exit status; stdout and stderr are appended to out when it is not NULL. */
int zd_test_shell(zd_buf *out, const char *format, ...) ZD_PRINTF(2, 3);
/* cmocka group runner that starts the crypto and git libraries first. */
int zd_test_run(int failed);
void zd_test_start(void);

#endif
