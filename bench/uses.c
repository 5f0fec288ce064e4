/* See uses.h. */
#include "bench/uses.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

static const char *word_of(const char *shown)
{
    static const char *const words[][2] = {
        {"仪器机时", "instrument"}, {"检验检测", "testing"},    {"委托开发", "commissioned-development"}, {"合作开发", "joint-development"}, {"设计", "design"},
        {"查新", "novelty-search"}, {"软件测试", "software-test"}, {"材料表征", "material"},              {"性能测试", "performance"},      {"成分分析", "composition"},
        {"可靠性试验", "reliability"}, {"工艺开发", "process"},   {"样机设计", "prototype"},              {"软件验证", "software"},         {"科技查新", "novelty"}};
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (strcmp(words[i][0], shown) == 0) {
            return words[i][1];
        }
    }
    bench_stop("the fixture generator has a word that the benchmark does not know");
}

/* --- planning --- */

/* The generator's invoices are of its own year; a ledger on the real clock needs this year's in the same place of the number. */
static void set_invoice_year(char *invoice, int year)
{
    const char *colon = strchr(invoice, ':');
    size_t at = colon == NULL ? 0 : colon - invoice == 12 ? 5 : 4;
    invoice[at] = (char)('0' + year / 10 % 10);
    invoice[at + 1] = (char)('0' + year % 10);
}

static size_t next_holder(bench_world *world, int place, int64_t amount_fen)
{
    for (size_t tries = 0; tries < world->holder_count; tries++) {
        size_t holder = world->next_holder++ % world->holder_count;
        bool fits = place == BENCH_ANY || (int)(holder % FX_PLACES) == place;
        if (fits && world->holders[holder].left_fen >= amount_fen) {
            world->holders[holder].left_fen -= amount_fen;
            return holder;
        }
    }
    bench_stop("the vouchers of the workload are used up: it needs more holders");
}

bench_use bench_use_plan(bench_world *world, int place, int provider)
{
    int64_t today = zd_day_of(world->now_unix_ms, ZD_ZONE_SHANGHAI_MS);
    size_t who = provider == BENCH_ANY ? world->next_provider++ % world->provider_count : (size_t)provider;
    bench_use use = {.plan = fx_plan(world->fixtures, 0, (int)(who % BENCH_PROVIDERS), today, today), .provider = who};
    use.holder = next_holder(world, place, use.plan.amount_fen);
    zd_format(use.plan.voucher, sizeof use.plan.voucher, "V%02d-%06zu", world->year % 100, use.holder);
    zd_format(use.plan.buyer, sizeof use.plan.buyer, "%s", world->holders[use.holder].code);
    set_invoice_year(use.plan.invoice, world->year);
    return use;
}

/* --- fields --- */

static const char *provider_of(const bench_world *world, const bench_use *use)
{
    return world->provider_codes[use->provider];
}

static void date_field(zd_buf *text, const char *name, int64_t day)
{
    char date[ZD_DATE_TEXT];
    zd_date_text(date, day);
    zd_buf_addf(text, ",\"%s\":\"%s\"", name, date);
}

static void service_fields(zd_buf *text, const bench_world *world, const bench_use *use)
{
    const fx_use *p = &use->plan;
    zd_buf_addf(text, ",\"voucher\":\"%s\",\"holder\":\"E-%06zu\",\"provider\":\"%s\",\"category\":\"%s\",\"purpose\":\"%s\",\"amount_fen\":%lld,\"own_share_fen\":%lld",
                p->voucher, use->holder, provider_of(world, use), word_of(p->category), word_of(p->purpose), (long long)p->amount_fen, (long long)p->own_fen);
    zd_buf_addf(text, ",\"contract\":\"%s\",\"contract_fen\":%lld", p->contract, (long long)p->contract_fen);
    date_field(text, "contract_date", p->contract_day);
    zd_buf_add_text(text, ",\"affiliation\":\"none\",\"statutory\":false,\"other_funding_fen\":0");
}

