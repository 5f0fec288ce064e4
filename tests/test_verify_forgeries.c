/*
 * A forger who has every key tampers with one thing at a time and makes all hashes and signatures fit again; each forgery must be found, by the check that is
 * named beside it.
 */
#include "tests/support/support.h"

#include <stdio.h>
#include <string.h>

#include "audit/trail/trail.h"
#include "tests/support/audit_story.h"
#include "tests/support/forgery.h"
#include "tests/support/settling.h"

typedef void forge(zd_forgery *forgery);

static void nothing(zd_forgery *forgery)
{
    (void)forgery;
}

/* One digit more of a subsidy in the recorded decision of the first capture. */
static void raise_posting(zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, 0, "\"3000/" P1 "/" POOL_E "\",500000", "redemption.capture");
    zd_forgery_edit(forgery, leaf, "\"3000/" P1 "/" POOL_E "\",500000", "\"3000/" P1 "/" POOL_E "\",500001");
}

static void raise_request(zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, 0, "\"amount_fen\":500000,\"own_share_fen\"", "redemption.order");
    zd_forgery_edit(forgery, leaf, "\"amount_fen\":500000,\"own_share_fen\"", "\"amount_fen\":900000,\"own_share_fen\"");
}

static void drop_entry(zd_forgery *forgery)
{
    zd_forgery_drop(forgery, zd_forgery_find(forgery, 0, "redemption.order", "O-2"));
}

static void swap_entries(zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, 0, "redemption.order", "O-2");
    zd_buf kept = forgery->leaves[leaf];
    forgery->leaves[leaf] = forgery->leaves[leaf + 1];
    forgery->leaves[leaf + 1] = kept;
}

/* Orders stand in their places but the second claims to be earlier than the first. */
static void turn_clock_back(zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, 0, "redemption.order", "O-4");
    zd_forgery_edit(forgery, leaf, "\"at\":\"2026-", "\"at\":\"2025-");
}

static void decide_twice(zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, 0, "redemption.order", "O-1");
    zd_buf copy = {0};
    zd_buf_add_span(&copy, zd_buf_span(&forgery->leaves[leaf]));
    zd_forgery_append(forgery, zd_buf_span(&copy));
    char old_seq[40];
    char new_seq[40];
    zd_format(old_seq, sizeof old_seq, "{\"seq\":%zu,", leaf);
    zd_format(new_seq, sizeof new_seq, "{\"seq\":%zu,", forgery->leaf_count - 1);
    zd_forgery_edit(forgery, forgery->leaf_count - 1, old_seq, new_seq);
    zd_buf_free(&copy);
}

/* The effects of the first seal are cut off its request. */
static void cut_group(zd_forgery *forgery)
{
    zd_forgery_drop(forgery, zd_forgery_find(forgery, zd_forgery_find(forgery, 0, "batch.seal", "B-1"), "\"of\":", "\"net_fen\":"));
}

static void accept_what_was_refused(zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, 0, "\"code\":\"R23\"", "c-O-9");
    zd_buf forged = {0};
    const uint8_t *note = memchr(forgery->leaves[leaf].data, '\n', forgery->leaves[leaf].size);
    const uint8_t *outcome = memmem(forgery->leaves[leaf].data, forgery->leaves[leaf].size, "\"outcome\"", strlen("\"outcome\""));
    assert_true(note != NULL && outcome != NULL);
    zd_buf_add(&forged, forgery->leaves[leaf].data, (size_t)(outcome - forgery->leaves[leaf].data));
    zd_buf_add_text(&forged, "\"outcome\":\"accepted\",\"policy\":1,\"gates\":[\"R25\",\"R33\"],\"subsidy_fen\":100000,\"base_fen\":150000,"
                             "\"postings\":[[\"2200/O-9/" POOL_E "\",\"3000/" P1 "/" POOL_E "\",100000]]}");
    zd_buf_add(&forged, note, forgery->leaves[leaf].size - (size_t)(note - forgery->leaves[leaf].data));
    zd_buf_free(&forgery->leaves[leaf]);
    forgery->leaves[leaf] = forged;
}

