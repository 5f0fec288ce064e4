/* The memory of a witness, one file; see witness.h. Lines: a header, one head for each log (its name, base64 of the cosigned note), the SHA-256 of all before it. */
#include <stdlib.h>
#include <string.h>

#include "audit/witness/witness.h"
#include "ledger/base/durable.h"

#define HEADER "zhidui-witness-state 1"
#define HEAD "head "
#define SUM "sum "
#define STATE_BYTES_MAX (ZD_WITNESS_LOGS * 32768U)

typedef struct head {
    char log[ZD_HASH_HEX];
    zd_buf note;
} head;

struct zd_witness_state {
    char *path;
    zd_lock *lock;
    head heads[ZD_WITNESS_LOGS];
    size_t count;
};

static zd_status damaged(zd_error *err, const char *what)
{
    return zd_fail(err, ZD_E_WITNESS_STATE, "%s", what);
}

static void write_text(zd_buf *out, const zd_witness_state *state)
{
    char hex[ZD_HASH_HEX];
    zd_buf_add_text(out, HEADER "\n");
    for (size_t i = 0; i < state->count; i++) {
        zd_buf_addf(out, HEAD "%s ", state->heads[i].log);
        zd_base64_add(out, zd_buf_span(&state->heads[i].note));
        zd_buf_add_byte(out, '\n');
    }
    zd_hash sum = zd_sha256(zd_buf_span(out));
    zd_hash_hex(hex, &sum);
    zd_buf_addf(out, SUM "%s\n", hex);
}

static zd_status save(const zd_witness_state *state, zd_error *err)
{
    zd_buf text = {0};
    write_text(&text, state);
    zd_status status = zd_file_write(state->path, zd_buf_span(&text), 0600, err);
    zd_buf_free(&text);
    return status;
}

static zd_status read_head(zd_witness_state *state, zd_span line, zd_error *err)
{
    zd_span name;
    zd_hash hash;
    zd_note note;
    zd_checkpoint checkpoint;
    zd_error why = {0};
    zd_span value = zd_span_of(line.data + strlen(HEAD), line.size - strlen(HEAD));
    zd_span base64 = zd_span_cut(&name, value, ' ');
    if (state->count == ZD_WITNESS_LOGS || !zd_hash_from_hex(&hash, name) || !zd_span_copy(state->heads[state->count].log, ZD_HASH_HEX, name)) {
        return damaged(err, "a head names no log");
    }
    head *to = &state->heads[state->count++];
    if (!zd_base64_decode(&to->note, base64) || zd_note_split(&note, zd_buf_span(&to->note), &why) != ZD_OK ||
        zd_checkpoint_parse(&checkpoint, note.text, &why) != ZD_OK) {
        return damaged(err, "a head is no checkpoint");
    }
    char log[ZD_HASH_HEX];
    zd_witness_log_name(log, zd_span_text(checkpoint.origin));
    return strcmp(log, to->log) == 0 ? ZD_OK : damaged(err, "a head is another log's");
}

static zd_status load(zd_witness_state *state, zd_error *err)
{
    zd_buf text = {0};
    zd_buf again = {0};
    zd_span line;
    zd_status status = zd_path_exists(state->path) ? zd_file_read(&text, state->path, STATE_BYTES_MAX, err) : damaged(err, "there is no such file; --new starts without memory");
    zd_span rest = zd_span_cut(&line, zd_buf_span(&text), '\n');
    if (status == ZD_OK && !zd_span_is(line, HEADER)) {
        status = damaged(err, "the first line is not " HEADER);
    }
    while (status == ZD_OK && zd_span_starts(rest, HEAD)) {
        rest = zd_span_cut(&line, rest, '\n');
        status = read_head(state, line, err);
    }
    if (status == ZD_OK) {
        write_text(&again, state);
        if (!zd_span_equal(zd_buf_span(&again), zd_buf_span(&text))) {
            status = damaged(err, "it is not as it was written");
        }
    }
    zd_buf_free(&text);
    zd_buf_free(&again);
    return status;
}

