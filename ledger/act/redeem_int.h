/*
 * What orders, captures, direct redemptions and the dry run share: gathered facts with the records behind them, and the steps in which a redemption is
 * admitted by its form, reserved and captured. Gathering never writes, so that a dry run can do it outside of any entry.
 */
#ifndef ZD_ACT_REDEEM_INT_H
#define ZD_ACT_REDEEM_INT_H

#include "ledger/act/act_int.h"
#include "ledger/rules/decide.h"

/* The records that a redemption asks for, mostly in cold memory: their keys are written once, and all are told to the processor before the first is looked at. */
typedef enum zd_redeem_place {
    ZD_AT_ORDER, ZD_AT_ITEM, ZD_AT_HOLDER, ZD_AT_PROVIDER, ZD_AT_VOUCHER, ZD_AT_ALLOTTED /* 6200 */, ZD_AT_RESERVED /* 6300 */, ZD_AT_INSTRUMENT, ZD_AT_CONTRACT, ZD_AT_TIER,
    ZD_AT_MANDATE, ZD_AT_AFFILIATION, ZD_AT_CONSENT, ZD_AT_OWN_SHARE, ZD_AT_OTHER_PLAN, ZD_AT_PROVIDER_LISTED, ZD_AT_INVOICE, ZD_AT__COUNT
} zd_redeem_place;

typedef struct zd_redemption {
    zd_facts facts;
    char leg_pool[ZD_LEGS][ZD_ID_SIZE];  /* order, direct: where the amount would be drawn, in drawing order */
    int64_t leg_fen[ZD_LEGS];
    char invoice_id[ZD_ID_SIZE];         /* capture, direct: of the known record, else the first number */
    char invoice_numbers[121];           /* all numbers of the record once this capture is in */
    int64_t invoice_word_day;            /* day of the word known by fact; 0 = none */
    zd_place at[ZD_AT__COUNT];
    zd_place leg_account[ZD_LEGS];       /* where leg_fen comes from: 2000 or 2100 */
} zd_redemption;

/* The order and the item that the request names; to be called first. */
void zd_redeem_start(zd_redemption *out, zd_act *act);

/* facts_gather.c. False = there is no policy to decide by (A_NO_POLICY). Captures need their order to exist. */
bool zd_redeem_gather_order(zd_redemption *out, zd_act *act, zd_rule_act kind); /* ZD_ON_ORDER or ZD_ON_DIRECT */
bool zd_redeem_gather_capture(zd_redemption *out, zd_act *act, const zd_rec_order *order);

/* What stands against a request before any rule is asked: ids in use, somebody else's party or unit, an ended order. ZD_CODE_NONE = nothing; `why` is for saw. */
zd_code zd_redeem_obstacle(const char **why, zd_act *act, zd_redemption *redemption);

/* orders.c: posts the reservation and writes the order record. NULL = refused by balance. */
zd_rec_order *zd_redeem_reserve(zd_act *act, zd_redemption *redemption, const zd_ruling *ruling);

#endif
