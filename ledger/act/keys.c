/*
 * The roster: who may sign what, for which places, from which entry to which. Invariants: a public key enters the roster once, ever (KEYPUB), so it has one
 * purpose and a stolen one cannot come back; two keys of one name never overlap; nobody grants more than it has; root keys, the log key and the git key
 * change only by the threshold of root keys (one root key can end the last two, never name a successor). Intervals are tree sizes [from, to), to = 0 means
 * open; a change is valid after its own leaf.
 */
#include <string.h>

#include "ledger/act/act_int.h"
#include "ledger/record/identifiers.h"

#define BIT(id) (1U << ZD_ROLE(id))

static const uint32_t bureau_roles = BIT(ISSUER) | BIT(REVIEWER) | BIT(ATTESTER) | BIT(SERVICE);
static const uint32_t single_roles = BIT(LOG) | BIT(GIT); /* the log and its commits have one signer at a time */
static const uint32_t finance_roles = BIT(MAKER) | BIT(CHECKER) | BIT(RELEASER) | BIT(ATTESTER);
static const uint32_t party_roles = BIT(PROVIDER) | BIT(HOLDER);
static const uint32_t bound_roles = BIT(PROVIDER) | BIT(HOLDER) | BIT(LAB);
static const uint32_t root_roles = BIT(ROOT) | BIT(FINANCE_ROOT);

static bool in(uint32_t roles, int64_t role)
{
    return (roles >> role & 1U) != 0;
}

static bool refuse(zd_act *act, zd_code code, const char *detail)
{
    (void)zd_act_refuse(act, code, detail);
    return false;
}

static int64_t next_size(const zd_act *act)
{
    return (int64_t)act->seq + 1;
}

static bool overlap(const zd_rec_key *a, const zd_rec_key *b)
{
    bool a_before_b = a->to_size != 0 && a->to_size <= b->from_size;
    bool b_before_a = b->to_size != 0 && b->to_size <= a->from_size;
    bool a_empty = a->to_size != 0 && a->to_size <= a->from_size;
    bool b_empty = b->to_size != 0 && b->to_size <= b->from_size;
    return !a_before_b && !b_before_a && !a_empty && !b_empty;
}

static bool valid_at(const zd_rec_key *key, int64_t size)
{
    return key->from_size <= size && (key->to_size == 0 || size < key->to_size);
}

static zd_rec_key *edit_key(zd_act *act, const zd_rec_key *key)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &key->public_key);
    return zd_book_edit(act->book, ZD_R_KEY, "%s/%s", key->name, hex);
}

void zd_key_wish(zd_rec_key *out, const zd_request *request)
{
    *out = (zd_rec_key){0};
    ZD_SET_TEXT(out->name, zd_req_text(request, ZD_F_KEY_NAME));
    out->public_key = *zd_req_hash(request, ZD_F_PUBLIC);
    ZD_SET_TEXT(out->person, zd_req_text(request, ZD_F_PERSON));
    ZD_SET_TEXT(out->unit, zd_req_text(request, ZD_F_UNIT));
    ZD_SET_TEXT(out->party, zd_req_text(request, ZD_F_PARTY));
    ZD_SET_TEXT(out->jurisdictions, zd_req_text(request, ZD_F_JURISDICTIONS));
    out->role = zd_req_int(request, ZD_F_ROLE);
    out->has_limit = zd_req_has(request, ZD_F_LIMIT_FEN) ? 1 : 0;
    out->limit_fen = zd_req_int(request, ZD_F_LIMIT_FEN);
    out->from_size = zd_req_int(request, ZD_F_FROM_SIZE);
    out->to_size = zd_req_int(request, ZD_F_TO_SIZE);
}

