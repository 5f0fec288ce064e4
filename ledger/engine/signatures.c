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

static void verify(zd_checked_note *checked)
{
    if (checked->signer == NULL) {
        return;
    }
    zd_public_key key;
    memcpy(key.bytes, checked->signer->public_key.bytes, sizeof key.bytes);
    checked->good = zd_note_verify(&checked->note, 0, &key);
    if (!checked->good) {
        (void)zd_fail(&checked->error, ZD_E_SIGNATURE_BAD, "key %s", checked->signer->name);
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

/* Splits and finds the signer; needs the book, hence one thread. */
static void identify(zd_checked_note *out, zd_ledger *ledger, zd_span note)
{
    *out = (zd_checked_note){.signer = NULL};
    if (zd_note_split(&out->note, note, &out->error) != ZD_OK) {
        return;
    }
    if (out->note.count != 1 || out->note.signatures[0].blob_size != 64) {
        (void)zd_fail(&out->error, ZD_E_NOTE_MALFORMED, "exactly one Ed25519 signature");
        return;
    }
    (void)zd_acts_signer(&out->signer, ledger->acts, out->note.signatures[0].name, out->note.signatures[0].key_id, &out->error);
}

void zd_engine_check_note(zd_checked_note *out, zd_ledger *ledger, zd_span note)
{
    identify(out, ledger, note);
    verify(out);
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
    for (size_t i = 0; i < count; i++) {
        identify(&checked[i], ledger, notes[i]);
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
