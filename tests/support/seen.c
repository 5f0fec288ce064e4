/* Which findings tests have produced; see seen.h. */
#include "tests/support/seen.h"

#include <stdio.h>
#include <stdlib.h>

void zd_seen(const zd_report *report)
{
    const char *path = getenv("ZD_FINDINGS_SEEN");
    FILE *file = path != NULL && report->total > 0 ? fopen(path, "a") : NULL;
    if (file == NULL) {
        return;
    }
    const char *before = "";
    for (int check = 0; check < ZD_V__COUNT; check++) {
        if (report->by_check[check] > 0) {
            (void)fprintf(file, "%s%s", before, zd_verify_name((zd_verify_check)check));
            before = " ";
        }
    }
    (void)fputs("\n", file);
    (void)fclose(file);
}
