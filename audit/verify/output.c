/* The verdict for people (two languages) and for programs (--json, schema 2). See verify.h. */
#include "audit/verify/verify.h"

#include <inttypes.h>

#include "ledger/base/clock.h"

#define SCHEMA 2

static const char *verdict_word(const zd_verdict *verdict)
{
    switch (zd_verdict_exit(verdict)) {
    case ZD_AUDIT_VERIFIED:
        return "verified";
    case ZD_AUDIT_FINDING:
        return "findings";
    default:
        return verdict->empty || !verdict->complete ? "incomplete" : "unanchored";
    }
}

/* --- for people --- */

static void print_field(FILE *out, const char *label, const zd_buf *text)
{
    if (text->size > 0) {
        (void)fprintf(out, "    %s%s\n", label, zd_buf_text(text));
    }
}

static void print_found(const zd_found *found, FILE *out, bool chinese)
{
    (void)fprintf(out, "%s %s", chinese ? "发现" : "FINDING", zd_verify_name(found->check));
    if (found->entry != ZD_ENTRY_NONE) {
        (void)fprintf(out, chinese ? "，账目 %" PRIu64 : ", entry %" PRIu64, found->entry);
    }
    if (found->commit_hex[0] != '\0') {
        (void)fprintf(out, chinese ? "，提交 %.12s" : ", commit %.12s", found->commit_hex);
    }
    (void)fprintf(out, "\n    %s\n", zd_verify_sentence(found->check, chinese));
    print_field(out, chinese ? "记录：    " : "recorded:   ", &found->recorded);
    print_field(out, chinese ? "重算：    " : "recomputed: ", &found->recomputed);
    print_field(out, chinese ? "受益方：  " : "gains:      ", &found->gains);
}

static void print_findings(const zd_report *report, FILE *out, bool chinese)
{
    for (size_t i = 0; i < report->kept; i++) {
        print_found(&report->found[i], out, chinese);
    }
    if (report->total > report->kept) {
        (void)fprintf(out, chinese ? "……另有 %" PRIu64 " 项发现，共 %" PRIu64 " 项\n" : "... and %" PRIu64 " more findings, %" PRIu64 " in all\n",
                      report->total - report->kept, report->total);
    }
}

/* What was verified in this run, and what rests on an earlier one. */
static void print_resting(const zd_verdict *verdict, const zd_verify_options *options, FILE *out, bool chinese)
{
    const zd_verify_counts *c = &verdict->report->counts;
    const zd_kept *kept = options->since_head;
    if (c->resting > 0) {
        (void)fprintf(out, chinese ? "请求签名共 %" PRIu64 " 个：本次核验 %" PRIu64 " 个，%" PRIu64 " 个依据 %s 保存的 %" PRIu64 " 条账目的检查点（%s）\n"
                                   : "of %" PRIu64 " request signatures, %" PRIu64 " were verified now and %" PRIu64 " rest on the head kept on %s at %" PRIu64 " entries (%s)\n",
                      c->requests + c->resting, c->requests, c->resting, verdict->rests_on.at, verdict->rests_on.checkpoint.size,
                      verdict->rests_on.finished ? (chinese ? "当时核验通过" : "verified then") : (chinese ? "未完成的核验" : "by a run that did not end"));
    }
    if (kept != NULL && kept->own && !zd_kept_saves_work(kept)) {
        (void)fprintf(out, chinese ? "保存的检查点出自第 %" PRId64 " 版核验程序，本程序为第 %d 版：全部重新核验\n"
                                   : "the kept head is by edition %" PRId64 " of the verifier, this is edition %d: everything was checked again\n",
                      kept->edition, ZD_VERIFY_EDITION);
    }
}

