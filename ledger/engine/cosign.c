/* Cosignatures of publications, kept and counted; see cosign.h. Asking one witness is in cosign_ask.c. */
#include "ledger/engine/cosign_int.h"

#include <stdlib.h>
#include <string.h>

static void lines_name(char out[64], const zd_publication *publication, bool latest)
{
    zd_format(out, 64, "cosign/%llu%s", (unsigned long long)publication->size, latest ? "/latest" : "");
}

static zd_status read_lines(zd_buf *out, bool *found, zd_ledger *ledger, const zd_publication *publication, bool latest, zd_error *err)
{
    char name[64];
    lines_name(name, publication, latest);
    *found = false;
    return zd_store_blob_get(ledger->store, zd_span_text(name), out, found, err);
}

static zd_status keep_lines(zd_ledger *ledger, const zd_publication *publication, bool latest, zd_span lines, zd_error *err)
{
    char name[64];
    lines_name(name, publication, latest);
    return lines.size == 0 ? ZD_OK : zd_store_blob_put(ledger->store, zd_span_text(name), lines, err);
}

/* What stands before `end`; the span then begins behind it. */
static zd_span take_front(zd_span *span, char end)
{
    const uint8_t *at = memchr(span->data, end, span->size);
    ZD_ASSERT(at != NULL);
    zd_span front = zd_span_of(span->data, (size_t)(at - span->data));
    *span = zd_span_of(at + 1, span->size - front.size - 1);
    return front;
}

zd_status zd_cosign_keep(zd_ledger *ledger, const zd_publication *publication, bool latest, const zd_cosign_answers *answers, zd_error *err)
{
    zd_status status = keep_lines(ledger, publication, latest, zd_buf_span(&answers->lines), err);
    zd_span rest = zd_buf_span(&answers->sizes);
    while (rest.size > 0 && status == ZD_OK) {
        zd_span name = take_front(&rest, ' ');
        zd_span size = take_front(&rest, '\n');
        status = zd_store_blob_put(ledger->store, name, size, err);
    }
    return status;
}

zd_status zd_cosign_committed_note(zd_buf *out, zd_ledger *ledger, const zd_publication *publication, zd_error *err)
{
    bool found = false;
    zd_buf_add_span(out, publication->note);
    return read_lines(out, &found, ledger, publication, false, err);
}

zd_status zd_cosign_latest_note(zd_buf *out, zd_ledger *ledger, const zd_publication *publication, zd_error *err)
{
    bool found = false;
    zd_buf_add_span(out, publication->note);
    zd_status status = read_lines(out, &found, ledger, publication, true, err);
    return status == ZD_OK && !found ? read_lines(out, &found, ledger, publication, false, err) : status;
}

zd_status zd_cosign_restore(zd_buf *out_own, zd_ledger *ledger, uint64_t size, zd_span committed, zd_error *err)
{
    zd_note note;
    zd_status status = zd_note_split(&note, committed, err);
    if (status != ZD_OK) {
        return status;
    }
    size_t own = note.text.size + 1; /* the blank line; the log's line is the first after it */
    while (own < committed.size && committed.data[own] != '\n') {
        own++;
    }
    own += own < committed.size ? 1 : 0;
    zd_buf_add(out_own, committed.data, own);
    zd_publication publication = {.size = size};
    zd_span lines = zd_span_of(committed.data + own, committed.size - own);
    return keep_lines(ledger, &publication, false, lines, err);
}

/* *out NULL without a file. Free it. */
static zd_status read_policy(zd_witness_policy **out, zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    zd_buf text = {0};
    zd_status status = ZD_OK;
    *out = NULL;
    if (zd_path_exists(zd_path_join(&path, ledger->dir, ZD_COSIGN_POLICY))) {
        status = zd_file_read(&text, zd_buf_text(&path), ZD_POLICY_BYTES_MAX, err);
        if (status == ZD_OK) {
            *out = zd_alloc(sizeof **out);
            status = zd_witness_policy_parse(*out, zd_buf_span(&text), err);
        }
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(zd_buf_text(&path)));
        free(*out);
        *out = NULL;
    }
    zd_buf_free(&path);
    zd_buf_free(&text);
    return status;
}

static zd_status begin_call(zd_cosign_call *call, zd_error *err)
{
    zd_status status = zd_note_split(&call->note, call->publication->note, err);
    return status == ZD_OK ? zd_checkpoint_parse(&call->checkpoint, call->note.text, err) : status;
}

