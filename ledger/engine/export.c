/*
 * The settlement package of a released batch: every file from the same view, MANIFEST last, signed by the officer who exports. Further roles may add their
 * MANIFEST.<role>.sig; everything else never changes. No name, amount or account is made here.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/ledger_int.h"
#include "ledger/engine/seal_proof.h"
#include "ledger/engine/settlement_view.h"

#define DATA_FILE_MAX 65536

typedef struct package {
    zd_package_file *files;
    zd_buf *contents;
    char **paths;
    size_t count, capacity;
    const zd_settlement *s;
    zd_buf template_json;
    zd_bank_profile *profiles[ZD_PACKING_PROFILES]; /* owned */
    zd_buf profile_json[ZD_PACKING_PROFILES];
    size_t profile_count;
} package;

static zd_buf *add_file(package *p, const char *path, const char *role)
{
    if (p->count == p->capacity) {
        p->capacity = p->capacity == 0 ? 64 : p->capacity * 2;
        p->files = zd_realloc(p->files, p->capacity * sizeof *p->files);
        p->contents = zd_realloc(p->contents, p->capacity * sizeof *p->contents);
        p->paths = zd_realloc(p->paths, p->capacity * sizeof *p->paths);
    }
    p->paths[p->count] = zd_strdup(path);
    p->files[p->count] = (zd_package_file){.path = p->paths[p->count], .role = role};
    p->contents[p->count] = (zd_buf){0};
    return &p->contents[p->count++];
}

static void package_free(package *p)
{
    for (size_t i = 0; i < p->count; i++) {
        zd_buf_free(&p->contents[i]);
        free(p->paths[i]);
    }
    for (size_t i = 0; i < p->profile_count; i++) {
        zd_bank_profile_free(p->profiles[i]);
        zd_buf_free(&p->profile_json[i]);
    }
    zd_buf_free(&p->template_json);
    free(p->files);
    free(p->contents);
    free(p->paths);
}

/* --- data --- */

static zd_status read_profile(package *p, const char *data_dir, const char *id, zd_error *err)
{
    zd_buf path = {0};
    zd_buf *json = &p->profile_json[p->profile_count];
    zd_buf_addf(&path, "%s/bank/%s.json", data_dir, id);
    zd_status status = zd_file_read(json, zd_buf_text(&path), DATA_FILE_MAX, err);
    status = status == ZD_OK ? zd_bank_profile_read(&p->profiles[p->profile_count], zd_buf_span(json), err) : status;
    if (status == ZD_OK) {
        p->profile_count++;
        if (strcmp(zd_bank_profile_id(p->profiles[p->profile_count - 1]), id) != 0) {
            status = zd_fail(err, ZD_E_BANK_PROFILE_INVALID, "its id is not the name of its file / 编号与文件名不符");
        }
    } else {
        zd_buf_free(json);
    }
    zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
    zd_buf_free(&path);
    return status;
}

static zd_status read_data(package *p, const zd_export_order *order, zd_error *err)
{
    zd_buf path = {0};
    zd_status status = zd_file_read(&p->template_json, zd_path_join(&path, order->data_dir, "treasury-template.json"), DATA_FILE_MAX, err);
    for (size_t i = 0; order->packing != NULL && i < order->packing->profile_count && status == ZD_OK; i++) {
        status = read_profile(p, order->data_dir, order->packing->profiles[i], err);
    }
    zd_buf_free(&path);
    return status;
}

/* --- files --- */

static zd_status add_statements(package *p, zd_error *err)
{
    static const struct {
        const char *ending;
        zd_status (*write)(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err);
    } forms[] = {{"csv", zd_settle_statement}, {"xlsx", zd_settle_statement_xlsx}, {"html", zd_settle_statement_html}};
    zd_status status = ZD_OK;
    for (size_t i = 0; i < p->s->line_count; i++) {
        for (size_t k = 0; k < ZD_COUNT(forms) && status == ZD_OK; k++) {
            char path[96];
            zd_format(path, sizeof path, "statements/%s.%s", p->s->lines[i].provider, forms[k].ending);
            status = forms[k].write(add_file(p, path, "statement"), p->s, i, err);
        }
    }
    return status;
}

