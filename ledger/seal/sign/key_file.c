/*
 * OpenSSH private-key files; see key_file.h, signer.h and OpenSSH's PROTOCOL.key.
 *
 * Invariants: bytes of a private key stand only in guarded memory that is wiped when it is freed, on every path; the
 * three copies of the public key in a file agree with the seed. Must not: overwrite a file, or print any part of it.
 */
#include "ledger/seal/sign/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/base/durable.h"
#include "ledger/seal/sign/signer.h"
#include "ledger/seal/ssh_wire.h"

#define LABEL "OPENSSH PRIVATE KEY"
#define MAGIC "openssh-key-v1" /* the NUL behind it belongs to the format */
#define COMMENT_MAX 255
#define BLOCK_SIZE 8
#define FILE_MAX 8192 /* a 4096-bit RSA key needs half of it and gets its own sentence */

/* One guarded block for all that is secret while a file is read or made. */
typedef struct key_room {
    uint8_t text[FILE_MAX];
    uint8_t blob[FILE_MAX];
    uint8_t inner[1024];
    uint8_t secret[ZD_SECRET_SIZE];
} key_room;

static key_room *room_take(void)
{
    key_room *room = sodium_malloc(sizeof *room);
    ZD_ASSERT(room != NULL);
    return room;
}

static zd_status not_a_key(zd_error *err, const char *what)
{
    return zd_fail(err, ZD_E_KEY_FILE, "%s", what);
}

/* Kind and mode of the file that is open, and its name. */
static zd_status check_kind(int fd, const char *path, zd_error *err)
{
    struct stat info;
    size_t length = strlen(path);
    if (fstat(fd, &info) != 0) {
        return zd_fail_errno(err, ZD_E_FILE_IO, path);
    }
    if (!S_ISREG(info.st_mode)) {
        return not_a_key(err, "not a regular file");
    }
    if (length > 4 && strcmp(path + length - 4, ".pub") == 0) {
        return not_a_key(err, "this is the public half; name the file without .pub");
    }
    if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return zd_fail(err, ZD_E_KEY_FILE_MODE, "its mode is %03o", (unsigned)(info.st_mode & 0777));
    }
    return ZD_OK;
}

static zd_status read_all(size_t *size, int fd, key_room *room, const char *path, zd_error *err)
{
    size_t done = 0;
    for (;;) {
        if (done == sizeof room->text) {
            return not_a_key(err, "far too large for an Ed25519 key");
        }
        ssize_t got = read(fd, room->text + done, sizeof room->text - done);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return zd_fail_errno(err, ZD_E_FILE_IO, path);
        }
        if (got == 0) {
            *size = done;
            return ZD_OK;
        }
        done += (size_t)got;
    }
}

