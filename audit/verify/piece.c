/*
 * Entries taken apart; see piece.h. Must not judge: everything here is a fact about bytes. A text is parsed only once its signature is found good, now or by the earlier
 * run on which it rests.
 */
#include "audit/verify/piece.h"

#include <stdlib.h>

#include "ledger/record/decision.h"

static void split_note(zd_piece *piece, zd_span note_bytes)
{
    zd_note note;
    zd_error ignored = {0};
    zd_buf_add_span(&piece->note_bytes, note_bytes);
    piece->note_good = zd_note_split(&note, zd_buf_span(&piece->note_bytes), &ignored) == ZD_OK && note.count == 1 && note.signatures[0].blob_size == 64;
    if (piece->note_good) {
        piece->text = note.text;
        piece->signature = note.signatures[0];
    }
    piece->text_sha256 = zd_sha256(piece->text);
}

static void take_apart(zd_piece *piece, zd_span entry)
{
    zd_leaf leaf;
    zd_error ignored = {0};
    *piece = (zd_piece){.bytes = entry, .line_why = "line and note"};
    piece->split = zd_leaf_split(&leaf, entry, &ignored) == ZD_OK;
    if (piece->split) {
        piece->line_good = zd_line_parse(&piece->line, leaf.line, &piece->line_why);
        piece->starts = leaf.note.size > 0;
        if (piece->starts) {
            split_note(piece, leaf.note);
        }
    }
}

static void read_request(zd_piece *piece)
{
    zd_error ignored = {0};
    zd_request *request = zd_alloc(sizeof *request);
    if (zd_request_parse(request, piece->text, &ignored) == ZD_OK) {
        piece->request = request;
        (void)zd_view_parse(&piece->view, zd_span_of(piece->text.data, piece->text.size - 1), &ignored); /* fails only where the first reading fails too */
    } else {
        free(request);
    }
}

void zd_pieces_make(zd_piece *pieces, const zd_span *entries, size_t count, size_t resting, zd_roster *roster)
{
    for (size_t i = 0; i < count; i++) {
        take_apart(&pieces[i], entries[i]);
        pieces[i].rests = i < resting;
    }
    zd_roster_share(roster);
    for (size_t i = 0; i < count; i++) {
        pieces[i].key = pieces[i].note_good && !pieces[i].rests ? zd_roster_find(roster, pieces[i].signature.name, pieces[i].signature.key_id) : NULL;
    }
    zd_roster_unshare(roster);
    for (size_t i = 0; i < count; i++) {
        zd_piece *piece = &pieces[i];
        if (piece->key != NULL && !zd_ed25519_verify(piece->signature.blob, piece->text, &piece->key->key)) {
            piece->key = NULL;
        }
        if (piece->key != NULL || (piece->rests && piece->note_good)) {
            read_request(piece);
        }
    }
}

void zd_piece_free(zd_piece *piece)
{
    zd_line_free(&piece->line);
    zd_buf_free(&piece->note_bytes);
    if (piece->request != NULL) {
        zd_request_free(piece->request);
        free(piece->request);
    }
    piece->request = NULL;
    zd_view_free(&piece->view);
}
