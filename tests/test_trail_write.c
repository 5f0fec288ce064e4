/*
 * The audit repository's writing half against stock git and ssh-keygen: what is written is a valid, signed, reproducible
 * history, and a writer killed anywhere finishes its work by doing it again.
 */
#include "tests/support/support.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/base/durable.h"
#include "tests/support/trail_fixture.h"

static size_t packs_count(const char *repository)
{
    zd_buf out = {0};
    assert_int_equal(zd_test_shell(&out, "ls '%s/objects/pack' | wc -l", repository), 0);
    size_t count = (size_t)strtoul(zd_buf_text(&out), NULL, 10);
    zd_buf_free(&out);
    return count;
}

static void commits__written__stock_git_says_good(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-good");
    zd_trail_shell_ok(fixture.dir, "git clone -q audit.git clone");
    zd_buf out = {0};
    int status = zd_test_shell(&out, "cd '%s/clone' && git fsck --strict --full", fixture.dir);
    assert_int_equal(status, 0);
    assert_null(strstr(zd_buf_text(&out), "warning"));
    for (size_t i = 0; i < ZD_FIXTURE_COMMITS; i++) {
        zd_buf_clear(&out);
        status = zd_test_shell(&out,
                               "cd '%s/clone' && git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=../allowed_signers "
                               "verify-commit %s",
                               fixture.dir, fixture.commits[i]);
        assert_int_equal(status, 0);
        assert_true(zd_span_starts(zd_buf_span(&out), "Good \"git\" signature for git@ledger.example"));
    }
    zd_buf_free(&out);
    zd_trail_fixture_free(&fixture);
}

/* Each commit's files as git shows them, and its tree as git itself computes it from a checkout. */
static void commits__written__git_shows_the_same_files(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-files");
    zd_trail_shell_ok(fixture.dir, "git clone -q audit.git clone");
    for (size_t i = 0; i < ZD_FIXTURE_COMMITS; i++) {
        zd_fixture_file files[ZD_FIXTURE_FILES];
        zd_buf backing = {0};
        zd_buf wanted = {0};
        zd_buf shown = {0};
        size_t count = zd_trail_fixture_files(files, &backing, &fixture, i);
        for (size_t f = 0; f < count; f++) {
            zd_buf_addf(&wanted, "%s\n", files[f].path);
            zd_buf_clear(&shown);
            assert_int_equal(zd_test_shell(&shown, "cd '%s/clone' && git show '%s:%s'", fixture.dir, fixture.commits[i], files[f].path),
                             0);
            assert_true(zd_span_equal(zd_buf_span(&shown), files[f].content));
        }
        zd_buf_clear(&shown);
        assert_int_equal(zd_test_shell(&shown, "cd '%s/clone' && git ls-tree -r --name-only %s", fixture.dir, fixture.commits[i]), 0);
        assert_string_equal(zd_buf_text(&shown), zd_buf_text(&wanted));
        zd_buf_clear(&shown);
        assert_int_equal(zd_test_shell(&shown,
                                       "cd '%s/clone' && git checkout -q %s && rm .git/index && git add -A -f . && "
                                       "test $(git write-tree) = $(git rev-parse HEAD^{tree})",
                                       fixture.dir, fixture.commits[i]),
                         0);
        zd_buf_free(&wanted);
        zd_buf_free(&shown);
        zd_buf_free(&backing);
    }
    zd_trail_fixture_free(&fixture);
}

static void commits__rebuilt_with_stored_signatures__have_the_same_ids(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-rebuild");
    zd_trail_fixture second = fixture;
    zd_format(second.repository, sizeof second.repository, "%s/second.git", fixture.dir);
    zd_trail_shell_ok(fixture.dir, "rm key"); /* the git key is gone */
    assert_ok(zd_trail_create(second.repository, err));
    for (size_t i = 0; i < ZD_FIXTURE_COMMITS; i++) {
        memset(second.commits[i], 0, ZD_OID_HEX);
        /* The stored signature may lie in the buffer that receives the one used. */
        zd_trail_fixture_commit(&second, second.repository, i, zd_buf_span(&second.signatures[i]));
        assert_string_equal(second.commits[i], fixture.commits[i]);
    }
    zd_trail_shell_ok(fixture.dir, "test $(git -C audit.git rev-parse main) = $(git -C second.git rev-parse main)");
    zd_trail_fixture_free(&second);
}

