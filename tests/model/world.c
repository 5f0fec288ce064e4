/* The world that every walk of the model test begins in; see world.h. */
#include "tests/model/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/record/identifiers.h"

typedef struct setting { const char *parameter, *value; } setting;
enum { SETTINGS = 6, VARIANTS = 5 };
static const struct { const char *name; setting settings[SETTINGS]; } variants[VARIANTS] = {
    {"default", {{NULL, NULL}}},
    {"funded at issue", {{"funding_point", "\"issue\""}, {"minimum_payout_fen", "0"}, {"paid_grace_days", "3,\"unit\":\"calendar\""}, {"answer_silence_days", "9,\"unit\":\"calendar\""}}},
    {"tiered", {{"tier_up_to_fen", "30000"}, {"tier_ratio_bp", "8000"}, {"minimum_payout_fen", "50000"}, {"extensions", "2"}, {"extension_days", "10"}, {"notice_days", "4,\"unit\":\"working\""}}},
    {"lapse keeps quota", {{"lapse_restores_quota", "false"}, {"suspended_may_capture", "false"}, {"order_deadline_days", "25"}, {"attested_consent_cap_fen", "40000"}, {"use_by_days", "40"}}},
    {"short and tight", {{"cap_enterprise_fen", "3000000"}, {"notice_days", "0,\"unit\":\"calendar\""}, {"public_share_max_bp", "6000"}, {"ratio_bp", "4000"}, {"price_tolerance_bp", "10000"}, {"funding_point", "\"issue\""}}},
};

const char *mo_variant_name(int variant) { return variants[variant % VARIANTS].name; }

/* Codes of companies that nobody has: the first free inner and outer check characters. */
static void make_code(char out[19], const char *stem)
{
    static const char digits[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    (void)snprintf(out, 19, "%s??", stem);
    for (const char *inner = digits; *inner != '\0'; inner++) {
        for (const char *outer = digits; *outer != '\0'; outer++) {
            out[16] = *inner;
            out[17] = *outer;
            if (zd_uscc_is_valid(zd_span_text(out))) {
                return;
            }
        }
    }
    fail_msg("no code for %s", stem);
}

static void set_parameter(zd_buf *file, const setting *change)
{
    zd_buf text = {0};
    char name[80];
    (void)snprintf(name, sizeof name, "\"%s\":{\"value\":", change->parameter);
    const char *start = strstr(zd_buf_text(file), name);
    assert_non_null(start);
    start += strlen(name);
    zd_buf_add(&text, file->data, (size_t)(start - zd_buf_text(file)));
    zd_buf_add_text(&text, change->value);
    zd_buf_add_text(&text, strstr(start, ",\"source\""));
    zd_buf_free(file);
    *file = text;
}

static void publish(zd_scene *scene, int variant)
{
    zd_buf file = {0};
    char date[ZD_DATE_TEXT];
    zd_scene_policy_text(&file);
    for (int i = 0; i < SETTINGS && variants[variant % VARIANTS].settings[i].parameter != NULL; i++) {
        set_parameter(&file, &variants[variant % VARIANTS].settings[i]);
    }
    zd_date_text(date, zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS) + 30);
    scene_two(scene, "issuer-1", "issuer-2", "policy.publish", "\"number\":2,\"effective\":\"%s\",\"policy\":%s", date, zd_buf_text(&file));
    zd_buf_free(&file);
}

#define LONG ",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2030-12-31\""

