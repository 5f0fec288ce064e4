/*
 * The roster through the front door: beginnings, grants, intervals, revocation, rotation. What a user would miss: a deputy that acts a day too long, a
 * laboratory that grants itself more, a stolen key that comes back, one person holding two halves of the root.
 */
#include "tests/support/scene.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

/* A public key of our own making: 64 hex digits ending in n. */
static const char *public_key(unsigned n)
{
    static char hex[8][ZD_HASH_HEX];
    char *slot = hex[n % 8];
    zd_format(slot, ZD_HASH_HEX, "aa%062u", n);
    return slot;
}

static const zd_rec_key *find_key(zd_scene *scene, const char *name, const char *public)
{
    return zd_book_find(scene->book, ZD_R_KEY, "%s/%s", name, public);
}

#define GRANT "\"key_name\":\"%s\",\"public\":\"%s\",\"person\":\"%s\",\"unit\":\"u\",\"role\":\"%s\"%s"

static void genesis_with(const char *items, const char *expected_code, int threshold)
{
    zd_scene scene = {.book = zd_book_new(NULL), .now_unix_ms = 1772416800000};
    scene.acts = zd_acts_new(scene.book);
    assert_ok(zd_scene_submit(&scene, NULL, "genesis", err, "\"threshold\":%d,\"items\":[%s]", threshold, items));
    assert_string_equal(zd_scene_code(&scene), expected_code);
    const bool made = zd_book_find(scene.book, ZD_R_LEDGER, "%s", "") != NULL;
    assert_int_equal(made, expected_code[0] == '\0');
    zd_group_free(&scene.last);
    zd_acts_free(scene.acts);
    zd_book_free(scene.book);
}

#define KEY(n, role, person) "{\"id\":\"k" n "\",\"key_name\":\"k" n "\",\"public\":\"" PUB n "\",\"person\":\"" person "\",\"unit\":\"u\",\"role\":\"" role "\"}"
#define PUB "00000000000000000000000000000000000000000000000000000000000000"
#define REST "," KEY("03", "finance-root", "f") "," KEY("04", "log", "o") "," KEY("05", "git", "o") "," KEY("06", "service", "o")

static void genesis__complete_beginning_is_accepted(void **state)
{
    (void)state;
    genesis_with(KEY("01", "root", "a") "," KEY("02", "root", "b") REST, "", 2);
}

static void genesis__incomplete_or_dishonest_beginnings_are_refused(void **state)
{
    (void)state;
    genesis_with(KEY("01", "root", "a") REST, "A07", 2);                                                        /* threshold not reachable */
    genesis_with(KEY("01", "root", "a") "," KEY("02", "root", "a") REST, "R46", 2);                             /* one person twice */
    genesis_with(KEY("01", "root", "a") "," KEY("01", "root", "b") REST, "A02", 1);                             /* one key twice */
    genesis_with(KEY("01", "root", "a") "," KEY("04", "log", "o") "," KEY("05", "git", "o") "," KEY("06", "service", "o"), "A07", 1);
    genesis_with(KEY("01", "root", "a") REST "," KEY("07", "log", "o"), "A02", 1);                              /* two logs */
    genesis_with(KEY("01", "root", "a") REST "," KEY("07", "maker", "m"), "A05", 1);                            /* finance grants its own */
    genesis_with(KEY("01", "root", "a") REST "," KEY("07", "provider", "m"), "A05", 1);
}

static void grant__interval_begins_after_its_own_leaf_and_never_earlier(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    int64_t seq = (int64_t)scene->seq;
    scene_accepted(scene, "root-1", "key.grant", GRANT, "issuer-9", public_key(1), "p9", "issuer", "");
    const zd_rec_key *key = find_key(scene, "issuer-9", public_key(1));
    assert_int_equal(key->from_size, seq + 1);
    assert_int_equal(key->to_size, 0);
    assert_string_equal(key->granted_by, "root-1");
    assert_true(scene->last.roster_changed);
    scene_refused(scene, "root-1", "key.grant", "A05", GRANT ",\"from_size\":%lld", "issuer-10", public_key(2), "p10", "issuer", "", (long long)scene->seq);
    scene_refused(scene, "root-1", "key.grant", "A05", GRANT ",\"from_size\":900,\"to_size\":900", "issuer-10", public_key(2), "p10", "issuer", "");
    assert_null(find_key(scene, "issuer-10", public_key(2)));
    zd_scene_free(scene);
}

