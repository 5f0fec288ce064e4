/*
 * The check of a settlement before any file is written: all problems at once, so that an officer corrects them in one go.
 * The same functions run at the seal, at the approval and in every writer. They judge what would be sent, not whether it
 * is owed: that was decided by the rules.
 */
#include "ledger/base/clock.h"
#include "ledger/base/money.h"
#include "ledger/record/identifiers.h"
#include "ledger/settle/settle_int.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_ID_MAX 33 /* PmtInfId is the batch id and "-1", at most 35 */
#define END_TO_END_MAX 35
#define ACCOUNT_MIN 8
#define ACCOUNT_MAX 32

static void check_account(zd_problems *problems, int64_t line, const char *field, const char *account)
{
    zd_span text = zd_span_text(account);
    bool digits = text.size >= ACCOUNT_MIN && text.size <= ACCOUNT_MAX;
    for (size_t i = 0; i < text.size; i++) {
        digits = digits && text.data[i] >= '0' && text.data[i] <= '9';
    }
    if (!digits) {
        zd_problem_add(problems, ZD_E_EXPORT_ACCOUNT, line, field, text, "%zu bytes / %zu 字节", text.size, text.size);
    }
}

static void check_bank_code(zd_problems *problems, int64_t line, const char *field, const char *code)
{
    if (!zd_cnaps_is_valid(zd_span_text(code))) {
        zd_problem_add(problems, ZD_E_EXPORT_BANK_CODE, line, field, zd_span_text(code), "ISO 7064 MOD 11,10 / 联行号校验位");
    }
}

static void check_hex(zd_problems *problems, const char *field, const char *hex)
{
    zd_hash ignored;
    if (!zd_hash_from_hex(&ignored, zd_span_text(hex))) {
        zd_problem_add(problems, ZD_E_FIELD_INVALID, 0, field, zd_span_text(hex), "64 lower-case hex digits / 64 位小写十六进制");
    }
}

/* Values of the table that are free text: of the batch when line is NULL, else of that line. */
static void check_texts(zd_problems *problems, const zd_settlement *settlement, const zd_pay_line *line, unsigned parts)
{
    size_t count = 0;
    const zd_settle_value *values = zd_settle_values(&count);
    for (size_t i = 0; i < count; i++) {
        if (values[i].free_text && values[i].of_line == (line != NULL) && (values[i].part & parts) != 0) {
            (void)zd_problem_text(problems, line != NULL ? line->number : 0, &values[i].rule, zd_settle_value_text(&values[i], settlement, line));
        }
    }
}

static void check_amounts(zd_problems *problems, const zd_pay_line *line)
{
    char yuan[ZD_FEN_TEXT] = "?";
    bool in_range = line->net_fen >= -ZD_FEN_MAX && line->net_fen <= ZD_FEN_MAX;
    if (in_range) {
        zd_fen_yuan(yuan, line->net_fen);
    }
    if (line->net_fen <= 0 || !in_range) {
        zd_problem_add(problems, ZD_E_EXPORT_AMOUNT, line->number, "net", zd_span_text(yuan), "must be above zero / 须大于零");
        return;
    }
    int64_t rest = 0;
    if (line->gross_fen < 0 || line->offset_fen < 0 || !zd_fen_sub(&rest, line->gross_fen, line->offset_fen) || rest != line->net_fen) {
        zd_problem_add(problems, ZD_E_EXPORT_AMOUNT, line->number, "net", zd_span_text(yuan), "gross %lld fen less offset %lld fen / 应付减抵扣",
                       (long long)line->gross_fen, (long long)line->offset_fen);
    }
}

typedef struct line_key {
    zd_span text;
    int64_t number;
} line_key;

static int compare_keys(const void *a, const void *b)
{
    const line_key *left = a;
    const line_key *right = b;
    size_t common = left->text.size < right->text.size ? left->text.size : right->text.size;
    int order = common > 0 ? memcmp(left->text.data, right->text.data, common) : 0;
    if (order != 0) {
        return order;
    }
    if (left->text.size != right->text.size) {
        return left->text.size < right->text.size ? -1 : 1;
    }
    return left->number < right->number ? -1 : left->number > right->number;
}

