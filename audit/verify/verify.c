/* The whole verification; see verify.h. */
#include "audit/verify/verify.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/commits.h"
#include "ledger/base/clock.h"

#define PROGRESS_AFTER_MS 1000
#define PROGRESS_EVERY_MS 250
#define NOTE_EVERY 500  /* verified request signatures */
#define CLOCK_SKEW_S 600 /* a witness whose clock runs ahead by more does not keep an old head young */

static int64_t now_ms(void)
{
    zd_clock clock = zd_clock_system();
    return clock.now_unix_ms(clock.context);
}

void zd_walk_progress(zd_walk *walk)
{
    zd_progress *p = &walk->progress;
    int64_t now = p->out != NULL ? now_ms() : 0;
    if (p->out == NULL || now - p->started_ms < PROGRESS_AFTER_MS || now - p->shown_ms < PROGRESS_EVERY_MS) {
        return;
    }
    p->shown_ms = now;
    p->shown = true;
    (void)fprintf(p->out, p->chinese ? "\r第 %zu / %zu 个提交，%llu 条账目 " : "\rcommit %zu of %zu, %llu entries ", p->commit, p->commits,
                  (unsigned long long)zd_leaves_size(walk->leaves));
    (void)fflush(p->out);
}

/* A commit whose entries and signatures were looked at without a finding; below it lies nothing that rests on an unproven root. */
zd_status zd_walk_note(zd_walk *walk, zd_error *err)
{
    const zd_report *report = walk->report;
    const zd_hash *genesis = zd_leaves_genesis(walk->leaves);
    bool due = report->counts.requests - walk->noted_requests >= NOTE_EVERY;
    bool proven = walk->rest == NULL || walk->seen[walk->rest_mark];
    if (!walk->notes_progress || !due || !proven || genesis == NULL) {
        return ZD_OK;
    }
    zd_status status = zd_leaves_settle(walk->leaves, err); /* decided it must be, too */
    if (status != ZD_OK || report->total > 0) {
        return status;
    }
    walk->noted_requests = report->counts.requests;
    return zd_kept_write(walk->options->state, false, genesis, now_ms(), zd_buf_span(&walk->note_bytes), err);
}

static zd_status each_commit(zd_walk *walk, zd_error *err)
{
    zd_status status = ZD_OK;
    zd_reading *reading = NULL;
    while (status == ZD_OK && !walk->stop && (reading = zd_ahead_next(walk->ahead)) != NULL) {
        walk->progress.commit++;
        status = zd_walk_commit(walk, reading, err);
        zd_reading_free(reading);
        zd_walk_progress(walk);
    }
    return status == ZD_OK ? zd_leaves_settle(walk->leaves, err) : status;
}

/* Sets the reading half to work, and judges what comes out of it. */
static zd_status read_commits(zd_walk *walk, const char *ids, size_t count, zd_error *err)
{
    zd_reader *reader = NULL;
    const zd_verify_options *options = walk->options;
    zd_status status = zd_reader_open(&reader, options->repository, ids, count, &walk->marks, err);
    if (status == ZD_OK) {
        walk->ahead = zd_ahead_new(reader, zd_leaves_roster_shared(walk->leaves), options->threads);
        status = each_commit(walk, err);
        zd_ahead_free(walk->ahead);
        walk->ahead = NULL;
    }
    return status;
}

/* Is that head a head of this history? */
static bool check_mark(zd_walk *walk, const zd_verdict *verdict, size_t mark, const char *what)
{
    const zd_checkpoint *head = walk->marks.at[mark];
    bool same = walk->seen[mark] && strcmp(head->origin, walk->checkpoint.origin) == 0;
    if (!same && verdict->complete) {
        zd_found *found = zd_report_add(walk->report, ZD_V_ANCHOR_SINCE, ZD_ENTRY_NONE);
        zd_buf_addf(&found->recorded, "%s, %llu entries", walk->checkpoint.origin, (unsigned long long)walk->checkpoint.size);
        zd_buf_addf(&found->recomputed, "the %s of %s at %llu entries", what, head->origin, (unsigned long long)head->size);
    }
    return same;
}

