/* Builds the measured ledger and signs its notes; see world.h. Credit codes are made up: region 3306, bodies that name nobody, valid check characters. */
#include "bench/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/trail/trail.h"
#include "ledger/base/clock.h"
#include "ledger/base/durable.h"
#include "ledger/record/identifiers.h"

#define ORIGIN "bench.sx.example"
#define POOL "330602-2026-E"
#define POLICY_FILE "ledger/policy/shaoxing-2026.json"
#define AMOUNT_FEN 10000
#define VOUCHER_FEN 20000000
#define SIGNERS_MAX 2000 /* a key lies in pages of its own, and a process has a limit of those */

void bench_stop(const char *why)
{
    (void)fprintf(stderr, "bench: %s\n", why);
    exit(1);
}

void bench_need(zd_status status, const zd_error *err, const char *what)
{
    if (status != ZD_OK) {
        zd_buf line = {0};
        zd_error_print(&line, err, false);
        (void)fprintf(stderr, "bench: %s: %s\n", what, zd_buf_text(&line));
        exit(1);
    }
}

static zd_signer *signer_of(const char *name)
{
    zd_error err = {0};
    zd_signer *signer = NULL;
    zd_hash seed = zd_sha256(zd_span_text(name));
    bench_need(zd_signer_from_seed(&signer, seed.bytes, &err), &err, name);
    return signer;
}

/* The n-th made-up credit code of a kind ("91" enterprise, "12" institution): tries check characters until the code is valid. */
static void credit_code(char out[19], const char *kind, size_t n)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    zd_format(out, 19, "%s330602X%07zu00", kind, n);
    for (const char *inner = alphabet; *inner != '\0'; inner++) {
        for (const char *outer = alphabet; *outer != '\0'; outer++) {
            out[16] = *inner;
            out[17] = *outer;
            if (zd_uscc_is_valid(zd_span_of(out, 18))) {
                return;
            }
        }
    }
    bench_stop("no credit code");
}

static zd_ledger_options options_of(bench_world *world)
{
    zd_ledger_options options = zd_ledger_defaults();
    options.clock = zd_clock_fixed(&world->now_unix_ms);
    return options;
}

void bench_world_open(bench_world *world)
{
    zd_error err = {0};
    zd_ledger_options options = options_of(world);
    bench_need(zd_ledger_open(&world->ledger, world->dir, true, &options, &err), &err, "open");
}

void bench_world_close(bench_world *world)
{
    (void)zd_ledger_close(world->ledger, NULL);
    world->ledger = NULL;
}

void bench_world_publish(bench_world *world)
{
    zd_error err = {0};
    zd_signer *log_key = signer_of("log");
    zd_signer *git_key = signer_of("git");
    zd_publisher publisher = {.log_key = log_key, .git_key = git_key};
    bench_need(zd_ledger_publish(world->ledger, &publisher, &err), &err, "publish");
    zd_signer_close(log_key);
    zd_signer_close(git_key);
}

/* --- notes --- */

static void header(zd_buf *text, bench_world *world, const char *type)
{
    char expires[ZD_TIME_TEXT];
    zd_time_text(expires, world->now_unix_ms + 7 * ZD_DAY_MS);
    zd_buf_addf(text, "{\"type\":\"%s\",\"v\":1,\"ledger\":\"" ORIGIN "\",\"id\":\"r-%08u\",\"expires\":\"%s\"", type, ++world->next_request, expires);
}

static void keep_note(bench_notes *notes, const zd_signer *signer, const char *key_name, const zd_buf *text, size_t orders)
{
    zd_error err = {0};
    zd_buf note = {0};
    char name[160];
    zd_format(name, sizeof name, ORIGIN "/%s", key_name);
    bench_need(zd_signer_note(&note, signer, name, zd_buf_span(text), &err), &err, "sign");
    if (notes->count == notes->capacity) {
        notes->capacity = notes->capacity == 0 ? 64 : notes->capacity * 2;
        notes->ends = zd_realloc(notes->ends, notes->capacity * sizeof *notes->ends);
    }
    zd_buf_add_span(&notes->bytes, zd_buf_span(&note));
    notes->ends[notes->count++] = notes->bytes.size;
    notes->orders += orders;
    zd_buf_free(&note);
}

