/*
 * ssh-agent; see agent.h.
 *
 * Invariants: whatever the other end of the socket sends, no more than REPLY_MAX bytes of it are read, and a signature
 * leaves this file only after it was verified. Must not: hold private keys, or try a second key when the one
 * that was named is not there.
 */
#include "ledger/seal/sign/agent.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ledger/seal/ssh_wire.h"

#define REPLY_MAX ((size_t)256 * 1024) /* OpenSSH's own limit, in both directions */
#define WAIT_S 120                     /* a person may have to confirm or to touch a token */
#define SIGNATURE_SIZE 64

enum { FAILURE = 5, LIST = 11, LIST_ANSWER = 12, SIGN = 13, SIGN_ANSWER = 14 };

static zd_status no_agent(zd_error *err, const char *socket_path, const char *what)
{
    zd_status status = zd_fail(err, ZD_E_AGENT, "%s", what);
    zd_error_subject(err, zd_span_text(socket_path));
    return status;
}

static zd_status agent_connect(int *out, const char *socket_path, zd_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!zd_span_copy(address.sun_path, sizeof address.sun_path, zd_span_text(socket_path))) {
        return no_agent(err, socket_path, "the socket's path is too long");
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return zd_fail_errno(err, ZD_E_AGENT, socket_path);
    }
    const struct timeval wait = {.tv_sec = WAIT_S};
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
        zd_status status = zd_fail_errno(err, ZD_E_AGENT, socket_path);
        (void)close(fd);
        return status;
    }
    *out = fd;
    return ZD_OK;
}

static zd_status send_all(int fd, zd_span bytes, const char *socket_path, zd_error *err)
{
    while (bytes.size > 0) {
        ssize_t sent = send(fd, bytes.data, bytes.size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent < 0) {
            return zd_fail_errno(err, ZD_E_AGENT, socket_path);
        }
        bytes = zd_span_of(bytes.data + sent, bytes.size - (size_t)sent);
    }
    return ZD_OK;
}

static zd_status receive(zd_buf *out, int fd, size_t size, const char *socket_path, zd_error *err)
{
    uint8_t *to = zd_buf_reserve(out, size);
    while (size > 0) {
        ssize_t got = recv(fd, to, size, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return zd_fail_errno(err, ZD_E_AGENT, socket_path);
        }
        if (got == 0) {
            return no_agent(err, socket_path, "the agent closed the connection before its answer was complete");
        }
        to += got;
        size -= (size_t)got;
        out->size += (size_t)got;
    }
    return ZD_OK;
}

