/* Formatting without the C library's machinery: the same text and length as snprintf, whatever the format, the numbers and the room. */
#include "tests/support/support.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ledger/base/span.h"

ZD_PRINTF(4, 5) static size_t ours(char *out, size_t size, char fill, const char *format, ...)
{
    va_list args;
    memset(out, fill, 200);
    va_start(args, format);
    size_t length = zd_vformat(out, size, format, args);
    va_end(args);
    return length;
}

/* One format with its arguments, in all rooms from none to more than enough. */
#define SAME(...)                                                                                                                                        \
    for (size_t room = 0; room <= 100; room++) {                                                                                                         \
        char expected[200];                                                                                                                              \
        char found[200];                                                                                                                                 \
        memset(expected, '#', sizeof expected);                                                                                                          \
        int length = snprintf(expected, room, __VA_ARGS__);                                                                                              \
        assert_int_equal(ours(found, room, '#', __VA_ARGS__), (size_t)length);                                                                           \
        if (room > 0) {                                                                                                                                  \
            assert_string_equal(found, expected);                                                                                                        \
        }                                                                                                                                                \
        assert_int_equal(found[room], '#');                                                                                                              \
    }

static void format__keys_and_numbers__is_what_snprintf_writes(void **state)
{
    (void)state;
    static const long long numbers[] = {0, 1, -1, 9, 10, -10, 999999, 1000000, -999999, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < ZD_COUNT(numbers); i++) {
        SAME("%lld", numbers[i]);
        SAME("%06lld/O/%s", numbers[i], "ORDER-1");
        SAME("%s/%s/%012lld/%s", "a", "", numbers[i], "b");
        SAME("%d|%04d|%zu|%llu", (int)(numbers[i] % 100000), (int)(numbers[i] % 1000), (size_t)i, (unsigned long long)numbers[i]);
    }
    SAME("%s", "");
    SAME("%04d/%s%s%s", 2200, "x", "/", "y");
}

static void format__other_conversions__are_left_to_the_library(void **state)
{
    (void)state;
    SAME("%s-%.3s-%5d-%x-%%-%c-%s", "first", "abcdef", 42, 255U, 'z', "last");
    SAME("%020lld", 7LL);
    SAME("%025lld", 7LL);
    SAME("100%% of %s", "it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(format__keys_and_numbers__is_what_snprintf_writes),
        cmocka_unit_test(format__other_conversions__are_left_to_the_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
