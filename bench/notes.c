/* See notes.h. */
#include "bench/notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bench_header(zd_buf *text, bench_world *world, const char *type)
{
    char expires[ZD_TIME_TEXT];
    zd_time_text(expires, world->now_unix_ms + 7 * ZD_DAY_MS);
    zd_buf_addf(text, "{\"type\":\"%s\",\"v\":1,\"ledger\":\"" BENCH_ORIGIN "\",\"id\":\"r-%08u\",\"expires\":\"%s\"", type, ++world->next_request, expires);
}

static void keep(bench_notes *notes, zd_span note, size_t items)
{
    if (notes->count == notes->capacity) {
        notes->capacity = notes->capacity == 0 ? 64 : notes->capacity * 2;
        notes->ends = zd_realloc(notes->ends, notes->capacity * sizeof *notes->ends);
    }
    zd_buf_add_span(&notes->bytes, note);
    notes->ends[notes->count++] = notes->bytes.size;
    notes->items += items;
}

void bench_notes_sign(bench_notes *notes, const zd_signer *signer, const char *key_name, const zd_buf *text, size_t items)
{
    zd_error err = {0};
    zd_buf note = {0};
    char name[160];
    zd_format(name, sizeof name, BENCH_ORIGIN "/%s", key_name);
    bench_need(zd_signer_note(&note, signer, name, zd_buf_span(text), &err), &err, "sign");
    keep(notes, zd_buf_span(&note), items);
    zd_buf_free(&note);
}

void bench_notes_repeat(bench_notes *notes, size_t note)
{
    zd_buf copy = {0};
    size_t from = note > 0 ? notes->ends[note - 1] : 0;
    zd_buf_add(&copy, notes->bytes.data + from, notes->ends[note] - from);
    keep(notes, zd_buf_span(&copy), 0);
    zd_buf_free(&copy);
}

void bench_notes_ready(bench_notes *notes)
{
    notes->spans = zd_realloc(notes->spans, (notes->count + 1) * sizeof *notes->spans);
    for (size_t i = 0; i < notes->count; i++) {
        size_t from = i > 0 ? notes->ends[i - 1] : 0;
        notes->spans[i] = zd_span_of(notes->bytes.data + from, notes->ends[i] - from);
    }
}

void bench_notes_free(bench_notes *notes)
{
    zd_buf_free(&notes->bytes);
    free(notes->ends);
    free(notes->spans);
    *notes = (bench_notes){0};
}

void bench_notes_batches(bench_notes *notes, bench_world *world, const char *key_name, const char *of, size_t count, bench_item_writer *write, void *context)
{
    zd_buf text = {0};
    zd_buf item = {0};
    zd_signer *signer = bench_signer(key_name);
    for (size_t n = 0; n < count;) {
        zd_buf_clear(&text);
        bench_header(&text, world, "batch");
        zd_buf_addf(&text, ",\"of\":\"%s\",\"items\":[", of);
        size_t first = n;
        for (; n < count; n++) {
            zd_buf_clear(&item);
            zd_buf_addf(&item, "%s{\"id\":\"i-%u\",", n > first ? "," : "", ++world->next_request);
            write(&item, context, n);
            if (text.size + item.size + sizeof "]}\n" > ZD_REQUEST_TEXT_MAX) {
                break;
            }
            zd_buf_add_span(&text, zd_buf_span(&item));
        }
        zd_buf_add_text(&text, "]}\n");
        bench_notes_sign(notes, signer, key_name, &text, n - first);
    }
    zd_signer_close(signer);
    zd_buf_free(&text);
    zd_buf_free(&item);
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

void bench_submit(bench_world *world, const bench_notes *notes, size_t from, size_t to, size_t replays)
{
    zd_error err = {0};
    size_t replayed = 0;
    zd_result *results = zd_alloc_zero(to - from + 1, sizeof *results);
    bench_need(zd_ledger_submit(world->ledger, results, notes->spans + from, to - from, must_be_accepted, world, &err), &err, "submit");
    for (size_t i = 0; i < to - from; i++) {
        bench_need(results[i].status, &results[i].error, "note");
        replayed += results[i].replay ? 1 : 0;
    }
    if (replayed != replays) {
        bench_stop("a note was answered as a replay that was none, or the other way round");
    }
    free(results);
}

void bench_act(bench_world *world, const char *key_name, zd_buf *text)
{
    bench_notes notes = {0};
    zd_signer *signer = bench_signer(key_name);
    zd_buf_add_text(text, "}\n");
    bench_notes_sign(&notes, signer, key_name, text, 0);
    bench_notes_ready(&notes);
    bench_submit(world, &notes, 0, 1, 0);
    zd_signer_close(signer);
    bench_notes_free(&notes);
    zd_buf_clear(text);
}
