/* Deciding stored leaves again; see replay.h. Signatures were verified when the leaves were made; the auditor's verifier checks them again. */
#include "ledger/engine/replay.h"

#include <stdlib.h>

#include "ledger/act/redecide.h"
#include "ledger/engine/ledger_int.h"

#define CHUNK 256 /* leaves read at once: the book may ask the store while they are decided, but not from inside its walk */

typedef struct chunk {
    zd_buf bytes;
    size_t ends[CHUNK];
    size_t count;
} chunk;

static zd_status keep_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    chunk *c = context;
    zd_buf_add_span(&c->bytes, bytes);
    c->ends[c->count++] = c->bytes.size;
    return ZD_OK;
}

static zd_status decide_chunk(zd_redecide *redecide, const chunk *c, uint64_t from, zd_error *err)
{
    zd_status status = ZD_OK;
    size_t start = 0;
    for (size_t i = 0; i < c->count && status == ZD_OK; i++) {
        status = zd_redecide_entry(redecide, from + i, zd_span_of(c->bytes.data + start, c->ends[i] - start), err);
        start = c->ends[i];
    }
    return status;
}

/* A ledger that decides all its leaves again, because its records are of an older form, writes them on the way; after a crash there are seldom so many. */
static zd_status write_records(zd_ledger *ledger, const zd_acts *acts, const zd_redecide *redecide, uint64_t mark, zd_error *err)
{
    bool due = ledger->write && acts == ledger->acts && zd_redecide_complete(redecide) && zd_book_dirty_count(ledger->book) >= ZD_FLUSH_RECORDS_CALL;
    zd_status status = due ? zd_engine_flush_to(ledger, mark, err) : ZD_OK;
    if (due && status == ZD_OK) {
        zd_book_trim(ledger->book, ZD_WORKING_SET);
    }
    return status;
}

zd_status zd_replay(zd_acts *acts, zd_ledger *ledger, uint64_t from, uint64_t to, zd_error *err)
{
    zd_error local = {0};
    err = err != NULL ? err : &local;
    zd_redecide *redecide = zd_redecide_new(acts);
    chunk *c = zd_alloc_zero(1, sizeof *c);
    zd_status status = ZD_OK;
    while (from < to && status == ZD_OK) {
        uint64_t end = from + CHUNK < to ? from + CHUNK : to;
        zd_buf_clear(&c->bytes);
        c->count = 0;
        status = zd_store_leaves(ledger->store, from, end, keep_leaf, c, err);
        if (status == ZD_OK) {
            status = decide_chunk(redecide, c, from, err);
        }
        if (status == ZD_OK) {
            status = write_records(ledger, acts, redecide, end, err);
        }
        from = end;
    }
    if (status == ZD_OK && !zd_redecide_complete(redecide)) {
        status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "entry %llu is missing", (unsigned long long)to);
    }
    zd_redecide_free(redecide);
    zd_buf_free(&c->bytes);
    free(c);
    return status;
}
