/*
 * The verifier's own roster: which key of which name belongs to which person in which role, from which entry to which. Read from the requests
 * themselves, without the book, so that signatures and separation of duties do not hang on the code under audit. Rows stay where they are until the end.
 */
#ifndef ZD_VERIFY_ROSTER_H
#define ZD_VERIFY_ROSTER_H

#include <pthread.h>

#include "audit/verify/names.h"
#include "audit/verify/view.h"
#include "ledger/seal/note.h"

typedef struct zd_roster_key {
    char name[101];
    char role[16];
    char person[41];
    char unit[41];
    char party[41];
    zd_public_key key;
    uint64_t from_size;
    uint64_t to_size;     /* 0 = open */
    uint64_t granted_to_size; /* before anybody ended it */
    uint64_t granted_seq;
} zd_roster_key;

typedef struct zd_roster {
    pthread_rwlock_t lock; /* rows are added while other threads look keys up */
    char origin[64];
    zd_roster_key **keys; /* each owned */
    size_t count;
    size_t capacity;
    zd_names signers;     /* "<signature name>#<key id>" -> number of the key */
    size_t *signer_key;
    size_t signer_capacity;
} zd_roster;

void zd_roster_init(zd_roster *roster); /* zeroes it first */
void zd_roster_free(zd_roster *roster);
/* Around look-ups on a thread that is not the owner's. Of a row that was found there only the key itself may be read, which never changes. */
void zd_roster_share(zd_roster *roster);
void zd_roster_unshare(zd_roster *roster);
/* A key.grant, or an item of the genesis, that entry seq made valid. granter NULL: genesis. */
void zd_roster_grant(zd_roster *roster, zd_view body, uint64_t seq, const zd_roster_key *granter);
void zd_roster_revoke(zd_roster *roster, zd_view body, uint64_t seq);
/* The successor of a key, by key.rotate (of the signer) or key.rotate-root (of the named key, with another person; the log's and the repository's also after they were ended). */
void zd_roster_rotate(zd_roster *roster, zd_view body, uint64_t seq, const zd_roster_key *signer);
void zd_roster_rotate_root(zd_roster *roster, zd_view body, uint64_t seq);

/* The key that a signature line names; NULL when there is none. */
const zd_roster_key *zd_roster_find(const zd_roster *roster, zd_span signature_name, const uint8_t key_id[4]);
bool zd_roster_valid(const zd_roster_key *key, uint64_t place);
/*
 * May this key sign the publication of `size` entries in that role? It must be valid at that size. A key that the previous publication did not know
 * yet (granted at or after known_size) may sign only when every key known then has ended: who publishes hands over, and a handed-over key is dead.
 */
bool zd_roster_may_publish(const zd_roster *roster, const char *role, const zd_public_key *key, uint64_t size, uint64_t known_size);
/* The name that a party's requests are counted under. */
const char *zd_roster_party(const zd_roster_key *key);

#endif
