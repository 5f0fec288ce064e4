/*
 * SSHSIG in both directions against the installed ssh-keygen: it verifies our armour, we verify its armour; another
 * namespace, hash, key type or form is refused, and so is every changed byte.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "ledger/seal/sign/signer.h"
#include "ledger/seal/ssh_wire.h"

#define VECTOR_PUBLIC "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR"
#define VECTOR_SPACE "ledger-checkpoint"
#define VECTOR_MESSAGE "hello ledger\n"
#define VECTOR_BODY_1 "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg7UkoxijRwsbq6QM4kFmVYSlZJz\n"
#define VECTOR_BODY_2                                                                                                  \
    "pcY/k2NsFGFKyHN9EAAAARbGVkZ2VyLWNoZWNrcG9pbnQAAAAAAAAABnNoYTUxMgAAAFMA\n"                                         \
    "AAALc3NoLWVkMjU1MTkAAABAk10xZ3rfDTYxSCrp/6UfLIIDTfQ3LGAnCe9t6+dLPGwUC/\n"                                         \
    "cPUkKDNgQZZltqjD1db0YVww6WIcfGTxWU4mRfDQ==\n"
#define VECTOR_BEGIN "-----BEGIN SSH SIGNATURE-----\n"
#define VECTOR_END "-----END SSH SIGNATURE-----"
#define VECTOR VECTOR_BEGIN VECTOR_BODY_1 VECTOR_BODY_2 VECTOR_END "\n"

/* The seed of the key above: 32 bytes of 3. */
static zd_signer *vector_signer(void)
{
    uint8_t seed[32];
    memset(seed, 3, sizeof seed);
    zd_signer *signer = NULL;
    assert_ok(zd_signer_from_seed(&signer, seed, err));
    return signer;
}

static zd_status verify_copy(zd_public_key *key, zd_span armour, zd_span message, zd_error *err)
{
    uint8_t *copy = malloc(armour.size > 0 ? armour.size : 1);
    assert_non_null(copy);
    if (armour.size > 0) {
        memcpy(copy, armour.data, armour.size);
    }
    zd_status status = zd_sshsig_verify(key, zd_span_of(copy, armour.size), VECTOR_SPACE, message, err);
    free(copy);
    return status;
}

static void verify__vector_is_good_and_names_its_key(void **state)
{
    (void)state;
    zd_public_key key;
    zd_public_key wanted;
    assert_ok(verify_copy(&key, zd_span_text(VECTOR), zd_span_text(VECTOR_MESSAGE), err));
    assert_ok(zd_ssh_public_parse(&wanted, zd_span_text(VECTOR_PUBLIC " vector-3\n"), err));
    assert_memory_equal(key.bytes, wanted.bytes, 32);
    /* As git keeps it: without the last newline. */
    assert_ok(verify_copy(&key, zd_span_text(VECTOR_BEGIN VECTOR_BODY_1 VECTOR_BODY_2 VECTOR_END),
                          zd_span_text(VECTOR_MESSAGE), err));
}

static void sign__vector_key_gives_the_vector(void **state)
{
    (void)state;
    zd_signer *signer = vector_signer();
    zd_buf armour = {0};
    assert_ok(zd_signer_sshsig(&armour, signer, VECTOR_SPACE, zd_span_text(VECTOR_MESSAGE), err));
    assert_string_equal(zd_buf_text(&armour), VECTOR);
    zd_buf_free(&armour);
    zd_signer_close(signer);
}

static void verify__another_message_or_purpose_is_refused(void **state)
{
    (void)state;
    zd_public_key key;
    assert_code(verify_copy(&key, zd_span_text(VECTOR), zd_span_text("hello ledger"), err), ZD_E_SIGNATURE_BAD);
    assert_code(verify_copy(&key, zd_span_text(VECTOR), zd_span_of(NULL, 0), err), ZD_E_SIGNATURE_BAD);
    static const char *const spaces[] = {"git", "ledger", "ledger-checkpoint2", "Ledger-checkpoint"};
    for (size_t i = 0; i < ZD_COUNT(spaces); i++) {
        zd_error err = {0};
        (void)zd_sshsig_verify(&key, zd_span_text(VECTOR), spaces[i], zd_span_text(VECTOR_MESSAGE), &err);
        assert_int_equal(err.code, ZD_E_SSHSIG_MALFORMED);
        assert_string_equal(err.field, "namespace");
        assert_string_equal(err.value, VECTOR_SPACE);
    }
}

