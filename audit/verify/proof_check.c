/* A receipt checked offline: needs the proof, the entry and the log's key, and nothing of the ledger. See verify.h. */
#include "audit/verify/verify.h"
#include "ledger/log/proof.h"

static void answer_text(zd_buf *out, const zd_proof *proof, const zd_checkpoint *checkpoint, bool asked, size_t witnesses, bool chinese)
{
    char root[ZD_HASH_HEX];
    zd_hash_hex(root, &checkpoint->root);
    zd_buf_addf(out, chinese ? "证明有效：该账目是日志 %s 的第 %llu 条（从 0 起），共 %llu 条，根 %s\n" : "proved: this is entry %2$llu of log %1$s, of %3$llu entries with root %4$s\n",
                checkpoint->origin, (unsigned long long)proof->index, (unsigned long long)checkpoint->size, root);
    if (asked) {
        zd_buf_addf(out, chinese ? "您信任的见证人中有 %zu 个联署\n" : "%zu of your witnesses cosigned\n", witnesses);
    } else {
        zd_buf_add_text(out, chinese ? "未要求任何见证人\n" : "no witness was asked\n");
    }
}

static void answer_json(zd_buf *out, const zd_proof *proof, const zd_checkpoint *checkpoint, bool asked, size_t witnesses)
{
    char root[ZD_HASH_HEX];
    zd_jw w = zd_jw_begin(out);
    zd_hash_hex(root, &checkpoint->root);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", 1);
    zd_jw_cstr(&w, "verdict", "proved");
    zd_jw_cstr(&w, "ledger", checkpoint->origin);
    zd_jw_int(&w, "index", (int64_t)proof->index);
    zd_jw_int(&w, "size", (int64_t)checkpoint->size);
    zd_jw_cstr(&w, "root", root);
    zd_jw_bool(&w, "witnesses_asked", asked);
    zd_jw_int(&w, "witnesses", (int64_t)witnesses);
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
}

static zd_status read_trust(zd_proof_trust *out, zd_span vkey, zd_error *err)
{
    uint8_t type = 0;
    zd_status status = zd_vkey_parse(&out->origin, &type, &out->key, vkey, err);
    if (status == ZD_OK && type != ZD_NOTE_TYPE_ED25519) {
        status = zd_fail(err, ZD_E_KEY_FILE, "a log key is of type 0x01");
    }
    return status;
}

/* What the proof says is false, or what it is given as is not one. */
static int exit_of(const zd_error *err)
{
    static const zd_code untrue[] = {ZD_E_PROOF_BAD, ZD_E_PROOF_QUORUM, ZD_E_SIGNATURE_BAD, ZD_E_CHECKPOINT_UNSIGNED, ZD_E_CHECKPOINT_ORIGIN};
    for (size_t i = 0; i < ZD_COUNT(untrue); i++) {
        if (err->code == untrue[i]) {
            return ZD_AUDIT_FINDING;
        }
    }
    return ZD_AUDIT_MALFORMED;
}

static zd_status ask_witnesses(size_t *good, const zd_witness_policy *policy, zd_span checkpoint, zd_error *err)
{
    zd_note note;
    const char *why = "";
    zd_status status = zd_note_split(&note, checkpoint, err);
    if (status == ZD_OK && !zd_witness_policy_holds(good, &why, policy, &note)) {
        status = zd_fail(err, ZD_E_PROOF_QUORUM, "%s", why);
    }
    return status;
}

/* Under the log's key that was given, else under any of the policy's: the last one tried says why not. */
static zd_status verify_with(zd_checkpoint *out, const zd_proof *proof, const zd_hash *leaf, zd_proof_trust *trust, const zd_proof_question *question, zd_error *err)
{
    if (trust->origin.size > 0) {
        return zd_proof_verify(out, proof, leaf, trust, err);
    }
    zd_status status = zd_fail(err, ZD_E_CHECKPOINT_UNSIGNED, "the policy file names no log");
    for (size_t i = 0; i < question->policy->log_count && status != ZD_OK; i++) {
        zd_error_clear(err);
        trust->origin = zd_span_text(question->policy->log_names[i]);
        trust->key = question->policy->logs[i];
        status = zd_proof_verify(out, proof, leaf, trust, err);
    }
    return status;
}

int zd_proof_answer(zd_buf *out, const zd_proof_question *question, bool json, bool chinese, zd_error *err)
{
    zd_proof proof;
    zd_proof_trust trust = {0};
    zd_checkpoint checkpoint;
    size_t witnesses = 0;
    bool asked = question->policy != NULL;
    zd_hash leaf = question->has_leaf ? zd_tree_leaf_hash(question->leaf) : question->leaf_hash;
    zd_status status = question->vkey.size > 0 || question->policy == NULL ? read_trust(&trust, question->vkey, err) : ZD_OK;
    if (status == ZD_OK) {
        status = zd_proof_parse(&proof, question->proof, err);
    }
    if (status == ZD_OK) {
        status = verify_with(&checkpoint, &proof, &leaf, &trust, question, err);
    }
    if (status == ZD_OK && asked) {
        status = ask_witnesses(&witnesses, question->policy, proof.checkpoint, err);
    }
    if (status != ZD_OK) {
        return exit_of(err);
    }
    if (json) {
        answer_json(out, &proof, &checkpoint, asked, witnesses);
    } else {
        answer_text(out, &proof, &checkpoint, asked, witnesses, chinese);
    }
    return ZD_AUDIT_VERIFIED;
}
