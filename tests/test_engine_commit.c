/*
 * A long call: groups are written by one thread while another decides the next ones on top of them. At each of the store's calls something happens, while more was decided:
 * it fails, its answer is lost with the transaction or without, another writer takes the ledger over, the process is killed. What was told is durable, what failed is told of
 * each note, the session goes on from what is durable, and the same notes again come to the same end.
 *
 * The store's calls wait until enough was decided on top, and the deciding thread waits for them then, so that nothing here hangs on who is faster.
 */
#include "tests/support/scene.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

enum { NOTES = 120, GROUP = 4, ON_TOP = 8, REPEATED = 7, FIRST = 16 };

typedef struct call {
    const char *box;
    char *dir;
    zd_scene *scene;
    zd_buf bytes[NOTES];
    zd_span notes[NOTES];
    zd_result results[NOTES];
    uint64_t before;       /* entries */
    uint64_t shown;        /* the entry whose decision must be shown next */
    zd_fault_kind kind;
    unsigned fail_at;
    unsigned takeover_at;  /* another writer opens the file before this call */
    size_t record_leaves;
    size_t working_set;
    int tell;              /* file descriptor for each entry shown; -1 = none */
    zd_store *store;       /* the faulty one */
    pthread_mutex_t lock;  /* over what follows */
    pthread_cond_t moved;
    unsigned looked_at;    /* notes, by the deciding thread, which asks the clock once for each */
    unsigned most_on_top;  /* notes looked at while one of the store's calls waited */
    bool writing;          /* one of them is under way */
    bool begun;            /* one ever was: until then only FIRST notes are looked at, which are more than a group */
    unsigned stop_at;      /* then no more notes than this are looked at */
} call;

static char *path_in(const char *box, const char *name)
{
    zd_buf path = {0};
    char *copy = zd_strdup(zd_path_join(&path, box, name));
    zd_buf_free(&path);
    return copy;
}

static int64_t look_at_clock(void *context)
{
    call *c = context;
    (void)pthread_mutex_lock(&c->lock);
    while ((c->writing && c->looked_at >= c->stop_at) || (!c->begun && c->looked_at >= FIRST)) {
        (void)pthread_cond_wait(&c->moved, &c->lock);
    }
    c->looked_at++;
    (void)pthread_cond_broadcast(&c->moved);
    (void)pthread_mutex_unlock(&c->lock);
    (void)sched_yield(); /* more groups, mostly */
    return c->scene->now_unix_ms;
}

/* On the thread that writes: it only goes on once ON_TOP more notes were looked at, or all were; and the other one then waits for it. */
static void wait_for_more(void *context, unsigned number, bool done)
{
    call *c = context;
    if (number == c->takeover_at && !done) {
        zd_store *other = NULL;
        char *path = path_in(c->dir, "ledger.db");
        assert_ok(zd_store_open_sqlite(&other, path, ZD_STORE_WRITE, err));
        zd_store_close(other);
        free(path);
    }
    (void)pthread_mutex_lock(&c->lock);
    unsigned from = c->looked_at;
    c->writing = !done;
    c->begun = true;
    c->stop_at = from + ON_TOP;
    (void)pthread_cond_broadcast(&c->moved);
    while (!done && c->looked_at < NOTES && c->looked_at < c->stop_at) {
        (void)pthread_cond_wait(&c->moved, &c->lock);
    }
    c->most_on_top = !done && c->looked_at - from > c->most_on_top ? c->looked_at - from : c->most_on_top;
    (void)pthread_mutex_unlock(&c->lock);
}

static zd_store *wrap(void *context, zd_store *store)
{
    call *c = context;
    c->store = zd_store_fault(store, c->kind, c->fail_at);
    zd_store_fault_set_watch(c->store, wait_for_more, c);
    return c->store;
}

