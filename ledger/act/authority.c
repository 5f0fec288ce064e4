/*
 * Who may: the questions about keys that many handlers ask in the same words. A refusal is written into the decision here, so that the same lack of
 * authority always has the same code. Roles are judged at admission, not here.
 */
#include "ledger/act/act_int.h"

static bool refuse(zd_act *act, zd_code code, const char *detail)
{
    (void)zd_act_refuse(act, code, detail);
    return false;
}

bool zd_act_has_authority(zd_act *act, const char *jurisdiction, int64_t amount_fen)
{
    const zd_rec_key *officers[2] = {act->signer, act->second};
    for (size_t i = 0; i < ZD_COUNT(officers); i++) {
        if (officers[i] != NULL && !zd_act_in_jurisdiction(officers[i], jurisdiction)) {
            return refuse(act, ZD_E_R46, "jurisdiction");
        }
    }
    for (size_t i = 0; i < ZD_COUNT(officers); i++) {
        if (officers[i] != NULL && !zd_act_within_limit(officers[i], amount_fen)) {
            return refuse(act, ZD_E_R47, "limit");
        }
    }
    return true;
}

bool zd_act_speaks_for(zd_act *act, zd_span party)
{
    int64_t role = act->signer->role;
    bool bound = role == ZD_ROLE(PROVIDER) || role == ZD_ROLE(LAB) || role == ZD_ROLE(HOLDER);
    return !bound || zd_span_is(party, act->signer->party) || refuse(act, ZD_E_A_GRANT, "party");
}
