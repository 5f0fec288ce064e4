/* A ledger in memory for tests; see scene.h. */
#include "tests/support/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

#define LEDGER "voucher.sx.example"

const zd_rec_key *zd_scene_key(zd_scene *scene, const char *key_name)
{
    const zd_rec_key *found = NULL;
    zd_book_cursor cursor = zd_book_scan(scene->book, ZD_R_KEY, "%s/", key_name);
    while (zd_book_next(&cursor)) {
        const zd_rec_key *key = cursor.record;
        if (strcmp(key->name, key_name) == 0 && (found == NULL || key->granted_seq >= found->granted_seq)) {
            found = key;
        }
    }
    assert_non_null(found);
    return found;
}

zd_signer *zd_scene_signer(const char *key_name)
{
    zd_signer *signer = NULL;
    zd_hash seed = zd_sha256(zd_span_text(key_name));
    assert_ok(zd_signer_from_seed(&signer, seed.bytes, err));
    return signer;
}

static unsigned *generation_of(zd_scene *scene, const char *key_name)
{
    for (size_t i = 0; i < scene->rotated_count; i++) {
        if (strcmp(scene->rotated[i].name, key_name) == 0) {
            return &scene->rotated[i].generation;
        }
    }
    assert_true(scene->rotated_count < ZD_SCENE_ROTATED);
    zd_format(scene->rotated[scene->rotated_count].name, sizeof scene->rotated[0].name, "%s", key_name);
    return &scene->rotated[scene->rotated_count++].generation;
}

static zd_signer *signer_of_generation(const char *key_name, unsigned generation)
{
    char seed[128];
    zd_format(seed, sizeof seed, "%s#%u", key_name, generation);
    return zd_scene_signer(generation > 0 ? seed : key_name);
}

zd_signer *zd_scene_signer_now(const zd_scene *scene, const char *key_name)
{
    for (size_t i = 0; i < scene->rotated_count; i++) {
        if (strcmp(scene->rotated[i].name, key_name) == 0) {
            return signer_of_generation(key_name, scene->rotated[i].generation);
        }
    }
    return zd_scene_signer(key_name);
}

static void public_hex(char out[ZD_HASH_HEX], zd_signer *signer)
{
    zd_hash hash;
    memcpy(hash.bytes, zd_signer_public(signer)->bytes, sizeof hash.bytes);
    zd_hash_hex(out, &hash);
    zd_signer_close(signer);
}

void zd_scene_rotate(zd_scene *scene, const char *key_name)
{
    char hex[ZD_HASH_HEX];
    unsigned *generation = generation_of(scene, key_name);
    public_hex(hex, signer_of_generation(key_name, *generation + 1));
    if (strcmp(key_name, "log") == 0 || strcmp(key_name, "git") == 0) {
        scene_two(scene, "root-1", "root-2", "key.rotate-root", "\"key_name\":\"%s\",\"public\":\"%s\",\"person\":\"p-log\",\"reason\":\"retired\"", key_name, hex);
    } else {
        scene_accepted(scene, key_name, "key.rotate", "\"public\":\"%s\"", hex);
    }
    ++*generation;
}

void zd_scene_note(zd_buf *out, zd_scene *scene, const char *key_name, const char *text)
{
    char name[160];
    zd_signer *signer = zd_scene_signer_now(scene, key_name != NULL ? key_name : "root-1");
    zd_format(name, sizeof name, LEDGER "/%s", key_name != NULL ? key_name : "root-1");
    assert_ok(zd_signer_note(out, signer, name, zd_span_text(text), err));
    zd_signer_close(signer);
}

void zd_scene_attach(zd_scene *scene, zd_ledger *ledger)
{
    scene->ledger = ledger;
    scene->acts = ledger != NULL ? zd_ledger_acts(ledger) : NULL;
    scene->book = ledger != NULL ? zd_acts_book(scene->acts) : NULL;
    scene->seq = ledger != NULL ? zd_ledger_size(ledger) : scene->seq;
}

