/* Entries in their order; see leaves.h. */
#include "audit/verify/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/names.h"
#include "audit/verify/shelf.h"

#define LOOK_EVERY 256       /* entries or accounts, at how much is resident */
#define RESIDENT_MOST (UINT32_C(128) << 20)
#define RECORDS_MOST 120000 /* some seventy megabytes */

struct zd_leaves {
    zd_report *report;
    zd_shelf *shelf;     /* what the book is not working on */
    size_t records_most; /* of the book in memory */
    zd_book *book;
    zd_acts *acts;
    zd_balances *balances;
    uint64_t accounts_seen; /* of the book, at the end */
    zd_limits *limits;
    uint64_t size;
    int64_t last_at_unix_ms;
    bool deciding;
    bool roster_changed;
    bool has_genesis;
    zd_hash genesis;
    /* the open group */
    zd_line *lines;
    size_t count;
    size_t capacity;
    size_t expected; /* lines that it will have; 0 = no group is open */
    zd_buf note_bytes;
    bool note_good;      /* one signature over one text */
    zd_hash text_sha256; /* of its text, that every effect names; of nothing when the note is not good */
    zd_note note;        /* borrows from note_bytes */
    bool rests;          /* its signature, on an earlier run */
    const zd_roster_key *known; /* under which its signature was found good beforehand */
    zd_request *request; /* as parsed beforehand, for the acts; owned; NULL when it was not */
    zd_view_document view; /* the same text as read beforehand, for the limits; owned */
};

/* Nothing is on the shelf yet, and the book knows: it need not ask for any kind until it is trimmed. */
static void tell_all_loaded(zd_book *book)
{
    for (int kind = 0; kind < ZD_R__COUNT; kind++) {
        (void)zd_book_scan(book, (zd_record_kind)kind, "%s", "");
    }
}

zd_leaves *zd_leaves_new(zd_report *report, size_t records_most)
{
    zd_leaves *leaves = zd_alloc_zero(1, sizeof *leaves);
    leaves->report = report;
    leaves->shelf = zd_shelf_new();
    leaves->records_most = records_most > 0 ? records_most : RECORDS_MOST;
    zd_book_source source = zd_shelf_source(leaves->shelf);
    leaves->book = zd_book_new(&source);
    tell_all_loaded(leaves->book);
    leaves->acts = zd_acts_new(leaves->book);
    leaves->balances = zd_balances_new(report);
    leaves->limits = zd_limits_new(report);
    leaves->deciding = true;
    leaves->last_at_unix_ms = INT64_MIN;
    return leaves;
}

static void drop_group(zd_leaves *leaves)
{
    for (size_t i = 0; i < leaves->count; i++) {
        zd_line_free(&leaves->lines[i]);
    }
    if (leaves->request != NULL) {
        zd_request_free(leaves->request);
        free(leaves->request);
    }
    leaves->request = NULL;
    zd_view_free(&leaves->view);
    leaves->count = 0;
    leaves->expected = 0;
}

void zd_leaves_free(zd_leaves *leaves)
{
    if (leaves == NULL) {
        return;
    }
    drop_group(leaves);
    free(leaves->lines);
    zd_buf_free(&leaves->note_bytes);
    zd_limits_free(leaves->limits);
    zd_balances_free(leaves->balances);
    zd_acts_free(leaves->acts);
    zd_book_free(leaves->book);
    zd_shelf_free(leaves->shelf);
    free(leaves);
}

/* --- signatures --- */

static zd_found *find_request(zd_leaves *leaves, zd_verify_check check, uint64_t seq, const zd_note *note)
{
    zd_found *found = zd_report_add(leaves->report, check, seq);
    zd_buf_add_span(&found->recorded, note->signatures[0].name);
    return found;
}