static zd_status take_lock(zd_witness_state *state, zd_error *err)
{
    zd_buf dir = {0};
    zd_buf name = {0};
    const char *slash = strrchr(state->path, '/');
    zd_buf_add(&dir, slash != NULL ? state->path : ".", slash != NULL ? (size_t)(slash - state->path) + (slash == state->path ? 1 : 0) : 1);
    zd_buf_addf(&name, "%s.lock", slash != NULL ? slash + 1 : state->path);
    zd_status status = zd_lock_take(&state->lock, zd_buf_text(&dir), zd_buf_text(&name), err);
    zd_buf_free(&dir);
    zd_buf_free(&name);
    return status;
}

zd_status zd_witness_state_open(zd_witness_state **out, const char *path, bool fresh, zd_error *err)
{
    zd_witness_state *state = zd_alloc_zero(1, sizeof *state);
    state->path = zd_strdup(path);
    zd_status status = take_lock(state, err);
    if (status == ZD_OK && fresh) {
        status = zd_path_exists(path) ? zd_fail(err, ZD_E_FILE_EXISTS, "a witness with a memory does not start anew") : save(state, err);
    } else if (status == ZD_OK) {
        status = load(state, err);
    }
    if (status != ZD_OK) {
        zd_error_subject(err, zd_span_text(path));
        zd_witness_state_close(state);
        state = NULL;
    }
    *out = state;
    return status;
}

void zd_witness_state_close(zd_witness_state *state)
{
    if (state == NULL) {
        return;
    }
    for (size_t i = 0; i < state->count; i++) {
        zd_buf_free(&state->heads[i].note);
    }
    zd_lock_release(state->lock);
    free(state->path);
    free(state);
}

static head *find(const zd_witness_state *state, const char *log)
{
    for (size_t i = 0; i < state->count; i++) {
        if (strcmp(state->heads[i].log, log) == 0) {
            return (head *)(uintptr_t)&state->heads[i];
        }
    }
    return NULL;
}

zd_span zd_witness_state_note(const zd_witness_state *state, const char *log)
{
    const head *found = find(state, log);
    return found != NULL ? zd_buf_span(&found->note) : zd_span_of(NULL, 0);
}

size_t zd_witness_state_count(const zd_witness_state *state)
{
    return state->count;
}

zd_span zd_witness_state_at(const zd_witness_state *state, size_t index)
{
    return zd_buf_span(&state->heads[index].note);
}

zd_status zd_witness_state_put(zd_witness_state *state, const char *log, zd_span note, zd_error *err)
{
    head *found = find(state, log);
    bool added = found == NULL;
    if (added && state->count == ZD_WITNESS_LOGS) {
        return zd_fail(err, ZD_E_WITNESS_STATE, "no room for a further log");
    }
    if (added) {
        found = &state->heads[state->count++];
        *found = (head){0};
        zd_format(found->log, sizeof found->log, "%s", log);
    }
    zd_buf before = found->note;
    found->note = (zd_buf){0};
    zd_buf_add_span(&found->note, note);
    zd_status status = save(state, err);
    if (status == ZD_OK) {
        zd_buf_free(&before);
    } else {
        /* No answer leaves for it, so the signature that was made binds nobody, whichever file a crash would show. */
        zd_buf_free(&found->note);
        found->note = before;
        state->count -= added ? 1 : 0;
    }
    return status;
}

void zd_witness_state_evidence(const zd_witness_state *state, zd_span request)
{
    zd_buf path = {0};
    zd_error ignored = {0};
    zd_buf_addf(&path, "%s.evidence", state->path);
    (void)zd_file_create(zd_buf_text(&path), request, 0600, &ignored); /* the first contradiction stays; that it cannot be kept changes no answer */
    zd_buf_free(&path);
}