/* A bank refuses the second use of an EndToEndId; a payee has one line in a batch. */
static void check_unique(zd_problems *problems, const zd_settlement *settlement, const char *field, size_t offset)
{
    size_t count = settlement->line_count;
    line_key *keys = zd_alloc_zero(count, sizeof *keys);
    for (size_t i = 0; i < count; i++) {
        const char *text = NULL;
        memcpy(&text, (const char *)&settlement->lines[i] + offset, sizeof text);
        keys[i] = (line_key){zd_span_text(text), settlement->lines[i].number};
    }
    if (count > 1) {
        qsort(keys, count, sizeof *keys, compare_keys);
    }
    for (size_t i = 1; i < count; i++) {
        if (keys[i].text.size > 0 && zd_span_equal(keys[i].text, keys[i - 1].text)) {
            zd_problem_add(problems, ZD_E_EXPORT_DUPLICATE, keys[i].number, field, keys[i].text, "also in line %lld / 与第 %lld 行重复",
                           (long long)keys[i - 1].number, (long long)keys[i - 1].number);
        }
    }
    free(keys);
}

void zd_settle_line_problems(zd_problems *problems, const zd_settlement *settlement, const zd_pay_line *line)
{
    check_texts(problems, settlement, line, ZD_PART_LINES);
    check_account(problems, line->number, "account", line->account);
    check_bank_code(problems, line->number, "bank_code", line->bank_code);
    zd_problem_id(problems, line->number, "end_to_end", zd_span_text(line->end_to_end), END_TO_END_MAX);
    check_amounts(problems, line);
}

void zd_settle_offset_problems(zd_problems *problems, const zd_pay_line *line)
{
    static const zd_text_rule provider = {"offset.provider", 40, 0, true, false};
    static const zd_text_rule name = {"offset.provider_name", 200, 0, true, false};
    (void)zd_problem_text(problems, line->number, &provider, zd_span_text(line->provider));
    (void)zd_problem_text(problems, line->number, &name, zd_span_text(line->provider_name));
    zd_problem_id(problems, line->number, "offset.end_to_end", zd_span_text(line->end_to_end), END_TO_END_MAX);
    if (line->net_fen != 0 || line->offset_fen <= 0 || line->offset_fen > ZD_FEN_MAX || line->gross_fen != line->offset_fen) {
        zd_problem_add(problems, ZD_E_EXPORT_AMOUNT, line->number, "offset", zd_span_text(line->provider), "gross %lld fen, offset %lld, net %lld / 须全额抵扣",
                       (long long)line->gross_fen, (long long)line->offset_fen, (long long)line->net_fen);
    }
}

static void check_offsets(zd_problems *problems, const zd_settlement *settlement)
{
    int64_t sum = 0;
    int64_t previous = 0;
    bool in_range = true;
    for (size_t i = 0; i < settlement->offset_count; i++) {
        const zd_pay_line *line = &settlement->offset_lines[i];
        zd_settle_offset_problems(problems, line);
        if (line->number <= previous) {
            zd_problem_add(problems, ZD_E_EXPORT_SUM, line->number, "offset.number", zd_span_of(NULL, 0), "after %lld; numbers must rise / 序号须递增", (long long)previous);
        }
        previous = line->number;
        in_range = in_range && zd_fen_add(&sum, sum, line->offset_fen);
    }
    if (!in_range || sum != settlement->offset_total_fen) {
        zd_problem_add(problems, ZD_E_EXPORT_SUM, 0, "offset_total", zd_span_of(NULL, 0), "%lld fen, lines give %lld / 全额抵扣合计不符", (long long)settlement->offset_total_fen,
                       (long long)sum);
    }
}

static void check_lines(zd_problems *problems, const zd_settlement *settlement)
{
    int64_t previous = 0;
    for (size_t i = 0; i < settlement->line_count; i++) {
        const zd_pay_line *line = &settlement->lines[i];
        if (line->number <= previous) {
            zd_problem_add(problems, ZD_E_EXPORT_SUM, line->number, "number", zd_span_of(NULL, 0), "after %lld; numbers must rise / 序号须递增", (long long)previous);
        }
        previous = line->number;
        zd_settle_line_problems(problems, settlement, line);
    }
    check_unique(problems, settlement, "end_to_end", offsetof(zd_pay_line, end_to_end));
    check_unique(problems, settlement, "provider", offsetof(zd_pay_line, provider));
}

static void check_sums(zd_problems *problems, const zd_settlement *settlement)
{
    if (settlement->line_count == 0) {
        zd_problem_add(problems, ZD_E_EXPORT_SUM, 0, "lines", zd_span_of(NULL, 0), "there is nothing to pay / 没有可支付的明细");
    }
    int64_t sum = 0;
    for (size_t i = 0; i < settlement->line_count; i++) {
        if (!zd_fen_add(&sum, sum, settlement->lines[i].net_fen)) {
            zd_problem_add(problems, ZD_E_EXPORT_SUM, settlement->lines[i].number, "total", zd_span_of(NULL, 0), "the sum leaves the range of amounts / 合计超出范围");
            return;
        }
    }
    if (sum != settlement->total_fen) {
        zd_problem_add(problems, ZD_E_EXPORT_SUM, 0, "total", zd_span_of(NULL, 0), "sealed %lld fen, lines give %lld / 封存 %lld 分，明细合计 %lld 分",
                       (long long)settlement->total_fen, (long long)sum, (long long)settlement->total_fen, (long long)sum);
    }
}

