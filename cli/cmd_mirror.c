/* log mirror, log mirrors: where audit.git is pushed to, and what each mirror holds. */
#include <string.h>

#include "cli/command.h"
#include "ledger/engine/mirrors.h"

void zd_cli_print_mirror(zd_cli *cli, const char *url, int state, const char *tip_hex, const char *detail)
{
    static const char *const english[] = {"", "up to date", "behind", "UNREACHABLE", "FOREIGN: holds a commit that this ledger never made"};
    static const char *const chinese[] = {"", "一致", "落后", "无法连接", "异常：含有本账本从未产生的提交"};
    static const char *const words[] = {"", "same", "behind", "unreachable", "foreign"};
    size_t first = strcspn(detail, "\r\n");
    if (cli->json) {
        zd_buf line = {0};
        zd_jw w = zd_jw_begin(&line);
        zd_jw_object(&w, NULL);
        zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
        zd_jw_cstr(&w, "mirror", url);
        zd_jw_cstr(&w, "state", words[state]);
        zd_jw_cstr(&w, "tip", tip_hex);
        zd_jw_close(&w);
        (void)fprintf(cli->out, "%s\n", zd_buf_text(&line));
        zd_buf_free(&line);
    } else {
        (void)fprintf(cli->talk, cli->chinese ? "镜像 %s：%s%s%s%s%.*s\n" : "mirror %s: %s%s%s%s%.*s\n", url, cli->chinese ? chinese[state] : english[state], tip_hex[0] != '\0' ? " " : "",
                      tip_hex, first > 0 ? "; " : "", (int)(first < 200 ? first : 200), detail);
    }
}

static void see_mirror(void *context, const char *url, zd_mirror_state state, const char *tip_hex, const char *detail)
{
    zd_cli_print_mirror(context, url, (int)state, tip_hex, detail);
}

zd_status zd_cmd_mirror_add(zd_cli *cli, const zd_command *command)
{
    zd_ledger *ledger = NULL;
    if (cli->word_count != 1) {
        return zd_cli_usage(cli, command->usage);
    }
    zd_status status = zd_cli_open(&ledger, cli, true);
    if (status == ZD_OK) {
        status = zd_mirrors_add(ledger, cli->words[0], see_mirror, cli, &cli->error);
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

zd_status zd_cmd_mirrors(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_status status = zd_cli_open(&ledger, cli, false);
    if (status == ZD_OK) {
        status = zd_mirrors_check(ledger, see_mirror, cli, &cli->error);
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}
