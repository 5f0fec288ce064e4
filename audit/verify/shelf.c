/*
 * Sorted runs of records; see shelf.h. A run is records one after the other (size of key, size of value, key, value; a removed record has no value), the offset of every
 * 16th, what stands at every 256th of those in memory, and a Bloom filter. Runs stand from the oldest to the newest; eight of one level become one of the next. A newer record hides older ones of its key.
 */
#include "audit/verify/shelf.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/names.h"
#include "audit/verify/paged.h"

#define INDEX_EVERY 16
#define RUNS_MERGED 8
#define RUNS_MAX 128
#define FENCE_EVERY 16 /* of the index; the search among fences touches no file */
#define FILTER_BITS 16 /* a key; with seven probes an absent key in some seven hundred is looked for in vain */
#define FILTER_BITS_LARGE 12 /* of merged runs from level 2 on, which hold nearly all keys: one in some two hundred */
#define LEVEL_LARGE 2
#define FILTER_PROBES 7
#define FILTER_BLOCK 8  /* words; all probes of a key fall into one block, which is one line of the cache */
#define HEAD_SIZE 5    /* of a record: one byte for the key's size, four for the value's */
#define REMOVED UINT32_MAX
#define RELAX_BYTES (UINT32_C(8) << 20) /* while runs are merged */

typedef struct run {
    zd_paged data;
    size_t size;
    zd_paged index; /* uint64_t offsets */
    size_t count;
    zd_buf fence_text; /* keys of the records that fences stand for, one after the other, each behind its size */
    uint32_t *fences;  /* offsets into it */
    size_t fence_count, fence_capacity;
    uint64_t *filter;
    size_t filter_blocks;
    unsigned level;
} run;

struct zd_shelf {
    run runs[RUNS_MAX];
    size_t count;
};

typedef struct record {
    zd_span key;
    zd_span value; /* data NULL: removed */
    size_t next;   /* offset behind it */
} record;

zd_shelf *zd_shelf_new(void)
{
    return zd_alloc_zero(1, sizeof(zd_shelf));
}

static void run_free(run *one)
{
    zd_paged_free(&one->data);
    zd_paged_free(&one->index);
    zd_buf_free(&one->fence_text);
    free(one->fences);
    free(one->filter);
    *one = (run){0};
}

void zd_shelf_free(zd_shelf *shelf)
{
    if (shelf != NULL) {
        for (size_t i = 0; i < shelf->count; i++) {
            run_free(&shelf->runs[i]);
        }
        free(shelf);
    }
}

static void run_relax(run *one)
{
    zd_paged_relax(&one->data);
    zd_paged_relax(&one->index);
}

void zd_shelf_relax(zd_shelf *shelf)
{
    for (size_t i = 0; i < shelf->count; i++) {
        run_relax(&shelf->runs[i]);
    }
}

/* --- one run --- */

/* FNV-1a, its bits spread once more: probes take them from both ends. */
static uint64_t hash_of(zd_span key)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < key.size; i++) {
        hash = (hash ^ key.data[i]) * UINT64_C(1099511628211);
    }
    hash ^= hash >> 32;
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t *block_of(const run *one, uint64_t hash)
{
    return one->filter + (size_t)((unsigned __int128)hash * one->filter_blocks >> 64) * FILTER_BLOCK;
}

