/*
 * The settlement package of a released batch: every file from the same view, MANIFEST last, signed by the officer who exports. Further roles may add their
 * MANIFEST.<role>.sig; everything else never changes.
 */
#include <stdlib.h>
#include <string.h>

#include "ledger/engine/ledger_int.h"
#include "ledger/engine/settlement_view.h"

#define FILES_MAX 4096

typedef struct package {
    zd_package_file *files;
    zd_buf *contents;
    char **paths;
    size_t count;
} package;

static zd_buf *add_file(package *p, const char *path, const char *role)
{
    ZD_ASSERT(p->count < FILES_MAX);
    p->paths[p->count] = zd_strdup(path);
    p->files[p->count] = (zd_package_file){.path = p->paths[p->count], .role = role};
    return &p->contents[p->count++];
}

static zd_status add_statements(package *p, const zd_settlement *s, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < s->line_count && status == ZD_OK; i++) {
        char path[96];
        zd_format(path, sizeof path, "statements/%s.csv", s->lines[i].provider);
        status = zd_settle_statement(add_file(p, path, "statement"), s, i, err);
    }
    return status;
}

static zd_status write_files(package *p, const zd_settlement *s, zd_ledger *ledger, const char *data_dir, zd_error *err)
{
    zd_buf path = {0};
    zd_buf template_json = {0};
    zd_status status = zd_file_read(&template_json, zd_path_join(&path, data_dir, "treasury-template.json"), 65536, err);
    if (status == ZD_OK) {
        status = zd_settle_treasury_csv(add_file(p, "treasury/支付申请明细.csv", "treasury"), s, zd_buf_span(&template_json), err);
    }
    if (status == ZD_OK) {
        status = zd_settle_treasury_xlsx(add_file(p, "treasury/支付申请明细.xlsx", "treasury"), s, zd_buf_span(&template_json), err);
    }
    if (status == ZD_OK) {
        status = zd_settle_pain001(add_file(p, "pain.001.001.09.xml", "bank"), s, err);
    }
    if (status == ZD_OK) {
        status = zd_settle_approval(add_file(p, "review/汇总审批表.html", "review"), s, zd_buf_span(&template_json), err);
    }
    if (status == ZD_OK) {
        status = zd_settle_notice(add_file(p, "public/拟兑付公示.csv", "public"), s, err);
    }
    if (status == ZD_OK) {
        status = add_statements(p, s, err);
    }
    if (status == ZD_OK) {
        zd_settle_verify_text(add_file(p, "VERIFY.txt", "help"), s);
        status = zd_project_allowed_signers(add_file(p, "allowed_signers", "help"), ledger, s->log_size, err);
    }
    zd_buf_free(&path);
    zd_buf_free(&template_json);
    return status;
}

static zd_status sign_manifest(const char *dir, zd_span manifest, const zd_signer *signer, const char *role, zd_error *err)
{
    zd_buf path = {0};
    zd_buf armour = {0};
    zd_buf_addf(&path, "%s/MANIFEST.%s.sig", dir, role);
    zd_status status = zd_signer_sshsig(&armour, signer, "zhidui-settlement-v1", manifest, err);
    if (status == ZD_OK) {
        status = zd_file_write(zd_buf_text(&path), zd_buf_span(&armour), 0644, err);
    }
    zd_buf_free(&path);
    zd_buf_free(&armour);
    return status;
}

static zd_status write_package(const zd_settlement *s, zd_ledger *ledger, const zd_signer *signer, const char *role, const char *data_dir, zd_error *err)
{
    package p = {.files = zd_alloc_zero(FILES_MAX, sizeof *p.files), .contents = zd_alloc_zero(FILES_MAX, sizeof *p.contents),
                 .paths = zd_alloc_zero(FILES_MAX, sizeof *p.paths)};
    zd_buf dir = {0};
    zd_buf manifest = {0};
    zd_status status = s->line_count + 16 < FILES_MAX ? write_files(&p, s, ledger, data_dir, err) : zd_fail(err, ZD_E_EXPORT_REFUSED, "too many lines for one package");
    for (size_t i = 0; i < p.count; i++) {
        p.files[i].content = zd_buf_span(&p.contents[i]);
    }
    if (status == ZD_OK) {
        zd_settle_manifest(&manifest, s, p.files, p.count);
        zd_buf_addf(&dir, "%s/settlement/%s", ledger->dir, s->batch);
        status = zd_settle_package_write(zd_buf_text(&dir), p.files, p.count, zd_buf_span(&manifest), err);
    }
    if (status == ZD_OK) {
        status = sign_manifest(zd_buf_text(&dir), zd_buf_span(&manifest), signer, role, err);
    }
    for (size_t i = 0; i < p.count; i++) {
        zd_buf_free(&p.contents[i]);
        free(p.paths[i]);
    }
    free(p.files);
    free(p.contents);
    free(p.paths);
    zd_buf_free(&dir);
    zd_buf_free(&manifest);
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

zd_status zd_ledger_export(zd_ledger *ledger, const char *batch, const zd_payer *payer, const zd_signer *signer, const char *role,
                           const char *data_dir, zd_buf *problems, zd_error *err)
{
    problem_list list = {.text = problems};
    zd_settlement_view view;
    zd_buf calendar = {0};
    zd_status status = zd_settlement_view_fill(&view, ledger, batch, payer, true, err);
    if (status != ZD_OK) {
        return status;
    }
    status = zd_settle_check(&view.settlement, zd_path_join(&calendar, data_dir, "calendar"), add_problem, &list, err);
    if (status == ZD_OK) {
        status = write_package(&view.settlement, ledger, signer, role, data_dir, err);
    }
    zd_buf_free(&calendar);
    zd_settlement_view_free(&view);
    return status;
}
