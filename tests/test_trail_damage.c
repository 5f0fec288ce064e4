/*
 * The audit repository's reading half against trees of another form, swapped, missing and flipped objects: an error with a code or
 * the very same answer. Never a wrong one, never a crash.
 */
#include "tests/support/support.h"

#include <string.h>

#include "ledger/base/durable.h"
#include "tests/support/trail_digest.h"
#include "tests/support/trail_fixture.h"

/* libgit2 1.5.1 forgets its match data when it looks for extensions in a repository of format 1 (the partial clone below). */
const char *__lsan_default_suppressions(void) __attribute__((visibility("default")));
const char *__lsan_default_suppressions(void)
{
    return "leak:libpcre2\n";
}

/* Trees that stock git can hold and this history never writes. */
static void tree__of_another_form__is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "git update-index --chmod=+x policy/002.json && git write-tree",
        "git update-index --add --cacheinfo 120000,$(git rev-parse :README),link && git write-tree",
        "git update-index --add --cacheinfo 160000,$(git rev-parse main),module && git write-tree",
        "git rm -q --cached checkpoint && git write-tree",
        "git update-index --add --cacheinfo 100644,$(git rev-parse :README),checkpoint && git write-tree",
        "git update-index --add --cacheinfo 100644,$(git rev-parse :README),a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q && git write-tree",
        "git update-index --add --cacheinfo \"100644,$(git rev-parse :README),a$(printf '\\t')b\" && git write-tree",
        "{ git cat-file tree main^{tree}; git cat-file tree main^{tree}; } | git hash-object -t tree -w --literally --stdin",
        "{ git cat-file tree main^{tree}; printf '100644 A\\000aaaaaaaaaaaaaaaaaaaa'; } | git hash-object -t tree -w --literally --stdin",
        "{ git cat-file tree main^{tree}; printf '100644 zz\\000aaaa'; } | git hash-object -t tree -w --literally --stdin",
        "{ git cat-file tree main^{tree}; printf '100644 zz'; } | git hash-object -t tree -w --literally --stdin",
        "{ git cat-file tree main^{tree}; printf '100664 zz\\000aaaaaaaaaaaaaaaaaaaa'; } | git hash-object -t tree -w --literally --stdin",
        "{ printf '100644 .git\\000aaaaaaaaaaaaaaaaaaaa'; git cat-file tree main^{tree}; } | git hash-object -t tree -w --literally --stdin",
        "{ git cat-file tree main^{tree}; printf '100644 zz\\000aaaaaaaaaaaaaaaaaaaa100644 zz.a\\000aaaaaaaaaaaaaaaaaaaa40000 "
        "zz\\000aaaaaaaaaaaaaaaaaaaa'; } | git hash-object -t tree -w --literally --stdin",
        "{ git cat-file tree main^{tree}; printf '40000 zz\\000\\113\\202\\135\\306\\102\\313\\156\\271\\240\\140\\345\\113\\370\\326\\222\\210\\373\\356\\111\\004'; } | "
        "git hash-object -t tree -w --literally --stdin",
    };
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-tree");
    zd_trail_shell_ok(fixture.dir, "git clone -q audit.git work && git -C work cat-file commit main > raw");
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_buf script = {0};
        zd_hash hash;
        zd_error why = {0};
        char path[700];
        zd_buf_addf(&script,
                    "cd work && git read-tree %s && git hash-object -t tree -w --stdin < /dev/null > ../empty && tree=$(%s) && test -n "
                    "\"$tree\" && sed \"1s/.*/tree $tree/\" ../raw | git hash-object -t commit -w --stdin > .git/refs/heads/main",
                    fixture.commits[3], cases[i]);
        /* The cases speak of main's tree; the forged commit may only take its place afterwards. */
        zd_trail_shell_ok(fixture.dir, "git -C work update-ref refs/heads/main $(git -C audit.git rev-parse main)");
        zd_trail_shell_ok(fixture.dir, zd_buf_text(&script));
        zd_format(path, sizeof path, "%s/work", fixture.dir);
        (void)zd_trail_digest(&hash, &why, path);
        if (why.code != ZD_E_TRAIL_GRAMMAR) {
            print_error("case %zu: %s: %s\n", i, cases[i], why.detail);
        }
        assert_string_equal(zd_code_name(why.code), "trail-grammar");
        zd_buf_free(&script);
    }
    zd_trail_fixture_free(&fixture);
}

/* An object's file under another object's name: what a SHA-1 collision would let an attacker do, or a bad disk. */
static void object__under_anothers_id__is_damage(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-swap");
    zd_trail_shell_ok(fixture.dir, "git clone -q --bare audit.git loose.git && cd loose.git && mv objects/pack ../packs && mkdir objects/pack && "
                          "for p in ../packs/*.pack; do git unpack-objects -q < $p; done");
    zd_hash original = zd_trail_digest_ok(fixture.dir, "audit.git");
    zd_hash loose = zd_trail_digest_ok(fixture.dir, "loose.git");
    assert_true(zd_hash_equal(&original, &loose));
    static const char *const objects[] = {"main:policy/002.json", "main:tile", "main:checkpoint", "main", "main~2"};
    for (size_t i = 0; i < ZD_COUNT(objects); i++) {
        zd_buf script = {0};
        zd_buf_addf(&script,
                    "rm -rf bad.git missing.git && cp -r loose.git bad.git && cd bad.git && name=$(git rev-parse %s) && kind=$(git "
                    "cat-file -t $name) && cp -r ../bad.git ../missing.git && file=objects/$(echo $name | sed 's,^..,&/,') && rm -f "
                    "../missing.git/$file && rm -f $file && other=$( { git cat-file $kind main~1 2>/dev/null || echo other; } | git hash-object "
                    "-t $kind -w --literally --stdin) && cp objects/$(echo $other | sed 's,^..,&/,') $file",
                    objects[i]);
        zd_trail_shell_ok(fixture.dir, zd_buf_text(&script));
        zd_trail_digest_code(fixture.dir, "bad.git", ZD_E_TRAIL_OBJECT);
        zd_trail_digest_code(fixture.dir, "missing.git", ZD_E_TRAIL_OBJECT);
        zd_buf_free(&script);
    }
    zd_trail_fixture_free(&fixture);
}

