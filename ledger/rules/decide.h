/*
 * The rules' one door: run every check of checks.def that belongs to the act, in its order, over the facts; the first refusal is the answer, the rest is
 * collected. Pure: the same facts give the same bytes. Only zd_rules_decide and zd_rules_explain allocate, in the caller's buffers, to write what was seen.
 */
#ifndef ZD_RULES_DECIDE_H
#define ZD_RULES_DECIDE_H

#include "ledger/record/decision.h"
#include "ledger/rules/facts.h"

typedef enum zd_check {
#define ZD_CHECK(id, name, acts, consequence, parameter, clause) ZD_CHECK_##id,
#include "ledger/rules/checks.def"
#undef ZD_CHECK
    ZD_CHECK__COUNT
} zd_check;
#define ZD_CHECK_BIT(id) ((zd_check_set)1 << ZD_CHECK_##id)

typedef enum zd_verdict { ZD_PASS, ZD_NOT_APPLICABLE, ZD_REFUSE, ZD_HOLD, ZD_GATE, ZD_FLAG } zd_verdict;

/* One thing that a check looked at: a number, or a text when `text.data` is set. Names are snake_case with the unit last. */
typedef struct zd_sight {
    const char *name; /* static */
    int64_t number;
    zd_span text;     /* borrowed from the facts */
} zd_sight;

enum { ZD_SIGHTS = 8 };
typedef struct zd_finding {
    zd_verdict verdict;
    size_t count;
    zd_sight saw[ZD_SIGHTS];
} zd_finding;

typedef struct zd_ruling {
    zd_finding finding[ZD_CHECK__COUNT];
    zd_code code;           /* of the first refusal; ZD_CODE_NONE */
    zd_check_set gates;     /* found now and inherited */
    zd_check_set holds;
    zd_check_set flags;
} zd_ruling;

/* Runs one check; NOT_APPLICABLE when it does not belong to the act. */
void zd_rules_check(zd_finding *out, zd_check check, const zd_facts *facts);
/* Runs all of them. */
void zd_rules_run(zd_ruling *out, const zd_facts *facts);
/* Runs all and writes code, gates, holds, flags and what the firing checks saw into the decision; outcome becomes refused, held or accepted. */
void zd_rules_decide(zd_ruling *out, zd_decision *decision, const zd_facts *facts);
zd_outcome zd_rules_outcome(const zd_ruling *ruling); /* refused, held or accepted */
/* The array "checks" with every check of the act, its verdict, consequence, parameter, value, clause and what it saw, into an open object. */
void zd_rules_explain(zd_jw *w, const zd_ruling *ruling, const zd_facts *facts);

const char *zd_check_code_name(unsigned check);        /* "R23"; a zd_check_namer */
const char *zd_check_name(zd_check check);             /* "ratio" */
const char *zd_check_clause(zd_check check);
const char *zd_verdict_name(zd_verdict verdict);       /* "pass", "not-applicable", "refuse", "hold", "gate", "flag" */
bool zd_check_on(zd_check check, zd_rule_act act);
zd_code zd_check_code(zd_check check);

/* The arithmetic that act and rules share. */
/* min(contract, invoice side, own share + amount); without an invoice (an order) min(contract, own share + amount). */
int64_t zd_rules_base(const zd_facts *facts);
/* floor of the ratio on `base_fen` of service on top of `before_fen` already counted in the tier's period. */
int64_t zd_rules_allowed(const zd_policy *policy, int64_t before_fen, int64_t base_fen);
/* The budget year that pays an order or direct redemption of this voucher year made today. */
int64_t zd_rules_budget_year(const zd_policy *policy, int64_t voucher_year, int64_t today_day);
/* The consent that counts for an order or direct redemption: one of ZD_CONSENT(...). */
int64_t zd_rules_consent(const zd_facts *facts);

#endif