static zd_status add_treasury(package *p, zd_error *err)
{
    zd_span template = zd_buf_span(&p->template_json);
    zd_buf_add_span(add_file(p, "treasury/template.json", "help"), template);
    zd_status status = zd_settle_treasury_csv(add_file(p, "treasury/支付申请明细.csv", "treasury"), p->s, template, err);
    status = status == ZD_OK ? zd_settle_treasury_xlsx(add_file(p, "treasury/支付申请明细.xlsx", "treasury"), p->s, template, err) : status;
    return status == ZD_OK ? zd_settle_approval(add_file(p, "review/汇总审批表.html", "review"), p->s, template, err) : status;
}

/* Each form with the data file that it was written by, so that whoever reads the package needs no other. */
static zd_status add_bank_form(package *p, size_t profile, zd_error *err)
{
    char path[192];
    const char *id = zd_bank_profile_id(p->profiles[profile]);
    zd_status status = ZD_OK;
    zd_format(path, sizeof path, "bank/%s/profile.json", id);
    zd_buf_add_span(add_file(p, path, "help"), zd_buf_span(&p->profile_json[profile]));
    for (size_t part = 0; part < zd_settle_bank_parts(p->s, p->profiles[profile]) && status == ZD_OK; part++) {
        zd_buf content = {0};
        zd_buf name = {0};
        status = zd_settle_bank_file(&content, &name, p->s, p->profiles[profile], part, err);
        if (status == ZD_OK) {
            zd_format(path, sizeof path, "bank/%s/%.120s", id, zd_buf_text(&name));
            zd_buf_add_span(add_file(p, path, "bank"), zd_buf_span(&content));
        }
        zd_buf_free(&name);
        zd_buf_free(&content);
    }
    return status;
}

static zd_status add_bank_files(package *p, const zd_export_order *order, zd_error *err)
{
    zd_status status = zd_settle_pain001(add_file(p, "pain.001.001.09.xml", "bank"), p->s, ZD_PAIN_09, err);
    if (status == ZD_OK && order->packing != NULL && order->packing->pain_03) {
        status = zd_settle_pain001(add_file(p, "pain.001.001.03.xml", "bank"), p->s, ZD_PAIN_03, err);
    }
    for (size_t i = 0; i < p->profile_count && status == ZD_OK; i++) {
        status = add_bank_form(p, i, err);
    }
    return status;
}

static zd_status add_files(package *p, zd_ledger *ledger, const zd_export_order *order, zd_span proof, zd_error *err)
{
    zd_status status = add_treasury(p, err);
    status = status == ZD_OK ? add_bank_files(p, order, err) : status;
    status = status == ZD_OK ? zd_settle_notice(add_file(p, "public/拟兑付公示.csv", "public"), p->s, err) : status;
    status = status == ZD_OK ? add_statements(p, err) : status;
    if (status == ZD_OK) {
        zd_buf_add_span(add_file(p, "proof/seal.tlog-proof", "proof"), proof);
        zd_settle_verify_text(add_file(p, "VERIFY.txt", "help"), p->s);
        status = zd_project_allowed_signers(add_file(p, "allowed_signers", "help"), ledger, p->s->log_size, err);
    }
    return status;
}

/* --- who signs --- */

static bool may_sign(const zd_rec_key *key, const zd_settlement *s, const char *role)
{
    bool in_force = key->from_size <= (int64_t)s->log_size && (key->to_size == 0 || (int64_t)s->log_size < key->to_size);
    bool checks = key->role == ZD_ROLE(CHECKER);
    if (strcmp(role, "maker") == 0) {
        return in_force && key->role == ZD_ROLE(MAKER) && strcmp(key->person, s->checker) != 0 && strcmp(key->person, s->releaser) != 0;
    }
    if (strcmp(key->person, s->maker) == 0) {
        return false;
    }
    /* In a county of two officers the checker may have released. */
    return in_force && (strcmp(role, "checker") == 0 ? checks : key->role == ZD_ROLE(RELEASER) || (checks && strcmp(key->person, s->releaser) == 0));
}

