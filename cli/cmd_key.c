/* key new, key show: OpenSSH keys on disk. Granting and revoking are requests. */
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"

zd_status zd_cmd_key_new(zd_cli *cli, const zd_command *command)
{
    (void)command;
    const char *path = cli->word_count > 0 ? cli->words[0] : NULL;
    const char *comment = zd_cli_option(cli, "comment");
    if (path == NULL) {
        return zd_cli_usage(cli, "zhidui key new FILE");
    }
    zd_status status = zd_dir_make_parents(path, &cli->error);
    if (status == ZD_OK) {
        status = zd_key_file_make(path, comment != NULL ? comment : "zhidui", NULL, &cli->error);
    }
    if (status == ZD_OK) {
        (void)fprintf(cli->out, "%s\n", path);
    }
    return status;
}

/* The public half of a key: read from a .pub file, where the private one may be lost, or from whoever can sign with it. */
static zd_status public_of(zd_public_key *out, const char *where, zd_error *err)
{
    size_t length = strlen(where);
    if (length > 4 && strcmp(where + length - 4, ".pub") == 0) {
        zd_buf line = {0};
        zd_status status = zd_file_read(&line, where, 4096, err);
        if (status == ZD_OK) {
            status = zd_ssh_public_parse(out, zd_buf_span(&line), err);
        }
        zd_buf_free(&line);
        return status;
    }
    zd_signer *signer = NULL;
    zd_status status = zd_signer_open(&signer, where, err);
    if (status == ZD_OK) {
        *out = *zd_signer_public(signer);
    }
    zd_signer_close(signer);
    return status;
}

zd_status zd_cmd_key_show(zd_cli *cli, const zd_command *command)
{
    (void)command;
    const char *path = cli->word_count > 0 ? cli->words[0] : cli->key;
    zd_public_key key;
    zd_buf text = {0};
    char hex[ZD_HASH_HEX];
    zd_hash as_hash;
    if (path == NULL) {
        return zd_cli_usage(cli, "zhidui key show FILE|FILE.pub|agent:FINGERPRINT");
    }
    zd_status status = public_of(&key, path, &cli->error);
    if (status == ZD_OK) {
        memcpy(as_hash.bytes, key.bytes, sizeof as_hash.bytes);
        zd_hash_hex(hex, &as_hash);
        zd_ssh_fingerprint_add(&text, &key);
        if (cli->json) {
            (void)fprintf(cli->out, "{\"schema\":%d,\"public\":\"%s\",\"fingerprint\":\"%s\"}\n", ZD_CLI_SCHEMA, hex, zd_buf_text(&text));
        } else {
            (void)fprintf(cli->out, "%s %s\n", hex, zd_buf_text(&text));
        }
    }
    zd_buf_free(&text);
    return status;
}