static void result_fields(zd_buf *text, const bench_world *world, const bench_use *use, int64_t done_day)
{
    const fx_use *p = &use->plan;
    date_field(text, "done", done_day);
    zd_buf_addf(text, ",\"result_sha256\":\"%s\",\"invoice\":\"%s\",\"invoice_fen\":%lld,\"invoice_part_fen\":%lld", p->result, p->invoice, (long long)p->gross_fen,
                (long long)p->part_fen);
    date_field(text, "invoice_date", done_day);
    zd_buf_addf(text, ",\"seller\":\"%s\",\"buyer\":\"%s\"", provider_of(world, use), p->buyer);
}

static void instrument_field(zd_buf *text, const bench_world *world, const bench_use *use, bool quantity)
{
    if (use->plan.instrument >= 0) {
        zd_buf_addf(text, ",\"instrument\":\"%s\"", world->fixtures->instruments[use->plan.instrument].id);
        if (quantity) {
            zd_buf_addf(text, ",\"quantity\":%d", use->plan.quantity);
        }
    }
}

/* Each begins with its first field, without a comma in front, and ends without the brace. */
static void order_fields(zd_buf *text, const bench_world *world, const bench_use *use)
{
    zd_buf_addf(text, "\"order\":\"%s\"", use->plan.order);
    service_fields(text, world, use);
    instrument_field(text, world, use, false);
}

static void direct_fields(zd_buf *text, const bench_world *world, const bench_use *use)
{
    zd_buf_addf(text, "\"item\":\"%s\",\"order\":\"%s\"", use->plan.item, use->plan.order);
    service_fields(text, world, use);
    result_fields(text, world, use, use->plan.done_day);
    instrument_field(text, world, use, true);
}

static void capture_fields(zd_buf *text, const bench_world *world, const bench_use *use)
{
    int64_t today = zd_day_of(world->now_unix_ms, ZD_ZONE_SHANGHAI_MS);
    zd_buf_addf(text, "\"item\":\"%s\",\"order\":\"%s\",\"amount_fen\":%lld,\"own_share_fen\":%lld,\"final\":true", use->plan.item, use->plan.order,
                (long long)use->plan.amount_fen, (long long)use->plan.own_fen);
    result_fields(text, world, use, today);
    if (use->plan.instrument >= 0) {
        zd_buf_addf(text, ",\"quantity\":%d", use->plan.quantity);
    }
}

static void refund_fields(zd_buf *text, const bench_world *world, const bench_use *use)
{
    (void)world;
    zd_buf_addf(text, "\"note\":\"TK-%s\",\"item\":\"%s\",\"amount_fen\":%lld,\"reason\":\"dispute\"", use->plan.item, use->plan.item,
                (long long)(use->plan.amount_fen / 4));
}

/* --- single notes --- */

typedef void use_fields(zd_buf *text, const bench_world *world, const bench_use *use);

static void add_note(bench_notes *notes, bench_world *world, const bench_use *use, const char *type, use_fields *fields)
{
    zd_buf text = {0};
    char name[64];
    bench_provider_key(name, world, use->provider);
    bench_header(&text, world, type);
    zd_buf_add_byte(&text, ',');
    fields(&text, world, use);
    zd_buf_add_text(&text, "}\n");
    bench_notes_sign(notes, bench_provider(world, use->provider), name, &text, 1);
    zd_buf_free(&text);
}

void bench_add_order(bench_notes *notes, bench_world *world, const bench_use *use)
{
    add_note(notes, world, use, "redemption.order", order_fields);
}

void bench_add_capture(bench_notes *notes, bench_world *world, const bench_use *use)
{
    add_note(notes, world, use, "redemption.capture", capture_fields);
}

void bench_add_direct(bench_notes *notes, bench_world *world, const bench_use *use)
{
    add_note(notes, world, use, "redemption.direct", direct_fields);
}

void bench_add_refund(bench_notes *notes, bench_world *world, const bench_use *use)
{
    add_note(notes, world, use, "redemption.refund", refund_fields);
}

/* --- batches --- */