static zd_cosign_row *row_of(zd_cosign_report *report, const zd_policy_node *node)
{
    for (size_t i = 0; i < report->row_count; i++) {
        if (strcmp(report->rows[i].name, node->name) == 0) {
            return &report->rows[i];
        }
    }
    zd_cosign_row *row = &report->rows[report->row_count++];
    *row = (zd_cosign_row){.asked = false};
    zd_format(row->name, sizeof row->name, "%s", node->name);
    return row;
}

/* The line of this witness in the note as it stands; 0 when there is none. */
static int64_t line_now(size_t *line, const zd_note *note, const zd_witness *witness)
{
    zd_cosignature found;
    zd_error ignored = {0};
    size_t count = 0;
    if (zd_checkpoint_cosignatures(&found, &count, note, witness, 1, &ignored) != ZD_OK || count == 0) {
        return 0;
    }
    *line = found.line;
    return found.time_unix_s;
}

/* Appends one line for each witness that has or gives one: what stands in `present` when it is of `young_unix_s` or later, else what it answers, else the old one. */
static zd_status collect(zd_buf *lines, zd_cosign_report *report, zd_cosign_call *call, const zd_witness_policy *policy, zd_span present, int64_t young_unix_s,
                         zd_error *err)
{
    zd_note note;
    zd_status status = zd_note_split(&note, present, err);
    for (size_t i = 0; i < policy->node_count && status == ZD_OK; i++) {
        const zd_policy_node *node = &policy->nodes[i];
        if (!node->is_witness) {
            continue;
        }
        const zd_witness *witness = &policy->witnesses[node->witness];
        zd_cosign_row *row = row_of(report, node);
        size_t line = 0;
        int64_t time_unix_s = line_now(&line, &note, witness);
        size_t before = lines->size;
        if (node->url[0] != '\0' && (time_unix_s == 0 || time_unix_s < young_unix_s)) {
            status = zd_cosign_ask(lines, row, call, node, witness, err);
        }
        if (status == ZD_OK && lines->size == before && time_unix_s != 0) {
            const zd_note_signature *kept = &note.signatures[line];
            zd_note_add_line(lines, kept->name, kept->key_id, zd_span_of(kept->blob, kept->blob_size));
        }
    }
    return status;
}

zd_status zd_cosign_wanted(bool *wanted, zd_ledger *ledger, const zd_publication *publication, zd_error *err)
{
    zd_witness_policy *policy = NULL;
    zd_buf lines = {0};
    bool found = false;
    zd_status status = read_policy(&policy, ledger, err);
    if (status == ZD_OK && policy != NULL) {
        status = read_lines(&lines, &found, ledger, publication, false, err);
    }
    *wanted = status == ZD_OK && policy != NULL && !found && publication->commit_hex.size == 0;
    zd_buf_free(&lines);
    free(policy);
    return status;
}

zd_status zd_cosign_gather(zd_cosign_answers *out, zd_ledger *ledger, const zd_publication *publication, uint64_t tiled, const zd_publisher *publisher, zd_error *err)
{
    zd_witness_policy *policy = NULL;
    zd_cosign_report *scratch = zd_alloc_zero(1, sizeof *scratch);
    zd_cosign_report *report = publisher->report != NULL ? publisher->report : scratch;
    zd_cosign_call call = {.ledger = ledger, .publication = publication, .tiled = tiled, .sizes = &out->sizes, .timeout_ms = publisher->witness_timeout_ms};
    zd_status status = read_policy(&policy, ledger, err);
    if (status == ZD_OK && policy != NULL) {
        status = begin_call(&call, err);
    }
    if (status == ZD_OK && policy != NULL) {
        status = collect(&out->lines, report, &call, policy, publication->note, 0, err);
    }
    free(policy);
    free(scratch);
    return status;
}

zd_status zd_cosign_refresh(zd_cosign_answers *out, bool *changed, zd_ledger *ledger, const zd_publication *publication, const zd_publisher *publisher, zd_error *err)
{
    zd_witness_policy *policy = NULL;
    zd_cosign_report *scratch = zd_alloc_zero(1, sizeof *scratch);
    zd_cosign_report *report = publisher->report != NULL ? publisher->report : scratch;
    zd_buf present = {0};
    int64_t limit_s = publisher->refresh_after_s > 0 ? publisher->refresh_after_s : ZD_COSIGN_REFRESH_S;
    zd_cosign_call call = {.ledger = ledger, .publication = publication, .tiled = publication->size, .sizes = &out->sizes, .timeout_ms = publisher->witness_timeout_ms};
    *changed = false;
    zd_status status = read_policy(&policy, ledger, err);
    if (status == ZD_OK && policy != NULL) {
        status = zd_cosign_latest_note(&present, ledger, publication, err);
        status = status == ZD_OK ? begin_call(&call, err) : status;
    }
    if (status == ZD_OK && policy != NULL) {
        status = collect(&out->lines, report, &call, policy, zd_buf_span(&present), zd_ledger_now(ledger) / 1000 - limit_s, err);
        zd_span before = zd_span_of(present.data + publication->note.size, present.size - publication->note.size);
        *changed = status == ZD_OK && out->lines.size > 0 && !zd_span_equal(before, zd_buf_span(&out->lines));
    }
    zd_buf_free(&present);
    free(policy);
    free(scratch);
    return status;
}

