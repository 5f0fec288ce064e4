/*
 * SSHSIG and OpenSSH public-key text; see sshsig.h and OpenSSH's PROTOCOL.sshsig.
 *
 * Invariant: for a key, a namespace and a signature there is exactly one armour that is accepted, the bytes that
 * ssh-keygen writes (git keeps them without the last newline, so that one may be missing). The armour stands inside
 * commits, and a second form would be a second commit id for the same act. Must not: know private keys.
 */
#include "ledger/seal/sshsig.h"

#include <string.h>

#include "ledger/seal/ssh_wire.h"

#define MAGIC "SSHSIG"
#define LABEL "SSH SIGNATURE"
#define HASH_NAME "sha512"
#define VERSION 1
#define SIGNATURE_SIZE 64

void zd_sshsig_signed_bytes(zd_buf *out, const char *name_space, zd_span message)
{
    ZD_ASSERT(name_space[0] != '\0');
    uint8_t digest[64];
    zd_sha512(digest, message);
    zd_buf_add_text(out, MAGIC);
    zd_wire_add_string(out, zd_span_text(name_space));
    zd_wire_add_string(out, zd_span_of(NULL, 0));
    zd_wire_add_string(out, zd_span_text(HASH_NAME));
    zd_wire_add_string(out, zd_span_of(digest, sizeof digest));
}

/* Appends string(blob) for the two blobs that consist of the algorithm's name and fixed bytes. */
static void add_typed(zd_buf *out, zd_span bytes)
{
    zd_wire_add_u32(out, (uint32_t)(4 + sizeof ZD_SSH_ED25519 - 1 + 4 + bytes.size));
    zd_wire_add_string(out, zd_span_text(ZD_SSH_ED25519));
    zd_wire_add_string(out, bytes);
}

void zd_sshsig_armour(zd_buf *out, const char *name_space, const zd_public_key *key, const uint8_t signature[64])
{
    ZD_ASSERT(name_space[0] != '\0');
    zd_buf blob = {0};
    zd_buf_add_text(&blob, MAGIC);
    zd_wire_add_u32(&blob, VERSION);
    add_typed(&blob, zd_span_of(key->bytes, sizeof key->bytes));
    zd_wire_add_string(&blob, zd_span_text(name_space));
    zd_wire_add_string(&blob, zd_span_of(NULL, 0));
    zd_wire_add_string(&blob, zd_span_text(HASH_NAME));
    add_typed(&blob, zd_span_of(signature, SIGNATURE_SIZE));
    zd_armour_add(out, LABEL, zd_buf_span(&blob));
    zd_buf_free(&blob);
}

static bool read_signature(uint8_t out[SIGNATURE_SIZE], zd_span blob)
{
    zd_span type;
    zd_span bytes;
    if (!zd_wire_take_string(&type, &blob) || !zd_wire_take_string(&bytes, &blob) || blob.size != 0 ||
        !zd_span_is(type, ZD_SSH_ED25519) || bytes.size != SIGNATURE_SIZE) {
        return false;
    }
    memcpy(out, bytes.data, SIGNATURE_SIZE);
    return true;
}

/* Takes the blob apart; each deviation has a sentence of its own, because people meet them with real files. */
static zd_status read_blob(zd_public_key *key, uint8_t signature[SIGNATURE_SIZE], zd_span blob, const char *name_space,
                           zd_error *err)
{
    if (!zd_span_starts(blob, MAGIC)) {
        return zd_fail(err, ZD_E_SSHSIG_MALFORMED, "the armour does not hold an SSHSIG blob");
    }
    zd_span rest = zd_span_of(blob.data + strlen(MAGIC), blob.size - strlen(MAGIC));
    uint32_t version = 0;
    zd_span public_blob;
    zd_span found_space;
    zd_span reserved;
    zd_span hash;
    zd_span signature_blob;
    if (!zd_wire_take_u32(&version, &rest) || !zd_wire_take_string(&public_blob, &rest) ||
        !zd_wire_take_string(&found_space, &rest) || !zd_wire_take_string(&reserved, &rest) ||
        !zd_wire_take_string(&hash, &rest) || !zd_wire_take_string(&signature_blob, &rest)) {
        return zd_fail(err, ZD_E_SSHSIG_MALFORMED, "the blob is cut short");
    }
    if (version != VERSION) {
        return zd_fail(err, ZD_E_SSHSIG_MALFORMED, "SSHSIG version %u; only 1 is understood", (unsigned)version);
    }
    if (!zd_wire_read_public(key, public_blob)) {
        return zd_fail(err, ZD_E_SSHSIG_MALFORMED, "made by another kind of key than ssh-ed25519");
    }
    if (!zd_span_is(found_space, name_space)) {
        zd_status status = zd_fail(err, ZD_E_SSHSIG_MALFORMED, "signed for another purpose; wanted %s", name_space);
        zd_error_field(err, "namespace", found_space);
        return status;
    }
    if (reserved.size != 0 || rest.size != 0) {
        return zd_fail(err, ZD_E_SSHSIG_MALFORMED, "bytes stand where none may be");
    }
    if (!zd_span_is(hash, HASH_NAME)) {
        return zd_fail(err, ZD_E_SSHSIG_MALFORMED, "hashed with another algorithm than sha512");
    }
    if (!read_signature(signature, signature_blob)) {
        return zd_fail(err, ZD_E_SSHSIG_MALFORMED, "the signature is not 64 bytes of ssh-ed25519");
    }
    return ZD_OK;
}

