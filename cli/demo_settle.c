/*
 * The demo's month ends: sweep, one seal for each pool by the maker, approval by a second person, release by a third who types count and sum, the settlement
 * packages of the last month, and the bank's answers, which come as files and go through the import. One line fails and one comes back, so that later batches pay them again. Two acts that
 * must be refused are tried as well: a checker of another place (R46), a sum typed wrong (R48).
 */
#include <stdlib.h>
#include <string.h>

#include "cli/demo.h"
#include "ledger/base/durable.h"
#include "ledger/base/money.h"

#define PACKED 11    /* month whose settlement packages are written; any other batch's can be made later, with the same bytes: `zhidui settle export` */
#define FAILS_IN 3   /* month whose first line the bank cannot pay */
#define RETURNS_IN 4 /* month whose first line comes back */

typedef struct batch_ref {
    char id[ZD_ID_SIZE];
    char pool[ZD_ID_SIZE];
    zd_hash seal;
    int64_t count, total_fen;
} batch_ref;

typedef struct batch_list {
    batch_ref *refs;
    size_t count;
} batch_list;

/* Copies, because records may move while acts run. */
static batch_list batches_of(zd_demo *demo, int month, zd_batch_state state)
{
    batch_list list = {.refs = NULL};
    zd_book_cursor cursor = zd_book_scan(zd_acts_book(zd_ledger_acts(demo->ledger)), ZD_R_BATCH, "B%02d-", month);
    while (zd_book_next(&cursor)) {
        const zd_rec_batch *batch = cursor.record;
        if (batch->state == (int64_t)state) {
            list.refs = zd_realloc(list.refs, (list.count + 1) * sizeof *list.refs);
            batch_ref *ref = &list.refs[list.count++];
            *ref = (batch_ref){.seal = batch->seal_sha256, .count = batch->count, .total_fen = batch->total_fen};
            zd_format(ref->id, sizeof ref->id, "%s", batch->id);
            zd_format(ref->pool, sizeof ref->pool, "%s", batch->pool);
        }
    }
    return list;
}

/* --- sealing --- */

static zd_status sweep(zd_demo *demo)
{
    char members[80];
    char id[ZD_ID_SIZE];
    char time[ZD_TIME_TEXT];
    zd_time_text(time, demo->now_ms);
    zd_format(members, sizeof members, "\"up_to\":\"%s\"", time);
    zd_format(id, sizeof id, "sweep-%lld", (long long)demo->now_ms);
    return zd_demo_must(demo, ZD_HAND_SERVICE, "sweep", id, zd_span_text(members));
}

static zd_status take_waiting(void *context, size_t note, const zd_decision *decision)
{
    zd_demo *demo = context;
    (void)note;
    if (decision->is_effect && strcmp(decision->item, "waiting") == 0) {
        zd_buf_add_span(&demo->waiting, zd_buf_span(&decision->extra));
        zd_buf_add_byte(&demo->waiting, '\n');
    }
    return ZD_OK;
}

static bool has_open_items(zd_demo *demo, const char *pool)
{
    zd_book_cursor cursor = zd_book_scan(zd_acts_book(zd_ledger_acts(demo->ledger)), ZD_R_OPEN, "%s/", pool);
    return zd_book_next(&cursor);
}

static zd_status seal_pool(zd_demo *demo, int month, const char *pool, const char *execution)
{
    char members[200];
    char batch[ZD_ID_SIZE];
    char id[ZD_ID_SIZE];
    zd_result result;
    zd_format(batch, sizeof batch, "B%02d-%.24s", month, pool);
    zd_format(id, sizeof id, "seal-%.32s", batch);
    zd_format(members, sizeof members, "\"pool\":\"%s\",\"batch\":\"%s\",\"cutoff\":%llu,\"execution\":\"%s\"", pool, batch,
              (unsigned long long)zd_ledger_size(demo->ledger), execution);
    zd_status status = zd_demo_submit(&result, demo, ZD_HAND_MAKER, "batch.seal", id, zd_span_text(members), take_waiting, demo);
    bool nothing = status == ZD_OK && result.outcome == ZD_REFUSED_BY_RULE && strcmp(result.code, zd_code_name(ZD_E_A_EMPTY)) == 0;
    if (status == ZD_OK && result.outcome == ZD_REFUSED_BY_RULE && !nothing) {
        status = zd_fail(&demo->cli->error, zd_code_find(zd_span_text(result.code)), "seal of %s", batch);
    }
    if (status == ZD_OK && !nothing) {
        const zd_rec_batch *record = zd_book_find(zd_acts_book(zd_ledger_acts(demo->ledger)), ZD_R_BATCH, "%s", batch);
        zd_demo_month *sum = &demo->months[month];
        sum->batches++;
        sum->lines += record != NULL ? (size_t)record->count : 0;
        sum->total_fen += record != NULL ? record->total_fen : 0;
        sum->offset_fen += record != NULL ? record->offset_fen : 0;
    }
    return status;
}

