/*
 * The settlement package of a released batch: every file from the same view, made, written and forgotten one after the other, MANIFEST last, signed by the officer who exports. Further roles may add their
 * MANIFEST.<role>.sig; everything else never changes. No name, amount or account is made here.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/ledger_int.h"
#include "ledger/engine/seal_proof.h"
#include "ledger/engine/settlement_view.h"

#define DATA_FILE_MAX 65536
#define SHEET "review/汇总审批表.html"
#define SHEET_MAX ((size_t)256 << 20)

typedef struct package {
    zd_package_writer *writer;
    const zd_settlement *s;
    zd_buf dir; /* where it is written */
    zd_buf template_json;
    zd_bank_profile *profiles[ZD_PACKING_PROFILES]; /* owned */
    zd_buf profile_json[ZD_PACKING_PROFILES];
    size_t profile_count;
} package;

/* Hands a file that was made to the writer and forgets its bytes; after a failure they are only forgotten. */
static zd_status add_file(package *p, const char *path, const char *role, zd_buf *made, zd_status status, zd_error *err)
{
    status = status == ZD_OK ? zd_settle_package_add(p->writer, path, role, zd_buf_span(made), err) : status;
    zd_buf_free(made);
    return status;
}

static void package_free(package *p)
{
    for (size_t i = 0; i < p->profile_count; i++) {
        zd_bank_profile_free(p->profiles[i]);
        zd_buf_free(&p->profile_json[i]);
    }
    zd_buf_free(&p->dir);
    zd_buf_free(&p->template_json);
    zd_settle_package_end(p->writer);
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
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
    }
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

static const struct {
    const char *ending;
    unsigned form;
    zd_status (*write)(zd_buf *out, const zd_settlement *settlement, size_t line, zd_error *err);
} statement_forms[] = {{"csv", ZD_STATEMENT_CSV, zd_settle_statement},
                       {"xlsx", ZD_STATEMENT_XLSX, zd_settle_statement_xlsx},
                       {"html", ZD_STATEMENT_HTML, zd_settle_statement_html}};

static bool has_form(const zd_export_order *order, size_t form)
{
    return order->packing == NULL || order->packing->statements == 0 || (order->packing->statements & statement_forms[form].form) != 0;
}

static zd_status add_statements(package *p, const zd_export_order *order, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < p->s->line_count + p->s->offset_count; i++) {
        const zd_pay_line *line = i < p->s->line_count ? &p->s->lines[i] : &p->s->offset_lines[i - p->s->line_count];
        for (size_t k = 0; k < ZD_COUNT(statement_forms) && status == ZD_OK; k++) {
            char path[96];
            zd_buf made = {0};
            if (has_form(order, k)) {
                zd_format(path, sizeof path, "statements/%s.%s", line->provider, statement_forms[k].ending);
                status = statement_forms[k].write(&made, p->s, i, err);
                status = add_file(p, path, "statement", &made, status, err);
            }
        }
    }
    return status;
}

/*
 * A sheet that stands there and compares other accounts is no damaged file: private.db has changed, lawfully as a rule. It is said, nothing is written, and what was signed stays
 * as it was signed: nobody can make again a comparison with an account that is gone.
 */
static zd_status explain_sheet(const package *p, zd_span made, zd_status status, zd_error *err)
{
    zd_buf path = {0};
    zd_buf found = {0};
    zd_error ignored = {0};
    zd_span now = zd_settle_approval_compared(made);
    zd_buf_addf(&path, "%s/%s", zd_buf_text(&p->dir), SHEET);
    bool read = zd_file_read(&found, zd_buf_text(&path), SHEET_MAX, &ignored) == ZD_OK;
    zd_span then = read ? zd_settle_approval_compared(zd_buf_span(&found)) : now;
    if (then.size > 0 && !zd_span_equal(then, now)) {
        zd_error_clear(err);
        status = zd_fail(err, ZD_E_EXPORT_ACCOUNTS, "now %zu of %zu. Nothing was written; the package stays valid as signed: sign its MANIFEST as it stands (ssh-keygen -Y sign -n "
                         "zhidui-settlement-v1), or move the folder away and let all officers sign a new one / 未写入；已签署的结算包仍然有效，请直接签署其 MANIFEST，或移走后重新导出并由各方重签",
                         p->s->accounts_opened, p->s->accounts_known);
        zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
    }
    zd_buf_free(&found);
    zd_buf_free(&path);
    return status;
}

