/* Decimal sizes; see size_text.h. One accepted spelling per number, so that texts can be compared as bytes. */
#include "ledger/log/size_text.h"

bool zd_size_parse(uint64_t *out, zd_span text)
{
    if (text.size == 0 || text.size > 19 || (text.size > 1 && text.data[0] == '0')) {
        return false;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(text.data[i] - '0'); /* 19 digits stay below 2^64 */
    }
    if (value > (uint64_t)INT64_MAX) {
        return false;
    }
    *out = value;
    return true;
}
