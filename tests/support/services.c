/* Captures and direct redemptions in few words; see services.h. */
#include "tests/support/services.h"


const char *zd_service_invoice(const char *item)
{
    static char number[32];
    unsigned hash = 7;
    for (const char *c = item; *c != '\0'; c++) {
        hash = hash * 31 + (unsigned char)*c;
    }
    zd_format(number, sizeof number, "2633%016u", hash);
    return number;
}

static void fill(zd_service *s)
{
    s->own_fen = s->own_fen != 0 ? s->own_fen : s->amount_fen;
    s->part_fen = s->part_fen != 0 ? s->part_fen : s->own_fen + s->amount_fen;
    s->gross_fen = s->gross_fen != 0 ? s->gross_fen : s->part_fen;
    s->contract_fen = s->contract_fen != 0 ? s->contract_fen : s->part_fen;
    s->invoice = s->invoice != NULL ? s->invoice : zd_service_invoice(s->item);
    s->done = s->done != NULL ? s->done : "2026-03-02";
    s->purpose = s->purpose != NULL ? s->purpose : "alloy";
    s->more = s->more != NULL ? s->more : "";
}

const char *zd_service_capture(zd_scene *scene, const char *key, zd_service s)
{
    fill(&s);
    assert_ok(zd_scene_submit(scene, key, "redemption.capture", err,
                              "\"item\":\"%s\",\"order\":\"%s\",\"amount_fen\":%lld,\"own_share_fen\":%lld,\"final\":%s,\"done\":\"%s\",\"result_sha256\":\"%064d\",\"invoice\":\"%s\","
                              "\"invoice_fen\":%lld,\"invoice_part_fen\":%lld,\"invoice_date\":\"2026-03-02\",\"seller\":\"" P1 "\",\"buyer\":\"" H1 "\"%s",
                              s.item, s.order, (long long)s.amount_fen, (long long)s.own_fen, s.final ? "true" : "false", s.done, 5, s.invoice, (long long)s.gross_fen,
                              (long long)s.part_fen, s.more));
    return zd_scene_code(scene);
}

const char *zd_service_direct_for(zd_scene *scene, const char *voucher, const char *holder, const char *buyer, zd_service s)
{
    fill(&s);
    assert_ok(zd_scene_submit(scene, "provider/" P1, "redemption.direct", err,
                              "\"item\":\"%s\",\"order\":\"o-%s\",\"voucher\":\"%s\",\"holder\":\"%s\",\"provider\":\"%s\",\"category\":\"testing\",\"purpose\":\"%s\",\"amount_fen\":%lld,"
                              "\"own_share_fen\":%lld,\"contract\":\"HT-%s\",\"contract_fen\":%lld,\"contract_date\":\"2026-03-01\",\"affiliation\":\"none\",\"statutory\":false,"
                              "\"other_funding_fen\":0,\"done\":\"%s\",\"result_sha256\":\"%064d\",\"invoice\":\"%s\",\"invoice_fen\":%lld,\"invoice_part_fen\":%lld,"
                              "\"invoice_date\":\"2026-03-02\",\"seller\":\"%s\",\"buyer\":\"%s\"%s",
                              s.item, s.item, voucher, holder, P1, s.purpose, (long long)s.amount_fen, (long long)s.own_fen, s.item, (long long)s.contract_fen, s.done, 5,
                              s.invoice, (long long)s.gross_fen, (long long)s.part_fen, P1, buyer, s.more));
    return zd_scene_code(scene);
}

const char *zd_service_direct(zd_scene *scene, zd_service s)
{
    return zd_service_direct_for(scene, "V-1", H1, H1, s);
}

const zd_rec_item *zd_service_item(zd_scene *scene, const char *id)
{
    const zd_rec_item *item = zd_book_find(scene->book, ZD_R_ITEM, "%s", id);
    assert_non_null(item);
    return item;
}

const zd_rec_order *zd_service_order(zd_scene *scene, const char *id)
{
    const zd_rec_order *order = zd_book_find(scene->book, ZD_R_ORDER, "%s", id);
    assert_non_null(order);
    return order;
}
