/*
 * Gaps: ranges of keys of which the source has none. Half of all keys that a request asks for must be absent (its id, its order, its accounts, a mandate, a fact);
 * a source that is asked for one tells the next key that it has, and whatever lies between needs not be asked again. Ids that ascend, and kinds that a ledger
 * hardly uses, so cost one question instead of one each. A gap is found by the beginning of its keys: by kind, and by kind and second part.
 * A gap is only true together with the records in memory: when those are dropped, gaps are forgotten. Must not know what records mean.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/book/book_int.h"

/* Where the gaps of keys that begin like this one stand: [0] "ORDER/", [1] "ACCT/2200/". One walk for both; without a second slash [1] is of the whole key. */
typedef struct places {
    size_t at[2];
} places;

static size_t place_of(uint64_t hash)
{
    return (hash ^ (hash >> 29)) % ZD_GAPS;
}

static places places_of(const char *key)
{
    uint64_t hash = 1;
    uint64_t first = 0;
    int slashes = 0;
    for (const char *at = key; *at != '\0' && slashes < 2; at++) {
        hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
        if (*at == '/' && ++slashes == 1) {
            first = hash;
        }
    }
    return (places){{place_of(slashes == 0 ? hash : first), place_of(hash)}};
}

static bool covers(const zd_gap *gap, const char *key)
{
    return gap->low != NULL && strcmp(key, gap->low) >= 0 && (gap->high == NULL || strcmp(key, gap->high) < 0);
}

bool zd_gaps_cover(const zd_book *book, const char *key)
{
    places of = places_of(key);
    return covers(&book->gaps[of.at[1]], key) || covers(&book->gaps[of.at[0]], key);
}

static void clear(zd_gap *gap)
{
    free(gap->low);
    free(gap->high);
    *gap = (zd_gap){0};
}

static void widen(zd_gap *gap, const char *key, const char *next)
{
    bool same_end = gap->low != NULL && (next == NULL ? gap->high == NULL : gap->high != NULL && strcmp(gap->high, next) == 0);
    if (same_end && strcmp(gap->low, key) <= 0) {
        return;
    }
    if (same_end) {
        free(gap->low);
    } else {
        clear(gap);
        gap->high = next != NULL ? zd_strdup(next) : NULL;
    }
    gap->low = zd_strdup(key);
}

void zd_gaps_note(zd_book *book, const char *key, const char *next)
{
    places of = places_of(key);
    widen(&book->gaps[of.at[1]], key, next);
    widen(&book->gaps[of.at[0]], key, next);
}

void zd_gaps_forget(zd_book *book)
{
    for (size_t i = 0; i < ZD_GAPS; i++) {
        clear(&book->gaps[i]);
    }
}
