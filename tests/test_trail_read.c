/*
 * The audit repository's reading half against whole, odd, forged and damaged repositories: it shows what git shows, or it says
 * with a code why not. Never a wrong answer.
 */
#include "tests/support/support.h"

#include <stdlib.h>
#include <string.h>

#include "audit/trail/trail.h"
#include "ledger/base/durable.h"
#include "ledger/seal/hash.h"
#include "tests/support/trail_fixture.h"

/* libgit2 1.5.1 forgets its match data when it looks for extensions in a repository of format 1 (the partial clone below). */
const char *__lsan_default_suppressions(void) __attribute__((visibility("default")));
const char *__lsan_default_suppressions(void)
{
    return "leak:libpcre2\n";
}

static void shell_ok(const char *dir, const char *script)
{
    zd_buf out = {0};
    int status = zd_test_shell(&out, "cd '%s' && { %s ; }", dir, script);
    if (status != 0) {
        print_error("%s\n%s\n", script, zd_buf_text(&out));
    }
    zd_buf_free(&out);
    assert_int_equal(status, 0);
}

/* Everything that a repository says, in one digest: commits with all their parts, every file of every commit. */
typedef struct collect {
    zd_trail *trail;
    const char *commit_hex;
    zd_sha256_stream stream;
    size_t files;
    zd_error err;
} collect;

static zd_status collect_file(void *context, const char *path, const char *oid_hex)
{
    collect *all = context;
    zd_buf content = {0};
    zd_buf by_id = {0};
    bool found = false;
    zd_status status = zd_trail_file(&content, &found, all->trail, all->commit_hex, path, &all->err);
    if (status == ZD_OK) {
        status = zd_trail_blob(&by_id, all->trail, oid_hex, &all->err);
    }
    if (status == ZD_OK) {
        assert_true(found);
        assert_true(zd_span_equal(zd_buf_span(&content), zd_buf_span(&by_id)));
        zd_sha256_add(&all->stream, zd_span_of(path, strlen(path) + 1));
        zd_sha256_add(&all->stream, zd_buf_span(&content));
        all->files++;
    }
    zd_buf_free(&content);
    zd_buf_free(&by_id);
    return status;
}

static zd_status collect_commit(collect *all, const char *hex)
{
    zd_trail_commit commit;
    all->commit_hex = hex;
    zd_status status = zd_trail_commit_read(&commit, all->trail, hex, &all->err);
    if (status == ZD_OK) {
        zd_sha256_add(&all->stream, zd_span_text(hex));
        zd_sha256_add(&all->stream, zd_buf_span(&commit.owned));
        zd_trail_commit_free(&commit);
        status = zd_trail_files(all->trail, hex, collect_file, all, &all->err);
    }
    return status;
}

/* The digest of a whole repository, or why there is none. */
static zd_status repository_digest(zd_hash *out, zd_error *err, const char *path)
{
    collect all = {0};
    char *history = NULL;
    size_t count = 0;
    zd_sha256_init(&all.stream);
    zd_status status = zd_trail_open(&all.trail, path, &all.err);
    if (status == ZD_OK) {
        status = zd_trail_history(&history, &count, all.trail, &all.err);
    }
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        status = collect_commit(&all, history + i * ZD_OID_HEX);
    }
    *out = zd_sha256_final(&all.stream);
    *err = all.err;
    free(history);
    zd_trail_close(all.trail);
    return status;
}

static zd_hash digest_ok(const char *dir, const char *name)
{
    char path[700];
    zd_hash hash;
    zd_format(path, sizeof path, "%s/%s", dir, name);
    assert_ok(repository_digest(&hash, err, path));
    return hash;
}

static void digest_code(const char *dir, const char *name, zd_code code)
{
    char path[700];
    zd_hash hash;
    zd_format(path, sizeof path, "%s/%s", dir, name);
    assert_code(repository_digest(&hash, err, path), code);
}

