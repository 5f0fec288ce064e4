/* What a reconciliation found, for people and as JSON; and the list of open exceptions. Prints no account number. */
#include <string.h>

#include "cli/reconcile.h"
#include "ledger/base/money.h"

static void print_case_json(zd_jw *w, const char *name, const zd_rec_bexc *found, int64_t today_day)
{
    char date[ZD_DATE_TEXT];
    static const char *const states[] = {"", "open", "cleared", "resolved"};
    zd_date_text(date, found->opened_day);
    zd_jw_object(w, name);
    zd_jw_cstr(w, "case", found->id);
    zd_jw_cstr(w, "exception", zd_word_text(ZD_F_BANK_EXCEPTION, found->kind));
    zd_jw_int(w, "amount_fen", found->amount_fen);
    zd_jw_cstr(w, "batch", found->batch);
    zd_jw_cstr(w, "provider", found->provider);
    zd_jw_cstr(w, "bank_code", found->bank_code);
    zd_jw_cstr(w, "owner", found->owner);
    zd_jw_cstr(w, "opened", date);
    zd_jw_int(w, "age_days", today_day - found->opened_day);
    zd_jw_cstr(w, "state", states[found->state]);
    zd_jw_cstr(w, "resolution", found->decision);
    zd_jw_cstr(w, "file", found->file);
    zd_jw_cstr(w, "subject", found->subject);
    zd_jw_close(w);
}

void zd_recon_print_case(zd_cli *cli, const zd_rec_bexc *found, int64_t today_day)
{
    if (cli->json) {
        zd_buf line = {0};
        zd_jw w = zd_jw_begin(&line);
        zd_jw_object(&w, NULL);
        zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
        print_case_json(&w, "exception", found, today_day);
        zd_jw_close(&w);
        (void)fprintf(cli->out, "%s\n", zd_buf_text(&line));
        zd_buf_free(&line);
        return;
    }
    char yuan[ZD_FEN_TEXT];
    zd_fen_yuan_grouped(yuan, found->amount_fen);
    (void)fprintf(cli->out, cli->chinese ? "%s  %-17s %15s 元  %3lld 天  %s  %s/%s %s\n" : "%s  %-17s %15s yuan  %3lld days  %s  %s/%s %s\n", found->id,
                  zd_word_text(ZD_F_BANK_EXCEPTION, found->kind), yuan, (long long)(today_day - found->opened_day), found->owner, found->batch, found->provider,
                  found->bank_code);
}

static size_t count_entries(const zd_recon *r)
{
    size_t count = 0;
    for (size_t i = 0; i < r->match.claim_count; i++) {
        count += zd_recon_is_entry(r, i) && !r->twice[i] ? 1 : 0;
    }
    return count;
}

/* The exception that an entry raised, while it is open. */
static const zd_rec_bexc *case_of(zd_recon *r, size_t claim)
{
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &r->keys[claim]);
    const zd_rec_bexc *found = zd_book_find(r->book, ZD_R_BEXC, "XE-%.24s", hex);
    return found != NULL && found->state == 1 ? found : NULL;
}

static void print_json(zd_recon *r, bool known)
{
    zd_buf text = {0};
    int64_t today = zd_day_of(zd_ledger_now(r->ledger), ZD_ZONE_SHANGHAI_MS);
    zd_jw w = zd_jw_begin(&text);
    zd_jw_object(&w, NULL);
    zd_jw_int(&w, "schema", ZD_CLI_SCHEMA);
    zd_jw_cstr(&w, "file", r->path);
    zd_jw_cstr(&w, "sha256", r->hex);
    zd_jw_cstr(&w, "form", zd_bank_form_name(zd_answers_form(r->answers)));
    zd_jw_cstr(&w, "message", zd_answers_message(r->answers));
    zd_jw_bool(&w, "read_before", known);
    zd_jw_int(&w, "facts", (int64_t)zd_answers_count(r->answers));
    zd_jw_int(&w, "entries", (int64_t)count_entries(r));
    zd_jw_int(&w, "refused", (int64_t)r->refused);
    zd_jw_object(&w, "answers");
    for (int64_t i = 0; i < (int64_t)ZD_COUNT(r->answered); i++) {
        zd_jw_int(&w, zd_word_text(ZD_F_ANSWER, i), (int64_t)r->answered[i]);
    }
    zd_jw_close(&w);
    zd_jw_array(&w, "exceptions");
    zd_book_cursor cursor = zd_book_scan(r->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *found = cursor.record;
        if ((uint64_t)found->opened_seq >= r->first_seq && strcmp(found->file, r->hex) == 0) {
            print_case_json(&w, NULL, found, today);
        }
    }
    zd_jw_close(&w);
    zd_jw_array(&w, "suggestions");
    for (size_t i = 0; i < r->match.claim_count; i++) {
        const zd_claim *c = &r->match.claims[i];
        const zd_rec_bexc *found = c->how == ZD_BY_LOOKS && zd_recon_is_entry(r, i) ? case_of(r, i) : NULL;
        if (found != NULL) {
            zd_jw_object(&w, NULL);
            zd_jw_cstr(&w, "case", found->id);
            zd_jw_cstr(&w, "batch", r->expected[c->line].batch);
            zd_jw_cstr(&w, "provider", r->expected[c->line].provider);
            zd_jw_int(&w, "amount_fen", c->amount);
            zd_jw_close(&w);
        }
    }
    zd_jw_close(&w);
    zd_jw_array(&w, "oddities");
    for (size_t i = 0; i < zd_answers_oddities(r->answers); i++) {
        const zd_oddity *odd = zd_answers_oddity(r->answers, i);
        zd_jw_object(&w, NULL);
        zd_jw_cstr(&w, "word", odd->word);
        zd_jw_int(&w, "line", odd->line);
        zd_jw_cstr(&w, "detail", odd->detail);
        zd_jw_close(&w);
    }
    zd_jw_close(&w);
    zd_jw_close(&w);
    (void)fprintf(r->cli->out, "%s\n", zd_buf_text(&text));
    zd_buf_free(&text);
}

