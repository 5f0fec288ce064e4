/* A ledger written by hand; see leaf_stream.h. */
#include "tests/support/leaf_stream.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/seen.h"

#define LEDGER "t.example"

void zd_leaf_stream_open(zd_leaf_stream *stream)
{
    *stream = (zd_leaf_stream){.report = zd_report_new(), .date = "2026-03-02"};
    stream->limits = zd_limits_new(stream->report);
    stream->balances = zd_balances_new(stream->report);
}

void zd_leaf_stream_close(zd_leaf_stream *stream)
{
    zd_seen(stream->report);
    zd_limits_free(stream->limits);
    zd_balances_free(stream->balances);
    zd_report_free(stream->report);
}

static void show(const zd_leaf_stream *stream)
{
    for (size_t i = 0; i < stream->report->kept; i++) {
        const zd_found *found = &stream->report->found[i];
        print_error("found %s at %llu: %s | %s | %s\n", zd_verify_name(found->check), (unsigned long long)found->entry, zd_buf_text(&found->recorded),
                    zd_buf_text(&found->recomputed), zd_buf_text(&found->gains));
    }
}

static void add_line(zd_line *out, const char *head, const char *rest, size_t effects)
{
    zd_buf text = {0};
    const char *why = NULL;
    const char *outcome = "accepted";
    char word[16] = "";
    if (strncmp(rest, "outcome:", 8) == 0) {
        const char *end = strchrnul(rest, ',');
        zd_format(word, sizeof word, "%.*s", (int)(end - rest - 8), rest + 8);
        outcome = word;
        rest = end;
    }
    /* "effects" stands before what an act adds; a code, a policy, holds and a subsidy stand before it. */
    const char *extra = strstr(rest, ",|");
    size_t before = extra != NULL ? (size_t)(extra - rest) : strlen(rest);
    zd_buf_addf(&text, "%s,\"outcome\":\"%s\"%.*s", head, outcome, (int)before, rest);
    if (effects > 0) {
        zd_buf_addf(&text, ",\"effects\":%zu", effects);
    }
    if (extra != NULL) {
        zd_buf_addf(&text, ",%s", extra + 2);
    }
    zd_buf_add_text(&text, "}\n");
    if (!zd_line_parse(out, zd_buf_span(&text), &why)) {
        print_error("%s: %s\n", why, zd_buf_text(&text));
        fail();
    }
    zd_buf_free(&text);
}

static void sign(zd_note *note, zd_buf *name, const char *key)
{
    zd_hash hash = zd_sha256(zd_span_text(key));
    zd_public_key public_key;
    memcpy(public_key.bytes, hash.bytes, sizeof public_key.bytes);
    zd_buf_addf(name, LEDGER "/%s", key);
    note->count = 1;
    note->signatures[0].name = zd_buf_span(name);
    note->signatures[0].blob_size = 64;
    zd_note_key_id(note->signatures[0].key_id, zd_buf_span(name), ZD_NOTE_TYPE_ED25519, &public_key);
}

void zd_leaf_stream_put(zd_leaf_stream *stream, const char *key, const char *request, const char *line, const char *const *effects)
{
    zd_buf text = {0};
    zd_buf name = {0};
    zd_note note = {0};
    zd_line lines[16] = {0};
    char head[256];
    size_t count = 1;
    size_t effect_count = 0;
    while (effects != NULL && effects[2 * effect_count] != NULL) {
        effect_count++;
    }
    assert_true(effect_count < ZD_COUNT(lines));
    char id[32] = "";
    if (strncmp(request, "\"id\":", 5) != 0) {
        zd_format(id, sizeof id, "\"id\":\"r-%u\",", ++stream->next_id);
    }
    zd_buf_addf(&text, "{%s\"v\":1,\"ledger\":\"" LEDGER "\",\"expires\":\"2026-12-31T00:00:00Z\",%s}\n", id, request);
    zd_hash hash = zd_sha256(zd_buf_span(&text));
    zd_hash_hex(stream->last_text, &hash);
    zd_format(head, sizeof head, "{\"seq\":%llu,\"at\":\"%sT04:00:00.000Z\"", (unsigned long long)stream->seq, stream->date);
    add_line(&lines[0], head, line, effect_count);
    for (; count <= effect_count; count++) {
        zd_format(head, sizeof head, "{\"seq\":%llu,\"at\":\"%sT04:00:00.000Z\",\"of\":%llu,\"note_sha256\":\"%s\",\"item\":\"%s\"",
                  (unsigned long long)(stream->seq + count), stream->date, (unsigned long long)stream->seq, stream->last_text, effects[2 * (count - 1)]);
        add_line(&lines[count], head, effects[2 * (count - 1) + 1], 0);
    }
    sign(&note, &name, key);
    note.text = zd_buf_span(&text);
    for (size_t i = 0; i < count; i++) {
        zd_balances_add(stream->balances, &lines[i]);
    }
    zd_limits_add(stream->limits, &note, lines, count);
    for (size_t i = 0; i < count; i++) {
        zd_line_free(&lines[i]);
    }
    stream->seq += count;
    zd_buf_free(&text);
    zd_buf_free(&name);
}

void zd_leaf_stream_second(zd_leaf_stream *stream, const char *key, const char *line, const char *const *effects)
{
    char request[160];
    zd_format(request, sizeof request, "\"type\":\"second\",\"of_sha256\":\"%s\"", stream->last_text);
    zd_leaf_stream_put(stream, key, request, line, effects);
}

void zd_leaf_stream_found(const zd_leaf_stream *stream, zd_verify_check check)
{
    if (stream->report->total != 1 || stream->report->by_check[check] != 1) {
        print_error("wanted %s once\n", zd_verify_name(check));
        show(stream);
    }
    assert_int_equal(stream->report->by_check[check], 1);
    assert_int_equal(stream->report->total, 1);
}

void zd_leaf_stream_clean(const zd_leaf_stream *stream)
{
    if (stream->report->total != 0) {
        show(stream);
    }
    assert_int_equal(stream->report->total, 0);
}