static void check_genesis_signature(zd_leaves *leaves, const zd_note *note)
{
    zd_error err = {0};
    zd_public_key key;
    leaves->report->counts.requests++;
    if (zd_acts_genesis_key(&key, note->text, note->signatures[0].name, note->signatures[0].key_id, &err) != ZD_OK) {
        zd_buf_add_text(&find_request(leaves, ZD_V_REQUEST_KEY, 0, note)->recomputed, "a root key that the genesis lists");
    } else if (!zd_note_verify(note, 0, &key)) {
        zd_buf_add_text(&find_request(leaves, ZD_V_REQUEST_SIGNATURE, 0, note)->recomputed, "a good signature of that key");
    }
}

/* known: the key under which the signature was found good beforehand, NULL when that is still to be done. Where it rests on an earlier run, whose key it is and whether that
 * key was in force is looked at all the same. */
static void check_signature(zd_leaves *leaves, const zd_note *note, const zd_roster_key *known, uint64_t seq)
{
    if (seq == 0) {
        check_genesis_signature(leaves, note);
        return;
    }
    const zd_roster_key *key = known;
    if (key == NULL) {
        key = zd_roster_find(zd_limits_roster(leaves->limits), note->signatures[0].name, note->signatures[0].key_id);
    }
    if (key == NULL) {
        zd_buf_add_text(&find_request(leaves, ZD_V_REQUEST_KEY, seq, note)->recomputed, "a key of the roster");
        return;
    }
    leaves->report->counts.requests += leaves->rests ? 0 : 1;
    leaves->report->counts.resting += leaves->rests ? 1 : 0;
    if (!zd_roster_valid(key, seq)) {
        zd_found *found = find_request(leaves, ZD_V_REQUEST_KEY, seq, note);
        zd_buf_addf(&found->recomputed, "valid for entries [%llu, %llu)", (unsigned long long)key->from_size, (unsigned long long)key->to_size);
        zd_buf_add_text(&found->gains, zd_roster_party(key));
    }
    if (!leaves->rests && key != known && !zd_note_verify(note, 0, &key->key)) {
        zd_found *found = find_request(leaves, ZD_V_REQUEST_SIGNATURE, seq, note);
        zd_buf_add_text(&found->recomputed, "a good signature of that key");
        zd_buf_add_text(&found->gains, zd_roster_party(key));
    }
}

/* --- deciding again --- */

static zd_span gains_of(const zd_note *note, zd_view_document *document)
{
    zd_error err = {0};
    zd_span text = note->text;
    static const char *const fields[] = {"provider", "seller", "holder"};
    if (zd_view_parse(document, zd_span_of(text.data, text.size - 1), &err) != ZD_OK) {
        return zd_span_of(NULL, 0);
    }
    for (size_t i = 0; i < ZD_COUNT(fields); i++) {
        zd_span party = zd_view_text(zd_view_get(zd_view_root(document), fields[i]));
        if (party.size > 0) {
            return party;
        }
    }
    return zd_span_of(NULL, 0);
}

static void find_decision(zd_leaves *leaves, uint64_t seq, zd_span recorded, zd_span recomputed)
{
    zd_view_document document = {.nodes = NULL};
    zd_found *found = zd_report_add(leaves->report, ZD_V_DECISION, seq);
    zd_report_excerpt(&found->recorded, recorded, recomputed);
    zd_report_excerpt(&found->recomputed, recomputed, recorded);
    zd_buf_add_span(&found->gains, gains_of(&leaves->note, &document));
    zd_view_free(&document);
    leaves->deciding = false;
}

static void compare(zd_leaves *leaves, const zd_group *group)
{
    zd_buf again = {0};
    size_t count = group->count > leaves->count ? group->count : leaves->count;
    for (size_t i = 0; i < count && leaves->deciding; i++) {
        zd_buf_clear(&again);
        if (i < group->count) {
            zd_decision_encode(&again, &group->decisions[i], zd_acts_check_name);
            again.size -= again.size > 0 ? 1 : 0; /* without its newline, as the lines are kept */
        } else {
            zd_buf_add_text(&again, "(no such effect)");
        }
        zd_span recorded = i < leaves->count ? zd_buf_span(&leaves->lines[i].text) : zd_span_text("(no such effect)");
        if (zd_span_equal(recorded, zd_buf_span(&again))) {
            leaves->report->counts.decisions++;
        } else {
            find_decision(leaves, leaves->lines[0].seq + i, recorded, zd_buf_span(&again));
        }
    }
    zd_buf_free(&again);
}

