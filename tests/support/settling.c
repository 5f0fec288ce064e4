/* Short ways through a settlement; see settling.h. */
#include "tests/support/settling.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

static void date_of(char out[ZD_DATE_TEXT], const zd_scene *scene, int days)
{
    zd_date_text(out, zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS) + days);
}

void zd_settling_capture_for(zd_scene *scene, zd_settling_part part, const char *order, int64_t amount_fen)
{
    char date[ZD_DATE_TEXT];
    char key[64];
    char item[64];
    long long amount = amount_fen;
    date_of(date, scene, 0);
    (void)snprintf(key, sizeof key, "provider/%s", part.provider);
    (void)snprintf(item, sizeof item, "c-%s", order);
    scene_accepted(scene, key, "redemption.order",
                   "\"order\":\"%s\",\"voucher\":\"%s\",\"holder\":\"%s\",\"provider\":\"%s\",\"category\":\"testing\",\"purpose\":\"material-%s\",\"amount_fen\":%lld,"
                   "\"own_share_fen\":%lld,\"contract\":\"HT-%s\",\"contract_fen\":%lld,\"contract_date\":\"%s\",\"affiliation\":\"none\",\"statutory\":false,"
                   "\"other_funding_fen\":0",
                   order, part.voucher, part.holder, part.provider, order, amount, amount, order, 2 * amount, date);
    scene_accepted(scene, key, "redemption.capture",
                   "\"item\":\"%s\",\"order\":\"%s\",\"amount_fen\":%lld,\"own_share_fen\":%lld,\"final\":true,\"done\":\"%s\",\"result_sha256\":\"%064d\","
                   "\"invoice\":\"%s\",\"invoice_fen\":%lld,\"invoice_part_fen\":%lld,\"invoice_date\":\"%s\",\"seller\":\"%s\",\"buyer\":\"%s\"",
                   item, order, amount, amount, date, 5, zd_scene_invoice(scene->next_id), 2 * amount, 2 * amount, date, part.provider, part.buyer);
    zd_scene_clear_gates(scene, item);
    assert_int_equal(zd_settling_item(scene, item)->gates, 0);
    zd_settling_check(scene);
}

void zd_settling_capture(zd_scene *scene, const char *order, int64_t amount_fen)
{
    zd_settling_capture_for(scene, (zd_settling_part){"V-1", H1, P1, H1}, order, amount_fen);
}

void zd_settling_policy(zd_scene *scene, int number, const char *parameter, const char *value)
{
    zd_buf file = {0};
    zd_buf text = {0};
    char name[80];
    char date[ZD_DATE_TEXT];
    zd_scene_policy_text(&file);
    (void)snprintf(name, sizeof name, "\"%s\":{\"value\":", parameter);
    const char *start = strstr(zd_buf_text(&file), name);
    assert_non_null(start);
    start += strlen(name);
    zd_buf_add(&text, file.data, (size_t)(start - zd_buf_text(&file)));
    zd_buf_add_text(&text, value);
    zd_buf_add_text(&text, strstr(start, ",\"source\""));
    zd_scene_days(scene, 1);
    date_of(date, scene, 31);
    scene_two(scene, "issuer-1", "issuer-2", "policy.publish", "\"number\":%d,\"effective\":\"%s\",\"policy\":%s", number, date, zd_buf_text(&text));
    zd_scene_days(scene, 32);
    zd_buf_free(&file);
    zd_buf_free(&text);
}

void zd_settling_sweep(zd_scene *scene)
{
    char now[ZD_TIME_TEXT];
    zd_time_text(now, scene->now_unix_ms);
    scene_accepted(scene, "service", "sweep", "\"up_to\":\"%s\"", now);
    zd_settling_check(scene);
}

void zd_settling_wait(zd_scene *scene)
{
    zd_scene_days(scene, 8);
    zd_settling_sweep(scene);
}

static zd_status seal(zd_scene *scene, const char *key, const char *batch, const char *pool, const char *more, zd_error *err)
{
    char date[ZD_DATE_TEXT];
    date_of(date, scene, 3);
    return zd_scene_submit(scene, key, "batch.seal", err, "\"batch\":\"%s\",\"pool\":\"%s\",\"cutoff\":%llu,\"execution\":\"%s\"%s", batch, pool,
                           (unsigned long long)scene->seq, date, more);
}

void zd_settling_seal(zd_scene *scene, const char *batch, const char *pool, const char *more)
{
    assert_ok(seal(scene, "maker", batch, pool, more, err));
    assert_string_equal(zd_scene_code(scene), "");
    zd_settling_check(scene);
}

