/*
 * Inside audit/trail/write only: the new objects of one commit, written as one fsynced pack. An object stands in a pack once
 * (git's indexer refuses it twice); objects that the repository holds already are left out, and when all are there no pack is
 * made. Deltas are never written: the nightly `git repack` makes them. Must not touch refs.
 */
#ifndef ZD_TRAIL_PACK_H
#define ZD_TRAIL_PACK_H

#include "audit/trail/object.h"

typedef struct zd_pack_object {
    zd_oid oid;
    zd_object_kind kind;
    zd_span content; /* borrowed, or of owned */
    zd_buf owned;
} zd_pack_object;

typedef struct zd_pack {
    zd_pack_object *objects;
    size_t count;
    size_t capacity;
} zd_pack;

/* Takes note of an object and gives its id; content must live until zd_pack_free. */
zd_status zd_pack_add(zd_oid *out, zd_pack *pack, zd_object_kind kind, zd_span content, zd_error *err);
/* The same, taking the memory of *content over, which is left empty. */
zd_status zd_pack_add_owned(zd_oid *out, zd_pack *pack, zd_object_kind kind, zd_buf *content, zd_error *err);
/* Writes what the repository lacks; on return all of it is durable. TRAIL_FAILED. Sorts the objects. */
zd_status zd_pack_write(zd_pack *pack, zd_objects *objects, zd_error *err);
void zd_pack_free(zd_pack *pack);

#endif