static void clone__without_blobs__is_incomplete_and_says_so(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-partial");
    zd_trail_shell_ok(fixture.dir, "git clone -q --bare --filter=blob:none file://$PWD/audit.git partial.git && rm -rf audit.git");
    char path[700];
    zd_hash hash;
    zd_format(path, sizeof path, "%s/partial.git", fixture.dir);
    assert_code(zd_trail_digest(&hash, err, path), ZD_E_TRAIL_OBJECT);
    zd_trail_fixture_free(&fixture);
}

/* Flips one byte of the file at a time and reads everything again: an error with a code, or the very same answer. */
static void flip_through(const char *dir, const char *file, size_t step, const zd_hash *original, size_t *errors, size_t *same)
{
    zd_buf path = {0};
    zd_buf bytes = {0};
    char repository[700];
    zd_format(repository, sizeof repository, "%s/flip.git", dir);
    zd_path_join(&path, repository, file);
    assert_int_equal(zd_test_shell(NULL, "chmod u+w '%s'", zd_buf_text(&path)), 0);
    assert_ok(zd_file_read(&bytes, zd_buf_text(&path), 1 << 24, err));
    for (size_t at = 0; at < bytes.size; at += step) {
        static const uint8_t masks[] = {0x01, 0x80, 0xff};
        uint8_t mask = masks[(at / step) % ZD_COUNT(masks)];
        zd_hash hash;
        zd_error why = {0};
        bytes.data[at] ^= mask;
        assert_ok(zd_file_write(zd_buf_text(&path), zd_buf_span(&bytes), 0644, err));
        zd_status status = zd_trail_digest(&hash, &why, repository);
        if (status == ZD_OK) {
            assert_true(zd_hash_equal(&hash, original));
            (*same)++;
        } else {
            assert_int_not_equal(why.code, ZD_CODE_NONE);
            (*errors)++;
        }
        bytes.data[at] ^= mask;
    }
    assert_ok(zd_file_write(zd_buf_text(&path), zd_buf_span(&bytes), 0644, err));
    zd_buf_free(&path);
    zd_buf_free(&bytes);
}

static void pack__with_any_byte_flipped__never_answers_wrongly(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-flip");
    zd_hash original = zd_trail_digest_ok(fixture.dir, "audit.git");
    zd_buf names = {0};
    size_t errors = 0;
    size_t same = 0;
    /* Our own packs, one for each commit, and all of it in one pack with deltas as the nightly repack makes it. */
    static const char *const makes[] = {"rm -rf flip.git && cp -r audit.git flip.git",
                                        "rm -rf flip.git && cp -r audit.git flip.git && git -C flip.git repack -q -a -d -f --depth=50"};
    for (size_t m = 0; m < ZD_COUNT(makes); m++) {
        zd_trail_shell_ok(fixture.dir, makes[m]);
        zd_buf_clear(&names);
        assert_int_equal(zd_test_shell(&names, "cd '%s/flip.git' && ls objects/pack/*.pack objects/pack/*.idx", fixture.dir), 0);
        for (zd_span rest = zd_buf_span(&names); rest.size > 0;) {
            zd_span line;
            char name[200];
            rest = zd_span_cut(&line, rest, '\n');
            assert_true(zd_span_copy(name, sizeof name, line));
            flip_through(fixture.dir, name, 97, &original, &errors, &same);
        }
    }
    print_message("%zu flips found, %zu without effect\n", errors, same);
    assert_true(errors > 50);
    zd_hash restored = zd_trail_digest_ok(fixture.dir, "flip.git");
    assert_true(zd_hash_equal(&restored, &original));
    zd_buf_free(&names);
    zd_trail_fixture_free(&fixture);
}

static void pack__cut_short__is_an_error(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-cut");
    zd_trail_shell_ok(fixture.repository, "git repack -q -a -d && chmod u+w objects/pack/* && cp -r . ../whole.git");
    for (int keep = 0; keep < 100; keep += 9) {
        char path[700];
        zd_hash hash;
        zd_error why = {0};
        zd_buf script = {0};
        zd_buf_addf(&script,
                    "rm -rf cut.git && cp -r whole.git cut.git && cd cut.git/objects/pack && for f in *.%s; do truncate -s $(( $(stat -c "
                    "%%s $f) * %d / 100 )) $f; done",
                    keep % 2 == 0 ? "pack" : "idx", keep);
        zd_trail_shell_ok(fixture.dir, zd_buf_text(&script));
        zd_format(path, sizeof path, "%s/cut.git", fixture.dir);
        assert_int_not_equal(zd_trail_digest(&hash, &why, path), ZD_OK);
        assert_int_not_equal(why.code, ZD_CODE_NONE);
        zd_buf_free(&script);
    }
    zd_trail_fixture_free(&fixture);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tree__of_another_form__is_refused),
        cmocka_unit_test(object__under_anothers_id__is_damage),
        cmocka_unit_test(clone__without_blobs__is_incomplete_and_says_so),
        cmocka_unit_test(pack__with_any_byte_flipped__never_answers_wrongly),
        cmocka_unit_test(pack__cut_short__is_an_error),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
