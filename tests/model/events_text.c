/* An event of the model as the JSON members of the real request; see events.h. */
#include "tests/model/events.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"

const char *mo_type(mo_kind kind)
{
    static const char *const types[MO_KINDS] = {
        [MO_ALLOT] = "voucher.allot", [MO_SUSPEND] = "voucher.suspend", [MO_RESUME] = "voucher.resume", [MO_REVOKE] = "voucher.revoke", [MO_MANDATE] = "mandate.grant",
        [MO_MANDATE_END] = "mandate.withdraw", [MO_ORDER] = "redemption.order", [MO_EXTEND] = "redemption.extend", [MO_CONFIRM] = "redemption.confirm",
        [MO_CAPTURE] = "redemption.capture", [MO_DIRECT] = "redemption.direct", [MO_VOID_ORDER] = "redemption.void", [MO_VOID_ITEM] = "redemption.void",
        [MO_REFUND] = "redemption.refund", [MO_OWN_SHARE] = "fact.attest", [MO_CONSENT] = "fact.attest", [MO_INVOICE_WORD] = "fact.attest", [MO_OTHER_PLAN] = "fact.attest",
        [MO_RED_LETTER] = "fact.attest", [MO_RELEASE_HOLD] = "review.release", [MO_REJECT] = "review.reject", [MO_CLAWBACK] = "review.clawback", [MO_RECOVER] = "review.recover",
        [MO_WRITE_OFF] = "review.write-off", [MO_SEAL] = "batch.seal", [MO_CONTINUE] = "batch.continue", [MO_OBJECT] = "batch.object", [MO_APPROVE] = "batch.approve", [MO_RELEASE] = "batch.release",
        [MO_WITHDRAW] = "batch.withdraw", [MO_SUBMIT] = "batch.submit", [MO_ACK] = "batch.ack", [MO_BANK_REJECT] = "batch.reject", [MO_BATCH_VOID] = "batch.void",
        [MO_ANSWER] = "line.answer", [MO_SWEEP] = "sweep", [MO_APPROPRIATE] = "pool.appropriate", [MO_CUT] = "pool.cut", [MO_MOVE] = "pool.move",
        [MO_CARRY] = "pool.carry", [MO_CLOSE] = "pool.close-year", [MO_POOL_OPEN] = "pool.open", [MO_PROVIDER_SUSPEND] = "provider.suspend", [MO_HOLDER_BAN] = "holder.ban",
        [MO_SECOND] = "second"};
    return types[kind];
}

typedef struct text { char *out; size_t size, used; } text;

__attribute__((format(printf, 2, 3))) static void say(text *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(t->out + t->used, t->size - t->used, format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= t->size - t->used) {
        abort();
    }
    t->used += (size_t)length;
}

/* A known hash, or on purpose a wrong one. */
static void say_hash(text *t, const char *hex, bool good)
{
    if (good) {
        say(t, "%s\"", hex);
    } else {
        say(t, "%064d\"", 1);
    }
}

static void say_fen(text *t, const char *name, int64_t fen) { say(t, ",\"%s\":%lld", name, (long long)fen); }

static void say_day(text *t, const char *name, int64_t day)
{
    char date[ZD_DATE_TEXT];
    zd_date_text(date, day);
    say(t, ",\"%s\":\"%s\"", name, date);
}

static void say_pool(text *t, const char *name, const mo_model *m, int pool)
{
    if (pool < m->pools) {
        say(t, ",\"%s\":\"%s\"", name, m->pool[pool].name);
    } else {
        say(t, ",\"%s\":\"PL-%d\"", name, pool);
    }
}

static void say_voucher(text *t, const mo_model *m, int voucher)
{
    if (voucher < m->vouchers) {
        say(t, ",\"voucher\":\"%s\"", m->voucher[voucher].name);
    } else {
        say(t, ",\"voucher\":\"W-%d\"", voucher);
    }
}

static void say_number(text *t, const mo_model *m, int number) { say(t, "%02d330000%012d", m->number[number].year % 100, number); }