/* Keeps what tests look at; what a decision owns stays with the engine. */
static zd_status keep_decision(void *context, size_t note, const zd_decision *decision)
{
    (void)note;
    zd_scene *scene = context;
    zd_group *last = &scene->last;
    last->decisions = zd_realloc(last->decisions, (last->count + 1) * sizeof *last->decisions);
    zd_decision *copy = &last->decisions[last->count++];
    *copy = *decision;
    copy->saw = (zd_buf){0};
    copy->extra = (zd_buf){0};
    copy->postings = (zd_buf){0};
    copy->posting_count = 0;
    return ZD_OK;
}

static zd_status submit_real(zd_scene *scene, const char *key_name, const char *text, zd_error *err)
{
    zd_buf note = {0};
    zd_group before = scene->last;
    zd_scene_note(&note, scene, key_name, text);
    zd_span span = zd_buf_span(&note);
    scene->last = (zd_group){0};
    zd_status status = zd_ledger_submit(scene->ledger, &scene->last_result, &span, 1, keep_decision, scene, err);
    zd_scene_attach(scene, scene->ledger);
    if (status == ZD_OK && scene->last_result.status != ZD_OK) {
        status = scene->last_result.status;
        *err = scene->last_result.error;
    }
    if (status != ZD_OK) {
        zd_group_free(&scene->last);
        scene->last = before;
    } else {
        zd_group_free(&before);
        scene->last.replay = scene->last_result.replay;
        scene->last.first_seq = scene->last_result.seq;
        scene->last.first_outcome = scene->last_result.outcome;
        zd_format(scene->last.first_code, sizeof scene->last.first_code, "%s", scene->last_result.code);
        zd_hash hash = zd_sha256(zd_span_text(text));
        zd_hash_hex(scene->last_text, &hash);
    }
    zd_buf_free(&note);
    return status;
}

void zd_scene_publish(zd_scene *scene)
{
    zd_signer *log_key = zd_scene_signer_now(scene, "log");
    zd_signer *git_key = zd_scene_signer_now(scene, "git");
    zd_publisher publisher = {.log_key = log_key, .git_key = git_key};
    assert_ok(zd_ledger_publish(scene->ledger, &publisher, err));
    zd_signer_close(log_key);
    zd_signer_close(git_key);
}

