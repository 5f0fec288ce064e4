/* The receipt that goes into a settlement package: the seal's leaf under the first checkpoint that covers the release, with the log's own signature only. A function of the
 * history, so that every export gives the same bytes; cosignatures that came later are in the clone and in `log proof`. */
#ifndef ZD_ENGINE_SEAL_PROOF_H
#define ZD_ENGINE_SEAL_PROOF_H

#include "ledger/engine/ledger.h"

/* LOG_RANGE when no checkpoint of at least min_size entries is published. */
zd_status zd_seal_proof(zd_buf *out, zd_ledger *ledger, uint64_t seq, uint64_t min_size, zd_error *err);

#endif
