/*
 * Who stands for the package, and what it stands on: signatures of the manifest by keys that the roster gives the right role at that size, by different persons; the
 * seal's leaf and the root of the log; the receipt.
 */
#include <string.h>

#include "audit/verify/package_int.h"
#include "ledger/log/proof.h"
#include "ledger/seal/sshsig.h"

#define NAME_SPACE "zhidui-settlement-v1"

static const char *const roles[3] = {"maker", "checker", "releaser"};

static bool in_force(const zd_rec_key *key, uint64_t size)
{
    return key->from_size <= (int64_t)size && (key->to_size == 0 || (int64_t)size < key->to_size);
}

/* In a county of two officers the checker may have released: then the batch itself says so. */
static bool role_fits(const zd_rec_key *key, size_t role, const zd_rec_batch *batch)
{
    bool checker = key->role == ZD_ROLE(CHECKER);
    return role == 0 ? key->role == ZD_ROLE(MAKER) : role == 1 ? checker : key->role == ZD_ROLE(RELEASER) || (checker && batch != NULL && strcmp(key->person, batch->releaser) == 0);
}

/* The roster's row for this key at that size in that role; NULL, and why. */
static const zd_rec_key *find_key(zd_package_work *work, const zd_public_key *signed_by, size_t role, const char **why)
{
    const zd_rec_key *best = NULL;
    *why = "a key that the roster does not name";
    zd_book_cursor cursor = zd_book_scan(work->truth.book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        if (memcmp(key->public_key.bytes, signed_by->bytes, sizeof signed_by->bytes) != 0) {
            continue;
        }
        if (!in_force(key, work->truth.size)) {
            *why = "a key that is not valid at this size";
        } else if (!role_fits(key, role, zd_truth_batch(&work->truth))) {
            *why = "a key of another role";
        } else {
            best = key;
        }
    }
    return best;
}

static zd_status check_signature(zd_package_work *work, size_t role, zd_error *err)
{
    char name[40];
    zd_buf armour = {0};
    bool found = false;
    zd_format(name, sizeof name, "MANIFEST.%s.sig", roles[role]);
    zd_status status = zd_package_file(&armour, &found, work, name, err);
    if (status == ZD_OK && found) {
        zd_public_key signed_by;
        zd_error why = {0};
        const char *reason = "";
        if (zd_sshsig_verify(&signed_by, zd_buf_span(&armour), NAME_SPACE, zd_buf_span(&work->manifest_bytes), &why) != ZD_OK) {
            zd_package_find(work, ZD_V_PACKAGE_SIGNATURE, "", name, zd_code_english(why.code));
        } else {
            const zd_rec_key *key = find_key(work, &signed_by, role, &reason);
            char recorded[200];
            zd_buf print = {0};
            zd_ssh_fingerprint_add(&print, &signed_by);
            zd_format(recorded, sizeof recorded, "%s by %.120s", name, zd_buf_text(&print));
            if (key == NULL) {
                zd_package_find(work, ZD_V_PACKAGE_SIGNATURE, "", recorded, reason);
            } else {
                work->signed_by[role] = true;
                zd_format(work->signer[role], sizeof work->signer[role], "%s", key->name);
                zd_format(work->person[role], sizeof work->person[role], "%s", key->person);
            }
            zd_buf_free(&print);
        }
    }
    zd_buf_free(&armour);
    return status;
}

/* The maker neither checks nor releases; checker and releaser are one person only where the batch's own are. */
static void check_persons(zd_package_work *work)
{
    const zd_rec_batch *batch = zd_truth_batch(&work->truth);
    bool two_officers = batch != NULL && strcmp(batch->checker, batch->releaser) == 0;
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = i + 1; k < 3; k++) {
            bool same = work->signed_by[i] && work->signed_by[k] && strcmp(work->person[i], work->person[k]) == 0;
            if (same && (i == 0 || !two_officers)) {
                char recorded[160];
                zd_format(recorded, sizeof recorded, "%s signed as %s and as %s", work->person[i], roles[i], roles[k]);
                zd_package_find(work, ZD_V_PACKAGE_SIGNATURE, work->person[i], recorded, "different persons");
            }
        }
    }
}