static void say_instrument(text *t, int instrument)
{
    if (instrument > 0) {
        say(t, ",\"instrument\":\"%s\"", instrument == 1 ? "MI-1" : "MI-2");
    }
}

static void say_order(text *t, const mo_model *m, const mo_event *e)
{
    say(t, ",\"order\":\"O-%d\"", e->order);
    say_voucher(t, m, e->voucher);
    say(t, ",\"holder\":\"%s\",\"provider\":\"%s\",\"category\":\"testing\",\"purpose\":\"material-%d\"", m->holder[e->holder].name, m->provider[e->provider].name, e->purpose);
    say_fen(t, "amount_fen", e->amount);
    say_fen(t, "own_share_fen", e->own);
    say(t, ",\"contract\":\"HT-%d\"", e->contract);
    say_fen(t, "contract_fen", e->contract_fen);
    say_day(t, "contract_date", e->contract_day);
    say(t, ",\"affiliation\":\"%s\",\"statutory\":false", e->affiliated ? "affiliated" : "none");
    say_fen(t, "other_funding_fen", e->other);
    if (e->mandate >= 0) {
        say(t, ",\"mandate\":\"MD-%d\"", e->mandate);
    }
    say_instrument(t, e->instrument);
}

static void say_service(text *t, const mo_model *m, const mo_event *e, int holder, int provider)
{
    say(t, ",\"item\":\"I-%d\"", e->item);
    say_day(t, "done", e->done);
    say(t, ",\"result_sha256\":\"%064d\",\"invoice\":\"", 5);
    bool swap = e->number[1] >= 0 && (m->number[e->number[1]].year < m->number[e->number[0]].year ||
                                      (m->number[e->number[1]].year == m->number[e->number[0]].year && e->number[1] < e->number[0]));
    say_number(t, m, e->number[swap ? 1 : 0]);
    if (e->number[1] >= 0) {
        say(t, ",");
        say_number(t, m, e->number[swap ? 0 : 1]);
    }
    say(t, "\"");
    say_fen(t, "invoice_fen", e->invoice_fen);
    say_fen(t, "invoice_part_fen", e->part);
    say_day(t, "invoice_date", e->invoice_day);
    bool person = m->holder[holder].holder_class == 1;
    say(t, ",\"seller\":\"%s\",\"buyer\":\"%s\"", m->provider[provider].name, person ? "person" : m->holder[holder].name);
    if (e->quantity > 0) {
        say_fen(t, "quantity", e->quantity);
    }
}

static void say_redemption(text *t, const mo_model *m, const mo_event *e)
{
    switch ((int)e->kind) {
    case MO_ORDER: say_order(t, m, e); break;
    case MO_DIRECT:
        say_order(t, m, e);
        say_service(t, m, e, e->holder, e->provider);
        break;
    case MO_CAPTURE:
        say(t, ",\"order\":\"O-%d\",\"final\":%s", e->order, e->final ? "true" : "false");
        say_fen(t, "amount_fen", e->amount);
        say_fen(t, "own_share_fen", e->own);
        say_service(t, m, e, m->order[e->order].holder, m->order[e->order].provider);
        say_instrument(t, e->instrument);
        break;
    case MO_CONFIRM:
        say(t, ",\"order\":\"O-%d\",\"of_sha256\":\"", e->order);
        say_hash(t, m->order[e->order].sha256, e->good);
        break;
    case MO_VOID_ITEM: say(t, ",\"order\":\"O-%d\",\"item\":\"I-%d\"", e->order, e->item); break;
    case MO_REFUND:
        say(t, ",\"note\":\"N-%d\",\"item\":\"I-%d\"", e->note, e->item);
        say_fen(t, "amount_fen", e->amount);
        break;
    default: say(t, ",\"order\":\"O-%d\"", e->order); break;
    }
}

