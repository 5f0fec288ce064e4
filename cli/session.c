/* What most commands need: the open ledger, the signer, signed requests. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "cli/command.h"
#include "ledger/base/durable.h"
#include "ledger/engine/cosign.h"

#define EXPIRES_DAYS 7
/* How often, and how long in all, a command that writes in several steps waits for another process that is writing. */
#define TRIES_MAX 500
#define WAIT_NS 20000000

zd_status zd_cli_open(zd_ledger **out, zd_cli *cli, bool write)
{
    if (cli->dir == NULL) {
        return zd_cli_usage(cli, "--ledger DIR or ZHIDUI_LEDGER names the ledger / 请用 --ledger 或 ZHIDUI_LEDGER 指定账本");
    }
    return zd_ledger_open(out, cli->dir, write, &cli->ledger_options, &cli->error);
}

zd_status zd_cli_open_in_turn(zd_ledger **out, zd_cli *cli)
{
    zd_status status = zd_cli_open(out, cli, true);
    for (int tries = 0; status != ZD_OK && cli->error.code == ZD_E_LEDGER_LOCKED && tries < TRIES_MAX; tries++) {
        const struct timespec pause = {.tv_nsec = WAIT_NS};
        (void)nanosleep(&pause, NULL);
        zd_error_clear(&cli->error);
        status = zd_cli_open(out, cli, true);
    }
    return status;
}

const char *zd_cli_settle_data(zd_cli *cli)
{
    const char *given = zd_cli_option(cli, "data");
    return given != NULL ? given : zd_path_exists(ZD_CHECKOUT_DATA) ? ZD_CHECKOUT_DATA : ZD_INSTALLED_DATA;
}

zd_status zd_cli_signer(zd_signer **out, zd_cli *cli)
{
    if (cli->key == NULL) {
        return zd_cli_usage(cli, "--key FILE or agent:FINGERPRINT signs the request / 请用 --key 指定签名密钥");
    }
    return zd_signer_open(out, cli->key, &cli->error);
}

const zd_rec_key *zd_cli_key_record(zd_ledger *ledger, const zd_signer *signer)
{
    const zd_rec_key *best = NULL;
    zd_book *book = zd_acts_book(zd_ledger_acts(ledger));
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_KEY, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        bool same = memcmp(key->public_key.bytes, zd_signer_public(signer)->bytes, ZD_HASH_SIZE) == 0;
        if (same && (best == NULL || key->granted_seq > best->granted_seq)) {
            best = key;
        }
    }
    return best;
}

zd_status zd_cli_key_name(char out[101], zd_ledger *ledger, const zd_signer *signer, zd_error *err)
{
    const zd_rec_key *best = zd_cli_key_record(ledger, signer);
    zd_status status = zd_book_trouble(zd_acts_book(zd_ledger_acts(ledger)), err);
    if (status == ZD_OK && best == NULL) {
        status = zd_fail(err, ZD_E_KEY_UNKNOWN, "this key was never granted");
    } else if (status == ZD_OK) {
        zd_format(out, 101, "%s", best->name);
    }
    return status;
}

zd_status zd_cli_sign_text(zd_buf *note, const char *origin, const char *key_name, const zd_signer *signer, zd_span text, zd_error *err)
{
    char full[ZD_NOTE_NAME_MAX];
    zd_format(full, sizeof full, "%s/%s", origin, key_name);
    if (text.size > ZD_REQUEST_TEXT_MAX) {
        return zd_fail(err, ZD_E_NOTE_TOO_LARGE, "%zu bytes", text.size);
    }
    return zd_signer_note(note, signer, full, text, err);
}

zd_status zd_cli_random_id(char out[ZD_ID_SIZE], const char *prefix)
{
    uint8_t random[8];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return ZD_FAULT;
    }
    zd_format(out, ZD_ID_SIZE, "%s-%02x%02x%02x%02x%02x%02x%02x%02x", prefix, random[0], random[1], random[2], random[3], random[4], random[5], random[6],
              random[7]);
    return ZD_OK;
}