static zd_status add_sheet(package *p, zd_span template, zd_error *err)
{
    zd_buf made = {0};
    zd_error why = {0};
    zd_status status = zd_settle_approval(&made, p->s, template, &why);
    status = status == ZD_OK ? zd_settle_package_add(p->writer, SHEET, "review", zd_buf_span(&made), &why) : status;
    status = why.code == ZD_E_EXPORT_DIFFERS ? explain_sheet(p, zd_buf_span(&made), status, &why) : status;
    if (status != ZD_OK && err != NULL && err->code == ZD_CODE_NONE) {
        *err = why;
    }
    zd_buf_free(&made);
    return status;
}

static zd_status add_treasury(package *p, zd_error *err)
{
    zd_span template = zd_buf_span(&p->template_json);
    zd_buf made = {0};
    zd_status status = zd_settle_package_add(p->writer, "treasury/template.json", "help", template, err);
    status = status == ZD_OK ? zd_settle_treasury_csv(&made, p->s, template, err) : status;
    status = add_file(p, "treasury/支付申请明细.csv", "treasury", &made, status, err);
    status = status == ZD_OK ? zd_settle_treasury_xlsx(&made, p->s, template, err) : status;
    status = add_file(p, "treasury/支付申请明细.xlsx", "treasury", &made, status, err);
    return status == ZD_OK ? add_sheet(p, template, err) : status;
}

/* Each form with the data file that it was written by, so that whoever reads the package needs no other. */
static zd_status add_bank_form(package *p, size_t profile, zd_error *err)
{
    char path[192];
    const char *id = zd_bank_profile_id(p->profiles[profile]);
    zd_format(path, sizeof path, "bank/%s/profile.json", id);
    zd_status status = zd_settle_package_add(p->writer, path, "help", zd_buf_span(&p->profile_json[profile]), err);
    for (size_t part = 0; part < zd_settle_bank_parts(p->s, p->profiles[profile]) && status == ZD_OK; part++) {
        zd_buf made = {0};
        zd_buf name = {0};
        status = zd_settle_bank_file(&made, &name, p->s, p->profiles[profile], part, err);
        zd_format(path, sizeof path, "bank/%s/%.120s", id, zd_buf_text(&name));
        status = add_file(p, path, "bank", &made, status, err);
        zd_buf_free(&name);
    }
    return status;
}

static zd_status add_bank_files(package *p, const zd_export_order *order, zd_error *err)
{
    zd_buf made = {0};
    zd_status status = zd_settle_pain001(&made, p->s, ZD_PAIN_09, err);
    status = add_file(p, "pain.001.001.09.xml", "bank", &made, status, err);
    if (status == ZD_OK && order->packing != NULL && order->packing->pain_03) {
        status = zd_settle_pain001(&made, p->s, ZD_PAIN_03, err);
        status = add_file(p, "pain.001.001.03.xml", "bank", &made, status, err);
    }
    for (size_t i = 0; i < p->profile_count && status == ZD_OK; i++) {
        status = add_bank_form(p, i, err);
    }
    return status;
}

