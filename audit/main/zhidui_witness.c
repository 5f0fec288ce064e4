/*
 * zhidui-witness: what a finance office or an audit office runs to cosign the heads of a ledger that is not its own. A program apart from zhidui-audit, because it signs
 * and listens, and the verifier must be able to do neither.
 */
#include <stdio.h>

#include "audit/witness/witness.h"

int main(int argc, char **argv)
{
    zd_error err = {0};
    if (zd_seal_start(&err) != ZD_OK) {
        (void)fprintf(stderr, "zhidui-witness: %s\n  %s\n", zd_code_english(err.code), zd_code_chinese(err.code));
        return ZD_FAULT;
    }
    int status = zd_witness_main(argc, argv);
    return fflush(stdout) != 0 || ferror(stdout) != 0 ? ZD_FAULT : status;
}