zd_status zd_scene_text(zd_scene *scene, const char *key_name, const char *text, zd_error *err)
{
    if (scene->ledger != NULL) {
        return submit_real(scene, key_name, text, err);
    }
    zd_group group;
    zd_incoming in = {.text = zd_span_text(text), .signer = key_name != NULL ? zd_scene_key(scene, key_name) : NULL, .seq = scene->seq,
                      .at_unix_ms = scene->now_unix_ms};
    zd_status status = zd_acts_submit(&group, scene->acts, &in, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_group_free(&scene->last);
    scene->last = group;
    scene->seq += group.count;
    zd_hash hash = zd_sha256(in.text);
    zd_hash_hex(scene->last_text, &hash);
    return ZD_OK;
}

zd_status zd_scene_submit(zd_scene *scene, const char *key_name, const char *type, zd_error *err, const char *fields, ...)
{
    char expires[ZD_TIME_TEXT];
    zd_time_text(expires, scene->now_unix_ms + 86400000);
    zd_buf text = {0};
    zd_buf body = {0};
    va_list args;
    va_start(args, fields);
    char *members = NULL;
    int length = vasprintf(&members, fields, args);
    va_end(args);
    assert_true(length >= 0);
    zd_buf_addf(&text, "{\"type\":\"%s\",\"v\":1,\"ledger\":\"" LEDGER "\",\"id\":\"t-%u\",\"expires\":\"%s\"%s%s}\n", type, ++scene->next_id, expires,
                length > 0 ? "," : "", members);
    zd_status status = zd_scene_text(scene, key_name, zd_buf_text(&text), err);
    free(members);
    zd_buf_free(&text);
    zd_buf_free(&body);
    return status;
}

zd_status zd_scene_second(zd_scene *scene, const char *key_name, zd_error *err)
{
    char of[ZD_HASH_HEX];
    memcpy(of, scene->last_text, sizeof of);
    return zd_scene_submit(scene, key_name, "second", err, "\"of_sha256\":\"%s\"", of);
}

zd_outcome zd_scene_outcome(const zd_scene *scene)
{
    return scene->last.replay ? scene->last.first_outcome : scene->last.decisions[0].outcome;
}

const char *zd_scene_code(const zd_scene *scene)
{
    if (scene->last.replay) {
        return scene->last.first_code;
    }
    zd_code code = scene->last.decisions[0].code;
    return code == ZD_CODE_NONE ? "" : zd_code_name(code);
}

int64_t zd_scene_balance(zd_scene *scene, const char *account)
{
    return zd_book_balance(scene->book, "%s", account);
}

void zd_scene_days(zd_scene *scene, int days)
{
    scene->now_unix_ms += days * ZD_DAY_MS;
}

/* A genesis or grant item; the key's seed is the hash of its name. */
static void add_key(zd_buf *items, const char *name, const char *person, const char *unit, const char *role, const char *rest)
{
    char hex[ZD_HASH_HEX];
    zd_signer *signer = zd_scene_signer(name);
    zd_hash hash;
    memcpy(hash.bytes, zd_signer_public(signer)->bytes, sizeof hash.bytes);
    zd_signer_close(signer);
    zd_hash_hex(hex, &hash);
    zd_buf_addf(items, "%s{\"id\":\"k-%.8s\",\"key_name\":\"%s\",\"public\":\"%s\",\"person\":\"%s\",\"unit\":\"%s\",\"role\":\"%s\"%s}", items->size > 0 ? "," : "",
                hex, name, hex, person, unit, role, rest);
}

#define ALL ",\"jurisdictions\":\"all\""
#define ONLY_81 ",\"jurisdictions\":\"330681\""

static void genesis_items(zd_buf *items)
{
    add_key(items, "root-1", "p-root-1", "bureau", "root", ALL);
    add_key(items, "root-2", "p-root-2", "bureau", "root", ALL);
    add_key(items, "root-3", "p-root-3", "bureau", "root", ALL);
    add_key(items, "finance-root", "p-finance-root", "finance", "finance-root", ALL);
    add_key(items, "log", "p-log", "ledger", "log", "");
    add_key(items, "git", "p-log", "ledger", "git", "");
    add_key(items, "service", "p-log", "ledger", "service", "");
}

static zd_scene *scene_at_start(void)
{
    zd_scene *scene = zd_alloc_zero(1, sizeof *scene);
    scene->now_unix_ms = zd_day_from(2026, 3, 2) * ZD_DAY_MS + 2 * INT64_C(3600000);
    return scene;
}

zd_scene *zd_scene_empty(void)
{
    zd_scene *scene = scene_at_start();
    scene->book = zd_book_new(NULL);
    scene->acts = zd_acts_new(scene->book);
    zd_buf items = {0};
    genesis_items(&items);
    assert_ok(zd_scene_submit(scene, NULL, "genesis", err, "\"threshold\":2,\"items\":[%s]", zd_buf_text(&items)));
    assert_string_equal(zd_scene_code(scene), "");
    zd_buf_free(&items);
    return scene;
}

static void grant_officers(zd_scene *scene)
{
    zd_buf items = {0};
    add_key(&items, "issuer-1", "p-issuer-1", "bureau", "issuer", ALL);
    add_key(&items, "issuer-2", "p-issuer-2", "bureau", "issuer", ALL);
    add_key(&items, "reviewer-1", "p-reviewer-1", "bureau", "reviewer", ALL);
    add_key(&items, "reviewer-2", "p-reviewer-2", "bureau", "reviewer", ALL);
    add_key(&items, "attester", "p-tax", "tax-office", "attester", ALL);
    add_key(&items, "gateway", "p-gateway", "gateway", "attester", ALL);
    scene_accepted(scene, "root-1", "batch", "\"of\":\"key.grant\",\"items\":[%s]", zd_buf_text(&items));
    zd_buf_clear(&items);
    add_key(&items, "maker", "p-maker", "finance", "maker", ALL);
    add_key(&items, "maker-2", "p-maker-2", "finance", "maker", ALL);
    add_key(&items, "checker", "p-checker", "finance", "checker", ALL);
    add_key(&items, "releaser", "p-releaser", "finance", "releaser", ALL);
    add_key(&items, "maker-81", "p-maker-81", "finance-81", "maker", ONLY_81);
    add_key(&items, "checker-81", "p-checker-81", "finance-81", "checker", ONLY_81);
    scene_accepted(scene, "finance-root", "batch", "\"of\":\"key.grant\",\"items\":[%s]", zd_buf_text(&items));
    zd_buf_free(&items);
}

/* Nobody knows the holidays of 2027 and later yet: tests bring their own, by a rule that the model of tests/model writes down again. */
static void add_own_calendars(zd_buf *out)
{
    enum { FIRST = 2027, LAST = 2036, SATURDAY = 5 };
    for (int year = FIRST; year <= LAST; year++) {
        char worked[2][ZD_DATE_TEXT];
        for (int i = 0; i < 2; i++) { /* the first Saturdays from 1 March and 20 September on */
            int64_t day = zd_day_from(year, i == 0 ? 3 : 9, i == 0 ? 1 : 20);
            while ((day + 3) % 7 != SATURDAY) {
                day++;
            }
            zd_date_text(worked[i], day);
        }
        zd_buf_addf(out,
                    "\"%d\":{\"source\":\"tests\",\"holidays\":\"%d-01-01,%d-01-02,%d-02-08,%d-02-09,%d-02-10,%d-02-11,%d-02-12,%d-05-01,%d-10-01,%d-10-02,%d-10-03\","
                    "\"workdays\":\"%s,%s\"},",
                    year, year, year, year, year, year, year, year, year, year, year, year, worked[0], worked[1]);
    }
}

void zd_scene_policy_text(zd_buf *out)
{
    static const char calendars[] = "\"calendars\":{";
    zd_buf file = {0};
    assert_ok(zd_file_read(&file, "ledger/policy/shaoxing-2026.json", 65536, err));
    const char *start = strstr(zd_buf_text(&file), calendars);
    assert_non_null(start);
    zd_buf_add(out, file.data, (size_t)(start - zd_buf_text(&file)) + strlen(calendars));
    add_own_calendars(out);
    zd_buf_add_text(out, start + strlen(calendars));
    /* The policy stands inside a one-line request: newlines outside of strings become spaces. */
    for (size_t i = 0; i < out->size; i++) {
        out->data[i] = out->data[i] == '\n' ? ' ' : out->data[i];
    }
    zd_buf_free(&file);
}

static void publish_policy(zd_scene *scene)
{
    zd_buf file = {0};
    zd_scene_policy_text(&file);
    zd_json *json = NULL;
    assert_ok(zd_json_parse(&json, zd_buf_span(&file), true, err));
    zd_json_free(json);
    scene_two(scene, "issuer-1", "issuer-2", "policy.publish", "\"number\":1,\"effective\":\"2026-01-01\",\"policy\":%s", zd_buf_text(&file));
    zd_buf_free(&file);
}

static void open_pool(zd_scene *scene, const char *pool, const char *jurisdiction, const char *holder_class, int64_t amount_fen)
{
    scene_accepted(scene, "maker", "pool.open",
                   "\"pool\":\"%s\",\"jurisdiction\":\"%s\",\"year\":2026,\"class\":\"%s\",\"rank\":1,\"document\":\"样例财教〔2026〕1号\",\"fund_nature\":\"一般公共预算\","
                   "\"budget_unit\":\"样例市科学技术局\",\"project\":\"创新券兑付\",\"function_code\":\"2060404\",\"gov_economic\":\"50799\",\"dept_economic\":\"31299\","
                   "\"settle_mode\":\"转账\",\"amount_fen\":%lld",
                   pool, jurisdiction, holder_class, (long long)amount_fen);
}

static void register_parties(zd_scene *scene)
{
    const char *until = "\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"";
    const char *categories = "\"categories\":\"instrument,software-test,testing\"";
    scene_accepted(scene, "issuer-2", "holder.register", "\"holder\":\"" H1 "\",\"class\":\"enterprise\",\"jurisdiction\":\"330602\",\"code\":\"" H1 "\",\"label\":\"样例甲公司\",%s", until);
    scene_accepted(scene, "issuer-2", "holder.register", "\"holder\":\"" H81 "\",\"class\":\"enterprise\",\"jurisdiction\":\"330681\",\"code\":\"" H81 "\",\"label\":\"样例乙公司\",%s", until);
    scene_accepted(scene, "issuer-2", "holder.register", "\"holder\":\"E-0001\",\"class\":\"entrepreneur\",\"jurisdiction\":\"330602\",\"commitment\":\"%064d\",%s", 7, until);
    scene_accepted(scene, "issuer-1", "provider.admit", "\"provider\":\"" P1 "\",\"label\":\"样例大学分析中心\",%s,%s", categories, until);
    scene_accepted(scene, "issuer-1", "provider.admit", "\"provider\":\"" P2 "\",\"label\":\"样例检测研究院\",%s,%s", categories, until);
    zd_buf items = {0};
    add_key(&items, "provider/" P1, "p-p1", "p1", "provider", ",\"party\":\"" P1 "\"" ALL);
    add_key(&items, "provider/" P2, "p-p2", "p2", "provider", ",\"party\":\"" P2 "\"" ALL);
    add_key(&items, "holder/" H1, "p-h1", "h1", "holder", ",\"party\":\"" H1 "\"" ALL);
    add_key(&items, "holder/E-0001", "p-e1", "e1", "holder", ",\"party\":\"E-0001\"" ALL);
    scene_accepted(scene, "issuer-1", "batch", "\"of\":\"key.grant\",\"items\":[%s]", zd_buf_text(&items));
    zd_buf_clear(&items);
    add_key(&items, "provider/" P1 "/lab-3", "p-lab3", "lab-3", "lab", ",\"party\":\"" P1 "\"" ALL ",\"limit_fen\":1000000");
    scene_accepted(scene, "provider/" P1, "batch", "\"of\":\"key.grant\",\"items\":[%s]", zd_buf_text(&items));
    zd_buf_free(&items);
    scene_two(scene, "provider/" P1, "issuer-1", "provider.account", "\"provider\":\"" P1 "\",\"commitment\":\"%064d\"", 1);
    scene_two(scene, "provider/" P2, "issuer-1", "provider.account", "\"provider\":\"" P2 "\",\"commitment\":\"%064d\"", 2);
    scene_accepted(scene, "issuer-1", "instrument.register",
                   "\"instrument\":\"I-1\",\"provider\":\"" P1 "\",\"categories\":\"instrument,testing\",\"price_fen\":400000,\"shared\":true,\"customs\":false,\"usable\":true");
}

static void people(zd_scene *scene)
{
    grant_officers(scene);
    publish_policy(scene);
    open_pool(scene, "330602-2026-E", "330602", "enterprise", 100000000);
    open_pool(scene, "330602-2026-P", "330602", "entrepreneur", 100000000);
    open_pool(scene, "330681-2026-E", "330681", "enterprise", 50000000);
    register_parties(scene);
    const char *categories = "\"categories\":\"instrument,software-test,testing\"";
    scene_accepted(scene, "issuer-1", "voucher.allot", "\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"year\":2026,\"amount_fen\":20000000,%s", categories);
    scene_accepted(scene, "issuer-1", "voucher.allot", "\"voucher\":\"V-81\",\"holder\":\"" H81 "\",\"year\":2026,\"amount_fen\":20000000,%s", categories);
    scene_accepted(scene, "issuer-1", "voucher.allot", "\"voucher\":\"V-E\",\"holder\":\"E-0001\",\"year\":2026,\"amount_fen\":10000000,%s", categories);
    zd_scene_check(scene);
}

zd_scene *zd_scene_ready(void)
{
    zd_scene *scene = zd_scene_empty();
    people(scene);
    return scene;
}

zd_scene *zd_scene_ready_on(const char *dir)
{
    zd_scene *scene = scene_at_start();
    zd_buf items = {0};
    zd_buf text = {0};
    zd_buf note = {0};
    zd_hash fingerprint;
    zd_ledger *ledger = NULL;
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&scene->now_unix_ms);
    genesis_items(&items);
    zd_buf_addf(&text, "{\"type\":\"genesis\",\"v\":1,\"ledger\":\"" LEDGER "\",\"id\":\"genesis\",\"expires\":\"2026-03-03T00:00:00Z\",\"threshold\":2,\"items\":[%s]}\n",
                zd_buf_text(&items));
    zd_scene_note(&note, scene, NULL, zd_buf_text(&text));
    assert_ok(zd_ledger_create(&fingerprint, dir, zd_buf_span(&note), &options, err));
    assert_ok(zd_ledger_open(&ledger, dir, true, &options, err));
    zd_scene_attach(scene, ledger);
    people(scene);
    zd_buf_free(&items);
    zd_buf_free(&text);
    zd_buf_free(&note);
    return scene;
}

