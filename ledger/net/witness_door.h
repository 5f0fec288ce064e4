/*
 * The way to a witness: one question with one answer, over HTTP or over a directory that people carry (file drop). Knows nothing of what the words mean and believes
 * none of them. The only place that opens a connection.
 *
 * HTTP: http and https only, no redirects, no cookies, no credentials, one request with a deadline, at most a given number of bytes of answer.
 * File drop ("file:/absolute/directory"): the request is written as <name>.add-checkpoint; the answer is <name>.answer, once somebody brings it. An answer to another
 * request is none.
 */
#ifndef ZD_NET_WITNESS_DOOR_H
#define ZD_NET_WITNESS_DOOR_H

#include "ledger/base/error.h"

#define ZD_NET_TIMEOUT_MS 10000

typedef struct zd_net_answer {
    int status; /* HTTP status; 0 = no answer yet (file drop) */
    zd_buf body; /* owned */
} zd_net_answer;

typedef struct zd_net_question {
    const char *url;  /* submission prefix of the witness */
    const char *name; /* of the file in a drop */
    zd_span body;
    long timeout_ms;  /* whole exchange; 0 = ZD_NET_TIMEOUT_MS */
} zd_net_question;

/* Is this an address that zd_net_ask_witness takes? */
bool zd_net_is_witness_url(const char *url);
/* WITNESS_SILENT with the reason when it cannot be reached, is late, or says too much; FILE_* for a drop that cannot be used. out->body is cleared first. */
zd_status zd_net_ask_witness(zd_net_answer *out, const zd_net_question *question, zd_error *err);

/* drop.c */
zd_status zd_net_drop(zd_net_answer *out, const char *directory, const zd_net_question *question, zd_error *err);

#endif