/* The fields of the next order, behind a comma. Each order names another voucher, and its own contract and purpose. */
static void order_fields(zd_buf *text, bench_world *world, size_t provider)
{
    char holder[19];
    char date[ZD_DATE_TEXT];
    size_t n = world->next_order++;
    size_t voucher = n % world->voucher_count;
    credit_code(holder, "91", voucher);
    zd_date_text(date, zd_day_of(world->now_unix_ms, ZD_ZONE_SHANGHAI_MS));
    zd_buf_addf(text,
                "\"order\":\"O-%08zu\",\"voucher\":\"V-%06zu\",\"holder\":\"%s\",\"provider\":\"%s\",\"category\":\"testing\",\"purpose\":\"material-%zu\","
                "\"amount_fen\":%d,\"own_share_fen\":%d,\"contract\":\"HT-2026-%08zu\",\"contract_fen\":%d,\"contract_date\":\"%s\",\"affiliation\":\"none\","
                "\"statutory\":false,\"other_funding_fen\":0",
                n, voucher, holder, world->provider_codes[provider], n % 7, AMOUNT_FEN, AMOUNT_FEN, n, 2 * AMOUNT_FEN, date);
}

static void provider_key_name(char out[64], const bench_world *world, size_t provider)
{
    zd_format(out, 64, "provider/%s", world->provider_codes[provider]);
}

void bench_add_order(bench_notes *notes, bench_world *world)
{
    zd_buf text = {0};
    char name[64];
    size_t provider = world->next_order % world->signer_count;
    provider_key_name(name, world, provider);
    header(&text, world, "redemption.order");
    zd_buf_add_byte(&text, ',');
    order_fields(&text, world, provider);
    zd_buf_add_text(&text, "}\n");
    keep_note(notes, world->providers[provider], name, &text, 1);
    zd_buf_free(&text);
}

void bench_add_batch(bench_notes *notes, bench_world *world)
{
    zd_buf text = {0};
    zd_buf item = {0};
    char name[64];
    size_t orders = 0;
    size_t provider = world->next_request % world->signer_count;
    provider_key_name(name, world, provider);
    header(&text, world, "batch");
    zd_buf_add_text(&text, ",\"of\":\"redemption.order\",\"items\":[");
    for (;;) {
        size_t before = world->next_order;
        zd_buf_clear(&item);
        zd_buf_addf(&item, "%s{\"id\":\"i-%08zu\",", orders > 0 ? "," : "", before);
        order_fields(&item, world, provider);
        zd_buf_add_byte(&item, '}');
        if (text.size + item.size + sizeof "]}\n" > ZD_REQUEST_TEXT_MAX) {
            world->next_order = before;
            break;
        }
        zd_buf_add_span(&text, zd_buf_span(&item));
        orders++;
    }
    zd_buf_add_text(&text, "]}\n");
    keep_note(notes, world->providers[provider], name, &text, orders);
    zd_buf_free(&text);
    zd_buf_free(&item);
}

void bench_notes_ready(bench_notes *notes)
{
    notes->spans = zd_realloc(notes->spans, (notes->count + 1) * sizeof *notes->spans);
    for (size_t i = 0; i < notes->count; i++) {
        size_t from = i > 0 ? notes->ends[i - 1] : 0;
        notes->spans[i] = zd_span_of(notes->bytes.data + from, notes->ends[i] - from);
    }
}

void bench_notes_clear(bench_notes *notes)
{
    zd_buf_clear(&notes->bytes);
    notes->count = 0;
    notes->orders = 0;
}