zd_status zd_cli_sign(zd_buf *note, zd_ledger *ledger, const zd_signer *signer, const char *type, const char *id, int64_t expires_unix_ms, zd_span members,
                      zd_error *err)
{
    char name[101];
    char expires[ZD_TIME_TEXT];
    zd_buf text = {0};
    zd_status status = zd_cli_key_name(name, ledger, signer, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_time_text(expires, expires_unix_ms);
    zd_jw w = zd_jw_begin(&text);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "type", type);
    zd_jw_int(&w, "v", 1);
    zd_jw_cstr(&w, "ledger", zd_ledger_origin(ledger));
    zd_jw_cstr(&w, "id", id);
    zd_jw_cstr(&w, "expires", expires);
    if (members.size > 0) {
        zd_buf_add_byte(&text, ',');
        zd_buf_add_span(&text, members);
    }
    zd_jw_close(&w);
    zd_buf_add_byte(&text, '\n');
    status = zd_cli_sign_text(note, zd_ledger_origin(ledger), name, signer, zd_buf_span(&text), err);
    zd_buf_free(&text);
    return status;
}

static zd_status expiry(int64_t *out, zd_cli *cli, zd_ledger *ledger)
{
    const char *days = zd_cli_option(cli, "expires");
    int64_t count = days == NULL ? EXPIRES_DAYS : 0;
    for (const char *c = days; c != NULL && *c != '\0'; c++) {
        count = *c >= '0' && *c <= '9' && count < 100 ? count * 10 + (*c - '0') : 100;
    }
    if (count < 1 || count > 30) {
        return zd_cli_usage(cli, "--expires takes 1 to 30 days / --expires 取 1 到 30 天");
    }
    *out = zd_ledger_now(ledger) + count * ZD_DAY_MS;
    return ZD_OK;
}

zd_status zd_cli_submit(zd_cli *cli, zd_ledger *ledger, const zd_signer *signer, const char *type, const char *id, zd_span members, zd_result *out)
{
    zd_buf note = {0};
    zd_result result = {0};
    int64_t expires = 0;
    zd_status status = expiry(&expires, cli, ledger);
    if (status == ZD_OK) {
        status = zd_cli_sign(&note, ledger, signer, type, id, expires, members, &cli->error);
    }
    if (status == ZD_OK && zd_cli_switch(cli, "dry-run")) {
        (void)fwrite(note.data, 1, note.size, cli->out);
    } else if (status == ZD_OK) {
        zd_span span = zd_buf_span(&note);
        status = zd_ledger_submit(ledger, &result, &span, 1, NULL, NULL, &cli->error);
        zd_cli_earlier(cli, ledger, span, &result);
        if (status == ZD_OK && result.status != ZD_OK) {
            cli->error = result.error;
            status = result.status;
        }
        if (status == ZD_OK) {
            zd_cli_print_result(cli, &result);
            zd_cli_refusal(cli, ledger, &result);
            status = result.outcome == ZD_REFUSED_BY_RULE ? ZD_REFUSED : ZD_OK;
        }
    }
    if (out != NULL) {
        *out = result;
    }
    zd_buf_free(&note);
    return status;
}

static bool small_number(int64_t *out, const char *text)
{
    *out = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < '0' || *c > '9' || *out > 99999) {
            return false;
        }
        *out = *out * 10 + (*c - '0');
    }
    return text[0] != '\0' && *out > 0;
}

static zd_status witness_options(zd_publisher *publisher, zd_cli *cli)
{
    const char *hours = zd_cli_option(cli, "refresh-hours");
    const char *seconds = zd_cli_option(cli, "witness-timeout");
    int64_t number = 0;
    if (hours != NULL && !small_number(&number, hours)) {
        return zd_cli_usage(cli, "--refresh-hours takes a number of hours / --refresh-hours 取小时数");
    }
    publisher->refresh_after_s = hours != NULL ? number * 3600 : 0;
    if (seconds != NULL && !small_number(&number, seconds)) {
        return zd_cli_usage(cli, "--witness-timeout takes a number of seconds / --witness-timeout 取秒数");
    }
    publisher->witness_timeout_ms = seconds != NULL ? (long)number * 1000 : 0;
    return ZD_OK;
}

