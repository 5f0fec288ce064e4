/*
 * Profiles of tables: which column is what, which word means which status. Data, because every bank and treasury has a form of its own; this file knows only which
 * meanings exist. A profile that contradicts itself is refused as a whole.
 */
#include "ledger/settle/answers/answers_int.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/durable.h"

#define PROFILES_MAX 200
#define PROFILE_FILE_MAX 65536

static zd_status invalid(zd_error *err, const char *field, zd_span value, const char *why)
{
    zd_status status = zd_fail(err, ZD_E_TEMPLATE_INVALID, "%s", why);
    zd_error_field(err, field, value);
    return status;
}

static bool value_of(zd_profile_value *out, zd_span name)
{
    static const char *const names[] = {
        [ZD_COL_IGNORED] = "ignored", [ZD_COL_END_TO_END] = "end_to_end", [ZD_COL_MESSAGE] = "message", [ZD_COL_STATUS] = "status", [ZD_COL_REASON] = "reason",
        [ZD_COL_AMOUNT] = "amount", [ZD_COL_DEBIT] = "debit", [ZD_COL_CREDIT] = "credit", [ZD_COL_SIDE] = "side", [ZD_COL_DATE] = "date",
        [ZD_COL_BANK_REF] = "bank_ref", [ZD_COL_OTHER_ACCOUNT] = "other_account", [ZD_COL_OTHER_NAME] = "other_name", [ZD_COL_SUMMARY] = "summary",
        [ZD_COL_CURRENCY] = "currency", [ZD_COL_EVIDENCE] = "evidence_sha256", [ZD_COL_ACCOUNT] = "account"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        if (zd_span_is(name, names[i])) {
            *out = (zd_profile_value)i;
            return true;
        }
    }
    return false;
}

static bool has_value(const zd_profile *profile, zd_profile_value value)
{
    for (size_t i = 0; i < profile->column_count; i++) {
        if (profile->columns[i].value == value && profile->columns[i].required) {
            return true;
        }
    }
    return false;
}

static zd_status read_column(zd_profile *out, zd_jval json, zd_error *err)
{
    zd_profile_column *column = &out->columns[out->column_count];
    zd_span header, value;
    zd_status status = zd_jval_need_text(&header, json, "header", err);
    status = status == ZD_OK ? zd_jval_need_text(&value, json, "value", err) : status;
    if (status != ZD_OK) {
        return status;
    }
    if (header.size == 0 || !zd_span_copy(column->header, sizeof column->header, header)) {
        return invalid(err, "header", header, "1 to 63 bytes / 1 至 63 字节");
    }
    if (!value_of(&column->value, value)) {
        return invalid(err, "value", value, "there is no such value / 没有该取值");
    }
    for (size_t i = 0; i < out->column_count; i++) {
        if (strcmp(out->columns[i].header, column->header) == 0 || (column->value != ZD_COL_IGNORED && out->columns[i].value == column->value)) {
            return invalid(err, "header", header, "this header or value stands twice / 表头或取值重复");
        }
    }
    column->required = !zd_jval_bool(zd_jval_get(json, "optional"));
    out->column_count++;
    return ZD_OK;
}

typedef struct word_list {
    zd_profile_word *words;
    size_t *count;
    const char *name;
    zd_error *err;
} word_list;

static zd_status add_word(void *context, zd_span text, zd_jval means)
{
    word_list *list = context;
    zd_profile_word *word = &list->words[*list->count < ZD_PROFILE_WORDS ? *list->count : 0];
    bool fits = *list->count < ZD_PROFILE_WORDS && text.size > 0 && zd_span_copy(word->text, sizeof word->text, text) &&
                zd_span_copy(word->means, sizeof word->means, zd_jval_text(means));
    if (!fits) {
        return invalid(list->err, list->name, text, "at most 32 words of 1 to 63 bytes / 最多 32 个词");
    }
    (*list->count)++;
    return ZD_OK;
}

/* {"支付成功":"ACSC"} */
static zd_status read_map(zd_profile_word *words, size_t *count, zd_jval root, const char *name, zd_error *err)
{
    word_list list = {words, count, name, err};
    return zd_jval_each(zd_jval_get(root, name), add_word, &list);
}

/* ["退汇","退票"] */
static zd_status read_list(zd_profile_word *words, size_t *count, zd_jval root, const char *name, zd_error *err)
{
    word_list list = {words, count, name, err};
    zd_jval array = zd_jval_get(root, name);
    zd_status status = ZD_OK;
    for (size_t i = 0; i < zd_jval_count(array) && status == ZD_OK; i++) {
        status = add_word(&list, zd_jval_text(zd_jval_at(array, i)), (zd_jval){NULL});
    }
    return status;
}

static zd_status check_words(const zd_profile *p, zd_error *err)
{
    for (size_t i = 0; i < p->status_count; i++) {
        if (strcmp(p->statuses[i].means, "RTRN") != 0 && zd_bank_word_of(zd_span_text(p->statuses[i].means)) <= ZD_STS_UNKNOWN) {
            return invalid(err, "statuses", zd_span_text(p->statuses[i].means), "an ISO 20022 payment status, or RTRN / ISO 20022 状态码或 RTRN");
        }
    }
    for (size_t i = 0; i < p->side_count; i++) {
        if (strcmp(p->sides[i].means, "D") != 0 && strcmp(p->sides[i].means, "C") != 0) {
            return invalid(err, "sides", zd_span_text(p->sides[i].means), "D or C");
        }
    }
    return ZD_OK;
}

