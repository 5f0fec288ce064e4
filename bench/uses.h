/*
 * Uses of vouchers as requests: the fixture generator plans a service (instrument, price, quantity, invoice, contract, result), this file gives it a holder with enough
 * left on its voucher and writes its order, capture, direct redemption, refund and facts.
 */
#ifndef ZD_BENCH_USES_H
#define ZD_BENCH_USES_H

#include "bench/notes.h"

typedef struct bench_use {
    fx_use plan;     /* its provider is the fixture's that ours repeats */
    size_t holder;
    size_t provider;
} bench_use;

#define BENCH_ANY (-1)

/* place, provider: BENCH_ANY takes the next in turn. The voucher's rest is drawn down. */
bench_use bench_use_plan(bench_world *world, int place, int provider);

/* One note, signed by the use's provider. */
void bench_add_order(bench_notes *notes, bench_world *world, const bench_use *use);
void bench_add_capture(bench_notes *notes, bench_world *world, const bench_use *use);
void bench_add_direct(bench_notes *notes, bench_world *world, const bench_use *use);
void bench_add_refund(bench_notes *notes, bench_world *world, const bench_use *use);
/* One batch request of the next provider, filled with as many new orders (or direct redemptions) as fit. */
void bench_add_full_batch(bench_notes *notes, bench_world *world, bool direct);

/* What makes uses payable: consent, own share and invoice check of each, in batch requests of gateway, bank and tax office. */
void bench_add_facts(bench_notes *notes, bench_world *world, const bench_use *uses, size_t count);

/* The options of `zhidui redeem direct` for this use, at most max of them; the caller frees each. */
size_t bench_direct_options(char **argv, size_t max, const bench_world *world, const bench_use *use);

#endif
