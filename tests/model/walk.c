/* One random request after the other, to scene and model; see walk.h. */
#include "tests/model/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

#define LEDGER "voucher.sx.example"

static void compose(char out[MO_TEXT_MAX], mo_walk *w, const char *id, const mo_event *e)
{
    char members[MO_TEXT_MAX - 400];
    char expires[ZD_TIME_TEXT];
    zd_time_text(expires, e->now + ZD_DAY_MS);
    mo_render(members, sizeof members, w->model, e);
    (void)snprintf(out, MO_TEXT_MAX, "{\"type\":\"%s\",\"v\":1,\"ledger\":\"" LEDGER "\",\"id\":\"%s\",\"expires\":\"%s\"%s}\n", mo_type(e->kind), id, expires, members);
}

static mo_outcome of_engine(zd_outcome outcome)
{
    switch (outcome) {
    case ZD_ACCEPTED: return MO_ACCEPTED;
    case ZD_HELD: return MO_HELD;
    case ZD_REFUSED_BY_RULE: return MO_REFUSED;
    case ZD_PROPOSED: return MO_PROPOSED;
    }
    return MO_ERROR;
}

static void remember(mo_walk *w, const char *text, int key, uint64_t seq)
{
    if (w->count == w->capacity) {
        w->capacity = w->capacity == 0 ? 1024 : w->capacity * 2;
        w->history = realloc(w->history, w->capacity * sizeof *w->history);
        assert_non_null(w->history);
    }
    mo_sent *s = &w->history[w->count++];
    *s = (mo_sent){.text = strdup(text), .key = key, .seq = seq, .at = w->scene->now_unix_ms, .outcome = zd_scene_outcome(w->scene)};
    (void)snprintf(s->code, sizeof s->code, "%s", zd_scene_code(w->scene));
}

/* What a later request must name by its hash. */
static void keep_hash(mo_walk *w, const mo_event *e, mo_answer answer)
{
    char *to = e->kind == MO_ORDER || e->kind == MO_DIRECT ? w->model->order[e->order].sha256 : e->kind == MO_SEAL ? w->model->batch[e->batch].sha256 : NULL;
    to = answer.outcome == MO_PROPOSED ? w->model->proposal[w->model->proposals - 1].sha256 : to;
    if (to != NULL && mo_is(answer)) {
        (void)snprintf(to, 65, "%s", w->scene->last_text);
    }
}

static void disagree(const mo_walk *w, const char *text, const char *key, mo_answer expected, mo_outcome outcome, const char *code)
{
    static const char *const names[] = {"error", "accepted", "held", "refused", "proposed"};
    print_message("seed %d (%s), step %d, key %s:\n%smodel: %s %s, engine: %s %s\n", w->seed, mo_variant_name(w->variant), w->step, key, text, names[expected.outcome],
                  expected.code, names[outcome], code);
    if (w->scene->last.count > 0) {
        print_message("engine saw: %s\n", zd_buf_text(&w->scene->last.decisions[0].saw));
    }
    fail();
}

static void submit(mo_walk *w, const mo_event *e)
{
    char text[MO_TEXT_MAX];
    char id[24];
    zd_error err = {0};
    uint64_t seq = w->scene->seq;
    (void)snprintf(id, sizeof id, "m-%u", ++w->next_id);
    compose(text, w, id, e);
    w->scene->now_unix_ms = e->now;
    zd_status status = zd_scene_text(w->scene, mo_keys[e->key].name, text, &err);
    mo_outcome outcome = status == ZD_OK ? of_engine(zd_scene_outcome(w->scene)) : MO_ERROR;
    const char *code = status == ZD_OK ? zd_scene_code(w->scene) : zd_code_name(err.code);
    if (status == ZD_OK) {
        remember(w, text, e->key, seq);
    }
    mo_answer expected = mo_apply(w->model, e);
    w->tally[e->kind][expected.outcome]++;
    if (getenv("ZD_MODEL_TRACE") != NULL) {
        print_message("%s %d %s\n", mo_type(e->kind), (int)expected.outcome, expected.code);
    }
    if (expected.outcome != outcome || strcmp(expected.code, code) != 0) {
        if (status != ZD_OK) {
            zd_test_show(&err);
        }
        disagree(w, text, mo_keys[e->key].name, expected, outcome, code);
    }
    keep_hash(w, e, expected);
    w->last = *e;
    w->answered = outcome;
}

void mo_walk_step(mo_walk *w)
{
    mo_event e = mo_next(&w->gen, w->model, (int64_t)w->scene->seq);
    submit(w, &e);
}

static void assert_cleared(const mo_walk *w)
{
    static const char *const codes[] = {"3100/", "3200/", "2160/", "2170/", "1100/", "1200/", "3050/"};
    for (size_t i = 0; i < ZD_COUNT(codes); i++) {
        zd_book_cursor cursor = zd_book_scan(w->scene->book, ZD_R_ACCT, "%s", codes[i]);
        while (zd_book_next(&cursor)) {
            int64_t fen = ((const zd_rec_acct *)cursor.record)->balance_fen;
            if (fen != 0) {
                print_message("seed %d (%s): %s still holds %lld\n", w->seed, mo_variant_name(w->variant), cursor.key, (long long)fen);
                fail();
            }
        }
    }
}

int mo_walk_drain(mo_walk *w)
{
    mo_event e;
    int steps = 0;
    while (mo_drain(&e, &w->gen, w->model, (int64_t)w->scene->seq)) {
        submit(w, &e);
        if (++steps > 20000 || w->answered == MO_REFUSED || w->answered == MO_ERROR) {
            print_message("seed %d (%s): %d steps, and not cleared: %s\n%s", w->seed, mo_variant_name(w->variant), steps, zd_scene_code(w->scene), w->history[w->count - 1].text);
            fail();
        }
    }
    assert_cleared(w);
    return steps;
}

void mo_walk_begin(mo_walk *w, zd_scene *scene, int variant, int seed)
{
    *w = (mo_walk){.seed = seed, .variant = variant, .scene = scene, .model = mo_new()};
    w->gen.random = (uint64_t)seed * UINT64_C(0xd1b54a32d192ed03);
    mo_tell(w->model, &w->gen, scene, variant);
}

void mo_walk_end(mo_walk *w)
{
    zd_scene_free(w->scene);
    for (size_t i = 0; i < w->count; i++) {
        free(w->history[i].text);
    }
    free(w->history);
    free(w->model);
}
