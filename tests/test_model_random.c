/*
 * The engine's acts against an independent model of the rule book (tests/model): the same random requests go to both, and after every one the outcomes must
 * agree, after every few all balances by name. Then the same history is played into a second book, which must hold the same records, and a batch request must
 * leave the same balances as its items one by one. ZD_MODEL_EVENTS and ZD_MODEL_SEEDS make the walks longer or more; ZD_MODEL_FIRST and ZD_MODEL_EVERY help to
 * find the request that two books differ after.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/record/records.h"
#include "ledger/rules/decide.h"
#include "tests/model/walk.h"
#include "tests/support/settling.h"

static int setting(const char *name, int usual)
{
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? (int)strtol(text, NULL, 10) : usual;
}

/* --- comparing --- */

static void compare_balances(mo_walk *w)
{
    mo_balances mine;
    size_t next = 0;
    bool same = true;
    mo_list_balances(&mine, w->model);
    zd_book_cursor cursor = zd_book_scan(w->scene->book, ZD_R_ACCT, "%s", "");
    while (zd_book_next(&cursor)) {
        const char *name = cursor.key + strlen("ACCT/");
        int64_t fen = ((const zd_rec_acct *)cursor.record)->balance_fen;
        for (; next < mine.count && strcmp(mine.row[next].name, name) < 0; next++) {
            print_message("%s: model %lld, engine nothing\n", mine.row[next].name, (long long)mine.row[next].fen);
            same = false;
        }
        int64_t model = next < mine.count && strcmp(mine.row[next].name, name) == 0 ? mine.row[next++].fen : 0;
        if (model != fen) {
            print_message("%s: model %lld, engine %lld\n", name, (long long)model, (long long)fen);
            same = false;
        }
    }
    same = same && next == mine.count;
    mo_balances_free(&mine);
    if (!same) {
        print_message("seed %d (%s), step %d\n%s", w->seed, mo_variant_name(w->variant), w->step, w->history[w->count - 1].text);
        fail();
    }
}

/* What each item waits for, and whether it has ended. */
static void compare_items(mo_walk *w)
{
    for (int i = 0; i < w->model->items; i++) {
        const mo_item *mine = &w->model->item[i];
        const zd_rec_item *item = zd_book_find(w->scene->book, ZD_R_ITEM, "I-%d", i);
        assert_non_null(item);
        zd_check_set gates = (mine->gates & MO_G_CONSENT ? ZD_CHECK_BIT(R06) : 0) | (mine->gates & MO_G_OWN ? ZD_CHECK_BIT(R25) : 0) |
                             (mine->gates & MO_G_INVOICE ? ZD_CHECK_BIT(R33) : 0);
        if ((zd_check_set)item->gates != gates || (item->held != 0) != mine->held || (int)item->state != (int)mine->state) {
            print_message("I-%d: gates %llx model %llx, held %d model %d, state %d model %d; seed %d, step %d\n", i, (unsigned long long)item->gates, (unsigned long long)gates,
                          (int)item->held, (int)mine->held, (int)item->state, (int)mine->state, w->seed, w->step);
            fail();
        }
    }
}

/* The quota of each holder and year is opened once and only moves between its three places. */
static void compare_quota(mo_walk *w)
{
    const mo_model *m = w->model;
    for (int h = 0; h < MO_HOLDERS; h++) {
        for (int y = 0; y < MO_YEARS; y++) {
            int64_t sum = m->quota_left[h][y];
            for (int v = 0; v < m->vouchers; v++) {
                sum += m->voucher[v].holder == h && m->voucher[v].year == MO_FIRST_YEAR + y ? m->voucher[v].left + m->voucher[v].used : 0;
            }
            const zd_rec_quota *quota = zd_book_find(w->scene->book, ZD_R_QUOTA, "%s/%d", m->holder[h].name, MO_FIRST_YEAR + y);
            assert_int_equal(sum, quota != NULL ? quota->cap_fen : 0);
        }
    }
}

/* --- texts that come again --- */

