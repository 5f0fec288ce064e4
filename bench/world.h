/*
 * The ledger that is measured: a programme year of the fixture generator (its providers, instruments, prices, sizes of tickets) with as many holders as a workload
 * needs, made through the engine's own door like any other ledger. Not a test: everything is checked, and the first surprise ends the run.
 */
#ifndef ZD_BENCH_WORLD_H
#define ZD_BENCH_WORLD_H

#include "fixtures/shaoxing.h"
#include "ledger/engine/ledger.h"

#define BENCH_ORIGIN "bench.sx.example"
#define BENCH_PROVIDERS FX_PROVIDERS_PLAIN /* a city; more repeat them under other codes */

#define BENCH_KEYS_OPEN 1024

typedef struct bench_holder {
    char code[19];
    int64_t left_fen; /* of the voucher */
} bench_holder;

typedef struct bench_world {
    char *dir;
    zd_ledger *ledger;
    zd_hash genesis;
    bool real_clock;        /* the ledger reads the system's clock; then now_unix_ms is when it began */
    int64_t now_unix_ms;    /* the ledger's clock: stands still, or is moved */
    int year;
    fx_world *fixtures;     /* providers, instruments, and the plans of uses */
    zd_signer **providers;  /* NULL while a key is not open: bench_provider */
    size_t open[BENCH_KEYS_OPEN];
    size_t open_count, open_next;
    char (*provider_codes)[19];
    size_t provider_count;
    bench_holder *holders;  /* number i belongs to district i modulo FX_PLACES; one voucher each */
    size_t holder_count;    /* with a voucher; those without one follow */
    size_t next_holder;
    size_t next_provider;
    unsigned next_request;
} bench_world;

/* providers: BENCH_PROVIDERS or more. real_clock: the programme's year is this year and its day is today, so that the program itself (which reads the clock) can work on it; else 2 March 2026. */
void bench_world_create(bench_world *world, const char *dir, size_t holders, size_t providers, bool real_clock);
void bench_world_free(bench_world *world);
void bench_world_open(bench_world *world); /* with an empty working set */
void bench_world_close(bench_world *world);
void bench_world_publish(bench_world *world);
/* Registers enterprises and allots each a voucher of the yearly cap: about 45 uses. */
void bench_world_add_holders(bench_world *world, size_t count);
/* Enterprises without a voucher; workloads that issue take them. Call it last: uses are planned for holders with a voucher only. */
void bench_world_add_bare_holders(bench_world *world, size_t count);
/* An account for every provider, under two officers, so that it can be paid. */
void bench_world_add_accounts(bench_world *world);
void bench_world_pass_days(bench_world *world, int days);

zd_signer *bench_signer(const char *key_name); /* the key of that name; the caller closes it */
const zd_signer *bench_provider(bench_world *world, size_t provider); /* until the next call */
void bench_key_file(const bench_world *world, const char *key_name, const char *path);
void bench_provider_key(char out[64], const bench_world *world, size_t provider);
void bench_pool(char out[24], const bench_world *world, int place);

/* Ends the program with the error when status is not ZD_OK. */
void bench_need(zd_status status, const zd_error *err, const char *what);
_Noreturn void bench_stop(const char *why);

#endif