/* The signature line names another officer. */
static void approve_oneself(zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, 0, "batch.approve", "B-1");
    zd_forgery_edit(forgery, leaf, "voucher.sx.example/checker ", "voucher.sx.example/maker ");
}

static void extend_roster(zd_forgery *forgery)
{
    zd_forged_file *file = zd_forgery_file(forgery, "keys/roster.json");
    char *at = memmem(file->content.data, file->content.size, "\"role\":\"maker\"", 14);
    assert_non_null(at);
    memcpy(at, "\"role\":\"check\"", 14);
}

static void change_policy_file(zd_forgery *forgery)
{
    zd_forged_file *file = zd_forgery_file(forgery, "policy/001.json");
    char *at = memmem(file->content.data, file->content.size, "\"value\":5000", 12);
    assert_non_null(at);
    memcpy(at, "\"value\":9000", 12);
}

static void change_settlement_file(zd_forgery *forgery)
{
    for (size_t i = 0; i < forgery->commit_count; i++) {
        for (size_t f = 0; f < forgery->commits[i].file_count; f++) {
            zd_forged_file *file = &forgery->commits[i].files[f];
            char *at = strncmp(file->path, "settlement/", 11) == 0 ? memmem(file->content.data, file->content.size, "\"total_fen\":", 12) : NULL;
            if (at != NULL) {
                at[12] = at[12] == '1' ? '2' : '1';
                return;
            }
        }
    }
    fail_msg("no settlement file");
}

static void smuggle_file(zd_forgery *forgery)
{
    zd_forgery_add_file(forgery, "keys/extra", "x\n");
}

static void drop_roster(zd_forgery *forgery)
{
    for (size_t i = 0; i < forgery->commits[0].file_count; i++) {
        zd_forged_file *file = &forgery->commits[0].files[i];
        if (strcmp(file->path, "keys/policy") == 0) {
            zd_format(file->path, sizeof file->path, "keys/polity");
        }
    }
}

static void spoil_tile(zd_forgery *forgery)
{
    zd_format(forgery->wrong_tile, sizeof forgery->wrong_tile, "tile/0/000.p/%llu", (unsigned long long)forgery->commits[1].size);
}

/* A byte of an entry, with tiles, root and checkpoint as they were. */
static void spoil_new_entry(zd_forgery *forgery)
{
    zd_format(forgery->wrong_tile, sizeof forgery->wrong_tile, "tile/entries/000.p/%llu", (unsigned long long)forgery->commits[0].size);
}

static void spoil_old_entry(zd_forgery *forgery)
{
    zd_format(forgery->wrong_tile, sizeof forgery->wrong_tile, "tile/entries/000.p/%llu", (unsigned long long)forgery->commits[1].size);
}

/* The second commit ends between the first seal's request and its line. */
static void publish_half_a_group(zd_forgery *forgery)
{
    forgery->commits[1].size = zd_forgery_find(forgery, 0, "batch.seal", "B-1") + 1;
}

static void omit_entries(zd_forgery *forgery)
{
    zd_format(forgery->missing_tile, sizeof forgery->missing_tile, "tile/entries/000.p/%llu", (unsigned long long)forgery->commits[1].size);
}

static void leave_old_tiles(zd_forgery *forgery)
{
    forgery->commits[2].keeps_obsolete = true;
}

static void rename_log(zd_forgery *forgery)
{
    forgery->commits[2].origin = "voucher.elsewhere.example";
}

static void publish_the_same_size(zd_forgery *forgery)
{
    forgery->commits[3].size = forgery->commits[2].size;
}

/* An effect that says it belongs to another request. */
static void move_effect(zd_forgery *forgery)
{
    size_t leaf = zd_forgery_find(forgery, zd_forgery_find(forgery, 0, "batch.seal", "B-1"), "\"of\":", "\"net_fen\":");
    zd_forgery_edit(forgery, leaf, "\"of\":", "\"of\":1");
}