/* Nine bits for each probe, of the hash spread anew: else they would follow from the block. */
static uint64_t probes_of(uint64_t hash)
{
    return (hash ^ hash >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
}

static bool may_hold(const run *one, uint64_t hash)
{
    const uint64_t *block = block_of(one, hash);
    uint64_t probes = probes_of(hash);
    bool all = true;
    for (unsigned i = 0; i < FILTER_PROBES; i++) {
        unsigned bit = (unsigned)(probes >> (9 * i + 1)) & 511U;
        all = all && (block[bit / 64] >> (bit % 64) & 1) != 0;
    }
    return all;
}

static void filter_add(run *one, uint64_t hash)
{
    uint64_t *block = block_of(one, hash);
    uint64_t probes = probes_of(hash);
    for (unsigned i = 0; i < FILTER_PROBES; i++) {
        unsigned bit = (unsigned)(probes >> (9 * i + 1)) & 511U;
        block[bit / 64] |= UINT64_C(1) << (bit % 64);
    }
}

static void run_start(run *one, size_t most, unsigned level)
{
    size_t bits = level < LEVEL_LARGE ? FILTER_BITS : FILTER_BITS_LARGE;
    *one = (run){.level = level, .filter_blocks = most * bits / (FILTER_BLOCK * 64) + 1};
    one->filter = zd_alloc_large(one->filter_blocks * FILTER_BLOCK * sizeof *one->filter);
    memset(one->filter, 0, one->filter_blocks * FILTER_BLOCK * sizeof *one->filter);
}

static void fence_add(run *one, zd_span key)
{
    ZD_ASSERT(one->fence_text.size < UINT32_MAX - UINT8_MAX - 1);
    one->fences = zd_grow(one->fences, &one->fence_capacity, one->fence_count, sizeof *one->fences);
    one->fences[one->fence_count++] = (uint32_t)one->fence_text.size;
    zd_buf_add_byte(&one->fence_text, (uint8_t)key.size);
    zd_buf_add_span(&one->fence_text, key);
}

static zd_span fence_key(const run *one, size_t number)
{
    const uint8_t *at = one->fence_text.data + one->fences[number];
    return zd_span_of(at + 1, at[0]);
}

static void run_add(run *one, zd_span key, zd_span value)
{
    ZD_ASSERT(key.size <= UINT8_MAX && value.size < REMOVED);
    uint32_t value_size = value.data == NULL ? REMOVED : (uint32_t)value.size;
    if (one->count % INDEX_EVERY == 0) {
        ((uint64_t *)zd_paged_at(&one->index, one->count / INDEX_EVERY, sizeof(uint64_t)))[one->count / INDEX_EVERY] = one->size;
    }
    if (one->count % (INDEX_EVERY * FENCE_EVERY) == 0) {
        fence_add(one, key);
    }
    zd_paged_grow(&one->data, one->size + HEAD_SIZE + key.size + value.size);
    uint8_t *at = one->data.data + one->size;
    at[0] = (uint8_t)key.size;
    memcpy(at + 1, &value_size, sizeof value_size);
    memcpy(at + HEAD_SIZE, key.data, key.size);
    if (value.size > 0) {
        memcpy(at + HEAD_SIZE + key.size, value.data, value.size);
    }
    one->size += HEAD_SIZE + key.size + value.size;
    one->count++;
    filter_add(one, hash_of(key));
}

/* False at the end of the run. */
static bool record_at(record *out, const run *one, size_t offset)
{
    if (offset >= one->size) {
        return false;
    }
    const uint8_t *at = one->data.data + offset;
    uint32_t value_size = 0;
    memcpy(&value_size, at + 1, sizeof value_size);
    out->key = zd_span_of(at + HEAD_SIZE, at[0]);
    out->value = value_size == REMOVED ? zd_span_of(NULL, 0) : zd_span_of(at + HEAD_SIZE + at[0], value_size);
    out->next = offset + HEAD_SIZE + at[0] + out->value.size;
    return true;
}

static int order_of(zd_span a, zd_span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = memcmp(a.data, b.data, common);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

/* How many fences stand before key. */
static size_t fences_below(const run *one, zd_span key)
{
    size_t low = 0;
    size_t high = one->fence_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order_of(fence_key(one, middle), key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Offset of the first record whose key is not less than key. */
static size_t lower_bound(const run *one, zd_span key)
{
    const uint64_t *index = (const uint64_t *)one->index.data;
    size_t fences = fences_below(one, key);
    size_t indexed = one->count == 0 ? 0 : (one->count - 1) / INDEX_EVERY + 1;
    size_t low = fences == 0 ? 0 : (fences - 1) * FENCE_EVERY + 1; /* the last indexed record whose key is less, plus 1 */
    size_t high = fences * FENCE_EVERY < indexed ? fences * FENCE_EVERY : indexed;
    record row;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (record_at(&row, one, (size_t)index[middle]) && order_of(row.key, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t offset = low == 0 ? 0 : (size_t)index[low - 1];
    while (record_at(&row, one, offset) && order_of(row.key, key) < 0) {
        offset = row.next;
    }
    return offset;
}

/* --- several runs as one --- */

typedef struct merge {
    const run *runs[RUNS_MAX]; /* from the oldest to the newest */
    size_t offset[RUNS_MAX];
    record row[RUNS_MAX];
    bool more[RUNS_MAX];
    size_t count;
} merge;

static void merge_add(merge *m, const run *one, size_t offset)
{
    m->runs[m->count] = one;
    m->offset[m->count] = offset;
    m->more[m->count] = record_at(&m->row[m->count], one, offset);
    m->count++;
}

/* The next key, with its newest value. */
static bool merge_next(merge *m, record *out)
{
    size_t best = m->count;
    for (size_t i = 0; i < m->count; i++) {
        if (m->more[i] && (best == m->count || order_of(m->row[i].key, m->row[best].key) <= 0)) {
            best = i;
        }
    }
    if (best == m->count) {
        return false;
    }
    *out = m->row[best];
    for (size_t i = 0; i < m->count; i++) {
        if (m->more[i] && order_of(m->row[i].key, out->key) == 0) {
            m->offset[i] = m->row[i].next;
            m->more[i] = record_at(&m->row[i], m->runs[i], m->offset[i]);
        }
    }
    return true;
}

static void merge_last(zd_shelf *shelf)
{
    size_t first = shelf->count - RUNS_MERGED;
    merge m = {.count = 0};
    run merged;
    record row;
    size_t most = 0;
    size_t relaxed = 0;
    for (size_t i = first; i < shelf->count; i++) {
        most += shelf->runs[i].count;
        merge_add(&m, &shelf->runs[i], 0);
        free(shelf->runs[i].filter); /* nobody asks meanwhile: the new one takes their place in memory */
        shelf->runs[i].filter = NULL;
    }
    run_start(&merged, most, shelf->runs[first].level + 1);
    while (merge_next(&m, &row)) {
        if (row.value.data != NULL || first > 0) { /* below the oldest run nothing is left to be hidden */
            run_add(&merged, row.key, row.value);
        }
        if (merged.size - relaxed > RELAX_BYTES) {
            relaxed = merged.size;
            run_relax(&merged);
            zd_shelf_relax(shelf);
        }
    }
    for (size_t i = first; i < shelf->count; i++) {
        run_free(&shelf->runs[i]);
    }
    shelf->runs[first] = merged;
    shelf->count = first + 1;
}

static bool merge_is_due(const zd_shelf *shelf)
{
    bool due = shelf->count >= RUNS_MERGED;
    for (size_t i = 1; i < RUNS_MERGED && due; i++) {
        due = shelf->runs[shelf->count - 1 - i].level == shelf->runs[shelf->count - 1].level;
    }
    return due;
}

/* --- to and from the book --- */

static zd_status keep(void *context, zd_span key, zd_span value)
{
    run_add(context, key, value);
    return ZD_OK;
}

zd_status zd_shelf_store(zd_shelf *shelf, zd_book *book)
{
    ZD_ASSERT(shelf->count < RUNS_MAX);
    run one;
    run_start(&one, zd_book_count(book), 0);
    zd_status status = zd_book_dirty(book, keep, &one);
    if (status != ZD_OK || one.count == 0) {
        run_free(&one);
        return status;
    }
    shelf->runs[shelf->count++] = one;
    zd_book_clean(book);
    while (merge_is_due(shelf)) {
        merge_last(shelf);
    }
    zd_shelf_relax(shelf);
    return ZD_OK;
}

static zd_status load(void *context, zd_span key, zd_book_take *take, void *take_context, zd_error *err)
{
    const zd_shelf *shelf = context;
    uint64_t hash = hash_of(key);
    (void)err;
    for (size_t i = shelf->count; i-- > 0;) { /* most keys are in no run: all the lines of the filters come near at once */
        __builtin_prefetch(block_of(&shelf->runs[i], hash));
    }
    for (size_t i = shelf->count; i-- > 0;) {
        const run *one = &shelf->runs[i];
        record row;
        if (may_hold(one, hash) && record_at(&row, one, lower_bound(one, key)) && zd_span_equal(row.key, key)) {
            return row.value.data != NULL ? take(take_context, row.key, row.value) : ZD_OK;
        }
    }
    return ZD_OK;
}

zd_status zd_shelf_each(zd_shelf *shelf, zd_span prefix, zd_book_dirty_visit *visit, void *context)
{
    merge m = {.count = 0};
    record row;
    zd_status status = ZD_OK;
    size_t seen = 0;
    for (size_t i = 0; i < shelf->count; i++) {
        merge_add(&m, &shelf->runs[i], lower_bound(&shelf->runs[i], prefix));
    }
    while (status == ZD_OK && merge_next(&m, &row) && row.key.size >= prefix.size && memcmp(row.key.data, prefix.data, prefix.size) == 0) {
        if (row.value.data != NULL) {
            status = visit(context, row.key, row.value);
        }
        if (++seen % 65536 == 0) {
            zd_shelf_relax(shelf);
        }
    }
    return status;
}

static zd_status range(void *context, zd_span prefix, zd_book_take *take, void *take_context, zd_error *err)
{
    (void)err;
    return zd_shelf_each(context, prefix, take, take_context);
}

zd_book_source zd_shelf_source(zd_shelf *shelf)
{
    return (zd_book_source){.load = load, .range = range, .context = shelf};
}