static void print_counts(const zd_verdict *verdict, const zd_verify_options *options, FILE *out, bool chinese)
{
    const zd_verify_counts *c = &verdict->report->counts;
    char root[ZD_HASH_HEX];
    zd_hash_hex(root, &verdict->newest.root);
    (void)fprintf(out, chinese ? "账本 %s，%" PRIu64 " 条账目，根 %s\n" : "ledger %s, %" PRIu64 " entries, root %s\n", verdict->newest.origin, verdict->newest.size, root);
    (void)fprintf(out,
                  chinese ? "已核验：%" PRIu64 " 个提交（%" PRIu64 " 个签名），%" PRIu64 " 条账目，%" PRIu64 " 个请求签名，重新作出 %" PRIu64 " 个决定，%" PRIu64
                            " 笔记账，%" PRIu64 " 个科目余额，%" PRIu64 " 个文件\n"
                          : "checked: %" PRIu64 " commits (%" PRIu64 " signatures), %" PRIu64 " entries, %" PRIu64 " request signatures, %" PRIu64
                            " decisions made again, %" PRIu64 " postings, %" PRIu64 " balances, %" PRIu64 " files\n",
                  c->commits, c->signatures, c->entries, c->requests, c->decisions, c->postings, c->accounts, c->files);
    print_resting(verdict, options, out, chinese);
    (void)fprintf(out,
                  chinese ? "不依赖规则代码的限额重算：%" PRIu64 " 笔核销，%" PRIu64 " 次封存\n" : "limits recomputed without the rules: %" PRIu64 " redemptions, %" PRIu64 " seals\n",
                  c->redemptions, c->seals);
    (void)fprintf(out, chinese ? "相信而未重算的外部证明：%" PRIu64 " 项" : "believed, not recomputed: %" PRIu64 " attested facts", c->attested);
    for (size_t i = 0; i < verdict->attester_count; i++) {
        (void)fprintf(out, "%s%s %" PRIu64, i == 0 ? " (" : ", ", verdict->attesters[i].unit, verdict->attesters[i].count);
    }
    (void)fprintf(out, verdict->attester_count > 0 ? ")\n" : "\n");
}

static void print_witnesses(const zd_verdict *verdict, const zd_verify_options *options, FILE *out, bool chinese)
{
    if (options->policy == NULL) {
        (void)fprintf(out, chinese ? "未要求任何见证人：他人可能看到另一份历史，可用 --policy 指定您信任的见证人\n"
                                   : "no witness was asked: somebody else may be shown another history; --policy names the witnesses that you trust\n");
    } else {
        char time[ZD_TIME_TEXT] = "-";
        if (verdict->cosigned_unix_s > 0) {
            zd_time_text(time, verdict->cosigned_unix_s * 1000);
        }
        (void)fprintf(out, chinese ? "最新检查点有 %zu 个您信任的见证人联署，最近一次 %s\n" : "%zu of your witnesses cosigned the newest checkpoint, last at %s\n",
                      verdict->witnesses, time);
    }
}

static void print_openings(const zd_verdict *verdict, FILE *out, bool chinese)
{
    const zd_openings *o = &verdict->openings;
    if (verdict->openings_asked) {
        (void)fprintf(out, chinese ? "承诺开启：%" PRIu64 " 行中 %" PRIu64 " 行与历史相符；现行承诺 %" PRIu64 " 项，其中 %" PRIu64 " 项已开启\n"
                                   : "openings: %" PRIu64 " lines, %" PRIu64 " fit the history; %" PRIu64 " commitments in force, %" PRIu64 " of them opened\n",
                      o->lines, o->fit, o->held, o->opened);
    }
}

