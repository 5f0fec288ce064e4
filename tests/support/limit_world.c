/* The hand-made programme of the limits' tests; see limit_world.h. */
#include "tests/support/limit_world.h"

#include <stdio.h>
#include <stdlib.h>

const char *zd_world_hex(const char *text)
{
    static char texts[4][ZD_HASH_HEX];
    static unsigned next;
    char *slot = texts[next++ % 4];
    zd_hash hash = zd_sha256(zd_span_text(text));
    zd_hash_hex(slot, &hash);
    return slot;
}

static void add_key(zd_buf *items, const char *name, const char *person, const char *role, const char *party)
{
    zd_buf_addf(items, "%s{\"id\":\"k-%s\",\"key_name\":\"%s\",\"public\":\"%s\",\"person\":\"%s\",\"unit\":\"u-%s\",\"role\":\"%s\"%s%s%s}", items->size > 0 ? "," : "", name, name,
                zd_world_hex(name), person, person, role, party[0] != '\0' ? ",\"party\":\"" : "", party, party[0] != '\0' ? "\"" : "");
}

/* Everybody is in the genesis, which the limits do not mind. */
static void add_people(zd_leaf_stream *s)
{
    zd_buf items = {0};
    zd_buf request = {0};
    add_key(&items, "root-1", "root-1", "root", "");
    add_key(&items, "issuer-1", "issuer-1", "issuer", "");
    add_key(&items, "issuer-1b", "issuer-1", "issuer", ""); /* a second key of one person */
    add_key(&items, "issuer-2", "issuer-2", "issuer", "");
    add_key(&items, "reviewer", "reviewer", "reviewer", "");
    add_key(&items, "reviewer-2", "reviewer-2", "reviewer", "");
    add_key(&items, "maker", "maker", "maker", "");
    add_key(&items, "maker-2", "maker-2", "maker", "");
    add_key(&items, "checker", "checker", "checker", "");
    add_key(&items, "makers-checker", "maker", "checker", ""); /* the maker with a checker's key */
    add_key(&items, "releaser", "releaser", "releaser", "");
    add_key(&items, "checkers-releaser", "checker", "releaser", "");
    add_key(&items, "tax", "tax", "attester", "");
    add_key(&items, "service", "service", "service", "");
    add_key(&items, "p1", "p1", "provider", P1);
    zd_buf_addf(&request, "\"type\":\"genesis\",\"threshold\":1,\"items\":[%s]", zd_buf_text(&items));
    zd_leaf_stream_put(s, "root-1", zd_buf_text(&request), "", NULL);
    zd_buf_free(&items);
    zd_buf_free(&request);
}

const zd_world_policy zd_world_plain = {1000000, 0, 0, "person", "full", "false", false};

void zd_world_publish(zd_leaf_stream *s, int number, const char *effective, const zd_world_policy *v)
{
    static const char calendars[] = "\"calendars\":{\"2026\":{\"source\":\"s\",\"holidays\":\"2026-03-05\",\"workdays\":\"2026-03-08\"}},";
    static const char days[] = ",\"notice_days\":{\"value\":3,\"unit\":\"working\"},\"paid_grace_days\":{\"value\":2,\"unit\":\"working\"},"
                               "\"answer_silence_days\":{\"value\":2,\"unit\":\"working\"}";
    char request[1500];
    (void)snprintf(request, sizeof request,
                   "\"type\":\"policy.publish\",\"number\":%d,\"effective\":\"%s\",\"policy\":{%s\"parameters\":{\"cap_enterprise_fen\":{\"value\":%lld},"
                   "\"cap_entrepreneur_fen\":{\"value\":500000},\"ratio_bp\":{\"value\":5000},\"tier_up_to_fen\":{\"value\":%lld},\"tier_ratio_bp\":{\"value\":%lld},"
                   "\"quota_scope\":{\"value\":\"%s\"},\"invoice_covers\":{\"value\":\"%s\"},\"checker_may_release\":{\"value\":%s}%s}}",
                   number, effective, v->days ? calendars : "", v->cap_fen, v->tier_up_to_fen, v->tier_ratio_bp, v->scope, v->covers, v->checker_may, v->days ? days : "");
    zd_leaf_stream_put(s, "issuer-1", request, "outcome:proposed", NULL);
    zd_leaf_stream_second(s, "issuer-2", "", NULL);
}

