/*
 * Sizes, indexes and times as the C2SP texts write them: ASCII decimal without leading zeros, at most 2^63 - 1.
 */
#ifndef ZD_LOG_SIZE_TEXT_H
#define ZD_LOG_SIZE_TEXT_H

#include "ledger/base/span.h"

/* false for an empty text, a sign, a leading zero (but "0" itself), any other byte, or more than 2^63 - 1. */
ZD_MUST_USE bool zd_size_parse(uint64_t *out, zd_span text);

#endif
