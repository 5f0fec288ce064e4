/*
 * Requests of a reconciliation: built, signed and submitted, or in a dry run decided by the same acts in the working set and thrown away. Batches are as large as a signed
 * text may be. Knows nothing of banks.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/reconcile.h"

#define BATCH_BYTES 52000
#define BATCH_ITEMS 1000

static void count_outcome(zd_recon *r, const zd_decision *decision)
{
    if (decision->outcome == ZD_REFUSED_BY_RULE) {
        r->refused++;
        zd_buf line = {0};
        zd_decision_encode(&line, decision, zd_acts_check_name);
        (void)fprintf(r->cli->talk, r->cli->chinese ? "账本拒绝：%s" : "refused: %s", zd_buf_text(&line));
        zd_buf_free(&line);
    }
}

static zd_status see(void *context, size_t note, const zd_decision *decision)
{
    (void)note;
    count_outcome(context, decision);
    return ZD_OK;
}

static zd_status rehearse(zd_recon *r, zd_span note_bytes)
{
    zd_note note;
    zd_group group = {0};
    zd_error *err = &r->cli->error;
    zd_incoming in = {.seq = r->seq, .at_unix_ms = zd_ledger_now(r->ledger)};
    zd_status status = zd_note_split(&note, note_bytes, err);
    status = status == ZD_OK ? zd_acts_signer(&in.signer, zd_ledger_acts(r->ledger), note.signatures[0].name, note.signatures[0].key_id, err) : status;
    in.text = note.text;
    status = status == ZD_OK ? zd_acts_submit(&group, zd_ledger_acts(r->ledger), &in, err) : status;
    for (size_t i = 0; i < group.count && status == ZD_OK; i++) {
        count_outcome(r, &group.decisions[i]);
    }
    r->seq += group.count;
    zd_group_free(&group);
    return status;
}

static zd_status submit(zd_recon *r, zd_span note)
{
    zd_result result = {0};
    zd_status status = zd_ledger_submit(r->ledger, &result, &note, 1, see, r, &r->cli->error);
    if (status == ZD_OK && result.status != ZD_OK) {
        r->cli->error = result.error;
        status = result.status;
    }
    return status;
}

zd_status zd_recon_send(zd_recon *r, const char *type, const char *id, zd_span members)
{
    zd_buf note = {0};
    zd_status status = zd_cli_sign(&note, r->ledger, r->signer, type, id, r->expires_unix_ms, members, &r->cli->error);
    if (status == ZD_OK) {
        status = r->dry ? rehearse(r, zd_buf_span(&note)) : submit(r, zd_buf_span(&note));
    }
    zd_buf_free(&note);
    return status;
}

zd_jw zd_recon_item(zd_recon *r, const char *id)
{
    zd_jw w = zd_jw_begin(&r->items);
    zd_jw_object(&w, NULL);
    zd_jw_cstr(&w, "id", id);
    return w;
}

void zd_recon_item_end(zd_recon *r, zd_jw *w)
{
    zd_jw_close(w);
    if (r->item_count == r->item_capacity) {
        r->item_capacity = r->item_capacity == 0 ? 256 : r->item_capacity * 2;
        r->item_ends = zd_realloc(r->item_ends, r->item_capacity * sizeof *r->item_ends);
    }
    r->item_ends[r->item_count++] = r->items.size;
}

zd_status zd_recon_flush(zd_recon *r, const char *type)
{
    zd_status status = ZD_OK;
    size_t at = 0;
    while (at < r->item_count && status == ZD_OK) {
        char id[ZD_ID_SIZE];
        zd_buf members = {0};
        zd_buf_addf(&members, "\"of\":\"%s\",\"items\":[", type);
        size_t first = at;
        while (at < r->item_count && at - first < BATCH_ITEMS) {
            size_t start = at > 0 ? r->item_ends[at - 1] : 0;
            size_t size = r->item_ends[at] - start;
            if (at > first && members.size + size > BATCH_BYTES) {
                break;
            }
            zd_buf_add_text(&members, at > first ? "," : "");
            zd_buf_add(&members, r->items.data + start, size);
            at++;
        }
        zd_buf_add_text(&members, "]");
        status = zd_cli_random_id(id, "bank");
        status = status == ZD_OK ? zd_recon_send(r, "batch", id, zd_buf_span(&members)) : status;
        zd_buf_free(&members);
    }
    r->item_count = 0;
    zd_buf_clear(&r->items);
    return status;
}

bool zd_recon_was_sent(zd_recon *r, const char *id)
{
    return zd_book_find(r->book, ZD_R_REQ, "%s/%s", r->party, id) != NULL;
}

void zd_recon_id(char out[ZD_ID_SIZE], const char *prefix, const zd_recon *r, const char *a, const char *b, const char *c)
{
    char hex[ZD_HASH_HEX];
    zd_buf text = {0};
    zd_buf_addf(&text, "%s\n%s\n%s\n%s\n%s\n", prefix, r->hex, a, b, c);
    zd_hash hash = zd_sha256(zd_buf_span(&text));
    zd_hash_hex(hex, &hash);
    zd_format(out, ZD_ID_SIZE, "%s-%.24s", prefix, hex);
    zd_buf_free(&text);
}

void zd_recon_bank_code(zd_jw *w, const char *reason)
{
    zd_value checked;
    if (reason[0] != '\0') { /* words of a bank are for people; in the log stands that there were some */
        bool code = zd_field_check_text(&checked, ZD_F_BANK_CODE, zd_span_text(reason), NULL) == ZD_OK;
        zd_jw_cstr(w, "bank_code", code ? reason : "NARR");
    }
}
