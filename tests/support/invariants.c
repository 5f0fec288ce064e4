/* The rule book's invariants over a book in memory, computed from nothing but balances and items. See scene.h. */
#include <string.h>

#include "tests/support/scene.h"

/* Sum of all accounts of a code whose name ends in "/<pool>" (or is "<code>/<pool>"). */
static int64_t sum_for_pool(zd_scene *scene, int code, const char *pool)
{
    int64_t sum = 0;
    zd_book_cursor cursor = zd_book_scan(scene->book, ZD_R_ACCT, "%04d/", code);
    while (zd_book_next(&cursor)) {
        const char *end = strrchr(cursor.key, '/');
        if (strcmp(end + 1, pool) == 0) {
            sum += ((const zd_rec_acct *)cursor.record)->balance_fen;
        }
    }
    return sum;
}

static void check_pool(zd_scene *scene, const char *pool)
{
    static const int assets[] = {1000, 1100, 1200};
    static const int claims[] = {2000, 2100, 2160, 2170, 2200, 3000, 3050, 3100, 3200};
    int64_t left = 0;
    int64_t right = 0;
    for (size_t i = 0; i < ZD_COUNT(assets); i++) {
        left += sum_for_pool(scene, assets[i], pool);
    }
    for (size_t i = 0; i < ZD_COUNT(claims); i++) {
        right += sum_for_pool(scene, claims[i], pool);
    }
    assert_int_equal(left, right);
}

static int64_t sum_of_code(zd_scene *scene, int code)
{
    int64_t sum = 0;
    zd_book_cursor cursor = zd_book_scan(scene->book, ZD_R_ACCT, "%04d/", code);
    while (zd_book_next(&cursor)) {
        int64_t balance = ((const zd_rec_acct *)cursor.record)->balance_fen;
        assert_true(balance >= 0);
        sum += balance;
    }
    return sum;
}

static void check_item(const zd_rec_item *item)
{
    for (size_t leg = 0; leg < ZD_LEGS; leg++) {
        assert_true(item->open_fen[leg] >= 0 && item->in_batch_fen[leg] >= 0 && item->offset_fen[leg] >= 0 && item->paid_fen[leg] >= 0);
        assert_true(item->returned_fen[leg] >= 0 && item->refunded_open_fen[leg] >= 0 && item->refunded_settled_fen[leg] >= 0);
        assert_int_equal(item->leg_fen[leg], item->open_fen[leg] + item->in_batch_fen[leg] + item->offset_fen[leg] + item->paid_fen[leg] +
                                                 item->returned_fen[leg] + item->refunded_open_fen[leg]);
        assert_true(item->refunded_open_fen[leg] + item->refunded_settled_fen[leg] <= item->leg_fen[leg]);
    }
}

/* What one subject was ever given for a year is in exactly one of three places: left, allotted, used (on the old platform, under "opening-<holder>"). */
static void check_quota(zd_scene *scene, const char *key, int64_t cap_fen)
{
    char subject[ZD_KEY_MAX + 1];
    const char *year = strrchr(key, '/') + 1;
    zd_format(subject, sizeof subject, "%.*s", (int)(year - 1 - (key + strlen("QUOTA/"))), key + strlen("QUOTA/"));
    int64_t sum = zd_book_balance(scene->book, "6100/%s/%s", subject, year);
    zd_book_cursor vouchers = zd_book_scan(scene->book, ZD_R_VOUCHER, "%s", "");
    while (zd_book_next(&vouchers)) {
        const zd_rec_voucher *voucher = vouchers.record;
        char own_year[24];
        zd_format(own_year, sizeof own_year, "%lld", (long long)voucher->year);
        if (strcmp(voucher->subject, subject) == 0 && strcmp(own_year, year) == 0) {
            sum += zd_book_balance(scene->book, "6200/%s/%s", voucher->id, year) + zd_book_balance(scene->book, "6300/%s/%s", voucher->id, year);
        }
    }
    zd_book_cursor holders = zd_book_scan(scene->book, ZD_R_HOLDER, "%s", "");
    while (zd_book_next(&holders)) {
        const zd_rec_holder *holder = holders.record;
        if (strcmp(holder->id, subject) == 0 || (holder->group[0] != '\0' && strcmp(holder->group, subject) == 0)) {
            sum += zd_book_balance(scene->book, "6300/opening-%s/%s", holder->id, year);
        }
    }
    assert_int_equal(sum, cap_fen);
}

/* An item's leg is in settlement through one line only: the amounts of the live lines are those of the leg. */
static void check_shares(zd_scene *scene, const zd_rec_item *item)
{
    for (size_t leg = 0; leg < ZD_LEGS; leg++) {
        if (item->in_batch_fen[leg] == 0) {
            assert_string_equal(item->leg_batch[leg], "");
            continue;
        }
        const zd_rec_litem *share = zd_book_find(scene->book, ZD_R_LITEM, "%s/%s/%s/%zu", item->leg_batch[leg], item->provider, item->id, leg);
        const zd_rec_line *line = zd_book_find(scene->book, ZD_R_LINE, "%s/%s", item->leg_batch[leg], item->provider);
        assert_non_null(share);
        assert_non_null(line);
        assert_int_equal(share->cash_fen, item->in_batch_fen[leg]);
        assert_true(line->state == ZD_L_PENDING || line->state == ZD_L_ACCEPTED || line->state == ZD_L_UNKNOWN);
    }
}

void zd_scene_check(zd_scene *scene)
{
    zd_book_cursor pools = zd_book_scan(scene->book, ZD_R_POOL, "%s", "");
    while (zd_book_next(&pools)) {
        check_pool(scene, ((const zd_rec_pool *)pools.record)->id);
    }
    assert_int_equal(sum_of_code(scene, 6000), sum_of_code(scene, 6100) + sum_of_code(scene, 6200) + sum_of_code(scene, 6300));
    zd_book_cursor items = zd_book_scan(scene->book, ZD_R_ITEM, "%s", "");
    while (zd_book_next(&items)) {
        check_item(items.record);
        check_shares(scene, items.record);
    }
    zd_book_cursor quotas = zd_book_scan(scene->book, ZD_R_QUOTA, "%s", "");
    while (zd_book_next(&quotas)) {
        check_quota(scene, quotas.key, ((const zd_rec_quota *)quotas.record)->cap_fen);
    }
}