/* Scenario 7. */
static void deputy__acts_only_inside_its_tree_sizes(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    assert_true(scene->seq < 90);
    scene_accepted(scene, "finance-root", "key.grant", GRANT ",\"from_size\":100,\"to_size\":200", "maker-deputy", public_key(1), "p-deputy", "maker", "");
    const char *fields = "\"pool\":\"330602-2026-E\",\"amount_fen\":100,\"document\":\"d\"";
    scene->seq = 99;
    assert_code(zd_scene_submit(scene, "maker-deputy", "pool.appropriate", err, "%s", fields), ZD_E_KEY_INTERVAL);
    scene->seq = 100;
    scene_accepted(scene, "maker-deputy", "pool.appropriate", "%s", fields);
    scene->seq = 199;
    scene_accepted(scene, "maker-deputy", "pool.appropriate", "%s", fields);
    assert_int_equal(scene->seq, 200);
    assert_code(zd_scene_submit(scene, "maker-deputy", "pool.appropriate", err, "%s", fields), ZD_E_KEY_INTERVAL);
    assert_int_equal(zd_scene_balance(scene, "2000/330602-2026-E"), 100000200);
    zd_scene_free(scene);
}

static void grant__nobody_grants_outside_its_family(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "root-1", "key.grant", "A05", GRANT, "root-9", public_key(1), "p", "root", "");
    scene_refused(scene, "root-1", "key.grant", "A05", GRANT, "maker-9", public_key(1), "p", "maker", "");
    scene_refused(scene, "finance-root", "key.grant", "A05", GRANT, "issuer-9", public_key(1), "p", "issuer", "");
    scene_refused(scene, "issuer-1", "key.grant", "A05", GRANT, "issuer-9", public_key(1), "p", "issuer", "");
    scene_refused(scene, "issuer-1", "key.grant", "A05", GRANT, "provider/" P1 "/lab-4", public_key(1), "p", "lab", ",\"party\":\"" P1 "\"");
    scene_refused(scene, "provider/" P1, "key.grant", "A05", GRANT, "provider/" P1 "/b", public_key(1), "p", "provider", ",\"party\":\"" P1 "\"");
    scene_accepted(scene, "finance-root", "key.grant", GRANT, "bank", public_key(1), "p", "attester", "");
    assert_code(zd_scene_submit(scene, "holder/" H1, "key.grant", err, GRANT, "x", public_key(2), "p", "holder", ""), ZD_E_KEY_ROLE);
    zd_scene_free(scene);
}

static void grant__laboratory_is_bound_to_its_provider(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *own = "provider/" P1;
    scene_refused(scene, own, "key.grant", "A05", GRANT, "provider/" P2 "/lab-1", public_key(1), "p", "lab", ",\"party\":\"" P2 "\"");
    scene_refused(scene, own, "key.grant", "A05", GRANT, "provider/" P2 "/lab-1", public_key(1), "p", "lab", "");
    scene_refused(scene, own, "key.grant", "A05", GRANT, "maker-x", public_key(1), "p", "lab", "");
    scene_accepted(scene, own, "key.grant", GRANT, "provider/" P1 "/lab-4", public_key(1), "p", "lab", "");
    assert_string_equal(find_key(scene, "provider/" P1 "/lab-4", public_key(1))->party, P1);
    zd_scene_free(scene);
}

static void grant__party_must_be_registered_and_name_its_family(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "issuer-1", "key.grant", "A03", GRANT, "holder/E-9", public_key(1), "p", "holder", ",\"party\":\"E-9\"");
    scene_refused(scene, "issuer-1", "key.grant", "A03", GRANT, "provider/E-9", public_key(1), "p", "provider", ",\"party\":\"E-9\"");
    scene_refused(scene, "issuer-1", "key.grant", "A07", GRANT, "holder/" H81, public_key(1), "p", "holder", "");
    scene_refused(scene, "issuer-1", "key.grant", "A05", GRANT, "holder/" H1, public_key(1), "p", "holder", ",\"party\":\"" H81 "\"");
    scene_refused(scene, "root-1", "key.grant", "A05", GRANT, "holder/" H1, public_key(1), "p", "issuer", "");
    scene_refused(scene, "root-1", "key.grant", "A07", GRANT, "issuer-9", public_key(1), "p", "issuer", ",\"party\":\"" H81 "\"");
    scene_accepted(scene, "issuer-1", "key.grant", GRANT, "holder/" H81, public_key(1), "p", "holder", ",\"party\":\"" H81 "\"");
    /* A second, offline key of the same party has a name of its own. */
    scene_accepted(scene, "issuer-1", "key.grant", GRANT, "holder/" H81 "/offline", public_key(2), "p", "holder", ",\"party\":\"" H81 "\"");
    zd_scene_free(scene);
}

