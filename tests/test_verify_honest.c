/*
 * No false findings: fifty short histories of the random model, each run through a real ledger with real signatures, published several times and then verified whole. In each
 * of them keys rotate between two publications: those of log and git by the roots, those of officers and providers by themselves. Taken together they hold what a year
 * holds: lapses, returned payments, refunds, voids, refusals, holds, two-person acts; the test counts, so that it cannot become empty unnoticed.
 * ZD_HONEST_SEEDS and ZD_HONEST_EVENTS make it longer, ZD_HONEST_FIRST starts elsewhere.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "tests/model/walk.h"
#include "tests/support/audit_story.h"

enum { PUBLICATIONS = 4 };

typedef struct tally {
    unsigned rotations, lapses, returns, refunds, voids, refusals, held, second, seals, released, paid, entries;
} tally;

static int setting(const char *name, int usual)
{
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? (int)strtol(text, NULL, 10) : usual;
}

/* A sweep that gives something back: an order or a voucher whose day has passed. */
static void count(tally *t, const mo_walk *w)
{
    bool accepted = w->answered == MO_ACCEPTED;
    t->refusals += w->answered == MO_REFUSED;
    t->held += w->answered == MO_HELD;
    t->lapses += w->last.kind == MO_SWEEP && accepted && w->scene->last.count > 1;
    t->returns += w->last.kind == MO_ANSWER && accepted && w->last.answer == MO_ANS_RETURNED;
    t->paid += w->last.kind == MO_ANSWER && accepted && w->last.answer == MO_ANS_DEBITED;
    t->refunds += w->last.kind == MO_REFUND && accepted;
    t->voids += (w->last.kind == MO_VOID_ITEM || w->last.kind == MO_VOID_ORDER) && accepted;
    t->second += w->last.kind == MO_SECOND && accepted;
    t->seals += w->last.kind == MO_SEAL && accepted;
    t->released += w->last.kind == MO_RELEASE && accepted;
}

/* Which key is replaced is part of the walk's chance. */
static void rotate_some(mo_walk *w, tally *t)
{
    static const char *const keys[] = {"git", "log", "issuer-1", "checker", "maker-2", "provider/" P1, "provider/" P1 "/lab-3", "attester", "releaser"};
    w->scene->now_unix_ms = w->gen.now;
    zd_scene_rotate(w->scene, keys[mo_pick(&w->gen, (int)ZD_COUNT(keys))]);
    zd_scene_rotate(w->scene, mo_chance(&w->gen, 2) ? "git" : "log");
    t->rotations += 2;
}

/* What is published is later than what it publishes. */
static void publish(mo_walk *w)
{
    w->gen.now += 60000;
    w->scene->now_unix_ms = w->gen.now;
    zd_scene_publish(w->scene);
}

static void live(mo_walk *w, tally *t, int events)
{
    publish(w);
    for (w->step = 1; w->step <= events; w->step++) {
        /* In every third history days pass quickly, or deadlines of three months would never come; in the others batches live to be paid. */
        w->gen.now += mo_chance(&w->gen, w->seed % 3 == 0 ? 4 : 30) ? mo_between(&w->gen, 1, 3) * ZD_DAY_MS : 0;
        mo_walk_step(w);
        count(t, w);
        if (w->step % (events / PUBLICATIONS) == 0) {
            publish(w);
            rotate_some(w, t);
        }
    }
    (void)mo_walk_drain(w); /* what was returned is paid again, what is owed comes back */
    publish(w);
}

static void verify(const mo_walk *w, const char *dir)
{
    char path[ZD_STORY_PATH];
    zd_buf fingerprint = {0};
    zd_verdict verdict;
    zd_verify_options options = {.has_genesis = true};
    zd_format(path, sizeof path, "%s/GENESIS", dir);
    assert_ok(zd_file_read(&fingerprint, path, 128, err));
    assert_true(zd_hash_from_hex(&options.genesis, zd_span_of(fingerprint.data, 64)));
    zd_buf_free(&fingerprint);
    zd_format(path, sizeof path, "%s/audit.git", dir);
    int result = zd_story_verify(&verdict, path, options);
    if (result != ZD_AUDIT_VERIFIED) {
        print_error("seed %d (%s)\n", w->seed, mo_variant_name(w->variant));
        zd_story_show(&verdict);
    }
    assert_int_equal(verdict.report->total, 0);
    assert_int_equal(result, ZD_AUDIT_VERIFIED);
    /* And it did look: every entry was decided again. */
    assert_int_equal(verdict.report->counts.entries, zd_ledger_size(w->scene->ledger));
    assert_int_equal(verdict.report->counts.decisions, verdict.report->counts.entries);
    assert_true(verdict.report->counts.commits >= PUBLICATIONS);
    zd_verdict_free(&verdict);
}

/* Durability is not the question here, and each request syncs: memory is used where there is some. */
static void work_in_memory(void)
{
    struct statvfs memory;
    if (getenv("TMPDIR") == NULL && access("/dev/shm", W_OK) == 0 && statvfs("/dev/shm", &memory) == 0 && memory.f_bavail * memory.f_frsize > (48U << 20)) {
        assert_int_equal(setenv("TMPDIR", "/dev/shm", 1), 0);
    }
}

static void honest_histories__of_the_random_model_give_no_finding(void **state)
{
    (void)state;
    int first = setting("ZD_HONEST_FIRST", 1);
    int seeds = setting("ZD_HONEST_SEEDS", 50);
    int events = setting("ZD_HONEST_EVENTS", 600);
    tally t = {0};
    work_in_memory();
    for (int seed = first; seed < first + seeds; seed++) {
        char path[ZD_STORY_PATH];
        mo_walk *w = zd_alloc_zero(1, sizeof *w);
        const char *dir = zd_test_dir("honest");
        zd_format(path, sizeof path, "%s/ledger", dir);
        mo_walk_begin(w, mo_world_on(path, seed - 1), seed - 1, seed);
        live(w, &t, events);
        verify(w, path);
        t.entries += (unsigned)zd_ledger_size(w->scene->ledger);
        mo_walk_end(w);
        free(w);
        zd_test_dir_remove(dir);
    }
    print_message("%d histories, %u entries: %u rotations, %u lapses, %u returns, %u payments, %u refunds, %u voids, %u refusals, %u held, %u seconds, %u seals, %u releases\n", seeds, t.entries,
                  t.rotations, t.lapses, t.returns, t.paid, t.refunds, t.voids, t.refusals, t.held, t.second, t.seals, t.released);
    if (seeds >= 50) {
        assert_true(t.rotations >= 400 && t.lapses >= 50 && t.returns >= 8 && t.paid >= 25 && t.refunds >= 250);
        assert_true(t.voids >= 250 && t.refusals >= 5000 && t.held >= 250 && t.second >= 8 && t.seals >= 150 && t.released >= 30);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_histories__of_the_random_model_give_no_finding),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
