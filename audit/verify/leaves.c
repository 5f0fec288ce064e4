/* Entries in their order; see leaves.h. */
#include "audit/verify/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "audit/verify/names.h"
#include "audit/verify/signatures.h"

/* An entry taken apart, with the signature that was verified beforehand for it. */
typedef struct piece {
    zd_leaf leaf;
    bool split;
    bool has_note;    /* its note could be split */
    zd_note note;     /* borrows from the entry */
    const zd_roster_key *key; /* whom the window's beginning knew */
} piece;

struct zd_leaves {
    zd_report *report;
    unsigned threads;
    zd_book *book;
    zd_acts *acts;
    zd_balances *balances;
    zd_limits *limits;
    uint64_t size;
    int64_t last_at_unix_ms;
    bool deciding;
    bool roster_changed;
    bool has_genesis;
    zd_hash genesis;
    piece *window;
    /* the open group */
    zd_line *lines;
    size_t count;
    size_t capacity;
    size_t expected; /* lines that it will have; 0 = no group is open */
    zd_buf note_bytes;
    bool note_good;  /* it could be split again from its copy */
    zd_hash text_sha256; /* of its text, that every effect names; of nothing when it could not be split */
    zd_note note;    /* borrows from note_bytes */
    const zd_roster_key *known; /* under which its signature was found good beforehand */
};

zd_leaves *zd_leaves_new(zd_report *report, unsigned threads)
{
    zd_leaves *leaves = zd_alloc_zero(1, sizeof *leaves);
    leaves->report = report;
    leaves->threads = threads;
    leaves->book = zd_book_new(NULL);
    leaves->acts = zd_acts_new(leaves->book);
    leaves->balances = zd_balances_new(report);
    leaves->limits = zd_limits_new(report);
    leaves->deciding = true;
    leaves->last_at_unix_ms = INT64_MIN;
    leaves->window = zd_alloc_zero(ZD_LEAVES_WINDOW, sizeof *leaves->window);
    return leaves;
}

static void drop_group(zd_leaves *leaves)
{
    for (size_t i = 0; i < leaves->count; i++) {
        zd_line_free(&leaves->lines[i]);
    }
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
    free(leaves->window);
    zd_buf_free(&leaves->note_bytes);
    zd_limits_free(leaves->limits);
    zd_balances_free(leaves->balances);
    zd_acts_free(leaves->acts);
    zd_book_free(leaves->book);
    free(leaves);
}

/* --- signatures --- */

static bool well_formed(const zd_note *note)
{
    return note->count == 1 && note->signatures[0].blob_size == 64;
}

/* Splits a window and verifies what the roster of its beginning can verify, on all cores. */
static void prepare(zd_leaves *leaves, const zd_span *entries, size_t count)
{
    zd_signature_job jobs[ZD_LEAVES_WINDOW];
    size_t job_piece[ZD_LEAVES_WINDOW];
    size_t job_count = 0;
    for (size_t i = 0; i < count; i++) {
        zd_error err = {0};
        piece *one = &leaves->window[i];
        one->split = zd_leaf_split(&one->leaf, entries[i], &err) == ZD_OK;
        one->has_note = one->split && one->leaf.note.size > 0 && zd_note_split(&one->note, one->leaf.note, &err) == ZD_OK && well_formed(&one->note);
        one->key = one->has_note ? zd_roster_find(zd_limits_roster(leaves->limits), one->note.signatures[0].name, one->note.signatures[0].key_id) : NULL;
        if (one->key != NULL) {
            jobs[job_count] = (zd_signature_job){.note = &one->note, .key = &one->key->key};
            job_piece[job_count++] = i;
        }
    }
    zd_signatures_check(jobs, job_count, leaves->threads);
    for (size_t i = 0; i < job_count; i++) {
        if (!jobs[i].good) {
            leaves->window[job_piece[i]].key = NULL; /* looked at again in order, where the finding is made */
        }
    }
}

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

/* known: the key under which the signature was found good beforehand, NULL when that is still to be done. */
static void check_signature(zd_leaves *leaves, const zd_note *note, const zd_roster_key *known, uint64_t seq)
{
    if (seq == 0) {
        check_genesis_signature(leaves, note);
        return;
    }
    const zd_roster_key *key = zd_roster_find(zd_limits_roster(leaves->limits), note->signatures[0].name, note->signatures[0].key_id);
    if (key == NULL) {
        zd_buf_add_text(&find_request(leaves, ZD_V_REQUEST_KEY, seq, note)->recomputed, "a key of the roster");
        return;
    }
    leaves->report->counts.requests++;
    if (!zd_roster_valid(key, seq)) {
        zd_found *found = find_request(leaves, ZD_V_REQUEST_KEY, seq, note);
        zd_buf_addf(&found->recomputed, "valid for entries [%llu, %llu)", (unsigned long long)key->from_size, (unsigned long long)key->to_size);
        zd_buf_add_text(&found->gains, zd_roster_party(key));
    }
    if (key != known && !zd_note_verify(note, 0, &key->key)) {
        zd_found *found = find_request(leaves, ZD_V_REQUEST_SIGNATURE, seq, note);
        zd_buf_add_text(&found->recomputed, "a good signature of that key");
        zd_buf_add_text(&found->gains, zd_roster_party(key));
    }
}

/* --- deciding again --- */

