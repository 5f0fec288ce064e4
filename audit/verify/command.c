/*
 * The program zhidui-audit: one sorted table of commands, options, exit statuses. stdout is data, stderr is talk. Reads a git clone and small files that
 * the auditor names; asks no network and no key; writes only the files that --html, --keep and --state name.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/verify/heads.h"
#include "audit/verify/verify.h"
#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

#define VERSION "0.1.0"
#define FORMAT 1
#define FILE_MAX (1U << 20)
#define WITNESS_PROGRAM "zhidui-witness"

typedef struct audit_run {
    const char *words[4]; /* after the command */
    size_t word_count;
    const char *genesis;
    const char *since;
    const char *state;
    const char *policy;
    const char *leaf;
    const char *entry;
    const char *head;
    const char *max_age;
    const char *vkey;
    const char *threads;
    const char *number;
    const char *openings;
    const char *html;
    const char *keep;
    const char *repo;
    bool json;
    bool chinese;
    zd_error error;
} audit_run;

typedef int command_run(audit_run *run);
typedef struct command {
    const char *name;
    command_run *run;
    const char *usage;
    const char *english;
    const char *chinese;
} command;

static command_run run_compare;
static command_run run_help;
static command_run run_package;
static command_run run_proof;
static command_run run_sample;
static command_run run_verify;
static command_run run_version;
static command_run run_witness;

static const command commands[] = {
    {"compare", run_compare, "REPO REPO [--json]", "are two copies one history? A split view is shown with both signed heads", "比较两份副本是否为同一历史；分叉时给出双方已签名的检查点"},
    {"help", run_help, "", "this text", "本说明"},
    {"package", run_package, "DIR --repo CLONE --genesis FINGERPRINT|--since CHECKPOINT [--policy FILE] [--openings FILE] [--threads N] [--json]",
     "verify a settlement package against a clone, offline", "对照克隆离线核验结算包"},
    {"proof", run_proof, "FILE --leaf FILE|--entry LEAFHASH --vkey VKEY|--policy FILE [--json]", "check a receipt (.tlog-proof) offline", "离线核验凭证"},
    {"sample", run_sample, "REPO BATCH [--number N] [--json]", "the reproducible sample of a batch, and the captures that checks point at", "批次的可复算抽样与风险明细"},
    {"verify", run_verify, "REPO --genesis FINGERPRINT|--since CHECKPOINT [--policy FILE [--max-age HOURS] [--head FILE]] [--openings FILE] [--keep FILE] [--state FILE] [--html OUT] [--threads N] [--json]",
     "verify a clone of the audit repository from the first entry to the last", "从首条到末条核验审计库的克隆"},
    {"version", run_version, "[--json]", "version and format", "版本"},
    {"witness", run_witness, "COMMAND…", "cosign checkpoints: the program zhidui-witness beside this one", "联署检查点：运行同目录下的 zhidui-witness"},
};

static int usage(audit_run *run, const char *english, const char *chinese)
{
    (void)zd_fail(&run->error, ZD_E_USAGE, "%s / %s", run->chinese ? chinese : english, run->chinese ? english : chinese);
    return ZD_AUDIT_USAGE;
}

static int run_help(audit_run *run)
{
    (void)printf(run->chinese ? "zhidui-audit：直兑账本的独立核验程序。不需要账本、网络或密钥。\n\n"
                              : "zhidui-audit: the separate verifier of a Zhidui ledger. It needs no ledger, no network and no key.\n\n");
    for (size_t i = 0; i < ZD_COUNT(commands); i++) {
        (void)printf("  zhidui-audit %s %s\n      %s\n", commands[i].name, commands[i].usage, run->chinese ? commands[i].chinese : commands[i].english);
    }
    (void)printf(run->chinese ? "\n退出码：0 核验通过；1 有发现；2 用法；3 输入格式；4 读取故障；6 未锚定、不完整或已过时。\n"
                              : "\nExit status: 0 verified; 1 a finding; 2 usage; 3 malformed input; 4 fault; 6 unanchored, incomplete or stale.\n");
    return 0;
}

