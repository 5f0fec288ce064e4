/* A released batch as the settlement writers want it: filled from records, the seal's effect leaves and private accounts. Computes no amount. */
#ifndef ZD_ENGINE_SETTLEMENT_VIEW_H
#define ZD_ENGINE_SETTLEMENT_VIEW_H

#include "ledger/engine/ledger.h"
#include "ledger/engine/payee_look.h"
#include "ledger/settle/settlement.h"

typedef struct zd_text_node zd_text_node;
typedef struct zd_settlement_view {
    zd_settlement settlement; /* texts owned by the view */
    zd_pay_line *lines, *offset_lines;
    zd_wait_row *waiting;
    zd_notice_row *notices;
    size_t *waiting_order;
    zd_payee *payees; /* of the lines, for findings about their accounts */
    zd_payee_findings findings;
    zd_book *book;      /* borrowed: the records as they are, or the past ones */
    zd_book *past_book; /* owned: records at the release, when something that a package shows was changed after it */
    zd_acts *past_acts; /* owned */
    size_t payee_count, payee_capacity;
    bool has_private;
    size_t line_capacity, offset_capacity, waiting_capacity, notice_capacity;
    zd_text_node *texts;
} zd_settlement_view;

typedef enum zd_view_use {
    ZD_VIEW_PUBLIC, /* public lists, made before the release too: no accounts */
    ZD_VIEW_LOOK,   /* lines and findings about their accounts, as far as private.db opens them; payer NULL; no head, nothing that waits */
    ZD_VIEW_TEST,   /* everything that can be known before the release, accounts among it; no findings */
    ZD_VIEW_FILES   /* a released batch, with all; the records are those at the release, whatever came after */
} zd_view_use;
/* Errors: A_ABSENT is EXPORT_REFUSED here: no such batch, not released, an account erased. Where a provider was admitted or an account changed after the release, the log is
 * decided again up to the release, in memory, some 20 us an entry. */
zd_status zd_settlement_view_fill(zd_settlement_view *out, zd_ledger *ledger, const char *batch, const zd_payer *payer, zd_view_use use, zd_error *err);
void zd_settlement_view_free(zd_settlement_view *view);

#endif