void zd_scene_free(zd_scene *scene)
{
    zd_group_free(&scene->last);
    if (scene->ledger != NULL) {
        (void)zd_ledger_close(scene->ledger, NULL);
    } else {
        zd_acts_free(scene->acts);
        zd_book_free(scene->book);
    }
    free(scene);
}

const char *zd_scene_invoice(unsigned n)
{
    static char number[8][24];
    char *slot = number[n % 8];
    (void)snprintf(slot, sizeof number[0], "24330000%012u", n);
    slot[0] = '2';
    slot[1] = '6';
    return slot;
}

static void today(char out[ZD_DATE_TEXT], const zd_scene *scene)
{
    zd_date_text(out, zd_day_of(scene->now_unix_ms, ZD_ZONE_SHANGHAI_MS));
}

void zd_scene_order(zd_scene *scene, const char *order, int64_t amount_fen)
{
    char date[ZD_DATE_TEXT];
    today(date, scene);
    scene_accepted(scene, "provider/" P1, "redemption.order",
                   "\"order\":\"%s\",\"voucher\":\"V-1\",\"holder\":\"" H1 "\",\"provider\":\"" P1 "\",\"category\":\"testing\",\"purpose\":\"material-%s\",\"amount_fen\":%lld,"
                   "\"own_share_fen\":%lld,\"contract\":\"HT-%s\",\"contract_fen\":%lld,\"contract_date\":\"%s\",\"affiliation\":\"none\",\"statutory\":false,"
                   "\"other_funding_fen\":0",
                   order, order, (long long)amount_fen, (long long)amount_fen, order, (long long)(2 * amount_fen), date);
}