static int run_version(audit_run *run)
{
    if (run->json) {
        (void)printf("{\"schema\":1,\"version\":\"" VERSION "\",\"format\":%d}\n", FORMAT);
    } else {
        (void)printf("zhidui-audit " VERSION " (format %d)\n", FORMAT);
    }
    return 0;
}

static int exit_of(zd_status status)
{
    switch (status) {
    case ZD_OK:
        return 0;
    case ZD_USAGE:
        return ZD_AUDIT_USAGE;
    case ZD_FAULT:
        return ZD_AUDIT_FAULT;
    case ZD_REFUSED:
    case ZD_MALFORMED:
    case ZD_INTEGRITY:
        break;
    }
    return ZD_AUDIT_MALFORMED;
}

static zd_status read_policy(zd_witness_policy **out, const char *path, zd_error *err)
{
    zd_buf text = {0};
    zd_status status = zd_file_read(&text, path, ZD_POLICY_BYTES_MAX, err);
    if (status == ZD_OK) {
        *out = zd_alloc(sizeof **out);
        status = zd_witness_policy_parse(*out, zd_buf_span(&text), err);
    }
    if (status != ZD_OK) { /* what fails later is about another file */
        zd_error_subject(err, zd_span_text(path));
    }
    zd_buf_free(&text);
    return status;
}

/* Hexadecimal, either case, as people copy it. */
static bool read_hash(zd_hash *out, const char *text)
{
    char lower[ZD_HASH_HEX];
    if (strlen(text) != ZD_HASH_HEX - 1) {
        return false;
    }
    for (size_t i = 0; i < ZD_HASH_HEX; i++) {
        lower[i] = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] - 'A' + 'a') : text[i];
    }
    return zd_hash_from_hex(out, zd_span_text(lower));
}

static bool read_threads(unsigned *out, const char *text)
{
    char *end = NULL;
    unsigned long value = text != NULL ? strtoul(text, &end, 10) : 0;
    *out = (unsigned)(value <= 64 ? value : 64);
    return text == NULL || (*text >= '0' && *text <= '9' && *end == '\0');
}

static bool read_hours(int64_t *out_s, const char *text)
{
    char *end = NULL;
    unsigned long value = text != NULL ? strtoul(text, &end, 10) : 0;
    *out_s = (int64_t)value * 3600;
    return text == NULL || (*text >= '0' && *text <= '9' && *end == '\0' && value > 0 && value <= 87600);
}

/* How old the witnesses' word may be, and the file that may hold a younger one. */
static zd_status read_freshness(zd_verify_options *options, zd_buf *head, audit_run *run)
{
    zd_clock clock = zd_clock_system();
    options->now_unix_s = clock.now_unix_ms(clock.context) / 1000;
    if (!read_hours(&options->max_age_s, run->max_age)) {
        (void)usage(run, "--max-age takes a number of hours", "--max-age 须为小时数");
        return ZD_USAGE;
    }
    if ((run->max_age != NULL || run->head != NULL) && run->policy == NULL) {
        (void)usage(run, "--max-age and --head need --policy: only witnesses tell the age of a head", "--max-age 与 --head 须与 --policy 同用：只有见证人能证明时间");
        return ZD_USAGE;
    }
    zd_status status = run->head != NULL ? zd_file_read(head, run->head, ZD_CHECKPOINT_BYTES_MAX, &run->error) : ZD_OK;
    options->head = zd_buf_span(head);
    return status;
}

static int write_html(audit_run *run, const zd_verdict *verdict, const zd_verify_options *options)
{
    zd_buf page = {0};
    zd_status status = zd_verdict_html(&page, verdict, options, &run->error);
    if (status == ZD_OK) {
        status = zd_file_write(run->html, zd_buf_span(&page), 0644, &run->error);
    }
    zd_buf_free(&page);
    return exit_of(status);
}

