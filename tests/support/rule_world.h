/*
 * Pure facts for tests of the rules: a world of records in which no check of any act fires, and changes to it written as "name=value;name=value". Names are
 * listed in rule_world.c; dates are written as such, "policy.<parameter>" changes the policy, "have=" and "drop=" give or take a record.
 */
#ifndef ZD_TESTS_RULE_WORLD_H
#define ZD_TESTS_RULE_WORLD_H

#include "tests/support/support.h"

#include "ledger/rules/decide.h"

typedef struct zd_rule_world {
    zd_policy policy;
    zd_facts facts;
    zd_rec_holder holder;
    zd_rec_provider provider;
    zd_rec_voucher voucher;
    zd_rec_order order;
    zd_rec_instr instr;
    zd_rec_mandate mandate;
    zd_rec_contract contract;
    zd_rec_invoice invoice;
    zd_rec_fact consent;
    zd_rec_fact affiliation;
    int64_t result;
    char text[16][64]; /* what spans of the row point to */
    size_t texts;
} zd_rule_world;

/* O order, C capture, D direct, E seal, I issue, U duty. */
zd_rule_act zd_rule_act_of(char letter);
/* The case in which nothing fires, on 2026-05-20, under this policy. */
void zd_rule_world_begin(zd_rule_world *w, const zd_policy *policy, zd_rule_act act);
/* Applies the changes; an unknown name fails the test. Call it once, with "" for none. */
void zd_rule_world_change(zd_rule_world *w, zd_span changes);

#endif
