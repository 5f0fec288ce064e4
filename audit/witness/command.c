/* The program zhidui-witness: commands, options, exit statuses (0 done, 1 refused, 2 usage, 3 malformed, 4 fault, 5 no memory to go on from). */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/witness/witness.h"
#include "ledger/base/durable.h"

#define LISTEN_DEFAULT "127.0.0.1:0"
#define LOGS_FILE_MAX 65536

typedef struct witness_run {
    const char *state;
    const char *key;
    const char *name;
    const char *listen;
    const char *port_file;
    const char *logs_file;
    const char *logs[ZD_WITNESS_LOGS];
    size_t log_count;
    const char *word;
    bool fresh;
    bool chinese;
    zd_error error;
} witness_run;

typedef zd_status witness_command(witness_run *run);
typedef struct command {
    const char *name;
    witness_command *run;
    const char *usage;
    const char *english;
    const char *chinese;
} command;

static witness_command run_cosign;
static witness_command run_help;
static witness_command run_serve;
static witness_command run_show;
static witness_command run_vkey;

#define OFFICE "--state FILE [--new] --key FILE|agent:FINGERPRINT --name NAME --log VKEY|--logs FILE"
static const command commands[] = {
    {"cosign", run_cosign, "FILE|DIR " OFFICE, "answer requests that came as files (*" ZD_DROP_REQUEST_SUFFIX ")", "处理以文件传来的联署请求（*" ZD_DROP_REQUEST_SUFFIX "）"},
    {"help", run_help, "", "this text", "本说明"},
    {"serve", run_serve, OFFICE " [--listen ADDRESS:PORT] [--port-file FILE]", "answer over HTTP (127.0.0.1 unless told otherwise)", "经 HTTP 应答（默认仅 127.0.0.1）"},
    {"show", run_show, "--state FILE", "the heads that were cosigned", "已联署的各日志最新检查点"},
    {"vkey", run_vkey, "--key FILE|agent:FINGERPRINT --name NAME", "the verifier key for policy files", "供策略文件使用的验证公钥"},
};

static zd_status usage(witness_run *run, const char *english, const char *chinese)
{
    return zd_fail(&run->error, ZD_E_USAGE, "%s / %s", run->chinese ? chinese : english, run->chinese ? english : chinese);
}

static zd_status run_help(witness_run *run)
{
    (void)printf(run->chinese ? "zhidui-witness：见证人。只联署前后一致的检查点，状态保存在一个文件中。\n\n"
                              : "zhidui-witness: a witness. It cosigns heads of known logs that continue each other, and keeps its memory in one file.\n\n");
    for (size_t i = 0; i < ZD_COUNT(commands); i++) {
        (void)printf("  zhidui-witness %s %s\n      %s\n", commands[i].name, commands[i].usage, run->chinese ? commands[i].chinese : commands[i].english);
    }
    return ZD_OK;
}

/* One vkey a line, '#' comments. */
static zd_status know_file(zd_witness_office *office, const char *path, zd_error *err)
{
    zd_buf text = {0};
    zd_status status = zd_file_read(&text, path, LOGS_FILE_MAX, err);
    zd_span rest = zd_buf_span(&text);
    for (int64_t number = 1; status == ZD_OK && rest.size > 0; number++) {
        zd_span line;
        rest = zd_span_cut(&line, rest, '\n');
        if (line.size > 0 && line.data[0] != '#') {
            status = zd_witness_know(office, line, err);
            if (status != ZD_OK) {
                zd_error_at(err, number, 0);
            }
        }
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(path));
    }
    zd_buf_free(&text);
    return status;
}

static zd_status open_self(zd_witness_office *office, zd_signer **signer, witness_run *run)
{
    if (run->key == NULL || run->name == NULL) {
        return usage(run, "--key and --name say who this witness is", "须给出 --key 与 --name");
    }
    zd_buf vkey = {0};
    zd_status status = zd_signer_open(signer, run->key, &run->error);
    if (status == ZD_OK) {
        office->signer = *signer;
        zd_vkey_add(&vkey, zd_span_text(run->name), ZD_NOTE_TYPE_COSIGNATURE, zd_signer_public(*signer));
        status = zd_witness_parse(&office->self, zd_buf_span(&vkey), &run->error); /* refuses a name that no note may carry */
    }
    zd_buf_free(&vkey);
    return status;
}

static zd_status open_office(zd_witness_office *office, zd_signer **signer, witness_run *run)
{
    office->clock = zd_clock_system();
    zd_status status = open_self(office, signer, run);
    for (size_t i = 0; i < run->log_count && status == ZD_OK; i++) {
        status = zd_witness_know(office, zd_span_text(run->logs[i]), &run->error);
    }
    if (status == ZD_OK && run->logs_file != NULL) {
        status = know_file(office, run->logs_file, &run->error);
    }
    if (status == ZD_OK && (office->log_count == 0 || run->state == NULL)) {
        status = usage(run, "--state and at least one --log", "须给出 --state 与至少一个 --log");
    }
    return status == ZD_OK ? zd_witness_state_open(&office->state, run->state, run->fresh, &run->error) : status;
}

static zd_status run_cosign(witness_run *run)
{
    zd_witness_office *office = zd_alloc_zero(1, sizeof *office);
    zd_signer *signer = NULL;
    size_t answered = 0;
    size_t refused = 0;
    zd_status status = run->word != NULL ? ZD_OK : usage(run, "name a request or a directory", "请指定请求文件或目录");
    status = status == ZD_OK ? open_office(office, &signer, run) : status;
    status = status == ZD_OK ? zd_witness_cosign_files(&answered, &refused, office, run->word, &run->error) : status;
    if (status == ZD_OK) {
        (void)printf(run->chinese ? "已联署 %zu 个，拒绝 %zu 个\n" : "cosigned %zu, refused %zu\n", answered, refused);
        status = refused > 0 ? ZD_REFUSED : ZD_OK;
    }
    zd_witness_state_close(office->state);
    zd_signer_close(signer);
    free(office);
    return status;
}

