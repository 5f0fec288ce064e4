/* policy check: is a policy file complete and consistent, before two officers sign it? */
#include <stdlib.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/rules/policy.h"

zd_status zd_cmd_policy_check(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_buf file = {0};
    zd_json *json = NULL;
    zd_policy *policy = zd_alloc_zero(1, sizeof *policy);
    zd_status status = cli->word_count > 0 ? zd_file_read(&file, cli->words[0], ZD_REQUEST_TEXT_MAX, &cli->error) : zd_cli_usage(cli, "zhidui policy check FILE");
    if (status == ZD_OK) {
        status = zd_json_parse(&json, zd_buf_span(&file), true, &cli->error);
    }
    if (status == ZD_OK) {
        status = zd_policy_parse(policy, zd_json_root(json), &cli->error);
    }
    if (status == ZD_OK) {
        for (int i = 0; i < ZD_P__COUNT; i++) {
            const char *text = policy->text[i];
            (void)fprintf(cli->out, "%-32s %s", zd_param_name((zd_param)i), text);
            if (text[0] == '\0') {
                (void)fprintf(cli->out, "%lld", (long long)policy->value[i]);
            }
            if (zd_param_is_days((zd_param)i) && policy->value[i] >= 0) {
                (void)fputs(policy->unit[i] == ZD_DAYS_WORKING ? " working" : " calendar", cli->out);
            }
            (void)fputc('\n', cli->out);
        }
    } else if (cli->word_count > 0) {
        zd_error_subject(&cli->error, zd_span_text(cli->words[0]));
    }
    zd_json_free(json);
    zd_buf_free(&file);
    free(policy);
    return status;
}