bool zd_key_enrol(zd_act *act, const zd_rec_key *key)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &key->public_key);
    if (zd_book_find(act->book, ZD_R_KEYPUB, "%s", hex) != NULL) {
        return refuse(act, ZD_E_A_EXISTS, "public");
    }
    /* Only the two single roles make the whole roster matter; for the others the name's own keys are enough. */
    bool single = in(single_roles, key->role);
    zd_book_cursor cursor = single ? zd_book_scan(act->book, ZD_R_KEY, "%s", "") : zd_book_scan(act->book, ZD_R_KEY, "%s/", key->name);
    while (zd_book_next(&cursor)) {
        const zd_rec_key *other = cursor.record;
        bool same = strcmp(other->name, key->name) == 0 || (single && other->role == key->role);
        if (same && overlap(other, key)) {
            return refuse(act, ZD_E_A_EXISTS, "key_name");
        }
    }
    zd_rec_key *record = zd_book_add(act->book, ZD_R_KEY, "%s/%s", key->name, hex);
    *record = *key;
    record->granted_seq = (int64_t)act->seq;
    record->granted_to_size = key->to_size;
    zd_rec_keypub *index = zd_book_add(act->book, ZD_R_KEYPUB, "%s", hex);
    ZD_SET_TEXT(index->target, zd_span_text(key->name));
    act->group->roster_changed = true;
    return true;
}

/* --- granting --- */

static bool may_grant(const zd_rec_key *granter, int64_t role)
{
    if (granter->role == ZD_ROLE(ROOT)) {
        return in(bureau_roles | party_roles, role);
    }
    if (granter->role == ZD_ROLE(FINANCE_ROOT)) {
        return in(finance_roles, role);
    }
    if (granter->role == ZD_ROLE(ISSUER)) {
        return in(party_roles, role);
    }
    return granter->role == ZD_ROLE(PROVIDER) && role == ZD_ROLE(LAB);
}

/* "<family>/<party>" itself, or below it. */
static bool name_belongs(const char *name, const char *family, const char *party, bool below_only)
{
    char prefix[101];
    size_t size = strlen(family) + 1 + strlen(party);
    zd_format(prefix, sizeof prefix, "%s/%s", family, party);
    if (strncmp(name, prefix, size) != 0) {
        return false;
    }
    return name[size] == '/' || (name[size] == '\0' && !below_only);
}

/* The name says whose key it is, in every signature line: nobody gets a name of somebody else's family. */
static bool name_fits(const zd_rec_key *key)
{
    if (key->role == ZD_ROLE(HOLDER)) {
        return name_belongs(key->name, "holder", key->party, false);
    }
    if (in(BIT(PROVIDER) | BIT(LAB), key->role)) {
        return name_belongs(key->name, "provider", key->party, key->role == ZD_ROLE(LAB));
    }
    zd_span family;
    (void)zd_span_cut(&family, zd_span_text(key->name), '/');
    return !zd_span_is(family, "holder") && !zd_span_is(family, "provider");
}

/* A party is registered before anybody speaks for it; an issuer enrols holders of its own place only. */
static bool check_party(zd_act *act, const zd_rec_key *wish)
{
    if (!in(bound_roles, wish->role)) {
        return wish->party[0] == '\0' || refuse(act, ZD_E_A_MISMATCH, "party");
    }
    if (wish->party[0] == '\0') {
        return refuse(act, ZD_E_A_MISMATCH, "party");
    }
    if (wish->role == ZD_ROLE(HOLDER)) {
        const zd_rec_holder *holder = zd_book_find(act->book, ZD_R_HOLDER, "%s", wish->party);
        return holder != NULL ? zd_act_has_authority(act, holder->jurisdiction, 0) : refuse(act, ZD_E_A_ABSENT, "party");
    }
    if (zd_book_find(act->book, ZD_R_PROVIDER, "%s", wish->party) == NULL) {
        return refuse(act, ZD_E_A_ABSENT, "party");
    }
    return zd_act_speaks_for(act, zd_span_text(wish->party));
}

/* Places: what an officer has not, it cannot give. A party's key is bound by its party, not by places: an issuer may give it any. */
static bool check_places(zd_act *act, zd_rec_key *wish)
{
    bool bounded = !in(party_roles, wish->role);
    if (wish->jurisdictions[0] == '\0') {
        zd_format(wish->jurisdictions, sizeof wish->jurisdictions, "%s", bounded ? act->signer->jurisdictions : "all");
        return true;
    }
    zd_span rest = zd_span_text(wish->jurisdictions);
    while (rest.size > 0) {
        zd_span place;
        rest = zd_span_cut(&place, rest, ',');
        if (!zd_span_is(place, "all") && !zd_region_is_shaped(place)) {
            return refuse(act, ZD_E_A_MISMATCH, "jurisdictions");
        }
        if (bounded && !zd_tags_has(zd_span_text(act->signer->jurisdictions), place)) {
            return refuse(act, ZD_E_A_GRANT, "jurisdictions");
        }
    }
    return true;
}