static void commit_write__again__same_id_and_no_new_pack(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-again");
    char first[ZD_OID_HEX];
    memcpy(first, fixture.commits[3], ZD_OID_HEX);
    size_t before = packs_count(fixture.repository);
    zd_trail_fixture_commit(&fixture, fixture.repository, 3, zd_span_of(NULL, 0)); /* signs again; Ed25519 is deterministic */
    assert_string_equal(fixture.commits[3], first);
    assert_int_equal(packs_count(fixture.repository), before);
    assert_int_equal(before, 2 * ZD_FIXTURE_COMMITS); /* one pack and one index each */
    /* Also when the objects lie in another pack by now. */
    zd_trail_shell_ok(fixture.repository, "git repack -q -a -d");
    before = packs_count(fixture.repository);
    zd_trail_fixture_commit(&fixture, fixture.repository, 3, zd_span_of(NULL, 0));
    assert_string_equal(fixture.commits[3], first);
    assert_int_equal(packs_count(fixture.repository), before);
    zd_trail_fixture_free(&fixture);
}

static void commit_write__after_repack__goes_on(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_make(&fixture, "trail-repack");
    for (size_t i = 0; i < ZD_FIXTURE_COMMITS; i++) {
        zd_trail_fixture_commit(&fixture, fixture.repository, i, zd_span_of(NULL, 0));
        zd_trail_shell_ok(fixture.repository, "git repack -q --geometric=2 -d && git commit-graph write --reachable");
    }
    zd_trail_shell_ok(fixture.repository, "git fsck --strict --full && git gc -q && test -f refs/heads/main");
    zd_trail *trail = NULL;
    char *history = NULL;
    size_t count = 0;
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    assert_ok(zd_trail_history(&history, &count, trail, err));
    assert_int_equal(count, ZD_FIXTURE_COMMITS);
    free(history);
    zd_trail_close(trail);
    zd_trail_fixture_free(&fixture);
}

static void advance__branch_elsewhere__says_moved(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-moved");
    zd_trail *trail = NULL;
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    assert_ok(zd_trail_advance(trail, fixture.commits[2], fixture.commits[3], err)); /* already there */
    assert_ok(zd_trail_advance(trail, fixture.commits[0], fixture.commits[3], err)); /* wherever it came from */
    assert_code(zd_trail_advance(trail, fixture.commits[1], fixture.commits[2], err), ZD_E_TRAIL_MOVED);
    assert_code(zd_trail_advance(trail, "", fixture.commits[0], err), ZD_E_TRAIL_MOVED);
    zd_trail_shell_ok(fixture.repository, "git update-ref refs/heads/main main~2");
    assert_code(zd_trail_advance(trail, fixture.commits[2], fixture.commits[3], err), ZD_E_TRAIL_MOVED);
    /* A commit that skips one would leave a gap. */
    assert_code(zd_trail_advance(trail, fixture.commits[1], fixture.commits[3], err), ZD_E_TRAIL_GRAMMAR);
    assert_code(zd_trail_advance(trail, fixture.commits[1], "0123456789012345678901234567890123456789", err), ZD_E_TRAIL_OBJECT);
    assert_ok(zd_trail_advance(trail, fixture.commits[1], fixture.commits[2], err));
    zd_trail_shell_ok(fixture.repository, "git update-ref -d refs/heads/main");
    assert_code(zd_trail_advance(trail, fixture.commits[1], fixture.commits[2], err), ZD_E_TRAIL_MOVED);
    assert_ok(zd_trail_advance(trail, "", fixture.commits[0], err));
    zd_trail_close(trail);
    zd_trail_fixture_free(&fixture);
}

static void writer__beside_another__is_told_so(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-lock");
    zd_trail *trail = NULL;
    zd_lock *lock = NULL;
    zd_buf backing = {0};
    zd_buf signature = {0};
    zd_trail_commit_in in;
    zd_trail_change changes[ZD_FIXTURE_FILES];
    char hex[ZD_OID_HEX];
    zd_trail_fixture_input(&in, changes, &backing, &fixture, 3);
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    assert_ok(zd_lock_take(&lock, fixture.repository, "zhidui.lock", err));
    assert_code(zd_trail_commit_write(hex, &signature, trail, &in, err), ZD_E_LEDGER_LOCKED);
    assert_code(zd_trail_advance(trail, fixture.commits[2], fixture.commits[3], err), ZD_E_LEDGER_LOCKED);
    zd_lock_release(lock);
    assert_ok(zd_trail_commit_write(hex, &signature, trail, &in, err));
    zd_trail_close(trail);
    zd_buf_free(&backing);
    zd_buf_free(&signature);
    zd_trail_fixture_free(&fixture);
}