static const char *closing(const zd_verdict *verdict, bool chinese)
{
    if (zd_verdict_exit(verdict) == ZD_AUDIT_VERIFIED) {
        return chinese ? "核验通过：每一分钱都由签名的业务依当时公布的规则得出。" : "verified: every fen follows from signed acts under the rules published at that time.";
    }
    if (zd_verdict_exit(verdict) == ZD_AUDIT_FINDING && verdict->report->counts.commits == 0 && verdict->newest.size == 0) {
        return chinese ? "有发现：该历史无法读取任何内容。若路径无误，此即证据，请保留此副本；否则请改用账本的审计库。"
                       : "findings: nothing of this history could be read. If the path is right, this is the evidence: keep this copy. Otherwise name the repository of a ledger.";
    }
    if (zd_verdict_exit(verdict) == ZD_AUDIT_FINDING) {
        return chinese ? "有发现：证据如上。请保留此副本。" : "findings: the evidence is above. Keep this copy.";
    }
    if (verdict->empty) {
        return chinese ? "不完整：main 分支没有提交。该账本可能尚未发布（zhidui log publish），或此处并非账本的审计库。"
                       : "incomplete: there is no commit on the branch main. The ledger was never published (zhidui log publish), or this is no ledger's repository.";
    }
    if (verdict->stale) {
        return chinese ? "已过时：最近的联署早于所要求的时限，较新的账目可能被扣留。请重新获取副本，并用 --head 提供已发布的检查点文件。"
                       : "stale: the newest cosignatures are older than you allow, so newer entries may be withheld. Fetch again, and bring the published checkpoint file by --head.";
    }
    return chinese ? "未锚定：历史自洽，但完全伪造的历史也会自洽。请用 --genesis 提供创世指纹，或用 --since 提供您保存的检查点。"
                   : "unanchored: the history is consistent with itself, and so would a complete fake be. Bring --genesis FINGERPRINT, or --since with a checkpoint that you kept.";
}

void zd_verdict_findings(const zd_verdict *verdict, FILE *out, bool chinese)
{
    print_findings(verdict->report, out, chinese);
}

void zd_verdict_counts(const zd_verdict *verdict, const zd_verify_options *options, FILE *out, bool chinese)
{
    print_counts(verdict, options, out, chinese);
    print_witnesses(verdict, options, out, chinese);
}

void zd_verdict_print(const zd_verdict *verdict, const zd_verify_options *options, FILE *out, bool chinese)
{
    print_findings(verdict->report, out, chinese);
    if (verdict->empty) { /* no ledger, no root, nothing checked: rows of zeros would say less */
        (void)fprintf(out, "%s\n", closing(verdict, chinese));
        return;
    }
    print_counts(verdict, options, out, chinese);
    if (verdict->stopped[0] != '\0') {
        (void)fprintf(out, chinese ? "在提交 %s 处停止：其后内容不再可信\n" : "stopped at commit %s: nothing after it can be believed\n", verdict->stopped);
    } else if (!verdict->decided_all && !verdict->empty) {
        (void)fprintf(out, chinese ? "首个不一致的决定之后未再重新决定；签名、余额与限额仍已核验至末尾\n"
                                   : "nothing was decided again after the first decision that differs; signatures, balances and limits were checked to the end\n");
    }
    print_openings(verdict, out, chinese);
    print_witnesses(verdict, options, out, chinese);
    (void)fprintf(out, "%s\n", closing(verdict, chinese));
}

/* --- for programs --- */

static void count_field(zd_jw *w, const char *name, uint64_t value)
{
    zd_jw_int(w, name, value > (uint64_t)ZD_JSON_INT_MAX ? ZD_JSON_INT_MAX : (int64_t)value);
}

static void json_found(zd_jw *w, const zd_found *found, bool chinese)
{
    zd_jw_object(w, NULL);
    zd_jw_cstr(w, "check", zd_verify_name(found->check));
    if (found->entry != ZD_ENTRY_NONE) {
        count_field(w, "entry", found->entry);
    }
    if (found->commit_hex[0] != '\0') {
        zd_jw_cstr(w, "commit", found->commit_hex);
    }
    zd_jw_text(w, "recorded", zd_buf_span(&found->recorded));
    zd_jw_text(w, "recomputed", zd_buf_span(&found->recomputed));
    zd_jw_text(w, "gains", zd_buf_span(&found->gains));
    zd_jw_cstr(w, "sentence", zd_verify_sentence(found->check, chinese));
    zd_jw_close(w);
}