static void print_suggestion(zd_recon *r, size_t claim, const zd_rec_bexc *found)
{
    const zd_claim *c = &r->match.claims[claim];
    const zd_expect *e = &r->expected[c->line];
    bool back = zd_answers_at(r->answers, c->booking)->side == ZD_SIDE_CREDIT;
    (void)fprintf(r->cli->out,
                  r->cli->chinese ? "建议：%s 的金额、收款人和日期与 %s/%s 相符。须两名人员确认：\n" : "suggestion: amount, payee and day of %s fit %s/%s. Two officers must agree:\n", found->id,
                  e->batch, e->provider);
    (void)fprintf(r->cli->out, "  zhidui settle resolve --case %s --batch %s --provider %s --decision %s --key KEY --ledger DIR\n  zhidui second SHA256 --key KEY --ledger DIR\n", found->id, e->batch,
                  e->provider, r->cli->chinese ? "文号" : "NUMBER");
    (void)fprintf(r->cli->out, "  zhidui settle answer --batch %s --provider %s --answer %s --evidence-sha256 %s --key KEY --ledger DIR\n", e->batch, e->provider, back ? "returned" : "debited",
                  r->hex);
}

void zd_recon_print(zd_recon *r, bool known)
{
    zd_cli *cli = r->cli;
    int64_t today = zd_day_of(zd_ledger_now(r->ledger), ZD_ZONE_SHANGHAI_MS);
    if (known) {
        const zd_rec_bfile *file = zd_book_find(r->book, ZD_R_BFILE, "%s", r->hex);
        (void)fprintf(cli->talk, cli->chinese ? "%s：该文件已读过（第 %lld 条），未重复记录\n" : "%s: this file was read before, as entry %lld; nothing is recorded twice\n", r->path,
                      (long long)file->seq);
    }
    if (cli->json) {
        print_json(r, known);
        return;
    }
    (void)fprintf(cli->out, cli->chinese ? "%s：%s，%zu 条事实，%zu 笔入账%s\n" : "%s: %s, %zu facts, %zu entries%s\n", r->path, zd_answers_message(r->answers), zd_answers_count(r->answers),
                  count_entries(r), r->dry ? (cli->chinese ? "（试算，未记录）" : " (dry run, nothing recorded)") : "");
    for (int64_t i = 0; i < (int64_t)ZD_COUNT(r->answered); i++) {
        if (r->answered[i] > 0) {
            (void)fprintf(cli->out, "  %s %zu\n", zd_word_text(ZD_F_ANSWER, i), r->answered[i]);
        }
    }
    zd_book_cursor cursor = zd_book_scan(r->book, ZD_R_BEXC, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_bexc *found = cursor.record;
        if ((uint64_t)found->opened_seq >= r->first_seq && strcmp(found->file, r->hex) == 0) {
            zd_recon_print_case(cli, found, today);
        }
    }
    for (size_t i = 0; i < r->match.claim_count; i++) {
        const zd_rec_bexc *found = r->match.claims[i].how == ZD_BY_LOOKS && zd_recon_is_entry(r, i) ? case_of(r, i) : NULL;
        if (found != NULL) {
            print_suggestion(r, i, found);
        }
    }
    for (size_t i = 0; i < zd_answers_oddities(r->answers); i++) {
        const zd_oddity *odd = zd_answers_oddity(r->answers, i);
        (void)fprintf(cli->talk, "%s:%lld: %s: %s\n", r->path, (long long)odd->line, odd->word, odd->detail);
    }
}
