/*
 * --help: of the program, one line a command; of a command, its options. A request's options come from its schema: what may be left out stands in brackets, each with the
 * form of its value and its meaning (field_help.def). Must not know any single request.
 */
#include <assert.h>
#include <string.h>

#include "cli/command.h"

typedef struct field_help {
    const char *english;
    const char *chinese;
} field_help;

static const field_help helps[] = {
#define ZD_HELP(id, english, chinese) [ZD_F_##id] = {english, chinese},
#include "cli/field_help.def"
#undef ZD_HELP
};
static_assert(ZD_COUNT(helps) == ZD_F__COUNT, "every field has its help");

/* Words of a set, as the value is typed: "none|affiliated|undeclared". */
static void add_words(zd_buf *out, zd_field field)
{
    for (int64_t i = 0; zd_word_text(field, i) != NULL; i++) {
        zd_buf_addf(out, "%s%s", i > 0 ? "|" : "", zd_word_text(field, i));
    }
}

static void add_form(zd_buf *out, zd_field field)
{
    switch (zd_field_kind_of(field)) {
    case ZD_KIND_FEN:
        zd_buf_add_text(out, "YUAN");
        break;
    case ZD_KIND_INT:
        zd_buf_add_text(out, "NUMBER");
        break;
    case ZD_KIND_BOOL:
        zd_buf_add_text(out, "true|false");
        break;
    case ZD_KIND_DATE:
        zd_buf_add_text(out, "YYYY-MM-DD");
        break;
    case ZD_KIND_TIME:
        zd_buf_add_text(out, "YYYY-MM-DDThh:mm:ssZ");
        break;
    case ZD_KIND_HASH:
        zd_buf_add_text(out, "HEX64");
        break;
    case ZD_KIND_WORD:
        add_words(out, field);
        break;
    case ZD_KIND_TAGS:
        zd_buf_add_text(out, "ID,ID...");
        break;
    case ZD_KIND_LABEL:
        zd_buf_add_text(out, "TEXT");
        break;
    case ZD_KIND_POLICY:
        zd_buf_add_text(out, "FILE");
        break;
    case ZD_KIND_ID:
    case ZD_KIND_SERIAL:
    case ZD_KIND_KEYNAME:
    case ZD_KIND_SUBJECT:
    case ZD_KIND_ITEMS:
        zd_buf_add_text(out, "ID");
        break;
    }
}

#define MEANING_COLUMN 44
static void print_field(zd_cli *cli, zd_field field, bool required)
{
    zd_buf line = {0};
    char option[64];
    zd_cli_field_option(option, field, zd_field_kind_of(field) == ZD_KIND_FEN);
    zd_buf_addf(&line, "  %s--%s ", required ? "" : "[", option);
    add_form(&line, field);
    zd_buf_add_text(&line, required ? "" : "]");
    bool wide = line.size + 2 > MEANING_COLUMN;
    (void)fprintf(cli->out, "%-*s%s%*s%s\n", wide ? 0 : MEANING_COLUMN, zd_buf_text(&line), wide ? "\n" : "", wide ? MEANING_COLUMN : 0, "",
                  cli->chinese ? helps[field].chinese : helps[field].english);
    zd_buf_free(&line);
}

static void print_fields(zd_cli *cli, zd_request_type type, bool wanted)
{
    for (int i = 0; i < ZD_F__COUNT; i++) {
        bool required = false;
        if (zd_request_has(type, (zd_field)i, &required) && required == wanted) {
            print_field(cli, (zd_field)i, required);
        }
    }
}

static void print_signers(zd_cli *cli, zd_request_type type)
{
    (void)fprintf(cli->out, "%s", cli->chinese ? "\n签署角色：" : "\nsigned by:");
    for (int64_t role = 0; zd_word_text(ZD_F_ROLE, role) != NULL; role++) {
        if ((zd_request_roles(type) >> role & 1U) != 0) {
            (void)fprintf(cli->out, " %s", zd_word_text(ZD_F_ROLE, role));
        }
    }
    unsigned flags = zd_request_flags(type);
    if ((flags & ZD_REQUEST_TWO) != 0) {
        (void)fprintf(cli->out, "%s", cli->chinese ? "；经第二人 `zhidui second` 确认后生效" : "; takes effect with a second officer's `zhidui second`");
    } else if ((flags & ZD_REQUEST_ROOTS) != 0) {
        (void)fprintf(cli->out, "%s", cli->chinese ? "；达到根密钥门限后生效" : "; takes effect with the threshold of root keys");
    }
    (void)fprintf(cli->out, "\n");
}

static void request_help(zd_cli *cli, zd_request_type type)
{
    (void)fprintf(cli->out, "  --ledger DIR --key FILE|agent:FINGERPRINT [--id ID] [--expires DAYS] [--json] [--dry-run]\n");
    print_fields(cli, type, true);
    print_fields(cli, type, false);
    print_signers(cli, type);
}

static void command_help(zd_cli *cli, const zd_command *command)
{
    (void)fprintf(cli->out, "zhidui %s%s%s\n%s\n\n", command->noun, command->verb[0] != '\0' ? " " : "", command->verb, cli->chinese ? command->chinese : command->english);
    if (command->request >= 0) {
        request_help(cli, (zd_request_type)command->request);
    } else {
        (void)fprintf(cli->out, "  %s\n", command->usage != NULL ? command->usage : "");
    }
}

void zd_cli_help(zd_cli *cli, const zd_command *command)
{
    if (command != NULL) {
        command_help(cli, command);
        return;
    }
    size_t count = 0;
    const zd_command *all = zd_commands(&count);
    (void)fprintf(cli->out, cli->chinese ? "用法：zhidui 名词 动词 [--选项 值]…；每条命令都有 --help\n\n" : "usage: zhidui NOUN VERB [--option value]...; each command has --help\n\n");
    for (size_t i = 0; i < count; i++) {
        char name[64];
        zd_format(name, sizeof name, "%s %s", all[i].noun, all[i].verb);
        (void)fprintf(cli->out, "  %-26s %s\n", name, cli->chinese ? all[i].chinese : all[i].english);
    }
    (void)fprintf(cli->out, "%s", cli->chinese ? "\n退出码：0 完成（受理或暂缓，输出会说明）· 1 规则拒绝 · 2 用法 · 3 输入不合格式 · 4 故障，未丢失任何已确认事项 · 5 完整性错误，停止写入\n"
                                               : "\nexit: 0 done (accepted or held, it says which), 1 refused by a rule, 2 usage, 3 malformed input, 4 fault, nothing lost, 5 integrity, writing stopped\n");
}
