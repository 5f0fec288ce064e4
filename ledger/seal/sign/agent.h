/*
 * The client's half of the ssh-agent protocol (RFC 9987): list keys (11, 12) and sign (13, 14). For signer.c.
 * One connection for each exchange, so that an agent may be restarted and threads need not share anything.
 */
#ifndef ZD_SEAL_SIGN_AGENT_H
#define ZD_SEAL_SIGN_AGENT_H

#include "ledger/seal/sshsig.h"

/* The one Ed25519 key of the agent with this fingerprint ("SHA256:…"). Error AGENT. */
zd_status zd_agent_find(zd_public_key *out, const char *socket_path, const char *fingerprint, zd_error *err);
/* Raw Ed25519 over message, checked against the key before it is given out. Error AGENT. */
zd_status zd_agent_sign(uint8_t out[64], const char *socket_path, const zd_public_key *key, zd_span message, zd_error *err);

#endif
