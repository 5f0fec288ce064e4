/*
 * One pack per commit; see pack.h. The bytes (gitformat-pack: "PACK", version 2, count, then per object a header and a zlib
 * stream, then SHA-1 of everything) are made here and given to libgit2's indexer without an object database, which avoids a
 * look-up of every object in every pack. The zlib level is fixed, so that equal objects make an equal pack.
 */
#include "audit/trail/write/pack.h"

#define ZLIB_CONST /* zlib's input pointer is then const */

#include <git2.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "audit/trail/write/sha1.h"
#include "ledger/base/durable.h"

#define PACK_ZLIB_LEVEL 6

typedef struct pack_stream {
    git_indexer *indexer;
    git_indexer_progress progress;
    zd_sha1 sha;
    z_stream zlib;
    bool zlib_open;
    zd_buf bytes; /* one object, reused */
} pack_stream;

static zd_status pack_failure(zd_error *err, const char *what)
{
    const git_error *last = git_error_last();
    return zd_fail(err, ZD_E_TRAIL_FAILED, "%s: %.180s", what,
                   last != NULL && last->message != NULL ? last->message : "no reason given");
}

zd_status zd_pack_add(zd_oid *out, zd_pack *pack, zd_object_kind kind, zd_span content, zd_error *err)
{
    zd_status status = zd_object_id(out, kind, content, err);
    if (status != ZD_OK) {
        return status;
    }
    if (pack->count == pack->capacity) {
        pack->capacity = pack->capacity == 0 ? 32 : pack->capacity * 2;
        pack->objects = zd_realloc(pack->objects, pack->capacity * sizeof *pack->objects);
    }
    pack->objects[pack->count++] = (zd_pack_object){.oid = *out, .kind = kind, .content = content};
    return ZD_OK;
}

zd_status zd_pack_add_owned(zd_oid *out, zd_pack *pack, zd_object_kind kind, zd_buf *content, zd_error *err)
{
    zd_status status = zd_pack_add(out, pack, kind, zd_buf_span(content), err);
    if (status == ZD_OK) {
        pack->objects[pack->count - 1].owned = *content;
        *content = (zd_buf){0};
    }
    return status;
}

static int oid_order(const void *a, const void *b)
{
    const zd_pack_object *first = a;
    const zd_pack_object *second = b;
    return memcmp(first->oid.bytes, second->oid.bytes, ZD_OID_SIZE);
}

/* Sorts by id and moves what must be written to the front, each object once; returns how many. The rest stays in the array,
 * which owns its memory. */
static size_t select_new(zd_pack *pack, zd_objects *objects)
{
    size_t fresh = 0;
    qsort(pack->objects, pack->count, sizeof *pack->objects, oid_order);
    for (size_t i = 0; i < pack->count; i++) {
        bool again = fresh > 0 && zd_oid_equal(&pack->objects[fresh - 1].oid, &pack->objects[i].oid);
        if (!again && !zd_objects_exists(objects, &pack->objects[i].oid)) {
            zd_pack_object swap = pack->objects[fresh];
            pack->objects[fresh] = pack->objects[i];
            pack->objects[i] = swap;
            fresh++;
        }
    }
    return fresh;
}

static zd_status stream_bytes(pack_stream *stream, zd_span bytes, bool hashed, zd_error *err)
{
    if (hashed) {
        zd_sha1_add(&stream->sha, bytes);
    }
    if (git_indexer_append(stream->indexer, bytes.data, bytes.size, &stream->progress) != 0) {
        return pack_failure(err, "the pack could not be written");
    }
    return ZD_OK;
}

/* Type in bits 4..6 of the first byte, size in groups of 4, then 7 bits, low ones first. */
static void object_header_add(zd_buf *out, zd_object_kind kind, size_t size)
{
    unsigned first = (unsigned)kind << 4 | (unsigned)(size & 15);
    size_t rest = size >> 4;
    zd_buf_add_byte(out, (uint8_t)(first | (rest > 0 ? 0x80 : 0)));
    while (rest > 0) {
        uint8_t part = (uint8_t)(rest & 0x7f);
        rest >>= 7;
        zd_buf_add_byte(out, (uint8_t)(part | (rest > 0 ? 0x80 : 0)));
    }
}

