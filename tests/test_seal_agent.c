/*
 * ssh-agent: the installed one signs as the key file does; one that misbehaves, served by the test itself, a byte at a
 * time, never gets more out of us than the error AGENT.
 */
#include "tests/support/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/base/durable.h"
#include "ledger/seal/sign/signer.h"
#include "ledger/seal/ssh_wire.h"

/* Made by another implementation from 32 bytes of 3; its check words differ from ours. */
#define VECTOR_KEY                                                                                                     \
    "-----BEGIN OPENSSH PRIVATE KEY-----\n"                                                                            \
    "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n"                                         \
    "QyNTUxOQAAACDtSSjGKNHCxurpAziQWZVhKVknOlxj+TY2wUYUrIc30QAAAJABAgMEAQID\n"                                         \
    "BAAAAAtzc2gtZWQyNTUxOQAAACDtSSjGKNHCxurpAziQWZVhKVknOlxj+TY2wUYUrIc30Q\n"                                         \
    "AAAEADAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA+1JKMYo0cLG6ukDOJBZlWEp\n"                                         \
    "WSc6XGP5NjbBRhSshzfRAAAACHZlY3Rvci0zAQIDBAU=\n"                                                                   \
    "-----END OPENSSH PRIVATE KEY-----\n"
#define VECTOR_PUBLIC "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR"

static zd_public_key vector_public(void)
{
    zd_public_key key;
    assert_ok(zd_ssh_public_parse(&key, zd_span_text(VECTOR_PUBLIC), err));
    return key;
}

static void write_at(const char *path, zd_span content, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content.data, content.size), content.size);
    assert_int_equal(fchmod(fd, mode), 0);
    assert_int_equal(close(fd), 0);
}

/* The signer signs, and the signature is good under the key that it shows. */
static void assert_signs(const zd_signer *signer, const zd_public_key *wanted)
{
    uint8_t signature[64];
    const zd_span message = zd_span_text("any bytes");
    assert_memory_equal(zd_signer_public(signer)->bytes, wanted->bytes, 32);
    assert_ok(zd_signer_sign(signature, signer, message, err));
    assert_true(zd_ed25519_verify(signature, message, wanted));
    signature[0] ^= 1;
    assert_false(zd_ed25519_verify(signature, message, wanted));
}

typedef struct agent_case {
    const char *dir;
    pid_t agent; /* 0 when none runs */
    char socket_path[128];
} agent_case;

static int agent_setup(void **state)
{
    agent_case *c = zd_alloc_zero(1, sizeof *c);
    c->dir = zd_test_dir("seal-agent");
    zd_format(c->socket_path, sizeof c->socket_path, "%s/s", c->dir);
    assert_int_equal(setenv("SSH_AUTH_SOCK", c->socket_path, 1), 0);
    *state = c;
    return 0;
}

static int agent_teardown(void **state)
{
    agent_case *c = *state;
    if (c->agent > 0) {
        (void)kill(c->agent, SIGTERM);
        (void)waitpid(c->agent, NULL, 0);
    }
    (void)unsetenv("SSH_AUTH_SOCK");
    zd_test_dir_remove(c->dir);
    free(c);
    return 0;
}

/* Starts the installed ssh-agent in the foreground as our child and loads the vector key and an ECDSA key. */
static void agent_start(agent_case *c)
{
    c->agent = fork();
    assert_true(c->agent >= 0);
    if (c->agent == 0) {
        int quiet = open("/dev/null", O_WRONLY);
        (void)dup2(quiet, STDOUT_FILENO);
        (void)execlp("ssh-agent", "ssh-agent", "-D", "-a", c->socket_path, (char *)NULL);
        _exit(127);
    }
    /* ssh-add answers 2 as long as no agent listens. */
    assert_int_equal(zd_test_shell(NULL, "n=0; until ssh-add -l >/dev/null 2>&1 || [ $? -eq 1 ]; do n=$((n+1)); "
                                         "[ $n -lt 2000 ] || exit 1; done"), 0);
    zd_buf path = {0};
    write_at(zd_path_join(&path, c->dir, "key"), zd_span_text(VECTOR_KEY), 0600);
    assert_int_equal(zd_test_shell(NULL, "cd '%s' && ssh-keygen -q -t ecdsa -N '' -f ecdsa && "
                                         "ssh-add -q ecdsa && ssh-add -q key", c->dir), 0);
    zd_buf_free(&path);
}

