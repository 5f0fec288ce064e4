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

void zd_changes_add(zd_changes *changes, const char *path, zd_span content, bool remove);
void zd_changes_free(zd_changes *changes);

/* After a restore: repository and public files from the store's publications alone; each commit must get the id that its publication names. tip: the last one. */
zd_status zd_engine_republish(char tip_hex[ZD_OID_HEX], zd_ledger *ledger, zd_error *err);

/* Tiles, checkpoint, keys, policies and settlement manifests that a commit of new_size after old_size carries. also_static: tiles go into public/ as well. */
zd_status zd_publication_changes(zd_changes *out, zd_ledger *ledger, uint64_t old_size, const zd_publication *publication, bool also_static, zd_error *err);
/* The commit of a publication in the given repository; signs when the publication holds no signature yet. */
zd_status zd_publication_commit(char out_hex[ZD_OID_HEX], zd_buf *out_signature, zd_trail *trail, zd_ledger *ledger, uint64_t old_size,
                                const char *parent_hex, const zd_publication *publication, const zd_changes *changes, const zd_signer *git_key,
                                zd_error *err);

#endif