static zd_scene *settle_in(zd_scene *scene, int variant)
{
    char a[19];
    char b[19];
    make_code(a, "91330602X0000007");
    make_code(b, "91330681X0000008");
    scene_accepted(scene, "issuer-2", "holder.register", "\"holder\":\"%s\",\"class\":\"enterprise\",\"jurisdiction\":\"330602\",\"code\":\"%s\",\"label\":\"a\"" LONG, a, a);
    scene_accepted(scene, "issuer-2", "holder.register", "\"holder\":\"%s\",\"class\":\"enterprise\",\"jurisdiction\":\"330681\",\"code\":\"%s\",\"label\":\"b\"" LONG, b, b);
    scene_accepted(scene, "issuer-2", "holder.register", "\"holder\":\"E-0002\",\"class\":\"entrepreneur\",\"jurisdiction\":\"330602\",\"commitment\":\"%064d\"" LONG, 8);
    static const char *const providers[] = {P1, P2};
    for (int i = 0; i < MO_PROVIDERS; i++) {
        scene_accepted(scene, "issuer-1", "provider.admit", "\"provider\":\"%s\",\"label\":\"p\",\"categories\":\"testing\"" LONG, providers[i]);
        scene_accepted(scene, "issuer-1", "instrument.register",
                       "\"instrument\":\"MI-1\",\"provider\":\"%s\",\"categories\":\"testing\",\"price_fen\":50000,\"shared\":true,\"customs\":false,\"usable\":true", providers[i]);
        scene_accepted(scene, "issuer-1", "instrument.register",
                       "\"instrument\":\"MI-2\",\"provider\":\"%s\",\"categories\":\"testing\",\"price_fen\":0,\"shared\":true,\"customs\":true,\"usable\":true", providers[i]);
    }
    /* A small pool is drawn first, so that orders draw on two. */
    scene_accepted(scene, "maker", "pool.cut", "\"pool\":\"330602-2026-E\",\"amount_fen\":99000000,\"document\":\"d\"");
    if (variants[variant % VARIANTS].settings[0].parameter != NULL) {
        publish(scene, variant);
    }
    return scene;
}

zd_scene *mo_world(int variant) { return settle_in(zd_scene_ready(), variant); }
zd_scene *mo_world_on(const char *dir, int variant) { return settle_in(zd_scene_ready_on(dir), variant); }

static int64_t number_of(int variant, const char *parameter, int64_t usual)
{
    for (int i = 0; i < SETTINGS && variants[variant % VARIANTS].settings[i].parameter != NULL; i++) {
        const setting *s = &variants[variant % VARIANTS].settings[i];
        if (strcmp(s->parameter, parameter) == 0) {
            return strcmp(s->value, "true") == 0 || strcmp(s->value, "\"issue\"") == 0 ? 1 : strtoll(s->value, NULL, 10);
        }
    }
    return usual;
}

static mo_days days_of(int variant, const char *parameter, int64_t usual, bool working)
{
    mo_days days = {.count = number_of(variant, parameter, usual), .working = working};
    for (int i = 0; i < SETTINGS && variants[variant % VARIANTS].settings[i].parameter != NULL; i++) {
        const setting *s = &variants[variant % VARIANTS].settings[i];
        if (strcmp(s->parameter, parameter) == 0) {
            days.working = strstr(s->value, "working") != NULL;
        }
    }
    return days;
}

static mo_policy policy_of(int variant)
{
    return (mo_policy){.cap = {number_of(variant, "cap_enterprise_fen", 20000000), 10000000}, .ratio_bp = number_of(variant, "ratio_bp", 5000),
                       .tier_up_to = number_of(variant, "tier_up_to_fen", 0), .tier_bp = number_of(variant, "tier_ratio_bp", 0),
                       .order_days = number_of(variant, "order_deadline_days", 90), .extension_days = number_of(variant, "extension_days", 60),
                       .notice = days_of(variant, "notice_days", 7, false), .grace = days_of(variant, "paid_grace_days", 5, true),
                       .silence = days_of(variant, "answer_silence_days", 5, true), .minimum = number_of(variant, "minimum_payout_fen", 10000),
                       .public_bp = number_of(variant, "public_share_max_bp", 9000), .consent_cap = number_of(variant, "attested_consent_cap_fen", 5000000),
                       .price_bp = number_of(variant, "price_tolerance_bp", 12000), .extensions = (int)number_of(variant, "extensions", 1),
                       .use_by_days = number_of(variant, "use_by_days", 365), .at_issue = number_of(variant, "funding_point", 0) != 0,
                       .lapse_restores = number_of(variant, "lapse_restores_quota", 1) != 0, .suspended_captures = number_of(variant, "suspended_may_capture", 1) != 0};
}

