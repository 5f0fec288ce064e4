/* The beginning of the demo's ledger: keys on disk, genesis, officers of bureau and finance, the policy of two officers, a key for each provider. */
#include <stdlib.h>
#include <string.h>

#include "cli/demo.h"
#include "ledger/base/durable.h"

#define ORIGIN "voucher.sx.example"

static const struct {
    const char *name, *role, *person, *unit;
} officers[ZD_DEMO_OFFICERS] = {
    [ZD_HAND_ROOT] = {"root-1", "root", "p-root-1", "bureau"},
    [ZD_HAND_FINANCE_ROOT] = {"finance-root", "finance-root", "p-finance-root", "finance"},
    [ZD_HAND_SERVICE] = {"service", "service", "p-service", "bureau-it"},
    [ZD_HAND_LOG] = {"log", "log", "p-log", "bureau-it"},
    [ZD_HAND_GIT] = {"git", "git", "p-git", "bureau-it"},
    [ZD_HAND_ISSUER] = {"issuer-1", "issuer", "p-issuer-1", "bureau"},
    [ZD_HAND_SECOND_ISSUER] = {"issuer-2", "issuer", "p-issuer-2", "bureau"},
    [ZD_HAND_REVIEWER] = {"reviewer-1", "reviewer", "p-reviewer-1", "bureau-review"},
    [ZD_HAND_MAKER] = {"maker-1", "maker", "p-maker-1", "finance"},
    [ZD_HAND_CHECKER] = {"checker-1", "checker", "p-checker-1", "finance"},
    [ZD_HAND_RELEASER] = {"releaser-1", "releaser", "p-releaser-1", "finance"},
    [ZD_HAND_FAR_CHECKER] = {"checker-zhuji", "checker", "p-checker-2", "finance-zhuji"},
    [ZD_HAND_TAX] = {"tax-office", "attester", "p-tax", "tax-office"},
    [ZD_HAND_GATEWAY] = {"gateway", "attester", "p-gateway", "gateway"},
    [ZD_HAND_BANK] = {"bank", "attester", "p-bank", "bank"},
    [ZD_HAND_PLANS] = {"plans", "attester", "p-plans", "plans-office"},
};

static zd_status make_key(zd_signer **out, zd_demo *demo, const char *name)
{
    zd_buf path = {0};
    zd_buf comment = {0};
    zd_buf_addf(&path, "%s/keys/%s", demo->out, name);
    zd_buf_addf(&comment, "zhidui demo seed of %s", name); /* the same seed for the same name: fixtures only */
    zd_hash seed = zd_sha256(zd_buf_span(&comment));
    zd_status status = zd_key_file_make(zd_buf_text(&path), name, seed.bytes, &demo->cli->error);
    if (status == ZD_OK) {
        status = zd_signer_open(out, zd_buf_text(&path), &demo->cli->error);
    }
    zd_buf_free(&path);
    zd_buf_free(&comment);
    return status;
}

static bool is_founder(size_t hand)
{
    return hand <= ZD_HAND_GIT;
}

/* The list that `zhidui init` reads. Two more roots, so that two of three must agree on what roots do. */
static zd_status write_key_list(zd_demo *demo)
{
    zd_buf list = {0};
    zd_buf path = {0};
    zd_status status = ZD_OK;
    for (size_t i = 0; i < ZD_DEMO_OFFICERS; i++) {
        if (is_founder(i)) {
            zd_buf_addf(&list, "%s %s %s %s %s/keys/%s.pub\n", officers[i].role, officers[i].name, officers[i].person, officers[i].unit, demo->out, officers[i].name);
        }
    }
    for (int i = 2; i <= 3 && status == ZD_OK; i++) {
        zd_signer *unused = NULL;
        char name[16];
        zd_format(name, sizeof name, "root-%d", i);
        status = make_key(&unused, demo, name);
        zd_buf_addf(&list, "root %s p-%s bureau %s/keys/%s.pub\n", name, name, demo->out, name);
        zd_signer_close(unused);
    }
    if (status == ZD_OK) {
        zd_buf_addf(&path, "%s/keys/genesis-keys", demo->out);
        status = zd_file_write(zd_buf_text(&path), zd_buf_span(&list), 0644, &demo->cli->error);
    }
    zd_buf_free(&path);
    zd_buf_free(&list);
    return status;
}

/* Runs `zhidui init` itself, with the demo's clock. */
static zd_status init_ledger(zd_demo *demo)
{
    zd_buf list = {0};
    zd_buf key = {0};
    zd_buf_addf(&list, "%s/keys/genesis-keys", demo->out);
    zd_buf_addf(&key, "%s/keys/root-1", demo->out);
    zd_cli *init = zd_alloc_zero(1, sizeof *init);
    init->options[0] = (zd_option){.name = "origin", .value = ORIGIN};
    init->options[1] = (zd_option){.name = "keys", .value = zd_buf_text(&list)};
    init->options[2] = (zd_option){.name = "threshold", .value = "2"};
    init->option_count = 3;
    init->dir = demo->out;
    init->key = zd_buf_text(&key);
    init->out = fopen("/dev/null", "w");
    init->talk = init->out;
    init->ledger_options = demo->cli->ledger_options;
    zd_status status = init->out != NULL ? zd_cmd_init(init, NULL) : zd_fail_errno(&demo->cli->error, ZD_E_FILE_IO, "/dev/null");
    if (status != ZD_OK && init->error.code != ZD_CODE_NONE) {
        demo->cli->error = init->error;
    }
    if (init->out != NULL) {
        (void)fclose(init->out);
    }
    free(init);
    zd_buf_free(&list);
    zd_buf_free(&key);
    return status;
}