static void check_batch(zd_problems *problems, const zd_settlement *settlement)
{
    zd_problem_id(problems, 0, "batch", zd_span_text(settlement->batch), BATCH_ID_MAX);
    check_hex(problems, "seal_sha256", settlement->seal_sha256);
    check_hex(problems, "log_root", settlement->log_root);
    if (settlement->seal_seq < 0 || (uint64_t)settlement->seal_seq >= settlement->log_size) {
        zd_problem_add(problems, ZD_E_EXPORT_SUM, 0, "seal_seq", zd_span_of(NULL, 0), "leaf %lld is not in a log of %llu entries / 封存条目不在日志内",
                       (long long)settlement->seal_seq, (unsigned long long)settlement->log_size);
    }
    check_sums(problems, settlement);
    check_offsets(problems, settlement);
}

void zd_settle_waiting_problems(zd_problems *problems, const zd_wait_row *row)
{
    static const zd_text_rule item = {"waiting.item", 100, 0, true, false};
    static const zd_text_rule provider = {"waiting.provider", 100, 0, true, false};
    static const zd_text_rule reasons = {"waiting.reasons", 200, 0, true, false};
    (void)zd_problem_text(problems, 0, &item, zd_span_text(row->item));
    (void)zd_problem_text(problems, 0, &provider, zd_span_text(row->provider));
    (void)zd_problem_text(problems, 0, &reasons, zd_span_text(row->reasons));
    if (row->amount_fen <= 0 || row->amount_fen > ZD_FEN_MAX) {
        zd_problem_add(problems, ZD_E_EXPORT_AMOUNT, 0, "waiting.amount", zd_span_text(row->item), "must be above zero / 须大于零");
    }
}

void zd_settle_notice_problems(zd_problems *problems, const zd_notice_row *row)
{
    static const zd_text_rule rules[] = {{"notice.item", 100, 0, true, false},
                                         {"notice.holder", 200, 0, true, false},
                                         {"notice.provider_name", 200, 0, true, false},
                                         {"notice.category", 100, 0, true, false},
                                         {"notice.done_date", 10, 0, true, false}};
    const char *const texts[] = {row->item, row->holder, row->provider_name, row->category, row->done_date};
    for (size_t k = 0; k < ZD_COUNT(rules); k++) {
        (void)zd_problem_text(problems, 0, &rules[k], zd_span_text(texts[k]));
    }
    if (row->amount_fen <= 0 || row->amount_fen > ZD_FEN_MAX) {
        zd_problem_add(problems, ZD_E_EXPORT_AMOUNT, 0, "notice.amount", zd_span_text(row->item), "must be above zero / 须大于零");
    }
}

static void check_waiting(zd_problems *problems, const zd_settlement *settlement)
{
    int64_t sum = 0;
    for (size_t i = 0; i < settlement->waiting_count; i++) {
        zd_settle_waiting_problems(problems, &settlement->waiting[i]);
        if (!zd_fen_add(&sum, sum, settlement->waiting[i].amount_fen)) {
            zd_problem_add(problems, ZD_E_EXPORT_SUM, 0, "waiting.amount", zd_span_text(settlement->waiting[i].item), "the sum leaves the range of amounts / 合计超出范围");
            return;
        }
    }
}

static void check_notices(zd_problems *problems, const zd_settlement *settlement)
{
    int64_t sum = 0;
    for (size_t i = 0; i < settlement->notice_count; i++) {
        zd_settle_notice_problems(problems, &settlement->notices[i]);
        if (!zd_fen_add(&sum, sum, settlement->notices[i].amount_fen)) {
            zd_problem_add(problems, ZD_E_EXPORT_SUM, 0, "notice.amount", zd_span_text(settlement->notices[i].item), "the sum leaves the range of amounts / 合计超出范围");
            return;
        }
    }
}

static void check_date(zd_problems *problems, const zd_settlement *settlement)
{
    int64_t day = 0;
    if (!zd_date_parse(&day, zd_span_text(settlement->execution_date))) {
        zd_problem_add(problems, ZD_E_DATE_MALFORMED, 0, "execution_date", zd_span_text(settlement->execution_date), "needed / 必填");
    } else if (day < zd_day_of(settlement->sealed_unix_ms, ZD_ZONE_SHANGHAI_MS)) {
        zd_problem_add(problems, ZD_E_EXPORT_DATE, 0, "execution_date", zd_span_text(settlement->execution_date), "before the day of the seal / 早于封存日");
    }
}

