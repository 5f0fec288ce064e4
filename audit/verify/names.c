/*
 * Numbers for names; see names.h. Open addressing with linear probing, at most five eighths full. Names are counted upwards, as a rule, and who asks for one asks for its neighbours
 * soon: where a name stands follows from the name without its last digits, and only which slot of that neighbourhood from all of it. So a table that is much larger than memory is
 * worked on in few places at a time. What a name without order costs is what it would cost anyway.
 */
#include "audit/verify/names.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64
#define NEAR_BITS 11 /* of a slot's place within its neighbourhood: 16 KiB */
#define DIGITS_LEAST 5 /* codes of accounts and years have four and do not count upwards */
#define RELAX_SLOTS (UINT32_C(1) << 20) /* while a table is widened: eight megabytes of the old one, sixteen of the new one */

/* FNV-1a: spreads short ids well, and nothing here depends on it being hard to invert. */
static uint64_t mix(uint64_t hash, const uint8_t *at, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    }
    return hash;
}

/*
 * Where the digits end that count upwards: of the parts between slashes (lines, too) the first one that has more digits in a row than a code or year, and of it the last such run: an
 * invoice's code stands before its number. Without one, the end of the name.
 */
static size_t counted_end(zd_span name, size_t *dropped)
{
    size_t run = 0;
    size_t end = 0;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t at = name.data[i];
        if ((at == '/' || at == '\n') && end > 0) {
            break;
        }
        run = at >= '0' && at <= '9' ? run + 1 : 0;
        end = run >= DIGITS_LEAST ? i + 1 : end;
    }
    *dropped = end > 0 ? 2 : (name.size > 0 ? 1 : 0);
    return end > 0 ? end : name.size;
}

