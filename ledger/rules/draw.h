/*
 * The reproducible sample of a batch. Seed = SHA-256 of the text "<root>\n<number>\n", where root is the Merkle root, in hexadecimal, of the first published
 * checkpoint that holds the whole seal, and number is a public number that nobody could know at the seal. Each item is ranked by the SHA-256 of "<seed>\n<item>\n", in
 * hexadecimal; the lowest are drawn. Whoever has sha256sum and sort draws the same. Pure.
 */
#ifndef ZD_RULES_DRAW_H
#define ZD_RULES_DRAW_H

#include "ledger/seal/hash.h"

typedef struct zd_draw_item {
    const char *item; /* borrowed */
    char rank[ZD_HASH_HEX];
} zd_draw_item;

void zd_draw_seed(char out_hex[ZD_HASH_HEX], const zd_hash *root, const char *number);
/* Ranks the items and sorts them; the first zd_draw_size of them are drawn. */
void zd_draw_rank(zd_draw_item *items, size_t count, const char *seed_hex);
/* At least sampling_bp of the items, rounded up, at least 1; 0 of none. */
size_t zd_draw_size(size_t count, int64_t sampling_bp);

#endif
