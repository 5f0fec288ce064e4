/*
 * From argv to a command: `zhidui NOUN [VERB] [words] [--option value | --switch]`. Options of every command are known from its usage text or, for
 * requests, from the schema; an option that no command read is an error, so that a mistyped one never passes silently.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"

const char *zd_cli_option(zd_cli *cli, const char *name)
{
    for (size_t i = 0; i < cli->option_count; i++) {
        if (strcmp(cli->options[i].name, name) == 0) {
            cli->options[i].used = true;
            return cli->options[i].value;
        }
    }
    return NULL;
}

bool zd_cli_switch(zd_cli *cli, const char *name)
{
    return zd_cli_option(cli, name) != NULL;
}

zd_status zd_cli_usage(zd_cli *cli, const char *why)
{
    return zd_fail(&cli->error, ZD_E_USAGE, "%s", why);
}

zd_status zd_cli_need(const char **out, zd_cli *cli, const char *name)
{
    *out = zd_cli_option(cli, name);
    if (*out == NULL || (*out)[0] == '\0') {
        zd_status status = zd_fail(&cli->error, ZD_E_USAGE, "--%s VALUE is needed / 缺少 --%s", name, name);
        zd_error_field(&cli->error, name, zd_span_text(""));
        return status;
    }
    return ZD_OK;
}

/* Switches take no value; every other option takes the next word. */
static bool is_switch(const char *name)
{
    static const char *const switches[] = {"json", "help", "partial", "dry-run", "clock-checked", "force", "all", "quiet", "wait"};
    for (size_t i = 0; i < ZD_COUNT(switches); i++) {
        if (strcmp(name, switches[i]) == 0) {
            return true;
        }
    }
    return false;
}

static zd_status parse(zd_cli *cli, int argc, char **argv, int first)
{
    for (int i = first; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            if (cli->word_count == ZD_COUNT(cli->words)) {
                return zd_cli_usage(cli, "too many words");
            }
            cli->words[cli->word_count++] = argv[i];
            continue;
        }
        const char *name = argv[i] + 2;
        if (cli->option_count == ZD_OPTIONS_MAX) {
            return zd_cli_usage(cli, "too many options");
        }
        zd_option *option = &cli->options[cli->option_count++];
        *option = (zd_option){.name = name, .value = ""};
        if (!is_switch(name)) {
            if (i + 1 >= argc) {
                zd_error_field(&cli->error, name, zd_span_text(""));
                return zd_cli_usage(cli, "this option needs a value / 该选项需要取值");
            }
            option->value = argv[++i];
        }
    }
    return ZD_OK;
}

static zd_status check_all_used(zd_cli *cli)
{
    for (size_t i = 0; i < cli->option_count; i++) {
        if (!cli->options[i].used) {
            zd_status status = zd_fail(&cli->error, ZD_E_USAGE, "this command has no such option / 该命令没有此选项");
            zd_error_field(&cli->error, cli->options[i].name, zd_span_text(cli->options[i].value));
            return status;
        }
    }
    return ZD_OK;
}

static bool wants_chinese(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return strncmp(value, "zh", 2) == 0;
        }
    }
    return false;
}

static void read_general(zd_cli *cli)
{
    cli->dir = zd_cli_option(cli, "ledger");
    cli->dir = cli->dir != NULL ? cli->dir : getenv("ZHIDUI_LEDGER");
    cli->key = zd_cli_option(cli, "key");
    cli->json = zd_cli_switch(cli, "json");
    cli->ledger_options.clock_checked = zd_cli_switch(cli, "clock-checked");
}

/* Options are checked before anything runs: the general ones, and those that the command's usage names. */
static zd_status check_known(zd_cli *cli, const zd_command *command)
{
    if (command->usage != NULL) {
        for (size_t i = 0; i < cli->option_count; i++) {
            char pattern[80];
            zd_format(pattern, sizeof pattern, "--%.70s", cli->options[i].name);
            for (const char *at = strstr(command->usage, pattern); at != NULL; at = strstr(at + 1, pattern)) {
                char after = at[strlen(pattern)]; /* --from is not --from-trail */
                cli->options[i].used = cli->options[i].used || after == ' ' || after == ']' || after == ')' || after == '\0' || after == '|';
            }
        }
    }
    return command->usage != NULL ? check_all_used(cli) : ZD_OK;
}

int zd_cli_main(int argc, char **argv)
{
    zd_cli *cli = zd_alloc_zero(1, sizeof *cli);
    cli->out = stdout;
    cli->talk = stderr;
    cli->chinese = wants_chinese();
    cli->ledger_options = zd_ledger_defaults();
    const char *noun = argc > 1 ? argv[1] : "--help";
    bool two = argc > 2 && zd_command_find(noun, argv[2]) != NULL;
    const zd_command *command = zd_command_find(noun, two ? argv[2] : "");
    zd_status status = ZD_OK;
    if (strcmp(noun, "--help") == 0 || strcmp(noun, "help") == 0) {
        zd_cli_help(cli, NULL);
    } else if (strcmp(noun, "--version") == 0) {
        status = zd_cmd_version(cli, NULL);
    } else if (command == NULL) {
        zd_error_field(&cli->error, "command", zd_span_text(noun));
        status = zd_cli_usage(cli, "zhidui --help lists the commands / zhidui --help 列出全部命令");
    } else {
        status = parse(cli, argc, argv, two ? 3 : 2);
        if (status == ZD_OK && zd_cli_switch(cli, "help")) {
            zd_cli_help(cli, command);
        } else if (status == ZD_OK) {
            read_general(cli);
            status = check_known(cli, command);
            status = status == ZD_OK ? command->run(cli, command) : status;
        }
    }
    if (status != ZD_OK && cli->error.code != ZD_CODE_NONE) {
        zd_cli_print_error(cli, &cli->error);
    }
    if ((fflush(cli->out) != 0 || ferror(cli->out)) && status == ZD_OK) {
        status = zd_fail_errno(&cli->error, ZD_E_ANSWER_UNWRITTEN, "stdout");
        zd_cli_print_error(cli, &cli->error);
    }
    free(cli);
    return (int)status;
}

bool zd_cli_is_terminal(const FILE *stream)
{
    return isatty(fileno((FILE *)(uintptr_t)stream)) == 1;
}