static void tell_voucher(mo_model *m, const char *name, int holder, int64_t fen, int64_t day)
{
    mo_voucher *voucher = &m->voucher[m->vouchers++];
    *voucher = (mo_voucher){.holder = holder, .year = 2026, .policy = 1, .pool = {-1, -1, -1, -1}, .left = fen, .use_by = mo_min(day + 365, mo_day_of(2026, 12, 31))};
    (void)snprintf(voucher->name, sizeof voucher->name, "%s", name);
    m->quota_open[holder][2026 - MO_FIRST_YEAR] = true;
}

void mo_tell(mo_model *m, mo_gen *g, const zd_scene *scene, int variant)
{
    static const struct { const char *name; int jurisdiction, holder_class; int64_t year; } holders[MO_HOLDERS] = {
        {H1, 0, 0, 2026}, {H81, 1, 0, 2026}, {"E-0001", 0, 1, 2026}, {"91330602X0000007", 0, 0, 2030}, {"91330681X0000008", 1, 0, 2030}, {"E-0002", 0, 1, 2030}};
    static const struct { const char *name; int jurisdiction, holder_class; int64_t fen; } pools[] = {
        {"330602-2026-E", 0, 0, 1000000}, {"330602-2026-P", 0, 1, 100000000}, {"330681-2026-E", 1, 0, 50000000}};
    static const char *const providers[] = {P1, P2};
    int64_t day = (scene->now_unix_ms + 8 * INT64_C(3600000)) / INT64_C(86400000);
    for (int i = 0; i < MO_HOLDERS; i++) {
        mo_holder *holder = &m->holder[i];
        *holder = (mo_holder){.jurisdiction = holders[i].jurisdiction, .holder_class = holders[i].holder_class, .from = mo_day_of(2026, 1, 1), .to = mo_day_of(holders[i].year, 12, 31)};
        if (strlen(holders[i].name) == 16) {
            make_code(holder->name, holders[i].name);
        } else {
            (void)snprintf(holder->name, sizeof holder->name, "%s", holders[i].name);
        }
    }
    for (int i = 0; i < MO_PROVIDERS; i++) {
        m->provider[i] = (mo_provider){.from = mo_day_of(2026, 1, 1), .to = mo_day_of(2030, 12, 31)};
        (void)snprintf(m->provider[i].name, MO_NAME, "%s", providers[i]);
    }
    for (size_t i = 0; i < sizeof pools / sizeof pools[0]; i++) {
        mo_pool *pool = &m->pool[m->pools++];
        *pool = (mo_pool){.jurisdiction = pools[i].jurisdiction, .year = 2026, .holder_class = pools[i].holder_class, .rank = 1, .cash = pools[i].fen, .free = pools[i].fen};
        (void)snprintf(pool->name, MO_NAME, "%s", pools[i].name);
    }
    m->policy[1] = policy_of(0);
    m->policy_from[1] = mo_day_of(2026, 1, 1);
    m->policies = 1;
    if (variants[variant % VARIANTS].settings[0].parameter != NULL) {
        m->policy[2] = policy_of(variant);
        m->policy_from[2] = day + 30;
        m->policies = 2;
    }
    tell_voucher(m, "V-1", 0, 20000000, day);
    tell_voucher(m, "V-81", 1, 20000000, day);
    tell_voucher(m, "V-E", 2, 10000000, day);
    g->now = scene->now_unix_ms;
    g->ratio_bp = m->policy[m->policies].ratio_bp;
    g->tiered = m->policy[m->policies].tier_up_to > 0;
}