static zd_status read_openings(zd_verdict *verdict, const zd_verify_options *options, audit_run *run)
{
    zd_buf file = {0};
    zd_status status = run->openings != NULL ? zd_file_read(&file, run->openings, ZD_OPENINGS_BYTES_MAX, &run->error) : ZD_OK;
    if (status == ZD_OK && run->openings != NULL) {
        status = zd_verdict_openings(verdict, options, zd_buf_span(&file), &run->error);
        zd_error_subject(&run->error, zd_span_text(status != ZD_OK ? run->openings : ""));
    }
    zd_buf_free(&file);
    return status;
}

static int verify_with(audit_run *run, const zd_verify_options *options)
{
    zd_verdict verdict;
    zd_buf json = {0};
    zd_status status = zd_verify_run(&verdict, options, &run->error);
    status = status == ZD_OK ? read_openings(&verdict, options, run) : status;
    int result = exit_of(status);
    if (status == ZD_OK) {
        result = zd_verdict_exit(&verdict);
        if (run->json) {
            zd_verdict_json(&json, &verdict, options, run->chinese);
            (void)fputs(zd_buf_text(&json), stdout);
        } else {
            zd_verdict_print(&verdict, options, stdout, run->chinese);
        }
        int written = run->html != NULL ? write_html(run, &verdict, options) : 0;
        written = written == 0 ? exit_of(zd_heads_end(&verdict, run->keep, run->state, &run->error)) : written;
        result = written != 0 ? written : result;
    } else if (run->error.code == ZD_E_TRAIL_GRAMMAR || run->error.code == ZD_E_TRAIL_SHALLOW || run->error.code == ZD_E_TRAIL_OBJECT) {
        result = ZD_AUDIT_UNANCHORED; /* not a copy that can be evidence: shallow, with grafts or replacements */
    }
    zd_buf_free(&json);
    zd_verdict_free(&verdict);
    return result;
}

static int run_verify(audit_run *run)
{
    zd_witness_policy *policy = NULL;
    zd_heads heads;
    zd_verify_options options = {.has_genesis = run->genesis != NULL, .chinese = run->chinese, .progress = isatty(STDERR_FILENO) != 0 ? stderr : NULL};
    if (run->word_count != 1) {
        return usage(run, "name one repository", "请指定一个仓库");
    }
    options.repository = run->words[0];
    if (run->genesis != NULL && !read_hash(&options.genesis, run->genesis)) {
        return usage(run, "--genesis takes 64 hexadecimal digits", "--genesis 须为 64 位十六进制数");
    }
    if (!read_threads(&options.threads, run->threads)) {
        return usage(run, "--threads takes a number", "--threads 须为数字");
    }
    if (run->keep != NULL && run->since != NULL) {
        return usage(run, "--keep brings its own checkpoint; leave --since out", "--keep 已包含保存的检查点，请勿再用 --since");
    }
    const char *kept = run->keep != NULL && zd_path_exists(run->keep) ? run->keep : run->since;
    zd_status status = zd_heads_read(&heads, &options, kept, run->state, &run->error);
    if (status == ZD_OK && run->policy != NULL) {
        status = read_policy(&policy, run->policy, &run->error);
        options.policy = policy;
    }
    zd_buf head = {0};
    if (status == ZD_OK) {
        status = read_freshness(&options, &head, run);
    }
    int result = status == ZD_OK ? verify_with(run, &options) : exit_of(status);
    zd_buf_free(&head);
    free(policy);
    return result;
}

