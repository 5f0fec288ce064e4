/*
 * The verdict as one page that an auditor prints: Chinese first, English beside it, no script, nothing from elsewhere. Figures come from the story of the repository
 * (story.h); what they rest on, the verdict, stands above them. A repository that does not re-execute gets its findings and no figures.
 */
#include <inttypes.h>
#include <string.h>

#include "audit/verify/html_int.h"
#include "ledger/base/clock.h"

static const char *verdict_class(const zd_verdict *verdict)
{
    switch (zd_verdict_exit(verdict)) {
    case ZD_AUDIT_VERIFIED:
        return "good";
    case ZD_AUDIT_FINDING:
        return "bad";
    default:
        return "open";
    }
}

static void verdict_box(zd_buf *out, const zd_verdict *verdict)
{
    static const char *const texts[][3] = {
        {"核验通过", "每一分钱均由已签名的业务行为依当时公布的规则得出。", "Verified: every fen follows from signed acts under the rules published at that time."},
        {"有发现", "证据见下文，请保留此副本。", "Findings: the evidence is below. Keep this copy."},
        {"未能确认", "未锚定、不完整或过期，请见核验内容。", "Not confirmed: unanchored, incomplete or stale. See what was checked."},
    };
    size_t which = zd_verdict_exit(verdict) == ZD_AUDIT_VERIFIED ? 0 : zd_verdict_exit(verdict) == ZD_AUDIT_FINDING ? 1 : 2;
    zd_buf_addf(out, "<div class=\"verdict %s\"><strong>%s</strong>%s<small>%s</small></div>\n", verdict_class(verdict), texts[which][0], texts[which][1], texts[which][2]);
}

static void fact(zd_buf *out, const char *chinese, const char *english, const char *value)
{
    zd_buf_addf(out, "<dt>%s<small>%s</small></dt><dd>", chinese, english);
    zd_html_text(out, value);
    zd_buf_add_text(out, "</dd>\n");
}

static void identity(zd_buf *out, const zd_verdict *verdict, const zd_verify_options *options)
{
    char hex[ZD_HASH_HEX];
    char text[64];
    zd_buf_add_text(out, "<dl>\n");
    fact(out, "账本", "ledger", verdict->newest.origin);
    zd_format(text, sizeof text, "%" PRIu64, verdict->newest.size);
    fact(out, "账目数", "entries", text);
    zd_hash_hex(hex, &verdict->newest.root);
    fact(out, "默克尔根", "Merkle root", hex);
    fact(out, "最新提交", "newest commit", verdict->tip_hex);
    zd_hash_hex(hex, &verdict->genesis);
    fact(out, "创世指纹", "genesis fingerprint", hex);
    fact(out, "锚定方式", "anchored by", !verdict->anchored ? "— 无 none" : options->has_since ? "审计方保存的检查点 a checkpoint that the auditor kept" : "创世指纹 the genesis fingerprint");
    if (verdict->report->counts.resting > 0) {
        char resting[160];
        zd_format(resting, sizeof resting, "%" PRIu64 "（%s，账目 %" PRIu64 " entries）", verdict->report->counts.resting, verdict->rests_on.at, verdict->rests_on.checkpoint.size);
        fact(out, "依据此前核验的请求签名", "request signatures that rest on an earlier run of the auditor's", resting);
    }
    if (options->policy == NULL) {
        fact(out, "见证人", "witnesses", "未要求 none was asked for");
    } else {
        char time[ZD_TIME_TEXT] = "—";
        if (verdict->cosigned_unix_s > 0) {
            zd_time_text(time, verdict->cosigned_unix_s * 1000);
        }
        zd_format(text, sizeof text, "%zu, %s", verdict->witnesses, time);
        fact(out, "见证人联署", "cosignatures of the auditor's witnesses, last at", text);
    }
    zd_buf_add_text(out, "</dl>\n");
}

