/* log publish, show, proof, checkpoint; request sign, submit, show; second: the log's own side and the general door for notes. */
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "ledger/base/durable.h"

#define NOTES_FILE_MAX (64U << 20)

zd_status zd_cmd_log_publish(zd_cli *cli, const zd_command *command)
{
    (void)command;
    uint64_t size = 0;
    zd_status status = zd_cli_publish(cli, &size);
    if (status == ZD_OK) {
        (void)fprintf(cli->talk, cli->chinese ? "已发布检查点：%llu 条\n" : "published a checkpoint of %llu entries\n", (unsigned long long)size);
    }
    return status;
}

static zd_status parse_number(uint64_t *out, const char *text)
{
    *out = 0;
    if (text == NULL || text[0] == '\0') {
        return ZD_USAGE;
    }
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || *out > UINT64_MAX / 100) {
            return ZD_USAGE;
        }
        *out = *out * 10 + (uint64_t)(*c - '0');
    }
    return ZD_OK;
}

static zd_status print_leaf(void *context, uint64_t index, zd_span bytes, const uint8_t hash[ZD_STORE_HASH])
{
    (void)index;
    (void)hash;
    return fwrite(bytes.data, 1, bytes.size, context) == bytes.size ? ZD_OK : ZD_FAULT;
}

zd_status zd_cmd_log_show(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    uint64_t from = 0;
    uint64_t to = 0;
    if (cli->word_count == 0 || parse_number(&from, cli->words[0]) != ZD_OK || (cli->word_count > 1 && parse_number(&to, cli->words[1]) != ZD_OK)) {
        return zd_cli_usage(cli, "zhidui log show ENTRY [BEFORE]");
    }
    zd_status status = zd_cli_open(&ledger, cli, false);
    if (status == ZD_OK) {
        status = zd_ledger_leaves(ledger, from, to > from ? to : from + 1, print_leaf, cli->out, &cli->error);
    }
    (void)zd_ledger_close(ledger, NULL);
    return status;
}