static void replay(mo_walk *w)
{
    const mo_sent *s = &w->history[(size_t)mo_pick(&w->gen, (int)w->count)];
    uint64_t seq = w->scene->seq;
    assert_ok(zd_scene_text(w->scene, mo_keys[s->key].name, s->text, err));
    assert_true(w->scene->last.replay);
    assert_int_equal(w->scene->last.first_seq, s->seq);
    assert_int_equal(zd_scene_outcome(w->scene), s->outcome);
    assert_string_equal(zd_scene_code(w->scene), s->code);
    assert_int_equal(w->scene->seq, seq);
    w->replays++;
}

/* Another request of the same party under an id that it used before. */
static void tamper(mo_walk *w)
{
    const mo_sent *s = &w->history[(size_t)mo_pick(&w->gen, (int)w->count)];
    char text[MO_TEXT_MAX];
    const char *amount = strstr(s->text, "_fen\":");
    const char *expires = strstr(s->text, "\"expires\":\"");
    assert_non_null(expires);
    size_t at = amount != NULL ? (size_t)(amount - s->text) + strlen("_fen\":") : (size_t)(expires - s->text) + strlen("\"expires\":\"2026-03-02T02:1");
    (void)snprintf(text, sizeof text, "%s", s->text);
    text[at] = text[at] == '1' ? '2' : '1';
    zd_error err = {0};
    uint64_t seq = w->scene->seq;
    zd_status status = zd_scene_text(w->scene, mo_keys[s->key].name, text, &err);
    bool zero = status == ZD_MALFORMED && err.code == ZD_E_FIELD_INVALID; /* "0" became "1" before other digits only; a leading zero is none */
    assert_true(zero || err.code == ZD_E_REQUEST_CONFLICT || strcmp(zd_code_name(err.code), "json-number") == 0);
    assert_int_not_equal(status, ZD_OK);
    assert_int_equal(w->scene->seq, seq);
    w->conflicts++;
}

/* --- a second book, and batches --- */

static zd_status add_to_hash(void *context, zd_span key, zd_span value)
{
    zd_buf *all = context;
    char hex[ZD_HASH_HEX];
    zd_hash hash = zd_sha256(value);
    zd_hash_hex(hex, &hash);
    zd_buf_addf(all, "%.*s %s\n", (int)key.size, (const char *)key.data, hex);
    return ZD_OK;
}

static zd_scene *play_again(const mo_walk *w)
{
    zd_scene *again = mo_world(w->variant);
    for (size_t i = 0; i < w->count; i++) {
        const mo_sent *s = &w->history[i];
        again->now_unix_ms = s->at;
        assert_int_equal(again->seq, s->seq);
        assert_ok(zd_scene_text(again, mo_keys[s->key].name, s->text, err));
        assert_int_equal(zd_scene_outcome(again), s->outcome);
        assert_string_equal(zd_scene_code(again), s->code);
    }
    zd_buf left = {0};
    zd_buf right = {0};
    assert_int_equal(zd_book_each(w->scene->book, add_to_hash, &left), ZD_OK);
    assert_int_equal(zd_book_each(again->book, add_to_hash, &right), ZD_OK);
    assert_int_equal(w->scene->seq, again->seq);
    assert_string_equal(zd_buf_text(&left), zd_buf_text(&right));
    zd_buf_free(&left);
    zd_buf_free(&right);
    again->now_unix_ms = w->scene->now_unix_ms;
    return again;
}

static void add_balances(zd_buf *out, zd_scene *scene)
{
    zd_book_cursor cursor = zd_book_scan(scene->book, ZD_R_ACCT, "%s", "");
    while (zd_book_next(&cursor)) {
        int64_t fen = ((const zd_rec_acct *)cursor.record)->balance_fen;
        if (fen != 0) {
            zd_buf_addf(out, "%s %lld\n", cursor.key, (long long)fen);
        }
    }
}

enum { TOGETHER = 12 };