#define DRAWER "{\"type\":\"holder.ban\",\"v\":1,\"ledger\":\"voucher.sx.example\",\"id\":\"x-1\",\"expires\":\"2027-01-01T00:00:00Z\",\"holder\":\"" H1 "\",\"until\":\"2027-01-01\",\"decision\":\"d\"}\n"

static void sign_request_with_dead_key(zd_forgery *forgery)
{
    zd_forgery_append_request(forgery, DRAWER, "git", 1);
}

static void sign_request_twice(zd_forgery *forgery)
{
    zd_forgery_append_request(forgery, DRAWER, "issuer-1", 2);
}

static void write_readme(zd_forgery *forgery)
{
    zd_forgery_add_file(forgery, "README", "another text\n");
}

static zd_signer *other_signer; /* of the case that runs: freed by it */

static void sign_with_retired_git_key(zd_forgery *forgery)
{
    other_signer = zd_scene_signer("git");
    forgery->commits[forgery->commit_count - 1].git_key = other_signer;
}

static void sign_with_git_key_of_tomorrow(zd_forgery *forgery)
{
    other_signer = zd_scene_signer("git-2");
    forgery->commits[0].git_key = other_signer;
}

static void sign_log_with_service_key(zd_forgery *forgery)
{
    other_signer = zd_scene_signer("service");
    forgery->commits[2].log_key = other_signer;
}

/* After its parent, but days before the entries that it publishes. */
static void sign_log_with_strange_key(zd_forgery *forgery)
{
    other_signer = zd_scene_signer("a stranger");
    forgery->commits[4].log_key = other_signer;
}

static void turn_commit_time_back(zd_forgery *forgery)
{
    forgery->commits[2].time_unix_s = forgery->commits[1].time_unix_s + 1;
}

static void lie_in_summary(zd_forgery *forgery)
{
    forgery->commits[3].summary = "checkpoint 1 (+1 entries)";
}

typedef struct forgery_case {
    const char *name;
    forge *change;
    zd_verify_check found[3]; /* each of these, up to ZD_V__COUNT */
} forgery_case;

