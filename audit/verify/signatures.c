/* Signatures on all cores; see signatures.h. */
#include "audit/verify/signatures.h"

#include <pthread.h>
#include <unistd.h>

#define THREADS_MAX 64
#define JOBS_PER_THREAD 16 /* below that a thread costs more than it gives */

typedef struct part {
    zd_signature_job *jobs;
    size_t from;
    size_t to;
} part;

static void *check_part(void *context)
{
    const part *mine = context;
    for (size_t i = mine->from; i < mine->to; i++) {
        zd_signature_job *job = &mine->jobs[i];
        job->good = job->key != NULL && zd_note_verify(job->note, 0, job->key);
    }
    return NULL;
}

static size_t thread_count(size_t count, unsigned threads)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = threads != 0 ? threads : cores > 0 ? (size_t)cores : 1;
    size_t useful = count / JOBS_PER_THREAD;
    wanted = wanted < useful ? wanted : useful;
    wanted = wanted < THREADS_MAX ? wanted : THREADS_MAX;
    return wanted > 0 ? wanted : 1;
}

void zd_signatures_check(zd_signature_job *jobs, size_t count, unsigned threads)
{
    pthread_t ids[THREADS_MAX];
    part parts[THREADS_MAX];
    bool started[THREADS_MAX] = {false};
    size_t wanted = thread_count(count, threads);
    for (size_t t = 0; t < wanted; t++) {
        parts[t] = (part){.jobs = jobs, .from = count * t / wanted, .to = count * (t + 1) / wanted};
        started[t] = t + 1 < wanted && pthread_create(&ids[t], NULL, check_part, &parts[t]) == 0;
    }
    for (size_t t = 0; t < wanted; t++) {
        if (!started[t]) {
            (void)check_part(&parts[t]);
        }
    }
    for (size_t t = 0; t < wanted; t++) {
        if (started[t]) {
            (void)pthread_join(ids[t], NULL);
        }
    }
}
