/* Making, opening and closing a ledger directory; see ledger.h. */
#include "ledger/engine/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "audit/trail/write/trail_write.h"
#include "ledger/engine/ledger_int.h"

#define LOCK_NAME "lock"

zd_ledger_options zd_ledger_defaults(void)
{
    return (zd_ledger_options){.clock = zd_clock_system()};
}

/* Where the options leave a size open, the usual one. */
static void take_options(zd_ledger *ledger, const zd_ledger_options *options)
{
    ledger->options = *options;
    ledger->options.group_leaves = options->group_leaves != 0 ? options->group_leaves : ZD_GROUP_LEAVES;
    ledger->options.working_set = options->working_set != 0 ? options->working_set : ZD_WORKING_SET;
}

static char *path_of(const char *dir, const char *name)
{
    zd_buf path = {0};
    char *copy = zd_strdup(zd_path_join(&path, dir, name));
    zd_buf_free(&path);
    return copy;
}

static zd_status open_store(zd_ledger *ledger, zd_store_mode mode, zd_error *err)
{
    char *path = path_of(ledger->dir, "ledger.db");
    zd_status status = zd_store_open_sqlite(&ledger->store, path, mode, err);
    free(path);
    if (status == ZD_OK && ledger->options.wrap_store != NULL) {
        ledger->store = ledger->options.wrap_store(ledger->options.wrap_context, ledger->store);
    }
    /* A reader decides again what is after the records' mark: those records must stay as they are while a writer goes on. */
    if (status == ZD_OK && mode == ZD_STORE_READ) {
        status = zd_store_pin(ledger->store, err);
    }
    return status == ZD_OK ? zd_engine_load_head(ledger, err) : status;
}

zd_status zd_engine_reopen_store(zd_ledger *ledger, zd_error *err)
{
    char *path = path_of(ledger->dir, "ledger.db");
    zd_engine_unfollow(ledger);
    zd_store_close(ledger->follower);
    ledger->follower = NULL;
    zd_store_close(ledger->store);
    ledger->store = NULL;
    zd_status status = zd_store_open_sqlite(&ledger->store, path, ZD_STORE_WRITE, err);
    free(path);
    return status;
}

zd_status zd_ledger_close(zd_ledger *ledger, zd_error *err)
{
    (void)err;
    if (ledger == NULL) {
        return ZD_OK;
    }
    /* What cannot be written now is decided again when the ledger is opened next. */
    zd_error ignored = {0};
    (void)zd_engine_flush(ledger, &ignored);
    zd_acts_free(ledger->acts);
    zd_book_free(ledger->book);
    zd_store_close(ledger->private_store);
    zd_store_close(ledger->follower);
    zd_store_close(ledger->store);
    zd_lock_release(ledger->lock);
    free(ledger->dir);
    free(ledger);
    return ZD_OK;
}

zd_status zd_ledger_open(zd_ledger **out, const char *dir, bool write, const zd_ledger_options *options, zd_error *err)
{
    zd_ledger *ledger = zd_alloc_zero(1, sizeof *ledger);
    ledger->dir = zd_strdup(dir);
    take_options(ledger, options);
    ledger->write = write;
    char *database = path_of(dir, "ledger.db");
    zd_status status = ZD_OK;
    if (!zd_path_exists(database)) {
        status = zd_fail(err, ZD_E_LEDGER_MISSING, "no ledger.db");
        zd_error_subject(err, zd_span_text(dir));
    }
    if (status == ZD_OK && write) {
        status = zd_lock_take(&ledger->lock, dir, LOCK_NAME, err);
    }
    if (status == ZD_OK) {
        status = open_store(ledger, write ? ZD_STORE_WRITE : ZD_STORE_READ, err);
    }
    if (status == ZD_OK) {
        status = zd_engine_recover(ledger, err);
    }
    free(database);
    if (status != ZD_OK) {
        (void)zd_ledger_close(ledger, NULL);
        return status;
    }
    *out = ledger;
    return ZD_OK;
}

/* The genesis is signed by a root key that it names itself; what anchors it is its fingerprint, handed over out of band. */
static zd_status check_genesis(zd_note *note, zd_span whole, zd_error *err)
{
    zd_status status = zd_note_split(note, whole, err);
    if (status == ZD_OK && note->count != 1) {
        status = zd_fail(err, ZD_E_NOTE_MALFORMED, "exactly one signature");
    }
    zd_public_key key;
    if (status == ZD_OK) {
        status = zd_acts_genesis_key(&key, note->text, note->signatures[0].name, note->signatures[0].key_id, err);
    }
    if (status == ZD_OK && !zd_note_verify(note, 0, &key)) {
        status = zd_fail(err, ZD_E_SIGNATURE_BAD, "genesis");
    }
    return status;
}