static void writer__after_a_killed_one__clears_its_leftovers(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_make(&fixture, "trail-leftovers");
    zd_trail_fixture_commit(&fixture, fixture.repository, 0, zd_span_of(NULL, 0));
    zd_trail_shell_ok(fixture.repository, "echo x > refs/heads/main.lock && echo x > objects/pack/pack_git2_AbCdEf && "
                                 "echo x > objects/pack/pack_git2_Abidx.lock");
    zd_trail_fixture_commit(&fixture, fixture.repository, 1, zd_span_of(NULL, 0));
    zd_trail_shell_ok(fixture.repository, "test ! -e refs/heads/main.lock && ! ls objects/pack | grep git2 && git fsck --strict --full");
    zd_trail_fixture_free(&fixture);
}

typedef void spoil_fn(zd_trail_commit_in *in, zd_trail_change *changes);
static void spoil_dots(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = "keys/../policy"; }
static void spoil_git(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = "keys/.GIT/config"; }
static void spoil_absolute(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = "/README"; }
static void spoil_slash(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = "keys/"; }
static void spoil_empty(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = ""; }
static void spoil_control(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = "keys/a\nb"; }
static void spoil_deep(zd_trail_commit_in *in, zd_trail_change *changes)
{
    (void)in;
    changes[0].path = "1/2/3/4/5/6/7/8/9/a/b/c/d/e/f/g/h";
}
static void spoil_twice(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = changes[1].path; }
static void spoil_over_file(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = "keys/policy/x"; }
static void spoil_over_directory(zd_trail_commit_in *in, zd_trail_change *changes) { (void)in; changes[0].path = "keys"; }
static void spoil_summary(zd_trail_commit_in *in, zd_trail_change *changes) { (void)changes; in->summary = "two\nlines"; }
static void spoil_no_summary(zd_trail_commit_in *in, zd_trail_change *changes) { (void)changes; in->summary = ""; }
static void spoil_name(zd_trail_commit_in *in, zd_trail_change *changes) { (void)changes; in->author_name = "A <b> c"; }
static void spoil_mail(zd_trail_commit_in *in, zd_trail_change *changes) { (void)changes; in->author_mail = "a b"; }
static void spoil_time(zd_trail_commit_in *in, zd_trail_change *changes) { (void)changes; in->time_unix_s -= 60; }
static void spoil_checkpoint(zd_trail_commit_in *in, zd_trail_change *changes)
{
    (void)changes;
    in->checkpoint = zd_span_text("another checkpoint\n");
}
static void spoil_no_key(zd_trail_commit_in *in, zd_trail_change *changes) { (void)changes; in->sign = NULL; }

/* Each case changes one thing of a good input; changes[0] is a row that nothing else depends on. */
static void commit_write__bad_input__is_refused_and_writes_nothing(void **state)
{
    (void)state;
    static spoil_fn *const cases[] = {spoil_dots,      spoil_git,            spoil_absolute, spoil_slash,      spoil_empty,
                                      spoil_control,   spoil_deep,           spoil_twice,    spoil_over_file,  spoil_over_directory,
                                      spoil_summary,   spoil_no_summary,     spoil_name,     spoil_mail,       spoil_time,
                                      spoil_checkpoint, spoil_no_key};
    zd_trail_fixture fixture;
    zd_trail_fixture_make(&fixture, "trail-bad");
    zd_trail_fixture_commit(&fixture, fixture.repository, 0, zd_span_of(NULL, 0));
    zd_trail *trail = NULL;
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    size_t before = packs_count(fixture.repository);
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_trail_commit_in in;
        zd_trail_change changes[ZD_FIXTURE_FILES];
        zd_buf backing = {0};
        zd_buf signature = {0};
        char hex[ZD_OID_HEX];
        zd_trail_fixture_input(&in, changes, &backing, &fixture, 1);
        cases[i](&in, changes);
        zd_error refused = {0};
        zd_status status = zd_trail_commit_write(hex, &signature, trail, &in, &refused);
        if (refused.code != ZD_E_FIELD_INVALID) {
            print_error("case %zu: %s\n", i, zd_code_name(refused.code));
        }
        assert_int_equal(status, ZD_MALFORMED);
        assert_int_equal(refused.code, ZD_E_FIELD_INVALID);
        zd_buf_free(&backing);
        zd_buf_free(&signature);
    }
    assert_int_equal(packs_count(fixture.repository), before);
    zd_trail_close(trail);
    zd_trail_fixture_free(&fixture);
}