static zd_status write_port(const char *path, unsigned port, zd_error *err)
{
    zd_buf text = {0};
    zd_buf_addf(&text, "%u\n", port);
    zd_status status = path != NULL ? zd_file_write(path, zd_buf_span(&text), 0644, err) : ZD_OK;
    zd_buf_free(&text);
    return status;
}

static zd_status run_serve(witness_run *run)
{
    zd_witness_office *office = zd_alloc_zero(1, sizeof *office);
    zd_signer *signer = NULL;
    zd_witness_server *server = NULL;
    unsigned port = 0;
    sigset_t ends;
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &ends, NULL); /* before the server's thread, which inherits it */
    (void)signal(SIGPIPE, SIG_IGN);
    zd_status status = open_office(office, &signer, run);
    status = status == ZD_OK ? zd_witness_serve(&server, &port, office, run->listen != NULL ? run->listen : LISTEN_DEFAULT, &run->error) : status;
    status = status == ZD_OK ? write_port(run->port_file, port, &run->error) : status;
    if (status == ZD_OK) {
        int received = 0;
        (void)fprintf(stderr, run->chinese ? "见证人 %s 在端口 %u 应答，已知 %zu 个日志密钥\n" : "witness %s answers on port %u, %zu log keys known\n", run->name, port,
                      office->log_count);
        (void)sigwait(&ends, &received);
    }
    zd_witness_stop(server);
    zd_witness_state_close(office->state);
    zd_signer_close(signer);
    free(office);
    return status;
}

static zd_status run_show(witness_run *run)
{
    zd_witness_state *state = NULL;
    zd_status status = run->state != NULL ? ZD_OK : usage(run, "--state FILE", "须给出 --state");
    status = status == ZD_OK ? zd_witness_state_open(&state, run->state, false, &run->error) : status;
    for (size_t i = 0; status == ZD_OK && i < zd_witness_state_count(state); i++) {
        zd_span note = zd_witness_state_at(state, i);
        (void)fwrite(note.data, 1, note.size, stdout);
    }
    zd_witness_state_close(state);
    return status;
}

static zd_status run_vkey(witness_run *run)
{
    zd_witness_office *office = zd_alloc_zero(1, sizeof *office);
    zd_signer *signer = NULL;
    zd_buf vkey = {0};
    zd_status status = open_self(office, &signer, run);
    if (status == ZD_OK) {
        zd_vkey_add(&vkey, zd_span_text(run->name), ZD_NOTE_TYPE_COSIGNATURE, &office->self.key);
        (void)printf("%s\n", zd_buf_text(&vkey));
    }
    zd_buf_free(&vkey);
    zd_signer_close(signer);
    free(office);
    return status;
}

/* --- argv --- */

static bool speaks_chinese(void)
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

static const char **option_place(witness_run *run, const char *name)
{
    const struct {
        const char *name;
        const char **place;
    } options[] = {{"--state", &run->state},   {"--key", &run->key},   {"--name", &run->name}, {"--listen", &run->listen}, {"--port-file", &run->port_file},
                   {"--logs", &run->logs_file}};
    for (size_t i = 0; i < ZD_COUNT(options); i++) {
        if (strcmp(name, options[i].name) == 0) {
            return *options[i].place == NULL ? options[i].place : NULL;
        }
    }
    return strcmp(name, "--log") == 0 && run->log_count < ZD_COUNT(run->logs) ? &run->logs[run->log_count++] : NULL;
}

static zd_status parse(witness_run *run, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        const char **place = strncmp(argv[i], "--", 2) == 0 && i + 1 < argc ? option_place(run, argv[i]) : NULL;
        if (strcmp(argv[i], "--new") == 0) {
            run->fresh = true;
        } else if (place != NULL) {
            *place = argv[++i];
        } else if (strncmp(argv[i], "--", 2) != 0 && run->word == NULL) {
            run->word = argv[i];
        } else {
            zd_status status = usage(run, "an option that is unknown, twice, or lacks its value", "选项未知、重复或缺少取值");
            zd_error_field(&run->error, "option", zd_span_text(argv[i]));
            return status;
        }
    }
    return ZD_OK;
}

int zd_witness_main(int argc, char **argv)
{
    witness_run run = {.chinese = speaks_chinese()};
    const char *name = argc > 1 ? argv[1] : "";
    const command *found = NULL;
    for (size_t i = 0; i < ZD_COUNT(commands); i++) {
        found = strcmp(name, commands[i].name) == 0 || (strcmp(name, "--help") == 0 && commands[i].run == run_help) ? &commands[i] : found;
    }
    zd_status status = found != NULL ? parse(&run, argc, argv) : usage(&run, "zhidui-witness help shows the commands", "请用 zhidui-witness help 查看命令");
    status = status == ZD_OK ? found->run(&run) : status;
    if (run.error.code != ZD_CODE_NONE) {
        zd_buf line = {0};
        zd_error_print(&line, &run.error, run.chinese);
        (void)fprintf(stderr, "zhidui-witness: %s\n  %s\n", zd_buf_text(&line), run.chinese ? zd_code_english(run.error.code) : zd_code_chinese(run.error.code));
        zd_buf_free(&line);
    }
    return (int)status;
}