static void repository__bare_clone_worktree_or_repacked__reads_the_same(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-same");
    zd_hash original = digest_ok(fixture.dir, "audit.git");
    shell_ok(fixture.dir,
             "git clone -q audit.git tree && git clone -q --no-local --bare audit.git bare.git && git clone -q --mirror audit.git mirror.git && "
             "git -C bare.git repack -q -a -d --depth=50 -f && git -C bare.git pack-refs --all && "
             "git -C mirror.git repack -q -a -d --write-midx --write-bitmap-index && git -C mirror.git commit-graph write --reachable && "
             "git -C tree worktree add -q --detach ../linked");
    static const char *const names[] = {"tree", "tree/.git", "bare.git", "mirror.git", "linked"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_hash copy = digest_ok(fixture.dir, names[i]);
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
    shell_ok(fixture.dir, "mkdir plain");
    digest_code(fixture.dir, "plain", ZD_E_TRAIL_FAILED);
    digest_code(fixture.dir, "absent", ZD_E_TRAIL_FAILED);
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
    } cases[] = {
        {"replace", "git clone -q audit.git replace && git -C replace replace main main~1"},
        {"packedreplace", "git clone -q audit.git packedreplace && cd packedreplace && git replace main main~1 && git pack-refs --all"},
        {"grafts", "git clone -q audit.git grafts && git -C grafts rev-parse main > grafts/.git/info/grafts"},
        {"shallow", "git clone -q --depth 1 file://$PWD/audit.git shallow"},
        {"alternates", "git clone -q -s audit.git alternates"},
    };
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_trail *trail = NULL;
        char path[700];
        shell_ok(fixture.dir, cases[i].make);
        zd_format(path, sizeof path, "%s/%s", fixture.dir, cases[i].name);
        assert_code(zd_trail_open(&trail, path, err), ZD_E_TRAIL_GRAMMAR);
        assert_null(trail);
    }
    zd_trail_fixture_free(&fixture);
}

static void branch__symbolic__is_refused(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-symbolic");
    shell_ok(fixture.repository, "git branch other main~1 && git symbolic-ref refs/heads/main refs/heads/other");
    digest_code(fixture.dir, "audit.git", ZD_E_TRAIL_GRAMMAR);
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
    shell_ok(fixture.dir, "git clone -q --bare audit.git forged.git && git -C forged.git cat-file commit main > raw");
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_buf script = {0};
        zd_buf_addf(&script,
                    "%s < raw > forged && ! cmp -s raw forged && cd forged.git && id=$(git hash-object -t commit -w --literally --stdin < "
                    "../forged) && echo $id > refs/heads/main && rm -f packed-refs",
                    cases[i]);
        shell_ok(fixture.dir, zd_buf_text(&script));
        char path[700];
        zd_hash hash;
        zd_error why = {0};
        zd_format(path, sizeof path, "%s/forged.git", fixture.dir);
        (void)repository_digest(&hash, &why, path);
        if (why.code != ZD_E_TRAIL_GRAMMAR) {
            print_error("case %zu: %s\n", i, cases[i]);
        }
        assert_string_equal(zd_code_name(why.code), "trail-grammar");
        zd_buf_free(&script);
    }
    /* The unchanged bytes are accepted by the same way in, or the cases above would prove nothing. */
    shell_ok(fixture.dir, "cd forged.git && git hash-object -t commit -w --stdin < ../raw > refs/heads/main");
    zd_hash forged = digest_ok(fixture.dir, "forged.git");
    zd_hash original = digest_ok(fixture.dir, "audit.git");
    assert_true(zd_hash_equal(&forged, &original));
    zd_trail_fixture_free(&fixture);
}