/* --- acts --- */

zd_status zd_demo_submit(zd_result *out, zd_demo *demo, zd_demo_hand hand, const char *type, const char *id, zd_span members, zd_decision_visit *visit,
                         void *context)
{
    zd_buf note = {0};
    zd_error *err = &demo->cli->error;
    const zd_demo_key *key = &demo->officers[hand];
    zd_status status = zd_cli_sign(&note, demo->ledger, key->signer, type, id, demo->now_ms + 7 * ZD_DAY_MS, members, err);
    if (status == ZD_OK) {
        zd_span span = zd_buf_span(&note);
        status = zd_ledger_submit(demo->ledger, out, &span, 1, visit, context, err);
        demo->requests++;
    }
    if (status == ZD_OK && out->status != ZD_OK) {
        *err = out->error;
        status = out->status;
    }
    zd_buf_free(&note);
    return status;
}

zd_status zd_demo_must(zd_demo *demo, zd_demo_hand hand, const char *type, const char *id, zd_span members)
{
    zd_result result;
    zd_status status = zd_demo_submit(&result, demo, hand, type, id, members, NULL, NULL);
    if (status == ZD_OK && result.outcome == ZD_REFUSED_BY_RULE) {
        status = zd_fail(&demo->cli->error, zd_code_find(zd_span_text(result.code)), "%s %s", type, id);
    }
    return status;
}

zd_status zd_demo_second_all(zd_demo *demo)
{
    zd_book *book = zd_acts_book(zd_ledger_acts(demo->ledger));
    zd_buf list = {0};
    zd_status status = ZD_OK;
    zd_book_cursor cursor = zd_book_scan(book, ZD_R_PROP, "%s", "");
    while (zd_book_next(&cursor)) {
        if (((const zd_rec_prop *)cursor.record)->done == 0) {
            zd_buf_addf(&list, "%s,", cursor.key + strlen("PROP/"));
        }
    }
    zd_span rest = zd_buf_span(&list);
    while (rest.size > 0 && status == ZD_OK) {
        zd_span head;
        char members[120];
        char id[ZD_ID_SIZE];
        rest = zd_span_cut(&head, rest, ',');
        zd_format(members, sizeof members, "\"of_sha256\":\"%.*s\"", (int)head.size, (const char *)head.data);
        zd_format(id, sizeof id, "second-%.32s", (const char *)head.data);
        status = zd_demo_must(demo, ZD_HAND_SECOND_ISSUER, "second", id, zd_span_text(members));
    }
    zd_buf_free(&list);
    return status;
}

zd_status zd_demo_publish(zd_demo *demo)
{
    zd_publisher publisher = {.log_key = demo->officers[ZD_HAND_LOG].signer, .git_key = demo->officers[ZD_HAND_GIT].signer};
    return zd_ledger_publish(demo->ledger, &publisher, &demo->cli->error);
}

/* --- grants --- */

static void add_grant(zd_jw *w, const char *id, const zd_demo_key *key, const char *person, const char *unit, const char *role, const char *places, int64_t limit_fen)
{
    char hex[ZD_HASH_HEX];
    zd_hash public_key;
    memcpy(public_key.bytes, zd_signer_public(key->signer)->bytes, sizeof public_key.bytes);
    zd_hash_hex(hex, &public_key);
    zd_jw_object(w, NULL);
    zd_jw_cstr(w, "id", id);
    zd_jw_cstr(w, "key_name", key->name);
    zd_jw_cstr(w, "public", hex);
    zd_jw_cstr(w, "person", person);
    zd_jw_cstr(w, "unit", unit);
    zd_jw_cstr(w, "role", role);
    if (key->party[0] != '\0') {
        zd_jw_cstr(w, "party", key->party);
    }
    zd_jw_cstr(w, "jurisdictions", places);
    if (limit_fen > 0) {
        zd_jw_int(w, "limit_fen", limit_fen);
    }
    zd_jw_close(w);
}

static zd_status grant_batch(zd_demo *demo, zd_demo_hand hand, const char *id, const zd_buf *items)
{
    zd_buf members = {0};
    zd_buf_add_text(&members, "\"of\":\"key.grant\",\"items\":");
    zd_buf_add_span(&members, zd_buf_span(items));
    zd_status status = zd_demo_must(demo, hand, "batch", id, zd_buf_span(&members));
    zd_buf_free(&members);
    return status;
}

