/*
 * A policy: one value per parameter of policy.def, as published in the log. A file or request object reads
 *   {"profile":"…","edition":1,"zone":"Asia/Shanghai","parameters":{"ratio_bp":{"value":5000,"source":"…","date":"2022-06-02"},…}}
 * and must name every parameter exactly once, with its source and date. Nothing has a default in C.
 */
#ifndef ZD_RULES_POLICY_H
#define ZD_RULES_POLICY_H

#include "ledger/json/json.h"

typedef enum zd_param {
#define ZD_PARAM(id, name, kind, minimum, maximum) ZD_P_##id,
#include "ledger/rules/policy.def"
#undef ZD_PARAM
    ZD_P__COUNT
} zd_param;

#define ZD_PARAM_TEXT 400
typedef struct zd_policy {
    int64_t number; /* as published; 0 while only a file */
    int64_t effective_day;
    int64_t published_seq;
    int64_t edition; /* of the rules in code; this program knows 1..ZD_RULES_EDITION */
    int64_t value[ZD_P__COUNT];
    char text[ZD_P__COUNT][ZD_PARAM_TEXT]; /* TAGS and WORD */
} zd_policy;
#define ZD_RULES_EDITION 1

/* POLICY_INVALID naming the parameter: missing, unknown, out of range, without source or date, or a set of values that contradict one another. */
zd_status zd_policy_parse(zd_policy *out, zd_jval object, zd_error *err);
int64_t zd_policy_int(const zd_policy *policy, zd_param param);
bool zd_policy_is(const zd_policy *policy, zd_param param, const char *word);
zd_span zd_policy_text(const zd_policy *policy, zd_param param);
const char *zd_param_name(zd_param param);
bool zd_param_is_text(zd_param param); /* TAGS and WORD: zd_policy_text; else zd_policy_int */

#endif
