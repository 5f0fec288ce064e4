/*
 * Separation of duties over a batch: the facts of R46, R47 and R48 for the officer who acts, judged by the rules like every other check. Decides nothing of its own.
 */
#include <string.h>

#include "ledger/act/settle_int.h"
#include "ledger/rules/decide.h"

/* False when the check refuses; the decision then holds its code and what it saw. */
static bool passes(zd_act *act, const zd_facts *facts, zd_check check)
{
    zd_finding finding = {0};
    zd_rules_check(&finding, check, facts);
    if (finding.verdict != ZD_REFUSE) {
        return true;
    }
    (void)zd_act_refuse(act, zd_check_code(check), NULL);
    for (size_t i = 0; i < finding.count; i++) {
        if (finding.saw[i].text.data != NULL) {
            zd_act_saw_text(act, finding.saw[i].name, finding.saw[i].text);
        } else {
            zd_act_saw_int(act, finding.saw[i].name, finding.saw[i].number);
        }
    }
    return false;
}

static void gather(zd_facts *facts, zd_act *act, const zd_rec_batch *batch, int64_t amount_fen, bool releasing)
{
    const zd_rec_key *key = act->signer;
    facts->act = ZD_ON_DUTY;
    facts->policy = zd_act_policy(act, batch->policy);
    facts->today_day = act->today_day;
    facts->person = zd_span_text(key->person);
    facts->maker = zd_span_text(batch->maker);
    /* A checker's key releases as the checker would, whoever holds it: only where the policy lets the checker release. */
    if (releasing) {
        facts->checker = key->role == ZD_ROLE(CHECKER) ? facts->person : zd_span_text(batch->checker);
    }
    facts->releasing = releasing;
    facts->jurisdiction_fits = zd_settle_in_pool(act, batch->pool);
    facts->key_limited = key->has_limit != 0;
    facts->key_limit_fen = key->limit_fen;
    facts->act_fen = amount_fen;
}

bool zd_duty_apart(zd_act *act, const zd_rec_batch *batch, int64_t amount_fen, bool releasing)
{
    zd_facts facts = {0};
    gather(&facts, act, batch, amount_fen, releasing);
    return passes(act, &facts, ZD_CHECK_R46) && passes(act, &facts, ZD_CHECK_R47);
}

bool zd_duty_typed(zd_act *act, const zd_rec_batch *batch, int64_t count, int64_t total_fen)
{
    zd_facts facts = {0};
    gather(&facts, act, batch, total_fen, true);
    facts.typed_count = zd_req_int(act->request, ZD_F_COUNT);
    facts.typed_fen = zd_req_int(act->request, ZD_F_TOTAL);
    facts.sealed_count = count;
    facts.sealed_fen = total_fen;
    return passes(act, &facts, ZD_CHECK_R48);
}
