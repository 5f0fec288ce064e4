/*
 * The ledger that is measured: one programme with a pool, enterprises with one voucher each, and providers with a key each, made through the engine's own
 * door like any other ledger. Also the signed notes of the workloads. Not a test: everything is checked, and the first surprise ends the run.
 */
#ifndef ZD_BENCH_WORLD_H
#define ZD_BENCH_WORLD_H

#include "ledger/engine/ledger.h"

typedef struct bench_world {
    char *dir;
    zd_ledger *ledger;
    zd_hash genesis;
    int64_t now_unix_ms;      /* the ledger's clock; stands still */
    size_t voucher_count;     /* = holders */
    size_t provider_count;
    size_t signer_count;      /* providers that sign: the first of them */
    zd_signer **providers;
    char (*provider_codes)[19];
    unsigned next_request;
    size_t next_order;        /* counts orders; voucher = order modulo voucher_count */
} bench_world;

/* Notes of one workload, signed beforehand: making them is the clients' work, not the ledger's. */
typedef struct bench_notes {
    zd_buf bytes;
    size_t *ends;
    zd_span *spans; /* filled by bench_notes_ready */
    size_t count;
    size_t capacity;
    size_t orders;  /* how many orders they hold */
} bench_notes;

void bench_world_create(bench_world *world, const char *dir, size_t vouchers, size_t providers);
void bench_world_free(bench_world *world);
void bench_world_open(bench_world *world);  /* with an empty working set */
void bench_world_close(bench_world *world);
void bench_world_publish(bench_world *world);

/* One redemption.order, signed by its provider. */
void bench_add_order(bench_notes *notes, bench_world *world);
/* One batch request with as many orders of one provider as fit. */
void bench_add_batch(bench_notes *notes, bench_world *world);
void bench_notes_ready(bench_notes *notes);
void bench_notes_clear(bench_notes *notes);
void bench_notes_free(bench_notes *notes);

/* Submits notes [from, to) in one call; every order must be accepted. */
void bench_submit(bench_world *world, const bench_notes *notes, size_t from, size_t to);

/* Before the first order: every provider gets an account, and `items` payables of 100 yuan are spread over them. */
void bench_world_payables(bench_world *world, size_t items);
/* One request of an officer; members without braces. Must be accepted. */
void bench_submit_as(bench_world *world, const char *key_name, const char *type, const char *members);

/* Ends the program with the error when status is not ZD_OK. */
void bench_need(zd_status status, const zd_error *err, const char *what);
_Noreturn void bench_stop(const char *why);

#endif