void bench_notes_free(bench_notes *notes)
{
    zd_buf_free(&notes->bytes);
    free(notes->ends);
    free(notes->spans);
}

/* --- submitting --- */

static zd_status must_be_accepted(void *context, size_t note, const zd_decision *decision)
{
    (void)note;
    (void)context;
    if (decision->outcome == ZD_REFUSED_BY_RULE || decision->outcome == ZD_HELD) {
        (void)fprintf(stderr, "bench: entry %llu: %s (%s)\n", (unsigned long long)decision->seq,
                      decision->code != ZD_CODE_NONE ? zd_code_name(decision->code) : "held", zd_buf_text(&decision->saw));
        bench_stop("a request of the workload was not accepted");
    }
    return ZD_OK;
}

void bench_submit(bench_world *world, const bench_notes *notes, size_t from, size_t to)
{
    zd_error err = {0};
    zd_result *results = zd_alloc_zero(to - from, sizeof *results);
    bench_need(zd_ledger_submit(world->ledger, results, notes->spans + from, to - from, must_be_accepted, world, &err), &err, "submit");
    for (size_t i = 0; i < to - from; i++) {
        bench_need(results[i].status, &results[i].error, "note");
    }
    free(results);
}

/* --- the programme --- */

/* Signs text (without its end) and submits it. */
static void act(bench_world *world, const char *key_name, zd_buf *text)
{
    bench_notes notes = {0};
    zd_signer *signer = signer_of(key_name);
    zd_buf_add_text(text, "}\n");
    keep_note(&notes, signer, key_name, text, 0);
    bench_notes_ready(&notes);
    bench_submit(world, &notes, 0, 1);
    zd_signer_close(signer);
    bench_notes_free(&notes);
    zd_buf_clear(text);
}

static void key_item(zd_buf *text, const char *name, const char *role, const char *rest)
{
    char hex[ZD_HASH_HEX];
    zd_hash hash;
    zd_signer *signer = signer_of(name);
    memcpy(hash.bytes, zd_signer_public(signer)->bytes, sizeof hash.bytes);
    zd_signer_close(signer);
    zd_hash_hex(hex, &hash);
    zd_buf_addf(text, "{\"id\":\"k-%.8s\",\"key_name\":\"%s\",\"public\":\"%s\",\"person\":\"p-%.8s\",\"unit\":\"bench\",\"role\":\"%s\",\"jurisdictions\":\"all\"%s}", hex,
                name, hex, hex, role, rest);
}

static void create(bench_world *world)
{
    static const char *const names[][2] = {{"root", "root"}, {"finance-root", "finance-root"}, {"log", "log"}, {"git", "git"}, {"service", "service"},
                                           {"issuer-1", "issuer"}, {"issuer-2", "issuer"}};
    zd_error err = {0};
    zd_buf text = {0};
    bench_notes notes = {0};
    zd_ledger_options options = options_of(world);
    header(&text, world, "genesis");
    zd_buf_add_text(&text, ",\"threshold\":1,\"items\":[");
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_buf_add_text(&text, i > 0 ? "," : "");
        key_item(&text, names[i][0], names[i][1], "");
    }
    zd_buf_add_text(&text, "]}\n");
    zd_signer *root = signer_of("root");
    keep_note(&notes, root, "root", &text, 0);
    bench_notes_ready(&notes);
    bench_need(zd_ledger_create(&world->genesis, world->dir, notes.spans[0], &options, &err), &err, "create");
    zd_signer_close(root);
    bench_notes_free(&notes);
    zd_buf_free(&text);
}

/* The second officer's note for a text, given as its SHA-256. */
static void second(bench_world *world, const char *key, const char *hex)
{
    zd_buf text = {0};
    header(&text, world, "second");
    zd_buf_addf(&text, ",\"of_sha256\":\"%s\"", hex);
    act(world, key, &text);
    zd_buf_free(&text);
}