static void grant__places_and_limit_never_exceed_the_granter(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "root-1", "key.grant", GRANT, "issuer-81", public_key(1), "p81", "issuer", ",\"jurisdictions\":\"330681\"");
    scene_refused(scene, "issuer-81", "key.grant", "R46", GRANT, "holder/" H1 "/2", public_key(2), "p", "holder", ",\"party\":\"" H1 "\"");
    scene_accepted(scene, "issuer-81", "key.grant", GRANT, "holder/" H81, public_key(2), "p", "holder", ",\"party\":\"" H81 "\"");
    scene_refused(scene, "root-1", "key.grant", "A07", GRANT, "issuer-x", public_key(3), "p", "issuer", ",\"jurisdictions\":\"33068\"");
    const char *root = "issuer-1";
    scene_accepted(scene, root, "key.grant", GRANT, "provider/" P2 "/second", public_key(3), "p", "provider", ",\"party\":\"" P2 "\",\"jurisdictions\":\"330602\",\"limit_fen\":500");
    const char *limited = "provider/" P2 "/second";
    scene_refused(scene, limited, "key.grant", "A05", GRANT, "provider/" P2 "/lab-1", public_key(4), "p", "lab", ",\"jurisdictions\":\"330602,330681\"");
    scene_refused(scene, limited, "key.grant", "A05", GRANT, "provider/" P2 "/lab-1", public_key(4), "p", "lab", ",\"limit_fen\":501");
    scene_accepted(scene, limited, "key.grant", GRANT, "provider/" P2 "/lab-1", public_key(4), "p", "lab", "");
    const zd_rec_key *lab = find_key(scene, "provider/" P2 "/lab-1", public_key(4));
    assert_string_equal(lab->jurisdictions, "330602");
    assert_int_equal(lab->has_limit, 1);
    assert_int_equal(lab->limit_fen, 500);
    zd_scene_free(scene);
}

static void grant__public_key_and_name_have_one_purpose(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_accepted(scene, "root-1", "key.grant", GRANT, "issuer-9", public_key(1), "p", "issuer", "");
    scene_refused(scene, "root-1", "key.grant", "A02", GRANT, "reviewer-9", public_key(1), "p", "reviewer", "");
    scene_refused(scene, "finance-root", "key.grant", "A02", GRANT, "maker-9", public_key(1), "p", "maker", "");
    scene_refused(scene, "root-1", "key.grant", "A02", GRANT, "issuer-9", public_key(2), "p", "issuer", "");
    /* After its end the name is free again; the public key never is: what was stolen stays out. */
    scene_accepted(scene, "root-1", "key.revoke", "\"key_name\":\"issuer-9\",\"public\":\"%s\",\"reason\":\"stolen\"", public_key(1));
    scene_refused(scene, "root-1", "key.grant", "A02", GRANT, "issuer-9", public_key(1), "p", "issuer", "");
    scene_accepted(scene, "root-1", "key.grant", GRANT, "issuer-9", public_key(2), "p", "issuer", "");
    zd_scene_free(scene);
}

#define REPLACE "\"key_name\":\"%s\",\"public\":\"%s\",\"person\":\"p-machine\",\"reason\":\"%s\""

static void replaced_by_roots(zd_scene *scene, const char *name, unsigned number, const char *reason)
{
    assert_ok(zd_scene_submit(scene, "root-1", "key.rotate-root", err, REPLACE, name, public_key(number), reason));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_null(find_key(scene, name, public_key(number)));
    assert_ok(zd_scene_second(scene, "root-2", err));
    assert_string_equal(zd_scene_code(scene), "");
}

