/*
 * init: a new ledger from its root keys. The genesis names the roots (k of n), finance's root, and the service's own keys; it is signed by the first root key.
 * What init prints last, the fingerprint, anchors every verifier and belongs on paper.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"

#define KEYS_MAX 32

typedef struct genesis_key {
    char role[20];
    char name[101];
    char person[41];
    char unit[41];
    char path[400];
} genesis_key;

static zd_status word(char *out, size_t out_size, zd_span text, zd_error *err)
{
    zd_value checked;
    if (zd_field_check_text(&checked, ZD_F_KEY_NAME, text, err) != ZD_OK || !zd_span_copy(out, out_size, text)) {
        return zd_fail(err, ZD_E_FIELD_INVALID, "ROLE:NAME:PERSON:UNIT:FILE.pub");
    }
    return ZD_OK;
}

/* ROLE:NAME:PERSON:UNIT:FILE.pub, as --genesis-key lines of a file: one key a line. */
static zd_status read_key_line(genesis_key *out, zd_span line, zd_error *err)
{
    zd_span part[4];
    zd_span rest = line;
    for (size_t i = 0; i < ZD_COUNT(part); i++) {
        rest = zd_span_cut(&part[i], rest, ' ');
    }
    zd_status status = word(out->role, sizeof out->role, part[0], err);
    status = status == ZD_OK ? word(out->name, sizeof out->name, part[1], err) : status;
    status = status == ZD_OK ? word(out->person, sizeof out->person, part[2], err) : status;
    status = status == ZD_OK ? word(out->unit, sizeof out->unit, part[3], err) : status;
    if (status == ZD_OK && (rest.size == 0 || !zd_span_copy(out->path, sizeof out->path, rest))) {
        status = zd_fail(err, ZD_E_FIELD_INVALID, "ROLE NAME PERSON UNIT FILE.pub");
    }
    return status;
}

static zd_status read_keys(genesis_key *keys, size_t *count, const char *path, zd_error *err)
{
    zd_buf file = {0};
    zd_status status = zd_file_read(&file, path, 65536, err);
    zd_span rest = zd_buf_span(&file);
    int64_t number = 0;
    *count = 0;
    while (status == ZD_OK && rest.size > 0) {
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        number++;
        if (line.size == 0 || line.data[0] == '#') {
            continue;
        }
        status = *count < KEYS_MAX ? read_key_line(&keys[*count], line, err) : zd_fail(err, ZD_E_USAGE, "at most 32 keys");
        if (status != ZD_OK) {
            zd_error_subject(err, zd_span_text(path));
            zd_error_at(err, number, 0);
        }
        ++*count;
    }
    zd_buf_free(&file);
    return status;
}

static zd_status add_key(zd_jw *w, const genesis_key *key, zd_error *err)
{
    zd_buf file = {0};
    zd_public_key public_key;
    zd_status status = zd_file_read(&file, key->path, 4096, err);
    if (status == ZD_OK) {
        status = zd_ssh_public_parse(&public_key, zd_buf_span(&file), err);
    }
    if (status == ZD_OK) {
        char hex[ZD_HASH_HEX];
        char id[ZD_ID_SIZE];
        zd_hash as_hash;
        memcpy(as_hash.bytes, public_key.bytes, sizeof as_hash.bytes);
        zd_hash_hex(hex, &as_hash);
        zd_format(id, sizeof id, "g-%.16s", hex);
        bool officer = strcmp(key->role, "root") == 0 || strcmp(key->role, "finance-root") == 0;
        zd_jw_object(w, NULL);
        zd_jw_cstr(w, "id", id);
        zd_jw_cstr(w, "key_name", key->name);
        zd_jw_cstr(w, "public", hex);
        zd_jw_cstr(w, "person", key->person);
        zd_jw_cstr(w, "unit", key->unit);
        zd_jw_cstr(w, "role", key->role);
        if (officer) {
            zd_jw_cstr(w, "jurisdictions", "all");
        }
        zd_jw_close(w);
    } else {
        zd_error_subject(err, zd_span_text(key->path));
    }
    zd_buf_free(&file);
    return status;
}

static zd_status genesis_note(zd_buf *note, zd_cli *cli, const char *origin, int64_t threshold, const genesis_key *keys, size_t count)
{
    zd_buf text = {0};
    zd_signer *signer = NULL;
    char expires[ZD_TIME_TEXT];
    char full[ZD_NOTE_NAME_MAX];
    zd_clock clock = cli->ledger_options.clock;
    zd_time_text(expires, clock.now_unix_ms(clock.context) + ZD_DAY_MS);
    zd_format(full, sizeof full, "%s/%s", origin, keys[0].name);
    zd_jw w = zd_jw_begin(&text);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "type", "genesis");
    zd_jw_int(&w, "v", 1);
    zd_jw_cstr(&w, "ledger", origin);
    zd_jw_cstr(&w, "id", "genesis");
    zd_jw_cstr(&w, "expires", expires);
    zd_jw_int(&w, "threshold", threshold);
    zd_jw_array(&w, "items");
    zd_status status = ZD_OK;
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        status = add_key(&w, &keys[i], &cli->error);
    }
    if (status == ZD_OK) {
        zd_jw_close(&w);
        zd_jw_close(&w);
        zd_buf_add_byte(&text, '\n');
        status = zd_cli_signer(&signer, cli);
    }
    if (status == ZD_OK) {
        status = zd_signer_note(note, signer, full, zd_buf_span(&text), &cli->error);
    }
    zd_signer_close(signer);
    zd_buf_free(&text);
    return status;
}

zd_status zd_cmd_init(zd_cli *cli, const zd_command *command)
{
    (void)command;
    const char *origin = NULL;
    const char *keys_path = NULL;
    const char *threshold_text = zd_cli_option(cli, "threshold");
    genesis_key keys[KEYS_MAX];
    size_t count = 0;
    zd_buf note = {0};
    zd_hash fingerprint;
    zd_status status = zd_cli_need(&origin, cli, "origin");
    status = status == ZD_OK ? zd_cli_need(&keys_path, cli, "keys") : status;
    if (status == ZD_OK && cli->dir == NULL) {
        status = zd_cli_usage(cli, "--ledger DIR names where the ledger goes / 请用 --ledger 指定账本目录");
    }
    if (status == ZD_OK) {
        status = read_keys(keys, &count, keys_path, &cli->error);
    }
    if (status == ZD_OK && (count == 0 || strcmp(keys[0].role, "root") != 0)) {
        status = zd_cli_usage(cli, "the first key of the list signs the genesis: it must be a root key / 列表首个密钥须为根密钥");
    }
    int64_t threshold = threshold_text != NULL && threshold_text[0] >= '1' && threshold_text[0] <= '9' && threshold_text[1] == '\0' ? threshold_text[0] - '0' : 1;
    if (status == ZD_OK) {
        status = genesis_note(&note, cli, origin, threshold, keys, count);
    }
    if (status == ZD_OK) {
        status = zd_ledger_create(&fingerprint, cli->dir, zd_buf_span(&note), &cli->ledger_options, &cli->error);
    }
    if (status == ZD_OK) {
        char hex[ZD_HASH_HEX];
        zd_hash_hex(hex, &fingerprint);
        (void)fprintf(cli->out, "%s\n", hex);
        (void)fprintf(cli->talk, "%s\n", cli->chinese ? "以上为创世指纹，请书面交给审计方：它是验证的锚点。" : "This fingerprint anchors every verifier: hand it to auditors on paper.");
    }
    zd_buf_free(&note);
    return status;
}
