/* The seal's receipt for a package; see seal_proof.h. Reads publications and tiles, signs nothing. */
#include "ledger/engine/seal_proof.h"

#include "ledger/engine/ledger_int.h"
#include "ledger/log/proof.h"
#include "ledger/log/tile_dir.h"

typedef struct first_publication {
    uint64_t size;
    zd_buf note;
    bool found;
} first_publication;

static zd_status keep_first(void *context, const zd_publication *publication)
{
    first_publication *first = context;
    if (!first->found) {
        first->found = true;
        first->size = publication->size;
        zd_buf_add_span(&first->note, publication->note);
    }
    return ZD_OK;
}

static zd_status make_path(zd_tree_proof *out, zd_ledger *ledger, uint64_t seq, uint64_t size, zd_error *err)
{
    zd_buf path = {0};
    zd_tile_dir dir = {.path = zd_path_join(&path, ledger->dir, "public")};
    zd_tile_source source = zd_tile_dir_source(&dir);
    zd_tile_reader *reader = zd_tile_reader_open(size, &source);
    zd_hash_reader hashes = zd_tile_reader_hashes(reader);
    zd_status status = zd_tree_make_inclusion(out, seq, size, &hashes, err);
    zd_tile_reader_close(reader);
    zd_buf_free(&path);
    return status;
}

zd_status zd_seal_proof(zd_buf *out, zd_ledger *ledger, uint64_t seq, uint64_t min_size, zd_error *err)
{
    first_publication first = {0};
    zd_tree_proof path;
    zd_status status = zd_store_publications(ledger->store, min_size, keep_first, &first, err);
    if (status == ZD_OK && !first.found) {
        status = zd_fail(err, ZD_E_LOG_RANGE, "the release is not published yet: zhidui log publish / 放行尚未发布");
    }
    status = status == ZD_OK ? make_path(&path, ledger, seq, first.size, err) : status;
    status = status == ZD_OK ? zd_proof_encode(out, seq, &path, zd_span_of(NULL, 0), zd_buf_span(&first.note), err) : status;
    zd_buf_free(&first.note);
    return status;
}