static void check_anchor(zd_walk *walk, zd_verdict *verdict)
{
    const zd_verify_options *options = walk->options;
    walk->report->commit_hex[0] = '\0';
    verdict->anchored = options->has_genesis && walk->report->by_check[ZD_V_ANCHOR_GENESIS] == 0 && zd_leaves_genesis(walk->leaves) != NULL;
    if (options->has_since) {
        verdict->anchored = check_mark(walk, verdict, ZD_MARK_SINCE, "kept root");
    }
    if (options->resume != NULL) {
        (void)check_mark(walk, verdict, ZD_MARK_RESUME, "root that an unfinished run saw,");
    }
}

/* The head file speaks of the newest commit or not at all: another size means that clone and file are of different times, another root that there are two histories. */
static bool read_head(zd_note *out, zd_walk *walk, zd_verdict *verdict)
{
    zd_checkpoint head;
    zd_error why = {0};
    if (zd_note_split(out, walk->options->head, &why) != ZD_OK || zd_checkpoint_parse(&head, out->text, &why) != ZD_OK || head.size != walk->checkpoint.size) {
        verdict->stale = true;
        return false;
    }
    if (!zd_span_equal(out->text, walk->note.text)) {
        zd_report_say(walk->report, ZD_V_ANCHOR_WITNESS, ZD_ENTRY_NONE, "the head file has another root at this size", "one history");
        return false;
    }
    return true;
}

static void check_witnesses(zd_walk *walk, zd_verdict *verdict)
{
    const zd_verify_options *options = walk->options;
    zd_witness_count count;
    zd_note head;
    if (options->policy == NULL || !verdict->complete) {
        return;
    }
    bool with_head = options->head.size > 0 && read_head(&head, walk, verdict);
    bool believed = zd_witness_policy_count(&count, options->policy, with_head ? &head : &walk->note, options->now_unix_s - options->max_age_s,
                                            options->now_unix_s + CLOCK_SKEW_S);
    verdict->witnesses = count.good;
    verdict->cosigned_unix_s = count.newest_unix_s;
    if (!believed || !count.quorum) {
        zd_report_say(walk->report, ZD_V_ANCHOR_WITNESS, ZD_ENTRY_NONE, count.why, "the auditor's policy file");
    } else if (options->max_age_s > 0 && !count.quorum_fresh) {
        verdict->stale = true;
    }
}

static void list_attesters(zd_verdict *verdict, const zd_limits *limits)
{
    zd_span unit;
    uint64_t count = 0;
    while (verdict->attester_count < ZD_VERIFY_ATTESTERS && zd_limits_attester(&unit, &count, limits, verdict->attester_count)) {
        zd_verify_attester *row = &verdict->attesters[verdict->attester_count++];
        if (!zd_span_copy(row->unit, sizeof row->unit, unit)) {
            row->unit[0] = '\0';
        }
        row->count = count;
    }
}

static zd_status conclude(zd_walk *walk, zd_verdict *verdict)
{
    zd_status status = ZD_OK;
    verdict->complete = !walk->stop && !verdict->empty;
    if (walk->stop) {
        zd_format(verdict->stopped, sizeof verdict->stopped, "%s", walk->report->commit_hex);
    }
    verdict->newest = walk->checkpoint;
    zd_buf_add_span(&verdict->newest_note, zd_buf_span(&walk->note_bytes));
    verdict->decided_all = zd_leaves_deciding(walk->leaves) && verdict->complete;
    if (zd_leaves_genesis(walk->leaves) != NULL) {
        verdict->genesis = *zd_leaves_genesis(walk->leaves);
    }
    if (verdict->complete) {
        status = zd_leaves_end(walk->leaves);
    }
    check_anchor(walk, verdict);
    check_witnesses(walk, verdict);
    list_attesters(verdict, zd_leaves_limits(walk->leaves));
    if (walk->rest != NULL && walk->report->counts.resting > 0) {
        verdict->rests_on = *walk->rest;
    }
    return status;
}

/* Reads the list of commits, then each of them. */
static zd_status walk_history(zd_walk *walk, zd_verdict *verdict, zd_error *err)
{
    char *ids = NULL;
    size_t count = 0;
    zd_error why = {0};
    walk->progress = (zd_progress){.out = walk->options->progress, .chinese = walk->options->chinese, .started_ms = now_ms()};
    zd_status status = zd_trail_history(&ids, &count, walk->trail, &why);
    if (status != ZD_OK) {
        status = zd_walk_trouble(walk, status, &why);
        *err = status != ZD_OK ? why : *err;
    } else {
        verdict->empty = count == 0;
        if (count > 0) {
            memcpy(verdict->tip_hex, ids + (count - 1) * ZD_OID_HEX, ZD_OID_HEX);
        }
        walk->progress.commits = count;
        status = read_commits(walk, ids, count, err);
    }
    if (walk->progress.shown) {
        (void)fprintf(walk->progress.out, "\n");
    }
    free(ids);
    return status;
}

