/*
 * Short ways through a settlement for tests: a capture that nothing holds back, a seal of everything so far, the officers' steps, an answer. All of them
 * go through zd_scene_submit; each also checks the invariants of the book.
 */
#ifndef ZD_TESTS_SETTLING_H
#define ZD_TESTS_SETTLING_H

#include "tests/support/scene.h"

#define POOL_E "330602-2026-E"
#define POOL_P "330602-2026-P"
#define POOL_81 "330681-2026-E"

/* Order and final capture under V-1 with P1; gates cleared. The item has the order's name with "c-" before it. Notice still runs. */
void zd_settling_capture(zd_scene *scene, const char *order, int64_t amount_fen);
/* The same for any holder, voucher and provider; buyer is what the invoice says. */
typedef struct zd_settling_part {
    const char *voucher, *holder, *provider, *buyer;
} zd_settling_part;
void zd_settling_capture_for(zd_scene *scene, zd_settling_part part, const char *order, int64_t amount_fen);
/* Publishes the next policy: the scene's own with one parameter changed (its JSON value), waits until it is in force. */
void zd_settling_policy(zd_scene *scene, int number, const char *parameter, const char *value);
/* Past the notice period of everything captured so far; sweeps what became due meanwhile. */
void zd_settling_wait(zd_scene *scene);
void zd_settling_sweep(zd_scene *scene);

/* Seals everything so far; `more` are further JSON members with their comma, or "". */
void zd_settling_seal(zd_scene *scene, const char *batch, const char *pool, const char *more);
void zd_settling_seal_refused(zd_scene *scene, const char *key, const char *batch, const char *pool, const char *code);
void zd_settling_approve(zd_scene *scene, const char *batch);
/* Types what the lines say. */
void zd_settling_release(zd_scene *scene, const char *batch);
void zd_settling_answer(zd_scene *scene, const char *batch, const char *provider, const char *answer);
/* Seal, approve, release, debited, paid for every line. */
void zd_settling_pay(zd_scene *scene, const char *batch, const char *pool);

const zd_rec_item *zd_settling_item(zd_scene *scene, const char *item);
const zd_rec_line *zd_settling_line(zd_scene *scene, const char *batch, const char *provider);
const zd_rec_batch *zd_settling_batch(zd_scene *scene, const char *batch);
/* The last submission's waiting list holds exactly "item reasons" at this place. "" for the item: the list has no such place. */
void zd_settling_waits(zd_scene *scene, size_t place, const char *item, const char *reasons);

/* Accounts against items, notes and indexes: 3000, 3050, 3100, 3200 and 1100 are the sums of what they stand for; OPEN, HOLDQ and NOTES are exact. */
void zd_settling_check(zd_scene *scene);

#endif
