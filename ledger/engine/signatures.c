/*
 * Step 1 of a submission: split the notes, find the key that each names, verify on all cores. Only signatures are judged here; role and interval are
 * judged later, at the leaf's place in the order.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/engine/ledger_int.h"

#define THREADS_MAX 64
#define NOTES_PER_THREAD_MIN 8 /* below that a thread costs more than it gives */

typedef struct work {
    zd_checked_note *notes;
    size_t from;
    size_t to;
} work;

static void fail_note(zd_checked_note *checked, const zd_error *error)
{
    checked->error = zd_alloc(sizeof *checked->error);
    *checked->error = *error;
}

/* The signer was found by the key id of the signature line, so that only the signature itself is left to check. */
static void verify(zd_checked_note *checked)
{
    if (checked->signer == NULL) {
        return;
    }
    zd_public_key key;
    memcpy(key.bytes, checked->signer->public_key.bytes, sizeof key.bytes);
    checked->good = zd_ed25519_verify(checked->signature, checked->text, &key);
    if (!checked->good) {
        zd_error error = {0};
        (void)zd_fail(&error, ZD_E_SIGNATURE_BAD, "key %s", checked->signer->name);
        fail_note(checked, &error);
    }
}

static void *verify_range(void *context)
{
    const work *mine = context;
    for (size_t i = mine->from; i < mine->to; i++) {
        verify(&mine->notes[i]);
    }
    return NULL;
}

/* Splits and finds the signer; needs the book, hence one thread. split is room for the whole note, reused from note to note. */
static void identify(zd_checked_note *out, zd_ledger *ledger, zd_span note, zd_note *split)
{
    zd_error error = {0};
    *out = (zd_checked_note){.whole = note};
    zd_status status = zd_note_split(split, note, &error);
    const zd_note_signature *line = &split->signatures[0];
    if (status == ZD_OK && (split->count != 1 || line->blob_size != sizeof out->signature)) {
        status = zd_fail(&error, ZD_E_NOTE_MALFORMED, "exactly one Ed25519 signature");
    }
    if (status == ZD_OK) {
        out->text = split->text;
        memcpy(out->signature, line->blob, sizeof out->signature);
        status = zd_acts_signer(&out->signer, ledger->acts, line->name, line->key_id, &error);
    }
    if (status != ZD_OK) {
        fail_note(out, &error);
    }
}

void zd_engine_check_note(zd_checked_note *out, zd_ledger *ledger, zd_span note)
{
    zd_note split;
    free(out->error);
    identify(out, ledger, note, &split);
    verify(out);
}

void zd_engine_free_notes(zd_checked_note *checked, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(checked[i].error);
    }
    free(checked);
}

static unsigned thread_count(const zd_ledger *ledger, size_t notes)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = ledger->options.threads != 0 ? ledger->options.threads : cores > 0 ? (size_t)cores : 1;
    size_t useful = notes / NOTES_PER_THREAD_MIN;
    wanted = wanted < useful ? wanted : useful;
    wanted = wanted < THREADS_MAX ? wanted : THREADS_MAX;
    return wanted > 0 ? (unsigned)wanted : 1;
}

zd_checked_note *zd_engine_check_notes(zd_ledger *ledger, const zd_span *notes, size_t count)
{
    zd_checked_note *checked = zd_alloc(count * sizeof *checked);
    zd_note split;
    for (size_t i = 0; i < count; i++) {
        identify(&checked[i], ledger, notes[i], &split);
    }
    unsigned threads = thread_count(ledger, count);
    pthread_t ids[THREADS_MAX];
    work parts[THREADS_MAX];
    bool started[THREADS_MAX] = {false};
    for (unsigned t = 0; t < threads; t++) {
        parts[t] = (work){.notes = checked, .from = count * t / threads, .to = count * (t + 1) / threads};
        started[t] = t + 1 < threads && pthread_create(&ids[t], NULL, verify_range, &parts[t]) == 0;
    }
    /* The last part, and any part whose thread could not start, is done here. */
    for (unsigned t = 0; t < threads; t++) {
        if (!started[t]) {
            (void)verify_range(&parts[t]);
        }
    }
    for (unsigned t = 0; t < threads; t++) {
        if (started[t]) {
            (void)pthread_join(ids[t], NULL);
        }
    }
    return checked;
}