zd_status zd_cmd_log_proof(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_buf proof = {0};
    uint64_t seq = 0;
    if (cli->word_count == 0 || parse_number(&seq, cli->words[0]) != ZD_OK) {
        return zd_cli_usage(cli, "zhidui log proof ENTRY");
    }
    zd_status status = zd_cli_open(&ledger, cli, false);
    if (status == ZD_OK) {
        status = zd_ledger_proof(&proof, ledger, seq, &cli->error);
    }
    if (status == ZD_OK) {
        (void)fwrite(proof.data, 1, proof.size, cli->out);
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_buf_free(&proof);
    return status;
}

zd_status zd_cmd_log_checkpoint(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_buf path = {0};
    zd_buf note = {0};
    zd_status status = cli->dir != NULL ? ZD_OK : zd_cli_usage(cli, "--ledger DIR");
    if (status == ZD_OK) {
        status = zd_file_read(&note, zd_path_join(&path, cli->dir, "public/checkpoint"), 65536, &cli->error);
    }
    if (status == ZD_OK) {
        (void)fwrite(note.data, 1, note.size, cli->out);
    }
    zd_buf_free(&path);
    zd_buf_free(&note);
    return status;
}

/* request sign: a body {"type":…,"id":…,…members} from a file becomes a note; header fields that it lacks are added by zd_cli_sign. */
zd_status zd_cmd_request_sign(zd_cli *cli, const zd_command *command)
{
    (void)command;
    const char *type = NULL;
    const char *id = NULL;
    const char *body = zd_cli_option(cli, "body");
    zd_ledger *ledger = NULL;
    zd_signer *signer = NULL;
    zd_buf file = {0};
    zd_buf note = {0};
    zd_status status = zd_cli_need(&type, cli, "type");
    status = status == ZD_OK ? zd_cli_need(&id, cli, "id") : status;
    status = status == ZD_OK && body != NULL ? zd_file_read(&file, body, ZD_REQUEST_TEXT_MAX, &cli->error) : status;
    status = status == ZD_OK ? zd_cli_signer(&signer, cli) : status;
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, false) : status;
    while (file.size > 0 && (file.data[file.size - 1] == '\n' || file.data[file.size - 1] == ' ')) {
        file.size--;
    }
    if (status == ZD_OK && file.size > 0 && (file.data[0] != '{' || file.data[file.size - 1] != '}')) {
        status = zd_cli_usage(cli, "--body FILE holds one JSON object with the fields / --body 文件须为一个 JSON 对象");
    }
    if (status == ZD_OK) {
        zd_span members = file.size > 2 ? zd_span_of(file.data + 1, file.size - 2) : zd_span_of(NULL, 0);
        status = zd_cli_sign(&note, ledger, signer, type, id, zd_ledger_now(ledger) + 7 * ZD_DAY_MS, members, &cli->error);
    }
    if (status == ZD_OK) {
        (void)fwrite(note.data, 1, note.size, cli->out);
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_signer_close(signer);
    zd_buf_free(&file);
    zd_buf_free(&note);
    return status;
}

static zd_status read_input(zd_buf *out, zd_cli *cli)
{
    if (cli->word_count > 0 && strcmp(cli->words[0], "-") != 0) {
        return zd_file_read(out, cli->words[0], NOTES_FILE_MAX, &cli->error);
    }
    for (;;) {
        uint8_t *to = zd_buf_reserve(out, 65536);
        size_t got = fread(to, 1, 65536, stdin);
        out->size += got;
        if (got == 0 || out->size > NOTES_FILE_MAX) {
            return out->size <= NOTES_FILE_MAX ? ZD_OK : zd_fail(&cli->error, ZD_E_FILE_TOO_LARGE, "stdin");
        }
    }
}

/* Cuts a file of notes, one after the other: each starts with the line of its text and ends with its signature line. */
static size_t cut_notes(zd_span **out, zd_span all)
{
    size_t count = 0;
    size_t capacity = 0;
    size_t start = 0;
    *out = NULL;
    for (size_t i = 0; i < all.size; i++) {
        bool signature_end = all.data[i] == '\n' && i + 1 < all.size && all.data[i + 1] == '{';
        if (signature_end || i + 1 == all.size) {
            if (count == capacity) {
                capacity = capacity == 0 ? 16 : capacity * 2;
                *out = zd_realloc(*out, capacity * sizeof **out);
            }
            (*out)[count++] = zd_span_of(all.data + start, i + 1 - start);
            start = i + 1;
        }
    }
    return count;
}

zd_status zd_cmd_request_submit(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_buf input = {0};
    zd_span *notes = NULL;
    zd_result *results = NULL;
    size_t count = 0;
    zd_status status = read_input(&input, cli);
    if (status == ZD_OK) {
        count = cut_notes(&notes, zd_buf_span(&input));
        status = count > 0 ? zd_cli_open(&ledger, cli, true) : zd_fail(&cli->error, ZD_E_NOTE_MALFORMED, "no note in the input");
    }
    if (status == ZD_OK) {
        results = zd_alloc_zero(count, sizeof *results);
        status = zd_ledger_submit(ledger, results, notes, count, NULL, NULL, &cli->error);
        bool fault = status != ZD_OK; /* said once, at the end; every note that it kept out carries the same error */
        for (size_t i = 0; i < count; i++) {
            zd_cli_earlier(cli, ledger, notes[i], &results[i]);
            if (results[i].status == ZD_OK) {
                zd_cli_print_result(cli, &results[i]);
                zd_cli_refusal(cli, ledger, &results[i]);
                status = status == ZD_OK && results[i].outcome == ZD_REFUSED_BY_RULE ? ZD_REFUSED : status;
            } else if (!fault) {
                zd_cli_print_error(cli, &results[i].error);
                status = status == ZD_OK || status == ZD_REFUSED ? results[i].status : status;
            }
        }
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_buf_free(&input);
    free(notes);
    free(results);
    return status;
}

zd_status zd_cmd_request_show(zd_cli *cli, const zd_command *command)
{
    return zd_cmd_log_show(cli, command);
}

/* second FILE|HASH: confirms what another officer proposed, by the hash of its text or by the note itself. */
zd_status zd_cmd_second(zd_cli *cli, const zd_command *command)
{
    (void)command;
    zd_ledger *ledger = NULL;
    zd_signer *signer = NULL;
    zd_hash hash;
    char hex[ZD_HASH_HEX];
    char id[ZD_ID_SIZE];
    char members[120];
    zd_buf file = {0};
    zd_status status = cli->word_count > 0 ? ZD_OK : zd_cli_usage(cli, "zhidui second SHA256|NOTE-FILE");
    if (status == ZD_OK && !zd_hash_from_hex(&hash, zd_span_text(cli->words[0]))) {
        zd_note note;
        status = zd_file_read(&file, cli->words[0], 131072, &cli->error);
        status = status == ZD_OK ? zd_note_split(&note, zd_buf_span(&file), &cli->error) : status;
        hash = status == ZD_OK ? zd_sha256(note.text) : (zd_hash){{0}};
    }
    status = status == ZD_OK ? zd_cli_signer(&signer, cli) : status;
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, true) : status;
    status = status == ZD_OK ? zd_cli_random_id(id, "s") : status;
    if (status == ZD_OK) {
        zd_hash_hex(hex, &hash);
        zd_format(members, sizeof members, "\"of_sha256\":\"%s\"", hex);
        status = zd_cli_submit(cli, ledger, signer, "second", id, zd_span_text(members), NULL);
    }
    (void)zd_ledger_close(ledger, NULL);
    zd_signer_close(signer);
    zd_buf_free(&file);
    return status;
}
