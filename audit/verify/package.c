/*
 * zhidui-audit package: a settlement package held against a clone, offline and without any key. First the clone is verified as `verify` does it; then the package must be
 * what its manifest lists, signed by the right officers at that size, and every file must say what the sealed lines say.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "audit/verify/package_int.h"
#include "audit/verify/verify.h"
#include "ledger/base/durable.h"
#include "ledger/base/money.h"

#define MANIFEST_MAX ((size_t)64 << 20)

static zd_status read_manifest(zd_package_work *work, zd_error *err)
{
    zd_buf path = {0};
    zd_status status = zd_file_read(&work->manifest_bytes, zd_path_join(&path, work->dir, "MANIFEST"), MANIFEST_MAX, err);
    if (status != ZD_OK && err->code == ZD_E_FILE_MISSING) {
        zd_error_clear(err);
        status = zd_fail(err, ZD_E_PACKAGE_MALFORMED, "there is no MANIFEST / 缺少 MANIFEST");
    }
    status = status == ZD_OK ? zd_pack_manifest_read(&work->manifest, zd_buf_span(&work->manifest_bytes), err) : status;
    zd_error_subject(err, zd_span_text(status != ZD_OK ? zd_buf_text(&path) : ""));
    zd_buf_free(&path);
    return status;
}

/* Every part that can be judged is, so that one run shows all. */
static zd_status examine(zd_package_work *work, zd_error *err)
{
    zd_package_check_seal(work);
    zd_status status = zd_package_check_signatures(work, err);
    status = status == ZD_OK ? zd_package_check_proof(work, err) : status;
    status = status == ZD_OK ? zd_package_check_payments(work, err) : status;
    return status == ZD_OK ? zd_package_check_papers(work, err) : status;
}

static void release(zd_package_work *work)
{
    zd_pack_manifest_free(&work->manifest);
    zd_buf_free(&work->manifest_bytes);
    zd_truth_free(&work->truth);
    zd_opened_accounts_free(&work->openings);
    zd_pack_payments_free(&work->reference);
    zd_serials_free(&work->reference_places);
}

static size_t signatures(const zd_package_work *work)
{
    return (size_t)work->signed_by[0] + (size_t)work->signed_by[1] + (size_t)work->signed_by[2];
}

/* Whoever brings openings wants every account looked at: one that stays closed was not checked. */
static bool all_opened(const zd_package_work *work)
{
    return !work->openings.asked || (int64_t)work->opened == work->manifest.count;
}

static int exit_of(const zd_package_work *work, const zd_verdict *verdict)
{
    int history = zd_verdict_exit(verdict);
    if (history != ZD_AUDIT_VERIFIED) {
        return history;
    }
    return work->truth.reached && signatures(work) == 3 && all_opened(work) ? ZD_AUDIT_VERIFIED : ZD_AUDIT_UNANCHORED;
}

/* --- for people --- */

static void print_signatures(const zd_package_work *work, FILE *out, bool chinese)
{
    static const char *const english[] = {"maker", "checker", "releaser"};
    static const char *const words[] = {"制单", "复核", "放行"};
    for (size_t i = 0; i < 3; i++) {
        (void)fprintf(out, chinese ? "%s签名：%s\n" : "signed as %s by %s\n", chinese ? words[i] : english[i],
                      work->signed_by[i] ? work->signer[i] : (chinese ? "尚无" : "nobody yet"));
    }
}

static void print_offsets(const zd_package_work *work, FILE *out, bool chinese)
{
    int64_t sum_fen = 0;
    int64_t count = zd_truth_offsets(&sum_fen, &work->truth);
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan_grouped(yuan, sum_fen);
    if (count > 0 && work->manifest.version == 2) {
        (void)fprintf(out, chinese ? "全额抵扣、无需付款：%lld 笔，%s 元，各有对账单\n" : "wholly offset, nothing to pay: %lld lines, %s yuan, each with a statement\n", (long long)count, yuan);
    } else if (count > 0) {
        (void)fprintf(out, chinese ? "全额抵扣、无需付款：%lld 笔，%s 元；该结算包为旧版（清单第 1 版），未附其对账单\n"
                                   : "wholly offset, nothing to pay: %lld lines, %s yuan; an older edition wrote this package (manifest 1): they have no statement in it\n",
                      (long long)count, yuan);
    }
}

static const char *closing(const zd_package_work *work, int result, const zd_verdict *verdict, bool chinese)
{
    switch (result) {
    case ZD_AUDIT_VERIFIED:
        return chinese ? "核验通过：结算包的每一笔支付都是封存并放行的那一笔。" : "verified: every payment of this package is one that was sealed and released.";
    case ZD_AUDIT_FINDING:
        return chinese ? "有发现：证据如上。请勿使用此结算包。" : "findings: the evidence is above. Do not use this package.";
    default:
        break;
    }
    if (zd_verdict_exit(verdict) != ZD_AUDIT_VERIFIED) {
        return chinese ? "未锚定或不完整：请用 --genesis 或 --since 核验副本。" : "unanchored or incomplete: the clone must be verified by --genesis or --since.";
    }
    if (!work->truth.reached) {
        return chinese ? "不完整：副本早于该批次的放行，请先更新副本。" : "incomplete: the clone is older than the release; fetch first.";
    }
    if (!all_opened(work)) {
        return chinese ? "不完整：开启数据未能打开全部封存账户。" : "incomplete: the openings do not open every sealed account.";
    }
    return chinese ? "不完整：尚缺制单、复核或放行的签名。" : "incomplete: the manifest is not yet signed by maker, checker and releaser.";
}

