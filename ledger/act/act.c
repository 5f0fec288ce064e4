/*
 * Admission: what must hold before a request is decided at all. Everything here answers with an error and leaves no trace; what passes goes to
 * act_run.c and always becomes a leaf. See act.h.
 */
#include "ledger/act/act.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/act/act_state.h"
#include "ledger/base/clock.h"

#define EXPIRES_MAX_MS (30 * ZD_DAY_MS) /* design note 3: a note that lay in a drawer dies */

zd_acts *zd_acts_new(zd_book *book)
{
    zd_acts *acts = zd_alloc_zero(1, sizeof *acts);
    acts->book = book;
    return acts;
}

void zd_acts_free(zd_acts *acts)
{
    if (acts != NULL) {
        zd_acts_free_texts(acts);
        zd_acts_forget_policies(acts);
        free(acts->items);
        free(acts);
    }
}

zd_book *zd_acts_book(zd_acts *acts)
{
    return acts->book;
}

void zd_group_free(zd_group *group)
{
    for (size_t i = 0; i < group->count; i++) {
        zd_decision_free(&group->decisions[i]);
    }
    free(group->decisions);
    *group = (zd_group){0};
}

static zd_status key_unknown(zd_error *err, zd_span name)
{
    zd_status status = zd_fail(err, ZD_E_KEY_UNKNOWN, "not on the roster");
    zd_error_field(err, "key", name);
    return status;
}

zd_status zd_acts_signer(const zd_rec_key **out, zd_acts *acts, zd_span signature_name, const uint8_t key_id[4], zd_error *err)
{
    const zd_rec_ledger *ledger = zd_book_find(acts->book, ZD_R_LEDGER, "%s", "");
    zd_span origin;
    zd_span rest = zd_span_cut(&origin, signature_name, '/');
    char name[101];
    if (ledger == NULL || !zd_span_is(origin, ledger->origin) || !zd_span_copy(name, sizeof name, rest) || name[0] == '\0') {
        zd_status status = zd_book_trouble(acts->book, err);
        return status != ZD_OK ? status : key_unknown(err, signature_name);
    }
    zd_book_cursor cursor = zd_book_scan(acts->book, ZD_R_KEY, "%s/", name);
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        zd_public_key public_key;
        uint8_t id[4];
        memcpy(public_key.bytes, key->public_key.bytes, sizeof public_key.bytes);
        zd_note_key_id(id, signature_name, ZD_NOTE_TYPE_ED25519, &public_key);
        if (strcmp(key->name, name) == 0 && memcmp(id, key_id, sizeof id) == 0) {
            *out = key;
            return ZD_OK;
        }
    }
    zd_status status = zd_book_trouble(acts->book, err);
    return status != ZD_OK ? status : key_unknown(err, signature_name);
}

zd_status zd_acts_genesis_key(zd_public_key *out, zd_span text, zd_span signature_name, const uint8_t key_id[4], zd_error *err)
{
    zd_request genesis;
    zd_request item;
    zd_span origin;
    zd_span name = zd_span_cut(&origin, signature_name, '/');
    bool found = false;
    zd_status status = zd_request_parse(&genesis, text, err);
    if (status != ZD_OK) {
        return status;
    }
    bool is_genesis = genesis.type == ZD_REQ_GENESIS && zd_span_equal(genesis.ledger, origin);
    for (size_t i = 0; is_genesis && i < genesis.item_count && status == ZD_OK && !found; i++) {
        uint8_t id[4];
        status = zd_request_item(&item, &genesis, i, err);
        if (status == ZD_OK && zd_req_int(&item, ZD_F_ROLE) == ZD_ROLE(ROOT) && zd_span_equal(zd_req_text(&item, ZD_F_KEY_NAME), name)) {
            memcpy(out->bytes, zd_req_hash(&item, ZD_F_PUBLIC)->bytes, sizeof out->bytes);
            zd_note_key_id(id, signature_name, ZD_NOTE_TYPE_ED25519, out);
            found = memcmp(id, key_id, sizeof id) == 0;
        }
    }
    zd_request_free(&genesis);
    return status != ZD_OK ? status : found ? ZD_OK : key_unknown(err, signature_name);
}

static zd_status admit_key(const zd_request *request, const zd_incoming *in, zd_error *err)
{
    const zd_rec_key *key = in->signer;
    int64_t seq = (int64_t)in->seq;
    if (seq < key->from_size || (key->to_size != 0 && seq >= key->to_size)) {
        zd_status status = zd_fail(err, ZD_E_KEY_INTERVAL, "valid for entries [%lld, %lld), this is entry %lld", (long long)key->from_size,
                                   (long long)key->to_size, (long long)seq);
        zd_error_field(err, "key", zd_span_text(key->name));
        return status;
    }
    bool never = key->role == ZD_ROLE(LOG) || key->role == ZD_ROLE(GIT);
    if (never || (zd_request_roles(request->type) >> key->role & 1U) == 0) {
        zd_status status = zd_fail(err, ZD_E_KEY_ROLE, "%s may not sign %s", zd_word_text(ZD_F_ROLE, key->role), zd_request_name(request->type));
        zd_error_field(err, "key", zd_span_text(key->name));
        return status;
    }
    return ZD_OK;
}

