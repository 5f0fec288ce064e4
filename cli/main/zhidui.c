/* The program zhidui: starts the libraries, hands over to the command table, stops them. Decides nothing. */
#include "audit/trail/trail.h"
#include "cli/command.h"

int main(int argc, char **argv)
{
    zd_error err = {0};
    if (zd_seal_start(&err) != ZD_OK) {
        (void)fprintf(stderr, "%s\n", zd_code_english(err.code));
        return ZD_FAULT;
    }
    int status = zd_cli_main(argc, argv);
    zd_trail_stop();
    return status;
}
