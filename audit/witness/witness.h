/*
 * A witness (c2sp.org/tlog-witness): signs the largest head of each known log that it has seen, and never two heads of which one does not continue the other. What a
 * finance office or an audit office runs beside a ledger that is not its own.
 *
 * The whole memory is one file. It is replaced (temporary file, sync, rename) under the same lock as the comparison and before the answer leaves, so that no crash lets
 * two branches be cosigned. A witness without its memory does not start: starting anew is a word of its own.
 */
#ifndef ZD_AUDIT_WITNESS_H
#define ZD_AUDIT_WITNESS_H

#include "ledger/base/clock.h"
#include "ledger/log/witness_request.h"
#include "ledger/seal/sign/signer.h"

#define ZD_WITNESS_LOGS 64 /* log keys that a witness may know */

/* --- state.c: the memory --- */
typedef struct zd_witness_state zd_witness_state;
/* fresh: the file must not be there and is made. Else it must be there and whole: WITNESS_STATE. LEDGER_LOCKED while another process uses it. */
zd_status zd_witness_state_open(zd_witness_state **out, const char *path, bool fresh, zd_error *err);
void zd_witness_state_close(zd_witness_state *state); /* NULL is fine */
/* The latest cosigned note of the log of that name (hex SHA-256 of its origin); empty when there is none. Borrowed until the next put. */
zd_span zd_witness_state_note(const zd_witness_state *state, const char *log);
size_t zd_witness_state_count(const zd_witness_state *state);
zd_span zd_witness_state_at(const zd_witness_state *state, size_t index);
/* Durable when it returns ZD_OK; on failure the memory is what it was. */
zd_status zd_witness_state_put(zd_witness_state *state, const char *log, zd_span note, zd_error *err);
/* Keeps a well-signed request that contradicts the memory, the first one only, beside the state file: it proves what the log did. */
void zd_witness_state_evidence(const zd_witness_state *state, zd_span request);

/* --- protocol.c: pure but for state and signer --- */
typedef struct zd_witness_log {
    char origin[ZD_NOTE_NAME_MAX];
    zd_public_key key;
} zd_witness_log;

typedef struct zd_witness_office {
    zd_witness self;       /* name and public key */
    const zd_signer *signer;
    zd_witness_log logs[ZD_WITNESS_LOGS];
    size_t log_count;
    zd_witness_state *state;
    zd_clock clock;
} zd_witness_office;

typedef struct zd_witness_reply {
    int status;
    const char *content_type;
    zd_buf body; /* owned */
} zd_witness_reply;

/* Adds a log by its vkey (type 0x01). KEY_FILE, USAGE when there are too many. */
zd_status zd_witness_know(zd_witness_office *office, zd_span vkey, zd_error *err);
/* Answers one add-checkpoint. Not reentrant: the caller lets one in at a time. */
void zd_witness_add_checkpoint(zd_witness_reply *out, zd_witness_office *office, zd_span body);
/* GET <prefix>/<log>/checkpoint. */
void zd_witness_show(zd_witness_reply *out, const zd_witness_office *office, zd_span log);

/* --- server.c --- */
typedef struct zd_witness_server zd_witness_server;
/* "127.0.0.1:8080", "[::1]:0". Port 0: any; *out_port is the one taken. Answers in a thread of its own until it is stopped. */
zd_status zd_witness_serve(zd_witness_server **out, unsigned *out_port, zd_witness_office *office, const char *listen, zd_error *err);
void zd_witness_stop(zd_witness_server *server);

/* --- carried.c: requests and answers as files --- */
/* path: one request, or a directory of them. Writes each answer beside its request. *answered counts those with status 200. */
zd_status zd_witness_cosign_files(size_t *answered, size_t *refused, zd_witness_office *office, const char *path, zd_error *err);

/* command.c: the whole program. */
int zd_witness_main(int argc, char **argv);

#endif
