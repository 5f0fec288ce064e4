/* Keys as the requests themselves grant them; see roster.h. */
#include "audit/verify/roster.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/record/request.h"

void zd_roster_init(zd_roster *roster)
{
    *roster = (zd_roster){0};
    int failed = pthread_rwlock_init(&roster->lock, NULL);
    ZD_ASSERT(failed == 0);
}

void zd_roster_share(zd_roster *roster)
{
    (void)pthread_rwlock_rdlock(&roster->lock);
}

void zd_roster_unshare(zd_roster *roster)
{
    (void)pthread_rwlock_unlock(&roster->lock);
}

void zd_roster_free(zd_roster *roster)
{
    (void)pthread_rwlock_destroy(&roster->lock);
    for (size_t i = 0; i < roster->count; i++) {
        free(roster->keys[i]);
    }
    free(roster->keys);
    free(roster->signer_key);
    zd_names_free(&roster->signers);
    *roster = (zd_roster){0};
}

static zd_view field(zd_view body, zd_field name)
{
    return zd_view_get(body, zd_field_name(name));
}

/* A text that does not fit is cut to nothing: the request's own schema forbids it, and an empty name never matches. */
static void copy(char *out, size_t size, zd_span text)
{
    if (!zd_span_copy(out, size, text)) {
        out[0] = '\0';
    }
}

static void signer_name(zd_buf *out, zd_span signature_name, const uint8_t key_id[4])
{
    zd_buf_add_span(out, signature_name);
    zd_buf_add_byte(out, '#');
    zd_hex_add(out, zd_span_of(key_id, 4));
}

static void add(zd_roster *roster, const zd_roster_key *key)
{
    zd_roster_key *row = zd_alloc(sizeof *row);
    *row = *key;
    (void)pthread_rwlock_wrlock(&roster->lock);
    roster->keys = zd_grow(roster->keys, &roster->capacity, roster->count, sizeof *roster->keys);
    roster->keys[roster->count] = row;
    zd_buf name = {0};
    zd_buf signer = {0};
    uint8_t id[4];
    zd_buf_addf(&name, "%s/%s", roster->origin, key->name);
    zd_note_key_id(id, zd_buf_span(&name), ZD_NOTE_TYPE_ED25519, &key->key);
    signer_name(&signer, zd_buf_span(&name), id);
    size_t before = roster->signers.count;
    size_t number = zd_names_add(&roster->signers, zd_buf_span(&signer));
    roster->signer_key = zd_grow(roster->signer_key, &roster->signer_capacity, number, sizeof *roster->signer_key);
    if (number == before) { /* of two keys with one id, which takes 2^32 tries to make, the first keeps it */
        roster->signer_key[number] = roster->count;
    }
    roster->count++;
    (void)pthread_rwlock_unlock(&roster->lock);
    zd_buf_free(&name);
    zd_buf_free(&signer);
}

static bool read_public(zd_public_key *out, zd_view body)
{
    zd_hash hash;
    if (!zd_hash_from_hex(&hash, zd_view_text(field(body, ZD_F_PUBLIC)))) {
        return false;
    }
    memcpy(out->bytes, hash.bytes, sizeof out->bytes);
    return true;
}

static uint64_t size_field(zd_view body, zd_field name)
{
    int64_t value = zd_view_int(field(body, name));
    return value > 0 ? (uint64_t)value : 0;
}

void zd_roster_grant(zd_roster *roster, zd_view body, uint64_t seq, const zd_roster_key *granter)
{
    zd_roster_key key = {.granted_seq = seq, .from_size = granter == NULL ? 0 : seq + 1, .to_size = size_field(body, ZD_F_TO_SIZE)};
    copy(key.name, sizeof key.name, zd_view_text(field(body, ZD_F_KEY_NAME)));
    copy(key.role, sizeof key.role, zd_view_text(field(body, ZD_F_ROLE)));
    copy(key.person, sizeof key.person, zd_view_text(field(body, ZD_F_PERSON)));
    copy(key.unit, sizeof key.unit, zd_view_text(field(body, ZD_F_UNIT)));
    copy(key.party, sizeof key.party, zd_view_text(field(body, ZD_F_PARTY)));
    if (granter != NULL && size_field(body, ZD_F_FROM_SIZE) > 0) {
        key.from_size = size_field(body, ZD_F_FROM_SIZE);
    }
    if (granter != NULL && strcmp(key.role, "lab") == 0 && key.party[0] == '\0') {
        copy(key.party, sizeof key.party, zd_span_text(granter->party)); /* a laboratory speaks for the provider that granted it */
    }
    key.granted_to_size = key.to_size;
    if (read_public(&key.key, body)) {
        add(roster, &key);
    }
}