static void say_voucher_act(text *t, const mo_model *m, const mo_event *e)
{
    if (e->kind == MO_MANDATE || e->kind == MO_MANDATE_END) {
        say(t, ",\"mandate\":\"MD-%d\",\"holder\":\"%s\"", e->mandate, m->holder[e->holder].name);
        if (e->kind == MO_MANDATE) {
            say(t, ",\"providers\":\"%s\"", e->all_providers ? "all" : m->provider[0].name);
            say_fen(t, "amount_fen", e->amount);
            say_day(t, "until", e->until);
        }
        return;
    }
    say_voucher(t, m, e->voucher);
    if (e->kind != MO_ALLOT) {
        say(t, ",\"reason\":\"dispute\"");
        return;
    }
    say(t, ",\"holder\":\"%s\",\"categories\":\"testing\"", m->holder[e->holder].name);
    say_fen(t, "year", e->year);
    say_fen(t, "amount_fen", e->amount);
    if (e->until != 0) {
        say_day(t, "until", e->until);
    }
}

static void say_fact(text *t, const mo_model *m, const mo_event *e)
{
    static const char *const words[] = {"own-share", "consent", "invoice-check", "other-plan", "red-letter"};
    say(t, ",\"fact\":\"%s\",\"subject\":\"", words[e->kind - MO_OWN_SHARE]);
    if (e->order >= 0) {
        say(t, "O-%d", e->order);
    } else {
        say_number(t, m, e->number[0]);
    }
    switch ((int)e->kind) {
    case MO_OWN_SHARE: say(t, "\",\"value\":\"paid\""); break;
    case MO_CONSENT: say(t, "\",\"value\":\"gateway\""); break;
    case MO_INVOICE_WORD: say(t, "\",\"value\":\"%s\"", e->good ? "ok" : "void"); break;
    case MO_OTHER_PLAN: say(t, "\",\"value\":\"plan-7\""); break;
    default: say(t, "\",\"value\":\"RL%d\"", e->serial); break;
    }
    if (e->kind == MO_OWN_SHARE || e->kind == MO_RED_LETTER) {
        say_fen(t, "amount_fen", e->amount);
    }
}

static void say_review(text *t, const mo_model *m, const mo_event *e)
{
    if (e->kind == MO_RELEASE_HOLD || e->kind == MO_REJECT) {
        say(t, ",\"item\":\"I-%d\",\"reason\":\"cleared\"", e->item);
        return;
    }
    say_fen(t, "amount_fen", e->amount);
    if (e->kind == MO_CLAWBACK) {
        say(t, ",\"case\":\"K-%d\",\"holder\":\"%s\",\"item\":\"I-%d\",\"decision\":\"d\"", e->kase, m->holder[e->holder].name, e->item);
        return;
    }
    if (e->note_row >= 0) { /* a red letter's note has another name */
        say(t, ",\"note\":\"%s\"", m->note[e->note_row].name);
    } else if (e->note >= 0) {
        say(t, ",\"note\":\"N-%d\"", e->note);
    } else {
        say(t, ",\"case\":\"K-%d\"", e->kase);
    }
    if (e->with_pool) {
        say_pool(t, "pool", m, e->pool);
    }
    if (e->kind == MO_RECOVER) {
        say(t, ",\"evidence_sha256\":\"%064d\"", 3);
    } else {
        say(t, ",\"decision\":\"d\"");
    }
}

