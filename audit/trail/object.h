/*
 * Inside audit/trail only: git objects by id, without a word of libgit2 in it. Every object read is hashed again and compared
 * with the id it was asked by, whatever the library below did, so that a damaged or forged pack cannot answer wrongly. Must
 * not know commits' grammar or what the files mean.
 */
#ifndef ZD_TRAIL_OBJECT_H
#define ZD_TRAIL_OBJECT_H

#include "audit/trail/trail.h"

#define ZD_OID_SIZE 20 /* SHA-1: git's name for an object, never our proof; proofs are the SHA-256 tree and the signatures */
/* No file of this history comes near: a full bundle is 256 entries of at most 65,537 bytes. */
#define ZD_OBJECT_SIZE_MAX (UINT32_C(64) << 20)

typedef struct zd_oid {
    uint8_t bytes[ZD_OID_SIZE];
} zd_oid;

/* The values are the type numbers of git's pack format (gitformat-pack). */
typedef enum zd_object_kind { ZD_OBJECT_COMMIT = 1, ZD_OBJECT_TREE = 2, ZD_OBJECT_BLOB = 3 } zd_object_kind;

bool zd_oid_equal(const zd_oid *a, const zd_oid *b);
void zd_oid_hex(char out_hex[ZD_OID_HEX], const zd_oid *oid);
ZD_MUST_USE bool zd_oid_from_hex(zd_oid *out, zd_span hex); /* 40 lower-case digits */

/* The id that git gives to this content. TRAIL_FAILED when the library refuses it (a SHA-1 collision attack). */
zd_status zd_object_id(zd_oid *out, zd_object_kind kind, zd_span content, zd_error *err);

/* An opened repository and its objects. Not for use by two threads at once. */
typedef struct zd_objects zd_objects;
zd_status zd_objects_open(zd_objects **out, const char *path, zd_error *err);
void zd_objects_close(zd_objects *objects); /* NULL is fine */
/* The directory that holds objects/ and refs/, with a slash at its end; borrowed. */
const char *zd_objects_directory(const zd_objects *objects);
zd_status zd_objects_tip(zd_oid *out, bool *found, zd_objects *objects, zd_error *err);
/* Looks for packs that came since; exists() answers from what is known so far, without touching the disk for each miss. */
zd_status zd_objects_refresh(zd_objects *objects, zd_error *err);
bool zd_objects_exists(zd_objects *objects, const zd_oid *oid);
/* Appends the content. TRAIL_OBJECT when it is missing, damaged or of another kind; TRAIL_GRAMMAR when too large. */
zd_status zd_objects_read(zd_buf *out, zd_objects *objects, const zd_oid *oid, zd_object_kind kind, zd_error *err);

/* What the writing half works on; borrowed from the trail. */
zd_objects *zd_trail_objects(zd_trail *trail);

#endif
