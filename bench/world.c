/* Builds the measured ledger; see world.h. Parties are those of the fixture generator: made up, with valid check characters. */
#include "bench/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/trail/trail.h"
#include "bench/notes.h"
#include "ledger/base/clock.h"
#include "ledger/base/durable.h"

#define POLICY_FILE "ledger/policy/shaoxing-2026.json"
#define VOUCHER_FEN INT64_C(20000000)
#define POOL_FEN INT64_C(9000000000000)
#define FIXTURE_SEED UINT64_C(20260105) /* as the generator of the demo year */
#define NOTES_A_CALL 20
#define ACCOUNTS_A_CALL 1000

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

/* --- keys --- */

zd_signer *bench_signer(const char *key_name)
{
    zd_error err = {0};
    zd_signer *signer = NULL;
    zd_hash seed = zd_sha256(zd_span_text(key_name));
    bench_need(zd_signer_from_seed(&signer, seed.bytes, &err), &err, key_name);
    return signer;
}

void bench_key_file(const bench_world *world, const char *key_name, const char *path)
{
    (void)world;
    zd_error err = {0};
    zd_hash seed = zd_sha256(zd_span_text(key_name));
    bench_need(zd_key_file_make(path, "bench", seed.bytes, &err), &err, path);
}

void bench_provider_key(char out[64], const bench_world *world, size_t provider)
{
    zd_format(out, 64, "provider/%s", world->provider_codes[provider]);
}

void bench_pool(char out[24], const bench_world *world, int place)
{
    zd_format(out, 24, "%s-%d-E", fx_places[place], world->year);
}

/* --- opening --- */

static zd_ledger_options options_of(bench_world *world)
{
    zd_ledger_options options = zd_ledger_defaults();
    if (!world->real_clock) {
        options.clock = zd_clock_fixed(&world->now_unix_ms);
    }
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
    zd_signer *log_key = bench_signer("log");
    zd_signer *git_key = bench_signer("git");
    zd_publisher publisher = {.log_key = log_key, .git_key = git_key};
    bench_need(zd_ledger_publish(world->ledger, &publisher, &err), &err, "publish");
    zd_signer_close(log_key);
    zd_signer_close(git_key);
}

void bench_world_pass_days(bench_world *world, int days)
{
    world->now_unix_ms += days * ZD_DAY_MS;
}

/* --- the programme --- */

/* From "key_name" to the closing brace. */
static void key_fields(zd_buf *text, const char *name, const char *role, const char *rest)
{
    char hex[ZD_HASH_HEX];
    zd_hash hash;
    zd_signer *signer = bench_signer(name);
    memcpy(hash.bytes, zd_signer_public(signer)->bytes, sizeof hash.bytes);
    zd_signer_close(signer);
    zd_hash_hex(hex, &hash);
    zd_buf_addf(text, "\"key_name\":\"%s\",\"public\":\"%s\",\"person\":\"p-%.8s\",\"unit\":\"bench\",\"role\":\"%s\",\"jurisdictions\":\"all\"%s}", name, hex, hex, role,
                rest);
}

static void create(bench_world *world)
{
    static const char *const names[][2] = {{"root", "root"},       {"finance-root", "finance-root"}, {"log", "log"},          {"git", "git"},         {"service", "service"},
                                           {"issuer-1", "issuer"}, {"issuer-2", "issuer"},           {"gateway", "attester"}, {"bank", "attester"}, {"tax", "attester"}};
    zd_error err = {0};
    zd_buf text = {0};
    bench_notes notes = {0};
    zd_ledger_options options = options_of(world);
    bench_header(&text, world, "genesis");
    zd_buf_add_text(&text, ",\"threshold\":1,\"items\":[");
    for (size_t i = 0; i < ZD_COUNT(names); i++) {
        zd_buf_addf(&text, "%s{\"id\":\"k-%zu\",", i > 0 ? "," : "", i);
        key_fields(&text, names[i][0], names[i][1], "");
    }
    zd_buf_add_text(&text, "]}\n");
    zd_signer *root = bench_signer("root");
    bench_notes_sign(&notes, root, "root", &text, 0);
    bench_notes_ready(&notes);
    bench_need(zd_ledger_create(&world->genesis, world->dir, notes.spans[0], &options, &err), &err, "create");
    zd_signer_close(root);
    bench_notes_free(&notes);
    zd_buf_free(&text);
}

