/* One publication as files: what a checkpoint of some size adds to, and takes from, the audit repository. Shared by publishing and rebuilding. */
#ifndef ZD_ENGINE_PUBLISH_H
#define ZD_ENGINE_PUBLISH_H

#include "audit/trail/write/trail_write.h"
#include "ledger/engine/ledger_int.h"

typedef struct zd_changes {
    zd_trail_change *list; /* paths and contents are owned */
    size_t count;
    size_t capacity;
} zd_changes;

/* publications.c: a publication with owned bytes; what the store lends lives only until its next call. */
typedef struct zd_owned_publication {
    zd_publication p;
    zd_buf note;
    zd_buf commit;
    zd_buf parent;
    zd_buf signature;
    bool found;
} zd_owned_publication;
void zd_publication_own(zd_owned_publication *out, const zd_publication *lent);
void zd_publication_disown(zd_owned_publication *publication);
/* The last one below `size`, and the very last one; out->found says whether there is any. */
zd_status zd_publication_before(zd_owned_publication *out, zd_ledger *ledger, uint64_t below, zd_error *err);
zd_status zd_publication_newest(zd_owned_publication *out, zd_ledger *ledger, zd_error *err);
/* The audit repository at path, made when it is not there. */
zd_status zd_publication_repository(zd_trail **out, const char *path, zd_error *err);
/* Writes down which commit the publication has, or compares when that is known: LEDGER_CORRUPT. */
zd_status zd_publication_record(zd_ledger *ledger, const zd_publication *publication, const char *commit_hex, const char *parent_hex, zd_span signature, zd_error *err);
/* public/checkpoint: the last step of publishing. */
zd_status zd_publication_announce(zd_ledger *ledger, const zd_publication *publication, zd_error *err);

void zd_changes_add(zd_changes *changes, const char *path, zd_span content, bool remove);
void zd_changes_free(zd_changes *changes);

/* After a restore: repository and public files from the store's publications alone; each commit must get the id that its publication names. tip: the last one. */
zd_status zd_engine_republish(char tip_hex[ZD_OID_HEX], zd_ledger *ledger, zd_error *err);

/* Tiles, checkpoint, keys, policies and settlement manifests that a commit of new_size after old_size carries. also_static: tiles go into public/ as well. */
zd_status zd_publication_changes(zd_changes *out, zd_ledger *ledger, uint64_t old_size, const zd_publication *publication, bool also_static, zd_error *err);
/* The files and the commit of a publication whose note carries its cosignatures, in the given repository; no ref moves. Signs when the publication holds no signature yet. */
zd_status zd_publication_build(char out_hex[ZD_OID_HEX], zd_buf *out_signature, zd_trail *trail, zd_ledger *ledger, const zd_publication *publication,
                               const zd_owned_publication *before, const zd_signer *git_key, bool also_static, zd_error *err);

#endif