static void find_admission(zd_leaves *leaves, const zd_error *err)
{
    zd_found *found = zd_report_add(leaves->report, ZD_V_ADMISSION, leaves->lines[0].seq);
    zd_report_excerpt(&found->recorded, zd_buf_span(&leaves->lines[0].text), zd_buf_span(&leaves->lines[0].text));
    zd_error_print(&found->recomputed, err, false);
    leaves->deciding = false;
}

static zd_status decide_again(zd_leaves *leaves, zd_error *err)
{
    zd_group group = {0};
    zd_error why = {0};
    const zd_line *first = &leaves->lines[0];
    zd_incoming in = {.text = leaves->note.text, .request = leaves->request, .seq = first->seq, .at_unix_ms = first->at_unix_ms};
    zd_status status = ZD_OK;
    if (first->seq > 0) {
        status = zd_acts_signer(&in.signer, leaves->acts, leaves->note.signatures[0].name, leaves->note.signatures[0].key_id, &why);
    }
    if (status == ZD_OK) {
        status = zd_acts_submit(&group, leaves->acts, &in, &why);
    }
    if (status == ZD_OK && group.replay) {
        zd_report_say(leaves->report, ZD_V_REQUEST_TWICE, first->seq, "decided again", "one decision");
        leaves->deciding = false;
    } else if (status == ZD_OK) {
        leaves->roster_changed = leaves->roster_changed || group.roster_changed;
        compare(leaves, &group);
    } else if (status == ZD_FAULT) {
        *err = why;
    } else {
        find_admission(leaves, &why);
        status = ZD_OK;
    }
    zd_group_free(&group);
    return status;
}

/* --- groups --- */

static zd_status finish_group(zd_leaves *leaves, zd_error *err)
{
    zd_status status = ZD_OK;
    if (leaves->note_good) {
        check_signature(leaves, &leaves->note, leaves->known, leaves->lines[0].seq);
        status = leaves->deciding ? decide_again(leaves, err) : ZD_OK;
    } else {
        leaves->deciding = false;
    }
    for (size_t i = 0; i < leaves->count; i++) {
        zd_balances_add(leaves->balances, &leaves->lines[i]);
    }
    if (leaves->view.nodes != NULL) {
        zd_limits_add_read(leaves->limits, &leaves->note, zd_view_root(&leaves->view), &leaves->text_sha256, leaves->lines, leaves->count);
    } else if (leaves->note_good) {
        zd_limits_add(leaves->limits, &leaves->note, leaves->lines, leaves->count);
    }
    drop_group(leaves);
    return status;
}

static void find_cut(zd_leaves *leaves, uint64_t seq)
{
    zd_found *found = zd_report_add(leaves->report, ZD_V_GROUP_CUT, seq);
    zd_buf_addf(&found->recorded, "%zu entries of the request at %llu", leaves->count, leaves->count > 0 ? (unsigned long long)leaves->lines[0].seq : 0ULL);
    zd_buf_addf(&found->recomputed, "%zu entries", leaves->expected);
    leaves->deciding = false;
    drop_group(leaves);
}

static void start_group(zd_leaves *leaves, zd_piece *piece, const zd_line *line)
{
    zd_buf_free(&leaves->note_bytes);
    leaves->note_bytes = piece->note_bytes;
    piece->note_bytes = (zd_buf){0};
    leaves->request = piece->request;
    piece->request = NULL;
    leaves->view = piece->view;
    piece->view = (zd_view_document){.nodes = NULL};
    leaves->known = piece->key;
    leaves->rests = piece->rests;
    leaves->note_good = piece->note_good;
    leaves->note.whole = zd_buf_span(&leaves->note_bytes);
    leaves->note.text = piece->text;
    leaves->note.count = 1;
    leaves->note.signatures[0] = piece->signature;
    leaves->text_sha256 = piece->text_sha256;
    leaves->expected = (size_t)line->effects + 1;
    if (!leaves->note_good) {
        zd_report_say(leaves->report, ZD_V_LEAF_FORM, line->seq, "not a signed note with one signature", "the request note");
    }
}