static void vector_name(zd_buf *out)
{
    zd_public_key key = vector_public();
    zd_buf_clear(out);
    zd_buf_add_text(out, "agent:");
    zd_ssh_fingerprint_add(out, &key);
}

static void agent__real_one_signs_like_the_file(void **state)
{
    agent_case *c = *state;
    zd_buf name = {0};
    zd_buf by_agent = {0};
    zd_buf by_file = {0};
    zd_buf path = {0};
    zd_signer *agent = NULL;
    zd_signer *file = NULL;
    zd_public_key wanted = vector_public();
    agent_start(c);
    vector_name(&name);
    assert_ok(zd_signer_open(&agent, zd_buf_text(&name), err));
    assert_ok(zd_signer_open(&file, zd_path_join(&path, c->dir, "key"), err));
    assert_signs(agent, &wanted);
    zd_buf text = {0};
    for (size_t i = 0; i < 6000; i++) {
        zd_buf_add_text(&text, "0123456789"); /* a request of the largest size */
    }
    zd_buf_add_text(&text, "\n");
    assert_ok(zd_signer_note(&by_agent, agent, "sx/bureau", zd_buf_span(&text), err));
    assert_ok(zd_signer_note(&by_file, file, "sx/bureau", zd_buf_span(&text), err));
    assert_string_equal(zd_buf_text(&by_agent), zd_buf_text(&by_file));
    zd_buf_clear(&by_agent);
    zd_buf_clear(&by_file);
    assert_ok(zd_signer_sshsig(&by_agent, agent, "git", zd_buf_span(&text), err));
    assert_ok(zd_signer_sshsig(&by_file, file, "git", zd_buf_span(&text), err));
    assert_string_equal(zd_buf_text(&by_agent), zd_buf_text(&by_file));
    /* The key is taken away while the signer is open. */
    uint8_t signature[64];
    assert_int_equal(zd_test_shell(NULL, "ssh-add -q -D 2>/dev/null"), 0);
    assert_code(zd_signer_sign(signature, agent, zd_span_text("x"), err), ZD_E_AGENT);
    zd_signer_close(agent);
    zd_signer_close(file);
    zd_buf_free(&text);
    zd_buf_free(&path);
    zd_buf_free(&by_file);
    zd_buf_free(&by_agent);
    zd_buf_free(&name);
}

static void agent__key_that_is_not_there_or_not_ed25519_is_refused(void **state)
{
    agent_case *c = *state;
    zd_signer *signer = NULL;
    zd_buf name = {0};
    agent_start(c);
    static const char *const names[] = {"agent:", "agent:SHA256:", "agent:SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                        "agent:vector-3"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_error err = {0};
        (void)zd_signer_open(&signer, names[i], &err);
        assert_int_equal(err.code, ZD_E_AGENT);
        assert_non_null(strstr(err.detail, "holds 2 keys"));
        assert_null(signer);
    }
    zd_buf_add_text(&name, "agent:");
    assert_int_equal(zd_test_shell(&name, "ssh-keygen -l -f '%s/ecdsa.pub' | cut -d' ' -f2 | tr -d '\\n'", c->dir), 0);
    zd_error err = {0};
    (void)zd_signer_open(&signer, zd_buf_text(&name), &err);
    assert_int_equal(err.code, ZD_E_AGENT);
    assert_non_null(strstr(err.detail, "not of type ssh-ed25519"));
    zd_buf_free(&name);
}

