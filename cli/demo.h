/*
 * The demo: a whole programme year of a folder of office files, through the same import and engine that users run. The only thing that is not real is the clock,
 * which is moved along the days on which the offices handed in their files, and the keys, which come from the fixture's own seeds so that two runs give the
 * same ledger. Shared by cmd_demo.c and demo_*.c.
 */
#ifndef ZD_CLI_DEMO_H
#define ZD_CLI_DEMO_H

#include "cli/import.h"

typedef enum zd_demo_hand {
    ZD_HAND_ROOT, ZD_HAND_FINANCE_ROOT, ZD_HAND_SERVICE, ZD_HAND_LOG, ZD_HAND_GIT, ZD_HAND_ISSUER, ZD_HAND_SECOND_ISSUER, ZD_HAND_REVIEWER, ZD_HAND_MAKER,
    ZD_HAND_CHECKER, ZD_HAND_RELEASER, ZD_HAND_FAR_CHECKER, ZD_HAND_TAX, ZD_HAND_GATEWAY, ZD_HAND_BANK, ZD_HAND_PLANS, ZD_HAND_PROVIDER /* that of the row */
} zd_demo_hand;
#define ZD_DEMO_OFFICERS ZD_HAND_PROVIDER

/* How the signer of a provider's row is found. */
typedef enum zd_demo_owner { ZD_OWNER_OFFICE, ZD_OWNER_PROVIDER, ZD_OWNER_ORDER, ZD_OWNER_ITEM } zd_demo_owner;

typedef struct zd_demo_file {
    const char *name;
    const char *kind;
    zd_demo_hand hand;
    zd_demo_owner owner;
} zd_demo_file;
#define ZD_DEMO_FILES 29

typedef struct zd_demo_key {
    zd_signer *signer;
    char name[101];
    char party[ZD_ID_SIZE];
} zd_demo_key;

typedef struct zd_demo_name { /* an order or item, and the provider that made it */
    char id[ZD_ID_SIZE];
    size_t provider;
} zd_demo_name;

typedef struct zd_demo_month {
    size_t batches, lines, waiting;
    int64_t total_fen, offset_fen;
} zd_demo_month;

typedef struct zd_demo {
    zd_cli *cli;
    const char *data, *policy, *settle_data, *out;
    int64_t now_ms;          /* the fixed clock's instant */
    zd_ledger *ledger;
    zd_demo_key officers[ZD_DEMO_OFFICERS];
    zd_demo_key *providers;  /* ascending by party */
    size_t provider_count;
    zd_import *files[ZD_DEMO_FILES];
    size_t next[ZD_DEMO_FILES]; /* first row that is not handed in yet; files are in the order of days */
    zd_demo_name *orders, *items;
    size_t order_count, item_count;
    zd_demo_month months[13];
    zd_buf waiting;          /* what the seals' waiting lists said */
    size_t requests;
    unsigned acts_seen;      /* bit per planned refusal of the demo's own acts: R46, R48 */
    zd_hash genesis;
} zd_demo;
enum { ZD_DEMO_SAW_R46 = 1, ZD_DEMO_SAW_R48 = 2 };

extern const zd_demo_file zd_demo_files[ZD_DEMO_FILES];

/* demo_setup.c */
zd_status zd_demo_found(zd_demo *demo);           /* keys, genesis, officers, policy */
zd_status zd_demo_grant_providers(zd_demo *demo); /* a key for every admitted provider */
zd_status zd_demo_submit(zd_result *out, zd_demo *demo, zd_demo_hand hand, const char *type, const char *id, zd_span members, zd_decision_visit *visit,
                         void *context); /* one act of an officer; refusals are results, not errors */
zd_status zd_demo_must(zd_demo *demo, zd_demo_hand hand, const char *type, const char *id, zd_span members); /* a refusal is an error */
zd_status zd_demo_second_all(zd_demo *demo);      /* confirms every proposal that waits */
zd_status zd_demo_publish(zd_demo *demo);

/* demo_files.c */
zd_status zd_demo_read(zd_demo *demo);
zd_status zd_demo_hand_in(zd_demo *demo, int64_t day); /* all rows entered on that day */
int64_t zd_demo_next_day(const zd_demo *demo);         /* of the earliest row not handed in; INT64_MAX when none is left */

/* demo_settle.c: the month's batches. */
zd_status zd_demo_seal(zd_demo *demo, int month, int64_t execution_day);
zd_status zd_demo_release(zd_demo *demo, int month);
zd_status zd_demo_answer(zd_demo *demo, int month, bool arrived);

/* demo_report.c */
zd_status zd_demo_report(zd_demo *demo);

#endif