static int run_package(audit_run *run)
{
    zd_witness_policy *policy = NULL;
    zd_buf out = {0};
    zd_heads heads;
    zd_verify_options options = {.repository = run->repo, .has_genesis = run->genesis != NULL, .chinese = run->chinese,
                                 .progress = isatty(STDERR_FILENO) != 0 ? stderr : NULL};
    if (run->word_count != 1 || run->repo == NULL) {
        return usage(run, "name a package and --repo CLONE", "请指定结算包目录与 --repo 副本");
    }
    if (run->genesis != NULL && !read_hash(&options.genesis, run->genesis)) {
        return usage(run, "--genesis takes 64 hexadecimal digits", "--genesis 须为 64 位十六进制数");
    }
    if (!read_threads(&options.threads, run->threads)) {
        return usage(run, "--threads takes a number", "--threads 须为数字");
    }
    zd_status status = zd_heads_read(&heads, &options, run->since, NULL, &run->error);
    if (status == ZD_OK && run->policy != NULL) {
        status = read_policy(&policy, run->policy, &run->error);
        options.policy = policy;
    }
    int result = status == ZD_OK ? zd_package_answer(&out, run->words[0], run->openings, &options, run->json, &run->error) : exit_of(status);
    (void)fputs(zd_buf_text(&out), stdout);
    zd_buf_free(&out);
    free(policy);
    return result;
}

static int run_proof(audit_run *run)
{
    zd_buf proof = {0};
    zd_buf leaf = {0};
    zd_buf out = {0};
    zd_witness_policy *policy = NULL;
    zd_proof_question question = {.has_leaf = run->leaf != NULL};
    if (run->word_count != 1 || (run->vkey == NULL && run->policy == NULL) || (run->leaf == NULL) == (run->entry == NULL)) {
        return usage(run, "a proof, --vkey or --policy, and one of --leaf and --entry", "须给出凭证、--vkey 或 --policy，以及 --leaf 或 --entry 之一");
    }
    if (run->entry != NULL && !read_hash(&question.leaf_hash, run->entry)) {
        return usage(run, "--entry takes the leaf hash, 64 hexadecimal digits", "--entry 须为 64 位十六进制的叶哈希");
    }
    zd_status status = zd_file_read(&proof, run->words[0], FILE_MAX, &run->error);
    if (status == ZD_OK && run->leaf != NULL) {
        status = zd_file_read(&leaf, run->leaf, FILE_MAX, &run->error);
    }
    if (status == ZD_OK && run->policy != NULL) {
        status = read_policy(&policy, run->policy, &run->error);
    }
    question.proof = zd_buf_span(&proof);
    question.leaf = zd_buf_span(&leaf);
    question.vkey = zd_span_text(run->vkey);
    question.policy = policy;
    int result = status == ZD_OK ? zd_proof_answer(&out, &question, run->json, run->chinese, &run->error) : exit_of(status);
    (void)fputs(zd_buf_text(&out), stdout);
    free(policy);
    zd_buf_free(&proof);
    zd_buf_free(&leaf);
    zd_buf_free(&out);
    return result;
}

static int run_compare(audit_run *run)
{
    zd_buf out = {0};
    if (run->word_count != 2) {
        return usage(run, "name two repositories", "请指定两个仓库");
    }
    int result = zd_compare_answer(&out, run->words[0], run->words[1], run->json, run->chinese, &run->error);
    (void)fputs(zd_buf_text(&out), stdout);
    zd_buf_free(&out);
    return result;
}

static int run_sample(audit_run *run)
{
    zd_buf out = {0};
    if (run->word_count != 2) {
        return usage(run, "name a repository and a batch", "请指定仓库与批次");
    }
    int result = zd_sample_answer(&out, run->words[0], run->words[1], run->number, run->json, run->chinese, &run->error);
    (void)fputs(zd_buf_text(&out), stdout);
    zd_buf_free(&out);
    return result;
}

/* Signing and listening live in another program: this one cannot do either (tests/check_symbols.sh). */
static int run_witness(audit_run *run)
{
    (void)run;
    return ZD_AUDIT_USAGE; /* zd_audit_main has handed it over before options are read */
}