void zd_world_pool(zd_leaf_stream *s, const char *pool, long long amount_fen)
{
    char request[200];
    char line[200];
    (void)snprintf(request, sizeof request, "\"type\":\"pool.open\",\"pool\":\"%s\",\"amount_fen\":%lld", pool, amount_fen);
    (void)snprintf(line, sizeof line, ",\"postings\":[[\"1000/%s\",\"2000/%s\",%lld]]", pool, pool, amount_fen);
    zd_leaf_stream_put(s, "maker", request, amount_fen > 0 ? line : "", NULL);
}

static void register_holder(zd_leaf_stream *s, const char *holder)
{
    char request[200];
    (void)snprintf(request, sizeof request, "\"type\":\"holder.register\",\"holder\":\"%s\",\"class\":\"enterprise\"", holder);
    zd_leaf_stream_put(s, "issuer-2", request, "", NULL);
}

void zd_world_allot(zd_leaf_stream *s, const char *voucher, const char *holder, const char *subject, long long amount_fen, long long first_cap_fen)
{
    char request[300];
    char line[400];
    char opening[120] = "";
    if (first_cap_fen > 0) {
        (void)snprintf(opening, sizeof opening, "[\"6000/2026\",\"6100/%s/2026\",%lld],", subject, first_cap_fen);
    }
    (void)snprintf(request, sizeof request, "\"type\":\"voucher.allot\",\"voucher\":\"%s\",\"holder\":\"%s\",\"year\":2026,\"amount_fen\":%lld", voucher, holder, amount_fen);
    (void)snprintf(line, sizeof line, ",\"policy\":1,|\"postings\":[%s[\"6100/%s/2026\",\"6200/%s/2026\",%lld]]", opening, subject, voucher, amount_fen);
    zd_leaf_stream_put(s, "issuer-1", request, line, NULL);
}

void zd_world_order_with(zd_leaf_stream *s, const char *order, long long amount_fen, zd_world_order_values v)
{
    char request[500];
    char line[400];
    const char *voucher = v.voucher != NULL ? v.voucher : "V-1";
    (void)snprintf(request, sizeof request,
                   "\"type\":\"redemption.order\",\"order\":\"%s\",\"voucher\":\"%s\",\"holder\":\"%s\",\"provider\":\"" P1 "\",\"purpose\":\"%s\",\"amount_fen\":%lld,"
                   "\"contract_fen\":%lld",
                   order, voucher, v.holder != NULL ? v.holder : H1, v.purpose != NULL ? v.purpose : "material", amount_fen, v.contract_fen != 0 ? v.contract_fen : 2 * amount_fen);
    (void)snprintf(line, sizeof line, ",\"policy\":%d,|\"postings\":[[\"6200/%s/2026\",\"6300/%s/2026\",%lld],[\"2000/" POOL "\",\"2200/%s/" POOL "\",%lld]]",
                   v.policy != 0 ? v.policy : 1, voucher, voucher, amount_fen, order, amount_fen);
    zd_leaf_stream_put(s, "p1", request, line, NULL);
}

void zd_world_order(zd_leaf_stream *s, const char *order, long long amount_fen)
{
    zd_world_order_with(s, order, amount_fen, (zd_world_order_values){0});
}