void bench_add_full_batch(bench_notes *notes, bench_world *world, bool direct)
{
    zd_buf text = {0};
    zd_buf item = {0};
    char name[64];
    size_t items = 0;
    size_t provider = world->next_provider++ % world->provider_count;
    bench_header(&text, world, "batch");
    zd_buf_addf(&text, ",\"of\":\"%s\",\"items\":[", direct ? "redemption.direct" : "redemption.order");
    for (;;) {
        bench_use use = bench_use_plan(world, BENCH_ANY, (int)provider);
        zd_buf_clear(&item);
        zd_buf_addf(&item, "%s{\"id\":\"i-%u\",", items > 0 ? "," : "", ++world->next_request);
        (direct ? direct_fields : order_fields)(&item, world, &use);
        zd_buf_add_byte(&item, '}');
        if (text.size + item.size + sizeof "]}\n" > ZD_REQUEST_TEXT_MAX) {
            world->holders[use.holder].left_fen += use.plan.amount_fen;
            break;
        }
        zd_buf_add_span(&text, zd_buf_span(&item));
        items++;
    }
    zd_buf_add_text(&text, "]}\n");
    bench_provider_key(name, world, provider);
    bench_notes_sign(notes, bench_provider(world, provider), name, &text, items);
    zd_buf_free(&text);
    zd_buf_free(&item);
}

static void consent_item(zd_buf *text, void *context, size_t n)
{
    const bench_use *uses = context;
    zd_buf_addf(text, "\"fact\":\"consent\",\"subject\":\"%s\",\"value\":\"gateway\"}", uses[n].plan.order);
}

static void own_share_item(zd_buf *text, void *context, size_t n)
{
    const bench_use *uses = context;
    zd_buf_addf(text, "\"fact\":\"own-share\",\"subject\":\"%s\",\"value\":\"paid\",\"amount_fen\":%lld}", uses[n].plan.order, (long long)uses[n].plan.own_fen);
}

static void invoice_item(zd_buf *text, void *context, size_t n)
{
    const bench_use *uses = context;
    zd_buf_addf(text, "\"fact\":\"invoice-check\",\"subject\":\"%s\",\"value\":\"ok\"}", uses[n].plan.invoice);
}

void bench_add_facts(bench_notes *notes, bench_world *world, const bench_use *uses, size_t count)
{
    static const struct {
        const char *key;
        bench_item_writer *write;
    } kinds[] = {{"gateway", consent_item}, {"bank", own_share_item}, {"tax", invoice_item}};
    bench_use *copies = zd_alloc(count * sizeof *copies + 1);
    memcpy(copies, uses, count * sizeof *copies);
    for (size_t i = 0; i < ZD_COUNT(kinds); i++) {
        bench_notes_batches(notes, world, kinds[i].key, "fact.attest", count, kinds[i].write, copies);
    }
    free(copies);
}

/* --- command lines --- */

/* "name":value pairs become --name value: the options of `redeem direct` are the fields of the request. */
size_t bench_direct_options(char **argv, size_t max, const bench_world *world, const bench_use *use)
{
    zd_buf fields = {0};
    size_t count = 0;
    direct_fields(&fields, world, use);
    zd_span rest = zd_buf_span(&fields);
    while (rest.size > 0 && count + 2 <= max) {
        zd_span pair;
        zd_span value;
        zd_buf option = {0};
        rest = zd_span_cut(&pair, rest, ',');
        value = zd_span_cut(&pair, pair, ':');
        zd_buf_addf(&option, "--%.*s", (int)pair.size - 2, (const char *)pair.data + 1);
        for (size_t i = 2; i < option.size; i++) {
            option.data[i] = option.data[i] == '_' ? '-' : option.data[i];
        }
        bool quoted = value.size > 1 && value.data[0] == '"';
        argv[count++] = zd_strdup(zd_buf_text(&option));
        zd_buf_clear(&option);
        zd_buf_add(&option, value.data + (quoted ? 1 : 0), value.size - (quoted ? 2 : 0));
        argv[count++] = zd_strdup(zd_buf_text(&option));
        zd_buf_free(&option);
    }
    zd_buf_free(&fields);
    return count;
}
