/* A released batch as the settlement writers want it: filled from records, the seal's effect leaves and private accounts. Computes no amount. */
#ifndef ZD_ENGINE_SETTLEMENT_VIEW_H
#define ZD_ENGINE_SETTLEMENT_VIEW_H

#include "ledger/engine/ledger.h"
#include "ledger/settle/settlement.h"

typedef struct zd_text_node zd_text_node;
typedef struct zd_settlement_view {
    zd_settlement settlement; /* texts owned by the view */
    zd_pay_line *lines;
    zd_wait_row *waiting;
    zd_notice_row *notices;
    size_t *waiting_order;
    size_t line_capacity, waiting_capacity, notice_capacity;
    zd_text_node *texts;
} zd_settlement_view;

/* with_accounts: false for public lists, which hold none and are made before the release too. Errors: A_ABSENT is EXPORT_REFUSED here: no such batch, not released, an
 * account erased. */
zd_status zd_settlement_view_fill(zd_settlement_view *out, zd_ledger *ledger, const char *batch, const zd_payer *payer, bool with_accounts, zd_error *err);
void zd_settlement_view_free(zd_settlement_view *view);

#endif
