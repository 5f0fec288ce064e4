/*
 * Step 1 of a submission: split the notes, find the key that each names, verify on all cores. Only signatures are judged here; role and interval are
 * judged later, at the leaf's place in the order.
 *
 * The notes of a call go through a pipeline of blocks: the deciding thread identifies some blocks ahead (that needs the book, which is its alone), workers verify
 * them, and the decisions and commits of earlier blocks go on meanwhile. One worker less than cores: the decider lends a hand whenever it would wait, so that it decides as
 * soon as there is something to decide, and neither core rests before the last signature. A worker sees a note's bytes and a copy of the key, and nothing else.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/engine/ledger_int.h"

#define THREADS_MAX 64
#define BLOCK 8             /* notes that a thread takes at once: a third of a millisecond */
#define BLOCKS_AHEAD 24     /* identified before they are needed */
#define NOTES_PER_THREAD_MIN 8 /* below that a thread costs more than it gives */

struct zd_checking {
    zd_ledger *ledger;
    const zd_span *notes;
    size_t count;
    zd_checked_note *checked;
    size_t block_count;
    size_t ready;       /* blocks that the decider has seen verified */
    unsigned workers;
    pthread_t ids[THREADS_MAX];
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t offered;
    pthread_cond_t verified;
    size_t identified;  /* blocks */
    size_t taken;       /* blocks */
    bool *done;         /* per block */
    bool over;
};

static void fail_note(zd_checked_note *checked, const zd_error *error)
{
    checked->error = zd_alloc(sizeof *checked->error);
    *checked->error = *error;
}

/* The signer was found by the key id of the signature line, so that only the signature itself is left to check. What is good is read at once, on this core. */
static void verify(zd_checked_note *checked)
{
    if (checked->error != NULL) {
        return;
    }
    checked->good = zd_ed25519_verify(checked->signature, checked->text, &checked->key);
    if (checked->good) {
        zd_error ignored = {0};
        checked->request = zd_alloc(sizeof *checked->request);
        if (zd_request_parse(checked->request, checked->text, &ignored) != ZD_OK) {
            free(checked->request);
            checked->request = NULL; /* the door reads it again and says what is wrong */
        }
    }
}

/* What a note no longer needs once it was decided. */
static void drop_request(zd_checked_note *checked)
{
    if (checked->request != NULL) {
        zd_request_free(checked->request);
        free(checked->request);
        checked->request = NULL;
    }
}

/* Splits and finds the signer; needs the book, hence one thread. split is room for the whole note, reused from note to note. */
static void identify(zd_checked_note *out, zd_ledger *ledger, zd_span note, zd_note *split)
{
    zd_error error = {0};
    *out = (zd_checked_note){.whole = note, .roster = ledger->roster};
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
        return;
    }
    memcpy(out->key.bytes, out->signer->public_key.bytes, sizeof out->key.bytes);
}

/* Offers each block as soon as it is ready, so that workers begin with the first. */
static void identify_blocks(zd_checking *c, size_t wanted)
{
    zd_note split;
    wanted = wanted < c->block_count ? wanted : c->block_count;
    while (c->identified < wanted) { /* only this thread writes it */
        size_t start = c->identified * BLOCK;
        size_t end = start + BLOCK < c->count ? start + BLOCK : c->count;
        for (size_t i = start; i < end; i++) {
            identify(&c->checked[i], c->ledger, c->notes[i], &split);
        }
        (void)pthread_mutex_lock(&c->lock);
        c->identified++;
        (void)pthread_cond_signal(&c->offered);
        (void)pthread_mutex_unlock(&c->lock);
    }
}

static void verify_block(zd_checking *c, size_t block)
{
    size_t end = (block + 1) * BLOCK < c->count ? (block + 1) * BLOCK : c->count;
    for (size_t i = block * BLOCK; i < end; i++) {
        verify(&c->checked[i]);
    }
}

