/*
 * What an implementation of the store fills in. Only ledger/store includes this. store.c has checked the arguments that
 * every implementation would have to check, so an implementation may rely on them (see store.c).
 */
#ifndef ZD_STORE_STORE_INT_H
#define ZD_STORE_STORE_INT_H

#include "ledger/store/store.h"

typedef struct zd_store_change { /* one append */
    const zd_store_head *expected;
    const zd_store_head *next;
    const zd_store_leaf *leaves;
    size_t leaf_count;
    const zd_store_record *records;
    size_t record_count;
} zd_store_change;

typedef struct zd_store_slice { /* one range read */
    zd_span prefix;
    zd_span from;
    size_t limit;
} zd_store_slice;

typedef struct zd_store_ops {
    zd_status (*head_get)(zd_store *store, zd_store_head *out, zd_error *err);
    zd_status (*pin)(zd_store *store, zd_error *err);
    zd_status (*follow)(zd_store *store, zd_store **out, zd_error *err);
    void (*moment)(zd_store *store, bool stays);
    void (*hold_checkpoints)(zd_store *store, bool held);
    bool (*checkpoint_due)(zd_store *store);
    zd_status (*checkpoint)(zd_store *store, zd_error *err);
    zd_status (*load)(zd_store *store, const zd_span *keys, size_t count, zd_store_record_visit *visit, void *context,
                      zd_error *err);
    zd_status (*range)(zd_store *store, const zd_store_slice *slice, zd_store_record_visit *visit, void *context,
                       zd_error *err);
    zd_append (*append)(zd_store *store, const zd_store_change *change, zd_error *err);
    zd_status (*flush)(zd_store *store, const zd_store_record *records, size_t count, uint64_t mark, zd_error *err);
    zd_status (*leaves)(zd_store *store, uint64_t from, uint64_t to, zd_store_leaf_visit *visit, void *context, zd_error *err);
    zd_status (*publication_put)(zd_store *store, const zd_publication *publication, zd_error *err);
    zd_status (*publications)(zd_store *store, uint64_t from, zd_store_publication_visit *visit, void *context, zd_error *err);
    zd_status (*publication_last)(zd_store *store, zd_publication *out, bool *found, zd_error *err);
    zd_status (*blob_put)(zd_store *store, zd_span name, zd_span data, zd_error *err);
    zd_status (*blob_get)(zd_store *store, zd_span name, zd_buf *out, bool *found, zd_error *err);
    zd_status (*backup)(zd_store *store, const char *path, zd_error *err);
    zd_status (*check)(zd_store *store, zd_error *err);
    zd_status (*stats_get)(zd_store *store, zd_store_stats *out, zd_error *err);
    void (*close)(zd_store *store);
} zd_store_ops;

/* First member of every implementation. */
struct zd_store {
    const zd_store_ops *ops;
    bool inside; /* a call is running: a callback must not call the store again */
};

/* Hashes in the frontier of a log of that size: its set bits. */
size_t zd_store_frontier_count(uint64_t size);

#endif