static const forgery_case cases[] = {
    {"a posting raised by one fen", raise_posting, {ZD_V_DECISION, ZD_V_AMOUNT_SIGNED, ZD_V__COUNT}},
    {"a signed amount changed", raise_request, {ZD_V_REQUEST_SIGNATURE, ZD_V_AMOUNT_SIGNED, ZD_V__COUNT}},
    {"an entry dropped", drop_entry, {ZD_V_ENTRY_NUMBER, ZD_V_NAME_UNKNOWN, ZD_V__COUNT}},
    {"two entries swapped", swap_entries, {ZD_V_ENTRY_NUMBER, ZD_V__COUNT}},
    {"an entry back-dated", turn_clock_back, {ZD_V_ENTRY_TIME, ZD_V__COUNT}},
    {"a request decided twice", decide_twice, {ZD_V_REQUEST_TWICE, ZD_V__COUNT}},
    {"a group cut", cut_group, {ZD_V_GROUP_CUT, ZD_V__COUNT}},
    {"a refused capture accepted", accept_what_was_refused, {ZD_V_DECISION, ZD_V_RATIO, ZD_V__COUNT}},
    {"a batch approved by its maker", approve_oneself, {ZD_V_REQUEST_KEY, ZD_V_DUTIES_BATCH, ZD_V__COUNT}},
    {"the roster file changed", extend_roster, {ZD_V_PROJECTION, ZD_V__COUNT}},
    {"the policy file changed", change_policy_file, {ZD_V_PROJECTION, ZD_V__COUNT}},
    {"a settlement file changed", change_settlement_file, {ZD_V_PROJECTION, ZD_V__COUNT}},
    {"a file smuggled in", smuggle_file, {ZD_V_TREE_PATH, ZD_V__COUNT}},
    {"a file under another name", drop_roster, {ZD_V_PROJECTION, ZD_V_TREE_PATH, ZD_V__COUNT}},
    {"a group cut by a checkpoint", publish_half_a_group, {ZD_V_GROUP_CUT, ZD_V__COUNT}},
    {"an entry spoilt under its root", spoil_new_entry, {ZD_V_CHECKPOINT_ROOT, ZD_V__COUNT}},
    {"an entry changed after it was published", spoil_old_entry, {ZD_V_BUNDLE, ZD_V__COUNT}},
    {"a checkpoint by a stranger", sign_log_with_strange_key, {ZD_V_CHECKPOINT_SIGNATURE, ZD_V__COUNT}},
    {"a file of entries left out", omit_entries, {ZD_V_BUNDLE, ZD_V__COUNT}},
    {"old partial tiles left behind", leave_old_tiles, {ZD_V_TREE_PATH, ZD_V__COUNT}},
    {"a checkpoint of another log", rename_log, {ZD_V_CHECKPOINT_FORM, ZD_V__COUNT}},
    {"two checkpoints of one size", publish_the_same_size, {ZD_V_CHECKPOINT_SIZE, ZD_V__COUNT}},
    {"an effect of another request", move_effect, {ZD_V_LEAF_FORM, ZD_V_GROUP_CUT, ZD_V__COUNT}},
    {"a request by a key that ended", sign_request_with_dead_key, {ZD_V_REQUEST_KEY, ZD_V_ADMISSION, ZD_V__COUNT}},
    {"a request with two signatures", sign_request_twice, {ZD_V_LEAF_FORM, ZD_V__COUNT}},
    {"a tile spoilt", spoil_tile, {ZD_V_TILE, ZD_V__COUNT}},
    {"a commit by the retired git key", sign_with_retired_git_key, {ZD_V_COMMIT_KEY, ZD_V__COUNT}},
    {"a commit by a git key of later", sign_with_git_key_of_tomorrow, {ZD_V_COMMIT_KEY, ZD_V__COUNT}},
    {"a checkpoint by another key", sign_log_with_service_key, {ZD_V_CHECKPOINT_KEY, ZD_V__COUNT}},
    {"a commit older than its entries", turn_commit_time_back, {ZD_V_COMMIT_TIME, ZD_V__COUNT}},
    {"a summary that lies", lie_in_summary, {ZD_V_COMMIT_SUMMARY, ZD_V__COUNT}},
};

/* Forges, verifies; the verdict is the caller's. */
static int forge_and_verify(zd_verdict *verdict, const zd_audit_story *s, forge *change, const char *name)
{
    zd_forgery forgery;
    char path[ZD_STORY_PATH];
    zd_format(path, sizeof path, "%s/%s.git", s->dir, name);
    zd_forgery_read(&forgery, s->audit, "log", "git");
    zd_signer *later = zd_scene_signer("git-2");
    forgery.commits[3].git_key = later;
    forgery.commits[4].git_key = later;
    change(&forgery);
    zd_forgery_write(&forgery, path);
    zd_forgery_free(&forgery);
    zd_signer_close(later);
    zd_signer_close(other_signer);
    other_signer = NULL;
    return zd_story_verify(verdict, path, (zd_verify_options){.has_genesis = true, .genesis = s->genesis});
}

static void forgery__with_nothing_changed_is_the_original(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    zd_trail *trail = NULL;
    char tip[ZD_OID_HEX];
    bool found = false;
    int result = forge_and_verify(&verdict, s, nothing, "same");
    if (result != ZD_AUDIT_VERIFIED) {
        zd_story_show(&verdict);
    }
    assert_int_equal(result, ZD_AUDIT_VERIFIED);
    assert_ok(zd_trail_open(&trail, s->audit, err));
    assert_ok(zd_trail_tip(trail, tip, &found, err));
    assert_string_equal(verdict.tip_hex, tip);
    zd_trail_close(trail);
    zd_verdict_free(&verdict);
}

