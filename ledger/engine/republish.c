/* Publications written again from the store alone: a second repository, and what a restore needs. Every commit must get the id that its publication names. */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/cosign.h"
#include "ledger/engine/publish.h"

/* Commits one publication and moves the branch; the parent is the commit of the publication before it. */
static zd_status commit_publication(zd_trail *trail, zd_ledger *ledger, const zd_publication *publication, const zd_owned_publication *before,
                                    bool also_static, zd_error *err)
{
    zd_buf signature = {0};
    zd_buf note = {0};
    char hex[ZD_OID_HEX];
    const char *parent = before->found ? zd_buf_text(&before->commit) : "";
    zd_status status = zd_cosign_committed_note(&note, ledger, publication, err);
    zd_publication shown = *publication; /* as the world sees it: with cosignatures */
    shown.note = zd_buf_span(&note);
    if (status == ZD_OK) {
        status = zd_publication_build(hex, &signature, trail, ledger, &shown, before, NULL, also_static, err);
    }
    if (status == ZD_OK) {
        status = zd_publication_record(ledger, publication, hex, parent, zd_buf_span(&signature), err);
    }
    if (status == ZD_OK) {
        status = zd_trail_advance(trail, parent, hex, err);
    }
    zd_buf_free(&signature);
    zd_buf_free(&note);
    return status;
}

typedef struct size_list {
    uint64_t *sizes;
    size_t count;
    size_t capacity;
} size_list;

static zd_status keep_size(void *context, const zd_publication *publication)
{
    size_list *list = context;
    if (list->count == list->capacity) {
        list->capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        list->sizes = zd_realloc(list->sizes, list->capacity * sizeof *list->sizes);
    }
    list->sizes[list->count++] = publication->size;
    return ZD_OK;
}

/* Every publication of the store that has its commit, written again; last (owned by the caller) becomes the newest of them. */
static zd_status write_again(zd_owned_publication *last, zd_ledger *ledger, const char *path, bool also_static, zd_error *err)
{
    zd_trail *trail = NULL;
    size_list list = {0};
    zd_owned_publication publication = {0};
    zd_status status = zd_publication_repository(&trail, path, err);
    if (status == ZD_OK) {
        status = zd_store_publications(ledger->store, 0, keep_size, &list, err);
    }
    for (size_t i = 0; i < list.count && status == ZD_OK; i++) {
        status = zd_publication_before(&publication, ledger, list.sizes[i] + 1, err);
        if (status == ZD_OK && publication.p.commit_hex.size > 0) {
            status = commit_publication(trail, ledger, &publication.p, last, also_static, err);
            zd_publication_own(last, &publication.p);
        }
    }
    free(list.sizes);
    zd_publication_disown(&publication);
    zd_trail_close(trail);
    return status;
}

zd_status zd_ledger_rebuild_trail(zd_ledger *ledger, const char *path, zd_error *err)
{
    zd_owned_publication last = {0};
    zd_status status = write_again(&last, ledger, path, false, err);
    zd_publication_disown(&last);
    return status;
}

zd_status zd_engine_republish(char tip_hex[ZD_OID_HEX], zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    zd_owned_publication last = {0};
    zd_status status = write_again(&last, ledger, zd_path_join(&path, ledger->dir, "audit.git"), true, err);
    if (status == ZD_OK && last.found) {
        status = zd_publication_announce(ledger, &last.p, err);
    }
    zd_format(tip_hex, ZD_OID_HEX, "%s", last.found ? zd_buf_text(&last.commit) : "");
    zd_publication_disown(&last);
    zd_buf_free(&path);
    return status;
}