void zd_settling_seal_refused(zd_scene *scene, const char *key, const char *batch, const char *pool, const char *code)
{
    assert_ok(seal(scene, key, batch, pool, "", err));
    assert_string_equal(zd_scene_code(scene), code);
    zd_settling_check(scene);
}

void zd_settling_approve(zd_scene *scene, const char *batch)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &zd_settling_batch(scene, batch)->seal_sha256);
    scene_accepted(scene, "checker", "batch.approve", "\"batch\":\"%s\",\"seal_sha256\":\"%s\"", batch, hex);
}

void zd_settling_release(zd_scene *scene, const char *batch)
{
    long long count = 0;
    long long total = 0;
    zd_book_cursor lines = zd_book_scan(scene->book, ZD_R_LINE, "%s/", batch);
    while (zd_book_next(&lines)) {
        const zd_rec_line *line = lines.record;
        count += line->state == ZD_L_PENDING ? 1 : 0;
        total += line->state == ZD_L_PENDING ? line->net_fen : 0;
    }
    scene_accepted(scene, "releaser", "batch.release", "\"batch\":\"%s\",\"count\":%lld,\"total_fen\":%lld", batch, count, total);
}

void zd_settling_answer(zd_scene *scene, const char *batch, const char *provider, const char *answer)
{
    scene_accepted(scene, "maker", "line.answer", "\"batch\":\"%s\",\"provider\":\"%s\",\"answer\":\"%s\",\"evidence_sha256\":\"%064d\"", batch, provider, answer, 9);
    zd_settling_check(scene);
}

void zd_settling_pay(zd_scene *scene, const char *batch, const char *pool)
{
    zd_settling_seal(scene, batch, pool, "");
    zd_settling_approve(scene, batch);
    zd_settling_release(scene, batch);
    zd_book_cursor lines = zd_book_scan(scene->book, ZD_R_LINE, "%s/", batch);
    while (zd_book_next(&lines)) {
        const zd_rec_line *line = lines.record;
        if (line->state == ZD_L_PENDING) {
            zd_settling_answer(scene, batch, line->provider, "debited");
            zd_settling_answer(scene, batch, line->provider, "paid");
        }
    }
    assert_int_equal(zd_settling_batch(scene, batch)->state, ZD_B_CLOSED);
}

const zd_rec_item *zd_settling_item(zd_scene *scene, const char *item)
{
    const zd_rec_item *found = zd_book_find(scene->book, ZD_R_ITEM, "%s", item);
    assert_non_null(found);
    return found;
}

const zd_rec_line *zd_settling_line(zd_scene *scene, const char *batch, const char *provider)
{
    const zd_rec_line *found = zd_book_find(scene->book, ZD_R_LINE, "%s/%s", batch, provider);
    assert_non_null(found);
    return found;
}

const zd_rec_batch *zd_settling_batch(zd_scene *scene, const char *batch)
{
    const zd_rec_batch *found = zd_book_find(scene->book, ZD_R_BATCH, "%s", batch);
    assert_non_null(found);
    return found;
}

/* Entry `place` over all parts of the waiting list. */
void zd_settling_waits(zd_scene *scene, size_t place, const char *item, const char *reasons)
{
    for (size_t i = 0; i < scene->last.count; i++) {
        const zd_decision *decision = &scene->last.decisions[i];
        zd_buf object = {0};
        zd_json *json = NULL;
        if (!decision->is_effect || strcmp(decision->item, "waiting") != 0) {
            continue;
        }
        zd_buf_addf(&object, "{%s}", zd_buf_text(&decision->extra));
        assert_ok(zd_json_parse(&json, zd_buf_span(&object), true, err));
        zd_jval list = zd_jval_get(zd_json_root(json), "waiting");
        bool here = place < zd_jval_count(list);
        if (here) {
            zd_jval entry = zd_jval_at(list, place);
            assert_true(zd_span_is(zd_jval_text(zd_jval_at(entry, 0)), item));
            assert_true(zd_span_is(zd_jval_text(zd_jval_at(entry, 1)), reasons));
        }
        place -= here ? 0 : zd_jval_count(list);
        zd_json_free(json);
        zd_buf_free(&object);
        if (here) {
            return;
        }
    }
    assert_string_equal(item, "");
}

/* --- the check --- */

typedef struct sums {
    int64_t open_fen, held_fen, in_batch_fen, returned_fen;
} sums;

