/*
 * Making decided notes durable while the next ones are decided: the store's transaction needs neither book nor ledger, so that another thread does it. It waits for the disk, and is
 * the longest of the threads where batches hold many items: what can be done beforehand, encoding and hashing, is.
 * One group at a time: what was decided meanwhile is the next one, so that groups form by themselves and a slow disk makes them larger. Must not judge an outcome: whether a
 * group is durable, and what becomes of those on top of it, is the deciding thread's to say (append.c, submit.c).
 */
#include <pthread.h>
#include <stdlib.h>

#include "ledger/engine/ledger_int.h"

void zd_decided_add(zd_decided *decided, zd_group *group, zd_span whole, size_t note, bool shown)
{
    if (decided->count == decided->capacity) {
        decided->capacity = decided->capacity == 0 ? 64 : decided->capacity * 2;
        decided->groups = zd_realloc(decided->groups, decided->capacity * sizeof *decided->groups);
        decided->notes = zd_realloc(decided->notes, decided->capacity * sizeof *decided->notes);
        decided->hashes = zd_realloc(decided->hashes, decided->capacity * sizeof *decided->hashes);
    }
    decided->notes[decided->count] = note;
    size_t first = decided->pending.count;
    size_t start = decided->pending.bytes.size;
    zd_pending_add(&decided->pending, group, whole);
    decided->hashes[decided->count++] = zd_sha256(zd_span_of(decided->pending.bytes.data + start, decided->pending.ends[first] - start));
    decided->leaves += group->count;
    decided->bytes += whole.size;
    if (!shown) {
        zd_group_free(group); /* its memory is the next one's, and still near */
    }
    decided->groups[decided->count - 1] = *group;
    *group = (zd_group){0};
}

void zd_decided_write(zd_decided *decided, zd_store *store)
{
    if (decided->checkpoint) {
        (void)zd_store_checkpoint(store, NULL); /* what it could not copy stays in the log, and is tried again */
    }
    zd_pending_write(&decided->pending, store);
}

void zd_decided_clear(zd_decided *decided)
{
    for (size_t i = 0; i < decided->count; i++) {
        zd_group_free(&decided->groups[i]);
    }
    zd_pending_clear(&decided->pending);
    decided->count = 0;
    decided->leaves = 0;
    decided->bytes = 0;
    decided->checkpoint = false;
}

void zd_decided_free(zd_decided *decided)
{
    zd_decided_clear(decided);
    free(decided->groups);
    free(decided->notes);
    free(decided->hashes);
    zd_pending_free(&decided->pending);
}

struct zd_committer {
    pthread_t id;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t given;
    pthread_cond_t written;
    zd_decided *job; /* NULL: none, or written */
    zd_store *store;
    bool over;
};

static void *work(void *context)
{
    zd_committer *c = context;
    (void)pthread_mutex_lock(&c->lock);
    for (;;) {
        while (c->job == NULL && !c->over) {
            (void)pthread_cond_wait(&c->given, &c->lock);
        }
        if (c->job == NULL) {
            break;
        }
        zd_decided *job = c->job;
        zd_store *store = c->store;
        (void)pthread_mutex_unlock(&c->lock);
        zd_decided_write(job, store);
        (void)pthread_mutex_lock(&c->lock);
        c->job = NULL;
        (void)pthread_cond_signal(&c->written);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

static void release(zd_committer *c)
{
    (void)pthread_mutex_destroy(&c->lock);
    (void)pthread_cond_destroy(&c->given);
    (void)pthread_cond_destroy(&c->written);
    free(c);
}

zd_committer *zd_committer_start(void)
{
    zd_committer *c = zd_alloc_zero(1, sizeof *c);
    int rc = pthread_mutex_init(&c->lock, NULL);
    rc = rc == 0 ? pthread_cond_init(&c->given, NULL) : rc;
    rc = rc == 0 ? pthread_cond_init(&c->written, NULL) : rc;
    ZD_ASSERT(rc == 0);
    if (pthread_create(&c->id, NULL, work, c) != 0) {
        release(c);
        return NULL;
    }
    return c;
}

void zd_committer_give(zd_committer *c, zd_decided *decided, zd_store *store)
{
    (void)pthread_mutex_lock(&c->lock);
    ZD_ASSERT(c->job == NULL);
    c->job = decided;
    c->store = store;
    (void)pthread_cond_signal(&c->given);
    (void)pthread_mutex_unlock(&c->lock);
}

bool zd_committer_busy(zd_committer *c)
{
    (void)pthread_mutex_lock(&c->lock);
    bool busy = c->job != NULL;
    (void)pthread_mutex_unlock(&c->lock);
    return busy;
}

void zd_committer_wait(zd_committer *c)
{
    (void)pthread_mutex_lock(&c->lock);
    while (c->job != NULL) {
        (void)pthread_cond_wait(&c->written, &c->lock);
    }
    (void)pthread_mutex_unlock(&c->lock);
}

void zd_committer_end(zd_committer *c)
{
    if (c == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&c->lock);
    c->over = true;
    (void)pthread_cond_signal(&c->given);
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_join(c->id, NULL);
    release(c);
}