/* What each form cannot do without. */
static zd_status check_whole(const zd_profile *p, zd_error *err)
{
    bool amount = has_value(p, ZD_COL_AMOUNT);
    bool sided = (has_value(p, ZD_COL_DEBIT) && has_value(p, ZD_COL_CREDIT)) || (amount && has_value(p, ZD_COL_SIDE) && p->side_count > 0);
    bool good = p->form == ZD_FORM_RESULT      ? has_value(p, ZD_COL_END_TO_END) && has_value(p, ZD_COL_STATUS) && amount && p->status_count > 0
                : p->form == ZD_FORM_STATEMENT ? sided && has_value(p, ZD_COL_DATE)
                                               : has_value(p, ZD_COL_END_TO_END) && has_value(p, ZD_COL_DATE) && has_value(p, ZD_COL_BANK_REF) && amount;
    return good ? check_words(p, err) : invalid(err, "columns", zd_span_text(p->name), "the form lacks a column that it cannot do without / 缺少该类文件必需的列");
}

zd_status zd_profile_read(zd_profile *out, zd_span json_text, zd_error *err)
{
    *out = (zd_profile){0};
    zd_json *json = NULL;
    zd_span name, form, unit;
    zd_jval columns;
    zd_status status = zd_json_parse(&json, json_text, true, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_jval root = zd_json_root(json);
    if (!zd_span_is(zd_jval_text(zd_jval_get(root, "format")), "zhidui-answer-profile") || zd_jval_int(zd_jval_get(root, "v")) != 1) {
        status = invalid(err, "format", zd_jval_text(zd_jval_get(root, "format")), "format must be zhidui-answer-profile, v 1 / 格式标识不符");
    }
    status = status == ZD_OK ? zd_jval_need_text(&name, root, "name", err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&form, root, "form", err) : status;
    status = status == ZD_OK ? zd_jval_need_text(&unit, root, "amount_unit", err) : status;
    status = status == ZD_OK ? zd_jval_need_array(&columns, root, "columns", err) : status;
    if (status == ZD_OK) {
        out->form = zd_span_is(form, "result") ? ZD_FORM_RESULT : zd_span_is(form, "statement") ? ZD_FORM_STATEMENT : zd_span_is(form, "return-notice") ? ZD_FORM_RETURN : 0;
        out->fen = zd_span_is(unit, "fen");
        bool sound = out->form != 0 && (out->fen || zd_span_is(unit, "yuan")) && name.size > 0 && zd_span_copy(out->name, sizeof out->name, name) &&
                     zd_jval_count(columns) <= ZD_PROFILE_COLUMNS;
        status = sound ? ZD_OK : invalid(err, "form", form, "name, form (result, statement, return-notice), amount_unit (yuan, fen), at most 40 columns / 名称、类别、金额单位或列数不符");
    }
    for (size_t i = 0; status == ZD_OK && i < zd_jval_count(columns); i++) {
        status = read_column(out, zd_jval_at(columns, i), err);
    }
    status = status == ZD_OK ? read_map(out->statuses, &out->status_count, root, "statuses", err) : status;
    status = status == ZD_OK ? read_map(out->sides, &out->side_count, root, "sides", err) : status;
    status = status == ZD_OK ? read_list(out->returns, &out->return_count, root, "returns", err) : status;
    status = status == ZD_OK ? read_list(out->fees, &out->fee_count, root, "fees", err) : status;
    status = status == ZD_OK ? read_list(out->footers, &out->footer_count, root, "footers", err) : status;
    status = status == ZD_OK ? check_whole(out, err) : status;
    zd_json_free(json);
    return status;
}

/* --- a folder of them --- */

static int only_json(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0;
}

static zd_status load_one(zd_profile *out, const char *dir, const char *name, zd_error *err)
{
    zd_buf path = {0};
    zd_buf file = {0};
    zd_status status = zd_file_read(&file, zd_path_join(&path, dir, name), PROFILE_FILE_MAX, err);
    status = status == ZD_OK ? zd_profile_read(out, zd_buf_span(&file), err) : status;
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
    }
    zd_buf_free(&file);
    zd_buf_free(&path);
    return status;
}

zd_status zd_answer_profiles_load(zd_answer_profiles **out, const char *dir, zd_error *err)
{
    struct dirent **names = NULL;
    int count = scandir(dir, &names, only_json, alphasort);
    if (count < 0) {
        return zd_fail_errno(err, ZD_E_FILE_IO, dir);
    }
    zd_answer_profiles *profiles = zd_alloc_zero(1, sizeof *profiles);
    profiles->profiles = zd_alloc_zero((size_t)count + 1, sizeof *profiles->profiles);
    zd_status status = count <= PROFILES_MAX ? ZD_OK : zd_fail(err, ZD_E_TEMPLATE_INVALID, "at most %d profiles", PROFILES_MAX);
    for (int i = 0; i < count; i++) {
        if (status == ZD_OK) {
            status = load_one(&profiles->profiles[profiles->count], dir, names[i]->d_name, err);
            profiles->count += status == ZD_OK ? 1 : 0;
        }
        free(names[i]);
    }
    free(names);
    if (status != ZD_OK) {
        zd_answer_profiles_free(profiles);
        return status;
    }
    *out = profiles;
    return ZD_OK;
}

void zd_answer_profiles_free(zd_answer_profiles *profiles)
{
    if (profiles != NULL) {
        free(profiles->profiles);
        free(profiles);
    }
}