zd_status zd_demo_seal(zd_demo *demo, int month, int64_t execution_day)
{
    zd_buf pools = {0};
    char execution[ZD_DATE_TEXT];
    zd_date_text(execution, execution_day);
    zd_status status = sweep(demo);
    zd_book_cursor cursor = zd_book_scan(zd_acts_book(zd_ledger_acts(demo->ledger)), ZD_R_POOL, "%s", "");
    while (zd_book_next(&cursor)) {
        zd_buf_addf(&pools, "%s,", ((const zd_rec_pool *)cursor.record)->id);
    }
    zd_span rest = zd_buf_span(&pools);
    while (rest.size > 0 && status == ZD_OK) {
        zd_span head;
        char pool[ZD_ID_SIZE];
        rest = zd_span_cut(&head, rest, ',');
        zd_format(pool, sizeof pool, "%.*s", (int)head.size, (const char *)head.data);
        status = has_open_items(demo, pool) ? seal_pool(demo, month, pool, execution) : ZD_OK;
    }
    zd_buf_free(&pools);
    return status == ZD_OK ? zd_demo_publish(demo) : status;
}

/* --- approval and release --- */

static zd_status must_be_refused(zd_demo *demo, zd_demo_hand hand, const char *type, const char *id, const char *members, zd_code code, unsigned bit)
{
    zd_result result;
    zd_status status = zd_demo_submit(&result, demo, hand, type, id, zd_span_text(members), NULL, NULL);
    if (status == ZD_OK && result.outcome == ZD_REFUSED_BY_RULE && strcmp(result.code, zd_code_name(code)) == 0) {
        demo->acts_seen |= bit;
    }
    return status;
}

static zd_status approve(zd_demo *demo, const batch_ref *batch, bool first)
{
    char members[200];
    char id[ZD_ID_SIZE];
    char hex[ZD_HASH_HEX];
    zd_hash_hex(hex, &batch->seal);
    zd_format(members, sizeof members, "\"batch\":\"%s\",\"seal_sha256\":\"%s\"", batch->id, hex);
    zd_format(id, sizeof id, "approve-%.32s", batch->id);
    zd_status status = ZD_OK;
    if (first) {
        status = must_be_refused(demo, ZD_HAND_FAR_CHECKER, "batch.approve", "approve-from-elsewhere", members, ZD_E_R46, ZD_DEMO_SAW_R46);
    }
    return status == ZD_OK ? zd_demo_must(demo, ZD_HAND_CHECKER, "batch.approve", id, zd_span_text(members)) : status;
}

static zd_status release(zd_demo *demo, const batch_ref *batch, bool first)
{
    char members[200];
    char id[ZD_ID_SIZE];
    zd_status status = ZD_OK;
    if (first) {
        zd_format(members, sizeof members, "\"batch\":\"%s\",\"count\":%lld,\"total_fen\":%lld", batch->id, (long long)batch->count,
                  (long long)batch->total_fen + 1);
        status = must_be_refused(demo, ZD_HAND_RELEASER, "batch.release", "release-typed-wrong", members, ZD_E_R48, ZD_DEMO_SAW_R48);
    }
    zd_format(members, sizeof members, "\"batch\":\"%s\",\"count\":%lld,\"total_fen\":%lld", batch->id, (long long)batch->count, (long long)batch->total_fen);
    zd_format(id, sizeof id, "release-%.32s", batch->id);
    return status == ZD_OK ? zd_demo_must(demo, ZD_HAND_RELEASER, "batch.release", id, zd_span_text(members)) : status;
}

static const zd_payer payer = {.name = "样例市财政局", .code = "11330600X09999994F", .account = "99990000000000001", .bank_name = "样例银行绍兴分行",
                               .bank_code = "313337009004", .purpose = "科技创新券兑付", .contact = "样例科技局 0575-00000000"};

