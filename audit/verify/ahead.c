/* The queue between the two halves; see ahead.h. A ring of readings in their order: the reader puts in at its end, the judging thread takes off its front. */
#include "audit/verify/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define SLOTS 64            /* readings ahead */
#define ENTRIES_AHEAD 1024  /* of all windows ahead; one window always fits */
#define BYTES_AHEAD (UINT32_C(32) << 20)
#define THREADS_MAX 64

typedef enum slot_state { SLOT_WAITING, SLOT_TAKEN, SLOT_READY } slot_state;

typedef struct slot {
    zd_reading *reading;
    slot_state state;
} slot;

struct zd_ahead {
    zd_reader *reader;
    zd_roster *roster;
    zd_reading *peeked; /* taken off the front and not given out yet */
    pthread_mutex_t mutex;
    pthread_cond_t room;  /* the reader waits for it */
    pthread_cond_t work;  /* helpers */
    pthread_cond_t ready; /* the judging thread */
    slot slots[SLOTS];
    size_t front;
    size_t count;
    size_t entries;
    size_t bytes;
    bool ended; /* the reader has nothing more */
    bool quit;
    pthread_t threads[THREADS_MAX];
    size_t thread_count; /* [0] is the reader's; 0: everything runs on the judging thread */
};

static slot *slot_at(zd_ahead *ahead, size_t i)
{
    return &ahead->slots[(ahead->front + i) % SLOTS];
}

static bool has_room(const zd_ahead *ahead)
{
    return ahead->count < SLOTS && ahead->entries < ENTRIES_AHEAD && ahead->bytes < BYTES_AHEAD;
}

static void *run_reader(void *context)
{
    zd_ahead *ahead = context;
    bool more = true;
    while (more) {
        zd_reading *reading = zd_reader_next(ahead->reader);
        (void)pthread_mutex_lock(&ahead->mutex);
        while (reading != NULL && !has_room(ahead) && !ahead->quit) {
            (void)pthread_cond_wait(&ahead->room, &ahead->mutex);
        }
        more = reading != NULL && !ahead->quit;
        if (more) {
            *slot_at(ahead, ahead->count++) = (slot){.reading = reading, .state = reading->is_commit ? SLOT_READY : SLOT_WAITING};
            ahead->entries += reading->count;
            ahead->bytes += reading->bytes.size;
            (void)pthread_cond_signal(&ahead->work);
        } else {
            zd_reading_free(reading);
            ahead->ended = true;
        }
        (void)pthread_cond_signal(&ahead->ready);
        (void)pthread_mutex_unlock(&ahead->mutex);
    }
    return NULL;
}

/* Takes apart the first window that waits; false when none does. The mutex is held, and let go of meanwhile. */
static bool make_one(zd_ahead *ahead)
{
    for (size_t i = 0; i < ahead->count; i++) {
        slot *one = slot_at(ahead, i);
        if (one->state == SLOT_WAITING) {
            one->state = SLOT_TAKEN;
            (void)pthread_mutex_unlock(&ahead->mutex);
            zd_reading_make(one->reading, ahead->roster);
            (void)pthread_mutex_lock(&ahead->mutex);
            one->state = SLOT_READY;
            (void)pthread_cond_signal(&ahead->ready);
            return true;
        }
    }
    return false;
}

static void *run_helper(void *context)
{
    zd_ahead *ahead = context;
    (void)pthread_mutex_lock(&ahead->mutex);
    while (!ahead->quit) {
        if (!make_one(ahead)) {
            (void)pthread_cond_wait(&ahead->work, &ahead->mutex);
        }
    }
    (void)pthread_mutex_unlock(&ahead->mutex);
    return NULL;
}

static void start_threads(zd_ahead *ahead, unsigned threads)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = threads != 0 ? threads : cores > 0 ? (size_t)cores : 1;
    wanted = wanted < THREADS_MAX ? wanted : THREADS_MAX;
    while (wanted > 1 && ahead->thread_count < wanted) {
        void *(*run)(void *) = ahead->thread_count == 0 ? run_reader : run_helper;
        if (pthread_create(&ahead->threads[ahead->thread_count], NULL, run, ahead) != 0) {
            return;
        }
        ahead->thread_count++;
    }
}

zd_ahead *zd_ahead_new(zd_reader *reader, zd_roster *roster, unsigned threads)
{
    zd_ahead *ahead = zd_alloc_zero(1, sizeof *ahead);
    ahead->reader = reader;
    ahead->roster = roster;
    int failed = pthread_mutex_init(&ahead->mutex, NULL);
    failed |= pthread_cond_init(&ahead->room, NULL) | pthread_cond_init(&ahead->work, NULL) | pthread_cond_init(&ahead->ready, NULL);
    ZD_ASSERT(failed == 0); /* with default attributes they cannot fail for want of anything but memory */
    start_threads(ahead, threads);
    return ahead;
}

static zd_reading *next_here(zd_ahead *ahead)
{
    zd_reading *reading = zd_reader_next(ahead->reader);
    if (reading != NULL && !reading->is_commit) {
        zd_reading_make(reading, ahead->roster);
    }
    return reading;
}

static zd_reading *take_front(zd_ahead *ahead)
{
    zd_reading *reading = NULL;
    (void)pthread_mutex_lock(&ahead->mutex);
    while (ahead->count == 0 ? !ahead->ended : slot_at(ahead, 0)->state != SLOT_READY) {
        if (!make_one(ahead)) {
            (void)pthread_cond_wait(&ahead->ready, &ahead->mutex);
        }
    }
    if (ahead->count > 0) {
        reading = slot_at(ahead, 0)->reading;
        ahead->front = (ahead->front + 1) % SLOTS;
        ahead->count--;
        ahead->entries -= reading->count;
        ahead->bytes -= reading->bytes.size;
        (void)pthread_cond_signal(&ahead->room);
    }
    (void)pthread_mutex_unlock(&ahead->mutex);
    return reading;
}

zd_reading *zd_ahead_next(zd_ahead *ahead)
{
    zd_reading *reading = ahead->peeked;
    ahead->peeked = NULL;
    if (reading != NULL) {
        return reading;
    }
    return ahead->thread_count > 0 ? take_front(ahead) : next_here(ahead);
}

zd_reading *zd_ahead_window(zd_ahead *ahead)
{
    zd_reading *reading = zd_ahead_next(ahead);
    if (reading != NULL && reading->is_commit) {
        ahead->peeked = reading;
        return NULL;
    }
    return reading;
}

void zd_ahead_free(zd_ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&ahead->mutex);
    ahead->quit = true;
    (void)pthread_cond_broadcast(&ahead->room);
    (void)pthread_cond_broadcast(&ahead->work);
    (void)pthread_mutex_unlock(&ahead->mutex);
    for (size_t i = 0; i < ahead->thread_count; i++) {
        (void)pthread_join(ahead->threads[i], NULL);
    }
    for (size_t i = 0; i < ahead->count; i++) {
        zd_reading_free(slot_at(ahead, i)->reading);
    }
    zd_reading_free(ahead->peeked);
    zd_reader_close(ahead->reader);
    (void)pthread_cond_destroy(&ahead->room);
    (void)pthread_cond_destroy(&ahead->work);
    (void)pthread_cond_destroy(&ahead->ready);
    (void)pthread_mutex_destroy(&ahead->mutex);
    free(ahead);
}