static zd_status check_signer(zd_ledger *ledger, const zd_settlement *s, const zd_export_order *order, zd_error *err)
{
    static const char *const roles[] = {"maker", "checker", "releaser"};
    bool known = false;
    for (size_t i = 0; i < ZD_COUNT(roles); i++) {
        known = known || strcmp(order->role, roles[i]) == 0;
    }
    if (!known) {
        return zd_fail(err, ZD_E_USAGE, "--role maker, checker or releaser / --role 须为 maker、checker 或 releaser");
    }
    zd_book_cursor cursor = zd_book_scan(ledger->book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        if (memcmp(key->public_key.bytes, zd_signer_public(order->signer)->bytes, ZD_HASH_SIZE) == 0 && may_sign(key, s, order->role)) {
            return ZD_OK;
        }
    }
    zd_status status = zd_book_trouble(ledger->book, err);
    if (status == ZD_OK) {
        status = zd_fail(err, ZD_E_KEY_ROLE, "the manifest of %s is signed as %s by a key of that role at entry %llu, maker and checker apart / 须由该角色的密钥签署", s->batch,
                         order->role, (unsigned long long)s->log_size);
    }
    return status;
}

/* --- the whole --- */

static zd_status write_package(package *p, zd_ledger *ledger, const zd_export_order *order, zd_error *err)
{
    zd_buf dir = {0};
    zd_buf manifest = {0};
    zd_buf armour = {0};
    for (size_t i = 0; i < p->count; i++) {
        p->files[i].content = zd_buf_span(&p->contents[i]);
    }
    zd_settle_manifest(&manifest, p->s, p->files, p->count);
    zd_status status = zd_signer_sshsig(&armour, order->signer, "zhidui-settlement-v1", zd_buf_span(&manifest), err);
    if (status == ZD_OK) {
        zd_package_signature signature = {.role = order->role, .armour = zd_buf_span(&armour)};
        zd_buf_addf(&dir, "%s/settlement/%s", ledger->dir, p->s->batch);
        status = zd_settle_package_write(zd_buf_text(&dir), p->files, p->count, zd_buf_span(&manifest), &signature, err);
    }
    zd_buf_free(&armour);
    zd_buf_free(&manifest);
    zd_buf_free(&dir);
    return status;
}

/* Every problem, not only the first: officers mend them in one go. */
typedef struct problem_list {
    zd_buf *text; /* may be NULL */
    size_t count;
} problem_list;

static void add_problem(void *context, const zd_error *problem)
{
    problem_list *list = context;
    list->count++;
    if (list->text != NULL) {
        zd_error_print(list->text, problem, false);
        zd_buf_addf(list->text, " / %s\n", zd_code_chinese(problem->code));
    }
}

static zd_status check_all(package *p, const zd_export_order *order, zd_buf *problems, zd_error *err)
{
    problem_list list = {.text = problems};
    zd_buf calendar = {0};
    zd_status status = zd_settle_check(p->s, zd_path_join(&calendar, order->data_dir, "calendar"), add_problem, &list, err);
    zd_status forms = ZD_OK;
    for (size_t i = 0; i < p->profile_count && status == ZD_OK; i++) {
        zd_status one = zd_settle_bank_check(p->s, p->profiles[i], add_problem, &list, err);
        forms = forms == ZD_OK ? one : forms;
    }
    zd_buf_free(&calendar);
    return status == ZD_OK ? forms : status;
}

zd_status zd_ledger_export(zd_ledger *ledger, const zd_export_order *order, zd_buf *problems, zd_error *err)
{
    zd_settlement_view view;
    zd_buf proof = {0};
    zd_status status = zd_settlement_view_fill(&view, ledger, order->batch, order->payer, true, err);
    if (status != ZD_OK) {
        return status;
    }
    package p = {.s = &view.settlement};
    status = check_signer(ledger, p.s, order, err);
    status = status == ZD_OK ? read_data(&p, order, err) : status;
    status = status == ZD_OK ? check_all(&p, order, problems, err) : status;
    status = status == ZD_OK ? zd_seal_proof(&proof, ledger, (uint64_t)p.s->seal_seq, p.s->log_size, err) : status;
    status = status == ZD_OK ? add_files(&p, ledger, order, zd_buf_span(&proof), err) : status;
    status = status == ZD_OK ? write_package(&p, ledger, order, err) : status;
    package_free(&p);
    zd_buf_free(&proof);
    zd_settlement_view_free(&view);
    return status;
}