/* The same items, once in one request and once each for itself. Whatever each answers, the answers and the balances are the same. */
static void batch_like_singles(mo_walk *w, zd_scene *other, mo_kind kind)
{
    zd_buf items = {0};
    char codes[TOGETHER][24];
    const char *key = kind == MO_INVOICE_WORD ? "attester" : "provider/" P1;
    int64_t today = zd_day_of(w->scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS);
    for (unsigned i = 0; i < TOGETHER; i++) {
        char members[MO_TEXT_MAX];
        mo_event e = kind == MO_ORDER ? mo_gen_order(&w->gen, w->model, today) : kind == MO_REFUND ? mo_blank(MO_REFUND, 0) : mo_gen_capture(&w->gen, w->model, today);
        if (kind == MO_REFUND) {
            e.item = mo_some_item(&w->gen, w->model);
            e.note = w->gen.next_note++;
            e.amount = mo_between(&w->gen, 1, 20000);
        }
        e.item = kind == MO_CAPTURE ? w->model->items + (int)i : e.item;
        mo_render(members, sizeof members, w->model, &e);
        zd_buf_addf(&items, "%s{\"id\":\"%s-%u-%u\"%s}", i > 0 ? "," : "", mo_type(kind), w->next_id, i, members);
        assert_ok(zd_scene_submit(other, key, mo_type(kind), err, "%s", members + 1));
        (void)snprintf(codes[i], sizeof codes[i], "%s", zd_scene_code(other));
    }
    assert_ok(zd_scene_submit(w->scene, key, "batch", err, "\"of\":\"%s\",\"items\":[%s]", mo_type(kind), zd_buf_text(&items)));
    assert_int_equal(w->scene->last.count, TOGETHER + 1);
    for (unsigned i = 0; i < TOGETHER; i++) {
        zd_code code = w->scene->last.decisions[i + 1].code;
        assert_string_equal(code == ZD_CODE_NONE ? "" : zd_code_name(code), codes[i]);
    }
    zd_buf left = {0};
    zd_buf right = {0};
    add_balances(&left, w->scene);
    add_balances(&right, other);
    assert_string_equal(zd_buf_text(&left), zd_buf_text(&right));
    zd_buf_free(&left);
    zd_buf_free(&right);
    zd_buf_free(&items);
    w->next_id++;
}

/* --- the walk --- */

/* The engine's lines stand where the model's do. */
static void compare_lines(mo_walk *w)
{
    static const zd_line_state same[] = {[MO_L_PENDING] = ZD_L_PENDING, [MO_L_ACCEPTED] = ZD_L_ACCEPTED, [MO_L_DEBITED] = ZD_L_DEBITED, [MO_L_PAID] = ZD_L_PAID,
                                         [MO_L_RETURNED] = ZD_L_RETURNED, [MO_L_FAILED] = ZD_L_FAILED, [MO_L_UNKNOWN] = ZD_L_UNKNOWN, [MO_L_HELD] = ZD_L_HELD,
                                         [MO_L_ZERO] = ZD_L_ZERO, [MO_L_WITHDRAWN] = ZD_L_WITHDRAWN};
    for (int b = 0; b < w->gen.next_batch; b++) {
        for (int p = 0; p < MO_PROVIDERS; p++) {
            char name[80];
            mo_line_state mine = w->model->batch[b].line[p].state;
            (void)snprintf(name, sizeof name, "B-%d/%s", b, w->model->provider[p].name);
            const zd_rec_line *line = zd_book_find(w->scene->book, ZD_R_LINE, "%s", name);
            if ((line != NULL) != (mine != MO_L_NONE) || (line != NULL && line->state != (int64_t)same[mine])) {
                print_message("%s: state %d, model %d; seed %d, step %d\n", name, line != NULL ? (int)line->state : 0, (int)mine, w->seed, w->step);
                fail();
            }
        }
    }
}

