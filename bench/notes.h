/*
 * Signed notes of a workload, made beforehand: signing is the clients' work, not the ledger's. Single notes, and batch requests that hold as many items as fit.
 */
#ifndef ZD_BENCH_NOTES_H
#define ZD_BENCH_NOTES_H

#include "bench/world.h"

typedef struct bench_notes {
    zd_buf bytes;
    size_t *ends;
    zd_span *spans; /* filled by bench_notes_ready */
    size_t count;
    size_t capacity;
    size_t items;   /* redemptions, facts, ... that they hold */
} bench_notes;

/* The beginning of a request text, up to the value of "expires". */
void bench_header(zd_buf *text, bench_world *world, const char *type);
/* Signs text under the key's roster name and keeps the note. */
void bench_notes_sign(bench_notes *notes, const zd_signer *signer, const char *key_name, const zd_buf *text, size_t items);
/* The same note once more (a replay). */
void bench_notes_repeat(bench_notes *notes, size_t note);
void bench_notes_ready(bench_notes *notes);
void bench_notes_free(bench_notes *notes);

/* Writes item n without its id, from the first field to the closing brace. */
typedef void bench_item_writer(zd_buf *text, void *context, size_t n);
/* count items of one type in as many batch requests as they need, signed by one key. */
void bench_notes_batches(bench_notes *notes, bench_world *world, const char *key_name, const char *of, size_t count, bench_item_writer *write, void *context);

/* Submits notes [from, to) in one call; every request and item must be accepted. replays: how many must be answered as replays. */
void bench_submit(bench_world *world, const bench_notes *notes, size_t from, size_t to, size_t replays);
/* Signs text (without its closing brace) by the key of that name and submits it alone. */
void bench_act(bench_world *world, const char *key_name, zd_buf *text);

#endif
