/*
 * The first entry: it names the ledger, the threshold of its root and the first keys. Everything later is signed by a key that one of these
 * granted. The frame has verified the signature against a root key that the genesis itself contains; nobody can vouch for a beginning, which is why the
 * verifier wants its hash from elsewhere.
 */
#include <string.h>

#include "ledger/act/act_int.h"

/* An origin is a host name: it stands in front of every key name, so it can hold neither '/' nor blanks. */
static bool is_origin(zd_span origin)
{
    for (size_t i = 0; i < origin.size; i++) {
        uint8_t c = origin.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) {
            return false;
        }
    }
    return origin.size > 0 && origin.size < sizeof ((zd_rec_ledger *)NULL)->origin;
}

/* Officers of finance are finance's to grant, parties are registered first: neither can be part of the beginning. */
static bool may_begin_with(const zd_rec_key *key)
{
    const uint32_t roles = 1U << ZD_ROLE(ROOT) | 1U << ZD_ROLE(FINANCE_ROOT) | 1U << ZD_ROLE(LOG) | 1U << ZD_ROLE(GIT) | 1U << ZD_ROLE(SERVICE) |
                           1U << ZD_ROLE(ISSUER) | 1U << ZD_ROLE(REVIEWER) | 1U << ZD_ROLE(ATTESTER);
    return (roles >> key->role & 1U) != 0 && key->party[0] == '\0';
}

/* Two root keys of one person would make the threshold a fiction. */
static bool is_new_root_person(zd_act *act, const zd_rec_key *wish)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        if (key->role == ZD_ROLE(ROOT) && strcmp(key->person, wish->person) == 0) {
            return false;
        }
    }
    return true;
}

static zd_status add_key(zd_act *act, int64_t counts[], size_t index, zd_error *err)
{
    zd_request item;
    zd_status status = zd_request_item(&item, act->request, index, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_rec_key wish;
    zd_key_wish(&wish, &item);
    wish.from_size = 0;
    bool root = wish.role == ZD_ROLE(ROOT) || wish.role == ZD_ROLE(FINANCE_ROOT);
    if (root && wish.jurisdictions[0] == '\0') {
        zd_format(wish.jurisdictions, sizeof wish.jurisdictions, "all");
    }
    zd_format(wish.granted_by, sizeof wish.granted_by, "genesis");
    if (!may_begin_with(&wish)) {
        return zd_act_refuse(act, ZD_E_A_GRANT, "role");
    }
    if (wish.role == ZD_ROLE(ROOT) && !is_new_root_person(act, &wish)) {
        return zd_act_refuse(act, ZD_E_R46, "person");
    }
    if (zd_key_enrol(act, &wish)) {
        counts[wish.role]++;
    }
    return ZD_OK;
}

static const char *what_is_missing(const int64_t counts[], int64_t threshold)
{
    if (counts[ZD_ROLE(ROOT)] < threshold) {
        return "root";
    }
    if (counts[ZD_ROLE(FINANCE_ROOT)] < 1) {
        return "finance-root";
    }
    if (counts[ZD_ROLE(LOG)] != 1) {
        return "log";
    }
    if (counts[ZD_ROLE(GIT)] != 1) {
        return "git";
    }
    return counts[ZD_ROLE(SERVICE)] != 1 ? "service" : NULL;
}

zd_status zd_act_genesis(zd_act *act, zd_error *err)
{
    int64_t counts[ZD_ROLE(HOLDER) + 1] = {0};
    if (!is_origin(act->request->ledger)) {
        zd_status status = zd_fail(err, ZD_E_FIELD_INVALID, "a host name in lower case, at most 63 characters");
        zd_error_field(err, "ledger", act->request->ledger);
        return status;
    }
    if (zd_book_find(act->book, ZD_R_LEDGER, "%s", "") != NULL) {
        return zd_act_refuse(act, ZD_E_A_EXISTS, "ledger");
    }
    for (size_t i = 0; i < act->request->item_count; i++) {
        zd_status status = add_key(act, counts, i, err);
        if (status != ZD_OK || zd_act_refused(act)) {
            return status;
        }
    }
    int64_t threshold = zd_req_int(act->request, ZD_F_THRESHOLD);
    const char *missing = what_is_missing(counts, threshold);
    if (missing != NULL) {
        return zd_act_refuse(act, ZD_E_A_MISMATCH, missing);
    }
    zd_rec_ledger *ledger = zd_book_add(act->book, ZD_R_LEDGER, "%s", "");
    ZD_SET_TEXT(ledger->origin, act->request->ledger);
    ledger->genesis = act->request->text_sha256;
    ledger->genesis_seq = (int64_t)act->seq;
    ledger->threshold = threshold;
    ledger->root_count = counts[ZD_ROLE(ROOT)];
    act->group->roster_changed = true;
    return ZD_OK;
}
