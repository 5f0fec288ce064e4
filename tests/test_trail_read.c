/*
 * The audit repository's reading half against whole, odd and forged repositories: it shows what git shows, or it says with a code
 * why not. Damaged ones are in test_trail_damage.c.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"
#include "tests/support/trail_digest.h"
#include "tests/support/trail_fixture.h"

static void repository__bare_clone_worktree_or_repacked__reads_the_same(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-same");
    zd_hash original = zd_trail_digest_ok(fixture.dir, "audit.git");
    zd_trail_shell_ok(fixture.dir,
             "git clone -q audit.git tree && git clone -q --no-local --bare audit.git bare.git && git clone -q --mirror audit.git mirror.git && "
             "git -C bare.git repack -q -a -d --depth=50 -f && git -C bare.git pack-refs --all && "
             "git -C mirror.git repack -q -a -d --write-midx --write-bitmap-index && git -C mirror.git commit-graph write --reachable && "
             "git -C tree worktree add -q --detach ../linked");
    static const char *const names[] = {"tree", "tree/.git", "bare.git", "mirror.git", "linked"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_hash copy = zd_trail_digest_ok(fixture.dir, names[i]);
        assert_true(zd_hash_equal(&original, &copy));
    }
    zd_trail_fixture_free(&fixture);
}

static void commit_read__parts__are_those_written(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-parts");
    zd_trail *trail = NULL;
    char *history = NULL;
    size_t count = 0;
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    assert_ok(zd_trail_history(&history, &count, trail, err));
    assert_int_equal(count, ZD_FIXTURE_COMMITS);
    for (size_t i = 0; i < count; i++) {
        zd_trail_commit commit;
        zd_trail_commit_in in;
        zd_trail_change changes[ZD_FIXTURE_FILES];
        zd_public_key key;
        zd_buf backing = {0};
        zd_buf shown = {0};
        zd_trail_fixture_input(&in, changes, &backing, &fixture, i);
        assert_string_equal(history + i * ZD_OID_HEX, fixture.commits[i]);
        assert_ok(zd_trail_commit_read(&commit, trail, fixture.commits[i], err));
        assert_string_equal(commit.oid_hex, fixture.commits[i]);
        assert_string_equal(commit.parent_hex, in.parent_hex);
        assert_true(zd_span_is(commit.author, "Ledger of Example <git@ledger.example>"));
        assert_int_equal(commit.time_unix_s, in.time_unix_s);
        assert_true(zd_span_is(commit.summary, in.summary));
        assert_true(zd_span_equal(commit.checkpoint, in.checkpoint));
        assert_true(zd_span_equal(commit.signature, zd_buf_span(&fixture.signatures[i])));
        assert_ok(zd_sshsig_verify(&key, commit.signature, "git", commit.payload, err));
        assert_int_equal(zd_test_shell(&shown, "git -C '%s' rev-parse '%s^{tree}'", fixture.repository, fixture.commits[i]), 0);
        assert_true(zd_span_starts(zd_buf_span(&shown), commit.tree_hex));
        zd_trail_commit_free(&commit);
        zd_buf_free(&backing);
        zd_buf_free(&shown);
    }
    free(history);
    zd_trail_close(trail);
    zd_trail_fixture_free(&fixture);
}

typedef struct listing {
    zd_buf text;
    size_t stop_after;
} listing;

static zd_status list_change(void *context, const char *path, const char *old_hex, const char *new_hex)
{
    listing *list = context;
    zd_buf_addf(&list->text, "%s\t%s\n", old_hex[0] == '\0' ? "A" : new_hex[0] == '\0' ? "D" : "M", path);
    return --list->stop_after == 0 ? ZD_REFUSED : ZD_OK;
}

static void changes__between_any_two_commits__are_gits(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-diff");
    zd_trail *trail = NULL;
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    for (size_t from = 0; from < ZD_FIXTURE_COMMITS; from++) {
        for (size_t to = 0; to < ZD_FIXTURE_COMMITS; to++) {
            listing list = {.stop_after = SIZE_MAX};
            zd_buf shown = {0};
            assert_ok(zd_trail_changes(trail, fixture.commits[from], fixture.commits[to], list_change, &list, err));
            assert_int_equal(zd_test_shell(&shown, "git -C '%s' diff-tree -r --no-renames --name-status %s %s", fixture.repository,
                                           fixture.commits[from], fixture.commits[to]),
                             0);
            assert_string_equal(zd_buf_text(&list.text), zd_buf_text(&shown));
            zd_buf_free(&list.text);
            zd_buf_free(&shown);
        }
    }
    listing stopped = {.stop_after = 3};
    zd_error none = {0};
    assert_int_equal(zd_trail_changes(trail, "", fixture.commits[3], list_change, &stopped, &none), ZD_REFUSED);
    assert_string_equal(zd_buf_text(&stopped.text), "A\tREADME\nA\tcheckpoint\nA\tkeys/allowed_signers\n");
    zd_buf_free(&stopped.text);
    zd_trail_close(trail);
    zd_trail_fixture_free(&fixture);
}

static void file__not_there__is_not_found_and_no_error(void **state)
{
    (void)state;
    static const char *const paths[] = {"", "/", "nothing", "keys", "keys/", "keys/policy/x", "/keys/policy", "tile/entries/000.p/3",
                                        "keys//policy", "Keys/policy", "settlement/2026"};
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-absent");
    zd_trail *trail = NULL;
    zd_buf out = {0};
    bool found = true;
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    for (size_t i = 0; i < ZD_COUNT(paths); i++) {
        assert_ok(zd_trail_file(&out, &found, trail, fixture.commits[3], paths[i], err));
        assert_false(found);
    }
    assert_ok(zd_trail_file(&out, &found, trail, fixture.commits[3], "keys/policy", err));
    assert_true(found);
    assert_code(zd_trail_file(&out, &found, trail, "HEAD", "keys/policy", err), ZD_E_FIELD_INVALID);
    zd_buf_free(&out);
    zd_trail_close(trail);
    zd_trail_fixture_free(&fixture);
}

static void repository__empty_or_none__says_so(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_make(&fixture, "trail-empty");
    zd_trail *trail = NULL;
    char hex[ZD_OID_HEX];
    char *history = NULL;
    size_t count = 1;
    bool found = true;
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    assert_ok(zd_trail_tip(trail, hex, &found, err));
    assert_false(found);
    assert_string_equal(hex, "");
    assert_ok(zd_trail_history(&history, &count, trail, err));
    assert_null(history);
    assert_int_equal(count, 0);
    zd_trail_close(trail);
    zd_trail_shell_ok(fixture.dir, "mkdir plain");
    zd_trail_digest_code(fixture.dir, "plain", ZD_E_TRAIL_NONE);
    zd_trail_digest_code(fixture.dir, "absent", ZD_E_TRAIL_NONE);
    zd_trail_fixture_free(&fixture);
}

static void repository__that_tells_another_story__is_refused_at_opening(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-story");
    static const struct {
        const char *name;
        const char *make;
        zd_code code;
    } cases[] = {
        {"replace", "git clone -q audit.git replace && git -C replace replace main main~1", ZD_E_TRAIL_GRAMMAR},
        {"packedreplace", "git clone -q audit.git packedreplace && cd packedreplace && git replace main main~1 && git pack-refs --all", ZD_E_TRAIL_GRAMMAR},
        {"grafts", "git clone -q audit.git grafts && git -C grafts rev-parse main > grafts/.git/info/grafts", ZD_E_TRAIL_GRAMMAR},
        {"shallow", "git clone -q --depth 1 file://$PWD/audit.git shallow", ZD_E_TRAIL_SHALLOW},
        {"alternates", "git clone -q -s audit.git alternates", ZD_E_TRAIL_GRAMMAR},
    };
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_trail *trail = NULL;
        char path[700];
        zd_trail_shell_ok(fixture.dir, cases[i].make);
        zd_format(path, sizeof path, "%s/%s", fixture.dir, cases[i].name);
        assert_code(zd_trail_open(&trail, path, err), cases[i].code);
        assert_null(trail);
    }
    zd_trail_fixture_free(&fixture);
}

static void branch__symbolic__is_refused(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-symbolic");
    zd_trail_shell_ok(fixture.repository, "git branch other main~1 && git symbolic-ref refs/heads/main refs/heads/other");
    zd_trail_digest_code(fixture.dir, "audit.git", ZD_E_TRAIL_GRAMMAR);
    zd_trail_fixture_free(&fixture);
}

/* Each script turns the tip's raw bytes, on standard input, into a forged commit; stock git still calls several of them Good. */
static void commit__any_other_spelling__is_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        /* a second signature header, of either name, before or behind */
        "sed '/END SSH/a gpgsig-sha256 AAAA'",
        "sed '/^committer/a gpgsig-sha256 AAAA'",
        "awk '{print} /^gpgsig /{on=1} on{keep=keep $0 \"\\n\"} /END SSH/&&on{printf \"%s\",keep; on=0}'",
        "sed '/END SSH/a gpgsig x'",
        /* other headers and orders */
        "sed '/^committer/a encoding UTF-8'",
        "sed '/END SSH/a x-note hello'",
        "sed '/END SSH/a mergetag object x'",
        "sed '1{h;d};2{G}'",
        "sed '/^parent/{p}'",
        "sed '/^parent/{p;s/.*/parent 0123456789012345678901234567890123456789/}'",
        /* author, committer, times */
        "sed 's/^committer Ledger/committer Bureau/'",
        "sed 's/^author Ledger/author Bureau/'",
        "sed 's/^committer \\(.*\\) \\([0-9]*\\) +0000/committer \\1 1 +0000/'",
        "sed 's/ +0000$/ +0800/'",
        "sed 's/ +0000$/ -0000/'",
        "sed 's/> \\([0-9]*\\) +0000/> 0\\1 +0000/'",
        "sed 's/> \\([0-9]*\\) +0000/> -\\1 +0000/'",
        "sed 's/> \\([0-9]*\\) +0000/> 99\\1 +0000/'",
        "sed 's/ <git@/  <git@/'",
        "sed 's/ <git@/<git@/'",
        "sed 's/@ledger.example>/@ledger>example>/'",
        /* the signature: none, other wrapping, a stray line, another kind, spare bits of base64 */
        "sed '/^gpgsig/,/END SSH/d'",
        "sed '/END SSH/a\\ '",
        "sed '3,12s/^ \\(.\\{35\\}\\)\\(.\\{35\\}\\)$/ \\1\\n \\2/'",
        "sed 's/SSH SIGNATURE/PGP SIGNATURE/'",
        "sed '/^gpgsig/s/^gpgsig /gpgsig  /'",
        "sed '/=$/s/=$//'",
        "perl -pe 's/([A-Za-z0-9+\\/])=$/chr(ord($1)+1).\"=\"/e'",
        "sed '/=$/s/^ ./ _/'",
        /* the message */
        "sed 's/^checkpoint 9/checkpoint\\t9/'",
        "sed '/^checkpoint 9/d'",
        "sed '/^checkpoint 9/a more'",
        "sed '/^checkpoint 9/{n;d}'",
        "sed 's/^DDDD$/DDDE/'",
        "sed '$a signed off by nobody'",
        "sed '$a\\\\'",
        "sed '/^checkpoint 9/i\\\\'",
        "head -c -1",
        "{ cat; printf '\\000'; }",
        "{ cat; printf '\\n'; }",
        "sed 's/$/\\r/'",
        "sed '1s/tree /tree  /'",
        "sed '1s/[0-9a-f]*$/\\U&/'",
        "sed '/^tree/d'",
        "head -n 5",
        "head -n 1",
        "head -c 0",
        "sed '/^$/,$d'",
    };
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-grammar");
    zd_trail_shell_ok(fixture.dir, "git clone -q --bare audit.git forged.git && git -C forged.git cat-file commit main > raw");
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_buf script = {0};
        zd_buf_addf(&script,
                    "%s < raw > forged && ! cmp -s raw forged && cd forged.git && id=$(git hash-object -t commit -w --literally --stdin < "
                    "../forged) && echo $id > refs/heads/main && rm -f packed-refs",
                    cases[i]);
        zd_trail_shell_ok(fixture.dir, zd_buf_text(&script));
        char path[700];
        zd_hash hash;
        zd_error why = {0};
        zd_format(path, sizeof path, "%s/forged.git", fixture.dir);
        (void)zd_trail_digest(&hash, &why, path);
        if (why.code != ZD_E_TRAIL_GRAMMAR) {
            print_error("case %zu: %s\n", i, cases[i]);
        }
        assert_string_equal(zd_code_name(why.code), "trail-grammar");
        zd_buf_free(&script);
    }
    /* The unchanged bytes are accepted by the same way in, or the cases above would prove nothing. */
    zd_trail_shell_ok(fixture.dir, "cd forged.git && git hash-object -t commit -w --stdin < ../raw > refs/heads/main");
    zd_hash forged = zd_trail_digest_ok(fixture.dir, "forged.git");
    zd_hash original = zd_trail_digest_ok(fixture.dir, "audit.git");
    assert_true(zd_hash_equal(&forged, &original));
    zd_trail_fixture_free(&fixture);
}