/* Orders of one provider, REPEATED of them twice: the second time a replay of what may not be durable yet. */
static void make_notes(call *c)
{
    char date[ZD_DATE_TEXT];
    zd_date_text(date, zd_day_of(c->scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS));
    for (unsigned i = 0; i < NOTES; i++) {
        unsigned n = i % 16 == 9 && i / 16 < REPEATED ? i - 3 : i;
        zd_buf text = {0};
        zd_buf_addf(&text,
                    "{\"type\":\"redemption.order\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"n-%u\",\"expires\":\"2026-03-09T00:00:00Z\",\"order\":\"N-%u\","
                    "\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"material-%u\",\"amount_fen\":1000,"
                    "\"own_share_fen\":1000,\"contract\":\"HT-%u\",\"contract_fen\":2000,\"contract_date\":\"%s\",\"affiliation\":\"none\",\"statutory\":false,"
                    "\"other_funding_fen\":0}\n",
                    n, n, n, n, date);
        zd_scene_note(&c->bytes[i], c->scene, "provider/" P1, zd_buf_text(&text));
        c->notes[i] = zd_buf_span(&c->bytes[i]);
        zd_buf_free(&text);
    }
}

static void open_plain(call *c)
{
    zd_ledger *ledger = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&c->scene->now_unix_ms);
    options.group_leaves = GROUP;
    options.record_leaves = c->record_leaves;
    options.working_set = c->working_set;
    assert_ok(zd_ledger_open(&ledger, c->dir, true, &options, err));
    zd_scene_attach(c->scene, ledger);
}

static void open_faulty(call *c)
{
    zd_ledger *ledger = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = (zd_clock){.now_unix_ms = look_at_clock, .context = c};
    options.group_leaves = GROUP;
    options.record_leaves = c->record_leaves;
    options.working_set = c->working_set;
    options.wrap_store = wrap;
    options.wrap_context = c;
    assert_ok(zd_ledger_open(&ledger, c->dir, true, &options, err));
    zd_scene_attach(c->scene, ledger);
    c->looked_at = 0;
}

static void set_up(call *c)
{
    c->box = zd_test_dir("commit");
    c->dir = path_in(c->box, "ledger");
    c->scene = zd_scene_ready_on(c->dir);
    c->tell = -1;
    assert_int_equal(pthread_mutex_init(&c->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&c->moved, NULL), 0);
    make_notes(c);
    c->before = zd_ledger_size(c->scene->ledger);
    assert_ok(zd_ledger_close(c->scene->ledger, err));
}

static void tear_down(call *c)
{
    for (unsigned i = 0; i < NOTES; i++) {
        zd_buf_free(&c->bytes[i]);
    }
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->moved);
    zd_scene_free(c->scene);
    free(c->dir);
    zd_test_dir_remove(c->box);
}

static zd_status show(void *context, size_t note, const zd_decision *decision)
{
    call *c = context;
    assert_int_equal(decision->seq, c->shown);
    assert_true(note < NOTES);
    c->shown++;
    if (c->tell >= 0) {
        assert_int_equal(write(c->tell, &decision->seq, sizeof decision->seq), sizeof decision->seq);
    }
    return ZD_OK;
}

static zd_status submit(call *c, zd_error *err)
{
    c->shown = zd_ledger_size(c->scene->ledger);
    zd_status status = zd_ledger_submit(c->scene->ledger, c->results, c->notes, NOTES, show, c, err);
    zd_scene_attach(c->scene, c->scene->ledger);
    assert_int_equal(c->shown, zd_ledger_size(c->scene->ledger)); /* neither more nor less than what is durable */
    return status;
}

typedef struct stored {
    zd_hash hash;
    uint64_t seq;
} stored;

static zd_status keep_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)hash;
    *(stored *)context = (stored){zd_sha256(bytes), index};
    return ZD_OK;
}

/* Each result that is no failure names an entry which is there, with its very bytes; all others carry the failure. Returns how many failed. */
static unsigned check_results(call *c, zd_status status, zd_code code)
{
    unsigned failed = 0;
    uint64_t size = zd_ledger_size(c->scene->ledger);
    for (unsigned i = 0; i < NOTES; i++) {
        const zd_result *result = &c->results[i];
        if (result->status != ZD_OK) {
            assert_int_equal(result->status, status);
            assert_int_equal(result->error.code, code);
            failed++;
            continue;
        }
        assert_int_equal(result->outcome, ZD_ACCEPTED);
        assert_true(result->seq >= c->before && result->seq < size);
        stored leaf;
        assert_ok(zd_ledger_leaves(c->scene->ledger, result->seq, result->seq + 1, keep_leaf, &leaf, err));
        assert_true(result->replay || zd_hash_equal(&leaf.hash, &result->leaf));
    }
    return failed;
}

