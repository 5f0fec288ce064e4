/*
 * Step 1 of a submission: split the notes, find the key that each names, verify on all cores. Only signatures are judged here; role and interval are
 * judged later, at the leaf's place in the order.
 *
 * The notes of a call go through a pipeline of blocks: the deciding thread identifies some blocks ahead (that needs the book, which is its alone), workers verify
 * them, and the decisions and commits of earlier blocks go on meanwhile. One worker less than cores: the decider lends a hand whenever it would wait, so that it decides as
 * soon as there is something to decide, and neither core rests before the last signature. A worker sees a note's bytes and a copy of the key, and nothing else.
 * What is good is read here too, the items of a batch included. How many bytes of notes are ahead is bounded, and with them what they were read into.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ledger/engine/ledger_int.h"

#define THREADS_MAX 64
#define BLOCK 8             /* notes that a thread takes at once: a third of a millisecond */
#define BLOCK_BYTES 16384   /* fewer, when they are large: a note of hundreds of items takes a millisecond by itself */
#define BLOCKS_AHEAD 24     /* identified before they are needed */
#define BYTES_AHEAD (768 * 1024) /* but no more than these, and one block more; items take some ten times the bytes that they are read from */
#define NOTES_PER_THREAD_MIN 8 /* below that a thread costs more than it gives */

/* Items of a batch. Used again for the next one: they are half a megabyte, which the kernel would have to clear each time. */
typedef struct zd_item_room {
    struct zd_item_room *next; /* spare one */
    size_t capacity;
    zd_request items[];
} zd_item_room;

struct zd_checking {
    zd_ledger *ledger;
    const zd_span *notes;
    size_t count;
    zd_checked_note *checked;
    size_t *starts;     /* first note of each block, and `count` behind the last */
    size_t block_count;
    size_t current;     /* the block of the note that was asked for last */
    size_t ready;       /* blocks that the decider has seen verified */
    unsigned workers;
    pthread_t ids[THREADS_MAX];
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t offered;
    pthread_cond_t verified;
    size_t identified;  /* blocks */
    size_t taken;       /* blocks */
    bool *done;         /* per block */
    zd_item_room *spare;
    bool over;
};

static void fail_note(zd_checked_note *checked, const zd_error *error)
{
    checked->error = zd_alloc(sizeof *checked->error);
    *checked->error = *error;
}

static zd_item_room *take_room(zd_checking *c, size_t count)
{
    (void)pthread_mutex_lock(&c->lock);
    zd_item_room *room = c->spare;
    c->spare = room != NULL ? room->next : NULL;
    (void)pthread_mutex_unlock(&c->lock);
    if (room != NULL && room->capacity >= count) {
        return room;
    }
    free(room);
    size_t capacity = (count + 63) / 64 * 64;
    room = zd_alloc(sizeof *room + capacity * sizeof room->items[0]);
    room->capacity = capacity;
    return room;
}

static void give_room(zd_checking *c, zd_item_room *room)
{
    if (room != NULL) {
        (void)pthread_mutex_lock(&c->lock);
        room->next = c->spare;
        c->spare = room;
        (void)pthread_mutex_unlock(&c->lock);
    }
}

/* All or nothing: the act reads them again, one after the other, and says which is wrong. */
static zd_item_room *read_items(zd_checking *c, const zd_request *batch)
{
    zd_error ignored = {0};
    zd_item_room *room = take_room(c, batch->item_count);
    for (size_t i = 0; i < batch->item_count; i++) {
        if (zd_request_item(&room->items[i], batch, i, &ignored) != ZD_OK) {
            give_room(c, room);
            return NULL;
        }
    }
    return room;
}

const zd_request *zd_checked_items(const zd_checked_note *checked)
{
    return checked->items != NULL ? checked->items->items : NULL;
}

/* The signer was found by the key id of the signature line, so that only the signature itself is left to check. What is good is read at once, on this core. */
static void verify(zd_checking *c, zd_checked_note *checked)
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
        } else if (checked->request->type == ZD_REQ_BATCH_OF) {
            checked->items = read_items(c, checked->request);
        }
    }
}

/* What a note no longer needs once it was decided. */
static void drop_request(zd_checking *c, zd_checked_note *checked)
{
    give_room(c, checked->items);
    checked->items = NULL;
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

static size_t bytes_of(const zd_checking *c, size_t block)
{
    size_t bytes = 0;
    for (size_t i = c->starts[block]; i < c->starts[block + 1]; i++) {
        bytes += c->notes[i].size;
    }
    return bytes;
}

/* This block and some behind it. Offers each as soon as it is ready, so that workers begin with the first. */
static void identify_blocks(zd_checking *c, size_t block)
{
    zd_note split;
    size_t wanted = block + (c->workers > 0 ? BLOCKS_AHEAD : 1);
    wanted = wanted < c->block_count ? wanted : c->block_count;
    size_t ahead = 0; /* bytes behind this block that are identified */
    for (size_t i = block + 1; i < c->identified; i++) {
        ahead += bytes_of(c, i);
    }
    while (c->identified < wanted && (c->identified <= block || ahead < BYTES_AHEAD)) { /* only this thread writes it */
        ahead += bytes_of(c, c->identified);
        for (size_t i = c->starts[c->identified]; i < c->starts[c->identified + 1]; i++) {
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
    for (size_t i = c->starts[block]; i < c->starts[block + 1]; i++) {
        verify(c, &c->checked[i]);
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

static void cut_blocks(zd_checking *c)
{
    size_t bytes = 0;
    c->starts = zd_alloc_zero(c->count + 1, sizeof *c->starts);
    for (size_t i = 0; i < c->count; i++) {
        size_t notes = c->block_count > 0 ? i - c->starts[c->block_count - 1] : BLOCK;
        if (notes == BLOCK || bytes >= BLOCK_BYTES) {
            c->starts[c->block_count++] = i;
            bytes = 0;
        }
        bytes += c->notes[i].size;
    }
    c->starts[c->block_count] = c->count;
}

zd_checking *zd_checking_start(zd_ledger *ledger, const zd_span *notes, size_t count)
{
    zd_checking *c = zd_alloc_zero(1, sizeof *c);
    c->ledger = ledger;
    c->notes = notes;
    c->count = count;
    c->checked = zd_alloc_zero(count, sizeof *c->checked);
    cut_blocks(c);
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
    while (c->starts[c->current + 1] <= index) {
        c->current++;
    }
    size_t block = c->current;
    if (block >= c->ready) {
        identify_blocks(c, block);
        await_block(c, block);
        c->ready = block + 1;
    }
    zd_checked_note *checked = &c->checked[index];
    if (index > 0) {
        drop_request(c, &c->checked[index - 1]);
    }
    if (checked->roster != c->ledger->roster) {
        zd_note split;
        free(checked->error);
        drop_request(c, checked);
        identify(checked, c->ledger, c->notes[index], &split);
        verify(c, checked);
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
        drop_request(c, &c->checked[i]);
    }
    for (zd_item_room *room = c->spare; room != NULL; room = c->spare) {
        c->spare = room->next;
        free(room);
    }
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->offered);
    (void)pthread_cond_destroy(&c->verified);
    free(c->checked);
    free(c->starts);
    free(c->done);
    free(c);
}
