/*
 * Made-up but reproducible contents for store tests: leaf i, the root and frontier of size n, and record i are functions of
 * the number alone, so that any process can say what a store must hold. Not a Merkle tree: the store does not compute one.
 */
#ifndef ZD_TESTS_STORE_ROWS_H
#define ZD_TESTS_STORE_ROWS_H

#include "tests/support/support.h"

#include "ledger/store/store.h"

void zd_rows_head(zd_store_head *out, uint64_t size, uint64_t epoch); /* mark = size */
void zd_rows_leaf(zd_buf *bytes, uint8_t hash[ZD_STORE_HASH], uint64_t index);
/* Appends count leaves after the present head, each with its record "R/" + index (8 bytes, big endian). */
zd_append zd_rows_append(zd_store *store, size_t count, zd_error *err);
void zd_rows_append_ok(zd_store *store, size_t count);
/* Fails the test unless head, all leaves and all records are those of exactly this size. */
void zd_rows_assert(zd_store *store, uint64_t size);

#endif
