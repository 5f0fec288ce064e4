/* MANIFEST, line by line; see pack.h. Strict: what its signature covers must have one reading only. */
#include <stdlib.h>
#include <string.h>

#include "audit/package/pack.h"

#define LINE_MAX 1024

typedef struct reading {
    zd_span rest;
    int64_t line;
    zd_error *err;
} reading;

static zd_status wrong(const reading *r, const char *what)
{
    zd_status status = zd_fail(r->err, ZD_E_PACKAGE_MALFORMED, "%s", what);
    zd_error_at(r->err, r->line, 0);
    return status;
}

/* The words after "name " on the next line; *out is the whole of them. */
static zd_status take(zd_span *out, reading *r, const char *name)
{
    zd_span line;
    size_t whole = r->rest.size;
    r->line++;
    r->rest = zd_span_cut(&line, r->rest, '\n');
    if (line.size == whole || line.size > LINE_MAX) {
        return wrong(r, "a line that does not end, or is too long");
    }
    zd_span word;
    *out = zd_span_cut(&word, line, ' ');
    return zd_span_is(word, name) && out->size > 0 ? ZD_OK : wrong(r, name);
}

static bool number(uint64_t *out, zd_span text)
{
    *out = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *out > (uint64_t)ZD_JSON_INT_MAX / 10 || (i == 0 && text.data[i] == '0' && text.size > 1)) {
            return false;
        }
        *out = *out * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.size > 0;
}

static zd_status take_number(uint64_t *out, reading *r, const char *name)
{
    zd_span text;
    zd_status status = take(&text, r, name);
    return status == ZD_OK && !number(out, text) ? wrong(r, name) : status;
}

static zd_status take_pair(uint64_t *out, zd_hash *hash, reading *r, const char *name)
{
    zd_span text;
    zd_status status = take(&text, r, name);
    zd_span first;
    zd_span second = status == ZD_OK ? zd_span_cut(&first, text, ' ') : text;
    return status == ZD_OK && (!number(out, first) || !zd_hash_from_hex(hash, second)) ? wrong(r, name) : status;
}

static zd_status take_text(char *out, size_t size, reading *r, const char *name)
{
    zd_span text;
    zd_status status = take(&text, r, name);
    return status == ZD_OK && !zd_span_copy(out, size, text) ? wrong(r, name) : status;
}

/* Version 2 exists for these two: without a line it says nothing, and then it has to be version 1. */
static zd_status read_offsets(zd_pack_manifest *out, reading *r)
{
    uint64_t count = 0;
    uint64_t sum = 0;
    zd_status status = take_number(&count, r, "offset_count");
    status = status == ZD_OK && count == 0 ? wrong(r, "offset_count") : status;
    status = status == ZD_OK ? take_number(&sum, r, "offset_fen") : status;
    status = status == ZD_OK && sum == 0 ? wrong(r, "offset_fen") : status;
    out->offset_count = (int64_t)count;
    out->offset_fen = (int64_t)sum;
    return status;
}

static zd_status read_head(zd_pack_manifest *out, reading *r)
{
    uint64_t version = 0;
    uint64_t count = 0;
    uint64_t sum = 0;
    zd_status status = take_number(&version, r, "zhidui-settlement-manifest");
    status = status == ZD_OK && version != 1 && version != 2 ? wrong(r, "versions 1 and 2 are read here") : status;
    status = status == ZD_OK ? take_text(out->ledger, sizeof out->ledger, r, "ledger") : status;
    status = status == ZD_OK ? take_text(out->batch, sizeof out->batch, r, "batch") : status;
    status = status == ZD_OK ? take_pair(&out->seal_seq, &out->seal_sha256, r, "seal") : status;
    status = status == ZD_OK ? take_pair(&out->log_size, &out->log_root, r, "log") : status;
    status = status == ZD_OK ? take_number(&count, r, "count") : status;
    status = status == ZD_OK ? take_number(&sum, r, "sum_fen") : status;
    out->version = version;
    out->count = (int64_t)count;
    out->sum_fen = (int64_t)sum;
    return status == ZD_OK && version == 2 ? read_offsets(out, r) : status;
}

static bool path_is_sound(zd_span path)
{
    bool sound = path.size > 0 && path.size < 400 && path.data[path.size - 1] != '/' && zd_span_is_utf8(path);
    for (size_t i = 0; i < path.size; i++) {
        sound = sound && path.data[i] >= 0x20 && path.data[i] != 0x7f && path.data[i] != '\\';
    }
    while (sound && path.size > 0) {
        zd_span part;
        path = zd_span_cut(&part, path, '/');
        sound = part.size > 0 && part.data[0] != '.' && part.data[0] != '-';
    }
    return sound;
}

static int order_of(zd_span a, zd_span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common > 0 ? memcmp(a.data, b.data, common) : 0;
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static zd_status read_entry(zd_pack_manifest *out, reading *r)
{
    zd_span text;
    zd_span hash;
    zd_span size;
    uint64_t bytes = 0;
    zd_pack_entry entry = {0};
    zd_status status = take(&text, r, "sha256");
    if (status != ZD_OK) {
        return status;
    }
    text = zd_span_cut(&hash, text, ' ');
    text = zd_span_cut(&size, text, ' ');
    entry.path = zd_span_cut(&entry.role, text, ' ');
    if (!zd_hash_from_hex(&entry.sha256, hash) || !number(&bytes, size) || entry.role.size == 0 || !path_is_sound(entry.path)) {
        return wrong(r, "sha256 HASH SIZE ROLE PATH");
    }
    if (out->entry_count > 0 && order_of(out->entries[out->entry_count - 1].path, entry.path) >= 0) {
        return wrong(r, "paths must rise");
    }
    if (out->entry_count == out->entry_capacity) {
        out->entry_capacity = out->entry_capacity == 0 ? 64 : out->entry_capacity * 2;
        out->entries = zd_realloc(out->entries, out->entry_capacity * sizeof *out->entries);
    }
    entry.size = (int64_t)bytes;
    out->entries[out->entry_count++] = entry;
    return ZD_OK;
}

zd_status zd_pack_manifest_read(zd_pack_manifest *out, zd_span bytes, zd_error *err)
{
    reading r = {.rest = bytes, .err = err};
    *out = (zd_pack_manifest){0};
    zd_status status = read_head(out, &r);
    while (status == ZD_OK && r.rest.size > 0) {
        status = read_entry(out, &r);
    }
    return status;
}

void zd_pack_manifest_free(zd_pack_manifest *manifest)
{
    free(manifest->entries);
    *manifest = (zd_pack_manifest){0};
}

static int by_path(const void *key, const void *entry)
{
    return order_of(zd_span_text(key), ((const zd_pack_entry *)entry)->path);
}

const zd_pack_entry *zd_pack_manifest_find(const zd_pack_manifest *manifest, const char *path)
{
    return manifest->entry_count == 0 ? NULL : bsearch(path, manifest->entries, manifest->entry_count, sizeof *manifest->entries, by_path);
}
