/* show and list of every kind of record: a list is a table for people (list_table.h); with --json, and of one record, one line of JSON each, so that other tools can go on from there. Reading only. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/list_table.h"
#include "cli/payee_findings.h"

/* Which record kind a noun shows. */
static bool kind_of_noun(zd_record_kind *out, const char *noun)
{
    static const struct {
        const char *noun;
        zd_record_kind kind;
    } table[] = {{"key", ZD_R_KEY},           {"policy", ZD_R_POLICY},   {"pool", ZD_R_POOL},   {"fact", ZD_R_FACT},   {"holder", ZD_R_HOLDER},
                 {"provider", ZD_R_PROVIDER}, {"instrument", ZD_R_INSTR}, {"voucher", ZD_R_VOUCHER}, {"mandate", ZD_R_MANDATE}, {"redeem", ZD_R_ITEM},
                 {"order", ZD_R_ORDER},       {"settle", ZD_R_BATCH},    {"line", ZD_R_LINE},   {"review", ZD_R_HOLDQ}, {"exception", ZD_R_EXC}};
    for (size_t i = 0; i < ZD_COUNT(table); i++) {
        if (strcmp(table[i].noun, noun) == 0) {
            *out = table[i].kind;
            return true;
        }
    }
    return false;
}

static zd_status print_record(zd_cli *cli, zd_ledger *ledger, zd_record_kind kind, const void *record, bool exact)
{
    zd_buf line = {0};
    zd_status status = ZD_OK;
    zd_jw w = zd_jw_begin(&line);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_jw_int(&w, "as_of_entry", (int64_t)zd_ledger_size(ledger));
    zd_record_json(&w, zd_record_prefix(kind), kind, record);
    if (exact && kind == ZD_R_BATCH) { /* last: the record may leave memory */
        char batch[ZD_ID_SIZE];
        zd_format(batch, sizeof batch, "%s", ((const zd_rec_batch *)record)->id);
        status = zd_cli_payee_findings(&w, cli, ledger, batch);
    }
    if (status == ZD_OK) {
        zd_jw_close(&w);
        (void)fprintf(cli->out, "%s\n", zd_buf_text(&line));
    }
    zd_buf_free(&line);
    return status;
}

static zd_status walk(zd_cli *cli, const char *noun, const char *prefix, bool exact, size_t *shown, uint64_t *size)
{
    zd_ledger *ledger = NULL;
    zd_record_kind kind = ZD_R__COUNT;
    zd_status status = kind_of_noun(&kind, noun) ? zd_cli_open(&ledger, cli, false) : zd_cli_usage(cli, noun);
    zd_list_table *table = NULL;
    *shown = 0;
    if (status == ZD_OK) {
        table = exact || cli->json ? NULL : zd_list_table_new(kind, cli->chinese);
        *size = zd_ledger_size(ledger);
        zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
        zd_book_cursor cursor = zd_book_scan(book, kind, "%.180s", prefix);
        while (status == ZD_OK && zd_book_next(&cursor)) {
            const char *rest = cursor.key + strlen(cursor.prefix);
            if (!exact || rest[0] == '\0' || rest[0] == '/') {
                status = table != NULL ? zd_list_table_add(table, cursor.key, cursor.record, &cli->error) : print_record(cli, ledger, kind, cursor.record, exact);
                ++*shown;
                if (exact && kind == ZD_R_BATCH) {
                    break; /* the only one, and the cursor may be gone */
                }
            }
        }
        status = status == ZD_OK ? zd_book_trouble(book, &cli->error) : status;
    }
    if (status == ZD_OK && table != NULL) {
        zd_list_table_print(table, cli->out);
    }
    zd_list_table_free(table);
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

zd_status zd_cmd_record_list(zd_cli *cli, const zd_command *command)
{
    size_t shown = 0;
    uint64_t size = 0;
    zd_status status = walk(cli, command->noun, cli->word_count > 0 ? cli->words[0] : "", false, &shown, &size);
    if (status == ZD_OK) {
        (void)fprintf(cli->talk, cli->chinese ? "共 %zu 条，账目共 %llu 条\n" : "%zu in all, as of %llu entries\n", shown, (unsigned long long)size);
    }
    return status;
}

zd_status zd_cmd_record_show(zd_cli *cli, const zd_command *command)
{
    size_t shown = 0;
    uint64_t size = 0;
    if (cli->word_count == 0) {
        return zd_cli_usage(cli, "which one? name its id / 请给出编号");
    }
    char number[8]; /* a policy's number, as its record has it */
    const char *id = cli->words[0];
    size_t digits = strspn(id, "0123456789");
    if (strcmp(command->noun, "policy") == 0 && digits > 0 && digits <= 6 && id[digits] == '\0') {
        zd_format(number, sizeof number, "%06lld", strtoll(id, NULL, 10));
        id = number;
    }
    zd_status status = walk(cli, command->noun, id, true, &shown, &size);
    if (status == ZD_OK && shown == 0) {
        status = zd_fail(&cli->error, ZD_E_A_ABSENT, "%s", command->noun);
        zd_error_field(&cli->error, command->noun, zd_span_text(cli->words[0]));
    }
    return status;
}