/* Records and leaves agree, in this session's memory and in the file, and after opening again. */
static void check_sound(call *c)
{
    char account[] = "6100/V-1";
    zd_buf report = {0};
    int64_t now = zd_scene_balance(c->scene, account);
    zd_scene_check(c->scene);
    assert_ok(zd_ledger_doctor(c->scene->ledger, &report, err));
    assert_ok(zd_ledger_close(c->scene->ledger, err));
    open_plain(c);
    assert_int_equal(zd_scene_balance(c->scene, account), now);
    zd_buf_clear(&report);
    assert_ok(zd_ledger_doctor(c->scene->ledger, &report, err));
    zd_buf_free(&report);
}

/* The same notes again: what is durable is a replay, the rest is new, and everything is there once. */
static void check_again(call *c)
{
    uint64_t durable = zd_ledger_size(c->scene->ledger);
    zd_error none = {0};
    assert_int_equal(submit(c, &none), ZD_OK);
    assert_int_equal(check_results(c, ZD_OK, ZD_CODE_NONE), 0);
    for (unsigned i = 0; i < NOTES; i++) {
        assert_true(c->results[i].replay || c->results[i].seq >= durable);
    }
    assert_int_equal(zd_ledger_size(c->scene->ledger), c->before + NOTES - REPEATED);
    check_sound(c);
}

static void call__nothing_fails__shows_every_entry_in_order(void **state)
{
    (void)state;
    static const struct {
        size_t record_leaves;
        size_t working_set;
    } rows[] = {{0, 0}, {1, 0}, {10, 20}, {1, 1}, {0, 1}};
    for (size_t i = 0; i < ZD_COUNT(rows); i++) {
        call c = {.record_leaves = rows[i].record_leaves, .working_set = rows[i].working_set};
        set_up(&c);
        open_faulty(&c);
        zd_error none = {0};
        assert_int_equal(submit(&c, &none), ZD_OK);
        assert_int_equal(check_results(&c, ZD_OK, ZD_CODE_NONE), 0);
        assert_int_equal(c.most_on_top, ON_TOP); /* decisions went on while a group was written */
        assert_true(zd_store_fault_calls(c.store) >= 2);
        check_sound(&c);
        check_again(&c);
        tear_down(&c);
    }
}

static void fail_at(zd_fault_kind kind, unsigned at, size_t record_leaves)
{
    call c = {.kind = kind, .fail_at = at, .record_leaves = record_leaves};
    set_up(&c);
    open_faulty(&c);
    zd_error failure = {0};
    zd_status status = submit(&c, &failure);
    if (kind == ZD_FAULT_AFTER) {
        assert_int_equal(status, ZD_OK); /* it was done, and what was decided on top of it holds */
        assert_int_equal(check_results(&c, ZD_OK, ZD_CODE_NONE), 0);
    } else if (at == 1 || zd_ledger_size(c.scene->ledger) < c.before + NOTES - REPEATED) { /* how many groups there are is for the threads to say; one there always is */
        assert_int_equal(status, ZD_FAULT);
        assert_int_equal(failure.code, ZD_E_STORE_FAILED);
        unsigned failed = check_results(&c, ZD_FAULT, ZD_E_STORE_FAILED);
        assert_true(failed >= GROUP);
        assert_true(at > 1 || failed == NOTES);
        assert_true(zd_ledger_size(c.scene->ledger) >= c.before + GROUP * (at - 1));
    }
    if (kind == ZD_FAULT_BEFORE) {
        check_again(&c); /* in the same session */
    }
    check_sound(&c);
    check_again(&c);
    tear_down(&c);
}

static void call__a_group_fails_with_others_on_top__fails_them_and_goes_on_from_what_is_durable(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 3; at++) {
        fail_at(ZD_FAULT_BEFORE, at, 0);
        fail_at(ZD_FAULT_BEFORE, at, 1); /* records in flight */
        fail_at(ZD_FAULT_LOST, at, at % 2);
    }
}

