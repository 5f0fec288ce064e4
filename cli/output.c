/* What commands print: results and errors; help is in help.c. JSON carries a schema number; talk goes to stderr in the user's language. */
#include <string.h>

#include "cli/command.h"

static const char *outcome_text(const zd_result *result, bool chinese)
{
    switch (result->outcome) {
    case ZD_ACCEPTED:
        return chinese ? "已受理" : "accepted";
    case ZD_HELD:
        return chinese ? "已受理，暂缓" : "accepted, on hold";
    case ZD_REFUSED_BY_RULE:
        return chinese ? "已拒绝" : "refused";
    case ZD_PROPOSED:
        return chinese ? "已提出，待第二人确认" : "proposed, waits for a second officer";
    }
    return "";
}

static const char *outcome_word(zd_outcome outcome)
{
    return outcome == ZD_ACCEPTED ? "accepted" : outcome == ZD_HELD ? "held" : outcome == ZD_PROPOSED ? "proposed" : "refused";
}

void zd_cli_print_result(zd_cli *cli, const zd_result *result)
{
    char leaf[ZD_HASH_HEX];
    zd_hash_hex(leaf, &result->leaf);
    if (cli->json) {
        zd_buf line = {0};
        zd_jw w = zd_jw_begin(&line);
        zd_jw_object(&w, NULL);
        zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
        zd_jw_int(&w, "seq", (int64_t)result->seq);
        zd_jw_cstr(&w, "outcome", outcome_word(result->outcome));
        if (result->code[0] != '\0') {
            zd_jw_cstr(&w, "code", result->code);
        }
        zd_jw_bool(&w, "replay", result->replay);
        zd_jw_int(&w, "effects", (int64_t)result->effects);
        if (!result->replay) {
            zd_jw_cstr(&w, "leaf_sha256", leaf);
        }
        zd_jw_close(&w);
        (void)fprintf(cli->out, "%s\n", zd_buf_text(&line));
        zd_buf_free(&line);
        return;
    }
    (void)fprintf(cli->out, "%s%s%s  entry %llu", outcome_text(result, cli->chinese), result->code[0] != '\0' ? " " : "", result->code,
                  (unsigned long long)result->seq);
    if (result->effects > 0) {
        (void)fprintf(cli->out, " (+%zu)", result->effects);
    }
    (void)fprintf(cli->out, "%s\n", result->replay ? (cli->chinese ? "  （重复提交，结果如前）" : "  (seen before, same answer)") : "");
    zd_code code = zd_code_find(zd_span_text(result->code));
    if (code != ZD_CODE_NONE) {
        (void)fprintf(cli->talk, "%s: %s\n  %s\n", zd_code_name(code), cli->chinese ? zd_code_chinese(code) : zd_code_english(code),
                      cli->chinese ? zd_code_english(code) : zd_code_chinese(code)); /* both languages, as with errors */
    }
}

void zd_cli_print_error(zd_cli *cli, const zd_error *error)
{
    zd_buf line = {0};
    if (cli->json) {
        zd_jw w = zd_jw_begin(&line);
        zd_jw_object(&w, NULL);
        zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
        zd_jw_cstr(&w, "error", zd_code_name(error->code));
        zd_jw_cstr(&w, "subject", error->subject);
        zd_jw_int(&w, "line", error->line);
        zd_jw_int(&w, "column", error->column);
        zd_jw_cstr(&w, "field", error->field);
        zd_jw_cstr(&w, "value", error->value);
        zd_jw_cstr(&w, "detail", error->detail);
        zd_jw_cstr(&w, "english", zd_code_english(error->code));
        zd_jw_cstr(&w, "chinese", zd_code_chinese(error->code));
        zd_jw_close(&w);
    } else {
        /* Both languages: the person who reads it may not be the one who typed it. */
        zd_error_print(&line, error, cli->chinese);
        zd_buf_addf(&line, "\n  %s", cli->chinese ? zd_code_english(error->code) : zd_code_chinese(error->code));
    }
    (void)fprintf(cli->talk, "%s\n", zd_buf_text(&line));
    zd_buf_free(&line);
}

void zd_cli_field_option(char out[64], zd_field field, bool yuan)
{
    zd_field same = ZD_F__COUNT;
    zd_format(out, 64, "%s", zd_field_name(field));
    size_t length = strlen(out);
    if (yuan && length > 4 && strcmp(out + length - 4, "_fen") == 0) {
        out[length - 4] = '\0';
        if (zd_field_find(&same, zd_span_text(out))) {
            zd_format(out + length - 4, 64 - (length - 4), "_yuan");
        }
    }
    for (char *c = out; *c != '\0'; c++) {
        *c = *c == '_' ? '-' : *c;
    }
}