static zd_status read_file(size_t *size, key_room *room, const char *path, zd_error *err)
{
    /* O_NONBLOCK so that a pipe of that name cannot hold us up before its kind is known. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return zd_fail_errno(err, errno == ENOENT ? ZD_E_FILE_MISSING : ZD_E_FILE_IO, path);
    }
    zd_status status = check_kind(fd, path, err);
    if (status == ZD_OK) {
        status = read_all(size, fd, room, path, err);
    }
    (void)close(fd);
    return status;
}

static bool padding_is_right(zd_span padding)
{
    for (size_t i = 0; i < padding.size; i++) {
        if (padding.data[i] != i + 1) {
            return false;
        }
    }
    return padding.size < BLOCK_SIZE;
}

/* The private section: check check "ssh-ed25519" pk32 (seed32 pk32) comment padding. */
static zd_status read_private(uint8_t secret[ZD_SECRET_SIZE], const zd_public_key *public_key, zd_span rest, zd_error *err)
{
    uint32_t check = 0;
    uint32_t check_again = 0;
    zd_span type;
    zd_span found_public;
    zd_span found_secret;
    zd_span comment;
    bool whole_blocks = rest.size % BLOCK_SIZE == 0;
    if (!whole_blocks || !zd_wire_take_u32(&check, &rest) || !zd_wire_take_u32(&check_again, &rest) ||
        check != check_again || !zd_wire_take_string(&type, &rest) || !zd_wire_take_string(&found_public, &rest) ||
        !zd_wire_take_string(&found_secret, &rest) || !zd_wire_take_string(&comment, &rest) ||
        !padding_is_right(rest)) {
        return not_a_key(err, "the private section is damaged");
    }
    if (!zd_span_is(type, ZD_SSH_ED25519) || found_secret.size != ZD_SECRET_SIZE) {
        return not_a_key(err, "the private section is not an ssh-ed25519 key");
    }
    zd_public_key derived;
    (void)crypto_sign_ed25519_seed_keypair(derived.bytes, secret, found_secret.data);
    zd_span wanted = zd_span_of(derived.bytes, sizeof derived.bytes);
    if (!zd_span_equal(wanted, zd_span_of(public_key->bytes, sizeof public_key->bytes)) ||
        !zd_span_equal(wanted, found_public) || sodium_memcmp(secret, found_secret.data, ZD_SECRET_SIZE) != 0) {
        return not_a_key(err, "its public and private halves do not belong together");
    }
    return ZD_OK;
}

static zd_status read_blob(uint8_t secret[ZD_SECRET_SIZE], zd_public_key *public_key, zd_span blob, zd_error *err)
{
    zd_span cipher;
    zd_span kdf;
    zd_span kdf_options;
    zd_span public_blob;
    zd_span private_section;
    uint32_t keys = 0;
    if (blob.size < sizeof MAGIC || memcmp(blob.data, MAGIC, sizeof MAGIC) != 0) {
        return not_a_key(err, "the armour does not hold openssh-key-v1");
    }
    zd_span rest = zd_span_of(blob.data + sizeof MAGIC, blob.size - sizeof MAGIC);
    if (!zd_wire_take_string(&cipher, &rest) || !zd_wire_take_string(&kdf, &rest) ||
        !zd_wire_take_string(&kdf_options, &rest) || !zd_wire_take_u32(&keys, &rest) || keys != 1 ||
        !zd_wire_take_string(&public_blob, &rest) || !zd_wire_take_string(&private_section, &rest) || rest.size != 0) {
        return not_a_key(err, "the file is damaged or holds more than one key");
    }
    if (!zd_span_is(cipher, "none")) {
        return not_a_key(err, "the key is protected by a passphrase: load it with ssh-add into ssh-agent and name it "
                              "agent:SHA256:... (ssh-keygen -l shows the fingerprint)");
    }
    if (!zd_span_is(kdf, "none") || kdf_options.size != 0) {
        return not_a_key(err, "the file is damaged: a key without cipher has no key derivation");
    }
    if (!zd_wire_read_public(public_key, public_blob)) {
        return not_a_key(err, "the key is not of type ssh-ed25519");
    }
    return read_private(secret, public_key, private_section, err);
}

zd_status zd_key_file_load(uint8_t secret[ZD_SECRET_SIZE], zd_public_key *public_key, const char *path, zd_error *err)
{
    key_room *room = room_take();
    size_t size = 0;
    zd_public_key found;
    zd_status status = read_file(&size, room, path, err);
    if (status != ZD_OK) {
        goto cleanup;
    }
    zd_buf blob = {.data = room->blob, .capacity = sizeof room->blob}; /* what decodes is shorter than its text */
    if (!zd_armour_read(&blob, LABEL, zd_span_of(room->text, size))) {
        status = not_a_key(err, "no OPENSSH PRIVATE KEY armour, or a damaged one");
        goto cleanup;
    }
    status = read_blob(room->secret, &found, zd_buf_span(&blob), err);
    if (status == ZD_OK) {
        memcpy(secret, room->secret, ZD_SECRET_SIZE);
        *public_key = found;
    }
cleanup:
    sodium_free(room); /* wipes */
    zd_error_subject(status != ZD_OK ? err : NULL, zd_span_text(path));
    return status;
}

static void add_private(zd_buf *inner, const uint8_t secret[ZD_SECRET_SIZE], const zd_public_key *key, zd_span comment)
{
    /* The check words serve only to notice a wrong passphrase; taken from the public key they make files reproducible. */
    zd_hash hash = zd_sha256(zd_span_of(key->bytes, sizeof key->bytes));
    zd_buf_add(inner, hash.bytes, 4);
    zd_buf_add(inner, hash.bytes, 4);
    zd_wire_add_public(inner, key);
    zd_wire_add_string(inner, zd_span_of(secret, ZD_SECRET_SIZE));
    zd_wire_add_string(inner, comment);
    for (uint8_t pad = 1; inner->size % BLOCK_SIZE != 0; pad++) {
        zd_buf_add_byte(inner, pad);
    }
}

/* Writes the armoured file into room->text; the buffers are large enough by COMMENT_MAX and stay where they are. */
static zd_span make_private(key_room *room, const zd_public_key *key, zd_span comment)
{
    zd_buf inner = {.data = room->inner, .capacity = sizeof room->inner};
    zd_buf blob = {.data = room->blob, .capacity = sizeof room->blob};
    zd_buf text = {.data = room->text, .capacity = sizeof room->text};
    add_private(&inner, room->secret, key, comment);
    zd_buf_add(&blob, MAGIC, sizeof MAGIC);
    zd_wire_add_string(&blob, zd_span_text("none"));
    zd_wire_add_string(&blob, zd_span_text("none"));
    zd_wire_add_string(&blob, zd_span_of(NULL, 0));
    zd_wire_add_u32(&blob, 1);
    zd_wire_add_u32(&blob, ZD_SSH_PUBLIC_BLOB_SIZE);
    zd_wire_add_public(&blob, key);
    zd_wire_add_string(&blob, zd_buf_span(&inner));
    zd_armour_add(&text, LABEL, zd_buf_span(&blob));
    ZD_ASSERT(inner.data == room->inner && blob.data == room->blob && text.data == room->text);
    return zd_buf_span(&text);
}

static zd_status check_comment(zd_span comment, zd_error *err)
{
    if (comment.size > COMMENT_MAX) {
        return zd_fail(err, ZD_E_TEXT_TOO_LONG, "a key's comment has at most %d bytes", COMMENT_MAX);
    }
    for (size_t i = 0; i < comment.size; i++) {
        if (comment.data[i] < 0x20 || comment.data[i] == 0x7f) {
            return zd_fail(err, ZD_E_TEXT_CONTROL, "in the key's comment");
        }
    }
    return zd_span_is_utf8(comment) ? ZD_OK : zd_fail(err, ZD_E_TEXT_NOT_UTF8, "the key's comment");
}

/* Neither file may be there; the creation itself is exclusive as well, this only spares making half of the pair. */
static zd_status check_free(const char *path, const char *public_path, zd_error *err)
{
    const char *taken = zd_path_exists(path) ? path : zd_path_exists(public_path) ? public_path : NULL;
    if (taken == NULL) {
        return ZD_OK;
    }
    zd_status status = zd_fail(err, ZD_E_FILE_EXISTS, "a key is never overwritten");
    zd_error_subject(err, zd_span_text(taken));
    return status;
}

static zd_status write_pair(const char *path, zd_span private_text, const char *public_path, zd_span public_text,
                            zd_error *err)
{
    zd_status status = zd_file_create(path, private_text, 0600, err);
    if (status != ZD_OK) {
        return status;
    }
    status = zd_file_create(public_path, public_text, 0644, err);
    if (status != ZD_OK) {
        (void)unlink(path); /* made a moment ago by us, and used by nobody */
    }
    return status;
}

zd_status zd_key_file_make(const char *path, const char *comment, const uint8_t *seed, zd_error *err)
{
    zd_span comment_text = zd_span_text(comment);
    zd_status status = check_comment(comment_text, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_buf public_path = {0};
    zd_buf public_text = {0};
    key_room *room = room_take();
    zd_buf_addf(&public_path, "%s.pub", path);
    status = check_free(path, zd_buf_text(&public_path), err);
    if (status != ZD_OK) {
        goto cleanup;
    }
    zd_public_key key;
    if (seed != NULL) {
        (void)crypto_sign_ed25519_seed_keypair(key.bytes, room->secret, seed);
    } else {
        (void)crypto_sign_ed25519_keypair(key.bytes, room->secret);
    }
    zd_ssh_public_add(&public_text, &key);
    zd_buf_add_text(&public_text, comment_text.size > 0 ? " " : "");
    zd_buf_add_span(&public_text, comment_text);
    zd_buf_add_byte(&public_text, '\n');
    zd_span private_text = make_private(room, &key, comment_text);
    status = write_pair(path, private_text, zd_buf_text(&public_path), zd_buf_span(&public_text), err);
cleanup:
    sodium_free(room); /* wipes */
    zd_buf_free(&public_text);
    zd_buf_free(&public_path);
    return status;
}