/* Sends one framed request and appends the body of the answer, whose type must be the wanted one. */
static zd_status exchange(zd_buf *answer, const char *socket_path, zd_span request, uint8_t wanted, zd_error *err)
{
    if (request.size > REPLY_MAX) {
        return no_agent(err, socket_path, "the text is too long for ssh-agent (256 KiB); use a key file");
    }
    zd_buf bytes = {0};
    int fd = -1;
    uint32_t size = 0;
    zd_status status = agent_connect(&fd, socket_path, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_wire_add_string(&bytes, request); /* the frame is u32 length and the message, like a string */
    status = send_all(fd, zd_buf_span(&bytes), socket_path, err);
    zd_buf_clear(&bytes);
    if (status == ZD_OK) {
        status = receive(&bytes, fd, sizeof size, socket_path, err);
    }
    if (status != ZD_OK) {
        goto cleanup;
    }
    zd_span head = zd_buf_span(&bytes);
    if (!zd_wire_take_u32(&size, &head) || size == 0 || size > REPLY_MAX) {
        status = no_agent(err, socket_path, "the answer is empty or longer than 256 KiB");
        goto cleanup;
    }
    zd_buf_clear(&bytes);
    status = receive(&bytes, fd, size, socket_path, err);
    if (status == ZD_OK && bytes.data[0] != wanted) {
        status = no_agent(err, socket_path,
                          bytes.data[0] == FAILURE ? "the agent refused: the key is gone, locked, or was not confirmed"
                                                   : "this is not an answer of ssh-agent");
    }
    if (status == ZD_OK) {
        zd_buf_add(answer, bytes.data + 1, bytes.size - 1);
    }
cleanup:
    (void)close(fd);
    zd_buf_free(&bytes);
    return status;
}

static bool has_fingerprint(zd_span blob, const char *fingerprint)
{
    zd_hash hash = zd_sha256(blob);
    zd_buf shown = {0};
    zd_buf_add_text(&shown, "SHA256:");
    zd_base64_add(&shown, zd_span_of(hash.bytes, sizeof hash.bytes));
    bool same = zd_span_is(zd_span_of(shown.data, shown.size - 1), fingerprint); /* ssh-keygen shows no '=' */
    zd_buf_free(&shown);
    return same;
}

/* Walks the list answer: u32 count, then (string blob, string comment) that often. */
static zd_status find_in_list(zd_public_key *out, zd_span rest, const char *socket_path, const char *fingerprint,
                              zd_error *err)
{
    uint32_t count = 0;
    if (!zd_wire_take_u32(&count, &rest)) {
        return no_agent(err, socket_path, "the agent's list of keys is malformed");
    }
    for (uint32_t i = 0; i < count; i++) {
        zd_span blob;
        zd_span comment;
        if (!zd_wire_take_string(&blob, &rest) || !zd_wire_take_string(&comment, &rest)) {
            return no_agent(err, socket_path, "the agent's list of keys is malformed");
        }
        if (has_fingerprint(blob, fingerprint)) {
            return zd_wire_read_public(out, blob)
                       ? ZD_OK
                       : no_agent(err, socket_path, "the key of that fingerprint is not of type ssh-ed25519");
        }
    }
    zd_status status = zd_fail(err, ZD_E_AGENT, "the agent holds %u keys, none of them this one; ssh-add it", count);
    zd_error_field(err, "fingerprint", zd_span_text(fingerprint));
    zd_error_subject(err, zd_span_text(socket_path));
    return status;
}

zd_status zd_agent_find(zd_public_key *out, const char *socket_path, const char *fingerprint, zd_error *err)
{
    const uint8_t request = LIST;
    zd_buf answer = {0};
    zd_status status = exchange(&answer, socket_path, zd_span_of(&request, 1), LIST_ANSWER, err);
    if (status == ZD_OK) {
        status = find_in_list(out, zd_buf_span(&answer), socket_path, fingerprint, err);
    }
    zd_buf_free(&answer);
    return status;
}

/* string(string "ssh-ed25519" string signature64) and nothing behind it. */
static bool read_signature(uint8_t out[SIGNATURE_SIZE], zd_span rest)
{
    zd_span blob;
    zd_span type;
    zd_span bytes;
    if (!zd_wire_take_string(&blob, &rest) || rest.size != 0 || !zd_wire_take_string(&type, &blob) ||
        !zd_wire_take_string(&bytes, &blob) || blob.size != 0 || !zd_span_is(type, ZD_SSH_ED25519) ||
        bytes.size != SIGNATURE_SIZE) {
        return false;
    }
    memcpy(out, bytes.data, SIGNATURE_SIZE);
    return true;
}

zd_status zd_agent_sign(uint8_t out[64], const char *socket_path, const zd_public_key *key, zd_span message, zd_error *err)
{
    zd_buf request = {0};
    zd_buf answer = {0};
    uint8_t signature[SIGNATURE_SIZE];
    zd_buf_add_byte(&request, SIGN);
    zd_wire_add_u32(&request, ZD_SSH_PUBLIC_BLOB_SIZE);
    zd_wire_add_public(&request, key);
    zd_wire_add_string(&request, message);
    zd_wire_add_u32(&request, 0); /* no flags: they concern RSA only */
    zd_status status = exchange(&answer, socket_path, zd_buf_span(&request), SIGN_ANSWER, err);
    if (status != ZD_OK) {
        goto cleanup;
    }
    if (!read_signature(signature, zd_buf_span(&answer)) || !zd_ed25519_verify(signature, message, key)) {
        status = no_agent(err, socket_path, "the agent's signature does not fit the key and the text");
        goto cleanup;
    }
    memcpy(out, signature, SIGNATURE_SIZE);
cleanup:
    zd_buf_free(&answer);
    zd_buf_free(&request);
    return status;
}
