/* Limits of the machine: signatures that are only verified, leaves that are only hashed, on all cores; see peers.h. */
#include "bench/peers.h"

#define OPENSSL_SUPPRESS_DEPRECATED /* its low-level calls take no lock; see ledger/seal/hash.c */
#include <openssl/sha.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

#include "bench/world.h"

/* A thread for each core, with its own of the workers; returns the seconds until the last was done. */
static double on_all_cores(void *(*work)(void *), void *workers, size_t worker_size)
{
    size_t threads = (size_t)bench_cores();
    pthread_t *ids = zd_alloc_zero(threads, sizeof *ids);
    bench_watch watch = bench_watch_start();
    for (size_t i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], NULL, work, (char *)workers + i * worker_size) != 0) {
            bench_stop("no thread");
        }
    }
    for (size_t i = 0; i < threads; i++) {
        (void)pthread_join(ids[i], NULL);
    }
    free(ids);
    return bench_watch_stop(&watch).seconds;
}

/* --- signatures --- */

#define KEYS 64
#define MESSAGES 512

typedef struct signed_messages {
    unsigned char keys[KEYS][crypto_sign_PUBLICKEYBYTES];
    unsigned char signatures[MESSAGES][crypto_sign_BYTES];
    unsigned char *text; /* MESSAGES * size */
    size_t size;
} signed_messages;

typedef struct verifier {
    const signed_messages *messages;
    double seconds;
    size_t verified;
    bool bad;
} verifier;

static void *verify(void *context)
{
    verifier *mine = context;
    const signed_messages *m = mine->messages;
    bench_watch watch = bench_watch_start();
    do {
        for (size_t i = 0; i < MESSAGES; i += 1) {
            mine->bad = mine->bad || crypto_sign_verify_detached(m->signatures[i], m->text + i * m->size, m->size, m->keys[i % KEYS]) != 0;
        }
        mine->verified += MESSAGES;
    } while (bench_watch_stop(&watch).seconds < mine->seconds);
    return NULL;
}

static void sign_all(signed_messages *m)
{
    unsigned char secret[KEYS][crypto_sign_SECRETKEYBYTES];
    for (size_t i = 0; i < KEYS; i++) {
        (void)crypto_sign_keypair(m->keys[i], secret[i]);
    }
    randombytes_buf(m->text, MESSAGES * m->size);
    for (size_t i = 0; i < MESSAGES; i++) {
        (void)crypto_sign_detached(m->signatures[i], NULL, m->text + i * m->size, m->size, secret[i % KEYS]);
    }
}

double bench_peer_ed25519(size_t message_size, double seconds)
{
    signed_messages *m = zd_alloc_zero(1, sizeof *m);
    m->size = message_size;
    m->text = zd_alloc(MESSAGES * message_size);
    sign_all(m);
    size_t threads = (size_t)bench_cores();
    verifier *workers = zd_alloc_zero(threads, sizeof *workers);
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (verifier){.messages = m, .seconds = seconds};
    }
    double took = on_all_cores(verify, workers, sizeof *workers);
    size_t verified = 0;
    for (size_t i = 0; i < threads; i++) {
        verified += workers[i].verified;
        if (workers[i].bad) {
            bench_stop("a good signature did not verify");
        }
    }
    free(workers);
    free(m->text);
    free(m);
    return (double)verified / took;
}

/* --- hashing --- */

static const unsigned char leaf_prefix = 0;
static const unsigned char node_prefix = 1;

typedef void entry_hash(unsigned char node[crypto_hash_sha256_BYTES], const uint8_t *bytes, size_t size);

typedef struct hasher {
    entry_hash *hash_entry;
    const bench_leaves *leaves;
    size_t from; /* this thread's share */
    size_t to;
    double seconds;
    size_t hashed;
    unsigned char last[crypto_hash_sha256_BYTES];
} hasher;

/* A leaf, and one tree node over it: RFC 6962. */
static void hash_by_sodium(unsigned char node[crypto_hash_sha256_BYTES], const uint8_t *bytes, size_t size)
{
    unsigned char leaf[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, &leaf_prefix, 1);
    (void)crypto_hash_sha256_update(&state, bytes, size);
    (void)crypto_hash_sha256_final(&state, leaf);
    (void)crypto_hash_sha256_init(&state);
    (void)crypto_hash_sha256_update(&state, &node_prefix, 1);
    (void)crypto_hash_sha256_update(&state, node, sizeof leaf);
    (void)crypto_hash_sha256_update(&state, leaf, sizeof leaf);
    (void)crypto_hash_sha256_final(&state, node);
}

static void hash_by_libcrypto(unsigned char node[crypto_hash_sha256_BYTES], const uint8_t *bytes, size_t size)
{
    unsigned char leaf[crypto_hash_sha256_BYTES];
    SHA256_CTX state;
    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, &leaf_prefix, 1);
    (void)SHA256_Update(&state, bytes, size);
    (void)SHA256_Final(leaf, &state);
    (void)SHA256_Init(&state);
    (void)SHA256_Update(&state, &node_prefix, 1);
    (void)SHA256_Update(&state, node, sizeof leaf);
    (void)SHA256_Update(&state, leaf, sizeof leaf);
    (void)SHA256_Final(node, &state);
}

static void *hash(void *context)
{
    hasher *mine = context;
    const bench_leaves *leaves = mine->leaves;
    bench_watch watch = bench_watch_start();
    do {
        for (size_t i = mine->from; i < mine->to; i++) {
            size_t start = i > 0 ? leaves->ends[i - 1] : 0;
            mine->hash_entry(mine->last, leaves->bytes.data + start, leaves->ends[i] - start);
        }
        mine->hashed += mine->to - mine->from;
    } while (bench_watch_stop(&watch).seconds < mine->seconds);
    return NULL;
}

double bench_peer_hash(const bench_leaves *leaves, bool instructions, double seconds)
{
    size_t threads = (size_t)bench_cores();
    size_t hashed = 0;
    hasher *workers = zd_alloc_zero(threads, sizeof *workers);
    for (size_t i = 0; i < threads; i++) {
        workers[i] = (hasher){.hash_entry = instructions ? hash_by_libcrypto : hash_by_sodium, .leaves = leaves, .from = leaves->count * i / threads,
                              .to = leaves->count * (i + 1) / threads, .seconds = seconds};
    }
    double took = on_all_cores(hash, workers, sizeof *workers);
    for (size_t i = 0; i < threads; i++) {
        hashed += workers[i].hashed;
    }
    free(workers);
    return (double)hashed / took;
}
