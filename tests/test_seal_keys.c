/*
 * Private keys: files in both directions against the installed ssh-keygen, modes, encrypted and foreign files, damage of
 * every byte. The agent has a program of its own, test_seal_agent.c.
 */
#include "tests/support/support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static void open__vector_key_signs(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("seal-keys-vector");
    zd_buf path = {0};
    zd_public_key wanted = vector_public();
    static const mode_t modes[] = {0600, 0400};
    for (size_t i = 0; i < ZD_COUNT(modes); i++) {
        zd_signer *signer = NULL;
        write_at(zd_path_join(&path, dir, "key"), zd_span_text(VECTOR_KEY), modes[i]);
        assert_ok(zd_signer_open(&signer, zd_buf_text(&path), err));
        assert_signs(signer, &wanted);
        zd_signer_close(signer);
        assert_int_equal(unlink(zd_buf_text(&path)), 0);
    }
    zd_signer_close(NULL);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

static void open__file_that_others_may_touch_is_refused(void **state)
{
    (void)state;
    static const mode_t modes[] = {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0660, 0777};
    const char *dir = zd_test_dir("seal-keys-mode");
    zd_buf path = {0};
    (void)zd_path_join(&path, dir, "key");
    for (size_t i = 0; i < ZD_COUNT(modes); i++) {
        zd_signer *signer = NULL;
        zd_error err = {0};
        write_at(zd_buf_text(&path), zd_span_text(VECTOR_KEY), modes[i]);
        assert_int_equal(zd_signer_open(&signer, zd_buf_text(&path), &err), ZD_USAGE);
        assert_int_equal(err.code, ZD_E_KEY_FILE_MODE);
        assert_string_equal(err.subject, zd_buf_text(&path));
        assert_null(signer);
    }
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

static void open__other_files_are_refused_with_a_sentence(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("seal-keys-other");
    zd_buf path = {0};
    assert_int_equal(zd_test_shell(NULL, "cd '%s' && ssh-keygen -q -t ed25519 -N secret -f locked && "
                                         "ssh-keygen -q -t ecdsa -N '' -f ecdsa && ssh-keygen -q -t rsa -b 4096 -N '' -f rsa && "
                                         "cp rsa pem && ssh-keygen -q -p -m PEM -P '' -N '' -f pem >/dev/null && "
                                         "cp locked.pub half.pub && chmod 600 half.pub && : > empty && chmod 600 empty && "
                                         "head -c 9000 /dev/zero > big && chmod 600 big && mkfifo -m 600 pipe && mkdir dir", dir), 0);
    static const char *const names[] = {"locked", "ecdsa", "rsa", "pem", "half.pub", "empty", "big", "pipe", "dir"};
    static const char *const words[] = {"ssh-add", "ssh-ed25519", "ssh-ed25519", "armour", "public half",
                                        "armour",  "too large",   "regular",     "regular"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_signer *signer = NULL;
        zd_error err = {0};
        (void)zd_signer_open(&signer, zd_path_join(&path, dir, names[i]), &err);
        if (err.code != ZD_E_KEY_FILE || strstr(err.detail, words[i]) == NULL) {
            print_error("%s: %s: %s\n", names[i], zd_code_name(err.code), err.detail);
        }
        assert_int_equal(err.code, ZD_E_KEY_FILE);
        assert_non_null(strstr(err.detail, words[i]));
        assert_string_equal(err.subject, zd_buf_text(&path));
        assert_null(signer);
    }
    zd_signer *signer = NULL;
    assert_code(zd_signer_open(&signer, zd_path_join(&path, dir, "absent"), err), ZD_E_FILE_MISSING);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

static void open__key_of_ssh_keygen_signs_whatever_its_line_width(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("seal-keys-theirs");
    zd_buf path = {0};
    zd_buf text = {0};
    zd_public_key wanted;
    static const char *const names[] = {"key", "wide", "narrow"};
    assert_int_equal(zd_test_shell(NULL, "cd '%s' && ssh-keygen -q -t ed25519 -N '' -C '绍兴 bureau' -f key && umask 077 && "
                                         "for w in wide:400 narrow:64; do (sed -n 1p key; sed '1d;$d' key | tr -d '\\n' | "
                                         "fold -w ${w#*:}; echo; sed -n '$p' key) > ${w%%:*}; done", dir), 0);
    assert_ok(zd_file_read(&text, zd_path_join(&path, dir, "key.pub"), 4096, err));
    assert_ok(zd_ssh_public_parse(&wanted, zd_buf_span(&text), err));
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_signer *signer = NULL;
        assert_ok(zd_signer_open(&signer, zd_path_join(&path, dir, names[i]), err));
        assert_signs(signer, &wanted);
        zd_signer_close(signer);
    }
    zd_buf_free(&text);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

static void open__every_damaged_byte_is_noticed_or_harmless(void **state)
{
    (void)state;
    static const uint8_t masks[] = {1, 2, 4, 8, 16, 32, 64, 128, 0x0a, 0x3d, 0xff};
    const char *dir = zd_test_dir("seal-keys-damage");
    zd_buf path = {0};
    zd_public_key wanted = vector_public();
    const size_t size = sizeof VECTOR_KEY - 1;
    uint8_t text[sizeof VECTOR_KEY];
    size_t harmless = 0;
    (void)zd_path_join(&path, dir, "key");
    for (size_t i = 0; i < size; i++) {
        for (size_t k = 0; k <= ZD_COUNT(masks); k++) {
            memcpy(text, VECTOR_KEY, size);
            text[i] ^= k < ZD_COUNT(masks) ? masks[k] : 0;
            zd_span content = zd_span_of(text, k < ZD_COUNT(masks) ? size : i); /* the last turn cuts here */
            zd_signer *signer = NULL;
            zd_error err = {0};
            write_at(zd_buf_text(&path), content, 0600);
            zd_status status = zd_signer_open(&signer, zd_buf_text(&path), &err);
            assert_int_equal(err.code, status == ZD_OK ? ZD_CODE_NONE : ZD_E_KEY_FILE);
            if (status == ZD_OK) {
                assert_signs(signer, &wanted);
                harmless++;
            }
            zd_signer_close(signer);
        }
    }
    /* What may change unseen: eight bytes of comment, and the last newline. */
    assert_in_range(harmless, 1, 8 * 4 / 3 * ZD_COUNT(masks) + 2);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

/* Recodes the vector's blob with one change, so that rules behind the base64 are met one by one. */
static void open__contradictions_inside_the_file_are_refused(void **state)
{
    (void)state;
    typedef struct change {
        size_t offset;
        uint8_t mask;
        const char *word;
    } change;
    /* Offsets: magic 0, cipher 19, kdf 27, options 31, count 35, public 39.., private 98.., seed 161, public 193. */
    static const change changes[] = {
        {0, 1, "openssh-key-v1"}, {14, 1, "openssh-key-v1"}, {19, 1, "ssh-add"},  {27, 1, "derivation"}, {38, 3, "one key"},
        {50, 1, "type"},          {65, 1, "together"},       {98, 1, "damaged"},  {102, 1, "damaged"},   {110, 1, "private section"},
        {125, 1, "together"},     {161, 1, "together"},      {193, 1, "together"}, {241, 1, "damaged"},
    };
    const char *dir = zd_test_dir("seal-keys-inside");
    zd_buf path = {0};
    zd_buf blob = {0};
    assert_true(zd_armour_read(&blob, "OPENSSH PRIVATE KEY", zd_span_text(VECTOR_KEY)));
    for (size_t i = 0; i < ZD_COUNT(changes); i++) {
        zd_buf text = {0};
        zd_signer *signer = NULL;
        zd_error err = {0};
        assert_true(changes[i].offset < blob.size);
        blob.data[changes[i].offset] ^= changes[i].mask;
        zd_armour_add(&text, "OPENSSH PRIVATE KEY", zd_buf_span(&blob));
        blob.data[changes[i].offset] ^= changes[i].mask;
        write_at(zd_path_join(&path, dir, "key"), zd_buf_span(&text), 0600);
        (void)zd_signer_open(&signer, zd_buf_text(&path), &err);
        if (err.code != ZD_E_KEY_FILE || strstr(err.detail, changes[i].word) == NULL) {
            print_error("offset %zu: %s: %s\n", changes[i].offset, zd_code_name(err.code), err.detail);
        }
        assert_int_equal(err.code, ZD_E_KEY_FILE);
        assert_non_null(strstr(err.detail, changes[i].word));
        assert_null(signer);
        zd_buf_free(&text);
    }
    zd_buf_free(&blob);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

static void make__pair_is_one_that_ssh_keygen_reads(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("seal-keys-make");
    zd_buf path = {0};
    zd_buf shown = {0};
    zd_buf public_text = {0};
    struct stat info;
    char comment[256] = "";
    (void)zd_path_join(&path, dir, "key");
    /* Lengths 0 to 8 meet every padding; 255 is the longest. */
    static const size_t lengths[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 255};
    for (size_t i = 0; i < ZD_COUNT(lengths); i++) {
        memset(comment, 'c', lengths[i]);
        comment[lengths[i]] = '\0';
        assert_ok(zd_key_file_make(zd_buf_text(&path), comment, NULL, err));
        assert_int_equal(stat(zd_buf_text(&path), &info), 0);
        assert_int_equal(info.st_mode & 07777, 0600);
        zd_buf_clear(&shown);
        zd_buf_clear(&public_text);
        assert_int_equal(zd_test_shell(&shown, "ssh-keygen -y -f '%s'", zd_buf_text(&path)), 0);
        assert_int_equal(zd_test_shell(&public_text, "cat '%s.pub'", zd_buf_text(&path)), 0);
        assert_string_equal(zd_buf_text(&shown), zd_buf_text(&public_text));
        zd_public_key wanted;
        zd_signer *signer = NULL;
        assert_ok(zd_ssh_public_parse(&wanted, zd_buf_span(&public_text), err));
        assert_ok(zd_signer_open(&signer, zd_buf_text(&path), err));
        assert_signs(signer, &wanted);
        zd_signer_close(signer);
        assert_int_equal(zd_test_shell(NULL, "rm '%s' '%s.pub'", zd_buf_text(&path), zd_buf_text(&path)), 0);
    }
    zd_buf_free(&public_text);
    zd_buf_free(&shown);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

static void make__seed_gives_the_vector_key_and_random_never_repeats(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("seal-keys-seed");
    zd_buf path = {0};
    zd_buf first = {0};
    zd_buf second = {0};
    uint8_t seed[32];
    memset(seed, 3, sizeof seed);
    assert_ok(zd_key_file_make(zd_path_join(&path, dir, "a"), "vector-3", seed, err));
    assert_ok(zd_file_read(&first, zd_path_join(&path, dir, "a.pub"), 4096, err));
    assert_string_equal(zd_buf_text(&first), VECTOR_PUBLIC " vector-3\n");
    assert_ok(zd_key_file_make(zd_path_join(&path, dir, "b"), NULL, NULL, err));
    assert_ok(zd_key_file_make(zd_path_join(&path, dir, "c"), NULL, NULL, err));
    zd_buf_clear(&first);
    assert_ok(zd_file_read(&first, zd_path_join(&path, dir, "b.pub"), 4096, err));
    assert_ok(zd_file_read(&second, zd_path_join(&path, dir, "c.pub"), 4096, err));
    assert_string_not_equal(zd_buf_text(&first), zd_buf_text(&second));
    zd_buf_free(&first);
    zd_buf_free(&second);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

static void make__nothing_is_overwritten_and_no_half_pair_left(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("seal-keys-exists");
    zd_buf path = {0};
    write_at(zd_path_join(&path, dir, "a"), zd_span_text("mine"), 0600);
    write_at(zd_path_join(&path, dir, "b.pub"), zd_span_text("mine"), 0600);
    assert_code(zd_key_file_make(zd_path_join(&path, dir, "a"), "", NULL, err), ZD_E_FILE_EXISTS);
    assert_code(zd_key_file_make(zd_path_join(&path, dir, "b"), "", NULL, err), ZD_E_FILE_EXISTS);
    assert_code(zd_key_file_make(zd_path_join(&path, dir, "c"), "two\nlines", NULL, err), ZD_E_TEXT_CONTROL);
    assert_code(zd_key_file_make(zd_path_join(&path, dir, "c"), "\xff", NULL, err), ZD_E_TEXT_NOT_UTF8);
    char comment[257];
    memset(comment, 'c', 256);
    comment[256] = '\0';
    assert_code(zd_key_file_make(zd_path_join(&path, dir, "c"), comment, NULL, err), ZD_E_TEXT_TOO_LONG);
    assert_code(zd_key_file_make(zd_path_join(&path, dir, "no/such/c"), "", NULL, err), ZD_E_FILE_IO);
    /* A dangling link at the public name is not seen beforehand: the private half must go again. */
    assert_int_equal(symlink("nowhere", zd_path_join(&path, dir, "d.pub")), 0);
    assert_code(zd_key_file_make(zd_path_join(&path, dir, "d"), "", NULL, err), ZD_E_FILE_EXISTS);
    zd_buf listed = {0};
    assert_int_equal(zd_test_shell(&listed, "cd '%s' && ls | tr '\\n' ' ' && cat a b.pub", dir), 0);
    assert_string_equal(zd_buf_text(&listed), "a b.pub d.pub minemine");
    zd_buf_free(&listed);
    zd_buf_free(&path);
    zd_test_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(open__vector_key_signs),
        cmocka_unit_test(open__file_that_others_may_touch_is_refused),
        cmocka_unit_test(open__other_files_are_refused_with_a_sentence),
        cmocka_unit_test(open__key_of_ssh_keygen_signs_whatever_its_line_width),
        cmocka_unit_test(open__every_damaged_byte_is_noticed_or_harmless),
        cmocka_unit_test(open__contradictions_inside_the_file_are_refused),
        cmocka_unit_test(make__pair_is_one_that_ssh_keygen_reads),
        cmocka_unit_test(make__seed_gives_the_vector_key_and_random_never_repeats),
        cmocka_unit_test(make__nothing_is_overwritten_and_no_half_pair_left),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
