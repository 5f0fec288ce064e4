/*
 * Commits one violation on a real ledger, for tests/mutation/wrong_rule.py: built into a copy of the program whose rule was broken, it shows what the broken rule lets
 * through. usage: violate CASE DIR. Prints the fingerprint. Exit 0 when the violation was accepted, 1 when the rule still stood.
 */
#include "tests/support/services.h"
#include "tests/support/settling.h"

#include <stdio.h>
#include <string.h>

#include "ledger/base/durable.h"

static bool accepted(const zd_scene *scene)
{
    return zd_scene_code(scene)[0] == '\0';
}

/* One fen above half of the base. */
static bool above_ratio(zd_scene *scene)
{
    return DIRECT(.item = "C-1", .amount_fen = 190001, .own_fen = 190000)[0] == '\0';
}

/* The same invoice in full twice. */
static bool invoice_twice(zd_scene *scene)
{
    return DIRECT(.item = "C-1", .amount_fen = 100000, .invoice = "26330000000000000077")[0] == '\0' &&
           DIRECT(.item = "C-2", .amount_fen = 100000, .invoice = "26330000000000000077")[0] == '\0';
}

/* The maker approves its own batch: the same person holds both keys. */
static bool maker_approves(zd_scene *scene)
{
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    char hex[ZD_HASH_HEX];
    zd_signer *signer = zd_scene_signer("checker-m");
    zd_hash key;
    memcpy(key.bytes, zd_signer_public(signer)->bytes, sizeof key.bytes);
    zd_signer_close(signer);
    zd_hash_hex(hex, &key);
    scene_accepted(scene, "finance-root", "key.grant",
                   "\"key_name\":\"checker-m\",\"public\":\"%s\",\"person\":\"p-maker\",\"unit\":\"finance\",\"role\":\"checker\",\"jurisdictions\":\"all\"", hex);
    zd_settling_seal(scene, "B-1", "330602-2026-E", "");
    const zd_rec_batch *batch = zd_book_find(scene->book, ZD_R_BATCH, "B-1");
    zd_hash_hex(hex, &batch->seal_sha256);
    assert_ok(zd_scene_submit(scene, "checker-m", "batch.approve", err, "\"batch\":\"B-1\",\"seal_sha256\":\"%s\"", hex));
    return accepted(scene);
}

/* A release with one line and one fen more than was sealed. */
static bool typed_wrong(zd_scene *scene)
{
    zd_settling_capture(scene, "R-1", 100000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-1", "330602-2026-E", "");
    zd_settling_approve(scene, "B-1");
    assert_ok(zd_scene_submit(scene, "releaser", "batch.release", err, "\"batch\":\"B-1\",\"count\":2,\"total_fen\":100001"));
    return accepted(scene);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        bool (*run)(zd_scene *scene);
    } cases[] = {{"above-ratio", above_ratio}, {"typed-wrong", typed_wrong}, {"invoice-twice", invoice_twice}, {"maker-approves", maker_approves}};
    if (argc != 3) {
        return ZD_USAGE;
    }
    zd_test_start();
    zd_scene *scene = zd_scene_ready_on(argv[2]);
    bool done = false;
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        done = strcmp(cases[i].name, argv[1]) == 0 ? cases[i].run(scene) : done;
    }
    zd_scene_publish(scene);
    zd_scene_free(scene);
    return zd_test_run(done ? 0 : 1);
}