static void say_batch(text *t, const mo_model *m, const mo_event *e)
{
    static const char *const answers[] = {"accepted", "debited", "failed", "returned", "paid", "unknown"};
    say(t, ",\"batch\":\"B-%d\"", e->batch);
    switch ((int)e->kind) {
    case MO_SEAL:
        say_pool(t, "pool", m, e->pool);
        say_fen(t, "cutoff", e->cutoff);
        say_day(t, "execution", e->execution);
        say(t, ",\"forced\":%s", e->forced ? "true" : "false");
        if (e->chunk != 0) {
            say_fen(t, "chunk", e->chunk);
        }
        break;
    case MO_CONTINUE: say_fen(t, "part", e->seal_part); break;
    case MO_OBJECT: say(t, ",\"provider\":\"%s\",\"reason\":\"dispute\"", m->provider[e->provider].name); break;
    case MO_APPROVE:
        say(t, ",\"seal_sha256\":\"");
        say_hash(t, m->batch[e->batch].sha256, e->good);
        break;
    case MO_RELEASE:
        say_fen(t, "count", e->count);
        say_fen(t, "total_fen", e->total);
        break;
    case MO_WITHDRAW: say(t, ",\"reason\":\"mistake\""); break;
    case MO_SUBMIT:
        say_fen(t, "count", e->count);
        say_fen(t, "total_fen", e->total);
        say(t, ",\"evidence_sha256\":\"%064d\"", 9);
        break;
    case MO_ACK:
    case MO_BANK_REJECT: say(t, ",\"evidence_sha256\":\"%064d\",\"bank_code\":\"AM04\"", 9); break;
    case MO_BATCH_VOID: say(t, ",\"evidence_sha256\":\"%064d\",\"reason\":\"mistake\"", 9); break;
    default:
        say(t, ",\"provider\":\"%s\",\"answer\":\"%s\",\"evidence_sha256\":\"%064d\"", m->provider[e->provider].name, answers[e->answer], 9);
        if (e->with_amount) {
            say_fen(t, "amount_fen", e->amount);
        }
    }
}

static void say_pool_act(text *t, const mo_model *m, const mo_event *e)
{
    say_pool(t, "pool", m, e->pool);
    say(t, ",\"document\":\"d\"");
    if (e->kind == MO_MOVE || e->kind == MO_CARRY) {
        say_pool(t, "to_pool", m, e->to_pool);
    }
    if (e->kind == MO_POOL_OPEN) {
        say(t, ",\"jurisdiction\":\"%s\",\"class\":\"%s\",\"fund_nature\":\"n\",\"budget_unit\":\"u\",\"project\":\"p\",\"function_code\":\"1\",\"gov_economic\":\"2\","
               "\"dept_economic\":\"3\",\"settle_mode\":\"m\"", e->serial / 2 == 0 ? "330602" : "330681", e->serial % 2 == 0 ? "enterprise" : "entrepreneur");
        say_fen(t, "year", e->year);
        say_fen(t, "rank", e->rank);
    }
    if (e->kind != MO_CARRY && e->kind != MO_CLOSE) {
        say_fen(t, "amount_fen", e->amount);
    }
}

static void say_bar(text *t, const mo_model *m, const mo_event *e)
{
    if (e->kind == MO_PROVIDER_SUSPEND) {
        say(t, ",\"provider\":\"%s\"", m->provider[e->provider].name);
    } else {
        say(t, ",\"holder\":\"%s\"", m->holder[e->holder].name);
    }
    say_day(t, "until", e->until);
    say(t, ",\"decision\":\"d\"%s", e->good ? ",\"reason\":\"cleared\"" : "");
}

void mo_render(char *out, size_t size, const mo_model *m, const mo_event *e)
{
    text t = {.out = out, .size = size};
    out[0] = '\0';
    if (e->kind <= MO_MANDATE_END) {
        say_voucher_act(&t, m, e);
    } else if (e->kind <= MO_REFUND) {
        say_redemption(&t, m, e);
    } else if (e->kind <= MO_RED_LETTER) {
        say_fact(&t, m, e);
    } else if (e->kind <= MO_WRITE_OFF) {
        say_review(&t, m, e);
    } else if (e->kind <= MO_ANSWER) {
        say_batch(&t, m, e);
    } else if (e->kind == MO_SWEEP) {
        char up_to[ZD_TIME_TEXT];
        zd_time_text(up_to, e->up_to);
        say(&t, ",\"up_to\":\"%s\"", up_to);
    } else if (e->kind <= MO_POOL_OPEN) {
        say_pool_act(&t, m, e);
    } else if (e->kind == MO_SECOND) {
        say(&t, ",\"of_sha256\":\"");
        say_hash(&t, m->proposal[e->proposal].sha256, e->proposal < m->proposals);
    } else {
        say_bar(&t, m, e);
    }
}