static zd_status add_files(package *p, zd_ledger *ledger, const zd_export_order *order, zd_span proof, zd_error *err)
{
    zd_buf made = {0};
    zd_status status = add_treasury(p, err);
    status = status == ZD_OK ? add_bank_files(p, order, err) : status;
    status = status == ZD_OK ? zd_settle_notice(&made, p->s, err) : status;
    status = add_file(p, "public/拟兑付公示.csv", "public", &made, status, err);
    status = status == ZD_OK ? add_statements(p, order, err) : status;
    status = status == ZD_OK ? zd_settle_package_add(p->writer, "proof/seal.tlog-proof", "proof", proof, err) : status;
    if (status == ZD_OK) {
        zd_settle_verify_text(&made, p->s);
    }
    status = add_file(p, "VERIFY.txt", "help", &made, status, err);
    status = status == ZD_OK ? zd_project_allowed_signers(&made, ledger, p->s->log_size, err) : status;
    return add_file(p, "allowed_signers", "help", &made, status, err);
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

static size_t files_about(const package *p)
{
    return ZD_COUNT(statement_forms) * (p->s->line_count + p->s->offset_count);
}

static zd_status begin_package(package *p, zd_ledger *ledger, zd_error *err)
{
    zd_buf_addf(&p->dir, "%s/settlement/%s", ledger->dir, p->s->batch);
    return zd_settle_package_begin(&p->writer, zd_buf_text(&p->dir), files_about(p), err);
}

static zd_status finish_package(package *p, const zd_export_order *order, zd_error *err)
{
    zd_buf manifest = {0};
    zd_buf armour = {0};
    zd_status status = zd_settle_package_manifest(&manifest, p->writer, p->s, err);
    status = status == ZD_OK ? zd_signer_sshsig(&armour, order->signer, "zhidui-settlement-v1", zd_buf_span(&manifest), err) : status;
    if (status == ZD_OK) {
        zd_package_signature signature = {.role = order->role, .armour = zd_buf_span(&armour)};
        status = zd_settle_package_finish(p->writer, zd_buf_span(&manifest), &signature, err);
    }
    zd_buf_free(&armour);
    zd_buf_free(&manifest);
    return status;
}

/* Every problem, not only the first: officers mend them in one go. */
typedef struct problem_list {
    zd_buf *text; /* may be NULL */
    char where[96]; /* the file or form that cannot be written */
    size_t count;
} problem_list;

static void add_problem(void *context, const zd_error *problem)
{
    problem_list *list = context;
    list->count++;
    if (list->text != NULL) {
        zd_error named = *problem;
        zd_error_subject(&named, zd_span_text(list->where));
        zd_error_print(list->text, &named, false);
        zd_buf_addf(list->text, " / %s\n", zd_code_chinese(problem->code));
    }
}

static zd_status check_all(package *p, const char *data_dir, bool released, zd_buf *problems, zd_error *err)
{
    problem_list list = {.text = problems};
    zd_buf calendar = {0};
    zd_path_join(&calendar, data_dir, "calendar");
    zd_format(list.where, sizeof list.where, "%.40s", p->s->batch);
    zd_status status = released ? zd_settle_check(p->s, zd_buf_text(&calendar), add_problem, &list, err)
                                : zd_settle_check_sealed(p->s, zd_buf_text(&calendar), add_problem, &list, err);
    bool broken = status != ZD_OK && list.count == 0; /* the calendar cannot be read: nothing more is told */
    for (size_t i = 0; i < p->profile_count && !broken; i++) {
        zd_format(list.where, sizeof list.where, "bank/%.60s", zd_bank_profile_id(p->profiles[i]));
        zd_error later = {0};
        zd_status one = zd_settle_bank_check(p->s, p->profiles[i], add_problem, &list, status == ZD_OK ? err : &later);
        status = status == ZD_OK ? one : status;
    }
    zd_buf_free(&calendar);
    return status;
}

zd_status zd_ledger_export_test(zd_ledger *ledger, const zd_export_order *order, zd_buf *problems, zd_error *err)
{
    zd_settlement_view view;
    zd_buf made = {0};
    zd_status status = zd_settlement_view_fill(&view, ledger, order->batch, order->payer, ZD_VIEW_TEST, err);
    if (status != ZD_OK) {
        return status;
    }
    package p = {.s = &view.settlement};
    bool pays = p.s->line_count > 0; /* all lines offset or held: no file is going to be made */
    status = pays ? read_data(&p, order, err) : ZD_OK;
    status = status == ZD_OK && pays ? check_all(&p, order->data_dir, false, problems, err) : status;
    status = status == ZD_OK && pays ? zd_settle_treasury_csv(&made, p.s, zd_buf_span(&p.template_json), err) : status;
    zd_buf_free(&made);
    package_free(&p);
    zd_settlement_view_free(&view);
    return status;
}

zd_status zd_ledger_export(zd_ledger *ledger, const zd_export_order *order, zd_buf *problems, zd_error *err)
{
    zd_settlement_view view;
    zd_buf proof = {0};
    zd_status status = zd_settlement_view_fill(&view, ledger, order->batch, order->payer, ZD_VIEW_FILES, err);
    if (status != ZD_OK) {
        return status;
    }
    package p = {.s = &view.settlement};
    status = check_signer(ledger, p.s, order, err);
    status = status == ZD_OK ? read_data(&p, order, err) : status;
    status = status == ZD_OK ? check_all(&p, order->data_dir, true, problems, err) : status;
    status = status == ZD_OK ? zd_seal_proof(&proof, ledger, (uint64_t)p.s->seal_seq, p.s->log_size, err) : status;
    status = status == ZD_OK ? begin_package(&p, ledger, err) : status;
    status = status == ZD_OK ? add_files(&p, ledger, order, zd_buf_span(&proof), err) : status;
    status = status == ZD_OK ? finish_package(&p, order, err) : status;
    package_free(&p);
    zd_buf_free(&proof);
    zd_settlement_view_free(&view);
    return status;
}