static void commit_write__stored_signature_of_another_commit__is_refused(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-signature");
    zd_trail *trail = NULL;
    zd_trail_commit_in in;
    zd_trail_change changes[ZD_FIXTURE_FILES];
    zd_buf backing = {0};
    zd_buf used = {0};
    char hex[ZD_OID_HEX];
    zd_trail_fixture_input(&in, changes, &backing, &fixture, 3);
    assert_ok(zd_trail_open(&trail, fixture.repository, err));
    in.signature = zd_buf_span(&fixture.signatures[2]);
    assert_code(zd_trail_commit_write(hex, &used, trail, &in, err), ZD_E_SIGNATURE_BAD);
    in.signature = zd_span_of(fixture.signatures[3].data, fixture.signatures[3].size - 1); /* git's own form has the newline */
    assert_code(zd_trail_commit_write(hex, &used, trail, &in, err), ZD_E_SSHSIG_MALFORMED);
    in.signature = zd_span_text("-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n");
    assert_code(zd_trail_commit_write(hex, &used, trail, &in, err), ZD_E_SSHSIG_MALFORMED);
    assert_int_equal(used.size, 0);
    zd_trail_close(trail);
    zd_buf_free(&backing);
    zd_buf_free(&used);
    zd_trail_fixture_free(&fixture);
}

static void create__there_already__refuses(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-create");
    assert_code(zd_trail_create(fixture.repository, err), ZD_E_FILE_EXISTS);
    /* What a killed run left under the staging name is used again. */
    char path[640];
    zd_format(path, sizeof path, "%s/late.git", fixture.dir);
    zd_trail_shell_ok(fixture.dir, "mkdir -p late.git.new/objects && echo junk > late.git.new/config");
    assert_ok(zd_trail_create(path, err));
    zd_trail_shell_ok(fixture.dir, "git -C late.git fsck --strict && test ! -e late.git.new && "
                          "test $(git -C late.git symbolic-ref HEAD) = refs/heads/main");
    zd_trail_fixture_free(&fixture);
}

static void repository__pushed_to__refuses_rewinds_and_deletion(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-push");
    zd_trail_shell_ok(fixture.dir, "git clone -q audit.git clone && cd clone && ! git push -q -f origin main~1:main && "
                          "! git push -q origin :main && git push -q origin main && "
                          "test $(git -C ../audit.git rev-parse main) = $(git rev-parse main)");
    zd_trail_fixture_free(&fixture);
}

static void readme__its_commands__all_succeed_in_a_clone(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-readme");
    zd_buf script = {0};
    zd_buf path = {0};
    zd_buf out = {0};
    size_t commands = 0;
    zd_buf_add_text(&script, "set -e\n");
    for (zd_span rest = zd_trail_readme(); rest.size > 0;) {
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        if (zd_span_starts(line, "    $ ")) {
            zd_buf_add(&script, line.data + 6, line.size - 6);
            zd_buf_add_byte(&script, '\n');
            commands++;
        }
    }
    assert_int_equal(commands, 18);
    assert_ok(zd_file_write(zd_path_join(&path, fixture.dir, "readme.sh"), zd_buf_span(&script), 0600, err));
    zd_trail_shell_ok(fixture.dir, "git clone -q audit.git clone");
    int status = zd_test_shell(&out, "cd '%s/clone' && TMPDIR=%s sh -x ../readme.sh", fixture.dir, fixture.dir);
    if (status != 0) {
        print_error("%s\n", zd_buf_text(&out));
    }
    assert_int_equal(status, 0);
    /* Good for the four commits and once by ssh-keygen alone. */
    size_t good = 0;
    for (const char *at = zd_buf_text(&out); (at = strstr(at, "Good \"git\" signature")) != NULL; at++) {
        good++;
    }
    assert_int_equal(good, ZD_FIXTURE_COMMITS + 1);
    zd_buf_free(&script);
    zd_buf_free(&path);
    zd_buf_free(&out);
    zd_trail_fixture_free(&fixture);
}

