/* Runs the checks in the order of checks.def and writes what they found; see decide.h. Knows no rule itself. */
#include <string.h>

#include "ledger/rules/checks_int.h"

typedef struct check_row {
    const char *code;
    const char *name;
    const char *clause;
    zd_check_predicate *predicate;
    unsigned acts;
    zd_verdict consequence;
    zd_param parameter; /* ZD_P__COUNT = none */
    zd_code refusal;
} check_row;

#define ON(act) (1u << ZD_ON_##act)
#define ZD_P_NONE ZD_P__COUNT
static const check_row checks[ZD_CHECK__COUNT] = {
#define ZD_CHECK(id, name, acts, consequence, parameter, clause)                                                       \
    {#id, name, clause, zd_check_##id, acts, ZD_##consequence, ZD_P_##parameter, ZD_E_##id},
#include "ledger/rules/checks.def"
#undef ZD_CHECK
};
_Static_assert(ZD_CHECK__COUNT <= ZD_CHECKS_MAX, "one bit per check");

void zd_see_int(zd_finding *finding, const char *name, int64_t value)
{
    ZD_ASSERT(finding->count < ZD_SIGHTS);
    finding->saw[finding->count++] = (zd_sight){.name = name, .number = value};
}

void zd_see_text(zd_finding *finding, const char *name, zd_span value)
{
    ZD_ASSERT(finding->count < ZD_SIGHTS);
    finding->saw[finding->count++] = (zd_sight){.name = name, .text = value.data != NULL ? value : zd_span_text("")};
}

void zd_find_that(zd_finding *finding, zd_verdict verdict, const char *why)
{
    if (finding->verdict == ZD_PASS || finding->verdict == ZD_NOT_APPLICABLE) {
        finding->verdict = verdict;
        zd_see_text(finding, "why", zd_span_text(why));
    }
}

const char *zd_check_code_name(unsigned check)
{
    ZD_ASSERT(check < ZD_CHECK__COUNT);
    return checks[check].code;
}

const char *zd_check_name(zd_check check)
{
    ZD_ASSERT((unsigned)check < ZD_CHECK__COUNT);
    return checks[check].name;
}

const char *zd_check_clause(zd_check check)
{
    ZD_ASSERT((unsigned)check < ZD_CHECK__COUNT);
    return checks[check].clause;
}

zd_code zd_check_code(zd_check check)
{
    ZD_ASSERT((unsigned)check < ZD_CHECK__COUNT);
    return checks[check].refusal;
}

bool zd_check_on(zd_check check, zd_rule_act act)
{
    ZD_ASSERT((unsigned)check < ZD_CHECK__COUNT);
    return (checks[check].acts >> act & 1u) != 0;
}

const char *zd_verdict_name(zd_verdict verdict)
{
    switch (verdict) {
    case ZD_PASS:
        return "pass";
    case ZD_NOT_APPLICABLE:
        return "not-applicable";
    case ZD_REFUSE:
        return "refuse";
    case ZD_HOLD:
        return "hold";
    case ZD_GATE:
        return "gate";
    case ZD_FLAG:
        return "flag";
    }
    ZD_ASSERT(false);
    return "";
}

void zd_rules_check(zd_finding *out, zd_check check, const zd_facts *facts)
{
    out->verdict = ZD_PASS;
    out->count = 0; /* what stands behind the count is nothing: forty findings are not cleared for each decision */
    if (!zd_check_on(check, facts->act)) {
        out->verdict = ZD_NOT_APPLICABLE;
        return;
    }
    checks[check].predicate(out, facts);
}

void zd_rules_run(zd_ruling *out, const zd_facts *facts)
{
    ZD_ASSERT(facts->policy != NULL);
    out->code = ZD_CODE_NONE;
    out->gates = facts->inherited_gates;
    out->holds = facts->inherited_holds;
    out->flags = facts->inherited_flags;
    for (unsigned i = 0; i < ZD_CHECK__COUNT; i++) {
        zd_check_set bit = (zd_check_set)1 << i;
        zd_rules_check(&out->finding[i], (zd_check)i, facts);
        switch (out->finding[i].verdict) {
        case ZD_PASS:
        case ZD_NOT_APPLICABLE:
            break;
        case ZD_REFUSE:
            out->code = out->code == ZD_CODE_NONE ? checks[i].refusal : out->code;
            break;
        case ZD_HOLD:
            out->holds |= bit;
            break;
        case ZD_GATE:
            out->gates |= bit;
            break;
        case ZD_FLAG:
            out->flags |= bit;
            break;
        }
    }
}

static void write_saw(zd_jw *w, const char *name, const zd_finding *finding)
{
    zd_jw_object(w, name);
    for (size_t i = 0; i < finding->count; i++) {
        const zd_sight *sight = &finding->saw[i];
        if (sight->text.data != NULL) {
            zd_jw_text(w, sight->name, sight->text);
        } else {
            zd_jw_int(w, sight->name, sight->number);
        }
    }
    zd_jw_close(w);
}

static bool fires(zd_verdict verdict)
{
    return verdict != ZD_PASS && verdict != ZD_NOT_APPLICABLE;
}

zd_outcome zd_rules_outcome(const zd_ruling *ruling)
{
    if (ruling->code != ZD_CODE_NONE) {
        return ZD_REFUSED_BY_RULE;
    }
    return ruling->holds != 0 ? ZD_HELD : ZD_ACCEPTED;
}

void zd_rules_decide(zd_ruling *out, zd_decision *decision, const zd_facts *facts)
{
    bool any = false;
    zd_rules_run(out, facts);
    for (unsigned i = 0; i < ZD_CHECK__COUNT; i++) {
        any = any || fires(out->finding[i].verdict);
    }
    decision->policy = facts->policy->number;
    decision->gates = out->gates;
    decision->holds = out->holds;
    decision->flags = out->flags;
    decision->code = out->code;
    decision->outcome = zd_rules_outcome(out);
    zd_buf_clear(&decision->saw);
    if (any) {
        zd_jw w = zd_jw_begin(&decision->saw);
        zd_jw_object(&w, NULL);
        for (unsigned i = 0; i < ZD_CHECK__COUNT; i++) {
            if (fires(out->finding[i].verdict)) {
                write_saw(&w, checks[i].code, &out->finding[i]);
            }
        }
        zd_jw_close(&w);
    }
}

static void write_parameter(zd_jw *w, zd_param param, const zd_policy *policy)
{
    if (param == ZD_P_NONE) {
        return;
    }
    zd_jw_cstr(w, "parameter", zd_param_name(param));
    if (zd_param_is_text(param)) {
        zd_jw_text(w, "value", zd_policy_text(policy, param));
    } else {
        zd_jw_int(w, "value", zd_policy_int(policy, param));
    }
}

void zd_rules_explain(zd_jw *w, const zd_ruling *ruling, const zd_facts *facts)
{
    zd_jw_array(w, "checks");
    for (unsigned i = 0; i < ZD_CHECK__COUNT; i++) {
        if (!zd_check_on((zd_check)i, facts->act)) {
            continue;
        }
        zd_jw_object(w, NULL);
        zd_jw_cstr(w, "check", checks[i].code);
        zd_jw_cstr(w, "name", checks[i].name);
        zd_jw_cstr(w, "verdict", zd_verdict_name(ruling->finding[i].verdict));
        zd_jw_cstr(w, "consequence", zd_verdict_name(checks[i].consequence));
        write_parameter(w, checks[i].parameter, facts->policy);
        zd_jw_cstr(w, "clause", checks[i].clause);
        write_saw(w, "saw", &ruling->finding[i]);
        zd_jw_close(w);
    }
    zd_jw_close(w);
}