static void publish_policy(bench_world *world)
{
    zd_error err = {0};
    zd_buf file = {0};
    zd_buf text = {0};
    char hex[ZD_HASH_HEX];
    bench_need(zd_file_read(&file, POLICY_FILE, 65536, &err), &err, "run from the top of the checkout");
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] = file.data[i] == '\n' ? ' ' : file.data[i];
    }
    header(&text, world, "policy.publish");
    zd_buf_addf(&text, ",\"number\":1,\"effective\":\"2026-01-01\",\"policy\":%s}\n", zd_buf_text(&file));
    zd_hash hash = zd_sha256(zd_buf_span(&text));
    zd_hash_hex(hex, &hash);
    text.size -= 2;
    act(world, "issuer-1", &text);
    second(world, "issuer-2", hex);
    zd_buf_free(&file);
    zd_buf_free(&text);
}

static void open_pool(bench_world *world)
{
    zd_buf text = {0};
    header(&text, world, "batch");
    zd_buf_add_text(&text, ",\"of\":\"key.grant\",\"items\":[");
    key_item(&text, "maker", "maker", "");
    zd_buf_add_byte(&text, ']');
    act(world, "finance-root", &text);
    header(&text, world, "pool.open");
    zd_buf_addf(&text,
                ",\"pool\":\"" POOL "\",\"jurisdiction\":\"330602\",\"year\":2026,\"class\":\"enterprise\",\"rank\":1,\"document\":\"bench-1\",\"fund_nature\":\"n\","
                "\"budget_unit\":\"u\",\"project\":\"p\",\"function_code\":\"2060404\",\"gov_economic\":\"50799\",\"dept_economic\":\"31299\",\"settle_mode\":\"m\","
                "\"amount_fen\":%lld",
                (long long)VOUCHER_FEN * (long long)world->voucher_count);
    act(world, "maker", &text);
    zd_buf_free(&text);
}

typedef void item_writer(zd_buf *text, bench_world *world, size_t n);

static void holder_item(zd_buf *text, bench_world *world, size_t n)
{
    (void)world;
    char code[19];
    credit_code(code, "91", n);
    zd_buf_addf(text, "\"holder\":\"%s\",\"class\":\"enterprise\",\"jurisdiction\":\"330602\",\"code\":\"%s\",\"label\":\"Bench %zu\"", code, code, n);
    zd_buf_add_text(text, ",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"}");
}

static void voucher_item(zd_buf *text, bench_world *world, size_t n)
{
    (void)world;
    char code[19];
    credit_code(code, "91", n);
    zd_buf_addf(text, "\"voucher\":\"V-%06zu\",\"holder\":\"%s\",\"year\":2026,\"amount_fen\":%d,\"categories\":\"testing\"}", n, code, VOUCHER_FEN);
}

static void provider_item(zd_buf *text, bench_world *world, size_t n)
{
    zd_buf_addf(text, "\"provider\":\"%s\",\"label\":\"Bench laboratory %zu\",\"categories\":\"testing\"", world->provider_codes[n], n);
    zd_buf_add_text(text, ",\"eligible_from\":\"2026-01-01\",\"eligible_to\":\"2026-12-31\"}");
}

static void provider_key_item(zd_buf *text, bench_world *world, size_t n)
{
    char name[64];
    char party[40];
    zd_buf item = {0};
    provider_key_name(name, world, n);
    zd_format(party, sizeof party, ",\"party\":\"%s\"", world->provider_codes[n]);
    key_item(&item, name, "provider", party);
    const char *after_id = strchr(zd_buf_text(&item), ',');
    zd_buf_add_text(text, after_id != NULL ? after_id + 1 : "");
    zd_buf_free(&item);
}