static void verify__other_forms_of_the_armour_are_refused(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "",
        "\n",
        VECTOR_BEGIN VECTOR_END "\n",
        VECTOR_BEGIN "\n" VECTOR_END "\n",
        VECTOR "\n",
        "\n" VECTOR,
        VECTOR "trailing",
        VECTOR VECTOR,
        VECTOR_BEGIN VECTOR_BODY_1 "\n" VECTOR_BODY_2 VECTOR_END "\n",
        VECTOR_BEGIN "U1NIU0lH\nAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg7UkoxijRwsbq6QM4kFmVYSlZJz\n" VECTOR_BODY_2 VECTOR_END "\n",
        "-----BEGIN SSH SIGNATURE-----\r\n" VECTOR_BODY_1 VECTOR_BODY_2 VECTOR_END "\n",
        "-----BEGIN SIGNATURE-----\n" VECTOR_BODY_1 VECTOR_BODY_2 VECTOR_END "\n",
        VECTOR_BEGIN VECTOR_BODY_1 VECTOR_BODY_2 "-----END SSH SIGNATURE\n",
        VECTOR_BEGIN VECTOR_BODY_1 VECTOR_BODY_2 "=\n" VECTOR_END "\n",
        VECTOR_BEGIN VECTOR_BODY_1 VECTOR_BODY_2 "AAAA\n" VECTOR_END "\n",
        VECTOR_BEGIN VECTOR_BODY_1 VECTOR_END "\n",
    };
    for (size_t i = 0; i < ZD_COUNT(forms); i++) {
        zd_public_key key;
        zd_error err = {0};
        (void)verify_copy(&key, zd_span_text(forms[i]), zd_span_text(VECTOR_MESSAGE), &err);
        if (err.code != ZD_E_SSHSIG_MALFORMED) {
            print_error("form %zu: %s\n", i, zd_code_name(err.code));
        }
        assert_int_equal(err.code, ZD_E_SSHSIG_MALFORMED);
    }
}

static void verify__every_changed_or_cut_byte_is_noticed(void **state)
{
    (void)state;
    const size_t size = sizeof VECTOR - 1;
    uint8_t text[sizeof VECTOR];
    zd_public_key key;
    for (size_t i = 0; i < size; i++) {
        for (unsigned change = 1; change < 256; change++) {
            memcpy(text, VECTOR, size);
            text[i] ^= (uint8_t)change;
            zd_error err = {0};
            if (verify_copy(&key, zd_span_of(text, size), zd_span_text(VECTOR_MESSAGE), &err) == ZD_OK) {
                print_error("byte %zu changed by %u is accepted\n", i, change);
                fail();
            }
            assert_true(err.code == ZD_E_SSHSIG_MALFORMED || err.code == ZD_E_SIGNATURE_BAD);
        }
        zd_error err = {0};
        zd_status cut = verify_copy(&key, zd_span_of(VECTOR, i), zd_span_text(VECTOR_MESSAGE), &err);
        assert_int_equal(cut, i == size - 1 ? ZD_OK : ZD_MALFORMED); /* only the last newline may be missing */
    }
}

/* Builds armour around a blob of choice, well wrapped, so that each rule for the blob is met alone. */
typedef struct odd_blob {
    const char *why;
    uint32_t version;
    const char *type;
    const char *reserved;
    const char *hash;
    const char *signature_type;
    size_t signature_size;
    const char *behind;
    const char *word; /* in the answer's detail */
} odd_blob;

