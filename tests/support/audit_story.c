/* The story that tests of the verifier read and forge; see audit_story.h. */
#include "tests/support/audit_story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/trail/trail.h"
#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "tests/support/seen.h"
#include "tests/support/settling.h"

static void publish(zd_scene *scene, const char *git_key_name)
{
    zd_signer *log_key = zd_scene_signer("log");
    zd_signer *git_key = zd_scene_signer(git_key_name);
    zd_publisher publisher = {.log_key = log_key, .git_key = git_key};
    scene->now_unix_ms += 60000;
    assert_ok(zd_ledger_publish(scene->ledger, &publisher, err));
    zd_signer_close(log_key);
    zd_signer_close(git_key);
}

/* The git key retires: ended by one root, followed by what the roots name together. */
static void rotate_git(zd_scene *scene)
{
    char old_hex[ZD_HASH_HEX];
    char new_hex[ZD_HASH_HEX];
    zd_hash fresh;
    zd_signer *signer = zd_scene_signer("git-2");
    memcpy(fresh.bytes, zd_signer_public(signer)->bytes, sizeof fresh.bytes);
    zd_hash_hex(old_hex, &zd_scene_key(scene, "git")->public_key);
    zd_hash_hex(new_hex, &fresh);
    zd_signer_close(signer);
    scene_accepted(scene, "root-1", "key.revoke", "\"key_name\":\"git\",\"public\":\"%s\",\"reason\":\"retired\"", old_hex);
    assert_ok(zd_scene_submit(scene, "root-1", "key.rotate-root", err, "\"key_name\":\"git\",\"public\":\"%s\",\"person\":\"p-log\",\"reason\":\"retired\"", new_hex));
    assert_ok(zd_scene_second(scene, "root-2", err));
    assert_string_equal(zd_scene_code(scene), "");
}

/* The last request of the history: a capture above the ratio, refused. */
static void refused_capture(zd_scene *scene)
{
    char date[ZD_DATE_TEXT];
    zd_scene_order(scene, "O-9", 100000);
    zd_date_text(date, zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS));
    scene_refused(scene, "provider/" P1, "redemption.capture", "R23",
                  "\"item\":\"c-O-9\",\"order\":\"O-9\",\"amount_fen\":100000,\"own_share_fen\":50000,\"final\":true,\"done\":\"%s\",\"result_sha256\":\"%064d\",\"invoice\":\"%s\","
                  "\"invoice_fen\":200000,\"invoice_part_fen\":200000,\"invoice_date\":\"%s\",\"seller\":\"" P1 "\",\"buyer\":\"" H1 "\"",
                  date, 5, zd_scene_invoice(90), date);
}

static void run_programme(zd_scene *scene)
{
    publish(scene, "git");
    zd_settling_capture(scene, "O-1", 500000);
    zd_settling_capture(scene, "O-2", 300000);
    zd_scene_order(scene, "O-3", 200000);
    zd_scene_capture(scene, "c-O-3a", "O-3", 80000, false);
    publish(scene, "git");
    zd_settling_wait(scene);
    zd_settling_pay(scene, "B-1", POOL_E);
    publish(scene, "git");
    rotate_git(scene);
    scene_accepted(scene, "provider/" P1, "redemption.void", "\"order\":\"O-3\"");
    scene_accepted(scene, "provider/" P1, "redemption.refund", "\"note\":\"N-1\",\"item\":\"c-O-1\",\"amount_fen\":100000");
    publish(scene, "git-2");
    zd_settling_capture(scene, "O-4", 400000);
    zd_settling_wait(scene);
    zd_settling_seal(scene, "B-2", POOL_E, "");
    zd_settling_approve(scene, "B-2");
    zd_settling_release(scene, "B-2");
    zd_settling_answer(scene, "B-2", P1, "debited");
    zd_settling_answer(scene, "B-2", P1, "returned");
    refused_capture(scene);
    publish(scene, "git-2");
}

