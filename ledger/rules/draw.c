/* The reproducible sample; see draw.h. */
#include "ledger/rules/draw.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/money.h"

static void hash_lines(char out_hex[ZD_HASH_HEX], const char *first, const char *second)
{
    zd_sha256_stream stream;
    zd_sha256_init(&stream);
    zd_sha256_add(&stream, zd_span_text(first));
    zd_sha256_add(&stream, zd_span_text("\n"));
    zd_sha256_add(&stream, zd_span_text(second));
    zd_sha256_add(&stream, zd_span_text("\n"));
    zd_hash hash = zd_sha256_final(&stream);
    zd_hash_hex(out_hex, &hash);
}

void zd_draw_seed(char out_hex[ZD_HASH_HEX], const zd_hash *root, const char *number)
{
    char root_hex[ZD_HASH_HEX];
    zd_hash_hex(root_hex, root);
    hash_lines(out_hex, root_hex, number);
}

static int by_rank(const void *a, const void *b)
{
    const zd_draw_item *one = a;
    const zd_draw_item *two = b;
    int order = strcmp(one->rank, two->rank);
    return order != 0 ? order : strcmp(one->item, two->item);
}

void zd_draw_rank(zd_draw_item *items, size_t count, const char *seed_hex)
{
    for (size_t i = 0; i < count; i++) {
        hash_lines(items[i].rank, seed_hex, items[i].item);
    }
    if (count > 0) {
        qsort(items, count, sizeof *items, by_rank);
    }
}

size_t zd_draw_size(size_t count, int64_t sampling_bp)
{
    size_t whole = (size_t)ZD_BP_ONE;
    size_t share = (count * (size_t)(sampling_bp > 0 ? sampling_bp : 0) + whole - 1) / whole;
    return count == 0 ? 0 : share == 0 ? 1 : share < count ? share : count;
}
