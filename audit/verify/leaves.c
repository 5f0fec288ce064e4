/* Entries in their order; see leaves.h. */
#include "audit/verify/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/decider.h"
#include "audit/verify/names.h"

#define LOOK_EVERY 64 /* entries or accounts, at how much is resident */
#define LINES_FIRST 64 /* of a group */
#define MARKS_MAX 16   /* checkpoints behind */

struct zd_leaves {
    zd_report *report;
    zd_decider *decider;
    size_t told; /* findings that the report holds up to the last checkpoint that is settled */
    size_t marks[MARKS_MAX]; /* the same of those that are not settled yet, in their order, without what deciding finds */
    size_t mark_count;
    bool calm;   /* all requests since the last checkpoint leave keys, policies and releases as they are */
    zd_balances *balances;
    uint64_t accounts_seen; /* of the book, at the end */
    zd_limits *limits;
    uint64_t size;
    int64_t last_at_unix_ms;
    bool deciding; /* nothing was recorded so far that cannot be decided again */
    bool has_genesis;
    zd_hash genesis;
    zd_case *group;      /* that is open; NULL = none */
    size_t expected;     /* lines that it will have */
    bool note_good;      /* one signature over one text */
    zd_hash text_sha256; /* of its text, that every effect names; of nothing when the note is not good */
    zd_note note;        /* borrows from the group */
    bool rests;          /* its signature, on an earlier run */
    const zd_roster_key *known; /* under which its signature was found good beforehand */
    zd_view_document view; /* its text as read beforehand, for the limits; owned */
};

zd_leaves *zd_leaves_new(zd_report *report, size_t records_most, unsigned threads)
{
    zd_leaves *leaves = zd_alloc_zero(1, sizeof *leaves);
    leaves->report = report;
    leaves->decider = zd_decider_new(records_most, threads);
    leaves->balances = zd_balances_new(report);
    leaves->limits = zd_limits_new(report);
    leaves->deciding = true;
    leaves->calm = true;
    leaves->last_at_unix_ms = INT64_MIN;
    return leaves;
}

static void drop_group(zd_leaves *leaves)
{
    zd_case_free(leaves->group);
    leaves->group = NULL;
    zd_view_free(&leaves->view);
}

