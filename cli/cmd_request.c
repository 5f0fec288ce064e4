/*
 * Every act of requests.def as a command: options become the fields of its schema, the text is built, signed with --key and submitted. One command for all, so
 * that a new request type needs a row in the table and no code.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/base/money.h"

static zd_status parse_int(int64_t *out, const char *text, zd_error *err)
{
    zd_json *json = NULL;
    zd_status status = zd_json_parse(&json, zd_span_text(text), false, err);
    if (status == ZD_OK && zd_jval_kind(zd_json_root(json)) != ZD_J_INT) {
        status = zd_fail(err, ZD_E_JSON_TYPE, "a whole number");
    } else if (status == ZD_OK) {
        *out = zd_jval_int(zd_json_root(json));
    }
    zd_json_free(json);
    return status;
}

static zd_status write_number(zd_jw *w, zd_field field, const char *text, bool yuan, zd_error *err)
{
    int64_t number = 0;
    zd_value checked;
    zd_status status = yuan ? zd_fen_parse(&number, zd_span_text(text), err) : parse_int(&number, text, err);
    if (status == ZD_OK) {
        status = zd_field_check_int(&checked, field, number, err);
    }
    if (status == ZD_OK) {
        zd_jw_int(w, zd_field_name(field), number);
    }
    return status;
}

/* The policy object comes from a file; its bytes stand on the one line of the request. */
static zd_status write_policy(zd_jw *w, const char *path, zd_error *err)
{
    zd_buf file = {0};
    zd_json *json = NULL;
    zd_status status = zd_file_read(&file, path, ZD_REQUEST_TEXT_MAX, err);
    if (status == ZD_OK) {
        status = zd_json_parse(&json, zd_buf_span(&file), true, err);
        zd_error_subject(err, zd_span_text(status != ZD_OK ? path : ""));
    }
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] = file.data[i] == '\n' || file.data[i] == '\r' || file.data[i] == '\t' ? ' ' : file.data[i];
    }
    if (status == ZD_OK) {
        size_t size = file.size;
        while (size > 0 && file.data[size - 1] == ' ') {
            size--;
        }
        zd_jw_raw(w, "policy", zd_span_of(file.data, size));
    }
    zd_json_free(json);
    zd_buf_free(&file);
    return status;
}

static zd_status write_field(zd_jw *w, zd_field field, const char *text, bool yuan, zd_error *err)
{
    zd_value checked;
    zd_status status = ZD_OK;
    switch (zd_field_kind_of(field)) {
    case ZD_KIND_FEN:
        return write_number(w, field, text, yuan, err);
    case ZD_KIND_INT:
        return write_number(w, field, text, false, err);
    case ZD_KIND_BOOL:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
            status = zd_fail(err, ZD_E_FIELD_INVALID, "true or false");
            zd_error_field(err, zd_field_name(field), zd_span_text(text));
            return status;
        }
        zd_jw_bool(w, zd_field_name(field), strcmp(text, "true") == 0);
        return ZD_OK;
    case ZD_KIND_POLICY:
        return write_policy(w, text, err);
    case ZD_KIND_ITEMS:
        return zd_fail(err, ZD_E_USAGE, "batches are made by import or request sign");
    case ZD_KIND_ID:
    case ZD_KIND_SERIAL:
    case ZD_KIND_KEYNAME:
    case ZD_KIND_SUBJECT:
    case ZD_KIND_TAGS:
    case ZD_KIND_LABEL:
    case ZD_KIND_DATE:
    case ZD_KIND_TIME:
    case ZD_KIND_HASH:
    case ZD_KIND_WORD:
        break;
    }
    if (!zd_span_is_utf8(zd_span_text(text))) {
        return zd_fail(err, ZD_E_TEXT_NOT_UTF8, "%s", zd_field_name(field));
    }
    status = zd_field_check_text(&checked, field, zd_span_text(text), err);
    if (status == ZD_OK) {
        zd_jw_cstr(w, zd_field_name(field), text);
    }
    return status;
}

/* Builds the body's members from the options; missing required ones are a usage error that names the option. */
static zd_status build_members(zd_buf *out, zd_cli *cli, zd_request_type type)
{
    zd_buf object = {0};
    zd_jw w = zd_jw_begin(&object);
    zd_status status = ZD_OK;
    zd_jw_object(&w, NULL);
    for (int i = 0; i < ZD_F__COUNT && status == ZD_OK; i++) {
        zd_field field = (zd_field)i;
        bool required = false;
        char name[64];
        if (!zd_request_has(type, field, &required)) {
            continue;
        }
        zd_cli_field_option(name, field, true);
        bool yuan = zd_field_kind_of(field) == ZD_KIND_FEN;
        const char *value = zd_cli_option(cli, name);
        if (value == NULL && yuan) {
            zd_cli_field_option(name, field, false);
            value = zd_cli_option(cli, name);
            yuan = false;
        }
        if (value != NULL) {
            status = write_field(&w, field, value, yuan, &cli->error);
        } else if (required) {
            zd_cli_field_option(name, field, true);
            status = zd_fail(&cli->error, ZD_E_USAGE, "--%s is needed / 缺少 --%s", name, name);
        }
    }
    zd_jw_close(&w);
    if (status == ZD_OK && object.size > 2) {
        zd_buf_add(out, object.data + 1, object.size - 2);
    }
    zd_buf_free(&object);
    return status;
}

/* A mistyped option is named before the one that it was meant to be is missed. */
static zd_status unknown_option(zd_cli *cli, zd_request_type type)
{
    for (int i = 0; i < ZD_F__COUNT; i++) {
        char name[64];
        bool required = false;
        if (zd_request_has(type, (zd_field)i, &required)) {
            zd_cli_field_option(name, (zd_field)i, true);
            (void)zd_cli_option(cli, name);
            zd_cli_field_option(name, (zd_field)i, false);
            (void)zd_cli_option(cli, name);
        }
    }
    for (size_t i = 0; i < cli->option_count; i++) {
        if (!cli->options[i].used) {
            zd_status status = zd_fail(&cli->error, ZD_E_USAGE, "this request has no such field / 该请求没有此字段");
            zd_error_field(&cli->error, cli->options[i].name, zd_span_text(cli->options[i].value));
            return status;
        }
    }
    return ZD_OK;
}

zd_status zd_cmd_request(zd_cli *cli, const zd_command *command)
{
    zd_request_type type = (zd_request_type)command->request;
    zd_ledger *ledger = NULL;
    zd_signer *signer = NULL;
    zd_buf members = {0};
    char id[ZD_ID_SIZE];
    const char *given = zd_cli_option(cli, "id");
    (void)zd_cli_option(cli, "expires");
    (void)zd_cli_switch(cli, "dry-run");
    zd_status status = unknown_option(cli, type);
    if (status == ZD_OK) {
        status = build_members(&members, cli, type);
    }
    if (status == ZD_OK) {
        status = zd_cli_random_id(id, "c");
    }
    if (status == ZD_OK) {
        status = zd_cli_signer(&signer, cli);
    }
    if (status == ZD_OK) {
        status = zd_cli_open(&ledger, cli, true);
    }
    if (status == ZD_OK) {
        status = zd_cli_submit(cli, ledger, signer, zd_request_name(type), given != NULL ? given : id, zd_buf_span(&members), NULL);
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_signer_close(signer);
    zd_buf_free(&members);
    return status;
}