static const odd_blob odd_blobs[] = {
    {"the vector itself", 1, "ssh-ed25519", "", "sha512", "ssh-ed25519", 64, "", ""},
    {"version 0", 0, "ssh-ed25519", "", "sha512", "ssh-ed25519", 64, "", "version 0"},
    {"version 2", 2, "ssh-ed25519", "", "sha512", "ssh-ed25519", 64, "", "version 2"},
    {"key of another type", 1, "ssh-ed25518", "", "sha512", "ssh-ed25519", 64, "", "kind of key"},
    {"reserved not empty", 1, "ssh-ed25519", "x", "sha512", "ssh-ed25519", 64, "", "none may be"},
    {"another hash", 1, "ssh-ed25519", "", "sha256", "ssh-ed25519", 64, "", "algorithm"},
    {"signature of another type", 1, "ssh-ed25519", "", "sha512", "ssh-ed25518", 64, "", "64 bytes"},
    {"short signature", 1, "ssh-ed25519", "", "sha512", "ssh-ed25519", 63, "", "64 bytes"},
    {"bytes behind", 1, "ssh-ed25519", "", "sha512", "ssh-ed25519", 64, "x", "none may be"},
};

static void add_two(zd_buf *out, const char *type, zd_span bytes)
{
    zd_buf inner = {0};
    zd_wire_add_string(&inner, zd_span_text(type));
    zd_wire_add_string(&inner, bytes);
    zd_wire_add_string(out, zd_buf_span(&inner));
    zd_buf_free(&inner);
}

static void verify__each_rule_for_the_blob_holds(void **state)
{
    (void)state;
    zd_signer *signer = vector_signer();
    const zd_public_key *key = zd_signer_public(signer);
    zd_buf signed_bytes = {0};
    uint8_t signature[64];
    zd_sshsig_signed_bytes(&signed_bytes, VECTOR_SPACE, zd_span_text(VECTOR_MESSAGE));
    assert_ok(zd_signer_sign(signature, signer, zd_buf_span(&signed_bytes), err));
    for (size_t i = 0; i < ZD_COUNT(odd_blobs); i++) {
        const odd_blob *odd = &odd_blobs[i];
        zd_buf blob = {0};
        zd_buf armour = {0};
        zd_buf_add_text(&blob, "SSHSIG");
        zd_wire_add_u32(&blob, odd->version);
        add_two(&blob, odd->type, zd_span_of(key->bytes, 32));
        zd_wire_add_string(&blob, zd_span_text(VECTOR_SPACE));
        zd_wire_add_string(&blob, zd_span_text(odd->reserved));
        zd_wire_add_string(&blob, zd_span_text(odd->hash));
        add_two(&blob, odd->signature_type, zd_span_of(signature, odd->signature_size));
        zd_buf_add_text(&blob, odd->behind);
        zd_armour_add(&armour, "SSH SIGNATURE", zd_buf_span(&blob));
        zd_public_key found;
        zd_error err = {0};
        (void)verify_copy(&found, zd_buf_span(&armour), zd_span_text(VECTOR_MESSAGE), &err);
        if (strstr(err.detail, odd->word) == NULL) {
            print_error("%s: %s: %s\n", odd->why, zd_code_name(err.code), err.detail);
        }
        assert_non_null(strstr(err.detail, odd->word));
        assert_int_equal(err.code, i == 0 ? ZD_CODE_NONE : ZD_E_SSHSIG_MALFORMED);
        zd_buf_free(&armour);
        zd_buf_free(&blob);
    }
    zd_buf_free(&signed_bytes);
    zd_signer_close(signer);
}

static void verify__blob_cut_anywhere_is_refused(void **state)
{
    (void)state;
    zd_buf blob = {0};
    assert_true(zd_armour_read(&blob, "SSH SIGNATURE", zd_span_text(VECTOR)));
    for (size_t size = 0; size < blob.size; size++) {
        zd_buf armour = {0};
        zd_public_key key;
        zd_armour_add(&armour, "SSH SIGNATURE", zd_span_of(blob.data, size));
        assert_code(verify_copy(&key, zd_buf_span(&armour), zd_span_text(VECTOR_MESSAGE), err), ZD_E_SSHSIG_MALFORMED);
        zd_buf_free(&armour);
    }
    zd_buf_free(&blob);
}

