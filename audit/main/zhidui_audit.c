/*
 * zhidui-audit: anybody with a clone of the audit repository checks, offline and without trusting the bureau, that every fen that was paid follows from signed
 * acts under the rules published at that time. Holds no signing code and no store (tests/check_symbols.sh looks).
 */
#include <stdio.h>

#include "audit/trail/trail.h"
#include "audit/verify/verify.h"

int main(int argc, char **argv)
{
    zd_error err = {0};
    if (zd_seal_start(&err) != ZD_OK) {
        (void)fprintf(stderr, "zhidui-audit: %s\n  %s\n", zd_code_english(err.code), zd_code_chinese(err.code));
        return ZD_AUDIT_FAULT;
    }
    int status = zd_audit_main(argc, argv);
    zd_trail_stop();
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        /* A verdict that nobody could read is none. */
        (void)fprintf(stderr, "zhidui-audit: %s\n  %s\n", zd_code_english(ZD_E_VERDICT_UNWRITTEN), zd_code_chinese(ZD_E_VERDICT_UNWRITTEN));
        return ZD_AUDIT_FAULT;
    }
    return status;
}