static void findings(zd_buf *out, const zd_report *report)
{
    static const char *const columns[] = {"编号|check", "账目|entry", "说明|what it means", "证据|evidence"};
    if (report->total == 0) {
        return;
    }
    zd_html_section(out, "发现", "Findings");
    zd_html_table(out, columns, ZD_COUNT(columns));
    for (size_t i = 0; i < report->kept; i++) {
        const zd_found *found = &report->found[i];
        char entry[24] = "—";
        if (found->entry != ZD_ENTRY_NONE) {
            zd_format(entry, sizeof entry, "%" PRIu64, found->entry);
        }
        zd_html_row(out);
        zd_html_cell(out, zd_verify_name(found->check));
        zd_html_cell(out, entry);
        zd_buf_add_text(out, "<td>");
        zd_html_text(out, zd_verify_sentence(found->check, true));
        zd_buf_add_text(out, "<small>");
        zd_html_text(out, zd_verify_sentence(found->check, false));
        zd_buf_add_text(out, "</small></td><td><small>记录 recorded: ");
        zd_html_text(out, zd_buf_text(&found->recorded));
        zd_buf_add_text(out, "</small><small>重算 recomputed: ");
        zd_html_text(out, zd_buf_text(&found->recomputed));
        if (found->gains.size > 0) {
            zd_buf_add_text(out, "</small><small>受益方 gains: ");
            zd_html_text(out, zd_buf_text(&found->gains));
        }
        zd_buf_add_text(out, "</small></td>");
    }
    zd_html_table_end(out);
    if (report->total > report->kept) {
        zd_buf_addf(out, "<p>共 %" PRIu64 " 项发现，以上为前 %zu 项。 %" PRIu64 " findings in all; the first %zu are shown.</p>\n", report->total, report->kept, report->total, report->kept);
    }
}

static void count_row(zd_buf *out, const char *what, uint64_t count, const char *how)
{
    zd_html_row(out);
    zd_html_cell(out, what);
    zd_html_count_cell(out, count);
    zd_html_cell(out, how);
}

static void checked(zd_buf *out, const zd_verdict *verdict)
{
    static const char *const columns[] = {"对象|what", "#次数|times", "方式|how"};
    const zd_verify_counts *c = &verdict->report->counts;
    zd_html_section(out, "核验内容与次数", "What was checked, and how often");
    zd_html_table(out, columns, ZD_COUNT(columns));
    count_row(out, "提交 commits", c->commits, "格式、父子关系、名册密钥 form, parent, the roster's key");
    count_row(out, "检查点与提交签名 signatures of checkpoints and commits", c->signatures, "Ed25519");
    count_row(out, "账目 entries", c->entries, "逐条散列至已签名的根 hashed to the signed root");
    count_row(out, "请求签名 request signatures", c->requests, "按账目位置处的名册 under the roster of the place");
    count_row(out, "重新作出的决定 decisions made again", c->decisions, "逐字节比对 compared byte for byte");
    count_row(out, "记账 postings", c->postings, "独立重新加总 added up independently");
    count_row(out, "科目余额 balances", c->accounts, "两种方法一致 two ways agree");
    count_row(out, "核销限额 redemptions under limits", c->redemptions, "不依赖规则代码 without the rules' code");
    count_row(out, "封存 seals", c->seals, "完整性与明细 completeness and lines");
    count_row(out, "公布文件 files", c->files, "与账目推导一致 as the entries give them");
    count_row(out, "外部证明 attested facts", c->attested, "仅相信其签名，未重算 believed by signature, not recomputed");
    if (verdict->openings_asked) {
        count_row(out, "承诺开启相符 openings that fit", verdict->openings.fit, "重算承诺值，内容不打印 the commitment recomputed, contents not printed");
        count_row(out, "现行承诺未开启 commitments in force not opened", verdict->openings.held - verdict->openings.opened, "—");
    }
    zd_html_table_end(out);
}

static void foot(zd_buf *out, const zd_verdict *verdict)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &verdict->genesis);
    zd_buf_add_text(out, "<footer>复核命令 To repeat: <code>zhidui-audit verify REPO --genesis ");
    zd_html_text(out, hex);
    zd_buf_add_text(out, "</code></footer></body></html>\n");
}

zd_status zd_verdict_html(zd_buf *out, const zd_verdict *verdict, const zd_verify_options *options, zd_error *err)
{
    zd_story *story = NULL;
    zd_error why = {0};
    zd_status status = verdict->complete && verdict->decided_all ? zd_story_tell(&story, options->repository, &why) : ZD_INTEGRITY;
    if (status == ZD_FAULT) {
        *err = why;
        return status;
    }
    zd_html_head(out, "审计核验报告");
    zd_buf_add_text(out, "<h1>创新券账本核验报告<small>Verification of an innovation-voucher ledger</small></h1>\n");
    verdict_box(out, verdict);
    identity(out, verdict, options);
    findings(out, verdict->report);
    checked(out, verdict);
    if (story != NULL) {
        zd_html_figures(out, story);
    } else {
        zd_buf_add_text(out, "<p>历史未能完整重新执行，因此不提供金额数据。 The history does not re-execute, so that no figures are given.</p>\n");
    }
    foot(out, verdict);
    zd_story_free(story);
    return ZD_OK;
}