static void agent__absent_one_is_a_fault(void **state)
{
    (void)state;
    zd_signer *signer = NULL;
    zd_buf name = {0};
    char long_path[200];
    vector_name(&name);
    assert_code(zd_signer_open(&signer, zd_buf_text(&name), err), ZD_E_AGENT);
    memset(long_path, 'x', sizeof long_path);
    long_path[0] = '/';
    long_path[sizeof long_path - 1] = '\0';
    assert_int_equal(setenv("SSH_AUTH_SOCK", long_path, 1), 0);
    assert_code(zd_signer_open(&signer, zd_buf_text(&name), err), ZD_E_AGENT);
    assert_int_equal(setenv("SSH_AUTH_SOCK", "", 1), 0);
    assert_code(zd_signer_open(&signer, zd_buf_text(&name), err), ZD_E_AGENT);
    assert_int_equal(unsetenv("SSH_AUTH_SOCK"), 0);
    assert_code(zd_signer_open(&signer, zd_buf_text(&name), err), ZD_E_AGENT);
    assert_null(signer);
    zd_buf_free(&name);
}

/* Answers one connection after the other, a byte at a time, with what the test wrote beforehand; then ends. */
static void serve(int listener, const zd_buf *answers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int fd = accept(listener, NULL, NULL);
        uint8_t head[4];
        if (fd < 0 || recv(fd, head, sizeof head, MSG_WAITALL) != (ssize_t)sizeof head) {
            _exit(1);
        }
        zd_span length = zd_span_of(head, sizeof head);
        uint32_t size = 0;
        uint8_t body[4096];
        if (!zd_wire_take_u32(&size, &length) || size > sizeof body || recv(fd, body, size, MSG_WAITALL) != (ssize_t)size) {
            _exit(1);
        }
        for (size_t k = 0; k < answers[i].size; k++) {
            if (send(fd, answers[i].data + k, 1, MSG_NOSIGNAL) != 1) {
                break; /* the client has seen enough */
            }
        }
        (void)close(fd);
    }
    _exit(0);
}

static void fake_start(agent_case *c, const zd_buf *answers, size_t count)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert_true(zd_span_copy(address.sun_path, sizeof address.sun_path, zd_span_text(c->socket_path)));
    (void)unlink(c->socket_path);
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(listener, 4), 0);
    c->agent = fork();
    assert_true(c->agent >= 0);
    if (c->agent == 0) {
        serve(listener, answers, count);
    }
    (void)close(listener);
}

