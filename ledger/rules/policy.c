/*
 * Reads a published policy; see policy.h. Every parameter stands exactly once with value, source and date, and the set must be consistent:
 * a policy that could never pay what it promises is refused here and not discovered by a provider. Must not know any default.
 */
#include "ledger/rules/policy.h"

#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/record/request.h"

typedef enum param_kind { KIND_INT, KIND_BOOL, KIND_TAGS, KIND_WORD, KIND_DAYS } param_kind;

typedef struct param_row {
    const char *name;
    param_kind kind;
    int64_t minimum;
    int64_t maximum;
    int64_t edition; /* the first that has it */
} param_row;

static const param_row params[ZD_P__COUNT] = {
#define ZD_PARAM(id, name, kind, minimum, maximum) {name, KIND_##kind, minimum, maximum, 1},
#define ZD_PARAM_2(id, name, kind, minimum, maximum) {name, KIND_##kind, minimum, maximum, ZD_EDITION_OF_UNITS},
#include "ledger/rules/policy.def"
#undef ZD_PARAM
};

/* The closed choices of the WORD parameters. */
enum { CHOICES = 2 };
static const struct {
    zd_param param;
    const char *words[CHOICES];
} choices[] = {
    {ZD_P_QUOTA_SCOPE, {"person", "group"}},
    {ZD_P_FUNDING_POINT, {"order", "issue"}},
    {ZD_P_INVOICE_COVERS, {"full", "own-share"}},
};

enum { MMDD_MONTH = 100 };

const char *zd_param_name(zd_param param)
{
    ZD_ASSERT((unsigned)param < ZD_P__COUNT);
    return params[param].name;
}

bool zd_param_is_text(zd_param param)
{
    ZD_ASSERT((unsigned)param < ZD_P__COUNT);
    return params[param].kind == KIND_TAGS || params[param].kind == KIND_WORD;
}

bool zd_param_is_days(zd_param param)
{
    ZD_ASSERT((unsigned)param < ZD_P__COUNT);
    return params[param].kind == KIND_DAYS;
}

int64_t zd_policy_int(const zd_policy *policy, zd_param param)
{
    ZD_ASSERT(!zd_param_is_text(param));
    return policy->value[param];
}

zd_span zd_policy_text(const zd_policy *policy, zd_param param)
{
    ZD_ASSERT(zd_param_is_text(param));
    return zd_span_text(policy->text[param]);
}

bool zd_policy_is(const zd_policy *policy, zd_param param, const char *word)
{
    return zd_span_is(zd_policy_text(policy, param), word);
}

static zd_status invalid(zd_error *err, const char *field, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_POLICY_INVALID, "%s", why);
    zd_error_field(err, field, zd_span_text(NULL));
    return status;
}

static bool is_tag(zd_span tag)
{
    for (size_t i = 0; i < tag.size; i++) {
        uint8_t c = tag.data[i];
        bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':' || c == '-';
        if (!fits) {
            return false;
        }
    }
    return tag.size > 0;
}

