/* report journal, report export: what is made of the published history alone, from the ledger's own repository or from anybody's clone. Reading only. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/report/journal.h"
#include "ledger/report/tidy.h"

/* --repo, else the repository of --ledger; NULL sets USAGE. */
static const char *repository_of(zd_cli *cli, zd_buf *path)
{
    const char *repo = zd_cli_option(cli, "repo");
    if (repo != NULL) {
        return repo;
    }
    if (cli->dir == NULL) {
        (void)zd_cli_usage(cli, "--repo CLONE or --ledger DIR");
        return NULL;
    }
    return zd_path_join(path, cli->dir, "audit.git");
}

static void print_journal_counts(zd_cli *cli, const zd_journal_counts *counts)
{
    (void)fprintf(cli->talk, cli->chinese ? "账目 %llu 条，分录 %llu 笔，科目 %llu 个，余额断言 %llu 处\n" : "%llu entries, %llu postings, %llu accounts, %llu balance assertions\n",
                  (unsigned long long)counts->entries, (unsigned long long)counts->postings, (unsigned long long)counts->accounts, (unsigned long long)counts->assertions);
}

/* To a file: a new name first, so that a half journal never carries the right one. */
static zd_status journal_to_file(zd_cli *cli, zd_journal_counts *counts, const char *repository, zd_journal_format format, const char *path)
{
    zd_buf draft = {0};
    zd_buf_addf(&draft, "%s.draft", path);
    if (zd_path_exists(path)) {
        errno = EEXIST;
        zd_buf_free(&draft);
        return zd_fail_errno(&cli->error, ZD_E_FILE_EXISTS, path);
    }
    FILE *file = fopen(zd_buf_text(&draft), "we");
    zd_status status = file != NULL ? zd_journal_write(file, counts, repository, format, &cli->error) : zd_fail_errno(&cli->error, ZD_E_FILE_IO, path);
    if (file != NULL && fclose(file) != 0 && status == ZD_OK) {
        status = zd_fail_errno(&cli->error, ZD_E_FILE_IO, path);
    }
    if (status == ZD_OK && rename(zd_buf_text(&draft), path) != 0) {
        status = zd_fail_errno(&cli->error, ZD_E_FILE_IO, path);
    }
    if (status != ZD_OK) {
        (void)remove(zd_buf_text(&draft));
    }
    zd_buf_free(&draft);
    return status;
}

zd_status zd_cmd_report_journal(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_buf path = {0};
    zd_journal_counts counts = {0};
    zd_journal_format format = ZD_JOURNAL_HLEDGER;
    const char *name = zd_cli_option(cli, "format");
    const char *out = zd_cli_option(cli, "out");
    const char *repository = repository_of(cli, &path);
    zd_status status = repository != NULL ? ZD_OK : ZD_USAGE;
    if (status == ZD_OK && name != NULL && !zd_journal_format_find(&format, name)) {
        status = zd_cli_usage(cli, "--format hledger|ledger|beancount");
    }
    if (status == ZD_OK) {
        status = out != NULL ? journal_to_file(cli, &counts, repository, format, out) : zd_journal_write(cli->out, &counts, repository, format, &cli->error);
    }
    if (status == ZD_OK) {
        print_journal_counts(cli, &counts);
    }
    zd_buf_free(&path);
    return status;
}

zd_status zd_cmd_report_export(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_buf path = {0};
    zd_tidy_counts counts = {0};
    const char *out = NULL;
    const char *repository = repository_of(cli, &path);
    zd_status status = repository != NULL ? zd_cli_need(&out, cli, "out") : ZD_USAGE;
    if (status == ZD_OK) {
        status = zd_tidy_export(&counts, repository, out, &cli->error);
    }
    if (status == ZD_OK && cli->json) {
        (void)fprintf(cli->out, "{\"schema\":%d,\"entries\":%llu,\"tables\":%llu,\"rows\":%llu}\n", ZD_CLI_SCHEMA, (unsigned long long)counts.entries,
                      (unsigned long long)counts.tables, (unsigned long long)counts.rows);
    } else if (status == ZD_OK) {
        (void)fprintf(cli->talk, cli->chinese ? "已导出至 %s：账目 %llu 条，表 %llu 张，%llu 行\n" : "exported to %s: %llu entries, %llu tables, %llu rows\n", out,
                      (unsigned long long)counts.entries, (unsigned long long)counts.tables, (unsigned long long)counts.rows);
    }
    zd_buf_free(&path);
    return status;
}