static void call__a_groups_answer_is_lost_with_others_on_top__loses_nothing(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 3; at++) {
        fail_at(ZD_FAULT_AFTER, at, 0);
        fail_at(ZD_FAULT_AFTER, at, 1);
    }
}

static void call__another_writer_takes_over__ends_in_a_conflict(void **state)
{
    (void)state;
    for (unsigned at = 1; at <= 2; at++) {
        call c = {.takeover_at = at};
        set_up(&c);
        open_faulty(&c);
        zd_error failure = {0};
        assert_int_equal(submit(&c, &failure), ZD_FAULT);
        assert_int_equal(failure.code, ZD_E_STORE_CONFLICT);
        assert_true(check_results(&c, ZD_FAULT, ZD_E_STORE_CONFLICT) >= GROUP);
        assert_ok(zd_ledger_close(c.scene->ledger, err));
        open_plain(&c);
        check_again(&c);
        tear_down(&c);
    }
}

/* The clock goes back between two notes, while a group is being written: that one lands, the rest fails. */
static int64_t clock_that_breaks(void *context)
{
    call *c = context;
    int64_t now = look_at_clock(c);
    return c->looked_at > NOTES / 2 ? now - ZD_DAY_MS : now;
}

static void call__a_fault_between_notes__keeps_what_was_being_written(void **state)
{
    (void)state;
    call c = {.record_leaves = 1, .begun = true}; /* nobody watches this store, so that nobody would tell that a group set out */
    set_up(&c);
    zd_ledger *ledger = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = (zd_clock){.now_unix_ms = clock_that_breaks, .context = &c};
    options.group_leaves = GROUP;
    options.record_leaves = c.record_leaves;
    assert_ok(zd_ledger_open(&ledger, c.dir, true, &options, err));
    zd_scene_attach(c.scene, ledger);
    c.looked_at = 0;
    zd_error failure = {0};
    assert_int_equal(submit(&c, &failure), ZD_FAULT);
    assert_int_equal(failure.code, ZD_E_CLOCK_BACK);
    assert_true(check_results(&c, ZD_FAULT, ZD_E_CLOCK_BACK) >= NOTES / 2 - 1);
    assert_true(zd_ledger_size(ledger) >= c.before + GROUP);
    check_sound(&c);
    check_again(&c);
    tear_down(&c);
}

/* In a child process: submits and tells each entry that it was shown. */
static void submit_until_killed(call *c, int tell)
{
    zd_error ignored = {0};
    open_plain(c);
    c->tell = tell;
    (void)submit(c, &ignored);
    (void)pause();
    _exit(1);
}

static void call__killed_in_the_middle__has_everything_that_was_shown(void **state)
{
    (void)state;
    for (int entries = 1; entries < NOTES - REPEATED; entries += 13) {
        call c = {.record_leaves = entries % 2 == 0 ? 0 : 5};
        int ends[2];
        set_up(&c);
        assert_int_equal(pipe(ends), 0);
        pid_t pid = fork();
        if (pid == 0) {
            submit_until_killed(&c, ends[1]);
        }
        assert_int_equal(close(ends[1]), 0);
        uint64_t last = 0;
        for (int i = 0; i < entries; i++) {
            assert_int_equal(read(ends[0], &last, sizeof last), sizeof last);
        }
        assert_int_equal(kill(pid, SIGKILL), 0);
        int status = 0;
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        for (uint64_t more; read(ends[0], &more, sizeof more) == sizeof more;) {
            last = more;
        }
        assert_int_equal(close(ends[0]), 0);
        open_plain(&c);
        assert_true(zd_ledger_size(c.scene->ledger) > last);
        check_sound(&c);
        check_again(&c);
        tear_down(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call__nothing_fails__shows_every_entry_in_order),
        cmocka_unit_test(call__a_group_fails_with_others_on_top__fails_them_and_goes_on_from_what_is_durable),
        cmocka_unit_test(call__a_groups_answer_is_lost_with_others_on_top__loses_nothing),
        cmocka_unit_test(call__another_writer_takes_over__ends_in_a_conflict),
        cmocka_unit_test(call__a_fault_between_notes__keeps_what_was_being_written),
        cmocka_unit_test(call__killed_in_the_middle__has_everything_that_was_shown),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
