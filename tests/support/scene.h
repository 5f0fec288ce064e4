/*
 * A small ledger in memory for tests of acts and rules: book and acts without store or signatures, peopled with the officers, parties, pools and
 * vouchers that most tests need. Submissions go through zd_acts_submit, the same door as everywhere.
 *
 * Keys (name: role, person): root-1..3 (threshold 2), finance-root, log, git, service, issuer-1/2, reviewer-1/2, maker, maker-2, checker, releaser (all
 * jurisdictions), maker-81/checker-81 (330681 only), attester (tax office), gateway, provider/<P1>, provider/<P1>/lab-3, provider/<P2>, holder/<H1>, holder/E-0001.
 * Pools 330602-2026-E and 330602-2026-P (enterprises, entrepreneurs; 100,000,000 each), 330681-2026-E (50,000,000); instrument I-1 of P1; vouchers V-1 (H1,
 * 20,000,000), V-81 (H81, 20,000,000), V-E (E-0001, 10,000,000). Accounts of P1 and P2 are confirmed. Time starts 2026-03-02 10:00 Shanghai.
 */
#ifndef ZD_TESTS_SCENE_H
#define ZD_TESTS_SCENE_H

#include "tests/support/support.h"

#include "ledger/act/act.h"
#include "ledger/engine/ledger.h"

#define P1 "12330600X00000086C"
#define P2 "52330600X000000943"
#define H1 "91330602X000000271"
#define H81 "91330681X0000006XN"

#define ZD_SCENE_ROTATED 16

typedef struct zd_scene {
    zd_book *book;
    zd_acts *acts;
    uint64_t seq;
    int64_t now_unix_ms;
    unsigned next_id;
    zd_group last;          /* the last submission that was decided */
    char last_text[ZD_HASH_HEX]; /* SHA-256 of its text */
    zd_ledger *ledger;      /* NULL: in memory */
    zd_result last_result;  /* with a ledger */
    struct {
        char name[101];
        unsigned generation;
    } rotated[ZD_SCENE_ROTATED]; /* keys that are not their name's first any more */
    size_t rotated_count;
} zd_scene;

zd_scene *zd_scene_empty(void);  /* genesis only */
zd_scene *zd_scene_ready(void);  /* everything above */
/* The same people on a real ledger in dir (must not exist): every request is signed with the key whose seed is SHA-256 of its name, submitted through the engine. The
 * clock stands at now_unix_ms. book and acts are the ledger's. */
zd_scene *zd_scene_ready_on(const char *dir);
/* Takes over a ledger that the test opened itself (e.g. around a faulty store); its clock must be zd_clock_fixed(&scene->now_unix_ms). */
void zd_scene_attach(zd_scene *scene, zd_ledger *ledger);
zd_signer *zd_scene_signer(const char *key_name); /* free with zd_signer_close */
/* The key of that name is replaced by a fresh one, which signs from then on: a person's or party's key by itself, those of the log by the roots. */
void zd_scene_rotate(zd_scene *scene, const char *key_name);
/* The signer that a name has now. */
zd_signer *zd_scene_signer_now(const zd_scene *scene, const char *key_name);
/* The signed note that zd_scene_text would submit. */
void zd_scene_note(zd_buf *out, zd_scene *scene, const char *key_name, const char *text);
void zd_scene_publish(zd_scene *scene);
void zd_scene_free(zd_scene *scene);
const zd_rec_key *zd_scene_key(zd_scene *scene, const char *key_name);
void zd_scene_days(zd_scene *scene, int days);

/* Submits {"type":…,header with a fresh id, fields…}. fields is a printf format of JSON members. Key name NULL: genesis. */
zd_status zd_scene_submit(zd_scene *scene, const char *key_name, const char *type, zd_error *err, const char *fields, ...) ZD_PRINTF(5, 6);
/* Submits a whole text (with newline) as it is. */
zd_status zd_scene_text(zd_scene *scene, const char *key_name, const char *text, zd_error *err);
/* The second officer's note for the last submission. */
zd_status zd_scene_second(zd_scene *scene, const char *key_name, zd_error *err);

zd_outcome zd_scene_outcome(const zd_scene *scene);   /* of the last submission's first decision */
const char *zd_scene_code(const zd_scene *scene);     /* its refusal code, "" when none */
#define scene_accepted(scene, key, type, ...)                                                                          \
    do {                                                                                                               \
        assert_ok(zd_scene_submit(scene, key, type, err, __VA_ARGS__));                                                \
        assert_string_equal(zd_scene_code(scene), "");                                                                 \
        assert_int_equal(zd_scene_outcome(scene), ZD_ACCEPTED);                                                        \
    } while (0)
#define scene_held(scene, key, type, ...)                                                                              \
    do {                                                                                                               \
        assert_ok(zd_scene_submit(scene, key, type, err, __VA_ARGS__));                                                \
        assert_int_equal(zd_scene_outcome(scene), ZD_HELD);                                                            \
    } while (0)
#define scene_refused(scene, key, type, code, ...)                                                                     \
    do {                                                                                                               \
        assert_ok(zd_scene_submit(scene, key, type, err, __VA_ARGS__));                                                \
        assert_string_equal(zd_scene_code(scene), code);                                                               \
    } while (0)
/* Proposed by one officer, completed by another; both must succeed. */
#define scene_two(scene, key, second, type, ...)                                                                       \
    do {                                                                                                               \
        assert_ok(zd_scene_submit(scene, key, type, err, __VA_ARGS__));                                                \
        assert_string_equal(zd_scene_code(scene), "");                                                                 \
        assert_int_equal(zd_scene_outcome(scene), ZD_PROPOSED);                                                        \
        assert_ok(zd_scene_second(scene, second, err));                                                                \
        assert_string_equal(zd_scene_code(scene), "");                                                                 \
    } while (0)

int64_t zd_scene_balance(zd_scene *scene, const char *account);
/* The invariants of the rule book: each pool's identity, each quota's identity, no negative balance, each item's buckets. */
void zd_scene_check(zd_scene *scene);

/* The usual order and capture of P1 for H1 under V-1, with own share = amount; all facts attested unless said otherwise. invoice NULL makes one up. */
void zd_scene_order(zd_scene *scene, const char *order, int64_t amount_fen);
void zd_scene_capture(zd_scene *scene, const char *item, const char *order, int64_t amount_fen, bool final);
/* Attests consent, own share and the tax office's word for a captured item, so that nothing gates it. */
void zd_scene_clear_gates(zd_scene *scene, const char *item);
const char *zd_scene_invoice(unsigned n); /* a well-formed 20-digit number of 2026, static buffer */

/* The Shaoxing policy on one line, with calendars of 2027 to 2036 that are the tests' own. */
void zd_scene_policy_text(zd_buf *out);

#endif
