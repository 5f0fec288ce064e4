/*
 * A random walk over everything that moves money: orders over two pools, captures, voids, refunds, recoveries, clawbacks, seals, objections, answers in any
 * order, expiries, and a year end that carries two pools into one. Any outcome is fine; a fault, an assertion or a broken invariant is not.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "tests/support/settling.h"

typedef struct walk {
    zd_scene *scene;
    uint64_t random;
    unsigned orders, booked, notes, batches, cases, year;
} walk;

static unsigned pick(walk *w, unsigned below)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return (unsigned)((w->random >> 33) % below);
}

#define TRY(w, key, type, ...)                                                                                         \
    do {                                                                                                               \
        assert_ok(zd_scene_submit((w)->scene, key, type, err, __VA_ARGS__));                                           \
        zd_settling_check((w)->scene);                                                                                 \
    } while (0)

static void walk_redeem(walk *w)
{
    static const zd_settling_part parts[] = {{"V-1", H1, P1, H1}, {"V-1", H1, P2, H1}, {"V-81", H81, P1, H81}};
    char order[24];
    if (pick(w, 4) == 0) { /* booked, and left to its deadline or a void */
        (void)snprintf(order, sizeof order, "X-%u", ++w->booked);
        zd_scene_order(w->scene, order, 1000 + (int64_t)pick(w, 90000));
        (void)snprintf(order, sizeof order, "X-%u", 1 + pick(w, w->booked));
        if (pick(w, 2) == 0) {
            TRY(w, "provider/" P1, "redemption.void", "\"order\":\"%s\"", order);
        }
        return;
    }
    (void)snprintf(order, sizeof order, "R-%u", w->orders++);
    zd_settling_capture_for(w->scene, parts[pick(w, 3)], order, 10000 + (int64_t)pick(w, 90000));
}

/* Some note that still owes, in cash. */
static void walk_recover(walk *w)
{
    unsigned skip = pick(w, 3);
    zd_book_cursor cursor = zd_book_scan(w->scene->book, ZD_R_NOTES, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_notes *entry = cursor.record;
        if (skip-- == 0) {
            TRY(w, "maker", "review.recover", "\"amount_fen\":%u,\"evidence_sha256\":\"%064d\",\"note\":\"%s\",\"pool\":\"%.*s\"", 1 + pick(w, 30000), 3, entry->target,
                (int)(strchr(cursor.key + 6, '/') - (cursor.key + 6)), cursor.key + 6);
            return;
        }
    }
}

static void walk_item(walk *w)
{
    char item[24];
    if (w->orders == 0) {
        return;
    }
    unsigned n = pick(w, w->orders);
    (void)snprintf(item, sizeof item, "c-R-%u", n);
    const char *provider = strcmp(zd_settling_item(w->scene, item)->provider, P1) == 0 ? "provider/" P1 : "provider/" P2;
    switch (pick(w, 8)) {
    case 6:
        TRY(w, "reviewer-1", "review.clawback", "\"case\":\"K-%u\",\"holder\":\"%s\",\"item\":\"%s\",\"amount_fen\":%u,\"decision\":\"d\"", w->cases++,
            zd_settling_item(w->scene, item)->holder, item, 1 + pick(w, 40000));
        if (zd_scene_outcome(w->scene) == ZD_PROPOSED) {
            assert_ok(zd_scene_second(w->scene, "reviewer-2", err));
            zd_settling_check(w->scene);
        }
        break;
    case 7:
        if (w->cases > 0) {
            TRY(w, "maker", "review.recover", "\"amount_fen\":%u,\"evidence_sha256\":\"%064d\",\"case\":\"K-%u\"", 1 + pick(w, 20000), 3, pick(w, w->cases));
        }
        break;
    case 0:
        TRY(w, provider, "redemption.void", "\"order\":\"R-%u\",\"item\":\"%s\"", n, item);
        break;
    case 1:
    case 2:
        TRY(w, provider, "redemption.refund", "\"note\":\"N-%u\",\"item\":\"%s\",\"amount_fen\":%u", w->notes++, item, 1 + pick(w, 60000));
        break;
    case 3:
        TRY(w, "reviewer-1", "review.release", "\"item\":\"%s\",\"reason\":\"cleared\"", item);
        break;
    case 4:
        TRY(w, "reviewer-1", "review.reject", "\"item\":\"%s\",\"reason\":\"fraud\"", item);
        break;
    default:
        walk_recover(w);
    }
}