static void confirm(bench_world *world, zd_span first_text)
{
    zd_buf text = {0};
    char hex[ZD_HASH_HEX];
    zd_hash hash = zd_sha256(first_text);
    zd_hash_hex(hex, &hash);
    bench_header(&text, world, "second");
    zd_buf_addf(&text, ",\"of_sha256\":\"%s\"", hex);
    bench_act(world, "issuer-2", &text);
    zd_buf_free(&text);
}

static void publish_policy(bench_world *world)
{
    zd_error err = {0};
    zd_buf file = {0};
    zd_buf text = {0};
    zd_buf copy = {0};
    bench_need(zd_file_read(&file, POLICY_FILE, 65536, &err), &err, "run from the top of the checkout");
    for (size_t i = 0; i < file.size; i++) {
        file.data[i] = file.data[i] == '\n' ? ' ' : file.data[i];
    }
    bench_header(&text, world, "policy.publish");
    zd_buf_addf(&text, ",\"number\":1,\"effective\":\"%d-01-01\",\"policy\":%s", world->year, zd_buf_text(&file));
    zd_buf_addf(&copy, "%s}\n", zd_buf_text(&text));
    bench_act(world, "issuer-1", &text);
    confirm(world, zd_buf_span(&copy));
    zd_buf_free(&copy);
    zd_buf_free(&file);
    zd_buf_free(&text);
}

/* Submits count items in batch requests of one key. */
static void in_batches(bench_world *world, const char *key, const char *of, size_t count, bench_item_writer *write)
{
    bench_notes notes = {0};
    bench_notes_batches(&notes, world, key, of, count, write, world);
    bench_notes_ready(&notes);
    for (size_t i = 0; i < notes.count; i += NOTES_A_CALL) {
        bench_submit(world, &notes, i, i + NOTES_A_CALL < notes.count ? i + NOTES_A_CALL : notes.count, 0);
    }
    bench_notes_free(&notes);
}

static void finance_key_item(zd_buf *text, void *context, size_t n)
{
    static const char *const names[] = {"maker", "checker", "releaser"};
    (void)context;
    key_fields(text, names[n], names[n], "");
}

/* Every district's pool of this year, and of the next, which pays for services redeemed after the closing day. */
static void pool_item(zd_buf *text, void *context, size_t n)
{
    const bench_world *world = context;
    const char *place = fx_places[n % FX_PLACES];
    int year = world->year + (int)(n / FX_PLACES);
    zd_buf_addf(text,
                "\"pool\":\"%s-%d-E\",\"jurisdiction\":\"%s\",\"year\":%d,\"class\":\"enterprise\",\"rank\":1,\"document\":\"样例财教〔%d〕%zu号\","
                "\"fund_nature\":\"一般公共预算\",\"budget_unit\":\"样例科学技术局\",\"project\":\"科技创新券\",\"function_code\":\"2060499\",\"gov_economic\":\"50799\","
                "\"dept_economic\":\"31299\",\"settle_mode\":\"财政直接支付\",\"amount_fen\":%lld}",
                place, year, place, year, year, n, (long long)POOL_FEN);
}

static const char *const category_tags[7] = {"instrument", "testing", "commissioned-development", "joint-development", "design", "novelty-search", "software-test"};

static void provider_item(zd_buf *text, void *context, size_t n)
{
    static const size_t ascending[7] = {2, 4, 0, 3, 5, 6, 1};
    const bench_world *world = context;
    const fx_provider *provider = &world->fixtures->providers[n % BENCH_PROVIDERS];
    zd_buf_addf(text, "\"provider\":\"%s\",\"label\":\"样例第%03zu检测中心\",\"categories\":\"", world->provider_codes[n], n + 1);
    const char *comma = "";
    for (size_t i = 0; i < ZD_COUNT(ascending); i++) {
        if ((provider->categories >> ascending[i] & 1U) != 0) {
            zd_buf_addf(text, "%s%s", comma, category_tags[ascending[i]]);
            comma = ",";
        }
    }
    zd_buf_addf(text, "\",\"eligible_from\":\"%d-01-01\",\"eligible_to\":\"%d-12-31\"}", world->year - 1, world->year + 1);
}

static void provider_key_item(zd_buf *text, void *context, size_t n)
{
    const bench_world *world = context;
    char name[64];
    char party[40];
    bench_provider_key(name, world, n);
    zd_format(party, sizeof party, ",\"party\":\"%s\"", world->provider_codes[n]);
    key_fields(text, name, "provider", party);
}