/* What the witnesses said: talk, not data. */
static void print_witnesses(zd_cli *cli, const zd_cosign_report *report)
{
    for (size_t i = 0; i < report->row_count; i++) {
        const zd_cosign_row *row = &report->rows[i];
        char time[ZD_TIME_TEXT] = "-";
        if (row->cosigned) {
            zd_time_text(time, row->time_unix_s * 1000);
        }
        (void)fprintf(cli->talk, cli->chinese ? "见证人 %s：%s %s%s%s\n" : "witness %s: %s %s%s%s\n", row->name,
                      row->cosigned ? (cli->chinese ? "已联署" : "cosigned at") : (cli->chinese ? "未联署" : "has not cosigned"), time,
                      row->trouble[0] != '\0' ? "; " : "", row->trouble);
    }
    if (report->configured) {
        (void)fprintf(cli->talk, cli->chinese ? "%llu 条的检查点有 %zu 个见证人联署，法定数%s\n" : "the checkpoint of %llu entries carries %zu cosignatures: quorum %s\n",
                      (unsigned long long)report->size, report->count.good,
                      report->count.quorum ? (cli->chinese ? "已达到" : "reached") : (cli->chinese ? "未达到，放行将被拒绝" : "not reached, releases wait"));
    }
}

static void see_mirror(void *context, const char *url, int state, const char *tip_hex, const char *detail)
{
    zd_cli *cli = context;
    if (!cli->json) {
        zd_cli_print_mirror(cli, url, state, tip_hex, detail);
    }
}

zd_status zd_cli_meet(zd_cli *cli, zd_ledger *ledger)
{
    zd_publisher publisher = {.mirror_seen = see_mirror, .mirror_context = cli, .report = zd_alloc_zero(1, sizeof *publisher.report)};
    zd_status status = zd_ledger_meet(ledger, &publisher, &cli->error);
    print_witnesses(cli, publisher.report);
    free(publisher.report);
    return status;
}

static zd_status open_door(zd_ledger **out, void *context, bool write, zd_error *err)
{
    zd_cli *cli = context;
    (void)err; /* the command's own error, where opening puts it */
    return write ? zd_cli_open_in_turn(out, cli) : zd_cli_open(out, cli, false);
}

static void close_door(void *context, zd_ledger *ledger)
{
    (void)context;
    (void)zd_ledger_close(ledger, NULL);
}

zd_status zd_cli_publish(zd_cli *cli, uint64_t *size)
{
    zd_buf path = {0};
    zd_signer *log_key = NULL;
    zd_signer *git_key = NULL;
    zd_ledger *ledger = NULL;
    const char *log_path = zd_cli_option(cli, "log-key");
    const char *git_path = zd_cli_option(cli, "git-key");
    zd_publisher publisher = {.mirror_seen = see_mirror, .mirror_context = cli, .report = zd_alloc_zero(1, sizeof *publisher.report)};
    zd_publish_doors doors = {.open = open_door, .close = close_door, .context = cli};
    zd_status status = witness_options(&publisher, cli);
    status = status == ZD_OK ? zd_cli_open(&ledger, cli, false) : status; /* no ledger is told before no key */
    (void)zd_ledger_close(ledger, NULL);
    status = status != ZD_OK ? status : zd_signer_open(&log_key, log_path != NULL ? log_path : zd_path_join(&path, cli->dir, "keys/log"), &cli->error);
    if (status == ZD_OK) {
        status = zd_signer_open(&git_key, git_path != NULL ? git_path : zd_path_join(&path, cli->dir, "keys/git"), &cli->error);
    }
    if (status == ZD_OK) {
        publisher.log_key = log_key;
        publisher.git_key = git_key;
        status = zd_publish_through(&doors, &publisher, &cli->error);
        *size = publisher.report->size;
        print_witnesses(cli, publisher.report);
    }
    free(publisher.report);
    zd_signer_close(log_key);
    zd_signer_close(git_key);
    zd_buf_free(&path);
    return status;
}