static bool check_limit(zd_act *act, zd_rec_key *wish)
{
    const zd_rec_key *granter = act->signer;
    if (granter->has_limit == 0) {
        return true;
    }
    if (wish->has_limit == 0) {
        wish->has_limit = 1;
        wish->limit_fen = granter->limit_fen;
    }
    return wish->limit_fen <= granter->limit_fen || refuse(act, ZD_E_A_GRANT, "limit_fen");
}

static bool check_interval(zd_act *act, zd_rec_key *wish)
{
    if (!zd_req_has(act->request, ZD_F_FROM_SIZE)) {
        wish->from_size = next_size(act);
    }
    if (wish->from_size < next_size(act)) {
        return refuse(act, ZD_E_A_GRANT, "from_size");
    }
    bool ends = zd_req_has(act->request, ZD_F_TO_SIZE);
    return !ends || wish->to_size > wish->from_size || refuse(act, ZD_E_A_GRANT, "to_size");
}

zd_status zd_act_key_grant(zd_act *act, zd_error *err)
{
    (void)err;
    zd_rec_key wish;
    zd_key_wish(&wish, act->request);
    if (wish.role == ZD_ROLE(LAB) && wish.party[0] == '\0') {
        ZD_SET_TEXT(wish.party, zd_span_text(act->signer->party));
    }
    if (!may_grant(act->signer, wish.role)) {
        return zd_act_refuse(act, ZD_E_A_GRANT, "role");
    }
    if (!check_party(act, &wish) || !check_places(act, &wish) || !check_limit(act, &wish) || !check_interval(act, &wish)) {
        return ZD_OK;
    }
    if (!name_fits(&wish)) {
        return zd_act_refuse(act, ZD_E_A_GRANT, "key_name");
    }
    ZD_SET_TEXT(wish.granted_by, zd_span_text(act->signer->name));
    (void)zd_key_enrol(act, &wish);
    return ZD_OK;
}

/* --- ending --- */

/* An attester belongs to whoever granted it: the bureau's root (or the genesis), or finance's. */
static bool granted_by_finance(zd_act *act, const zd_rec_key *key)
{
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_KEY, "%s/", key->granted_by);
    while (zd_book_next(&cursor)) {
        const zd_rec_key *granter = cursor.record;
        if (strcmp(granter->name, key->granted_by) == 0) {
            return granter->role == ZD_ROLE(FINANCE_ROOT);
        }
    }
    return false;
}

static bool may_revoke(zd_act *act, const zd_rec_key *target)
{
    const zd_rec_key *signer = act->signer;
    if (signer->role == ZD_ROLE(PROVIDER)) {
        return in(BIT(PROVIDER) | BIT(LAB), target->role) && strcmp(signer->party, target->party) == 0;
    }
    if (signer->role == ZD_ROLE(HOLDER)) {
        return target->role == ZD_ROLE(HOLDER) && strcmp(signer->party, target->party) == 0;
    }
    if (in(root_roles, target->role)) {
        return false;
    }
    if (target->role == ZD_ROLE(ATTESTER)) {
        return signer->role == (granted_by_finance(act, target) ? ZD_ROLE(FINANCE_ROOT) : ZD_ROLE(ROOT));
    }
    if (signer->role == ZD_ROLE(FINANCE_ROOT)) {
        return in(finance_roles, target->role);
    }
    return in(bound_roles, target->role) || (signer->role == ZD_ROLE(ROOT) && in(bureau_roles | single_roles, target->role));
}

static const char *place_of(zd_act *act, const zd_rec_key *key)
{
    const zd_rec_holder *holder = key->role == ZD_ROLE(HOLDER) ? zd_book_find(act->book, ZD_R_HOLDER, "%s", key->party) : NULL;
    return holder != NULL ? holder->jurisdiction : "";
}