static void keep_middle(zd_audit_story *s)
{
    char *ids = NULL;
    size_t count = 0;
    zd_trail *trail = NULL;
    zd_trail_commit commit;
    assert_ok(zd_trail_open(&trail, s->audit, err));
    assert_ok(zd_trail_history(&ids, &count, trail, err));
    assert_int_equal(count, ZD_STORY_COMMITS);
    assert_ok(zd_trail_commit_read(&commit, trail, ids + 2 * ZD_OID_HEX, err));
    zd_buf_add_span(&s->middle, commit.checkpoint);
    zd_trail_commit_free(&commit);
    zd_trail_close(trail);
    free(ids);
}

int zd_audit_story_setup(void **state)
{
    zd_audit_story *s = zd_alloc_zero(1, sizeof *s);
    zd_buf fingerprint = {0};
    char path[ZD_STORY_PATH];
    s->dir = zd_test_dir("verify");
    zd_format(path, sizeof path, "%s/ledger", s->dir);
    zd_format(s->audit, sizeof s->audit, "%s/ledger/audit.git", s->dir);
    zd_format(s->clone, sizeof s->clone, "%s/clone", s->dir);
    zd_scene *scene = zd_scene_ready_on(path);
    run_programme(scene);
    zd_scene_free(scene);
    zd_format(path, sizeof path, "%s/ledger/GENESIS", s->dir);
    assert_ok(zd_file_read(&fingerprint, path, 128, err));
    assert_true(zd_hash_from_hex(&s->genesis, zd_span_of(fingerprint.data, 64)));
    zd_buf_free(&fingerprint);
    assert_int_equal(zd_test_shell(NULL, "git clone -q --no-hardlinks '%s' '%s'", s->audit, s->clone), 0);
    keep_middle(s);
    *state = s;
    return 0;
}

int zd_audit_story_teardown(void **state)
{
    zd_audit_story *s = *state;
    zd_buf_free(&s->middle);
    zd_test_dir_remove(s->dir);
    free(s);
    return 0;
}

int zd_story_verify(zd_verdict *verdict, const char *repository, zd_verify_options options)
{
    options.repository = repository;
    assert_ok(zd_verify_run(verdict, &options, err));
    zd_seen(verdict->report);
    return zd_verdict_exit(verdict);
}

void zd_story_show(const zd_verdict *verdict)
{
    zd_verify_options options = {0};
    zd_verdict_print(verdict, &options, stderr, false);
}

zd_kept zd_story_kept(const zd_audit_story *s, size_t commits)
{
    zd_trail *trail = NULL;
    char *ids = NULL;
    size_t count = 0;
    zd_trail_commit commit;
    zd_note note;
    zd_kept kept = {.own = true, .finished = true, .edition = ZD_VERIFY_EDITION, .genesis = s->genesis, .at = "2026-06-01T00:00:00.000Z"};
    assert_ok(zd_trail_open(&trail, s->audit, err));
    assert_ok(zd_trail_history(&ids, &count, trail, err));
    assert_int_equal(count, ZD_STORY_COMMITS);
    assert_ok(zd_trail_commit_read(&commit, trail, ids + (commits - 1) * ZD_OID_HEX, err));
    assert_ok(zd_note_split(&note, commit.checkpoint, err));
    assert_ok(zd_checkpoint_parse(&kept.checkpoint, note.text, err));
    zd_trail_commit_free(&commit);
    zd_trail_close(trail);
    free(ids);
    return kept;
}

void zd_story_findings(zd_buf *out, const zd_verdict *verdict)
{
    for (size_t i = 0; i < verdict->report->kept; i++) {
        const zd_found *found = &verdict->report->found[i];
        if (found->check != ZD_V_ANCHOR_SINCE) {
            zd_buf_addf(out, "%s %llu %s", zd_verify_name(found->check), (unsigned long long)found->entry, found->commit_hex);
            zd_buf_addf(out, " %s | %s | %s\n", zd_buf_text(&found->recorded), zd_buf_text(&found->recomputed), zd_buf_text(&found->gains));
        }
    }
}