/* count items of one type in as many batch requests as they need; `other` is the second officer of acts that need one. */
static void in_batches(bench_world *world, const char *key, const char *other, const char *type, size_t count, item_writer *write)
{
    zd_buf text = {0};
    for (size_t n = 0; n < count;) {
        header(&text, world, "batch");
        zd_buf_addf(&text, ",\"of\":\"%s\",\"items\":[", type);
        for (bool first = true; n < count && text.size < ZD_REQUEST_TEXT_MAX - 1000; n++, first = false) {
            zd_buf_addf(&text, "%s{\"id\":\"%s-%zu\",", first ? "" : ",", type, n);
            write(&text, world, n);
        }
        zd_buf_add_text(&text, "]}\n");
        char hex[ZD_HASH_HEX];
        zd_hash hash = zd_sha256(zd_buf_span(&text));
        zd_hash_hex(hex, &hash);
        text.size -= 2;
        act(world, key, &text);
        if (other != NULL) {
            second(world, other, hex);
        }
    }
    zd_buf_free(&text);
}

void bench_world_create(bench_world *world, const char *dir, size_t vouchers, size_t providers)
{
    zd_error err = {0};
    *world = (bench_world){.dir = zd_strdup(dir), .voucher_count = vouchers, .provider_count = providers};
    world->now_unix_ms = zd_day_from(2026, 3, 2) * ZD_DAY_MS + 2 * INT64_C(3600000);
    bench_need(zd_seal_start(&err), &err, "start");
    bench_need(zd_trail_start(&err), &err, "start");
    world->signer_count = providers < SIGNERS_MAX ? providers : SIGNERS_MAX;
    world->providers = zd_alloc_zero(world->signer_count, sizeof *world->providers);
    world->provider_codes = zd_alloc_zero(providers, sizeof *world->provider_codes);
    for (size_t i = 0; i < providers; i++) {
        char name[64];
        credit_code(world->provider_codes[i], "12", i);
        provider_key_name(name, world, i);
        if (i < world->signer_count) {
            world->providers[i] = signer_of(name);
        }
    }
    create(world);
    bench_world_open(world);
    publish_policy(world);
    open_pool(world);
    in_batches(world, "issuer-1", NULL, "provider.admit", providers, provider_item);
    in_batches(world, "issuer-1", NULL, "key.grant", world->signer_count, provider_key_item);
    in_batches(world, "issuer-2", NULL, "holder.register", vouchers, holder_item);
    in_batches(world, "issuer-1", NULL, "voucher.allot", vouchers, voucher_item);
}

/* --- open payables --- */

static void account_item(zd_buf *text, bench_world *world, size_t n)
{
    zd_buf_addf(text, "\"provider\":\"%s\",\"commitment\":\"%064zu\"}", world->provider_codes[n], n + 1);
}

static void payable_item(zd_buf *text, bench_world *world, size_t n)
{
    zd_buf_addf(text, "\"account\":\"3000\",\"pool\":\"" POOL "\",\"amount_fen\":%d,\"provider\":\"%s\",\"item\":\"OB-%06zu\"}", AMOUNT_FEN,
                world->provider_codes[n % world->provider_count], n);
}

void bench_world_payables(bench_world *world, size_t items)
{
    in_batches(world, "issuer-1", "issuer-2", "provider.account", world->provider_count, account_item);
    in_batches(world, "issuer-1", "issuer-2", "opening.balance", items, payable_item);
}

void bench_submit_as(bench_world *world, const char *key_name, const char *type, const char *members)
{
    zd_buf text = {0};
    header(&text, world, type);
    zd_buf_addf(&text, ",%s", members);
    act(world, key_name, &text);
    zd_buf_free(&text);
}

void bench_world_free(bench_world *world)
{
    bench_world_close(world);
    for (size_t i = 0; i < world->signer_count; i++) {
        zd_signer_close(world->providers[i]);
    }
    free(world->providers);
    free(world->provider_codes);
    free(world->dir);
    zd_trail_stop();
}