static bool belongs(const zd_leaves *leaves, const zd_line *line)
{
    bool same_text = !leaves->note_good || zd_hash_equal(&leaves->text_sha256, &line->note_sha256);
    return leaves->expected > 0 && line->is_effect && line->of_seq == leaves->lines[0].seq && same_text;
}

static void check_place(zd_leaves *leaves, const zd_line *line, uint64_t place)
{
    if (line->seq != place) {
        zd_found *found = zd_report_add(leaves->report, ZD_V_ENTRY_NUMBER, place);
        zd_buf_addf(&found->recorded, "%llu", (unsigned long long)line->seq);
        zd_buf_addf(&found->recomputed, "%llu", (unsigned long long)place);
    }
    if (line->at_unix_ms < leaves->last_at_unix_ms) {
        zd_found *found = zd_report_add(leaves->report, ZD_V_ENTRY_TIME, place);
        zd_buf_addf(&found->recorded, "%lld", (long long)line->at_unix_ms);
        zd_buf_addf(&found->recomputed, "at least %lld", (long long)leaves->last_at_unix_ms);
    } else {
        leaves->last_at_unix_ms = line->at_unix_ms;
    }
}

static void find_form(zd_leaves *leaves, uint64_t place, const char *why, zd_span bytes)
{
    zd_found *found = zd_report_add(leaves->report, ZD_V_LEAF_FORM, place);
    zd_report_excerpt(&found->recorded, bytes, bytes);
    zd_buf_addf(&found->recomputed, "a decision line (%s)", why);
    leaves->deciding = false;
}

/* The system brings more of a file into memory than was asked for, so what is there is measured, not counted. */
static void relax(zd_leaves *leaves, uint64_t step)
{
    if (step % LOOK_EVERY == 0 && zd_paged_resident() > RESIDENT_MOST) {
        zd_balances_relax(leaves->balances);
        zd_limits_relax(leaves->limits);
        zd_shelf_relax(leaves->shelf);
    }
}

/* Between two requests nothing points into the book. */
static zd_status bound_memory(zd_leaves *leaves)
{
    zd_status status = ZD_OK;
    if (zd_book_count(leaves->book) > leaves->records_most) {
        status = zd_shelf_store(leaves->shelf, leaves->book);
    }
    zd_book_trim(leaves->book, leaves->records_most);
    relax(leaves, leaves->size);
    return status;
}

static zd_status add_one(zd_leaves *leaves, zd_piece *piece, zd_error *err)
{
    uint64_t place = leaves->size++;
    if (!piece->line_good) {
        find_form(leaves, place, piece->line_why, piece->bytes);
        return ZD_OK;
    }
    zd_line line = piece->line;
    check_place(leaves, &line, place);
    line.seq = place; /* findings and everything after speak of the place that the tree proves */
    bool starts = piece->starts;
    if (starts && leaves->expected > 0) {
        find_cut(leaves, place);
    }
    if (starts ? line.is_effect : !belongs(leaves, &line)) {
        find_form(leaves, place, starts ? "no effect carries a note" : "an effect of the request before it", piece->bytes);
        return ZD_OK;
    }
    piece->line = (zd_line){0}; /* the group has it now */
    if (starts) {
        start_group(leaves, piece, &line);
    }
    leaves->lines = zd_grow(leaves->lines, &leaves->capacity, leaves->count, sizeof *leaves->lines);
    leaves->lines[leaves->count++] = line;
    return leaves->count == leaves->expected ? finish_group(leaves, err) : ZD_OK;
}