static void fake_stop(agent_case *c)
{
    int status = 0;
    assert_int_equal(waitpid(c->agent, &status, 0), c->agent);
    c->agent = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* type, body, framed. */
static zd_buf framed(uint8_t type, zd_span body)
{
    zd_buf message = {0};
    zd_wire_add_u32(&message, (uint32_t)body.size + 1);
    zd_buf_add_byte(&message, type);
    zd_buf_add_span(&message, body);
    return message;
}

static zd_buf good_list(void)
{
    zd_public_key key = vector_public();
    zd_buf body = {0};
    zd_buf blob = {0};
    zd_wire_add_u32(&body, 2);
    zd_wire_add_string(&body, zd_span_text("a blob of some other kind"));
    zd_wire_add_string(&body, zd_span_text(""));
    zd_wire_add_public(&blob, &key);
    zd_wire_add_string(&body, zd_buf_span(&blob));
    zd_wire_add_string(&body, zd_span_text("comment"));
    zd_buf message = framed(12, zd_buf_span(&body));
    zd_buf_free(&blob);
    zd_buf_free(&body);
    return message;
}

static void agent__malformed_list_is_refused(void **state)
{
    agent_case *c = *state;
    typedef struct raw {
        const char *bytes;
        size_t size;
        const char *word;
    } raw;
    static const raw raws[] = {
        {"", 0, "closed"},
        {"\0\0", 2, "closed"},
        {"\0\0\0\0", 4, "256 KiB"},
        {"\0\4\0\1\14", 5, "256 KiB"},
        {"\xff\xff\xff\xff\14", 5, "256 KiB"},
        {"\0\0\0\5\14\0\0", 7, "closed"},
        {"\0\0\0\1\5", 5, "refused"},
        {"\0\0\0\1\16", 5, "not an answer"},
        {"\0\0\0\1\14", 5, "malformed"},
        {"\0\0\0\5\14\xff\xff\xff\xff", 9, "malformed"},
        {"\0\0\0\11\14\0\0\0\1\0\0\0\1", 13, "malformed"},
        {"\0\0\0\15\14\0\0\0\1\0\0\0\0\xff\xff\xff\xff", 17, "malformed"},
        {"\0\0\0\5\14\0\0\0\0", 9, "holds 0 keys"},
    };
    zd_buf name = {0};
    vector_name(&name);
    for (size_t i = 0; i < ZD_COUNT(raws); i++) {
        zd_buf answer = {0};
        zd_buf_add(&answer, raws[i].bytes, raws[i].size);
        zd_signer *signer = NULL;
        zd_error err = {0};
        fake_start(c, &answer, 1);
        (void)zd_signer_open(&signer, zd_buf_text(&name), &err);
        fake_stop(c);
        if (err.code != ZD_E_AGENT || strstr(err.detail, raws[i].word) == NULL) {
            print_error("answer %zu: %s: %s\n", i, zd_code_name(err.code), err.detail);
        }
        assert_int_equal(err.code, ZD_E_AGENT);
        assert_non_null(strstr(err.detail, raws[i].word));
        assert_null(signer);
        zd_buf_free(&answer);
    }
    zd_buf_free(&name);
}

/* string(string type string signature) and what stands behind it. */
static zd_buf signature_answer(const char *type, zd_span signature, const char *behind)
{
    zd_buf blob = {0};
    zd_buf body = {0};
    zd_wire_add_string(&blob, zd_span_text(type));
    zd_wire_add_string(&blob, signature);
    zd_wire_add_string(&body, zd_buf_span(&blob));
    zd_buf_add_text(&body, behind);
    zd_buf message = framed(14, zd_buf_span(&body));
    zd_buf_free(&body);
    zd_buf_free(&blob);
    return message;
}

static void agent__only_the_right_signature_is_passed_on(void **state)
{
    agent_case *c = *state;
    uint8_t seed[32];
    uint8_t right[64];
    uint8_t wrong[64];
    zd_signer *file = NULL;
    zd_buf name = {0};
    memset(seed, 3, sizeof seed);
    assert_ok(zd_signer_from_seed(&file, seed, err));
    assert_ok(zd_signer_sign(right, file, zd_span_text("text"), err));
    assert_ok(zd_signer_sign(wrong, file, zd_span_text("another text"), err));
    zd_signer_close(file);
    vector_name(&name);
    for (int turn = 0; turn < 6; turn++) {
        zd_span bytes = zd_span_of(turn == 1 ? wrong : right, turn == 2 ? 63 : 64);
        zd_buf answers[2] = {good_list(), signature_answer(turn == 3 ? "ssh-ed448" : "ssh-ed25519", bytes,
                                                           turn == 4 ? "x" : "")};
        answers[1].data[4] = turn == 5 ? 5 : answers[1].data[4]; /* the type byte: failure */
        zd_signer *signer = NULL;
        zd_error err = {0};
        uint8_t signature[64] = {0};
        fake_start(c, answers, 2);
        assert_int_equal(zd_signer_open(&signer, zd_buf_text(&name), &err), ZD_OK);
        (void)zd_signer_sign(signature, signer, zd_span_text("text"), &err);
        fake_stop(c);
        assert_int_equal(err.code, turn == 0 ? ZD_CODE_NONE : ZD_E_AGENT);
        static const uint8_t nothing[64] = {0};
        assert_memory_equal(signature, turn == 0 ? right : nothing, 64);
        zd_signer_close(signer);
        zd_buf_free(&answers[0]);
        zd_buf_free(&answers[1]);
    }
    zd_buf_free(&name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(agent__real_one_signs_like_the_file, agent_setup, agent_teardown),
        cmocka_unit_test_setup_teardown(agent__key_that_is_not_there_or_not_ed25519_is_refused, agent_setup, agent_teardown),
        cmocka_unit_test_setup_teardown(agent__absent_one_is_a_fault, agent_setup, agent_teardown),
        cmocka_unit_test_setup_teardown(agent__malformed_list_is_refused, agent_setup, agent_teardown),
        cmocka_unit_test_setup_teardown(agent__only_the_right_signature_is_passed_on, agent_setup, agent_teardown),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
