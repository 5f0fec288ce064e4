/*
 * What the acts on bank answers share: opening an exception, and judging one booked entry against the line that it names. The judgement is made here, inside the log, so
 * that no officer can read a file and leave out what does not fit: the verifier makes it again.
 */
#ifndef ZD_ACT_BANK_INT_H
#define ZD_ACT_BANK_INT_H

#include "ledger/act/settle_int.h"

enum { ZD_BEXC_OPEN = 1, ZD_BEXC_CLEARED = 2, ZD_BEXC_RESOLVED = 3 };

/* Opens a case (its id must be free: false and A_EXISTS otherwise) and notes it in the decision as "exception". batch and provider may be NULL. */
zd_rec_bexc *zd_bexc_open(zd_act *act, const char *id, int64_t kind, int64_t amount_fen, const char *batch, const char *provider);
/* The sweep found the line silent: opens a case of NO_ANSWER that the batch's maker owns, unless one is open, and notes it in decision d. */
void zd_bexc_silence(zd_act *act, size_t d, const zd_rec_batch *batch, const zd_rec_line *line);
/* The line was sent and nothing final is known of it. */
bool zd_line_unanswered(const zd_rec_line *line);
/* The batch reached the bank or may have. */
bool zd_batch_was_sent(const zd_rec_batch *batch);

#endif