static zd_status write_genesis(zd_hash *out_fingerprint, zd_ledger *ledger, zd_span genesis_note, zd_error *err)
{
    zd_note note;
    zd_group group;
    zd_pending pending = {0};
    zd_status status = check_genesis(&note, genesis_note, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_incoming in = {.text = note.text, .at_unix_ms = ledger->options.clock.now_unix_ms(ledger->options.clock.context)};
    status = zd_acts_submit(&group, ledger->acts, &in, err);
    if (status != ZD_OK) {
        return status;
    }
    if (group.decisions[0].outcome == ZD_REFUSED_BY_RULE) {
        status = zd_fail(err, group.decisions[0].code, "genesis");
    } else {
        zd_pending_add(&pending, &group, genesis_note);
        *out_fingerprint = zd_sha256(zd_span_of(pending.bytes.data, pending.ends[0]));
        status = zd_pending_append(&pending, ledger, true, err);
    }
    zd_pending_free(&pending);
    zd_group_free(&group);
    return status;
}

zd_status zd_engine_write_genesis(const char *dir, const zd_hash *fingerprint, zd_error *err)
{
    char hex[ZD_HASH_HEX + 1];
    zd_hash_hex(hex, fingerprint);
    hex[ZD_HASH_HEX - 1] = '\n';
    char *path = path_of(dir, "GENESIS");
    zd_status status = zd_file_write(path, zd_span_of(hex, ZD_HASH_HEX), 0644, err);
    free(path);
    return status;
}

static zd_status make_places(const char *dir, zd_error *err)
{
    static const char *const folders[] = {"public", "settlement"};
    zd_status status = ZD_OK;
    for (size_t i = 0; i < ZD_COUNT(folders) && status == ZD_OK; i++) {
        char *path = path_of(dir, folders[i]);
        status = zd_dir_make(path, 0755, err);
        free(path);
    }
    char *repository = path_of(dir, "audit.git");
    if (status == ZD_OK) {
        status = zd_trail_create(repository, err);
    }
    free(repository);
    return status;
}

zd_status zd_engine_begin(zd_ledger **out, const char *dir, const zd_ledger_options *options, zd_error *err)
{
    char *database = path_of(dir, "ledger.db");
    zd_ledger *ledger = zd_alloc_zero(1, sizeof *ledger);
    ledger->dir = zd_strdup(dir);
    take_options(ledger, options);
    ledger->write = true;
    zd_status status = ZD_OK;
    if (zd_path_exists(database)) {
        status = zd_fail(err, ZD_E_LEDGER_EXISTS, "ledger.db");
        zd_error_subject(err, zd_span_text(dir));
    }
    if (status == ZD_OK) {
        status = zd_dir_make(dir, 0755, err);
    }
    if (status == ZD_OK) {
        status = zd_lock_take(&ledger->lock, dir, LOCK_NAME, err);
    }
    if (status == ZD_OK) {
        status = open_store(ledger, ZD_STORE_CREATE, err);
    }
    free(database);
    if (status != ZD_OK) {
        (void)zd_ledger_close(ledger, NULL);
        return status;
    }
    *out = ledger;
    return make_places(dir, err);
}

zd_status zd_ledger_create(zd_hash *out_fingerprint, const char *dir, zd_span genesis_note, const zd_ledger_options *options, zd_error *err)
{
    zd_ledger *ledger = NULL;
    zd_status status = zd_engine_begin(&ledger, dir, options, err);
    if (status == ZD_OK) {
        status = write_genesis(out_fingerprint, ledger, genesis_note, err);
    }
    if (status == ZD_OK) {
        status = zd_engine_write_genesis(dir, out_fingerprint, err);
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

const char *zd_ledger_dir(const zd_ledger *ledger)
{
    return ledger->dir;
}

const char *zd_ledger_origin(zd_ledger *ledger)
{
    const zd_rec_ledger *record = zd_book_find(ledger->book, ZD_R_LEDGER, "%s", "");
    return record != NULL ? record->origin : "";
}

uint64_t zd_ledger_size(const zd_ledger *ledger)
{
    return ledger->head.size;
}

zd_acts *zd_ledger_acts(zd_ledger *ledger)
{
    return ledger->acts;
}

zd_store *zd_ledger_store(zd_ledger *ledger)
{
    return ledger->store;
}

zd_status zd_ledger_leaves(zd_ledger *ledger, uint64_t from, uint64_t to, zd_store_leaf_visit *visit, void *context, zd_error *err)
{
    return zd_store_leaves(ledger->store, from, to, visit, context, err);
}

zd_status zd_ledger_backup(zd_ledger *ledger, const char *path, zd_error *err)
{
    return zd_store_backup(ledger->store, path, err);
}