zd_status zd_leaves_add(zd_leaves *leaves, zd_piece *pieces, size_t count, zd_error *err)
{
    zd_status status = ZD_OK;
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        if (leaves->size == 0) {
            leaves->has_genesis = true;
            leaves->genesis = zd_sha256(pieces[i].bytes);
        }
        status = add_one(leaves, &pieces[i], err);
        leaves->report->counts.entries++;
        if (status == ZD_OK) {
            status = bound_memory(leaves);
        }
    }
    return status;
}

void zd_leaves_boundary(zd_leaves *leaves)
{
    if (leaves->expected > 0) {
        find_cut(leaves, leaves->lines[0].seq);
    }
}

/* --- the end --- */

static void check_account(zd_leaves *leaves, zd_span name, int64_t book_fen, int64_t recomputed_fen)
{
    if (recomputed_fen != book_fen) {
        zd_found *found = zd_report_add(leaves->report, ZD_V_BALANCE, ZD_ENTRY_NONE);
        zd_buf_add_span(&found->recorded, name);
        zd_buf_addf(&found->recorded, ": %lld by the decisions made again", (long long)book_fen);
        zd_buf_addf(&found->recomputed, "%lld by the postings", (long long)recomputed_fen);
    }
}

static zd_status check_book_account(void *context, zd_span key, zd_span value)
{
    zd_leaves *leaves = context;
    zd_rec_acct account;
    zd_error why = {0};
    size_t prefix = strlen("ACCT/");
    zd_span name = zd_span_of(key.data + prefix, key.size - prefix);
    zd_status status = zd_record_decode(&account, ZD_R_ACCT, value, &why);
    if (status == ZD_OK) {
        check_account(leaves, name, account.balance_fen, zd_balances_note(leaves->balances, name, account.balance_fen));
    }
    relax(leaves, ++leaves->accounts_seen);
    return status;
}

/* Each account of the book against the postings, then each of the postings against the book. */
static zd_status check_balances(zd_leaves *leaves)
{
    zd_status status = zd_shelf_store(leaves->shelf, leaves->book);
    if (status == ZD_OK) {
        status = zd_shelf_each(leaves->shelf, zd_span_text("ACCT/"), check_book_account, leaves);
    }
    for (size_t i = 0; i < zd_balances_count(leaves->balances) && status == ZD_OK; i++) {
        int64_t balance_fen = 0;
        int64_t noted_fen = 0;
        zd_span name = zd_balances_at(&balance_fen, &noted_fen, leaves->balances, i);
        check_account(leaves, name, noted_fen, balance_fen);
        relax(leaves, i);
    }
    return status;
}

zd_status zd_leaves_end(zd_leaves *leaves)
{
    leaves->report->commit_hex[0] = '\0';
    leaves->report->counts.accounts = zd_balances_count(leaves->balances);
    return leaves->deciding ? check_balances(leaves) : ZD_OK;
}

bool zd_leaves_deciding(const zd_leaves *leaves)
{
    return leaves->deciding;
}

bool zd_leaves_roster_changed(zd_leaves *leaves)
{
    bool changed = leaves->roster_changed;
    leaves->roster_changed = false;
    return changed;
}

uint64_t zd_leaves_size(const zd_leaves *leaves)
{
    return leaves->size;
}

int64_t zd_leaves_last_at(const zd_leaves *leaves)
{
    return leaves->last_at_unix_ms;
}

const zd_hash *zd_leaves_genesis(const zd_leaves *leaves)
{
    return leaves->has_genesis ? &leaves->genesis : NULL;
}

const zd_limits *zd_leaves_limits(const zd_leaves *leaves)
{
    return leaves->limits;
}

zd_roster *zd_leaves_roster_shared(zd_leaves *leaves)
{
    return zd_limits_roster_shared(leaves->limits);
}

const zd_balances *zd_leaves_balances(const zd_leaves *leaves)
{
    return leaves->balances;
}

zd_book *zd_leaves_book(zd_leaves *leaves)
{
    return leaves->book;
}