static int span_order(zd_span a, zd_span b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* Comma-joined, ascending and unique, so that a set has one spelling; the empty list is allowed. */
static bool is_tags(zd_span tags)
{
    zd_span before = {0};
    bool more = tags.size > 0;
    while (more) {
        zd_span tag;
        zd_span rest = zd_span_cut(&tag, tags, ',');
        more = tag.size < tags.size;
        if (!is_tag(tag) || span_order(before, tag) >= 0) {
            return false;
        }
        before = tag;
        tags = rest;
    }
    return true;
}

static bool is_choice(zd_param param, zd_span word)
{
    for (size_t i = 0; i < ZD_COUNT(choices); i++) {
        if (choices[i].param == param) {
            return zd_span_is(word, choices[i].words[0]) || zd_span_is(word, choices[i].words[1]);
        }
    }
    return false;
}

static zd_status read_value(zd_policy *out, zd_param param, zd_jval value, zd_error *err)
{
    const param_row *row = &params[param];
    zd_jkind kind = zd_jval_kind(value);
    zd_span text = zd_jval_text(value);
    switch (row->kind) {
    case KIND_INT:
    case KIND_DAYS:
        if (kind != ZD_J_INT || zd_jval_int(value) < row->minimum || zd_jval_int(value) > row->maximum) {
            return invalid(err, row->name, "value must be a whole number within the range of this parameter");
        }
        out->value[param] = zd_jval_int(value);
        return ZD_OK;
    case KIND_BOOL:
        if (kind != ZD_J_BOOL) {
            return invalid(err, row->name, "value must be true or false");
        }
        out->value[param] = zd_jval_bool(value) ? 1 : 0;
        return ZD_OK;
    case KIND_TAGS:
        if (kind != ZD_J_STRING || !is_tags(text) || !zd_span_copy(out->text[param], sizeof out->text[param], text)) {
            return invalid(err, row->name, "value must be ids joined by commas, ascending, each once");
        }
        return ZD_OK;
    case KIND_WORD:
        if (kind != ZD_J_STRING || !is_choice(param, text) || !zd_span_copy(out->text[param], sizeof out->text[param], text)) {
            return invalid(err, row->name, "value is not one of the words of this parameter");
        }
        return ZD_OK;
    }
    return invalid(err, row->name, "unknown kind");
}

typedef struct reading {
    zd_policy *out;
    bool seen[ZD_P__COUNT];
    zd_error *err;
} reading;

static bool only_fields(zd_jval object, size_t expected)
{
    return zd_jval_kind(object) == ZD_J_OBJECT && zd_jval_count(object) == expected;
}

/* Which days: said from edition 2 on, where nothing has a default; before, all were calendar days. */
static zd_status read_unit(reading *r, size_t param, zd_jval entry)
{
    zd_span unit = zd_jval_text(zd_jval_get(entry, "unit"));
    bool known = zd_span_is(unit, "calendar") || zd_span_is(unit, "working");
    if (r->out->edition >= ZD_EDITION_OF_UNITS && params[param].kind == KIND_DAYS && !known) {
        return invalid(r->err, params[param].name, "unit must say which days are counted: calendar or working / 须以 unit 注明自然日或工作日");
    }
    r->out->unit[param] = zd_span_is(unit, "working") ? ZD_DAYS_WORKING : ZD_DAYS_CALENDAR;
    return ZD_OK;
}

static zd_status read_parameter(void *context, zd_span name, zd_jval entry)
{
    enum { ENTRY_FIELDS = 3 }; /* value, source, date; and the unit of days */
    reading *r = context;
    size_t param = 0;
    while (param < ZD_P__COUNT && (!zd_span_is(name, params[param].name) || params[param].edition > r->out->edition)) {
        param++;
    }
    if (param == ZD_P__COUNT) {
        zd_status status = zd_fail(r->err, ZD_E_POLICY_INVALID, "no such parameter");
        zd_error_field(r->err, "parameters", name);
        return status;
    }
    r->seen[param] = true;
    zd_span source = zd_jval_text(zd_jval_get(entry, "source"));
    int64_t day = 0;
    bool has_unit = params[param].kind == KIND_DAYS && zd_jval_kind(zd_jval_get(entry, "unit")) != ZD_J_ABSENT && r->out->edition >= ZD_EDITION_OF_UNITS;
    if (!only_fields(entry, ENTRY_FIELDS + (has_unit ? 1 : 0)) || zd_jval_kind(zd_jval_get(entry, "value")) == ZD_J_ABSENT) {
        return invalid(r->err, params[param].name, "needs exactly value, source and date");
    }
    if (source.size == 0) {
        return invalid(r->err, params[param].name, "source is missing or empty");
    }
    if (!zd_date_parse(&day, zd_jval_text(zd_jval_get(entry, "date")))) {
        return invalid(r->err, params[param].name, "date must be the day of the source, like 2026-03-05");
    }
    zd_status status = read_unit(r, param, entry);
    return status == ZD_OK ? read_value(r->out, (zd_param)param, zd_jval_get(entry, "value"), r->err) : status;
}

static zd_status read_header(zd_policy *out, zd_jval object, zd_error *err)
{
    enum { HEADER_FIELDS = 4 }; /* profile, edition, zone, parameters; and calendars */
    zd_jval edition = zd_jval_get(object, "edition");
    if (zd_jval_kind(object) != ZD_J_OBJECT || zd_jval_kind(edition) != ZD_J_INT || zd_jval_int(edition) < 1 || zd_jval_int(edition) > ZD_RULES_EDITION) {
        return invalid(err, "edition", "this program does not know that edition of the rules");
    }
    out->edition = zd_jval_int(edition);
    bool dated = out->edition >= ZD_EDITION_OF_UNITS;
    if (!only_fields(object, HEADER_FIELDS + (dated ? 1 : 0))) {
        return invalid(err, "policy", dated ? "needs exactly profile, edition, zone, calendars and parameters" : "needs exactly profile, edition, zone and parameters");
    }
    zd_span profile = zd_jval_text(zd_jval_get(object, "profile"));
    if (!is_tag(profile)) {
        return invalid(err, "profile", "must be an id");
    }
    if (!zd_span_is(zd_jval_text(zd_jval_get(object, "zone")), "Asia/Shanghai")) {
        return invalid(err, "zone", "days are counted in Asia/Shanghai");
    }
    return dated ? zd_policy_read_calendars(out, zd_jval_get(object, "calendars"), err) : ZD_OK;
}

static bool is_subset(zd_span tags, zd_span of)
{
    bool more = tags.size > 0;
    while (more) {
        zd_span tag;
        zd_span rest = zd_span_cut(&tag, tags, ',');
        more = tag.size < tags.size;
        if (!zd_tags_has(of, tag)) {
            return false;
        }
        tags = rest;
    }
    return true;
}

/* A day that exists in every year: 29 February is none. */
static bool is_month_day(int64_t mmdd)
{
    enum { COMMON_YEAR = 2001 };
    int year = 0;
    int month = (int)(mmdd / MMDD_MONTH);
    int day = (int)(mmdd % MMDD_MONTH);
    char text[ZD_DATE_TEXT + ZD_DATE_TEXT];
    int64_t parsed = 0;
    year = COMMON_YEAR;
    zd_format(text, sizeof text, "%04d-%02d-%02d", year, month, day);
    return zd_date_parse(&parsed, zd_span_text(text));
}

static zd_status check_consistent(const zd_policy *p, zd_error *err)
{
    int64_t tier_up_to = p->value[ZD_P_TIER_UP_TO];
    int64_t highest = p->value[ZD_P_RATIO];
    if (tier_up_to == 0 && p->value[ZD_P_TIER_RATIO] != 0) {
        return invalid(err, zd_param_name(ZD_P_TIER_RATIO), "a tier ratio without a tier: tier_up_to_fen is 0");
    }
    if (tier_up_to > 0) {
        highest = zd_fen_max(highest, p->value[ZD_P_TIER_RATIO]);
    }
    if (p->value[ZD_P_PUBLIC_MAX] < highest) {
        return invalid(err, zd_param_name(ZD_P_PUBLIC_MAX), "below the ratio: the promised subsidy could never be paid");
    }
    if ((p->value[ZD_P_EXTENSIONS] == 0) != (p->value[ZD_P_EXTENSION_DAYS] == 0)) {
        return invalid(err, zd_param_name(ZD_P_EXTENSION_DAYS), "extensions and extension_days must both be 0 or neither");
    }
    if (!is_month_day(p->value[ZD_P_REDEEM_BY])) {
        return invalid(err, zd_param_name(ZD_P_REDEEM_BY), "not a day of every year, written as month and day: 1215");
    }
    if (p->text[ZD_P_CATEGORIES][0] == '\0') {
        return invalid(err, zd_param_name(ZD_P_CATEGORIES), "no category: nothing could ever be redeemed");
    }
    if (!is_subset(zd_span_text(p->text[ZD_P_INSTRUMENT_CATEGORIES]), zd_span_text(p->text[ZD_P_CATEGORIES]))) {
        return invalid(err, zd_param_name(ZD_P_INSTRUMENT_CATEGORIES), "names a category that is not among the categories");
    }
    if (p->value[ZD_P_ACCOUNT_COOLING_RETURN] > p->value[ZD_P_ACCOUNT_COOLING]) {
        return invalid(err, zd_param_name(ZD_P_ACCOUNT_COOLING_RETURN), "longer than the cooling of any other change");
    }
    return ZD_OK;
}

zd_status zd_policy_parse(zd_policy *out, zd_jval object, zd_error *err)
{
    memset(out, 0, sizeof *out);
    zd_status status = read_header(out, object, err);
    if (status != ZD_OK) {
        return status;
    }
    reading r = {.out = out, .err = err};
    zd_jval parameters = zd_jval_get(object, "parameters");
    if (zd_jval_kind(parameters) != ZD_J_OBJECT) {
        return invalid(err, "parameters", "must be an object");
    }
    status = zd_jval_each(parameters, read_parameter, &r);
    if (status != ZD_OK) {
        return status;
    }
    for (size_t i = 0; i < ZD_P__COUNT; i++) {
        if (params[i].edition > out->edition) {
            out->value[i] = -1; /* policy.def: no such step in this edition */
        } else if (!r.seen[i]) {
            return invalid(err, params[i].name, "parameter is missing; nothing has a default");
        }
    }
    return check_consistent(out, err);
}
