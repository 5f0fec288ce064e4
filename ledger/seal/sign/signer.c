/*
 * Signers; see signer.h.
 *
 * Invariants: the secret of a file key lies in guarded memory, read-only while the signer lives, wiped at close; a
 * signer never changes after it was opened, so threads may share it. A note that leaves this file splits again.
 * Must not: fall back from the agent to a file or the other way round.
 */
#include "ledger/seal/sign/signer.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/seal/sign/agent.h"
#include "ledger/seal/sign/key_file.h"

#define AGENT_PREFIX "agent:"
#define SIGNATURE_SIZE 64

struct zd_signer {
    zd_public_key public_key;
    uint8_t *secret;   /* owned, guarded, ZD_SECRET_SIZE bytes; NULL for an agent's key */
    char *socket_path; /* owned; NULL for a file's key */
};

static zd_signer *new_with_secret(void)
{
    zd_signer *signer = zd_alloc_zero(1, sizeof *signer);
    signer->secret = sodium_malloc(ZD_SECRET_SIZE);
    ZD_ASSERT(signer->secret != NULL);
    return signer;
}

static void seal_secret(zd_signer *signer)
{
    ZD_ASSERT(sodium_mprotect_readonly(signer->secret) == 0);
}

static zd_status open_agent(zd_signer **out, const char *fingerprint, zd_error *err)
{
    const char *socket_path = getenv("SSH_AUTH_SOCK");
    if (socket_path == NULL || socket_path[0] == '\0') {
        return zd_fail(err, ZD_E_AGENT, "SSH_AUTH_SOCK is not set: start ssh-agent and ssh-add the key");
    }
    zd_public_key key;
    zd_status status = zd_agent_find(&key, socket_path, fingerprint, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_signer *signer = zd_alloc_zero(1, sizeof *signer);
    signer->public_key = key;
    signer->socket_path = zd_strdup(socket_path);
    *out = signer;
    return ZD_OK;
}

zd_status zd_signer_open(zd_signer **out, const char *where, zd_error *err)
{
    if (strncmp(where, AGENT_PREFIX, strlen(AGENT_PREFIX)) == 0) {
        return open_agent(out, where + strlen(AGENT_PREFIX), err);
    }
    zd_signer *signer = new_with_secret();
    zd_status status = zd_key_file_load(signer->secret, &signer->public_key, where, err);
    if (status != ZD_OK) {
        zd_signer_close(signer);
        return status;
    }
    seal_secret(signer);
    *out = signer;
    return ZD_OK;
}

zd_status zd_signer_from_seed(zd_signer **out, const uint8_t seed[32], zd_error *err)
{
    zd_signer *signer = new_with_secret();
    if (crypto_sign_ed25519_seed_keypair(signer->public_key.bytes, signer->secret, seed) != 0) {
        zd_signer_close(signer);
        return zd_fail(err, ZD_E_CRYPTO_UNAVAILABLE, "no key could be made from the seed");
    }
    seal_secret(signer);
    *out = signer;
    return ZD_OK;
}

void zd_signer_close(zd_signer *signer)
{
    if (signer != NULL) {
        sodium_free(signer->secret); /* wipes; NULL is fine */
        free(signer->socket_path);
        free(signer);
    }
}

const zd_public_key *zd_signer_public(const zd_signer *signer)
{
    return &signer->public_key;
}

zd_status zd_signer_sign(uint8_t out[64], const zd_signer *signer, zd_span message, zd_error *err)
{
    if (signer->secret == NULL) {
        return zd_agent_sign(out, signer->socket_path, &signer->public_key, message, err);
    }
    (void)crypto_sign_ed25519_detached(out, NULL, message.data, message.size, signer->secret);
    return ZD_OK;
}

/* The note must be one that any reader takes apart as it was meant: same text, one line, this key. */
static zd_status check_note(zd_span whole, zd_span text, const zd_public_key *key, zd_error *err)
{
    zd_note note;
    zd_status status = zd_note_split(&note, whole, err);
    if (status == ZD_OK && (!zd_span_equal(note.text, text) || note.count != 1 || !zd_note_verify(&note, 0, key))) {
        status = zd_fail(err, ZD_E_NOTE_MALFORMED, "this text or name cannot stand in a note");
    }
    return status;
}

zd_status zd_signer_note(zd_buf *out, const zd_signer *signer, const char *name, zd_span text, zd_error *err)
{
    if (text.size == 0 || text.data[text.size - 1] != '\n') {
        return zd_fail(err, ZD_E_NOTE_MALFORMED, "the text does not end in a newline");
    }
    uint8_t signature[SIGNATURE_SIZE];
    zd_status status = zd_signer_sign(signature, signer, text, err);
    if (status != ZD_OK) {
        return status;
    }
    uint8_t key_id[4];
    size_t start = out->size;
    zd_note_key_id(key_id, zd_span_text(name), ZD_NOTE_TYPE_ED25519, &signer->public_key);
    zd_buf_add_span(out, text);
    zd_buf_add_byte(out, '\n');
    zd_note_add_line(out, zd_span_text(name), key_id, zd_span_of(signature, sizeof signature));
    zd_span added = zd_span_of(out->data + start, out->size - start);
    status = check_note(added, zd_span_of(added.data, text.size), &signer->public_key, err);
    if (status != ZD_OK) {
        out->size = start;
        out->data[start] = 0;
    }
    return status;
}

zd_status zd_signer_sshsig(zd_buf *out, const zd_signer *signer, const char *name_space, zd_span message, zd_error *err)
{
    zd_buf bytes = {0};
    uint8_t signature[SIGNATURE_SIZE];
    zd_sshsig_signed_bytes(&bytes, name_space, message);
    zd_status status = zd_signer_sign(signature, signer, zd_buf_span(&bytes), err);
    if (status == ZD_OK) {
        zd_sshsig_armour(out, name_space, &signer->public_key, signature);
    }
    zd_buf_free(&bytes);
    return status;
}