/* Signed by nobody, but in good form: the reader shows it, and the signature tells. */
static void commit__with_a_changed_file__reads_as_different_and_its_signature_is_bad(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-changed");
    shell_ok(fixture.dir,
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
    shell_ok(fixture.dir, "git clone -q audit.git work && git -C work cat-file commit main > raw");
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
        shell_ok(fixture.dir, "git -C work update-ref refs/heads/main $(git -C audit.git rev-parse main)");
        shell_ok(fixture.dir, zd_buf_text(&script));
        zd_format(path, sizeof path, "%s/work", fixture.dir);
        (void)repository_digest(&hash, &why, path);
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
    shell_ok(fixture.dir, "git clone -q --bare audit.git loose.git && cd loose.git && mv objects/pack ../packs && mkdir objects/pack && "
                          "for p in ../packs/*.pack; do git unpack-objects -q < $p; done");
    zd_hash original = digest_ok(fixture.dir, "audit.git");
    zd_hash loose = digest_ok(fixture.dir, "loose.git");
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
        shell_ok(fixture.dir, zd_buf_text(&script));
        digest_code(fixture.dir, "bad.git", ZD_E_TRAIL_OBJECT);
        digest_code(fixture.dir, "missing.git", ZD_E_TRAIL_OBJECT);
        zd_buf_free(&script);
    }
    zd_trail_fixture_free(&fixture);
}

static void clone__without_blobs__is_incomplete_and_says_so(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-partial");
    shell_ok(fixture.dir, "git clone -q --bare --filter=blob:none file://$PWD/audit.git partial.git && rm -rf audit.git");
    char path[700];
    zd_hash hash;
    zd_format(path, sizeof path, "%s/partial.git", fixture.dir);
    assert_code(repository_digest(&hash, err, path), ZD_E_TRAIL_OBJECT);
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
        zd_status status = repository_digest(&hash, &why, repository);
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
    zd_hash original = digest_ok(fixture.dir, "audit.git");
    zd_buf names = {0};
    size_t errors = 0;
    size_t same = 0;
    /* Our own packs, one for each commit, and all of it in one pack with deltas as the nightly repack makes it. */
    static const char *const makes[] = {"rm -rf flip.git && cp -r audit.git flip.git",
                                        "rm -rf flip.git && cp -r audit.git flip.git && git -C flip.git repack -q -a -d -f --depth=50"};
    for (size_t m = 0; m < ZD_COUNT(makes); m++) {
        shell_ok(fixture.dir, makes[m]);
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
    zd_hash restored = digest_ok(fixture.dir, "flip.git");
    assert_true(zd_hash_equal(&restored, &original));
    zd_buf_free(&names);
    zd_trail_fixture_free(&fixture);
}

static void pack__cut_short__is_an_error(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-cut");
    shell_ok(fixture.repository, "git repack -q -a -d && chmod u+w objects/pack/* && cp -r . ../whole.git");
    for (int keep = 0; keep < 100; keep += 9) {
        char path[700];
        zd_hash hash;
        zd_error why = {0};
        zd_buf script = {0};
        zd_buf_addf(&script,
                    "rm -rf cut.git && cp -r whole.git cut.git && cd cut.git/objects/pack && for f in *.%s; do truncate -s $(( $(stat -c "
                    "%%s $f) * %d / 100 )) $f; done",
                    keep % 2 == 0 ? "pack" : "idx", keep);
        shell_ok(fixture.dir, zd_buf_text(&script));
        zd_format(path, sizeof path, "%s/cut.git", fixture.dir);
        assert_int_not_equal(repository_digest(&hash, &why, path), ZD_OK);
        assert_int_not_equal(why.code, ZD_CODE_NONE);
        zd_buf_free(&script);
    }
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
        cmocka_unit_test(tree__of_another_form__is_refused),
        cmocka_unit_test(object__under_anothers_id__is_damage),
        cmocka_unit_test(clone__without_blobs__is_incomplete_and_says_so),
        cmocka_unit_test(pack__with_any_byte_flipped__never_answers_wrongly),
        cmocka_unit_test(pack__cut_short__is_an_error),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
