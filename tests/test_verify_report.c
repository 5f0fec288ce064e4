/* Findings that are told late: wherever the decider is, the list is the one that waiting for it at every checkpoint gives (audit/verify/report.h, leaves.c). */
#include <string.h>

#include "audit/verify/report.h"
#include "tests/support/support.h"

#define CHECKPOINTS 3

/* What the judging thread and the decider find about each checkpoint, as entries. */
typedef struct findings {
    size_t judged;
    size_t decided;
    size_t after; /* about files, behind the checkpoint's entries */
} findings;

static void find(zd_report *report, size_t checkpoint, size_t count, uint64_t step, zd_verify_check check)
{
    zd_format(report->commit_hex, sizeof report->commit_hex, "%zu", checkpoint);
    for (size_t i = 0; i < count; i++) {
        zd_buf_addf(&zd_report_add(report, check, step == 0 ? ZD_ENTRY_NONE : checkpoint * 1000 + i * step)->recorded, "%zu of %zu", i, checkpoint);
    }
}

static size_t merge(zd_report *report, size_t checkpoint, const findings *one, size_t from, size_t to)
{
    zd_report *decider = zd_report_new();
    find(decider, checkpoint, one->decided, 3, ZD_V_DECISION);
    size_t end = zd_report_merge(report, decider, from, to);
    zd_report_free(decider);
    return end;
}

static void show(zd_buf *out, const zd_report *report)
{
    zd_buf_addf(out, "%zu of %llu\n", report->kept, (unsigned long long)report->total);
    for (size_t i = 0; i < report->kept; i++) {
        const zd_found *found = &report->found[i];
        zd_buf_addf(out, "%s %llu %s %s\n", zd_verify_name(found->check), (unsigned long long)found->entry, found->commit_hex, zd_buf_text(&found->recorded));
    }
}

/* late: all the checkpoints are judged before the first of them is decided. */
static void run(zd_buf *out, const findings *rows, bool late)
{
    zd_report *report = zd_report_new();
    size_t marks[CHECKPOINTS];
    size_t told = 0;
    for (size_t c = 0; c < CHECKPOINTS; c++) {
        find(report, c, rows[c].judged, 2, ZD_V_POSTING_SIDE);
        marks[c] = report->kept;
        told = late ? told : merge(report, c, &rows[c], told, marks[c]);
        find(report, c, rows[c].after, 0, ZD_V_TREE_PATH);
    }
    for (size_t c = 0; c < CHECKPOINTS && late; c++) {
        told = merge(report, c, &rows[c], told, marks[c]);
        for (size_t next = c + 1; next < CHECKPOINTS; next++) {
            marks[next] = marks[next] + (told - marks[c]) < ZD_FOUND_KEPT ? marks[next] + (told - marks[c]) : ZD_FOUND_KEPT;
        }
    }
    show(out, report);
    zd_report_free(report);
}

static void findings__that_come_late_stand_where_waiting_puts_them(void **state)
{
    static const findings cases[][CHECKPOINTS] = {
        {{2, 3, 1}, {0, 0, 2}, {4, 2, 0}},
        {{0, 1, 0}, {3, 1, 1}, {0, 1, 1}},
        {{90, 90, 5}, {10, 20, 5}, {40, 3, 1}},        /* the bound is passed in the second */
        {{ZD_FOUND_KEPT, 7, 3}, {5, 5, 5}, {1, 1, 1}}, /* and at once */
        {{120, 1, 0}, {200, 120, 9}, {9, 90, 0}},
    };
    (void)state;
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_buf in_time = {0};
        zd_buf late = {0};
        run(&in_time, cases[i], false);
        run(&late, cases[i], true);
        assert_string_equal(zd_buf_text(&in_time), zd_buf_text(&late));
        zd_buf_free(&in_time);
        zd_buf_free(&late);
    }
}

static void findings__of_both_halves_stand_by_entry(void **state)
{
    static const findings rows[CHECKPOINTS] = {{2, 2, 1}};
    zd_buf seen = {0};
    (void)state;
    run(&seen, rows, true);
    assert_string_equal(zd_buf_text(&seen), "5 of 5\n"
                                            "decision 0 0 0 of 0\n"
                                            "posting-side 0 0 0 of 0\n"
                                            "posting-side 2 0 1 of 0\n"
                                            "decision 3 0 1 of 0\n"
                                            "tree-path 18446744073709551615 0 0 of 0\n");
    zd_buf_free(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings__that_come_late_stand_where_waiting_puts_them),
        cmocka_unit_test(findings__of_both_halves_stand_by_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