static void armour__only_whole_canonical_base64_is_read(void **state)
{
    (void)state;
    static const char *const bodies[] = {"AAAA\nAAA=", "AAA\nA\n", "AAA=\nAAAA", "AA==AA==", "AAAAA", "AAAAAA", "AA=", "A A A", "AAB="};
    for (size_t i = 0; i < ZD_COUNT(bodies); i++) {
        zd_buf text = {0};
        zd_buf out = {0};
        zd_buf_addf(&text, "-----BEGIN X-----\n%s\n-----END X-----", bodies[i]);
        bool read = zd_armour_read(&out, "X", zd_buf_span(&text));
        if (read != (i < 2)) {
            print_error("%s\n", bodies[i]);
        }
        assert_int_equal(read, i < 2); /* the first two are whole, only oddly wrapped */
        zd_buf_free(&out);
        zd_buf_free(&text);
    }
}

static void write_in(const char *dir, const char *name, zd_span content)
{
    zd_buf path = {0};
    assert_ok(zd_file_write(zd_path_join(&path, dir, name), content, 0600, err));
    zd_buf_free(&path);
}

static void read_in(zd_buf *out, const char *dir, const char *name)
{
    zd_buf path = {0};
    zd_buf_clear(out);
    assert_ok(zd_file_read(out, zd_path_join(&path, dir, name), 65536, err));
    zd_buf_free(&path);
}

static void sign__ssh_keygen_verifies_our_armour(void **state)
{
    (void)state;
    static const char *const spaces[] = {"git", "zhidui-settlement-v1"};
    const char *dir = zd_test_dir("seal-sshsig-ours");
    zd_signer *signer = vector_signer();
    zd_buf armour = {0};
    zd_buf printed = {0};
    write_in(dir, "allowed", zd_span_text("ledger@example.com " VECTOR_PUBLIC "\n"));
    write_in(dir, "message", zd_span_text("拟兑付公示\n"));
    write_in(dir, "other", zd_span_text("拟兑付公示\n\n"));
    for (size_t i = 0; i < ZD_COUNT(spaces); i++) {
        zd_buf_clear(&armour);
        assert_ok(zd_signer_sshsig(&armour, signer, spaces[i], zd_span_text("拟兑付公示\n"), err));
        write_in(dir, "sig", zd_buf_span(&armour));
        zd_buf_clear(&printed);
        zd_buf_addf(&printed, "cd '%s' && ssh-keygen -Y verify -f allowed -I ledger@example.com -s sig", dir);
        assert_int_equal(zd_test_shell(NULL, "(%s -n %s < message) >/dev/null 2>&1", zd_buf_text(&printed), spaces[i]), 0);
        assert_int_not_equal(zd_test_shell(NULL, "(%s -n other < message) >/dev/null 2>&1", zd_buf_text(&printed)), 0);
        assert_int_not_equal(zd_test_shell(NULL, "(%s -n %s < other) >/dev/null 2>&1", zd_buf_text(&printed), spaces[i]), 0);
    }
    zd_buf_free(&printed);
    zd_buf_free(&armour);
    zd_signer_close(signer);
    zd_test_dir_remove(dir);
}