void zd_leaves_free(zd_leaves *leaves)
{
    if (leaves == NULL) {
        return;
    }
    drop_group(leaves);
    zd_decider_free(leaves->decider);
    zd_limits_free(leaves->limits);
    zd_balances_free(leaves->balances);
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

/* --- groups --- */

/* Acts on single vouchers and services, alone or in a batch. What is not sure to be one, such as a text that was not read beforehand, is not. */
static bool is_calm(const zd_request *request)
{
    static const zd_request_type calm[] = {ZD_REQ_ORDER,         ZD_REQ_EXTEND,        ZD_REQ_CONFIRM,        ZD_REQ_CAPTURE,       ZD_REQ_DIRECT,
                                           ZD_REQ_VOID,          ZD_REQ_REFUND,        ZD_REQ_VOUCHER_CLAIM,  ZD_REQ_VOUCHER_ISSUE, ZD_REQ_VOUCHER_ALLOT,
                                           ZD_REQ_MANDATE_GRANT, ZD_REQ_VOUCHER_RESUME, ZD_REQ_VOUCHER_REVOKE, ZD_REQ_FACT_ATTEST,   ZD_REQ_HOLDER_REGISTER};
    zd_request_type type = request != NULL ? request->type : ZD_REQ_GENESIS;
    bool known = type != ZD_REQ_BATCH_OF || zd_request_find(&type, zd_req_text(request, ZD_F_OF));
    for (size_t i = 0; i < ZD_COUNT(calm) && known; i++) {
        if (calm[i] == type) {
            return true;
        }
    }
    return false;
}

/* The second opinion first, then the acts, which take the group over. */
static void finish_group(zd_leaves *leaves)
{
    zd_case *group = leaves->group;
    if (leaves->note_good) {
        check_signature(leaves, &leaves->note, leaves->known, group->lines[0].seq);
    }
    for (size_t i = 0; i < group->count; i++) {
        zd_balances_add(leaves->balances, &group->lines[i]);
    }
    if (leaves->view.nodes != NULL) {
        zd_limits_add_read(leaves->limits, &leaves->note, zd_view_root(&leaves->view), &leaves->text_sha256, group->lines, group->count);
    } else if (leaves->note_good) {
        zd_limits_add(leaves->limits, &leaves->note, group->lines, group->count);
    }
    leaves->deciding = leaves->deciding && leaves->note_good;
    leaves->calm = leaves->calm && is_calm(group->request);
    if (leaves->deciding) {
        zd_decider_add(leaves->decider, group);
        leaves->group = NULL;
    }
    drop_group(leaves);
}

static void find_cut(zd_leaves *leaves, uint64_t seq)
{
    zd_found *found = zd_report_add(leaves->report, ZD_V_GROUP_CUT, seq);
    zd_buf_addf(&found->recorded, "%zu entries of the request at %llu", leaves->group->count, (unsigned long long)leaves->group->lines[0].seq);
    zd_buf_addf(&found->recomputed, "%zu entries", leaves->expected);
    leaves->deciding = false;
    drop_group(leaves);
}

static void start_group(zd_leaves *leaves, zd_piece *piece, const zd_line *line)
{
    zd_case *group = zd_case_new();
    group->note_bytes = piece->note_bytes;
    group->text = piece->text;
    group->signature = piece->signature;
    group->request = piece->request;
    piece->note_bytes = (zd_buf){0};
    piece->request = NULL;
    leaves->group = group;
    leaves->view = piece->view;
    piece->view = (zd_view_document){.nodes = NULL};
    leaves->known = piece->key;
    leaves->rests = piece->rests;
    leaves->note_good = piece->note_good;
    leaves->note.whole = zd_buf_span(&group->note_bytes);
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
    return leaves->group != NULL && line->is_effect && line->of_seq == leaves->group->lines[0].seq && same_text;
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

/* The system brings more of a file into memory than was asked for, so what is there is measured, not counted. The decider looks after its own. */
static bool is_much(uint64_t step)
{
    return step % LOOK_EVERY == 0 && zd_paged_resident() > ZD_PAGED_RESIDENT_MOST;
}

static void relax(zd_leaves *leaves, uint64_t step)
{
    if (is_much(step)) {
        zd_balances_relax(leaves->balances);
        zd_limits_relax(leaves->limits);
    }
}

static void add_one(zd_leaves *leaves, zd_piece *piece)
{
    uint64_t place = leaves->size++;
    if (!piece->line_good) {
        find_form(leaves, place, piece->line_why, piece->bytes);
        return;
    }
    zd_line line = piece->line;
    check_place(leaves, &line, place);
    line.seq = place; /* findings and everything after speak of the place that the tree proves */
    bool starts = piece->starts;
    if (starts && leaves->group != NULL) {
        find_cut(leaves, place);
    }
    if (starts ? line.is_effect : !belongs(leaves, &line)) {
        find_form(leaves, place, starts ? "no effect carries a note" : "an effect of the request before it", piece->bytes);
        return;
    }
    piece->line = (zd_line){0}; /* the group has it now */
    if (starts) {
        start_group(leaves, piece, &line);
    }
    zd_case *group = leaves->group;
    if (group->capacity == 0) { /* most have the one line */
        group->capacity = leaves->expected < LINES_FIRST ? leaves->expected : LINES_FIRST;
        group->lines = zd_alloc(group->capacity * sizeof *group->lines);
    }
    group->lines = zd_grow(group->lines, &group->capacity, group->count, sizeof *group->lines);
    group->lines[group->count++] = line;
    if (group->count == leaves->expected) {
        finish_group(leaves);
    }
}

void zd_leaves_add(zd_leaves *leaves, zd_piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (leaves->size == 0) {
            leaves->has_genesis = true;
            leaves->genesis = zd_sha256(pieces[i].bytes);
        }
        add_one(leaves, &pieces[i]);
        leaves->report->counts.entries++;
        relax(leaves, leaves->size);
    }
    zd_decider_flush(leaves->decider);
}

/* What deciding found up to the oldest checkpoint that is not settled goes to its place, and later checkpoints move up by it. False when it is not there yet. */
static bool settle_one(zd_leaves *leaves, bool wait)
{
    zd_report *found = zd_decider_take(leaves->decider, wait);
    if (found == NULL) {
        return false;
    }
    size_t to = leaves->marks[0];
    leaves->told = zd_report_merge(leaves->report, found, leaves->told, to);
    leaves->mark_count--;
    for (size_t i = 0; i < leaves->mark_count; i++) {
        size_t moved = leaves->marks[i + 1] + (leaves->told - to);
        leaves->marks[i] = moved < ZD_FOUND_KEPT ? moved : ZD_FOUND_KEPT;
    }
    zd_report_free(found);
    return true;
}

bool zd_leaves_boundary(zd_leaves *leaves)
{
    bool calm = leaves->calm;
    if (leaves->group != NULL) {
        find_cut(leaves, leaves->group->lines[0].seq);
        calm = false;
    }
    if (leaves->mark_count == MARKS_MAX) {
        (void)settle_one(leaves, true);
    }
    zd_decider_mark(leaves->decider, leaves->report->commit_hex);
    zd_decider_flush(leaves->decider);
    leaves->marks[leaves->mark_count++] = leaves->report->kept;
    while (settle_one(leaves, false)) {
    }
    leaves->calm = true;
    return calm && zd_decider_status(leaves->decider, NULL) == ZD_OK;
}

zd_status zd_leaves_settle(zd_leaves *leaves, zd_error *err)
{
    while (settle_one(leaves, true)) {
    }
    return zd_decider_status(leaves->decider, err);
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
    if (is_much(leaves->accounts_seen)) {
        zd_decider_relax(leaves->decider);
    }
    return status;
}

/* Each account of the book against the postings, then each of the postings against the book. */
static zd_status check_balances(zd_leaves *leaves)
{
    zd_status status = zd_decider_accounts(leaves->decider, check_book_account, leaves);
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
    zd_error ignored = {0};
    (void)zd_leaves_boundary(leaves);
    zd_status status = zd_leaves_settle(leaves, &ignored);
    leaves->report->commit_hex[0] = '\0';
    leaves->report->counts.accounts = zd_balances_count(leaves->balances);
    return status == ZD_OK && zd_leaves_deciding(leaves) ? check_balances(leaves) : status;
}

bool zd_leaves_deciding(const zd_leaves *leaves)
{
    return leaves->deciding && zd_decider_good(leaves->decider);
}

bool zd_leaves_roster_changed(zd_leaves *leaves)
{
    return zd_decider_roster_changed(leaves->decider);
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
    return zd_decider_book(leaves->decider);
}