static sums sum_items(zd_scene *scene, const char *provider, const char *pool)
{
    sums out = {0};
    zd_book_cursor items = zd_book_scan(scene->book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&items)) {
        const zd_rec_item *item = items.record;
        bool unpaid = false;
        for (size_t i = 0; i < ZD_LEGS && strcmp(item->provider, provider) == 0; i++) {
            if (strcmp(item->leg_pool[i], pool) == 0) {
                *(item->held != 0 ? &out.held_fen : &out.open_fen) += item->open_fen[i];
                out.in_batch_fen += item->in_batch_fen[i];
                out.returned_fen += item->returned_fen[i];
                unpaid = unpaid || item->open_fen[i] > 0 || item->returned_fen[i] > 0;
            }
        }
        if (strcmp(item->provider, provider) == 0) {
            assert_true((zd_book_find(scene->book, ZD_R_OPEN, "%s/%s/%012lld/%s", pool, provider, (long long)item->seq, item->id) != NULL) == unpaid);
        }
    }
    return out;
}

static int64_t sum_notes(zd_scene *scene, const char *provider, const char *pool)
{
    int64_t sum_fen = 0;
    zd_book_cursor notes = zd_book_scan(scene->book, ZD_R_NOTE, "%s", "");
    while (zd_book_next(&notes)) {
        const zd_rec_note *note = notes.record;
        if (strcmp(note->provider, provider) == 0 && strcmp(note->pool, pool) == 0) {
            sum_fen += note->remaining_fen;
            assert_int_equal(zd_book_balance(scene->book, "2160/%s/%s", note->id, pool), note->remaining_fen);
            assert_true((zd_book_find(scene->book, ZD_R_NOTES, "%s/%s/%012lld/%s", pool, provider, (long long)note->seq, note->id) != NULL) == (note->remaining_fen > 0));
        }
    }
    return sum_fen;
}

static int64_t sum_settling(zd_scene *scene, const char *provider, const char *pool)
{
    int64_t sum_fen = 0;
    zd_book_cursor lines = zd_book_scan(scene->book, ZD_R_LINE, "%s", "");
    while (zd_book_next(&lines)) {
        const zd_rec_line *line = lines.record;
        if (strcmp(line->provider, provider) == 0 && strcmp(line->pool, pool) == 0) {
            bool live = line->state == ZD_L_PENDING || line->state == ZD_L_ACCEPTED || line->state == ZD_L_UNKNOWN;
            int64_t balance_fen = zd_book_balance(scene->book, "3100/%s/%s/%s", line->batch, provider, pool);
            assert_int_equal(balance_fen, live ? line->net_fen : 0);
            sum_fen += balance_fen;
        }
    }
    return sum_fen;
}

static void check_holds(zd_scene *scene)
{
    size_t held = 0;
    size_t queued = 0;
    zd_book_cursor items = zd_book_scan(scene->book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&items)) {
        const zd_rec_item *item = items.record;
        held += item->held != 0 ? 1 : 0;
        assert_true(item->held == 0 || zd_book_find(scene->book, ZD_R_HOLDQ, "%06lld/%s", (long long)item->hold_deadline_day, item->id) != NULL);
    }
    zd_book_cursor queue = zd_book_scan(scene->book, ZD_R_HOLDQ, "%s", "");
    while (zd_book_next(&queue)) {
        queued++;
    }
    assert_int_equal(held, queued);
}

void zd_settling_check(zd_scene *scene)
{
    zd_scene_check(scene);
    check_holds(scene);
    zd_book_cursor pools = zd_book_scan(scene->book, ZD_R_POOL, "%s", "");
    while (zd_book_next(&pools)) {
        const char *pool = ((const zd_rec_pool *)pools.record)->id;
        zd_book_cursor providers = zd_book_scan(scene->book, ZD_R_PROVIDER, "%s", "");
        while (zd_book_next(&providers)) {
            const char *provider = ((const zd_rec_provider *)providers.record)->id;
            sums items = sum_items(scene, provider, pool);
            assert_int_equal(zd_book_balance(scene->book, "3000/%s/%s", provider, pool), items.open_fen);
            assert_int_equal(zd_book_balance(scene->book, "3050/%s/%s", provider, pool), items.held_fen);
            assert_int_equal(zd_book_balance(scene->book, "3200/%s/%s", provider, pool), items.returned_fen);
            assert_int_equal(zd_book_balance(scene->book, "1100/%s/%s", provider, pool), sum_notes(scene, provider, pool));
            assert_int_equal(sum_settling(scene, provider, pool), items.in_batch_fen);
        }
    }
}