static int become_witness(audit_run *run, char **argv)
{
    char path[4096] = "";
    ssize_t size = readlink("/proc/self/exe", path, sizeof path - sizeof WITNESS_PROGRAM);
    char *slash = size > 0 ? strrchr(path, '/') : NULL;
    if (slash != NULL) {
        zd_format(slash + 1, sizeof path - (size_t)(slash + 1 - path), "%s", WITNESS_PROGRAM);
        (void)execv(path, argv + 1);
    }
    (void)zd_fail_errno(&run->error, ZD_E_FILE_MISSING, slash != NULL ? path : WITNESS_PROGRAM);
    return ZD_AUDIT_FAULT;
}

/* --- argv --- */

static bool speaks_chinese(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strncmp(value, "zh", 2) == 0;
        }
    }
    return false;
}

static const char **option_place(audit_run *run, const char *name)
{
    const struct {
        const char *name;
        const char **place;
    } options[] = {{"--entry", &run->entry}, {"--genesis", &run->genesis}, {"--head", &run->head}, {"--html", &run->html}, {"--keep", &run->keep}, {"--leaf", &run->leaf},
                   {"--max-age", &run->max_age}, {"--number", &run->number}, {"--openings", &run->openings}, {"--policy", &run->policy}, {"--repo", &run->repo},
                   {"--since", &run->since}, {"--state", &run->state}, {"--threads", &run->threads}, {"--vkey", &run->vkey}};
    for (size_t i = 0; i < ZD_COUNT(options); i++) {
        if (strcmp(name, options[i].name) == 0) {
            return options[i].place;
        }
    }
    return NULL;
}

static int parse(audit_run *run, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        const char **place = option_place(run, argv[i]);
        if (strcmp(argv[i], "--json") == 0) {
            run->json = true;
        } else if (place != NULL && i + 1 < argc && *place == NULL) {
            *place = argv[++i];
        } else if (strncmp(argv[i], "--", 2) != 0 && run->word_count < ZD_COUNT(run->words)) {
            run->words[run->word_count++] = argv[i];
        } else {
            (void)usage(run, "an option that is unknown, twice, or lacks its value", "选项未知、重复或缺少取值");
            zd_error_field(&run->error, "option", zd_span_text(argv[i]));
            return ZD_AUDIT_USAGE;
        }
    }
    return 0;
}

static const command *find_command(const char *name)
{
    for (size_t i = 0; i < ZD_COUNT(commands); i++) {
        bool dashed = strncmp(name, "--", 2) == 0 && strcmp(name + 2, commands[i].name) == 0;
        bool word = strcmp(name, commands[i].name) == 0;
        if (word || (dashed && (commands[i].run == run_help || commands[i].run == run_version))) {
            return &commands[i];
        }
    }
    return NULL;
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            return true;
        }
    }
    return false;
}

int zd_audit_main(int argc, char **argv)
{
    audit_run run = {.chinese = speaks_chinese()};
    const command *found = argc > 1 ? find_command(argv[1]) : NULL;
    int result = 0;
    bool witness = found != NULL && found->run == run_witness;
    if (found != NULL && !witness && asks_help(argc, argv)) {
        return run_help(&run);
    }
    if (witness) {
        result = become_witness(&run, argv);
    } else if (found == NULL) {
        result = usage(&run, "zhidui-audit help shows the commands", "请用 zhidui-audit help 查看命令");
    } else {
        result = parse(&run, argc, argv);
        result = result == 0 ? found->run(&run) : result;
    }
    if (run.error.code != ZD_CODE_NONE) {
        zd_buf line = {0};
        zd_error_print(&line, &run.error, run.chinese);
        /* Both languages: who reads it may not be the one who typed it. */
        (void)fprintf(stderr, "zhidui-audit: %s\n  %s\n", zd_buf_text(&line), run.chinese ? zd_code_english(run.error.code) : zd_code_chinese(run.error.code));
        zd_buf_free(&line);
    }
    return result;
}
