/*
 * The checks that need a window of history, as one pure sweep over the items of a seal: R08 R19 R33 R37 R38 R39. The caller
 * puts in every item of the batch and, as witnesses, earlier items within zd_rules_seal_window days of them; each item gets its flags and gates. Nothing is
 * allocated or kept, the result does not depend on the order of the items, and the order is the same afterwards.
 */
#ifndef ZD_RULES_SEAL_SWEEP_H
#define ZD_RULES_SEAL_SWEEP_H

#include "ledger/record/decision.h"
#include "ledger/rules/policy.h"

typedef struct zd_seal_item {
    /* Filled by the caller; all texts are borrowed, NULL or "" = none. */
    int64_t seq;                  /* of the item's leaf: with `item` its identity */
    const char *item;
    const char *holder;
    const char *holder_code;      /* credit code; "" for a person */
    const char *provider;         /* its credit code */
    const char *group;            /* controller group of the holder (HOLDER.group) */
    const char *contact;          /* value of FACT contact of the holder */
    const char *purpose;
    const char *instrument;
    int64_t amount_fen;
    int64_t base_fen;
    int64_t done_day;             /* service completed */
    int64_t slot_from_ms;         /* 0, 0 = no slot stated; [from, to) */
    int64_t slot_to_ms;
    int64_t invoice_checked;      /* INVOICE.checked: zd_invoice_check */
    int64_t invoice_checked_day;
    int64_t today_day;            /* of the seal */
    /* Results. */
    zd_check_set flags;           /* for sampling only; they delay nothing. Those of the capture (ITEM.flags) are not in here */
    zd_check_set gates;           /* R33: the word is missing or was taken back; the item stays out of the batch */
    /* Used inside. */
    size_t place;
    int64_t overlapping, opposite, services, near, contact_holders;
} zd_seal_item;

void zd_rules_seal_sweep(zd_seal_item *items, size_t count, const zd_policy *policy);
/* How many days before the oldest done_day of a batch an earlier item can still matter: the caller adds those as witnesses. */
int64_t zd_rules_seal_window(const zd_policy *policy);
/* R40: the provider can not be paid on that day: no confirmed account, or one that still cools. Days: 0 = none. */
bool zd_rules_account_cools(int64_t account_version, int64_t account_cooling_day, int64_t today_day);

#endif
