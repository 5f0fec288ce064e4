/* Captures of orders and invoices, numbers of invoices; see links.h. Invariant: OITEM and INVITEM exist exactly for orders and invoices with more than one capture. */
#include "ledger/act/links.h"

#include <string.h>

const zd_rec_invoice *zd_invoice_of(zd_act *act, const char *number)
{
    const zd_rec_invoice *own = zd_book_find(act->book, ZD_R_INVOICE, "%s", number);
    const zd_rec_invno *entry = own != NULL ? NULL : zd_book_find(act->book, ZD_R_INVNO, "%s", number);
    return entry != NULL ? zd_book_find(act->book, ZD_R_INVOICE, "%s", entry->target) : own;
}

void zd_invoice_numbers(zd_act *act, const zd_rec_invoice *invoice)
{
    zd_span rest = zd_span_text(invoice->numbers);
    while (rest.size > 0) {
        zd_span head;
        char number[sizeof invoice->numbers];
        rest = zd_span_cut(&head, rest, ',');
        zd_act_set_text(number, sizeof number, head);
        if (strcmp(number, invoice->id) != 0) {
            zd_rec_invno *entry = zd_book_ensure(act->book, ZD_R_INVNO, "%s", number);
            zd_format(entry->target, sizeof entry->target, "%s", invoice->id);
        }
    }
}

static zd_captures one(const char *item)
{
    return (zd_captures){.only = item[0] != '\0' ? item : NULL};
}

zd_captures zd_captures_of_order(zd_act *act, const zd_rec_order *order)
{
    return order->captures <= 1 ? one(order->item) : (zd_captures){.cursor = zd_book_scan(act->book, ZD_R_OITEM, "%s/", order->id)};
}

zd_captures zd_captures_of_invoice(zd_act *act, const zd_rec_invoice *invoice)
{
    return invoice->captures <= 1 ? one(invoice->last_item) : (zd_captures){.cursor = zd_book_scan(act->book, ZD_R_INVITEM, "%s/", invoice->id)};
}

const char *zd_captures_next(zd_captures *captures)
{
    const char *only = captures->only;
    captures->only = NULL;
    if (only != NULL || captures->cursor.book == NULL) {
        return only;
    }
    if (!zd_book_next(&captures->cursor)) {
        return NULL;
    }
    return strrchr(captures->cursor.key, '/') + 1; /* of both indexes the last part of the key */
}

static void add_oitem(zd_act *act, const zd_rec_order *order, const char *item)
{
    zd_rec_oitem *entry = zd_book_add(act->book, ZD_R_OITEM, "%s/%s", order->id, item);
    zd_format(entry->target, sizeof entry->target, "%s", item);
}

void zd_order_link(zd_act *act, zd_rec_order *order, const zd_rec_item *item)
{
    if (order->captures == 1) {
        add_oitem(act, order, order->item);
    }
    if (order->captures >= 1) {
        add_oitem(act, order, item->id);
    }
    zd_format(order->item, sizeof order->item, "%s", order->captures == 0 ? item->id : "");
    order->captures++;
}

void zd_order_unlink(zd_act *act, zd_rec_order *order, const zd_rec_item *item)
{
    ZD_ASSERT(order->captures > 0);
    zd_book_remove(act->book, ZD_R_OITEM, "%s/%s", order->id, item->id);
    order->captures--;
    order->item[0] = '\0';
    if (order->captures == 1) {
        zd_book_cursor left = zd_book_scan(act->book, ZD_R_OITEM, "%s/", order->id);
        bool found = zd_book_next(&left);
        ZD_ASSERT(found);
        zd_format(order->item, sizeof order->item, "%s", ((const zd_rec_oitem *)left.record)->target);
        zd_book_remove(act->book, ZD_R_OITEM, "%s/%s", order->id, order->item);
    }
}

static void add_invitem(zd_act *act, const zd_rec_invoice *invoice, const zd_rec_item *item)
{
    zd_rec_invitem *entry = zd_book_add(act->book, ZD_R_INVITEM, "%s/%012lld/%s", invoice->id, (long long)item->seq, item->id);
    zd_format(entry->target, sizeof entry->target, "%s", item->id);
}

static void remove_invitem(zd_act *act, const zd_rec_invoice *invoice, const zd_rec_item *item)
{
    zd_book_remove(act->book, ZD_R_INVITEM, "%s/%012lld/%s", invoice->id, (long long)item->seq, item->id);
}

static const zd_rec_item *last_item(zd_act *act, const zd_rec_invoice *invoice)
{
    const zd_rec_item *item = zd_book_find(act->book, ZD_R_ITEM, "%s", invoice->last_item);
    ZD_ASSERT(item != NULL);
    return item;
}

void zd_invoice_link(zd_act *act, zd_rec_invoice *invoice, const zd_rec_item *item)
{
    if (invoice->captures == 1) {
        add_invitem(act, invoice, last_item(act, invoice));
    }
    if (invoice->captures >= 1) {
        add_invitem(act, invoice, item);
    }
    zd_format(invoice->last_item, sizeof invoice->last_item, "%s", item->id);
    invoice->captures++;
}

void zd_invoice_unlink(zd_act *act, zd_rec_invoice *invoice, const zd_rec_item *item)
{
    ZD_ASSERT(invoice->captures > 0);
    remove_invitem(act, invoice, item);
    invoice->captures--;
    invoice->last_item[0] = '\0';
    zd_book_cursor left = zd_book_scan(act->book, ZD_R_INVITEM, "%s/", invoice->id);
    while (zd_book_next(&left)) {
        zd_format(invoice->last_item, sizeof invoice->last_item, "%s", ((const zd_rec_invitem *)left.record)->target);
    }
    if (invoice->captures == 1) {
        remove_invitem(act, invoice, last_item(act, invoice));
    }
}
