/* See payee_findings.h. Prints no account and no name: ids alone. */
#include "cli/payee_findings.h"

#include "ledger/engine/settlement_view.h"

typedef struct kind_texts {
    const char *word, *member, *english, *chinese;
} kind_texts;

static const kind_texts kinds[] = {
    [ZD_PAYEE_SHARED] = {"shared", "with", "account shared with provider", "与其他机构共用账户"},
    [ZD_PAYEE_HOLDER] = {"holder", "holder", "account in the name of holder", "户名为持券人"},
    [ZD_PAYEE_BACK] = {"changed_back", "day", "account changed and changed back on", "账户变更后又改回"},
    [ZD_PAYEE_FIRST] = {"first_payment", NULL, "first payment to this account", "首次付款"},
};

zd_status zd_cli_payee_findings(zd_jw *w, zd_cli *cli, zd_ledger *ledger, const char *batch)
{
    zd_settlement_view view;
    zd_status status = zd_settlement_view_fill(&view, ledger, batch, NULL, ZD_VIEW_LOOK, &cli->error);
    if (status != ZD_OK) {
        return status;
    }
    const zd_settlement *s = &view.settlement;
    zd_jw_object(w, "payees");
    zd_jw_int(w, "accounts", (int64_t)s->accounts_known);
    zd_jw_int(w, "compared", (int64_t)s->accounts_opened);
    zd_jw_array(w, "findings");
    for (size_t i = 0; i < s->finding_count; i++) {
        const zd_payee_finding *finding = &s->findings[i];
        const kind_texts *kind = &kinds[finding->kind];
        zd_jw_object(w, NULL);
        zd_jw_int(w, "line", finding->number);
        zd_jw_cstr(w, "provider", finding->provider);
        zd_jw_cstr(w, "finding", kind->word);
        if (kind->member != NULL) {
            zd_jw_cstr(w, kind->member, finding->other);
        }
        zd_jw_close(w);
        (void)fprintf(cli->talk, "%s %s: %s %s\n", batch, finding->provider, cli->chinese ? kind->chinese : kind->english, finding->other);
    }
    zd_jw_close(w);
    zd_jw_close(w);
    if (s->finding_count == 0) {
        (void)fprintf(cli->talk, cli->chinese ? "%s 收款账户核对：无\n" : "%s: nothing to look at among the payees' accounts\n", batch);
    }
    (void)fprintf(cli->talk, cli->chinese ? "已比对账户 %zu 个，共 %zu 个\n" : "accounts compared: %zu of %zu\n", s->accounts_opened, s->accounts_known);
    zd_settlement_view_free(&view);
    return ZD_OK;
}
