/*
 * One entry taken apart before its turn comes: what follows from its bytes alone, and whether its signature is good under the key that its line names. Pieces are made
 * on any thread and in any order; who may sign what, and every finding, belongs to leaves.c, in order.
 */
#ifndef ZD_VERIFY_PIECE_H
#define ZD_VERIFY_PIECE_H

#include "audit/verify/line.h"
#include "audit/verify/roster.h"
#include "ledger/record/request.h"

typedef struct zd_piece {
    zd_span bytes;        /* the entry; borrowed */
    bool split;           /* it has a line, and a note or nothing */
    bool starts;          /* a note follows the line: a request begins */
    bool line_good;
    bool note_good;       /* one signature of the usual kind over one text */
    const char *line_why; /* what is wrong with the line */
    zd_line line;         /* owned */
    zd_buf note_bytes;    /* owned; text and signature borrow from it */
    zd_span text;
    zd_note_signature signature;
    zd_hash text_sha256;  /* of nothing when the note is not good */
    bool rests;           /* its signature was verified by an earlier run over these very bytes, and is not verified again */
    const zd_roster_key *key; /* under which the signature was found good; NULL: to be looked at in order, where the finding is made */
    zd_request *request;  /* for the acts; owned; NULL when the signature was not found good and does not rest, or the text is no request */
    zd_view_document view; /* of the same text, read once more for the limits, which share no reader with the acts; owned; empty when the request is NULL */
} zd_piece;

/* Takes count entries apart, of which the first `resting` rest. The roster may be written to by its owner meanwhile. Free each piece, also when parts of it were taken. */
void zd_pieces_make(zd_piece *pieces, const zd_span *entries, size_t count, size_t resting, zd_roster *roster);
void zd_piece_free(zd_piece *piece);

#endif