static void json_counts(zd_jw *w, const zd_verdict *verdict)
{
    const zd_verify_counts *c = &verdict->report->counts;
    zd_jw_object(w, "checked");
    count_field(w, "commits", c->commits);
    count_field(w, "signatures", c->signatures);
    count_field(w, "entries", c->entries);
    count_field(w, "request_signatures", c->requests);
    count_field(w, "decisions", c->decisions);
    count_field(w, "postings", c->postings);
    count_field(w, "balances", c->accounts);
    count_field(w, "files", c->files);
    count_field(w, "redemptions", c->redemptions);
    count_field(w, "seals", c->seals);
    zd_jw_close(w);
    zd_jw_object(w, "attested");
    count_field(w, "facts", c->attested);
    zd_jw_array(w, "by");
    for (size_t i = 0; i < verdict->attester_count; i++) {
        zd_jw_object(w, NULL);
        zd_jw_cstr(w, "unit", verdict->attesters[i].unit);
        count_field(w, "facts", verdict->attesters[i].count);
        zd_jw_close(w);
    }
    zd_jw_close(w);
    zd_jw_close(w);
}

/* Beside checked.request_signatures, which counts those of this run. */
static void json_resting(zd_jw *w, const zd_verdict *verdict)
{
    zd_jw_object(w, "resting");
    count_field(w, "request_signatures", verdict->report->counts.resting);
    count_field(w, "size", verdict->rests_on.checkpoint.size);
    zd_jw_cstr(w, "kept_at", verdict->rests_on.at);
    zd_jw_bool(w, "finished", verdict->rests_on.finished);
    zd_jw_close(w);
}

static void json_openings(zd_jw *w, const zd_verdict *verdict)
{
    if (verdict->openings_asked) {
        zd_jw_object(w, "openings");
        count_field(w, "lines", verdict->openings.lines);
        count_field(w, "fit", verdict->openings.fit);
        count_field(w, "in_force", verdict->openings.held);
        count_field(w, "opened", verdict->openings.opened);
        zd_jw_close(w);
    }
}

static void json_anchor(zd_jw *w, const zd_verdict *verdict, const zd_verify_options *options)
{
    zd_jw_object(w, "anchor");
    zd_jw_cstr(w, "kind", options->has_since ? "since" : options->has_genesis ? "genesis" : "none");
    zd_jw_bool(w, "holds", verdict->anchored);
    zd_jw_close(w);
    zd_jw_object(w, "witnesses");
    zd_jw_bool(w, "asked", options->policy != NULL);
    count_field(w, "good", verdict->witnesses);
    zd_jw_int(w, "newest_unix_s", verdict->cosigned_unix_s);
    zd_jw_bool(w, "stale", verdict->stale);
    zd_jw_close(w);
}

void zd_verdict_json(zd_buf *out, const zd_verdict *verdict, const zd_verify_options *options, bool chinese)
{
    char root[ZD_HASH_HEX];
    char genesis[ZD_HASH_HEX];
    zd_jw w = zd_jw_begin(out);
    zd_hash_hex(root, &verdict->newest.root);
    zd_hash_hex(genesis, &verdict->genesis);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", SCHEMA);
    zd_jw_cstr(&w, "verdict", verdict_word(verdict));
    zd_jw_int(&w, "exit", zd_verdict_exit(verdict));
    zd_jw_cstr(&w, "ledger", verdict->newest.origin);
    zd_jw_cstr(&w, "genesis", genesis);
    count_field(&w, "size", verdict->newest.size);
    zd_jw_cstr(&w, "root", root);
    zd_jw_cstr(&w, "tip", verdict->tip_hex);
    zd_jw_cstr(&w, "stopped", verdict->stopped);
    zd_jw_bool(&w, "decided_all", verdict->decided_all);
    json_anchor(&w, verdict, options);
    json_counts(&w, verdict);
    json_resting(&w, verdict);
    json_openings(&w, verdict);
    count_field(&w, "finding_count", verdict->report->total);
    zd_jw_array(&w, "findings");
    for (size_t i = 0; i < verdict->report->kept; i++) {
        json_found(&w, &verdict->report->found[i], chinese);
    }
    zd_jw_close(&w);
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
}