zd_status zd_act_key_revoke(zd_act *act, zd_error *err)
{
    (void)err;
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, zd_req_hash(act->request, ZD_F_PUBLIC));
    const zd_rec_key *target = zd_book_find(act->book, ZD_R_KEY, "%s/%s", zd_act_text(act, ZD_F_KEY_NAME), hex);
    if (target == NULL) {
        return zd_act_refuse(act, ZD_E_A_ABSENT, "key");
    }
    if (!may_revoke(act, target)) {
        return zd_act_refuse(act, ZD_E_A_GRANT, "role");
    }
    bool own = act->signer->party[0] != '\0'; /* a party needs no place to end its own keys */
    if (!own && !zd_act_has_authority(act, place_of(act, target), 0)) {
        return ZD_OK;
    }
    int64_t end = zd_req_int(act->request, ZD_F_TO_SIZE);
    end = end > next_size(act) ? end : next_size(act);
    if (target->to_size != 0 && target->to_size <= end) {
        return zd_act_refuse(act, ZD_E_A_STATE, "ended");
    }
    zd_rec_key *key = edit_key(act, target);
    key->to_size = end;
    key->revoked_seq = (int64_t)act->seq;
    key->reason = zd_req_int(act->request, ZD_F_REASON);
    act->group->roster_changed = true;
    return ZD_OK;
}

/* Ends `old` after this leaf, unless it has ended already, and opens its successor with the same authority. */
static bool replace(zd_act *act, const zd_rec_key *old, zd_rec_key *next)
{
    bool ended = !valid_at(old, next_size(act));
    next->from_size = next_size(act);
    next->to_size = ended ? old->granted_to_size : old->to_size;
    next->revoked_seq = 0;
    next->reason = 0;
    if (next->to_size != 0 && next->to_size <= next->from_size) {
        return refuse(act, ZD_E_A_GRANT, "to_size");
    }
    if (!ended) {
        zd_rec_key *closing = edit_key(act, old);
        closing->to_size = next_size(act);
        closing->revoked_seq = (int64_t)act->seq;
        closing->reason = zd_req_has(act->request, ZD_F_REASON) ? zd_req_int(act->request, ZD_F_REASON) : ZD_REASON(RETIRED);
    }
    return zd_key_enrol(act, next);
}

zd_status zd_act_key_rotate(zd_act *act, zd_error *err)
{
    (void)err;
    if (act->signer->role == ZD_ROLE(ROOT)) {
        return zd_act_refuse(act, ZD_E_A_GRANT, "role");
    }
    zd_rec_key next = *act->signer;
    next.public_key = *zd_req_hash(act->request, ZD_F_PUBLIC);
    (void)replace(act, act->signer, &next);
    return ZD_OK;
}

/* Of two keys of one name, the one that ends later; both have intervals that do not overlap. */
static bool is_later(const zd_rec_key *key, const zd_rec_key *than)
{
    return than == NULL || key->from_size > than->from_size;
}

/*
 * The key of that name that the roots replace: a root key that is valid now, with nobody else's root key in the new person's hands; or the log's or the
 * repository's newest, which may have been ended in haste.
 */
static const zd_rec_key *key_to_replace(zd_act *act, const char *name, zd_span person)
{
    const zd_rec_key *found = NULL;
    bool twice = false;
    zd_book_cursor cursor = zd_book_scan(act->book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        bool named = strcmp(key->name, name) == 0;
        bool lives = valid_at(key, (int64_t)act->seq);
        if (named && is_later(key, found) && (in(single_roles, key->role) || (in(root_roles, key->role) && lives))) {
            found = key;
        }
        twice = twice || (!named && lives && key->role == ZD_ROLE(ROOT) && zd_span_is(person, key->person));
    }
    if (found == NULL) {
        (void)zd_act_refuse(act, ZD_E_A_ABSENT, "key");
    } else if (twice && in(root_roles, found->role)) {
        (void)zd_act_refuse(act, ZD_E_R46, "person");
    }
    return zd_act_refused(act) ? NULL : found;
}

zd_status zd_act_root_rotate(zd_act *act, zd_error *err)
{
    (void)err;
    zd_span person = zd_req_text(act->request, ZD_F_PERSON);
    const zd_rec_key *old = key_to_replace(act, zd_act_text(act, ZD_F_KEY_NAME), person);
    if (old == NULL) {
        return ZD_OK;
    }
    zd_rec_key next = *old;
    next.public_key = *zd_req_hash(act->request, ZD_F_PUBLIC);
    ZD_SET_TEXT(next.person, person);
    (void)replace(act, old, &next);
    return ZD_OK;
}
