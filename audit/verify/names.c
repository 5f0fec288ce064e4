/* Numbers for names; see names.h. Open addressing with linear probing, at most half full. */
#include "audit/verify/names.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64

/* FNV-1a, folded to 32 bits: spreads short ids well, and nothing here depends on it being hard to invert. */
static uint32_t hash_of(zd_span name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ name.data[i]) * UINT64_C(1099511628211);
    }
    return (uint32_t)(hash ^ hash >> 32);
}

static size_t slot_of(const zd_names *names, zd_span name, uint32_t hash)
{
    size_t mask = names->slot_count - 1;
    size_t slot = hash & mask;
    while (names->slots[slot] != 0) {
        const zd_name_row *row = &names->rows[names->slots[slot] - 1];
        if (row->hash == hash && zd_span_equal(name, zd_span_of(names->text.data + row->offset, row->size))) {
            break;
        }
        slot = (slot + 1) & mask;
    }
    return slot;
}

static void widen(zd_names *names)
{
    free(names->slots);
    names->slot_count = names->slot_count == 0 ? SLOTS_FIRST : names->slot_count * 2;
    names->slots = zd_alloc_zero(names->slot_count, sizeof *names->slots);
    for (size_t i = 0; i < names->count; i++) {
        size_t slot = names->rows[i].hash & (names->slot_count - 1);
        while (names->slots[slot] != 0) {
            slot = (slot + 1) & (names->slot_count - 1);
        }
        names->slots[slot] = (uint32_t)(i + 1);
    }
}

size_t zd_names_add(zd_names *names, zd_span name)
{
    if (2 * (names->count + 1) > names->slot_count) {
        widen(names);
    }
    uint32_t hash = hash_of(name);
    size_t slot = slot_of(names, name, hash);
    if (names->slots[slot] != 0) {
        return names->slots[slot] - 1;
    }
    ZD_ASSERT(names->count < UINT32_MAX - 1 && name.size <= UINT32_MAX);
    names->rows = zd_grow(names->rows, &names->capacity, names->count, sizeof *names->rows);
    names->rows[names->count] = (zd_name_row){.offset = names->text.size, .size = (uint32_t)name.size, .hash = hash};
    zd_buf_add_span(&names->text, name);
    names->count++;
    names->slots[slot] = (uint32_t)names->count;
    return names->count - 1;
}

size_t zd_names_find(const zd_names *names, zd_span name)
{
    if (names->count == 0) {
        return ZD_NAME_NONE;
    }
    size_t slot = slot_of(names, name, hash_of(name));
    return names->slots[slot] != 0 ? names->slots[slot] - 1 : ZD_NAME_NONE;
}

zd_span zd_names_text(const zd_names *names, size_t number)
{
    ZD_ASSERT(number < names->count);
    return zd_span_of(names->text.data + names->rows[number].offset, names->rows[number].size);
}

void zd_names_free(zd_names *names)
{
    zd_buf_free(&names->text);
    free(names->rows);
    free(names->slots);
    *names = (zd_names){0};
}

zd_table zd_table_of(size_t row_size)
{
    return (zd_table){.row_size = row_size};
}

void *zd_table_at(const zd_table *table, size_t number)
{
    ZD_ASSERT(number < table->names.count);
    return table->rows + number * table->row_size;
}

void *zd_table_add(zd_table *table, zd_span name, size_t *number)
{
    size_t at = zd_names_add(&table->names, name);
    table->rows = zd_grow(table->rows, &table->capacity, at, table->row_size);
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

void zd_table_free(zd_table *table)
{
    zd_names_free(&table->names);
    free(table->rows);
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
