/*
 * What opening a ledger makes sure of: records current with the leaves, root and frontier consistent, and nothing published ahead of or different from
 * the store. Recovery re-decides the leaves after the mark with the same code and demands the same bytes: decisions are deterministic, so a
 * difference is an integrity failure, never silently corrected.
 */
#include <string.h>

#include "audit/trail/trail.h"
#include "ledger/engine/ledger_int.h"
#include "ledger/log/checkpoint.h"

static zd_status fork_found(zd_error *err, const char *what, const char *detail)
{
    zd_status status = zd_fail(err, ZD_E_LEDGER_FORK, "%s", detail);
    zd_error_subject(err, zd_span_text(what));
    return status;
}

typedef struct hash_chain {
    zd_tree tree;
} hash_chain;

static zd_status add_hash(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)bytes;
    hash_chain *chain = context;
    zd_hash leaf;
    memcpy(leaf.bytes, hash, sizeof leaf.bytes);
    zd_tree_append(&chain->tree, &leaf);
    return ZD_OK;
}

zd_status zd_engine_tree_at(zd_tree *out, zd_ledger *ledger, uint64_t size, zd_error *err)
{
    hash_chain chain = {0};
    zd_status status = ZD_OK;
    if (size == ledger->head.size) {
        chain.tree = ledger->tree;
    } else {
        status = zd_store_leaves(ledger->store, 0, size, add_hash, &chain, err);
    }
    *out = chain.tree;
    return status;
}

typedef struct signed_root {
    uint64_t size;
    zd_hash root;
    bool found;
} signed_root;

static zd_status keep_root(void *context, const zd_publication *publication)
{
    signed_root *wanted = context;
    zd_note note;
    zd_checkpoint ours;
    zd_error unreadable = {0};
    if (publication->size == wanted->size && zd_note_split(&note, publication->note, &unreadable) == ZD_OK &&
        zd_checkpoint_parse(&ours, note.text, &unreadable) == ZD_OK && ours.size == wanted->size) {
        wanted->root = ours.root;
        wanted->found = true;
    }
    return ZD_OK;
}

/* The root at a size. The store remembers the roots that it has signed, each computed from its leaves when it was published; only for another size are all the
 * leaves up to there read, which a command that adds one entry must not cost. */
static zd_status root_at(zd_hash *out, zd_ledger *ledger, uint64_t size, zd_error *err)
{
    signed_root known = {.size = size};
    zd_status status = zd_store_publications(ledger->store, size, keep_root, &known, err);
    if (status == ZD_OK && known.found) {
        *out = known.root;
        return ZD_OK;
    }
    zd_tree tree;
    if (status == ZD_OK) {
        status = zd_engine_tree_at(&tree, ledger, size, err);
    }
    if (status == ZD_OK) {
        *out = zd_tree_root(&tree);
    }
    return status;
}

/* A checkpoint found outside must be one of ours: not larger than the store, and with the root that the store has at that size. */
static zd_status check_outside(zd_ledger *ledger, zd_span note_bytes, const char *where, zd_error *err)
{
    zd_note note;
    zd_checkpoint seen;
    zd_hash root;
    zd_error unreadable = {0};
    if (zd_note_split(&note, note_bytes, &unreadable) != ZD_OK || zd_checkpoint_parse(&seen, note.text, &unreadable) != ZD_OK) {
        return fork_found(err, where, "its checkpoint cannot be read");
    }
    if (seen.size > ledger->head.size) {
        char detail[160];
        zd_format(detail, sizeof detail, "it has %llu entries, ledger.db only %llu: an older ledger.db was restored; use the newer one or rebuild it from audit.git",
                  (unsigned long long)seen.size, (unsigned long long)ledger->head.size);
        return fork_found(err, where, detail);
    }
    zd_status status = root_at(&root, ledger, seen.size, err);
    if (status == ZD_OK && !zd_hash_equal(&root, &seen.root)) {
        status = fork_found(err, where, "its root is not the one that ledger.db has at that size");
    }
    return status;
}

static zd_status check_static(zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    zd_buf note = {0};
    zd_status status = ZD_OK;
    if (zd_path_exists(zd_path_join(&path, ledger->dir, "public/checkpoint"))) {
        status = zd_file_read(&note, zd_buf_text(&path), ZD_CHECKPOINT_BYTES_MAX, err);
        if (status == ZD_OK) {
            status = check_outside(ledger, zd_buf_span(&note), "public/checkpoint", err);
        }
    }
    zd_buf_free(&path);
    zd_buf_free(&note);
    return status;
}

/* The branch stands at the commit that the store made last, and the commit's id says all that is in it: no object need be read, which among thousands of packs costs more
 * than the rest of a small command. Anything else, also what cannot be read, is looked at through git. */
static bool is_at_last(zd_ledger *ledger)
{
    zd_buf path = {0};
    zd_buf ref = {0};
    zd_publication last = {0};
    zd_error ignored = {0};
    bool found = false;
    bool same = zd_store_publication_last(ledger->store, &last, &found, &ignored) == ZD_OK && found && last.size <= ledger->head.size &&
                last.commit_hex.size == ZD_OID_HEX - 1 &&
                zd_file_read(&ref, zd_path_join(&path, ledger->dir, "audit.git/refs/heads/main"), ZD_OID_HEX, &ignored) == ZD_OK && ref.size == ZD_OID_HEX &&
                ref.data[ZD_OID_HEX - 1] == '\n' && zd_span_equal(zd_span_of(ref.data, ZD_OID_HEX - 1), last.commit_hex);
    zd_buf_free(&path);
    zd_buf_free(&ref);
    return same;
}

static zd_status check_trail(zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    zd_trail *trail = NULL;
    char tip[ZD_OID_HEX];
    bool found = false;
    zd_trail_commit commit = {0};
    zd_status status = ZD_OK;
    if (!zd_path_exists(zd_path_join(&path, ledger->dir, "audit.git")) || is_at_last(ledger)) {
        zd_buf_free(&path);
        return ZD_OK; /* without it, publishing makes it anew from the store */
    }
    status = zd_trail_open(&trail, zd_buf_text(&path), err);
    if (status == ZD_OK) {
        status = zd_trail_tip(trail, tip, &found, err);
    }
    if (status == ZD_OK && found) {
        status = zd_trail_commit_read(&commit, trail, tip, err);
        if (status == ZD_OK) {
            status = check_outside(ledger, commit.checkpoint, "audit.git", err);
        }
        zd_trail_commit_free(&commit);
    }
    zd_trail_close(trail);
    zd_buf_free(&path);
    return status;
}

static zd_status check_head(zd_ledger *ledger, zd_error *err)
{
    zd_hash root = zd_tree_root(&ledger->tree);
    if (!zd_tree_is_valid(&ledger->tree) || memcmp(root.bytes, ledger->head.root, sizeof root.bytes) != 0 || ledger->head.mark > ledger->head.size) {
        zd_status status = zd_fail(err, ZD_E_LEDGER_CORRUPT, "the head's root does not follow from its frontier");
        zd_error_subject(err, zd_span_text(ledger->dir));
        return status;
    }
    return ZD_OK;
}

zd_status zd_engine_recover(zd_ledger *ledger, zd_error *err)
{
    zd_status status = check_head(ledger, err);
    if (status == ZD_OK) {
        status = zd_engine_catch_up(ledger, err);
    }
    if (status == ZD_OK && ledger->write) {
        status = check_static(ledger, err);
    }
    if (status == ZD_OK && ledger->write) {
        status = check_trail(ledger, err);
    }
    return status;
}
