/* Made-up contents for store tests; see store_rows.h. */
#include "tests/support/store_rows.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_MAX 256

/* SHA-256 of nothing, as the store promises for an empty ledger. */
static const uint8_t empty_root[ZD_STORE_HASH] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                                                  0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                                                  0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

static uint64_t mix(uint64_t seed)
{
    seed += UINT64_C(0x9e3779b97f4a7c15);
    seed = (seed ^ (seed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    seed = (seed ^ (seed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return seed ^ (seed >> 31);
}

static void fill(uint8_t *out, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(mix(seed * 1000003 + i / 8) >> (8 * (i % 8)));
    }
}

void zd_rows_head(zd_store_head *out, uint64_t size, uint64_t epoch)
{
    *out = (zd_store_head){.size = size, .epoch = epoch, .mark = size, .last_at_unix_ms = (int64_t)size * 1000};
    for (uint64_t rest = size; rest != 0; rest &= rest - 1) {
        fill(out->frontier[out->frontier_count], ZD_STORE_HASH, size * 64 + out->frontier_count + 1);
        out->frontier_count++;
    }
    if (size == 0) {
        memcpy(out->root, empty_root, sizeof out->root);
    } else {
        fill(out->root, sizeof out->root, size);
    }
}

void zd_rows_leaf(zd_buf *bytes, uint8_t hash[ZD_STORE_HASH], uint64_t index)
{
    size_t size = 1 + (size_t)(mix(index) % 900);
    zd_buf_clear(bytes);
    fill(zd_buf_reserve(bytes, size), size, index + 7);
    bytes->size = size;
    fill(hash, ZD_STORE_HASH, index + 11);
}

static void record_key(uint8_t out[10], uint64_t index)
{
    out[0] = 'R';
    out[1] = '/';
    for (int i = 0; i < 8; i++) {
        out[2 + i] = (uint8_t)(index >> (56 - 8 * i));
    }
}

zd_append zd_rows_append(zd_store *store, size_t count, zd_error *err)
{
    static zd_store_leaf leaves[BATCH_MAX];
    static zd_store_record records[BATCH_MAX];
    static uint8_t keys[BATCH_MAX][10];
    zd_buf bytes[BATCH_MAX] = {{0}};
    zd_store_head head;
    zd_store_head next;
    ZD_ASSERT(count <= BATCH_MAX);
    if (zd_store_head_get(store, &head, err) != ZD_OK) {
        return ZD_APPEND_FAILED;
    }
    zd_rows_head(&next, head.size + count, head.epoch);
    for (size_t i = 0; i < count; i++) {
        zd_rows_leaf(&bytes[i], leaves[i].hash, head.size + i);
        leaves[i].bytes = zd_buf_span(&bytes[i]);
        record_key(keys[i], head.size + i);
        records[i] = (zd_store_record){zd_span_of(keys[i], sizeof keys[i]), zd_span_of(leaves[i].hash, ZD_STORE_HASH)};
    }
    zd_append result = zd_store_append(store, &head, &next, leaves, count, records, count, err);
    for (size_t i = 0; i < count; i++) {
        zd_buf_free(&bytes[i]);
    }
    return result;
}

void zd_rows_append_ok(zd_store *store, size_t count)
{
    zd_error failed = {0};
    zd_append result = zd_rows_append(store, count, &failed);
    if (result != ZD_APPEND_OK) {
        zd_test_show(&failed);
    }
    assert_int_equal(result, ZD_APPEND_OK);
}

static zd_status same_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    uint64_t *next = context;
    zd_buf expected = {0};
    uint8_t expected_hash[ZD_STORE_HASH];
    assert_int_equal(index, *next);
    zd_rows_leaf(&expected, expected_hash, index);
    assert_true(zd_span_equal(bytes, zd_buf_span(&expected)));
    assert_memory_equal(hash, expected_hash, ZD_STORE_HASH);
    zd_buf_free(&expected);
    (*next)++;
    return ZD_OK;
}

static zd_status same_record(void *context, zd_span key, zd_span value)
{
    uint64_t *next = context;
    zd_buf bytes = {0};
    uint8_t expected_key[10];
    uint8_t hash[ZD_STORE_HASH];
    record_key(expected_key, *next);
    zd_rows_leaf(&bytes, hash, *next);
    assert_true(zd_span_equal(key, zd_span_of(expected_key, sizeof expected_key)));
    assert_true(zd_span_equal(value, zd_span_of(hash, sizeof hash)));
    zd_buf_free(&bytes);
    (*next)++;
    return ZD_OK;
}

void zd_rows_assert(zd_store *store, uint64_t size)
{
    zd_store_head head;
    zd_store_head expected;
    uint64_t leaves = 0;
    uint64_t records = 0;
    assert_ok(zd_store_head_get(store, &head, err));
    assert_int_equal(head.size, size);
    zd_rows_head(&expected, size, head.epoch);
    assert_int_equal(head.mark, expected.mark);
    assert_int_equal(head.last_at_unix_ms, expected.last_at_unix_ms);
    assert_memory_equal(head.root, expected.root, sizeof head.root);
    assert_int_equal(head.frontier_count, expected.frontier_count);
    assert_memory_equal(head.frontier, expected.frontier, head.frontier_count * ZD_STORE_HASH);
    assert_ok(zd_store_leaves(store, 0, size, same_leaf, &leaves, err));
    assert_int_equal(leaves, size);
    assert_ok(zd_store_range(store, zd_span_text("R/"), zd_span_text(""), 0, same_record, &records, err));
    assert_int_equal(records, size);
}