/* Its low bits are the place within the neighbourhood, the others say which neighbourhood: that of near. */
static uint32_t hash_of(zd_span name, zd_span near)
{
    const uint64_t start = UINT64_C(14695981039346656037);
    size_t dropped = 0;
    size_t end = counted_end(near, &dropped);
    uint64_t all = mix(start, name.data, name.size);
    uint64_t place = mix(mix(start, near.data, end - dropped), near.data + end, near.size - end);
    place = (place ^ place >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(place >> 32) << NEAR_BITS | ((uint32_t)(all ^ all >> 32) & ((UINT32_C(1) << NEAR_BITS) - 1));
}

static const zd_name_row *row_at(const zd_names *names, size_t number)
{
    return (const zd_name_row *)names->rows.data + number;
}

static bool slot_holds(const zd_names *names, const zd_name_slot *slot, zd_span name, uint32_t hash)
{
    if (slot->hash != hash) {
        return false;
    }
    const zd_name_row *row = row_at(names, slot->number - 1);
    return zd_span_equal(name, zd_span_of(names->text.data + row->offset, row->size));
}

static zd_name_slot *slot_of(const zd_names *names, zd_span name, uint32_t hash)
{
    zd_name_slot *slots = (zd_name_slot *)names->slots.data;
    size_t mask = names->slot_count - 1;
    size_t at = hash & mask;
    while (slots[at].number != 0 && !slot_holds(names, &slots[at], name, hash)) {
        at = (at + 1) & mask;
    }
    return &slots[at];
}

/*
 * Twice the slots. The old ones are gone through in their order: a name goes to about the same place of the lower or the upper half, so that three places of the tables are worked
 * on at a time and what lies behind may leave memory, however large they are.
 */
static void widen(zd_names *names)
{
    zd_paged old = names->slots;
    size_t old_count = names->slot_count;
    const zd_name_slot *from = (const zd_name_slot *)old.data;
    names->slots = (zd_paged){0};
    names->slot_count = old_count == 0 ? SLOTS_FIRST : old_count * 2;
    zd_name_slot *slots = zd_paged_at(&names->slots, names->slot_count - 1, sizeof *slots);
    for (size_t i = 0; i < old_count; i++) {
        if (from[i].number != 0) {
            size_t at = from[i].hash & (names->slot_count - 1);
            while (slots[at].number != 0) {
                at = (at + 1) & (names->slot_count - 1);
            }
            slots[at] = from[i];
        }
        if ((i + 1) % RELAX_SLOTS == 0) {
            zd_paged_relax(&old);
            zd_paged_relax(&names->slots);
        }
    }
    zd_paged_free(&old);
}

size_t zd_names_add_near(zd_names *names, zd_span name, zd_span near)
{
    if (8 * (names->count + 1) > 5 * names->slot_count) {
        widen(names);
    }
    uint32_t hash = hash_of(name, near);
    zd_name_slot *slot = slot_of(names, name, hash);
    if (slot->number != 0) {
        return slot->number - 1;
    }
    ZD_ASSERT(names->count < UINT32_MAX - 1);
    zd_name_row *rows = zd_paged_at(&names->rows, names->count, sizeof *rows);
    rows[names->count] = (zd_name_row){.offset = names->text_size, .size = name.size};
    if (name.size > 0) {
        zd_paged_grow(&names->text, names->text_size + name.size);
        memcpy(names->text.data + names->text_size, name.data, name.size);
        names->text_size += name.size;
    }
    names->count++;
    *slot = (zd_name_slot){.number = (uint32_t)names->count, .hash = hash};
    return names->count - 1;
}

size_t zd_names_add(zd_names *names, zd_span name)
{
    return zd_names_add_near(names, name, name);
}

size_t zd_names_find(const zd_names *names, zd_span name)
{
    if (names->count == 0) {
        return ZD_NAME_NONE;
    }
    const zd_name_slot *slot = slot_of(names, name, hash_of(name, name));
    return slot->number != 0 ? slot->number - 1 : ZD_NAME_NONE;
}

zd_span zd_names_text(const zd_names *names, size_t number)
{
    ZD_ASSERT(number < names->count);
    const zd_name_row *row = row_at(names, number);
    return zd_span_of(names->text.data + row->offset, row->size);
}

void zd_names_relax(zd_names *names)
{
    zd_paged_relax(&names->text);
    zd_paged_relax(&names->rows);
    zd_paged_relax(&names->slots);
}

void zd_names_free(zd_names *names)
{
    zd_paged_free(&names->text);
    zd_paged_free(&names->rows);
    zd_paged_free(&names->slots);
    *names = (zd_names){0};
}

zd_table zd_table_of(size_t row_size)
{
    return (zd_table){.row_size = row_size};
}

void *zd_table_at(const zd_table *table, size_t number)
{
    ZD_ASSERT(number < table->names.count);
    return table->rows.data + number * table->row_size;
}

void *zd_table_add(zd_table *table, zd_span name, size_t *number)
{
    size_t at = zd_names_add(&table->names, name);
    (void)zd_paged_at(&table->rows, at, table->row_size);
    if (number != NULL) {
        *number = at;
    }
    return zd_table_at(table, at);
}

void *zd_table_find(const zd_table *table, zd_span name, size_t *number)
{
    size_t at = zd_names_find(&table->names, name);
    if (at == ZD_NAME_NONE) {
        return NULL;
    }
    if (number != NULL) {
        *number = at;
    }
    return zd_table_at(table, at);
}

void zd_table_relax(zd_table *table)
{
    zd_names_relax(&table->names);
    zd_paged_relax(&table->rows);
}

void zd_table_free(zd_table *table)
{
    zd_names_free(&table->names);
    zd_paged_free(&table->rows);
    *table = (zd_table){.row_size = table->row_size};
}

void *zd_grow(void *array, size_t *capacity, size_t number, size_t element_size)
{
    if (number < *capacity) {
        return array;
    }
    size_t wider = *capacity == 0 ? 16 : *capacity;
    while (wider <= number) {
        wider *= 2;
    }
    ZD_ASSERT(wider <= SIZE_MAX / element_size);
    uint8_t *grown = zd_realloc(array, wider * element_size);
    memset(grown + *capacity * element_size, 0, (wider - *capacity) * element_size);
    *capacity = wider;
    return grown;
}