static bool is_canonical(zd_span armour, const char *name_space, const zd_public_key *key, const uint8_t signature[64])
{
    zd_buf wanted = {0};
    zd_sshsig_armour(&wanted, name_space, key, signature);
    zd_span whole = zd_buf_span(&wanted);
    bool same = zd_span_equal(armour, whole) || zd_span_equal(armour, zd_span_of(whole.data, whole.size - 1));
    zd_buf_free(&wanted);
    return same;
}

zd_status zd_sshsig_verify(zd_public_key *signed_by, zd_span armour, const char *name_space, zd_span message, zd_error *err)
{
    ZD_ASSERT(name_space[0] != '\0');
    zd_buf bytes = {0};
    zd_public_key key;
    uint8_t signature[SIGNATURE_SIZE];
    zd_status status = ZD_OK;
    if (!zd_armour_read(&bytes, LABEL, armour)) {
        status = zd_fail(err, ZD_E_SSHSIG_MALFORMED, "not the armour that ssh-keygen -Y sign writes");
        goto cleanup;
    }
    status = read_blob(&key, signature, zd_buf_span(&bytes), name_space, err);
    if (status != ZD_OK) {
        goto cleanup;
    }
    if (!is_canonical(armour, name_space, &key, signature)) {
        status = zd_fail(err, ZD_E_SSHSIG_MALFORMED, "not wrapped at 70 columns as ssh-keygen does");
        goto cleanup;
    }
    *signed_by = key;
    zd_buf_clear(&bytes);
    zd_sshsig_signed_bytes(&bytes, name_space, message);
    if (!zd_ed25519_verify(signature, zd_buf_span(&bytes), &key)) {
        status = zd_fail(err, ZD_E_SIGNATURE_BAD, "not a signature of this key over this text for %s", name_space);
    }
cleanup:
    zd_buf_free(&bytes);
    return status;
}

void zd_ssh_public_add(zd_buf *out, const zd_public_key *key)
{
    uint8_t room[ZD_SSH_PUBLIC_BLOB_SIZE + 1];
    zd_buf blob = {.data = room, .capacity = sizeof room};
    zd_wire_add_public(&blob, key);
    zd_buf_add_text(out, ZD_SSH_ED25519 " ");
    zd_base64_add(out, zd_buf_span(&blob));
}

zd_status zd_ssh_public_parse(zd_public_key *out, zd_span text, zd_error *err)
{
    zd_span type;
    zd_span line;
    zd_span after = zd_span_cut(&line, text, '\n');
    zd_span rest = zd_span_cut(&type, line, ' ');
    zd_span blob_text;
    (void)zd_span_cut(&blob_text, rest, ' ');
    if (after.size != 0) {
        return zd_fail(err, ZD_E_KEY_FILE, "more than one line in a public key");
    }
    if (!zd_span_is(type, ZD_SSH_ED25519)) {
        zd_status status = zd_fail(err, ZD_E_KEY_FILE, "a public key must begin with ssh-ed25519");
        zd_error_field(err, "type", type);
        return status;
    }
    zd_buf blob = {0};
    bool good = zd_base64_decode(&blob, blob_text) && zd_wire_read_public(out, zd_buf_span(&blob));
    zd_buf_free(&blob);
    return good ? ZD_OK : zd_fail(err, ZD_E_KEY_FILE, "the public key's base64 does not hold an ssh-ed25519 key");
}

void zd_ssh_fingerprint_add(zd_buf *out, const zd_public_key *key)
{
    uint8_t room[ZD_SSH_PUBLIC_BLOB_SIZE + 1];
    zd_buf blob = {.data = room, .capacity = sizeof room};
    zd_wire_add_public(&blob, key);
    zd_hash hash = zd_sha256(zd_buf_span(&blob));
    zd_buf_add_text(out, "SHA256:");
    zd_base64_add(out, zd_span_of(hash.bytes, sizeof hash.bytes));
    out->size--; /* 32 bytes end in one '=', which ssh-keygen leaves out */
    out->data[out->size] = 0;
}