zd_status zd_demo_release(zd_demo *demo, int month)
{
    batch_list list = batches_of(demo, month, ZD_B_SEALED);
    zd_status status = ZD_OK;
    for (size_t i = 0; i < list.count && status == ZD_OK; i++) {
        bool first = month == 1 && i == 0;
        status = approve(demo, &list.refs[i], first);
        status = status == ZD_OK ? release(demo, &list.refs[i], first) : status;
    }
    status = status == ZD_OK ? zd_demo_publish(demo) : status;
    for (size_t i = 0; month == PACKED && i < list.count && status == ZD_OK; i++) {
        zd_export_order order = {.batch = list.refs[i].id, .payer = &payer, .signer = demo->officers[ZD_HAND_MAKER].signer, .role = "maker", .data_dir = demo->settle_data};
        status = zd_ledger_export(demo->ledger, &order, NULL, &demo->cli->error);
    }
    free(list.refs);
    return status;
}

/* --- the bank --- */

static const char *answer_to(int month, bool arrived, size_t number)
{
    if (!arrived) {
        return month == FAILS_IN && number == 0 ? "失败" : "已扣款";
    }
    return month == RETURNS_IN && number == 0 ? "退汇" : "已到账";
}

/* The lines that wait for this answer, as the bank's file. */
static size_t write_answers(zd_buf *out, zd_demo *demo, int month, bool arrived)
{
    size_t count = 0;
    zd_book_cursor cursor = zd_book_scan(zd_acts_book(zd_ledger_acts(demo->ledger)), ZD_R_LINE, "B%02d-", month);
    zd_buf_add_text(out, "\xef\xbb\xbf编号,批次编号,服务机构代码,回执结果,回单哈希,金额\r\n");
    while (zd_book_next(&cursor)) {
        const zd_rec_line *line = cursor.record;
        if (line->state != (arrived ? ZD_L_DEBITED : ZD_L_PENDING)) {
            continue;
        }
        char yuan[ZD_FEN_TEXT];
        char hex[ZD_HASH_HEX];
        zd_buf receipt = {0};
        zd_buf_addf(&receipt, "demo receipt %s %d", line->end_to_end, arrived ? 1 : 0);
        zd_hash hash = zd_sha256(zd_buf_span(&receipt));
        zd_hash_hex(hex, &hash);
        zd_fen_yuan(yuan, line->net_fen);
        zd_buf_addf(out, "%s-%c,%s,%s,%s,%s,%s\r\n", line->end_to_end, arrived ? 'b' : 'a', line->batch, line->provider, answer_to(month, arrived, count), hex, yuan);
        zd_buf_free(&receipt);
        count++;
    }
    return count;
}

static zd_status load_answers(zd_demo *demo, const char *path)
{
    zd_import *import = NULL;
    const zd_demo_key *bank = &demo->officers[ZD_HAND_BANK];
    zd_import_notes *notes = zd_import_notes_new();
    zd_error *err = &demo->cli->error;
    zd_import_hand hand = {.signer = bank->signer, .origin = zd_ledger_origin(demo->ledger), .key_name = bank->name, .expires_unix_ms = demo->now_ms + ZD_DAY_MS};
    zd_status status = zd_import_read(&import, zd_import_kind_find("answer"), path, NULL, err);
    if (status == ZD_OK && import->problem_count > 0) {
        *err = import->problems[0].error;
        status = ZD_MALFORMED;
    }
    if (status == ZD_OK) {
        size_t *rows = zd_alloc_zero(import->row_count + 1, sizeof *rows);
        for (size_t i = 0; i < import->row_count; i++) {
            rows[i] = i;
        }
        status = zd_import_sign(notes, import, rows, import->row_count, &hand, err);
        free(rows);
    }
    status = status == ZD_OK ? zd_import_submit(demo->ledger, notes, NULL, NULL, err) : status;
    for (size_t i = 0; status == ZD_OK && i < import->row_count; i++) {
        if (import->rows[i].outcome == ZD_REFUSED_BY_RULE) {
            status = zd_fail(err, zd_code_find(zd_span_text(import->rows[i].code)), "answer %s", import->rows[i].id);
        }
    }
    demo->requests += zd_import_notes_count(notes);
    zd_import_notes_free(notes);
    zd_import_free(import);
    return status;
}

zd_status zd_demo_answer(zd_demo *demo, int month, bool arrived)
{
    zd_buf file = {0};
    zd_buf path = {0};
    zd_status status = ZD_OK;
    if (write_answers(&file, demo, month, arrived) > 0) {
        zd_buf_addf(&path, "%s/bank/2026-%02d-%s.csv", demo->out, month, arrived ? "arrived" : "debited");
        status = zd_dir_make_parents(zd_buf_text(&path), &demo->cli->error);
        status = status == ZD_OK ? zd_file_write(zd_buf_text(&path), zd_buf_span(&file), 0644, &demo->cli->error) : status;
        status = status == ZD_OK ? load_answers(demo, zd_buf_text(&path)) : status;
    }
    zd_buf_free(&file);
    zd_buf_free(&path);
    return status;
}