static zd_status admit_time(const zd_request *request, const zd_incoming *in, zd_error *err)
{
    if (request->expires_unix_ms <= in->at_unix_ms || request->expires_unix_ms > in->at_unix_ms + EXPIRES_MAX_MS) {
        char at[ZD_TIME_TEXT];
        char expires[ZD_TIME_TEXT];
        zd_time_text(at, in->at_unix_ms);
        zd_time_text(expires, request->expires_unix_ms);
        zd_status status = zd_fail(err, ZD_E_NOTE_EXPIRED, "the ledger's time is %s", at);
        zd_error_field(err, "expires", zd_span_text(expires));
        return status;
    }
    return ZD_OK;
}

/* The same text again gets its first answer; another text under the same id is a conflict. */
static zd_status admit_id(zd_group *group, zd_acts *acts, const zd_request *request, const zd_incoming *in, zd_error *err)
{
    char id[ZD_ID_SIZE];
    zd_act_set_text(id, sizeof id, request->id);
    const zd_rec_req *earlier = zd_book_find(acts->book, ZD_R_REQ, "%s/%s", zd_request_party(in->signer), id);
    if (earlier == NULL) {
        return ZD_OK;
    }
    if (!zd_hash_equal(&earlier->content, &request->text_sha256)) {
        zd_status status = zd_fail(err, ZD_E_REQUEST_CONFLICT, "entry %lld used it first", (long long)earlier->seq);
        zd_error_field(err, "id", request->id);
        return status;
    }
    group->replay = true;
    group->first_seq = (uint64_t)earlier->seq;
    group->first_outcome = (zd_outcome)earlier->outcome;
    zd_format(group->first_code, sizeof group->first_code, "%s", earlier->code);
    return ZD_OK;
}

/* A party that is refused again and again is asked to wait: refusals are leaves, and leaves are for ever. */
static zd_status admit_rate(zd_acts *acts, const zd_incoming *in, zd_error *err)
{
    zd_act probe = {.acts = acts, .book = acts->book, .today_day = zd_day_of(in->at_unix_ms, ZD_ZONE_SHANGHAI_MS)};
    const zd_policy *policy = zd_act_policy_now(&probe);
    const zd_rec_counter *counter =
        zd_book_find(acts->book, ZD_R_COUNTER, "refused/%s/%lld", zd_request_party(in->signer), (long long)probe.today_day);
    if (policy != NULL && counter != NULL && counter->value >= zd_policy_int(policy, ZD_P_REFUSALS)) {
        return zd_fail(err, ZD_E_PARTY_REFUSALS, "%lld refusals today", (long long)counter->value);
    }
    return ZD_OK;
}

static zd_status admit(zd_group *group, zd_acts *acts, const zd_request *request, const zd_incoming *in, zd_error *err)
{
    const zd_rec_ledger *ledger = zd_book_find(acts->book, ZD_R_LEDGER, "%s", "");
    if (request->type == ZD_REQ_GENESIS) {
        return ledger == NULL && in->seq == 0 ? admit_time(request, in, err) : zd_fail(err, ZD_E_LEDGER_EXISTS, "there is a genesis already");
    }
    if (ledger == NULL || in->signer == NULL) {
        return zd_fail(err, ZD_E_KEY_UNKNOWN, "the first entry must be the genesis");
    }
    if (!zd_span_is(request->ledger, ledger->origin)) {
        zd_status status = zd_fail(err, ZD_E_NOTE_ORIGIN, "this ledger is %s", ledger->origin);
        zd_error_field(err, "ledger", request->ledger);
        return status;
    }
    zd_status status = admit_id(group, acts, request, in, err);
    if (status != ZD_OK || group->replay) {
        return status;
    }
    status = admit_time(request, in, err);
    if (status == ZD_OK) {
        status = admit_key(request, in, err);
    }
    return status == ZD_OK ? admit_rate(acts, in, err) : status;
}

zd_status zd_acts_submit(zd_group *group, zd_acts *acts, const zd_incoming *in, zd_error *err)
{
    zd_request own; /* large: set only when it is used */
    const zd_request *request = in->request != NULL ? in->request : &own;
    *group = (zd_group){0};
    zd_status status = in->request != NULL ? ZD_OK : zd_request_parse(&own, in->text, err);
    if (status != ZD_OK) {
        return status;
    }
    group->type = request->type;
    status = admit(group, acts, request, in, err);
    if (status == ZD_OK) {
        status = zd_book_trouble(acts->book, err);
    }
    if (status == ZD_OK && !group->replay) {
        size_t first = zd_group_add(group, in->seq, in->at_unix_ms);
        group->decisions[first].note_sha256 = request->text_sha256;
        status = zd_act_run_request(acts, group, request, in, err);
    }
    zd_acts_forget_texts(acts);
    if (request == &own) {
        zd_request_free(&own);
    }
    if (status != ZD_OK) {
        zd_group_free(group);
    }
    return status;
}