void zd_world_capture(zd_leaf_stream *s, const char *item, const char *order, long long amount_fen, zd_world_capture_values v)
{
    char request[600];
    char line[700];
    char back[300] = "";
    char hold[200] = "";
    long long own_fen = v.own_fen != 0 ? v.own_fen : amount_fen;
    long long part_fen = v.part_fen != 0 ? v.part_fen : own_fen + amount_fen;
    long long gross_fen = v.gross_fen != 0 ? v.gross_fen : part_fen;
    long long base_fen = v.base_fen != 0 ? v.base_fen : own_fen + amount_fen;
    (void)snprintf(request, sizeof request,
                   "\"type\":\"redemption.capture\",\"item\":\"%s\",\"order\":\"%s\",\"amount_fen\":%lld,\"own_share_fen\":%lld,\"final\":%s,\"done\":\"2026-03-01\",\"invoice\":\"%s\","
                   "\"invoice_fen\":%lld,\"invoice_part_fen\":%lld",
                   item, order, amount_fen, own_fen, v.rest_fen > 0 ? "true" : "false", v.invoice, gross_fen, part_fen);
    if (v.rest_fen > 0) {
        (void)snprintf(back, sizeof back, ",[\"2200/%s/" POOL "\",\"2000/" POOL "\",%lld],[\"6300/V-1/2026\",\"6200/V-1/2026\",%lld]", order, v.rest_fen, v.rest_fen);
    }
    if (v.holds != NULL) {
        (void)snprintf(hold, sizeof hold, ",[\"3000/" P1 "/" POOL "\",\"3050/" P1 "/" POOL "\",%lld]", amount_fen);
    }
    (void)snprintf(line, sizeof line, "%s,\"policy\":1%s%s%s%s%s%s,\"subsidy_fen\":%lld,|\"base_fen\":%lld%s%s%s,\"postings\":[[\"2200/%s/" POOL "\",\"3000/" P1 "/" POOL "\",%lld]%s%s]",
                   v.holds != NULL ? "outcome:held" : "", v.gates != NULL ? ",\"gates\":[" : "", v.gates != NULL ? v.gates : "", v.gates != NULL ? "]" : "",
                   v.holds != NULL ? ",\"holds\":[\"" : "", v.holds != NULL ? v.holds : "", v.holds != NULL ? "\"]" : "", amount_fen,
                   base_fen, v.notice_until != NULL ? ",\"notice_until\":\"" : "", v.notice_until != NULL ? v.notice_until : "", v.notice_until != NULL ? "\"" : "", order,
                   amount_fen, back, hold);
    zd_leaf_stream_put(s, "p1", request, line, NULL);
}

/* Policy, pool, holders, a voucher of 600,000 of a cap of 1,000,000. */
int zd_world_setup_with(void **state, const zd_world_policy *v)
{
    zd_leaf_stream *s = zd_alloc(sizeof *s);
    zd_leaf_stream_open(s);
    add_people(s);
    zd_world_publish(s, 1, "2026-01-01", v);
    zd_world_pool(s, POOL, 2000000);
    register_holder(s, H1);
    register_holder(s, H2);
    zd_world_allot(s, "V-1", H1, H1, 600000, v->cap_fen);
    *state = s;
    return 0;
}

int zd_world_setup(void **state)
{
    return zd_world_setup_with(state, &zd_world_plain);
}

int zd_world_teardown(void **state)
{
    zd_leaf_stream_close(*state);
    free(*state);
    return 0;
}

void zd_world_captures(zd_leaf_stream *s)
{
    zd_world_order(s, "O-1", 100000);
    zd_world_order(s, "O-2", 200000);
    zd_world_capture(s, "I-1", "O-1", 100000, (zd_world_capture_values){.invoice = "26000000000000000001"});
    zd_world_capture(s, "I-2", "O-2", 200000, (zd_world_capture_values){.invoice = "26000000000000000002"});
    zd_leaf_stream_clean(s);
}

int zd_world_setup_captured(void **state)
{
    (void)zd_world_setup(state);
    zd_world_captures(*state);
    return 0;
}