zd_status zd_cosign_show_policy(zd_ledger *ledger, zd_error *err)
{
    zd_buf path = {0};
    zd_buf text = {0};
    zd_status status = ZD_OK;
    if (zd_path_exists(zd_path_join(&path, ledger->dir, ZD_COSIGN_POLICY))) {
        status = zd_file_read(&text, zd_buf_text(&path), ZD_POLICY_BYTES_MAX, err);
        if (status == ZD_OK) {
            status = zd_file_write(zd_path_join(&path, ledger->dir, "public/" ZD_COSIGN_POLICY), zd_buf_span(&text), 0644, err);
        }
    }
    zd_buf_free(&path);
    zd_buf_free(&text);
    return status;
}

/* *policy NULL: no witness is configured. */
static zd_status count_lines(zd_witness_count *out, zd_witness_policy **policy, zd_buf *note_bytes, zd_ledger *ledger, const zd_publication *publication, zd_error *err)
{
    zd_note note;
    *out = (zd_witness_count){.why = ""};
    zd_status status = read_policy(policy, ledger, err);
    if (status == ZD_OK && *policy != NULL) {
        status = zd_cosign_latest_note(note_bytes, ledger, publication, err);
    }
    if (status == ZD_OK && *policy != NULL) {
        status = zd_note_split(&note, zd_buf_span(note_bytes), err);
    }
    if (status == ZD_OK && *policy != NULL && !zd_witness_policy_count(out, *policy, &note, 0, INT64_MAX)) {
        out->quorum = false;
    }
    return status;
}

zd_status zd_cosign_count(zd_cosign_report *report, zd_ledger *ledger, const zd_publication *publication, zd_error *err)
{
    zd_witness_policy *policy = NULL;
    zd_buf bytes = {0};
    zd_note note;
    zd_status status = count_lines(&report->count, &policy, &bytes, ledger, publication, err);
    report->configured = policy != NULL;
    report->size = publication->size;
    if (status == ZD_OK && policy != NULL && zd_note_split(&note, zd_buf_span(&bytes), err) == ZD_OK) {
        for (size_t i = 0; i < policy->node_count; i++) {
            const zd_policy_node *node = &policy->nodes[i];
            size_t line = 0;
            if (node->is_witness) {
                zd_cosign_row *row = row_of(report, node);
                row->time_unix_s = line_now(&line, &note, &policy->witnesses[node->witness]);
                row->cosigned = row->time_unix_s != 0;
            }
        }
    }
    zd_buf_free(&bytes);
    free(policy);
    return status;
}

zd_status zd_cosign_gate(zd_ledger *ledger, uint64_t sealed, zd_error *err)
{
    zd_publication last = {0};
    zd_witness_policy *policy = NULL;
    zd_witness_count count = {.why = ""};
    zd_buf bytes = {0};
    zd_buf kept = {0};
    bool found = false;
    zd_status status = zd_store_publication_last(ledger->store, &last, &found, err);
    if (status == ZD_OK && !found) {
        status = read_policy(&policy, ledger, err);
    } else if (status == ZD_OK) {
        zd_buf_add_span(&kept, last.note);
        last.note = zd_buf_span(&kept); /* what the store lends ends with its next call */
        status = count_lines(&count, &policy, &bytes, ledger, &last, err);
    }
    bool asked = status == ZD_OK && policy != NULL && policy->quorum < policy->node_count;
    if (asked && (!found || last.commit_hex.size == 0 || last.size < sealed)) {
        status = zd_fail(err, ZD_E_NO_QUORUM, "the seal is not published yet: zhidui log publish");
    } else if (asked && !count.quorum) {
        status = zd_fail(err, ZD_E_NO_QUORUM, "%zu of %zu witnesses cosigned the checkpoint of %llu entries: %s", count.good, policy->witness_count,
                         (unsigned long long)last.size, count.why);
    }
    zd_buf_free(&bytes);
    zd_buf_free(&kept);
    free(policy);
    return status;
}