zd_status zd_package_check_signatures(zd_package_work *work, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t role = 0; role < 3 && status == ZD_OK; role++) {
        status = check_signature(work, role, err);
    }
    check_persons(work);
    return status;
}

void zd_package_check_seal(zd_package_work *work)
{
    const zd_truth *truth = &work->truth;
    const zd_rec_batch *batch = zd_truth_batch(truth);
    char recorded[ZD_HASH_HEX + 40];
    char recomputed[ZD_HASH_HEX + 40];
    zd_hash_hex(recorded, &work->manifest.seal_sha256);
    zd_hash_hex(recomputed, &truth->seal_text_sha256);
    if (!truth->sealed || !zd_hash_equal(&work->manifest.seal_sha256, &truth->seal_text_sha256)) {
        zd_package_find(work, ZD_V_PACKAGE_SEAL, "", recorded, truth->sealed ? recomputed : "that entry does not seal this batch");
    }
    zd_hash_hex(recorded, &work->manifest.log_root);
    zd_hash_hex(recomputed, &truth->root);
    if (!zd_hash_equal(&work->manifest.log_root, &truth->root)) {
        zd_package_find(work, ZD_V_PACKAGE_SEAL, "", recorded, recomputed);
    }
    if (batch == NULL || batch->released_seq == 0 || (uint64_t)batch->released_seq + 1 != truth->size) {
        zd_format(recomputed, sizeof recomputed, "%lld", batch != NULL && batch->released_seq != 0 ? (long long)batch->released_seq + 1 : 0LL);
        zd_format(recorded, sizeof recorded, "log of %llu entries", (unsigned long long)truth->size);
        zd_package_find(work, ZD_V_PACKAGE_SEAL, "", recorded, batch == NULL || batch->released_seq == 0 ? "the batch is not released at this size" : recomputed);
    }
}

/* A log key of the roster at that size must have signed the receipt's checkpoint. */
static bool proof_holds(zd_package_work *work, const zd_proof *proof, zd_error *why)
{
    const zd_rec_ledger *ledger = zd_book_find(work->truth.book, ZD_R_LEDGER, "%s", "");
    zd_book_cursor cursor = zd_book_scan(work->truth.book, ZD_R_KEY, "%s", "");
    while (ledger != NULL && zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        if (key->role == ZD_ROLE(LOG) && in_force(key, work->truth.size)) {
            zd_checkpoint checkpoint;
            zd_proof_trust trust = {.origin = zd_span_text(ledger->origin)};
            memcpy(trust.key.bytes, key->public_key.bytes, sizeof trust.key.bytes);
            zd_error_clear(why);
            if (zd_proof_verify(&checkpoint, proof, &work->truth.seal_leaf, &trust, why) == ZD_OK) {
                return proof->index == work->truth.seal_seq;
            }
        }
    }
    return false;
}

zd_status zd_package_check_proof(zd_package_work *work, zd_error *err)
{
    zd_buf bytes = {0};
    zd_proof proof;
    zd_error why = {0};
    bool found = false;
    zd_status status = zd_package_file(&bytes, &found, work, "proof/seal.tlog-proof", err);
    if (status == ZD_OK && (!found || zd_proof_parse(&proof, zd_buf_span(&bytes), &why) != ZD_OK || !proof_holds(work, &proof, &why))) {
        zd_package_find(work, ZD_V_PACKAGE_PROOF, "", "proof/seal.tlog-proof", found && why.code != ZD_CODE_NONE ? zd_code_english(why.code) : "the receipt of the seal's entry");
    }
    zd_buf_free(&bytes);
    return status;
}