/* Every provider has the instruments of the fixture's provider that it repeats. */
static size_t instruments_a_round(const bench_world *world)
{
    size_t count = 0;
    while (count < FX_INSTRUMENTS && world->fixtures->instruments[count].provider < BENCH_PROVIDERS) {
        count++;
    }
    return count;
}

static void instrument_item(zd_buf *text, void *context, size_t n)
{
    const bench_world *world = context;
    size_t round = n / instruments_a_round(world);
    size_t number = n % instruments_a_round(world);
    const fx_instrument *instrument = &world->fixtures->instruments[number];
    size_t provider = round * BENCH_PROVIDERS + (size_t)instrument->provider;
    provider = provider < world->provider_count ? provider : (size_t)instrument->provider; /* the last round may be a short one; twice is harmless */
    zd_buf_addf(text,
                "\"instrument\":\"%s\",\"provider\":\"%s\",\"categories\":\"instrument\",\"price_fen\":%lld,\"shared\":%s,\"customs\":false,\"usable\":true,"
                "\"label\":\"样例仪器%03zu\"}",
                instrument->id, world->provider_codes[provider], (long long)instrument->price_fen, instrument->shared ? "true" : "false", number + 1);
}

static void holder_item(zd_buf *text, void *context, size_t n)
{
    const bench_world *world = context;
    size_t number = world->holder_count + n;
    zd_buf_addf(text,
                "\"holder\":\"E-%06zu\",\"class\":\"enterprise\",\"jurisdiction\":\"%s\",\"eligible_from\":\"%d-01-01\",\"eligible_to\":\"%d-12-31\",\"code\":\"%s\","
                "\"label\":\"样例第%06zu号科技有限公司\"}",
                number, fx_places[number % FX_PLACES], world->year, world->year, world->holders[number].code, number);
}

static void voucher_item(zd_buf *text, void *context, size_t n)
{
    const bench_world *world = context;
    size_t number = world->holder_count + n;
    zd_buf_addf(text,
                "\"voucher\":\"V%02d-%06zu\",\"holder\":\"E-%06zu\",\"year\":%d,\"amount_fen\":%lld,"
                "\"categories\":\"commissioned-development,design,instrument,joint-development,novelty-search,software-test,testing\"}",
                world->year % 100, number, number, world->year, (long long)VOUCHER_FEN);
}

void bench_world_add_bare_holders(bench_world *world, size_t count)
{
    world->holders = zd_realloc(world->holders, (world->holder_count + count) * sizeof *world->holders);
    for (size_t i = world->holder_count; i < world->holder_count + count; i++) {
        fx_code(world->holders[i].code, "91", fx_places[i % FX_PLACES], (int)i + 1);
        world->holders[i].left_fen = VOUCHER_FEN;
    }
    in_batches(world, "issuer-2", "holder.register", count, holder_item);
}

void bench_world_add_holders(bench_world *world, size_t count)
{
    bench_world_add_bare_holders(world, count);
    in_batches(world, "issuer-1", "voucher.allot", count, voucher_item);
    world->holder_count += count;
}

static zd_account_data account_of(size_t provider)
{
    zd_account_data account = {.bank_name = "样例银行绍兴分行", .bank_code = "313337009004"};
    zd_format(account.name, sizeof account.name, "样例第%03zu检测中心", provider + 1);
    zd_format(account.account, sizeof account.account, "999900010000%05zu", provider + 1);
    account.salt = zd_sha256(zd_span_text(account.account));
    return account;
}

static void account_item(zd_buf *text, void *context, size_t n)
{
    const bench_world *world = context;
    char hex[ZD_HASH_HEX];
    zd_account_data account = account_of(n);
    zd_hash commitment = zd_account_commitment(&account);
    zd_hash_hex(hex, &commitment);
    zd_buf_addf(text, "\"provider\":\"%s\",\"commitment\":\"%s\"}", world->provider_codes[n], hex);
}

