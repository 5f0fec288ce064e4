/*
 * The reports that are one page: report pool, aging, totals, quarter, progress, close, and statement in a format. Text by default; CSV, HTML, XLSX and JSON by --format;
 * --out FILE writes a file, and with --key signs it (FILE.sig, SSHSIG, namespace zhidui-report-v1), so that it can be filed as a document. Reading only.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/report/reports.h"
#include "ledger/settle/grid.h"

#define TARGETS_MAX (1U << 20)
#define MANIFEST_MAX (64U << 20)
#define ZIP_EPOCH_UNIX_S 315532800 /* 1980-01-01: a sheet's bytes must not depend on when it was asked for */

static const char *word_or(const zd_cli *cli, const char *other)
{
    return cli->word_count > 0 ? cli->words[0] : other;
}

/* "2026Q3": the days of that quarter. */
static bool quarter_of(int64_t *from_day, int64_t *to_day, const char *text)
{
    if (strlen(text) != 6 || text[4] != 'Q' || text[5] < '1' || text[5] > '4' || strspn(text, "0123456789") != 4) {
        return false;
    }
    int year = (text[0] - '0') * 1000 + (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
    int month = (text[5] - '1') * 3 + 1;
    *from_day = zd_day_from(year, month, 1);
    *to_day = (month == 10 ? zd_day_from(year + 1, 1, 1) : zd_day_from(year, month + 3, 1)) - 1;
    return year >= 1970 && year <= 2199;
}

/* Reports made of the published history: the ledger's own repository, or a clone. */
static zd_status from_history(zd_page **page, zd_cli *cli, const char *verb)
{
    zd_buf path = {0};
    zd_buf targets = {0};
    int64_t from_day = 0;
    int64_t to_day = 0;
    const char *repo = zd_cli_option(cli, "repo");
    const char *file = zd_cli_option(cli, "targets");
    const char *repository = repo != NULL ? repo : cli->dir != NULL ? zd_path_join(&path, cli->dir, "audit.git") : NULL;
    zd_status status = repository != NULL ? ZD_OK : zd_cli_usage(cli, "--repo CLONE or --ledger DIR");
    if (status == ZD_OK && strcmp(verb, "quarter") == 0) {
        status = quarter_of(&from_day, &to_day, word_or(cli, "")) ? ZD_OK : zd_cli_usage(cli, "zhidui report quarter 2026Q1");
        if (status == ZD_OK) {
            status = zd_report_period(page, repository, "quarter", "Quarterly report", "季度报告", from_day, to_day, &cli->error);
        }
    } else if (status == ZD_OK) {
        status = file != NULL ? zd_file_read(&targets, file, TARGETS_MAX, &cli->error) : ZD_OK;
        if (status == ZD_OK) {
            status = zd_report_progress(page, repository, zd_buf_span(&targets), &cli->error);
        }
    }
    zd_buf_free(&targets);
    zd_buf_free(&path);
    return status;
}

/* "count N" and "sum_fen N" of a package's manifest; a package that cannot be read counts as none, and the verifier says why. */
static bool manifest_totals(void *context, const char *batch, int64_t *count, int64_t *sum_fen)
{
    zd_cli *cli = context;
    zd_buf path = {0};
    zd_buf manifest = {0};
    zd_error ignored = {0};
    zd_buf_addf(&path, "%s/settlement/%s/MANIFEST", cli->dir, batch);
    unsigned found = 0;
    if (zd_file_read(&manifest, zd_buf_text(&path), MANIFEST_MAX, &ignored) == ZD_OK) {
        for (zd_span rest = zd_buf_span(&manifest); rest.size > 0 && found != 3;) {
            zd_span line;
            zd_span word;
            rest = zd_span_cut(&line, rest, '\n');
            zd_span value = zd_span_cut(&word, line, ' ');
            char digits[24];
            if ((zd_span_is(word, "count") || zd_span_is(word, "sum_fen")) && zd_span_copy(digits, sizeof digits, value)) {
                *(zd_span_is(word, "count") ? count : sum_fen) = strtoll(digits, NULL, 10);
                found |= zd_span_is(word, "count") ? 1U : 2U;
            }
        }
    }
    zd_buf_free(&manifest);
    zd_buf_free(&path);
    return found == 3;
}

/* The published lines of a carry belong to the year-close statement; a ledger that never published has none. */
static zd_status add_carried(zd_page *page, zd_cli *cli, const char *pool)
{
    zd_buf path = {0};
    const char *repository = zd_path_join(&path, cli->dir, "audit.git");
    zd_status status = zd_path_exists(repository) ? zd_report_carried(page, repository, pool, &cli->error) : ZD_OK;
    zd_buf_free(&path);
    return status;
}

static zd_status from_records(zd_page **page, zd_cli *cli, const char *verb)
{
    zd_ledger *ledger = NULL;
    zd_status status = zd_cli_open(&ledger, cli, false);
    if (status == ZD_OK) {
        zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
        uint64_t as_of = zd_ledger_size(ledger);
        if (strcmp(verb, "pool") == 0) {
            status = zd_report_pool(page, book, word_or(cli, ""), as_of, &cli->error);
        } else if (strcmp(verb, "totals") == 0) {
            status = zd_report_totals(page, book, word_or(cli, ""), as_of, manifest_totals, cli, &cli->error);
        } else if (strcmp(verb, "statement") == 0) {
            status = zd_report_statement(page, book, word_or(cli, ""), as_of, &cli->error);
        } else if (strcmp(verb, "close") == 0) {
            status = zd_report_close(page, book, word_or(cli, ""), as_of, &cli->error);
            status = status == ZD_OK ? add_carried(*page, cli, word_or(cli, "")) : status;
        } else {
            int64_t today_day = zd_day_of(zd_ledger_now(ledger), ZD_ZONE_SHANGHAI_MS);
            status = zd_report_aging(page, book, today_day, as_of, &cli->error);
            status = status == ZD_OK ? zd_report_clearing(*page, book, today_day, &cli->error) : status;
        }
        zd_status trouble = zd_book_trouble(book, &cli->error);
        status = trouble != ZD_OK ? trouble : status;
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

static zd_status sign_file(zd_cli *cli, const char *path, zd_span content)
{
    zd_signer *signer = NULL;
    zd_buf armour = {0};
    zd_buf name = {0};
    zd_status status = zd_cli_signer(&signer, cli);
    if (status == ZD_OK) {
        status = zd_signer_sshsig(&armour, signer, "zhidui-report-v1", content, &cli->error);
    }
    if (status == ZD_OK) {
        zd_buf_addf(&name, "%s.sig", path);
        status = zd_file_create(zd_buf_text(&name), zd_buf_span(&armour), 0644, &cli->error);
    }
    zd_signer_close(signer);
    zd_buf_free(&armour);
    zd_buf_free(&name);
    return status;
}

static void add_to_grid(void *context, bool bold, const char *text, bool ends_row)
{
    zd_grid *grid = context;
    zd_buf safe = {0};
    zd_buf_add_text(&safe, zd_text_starts_formula(zd_span_text(text)) ? "'" : "");
    zd_buf_add_text(&safe, text);
    zd_grid_add(grid, bold, zd_buf_span(&safe));
    if (ends_row) {
        zd_grid_end_row(grid);
    }
    zd_buf_free(&safe);
}

static zd_status as_workbook(zd_buf *out, const zd_page *page, bool chinese, zd_error *err)
{
    static const int widths[] = {28, 24, 20, 16, 16, 16, 16, 16, 16, 16};
    zd_grid grid = {.name = chinese ? "报表" : "report", .title = "Zhidui", .company = "", .created_unix_s = ZIP_EPOCH_UNIX_S, .widths = widths, .width_count = ZD_COUNT(widths)};
    zd_page_each_cell(page, chinese, add_to_grid, &grid);
    zd_status status = zd_grid_workbook(out, &grid, err);
    zd_grid_free(&grid);
    return status;
}

static zd_status put(zd_cli *cli, const zd_page *page, zd_page_format format, bool workbook, const char *path)
{
    zd_buf text = {0};
    zd_status status = ZD_OK;
    if (workbook) {
        status = as_workbook(&text, page, cli->chinese, &cli->error);
    } else {
        zd_page_render(&text, page, format, cli->chinese);
    }
    if (status == ZD_OK && path == NULL) {
        status = fwrite(text.data, 1, text.size, cli->out) == text.size ? ZD_OK : zd_fail_errno(&cli->error, ZD_E_FILE_IO, "stdout");
    } else if (status == ZD_OK) {
        status = zd_file_create(path, zd_buf_span(&text), 0644, &cli->error);
        if (status == ZD_OK && cli->key != NULL) {
            status = sign_file(cli, path, zd_buf_span(&text));
        }
    }
    zd_buf_free(&text);
    return status;
}

zd_status zd_cmd_report_page(zd_cli *cli, const zd_command *command)
{
    zd_page *page = NULL;
    zd_page_format format = cli->json ? ZD_PAGE_AS_JSON : ZD_PAGE_AS_TEXT;
    const char *name = zd_cli_option(cli, "format");
    const char *path = zd_cli_option(cli, "out");
    bool history = strcmp(command->verb, "quarter") == 0 || strcmp(command->verb, "progress") == 0;
    bool needs_word = strcmp(command->verb, "statement") == 0 || strcmp(command->verb, "close") == 0;
    bool workbook = name != NULL && strcmp(name, "xlsx") == 0;
    if ((name != NULL && !workbook && !zd_page_format_find(&format, name)) || (cli->key != NULL && path == NULL) || (needs_word && cli->word_count == 0)) {
        return zd_cli_usage(cli, command->usage);
    }
    zd_status status = history ? from_history(&page, cli, command->verb) : from_records(&page, cli, command->verb);
    if (status == ZD_OK) {
        status = put(cli, page, format, workbook, path);
    }
    zd_page_free(page);
    return status;
}