static zd_span gains_of(const zd_note *note, zd_json **document)
{
    zd_error err = {0};
    zd_span text = note->text;
    static const char *const fields[] = {"provider", "seller", "holder"};
    if (zd_json_parse(document, zd_span_of(text.data, text.size - 1), true, &err) != ZD_OK) {
        return zd_span_of(NULL, 0);
    }
    for (size_t i = 0; i < ZD_COUNT(fields); i++) {
        zd_span party = zd_jval_text(zd_jval_get(zd_json_root(*document), fields[i]));
        if (party.size > 0) {
            return party;
        }
    }
    return zd_span_of(NULL, 0);
}

static void find_decision(zd_leaves *leaves, uint64_t seq, zd_span recorded, zd_span recomputed)
{
    zd_json *document = NULL;
    zd_found *found = zd_report_add(leaves->report, ZD_V_DECISION, seq);
    zd_report_excerpt(&found->recorded, recorded, recomputed);
    zd_report_excerpt(&found->recomputed, recomputed, recorded);
    zd_buf_add_span(&found->gains, gains_of(&leaves->note, &document));
    zd_json_free(document);
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
    zd_incoming in = {.text = leaves->note.text, .seq = first->seq, .at_unix_ms = first->at_unix_ms};
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
    if (leaves->note_good) {
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

static void start_group(zd_leaves *leaves, const piece *one, const zd_line *line)
{
    zd_error err = {0};
    zd_buf_clear(&leaves->note_bytes);
    zd_buf_add_span(&leaves->note_bytes, one->leaf.note);
    leaves->known = one->key;
    leaves->note_good = zd_note_split(&leaves->note, zd_buf_span(&leaves->note_bytes), &err) == ZD_OK && well_formed(&leaves->note);
    leaves->text_sha256 = zd_sha256(leaves->note_good ? leaves->note.text : zd_span_of(NULL, 0));
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

static zd_status add_one(zd_leaves *leaves, const piece *one, zd_span bytes, zd_error *err)
{
    uint64_t place = leaves->size++;
    const char *why = "line and note";
    zd_line line = {0};
    if (!one->split || !zd_line_parse(&line, one->leaf.line, &why)) {
        find_form(leaves, place, why, bytes);
        zd_line_free(&line);
        return ZD_OK;
    }
    check_place(leaves, &line, place);
    line.seq = place; /* findings and everything after speak of the place that the tree proves */
    bool starts = one->leaf.note.size > 0;
    if (starts && leaves->expected > 0) {
        find_cut(leaves, place);
    }
    if (starts ? line.is_effect : !belongs(leaves, &line)) {
        find_form(leaves, place, starts ? "no effect carries a note" : "an effect of the request before it", bytes);
        zd_line_free(&line);
        return ZD_OK;
    }
    if (starts) {
        start_group(leaves, one, &line);
    }
    leaves->lines = zd_grow(leaves->lines, &leaves->capacity, leaves->count, sizeof *leaves->lines);
    leaves->lines[leaves->count++] = line;
    return leaves->count == leaves->expected ? finish_group(leaves, err) : ZD_OK;
}

zd_status zd_leaves_add(zd_leaves *leaves, const zd_span *entries, size_t count, zd_error *err)
{
    zd_status status = ZD_OK;
    ZD_ASSERT(count <= ZD_LEAVES_WINDOW);
    prepare(leaves, entries, count);
    for (size_t i = 0; i < count && status == ZD_OK; i++) {
        if (leaves->size == 0) {
            leaves->has_genesis = true;
            leaves->genesis = zd_sha256(entries[i]);
        }
        status = add_one(leaves, &leaves->window[i], entries[i], err);
        leaves->report->counts.entries++;
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

static void check_book_account(zd_leaves *leaves, const char *name, int64_t balance_fen)
{
    int64_t recomputed_fen = zd_balances_of(leaves->balances, zd_span_text(name));
    if (recomputed_fen != balance_fen) {
        zd_found *found = zd_report_add(leaves->report, ZD_V_BALANCE, ZD_ENTRY_NONE);
        zd_buf_addf(&found->recorded, "%s: %lld by the decisions made again", name, (long long)balance_fen);
        zd_buf_addf(&found->recomputed, "%lld by the postings", (long long)recomputed_fen);
    }
}

void zd_leaves_end(zd_leaves *leaves)
{
    leaves->report->commit_hex[0] = '\0';
    leaves->report->counts.accounts = zd_balances_count(leaves->balances);
    if (!leaves->deciding) {
        return;
    }
    zd_book_cursor cursor = zd_book_scan(leaves->book, ZD_R_ACCT, "%s", "");
    while (zd_book_next(&cursor)) {
        const zd_rec_acct *account = cursor.record;
        check_book_account(leaves, cursor.key + strlen("ACCT/"), account->balance_fen);
    }
    for (size_t i = 0; i < zd_balances_count(leaves->balances); i++) {
        int64_t balance_fen = 0;
        char name[ZD_ACCOUNT_NAME_MAX];
        if (zd_span_copy(name, sizeof name, zd_balances_at(&balance_fen, leaves->balances, i))) {
            check_book_account(leaves, name, zd_book_balance(leaves->book, "%s", name));
        }
    }
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

const zd_balances *zd_leaves_balances(const zd_leaves *leaves)
{
    return leaves->balances;
}

zd_book *zd_leaves_book(zd_leaves *leaves)
{
    return leaves->book;
}