/* The bureau's root grants its officers, finance's root grants finance's. */
static zd_status grant_officers(zd_demo *demo, zd_demo_hand granter)
{
    zd_buf items = {0};
    zd_jw w = zd_jw_begin(&items);
    zd_jw_array(&w, NULL);
    for (size_t i = 0; i < ZD_DEMO_OFFICERS; i++) {
        bool finance = i >= ZD_HAND_MAKER && i <= ZD_HAND_FAR_CHECKER;
        if (!is_founder(i) && finance == (granter == ZD_HAND_FINANCE_ROOT)) {
            char id[ZD_ID_SIZE];
            zd_format(id, sizeof id, "grant-%.30s", officers[i].name);
            add_grant(&w, id, &demo->officers[i], officers[i].person, officers[i].unit, officers[i].role, i == ZD_HAND_FAR_CHECKER ? "330681" : "all", 0);
        }
    }
    zd_jw_close(&w);
    zd_status status = grant_batch(demo, granter, granter == ZD_HAND_ROOT ? "grants-bureau" : "grants-finance", &items);
    zd_buf_free(&items);
    return status;
}

zd_status zd_demo_grant_providers(zd_demo *demo)
{
    zd_buf items = {0};
    zd_jw w = zd_jw_begin(&items);
    zd_book *book = zd_acts_book(zd_ledger_acts(demo->ledger));
    zd_status status = ZD_OK;
    zd_jw_array(&w, NULL);
    for (size_t i = 0; i < demo->provider_count && status == ZD_OK; i++) {
        zd_demo_key *key = &demo->providers[i];
        char id[ZD_ID_SIZE];
        char person[ZD_ID_SIZE];
        if (zd_book_find(book, ZD_R_PROVIDER, "%s", key->party) == NULL) {
            continue; /* it was not admitted */
        }
        status = make_key(&key->signer, demo, key->party);
        if (status == ZD_OK) {
            zd_format(id, sizeof id, "grant-%.30s", key->party);
            zd_format(person, sizeof person, "p-%.30s", key->party);
            add_grant(&w, id, key, person, key->party, "provider", "all", 4000000); /* 40,000 yuan an act */
        }
    }
    zd_jw_close(&w);
    status = status == ZD_OK ? grant_batch(demo, ZD_HAND_ISSUER, "grants-providers", &items) : status;
    zd_buf_free(&items);
    return status;
}

static zd_status publish_policy(zd_demo *demo)
{
    zd_buf file = {0};
    zd_buf members = {0};
    zd_status status = zd_file_read(&file, demo->policy, ZD_REQUEST_TEXT_MAX, &demo->cli->error);
    for (size_t i = 0; i < file.size; i++) { /* a request is one line */
        file.data[i] = file.data[i] == '\n' || file.data[i] == '\r' || file.data[i] == '\t' ? ' ' : file.data[i];
    }
    char date[ZD_DATE_TEXT];
    zd_date_text(date, zd_day_of(demo->now_ms, ZD_ZONE_SHANGHAI_MS));
    zd_buf_addf(&members, "\"number\":1,\"effective\":\"%s\",\"policy\":", date);
    zd_buf_add_span(&members, zd_buf_span(&file));
    status = status == ZD_OK ? zd_demo_must(demo, ZD_HAND_ISSUER, "policy.publish", "policy-1", zd_buf_span(&members)) : status;
    status = status == ZD_OK ? zd_demo_second_all(demo) : status;
    zd_buf_free(&file);
    zd_buf_free(&members);
    return status;
}

static zd_status write_config(zd_demo *demo)
{
    static const char config[] = "{\"payer\":{\"name\":\"样例市财政局\",\"code\":\"11330600X09999994F\",\"account\":\"99990000000000001\","
                                 "\"bank_name\":\"样例银行绍兴分行\",\"bank_code\":\"313337009004\",\"purpose\":\"科技创新券兑付\",\"contact\":\"样例科技局 0575-00000000\"}}\n";
    zd_buf path = {0};
    zd_status status = zd_file_write(zd_path_join(&path, demo->out, "config.json"), zd_span_text(config), 0644, &demo->cli->error);
    zd_buf_free(&path);
    return status;
}

zd_status zd_demo_found(zd_demo *demo)
{
    zd_buf path = {0};
    zd_error *err = &demo->cli->error;
    zd_status status = zd_dir_make(zd_path_join(&path, demo->out, "keys"), 0700, err);
    for (size_t i = 0; i < ZD_DEMO_OFFICERS && status == ZD_OK; i++) {
        zd_format(demo->officers[i].name, sizeof demo->officers[i].name, "%s", officers[i].name);
        status = make_key(&demo->officers[i].signer, demo, officers[i].name);
    }
    status = status == ZD_OK ? write_key_list(demo) : status;
    status = status == ZD_OK ? write_config(demo) : status;
    status = status == ZD_OK ? init_ledger(demo) : status;
    status = status == ZD_OK ? zd_ledger_open(&demo->ledger, demo->out, true, &demo->cli->ledger_options, err) : status;
    status = status == ZD_OK ? grant_officers(demo, ZD_HAND_ROOT) : status;
    status = status == ZD_OK ? grant_officers(demo, ZD_HAND_FINANCE_ROOT) : status;
    status = status == ZD_OK ? publish_policy(demo) : status;
    zd_buf_free(&path);
    return status;
}
