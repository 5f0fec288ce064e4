/* The JSON writer: exact bytes, what our own reader says about them, and that misuse stops the program. */
#include "tests/support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/json/json.h"

static void write__decision_gives_exact_bytes(void **state)
{
    (void)state;
    zd_buf out = {0};
    zd_buf_add_text(&out, "head ");
    zd_jw w = zd_jw_begin(&out);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "seq", 1042);
    zd_jw_cstr(&w, "outcome", "accepted");
    zd_jw_array(&w, "postings");
    zd_jw_array(&w, NULL);
    zd_jw_cstr(&w, NULL, "2200/R77");
    zd_jw_int(&w, NULL, -5);
    zd_jw_close(&w);
    zd_jw_array(&w, NULL);
    zd_jw_close(&w);
    zd_jw_array(&w, NULL);
    zd_jw_int(&w, NULL, 7);
    zd_jw_close(&w);
    zd_jw_object(&w, NULL);
    zd_jw_close(&w);
    zd_jw_close(&w);
    zd_jw_bool(&w, "t", true);
    zd_jw_bool(&w, "f", false);
    zd_jw_null(&w, "n");
    zd_jw_raw(&w, "raw", zd_span_text("{\"a\":[1]}"));
    zd_jw_text(&w, "empty", zd_span_of(NULL, 0));
    zd_jw_close(&w);
    assert_string_equal(zd_buf_text(&out), "head {\"seq\":1042,\"outcome\":\"accepted\",\"postings\":[[\"2200/R77\",-5],[],[7],{}],"
                                           "\"t\":true,\"f\":false,\"n\":null,\"raw\":{\"a\":[1]},\"empty\":\"\"}");
    zd_buf_free(&out);
}

static void check_text(zd_span value, const char *wanted)
{
    zd_buf out = {0};
    zd_jw w = zd_jw_begin(&out);
    zd_jw_text(&w, NULL, value);
    assert_string_equal(zd_buf_text(&out), wanted);
    zd_buf_free(&out);
}

static void write__strings_are_escaped_minimally(void **state)
{
    (void)state;
    check_text(zd_span_text("plain / 直兑 \x7f"), "\"plain / 直兑 \x7f\"");
    check_text(zd_span_text("say \"x\" \\ end\\"), "\"say \\\"x\\\" \\\\ end\\\\\"");
    check_text(zd_span_of("\0\n\x1f", 3), "\"\\u0000\\u000a\\u001f\"");
    zd_buf out = {0};
    zd_jw w = zd_jw_begin(&out);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "a\"b", 1);
    zd_jw_close(&w);
    assert_string_equal(zd_buf_text(&out), "{\"a\\\"b\":1}");
    zd_buf_free(&out);
}

static void write__bytes_that_are_not_utf8_become_replacement_characters(void **state)
{
    (void)state;
    check_text(zd_span_text("a\xff\"\xe7\x9b\xb4\xc0\xaf\n"), "\"a\xef\xbf\xbd\\\"直\xef\xbf\xbd\xef\xbf\xbd\\u000a\"");
    check_text(zd_span_text("cut \xe7\x9b"), "\"cut \xef\xbf\xbd\xef\xbf\xbd\"");
}

static void write__integers_at_the_edges_are_exact(void **state)
{
    (void)state;
    static const int64_t values[] = {0, 9, 10, -1, ZD_JSON_INT_MAX, -ZD_JSON_INT_MAX, INT64_C(999999999999999)};
    static const char *const wanted[] = {"0", "9", "10", "-1", "9007199254740991", "-9007199254740991", "999999999999999"};
    for (size_t i = 0; i < ZD_COUNT(values); i++) {
        zd_buf out = {0};
        zd_jw w = zd_jw_begin(&out);
        zd_jw_int(&w, NULL, values[i]);
        assert_string_equal(zd_buf_text(&out), wanted[i]);
        zd_buf_free(&out);
    }
}

static void write__reader_gives_back_what_was_written(void **state)
{
    (void)state;
    zd_buf text = {0};
    for (unsigned c = 0x20; c < 0x7f; c++) {
        zd_buf_add_byte(&text, (uint8_t)c);
    }
    zd_buf_add_text(&text, "绍兴😀");
    zd_buf out = {0};
    zd_jw w = zd_jw_begin(&out);
    zd_jw_object(&w, NULL);
    for (size_t i = 1; i < ZD_JSON_DEPTH; i++) {
        zd_jw_object(&w, "in");
    }
    zd_jw_text(&w, "text", zd_buf_span(&text));
    for (size_t i = 0; i < ZD_JSON_DEPTH; i++) {
        zd_jw_close(&w);
    }
    zd_json *json = NULL;
    assert_ok(zd_json_parse(&json, zd_buf_span(&out), true, err));
    zd_jval at = zd_json_root(json);
    for (size_t i = 1; i < ZD_JSON_DEPTH; i++) {
        at = zd_jval_get(at, "in");
    }
    assert_true(zd_span_equal(zd_jval_text(zd_jval_get(at, "text")), zd_buf_span(&text)));
    zd_json_free(json);
    zd_buf_free(&out);
    zd_buf_free(&text);
}

/* Each step misuses the writer in one way; it must not return. */
static void misuse(int which)
{
    zd_buf out = {0};
    zd_jw w = zd_jw_begin(&out);
    switch (which) {
    case 0: /* a name at the root */
        zd_jw_int(&w, "a", 1);
        break;
    case 1: /* a second root value */
        zd_jw_null(&w, NULL);
        zd_jw_null(&w, NULL);
        break;
    case 2: /* no name in an object */
        zd_jw_object(&w, NULL);
        zd_jw_int(&w, NULL, 1);
        break;
    case 3: /* a name in an array */
        zd_jw_array(&w, NULL);
        zd_jw_int(&w, "a", 1);
        break;
    case 4: /* one close too many */
        zd_jw_array(&w, NULL);
        zd_jw_close(&w);
        zd_jw_close(&w);
        break;
    case 5: /* too deep for the reader */
        for (size_t i = 0; i <= ZD_JSON_DEPTH; i++) {
            zd_jw_array(&w, NULL);
        }
        break;
    case 6: /* an integer that the reader refuses */
        zd_jw_int(&w, NULL, ZD_JSON_INT_MAX + 1);
        break;
    default: /* a root object after a root object */
        zd_jw_object(&w, NULL);
        zd_jw_close(&w);
        zd_jw_object(&w, NULL);
        break;
    }
    zd_buf_free(&out);
}

static void write__misuse_aborts(void **state)
{
    (void)state;
    for (int which = 0; which < 8; which++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            int quiet = open("/dev/null", O_WRONLY);
            (void)dup2(quiet, STDERR_FILENO);
            (void)signal(SIGABRT, SIG_DFL);
            misuse(which);
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status)) {
            print_error("misuse %d went through\n", which);
        }
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), SIGABRT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write__decision_gives_exact_bytes),
        cmocka_unit_test(write__strings_are_escaped_minimally),
        cmocka_unit_test(write__bytes_that_are_not_utf8_become_replacement_characters),
        cmocka_unit_test(write__integers_at_the_edges_are_exact),
        cmocka_unit_test(write__reader_gives_back_what_was_written),
        cmocka_unit_test(write__misuse_aborts),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