static void *work(void *context)
{
    zd_checking *c = context;
    (void)pthread_mutex_lock(&c->lock);
    for (;;) {
        while (c->taken == c->identified && !c->over) {
            (void)pthread_cond_wait(&c->offered, &c->lock);
        }
        if (c->over) {
            break;
        }
        size_t block = c->taken++;
        (void)pthread_mutex_unlock(&c->lock);
        verify_block(c, block);
        (void)pthread_mutex_lock(&c->lock);
        c->done[block] = true;
        (void)pthread_cond_signal(&c->verified);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

static unsigned worker_count(const zd_ledger *ledger, size_t notes)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = ledger->options.threads != 0 ? ledger->options.threads : cores > 0 ? (size_t)cores : 1;
    size_t useful = notes / NOTES_PER_THREAD_MIN;
    wanted = wanted < useful ? wanted : useful;
    wanted = wanted < THREADS_MAX ? wanted : THREADS_MAX;
    return wanted > 1 ? (unsigned)wanted - 1 : 0; /* the decider is one of them */
}

zd_checking *zd_checking_start(zd_ledger *ledger, const zd_span *notes, size_t count)
{
    zd_checking *c = zd_alloc_zero(1, sizeof *c);
    c->ledger = ledger;
    c->notes = notes;
    c->count = count;
    c->checked = zd_alloc_zero(count, sizeof *c->checked);
    c->block_count = (count + BLOCK - 1) / BLOCK;
    c->done = zd_alloc_zero(c->block_count, sizeof *c->done);
    int rc = pthread_mutex_init(&c->lock, NULL);
    rc = rc == 0 ? pthread_cond_init(&c->offered, NULL) : rc;
    rc = rc == 0 ? pthread_cond_init(&c->verified, NULL) : rc;
    ZD_ASSERT(rc == 0);
    unsigned wanted = worker_count(ledger, count);
    /* With fewer than wanted, or without any, the decider verifies more by itself. */
    while (c->workers < wanted && pthread_create(&c->ids[c->workers], NULL, work, c) == 0) {
        c->workers++;
    }
    return c;
}

/* Until the block is verified, by whoever took it, this thread takes others. It was identified, so that all blocks up to it are taken before any behind it. */
static void await_block(zd_checking *c, size_t block)
{
    (void)pthread_mutex_lock(&c->lock);
    while (!c->done[block]) {
        if (c->taken == c->identified) {
            (void)pthread_cond_wait(&c->verified, &c->lock);
            continue;
        }
        size_t mine = c->taken++;
        (void)pthread_mutex_unlock(&c->lock);
        verify_block(c, mine);
        (void)pthread_mutex_lock(&c->lock);
        c->done[mine] = true;
    }
    (void)pthread_mutex_unlock(&c->lock);
}

zd_checked_note *zd_checking_next(zd_checking *c, size_t index)
{
    size_t block = index / BLOCK;
    if (block >= c->ready) {
        identify_blocks(c, block + (c->workers > 0 ? BLOCKS_AHEAD : 1));
        await_block(c, block);
        c->ready = block + 1;
    }
    zd_checked_note *checked = &c->checked[index];
    if (index > 0) {
        drop_request(&c->checked[index - 1]);
    }
    if (checked->roster != c->ledger->roster) {
        zd_note split;
        free(checked->error);
        drop_request(checked);
        identify(checked, c->ledger, c->notes[index], &split);
        verify(checked);
    }
    if (!checked->good && checked->error == NULL) {
        zd_error error = {0};
        (void)zd_fail(&error, ZD_E_SIGNATURE_BAD, "key %s", checked->signer->name);
        fail_note(checked, &error);
    }
    return checked;
}

void zd_checking_end(zd_checking *c)
{
    (void)pthread_mutex_lock(&c->lock);
    c->over = true;
    (void)pthread_cond_broadcast(&c->offered);
    (void)pthread_mutex_unlock(&c->lock);
    for (unsigned i = 0; i < c->workers; i++) {
        (void)pthread_join(c->ids[i], NULL);
    }
    for (size_t i = 0; i < c->count; i++) {
        free(c->checked[i].error);
        drop_request(&c->checked[i]);
    }
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->offered);
    (void)pthread_cond_destroy(&c->verified);
    free(c->checked);
    free(c->done);
    free(c);
}
