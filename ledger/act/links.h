/*
 * Which captures belong to an order or to an invoice, and which invoice a number belongs to. Nearly all orders and invoices have one capture, and nearly all invoices one number: the
 * record itself names those, and index records are written only from the second on, then for all. Must not know what a capture is worth.
 */
#ifndef ZD_ACT_LINKS_H
#define ZD_ACT_LINKS_H

#include "ledger/act/act_int.h"

/* The invoice of a number: its own record, or the one whose first number is another. NULL: no capture and no opening balance named it. */
const zd_rec_invoice *zd_invoice_of(zd_act *act, const char *number);
/* All numbers of the record lead to it. */
void zd_invoice_numbers(zd_act *act, const zd_rec_invoice *invoice);

/* A walk over captures that were not voided. Items may be edited meanwhile, links not. */
typedef struct zd_captures {
    const char *only; /* named by the record; NULL: the cursor's */
    zd_book_cursor cursor;
} zd_captures;
zd_captures zd_captures_of_order(zd_act *act, const zd_rec_order *order);       /* by item id */
zd_captures zd_captures_of_invoice(zd_act *act, const zd_rec_invoice *invoice); /* in log order */
const char *zd_captures_next(zd_captures *captures); /* the next item's id, NULL at the end; borrowed until the next call */

void zd_order_link(zd_act *act, zd_rec_order *order, const zd_rec_item *item);
void zd_order_unlink(zd_act *act, zd_rec_order *order, const zd_rec_item *item);
/* The newest one is the invoice's last_item. */
void zd_invoice_link(zd_act *act, zd_rec_invoice *invoice, const zd_rec_item *item);
void zd_invoice_unlink(zd_act *act, zd_rec_invoice *invoice, const zd_rec_item *item);

#endif
