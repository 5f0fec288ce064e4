/*
 * Pools: indicators that finance received, as the signed document says. Appropriating, cutting and moving post both sides, the drawable indicator (1000) and the
 * free money (2000); nothing here touches what is earmarked, reserved or payable. Year end is in year_end.c.
 */
#include <string.h>

#include "ledger/act/act_int.h"
#include "ledger/base/clock.h"
#include "ledger/record/identifiers.h"

static void describe(zd_rec_pool *pool, const zd_request *request)
{
    ZD_SET_TEXT(pool->document, zd_req_text(request, ZD_F_DOCUMENT));
    ZD_SET_TEXT(pool->fund_nature, zd_req_text(request, ZD_F_FUND_NATURE));
    ZD_SET_TEXT(pool->budget_unit, zd_req_text(request, ZD_F_BUDGET_UNIT));
    ZD_SET_TEXT(pool->project, zd_req_text(request, ZD_F_PROJECT));
    ZD_SET_TEXT(pool->function_code, zd_req_text(request, ZD_F_FUNCTION_CODE));
    ZD_SET_TEXT(pool->gov_economic, zd_req_text(request, ZD_F_GOV_ECONOMIC));
    ZD_SET_TEXT(pool->dept_economic, zd_req_text(request, ZD_F_DEPT_ECONOMIC));
    ZD_SET_TEXT(pool->settle_mode, zd_req_text(request, ZD_F_SETTLE_MODE));
}

static bool add_money(zd_act *act, const char *pool, int64_t amount_fen)
{
    return zd_act_post(act, amount_fen, zd_account(act, 1000, pool, NULL, NULL), zd_account(act, 2000, pool, NULL, NULL));
}

zd_status zd_act_pool_open(zd_act *act, zd_error *err)
{
    (void)err;
    const zd_request *request = act->request;
    const char *id = zd_act_text(act, ZD_F_POOL);
    const char *jurisdiction = zd_act_text(act, ZD_F_JURISDICTION);
    int64_t year = zd_req_int(request, ZD_F_YEAR);
    long long holder_class = zd_req_int(request, ZD_F_CLASS);
    long long rank = zd_req_int(request, ZD_F_RANK);
    int64_t this_year = zd_day_year(act->today_day);
    if (zd_book_find(act->book, ZD_R_POOL, "%s", id) != NULL) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "pool");
    }
    if (!zd_region_is_usable(zd_span_text(jurisdiction), act->today_day)) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "jurisdiction");
    }
    if (!zd_act_has_authority(act, jurisdiction, zd_req_int(request, ZD_F_AMOUNT))) {
        return ZD_OK;
    }
    /* Last year's may still be needed for opening balances, next year's for a carry; anything else is a slip of the pen. */
    if (year < this_year - 1 || year > this_year + 1) {
        return zd_act_refuse(act, ZD_E_A_YEAR, "year");
    }
    zd_book_cursor taken = zd_book_scan(act->book, ZD_R_POOLS, "%s/%lld/%lld/%03lld/", jurisdiction, (long long)year, holder_class, rank);
    if (zd_book_next(&taken)) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "rank");
    }
    zd_rec_pool *pool = zd_book_add(act->book, ZD_R_POOL, "%s", id);
    zd_format(pool->id, sizeof pool->id, "%s", id);
    zd_format(pool->jurisdiction, sizeof pool->jurisdiction, "%s", jurisdiction);
    pool->year = year;
    pool->holder_class = holder_class;
    pool->rank = rank;
    describe(pool, request);
    zd_rec_pools *index = zd_book_add(act->book, ZD_R_POOLS, "%s/%lld/%lld/%03lld/%s", jurisdiction, (long long)year, holder_class, rank, id);
    zd_format(index->target, sizeof index->target, "%s", id);
    (void)add_money(act, id, zd_req_int(request, ZD_F_AMOUNT));
    return ZD_OK;
}

/* The pool that a field names, open and within the officer's authority for the amount; NULL = refused. */
static const zd_rec_pool *usable_pool(zd_act *act, zd_field field)
{
    const zd_rec_pool *pool = zd_book_find(act->book, ZD_R_POOL, "%s", zd_act_text(act, field));
    int64_t amount_fen = zd_req_int(act->request, ZD_F_AMOUNT);
    if (pool == NULL) {
        (void)zd_act_refuse(act, ZD_E_A_ABSENT, zd_field_name(field));
        return NULL;
    }
    if (!zd_act_has_authority(act, pool->jurisdiction, amount_fen)) {
        return NULL;
    }
    if (pool->closed != 0) {
        (void)zd_act_refuse(act, ZD_E_A_YEAR, "closed");
        return NULL;
    }
    if (amount_fen == 0) {
        (void)zd_act_refuse(act, ZD_E_A_EMPTY, "amount");
        return NULL;
    }
    return pool;
}

/* Only free money can leave a pool (R27). */
static bool has_free(zd_act *act, const zd_rec_pool *pool)
{
    int64_t free_fen = zd_book_balance(act->book, "2000/%s", pool->id);
    if (zd_req_int(act->request, ZD_F_AMOUNT) <= free_fen) {
        return true;
    }
    (void)zd_act_refuse(act, ZD_E_R27, "free");
    zd_act_saw_int(act, "free_fen", free_fen);
    return false;
}

zd_status zd_act_pool_appropriate(zd_act *act, zd_error *err)
{
    (void)err;
    const zd_rec_pool *pool = usable_pool(act, ZD_F_POOL);
    if (pool != NULL) {
        (void)add_money(act, pool->id, zd_req_int(act->request, ZD_F_AMOUNT));
    }
    return ZD_OK;
}

zd_status zd_act_pool_cut(zd_act *act, zd_error *err)
{
    (void)err;
    const zd_rec_pool *pool = usable_pool(act, ZD_F_POOL);
    if (pool != NULL && has_free(act, pool)) {
        (void)zd_act_post(act, zd_req_int(act->request, ZD_F_AMOUNT), zd_account(act, 2000, pool->id, NULL, NULL), zd_account(act, 1000, pool->id, NULL, NULL));
    }
    return ZD_OK;
}

zd_status zd_act_pool_move(zd_act *act, zd_error *err)
{
    (void)err;
    const zd_rec_pool *from = usable_pool(act, ZD_F_POOL);
    const zd_rec_pool *to = from != NULL ? usable_pool(act, ZD_F_TO_POOL) : NULL;
    if (to == NULL) {
        return ZD_OK;
    }
    if (strcmp(from->id, to->id) == 0) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, "to_pool");
    }
    if (from->year != to->year) {
        return zd_act_refuse(act, ZD_E_A_YEAR, "to_pool"); /* from year to year money goes only by a carry */
    }
    int64_t amount_fen = zd_req_int(act->request, ZD_F_AMOUNT);
    if (has_free(act, from) && zd_act_post(act, amount_fen, zd_account(act, 2000, from->id, NULL, NULL), zd_account(act, 2000, to->id, NULL, NULL))) {
        (void)zd_act_post(act, amount_fen, zd_account(act, 1000, to->id, NULL, NULL), zd_account(act, 1000, from->id, NULL, NULL));
    }
    return ZD_OK;
}