static void print_answer(const zd_package_work *work, const zd_verdict *verdict, const zd_verify_options *options, FILE *out, bool chinese)
{
    char yuan[ZD_FEN_TEXT];
    int result = exit_of(work, verdict);
    zd_verdict_findings(verdict, out, chinese);
    zd_verdict_counts(verdict, options, out, chinese);
    zd_fen_yuan_grouped(yuan, work->manifest.sum_fen);
    (void)fprintf(out, chinese ? "结算包 %s：%zu 个文件与清单一致，比对 %zu 笔支付记录；%lld 笔，合计 %s 元\n" : "package %s: %zu files as signed for, %zu payments compared; %lld lines, %s yuan\n",
                  work->manifest.batch, work->files, work->payments, (long long)work->manifest.count, yuan);
    print_offsets(work, out, chinese);
    print_signatures(work, out, chinese);
    if (work->openings.asked) {
        (void)fprintf(out, chinese ? "账户：%lld 个中有 %zu 个与封存承诺一致\n" : "accounts: of %lld, %zu open their sealed commitment\n", (long long)work->manifest.count, work->opened);
    } else {
        (void)fprintf(out, chinese ? "账户：未提供 --openings，仅在各文件之间相互比对\n" : "accounts: without --openings, compared between the files only\n");
    }
    (void)fprintf(out, "%s\n", closing(work, result, verdict, chinese));
}

/* --- for programs --- */

static void answer_json(zd_buf *out, const zd_package_work *work, const zd_verdict *verdict, const zd_verify_options *options, bool chinese)
{
    static const char *const roles[] = {"maker", "checker", "releaser"};
    int result = exit_of(work, verdict);
    int64_t offset_fen = 0;
    zd_buf history = {0};
    zd_jw w = zd_jw_begin(out);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", 1);
    zd_jw_cstr(&w, "verdict", result == ZD_AUDIT_VERIFIED ? "verified" : result == ZD_AUDIT_FINDING ? "findings" : "incomplete");
    zd_jw_int(&w, "exit", result);
    zd_jw_cstr(&w, "batch", work->manifest.batch);
    zd_jw_int(&w, "files", (int64_t)work->files);
    zd_jw_int(&w, "payments_compared", (int64_t)work->payments);
    zd_jw_int(&w, "count", work->manifest.count);
    zd_jw_int(&w, "sum_fen", work->manifest.sum_fen);
    zd_jw_int(&w, "manifest_version", (int64_t)work->manifest.version);
    zd_jw_int(&w, "offset_count", zd_truth_offsets(&offset_fen, &work->truth));
    zd_jw_int(&w, "offset_fen", offset_fen);
    zd_jw_object(&w, "signatures");
    for (size_t i = 0; i < 3; i++) {
        if (work->signed_by[i]) {
            zd_jw_cstr(&w, roles[i], work->signer[i]);
        }
    }
    zd_jw_close(&w);
    zd_jw_bool(&w, "openings_given", work->openings.asked);
    zd_jw_int(&w, "accounts_opened", (int64_t)work->opened);
    zd_verdict_json(&history, verdict, options, chinese);
    zd_jw_raw(&w, "history", zd_span_of(history.data, history.size - 1));
    zd_jw_close(&w);
    zd_buf_add_byte(out, '\n');
    zd_buf_free(&history);
}

int zd_package_answer(zd_buf *out_json, const char *dir, const char *openings, const zd_verify_options *options, bool json, zd_error *err)
{
    zd_verdict verdict = {0};
    zd_package_work *work = zd_alloc_zero(1, sizeof *work);
    work->dir = dir;
    zd_status status = read_manifest(work, err);
    status = status == ZD_OK && openings != NULL ? zd_opened_accounts_read(&work->openings, openings, err) : status;
    if (status == ZD_OK) {
        status = zd_verify_run(&verdict, options, err);
        (void)malloc_trim(0); /* what the verification had in hand; the package needs its own */
        work->report = verdict.report;
    }
    bool sound = status == ZD_OK && verdict.report->total == 0; /* a history with findings tells nothing about a package */
    if (status == ZD_OK) {
        verdict.report->commit_hex[0] = '\0';
        status = zd_package_check_files(work, err);
    }
    status = status == ZD_OK && sound ? zd_truth_read(&work->truth, options->repository, &work->manifest, err) : status;
    status = status == ZD_OK && sound && work->truth.reached ? examine(work, err) : status;
    int result = status == ZD_OK ? exit_of(work, &verdict) : status == ZD_FAULT ? ZD_AUDIT_FAULT : ZD_AUDIT_MALFORMED;
    if (status == ZD_OK && json) {
        answer_json(out_json, work, &verdict, options, options->chinese);
    } else if (status == ZD_OK) {
        print_answer(work, &verdict, options, stdout, options->chinese);
    }
    release(work);
    free(work);
    zd_verdict_free(&verdict);
    return result;
}