static void walk_batch(walk *w)
{
    static const char *const answers[] = {"accepted", "debited", "debited", "failed", "returned", "paid", "unknown"};
    if (w->batches == 0) {
        return;
    }
    unsigned n = w->batches - 1 - pick(w, w->batches < 6 ? w->batches : 6);
    const char *provider = pick(w, 2) == 0 ? P1 : P2;
    char batch[24];
    (void)snprintf(batch, sizeof batch, "B-%u", n);
    const zd_rec_batch *found = zd_book_find(w->scene->book, ZD_R_BATCH, "%s", batch);
    char hex[ZD_HASH_HEX] = "";
    if (found != NULL) {
        zd_hash_hex(hex, &found->seal_sha256);
    }
    unsigned choice = pick(w, 10);
    if (choice == 0) {
        TRY(w, "reviewer-1", "batch.object", "\"batch\":\"%s\",\"provider\":\"%s\",\"reason\":\"dispute\"", batch, provider);
    } else if (choice == 1) {
        TRY(w, "maker", "batch.withdraw", "\"batch\":\"%s\",\"reason\":\"mistake\"", batch);
    } else if (choice < 5 && found != NULL && found->state == ZD_B_SEALED) {
        zd_settling_approve(w->scene, batch);
        zd_settling_release(w->scene, batch);
    } else {
        TRY(w, "maker", "line.answer", "\"batch\":\"%s\",\"provider\":\"%s\",\"answer\":\"%s\",\"evidence_sha256\":\"%064d\"", batch, provider,
            answers[pick(w, ZD_COUNT(answers))], 9);
    }
}

static void walk_seal(walk *w)
{
    static const char *const pools[] = {POOL_E, POOL_81, "330602-2026-E2", "330602-2027-E", "330681-2027-E", "330602-2027-E"};
    TRY(w, "maker", "batch.seal", "\"batch\":\"B-%u\",\"pool\":\"%s\",\"cutoff\":%llu,\"execution\":\"2027-12-31\",\"forced\":%s", w->batches, pools[pick(w, 3) + w->year * 3],
        (unsigned long long)w->scene->seq, pick(w, 2) == 0 ? "true" : "false");
    w->batches += zd_scene_code(w->scene)[0] == '\0' ? 1 : 0;
}

static void walk_pool(walk *w, const char *pool, const char *jurisdiction, int year, int rank, long long amount_fen)
{
    scene_accepted(w->scene, "maker", "pool.open",
                   "\"pool\":\"%s\",\"jurisdiction\":\"%s\",\"year\":%d,\"class\":\"enterprise\",\"rank\":%d,\"document\":\"d\",\"fund_nature\":\"n\",\"budget_unit\":\"u\","
                   "\"project\":\"p\",\"function_code\":\"1\",\"gov_economic\":\"2\",\"dept_economic\":\"3\",\"settle_mode\":\"m\",\"amount_fen\":%lld",
                   pool, jurisdiction, year, rank, amount_fen);
}

/* A little pool before a large one, so that many orders draw on both. */
static zd_scene *walk_scene(walk *w)
{
    w->scene = zd_scene_ready();
    scene_accepted(w->scene, "maker", "pool.cut", "\"pool\":\"" POOL_E "\",\"amount_fen\":99850000,\"document\":\"d\"");
    walk_pool(w, "330602-2026-E2", "330602", 2026, 2, 60000000);
    return w->scene;
}

static void walk_carry(walk *w, const char *from, const char *to)
{
    assert_ok(zd_scene_submit(w->scene, "maker", "pool.carry", err, "\"pool\":\"%s\",\"to_pool\":\"%s\",\"document\":\"d\"", from, to));
    if (zd_scene_outcome(w->scene) == ZD_PROPOSED) {
        assert_ok(zd_scene_second(w->scene, "maker-2", err));
    }
    assert_true(zd_scene_code(w->scene)[0] == '\0' || strcmp(zd_scene_code(w->scene), "A13") == 0);
    zd_settling_check(w->scene);
}

/* In the new year everything that is open goes on under the new pools' names; both pools of 330602 are carried into one. */
static void walk_year_end(walk *w)
{
    w->scene->now_unix_ms = zd_day_start(zd_day_from(2026, 12, 12), ZD_ZONE_SHANGHAI_MS);
    zd_settling_sweep(w->scene);
    zd_scene_order(w->scene, "Y-1", 30000);
    zd_scene_order(w->scene, "Y-2", 40000); /* these are open when their pools are carried */
    zd_scene_days(w->scene, 25);
    zd_settling_sweep(w->scene);
    walk_pool(w, "330602-2027-E", "330602", 2027, 1, 0);
    walk_pool(w, "330681-2027-E", "330681", 2027, 1, 0);
    w->year = 1;
    for (unsigned step = 0; step < 90; step++) {
        unsigned choice = pick(w, 10);
        if (step % 30 == 0) {
            walk_carry(w, POOL_E, "330602-2027-E");
            walk_carry(w, "330602-2026-E2", "330602-2027-E");
            walk_carry(w, POOL_81, "330681-2027-E");
        } else if (choice < 4) {
            walk_item(w);
        } else if (choice < 6) {
            walk_seal(w);
        } else {
            walk_batch(w);
        }
    }
}

static void money__keeps_every_invariant_under_random_events(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        walk w = {.random = seed * UINT64_C(0x9e3779b97f4a7c15)};
        (void)walk_scene(&w);
        for (unsigned step = 0; step < 250; step++) {
            unsigned choice = pick(&w, 20);
            if (choice < 5) {
                walk_redeem(&w);
            } else if (choice < 10) {
                walk_item(&w);
            } else if (choice < 13) {
                walk_seal(&w);
            } else if (choice < 19) {
                walk_batch(&w);
            } else if (step % 3 == 0) {
                zd_settling_wait(w.scene);
            }
        }
        walk_year_end(&w);
        zd_scene_free(w.scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money__keeps_every_invariant_under_random_events),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