void zd_settle_problems(zd_problems *problems, const zd_settlement *settlement, unsigned parts)
{
    zd_encoding_hold *hold = zd_encoding_hold_take("GB18030");
    check_texts(problems, settlement, NULL, parts);
    if ((parts & ZD_PART_BATCH) != 0) {
        check_batch(problems, settlement);
    }
    if ((parts & ZD_PART_PAYER) != 0) {
        check_account(problems, 0, "payer_account", settlement->payer_account);
        check_bank_code(problems, 0, "payer_bank_code", settlement->payer_bank_code);
        if (!zd_uscc_is_shaped(zd_span_text(settlement->payer_code))) {
            zd_problem_add(problems, ZD_E_FIELD_INVALID, 0, "payer_code", zd_span_text(settlement->payer_code), "18 characters / 18 位统一社会信用代码");
        }
    }
    if ((parts & ZD_PART_LINES) != 0) {
        check_lines(problems, settlement);
    }
    if ((parts & ZD_PART_WAITING) != 0) {
        check_waiting(problems, settlement);
    }
    if ((parts & ZD_PART_NOTICES) != 0) {
        check_notices(problems, settlement);
    }
    if ((parts & ZD_PART_DATE) != 0) {
        check_date(problems, settlement);
    }
    zd_encoding_hold_release(hold);
}

zd_status zd_problems_status(const zd_problems *problems, zd_error *err)
{
    if (problems->count == 0) {
        return ZD_OK;
    }
    if (err != NULL && err->code == ZD_CODE_NONE) {
        *err = problems->first;
    }
    return zd_code_status(problems->first.code);
}

zd_status zd_settle_require(const zd_settlement *settlement, unsigned parts, zd_error *err)
{
    zd_problems problems = {0};
    zd_settle_problems(&problems, settlement, parts);
    return zd_problems_status(&problems, err);
}

/* The calendar's answer for a date that is one; a missing year is a problem of the batch, an unreadable disk is a fault. */
static zd_status check_banking_day(zd_problems *problems, const zd_settlement *settlement, const char *calendar_dir, zd_error *err)
{
    int64_t day = 0;
    if (!zd_date_parse(&day, zd_span_text(settlement->execution_date))) {
        return ZD_OK; /* reported by check_date */
    }
    bool banking = false;
    zd_error why = {0};
    zd_status status = zd_calendar_is_banking_day(&banking, calendar_dir, day, &why);
    if (status == ZD_FAULT) {
        if (err != NULL && err->code == ZD_CODE_NONE) {
            *err = why;
        }
        return status;
    }
    if (status != ZD_OK) {
        zd_problem_add(problems, why.code, 0, "execution_date", zd_span_text(settlement->execution_date), "%s", why.detail);
    } else if (!banking) {
        int64_t next = 0;
        char text[ZD_DATE_TEXT] = "?";
        if (zd_calendar_next_banking_day(&next, calendar_dir, day, NULL) == ZD_OK) {
            zd_date_text(text, next);
        }
        zd_problem_add(problems, ZD_E_EXPORT_DATE, 0, "execution_date", zd_span_text(settlement->execution_date), "the next banking day is %s / 下一银行工作日为 %s",
                       text, text);
    }
    return ZD_OK;
}

static zd_status check_parts(const zd_settlement *settlement, unsigned parts, const char *calendar_dir, zd_settle_report *report, void *context, zd_error *err)
{
    zd_problems problems = {.report = report, .context = context};
    zd_settle_problems(&problems, settlement, parts);
    zd_status status = check_banking_day(&problems, settlement, calendar_dir, err);
    if (status != ZD_OK || problems.count == 0) {
        return status;
    }
    status = zd_fail(err, ZD_E_EXPORT_REFUSED, "%zu problems, the first: %s %s / 共 %zu 处问题", problems.count, zd_code_name(problems.first.code),
                     problems.first.field, problems.count);
    zd_error_subject(err, zd_span_text(settlement->batch));
    return status;
}

#define SEALED_PARTS (ZD_PART_BATCH | ZD_PART_POOL | ZD_PART_PAYER | ZD_PART_LINES | ZD_PART_WAITING | ZD_PART_NOTICES | ZD_PART_DATE)

zd_status zd_settle_check(const zd_settlement *settlement, const char *calendar_dir, zd_settle_report *report, void *context, zd_error *err)
{
    return check_parts(settlement, SEALED_PARTS | ZD_PART_PERSONS, calendar_dir, report, context, err);
}

zd_status zd_settle_check_sealed(const zd_settlement *settlement, const char *calendar_dir, zd_settle_report *report, void *context, zd_error *err)
{
    return check_parts(settlement, SEALED_PARTS, calendar_dir, report, context, err);
}