static void forgery__with_another_readme_is_verified(void **state)
{
    zd_verdict verdict;
    assert_int_equal(forge_and_verify(&verdict, *state, write_readme, "readme"), ZD_AUDIT_VERIFIED);
    zd_verdict_free(&verdict);
}

static void add_verdict(zd_buf *out, const zd_audit_story *s, const char *name, unsigned threads, size_t records_most)
{
    zd_verdict verdict;
    zd_verify_options options = {.has_genesis = true, .genesis = s->genesis, .threads = threads, .records_most = records_most};
    char path[ZD_STORY_PATH];
    zd_format(path, sizeof path, "%s/%s.git", s->dir, name);
    (void)zd_story_verify(&verdict, path, options);
    zd_verdict_json(out, &verdict, &options, false);
    zd_verdict_free(&verdict);
}

/* Threads only work ahead, and records come back from the shelf as they were: what is found, in which order and with which evidence is the same to the byte. */
static void assert_same_however_run(const zd_audit_story *s, const char *name)
{
    static const struct {
        unsigned threads;
        size_t records_most; /* 1: everything is laid aside after each request */
    } runs[] = {{2, 0}, {5, 40}, {1, 1}};
    zd_buf one = {0};
    add_verdict(&one, s, name, 1, 0);
    for (size_t i = 0; i < ZD_COUNT(runs); i++) {
        zd_buf many = {0};
        add_verdict(&many, s, name, runs[i].threads, runs[i].records_most);
        assert_string_equal(zd_buf_text(&one), zd_buf_text(&many));
        zd_buf_free(&many);
    }
    zd_buf_free(&one);
}

static void each_forgery__is_found_by_its_check(void **state)
{
    size_t missed = 0;
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_verdict verdict;
        char name[32];
        zd_format(name, sizeof name, "forged-%zu", i);
        int result = forge_and_verify(&verdict, *state, cases[i].change, name);
        bool good = result == ZD_AUDIT_FINDING;
        for (size_t f = 0; cases[i].found[f] != ZD_V__COUNT; f++) {
            good = good && verdict.report->by_check[cases[i].found[f]] > 0;
        }
        if (!good) {
            print_error("missed: %s (exit %d)\n", cases[i].name, result);
            zd_story_show(&verdict);
            missed++;
        }
        zd_verdict_free(&verdict);
        assert_same_however_run(*state, name);
    }
    assert_int_equal(missed, 0);
}

/* Of another beginning, an auditor without the fingerprint still sees that the root keys did not sign it. */
static void edit_genesis(zd_forgery *forgery)
{
    zd_forgery_edit(forgery, 0, "\"threshold\":2", "\"threshold\":1");
}

static void forged_genesis__is_found_by_signature_and_by_fingerprint(void **state)
{
    const zd_audit_story *s = *state;
    zd_verdict verdict;
    char path[ZD_STORY_PATH];
    assert_int_equal(forge_and_verify(&verdict, s, edit_genesis, "genesis"), ZD_AUDIT_FINDING);
    assert_int_equal(verdict.report->by_check[ZD_V_ANCHOR_GENESIS], 1);
    assert_true(verdict.stopped[0] != '\0' && !verdict.complete);
    zd_verdict_free(&verdict);
    zd_format(path, sizeof path, "%s/genesis.git", s->dir);
    assert_int_equal(zd_story_verify(&verdict, path, (zd_verify_options){0}), ZD_AUDIT_FINDING);
    assert_int_equal(verdict.report->by_check[ZD_V_REQUEST_SIGNATURE], 1);
    assert_int_equal(verdict.report->found[0].entry, 0);
    zd_verdict_free(&verdict);
}