static void log_key__is_replaced_by_the_threshold_without_gap_or_overlap(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    char old[ZD_HASH_HEX];
    zd_hash_hex(old, &zd_scene_key(scene, "log")->public_key);
    scene_refused(scene, "root-1", "key.grant", "A05", GRANT, "log-2", public_key(1), "p-log", "log", ",\"from_size\":500");
    assert_code(zd_scene_submit(scene, "log", "key.rotate", err, "\"public\":\"%s\"", public_key(2)), ZD_E_KEY_ROLE);
    replaced_by_roots(scene, "log", 1, "retired");
    const zd_rec_key *before = find_key(scene, "log", old);
    assert_int_equal(before->to_size, find_key(scene, "log", public_key(1))->from_size);
    assert_int_equal(before->reason, ZD_REASON(RETIRED));
    zd_scene_free(scene);
}

static void git_key__one_root_ends_it_but_only_the_threshold_names_a_successor(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    char old[ZD_HASH_HEX];
    zd_hash_hex(old, &zd_scene_key(scene, "git")->public_key);
    scene_accepted(scene, "root-3", "key.revoke", "\"key_name\":\"git\",\"public\":\"%s\",\"reason\":\"stolen\"", old);
    int64_t ended = find_key(scene, "git", old)->to_size;
    scene_refused(scene, "root-1", "key.grant", "A05", GRANT, "git", public_key(1), "p-git", "git", "");
    replaced_by_roots(scene, "git", 1, "stolen");
    assert_int_equal(find_key(scene, "git", old)->to_size, ended); /* it stays ended where it was */
    assert_int_equal(find_key(scene, "git", old)->reason, ZD_REASON(STOLEN));
    assert_int_equal(find_key(scene, "git", public_key(1))->to_size, 0);
    replaced_by_roots(scene, "git", 2, "retired"); /* of three of that name the newest is the one that is replaced */
    assert_int_equal(find_key(scene, "git", public_key(1))->to_size, find_key(scene, "git", public_key(2))->from_size);
    zd_scene_free(scene);
}

#define REVOKE "\"key_name\":\"%s\",\"public\":\"%s\",\"reason\":\"lost\""

static void revoke(zd_scene *scene, const char *by, const char *name, const char *expected_code)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &zd_scene_key(scene, name)->public_key);
    assert_ok(zd_scene_submit(scene, by, "key.revoke", err, REVOKE, name, hex));
    assert_string_equal(zd_scene_code(scene), expected_code);
}

static void revoke__ends_the_key_after_the_leaf_and_keeps_why(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    int64_t seq = (int64_t)scene->seq;
    revoke(scene, "root-1", "issuer-2", "");
    const zd_rec_key *key = zd_scene_key(scene, "issuer-2");
    assert_int_equal(key->to_size, seq + 1);
    assert_int_equal(key->revoked_seq, seq);
    assert_int_equal(key->reason, ZD_REASON(LOST));
    assert_code(zd_scene_submit(scene, "issuer-2", "holder.ban", err, "\"holder\":\"" H1 "\",\"until\":\"2027-01-01\",\"decision\":\"d\""), ZD_E_KEY_INTERVAL);
    revoke(scene, "root-1", "issuer-2", "A04");
    zd_scene_free(scene);
}

static void revoke__only_the_family_or_the_party_itself(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    revoke(scene, "root-1", "root-2", "A05");
    revoke(scene, "root-1", "finance-root", "A05");
    revoke(scene, "finance-root", "root-1", "A05");
    revoke(scene, "root-1", "maker", "A05");
    revoke(scene, "finance-root", "issuer-1", "A05");
    revoke(scene, "finance-root", "attester", "A05"); /* the bureau granted it */
    revoke(scene, "issuer-1", "reviewer-1", "A05");
    revoke(scene, "provider/" P2, "provider/" P1 "/lab-3", "A05");
    revoke(scene, "holder/" H1, "holder/E-0001", "A05");
    revoke(scene, "provider/" P1, "provider/" P1 "/lab-3", "");
    revoke(scene, "holder/E-0001", "holder/E-0001", "");
    revoke(scene, "issuer-1", "holder/" H1, "");
    revoke(scene, "root-2", "attester", "");
    revoke(scene, "finance-root", "checker", "");
    assert_ok(zd_scene_submit(scene, "root-1", "key.revoke", err, REVOKE, "nobody", public_key(7)));
    assert_string_equal(zd_scene_code(scene), "A03");
    zd_scene_free(scene);
}