/* In the child: the publication of the last commit with its stored signature, stopped and perhaps killed by the parent. */
static void child_publish(zd_trail_fixture *fixture, const char *repository)
{
    zd_trail *trail = NULL;
    zd_error err = {0};
    zd_trail_commit_in in;
    zd_trail_change changes[ZD_FIXTURE_FILES];
    zd_buf backing = {0};
    zd_buf used = {0};
    char hex[ZD_OID_HEX];
    zd_trail_fixture_input(&in, changes, &backing, fixture, 3);
    in.signature = zd_buf_span(&fixture->signatures[3]);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
        _exit(99);
    }
    (void)raise(SIGSTOP);
    zd_status status = zd_trail_open(&trail, repository, &err);
    if (status == ZD_OK) {
        status = zd_trail_commit_write(hex, &used, trail, &in, &err);
    }
    if (status == ZD_OK) {
        status = zd_trail_advance(trail, in.parent_hex, hex, &err);
    }
    _exit((int)status);
}

/* Lets the child run for that many system-call stops, then kills it; true when it ended by itself before. */
static bool run_and_kill(zd_trail_fixture *fixture, const char *repository, unsigned long stops)
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        child_publish(fixture, repository);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSTOPPED(status)); /* tracing must be possible, or this test proves nothing */
    for (unsigned long i = 0; i < stops; i++) {
        assert_int_equal(ptrace(PTRACE_SYSCALL, child, NULL, NULL), 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            return true;
        }
        assert_true(WIFSTOPPED(status));
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    return false;
}

static void publication__killed_at_any_system_call__is_finished_by_the_next_run(void **state)
{
    (void)state;
    zd_trail_fixture fixture;
    zd_trail_fixture_full(&fixture, "trail-kill");
    char wanted[ZD_OID_HEX];
    char repository[640];
    memcpy(wanted, fixture.commits[3], ZD_OID_HEX);
    zd_format(repository, sizeof repository, "%s/killed.git", fixture.dir);
    /* The state before the last commit: its three predecessors rebuilt from their signatures. */
    char before[640];
    zd_format(before, sizeof before, "%s/before.git", fixture.dir);
    assert_ok(zd_trail_create(before, err));
    for (size_t i = 0; i < 3; i++) {
        zd_trail_fixture_commit(&fixture, before, i, zd_buf_span(&fixture.signatures[i]));
    }
    size_t kills = 0;
    size_t torn = 0;
    bool ended = false;
    for (unsigned long stops = 1; !ended; stops += 9) {
        zd_trail_shell_ok(fixture.dir, "rm -rf killed.git && cp -r before.git killed.git");
        ended = run_and_kill(&fixture, repository, stops);
        kills += ended ? 0 : 1;
        torn += zd_test_shell(NULL, "cd '%s' && ls objects/pack refs/heads | grep -q -e git2 -e lock", repository) == 0 ? 1 : 0;
        /* A reader beside it never sees anything but the old or the new state. */
        zd_trail_shell_ok(repository, "git fsck --strict --full --no-dangling 2>&1 | ( ! grep . )");
        fixture.commits[3][0] = '\0';
        zd_trail_fixture_commit(&fixture, repository, 3, zd_buf_span(&fixture.signatures[3]));
        assert_string_equal(fixture.commits[3], wanted);
        zd_trail_shell_ok(repository, "git fsck --strict --full 2>&1 | ( ! grep . ) && ! ls objects/pack refs/heads | grep -e git2 -e lock");
    }
    print_message("killed %zu times, %zu of them with something left behind\n", kills, torn);
    assert_true(kills > 20);
    assert_true(torn > 3);
    zd_trail_fixture_free(&fixture);
}

int main(void)
{
    zd_test_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commits__written__stock_git_says_good),
        cmocka_unit_test(commits__written__git_shows_the_same_files),
        cmocka_unit_test(commits__rebuilt_with_stored_signatures__have_the_same_ids),
        cmocka_unit_test(commit_write__again__same_id_and_no_new_pack),
        cmocka_unit_test(commit_write__after_repack__goes_on),
        cmocka_unit_test(advance__branch_elsewhere__says_moved),
        cmocka_unit_test(writer__beside_another__is_told_so),
        cmocka_unit_test(writer__after_a_killed_one__clears_its_leftovers),
        cmocka_unit_test(commit_write__bad_input__is_refused_and_writes_nothing),
        cmocka_unit_test(commit_write__stored_signature_of_another_commit__is_refused),
        cmocka_unit_test(create__there_already__refuses),
        cmocka_unit_test(repository__pushed_to__refuses_rewinds_and_deletion),
        cmocka_unit_test(readme__its_commands__all_succeed_in_a_clone),
        cmocka_unit_test(publication__killed_at_any_system_call__is_finished_by_the_next_run),
    };
    return zd_test_run(cmocka_run_group_tests(tests, NULL, NULL));
}
