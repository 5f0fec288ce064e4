/*
 * A seal of many lines while redemptions go on: how long it takes, how long its longest part holds the ledger, and what a redemption waits for before and meanwhile. One
 * thread seals part after part and rests after each, as `zhidui settle seal` does; another one submits an order every few milliseconds. Both take the ledger in turn.
 * Usage: zd_bench_seal DIR LINES [ITEMS] [CHUNK]. Not a test: the first surprise ends the run.
 */
#include "bench/world.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "ledger/act/seal_int.h"
#include "ledger/base/clock.h"

enum { ORDERS_MAX = 200000, BASE_ORDERS = 1000 };
#define EVERY_NS 4000000

typedef struct turns { /* a fair lock: first come, first served */
    pthread_mutex_t mutex;
    pthread_cond_t moved;
    uint64_t next;
    uint64_t serving;
} turns;

typedef struct run {
    bench_world world;
    turns ledger;
    bench_notes orders;
    size_t order;
    double *waits_ms;
    size_t wait_count;
    bool done;
} run;

static double now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static double cpu_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void rest(double ms)
{
    struct timespec pause = {.tv_sec = (time_t)(ms / 1e3), .tv_nsec = (long)(ms * 1e6) % 1000000000};
    (void)nanosleep(&pause, NULL);
}

static void take(turns *t)
{
    (void)pthread_mutex_lock(&t->mutex);
    uint64_t mine = t->next++;
    while (t->serving != mine) {
        (void)pthread_cond_wait(&t->moved, &t->mutex);
    }
    (void)pthread_mutex_unlock(&t->mutex);
}

static void give(turns *t)
{
    (void)pthread_mutex_lock(&t->mutex);
    t->serving++;
    (void)pthread_cond_broadcast(&t->moved);
    (void)pthread_mutex_unlock(&t->mutex);
}

static void one_order(run *r)
{
    if (r->order == r->orders.count) {
        return;
    }
    double start = now_ms();
    take(&r->ledger);
    bench_submit(&r->world, &r->orders, r->order, r->order + 1);
    r->order++;
    give(&r->ledger);
    r->waits_ms[r->wait_count++] = now_ms() - start;
}

static void *customers(void *context)
{
    run *r = context;
    while (!__atomic_load_n(&r->done, __ATOMIC_ACQUIRE)) {
        one_order(r);
        rest(EVERY_NS / 1e6);
    }
    return NULL;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static void tell_waits(run *r, const char *when)
{
    qsort(r->waits_ms, r->wait_count, sizeof *r->waits_ms, by_size);
    if (r->wait_count > 0) {
        (void)printf("redemptions %s: %zu, median %.2f ms, 99 of 100 within %.2f ms, longest %.2f ms\n", when, r->wait_count, r->waits_ms[r->wait_count / 2],
                     r->waits_ms[r->wait_count * 99 / 100], r->waits_ms[r->wait_count - 1]);
    }
    r->wait_count = 0;
}

typedef struct work {
    double longest_ms;
    double busy_ms;
    double cpu_ms; /* of the thread that seals; signatures are verified on others */
} work;

/* One part; answers whether more is to come. */
static bool one_part(run *r, int64_t part, int64_t chunk, work *sum)
{
    char members[200];
    take(&r->ledger);
    double start = now_ms();
    double cpu = cpu_ms();
    if (part == 1) {
        zd_format(members, sizeof members, "\"batch\":\"B-1\",\"pool\":\"330602-2026-E\",\"cutoff\":%llu,\"execution\":\"2026-03-10\",\"chunk\":%lld",
                  (unsigned long long)zd_ledger_size(r->world.ledger), (long long)chunk);
        bench_submit_as(&r->world, "maker", "batch.seal", members);
    } else {
        zd_format(members, sizeof members, "\"batch\":\"B-1\",\"part\":%lld", (long long)part);
        bench_submit_as(&r->world, "maker", "batch.continue", members);
    }
    double took = now_ms() - start;
    const zd_rec_batch *batch = zd_book_find(zd_acts_book(zd_ledger_acts(r->world.ledger)), ZD_R_BATCH, "%s", "B-1");
    bool more = batch != NULL && batch->state == ZD_B_DRAFT;
    give(&r->ledger);
    sum->longest_ms = took > sum->longest_ms ? took : sum->longest_ms;
    sum->busy_ms += took;
    sum->cpu_ms += cpu_ms() - cpu;
    rest(more ? took * ZD_SEAL_REST_HALVES / 2 : 0);
    return more;
}

static void seal(run *r, int64_t chunk)
{
    pthread_t thread;
    work sum = {0};
    double start = now_ms();
    int64_t part = 1;
    (void)pthread_create(&thread, NULL, customers, r);
    while (one_part(r, part, chunk, &sum)) {
        part++;
    }
    double all_ms = now_ms() - start;
    __atomic_store_n(&r->done, true, __ATOMIC_RELEASE);
    (void)pthread_join(thread, NULL);
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    const zd_rec_batch *batch = zd_book_find(zd_acts_book(zd_ledger_acts(r->world.ledger)), ZD_R_BATCH, "%s", "B-1");
    (void)printf("seal: %lld lines, %lld fen, %lld parts of %lld, %.1f s in all, %.1f s of work (%.1f s of one core), longest part %.1f ms, peak memory %ld MB\n", (long long)batch->numbered,
                 (long long)batch->total_fen, (long long)batch->part, (long long)chunk, all_ms / 1e3, sum.busy_ms / 1e3, sum.cpu_ms / 1e3, sum.longest_ms, usage.ru_maxrss / 1024);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fprintf(stderr, "usage: %s DIR LINES [ITEMS] [CHUNK]\n", argv[0]);
        return 2;
    }
    run r = {.ledger = {.mutex = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER}};
    size_t lines = (size_t)strtoull(argv[2], NULL, 10);
    size_t items = argc > 3 ? (size_t)strtoull(argv[3], NULL, 10) : lines;
    int64_t chunk = argc > 4 ? strtoll(argv[4], NULL, 10) : ZD_SEAL_CHUNK;
    double start = now_ms();
    bench_world_create(&r.world, argv[1], 2000, lines);
    bench_world_payables(&r.world, items);
    (void)printf("made: %zu providers, %zu payables, %.1f s\n", lines, items, (now_ms() - start) / 1e3);
    r.waits_ms = calloc(ORDERS_MAX, sizeof *r.waits_ms);
    while (r.orders.count < 20000) {
        bench_add_order(&r.orders, &r.world);
    }
    bench_notes_ready(&r.orders);
    bench_world_close(&r.world); /* a service that has just started: everything is asked of the store */
    bench_world_open(&r.world);
    for (int i = 0; i < BASE_ORDERS; i++) {
        one_order(&r);
        rest(EVERY_NS / 1e6);
    }
    tell_waits(&r, "alone");
    seal(&r, chunk);
    tell_waits(&r, "meanwhile");
    free(r.waits_ms);
    bench_notes_free(&r.orders);
    bench_world_free(&r.world);
    return 0;
}
