/*
 * Files of the audit repository that follow from the leaves before a tree size and from nothing else: the roster, allowed_signers, the tlog policy. A key's
 * grant counts when its leaf is below the size, its end when the ending leaf is; so a rebuild of an old commit gives the old file.
 */
#include <string.h>

#include "ledger/engine/ledger_int.h"

/* The end of a key's interval as known at `size`: what the grant said, until the ending leaf was written. */
static int64_t known_end(const zd_rec_key *key, uint64_t size)
{
    bool ended_later = key->revoked_seq != 0 && key->revoked_seq >= (int64_t)size;
    return ended_later ? key->granted_to_size : key->to_size;
}

typedef zd_status key_visit(zd_buf *out, const zd_rec_key *key, uint64_t size);

static zd_status each_key(zd_buf *out, zd_ledger *ledger, uint64_t size, key_visit *visit, zd_error *err)
{
    zd_status status = ZD_OK;
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_KEY, "%s", "");
    while (status == ZD_OK && zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        if (key->granted_seq < (int64_t)size) {
            status = visit(out, key, size);
        }
    }
    return status == ZD_OK ? zd_book_trouble(ledger->book, err) : status;
}

static void public_of(zd_public_key *out, const zd_rec_key *key)
{
    memcpy(out->bytes, key->public_key.bytes, sizeof out->bytes);
}

/* Git keys may sign commits, officers may sign packages; no dates, for dates can be forged: intervals are in the roster. */
static zd_status signer_line(zd_buf *out, const zd_rec_key *key, uint64_t size)
{
    (void)size;
    bool git = key->role == ZD_ROLE(GIT);
    bool officer = key->role == ZD_ROLE(MAKER) || key->role == ZD_ROLE(CHECKER) || key->role == ZD_ROLE(RELEASER) || key->role == ZD_ROLE(LOG);
    if (git || officer) {
        zd_public_key public_key;
        public_of(&public_key, key);
        zd_buf_addf(out, "%s namespaces=\"%s\" ", key->name, git ? "git" : "zhidui-settlement-v1");
        zd_ssh_public_add(out, &public_key);
        zd_buf_add_byte(out, '\n');
    }
    return ZD_OK;
}

zd_status zd_project_allowed_signers(zd_buf *out, zd_ledger *ledger, uint64_t size, zd_error *err)
{
    return each_key(out, ledger, size, signer_line, err);
}

zd_status zd_project_log_policy(zd_buf *out, zd_ledger *ledger, uint64_t size, zd_error *err)
{
    const zd_rec_key *newest = NULL;
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        if (key->role == ZD_ROLE(LOG) && key->granted_seq < (int64_t)size && (newest == NULL || key->granted_seq > newest->granted_seq)) {
            newest = key;
        }
    }
    zd_status status = zd_book_trouble(ledger->book, err);
    if (status == ZD_OK && newest != NULL) {
        zd_public_key public_key;
        public_of(&public_key, newest);
        zd_buf_add_text(out, "log ");
        zd_vkey_add(out, zd_span_text(zd_ledger_origin(ledger)), ZD_NOTE_TYPE_ED25519, &public_key);
        zd_buf_add_text(out, "\nquorum none\n");
    }
    return status;
}

static zd_status roster_row(zd_buf *out, const zd_rec_key *key, uint64_t size)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &key->public_key);
    if (out->size > 2) {
        zd_buf_add_text(out, ",\n");
    }
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "name", key->name);
    zd_jw_cstr(&w, "public", hex);
    zd_jw_cstr(&w, "role", zd_word_text(ZD_F_ROLE, key->role));
    zd_jw_cstr(&w, "person", key->person);
    zd_jw_cstr(&w, "unit", key->unit);
    zd_jw_cstr(&w, "party", key->party);
    zd_jw_cstr(&w, "jurisdictions", key->jurisdictions);
    if (key->has_limit != 0) {
        zd_jw_int(&w, "limit_fen", key->limit_fen);
    }
    zd_jw_int(&w, "from_size", key->from_size);
    zd_jw_int(&w, "to_size", known_end(key, size));
    zd_jw_int(&w, "granted_seq", key->granted_seq);
    zd_jw_close(&w);
    return ZD_OK;
}

zd_status zd_project_roster(zd_buf *out, zd_ledger *ledger, uint64_t size, zd_error *err)
{
    zd_buf_clear(out);
    zd_buf_add_text(out, "[\n");
    zd_status status = each_key(out, ledger, size, roster_row, err);
    zd_buf_add_text(out, "\n]\n");
    return status;
}