/* Which heads to look out for, and on which of them signatures rest: the one that knew more. */
static void set_marks(zd_walk *walk, bool alone)
{
    const zd_verify_options *options = walk->options;
    const zd_kept *heads[ZD_MARKS] = {[ZD_MARK_SINCE] = options->has_since ? options->since_head : NULL, [ZD_MARK_RESUME] = options->resume};
    walk->marks.at[ZD_MARK_SINCE] = options->has_since ? &options->since : NULL;
    walk->marks.at[ZD_MARK_RESUME] = options->resume != NULL ? &options->resume->checkpoint : NULL;
    for (size_t i = 0; i < ZD_MARKS && !alone; i++) {
        if (zd_kept_saves_work(heads[i]) && heads[i]->checkpoint.size > walk->marks.rests_below) {
            walk->rest = heads[i];
            walk->rest_mark = i;
            walk->marks.rests_below = heads[i]->checkpoint.size;
        }
    }
    walk->notes_progress = options->state != NULL && !alone;
}

/* The same root has the same first entry below it: a file that has the one and not the other was changed, or pieced together. */
static zd_status check_kept_genesis(const zd_walk *walk, zd_error *err)
{
    const zd_kept *heads[ZD_MARKS] = {[ZD_MARK_SINCE] = walk->options->since_head, [ZD_MARK_RESUME] = walk->options->resume};
    const zd_hash *genesis = zd_leaves_genesis(walk->leaves);
    for (size_t i = 0; i < ZD_MARKS; i++) {
        if (heads[i] != NULL && heads[i]->own && walk->seen[i] && genesis != NULL && !zd_hash_equal(genesis, &heads[i]->genesis)) {
            return zd_fail(err, ZD_E_KEPT_HEAD, "the kept head has a root of this history under another genesis: the file was changed");
        }
    }
    return ZD_OK;
}

/* One walk. alone: everything is checked in it, whatever was kept. */
static zd_status run_once(zd_verdict *out, bool *unproven, const zd_verify_options *options, bool alone, zd_error *err)
{
    *out = (zd_verdict){.report = zd_report_new()};
    zd_walk *walk = zd_alloc_zero(1, sizeof *walk);
    walk->options = options;
    walk->report = out->report;
    walk->leaves = zd_leaves_new(out->report, options->records_most, options->threads);
    set_marks(walk, alone);
    zd_status status = zd_trail_open(&walk->trail, options->repository, err);
    if (status == ZD_OK) {
        status = walk_history(walk, out, err);
    }
    if (status == ZD_OK) {
        status = check_kept_genesis(walk, err);
    }
    if (status == ZD_OK) {
        status = conclude(walk, out);
    }
    *unproven = walk->rest != NULL && (walk->unproven || !walk->seen[walk->rest_mark]);
    zd_trail_close(walk->trail);
    zd_leaves_free(walk->leaves);
    zd_names_free(&walk->key_files);
    zd_buf_free(&walk->note_bytes);
    free(walk);
    return status;
}

/* What rests on a root that is not there rests on nothing: then no word of that walk counts, and all is checked. */
zd_status zd_verify_run(zd_verdict *out, const zd_verify_options *options, zd_error *err)
{
    zd_error why = {0};
    bool unproven = false;
    zd_status status = run_once(out, &unproven, options, false, &why);
    if (unproven) {
        zd_verdict_free(out);
        why = (zd_error){0};
        status = run_once(out, &unproven, options, true, &why);
    }
    if (status != ZD_OK && err != NULL) {
        *err = why;
    }
    return status;
}

void zd_verdict_free(zd_verdict *verdict)
{
    zd_report_free(verdict->report);
    zd_buf_free(&verdict->newest_note);
    *verdict = (zd_verdict){0};
}

int zd_verdict_exit(const zd_verdict *verdict)
{
    if (verdict->report->total > 0) {
        return ZD_AUDIT_FINDING;
    }
    return verdict->complete && verdict->anchored && verdict->decided_all && !verdict->stale ? ZD_AUDIT_VERIFIED : ZD_AUDIT_UNANCHORED;
}
