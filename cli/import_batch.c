/*
 * Rows as the items of batch requests: the text, its limits, and the checks that look at a file as a whole. The id of a batch is made from its items' contents, so
 * that the same rows always travel under the same id.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cli/import_int.h"
#include "ledger/base/clock.h"

#define ITEMS_MAX 2000 /* of fields.def */
#define TAIL 4         /* "]}\n" and a comma */

void zd_import_salt(zd_hash *out, const uint8_t *salt_seed, const char *id)
{
    if (salt_seed != NULL) {
        zd_sha256_stream stream;
        zd_sha256_init(&stream);
        zd_sha256_add(&stream, zd_span_of(salt_seed, ZD_HASH_SIZE));
        zd_sha256_add(&stream, zd_span_text(id));
        *out = zd_sha256_final(&stream);
        return;
    }
    bool drawn = getrandom(out->bytes, sizeof out->bytes, 0) == (ssize_t)sizeof out->bytes;
    ZD_ASSERT(drawn); /* 32 bytes from a started generator never come short */
}

static void batch_id(char out[ZD_ID_SIZE], const zd_import *import, const size_t *rows, size_t count)
{
    char hex[ZD_HASH_HEX];
    zd_sha256_stream stream;
    zd_sha256_init(&stream);
    for (size_t i = 0; i < count; i++) {
        const zd_hash *content = &import->rows[rows[i]].content;
        zd_sha256_add(&stream, zd_span_of(content->bytes, sizeof content->bytes));
    }
    zd_hash sum = zd_sha256_final(&stream);
    zd_hash_hex(hex, &sum);
    zd_format(out, ZD_ID_SIZE, "batch-%.32s", hex);
}

static void write_head(zd_buf *out, const zd_import *import, const char *origin, int64_t expires_unix_ms, const char *id)
{
    char expires[ZD_TIME_TEXT];
    zd_time_text(expires, expires_unix_ms);
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "type", zd_request_name(ZD_REQ_BATCH_OF));
    zd_jw_int(&w, "v", 1);
    zd_jw_cstr(&w, "ledger", origin);
    zd_jw_cstr(&w, "id", id);
    zd_jw_cstr(&w, "expires", expires);
    zd_jw_cstr(&w, zd_field_name(ZD_F_OF), zd_request_name(import->kind->type));
    zd_buf_add_text(out, ",\"items\":[");
}

size_t zd_import_batch_text(zd_buf *out, const zd_import *import, const char *origin, int64_t expires_unix_ms, const size_t *rows, size_t count)
{
    char id[ZD_ID_SIZE] = "batch-00000000000000000000000000000000"; /* as long as the real one */
    size_t taken = 0;
    write_head(out, import, origin, expires_unix_ms, id);
    size_t size = out->size;
    while (taken < count && taken < ITEMS_MAX && (taken == 0 || size + import->rows[rows[taken]].item_size + TAIL <= ZD_REQUEST_TEXT_MAX)) {
        size += import->rows[rows[taken]].item_size + 1;
        taken++;
    }
    batch_id(id, import, rows, taken);
    zd_buf_clear(out);
    write_head(out, import, origin, expires_unix_ms, id);
    for (size_t i = 0; i < taken; i++) {
        zd_buf_add_text(out, i > 0 ? "," : "");
        zd_buf_add_span(out, zd_import_item(import, rows[i]));
    }
    zd_buf_add_text(out, "]}\n");
    return taken;
}

/* --- the file as a whole --- */

static int by_id(const void *a, const void *b)
{
    const zd_import_row *left = *(const zd_import_row *const *)a;
    const zd_import_row *right = *(const zd_import_row *const *)b;
    int order = strcmp(left->id, right->id);
    return order != 0 ? order : (left > right) - (left < right); /* in one array: by place */
}

void zd_import_find_twins(zd_import *import)
{
    const zd_import_row **sorted = zd_alloc_zero(import->row_count + 1, sizeof *sorted);
    size_t count = 0;
    for (size_t i = 0; i < import->row_count; i++) {
        if (import->rows[i].id[0] != '\0') {
            sorted[count++] = &import->rows[i];
        }
    }
    qsort(sorted, count, sizeof *sorted, by_id);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(sorted[i]->id, sorted[i - 1]->id) == 0) {
            zd_error error = {0};
            (void)zd_fail(&error, ZD_E_TABLE_TWICE, "line %lld / 第 %lld 行", (long long)zd_sheet_line(import->sheet, (size_t)(sorted[i - 1] - import->rows)),
                          (long long)zd_sheet_line(import->sheet, (size_t)(sorted[i - 1] - import->rows)));
            zd_error_field(&error, "id", zd_span_text(sorted[i]->id));
            zd_import_fault(import, (size_t)(sorted[i] - import->rows), 0, &error);
        }
    }
    free(sorted);
}

/* The items of one text, as the engine reads them. */
static zd_status check_batch(zd_import *import, zd_span text, const size_t *rows, size_t count, zd_error *err)
{
    zd_request batch;
    zd_status status = zd_request_parse(&batch, text, err);
    if (status != ZD_OK) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        zd_request item;
        zd_error error = {0};
        if (zd_request_item(&item, &batch, i, &error) == ZD_OK) {
            import->rows[rows[i]].content = item.text_sha256;
        } else {
            zd_import_fault(import, rows[i], 0, &error);
        }
    }
    zd_request_free(&batch);
    return ZD_OK;
}

zd_status zd_import_check_items(zd_import *import, zd_error *err)
{
    size_t *rows = zd_alloc_zero(import->row_count + 1, sizeof *rows);
    size_t count = 0;
    zd_buf text = {0};
    zd_status status = ZD_OK;
    for (size_t i = 0; i < import->row_count; i++) {
        if (import->rows[i].state == ZD_ROW_NEW) {
            rows[count++] = i;
        }
    }
    for (size_t done = 0; done < count && status == ZD_OK;) {
        zd_buf_clear(&text);
        size_t taken = zd_import_batch_text(&text, import, "check", 0, rows + done, count - done);
        status = check_batch(import, zd_buf_span(&text), rows + done, taken, err);
        done += taken;
    }
    zd_buf_free(&text);
    free(rows);
    return status;
}

void zd_import_text(char *out, size_t out_size, const zd_import *import, size_t row, zd_field field)
{
    zd_json *json = NULL;
    out[0] = '\0';
    if (zd_json_parse(&json, zd_import_item(import, row), true, NULL) == ZD_OK) {
        zd_span text = zd_jval_text(zd_jval_get(zd_json_root(json), zd_field_name(field)));
        bool fits = zd_span_copy(out, out_size, text);
        out[0] = fits ? out[0] : '\0';
    }
    zd_json_free(json);
}