static zd_status stream_object(pack_stream *stream, const zd_pack_object *object, zd_error *err)
{
    ZD_ASSERT(object->content.size <= ZD_OBJECT_SIZE_MAX);
    zd_buf_clear(&stream->bytes);
    object_header_add(&stream->bytes, object->kind, object->content.size);
    uLong bound = deflateBound(&stream->zlib, (uLong)object->content.size);
    ZD_ASSERT(deflateReset(&stream->zlib) == Z_OK);
    stream->zlib.next_in = object->content.data;
    stream->zlib.avail_in = (uInt)object->content.size;
    stream->zlib.next_out = zd_buf_reserve(&stream->bytes, bound);
    stream->zlib.avail_out = (uInt)bound;
    ZD_ASSERT(deflate(&stream->zlib, Z_FINISH) == Z_STREAM_END);
    stream->bytes.size += bound - stream->zlib.avail_out;
    return stream_bytes(stream, zd_buf_span(&stream->bytes), true, err);
}

static zd_status stream_pack(pack_stream *stream, const zd_pack *pack, size_t count, zd_error *err)
{
    zd_buf_clear(&stream->bytes);
    zd_buf_add_text(&stream->bytes, "PACK");
    const uint32_t words[2] = {2, (uint32_t)count};
    for (size_t i = 0; i < 8; i++) {
        zd_buf_add_byte(&stream->bytes, (uint8_t)(words[i / 4] >> (24 - 8 * (i % 4))));
    }
    zd_status status = stream_bytes(stream, zd_buf_span(&stream->bytes), true, err);
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        status = stream_object(stream, &pack->objects[i], err);
    }
    if (status == ZD_OK) {
        uint8_t trailer[20];
        zd_sha1_final(trailer, &stream->sha);
        status = stream_bytes(stream, zd_span_of(trailer, sizeof trailer), false, err);
    }
    /* Writes the index, syncs both files and the directory, and only then gives the pack its name. */
    if (status == ZD_OK && git_indexer_commit(stream->indexer, &stream->progress) != 0) {
        status = pack_failure(err, "the pack could not be completed");
    }
    return status;
}

zd_status zd_pack_write(zd_pack *pack, zd_objects *objects, zd_error *err)
{
    zd_buf directory = {0};
    pack_stream stream = {0};
    zd_status status = zd_objects_refresh(objects, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_buf_addf(&directory, "%sobjects/pack", zd_objects_directory(objects));
    size_t count = select_new(pack, objects);
    if (count == 0) {
        /* An earlier run may have been killed between giving the pack its name and syncing the directory. */
        status = zd_dir_sync(zd_buf_text(&directory), err);
        goto cleanup;
    }
    zd_sha1_init(&stream.sha);
    if (deflateInit(&stream.zlib, PACK_ZLIB_LEVEL) != Z_OK) {
        status = zd_fail(err, ZD_E_TRAIL_FAILED, "zlib did not start");
        goto cleanup;
    }
    stream.zlib_open = true;
    if (git_indexer_new(&stream.indexer, zd_buf_text(&directory), 0, NULL, NULL) != 0) {
        status = pack_failure(err, "no pack could be begun");
        goto cleanup;
    }
    status = stream_pack(&stream, pack, count, err);
    if (status == ZD_OK) {
        status = zd_objects_refresh(objects, err);
    }
cleanup:
    git_indexer_free(stream.indexer);
    if (stream.zlib_open) {
        (void)deflateEnd(&stream.zlib);
    }
    zd_buf_free(&stream.bytes);
    zd_buf_free(&directory);
    return status;
}

void zd_pack_free(zd_pack *pack)
{
    for (size_t i = 0; i < pack->count; i++) {
        zd_buf_free(&pack->objects[i].owned);
    }
    free(pack->objects);
    *pack = (zd_pack){0};
}