static void verify__armour_of_ssh_keygen_is_taken(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("seal-sshsig-theirs");
    zd_buf text = {0};
    zd_buf armour = {0};
    zd_public_key wanted;
    zd_public_key found;
    assert_int_equal(zd_test_shell(&text, "cd '%s' && ssh-keygen -q -t ed25519 -N '' -C 'a comment' -f key && "
                                          "printf 'batch 7\\n' > message && ssh-keygen -q -Y sign -f key -n git message && "
                                          "mv message.sig git.sig && "
                                          "ssh-keygen -q -Y sign -f key -n git -O hashalg=sha256 message && "
                                          "mv message.sig sha256.sig && ssh-keygen -q -t ecdsa -N '' -f ecdsa && "
                                          "ssh-keygen -q -Y sign -f ecdsa -n git message && mv message.sig ecdsa.sig", dir), 0);
    read_in(&text, dir, "key.pub");
    assert_ok(zd_ssh_public_parse(&wanted, zd_buf_span(&text), err));
    read_in(&armour, dir, "git.sig");
    assert_ok(zd_sshsig_verify(&found, zd_buf_span(&armour), "git", zd_span_text("batch 7\n"), err));
    assert_memory_equal(found.bytes, wanted.bytes, 32);
    assert_code(zd_sshsig_verify(&found, zd_buf_span(&armour), "git", zd_span_text("batch 8\n"), err), ZD_E_SIGNATURE_BAD);
    assert_code(zd_sshsig_verify(&found, zd_buf_span(&armour), "file", zd_span_text("batch 7\n"), err), ZD_E_SSHSIG_MALFORMED);
    read_in(&armour, dir, "sha256.sig");
    assert_code(zd_sshsig_verify(&found, zd_buf_span(&armour), "git", zd_span_text("batch 7\n"), err), ZD_E_SSHSIG_MALFORMED);
    read_in(&armour, dir, "ecdsa.sig");
    assert_code(zd_sshsig_verify(&found, zd_buf_span(&armour), "git", zd_span_text("batch 7\n"), err), ZD_E_SSHSIG_MALFORMED);
    zd_buf_free(&armour);
    zd_buf_free(&text);
    zd_test_dir_remove(dir);
}

static void public__text_and_fingerprint_are_those_of_ssh_keygen(void **state)
{
    (void)state;
    const char *dir = zd_test_dir("seal-ssh-public");
    zd_buf printed = {0};
    zd_buf ours = {0};
    zd_public_key key;
    assert_ok(zd_ssh_public_parse(&key, zd_span_text(VECTOR_PUBLIC), err));
    zd_ssh_public_add(&ours, &key);
    assert_string_equal(zd_buf_text(&ours), VECTOR_PUBLIC);
    write_in(dir, "key.pub", zd_buf_span(&ours));
    assert_int_equal(zd_test_shell(&printed, "ssh-keygen -l -f '%s/key.pub' | cut -d' ' -f2", dir), 0);
    zd_buf_clear(&ours);
    zd_ssh_fingerprint_add(&ours, &key);
    zd_buf_add_text(&ours, "\n");
    assert_string_equal(zd_buf_text(&printed), zd_buf_text(&ours));
    zd_buf_free(&ours);
    zd_buf_free(&printed);
    zd_test_dir_remove(dir);
}

static void public__malformed_text_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "ssh-ed25519",
        "ssh-ed25519 ",
        "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR",
        "ssh-ed25519  AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzf",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfRAAAA",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE4AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAH+1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR",
        VECTOR_PUBLIC "\n" VECTOR_PUBLIC "\n",
        VECTOR_PUBLIC "\r\n",
        "ssh-ed25519\tAAAAC3NzaC1lZDI1NTE5AAAAIO1JKMYo0cLG6ukDOJBZlWEpWSc6XGP5NjbBRhSshzfR",
    };
    for (size_t i = 0; i < ZD_COUNT(bad); i++) {
        zd_public_key key;
        assert_code(zd_ssh_public_parse(&key, zd_span_text(bad[i]), err), ZD_E_KEY_FILE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify__vector_is_good_and_names_its_key),
        cmocka_unit_test(sign__vector_key_gives_the_vector),
        cmocka_unit_test(verify__another_message_or_purpose_is_refused),
        cmocka_unit_test(verify__other_forms_of_the_armour_are_refused),
        cmocka_unit_test(verify__every_changed_or_cut_byte_is_noticed),
        cmocka_unit_test(verify__each_rule_for_the_blob_holds),
        cmocka_unit_test(verify__blob_cut_anywhere_is_refused),
        cmocka_unit_test(armour__only_whole_canonical_base64_is_read),
        cmocka_unit_test(sign__ssh_keygen_verifies_our_armour),
        cmocka_unit_test(verify__armour_of_ssh_keygen_is_taken),
        cmocka_unit_test(public__text_and_fingerprint_are_those_of_ssh_keygen),
        cmocka_unit_test(public__malformed_text_is_refused),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