void bench_world_add_accounts(bench_world *world)
{
    zd_error err = {0};
    bench_notes notes = {0};
    zd_private_account *entries = zd_alloc(ACCOUNTS_A_CALL * sizeof *entries);
    size_t count = 0;
    for (size_t i = 0; i < world->provider_count; i++) {
        entries[count].data = account_of(i);
        zd_format(entries[count++].provider, sizeof entries->provider, "%s", world->provider_codes[i]);
        if (count == ACCOUNTS_A_CALL || i + 1 == world->provider_count) {
            bench_need(zd_private_accounts_put(world->ledger, entries, count, &err), &err, "accounts");
            count = 0;
        }
    }
    free(entries);
    bench_notes_batches(&notes, world, "issuer-1", "provider.account", world->provider_count, account_item, world);
    bench_notes_ready(&notes);
    for (size_t i = 0; i < notes.count; i++) {
        zd_note note;
        bench_submit(world, &notes, i, i + 1, 0);
        bench_need(zd_note_split(&note, notes.spans[i], &err), &err, "note");
        confirm(world, note.text);
    }
    bench_notes_free(&notes);
}

/* A key in guarded memory takes some sixteen mappings, of which a process has 65,530: four thousand keys at once are the most, so they are opened as they are needed. */
const zd_signer *bench_provider(bench_world *world, size_t provider)
{
    if (world->providers[provider] == NULL) {
        char name[64];
        if (world->open_count == BENCH_KEYS_OPEN) {
            size_t *oldest = &world->open[world->open_next];
            zd_signer_close(world->providers[*oldest]);
            world->providers[*oldest] = NULL;
            *oldest = provider;
            world->open_next = (world->open_next + 1) % BENCH_KEYS_OPEN;
        } else {
            world->open[world->open_count++] = provider;
        }
        bench_provider_key(name, world, provider);
        world->providers[provider] = bench_signer(name);
    }
    return world->providers[provider];
}

/* Providers of the fixtures under their own codes; more of them repeat those under the codes that would come next. */
static void make_providers(bench_world *world)
{
    size_t count = world->provider_count;
    world->providers = zd_alloc_zero(count, sizeof *world->providers);
    world->provider_codes = zd_alloc_zero(count, sizeof *world->provider_codes);
    for (size_t i = 0; i < count; i++) {
        if (i < BENCH_PROVIDERS) {
            zd_format(world->provider_codes[i], sizeof world->provider_codes[i], "%s", world->fixtures->providers[i].code);
        } else {
            fx_code(world->provider_codes[i], "12", fx_places[i % FX_PLACES], 910000 + (int)i / FX_PLACES);
        }
    }
}

void bench_world_create(bench_world *world, const char *dir, size_t holders, size_t providers, bool real_clock)
{
    zd_error err = {0};
    *world = (bench_world){.dir = zd_strdup(dir), .year = FX_YEAR, .provider_count = providers, .real_clock = real_clock};
    world->now_unix_ms = zd_day_from(FX_YEAR, 3, 2) * ZD_DAY_MS + 2 * INT64_C(3600000);
    if (real_clock) {
        zd_clock clock = zd_ledger_defaults().clock;
        world->now_unix_ms = clock.now_unix_ms(clock.context);
        world->year = zd_day_year(zd_day_of(world->now_unix_ms, ZD_ZONE_SHANGHAI_MS));
    }
    bench_need(zd_seal_start(&err), &err, "start");
    bench_need(zd_trail_start(&err), &err, "start");
    world->fixtures = zd_alloc_zero(1, sizeof *world->fixtures);
    world->fixtures->random = FIXTURE_SEED;
    fx_make_parties(world->fixtures);
    make_providers(world);
    size_t rounds = (providers + BENCH_PROVIDERS - 1) / BENCH_PROVIDERS;
    create(world);
    bench_world_open(world);
    publish_policy(world);
    in_batches(world, "finance-root", "key.grant", 3, finance_key_item);
    in_batches(world, "maker", "pool.open", 2 * FX_PLACES, pool_item);
    in_batches(world, "issuer-1", "provider.admit", providers, provider_item);
    in_batches(world, "issuer-1", "key.grant", providers, provider_key_item);
    in_batches(world, "issuer-1", "instrument.register", rounds * instruments_a_round(world), instrument_item);
    bench_world_add_holders(world, holders);
}

void bench_world_free(bench_world *world)
{
    bench_world_close(world);
    for (size_t i = 0; i < world->provider_count; i++) {
        zd_signer_close(world->providers[i]);
    }
    free(world->providers);
    free(world->provider_codes);
    for (int i = 0; i < FX_FILES; i++) {
        zd_buf_free(&world->fixtures->files[i].text);
        free(world->fixtures->files[i].lines);
    }
    zd_buf_free(&world->fixtures->catches);
    free(world->fixtures);
    free(world->holders);
    free(world->dir);
}