void zd_roster_revoke(zd_roster *roster, zd_view body, uint64_t seq)
{
    zd_public_key public_key;
    if (!read_public(&public_key, body)) {
        return;
    }
    uint64_t end = size_field(body, ZD_F_TO_SIZE);
    for (size_t i = 0; i < roster->count; i++) {
        if (memcmp(roster->keys[i]->key.bytes, public_key.bytes, sizeof public_key.bytes) == 0) {
            roster->keys[i]->to_size = end > seq + 1 ? end : seq + 1;
        }
    }
}

static void replace(zd_roster *roster, zd_roster_key *old, zd_view body, uint64_t seq, const char *person)
{
    zd_roster_key next = *old;
    if (!read_public(&next.key, body)) {
        return;
    }
    copy(next.person, sizeof next.person, zd_span_text(person));
    bool ended = !zd_roster_valid(old, seq + 1);
    next.from_size = seq + 1;
    next.to_size = ended ? old->granted_to_size : old->to_size;
    next.granted_seq = seq;
    old->to_size = ended ? old->to_size : seq + 1;
    add(roster, &next);
}

void zd_roster_rotate(zd_roster *roster, zd_view body, uint64_t seq, const zd_roster_key *signer)
{
    for (size_t i = 0; i < roster->count; i++) {
        if (roster->keys[i] == signer) {
            replace(roster, roster->keys[i], body, seq, signer->person);
            return;
        }
    }
}

/* Who signs checkpoints and commits can be replaced after it was ended; a root key only while it lives. */
static bool may_be_replaced(const zd_roster_key *key, uint64_t seq)
{
    return zd_roster_valid(key, seq) || strcmp(key->role, "log") == 0 || strcmp(key->role, "git") == 0;
}

void zd_roster_rotate_root(zd_roster *roster, zd_view body, uint64_t seq)
{
    char person[41];
    zd_span name = zd_view_text(field(body, ZD_F_KEY_NAME));
    zd_roster_key *old = NULL;
    copy(person, sizeof person, zd_view_text(field(body, ZD_F_PERSON)));
    for (size_t i = 0; i < roster->count; i++) {
        zd_roster_key *key = roster->keys[i];
        if (zd_span_is(name, key->name) && may_be_replaced(key, seq) && (old == NULL || key->from_size > old->from_size)) {
            old = key;
        }
    }
    if (old != NULL) {
        replace(roster, old, body, seq, person);
    }
}

const zd_roster_key *zd_roster_find(const zd_roster *roster, zd_span signature_name, const uint8_t key_id[4])
{
    zd_buf signer = {0};
    signer_name(&signer, signature_name, key_id);
    size_t number = zd_names_find(&roster->signers, zd_buf_span(&signer));
    zd_buf_free(&signer);
    return number == ZD_NAME_NONE ? NULL : roster->keys[roster->signer_key[number]];
}

bool zd_roster_valid(const zd_roster_key *key, uint64_t place)
{
    return key->from_size <= place && (key->to_size == 0 || place < key->to_size);
}

bool zd_roster_may_publish(const zd_roster *roster, const char *role, const zd_public_key *key, uint64_t size, uint64_t known_size)
{
    bool valid = false;
    bool known = false;
    bool older_lives = false;
    for (size_t i = 0; i < roster->count; i++) {
        const zd_roster_key *row = roster->keys[i];
        if (strcmp(row->role, role) != 0 || row->granted_seq >= size || !zd_roster_valid(row, size)) {
            continue;
        }
        bool same = memcmp(row->key.bytes, key->bytes, sizeof key->bytes) == 0;
        valid = valid || same;
        known = known || (same && row->granted_seq < known_size);
        older_lives = older_lives || row->granted_seq < known_size;
    }
    return valid && (known || !older_lives);
}

const char *zd_roster_party(const zd_roster_key *key)
{
    if (key == NULL) {
        return "genesis";
    }
    return key->party[0] != '\0' ? key->party : key->unit;
}