static void json__says_what_was_found(void **state)
{
    zd_verdict verdict;
    zd_buf out = {0};
    zd_json *json = NULL;
    zd_verify_options options = {0};
    assert_int_equal(forge_and_verify(&verdict, *state, raise_posting, "json"), ZD_AUDIT_FINDING);
    zd_verdict_json(&out, &verdict, &options, true);
    assert_ok(zd_json_parse(&json, zd_buf_span(&out), true, err));
    zd_jval root = zd_json_root(json);
    assert_int_equal(zd_jval_int(zd_jval_get(root, "schema")), 2);
    assert_true(zd_span_is(zd_jval_text(zd_jval_get(root, "verdict")), "findings"));
    zd_jval first = zd_jval_at(zd_jval_get(root, "findings"), 0);
    assert_true(zd_span_is(zd_jval_text(zd_jval_get(first, "check")), "decision"));
    assert_true(zd_span_is(zd_jval_text(zd_jval_get(first, "gains")), P1));
    assert_true(zd_jval_int(zd_jval_get(first, "entry")) > 0);
    zd_json_free(json);
    zd_buf_free(&out);
    zd_verdict_free(&verdict);
}

/* The forged repository of an earlier case, verified with that head: findings into out, and whether anything rested. */
static uint64_t verify_with_head(zd_buf *out, const zd_audit_story *s, size_t i, const zd_kept *head, bool resume, bool *rewritten)
{
    zd_verdict verdict;
    char path[ZD_STORY_PATH];
    zd_verify_options options = {.has_genesis = true, .genesis = s->genesis};
    zd_format(path, sizeof path, "%s/forged-%zu.git", s->dir, i);
    if (head != NULL && resume) {
        options.resume = head;
    } else if (head != NULL) {
        options.has_since = true;
        options.since = head->checkpoint;
        options.since_head = head;
    }
    (void)zd_story_verify(&verdict, path, options);
    zd_story_findings(out, &verdict);
    *rewritten = verdict.report->by_check[ZD_V_ANCHOR_SINCE] > 0;
    uint64_t resting = verdict.report->counts.resting;
    zd_verdict_free(&verdict);
    return resting;
}

/* Whatever was kept, before or after the forgery: the same findings to the byte as without it, and work is only saved where the old entries are the old ones. */
static void each_forgery__is_found_as_well_since_a_kept_head(void **state)
{
    const zd_audit_story *s = *state;
    size_t rested = 0;
    size_t redone = 0;
    for (size_t i = 0; i < ZD_COUNT(cases); i++) {
        zd_buf full = {0};
        bool rewritten = false;
        (void)verify_with_head(&full, s, i, NULL, false, &rewritten);
        assert_true(full.size > 0);
        for (size_t run = 0; run < 2 * (ZD_STORY_COMMITS - 1); run++) {
            zd_kept head = zd_story_kept(s, run / 2 + 1);
            zd_buf since = {0};
            uint64_t resting = verify_with_head(&since, s, i, &head, run % 2 == 1, &rewritten);
            if (strcmp(zd_buf_text(&full), zd_buf_text(&since)) != 0) {
                print_error("%s, head of %llu entries\n", cases[i].name, (unsigned long long)head.checkpoint.size);
            }
            assert_string_equal(zd_buf_text(&full), zd_buf_text(&since));
            assert_true(!rewritten || resting == 0);
            rested += resting > 0 ? 1 : 0;
            redone += rewritten ? 1 : 0;
            zd_buf_free(&since);
        }
        zd_buf_free(&full);
    }
    assert_true(rested > ZD_COUNT(cases) && redone > ZD_COUNT(cases) / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forgery__with_nothing_changed_is_the_original),
        cmocka_unit_test(forgery__with_another_readme_is_verified),
        cmocka_unit_test(each_forgery__is_found_by_its_check),
        cmocka_unit_test(each_forgery__is_found_as_well_since_a_kept_head),
        cmocka_unit_test(forged_genesis__is_found_by_signature_and_by_fingerprint),
        cmocka_unit_test(json__says_what_was_found),
    };
    zd_test_start();
    return zd_test_run(cmocka_run_group_tests(tests, zd_audit_story_setup, zd_audit_story_teardown));
}