static void rotate__old_key_ends_where_the_new_one_begins(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    const char *name = "provider/" P1 "/lab-3";
    char old[ZD_HASH_HEX];
    zd_hash_hex(old, &zd_scene_key(scene, name)->public_key);
    int64_t seq = (int64_t)scene->seq;
    scene_accepted(scene, name, "key.rotate", "\"public\":\"%s\"", public_key(1));
    const zd_rec_key *before = find_key(scene, name, old);
    const zd_rec_key *after = find_key(scene, name, public_key(1));
    assert_int_equal(before->to_size, seq + 1);
    assert_int_equal(after->from_size, seq + 1);
    assert_int_equal(after->limit_fen, 1000000);
    assert_string_equal(after->person, before->person);
    assert_int_equal(after->revoked_seq, 0);
    scene_refused(scene, "root-1", "key.rotate", "A05", "\"public\":\"%s\"", public_key(2));
    scene_refused(scene, "maker", "key.rotate", "A02", "\"public\":\"%s\"", old); /* a public key that was used before */
    zd_scene_free(scene);
}

#define ROTATE_ROOT "\"key_name\":\"root-3\",\"public\":\"%s\",\"person\":\"%s\",\"reason\":\"lost\""

static void root_rotation__takes_the_threshold_and_one_key_a_person(void **state)
{
    (void)state;
    zd_scene *scene = zd_scene_ready();
    scene_refused(scene, "root-1", "key.rotate-root", "R46", ROTATE_ROOT, public_key(1), "p-root-2");
    scene_refused(scene, "root-1", "key.rotate-root", "A03", "\"key_name\":\"maker\",\"public\":\"%s\",\"person\":\"p\"", public_key(1));
    assert_ok(zd_scene_submit(scene, "root-1", "key.rotate-root", err, ROTATE_ROOT, public_key(1), "p-root-4"));
    assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);
    assert_null(find_key(scene, "root-3", public_key(1)));
    assert_ok(zd_scene_second(scene, "root-2", err));
    assert_string_equal(zd_scene_code(scene), "");
    const zd_rec_key *next = find_key(scene, "root-3", public_key(1));
    assert_non_null(next);
    assert_string_equal(next->person, "p-root-4");
    assert_int_equal(next->role, ZD_ROLE(ROOT));
    assert_true(scene->last.roster_changed);
    /* A stolen finance root has no other remedy than the threshold of the bureau's root, in public. */
    assert_ok(zd_scene_submit(scene, "root-1", "key.rotate-root", err, "\"key_name\":\"finance-root\",\"public\":\"%s\",\"person\":\"p-f2\"", public_key(2)));
    assert_ok(zd_scene_second(scene, "root-2", err));
    assert_int_equal(find_key(scene, "finance-root", public_key(2))->role, ZD_ROLE(FINANCE_ROOT));
    zd_scene_free(scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genesis__complete_beginning_is_accepted),
        cmocka_unit_test(genesis__incomplete_or_dishonest_beginnings_are_refused),
        cmocka_unit_test(grant__interval_begins_after_its_own_leaf_and_never_earlier),
        cmocka_unit_test(deputy__acts_only_inside_its_tree_sizes),
        cmocka_unit_test(grant__nobody_grants_outside_its_family),
        cmocka_unit_test(grant__laboratory_is_bound_to_its_provider),
        cmocka_unit_test(grant__party_must_be_registered_and_name_its_family),
        cmocka_unit_test(grant__places_and_limit_never_exceed_the_granter),
        cmocka_unit_test(grant__public_key_and_name_have_one_purpose),
        cmocka_unit_test(log_key__is_replaced_by_the_threshold_without_gap_or_overlap),
        cmocka_unit_test(git_key__one_root_ends_it_but_only_the_threshold_names_a_successor),
        cmocka_unit_test(revoke__ends_the_key_after_the_leaf_and_keeps_why),
        cmocka_unit_test(revoke__only_the_family_or_the_party_itself),
        cmocka_unit_test(rotate__old_key_ends_where_the_new_one_begins),
        cmocka_unit_test(root_rotation__takes_the_threshold_and_one_key_a_person),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