/* Signed by nobody, but in good form: the reader shows it, and the signature tells. */
static void commit__with_a_changed_file__reads_as_different_and_its_signature_is_bad(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-changed");
    zd_trail_shell_ok(fixture.dir,
             "git clone -q audit.git work && cd work && echo '{\"version\":3}' > policy/001.json && git add -A && tree=$(git write-tree) && "
             "git cat-file commit main | sed \"1s/.*/tree $tree/\" | git hash-object -t commit -w --stdin > ../id && "
             "git update-ref refs/heads/main $(cat ../id)");
    zd_trail *trail = NULL;
    zd_trail_commit commit;
    zd_public_key key;
    zd_buf path = {0};
    zd_buf content = {0};
    char hex[ZD_OID_HEX];
    bool found = false;
    assert_ok(zd_trail_open(&trail, zd_path_join(&path, fixture.dir, "work"), err));
    assert_ok(zd_trail_tip(trail, hex, &found, err));
    assert_string_not_equal(hex, fixture.commits[3]);
    assert_ok(zd_trail_commit_read(&commit, trail, hex, err));
    assert_ok(zd_trail_file(&content, &found, trail, hex, "policy/001.json", err));
    assert_true(zd_span_is(zd_buf_span(&content), "{\"version\":3}\n"));
    assert_code(zd_sshsig_verify(&key, commit.signature, "git", commit.payload, err), ZD_E_SIGNATURE_BAD);
    zd_trail_commit_free(&commit);
    zd_buf_free(&path);
    zd_buf_free(&content);
    zd_trail_close(trail);
    zd_trail_fixture_free(&fixture);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repository__bare_clone_worktree_or_repacked__reads_the_same),
        cmocka_unit_test(commit_read__parts__are_those_written),
        cmocka_unit_test(changes__between_any_two_commits__are_gits),
        cmocka_unit_test(file__not_there__is_not_found_and_no_error),
        cmocka_unit_test(repository__empty_or_none__says_so),
        cmocka_unit_test(repository__that_tells_another_story__is_refused_at_opening),
        cmocka_unit_test(branch__symbolic__is_refused),
        cmocka_unit_test(commit__any_other_spelling__is_refused),
        cmocka_unit_test(commit__with_a_changed_file__reads_as_different_and_its_signature_is_bad),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