void zd_scene_capture(zd_scene *scene, const char *item, const char *order, int64_t amount_fen, bool final)
{
    char date[ZD_DATE_TEXT];
    today(date, scene);
    assert_ok(zd_scene_submit(scene, "provider/" P1, "redemption.capture", err,
                              "\"item\":\"%s\",\"order\":\"%s\",\"amount_fen\":%lld,\"own_share_fen\":%lld,\"final\":%s,\"done\":\"%s\",\"result_sha256\":\"%064d\","
                              "\"invoice\":\"%s\",\"invoice_fen\":%lld,\"invoice_part_fen\":%lld,\"invoice_date\":\"%s\",\"seller\":\"" P1 "\",\"buyer\":\"" H1 "\"",
                              item, order, (long long)amount_fen, (long long)amount_fen, final ? "true" : "false", date, 5, zd_scene_invoice(scene->next_id),
                              (long long)(2 * amount_fen), (long long)(2 * amount_fen), date));
}

void zd_scene_clear_gates(zd_scene *scene, const char *item_id)
{
    const zd_rec_item *item = zd_book_find(scene->book, ZD_R_ITEM, "%s", item_id);
    assert_non_null(item);
    const zd_rec_order *order = zd_book_find(scene->book, ZD_R_ORDER, "%s", item->order);
    assert_non_null(order);
    if (order->consent == ZD_CONSENT(MISSING)) {
        scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"consent\",\"subject\":\"%s\",\"value\":\"gateway\"", item->order);
    }
    scene_accepted(scene, "gateway", "fact.attest", "\"fact\":\"own-share\",\"subject\":\"%s\",\"value\":\"paid\",\"amount_fen\":%lld", item->order,
                   (long long)order->own_used_fen);
    scene_accepted(scene, "attester", "fact.attest", "\"fact\":\"invoice-check\",\"subject\":\"%s\",\"value\":\"ok\"", item->invoice);
}
