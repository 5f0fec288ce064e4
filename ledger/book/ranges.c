/*
 * Which prefixes of keys were loaded as a whole. A seal of a hundred thousand providers asks for some of each, so that a place costs the same however many there are:
 * a hash table, asked once for each length that occurs among the loaded prefixes. A prefix below a loaded one is never added; one above leaves them where they are.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/book/book_int.h"

/* FNV-1a over the first `length` bytes. */
static uint64_t hash_of(const char *text, size_t length)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001b3);
    }
    return hash ^ (hash >> 32);
}

/* The place of the first `length` bytes, or the free one where they belong. The table is never full. */
static size_t place_of(const zd_book *book, const char *text, size_t length)
{
    size_t place = hash_of(text, length) & (book->range_slots - 1);
    while (book->ranges[place] != NULL && (strncmp(book->ranges[place], text, length) != 0 || book->ranges[place][length] != '\0')) {
        place = (place + 1) & (book->range_slots - 1);
    }
    return place;
}

bool zd_ranges_hold(const zd_book *book, const char *prefix)
{
    size_t length = strlen(prefix);
    for (size_t n = 1; n <= length && book->range_count > 0; n++) {
        if (book->range_lengths[n] > 0 && book->ranges[place_of(book, prefix, n)] != NULL) {
            return true;
        }
    }
    return false;
}

static void grow(zd_book *book)
{
    char **old = book->ranges;
    size_t slots = book->range_slots;
    book->range_slots = slots == 0 ? 64 : slots * 2;
    book->ranges = zd_alloc_zero(book->range_slots, sizeof *book->ranges);
    for (size_t i = 0; i < slots; i++) {
        if (old[i] != NULL) {
            book->ranges[place_of(book, old[i], strlen(old[i]))] = old[i];
        }
    }
    free(old);
}

void zd_ranges_add(zd_book *book, const char *prefix)
{
    size_t length = strlen(prefix);
    ZD_ASSERT(length > 0 && length <= ZD_KEY_MAX);
    if (book->range_slots < 2 * (book->range_count + 1)) {
        grow(book);
    }
    size_t place = place_of(book, prefix, length);
    ZD_ASSERT(book->ranges[place] == NULL);
    book->ranges[place] = zd_strdup(prefix);
    book->range_count++;
    book->range_lengths[length]++;
}

void zd_ranges_forget(zd_book *book)
{
    for (size_t i = 0; i < book->range_slots; i++) {
        free(book->ranges[i]);
    }
    free(book->ranges);
    book->ranges = NULL;
    book->range_slots = 0;
    book->range_count = 0;
    memset(book->range_lengths, 0, sizeof book->range_lengths);
}