/* Each kind of event that must not become rare: so often at least in every seed of ten thousand events. */
static void check_coverage(const mo_walk *w)
{
    enum { EVENTS = 10000 };
    static const struct { const char *name; unsigned least; } rows[] = {
        [MO_SEEN_UNKNOWN_SAID] = {"unknown by answer", 6}, [MO_SEEN_UNKNOWN_SWEPT] = {"unknown by sweep", 24}, [MO_SEEN_UNKNOWN_ENDED] = {"unknown ended", 24},
        [MO_SEEN_PAID_SAID] = {"paid by answer", 6}, [MO_SEEN_PAID_SWEPT] = {"paid by sweep", 12}, [MO_SEEN_FAILED] = {"failed", 24}, [MO_SEEN_RETURNED] = {"returned", 36},
        [MO_SEEN_RETURNED_NEXT_YEAR] = {"returned in a later year", 24}, [MO_SEEN_REISSUED] = {"re-issued", 36},
        [MO_SEEN_REISSUED_LATER_YEAR] = {"re-issued in a later year", 1}, [MO_SEEN_OFFSET] = {"offset", 18}};
    bool rare = false;
    for (int i = 0; i < MO_SEEN__COUNT; i++) {
        bool few = w->step > EVENTS && w->model->seen[i] < rows[i].least;
        if (few || getenv("ZD_MODEL_TALLY") != NULL) {
            print_message("  seed %d: %4u times %s%s\n", w->seed, w->model->seen[i], rows[i].name, few ? ", too rare" : "");
        }
        rare = rare || few;
    }
    assert_false(rare);
}

static void tell(const mo_walk *w)
{
    print_message("seed %d (%s): %d steps, %zu decided, %d items, %d batches, until day %lld; %u replays, %u tampered, cleared by %d more\n", w->seed, mo_variant_name(w->variant), w->step, w->count,
                  w->model->items, w->gen.next_batch, (long long)zd_day_of(w->gen.now, ZD_ZONE_SHANGHAI_MS), w->replays, w->conflicts, w->drained);
    for (int k = 0; k < MO_KINDS && getenv("ZD_MODEL_TALLY") != NULL; k++) {
        const unsigned *t = w->tally[k];
        print_message("  %2d %-20s accepted %5u held %4u refused %5u proposed %4u errors %4u\n", k, mo_type((mo_kind)k), t[MO_ACCEPTED], t[MO_HELD], t[MO_REFUSED], t[MO_PROPOSED], t[MO_ERROR]);
    }
}

static void walk_seed(unsigned accepted[MO_KINDS], int seed, int events, int every)
{
    mo_walk *w = malloc(sizeof *w);
    assert_non_null(w);
    mo_walk_begin(w, mo_world(seed - 1), seed - 1, seed);
    compare_balances(w);
    for (w->step = 1; w->step <= events; w->step++) {
        if (w->count > 0 && mo_chance(&w->gen, 40)) {
            replay(w);
        } else if (w->count > 0 && mo_chance(&w->gen, 60)) {
            tamper(w);
        } else {
            mo_walk_step(w);
        }
        if (w->step % every == 0 || w->step == events) {
            compare_balances(w);
        }
        if (w->step % (every * 10) == 0 || w->step == events) {
            compare_items(w);
            compare_lines(w);
            compare_quota(w);
            zd_settling_check(w->scene);
        }
    }
    check_coverage(w);
    for (int k = 0; k < MO_KINDS; k++) {
        accepted[k] += w->tally[k][MO_ACCEPTED] + w->tally[k][MO_HELD] + w->tally[k][MO_PROPOSED];
    }
    w->drained = mo_walk_drain(w);
    compare_balances(w);
    compare_lines(w);
    compare_items(w);
    compare_quota(w);
    zd_settling_check(w->scene);
    zd_scene *again = play_again(w);
    batch_like_singles(w, again, MO_ORDER);
    batch_like_singles(w, again, MO_CAPTURE);
    batch_like_singles(w, again, MO_REFUND);
    zd_scene_free(again);
    tell(w);
    mo_walk_end(w);
    free(w);
}

static void engine__agrees_with_an_independent_model_under_random_events(void **state)
{
    (void)state;
    int events = setting("ZD_MODEL_EVENTS", 10000);
    int seeds = setting("ZD_MODEL_SEEDS", 5);
    int first = setting("ZD_MODEL_FIRST", 1);
    unsigned accepted[MO_KINDS] = {0};
    for (int seed = first; seed < first + seeds; seed++) {
        walk_seed(accepted, seed, events, setting("ZD_MODEL_EVERY", 50));
    }
    for (int k = 0; k < MO_KINDS && events >= 10000 && seeds >= 5; k++) {
        if (accepted[k] == 0) {
            print_message("no %s was ever accepted\n", mo_type((mo_kind)k));
        }
        assert_true(accepted[k] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(engine__agrees_with_an_independent_model_under_random_events),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
