/* What settle show and settle preview say about the accounts of a batch's payees. */
#ifndef ZD_CLI_PAYEE_FINDINGS_H
#define ZD_CLI_PAYEE_FINDINGS_H

#include "cli/command.h"
#include "ledger/json/json.h"

/* Adds "payees": what provider accounts finds for the lines of the batch, as far as private.db opens their accounts; and says the same on cli->talk, one sentence a finding,
 * or that there is none. Errors as zd_settlement_view_fill. */
zd_status zd_cli_payee_findings(zd_jw *w, zd_cli *cli, zd_ledger *ledger, const char *batch);

#endif
