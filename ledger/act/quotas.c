/*
 * The annual quota of a subject: a holder, or a controller group where the policy shares one cap. Opened on first use with the cap of the policy then in
 * force; from then on cap = 6100 + 6200 + 6300 for that subject and year, whatever later policies say.
 * A holder that joins a group draws on the group's quota from then on; what was allotted to it before stays with, and returns to, the
 * subject that it was taken from (the voucher keeps its name), so that both identities hold.
 */
#include "ledger/act/act_int.h"

int64_t zd_quota_cap(const zd_policy *policy, int64_t holder_class)
{
    return zd_policy_int(policy, holder_class == ZD_CLASS(ENTREPRENEUR) ? ZD_P_CAP_ENTREPRENEUR : ZD_P_CAP_ENTERPRISE);
}

int64_t zd_quota_left(zd_act *act, const char *subject, int64_t cap_fen, int64_t year)
{
    if (zd_book_find(act->book, ZD_R_QUOTA, "%s/%lld", subject, (long long)year) == NULL) {
        return cap_fen;
    }
    return zd_book_balance(act->book, "6100/%s/%lld", subject, (long long)year);
}

bool zd_quota_open(zd_act *act, const char *subject, int64_t cap_fen, int64_t year)
{
    if (zd_book_find(act->book, ZD_R_QUOTA, "%s/%lld", subject, (long long)year) != NULL) {
        return true;
    }
    char year_text[24];
    zd_format(year_text, sizeof year_text, "%lld", (long long)year);
    zd_rec_quota *quota = zd_book_add(act->book, ZD_R_QUOTA, "%s/%lld", subject, (long long)year);
    quota->cap_fen = cap_fen;
    return zd_act_post(act, cap_fen, zd_account(act, 6000, year_text, NULL, NULL), zd_account(act, 6100, subject, year_text, NULL));
}
